//! MC dropout: T passes of one network with dropout on, every pass one draw of the weights, shared by all images.

pub mod samples;
pub mod statistics;

pub use samples::Samples;
pub use statistics::Statistics;

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
