//! Levers without a mouse: what the arrow keys, Home and End ask of a part of a chart that has the focus.

use egui::accesskit::Action as Request;
use egui::{EventFilter, Key, Response, Ui, WidgetInfo};

/// Where a lever is asked to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// This many steps forward, or back when negative.
    By(i64),
    /// To its start.
    Start,
    /// To its end.
    End,
}

/// Makes a part of a chart a lever for keyboard and screen readers: `name` says what it is, `value` and
/// `text` where it stands. Returns where it is asked to go; with Shift a step counts ten.
pub(super) fn lever(ui: &Ui, response: &Response, name: &str, value: f64, text: &str) -> Option<Step> {
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(text.to_owned()),
        ..WidgetInfo::slider(true, value, name)
    });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        // The text says more than the bare number.
        node.set_value(text);
        node.add_action(Request::Increment);
        node.add_action(Request::Decrement);
    });
    let asked = ui.input(|input| {
        let count =
            |request| i64::try_from(input.num_accesskit_action_requests(response.id, request)).unwrap_or(0);
        count(Request::Increment) - count(Request::Decrement)
    });
    if asked != 0 {
        return Some(Step::By(asked));
    }
    if !response.has_focus() {
        return None;
    }
    let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    ui.input(|input| {
        let far = if input.modifiers.shift { 10 } else { 1 };
        let presses = |key| i64::try_from(input.num_presses(key)).unwrap_or(0);
        let by = presses(Key::ArrowRight) - presses(Key::ArrowLeft);
        match by {
            0 if input.key_pressed(Key::Home) => Some(Step::Start),
            0 if input.key_pressed(Key::End) => Some(Step::End),
            0 => None,
            by => Some(Step::By(by * far)),
        }
    })
}
