//! The network that the masks of one pass leave: weights of kept units gathered once, used by every block.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]

use std::ops::Range;

use pulp::{Simd, WithSimd};

use crate::kernel::{Affine, LANES, Maximum, Rectified, Row, WeightPanel, gather, product};
use crate::model::Placement;
use crate::model::geometry::{
    CONV1_CHANNELS, CONV1_SIDE, CONV2_CHANNELS, CONV2_DEPTH, CONV2_SIDE, FEATURES, POOL1_CELLS, POOL1_SIDE,
    POOL1_UNITS, POOL2_CELLS,
};

use super::bundle::{Bundle, SharedLayer};
use super::convolution::{self, CONV1_ROWS, POOL, conv1_place, conv2_place};
use super::dense::Dense;
use super::lenet::PackedLenet;
use super::masks::{DropoutLayer, Masks};

/// One pass: what is left of each layer that its masks reach.
pub(super) struct Thinned {
    /// In `all` only.
    convolution: Option<Convolution>,
    /// Not in `last`, where the hidden layer is part of the prefix.
    fc1: Option<Dense>,
    fc2: Dense,
}

/// The second convolution: at each place only the channels whose output is kept and reaches a kept feature, summed over
/// the inputs of which something is kept.
struct Convolution {
    /// Pooled rows of the first convolution, and the four rows each is the maximum of. A dropped one is the row of
    /// zeros that follows the others.
    pooled: Vec<(u32, [u32; 4])>,
    /// What the features start from: 0 when one of their four places is dropped, else −∞.
    start: Vec<(u32, f32)>,
    places: Vec<ConvolutionPlace>,
    packed: Vec<f32>,
    index: Vec<u32>,
    bias: Vec<f32>,
    target: Vec<u32>,
    scale: f32,
}

/// One place of the second convolution, given by the lengths of its parts in the lists of [`Convolution`].
struct ConvolutionPlace {
    outputs: usize,
    depth: usize,
}

fn numbers(kept: &[bool]) -> Vec<u32> {
    kept.iter().enumerate().filter_map(|(unit, &kept)| kept.then_some(unit as u32)).collect()
}

impl Thinned {
    /// Draws the masks of pass number `pass` and gathers the weights they keep.
    pub(super) fn new(network: &PackedLenet, masks: &Masks, pass: usize) -> Self {
        let hidden = network.hidden();
        let weights = network.weights();
        let kept = |layer: DropoutLayer| masks.kept(pass, layer, network.placement(), layer.units(hidden));
        let kept_hidden = numbers(&kept(DropoutLayer::Fc1Output));
        let (convolution, fc1) = match network.placement() {
            Placement::Last => (None, None),
            Placement::Dense => (None, Some((numbers(&kept(DropoutLayer::Fc1Input)), masks.scale()))),
            Placement::All => {
                let (convolution, features) = Convolution::new(
                    network,
                    masks,
                    &kept(DropoutLayer::Conv1),
                    &kept(DropoutLayer::Conv2),
                    &kept(DropoutLayer::Fc1Input),
                );
                (Some(convolution), Some((features, masks.scale() * masks.scale())))
            }
        };
        let fc1 = fc1.map(|(features, scale)| {
            Dense::new(&weights.fc1_weight, FEATURES, &kept_hidden, features, &weights.fc1_bias, scale)
        });
        // In `last` the rows are all hidden units; otherwise only those kept were computed.
        let classes: Vec<u32> = (0..network.classes() as u32).collect();
        let mut fc2 =
            Dense::new(&weights.fc2_weight, hidden, &classes, kept_hidden, &weights.fc2_bias, masks.scale());
        if fc1.is_some() {
            fc2.reads_all();
        }
        Self { convolution, fc1, fc2 }
    }

    /// Multiplications of this pass for each image, without those the passes share.
    pub(super) fn multiplications(&self) -> u64 {
        let dense = self.fc1.iter().chain([&self.fc2]).map(Dense::multiplications);
        let places = self.convolution.iter().map(|convolution| convolution.packed.len() as u64);
        dense.chain(places).sum()
    }

    /// The logits of one block, from its rows of the prefix; in `all`, from what [`PassScratch::enter`] made of them.
    pub(super) fn logits<'a>(
        &self,
        network: &PackedLenet,
        prefix: &[Row],
        scratch: &'a mut PassScratch,
    ) -> &'a [Row] {
        let set = network.instructions();
        let PassScratch { conv1, pooled, features, hidden, logits } = scratch;
        let mut rows = prefix;
        if let Some(convolution) = &self.convolution {
            convolution.run(network, conv1, pooled, features);
            rows = features;
        }
        if let Some(fc1) = &self.fc1 {
            let finish = &mut Rectified { scale: fc1.scale(), bias: fc1.bias(), out: hidden };
            product(set, fc1.panel(), rows, fc1.index(), finish);
            rows = hidden;
        }
        let finish = &mut Affine { scale: self.fc2.scale(), bias: self.fc2.bias(), out: logits };
        product(set, self.fc2.panel(), rows, self.fc2.index(), finish);
        logits
    }
}

/// Some passes of a bundle, in `dense`.
pub(super) fn lenet_bundle(
    network: &PackedLenet,
    layer: &SharedLayer<'_>,
    masks: &Masks,
    passes: Range<usize>,
) -> Bundle {
    let (hidden, weights) = (network.hidden(), network.weights());
    let classes: Vec<u32> = (0..network.classes() as u32).collect();
    let later = |pass: usize| {
        let kept = masks.kept(pass, DropoutLayer::Fc1Output, network.placement(), hidden);
        let (index, bias) = (numbers(&kept), &weights.fc2_bias);
        vec![(Dense::new(&weights.fc2_weight, hidden, &classes, index, bias, masks.scale()), None)]
    };
    Bundle::new(layer, passes, network.classes(), later)
}

impl Convolution {
    /// The convolution and the features that are not zero.
    fn new(
        network: &PackedLenet,
        masks: &Masks,
        kept1: &[bool],
        kept2: &[bool],
        kept_features: &[bool],
    ) -> (Self, Vec<u32>) {
        let weights = network.weights();
        let mut pooled = Vec::with_capacity(POOL1_UNITS);
        let mut alive = vec![false; POOL1_UNITS];
        for channel in 0..CONV1_CHANNELS {
            for cell in 0..POOL1_CELLS {
                let sources = std::array::from_fn(|place| {
                    let (y, x) = conv1_place(cell, place);
                    let row = (cell * POOL.len() + place) * CONV1_CHANNELS + channel;
                    if kept1[(channel * CONV1_SIDE + y) * CONV1_SIDE + x] { row as u32 } else { ZERO_ROW }
                });
                if sources != [ZERO_ROW; 4] {
                    alive[channel * POOL1_CELLS + cell] = true;
                    pooled.push(((channel * POOL1_CELLS + cell) as u32, sources));
                }
            }
        }
        let kept_at = |channel: usize, cell: usize, place: usize| {
            let (y, x) = conv2_place(cell, place);
            kept2[(channel * CONV2_SIDE + y) * CONV2_SIDE + x]
        };
        let mut start = Vec::new();
        for channel in 0..CONV2_CHANNELS {
            for cell in 0..POOL2_CELLS {
                let feature = channel * POOL2_CELLS + cell;
                let places = (0..POOL.len()).filter(|&place| kept_at(channel, cell, place)).count();
                if kept_features[feature] && places > 0 {
                    let all = places == POOL.len();
                    start.push((feature as u32, if all { f32::NEG_INFINITY } else { 0.0 }));
                }
            }
        }
        let mut this = Self {
            pooled,
            start,
            places: Vec::new(),
            packed: Vec::new(),
            index: Vec::new(),
            bias: Vec::new(),
            target: Vec::new(),
            scale: masks.scale(),
        };
        for cell in 0..POOL2_CELLS {
            for place in 0..POOL.len() {
                let kept = |&channel: &usize| {
                    kept_features[channel * POOL2_CELLS + cell] && kept_at(channel, cell, place)
                };
                let channels: Vec<u32> =
                    (0..CONV2_CHANNELS).filter(kept).map(|channel| channel as u32).collect();
                if channels.is_empty() {
                    continue;
                }
                let (y, x) = conv2_place(cell, place);
                let origin = (y * POOL1_SIDE + x) as u32;
                let inputs = (0..).zip(&network.conv2_index).map(|(k, &offset)| (k, origin + offset));
                let (inputs, rows): (Vec<u32>, Vec<u32>) =
                    inputs.filter(|&(_, row)| alive[row as usize]).unzip();
                gather(&mut this.packed, &weights.conv2_weight, CONV2_DEPTH, &channels, &inputs);
                this.index.extend(rows);
                this.bias.extend(channels.iter().map(|&channel| weights.conv2_bias[channel as usize]));
                this.target
                    .extend(channels.iter().map(|&channel| channel * POOL2_CELLS as u32 + cell as u32));
                this.places.push(ConvolutionPlace { outputs: channels.len(), depth: inputs.len() });
            }
        }
        let features = this.start.iter().map(|&(feature, _)| feature).collect();
        (this, features)
    }

    fn run(&self, network: &PackedLenet, conv1: &[Row], pooled: &mut [Row], features: &mut [Row]) {
        network.instructions().run(Pool { list: &self.pooled, conv1, pooled });
        for &(feature, start) in &self.start {
            features[feature as usize] = Row([start; LANES]);
        }
        let (mut packed, mut index) = (&self.packed[..], &self.index[..]);
        let (mut bias, mut target) = (&self.bias[..], &self.target[..]);
        for &ConvolutionPlace { outputs, depth } in &self.places {
            let panel = WeightPanel::new(packed, outputs, depth);
            let finish = &mut Maximum { scale: self.scale, bias, target, out: features };
            product(network.instructions(), panel, pooled, &index[..depth], finish);
            (packed, index) = (&packed[outputs * depth..], &index[depth..]);
            (bias, target) = (&bias[outputs..], &target[outputs..]);
        }
    }
}

/// The row of zeros after those of the first convolution.
const ZERO_ROW: u32 = CONV1_ROWS as u32;

/// The masked max-pooling after the first convolution.
struct Pool<'a> {
    list: &'a [(u32, [u32; 4])],
    conv1: &'a [Row],
    pooled: &'a mut [Row],
}

impl WithSimd for Pool<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (row, sources) in self.list {
            let [a, b, c, d] = sources.map(|source| S::as_simd_f32s(&self.conv1[source as usize].0).0);
            let out = S::as_mut_simd_f32s(&mut self.pooled[*row as usize].0).0;
            for ((((out, &a), &b), &c), &d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *out = simd.max_f32s(simd.max_f32s(a, b), simd.max_f32s(c, d));
            }
        }
    }
}

/// What one thread needs between the prefix and the logits of a block.
pub(super) struct PassScratch {
    conv1: Vec<Row>,
    pooled: Vec<Row>,
    features: Vec<Row>,
    hidden: Vec<Row>,
    logits: Vec<Row>,
}

impl PassScratch {
    pub(super) fn new(network: &PackedLenet) -> Self {
        let (conv1, pooled, features) = if network.placement() == Placement::All {
            (CONV1_ROWS + 1, POOL1_UNITS, FEATURES)
        } else {
            (0, 0, 0)
        };
        Self {
            conv1: vec![Row::ZERO; conv1],
            pooled: vec![Row::ZERO; pooled],
            features: vec![Row::ZERO; features],
            hidden: vec![Row::ZERO; network.hidden()],
            logits: vec![Row::ZERO; network.classes()],
        }
    }

    /// Prepares for passes over one block: in `all` the first convolution, which all of them share.
    pub(super) fn enter(&mut self, network: &PackedLenet, prefix: &[Row]) {
        if network.placement() == Placement::All {
            convolution::first_convolution(network, prefix, &mut self.conv1);
        }
    }
}
