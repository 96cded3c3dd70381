//! What Monte-Carlo noise could have made: standard errors of means, the factors of 95 % intervals, and what is beyond.

use crate::sampling::design::QUARTET;

/// How many standard errors to either side hold a normal number 95 times in 100, as everybody rounds it: the measure by
/// which a difference counts.
pub const NORMAL_95: f64 = 1.96;
/// The same to ten figures, for the ends of intervals.
pub const NORMAL_95_EXACT: f64 = 1.959_963_985;

/// Two-sided 95 % point of Student's distribution, by the expansion in 1/ν of Fisher and Cornish (1960): within 1 %
/// from two degrees of freedom on, 12 % too low at one.
#[must_use]
pub fn student_95(freedom: usize) -> f64 {
    let (z, v) = (NORMAL_95_EXACT, freedom as f64);
    let z2 = z * z;
    let terms = [
        (z2 + 1.0) / 4.0,
        ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0,
        (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0,
        ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0,
    ];
    z + terms.iter().rev().fold(0.0, |sum, term| (sum + z * term) / v)
}

/// Complete quartets among so many passes that balance each other, and the passes after them.
#[must_use]
pub(super) fn complete_and_rest(passes: u32) -> (f64, f64) {
    let quartet = QUARTET as u32;
    (f64::from(passes / quartet), f64::from(passes % quartet))
}

/// How many independent draws so many passes are, `together` of which balance each other: `T²/Σ n²` for draws of n passes,
/// so that a last incomplete quartet counts for what it adds. A single draw, a pass or up to one quartet, has no spread.
#[must_use]
pub fn draws(passes: u32, together: usize) -> f64 {
    let count = f64::from(passes);
    if together == 1 || passes == 0 {
        return count;
    }
    let (complete, rest) = complete_and_rest(passes);
    count * count / (complete * (QUARTET * QUARTET) as f64 + rest * rest)
}

/// From a mean of squares about the mean of so many draws to a sample variance, n/(n − 1); NaN for a single draw.
#[must_use]
pub fn sample(draws: f64) -> f64 {
    if draws > 1.0 { draws / (draws - 1.0) } else { f64::NAN }
}

/// Degrees of freedom of a spread between that many independent draws: one less, and never less than one.
#[must_use]
pub fn freedom(draws: f64) -> usize {
    (draws.round() as usize).saturating_sub(1).max(1)
}

/// The mean of some numbers, one of each pass, and its standard error: from sums over passes that balance each other.
/// The error is NaN for a single pass, and for passes that all balance each other.
#[must_use]
pub fn mean_and_error_of_passes(values: &[f64], together: usize) -> [f64; 2] {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let centred = |some: &[f64]| some.iter().map(|value| value - mean).sum::<f64>();
    let squares: f64 = values.chunks(together).map(|some| centred(some).powi(2)).sum();
    let error = (squares * sample(draws(values.len() as u32, together))).sqrt() / count;
    [mean, error]
}

/// The mean of some numbers and its standard error s/√n; the error is NaN for a single number.
#[must_use]
pub fn mean_and_error(values: impl Iterator<Item = f64> + Clone) -> [f64; 2] {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let squares: f64 = values.map(|value| (value - mean) * (value - mean)).sum();
    [mean, (squares / (count - 1.0) / count).sqrt()]
}

/// Whether a mean is above 0 by more than noise. Without a spread to tell noise by, nothing is.
#[must_use]
pub fn is_above([mean, error]: [f64; 2]) -> bool {
    mean > NORMAL_95 * error
}

/// Whether a change, with its standard error, is beyond noise to either side. A single pass (error NaN) has no noise
/// that could be known: any change counts.
#[must_use]
pub fn is_clear([change, error]: [f32; 2]) -> bool {
    change != 0.0 && (error.is_nan() || change.abs() > NORMAL_95 as f32 * error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_mean_by_hand() {
        // Mean 2; squares 1 + 0 + 1 = 2; √(2 / 2 / 3).
        let [mean, error] = mean_and_error([1.0, 2.0, 3.0].into_iter());
        assert!((mean - 2.0).abs() < 1e-15 && (error - (1.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        let [mean, error] = mean_and_error([4.0].into_iter());
        assert!((mean - 4.0).abs() < 1e-15 && error.is_nan());
    }

    #[test]
    fn ninety_five_in_a_hundred_lie_within_the_normal_factor() {
        assert!((NORMAL_95 - NORMAL_95_EXACT).abs() < 5e-5);
        // The share within z, by Simpson's rule over the normal density.
        let (steps, z) = (2_000, NORMAL_95_EXACT);
        let density = |at: usize| (-0.5 * (z * at as f64 / f64::from(steps)).powi(2)).exp();
        let weight =
            |at: usize| if at == 0 || at == steps as usize { 1.0 } else { 2.0 + 2.0 * (at % 2) as f64 };
        let sum: f64 = (0..=steps as usize).map(|at| weight(at) * density(at)).sum();
        let within = 2.0 * sum * z / f64::from(steps) / 3.0 / std::f64::consts::TAU.sqrt();
        assert!((within - 0.95).abs() < 1e-9, "{within}");
    }

    #[test]
    fn student_s_quantiles_are_those_of_the_tables() {
        let table =
            [(2, 4.3027), (3, 3.1824), (5, 2.5706), (9, 2.2622), (19, 2.0930), (99, 1.9842), (999, 1.9623)];
        for (freedom, quantile) in table {
            let found = student_95(freedom);
            assert!((found / quantile - 1.0).abs() < 0.01, "{freedom}: {found}, {quantile}");
        }
        assert!((student_95(99) - 1.9842).abs() < 1e-4);
        assert!((student_95(10_000_000) - NORMAL_95_EXACT).abs() < 1e-6);
    }

    #[test]
    fn clear_is_what_exceeds_its_noise_and_a_single_pass_has_none() {
        assert!(is_clear([0.2, 0.1]) && is_clear([-0.2, 0.1]) && !is_clear([0.195, 0.1]));
        assert!(is_clear([1e-6, f32::NAN]) && !is_clear([0.0, f32::NAN]) && !is_clear([0.0, 0.0]));
        assert!(is_above([0.2, 0.1]) && !is_above([-0.2, 0.1]) && !is_above([0.195, 0.1]));
        assert!(!is_above([1.0, f64::NAN]));
        assert_eq!((NORMAL_95 as f32).to_bits(), 1.96_f32.to_bits());
    }
}
