//! `dubito predict`: classify pictures, with doubt.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use rayon::prelude::*;

use super::Failure;
use super::options::{NetworkOption, Sampling};
use super::steps::{asked_network, print, sweep_pixels};
use crate::data::images::ImageShape;
use crate::data::images::grey::{brought_numbers, brought_picture};
use crate::data::ink::{self, InkError};
use crate::data::{Class, Classes, PIXELS, PerClass, Pixels};
use crate::export::table::write_predictions;
use crate::sampling::{Network, SweepConfig};
use crate::uncertainty::interval::look_at_passes;
use crate::uncertainty::{Measures, measure_all};

/// Options of `dubito predict`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Pictures, or folders of them: PNG, JPEG, WebP, BMP or GIF, dark on light or light on dark
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<PathBuf>,
    #[command(flatten)]
    network: NetworkOption,
    #[command(flatten)]
    sampling: Sampling,
    /// How to write the results
    #[arg(long, value_enum, default_value_t = PredictionFormat::Table)]
    format: PredictionFormat,
}

/// How to write the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PredictionFormat {
    /// Aligned columns, for people
    Table,
    /// The columns of `rank` that need no label
    Csv,
    /// An array of objects, for programs
    Json,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let model = asked_network(&options.network, options.sampling)?;
    let config = options.sampling.config(model.dropout());
    let (mut sources, mut pixels, mut complaints) = (Vec::new(), Vec::new(), Vec::new());
    let (paths, refused) = listed(&options.images);
    complaints.extend(refused);
    // Decoding takes longer than the network does: all cores, and the order given.
    let network = Network::of_model(&model)?;
    let read: Vec<_> = paths.par_iter().map(|path| read_for(&network, path)).collect();
    for (path, image) in paths.iter().zip(read) {
        match image {
            Ok(image) => {
                sources.push(path.display().to_string());
                pixels.extend_from_slice(&image);
            }
            Err(complaint) => complaints.push(complaint.to_string()),
        }
    }
    let shape = network.image();
    let samples = sweep_pixels(&Arc::new(network), Pixels::taken(&pixels, shape), &config)?;
    let mut measures = measure_all(&samples, samples.passes());
    let all: Vec<u32> = (0..measures.len() as u32).collect();
    look_at_passes(&samples, samples.passes(), &mut measures, &all);
    let predictions: Vec<(String, Measures)> = sources.into_iter().zip(measures).collect();
    if !predictions.is_empty() || complaints.is_empty() {
        print(|writer| match options.format {
            PredictionFormat::Table => write_table(writer, model.classes(), &predictions),
            PredictionFormat::Csv => write_predictions(writer, model.classes(), &predictions),
            PredictionFormat::Json => write_json(writer, &predictions, &config),
        })?;
    }
    if complaints.is_empty() { Ok(()) } else { Err(Failure::Pictures(complaints)) }
}

/// For reading: one line for each picture.
fn write_table(
    writer: &mut dyn Write,
    answers: &Classes,
    predictions: &[(String, Measures)],
) -> io::Result<()> {
    let width = predictions.iter().map(|(source, _)| source.chars().count()).max().unwrap_or(0).max(7);
    let what = if answers.are_digits() { "digit" } else { "class" };
    let wide = answers.names().iter().map(|name| name.chars().count()).max().unwrap_or(0).max(5);
    writeln!(
        writer,
        "{:width$}  {what:wide$}  confidence       entropy (nats)   mutual information  votes",
        "picture"
    )?;
    for (source, measures) in predictions {
        let digit = measures.prediction();
        let votes: Vec<String> = measures
            .by_votes()
            .into_iter()
            .map(usize::from)
            .filter(|class| measures.votes[*class] > 0)
            .map(|class| format!("{} say {}", measures.votes[class], answers.name(class as Class)))
            .collect();
        writeln!(
            writer,
            "{source:width$}  {:>wide$}  {:15}  {:15}  {:18}  {}",
            answers.name(digit),
            with_error(measures.confidence, measures.mean_se[usize::from(digit)]),
            with_error(measures.predictive_entropy, measures.predictive_entropy_se),
            with_error(measures.mutual_information, measures.mutual_information_se),
            votes.join(", ")
        )?;
    }
    Ok(())
}

/// `0.873 ± 0.012`, without the error when a single pass gives none.
fn with_error(value: f32, error: f32) -> String {
    if error.is_nan() { format!("{value:.3}") } else { format!("{value:.3} ± {error:.3}") }
}

/// One picture in JSON; numbers that are not defined are null.
#[derive(serde::Serialize)]
struct PictureAnswer<'a> {
    source: &'a str,
    prediction: Class,
    passes: u32,
    dropout: f32,
    seed: u64,
    predictive_entropy: f32,
    predictive_entropy_se: f32,
    predictive_entropy_corrected: f32,
    predictive_entropy_interval: Option<[f32; 2]>,
    expected_entropy: f32,
    expected_entropy_se: f32,
    mutual_information: f32,
    mutual_information_se: f32,
    mutual_information_corrected: f32,
    variation_ratio: f32,
    variation_ratio_se: f32,
    predictive_std: f32,
    predictive_std_se: Option<f32>,
    confidence: f32,
    confidence_se: f32,
    margin: f32,
    margin_se: f32,
    mean_logit_entropy: f32,
    mean_logit_entropy_se: Option<f32>,
    probabilities: PerClass<f32>,
    probabilities_se: PerClass<f32>,
    votes: PerClass<u32>,
}

impl<'a> PictureAnswer<'a> {
    fn new(source: &'a str, measures: &Measures, config: &SweepConfig) -> Self {
        Self {
            source,
            prediction: measures.prediction(),
            passes: measures.passes,
            dropout: config.dropout,
            seed: config.seed,
            predictive_entropy: measures.predictive_entropy,
            predictive_entropy_se: measures.predictive_entropy_se,
            predictive_entropy_corrected: measures.predictive_entropy_corrected,
            predictive_entropy_interval: measures.from_passes.map(|from| from.entropy_interval),
            expected_entropy: measures.expected_entropy,
            expected_entropy_se: measures.expected_entropy_se,
            mutual_information: measures.mutual_information,
            mutual_information_se: measures.mutual_information_se,
            mutual_information_corrected: measures.mutual_information_corrected,
            variation_ratio: measures.variation_ratio,
            variation_ratio_se: measures.variation_ratio_se,
            predictive_std: measures.predictive_std,
            predictive_std_se: measures.from_passes.map(|from| from.predictive_std_se),
            confidence: measures.confidence,
            confidence_se: measures.mean_se[usize::from(measures.prediction())],
            margin: measures.margin,
            margin_se: measures.lead_se[usize::from(measures.prediction())],
            mean_logit_entropy: measures.mean_logit_entropy,
            mean_logit_entropy_se: measures.from_passes.map(|from| from.mean_logit_entropy_se),
            probabilities: measures.mean.clone(),
            probabilities_se: measures.mean_se.clone(),
            votes: measures.votes.clone(),
        }
    }
}

fn write_json(
    writer: &mut dyn Write,
    predictions: &[(String, Measures)],
    config: &SweepConfig,
) -> io::Result<()> {
    let all: Vec<_> =
        predictions.iter().map(|(source, measures)| PictureAnswer::new(source, measures, config)).collect();
    serde_json::to_writer_pretty(&mut *writer, &all)?;
    writeln!(writer)
}

/// The pictures asked for, each folder's in the order of their names, and what is wrong with a folder.
fn listed(asked: &[PathBuf]) -> (Vec<PathBuf>, Vec<String>) {
    let (mut paths, mut complaints) = (Vec::new(), Vec::new());
    for path in asked {
        if !path.is_dir() {
            paths.push(path.clone());
            continue;
        }
        match ink::pictures_in(path) {
            Ok(pictures) if pictures.is_empty() => complaints.push(format!(
                "{} holds no pictures; name a folder with PNG, JPEG, WebP, BMP or GIF files",
                path.display()
            )),
            Ok(pictures) => paths.extend(pictures),
            Err(error) => complaints.push(format!("{} cannot be listed: {error}", path.display())),
        }
    }
    (paths, complaints)
}

/// A picture as the network takes it: its ink, or where that takes colours the whole of it.
fn read_for(network: &Network, path: &Path) -> Result<Vec<f32>, InkError> {
    let shape = network.image();
    if shape.is_colour() {
        return whole(path, shape);
    }
    let grey = read(path)?;
    Ok(if shape == ImageShape::MNIST { grey.to_vec() } else { brought_numbers(&grey, shape) })
}

/// A whole picture in a shape, 0…1.
pub(super) fn whole(path: &Path, shape: ImageShape) -> Result<Vec<f32>, InkError> {
    let picture = ink::open_picture(path)?.into_rgb8();
    let size = [picture.height(), picture.width()].map(|side| side as usize);
    let bytes = brought_picture(picture.as_raw(), size, shape);
    Ok(bytes.into_iter().map(|byte| f32::from(byte) / 255.0).collect())
}

/// The digit in a picture, as the network sees it.
pub(super) fn read(path: &Path) -> Result<[f32; PIXELS], InkError> {
    let steps = ink::from_file(path, &ink::PictureOptions::default())?;
    steps.image().copied().ok_or_else(|| InkError::NoInk { name: path.display().to_string() })
}
