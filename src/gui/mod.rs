//! The window: what the user sees and does.
//!
//! Views read plain data and emit [`action::Action`]s; [`state::State`] hands each to the panel it is about and answers
//! with effects; [`app::DubitoApp`] gives effects to the workers and draws. Read in this order; each line uses those
//! above it:
//!
//! ```text
//! settings              choices that come back on the next start
//! action/               what the user can do, one enum for each panel
//! effect                what follows: effects outside the window, and what other panels must do
//! shared/               what the panels share: dataset, network, run, selection, limits, jobs, notices
//! sampling, subject     when the run is asked for; which image is looked at
//! admission             which answers of the workers are let in
//! exports               what is written of what is shared
//! panel/                gallery, plane, draw, rotate, quality, train, explain, inspector …: state, actions, update
//! guide                 a newcomer's first steps: what each does and says
//! saved, opening        what a saved view holds; how one comes back, its images first
//! files                 what becomes of a file that was chosen or dropped
//! state                 the coordinator: shared + panels; apply, receive
//! theme, atlas, charts  colours, thumbnails, plots as files
//! lecture               the window for people who sit far away
//! command, keys, dialogs  names of actions; which one a key means; the system's file dialogs
//! other_words           what else people call an action
//! views/                what is drawn: plain data in, actions out
//! app, start            the loop of the window, and how it is opened
//! ```
//!
//! A panel imports no other panel: `Panel::update(action, &mut Shared)` answers with [`effect::Steps`], and what
//! another panel must do is one of them. No file imports one that imports it, directly or by others.

pub mod action;
mod admission;
pub mod app;
pub mod atlas;
mod bars;
pub mod charts;
pub mod command;
pub mod dialogs;
pub mod effect;
pub mod exports;
mod files;
pub mod guide;
mod keys;
pub mod lecture;
mod opening;
pub mod other_words;
pub mod panel;
mod parts;
pub mod sampling;
pub mod saved;
pub mod settings;
pub mod shared;
pub mod start;
pub mod state;
pub mod subject;
pub mod theme;
pub mod views;

pub use start::{GuiError, GuiOptions, run};

#[cfg(test)]
mod tests;
