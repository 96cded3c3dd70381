//! User actions in the quality view.

use crate::data::foreign::Foreign;
use crate::uncertainty::Measure;

/// Which half of the view is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    /// Digits: calibration, refusing, confusion.
    #[default]
    Digits,
    /// Images that are no digits.
    Foreign,
}

/// One user action in the quality view.
#[derive(Clone, Debug, PartialEq)]
pub enum QualityAction {
    /// Show this half.
    Show(Section),
    /// Doubt by this measure.
    Measure(Measure),
    /// Refuse this many of the least certain images.
    Refuse(usize),
    /// Call foreign what is doubted at least so much.
    Threshold(f32),
    /// Compare with these images; with none when `None`.
    Foreign(Option<Foreign>),
    /// How strange digits are made, 0…1.
    Strength(f32),
    /// Compute the quality at several dropout rates.
    TryRates,
    /// Compute it no further.
    StopRates,
    /// Keep the run shown to compare others with.
    Keep,
    /// Compare no longer.
    ForgetKept,
    /// Show the refused images in the gallery.
    ShowRefused,
    /// Show the selected images in the gallery.
    ShowSelected,
}
