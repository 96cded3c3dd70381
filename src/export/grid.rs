//! A contact sheet: images with captions in sections, dark ink on white, for slides and papers.
//!
//! A [`GridSpec`] is plain data; the same one gives the same bytes wherever it is drawn.

use std::io::{Cursor, Write};
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};

use super::original::fitted;
use super::paper::{HAIRLINE, INK, PAPER, QUIET, frame, framed};
use super::text::{Face, Fonts, TextStyle, mix};
use crate::data::images::ReducedImage;
use crate::data::{PIXELS, SIDE};
use crate::files::{FileError, write_whole};

/// Largest scale: three times the size for a screen at 100 %, for print and large slides.
pub const MAX_SCALE: u32 = 3;
/// Pixels a picture may have: 450 MB while it is drawn, room for all 10,000 test images at scale 1.
pub const MAX_PIXELS: u64 = 150_000_000;
/// Images side by side while there are few, as in the article.
const FEW_COLUMNS: usize = 10;
/// A page is at least this many images wide, so that title and footer have room.
const LEAST_COLUMNS: usize = 6;

// Lengths in pixels at scale 1.
/// Each pixel of an image is a square of this size.
const ZOOM: u32 = 3;
const TILE: u32 = ZOOM * SIDE as u32;
const MARGIN: u32 = 36;
const COLUMN_GAP: u32 = 14;
const CAPTION_HEIGHT: u32 = 22;
/// With the number of the image below the caption.
const NUMBERED_HEIGHT: u32 = 36;
const ROW_GAP: u32 = 12;
const SECTION_GAP: u32 = 22;
const HEADING_HEIGHT: u32 = 40;
const FOOTER_LINE: u32 = 17;

/// Within noise of others.
const OPEN: &str = "≈";
/// Between a caption and the number beside it, at least, at scale 1.
const GAP: u32 = 3;
/// Captions of wrong predictions; the arrow says it too.
const WRONG: Rgb<u8> = Rgb([178, 32, 26]);

/// A contact sheet to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct GridSpec {
    /// First line, large.
    pub title: String,
    /// Second line, smaller; may be empty.
    pub subtitle: String,
    /// Blocks of images, from top to bottom.
    pub sections: Vec<GridSection>,
    /// Where the numbers come from, small; wraps when long.
    pub footer: String,
    /// Size of everything, 1 to [`MAX_SCALE`].
    pub scale: u32,
}

/// A block of images under a heading.
#[derive(Clone, Debug, PartialEq)]
pub struct GridSection {
    /// What these images have in common; may be empty.
    pub heading: String,
    /// In which sense, smaller, after the heading; may be empty.
    pub note: String,
    /// The images, row by row.
    pub cells: Vec<GridCell>,
}

/// One image with its caption.
#[derive(Clone, Debug, PartialEq)]
pub struct GridCell {
    /// Grey values, `[28, 28]`: 0 background, 255 ink.
    pub pixels: Vec<u8>,
    /// The image as it is, which is drawn in place of these; `None` where the network sees it so, or it cannot be read.
    pub original: Option<ReducedImage>,
    /// `4`, or `4→9` when a 4 is taken for a 9.
    pub caption: String,
    /// Whether it is taken for what it is not.
    pub wrong: bool,
    /// The value of the measure; NaN for none.
    pub value: f32,
    /// Its number in the dataset, from 0; `None` for an image that has none.
    pub index: Option<u32>,
    /// Whether noise alone may have put it where it stands: marked ≈.
    pub open: bool,
}

impl GridSpec {
    /// Whether it can be drawn, without drawing it.
    ///
    /// # Errors
    /// Those of [`GridSpec::draw`].
    pub fn check(&self) -> Result<(), GridError> {
        GridPage::new(self).map(drop)
    }

    /// Pixels along the longer side of an image on the sheet: a larger one is made smaller.
    #[must_use]
    pub fn side(&self) -> usize {
        (TILE * self.scale) as usize
    }

    /// Draws the sheet.
    ///
    /// # Errors
    /// When the scale is not 1 to [`MAX_SCALE`], an image is not of 784 pixels, or the picture would be too large.
    pub fn draw(&self) -> Result<RgbImage, GridError> {
        Ok(GridPage::new(self)?.draw())
    }

    /// The sheet as a PNG file in memory: the same bytes for the same sheet.
    ///
    /// # Errors
    /// Those of [`GridSpec::draw`].
    pub fn png(&self) -> Result<Vec<u8>, GridError> {
        let image = self.draw()?;
        encode(image.as_raw(), image.width(), image.height(), ExtendedColorType::Rgb8)
    }

    /// Writes the sheet as PNG to a file that appears whole or not at all.
    ///
    /// # Errors
    /// Those of [`GridSpec::draw`], and when the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), GridError> {
        let png = self.png()?;
        write_whole(path, |draft| draft.write_all(&png))?;
        Ok(())
    }
}

/// A value in a caption: three decimals, or two digits and an exponent for what would read 0.000.
fn short(value: f32) -> String {
    let text = if value.is_nan() {
        String::new()
    } else if value == 0.0 || value.abs() >= 0.0005 {
        format!("{value:.3}")
    } else {
        format!("{value:.1e}")
    };
    text.replace('-', "−")
}

pub(super) fn encode(
    bytes: &[u8],
    width: u32,
    height: u32,
    colour: ExtendedColorType,
) -> Result<Vec<u8>, GridError> {
    let mut png = Cursor::new(Vec::new());
    // Fixed settings: the defaults may change with the crate.
    PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Up)
        .write_image(bytes, width, height, colour)?;
    Ok(png.into_inner())
}

/// A sheet with its measurements: everything in final pixels.
struct GridPage<'a> {
    spec: &'a GridSpec,
    fonts: Fonts,
    /// The colour of each grey value.
    shades: [Rgb<u8>; 256],
    scale: u32,
    columns: usize,
    footer: Vec<String>,
    width: u32,
    height: u32,
}

impl<'a> GridPage<'a> {
    fn new(spec: &'a GridSpec) -> Result<Self, GridError> {
        let scale = spec.scale;
        if !(1..=MAX_SCALE).contains(&scale) {
            return Err(GridError::Scale { scale });
        }
        let cells = || spec.sections.iter().flat_map(|section| &section.cells);
        if let Some(cell) = cells().find(|cell| cell.pixels.len() != PIXELS) {
            return Err(GridError::Pixels { found: cell.pixels.len() });
        }
        let fonts = Fonts::new()?;
        let columns = columns(spec.sections.iter().map(|section| section.cells.len()));
        let inner = columns as u64 * u64::from(TILE + COLUMN_GAP) - u64::from(COLUMN_GAP);
        let width = inner + 2 * u64::from(MARGIN);
        let footer = fonts.wrap(&spec.footer, footer_style(scale), (inner as u32 * scale) as f32);
        let shades = std::array::from_fn(|value| mix(PAPER, INK, value as f32 / 255.0));
        let mut page = Self { spec, fonts, shades, scale, columns, footer, width: 0, height: 0 };
        let (width, height) = (width * u64::from(scale), page.content_height() * u64::from(scale));
        if width * height > MAX_PIXELS {
            return Err(GridError::Size { width, height });
        }
        (page.width, page.height) = (width as u32, height as u32);
        Ok(page)
    }

    /// Height in pixels at scale 1.
    fn content_height(&self) -> u64 {
        let sections: u64 = self.spec.sections.iter().map(|section| self.section_height(section)).sum();
        let gaps = u64::from(SECTION_GAP) * self.spec.sections.len().saturating_sub(1) as u64;
        let footer = u64::from(FOOTER_LINE) * self.footer.len() as u64;
        let footer = if footer == 0 { 0 } else { footer + u64::from(SECTION_GAP) };
        u64::from(2 * MARGIN + self.title_height()) + sections + gaps + footer
    }

    fn title_height(&self) -> u32 {
        match (self.spec.title.is_empty(), self.spec.subtitle.is_empty()) {
            (true, true) => 0,
            (false, true) | (true, false) => 50,
            (false, false) => 74,
        }
    }

    fn caption_height(&self) -> u32 {
        let mut cells = self.spec.sections.iter().flat_map(|section| &section.cells);
        if cells.any(|cell| cell.index.is_some() || cell.open) { NUMBERED_HEIGHT } else { CAPTION_HEIGHT }
    }

    fn section_height(&self, section: &GridSection) -> u64 {
        let rows = section.cells.len().div_ceil(self.columns) as u64;
        let heading = if section.heading.is_empty() { 0 } else { HEADING_HEIGHT };
        let tiles = rows * u64::from(TILE + self.caption_height() + ROW_GAP);
        u64::from(heading) + tiles.saturating_sub(u64::from(ROW_GAP))
    }

    fn draw(&self) -> RgbImage {
        let mut image = RgbImage::from_pixel(self.width, self.height, PAPER);
        let mut top = MARGIN;
        self.draw_title(&mut image);
        top += self.title_height();
        for section in &self.spec.sections {
            self.draw_section(&mut image, section, top);
            // The whole height was checked to be small.
            top += self.section_height(section) as u32 + SECTION_GAP;
        }
        if !self.footer.is_empty() {
            self.rule(&mut image, top - 8);
            for (line, text) in (0..).zip(&self.footer) {
                self.write(&mut image, text, MARGIN, top + 12 + line * FOOTER_LINE, footer_style(self.scale));
            }
        }
        image
    }

    fn draw_title(&self, image: &mut RgbImage) {
        let mut baseline = MARGIN;
        if !self.spec.title.is_empty() {
            baseline += 24;
            self.write(image, &self.spec.title, MARGIN, baseline, self.style(Face::Sans, 30.0, INK));
        }
        if !self.spec.subtitle.is_empty() {
            baseline += 25;
            self.write(image, &self.spec.subtitle, MARGIN, baseline, self.style(Face::Sans, 15.0, QUIET));
        }
    }

    fn draw_section(&self, image: &mut RgbImage, section: &GridSection, mut top: u32) {
        if !section.heading.is_empty() {
            let heading = self.style(Face::Sans, 19.0, INK);
            let end = self.write(image, &section.heading, MARGIN, top + 16, heading);
            let note = self.style(Face::Sans, 14.0, QUIET);
            let gap = (10 * self.scale) as f32;
            self.fonts.draw(image, &section.note, end + gap, (self.scale * (top + 16)) as f32, note);
            self.rule(image, top + 26);
            top += HEADING_HEIGHT;
        }
        let caption = self.caption_height();
        for (place, cell) in section.cells.iter().enumerate() {
            let column = (place % self.columns) as u32;
            let row = (place / self.columns) as u32;
            let left = MARGIN + column * (TILE + COLUMN_GAP);
            self.draw_cell(image, cell, left, top + row * (TILE + caption + ROW_GAP));
        }
    }

    fn draw_cell(&self, image: &mut RgbImage, cell: &GridCell, left: u32, top: u32) {
        let scale = self.scale;
        let zoom = ZOOM * scale;
        let (x0, y0, side) = (left * scale, top * scale, TILE * scale);
        if let Some(original) = &cell.original {
            framed(image, &fitted(original, side), [x0, y0], side, scale);
        } else {
            for y in 0..side {
                for x in 0..side {
                    let value = cell.pixels[(y / zoom) as usize * SIDE + (x / zoom) as usize];
                    image.put_pixel(x0 + x, y0 + y, self.shades[usize::from(value)]);
                }
            }
            frame(image, [x0, y0], [side; 2], scale);
        }
        let baseline = top + TILE + 16;
        let named = self.style(Face::Mono, 12.5, if cell.wrong { WRONG } else { INK });
        let mut value = Some(short(cell.value)).filter(|value| !value.is_empty());
        let style = self.style(Face::Mono, 11.5, QUIET);
        let width = value.as_ref().map_or(0.0, |value| self.fonts.width(value, style));
        let room = (TILE * scale) as f32 - width - (GAP * scale) as f32;
        if self.fonts.width(&cell.caption, named) <= room {
            self.write(image, &cell.caption, left, baseline, named);
            if let Some(value) = value.take() {
                let start = ((left + TILE) * scale) as f32 - width;
                self.fonts.draw(image, &value, start, (baseline * scale) as f32, style);
            }
        } else {
            // A long name has the line to itself: the number goes below.
            let caption = self.fonts.shortened(&cell.caption, named, (TILE * scale) as f32);
            self.write(image, &caption, left, baseline, named);
        }
        let below = baseline + 14;
        let style = self.style(Face::Mono, 10.0, QUIET);
        if let Some(index) = cell.index {
            self.write(image, &format!("#{index}"), left, below, style);
        }
        let open = cell.open.then(|| OPEN.to_owned());
        let right: Vec<String> = open.into_iter().chain(value).collect();
        if !right.is_empty() {
            let right = right.join(" ");
            let start = ((left + TILE) * scale) as f32 - self.fonts.width(&right, style);
            self.fonts.draw(image, &right, start, (below * scale) as f32, style);
        }
    }

    /// A line of text at a place given at scale 1; returns where it ends in final pixels.
    fn write(&self, image: &mut RgbImage, text: &str, left: u32, baseline: u32, style: TextStyle) -> f32 {
        let scale = self.scale;
        self.fonts.draw(image, text, (left * scale) as f32, (baseline * scale) as f32, style)
    }

    /// A thin line across the page.
    fn rule(&self, image: &mut RgbImage, top: u32) {
        let scale = self.scale;
        for y in top * scale..(top + 1) * scale {
            // As wide as the frames of the images.
            for x in (MARGIN - 1) * scale..self.width - (MARGIN - 1) * scale {
                image.put_pixel(x, y, HAIRLINE);
            }
        }
    }

    fn style(&self, face: Face, size: f32, colour: Rgb<u8>) -> TextStyle {
        TextStyle { face, size: size * self.scale as f32, colour }
    }
}

fn footer_style(scale: u32) -> TextStyle {
    TextStyle { face: Face::Sans, size: 12.5 * scale as f32, colour: QUIET }
}

/// Images side by side: ten, as in the article, until a page would become much taller than wide.
fn columns(section_lengths: impl Iterator<Item = usize> + Clone) -> usize {
    let longest = section_lengths.clone().max().unwrap_or(0);
    let all: usize = section_lengths.sum();
    let squarish = (all as f64 * 1.2).sqrt().ceil() as usize;
    longest.clamp(LEAST_COLUMNS, FEW_COLUMNS.max(squarish))
}

/// Why a picture cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum GridError {
    /// Not a scale.
    #[error("scale {scale} is not possible; choose 1 to {MAX_SCALE}")]
    Scale {
        /// What was asked for.
        scale: u32,
    },
    /// Not an image of 28×28.
    #[error("an image has {found} pixels; it should have 784")]
    Pixels {
        /// Its pixels.
        found: usize,
    },
    /// Nothing, or more than fits in memory.
    #[error("a picture of {width}×{height} pixels cannot be made; choose fewer images or a smaller scale")]
    Size {
        /// Its width.
        width: u64,
        /// Its height.
        height: u64,
    },
    /// The embedded fonts are damaged.
    #[error("the fonts of the program cannot be read: {0}; install it again")]
    Font(#[from] ab_glyph::InvalidFont),
    /// The picture could not be encoded.
    #[error("the picture cannot be encoded: {0}; choose fewer images or a smaller scale")]
    Encode(#[from] image::ImageError),
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] FileError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Class, ClassNames};

    fn cell(prediction: Class) -> GridCell {
        let mut pixels = vec![0; PIXELS];
        pixels[0] = 255;
        pixels[SIDE + 1] = 100;
        let caption = ClassNames::default().caption(Some(4), prediction);
        let wrong = prediction != 4;
        GridCell { pixels, original: None, caption, wrong, value: 0.693, index: None, open: false }
    }

    fn sheet(lengths: &[usize], scale: u32) -> GridSpec {
        GridSpec {
            title: "Digit 4".into(),
            subtitle: "by predictive entropy".into(),
            sections: lengths
                .iter()
                .map(|&length| GridSection {
                    heading: "Most certain".into(),
                    note: "lowest".into(),
                    cells: vec![cell(4); length],
                })
                .collect(),
            footer: "MNIST · seed 1".into(),
            scale,
        }
    }

    /// Where the first image's first pixel is, at scale 1.
    const FIRST: (u32, u32) = (MARGIN, MARGIN + 74 + HEADING_HEIGHT);

    #[test]
    fn pixels_become_squares_of_the_right_darkness() {
        for scale in 1..=3 {
            let image = sheet(&[3], scale).draw().unwrap();
            let at = |x: u32, y: u32| *image.get_pixel(FIRST.0 * scale + x, FIRST.1 * scale + y);
            let zoom = ZOOM * scale;
            assert_eq!(at(0, 0), INK);
            assert_eq!(at(zoom - 1, zoom - 1), INK);
            assert_eq!(at(zoom, 0), PAPER);
            assert_eq!(at(zoom, zoom), mix(PAPER, INK, 100.0 / 255.0));
            assert_eq!(at(zoom * SIDE as u32, 0), HAIRLINE);
        }
    }

    #[test]
    fn a_scale_multiplies_the_size() {
        let [one, three] = [1, 3].map(|scale| sheet(&[30, 30], scale).draw().unwrap());
        assert_eq!((one.width(), one.height()), (2 * MARGIN + 10 * TILE + 9 * COLUMN_GAP, one.height()));
        assert_eq!((3 * one.width(), 3 * one.height()), (three.width(), three.height()));
    }

    #[test]
    fn the_same_sheet_gives_the_same_bytes_and_they_are_the_picture() {
        let spec = sheet(&[12, 3], 1);
        let png = spec.png().unwrap();
        assert_eq!(png, spec.png().unwrap());
        let decoded = image::load_from_memory(&png).unwrap().into_rgb8();
        assert_eq!(decoded, spec.draw().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sheet.png");
        spec.save(&path).unwrap();
        assert_eq!(std::fs::read(path).unwrap(), png);
    }

    #[test]
    fn numbers_stand_below_the_captions_and_make_room_for_themselves() {
        let plain = sheet(&[12], 1);
        let mut numbered = plain.clone();
        for (index, cell) in (0..).zip(&mut numbered.sections[0].cells) {
            cell.index = Some(index);
        }
        let [without, with] = [&plain, &numbered].map(|spec| spec.draw().unwrap());
        // Two rows of images, each with a line more.
        assert_eq!(with.height(), without.height() + 2 * (NUMBERED_HEIGHT - CAPTION_HEIGHT));
        let mut open = numbered.clone();
        open.sections[0].cells[1].open = true;
        let marked = open.draw().unwrap();
        let differing = marked.enumerate_pixels().filter(|(x, y, pixel)| *pixel != with.get_pixel(*x, *y));
        let left = MARGIN + TILE + COLUMN_GAP;
        let places: Vec<(u32, u32)> = differing.map(|(x, y, _)| (x, y)).collect();
        assert!(!places.is_empty(), "the mark is drawn");
        let below = FIRST.1 + TILE + CAPTION_HEIGHT - 4;
        assert!(places.iter().all(|(x, y)| *x > left + TILE / 2 && *x < left + TILE && *y > below));
    }

    #[test]
    fn a_wrong_prediction_is_coloured() {
        let mut spec = sheet(&[1], 1);
        let reddish = |spec: &GridSpec| {
            spec.draw().unwrap().pixels().filter(|pixel| pixel[0].saturating_sub(pixel[1]) > 60).count()
        };
        assert_eq!(reddish(&spec), 0);
        spec.sections[0].cells[0] = cell(9);
        assert!(reddish(&spec) > 10);
    }

    #[test]
    fn values_are_short_and_never_read_as_zero() {
        for (value, text) in [
            (0.0, "0.000"),
            (std::f32::consts::LN_10, "2.303"),
            (-0.98765, "−0.988"),
            (1.234e-7, "1.2e−7"),
            (0.000_6, "0.001"),
            (f32::NAN, ""),
        ] {
            assert_eq!(short(value), text);
        }
    }

    #[test]
    fn a_long_footer_makes_the_page_longer_and_an_empty_page_is_a_page() {
        let mut spec = sheet(&[10], 1);
        let before = spec.draw().unwrap().height();
        spec.footer = "a long way from home ".repeat(30);
        let after = spec.draw().unwrap().height();
        assert!(after >= before + 2 * FOOTER_LINE, "{before} → {after}");
        let empty = GridSpec {
            title: String::new(),
            subtitle: String::new(),
            sections: Vec::new(),
            footer: String::new(),
            scale: 1,
        };
        assert_eq!(empty.draw().unwrap().height(), 2 * MARGIN);
    }

    #[test]
    fn what_cannot_be_drawn_is_refused_with_a_reason() {
        let refused = |spec: &GridSpec| spec.draw().unwrap_err().to_string();
        assert!(refused(&sheet(&[1], 0)).contains("choose 1 to 3"));
        assert!(refused(&sheet(&[1], 4)).contains("choose 1 to 3"));
        assert!(refused(&sheet(&[60_000], 3)).contains("choose fewer images"));
        let mut spec = sheet(&[1], 1);
        spec.sections[0].cells[0].pixels.pop();
        assert!(refused(&spec).contains("783 pixels"));
    }

    #[test]
    fn ten_thousand_images_fit_at_scale_1() {
        let spec = sheet(&[10_000], 1);
        let page = GridPage::new(&spec).unwrap();
        let ratio = f64::from(page.width) / f64::from(page.height);
        assert!((0.5..2.0).contains(&ratio), "{}×{}", page.width, page.height);
    }
}
