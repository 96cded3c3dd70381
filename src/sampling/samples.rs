//! What was sampled, kept compactly, so that any prefix of the passes needs no recomputation.

use crate::data::CLASSES;

use super::Statistics;

/// Outputs of every pass for every image. Cloning is cheap: storage is shared, and only ever extended.
#[derive(Clone, Debug)]
pub struct Samples {
    images: usize,
    dropout: f32,
    seed: u64,
}

impl Samples {
    /// Number of images.
    #[must_use]
    pub fn images(&self) -> usize {
        self.images
    }

    /// Passes complete for all images.
    #[must_use]
    pub fn passes(&self) -> usize {
        unimplemented!()
    }

    /// Dropout rate.
    #[must_use]
    pub fn dropout(&self) -> f32 {
        self.dropout
    }

    /// Seed of the masks.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Sums over the first `passes` passes for every image.
    #[must_use]
    pub fn statistics(&self, _passes: usize) -> Vec<Statistics> {
        unimplemented!()
    }

    /// Probabilities of one image, pass by pass: `[passes, classes]`.
    #[must_use]
    pub fn image(&self, _index: usize) -> Vec<[f32; CLASSES]> {
        unimplemented!()
    }

    /// Sums over the first 1, 2, … passes of one image: what entropy against T is drawn from.
    #[must_use]
    pub fn prefixes(&self, _index: usize) -> Vec<Statistics> {
        unimplemented!()
    }
}
