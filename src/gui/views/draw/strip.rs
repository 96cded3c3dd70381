//! Strips of digits to browse: those found in pictures, and My digits.

use egui::{
    Align2, Color32, CornerRadius, FontId, Mesh, Pos2, Rect, Response, RichText, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, Vec2,
};
use egui_material_icons::icons::ICON_CLOSE;

use crate::gui::action::{Action, DrawAction, FileAction, FilePurpose, InspectorAction};
use crate::gui::panel::draw::StartedFrom;
use crate::gui::theme;
use crate::gui::views::plots::follow_focus;
use crate::wording;

use super::data::DrawData;
use super::textures::{TextureKey, Textures, ink, ink_bytes};
use crate::gui::views::buttons::icon_button;

/// Size of a thumbnail.
const CELL: f32 = 46.0;
/// Height of its caption.
const CAPTION: f32 = 15.0;

/// Height of a strip with its scroll bar.
pub(super) const HEIGHT: f32 = CELL + CAPTION + 12.0;

/// Draws the digits found in pictures.
pub(super) fn found_ui(ui: &mut Ui, data: &DrawData<'_>, textures: &mut Textures, actions: &mut Vec<Action>) {
    let drawing = data.drawing;
    let count: usize = drawing.pictures.iter().map(|picture| picture.steps.found.len()).sum();
    row_ui(
        ui,
        "pictures",
        |ui, actions| {
            ui.strong("From pictures");
            ui.horizontal(|ui| {
                ui.weak(wording::count(count, "digit"));
                if icon_button(ui, ICON_CLOSE, "Forget the pictures").clicked() {
                    actions.push(Action::Draw(DrawAction::ForgetPictures));
                }
            });
        },
        |ui, actions| {
            for picture in &drawing.pictures {
                if picture.steps.found.is_empty() {
                    let text = RichText::new(format!("{}\nno ink found", picture.name)).small();
                    let shown = drawing.picture == Some(picture.id);
                    let button = egui::Button::selectable(shown, text).frame_when_inactive(true);
                    if ui.add_sized([100.0, CELL], button.wrap()).clicked() {
                        actions.push(Action::Draw(DrawAction::ShowPicture(picture.id)));
                    }
                }
                for (place, (found, measures)) in
                    picture.steps.found.iter().zip(&picture.measures).enumerate()
                {
                    let key = TextureKey::Found(picture.id, place);
                    // The bits of the ink distinguish one reading from the next.
                    let stamp = u64::from(found.ink.to_bits());
                    let texture = textures.get(ui.ctx(), key, stamp, || ink(&found.image));
                    let chosen = drawing.page.origin == Some(StartedFrom::Picture { id: picture.id, place });
                    let digit = data.answers.name(measures.prediction());
                    let caption = (digit.to_owned(), wording::short(measures.predictive_entropy, 2));
                    let name = format!("Digit {} of {}, predicted {digit}", place + 1, picture.name);
                    let response = cell_ui(ui, texture, chosen, &name, &caption);
                    if response.on_hover_text(&name).clicked() {
                        actions.push(Action::Draw(DrawAction::OpenFound { picture: picture.id, place }));
                    }
                }
            }
        },
        actions,
    );
}

/// Draws My digits.
pub(super) fn kept_ui(ui: &mut Ui, data: &DrawData<'_>, textures: &mut Textures, actions: &mut Vec<Action>) {
    row_ui(
        ui,
        "kept",
        |ui, actions| {
            ui.strong("My digits");
            ui.weak(wording::count(data.sights.kept.len(), "digit"));
            if ui.small_button("Export…").clicked() {
                actions.push(Action::File(FileAction::Ask(FilePurpose::ExportKept)));
            }
        },
        |ui, actions| {
            for digit in data.sights.kept.iter().rev() {
                let texture =
                    textures.get(ui.ctx(), TextureKey::Kept(digit.id), 0, || ink_bytes(&digit.pixels));
                let chosen = data.drawing.page.origin == Some(StartedFrom::Kept(digit.id));
                let label =
                    digit.label.map_or_else(|| "–".to_owned(), |label| data.answers.name(label).to_owned());
                let name = match digit.label {
                    Some(label) => format!("My digit, label {}", data.answers.name(label)),
                    None => "My digit, no label".to_owned(),
                };
                let response = cell_ui(ui, texture, chosen, &name, &(label, String::new()));
                response.context_menu(|ui| {
                    if ui.button("Why is it uncertain?").clicked() {
                        let origin = crate::shown::subject::Origin::Kept(digit.id);
                        actions.push(Action::Inspector(InspectorAction::LookAt(origin)));
                        ui.close();
                    }
                    if ui.button("Open on the paper").clicked() {
                        actions.push(Action::Draw(DrawAction::OpenKept(digit.id)));
                        ui.close();
                    }
                    if ui.button("Open in Rotate").clicked() {
                        let origin = crate::shown::subject::Origin::Kept(digit.id);
                        actions.push(Action::Rotate(crate::gui::action::RotateAction::Open(origin)));
                        ui.close();
                    }
                    if ui.button("Delete").clicked() {
                        actions.push(Action::Draw(DrawAction::DeleteKept(digit.id)));
                        ui.close();
                    }
                });
                let response = response.on_hover_text(format!(
                    "{name}. Click to see it in the inspector; right-click to draw on it, to turn it, or to delete it."
                ));
                if response.clicked() {
                    let origin = crate::shown::subject::Origin::Kept(digit.id);
                    actions.push(Action::Inspector(InspectorAction::LookAt(origin)));
                }
                if response.has_focus() && ui.input(|input| input.key_pressed(egui::Key::Delete)) {
                    actions.push(Action::Draw(DrawAction::DeleteKept(digit.id)));
                }
            }
        },
        actions,
    );
}

/// A heading on the left, cells to scroll through on the right.
fn row_ui(
    ui: &mut Ui,
    id: &str,
    heading: impl FnOnce(&mut Ui, &mut Vec<Action>),
    cells: impl FnOnce(&mut Ui, &mut Vec<Action>),
    actions: &mut Vec<Action>,
) {
    ui.horizontal_top(|ui| {
        ui.set_height(HEIGHT);
        ui.vertical(|ui| {
            ui.set_width(100.0);
            heading(ui, actions);
        });
        ScrollArea::horizontal().id_salt(id).auto_shrink(false).show(ui, |ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                cells(ui, actions);
            });
            follow_focus(ui);
        });
    });
}

/// A thumbnail with its caption.
fn cell_ui(
    ui: &mut Ui,
    texture: egui::TextureId,
    chosen: bool,
    name: &str,
    caption: &(String, String),
) -> Response {
    let (place, response) = ui.allocate_exact_size(egui::vec2(CELL, CELL + CAPTION), Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, name));
    if !ui.is_rect_visible(place) {
        return response;
    }
    let colours = theme::palette(ui.visuals());
    let image = Rect::from_min_size(place.min, Vec2::splat(CELL));
    let painter = ui.painter();
    painter.rect_filled(image, CornerRadius::same(2), colours.paper);
    paint(painter, texture, image, colours.ink);
    let (width, colour) = if chosen {
        (2.5, colours.accent)
    } else if response.hovered() || response.has_focus() {
        (1.5, colours.ink)
    } else {
        (1.0, colours.faint)
    };
    painter.rect_stroke(image, CornerRadius::same(2), Stroke::new(width, colour), StrokeKind::Inside);
    let font = FontId::proportional(11.0);
    let (left, right) = caption;
    let text = ui.visuals().text_color();
    painter.text(place.left_bottom(), Align2::LEFT_BOTTOM, left, font.clone(), text);
    painter.text(place.right_bottom(), Align2::RIGHT_BOTTOM, right, font, colours.weak);
    response
}

/// An image whose ink is opacity.
pub(super) fn paint(painter: &egui::Painter, texture: egui::TextureId, place: Rect, ink: Color32) {
    let mut mesh = Mesh::with_texture(texture);
    mesh.add_rect_with_uv(place, Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0)), ink);
    painter.add(mesh);
}
