//! What the lines, dots and bars of a plot are called, in lines above it.

use image::Rgb;
use vello_cpu::kurbo::{Point, Rect};

use super::canvas::{Align, Canvas};
use super::contents::{Mark, Series};
use super::style::{LABEL, LABEL_LINE};
use crate::export::text::Fonts;

/// Width of a sample of a series.
const SAMPLE: f32 = 32.0;
const GAP: f32 = 10.0;
const BETWEEN: f32 = 30.0;
/// Lengths on and off of a dashed line.
pub(super) const DASHES: [f64; 2] = [9.0, 6.0];

/// The named series, each with its place.
pub(super) struct Legend<'a> {
    entries: Vec<(&'a Series, f32, f32)>,
    height: f32,
}

impl<'a> Legend<'a> {
    pub(super) fn new(series: &'a [Series], fonts: &Fonts, width: f32) -> Self {
        let (mut x, mut y) = (0.0, 0.0);
        let mut entries = Vec::new();
        for series in series.iter().filter(|series| !series.name.is_empty()) {
            let length = SAMPLE + GAP + fonts.width(&series.name, LABEL);
            if x > 0.0 && x + length > width {
                (x, y) = (0.0, y + LABEL_LINE);
            }
            entries.push((series, x, y));
            x += length + BETWEEN;
        }
        let height = if entries.is_empty() { 0.0 } else { y + LABEL_LINE + 4.0 };
        Self { entries, height }
    }

    pub(super) fn height(&self) -> f32 {
        self.height
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, left: f32, top: f32, fill: f32) {
        for (series, x, y) in &self.entries {
            let (x, y) = (left + x, top + y);
            sample(canvas, series, x, y + LABEL_LINE * 0.5, fill);
            canvas.text(&series.name, x + SAMPLE + GAP, y + LABEL_LINE * 0.75, Align::Left, LABEL);
        }
    }
}

/// A small picture of how a series looks.
fn sample(canvas: &mut Canvas<'_>, series: &Series, x: f32, middle: f32, fill: f32) {
    let (left, right) = (f64::from(x), f64::from(x + SAMPLE));
    let y = f64::from(middle.round());
    let ends = [Point::new(left, y), Point::new(right, y)];
    match series.mark {
        Mark::Line | Mark::Dashes => {
            if series.points.iter().any(|point| point.low.is_finite() && point.high.is_finite()) {
                canvas.rect(Rect::new(left, y - 8.0, right, y + 8.0), series.colour, BAND);
            }
            line(canvas, &ends, series.mark, series.colour);
        }
        Mark::Dots { shape, radius, .. } => {
            let radius = f64::from(radius.clamp(4.0, 9.0));
            canvas.mark(Point::new(f64::midpoint(left, right), y), shape, radius, series.colour, 1.0);
        }
        Mark::Bars => bar(canvas, Rect::new(left + 6.0, y - 9.0, right - 4.0, y + 9.0), series.colour, fill),
        Mark::Vertical | Mark::Horizontal => line(canvas, &ends, series.mark, series.colour),
    }
}

/// Opacity of a band.
pub(super) const BAND: f32 = 0.2;

pub(super) fn line(canvas: &mut Canvas<'_>, points: &[Point], mark: Mark, colour: Rgb<u8>) {
    let (width, dashes) = match mark {
        Mark::Dashes => (2.5, &DASHES[..]),
        Mark::Vertical | Mark::Horizontal => (2.0, &[4.0, 4.0][..]),
        _ => (3.0, &[][..]),
    };
    canvas.line(points, width, dashes, colour);
}

/// A bar; a translucent one has an outline.
pub(super) fn bar(canvas: &mut Canvas<'_>, place: Rect, colour: Rgb<u8>, fill: f32) {
    canvas.rect(place, colour, fill);
    if fill < 0.8 {
        let Rect { x0, y0, x1, y1 } = place;
        let outline = [(x0, y1), (x0, y0), (x1, y0), (x1, y1)].map(|(x, y)| Point::new(x, y));
        canvas.line(&outline, 1.5, &[], colour);
    }
}
