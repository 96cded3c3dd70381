//! What the bundled network and the program's own digits are worth: on synthetic digits always, on MNIST where
//! `MNIST_DIR` says where it is.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "all of it is test code")]

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use dubito::data::source::{Places, Split};
use dubito::data::{Digits, Pixels, synthetic};
use dubito::model::{Architecture, Checkpoint, Lenet, TrainConfig, train};
use dubito::progress::unobserved;
use dubito::sampling::{Network, Prefix, Samples, SweepConfig, sweep};
use dubito::uncertainty::Measures;

fn mnist(split: Split) -> Option<Digits> {
    let Some(folder) = std::env::var_os("MNIST_DIR") else {
        println!("MNIST_DIR is not set: real digits are not looked at");
        return None;
    };
    match Places::new(Some(PathBuf::from(folder))).load(split, &mut unobserved).unwrap() {
        ControlFlow::Continue(loaded) => Some(loaded.digits),
        ControlFlow::Break(()) => None,
    }
}

/// Share of images whose mean prediction over T passes is their label.
fn accuracy(lenet: &Lenet, digits: &Digits, passes: usize) -> f64 {
    let network = Network::new(lenet.weights().clone(), lenet.architecture().placement).unwrap();
    let pixels = Pixels::from(digits);
    let prefix = Prefix::compute(&Arc::new(network), pixels, &mut unobserved).unwrap().unwrap();
    let config = SweepConfig { passes, dropout: lenet.dropout(), seed: 1 };
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
fn the_bundled_network_reads_mnist_as_the_readme_says() {
    let Some(digits) = mnist(Split::Test) else { return };
    let bundled = Checkpoint::bundled().unwrap();
    let right = accuracy(&bundled.lenet, &digits, 100);
    println!("bundled network on MNIST test, T = 100: {:.2} % right", 100.0 * right);
    assert!(right >= 0.992, "{right}");
}

#[test]
fn a_network_trained_on_synthetic_digits_alone_reads_mnist() {
    let Some(digits) = mnist(Split::Test) else { return };
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
