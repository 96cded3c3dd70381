//! Something is being computed: a wheel that turns.

use std::time::Duration;

use egui::{Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo};

/// From one picture of the wheel to the next. Drawn in every frame, as egui's own is, it would keep a processor busy on a
/// machine that draws without a GPU: one of those that compute what is waited for.
const TURN: Duration = Duration::from_millis(66);
/// Turns in a second.
const PACE: f64 = 1.0;
/// Points of the arc.
const POINTS: u32 = 20;

/// Draws a wheel as high as a button.
pub(in crate::gui::views) fn wheel_ui(ui: &mut Ui) -> Response {
    let size = ui.spacing().interact_size.y;
    wheel_of_size(ui, size)
}

/// Draws a wheel of a size.
pub(in crate::gui::views) fn wheel_of_size(ui: &mut Ui, size: f32) -> Response {
    let (place, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, "Waiting"));
    if ui.is_rect_visible(place) {
        ui.ctx().request_repaint_after(TURN);
        let points = arc(place, ui.input(|input| input.time));
        ui.painter().add(Shape::line(points, Stroke::new(3.0, ui.visuals().strong_text_color())));
    }
    response
}

/// Two thirds of a circle, turned as far as it is at a time in seconds.
fn arc(place: Rect, time: f64) -> Vec<Pos2> {
    let radius = place.width() / 2.0 - 2.0;
    let start = (time * PACE).fract() * std::f64::consts::TAU;
    (0..=POINTS)
        .map(|point| {
            let angle = start + 4.0 / 3.0 * std::f64::consts::PI * f64::from(point) / f64::from(POINTS);
            place.center() + radius * Vec2::angled(angle as f32)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wheel_turns_once_in_a_second_within_its_place() {
        let place = Rect::from_min_size(Pos2::new(10.0, 20.0), Vec2::splat(28.0));
        let at = |time| arc(place, time);
        assert!(at(0.3).iter().all(|point| place.contains(*point)));
        let far = |a: &[Pos2], b: &[Pos2]| a[0].distance(b[0]);
        assert!(far(&at(0.25), &at(7.25)) < 1e-3);
        assert!((far(&at(0.25), &at(0.75)) - 24.0).abs() < 1e-3, "on the other side after half of it");
    }
}
