//! Work that would freeze the window: named threads that take jobs and send events back.
//!
//! Five lanes, a thread each, so that nothing the user waits for queues behind something long:
//! *training* (minutes), *long* (downloads, sweeps, files), *live* (what the window shows now), *aside* (what the
//! user opens and keeps) and *survey* (what is asked once and takes half a minute). Within a lane a newer job of a slot replaces a waiting one and stops a running one; every
//! event carries its job's id. What jobs compute is defined in other modules; here they are only run.

mod context;
pub mod error;
pub mod handle;
mod jobs;
pub mod lanes;
pub mod protocol;
mod queue;
mod run_loop;
pub mod written;

pub use context::Wake;
pub use error::JobError;
pub use handle::Workers;
pub use lanes::{Lane, Slot};
pub use protocol::{Event, Job, JobId, Report};
#[cfg(test)]
pub(crate) use run_loop::answers;
