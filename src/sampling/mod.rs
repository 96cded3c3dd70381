//! MC dropout: T passes of one network with dropout on, every pass one draw of the weights, shared by all images.
//!
//! A [`Network`] is the weights, checked and packed for the kernels. [`Prefix::compute`] does once what dropout does not touch,
//! [`sweep()`] draws the passes, each on the network that its masks leave over, and [`Samples`] keeps what came out.
//! [`sample_image`] does the same for one image at once. [`tensors`] is the slow reference that all of this must match.

mod accumulation;
pub mod backward;
mod bundle;
pub mod config;
mod convolution;
mod dense;
pub mod design;
pub mod deterministic;
mod differences;
mod encoding;
pub mod error;
pub mod further;
pub mod graph;
mod kept;
pub mod key;
pub mod lenet;
pub mod masks;
pub mod network;
pub mod one_image;
mod parallel;
mod pass;
pub mod prefix;
pub mod samples;
mod slopes;
pub mod statistics;
pub mod sweep;
mod taken;
pub mod tensors;
#[cfg(test)]
mod tests;
mod thinned;
mod width;

pub use backward::pass_gradients;
pub use config::SweepConfig;
pub use design::MaskDesign;
pub use deterministic::{Deterministic, deterministic, deterministic_knowing, logits_without_dropout};
pub use error::SamplingError;
pub use graph::GraphNetwork;
pub use key::{DropoutAt, NetworkKey, Pairing, RunKey};
pub use lenet::PackedLenet;
pub use network::Network;
pub use one_image::{OneImage, sample_image};
pub use prefix::Prefix;
pub use samples::{BlockPasses, Samples, SamplesReader};
pub use slopes::{PassGroup, Slopes};
pub use statistics::Statistics;
pub use sweep::{SweepEvent, multiplications, sweep};
pub use taken::{Seen, TakenImage};
