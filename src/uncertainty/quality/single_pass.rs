//! A network without dropout as a single pass, so that it has measures too.

use rayon::prelude::*;

use crate::data::PerClass;
use crate::sampling::Statistics;
use crate::sampling::statistics::largest;
use crate::uncertainty::Measures;

/// The output of a network without dropout for each image, as measures of a single pass.
#[must_use]
pub fn deterministic(logits: &[PerClass<f32>]) -> Vec<Measures> {
    let measures = |logits: &PerClass<f32>| {
        let pass = single_pass(logits);
        let drawn = [pass.probability.map(|p| p as f32)];
        Measures::of_passes(&pass, &drawn)
    };
    logits.par_iter().map(measures).collect()
}

/// The statistics of one pass with these logits: a network without dropout has measures too.
#[must_use]
pub fn single_pass(logits: &[f32]) -> Statistics {
    let logits: PerClass<f64> = logits.iter().copied().map(f64::from).collect();
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = logits.iter().map(|z| (z - top).exp()).sum();
    let log_probability = logits.map(|z| z - top - total.ln());
    let probability = log_probability.map(f64::exp);
    let entropy: f64 =
        probability.iter().zip(&log_probability).filter(|(p, _)| **p > 0.0).map(|(p, l)| -p * l).sum();
    let classes = probability.len();
    let mut pass = Statistics::zero(classes);
    let paired = pass.has_pairs();
    let products = (0..classes).flat_map(|first| {
        let last = if paired { classes } else { first + 1 };
        let probability = &probability;
        (first..last).map(move |second| probability[first] * probability[second])
    });
    pass.outer.iter_mut().zip(products).for_each(|(sum, product)| *sum = product);
    pass.votes[largest(&probability)] = 1;
    pass.passes = 1;
    pass.entropy = entropy;
    pass.entropy_squared = entropy * entropy;
    pass.entropy_probability = probability.map(|p| p * entropy);
    pass.log_probability = log_probability;
    Statistics { probability, ..pass }
}
