//! What maps of the doubt have in common: two quantities, colours around zero, a scale, numbers with their errors.

use egui::{Align2, Color32, FontId, Mesh, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, Vec2};

use crate::data::SIDE;
use crate::gui::theme::{self, Palette};
use crate::gui::views::digit::{digit_mesh, mix};
use crate::shown::explain::ExplainView;

/// Maximum width of a map, in points.
const WIDEST: f32 = 190.0;
/// Gap between two maps.
const GAP: f32 = 8.0;
/// How strongly the ink shows under the colours.
const UNDERLAY: f32 = 0.45;

/// What a map shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Entropy,
    Information,
}

impl Quantity {
    /// The quantities worth showing: a single network (one pass, or no dropout) cannot disagree.
    pub(super) fn of(view: &ExplainView) -> &'static [Self] {
        let sampled = &view.key.sampled;
        let one = sampled.passes < 2 || sampled.dropout <= 0.0;
        if one { &[Self::Entropy] } else { &[Self::Entropy, Self::Information] }
    }

    /// `ΔH (total)`, `∂MI (disagreement)`.
    pub(super) fn name(self, sign: char) -> String {
        match self {
            Self::Entropy => format!("{sign}H (total)"),
            Self::Information => format!("{sign}MI (disagreement)"),
        }
    }
}

/// Width of each of two maps side by side.
fn map_width(ui: &Ui) -> f32 {
    ((ui.available_width() - GAP) / 2.0).min(WIDEST)
}

/// Draws maps of one width side by side.
pub(super) fn side_by_side(
    ui: &mut Ui,
    quantities: &[Quantity],
    mut map: impl FnMut(&mut Ui, Quantity, f32),
) {
    let width = map_width(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        for quantity in quantities {
            ui.vertical(|ui| map(ui, *quantity, width));
        }
    });
}

/// Draws one map over the explained image: for each pixel a value in nats, or none; `width` in points, `scale` the
/// value of full colour. Returns where it was drawn.
pub(super) fn map_ui(
    ui: &mut Ui,
    view: &ExplainView,
    [name, caption]: [&str; 2],
    [width, scale]: [f32; 2],
    value: impl Fn(usize) -> Option<f32>,
) -> (Rect, Response) {
    let colours = theme::palette(ui.visuals());
    let (place, response) = ui.allocate_exact_size(Vec2::splat(width), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    let image = &view.key.subject.pixels;
    let on_paper = theme::on_paper(ui);
    let cell = |at: usize| colour(&colours, on_paper, image[at], value(at).unwrap_or(0.0) / scale);
    ui.painter().add(digit_mesh(place, cell));
    ui.painter().rect_stroke(place, 0.0, Stroke::new(1.0, colours.faint), StrokeKind::Outside);
    ui.label(RichText::new(caption).small());
    (place, response)
}

/// Outlines some pixels of a map.
pub(super) fn outline(ui: &Ui, place: Rect, [x, y]: [usize; 2], size: usize) {
    let pixel = place.width() / SIDE as f32;
    let corner = place.min + pixel * Vec2::new(x as f32, y as f32);
    let outline = Rect::from_min_size(corner, Vec2::splat(pixel * size as f32));
    let stroke = Stroke::new(1.5, theme::palette(ui.visuals()).ink);
    ui.painter().rect_stroke(outline, 0.0, stroke, StrokeKind::Outside);
}

/// `−0.213 ± 0.020 nats`.
pub(super) fn with_error([value, error]: [f32; 2], signed: bool) -> String {
    let value =
        if signed { format!("{value:+.3}").replace('-', "−") } else { format!("{:.3}", value.abs()) };
    if error.is_nan() { format!("{value} nats") } else { format!("{value} ± {error:.3} nats") }
}

/// Blue where doubt falls, orange where it rises, the digit in grey beneath: distinguishable with any colour
/// vision, and neutral at zero.
fn colour(colours: &Palette, [paper, ink]: [Color32; 2], value: f32, share: f32) -> Color32 {
    let under = mix(paper, ink, UNDERLAY * value);
    let pole = if share < 0.0 { colours.accent } else { colours.second };
    mix(under, pole, 0.95 * share.abs().min(1.0))
}

/// Draws the scale of maps.
pub(super) fn legend_ui(ui: &mut Ui, scale: f32, maps: usize) {
    const STEPS: usize = 48;
    let colours = theme::palette(ui.visuals());
    // Its three labels need the width of two maps.
    let width = 2.0 * map_width(ui) + GAP;
    let (place, response) = ui.allocate_exact_size(Vec2::new(width, 22.0), Sense::hover());
    response.on_hover_text(format!("The same scale for {}", if maps == 1 { "the map" } else { "both maps" }));
    let bar = Rect::from_min_size(place.min, Vec2::new(width, 6.0));
    let mut mesh = Mesh::default();
    for step in 0..STEPS {
        let share = (step as f32 + 0.5) / STEPS as f32;
        let left = bar.left() + bar.width() * step as f32 / STEPS as f32;
        let size = Vec2::new(bar.width() / STEPS as f32, bar.height());
        let cell = Rect::from_min_size(egui::pos2(left, bar.top()), size);
        mesh.add_colored_rect(cell, colour(&colours, theme::on_paper(ui), 0.0, 2.0 * share - 1.0));
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
