//! Training: how to train next, and the last training as the window follows it.

use std::sync::Arc;
use std::time::Duration;

use crate::model::Architecture;
use crate::model::training::{TrainConfig, TrainingReport};

use crate::gui::action::TrainAction;
use crate::gui::effect::{Step, Steps};
use crate::gui::panel::film::Film;
use crate::gui::settings::{Tab, TrainSettings, Watched};
use crate::gui::shared::Shared;
use crate::shown::film::{Cast, FilmPlan, FilmedImage, MOST_IMAGES};
use crate::shown::subject::Origin;
use crate::shown::{Dataset, OpenedModel};
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
    /// Whether a person gave it up: the network that it has given until then is kept, and not used.
    pub given_up: bool,
    /// Epochs asked for.
    pub epochs: usize,
    /// Which training of the window it is, from 1; 0 before the first.
    pub number: u64,
    /// What MC dropout says on the way.
    pub film: Film,
    /// The network it gave: its name, and the first digits of its hash.
    pub network: Option<(String, String)>,
    /// Highest loss so far in nats.
    pub highest: f64,
    /// Lowest accuracy on the validation images so far; 0 before the first.
    pub lowest: f64,
    /// Every n-th report becomes a point; doubles when there are too many points.
    stride: usize,
    seen: usize,
}

impl TrainingRun {
    /// A training that begins.
    #[must_use]
    pub fn started(settings: &TrainSettings, number: u64) -> Self {
        Self { active: true, epochs: settings.epochs, number, stride: 1, ..Self::default() }
    }

    /// It has given a network, and ended.
    pub fn trained(&mut self, model: &OpenedModel) {
        self.network = Some((model.name.clone(), model.hash.clone()));
        self.ended();
    }

    /// It is cancelled, where it runs.
    pub fn give_up(&mut self) {
        self.given_up |= self.active;
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
        self.highest = self.highest.max(point.loss);
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
            let accuracy = f64::from(validation.accuracy);
            self.lowest = if self.validation.is_empty() { accuracy } else { self.lowest.min(accuracy) };
            self.validation.push(TrainingPoint {
                epoch: report.epoch as f64,
                loss: f64::from(validation.loss),
                accuracy,
            });
        }
        self.last = Some(report);
    }

    /// Images per second lately, when it runs.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let rate = self.last.filter(|_| self.active).map(|report| f64::from(report.images_per_second));
        rate.filter(|rate| *rate > 0.0)
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
            TrainAction::Frame(frame) => {
                self.run.film.show(frame);
                Steps::new()
            }
            TrainAction::Walk(by) => {
                self.run.film.walk(by);
                Steps::new()
            }
            TrainAction::Play(playing) => {
                self.run.film.play(playing);
                if playing && !self.run.film.playing {
                    shared.refuse("There is no film to play yet: train a network first.");
                }
                if self.run.film.playing {
                    shared.settings.tab = Tab::Train;
                }
                Steps::new()
            }
            TrainAction::Advance => {
                self.run.film.advance();
                Steps::new()
            }
        }
    }

    fn start(&mut self, shared: &mut Shared) -> Steps {
        shared.settings.tab = Tab::Train;
        shared.training += 1;
        let settings = shared.settings.training;
        self.run = TrainingRun::started(&settings, shared.training);
        vec![Step::submit(Job::Train {
            places: Box::new(shared.places.clone()),
            config: config(&settings),
            start: settings.resume.then(|| shared.model.clone()),
            film: FilmPlan { training: shared.training, cast: cast(shared), sampled: shared.settings.sweep },
        })]
    }
}

/// How many images each choice would follow: the usual ones, those selected, the drawing.
#[must_use]
pub fn to_watch(shared: &Shared, watched: Watched) -> usize {
    match watched {
        Watched::Usual => MOST_IMAGES,
        Watched::Selection if shared.selected.set.is_empty() => {
            usize::from(shared.selected.primary.is_some())
        }
        Watched::Selection => shared.selected.set.len(),
        Watched::Drawing => usize::from(shared.pictured(Origin::Drawing).is_some()),
    }
}

/// The choice in force: the usual images, where there is nothing selected or drawn.
#[must_use]
pub fn watched(shared: &Shared) -> Watched {
    let chosen = shared.settings.training.watched;
    if to_watch(shared, chosen) > 0 { chosen } else { Watched::Usual }
}

/// The images that the next training is watched on, as they are now.
fn cast(shared: &Shared) -> Cast {
    let dataset = shared.dataset.as_ref().map_or_else(String::new, Dataset::name);
    let filmed = |origin: Origin| {
        let subject = shared.subject(origin)?;
        let name = match origin {
            Origin::Dataset(_) => format!("{} of {dataset}", subject.name),
            Origin::Drawing | Origin::Kept(_) | Origin::Foreign(_) => subject.name,
        };
        Some(FilmedImage { name, label: subject.label, pixels: Arc::clone(&subject.pixels) })
    };
    match watched(shared) {
        Watched::Usual => Cast::Usual(shared.bundled.clone()),
        Watched::Drawing => Cast::Chosen(filmed(Origin::Drawing).into_iter().collect()),
        Watched::Selection => {
            let selected = &shared.selected;
            let alone = selected.primary.filter(|_| selected.set.is_empty());
            let all = selected.set.iter().chain(alone).map(Origin::Dataset);
            Cast::Chosen(all.filter_map(filmed).take(MOST_IMAGES).collect())
        }
    }
}

/// The settings as the trainer wants them; the number of classes is that of the images.
fn config(settings: &TrainSettings) -> TrainConfig {
    TrainConfig {
        architecture: Architecture {
            hidden: settings.hidden,
            placement: settings.placement,
            ..Architecture::default()
        },
        dropout: settings.dropout,
        epochs: settings.epochs,
        batch_size: settings.batch_size,
        learning_rate: settings.learning_rate,
        seed: settings.seed,
        ..TrainConfig::default()
    }
}
