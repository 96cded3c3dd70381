//! A plot: axes with ticks, and what stands on them.

use vello_cpu::kurbo::{Point as Place, Rect};

use super::axis::Placed;
use super::canvas::{Align, Canvas};
use super::contents::{DotShape, Mark, Plot, Point, Series};
use super::legend::{self, BAND, Legend};
use super::pictures::check;
use super::style::{HEADING, HEADING_LINE, LABEL, LABEL_LINE, TICK, write};
use crate::data::SIDE;
use crate::export::grid::GridError;
use crate::export::paper::{HAIRLINE, INK, PAPER, QUIET};
use crate::export::text::{Fonts, mix};

/// Room for a tick of the horizontal and of the vertical axis.
const SPACING: [f32; 2] = [110.0, 64.0];
/// Free share of the data's range at each end of the axes.
const FREE: [f64; 2] = [0.02, 0.06];
/// Room right of the axes for half the last tick's name.
const RIGHT: f32 = 24.0;
/// From the axis to the baseline of a tick's name.
const TICK_DROP: f32 = 28.0;
/// No line is drawn further from the axes than this many times their length: far enough to leave at its own slope.
const FARTHEST: f64 = 50.0;

/// A plot measured for the width it has.
pub(super) struct PlotLayout<'a> {
    plot: &'a Plot,
    heading: Vec<String>,
    legend: Legend<'a>,
    x: Placed,
    y: Placed,
    /// Within the axes, from the panel's corner.
    frame: Rect,
    /// Pixels of a pixel of the images below.
    zoom: u32,
    /// Opacity of bars.
    fill: f32,
}

impl<'a> PlotLayout<'a> {
    pub(super) fn new(plot: &'a Plot, fonts: &Fonts, width: f32) -> Result<Self, GridError> {
        plot.below.iter().try_for_each(|(_, pixels)| check(pixels.len()))?;
        let heading = fonts.wrap(&plot.heading, HEADING, width);
        let legend = Legend::new(&plot.series, fonts, width);
        let top = heading.len() as f32 * HEADING_LINE
            + legend.height()
            + if plot.y.label.is_empty() { 10.0 } else { LABEL_LINE + 18.0 };
        let height = if width > 1000.0 {
            540.0
        } else if width > 600.0 {
            400.0
        } else {
            300.0
        };
        let bars = plot.series.iter().filter(|series| series.mark == Mark::Bars).count();
        let mut vertical = plot.y.clone();
        vertical.zero |= bars > 0;
        let y = Placed::new(&vertical, plot.series.iter().flat_map(ys), FREE[1], height, SPACING[1]);
        let gutter = y.ticks.iter().map(|tick| fonts.width(&tick.name, TICK)).fold(0.0, f32::max) + 12.0;
        let length = (width - gutter - RIGHT).max(40.0);
        let free = if bars == plot.series.len() { 0.0 } else { FREE[0] };
        let x = Placed::new(&plot.x, plot.series.iter().flat_map(xs), free, length, SPACING[0]);
        let frame = Rect::new(
            f64::from(gutter.round()),
            f64::from(top.round()),
            f64::from((gutter + length).round()),
            f64::from((top + height).round()),
        );
        let zoom = zoom(&plot.below, &x, frame.width());
        let fill = if bars > 1 { 0.45 } else { 0.85 };
        Ok(Self { plot, heading, legend, x, y, frame, zoom, fill })
    }

    /// From the axis down to what stands below the images.
    fn below(&self) -> f32 {
        let images = if self.plot.below.is_empty() { 0.0 } else { (self.zoom * SIDE as u32) as f32 + 12.0 };
        TICK_DROP + 8.0 + images
    }

    pub(super) fn width(&self) -> f32 {
        self.frame.x1 as f32 + RIGHT
    }

    pub(super) fn height(&self) -> f32 {
        let label = if self.plot.x.label.is_empty() { 0.0 } else { LABEL_LINE };
        self.frame.y1 as f32 + self.below() + label
    }

    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, left: f32, top: f32) {
        let (left, top) = (left.round(), top.round());
        let after = write(canvas, &self.heading, left, top, HEADING, HEADING_LINE);
        self.legend.draw(canvas, left, after, self.fill);
        let frame = self.frame + vello_cpu::kurbo::Vec2::new(f64::from(left), f64::from(top));
        if !self.plot.y.label.is_empty() {
            canvas.text(&self.plot.y.label, left, frame.y0 as f32 - 20.0, Align::Left, LABEL);
        }
        self.draw_axes(canvas, frame);
        self.draw_below(canvas, frame);
        let mut empty = true;
        for series in &self.plot.series {
            canvas.within(frame, |canvas| self.draw_spread(canvas, frame, series));
            let dots = self.draw_dots(canvas, frame, series);
            let is_dots = matches!(series.mark, Mark::Dots { .. });
            empty &= !dots && (is_dots || !series.points.iter().any(is_drawn));
        }
        if empty {
            let centre = frame.center();
            canvas.text("no values", centre.x as f32, centre.y as f32, Align::Centre, TICK);
        }
    }

    fn draw_axes(&self, canvas: &mut Canvas<'_>, frame: Rect) {
        let mut last = f64::INFINITY;
        for tick in &self.y.ticks {
            let at = self.at(frame, f64::NAN, tick.at).y.round();
            canvas.rect(Rect::new(frame.x0, at, frame.x1, at + 1.0), HAIRLINE, 1.0);
            // A name that would touch the one below it is left out.
            if last - at > 22.0 {
                canvas.text(&tick.name, frame.x0 as f32 - 12.0, at as f32 + 7.0, Align::Right, TICK);
                last = at;
            }
        }
        let mut free = f32::NEG_INFINITY;
        for tick in &self.x.ticks {
            let at = self.at(frame, tick.at, f64::NAN).x.round();
            canvas.rect(Rect::new(at, frame.y0, at + 1.0, frame.y1), HAIRLINE, 0.6);
            canvas.rect(Rect::new(at, frame.y1, at + 1.0, frame.y1 + 6.0), QUIET, 1.0);
            // A name that would touch the one before it is left out.
            let half = canvas.fonts().width(&tick.name, TICK) / 2.0;
            if at as f32 - half > free {
                canvas.text(&tick.name, at as f32, frame.y1 as f32 + TICK_DROP, Align::Centre, TICK);
                free = at as f32 + half + 8.0;
            }
        }
        canvas.rect(Rect::new(frame.x0, frame.y1, frame.x1, frame.y1 + 1.5), QUIET, 1.0);
        let baseline = frame.y1 as f32 + self.below() + LABEL_LINE * 0.6;
        canvas.text(&self.plot.x.label, frame.center().x as f32, baseline, Align::Centre, LABEL);
    }

    fn draw_below(&self, canvas: &mut Canvas<'_>, frame: Rect) {
        let side = f64::from(self.zoom) * SIDE as f64;
        for (x, pixels) in self.plot.below.iter().filter(|(x, _)| self.x.holds(*x)) {
            let left = self.at(frame, *x, f64::NAN).x - side / 2.0;
            let top = frame.y1 as f32 + TICK_DROP + 12.0;
            canvas.tile(left as f32, top, self.zoom, |at| mix(PAPER, INK, f32::from(pixels[at]) / 255.0));
        }
    }

    /// Lines, bands, bars and rules: what is cut off at the axes.
    fn draw_spread(&self, canvas: &mut Canvas<'_>, frame: Rect, series: &Series) {
        let at = |x, y| self.at(frame, x, y);
        match series.mark {
            Mark::Line | Mark::Dashes => {
                let has_band = |point: &&Point| (point.x + point.low + point.high).is_finite();
                for run in series.points.chunk_by(|a, b| has_band(&a) && has_band(&b)) {
                    let run: Vec<_> = run.iter().filter(has_band).collect();
                    let upper = run.iter().map(|point| at(point.x, point.high));
                    let lower = run.iter().rev().map(|point| at(point.x, point.low));
                    if run.len() > 1 {
                        canvas.polygon(upper.chain(lower), series.colour, BAND);
                    }
                }
                let is_there = |point: &Point| at(point.x, point.y).is_finite();
                for run in series.points.chunk_by(|a, b| is_there(a) && is_there(b)) {
                    let places: Vec<_> = run.iter().filter(|p| is_there(p)).map(|p| at(p.x, p.y)).collect();
                    match &places[..] {
                        [] => {}
                        [alone] => canvas.mark(*alone, DotShape::Circle, 4.0, series.colour, 1.0),
                        places => legend::line(canvas, places, series.mark, series.colour),
                    }
                }
            }
            Mark::Bars => {
                for point in &series.points {
                    let (from, to) = ends(point);
                    let (foot, head) = (at(from, self.y.range[0].max(0.0)), at(to, point.y));
                    let place = Rect::from_points(foot, head);
                    // An empty bar is not drawn at all, rather than as a line.
                    if !foot.is_finite() || !head.is_finite() || (point.y == 0.0 && point.low.is_nan()) {
                        continue;
                    }
                    let gap = if place.width() > 6.0 { 1.0 } else { 0.0 };
                    let place = Rect::new(place.x0 + gap / 2.0, place.y0, place.x1 - gap / 2.0, place.y1);
                    legend::bar(canvas, place, series.colour, self.fill);
                    whisker(canvas, point, f64::midpoint(from, to), &at, 9.0, INK);
                }
            }
            Mark::Vertical => {
                for point in series.points.iter().filter(|point| self.x.holds(point.x)) {
                    let x = at(point.x, f64::NAN).x;
                    let ends = [Place::new(x, frame.y0), Place::new(x, frame.y1)];
                    legend::line(canvas, &ends, series.mark, series.colour);
                }
            }
            Mark::Horizontal => {
                for point in series.points.iter().filter(|point| self.y.holds(point.y)) {
                    let y = at(f64::NAN, point.y).y;
                    let ends = [Place::new(frame.x0, y), Place::new(frame.x1, y)];
                    legend::line(canvas, &ends, series.mark, series.colour);
                }
            }
            Mark::Dots { .. } => {}
        }
    }

    /// Dots whose centre lies within the axes, whole even at their ends; returns whether there were any.
    fn draw_dots(&self, canvas: &mut Canvas<'_>, frame: Rect, series: &Series) -> bool {
        let Mark::Dots { shape, radius, alpha } = series.mark else { return false };
        let mut any = false;
        for point in series.points.iter().filter(|p| self.x.holds(p.x) && self.y.holds(p.y)) {
            let at = |x, y| self.at(frame, x, y);
            whisker(canvas, point, point.x, &at, 6.0, series.colour);
            canvas.mark(at(point.x, point.y), shape, f64::from(radius), series.colour, alpha);
            any = true;
        }
        any
    }

    /// Where a pair of values lies; a value that is NaN gives a coordinate that is.
    fn at(&self, frame: Rect, x: f64, y: f64) -> Place {
        let [across, up] = [self.x.place(x), self.y.place(y)].map(|place| place.clamp(-FARTHEST, FARTHEST));
        Place::new(frame.x0 + across * frame.width(), frame.y1 - up * frame.height())
    }
}

/// An upright line from the lower to the upper end of a point's interval.
fn whisker(
    canvas: &mut Canvas<'_>,
    point: &Point,
    x: f64,
    at: &impl Fn(f64, f64) -> Place,
    half: f64,
    colour: image::Rgb<u8>,
) {
    let (low, high) = (at(x, point.low), at(x, point.high));
    if !low.is_finite() || !high.is_finite() {
        return;
    }
    canvas.line(&[low, high], 2.0, &[], colour);
    for end in [low, high] {
        canvas.line(&[Place::new(end.x - half, end.y), Place::new(end.x + half, end.y)], 2.0, &[], colour);
    }
}

fn is_drawn(point: &Point) -> bool {
    point.x.is_finite() || point.y.is_finite()
}

/// Where a bar begins and ends.
fn ends(point: &Point) -> (f64, f64) {
    if point.x_end.is_finite() { (point.x, point.x_end) } else { (point.x - 0.4, point.x + 0.4) }
}

/// Values that the horizontal axis has to hold.
fn xs(series: &Series) -> impl Iterator<Item = f64> {
    series.points.iter().flat_map(|point| match series.mark {
        Mark::Bars => [ends(point).0, ends(point).1],
        _ => [point.x; 2],
    })
}

/// Values that the vertical axis has to hold.
fn ys(series: &Series) -> impl Iterator<Item = f64> {
    series.points.iter().flat_map(|point| [point.y, point.low, point.high])
}

/// Pixels of a pixel of images that stand side by side at values.
fn zoom(below: &[(f64, Vec<u8>)], x: &Placed, length: f64) -> u32 {
    let mut places: Vec<f64> = below.iter().map(|(at, _)| x.place(*at) * length).collect();
    places.retain(|place| place.is_finite());
    places.sort_by(f64::total_cmp);
    let nearest = places.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 0.0);
    let room = nearest.fold(4.0 * SIDE as f64 + 8.0, f64::min) - 6.0;
    ((room / SIDE as f64).floor() as u32).clamp(1, 4)
}
