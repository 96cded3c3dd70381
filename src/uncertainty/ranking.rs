//! Orders of images: by digit, by measure, the first N; and where the order is within Monte-Carlo noise.

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
    /// Those whose prediction is not the label.
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
    pub digit: Option<u8>,
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

/// Dataset indices in the order asked for. Equal values stay in dataset order; NaN comes last in both orders.
#[must_use]
pub fn rank(_measures: &[Measures], _labels: &[u8], _query: &RankingQuery) -> Vec<u32> {
    unimplemented!()
}

/// For each place in a ranking, whether the image there is within Monte-Carlo noise of a neighbour: their difference
/// is below `1.96 √(se_a² + se_b²)`. All `false` for measures without a standard error.
#[must_use]
pub fn ties(_order: &[u32], _measures: &[Measures], _labels: &[u8], _measure: Measure) -> Vec<bool> {
    unimplemented!()
}
