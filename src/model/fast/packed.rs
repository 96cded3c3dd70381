//! The network's shape as lists of rows, and its weights in the order the products read them.

use crate::data::SIDE;
use crate::kernel::convolution_gradient::{KERNEL_ROWS, SEGMENT};
use crate::kernel::pack;
use crate::model::geometry::{
    CONV1_CHANNELS, CONV1_DEPTH, CONV1_SIDE, CONV2_CHANNELS, CONV2_DEPTH, CONV2_SIDE, FEATURES, KERNEL,
    POOL1_SIDE,
};
use crate::model::lenet::Weights;

/// Numbers between two rows of an image after the first pooling, channel innermost.
pub(super) const POOLED_ROW: usize = POOL1_SIDE * CONV1_CHANNELS;
/// Numbers of a kernel row of the second convolution; a segment is padded to more.
pub(super) const KERNEL_ROW: usize = KERNEL * CONV1_CHANNELS;
// What the kernels are written for is this network.
const _: () = assert!(KERNEL == KERNEL_ROWS && KERNEL_ROW <= SEGMENT);
/// Hidden units whose weights are packed, multiplied and updated together.
pub(super) const HIDDEN_CHUNK: usize = 50;

/// Lists of rows and places that depend on nothing but the network's shape.
#[derive(Clone, Debug)]
pub(super) struct Geometry {
    /// Pixels of each patch of the first convolution, `[576, 25]`.
    pub(super) patches1: Vec<u32>,
    /// Rows after the first pooling of each patch of the second, `[64, 500]`.
    pub(super) patches2: Vec<u32>,
    /// 0, 1, 2, …
    pub(super) counting: Vec<u32>,
    /// Where each patch of the second convolution begins in an image; columns outermost, so that successive patches
    /// do not overlap in memory (the processor would wait for what it has just stored).
    pub(super) starts: Vec<u32>,
}

impl Geometry {
    pub(super) fn new(hidden: usize, classes: usize) -> Self {
        let positions = |side: usize| (0..side * side).map(move |at| (at / side, at % side));
        let patches1 = positions(CONV1_SIDE).flat_map(|(y, x)| {
            positions(KERNEL).map(move |(row, column)| ((y + row) * SIDE + x + column) as u32)
        });
        let patches2 = positions(CONV2_SIDE).flat_map(|(y, x)| {
            positions(KERNEL).flat_map(move |(row, column)| {
                let first = ((y + row) * POOL1_SIDE + x + column) * CONV1_CHANNELS;
                (first..first + CONV1_CHANNELS).map(|row| row as u32)
            })
        });
        let starts = positions(CONV2_SIDE).map(|(x, y)| (y * POOLED_ROW + x * CONV1_CHANNELS) as u32);
        Self {
            patches1: patches1.collect(),
            patches2: patches2.collect(),
            counting: (0..FEATURES.max(hidden).max(classes) as u32).collect(),
            starts: starts.collect(),
        }
    }
}

/// The weights in the orders the products read them.
#[derive(Clone, Debug, Default)]
pub(super) struct Packed {
    pub(super) conv1: Vec<f32>,
    pub(super) conv2: Vec<f32>,
    /// `[kernel rows, channels, SEGMENT]`
    pub(super) conv2_rows: Vec<f32>,
    /// A panel for each chunk of hidden units.
    pub(super) fc1: Vec<Vec<f32>>,
    pub(super) fc1_transposed: Vec<f32>,
    pub(super) fc2: Vec<f32>,
    pub(super) fc2_transposed: Vec<f32>,
}

impl Packed {
    /// Packs anew, in the memory there is.
    pub(super) fn refill(&mut self, weights: &Weights) {
        let (hidden, classes) = (weights.hidden, weights.classes);
        let (taps, inner_taps) = (CONV1_DEPTH, CONV2_DEPTH);
        self.fc1.resize(hidden.div_ceil(HIDDEN_CHUNK), Vec::new());
        let conv = |conv1: &mut Vec<f32>, conv2: &mut Vec<f32>, rows: &mut Vec<f32>| {
            conv1.clear();
            pack(conv1, CONV1_CHANNELS, taps, |m, k| weights.conv1_weight[m * taps + k]);
            conv2.clear();
            // Depth in the order of the patches: kernel row, kernel column, channel.
            pack(conv2, CONV2_CHANNELS, inner_taps, |m, k| {
                weights.conv2_weight[m * inner_taps + (k % CONV1_CHANNELS) * taps + k / CONV1_CHANNELS]
            });
            rows.clear();
            rows.resize(KERNEL * CONV2_CHANNELS * SEGMENT, 0.0);
            for (at, segment) in rows.chunks_exact_mut(SEGMENT).enumerate() {
                let (row, output) = (at / CONV2_CHANNELS, at % CONV2_CHANNELS);
                for (place, value) in segment[..KERNEL_ROW].iter_mut().enumerate() {
                    let (column, channel) = (place / CONV1_CHANNELS, place % CONV1_CHANNELS);
                    *value =
                        weights.conv2_weight[output * inner_taps + channel * taps + row * KERNEL + column];
                }
            }
        };
        let forward = |fc1: &mut [Vec<f32>], fc2: &mut Vec<f32>| {
            for (chunk, packed) in fc1.iter_mut().enumerate() {
                let first = chunk * HIDDEN_CHUNK;
                packed.clear();
                pack(packed, HIDDEN_CHUNK.min(hidden - first), FEATURES, |m, k| {
                    weights.fc1_weight[(first + m) * FEATURES + k]
                });
            }
            fc2.clear();
            pack(fc2, classes, hidden, |m, k| weights.fc2_weight[m * hidden + k]);
        };
        let backward = |fc1: &mut Vec<f32>, fc2: &mut Vec<f32>| {
            fc1.clear();
            pack(fc1, FEATURES, hidden, |m, k| weights.fc1_weight[k * FEATURES + m]);
            fc2.clear();
            pack(fc2, hidden, classes, |m, k| weights.fc2_weight[k * hidden + m]);
        };
        rayon::join(
            || backward(&mut self.fc1_transposed, &mut self.fc2_transposed),
            || {
                forward(&mut self.fc1, &mut self.fc2);
                conv(&mut self.conv1, &mut self.conv2, &mut self.conv2_rows);
            },
        );
    }
}
