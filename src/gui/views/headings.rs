//! Headings of the parts of a panel.

use egui::{RichText, Ui};

use crate::gui::theme;

/// A small heading.
pub(super) fn section(ui: &mut Ui, text: &str) {
    ui.add_space(8.0);
    ui.label(RichText::new(text).small().strong().color(theme::palette(ui.visuals()).weak));
}
