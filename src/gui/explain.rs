//! What the window knows of why an image is uncertain, and when it asks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::state::{Effect, State};
use crate::data::source::Places;
use crate::sampling::SweepConfig;
use crate::shown::explain::{Compared, ExplainJob, ExplainKey, ExplainView, TrainingSpace};
use crate::shown::subject::Origin;
use crate::worker::{Job, Slot};

/// Widths of a patch that are offered, in pixels.
pub const PATCHES: std::ops::RangeInclusive<usize> = 1..=14;

/// A drawing is explained once the pen has rested this long: not between two strokes that follow each other.
const REST: Duration = Duration::from_millis(250);

/// What comes back on the next start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExplainSettings {
    /// Whether a drawing is explained too.
    pub drawing: bool,
    /// Width of a patch in pixels.
    pub patch: usize,
}

impl ExplainSettings {
    /// The settings with every number within what its control offers.
    #[must_use]
    pub fn sanitised(self) -> Self {
        Self { patch: self.patch.clamp(*PATCHES.start(), *PATCHES.end()), ..self }
    }
}

impl Default for ExplainSettings {
    fn default() -> Self {
        Self { drawing: true, patch: 4 }
    }
}

/// One thing a person did in the explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExplainAction {
    /// Edit patches so wide, in pixels.
    Patch(usize),
    /// Look for the nearest training images from now on.
    FindNeighbours,
    /// Download MNIST's training images, and look there.
    DownloadNeighbours,
    /// Explain drawings, or no longer.
    Drawing(bool),
    /// Show this step of the way to the rival.
    Step(usize),
}

/// What is known of why an image is uncertain.
#[derive(Debug, Default)]
pub struct ExplainState {
    /// The step shown of the way to the rival.
    pub step: usize,
    /// The explanation; of an older question until the new one is there.
    pub view: Option<Arc<ExplainView>>,
    /// The training images, once asked for.
    pub training: Option<Arc<TrainingSpace>>,
    /// Changes whenever the training images do.
    pub training_generation: u64,
    /// Why the training images could not be had.
    pub training_error: Option<String>,
    /// Whether neighbours were asked for.
    pub wants_neighbours: bool,
    asked: Option<ExplainKey>,
    /// Since when the pen has rested, while a drawing waits to be explained.
    resting: Option<Instant>,
}

impl ExplainState {
    /// The explanation of this image, be it of an older T or patch.
    #[must_use]
    pub fn of(&self, origin: Origin) -> Option<&ExplainView> {
        self.view.as_deref().filter(|view| view.key.subject.origin == origin)
    }

    /// Whether what is shown is of an older question.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.asked.is_some() && self.view.as_ref().map(|view| &view.key) != self.asked.as_ref()
    }

    /// A job ended: done, or stopped by a person, who then is told nothing more is coming.
    pub(super) fn ended(&mut self) {
        self.asked = self.view.as_ref().map(|view| view.key.clone());
    }

    /// Forgets all that was of other images.
    pub(super) fn forget(&mut self) {
        let old = std::mem::take(self);
        self.training_generation = old.training_generation + 1;
    }
}

impl State {
    /// Tells an explanation under way to stop: what it explains is no longer looked at.
    pub(super) fn stop_explaining(&mut self) -> Vec<Effect> {
        let effects = self
            .jobs
            .iter()
            .filter(|job| job.slot == Slot::Explain)
            .map(|job| Effect::Cancel(job.id))
            .collect();
        self.jobs.retain(|job| job.slot != Slot::Explain);
        self.explain.ended();
        effects
    }

    /// Asks why the image looked at is uncertain, once all passes asked for are there.
    pub(super) fn ask_explanation(&mut self) -> Vec<Effect> {
        let Some((origin, sampled)) = self.explainable() else { return Vec::new() };
        let Some(subject) = self.subject(origin) else { return Vec::new() };
        let training = self.explain.training.clone().filter(|space| space.model == self.model.hash);
        let dataset = self.current_features().filter(|_| training.is_none());
        let key = ExplainKey {
            subject,
            model: self.model.hash.clone(),
            sampled,
            patch: self.settings.explain.patch,
            compared: match (&training, &dataset) {
                (Some(_), _) => Compared::Training,
                (None, Some(_)) => Compared::Dataset,
                (None, None) => Compared::Nothing,
            },
            rival: self.class,
        };
        let complete = self.explain.view.as_ref().is_some_and(|view| view.key == key && view.complete);
        let runs = self.jobs.iter().any(|job| job.slot == Slot::Explain);
        if complete || (runs && self.explain.asked.as_ref() == Some(&key)) {
            return Vec::new();
        }
        self.explain.asked = Some(key.clone());
        let before = self.explain.view.clone();
        let compared = key.compared;
        let job = ExplainJob { key, model: self.model.clone(), training, dataset, before };
        let mut effects = vec![Effect::submit(Job::Explain(Box::new(job)))];
        effects.extend(self.ask_training_space());
        if compared == Compared::Nothing && !self.jobs.iter().any(|job| job.slot == Slot::Features) {
            effects.extend(self.ask_features());
        }
        effects
    }

    /// The image in sight, if it can be explained now, and T, p and seed of what is shown of it.
    fn explainable(&self) -> Option<(Origin, SweepConfig)> {
        let asked = self.settings.sweep;
        let origin = self.looked_at()?;
        let sampled = match origin {
            Origin::Drawing => {
                let view = self.drawing.view.as_ref()?;
                let current = view.sampled == asked && view.model == self.model.hash;
                let rests = self.drawing.live.is_none() && self.explain.resting.is_none();
                (self.settings.explain.drawing && current && rests).then_some(asked)
            }
            Origin::Dataset(_) => {
                let samples = self.samples.as_ref()?;
                let complete = samples.passes() >= asked.passes && !self.is_refining();
                complete.then(|| SweepConfig {
                    passes: asked.passes,
                    dropout: samples.dropout(),
                    seed: samples.seed(),
                })
            }
            Origin::Kept(_) | Origin::Foreign(_) => Some(asked),
        };
        let in_sight = origin == Origin::Drawing || self.shows_inspector();
        sampled.filter(|_| in_sight).map(|sampled| (origin, sampled))
    }

    /// The network has answered for a drawing: it is explained when the pen has rested for a while.
    pub(super) fn drawing_rests(&mut self) {
        let pen_is_up = self.drawing.live.is_none() && self.settings.explain.drawing;
        self.explain.resting = pen_is_up.then(Instant::now);
    }

    /// Asks about a drawing when the pen has rested long enough; says how long to wait until then.
    pub(super) fn when_the_pen_has_rested(&mut self) -> (Vec<Effect>, Option<Duration>) {
        let Some(since) = self.explain.resting else { return (Vec::new(), None) };
        if let Some(wait) = REST.checked_sub(since.elapsed()).filter(|wait| !wait.is_zero()) {
            return (Vec::new(), Some(wait));
        }
        self.explain.resting = None;
        (self.ask_explanation(), None)
    }

    fn ask_training_space(&self) -> Option<Effect> {
        let current =
            self.explain.training.as_ref().is_some_and(|training| training.model == self.model.hash);
        let runs = self.jobs.iter().any(|job| job.slot == Slot::TrainingSpace);
        let wanted = self.explain.wants_neighbours && self.explain.training_error.is_none();
        (wanted && !current && !runs).then(|| self.find_training(self.places.clone()))
    }

    fn find_training(&self, places: Places) -> Effect {
        let known = self.explain.training.clone();
        Effect::submit(Job::TrainingSpace { places, model: self.model.clone(), known })
    }

    /// More of an explanation.
    pub(super) fn explained(&mut self, view: Arc<ExplainView>) {
        let way = |view: &ExplainView| view.way.as_ref().map(Arc::as_ptr);
        if self.explain.view.as_deref().and_then(way) != way(&view) {
            self.explain.step = 0;
        }
        self.explain.view = Some(view);
    }

    /// The training images are there.
    pub(super) fn training_space_came(&mut self, space: Arc<TrainingSpace>) -> Vec<Effect> {
        self.explain.training = Some(space);
        self.explain.training_generation += 1;
        self.explain.training_error = None;
        self.ask_explanation()
    }

    pub(super) fn apply_explanation(&mut self, action: &ExplainAction) -> Vec<Effect> {
        match action {
            ExplainAction::Patch(size) => {
                self.settings.explain.patch = (*size).clamp(*PATCHES.start(), *PATCHES.end());
                self.ask_explanation()
            }
            ExplainAction::Step(step) => {
                self.explain.step = *step;
                Vec::new()
            }
            ExplainAction::FindNeighbours => {
                self.explain.wants_neighbours = true;
                self.explain.training_error = None;
                self.ask_training_space().into_iter().collect()
            }
            ExplainAction::DownloadNeighbours => {
                self.explain.wants_neighbours = true;
                self.explain.training_error = None;
                let places = Places { asked: None, environment: None, ..self.places.clone() };
                vec![self.find_training(places)]
            }
            ExplainAction::Drawing(on) => {
                self.settings.explain.drawing = *on;
                if *on { self.ask_explanation() } else { self.stop_explaining() }
            }
        }
    }
}
