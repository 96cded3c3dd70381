//! Sums over passes, computed from the stored values, so that every route to the same T gives the same bytes.
//!
//! The sums are 64-bit and strictly in the order of the passes: variances are their differences, and in lower
//! precision those of an image the network is certain of would be lost to rounding.
//!
//! Where passes balance each other in quartets ([`design`](super::design)), what is squared and multiplied is the sum over
//! a quartet: the sums of the quartet that is not complete yet are kept beside the others, and enter the products when
//! it is.

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
use super::design::QUARTET;
use super::encoding::{Softmax, values};
use super::statistics::{MOST_PAIRED, Quartets, pairs};
use super::width::{Any, Ten, Width};

/// Images whose sums of ten classes fit into the first-level cache together.
pub(super) const GROUP: usize = 16;
/// Groups of a block.
const GROUPS: usize = LANES / GROUP;

/// One sum for each image of a group.
pub(super) type GroupSum = [f64; GROUP];

/// How the sums of passes are kept: of how many classes, and over how many passes a product is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) classes: usize,
    /// Whether passes balance each other in quartets.
    pub(super) quartets: bool,
}

impl Layout {
    /// Sums that a block has, `[groups, quantities]`.
    pub(super) fn sums_of_block(self) -> usize {
        GROUPS * self.quantities()
    }

    // Where each sum stands among those of a group: the sums of probabilities come first.
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

    // What follows is there for quartets alone.
    #[inline(always)]
    fn squares(self) -> usize {
        self.votes() + self.classes
    }

    #[inline(always)]
    fn votes_squared(self) -> usize {
        self.squares() + self.classes
    }

    #[inline(always)]
    fn open_probability(self) -> usize {
        self.votes_squared() + self.classes
    }

    #[inline(always)]
    fn open_votes(self) -> usize {
        self.open_probability() + self.classes
    }

    #[inline(always)]
    fn open_entropy(self) -> usize {
        self.open_votes() + self.classes
    }

    #[inline(always)]
    fn quantities(self) -> usize {
        if self.quartets { self.open_entropy() + 1 } else { self.squares() }
    }
}

/// Adds pass number `pass` of `G` images, given as kept: log-probabilities up to a common offset.
#[inline(always)]
fn add<S: Simd, W: Width, const G: usize>(
    simd: S,
    width: W,
    (at, pass): (Layout, usize),
    sums: &mut [[f64; G]],
    kept: &W::Of<[f32; G]>,
) {
    let classes = width.classes();
    let at = Layout { classes, ..at };
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
    }
    for class in 0..classes {
        for lane in 0..G {
            sums[class][lane] += probability[class][lane];
        }
    }
    if !at.quartets {
        return add_products(simd, width, at, sums, &probability, &entropy);
    }
    for class in 0..classes {
        for lane in 0..G {
            let p = probability[class][lane];
            sums[at.squares() + class][lane] += p * p;
            sums[at.open_probability() + class][lane] += p;
            sums[at.open_votes() + class][lane] += f64::from(u8::from(softmax.largest[lane] == class as u32));
        }
    }
    for lane in 0..G {
        sums[at.open_entropy()][lane] += entropy[lane];
    }
    if pass % QUARTET == QUARTET - 1 {
        let open =
            width.gather(|class| std::mem::replace(&mut sums[at.open_probability() + class], [0.0; G]));
        let entropy = std::mem::replace(&mut sums[at.open_entropy()], [0.0; G]);
        for class in 0..classes {
            let votes = std::mem::replace(&mut sums[at.open_votes() + class], [0.0; G]);
            for lane in 0..G {
                sums[at.votes_squared() + class][lane] += votes[lane] * votes[lane];
            }
        }
        add_products(simd, width, at, sums, &open, &entropy);
    }
}

/// Adds the products of the probabilities and the entropy of a pass or of a quartet.
#[inline(always)]
fn add_products<S: Simd, W: Width, const G: usize>(
    simd: S,
    width: W,
    at: Layout,
    sums: &mut [[f64; G]],
    probability: &W::Of<[f64; G]>,
    entropy: &[f64; G],
) {
    let classes = width.classes();
    for lane in 0..G {
        sums[at.entropy_squared()][lane] += entropy[lane] * entropy[lane];
    }
    let mut pair = at.outer();
    for first in 0..classes {
        for lane in 0..G {
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
fn statistics<const G: usize>(at: Layout, sums: &[[f64; G]], lane: usize, passes: usize) -> Statistics {
    let classes = at.classes;
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
        quartets: at.quartets.then(|| {
            Box::new(Quartets {
                squares: of_classes(at.squares()),
                votes_squared: of_classes(at.votes_squared()),
                open_probability: of_classes(at.open_probability()),
                open_votes: of_classes(at.open_votes()),
                open_entropy: sums[at.open_entropy()][lane],
            })
        }),
    }
}

/// The sums of one image of a block, from those of the block.
pub(super) fn statistics_of(at: Layout, sums: &[GroupSum], lane: usize, passes: usize) -> Statistics {
    let group = at.quantities();
    statistics(at, &sums[lane / GROUP * group..][..group], lane % GROUP, passes)
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

/// Adds kept passes of one block from number `first` on, `[passes, classes, 64]`, to its sums ([`Layout::sums_of_block`]).
pub(super) fn accumulate(
    set: InstructionSet,
    layout: Layout,
    kept: &[f16],
    first: usize,
    sums: &mut [GroupSum],
) {
    /// Passes of ten classes unpacked at once: 20 kB.
    const AT_ONCE: usize = 8;
    let pass = values(layout.classes);
    let mut unpacked = vec![0.0; pass * AT_ONCE.min(kept.len() / pass)];
    for (part, kept) in kept.chunks(pass * AT_ONCE).enumerate() {
        let unpacked = &mut unpacked[..kept.len()];
        kept.convert_to_f32_slice(unpacked);
        let first = first + part * AT_ONCE;
        if layout.classes == Ten::CLASSES {
            set.run(Accumulate { width: Ten, layout, first, unpacked, sums });
        } else {
            set.run(Accumulate { width: Any(layout.classes), layout, first, unpacked, sums });
        }
    }
}

struct Accumulate<'a, W> {
    width: W,
    layout: Layout,
    first: usize,
    unpacked: &'a [f32],
    sums: &'a mut [GroupSum],
}

impl<W: Width> WithSimd for Accumulate<'_, W> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let classes = self.width.classes();
        let groups = self.sums.chunks_exact_mut(self.layout.quantities());
        for (group, sums) in groups.enumerate() {
            for (number, pass) in self.unpacked.chunks_exact(values(classes)).enumerate() {
                let kept = self.width.gather(|class| {
                    let mut lanes = [0.0; GROUP];
                    lanes.copy_from_slice(&pass[class * LANES + group * GROUP..][..GROUP]);
                    lanes
                });
                add(simd, self.width, (self.layout, self.first + number), sums, &kept);
            }
        }
    }
}

/// The growing sums of one image.
pub(super) struct OneSum {
    layout: Layout,
    first: usize,
    passes: usize,
    sums: Vec<[f64; 1]>,
}

impl OneSum {
    /// No pass yet.
    pub(super) fn new(layout: Layout) -> Self {
        Self::from_pass(layout, 0)
    }

    /// No pass yet, the next being number `first`, which begins a quartet where there are any.
    pub(super) fn from_pass(layout: Layout, first: usize) -> Self {
        Self { layout, first, passes: 0, sums: vec![[0.0]; layout.quantities()] }
    }

    /// Adds one pass, given as kept.
    pub(super) fn add(&mut self, kept: &[f32]) {
        let at = (self.layout, self.first + self.passes);
        if self.layout.classes == Ten::CLASSES {
            add(pulp::Scalar, Ten, at, &mut self.sums, &Ten.gather(|class| [kept[class]]));
        } else {
            let width = Any(self.layout.classes);
            add(pulp::Scalar, width, at, &mut self.sums, &width.gather(|class| [kept[class]]));
        }
        self.passes += 1;
    }

    /// The sums over the passes so far.
    pub(super) fn statistics(&self) -> Statistics {
        statistics(self.layout, &self.sums, 0, self.passes)
    }
}
