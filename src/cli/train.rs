//! `dubito train`: train a network and save it.

use crate::uncertainty::measure_all;
use std::cell::Cell;
use std::env;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use super::Failure;
use super::bars::{Bar, Unit};
use super::options::{Images, PlacementOption, count, dropout, hidden};
use super::steps::{check_target, images, print, remark, sweep_all};
use crate::data::Digits;
use crate::data::images::ImageShape;
use crate::data::source::Split;
use crate::model::checkpoint::Checkpoint;
use crate::model::geometry::HIDDEN;
use crate::model::training::{TrainConfig, TrainingReport, train_watched};
use crate::model::{Architecture, Lenet};
use crate::progress::Progress;
use crate::sampling::{Network, SweepConfig};
use crate::shown::film::{Camera, Cast, FilmPlan};

/// Passes asked after each epoch: enough for a mean over hundreds of images, few enough to take no time.
const WATCHING_PASSES: usize = 20;

/// Options of `dubito train`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    images: Images,
    /// How often every training image is seen
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 20, value_parser = count)]
    epochs: usize,
    /// Images in a training step
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 100, value_parser = count)]
    batch_size: usize,
    /// Step size of Adam at the start
    #[arg(long, value_name = "X", allow_negative_numbers = true, default_value_t = 1e-3, value_parser = learning_rate)]
    learning_rate: f32,
    /// Dropout rate, at least 0 and below 1
    #[arg(long, value_name = "P", allow_negative_numbers = true, default_value_t = 0.5, value_parser = dropout)]
    dropout: f32,
    /// Where dropout acts
    #[arg(long, value_enum, default_value_t = PlacementOption::Dense)]
    placement: PlacementOption,
    /// Units of the hidden layer
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = HIDDEN, value_parser = hidden)]
    hidden: usize,
    /// Seed of the initial weights, the order of the images and the masks
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 1)]
    seed: u64,
    /// File to write (.safetensors)
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn learning_rate(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(rate) if rate > 0.0 && rate <= 1.0 => Ok(rate),
        _ => Err("a learning rate is a number above 0 and at most 1".to_string()),
    }
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    check_target(&options.out)?;
    let mut training = images(&options.images, &Split::Train.into(), ImageShape::MNIST)?;
    // The article, Chainer's example and the gallery call the test images validation. Nothing is chosen by them here:
    // the number of epochs is given, and the last network is kept.
    let mut validation = images(&options.images, &Split::Test.into(), ImageShape::MNIST)?;
    training.digits = training.digits.labelled_part();
    validation.digits = validation.digits.labelled_part();
    if validation.digits.hash() == training.digits.hash() {
        // One split alone: a tenth of it is held back.
        let held_back = training.digits.held_back(training.digits.len() / 10);
        (training.digits, validation.digits) = training.digits.parted(&held_back);
        remark("The images are in one split: a tenth of them is held back to validate with.");
    }
    let classes = training.digits.classes().len();
    let config = TrainConfig {
        architecture: Architecture { hidden: options.hidden, placement: options.placement.into(), classes },
        dropout: options.dropout,
        epochs: options.epochs,
        batch_size: options.batch_size,
        learning_rate: options.learning_rate,
        seed: options.seed,
        ..TrainConfig::default()
    };
    let started = Instant::now();
    let bar = Bar::new("Training", Unit::Things("images"));
    let shown = training.digits.len();
    let sampled = SweepConfig { passes: WATCHING_PASSES, ..SweepConfig::default() };
    let plan = FilmPlan { training: 1, cast: Cast::Chosen(Vec::new()), sampled };
    let camera = Camera::new(plan, &config, (&validation.digits, &[]), training.source.to_string())?;
    let doubt = Cell::new(None);
    let mut watch = |epochs: f64, lenet: &Lenet| {
        // The bar is all that shows it, and it tells whole epochs.
        if epochs > 0.0 && epochs.fract() == 0.0 && bar.is_seen() {
            doubt.set(camera.frame(epochs, lenet).ok().and_then(|frame| frame.validation));
        }
    };
    let mut observe = |report: &TrainingReport| {
        if let Some(validation) = report.validation {
            let doubt = doubt.take().map_or_else(String::new, |doubt| {
                format!(", mean H {:.3}, MI {:.3} nats", doubt.entropy, doubt.mutual_information)
            });
            bar.note(&format!(
                "epoch {}: validation loss {:.4}, accuracy {:.2} %{doubt}",
                report.epoch,
                validation.loss,
                100.0 * validation.accuracy
            ));
        }
        bar.say(format!("Epoch {} of {}, loss {:.4}", report.epoch, report.epochs, report.loss));
        let seen = (report.step * config.batch_size).min(shown);
        let done = (report.epoch - 1) * shown + seen;
        bar.show(Progress { done: done as u64, total: (report.epochs * shown) as u64 })
    };
    let trained =
        train_watched(&training.digits, &validation.digits, &config, None, &mut observe, Some(&mut watch))?;
    drop(bar);
    let seconds = started.elapsed().as_secs_f64();
    let checkpoint = trained.checkpoint();
    save(&checkpoint, options)?;

    let mut said = String::new();
    let seen = shown * trained.record.epochs;
    let rate = seen as f64 / seconds;
    // Writing to a string does not fail.
    let _ = writeln!(
        said,
        "{}: {shown} images of {}, {} in {seconds:.1} s ({rate:.0} images/s)",
        options.out.display(),
        training.source,
        counted(trained.record.epochs, "epoch")
    );
    if let Some(accuracy) = trained.record.validation_accuracy {
        let mc = SweepConfig { dropout: config.dropout, ..SweepConfig::default() };
        let _ = writeln!(
            said,
            "accuracy on {} test images: {:.2} % without dropout, {:.2} % with MC dropout (T = {}, p = {}, seed {})",
            validation.digits.len(),
            100.0 * accuracy,
            100.0 * accuracy_with_dropout(&checkpoint.lenet, &validation.digits, &mc)?,
            mc.passes,
            mc.dropout,
            mc.seed
        );
    }
    print(|writer| writer.write_all(said.as_bytes()))
}

/// `1 epoch`, `20 epochs`.
fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// Saves the network; where that has become impossible meanwhile, in the system's folder for temporary files: no hour
/// of training is lost to a full disk.
fn save(checkpoint: &Checkpoint, options: &Options) -> Result<(), Failure> {
    let Err(cause) = checkpoint.save(&options.out) else { return Ok(()) };
    let rescued = env::temp_dir().join(format!("dubito-{}.safetensors", checkpoint.hash()));
    match checkpoint.save(&rescued) {
        Ok(()) => Err(Failure::Rescued { cause: Box::new(cause.into()), rescued }),
        Err(_) => Err(cause.into()),
    }
}

/// The share of images whose mean prediction is their label.
fn accuracy_with_dropout(lenet: &Lenet, digits: &Digits, config: &SweepConfig) -> Result<f64, Failure> {
    let network = Arc::new(Network::new(lenet.weights(), lenet.architecture().placement)?);
    let measures = measure_all(&sweep_all(&network, digits, config)?, config.passes);
    let right =
        measures.iter().zip(digits.labels()).filter(|(measures, label)| measures.prediction() == **label);
    Ok(right.count() as f64 / digits.len().max(1) as f64)
}
