//! What a course shows, in words, without claims that Monte-Carlo noise could explain.
//!
//! All steps meet the same masks, so two steps, or two classes of a step, are compared pass by pass: the standard error
//! of a difference is that of the paired differences.

use std::fmt::Write as _;
use std::sync::Arc;

use super::walk::{Course, CourseStep, envelope};
use crate::data::{Class, Classes};
use crate::uncertainty::noise::{is_above, mean_and_error_of_passes};
use crate::uncertainty::terms::{cross_entropy, surprise};

/// Doubt that is not worth a peak, in nats.
const LITTLE: f32 = 0.01;
/// Changes of the answer that are listed one by one.
const CHANGES: usize = 5;

/// Neighbouring steps that clearly give the same answer; steps without a clear answer do not separate them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerRun {
    /// The answer.
    pub class: Class,
    /// Its first clear step.
    pub first: usize,
    /// Its last clear step.
    pub last: usize,
}

/// The step of the largest predictive entropy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Which.
    pub step: usize,
    /// Predictive entropy in nats, and its standard error.
    pub entropy: [f32; 2],
    /// Other steps that are as high within noise.
    pub rivals: usize,
}

/// The step of the largest disagreement, where the envelopes of two softmax inputs overlap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overlap {
    /// Which.
    pub step: usize,
    /// Its likeliest class and the next.
    pub classes: [Class; 2],
    /// The least and the largest softmax output of the likeliest class over the passes.
    pub outputs: [f32; 2],
}

/// What a course shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    course: Course,
    passes: u32,
    /// Independent draws among the passes.
    draws: f64,
    dropout: f32,
    amounts: Vec<f32>,
    /// The answers in order, each over the steps where it is clear.
    pub runs: Vec<AnswerRun>,
    /// Number of steps where no answer is clear of noise.
    pub unclear: usize,
    /// `None` when no step is clearly higher than the lowest.
    pub peak: Option<Peak>,
    /// `None` when the inputs do not overlap, or the disagreement is within noise.
    pub overlap: Option<Overlap>,
}

impl Finding {
    /// What these steps of a course show, sampled at a dropout rate. `None` without steps.
    #[must_use]
    pub fn new(course: &Course, steps: &[Arc<CourseStep>], dropout: f32) -> Option<Self> {
        let passes = steps.first()?.measures.passes;
        let draws = steps.first()?.measures.draws();
        let mut runs: Vec<AnswerRun> = Vec::new();
        let mut unclear = 0;
        for (at, step) in steps.iter().enumerate() {
            match clear_answer(step) {
                None => unclear += 1,
                Some(class) => match runs.last_mut() {
                    Some(run) if run.class == class => run.last = at,
                    _ => runs.push(AnswerRun { class, first: at, last: at }),
                },
            }
        }
        Some(Self {
            course: *course,
            passes,
            draws,
            dropout,
            amounts: steps.iter().map(|step| step.amount).collect(),
            runs,
            unclear,
            peak: peak(steps),
            overlap: overlap(steps),
        })
    }

    /// The classes that its words name, as [`Self::told`] puts them: those that overlap first.
    pub fn named(&self) -> impl Iterator<Item = Class> {
        let overlap = self.overlap.iter().flat_map(|overlap| overlap.classes);
        overlap.chain(self.runs.iter().take(1 + CHANGES).map(|run| run.class))
    }

    fn at(&self, step: usize) -> String {
        self.course.by.amount(self.amounts.get(step).copied().unwrap_or(self.course.to))
    }

    fn write_answers(&self, text: &mut String, answers: &Classes) {
        text.push_str(&self.course.describe());
        let steps = self.amounts.len();
        match self.runs.as_slice() {
            [] => text.push_str(", no answer is clear of noise at any step."),
            [only] if self.unclear == 0 => {
                let _ = write!(text, ", the answer stays {} at all {steps} steps.", answers.name(only.class));
            }
            [only] => {
                let _ = write!(
                    text,
                    ", the answer is {} wherever it is clear of noise",
                    answers.name(only.class)
                );
            }
            [first, later @ ..] => {
                let first = answers.name(first.class);
                let _ = write!(text, ", the answer that is clear of noise goes from {first}");
                for run in later.iter().take(CHANGES) {
                    let _ = write!(text, " to {} (from {})", answers.name(run.class), self.at(run.first));
                }
                if later.len() > CHANGES {
                    let more = later.len() - CHANGES;
                    let _ = write!(text, " and {more} time{} more", if more == 1 { "" } else { "s" });
                }
                if self.unclear == 0 {
                    text.push('.');
                }
            }
        }
        if self.unclear > 0 && !self.runs.is_empty() {
            let _ = write!(text, "; at {} of {steps} steps no answer is clear of noise.", self.unclear);
        }
    }
}

impl Finding {
    /// In words: one to three sentences, with the network's answers under these names.
    #[must_use]
    pub fn told(&self, answers: &Classes) -> String {
        if self.passes < 2 {
            return "One pass has no spread: more passes show how far the sub-networks disagree.".to_owned();
        }
        if self.draws <= 1.0 {
            return "Four balanced passes are one draw, which has no spread: more passes show how far the sub-networks \
                    disagree."
                .to_owned();
        }
        let mut text = String::new();
        if self.dropout <= 0.0 {
            text.push_str("Without dropout all passes are the same: there is no spread. ");
        }
        self.write_answers(&mut text, answers);
        match self.peak {
            Some(Peak { entropy: [value, _], .. }) if value < LITTLE => {
                let _ = write!(text, " H stays below {LITTLE} nats.");
            }
            Some(Peak { step, entropy: [value, error], rivals }) => {
                let _ = write!(text, " H peaks at {value:.2} ± {error:.2} nats at {}", self.at(step));
                match rivals {
                    0 => text.push('.'),
                    1 => text.push_str(" (within noise another step is as high)."),
                    rivals => {
                        let _ = write!(text, " (within noise {rivals} other steps are as high).");
                    }
                }
            }
            None => text.push_str(" H is the same at every step within noise."),
        }
        if let Some(Overlap { step, classes: [first, second], outputs: [low, high] }) = self.overlap {
            let [first, second] = [first, second].map(|class| answers.name(class));
            let _ = write!(
                text,
                " At {} the softmax inputs of {first} and {second} overlap, and the outputs for {first} spread from \
                 {low:.2} to {high:.2}.",
                self.at(step)
            );
        }
        text
    }
}

/// The two classes of the largest mean probability.
fn likeliest(step: &CourseStep) -> [Class; 2] {
    let likeliest = step.measures.by_probability();
    [0, 1].map(|place| likeliest.get(place).copied().unwrap_or_default())
}

/// The answer of a step, if it is more probable than every other by more than noise.
fn clear_answer(step: &CourseStep) -> Option<Class> {
    let first = step.measures.prediction();
    let clear = (0..step.measures.mean.len()).filter(|class| *class != usize::from(first)).all(|class| {
        let lead = step.probabilities.iter().map(|p| f64::from(p[usize::from(first)]) - f64::from(p[class]));
        is_above(mean_and_error_of_passes(&lead.collect::<Vec<f64>>(), step.measures.together))
    });
    clear.then_some(first)
}

/// What each pass adds to the predictive entropy of a step.
fn shares(step: &CourseStep) -> Vec<f64> {
    let surprises = step.measures.mean.map(|p| surprise(f64::from(p)));
    step.probabilities.iter().map(|pass| cross_entropy(pass, &surprises)).collect()
}

fn peak(steps: &[Arc<CourseStep>]) -> Option<Peak> {
    let entropy = |at: &usize| steps[*at].measures.predictive_entropy;
    let highest = (0..steps.len()).max_by(|a, b| entropy(a).total_cmp(&entropy(b)))?;
    let lowest = (0..steps.len()).min_by(|a, b| entropy(a).total_cmp(&entropy(b)))?;
    let top = shares(&steps[highest]);
    let above = |other: usize| {
        let other = shares(&steps[other]);
        let apart: Vec<f64> = top.iter().zip(&other).map(|(a, b)| a - b).collect();
        is_above(mean_and_error_of_passes(&apart, steps[highest].measures.together))
    };
    let rivals = (0..steps.len()).filter(|other| *other != highest && !above(*other)).count();
    let measures = &steps[highest].measures;
    above(lowest).then_some(Peak {
        step: highest,
        entropy: [measures.predictive_entropy, measures.predictive_entropy_se],
        rivals,
    })
}

fn overlap(steps: &[Arc<CourseStep>]) -> Option<Overlap> {
    let information = |at: &usize| steps[*at].measures.mutual_information;
    let at = (0..steps.len()).max_by(|a, b| information(a).total_cmp(&information(b)))?;
    let step = &steps[at];
    let measures = &step.measures;
    let [first, second] = likeliest(step);
    let ([low, _], [_, high]) = (envelope(&step.logits, first), envelope(&step.logits, second));
    let disagree =
        is_above([f64::from(measures.mutual_information), f64::from(measures.mutual_information_se)]);
    (disagree && high > low).then(|| Overlap {
        step: at,
        classes: [first, second],
        outputs: envelope(&step.probabilities, first),
    })
}
