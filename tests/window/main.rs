//! The window, driven by label without a screen: a file for each part of it, and one program, for each would take half a
//! minute to build.

#[path = "../common/cli.rs"]
mod cli;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/mnist.rs"]
mod mnist;

mod any_images;
mod audit;
mod certainty;
mod chart;
mod classes;
mod commands;
mod contrast;
mod drawing;
mod explain;
mod explain_drawing;
mod frames_at_scale;
mod help;
mod highlight;
mod lecture;
mod marks;
mod memory_at_scale;
mod networks;
mod over_dropout;
mod plane;
mod plane_axes;
mod quality;
mod rotate;
mod start_here;
mod still;
mod subnetwork;
mod train;
mod view;
mod whole;
