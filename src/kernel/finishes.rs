//! What training does with the sums of a [`product`](super::product) while they are in registers: pooling that
//! remembers which corner won, a derivative gated by a mask, and Adam.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]

use pulp::{Simd, WithSimd};

use super::{Finish, InstructionSet, LANES, Row};

/// One corner of 2×2 max-pooling: `value = (sum + bias[output]) · mask`, kept in `out[target]` when larger than what
/// earlier corners left there, with the corner's number in `winner[target]`.
#[derive(Debug)]
pub struct PooledCorner<'a> {
    /// Which corner, 0 to 3, visited in this order; on equality the earlier one wins.
    pub corner: usize,
    /// One number for each output.
    pub bias: &'a [f32],
    /// Factors of dropout, four rows for each output, one for each corner; empty without dropout.
    pub masks: &'a [Row],
    /// `target = first + output · stride`
    pub first: usize,
    /// See `first`.
    pub stride: usize,
    /// Largest values so far.
    pub out: &'a mut [Row],
    /// The corner they come from, plus [`DROPPED`] when dropout made the value zero.
    pub winner: &'a mut [Row],
}

/// Added to the number of a winning corner that dropout made zero: no gradient flows through it.
pub const DROPPED: usize = 4;

impl Finish for PooledCorner<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&mut self, simd: S, output: usize, vector: usize, sum: S::f32s) {
        let mut value = simd.add_f32s(sum, simd.splat_f32s(self.bias[output]));
        let mut code = simd.splat_f32s(self.corner as f32);
        if !self.masks.is_empty() {
            let mask = S::as_simd_f32s(&self.masks[output * 4 + self.corner].0).0[vector];
            value = simd.mul_f32s(value, mask);
            let kept = simd.greater_than_f32s(mask, simd.splat_f32s(0.0));
            code = simd.select_f32s(kept, code, simd.splat_f32s((self.corner + DROPPED) as f32));
        }
        let target = self.first + output * self.stride;
        let best = &mut S::as_mut_simd_f32s(&mut self.out[target].0).0[vector];
        let winner = &mut S::as_mut_simd_f32s(&mut self.winner[target].0).0[vector];
        if self.corner == 0 {
            *best = value;
            *winner = code;
        } else {
            let better = simd.greater_than_f32s(value, *best);
            *best = simd.select_f32s(better, value, *best);
            *winner = simd.select_f32s(better, code, *winner);
        }
    }
}

/// `out[output] = sum · factor[output]`: a derivative passing back through dropout.
#[derive(Debug)]
pub struct Masked<'a> {
    /// Factors of dropout, a row for each output.
    pub factor: &'a [Row],
    /// One row for each output.
    pub out: &'a mut [Row],
}

impl Finish for Masked<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&mut self, simd: S, output: usize, vector: usize, sum: S::f32s) {
        let factor = S::as_simd_f32s(&self.factor[output].0).0[vector];
        S::as_mut_simd_f32s(&mut self.out[output].0).0[vector] = simd.mul_f32s(sum, factor);
    }
}

/// `out[output] = sum · scale` where `gate[output] > 0`, else 0: a derivative passing back through the rectifier and
/// dropout.
#[derive(Debug)]
pub struct Gated<'a> {
    /// Common factor.
    pub scale: f32,
    /// The layer's forward output, a row for each output.
    pub gate: &'a [Row],
    /// One row for each output.
    pub out: &'a mut [Row],
}

impl Finish for Gated<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&mut self, simd: S, output: usize, vector: usize, sum: S::f32s) {
        let zero = simd.splat_f32s(0.0);
        let open = simd.greater_than_f32s(S::as_simd_f32s(&self.gate[output].0).0[vector], zero);
        let value = simd.mul_f32s(sum, simd.splat_f32s(self.scale));
        S::as_mut_simd_f32s(&mut self.out[output].0).0[vector] = simd.select_f32s(open, value, zero);
    }
}

/// The numbers of one step of Adam.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    /// Decay rate of the mean gradient.
    pub beta1: f32,
    /// Decay rate of the mean squared gradient.
    pub beta2: f32,
    /// Guard against a division by zero.
    pub epsilon: f32,
    /// Learning rate over 1 − β₁ᵗ.
    pub step_size: f32,
    /// √(1 − β₂ᵗ), which divides the root of the mean squared gradient.
    pub root_correction: f32,
}

impl AdamStep {
    /// Step number `t`, from 1.
    #[must_use]
    pub fn new(beta1: f32, beta2: f32, epsilon: f32, learning_rate: f32, t: u32) -> Self {
        let corrected = |beta: f32| 1.0 - f64::from(beta).powi(i32::try_from(t).unwrap_or(i32::MAX));
        Self {
            beta1,
            beta2,
            epsilon,
            step_size: (f64::from(learning_rate) / corrected(beta1)) as f32,
            root_correction: corrected(beta2).sqrt() as f32,
        }
    }

    #[inline(always)]
    fn update<S: Simd>(self, simd: S, gradient: S::f32s, state: [S::f32s; 3]) -> [S::f32s; 3] {
        let [weight, mean, square] = state;
        let splat = |value: f32| simd.splat_f32s(value);
        let mean =
            simd.mul_add_e_f32s(splat(self.beta1), mean, simd.mul_f32s(splat(1.0 - self.beta1), gradient));
        let squared = simd.mul_f32s(gradient, gradient);
        let square =
            simd.mul_add_e_f32s(splat(self.beta2), square, simd.mul_f32s(splat(1.0 - self.beta2), squared));
        let root = simd.mul_f32s(simd.sqrt_f32s(square), splat(1.0 / self.root_correction));
        let change = simd.div_f32s(mean, simd.add_f32s(root, splat(self.epsilon)));
        [simd.mul_add_e_f32s(splat(-self.step_size), change, weight), mean, square]
    }
}

/// Parameters with Adam's two averages.
#[derive(Debug)]
pub struct Moving<'a> {
    /// The parameters.
    pub weights: &'a mut [f32],
    /// Running means of their gradients.
    pub means: &'a mut [f32],
    /// Running means of their squared gradients.
    pub squares: &'a mut [f32],
}

/// Adam on the sums as gradients: `sum` of output `m` and lane `i` belongs to parameter `[m, first + i]` of a matrix
/// with `columns` columns; lanes beyond the last column are ignored.
#[derive(Debug)]
pub struct Adam<'a> {
    /// The step.
    pub step: AdamStep,
    /// A matrix `[outputs, columns]`.
    pub parameters: Moving<'a>,
    /// Columns of the matrix, a multiple of 16.
    pub columns: usize,
    /// Column of the first lane.
    pub first: usize,
}

impl Finish for Adam<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&mut self, simd: S, output: usize, vector: usize, sum: S::f32s) {
        let column = self.first + vector * S::F32_LANES;
        if column >= self.columns {
            return;
        }
        let at = output * self.columns + column;
        let weight = &mut S::as_mut_simd_f32s(&mut self.parameters.weights[at..at + S::F32_LANES]).0[0];
        let mean = &mut S::as_mut_simd_f32s(&mut self.parameters.means[at..at + S::F32_LANES]).0[0];
        let square = &mut S::as_mut_simd_f32s(&mut self.parameters.squares[at..at + S::F32_LANES]).0[0];
        [*weight, *mean, *square] = self.step.update(simd, sum, [*weight, *mean, *square]);
    }
}

/// One step of Adam on parameters whose gradient is already known.
///
/// # Panics
/// When the lengths differ.
pub fn adam(set: InstructionSet, step: AdamStep, gradient: &[f32], parameters: Moving<'_>) {
    struct Update<'a>(AdamStep, &'a [f32], Moving<'a>);
    impl WithSimd for Update<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let Self(step, gradient, Moving { weights, means, squares }) = self;
            let lanes = S::F32_LANES;
            let chunks =
                weights.chunks_mut(lanes).zip(means.chunks_mut(lanes)).zip(squares.chunks_mut(lanes));
            for (gradient, ((weight, mean), square)) in gradient.chunks(lanes).zip(chunks) {
                let state = [&*weight, &*mean, &*square].map(|values| simd.partial_load_f32s(values));
                let [new_weight, new_mean, new_square] =
                    step.update(simd, simd.partial_load_f32s(gradient), state);
                simd.partial_store_f32s(weight, new_weight);
                simd.partial_store_f32s(mean, new_mean);
                simd.partial_store_f32s(square, new_square);
            }
        }
    }
    assert_eq!(gradient.len(), parameters.weights.len(), "a gradient for each parameter");
    set.run(Update(step, gradient, parameters));
}

/// Sums over the images of a block: `Σ_i left[i] · right[i]` for every pair of rows, `[left, right]`.
pub fn add_inner_products(set: InstructionSet, left: &[Row], right: &[Row], sums: &mut [f32]) {
    struct Inner<'a>(&'a [Row], &'a [Row], &'a mut [f32]);
    impl WithSimd for Inner<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let Self(left, right, sums) = self;
            for (left, sums) in left.iter().zip(sums.chunks_exact_mut(right.len())) {
                let left = S::as_simd_f32s(&left.0).0;
                for (right, sum) in right.iter().zip(sums) {
                    let right = S::as_simd_f32s(&right.0).0;
                    let mut partial = simd.splat_f32s(0.0);
                    for vector in 0..LANES / S::F32_LANES {
                        partial = simd.mul_add_e_f32s(left[vector], right[vector], partial);
                    }
                    *sum += simd.reduce_sum_f32s(partial);
                }
            }
        }
    }
    set.run(Inner(left, right, sums));
}
