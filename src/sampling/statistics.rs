//! Sums over passes from which every measure follows: nothing else of the samples is needed for a prefix of T passes.

use crate::data::PerClass;

/// The most classes whose products are summed for every pair. An image of ten classes needs 440 bytes for them, one of a
/// thousand would need 4 MB: beyond this the squares alone are summed, and what needs the pairs asks the passes.
pub const MOST_PAIRED: usize = 16;

/// How many products of two classes are summed: entries of the upper triangle of a symmetric matrix, diagonal included, or
/// with more than [`MOST_PAIRED`] classes the diagonal alone.
#[must_use]
pub fn pairs(classes: usize) -> usize {
    if classes <= MOST_PAIRED { classes * (classes + 1) / 2 } else { classes }
}

/// Sums over the first T passes of one image. `p_t` is the softmax of pass t, `h_t` its entropy in nats. Where passes
/// balance each other in quartets, what is multiplied are the sums `P_q` and `H_q` over a complete quartet.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// Passes T.
    pub passes: u32,
    /// `Σ p_t`
    pub probability: PerClass<f64>,
    /// `Σ p_t p_tᵀ` (`Σ P_q P_qᵀ`), upper triangle row by row: (0,0), (0,1) … (0,K−1), (1,1) …; with more than [`MOST_PAIRED`] classes
    /// its diagonal.
    pub outer: Box<[f64]>,
    /// `Σ h_t`
    pub entropy: f64,
    /// `Σ h_t²` (`Σ H_q²`)
    pub entropy_squared: f64,
    /// `Σ h_t p_t` (`Σ H_q P_q`)
    pub entropy_probability: PerClass<f64>,
    /// `Σ ln p_t`: equal to the sum of the logits but for a number common to all classes.
    pub log_probability: PerClass<f64>,
    /// Passes whose largest probability is this class (the lowest class on a tie).
    pub votes: PerClass<u32>,
    /// What else is known of passes that balance each other; `None` where they are independent.
    pub quartets: Option<Box<Quartets>>,
}

/// Sums over passes that come in quartets.
#[derive(Clone, Debug, PartialEq)]
pub struct Quartets {
    /// `Σ p_tc²` over single passes.
    pub squares: PerClass<f64>,
    /// `Σ V_qc²`, where `V_qc` passes of a complete quartet vote for class c.
    pub votes_squared: PerClass<f64>,
    /// `Σ p_t` over the passes after the last complete quartet.
    pub open_probability: PerClass<f64>,
    /// Votes of these.
    pub open_votes: PerClass<f64>,
    /// `Σ h_t` over these.
    pub open_entropy: f64,
}

/// The class of the largest value, the lowest on a tie: how a pass votes and what a mean predicts.
#[must_use]
pub fn largest<T: PartialOrd>(values: &[T]) -> usize {
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
    #[must_use]
    pub fn zero(classes: usize) -> Self {
        Self {
            passes: 0,
            probability: PerClass::filled(classes, 0.0),
            outer: vec![0.0; pairs(classes)].into(),
            entropy: 0.0,
            entropy_squared: 0.0,
            entropy_probability: PerClass::filled(classes, 0.0),
            log_probability: PerClass::filled(classes, 0.0),
            votes: PerClass::filled(classes, 0),
            quartets: None,
        }
    }

    /// The sums over independent passes with these probabilities, `[T, classes]`.
    #[cfg(test)]
    pub(crate) fn of_passes(passes: &[PerClass<f32>]) -> Self {
        let classes = passes.first().map_or(2, |pass| pass.len());
        let mut sum =
            super::accumulation::OneSum::new(super::accumulation::Layout { classes, quartets: false });
        for pass in passes {
            sum.add(&pass.map(f32::ln));
        }
        sum.statistics()
    }

    /// Adds the sums over other passes of the same image. Those there already end with a complete quartet, where there are
    /// quartets.
    pub fn add(&mut self, other: &Self) {
        fn add(sums: &mut [f64], others: &[f64]) {
            sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += other);
        }
        self.passes += other.passes;
        add(&mut self.probability, &other.probability);
        add(&mut self.outer, &other.outer);
        self.entropy += other.entropy;
        self.entropy_squared += other.entropy_squared;
        add(&mut self.entropy_probability, &other.entropy_probability);
        add(&mut self.log_probability, &other.log_probability);
        self.votes.iter_mut().zip(&other.votes).for_each(|(votes, others)| *votes += others);
        match (&mut self.quartets, &other.quartets) {
            (Some(own), Some(other)) => {
                add(&mut own.squares, &other.squares);
                add(&mut own.votes_squared, &other.votes_squared);
                add(&mut own.open_probability, &other.open_probability);
                add(&mut own.open_votes, &other.open_votes);
                own.open_entropy += other.open_entropy;
            }
            (own @ None, Some(other)) => *own = Some(other.clone()),
            _ => {}
        }
    }

    /// Classes K.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.probability.len()
    }

    /// Whether products of different classes are among the sums.
    #[must_use]
    pub fn has_pairs(&self) -> bool {
        self.classes() <= MOST_PAIRED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_is_the_lowest_class_on_a_tie() {
        assert_eq!(largest(&[0.0, 0.1, 0.4, 0.1, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0]), 2);
        assert_eq!(largest(&[0.1_f32; 10]), 0);
        let rising: [f32; 10] = std::array::from_fn(|class| class as f32 - 20.0);
        assert_eq!(largest(&rising), 9);
    }

    #[test]
    fn all_pairs_are_summed_for_few_classes_and_squares_alone_for_many() {
        assert_eq!([2, 10, 16, 17, 1000].map(pairs), [3, 55, 136, 17, 1000]);
        assert!(Statistics::zero(16).has_pairs() && !Statistics::zero(17).has_pairs());
    }
}
