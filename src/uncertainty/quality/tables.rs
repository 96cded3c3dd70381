//! Counts by class: what is taken for what.

use crate::data::{Class, PerClass};
use crate::uncertainty::Measures;

/// How many images of each label are predicted as each class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// `[label][prediction]`
    pub counts: Vec<PerClass<usize>>,
}

impl Confusion {
    /// Counts images of so many classes.
    #[must_use]
    pub fn new(classes: usize, measures: &[Measures], labels: &[Class]) -> Self {
        let mut counts = vec![PerClass::filled(classes, 0); classes];
        for (measured, label) in measures.iter().zip(labels) {
            let prediction = usize::from(measured.prediction());
            if let Some(count) = counts.get_mut(usize::from(*label)).and_then(|row| row.get_mut(prediction)) {
                *count += 1;
            }
        }
        Self { counts }
    }

    /// The pairs of label and wrong prediction that are most frequent, with their counts, at most so many: the most
    /// frequent first, equal ones in the order of the classes.
    #[must_use]
    pub fn top_pairs(&self, most: usize) -> Vec<(Class, Class, usize)> {
        let rows = (0..).zip(&self.counts);
        let pairs =
            rows.flat_map(|(label, row)| (0..).zip(row).map(move |(taken, count)| (label, taken, *count)));
        let mut pairs: Vec<(Class, Class, usize)> =
            pairs.filter(|(label, taken, count)| label != taken && *count > 0).collect();
        pairs.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        pairs.truncate(most);
        pairs
    }

    /// The largest count of a wrong prediction.
    #[must_use]
    pub fn most_wrong(&self) -> usize {
        let wrong = |(label, row): (usize, &PerClass<usize>)| {
            let others = row.iter().enumerate().filter(|(prediction, _)| *prediction != label);
            others.map(|(_, count)| *count).max().unwrap_or(0)
        };
        self.counts.iter().enumerate().map(wrong).max().unwrap_or(0)
    }
}

/// What is known of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassRow {
    /// Images with this label.
    pub images: usize,
    /// Share of them predicted correctly; `None` when there are none.
    pub recall: Option<f64>,
    /// Share of right ones among those predicted as this class; `None` when there are none.
    pub precision: Option<f64>,
    /// Mean −ln p̄ of the label in nats; `None` when there are no images.
    pub nll: Option<f64>,
    /// Mean predictive entropy in nats; `None` when there are no images.
    pub entropy: Option<f64>,
}

/// One row for each of so many classes.
#[must_use]
pub fn classes(classes: usize, measures: &[Measures], labels: &[Class]) -> Vec<ClassRow> {
    let counts = Confusion::new(classes, measures, labels).counts;
    let mut sums = vec![[0.0; 2]; classes];
    for (measured, label) in measures.iter().zip(labels) {
        if let Some([surprise, entropy]) = sums.get_mut(usize::from(*label)) {
            *surprise += measured.surprise_of(*label);
            *entropy += f64::from(measured.predictive_entropy);
        }
    }
    let row = |class: usize| {
        let images: usize = counts[class].iter().sum();
        let predicted: usize = counts.iter().map(|row| row[class]).sum();
        let share = |sum: f64, of: usize| (of > 0).then(|| sum / of as f64);
        let right = counts[class][class] as f64;
        ClassRow {
            images,
            recall: share(right, images),
            precision: share(right, predicted),
            nll: share(sums[class][0], images),
            entropy: share(sums[class][1], images),
        }
    };
    (0..classes).map(row).collect()
}
