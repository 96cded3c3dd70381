//! How a picture was read: each step shown, polarity and threshold to be adjusted.

use egui::{CornerRadius, Mesh, Pos2, Rect, RichText, Sense, Slider, Stroke, StrokeKind, Ui};

use crate::data::ink::{PictureOptions, Plane, Polarity};
use crate::gui::action::{Action, DrawAction};
use crate::gui::panel::draw::{Drawing, StartedFrom};
use crate::gui::theme;
use crate::gui::views::headings::section;
use crate::shown::PictureView;
use crate::wording;

use super::textures::{TextureKey, Textures, above, grey};

/// Draws the steps of the picture that is shown.
pub(super) fn steps_ui(
    ui: &mut Ui,
    drawing: &Drawing,
    picture: &PictureView,
    textures: &mut Textures,
    actions: &mut Vec<Action>,
) {
    section(ui, &format!("How {} was read", picture.name));
    if picture.options.whole {
        options_ui(ui, picture, actions);
        return;
    }
    let steps = &picture.steps;
    // A reading is identified by its picture and its options.
    let threshold = u64::from(steps.threshold.to_bits());
    let stamp = picture.id << 34 | threshold << 1 | u64::from(steps.polarity == Polarity::DarkOnLight);
    let width = (ui.available_width() - 16.0) / 3.0;
    let chosen = match drawing.page.origin {
        Some(StartedFrom::Picture { id, place }) if id == picture.id => Some(place),
        _ => None,
    };
    ui.horizontal_top(|ui| {
        let context = ui.ctx().clone();
        let texture = textures.get(&context, TextureKey::Grey, stamp, || grey(&steps.grey));
        step_ui(ui, "brightness", width, &steps.grey, texture);
        let texture = textures.get(&context, TextureKey::Flattened, stamp, || grey(&steps.flattened));
        step_ui(ui, "ink, background removed", width, &steps.flattened, texture);
        let texture =
            textures.get(&context, TextureKey::Above, stamp, || above(&steps.flattened, steps.threshold));
        let place = step_ui(ui, "above the threshold", width, &steps.flattened, texture);
        let colours = theme::palette(ui.visuals());
        let scale = place.width() / steps.grey.width.max(1) as f32;
        for (at, found) in steps.found.iter().enumerate() {
            let corner = |x: usize, y: usize| place.min + egui::vec2(x as f32, y as f32) * scale;
            let bounds = found.bounds;
            let frame =
                Rect::from_min_max(corner(bounds.left, bounds.top), corner(bounds.right, bounds.bottom));
            let colour = if chosen == Some(at) { colours.second } else { colours.accent };
            let stroke = Stroke::new(1.5, colour);
            ui.painter().rect_stroke(frame, CornerRadius::ZERO, stroke, StrokeKind::Outside);
        }
    });
    found_ui(ui, picture);
    options_ui(ui, picture, actions);
}

fn found_ui(ui: &mut Ui, picture: &PictureView) {
    let colours = theme::palette(ui.visuals());
    let count = picture.steps.found.len();
    let text = if count == 0 {
        RichText::new("No ink found. Choose the polarity or the threshold by hand, or another picture.")
            .color(colours.warning)
    } else {
        RichText::new(format!("{} found", wording::count(count, "digit"))).weak()
    };
    ui.add(egui::Label::new(text).wrap());
}

fn options_ui(ui: &mut Ui, picture: &PictureView, actions: &mut Vec<Action>) {
    let mut options = picture.options;
    let hint = "Made grey and 28×28 by area, without looking for ink: as the images of a set are";
    ui.checkbox(&mut options.whole, "Whole, as it is").on_hover_text(hint);
    if picture.options.whole {
        if options != picture.options {
            actions.push(Action::Draw(DrawAction::ReadAgain(options)));
        }
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.label("Ink is");
        let auto = match picture.steps.polarity {
            Polarity::DarkOnLight => "found (darker)",
            Polarity::LightOnDark => "found (lighter)",
        };
        for (value, text) in
            [(None, auto), (Some(Polarity::DarkOnLight), "darker"), (Some(Polarity::LightOnDark), "lighter")]
        {
            let text = if value.is_none() && options.polarity.is_some() { "found" } else { text };
            if ui.selectable_label(options.polarity == value, text).clicked() {
                options.polarity = value;
            }
        }
    });
    ui.horizontal(|ui| {
        ui.label("Threshold");
        let mut threshold = picture.steps.threshold;
        ui.spacing_mut().slider_width = (ui.available_width() - 130.0).max(50.0);
        let response = ui.add(Slider::new(&mut threshold, 0.02..=0.98).fixed_decimals(2));
        response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(threshold), "Threshold"));
        if response.changed() {
            options.threshold = Some(threshold);
        }
        let own = options.threshold.is_some();
        let found = ui.add_enabled(own, egui::Button::new("Otsu"));
        if found.on_hover_text("The threshold found from the picture").clicked() {
            options.threshold = None;
        }
    });
    if options != picture.options {
        actions.push(Action::Draw(DrawAction::ReadAgain(PictureOptions { ..options })));
    }
}

/// Draws one step, scaled to fit `width`; returns where.
fn step_ui(ui: &mut Ui, name: &str, width: f32, plane: &Plane, texture: egui::TextureId) -> Rect {
    ui.vertical(|ui| {
        ui.set_width(width);
        let (columns, rows) = (plane.width.max(1) as f32, plane.height.max(1) as f32);
        let scale = (width / columns).min(width * 1.2 / rows);
        let (place, response) =
            ui.allocate_exact_size(egui::vec2(columns * scale, rows * scale), Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
        let mut mesh = Mesh::with_texture(texture);
        let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
        mesh.add_rect_with_uv(place, whole, egui::Color32::WHITE);
        ui.painter().add(mesh);
        ui.add(egui::Label::new(RichText::new(name).small().weak()).wrap());
        place
    })
    .inner
}
