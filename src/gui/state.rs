//! All that the window knows, and how it changes: actions and reports of the workers go in, effects come out.
//!
//! Nothing here draws, and nothing here waits, so that a list of actions is a test.

mod apply;
mod draw;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::data::source::{Places, Split};
use crate::export::chart::Chart;
use crate::help::Topic;
use crate::progress::Progress;
use crate::sampling::{Prefix, Samples, SweepConfig};
use crate::worker::subject::Origin;
use crate::worker::{
    Dataset, Event, GalleryQuery, GalleryView, InspectorView, Job, JobId, Limits, OpenedModel, Report, Slot,
};

use super::action::FilePurpose;
use super::drawing::Drawing;
use super::explain::ExplainState;
use super::highlight::Highlight;
use super::notices::{Gravity, Notices};
use super::plane::PlaneState;
use super::quality::QualityState;
use super::rotate::RotateState;
use super::selection::{History, Selected, Snapshot};
use super::settings::{Settings, ThemeChoice};
use super::subnetwork::SubnetworkState;
use super::training::TrainingRun;

/// Memory for sweeps of other dropout rates, to which going back is instant, in bytes; the one not looked at for
/// longest goes first. At T = 100 and 10,000 images one takes about 30 MB.
const VISITED: u64 = 300_000_000;

/// What the window must do after a change.
pub enum Effect {
    /// Give this to the workers and call [`State::submitted`].
    Submit(Box<Job>),
    /// Tell a job to stop.
    Cancel(JobId),
    /// Show the system's file dialog.
    AskSystem(FilePurpose),
    /// Put a picture on the clipboard.
    CopyPicture(image::RgbImage),
    /// Put text on the clipboard.
    CopyText(String),
    /// Put grey values on the clipboard, `[28, 28]`.
    CopyPixels(Vec<u8>),
    /// Change the colours.
    SetTheme(ThemeChoice),
    /// Close the window.
    Quit,
}

impl Effect {
    pub(super) fn submit(job: Job) -> Self {
        Self::Submit(Box::new(job))
    }
}

/// A job under way, as the status bar shows it.
#[derive(Clone, Debug)]
pub struct ActiveJob {
    /// Its id.
    pub id: JobId,
    /// What it is about.
    pub slot: Slot,
    /// What it is called: `Sweeping 10,000 images`.
    pub title: String,
    /// Units for its rate: `passes`, `bytes`, `images`; empty when a rate says nothing.
    pub unit: &'static str,
    /// How far it is.
    pub progress: Progress,
    /// When it began.
    pub started: Instant,
    /// Whether a result of it has been shown.
    pub answered: bool,
}

/// What lies over the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The command palette.
    Palette,
    /// The list of shortcuts.
    Shortcuts,
    /// A page of the help.
    Help(Topic),
    /// A question for a path.
    Path(FilePurpose),
}

/// All that the window knows.
pub struct State {
    /// Choices that come back on the next start.
    pub settings: Settings,
    /// The images; `None` until they are loaded.
    pub dataset: Option<Dataset>,
    /// Changes whenever the images do.
    pub generation: u64,
    /// Where images are looked for: the training images too.
    pub places: Places,
    /// The part of the dataset asked for.
    pub split: Split,
    /// The network.
    pub model: OpenedModel,
    /// The network that comes with the program.
    pub bundled: OpenedModel,
    /// The newest samples.
    pub samples: Option<Samples>,
    /// What the sweep under way samples.
    sweeping: Option<SweepConfig>,
    prefix: Option<Arc<Prefix>>,
    visited: Vec<Samples>,
    /// What the gallery shows.
    pub gallery: Option<Arc<GalleryView>>,
    /// The images lit up in every view; none when the pointer is on none.
    pub highlight: Option<Arc<Highlight>>,
    /// What the gallery is limited to besides digit and filter.
    pub limits: Limits,
    /// What the quality view knows.
    pub quality: QualityState,
    /// The sub-network that labels the gallery.
    pub subnetwork: SubnetworkState,
    /// What the plane shows.
    pub plane: PlaneState,
    /// Why the image looked at is uncertain.
    pub explain: ExplainState,
    /// What the Rotate tab knows.
    pub rotate: RotateState,
    /// What the inspector shows.
    pub inspector: Option<Arc<InspectorView>>,
    /// What is selected.
    pub selected: Selected,
    /// An image in the inspector that is not of the dataset: kept or foreign.
    pub(super) elsewhere: Option<Origin>,
    /// Whether the image looked at is the most uncertain one, until a person chooses another.
    follows_first: bool,
    /// The class whose sampled probabilities the inspector shows; the predicted one when `None`.
    pub class: Option<u8>,
    history: History,
    /// The last training.
    pub training: TrainingRun,
    /// Jobs under way.
    pub jobs: Vec<ActiveJob>,
    /// The chart that is to be saved.
    pub(super) chart: Option<Arc<Chart>>,
    /// Messages.
    pub notices: Notices,
    /// What lies over the window.
    pub overlay: Overlay,
    /// Why the last load failed, in place of images.
    pub load_error: Option<String>,
    /// What the Draw tab knows.
    pub drawing: Drawing,
    /// Where kept digits lie; `None`: they last as long as the window.
    pub my_digits: Option<PathBuf>,
}

impl State {
    /// The state at the start, and the first thing to do: load the data.
    #[must_use]
    pub fn new(
        settings: Settings,
        places: Places,
        model: OpenedModel,
        bundled: OpenedModel,
    ) -> (Self, Vec<Effect>) {
        let split = Split::Test;
        let settings = settings.sanitised();
        let state = Self {
            generation: 0,
            rotate: RotateState::new(settings.rotate),
            settings,
            dataset: None,
            places: places.clone(),
            split,
            model,
            bundled,
            samples: None,
            sweeping: None,
            prefix: None,
            visited: Vec::new(),
            gallery: None,
            highlight: None,
            limits: Limits::default(),
            quality: QualityState::default(),
            subnetwork: SubnetworkState::default(),
            plane: PlaneState::default(),
            explain: ExplainState::default(),
            inspector: None,
            selected: Selected::default(),
            elsewhere: None,
            follows_first: true,
            class: None,
            history: History::default(),
            training: TrainingRun::default(),
            jobs: Vec::new(),
            chart: None,
            notices: Notices::default(),
            overlay: Overlay::None,
            load_error: None,
            drawing: Drawing::default(),
            my_digits: None,
        };
        (state, vec![Effect::submit(Job::Load { places, split })])
    }

    /// The rate the shown network was trained with differs from the one asked for.
    #[must_use]
    pub fn differs_from_training(&self) -> Option<f32> {
        let trained = self.model.checkpoint.lenet.dropout();
        ((trained - self.settings.sweep.dropout).abs() > 5e-4).then_some(trained)
    }

    /// Whether the gallery shows something else than what is asked for: an older p, seed, T, or network.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        let Some(view) = &self.gallery else { return false };
        let asked = self.settings.sweep;
        self.samples.is_none()
            || (view.sampled.dropout - asked.dropout).abs() > 5e-4
            || view.sampled.seed != asked.seed
            || view.query.passes != asked.passes
    }

    /// Whether the newest samples are draws of what is asked for, be they fewer than asked for.
    #[must_use]
    pub fn has_current_draws(&self) -> bool {
        let current = |sampled: &SweepConfig| same_config(Some(*sampled), &self.settings.sweep);
        self.samples.is_some() && self.gallery.as_ref().is_some_and(|view| current(&view.sampled))
    }

    /// Whether passes are still being added to what the gallery shows.
    #[must_use]
    pub fn is_refining(&self) -> bool {
        self.jobs.iter().any(|job| job.slot == Slot::Sweep)
    }

    /// The question the gallery asks now.
    #[must_use]
    pub fn gallery_query(&self, passes: usize) -> GalleryQuery {
        GalleryQuery {
            digit: self.settings.digit,
            grouping: self.settings.grouping,
            filter: self.settings.filter,
            measure: self.settings.measure,
            passes,
        }
    }

    /// A submitted job got this id.
    pub fn submitted(&mut self, id: JobId, slot: Slot, title: String, unit: &'static str) {
        if slot.newest_wins() && !slot.is_quick() {
            self.jobs.retain(|job| job.slot != slot);
        }
        self.jobs.push(ActiveJob {
            id,
            slot,
            title,
            unit,
            progress: Progress::default(),
            started: Instant::now(),
            answered: false,
        });
    }

    /// Takes what a worker says. Reports of jobs that newer ones replaced change nothing.
    pub fn receive(&mut self, report: Report) -> Vec<Effect> {
        if report.job == 0 {
            if let Event::Failed(message) = report.event {
                self.notices.say(Gravity::Error, message);
            }
            return Vec::new();
        }
        let Some(at) = self.jobs.iter().position(|job| job.id == report.job) else { return Vec::new() };
        let slot = self.jobs[at].slot;
        match report.event {
            Event::Started => {
                self.jobs[at].started = Instant::now();
                // Older quick jobs were dropped while they waited: they will not report.
                self.jobs.retain(|job| job.slot != slot || job.id >= report.job);
            }
            Event::Progress(progress) => self.jobs[at].progress = progress,
            Event::Loaded { dataset, places } => {
                self.places = *places;
                return self.loaded(dataset);
            }
            Event::ModelOpened(model) => {
                self.notices.say(Gravity::News, format!("Opened {}.", model.name));
                return self.use_model(model);
            }
            Event::Prepared(prefix) => self.prefix = Some(prefix),
            Event::Swept(samples) => {
                self.jobs[at].answered = true;
                self.samples = Some(samples);
                return if same_config(self.sweeping, &self.settings.sweep) {
                    self.refresh()
                } else {
                    self.sweep()
                };
            }
            Event::Training(training) => self.training.record(training),
            Event::Trained(model) => {
                self.training.ended();
                self.notices.say(Gravity::News, "The trained network is in use. Save it with Ctrl+S.");
                return self.use_model(model);
            }
            Event::Exported(path) => {
                self.notices.say(Gravity::News, format!("Wrote {}.", path.display()));
            }
            Event::Gallery(view) => return self.gallery_came(view),
            Event::Quality(view) => return self.quality_came(view),
            Event::Foreign(view) => return self.foreign_came(view),
            Event::Drawn(view) => return self.drawn(view),
            Event::Features(features) => {
                self.drawing.features = Some(features);
                let mut effects: Vec<Effect> = self.neighbours().into_iter().collect();
                effects.extend(self.ask_explanation());
                return effects;
            }
            Event::Neighbours(found) => self.found_neighbours(found),
            Event::PictureRead(view) => return self.picture_read(view),
            Event::Kept(kept) => self.kept(kept),
            Event::Inspected(view) => {
                self.inspector = Some(view);
                return self.ask_explanation();
            }
            Event::Subnetwork(view) => return self.subnetwork_came(&view),
            Event::Explained(view) => self.explained(view),
            Event::Rotated(view) => self.rotated(view),
            Event::Dialled(view) => self.dialled(view),
            Event::TrainingSpace(space) => return self.training_space_came(space),
            Event::Chart(copy) => return self.chart_came(copy),
            Event::Failed(message) => {
                self.jobs.remove(at);
                return self.failed(slot, message);
            }
            Event::Finished => {
                self.jobs.remove(at);
                self.quality.ended(slot);
                match slot {
                    Slot::Train => self.training.ended(),
                    Slot::Explain => self.explain.ended(),
                    Slot::Rotate => self.rotate.ended(),
                    // What was waiting for the last passes.
                    Slot::Sweep => {
                        let mut effects = self.ask_quality();
                        effects.extend(self.ask_explanation());
                        return effects;
                    }
                    Slot::Load if self.dataset.is_none() => {
                        self.load_error = Some("Loading was stopped before any image was there.".to_owned());
                    }
                    _ => {}
                }
            }
        }
        Vec::new()
    }

    fn gallery_came(&mut self, view: Arc<GalleryView>) -> Vec<Effect> {
        if let Some(effects) = self.brushed_nothing(&view) {
            return effects;
        }
        self.gallery = Some(view);
        self.light_again();
        let mut effects = self.ask_quality();
        effects.extend(self.renew_subnetwork());
        if self.follows_first {
            effects.extend(self.select_most_uncertain());
        }
        effects.extend(self.ask_rotation());
        effects
    }

    fn failed(&mut self, slot: Slot, message: String) -> Vec<Effect> {
        self.quality.ended(slot);
        if slot == Slot::Foreign {
            self.quality.source = self.quality.foreign.as_ref().map(|view| view.source.clone());
        }
        match slot {
            Slot::Load if self.dataset.is_none() => {
                // It stands where the images would be.
                log::error!("{message}");
                self.load_error = Some(message);
                return Vec::new();
            }
            Slot::Train => self.training.ended(),
            Slot::TrainingSpace => {
                // It stands where the neighbours would be.
                log::error!("{message}");
                self.explain.training_error = Some(message);
                return Vec::new();
            }
            _ => {}
        }
        self.notices.say(Gravity::Error, message);
        Vec::new()
    }

    fn loaded(&mut self, dataset: Dataset) -> Vec<Effect> {
        if let Some(notice) = dataset.source.notice() {
            self.notices.say(Gravity::Warning, notice);
        }
        self.load_error = None;
        self.generation += 1;
        self.split = dataset.split;
        self.dataset = Some(dataset);
        self.history = History::default();
        self.forget_results();
        let mut effects = self.sweep();
        effects.extend(self.want_features());
        effects
    }

    fn use_model(&mut self, model: OpenedModel) -> Vec<Effect> {
        self.model = model;
        self.settings.sweep.dropout = self.model.checkpoint.lenet.dropout();
        // The old results stay visible, marked stale, until the first of the new network are there.
        self.prefix = None;
        self.visited.clear();
        self.samples = None;
        let mut effects = self.sweep();
        effects.extend(self.ask_drawing());
        effects.extend(self.want_features());
        effects.extend(self.ask_rotation());
        effects
    }

    /// The last step turned out to change nothing: it is none to go back to.
    pub(super) fn forget_step(&mut self) {
        let now = Snapshot::new(&self.settings, &self.limits, &self.selected);
        self.history.forget(&now);
    }

    fn forget_results(&mut self) {
        self.prefix = None;
        self.visited.clear();
        self.samples = None;
        // What is being measured is of the old images.
        self.jobs.retain(|job| {
            !matches!(
                job.slot,
                Slot::Gallery | Slot::Inspect | Slot::Explain | Slot::Rotate | Slot::Subnetwork
            )
        });
        self.drawing.neighbours = None;
        self.gallery = None;
        self.highlight = None;
        self.limits = Limits::default();
        self.quality.forget();
        self.explain.forget();
        self.rotate.forget();
        self.plane.bounds = None;
        self.subnetwork = SubnetworkState::default();
        self.inspector = None;
        self.selected = Selected::default();
        self.elsewhere = None;
        self.follows_first = true;
    }

    /// Brings the samples to what the settings ask for: from those kept, by sampling on, or anew.
    fn sweep(&mut self) -> Vec<Effect> {
        let Some(dataset) = &self.dataset else { return Vec::new() };
        let config = self.settings.sweep;
        let matches = |samples: &Samples| same_draws(samples, &config);
        if !self.samples.as_ref().is_some_and(matches) {
            if let Some(old) = self.samples.take() {
                self.visited.push(old);
                while self.visited.iter().map(Samples::bytes).sum::<u64>() > VISITED {
                    self.visited.remove(0);
                }
            }
            if let Some(at) = self.visited.iter().position(matches) {
                self.samples = Some(self.visited.remove(at));
            }
        }
        let done = self.samples.as_ref().map_or(0, Samples::passes);
        let mut effects = Vec::new();
        if done >= config.passes {
            // A sweep under way is for something else now.
            effects.extend(
                self.jobs.iter().filter(|job| job.slot == Slot::Sweep).map(|job| Effect::Cancel(job.id)),
            );
            self.jobs.retain(|job| job.slot != Slot::Sweep);
        } else if self.jobs.iter().any(|job| job.slot == Slot::Sweep && !job.answered) {
            // While a slider moves, each rate gets its first picture before the next is asked for; the one under way
            // will lead here again.
        } else {
            self.sweeping = Some(config);
            // Numbers of the old run would keep the new one waiting.
            let old = self.jobs.iter().filter(|job| matches!(job.slot, Slot::Quality | Slot::Foreign));
            effects.extend(old.map(|job| Effect::Cancel(job.id)));
            effects.push(Effect::submit(Job::Sweep {
                digits: Arc::clone(&dataset.digits),
                model: self.model.clone(),
                config,
                prefix: self.prefix.clone(),
                samples: self.samples.clone(),
            }));
        }
        effects.extend(self.refresh());
        effects
    }

    /// Asks for the gallery and the inspector at what is sampled now.
    pub(super) fn refresh(&mut self) -> Vec<Effect> {
        let (Some(samples), Some(dataset)) = (&self.samples, &self.dataset) else { return Vec::new() };
        let passes = self.settings.sweep.passes.min(samples.passes());
        if passes == 0 {
            return Vec::new();
        }
        let mut effects = vec![Effect::submit(Job::Gallery {
            samples: samples.clone(),
            digits: Arc::clone(&dataset.digits),
            query: self.gallery_query(passes),
            limits: self.limits.clone(),
            foreign: self.foreign_to_count(),
        })];
        effects.extend(self.inspect());
        effects
    }

    fn select_most_uncertain(&mut self) -> Vec<Effect> {
        let first = self.gallery.as_ref().and_then(|view| view.ranked.order.first().copied());
        if first == self.selected.primary {
            return Vec::new();
        }
        self.selected.primary = first;
        self.inspect()
    }
}

/// Whether a sweep samples what is asked for now.
fn same_config(config: Option<SweepConfig>, asked: &SweepConfig) -> bool {
    config.is_some_and(|config| {
        config.dropout.to_bits() == asked.dropout.to_bits() && config.seed == asked.seed
    })
}

/// Whether samples are draws of these masks.
pub(super) fn same_draws(samples: &Samples, config: &SweepConfig) -> bool {
    samples.dropout().to_bits() == config.dropout.to_bits() && samples.seed() == config.seed
}
