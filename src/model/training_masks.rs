//! Dropout masks of training: fresh for every example and epoch, each a function of (seed, epoch, example, layer,
//! unit), so that neither the batch, the thread nor the trainer that asks changes them.
//!
//! Hashing is the cost here (16,020 units for each image with dropout everywhere), so one 64-bit hash serves four
//! units, 16 bits each: the rate is rounded to a multiple of 2⁻¹⁶ and the scale 1/(1−p) is that of the rounded rate,
//! which keeps the expectation exact.

use candle_core::{Device, Tensor};

use super::geometry::{CONV1_CHANNELS, CONV1_SIDE, CONV2_CHANNELS, CONV2_SIDE, FEATURES, POOL_SIDE};
use super::lenet::{DropoutMasks, Placement};
use crate::random::{self, Purpose};

/// Units that share a hash.
pub(crate) const UNITS_OF_A_WORD: usize = 4;

/// 2⁶⁴ divided by the golden ratio: successive words of an example are the stream of `SplitMix64`.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Where a mask acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrainingLayer {
    /// After the first convolution. A word holds the 2×2 units of a pooling window, row by row; words are numbered
    /// `(row · 12 + column) · 20 + channel` by window.
    Conv1 = 1,
    /// After the second convolution, as `Conv1`: `(row · 4 + column) · 50 + channel`.
    Conv2 = 2,
    /// The input of the hidden layer; word `n` holds units 4n to 4n+3.
    Features = 3,
    /// The output of the hidden layer, as `Features`.
    Hidden = 4,
}

impl TrainingLayer {
    /// Whether a placement drops units here.
    pub(crate) fn is_masked(self, placement: Placement) -> bool {
        match self {
            Self::Conv1 | Self::Conv2 => placement == Placement::All,
            Self::Features => placement != Placement::Last,
            Self::Hidden => true,
        }
    }
}

/// A rate as the masks use it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    /// A unit is kept when its 16 bits are at least this.
    pub(crate) threshold: u16,
    /// What a kept unit is multiplied with: 1/(1−p).
    pub(crate) scale: f32,
}

impl Rate {
    /// Rounds a rate in 0 ≤ p < 1 to 16 bits.
    pub(crate) fn new(dropout: f32) -> Self {
        let threshold = (f64::from(dropout) * 65_536.0).round().min(65_535.0) as u16;
        Self { threshold, scale: (65_536.0 / (65_536.0 - f64::from(threshold))) as f32 }
    }

    /// The factor of a unit with these bits.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled without the vector instructions"
    )]
    pub(crate) fn factor(self, bits: u16) -> f32 {
        if bits >= self.threshold { self.scale } else { 0.0 }
    }
}

/// The key of an example's masks in a layer.
pub(crate) fn example_key(seed: u64, epoch: u64, example: u32, layer: TrainingLayer) -> u64 {
    random::hash(seed, Purpose::TrainingMask, [epoch, u64::from(example), layer as u64])
}

/// The bits of four units, the first in the lowest 16.
#[inline(always)]
#[allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]
pub(crate) fn word(key: u64, number: usize) -> u64 {
    random::mix(key.wrapping_add((number as u64).wrapping_mul(STEP)))
}

/// The factors of a batch as tensors, for the reference trainer.
pub(crate) fn of_batch(
    placement: Placement,
    dropout: f32,
    hidden: usize,
    seed: u64,
    epoch: u64,
    examples: &[u32],
) -> candle_core::Result<DropoutMasks> {
    let rate = Rate::new(dropout);
    let images = examples.len();
    let factor =
        |key: u64, number: usize, unit: usize| rate.factor((word(key, number) >> (16 * unit)) as u16);
    let convolution = |layer, channels: usize, side: usize| -> candle_core::Result<Option<Tensor>> {
        if !TrainingLayer::is_masked(layer, placement) {
            return Ok(None);
        }
        let mut factors = Vec::with_capacity(images * channels * side * side);
        for &example in examples {
            let key = example_key(seed, epoch, example, layer);
            for channel in 0..channels {
                for (row, column) in (0..side * side).map(|at| (at / side, at % side)) {
                    let window = (row / POOL_SIDE) * (side / POOL_SIDE) + column / POOL_SIDE;
                    let corner = (row % POOL_SIDE) * POOL_SIDE + column % POOL_SIDE;
                    factors.push(factor(key, window * channels + channel, corner));
                }
            }
        }
        Tensor::from_vec(factors, (images, channels, side, side), &Device::Cpu).map(Some)
    };
    let flat = |layer, units: usize| -> candle_core::Result<Option<Tensor>> {
        if !TrainingLayer::is_masked(layer, placement) {
            return Ok(None);
        }
        let mut factors = Vec::with_capacity(images * units);
        for &example in examples {
            let key = example_key(seed, epoch, example, layer);
            factors
                .extend((0..units).map(|unit| factor(key, unit / UNITS_OF_A_WORD, unit % UNITS_OF_A_WORD)));
        }
        Tensor::from_vec(factors, (images, units), &Device::Cpu).map(Some)
    };
    Ok(DropoutMasks {
        conv1: convolution(TrainingLayer::Conv1, CONV1_CHANNELS, CONV1_SIDE)?,
        conv2: convolution(TrainingLayer::Conv2, CONV2_CHANNELS, CONV2_SIDE)?,
        features: flat(TrainingLayer::Features, FEATURES)?,
        hidden: flat(TrainingLayer::Hidden, hidden)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_kept_units_and_their_mean_are_right() {
        for p in [0.0_f32, 0.1, 0.5, 0.95] {
            let masks = of_batch(Placement::All, p, 500, 3, 1, &[0, 1, 2, 59_999]).unwrap();
            for mask in [masks.conv1, masks.conv2, masks.features, masks.hidden] {
                let values: Vec<f32> = mask.unwrap().flatten_all().unwrap().to_vec1().unwrap();
                let n = values.len() as f32;
                let dropped = values.iter().filter(|&&v| v == 0.0).count() as f32 / n;
                // Four standard errors of a share.
                let error = 4.0 * (p * (1.0 - p) / n).sqrt() + 2e-5;
                assert!((dropped - p).abs() <= error, "p {p}: {dropped} of {n}");
                let kept = values.iter().find(|&&v| v > 0.0).copied().unwrap();
                assert!((kept * (1.0 - p) - 1.0).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn masks_do_not_depend_on_the_batch_but_on_epoch_and_example() {
        let hidden = |epoch, examples: &[u32]| -> Vec<Vec<f32>> {
            of_batch(Placement::Last, 0.5, 40, 3, epoch, examples).unwrap().hidden.unwrap().to_vec2().unwrap()
        };
        let masks = hidden(0, &[4, 9]);
        assert_eq!(hidden(0, &[9])[0], masks[1]);
        assert_ne!(masks[0], masks[1]);
        assert_ne!(hidden(1, &[4])[0], masks[0]);
        assert!(of_batch(Placement::Last, 0.5, 40, 3, 0, &[1]).unwrap().features.is_none());
    }
}
