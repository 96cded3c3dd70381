//! What the passes of an image reveal beyond their sums: an interval for the predictive entropy that holds where a
//! standard error misleads, and the standard errors of the measures whose higher moments are not accumulated.
//!
//! Why a special interval: when there is little doubt, nearly all entropy comes from the few passes that waver. The
//! passes' shares `h_t = −Σ_c p_tc ln p̄_c` are then so skewed (skewness 5 and more at T = 100) that an interval of 1.96
//! standard errors around their mean covers the truth in only half of all cases. But a logit is a sum over many units
//! that are kept or dropped, so the logit `y_t = ln(u_t / (1 − u_t))` of what a pass gives to all but the predicted
//! class is close to normal, and the mean of `u = 1 / (1 + e^−y)` follows from the mean and the spread of y. Since its
//! upper tail alone matters, its spread is that of the passes above the mean.

use rayon::prelude::*;

use crate::data::PerClass;
use crate::sampling::Samples;

use super::measures::{FromPasses, Measures};
use super::noise::{draws, freedom, mean_and_error_of_passes, student_95};
use super::terms::{cross_entropy, entropy_term, mean_of, surprise};

/// With this share for all but the predicted class or more, the passes' shares are even enough for a standard error.
const EVEN: f64 = 0.2;
/// Images looked at by one thread at least: as many as their passes are kept side by side.
const BLOCK: usize = 64;
/// Fewer passes than this cannot describe a tail.
const FEWEST: usize = 10;
/// The variance of a spread taken above the mean, times passes over its square, for normal numbers. The influence of a
/// standardised number x on twice the mean of squares above the mean is `2·1(x > 0)(x² − 1) − 2φ(0) x`, of variance
/// `4 + 2/π − 4/π`; that of its root is a quarter.
const SPREAD_VARIANCE: f64 = 1.0 - 0.5 / std::f64::consts::PI;
/// The same where passes balance each other. A logit that is linear in the masks takes the values ±(a + b) and ±(a − b)
/// about its mean in a quartet, for the parts a and b of two sites: what is above the mean says nothing twice, but squares
/// do, and their sum has the variance `8(σ_a⁴ + σ_b⁴)` in place of `4(σ_a² + σ_b²)²`. Per pass that is 1 where both sites
/// say as much, the least there is, and up to 2 where only one says anything.
const BALANCED_SPREAD_VARIANCE: f64 = 1.0;
/// The density of the standard normal distribution at 0, φ(0) = 1/√(2π).
const NORMAL_AT_0: f64 = 0.398_942_280_401_432_7;

impl FromPasses {
    /// What these passes, `[T, classes]`, say beside the measures of their sums; `None` for a single draw.
    #[must_use]
    pub fn new(measures: &Measures, passes: &[PerClass<f32>]) -> Option<Self> {
        let together = measures.together;
        (draws(passes.len() as u32, together) > 1.0).then(|| Self {
            entropy_interval: entropy_interval(measures, passes),
            predictive_std_se: predictive_std_se(passes, together),
            mean_logit_entropy_se: mean_logit_entropy_se(passes, together),
        })
    }
}

impl Measures {
    /// The same with what needs the passes themselves, `[T, classes]`: those that were summed.
    #[must_use]
    pub fn with_passes(self, passes: &[PerClass<f32>]) -> Self {
        Self { from_passes: FromPasses::new(&self, passes), ..self }
    }
}

/// Adds what the first passes themselves say ([`FromPasses`]) to the measures of some images, given by dataset index;
/// `measures` are those of all images after as many passes. Takes about as long as drawing these passes anew would.
pub fn look_at_passes(samples: &Samples, passes: usize, measures: &mut [Measures], images: &[u32]) {
    let known = measures.len().min(samples.images());
    let mut images: Vec<u32> = images.iter().copied().filter(|index| (*index as usize) < known).collect();
    images.sort_unstable();
    images.dedup();
    let looked: Vec<Option<FromPasses>> = images
        .par_iter()
        .with_min_len(BLOCK)
        .map_init(
            || samples.reader(),
            |reader, index| {
                let mut drawn = reader.image(*index as usize);
                drawn.truncate(passes);
                FromPasses::new(&measures[*index as usize], &drawn)
            },
        )
        .collect();
    for (index, from_passes) in images.iter().zip(looked) {
        measures[*index as usize].from_passes = from_passes;
    }
}

/// The nominal 95 % interval of the predictive entropy in nats.
///
/// While the passes leave little for all but the predicted class: from the mean and the upper spread of their logit (see
/// the module), on the logit scale, the shares of the other classes among themselves as they are. Otherwise: the
/// bias-corrected entropy and its standard error. Both with Student's quantile for one draw less than there are.
fn entropy_interval(measures: &Measures, passes: &[PerClass<f32>]) -> [f32; 2] {
    let quantile = student_95(freedom(draws(passes.len() as u32, measures.together)));
    let predicted = usize::from(measures.prediction());
    let tail = (passes.len() >= FEWEST).then(|| Tail::new(passes, predicted, measures.together)).flatten();
    if let Some(tail) = tail.filter(|tail| tail.mean < EVEN) {
        let centre = (tail.mean / (1.0 - tail.mean)).ln();
        let half = quantile * tail.error / (tail.mean * (1.0 - tail.mean));
        let rest = entropy_of_the_rest(measures, predicted);
        let entropy = |logit: f64| {
            let (share, most) = (logistic(logit), logistic(-logit));
            entropy_term(share) + entropy_term(most) + share * rest
        };
        // Grows up to a share of one half at least; beyond it the largest entropy on the way counts.
        let (low, high) = (centre - half, centre + half);
        let (from, to) = (entropy(low), entropy(high));
        let top = if (low..high).contains(&rest) { entropy(rest) } else { from.max(to) };
        return [from.min(to) as f32, top as f32];
    }
    let error = f64::from(measures.predictive_entropy_se);
    let centre = f64::from(measures.predictive_entropy_corrected);
    let [low, high] = if measures.together > 1 {
        skewed(quantile, skewness_of_shares(measures, passes))
    } else {
        [quantile, quantile]
    };
    let (low, high) = (centre - low * error, centre + high * error);
    [low.max(0.0) as f32, high.min((measures.mean.len() as f64).ln()) as f32]
}

/// How many standard errors an interval reaches down and up around a mean of numbers of this skewness, divided by the root of
/// how many there are: the inverse of Hall's transformation (1992, *On the removal of skewness by transformation*), which
/// makes Student's ratio of skewed numbers symmetric. Few draws need it: the mean and the spread of skewed ones err together.
fn skewed(quantile: f64, skewness: f64) -> [f64; 2] {
    if skewness.abs() < 1e-3 {
        return [quantile, quantile];
    }
    let ratio = |u: f64| 3.0 / skewness * ((1.0 + skewness * (u - skewness / 6.0)).cbrt() - 1.0);
    [ratio(quantile).max(0.0), (-ratio(-quantile)).max(0.0)]
}

/// The skewness of what quartets add to the entropy, over the root of their number.
fn skewness_of_shares(measures: &Measures, passes: &[PerClass<f32>]) -> f64 {
    let surprises = measures.mean.map(|p| surprise(f64::from(p)));
    let shares: Vec<f64> = passes.iter().map(|pass| cross_entropy(pass, &surprises)).collect();
    let sums: Vec<f64> = shares.chunks_exact(measures.together).map(|some| some.iter().sum()).collect();
    let count = sums.len() as f64;
    let mean = sums.iter().sum::<f64>() / count;
    let moment = |power: i32| sums.iter().map(|sum| (sum - mean).powi(power)).sum::<f64>() / count;
    let spread = moment(2).sqrt();
    if spread > 0.0 { moment(3) / spread.powi(3) / count.sqrt() } else { 0.0 }
}

/// The mean of what the passes give to all but one class, as their logits say it.
#[derive(Clone, Copy)]
pub(super) struct Tail {
    mean: f64,
    error: f64,
}

/// The logit of what a pass gives to all classes but one.
pub(super) fn logit_of_the_others(pass: &[f32], predicted: usize) -> f64 {
    let others = pass.iter().enumerate().filter(|(class, _)| *class != predicted);
    let share: f64 = others.map(|(_, p)| f64::from(*p)).sum();
    share.max(f64::MIN_POSITIVE).ln() - f64::from(pass[predicted]).max(f64::MIN_POSITIVE).ln()
}

impl Tail {
    /// From the mean of so many logits, their variance, and their spread above the mean; `None` when they do not differ.
    /// Passes that balance each other count as independent for the mean, which makes it no surer than it is, and by pairs
    /// for the spread.
    pub(super) fn of_moments(mean: f64, variance: f64, spread: f64, count: f64) -> Option<Self> {
        if !spread.is_finite() || variance < 1e-12 {
            return None;
        }
        let (share, by_mean, by_spread) = logistic_normal(mean, spread);
        let squares =
            by_mean.powi(2) * variance + by_spread.powi(2) * spread.powi(2) * 2.0 * BALANCED_SPREAD_VARIANCE;
        Some(Self { mean: share, error: (squares / count).sqrt() })
    }

    /// The least and the most, so many standard errors to either side on the scale of logits.
    pub(super) fn share(self, reach: f64) -> [f64; 2] {
        let centre = (self.mean / (1.0 - self.mean)).ln();
        let half = reach * self.error / (self.mean * (1.0 - self.mean));
        [logistic(centre - half), logistic(centre + half)]
    }

    /// `None` when the logits do not differ.
    fn new(passes: &[PerClass<f32>], predicted: usize, together: usize) -> Option<Self> {
        let count = passes.len() as f64;
        let logits: Vec<f64> = passes.iter().map(|pass| logit_of_the_others(pass, predicted)).collect();
        let mean = logits.iter().sum::<f64>() / count;
        let variance = logits.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let above = logits.iter().filter(|y| **y > mean);
        let (above, squares) =
            above.fold((0.0, 0.0), |(above, squares), y| (above + 1.0, squares + (y - mean).powi(2)));
        if above == 0.0 || variance < 1e-12 {
            return None;
        }
        let spread = (squares / above).sqrt();
        let (share, by_mean, by_spread) = logistic_normal(mean, spread);
        if together > 1 {
            // What a pass adds to the mean and to the spread above it, whose influence is named at [`SPREAD_VARIANCE`]: of
            // passes that balance each other both are known from their sums.
            let adds = |y: &f64| {
                let x = (y - mean) / spread;
                let upper = if x > 0.0 { x * x - 1.0 } else { 0.0 };
                by_mean * (y - mean) + by_spread * spread * (upper - NORMAL_AT_0 * x)
            };
            let adds: Vec<f64> = logits.iter().map(adds).collect();
            let known = mean_and_error_of_passes(&adds, together)[1];
            // A spread that came out small says too little of its own error: no less than normal logits have.
            let mean_error = mean_and_error_of_passes(&logits, together)[1];
            let least = by_mean.powi(2) * mean_error.powi(2)
                + by_spread.powi(2) * spread.powi(2) * BALANCED_SPREAD_VARIANCE / count;
            return Some(Self { mean: share, error: known.max(least.sqrt()) });
        }
        let error =
            (by_mean.powi(2) * variance + by_spread.powi(2) * spread.powi(2) * SPREAD_VARIANCE) / count;
        Some(Self { mean: share, error: error.sqrt() })
    }
}

fn logistic(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// The mean of 1/(1 + e^−y) for y normal with this mean and spread, and its derivatives by either: the trapezium rule
/// on 81 points, from 10 spreads below to 10 above. Where the tail matters its weight peaks at the spread's own number
/// of spreads above the mean, which is 4 to 6 for the surest images.
fn logistic_normal(mean: f64, spread: f64) -> (f64, f64, f64) {
    const STEP: f64 = 0.25;
    const HALF: i32 = 40;
    let (mut value, mut by_mean, mut by_spread) = (0.0, 0.0, 0.0);
    for point in -HALF..=HALF {
        let x = f64::from(point) * STEP;
        let weight = STEP * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
        let (share, rest) = (logistic(mean + spread * x), logistic(-mean - spread * x));
        value += weight * share;
        by_mean += weight * share * rest;
        by_spread += weight * share * rest * x;
    }
    (value, by_mean, by_spread)
}

/// The entropy of the mean probabilities of all classes but one, among themselves.
pub(super) fn entropy_of_the_rest(measures: &Measures, predicted: usize) -> f64 {
    let others = || {
        measures.mean.iter().enumerate().filter(|(class, _)| *class != predicted).map(|(_, p)| f64::from(*p))
    };
    let total: f64 = others().sum();
    others().map(|p| entropy_term(p / total)).sum()
}

/// `(1/K) Σ_c σ_c` moves by `(1/K) Σ_c ((p_tc − p̄_c)² − σ_c²) / 2σ_c` with each pass: the error of that mean. A class
/// whose probability does not vary adds nothing.
fn predictive_std_se(passes: &[PerClass<f32>], together: usize) -> f32 {
    let count = passes.len() as f64;
    let mean: PerClass<f64> = mean_of(passes, f64::from);
    let mut variance = PerClass::filled(mean.len(), 0.0);
    for pass in passes {
        for (class, p) in pass.iter().enumerate() {
            variance[class] += (f64::from(*p) - mean[class]).powi(2) / count;
        }
    }
    let influence = |pass: &PerClass<f32>| {
        let each = pass.iter().enumerate().filter(|(class, _)| variance[*class] > 0.0);
        each.map(|(class, p)| {
            ((f64::from(*p) - mean[class]).powi(2) - variance[class]) / (2.0 * variance[class].sqrt())
        })
        .sum::<f64>()
            / mean.len() as f64
    };
    mean_and_error_of_passes(&passes.iter().map(influence).collect::<Vec<f64>>(), together)[1] as f32
}

/// `H(softmax(m))` moves by `−Σ_c q_c (ln q_c + H) δm_c` with the mean log-probabilities m, q = softmax(m): the error of
/// the mean of `−Σ_c q_c (ln q_c + H) ln p_tc`.
fn mean_logit_entropy_se(passes: &[PerClass<f32>], together: usize) -> f32 {
    let log = |p: f32| f64::from(p.max(f32::MIN_POSITIVE)).ln();
    let mean: PerClass<f64> = mean_of(passes, log);
    let top = mean.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total = mean.iter().map(|m| (m - top).exp()).sum::<f64>().ln() + top;
    let logs = mean.map(|m| m - total);
    let entropy: f64 = -logs.iter().map(|log| log.exp() * log).sum::<f64>();
    let slope = logs.map(|log| -log.exp() * (log + entropy));
    let influence =
        |pass: &PerClass<f32>| pass.iter().zip(&slope).map(|(p, slope)| slope * log(*p)).sum::<f64>();
    mean_and_error_of_passes(&passes.iter().map(influence).collect::<Vec<f64>>(), together)[1] as f32
}

#[cfg(test)]
mod tests;
