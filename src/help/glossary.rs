//! The words of the window that need explaining, and what the glossary says of each.

use std::sync::LazyLock;

use super::page::{Block, plain};
use super::topic::Topic;

/// A word that the glossary explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the glossary says what each is")]
pub enum Term {
    Passes,
    DropoutRate,
    Seed,
    SubNetwork,
    Mask,
    BalancedMasks,
    Softmax,
    PredictiveMean,
    Votes,
    StandardError,
    Interval,
    WithinNoise,
    Firm,
    HiddenActivations,
    PredictiveEntropy,
    ExpectedEntropy,
    MutualInformation,
    Nat,
    BiasCorrection,
    VariationRatio,
    PredictiveStd,
    Confidence,
    Margin,
    LabelMargin,
    LabelSuspicion,
    MeanLogitEntropy,
    DoubtPlane,
    Shelf,
    Rival,
    Calibration,
    Nll,
    Brier,
    Auroc,
    Refusal,
    Foreign,
}

/// What the glossary says of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which block of the page it begins at.
    pub block: usize,
    /// Its first sentence.
    pub first: String,
}

impl Term {
    /// All terms, in the order of the glossary.
    pub const ALL: [Self; 35] = [
        Self::Passes,
        Self::DropoutRate,
        Self::Seed,
        Self::SubNetwork,
        Self::Mask,
        Self::BalancedMasks,
        Self::Softmax,
        Self::PredictiveMean,
        Self::Votes,
        Self::StandardError,
        Self::Interval,
        Self::WithinNoise,
        Self::Firm,
        Self::HiddenActivations,
        Self::PredictiveEntropy,
        Self::ExpectedEntropy,
        Self::MutualInformation,
        Self::Nat,
        Self::BiasCorrection,
        Self::VariationRatio,
        Self::PredictiveStd,
        Self::Confidence,
        Self::Margin,
        Self::LabelMargin,
        Self::LabelSuspicion,
        Self::MeanLogitEntropy,
        Self::DoubtPlane,
        Self::Shelf,
        Self::Rival,
        Self::Calibration,
        Self::Nll,
        Self::Brier,
        Self::Auroc,
        Self::Refusal,
        Self::Foreign,
    ];

    /// Its heading in the glossary.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Passes => "Passes (T)",
            Self::DropoutRate => "Dropout rate (p)",
            Self::Seed => "Seed",
            Self::SubNetwork => "Sub-network",
            Self::Mask => "Mask",
            Self::BalancedMasks => "Balanced masks",
            Self::Softmax => "Softmax inputs and outputs (logits)",
            Self::PredictiveMean => "Predictive mean",
            Self::Votes => "Votes",
            Self::StandardError => "Standard error (±)",
            Self::Interval => "Interval (95 %)",
            Self::WithinNoise => "Within noise of others (≈)",
            Self::Firm => "Firm",
            Self::HiddenActivations => "Hidden activations",
            Self::PredictiveEntropy => "Predictive entropy (H)",
            Self::ExpectedEntropy => "Expected entropy",
            Self::MutualInformation => "Mutual information (MI)",
            Self::Nat => "Nat",
            Self::BiasCorrection => "Bias correction",
            Self::VariationRatio => "Variation ratio",
            Self::PredictiveStd => "Predictive standard deviation",
            Self::Confidence => "Confidence",
            Self::Margin => "Margin",
            Self::LabelMargin => "Label margin",
            Self::LabelSuspicion => "Label suspicion",
            Self::MeanLogitEntropy => "Entropy of mean logits",
            Self::DoubtPlane => "Doubt plane",
            Self::Shelf => "Shelf",
            Self::Rival => "Rival",
            Self::Calibration => "Calibration (ECE)",
            Self::Nll => "NLL",
            Self::Brier => "Brier score",
            Self::Auroc => "AUROC",
            Self::Refusal => "Refusal",
            Self::Foreign => "Foreign images",
        }
    }

    /// What the glossary says of it, read once; `None` when it says nothing, which a test rules out.
    #[must_use]
    pub fn entry(self) -> Option<&'static Entry> {
        static ENTRIES: LazyLock<Vec<Option<Entry>>> =
            LazyLock::new(|| Term::ALL.into_iter().map(read).collect());
        // `ALL` is in the order of the declaration, which a test holds.
        ENTRIES[self as usize].as_ref()
    }

    /// The first sentence of its entry.
    #[must_use]
    pub fn first_sentence(self) -> &'static str {
        self.entry().map_or("", |entry| entry.first.as_str())
    }
}

fn read(term: Term) -> Option<Entry> {
    let blocks = &Topic::Glossary.page().blocks;
    let block = blocks
        .iter()
        .position(|block| matches!(block, Block::Heading(3, spans) if plain(spans) == term.heading()))?;
    let Block::Paragraph(spans) = blocks.get(block + 1)? else { return None };
    let text = plain(spans);
    // A sentence ends where another begins.
    let end = text.match_indices(". ").map(|(at, _)| at + 1).find(|at| {
        text[at + 1..].starts_with(|next: char| next.is_uppercase() || next.is_ascii_digit() || next == '“')
    });
    let first = text[..end.unwrap_or(text.len())].to_owned();
    Some(Entry { block, first })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_has_an_entry_of_a_few_sentences_and_every_entry_is_a_term() {
        for (place, term) in Term::ALL.into_iter().enumerate() {
            assert_eq!(term as usize, place, "{}", term.heading());
            let entry = term.entry().unwrap_or_else(|| panic!("{} has no entry", term.heading()));
            assert!(entry.first.ends_with('.'), "{}: {}", term.heading(), entry.first);
            assert!((20..220).contains(&entry.first.len()), "{}: {}", term.heading(), entry.first);
        }
        let page = Topic::Glossary.page();
        let entries: Vec<String> = page
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Heading(3, spans) => Some(plain(spans)),
                _ => None,
            })
            .collect();
        assert_eq!(entries, Term::ALL.map(|term| term.heading().to_owned()));
    }
}
