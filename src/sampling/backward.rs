//! How quantities of the passes change with the pixels of one image: backpropagation, pass by pass, with the masks of
//! the forward pass.
//!
//! As in [`super::one_image`] the lanes of a block are passes. Back through the dense layers every lane has its own
//! masks; what no dropout touches is linear, or has the same winners of pooling, for all passes, so that sums over
//! passes go back through it, once for each group of passes.

use std::ops::ControlFlow;

use crate::data::{PIXELS, SIDE};
use crate::kernel::convolution_gradient::{SEGMENT, Winner, Winners, add_input_gradient};
use crate::kernel::finishes::Gated;
use crate::kernel::{Affine, LANES, Row, WeightPanel, blocks, pack, product};
use crate::model::Placement;
use crate::model::geometry::{
    CONV1_CHANNELS, CONV1_SIDE, CONV1_UNITS, CONV2_CHANNELS, CONV2_SIDE, FEATURES, KERNEL, POOL1_CELLS,
    POOL1_SIDE, POOL2_CELLS,
};
use crate::progress::{Observer, Progress};

use super::convolution::{POOL, conv1_place, conv2_place};
use super::design::QUARTET;
use super::differences::differences;
use super::lenet::PackedLenet;
use super::masks::{DropoutLayer, Masks};
use super::network::{Body, Network};
use super::one_image::{OneImageStart, masked_pool, second_convolution_places};
use super::prefix::check;
use super::slopes::{GroupOf, PassGroup, Slopes, softmax};
use super::taken::Seen;
use super::{SamplingError, SweepConfig, parallel};

/// Derivatives of some quantities of each pass by the 28×28 places of an image; `None` when the observer stopped it.
///
/// `slopes` says of a pass with these probabilities how a quantity, given by number, changes with each logit. Pass t belongs to group
/// t modulo `groups`, of which there are no more than passes; passes that balance each other stay together. At the kink of a rectifier the derivative is zero; equal
/// winners of a pool, as everywhere on blank paper, share its derivative evenly. Progress counts passes.
///
/// # Errors
/// When the configuration is out of range, a pixel is not finite, or the system refuses the memory.
pub fn pass_gradients<'a>(
    network: &Network,
    image: impl Into<Seen<'a>>,
    config: &SweepConfig,
    groups: usize,
    (quantities, slopes): (usize, &Slopes),
    observe: Observer,
) -> Result<Option<Vec<PassGroup>>, SamplingError> {
    config.check()?;
    let image = image.into();
    check(network, image.pixels())?;
    let together = if network.balances(config.dropout, config.masks) { QUARTET } else { 1 };
    let groups = groups.clamp(1, config.passes.div_ceil(together));
    let group_of = |pass: usize| pass / together % groups;
    let masks = Masks::new(config, network.instructions());
    let network = match network.body() {
        Body::Lenet(lenet) => lenet,
        Body::Graph(graph) => {
            let groups = (groups, &group_of as &GroupOf);
            return differences(graph, image, (&masks, config.passes), groups, (quantities, slopes), observe);
        }
    };
    let start = OneImageStart::new(network, image.grey());
    let back = Back::new(network, masks.scale());
    let width = back.width();
    let classes = network.classes();
    let mut found = PassGroup::empty(groups, quantities, classes);
    let mut sums = super::error::allocate(quantities * groups * width, 0.0_f32)?;
    for block in 0..blocks(config.passes) {
        let first = block * LANES;
        let lanes = LANES.min(config.passes - first);
        let hidden = start.hidden(network, &masks, first, lanes);
        let logits = OneImageStart::logits(network, &masks, &hidden);
        let gates = back.gates(&start, &masks, first);
        let mut by_logit = vec![vec![Row::ZERO; classes]; quantities];
        for lane in 0..lanes {
            let probabilities = softmax(&logits.iter().map(|row| row.0[lane]).collect());
            found[group_of(first + lane)].count(&probabilities);
            for (quantity, rows) in by_logit.iter_mut().enumerate() {
                for (row, slope) in rows.iter_mut().zip(&slopes(&probabilities, quantity)) {
                    row.0[lane] = *slope as f32;
                }
            }
        }
        let group_of = |lane: usize| group_of(first + lane);
        let outcome = parallel::for_each(
            by_logit.iter().zip(sums.chunks_exact_mut(groups * width)),
            || Walk::new(network),
            |walk, (rows, sums)| back.add(walk, rows, &hidden, &gates, lanes, &group_of, sums),
            &mut |_| observe(Progress { done: first as u64, total: config.passes as u64 }),
        );
        if outcome.is_break() {
            return Ok(None);
        }
    }
    let places = PrefixWinners::new(network, &start);
    let tasks = found.iter_mut().enumerate().flat_map(|(group, found)| {
        found.gradients.iter_mut().enumerate().map(move |(quantity, out)| (quantity, group, out))
    });
    let _ = parallel::for_each(
        tasks,
        || Walk::new(network),
        |walk, (quantity, group, out): (usize, usize, &mut [f32; PIXELS])| {
            let sums = &sums[(quantity * groups + group) * width..][..width];
            back.finish(walk, &places, sums, out);
        },
        &mut |_| ControlFlow::Continue(()),
    );
    Ok(Some(found))
}

/// Where gradients flow in a block of passes.
struct Gates {
    /// Which passes keep each input of the hidden layer; empty where all do.
    features: Vec<[u8; LANES]>,
    /// Which places won each pool of the second convolution, a bit for each that was kept; empty when they are the
    /// same for all passes.
    pool2: Vec<[u8; LANES]>,
    /// The same of the first convolution.
    pool1: Vec<[u8; LANES]>,
}

/// The winners of pooling where no dropout comes before.
struct PrefixWinners {
    pool1: Vec<u8>,
    pool2: Vec<u8>,
}

impl PrefixWinners {
    fn new(network: &PackedLenet, start: &OneImageStart) -> Self {
        let conv1 = start.first();
        let mut pooled = Vec::with_capacity(CONV1_CHANNELS * POOL1_CELLS);
        let pool1 = (0..CONV1_CHANNELS * POOL1_CELLS).map(|unit| {
            let (channel, cell) = (unit / POOL1_CELLS, unit % POOL1_CELLS);
            let (places, value) = largest(|place| conv1[conv1_unit(channel, cell, place)]);
            pooled.push(value);
            places
        });
        let pool1 = pool1.collect();
        let channels = second_convolution_places(network, &pooled);
        let pool2 = (0..FEATURES).map(|feature| {
            let (channel, cell) = (feature / POOL2_CELLS, feature % POOL2_CELLS);
            let value = |place: usize| {
                let (y, x) = conv2_place(cell, place);
                channels[channel].0[y * CONV2_SIDE + x]
            };
            largest(value).0
        });
        Self { pool2: pool2.collect(), pool1 }
    }
}

/// The largest of four places, a bit for each that is, and their value.
fn largest(value: impl Fn(usize) -> f32) -> (u8, f32) {
    let most = (0..POOL.len()).map(&value).fold(f32::NEG_INFINITY, f32::max);
    let equal = (0..POOL.len()).filter(|place| value(*place).to_bits() == most.to_bits());
    (equal.fold(0, |places, place| places | 1 << place), most)
}

/// The places of a set of winners, and the share of each.
fn shares(places: u8) -> (impl Iterator<Item = usize>, f32) {
    let share = 1.0 / f32::from(places.count_ones().max(1) as u8);
    ((0..POOL.len()).filter(move |place| places >> place & 1 == 1), share)
}

fn conv1_unit(channel: usize, cell: usize, place: usize) -> usize {
    let (y, x) = conv1_place(cell, place);
    (channel * CONV1_SIDE + y) * CONV1_SIDE + x
}

/// Scratch memory of one thread's backward pass.
struct Walk {
    hidden: Vec<Row>,
    features: Vec<Row>,
    winners: Winners,
    /// After the first pooling, channel innermost, padded by what the kernel may read past its end.
    pooled: Vec<f32>,
    conv1: Vec<f32>,
}

impl Walk {
    fn new(network: &PackedLenet) -> Self {
        Self {
            hidden: vec![Row::ZERO; network.hidden()],
            features: vec![Row::ZERO; FEATURES],
            winners: Winners::new(CONV2_SIDE * CONV2_SIDE, CONV2_CHANNELS),
            pooled: vec![0.0; POOL1_CELLS * CONV1_CHANNELS + SEGMENT],
            conv1: vec![0.0; CONV1_UNITS],
        }
    }
}

/// The weights in the order that the backward pass reads them.
struct Back<'a> {
    network: &'a PackedLenet,
    /// What dropout multiplies kept units with.
    scale: f32,
    fc2: Vec<f32>,
    fc1: Vec<f32>,
    /// `[kernel rows, channels, SEGMENT]`
    conv2: Vec<f32>,
    /// Where the patch of each output of the second convolution begins, columns of outputs one after the other.
    starts: Vec<u32>,
    counting: Vec<u32>,
}

impl<'a> Back<'a> {
    fn new(network: &'a PackedLenet, scale: f32) -> Self {
        const TAPS: usize = KERNEL * KERNEL;
        let (weights, hidden) = (network.weights(), network.hidden());
        let (mut fc1, mut fc2) = (Vec::new(), Vec::new());
        pack(&mut fc2, hidden, network.classes(), |m, k| weights.fc2_weight[k * hidden + m]);
        pack(&mut fc1, FEATURES, hidden, |m, k| weights.fc1_weight[k * FEATURES + m]);
        let mut conv2 = vec![0.0; KERNEL * CONV2_CHANNELS * SEGMENT];
        for (at, segment) in conv2.chunks_exact_mut(SEGMENT).enumerate() {
            let (row, output) = (at / CONV2_CHANNELS, at % CONV2_CHANNELS);
            for (place, value) in segment[..KERNEL * CONV1_CHANNELS].iter_mut().enumerate() {
                let (column, channel) = (place / CONV1_CHANNELS, place % CONV1_CHANNELS);
                let tap = row * KERNEL + column;
                *value = weights.conv2_weight[(output * CONV1_CHANNELS + channel) * TAPS + tap];
            }
        }
        let start = |at: usize| {
            let (x, y) = (at / CONV2_SIDE, at % CONV2_SIDE);
            ((y * POOL1_SIDE + x) * CONV1_CHANNELS) as u32
        };
        Self {
            network,
            scale,
            fc2,
            fc1,
            conv2,
            starts: (0..CONV2_SIDE * CONV2_SIDE).map(start).collect(),
            counting: (0..FEATURES.max(hidden).max(network.classes()) as u32).collect(),
        }
    }

    /// Numbers of the layer at which sums over passes are taken: the last that no dropout comes before.
    fn width(&self) -> usize {
        match self.network.placement() {
            Placement::Last => self.network.hidden(),
            Placement::Dense => FEATURES,
            Placement::All => CONV1_UNITS,
        }
    }

    fn gates(&self, start: &OneImageStart, masks: &Masks, first: usize) -> Gates {
        let placement = self.network.placement();
        let kept = |layer: DropoutLayer| {
            let units = if layer.is_active(placement) { layer.units(self.network.hidden()) } else { 0 };
            masks.kept_by_passes(first, layer, placement, units)
        };
        let features = kept(DropoutLayer::Fc1Input);
        if placement != Placement::All {
            return Gates { features, pool2: Vec::new(), pool1: Vec::new() };
        }
        let (conv1, kept1, kept2) = (start.first(), kept(DropoutLayer::Conv1), kept(DropoutLayer::Conv2));
        let mut pool1 = vec![[0; LANES]; CONV1_CHANNELS * POOL1_CELLS];
        for (unit, places) in pool1.iter_mut().enumerate() {
            let (channel, cell) = (unit / POOL1_CELLS, unit % POOL1_CELLS);
            let units: [usize; 4] = std::array::from_fn(|place| conv1_unit(channel, cell, place));
            let mut most = [f32::NEG_INFINITY; LANES];
            for (place, unit) in units.into_iter().enumerate() {
                let value = [conv1[unit]; LANES];
                record(&value, &kept1[unit], place, &mut most, places);
            }
        }
        let pooled = masked_pool(self.network, conv1, &kept1);
        let mut pool2 = vec![[0; LANES]; FEATURES];
        for cell in 0..POOL2_CELLS {
            let mut most = [[f32::NEG_INFINITY; LANES]; CONV2_CHANNELS];
            for place in 0..POOL.len() {
                let (y, x) = conv2_place(cell, place);
                let mut channels = [Row::ZERO; CONV2_CHANNELS];
                let bias = &self.network.weights().conv2_bias;
                let finish = &mut Affine { scale: self.scale, bias, out: &mut channels };
                let rows = &pooled[y * POOL1_SIDE + x..];
                let set = self.network.instructions();
                product(set, self.network.conv2(), rows, &self.network.conv2_index, finish);
                for (channel, (row, most)) in channels.iter().zip(&mut most).enumerate() {
                    let kept = &kept2[(channel * CONV2_SIDE + y) * CONV2_SIDE + x];
                    record(&row.0, kept, place, most, &mut pool2[channel * POOL2_CELLS + cell]);
                }
            }
        }
        Gates { features, pool2, pool1 }
    }

    /// Takes derivatives by the logits of up to 64 passes back to where sums over passes are taken, `[groups, width]`.
    #[allow(clippy::too_many_arguments, reason = "one step of the loop above, on any thread")]
    fn add(
        &self,
        walk: &mut Walk,
        by_logit: &[Row],
        hidden: &[Row],
        gates: &Gates,
        lanes: usize,
        group_of: &(dyn Fn(usize) -> usize + Sync),
        sums: &mut [f32],
    ) {
        let (network, set) = (self.network, self.network.instructions());
        let panel = WeightPanel::new(&self.fc2, network.hidden(), network.classes());
        let finish = &mut Gated { scale: self.scale, gate: hidden, out: &mut walk.hidden };
        product(set, panel, by_logit, &self.counting[..network.classes()], finish);
        let width = self.width();
        if network.placement() == Placement::Last {
            add_lanes(&walk.hidden, |_, _| 1.0, lanes, group_of, width, sums);
            return;
        }
        let scale = if network.placement() == Placement::All { self.scale * self.scale } else { self.scale };
        let finish = &mut Affine { scale, bias: &[0.0; FEATURES], out: &mut walk.features };
        let panel = WeightPanel::new(&self.fc1, FEATURES, network.hidden());
        product(set, panel, &walk.hidden, &self.counting[..network.hidden()], finish);
        let kept = |unit: usize, lane: usize| f32::from(gates.features[unit][lane]);
        if network.placement() == Placement::Dense {
            add_lanes(&walk.features, kept, lanes, group_of, width, sums);
            return;
        }
        for lane in 0..lanes {
            let sums = &mut sums[group_of(lane) * width..][..width];
            let Walk { features, winners, pooled, .. } = walk;
            let feature = |unit: usize| (features[unit].0[lane] * kept(unit, lane), gates.pool2[unit][lane]);
            self.through_second(winners, pooled, feature);
            unpool(pooled, |unit| gates.pool1[unit][lane], self.scale, sums);
        }
    }

    /// From the sums over a group's passes to the pixels.
    fn finish(&self, walk: &mut Walk, places: &PrefixWinners, sums: &[f32], out: &mut [f32; PIXELS]) {
        let mut features = [0.0; FEATURES];
        match self.network.placement() {
            Placement::All => return self.through_first(sums, out),
            Placement::Dense => features.copy_from_slice(sums),
            Placement::Last => {
                let weights = self.network.weights().fc1_weight.chunks_exact(FEATURES);
                for (row, &factor) in weights.zip(sums).filter(|(_, factor)| **factor != 0.0) {
                    for (feature, weight) in features.iter_mut().zip(row) {
                        *feature += factor * weight;
                    }
                }
            }
        }
        let Walk { winners, pooled, conv1, .. } = walk;
        self.through_second(winners, pooled, |unit| (features[unit], places.pool2[unit]));
        conv1.fill(0.0);
        unpool(pooled, |unit| places.pool1[unit], 1.0, conv1);
        self.through_first(conv1, out);
    }

    /// Through the second pooling and convolution: derivatives by the pooled outputs of the first, channel innermost.
    fn through_second(
        &self,
        winners: &mut Winners,
        pooled: &mut [f32],
        feature: impl Fn(usize) -> (f32, u8),
    ) {
        winners.clear();
        for unit in 0..FEATURES {
            let (gradient, places) = feature(unit);
            let (channel, cell) = (unit / POOL2_CELLS, unit % POOL2_CELLS);
            let (places, share) = shares(places);
            for place in places {
                let (y, x) = conv2_place(cell, place);
                let winner = Winner { place: channel as u32, gradient: gradient * share };
                winners.push(x * CONV2_SIDE + y, winner);
            }
        }
        pooled.fill(0.0);
        let row = POOL1_SIDE * CONV1_CHANNELS;
        let set = self.network.instructions();
        add_input_gradient(set, winners, &self.starts, &self.conv2, row, pooled);
    }

    /// Through the first convolution to the pixels.
    fn through_first(&self, conv1: &[f32], out: &mut [f32; PIXELS]) {
        let weights = self.network.weights().conv1_weight.chunks_exact(KERNEL * KERNEL);
        for (channel, weights) in conv1.chunks_exact(CONV1_SIDE * CONV1_SIDE).zip(weights) {
            for (place, &gradient) in channel.iter().enumerate().filter(|(_, gradient)| **gradient != 0.0) {
                let corner = place / CONV1_SIDE * SIDE + place % CONV1_SIDE;
                for (row, weights) in weights.chunks_exact(KERNEL).enumerate() {
                    let pixels = &mut out[corner + row * SIDE..][..KERNEL];
                    for (pixel, weight) in pixels.iter_mut().zip(weights) {
                        *pixel += gradient * weight;
                    }
                }
            }
        }
    }
}

/// Remembers a place of a pool where it is larger than those before it, or as large.
fn record(
    value: &[f32; LANES],
    kept: &[u8; LANES],
    place: usize,
    most: &mut [f32; LANES],
    places: &mut [u8; LANES],
) {
    for lane in 0..LANES {
        let (value, own) = (if kept[lane] == 1 { value[lane] } else { 0.0 }, kept[lane] << place);
        if value > most[lane] {
            most[lane] = value;
            places[lane] = own;
        } else if value.to_bits() == most[lane].to_bits() {
            places[lane] |= own;
        }
    }
}

/// Adds the lanes of each unit, times a factor, to the sums of their groups, `[groups, width]`.
fn add_lanes(
    rows: &[Row],
    factor: impl Fn(usize, usize) -> f32,
    lanes: usize,
    group_of: &(dyn Fn(usize) -> usize + Sync),
    width: usize,
    sums: &mut [f32],
) {
    let groups: Vec<usize> = (0..lanes).map(group_of).collect();
    for (unit, row) in rows.iter().enumerate() {
        for (lane, &group) in groups.iter().enumerate() {
            sums[group * width + unit] += row.0[lane] * factor(unit, lane);
        }
    }
}

/// Back through the first pooling, from channel innermost to the order of the first convolution's outputs.
fn unpool(pooled: &[f32], places: impl Fn(usize) -> u8, scale: f32, sums: &mut [f32]) {
    for (cell, channels) in pooled[..POOL1_CELLS * CONV1_CHANNELS].chunks_exact(CONV1_CHANNELS).enumerate() {
        for (channel, &gradient) in channels.iter().enumerate() {
            let (places, share) = shares(places(channel * POOL1_CELLS + cell));
            for place in places {
                sums[conv1_unit(channel, cell, place)] += gradient * scale * share;
            }
        }
    }
}
