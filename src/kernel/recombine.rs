//! Sums over the sixteen labels of a bundle of passes, recombined into what each of its masks keeps.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]

use pulp::{Simd, WithSimd};

use super::{InstructionSet, LANES, Row};

/// Labels: [`hadamard`] takes as many sums.
const LABELS: usize = 16;

/// Replaces the sums over each label, `[16, rows]`, by their sums with every pattern of signs: number s becomes
/// `Σ_label (−1)^(bits that label and s have in common) · sum[label]` (the transform of Walsh and Hadamard).
///
/// # Panics
/// When there are not sixteen times as many rows as `rows`.
pub fn hadamard(set: InstructionSet, sums: &mut [Row], rows: usize) {
    assert_eq!(sums.len(), LABELS * rows, "sixteen sums of each row");
    set.run(Hadamard { sums, rows });
}

struct Hadamard<'a> {
    sums: &'a mut [Row],
    rows: usize,
}

impl WithSimd for Hadamard<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sums, rows } = self;
        for row in 0..rows {
            for vector in 0..LANES / S::F32_LANES {
                let mut values: [S::f32s; LABELS] =
                    std::array::from_fn(|label| S::as_simd_f32s(&sums[label * rows + row].0).0[vector]);
                let mut apart = 1;
                while apart < LABELS {
                    for label in 0..LABELS {
                        if label & apart == 0 {
                            let (a, b) = (values[label], values[label + apart]);
                            values[label] = simd.add_f32s(a, b);
                            values[label + apart] = simd.sub_f32s(a, b);
                        }
                    }
                    apart *= 2;
                }
                for (label, value) in values.into_iter().enumerate() {
                    S::as_mut_simd_f32s(&mut sums[label * rows + row].0).0[vector] = value;
                }
            }
        }
    }
}

/// `out[i] = Σ_part sums[part][i]` for each list of parts, after the sum over all: `[1 + lists, rows]` from `[16, rows]`.
///
/// # Panics
/// When the lengths do not agree, or a list names a part that is not there.
pub fn sums_of_parts(set: InstructionSet, sums: &[Row], rows: usize, lists: &[[usize; 4]], out: &mut [Row]) {
    assert_eq!(sums.len(), LABELS * rows, "sixteen sums of each row");
    assert_eq!(out.len(), (1 + lists.len()) * rows, "a sum for each list, and one for all");
    set.run(Parts { sums, rows, lists, out });
}

struct Parts<'a> {
    sums: &'a [Row],
    rows: usize,
    lists: &'a [[usize; 4]],
    out: &'a mut [Row],
}

impl WithSimd for Parts<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { sums, rows, lists, out } = self;
        for row in 0..rows {
            for vector in 0..LANES / S::F32_LANES {
                let value = |part: usize| S::as_simd_f32s(&sums[part * rows + row].0).0[vector];
                let mut all = value(0);
                for part in 1..LABELS {
                    all = simd.add_f32s(all, value(part));
                }
                S::as_mut_simd_f32s(&mut out[row].0).0[vector] = all;
                for (at, list) in lists.iter().enumerate() {
                    let [a, b, c, d] = list.map(value);
                    let sum = simd.add_f32s(simd.add_f32s(a, b), simd.add_f32s(c, d));
                    S::as_mut_simd_f32s(&mut out[(1 + at) * rows + row].0).0[vector] = sum;
                }
            }
        }
    }
}

/// What belongs to a sum besides itself.
#[derive(Clone, Copy, Debug)]
pub enum Bias<'a> {
    /// A number for each row.
    Rows(&'a [f32]),
    /// A number for each lane of each row.
    Lanes(&'a [Row]),
}

/// Two sums of each row, `a · by[0] + b · by[1]`, times a scale, with a bias; below zero 0 where it is rectified.
#[derive(Debug)]
pub struct Combined<'a> {
    /// The first sums.
    pub a: &'a [Row],
    /// The second.
    pub b: &'a [Row],
    /// What they are multiplied by; exact, a power of two or 0.
    pub by: [f32; 2],
    /// Common factor.
    pub scale: f32,
    /// What is added.
    pub bias: Bias<'a>,
    /// Whether negative numbers become 0.
    pub rectified: bool,
}

/// Writes them, a row for each of `out`.
pub fn combine(set: InstructionSet, combined: Combined<'_>, out: &mut [Row]) {
    set.run(Combine(combined, out));
}

struct Combine<'a>(Combined<'a>, &'a mut [Row]);

impl WithSimd for Combine<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self(Combined { a, b, by, scale, bias, rectified }, out) = self;
        let [by_a, by_b] = by.map(|by| simd.splat_f32s(by));
        let (scale, zero) = (simd.splat_f32s(scale), simd.splat_f32s(0.0));
        for (row, ((a, b), out)) in a.iter().zip(b).zip(out).enumerate() {
            let (a, b) = (S::as_simd_f32s(&a.0).0, S::as_simd_f32s(&b.0).0);
            let out = S::as_mut_simd_f32s(&mut out.0).0;
            for (vector, ((&a, &b), out)) in a.iter().zip(b).zip(out).enumerate() {
                let added = match bias {
                    Bias::Rows(bias) => simd.splat_f32s(bias[row]),
                    Bias::Lanes(bias) => S::as_simd_f32s(&bias[row].0).0[vector],
                };
                let sum = simd.mul_add_e_f32s(b, by_b, simd.mul_f32s(a, by_a));
                let value = simd.mul_add_e_f32s(sum, scale, added);
                *out = if rectified { simd.max_f32s(value, zero) } else { value };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(rows: usize) -> Vec<Row> {
        let number = |at: usize, lane: usize| ((at * 7919 + lane * 104_729) % 1009) as f32 - 500.0;
        (0..LABELS * rows).map(|at| Row(std::array::from_fn(|lane| number(at, lane)))).collect()
    }

    #[test]
    fn every_pattern_of_signs_is_summed() {
        let rows = 3;
        for set in InstructionSet::available() {
            let before = sums(rows);
            let mut after = before.clone();
            hadamard(set, &mut after, rows);
            for pattern in 0..LABELS {
                for row in 0..rows {
                    for lane in 0..LANES {
                        let term = |label: usize| {
                            let sign = if (label & pattern).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
                            sign * before[label * rows + row].0[lane]
                        };
                        // Whole numbers: every order gives the same sum.
                        let want: f32 = (0..LABELS).map(term).sum();
                        assert!((after[pattern * rows + row].0[lane] - want).abs() == 0.0, "{}", set.name());
                    }
                }
            }
        }
    }

    #[test]
    fn parts_are_summed_after_the_whole() {
        let rows = 2;
        let lists = [[0, 1, 2, 3], [15, 4, 9, 2]];
        for set in InstructionSet::available() {
            let before = sums(rows);
            let mut out = vec![Row::ZERO; 3 * rows];
            sums_of_parts(set, &before, rows, &lists, &mut out);
            let of = |parts: &[usize], row: usize, lane: usize| -> f32 {
                parts.iter().map(|part| before[part * rows + row].0[lane]).sum()
            };
            let all: Vec<usize> = (0..LABELS).collect();
            for row in 0..rows {
                for lane in 0..LANES {
                    for (at, parts) in [&all[..], &lists[0], &lists[1]].into_iter().enumerate() {
                        let found = out[at * rows + row].0[lane];
                        assert!((found - of(parts, row, lane)).abs() == 0.0, "{}", set.name());
                    }
                }
            }
        }
    }

    #[test]
    fn two_sums_are_combined_with_either_bias() {
        let (a, b) = (vec![Row([6.0; LANES]); 2], vec![Row([-2.0; LANES]); 2]);
        for set in InstructionSet::available() {
            for (rectified, want) in [(false, [-1.0, 5.0]), (true, [0.0, 5.0])] {
                let rows = [-9.0, -3.0];
                let lanes = rows.map(|bias| Row([bias; LANES]));
                for bias in [Bias::Rows(&rows), Bias::Lanes(&lanes)] {
                    let mut out = vec![Row::ZERO; 2];
                    // (6 · ½ + −2 · −½) · 2 = 8.
                    let by = [0.5, -0.5];
                    let combined = Combined { a: &a, b: &b, by, scale: 2.0, bias, rectified };
                    combine(set, combined, &mut out);
                    assert_eq!(out, want.map(|value| Row([value; LANES])), "{}", set.name());
                }
            }
        }
    }
}
