//! What limits the images shown, each with a way to lift it, and one way to lift all.

use egui::Ui;
use egui_material_icons::icons::{ICON_CLOSE, ICON_LASSO_SELECT, ICON_SHELVES};

use crate::gui::action::{Action, GalleryAction, PlaneAction, Shelf};
use crate::shown::GalleryView;
use crate::uncertainty::{Filter, Grouping};
use crate::wording;

/// A limit in force.
struct Chip {
    icon: &'static str,
    /// What it is called on the chip.
    name: String,
    /// What a click does, for screen readers.
    lifts: String,
    hint: String,
    action: Action,
}

/// A chip for each limit in force; the images shown pass all of them. `shelf` is the one that is shown: it stands for
/// the limits that it sets.
pub fn chips_ui(ui: &mut Ui, view: &GalleryView, shelf: Option<Shelf>, actions: &mut Vec<Action>) {
    let chips = chips(view, shelf);
    if chips.is_empty() {
        return;
    }
    for chip in chips {
        let text = format!("{} {} {}", chip.icon, chip.name, ICON_CLOSE.codepoint);
        break_before(ui, text.trim_start());
        let response = ui.add(egui::Button::new(text.trim_start()).truncate()).on_hover_text(chip.hint);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &chip.lifts));
        if response.clicked() {
            actions.push(chip.action);
        }
    }
    let hint = "Show all images: no digit, no filter, no shelf and no other limit";
    break_before(ui, "Clear all");
    if ui.button("Clear all").on_hover_text(hint).clicked() {
        actions.push(Action::Gallery(GalleryAction::ShowAll));
    }
}

/// Begins another line where a button with this text does not fit into what is left of this one.
fn break_before(ui: &mut Ui, text: &str) {
    let width = text_width(ui, text) + 2.0 * ui.spacing().button_padding.x;
    if ui.layout().main_wrap && ui.available_size_before_wrap().x < width {
        ui.end_row();
    }
}

/// How wide a text is on a button.
pub(super) fn text_width(ui: &Ui, text: &str) -> f32 {
    let font = egui::TextStyle::Button.resolve(ui.style());
    ui.painter().layout_no_wrap(text.to_owned(), font, ui.visuals().text_color()).size().x
}

fn chips(view: &GalleryView, shelf: Option<Shelf>) -> Vec<Chip> {
    let gallery = |name: String, lifts: String, hint: &str, action| Chip {
        icon: "",
        name,
        lifts,
        hint: hint.to_owned(),
        action: Action::Gallery(action),
    };
    let mut chips = Vec::new();
    if let Some(digit) = view.query.digit {
        let name = match view.query.grouping {
            Grouping::Label if view.names.labels.are_digits() => format!("Digit {digit}"),
            Grouping::Label => view.names.labels.name(digit).to_owned(),
            Grouping::Prediction => format!("Predicted {}", view.names.answers.name(digit)),
        };
        let lifts =
            format!("{name}: show all {}", if view.names.labels.are_digits() { "digits" } else { "classes" });
        chips.push(gallery(
            name,
            lifts,
            if view.names.labels.are_digits() {
                "Show all digits again (key A)"
            } else {
                "Show all classes again (key A)"
            },
            GalleryAction::SetDigit(None),
        ));
    }
    if let Some(shelf) = shelf {
        let name = shelf.label().to_owned();
        let lifts = format!("Shelf {name}: leave it");
        let chip = gallery(name, lifts, shelf.explanation(), GalleryAction::LeaveShelf(shelf));
        chips.push(Chip { icon: ICON_SHELVES.codepoint, ..chip });
    } else if view.query.filter != Filter::All {
        let name = if view.query.filter == Filter::Right { "Right only" } else { "Wrong only" };
        let lifts = format!("{name}: show all");
        let action = GalleryAction::SetFilter(Filter::All);
        chips.push(gallery(name.to_owned(), lifts, "Show right and wrong predictions again", action));
    }
    if let Some(brush) = &view.brush {
        let hint = format!(
            "{} in the region drawn on the plane, {} of them shown: digit, filter and other limits apply too. \
             Another T, p or network changes which these are. Click to show all again.",
            wording::count(brush.inside.len(), "image"),
            view.ranked.order.len()
        );
        chips.push(Chip {
            icon: ICON_LASSO_SELECT.codepoint,
            name: format!("Only {}", brush.chip()),
            lifts: format!("Only {}: show all", brush.chip()),
            hint,
            action: Action::Plane(PlaneAction::ClearBrush),
        });
    }
    if let Some(only) = view.only.as_ref().filter(|_| shelf != Some(Shelf::MeanLogitsDiffer)) {
        let name = format!("Only {}", only.name);
        let lifts = format!("{name}: show all");
        chips.push(gallery(name, lifts, "Show all images again", GalleryAction::ShowOnly(None)));
    }
    chips
}
