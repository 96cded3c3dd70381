//! The Draw tab: a person's own digits.

mod drawing;
mod update;

pub use drawing::{DrawPage, Drawing, ERASER, Moment, StartedFrom, WIDTHS, Watch};
pub use update::want_features;
