//! The words of a page: how large they are, and lines of them.

use image::Rgb;

use super::canvas::{Align, Canvas};
use crate::export::paper::{INK, QUIET};
use crate::export::text::{Face, TextStyle};

/// Headings of panels.
pub(super) const HEADING: TextStyle = sans(24.0, INK);
pub(super) const HEADING_LINE: f32 = 31.0;
/// Names of axes, entries of a legend, captions.
pub(super) const LABEL: TextStyle = sans(20.0, INK);
pub(super) const LABEL_LINE: f32 = 28.0;
/// Numbers at ticks.
pub(super) const TICK: TextStyle = sans(19.0, QUIET);

pub(super) const fn sans(size: f32, colour: Rgb<u8>) -> TextStyle {
    TextStyle { face: Face::Sans, size, colour }
}

/// Lines of text from `top` down; returns where they end.
pub(super) fn write(
    canvas: &mut Canvas<'_>,
    lines: &[String],
    left: f32,
    top: f32,
    style: TextStyle,
    height: f32,
) -> f32 {
    let mut baseline = top + height * 0.75;
    for line in lines {
        canvas.text(line, left, baseline, Align::Left, style);
        baseline += height;
    }
    top + height * lines.len() as f32
}
