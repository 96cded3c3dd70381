//! What a job needs of its surroundings: where its events go, and whether it was told to stop.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::protocol::{Event, JobId, Report};
use crate::progress::Progress;

/// Called after an event was sent: the window passes `request_repaint`, tests nothing.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Progress is sent no more often: a window draws at most 60 frames a second, a person reads fewer.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(33);

/// What a job needs of its surroundings.
pub(super) struct Context<'a> {
    id: JobId,
    stop: Arc<AtomicBool>,
    sender: &'a Sender<Report>,
    wake: &'a Wake,
    last_progress: Cell<Option<Instant>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(id: JobId, stop: Arc<AtomicBool>, sender: &'a Sender<Report>, wake: &'a Wake) -> Self {
        Self { id, stop, sender, wake, last_progress: Cell::new(None) }
    }

    /// Sends an event and wakes the window.
    pub(super) fn send(&self, event: Event) {
        // The receiver is gone only while the window closes.
        let _ = self.sender.send(Report { job: self.id, event });
        (self.wake)();
    }

    /// Reports progress now and then, and says whether to go on.
    pub(super) fn observe(&self, progress: Progress) -> ControlFlow<()> {
        if self.due() {
            self.send(Event::Progress(progress));
        }
        self.going()
    }

    /// Whether it is time for another sign of life.
    pub(super) fn due(&self) -> bool {
        let due = self.last_progress.get().is_none_or(|last| last.elapsed() >= PROGRESS_INTERVAL);
        if due {
            self.last_progress.set(Some(Instant::now()));
        }
        due
    }

    /// Sends a stage of an answer unless the job was told to stop, and says whether to go on.
    pub(super) fn answer(&self, event: Event) -> ControlFlow<()> {
        self.going()?;
        self.send(event);
        self.going()
    }

    /// Whether to go on.
    pub(super) fn going(&self) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
