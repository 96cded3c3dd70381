//! Oracles of the quality numbers: by hand, and scikit-learn and torchmetrics (`tests/fixtures/quality_oracle.py`).

// Exact numbers are meant where they are compared.
#![allow(clippy::float_cmp)]

use std::time::Instant;

use super::calibration::{bin, wilson};
use super::detection::{Sorted, harmonic};
use super::outside::outside;
use super::tables::classes;
use super::*;
use crate::data::{CLASSES, Class, PIXELS, PerClass, Pixels};
use crate::model::Lenet;
use crate::model::lenet::Architecture;
use crate::progress::unobserved;
use crate::random::{Purpose, uniform};
use crate::sampling::{Network, Prefix, Samples, SweepConfig, sweep};
use crate::uncertainty::{Measure, Measures};

/// An image with this mean, entropy standing for doubt, after two passes.
fn image(mean: PerClass<f32>, entropy: f32) -> Measures {
    let statistics = single_pass(&mean.map(|p| p.max(1e-30).ln()));
    let measures = Measures::new(&statistics);
    let confidence = mean.iter().copied().fold(0.0, f32::max);
    Measures { passes: 2, mean, predictive_entropy: entropy, confidence, ..measures }
}

/// An image that gives `p` to one digit and the rest to the next.
fn two(digit: usize, p: f32, entropy: f32) -> Measures {
    let mut mean = PerClass::filled(CLASSES, 0.0);
    mean[digit] = p;
    mean[(digit + 1) % CLASSES] = 1.0 - p;
    image(mean, entropy)
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, expected {expected}");
}

const ENTROPY: Measure = Measure::PredictiveEntropy;

#[test]
fn four_images_by_hand() {
    // Right at 0.9 and 0.8, wrong at 0.7 (label gets 0.3) and 0.6 (label gets nothing but is finite at 0.4).
    let measures = [two(0, 0.9, 0.1), two(1, 0.8, 0.3), two(2, 0.7, 0.2), two(3, 0.6, 0.4)];
    let run = LabelledRun::new(&measures, &[0, 1, 3, 4]);
    let numbers = run.all();
    let get = |metric| numbers.get(metric).unwrap();
    close(get(Metric::Accuracy), 0.5, 0.0, "accuracy");
    close(get(Metric::Nll), -(0.9_f64.ln() + 0.8_f64.ln() + 0.3_f64.ln() + 0.4_f64.ln()) / 4.0, 1e-7, "NLL");
    close(get(Metric::Brier), (2.0 * 0.01 + 2.0 * 0.04 + 2.0 * 0.49 + 2.0 * 0.36) / 4.0, 1e-7, "Brier");
    // Each image alone in its bin: (0.1 + 0.2 + 0.7 + 0.6) / 4.
    close(get(Metric::Ece), 0.4, 1e-7, "ECE");
    // Wrong at 0.2 and 0.4, right at 0.1 and 0.3: three of four pairs in order.
    close(get(Metric::ErrorAuroc(ENTROPY)), 0.75, 0.0, "error AUROC");
    // Risks 0/1, 1/2, 1/3, 2/4.
    close(get(Metric::Aurc(ENTROPY)), (0.5 + 1.0 / 3.0 + 0.5) / 4.0, 1e-12, "AURC");
    let curve = RiskCoverage::new(run.sorted(ENTROPY).unwrap());
    assert_eq!(curve.order, [0, 2, 1, 3]);
    assert_eq!(
        [0, 1, 2, 3, 4].map(|refused| curve.risk(refused)),
        [Some(0.5), Some(1.0 / 3.0), Some(0.5), Some(0.0), None]
    );
    assert_eq!(curve.refused(2).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(curve.wrong, [2, 3]);
    let doubt = |index: u32| measures[index as usize].predictive_entropy;
    let refused = [0.0, 0.2, 0.25, 0.4, 0.5].map(|threshold| curve.doubted(doubt, threshold));
    assert_eq!(refused, [4, 3, 2, 1, 0]);
    assert_eq!(Confusion::new(CLASSES, &measures, &[0, 1, 3, 4]).counts[3][2], 1);
}

#[test]
fn a_tie_counts_half_and_spreads_its_errors() {
    // All three tie, one is wrong: AUROC ½; risk after k is 1/3 for every k.
    let sorted = Sorted::new(&[0.5, 0.5, 0.5], |index| index == 1);
    let parted = sorted.part(&[1, 1, 1], &harmonic(3));
    assert_eq!(parted.area, Ok(0.5));
    close(parted.risk.unwrap(), 1.0 / 3.0, 1e-12, "risk");
    // −0 and 0 tie.
    let parted = Sorted::new(&[0.0, -0.0], |index| index == 0).part(&[1, 1], &harmonic(2));
    assert_eq!(parted.area, Ok(0.5));
}

#[test]
fn what_does_not_exist_says_why() {
    let right = [two(0, 0.9, 0.1), two(1, 0.8, 0.3)];
    let metric = Metric::ErrorAuroc(ENTROPY);
    assert_eq!(LabelledRun::new(&right, &[0, 1]).all().get(metric), Err(Undefined::AllRight));
    assert_eq!(LabelledRun::new(&right, &[5, 5]).all().get(metric), Err(Undefined::AllWrong));
    assert_eq!(LabelledRun::new(&[], &[]).all().get(Metric::Nll), Err(Undefined::NoImages));
    assert_eq!(LabelledRun::new(&[], &[]).all().get(metric), Err(Undefined::NoImages));
    // All right has a risk all the same, and it is 0.
    assert_eq!(LabelledRun::new(&right, &[0, 1]).all().get(Metric::Aurc(ENTROPY)), Ok(0.0));
    // One image has numbers, but no interval.
    let one = LabelledRun::new(&right[..1], &[0]);
    let bootstrapped = bootstrap(&[&one], Resampling::default(), &mut unobserved).unwrap();
    let accuracy = bootstrapped.estimate(0, Metric::Accuracy);
    assert_eq!((accuracy.value, accuracy.interval), (Ok(1.0), None));
    assert_eq!(bootstrapped.estimate(0, metric).value, Err(Undefined::AllRight));
    // A label that got nothing makes the NLL infinite, and resamples without that image are finite.
    let mut impossible = two(0, 1.0, 0.0);
    impossible.mean[7] = 0.0;
    let run = LabelledRun::new(&[impossible, two(1, 0.8, 0.1)], &[7, 1]);
    assert_eq!(run.all().get(Metric::Nll), Ok(f64::INFINITY));
    assert!(run.numbers(&[0, 2]).get(Metric::Nll).unwrap().is_finite());
    let single = Measures::new(&single_pass(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]));
    let run = LabelledRun::new(&[single.clone(), single.clone()], &[0, 1]);
    assert_eq!(run.all().get(Metric::ErrorAuroc(Measure::MutualInformation)), Err(Undefined::OnePass));
    // The same pass twice: there is no dropout.
    let mut twice = single;
    twice.passes = 2;
    let run = LabelledRun::new(&[twice.clone(), twice.clone()], &[0, 1]);
    let spread = Metric::Aurc(Measure::VariationRatio);
    assert_eq!(run.all().get(spread), Err(Undefined::NoDropout));
    assert_eq!(run.all().get(Metric::ErrorAuroc(ENTROPY)), Ok(0.5));
    let sets = Outside { inside: &[twice.clone()], outside: &[twice] };
    let report = outside(sets, Resampling { seed: 1, resamples: 0 }, &mut unobserved).unwrap();
    assert_eq!(report.area(Measure::MutualInformation).unwrap().value, Err(Undefined::NoDropout));
    assert_eq!(report.area(ENTROPY).unwrap().value, Ok(0.5));
}

#[test]
fn a_bin_holds_its_upper_edge_and_an_empty_bin_is_empty() {
    assert_eq!([1.0 / 15.0, 1.0 / 15.0 + 1e-9, 14.0 / 15.0, 1.0, 0.0].map(bin), [0, 1, 13, 14, 0]);
    let bins = reliability(&[two(0, 0.95, 0.0), two(0, 0.97, 0.0)], &[0, 1]);
    let full = bins[14];
    assert_eq!((full.count, full.right), (2, 1));
    close(full.confidence, 0.96, 1e-7, "confidence");
    close(full.accuracy, 0.5, 0.0, "accuracy");
    assert!(bins[3].count == 0 && bins[3].accuracy.is_nan() && bins[3].interval == [0.0, 1.0]);
    // Wilson's interval of 1 in 2, by hand: (0.5 ± √(0.125 + 0.24) …) = 0.0945 … 0.9055.
    let [low, high] = wilson(1, 2);
    close(low, 0.094_53, 1e-4, "low");
    close(high, 0.905_47, 1e-4, "high");
}

#[derive(serde::Deserialize)]
struct Case {
    probabilities: Vec<[f32; CLASSES]>,
    labels: Vec<Class>,
    doubt: Vec<f32>,
    outside: Vec<f32>,
    weights: Vec<u32>,
    accuracy: f64,
    accuracy_weighted: f64,
    nll: f64,
    brier: f64,
    ece: f64,
    error_auroc: f64,
    error_auroc_weighted: f64,
    aurc: f64,
    outside_auroc: f64,
    confusion: [[usize; CLASSES]; CLASSES],
    recall: [f64; CLASSES],
    precision: [f64; CLASSES],
}

#[test]
fn scikit_learn_and_torchmetrics_agree() {
    let text = include_str!("../../../tests/fixtures/quality-oracle.json");
    let cases: std::collections::BTreeMap<String, Case> = serde_json::from_str(text).unwrap();
    assert_eq!(cases.len(), 2);
    for (name, case) in cases {
        let measures: Vec<Measures> =
            case.probabilities.iter().zip(&case.doubt).map(|(p, doubt)| image((*p).into(), *doubt)).collect();
        let run = LabelledRun::new(&measures, &case.labels);
        let numbers = run.all();
        let check = |metric, expected, tolerance| {
            close(numbers.get(metric).unwrap(), expected, tolerance, &format!("{name} {metric:?}"));
        };
        check(Metric::Accuracy, case.accuracy, 1e-12);
        // scikit-learn scales rows whose 32-bit numbers do not add up to 1.
        check(Metric::Nll, case.nll, 1e-6);
        check(Metric::Brier, case.brier, 1e-9);
        check(Metric::Ece, case.ece, 1e-6);
        check(Metric::ErrorAuroc(ENTROPY), case.error_auroc, 1e-12);
        // The mean of 4,000 orders of each tie; exact without ties.
        check(Metric::Aurc(ENTROPY), case.aurc, if name == "ties" { 1e-3 } else { 1e-9 });
        let weighted = run.numbers(&case.weights);
        close(weighted.get(Metric::Accuracy).unwrap(), case.accuracy_weighted, 1e-12, "weighted accuracy");
        close(
            weighted.get(Metric::ErrorAuroc(ENTROPY)).unwrap(),
            case.error_auroc_weighted,
            1e-12,
            "weighted AUROC",
        );
        let others: Vec<Measures> = case.outside.iter().map(|doubt| two(0, 0.9, *doubt)).collect();
        let sets = Outside { inside: &measures, outside: &others };
        let report = outside(sets, Resampling { seed: 1, resamples: 0 }, &mut unobserved).unwrap();
        close(report.area(ENTROPY).unwrap().value.unwrap(), case.outside_auroc, 1e-12, "outside AUROC");
        assert_eq!(Confusion::new(CLASSES, &measures, &case.labels).counts, case.confusion);
        for (digit, row) in classes(CLASSES, &measures, &case.labels).iter().enumerate() {
            close(row.recall.unwrap_or(0.0), case.recall[digit], 1e-12, "recall");
            close(row.precision.unwrap_or(0.0), case.precision[digit], 1e-12, "precision");
        }
    }
}

/// Images whose entropy tells errors apart imperfectly.
fn noisy(count: usize, seed: u64) -> (Vec<Measures>, Vec<Class>) {
    let draw = |image: usize, what: u64| uniform(seed, Purpose::Bootstrap, [7, image as u64, what]);
    (0..count)
        .map(|at| {
            let wrong = draw(at, 0) < 0.1;
            let doubt = draw(at, 1) + if wrong { 0.5 } else { 0.0 };
            (
                two(at % CLASSES, 0.6 + 0.3 * draw(at, 2), doubt),
                ((at + usize::from(wrong)) % CLASSES) as Class,
            )
        })
        .unzip()
}

#[test]
fn the_interval_of_a_share_is_that_of_the_binomial() {
    let (measures, labels) = noisy(2000, 3);
    let run = LabelledRun::new(&measures, &labels);
    let bootstrapped = bootstrap(&[&run], Resampling { seed: 4, resamples: 2000 }, &mut unobserved).unwrap();
    let accuracy = bootstrapped.estimate(0, Metric::Accuracy);
    let p = accuracy.value.unwrap();
    let half = 1.96 * (p * (1.0 - p) / 2000.0).sqrt();
    let [low, high] = accuracy.interval.unwrap();
    // The ends of 2,000 resamples have a standard error of about 4 % of the half width.
    close(low, p - half, 0.2 * half, "low");
    close(high, p + half, 0.2 * half, "high");
    let auroc = bootstrapped.estimate(0, Metric::ErrorAuroc(ENTROPY));
    let doubts = |wrong: bool| -> Vec<f32> {
        let kind = measures.iter().zip(&labels).filter(|(m, label)| (m.prediction() != **label) == wrong);
        kind.map(|(m, _)| m.predictive_entropy).collect()
    };
    let error = delong(&doubts(true), &doubts(false));
    let [low, high] = auroc.interval.unwrap();
    close((high - low) / 2.0, 1.96 * error, 0.2 * error, "half width of the AUROC");
}

/// The standard error of an AUROC from how each positive and each negative is placed (`DeLong`, `DeLong` &
/// Clarke-Pearson 1988).
fn delong(positives: &[f32], negatives: &[f32]) -> f64 {
    let wins = |above: f32, below: f32| if above > below { 1.0 } else { 0.0 };
    let variance = |shares: Vec<f64>| {
        let count = shares.len() as f64;
        let mean = shares.iter().sum::<f64>() / count;
        shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (count - 1.0) / count
    };
    let of_positive = positives
        .iter()
        .map(|p| negatives.iter().map(|n| wins(*p, *n)).sum::<f64>() / negatives.len() as f64)
        .collect();
    let of_negative = negatives
        .iter()
        .map(|n| positives.iter().map(|p| wins(*p, *n)).sum::<f64>() / positives.len() as f64)
        .collect();
    (variance(of_positive) + variance(of_negative)).sqrt()
}

#[test]
fn differences_are_paired_and_seeds_repeat() {
    let (measures, labels) = noisy(500, 5);
    let mut changed = measures.clone();
    changed[3] = two((usize::from(labels[3]) + 1) % CLASSES, 0.9, 0.1);
    let (a, b) = (LabelledRun::new(&measures, &labels), LabelledRun::new(&changed, &labels));
    let resampling = Resampling { seed: 9, resamples: 300 };
    let paired = bootstrap(&[&a, &b, &a], resampling, &mut unobserved).unwrap();
    let same = paired.difference(2, 0, Metric::Nll);
    assert_eq!((same.value, same.interval), (Ok(0.0), Some([0.0, 0.0])));
    let one = paired.difference(1, 0, Metric::Accuracy);
    close(one.value.unwrap(), -1.0 / 500.0, 1e-12, "one image more is wrong");
    let [low, high] = one.interval.unwrap();
    // That image is drawn 0 to 4 times; unpaired, the interval would be ±0.03.
    assert!(low >= -5.0 / 500.0 && high <= 0.0, "{low} {high}");
    let again = bootstrap(&[&a, &b], resampling, &mut unobserved).unwrap();
    assert_eq!(again.estimate(1, Metric::Nll), paired.estimate(1, Metric::Nll));
    let other = bootstrap(&[&a], Resampling { seed: 10, ..resampling }, &mut unobserved).unwrap();
    assert_ne!(other.estimate(0, Metric::Nll).interval, paired.estimate(0, Metric::Nll).interval);
}

#[test]
fn the_same_set_twice_is_not_told_apart() {
    let (measures, _) = noisy(200, 6);
    let sets = Outside { inside: &measures, outside: &measures };
    let report = outside(sets, Resampling { seed: 1, resamples: 200 }, &mut unobserved).unwrap();
    let area = report.area(ENTROPY).unwrap();
    assert_eq!(area.value, Ok(0.5));
    let [low, high] = area.interval.unwrap();
    assert!(low < 0.5 && 0.5 < high && high - low < 0.2);
    let none = Outside { inside: &measures, outside: &[] };
    let report = outside(none, Resampling::default(), &mut unobserved).unwrap();
    assert_eq!(report.area(ENTROPY).unwrap().value, Err(Undefined::NoImages));
}

#[test]
fn a_threshold_and_its_place_on_the_roc_agree() {
    let roc = Roc::new([0.2, 0.6, 0.9].into_iter(), [0.1, 0.2, 0.3, 0.6].into_iter());
    assert_eq!(roc.above(0.2), [3, 3]);
    assert_eq!(roc.above(0.65), [1, 0]);
    let at = roc.at(0.6);
    assert_eq!((at.true_positive, at.false_positive), (2.0 / 3.0, 0.25));
    assert!((roc.threshold_at(0.25) - 0.6).abs() < 1e-6);
    assert_eq!(roc.above(roc.threshold_at(0.0)), [0, 0]);
    assert_eq!(roc.above(roc.threshold_at(1.0)), [3, 4]);
    assert_eq!(roc.false_positives_at_95(), Some(0.75));
    let points = roc.points(100);
    assert!(
        points
            .is_sorted_by(|a, b| a.false_positive <= b.false_positive && a.true_positive <= b.true_positive)
    );
    assert_eq!(points.last().unwrap().true_positive, 1.0);
}

#[test]
fn a_threshold_steps_past_what_is_equal_and_has_ends() {
    let negatives = [0.0, 0.0, 0.0, 0.2, 0.2, 0.5];
    let roc = Roc::new([0.9].into_iter(), negatives.into_iter());
    let mut threshold = roc.threshold_at(0.0);
    let mut down = vec![roc.above(threshold)[1]];
    for _ in 0..4 {
        threshold = roc.stepped(threshold, 1);
        down.push(roc.above(threshold)[1]);
    }
    assert_eq!(down, [0, 1, 3, 6, 6]);
    let mut up = Vec::new();
    for _ in 0..4 {
        threshold = roc.stepped(threshold, -1);
        up.push(roc.above(threshold)[1]);
    }
    assert_eq!(up, [3, 1, 0, 0]);
    assert_eq!(roc.above(roc.stepped(0.6, 3)), [1, 3], "three places: 0.5 and both of 0.2");
    assert_eq!(roc.above(roc.stepped(0.0, -4)), [1, 3], "to the place of 0.2");
    let empty = Roc::new([0.9].into_iter(), [].into_iter());
    assert_eq!([empty.stepped(0.3, 1), empty.stepped(0.3, -1)], [0.3, 0.3]);
}

#[test]
fn the_last_point_against_passes_is_the_run_at_all_passes() {
    let count = 150;
    let lenet = Lenet::initialise(Architecture { hidden: 20, ..Architecture::default() }, 0.5, 3).unwrap();
    let network = Network::new(lenet.weights(), lenet.architecture().placement).unwrap();
    let pixels: Vec<u8> =
        (0..count * PIXELS).map(|at| (uniform(8, Purpose::Synthetic, [at as u64]) * 255.0) as u8).collect();
    let labels: Vec<Class> = (0..count).map(|at| (at % CLASSES) as Class).collect();
    let prefix = Prefix::compute(&network.into(), Pixels::Bytes(&pixels), &mut unobserved).unwrap().unwrap();
    let config = SweepConfig { passes: 12, ..SweepConfig::default() };
    let samples =
        sweep(&prefix, &config, Samples::empty(count, &config), &mut |_| std::ops::ControlFlow::Continue(()))
            .unwrap();
    let curve = against_passes(&samples, &labels, 12);
    assert_eq!(curve.len(), 12);
    for at in [1, 5, 12] {
        let measures: Vec<Measures> = samples.statistics(at).iter().map(Measures::new).collect();
        let numbers = LabelledRun::new(&measures, &labels).all();
        let point = curve[at - 1];
        close(point.error, 1.0 - numbers.get(Metric::Accuracy).unwrap(), 1e-12, "error");
        close(point.nll, numbers.get(Metric::Nll).unwrap(), 1e-5, "NLL");
        close(point.ece, numbers.get(Metric::Ece).unwrap(), 1e-5, "ECE");
    }
    assert!(against_passes(&samples, &[], 12).is_empty());
}

#[test]
fn histograms_share_bins_and_keep_their_upper_edge() {
    let histogram = Histogram::new(&[vec![0.0, 0.5, 1.0, f32::NAN], vec![0.25]], 4);
    assert_eq!(histogram.counts, [[1, 0, 1, 1], [0, 1, 0, 0]]);
    assert_eq!(histogram.edges(1), [0.25, 0.5]);
    assert_eq!(Histogram::new(&[vec![2.0, 2.0]], 4).counts, [[2, 0, 0, 0]]);
    assert_eq!(Histogram::new(&[vec![]], 4).counts, [[0; 4]]);
}

#[test]
fn a_thousand_resamples_of_ten_thousand_images_take_seconds() {
    let (measures, labels) = noisy(10_000, 11);
    let run = LabelledRun::new(&measures, &labels);
    let start = Instant::now();
    let resampling = Resampling { seed: 1, resamples: 100 };
    assert!(bootstrap(&[&run, &run], resampling, &mut unobserved).is_some());
    let taken = start.elapsed();
    println!("100 resamples of two runs: {taken:?}");
    // About 120 ms when alone; a busy machine gets room.
    assert!(taken.as_millis() < 2000, "{taken:?}");
    assert!(bootstrap(&[&run], resampling, &mut |_| std::ops::ControlFlow::Break(())).is_none());
}

#[test]
fn a_drawn_curve_of_risk_goes_from_all_images_to_few() {
    let risk = RiskCoverage { order: vec![2, 0, 1, 3], errors: vec![0, 0, 0, 1, 2], wrong: vec![1, 3] };
    let all = [[1.0, 0.5], [0.75, 1.0 / 3.0], [0.5, 0.0], [0.25, 0.0]];
    assert_eq!(risk.curve(4), all);
    assert_eq!(risk.curve(1_000), all, "no more places than images");
    assert_eq!(risk.curve(2), [all[0], all[2]]);
    let none = RiskCoverage { order: Vec::new(), errors: vec![0], wrong: Vec::new() };
    assert_eq!(none.curve(10), [[0.0; 2]; 0]);
}

#[test]
fn the_most_confused_pair_is_off_the_diagonal() {
    let none = Confusion::new(CLASSES, &[], &[]);
    let mut confusion = none.clone();
    (confusion.counts[3][3], confusion.counts[4][9], confusion.counts[9][4]) = (900, 12, 7);
    assert_eq!([&confusion, &none, &Confusion::default()].map(Confusion::most_wrong), [12, 0, 0]);
}
