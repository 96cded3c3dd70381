//! What can train: a step of Adam on a batch, and what comes out of it.

use super::lenet::{Lenet, LenetError};
use crate::data::Digits;

/// Adam's memory of the gradient.
pub const BETA1: f32 = 0.9;
/// Adam's memory of the squared gradient.
pub const BETA2: f32 = 0.999;
/// Adam's guard against a division by zero.
pub const EPSILON: f32 = 1e-8;

/// The images of a step.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The epoch, from 0; part of the key of every mask.
    pub epoch: u64,
    /// Where the images are.
    pub digits: &'a Digits,
    /// Which of them.
    pub examples: &'a [u32],
}

/// What came out for some images.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// How many.
    pub images: usize,
    /// Sum of their cross-entropies in nats.
    pub loss: f64,
    /// How many were right.
    pub correct: usize,
}

impl Outcome {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            images: self.images + other.images,
            loss: self.loss + other.loss,
            correct: self.correct + other.correct,
        }
    }

    /// Their means.
    #[must_use]
    pub fn evaluation(self) -> Evaluation {
        let images = self.images.max(1) as f64;
        Evaluation { loss: (self.loss / images) as f32, accuracy: (self.correct as f64 / images) as f32 }
    }
}

/// What can train: the fast trainer, and the reference it is tested against.
pub trait Trainer {
    /// One step of Adam on a batch, each of its examples with its own mask.
    ///
    /// # Errors
    /// When there is not enough memory.
    fn step(&mut self, batch: &Batch<'_>, learning_rate: f32) -> Result<Outcome, LenetError>;

    /// The network as it is now.
    ///
    /// # Errors
    /// When a parameter is no longer finite, or there is not enough memory.
    fn network(&self) -> Result<Lenet, LenetError>;

    /// The network without dropout on some images.
    ///
    /// # Errors
    /// When there is not enough memory.
    fn evaluate(&mut self, digits: &Digits, examples: &[u32]) -> Result<Outcome, LenetError>;
}

/// How a network without dropout does on some images.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Evaluation {
    /// Mean cross-entropy in nats.
    pub loss: f32,
    /// Share that is right, in 0…1.
    pub accuracy: f32,
}
