//! What tells classes apart in the plots: a colour and a shape each.

use egui::{Color32, Mesh, Pos2, Rect, RichText, Sense, Ui, Vec2};

use super::parts::class_colour;
use crate::data::{CLASSES, Class};
use crate::gui::action::{Action, RotateAction};
use crate::gui::panel::rotate::RotatePanel;
use crate::gui::theme;

/// Corners of the shapes, in half widths: a square, a triangle, a diamond, a triangle on its tip, an upright bar.
const SHAPES: [&[[f32; 2]]; 5] = [
    &[[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]],
    &[[0.0, -1.2], [1.1, 0.8], [-1.1, 0.8]],
    &[[0.0, -1.2], [1.0, 0.0], [0.0, 1.2], [-1.0, 0.0]],
    &[[-1.1, -0.8], [1.1, -0.8], [0.0, 1.2]],
    &[[-0.45, -1.3], [0.45, -1.3], [0.45, 1.3], [-0.45, 1.3]],
];

/// Adds the mark of the class in this place among those shown.
pub(super) fn add(mesh: &mut Mesh, at: Pos2, half: f32, place: usize, colour: Color32) {
    let corners = SHAPES[place % SHAPES.len()];
    let first = mesh.vertices.len() as u32;
    for [x, y] in corners {
        mesh.colored_vertex(at + Vec2::new(half * x, half * y), colour);
    }
    for corner in 1..corners.len() as u32 - 1 {
        mesh.add_triangle(first, first + corner, first + corner + 1);
    }
}

/// All classes: those in the plots with their mark; a click shows or hides one.
pub(super) fn legend_ui(ui: &mut Ui, state: &RotatePanel, actions: &mut Vec<Action>) {
    let colours = theme::palette(ui.visuals());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        ui.label(RichText::new("Classes ").small().color(colours.weak));
        for class in 0..CLASSES as Class {
            let place = state.classes().binary_search(&class).ok();
            let (area, response) = ui.allocate_exact_size(egui::vec2(34.0, 20.0), Sense::click());
            let name = format!("Show class {class}");
            response
                .widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, place.is_some(), &name));
            if response.hovered() || response.has_focus() {
                ui.painter().rect_filled(area, 3.0, ui.visuals().faint_bg_color);
            }
            let mark = Pos2::new(area.left() + 10.0, area.center().y);
            let mut mesh = Mesh::default();
            match place {
                Some(place) => add(&mut mesh, mark, 4.5, place, class_colour(ui, class)),
                None => {
                    mesh.add_colored_rect(Rect::from_center_size(mark, Vec2::new(7.0, 1.0)), colours.weak);
                }
            }
            ui.painter().add(mesh);
            let colour = if place.is_some() { ui.visuals().text_color() } else { colours.weak };
            let digit = Pos2::new(area.left() + 20.0, area.center().y);
            let font = egui::FontId::proportional(13.5);
            ui.painter().text(digit, egui::Align2::LEFT_CENTER, class.to_string(), font, colour);
            if response.on_hover_text(format!("{name} (key {class})")).clicked() {
                actions.push(Action::Rotate(RotateAction::Class(class)));
            }
        }
        if state.chosen.is_some() && ui.small_button("Likeliest three").clicked() {
            actions.push(Action::Rotate(RotateAction::TopClasses));
        }
    });
}
