//! Axes of the plane and its lines of equal total entropy.

use egui::{Align2, FontId, Pos2, Rect, Stroke, Ui};

use crate::gui::theme;
use crate::gui::views::terms;
use crate::uncertainty::Measure;
use crate::uncertainty::doubt_plane::{Bounds, PlaneAxes};

/// Where a part of the plane is on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) area: Rect,
    pub(super) bounds: Bounds,
}

impl Frame {
    /// Units per point, along each axis.
    pub(super) fn scale(&self) -> [f32; 2] {
        let size = [self.area.width(), self.area.height()];
        std::array::from_fn(|axis| (self.bounds.max[axis] - self.bounds.min[axis]) / size[axis])
    }

    pub(super) fn to_screen(self, at: [f32; 2]) -> Pos2 {
        let [x, y] = self.scale();
        Pos2::new(
            self.area.left() + (at[0] - self.bounds.min[0]) / x,
            self.area.bottom() - (at[1] - self.bounds.min[1]) / y,
        )
    }

    pub(super) fn to_plane(self, at: Pos2) -> [f32; 2] {
        let [x, y] = self.scale();
        [
            self.bounds.min[0] + (at.x - self.area.left()) * x,
            self.bounds.min[1] + (self.area.bottom() - at.y) * y,
        ]
    }
}

/// A round step that divides a range into about this many `parts`.
fn step(range: f32, parts: f32) -> f32 {
    let raw = range / parts;
    let power = 10_f32.powf(raw.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= raw).unwrap_or(raw)
}

/// Multiples of a step within a range.
fn ticks(from: f32, to: f32, step: f32) -> impl Iterator<Item = f32> {
    let first = (from / step).ceil() as i32;
    let last = (to / step).floor() as i32;
    (first..=last).map(move |at| at as f32 * step)
}

fn text(value: f32, step: f32) -> String {
    let decimals = (-step.log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{value:.decimals$}")
}

/// The least that a measure can be.
fn least(measure: Measure) -> f32 {
    if measure == Measure::LabelMargin { -1.0 } else { 0.0 }
}

/// What stands at an axis: `Expected entropy (nats)`.
pub(super) fn title(measure: Measure) -> String {
    match measure.unit() {
        "" => measure.label().to_owned(),
        unit => format!("{} ({unit})", measure.label()),
    }
}

pub(super) fn axes_ui(ui: &Ui, frame: &Frame, axes: PlaneAxes) {
    let PlaneAxes([across, up]) = axes;
    let [left, low] = [across, up].map(least);
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter();
    let Frame { area, bounds } = *frame;
    let font = || FontId::proportional(11.0);
    let line = Stroke::new(1.0, colours.faint);
    let apart = step(bounds.max[0] - bounds.min[0], 8.0);
    for value in ticks(bounds.min[0].max(left), bounds.max[0], apart) {
        let x = frame.to_screen([value, 0.0]).x;
        painter.line_segment([Pos2::new(x, area.bottom()), Pos2::new(x, area.bottom() + 4.0)], line);
        let at = Pos2::new(x, area.bottom() + 6.0);
        painter.text(at, Align2::CENTER_TOP, text(value, apart), font(), colours.weak);
    }
    let apart = step(bounds.max[1] - bounds.min[1], 6.0);
    for value in ticks(bounds.min[1].max(low), bounds.max[1], apart) {
        let y = frame.to_screen([0.0, value]).y;
        painter.line_segment([Pos2::new(area.left() - 4.0, y), Pos2::new(area.left(), y)], line);
        let at = Pos2::new(area.left() - 6.0, y);
        painter.text(at, Align2::RIGHT_CENTER, text(value, apart), font(), colours.weak);
    }
    let name = ui.visuals().text_color();
    let below = Pos2::new(area.center().x, area.bottom() + 22.0);
    let text = title(across);
    let place = painter.text(below, Align2::CENTER_TOP, &text, FontId::proportional(12.5), name);
    terms::painted(ui, place, &text, terms::of_measure(across));
    let above = area.left_top() + egui::vec2(-44.0, -4.0);
    let text = title(up);
    let place = painter.text(above, Align2::LEFT_BOTTOM, &text, FontId::proportional(12.5), name);
    terms::painted(ui, place, &text, terms::of_measure(up));
    if axes.are_parts() {
        diagonals_ui(ui, frame);
    }
    painter.rect_stroke(area, 0.0, line, egui::StrokeKind::Outside);
}

/// Along a diagonal the total entropy, the sum of both parts, is constant.
fn diagonals_ui(ui: &Ui, frame: &Frame) {
    let colours = theme::palette(ui.visuals());
    let Frame { area, bounds } = *frame;
    let painter = ui.painter().with_clip_rect(area);
    let (from, to) = (bounds.min[0] + bounds.min[1], bounds.max[0] + bounds.max[1]);
    let step = step(to - from, 7.0);
    for total in ticks(from.max(0.0), to, step).filter(|total| *total > 0.0) {
        let start = frame.to_screen([bounds.min[0], total - bounds.min[0]]);
        let end = frame.to_screen([total - bounds.min[1], bounds.min[1]]);
        painter.line_segment([start, end], Stroke::new(1.0, colours.faint));
        // Where the line leaves the plane: at the top or, further out, at the right.
        let top = total - bounds.max[1];
        let (at, align) = if top <= bounds.max[0] && top > bounds.min[0] {
            (frame.to_screen([top, bounds.max[1]]) + egui::vec2(6.0, 3.0), Align2::LEFT_TOP)
        } else if top > bounds.max[0] {
            let at = frame.to_screen([bounds.max[0], total - bounds.max[0]]);
            (at + egui::vec2(-4.0, -2.0), Align2::RIGHT_BOTTOM)
        } else {
            (end + egui::vec2(4.0, -4.0), Align2::LEFT_BOTTOM)
        };
        let text = format!("H {}", text(total, step));
        painter.text(at, align, text, FontId::proportional(10.5), colours.weak);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_the_screen_and_back_is_the_same_place() {
        let frame = Frame {
            area: Rect::from_min_max(Pos2::new(50.0, 10.0), Pos2::new(450.0, 210.0)),
            bounds: Bounds { min: [-0.1, 0.0], max: [0.9, 2.0] },
        };
        assert_eq!(frame.to_screen([-0.1, 2.0]), Pos2::new(50.0, 10.0));
        let there = frame.to_plane(frame.to_screen([0.3, 0.7]));
        assert!((there[0] - 0.3).abs() < 1e-5 && (there[1] - 0.7).abs() < 1e-5);
    }

    #[test]
    fn ticks_are_round_and_only_where_a_measure_can_be() {
        assert!((step(1.0, 8.0) - 0.2).abs() < 1e-6);
        assert!((step(0.037, 6.0) - 0.01).abs() < 1e-6);
        let ticks: Vec<String> = ticks(-0.3, 0.5, 0.2).map(|value| text(value, 0.2)).collect();
        assert_eq!(ticks, ["-0.2", "0.0", "0.2", "0.4"]);
        let least = Measure::ALL.map(|measure| (measure, least(measure)));
        assert!(least.iter().all(|(measure, least)| (*least < 0.0) == (*measure == Measure::LabelMargin)));
    }
}
