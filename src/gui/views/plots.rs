//! Plots of one look: quiet lines, no scrolling away.

use egui::Ui;
use egui_plot::Plot;

use crate::gui::theme;

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
        .show_background(false)
        .grid_color(theme::palette(ui.visuals()).faint)
        .set_margin_fraction(egui::vec2(0.01, 0.06))
}
