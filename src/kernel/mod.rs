//! Arithmetic on blocks of 64 images, the image index innermost, written once for every instruction set.
//!
//! A block keeps one [`Row`] of 64 numbers for each feature: number `i` belongs to image `i` of the block. Every layer
//! of the network, forward or backward, is then a sum of rows with scalar weights, [`product`], whatever the shape of
//! the layer: a convolution reads its rows through a list of indices, a thinned layer through a shorter one.

pub mod convolution;
pub mod convolution_gradient;
pub mod elementary;
pub mod finishes;
pub mod instructions;
pub mod product;
pub mod recombine;
pub mod row;

pub use instructions::InstructionSet;
pub use product::{Affine, Finish, Maximum, Rectified, WeightPanel, gather, pack, product};
pub use row::{LANES, Row, blocks};
