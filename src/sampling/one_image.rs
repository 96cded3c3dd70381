//! One image, all its passes at once: the lanes of a block are passes instead of images.
//!
//! Every layer is computed whole and its masks applied to the activations. Dropped units are then zeros in a sum in the
//! same order, which change no bit of it: the logits are those of [`super::sweep()`].

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]

use std::ops::{ControlFlow, Range};

use half::f16;
use pulp::{Simd, WithSimd};

use crate::data::{PIXELS, PerClass, SIDE};
use crate::kernel::{Affine, InstructionSet, LANES, Rectified, Row, blocks, product};
use crate::model::Placement;
use crate::model::geometry::{
    CONV1_CHANNELS, CONV1_DEPTH, CONV1_SIDE, CONV2_CHANNELS, CONV2_DEPTH, CONV2_SIDE, FEATURES, KERNEL,
    POOL_SIDE, POOL1_CELLS, POOL1_SIDE, POOL1_UNITS, POOL2_CELLS,
};
use crate::model::graph::{GraphError, Runner};

use super::accumulation::{Layout, OneSum};
use super::bundle::of_one_image;
use super::convolution::{POOL, conv1_place, conv2_place};
use super::design::QUARTET;
use super::encoding::{encode, lane, probabilities, values};
use super::graph::GraphNetwork;
use super::lenet::PackedLenet;
use super::masks::{DropoutLayer, Masks};
use super::network::{Body, Network};
use super::prefix::{ALL_FEATURES, check, hidden};
use super::samples::prefixes;
use super::taken::Seen;
use super::{SamplingError, Statistics, SweepConfig, parallel};

/// What the passes say of one image.
#[derive(Clone, Debug)]
pub struct OneImage {
    /// Logits, `[passes, classes]`.
    pub logits: Vec<PerClass<f32>>,
    /// `[⌈passes/64⌉, classes, 64]`
    kept: Vec<f16>,
    layout: Layout,
}

impl OneImage {
    /// Probabilities, `[passes, classes]`.
    #[must_use]
    pub fn probabilities(&self) -> Vec<PerClass<f32>> {
        self.lanes().map(|kept| probabilities(&kept)).collect()
    }

    /// Passes that balance each other: 4, or 1 where all are independent.
    #[must_use]
    pub fn together(&self) -> usize {
        if self.layout.quartets { QUARTET } else { 1 }
    }

    /// Sums over all passes.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let mut sum = OneSum::new(self.layout);
        self.lanes().for_each(|kept| sum.add(&kept));
        sum.statistics()
    }

    /// Sums over the first 1, 2, … passes.
    #[must_use]
    pub fn prefixes(&self) -> Vec<Statistics> {
        prefixes(self.layout, self.lanes())
    }

    fn lanes(&self) -> impl Iterator<Item = PerClass<f32>> {
        let width = values(self.layout.classes);
        (0..self.logits.len())
            .map(move |pass| lane(&self.kept[pass / LANES * width..][..width], pass % LANES))
    }
}

/// All passes of one image: the same result as [`super::sweep()`], sooner.
///
/// # Errors
/// When the configuration is out of range or a pixel is not finite.
pub fn sample_image<'a>(
    network: &Network,
    image: impl Into<Seen<'a>>,
    config: &SweepConfig,
) -> Result<OneImage, SamplingError> {
    config.check()?;
    let image = image.into();
    check(network, image.pixels())?;
    let masks = Masks::new(config, network.instructions());
    let start = Start::new(network, image)?;
    let classes = network.classes();
    let width = values(classes);
    let mut logits = super::error::allocate(config.passes, PerClass::filled(classes, 0.0))?;
    let mut kept = super::error::allocate(blocks(config.passes) * width, f16::ZERO)?;
    let tasks = logits.chunks_mut(LANES).zip(kept.chunks_exact_mut(width)).enumerate();
    let work = |runner: &mut Runner, (block, (logits, kept)): (usize, (&mut [PerClass<f32>], &mut [f16]))| {
        let rows = start.logits(runner, &masks, block * LANES, logits.len())?;
        encode(network.instructions(), &rows, kept);
        for (lane, logits) in logits.iter_mut().enumerate() {
            *logits = rows.iter().map(|row| row.0[lane]).collect();
        }
        Ok::<(), GraphError>(())
    };
    let _ = parallel::try_for_each(tasks, Runner::new, work, &mut |_| ControlFlow::Continue(()))?;
    let quartets = network.balances(config.dropout, config.masks);
    Ok(OneImage { logits, kept, layout: Layout { classes, quartets } })
}

/// What all passes of an image start from, in any network.
pub(super) enum Start<'a> {
    Lenet(&'a PackedLenet, OneImageStart),
    Graph(&'a GraphNetwork, Vec<f32>),
}

impl<'a> Start<'a> {
    fn new(network: &'a Network, image: Seen<'_>) -> Result<Self, SamplingError> {
        Ok(match network.body() {
            Body::Lenet(lenet) => Self::Lenet(lenet, OneImageStart::new(lenet, image.grey())),
            Body::Graph(graph) => Self::Graph(graph, graph.prefix(&Runner::new(), image.numbers())?),
        })
    }

    /// The same from the activations before the first dropout, where these are all there is to start from.
    pub(super) fn of_prefix(network: &'a Network, values: Vec<f32>) -> Option<Self> {
        Some(match network.body() {
            Body::Lenet(lenet) => Self::Lenet(lenet, OneImageStart::of_prefix(lenet, values)?),
            Body::Graph(graph) => Self::Graph(graph, values),
        })
    }

    pub(super) fn instructions(&self) -> InstructionSet {
        match self {
            Self::Lenet(lenet, _) => lenet.instructions(),
            Self::Graph(graph, _) => graph.instructions(),
        }
    }

    /// Some passes in parts that are computed together, none of more than 64.
    pub(super) fn parts(&self, masks: &Masks, passes: Range<usize>) -> Vec<Range<usize>> {
        let shared = match self {
            Self::Lenet(lenet, _) => lenet.shared(masks),
            Self::Graph(graph, _) => graph.shared(masks),
        };
        let each = shared.map_or(LANES, |layer| layer.of_bundle().min(LANES));
        let mut parts = Vec::new();
        let mut first = passes.start;
        while first < passes.end {
            let end = passes.end.min((first / each + 1) * each);
            parts.push(first..end);
            first = end;
        }
        parts
    }

    /// The logits of some passes from one on, `[classes]` rows.
    pub(super) fn logits(
        &self,
        runner: &Runner,
        masks: &Masks,
        first: usize,
        passes: usize,
    ) -> Result<Vec<Row>, GraphError> {
        match self {
            Self::Lenet(lenet, start) => {
                let hidden = start.hidden(lenet, masks, first, passes);
                Ok(OneImageStart::logits(lenet, masks, &hidden))
            }
            Self::Graph(graph, prefix) => graph.logits_of_passes(runner, prefix, masks, first, passes),
        }
    }
}

/// The activations of one image before its first dropout.
pub(super) struct OneImageStart {
    /// Those of the first convolution, `[20, 24, 24]`.
    first: Vec<f32>,
    rest: Rest,
}

/// What of them no dropout touches.
enum Rest {
    /// No more.
    Nothing,
    /// `[800]`
    Features(Vec<f32>),
    /// `[hidden]`
    Hidden(Vec<f32>),
}

impl OneImageStart {
    /// From the activations before the first dropout; `None` where dropout acts on those of convolutions.
    fn of_prefix(network: &PackedLenet, values: Vec<f32>) -> Option<Self> {
        let rest = match network.placement() {
            Placement::All => return None,
            Placement::Dense => Rest::Features(values),
            Placement::Last => Rest::Hidden(values),
        };
        Some(Self { first: Vec::new(), rest })
    }

    pub(super) fn new(network: &PackedLenet, pixels: &[f32; PIXELS]) -> Self {
        let first = first_convolution(network, pixels);
        let rest = Rest::new(network, &first);
        Self { first, rest }
    }

    /// The outputs of the first convolution before pooling, `[20, 24, 24]`.
    pub(super) fn first(&self) -> &[f32] {
        &self.first
    }

    /// The hidden activations of `passes` passes, at most 64, `[hidden]` rows: after their ReLU, zero where dropped.
    pub(super) fn hidden(
        &self,
        network: &PackedLenet,
        masks: &Masks,
        first_pass: usize,
        passes: usize,
    ) -> Vec<Row> {
        let set = network.instructions();
        let kept = |layer: DropoutLayer| {
            masks.kept_by_passes(first_pass, layer, network.placement(), layer.units(network.hidden()))
        };
        if let (Rest::Features(values), Some(layer)) = (&self.rest, network.shared(masks)) {
            let weights = network.fc1_side_by_side();
            let mut rows = of_one_image(set, &layer, weights, values, first_pass, passes);
            set.run(Mask { kept: &kept(DropoutLayer::Fc1Output), rows: &mut rows });
            return rows;
        }
        let mut rows = vec![Row::ZERO; network.hidden()];
        let mut features = Vec::new();
        let scale = match &self.rest {
            Rest::Hidden(values) => {
                set.run(Spread { values, kept: &kept(DropoutLayer::Fc1Output), rows: &mut rows });
                return rows;
            }
            Rest::Features(values) => {
                features.resize(FEATURES, Row::ZERO);
                set.run(Spread { values, kept: &kept(DropoutLayer::Fc1Input), rows: &mut features });
                masks.scale()
            }
            Rest::Nothing => {
                features.resize(FEATURES, Row::ZERO);
                masked_convolutions(network, masks, &self.first, first_pass, &mut features);
                set.run(Mask { kept: &kept(DropoutLayer::Fc1Input), rows: &mut features });
                masks.scale() * masks.scale()
            }
        };
        let finish = &mut Rectified { scale, bias: &network.weights().fc1_bias, out: &mut rows };
        product(set, network.fc1(), &features, &ALL_FEATURES, finish);
        set.run(Mask { kept: &kept(DropoutLayer::Fc1Output), rows: &mut rows });
        rows
    }

    /// The logits of 64 passes, `[classes]` rows, from their hidden activations.
    pub(super) fn logits(network: &PackedLenet, masks: &Masks, hidden: &[Row]) -> Vec<Row> {
        let mut logits = vec![Row::ZERO; network.classes()];
        let index: Vec<u32> = (0..network.hidden() as u32).collect();
        let bias = &network.weights().fc2_bias;
        let finish = &mut Affine { scale: masks.scale(), bias, out: &mut logits };
        product(network.instructions(), network.fc2(), hidden, &index, finish);
        logits
    }
}

impl Rest {
    fn new(network: &PackedLenet, conv1: &[f32]) -> Self {
        if network.placement() == Placement::All {
            return Self::Nothing;
        }
        let mut pooled = vec![f32::NEG_INFINITY; POOL1_UNITS];
        for (unit, &value) in conv1.iter().enumerate() {
            let (channel, y, x) =
                (unit / (CONV1_SIDE * CONV1_SIDE), unit / CONV1_SIDE % CONV1_SIDE, unit % CONV1_SIDE);
            let cell = &mut pooled[channel * POOL1_CELLS + y / POOL_SIDE * POOL1_SIDE + x / POOL_SIDE];
            *cell = cell.max(value);
        }
        let features = second_convolution(network, &pooled);
        if network.placement() == Placement::Dense {
            return Self::Features(features);
        }
        let features: Vec<Row> = features.iter().map(|&feature| Row([feature; LANES])).collect();
        let mut out = vec![Row::ZERO; network.hidden()];
        hidden(network, &features, &mut out);
        Self::Hidden(out.iter().map(|row| row.0[0]).collect())
    }
}

/// The first convolution of one image, `[20, 24, 24]`: lanes are places.
fn first_convolution(network: &PackedLenet, pixels: &[f32; PIXELS]) -> Vec<f32> {
    const PLACES: usize = CONV1_SIDE * CONV1_SIDE;
    let index: [u32; CONV1_DEPTH] = std::array::from_fn(|k| k as u32);
    let mut out = vec![0.0; CONV1_CHANNELS * PLACES];
    for first in (0..PLACES).step_by(LANES) {
        let rows: [Row; CONV1_DEPTH] = std::array::from_fn(|k| {
            let at = |lane: usize| {
                let (y, x) = ((first + lane) / CONV1_SIDE, (first + lane) % CONV1_SIDE);
                pixels[(y + k / KERNEL) * SIDE + x + k % KERNEL]
            };
            Row(std::array::from_fn(at))
        });
        let mut channels = [Row::ZERO; CONV1_CHANNELS];
        let finish = &mut Affine { scale: 1.0, bias: &network.weights().conv1_bias, out: &mut channels };
        product(network.instructions(), network.conv1(), &rows, &index, finish);
        for (channel, row) in channels.iter().enumerate() {
            out[channel * PLACES + first..][..LANES].copy_from_slice(&row.0);
        }
    }
    out
}

/// The second convolution of one image, `[50]` rows: lanes are the 8×8 places.
pub(super) fn second_convolution_places(network: &PackedLenet, pooled: &[f32]) -> [Row; CONV2_CHANNELS] {
    const { assert!(CONV2_SIDE * CONV2_SIDE == LANES) };
    let index: [u32; CONV2_DEPTH] = std::array::from_fn(|k| k as u32);
    let mut rows = vec![Row::ZERO; CONV2_DEPTH];
    for (row, &offset) in rows.iter_mut().zip(&network.conv2_index) {
        for (y, row) in row.0.chunks_exact_mut(CONV2_SIDE).enumerate() {
            row.copy_from_slice(&pooled[offset as usize + y * POOL1_SIDE..][..CONV2_SIDE]);
        }
    }
    let mut channels = [Row::ZERO; CONV2_CHANNELS];
    let finish = &mut Affine { scale: 1.0, bias: &network.weights().conv2_bias, out: &mut channels };
    product(network.instructions(), network.conv2(), &rows, &index, finish);
    channels
}

/// The second convolution of one image and its pooling, `[50, 4, 4]`.
fn second_convolution(network: &PackedLenet, pooled: &[f32]) -> Vec<f32> {
    let channels = second_convolution_places(network, pooled);
    let feature = |feature: usize| {
        let (channel, cell) = (feature / POOL2_CELLS, feature % POOL2_CELLS);
        let place = |place: usize| {
            let (y, x) = conv2_place(cell, place);
            channels[channel].0[y * CONV2_SIDE + x]
        };
        (0..POOL.len()).map(place).fold(f32::NEG_INFINITY, f32::max)
    };
    (0..FEATURES).map(feature).collect()
}

/// Both poolings and the second convolution of 64 passes, with the masks of both convolutions.
fn masked_convolutions(
    network: &PackedLenet,
    masks: &Masks,
    conv1: &[f32],
    first_pass: usize,
    features: &mut [Row],
) {
    let set = network.instructions();
    let kept =
        |layer: DropoutLayer| masks.kept_by_passes(first_pass, layer, network.placement(), layer.units(0));
    let (kept1, kept2) = (kept(DropoutLayer::Conv1), kept(DropoutLayer::Conv2));
    let pooled = masked_pool(network, conv1, &kept1);
    features.fill(Row([f32::NEG_INFINITY; LANES]));
    for cell in 0..POOL2_CELLS {
        for place in 0..POOL.len() {
            let (y, x) = conv2_place(cell, place);
            let mut channels = [Row::ZERO; CONV2_CHANNELS];
            let bias = &network.weights().conv2_bias;
            let finish = &mut Affine { scale: masks.scale(), bias, out: &mut channels };
            let rows = &pooled[y * POOL1_SIDE + x..];
            product(set, network.conv2(), rows, &network.conv2_index, finish);
            let kept = &kept2[y * CONV2_SIDE + x..];
            set.run(MaskedMaximum { channels: &channels, kept, features: &mut features[cell..] });
        }
    }
}

/// The first pooling of 64 passes with the masks before it, `[20, 12, 12]` rows.
pub(super) fn masked_pool(network: &PackedLenet, conv1: &[f32], kept: &[[u8; LANES]]) -> Vec<Row> {
    let mut pooled = vec![Row::ZERO; POOL1_UNITS];
    network.instructions().run(MaskedPool { values: conv1, kept, out: &mut pooled });
    pooled
}

/// One value of each unit for all passes, where they keep it.
struct Spread<'a> {
    values: &'a [f32],
    kept: &'a [[u8; LANES]],
    rows: &'a mut [Row],
}

impl WithSimd for Spread<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for ((row, &value), kept) in self.rows.iter_mut().zip(self.values).zip(self.kept) {
            for (lane, &kept) in row.0.iter_mut().zip(kept) {
                *lane = if kept == 1 { value } else { 0.0 };
            }
        }
    }
}

/// Zeros where a pass drops a unit.
struct Mask<'a> {
    kept: &'a [[u8; LANES]],
    rows: &'a mut [Row],
}

impl WithSimd for Mask<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (row, kept) in self.rows.iter_mut().zip(self.kept) {
            for (lane, &kept) in row.0.iter_mut().zip(kept) {
                *lane = if kept == 1 { *lane } else { 0.0 };
            }
        }
    }
}

/// The first pooling of one image for 64 passes.
struct MaskedPool<'a> {
    values: &'a [f32],
    kept: &'a [[u8; LANES]],
    out: &'a mut [Row],
}

impl WithSimd for MaskedPool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (row, out) in self.out.iter_mut().enumerate() {
            let (channel, cell) = (row / POOL1_CELLS, row % POOL1_CELLS);
            let mut most = [f32::NEG_INFINITY; LANES];
            for place in 0..POOL.len() {
                let (y, x) = conv1_place(cell, place);
                let unit = (channel * CONV1_SIDE + y) * CONV1_SIDE + x;
                let (value, kept) = (self.values[unit], &self.kept[unit]);
                for (most, &kept) in most.iter_mut().zip(kept) {
                    let value = if kept == 1 { value } else { 0.0 };
                    *most = if value > *most { value } else { *most };
                }
            }
            *out = Row(most);
        }
    }
}

/// One place of the second pooling for 64 passes: features and masks start at the place, channels apart.
struct MaskedMaximum<'a> {
    channels: &'a [Row; CONV2_CHANNELS],
    kept: &'a [[u8; LANES]],
    features: &'a mut [Row],
}

impl WithSimd for MaskedMaximum<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (channel, row) in self.channels.iter().enumerate() {
            let kept = &self.kept[channel * CONV2_SIDE * CONV2_SIDE];
            let feature = &mut self.features[channel * POOL2_CELLS].0;
            for ((feature, &value), &kept) in feature.iter_mut().zip(&row.0).zip(kept) {
                let value = if kept == 1 { value } else { 0.0 };
                *feature = if value > *feature { value } else { *feature };
            }
        }
    }
}
