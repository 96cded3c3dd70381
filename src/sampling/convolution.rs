//! The two convolutions with their pooling, on one block: what no dropout touches in `last` and `dense`.

use crate::data::{PIXELS, Pixels, SIDE};
use crate::kernel::{Affine, LANES, Maximum, Row, product};
use crate::model::geometry::{
    CONV1_CHANNELS, CONV2_CHANNELS, FEATURES, POOL_SIDE, POOL1_CELLS, POOL1_SIDE, POOL1_UNITS, POOL2_CELLS,
    POOL2_SIDE,
};

use super::lenet::PackedLenet;

/// The four places of a 2×2 pool, as (down, right).
pub(super) const POOL: [(usize, usize); POOL_SIDE * POOL_SIDE] = [(0, 0), (0, 1), (1, 0), (1, 1)];

/// Rows of the first convolution before pooling: for each pooled cell and each of its four places, 20 channels.
pub(super) const CONV1_ROWS: usize = POOL1_CELLS * POOL.len() * CONV1_CHANNELS;

/// Writes the pixels of one block, `[784]` rows. Lanes without an image are blank.
pub(super) fn load(pixels: Pixels, block: usize, rows: &mut [Row]) {
    let first = block * LANES;
    let count = LANES.min(pixels.images().saturating_sub(first));
    if let Pixels::Filed(filed, _) = pixels {
        let mut bytes = vec![0; count * PIXELS];
        filed.read(first, &mut bytes);
        return load(Pixels::Bytes(&bytes), 0, rows);
    }
    if let Pixels::Of(digits, _) = pixels {
        return load(Pixels::Bytes(&digits.images(first..first + count)), 0, rows);
    }
    rows.fill(Row::ZERO);
    for lane in 0..count {
        for (pixel, row) in rows.iter_mut().enumerate().take(PIXELS) {
            row.0[lane] = pixels.get(first + lane, pixel);
        }
    }
}

/// The first convolution of a block without its pooling, in the order of [`CONV1_ROWS`].
pub(super) fn first_convolution(network: &PackedLenet, pixels: &[Row], out: &mut [Row]) {
    let bias = &network.weights().conv1_bias;
    for (place, out) in out.chunks_exact_mut(CONV1_CHANNELS).take(POOL1_CELLS * POOL.len()).enumerate() {
        let offset = conv1_offset(place / POOL.len(), place % POOL.len());
        let finish = &mut Affine { scale: 1.0, bias, out };
        product(network.instructions(), network.conv1(), &pixels[offset..], &network.conv1_index, finish);
    }
}

/// The first convolution of a block and its pooling, `[20, 12, 12]` rows.
pub(super) fn pooled(network: &PackedLenet, pixels: &[Row], out: &mut [Row]) {
    let bias = &network.weights().conv1_bias;
    let target: [u32; CONV1_CHANNELS] = std::array::from_fn(|channel| (channel * POOL1_CELLS) as u32);
    out[..POOL1_UNITS].fill(Row([f32::NEG_INFINITY; LANES]));
    for cell in 0..POOL1_CELLS {
        for place in 0..POOL.len() {
            let offset = conv1_offset(cell, place);
            let finish = &mut Maximum { scale: 1.0, bias, target: &target, out: &mut out[cell..] };
            product(network.instructions(), network.conv1(), &pixels[offset..], &network.conv1_index, finish);
        }
    }
}

/// The second convolution of a block and its pooling, `[50, 4, 4]` rows, from the pooled rows of the first.
pub(super) fn features(network: &PackedLenet, pooled: &[Row], out: &mut [Row]) {
    let bias = &network.weights().conv2_bias;
    let target: [u32; CONV2_CHANNELS] = std::array::from_fn(|channel| (channel * POOL2_CELLS) as u32);
    out[..FEATURES].fill(Row([f32::NEG_INFINITY; LANES]));
    for cell in 0..POOL2_CELLS {
        for place in 0..POOL.len() {
            let (y, x) = conv2_place(cell, place);
            let finish = &mut Maximum { scale: 1.0, bias, target: &target, out: &mut out[cell..] };
            let rows = &pooled[y * POOL1_SIDE + x..];
            product(network.instructions(), network.conv2(), rows, &network.conv2_index, finish);
        }
    }
}

/// Row and column, before pooling, of one of the four places of a cell of the first convolution.
pub(super) fn conv1_place(cell: usize, place: usize) -> (usize, usize) {
    let (down, right) = POOL[place];
    (POOL_SIDE * (cell / POOL1_SIDE) + down, POOL_SIDE * (cell % POOL1_SIDE) + right)
}

/// The same for the second convolution.
pub(super) fn conv2_place(cell: usize, place: usize) -> (usize, usize) {
    let (down, right) = POOL[place];
    (POOL_SIDE * (cell / POOL2_SIDE) + down, POOL_SIDE * (cell % POOL2_SIDE) + right)
}

fn conv1_offset(cell: usize, place: usize) -> usize {
    let (y, x) = conv1_place(cell, place);
    y * SIDE + x
}
