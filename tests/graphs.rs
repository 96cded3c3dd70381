//! Networks that PyTorch and Keras exported answer here as they answer there.
//!
//! ```text
//! MNIST_DIR=… NETWORKS_DIR=… cargo test --test graphs -- --ignored
//! ```
//!
//! The files come from `make_networks.py` and `make_keras.py`; the images are those of Fashion-MNIST, beside MNIST's.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of it is test code")]

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use candle_core::{DType, Tensor};
use dubito::data::Digits;
use dubito::data::idx::read_digits;
use dubito::data::kept::to_numbers;
use dubito::model::AnyModel;
use dubito::model::graph::{By, GraphModel, Origin, Runner};
use dubito::progress::unobserved;
use dubito::sampling::{Network, Prefix, Samples, SweepConfig, SweepEvent, sample_image, sweep};

fn folder(name: &str) -> PathBuf {
    std::env::var_os(name).unwrap_or_else(|| panic!("set {name}")).into()
}

/// Arrays of a reference.
fn reference(file: &str, name: &str) -> Tensor {
    let found = Tensor::read_npz_by_name(folder("NETWORKS_DIR").join(file), &[name]).unwrap().remove(0);
    found.to_dtype(DType::F64).unwrap()
}

/// The 200 images of Fashion-MNIST that a reference asked about.
fn asked(file: &str) -> Digits {
    let index: Vec<f64> = reference(file, "index").to_vec1().unwrap();
    let fashion = folder("MNIST_DIR").with_file_name("fashion");
    let all =
        read_digits(&fashion.join("t10k-images-idx3-ubyte.gz"), &fashion.join("t10k-labels-idx1-ubyte.gz"))
            .unwrap();
    let bytes = index.iter().flat_map(|index| all.image(*index as usize).to_vec()).collect();
    Digits::new(bytes, index.iter().map(|index| all.labels()[*index as usize]).collect()).unwrap()
}

fn softmax(logits: &[f32]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = logits.iter().map(|logit| f64::from(logit - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[test]
#[ignore = "needs MNIST_DIR and NETWORKS_DIR: MNIST's files with Fashion's beside them, and real exports"]
fn without_dropout_graphs_answer_as_in_pytorch_of_frameworks() {
    let images = asked("fashion.reference.npz");
    let plain: Vec<Vec<f64>> = reference("fashion.reference.npz", "plain").to_vec2().unwrap();
    for (name, sites) in [
        ("fashion-train-mode.onnx", vec![(By::Channel, 0.2), (By::Unit, 0.25), (By::Unit, 0.5)]),
        ("fashion-dropout-only.onnx", vec![(By::Channel, 0.2), (By::Unit, 0.25), (By::Unit, 0.5)]),
        ("fashion-torchscript.onnx", vec![(By::Unit, 0.25), (By::Unit, 0.5)]),
        ("fashion-eval-mode.onnx", vec![]),
    ] {
        let opened = GraphModel::open(&folder("NETWORKS_DIR").join(name)).unwrap();
        let found: Vec<(By, f32)> = opened
            .sites()
            .iter()
            .filter(|site| site.origin == Origin::Active)
            .map(|site| (site.by, (site.rate * 1000.0).round() / 1000.0))
            .collect();
        assert_eq!(found, sites, "{name}");
        let runner = Runner::new();
        let none = vec![false; opened.sites().len()];
        for on in [none, opened.usual()] {
            let plan = opened.plan(&on);
            let mut worst = 0.0_f64;
            for (image, plain) in plain.iter().enumerate() {
                let carried = opened.enter(&plan, &runner, &to_numbers(&images.image(image))).unwrap();
                let logits = opened.finish(&plan, &runner, &carried, &mut |_, _| ()).unwrap();
                for (own, plain) in softmax(&logits).iter().zip(plain) {
                    worst = worst.max((own - plain).abs());
                }
            }
            println!("{name}: {worst:.1e} from PyTorch, head {:?}", plan.head.map(|head| head.layers.len()));
            assert!(worst < 1e-4, "{name}: {worst}");
        }
    }
}

/// The mean of the passes of some images lies within Monte-Carlo error of a framework's own mean over its passes.
fn compare(model: &AnyModel, images: &Digits, reference_file: &str, their_passes: f64) {
    let [mean, variance] =
        ["mean", "variance"].map(|name| reference(reference_file, name).to_vec2::<f64>().unwrap());
    let network = Arc::new(Network::of_model(model).unwrap());
    let config = SweepConfig { passes: 4000, dropout: model.dropout(), seed: 1 };
    let prefix = Prefix::of(&network, images, &mut unobserved).unwrap().unwrap();
    let go_on = &mut |_: SweepEvent| ControlFlow::Continue(());
    let samples = sweep(&prefix, &config, Samples::empty(images.len(), &config), go_on).unwrap();
    let (mut largest, mut squares) = (0.0_f64, 0.0);
    let count = (images.len() * 10) as f64;
    for image in 0..images.len() {
        let passes = samples.image(image);
        for class in 0..10 {
            let own = passes.iter().map(|pass| f64::from(pass[class])).sum::<f64>() / 4000.0;
            let spread =
                passes.iter().map(|pass| (f64::from(pass[class]) - own).powi(2)).sum::<f64>() / 4000.0;
            // A class that is likely in few passes may be in none of theirs, or in too many: the larger of both.
            let variance = variance[image][class].max(spread).max(1e-9);
            let error = (variance / their_passes + variance / 4000.0).sqrt() + 1e-5;
            let deviation = (own - mean[image][class]) / error;
            largest = largest.max(deviation.abs());
            squares += deviation * deviation / count;
        }
    }
    println!("{reference_file}: at most {largest:.2} standard errors, {squares:.2} mean square");
    assert!(largest < 5.0 && squares < 1.5, "{largest} standard errors, {squares} mean square");
    // One image at once, and with others.
    let alone =
        sample_image(&network, &to_numbers(&images.image(3)), &SweepConfig { passes: 70, ..config }).unwrap();
    let together = samples.image(3);
    for (alone, together) in alone.probabilities().iter().zip(&together) {
        assert_eq!(alone, together);
    }
}

#[test]
#[ignore = "needs MNIST_DIR and NETWORKS_DIR: MNIST's files with Fashion's beside them, and real exports"]
fn with_dropout_graphs_doubt_as_in_pytorch_and_keras_of_frameworks() {
    for (name, reference, passes) in [
        ("fashion-train-mode.onnx", "fashion.reference.npz", 2000.0),
        ("fashion-dropout-only.onnx", "fashion.reference.npz", 2000.0),
        ("keras-always-on.onnx", "keras.reference.npz", 1000.0),
    ] {
        let model = AnyModel::open(&folder("NETWORKS_DIR").join(name)).unwrap();
        println!("{name}: dropout {}", model.sites(0.5).unwrap());
        compare(&model, &asked(reference), reference, passes);
    }
}
