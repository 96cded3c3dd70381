//! What the bundled network and the program's own digits are worth, on synthetic digits and on MNIST.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "all of it is test code")]

#[path = "common/mnist.rs"]
mod mnist;

use dubito::sampling::MaskDesign;
use std::ops::ControlFlow;
use std::sync::Arc;

use dubito::data::source::Split;
use dubito::data::{Digits, Pixels, synthetic};
use dubito::model::{Architecture, Checkpoint, Lenet, TrainConfig, train};
use dubito::progress::unobserved;
use dubito::sampling::{Network, Prefix, Samples, SweepConfig, sweep};
use dubito::uncertainty::Measures;

/// Share of images whose mean prediction over T passes is their label.
fn accuracy(lenet: &Lenet, digits: &Digits, passes: usize) -> f64 {
    let network = Network::new(lenet.weights().clone(), lenet.architecture().placement).unwrap();
    let pixels = Pixels::from(digits);
    let prefix = Prefix::compute(&Arc::new(network), pixels, &mut unobserved).unwrap().unwrap();
    let config = SweepConfig { passes, dropout: lenet.dropout(), seed: 1, masks: MaskDesign::Independent };
    let from = Samples::empty(digits.len(), &config);
    let samples = sweep(&prefix, &config, from, &mut |_| ControlFlow::Continue(())).unwrap();
    let right = samples
        .statistics(passes)
        .iter()
        .zip(digits.labels())
        .filter(|(statistics, label)| Measures::new(statistics).prediction() == **label)
        .count();
    right as f64 / digits.len() as f64
}

#[test]
fn the_bundled_network_reads_the_programs_own_digits() {
    let bundled = Checkpoint::bundled().unwrap();
    let right = accuracy(&bundled.lenet, &synthetic::generate(10_000, 2), 20);
    println!("bundled network on 10,000 synthetic digits, T = 20: {:.2} % right", 100.0 * right);
    assert!(right >= 0.95, "{right}");
}

#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files"]
fn the_bundled_network_is_as_accurate_as_the_readme_says_on_mnist() {
    let digits = mnist::digits(Split::Test);
    let bundled = Checkpoint::bundled().unwrap();
    let right = accuracy(&bundled.lenet, &digits, 100);
    println!("bundled network on MNIST test, T = 100: {:.2} % right", 100.0 * right);
    assert!(right >= 0.992, "{right}");
}

#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files"]
fn a_network_trained_on_synthetic_digits_alone_is_accurate_on_mnist() {
    let digits = mnist::digits(Split::Test);
    let learn = synthetic::generate(20_000, 1);
    let config = TrainConfig {
        architecture: Architecture { hidden: 128, ..Architecture::default() },
        epochs: 3,
        ..TrainConfig::default()
    };
    let none = Digits::new(Vec::new(), Vec::new()).unwrap();
    let trained = train(&learn, &none, &config, None, &mut |_| ControlFlow::Continue(())).unwrap();
    let right = accuracy(&trained.lenet, &digits, 20);
    println!("trained on 20,000 synthetic digits, MNIST test: {:.2} % right", 100.0 * right);
    assert!(right >= 0.90, "{right}");
}
