//! The dots of the plane: one mesh, made anew only when what it shows has changed.

use std::sync::Arc;

use egui::{Color32, Mesh, Pos2, Rect, TextStyle, Ui, Vec2};

use super::PlaneData;
use super::axes::Frame;
use super::brush::{self, Line};
use super::density::{Cells, Counts, Density, Shading, ramp_ui};
use crate::data::CLASSES;
use crate::gui::plane::Colouring;
use crate::gui::theme::{self, Palette};
use crate::worker::{GalleryView, PlanePoints};

/// Half the width of a dot, in points.
const HALF: f32 = 2.0;
/// No more images stand in place of their dots.
const IMAGES: usize = 90;
/// From so many in view on, a shade says how many lie where in place of dots that cover each other.
const DENSE: usize = 4_000;
/// So many wrong images at most are marked one by one over the shade.
const MARKED: usize = 2_000;
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
    shaded: bool,
    dark: bool,
}

/// The dots as they were drawn last, and the line being drawn.
#[derive(Default)]
pub struct PlaneMemory {
    key: Option<Key>,
    mesh: Arc<Mesh>,
    density: Density,
    in_view: Vec<u32>,
    pub(super) line: Option<Line>,
}

impl PlaneMemory {
    /// Whether Escape gave up a box or lasso under way; the key does nothing else then.
    pub fn given_up(&mut self, context: &egui::Context) -> bool {
        brush::given_up(&mut self.line, context)
    }

    /// The dots.
    pub(super) fn mesh(&self) -> &Arc<Mesh> {
        &self.mesh
    }

    /// The shaded cells.
    pub(super) fn density(&self) -> &Density {
        &self.density
    }

    /// Dataset indices of the images to show in place of dots: those in view, when they are few.
    pub(super) fn images_in_view(&self) -> &[u32] {
        &self.in_view
    }

    /// Makes the dots anew if anything they show has changed.
    pub(super) fn update(&mut self, ui: &Ui, data: &PlaneData<'_>, view: &Arc<GalleryView>, frame: &Frame) {
        let (colouring, shaded, dark) = (data.state.colouring, data.state.shaded, ui.visuals().dark_mode);
        let same = self.key.as_ref().is_some_and(|key| {
            Arc::ptr_eq(&key.view, view)
                && key.frame == *frame
                && key.colouring == colouring
                && key.shaded == shaded
                && key.dark == dark
        });
        if same {
            return;
        }
        let points = &*view.plane;
        let layers = Layers {
            points,
            labels: data.digits.labels(),
            frame,
            colours: theme::palette(ui.visuals()),
            colouring,
        };
        let [others, right, wrong] =
            [&points.others, &points.right, &points.wrong].map(|layer| layers.in_view(layer).count());
        let matching = right + wrong;
        let (dense_others, dense) = (others >= DENSE, matching >= DENSE || (shaded && matching > IMAGES));
        let marked = !dense || wrong <= MARKED;
        if dense_others || dense {
            let cells = Cells::new(frame);
            let mut shades = Vec::new();
            if dense_others {
                shades.push(layers.shade_others(cells));
            }
            if dense {
                shades.push(layers.shade(cells, marked));
            }
            self.density.set(ui, cells, &shades);
        } else {
            self.density.clear();
        }
        let mut mesh = Mesh::default();
        let dots = if dense_others { 0 } else { others } + if dense { 0 } else { right } + wrong;
        mesh.reserve_vertices(4 * dots);
        mesh.reserve_triangles(2 * dots);
        // Those that do not match, then the right ones, then the wrong ones on top.
        if !dense_others {
            layers.dot_others(&mut mesh);
        }
        if !dense {
            layers.dot(&points.right, if matching < 2_000 { 0.85 } else { 0.6 }, &mut mesh);
        }
        if marked {
            layers.dot(&points.wrong, 0.95, &mut mesh);
        }
        self.in_view.clear();
        if matching <= IMAGES {
            self.in_view.extend(layers.in_view(&points.right).chain(layers.in_view(&points.wrong)));
        }
        self.mesh = Arc::new(mesh);
        self.key = Some(Key { view: Arc::clone(view), frame: *frame, colouring, shaded, dark });
    }
}

/// What dots and shades are made of.
struct Layers<'a> {
    points: &'a PlanePoints,
    labels: &'a [u8],
    frame: &'a Frame,
    colours: Palette,
    colouring: Colouring,
}

impl Layers<'_> {
    fn in_view(&self, layer: &[u32]) -> impl Iterator<Item = u32> {
        let bounds = self.frame.bounds;
        layer.iter().copied().filter(move |index| bounds.contains(self.points.places[*index as usize]))
    }

    fn label(&self, index: u32) -> u8 {
        self.labels.get(index as usize).copied().unwrap_or(0)
    }

    fn dot_others(&self, mesh: &mut Mesh) {
        let colour = self.colours.weak.gamma_multiply(0.25);
        for index in self.in_view(&self.points.others) {
            let at = self.frame.to_screen(self.points.places[index as usize]);
            add(mesh, at, HALF * 0.7, false, colour);
        }
    }

    fn dot(&self, layer: &[u32], opacity: f32, mesh: &mut Mesh) {
        for index in self.in_view(layer) {
            let (label, prediction) = (self.label(index), self.points.predictions[index as usize]);
            let at = self.frame.to_screen(self.points.places[index as usize]);
            let wrong = label != prediction;
            let colour = dot_colour(&self.colours, self.colouring, label, prediction).gamma_multiply(opacity);
            add(mesh, at, if wrong { 1.9 * HALF } else { HALF }, wrong, colour);
        }
    }

    fn shade_others(&self, cells: Cells) -> (Counts, Shading) {
        let mut counts = Counts::new(cells, 1);
        counts.add(self.points.others.iter().map(|index| (self.points.places[*index as usize], 0)));
        (counts, Shading::Plain(self.colours.weak.gamma_multiply(0.6)))
    }

    /// Where wrong images are marked, right and wrong ones need no colours of their own: the ramp says how many.
    fn shade(&self, cells: Cells, marked: bool) -> (Counts, Shading) {
        let (classes, shading) = match self.colouring {
            Colouring::Correctness if marked => (1, Shading::Ramp),
            Colouring::Correctness => (2, Shading::Classes(vec![self.colours.accent, self.colours.wrong])),
            Colouring::Label | Colouring::Prediction => (CLASSES, Shading::Classes(CLASS_COLOURS.to_vec())),
        };
        let class = |index: u32| {
            let (label, prediction) = (self.label(index), self.points.predictions[index as usize]);
            match self.colouring {
                Colouring::Correctness => usize::from(label != prediction) % classes,
                Colouring::Label => usize::from(label) % classes,
                Colouring::Prediction => usize::from(prediction) % classes,
            }
        };
        let mut counts = Counts::new(cells, classes);
        let images = self.points.right.iter().chain(&self.points.wrong);
        counts.add(images.map(|index| (self.points.places[*index as usize], class(*index))));
        (counts, shading)
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

pub(super) fn dot_colour(colours: &Palette, by: Colouring, label: u8, prediction: u8) -> Color32 {
    let class = |class: u8| CLASS_COLOURS[usize::from(class) % CLASSES];
    match by {
        Colouring::Correctness if prediction == label => colours.accent,
        Colouring::Correctness => colours.wrong,
        Colouring::Label => class(label),
        Colouring::Prediction => class(prediction),
    }
}

/// What the colours and shapes mean.
pub(super) fn legend_ui(ui: &mut Ui, by: Colouring, most: Option<u32>) {
    let colours = theme::palette(ui.visuals());
    ui.spacing_mut().item_spacing.x = 8.0;
    if by == Colouring::Correctness {
        match most {
            Some(most) => ramp_ui(ui, most),
            None => swatch_ui(ui, false, colours.accent, "right"),
        }
        swatch_ui(ui, true, colours.wrong, "wrong");
        return;
    }
    for (class, colour) in CLASS_COLOURS.iter().enumerate() {
        swatch_ui(ui, false, *colour, &class.to_string());
    }
    swatch_ui(ui, true, colours.weak, "wrong");
}

/// A mark and its meaning, one widget, so that a line breaks before or after it.
fn swatch_ui(ui: &mut Ui, diamond: bool, colour: Color32, text: &str) {
    let galley = ui.painter().layout_no_wrap(
        text.to_owned(),
        TextStyle::Body.resolve(ui.style()),
        ui.visuals().text_color(),
    );
    let size = Vec2::new(16.0 + galley.size().x, galley.size().y);
    let (place, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    let mut mesh = Mesh::default();
    let mark = Pos2::new(place.left() + 6.0, place.center().y);
    add(&mut mesh, mark, if diamond { 5.5 } else { 4.0 }, diamond, colour);
    ui.painter().add(mesh);
    ui.painter().galley(place.left_top() + Vec2::new(16.0, 0.0), galley, colour);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
}
