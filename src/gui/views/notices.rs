//! What there is to say, where nothing is covered: news in the status line, errors in a strip of their own above it.

use egui::{Label, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo};
use egui_material_icons::MaterialIcon;
use egui_material_icons::icons::{ICON_CHECK_CIRCLE, ICON_CLOSE, ICON_ERROR, ICON_INFO, ICON_WARNING};

use crate::gui::action::{Action, WindowAction};
use crate::gui::shared::{Gravity, Notice};
use crate::gui::theme;

/// Height that errors take at most, in points.
const MOST: f32 = 120.0;

/// How a notice looks: its icon, its colour, and what it is called.
fn look(ui: &Ui, gravity: Gravity) -> (MaterialIcon, egui::Color32, &'static str) {
    let colours = theme::palette(ui.visuals());
    match gravity {
        Gravity::News => (ICON_INFO, ui.visuals().text_color(), "News"),
        Gravity::Done => (ICON_CHECK_CIRCLE, colours.right, "Done"),
        Gravity::Warning => (ICON_WARNING, colours.warning, "Note"),
        Gravity::Error => (ICON_ERROR, colours.wrong, "Problem"),
    }
}

/// Draws the newest notice that is no error in one line, with the others in its tooltip; returns whether the pointer
/// is on it.
pub(super) fn line_ui(ui: &mut Ui, notices: &[Notice], actions: &mut Vec<Action>) -> bool {
    let mut news = notices.iter().rev().filter(|notice| notice.gravity != Gravity::Error);
    let Some(notice) = news.next() else { return false };
    let (icon, colour, _) = look(ui, notice.gravity);
    let room = ui.max_rect();
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        dismiss_ui(ui, notice, actions);
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.label(RichText::new(icon.codepoint).color(colour));
            let response = ui.add(Label::new(theme::drawn(&notice.text)).truncate());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &notice.text));
            let earlier: Vec<String> = news.map(|notice| theme::drawn(&notice.text)).collect();
            if !earlier.is_empty() {
                response.on_hover_text(format!("Before: {}", earlier.join("\n")));
            }
        });
    });
    ui.rect_contains_pointer(room)
}

/// Whether errors need a strip.
#[must_use]
pub fn has_problems(notices: &[Notice]) -> bool {
    notices.iter().any(|notice| notice.gravity == Gravity::Error)
}

/// Draws the errors, each in full; a click on one dismisses it.
pub fn problems_ui(ui: &mut Ui, notices: &[Notice], actions: &mut Vec<Action>) {
    ScrollArea::vertical().id_salt("problems").max_height(MOST).auto_shrink([false, true]).show(ui, |ui| {
        for notice in notices.iter().filter(|notice| notice.gravity == Gravity::Error) {
            let (icon, colour, _) = look(ui, notice.gravity);
            ui.horizontal_top(|ui| {
                ui.label(RichText::new(icon.codepoint).size(18.0).color(colour));
                dismiss_ui(ui, notice, actions);
                let text = Label::new(&notice.text).wrap().sense(Sense::click());
                if ui.add(text).on_hover_text("A click or Esc dismisses it").clicked() {
                    actions.push(Action::Window(WindowAction::DismissNotice(notice.id)));
                }
            });
        }
    });
}

fn dismiss_ui(ui: &mut Ui, notice: &Notice, actions: &mut Vec<Action>) {
    let (_, _, kind) = look(ui, notice.gravity);
    let close = egui::Button::new(ICON_CLOSE.codepoint).small().frame_when_inactive(false);
    let response = ui.add(close);
    let name = format!("Dismiss: {kind}: {}", notice.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if response.on_hover_text("Dismiss").clicked() {
        actions.push(Action::Window(WindowAction::DismissNotice(notice.id)));
    }
}
