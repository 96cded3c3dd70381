//! Oracles: cases computed by hand, and every definition spelled out over explicit passes, where the code under test
//! sees only sums.

use crate::data::CLASSES;
use rand::Rng;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::random::{Purpose, stream};
use crate::sampling::statistics::MOST_PAIRED;

mod balanced;
mod classes;

type Pass = PerClass<f64>;

/// Sums over passes, as the sweep keeps them.
fn statistics(passes: &[Pass]) -> Statistics {
    let classes = passes[0].len();
    let mut sums = Statistics::zero(classes);
    sums.passes = passes.len() as u32;
    for p in passes {
        let h = entropy(p);
        sums.entropy += h;
        sums.entropy_squared += h * h;
        let mut pair = 0;
        for row in 0..classes {
            sums.probability[row] += p[row];
            sums.entropy_probability[row] += h * p[row];
            sums.log_probability[row] += p[row].ln();
            for column in row..if classes > MOST_PAIRED { row + 1 } else { classes } {
                sums.outer[pair] += p[row] * p[column];
                pair += 1;
            }
        }
        sums.votes[largest(p)] += 1;
    }
    sums
}

fn entropy(p: &Pass) -> f64 {
    p.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum()
}

/// Three probabilities, the other seven classes at zero.
fn padded(first: [f64; 3]) -> Pass {
    let mut pass = PerClass::filled(CLASSES, 0.0);
    pass[..3].copy_from_slice(&first);
    pass
}

/// A standard normal number (Box & Muller 1958).
fn normal(random: &mut Pcg64Mcg) -> f64 {
    let u: f64 = 1.0 - random.random::<f64>();
    let v: f64 = random.random();
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

fn softmax(z: &Pass) -> Pass {
    let weights = z.map(f64::exp);
    let total: f64 = weights.iter().sum();
    weights.map(|w| w / total)
}

/// Passes that scatter about logits falling by `slope` from class to class.
fn scattered(random: &mut Pcg64Mcg, passes: usize, slope: f64, spread: f64) -> Vec<Pass> {
    (0..passes)
        .map(|_| {
            softmax(&PerClass::from_fn(CLASSES, |class| -slope * class as f64 + spread * normal(random)))
        })
        .collect()
}

/// Sample variance, n − 1.
fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

fn assert_close(found: f32, expected: f64, what: &str) {
    let found = f64::from(found);
    assert!((found - expected).abs() <= 1e-6 + 1e-5 * expected.abs(), "{what}: {found}, expected {expected}");
}

#[test]
fn two_passes_worked_by_hand() {
    let measures = Measures::new(&statistics(&[padded([0.75, 0.25, 0.0]), padded([0.25, 0.5, 0.25])]));
    // p̄ = (4, 3, 1)/8.
    let predictive = 0.5 * 2_f64.ln() + 0.375 * (8.0_f64 / 3.0).ln() + 0.125 * 8_f64.ln();
    // H(¾, ¼) = 2 ln 2 − ¾ ln 3 and H(¼, ½, ¼) = 3/2 ln 2.
    let (first, second) = (2.0 * 2_f64.ln() - 0.75 * 3_f64.ln(), 1.5 * 2_f64.ln());
    assert_close(measures.mean[0], 0.5, "p̄ of 0");
    assert_close(measures.mean[1], 0.375, "p̄ of 1");
    assert_close(measures.mean[2], 0.125, "p̄ of 2");
    assert_close(measures.mean_se[0], 0.25, "half the difference of the two");
    assert_close(measures.mean_se[3], 0.0, "a class that is never likely");
    assert_close(measures.predictive_entropy, predictive, "H(p̄)");
    assert_close(measures.expected_entropy, f64::midpoint(first, second), "mean H");
    assert_close(measures.expected_entropy_se, (second - first).abs() / 2.0, "SE of the mean H");
    assert_close(
        measures.mutual_information,
        predictive - f64::midpoint(first, second),
        "mutual information",
    );
    // Sample variances 1/8, 1/32, 1/32: (1/2T) Σ s²/p̄ = ¼ (1/4 + 1/12 + 1/4).
    assert_close(measures.predictive_entropy_corrected, predictive + 7.0 / 48.0, "corrected");
    assert_close(measures.variation_ratio, 0.5, "one of two dissents");
    assert_close(measures.variation_ratio_se, 0.125_f64.sqrt(), "√(½·½/2)");
    assert_close(measures.predictive_std, (0.25 + 0.125 + 0.125) / 10.0, "spread");
    assert_close(measures.confidence, 0.5, "confidence");
    assert_close(measures.margin, 0.125, "margin");
    assert_eq!((measures.prediction(), measures.passes), (0, 2));
    assert_close(measures.label_margin(0), 0.125, "label margin of the prediction");
    assert_close(measures.label_margin(1), -0.125, "label margin of the rival");
    assert_close(measures.label_margin(9), -0.5, "label margin of a stranger");
    assert!(measures.label_margin(10).is_nan());
    assert_eq!(measures.votes[..3], [1, 1, 0]);
    // The lead of 0 over 1 is ½ in one pass and −¼ in the other.
    assert_close(measures.lead_se[0], 0.375, "half the difference of the two");
    // Classes 2 to 9 are impossible in the first pass, so the mean logit leaves only 0 and 1, as √(¾·¼) to √(¼·½).
    let share = 3_f64.sqrt() / (3_f64.sqrt() + 2_f64.sqrt());
    let expected = -share * share.ln() - (1.0 - share) * (1.0 - share).ln();
    assert_close(measures.mean_logit_entropy, expected, "entropy of the mean logits");
}

#[test]
fn every_measure_agrees_with_its_definition_over_explicit_passes() {
    let mut random = stream(11, Purpose::Bootstrap, [0]);
    for (case, passes) in [2_usize, 3, 10, 100, 400].into_iter().cycle().take(40).enumerate() {
        let spread = [0.01, 0.5, 2.0, 4.0][case % 4];
        let samples = scattered(&mut random, passes, 0.2 * (case % 7) as f64, spread);
        let count = passes as f64;
        let found = Measures::new(&statistics(&samples));

        let mut mean = PerClass::filled(CLASSES, 0.0);
        for class in 0..CLASSES {
            let column: Vec<f64> = samples.iter().map(|p| p[class]).collect();
            mean[class] = column.iter().sum::<f64>() / count;
            assert_close(found.mean[class], mean[class], "p̄");
            assert_close(found.mean_se[class], (variance(&column) / count).sqrt(), "SE of p̄");
        }
        let entropies: Vec<f64> = samples.iter().map(entropy).collect();
        let linear: Vec<f64> =
            samples.iter().map(|p| -p.iter().zip(&mean).map(|(p, m)| p * m.ln()).sum::<f64>()).collect();
        let divergences: Vec<f64> = samples
            .iter()
            .map(|p| p.iter().zip(&mean).filter(|(p, _)| **p > 0.0).map(|(p, m)| p * (p / m).ln()).sum())
            .collect();
        let correction: f64 = (0..CLASSES)
            .map(|c| variance(&samples.iter().map(|p| p[c]).collect::<Vec<_>>()) / mean[c] / (2.0 * count))
            .sum();
        // ½ Σ_cd (Cov(p_c, p_d)/T)²/(p̄_c p̄_d), each covariance spelled out.
        let column = |c: usize| samples.iter().map(|p| p[c]).collect::<Vec<_>>();
        let columns: Vec<Vec<f64>> = (0..CLASSES).map(column).collect();
        let covariance = |c: usize, d: usize| {
            let pairs = columns[c].iter().zip(&columns[d]);
            pairs.map(|(p, q)| (p - mean[c]) * (q - mean[d])).sum::<f64>() / (count - 1.0)
        };
        let second: f64 = (0..CLASSES * CLASSES)
            .map(|pair| (pair / CLASSES, pair % CLASSES))
            .map(|(c, d)| 0.5 * (covariance(c, d) / count).powi(2) / mean[c] / mean[d])
            .sum();
        assert_close(found.predictive_entropy, entropy(&mean), "H(p̄)");
        let error = (variance(&linear) / count + second).sqrt();
        assert_close(found.predictive_entropy_se, error, "SE of H(p̄)");
        assert_close(found.predictive_entropy_corrected, entropy(&mean) + correction, "corrected H");
        assert_close(found.expected_entropy, entropies.iter().sum::<f64>() / count, "mean H");
        assert_close(found.expected_entropy_se, (variance(&entropies) / count).sqrt(), "SE of mean H");
        let information = divergences.iter().sum::<f64>() / count;
        assert_close(found.mutual_information, information, "MI as mean KL");
        let error = (variance(&divergences) / count + second).sqrt();
        assert_close(found.mutual_information_se, error, "SE of MI");
        assert_close(found.mutual_information_corrected, information + correction, "corrected MI");

        let mut votes = PerClass::filled(CLASSES, 0_u32);
        for p in &samples {
            votes[(0..CLASSES).rev().max_by(|a, b| p[*a].total_cmp(&p[*b])).unwrap()] += 1;
        }
        let ratio = 1.0 - f64::from(*votes.iter().max().unwrap()) / count;
        assert_eq!(found.votes, votes);
        assert_close(found.variation_ratio, ratio, "variation ratio");
        assert_close(found.variation_ratio_se, (ratio * (1.0 - ratio) / count).sqrt(), "its SE");
        let spreads = (0..CLASSES).map(|c| {
            let column: Vec<f64> = samples.iter().map(|p| p[c]).collect();
            (variance(&column) * (count - 1.0) / count).sqrt()
        });
        assert_close(found.predictive_std, spreads.sum::<f64>() / 10.0, "spread");
        let mut sorted = mean.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        assert_close(found.confidence, sorted[0], "confidence");
        assert_close(found.margin, sorted[0] - sorted[1], "margin");
        for label in 0..CLASSES {
            let others = (0..CLASSES).filter(|c| *c != label);
            let rival = others.max_by(|c, d| mean[*c].total_cmp(&mean[*d])).unwrap();
            let leads: Vec<f64> = samples.iter().map(|p| p[label] - p[rival]).collect();
            assert_close(found.lead_se[label], (variance(&leads) / count).sqrt(), "SE of a lead");
        }
        let mean_logits =
            PerClass::from_fn(CLASSES, |c| samples.iter().map(|p| p[c].ln()).sum::<f64>() / count + 3.0);
        assert_close(found.mean_logit_entropy, entropy(&softmax(&mean_logits)), "mean logits");
    }
}

#[test]
fn one_pass_has_values_but_no_errors() {
    let measures = Measures::new(&statistics(&[padded([0.5, 0.25, 0.25])]));
    assert_close(measures.predictive_entropy, 1.5 * 2_f64.ln(), "H");
    assert_eq!(measures.mutual_information.to_bits(), 0.0_f32.to_bits());
    assert_eq!((measures.variation_ratio, measures.predictive_std), (0.0, 0.0));
    for error in [
        measures.mean_se[0],
        measures.predictive_entropy_se,
        measures.predictive_entropy_corrected,
        measures.expected_entropy_se,
        measures.mutual_information_se,
        measures.mutual_information_corrected,
        measures.variation_ratio_se,
    ] {
        assert!(error.is_nan());
    }
}

#[test]
fn identical_passes_have_neither_information_nor_error() {
    let measures = Measures::new(&statistics(&vec![padded([0.7, 0.2, 0.1]); 50]));
    for (name, value) in [
        ("information", measures.mutual_information),
        ("SE of it", measures.mutual_information_se),
        ("SE of H", measures.predictive_entropy_se),
        ("spread", measures.predictive_std),
    ] {
        assert!((0.0..1e-7).contains(&value), "{name}: {value}");
    }
    assert!((measures.predictive_entropy_corrected - measures.predictive_entropy).abs() < 1e-7);
}

#[test]
fn certain_passes_that_disagree_are_all_information() {
    let certain = |class: usize| {
        let mut p = PerClass::filled(CLASSES, 0.0);
        p[class] = 1.0;
        p
    };
    let all: Vec<Pass> = (0..CLASSES).map(certain).collect();
    let measures = Measures::new(&statistics(&all));
    assert_close(measures.predictive_entropy, 10_f64.ln(), "the largest entropy");
    assert_close(measures.mutual_information, 10_f64.ln(), "none of it in a single pass");
    assert_close(measures.expected_entropy, 0.0, "a certain pass has no entropy: 0 ln 0 = 0");
    assert_close(measures.variation_ratio, 0.9, "votes spread evenly");
}

#[test]
fn predictive_entropy_is_not_the_mean_of_entropies() {
    let measures = Measures::new(&statistics(&[padded([1.0, 0.0, 0.0]), padded([0.0, 1.0, 0.0])]));
    assert_close(measures.predictive_entropy, 2_f64.ln(), "H(½, ½)");
    assert_close(measures.expected_entropy, 0.0, "mean of zeros");
}

#[test]
fn no_small_number_is_added_inside_the_logarithm() {
    // At p̄ = (1 − 1e-12, 1e-12) ln(p + 1e-10) would be off by 4.6 nats a unit of probability, and the sum by 200 %.
    let tiny = 1e-12_f64;
    let measures = Measures::new(&statistics(&vec![padded([1.0 - tiny, tiny, 0.0]); 2]));
    let expected = tiny - tiny * tiny.ln();
    assert!((f64::from(measures.predictive_entropy) / expected - 1.0).abs() < 1e-3);
}

#[test]
fn the_variation_ratio_counts_votes_not_probabilities() {
    // Nine passes barely for 0 and one fully for 1: 1 − max p̄ would be 0.46.
    let mut passes = vec![padded([0.51, 0.49, 0.0]); 9];
    passes.push(padded([0.0, 1.0, 0.0]));
    let measures = Measures::new(&statistics(&passes));
    assert_close(measures.variation_ratio, 0.1, "one of ten dissents");
    assert_eq!(measures.prediction(), 1, "the mean may prefer what few vote for");
}

#[test]
fn the_lowest_class_wins_a_tie() {
    let measures = Measures::new(&statistics(&vec![padded([0.0, 0.5, 0.5]); 3]));
    assert_eq!(measures.prediction(), 1);
    assert_close(measures.margin, 0.0, "margin of a tie");
}

#[test]
fn classes_stand_by_probability_or_by_votes_the_lower_first_on_a_tie() {
    let mut passes = vec![padded([0.51, 0.49, 0.0]); 9];
    passes.push(padded([0.0, 1.0, 0.0]));
    let measures = Measures::new(&statistics(&passes));
    assert_eq!(measures.by_probability(), [1, 0, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(measures.by_votes(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let tie = Measures::new(&statistics(&vec![padded([0.0, 0.5, 0.5]); 3]));
    assert_eq!(tie.by_probability()[..4], [1, 2, 0, 3]);
    assert_eq!(tie.by_votes()[..3], [1, 0, 2]);
}

#[test]
fn the_surprise_of_a_label_is_minus_the_logarithm_of_its_probability() {
    let measures = Measures::new(&statistics(&vec![padded([0.0, 0.5, 0.5]); 3]));
    assert!((measures.surprise_of(1) - std::f64::consts::LN_2).abs() < 1e-7);
    assert!([0, 10, 255].iter().all(|label| measures.surprise_of(*label) == f64::INFINITY));
}

#[test]
fn a_negative_mutual_information_that_is_no_rounding_stays_visible() {
    let mut sums = statistics(&vec![padded([0.5, 0.5, 0.0]); 4]);
    sums.entropy += 4e-7;
    assert_eq!(Measures::new(&sums).mutual_information.to_bits(), 0.0_f32.to_bits(), "rounding is cleared");
    sums.entropy += 0.4;
    assert_close(Measures::new(&sums).mutual_information, -0.1, "a mistake is not");
}

#[test]
fn total_doubt_is_the_sum_of_its_two_parts() {
    let mut random = stream(5, Purpose::Bootstrap, [1]);
    for _ in 0..200 {
        let m = Measures::new(&statistics(&scattered(&mut random, 25, 0.8, 2.0)));
        assert!((m.expected_entropy + m.mutual_information - m.predictive_entropy).abs() < 1e-6);
        assert!(m.mutual_information >= 0.0);
        assert!(m.predictive_entropy <= 10_f32.ln() + 1e-6);
        let gap = (m.mutual_information_corrected - m.mutual_information)
            - (m.predictive_entropy_corrected - m.predictive_entropy);
        assert!(gap.abs() < 1e-6, "both carry the same correction");
    }
}

/// H(E p) of the scattered passes, from half a million draws.
fn limit(slope: f64, spread: f64) -> f64 {
    let mut random = stream(1, Purpose::Bootstrap, [2]);
    let count = 500_000;
    let mut mean = PerClass::filled(CLASSES, 0.0);
    for _ in 0..count {
        for (sum, p) in mean.iter_mut().zip(&scattered(&mut random, 1, slope, spread)[0]) {
            *sum += p / f64::from(count);
        }
    }
    entropy(&mean)
}

#[test]
fn the_correction_removes_the_bias_of_few_passes() {
    // Logits falling by 1.3 a class with a spread of 2.1: ten classes, H = 1.25 in the limit.
    let (slope, spread) = (1.3, 2.1);
    let truth = limit(slope, spread);
    assert!((truth - 1.256).abs() < 0.01, "{truth}");
    let mut random = stream(2, Purpose::Bootstrap, [3]);
    for (passes, bias) in [(10, -0.078), (20, -0.040), (100, -0.0094)] {
        let rounds = 200_000 / passes;
        let (mut plain, mut corrected, mut information) = (0.0, 0.0, 0.0);
        for _ in 0..rounds {
            let m = Measures::new(&statistics(&scattered(&mut random, passes, slope, spread)));
            plain += f64::from(m.predictive_entropy) / rounds as f64 - truth / rounds as f64;
            corrected += f64::from(m.predictive_entropy_corrected) / rounds as f64 - truth / rounds as f64;
            information += f64::from(m.mutual_information_corrected - m.mutual_information) / rounds as f64;
        }
        // 200,000 passes leave a standard error below 0.002.
        assert!((plain - bias).abs() < 0.004, "T = {passes}: bias {plain}, known {bias}");
        // Rare classes are seen in few passes, so a part of the bias remains.
        assert!(corrected.abs() < 0.25 * bias.abs() + 0.002, "T = {passes}: {corrected} left of {plain}");
        assert!(information > 0.0);
    }
}

#[test]
fn intervals_of_two_standard_errors_hold_the_truth_as_often_as_they_say() {
    let (slope, spread) = (0.8, 1.0);
    let entropy_truth = limit(slope, spread);
    let mut random = stream(3, Purpose::Bootstrap, [4]);
    let expected_truth =
        (0..200_000).map(|_| entropy(&scattered(&mut random, 1, slope, spread)[0]) / 200_000.0).sum::<f64>();
    let rounds = 2_000;
    let mut held = [0_u32; 3];
    for _ in 0..rounds {
        let m = Measures::new(&statistics(&scattered(&mut random, 100, slope, spread)));
        let intervals = [
            (m.predictive_entropy_corrected, m.predictive_entropy_se, entropy_truth),
            (m.expected_entropy, m.expected_entropy_se, expected_truth),
            (m.mutual_information_corrected, m.mutual_information_se, entropy_truth - expected_truth),
        ];
        for (held, (value, error, truth)) in held.iter_mut().zip(intervals) {
            *held += u32::from((f64::from(value) - truth).abs() <= 1.96 * f64::from(error));
        }
    }
    for (held, name) in held.iter().zip(["predictive", "expected", "information"]) {
        // Nominal 95 %; skewed statistics at T = 100 lose a little, and 2,000 rounds have a standard error of 0.5 %.
        let share = f64::from(*held) / f64::from(rounds);
        assert!((0.92..0.97).contains(&share), "{name}: {share}");
    }
}

#[test]
fn passes_that_all_say_the_same_disagree_about_nothing() {
    // Entropies as the kernels give them: in 32 bits, whose rounding is no disagreement.
    for count in [1, 2, 50] {
        let pass = padded([0.6, 0.3, 0.1]);
        let mut sums = statistics(&vec![pass.clone(); count]);
        sums.entropy = f64::from((entropy(&pass) - 2e-7) as f32) * count as f64;
        let measures = Measures::new(&sums);
        assert_eq!((measures.mutual_information, measures.predictive_std), (0.0, 0.0), "{count} passes");
        assert!((f64::from(measures.predictive_entropy) - entropy(&pass)).abs() < 1e-6);
    }
    // A little disagreement is some.
    let measures = Measures::new(&statistics(&[padded([0.6, 0.3, 0.1]), padded([0.601, 0.299, 0.1])]));
    assert!(measures.mutual_information > 0.0 && measures.predictive_std > 0.0);
}

#[test]
fn the_entropy_of_mean_logits_is_that_of_the_logits_themselves() {
    use crate::data::synthetic;
    use crate::model::checkpoint::Checkpoint;
    use crate::sampling::{Network, SweepConfig, sample_image};

    let lenet = Checkpoint::bundled().unwrap().lenet;
    let network = Network::new(lenet.weights().clone(), lenet.architecture().placement).unwrap();
    let digits = synthetic::generate(120, 6);
    let mut worst = 0.0_f64;
    for index in 0..digits.len() {
        let pixels = std::array::from_fn(|at| f32::from(digits.image(index)[at]) / 255.0);
        let one = sample_image(&network, &pixels, &SweepConfig::default()).unwrap();
        let passes = one.logits.len() as f64;
        // Exact: the logits before they are rounded to 16 bits as log-probabilities, averaged as they are.
        let mean = PerClass::from_fn(CLASSES, |class| {
            one.logits.iter().map(|logits| f64::from(logits[class])).sum::<f64>() / passes
        });
        let exact = entropy(&softmax(&mean));
        let found = f64::from(Measures::new(&one.statistics()).mean_logit_entropy);
        worst = worst.max((found / exact - 1.0).abs());
    }
    // A kept ln p is rounded by at most |ln p|/2048 and mostly either way, so a hundred of them by less than 0.002 in the
    // mean; an entropy of little doubt moves by as large a share.
    assert!(worst < 3e-3, "{worst}");
}
