//! Orders of images: by digit, by measure, the first N. [`super::places`] says how firm each place is.

use crate::data::{Class, UNLABELLED};

use super::{Measure, Measures};

/// What "the images of digit d" means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grouping {
    /// Images labelled d: the article.
    #[default]
    Label,
    /// Images predicted as d.
    Prediction,
}

/// Which images take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Those whose prediction is the label.
    Right,
    /// Those whose prediction is not the label, of those that have one.
    Wrong,
}

/// From which end a ranking starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Highest value first.
    #[default]
    Highest,
    /// Lowest value first.
    Lowest,
}

/// A question whose answer is an order of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct RankingQuery {
    /// Only this digit; all when `None`.
    pub digit: Option<Class>,
    /// What the digit refers to.
    pub grouping: Grouping,
    /// Which images take part.
    pub filter: Filter,
    /// Sorted by this measure; dataset order when `None`.
    pub measure: Option<Measure>,
    /// From which end.
    pub order: Order,
    /// At most this many; all when `None`.
    pub top: Option<usize>,
}

impl RankingQuery {
    /// Whether an image takes part, whatever its place; `judged` is the label that its answer is compared with.
    #[must_use]
    pub fn admits(&self, measures: &Measures, label: Class, judged: Class) -> bool {
        let prediction = measures.prediction();
        let grouped = match self.grouping {
            Grouping::Label => label,
            Grouping::Prediction => prediction,
        };
        self.digit.is_none_or(|digit| digit == grouped)
            && match self.filter {
                Filter::All => true,
                Filter::Right => prediction == judged,
                Filter::Wrong => judged != UNLABELLED && prediction != judged,
            }
    }
}

/// Dataset indices in the order asked for. Equal values stay in dataset order; NaN comes last in both orders.
#[must_use]
pub fn rank(measures: &[Measures], labels: &[Class], query: &RankingQuery) -> Vec<u32> {
    rank_judged(measures, labels, labels, query)
}

/// The same, with answers compared with other labels than images are grouped by: with none ([`UNLABELLED`]) where the
/// network's classes are not those of the labels.
#[must_use]
pub fn rank_judged(
    measures: &[Measures],
    labels: &[Class],
    judged: &[Class],
    query: &RankingQuery,
) -> Vec<u32> {
    let images = measures.iter().zip(labels.iter().zip(judged));
    let admitted =
        (0_u32..).zip(images).filter(|(_, (m, (label, judged)))| query.admits(m, **label, **judged));
    let top = query.top.unwrap_or(usize::MAX);
    let Some(measure) = query.measure else {
        return admitted.take(top).map(|(index, _)| index).collect();
    };
    // Place in the upper half of a word, index in the lower: plain integers sort fast, and no two are equal, so an
    // unstable sort keeps the dataset order of equal values.
    let mut keys: Vec<u64> = admitted
        .map(|(index, (m, (_, judged)))| {
            u64::from(place(measure.value(m, *judged), query.order)) << 32 | u64::from(index)
        })
        .collect();
    if top < keys.len() {
        keys.select_nth_unstable(top);
        keys.truncate(top);
    }
    keys.sort_unstable();
    keys.into_iter().map(|key| key as u32).collect()
}

/// A number that grows along the order: the bits of a float compare as integers once negative ones are flipped.
fn place(value: f32, order: Order) -> u32 {
    if value.is_nan() {
        return u32::MAX;
    }
    // −0 equals 0.
    let bits = (value + 0.0).to_bits();
    let ascending = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    match order {
        Order::Lowest => ascending,
        Order::Highest => !ascending,
    }
}

#[cfg(test)]
mod tests {
    use crate::data::PerClass;
    use std::time::Instant;

    use super::*;
    use crate::data::{CLASSES, Class};
    use crate::random::{Purpose, uniform};

    /// An image with this entropy and standard error, predicted as a digit.
    fn image(entropy: f32, error: f32, prediction: usize) -> Measures {
        let mut mean = PerClass::filled(CLASSES, 0.0);
        mean[prediction] = 1.0;
        Measures {
            passes: 100,
            together: 1,
            mean,
            mean_se: PerClass::filled(CLASSES, error),
            votes: PerClass::filled(CLASSES, 0),
            predictive_entropy: entropy,
            predictive_entropy_se: error,
            predictive_entropy_corrected: entropy,
            expected_entropy: entropy,
            expected_entropy_se: error,
            mutual_information: 0.0,
            mutual_information_se: error,
            mutual_information_corrected: 0.0,
            variation_ratio: 0.0,
            variation_ratio_se: error,
            predictive_std: 0.0,
            confidence: 1.0,
            margin: 1.0,
            lead_se: PerClass::filled(CLASSES, 0.1),
            mean_logit_entropy: entropy,
            label_suspicion: None,
            from_passes: None,
        }
    }

    fn by_entropy(order: Order) -> RankingQuery {
        RankingQuery { measure: Some(Measure::PredictiveEntropy), order, ..RankingQuery::default() }
    }

    #[test]
    fn equal_values_keep_dataset_order_and_nan_comes_last() {
        let entropies = [0.5, f32::NAN, -0.0, 2.0, 0.5, 0.0, f32::INFINITY, -1.0];
        let measures: Vec<_> = entropies.iter().map(|h| image(*h, 0.1, 0)).collect();
        let labels = vec![0; measures.len()];
        assert_eq!(rank(&measures, &labels, &by_entropy(Order::Highest)), [6, 3, 0, 4, 2, 5, 7, 1]);
        assert_eq!(rank(&measures, &labels, &by_entropy(Order::Lowest)), [7, 2, 5, 0, 4, 3, 6, 1]);
    }

    #[test]
    fn the_first_n_are_the_start_of_the_whole_order() {
        let measures: Vec<_> =
            (0..500).map(|i| image((uniform(1, Purpose::Bootstrap, [i]) * 50.0).floor(), 0.1, 0)).collect();
        let labels = vec![0; measures.len()];
        let all = rank(&measures, &labels, &by_entropy(Order::Highest));
        let mut slow: Vec<u32> = (0..500).collect();
        slow.sort_by(|a, b| {
            measures[*b as usize].predictive_entropy.total_cmp(&measures[*a as usize].predictive_entropy)
        });
        assert_eq!(all, slow, "against the standard library's stable sort");
        for top in [0, 1, 30, 499, 500, 501] {
            let query = RankingQuery { top: Some(top), ..by_entropy(Order::Highest) };
            assert_eq!(rank(&measures, &labels, &query), all[..top.min(500)]);
        }
    }

    #[test]
    fn digits_and_filters_choose_images() {
        // Label, prediction.
        let pairs = [(3, 3), (3, 5), (5, 5), (5, 3), (7, 7)];
        let measures: Vec<_> = pairs.iter().map(|(_, prediction)| image(1.0, 0.1, *prediction)).collect();
        let labels: Vec<Class> = pairs.iter().map(|(label, _)| *label).collect();
        let chosen = |digit, grouping, filter| {
            rank(&measures, &labels, &RankingQuery { digit, grouping, filter, ..RankingQuery::default() })
        };
        assert_eq!(chosen(None, Grouping::Label, Filter::All), [0, 1, 2, 3, 4]);
        assert_eq!(chosen(Some(3), Grouping::Label, Filter::All), [0, 1]);
        assert_eq!(chosen(Some(3), Grouping::Prediction, Filter::All), [0, 3]);
        assert_eq!(chosen(Some(3), Grouping::Prediction, Filter::Wrong), [3]);
        assert_eq!(chosen(None, Grouping::Label, Filter::Right), [0, 2, 4]);
        assert_eq!(chosen(Some(9), Grouping::Label, Filter::All), [0_u32; 0]);
        assert_eq!(
            rank(&measures, &labels, &RankingQuery { top: Some(2), ..RankingQuery::default() }),
            [0, 1]
        );
    }

    #[test]
    fn sixty_thousand_images_are_ordered_within_a_frame() {
        let measures: Vec<_> =
            (0..60_000).map(|i| image(uniform(2, Purpose::Bootstrap, [i]), 0.1, (i % 10) as usize)).collect();
        let labels: Vec<Class> = (0..60_000).map(|i| (i % 10) as Class).collect();
        let best = (0..5)
            .map(|_| {
                let start = Instant::now();
                assert_eq!(rank(&measures, &labels, &by_entropy(Order::Highest)).len(), 60_000);
                start.elapsed()
            })
            .min()
            .unwrap();
        // About 3 ms when alone; a busy machine gets room.
        assert!(best.as_millis() < 50, "{best:?}");
    }
}
