//! The network without dropout, on many images: what p = 0 means, and the hidden features of an image.

use crate::data::{PerClass, Pixels};
use crate::kernel::{Affine, LANES, Row, product};
use crate::model::graph::{GraphError, Runner};
use crate::progress::{Observer, Progress};

use super::error::allocate;
use super::lenet::PackedLenet;
use super::network::{Body, Network};
use super::prefix::{PrefixScratch, check, hidden, readable};
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
    computed(network, pixels, true, observe)
}

/// The logits alone, `[images, classes]`: of a million images the hidden activations would take gigabytes.
///
/// # Errors
/// As [`deterministic`].
pub fn logits_without_dropout(
    network: &Network,
    pixels: Pixels,
    observe: Observer,
) -> Result<Option<Vec<PerClass<f32>>>, SamplingError> {
    Ok(computed(network, pixels, false, observe)?.map(|answer| answer.logits))
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
        for (lane, logits) in logits.iter_mut().enumerate() {
            *logits = out.iter().map(|row| row.0[lane]).collect();
        }
        for (lane, features) in features.chunks_exact_mut(width.max(1)).enumerate() {
            for (feature, row) in features.iter_mut().zip(own.iter()) {
                *feature = row.0[lane];
            }
        }
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
