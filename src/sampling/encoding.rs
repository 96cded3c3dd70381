//! How the passes are kept: the log-probabilities of the classes as 16-bit floats, 20 bytes for each image and pass
//! where there are ten.
//!
//! Of a probability p the logarithm's rounding leaves a relative error of at most |ln p|·2⁻¹¹, far below any Monte-Carlo error;
//! and a certain image keeps its tiny probabilities, which as 16-bit numbers themselves would be zeros. What is read back is
//! normalised again, so that probabilities sum to 1.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]
// Loops over lanes, side by side in several arrays.
#![allow(clippy::needless_range_loop)]

use half::f16;
use half::slice::HalfFloatSliceExt;
use pulp::{Simd, WithSimd};

use crate::data::PerClass;
use crate::kernel::elementary::{exp_negative, ln_1p};
use crate::kernel::{InstructionSet, LANES, Row};

use super::width::{Any, Ten, Width};

/// Numbers kept for one pass over one block, `[classes, 64]`.
pub(super) const fn values(classes: usize) -> usize {
    classes * LANES
}

/// Keeps the log-softmax of the logits of one block, a row for each class. Logits beyond ±10³⁰ count as ±10³⁰, NaN (from an
/// overflow) as −10³⁰.
pub(super) fn encode(set: InstructionSet, logits: &[Row], kept: &mut [f16]) {
    if let Ok(logits) = <&[Row; Ten::CLASSES]>::try_from(logits) {
        let mut exact = [[0.0; LANES]; Ten::CLASSES];
        set.run(LogSoftmax { width: Ten, logits, out: &mut exact });
        kept.convert_from_f32_slice(exact.as_flattened());
    } else {
        let mut exact = vec![[0.0; LANES]; logits.len()];
        set.run(LogSoftmax { width: Any(logits.len()), logits, out: &mut exact });
        kept.convert_from_f32_slice(exact.as_flattened());
    }
}

struct LogSoftmax<'a, W: Width> {
    width: W,
    logits: &'a [Row],
    out: &'a mut W::Of<[f32; LANES]>,
}

impl<W: Width> WithSimd for LogSoftmax<'_, W> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        const BOUND: f32 = 1e30;
        // The largest finite 16-bit float.
        const LOWEST: f32 = -65504.0;
        let Self { width, logits, out } = self;
        let logits = &logits[..width.classes()];
        for class in 0..width.classes() {
            for lane in 0..LANES {
                let logit = logits[class].0[lane];
                // Not `clamp`, which keeps NaN.
                let logit = if logit > -BOUND { logit } else { -BOUND };
                out[class][lane] = if logit < BOUND { logit } else { BOUND };
            }
        }
        let softmax = Softmax::new(width, out);
        for class in 0..width.classes() {
            for lane in 0..LANES {
                let log = softmax.below[class][lane] - softmax.log_total[lane];
                out[class][lane] = if log < LOWEST { LOWEST } else { log };
            }
        }
    }
}

/// The softmax of numbers whose common offset does not matter, for `G` images at once. Built from what is *not* the
/// largest class, so that a probability of 1 − 10⁻²⁰ still has an entropy.
pub(super) struct Softmax<W: Width, const G: usize> {
    /// The class of the largest number, the lowest on a tie.
    pub(super) largest: [u32; G],
    /// How far each number is below the largest, ≤ 0.
    pub(super) below: W::Of<[f32; G]>,
    /// e to the power of that.
    pub(super) exponential: W::Of<[f32; G]>,
    /// The sum of all exponentials but that of the largest class, which is 1.
    pub(super) others: [f32; G],
    /// ln of the sum of all exponentials.
    pub(super) log_total: [f32; G],
}

impl<W: Width, const G: usize> Softmax<W, G> {
    #[inline(always)]
    pub(super) fn new(width: W, numbers: &W::Of<[f32; G]>) -> Self {
        let mut largest = [0; G];
        let mut most = numbers[0];
        for class in 1..width.classes() {
            for lane in 0..G {
                let larger = numbers[class][lane] > most[lane];
                largest[lane] = if larger { class as u32 } else { largest[lane] };
                most[lane] = if larger { numbers[class][lane] } else { most[lane] };
            }
        }
        let mut below = width.gather(|_| [0.0; G]);
        let mut exponential = width.gather(|_| [0.0; G]);
        let mut others = [0.0; G];
        for class in 0..width.classes() {
            for lane in 0..G {
                below[class][lane] = numbers[class][lane] - most[lane];
                let power = exp_negative(below[class][lane]);
                exponential[class][lane] = power;
                others[lane] += if largest[lane] == class as u32 { 0.0 } else { power };
            }
        }
        let mut log_total = [0.0; G];
        for lane in 0..G {
            log_total[lane] = ln_1p(others[lane]);
        }
        Self { largest, below, exponential, others, log_total }
    }
}

/// The probabilities of one kept pass of one image.
pub(super) fn probabilities(kept: &[f32]) -> PerClass<f32> {
    fn of<W: Width>(width: W, kept: &[f32]) -> PerClass<f32> {
        let softmax = Softmax::new(width, &width.gather(|class| [kept[class]]));
        let total = 1.0 + softmax.others[0];
        PerClass::from_fn(width.classes(), |class| softmax.exponential[class][0] / total)
    }
    if kept.len() == Ten::CLASSES { of(Ten, kept) } else { of(Any(kept.len()), kept) }
}

/// One lane of one kept pass, `[classes, 64]`.
pub(super) fn lane(kept: &[f16], lane: usize) -> PerClass<f32> {
    kept.chunks_exact(LANES).map(|class| class[lane].to_f32()).collect()
}
