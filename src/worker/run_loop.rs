//! A lane's thread: takes the next job, runs it, says how it ended.

use std::any::Any;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::handle::{Shared, Wake};
use super::jobs;
use super::protocol::{Event, JobId, Report};
use crate::progress::Progress;

/// Progress is sent no more often: a window draws at most 60 frames a second, a person reads fewer.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(33);

/// What a job needs of its surroundings.
pub(super) struct Context<'a> {
    id: JobId,
    stop: Arc<AtomicBool>,
    sender: &'a Sender<Report>,
    wake: &'a Wake,
    last_progress: Option<Instant>,
}

impl Context<'_> {
    /// Sends an event and wakes the window.
    pub(super) fn send(&self, event: Event) {
        // The receiver is gone only while the window closes.
        let _ = self.sender.send(Report { job: self.id, event });
        (self.wake)();
    }

    /// Reports progress now and then, and says whether to go on.
    pub(super) fn observe(&mut self, progress: Progress) -> ControlFlow<()> {
        if self.due() {
            self.send(Event::Progress(progress));
        }
        self.going()
    }

    /// Whether it is time for another sign of life.
    pub(super) fn due(&mut self) -> bool {
        let due = self.last_progress.is_none_or(|last| last.elapsed() >= PROGRESS_INTERVAL);
        if due {
            self.last_progress = Some(Instant::now());
        }
        due
    }

    /// Whether to go on.
    pub(super) fn going(&self) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Runs jobs until the handle is dropped. A job that panics is reported like any failure, and the lane goes on.
///
/// With a pool, the job's parallel work runs there: what a person waits for does not queue behind a training's steps.
pub(super) fn run(shared: &Shared, sender: &Sender<Report>, wake: &Wake, pool: Option<&ThreadPool>) {
    while let Some((id, job, stop)) = shared.next() {
        let mut context = Context { id, stop, sender, wake, last_progress: None };
        context.send(Event::Started);
        let outcome = catch_unwind(AssertUnwindSafe(|| match pool {
            Some(pool) => pool.install(|| jobs::run(job, &mut context)),
            None => jobs::run(job, &mut context),
        }));
        shared.finished();
        context.send(match outcome {
            Ok(Ok(())) => Event::Finished,
            Ok(Err(message)) => Event::Failed(message),
            Err(panic) => Event::Failed(format!(
                "The program made a mistake ({}). Nothing you have is lost; please report it.",
                panic_message(panic.as_ref())
            )),
        });
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
