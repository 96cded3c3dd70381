//! One image along a course of amounts, and what it shows.

mod finding;
#[cfg(test)]
mod tests;
mod walk;

pub use finding::{AnswerRun, Finding, Overlap, Peak};
pub use walk::{
    Course, CourseStep, PAPER, STEPS, TOP, drawn_passes, envelope, highest_entropy, jitter, top_classes,
    walk, walk_observed,
};
