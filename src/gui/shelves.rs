//! Shelves: groups of images worth a look, each a filter and an order in one click.

use std::sync::Arc;

use super::settings::{Arrangement, Tab};
use super::state::{Effect, State};
use crate::shown::Only;
use crate::uncertainty::explanation::ranked_most_differently;
use crate::uncertainty::{Filter, Measure};

/// Images on the shelf of differing ranks.
const DIFFERING: usize = 60;

/// A group of images worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Wrong predictions, the surest first.
    ConfidentlyWrong,
    /// Right predictions, the least certain first.
    UncertainButRight,
    /// The network is surest that the label is another.
    DisagreesWithLabel,
    /// Averaging before the softmax ranks them otherwise.
    MeanLogitsDiffer,
}

impl Shelf {
    /// All shelves, in the order they are offered.
    pub const ALL: [Self; 4] =
        [Self::ConfidentlyWrong, Self::UncertainButRight, Self::DisagreesWithLabel, Self::MeanLogitsDiffer];

    /// Its name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ConfidentlyWrong => "Confidently wrong",
            Self::UncertainButRight => "Uncertain but right",
            Self::DisagreesWithLabel => "Disagrees with its label",
            Self::MeanLogitsDiffer => "Mean logits rank otherwise",
        }
    }

    /// What is on it.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::ConfidentlyWrong => {
                "Wrong predictions; under Most certain stand those of the highest confidence."
            }
            Self::UncertainButRight => "Right predictions, those of the highest predictive entropy first.",
            Self::DisagreesWithLabel => {
                "All images by label margin: first those where the network is surest that the label is another."
            }
            Self::MeanLogitsDiffer => {
                "The 60 images whose places by predictive entropy and by entropy of the mean logits are furthest apart, \
                 among images of some doubt: averaging before the softmax hides disagreement."
            }
        }
    }
}

impl State {
    pub(super) fn show_shelf(&mut self, shelf: Shelf) -> Vec<Effect> {
        self.remember();
        let settings = &mut self.settings;
        (settings.filter, settings.measure, settings.arrangement) = match shelf {
            Shelf::ConfidentlyWrong => (Filter::Wrong, Measure::Confidence, Arrangement::Halves),
            Shelf::UncertainButRight => (Filter::Right, Measure::PredictiveEntropy, Arrangement::Ranking),
            Shelf::DisagreesWithLabel => (Filter::All, Measure::LabelMargin, Arrangement::Ranking),
            Shelf::MeanLogitsDiffer => (Filter::All, Measure::PredictiveEntropy, Arrangement::Ranking),
        };
        settings.tab = Tab::Gallery;
        let only = if shelf == Shelf::MeanLogitsDiffer { self.differing() } else { None };
        self.show_only(only)
    }

    fn differing(&self) -> Option<Arc<Only>> {
        let (view, dataset) = (self.gallery.as_ref()?, self.dataset.as_ref()?);
        let pair = [Measure::PredictiveEntropy, Measure::MeanLogitEntropy];
        let mut indices = ranked_most_differently(&view.measures, dataset.digits.labels(), pair, DIFFERING);
        indices.sort_unstable();
        let name = format!("the {} that mean logits rank most differently", indices.len());
        Some(Arc::new(Only { name, indices }))
    }
}
