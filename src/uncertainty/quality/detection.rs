//! What doubt detects: images in the order of a measure, and how well that order separates two kinds.
//!
//! Ties count half: an area under the ROC is the chance that a positive is above a negative, a tie decided by a coin.
//! Within a tie every order is equally likely, so errors are spread evenly over the places the tie takes.

use super::doubt::Undefined;

/// Images from the most to the least certain, each marked positive or not, with the ends of ties.
#[derive(Clone, Debug)]
pub struct Sorted {
    /// Index, then a bit for a positive, then a bit for the last of its tie.
    items: Vec<u32>,
}

const LAST: u32 = 1;
const POSITIVE: u32 = 2;
const INDEX: u32 = 2;

/// How well an order separates positives from negatives, for images with integer weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parted {
    /// Area under the ROC; undefined when all are of one kind.
    pub area: Result<f64, Undefined>,
    /// Mean over all coverages of the share of positives among the covered, the most certain first; undefined
    /// without images.
    pub risk: Result<f64, Undefined>,
}

impl Sorted {
    /// Sorts by doubt, the least first; equal doubts keep their order. NaN comes last.
    #[must_use]
    pub fn new(doubts: &[f32], positive: impl Fn(usize) -> bool) -> Self {
        let mut order: Vec<u32> = (0..doubts.len() as u32).collect();
        // −0 equals 0.
        let value = |index: u32| doubts[index as usize] + 0.0;
        order.sort_by(|a, b| value(*a).total_cmp(&value(*b)));
        let items = (0..order.len()).map(|place| {
            let index = order[place];
            let last = order.get(place + 1).is_none_or(|next| value(*next).total_cmp(&value(index)).is_ne());
            index << INDEX | if positive(index as usize) { POSITIVE } else { 0 } | if last { LAST } else { 0 }
        });
        Self { items: items.collect() }
    }

    /// Indices in order.
    pub fn order(&self) -> impl Iterator<Item = u32> + '_ {
        self.items.iter().map(|item| item >> INDEX)
    }

    /// How well the order separates the two kinds, each image counted `weights[index]` times. `harmonic` are the
    /// harmonic numbers up to the sum of the weights, see [`harmonic`].
    #[must_use]
    pub fn part(&self, weights: &[u32], harmonic: &[f64]) -> Parted {
        let (mut covered, mut positives) = (0_u64, 0_u64);
        let (mut tied, mut tied_positives) = (0_u64, 0_u64);
        // Twice the pairs with the positive above, ties counting one.
        let mut pairs = 0_u64;
        let mut risk = 0.0;
        for item in &self.items {
            let weight = u64::from(weights[(item >> INDEX) as usize]);
            tied += weight;
            if item & POSITIVE != 0 {
                tied_positives += weight;
            }
            if item & LAST == 0 || tied == 0 {
                continue;
            }
            let negatives = covered - positives;
            pairs += tied_positives * (2 * negatives + tied - tied_positives);
            // Σ_j (positives + rate j)/(covered + j) over the places j of this tie.
            let rate = tied_positives as f64 / tied as f64;
            let steps = harmonic[(covered + tied) as usize] - harmonic[covered as usize];
            risk += tied_positives as f64 + (positives as f64 - rate * covered as f64) * steps;
            covered += tied;
            positives += tied_positives;
            (tied, tied_positives) = (0, 0);
        }
        let negatives = covered - positives;
        let area = match (positives, negatives) {
            (0, 0) => Err(Undefined::NoImages),
            (0, _) => Err(Undefined::AllRight),
            (_, 0) => Err(Undefined::AllWrong),
            _ => Ok(pairs as f64 / 2.0 / (positives as f64 * negatives as f64)),
        };
        let risk = if covered == 0 { Err(Undefined::NoImages) } else { Ok(risk / covered as f64) };
        Parted { area, risk }
    }
}

/// Harmonic numbers `H_0 … H_n`.
#[must_use]
pub fn harmonic(n: usize) -> Vec<f64> {
    let mut sum = 0.0;
    std::iter::once(0.0)
        .chain((1..=n).map(|k| {
            sum += 1.0 / k as f64;
            sum
        }))
        .collect()
}

/// A place on the ROC: what is called positive at a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RocPoint {
    /// Share of negatives at or above the threshold.
    pub false_positive: f64,
    /// Share of positives at or above the threshold.
    pub true_positive: f64,
}

/// The ROC of a measure, for drawing and for queries at any threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Roc {
    /// Doubts of the positives, ascending.
    positives: Vec<f32>,
    /// Doubts of the negatives, ascending.
    negatives: Vec<f32>,
}

impl Roc {
    /// The ROC of doubts of two kinds.
    #[must_use]
    pub fn new(positives: impl Iterator<Item = f32>, negatives: impl Iterator<Item = f32>) -> Self {
        let sorted = |values: &mut dyn Iterator<Item = f32>| {
            let mut values: Vec<f32> = values.map(|value| value + 0.0).collect();
            values.sort_by(f32::total_cmp);
            values
        };
        let (mut positives, mut negatives) = (positives, negatives);
        Self { positives: sorted(&mut positives), negatives: sorted(&mut negatives) }
    }

    /// Numbers of positives and negatives at or above a threshold.
    #[must_use]
    pub fn above(&self, threshold: f32) -> [usize; 2] {
        let count = |values: &[f32]| values.len() - values.partition_point(|value| *value < threshold);
        [count(&self.positives), count(&self.negatives)]
    }

    /// Numbers of positives and negatives in all.
    #[must_use]
    pub fn counts(&self) -> [usize; 2] {
        [self.positives.len(), self.negatives.len()]
    }

    /// The place of a threshold; NaN where a kind is missing.
    #[must_use]
    pub fn at(&self, threshold: f32) -> RocPoint {
        let [positives, negatives] = self.above(threshold);
        RocPoint {
            false_positive: negatives as f64 / self.negatives.len() as f64,
            true_positive: positives as f64 / self.positives.len() as f64,
        }
    }

    /// The highest threshold that calls at least this share of the negatives positive: where a drag along the
    /// horizontal axis leads.
    #[must_use]
    pub fn threshold_at(&self, false_positive: f64) -> f32 {
        let count = self.negatives.len();
        let wanted = ((false_positive.clamp(0.0, 1.0) * count as f64).round() as usize).min(count);
        if wanted == 0 {
            let highest = [self.positives.last(), self.negatives.last()];
            return highest.into_iter().flatten().copied().fold(f32::NEG_INFINITY, f32::max).next_up();
        }
        self.negatives[count - wanted]
    }

    /// The threshold that calls about this many more of the negatives positive, or fewer when negative: by one place at
    /// least, past all that are equal. The same threshold at either end.
    #[must_use]
    pub fn stepped(&self, threshold: f32, more: i64) -> f32 {
        let first = |value: f32| self.negatives.partition_point(|negative| *negative < value);
        let (at, step) = (first(threshold), usize::try_from(more.unsigned_abs()).unwrap_or(usize::MAX));
        if more > 0 {
            return at.checked_sub(1).map_or(threshold, |last| self.negatives[last.saturating_sub(step - 1)]);
        }
        if more == 0 || at >= self.negatives.len() {
            return threshold;
        }
        let wanted = self.negatives.get(at.saturating_add(step)).copied();
        let past = |value: f32| self.negatives[first(value)..].iter().copied().find(|other| *other > value);
        match wanted {
            Some(wanted) if first(wanted) > at => wanted,
            Some(_) => past(self.negatives[at]).unwrap_or_else(|| self.threshold_at(0.0)),
            None => self.threshold_at(0.0),
        }
    }

    /// Share of the negatives at or above the threshold that keeps 95 % of the positives above it.
    #[must_use]
    pub fn false_positives_at_95(&self) -> Option<f64> {
        let count = self.positives.len();
        let wanted = (count as f64 * 0.95).ceil() as usize;
        let threshold = *self.positives.get(count.checked_sub(wanted)?)?;
        (!self.negatives.is_empty()).then(|| self.at(threshold).false_positive)
    }

    /// About `most` places of the curve from (0, 0) to (1, 1), for drawing.
    #[must_use]
    pub fn points(&self, most: usize) -> Vec<RocPoint> {
        if self.positives.is_empty() || self.negatives.is_empty() {
            return Vec::new();
        }
        let mut points = vec![RocPoint { false_positive: 0.0, true_positive: 0.0 }];
        // Thresholds evenly spaced by rank in each kind, so that both ends of the curve are drawn finely.
        let step = |values: &[f32]| values.len().div_ceil((most / 2).max(1));
        let mut thresholds: Vec<f32> =
            self.positives.iter().rev().step_by(step(&self.positives)).copied().collect();
        thresholds.extend(self.negatives.iter().rev().step_by(step(&self.negatives)));
        thresholds.sort_by(|a, b| b.total_cmp(a));
        thresholds.dedup();
        points.extend(thresholds.into_iter().map(|threshold| self.at(threshold)));
        points.push(RocPoint { false_positive: 1.0, true_positive: 1.0 });
        points.dedup();
        points
    }
}

/// Error among the images kept when the least certain are refused.
#[derive(Clone, Debug, PartialEq)]
pub struct RiskCoverage {
    /// Dataset indices, the most certain first.
    pub order: Vec<u32>,
    /// Errors among the first 0, 1, 2 … of them.
    pub errors: Vec<u32>,
    /// Those that are errors, the most certain first.
    pub wrong: Vec<u32>,
}

impl RiskCoverage {
    /// From an order in which positives are errors.
    #[must_use]
    pub fn new(sorted: &Sorted) -> Self {
        let order: Vec<u32> = sorted.order().collect();
        let mut sum = 0;
        let errors = std::iter::once(0).chain(sorted.items.iter().map(|item| {
            sum += u32::from(item & POSITIVE != 0);
            sum
        }));
        let wrong = sorted.items.iter().filter(|item| **item & POSITIVE != 0).map(|item| item >> INDEX);
        Self { errors: errors.collect(), order, wrong: wrong.collect() }
    }

    /// Error among those kept when `refused` images are refused; `None` when none are kept.
    #[must_use]
    pub fn risk(&self, refused: usize) -> Option<f64> {
        let kept = self.order.len().saturating_sub(refused);
        (kept > 0).then(|| f64::from(self.errors[kept]) / kept as f64)
    }

    /// Share of images kept and error among them, from all to few, at `places` even places at most.
    #[must_use]
    pub fn curve(&self, places: usize) -> Vec<[f64; 2]> {
        let images = self.order.len();
        let places = places.min(images);
        let at = |place: usize| {
            let refused = images * place / places;
            Some([1.0 - refused as f64 / images as f64, self.risk(refused)?])
        };
        (0..places).filter_map(at).collect()
    }

    /// How many images are refused by refusing all those doubted at least this much; `doubt` is that of an image, by
    /// the measure they are ordered by.
    #[must_use]
    pub fn doubted(&self, doubt: impl Fn(u32) -> f32, threshold: f32) -> usize {
        self.order.len() - self.order.partition_point(|index| doubt(*index) < threshold)
    }

    /// The images refused, the least certain first.
    pub fn refused(&self, refused: usize) -> impl Iterator<Item = u32> + '_ {
        self.order.iter().rev().take(refused).copied()
    }
}
