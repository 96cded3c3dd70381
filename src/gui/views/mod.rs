//! What is drawn: each view reads plain data and emits actions. None knows a tensor, a thread or a file dialog.

mod chart;
pub mod chart_menu;
pub mod chips;
pub mod controls;
mod curve;
pub mod digit;
pub mod draw;
pub mod empty;
pub mod explain;
pub mod gallery;
pub mod help;
mod histogram;
pub mod inspector;
mod menu;
pub mod overlays;
pub mod plane;
pub mod plots;
pub mod prediction;
pub mod quality;
pub mod rotate;
pub mod status_bar;
mod steps;
pub mod subnetwork;
pub mod top_bar;
pub mod train;
