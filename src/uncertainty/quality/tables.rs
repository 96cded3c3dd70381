//! Counts by digit: what is taken for what.

use crate::data::{CLASSES, Class};
use crate::uncertainty::Measures;

/// How many images of each label are predicted as each class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// `[label][prediction]`
    pub counts: [[usize; CLASSES]; CLASSES],
}

impl Confusion {
    /// Counts.
    #[must_use]
    pub fn new(measures: &[Measures], labels: &[Class]) -> Self {
        let mut counts = [[0; CLASSES]; CLASSES];
        for (measured, label) in measures.iter().zip(labels) {
            if let Some(row) = counts.get_mut(usize::from(*label)) {
                row[usize::from(measured.prediction())] += 1;
            }
        }
        Self { counts }
    }

    /// The largest count of a wrong prediction.
    #[must_use]
    pub fn most_wrong(&self) -> usize {
        let wrong = |(label, row): (usize, &[usize; CLASSES])| {
            let others = row.iter().enumerate().filter(|(prediction, _)| *prediction != label);
            others.map(|(_, count)| *count).max().unwrap_or(0)
        };
        self.counts.iter().enumerate().map(wrong).max().unwrap_or(0)
    }
}

/// What is known of one digit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DigitRow {
    /// Images with this label.
    pub images: usize,
    /// Share of them predicted correctly; `None` when there are none.
    pub recall: Option<f64>,
    /// Share of right ones among those predicted as this digit; `None` when there are none.
    pub precision: Option<f64>,
    /// Mean −ln p̄ of the label in nats; `None` when there are no images.
    pub nll: Option<f64>,
    /// Mean predictive entropy in nats; `None` when there are no images.
    pub entropy: Option<f64>,
}

/// One row for each digit.
#[must_use]
pub fn digits(measures: &[Measures], labels: &[Class]) -> [DigitRow; CLASSES] {
    let counts = Confusion::new(measures, labels).counts;
    let mut sums = [[0.0; 2]; CLASSES];
    for (measured, label) in measures.iter().zip(labels) {
        if let Some([surprise, entropy]) = sums.get_mut(usize::from(*label)) {
            *surprise += measured.surprise_of(*label);
            *entropy += f64::from(measured.predictive_entropy);
        }
    }
    std::array::from_fn(|digit| {
        let images: usize = counts[digit].iter().sum();
        let predicted: usize = counts.iter().map(|row| row[digit]).sum();
        let share = |sum: f64, of: usize| (of > 0).then(|| sum / of as f64);
        let right = counts[digit][digit] as f64;
        DigitRow {
            images,
            recall: share(right, images),
            precision: share(right, predicted),
            nll: share(sums[digit][0], images),
            entropy: share(sums[digit][1], images),
        }
    })
}
