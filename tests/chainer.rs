//! Networks of Chainer, the library of the article, answer here as they answer there: without dropout to the last digits,
//! with it within Monte-Carlo error of a thousand of its own passes.
//!
//! ```text
//! MNIST_DIR=… NETWORKS_DIR=… cargo test --test chainer -- --ignored
//! ```
//!
//! The files come from `make_chainer.py`: a LeNet trained for two epochs, saved in the three ways of Chainer's users.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "all of it is test code")]

#[path = "common/frameworks.rs"]
mod frameworks;

use std::sync::Arc;

use dubito::data::Pixels;
use dubito::model::{Checkpoint, Placement};
use dubito::progress::unobserved;
use dubito::sampling::{Network, Samples, deterministic};
use frameworks::{asked, folder, hold_to_mean, worst_without_dropout};

/// What Chainer itself says.
const REFERENCE: &str = "chainer.reference.npz";

#[test]
#[ignore = "needs MNIST_DIR and NETWORKS_DIR: MNIST's files, and real exports with their frameworks' own answers"]
fn chainers_networks_answer_as_in_chainer_of_frameworks() {
    let images = asked(REFERENCE, &folder("MNIST_DIR"));
    let mut first: Option<Samples> = None;
    for name in ["chainer-classifier.npz", "chainer-predictor.npz", "chainer-snapshot.npz"] {
        let opened = Checkpoint::open(&folder("NETWORKS_DIR").join(name)).unwrap();
        let network = Arc::new(Network::new(opened.lenet.weights(), Placement::Dense).unwrap());
        let answer = deterministic(&network, Pixels::from(&images), &mut unobserved).unwrap().unwrap();
        let logits: Vec<Vec<f32>> = answer.logits.iter().map(|logits| logits.to_vec()).collect();
        let worst = worst_without_dropout(REFERENCE, &logits);
        println!("{name}: {worst:.1e} without dropout");
        assert!(worst < 1e-4, "{name}: {worst} from Chainer's answers without dropout");
        let samples = hold_to_mean(&network, 0.5, &images, REFERENCE, 1000.0);
        if let Some(first) = &first {
            assert_eq!(first.image(0), samples.image(0), "the three files hold the same network");
        }
        first = Some(samples);
    }
}
