//! A graph run on sixteen images side by side, on this program's own kernels: what is known of its operations, as far as the
//! known ones reach. The runtime remains the measure of what is right, and runs the rest.
//!
//! A value of channels, rows and columns lies with the channels of a place together; every other as the graph has it.

mod build;
mod convolution;
mod pool;
mod program;
mod route;
mod run;

pub(super) use build::Constants;
pub(super) use program::Program;
pub use route::Route;
pub(super) use run::Buffers;
pub use run::Mask;
