//! LeNet's shape in numbers, each stated once; what follows from others is computed from them.

use crate::data::SIDE;

/// Width and height of both kernels. They move by one place and stay inside the image.
pub const KERNEL: usize = 5;
/// Width and height of the windows of both poolings, and the distance between two.
pub const POOL_SIDE: usize = 2;
/// Channels after the first convolution.
pub const CONV1_CHANNELS: usize = 20;
/// Channels after the second convolution.
pub const CONV2_CHANNELS: usize = 50;
/// Units of the hidden layer, unless a person wants others: as in the paper.
pub const HIDDEN: usize = 500;

/// Inputs of one output of the first convolution.
pub const CONV1_DEPTH: usize = KERNEL * KERNEL;
/// Width and height after the first convolution.
pub const CONV1_SIDE: usize = SIDE - KERNEL + 1;
/// Outputs of the first convolution, `[20, 24, 24]`.
pub const CONV1_UNITS: usize = CONV1_CHANNELS * CONV1_SIDE * CONV1_SIDE;
/// Width and height after the first pooling.
pub const POOL1_SIDE: usize = CONV1_SIDE / POOL_SIDE;
/// Cells of a channel after the first pooling.
pub const POOL1_CELLS: usize = POOL1_SIDE * POOL1_SIDE;
/// Outputs of the first pooling, `[20, 12, 12]`.
pub const POOL1_UNITS: usize = CONV1_CHANNELS * POOL1_CELLS;

/// Inputs of one output of the second convolution.
pub const CONV2_DEPTH: usize = CONV1_CHANNELS * KERNEL * KERNEL;
/// Width and height after the second convolution.
pub const CONV2_SIDE: usize = POOL1_SIDE - KERNEL + 1;
/// Outputs of the second convolution, `[50, 8, 8]`.
pub const CONV2_UNITS: usize = CONV2_CHANNELS * CONV2_SIDE * CONV2_SIDE;
/// Width and height after the second pooling.
pub const POOL2_SIDE: usize = CONV2_SIDE / POOL_SIDE;
/// Cells of a channel after the second pooling.
pub const POOL2_CELLS: usize = POOL2_SIDE * POOL2_SIDE;
/// Features after the second pooling, `[50, 4, 4]`: the inputs of the hidden layer.
pub const FEATURES: usize = CONV2_CHANNELS * POOL2_CELLS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_paper() {
        assert_eq!([SIDE, CONV1_SIDE, POOL1_SIDE, CONV2_SIDE, POOL2_SIDE], [28, 24, 12, 8, 4]);
        assert_eq!([CONV1_DEPTH, CONV2_DEPTH, FEATURES, HIDDEN], [25, 500, 800, 500]);
        assert_eq!([CONV1_UNITS, CONV2_UNITS, POOL1_UNITS], [11_520, 3_200, 2_880]);
    }
}
