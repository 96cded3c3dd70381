//! The explanation: why an image is uncertain, and when that is asked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::data::source::Places;
use crate::gui::action::ExplainAction;
use crate::gui::effect::{Step, Steps};
use crate::gui::settings::PATCHES;
use crate::gui::shared::Shared;
use crate::sampling::SweepConfig;
use crate::shown::explain::{Compared, ExplainJob, ExplainKey, ExplainView, TrainingSpace};
use crate::shown::subject::Origin;
use crate::worker::{Job, Slot};

/// A drawing is explained once the pen has rested this long: not between two strokes that follow each other.
const REST: Duration = Duration::from_millis(250);

/// What is known of why an image is uncertain.
#[derive(Debug, Default)]
pub struct ExplainPanel {
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

impl ExplainPanel {
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

    /// A job ended: done, or stopped by the user, who is then told that nothing more is coming.
    pub fn ended(&mut self) {
        self.asked = self.view.as_ref().map(|view| view.key.clone());
    }

    /// Forgets all that was of other images.
    pub fn forget(&mut self) {
        let old = std::mem::take(self);
        self.training_generation = old.training_generation + 1;
    }

    /// Tells an explanation under way to stop: what it explains is no longer looked at.
    pub fn stop(&mut self, shared: &mut Shared) -> Steps {
        let steps = shared.jobs.cancel(|slot| slot == Slot::Explain);
        shared.jobs.forget(|slot| slot == Slot::Explain);
        self.ended();
        steps
    }

    /// Asks why the image looked at is uncertain, once all passes asked for are there.
    pub fn ask(&mut self, shared: &Shared) -> Steps {
        let Some((origin, sampled)) = self.explainable(shared) else { return Steps::new() };
        let Some(subject) = shared.subject(origin) else { return Steps::new() };
        let training = self.training.clone().filter(|space| space.network == shared.model.key());
        let dataset = shared.current_features().filter(|_| training.is_none());
        let key = ExplainKey {
            subject,
            network: shared.model.key(),
            sampled,
            patch: shared.settings.explain.patch,
            compared: match (&training, &dataset) {
                (Some(_), _) => Compared::Training,
                (None, Some(_)) => Compared::Dataset,
                (None, None) => Compared::Nothing,
            },
            rival: shared.class,
        };
        let complete = self.view.as_ref().is_some_and(|view| view.key == key && view.complete);
        let runs = shared.jobs.run(Slot::Explain);
        if complete || (runs && self.asked.as_ref() == Some(&key)) {
            return Steps::new();
        }
        self.asked = Some(key.clone());
        let before = self.view.clone();
        let compared = key.compared;
        let job = ExplainJob { key, model: shared.model.clone(), training, dataset, before };
        let mut steps = vec![Step::submit(Job::Explain(Box::new(job)))];
        steps.extend(self.ask_training_space(shared));
        if compared == Compared::Nothing && !shared.jobs.run(Slot::Features) {
            steps.extend(shared.ask_features());
        }
        steps
    }

    /// The image shown, if it can be explained now, with the T, p and seed of what is shown of it.
    fn explainable(&self, shared: &Shared) -> Option<(Origin, SweepConfig)> {
        let asked = shared.settings.sweep;
        let origin = shared.looked_at()?;
        let sampled = match origin {
            Origin::Drawing => {
                let view = shared.sights.drawn.as_ref()?;
                let current = view.sampled == asked && view.network == shared.model.key();
                let rests = !shared.sights.pen_down && self.resting.is_none();
                (shared.settings.explain.drawing && current && rests).then_some(asked)
            }
            Origin::Dataset(_) => {
                let samples = shared.run.samples.as_ref()?;
                let complete = samples.passes() >= asked.passes && !shared.is_refining();
                complete.then(|| samples.config(asked.passes))
            }
            Origin::Kept(_) | Origin::Foreign(_) => Some(asked),
        };
        let in_sight = origin == Origin::Drawing || shared.shows_inspector();
        sampled.filter(|_| in_sight).map(|sampled| (origin, sampled))
    }

    /// The network has answered for a drawing: it is explained when the pen has rested for a while.
    pub fn drawing_rests(&mut self, shared: &Shared) {
        let pen_is_up = !shared.sights.pen_down && shared.settings.explain.drawing;
        self.resting = pen_is_up.then(Instant::now);
    }

    /// Asks about a drawing when the pen has rested long enough; says how long to wait until then.
    pub fn when_the_pen_has_rested(&mut self, shared: &Shared) -> (Steps, Option<Duration>) {
        let Some(since) = self.resting else { return (Steps::new(), None) };
        if let Some(wait) = REST.checked_sub(since.elapsed()).filter(|wait| !wait.is_zero()) {
            return (Steps::new(), Some(wait));
        }
        self.resting = None;
        (self.ask(shared), None)
    }

    fn ask_training_space(&self, shared: &Shared) -> Option<Step> {
        let current = self.training.as_ref().is_some_and(|training| training.network == shared.model.key());
        let runs = shared.jobs.run(Slot::TrainingSpace);
        let wanted = self.wants_neighbours && self.training_error.is_none();
        (wanted && !current && !runs).then(|| self.find_training(shared.places.clone(), shared))
    }

    fn find_training(&self, places: Places, shared: &Shared) -> Step {
        let known = self.training.clone();
        Step::submit(Job::TrainingSpace { places, model: shared.model.clone(), known })
    }

    /// More of an explanation.
    pub fn explained(&mut self, view: Arc<ExplainView>) {
        let way = |view: &ExplainView| view.way.as_ref().map(Arc::as_ptr);
        if self.view.as_deref().and_then(way) != way(&view) {
            self.step = 0;
        }
        self.view = Some(view);
    }

    /// The training images are there.
    pub fn training_space_came(&mut self, space: Arc<TrainingSpace>, shared: &Shared) -> Steps {
        self.training = Some(space);
        self.training_generation += 1;
        self.training_error = None;
        self.ask(shared)
    }

    /// Carries out a user action in the explanation.
    pub fn update(&mut self, action: &ExplainAction, shared: &mut Shared) -> Steps {
        match *action {
            ExplainAction::Patch(size) => {
                shared.settings.explain.patch = size.clamp(*PATCHES.start(), *PATCHES.end());
                self.ask(shared)
            }
            ExplainAction::Step(step) => {
                self.step = step;
                Steps::new()
            }
            ExplainAction::FindNeighbours => {
                self.wants_neighbours = true;
                self.training_error = None;
                self.ask_training_space(shared).into_iter().collect()
            }
            ExplainAction::DownloadNeighbours => {
                self.wants_neighbours = true;
                self.training_error = None;
                let places = Places { asked: None, environment: None, ..shared.places.clone() };
                vec![self.find_training(places, shared)]
            }
            ExplainAction::Drawing(on) => {
                shared.settings.explain.drawing = on;
                if on { self.ask(shared) } else { self.stop(shared) }
            }
        }
    }
}
