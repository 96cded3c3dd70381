//! Work that would freeze the window: named threads that take jobs and send events back.
//!
//! Three lanes, a thread each, so that nothing a person waits for queues behind something long:
//! *training* (minutes), *long* (downloads, sweeps, files) and *live* (what the window shows now). Within a lane a
//! newer job of a slot replaces a waiting one and stops a running one; every event carries its job's id.

pub mod card;
pub mod chart;
pub mod explain;
pub mod handle;
pub mod highlight;
pub mod inspect;
pub mod jobs;
pub mod lanes;
pub mod light;
pub mod pen;
pub mod plane;
pub mod protocol;
pub mod quality;
pub mod rotate;
mod run_loop;
pub mod subject;
pub mod subnetwork;

pub use handle::{Wake, Workers};
pub use inspect::{CurvePoint, InspectJob, InspectorView};
pub use lanes::{Lane, Slot};
pub use pen::{
    Asked, DrawView, Features, KeepWork, Kept, Neighbours, Pasted, PictureSource, PictureView, Seen,
};
pub use plane::{Brushed, Layer, Limits, PlanePoints};
pub use protocol::{
    Dataset, Event, GalleryQuery, GalleryView, Job, JobId, Only, OpenedModel, Ranked, Report,
};
