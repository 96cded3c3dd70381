//! What tells classes apart in the plots: a colour and a shape each.

use egui::{Color32, Mesh, Pos2, Rect, RichText, Sense, Ui, Vec2};

use super::parts::class_colour;
use crate::data::{Class, Classes};
use crate::gui::action::{Action, RotateAction};
use crate::gui::charts::class_named;
use crate::gui::panel::rotate::RotatePanel;
use crate::gui::theme;
use crate::gui::views::names::fitted;

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

/// Width of a class's name at most.
const NAME: f32 = 84.0;
/// Classes offered at most.
const OFFERED: usize = 12;

/// The classes that can be shown: all of a few; of many those likely anywhere along the course, and those chosen.
fn offered(state: &RotatePanel, answers: &Classes) -> Vec<Class> {
    if answers.len() <= OFFERED {
        return answers.iter().collect();
    }
    let mut offered = state.view.as_ref().map_or_else(Vec::new, |view| view.likely.clone());
    offered.extend(state.classes());
    offered.sort_unstable();
    offered.dedup();
    offered
}

/// All classes: those in the plots with their mark; a click shows or hides one.
pub(super) fn legend_ui(ui: &mut Ui, state: &RotatePanel, actions: &mut Vec<Action>) {
    let colours = theme::palette(ui.visuals());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 3.0;
        ui.label(RichText::new("Classes ").small().color(colours.weak));
        let names = state.names().cloned().unwrap_or_default();
        let answers = &names.answers;
        for class in offered(state, answers) {
            let place = state.classes().binary_search(&class).ok();
            let font = egui::FontId::proportional(13.5);
            let short = fitted(ui.painter(), answers.name(class), &font, NAME);
            let wide =
                ui.painter().layout_no_wrap(short.clone(), font.clone(), Color32::PLACEHOLDER).size().x;
            let width = if answers.are_digits() { 34.0 } else { 26.0 + wide };
            let size = egui::vec2(width, 20.0);
            let (area, response) = ui.allocate_exact_size(size, Sense::click());
            let name = format!("Show {}", class_named(answers, class));
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
            ui.painter().text(digit, egui::Align2::LEFT_CENTER, short, font, colour);
            if response
                .on_hover_text(if class < 10 { format!("{name} (key {class})") } else { name })
                .clicked()
            {
                actions.push(Action::Rotate(RotateAction::Class(class)));
            }
        }
        if state.chosen.is_some() && ui.small_button("Likeliest three").clicked() {
            actions.push(Action::Rotate(RotateAction::TopClasses));
        }
    });
}
