//! An image on a texture, and how it is to be drawn.

use egui::{Rect, TextureId, Vec2};

use crate::data::images::ImageShape;

/// An image on a texture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Picture {
    /// The texture.
    pub(super) texture: TextureId,
    /// The part of it, in shares of its sides.
    pub(super) part: Rect,
    /// Whether it is ink, to be drawn in any colour; otherwise it has its own.
    pub(super) inked: bool,
    /// The share of a square that it fills, in its proportions.
    pub(super) share: Vec2,
}

impl Picture {
    pub(super) fn new(texture: TextureId, part: Rect, shape: ImageShape, inked: bool) -> Self {
        let sides = Vec2::new(shape.width() as f32, shape.height() as f32);
        Self { texture, part, inked, share: sides / sides.max_elem() }
    }
}
