//! Training: how to train next, and the last training as the window follows it.

use std::time::Duration;

use crate::model::Architecture;
use crate::model::training::{TrainConfig, TrainingReport};

use crate::gui::action::TrainAction;
use crate::gui::effect::{Step, Steps};
use crate::gui::settings::{Tab, TrainSettings};
use crate::gui::shared::Shared;
use crate::worker::{Job, Slot};

/// Points kept of the running loss: enough for a smooth curve on a wide screen.
const MOST_POINTS: usize = 1200;

/// One point of the running curves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainingPoint {
    /// Epochs done, fractional.
    pub epoch: f64,
    /// Cross-entropy in nats.
    pub loss: f64,
    /// Share right, in 0…1.
    pub accuracy: f64,
}

/// What a training has shown so far.
#[derive(Clone, Debug, Default)]
pub struct TrainingRun {
    /// Running loss and accuracy, with dropout.
    pub running: Vec<TrainingPoint>,
    /// Loss and accuracy on the validation images after each epoch, without dropout.
    pub validation: Vec<TrainingPoint>,
    /// The newest report.
    pub last: Option<TrainingReport>,
    /// Whether it runs.
    pub active: bool,
    /// Epochs asked for.
    pub epochs: usize,
    /// Every n-th report becomes a point; doubles when there are too many points.
    stride: usize,
    seen: usize,
}

impl TrainingRun {
    /// A training that begins.
    #[must_use]
    pub fn started(settings: &TrainSettings) -> Self {
        Self { active: true, epochs: settings.epochs, stride: 1, ..Self::default() }
    }

    /// It has ended.
    pub fn ended(&mut self) {
        self.active = false;
    }

    /// Takes a report.
    pub fn record(&mut self, report: TrainingReport) {
        let share = report.step as f64 / report.steps_per_epoch.max(1) as f64;
        let epoch = (report.epoch.max(1) - 1) as f64 + share;
        let point =
            TrainingPoint { epoch, loss: f64::from(report.loss), accuracy: f64::from(report.accuracy) };
        if self.seen.is_multiple_of(self.stride.max(1)) {
            self.running.push(point);
        }
        self.seen += 1;
        if self.running.len() > MOST_POINTS {
            let mut keep = false;
            self.running.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride = self.stride.max(1) * 2;
        }
        if let Some(validation) = report.validation {
            self.validation.push(TrainingPoint {
                epoch: report.epoch as f64,
                loss: f64::from(validation.loss),
                accuracy: f64::from(validation.accuracy),
            });
        }
        self.last = Some(report);
    }

    /// Time left, when it runs.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.last.filter(|_| self.active).map(|report| report.remaining)
    }
}

/// What the Train tab knows.
#[derive(Debug, Default)]
pub struct TrainPanel {
    /// The last training.
    pub run: TrainingRun,
}

impl TrainPanel {
    /// Carries out a user action on training.
    pub fn update(&mut self, action: TrainAction, shared: &mut Shared) -> Steps {
        match action {
            TrainAction::Set(training) => {
                shared.settings.training = training;
                Steps::new()
            }
            TrainAction::Start => self.start(shared),
            TrainAction::Stop => shared.jobs.cancel(|slot| slot == Slot::Train),
        }
    }

    fn start(&mut self, shared: &mut Shared) -> Steps {
        shared.settings.tab = Tab::Train;
        let settings = shared.settings.training;
        self.run = TrainingRun::started(&settings);
        vec![Step::submit(Job::Train {
            places: shared.places.clone(),
            config: config(&settings),
            start: settings.resume.then(|| shared.model.clone()),
        })]
    }
}

/// The settings as the trainer wants them.
fn config(settings: &TrainSettings) -> TrainConfig {
    TrainConfig {
        architecture: Architecture { hidden: settings.hidden, placement: settings.placement },
        dropout: settings.dropout,
        epochs: settings.epochs,
        batch_size: settings.batch_size,
        learning_rate: settings.learning_rate,
        seed: settings.seed,
        ..TrainConfig::default()
    }
}
