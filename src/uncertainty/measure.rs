//! One measure as a choice: its names, its meaning, its value for an image.

use super::Measures;
use crate::data::Class;

/// One measure, as a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Total uncertainty.
    #[default]
    PredictiveEntropy,
    /// Aleatoric part.
    ExpectedEntropy,
    /// Epistemic part (BALD).
    MutualInformation,
    /// Share of dissenting passes.
    VariationRatio,
    /// Spread of the probabilities.
    PredictiveStd,
    /// Largest mean probability.
    Confidence,
    /// Gap between the two largest mean probabilities.
    Margin,
    /// Gap between the label and its strongest rival.
    LabelMargin,
    /// How suspect the label is.
    LabelSuspicion,
    /// Entropy of the mean logits.
    MeanLogitEntropy,
}

impl Measure {
    /// All measures, in menu order.
    pub const ALL: [Self; 10] = [
        Self::PredictiveEntropy,
        Self::ExpectedEntropy,
        Self::MutualInformation,
        Self::VariationRatio,
        Self::PredictiveStd,
        Self::Confidence,
        Self::Margin,
        Self::LabelMargin,
        Self::LabelSuspicion,
        Self::MeanLogitEntropy,
    ];

    /// Its name in files and on the command line: `predictive_entropy`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PredictiveEntropy => "predictive_entropy",
            Self::ExpectedEntropy => "expected_entropy",
            Self::MutualInformation => "mutual_information",
            Self::VariationRatio => "variation_ratio",
            Self::PredictiveStd => "predictive_std",
            Self::Confidence => "confidence",
            Self::Margin => "margin",
            Self::LabelMargin => "label_margin",
            Self::LabelSuspicion => "label_suspicion",
            Self::MeanLogitEntropy => "mean_logit_entropy",
        }
    }

    /// The measure with this [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name)
    }

    /// Its name for people: `Predictive entropy`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::PredictiveEntropy => "Predictive entropy",
            Self::ExpectedEntropy => "Expected entropy",
            Self::MutualInformation => "Mutual information",
            Self::VariationRatio => "Variation ratio",
            Self::PredictiveStd => "Predictive std",
            Self::Confidence => "Confidence",
            Self::Margin => "Margin",
            Self::LabelMargin => "Label margin",
            Self::LabelSuspicion => "Label suspicion",
            Self::MeanLogitEntropy => "Entropy of mean logits",
        }
    }

    /// Its name where there is little room: `H`, `MI`.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::PredictiveEntropy => "H",
            Self::ExpectedEntropy => "expected H",
            Self::MutualInformation => "MI",
            Self::VariationRatio => "variation ratio",
            Self::PredictiveStd => "std",
            Self::Confidence => "confidence",
            Self::Margin => "margin",
            Self::LabelMargin => "label margin",
            Self::LabelSuspicion => "label suspicion",
            Self::MeanLogitEntropy => "H of mean logits",
        }
    }

    /// One sentence: what it is and how it reads.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::PredictiveEntropy => {
                "Entropy of the mean prediction: all the doubt there is, whatever its source; 0 is certain, ln 10 = 2.30 \
                 is a guess among ten digits."
            }
            Self::ExpectedEntropy => {
                "Mean of the passes' own entropies: the doubt every sub-network has by itself, because the image is \
                 ambiguous."
            }
            Self::MutualInformation => {
                "Predictive minus expected entropy (BALD): the doubt that comes from sub-networks disagreeing, which \
                 more training data could settle."
            }
            Self::VariationRatio => "Share of passes that do not vote for the most voted digit.",
            Self::PredictiveStd => {
                "Standard deviation of a probability from pass to pass, averaged over the ten digits."
            }
            Self::Confidence => "Largest mean probability: how sure the network is of the digit it predicts.",
            Self::Margin => {
                "Lead of the predicted digit's mean probability over the runner-up's; 0 is a toss-up between two."
            }
            Self::LabelMargin => {
                "Mean probability of the label minus that of its strongest rival; near −1 the network is sure that the \
                 label is wrong."
            }
            Self::LabelSuspicion => {
                "How much more speaks for another digit than for the label, where digits count by how readily the network \
                 confuses them with it; at 0 as much, the higher the more suspect the label."
            }
            Self::MeanLogitEntropy => {
                "Entropy of the softmax of the mean logits: averaging before the softmax hides disagreement, so compare \
                 it with the predictive entropy."
            }
        }
    }

    /// `nats` for entropies, empty otherwise.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::PredictiveEntropy
            | Self::ExpectedEntropy
            | Self::MutualInformation
            | Self::LabelSuspicion
            | Self::MeanLogitEntropy => "nats",
            Self::VariationRatio
            | Self::PredictiveStd
            | Self::Confidence
            | Self::Margin
            | Self::LabelMargin => "",
        }
    }

    /// Its value for an image with this label; NaN for the suspicion of a label without a set around the image, of whose
    /// label there it is.
    #[must_use]
    pub fn value(self, measures: &Measures, label: Class) -> f32 {
        match self {
            Self::PredictiveEntropy => measures.predictive_entropy,
            Self::ExpectedEntropy => measures.expected_entropy,
            Self::MutualInformation => measures.mutual_information,
            Self::VariationRatio => measures.variation_ratio,
            Self::PredictiveStd => measures.predictive_std,
            Self::Confidence => measures.confidence,
            Self::Margin => measures.margin,
            Self::LabelMargin => measures.label_margin(label),
            Self::LabelSuspicion => measures.label_suspicion.unwrap_or(f32::NAN),
            Self::MeanLogitEntropy => measures.mean_logit_entropy,
        }
    }

    /// It without the first-order bias of a finite number of passes, where it has one; `None` after a single draw.
    #[must_use]
    pub fn corrected(self, measures: &Measures) -> Option<f32> {
        let corrected = match self {
            Self::PredictiveEntropy => measures.predictive_entropy_corrected,
            Self::MutualInformation => measures.mutual_information_corrected,
            _ => return None,
        };
        (measures.draws() > 1.0).then_some(corrected)
    }

    /// Its standard error for an image with this label, NaN after a single draw; `None` for the two measures that need
    /// the passes themselves ([`Measures::with_passes`]) where those were not looked at, without a label, and for the label
    /// suspicion, which depends on all images.
    #[must_use]
    pub fn standard_error(self, measures: &Measures, label: Class) -> Option<f32> {
        let predicted = usize::from(measures.prediction());
        match self {
            Self::PredictiveEntropy => Some(measures.predictive_entropy_se),
            Self::ExpectedEntropy => Some(measures.expected_entropy_se),
            Self::MutualInformation => Some(measures.mutual_information_se),
            Self::VariationRatio => Some(measures.variation_ratio_se),
            Self::Confidence => Some(measures.mean_se[predicted]),
            Self::Margin => Some(measures.lead_se[predicted]),
            Self::LabelMargin => measures.lead_se.get(usize::from(label)).copied(),
            Self::LabelSuspicion => None,
            Self::PredictiveStd => measures.from_passes.map(|from| from.predictive_std_se),
            Self::MeanLogitEntropy => measures.from_passes.map(|from| from.mean_logit_entropy_se),
        }
    }

    /// Whether a high value means doubt (entropies, suspicion) rather than certainty (confidence, margins).
    #[must_use]
    pub fn high_means_uncertain(self) -> bool {
        match self {
            Self::PredictiveEntropy
            | Self::ExpectedEntropy
            | Self::MutualInformation
            | Self::VariationRatio
            | Self::PredictiveStd
            | Self::LabelSuspicion
            | Self::MeanLogitEntropy => true,
            Self::Confidence | Self::Margin | Self::LabelMargin => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_are_the_names_in_files() {
        for measure in Measure::ALL {
            assert_eq!(Measure::from_name(measure.name()), Some(measure));
            assert_eq!(serde_json::to_string(&measure).unwrap(), format!("\"{}\"", measure.name()));
        }
        assert_eq!(Measure::from_name("entropy"), None);
    }
}
