//! The network without dropout, on many images: what p = 0 means, and the hidden features of an image.

use std::ops::ControlFlow;

use crate::data::{PerClass, Pixels};
use crate::kernel::{Affine, LANES, Row, blocks, product};
use crate::model::graph::{GraphError, Runner};
use crate::progress::{Observer, Progress};

use super::error::allocate;
use super::graph::GraphNetwork;
use super::lenet::PackedLenet;
use super::network::{Body, Network};
use super::prefix::{Prefix, PrefixScratch, check, hidden, readable};
use super::{SamplingError, convolution, parallel};

/// The network's output for each image without dropout.
#[derive(Clone, Debug, PartialEq)]
pub struct Deterministic {
    /// Logits, `[images, classes]`.
    pub logits: Vec<PerClass<f32>>,
    /// Hidden activations after their ReLU, `[images, hidden]`: a space in which images resemble each other.
    pub hidden: Vec<f32>,
}

/// One pass without dropout over all images; `None` when the observer stopped it. Progress counts images.
///
/// # Errors
/// When the pixels are not whole images or not finite, or the system refuses the memory.
pub fn deterministic(
    network: &Network,
    pixels: Pixels,
    observe: Observer,
) -> Result<Option<Deterministic>, SamplingError> {
    deterministic_knowing(network, pixels, None, observe)
}

/// The same, knowing the activations of these images, or of these and more after them: what follows from them is not
/// computed again.
///
/// # Errors
/// As [`deterministic`].
pub fn deterministic_knowing(
    network: &Network,
    pixels: Pixels,
    known: Option<&Prefix>,
    observe: Observer,
) -> Result<Option<Deterministic>, SamplingError> {
    let Some((prefix, graph)) = following(network, pixels, known) else {
        return computed(network, pixels, true, observe);
    };
    followed(prefix, graph, pixels.images(), true, observe)
}

/// The logits alone, `[images, classes]`: of a million images the hidden activations would take gigabytes.
///
/// # Errors
/// As [`deterministic`].
pub fn logits_without_dropout(
    network: &Network,
    pixels: Pixels,
    known: Option<&Prefix>,
    observe: Observer,
) -> Result<Option<Vec<PerClass<f32>>>, SamplingError> {
    let answer = match following(network, pixels, known) {
        Some((prefix, graph)) => followed(prefix, graph, pixels.images(), false, observe)?,
        None => computed(network, pixels, false, observe)?,
    };
    Ok(answer.map(|answer| answer.logits))
}

/// Activations that the answers without dropout follow from, and the graph they are of.
fn following<'a>(
    network: &'a Network,
    pixels: Pixels,
    known: Option<&'a Prefix>,
) -> Option<(&'a Prefix, &'a GraphNetwork)> {
    let graph = network.graph().filter(|graph| graph.tells_plain())?;
    let own = |prefix: &&Prefix| {
        prefix.is_held() && prefix.pairing().network == network.key() && prefix.images() >= pixels.images()
    };
    Some((known.filter(own)?, graph))
}

/// What the first images' answers are, from their activations.
fn followed(
    prefix: &Prefix,
    graph: &GraphNetwork,
    images: usize,
    with_hidden: bool,
    observe: Observer,
) -> Result<Option<Deterministic>, SamplingError> {
    let (width, classes) = (graph.model().features(), graph.model().classes());
    let mut logits = allocate(images, PerClass::filled(classes, 0.0))?;
    let mut features = allocate(if with_hidden { images * width } else { 0 }, 0.0)?;
    let total = images as u64;
    let Some(rows) = prefix.rows(0..blocks(images), &mut |_| ControlFlow::Continue(()))? else {
        return Ok(None);
    };
    let own = prefix.block_width();
    let mut chunks = features.chunks_mut((LANES * width).max(1));
    let tasks = logits.chunks_mut(LANES).enumerate().map(move |(block, logits)| {
        let features = chunks.next().unwrap_or_default();
        (block, logits, features)
    });
    let work = |(): &mut (), (block, logits, features): Task| {
        let [hidden, answers] = graph.plain_of_rows(&rows[block * own..][..own]);
        spread((&answers, &hidden), logits, features, width);
    };
    let between = &mut |done: usize| observe(Progress { done: total.min((done * LANES) as u64), total });
    let outcome = parallel::for_each(tasks, || (), work, between);
    Ok(outcome.is_continue().then_some(Deterministic { logits, hidden: features }))
}

/// Hands the rows of a block to its images.
fn spread(
    (answers, hidden): (&[Row], &[Row]),
    logits: &mut [PerClass<f32>],
    features: &mut [f32],
    width: usize,
) {
    for (lane, logits) in logits.iter_mut().enumerate() {
        *logits = answers.iter().map(|row| row.0[lane]).collect();
    }
    for (lane, features) in features.chunks_exact_mut(width.max(1)).enumerate() {
        for (feature, row) in features.iter_mut().zip(hidden) {
            *feature = row.0[lane];
        }
    }
}

fn computed(
    network: &Network,
    pixels: Pixels,
    with_hidden: bool,
    observe: Observer,
) -> Result<Option<Deterministic>, SamplingError> {
    check(network, pixels)?;
    let images = pixels.images();
    let width = network.hidden();
    let mut logits = allocate(images, PerClass::filled(network.classes(), 0.0))?;
    let mut features = allocate(if with_hidden { images * width } else { 0 }, 0.0)?;
    let index: Vec<u32> = (0..width as u32).collect();
    let of_lenet = |lenet: &PackedLenet, (scratch, own, out): &mut Own, (block, logits, features): Task| {
        convolution::load(pixels, block, &mut scratch.pixels);
        convolution::pooled(lenet, &scratch.pixels, &mut scratch.pooled);
        convolution::features(lenet, &scratch.pooled, &mut scratch.features);
        hidden(lenet, &scratch.features, own);
        let finish = &mut Affine { scale: 1.0, bias: &lenet.weights().fc2_bias, out };
        product(lenet.instructions(), lenet.fc2(), own, &index, finish);
        spread((out, own), logits, features, width);
    };
    let total = images as u64;
    // Where there are no hidden units, or nobody asks for them, there still are logits.
    let outcome = match network.body() {
        Body::Lenet(lenet) => {
            let own = || (PrefixScratch::new(), vec![Row::ZERO; width], vec![Row::ZERO; network.classes()]);
            let mut chunks = features.chunks_mut((LANES * width).max(1));
            let tasks = logits.chunks_mut(LANES).enumerate().map(move |(block, logits)| {
                let features = chunks.next().unwrap_or_default();
                (block, logits, features)
            });
            let between =
                &mut |done: usize| observe(Progress { done: total.min((done * LANES) as u64), total });
            parallel::for_each(tasks, own, |own, task| of_lenet(lenet, own, task), between)
        }
        Body::Graph(graph) => {
            let each = graph.side_by_side(images);
            let mut places = features.chunks_mut((each * width).max(1));
            let tasks = logits.chunks_mut(each).enumerate().map(move |(group, logits)| {
                let features = places.next().unwrap_or_default();
                (group * each, logits, features)
            });
            let work = |runner: &mut Runner, (first, logits, features): Task| {
                let read = |image| {
                    let mut own = Vec::new();
                    pixels.read_as(graph.image(), image, 1, &mut own);
                    own
                };
                let images: Vec<Vec<f32>> = (first..first + logits.len()).map(read).collect();
                let mut places = features.chunks_mut(width.max(1));
                for (logits, (own, answer)) in logits.iter_mut().zip(graph.plain(runner, &images, each)?) {
                    *logits = answer.into_iter().collect();
                    let place = places.next().unwrap_or_default();
                    place.iter_mut().zip(own).for_each(|(place, number)| *place = number);
                }
                Ok::<(), GraphError>(())
            };
            let between =
                &mut |done: usize| observe(Progress { done: total.min((done * each) as u64), total });
            parallel::try_for_each(tasks, Runner::new, work, between)?
        }
    };
    readable(pixels)?;
    Ok(outcome.is_continue().then_some(Deterministic { logits, hidden: features }))
}

/// Memory of one thread.
type Own = (PrefixScratch, Vec<Row>, Vec<Row>);
/// A block or the first of some images, and places for their logits and features.
type Task<'a> = (usize, &'a mut [PerClass<f32>], &'a mut [f32]);
