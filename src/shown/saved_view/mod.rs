//! A view as a file: what a window showed, in a few kilobytes of JSON, so that another window shows it again.
//!
//! Images and networks are not in it: it names the place of each and the hash of its contents, so that nothing is shown
//! under another's name. A file is input like any other: what is not within what the window offers is refused.

mod check;
mod contents;
mod file;

pub use check::{DROPOUT, PASSES};
pub use contents::{
    ContentHash, DataPlace, NetworkPlace, SavedArrangement, SavedData, SavedDrawing, SavedGallery,
    SavedLimits, SavedNetwork, SavedOnly, SavedPart, SavedSelection, SavedShape, SavedTab, SavedView,
};
pub use file::{ENDING, SavedViewError, Why};

#[cfg(test)]
mod tests;
