//! Rows of 64 numbers, one for each image of a block: what every kernel reads and writes.

/// Images of a block: 256 bytes of `f32`, four cache lines.
pub const LANES: usize = 64;

/// One feature of the 64 images of a block. Aligned to a cache line, so that no vector straddles two.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Row(pub [f32; LANES]);

impl Row {
    /// A row of zeros.
    pub const ZERO: Self = Self([0.0; LANES]);
}

impl Default for Row {
    fn default() -> Self {
        Self::ZERO
    }
}

/// Blocks that hold `images` images; the last may be partly empty.
#[must_use]
pub const fn blocks(images: usize) -> usize {
    images.div_ceil(LANES)
}
