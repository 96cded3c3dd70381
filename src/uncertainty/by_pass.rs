//! The passes of one image one by one: which class each says, what was said so far, how often each probability came.

use crate::data::{Class, PerClass};
use crate::sampling::statistics::largest;

/// Bins of a histogram of probabilities, of equal width from 0 to 1.
pub const PROBABILITY_BINS: usize = 20;

/// What the first passes say.
#[derive(Clone, Debug, PartialEq)]
pub struct SoFar {
    /// The mean of their probabilities.
    pub mean: PerClass<f32>,
    /// How many of them say each class.
    pub votes: PerClass<u32>,
}

/// The passes of one image, one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct ByPass {
    /// The class that each pass says, the lowest on a tie.
    pub says: Vec<Class>,
    /// What the first 1, 2, … passes say.
    pub so_far: Vec<SoFar>,
    /// The passes that say each class, counted from 0.
    pub voters: Vec<Vec<u32>>,
    /// How often each class got a probability of each bin; the last bin includes 1.
    pub histograms: Vec<[u32; PROBABILITY_BINS]>,
}

impl ByPass {
    /// Of these probabilities, `[passes, classes]`.
    #[must_use]
    pub fn new(passes: &[PerClass<f32>]) -> Self {
        let classes = passes.first().map_or(0, |pass| pass.len());
        let mut found = Self {
            says: Vec::with_capacity(passes.len()),
            so_far: Vec::with_capacity(passes.len()),
            voters: vec![Vec::new(); classes],
            histograms: vec![[0; PROBABILITY_BINS]; classes],
        };
        let mut sums = PerClass::filled(classes, 0.0_f64);
        let mut votes = PerClass::filled(classes, 0);
        for (number, pass) in (0_u32..).zip(passes) {
            let says = largest(pass);
            found.says.push(says as Class);
            found.voters[says].push(number);
            votes[says] += 1;
            for ((sum, p), counts) in sums.iter_mut().zip(pass).zip(&mut found.histograms) {
                *sum += f64::from(*p);
                counts[((p * PROBABILITY_BINS as f32) as usize).min(PROBABILITY_BINS - 1)] += 1;
            }
            let mean = sums.map(|sum| (sum / f64::from(number + 1)) as f32);
            found.so_far.push(SoFar { mean, votes: votes.clone() });
        }
        found
    }
}

/// The least and the largest of some numbers that are finite, and of 0 and 1.
#[must_use]
pub fn range_around_0_and_1(rows: &[PerClass<f32>]) -> [f32; 2] {
    let finite = rows.iter().flat_map(|row| row.iter()).copied().filter(|value| value.is_finite());
    finite.fold([0.0, 1.0], |[low, high], value| [low.min(value), high.max(value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(class: usize, p: f32) -> PerClass<f32> {
        let rest = (1.0 - p) / 9.0;
        PerClass::from_fn(10, |other| if other == class { p } else { rest })
    }

    #[test]
    fn the_passes_of_a_class_are_listed_by_number() {
        let found = ByPass::new(&[7, 1, 7, 3, 7].map(|class| say(class, 0.64)));
        assert_eq!(found.says, [7, 1, 7, 3, 7]);
        assert_eq!((&found.voters[7][..], &found.voters[3][..]), (&[0, 2, 4][..], &[3][..]));
        assert!(found.voters[0].is_empty());
        assert_eq!(ByPass::new(&[PerClass::filled(10, 0.1)]).says, [0], "a tie is the lowest class's");
    }

    #[test]
    fn the_mean_so_far_is_that_of_the_passes_up_to_there() {
        let found = ByPass::new(&[say(7, 1.0), say(1, 1.0), say(7, 0.5)]);
        assert_eq!((found.so_far[0].mean[7], found.so_far[1].mean[7]), (1.0, 0.5));
        assert!((found.so_far[2].mean[7] - 0.5).abs() < 1e-7);
        assert_eq!((found.so_far[1].votes[1], found.so_far[2].votes[7]), (1, 2));
        assert_eq!(ByPass::new(&[]).so_far, []);
    }

    #[test]
    fn a_bin_includes_its_lower_edge_and_the_last_one_1_too() {
        let found = ByPass::new(&[say(7, 1.0), say(7, 0.97), say(7, 0.5), say(7, 0.49)]);
        let mut expected = [0; PROBABILITY_BINS];
        (expected[19], expected[10], expected[9]) = (2, 1, 1);
        assert_eq!(found.histograms[7], expected);
        assert_eq!(found.histograms[0].iter().sum::<u32>(), 4);
    }

    #[test]
    fn a_range_holds_0_and_1_and_no_infinity() {
        let mut row = PerClass::filled(10, 0.5);
        assert_eq!(range_around_0_and_1(&[row.clone()]).map(f32::to_bits), [0.0_f32, 1.0].map(f32::to_bits));
        (row[1], row[2], row[3], row[4]) = (-3.0, 7.0, f32::INFINITY, f32::NAN);
        assert_eq!(range_around_0_and_1(&[row.clone()]).map(f32::to_bits), [-3.0_f32, 7.0].map(f32::to_bits));
    }
}
