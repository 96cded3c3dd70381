//! Gradients of a convolution that is followed by 2×2 max-pooling, one image at a time.
//!
//! Only the winner of a pooling window has a gradient, and only when dropout kept it: a quarter of the convolution's
//! outputs at most, an eighth with dropout after the pooling. So instead of a product over all outputs, each winner
//! adds its patch of the input, scaled, to the gradient of its channel's weights, and the weights to the gradient of
//! its patch. Channels are innermost, so that a row of the kernel is one contiguous segment of the input.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]
#![allow(clippy::needless_range_loop)]

use pulp::{Simd, WithSimd};

use super::InstructionSet;

/// Numbers of a padded segment: 5 columns × 20 channels are 100, and 112 are whole vectors of any width.
pub const SEGMENT: usize = 112;
/// Rows of the kernel.
pub const KERNEL_ROWS: usize = 5;

/// A winner with its gradient.
#[derive(Clone, Copy, Debug, Default)]
pub struct Winner {
    /// Where its patch begins in the input, or which channel it is, depending on the list it stands in.
    pub place: u32,
    /// Derivative of the loss with respect to it.
    pub gradient: f32,
}

/// Lists of winners, all of the same capacity.
#[derive(Clone, Debug)]
pub struct Winners {
    capacity: usize,
    counts: Vec<u32>,
    places: Vec<Winner>,
}

impl Winners {
    /// Empty lists.
    #[must_use]
    pub fn new(lists: usize, capacity: usize) -> Self {
        // One extra place, so that a winner without gradient can be written but not counted.
        let places = vec![Winner::default(); lists * (capacity + 1)];
        Self { capacity: capacity + 1, counts: vec![0; lists], places }
    }

    /// Empties all lists.
    pub fn clear(&mut self) {
        self.counts.fill(0);
    }

    /// Appends a winner unless its gradient is zero, without a branch: half of them are, at random.
    #[inline(always)]
    pub fn push(&mut self, list: usize, winner: Winner) {
        let count = &mut self.counts[list];
        self.places[list * self.capacity + *count as usize] = winner;
        *count += u32::from(winner.gradient != 0.0);
    }

    #[inline(always)]
    fn list(&self, list: usize) -> &[Winner] {
        &self.places[list * self.capacity..][..self.counts[list] as usize]
    }
}

/// Adds to the gradient of the weights, `[kernel rows, channels, SEGMENT]`.
///
/// `by_channel` has a list for each channel, with places in `input`, in which rows are `row` numbers apart. The last
/// 12 numbers of every segment are meaningless; `input` needs the same number past its end.
pub fn add_weight_gradient(
    set: InstructionSet,
    by_channel: &Winners,
    input: &[f32],
    row: usize,
    gradient: &mut [f32],
) {
    struct Add<'a>(&'a Winners, &'a [f32], usize, &'a mut [f32]);
    impl Add<'_> {
        #[inline(always)]
        fn run<S: Simd, const V: usize>(self, simd: S) {
            let Self(by_channel, input, row, gradient) = self;
            let channels = by_channel.counts.len();
            for kernel_row in 0..KERNEL_ROWS {
                for channel in 0..channels {
                    let winners = by_channel.list(channel);
                    let at = (kernel_row * channels + channel) * SEGMENT;
                    let segment = &mut S::as_mut_simd_f32s(&mut gradient[at..at + SEGMENT]).0[..V];
                    let mut sums = [simd.splat_f32s(0.0); V];
                    sums.copy_from_slice(segment);
                    for winner in winners {
                        let at = winner.place as usize + kernel_row * row;
                        let patch = &S::as_simd_f32s(&input[at..at + SEGMENT]).0[..V];
                        let factor = simd.splat_f32s(winner.gradient);
                        for v in 0..V {
                            sums[v] = simd.mul_add_e_f32s(factor, patch[v], sums[v]);
                        }
                    }
                    segment.copy_from_slice(&sums);
                }
            }
        }
    }
    impl WithSimd for Add<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            match S::F32_LANES {
                16 => self.run::<S, { SEGMENT / 16 }>(simd),
                8 => self.run::<S, { SEGMENT / 8 }>(simd),
                4 => self.run::<S, { SEGMENT / 4 }>(simd),
                _ => self.run::<S, SEGMENT>(simd),
            }
        }
    }
    set.run(Add(by_channel, input, row, gradient));
}

/// Adds to the gradient of the input.
///
/// `by_place` has a list for each position of the convolution's output, with numbers of channels; `starts` says where
/// each position's patch begins in `gradient`, in which rows are `row` numbers apart. `weights` are `[kernel rows,
/// channels, SEGMENT]`, zero in the last 12 numbers of a segment; `gradient` needs the same number past its end.
pub fn add_input_gradient(
    set: InstructionSet,
    by_place: &Winners,
    starts: &[u32],
    weights: &[f32],
    row: usize,
    gradient: &mut [f32],
) {
    struct Add<'a>(&'a Winners, &'a [u32], &'a [f32], usize, &'a mut [f32]);
    impl Add<'_> {
        #[inline(always)]
        fn run<S: Simd, const V: usize>(self, simd: S) {
            let Self(by_place, starts, weights, row, gradient) = self;
            // The weights of one row of the kernel stay in the L1 cache.
            let channels = weights.len() / (KERNEL_ROWS * SEGMENT);
            for (kernel_row, weights) in weights.chunks_exact(channels * SEGMENT).enumerate() {
                for (place, &start) in starts.iter().enumerate() {
                    let winners = by_place.list(place);
                    if winners.is_empty() {
                        continue;
                    }
                    let at = start as usize + kernel_row * row;
                    let patch = &mut S::as_mut_simd_f32s(&mut gradient[at..at + SEGMENT]).0[..V];
                    let mut sums = [simd.splat_f32s(0.0); V];
                    sums.copy_from_slice(patch);
                    for winner in winners {
                        let at = winner.place as usize * SEGMENT;
                        let weights = &S::as_simd_f32s(&weights[at..at + SEGMENT]).0[..V];
                        let factor = simd.splat_f32s(winner.gradient);
                        for v in 0..V {
                            sums[v] = simd.mul_add_e_f32s(factor, weights[v], sums[v]);
                        }
                    }
                    patch.copy_from_slice(&sums);
                }
            }
        }
    }
    impl WithSimd for Add<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            match S::F32_LANES {
                16 => self.run::<S, { SEGMENT / 16 }>(simd),
                8 => self.run::<S, { SEGMENT / 8 }>(simd),
                4 => self.run::<S, { SEGMENT / 4 }>(simd),
                _ => self.run::<S, SEGMENT>(simd),
            }
        }
    }
    set.run(Add(by_place, starts, weights, row, gradient));
}

/// Numbers of a tap: three rows of five pixels, and one to make it whole vectors of any width.
pub const TAP: usize = 16;

/// Adds to the gradient of a convolution with one input channel, `[channels, 2, TAP]`: the taps of kernel rows 0 to 2
/// and of 3 to 5, the sixth being meaningless.
///
/// `winners` are `[windows, channels]`, each with its place in `taps`; the taps three image rows below are `below`
/// places further.
///
/// # Panics
/// When the channels are not a multiple of four.
pub fn add_tap_gradient(
    set: InstructionSet,
    winners: &[Winner],
    channels: usize,
    taps: &[[f32; TAP]],
    below: usize,
    gradient: &mut [[f32; TAP]],
) {
    struct Add<'a> {
        winners: &'a [Winner],
        channels: usize,
        taps: &'a [[f32; TAP]],
        below: usize,
        gradient: &'a mut [[f32; TAP]],
    }
    impl Add<'_> {
        /// `C` channels at once, for as many independent sums.
        #[inline(always)]
        fn run<S: Simd, const V: usize, const C: usize>(self, simd: S) {
            let Self { winners, channels, taps, below, gradient } = self;
            for first in (0..channels).step_by(C) {
                let mut upper = [[simd.splat_f32s(0.0); V]; C];
                let mut lower = upper;
                for winners in winners.chunks_exact(channels) {
                    let winners = &winners[first..first + C];
                    for c in 0..C {
                        let place = winners[c].place as usize;
                        let factor = simd.splat_f32s(winners[c].gradient);
                        let above = &S::as_simd_f32s(&taps[place]).0[..V];
                        let under = &S::as_simd_f32s(&taps[place + below]).0[..V];
                        for v in 0..V {
                            upper[c][v] = simd.mul_add_e_f32s(factor, above[v], upper[c][v]);
                            lower[c][v] = simd.mul_add_e_f32s(factor, under[v], lower[c][v]);
                        }
                    }
                }
                for c in 0..C {
                    for (half, sums) in [upper[c], lower[c]].iter().enumerate() {
                        let sum = &mut S::as_mut_simd_f32s(&mut gradient[(first + c) * 2 + half]).0[..V];
                        for v in 0..V {
                            sum[v] = simd.add_f32s(sum[v], sums[v]);
                        }
                    }
                }
            }
        }
    }
    impl WithSimd for Add<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            match S::F32_LANES {
                16 => self.run::<S, 1, 4>(simd),
                8 => self.run::<S, 2, 2>(simd),
                4 => self.run::<S, 4, 2>(simd),
                _ => self.run::<S, TAP, 1>(simd),
            }
        }
    }
    assert!(channels.is_multiple_of(4), "channels are taken four at a time");
    set.run(Add { winners, channels, taps, below, gradient });
}
