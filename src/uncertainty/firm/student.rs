//! Quantiles of Student's distribution far out in its tails, where expansions fail.

/// What a number of Student's distribution with so many degrees of freedom exceeds with probability `tail`, in 0 < tail ≤ ½.
pub(super) fn upper_quantile(tail: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 2.0_f64);
    while upper_tail(high, freedom) > tail && high < 1e12 {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if upper_tail(middle, freedom) > tail { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// How likely a number beyond t ≥ 0 is: `½ I_x(ν/2, ½)` with x = ν/(ν + t²).
fn upper_tail(t: f64, freedom: f64) -> f64 {
    0.5 * incomplete_beta(freedom / (freedom + t * t), 0.5 * freedom, 0.5)
}

/// The regularised incomplete beta function by its continued fraction (Press et al. 2007, *Numerical Recipes*, 6.4.10),
/// evaluated by the method of Lentz.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut whole = d;
    for step in 1..2_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        whole *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        whole *= d * c;
        if (d * c - 1.0).abs() < 1e-14 {
            break;
        }
    }
    whole
}

/// ln Γ(x) for x > 0: Stirling's series from 10 on, to which smaller numbers are raised.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut product) = (x, 1.0);
    while x < 10.0 {
        product *= x;
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let series = (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - product.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // Two-sided 95 % and 99.9 %, and one-sided 10⁻⁶ from scipy 1.16's `t.isf`.
        let table = [
            (0.025, 1.0, 12.706_204_736),
            (0.025, 5.0, 2.570_581_836),
            (0.025, 24.0, 2.063_898_562),
            (0.0005, 24.0, 3.745_398_617),
            (0.0005, 1e6, 3.290_536_8),
            (0.5, 7.0, 0.0),
        ];
        for (tail, freedom, quantile) in table {
            let found = upper_quantile(tail, freedom);
            assert!((found - quantile).abs() < 1e-5 * quantile.max(1.0), "{tail} {freedom}: {found}");
        }
    }

    #[test]
    fn tails_have_their_closed_forms() {
        // ν = 1: ½ − arctan(t)/π. ν = 2: ½ (1 − t/√(2 + t²)).
        for t in [0.1_f64, 1.0, 7.0, 300.0] {
            let one = (1.0 / t).atan() / std::f64::consts::PI;
            assert!((upper_tail(t, 1.0) / one - 1.0).abs() < 1e-9, "{t}");
            let root = (2.0 + t * t).sqrt();
            let two = 1.0 / (root * (root + t));
            assert!((upper_tail(t, 2.0) / two - 1.0).abs() < 1e-9, "{t}");
        }
        // Far out a quantile and its tail belong to each other.
        for freedom in [3.0, 24.0, 500.0] {
            let far = upper_quantile(1e-9, freedom);
            assert!((upper_tail(far, freedom) / 1e-9 - 1.0).abs() < 1e-6, "{freedom}");
        }
    }
}
