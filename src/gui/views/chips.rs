//! Limits on the gallery besides digit and filter, each with a way to lift it.

use egui::Ui;
use egui_material_icons::icons::{ICON_CLOSE, ICON_LASSO_SELECT};

use crate::gui::action::{Action, GalleryAction, PlaneAction};
use crate::shown::GalleryView;
use crate::wording;

/// A chip for each limit in force; the images shown pass all of them.
pub fn chips_ui(ui: &mut Ui, view: &GalleryView, actions: &mut Vec<Action>) {
    if let Some(brush) = &view.brush {
        let hint = format!(
            "{} in the region drawn on the plane, {} of them shown: digit, filter and other limits apply too. \
             Another T, p or network changes which these are. Click to show all again.",
            wording::count(brush.inside.len(), "image"),
            view.ranked.order.len()
        );
        if chip_ui(ui, ICON_LASSO_SELECT.codepoint, &brush.chip(), &hint) {
            actions.push(Action::Plane(PlaneAction::ClearBrush));
        }
    }
    if let Some(only) = &view.only
        && chip_ui(ui, "", &only.name, "Show all images again")
    {
        actions.push(Action::Gallery(GalleryAction::ShowOnly(None)));
    }
}

fn chip_ui(ui: &mut Ui, icon: &str, name: &str, hint: &str) -> bool {
    let text = format!("{icon} Only {name} {}", ICON_CLOSE.codepoint);
    let response = ui.add(egui::Button::new(text.trim_start()).truncate()).on_hover_text(hint);
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Only {name}: show all"))
    });
    response.clicked()
}
