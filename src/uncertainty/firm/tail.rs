//! What is left for all classes but one, of images that hardly any pass doubts.
//!
//! Their doubt comes from a few passes, and a mean and a spread of what has been seen miss passes as have not been seen yet.
//! The logit of what a pass gives to all but the predicted class is close to normal, though, for it is a sum over many units:
//! from its mean, and from its spread above that, follows how much comes from passes that are rare
//! ([`interval`](crate::uncertainty::interval)).

use crate::data::PerClass;
use crate::sampling::statistics::largest;
use crate::uncertainty::interval::{Tail, logit_of_the_others};

/// Sums over the logits of passes, about a number that the first passes gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TailSums {
    /// The predicted class.
    predicted: usize,
    reference: f64,
    count: f64,
    sum: f64,
    squares: f64,
    above: f64,
    squares_above: f64,
}

impl TailSums {
    /// Of the first passes, `[T, classes]`, for the class that their mean predicts; `None` without passes.
    #[must_use]
    pub fn new(passes: &[PerClass<f32>]) -> Option<Self> {
        let classes = passes.first()?.len();
        let mut mean = vec![0.0_f64; classes];
        for pass in passes {
            mean.iter_mut().zip(pass).for_each(|(mean, p)| *mean += f64::from(*p));
        }
        let predicted = largest(&mean);
        let logits = passes.iter().map(|pass| logit_of_the_others(pass, predicted));
        let reference = logits.sum::<f64>() / passes.len() as f64;
        let mut sums = Self::about(predicted, reference);
        for pass in passes {
            sums.add(pass);
        }
        Some(sums)
    }

    fn about(predicted: usize, reference: f64) -> Self {
        Self { predicted, reference, count: 0.0, sum: 0.0, squares: 0.0, above: 0.0, squares_above: 0.0 }
    }

    /// No pass yet, for the same class and about the same number.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self::about(self.predicted, self.reference)
    }

    /// Adds the probabilities of a pass.
    pub fn add(&mut self, pass: &[f32]) {
        let beyond = logit_of_the_others(pass, self.predicted) - self.reference;
        self.count += 1.0;
        self.sum += beyond;
        self.squares += beyond * beyond;
        if beyond > 0.0 {
            self.above += 1.0;
            self.squares_above += beyond * beyond;
        }
    }

    /// Adds the sums over other passes of the same image.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
        self.above += other.above;
        self.squares_above += other.squares_above;
    }

    /// What is left for the other classes at least and at most, `reach` standard errors to either side; `None` where the
    /// logits do not differ.
    pub(super) fn share(&self, reach: f64) -> Option<[f64; 2]> {
        let mean = self.sum / self.count;
        let variance = (self.squares - self.sum * mean) / (self.count - 1.0);
        let spread = (self.squares_above / self.above).sqrt();
        let tail = Tail::of_moments(self.reference + mean, variance, spread, self.count)?;
        Some(tail.share(reach))
    }
}
