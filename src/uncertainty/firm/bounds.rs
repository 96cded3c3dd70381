//! Simultaneous bounds: what a measure of an image can truly be, with one probability for all images and all rounds.

use std::cell::RefCell;
use std::collections::HashMap;

use super::student::upper_quantile;
use super::tail::TailSums;
use crate::data::Class;
use crate::uncertainty::interval::entropy_of_the_rest;
use crate::uncertainty::terms::entropy_term;
use crate::uncertainty::{Measure, Measures};

/// How likely it is that any bound fails: of any image in any round.
pub const FAILING: f64 = 0.05;
/// Where an error is more than this share of the doubt that a measure says, few passes make it up, and Student's interval
/// does not say how much more there may be.
const FEW: f64 = 0.05;

/// Degrees of freedom of a normal number.
const NORMAL: usize = 1_000_000_000;

/// Whether a measure can be made firm: its error is known from sums, of each image by itself.
#[must_use]
pub fn can_be_firm(measure: Measure) -> bool {
    !matches!(measure, Measure::LabelSuspicion | Measure::PredictiveStd | Measure::MeanLogitEntropy)
}

/// What a measure of one image can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// What its passes say.
    pub value: f64,
    /// The least.
    pub low: f64,
    /// The most.
    pub high: f64,
    /// Few passes make it up, so that their logits are to be looked at.
    pub few: bool,
}

impl Bounds {
    /// Nothing is known.
    pub(super) const NONE: Self = Self { value: 0.0, low: f64::NEG_INFINITY, high: f64::INFINITY, few: true };
}

/// Bounds of so many images, each looked at any number of times.
pub(super) struct Simultaneous {
    images: usize,
    /// Student's quantile by the number of a look and its degrees of freedom, of which few are different.
    quantiles: RefCell<HashMap<(usize, usize), f64>>,
}

impl Simultaneous {
    pub(super) fn new(images: usize) -> Self {
        Self { images: images.max(1), quantiles: RefCell::default() }
    }

    /// The quantile of a look, counted from 0. Each has `6/(π²(look + 1)²)` of what may fail of an image: however many
    /// follow, it is no more in all.
    fn quantile(&self, look: usize, freedom: usize) -> f64 {
        let find = || {
            let share = 6.0 / (std::f64::consts::PI * (look as f64 + 1.0)).powi(2);
            upper_quantile(0.5 * FAILING * share / self.images as f64, freedom as f64)
        };
        *self.quantiles.borrow_mut().entry((look, freedom)).or_insert_with(find)
    }

    /// The bounds of one image: Student's interval about the value without its first-order bias, and where few passes make
    /// up its doubt also what the logits of its passes say of those that are rare.
    pub(super) fn of(
        &self,
        measures: &Measures,
        (look, tail): (usize, Option<&TailSums>),
        label: Class,
        measure: Measure,
    ) -> Bounds {
        let value = f64::from(measure.corrected(measures).unwrap_or_else(|| measure.value(measures, label)));
        let error = measure.standard_error(measures, label).map_or(f64::NAN, f64::from);
        if !error.is_finite() || !value.is_finite() {
            return Bounds { value, ..Bounds::NONE };
        }
        let freedom = (measures.draws() - 1.0).max(1.0).floor() as usize;
        let quantile = self.quantile(look, freedom);
        let (mut low, mut high) = (value - quantile * error, value + quantile * error);
        if error > FEW * doubt(measure, value)
            && let Some([least, most]) = tail.and_then(|tail| tail.share(self.quantile(look, NORMAL)))
        {
            let [rare_low, rare_high] = of_share(measure, measures, label, [least, most]);
            (low, high) = (low.min(rare_low), high.max(rare_high));
        }
        let [least, most] = range(measure, measures.mean.len());
        let few = error > 0.5 * FEW * doubt(measure, value);
        Bounds { value, low: low.max(least), high: high.min(most), few }
    }
}

/// How much doubt a value of a measure says: 0 of an image that no pass doubts.
fn doubt(measure: Measure, value: f64) -> f64 {
    match measure {
        Measure::Confidence | Measure::Margin => 1.0 - value,
        Measure::LabelMargin => 1.0 - value.abs(),
        _ => value,
    }
}

/// What a measure can be where all classes but the predicted one together have a share between two numbers. Mutual
/// information and expected entropy are parts of the entropy; a pass that says another class leaves at least half for the
/// others, and so do at most twice their share of all passes.
fn of_share(measure: Measure, measures: &Measures, label: Class, [least, most]: [f64; 2]) -> [f64; 2] {
    let predicted = usize::from(measures.prediction());
    let entropy = |share: f64| {
        entropy_term(share) + entropy_term(1.0 - share) + share * entropy_of_the_rest(measures, predicted)
    };
    match measure {
        Measure::PredictiveEntropy => [entropy(least), entropy(most)],
        Measure::VariationRatio => [0.0, 2.0 * most],
        Measure::Confidence => [1.0 - most, 1.0 - least],
        Measure::Margin => [1.0 - 2.0 * most, 1.0 - least],
        Measure::LabelMargin if usize::from(label) == predicted => [1.0 - 2.0 * most, 1.0 - least],
        Measure::LabelMargin => [-1.0, 2.0 * most - 1.0],
        _ => [0.0, entropy(most)],
    }
}

/// Between which numbers a measure always is.
fn range(measure: Measure, classes: usize) -> [f64; 2] {
    let most = (classes.max(1) as f64).ln();
    match measure {
        Measure::PredictiveEntropy
        | Measure::ExpectedEntropy
        | Measure::MutualInformation
        | Measure::MeanLogitEntropy => [0.0, most],
        Measure::LabelMargin => [-1.0, 1.0],
        Measure::LabelSuspicion => [f64::NEG_INFINITY, f64::INFINITY],
        _ => [0.0, 1.0],
    }
}
