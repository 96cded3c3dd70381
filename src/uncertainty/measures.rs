//! Measures of uncertainty with their Monte-Carlo standard errors, all in nats where they are entropies.
//!
//! T passes give probabilities `p_t` with mean p̄ (Gal & Ghahramani 2016). With `a_c = −ln p̄_c`:
//!
//! - Predictive entropy is `H(p̄) = Σ_c p̄_c a_c`. Moving p̄ by δ moves it by `Σ_c δ_c a_c` to first order (the term
//!   of the normalisation vanishes as `Σ_c δ_c = 0`), so its error is that of the mean of `h_t = Σ_c p_tc a_c`, whose
//!   variance is the quadratic form `aᵀ Cov(p) a`.
//! - To second order it moves by `−½ Σ_c δ_c²/p̄_c` more. The mean of that is the bias below; its variance, for normal δ,
//!   is `(1/2T²) Σ_cd Cov(p_c, p_d)²/(p̄_c p̄_d)`, which is all there is where the first order vanishes: at ½ to ½ the
//!   entropy has its maximum. It is part of the standard errors of predictive entropy and mutual information.
//! - Mutual information is the mean of `KL(p_t‖p̄) = h_t − H(p_t)`; its variance is
//!   `Var(h) + Var(H) − 2 Σ_c a_c Cov(H, p_c)`, and every term follows from sums over passes.
//! - H is concave, so the entropy of an *estimated* mean is too low: by `(1/2T) Σ_c Var(p_c)/p̄_c` to second order
//!   (the argument of Miller 1955, with the variance of probabilities in place of that of counts). The expected
//!   entropy is a plain mean and has no such bias; the mutual information inherits it whole. The estimated correction
//!   removes most of the bias, less where a class is likely in few passes only and T is small.
//!
//! Variances that lead to a standard error divide by T − 1. Of passes that balance each other in quartets, the quartets are
//! the draws: their sums take the place of the passes in every variance that leads to an error, and their number that of T
//! in its correction ([`moments`](super::moments)). What is said of single passes stays: votes, predictive std.
//!
//! What pairs of classes covary by follows from sums over passes where there are few classes, and from the passes
//! themselves where there are many ([`moments`](super::moments)).

use crate::data::{Class, PerClass};
use crate::sampling::design::QUARTET;
use crate::sampling::statistics::largest;
use crate::sampling::{OneImage, Samples, Statistics};

use super::moments::{Moments, dot};
use super::noise::{complete_and_rest, draws, sample};
use super::terms::surprise;

/// Mutual information cannot be negative; what rounding leaves below zero is at most this large, in nats. Anything
/// more negative is a mistake elsewhere and stays visible.
const ROUNDING: f64 = 1e-6;

/// Everything known about one image after T passes.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// Passes T.
    pub passes: u32,
    /// Passes that balance each other: 4, or 1 where all are independent.
    pub together: usize,
    /// Predictive mean p̄.
    pub mean: PerClass<f32>,
    /// Standard error of each `p̄_c`, `s_c/√T`. NaN for a single draw, which has no spread: T = 1, or one quartet.
    pub mean_se: PerClass<f32>,
    /// Passes that vote for each class.
    pub votes: PerClass<u32>,
    /// H(p̄) in nats, plug-in.
    pub predictive_entropy: f32,
    /// Its standard error, to second order. This and every `_se` below is NaN for a single draw.
    pub predictive_entropy_se: f32,
    /// `H(p̄) + (1/2T) Σ_c s_c²/p̄_c` in nats: the plug-in bias removed to first order. NaN for T = 1.
    pub predictive_entropy_corrected: f32,
    /// `(1/T) Σ_t H(p_t)` in nats.
    pub expected_entropy: f32,
    /// s/√T of `H(p_t)`.
    pub expected_entropy_se: f32,
    /// H(p̄) − expected entropy, in nats.
    pub mutual_information: f32,
    /// Its standard error: sd of `KL(p_t‖p̄)` over √T, and the second order.
    pub mutual_information_se: f32,
    /// Mutual information with the same correction as the predictive entropy. NaN for T = 1.
    pub mutual_information_corrected: f32,
    /// 1 − (votes of the modal class)/T.
    pub variation_ratio: f32,
    /// Standard error of the variation ratio: binomial where passes are independent.
    pub variation_ratio_se: f32,
    /// `(1/K) Σ_c √(E[p_c²] − E[p_c]²)`: the mean spread of the T passes drawn (dividing by T, unlike the standard
    /// errors), 0 for T = 1.
    pub predictive_std: f32,
    /// max p̄.
    pub confidence: f32,
    /// p̄₍₁₎ − p̄₍₂₎.
    pub margin: f32,
    /// Standard error of each class's lead `p̄_c − max_{d≠c} p̄_d`: of the margin for the predicted class, of the label
    /// margin for the label.
    pub lead_se: PerClass<f32>,
    /// `H(softmax(mean_t z_t))` in nats, from `mean_t ln p_t`: softmax does not see that a number common to all classes
    /// is missing.
    pub mean_logit_entropy: f32,
    /// How suspect the label is that the image has among the images of its set, in nats
    /// ([`label_suspicion`](super::label_suspicion)). `None` without a set around, as for a drawing, until
    /// [`suspect`](super::label_suspicion::suspect) has looked at all of it.
    pub label_suspicion: Option<f32>,
    /// What needs the passes themselves, where they were looked at ([`with_passes`](Self::with_passes)).
    pub from_passes: Option<FromPasses>,
}

/// What needs the passes themselves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FromPasses {
    /// The nominal 95 % interval of the predictive entropy, in nats.
    pub entropy_interval: [f32; 2],
    /// Standard error of the predictive std, to first order.
    pub predictive_std_se: f32,
    /// Standard error of the entropy of mean logits in nats, to first order.
    pub mean_logit_entropy_se: f32,
}

impl Measures {
    /// The measures that sums over passes give, computed in double precision. With more than
    /// [`MOST_PAIRED`](crate::sampling::statistics::MOST_PAIRED) classes the standard errors that need products of
    /// different classes are NaN: [`Measures::of_passes`] has them.
    #[must_use]
    pub fn new(statistics: &Statistics) -> Self {
        Self::of_passes(statistics, &[])
    }

    /// The measures of sums over passes, and of these passes, `[T, classes]`, where the sums do not say all.
    #[must_use]
    pub fn of_passes(statistics: &Statistics, drawn: &[PerClass<f32>]) -> Self {
        let passes = f64::from(statistics.passes);
        let mean = statistics.probability.map(|sum| sum / passes);
        let moments = Moments::new(statistics, &mean, drawn);
        let together = if statistics.quartets.is_some() { QUARTET } else { 1 };
        let draws = draws(statistics.passes, together);
        let sample = sample(draws);
        let standard_error = |variance: f64| (variance.max(0.0) * sample / passes).sqrt();

        let surprises = mean.map(surprise);
        let predictive = dot(&mean, &surprises);
        let expected = statistics.entropy / passes;
        let agree = moments.all_equal(&mean);
        let information = match predictive - expected {
            // Identical passes have no disagreement; the difference of two sums would only show their rounding.
            rounded if agree && rounded.abs() < ROUNDING => 0.0,
            rounded if (-ROUNDING..0.0).contains(&rounded) => 0.0,
            information => information,
        };
        let linear_variance = moments.quadratic_form(&surprises);
        let divergence_variance = linear_variance + moments.entropy_variance()
            - 2.0 * dot(moments.entropy_covariance(), &surprises);
        let second_order = 0.5 * (sample / passes).powi(2) * moments.relative_squares(&mean);
        let entropy_error = |variance: f64| standard_error(variance).hypot(second_order.sqrt());
        let variances = moments.variances();
        let spreads = moments.spreads();
        let correction = sample / (2.0 * passes)
            * mean.iter().zip(&variances).filter(|(p, _)| **p > 0.0).map(|(p, v)| v / p).sum::<f64>();

        let modal = statistics.votes.iter().copied().max().unwrap_or(0);
        let variation_ratio = 1.0 - f64::from(modal) / passes;
        let variation_ratio_se = standard_error(vote_variance(statistics, modal));
        let best = largest(&mean);
        let second = position_except(&mean, best);

        Self {
            passes: statistics.passes,
            together,
            mean: mean.map(|p| p as f32),
            mean_se: variances.map(|variance| standard_error(variance) as f32),
            votes: statistics.votes.clone(),
            predictive_entropy: predictive as f32,
            predictive_entropy_se: entropy_error(linear_variance) as f32,
            predictive_entropy_corrected: (predictive + correction) as f32,
            expected_entropy: expected as f32,
            expected_entropy_se: standard_error(moments.entropy_variance()) as f32,
            mutual_information: information as f32,
            mutual_information_se: entropy_error(divergence_variance) as f32,
            mutual_information_corrected: (information + correction) as f32,
            variation_ratio: variation_ratio as f32,
            variation_ratio_se: variation_ratio_se as f32,
            predictive_std: if agree {
                0.0
            } else {
                (spreads.iter().map(|v| v.sqrt()).sum::<f64>() / spreads.len() as f64) as f32
            },
            confidence: mean[best] as f32,
            margin: (mean[best] - mean[second]) as f32,
            lead_se: PerClass::from_fn(mean.len(), |class| {
                let rival = if class == best { second } else { best };
                standard_error(moments.variance_of_difference(class, rival)) as f32
            }),
            mean_logit_entropy: softmax_entropy(&statistics.log_probability.map(|sum| sum / passes)) as f32,
            label_suspicion: None,
            from_passes: None,
        }
    }

    /// The measures of the passes over one image.
    #[must_use]
    pub fn of_image(sampled: &OneImage) -> Self {
        let statistics = sampled.statistics();
        let drawn = if statistics.has_pairs() { Vec::new() } else { sampled.probabilities() };
        Self::of_passes(&statistics, &drawn)
    }

    /// How many independent draws the passes are: quartets where passes balance each other.
    #[must_use]
    pub fn draws(&self) -> f64 {
        draws(self.passes, self.together)
    }

    /// The class of the largest p̄, the lowest on a tie.
    #[must_use]
    pub fn prediction(&self) -> Class {
        largest(&self.mean) as Class
    }

    /// The classes by p̄, the likeliest first, the lower one on a tie.
    #[must_use]
    pub fn by_probability(&self) -> Vec<Class> {
        let mut classes: Vec<Class> = (0..self.mean.len() as Class).collect();
        let probability = |class: Class| self.mean[usize::from(class)];
        classes.sort_by(|a, b| probability(*b).total_cmp(&probability(*a)));
        classes
    }

    /// The classes by votes, the most voted first, the lower one on a tie.
    #[must_use]
    pub fn by_votes(&self) -> Vec<Class> {
        let mut classes: Vec<Class> = (0..self.votes.len() as Class).collect();
        classes.sort_by_key(|class| std::cmp::Reverse(self.votes[usize::from(*class)]));
        classes
    }

    /// `−ln p̄[label]` in nats: infinite where the label got probability 0, or is none of the classes.
    #[must_use]
    pub fn surprise_of(&self, label: Class) -> f64 {
        -f64::from(self.mean.get(usize::from(label)).copied().unwrap_or(0.0)).ln()
    }

    /// `p̄[label] − max_{c≠label} p̄_c`: most negative where the network confidently disagrees with the label. NaN when
    /// the label is none of the classes.
    #[must_use]
    pub fn label_margin(&self, label: Class) -> f32 {
        let mean = self.mean.map(f64::from);
        match mean.get(usize::from(label)) {
            Some(p) => (p - mean[position_except(&mean, usize::from(label))]) as f32,
            None => f32::NAN,
        }
    }
}

/// The measures of every image after its first `passes` passes (all there are, when fewer).
#[must_use]
pub fn measure_all(samples: &Samples, passes: usize) -> Vec<Measures> {
    // A place for each image, of no allocation; classes that nothing was drawn of.
    let none = Measures::new(&Statistics::zero(2));
    let mut measures = vec![none; samples.images()];
    samples.for_each(passes, &mut measures, |statistics, drawn, place| {
        *place = if statistics.has_pairs() {
            Measures::new(&statistics)
        } else {
            Measures::of_passes(&statistics, &drawn.probabilities())
        };
    });
    measures
}

/// The variance of the votes for the class with so many, of one pass, from which that of their share follows.
fn vote_variance(statistics: &Statistics, modal: u32) -> f64 {
    let passes = f64::from(statistics.passes);
    let share = f64::from(modal) / passes;
    let Some(quartets) = &statistics.quartets else {
        // Divided by T, not T − 1: the binomial standard error.
        return share * (1.0 - share) * (1.0 - 1.0 / passes);
    };
    let class = statistics.votes.iter().position(|votes| *votes == modal).unwrap_or(0);
    let (complete, rest) = complete_and_rest(statistics.passes);
    let open = quartets.open_votes[class];
    let weighted = QUARTET as f64 * (f64::from(modal) - open) + rest * open;
    let squares = complete * (QUARTET * QUARTET) as f64 + rest * rest;
    let about =
        quartets.votes_squared[class] + open * open - 2.0 * share * weighted + squares * share * share;
    about / passes
}

/// Where the largest value at any position but `class` is, the first on a tie.
fn position_except(values: &[f64], class: usize) -> usize {
    let others = values.iter().enumerate().filter(|(other, _)| *other != class);
    let larger = |best: (usize, f64), (other, value): (usize, &f64)| {
        if *value > best.1 { (other, *value) } else { best }
    };
    others.fold((usize::from(class == 0), f64::NEG_INFINITY), larger).0
}

/// `H(softmax(z)) = ln Z − Σ_c p_c z_c` with z shifted so that its largest is 0: no exponential overflows and no
/// logarithm of a small probability is taken.
fn softmax_entropy(logits: &[f64]) -> f64 {
    let top = logits[largest(logits)];
    let shifted: PerClass<f64> = logits.iter().map(|z| z - top).collect();
    let weights = shifted.map(f64::exp);
    let total: f64 = weights.iter().sum();
    // A class of weight 0 adds nothing, even where its logit is −∞.
    let weighted: f64 = weights.iter().zip(&shifted).filter(|(w, _)| **w > 0.0).map(|(w, z)| w * z).sum();
    total.ln() - weighted / total
}

#[cfg(test)]
mod tests;
