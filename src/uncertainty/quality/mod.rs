//! How far measures can be trusted: calibration, what doubt detects, and the interval of every number.
//!
//! A [`Run`] is one network's answer to labelled images. [`Run::numbers`] gives every number of it, for the images as
//! they are or resampled; a [`bootstrap`](bootstrap()) of one or more runs on the same images gives intervals, and
//! paired differences. What does not exist (the detection of errors where there is none) is [`Undefined`], with its
//! reason, never a number.

use std::fmt;

use rayon::prelude::*;

use super::{Measure, Measures};
use crate::data::CLASSES;
use crate::sampling::Statistics;
use crate::sampling::statistics::{PAIRS, largest};

pub mod bootstrap;
pub mod calibration;
pub mod changes;
pub mod detection;
pub mod histogram;
pub mod outside;
pub mod passes;
pub mod run;
pub mod tables;
#[cfg(test)]
mod tests;

pub use bootstrap::{Bootstrap, Estimate, Resampling, bootstrap};
pub use calibration::{BINS, ReliabilityBin, reliability};
pub use changes::{Change, Side, changes};
pub use detection::{RiskCoverage, Roc};
pub use histogram::Histogram;
pub use outside::{Outside, OutsideReport};
pub use passes::{AtPasses, against_passes};
pub use run::{Metric, Numbers, Run};
pub use tables::{Confusion, DigitRow};

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
    /// There is no image.
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

/// Why a measure of spread says nothing of these images; `None` when it does. Without images it is `None`.
fn without_spread<'a>(mut measures: impl Iterator<Item = &'a Measures> + Clone) -> Option<Undefined> {
    measures.clone().next()?;
    if measures.clone().all(|measures| measures.passes == 1) {
        return Some(Undefined::OnePass);
    }
    measures.all(|measures| measures.predictive_std == 0.0).then_some(Undefined::NoDropout)
}

/// Whether a measure is of the spread over passes, and says nothing where there is none.
#[must_use]
pub fn needs_passes(measure: Measure) -> bool {
    matches!(measure, Measure::MutualInformation | Measure::VariationRatio | Measure::PredictiveStd)
}

/// What a network without dropout says of each image, as measures of a single pass.
#[must_use]
pub fn deterministic(logits: &[[f32; CLASSES]]) -> Vec<Measures> {
    logits.par_iter().map(|logits| Measures::new(&single_pass(logits))).collect()
}

/// The statistics of one pass with these logits: a network without dropout has measures too.
#[must_use]
pub fn single_pass(logits: &[f32; CLASSES]) -> Statistics {
    let logits = logits.map(f64::from);
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = logits.iter().map(|z| (z - top).exp()).sum();
    let log_probability = logits.map(|z| z - top - total.ln());
    let probability = log_probability.map(f64::exp);
    let entropy: f64 =
        probability.iter().zip(&log_probability).filter(|(p, _)| **p > 0.0).map(|(p, l)| -p * l).sum();
    let mut outer = [0.0; PAIRS];
    let mut pair = outer.iter_mut();
    let mut votes = [0; CLASSES];
    for first in 0..CLASSES {
        for (second, sum) in (first..CLASSES).zip(&mut pair) {
            *sum = probability[first] * probability[second];
        }
    }
    votes[largest(&probability)] = 1;
    Statistics {
        passes: 1,
        probability,
        outer,
        entropy,
        entropy_squared: entropy * entropy,
        entropy_probability: probability.map(|p| p * entropy),
        log_probability,
        votes,
    }
}
