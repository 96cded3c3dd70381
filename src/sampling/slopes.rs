//! What is known of how quantities of the passes change with the pixels of an image, however it was found.

use crate::data::{PIXELS, PerClass};

/// What some of the passes say: with several groups the spread between them tells how well a sum is known.
#[derive(Clone, Debug)]
pub struct PassGroup {
    /// Passes of the group.
    pub passes: usize,
    /// `Σ p_t`
    pub probability: PerClass<f64>,
    /// Derivative of the sum of each quantity over the group's passes by each pixel, `[quantities, 28, 28]`.
    pub gradients: Vec<[f32; PIXELS]>,
}

impl PassGroup {
    /// So many groups without a pass yet.
    pub(super) fn empty(groups: usize, quantities: usize, classes: usize) -> Vec<Self> {
        let one = Self {
            passes: 0,
            probability: PerClass::filled(classes, 0.0),
            gradients: vec![[0.0; PIXELS]; quantities],
        };
        vec![one; groups]
    }

    /// A pass more, with these probabilities.
    pub(super) fn count(&mut self, probabilities: &PerClass<f64>) {
        self.passes += 1;
        for (sum, p) in self.probability.iter_mut().zip(probabilities) {
            *sum += p;
        }
    }
}

/// How a quantity of a pass, given by number, changes with each logit, where these are the pass's probabilities.
pub type Slopes<'a> = dyn Fn(&[f64], usize) -> PerClass<f64> + 'a;

/// Which group a pass, given by number, belongs to.
pub(super) type GroupOf<'a> = dyn Fn(usize) -> usize + Sync + 'a;

/// The probabilities of logits, in double precision.
pub(super) fn softmax(logits: &PerClass<f32>) -> PerClass<f64> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = logits.map(|logit| f64::from(logit - largest).exp());
    let sum: f64 = powers.iter().sum();
    powers.map(|power| power / sum)
}
