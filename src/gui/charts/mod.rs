//! Every plot and map of the window as a [`Chart`]: what is copied, saved and written as a table.
//!
//! The functions of this folder build a chart from the data that a view shows, when a person asks for it. A view
//! offers it with [`charted_ui`](super::views::chart_menu::charted_ui) or
//! [`chart_menu_ui`](super::views::chart_menu::chart_menu_ui).

mod draw;
mod explain;
mod inspector;
mod quality;
mod run;

#[cfg(test)]
mod tests;

pub use draw::{along_the_strokes, cloud, training_curves};
pub use explain::{change_maps, slope_maps, way_to_rival};
pub use inspector::{
    class_named, classes, entropy_against_passes, measures, predictive_mean, sampled_probabilities,
};
pub use quality::{
    by_digit, confusion, doubt_of_errors, doubt_of_foreign, error_detection, foreign_detection,
    quality_against_passes, quality_numbers, quality_over_dropout, reliability, risk_and_coverage, roc,
};
pub use run::{measure_histogram, plane};
