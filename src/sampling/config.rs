//! What to sample: how many passes, at which rate, with which seed.

use super::SamplingError;
use super::design::MaskDesign;

/// What to sample.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SweepConfig {
    /// Passes T, at least 1.
    pub passes: usize,
    /// Dropout rate p in 0 ≤ p < 1.
    pub dropout: f32,
    /// Seed of the masks.
    pub seed: u64,
    /// How the masks of different passes belong together.
    #[serde(default = "MaskDesign::before_there_was_a_choice")]
    pub masks: MaskDesign,
}

impl Default for SweepConfig {
    fn default() -> Self {
        Self { passes: 100, dropout: 0.5, seed: 1, masks: MaskDesign::Balanced }
    }
}

impl SweepConfig {
    /// Whether this and another say the same of each pass, of however many.
    #[must_use]
    pub fn same_draws(&self, other: &Self) -> bool {
        (self.dropout.to_bits(), self.seed, self.masks) == (other.dropout.to_bits(), other.seed, other.masks)
    }

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
