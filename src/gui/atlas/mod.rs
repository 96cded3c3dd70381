//! All thumbnails of a dataset in a few textures, built page by page when first seen; the images as they are in place
//! of them, where a LeNet sees them otherwise.

mod originals;
mod picture;

use std::time::{Duration, Instant};

use egui::{Color32, ColorImage, Context, Mesh, Pos2, Rect, TextureHandle, TextureOptions, Vec2};

use crate::data::about::Originals;
use crate::data::images::ImageShape;
use crate::data::{Digits, PIXELS, SIDE};
use crate::shown::{ReduceJob, ReducedImages};
use originals::OriginalCells;
pub use picture::Picture;

/// A cell is an image with a border of one empty pixel, so that neighbours do not bleed in.
const CELL: usize = SIDE + 2;
/// Cells along each side of a page: small, as a page is built for each image where these are in another order.
const CELLS: usize = 17;
/// Images per page.
const PAGE: usize = CELLS * CELLS;
/// Width and height of a page in pixels: 1 MB of texture.
const SIZE: usize = CELLS * CELL;
/// Pages are built for no longer than this in a frame.
const BUILDING: Duration = Duration::from_micros(700);
/// Pages kept: 46,000 images. The least recently seen go first.
const KEPT: usize = 160;

struct AtlasPage {
    texture: TextureHandle,
    seen: u64,
}

/// The thumbnails of one dataset.
#[derive(Default)]
pub struct Atlas {
    pages: Vec<Option<AtlasPage>>,
    frame: u64,
    building: Duration,
    generation: u64,
    /// Whether the images are in a file.
    filed: bool,
    originals: OriginalCells,
}

impl Atlas {
    /// Begins a frame; `digits` are the images to show, and `generation` changes when they do.
    pub fn begin_frame(&mut self, digits: &Digits, generation: u64) {
        self.frame += 1;
        self.building = Duration::ZERO;
        self.filed = digits.is_filed();
        let pages = digits.len().div_ceil(PAGE);
        if self.generation != generation || self.pages.len() != pages {
            self.pages.clear();
            self.pages.resize_with(pages, || None);
            self.generation = generation;
        }
        // No fewer than a frame builds.
        for _ in 0..self.pages.iter().flatten().count().saturating_sub(KEPT).min(4) {
            let seen = |page: &Option<AtlasPage>| page.as_ref().map_or(u64::MAX, |page| page.seen);
            let oldest = self.pages.iter_mut().min_by_key(|page| seen(page));
            let gone = oldest.filter(|page| seen(page).saturating_add(1) < self.frame);
            if let Some(page) = gone {
                *page = None;
            }
        }
    }

    /// Shows the images as they are, where the network sees them otherwise or they are in a file.
    pub fn begin_originals(&mut self, originals: Option<&Originals>) {
        // The window's thread does not wait for a disk.
        let filed = self.filed;
        self.originals.begin_frame(originals.filter(|originals| filed || originals.differ()));
    }

    /// What was drawn since and is to be read, if anything.
    pub fn wanted(&mut self) -> Option<ReduceJob> {
        self.originals.wanted()
    }

    /// Takes images that were read, where they are those it shows.
    pub fn take(&mut self, context: &Context, images: &ReducedImages) {
        self.originals.take(context, images);
    }

    /// The image that is looked at, as it is; `None` where a LeNet sees it so, or it is not there yet.
    pub fn original(&mut self, index: u32) -> Option<Picture> {
        self.originals.large(index)
    }

    /// An image; `None` until a later frame has built its page (a repaint is asked for). Until it is there as it is, it
    /// is shown as a LeNet sees it.
    pub fn cell(&mut self, context: &Context, digits: &Digits, index: u32) -> Option<Picture> {
        if let Some(original) = self.originals.cell(index) {
            return Some(original);
        }
        if digits.is_filed() {
            return None;
        }
        let (page, place) = (index as usize / PAGE, index as usize % PAGE);
        let slot = self.pages.get_mut(page)?;
        if slot.is_none() {
            if self.building >= BUILDING {
                context.request_repaint();
                return None;
            }
            let start = Instant::now();
            let image = page_image(digits, page);
            let texture = context.load_texture(format!("thumbnails {page}"), image, TextureOptions::NEAREST);
            *slot = Some(AtlasPage { texture, seen: self.frame });
            self.building += start.elapsed();
        }
        let page = slot.as_mut()?;
        page.seen = self.frame;
        let (x, y) = ((place % CELLS * CELL + 1) as f32, (place / CELLS * CELL + 1) as f32);
        let size = SIZE as f32;
        let corner = Pos2::new(x / size, y / size);
        let extent = SIDE as f32 / size;
        let part = Rect::from_min_size(corner, Vec2::splat(extent));
        Some(Picture::new(page.texture.id(), part, ImageShape::MNIST, true))
    }
}

/// Ink as the opacity of white, so that tinting draws it in any colour.
fn page_image(digits: &Digits, page: usize) -> ColorImage {
    let mut image = ColorImage::filled([SIZE, SIZE], Color32::TRANSPARENT);
    for place in 0..PAGE {
        let index = page * PAGE + place;
        if index >= digits.len() {
            break;
        }
        let (left, top) = (place % CELLS * CELL + 1, place / CELLS * CELL + 1);
        let pixels = digits.image(index);
        for row in 0..SIDE {
            let target = &mut image.pixels[(top + row) * SIZE + left..][..SIDE];
            for (target, grey) in target.iter_mut().zip(&pixels[row * SIDE..][..SIDE]) {
                *target = Color32::from_white_alpha(*grey);
            }
        }
    }
    image
}

/// Many thumbnails drawn together: one mesh for each texture.
#[derive(Default)]
pub struct Thumbnails {
    meshes: Vec<Mesh>,
}

impl Thumbnails {
    /// Adds an image within a square: ink in this colour, others in their own and no more opaque than ink would be.
    pub fn add(&mut self, picture: Picture, place: Rect, ink: Color32) {
        let Picture { texture, part, inked, share } = picture;
        let tint = if inked { ink } else { Color32::WHITE.gamma_multiply(f32::from(ink.a()) / 255.0) };
        let place = Rect::from_center_size(place.center(), place.size() * share);
        let at = self.meshes.iter().position(|mesh| mesh.texture_id == texture).unwrap_or_else(|| {
            self.meshes.push(Mesh::with_texture(texture));
            self.meshes.len() - 1
        });
        self.meshes[at].add_rect_with_uv(place, part, tint);
    }

    /// Draws them all.
    pub fn paint(self, painter: &egui::Painter) {
        for mesh in self.meshes {
            painter.add(mesh);
        }
    }
}

/// An image as a picture for the clipboard: dark ink on white, enlarged by a whole factor.
#[must_use]
pub fn clipboard_image(pixels: &[u8], scale: usize) -> ColorImage {
    debug_assert_eq!(pixels.len(), PIXELS);
    let size = SIDE * scale;
    let mut image = ColorImage::filled([size, size], Color32::WHITE);
    for y in 0..size {
        for x in 0..size {
            image.pixels[y * size + x] = Color32::from_gray(255 - pixels[y / scale * SIDE + x / scale]);
        }
    }
    image
}

/// A picture for the clipboard.
#[must_use]
pub fn clipboard_picture(picture: &image::RgbImage) -> ColorImage {
    let size = [picture.width() as usize, picture.height() as usize];
    ColorImage::from_rgb(size, picture.as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_each_image_in_a_cell_with_an_empty_border() {
        let mut pixels = vec![0; 40 * PIXELS];
        for (index, image) in pixels.chunks_mut(PIXELS).enumerate() {
            image.fill(index as u8 + 1);
        }
        let digits = Digits::new(pixels, vec![0; 40]).unwrap();
        let image = page_image(&digits, 0);
        let at = |x: usize, y: usize| image.pixels[y * SIZE + x].a();
        // Image 18 is the second cell of the second row.
        assert_eq!(at(CELL + 1, CELL + 1), 19);
        assert_eq!(at(CELL + SIDE, CELL + SIDE), 19);
        assert_eq!(at(CELL, CELL + 1), 0);
        assert_eq!(at(CELL + SIDE + 1, CELL + SIDE), 0);
    }
}
