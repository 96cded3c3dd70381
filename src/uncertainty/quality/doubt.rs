//! How much each measure doubts an image, and why a number may not exist.

use std::fmt;

use crate::uncertainty::{Measure, Measures};

/// Measures that can warn: all that are known without the label. (The label margin is below zero exactly where the
/// prediction is wrong: it knows the answer.)
pub const DETECTORS: [Measure; 8] = [
    Measure::PredictiveEntropy,
    Measure::ExpectedEntropy,
    Measure::MutualInformation,
    Measure::VariationRatio,
    Measure::PredictiveStd,
    Measure::Confidence,
    Measure::Margin,
    Measure::MeanLogitEntropy,
];

/// Why a number does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undefined {
    /// There are no images.
    NoImages,
    /// No prediction is wrong: there is no error to detect.
    AllRight,
    /// Every prediction is wrong: there is nothing to tell errors from.
    AllWrong,
    /// The measure is 0 for every image: a single pass has no sub-networks that could disagree.
    OnePass,
    /// The measure is 0 for every image: without dropout all passes are the same sub-network.
    NoDropout,
}

impl fmt::Display for Undefined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoImages => "undefined: there is no image",
            Self::AllRight => "undefined: every prediction is right",
            Self::AllWrong => "undefined: every prediction is wrong",
            Self::OnePass => "undefined: a single pass has no spread",
            Self::NoDropout => "undefined: without dropout every pass is the same",
        })
    }
}

/// A number, or why there is none. It may be infinite: the NLL is, where a label got probability 0.
pub type Value = Result<f64, Undefined>;

/// How much a measure doubts an image: higher is less certain, whatever the measure.
#[must_use]
pub fn doubt(measure: Measure, measures: &Measures) -> f32 {
    // The label matters to the label margin alone, which is no detector.
    let value = measure.value(measures, 0);
    if measure.high_means_uncertain() { value } else { -value }
}

/// Why a measure of spread is meaningless for these images; `None` when it is not, or without images.
pub(super) fn without_spread<'a>(
    mut measures: impl Iterator<Item = &'a Measures> + Clone,
) -> Option<Undefined> {
    measures.clone().next()?;
    if measures.clone().all(|measures| measures.passes == 1) {
        return Some(Undefined::OnePass);
    }
    measures.all(|measures| measures.predictive_std == 0.0).then_some(Undefined::NoDropout)
}

/// Whether a measure describes the spread over passes, and is meaningless without one.
#[must_use]
pub fn needs_passes(measure: Measure) -> bool {
    matches!(measure, Measure::MutualInformation | Measure::VariationRatio | Measure::PredictiveStd)
}
