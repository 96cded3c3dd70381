//! The product every layer is made of: `out[m] = finish(Σ_k weight[m, k] · rows[index[k]])`, rows of 64 numbers.
//!
//! Sums of five outputs by up to 64 lanes stay in registers over the whole depth, so that each row loaded serves five
//! multiply-adds and each weight four. Five divides the network's 10, 20, 50 and 500; a narrower last tile serves what
//! is left. The order of every sum is that of `index`, whatever the instruction set or the tile: interleaved zero rows
//! change no bit of a finite sum.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]
#![allow(clippy::needless_range_loop)]

use pulp::{Simd, WithSimd};

use super::{InstructionSet, LANES, Row};

/// Outputs of a full tile.
const TILE: usize = 5;

/// A matrix `[outputs, depth]` packed by [`pack`]: tiles of five outputs, in each the weights of one depth together.
#[derive(Clone, Copy, Debug)]
pub struct WeightPanel<'a> {
    outputs: usize,
    depth: usize,
    weights: &'a [f32],
}

impl<'a> WeightPanel<'a> {
    /// The panel that [`pack`] appended at the start of `weights`.
    ///
    /// # Panics
    /// When `weights` holds fewer than `outputs × depth` numbers.
    #[must_use]
    pub fn new(weights: &'a [f32], outputs: usize, depth: usize) -> Self {
        Self { outputs, depth, weights: &weights[..outputs * depth] }
    }
}

/// Appends a matrix `[outputs, depth]` to `packed` in the order the kernel reads it, `outputs × depth` numbers.
pub fn pack(packed: &mut Vec<f32>, outputs: usize, depth: usize, weight: impl Fn(usize, usize) -> f32) {
    packed.reserve(outputs * depth);
    let mut first = 0;
    while first < outputs {
        let width = TILE.min(outputs - first);
        for k in 0..depth {
            if width == TILE {
                // An array of constant length is one store, not five.
                packed.extend_from_slice(&std::array::from_fn::<f32, TILE, _>(|m| weight(first + m, k)));
            } else {
                packed.extend((first..first + width).map(|m| weight(m, k)));
            }
        }
        first += width;
    }
}

/// Appends, as [`pack`], some rows and columns of a matrix whose rows are `width` numbers long.
///
/// # Panics
/// When the matrix has no such row or column.
pub fn gather(packed: &mut Vec<f32>, matrix: &[f32], width: usize, rows: &[u32], columns: &[u32]) {
    let start = packed.len();
    packed.resize(start + rows.len() * columns.len(), 0.0);
    let mut rest = &mut packed[start..];
    let row = |&row: &u32| &matrix[row as usize * width..][..width];
    let (tiles, last) = rows.as_chunks::<TILE>();
    for tile in tiles {
        let (out, after) = rest.split_at_mut(TILE * columns.len());
        rest = after;
        let rows = tile.each_ref().map(row);
        for (out, &column) in out.as_chunks_mut::<TILE>().0.iter_mut().zip(columns) {
            for (out, row) in out.iter_mut().zip(rows) {
                *out = row[column as usize];
            }
        }
    }
    for (m, row) in last.iter().map(row).enumerate() {
        for (out, &column) in rest.iter_mut().skip(m).step_by(last.len()).zip(columns) {
            *out = row[column as usize];
        }
    }
}

/// What happens to a sum before it leaves the registers.
pub trait Finish {
    /// Takes vector number `vector` (of `S::F32_LANES` lanes) of output number `output`. Must be `#[inline(always)]`,
    /// or it is compiled without the vector instructions.
    fn finish<S: Simd>(&mut self, simd: S, output: usize, vector: usize, sum: S::f32s);
}

/// `out[output] = sum · scale + bias[output]`
#[derive(Debug)]
pub struct Affine<'a> {
    /// Common factor.
    pub scale: f32,
    /// One number for each output.
    pub bias: &'a [f32],
    /// One row for each output.
    pub out: &'a mut [Row],
}

/// `out[output] = max(sum · scale + bias[output], 0)`
#[derive(Debug)]
pub struct Rectified<'a> {
    /// Common factor.
    pub scale: f32,
    /// One number for each output.
    pub bias: &'a [f32],
    /// One row for each output.
    pub out: &'a mut [Row],
}

/// `out[target[output]] = max(out[target[output]], sum · scale + bias[output])`: a max-pooling in place.
#[derive(Debug)]
pub struct Maximum<'a> {
    /// Common factor.
    pub scale: f32,
    /// One number for each output.
    pub bias: &'a [f32],
    /// The row each output is pooled into.
    pub target: &'a [u32],
    /// Rows pooled so far.
    pub out: &'a mut [Row],
}

impl Finish for Affine<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&mut self, simd: S, output: usize, vector: usize, sum: S::f32s) {
        let bias = simd.splat_f32s(self.bias[output]);
        let value = simd.mul_add_e_f32s(sum, simd.splat_f32s(self.scale), bias);
        S::as_mut_simd_f32s(&mut self.out[output].0).0[vector] = value;
    }
}

impl Finish for Rectified<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&mut self, simd: S, output: usize, vector: usize, sum: S::f32s) {
        let bias = simd.splat_f32s(self.bias[output]);
        let value = simd.mul_add_e_f32s(sum, simd.splat_f32s(self.scale), bias);
        S::as_mut_simd_f32s(&mut self.out[output].0).0[vector] = simd.max_f32s(value, simd.splat_f32s(0.0));
    }
}

impl Finish for Maximum<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&mut self, simd: S, output: usize, vector: usize, sum: S::f32s) {
        let bias = simd.splat_f32s(self.bias[output]);
        let value = simd.mul_add_e_f32s(sum, simd.splat_f32s(self.scale), bias);
        let place = &mut S::as_mut_simd_f32s(&mut self.out[self.target[output] as usize].0).0[vector];
        *place = simd.max_f32s(value, *place);
    }
}

/// Multiplies a panel with the rows that `index` names: `finish(m, Σ_k panel[m, k] · rows[index[k]])` for each output.
///
/// # Panics
/// When `index` is not as long as the panel is deep, or names a row that is not there.
pub fn product(
    set: InstructionSet,
    panel: WeightPanel,
    rows: &[Row],
    index: &[u32],
    finish: &mut impl Finish,
) {
    assert_eq!(panel.depth, index.len(), "one row for each depth of the panel");
    set.run(Product { panel, rows, index, finish });
}

struct Product<'a, F> {
    panel: WeightPanel<'a>,
    rows: &'a [Row],
    index: &'a [u32],
    finish: &'a mut F,
}

impl<F: Finish> WithSimd for Product<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { panel, rows, index, finish } = self;
        let mut first = 0;
        let mut weights = panel.weights;
        while first < panel.outputs {
            let width = TILE.min(panel.outputs - first);
            let (tile, rest) = weights.split_at(width * panel.depth);
            weights = rest;
            let mut tile = Tile { weights: tile, rows, index, first, finish };
            // As many sums as fit into the registers beside one weight and the vectors of a row.
            match (width, S::REGISTER_COUNT >= 32, S::IS_SCALAR) {
                (_, _, true) => tile.plain(simd, width),
                (5, true, _) => tile.across::<S, 5, 4>(simd),
                (4, true, _) => tile.across::<S, 4, 4>(simd),
                (3, true, _) => tile.across::<S, 3, 4>(simd),
                (5, false, _) => tile.across::<S, 5, 2>(simd),
                (4, false, _) => tile.across::<S, 4, 2>(simd),
                (3, false, _) => tile.across::<S, 3, 2>(simd),
                (2, ..) => tile.across::<S, 2, 4>(simd),
                _ => tile.across::<S, 1, 4>(simd),
            }
            first += width;
        }
    }
}

/// Up to five outputs of a product.
struct Tile<'a, F> {
    /// `[depth, width]`
    weights: &'a [f32],
    rows: &'a [Row],
    index: &'a [u32],
    /// Number of the first output.
    first: usize,
    finish: &'a mut F,
}

impl<F: Finish> Tile<'_, F> {
    /// All 64 lanes, `V` vectors at a time, `M` outputs wide.
    #[inline(always)]
    fn across<S: Simd, const M: usize, const V: usize>(&mut self, simd: S) {
        const { assert!(S::IS_SCALAR || (LANES / S::F32_LANES).is_multiple_of(V)) };
        let mut vector = 0;
        while vector < LANES / S::F32_LANES {
            let mut sums = [[simd.splat_f32s(0.0); V]; M];
            let (weights, _) = self.weights.as_chunks::<M>();
            for (weights, &index) in weights.iter().zip(self.index) {
                let row = &S::as_simd_f32s(&self.rows[index as usize].0).0[vector..vector + V];
                // Loops of constant length, so that the sums become registers; zipped slices cost a third with AVX2.
                for m in 0..M {
                    let weight = simd.splat_f32s(weights[m]);
                    for v in 0..V {
                        sums[m][v] = simd.mul_add_e_f32s(weight, row[v], sums[m][v]);
                    }
                }
            }
            for (m, sums) in sums.iter().enumerate() {
                for (v, &sum) in sums.iter().enumerate() {
                    self.finish.finish(simd, self.first + m, vector + v, sum);
                }
            }
            vector += V;
        }
    }

    /// Without vector instructions: one output at a time and many lanes, which the compiler vectorises as it can.
    #[inline(always)]
    fn plain<S: Simd>(&mut self, simd: S, width: usize) {
        const AT_ONCE: usize = 32;
        for m in 0..width {
            for start in (0..LANES).step_by(AT_ONCE) {
                let mut sums = [0.0_f32; AT_ONCE];
                for (weights, &index) in self.weights.chunks_exact(width).zip(self.index) {
                    let weight = weights[m];
                    let row = &self.rows[index as usize].0[start..start + AT_ONCE];
                    for (sum, &value) in sums.iter_mut().zip(row) {
                        *sum += weight * value;
                    }
                }
                for (lane, &sum) in sums.iter().enumerate() {
                    self.finish.finish(simd, self.first + m, start + lane, simd.splat_f32s(sum));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(seed: usize) -> f32 {
        ((seed * 7919 % 1009) as f32 - 504.0) / 504.0
    }

    fn rows(count: usize) -> Vec<Row> {
        (0..count).map(|r| Row(std::array::from_fn(|lane| number(r * 64 + lane + 3)))).collect()
    }

    /// The same sums in f64, one by one.
    fn expected(outputs: usize, index: &[u32], rows: &[Row]) -> Vec<[f64; LANES]> {
        let sum = |m: usize, lane: usize| {
            let terms = index.iter().enumerate();
            terms.map(|(k, &i)| f64::from(number(m * 131 + k)) * f64::from(rows[i as usize].0[lane])).sum()
        };
        (0..outputs).map(|m| std::array::from_fn(|lane| sum(m, lane))).collect()
    }

    #[test]
    fn every_instruction_set_multiplies_panels_of_every_width() {
        let rows = rows(90);
        for set in InstructionSet::available() {
            for (outputs, depth) in [(0, 5), (1, 1), (2, 30), (3, 7), (4, 64), (5, 0), (13, 41), (50, 29)] {
                let index: Vec<u32> = (0..depth as u32).map(|k| (k * 37 + 11) % 90).collect();
                let mut packed = Vec::new();
                pack(&mut packed, outputs, depth, |m, k| number(m * 131 + k));
                let bias: Vec<f32> = (0..outputs).map(|m| number(m + 77)).collect();
                let mut out = vec![Row::ZERO; outputs];
                let mut finish = Affine { scale: 0.5, bias: &bias, out: &mut out };
                product(set, WeightPanel::new(&packed, outputs, depth), &rows, &index, &mut finish);
                for (m, sums) in expected(outputs, &index, &rows).iter().enumerate() {
                    for (lane, sum) in sums.iter().enumerate() {
                        let want = 0.5 * sum + f64::from(bias[m]);
                        let got = f64::from(out[m].0[lane]);
                        assert!(
                            (want - got).abs() < 1e-5,
                            "{} {outputs}×{depth}: {got} for {want}",
                            set.name()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn gathered_rows_and_columns_are_packed_like_any_matrix() {
        let matrix: Vec<f32> = (0..40 * 30).map(number).collect();
        for count in [0, 1, 4, 5, 13] {
            let rows: Vec<u32> = (0..count).map(|m| (m * 17 + 3) % 40).collect();
            let columns: Vec<u32> = (0..11).map(|k| (k * 7 + 2) % 30).collect();
            let (mut gathered, mut packed) = (vec![1.0], vec![1.0]);
            gather(&mut gathered, &matrix, 30, &rows, &columns);
            pack(&mut packed, rows.len(), 11, |m, k| matrix[rows[m] as usize * 30 + columns[k] as usize]);
            assert_eq!(gathered, packed);
        }
    }

    #[test]
    fn interleaved_zero_rows_change_no_bit() {
        let mut rows = rows(40);
        rows.push(Row::ZERO);
        let index: Vec<u32> = (0..40).collect();
        let wide: Vec<u32> = (0..40).flat_map(|i| [40, i]).collect();
        for set in InstructionSet::available() {
            let (mut packed, mut packed_wide) = (Vec::new(), Vec::new());
            pack(&mut packed, 7, 40, |m, k| number(m * 131 + k));
            pack(&mut packed_wide, 7, 80, |m, k| {
                number(m * 131 + k / 2) + if k % 2 == 0 { 5.0 } else { 0.0 }
            });
            let (mut out, mut out_wide) = (vec![Row::ZERO; 7], vec![Row::ZERO; 7]);
            let bias = [0.25; 7];
            let mut finish = Rectified { scale: 2.0, bias: &bias, out: &mut out };
            product(set, WeightPanel::new(&packed, 7, 40), &rows, &index, &mut finish);
            let mut finish = Rectified { scale: 2.0, bias: &bias, out: &mut out_wide };
            product(set, WeightPanel::new(&packed_wide, 7, 80), &rows, &wide, &mut finish);
            assert_eq!(out, out_wide, "{}", set.name());
            assert!(out.iter().flat_map(|row| row.0).all(|value| value >= 0.0));
        }
    }

    #[test]
    fn pooled_sums_keep_the_larger() {
        let rows = rows(3);
        for set in InstructionSet::available() {
            let mut packed = Vec::new();
            pack(&mut packed, 2, 1, |m, _| [1.0, -1.0][m]);
            let mut out = vec![Row([f32::NEG_INFINITY; LANES]); 3];
            let mut finish = Maximum { scale: 1.0, bias: &[0.0; 2], target: &[1, 1], out: &mut out };
            product(set, WeightPanel::new(&packed, 2, 1), &rows, &[2], &mut finish);
            assert_eq!(out[1], Row(rows[2].0.map(f32::abs)));
            assert_eq!(out[0], Row([f32::NEG_INFINITY; LANES]));
        }
    }
}
