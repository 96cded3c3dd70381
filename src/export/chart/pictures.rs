//! Panels without axes: images with captions, maps of pixels, matrices, tables.

use image::Rgb;
use vello_cpu::kurbo::Rect;

use super::canvas::{Align, Canvas};
use super::contents::{BLUE, LARGEST_PICTURE, Map, Matrix, Pictures, Table, VERMILION};
use super::style::{HEADING, HEADING_LINE, LABEL, LABEL_LINE, TICK, sans, write};
use crate::data::{PIXELS, SIDE};
use crate::export::grid::GridError;
use crate::export::paper::{HAIRLINE, INK, PAPER, POLES, QUIET, UNDERLAY};
use crate::export::text::{Face, Fonts, TextStyle, mix};
use crate::wording::{short, thousands};

/// Between images.
const GAP: f32 = 16.0;
/// How far a heading may reach beyond the images: into the gap to the next panel, and not up to it.
const OVERHANG: f32 = 32.0;
/// Height of a line of a caption.
const CAPTION_LINE: f32 = 25.0;
const CAPTION: TextStyle = TextStyle { face: Face::Sans, size: 19.0, colour: INK };
/// No caption is smaller.
const LEAST_CAPTION: f32 = 12.0;

/// Refuses anything that is not 28×28.
pub(super) fn check(found: usize) -> Result<(), GridError> {
    if found == PIXELS { Ok(()) } else { Err(GridError::Pixels { found }) }
}

/// The same style as large as a text of `width` pixels may be to fit into `room`.
fn fitted(style: TextStyle, width: f32, room: f32, least: f32) -> TextStyle {
    let share = if width > room { room / width } else { 1.0 };
    TextStyle { size: (style.size * share).max(least), ..style }
}

/// Images measured for the width they have.
pub(super) struct PicturesLayout<'a> {
    pictures: &'a Pictures,
    heading: Vec<String>,
    columns: usize,
    zoom: u32,
    /// Lines of the longest caption.
    lines: usize,
    /// Width of the heading.
    headed: f32,
}

impl<'a> PicturesLayout<'a> {
    pub(super) fn new(pictures: &'a Pictures, fonts: &Fonts, width: f32) -> Result<Self, GridError> {
        pictures.pictures.iter().try_for_each(|picture| check(picture.pixels.len()))?;
        let fit = ((width + GAP) / (SIDE as f32 + GAP)).floor().max(1.0) as usize;
        let wanted = if pictures.columns == 0 { pictures.pictures.len() } else { pictures.columns };
        let columns = wanted.clamp(1, fit);
        let room = (width + GAP) / columns as f32 - GAP;
        let zoom = ((room / SIDE as f32).floor() as u32).clamp(1, (LARGEST_PICTURE / SIDE) as u32);
        let lines =
            pictures.pictures.iter().map(|picture| picture.caption.lines().count()).max().unwrap_or(0);
        let heading = fonts.wrap(&pictures.heading, HEADING, width);
        let headed = heading.iter().map(|line| fonts.width(line, HEADING)).fold(0.0, f32::max);
        Ok(Self { pictures, heading, columns, zoom, lines, headed })
    }

    fn side(&self) -> f32 {
        (self.zoom * SIDE as u32) as f32
    }

    pub(super) fn width(&self) -> f32 {
        (self.columns as f32 * (self.side() + GAP) - GAP).max(self.headed - OVERHANG)
    }

    fn row(&self) -> f32 {
        self.side() + 6.0 + self.lines as f32 * CAPTION_LINE + GAP
    }

    pub(super) fn height(&self) -> f32 {
        let rows = self.pictures.pictures.len().div_ceil(self.columns);
        let heading = self.heading.len() as f32 * HEADING_LINE;
        heading + if rows == 0 { LABEL_LINE } else { 8.0 + rows as f32 * self.row() - GAP }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, left: f32, top: f32) {
        let top = write(canvas, &self.heading, left, top, HEADING, HEADING_LINE) + 8.0;
        if self.pictures.pictures.is_empty() {
            canvas.text("no images", left, top + 14.0, Align::Left, TICK);
        }
        for (place, picture) in self.pictures.pictures.iter().enumerate() {
            let x = left + (place % self.columns) as f32 * (self.side() + GAP);
            let y = top + (place / self.columns) as f32 * self.row();
            if let Some(original) = &picture.original {
                canvas.picture(x, y, original, self.zoom * SIDE as u32);
            } else {
                let shade = |at: usize| mix(PAPER, INK, f32::from(picture.pixels[at]) / 255.0);
                canvas.tile(x, y, self.zoom, shade);
            }
            for (line, text) in picture.caption.lines().enumerate() {
                let width = canvas.fonts().width(text, CAPTION);
                let style = fitted(CAPTION, width, self.side() + GAP - 4.0, LEAST_CAPTION);
                let baseline = y + self.side() + 6.0 + CAPTION_LINE * (line as f32 + 0.75);
                canvas.text(text, x + self.side() / 2.0, baseline, Align::Centre, style);
            }
        }
    }
}

/// A map measured for the width it has.
pub(super) struct MapLayout<'a> {
    map: &'a Map,
    heading: Vec<String>,
    caption: Vec<String>,
    zoom: u32,
    scale: f32,
}

impl<'a> MapLayout<'a> {
    pub(super) fn new(map: &'a Map, fonts: &Fonts, width: f32) -> Result<Self, GridError> {
        check(map.values.len())?;
        if !map.under.is_empty() {
            check(map.under.len())?;
        }
        let sizes = map.values.iter().filter(|value| value.is_finite()).map(|value| value.abs());
        let largest = map.scale.filter(|scale| scale.is_finite() && *scale > 0.0);
        let scale = largest.unwrap_or_else(|| sizes.fold(0.0, f32::max));
        let zoom = ((width / SIDE as f32).floor() as u32).clamp(1, 12);
        let words = format!("Blue: less, orange: more. Full colour: ±{}. {}", short(scale, 3), map.caption);
        let caption = fonts.wrap(&words, TICK, ((zoom * SIDE as u32) as f32).max(width.min(340.0)));
        Ok(Self { map, heading: fonts.wrap(&map.heading, HEADING, width.min(340.0)), caption, zoom, scale })
    }

    pub(super) fn width(&self) -> f32 {
        // Room for heading and caption, which were wrapped to about this.
        ((self.zoom * SIDE as u32) as f32).max(340.0)
    }

    pub(super) fn height(&self) -> f32 {
        let side = (self.zoom * SIDE as u32) as f32;
        self.heading.len() as f32 * HEADING_LINE
            + 8.0
            + side
            + 10.0
            + self.caption.len() as f32 * CAPTION_LINE
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, left: f32, top: f32) {
        let top = write(canvas, &self.heading, left, top, HEADING, HEADING_LINE) + 8.0;
        canvas.tile(left, top, self.zoom, |at| {
            let ink = self.map.under.get(at).map_or(0.0, |grey| f32::from(*grey) / 255.0);
            let under = mix(PAPER, INK, UNDERLAY * ink);
            let value = self.map.values[at];
            if !value.is_finite() || self.scale <= 0.0 {
                return under;
            }
            let share = (value / self.scale).clamp(-1.0, 1.0);
            mix(under, POLES[usize::from(share > 0.0)], 0.95 * share.abs())
        });
        let below = top + (self.zoom * SIDE as u32) as f32 + 10.0;
        write(canvas, &self.caption, left, below, TICK, CAPTION_LINE);
    }
}

/// A matrix measured for the width it has.
pub(super) struct MatrixLayout<'a> {
    matrix: &'a Matrix,
    heading: Vec<String>,
    /// Width of the rows' names.
    gutter: f32,
    cell: f32,
}

impl<'a> MatrixLayout<'a> {
    pub(super) fn new(matrix: &'a Matrix, fonts: &Fonts, width: f32) -> Self {
        let names = matrix.rows.iter().chain([&matrix.axes[0]]);
        let gutter = names.map(|name| fonts.width(name, LABEL)).fold(0.0, f32::max) + 16.0;
        let cell = ((width - gutter) / matrix.columns.len().max(1) as f32).clamp(20.0, 68.0).floor();
        Self { matrix, heading: fonts.wrap(&matrix.heading, HEADING, width), gutter, cell }
    }

    pub(super) fn width(&self) -> f32 {
        self.gutter + self.matrix.columns.len() as f32 * self.cell
    }

    pub(super) fn height(&self) -> f32 {
        let rows = self.matrix.rows.len() as f32;
        self.heading.len() as f32 * HEADING_LINE + 8.0 + 2.0 * LABEL_LINE + rows * self.cell
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, left: f32, top: f32) {
        let top = write(canvas, &self.heading, left, top, HEADING, HEADING_LINE) + 8.0;
        let (x, y) = ((left + self.gutter).round(), (top + 2.0 * LABEL_LINE).round());
        let across = self.matrix.columns.len() as f32 * self.cell;
        let [rows, columns] = &self.matrix.axes;
        canvas.text(columns, x + across / 2.0, top + 20.0, Align::Centre, LABEL);
        canvas.text(rows, x - 16.0, y - 9.0, Align::Right, LABEL);
        for (column, name) in self.matrix.columns.iter().enumerate() {
            canvas.text(name, x + (column as f32 + 0.5) * self.cell, y - 9.0, Align::Centre, TICK);
        }
        for (row, name) in self.matrix.rows.iter().enumerate() {
            let middle = y + (row as f32 + 0.5) * self.cell;
            canvas.text(name, x - 16.0, middle + 7.0, Align::Right, TICK);
            let counts = self.matrix.counts.get(row).map_or(&[][..], Vec::as_slice);
            let total: u64 = counts.iter().sum();
            for (column, count) in counts.iter().enumerate().take(self.matrix.columns.len()) {
                self.draw_cell(canvas, x + column as f32 * self.cell, middle, row == column, *count, total);
            }
        }
    }

    fn draw_cell(&self, canvas: &mut Canvas<'_>, x: f32, middle: f32, own: bool, count: u64, total: u64) {
        // By the square root of the share of its row, so that a few errors remain visible.
        let share = if total == 0 { 0.0 } else { (count as f32 / total as f32).sqrt() };
        let pole = if own { BLUE } else { VERMILION };
        let colour = if count == 0 { Rgb([248, 249, 250]) } else { mix(PAPER, pole, 0.12 + 0.88 * share) };
        let (x0, y0) = (f64::from(x), f64::from(middle - self.cell / 2.0));
        let cell = f64::from(self.cell);
        canvas.rect(Rect::new(x0, y0, x0 + cell - 2.0, y0 + cell - 2.0), colour, 1.0);
        let ink = if share > 0.6 {
            PAPER
        } else if count == 0 {
            mix(PAPER, QUIET, 0.5)
        } else {
            INK
        };
        let text = thousands(count);
        let style = sans(19.0, ink);
        let style = fitted(style, canvas.fonts().width(&text, style), self.cell - 6.0, 9.0);
        canvas.text(&text, x + self.cell / 2.0 - 1.0, middle + 6.0, Align::Centre, style);
    }
}

/// A table measured for the width it has.
pub(super) struct TableLayout<'a> {
    table: &'a Table,
    heading: Vec<String>,
    /// Widths of the columns.
    widths: Vec<f32>,
    size: f32,
}

const ROW: f32 = 34.0;
/// Between columns.
const COLUMN_GAP: f32 = 36.0;

impl<'a> TableLayout<'a> {
    pub(super) fn new(table: &'a Table, fonts: &Fonts, width: f32) -> Self {
        let cells = |column: usize| {
            let names = table.columns.get(column).into_iter();
            names.chain(table.rows.iter().filter_map(move |row| row.get(column).map(|cell| &cell.text)))
        };
        let mut widths: Vec<f32> = (0..table.columns.len())
            .map(|column| cells(column).map(|cell| fonts.width(cell, LABEL)).fold(0.0, f32::max) + COLUMN_GAP)
            .collect();
        let total = widths.iter().sum::<f32>() - COLUMN_GAP;
        let share = if total > width { width / total } else { 1.0 };
        for column in &mut widths {
            *column *= share;
        }
        let size = (LABEL.size * share).max(9.0);
        Self { table, heading: fonts.wrap(&table.heading, HEADING, width), widths, size }
    }

    pub(super) fn width(&self) -> f32 {
        self.widths.iter().sum::<f32>() - COLUMN_GAP
    }

    pub(super) fn height(&self) -> f32 {
        self.heading.len() as f32 * HEADING_LINE + 8.0 + (self.table.rows.len() + 1) as f32 * ROW
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, left: f32, top: f32) {
        let top = (write(canvas, &self.heading, left, top, HEADING, HEADING_LINE) + 8.0).round();
        let whole = self.widths.iter().sum::<f32>() - COLUMN_GAP;
        let rows = self.table.rows.iter().map(|row| row.iter().map(|cell| &cell.text).collect());
        for (line, row) in
            std::iter::once(self.table.columns.iter().collect::<Vec<_>>()).chain(rows).enumerate()
        {
            let y = top + line as f32 * ROW;
            let style = sans(self.size, if line == 0 { QUIET } else { INK });
            let mut x = left;
            for (column, (text, width)) in row.into_iter().zip(&self.widths).enumerate() {
                // Names stand left, numbers right.
                if column == 0 {
                    canvas.text(text, x, y + 23.0, Align::Left, style);
                } else {
                    let gap = COLUMN_GAP * self.size / LABEL.size;
                    canvas.text(text, x + width - gap, y + 23.0, Align::Right, style);
                }
                x += width;
            }
            let rule = f64::from(y + ROW);
            canvas.rect(Rect::new(f64::from(left), rule - 1.0, f64::from(left + whole), rule), HAIRLINE, 1.0);
        }
    }
}
