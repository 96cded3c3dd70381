//! Where a page is drawn: anti-aliased shapes, and over them text and tiles of images.

use image::{Rgb, RgbImage};
use vello_cpu::color::{AlphaColor, Srgb};
use vello_cpu::kurbo::{BezPath, Cap, Circle, Join, Point, Rect, Shape as _, Stroke};
use vello_cpu::{Level, Pixmap, RasterizerSettings, RenderContext, RenderMode, RenderSettings, Resources};

use super::contents::DotShape;
use crate::data::PIXELS;
use crate::data::images::ReducedImage;
use crate::export::original::fitted;
use crate::export::paper::{PAPER, framed, tile};
use crate::export::text::{Fonts, TextStyle};

/// Which end of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// What is drawn when all shapes are.
enum Late {
    Text { text: String, x: f32, baseline: f32, style: TextStyle },
    Tile { left: u32, top: u32, zoom: u32, colours: Box<[Rgb<u8>; PIXELS]> },
    Picture { left: u32, top: u32, side: u32, picture: RgbImage },
}

/// A page being drawn.
pub(super) struct Canvas<'a> {
    context: RenderContext,
    late: Vec<Late>,
    fonts: &'a Fonts,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(width: u16, height: u16, fonts: &'a Fonts) -> Self {
        // The instructions that every machine of this kind has: the same chart has the same bytes on all of them.
        let settings = RenderSettings { level: Level::baseline(), num_threads: 0 };
        Self { context: RenderContext::new_with(width, height, settings), late: Vec::new(), fonts }
    }

    pub(super) fn fonts(&self) -> &'a Fonts {
        self.fonts
    }

    fn paint(&mut self, colour: Rgb<u8>, alpha: f32) {
        let [red, green, blue] = colour.0;
        let alpha = (alpha.clamp(0.0, 1.0) * 255.0).round() as u8;
        self.context.set_paint(AlphaColor::<Srgb>::from_rgba8(red, green, blue, alpha));
    }

    /// Draws only within a rectangle.
    pub(super) fn within(&mut self, place: Rect, draw: impl FnOnce(&mut Self)) {
        self.context.push_clip_path(&place.to_path(0.1));
        draw(self);
        self.context.pop_clip_path();
    }

    pub(super) fn rect(&mut self, place: Rect, colour: Rgb<u8>, alpha: f32) {
        self.paint(colour, alpha);
        self.context.fill_rect(&place);
    }

    /// Joins points by a line; `dashes` are lengths on and off.
    pub(super) fn line(&mut self, points: &[Point], width: f64, dashes: &[f64], colour: Rgb<u8>) {
        let Some((first, rest)) = points.split_first() else { return };
        let mut path = BezPath::new();
        path.move_to(*first);
        for point in rest {
            path.line_to(*point);
        }
        self.paint(colour, 1.0);
        let stroke = Stroke::new(width).with_join(Join::Round).with_caps(Cap::Butt);
        let stroke = if dashes.is_empty() { stroke } else { stroke.with_dashes(0.0, dashes.iter().copied()) };
        self.context.set_stroke(stroke);
        self.context.stroke_path(&path);
    }

    pub(super) fn polygon(&mut self, points: impl IntoIterator<Item = Point>, colour: Rgb<u8>, alpha: f32) {
        let mut points = points.into_iter();
        let Some(first) = points.next() else { return };
        let mut path = BezPath::new();
        path.move_to(first);
        for point in points {
            path.line_to(point);
        }
        path.close_path();
        self.paint(colour, alpha);
        self.context.fill_path(&path);
    }

    /// A mark of half the width `radius`; all shapes look about equally large.
    pub(super) fn mark(&mut self, at: Point, shape: DotShape, radius: f64, colour: Rgb<u8>, alpha: f32) {
        let corner = |x: f64, y: f64| Point::new(at.x + x * radius, at.y + y * radius);
        match shape {
            DotShape::Circle => {
                self.paint(colour, alpha);
                self.context.fill_path(&Circle::new(at, radius).to_path(0.05));
            }
            DotShape::Square => {
                self.rect(Rect::from_center_size(at, (1.75 * radius, 1.75 * radius)), colour, alpha);
            }
            DotShape::Diamond => {
                let corners = [(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)];
                self.polygon(corners.map(|(x, y)| corner(x, y)), colour, alpha);
            }
            DotShape::Triangle => {
                let corners = [(0.0, -1.3), (1.2, 0.85), (-1.2, 0.85)];
                self.polygon(corners.map(|(x, y)| corner(x, y)), colour, alpha);
            }
            DotShape::Wedge => {
                let corners = [(0.0, 1.3), (1.2, -0.85), (-1.2, -0.85)];
                self.polygon(corners.map(|(x, y)| corner(x, y)), colour, alpha);
            }
            DotShape::Cross => {
                // One outline of both bars, so that a translucent cross is even.
                let (long, short) = (1.1, 0.42);
                let half = [(0.0, -short), (long - short, -long), (long, short - long), (short, 0.0)];
                let corners = half.into_iter().chain(half.map(|(x, y)| (-y, x)));
                let corners: Vec<_> = corners.collect();
                let other: Vec<_> = corners.iter().map(|(x, y)| (-x, -y)).collect();
                self.polygon(corners.into_iter().chain(other).map(|(x, y)| corner(x, y)), colour, alpha);
            }
        }
    }

    /// A line of text with its baseline at a place.
    pub(super) fn text(&mut self, text: &str, x: f32, baseline: f32, align: Align, style: TextStyle) {
        let width = || self.fonts.width(text, style);
        let x = match align {
            Align::Left => x,
            Align::Centre => x - width() / 2.0,
            Align::Right => x - width(),
        };
        self.late.push(Late::Text { text: text.to_owned(), x: x.round(), baseline, style });
    }

    /// An image of 28×28 colours in a frame.
    pub(super) fn tile(&mut self, left: f32, top: f32, zoom: u32, colour: impl Fn(usize) -> Rgb<u8>) {
        let colours = Box::new(std::array::from_fn(colour));
        let (left, top) = (left.round().max(0.0) as u32, top.round().max(0.0) as u32);
        self.late.push(Late::Tile { left, top, zoom, colours });
    }

    /// An image as it is, in the middle of a square, in a frame.
    pub(super) fn picture(&mut self, left: f32, top: f32, image: &ReducedImage, side: u32) {
        let picture = fitted(image, side);
        let (left, top) = (left.round().max(0.0) as u32, top.round().max(0.0) as u32);
        self.late.push(Late::Picture { left, top, side, picture });
    }

    /// The page.
    pub(super) fn finish(mut self) -> RgbImage {
        self.context.flush();
        let (width, height) = (self.context.width(), self.context.height());
        let mut pixels = Pixmap::new(width, height);
        let settings =
            RasterizerSettings { render_mode: RenderMode::OptimizeQuality, ..RasterizerSettings::default() };
        self.context.render_with(&mut pixels, &mut Resources::new(), settings);
        let mut page = RgbImage::from_pixel(u32::from(width), u32::from(height), PAPER);
        for (pixel, shape) in page.pixels_mut().zip(pixels.data()) {
            // Colours of the shapes are multiplied by their opacity; paper shows through the rest.
            let paper = 255 - u16::from(shape.a);
            let over = |ink: u8, paper_channel: u8| {
                (u16::from(ink) + (paper * u16::from(paper_channel) + 127) / 255).min(255) as u8
            };
            let [red, green, blue] = PAPER.0;
            *pixel = Rgb([over(shape.r, red), over(shape.g, green), over(shape.b, blue)]);
        }
        for late in &self.late {
            match late {
                Late::Text { text, x, baseline, style } => {
                    self.fonts.draw(&mut page, text, *x, *baseline, *style);
                }
                Late::Tile { left, top, zoom, colours } => {
                    tile(&mut page, *left, *top, *zoom, |at| colours[at]);
                }
                Late::Picture { left, top, side, picture } => {
                    framed(&mut page, picture, [*left, *top], *side, 1);
                }
            }
        }
        page
    }
}
