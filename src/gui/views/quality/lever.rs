//! Rules on a chart that are dragged with the pointer or moved with the arrow keys.

use egui::{CursorIcon, Rect, Response, Sense, Ui};

use crate::gui::views::chart::Chart;
use crate::gui::views::readout;
use crate::gui::views::steps::{self, Step};

/// Half the width of the strip that takes the pointer, in points.
const REACH: f32 = 7.0;

/// Where a lever was moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moved {
    /// To this value of the chart's horizontal axis.
    To(f64),
    /// As the keyboard asked.
    By(Step),
}

/// A vertical rule at a value. `name` says what it is, `text` where it stands.
pub(super) fn rule_ui(ui: &Ui, chart: &Chart, name: &str, value: f64, text: &str) -> Option<Moved> {
    let place = chart.at(value, 0.0).x.clamp(chart.frame.left(), chart.frame.right());
    let strip = Rect::from_x_y_ranges(place - REACH..=place + REACH, chart.frame.y_range());
    let response = ui.interact(strip, ui.scope_id().with(("rule", name)), Sense::drag());
    let held = response.dragged() || response.hovered() || response.has_focus();
    chart.lever(ui, value, held);
    let moved = moved(ui, chart, &response, name, value, text);
    readout::say_of(&response, || text.to_owned());
    response.on_hover_cursor(CursorIcon::ResizeHorizontal).on_hover_text_at_pointer(text);
    moved
}

/// What pointer and keyboard ask of a chart, or of a part of it, that acts as a lever.
pub(super) fn moved(
    ui: &Ui,
    chart: &Chart,
    response: &Response,
    name: &str,
    value: f64,
    text: &str,
) -> Option<Moved> {
    let step = steps::lever(ui, response, name, value, text).map(Moved::By);
    // The other button opens the menu of the chart.
    let pressed = ui.input(|input| input.pointer.primary_down() || input.pointer.primary_released());
    let pointer = response.interact_pointer_pos().filter(|_| pressed);
    pointer.map(|pointer| Moved::To(chart.x_value(pointer))).or(step)
}
