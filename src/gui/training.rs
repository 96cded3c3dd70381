//! The last training as the window follows it.

use std::time::Duration;

use crate::model::Architecture;
use crate::model::training::{TrainConfig, TrainingReport};

use super::settings::TrainSettings;

/// Points kept of the running loss: enough for a smooth curve on a wide screen.
const MOST_POINTS: usize = 1200;

/// One point of the running curves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
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
    pub running: Vec<CurvePoint>,
    /// Loss and accuracy on the validation images after each epoch, without dropout.
    pub validation: Vec<CurvePoint>,
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
        let point = CurvePoint { epoch, loss: f64::from(report.loss), accuracy: f64::from(report.accuracy) };
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
            self.validation.push(CurvePoint {
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

impl TrainSettings {
    /// The settings as the trainer wants them.
    #[must_use]
    pub fn config(&self) -> TrainConfig {
        TrainConfig {
            architecture: Architecture { hidden: self.hidden, placement: self.placement },
            dropout: self.dropout,
            epochs: self.epochs,
            batch_size: self.batch_size,
            learning_rate: self.learning_rate,
            seed: self.seed,
            ..TrainConfig::default()
        }
    }
}
