//! Training: digits and a [`TrainConfig`] to a network, observed step by step.
//!
//! Adam (Kingma & Ba 2015) without weight decay on the mean cross-entropy; pixels in [0, 1]; a new order of the images
//! in every epoch; a new mask for every example. The order and the masks are functions of the seed, and the sums of
//! a step have a fixed order, so the same configuration gives the same network on any number of threads.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use rand::RngCore as _;

use super::checkpoint::{Checkpoint, SettingsSource, TrainingRecord};
use super::fast::FastTrainer;
use super::lenet::{Architecture, Lenet, LenetError, check_dropout};
use super::schedule::Schedule;
use super::trainer::{Batch, Evaluation, Outcome, Trainer};
use crate::data::{Classes, Digits};
use crate::random::{self, Purpose};

/// Images of the largest batch: its activations take some 200 MB.
pub const MAX_BATCH: usize = 4096;

/// Loss and accuracy are averaged over about this many of the latest images: enough to be steady, few enough to be
/// current.
const RECENT_IMAGES: usize = 2000;

/// Images evaluated between two checks whether the observer wants to stop.
const EVALUATION_BATCH: usize = 1024;

/// The network is watched after these parts of the first epoch, one in so many: most is learnt there.
const EARLY: [usize; 5] = [32, 16, 8, 4, 2];

/// What to train, and how.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TrainConfig {
    /// Hidden units and placement of dropout.
    pub architecture: Architecture,
    /// Dropout rate p in 0 ≤ p < 1.
    pub dropout: f32,
    /// Passes over the training images, at least 1.
    pub epochs: usize,
    /// Images of a step, 1 to [`MAX_BATCH`].
    pub batch_size: usize,
    /// Adam's step size, above 0.
    pub learning_rate: f32,
    /// How the step size falls.
    pub schedule: Schedule,
    /// Seed of the initial weights, the order of the images and the masks.
    pub seed: u64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            architecture: Architecture::default(),
            dropout: 0.5,
            epochs: 20,
            batch_size: 100,
            learning_rate: 1e-3,
            schedule: Schedule::default(),
            seed: 1,
        }
    }
}

/// Where a training is; sent after every step and after every epoch's validation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainingReport {
    /// The current epoch, from 1.
    pub epoch: usize,
    /// Epochs in all.
    pub epochs: usize,
    /// Steps done in this epoch.
    pub step: usize,
    /// Steps of an epoch.
    pub steps_per_epoch: usize,
    /// Mean cross-entropy of about the last 2000 images, with dropout, in nats.
    pub loss: f32,
    /// Share of the same images that was right, with dropout, in 0…1.
    pub accuracy: f32,
    /// The step size used.
    pub learning_rate: f32,
    /// Training images per second since the start, validation included.
    pub images_per_second: f32,
    /// Time left, at this rate.
    pub remaining: Duration,
    /// The network without dropout on the validation images, in the report that ends an epoch.
    pub validation: Option<Evaluation>,
}

/// Summary of a finished epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochSummary {
    /// Mean cross-entropy over the epoch, with dropout, in nats.
    pub loss: f32,
    /// Share that was right, with dropout, in 0…1.
    pub accuracy: f32,
    /// The network without dropout on the validation images; `None` without any.
    pub validation: Option<Evaluation>,
}

/// Whether a training ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All epochs are done.
    Complete,
    /// The observer stopped it; what was learnt by then is kept.
    Stopped,
}

/// What a training leaves.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The network.
    pub lenet: Lenet,
    /// What its classes are called.
    pub classes: Classes,
    /// Its complete epochs, the first one first.
    pub epochs: Vec<EpochSummary>,
    /// Whether it ran to its end.
    pub ending: Ending,
    /// What to write into its file.
    pub record: TrainingRecord,
}

impl Trained {
    /// The network with its record, ready to be saved.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            lenet: self.lenet.clone(),
            classes: self.classes.clone(),
            settings: SettingsSource::Recorded,
            training: Some(self.record.clone()),
        }
    }
}

/// Why a training cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Nothing to learn from.
    #[error("no training images; open a folder with MNIST's training files")]
    NoImages,
    /// No epoch.
    #[error("0 epochs; train for at least 1")]
    NoEpochs,
    /// A batch that is empty or too large.
    #[error("batch size {batch_size}; choose between 1 and {MAX_BATCH}")]
    BatchSize {
        /// Images asked for.
        batch_size: usize,
    },
    /// A step size that is not a positive number.
    #[error("learning rate {learning_rate}; choose a number above 0, such as 0.001")]
    LearningRate {
        /// The step size.
        learning_rate: f32,
    },
    /// The network to start from has another number of hidden units.
    #[error(
        "the model to continue has {found} hidden units, the training asks for {expected}; make them equal"
    )]
    Start {
        /// Hidden units of the network.
        found: usize,
        /// Hidden units of the configuration.
        expected: usize,
    },
    /// Images of other classes than those of the network.
    #[error("{what} of {found} classes for a network of {expected}; train one of {found} anew")]
    Classes {
        /// `images`, `validation images` or `a model to continue`.
        what: &'static str,
        /// Their classes.
        found: usize,
        /// Those of the network.
        expected: usize,
    },
    /// The loss became infinite or not a number.
    #[error(
        "training diverged in epoch {epoch}, step {step} (loss {loss}); use a learning rate below {learning_rate}"
    )]
    Diverged {
        /// Epoch, from 1.
        epoch: usize,
        /// Step of the epoch, from 1.
        step: usize,
        /// The loss.
        loss: f32,
        /// The step size that was too large.
        learning_rate: f32,
    },
    /// Hidden units, dropout rate or memory.
    #[error(transparent)]
    Network(#[from] LenetError),
}

/// Looks at the network between two steps: epochs done, and the network as it is. It is shown before the first step,
/// after a 32nd, a 16th, an eighth, a quarter and a half of the first epoch, after each epoch and where the training
/// stops.
pub type Watch<'a> = &'a mut dyn FnMut(f64, &Lenet);

/// Trains a network, from `start` or from fresh weights. `observe` is called after every step and every validation;
/// its `Break` ends the training with what is learnt so far.
///
/// A network to start from gives its weights; hidden units must agree, placement and dropout rate are those of
/// `config`. Adam's averages begin at zero again.
///
/// # Errors
/// When the configuration is out of range, there are no images, or the training diverges.
pub fn train(
    digits: &Digits,
    validation: &Digits,
    config: &TrainConfig,
    start: Option<&Lenet>,
    observe: &mut dyn FnMut(&TrainingReport) -> ControlFlow<()>,
) -> Result<Trained, TrainError> {
    train_watched(digits, validation, config, start, observe, None)
}

/// As [`train`], with somebody who looks at the network on the way: the network trained is the same.
///
/// # Errors
/// As [`train`].
pub fn train_watched(
    digits: &Digits,
    validation: &Digits,
    config: &TrainConfig,
    start: Option<&Lenet>,
    observe: &mut dyn FnMut(&TrainingReport) -> ControlFlow<()>,
    watch: Option<Watch<'_>>,
) -> Result<Trained, TrainError> {
    check(digits, validation, config, start)?;
    let start = start_of(config, start)?;
    let mut trainer = FastTrainer::new(&start, config.seed);
    train_with(&mut trainer, digits, validation, config, observe, watch)
}

/// The network a training starts from.
fn start_of(config: &TrainConfig, start: Option<&Lenet>) -> Result<Lenet, TrainError> {
    Ok(match start {
        Some(lenet) => Lenet::from_weights(config.architecture.placement, config.dropout, lenet.weights())?,
        None => Lenet::initialise(config.architecture, config.dropout, config.seed)?,
    })
}

fn check(
    digits: &Digits,
    validation: &Digits,
    config: &TrainConfig,
    start: Option<&Lenet>,
) -> Result<(), TrainError> {
    config.architecture.check()?;
    check_dropout(config.dropout)?;
    if digits.is_empty() {
        return Err(TrainError::NoImages);
    }
    if config.epochs == 0 {
        return Err(TrainError::NoEpochs);
    }
    if !(1..=MAX_BATCH).contains(&config.batch_size) {
        return Err(TrainError::BatchSize { batch_size: config.batch_size });
    }
    if !(config.learning_rate > 0.0 && config.learning_rate.is_finite()) {
        return Err(TrainError::LearningRate { learning_rate: config.learning_rate });
    }
    let expected = config.architecture.classes;
    let continued = start.map(|lenet| ("a model to continue", lenet.architecture().classes));
    let images = [("images", digits.classes().len()), ("validation images", validation.classes().len())];
    // Without validation images it does not matter what they might have been of.
    let all = images.into_iter().take(if validation.is_empty() { 1 } else { 2 }).chain(continued);
    if let Some((what, found)) = all.into_iter().find(|(_, found)| *found != expected) {
        return Err(TrainError::Classes { what, found, expected });
    }
    match start.map(|lenet| lenet.architecture().hidden) {
        Some(found) if found != config.architecture.hidden => {
            Err(TrainError::Start { found, expected: config.architecture.hidden })
        }
        _ => Ok(()),
    }
}

/// The loop of [`train`] over any trainer.
pub(crate) fn train_with(
    trainer: &mut dyn Trainer,
    digits: &Digits,
    validation: &Digits,
    config: &TrainConfig,
    observe: &mut dyn FnMut(&TrainingReport) -> ControlFlow<()>,
    watch: Option<Watch<'_>>,
) -> Result<Trained, TrainError> {
    let mut order: Vec<u32> = (0..digits.len() as u32).collect();
    let steps_per_epoch = digits.len().div_ceil(config.batch_size);
    let steps = steps_per_epoch * config.epochs;
    let mut progress = Curve::new(config, digits.len(), steps_per_epoch);
    let mut epochs = Vec::with_capacity(config.epochs);
    let mut ending = Ending::Complete;
    let mut watcher = Watcher { watch, steps_per_epoch, seen: None };
    watcher.look(trainer, 0);
    let mut done = 0;
    'training: for epoch in 0..config.epochs {
        shuffle(&mut order, config.seed, epoch);
        let mut whole = Outcome::default();
        for (step, examples) in order.chunks(config.batch_size).enumerate() {
            let factor = config.schedule.factor(epoch * steps_per_epoch + step, steps);
            let learning_rate = config.learning_rate * factor;
            let outcome = trainer.step(&Batch { epoch: epoch as u64, digits, examples }, learning_rate)?;
            if !outcome.loss.is_finite() {
                return Err(TrainError::Diverged {
                    epoch: epoch + 1,
                    step: step + 1,
                    loss: outcome.evaluation().loss,
                    learning_rate: config.learning_rate,
                });
            }
            whole = whole.and(outcome);
            done += 1;
            if epoch == 0 && EARLY.iter().any(|part| step + 1 == steps_per_epoch.div_ceil(*part)) {
                watcher.look(trainer, done);
            }
            let report = progress.after_step(epoch, step, learning_rate, outcome);
            if observe(&report).is_break() {
                ending = Ending::Stopped;
                break 'training;
            }
        }
        watcher.look(trainer, done);
        let evaluated = evaluate(trainer, validation)?;
        let mean = whole.evaluation();
        epochs.push(EpochSummary { loss: mean.loss, accuracy: mean.accuracy, validation: evaluated });
        let report = progress.after_epoch(evaluated);
        if epoch + 1 < config.epochs && observe(&report).is_break() {
            ending = Ending::Stopped;
            break;
        } else if epoch + 1 == config.epochs {
            // Nothing is left to stop.
            let _ = observe(&report);
        }
    }
    watcher.look(trainer, done);
    let final_evaluation = match ending {
        Ending::Complete => epochs.last().and_then(|epoch| epoch.validation),
        Ending::Stopped => evaluate(trainer, validation)?,
    };
    Ok(Trained {
        lenet: trainer.network()?,
        classes: digits.classes().clone(),
        ending,
        record: TrainingRecord {
            images: digits.len(),
            epochs: epochs.len(),
            batch_size: config.batch_size,
            learning_rate: config.learning_rate,
            schedule: config.schedule,
            seed: config.seed,
            validation_accuracy: final_evaluation.map(|evaluation| evaluation.accuracy),
        },
        epochs,
    })
}

/// Who looks at the network on the way, and after how many steps they did last.
struct Watcher<'a> {
    watch: Option<Watch<'a>>,
    steps_per_epoch: usize,
    seen: Option<usize>,
}

impl Watcher<'_> {
    /// Shows the network as it is after so many steps, once. A network that is not finite is not shown: the next step
    /// says that training diverged.
    fn look(&mut self, trainer: &dyn Trainer, steps: usize) {
        let Some(watch) = &mut self.watch else { return };
        if self.seen == Some(steps) {
            return;
        }
        if let Ok(lenet) = trainer.network() {
            self.seen = Some(steps);
            watch(steps as f64 / self.steps_per_epoch.max(1) as f64, &lenet);
        }
    }
}

/// The order of the images in an epoch: a permutation drawn anew from the seed (Fisher & Yates).
fn shuffle(order: &mut [u32], seed: u64, epoch: usize) {
    for (place, image) in order.iter_mut().enumerate() {
        *image = place as u32;
    }
    let mut generator = random::stream(seed, Purpose::Shuffle, [epoch as u64]);
    for last in (1..order.len()).rev() {
        // The upper half of a 64-bit product: a number up to `last`, biased by less than 2⁻³².
        let other = ((u128::from(generator.next_u64()) * (last as u128 + 1)) >> 64) as usize;
        order.swap(last, other);
    }
}

/// The network without dropout on all images; `None` when there are none.
fn evaluate(trainer: &mut dyn Trainer, digits: &Digits) -> Result<Option<Evaluation>, TrainError> {
    let examples: Vec<u32> = (0..digits.len() as u32).collect();
    let mut outcome = Outcome::default();
    for examples in examples.chunks(EVALUATION_BATCH) {
        outcome = outcome.and(trainer.evaluate(digits, examples)?);
    }
    Ok((outcome.images > 0).then(|| outcome.evaluation()))
}

/// What the reports are made of.
struct Curve {
    started: Instant,
    images_in_all: usize,
    images_done: usize,
    recent: VecDeque<Outcome>,
    report: TrainingReport,
}

impl Curve {
    fn new(config: &TrainConfig, images: usize, steps_per_epoch: usize) -> Self {
        Self {
            started: Instant::now(),
            images_in_all: images * config.epochs,
            images_done: 0,
            recent: VecDeque::new(),
            report: TrainingReport {
                epoch: 1,
                epochs: config.epochs,
                step: 0,
                steps_per_epoch,
                loss: 0.0,
                accuracy: 0.0,
                learning_rate: config.learning_rate,
                images_per_second: 0.0,
                remaining: Duration::ZERO,
                validation: None,
            },
        }
    }

    fn after_step(
        &mut self,
        epoch: usize,
        step: usize,
        learning_rate: f32,
        outcome: Outcome,
    ) -> TrainingReport {
        self.images_done += outcome.images;
        self.recent.push_back(outcome);
        let mut sum = self.recent.iter().fold(Outcome::default(), |sum, &outcome| sum.and(outcome));
        while self.recent.len() > 1 && sum.images > RECENT_IMAGES {
            self.recent.pop_front();
            sum = self.recent.iter().fold(Outcome::default(), |sum, &outcome| sum.and(outcome));
        }
        let mean = sum.evaluation();
        self.report.epoch = epoch + 1;
        self.report.step = step + 1;
        self.report.learning_rate = learning_rate;
        self.report.loss = mean.loss;
        self.report.accuracy = mean.accuracy;
        self.timed(None)
    }

    fn after_epoch(&mut self, validation: Option<Evaluation>) -> TrainingReport {
        self.timed(validation)
    }

    fn timed(&mut self, validation: Option<Evaluation>) -> TrainingReport {
        let elapsed = self.started.elapsed().as_secs_f64().max(1e-9);
        let rate = self.images_done as f64 / elapsed;
        let left = (self.images_in_all - self.images_done) as f64 / rate.max(1e-9);
        self.report.images_per_second = rate as f32;
        self.report.remaining = Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX);
        self.report.validation = validation;
        self.report
    }
}

#[cfg(test)]
mod tests;
