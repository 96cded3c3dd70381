//! Sums over passes, computed from the stored values, so that every route to the same T gives the same bytes.
//!
//! The sums are 64-bit and strictly in the order of the passes: variances are their differences, and in lower
//! precision those of an image the network is certain of would be lost to rounding.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]
// Loops over lanes, side by side in several arrays.
#![allow(clippy::needless_range_loop)]

use half::f16;
use half::slice::HalfFloatSliceExt;
use pulp::{Simd, WithSimd};

use crate::data::CLASSES;
use crate::kernel::{InstructionSet, LANES};

use super::Statistics;
use super::encoding::{Softmax, VALUES};
use super::statistics::PAIRS;

/// Images whose sums fit into the first-level cache together.
pub(super) const GROUP: usize = 16;
/// Groups of a block.
pub(super) const GROUPS: usize = LANES / GROUP;

// Where each sum stands.
const OUTER: usize = CLASSES;
const ENTROPY: usize = OUTER + PAIRS;
const ENTROPY_SQUARED: usize = ENTROPY + 1;
const ENTROPY_PROBABILITY: usize = ENTROPY_SQUARED + 1;
const LOG_PROBABILITY: usize = ENTROPY_PROBABILITY + CLASSES;
const VOTES: usize = LOG_PROBABILITY + CLASSES;
const QUANTITIES: usize = VOTES + CLASSES;

/// The sums of `G` images.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sums<const G: usize>([[f64; G]; QUANTITIES]);

impl<const G: usize> Sums<G> {
    /// No pass yet.
    pub(super) const ZERO: Self = Self([[0.0; G]; QUANTITIES]);

    /// Adds one pass, given as kept: log-probabilities up to a common offset.
    #[inline(always)]
    pub(super) fn add<S: Simd>(&mut self, simd: S, kept: &[[f32; G]; CLASSES]) {
        let softmax = Softmax::new(kept);
        let sums = &mut self.0;
        let mut inverse = [0.0; G];
        let mut spread = [0.0; G];
        for class in 0..CLASSES {
            for lane in 0..G {
                inverse[lane] += f64::from(softmax.exponential[class][lane]);
            }
        }
        for lane in 0..G {
            inverse[lane] = 1.0 / inverse[lane];
        }
        let mut probability = [[0.0; G]; CLASSES];
        for class in 0..CLASSES {
            for lane in 0..G {
                probability[class][lane] = f64::from(softmax.exponential[class][lane]) * inverse[lane];
                spread[lane] -= softmax.exponential[class][lane] * softmax.below[class][lane];
                sums[LOG_PROBABILITY + class][lane] +=
                    f64::from(softmax.below[class][lane]) - f64::from(softmax.log_total[lane]);
                sums[VOTES + class][lane] += f64::from(u8::from(softmax.largest[lane] == class as u32));
            }
        }
        // H = ln Σe − Σ p·below: two positive terms, nothing cancels.
        let mut entropy = [0.0; G];
        for lane in 0..G {
            entropy[lane] = f64::from(softmax.log_total[lane]) + f64::from(spread[lane]) * inverse[lane];
            sums[ENTROPY][lane] += entropy[lane];
            sums[ENTROPY_SQUARED][lane] += entropy[lane] * entropy[lane];
        }
        let mut pair = OUTER;
        for first in 0..CLASSES {
            for lane in 0..G {
                sums[first][lane] += probability[first][lane];
                sums[ENTROPY_PROBABILITY + first][lane] += entropy[lane] * probability[first][lane];
            }
            for second in first..CLASSES {
                add_product(simd, &mut sums[pair], &probability[first], &probability[second]);
                pair += 1;
            }
        }
    }

    /// The sums of one of the images.
    pub(super) fn statistics(&self, lane: usize, passes: usize) -> Statistics {
        let at = |start: usize| move |offset: usize| self.0[start + offset][lane];
        Statistics {
            passes: passes as u32,
            probability: std::array::from_fn(at(0)),
            outer: std::array::from_fn(at(OUTER)),
            entropy: self.0[ENTROPY][lane],
            entropy_squared: self.0[ENTROPY_SQUARED][lane],
            entropy_probability: std::array::from_fn(at(ENTROPY_PROBABILITY)),
            log_probability: std::array::from_fn(at(LOG_PROBABILITY)),
            votes: std::array::from_fn(|class| at(VOTES)(class) as u32),
        }
    }
}

/// `sum += a · b`, rounded twice as everywhere. In vectors by name: the compiler alone takes one lane at a time.
#[inline(always)]
fn add_product<S: Simd, const G: usize>(simd: S, sum: &mut [f64; G], a: &[f64; G], b: &[f64; G]) {
    let (sums, rest) = S::as_mut_simd_f64s(sum);
    let ((a, a_rest), (b, b_rest)) = (S::as_simd_f64s(a), S::as_simd_f64s(b));
    for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
        *sum = simd.add_f64s(*sum, simd.mul_f64s(a, b));
    }
    for ((sum, a), b) in rest.iter_mut().zip(a_rest).zip(b_rest) {
        *sum += a * b;
    }
}

/// Adds kept passes of one block, `[passes, classes, 64]`, to the sums of its four groups.
pub(super) fn accumulate(set: InstructionSet, kept: &[f16], sums: &mut [Sums<GROUP>]) {
    /// Passes unpacked at once: 20 kB.
    const AT_ONCE: usize = 8;
    let mut unpacked = vec![0.0; VALUES * AT_ONCE.min(kept.len() / VALUES)];
    for kept in kept.chunks(VALUES * AT_ONCE) {
        let unpacked = &mut unpacked[..kept.len()];
        kept.convert_to_f32_slice(unpacked);
        set.run(Accumulate { unpacked, sums });
    }
}

struct Accumulate<'a> {
    unpacked: &'a [f32],
    sums: &'a mut [Sums<GROUP>],
}

impl WithSimd for Accumulate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (group, sums) in self.sums.iter_mut().enumerate() {
            for pass in self.unpacked.as_chunks::<VALUES>().0 {
                let mut kept = [[0.0; GROUP]; CLASSES];
                for (class, kept) in kept.iter_mut().enumerate() {
                    kept.copy_from_slice(&pass[class * LANES + group * GROUP..][..GROUP]);
                }
                sums.add(simd, &kept);
            }
        }
    }
}

/// The sums over all passes of one image.
pub(super) fn sum(passes: impl Iterator<Item = [[f32; 1]; CLASSES]>) -> Statistics {
    let mut sums = Sums::ZERO;
    let mut count = 0;
    for kept in passes {
        sums.add(pulp::Scalar, &kept);
        count += 1;
    }
    sums.statistics(0, count)
}
