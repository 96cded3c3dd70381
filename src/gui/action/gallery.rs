//! User actions in the gallery: which images, in which order, and which of them are chosen.

use std::sync::Arc;

use crate::data::Class;
use crate::gui::settings::{Arrangement, FirmSettings};
use crate::shown::{Only, RANKED_OTHERWISE};
use crate::uncertainty::{Filter, Grouping, Measure};

/// One user action in the gallery, or to what it shows.
#[derive(Clone, Debug, PartialEq)]
pub enum GalleryAction {
    /// Show this digit; all when `None`.
    SetDigit(Option<Class>),
    /// Let the digit mean label or prediction.
    SetGrouping(Grouping),
    /// Show these images.
    SetFilter(Filter),
    /// Sort by this measure.
    SetMeasure(Measure),
    /// Two halves or one ranking.
    SetArrangement(Arrangement),
    /// Images in each half.
    SetTop(usize),
    /// Size of a thumbnail in points.
    SetZoom(f32),
    /// Select an image.
    Select(u32, Pick),
    /// Select these images in place of, or with `add` beside, those selected.
    SelectAll {
        /// Dataset indices.
        indices: Vec<u32>,
        /// Whether the old set stays.
        add: bool,
    },
    /// Select this image, and bring it into view whatever hides it.
    GoTo(u32),
    /// Select this image, and bring it into view once the gallery shows what is asked for; filters stay.
    Reveal(u32),
    /// The image gone to is in view.
    Revealed,
    /// Show a shelf.
    Shelf(Shelf),
    /// Show more than a shelf's images again, sorted as at the start.
    LeaveShelf(Shelf),
    /// Show all images: no digit, no filter, no shelf and no other limit.
    ShowAll,
    /// Show only these images; all when `None`.
    ShowOnly(Option<Arc<Only>>),
    /// Draw further passes until what is shown is decided.
    MakeFirm,
    /// Draw no more of them.
    StopFirm,
    /// How rankings are made firm.
    SetFirm(FirmSettings),
}

/// How a click changes the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// This image alone.
    Only,
    /// Adds it to the set or takes it out.
    Toggle,
    /// Adds all from the last picked image to this one, in the order shown.
    Extend,
}

/// A group of images worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Wrong predictions, the surest first.
    ConfidentlyWrong,
    /// Right predictions, the least certain first.
    UncertainButRight,
    /// The network is surest that the label is another.
    DisagreesWithLabel,
    /// Labels that are probably wrong.
    SuspectLabels,
    /// Averaging before the softmax ranks them otherwise.
    MeanLogitsDiffer,
}

impl Shelf {
    /// All shelves, in the order they are offered.
    pub const ALL: [Self; 5] = [
        Self::ConfidentlyWrong,
        Self::UncertainButRight,
        Self::DisagreesWithLabel,
        Self::SuspectLabels,
        Self::MeanLogitsDiffer,
    ];

    /// Its name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ConfidentlyWrong => "Confidently wrong",
            Self::UncertainButRight => "Uncertain but right",
            Self::DisagreesWithLabel => "Label disagreement first",
            Self::SuspectLabels => "Suspect labels first",
            Self::MeanLogitsDiffer => "Mean logits rank otherwise",
        }
    }

    /// Whether these choices are what it shows: `only` is what the gallery is limited to besides.
    #[must_use]
    pub fn is_on(
        self,
        filter: Filter,
        measure: Measure,
        arrangement: Arrangement,
        only: Option<&Only>,
    ) -> bool {
        let listed = only.is_some_and(|only| only.name.ends_with(RANKED_OTHERWISE));
        (filter, measure, arrangement) == self.choices() && listed == (self == Self::MeanLogitsDiffer)
    }

    /// What it shows, sorted by what, and how laid out.
    #[must_use]
    pub fn choices(self) -> (Filter, Measure, Arrangement) {
        match self {
            Self::ConfidentlyWrong => (Filter::Wrong, Measure::Confidence, Arrangement::Halves),
            Self::UncertainButRight => (Filter::Right, Measure::PredictiveEntropy, Arrangement::Ranking),
            Self::DisagreesWithLabel => (Filter::All, Measure::LabelMargin, Arrangement::Ranking),
            Self::SuspectLabels => (Filter::All, Measure::LabelSuspicion, Arrangement::Ranking),
            Self::MeanLogitsDiffer => (Filter::All, Measure::PredictiveEntropy, Arrangement::Ranking),
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
                "By label margin: first those where the network is surest that the label is another."
            }
            Self::SuspectLabels => {
                "By label suspicion: first those whose label most likely is a mistake for a digit that the network \
                 confuses with it. To be looked at and marked."
            }
            Self::MeanLogitsDiffer => {
                "The 60 images whose places by predictive entropy and by entropy of the mean logits are furthest apart, \
                 among images of some doubt: averaging before the softmax hides disagreement."
            }
        }
    }
}
