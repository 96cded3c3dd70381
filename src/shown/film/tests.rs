//! The film of a training: its frames against a fresh sweep, its images, and what it leaves alone.

use std::time::Instant;

use super::*;
use crate::data::source::{Places, Split};
use crate::data::{Class, synthetic};
use crate::model::Architecture;
use crate::model::checkpoint::Checkpoint;
use crate::model::training::{train, train_watched};
use crate::sampling::MaskDesign;

fn config(placement: Placement) -> TrainConfig {
    let architecture = Architecture { hidden: 24, placement, classes: 10 };
    TrainConfig { architecture, epochs: 2, batch_size: 50, dropout: 0.4, ..TrainConfig::default() }
}

fn plan(cast: Cast) -> FilmPlan {
    FilmPlan { training: 3, cast, sampled: SweepConfig { passes: 12, seed: 5, ..SweepConfig::default() } }
}

fn usual() -> Cast {
    Cast::Usual(OpenedModel::bundled().unwrap())
}

/// The network trained, its film, and the networks filmed.
fn filmed(config: &TrainConfig, validation: &Digits, cast: Cast) -> (Lenet, Vec<FilmFrame>, Vec<Lenet>) {
    let numbers: Vec<u32> = (400..).take(validation.len()).collect();
    let camera = Camera::new(plan(cast), config, (validation, &numbers), "digits".to_owned()).unwrap();
    let (mut frames, mut networks) = (Vec::new(), Vec::new());
    let mut watch = |epochs: f64, lenet: &Lenet| {
        frames.push(camera.frame(epochs, lenet).unwrap());
        networks.push(lenet.clone());
    };
    let digits = synthetic::generate(400, 1);
    let mut unobserved = |_: &_| ControlFlow::Continue(());
    let trained =
        train_watched(&digits, validation, config, None, &mut unobserved, Some(&mut watch)).unwrap();
    (trained.lenet, frames, networks)
}

/// Everything but NaN is equal to itself.
fn same(a: &Measures, b: &Measures) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

#[test]
fn every_frame_says_what_a_fresh_sweep_of_the_network_of_that_moment_says() {
    let validation = synthetic::generate(130, 2);
    for placement in [Placement::Last, Placement::Dense, Placement::All] {
        let (_, frames, networks) = filmed(&config(placement), &validation, usual());
        assert_eq!(frames.len(), 6, "0, 1, 2, 4 and 8 steps, and another epoch");
        assert_eq!(frames[5].epochs.to_bits(), 2.0_f64.to_bits());
        for (frame, lenet) in frames.iter().zip(&networks) {
            // As the program opens and samples a file: the checkpoint, the whole dataset in bytes, from its first image.
            let model = OpenedModel::new(Checkpoint::new(lenet.clone()), String::new());
            let network = model.network().unwrap();
            let prefix = Prefix::of(&network, &validation, &mut unobserved).unwrap().unwrap();
            let asked = SweepConfig { passes: 12, dropout: 0.4, seed: 5, masks: MaskDesign::Balanced };
            let none = Samples::empty(validation.len(), &asked);
            let samples = sweep(&prefix, &asked, none, &mut |_| ControlFlow::Continue(())).unwrap();
            let fresh: Vec<Measures> = samples.statistics(12).iter().map(Measures::new).collect();
            for (image, measures) in frame.head.images.iter().zip(&frame.images) {
                let index = (0..validation.len())
                    .find(|index| validation.image(*index) == to_bytes(&image.pixels[..]))
                    .unwrap();
                assert_eq!(image.name, format!("Image {} of the training images, held back", 400 + index));
                assert!(same(measures, &fresh[index]), "{placement:?}, {}, {}", frame.epochs, image.name);
            }
            let doubt = frame.validation.unwrap();
            let right = fresh.iter().zip(validation.labels()).filter(|(m, label)| m.prediction() == **label);
            assert!((doubt.accuracy - right.count() as f64 / 130.0).abs() < 1e-12);
            let entropy = fresh.iter().map(|m| f64::from(m.predictive_entropy)).sum::<f64>() / 130.0;
            let information = fresh.iter().map(|m| f64::from(m.mutual_information)).sum::<f64>() / 130.0;
            assert!((doubt.entropy - entropy).abs() < 1e-9);
            assert!((doubt.mutual_information - information).abs() < 1e-9);
        }
    }
}

#[test]
fn a_filmed_training_gives_the_bytes_of_one_that_is_not() {
    let validation = synthetic::generate(60, 2);
    let config = config(Placement::Dense);
    let (filmed, frames, _) = filmed(&config, &validation, usual());
    let digits = synthetic::generate(400, 1);
    let plain = train(&digits, &validation, &config, None, &mut |_| ControlFlow::Continue(())).unwrap().lenet;
    assert_eq!(filmed.hash(), plain.hash());
    assert_eq!(filmed.weights(), plain.weights());
    assert!(frames.len() > 3);
}

#[test]
fn a_frame_is_the_same_on_any_number_of_threads() {
    let validation = synthetic::generate(90, 2);
    let lenet = Lenet::initialise(config(Placement::All).architecture, 0.4, 9).unwrap();
    let frame = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let camera =
                Camera::new(plan(usual()), &config(Placement::All), (&validation, &[]), String::new())
                    .unwrap();
            let frame = camera.frame(0.0, &lenet).unwrap();
            format!("{:?} {:?} {:?}", frame.head.images, frame.images, frame.validation)
        })
    };
    assert_eq!(frame(1), frame(3));
}

#[test]
fn the_usual_images_are_the_ends_of_each_digit_for_the_network_that_chooses() {
    let validation = synthetic::generate(200, 4);
    let numbers: Vec<u32> = (0..200).collect();
    let camera =
        Camera::new(plan(usual()), &config(Placement::Dense), (&validation, &numbers), String::new())
            .unwrap();
    let head = &camera.head;
    assert_eq!((head.images.len(), head.row), (20, Some(10)));
    let labels: Vec<Class> = head.images.iter().filter_map(|image| image.label).collect();
    assert_eq!(labels, (0..10).chain(0..10).collect::<Vec<_>>());
    let model = OpenedModel::bundled().unwrap();
    let measures = measured(&model.network().unwrap(), (&validation).into(), &CHOSEN_BY).unwrap();
    for (image, end) in head.images.iter().zip(0..) {
        let index: usize = image.name.split(' ').nth(1).unwrap().parse().unwrap();
        let own = measures[index].predictive_entropy;
        let others = (0..200).filter(|other| Some(validation.labels()[*other]) == image.label);
        for other in others {
            let other = measures[other].predictive_entropy;
            assert!(if end < 10 { own <= other } else { own >= other }, "{}", image.name);
        }
    }
    // A digit with one image is shown once, and one with none not at all.
    let few = Digits::new(validation.pixels()[..3 * PIXELS].to_vec(), vec![7, 7, 1]).unwrap();
    let camera = Camera::new(plan(usual()), &config(Placement::Dense), (&few, &[]), String::new()).unwrap();
    let labels: Vec<Class> = camera.head.images.iter().filter_map(|image| image.label).collect();
    assert_eq!((labels, camera.head.row), (vec![1, 7, 7], Some(2)));
}

#[test]
fn chosen_images_are_kept_with_the_film_and_none_is_fine() {
    let digits = synthetic::generate(30, 6);
    let image = |index: usize| FilmedImage {
        name: format!("Image {index}"),
        label: (index != 2).then(|| digits.labels()[index]),
        pixels: Arc::new(to_numbers(&digits.image(index))),
    };
    let chosen = Cast::Chosen((0..30).map(image).collect());
    let none = Digits::default();
    let camera = Camera::new(plan(chosen), &config(Placement::Last), (&none, &[]), String::new()).unwrap();
    assert_eq!(camera.head.images.len(), MOST_IMAGES);
    assert_eq!(camera.head.pictures.image(7), digits.image(7));
    let lenet = Lenet::initialise(config(Placement::Last).architecture, 0.4, 9).unwrap();
    let frame = camera.frame(0.0, &lenet).unwrap();
    assert_eq!((frame.images.len(), frame.validation), (MOST_IMAGES, None));
    let nobody = Cast::Chosen(Vec::new());
    let camera = Camera::new(plan(nobody), &config(Placement::Last), (&digits, &[]), String::new()).unwrap();
    let frame = camera.frame(0.0, &lenet).unwrap();
    assert!(frame.images.is_empty() && frame.validation.is_some());
    let empty = Cast::Chosen(Vec::new());
    let camera = Camera::new(plan(empty), &config(Placement::Last), (&none, &[]), String::new()).unwrap();
    assert!(camera.frame(0.0, &lenet).unwrap().validation.is_none());
}

#[test]
fn the_validation_images_asked_are_spread_over_all_of_them() {
    assert_eq!(spread(3, 500), [0, 1, 2]);
    assert_eq!(spread(0, 500), [0; 0]);
    let some = spread(5000, 500);
    assert_eq!((some.len(), some[0], some[499]), (500, 0, 4990));
}

#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files; a measurement"]
fn the_cost_of_a_frame_on_mnist() {
    let places = Places::new(None);
    let loaded = places.load(Split::Train, &mut unobserved).unwrap();
    let ControlFlow::Continue(loaded) = loaded else { return };
    let (learn, validation) = (loaded.digits.slice(0..55_000), loaded.digits.slice(55_000..60_000));
    let config = TrainConfig { epochs: 1, ..TrainConfig::default() };
    let plan = FilmPlan { training: 1, cast: usual(), sampled: SweepConfig::default() };
    let start = Instant::now();
    let numbers: Vec<u32> = (55_000..60_000).collect();
    let camera = Camera::new(plan, &config, (&validation, &numbers), String::new()).unwrap();
    println!("choosing the images: {:.3} s", start.elapsed().as_secs_f64());
    let mut watching = 0.0;
    let mut frames = 0;
    let mut watch = |epochs: f64, lenet: &Lenet| {
        let start = Instant::now();
        let frame = camera.frame(epochs, lenet).unwrap();
        watching += start.elapsed().as_secs_f64();
        frames += 1;
        println!("{epochs:.3}: {:?}", frame.validation.unwrap());
    };
    let start = Instant::now();
    let mut unobserved = |_: &_| ControlFlow::Continue(());
    train_watched(&learn, &validation, &config, None, &mut unobserved, Some(&mut watch)).unwrap();
    let whole = start.elapsed().as_secs_f64();
    let each = watching / f64::from(frames);
    let share = each / (whole - watching);
    println!("one epoch {:.2} s, a frame {each:.4} s: {:.2} %", whole - watching, 100.0 * share);
    assert!(share < 0.05, "a frame takes {:.1} % of an epoch", 100.0 * share);
}
