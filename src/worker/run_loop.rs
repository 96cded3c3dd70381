//! A lane's thread: takes the next job, runs it, says how it ended.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;

use rayon::ThreadPool;

use super::context::{Context, Wake};
use super::error::JobError;
use super::jobs;
use super::protocol::{Event, Report};
use super::queue::LaneShared;

/// Runs jobs until the handle is dropped. A job that panics is reported like any failure, and the lane goes on.
///
/// With a pool, the job's parallel work runs there: what the user waits for does not queue behind training steps.
pub(super) fn run(shared: &LaneShared, sender: &Sender<Report>, wake: &Wake, pool: Option<&ThreadPool>) {
    while let Some((id, job, stop)) = shared.next() {
        let mut context = Context::new(id, stop, sender, wake);
        context.send(Event::Started);
        let own = &mut context;
        let outcome = catch_unwind(AssertUnwindSafe(move || match pool {
            Some(pool) => pool.install(move || jobs::run(job, own)),
            None => jobs::run(job, own),
        }));
        shared.finished();
        context.send(match outcome {
            Ok(Ok(())) => Event::Finished,
            Ok(Err(error)) => Event::Failed(error),
            Err(panic) => Event::Failed(JobError::Panicked(panic_message(panic.as_ref()).to_owned())),
        });
    }
}

/// Runs a job here and now, and says all that it said, its end included.
#[cfg(test)]
pub(crate) fn answers(job: super::protocol::Job) -> Vec<Event> {
    let (sender, reports) = std::sync::mpsc::channel();
    let wake: Wake = std::sync::Arc::new(|| {});
    let context = Context::new(1, std::sync::Arc::default(), &sender, &wake);
    context.send(Event::Started);
    let outcome = jobs::run(job, &context);
    context.send(outcome.map_or_else(Event::Failed, |()| Event::Finished));
    reports.try_iter().map(|report| report.event).collect()
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
