//! The page: title, rows of panels, footer.

use std::io::Write as _;
use std::path::Path;

use image::{ExtendedColorType, RgbImage};
use vello_cpu::kurbo::Rect;

use super::canvas::Canvas;
use super::contents::{Chart, Panel};
use super::pictures::{MapLayout, MatrixLayout, PicturesLayout, TableLayout};
use super::plot::PlotLayout;
use super::style::{sans, write};
use crate::export::grid::{GridError, encode};
use crate::export::paper::{HAIRLINE, INK, QUIET};
use crate::export::text::{Fonts, TextStyle};
use crate::files::write_whole;

// Lengths in pixels.
const WIDTH: f32 = 1600.0;
const MARGIN: f32 = 56.0;
/// Between panels.
const GAP: f32 = 48.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;
/// A page is at least this wide between its margins, so that title and footer have room.
const LEAST: f32 = 800.0;

/// Large words.
const TITLE: TextStyle = sans(36.0, INK);
const TITLE_LINE: f32 = 44.0;
const NOTE: TextStyle = sans(22.0, QUIET);
const NOTE_LINE: f32 = 30.0;
const FOOTER: TextStyle = sans(17.0, QUIET);
const FOOTER_LINE: f32 = 24.0;
/// A panel measured for the width it has.
enum PanelLayout<'a> {
    Plot(PlotLayout<'a>),
    Pictures(PicturesLayout<'a>),
    Map(MapLayout<'a>),
    Matrix(MatrixLayout<'a>),
    Table(TableLayout<'a>),
}

impl<'a> PanelLayout<'a> {
    fn new(panel: &'a Panel, fonts: &Fonts, width: f32) -> Result<Self, GridError> {
        Ok(match panel {
            Panel::Plot(plot) => Self::Plot(PlotLayout::new(plot, fonts, width)?),
            Panel::Pictures(pictures) => Self::Pictures(PicturesLayout::new(pictures, fonts, width)?),
            Panel::Map(map) => Self::Map(MapLayout::new(map, fonts, width)?),
            Panel::Matrix(matrix) => Self::Matrix(MatrixLayout::new(matrix, fonts, width)),
            Panel::Table(table) => Self::Table(TableLayout::new(table, fonts, width)),
        })
    }

    /// Width it makes use of.
    fn width(&self) -> f32 {
        match self {
            Self::Plot(plot) => plot.width(),
            Self::Pictures(pictures) => pictures.width(),
            Self::Map(map) => map.width(),
            Self::Matrix(matrix) => matrix.width(),
            Self::Table(table) => table.width(),
        }
    }

    fn height(&self) -> f32 {
        match self {
            Self::Plot(plot) => plot.height(),
            Self::Pictures(pictures) => pictures.height(),
            Self::Map(map) => map.height(),
            Self::Matrix(matrix) => matrix.height(),
            Self::Table(table) => table.height(),
        }
    }

    fn draw(&self, canvas: &mut Canvas<'_>, left: f32, top: f32) {
        match self {
            Self::Plot(plot) => plot.draw(canvas, left, top),
            Self::Pictures(pictures) => pictures.draw(canvas, left, top),
            Self::Map(map) => map.draw(canvas, left, top),
            Self::Matrix(matrix) => matrix.draw(canvas, left, top),
            Self::Table(table) => table.draw(canvas, left, top),
        }
    }
}

/// Panels side by side.
struct PanelRow<'a> {
    layouts: Vec<PanelLayout<'a>>,
    /// Width of each of them.
    width: f32,
    height: f32,
}

impl<'a> PanelRow<'a> {
    fn new(panels: &'a [Panel], fonts: &Fonts) -> Result<Self, GridError> {
        let share = (INNER - GAP * (panels.len() - 1) as f32) / panels.len() as f32;
        let layouts: Vec<_> =
            panels.iter().map(|panel| PanelLayout::new(panel, fonts, share)).collect::<Result<_, _>>()?;
        let width = layouts.iter().map(PanelLayout::width).fold(0.0, f32::max).min(share);
        let height = layouts.iter().map(PanelLayout::height).fold(0.0, f32::max);
        Ok(Self { layouts, width, height })
    }

    fn whole(&self) -> f32 {
        self.layouts.len() as f32 * (self.width + GAP) - GAP
    }
}

impl Chart {
    /// Draws the page: 1600 pixels wide when it has a plot, else as wide as it needs.
    ///
    /// # Errors
    /// When an image or map is not of 784 pixels, or the page would be too tall.
    pub fn draw(&self) -> Result<RgbImage, GridError> {
        draw(self)
    }

    /// The page as a PNG file in memory: the same bytes for the same chart.
    ///
    /// # Errors
    /// Those of [`Chart::draw`].
    pub fn png(&self) -> Result<Vec<u8>, GridError> {
        let page = self.draw()?;
        encode(page.as_raw(), page.width(), page.height(), ExtendedColorType::Rgb8)
    }

    /// Writes the page as PNG to a file that appears whole or not at all.
    ///
    /// # Errors
    /// Those of [`Chart::draw`], and when the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), GridError> {
        let png = self.png()?;
        write_whole(path, |draft| draft.write_all(&png))?;
        Ok(())
    }
}

fn draw(chart: &Chart) -> Result<RgbImage, GridError> {
    let fonts = Fonts::new()?;
    let rows = chart.rows.iter().filter(|panels| !panels.is_empty());
    let rows: Vec<PanelRow<'_>> =
        rows.map(|panels| PanelRow::new(panels, &fonts)).collect::<Result<_, _>>()?;
    // A page of tables is as wide as they are, with room for the words around them.
    let inner = rows.iter().map(PanelRow::whole).fold(LEAST, f32::max).min(INNER).ceil();
    let title = fonts.wrap(&chart.title, TITLE, inner);
    let note = fonts.wrap(&chart.note, NOTE, inner);
    let footer = fonts.wrap(&chart.footer, FOOTER, inner);
    let lines = |lines: &[String], height: f32| lines.len() as f32 * height;
    let mut total = 2.0 * MARGIN + lines(&title, TITLE_LINE) + lines(&note, NOTE_LINE);
    total += rows.iter().map(|row| row.height + GAP).sum::<f32>();
    total += lines(&footer, FOOTER_LINE) + if footer.is_empty() { 0.0 } else { 36.0 };
    let width = inner + 2.0 * MARGIN;
    if total > f32::from(u16::MAX) {
        return Err(GridError::Size { width: width as u64, height: total as u64 });
    }
    let mut canvas = Canvas::new(width as u16, total.ceil() as u16, &fonts);
    let mut top = MARGIN;
    top = write(&mut canvas, &title, MARGIN, top, TITLE, TITLE_LINE);
    top = write(&mut canvas, &note, MARGIN, top, NOTE, NOTE_LINE);
    for row in &rows {
        // Space above the first row only if there is something above it.
        top += if top > MARGIN { GAP / 2.0 } else { 0.0 };
        for (place, layout) in row.layouts.iter().enumerate() {
            layout.draw(&mut canvas, MARGIN + place as f32 * (row.width + GAP), top);
        }
        top += row.height + GAP / 2.0;
    }
    if !footer.is_empty() {
        top = total - MARGIN - lines(&footer, FOOTER_LINE);
        let rule = f64::from(top.round() - 14.0);
        let ends = [MARGIN, width - MARGIN].map(f64::from);
        canvas.rect(Rect::new(ends[0], rule, ends[1], rule + 1.0), HAIRLINE, 1.0);
        write(&mut canvas, &footer, MARGIN, top, FOOTER, FOOTER_LINE);
    }
    Ok(canvas.finish())
}
