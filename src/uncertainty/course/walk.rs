//! One image along a course of amounts, as in Figure 4 of Gal & Ghahramani 2016: a "1" turned in 12 steps.
//!
//! Every step meets the same masks, so that what changes from step to step is the image alone.

use std::ops::ControlFlow;
use std::sync::Arc;

use rayon::prelude::*;

use crate::data::distortion::Distortion;
use crate::data::{Class, PIXELS, PerClass};
use crate::progress::{Observer, Progress};
use crate::sampling::{MaskDesign, Network, SamplingError, Seen, SweepConfig, sample_image};
use crate::uncertainty::Measures;

/// Steps of a course: its two ends at least, every second degree of a full turn at most.
pub const STEPS: std::ops::RangeInclusive<usize> = 2..=181;

/// Passes and rate of the paper's figure.
pub const PAPER: SweepConfig =
    SweepConfig { passes: 100, dropout: 0.5, seed: 1, masks: MaskDesign::Independent };

/// Classes shown by default: as many as in the paper's figure.
pub const TOP: usize = 3;

/// Share of the distance to the next step over which dots are spread.
const ROOM: f32 = 0.62;
/// Dots that a plot of passes can show apart.
const DOTS: usize = 24_000;

/// The least distance of the two ends, so that no two steps are the same.
const LEAST_RANGE: f32 = 1e-3;

/// Amounts at even distances.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Course {
    /// What changes.
    pub by: Distortion,
    /// Amount of the first step.
    pub from: f32,
    /// Amount of the last step.
    pub to: f32,
    /// Steps, both ends among them.
    pub steps: usize,
}

impl Course {
    /// The course of the paper's figure: a turn in 12 steps. The paper does not print its angles. These, 10° apart and
    /// anticlockwise, are chosen because a "1" of MNIST passes through the paper's answers on them: 1, then 5, then 7.
    #[must_use]
    pub fn paper() -> Self {
        Self { by: Distortion::Rotation, from: 0.0, to: 110.0, steps: 12 }
    }

    /// The default course of a distortion.
    #[must_use]
    pub fn usual(by: Distortion) -> Self {
        let (from, to, steps) = match by {
            Distortion::Rotation => (0.0, 360.0, 73),
            Distortion::Noise => (0.0, 0.8, 41),
            Distortion::Blur => (0.0, 4.0, 41),
            Distortion::Shift => (-10.0, 10.0, 41),
            Distortion::Thickness => (-1.5, 2.5, 41),
        };
        Self { by, from, to, steps }
    }

    /// The nearest course there is: ends within the distortion's limits, in order and apart, a number of steps that is
    /// offered.
    #[must_use]
    pub fn sanitised(self) -> Self {
        let [least, most] = self.by.limits();
        let within = |end: f32, other: f32| if end.is_finite() { end.clamp(least, most) } else { other };
        let (from, to) = (within(self.from, least), within(self.to, most));
        let (from, to) = (from.min(to), from.max(to));
        let (from, to) = if to - from >= LEAST_RANGE { (from, to) } else { (least, most) };
        Self { from, to, steps: self.steps.clamp(*STEPS.start(), *STEPS.end()), ..self }
    }

    /// The amount of a step, counted from 0.
    #[must_use]
    pub fn amount(&self, step: usize) -> f32 {
        let last = self.steps.saturating_sub(1).max(1);
        if step >= last {
            return self.to;
        }
        // In double precision, so that a tenth of 100° is 10°.
        let share = step as f64 / last as f64;
        (f64::from(self.from) + share * (f64::from(self.to) - f64::from(self.from))) as f32
    }

    /// The distance of a step to the next.
    #[must_use]
    pub fn spacing(&self) -> f32 {
        (self.to - self.from) / self.steps.saturating_sub(1).max(1) as f32
    }

    /// The step whose amount is closest.
    #[must_use]
    pub fn nearest(&self, amount: f32) -> usize {
        let step = ((amount - self.from) / self.spacing()).round();
        if step.is_finite() { (step.max(0.0) as usize).min(self.steps.saturating_sub(1)) } else { 0 }
    }

    /// Its two ends in words: `turns from 0° to 165°`.
    #[must_use]
    pub fn describe(&self) -> String {
        let (from, to) = (self.by.amount(self.from), self.by.amount(self.to));
        match self.by {
            Distortion::Rotation => format!("As the image turns from {from} to {to}"),
            Distortion::Noise => format!("As noise changes from {from} to {to} of full ink"),
            Distortion::Blur => format!("As blur changes from {from} to {to}"),
            Distortion::Shift => format!("As the image moves from {from} to {to}"),
            Distortion::Thickness => format!("As the ink thickens from {from} to {to}"),
        }
    }
}

/// The image at one amount, and what the passes say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CourseStep {
    /// The amount.
    pub amount: f32,
    /// The changed image, `[28, 28]` in 0…1.
    pub image: [f32; PIXELS],
    /// Measures over all passes.
    pub measures: Measures,
    /// Softmax inputs, `[passes, classes]`.
    pub logits: Vec<PerClass<f32>>,
    /// Softmax outputs, `[passes, classes]`.
    pub probabilities: Vec<PerClass<f32>>,
}

impl CourseStep {
    /// The image changed by this amount, sampled. Noise is that of the masks' seed.
    ///
    /// # Errors
    /// As [`sample_image`].
    pub fn new<'a>(
        network: &Network,
        image: impl Into<Seen<'a>>,
        by: Distortion,
        amount: f32,
        config: &SweepConfig,
    ) -> Result<Self, SamplingError> {
        let image = image.into();
        let grey = by.apply(image.grey(), amount, config.seed);
        // What the network takes is changed itself, where it is more than these grey values.
        let changed = image.changed(&grey, |numbers, shape| by.change(numbers, shape, amount, config.seed));
        let sampled = sample_image(network, changed.seen(), config)?;
        let image = grey;
        Ok(Self {
            amount,
            image,
            measures: Measures::of_image(&sampled),
            probabilities: sampled.probabilities(),
            logits: sampled.logits,
        })
    }
}

/// Samples every step of a course, in order; `reached` gets all steps so far after every few. `None` when stopped.
///
/// # Errors
/// As [`sample_image`].
pub fn walk<'a>(
    network: &Network,
    image: impl Into<Seen<'a>>,
    course: &Course,
    config: &SweepConfig,
    reached: &mut dyn FnMut(&[Arc<CourseStep>]) -> ControlFlow<()>,
) -> Result<Option<Vec<Arc<CourseStep>>>, SamplingError> {
    let image = image.into();
    let amounts: Vec<f32> = (0..course.steps).map(|step| course.amount(step)).collect();
    let mut steps = Vec::with_capacity(amounts.len());
    // A step for each thread and one that waits: a stop is heard soon.
    for amounts in amounts.chunks(2 * rayon::current_num_threads()) {
        let some: Result<Vec<_>, _> = amounts
            .par_iter()
            .map(|amount| CourseStep::new(network, image, course.by, *amount, config).map(Arc::new))
            .collect();
        steps.extend(some?);
        if reached(&steps).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(steps))
}

/// [`walk`] for work that only counts its steps.
///
/// # Errors
/// As [`sample_image`].
pub fn walk_observed<'a>(
    network: &Network,
    image: impl Into<Seen<'a>>,
    course: &Course,
    config: &SweepConfig,
    observe: Observer<'_>,
) -> Result<Option<Vec<Arc<CourseStep>>>, SamplingError> {
    let total = course.steps as u64;
    walk(network, image, course, config, &mut |steps| observe(Progress { done: steps.len() as u64, total }))
}

/// The classes with the largest mean probability anywhere along the course, in their order.
#[must_use]
pub fn top_classes(steps: &[Arc<CourseStep>], count: usize) -> Vec<Class> {
    let best = |class: Class| {
        steps.iter().map(|step| step.measures.mean[usize::from(class)]).fold(f32::NEG_INFINITY, f32::max)
    };
    let count_of_all = steps.first().map_or(0, |step| step.measures.mean.len());
    let mut classes: Vec<Class> = (0..count_of_all as Class).collect();
    classes.sort_by(|a, b| best(*b).total_cmp(&best(*a)));
    classes.truncate(count);
    classes.sort_unstable();
    classes
}

/// The highest predictive entropy of the steps plus its standard error, where that is known, in nats; 0 without a step.
#[must_use]
pub fn highest_entropy(steps: &[Arc<CourseStep>]) -> f32 {
    let upper = steps.iter().map(|step| {
        let [value, error] = [step.measures.predictive_entropy, step.measures.predictive_entropy_se];
        value + if error.is_finite() { error } else { 0.0 }
    });
    upper.fold(0.0, f32::max)
}

/// The least and the largest value of a class over the passes.
#[must_use]
pub fn envelope(passes: &[PerClass<f32>], class: Class) -> [f32; 2] {
    let values = passes.iter().map(|pass| pass[usize::from(class)]);
    values.fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)])
}

/// Passes of each step that are drawn as dots when so many classes are: the first ones, as random a choice as any, where
/// all would be too many.
#[must_use]
pub fn drawn_passes(steps: usize, classes: usize, passes: usize) -> usize {
    passes.min((DOTS / (steps * classes).max(1)).max(20))
}

/// How far beside its step the dot of a pass stands, in distances of steps: spread evenly over the passes by the golden
/// ratio, the same for every class and step, so that dots do not hide each other and a pass can be followed.
#[must_use]
pub fn jitter(pass: usize) -> f32 {
    ROOM * ((pass as f64 * 0.618_033_988_749_895).fract() as f32 - 0.5)
}
