//! The numbers at every rate against an independent loop: image by image, pass by pass.

// Exact numbers are meant where they are compared.
#![allow(clippy::float_cmp)]

use super::*;
use crate::data::{Classes, PIXELS, PerClass, synthetic};
use crate::model::graph::tests::{opened, usual};
use crate::model::{AnyModel, Architecture, Lenet, OpenedGraph, Placement};
use crate::progress::unobserved;
use crate::sampling::MaskDesign;
use crate::sampling::{deterministic, sample_image};
use crate::uncertainty::quality::calibration::bin;

const PASSES: usize = 7;

/// An untrained network that is surer than such ones are, so that no two images are doubted alike but for rounding.
fn network(placement: Placement) -> Arc<Network> {
    let shape = Architecture { hidden: 30, placement, classes: 10 };
    let mut weights = Lenet::initialise(shape, 0.5, 5).unwrap().weights();
    weights.fc2_weight.iter_mut().for_each(|weight| *weight *= 30.0);
    Arc::new(Network::new(weights, placement).unwrap())
}

fn tried(network: &Arc<Network>, digits: &Digits, dropout: f32, resamples: usize) -> OverDropout {
    let config = SweepConfig { passes: PASSES, dropout, seed: 3, masks: MaskDesign::Independent };
    let resampling = Resampling { seed: 3, resamples };
    let asked = OverRates { network, as_trained: None, digits, config, resampling };
    over_dropout(asked, &mut |_, _| ControlFlow::Continue(())).unwrap().unwrap()
}

fn image(digits: &Digits, index: usize) -> [f32; PIXELS] {
    let pixels = digits.image(index);
    std::array::from_fn(|at| f32::from(pixels[at]) / 255.0)
}

/// Mean probabilities of each image: sampled one by one.
fn means(network: &Network, digits: &Digits, dropout: f32) -> Vec<PerClass<f64>> {
    let config = SweepConfig { passes: PASSES, dropout, seed: 3, masks: MaskDesign::Independent };
    let mean = |index: usize| {
        let passes = sample_image(network, &image(digits, index), &config).unwrap().probabilities();
        let sum = |class: usize| passes.iter().map(|pass| f64::from(pass[class])).sum::<f64>();
        (0..network.classes()).map(|class| sum(class) / PASSES as f64).collect()
    };
    (0..digits.len()).map(mean).collect()
}

/// Accuracy, NLL, ECE and error AUROC of mean probabilities, as they are defined.
fn direct(means: &[PerClass<f64>], labels: &[Class]) -> [Option<f64>; 4] {
    let n = means.len() as f64;
    let answer = |mean: &PerClass<f64>| {
        let best = |best: usize, class: usize| if mean[class] > mean[best] { class } else { best };
        (0..mean.len()).fold(0, best)
    };
    let right: Vec<bool> =
        means.iter().zip(labels).map(|(mean, label)| answer(mean) == usize::from(*label)).collect();
    let nll = -means.iter().zip(labels).map(|(mean, label)| mean[usize::from(*label)].ln()).sum::<f64>() / n;
    let mut gaps = [0.0; 15];
    for (mean, right) in means.iter().zip(&right) {
        let confidence = mean[answer(mean)];
        gaps[bin(confidence)] += f64::from(u8::from(*right)) - confidence;
    }
    let entropy = |mean: &PerClass<f64>| -mean.iter().filter(|p| **p > 0.0).map(|p| p * p.ln()).sum::<f64>();
    let doubts: Vec<f64> = means.iter().map(entropy).collect();
    let of =
        |kind: bool| doubts.iter().zip(&right).filter(move |(_, right)| **right == kind).map(|(d, _)| *d);
    let pairs: Vec<f64> = of(false)
        .flat_map(|wrong| of(true).map(move |right| if wrong > right { 1.0 } else { 0.0 }))
        .collect();
    [
        Some(right.iter().filter(|right| **right).count() as f64 / n),
        Some(nll),
        Some(gaps.iter().map(|gap: &f64| gap.abs()).sum::<f64>() / n),
        (!pairs.is_empty()).then(|| pairs.iter().sum::<f64>() / pairs.len() as f64),
    ]
}

fn assert_is(at: &AtRate, expected: [Option<f64>; 4], what: &str) {
    for ((found, expected), metric) in at.numbers.iter().zip(expected).zip(OVER) {
        match expected {
            Some(expected) => {
                let found = found.value.unwrap();
                assert!((found - expected).abs() < 1e-5, "{what}, {metric:?}: {found}, expected {expected}");
            }
            None => assert!(found.value.is_err(), "{what}, {metric:?}"),
        }
    }
}

#[test]
fn every_rate_has_the_numbers_of_an_independent_loop_and_none_those_of_the_network_itself() {
    // Two blocks of images, the second not full; an untrained network is right by chance.
    let digits = synthetic::generate(70, 9);
    for placement in [Placement::Last, Placement::Dense, Placement::All] {
        let network = network(placement);
        let found = tried(&network, &digits, 0.37, 50);
        assert_eq!(found.images, 70);
        let rates: Vec<f32> = found.rates.iter().filter_map(|at| at.dropout).collect();
        assert_eq!(rates, [0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.37, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
        for at in &found.rates[1..] {
            let rate = at.dropout.unwrap();
            let expected = direct(&means(&network, &digits, rate), digits.labels());
            assert_is(at, expected, &format!("{placement:?}, p = {rate}"));
        }
        let plain = sampling_without_dropout(&network, &digits);
        assert_is(&found.rates[0], direct(&plain, digits.labels()), "no dropout");
        let nll = |at: &AtRate| at.number(Metric::Nll).unwrap().value.unwrap();
        let best = found.best().unwrap();
        for at in &found.rates {
            let above = at.above_least.unwrap();
            assert!(above.value.unwrap() >= 0.0 && above.value.unwrap() == nll(at) - nll(best));
            let [low, high] = above.interval.unwrap();
            assert_eq!(at.is_worse(), Some(low > 0.0));
            assert!(low <= high && found.alike().contains(&at.dropout.unwrap()) == (low <= 0.0));
        }
        assert_eq!(best.above_least.unwrap().interval, Some([0.0, 0.0]));
        assert_eq!(found.at(best.dropout), Some(best));
        assert!(found.at(Some(0.36)).is_none() && found.at(None).is_none());
    }
}

/// Probabilities of the network as it is.
fn sampling_without_dropout(network: &Network, digits: &Digits) -> Vec<PerClass<f64>> {
    let answer = deterministic(network, digits.into(), &mut unobserved).unwrap().unwrap();
    let softmax = |logits: &PerClass<f32>| {
        let total: f64 = logits.iter().map(|z| f64::from(*z).exp()).sum();
        logits.iter().map(|z| f64::from(*z).exp() / total).collect()
    };
    answer.logits.iter().map(softmax).collect()
}

#[test]
fn threads_do_not_matter_and_a_stop_gives_nothing() {
    let digits = synthetic::generate(70, 9);
    let network = network(Placement::Dense);
    let mut found = (1..=3).map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| tried(&network, &digits, 0.5, 60))
    });
    let first = found.next().unwrap();
    assert!(found.all(|other| other == first));
    for stage in [Stage::Plain, Stage::Features, Stage::Passes, Stage::Intervals] {
        let config = SweepConfig { passes: PASSES, ..SweepConfig::default() };
        let resampling = Resampling::default();
        let asked = OverRates { network: &network, as_trained: None, digits: &digits, config, resampling };
        let mut stop = |at, _| if at == stage { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        assert_eq!(over_dropout(asked, &mut stop).unwrap(), None, "{stage:?}");
    }
    let none = SweepConfig { passes: 0, ..SweepConfig::default() };
    let resampling = Resampling::default();
    let asked = OverRates { network: &network, as_trained: None, digits: &digits, config: none, resampling };
    assert!(over_dropout(asked, &mut |_, _| ControlFlow::Continue(())).is_err());
}

#[test]
fn a_graph_with_rates_of_its_own_is_tried_with_one_for_all_and_compared() {
    let own = AnyModel::Graph(OpenedGraph::new(opened(&usual().bytes("fc2")).unwrap()));
    assert!(own.has_own_rates());
    let classes = own.classes().len();
    let drawn = synthetic::generate(40, 9);
    let labels = drawn.labels().iter().map(|label| label % classes as Class).collect();
    let digits =
        Digits::of_classes(drawn.pixels().into_owned(), labels, Classes::numbered(classes).unwrap()).unwrap();
    let as_trained = Arc::new(Network::of_model(&own).unwrap());
    let network = Arc::new(Network::of_model(&own.clone().at_common_rate()).unwrap());
    let config =
        SweepConfig { passes: PASSES, dropout: own.dropout(), seed: 3, masks: MaskDesign::Independent };
    let resampling = Resampling { seed: 3, resamples: 40 };
    let asked =
        OverRates { network: &network, as_trained: Some(&as_trained), digits: &digits, config, resampling };
    let mut last = Progress::default();
    let watch = &mut |stage, at: Progress| {
        if stage == Stage::Passes {
            last = at;
        }
        ControlFlow::Continue(())
    };
    let found = over_dropout(asked, watch).unwrap().unwrap();
    assert_eq!((last.done, last.total), (12 * 40 * PASSES as u64, 12 * 40 * PASSES as u64));
    let trained = found.at(None).unwrap();
    assert_is(trained, direct(&means(&as_trained, &digits, 0.5), digits.labels()), "as trained");
    let half = found.at(Some(0.5)).unwrap();
    assert_is(half, direct(&means(&network, &digits, 0.5), digits.labels()), "at one rate");
    assert_ne!(trained.numbers, half.numbers);
    assert_eq!(format!("{trained}, {half}"), "the rates of the file, p = 0.5");
    let above = trained.above_least.unwrap();
    let nll = |at: &AtRate| at.number(Metric::Nll).unwrap().value.unwrap();
    assert_eq!(above.value.unwrap(), nll(trained) - nll(found.best().unwrap()));
}

#[test]
fn the_rate_in_use_is_tried_too_once() {
    assert_eq!(rates(0.5), RATES);
    assert_eq!(rates(0.0), RATES);
    assert_eq!(rates(0.95).last(), Some(&0.95));
    assert_eq!(rates(0.25).len(), RATES.len() + 1);
    assert!(rates(0.25).is_sorted());
    assert_eq!(rates(f32::NAN), RATES);
}

#[test]
fn images_without_a_label_are_left_out() {
    let digits = synthetic::generate(30, 9);
    let mut labels = digits.labels().to_vec();
    labels[20..].fill(crate::data::UNLABELLED);
    let some = Digits::new(digits.pixels().into_owned(), labels).unwrap();
    let network = network(Placement::Last);
    assert_eq!(tried(&network, &some, 0.5, 0), tried(&network, &digits.slice(0..20), 0.5, 0));
}
