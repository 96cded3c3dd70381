//! Error, NLL and calibration against the number of passes: the paper's claim, checked on the network at hand.

use rayon::prelude::*;

use super::calibration::{BINS, bin};
use crate::data::{Class, PerClass};
use crate::sampling::Samples;
use crate::sampling::statistics::largest;

/// The numbers of the first T passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtPasses {
    /// T.
    pub passes: usize,
    /// Share of wrong predictions.
    pub error: f64,
    /// Mean −ln p̄ of the label, in nats.
    pub nll: f64,
    /// Expected calibration error of 15 bins.
    pub ece: f64,
}

/// Images summed together: as many as their passes stand side by side in memory.
const TOGETHER: usize = 64;

/// Sums over images at one T.
#[derive(Clone, Copy)]
struct PassSums {
    wrong: u32,
    surprise: f64,
    /// Right predictions minus confidence, in each bin.
    gaps: [f64; BINS],
}

/// The numbers of the first 1, 2, … `passes` passes (all there are, when fewer). Empty without images.
#[must_use]
pub fn against_passes(samples: &Samples, labels: &[Class], passes: usize) -> Vec<AtPasses> {
    let images = samples.images().min(labels.len());
    let passes = passes.min(samples.passes());
    if images == 0 {
        return Vec::new();
    }
    let zero = PassSums { wrong: 0, surprise: 0.0, gaps: [0.0; BINS] };
    // Collected in order and added in order: the same bytes whatever the threads.
    let blocks: Vec<Vec<PassSums>> = (0..images.div_ceil(TOGETHER))
        .into_par_iter()
        .map(|block| {
            let mut sums = vec![zero; passes];
            let first = block * TOGETHER;
            let mut reader = samples.reader();
            for (place, label) in labels[..images].iter().enumerate().skip(first).take(TOGETHER) {
                add(&mut sums, &reader.image(place), *label);
            }
            sums
        })
        .collect();
    let n = images as f64;
    (0..passes)
        .map(|at| {
            let mut sum = zero;
            for block in &blocks {
                sum.wrong += block[at].wrong;
                sum.surprise += block[at].surprise;
                for (gap, more) in sum.gaps.iter_mut().zip(&block[at].gaps) {
                    *gap += more;
                }
            }
            AtPasses {
                passes: at + 1,
                error: f64::from(sum.wrong) / n,
                nll: sum.surprise / n,
                ece: sum.gaps.iter().map(|gap| gap.abs()).sum::<f64>() / n,
            }
        })
        .collect()
}

fn add(sums: &mut [PassSums], probabilities: &[PerClass<f32>], label: Class) {
    let label = usize::from(label);
    let classes = probabilities.first().map_or(0, |pass| pass.len());
    let mut total = PerClass::filled(classes, 0.0_f64);
    for (at, (sums, pass)) in sums.iter_mut().zip(probabilities).enumerate() {
        for (total, p) in total.iter_mut().zip(pass) {
            *total += f64::from(*p);
        }
        let best = largest(&total);
        let passes = (at + 1) as f64;
        let confidence = total[best] / passes;
        sums.wrong += u32::from(best != label);
        sums.surprise -= total.get(label).map_or(f64::NEG_INFINITY, |sum| (sum / passes).ln());
        sums.gaps[bin(confidence)] += f64::from(u8::from(best == label)) - confidence;
    }
}
