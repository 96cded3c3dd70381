//! The dots of the plane: one mesh, rebuilt only when what it shows has changed.

use std::borrow::Cow;
use std::sync::Arc;

use egui::{Color32, Mesh, Pos2, Rect, TextStyle, Ui, Vec2};

use super::axes::Frame;
use super::brush::{self, Line};
use super::data::PlaneData;
use super::density::{CELL, Cells, Counts, Density, Shading, ramp_ui};
use super::foreign;
use crate::data::CLASSES;
use crate::gui::action::Colouring;
use crate::gui::theme::{self, CLASS_COLOURS, Palette};
use crate::shown::highlight::Highlight;
use crate::shown::{GalleryView, Layer, PlanePoints};
use crate::uncertainty::doubt_plane::Bounds;

/// Half the width of a dot, in points.
const HALF: f32 = 2.0;
/// Up to this many images in view replace their dots.
const IMAGES: usize = 90;
/// With this many dots in view or more, draw a density shade instead of overlapping dots.
const DENSE: usize = 4_000;
/// At most this many wrong images are marked one by one over the shade.
const MARKED: usize = 2_000;
/// At most this many images that are lit up get a ring each.
const RINGS: usize = 1_000;

/// What a mesh was made from.
#[derive(Clone)]
struct MeshKey {
    view: Arc<GalleryView>,
    frame: Frame,
    colouring: Colouring,
    shaded: bool,
    dark: bool,
    foreign: Option<Arc<PlanePoints>>,
    highlight: Option<Arc<Highlight>>,
}

impl MeshKey {
    fn is_same(&self, other: &Self) -> bool {
        fn same<T>(a: Option<&Arc<T>>, b: Option<&Arc<T>>) -> bool {
            a.map(Arc::as_ptr) == b.map(Arc::as_ptr)
        }
        Arc::ptr_eq(&self.view, &other.view)
            && self.frame == other.frame
            && (self.colouring, self.shaded, self.dark) == (other.colouring, other.shaded, other.dark)
            && same(self.foreign.as_ref(), other.foreign.as_ref())
            && same(self.highlight.as_ref(), other.highlight.as_ref())
    }
}

/// The dots as they were drawn last, and the line being drawn.
#[derive(Default)]
pub struct PlaneMemory {
    key: Option<MeshKey>,
    mesh: Arc<Mesh>,
    foreign: Arc<Mesh>,
    density: Density,
    in_view: Vec<u32>,
    pub(super) line: Option<Line>,
}

impl PlaneMemory {
    /// Whether Escape cancelled a box or lasso in progress; the key then does nothing else.
    pub fn given_up(&mut self, context: &egui::Context) -> bool {
        brush::given_up(&mut self.line, context)
    }

    /// The dots.
    pub(super) fn mesh(&self) -> &Arc<Mesh> {
        &self.mesh
    }

    /// The crosses of foreign images.
    pub(super) fn foreign(&self) -> &Arc<Mesh> {
        &self.foreign
    }

    /// The shaded cells.
    pub(super) fn density(&self) -> &Density {
        &self.density
    }

    /// Dataset indices of the images to show in place of dots: those in view, when they are few.
    pub(super) fn images_in_view(&self) -> &[u32] {
        &self.in_view
    }

    /// Rebuilds the dots if anything they show has changed.
    pub(super) fn update(&mut self, ui: &Ui, data: &PlaneData<'_>, view: &Arc<GalleryView>, frame: &Frame) {
        let key = MeshKey {
            view: Arc::clone(view),
            frame: *frame,
            colouring: data.state.colouring,
            shaded: data.state.shaded,
            dark: ui.visuals().dark_mode,
            foreign: data.foreign_shown().map(|foreign| Arc::clone(&foreign.points)),
            highlight: data.highlight.cloned(),
        };
        if self.key.as_ref().is_some_and(|old| old.is_same(&key)) {
            return;
        }
        let colours = theme::palette(ui.visuals());
        let colouring = key.colouring;
        let mut layers = Layers::new(&view.plane, data.digits.labels(), frame, colours, colouring);
        // A few images lit up among many are still dots.
        let few = layers.in_view(&layers.right).chain(layers.in_view(&layers.wrong)).nth(IMAGES).is_none();
        if let Some(highlight) = &key.highlight {
            layers.keep(|index| highlight.inside(index));
        }
        let mut crosses = Mesh::default();
        if let Some(points) = &key.foreign {
            foreign::marks(&mut crosses, points, frame, &colours, key.highlight.as_deref());
        }
        self.foreign = Arc::new(crosses);
        let mut mesh = Mesh::default();
        self.paint(ui, &layers, key.shaded, &mut mesh);
        self.in_view.clear();
        if few {
            self.in_view.extend(layers.in_order(&layers.right));
            self.in_view.extend(layers.in_order(&layers.wrong));
        }
        if key.highlight.is_some() {
            layers.ring(&mut mesh);
        }
        self.mesh = Arc::new(mesh);
        self.key = Some(key);
    }

    /// Dots and shades of the images of the dataset.
    fn paint(&mut self, ui: &Ui, layers: &Layers<'_>, shaded: bool, mesh: &mut Mesh) {
        let [others, right, wrong] =
            [&layers.others, &layers.right, &layers.wrong].map(|layer| layers.in_view(layer).count());
        let matching = right + wrong;
        let (dense_others, dense) = (others >= DENSE, matching >= DENSE || (shaded && matching > IMAGES));
        let marked = !dense || wrong <= MARKED;
        if dense_others || dense {
            let cells = Cells::new(layers.frame, CELL);
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
        let dots = if dense_others { 0 } else { others } + if dense { 0 } else { right } + wrong;
        mesh.reserve_vertices(4 * dots);
        mesh.reserve_triangles(2 * dots);
        // Those that do not match, then the right ones, then the wrong ones on top.
        if !dense_others {
            layers.dot_others(mesh);
        }
        if !dense {
            layers.dot(&layers.right, if matching < 2_000 { 0.85 } else { 0.6 }, mesh);
        }
        if marked {
            layers.dot(&layers.wrong, 0.95, mesh);
        }
    }
}

/// What dots and shades are made of.
struct Layers<'a> {
    points: &'a PlanePoints,
    others: Cow<'a, [u32]>,
    right: Cow<'a, [u32]>,
    wrong: Cow<'a, [u32]>,
    labels: &'a [u8],
    frame: &'a Frame,
    colours: Palette,
    colouring: Colouring,
}

impl<'a> Layers<'a> {
    fn new(
        points: &'a PlanePoints,
        labels: &'a [u8],
        frame: &'a Frame,
        colours: Palette,
        colouring: Colouring,
    ) -> Self {
        // Cells at the edge count what lies beyond it too.
        let part = Cells::new(frame, CELL).bounds().and(frame.bounds);
        let [others, right, wrong] = if part.and(points.extent) == part {
            [&points.others, &points.right, &points.wrong].map(Cow::from)
        } else {
            found(points, part).map(Cow::from)
        };
        Self { points, others, right, wrong, labels, frame, colours, colouring }
    }

    /// Images that are not lit up are as dim as those that do not match.
    fn keep(&mut self, lit: impl Fn(u32) -> bool) {
        for layer in [&mut self.right, &mut self.wrong] {
            let (bright, dim) = layer.iter().partition::<Vec<u32>, _>(|index| lit(**index));
            self.others.to_mut().extend(dim);
            *layer = bright.into();
        }
    }

    /// Rings around the images lit up, unless there are too many for rings to help.
    fn ring(&self, mesh: &mut Mesh) {
        let lit = || self.in_view(&self.right).chain(self.in_view(&self.wrong));
        if lit().count() > RINGS {
            return;
        }
        for index in lit() {
            let at = self.frame.to_screen(self.points.places[index as usize]);
            ring(mesh, at, 6.0, 1.5, self.colours.ink);
        }
    }

    fn in_view(&self, layer: &[u32]) -> impl Iterator<Item = u32> {
        let bounds = self.frame.bounds;
        layer.iter().copied().filter(move |index| bounds.contains(self.points.places[*index as usize]))
    }

    /// Those in view, in the order of the dataset: the later cover the earlier.
    fn in_order(&self, layer: &[u32]) -> Vec<u32> {
        let mut indices: Vec<u32> = self.in_view(layer).collect();
        indices.sort_unstable();
        indices
    }

    fn label(&self, index: u32) -> u8 {
        self.labels.get(index as usize).copied().unwrap_or(0)
    }

    fn dot_others(&self, mesh: &mut Mesh) {
        let colour = self.colours.weak.gamma_multiply(0.25);
        for index in self.in_view(&self.others) {
            let at = self.frame.to_screen(self.points.places[index as usize]);
            add(mesh, at, HALF * 0.7, false, colour);
        }
    }

    fn dot(&self, layer: &[u32], opacity: f32, mesh: &mut Mesh) {
        for index in self.in_order(layer) {
            let (label, prediction) = (self.label(index), self.points.predictions[index as usize]);
            let at = self.frame.to_screen(self.points.places[index as usize]);
            let wrong = label != prediction;
            let colour = dot_colour(&self.colours, self.colouring, label, prediction).gamma_multiply(opacity);
            add(mesh, at, if wrong { 1.9 * HALF } else { HALF }, wrong, colour);
        }
    }

    fn shade_others(&self, cells: Cells) -> (Counts, Shading) {
        let mut counts = Counts::new(cells, 1);
        counts.add(self.others.iter().map(|index| (self.points.places[*index as usize], 0)));
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
        let images = self.right.iter().chain(self.wrong.iter());
        counts.add(images.map(|index| (self.points.places[*index as usize], class(*index))));
        (counts, shading)
    }
}

/// The images in a part, by their layer.
fn found(points: &PlanePoints, part: Bounds) -> [Vec<u32>; 3] {
    let [mut others, mut right, mut wrong] = [(); 3].map(|()| Vec::new());
    for index in points.grid.around(part).filter(|index| part.contains(points.places[*index as usize])) {
        match points.layers[index as usize] {
            Layer::Other => others.push(index),
            Layer::Right => right.push(index),
            Layer::Wrong => wrong.push(index),
        }
    }
    [others, right, wrong]
}

/// A ring of straight segments.
fn ring(mesh: &mut Mesh, at: Pos2, radius: f32, width: f32, colour: Color32) {
    const PIECES: u32 = 12;
    let first = mesh.vertices.len() as u32;
    for piece in 0..PIECES {
        let way = Vec2::angled(std::f32::consts::TAU * piece as f32 / PIECES as f32);
        mesh.colored_vertex(at + way * (radius - 0.5 * width), colour);
        mesh.colored_vertex(at + way * (radius + 0.5 * width), colour);
        let [a, b] = [2 * piece, 2 * ((piece + 1) % PIECES)].map(|corner| first + corner);
        mesh.add_triangle(a, a + 1, b);
        mesh.add_triangle(a + 1, b, b + 1);
    }
}

/// A square, or a diamond for what is wrong: colour alone never tells.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uncertainty::grid::Grid;

    fn frame() -> Frame {
        Frame {
            area: Rect::from_min_size(Pos2::ZERO, Vec2::splat(100.0)),
            bounds: Bounds { min: [0.0, 0.0], max: [1.0, 1.0] },
        }
    }

    /// Image 0 does not match, 1 and 2 are right, 3 is wrong, 4 is right and out of view.
    fn points() -> PlanePoints {
        let places = vec![[0.1, 0.1], [0.2, 0.2], [0.3, 0.3], [0.4, 0.4], [2.0, 2.0]];
        let extent = Bounds { min: [0.0, 0.0], max: [2.0, 2.0] };
        PlanePoints {
            grid: Grid::new(&places, extent),
            layers: vec![Layer::Other, Layer::Right, Layer::Right, Layer::Wrong, Layer::Right],
            places,
            predictions: vec![7, 7, 7, 3, 7],
            extent,
            others: vec![0],
            right: vec![1, 2, 4],
            wrong: vec![3],
        }
    }

    #[test]
    fn images_that_are_not_lit_up_are_dim_and_the_others_bear_rings() {
        let (points, frame) = (points(), frame());
        let colours = theme::palette(&egui::Visuals::dark());
        let mut layers = Layers::new(&points, &[7; 5], &frame, colours, Colouring::Correctness);
        layers.keep(|index| [0, 2, 3].contains(&index));
        assert_eq!((&*layers.right, &*layers.wrong), (&[2][..], &[3][..]));
        assert_eq!(*layers.others, [0, 1], "what does not match stays dim");
        let mut mesh = Mesh::default();
        layers.ring(&mut mesh);
        let centres = [[0.3, 0.3], [0.4, 0.4]].map(|at| frame.to_screen(at));
        assert_eq!(mesh.vertices.len(), 2 * 24);
        for vertex in &mesh.vertices {
            let near = centres.iter().map(|at| at.distance(vertex.pos)).fold(f32::MAX, f32::min);
            assert!((4.0..8.0).contains(&near), "{near}");
        }
    }

    #[test]
    fn dots_are_of_the_images_in_view_and_wrong_ones_have_another_shape() {
        let (points, frame) = (points(), frame());
        let colours = theme::palette(&egui::Visuals::light());
        let layers = Layers::new(&points, &[7; 5], &frame, colours, Colouring::Label);
        assert_eq!(layers.in_view(&layers.right).collect::<Vec<_>>(), [1, 2]);
        let mesh = |layer: &[u32]| {
            let mut mesh = Mesh::default();
            layers.dot(layer, 1.0, &mut mesh);
            mesh.vertices.iter().map(|vertex| vertex.pos).collect::<Vec<_>>()
        };
        let corner = |at: [f32; 2], by: Vec2| frame.to_screen(at) + by;
        assert!(mesh(&layers.right).contains(&corner([0.2, 0.2], Vec2::splat(HALF))), "a square has corners");
        assert!(
            mesh(&layers.wrong).contains(&corner([0.4, 0.4], Vec2::new(0.0, 1.9 * HALF))),
            "a diamond has tips"
        );
    }
}
