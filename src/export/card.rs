//! One image and why it is uncertain, as a PNG: the image, the sentence, the maps of what each patch does.

use std::io::Write as _;
use std::path::Path;

use image::{ExtendedColorType, RgbImage};

use super::grid::{GridError, encode};
use super::paper::{INK, PAPER, POLES, QUIET, UNDERLAY, tile};
use super::text::{Face, Fonts, Style, mix};
use crate::data::{PIXELS, SIDE};
use crate::files::write_whole;
use crate::uncertainty::explanation::{Change, Edit, PatchMaps};

// Lengths in pixels.
const ZOOM: u32 = 12;
const TILE: u32 = ZOOM * SIDE as u32;
const MARGIN: u32 = 56;
const GAP: u32 = 36;
const TITLE: f32 = 34.0;
const TEXT: f32 = 22.0;
const SMALL: f32 = 17.0;
const LINE: u32 = 32;
const WIDTH: u32 = 2 * MARGIN + 3 * TILE + 2 * GAP;

/// A scale that ends here or later, in nats.
const LEAST_SCALE: f32 = 0.01;

/// A card to be drawn.
#[derive(Clone, Debug)]
pub struct Card {
    /// What the image is: `Image 247 · label 4 · predicted 2`.
    pub title: String,
    /// Its pixels, 0…1.
    pub pixels: [f32; PIXELS],
    /// Why it is uncertain.
    pub reason: String,
    /// What each patch does.
    pub maps: PatchMaps,
    /// Where the numbers come from.
    pub footer: String,
}

impl Card {
    /// Draws the card.
    ///
    /// # Errors
    /// When the program's fonts are damaged.
    pub fn draw(&self) -> Result<RgbImage, GridError> {
        let fonts = Fonts::new()?;
        let style = |size, colour| Style { face: Face::Sans, size, colour };
        let inner = (WIDTH - 2 * MARGIN) as f32;
        let reason = fonts.wrap(&self.reason, style(TEXT, INK), inner);
        let footer = fonts.wrap(&self.footer, style(SMALL, QUIET), inner);
        let top = MARGIN + 44 + LINE * reason.len() as u32 + 16;
        let block = TILE + 70;
        let height = top + 2 * block + 24 * footer.len() as u32 + MARGIN;
        let mut page = RgbImage::from_pixel(WIDTH, height, PAPER);
        let left = MARGIN as f32;
        fonts.draw(&mut page, &self.title, left, (MARGIN + 26) as f32, style(TITLE, INK));
        for (line, text) in (0_u32..).zip(&reason) {
            let baseline = (MARGIN + 70 + LINE * line) as f32;
            fonts.draw(&mut page, text, left, baseline, style(TEXT, INK));
        }
        tile(&mut page, MARGIN, top + 32, ZOOM, |at| mix(PAPER, INK, self.pixels[at]));
        for (row, (edit, changes)) in (0_u32..).zip(Edit::ALL.into_iter().zip(&self.maps.changes)) {
            let scale = scale(changes);
            let above = top + row * block;
            let name = match edit {
                Edit::Erase => "Erase",
                Edit::Ink => "Ink",
            };
            let size = self.maps.grid.size();
            for (column, of) in [entropy, information].into_iter().enumerate() {
                let x = MARGIN + (column as u32 + 1) * (TILE + GAP);
                let what = ["change of H", "change of MI"][column];
                let text = format!("{name} {size}×{size}: {what}, ±{scale:.2} nats");
                fonts.draw(&mut page, &text, x as f32, (above + 22) as f32, style(SMALL, QUIET));
                tile(&mut page, x, above + 32, ZOOM, |at| {
                    let (column, row) = ((at % SIDE) as f32 + 0.5, (at / SIDE) as f32 + 0.5);
                    let value = of(&changes[self.maps.grid.nearest(column, row)]);
                    let share = if Change::is_clear(value) { value[0] / scale } else { 0.0 };
                    let under = mix(PAPER, INK, UNDERLAY * self.pixels[at]);
                    mix(under, POLES[usize::from(share > 0.0)], 0.95 * share.abs())
                });
            }
        }
        let legend = "Blue: less doubt. Orange: more doubt. No colour: within noise.";
        let under = (top + 32 + TILE + 26) as f32;
        for (line, text) in (0_u8..).zip(fonts.wrap(legend, style(SMALL, QUIET), TILE as f32)) {
            fonts.draw(&mut page, &text, left, under + 24.0 * f32::from(line), style(SMALL, QUIET));
        }
        for (line, text) in (0_u32..).zip(&footer) {
            let baseline = (top + 2 * block + 14 + 24 * line) as f32;
            fonts.draw(&mut page, text, left, baseline, style(SMALL, QUIET));
        }
        Ok(page)
    }

    /// Writes the card as PNG to a file that appears whole or not at all.
    ///
    /// # Errors
    /// Those of [`Card::draw`], and when the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), GridError> {
        let page = self.draw()?;
        let png = encode(page.as_raw(), page.width(), page.height(), ExtendedColorType::Rgb8)?;
        write_whole(path, |draft| draft.write_all(&png))?;
        Ok(())
    }
}

fn entropy(change: &Change) -> [f32; 2] {
    change.entropy
}

fn information(change: &Change) -> [f32; 2] {
    change.information
}

/// The largest clear change of either quantity, in nats.
fn scale(changes: &[Change]) -> f32 {
    let values = changes.iter().flat_map(|change| [change.entropy, change.information]);
    values.filter(|value| Change::is_clear(*value)).map(|value| value[0].abs()).fold(LEAST_SCALE, f32::max)
}
