//! Images that are not digits, and how well doubt separates them from digits.

use super::bootstrap::{Estimate, Resampling, draw, interval, resample};
use super::detection::{Roc, Sorted, harmonic};
use super::doubt::{DETECTORS, Undefined, doubt, needs_passes, without_spread};
use crate::progress::Observer;
use crate::uncertainty::{Measure, Measures};

/// The answers of one network to images from inside and outside the dataset.
#[derive(Clone, Copy, Debug)]
pub struct Outside<'a> {
    /// Measures of the images inside.
    pub inside: &'a [Measures],
    /// Measures of the images outside: the positives.
    pub outside: &'a [Measures],
}

impl Outside<'_> {
    /// The ROC of a measure.
    #[must_use]
    pub fn roc(&self, measure: Measure) -> Roc {
        let doubts =
            |measures: &'_ [Measures]| -> Vec<f32> { measures.iter().map(|m| doubt(measure, m)).collect() };
        Roc::new(doubts(self.outside).into_iter(), doubts(self.inside).into_iter())
    }
}

/// How well each measure tells outside from inside.
#[derive(Clone, Debug, PartialEq)]
pub struct OutsideReport {
    /// Images inside.
    pub inside: usize,
    /// Images outside.
    pub outside: usize,
    /// For each of [`DETECTORS`], the area under its ROC.
    pub areas: Vec<Estimate>,
    /// For each of [`DETECTORS`], the share of images inside that are rejected when 95 % of those outside are.
    pub false_positives_at_95: Vec<Option<f64>>,
}

impl OutsideReport {
    /// The area of a measure; `None` when it is no detector.
    #[must_use]
    pub fn area(&self, measure: Measure) -> Option<Estimate> {
        self.areas.get(DETECTORS.iter().position(|detector| *detector == measure)?).copied()
    }
}

/// The areas of every detector with their intervals; images inside and outside are resampled separately. `None` when
/// the observer stopped it.
#[must_use]
pub fn outside(sets: Outside<'_>, resampling: Resampling, observe: Observer) -> Option<OutsideReport> {
    let (inside, outside) = (sets.inside.len(), sets.outside.len());
    let all = || sets.inside.iter().chain(sets.outside);
    let spreadless = without_spread(all());
    let sorted: Vec<Result<Sorted, Undefined>> = DETECTORS
        .iter()
        .map(|measure| {
            let doubts: Vec<f32> = all().map(|m| doubt(*measure, m)).collect();
            match spreadless {
                Some(why) if needs_passes(*measure) => Err(why),
                _ => Ok(Sorted::new(&doubts, |index| index >= inside)),
            }
        })
        .collect();
    let harmonic = harmonic(inside + outside);
    let areas = |weights: &[u32]| -> Vec<Result<f64, Undefined>> {
        sorted
            .iter()
            .map(|sorted| match sorted {
                // Undefined with one kind missing: no images outside, or none inside.
                Ok(sorted) => sorted.part(weights, &harmonic).area.map_err(|_| Undefined::NoImages),
                Err(why) => Err(*why),
            })
            .collect()
    };
    let values = areas(&vec![1; inside + outside]);
    let resampled = resample(resampling, observe, |resample| {
        let mut weights = vec![0; inside + outside];
        let (digits, others) = weights.split_at_mut(inside);
        draw(resampling.seed, 0, resample, digits);
        draw(resampling.seed, 1, resample, others);
        areas(&weights)
    })?;
    let areas = values
        .into_iter()
        .enumerate()
        .map(|(at, value)| {
            let values = resampled.iter().map(|areas| areas[at].unwrap_or(f64::NAN));
            Estimate { value, interval: interval(values, inside.min(outside)) }
        })
        .collect();
    let false_positives_at_95 = DETECTORS
        .iter()
        .zip(&sorted)
        .map(|(measure, sorted)| {
            sorted.as_ref().ok().and_then(|_| sets.roc(*measure).false_positives_at_95())
        })
        .collect();
    Some(OutsideReport { inside, outside, areas, false_positives_at_95 })
}
