//! Networks of Chainer, the library of the article, answer here as they answer there: without dropout to the last digits,
//! with it within Monte-Carlo error of a thousand of its own passes.
//!
//! ```text
//! MNIST_DIR=… NETWORKS_DIR=… cargo test --test chainer -- --ignored
//! ```
//!
//! The files come from `make_chainer.py`: a LeNet trained for two epochs, saved in the three ways of Chainer's users.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of it is test code")]

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use candle_core::{DType, Tensor};
use dubito::data::idx::read_digits;
use dubito::data::{Digits, Pixels};
use dubito::model::{Checkpoint, Placement};
use dubito::progress::unobserved;
use dubito::sampling::{Network, Prefix, Samples, SweepConfig, deterministic, sweep};

fn folder(name: &str) -> PathBuf {
    std::env::var_os(name).unwrap_or_else(|| panic!("set {name}")).into()
}

/// An array of the reference, `[200, 10]` or `[200]`.
fn reference(name: &str) -> Tensor {
    let path = folder("NETWORKS_DIR").join("chainer.reference.npz");
    let found = Tensor::read_npz_by_name(path, &[name]).unwrap().remove(0);
    found.to_dtype(DType::F64).unwrap()
}

#[test]
#[ignore = "needs MNIST_DIR and NETWORKS_DIR: MNIST's files, and real exports with their frameworks' own answers"]
fn chainers_networks_answer_as_in_chainer_of_frameworks() {
    let index: Vec<f64> = reference("index").to_vec1().unwrap();
    let [mean, variance, plain] =
        ["mean", "variance", "plain"].map(|name| reference(name).to_vec2::<f64>().unwrap());
    let mnist = folder("MNIST_DIR");
    let all = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"].map(|name| {
        let plain = mnist.join(name);
        if plain.exists() { plain } else { mnist.join(format!("{name}.gz")) }
    });
    let all = read_digits(&all[0], &all[1]).unwrap();
    let bytes = index.iter().flat_map(|index| all.image(*index as usize).to_vec()).collect();
    let labels = index.iter().map(|index| all.labels()[*index as usize]).collect();
    let digits = Digits::new(bytes, labels).unwrap();

    let config = SweepConfig { passes: 4000, dropout: 0.5, seed: 1 };
    let mut first: Option<Samples> = None;
    for name in ["chainer-classifier.npz", "chainer-predictor.npz", "chainer-snapshot.npz"] {
        let opened = Checkpoint::open(&folder("NETWORKS_DIR").join(name)).unwrap();
        let network = Arc::new(Network::new(opened.lenet.weights(), Placement::Dense).unwrap());
        let answer = deterministic(&network, Pixels::from(&digits), &mut unobserved).unwrap().unwrap();
        let mut worst = 0.0_f64;
        for (image, plain) in plain.iter().enumerate() {
            let logits: Vec<f64> = answer.logits[image].iter().map(|logit| f64::from(*logit)).collect();
            let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = logits.iter().map(|logit| (logit - most).exp()).sum();
            for (logit, plain) in logits.iter().zip(plain) {
                worst = worst.max(((logit - most).exp() / sum - plain).abs());
            }
        }
        assert!(worst < 1e-4, "{name}: {worst} from Chainer's answers without dropout");

        let prefix = Prefix::of(&network, &digits, &mut unobserved).unwrap().unwrap();
        let go_on = &mut |_: dubito::sampling::SweepEvent| ControlFlow::Continue(());
        let samples = sweep(&prefix, &config, Samples::empty(digits.len(), &config), go_on).unwrap();
        // Of both means: a thousand passes there, all passes here. Masks are shared by the images, so deviations are not
        // independent of each other; five standard errors leave room for two thousand numbers.
        let (mut largest, mut squares) = (0.0_f64, 0.0);
        for image in 0..digits.len() {
            let passes = samples.image(image);
            for class in 0..10 {
                let own = passes.iter().map(|pass| f64::from(pass[class])).sum::<f64>() / 4000.0;
                let spread =
                    passes.iter().map(|pass| (f64::from(pass[class]) - own).powi(2)).sum::<f64>() / 4000.0;
                // A class that is likely in few passes is in none of the thousand, or in too many: the larger of both.
                let variance = variance[image][class].max(spread).max(1e-9);
                let error = (variance / 1000.0 + variance / 4000.0).sqrt() + 1e-5;
                let deviation = (own - mean[image][class]) / error;
                largest = largest.max(deviation.abs());
                squares += deviation * deviation / 2000.0;
            }
        }
        println!(
            "{name}: {worst:.1e} without dropout, at most {largest:.2} standard errors with, {squares:.2} mean square"
        );
        assert!(largest < 5.0, "{name}: {largest} standard errors");
        assert!(squares < 1.5, "{name}: the mean square of deviations is {squares}");
        if let Some(first) = &first {
            assert_eq!(first.image(0), samples.image(0), "the three files hold the same network");
        }
        first = Some(samples);
    }
}
