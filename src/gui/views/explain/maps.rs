//! Maps of how the doubt changes when a patch is erased or inked.

use egui::{RichText, Slider, Ui};

use super::data::ExplainData;
use super::field::{Quantity, legend_ui, map_ui, outline, side_by_side, with_error};
use crate::data::SIDE;
use crate::gui::action::{Action, ExplainAction};
use crate::gui::settings::PATCHES;
use crate::gui::views::readout;
use crate::gui::views::wheel::wheel_ui;
use crate::shown::explain::ExplainView;
use crate::shown::subject::Origin;
use crate::uncertainty::explanation::{Change, Edit};

fn value(quantity: Quantity, change: &Change) -> [f32; 2] {
    match quantity {
        Quantity::Entropy => change.entropy,
        Quantity::Information => change.information,
    }
}

/// Draws the four maps.
pub(super) fn maps_ui(ui: &mut Ui, data: &ExplainData<'_>, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.weak("Patch");
        let mut size = data.patch;
        ui.spacing_mut().slider_width = 110.0;
        let slider = Slider::new(&mut size, PATCHES).custom_formatter(|size, _| format!("{size}×{size}"));
        let response = ui.add(slider);
        response.widget_info(|| egui::WidgetInfo::slider(true, data.patch as f64, "Patch width"));
        let hint = "Width of the squares that are edited, in pixels (arrow keys while it has the focus)";
        if response.on_hover_text(hint).changed() {
            actions.push(Action::Explain(ExplainAction::Patch(size)));
        }
        if data.state.is_stale() || data.state.view.as_ref().is_some_and(|view| !view.complete) {
            wheel_ui(ui);
        }
    });
    let Some(view) = data.origin.and_then(|origin| data.state.of(origin)) else {
        let waits = match data.origin {
            Some(Origin::Drawing) => "The maps appear once the pen rests.",
            _ => "The maps appear once all passes are done.",
        };
        ui.weak(waits);
        return;
    };
    let quantities = Quantity::of(view);
    for (edit, (scale, [told, _])) in
        Edit::ALL.into_iter().zip(view.maps.scales.into_iter().zip(&view.maps.told))
    {
        ui.add_space(2.0);
        ui.label(RichText::new(format!("{} a patch: {told}", verb(edit))).small());
        side_by_side(ui, quantities, |ui, quantity, width| {
            change_ui(ui, view, (edit, quantity), [width, scale]);
        });
        legend_ui(ui, scale, quantities.len());
    }
    if view.map_passes < view.key.sampled.passes {
        ui.weak(format!("Maps use the first {} passes.", view.map_passes));
    }
    if view.maps.grid.stride() > 1 && view.complete {
        ui.weak(format!("Patches {} pixels apart: more would take too long.", view.maps.grid.stride()));
    }
    if view.maps.measures.passes < 2 {
        ui.weak("One pass has no spread: nothing here is known to exceed noise, and there is no map of MI.");
    } else if view.maps.measures.draws() <= 1.0 {
        ui.weak(
            "Four balanced passes are one draw, without a spread: nothing here is known to exceed noise.",
        );
    } else if quantities.len() == 1 {
        ui.weak("Without dropout there is one network and no noise, nor disagreement to map.");
    }
}

fn verb(edit: Edit) -> &'static str {
    match edit {
        Edit::Erase => "Erase",
        Edit::Ink => "Ink",
    }
}

fn change_ui(ui: &mut Ui, view: &ExplainView, (edit, quantity): (Edit, Quantity), [width, scale]: [f32; 2]) {
    let maps = &view.maps;
    let changes = &maps.changes[usize::from(edit == Edit::Ink)];
    let caption = quantity.name('Δ');
    let name = format!("{} a patch: map of {caption}", verb(edit));
    let pixel = width / SIDE as f32;
    let (place, response) = map_ui(ui, view, [&name, &caption], [width, scale], |at| {
        let (x, y) = ((at % SIDE) as f32, (at / SIDE) as f32);
        let value = value(quantity, &changes[maps.grid.nearest(x + 0.5, y + 0.5)]);
        Change::is_clear(value).then_some(value[0])
    });
    if let Some(pointer) = response.hover_pos() {
        let at = (pointer - place.min) / pixel;
        let patch = maps.grid.nearest(at.x, at.y);
        let corner = maps.grid.corner(patch);
        outline(ui, place, corner, maps.grid.size());
        readout::say(ui.ctx(), || {
            let change: &Change = &changes[patch];
            let [h, mi] = [change.entropy, change.information].map(|value| with_error(value, true));
            format!("{} this patch: H {h} · MI {mi}", verb(edit))
        });
        response.on_hover_ui_at_pointer(|ui| hover_ui(ui, edit, corner, &changes[patch], view));
    }
}

fn hover_ui(ui: &mut Ui, edit: Edit, [x, y]: [usize; 2], change: &Change, view: &ExplainView) {
    let last = view.maps.grid.size() - 1;
    ui.strong(format!("{} columns {x}–{}, rows {y}–{}", verb(edit), x + last, y + last));
    for (name, value) in [("H", change.entropy), ("MI", change.information)] {
        let noise = if Change::is_clear(value) { "" } else { "  (within noise)" };
        ui.label(format!("{name} {}{noise}", with_error(value, true)));
    }
    ui.label(format!("Then predicted: {}", view.names.answers.name(change.prediction)));
}
