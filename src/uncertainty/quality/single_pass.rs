//! A network without dropout as a single pass, so that it has measures too.

use rayon::prelude::*;

use crate::data::CLASSES;
use crate::sampling::Statistics;
use crate::sampling::statistics::{PAIRS, largest};
use crate::uncertainty::Measures;

/// The output of a network without dropout for each image, as measures of a single pass.
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
