//! Networks that PyTorch and Keras exported answer here as they answer there.
//!
//! ```text
//! MNIST_DIR=… NETWORKS_DIR=… cargo test --test graphs -- --ignored
//! ```
//!
//! The files come from `make_networks.py` and `make_keras.py`; the images are those of Fashion-MNIST, beside MNIST's.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of it is test code")]

use std::path::PathBuf;

use candle_core::{DType, Tensor};
use dubito::data::Digits;
use dubito::data::idx::read_digits;
use dubito::data::kept::to_numbers;
use dubito::model::graph::{By, GraphModel, Origin, Runner};

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
    let all = read_digits(
        &fashion.join("t10k-images-idx3-ubyte.gz"),
        &fashion.join("t10k-labels-idx1-ubyte.gz"),
    )
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
        for site in opened.sites() {
            println!("{name}: {site:?}");
        }
        for layer in opened.layers() {
            println!("{name}: {layer:?}");
        }
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
