//! How far numbers would move with other images of the same kind: seeded resamples with replacement (Efron 1979).
//!
//! A resample is a count for each image, so that what was sorted once stays sorted. All runs are resampled alike:
//! differences are paired. Intervals are percentiles; they reflect the choice of images, not of passes.

use std::ops::ControlFlow;

use rand::RngCore;
use rayon::prelude::*;

use super::doubt::Value;
use super::numbers::{LabelledRun, METRICS, Metric};
use crate::progress::{Observer, Progress};
use crate::random::{Purpose, stream};

/// How to resample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resampling {
    /// Seed.
    pub seed: u64,
    /// Resamples; 0 gives no intervals.
    pub resamples: usize,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { seed: 1, resamples: 1000 }
    }
}

/// A number and where 95 % of its resamples lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number itself, or why there is none.
    pub value: Value,
    /// Its interval; `None` where fewer than two images were resampled or too few resamples have the number.
    pub interval: Option<[f64; 2]>,
}

/// The share of resamples that must have a number before its interval is shown.
const DEFINED: f64 = 0.95;

/// Every number of every run in every resample.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    images: usize,
    numbers: Vec<[Value; METRICS]>,
    /// `[resamples][runs]`; NaN where undefined.
    resampled: Vec<Vec<[f64; METRICS]>>,
}

/// Resamples runs on the same images together. `None` when the observer stopped it; progress counts resamples.
#[must_use]
pub fn bootstrap(runs: &[&LabelledRun], resampling: Resampling, observe: Observer) -> Option<Bootstrap> {
    let images = runs.iter().map(|run| run.len()).min().unwrap_or(0);
    let numbers = runs.iter().map(|run| run.all().0).collect();
    let resampled = resample(resampling, observe, |resample| {
        let mut weights = vec![0; images];
        draw(resampling.seed, 0, resample, &mut weights);
        runs.iter().map(|run| run.numbers(&weights).0.map(|value| value.unwrap_or(f64::NAN))).collect()
    })?;
    Some(Bootstrap { images, numbers, resampled })
}

/// Does something for every resample, in parallel; results in order. `None` when stopped.
pub(super) fn resample<T: Send>(
    resampling: Resampling,
    observe: Observer,
    work: impl Fn(u64) -> T + Sync,
) -> Option<Vec<T>> {
    // Small enough for a stop to be quick, large enough to keep all threads busy.
    let batch = 16 * rayon::current_num_threads();
    let total = resampling.resamples as u64;
    let mut results = Vec::with_capacity(resampling.resamples);
    while results.len() < resampling.resamples {
        let first = results.len();
        let last = (first + batch).min(resampling.resamples);
        results.par_extend((first as u64..last as u64).into_par_iter().map(&work));
        if let ControlFlow::Break(()) = observe(Progress { done: last as u64, total }) {
            return None;
        }
    }
    Some(results)
}

/// Counts of a resample of `counts.len()` images with replacement.
pub(super) fn draw(seed: u64, set: u64, resample: u64, counts: &mut [u32]) {
    let images = counts.len() as u64;
    let mut random = stream(seed, Purpose::Bootstrap, [set, resample]);
    for _ in 0..images {
        // The upper half of a product is uniform but for one part in 2³² / images.
        let index = (u64::from(random.next_u32()) * images) >> 32;
        counts[index as usize] += 1;
    }
}

/// The interval of resampled values; `None` when too few are defined.
pub(super) fn interval(values: impl Iterator<Item = f64>, images: usize) -> Option<[f64; 2]> {
    let mut count = 0;
    let mut sorted: Vec<f64> = values.inspect(|_| count += 1).filter(|value| !value.is_nan()).collect();
    if images < 2 || sorted.is_empty() || (sorted.len() as f64) < DEFINED * f64::from(count) {
        return None;
    }
    sorted.sort_by(f64::total_cmp);
    Some([quantile(&sorted, 0.025), quantile(&sorted, 0.975)])
}

/// A quantile of sorted values, linear between neighbours.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    // There is no midpoint between infinite neighbours.
    if above.is_finite() { below + (above - below) * place.fract() } else { above }
}

impl Bootstrap {
    /// A number of a run with its interval.
    ///
    /// # Panics
    /// When there is no such run.
    #[must_use]
    pub fn estimate(&self, run: usize, metric: Metric) -> Estimate {
        let place = metric.place();
        Estimate {
            value: self.numbers[run][place],
            interval: interval(self.resampled.iter().map(|runs| runs[run][place]), self.images),
        }
    }

    /// A number of one run minus that of another, with the interval of the paired difference.
    ///
    /// # Panics
    /// When there is no such run.
    #[must_use]
    pub fn difference(&self, of: usize, minus: usize, metric: Metric) -> Estimate {
        let place = metric.place();
        let value = match (self.numbers[of][place], self.numbers[minus][place]) {
            (Ok(of), Ok(minus)) => Ok(of - minus),
            (Err(undefined), _) | (_, Err(undefined)) => Err(undefined),
        };
        let differences = self.resampled.iter().map(|runs| runs[of][place] - runs[minus][place]);
        Estimate { value, interval: interval(differences, self.images) }
    }
}
