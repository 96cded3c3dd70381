//! What to sample: how many passes, at which rate, with which seed.

use super::SamplingError;

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
    /// Checks that this can be sampled.
    ///
    /// # Errors
    /// When there are no passes, or the dropout rate is not in 0 ≤ p < 1.
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
