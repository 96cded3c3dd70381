//! One image of 28×28 pixels, each a square of one colour, without a texture.

use egui::{Color32, CornerRadius, Mesh, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2};

use crate::data::{PIXELS, Pixels, SIDE};
use crate::gui::atlas::{Picture, Thumbnails};
use crate::gui::theme;

/// A square of 28×28 colours.
#[must_use]
pub fn digit_mesh(place: Rect, colour: impl Fn(usize) -> Color32) -> Mesh {
    let mut mesh = Mesh::default();
    mesh.reserve_triangles(2 * PIXELS);
    mesh.reserve_vertices(4 * PIXELS);
    let pixel = place.width() / SIDE as f32;
    for at in 0..PIXELS {
        let corner = place.min + pixel * Vec2::new((at % SIDE) as f32, (at / SIDE) as f32);
        mesh.add_colored_rect(Rect::from_min_size(corner, Vec2::splat(pixel)), colour(at));
    }
    mesh
}

/// Draws an image in a frame, under a name for screen readers.
pub fn digit_ui(ui: &mut Ui, pixels: Pixels<'_>, side: f32, name: &str) -> Response {
    let colours = theme::palette(ui.visuals());
    let (place, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    let [paper, ink] = theme::on_paper(ui);
    ui.painter().add(digit_mesh(place, |at| mix(paper, ink, pixels.get(0, at))));
    let stroke = Stroke::new(1.0, colours.faint);
    ui.painter().rect_stroke(place, CornerRadius::same(3), stroke, StrokeKind::Outside);
    response
}

/// Draws an image as it is in the same frame.
pub fn picture_ui(ui: &mut Ui, picture: Picture, side: f32, name: &str) -> Response {
    let colours = theme::palette(ui.visuals());
    let (place, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    let [paper, ink] = theme::on_paper(ui);
    ui.painter().rect_filled(place, CornerRadius::same(3), paper);
    let mut thumbnails = Thumbnails::default();
    thumbnails.add(picture, place, ink);
    thumbnails.paint(ui.painter());
    let stroke = Stroke::new(1.0, colours.faint);
    ui.painter().rect_stroke(place, CornerRadius::same(3), stroke, StrokeKind::Outside);
    response
}

/// A blend of two colours.
#[must_use]
pub fn mix(from: Color32, to: Color32, share: f32) -> Color32 {
    let part = |a: u8, b: u8| (f32::from(a) + share * (f32::from(b) - f32::from(a))).round() as u8;
    Color32::from_rgb(part(from.r(), to.r()), part(from.g(), to.g()), part(from.b(), to.b()))
}
