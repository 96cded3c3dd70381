//! Maps of how the doubt changes when a patch is erased or inked.

use egui::{Align2, Color32, FontId, Mesh, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2};

use super::ExplainData;
use crate::data::SIDE;
use crate::gui::action::Action;
use crate::gui::charts;
use crate::gui::explain::{ExplainAction, PATCHES};
use crate::gui::theme::{self, Palette};
use crate::gui::views::chart_menu::chart_menu_ui;
use crate::gui::views::digit::{digit_mesh, mix};
use crate::uncertainty::explanation::{Change, Edit, PatchMaps};
use crate::worker::explain::ExplainView;
use crate::worker::subject::Origin;

/// Width of a map at most, in points.
const WIDEST: f32 = 190.0;
/// Room for the panel's scroll bar, which lies over its content.
const SCROLL_BAR: f32 = 10.0;
/// A scale that ends here or later, in nats: what is smaller is no message.
const LEAST_SCALE: f32 = 0.01;
/// Share of ink that shows under the colours.
const UNDERLAY: f32 = 0.45;

/// What a map shows the change of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Entropy,
    Information,
}

impl Quantity {
    const ALL: [Self; 2] = [Self::Entropy, Self::Information];

    fn of(self, change: &Change) -> [f32; 2] {
        match self {
            Self::Entropy => change.entropy,
            Self::Information => change.information,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Entropy => "ΔH (total)",
            Self::Information => "ΔMI (disagreement)",
        }
    }
}

/// Draws the four maps.
pub(super) fn maps_ui(ui: &mut Ui, data: &ExplainData<'_>, actions: &mut Vec<Action>) {
    let top = ui.cursor().min;
    ui.horizontal(|ui| {
        ui.weak("Patch");
        for size in PATCHES {
            let text = format!("{size}×{size}");
            let hint = format!("Edit squares of {size} pixels");
            if ui.selectable_label(data.state.patch == size, text).on_hover_text(hint).clicked() {
                actions.push(Action::Explain(ExplainAction::Patch(size)));
            }
        }
        if data.state.is_stale() || data.state.view.as_ref().is_some_and(|view| !view.fine) {
            ui.spinner();
        }
    });
    let Some(view) = data.origin.and_then(|origin| data.state.of(origin)) else {
        let waits = match data.origin {
            Some(Origin::Drawing) => "The maps come once the pen rests.",
            _ => "The maps come once all passes are there.",
        };
        ui.weak(waits);
        return;
    };
    let width = ((ui.available_width() - 8.0 - SCROLL_BAR) / 2.0).min(WIDEST);
    for (edit, changes) in Edit::ALL.into_iter().zip(&view.maps.changes) {
        let scale = scale(changes);
        ui.add_space(2.0);
        ui.label(RichText::new(heading(edit, changes, &view.maps)).small());
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            for quantity in Quantity::ALL {
                map_ui(ui, view, edit, quantity, scale, width);
            }
        });
        legend_ui(ui, scale, 2.0 * width + 8.0);
    }
    let whole = Rect::from_min_max(top, egui::pos2(ui.max_rect().right() - SCROLL_BAR, ui.cursor().top()));
    chart_menu_ui(ui, whole, "maps of change", actions, || charts::change_maps(view));
    if view.map_passes < view.key.sampled.passes {
        ui.weak(format!("Maps use the first {} passes.", view.map_passes));
    }
    if view.maps.measures.passes < 2 {
        ui.weak("One pass has no spread: nothing here is known to exceed noise.");
    }
}

/// The largest clear change of either quantity, in nats.
fn scale(changes: &[Change]) -> f32 {
    let clear = |value: [f32; 2]| if Change::is_clear(value) { value[0].abs() } else { 0.0 };
    let sizes = changes.iter().map(|change| clear(change.entropy).max(clear(change.information)));
    sizes.fold(LEAST_SCALE, f32::max)
}

fn verb(edit: Edit) -> &'static str {
    match edit {
        Edit::Erase => "Erase",
        Edit::Ink => "Ink",
    }
}

/// `Erase a patch: −0.31 ± 0.04 nats at most (then a 4)`.
fn heading(edit: Edit, changes: &[Change], maps: &PatchMaps) -> String {
    let clear = changes.iter().filter(|change| Change::is_clear(change.entropy));
    let lowest = clear.min_by(|a, b| a.entropy[0].total_cmp(&b.entropy[0]));
    match lowest.filter(|change| change.entropy[0] < 0.0) {
        Some(change) => {
            let then = if change.prediction == maps.measures.prediction() {
                String::new()
            } else {
                format!(", then taken for {}", change.prediction)
            };
            format!("{} a patch: H falls by up to {}{then}", verb(edit), with_error(change.entropy, false))
        }
        None => format!("{} a patch: none lowers H beyond noise", verb(edit)),
    }
}

/// `−0.213 ± 0.020 nats`.
fn with_error([value, error]: [f32; 2], signed: bool) -> String {
    let value =
        if signed { format!("{value:+.3}").replace('-', "−") } else { format!("{:.3}", value.abs()) };
    if error.is_nan() { format!("{value} nats") } else { format!("{value} ± {error:.3} nats") }
}

fn map_ui(ui: &mut Ui, view: &ExplainView, edit: Edit, quantity: Quantity, scale: f32, width: f32) {
    let colours = theme::palette(ui.visuals());
    let maps = &view.maps;
    let changes = &maps.changes[usize::from(edit == Edit::Ink)];
    ui.vertical(|ui| {
        let (place, response) = ui.allocate_exact_size(Vec2::splat(width), Sense::hover());
        let name = format!("{} a patch: map of {}", verb(edit), quantity.name());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &name));
        let pixel = width / SIDE as f32;
        let image = &view.key.subject.pixels;
        let mesh = digit_mesh(place, |at| {
            let (x, y) = ((at % SIDE) as f32, (at / SIDE) as f32);
            let value = quantity.of(&changes[maps.grid.nearest(x + 0.5, y + 0.5)]);
            let share = if Change::is_clear(value) { value[0] / scale } else { 0.0 };
            colour(&colours, image[at], share)
        });
        ui.painter().add(mesh);
        ui.painter().rect_stroke(place, 0.0, Stroke::new(1.0, colours.faint), StrokeKind::Outside);
        if let Some(pointer) = response.hover_pos() {
            let at = (pointer - place.min) / pixel;
            let patch = maps.grid.nearest(at.x, at.y);
            let [x, y] = maps.grid.corner(patch);
            let corner = place.min + pixel * Vec2::new(x as f32, y as f32);
            let outline = Rect::from_min_size(corner, Vec2::splat(pixel * maps.grid.size() as f32));
            ui.painter().rect_stroke(outline, 0.0, Stroke::new(1.5, colours.ink), StrokeKind::Outside);
            let change = changes[patch];
            response.on_hover_ui_at_pointer(|ui| hover_ui(ui, edit, [x, y], &change, maps));
        }
        ui.label(RichText::new(quantity.name()).small());
    });
}

fn hover_ui(ui: &mut Ui, edit: Edit, [x, y]: [usize; 2], change: &Change, maps: &PatchMaps) {
    let last = maps.grid.size() - 1;
    ui.strong(format!("{} columns {x}–{}, rows {y}–{}", verb(edit), x + last, y + last));
    for (name, value) in [("H", change.entropy), ("MI", change.information)] {
        let noise = if Change::is_clear(value) { "" } else { "  (within noise)" };
        ui.label(format!("{name} {}{noise}", with_error(value, true)));
    }
    ui.label(format!("Then predicted: {}", change.prediction));
}

/// Blue where doubt falls, orange where it rises, the digit in grey beneath: told apart by people of every colour
/// vision, and neutral at zero.
fn colour(colours: &Palette, ink: f32, share: f32) -> Color32 {
    let under = mix(colours.paper, colours.ink, UNDERLAY * ink);
    let pole = if share < 0.0 { colours.accent } else { colours.second };
    mix(under, pole, 0.95 * share.abs().min(1.0))
}

fn legend_ui(ui: &mut Ui, scale: f32, width: f32) {
    const STEPS: usize = 48;
    let colours = theme::palette(ui.visuals());
    let (place, _) = ui.allocate_exact_size(Vec2::new(width, 22.0), Sense::hover());
    let bar = Rect::from_min_size(place.min, Vec2::new(width, 6.0));
    let mut mesh = Mesh::default();
    for step in 0..STEPS {
        let share = (step as f32 + 0.5) / STEPS as f32;
        let left = bar.left() + bar.width() * step as f32 / STEPS as f32;
        let cell = Rect::from_min_size(
            egui::pos2(left, bar.top()),
            Vec2::new(bar.width() / STEPS as f32, bar.height()),
        );
        mesh.add_colored_rect(cell, colour(&colours, 0.0, 2.0 * share - 1.0));
    }
    ui.painter().add(mesh);
    ui.painter().rect_stroke(bar, 0.0, Stroke::new(1.0, colours.faint), StrokeKind::Outside);
    for (at, align, text) in [
        (bar.left(), Align2::LEFT_TOP, format!("−{scale:.2} less doubt")),
        (bar.center().x, Align2::CENTER_TOP, "0 or noise".to_owned()),
        (bar.right(), Align2::RIGHT_TOP, format!("more doubt +{scale:.2} nats")),
    ] {
        let at = egui::pos2(at, bar.bottom() + 2.0);
        ui.painter().text(at, align, text, FontId::proportional(10.5), colours.weak);
    }
}
