//! The doubt in one sentence, without a claim that Monte-Carlo noise could have made.

use std::fmt::Write as _;

use crate::data::{Class, Classes, PerClass};
use crate::uncertainty::Measures;
use crate::uncertainty::noise::NORMAL_95;
use crate::uncertainty::terms::LITTLE_DOUBT;

/// A pass that gives a class this much is sure of it.
pub const SURE: f32 = 0.9;
/// Answers of other sub-networks that are listed at most.
const LISTED: usize = 4;

/// Passes that give their own answer at least [`SURE`].
#[must_use]
pub fn sure(passes: &[PerClass<f32>]) -> u32 {
    passes.iter().filter(|pass| pass.iter().any(|p| *p >= SURE)).count() as u32
}

/// Where the doubt about an image comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// One pass has no spread: nothing can be said.
    OnePass,
    /// All passes balance each other: how far they could be from the truth is not known.
    OneQuartet,
    /// Without dropout all sub-networks are one, which cannot disagree.
    NoDropout,
    /// There is next to no doubt.
    Certain,
    /// Most of it is in every sub-network: the image is ambiguous to the network.
    Ambiguous,
    /// Most of it is between sub-networks.
    Disagreement,
    /// Both parts are there; which is the larger is within Monte-Carlo noise.
    Undecided,
}

impl Reason {
    /// The reason behind these measures, sampled at dropout rate `dropout`.
    ///
    /// Ambiguity exceeds disagreement by `E − MI`, mutual information corrected for its bias. With `h_t = −Σ p_tc ln p̄_c`
    /// and `H_t = H(p_t)` that is the mean of `2 H_t − h_t`, whose variance is `2 Var(H_t) − Var(h_t) + 2 Var(h_t − H_t)`:
    /// all three are squares of standard errors that the measures bear.
    #[must_use]
    pub fn new(measures: &Measures, dropout: f32) -> Self {
        if measures.passes < 2 {
            return Self::OnePass;
        }
        if measures.draws() <= 1.0 {
            return Self::OneQuartet;
        }
        let certain = f64::from(measures.predictive_entropy_corrected)
            + NORMAL_95 * f64::from(measures.predictive_entropy_se)
            < LITTLE_DOUBT;
        if certain {
            return Self::Certain;
        }
        if dropout <= 0.0 {
            return Self::NoDropout;
        }
        let square = |value: f32| f64::from(value) * f64::from(value);
        let variance = 2.0 * square(measures.expected_entropy_se) - square(measures.predictive_entropy_se)
            + 2.0 * square(measures.mutual_information_se);
        let excess = f64::from(measures.expected_entropy) - f64::from(measures.mutual_information_corrected);
        let noise = NORMAL_95 * variance.max(0.0).sqrt();
        if excess > noise {
            Self::Ambiguous
        } else if excess < -noise {
            Self::Disagreement
        } else {
            Self::Undecided
        }
    }
}

/// The votes and the reason in words, where `sure` passes gave their own answer at least [`SURE`].
#[must_use]
pub fn explain(measures: &Measures, sure: u32, dropout: f32, answers: &Classes) -> String {
    let mut text = votes_sentence(measures, answers);
    let passes = measures.passes;
    let predicted = measures.prediction();
    if measures.votes.iter().any(|votes| *votes > measures.votes[usize::from(predicted)]) {
        // A few confident votes outweigh more hesitant ones.
        let _ =
            write!(text, " Their mean, which is what counts, gives {} the most.", answers.name(predicted));
    }
    let own = match sure {
        sure if sure == passes => "all are sure of their own answer".to_owned(),
        0 => "none is sure of its own answer".to_owned(),
        1 => "only one is sure of its own answer".to_owned(),
        sure if 2 * sure > passes => format!("{sure} are sure of their own answer"),
        sure => format!("only {sure} are sure of their own answer"),
    };
    let (ambiguous, disagreeing) = (measures.expected_entropy, measures.mutual_information_corrected);
    let _ = match Reason::new(measures, dropout) {
        Reason::OnePass => write!(
            text,
            " One pass has no spread: whether sub-networks would disagree shows from two passes on; move T up."
        ),
        Reason::OneQuartet => write!(
            text,
            " Four balanced passes are one draw, which has no spread: where the doubt comes from shows from eight passes on; \
             move T up."
        ),
        Reason::NoDropout => write!(
            text,
            " Without dropout all sub-networks are one and cannot disagree: all doubt is this network's own \
             ({ambiguous:.2} nats). Move p up to see others."
        ),
        Reason::Certain => write!(text, " There is next to no doubt to explain."),
        // Confident networks do not find the image ambiguous, however little they disagree.
        Reason::Ambiguous if 2 * sure > passes => write!(
            text,
            " By themselves, {own}; what doubt there is lies within the networks more than between them \
             ({ambiguous:.2} nats, against {disagreeing:.2} of disagreement)."
        ),
        Reason::Ambiguous => write!(
            text,
            " By themselves, {own}: {} the image ambiguous, which is more of the doubt ({ambiguous:.2} nats) than their \
             disagreement ({disagreeing:.2}).",
            if 10 * sure <= passes { "each finds" } else { "most find" }
        ),
        Reason::Disagreement => write!(
            text,
            " By themselves, {own}. More of the doubt is that the networks disagree ({disagreeing:.2} nats) than that \
             each has by itself ({ambiguous:.2})."
        ),
        Reason::Undecided => write!(
            text,
            " By themselves, {own}. The doubt that each has by itself ({ambiguous:.2} nats) and their disagreement \
             ({disagreeing:.2} nats) weigh about the same, within the noise of {passes} passes."
        ),
    };
    text
}

/// `61 of 100 sub-networks say 4, 38 say 9, 1 says 7.`
#[must_use]
pub fn votes_sentence(measures: &Measures, answers: &Classes) -> String {
    let votes = |class: Class| measures.votes[usize::from(class)];
    let classes = measures.by_votes();
    let voted = classes.partition_point(|class| votes(*class) > 0);
    let Some((first, others)) = classes[..voted].split_first() else { return String::new() };
    let passes = measures.passes;
    let name = answers.name(*first);
    if others.is_empty() {
        return if passes == 1 {
            format!("One sub-network was asked; it says {name}.")
        } else {
            format!("All {passes} sub-networks say {name}.")
        };
    }
    let say = if votes(*first) == 1 { "says" } else { "say" };
    let mut text = format!("{} of {passes} sub-networks {say} {name}", votes(*first));
    // Two more, and those that have as many votes as the second of these.
    let fewest = others.get(1).map_or(0, |class| votes(*class));
    let listed = others.iter().take_while(|class| votes(**class) >= fewest).count().min(LISTED);
    for class in &others[..listed] {
        let votes = votes(*class);
        let say = if votes == 1 { "says" } else { "say" };
        let _ = write!(text, ", {votes} {say} {}", answers.name(*class));
    }
    if others.len() > listed {
        text.push_str(", the rest something else");
    }
    text.push('.');
    text
}
