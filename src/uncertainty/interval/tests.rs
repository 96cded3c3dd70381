//! The interval against what is known by calculation; how often it holds is a test of its own (`tests/coverage.rs`).

use crate::data::{CLASSES, PerClass};
use rand::Rng;

use super::*;
use crate::random::{Purpose, stream};
use crate::sampling::Statistics;

/// Passes of two classes with these logits of the second.
fn passes(logits: impl IntoIterator<Item = f64>) -> Vec<PerClass<f32>> {
    let pass = |logit: f64| {
        let mut pass = PerClass::filled(CLASSES, 0.0);
        (pass[0], pass[1]) = (logistic(-logit) as f32, logistic(logit) as f32);
        pass
    };
    logits.into_iter().map(pass).collect()
}

/// Their measures, summed here.
fn measures(passes: &[PerClass<f32>]) -> Measures {
    let mut sums = Statistics::zero(10);
    sums.passes = passes.len() as u32;
    for pass in passes {
        let p = pass.map(f64::from);
        let entropy: f64 = p.iter().map(|p| entropy_term(*p)).sum();
        sums.entropy += entropy;
        sums.entropy_squared += entropy * entropy;
        let mut pair = 0;
        for row in 0..CLASSES {
            sums.probability[row] += p[row];
            sums.entropy_probability[row] += entropy * p[row];
            sums.log_probability[row] += p[row].max(1e-30).ln();
            for column in row..CLASSES {
                sums.outer[pair] += p[row] * p[column];
                pair += 1;
            }
        }
    }
    Measures::new(&sums)
}

fn interval_of(passes: &[PerClass<f32>]) -> [f64; 2] {
    measures(passes).with_passes(passes).from_passes.unwrap().entropy_interval.map(f64::from)
}

fn normal(random: &mut impl Rng) -> f64 {
    let u: f64 = 1.0 - random.random::<f64>();
    let v: f64 = random.random();
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

#[test]
fn the_mean_of_a_logistic_normal_number_is_its_integral() {
    // Symmetry gives ½ at mean 0; far below it the logistic is e^y, whose mean is e^(m + s²/2).
    let (value, by_mean, by_spread) = logistic_normal(0.0, 2.0);
    assert!((value - 0.5).abs() < 1e-9 && by_spread.abs() < 1e-9 && by_mean > 0.1);
    let (value, by_mean, by_spread) = logistic_normal(-30.0, 2.0);
    let expected = (-28.0_f64).exp();
    assert!((value / expected - 1.0).abs() < 1e-6, "{value}");
    assert!((by_mean / expected - 1.0).abs() < 1e-6 && (by_spread / (2.0 * expected) - 1.0).abs() < 1e-6);
    // Reference: scipy.integrate.quad(lambda x: norm.pdf(x) / (1 + exp(-(m + s x))), -12, 12), by a rule 100 times finer.
    for (mean, spread) in [(-1.0, 0.5), (-8.0, 4.0), (-14.0, 4.3)] {
        let (value, by_mean, by_spread) = logistic_normal(mean, spread);
        let fine: f64 = (-3_000_i32..=3_000)
            .map(|point| {
                let x = f64::from(point) / 250.0;
                (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt() / 250.0 * logistic(mean + spread * x)
            })
            .sum();
        assert!((value / fine - 1.0).abs() < 1e-4, "{mean} {spread}: {value}, {fine}");
        let step = 1e-4;
        let slope = |m: f64, s: f64| {
            (logistic_normal(mean + m, spread + s).0 - logistic_normal(mean - m, spread - s).0) / (2.0 * step)
        };
        assert!((by_mean / slope(step, 0.0) - 1.0).abs() < 1e-3);
        assert!((by_spread / slope(0.0, step) - 1.0).abs() < 1e-3);
    }
}

#[test]
fn the_upper_spread_of_normal_numbers_is_known_as_well_as_said() {
    let mut random = stream(9, Purpose::Bootstrap, [1]);
    let (rounds, count) = (4_000, 400);
    let spreads: Vec<f64> = (0..rounds)
        .map(|_| {
            let numbers: Vec<f64> = (0..count).map(|_| normal(&mut random)).collect();
            let mean = numbers.iter().sum::<f64>() / f64::from(count);
            let above: Vec<f64> = numbers.iter().filter(|x| **x > mean).map(|x| (x - mean).powi(2)).collect();
            (above.iter().sum::<f64>() / above.len() as f64).sqrt()
        })
        .collect();
    let mean = spreads.iter().sum::<f64>() / f64::from(rounds);
    let variance = spreads.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / f64::from(rounds - 1);
    assert!((mean - 1.0).abs() < 0.01, "{mean}");
    // 4,000 rounds know a variance to √(2/4000) = 2.2 %.
    let ratio = variance * f64::from(count) / SPREAD_VARIANCE;
    assert!((ratio - 1.0).abs() < 0.08, "{ratio}");
}

#[test]
fn the_interval_of_a_skewed_image_is_lopsided_and_holds_what_made_it() {
    // Logits of mean −9 and spread 4: u = 0.025, from the integral.
    let (share, _, _) = logistic_normal(-9.0, 4.0);
    let truth = entropy_term(share) + entropy_term(1.0 - share);
    let mut random = stream(10, Purpose::Bootstrap, [2]);
    let (mut held, mut held_by_error, rounds) = (0, 0, 400);
    for _ in 0..rounds {
        let drawn = passes((0..100).map(|_| -9.0 + 4.0 * normal(&mut random)));
        let [low, high] = interval_of(&drawn);
        held += u32::from(low <= truth && truth <= high);
        let measures = measures(&drawn);
        let distance = (f64::from(measures.predictive_entropy_corrected) - truth).abs();
        held_by_error += u32::from(distance <= 1.96 * f64::from(measures.predictive_entropy_se));
    }
    // 400 rounds at 95 % have a standard error of 1.1 %.
    assert!((368..=392).contains(&held), "{held} of {rounds}");
    assert!(held_by_error < 360, "{held_by_error}: the plain interval is why there is this one");
    let quantile = |i: i32| (f64::from(i) - 49.5) / 25.0;
    let [low, high] = interval_of(&passes((0..100).map(|i| -9.0 + 4.0 * quantile(i))));
    let middle = f64::from(measures(&passes((0..100).map(|i| -9.0 + 4.0 * quantile(i)))).predictive_entropy);
    assert!(high - middle > middle - low && low > 0.0);
}

#[test]
fn an_even_image_has_the_plain_interval() {
    let drawn = passes((0..50).map(|i| f64::from(i - 20) / 10.0));
    let measures = measures(&drawn);
    let [low, high] = interval_of(&drawn);
    let half = student_95(49) * f64::from(measures.predictive_entropy_se);
    let centre = f64::from(measures.predictive_entropy_corrected);
    assert!((low - (centre - half)).abs() < 1e-6 && (high - (centre + half)).abs() < 1e-6);
}

#[test]
fn one_pass_says_nothing_and_passes_that_agree_leave_no_room() {
    let one = passes([-3.0]);
    assert_eq!(measures(&one).with_passes(&one).from_passes, None);
    let same = passes([-3.0; 20]);
    let from = measures(&same).with_passes(&same).from_passes.unwrap();
    let entropy = measures(&same).predictive_entropy;
    assert!(from.entropy_interval.iter().all(|end| (end - entropy).abs() < 1e-6), "{from:?}");
    assert!(from.predictive_std_se.abs() < 1e-7 && from.mean_logit_entropy_se.abs() < 1e-6);
    let certain = passes([-300.0; 20]);
    let from = measures(&certain).with_passes(&certain).from_passes.unwrap();
    assert!(from.entropy_interval.iter().all(|end| end.abs() < 1e-6), "{from:?}");
    let two = passes([-9.0, -1.0]);
    assert!(interval_of(&two).iter().all(|end| (0.0..10_f64.ln() + 1e-6).contains(end)));
}

#[test]
fn errors_from_passes_are_the_spread_over_repetitions() {
    let mut random = stream(11, Purpose::Bootstrap, [3]);
    let rounds = 1_000;
    let (mut values, mut said) = ([Vec::new(), Vec::new()], [0.0; 2]);
    for _ in 0..rounds {
        let drawn = passes((0..100).map(|_| -0.8 + 1.2 * normal(&mut random)));
        // Two classes: the other eight are impossible in all passes alike.
        let measures = measures(&drawn).with_passes(&drawn);
        let from = measures.from_passes.unwrap();
        values[0].push(f64::from(measures.predictive_std));
        values[1].push(f64::from(measures.mean_logit_entropy));
        said[0] += f64::from(from.predictive_std_se) / f64::from(rounds);
        said[1] += f64::from(from.mean_logit_entropy_se) / f64::from(rounds);
    }
    for (values, said) in values.iter().zip(said) {
        let mean = values.iter().sum::<f64>() / f64::from(rounds);
        let spread = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / f64::from(rounds - 1)).sqrt();
        // 1,000 rounds know a spread to 2.2 %.
        assert!((said / spread - 1.0).abs() < 0.08, "said {said}, seen {spread}");
    }
}
