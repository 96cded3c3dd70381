//! The menu of a plot or map: copy it as a picture or as data, or save it as PNG or CSV.
//!
//! # How to offer a plot
//! Write a function in [`crate::gui::charts`] that builds a [`Chart`](crate::export::chart::Chart) (or a [`Taken`],
//! when its passes or images are not those of the gallery) from the data your view shows; an empty footer is filled
//! with the provenance. Then either draw heading and plot through [`charted_ui`]:
//!
//! ```ignore
//! charted_ui(ui, "Sampled probabilities of class 4", "sampled probabilities", actions,
//!     |ui, actions| histogram_ui(ui, view, actions),
//!     || charts::sampled_probabilities(view, label, class));
//! ```
//!
//! or, where the heading has its own form, add one line after the plot, with the rectangle it covers:
//!
//! ```ignore
//! chart_menu_ui(ui, response.rect, "reliability", actions, || charts::reliability(view));
//! ```
//!
//! The closure runs only when something was chosen. The name is what the file and the button are called
//! (`dubito-reliability.png`, "Copy or save: reliability"); it is unique within what is shown at once.

use std::sync::Arc;

use egui::{
    Align, Align2, FontId, Id, Layout, Popup, PopupKind, Rect, Response, Sense, SetOpenCommand, Ui, Vec2,
};
use egui_material_icons::icons::{ICON_CONTENT_COPY, ICON_IMAGE, ICON_MORE_HORIZ, ICON_SAVE, ICON_TABLE};

use crate::gui::action::{Action, ChartAction, Taken};
use crate::gui::theme;
use crate::gui::views::headings::{folding, heading_ui};
use crate::shown::clipboard::ChartForm;

/// Size of the button.
const BUTTON: Vec2 = Vec2::new(24.0, 18.0);

/// Draws a small heading with the menu at its end, and below it the plot the menu is for.
pub fn charted_ui<R, T: Into<Taken>>(
    ui: &mut Ui,
    heading: &str,
    name: &'static str,
    actions: &mut Vec<Action>,
    content: impl FnOnce(&mut Ui, &mut Vec<Action>) -> R,
    chart: impl FnOnce() -> T,
) -> R {
    ui.add_space(8.0);
    let place = ui
        .horizontal(|ui| {
            let room = ui.available_width() - BUTTON.x - 4.0;
            let label = ui.scope(|ui| {
                ui.set_max_width(room.max(40.0));
                heading_ui(ui, heading);
            });
            Rect::from_center_size(
                egui::pos2(ui.max_rect().right() - BUTTON.x / 2.0, label.response.rect.center().y),
                BUTTON,
            )
        })
        .inner;
    let inner = ui.scope(|ui| content(ui, actions));
    menu_ui(ui, place, inner.response.rect, name, actions, chart);
    inner.inner
}

/// As [`charted_ui`], under a heading that opens and closes the plot; closed, there is no menu.
pub(super) fn folding_charted_ui<R, T: Into<Taken>>(
    ui: &mut Ui,
    heading: &str,
    name: &'static str,
    actions: &mut Vec<Action>,
    content: impl FnOnce(&mut Ui, &mut Vec<Action>) -> R,
    chart: impl FnOnce() -> T,
) -> Option<R> {
    let (header, body) = folding(ui, name, heading, |ui| content(ui, actions));
    let (over, answer) = body?;
    let end = egui::pos2(ui.max_rect().right() - BUTTON.x / 2.0, header.center().y);
    menu_ui(ui, Rect::from_center_size(end, BUTTON), over, name, actions, chart);
    Some(answer)
}

/// Offers the menu for whatever fills a rectangle: on a right click anywhere in it, and through a small button
/// in its upper right corner.
pub fn chart_menu_ui<T: Into<Taken>>(
    ui: &Ui,
    over: Rect,
    name: &'static str,
    actions: &mut Vec<Action>,
    chart: impl FnOnce() -> T,
) {
    let corner = Rect::from_min_size(egui::pos2(over.right() - BUTTON.x, over.top()), BUTTON);
    menu_ui(ui, corner, over, name, actions, chart);
}

fn menu_ui<T: Into<Taken>>(
    ui: &Ui,
    place: Rect,
    over: Rect,
    name: &'static str,
    actions: &mut Vec<Action>,
    chart: impl FnOnce() -> T,
) {
    let id = ui.scope_id().with(("chart menu", name));
    let button = button_ui(ui, place, id, name);
    let at_pointer = id.with("at pointer");
    let asked = ui.rect_contains_pointer(over) && ui.input(|input| input.pointer.secondary_clicked());
    let below = Popup::menu(&button).show(|ui| items_ui(ui, button.clicked() && button.has_focus()));
    let pointed = Popup::from_response(&button)
        .id(at_pointer)
        .kind(PopupKind::Menu)
        .layout(Layout::top_down_justified(Align::Min))
        .style(egui::containers::menu::menu_style)
        .open_memory(asked.then_some(SetOpenCommand::Bool(true)))
        .at_pointer_fixed()
        .show(|ui| items_ui(ui, false));
    if let Some((form, save)) = [below, pointed].into_iter().flatten().find_map(|shown| shown.inner) {
        actions.push(Action::Chart(ChartAction { name, form, save, taken: Arc::new(chart().into()) }));
    }
}

/// The button: quiet until the pointer or the keyboard is on it.
fn button_ui(ui: &Ui, place: Rect, id: Id, name: &str) -> Response {
    let response = ui.interact(place, id, Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), format!("Copy or save: {name}"))
    });
    let visuals = ui.style().interact(&response);
    if response.hovered()
        || response.has_focus()
        || Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response))
    {
        ui.painter().rect(
            place,
            visuals.corner_radius,
            visuals.bg_fill,
            visuals.bg_stroke,
            egui::StrokeKind::Inside,
        );
    }
    let lit = response.hovered() || response.has_focus();
    let colour = if lit { visuals.fg_stroke.color } else { theme::palette(ui.visuals()).weak };
    ui.painter().text(
        place.center(),
        Align2::CENTER_CENTER,
        ICON_MORE_HORIZ.codepoint,
        FontId::proportional(16.0),
        colour,
    );
    response.on_hover_text("Copy or save this as a picture or a table (right-click does the same)")
}

/// The choices; the first has the focus when the keyboard opened the menu.
fn items_ui(ui: &mut Ui, focus: bool) -> Option<(ChartForm, bool)> {
    let items = [
        (ICON_IMAGE, "Copy picture", ChartForm::Picture, false),
        (ICON_SAVE, "Save as PNG…", ChartForm::Picture, true),
        (ICON_CONTENT_COPY, "Copy data", ChartForm::Data, false),
        (ICON_TABLE, "Save data as CSV…", ChartForm::Data, true),
    ];
    let mut chosen = None;
    for (at, (icon, text, form, save)) in items.into_iter().enumerate() {
        let response = ui.button(format!("{} {text}", icon.codepoint));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, text));
        if focus && at == 0 {
            response.request_focus();
        }
        if response.clicked() {
            chosen = Some((form, save));
            ui.close();
        }
    }
    chosen
}
