//! Measures of uncertainty with their Monte-Carlo standard errors, all in nats where they are entropies.

use crate::data::CLASSES;
use crate::sampling::Statistics;

/// Everything known of one image after T passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Passes T.
    pub passes: u32,
    /// Predictive mean p̄.
    pub mean: [f32; CLASSES],
    /// Standard error of each p̄_c, s_c/√T. NaN for T = 1: one pass has no spread.
    pub mean_se: [f32; CLASSES],
    /// Passes that vote for each class.
    pub votes: [u32; CLASSES],
    /// H(p̄), plug-in.
    pub predictive_entropy: f32,
    /// Its standard error, as every `_se` below.
    pub predictive_entropy_se: f32,
    /// H(p̄) + (1/2T) Σ_c s_c²/p̄_c: the plug-in bias removed to first order.
    pub predictive_entropy_corrected: f32,
    /// (1/T) Σ_t H(p_t).
    pub expected_entropy: f32,
    /// s/√T of H(p_t).
    pub expected_entropy_se: f32,
    /// H(p̄) − expected entropy.
    pub mutual_information: f32,
    /// sd of KL(p_t‖p̄) over √T.
    pub mutual_information_se: f32,
    /// Mutual information with the same correction as the predictive entropy.
    pub mutual_information_corrected: f32,
    /// 1 − (votes of the modal class)/T.
    pub variation_ratio: f32,
    /// Binomial standard error of the variation ratio.
    pub variation_ratio_se: f32,
    /// (1/K) Σ_c s_c.
    pub predictive_std: f32,
    /// max p̄.
    pub confidence: f32,
    /// p̄₍₁₎ − p̄₍₂₎.
    pub margin: f32,
    /// H(softmax(mean_t z_t)).
    pub mean_logit_entropy: f32,
}

impl Measures {
    /// The measures that sums over passes give.
    #[must_use]
    pub fn new(_statistics: &Statistics) -> Self {
        unimplemented!()
    }

    /// The class of the largest p̄, the lowest on a tie.
    #[must_use]
    pub fn prediction(&self) -> u8 {
        unimplemented!()
    }

    /// p̄[label] − max_{c≠label} p̄_c: most negative where the network confidently disagrees with the label.
    #[must_use]
    pub fn label_margin(&self, _label: u8) -> f32 {
        unimplemented!()
    }
}

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
    /// Entropy of the mean logits.
    MeanLogitEntropy,
}

impl Measure {
    /// All measures, in the order they are offered.
    pub const ALL: [Self; 9] = [
        Self::PredictiveEntropy,
        Self::ExpectedEntropy,
        Self::MutualInformation,
        Self::VariationRatio,
        Self::PredictiveStd,
        Self::Confidence,
        Self::Margin,
        Self::LabelMargin,
        Self::MeanLogitEntropy,
    ];

    /// Its name in files and on the command line: `predictive_entropy`.
    #[must_use]
    pub fn name(self) -> &'static str {
        unimplemented!()
    }

    /// Its name for people: `Predictive entropy`.
    #[must_use]
    pub fn label(self) -> &'static str {
        unimplemented!()
    }

    /// One sentence: what it is and how it reads.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        unimplemented!()
    }

    /// `nats` for entropies, empty otherwise.
    #[must_use]
    pub fn unit(self) -> &'static str {
        unimplemented!()
    }

    /// Its value for an image with this label.
    #[must_use]
    pub fn value(self, _measures: &Measures, _label: u8) -> f32 {
        unimplemented!()
    }

    /// Its standard error; `None` for measures without one.
    #[must_use]
    pub fn standard_error(self, _measures: &Measures) -> Option<f32> {
        unimplemented!()
    }

    /// Whether a high value means doubt (entropies) or certainty (confidence, margins).
    #[must_use]
    pub fn high_means_uncertain(self) -> bool {
        unimplemented!()
    }
}
