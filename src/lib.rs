//! The map of dubito: see what a neural network doubts.
//!
//! ```text
//!            data          digits: files, downloads, pen strokes
//!              │ Digits
//!   kernel ─► model        LeNet, its files, its training
//!              │ Lenet
//!           sampling       MC dropout: masks, sweep, samples
//!              │ Samples
//!          uncertainty     measures with standard errors, ranking
//!              │ Measures, order
//!            export        PNG, CSV, npz
//!              │
//!            shown         what the window shows: plain data, and how it is computed
//!              │ views
//!     worker ──┴── cli     long jobs in the background · one file per command
//!        │
//!       gui                the window
//! ```
//!
//! Beside it `help` holds the pages that window and command line show; it knows nothing of the rooms.
//! Data flows down; a module may use those above it, never those below. `tests/architecture.rs` reads the sources
//! and fails when one does.
//!
//! # Invariants
//! - No `unsafe` in the project.
//! - `data … shown` know no window, no thread of their own and no channel; `gui::views` know no tensor, no file
//!   dialog, no thread and no channel: they read plain data and emit actions.
//! - Entropy and every other measure are computed in one place, [`uncertainty`], from [`sampling::Statistics`].
//! - A mask is a function of (seed, pass, layer, unit): no result depends on the number of threads or the schedule.
//! - Long work reports through one observer closure, which also stops it; a stop is an outcome, not an error.
//! - Only `main` ends the process.

pub mod cli;
pub mod data;
pub mod export;
pub mod files;
pub mod gui;
pub mod help;
pub mod kernel;
pub mod model;
pub mod on_disk;
pub mod progress;
pub mod random;
pub mod sampling;
pub mod shown;
pub mod uncertainty;
pub mod wording;
pub mod worker;
