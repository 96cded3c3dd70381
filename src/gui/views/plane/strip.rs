//! The images chosen on the plane, beside it.

use egui::{Label, RichText, Ui};

use super::data::PlaneData;
use crate::gui::action::{Action, GalleryAction, QualityAction, WindowAction};
use crate::gui::atlas::Atlas;
use crate::gui::settings::Tab;
use crate::gui::views::strip::{Deck, Lights, PITCH, cards_ui, digit_card};
use crate::shown::GalleryView;
use crate::shown::subject::Origin;
use crate::wording;

/// More images than fit into a row of the widest screen.
const MOST: usize = 120;

/// Room for the buttons beside what a brush is called.
const BUTTONS: f32 = 170.0;

/// Draws the selected images, or those the brush holds.
pub(super) fn strip_ui(
    ui: &mut Ui,
    data: &PlaneData<'_>,
    view: &GalleryView,
    atlas: &mut Atlas,
    actions: &mut Vec<Action>,
) {
    // Always the same height, so that nothing jumps when something is selected.
    ui.set_height(PITCH.y + 26.0);
    let set = &data.selected.set;
    let mut shown: Vec<u32> = Vec::new();
    ui.horizontal(|ui| {
        if !set.is_empty() {
            ui.strong(format!("Selected: {}", wording::count(set.len(), "image")));
            let hint = "Show the selected images, and no others, in the gallery";
            if ui.small_button("Show in the gallery").on_hover_text(hint).clicked() {
                actions.push(Action::Quality(QualityAction::ShowSelected));
            }
            shown.extend(set.iter().take(MOST));
            shown.sort_by_key(|index| view.ranked.place(*index).unwrap_or(usize::MAX));
        } else if let Some(brush) = &view.brush {
            // The buttons keep their room.
            ui.scope(|ui| {
                ui.set_max_width((ui.available_width() - BUTTONS).max(60.0));
                ui.add(Label::new(RichText::new(brush.chip()).strong()).truncate())
                    .on_hover_text(brush.chip());
            });
            if ui.small_button("Select them").on_hover_text("Select the images of the brush").clicked() {
                let indices = view.ranked.order.clone();
                actions.push(Action::Gallery(GalleryAction::SelectAll { indices, add: false }));
            }
            if ui.small_button("Gallery").on_hover_text("See them in the gallery").clicked() {
                actions.push(Action::Window(WindowAction::ShowTab(Tab::Gallery)));
            }
            shown.extend(view.ranked.order.iter().take(MOST));
        } else {
            let measure = view.query.measure.label().to_lowercase();
            ui.label(RichText::new(format!("First by {measure}")).strong());
            let hint = "Drag a box or a line around images, or Ctrl+click some, to see them here.";
            ui.add(Label::new(RichText::new(hint).weak()).truncate()).on_hover_text(hint);
            shown.extend(view.ranked.order.iter().take(MOST));
        }
    });
    let labels = data.digits.labels();
    let cards = shown.iter().filter_map(|index| {
        let at = *index as usize;
        Some(digit_card(&view.names, *index, *labels.get(at)?, *view.plane.predictions.get(at)?))
    });
    let lights = Lights {
        highlight: data.highlight.map(|all| &**all),
        selected: data.selected,
        inspected: data.looked_at,
    };
    let mut deck = Deck { digits: data.digits, atlas, origin: Origin::Dataset };
    cards_ui(ui, &lights, &mut deck, cards, 1, actions);
}
