//! Networks that PyTorch and Keras exported answer here as they answer there.
//!
//! ```text
//! MNIST_DIR=… NETWORKS_DIR=… cargo test --test graphs -- --ignored
//! ```
//!
//! The files come from `make_networks.py` and `make_keras.py`; the images are those of Fashion-MNIST, beside MNIST's.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of it is test code")]

#[path = "common/frameworks.rs"]
mod frameworks;
#[path = "common/graph.rs"]
mod graph;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use dubito::data::kept::to_numbers;
use dubito::data::source::{Places, Split};
use dubito::data::{Pixels, synthetic};
use dubito::model::AnyModel;
use dubito::model::graph::{By, GraphModel, Origin, Runner};
use dubito::progress::unobserved;
use dubito::sampling::{
    Network, Prefix, Samples, SweepConfig, SweepEvent, deterministic, sample_image, sweep,
};
use dubito::shown::check_input;
use dubito::uncertainty::measure_all;
use frameworks::{asked, folder, hold_to_mean, worst_without_dropout};

/// The same parameters as a graph and built in: the same answers without dropout, and, as masks are drawn by other keys,
/// the same distribution with it.
#[test]
fn the_lenet_of_the_program_is_the_same_network_as_a_graph() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lenet.onnx");
    graph::write_lenet(&path);
    let opened = AnyModel::open(&path).unwrap();
    assert_eq!(
        opened.sites(0.9).unwrap(),
        "before Gemm fc1.weight at 0.25 and before Gemm fc2.weight at 0.5"
    );
    let graph = Arc::new(Network::of_model(&opened.at_common_rate()).unwrap());
    let lenet = Arc::new(Network::of_model(&AnyModel::bundled().unwrap()).unwrap());
    assert!(graph.graph().unwrap().has_head());
    let digits = synthetic::generate(40, 5);
    let answers = [&graph, &lenet]
        .map(|network| deterministic(network, Pixels::from(&digits), &mut unobserved).unwrap().unwrap());
    for (graph, lenet) in answers[0].logits.iter().zip(&answers[1].logits) {
        for (graph, lenet) in graph.iter().zip(lenet.iter()) {
            assert!((graph - lenet).abs() < 1e-4, "{graph} {lenet}");
        }
    }
    let config =
        SweepConfig { passes: 2000, dropout: 0.5, seed: 3, masks: dubito::sampling::MaskDesign::Independent };
    let measured = [&graph, &lenet].map(|network| {
        let prefix = Prefix::of(network, &digits, &mut unobserved).unwrap().unwrap();
        let go_on = &mut |_: SweepEvent| ControlFlow::Continue(());
        let samples = sweep(&prefix, &config, Samples::empty(digits.len(), &config), go_on).unwrap();
        measure_all(&samples, config.passes)
    });
    for (graph, lenet) in measured[0].iter().zip(&measured[1]) {
        let error = graph.predictive_entropy_se.hypot(lenet.predictive_entropy_se) + 1e-4;
        let deviation = (graph.predictive_entropy - lenet.predictive_entropy).abs() / error;
        assert!(deviation < 5.0, "{deviation} standard errors");
    }
}

fn fashion() -> PathBuf {
    folder("MNIST_DIR").with_file_name("fashion")
}

#[test]
#[ignore = "needs MNIST_DIR and NETWORKS_DIR: MNIST's files with Fashion's beside them, and real exports"]
fn without_dropout_graphs_answer_as_in_pytorch_of_frameworks() {
    const REFERENCE: &str = "fashion.reference.npz";
    let images = asked(REFERENCE, &fashion());
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
            let carried = opened.carried(&plan, &runner).unwrap();
            let logits: Vec<Vec<f32>> = (0..images.len())
                .map(|image| {
                    let numbers = opened.enter(&plan, &runner, &to_numbers(&images.image(image))).unwrap();
                    opened.finish(&plan, &runner, &carried, &numbers, &mut |_, _| ()).unwrap()
                })
                .collect();
            let worst = worst_without_dropout(REFERENCE, &logits);
            println!("{name}: {worst:.1e} from PyTorch, head {:?}", plan.head.map(|head| head.layers.len()));
            assert!(worst < 1e-4, "{name}: {worst}");
        }
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
        let images = asked(reference, &fashion());
        let network = Arc::new(Network::of_model(&model).unwrap());
        let samples = hold_to_mean(&network, model.dropout(), &images, reference, passes);
        // One image at once, and with others.
        let config = SweepConfig {
            passes: 70,
            dropout: model.dropout(),
            seed: 1,
            masks: dubito::sampling::MaskDesign::Independent,
        };
        let alone = sample_image(&network, &to_numbers(&images.image(3)), &config).unwrap();
        assert_eq!(alone.probabilities(), samples.image(3)[..70]);
    }
}

/// A network that tells colours apart, given its pixels from 0 to 1 in place of −1 to 1, or blue first: the check says so.
#[test]
fn a_network_in_colour_says_when_its_input_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let (network, pictures) = (folder.path().join("colours.onnx"), folder.path().join("pictures"));
    graph::write_colours(&network);
    graph::write_coloured(&pictures, 12, 16);
    let places = Places { names: None, ..Places::new(Some(pictures)) };
    let ControlFlow::Continue(loaded) = places.load_to_show(Split::Test, &mut unobserved).unwrap() else {
        panic!("nobody stopped it")
    };
    let opened = AnyModel::open(&network).unwrap().called(loaded.digits.classes().clone());
    let check = |way: &str| {
        let model = opened.clone().with_preprocessing(way.parse().unwrap());
        let mut found = Vec::new();
        let answer = &mut |check| {
            found.push(check);
            ControlFlow::Continue(())
        };
        check_input(&model, &loaded.digits, &mut unobserved, answer).unwrap();
        // The accuracy comes first.
        assert_eq!((found.len(), found[0].remark.is_none()), (1 + usize::from(found[0].is_low), true));
        found.pop().unwrap()
    };
    let right = check("signed");
    assert_eq!((right.images, right.right, right.remark), (36, 36, None));
    let reversed = check("signed+bgr");
    // Green stays green.
    assert_eq!(reversed.right, 12);
    let remark = reversed.remark.unwrap();
    assert!(remark.contains("red and blue are likely exchanged") && remark.contains("100 %"), "{remark}");
    assert!(!reversed.better.unwrap().reversed);
    let inverted = check("signed+inverted").remark.unwrap();
    assert!(inverted.contains("bright and dark are likely exchanged"), "{inverted}");
}
