//! What dropout does not touch, computed once for each image and network; for very many images, each time it is needed.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use crate::data::images::ImageShape;
use crate::data::{Digits, PIXELS, Pixels};
use crate::kernel::{LANES, Rectified, Row, blocks, product};
use crate::model::Placement;
use crate::model::geometry::{FEATURES, POOL1_UNITS};
use crate::model::graph::{GraphError, Runner};
use crate::progress::{Observer, Progress};

use super::error::allocate;
use super::graph::GraphNetwork;
use super::key::Pairing;
use super::lenet::PackedLenet;
use super::network::{Body, Network};
use super::{SamplingError, convolution, graph, parallel};

/// Memory for the activations of all images, in bytes. Where they would take more, those of some images at a time are
/// computed for every few passes anew.
const HELD: u64 = 500_000_000;
/// Blocks of a graph's images whose activations are put in their rows together.
const GROUP: usize = 16;
/// Blocks whose activations are computed at a time then: 16,384 images.
const STRETCH: usize = 256;

/// The activations before the first dropout of every image: pixels for `all`, pooled features for `dense`, hidden
/// activations for `last`. It does not depend on the dropout rate or the seed.
#[derive(Clone, Debug)]
pub struct Prefix {
    network: Arc<Network>,
    pairing: Pairing,
    images: usize,
    /// Rows of one block.
    width: usize,
    activations: Activations,
}

/// Where the activations are.
#[derive(Clone, Debug)]
enum Activations {
    /// In memory, `[blocks, width]`.
    Held(Vec<Row>),
    /// Nowhere: to be computed from the images.
    Anew(Digits),
}

impl Prefix {
    /// Computes the activations of a dataset, unless they are too many to be held; `None` when the observer stopped it.
    /// Progress counts images.
    ///
    /// # Errors
    /// When the images cannot be read, or the system refuses the memory.
    pub fn of(
        network: &Arc<Network>,
        digits: &Digits,
        observe: Observer,
    ) -> Result<Option<Self>, SamplingError> {
        Self::holding(network, digits, HELD, observe)
    }

    /// The same, holding no more than so many bytes.
    pub(super) fn holding(
        network: &Arc<Network>,
        digits: &Digits,
        most: u64,
        observe: Observer,
    ) -> Result<Option<Self>, SamplingError> {
        let (width, images, pairing) = (Self::width(network), digits.len(), network.pairing(digits));
        if (blocks(images) * width * size_of::<Row>()) as u64 <= most {
            return Self::activations(network, digits.into(), pairing, observe);
        }
        let activations = Activations::Anew(digits.clone());
        Ok(Some(Self { network: Arc::clone(network), pairing, images, width, activations }))
    }

    /// Computes the activations of images that are no dataset; `None` when the observer stopped it. Progress counts images.
    ///
    /// # Errors
    /// When the pixels are not whole images or not finite, or the system refuses the memory.
    pub fn compute(
        network: &Arc<Network>,
        pixels: Pixels,
        observe: Observer,
    ) -> Result<Option<Self>, SamplingError> {
        let pairing = Pairing { dataset: pixels.hash(), network: network.key() };
        Self::activations(network, pixels, pairing, observe)
    }

    fn activations(
        network: &Arc<Network>,
        pixels: Pixels,
        pairing: Pairing,
        observe: Observer,
    ) -> Result<Option<Self>, SamplingError> {
        check(network, pixels)?;
        let images = pixels.images();
        let width = Self::width(network);
        let total = images as u64;
        let mut between = |done| observe(Progress { done: total.min((done * LANES) as u64), total });
        let rows = compute(network, pixels, 0..blocks(images), width, &mut between)?;
        let held = |rows| Self {
            network: Arc::clone(network),
            pairing,
            images,
            width,
            activations: Activations::Held(rows),
        };
        Ok(rows.map(held))
    }

    /// The network it was computed with.
    #[must_use]
    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// Which images and network it is of.
    #[must_use]
    pub fn pairing(&self) -> &Pairing {
        &self.pairing
    }

    /// Number of images.
    #[must_use]
    pub fn images(&self) -> usize {
        self.images
    }

    /// Memory it holds, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match &self.activations {
            Activations::Held(rows) => size_of_val(&rows[..]) as u64,
            Activations::Anew(_) => 0,
        }
    }

    /// Whether the activations of all images are in memory.
    #[must_use]
    pub fn is_held(&self) -> bool {
        matches!(self.activations, Activations::Held(_))
    }

    /// Blocks whose activations are to be asked for together, in order: all of them where they are held.
    pub(super) fn stretches(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let blocks = blocks(self.images);
        let at_once = if self.is_held() { blocks.max(1) } else { STRETCH };
        (0..blocks).step_by(at_once).map(move |first| first..blocks.min(first + at_once))
    }

    /// Rows of the blocks of a stretch, `[blocks, width]`; `None` when `between`, called with the number of blocks that are
    /// computed, stopped it.
    pub(super) fn rows(
        &self,
        stretch: Range<usize>,
        between: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Option<Cow<'_, [Row]>>, SamplingError> {
        match &self.activations {
            Activations::Held(rows) => {
                Ok(Some(Cow::Borrowed(&rows[stretch.start * self.width..stretch.end * self.width])))
            }
            Activations::Anew(digits) => {
                let pixels = Pixels::from(digits);
                Ok(compute(&self.network, pixels, stretch, self.width, between)?.map(Cow::Owned))
            }
        }
    }

    /// The activations of all images, `[blocks, width]`; `None` where they are not in memory.
    pub(super) fn held(&self) -> Option<&[Row]> {
        match &self.activations {
            Activations::Held(rows) => Some(rows),
            Activations::Anew(_) => None,
        }
    }

    /// The same of the same network over some of the images, given their rows.
    pub(super) fn with_rows(&self, rows: Vec<Row>, images: usize) -> Self {
        Self { network: Arc::clone(&self.network), images, activations: Activations::Held(rows), ..*self }
    }

    /// The same computed from the images, where activations are not in memory.
    pub(super) fn anew(&self, images: &[u32]) -> Result<Self, SamplingError> {
        let Activations::Anew(digits) = &self.activations else { return Ok(self.clone()) };
        let some = digits.chosen(images);
        let found = Self::holding(&self.network, &some, HELD, &mut |_| ControlFlow::Continue(()))?;
        Ok(Self { pairing: self.pairing, ..found.unwrap_or_else(|| self.clone()) })
    }

    /// How many rows a block has.
    pub(super) fn block_width(&self) -> usize {
        self.width
    }

    fn width(network: &Network) -> usize {
        match network.body() {
            Body::Lenet(lenet) => match lenet.placement() {
                Placement::All => PIXELS,
                Placement::Dense => FEATURES,
                Placement::Last => lenet.hidden(),
            },
            Body::Graph(graph) => graph.width(),
        }
    }
}

/// The activations of some blocks, `[blocks, width]`; `None` when stopped.
fn compute(
    network: &Network,
    pixels: Pixels,
    stretch: Range<usize>,
    width: usize,
    between: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Option<Vec<Row>>, SamplingError> {
    let mut rows = allocate(stretch.len() * width, Row::ZERO)?;
    let network = match network.body() {
        Body::Lenet(lenet) => lenet,
        Body::Graph(graph) => {
            let outcome = enter_graph(graph, pixels, stretch, width, &mut rows, between)?;
            readable(pixels)?;
            return Ok(outcome.is_continue().then_some(rows));
        }
    };
    let work = |scratch: &mut PrefixScratch, (block, out): (usize, &mut [Row])| {
        if network.placement() == Placement::All {
            convolution::load(pixels, block, out);
            return;
        }
        convolution::load(pixels, block, &mut scratch.pixels);
        convolution::pooled(network, &scratch.pixels, &mut scratch.pooled);
        if network.placement() == Placement::Dense {
            convolution::features(network, &scratch.pooled, out);
            return;
        }
        convolution::features(network, &scratch.pooled, &mut scratch.features);
        hidden(network, &scratch.features, out);
    };
    let tasks = stretch.zip(rows.chunks_exact_mut(width.max(1)));
    let outcome = parallel::for_each(tasks, PrefixScratch::new, work, between);
    readable(pixels)?;
    Ok(outcome.is_continue().then_some(rows))
}

/// What comes before the first site of a graph, of some blocks.
fn enter_graph(
    graph: &GraphNetwork,
    pixels: Pixels,
    stretch: Range<usize>,
    width: usize,
    rows: &mut [Row],
    between: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, GraphError> {
    let shape = graph.image();
    // A network may take long for one image: between any two tasks a stop is heard.
    let each = graph.side_by_side(pixels.images());
    let work = |runner: &mut Runner, (first, out): (usize, &mut [Vec<f32>])| {
        let read = |image| {
            let mut own = Vec::new();
            pixels.read_as(shape, image, 1, &mut own);
            own
        };
        let images: Vec<Vec<f32>> = (first..first + out.len()).map(read).collect();
        out.iter_mut().zip(graph.prefixes(runner, &images, each)?).for_each(|(out, numbers)| *out = numbers);
        Ok(())
    };
    let mut group = vec![Vec::new(); GROUP * LANES];
    let mut done = 0;
    for (at, out) in rows.chunks_mut((GROUP * width).max(1)).enumerate() {
        let blocks = out.len() / width.max(1);
        let first = (stretch.start + at * GROUP) * LANES;
        let images = (blocks * LANES).min(pixels.images().saturating_sub(first));
        let tasks = (first..first + images).step_by(each).zip(group[..images].chunks_mut(each));
        let mut between = |tasks: usize| between(done + images.min(tasks * each) / LANES);
        if parallel::try_for_each(tasks, Runner::new, work, &mut between)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        for (image, numbers) in group[..images].iter().enumerate() {
            graph::fill_lane(&mut out[image / LANES * width..][..width], image % LANES, numbers);
        }
        done += blocks;
    }
    Ok(ControlFlow::Continue(()))
}

/// Whether all pixels could be read that were read so far.
pub(super) fn readable(pixels: Pixels) -> Result<(), SamplingError> {
    pixels.failure().map_or(Ok(()), |failure| Err(SamplingError::Unread(failure.to_owned())))
}

/// The hidden activations after their ReLU, without dropout, from the features of a block.
pub(super) fn hidden(network: &PackedLenet, features: &[Row], out: &mut [Row]) {
    let finish = &mut Rectified { scale: 1.0, bias: &network.weights().fc1_bias, out };
    product(network.instructions(), network.fc1(), features, &ALL_FEATURES, finish);
}

/// Every feature, in order.
pub(super) const ALL_FEATURES: [u32; FEATURES] = {
    let mut index = [0; FEATURES];
    let mut feature = 0;
    while feature < FEATURES {
        index[feature] = feature as u32;
        feature += 1;
    }
    index
};

/// Whether pixels are whole, finite images of the shape that a network takes, or are brought to it.
pub(super) fn check(network: &Network, pixels: Pixels) -> Result<(), SamplingError> {
    let mut shape = ImageShape::MNIST;
    let found = match pixels {
        Pixels::Taken(_, other) if other != network.image() => {
            return Err(SamplingError::Images { takes: network.image(), given: other });
        }
        Pixels::Taken(numbers, own) => {
            shape = own;
            numbers.len()
        }
        Pixels::Bytes(bytes) => bytes.len(),
        Pixels::Numbers(numbers) => numbers.len(),
        Pixels::Filed(_, images) | Pixels::Of(_, images) => images * PIXELS,
    };
    let each = shape.bytes();
    if !found.is_multiple_of(each) {
        return Err(SamplingError::Pixels { found });
    }
    if let Pixels::Numbers(numbers) | Pixels::Taken(numbers, _) = pixels
        && let Some(at) = numbers.iter().position(|value| !value.is_finite())
    {
        return Err(SamplingError::PixelNotFinite { image: at / each, pixel: at % each, value: numbers[at] });
    }
    Ok(())
}

/// What one thread needs between pixels and features.
pub(super) struct PrefixScratch {
    pub(super) pixels: Vec<Row>,
    pub(super) pooled: Vec<Row>,
    pub(super) features: Vec<Row>,
}

impl PrefixScratch {
    pub(super) fn new() -> Self {
        Self {
            pixels: vec![Row::ZERO; PIXELS],
            pooled: vec![Row::ZERO; POOL1_UNITS],
            features: vec![Row::ZERO; FEATURES],
        }
    }
}
