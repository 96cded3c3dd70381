//! A common look for plots: quiet lines, no scrolling away.

use egui::{Id, Rect, Response, Sense, Ui};
use egui_plot::Plot;

use crate::gui::theme;

/// Scrolls to what the keyboard has just focused; to be called at the end of a scroll area's content.
pub fn follow_focus(ui: &Ui) {
    follow_focus_within(ui, ui.min_rect());
}

/// The same for content that places itself: `content` is what all of it covers.
pub fn follow_focus_within(ui: &Ui, content: Rect) {
    let memory = ui.scope_id().with("followed focus");
    let focused = ui.memory(egui::Memory::focused);
    let before = ui.data_mut(|data| {
        let before: Option<Id> = data.get_temp(memory).flatten();
        data.insert_temp(memory, focused);
        before
    });
    let moved = focused.filter(|id| Some(*id) != before && !ui.input(|input| input.pointer.any_down()));
    if let Some(widget) = moved.and_then(|id| ui.ctx().read_response(id))
        && content.contains(widget.rect.center())
    {
        ui.scroll_to_rect(widget.rect, None);
    }
}

/// Says what can be done with a chart that shows numbers at the pointer where others have a tooltip.
pub fn describe(ui: &Ui, response: &Response, text: &str) {
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(text));
}

/// A plot that leaves scrolling and dragging to the panel it stands in, with lines that stay behind the data.
#[must_use]
pub fn quiet<'a>(ui: &Ui, id: &'a str, height: f32) -> Plot<'a> {
    Plot::new(id)
        .height(height)
        .allow_scroll(false)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        // What only shows is no stop of the Tab key.
        .allow_axis_zoom_drag(false)
        .sense(Sense::hover())
        .show_background(false)
        .grid_color(theme::palette(ui.visuals()).faint)
        .set_margin_fraction(egui::vec2(0.01, 0.06))
}
