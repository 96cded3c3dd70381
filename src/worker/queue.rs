//! The jobs of a lane, waiting and running, shared by its thread and its handle.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::lanes::Slot;
use super::protocol::{Job, JobId};

/// What a lane's thread and its handle share.
#[derive(Default)]
pub(super) struct LaneShared {
    queue: Mutex<Queue>,
    pub(super) changed: Condvar,
}

#[derive(Default)]
pub(super) struct Queue {
    pub(super) waiting: Vec<(JobId, Job)>,
    pub(super) running: Option<Running>,
    pub(super) closed: bool,
}

pub(super) struct Running {
    pub(super) id: JobId,
    pub(super) slot: Slot,
    pub(super) stop: Arc<AtomicBool>,
}

impl LaneShared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Queue> {
        // A poisoned queue is still a valid queue: no code that can panic runs while it is locked.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next job; `None` when the handle was dropped and none is left.
    pub(super) fn next(&self) -> Option<(JobId, Job, Arc<AtomicBool>)> {
        let mut queue = self.lock();
        loop {
            if !queue.waiting.is_empty() {
                let (id, job) = queue.waiting.remove(0);
                let stop = Arc::new(AtomicBool::new(false));
                queue.running = Some(Running { id, slot: job.slot(), stop: Arc::clone(&stop) });
                return Some((id, job, stop));
            }
            if queue.closed {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn finished(&self) {
        self.lock().running = None;
    }
}
