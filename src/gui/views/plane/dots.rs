//! The dots of the plane: one mesh, made anew only when what it shows has changed.

use std::sync::Arc;

use egui::{Color32, Mesh, Pos2, Rect, Ui, Vec2};

use super::PlaneData;
use super::axes::Frame;
use crate::data::CLASSES;
use crate::gui::plane::{Colouring, place};
use crate::gui::theme::{self, Palette};
use crate::uncertainty::Measures;
use crate::worker::GalleryView;

/// Half the width of a dot, in points.
const HALF: f32 = 2.0;
/// No more images stand in place of their dots.
const IMAGES: usize = 90;
/// Paul Tol's bright colours and three more: told apart by people of every colour vision, on dark and on light.
const CLASS_COLOURS: [Color32; CLASSES] = [
    Color32::from_rgb(68, 119, 190),
    Color32::from_rgb(238, 102, 119),
    Color32::from_rgb(34, 150, 60),
    Color32::from_rgb(204, 187, 68),
    Color32::from_rgb(80, 190, 225),
    Color32::from_rgb(190, 60, 135),
    Color32::from_rgb(238, 119, 51),
    Color32::from_rgb(150, 150, 150),
    Color32::from_rgb(60, 165, 150),
    Color32::from_rgb(153, 112, 190),
];

/// What a mesh was made of.
#[derive(Clone)]
struct Key {
    view: Arc<GalleryView>,
    frame: Frame,
    colouring: Colouring,
    dark: bool,
}

/// The dots as they were drawn last.
#[derive(Default)]
pub struct PlaneMemory {
    key: Option<Key>,
    mesh: Arc<Mesh>,
    in_view: Vec<u32>,
}

impl PlaneMemory {
    /// The dots.
    pub(super) fn mesh(&self) -> &Arc<Mesh> {
        &self.mesh
    }

    /// Dataset indices of the images to show in place of dots: those in view, when they are few.
    pub(super) fn images_in_view(&self) -> &[u32] {
        &self.in_view
    }

    /// Makes the dots anew if anything they show has changed.
    pub(super) fn update(&mut self, ui: &Ui, data: &PlaneData<'_>, view: &Arc<GalleryView>, frame: &Frame) {
        let (colouring, dark) = (data.state.colouring, ui.visuals().dark_mode);
        let same = self.key.as_ref().is_some_and(|key| {
            Arc::ptr_eq(&key.view, view)
                && key.frame == *frame
                && key.colouring == colouring
                && key.dark == dark
        });
        if same {
            return;
        }
        let colours = theme::palette(ui.visuals());
        let labels = data.digits.labels();
        let mut matches = vec![false; view.measures.len()];
        for index in &view.ranked.order {
            matches[*index as usize] = true;
        }
        let alpha = match view.ranked.order.len() {
            0..2_000 => 0.85,
            2_000..10_000 => 0.6,
            _ => 0.4,
        };
        let mut mesh = Mesh::default();
        mesh.reserve_vertices(4 * view.measures.len());
        mesh.reserve_triangles(2 * view.measures.len());
        self.in_view.clear();
        // Those that do not match, then the right ones, then the wrong ones on top.
        for layer in 0..3 {
            for (index, measures) in view.measures.iter().enumerate() {
                let Some(&label) = labels.get(index) else { continue };
                let wrong = measures.prediction() != label;
                let own = if matches[index] { 1 + u8::from(wrong) } else { 0 };
                if own != layer || !frame.bounds.contains(place(measures)) {
                    continue;
                }
                let at = frame.to_screen(place(measures));
                if own == 0 {
                    add(&mut mesh, at, HALF * 0.7, false, colours.weak.gamma_multiply(0.25));
                    continue;
                }
                if self.in_view.len() <= IMAGES {
                    self.in_view.push(index as u32);
                }
                let opacity = if wrong { 0.95 } else { alpha };
                let colour = dot_colour(&colours, colouring, label, measures).gamma_multiply(opacity);
                add(&mut mesh, at, if wrong { 1.9 * HALF } else { HALF }, wrong, colour);
            }
        }
        if self.in_view.len() > IMAGES {
            self.in_view.clear();
        }
        self.mesh = Arc::new(mesh);
        self.key = Some(Key { view: Arc::clone(view), frame: *frame, colouring, dark });
    }
}

/// A square, or a diamond for what is wrong: never by colour alone.
fn add(mesh: &mut Mesh, at: Pos2, half: f32, diamond: bool, colour: Color32) {
    if !diamond {
        mesh.add_colored_rect(Rect::from_center_size(at, Vec2::splat(2.0 * half)), colour);
        return;
    }
    let first = mesh.vertices.len() as u32;
    for (x, y) in [(0.0, -half), (half, 0.0), (0.0, half), (-half, 0.0)] {
        mesh.colored_vertex(at + Vec2::new(x, y), colour);
    }
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first, first + 2, first + 3);
}

pub(super) fn dot_colour(colours: &Palette, by: Colouring, label: u8, measures: &Measures) -> Color32 {
    let class = |class: u8| CLASS_COLOURS[usize::from(class) % CLASSES];
    match by {
        Colouring::Correctness if measures.prediction() == label => colours.accent,
        Colouring::Correctness => colours.wrong,
        Colouring::Label => class(label),
        Colouring::Prediction => class(measures.prediction()),
    }
}

/// What the colours and shapes mean.
pub(super) fn legend_ui(ui: &mut Ui, by: Colouring) {
    let colours = theme::palette(ui.visuals());
    ui.spacing_mut().item_spacing.x = 4.0;
    if by == Colouring::Correctness {
        swatch_ui(ui, false, colours.accent, "right");
        swatch_ui(ui, true, colours.wrong, "wrong");
        return;
    }
    for (class, colour) in CLASS_COLOURS.iter().enumerate() {
        swatch_ui(ui, false, *colour, &class.to_string());
    }
    swatch_ui(ui, true, colours.weak, "wrong");
}

fn swatch_ui(ui: &mut Ui, diamond: bool, colour: Color32, text: &str) {
    ui.horizontal(|ui| {
        let (place, _) = ui.allocate_exact_size(Vec2::splat(12.0), egui::Sense::hover());
        let mut mesh = Mesh::default();
        add(&mut mesh, place.center(), if diamond { 5.5 } else { 4.0 }, diamond, colour);
        ui.painter().add(mesh);
        ui.label(text);
    });
}
