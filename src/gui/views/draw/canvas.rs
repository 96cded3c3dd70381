//! The paper: its content, and the pen.

use std::sync::Arc;

use egui::{
    Color32, CornerRadius, Event, Mesh, Painter, PointerButton, Pos2, Rect, Sense, Shape, Stroke, StrokeKind,
    Ui, Vec2,
};

use crate::data::Classes;
use crate::data::ink::{self, Sheet};
use crate::gui::action::{Action, DrawAction};
use crate::gui::panel::draw::{Drawing, ERASER};
use crate::gui::theme::{self, Palette};
use crate::gui::views::plots::describe;

use super::textures::{TextureKey, Textures, ink as ink_image};

/// Draws the paper and turns the pen's movements on it into actions.
pub(super) fn canvas_ui(
    ui: &mut Ui,
    side: f32,
    (drawing, answers): (&Drawing, &Classes),
    textures: &mut Textures,
    actions: &mut Vec<Action>,
) {
    let (place, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "Paper to draw on"));
    describe(ui, &response, "Draw with the pointer; the right button takes ink away");
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter_at(place);
    painter.rect_filled(place, CornerRadius::same(6), colours.paper);
    let sheet = drawing.shown();
    guide(&painter, place, &colours);
    sheet_shapes(ui, &painter, place, &sheet, &colours, textures);
    if drawing.is_blank() {
        invitation(&painter, place, answers.are_digits(), &colours);
    }
    ui.painter().rect_stroke(
        place,
        CornerRadius::same(6),
        Stroke::new(1.0, colours.faint),
        StrokeKind::Outside,
    );
    pen_events(ui, place, drawing.live.is_some(), actions);
    if response.contains_pointer()
        && let Some(at) = ui.ctx().pointer_latest_pos()
    {
        ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair);
        let factor = if drawing.eraser { ERASER } else { 1.0 };
        let radius = drawing.width * factor / 2.0 * side / Sheet::SIDE;
        painter.circle_stroke(at, radius, Stroke::new(1.0, colours.accent));
    }
}

/// Draws the 20×20 box that digits are fitted into, faintly.
fn guide(painter: &Painter, place: Rect, colours: &Palette) {
    let inner = place.shrink(place.width() * 4.0 / Sheet::SIDE);
    let stroke = Stroke::new(1.0, colours.faint.gamma_multiply(0.7));
    painter.rect_stroke(inner, CornerRadius::same(4), stroke, StrokeKind::Inside);
}

fn invitation(painter: &Painter, place: Rect, digits: bool, colours: &Palette) {
    let font = egui::FontId::proportional(19.0);
    let at = place.center();
    let [above, below] = if digits {
        ["Draw a digit here", "or drop, paste or open a picture of one"]
    } else {
        ["Draw here", "or drop, paste or open a picture"]
    };
    painter.text(at, egui::Align2::CENTER_BOTTOM, above, font, colours.weak);
    let font = egui::FontId::proportional(12.5);
    painter.text(at + egui::vec2(0.0, 6.0), egui::Align2::CENTER_TOP, below, font, colours.weak);
}

fn sheet_shapes(
    ui: &Ui,
    painter: &Painter,
    place: Rect,
    sheet: &Sheet,
    colours: &Palette,
    textures: &mut Textures,
) {
    if let Some(base) = &sheet.base {
        // Its address identifies the image while it is on the sheet.
        let stamp = Arc::as_ptr(base).cast::<f32>().addr() as u64;
        let texture = textures.get(ui.ctx(), TextureKey::Base, stamp, || ink_image(base));
        let mut mesh = Mesh::with_texture(texture);
        let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
        mesh.add_rect_with_uv(place, whole, colours.ink);
        painter.add(mesh);
    }
    let scale = place.width() / Sheet::SIDE;
    for stroke in &sheet.strokes {
        let colour = if stroke.erase { colours.paper } else { colours.ink };
        stroke_shapes(painter, place.min, scale, stroke, colour);
    }
}

/// A line with round ends and joints.
fn stroke_shapes(painter: &Painter, origin: Pos2, scale: f32, stroke: &ink::Stroke, colour: Color32) {
    let width = stroke.width * scale;
    let on_screen = |point: &[f32; 2]| origin + egui::vec2(point[0], point[1]) * scale;
    let points: Vec<Pos2> = stroke.points.iter().map(on_screen).collect();
    let segments =
        points.windows(2).map(|ends| Shape::line_segment([ends[0], ends[1]], Stroke::new(width, colour)));
    painter.extend(segments);
    painter.extend(points.iter().map(|at| Shape::circle_filled(*at, width / 2.0, colour)));
}

/// Every movement since the last frame, in order: a fast stroke is as smooth as the pointer's own reports.
fn pen_events(ui: &Ui, place: Rect, mut down: bool, actions: &mut Vec<Action>) {
    let events = ui.input(|input| {
        let pen = |event: &&Event| {
            matches!(
                event,
                Event::PointerMoved(_) | Event::PointerButton { .. } | Event::WindowFocused(false)
            )
        };
        input.events.iter().filter(pen).cloned().collect::<Vec<Event>>()
    });
    let on_paper = |at: Pos2| {
        let at = (place.clamp(at) - place.min) * (Sheet::SIDE / place.width());
        [at.x, at.y]
    };
    let mut moved = Vec::new();
    let flush = |moved: &mut Vec<[f32; 2]>, actions: &mut Vec<Action>| {
        if !moved.is_empty() {
            actions.push(Action::Draw(DrawAction::Extend(std::mem::take(moved))));
        }
    };
    for event in events {
        match event {
            Event::PointerMoved(at) if down => moved.push(on_paper(at)),
            Event::PointerButton { pos, button, pressed: true, .. } if !down => {
                let draws = matches!(button, PointerButton::Primary | PointerButton::Secondary);
                // The pen must not draw through a dialog or menu that covers the paper.
                let ours = ui.ctx().layer_id_at(pos) == Some(ui.layer_id());
                if draws && ours && place.intersect(ui.clip_rect()).contains(pos) {
                    down = true;
                    let erase = button == PointerButton::Secondary;
                    actions.push(Action::Draw(DrawAction::Begin { at: on_paper(pos), erase }));
                }
            }
            Event::PointerButton { pos, pressed: false, .. } if down => {
                moved.push(on_paper(pos));
                flush(&mut moved, actions);
                down = false;
                actions.push(Action::Draw(DrawAction::End));
            }
            // Another window will get the release.
            Event::WindowFocused(false) if down => {
                flush(&mut moved, actions);
                down = false;
                actions.push(Action::Draw(DrawAction::End));
            }
            _ => {}
        }
    }
    flush(&mut moved, actions);
}
