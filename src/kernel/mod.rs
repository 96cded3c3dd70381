//! Arithmetic on blocks of 64 images, the image index innermost, written once for every instruction set.
//!
//! A block keeps one [`Row`] of 64 numbers for each feature: number `i` belongs to image `i` of the block. Every layer
//! of the network, forward or backward, is then a sum of rows with scalar weights, [`product`], whatever the shape of
//! the layer: a convolution reads its rows through a list of indices, a thinned layer through a shorter one.

pub mod convolution;
pub mod elementary;
pub mod finishes;
pub mod instructions;
pub mod panel;

pub use instructions::InstructionSet;
pub use panel::{Affine, Finish, Maximum, Panel, Rectified, gather, pack, product};

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
