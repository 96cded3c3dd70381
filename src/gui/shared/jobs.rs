//! The jobs under way, as the status bar shows them and as questions are held back by them.

use std::time::Instant;

use crate::gui::effect::{Effect, Steps};
use crate::progress::Progress;
use crate::worker::{JobId, Slot};

/// A job under way.
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
    /// Its progress.
    pub progress: Progress,
    /// When it began.
    pub started: Instant,
    /// Whether a result of it has been shown.
    pub answered: bool,
}

/// The jobs under way, in the order they were asked for.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    list: Vec<ActiveJob>,
}

impl Jobs {
    /// A submitted job got this id.
    pub fn submitted(&mut self, id: JobId, slot: Slot, title: String, unit: &'static str) {
        if slot.newest_wins() && !slot.is_quick() {
            self.forget(|other| other == slot);
        }
        self.list.push(ActiveJob {
            id,
            slot,
            title,
            unit,
            progress: Progress::default(),
            started: Instant::now(),
            answered: false,
        });
    }

    /// Whether nothing is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The jobs, in the order they were asked for.
    pub fn iter(&self) -> impl Iterator<Item = &ActiveJob> {
        self.list.iter()
    }

    /// Whether a job of this slot is under way.
    #[must_use]
    pub fn run(&self, slot: Slot) -> bool {
        self.list.iter().any(|job| job.slot == slot)
    }

    /// Whether a job of this slot is under way that has (or has not) shown a result.
    #[must_use]
    pub fn run_answered(&self, slot: Slot, answered: bool) -> bool {
        self.list.iter().any(|job| job.slot == slot && job.answered == answered)
    }

    /// The job of this id.
    pub fn get_mut(&mut self, id: JobId) -> Option<&mut ActiveJob> {
        self.list.iter_mut().find(|job| job.id == id)
    }

    /// A job has begun: older quick ones were dropped while they waited and will not report.
    pub fn started(&mut self, id: JobId, slot: Slot) {
        if let Some(job) = self.get_mut(id) {
            job.started = Instant::now();
        }
        self.list.retain(|job| job.slot != slot || job.id >= id);
    }

    /// A job has come so far.
    pub fn progressed(&mut self, id: JobId, progress: Progress) {
        if let Some(job) = self.get_mut(id) {
            job.progress = progress;
        }
    }

    /// All jobs of a slot have shown a result.
    pub fn answered(&mut self, slot: Slot) {
        for job in self.list.iter_mut().filter(|job| job.slot == slot) {
            job.answered = true;
        }
    }

    /// A job has ended.
    pub fn ended(&mut self, id: JobId) {
        self.list.retain(|job| job.id != id);
    }

    /// What tells these jobs to stop; they stay in the list until they have.
    #[must_use]
    pub fn cancel(&self, which: impl Fn(Slot) -> bool) -> Steps {
        let jobs = self.list.iter().filter(|job| which(job.slot));
        jobs.map(|job| Effect::Cancel(job.id).into()).collect()
    }

    /// Takes these jobs off the list: what they still say changes nothing.
    pub fn forget(&mut self, which: impl Fn(Slot) -> bool) {
        self.list.retain(|job| !which(job.slot));
    }
}
