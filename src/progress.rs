//! How long-running work reports its progress and is told to stop.

use std::ops::ControlFlow;

/// How far a piece of work has come, in units of its own (bytes, images, image·passes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Progress {
    /// Units done.
    pub done: u64,
    /// Units in total; 0 when unknown.
    pub total: u64,
}

impl Progress {
    /// The share done, in 0…1; `None` while the total is not known.
    #[must_use]
    pub fn fraction(self) -> Option<f32> {
        (self.total > 0).then(|| (self.done as f64 / self.total as f64).clamp(0.0, 1.0) as f32)
    }
}

/// Called often during long work, from the thread that started it; `Break` stops the work soon after.
pub type Observer<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// An observer that ignores progress: for tests and short work.
pub fn unobserved(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
