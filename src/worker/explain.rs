//! Why an image is uncertain, in the order in which a person can use the answers: coarse maps, neighbours, fine maps.

use std::sync::Arc;

use crate::data::kept::to_bytes;
use crate::data::source::{Places, Split};
use crate::data::{CLASSES, Digits, PIXELS, Pixels};
use crate::model::Placement;
use crate::progress::unobserved;
use crate::sampling::{self, SweepConfig};
use crate::uncertainty::Measures;
use crate::uncertainty::explanation::{FeatureSpace, Neighbour, PatchGrid, PatchMaps, patch_maps};

use super::protocol::{Event, OpenedModel};
use super::quality::network;
use super::run_loop::Context;
use super::subject::Subject;

/// Passes of a map at most: a change is known well from fewer passes than a value, as the masks are the same.
const PASSES: usize = 200;
/// Image·passes that a fine map may take: a fifth of a second on two cores.
const FINE: usize = 130_000;
/// The same where dropout acts on the convolutions, which takes longer.
const FINE_ALL: usize = 34_000;
/// Classes whose neighbours are shown.
const RIVALS: usize = 3;
/// Neighbours of each class.
const NEIGHBOURS: usize = 5;

/// What an explanation was computed from.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainKey {
    /// The image.
    pub subject: Subject,
    /// Short hash of the network.
    pub model: String,
    /// T, p, seed.
    pub sampled: SweepConfig,
    /// Width of a patch in pixels.
    pub patch: usize,
    /// Whether neighbours were looked for.
    pub neighbours: bool,
}

/// What is asked for.
pub struct ExplainJob {
    /// What it will be computed from.
    pub key: ExplainKey,
    /// The network.
    pub model: OpenedModel,
    /// Where neighbours are looked for; `None` to look for none.
    pub training: Option<Arc<TrainingSpace>>,
}

/// The training images in the space of hidden activations of one network.
#[derive(Debug)]
pub struct TrainingSpace {
    /// Short hash of the network.
    pub model: String,
    /// Where the images are from, in words.
    pub source: String,
    /// Images and labels.
    pub digits: Arc<Digits>,
    /// Their activations.
    pub space: FeatureSpace,
}

/// Neighbours of one class.
#[derive(Clone, Debug, PartialEq)]
pub struct Rival {
    /// The class.
    pub class: u8,
    /// Its mean probability.
    pub probability: f32,
    /// The nearest training images labelled so, nearest first.
    pub nearest: Vec<Neighbour>,
}

/// All that is known of why an image is uncertain.
#[derive(Clone, Debug)]
pub struct ExplainView {
    /// What it was computed from.
    pub key: ExplainKey,
    /// Changes of doubt by patch; coarse at first.
    pub maps: Arc<PatchMaps>,
    /// Passes of the maps.
    pub map_passes: usize,
    /// Whether the maps are as fine as they get.
    pub fine: bool,
    /// The likeliest classes and their nearest training images; `None` when not looked for, or not found yet.
    pub rivals: Option<Vec<Rival>>,
}

pub(super) fn explain(job: &ExplainJob, context: &mut Context<'_>) -> Result<(), String> {
    let network = network(&job.model)?;
    let image = &*job.key.subject.pixels;
    let map_passes = job.key.sampled.passes.min(PASSES);
    let config = SweepConfig { passes: map_passes, ..job.key.sampled };
    let size = job.key.patch;
    let maps = |stride: usize, context: &mut Context<'_>| {
        let grid = PatchGrid::new(size, stride);
        patch_maps(&network, image, grid, &config, &mut |progress| context.observe(progress))
            .map_err(|error| error.to_string())
    };
    let Some(coarse) = maps(size, context)? else { return Ok(()) };
    let limit = if network.placement() == Placement::All { FINE_ALL } else { FINE };
    let affordable = |stride: &usize| 2 * PatchGrid::new(size, *stride).count() * map_passes <= limit;
    let stride = (1..size).find(affordable);
    let mut view = ExplainView {
        key: job.key.clone(),
        maps: Arc::new(coarse),
        map_passes,
        fine: stride.is_none(),
        rivals: None,
    };
    context.send(Event::Explained(Arc::new(view.clone())));
    if let Some(training) = &job.training {
        let answer = sampling::deterministic(&network, Pixels::Numbers(image), &mut unobserved)
            .map_err(|error| error.to_string())?;
        if let Some(answer) = answer {
            view.rivals = Some(rivals(&view.maps.measures, training, &answer.hidden, image));
            context.send(Event::Explained(Arc::new(view.clone())));
        }
    }
    if context.going().is_break() {
        return Ok(());
    }
    if let Some(stride) = stride
        && let Some(fine) = maps(stride, context)?
    {
        view.maps = Arc::new(fine);
        view.fine = true;
        context.send(Event::Explained(Arc::new(view)));
    }
    Ok(())
}

/// The likeliest classes with their neighbours, the image itself left out where it is among the training images.
fn rivals(
    measures: &Measures,
    training: &TrainingSpace,
    hidden: &[f32],
    image: &[f32; PIXELS],
) -> Vec<Rival> {
    let mut classes: Vec<u8> = (0..CLASSES as u8).collect();
    let probability = |class: u8| measures.mean[usize::from(class)];
    classes.sort_by(|a, b| probability(*b).total_cmp(&probability(*a)));
    let bytes = to_bytes(image);
    let rival = |class: u8| {
        let mut nearest = training.space.nearest(hidden, class, NEIGHBOURS + 1);
        nearest.retain(|neighbour| training.digits.image(neighbour.index as usize) != bytes);
        nearest.truncate(NEIGHBOURS);
        Rival { class, probability: probability(class), nearest }
    };
    classes.into_iter().take(RIVALS).map(rival).collect()
}

/// Reads the training images and computes where they lie for a network.
pub(super) fn training_space(
    places: &Places,
    model: &OpenedModel,
    known: Option<&TrainingSpace>,
    context: &mut Context<'_>,
) -> Result<(), String> {
    let (digits, source) = if let Some(known) = known {
        (Arc::clone(&known.digits), known.source.clone())
    } else {
        let loaded = places
            .load(Split::Train, &mut |progress| context.observe(progress))
            .map_err(|error| error.to_string())?;
        let std::ops::ControlFlow::Continue(loaded) = loaded else { return Ok(()) };
        (Arc::new(loaded.digits), loaded.source.to_string())
    };
    let network = network(model)?;
    let answer =
        sampling::deterministic(&network, (&*digits).into(), &mut |progress| context.observe(progress))
            .map_err(|error| error.to_string())?;
    let Some(answer) = answer else { return Ok(()) };
    if let Some(space) = FeatureSpace::new(answer.hidden, network.hidden(), digits.labels().to_vec()) {
        let model = model.hash.clone();
        context.send(Event::TrainingSpace(Arc::new(TrainingSpace { model, source, digits, space })));
    }
    Ok(())
}
