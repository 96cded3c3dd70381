//! Gradients and steps against the reference trainer, and on any number of threads.

use super::*;
use crate::data::{Class, Classes, PIXELS};
use crate::model::lenet::{Architecture, PARAMETERS};
use crate::model::reference_trainer::ReferenceTrainer;
use crate::random::{Purpose, mix, uniform};

/// Blobs of noise on black: like digits, mostly background.
fn noise(images: usize, classes: usize) -> Digits {
    let pixel = |at: usize| {
        let (image, y, x) = (at / PIXELS, at % PIXELS / 28, at % 28);
        let near = y.abs_diff(8 + image % 11) < 7 && x.abs_diff(9 + image % 9) < 6;
        let value = uniform(5, Purpose::Synthetic, [at as u64]);
        if near { (value * 255.0) as u8 } else { 0 }
    };
    let labels = (0..images).map(|image| (mix(image as u64) % classes as u64) as Class).collect();
    let classes = Classes::numbered(classes).unwrap();
    Digits::of_classes((0..images * PIXELS).map(pixel).collect(), labels, classes).unwrap()
}

fn network(placement: Placement, hidden: usize, dropout: f32) -> Lenet {
    Lenet::initialise(Architecture { hidden, placement, classes: 10 }, dropout, 4).unwrap()
}

/// The largest difference, relative to the largest number of the tensor.
fn difference(found: &Weights, expected: &Weights) -> (f32, &'static str) {
    let mut worst = (0.0, "none");
    for (name, (found, expected)) in PARAMETERS.iter().zip(found.slices().into_iter().zip(expected.slices()))
    {
        let largest = expected.iter().fold(1e-9_f32, |largest, value| largest.max(value.abs()));
        for (a, b) in found.iter().zip(expected) {
            if (a - b).abs() / largest > worst.0 {
                worst = ((a - b).abs() / largest, name);
            }
        }
    }
    worst
}

#[test]
fn gradients_agree_with_automatic_differentiation() {
    // A whole and a partial block; a hidden layer that fills neither tiles nor words.
    let digits = noise(80, 10);
    let examples: Vec<u32> = (0..70).map(|image| image * 37 % 80).collect();
    for placement in [Placement::Last, Placement::Dense, Placement::All] {
        for dropout in [0.0, 0.5] {
            let start = network(placement, 37, dropout);
            let batch = Batch { epoch: 2, digits: &digits, examples: &examples };
            let expected = ReferenceTrainer::new(&start, 9).unwrap().gradient(&batch).unwrap();
            for set in InstructionSet::available() {
                let found = FastTrainer::with_instructions(&start, 9, set).gradient(&batch);
                let (worst, tensor) = difference(&found, &expected);
                assert!(worst < 1e-4, "{placement:?} p {dropout} {}: {tensor} off by {worst}", set.name());
            }
        }
    }
}

#[test]
fn gradients_of_few_and_many_classes_agree_with_automatic_differentiation() {
    let examples: Vec<u32> = (0..70).collect();
    for classes in [3, 20] {
        let digits = noise(70, classes);
        for placement in [Placement::Last, Placement::Dense, Placement::All] {
            let architecture = Architecture { hidden: 37, placement, classes };
            let start = Lenet::initialise(architecture, 0.5, 4).unwrap();
            let batch = Batch { epoch: 1, digits: &digits, examples: &examples };
            let expected = ReferenceTrainer::new(&start, 9).unwrap().gradient(&batch).unwrap();
            assert_eq!(expected.fc2_bias.len(), classes);
            for set in InstructionSet::available() {
                let found = FastTrainer::with_instructions(&start, 9, set).gradient(&batch);
                let (worst, tensor) = difference(&found, &expected);
                assert!(worst < 1e-4, "{classes} {placement:?} {}: {tensor} off by {worst}", set.name());
            }
        }
    }
}

#[test]
fn steps_agree_with_the_reference() {
    let digits = noise(40, 10);
    let examples: Vec<u32> = (0..40).collect();
    let start = network(Placement::All, 21, 0.3);
    let mut reference = ReferenceTrainer::new(&start, 9).unwrap();
    let mut fast = FastTrainer::new(&start, 9);
    for epoch in 0..4 {
        let batch = Batch { epoch, digits: &digits, examples: &examples };
        let expected = reference.step(&batch, 1e-3).unwrap();
        let found = fast.step(&batch, 1e-3).unwrap();
        assert_eq!(found.correct, expected.correct, "step {epoch}");
        assert!((found.loss - expected.loss).abs() < 1e-3 * expected.loss, "step {epoch}");
    }
    // Adam divides by the root of the squared gradient, so where the gradient is rounding noise the steps are
    // noise of the learning rate's size; hence means over a tensor.
    let (found, expected) = (fast.network().unwrap().weights(), reference.network().unwrap().weights());
    for (name, (a, b)) in PARAMETERS.iter().zip(found.slices().into_iter().zip(expected.slices())) {
        let mean = a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>() / a.len() as f32;
        assert!(mean < 2e-5, "{name} off by {mean} on average");
    }
    let found = fast.evaluate(&digits, &examples).unwrap();
    let expected = reference.evaluate(&digits, &examples).unwrap();
    assert!((found.loss - expected.loss).abs() < 1e-2 * expected.loss);
}

#[test]
fn any_number_of_threads_gives_the_same_network() {
    let digits = noise(150, 10);
    let examples: Vec<u32> = (0..150).collect();
    let trained = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut trainer = FastTrainer::new(&network(Placement::Dense, 60, 0.5), 3);
            for epoch in 0..3 {
                trainer.step(&Batch { epoch, digits: &digits, examples: &examples }, 1e-3).unwrap();
            }
            trainer.network().unwrap().weights()
        })
    };
    let one = trained(1);
    assert!(one == trained(2), "two threads");
    assert!(one == trained(3), "three threads");
}
