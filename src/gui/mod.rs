//! The window: what a person sees and does.
//!
//! Views read plain data and emit [`action::Action`]s; [`state::State`] carries them out and answers with effects;
//! [`app::DubitoApp`] gives effects to the workers and draws.

pub mod action;
pub mod app;
pub mod atlas;
pub mod brushed;
pub mod charts;
pub mod command;
pub mod dialogs;
pub mod drawing;
pub mod explain;
pub mod exports;
pub mod highlight;
pub mod notices;
pub mod plane;
pub mod quality;
pub mod rotate;
pub mod selection;
pub mod settings;
pub mod shelves;
pub mod start;
pub mod state;
pub mod subject;
pub mod subnetwork;
pub mod theme;
pub mod training;
pub mod views;

pub use start::{GuiError, GuiOptions, run};
