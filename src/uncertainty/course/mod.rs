//! One image along a course of amounts, and what it shows.

mod finding;
#[cfg(test)]
mod tests;
mod walk;

pub use finding::{Finding, Overlap, Peak, Run};
pub use walk::{
    Course, PAPER, STEPS, Step, TOP, drawn_passes, envelope, highest_entropy, jitter, top_classes, walk,
    walk_observed,
};
