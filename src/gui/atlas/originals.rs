//! Images as they are, in place of the 28×28 grey values that a LeNet sees: cells of textures, filled as images come.

use std::collections::HashMap;

use egui::{Color32, ColorImage, Context, Pos2, Rect, TextureFilter, TextureHandle, TextureOptions, Vec2};

use super::picture::Picture;
use crate::data::about::Originals;
use crate::data::images::{ImageShape, ReducedImage};
use crate::shown::{ReduceJob, ReducedImages};

/// The longest side of a thumbnail, in pixels.
const LONGEST: usize = 64;
/// The longest side of the image that is looked at.
const LARGEST: usize = 256;
/// Width and height of a page in pixels: 4 MB of texture.
const SIZE: usize = 990;
/// Pages kept; the least recently seen is filled anew.
const KEPT: usize = 16;
/// Images asked for at once: read and put on the screen within a frame or two.
const AT_ONCE: usize = 64;
/// The same of the smallest.
const MOST_AT_ONCE: usize = 128;

/// How a page is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Division {
    /// Width and height of a cell in pixels: an image with a border of one empty pixel, so that neighbours do not bleed in.
    cell: usize,
    /// Cells along each side.
    cells: usize,
}

impl Division {
    /// For thumbnails of images of this shape.
    fn of(shape: ImageShape) -> Self {
        let small = shape.within(LONGEST);
        let cell = small.height().max(small.width()) + 2;
        Self { cell, cells: SIZE / cell }
    }

    /// Images of a page.
    fn images(self) -> usize {
        self.cells * self.cells
    }

    /// Images asked for at once.
    fn at_once(self) -> usize {
        let area = |side: usize| side * side;
        (AT_ONCE * area(LONGEST) / area(self.cell)).clamp(AT_ONCE, MOST_AT_ONCE)
    }

    /// The corner of the image in a cell, in pixels.
    fn corner(self, place: usize) -> [usize; 2] {
        [place % self.cells, place / self.cells].map(|cell| cell * self.cell + 1)
    }
}

/// Pixels stay squares when they are enlarged, and are averaged when they are made smaller.
const SHARP: TextureOptions =
    TextureOptions { minification: TextureFilter::Linear, ..TextureOptions::NEAREST };

struct OriginalPage {
    texture: TextureHandle,
    images: Vec<u32>,
    seen: u64,
}

/// Where an image is.
#[derive(Clone, Copy)]
enum Kept {
    Cell { page: usize, place: usize, shape: ImageShape, is_ink: bool },
    Unreadable,
}

/// The image that is looked at.
struct Large {
    texture: TextureHandle,
    shape: ImageShape,
    is_ink: bool,
}

/// Images of one set as they are.
#[derive(Default)]
pub(super) struct OriginalCells {
    of: Option<(Originals, Division)>,
    pages: Vec<OriginalPage>,
    kept: HashMap<u32, Kept>,
    large: Option<(u32, Option<Large>)>,
    wanted: Vec<u32>,
    wanted_large: Option<u32>,
    complained: bool,
    frame: u64,
}

impl OriginalCells {
    /// Begins a frame with images of this set.
    pub(super) fn begin_frame(&mut self, originals: Option<&Originals>) {
        if self.of.as_ref().map(|(own, _)| own) != originals {
            let of = originals.map(|originals| (originals.clone(), Division::of(originals.set.shape())));
            *self = Self { of, ..Self::default() };
        }
        self.frame += 1;
        self.wanted.clear();
        self.wanted_large = None;
    }

    /// An image; `None` where the set has none of its own, or it is not there yet and is asked for.
    pub(super) fn cell(&mut self, index: u32) -> Option<Picture> {
        let division = self.of.as_ref()?.1;
        match self.kept.get(&index) {
            Some(Kept::Cell { page, place, shape, is_ink }) => {
                let page = self.pages.get_mut(*page)?;
                page.seen = self.frame;
                let [x, y] = division.corner(*place).map(|at| at as f32 / SIZE as f32);
                let corner = Pos2::new(x, y);
                let pixels = Vec2::new(shape.width() as f32, shape.height() as f32);
                // Half a pixel less on every side: averaging must not reach into the border.
                let part = Rect::from_min_size(corner, pixels / SIZE as f32).shrink(0.5 / SIZE as f32);
                Some(Picture::new(page.texture.id(), part, *shape, *is_ink))
            }
            Some(Kept::Unreadable) => None,
            None => {
                // The same image may stand in the gallery, in a strip and in the inspector.
                if self.wanted.len() < division.at_once() && !self.wanted.contains(&index) {
                    self.wanted.push(index);
                }
                None
            }
        }
    }

    /// The image that is looked at, as large as it is; `None` where a LeNet sees it so too.
    pub(super) fn large(&mut self, index: u32) -> Option<Picture> {
        self.of.as_ref().filter(|(originals, _)| originals.differ())?;
        match &self.large {
            Some((kept, found)) if *kept == index => {
                found.as_ref().map(|Large { texture, shape, is_ink }| {
                    let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
                    Picture::new(texture.id(), whole, *shape, *is_ink)
                })
            }
            _ => {
                self.wanted_large = Some(index);
                // Until it is there, as it is in the gallery.
                self.cell(index)
            }
        }
    }

    /// What was drawn since the frame began and is not there: the image looked at first.
    pub(super) fn wanted(&mut self) -> Option<ReduceJob> {
        let (images, longest) = match self.wanted_large.take() {
            Some(index) => (vec![index], LARGEST),
            None => (std::mem::take(&mut self.wanted), LONGEST),
        };
        let originals = self.of.as_ref().filter(|_| !images.is_empty())?.0.clone();
        Some(ReduceJob { originals, images, longest, complained: self.complained })
    }

    /// Takes images that have come; those of another set are dropped.
    pub(super) fn take(&mut self, context: &Context, came: &ReducedImages) {
        let Some((_, division)) = self.of.as_ref().filter(|(own, _)| *own == came.originals) else { return };
        let division = *division;
        self.complained |= came.images.iter().any(|(_, image)| image.is_none());
        for (index, image) in &came.images {
            let index = *index;
            if came.longest == LARGEST {
                let texture = image.as_ref().map(|image| {
                    let texture = context.load_texture("image looked at", picture(image), SHARP);
                    Large { texture, shape: image.shape(), is_ink: image.is_ink() }
                });
                self.large = Some((index, texture));
            } else if let Some(image) = image {
                self.put(context, division, index, image);
            } else {
                self.kept.insert(index, Kept::Unreadable);
            }
        }
    }

    fn put(&mut self, context: &Context, division: Division, index: u32, image: &ReducedImage) {
        let page = self.page_with_room(context, division);
        let OriginalPage { texture, images, seen } = &mut self.pages[page];
        let place = images.len();
        texture.set_partial(division.corner(place), picture(image), SHARP);
        images.push(index);
        *seen = self.frame;
        self.kept.insert(index, Kept::Cell { page, place, shape: image.shape(), is_ink: image.is_ink() });
    }

    /// A page with room for an image: the last one, a new one, or the one not seen for longest.
    fn page_with_room(&mut self, context: &Context, division: Division) -> usize {
        if let Some(page) = self.pages.iter().position(|page| page.images.len() < division.images()) {
            return page;
        }
        let blank = || ColorImage::filled([SIZE, SIZE], Color32::TRANSPARENT);
        if self.pages.len() < KEPT {
            let name = format!("images {}", self.pages.len());
            let texture = context.load_texture(name, blank(), SHARP);
            self.pages.push(OriginalPage { texture, images: Vec::new(), seen: self.frame });
            return self.pages.len() - 1;
        }
        let oldest = (0..self.pages.len()).min_by_key(|page| self.pages[*page].seen).unwrap_or(0);
        let page = &mut self.pages[oldest];
        for index in page.images.drain(..) {
            self.kept.remove(&index);
        }
        page.texture.set(blank(), SHARP);
        oldest
    }
}

/// Colours and photographs as they are; ink as the opacity of white, so that tinting draws it in any colour.
fn picture(image: &ReducedImage) -> ColorImage {
    let size = [image.shape().width(), image.shape().height()];
    let pixels = if image.shape().is_colour() {
        image.values().chunks_exact(3).map(|rgb| Color32::from_rgb(rgb[0], rgb[1], rgb[2])).collect()
    } else if image.is_ink() {
        image.values().iter().map(|grey| Color32::from_white_alpha(*grey)).collect()
    } else {
        image.values().iter().map(|grey| Color32::from_gray(*grey)).collect()
    };
    ColorImage::new(size, pixels)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::ops::ControlFlow;

    use image::{Rgb, RgbImage};

    use super::*;
    use crate::data::images::sources::look;
    use crate::progress::unobserved;

    /// Two pictures in colour, of 40×20 pixels.
    fn originals(folder: &std::path::Path) -> Originals {
        for class in ["cat", "dog"] {
            fs::create_dir(folder.join(class)).unwrap();
            let picture = RgbImage::from_pixel(40, 20, Rgb([9, 8, 7]));
            picture.save(folder.join(class).join("a.png")).unwrap();
        }
        let found = look(folder).unwrap();
        match found.open(&found.splits[0].name, &mut unobserved).unwrap() {
            ControlFlow::Continue(set) => Originals::new(set, None),
            ControlFlow::Break(()) => panic!("nobody stopped it"),
        }
    }

    fn came(originals: &Originals, images: impl Iterator<Item = u32>, longest: usize) -> ReducedImages {
        let shape = ImageShape::new(20, 40, 3).unwrap();
        let image = || ReducedImage::new(shape, vec![5; shape.bytes()]);
        let images = images.map(|index| (index, if index == 7 { None } else { image() })).collect();
        ReducedImages { originals: originals.clone(), longest, images }
    }

    #[test]
    fn small_images_share_a_page_with_more_others() {
        let division = |height, width| Division::of(ImageShape::new(height, width, 1).unwrap());
        assert_eq!(division(200, 150), Division { cell: 66, cells: 15 });
        assert_eq!(division(28, 28), Division { cell: 30, cells: 33 });
        assert_eq!(division(28, 28).corner(34), [31, 31]);
        assert_eq!((division(64, 64).at_once(), division(28, 28).at_once()), (64, 128));
    }

    #[test]
    fn what_is_drawn_and_not_there_is_asked_for_and_the_least_seen_gives_way() {
        let folder = tempfile::tempdir().unwrap();
        let originals = originals(folder.path());
        let context = Context::default();
        let mut cells = OriginalCells::default();
        cells.begin_frame(None);
        assert!(cells.cell(0).is_none() && cells.wanted().is_none(), "there are no originals");
        cells.begin_frame(Some(&originals));
        assert!(cells.cell(3).is_none() && cells.cell(7).is_none() && cells.cell(3).is_none());
        assert_eq!(cells.wanted().unwrap().images, [3, 7], "each once");
        cells.take(&context, &came(&originals, [3, 7].into_iter(), LONGEST));
        cells.begin_frame(Some(&originals));
        assert!(cells.cell(3).is_some_and(|picture| picture.share == Vec2::new(1.0, 0.5)));
        assert!(cells.cell(7).is_none());
        assert!(cells.wanted().is_none(), "what cannot be read is not asked for again");
        // The image looked at comes first, and is seen small until then.
        cells.begin_frame(Some(&originals));
        assert!(cells.large(3).is_some());
        let wanted = cells.wanted().unwrap();
        assert_eq!((&wanted.images[..], wanted.longest, wanted.complained), (&[3][..], LARGEST, true));
        // Those of another set are not taken.
        let other = Originals::new(originals.set.clone(), Some(vec![1, 0]));
        cells.take(&context, &came(&other, [1].into_iter(), LONGEST));
        assert!(cells.cell(1).is_none());
        // More than all pages hold: the first page, not drawn for longest, gives way.
        let page = Division::of(originals.set.shape()).images();
        for first in (100..100 + (KEPT * page) as u32).step_by(page) {
            cells.begin_frame(Some(&originals));
            cells.take(&context, &came(&originals, first..first + page as u32, LONGEST));
        }
        assert_eq!(cells.pages.len(), KEPT);
        assert!(cells.cell(3).is_none());
        let last = 100 + (KEPT * page) as u32 - 1;
        assert!(cells.cell(last).is_some());
        assert!(cells.kept.len() <= KEPT * page + 1);
    }
}
