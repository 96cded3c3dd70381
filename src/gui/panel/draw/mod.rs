//! The Draw tab: a person's own digits.

mod drawing;
mod update;

pub use drawing::{Drawing, ERASER, Moment, Page, StartedFrom, WIDTHS, Watch};
pub use update::want_features;
