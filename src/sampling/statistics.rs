//! Sums over passes from which every measure follows: nothing else of the samples is needed for a prefix of T passes.

use crate::data::CLASSES;

/// Entries of the upper triangle of a 10×10 symmetric matrix, diagonal included.
pub const PAIRS: usize = CLASSES * (CLASSES + 1) / 2;

/// Sums over the first T passes of one image. `p_t` is the softmax of pass t, `h_t` its entropy in nats.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// Passes T.
    pub passes: u32,
    /// `Σ p_t`
    pub probability: [f64; CLASSES],
    /// `Σ p_t p_tᵀ`, upper triangle row by row: (0,0), (0,1) … (0,9), (1,1) …
    pub outer: [f64; PAIRS],
    /// `Σ h_t`
    pub entropy: f64,
    /// `Σ h_t²`
    pub entropy_squared: f64,
    /// `Σ h_t p_t`
    pub entropy_probability: [f64; CLASSES],
    /// `Σ ln p_t`: equal to the sum of the logits but for a number common to all classes.
    pub log_probability: [f64; CLASSES],
    /// Passes whose largest probability is this class (the lowest class on a tie).
    pub votes: [u32; CLASSES],
}

/// The class of the largest value, the lowest on a tie: how a pass votes and what a mean predicts.
#[must_use]
pub fn largest<T: PartialOrd>(values: &[T; CLASSES]) -> usize {
    let mut best = 0;
    for (class, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = class;
        }
    }
    best
}

impl Statistics {
    /// No pass yet.
    pub const ZERO: Self = Self {
        passes: 0,
        probability: [0.0; CLASSES],
        outer: [0.0; PAIRS],
        entropy: 0.0,
        entropy_squared: 0.0,
        entropy_probability: [0.0; CLASSES],
        log_probability: [0.0; CLASSES],
        votes: [0; CLASSES],
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_is_the_lowest_class_on_a_tie() {
        assert_eq!(largest(&[0.0, 0.1, 0.4, 0.1, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0]), 2);
        assert_eq!(largest(&[0.1_f32; CLASSES]), 0);
        let rising: [f32; CLASSES] = std::array::from_fn(|class| class as f32 - 20.0);
        assert_eq!(largest(&rising), 9);
    }
}
