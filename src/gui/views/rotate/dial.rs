//! The image on a round dial: drag around it, or use the arrow keys.

use std::f32::consts::TAU;
use std::sync::Arc;

use egui::{EventFilter, Key, Pos2, Rect, Sense, Stroke, Ui, Vec2};

use crate::data::PIXELS;
use crate::data::distortion::Distortion;
use crate::gui::action::{Action, RotateAction};
use crate::gui::panel::rotate::RotatePanel;
use crate::gui::theme;
use crate::gui::views::digit::{digit_mesh, mix};
use crate::gui::views::plots::describe;
use crate::shown::rotate::RotateKey;
use crate::uncertainty::course::Course;

/// Radius of the ring, as a share of the dial's width.
const RADIUS: f32 = 0.45;
/// Width of the image inside it, as a share of the same.
const IMAGE: f32 = 0.555;
/// The arc for amounts that are not angles, clockwise from the top.
const KNOB: [f32; 2] = [-0.375 * TAU, 0.375 * TAU];

/// The picture on the dial, and what it was made from.
#[derive(Default)]
pub(super) struct DialMemory {
    made: Option<DialPreview>,
}

struct DialPreview {
    pixels: Arc<[f32; PIXELS]>,
    by: Distortion,
    amount: f32,
    seed: u64,
    changed: Box<[f32; PIXELS]>,
}

impl DialMemory {
    /// The image of a key changed by an amount; remade when another is asked for.
    fn picture(&mut self, key: &RotateKey, by: Distortion, amount: f32) -> &[f32; PIXELS] {
        let (pixels, seed) = (&key.subject.pixels, key.sampled.seed);
        // A key's image never changes in place: the same pixels are the same allocation.
        let known = self.made.take().filter(|made| {
            Arc::ptr_eq(&made.pixels, pixels)
                && made.by == by
                && made.amount.to_bits() == amount.to_bits()
                && made.seed == seed
        });
        let make = || DialPreview {
            pixels: Arc::clone(pixels),
            by,
            amount,
            seed,
            changed: Box::new(by.apply(pixels, amount, seed)),
        };
        &self.made.insert(known.unwrap_or_else(make)).changed
    }
}

/// Draws the dial, as wide as `side`.
pub(super) fn dial_ui(
    ui: &mut Ui,
    state: &RotatePanel,
    side: f32,
    memory: &mut DialMemory,
    actions: &mut Vec<Action>,
) {
    let Some(key) = state.key() else { return };
    let course = state.course();
    let size = Vec2::new(ui.available_width(), side);
    let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
    let place = Rect::from_center_size(whole.center(), Vec2::splat(side));
    let response = ui.interact(place, ui.scope_id().with("dial"), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(state.dial), "Dial"));
    describe(ui, &response, "Drag it around the image, or press an arrow key, to change the image");
    let picture = memory.picture(key, course.by, state.dial);
    let image = Rect::from_center_size(place.center(), Vec2::splat(IMAGE * side));
    let [paper, ink] = theme::on_paper(ui);
    ui.painter().add(digit_mesh(image, |at| mix(paper, ink, picture[at])));
    super::parts::framed(ui, image, false);
    ring(ui, place, state, &course, response.hovered() || response.has_focus());

    if let Some(pointer) =
        response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked())
    {
        response.request_focus();
        let amount = amount_at(&course, pointer - place.center(), state.dial);
        if amount.to_bits() != state.dial.to_bits() {
            actions.push(Action::Rotate(RotateAction::Dial(amount)));
        }
    }
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        for (key, steps) in
            [(Key::ArrowRight, 1), (Key::ArrowUp, 1), (Key::ArrowLeft, -1), (Key::ArrowDown, -1)]
        {
            if ui.input(|input| input.key_pressed(key)) {
                actions.push(Action::Rotate(RotateAction::Walk(steps)));
            }
        }
    }
    // No tooltip: it would cover what the dial changes.
    response.on_hover_and_drag_cursor(egui::CursorIcon::Grab);
}

/// Where an amount is on the ring, in radians clockwise from the top: angles run anticlockwise as they
/// are; other amounts turn like a knob.
fn angle(course: &Course, amount: f32) -> f32 {
    if course.by == Distortion::Rotation {
        return -amount.to_radians();
    }
    let share = (amount - course.from) / (course.to - course.from);
    KNOB[0] + share * (KNOB[1] - KNOB[0])
}

/// The amount in a direction from the middle of the ring, clamped to the course; where it means several
/// angles, the one closest to the dial.
fn amount_at(course: &Course, direction: Vec2, dial: f32) -> f32 {
    let clockwise = direction.x.atan2(-direction.y);
    if course.by == Distortion::Rotation {
        let degrees = (-clockwise.to_degrees()).round();
        let turns = [-720.0, -360.0, 0.0, 360.0, 720.0].map(|turn| degrees + turn);
        let beyond = |amount: f32| (course.from - amount).max(amount - course.to).max(0.0);
        let distance = |amount: f32| (amount - dial).abs();
        let best = turns
            .into_iter()
            .min_by(|a, b| beyond(*a).total_cmp(&beyond(*b)).then(distance(*a).total_cmp(&distance(*b))));
        return best.unwrap_or(dial).clamp(course.from, course.to);
    }
    let share = ((clockwise - KNOB[0]) / (KNOB[1] - KNOB[0])).clamp(0.0, 1.0);
    let amount = course.from + share * (course.to - course.from);
    // To hundredths, but with the ends exact.
    ((amount * 100.0).round() / 100.0).clamp(course.from, course.to)
}

fn ring(ui: &Ui, place: Rect, state: &RotatePanel, course: &Course, held: bool) {
    let (middle, radius) = (place.center(), RADIUS * place.width());
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter();
    let at = |angle: f32, radius: f32| middle + radius * Vec2::new(angle.sin(), -angle.cos());
    painter.circle_stroke(middle, radius, Stroke::new(2.0, colours.faint));
    // The part of the ring that the course covers, with a tick at every step unless they would touch.
    let arc: Vec<Pos2> = (0..=96)
        .map(|part| course.from + (course.to - course.from) * part as f32 / 96.0)
        .map(|amount| at(angle(course, amount), radius))
        .collect();
    painter.line(arc, Stroke::new(2.5, colours.weak));
    if course.steps <= 100 {
        for step in 0..course.steps {
            let angle = angle(course, course.amount(step));
            let stroke = Stroke::new(1.0, colours.weak);
            painter.line_segment([at(angle, radius - 4.0), at(angle, radius + 4.0)], stroke);
        }
    }
    let own = angle(course, state.dial);
    let knob = at(own, radius);
    let width = if held { 3.0 } else { 2.0 };
    painter.line_segment(
        [at(own, IMAGE * 0.71 * place.width() + 2.0), knob],
        Stroke::new(width, colours.accent),
    );
    painter.circle(knob, if held { 9.0 } else { 8.0 }, colours.accent, Stroke::new(2.0, colours.paper));
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the very same numbers are asked for")]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_the_ring_and_its_amount_agree() {
        let direction = |angle: f32| Vec2::new(angle.sin(), -angle.cos());
        let full = Course::usual(Distortion::Rotation);
        for degrees in [1.0, 45.0, 90.0, 179.0, 270.0, 359.0] {
            let found = amount_at(&full, direction(angle(&full, degrees)), 180.0);
            assert!((found - degrees).abs() < 1e-3, "{degrees}: {found}");
        }
        // The top is both 0° and 360°: the closer one counts.
        assert_eq!(amount_at(&full, direction(0.0), 20.0), 0.0);
        assert_eq!(amount_at(&full, direction(0.0), 350.0), 360.0);
        // Beyond a short course, its nearer end counts.
        let paper = Course::paper();
        assert_eq!(amount_at(&paper, direction(angle(&paper, 130.0)), 50.0), 110.0);
        assert_eq!(amount_at(&paper, direction(angle(&paper, -30.0)), 50.0), 0.0);
        let noise = Course::usual(Distortion::Noise);
        for amount in [0.0, 0.2, 0.4, 0.8] {
            let found = amount_at(&noise, direction(angle(&noise, amount)), 0.1);
            assert!((found - amount).abs() < 0.006, "{amount}: {found}");
        }
    }
}
