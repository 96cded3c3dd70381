//! A training as a film: what MC dropout says of some images, and of the validation images, as the network learns.
//!
//! Every frame is sampled as [`sweep()`] samples, with the rate of the training: what it says of an image is what the
//! gallery says of it once that network is open, at the same T and seed.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::data::kept::{to_bytes, to_numbers};
use crate::data::{Class, Classes, Digits, DigitsError, PIXELS, Pixels};
use crate::model::training::TrainConfig;
use crate::model::{Lenet, Placement};
use crate::progress::unobserved;
use crate::sampling::{MaskDesign, Network, Prefix, Samples, SamplingError, SweepConfig, sweep};
use crate::uncertainty::{Measures, measure_all};

use super::opened::OpenedModel;

/// Images that a film follows at most.
pub const MOST_IMAGES: usize = 20;

/// Passes of a frame at most: more would take a noticeable share of the training's time.
pub const MOST_PASSES: usize = 100;

/// Validation images asked at most, evenly spaced.
pub const MOST_VALIDATION: usize = 500;

/// How the images to follow are chosen among the validation images, where nobody chose any.
const CHOSEN_BY: SweepConfig =
    SweepConfig { passes: 20, dropout: 0.5, seed: 1, masks: MaskDesign::Independent };

/// An image that a film follows. The film keeps the picture itself, so that it shows the same whatever is open later.
#[derive(Clone, Debug, PartialEq)]
pub struct FilmedImage {
    /// What a person calls it: `Image 247 of MNIST · test`.
    pub name: String,
    /// What it is said to be.
    pub label: Option<Class>,
    /// `[28, 28]` in 0…1.
    pub pixels: Arc<[f32; PIXELS]>,
}

/// Which images a film follows.
#[derive(Clone, Debug)]
pub enum Cast {
    /// Of each class, or of ten of them, the validation image that this network is surest of, and the one it doubts most.
    Usual(OpenedModel),
    /// These, at most [`MOST_IMAGES`]; none is fine.
    Chosen(Vec<FilmedImage>),
}

/// A film to make.
#[derive(Clone, Debug)]
pub struct FilmPlan {
    /// Which training of the window it is of.
    pub training: u64,
    /// Which images it follows.
    pub cast: Cast,
    /// Passes T, of which at most [`MOST_PASSES`] are drawn, seed and masks; the rate is that of the training.
    pub sampled: SweepConfig,
}

/// What all frames of a film have in common.
#[derive(Clone, Debug)]
pub struct FilmHead {
    /// Which training of the window it is of.
    pub training: u64,
    /// Where the training images come from.
    pub source: String,
    /// How the network is trained.
    pub config: TrainConfig,
    /// How it is sampled.
    pub sampled: SweepConfig,
    /// What the classes are called.
    pub classes: Classes,
    /// The images followed. Of the usual ones first the surest by digit, then the doubted ones.
    pub images: Vec<FilmedImage>,
    /// The same as pictures, in the same order.
    pub pictures: Digits,
    /// Images in the first row, when they are the usual ones.
    pub row: Option<usize>,
    /// Validation images asked.
    pub asked: usize,
    /// Validation images there are.
    pub validation: usize,
}

/// What the network says at one moment of its training.
#[derive(Clone, Debug)]
pub struct FilmFrame {
    /// The film it is of.
    pub head: Arc<FilmHead>,
    /// Epochs done: 0 for the untrained network, fractions within an epoch.
    pub epochs: f64,
    /// Measures of the images followed, in their order.
    pub images: Vec<Measures>,
    /// What it says of the validation images; `None` without any.
    pub validation: Option<MeanDoubt>,
}

/// Means over images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanDoubt {
    /// Share of the images whose mean prediction is their label, in 0…1.
    pub accuracy: f64,
    /// Mean predictive entropy in nats.
    pub entropy: f64,
    /// Mean mutual information in nats.
    pub mutual_information: f64,
}

impl MeanDoubt {
    /// The means over some images and their labels; `None` without any.
    #[must_use]
    pub fn of(measures: &[Measures], labels: &[Class]) -> Option<Self> {
        if measures.is_empty() {
            return None;
        }
        let count = measures.len() as f64;
        let mean = |value: fn(&Measures) -> f32| {
            measures.iter().map(|measures| f64::from(value(measures))).sum::<f64>() / count
        };
        let right =
            measures.iter().zip(labels).filter(|(measures, label)| measures.prediction() == **label).count();
        Some(Self {
            accuracy: right as f64 / count,
            entropy: mean(|measures| measures.predictive_entropy),
            mutual_information: mean(|measures| measures.mutual_information),
        })
    }
}

/// What takes the frames: the images, ready to be asked again and again.
#[derive(Clone, Debug)]
pub struct Camera {
    head: Arc<FilmHead>,
    /// The images followed, then the validation images, `[images, 28, 28]`.
    pixels: Vec<f32>,
    /// Labels of the validation images.
    labels: Vec<Class>,
}

impl Camera {
    /// Chooses the images of a film; `numbers` are those of the validation images among the training images they were held
    /// back from; empty where they were none of these.
    ///
    /// # Errors
    /// When the network that chooses cannot be asked.
    pub fn new(
        plan: FilmPlan,
        config: &TrainConfig,
        (validation, numbers): (&Digits, &[u32]),
        source: String,
    ) -> Result<Self, SamplingError> {
        let passes = plan.sampled.passes.clamp(1, MOST_PASSES);
        let sampled = SweepConfig { passes, dropout: config.dropout, ..plan.sampled };
        let (images, row) = match plan.cast {
            Cast::Chosen(mut images) => {
                images.truncate(MOST_IMAGES);
                (images, None)
            }
            Cast::Usual(model) => {
                let (sure, doubted) = ends(&model, validation)?;
                let name = |index: usize| match numbers.get(index) {
                    Some(number) => format!("Image {number} of the training images, held back"),
                    None => format!("Validation image {index}"),
                };
                let filmed = |index: &usize| FilmedImage {
                    name: name(*index),
                    label: Some(validation.labels()[*index]),
                    pixels: Arc::new(to_numbers(&validation.image(*index))),
                };
                (sure.iter().chain(&doubted).map(filmed).collect(), Some(sure.len()))
            }
        };
        let spread = spread(validation.len(), MOST_VALIDATION);
        let labels: Vec<Class> = spread.iter().map(|index| validation.labels()[*index]).collect();
        let followed = images.iter().map(|image| *image.pixels);
        let asked = spread.iter().map(|index| to_numbers(&validation.image(*index)));
        let pixels = followed.chain(asked).flatten().collect();
        let head = FilmHead {
            training: plan.training,
            source,
            config: *config,
            sampled,
            pictures: pictures(&images, validation.classes()).unwrap_or_default(),
            classes: validation.classes().clone(),
            images,
            row,
            asked: labels.len(),
            validation: validation.len(),
        };
        Ok(Self { head: Arc::new(head), pixels, labels })
    }

    /// Takes a frame of the network as it is after so many epochs.
    ///
    /// # Errors
    /// When the network cannot be sampled.
    pub fn frame(&self, epochs: f64, lenet: &Lenet) -> Result<FilmFrame, SamplingError> {
        let network = Arc::new(Network::new(lenet.weights(), lenet.architecture().placement)?);
        let mut images = measured(&network, Pixels::Numbers(&self.pixels), &self.head.sampled)?;
        let validation = images.split_off(self.head.images.len());
        let validation = MeanDoubt::of(&validation, &self.labels);
        Ok(FilmFrame { head: Arc::clone(&self.head), epochs, images, validation })
    }
}

/// What MC dropout says of some images.
fn measured(
    network: &Arc<Network>,
    pixels: Pixels,
    config: &SweepConfig,
) -> Result<Vec<Measures>, SamplingError> {
    // Nobody stops it, so there is an answer.
    let Some(prefix) = Prefix::compute(network, pixels, &mut unobserved)? else { return Ok(Vec::new()) };
    let none = Samples::empty(prefix.images(), config);
    let samples = sweep(&prefix, config, none, &mut |_| ControlFlow::Continue(()))?;
    Ok(measure_all(&samples, config.passes))
}

/// Of each digit, the images with the lowest and with the highest predictive entropy, the first of equal ones; a digit
/// with a single image has it among the surest only.
fn ends(model: &OpenedModel, digits: &Digits) -> Result<(Vec<usize>, Vec<usize>), SamplingError> {
    let measures = measured(&model.network()?, digits.into(), &CHOSEN_BY)?;
    let entropy = |index: &usize| measures[*index].predictive_entropy;
    let (mut sure, mut doubted) = (Vec::new(), Vec::new());
    // Two of each; where there are more classes than that, of some of them, evenly spaced.
    for class in spread(digits.classes().len(), MOST_IMAGES / 2) {
        let of_class = (0..digits.len()).filter(|index| usize::from(digits.labels()[*index]) == class);
        let lowest = of_class.clone().min_by(|a, b| entropy(a).total_cmp(&entropy(b)));
        // The last of equal ones in reverse is the first.
        let highest = of_class.rev().max_by(|a, b| entropy(a).total_cmp(&entropy(b)));
        sure.extend(lowest);
        doubted.extend(highest.filter(|index| Some(*index) != lowest));
    }
    Ok((sure, doubted))
}

/// At most so many indices, evenly spaced.
fn spread(of: usize, most: usize) -> Vec<usize> {
    let count = of.min(most);
    (0..count).map(|at| at * of / count).collect()
}

/// Images as pictures; one without a label is kept as a 0, which nothing reads.
fn pictures(images: &[FilmedImage], classes: &Classes) -> Result<Digits, DigitsError> {
    let pixels = images.iter().flat_map(|image| to_bytes(&image.pixels[..])).collect();
    let label =
        |image: &FilmedImage| image.label.filter(|label| usize::from(*label) < classes.len()).unwrap_or(0);
    Digits::of_classes(pixels, images.iter().map(label).collect(), classes.clone())
}

impl FilmHead {
    /// Which network learns, and from what: `MNIST · 500 hidden units, dropout 0.50 …`.
    #[must_use]
    pub fn subject(&self) -> String {
        let TrainConfig { architecture, dropout, seed, .. } = self.config;
        let place = match architecture.placement {
            Placement::Last => "last",
            Placement::Dense => "dense",
            Placement::All => "all",
        };
        format!(
            "{} · {} hidden units · p = {dropout:.2}, {place} · seed {seed}",
            self.source, architecture.hidden
        )
    }
}

#[cfg(test)]
mod tests;
