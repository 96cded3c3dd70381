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

use crate::data::PerClass;
use crate::kernel::{InstructionSet, LANES};

use super::Statistics;
use super::encoding::{Softmax, values};
use super::statistics::{MOST_PAIRED, pairs};
use super::width::{Any, Ten, Width};

/// Images whose sums of ten classes fit into the first-level cache together.
pub(super) const GROUP: usize = 16;
/// Groups of a block.
const GROUPS: usize = LANES / GROUP;

/// One sum for each image of a group.
pub(super) type GroupSum = [f64; GROUP];

/// Sums that a block has, `[groups, quantities]`.
pub(super) fn sums_of_block(classes: usize) -> usize {
    GROUPS * Layout { classes }.quantities()
}

/// Where each sum stands among those of a group.
#[derive(Clone, Copy)]
struct Layout {
    classes: usize,
}

impl Layout {
    // The sums of probabilities come first.
    #[inline(always)]
    fn outer(self) -> usize {
        self.classes
    }

    #[inline(always)]
    fn entropy(self) -> usize {
        self.outer() + pairs(self.classes)
    }

    #[inline(always)]
    fn entropy_squared(self) -> usize {
        self.entropy() + 1
    }

    #[inline(always)]
    fn entropy_probability(self) -> usize {
        self.entropy_squared() + 1
    }

    #[inline(always)]
    fn log_probability(self) -> usize {
        self.entropy_probability() + self.classes
    }

    #[inline(always)]
    fn votes(self) -> usize {
        self.log_probability() + self.classes
    }

    #[inline(always)]
    fn quantities(self) -> usize {
        self.votes() + self.classes
    }
}

/// Adds one pass of `G` images, given as kept: log-probabilities up to a common offset.
#[inline(always)]
fn add<S: Simd, W: Width, const G: usize>(simd: S, width: W, sums: &mut [[f64; G]], kept: &W::Of<[f32; G]>) {
    let classes = width.classes();
    let at = Layout { classes };
    let sums = &mut sums[..at.quantities()];
    let softmax = Softmax::new(width, kept);
    let mut inverse = [0.0; G];
    let mut spread = [0.0; G];
    for class in 0..classes {
        for lane in 0..G {
            inverse[lane] += f64::from(softmax.exponential[class][lane]);
        }
    }
    for lane in 0..G {
        inverse[lane] = 1.0 / inverse[lane];
    }
    let mut probability = width.gather(|_| [0.0; G]);
    for class in 0..classes {
        for lane in 0..G {
            probability[class][lane] = f64::from(softmax.exponential[class][lane]) * inverse[lane];
            spread[lane] -= softmax.exponential[class][lane] * softmax.below[class][lane];
            sums[at.log_probability() + class][lane] +=
                f64::from(softmax.below[class][lane]) - f64::from(softmax.log_total[lane]);
            sums[at.votes() + class][lane] += f64::from(u8::from(softmax.largest[lane] == class as u32));
        }
    }
    // H = ln Σe − Σ p·below: two positive terms, nothing cancels.
    let mut entropy = [0.0; G];
    for lane in 0..G {
        entropy[lane] = f64::from(softmax.log_total[lane]) + f64::from(spread[lane]) * inverse[lane];
        sums[at.entropy()][lane] += entropy[lane];
        sums[at.entropy_squared()][lane] += entropy[lane] * entropy[lane];
    }
    let mut pair = at.outer();
    for first in 0..classes {
        for lane in 0..G {
            sums[first][lane] += probability[first][lane];
            sums[at.entropy_probability() + first][lane] += entropy[lane] * probability[first][lane];
        }
        let last = if classes <= MOST_PAIRED { classes } else { first + 1 };
        for second in first..last {
            add_product(simd, &mut sums[pair], &probability[first], &probability[second]);
            pair += 1;
        }
    }
}

/// The sums of one image of a group.
fn statistics<const G: usize>(classes: usize, sums: &[[f64; G]], lane: usize, passes: usize) -> Statistics {
    let at = Layout { classes };
    let of_classes = |start: usize| PerClass::from_fn(classes, |class| sums[start + class][lane]);
    Statistics {
        passes: passes as u32,
        probability: of_classes(0),
        outer: sums[at.outer()..at.entropy()].iter().map(|sums| sums[lane]).collect(),
        entropy: sums[at.entropy()][lane],
        entropy_squared: sums[at.entropy_squared()][lane],
        entropy_probability: of_classes(at.entropy_probability()),
        log_probability: of_classes(at.log_probability()),
        votes: of_classes(at.votes()).map(|votes| votes as u32),
    }
}

/// The sums of one image of a block, from those of the block.
pub(super) fn statistics_of(classes: usize, sums: &[GroupSum], lane: usize, passes: usize) -> Statistics {
    let group = Layout { classes }.quantities();
    statistics(classes, &sums[lane / GROUP * group..][..group], lane % GROUP, passes)
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

/// Adds kept passes of one block, `[passes, classes, 64]`, to its sums ([`sums_of_block`]).
pub(super) fn accumulate(set: InstructionSet, classes: usize, kept: &[f16], sums: &mut [GroupSum]) {
    /// Passes of ten classes unpacked at once: 20 kB.
    const AT_ONCE: usize = 8;
    let pass = values(classes);
    let mut unpacked = vec![0.0; pass * AT_ONCE.min(kept.len() / pass)];
    for kept in kept.chunks(pass * AT_ONCE) {
        let unpacked = &mut unpacked[..kept.len()];
        kept.convert_to_f32_slice(unpacked);
        if classes == Ten::CLASSES {
            set.run(Accumulate { width: Ten, unpacked, sums });
        } else {
            set.run(Accumulate { width: Any(classes), unpacked, sums });
        }
    }
}

struct Accumulate<'a, W> {
    width: W,
    unpacked: &'a [f32],
    sums: &'a mut [GroupSum],
}

impl<W: Width> WithSimd for Accumulate<'_, W> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let classes = self.width.classes();
        let groups = self.sums.chunks_exact_mut(Layout { classes }.quantities());
        for (group, sums) in groups.enumerate() {
            for pass in self.unpacked.chunks_exact(values(classes)) {
                let kept = self.width.gather(|class| {
                    let mut lanes = [0.0; GROUP];
                    lanes.copy_from_slice(&pass[class * LANES + group * GROUP..][..GROUP]);
                    lanes
                });
                add(simd, self.width, sums, &kept);
            }
        }
    }
}

/// The growing sums of one image.
pub(super) struct OneSum {
    classes: usize,
    passes: usize,
    sums: Vec<[f64; 1]>,
}

impl OneSum {
    /// No pass yet.
    pub(super) fn new(classes: usize) -> Self {
        Self { classes, passes: 0, sums: vec![[0.0]; Layout { classes }.quantities()] }
    }

    /// Adds one pass, given as kept.
    pub(super) fn add(&mut self, kept: &[f32]) {
        if self.classes == Ten::CLASSES {
            add(pulp::Scalar, Ten, &mut self.sums, &Ten.gather(|class| [kept[class]]));
        } else {
            let width = Any(self.classes);
            add(pulp::Scalar, width, &mut self.sums, &width.gather(|class| [kept[class]]));
        }
        self.passes += 1;
    }

    /// The sums over the passes so far.
    pub(super) fn statistics(&self) -> Statistics {
        statistics(self.classes, &self.sums, 0, self.passes)
    }
}
