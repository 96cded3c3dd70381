//! Buttons that are only an icon.

use egui::{Response, RichText, Ui};
use egui_material_icons::MaterialIcon;

/// A button that is only an icon: named for screen readers, explained on hover.
pub(super) fn icon_button(ui: &mut Ui, icon: MaterialIcon, hint: &str) -> Response {
    let response =
        ui.add(egui::Button::new(RichText::new(icon.codepoint).size(17.0)).frame_when_inactive(false));
    let enabled = ui.is_enabled();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, enabled, hint));
    response.on_hover_text(hint)
}

/// The same, which may be disabled.
pub(super) fn enabled_icon(ui: &mut Ui, enabled: bool, icon: MaterialIcon, hint: &str) -> Response {
    ui.add_enabled_ui(enabled, |ui| icon_button(ui, icon, hint)).inner
}
