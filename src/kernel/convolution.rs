//! One place of a convolution, for sixteen images side by side: `out[m] = Σ_t Σ_k weight[m, t, k] · rows[t][k]`, the channels
//! of a place one after the other. Taps that lie outside of the image are left out, which no product of matrices can do: a
//! third of all multiplications at 4×4, more than half at 2×2.
//!
//! Twelve outputs stay in registers over all taps. The order of every sum is that of taps and channels, whatever the
//! instruction set or the tile. Blocks of 64 images were measured to be no faster, and to take four times the memory.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]
#![allow(clippy::needless_range_loop)]

use bytemuck::{Pod, Zeroable};
use pulp::{Simd, WithSimd};

use super::InstructionSet;

/// Images of a [`Part`].
pub const PART: usize = 16;

/// One number of sixteen images. Aligned to a cache line, so that no vector straddles two.
#[derive(Clone, Copy, Debug, PartialEq, Default, Zeroable, Pod)]
#[repr(C, align(64))]
pub struct Part(pub [f32; PART]);

/// Outputs of a full tile; narrower ones have 8 or 4.
const TILE: usize = 12;
const STEP: usize = 4;

/// The weights of a convolution in the order in which they are read: tiles of outputs, in each taps, in each channels.
#[derive(Clone, Debug)]
pub struct Panel {
    outputs: usize,
    taps: usize,
    inputs: usize,
    packed: Vec<f32>,
}

impl Panel {
    /// Packs `weight(output, tap, input)`.
    #[must_use]
    pub fn new([outputs, taps, inputs]: [usize; 3], weight: impl Fn(usize, usize, usize) -> f32) -> Self {
        let mut packed = Vec::with_capacity(outputs.next_multiple_of(STEP) * taps * inputs);
        let mut first = 0;
        while first < outputs {
            let width = width(outputs - first);
            for tap in 0..taps {
                for input in 0..inputs {
                    let one =
                        |m: usize| if first + m < outputs { weight(first + m, tap, input) } else { 0.0 };
                    packed.extend((0..width).map(one));
                }
            }
            first += width;
        }
        Self { outputs, taps, inputs, packed }
    }

    /// Outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Inputs of each tap.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }
}

/// Outputs of the next tile where so many are left.
fn width(left: usize) -> usize {
    TILE.min(left.next_multiple_of(STEP))
}

/// What becomes of the sums.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    /// One number for each output.
    pub bias: &'a [f32],
    /// Numbers that are added, one for each output.
    pub added: Option<&'a [Part]>,
    /// Whether what is below zero becomes zero.
    pub rectified: bool,
}

/// Computes all outputs of one place from the taps that lie in the image: of each its number and what it looks at,
/// `[inputs]`.
///
/// # Panics
/// When lengths do not belong together.
pub fn convolve(
    set: InstructionSet,
    panel: &Panel,
    taps: &[(usize, &[Part])],
    ending: Ending,
    out: &mut [Part],
) {
    assert!(out.len() == panel.outputs && ending.bias.len() == panel.outputs, "rows for the outputs");
    let whole = |(tap, rows): &(usize, &[Part])| *tap < panel.taps && rows.len() == panel.inputs;
    assert!(taps.iter().all(whole), "rows for the inputs of each tap");
    assert!(ending.added.is_none_or(|added| added.len() == out.len()), "as many numbers added");
    set.run(Convolve { panel, taps, ending, out });
}

struct Convolve<'a> {
    panel: &'a Panel,
    taps: &'a [(usize, &'a [Part])],
    ending: Ending<'a>,
    out: &'a mut [Part],
}

impl WithSimd for Convolve<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut first = 0;
        let mut start = 0;
        while first < self.panel.outputs {
            let width = width(self.panel.outputs - first);
            let tile = (first, start);
            // As many sums as fit into the registers beside the vectors of a part and one weight.
            match (width, S::IS_SCALAR, S::F32_LANES) {
                (_, true, _) => self.plain(tile, width),
                (12, _, PART) => self.tile::<S, 12, 0, 12, 1>(simd, tile),
                (12, ..) => {
                    self.tile::<S, 12, 0, 6, 2>(simd, tile);
                    self.tile::<S, 12, 6, 6, 2>(simd, tile);
                }
                (8, _, PART) => self.tile::<S, 8, 0, 8, 1>(simd, tile),
                (8, ..) => {
                    self.tile::<S, 8, 0, 4, 2>(simd, tile);
                    self.tile::<S, 8, 4, 4, 2>(simd, tile);
                }
                (_, _, PART) => self.tile::<S, 4, 0, 4, 1>(simd, tile),
                _ => self.tile::<S, 4, 0, 4, 2>(simd, tile),
            }
            first += width;
            start += width * self.panel.taps * self.panel.inputs;
        }
    }
}

impl Convolve<'_> {
    /// `M` outputs from number `OFFSET` of a tile of `W` on, `V` vectors at a time. A tile starts with output `first`; its
    /// weights start at `start`.
    #[inline(always)]
    fn tile<S: Simd, const W: usize, const OFFSET: usize, const M: usize, const V: usize>(
        &mut self,
        simd: S,
        (first, start): (usize, usize),
    ) {
        let Panel { outputs, inputs, ref packed, .. } = *self.panel;
        for vector in (0..PART / S::F32_LANES).step_by(V) {
            let mut sums = [[simd.splat_f32s(0.0); V]; M];
            for (tap, rows) in self.taps {
                let (weights, _) = packed[start + tap * W * inputs..][..W * inputs].as_chunks::<W>();
                for (weights, row) in weights.iter().zip(*rows) {
                    let row = &S::as_simd_f32s(&row.0).0[vector..vector + V];
                    for m in 0..M {
                        let weight = simd.splat_f32s(weights[OFFSET + m]);
                        for v in 0..V {
                            sums[m][v] = simd.mul_add_e_f32s(weight, row[v], sums[m][v]);
                        }
                    }
                }
            }
            let first = first + OFFSET;
            for m in 0..M.min(outputs.saturating_sub(first)) {
                for v in 0..V {
                    self.end(simd, first + m, vector + v, sums[m][v]);
                }
            }
        }
    }

    #[inline(always)]
    fn end<S: Simd>(&mut self, simd: S, output: usize, vector: usize, sum: S::f32s) {
        let mut value = simd.add_f32s(sum, simd.splat_f32s(self.ending.bias[output]));
        if let Some(added) = self.ending.added {
            value = simd.add_f32s(value, S::as_simd_f32s(&added[output].0).0[vector]);
        }
        if self.ending.rectified {
            value = simd.max_f32s(value, simd.splat_f32s(0.0));
        }
        S::as_mut_simd_f32s(&mut self.out[output].0).0[vector] = value;
    }

    /// Without vector instructions: one output at a time, and the images of a part as the compiler vectorises them.
    #[inline(always)]
    fn plain(&mut self, (first, start): (usize, usize), width: usize) {
        let Panel { outputs, inputs, ref packed, .. } = *self.panel;
        for output in first..outputs.min(first + width) {
            let mut sums = [0.0_f32; PART];
            for (tap, rows) in self.taps {
                let weights = &packed[start + tap * width * inputs..][..width * inputs];
                for (weights, row) in weights.chunks_exact(width).zip(*rows) {
                    let weight = weights[output - first];
                    for (sum, value) in sums.iter_mut().zip(&row.0) {
                        *sum += weight * value;
                    }
                }
            }
            for lane in 0..PART {
                let mut value = sums[lane] + self.ending.bias[output];
                if let Some(added) = self.ending.added {
                    value += added[output].0[lane];
                }
                self.out[output].0[lane] = if self.ending.rectified { value.max(0.0) } else { value };
            }
        }
    }
}

/// Runs loops over images compiled for a set of vector instructions.
pub fn vectorised(set: InstructionSet, work: impl FnOnce()) {
    set.run(Vectorised(work));
}

struct Vectorised<Work>(Work);

impl<Work: FnOnce()> WithSimd for Vectorised<Work> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(seed: usize) -> f32 {
        ((seed * 7919 % 1009) as f32 - 504.0) / 504.0
    }

    fn parts(seed: usize, count: usize) -> Vec<Part> {
        (0..count).map(|at| Part(std::array::from_fn(|lane| number(seed + at * PART + lane)))).collect()
    }

    #[test]
    fn every_set_and_width_sums_the_taps_that_are_there() {
        for set in InstructionSet::available() {
            for (outputs, taps, inputs) in
                [(1, 1, 1), (3, 9, 3), (4, 1, 17), (12, 9, 5), (29, 4, 6), (64, 9, 8)]
            {
                let weight = |m: usize, t: usize, k: usize| number(m * 131 + t * 17 + k);
                let panel = Panel::new([outputs, taps, inputs], weight);
                let bias: Vec<f32> = (0..outputs).map(|m| number(m + 77)).collect();
                let rows: Vec<Vec<Part>> = (0..taps).map(|tap| parts(tap * 9001, inputs)).collect();
                // Every other tap.
                let there: Vec<(usize, &[Part])> =
                    (0..taps).step_by(2).map(|tap| (tap, &rows[tap][..])).collect();
                let added = parts(5, outputs);
                for with in [false, true] {
                    let ending = Ending { bias: &bias, added: with.then_some(&added), rectified: with };
                    let mut out = parts(0, outputs);
                    convolve(set, &panel, &there, ending, &mut out);
                    for (m, lane) in (0..outputs).flat_map(|m| (0..PART).map(move |lane| (m, lane))) {
                        let of = |(tap, rows): &(usize, &[Part])| -> f64 {
                            let term = |k: usize| f64::from(weight(m, *tap, k)) * f64::from(rows[k].0[lane]);
                            (0..inputs).map(term).sum()
                        };
                        let mut want = there.iter().map(of).sum::<f64>() + f64::from(bias[m]);
                        if with {
                            want = (want + f64::from(added[m].0[lane])).max(0.0);
                        }
                        let got = f64::from(out[m].0[lane]);
                        let what = format!("{} {outputs}×{taps}×{inputs}", set.name());
                        assert!((want - got).abs() < 2e-5, "{what}: {got} for {want}");
                    }
                }
            }
        }
    }
}
