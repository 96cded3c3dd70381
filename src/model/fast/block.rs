//! The forward and backward pass of up to 64 training images, the work of one thread.
//!
//! Forward, and back through the dense layers, the image index is innermost and every layer is a
//! [`product`]. Back through the convolutions, images are taken one by one, because only the winners of pooling have
//! a gradient and each image has other winners ([`crate::kernel::convolution_gradient`]).

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]

use pulp::{Simd, WithSimd};

use super::packed::{Geometry, HIDDEN_CHUNK, KERNEL_ROW, POOLED_ROW, Packed};
use crate::data::{PIXELS, PerClass, SIDE};
use crate::kernel::convolution_gradient::{
    SEGMENT, TAP, Winner, Winners, add_input_gradient, add_tap_gradient, add_weight_gradient,
};
use crate::kernel::finishes::{DROPPED, Gated, Masked, PooledCorner, add_inner_products};
use crate::kernel::{Affine, InstructionSet, LANES, Rectified, Row, WeightPanel, product};
use crate::model::geometry::{
    CONV1_CHANNELS, CONV1_DEPTH, CONV1_SIDE, CONV2_CHANNELS, CONV2_DEPTH, CONV2_SIDE, FEATURES, KERNEL,
    POOL_SIDE, POOL1_CELLS, POOL1_SIDE, POOL1_UNITS, POOL2_CELLS, POOL2_SIDE,
};
use crate::model::lenet::{Placement, Weights};
use crate::model::trainer::{Batch, Outcome};
use crate::model::training_masks::{self, Rate, TrainingLayer, UNITS_OF_A_WORD};

/// An image after the first pooling, channel innermost, with what the kernels may touch behind its end.
const PADDED: usize = POOL1_UNITS + SEGMENT - KERNEL_ROW;
/// Rows of places in a table of taps: one for each row of the first convolution, and three below the last.
const TAP_ROWS: usize = CONV1_SIDE + 3;
/// Images turned from lane to image order together: one cache line of lanes.
const TURNED: usize = 16;
/// Rows turned at a time: short enough for registers, long enough to store more than a number at a time.
const AT_ONCE: usize = 8;
/// Rows of 64 features that hold all 800.
pub(super) const FEATURE_ROWS: usize = FEATURES.div_ceil(LANES);

/// What all blocks of a step read.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepInputs<'a> {
    pub(super) set: InstructionSet,
    pub(super) geometry: &'a Geometry,
    pub(super) packed: &'a Packed,
    pub(super) weights: &'a Weights,
}

/// Dropout of a step: where, how much, keyed by what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dropout {
    pub(super) placement: Placement,
    pub(super) rate: Rate,
    pub(super) seed: u64,
}

/// The memory of a block.
#[derive(Clone, Debug)]
pub(super) struct ImageBlock {
    images: Vec<Row>,
    /// After the first pooling, `[144 windows, 20 channels]`.
    pooled: Vec<Row>,
    winners1: Vec<Row>,
    /// After the second pooling and dropout, in PyTorch's order: channel, then window.
    features: Vec<Row>,
    winners2: Vec<Row>,
    feature_mask: Vec<Row>,
    hidden: Vec<Row>,
    logits: Vec<Row>,
    /// Masks of a window's channels, or of the hidden layer.
    mask: Vec<Row>,
    /// Derivatives of the loss by the hidden layer's sums.
    pub(super) hidden_gradient: Vec<Row>,
    feature_gradient: Vec<Row>,
    /// Images after the first pooling, one after the other.
    turned: Vec<f32>,
    turned_winners: Vec<u8>,
    single: Single,
    /// Gradients of all but the first dense layer's weights, of this block alone.
    pub(super) gradient: BlockGradient,
}

/// Sums of gradients over the images of a block.
#[derive(Clone, Debug)]
pub(super) struct BlockGradient {
    /// `[20, 2, TAP]`
    taps: Vec<[f32; TAP]>,
    /// `[kernel rows, 50, SEGMENT]`
    segments: Vec<f32>,
    /// The other tensors, in their own shapes; the weights of `fc1` stay empty.
    rest: Weights,
}

/// Scratch memory for one image's backward pass through the convolutions.
#[derive(Clone, Debug)]
struct Single {
    by_channel: Winners,
    by_place: Winners,
    /// Derivatives by the image after the first pooling.
    pooled_gradient: Vec<f32>,
    /// Winners of the first pooling, `[144, 20]`.
    winners: Vec<Winner>,
    taps: Vec<[f32; TAP]>,
}

impl ImageBlock {
    pub(super) fn new(hidden: usize, classes: usize) -> Self {
        let rows = |count: usize| vec![Row::ZERO; count];
        Self {
            images: rows(PIXELS),
            pooled: rows(POOL1_UNITS),
            winners1: rows(POOL1_UNITS),
            features: rows(FEATURES),
            winners2: rows(FEATURES),
            feature_mask: rows(FEATURES),
            hidden: rows(hidden),
            logits: rows(classes),
            mask: rows((CONV2_CHANNELS * 4).max(hidden.next_multiple_of(UNITS_OF_A_WORD))),
            hidden_gradient: rows(hidden),
            feature_gradient: rows(FEATURES),
            turned: vec![0.0; TURNED * PADDED],
            turned_winners: vec![0; TURNED * POOL1_UNITS],
            single: Single {
                by_channel: Winners::new(CONV2_CHANNELS, POOL2_CELLS),
                by_place: Winners::new(CONV2_SIDE * CONV2_SIDE, CONV2_CHANNELS),
                pooled_gradient: vec![0.0; PADDED],
                winners: vec![Winner::default(); POOL1_UNITS],
                taps: vec![[0.0; TAP]; TAP_ROWS * CONV1_SIDE],
            },
            gradient: BlockGradient {
                taps: vec![[0.0; TAP]; CONV1_CHANNELS * 2],
                segments: vec![0.0; KERNEL * CONV2_CHANNELS * SEGMENT],
                rest: Weights { fc1_weight: Vec::new(), ..Weights::zeros(hidden, classes) },
            },
        }
    }

    /// Logits and losses of up to 64 images; no dropout when `dropout` is `None`.
    pub(super) fn forward(
        &mut self,
        shared: StepInputs<'_>,
        batch: &Batch<'_>,
        dropout: Option<Dropout>,
    ) -> Outcome {
        self.load(batch);
        let keys = |layer: TrainingLayer| dropout.and_then(|dropout| Keys::new(dropout, batch, layer));
        self.convolve1(shared, keys(TrainingLayer::Conv1).as_ref());
        self.convolve2(shared, keys(TrainingLayer::Conv2).as_ref());
        if let Some(keys) = keys(TrainingLayer::Features) {
            keys.fill(shared.set, 0, &mut self.feature_mask);
            multiply(shared.set, &self.feature_mask, &mut self.features);
        }
        let counting = &shared.geometry.counting;
        let hidden = shared.weights.hidden;
        for (chunk, packed) in shared.packed.fc1.iter().enumerate() {
            let first = chunk * HIDDEN_CHUNK;
            let units = HIDDEN_CHUNK.min(hidden - first);
            let mut finish = Rectified {
                scale: 1.0,
                bias: &shared.weights.fc1_bias[first..first + units],
                out: &mut self.hidden[first..first + units],
            };
            let panel = WeightPanel::new(packed, units, FEATURES);
            product(shared.set, panel, &self.features, &counting[..FEATURES], &mut finish);
        }
        if let Some(keys) = keys(TrainingLayer::Hidden) {
            let mask = &mut self.mask[..hidden.next_multiple_of(UNITS_OF_A_WORD)];
            keys.fill(shared.set, 0, mask);
            multiply(shared.set, mask, &mut self.hidden);
        }
        let mut finish = Affine { scale: 1.0, bias: &shared.weights.fc2_bias, out: &mut self.logits };
        let panel = WeightPanel::new(&shared.packed.fc2, shared.weights.classes, hidden);
        product(shared.set, panel, &self.hidden, &counting[..hidden], &mut finish);
        self.score(batch)
    }

    /// Pixels to [0, 1], the image index innermost; lanes without an image stay black.
    fn load(&mut self, batch: &Batch<'_>) {
        for (lane, &example) in batch.examples.iter().enumerate() {
            for (row, &pixel) in self.images.iter_mut().zip(&*batch.digits.image(example as usize)) {
                row.0[lane] = f32::from(pixel) / 255.0;
            }
        }
        for row in &mut self.images {
            row.0[batch.examples.len()..].fill(0.0);
        }
    }

    fn convolve1(&mut self, shared: StepInputs<'_>, keys: Option<&Keys>) {
        for window in 0..POOL1_CELLS {
            let mask = &mut self.mask[..CONV1_CHANNELS * 4];
            if let Some(keys) = keys {
                keys.fill(shared.set, window * CONV1_CHANNELS, mask);
            }
            for corner in 0..4 {
                let at = place_of(window, corner, POOL1_SIDE);
                let mut finish = PooledCorner {
                    corner,
                    bias: &shared.weights.conv1_bias,
                    masks: if keys.is_some() { mask } else { &[] },
                    first: window * CONV1_CHANNELS,
                    stride: 1,
                    out: &mut self.pooled,
                    winner: &mut self.winners1,
                };
                let panel = WeightPanel::new(&shared.packed.conv1, CONV1_CHANNELS, CONV1_DEPTH);
                let index = &shared.geometry.patches1[at * CONV1_DEPTH..][..CONV1_DEPTH];
                product(shared.set, panel, &self.images, index, &mut finish);
            }
        }
    }

    fn convolve2(&mut self, shared: StepInputs<'_>, keys: Option<&Keys>) {
        for window in 0..POOL2_CELLS {
            let mask = &mut self.mask[..CONV2_CHANNELS * 4];
            if let Some(keys) = keys {
                keys.fill(shared.set, window * CONV2_CHANNELS, mask);
            }
            for corner in 0..4 {
                let at = place_of(window, corner, POOL2_SIDE);
                let mut finish = PooledCorner {
                    corner,
                    bias: &shared.weights.conv2_bias,
                    masks: if keys.is_some() { mask } else { &[] },
                    first: window,
                    stride: POOL2_CELLS,
                    out: &mut self.features,
                    winner: &mut self.winners2,
                };
                let panel = WeightPanel::new(&shared.packed.conv2, CONV2_CHANNELS, CONV2_DEPTH);
                let index = &shared.geometry.patches2[at * CONV2_DEPTH..][..CONV2_DEPTH];
                product(shared.set, panel, &self.pooled, index, &mut finish);
            }
        }
    }

    /// Cross-entropies; leaves softmax − one-hot in place of the logits, zero in lanes without an image.
    fn score(&mut self, batch: &Batch<'_>) -> Outcome {
        let mut outcome = Outcome { images: batch.examples.len(), ..Outcome::default() };
        for lane in 0..LANES {
            let Some(&example) = batch.examples.get(lane) else {
                self.logits.iter_mut().for_each(|row| row.0[lane] = 0.0);
                continue;
            };
            let label = usize::from(batch.digits.labels()[example as usize]);
            let logits: PerClass<f32> = self.logits.iter().map(|row| row.0[lane]).collect();
            let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let exponentials = logits.map(|logit| (logit - largest).exp());
            let sum: f32 = exponentials.iter().sum();
            outcome.loss += f64::from(sum.ln() + largest - logits[label]);
            let answer = (0..logits.len())
                .fold(0, |best, class| if logits[class] > logits[best] { class } else { best });
            outcome.correct += usize::from(answer == label);
            for (class, row) in self.logits.iter_mut().enumerate() {
                row.0[lane] = exponentials[class] / sum - f32::from(u8::from(class == label));
            }
        }
        outcome
    }

    /// Gradients of the sum of losses times `weight`, after [`ImageBlock::forward`]; features go to `feature_rows`,
    /// `[13 rows of 64 features, 64 images]`, for the gradient of the hidden layer's weights.
    pub(super) fn backward(
        &mut self,
        shared: StepInputs<'_>,
        batch: &Batch<'_>,
        dropout: Dropout,
        weight: f32,
        feature_rows: &mut [Row],
    ) {
        let StepInputs { set, geometry, packed, weights } = shared;
        let hidden = weights.hidden;
        self.gradient.clear();
        for row in &mut self.logits {
            row.0.iter_mut().for_each(|value| *value *= weight);
        }
        let rest = &mut self.gradient.rest;
        add_inner_products(set, &self.logits, &self.hidden, &mut rest.fc2_weight);
        add_sums(&self.logits, &mut rest.fc2_bias);
        let mut finish =
            Gated { scale: dropout.rate.scale, gate: &self.hidden, out: &mut self.hidden_gradient };
        let panel = WeightPanel::new(&packed.fc2_transposed, hidden, weights.classes);
        product(set, panel, &self.logits, &geometry.counting[..weights.classes], &mut finish);
        add_sums(&self.hidden_gradient, &mut rest.fc1_bias);

        let panel = WeightPanel::new(&packed.fc1_transposed, FEATURES, hidden);
        let index = &geometry.counting[..hidden];
        if TrainingLayer::Features.is_masked(dropout.placement) {
            let mut finish = Masked { factor: &self.feature_mask, out: &mut self.feature_gradient };
            product(set, panel, &self.hidden_gradient, index, &mut finish);
        } else {
            let mut finish = Affine { scale: 1.0, bias: &[0.0; FEATURES], out: &mut self.feature_gradient };
            product(set, panel, &self.hidden_gradient, index, &mut finish);
        }
        for (group, features) in self.features.chunks_exact(AT_ONCE).enumerate() {
            let (row, column) = (group * AT_ONCE / LANES, group * AT_ONCE % LANES);
            for (lane, image) in feature_rows[row * LANES..][..LANES].iter_mut().enumerate() {
                for (at, feature) in features.iter().enumerate() {
                    image.0[column + at] = feature.0[lane];
                }
            }
        }
        let convolution_scale =
            if TrainingLayer::Conv1.is_masked(dropout.placement) { dropout.rate.scale } else { 1.0 };
        for (group, examples) in batch.examples.chunks(TURNED).enumerate() {
            self.turn(group * TURNED);
            for (place, &example) in examples.iter().enumerate() {
                let pixels = batch.digits.image(example as usize);
                self.backward_single(shared, group * TURNED + place, &pixels, convolution_scale);
            }
        }
    }

    /// Copies 16 images and their winners from lane to image order, several rows at a time.
    fn turn(&mut self, first: usize) {
        let rows = self.pooled.as_chunks::<AT_ONCE>().0.iter().zip(self.winners1.as_chunks::<AT_ONCE>().0);
        for (group, (pooled, winners)) in rows.enumerate() {
            let at = group * AT_ONCE;
            for place in 0..TURNED {
                let lane = first + place;
                let values = std::array::from_fn::<_, AT_ONCE, _>(|row| pooled[row].0[lane]);
                self.turned[place * PADDED + at..][..AT_ONCE].copy_from_slice(&values);
                // Codes are small whole numbers, so the way through i32 is exact, and shorter.
                let codes = std::array::from_fn::<_, AT_ONCE, _>(|row| winners[row].0[lane] as i32 as u8);
                self.turned_winners[place * POOL1_UNITS + at..][..AT_ONCE].copy_from_slice(&codes);
            }
        }
    }

    /// One image's share of the convolutions' gradients; `scale` is that of dropout after them.
    fn backward_single(&mut self, shared: StepInputs<'_>, lane: usize, pixels: &[u8], scale: f32) {
        let StepInputs { set, geometry, packed, .. } = shared;
        let Single { by_channel, by_place, pooled_gradient, winners, taps } = &mut self.single;
        by_channel.clear();
        by_place.clear();
        for channel in 0..CONV2_CHANNELS {
            let mut sum = 0.0;
            for window in 0..POOL2_CELLS {
                let feature = channel * POOL2_CELLS + window;
                let code = self.winners2[feature].0[lane] as usize;
                let gradient =
                    if code < DROPPED { self.feature_gradient[feature].0[lane] * scale } else { 0.0 };
                sum += gradient;
                let at = place_of(window, code % DROPPED, POOL2_SIDE);
                let (y, x) = (at / CONV2_SIDE, at % CONV2_SIDE);
                let start = (y * POOLED_ROW + x * CONV1_CHANNELS) as u32;
                by_channel.push(channel, Winner { place: start, gradient });
                by_place.push(x * CONV2_SIDE + y, Winner { place: channel as u32, gradient });
            }
            self.gradient.rest.conv2_bias[channel] += sum;
        }
        let image = &self.turned[lane % TURNED * PADDED..][..PADDED];
        add_weight_gradient(set, by_channel, image, POOLED_ROW, &mut self.gradient.segments);
        pooled_gradient.fill(0.0);
        add_input_gradient(set, by_place, &geometry.starts, &packed.conv2_rows, POOLED_ROW, pooled_gradient);

        let codes = &self.turned_winners[lane % TURNED * POOL1_UNITS..][..POOL1_UNITS];
        let windows = winners
            .chunks_exact_mut(CONV1_CHANNELS)
            .zip(codes.chunks_exact(CONV1_CHANNELS))
            .zip(pooled_gradient.chunks_exact(CONV1_CHANNELS));
        for (window, ((winners, codes), gradients)) in windows.enumerate() {
            let places: [u32; 4] = std::array::from_fn(|corner| place_of(window, corner, POOL1_SIDE) as u32);
            let biases = self.gradient.rest.conv1_bias.iter_mut();
            for (((winner, &code), &gradient), bias) in
                winners.iter_mut().zip(codes).zip(gradients).zip(biases)
            {
                let code = usize::from(code);
                let gradient = if code < DROPPED { gradient * scale } else { 0.0 };
                *bias += gradient;
                *winner = Winner { place: places[code % DROPPED], gradient };
            }
        }
        fill_taps(pixels, taps);
        add_tap_gradient(set, winners, CONV1_CHANNELS, taps, 3 * CONV1_SIDE, &mut self.gradient.taps);
    }
}

impl BlockGradient {
    fn clear(&mut self) {
        self.taps.fill([0.0; TAP]);
        self.segments.fill(0.0);
        for values in self.rest.slices_mut() {
            values.fill(0.0);
        }
    }

    /// Adds everything but the weights of `fc1` to gradients in the network's shapes.
    pub(super) fn add_to(&self, sum: &mut Weights) {
        for (channel, weights) in sum.conv1_weight.chunks_exact_mut(KERNEL * KERNEL).enumerate() {
            let upper = &self.taps[channel * 2][..3 * KERNEL];
            let lower = &self.taps[channel * 2 + 1][..2 * KERNEL];
            for (weight, &value) in weights.iter_mut().zip(upper.iter().chain(lower)) {
                *weight += value;
            }
        }
        for (at, segment) in self.segments.chunks_exact(SEGMENT).enumerate() {
            let (row, output) = (at / CONV2_CHANNELS, at % CONV2_CHANNELS);
            for (place, &value) in segment[..KERNEL_ROW].iter().enumerate() {
                let (column, channel) = (place / CONV1_CHANNELS, place % CONV1_CHANNELS);
                let weight = (output * CONV1_CHANNELS + channel) * KERNEL * KERNEL + row * KERNEL + column;
                sum.conv2_weight[weight] += value;
            }
        }
        // The weights of both convolutions are still zero here, those of fc1 missing: both add nothing.
        for (sum, values) in sum.slices_mut().into_iter().zip(self.rest.slices()) {
            for (sum, &value) in sum.iter_mut().zip(values) {
                *sum += value;
            }
        }
    }
}

/// The position in a convolution's output of a pooling window's corner; `side` is the pooled width.
#[inline(always)]
fn place_of(window: usize, corner: usize, side: usize) -> usize {
    let row = window / side * POOL_SIDE + corner / POOL_SIDE;
    let column = window % side * POOL_SIDE + corner % POOL_SIDE;
    row * side * POOL_SIDE + column
}

/// Three rows of five pixels for each place of the first convolution, and for three rows of places below.
fn fill_taps(pixels: &[u8], taps: &mut [[f32; TAP]]) {
    let mut image = [0.0_f32; PIXELS + SIDE];
    for (value, &pixel) in image.iter_mut().zip(pixels) {
        *value = f32::from(pixel) / 255.0;
    }
    for (y, row) in taps.chunks_exact_mut(CONV1_SIDE).enumerate() {
        for (x, tap) in row.iter_mut().enumerate() {
            for (line, values) in tap.chunks_exact_mut(KERNEL).enumerate() {
                values.copy_from_slice(&image[(y + line) * SIDE + x..][..KERNEL]);
            }
        }
    }
}

fn add_sums(rows: &[Row], sums: &mut [f32]) {
    for (sum, row) in sums.iter_mut().zip(rows) {
        *sum += row.0.iter().sum::<f32>();
    }
}

/// Multiplies rows by factors, element by element.
fn multiply(set: InstructionSet, factors: &[Row], values: &mut [Row]) {
    struct Multiply<'a>(&'a [Row], &'a mut [Row]);
    impl WithSimd for Multiply<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            for (factors, values) in self.0.iter().zip(self.1) {
                let factors = S::as_simd_f32s(&factors.0).0;
                for (factor, value) in factors.iter().zip(S::as_mut_simd_f32s(&mut values.0).0) {
                    *value = simd.mul_f32s(*factor, *value);
                }
            }
        }
    }
    set.run(Multiply(factors, values));
}

/// Keys of a layer's masks, one for each lane.
#[derive(Debug)]
struct Keys {
    rate: Rate,
    keys: [u64; LANES],
}

impl Keys {
    /// `None` when the placement does not mask the layer.
    fn new(dropout: Dropout, batch: &Batch<'_>, layer: TrainingLayer) -> Option<Self> {
        layer.is_masked(dropout.placement).then(|| {
            let mut keys = [0; LANES];
            for (key, &example) in keys.iter_mut().zip(batch.examples) {
                *key = training_masks::example_key(dropout.seed, batch.epoch, example, layer);
            }
            Self { rate: dropout.rate, keys }
        })
    }

    /// Factors of the units of the words from number `first`, four rows for each word.
    fn fill(&self, set: InstructionSet, first: usize, out: &mut [Row]) {
        struct Fill<'a>(&'a Keys, usize, &'a mut [Row]);
        impl WithSimd for Fill<'_> {
            type Output = ();
            #[inline(always)]
            fn with_simd<S: Simd>(self, _: S) {
                let Self(keys, first, out) = self;
                for (number, rows) in out.as_chunks_mut::<UNITS_OF_A_WORD>().0.iter_mut().enumerate() {
                    for lane in 0..LANES {
                        let bits = training_masks::word(keys.keys[lane], first + number);
                        for (unit, row) in rows.iter_mut().enumerate() {
                            row.0[lane] = keys.rate.factor((bits >> (16 * unit)) as u16);
                        }
                    }
                }
            }
        }
        set.run(Fill(self, first, out));
    }
}
