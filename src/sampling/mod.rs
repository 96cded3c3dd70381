//! MC dropout: T passes of one network with dropout on, every pass one draw of the weights, shared by all images.
//!
//! A [`Network`] is the weights, checked and packed for the kernels. [`Prefix::compute`] does once what dropout does not touch,
//! [`sweep()`] draws the passes, each on the network that its masks leave over, and [`Samples`] keeps what came out.
//! [`sample_image`] does the same for one image at once. [`reference`] says what all this must equal, slowly.

mod accumulation;
mod convolution;
pub mod deterministic;
mod encoding;
pub mod error;
pub mod gradient;
pub mod key;
pub mod masks;
pub mod network;
pub mod one_image;
mod parallel;
pub mod prefix;
pub mod reference;
pub mod samples;
pub mod statistics;
pub mod sweep;
#[cfg(test)]
mod tests;
mod thinned;

pub use deterministic::{Deterministic, deterministic};
pub use error::SamplingError;
pub use gradient::{PassGroup, pass_gradients};
pub use key::{Pairing, RunKey};
pub use network::Network;
pub use one_image::{OneImage, sample_image};
pub use prefix::Prefix;
pub use samples::Samples;
pub use statistics::Statistics;
pub use sweep::{SweepEvent, multiplications, sweep};

/// What to sample.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SweepConfig {
    /// Passes T, at least 1.
    pub passes: usize,
    /// Dropout rate p in 0 ≤ p < 1.
    pub dropout: f32,
    /// Seed of the masks.
    pub seed: u64,
}

impl Default for SweepConfig {
    fn default() -> Self {
        Self { passes: 100, dropout: 0.5, seed: 1 }
    }
}

impl SweepConfig {
    /// What cannot be sampled.
    ///
    /// # Errors
    /// When there is no pass, or the dropout rate is not in 0 ≤ p < 1.
    pub fn check(&self) -> Result<(), SamplingError> {
        if self.passes == 0 {
            return Err(SamplingError::NoPasses);
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(SamplingError::Dropout { dropout: self.dropout });
        }
        Ok(())
    }
}
