//! exp and ln for loops over lanes: branch-free plain arithmetic that the compiler vectorises, the same bits with
//! every instruction set.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]

/// e^x for x ≤ 0, relative error below 2·10⁻⁷; 0 below −87.
#[inline(always)]
#[must_use]
pub fn exp_negative(x: f32) -> f32 {
    // Adding 1.5·2²³ rounds to an integer, which is then in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts: the first has 15 bits, so that its product with an exponent is exact.
    const LN_2_HIGH: f32 = 0.693_145_75;
    const LN_2_LOW: f32 = 1.428_606_8e-6;
    const LOWEST: f32 = -87.0;
    let bounded = if x < LOWEST { LOWEST } else { x };
    let shifted = bounded * std::f32::consts::LOG2_E + ROUND;
    let exponent = shifted - ROUND;
    let r = (bounded - exponent * LN_2_HIGH) - exponent * LN_2_LOW;
    // Taylor to r⁷; |r| ≤ ln 2 / 2, so that what is left out is below 5·10⁻⁹.
    let series = 1.0 / 5040.0;
    let series = series * r + 1.0 / 720.0;
    let series = series * r + 1.0 / 120.0;
    let series = series * r + 1.0 / 24.0;
    let series = series * r + 1.0 / 6.0;
    let series = series * r + 0.5;
    let series = series * r + 1.0;
    let series = series * r + 1.0;
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    if x < LOWEST { 0.0 } else { series * power }
}

/// ln(1 + x) for 0 ≤ x < 2²³, relative error below 3·10⁻⁷ however small x is.
#[inline(always)]
#[must_use]
pub fn ln_1p(x: f32) -> f32 {
    const HALF_ROOT: u32 = std::f32::consts::FRAC_1_SQRT_2.to_bits();
    let bits = (1.0 + x).to_bits();
    // 1 + x = 2^exponent · m with m from √½ to √2.
    let exponent = bits.wrapping_sub(HALF_ROOT) >> 23;
    let m = f32::from_bits(bits.wrapping_sub(exponent << 23));
    // Where 1 + x need not be scaled, x itself is more exact than (1 + x) − 1.
    let above_one = if exponent == 0 { x } else { m - 1.0 };
    // ln m = 2 artanh((m − 1)/(m + 1)), whose argument is below 0.172.
    let s = above_one / (2.0 + above_one);
    let square = s * s;
    let series = 1.0 / 9.0;
    let series = series * square + 1.0 / 7.0;
    let series = series * square + 1.0 / 5.0;
    let series = series * square + 1.0 / 3.0;
    let tail = series * square * s;
    exponent.cast_signed() as f32 * std::f32::consts::LN_2 + 2.0 * (s + tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_ten_millionths() {
        for step in 0..=870_000 {
            let x = -0.0001 * step as f32;
            let want = f64::from(x).exp();
            let error = (f64::from(exp_negative(x)) - want).abs() / want;
            assert!(error < 2e-7, "exp({x}): {error}");
        }
        assert!((exp_negative(0.0) - 1.0).abs() == 0.0);
        assert!(exp_negative(-87.1) == 0.0);
        assert!(exp_negative(-65504.0) == 0.0);
    }

    #[test]
    fn ln_1p_is_within_three_ten_millionths() {
        assert!(ln_1p(0.0) == 0.0);
        for step in 0..100_000 {
            let x = 1e-30 * (1.0008_f32).powi(step);
            if x > 1e6 {
                break;
            }
            let want = f64::from(x).ln_1p();
            let error = (f64::from(ln_1p(x)) - want).abs() / want;
            assert!(error < 3e-7, "ln_1p({x}): {error}");
        }
    }
}
