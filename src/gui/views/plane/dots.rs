//! The dots of the plane: one mesh, rebuilt only when what it shows has changed.

use std::sync::Arc;

use egui::{Color32, Mesh, Pos2, Rect, TextStyle, TextureId, Ui, Vec2};

use super::axes::Frame;
use super::brush::{self, Line};
use super::data::PlaneData;
use super::density::{Density, Shading, ramp_ui};
use super::few::Few;
use super::gather::{A_FRAME, DENSE, Found, Gather, Images, Question};
use super::rings::{Rings, Sprite};
use crate::data::{Class, ClassNames, UNLABELLED};
use crate::gui::action::Colouring;
use crate::gui::theme::{self, CLASS_COLOURS, Palette};
use crate::gui::views::names::fitted;
use crate::shown::{GalleryView, Indices, Layer, PlanePoints};

/// Half the width of a dot, in points.
const HALF: f32 = 2.0;
/// Up to this many images in view replace their dots.
const IMAGES: usize = 90;
/// At most this many wrong images are marked one by one over the shade.
const MARKED: usize = 2_000;
/// At most this many images that are lit up get a ring each.
const RINGS: usize = 1_000;

/// What is on the screen, apart from where: which look at the images, in which light, with shades or only where needed.
#[derive(Clone, Copy, PartialEq)]
struct Style {
    number: u64,
    dark: bool,
    shaded: bool,
    ring: TextureId,
}

/// The dots as they were drawn last, and the line being drawn.
#[derive(Default)]
pub struct PlaneMemory {
    /// What is being gathered.
    gathering: Option<(Question, Gather)>,
    /// What was gathered last: it stays until the next is complete.
    gathered: Option<(Question, Found)>,
    /// Counts what was gathered.
    number: u64,
    /// Whether something was gathered to its end just now, and its picture is still to be made.
    fresh: bool,
    painted: Option<(Style, Frame)>,
    mesh: Arc<Mesh>,
    /// Rings around the images lit up.
    lit: Arc<Mesh>,
    foreign: Arc<Mesh>,
    density: Density,
    in_view: Vec<u32>,
    ring: Sprite,
    rings: Rings,
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

    /// Rings around the images lit up.
    pub(super) fn lit(&self) -> &Arc<Mesh> {
        &self.lit
    }

    /// Rings around the selected images.
    pub(super) fn selected(
        &mut self,
        context: &egui::Context,
        points: &Arc<PlanePoints>,
        set: &Indices,
        frame: &Frame,
        colour: Color32,
    ) -> &Arc<Mesh> {
        if self.rings.update(points, set, frame, A_FRAME) {
            context.request_repaint();
        }
        self.rings.mesh(points, set, frame, (self.ring.texture(context), colour))
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

    /// Rebuilds the dots if anything they show has changed: over several frames where the images are too many for
    /// one. Until then what was found last is shown where it is now.
    pub(super) fn update(&mut self, ui: &Ui, data: &PlaneData<'_>, view: &Arc<GalleryView>, frame: &Frame) {
        let question = Question {
            view: Arc::clone(view),
            foreign: data.foreign_shown().map(|foreign| Arc::clone(&foreign.points)),
            highlight: data.highlight.cloned(),
            frame: *frame,
            colouring: data.state.colouring,
        };
        let labels = data.digits.labels();
        // A frame looks at images or makes the picture of what was found, and never does both.
        if std::mem::take(&mut self.fresh) {
            ui.ctx().request_repaint();
        } else if self.gather(&question, labels) {
            ui.ctx().request_repaint();
            if self.fresh && self.painted.is_some() {
                return;
            }
        }
        self.fresh = false;
        let Some((asked, found)) = &self.gathered else {
            self.painted = None;
            self.mesh = Arc::default();
            self.lit = Arc::default();
            self.foreign = Arc::default();
            self.density.clear();
            self.in_view.clear();
            return;
        };
        let style = Style {
            number: self.number,
            dark: ui.visuals().dark_mode,
            shaded: data.state.shaded,
            ring: self.ring.texture(ui.ctx()),
        };
        if self.painted == Some((style, *frame)) {
            return;
        }
        let (lit, foreign_lit) = (|index| asked.lit(index), |index| asked.foreign_lit(index));
        let dots = Dots {
            found,
            images: asked.images(labels, &lit, &foreign_lit),
            frame,
            colours: theme::palette(ui.visuals()),
            colouring: asked.colouring,
            shaded: style.shaded,
        };
        if self.painted.is_none_or(|(old, _)| old != style) {
            dots.shade(ui, &mut self.density);
            self.in_view.clear();
            // A few images lit up among many are still dots.
            if found.matching <= IMAGES {
                self.in_view.extend(found.right.all().into_iter().chain(found.wrong.all()).flatten());
            }
        }
        self.mesh = Arc::new(dots.mesh());
        let mut rings = Mesh::with_texture(style.ring);
        if asked.highlight.is_some() {
            dots.ring(&mut rings);
        }
        self.lit = Arc::new(rings);
        let mut crosses = Mesh::default();
        if let Some(points) = &asked.foreign {
            found.strangers.marks(&mut crosses, points, &foreign_lit, frame, &dots.colours);
        }
        self.foreign = Arc::new(crosses);
        self.painted = Some((style, *frame));
    }

    /// Gathers what is asked for, as far as one frame goes; says whether more is to be done. What is being gathered is
    /// gathered to its end before anything else is, so that something moves while the question keeps changing.
    fn gather(&mut self, question: &Question, labels: &[Class]) -> bool {
        self.gathering.take_if(|(asked, _)| !asked.is_of_same_run(question));
        self.gathered.take_if(|(asked, _)| !asked.is_of_same_run(question));
        let is_there = |gathered: &Option<(Question, Found)>| {
            gathered.as_ref().is_some_and(|(asked, _)| asked.is_same(question))
        };
        if self.gathering.is_none() && is_there(&self.gathered) {
            return false;
        }
        let (asked, mut gather) = self.gathering.take().unwrap_or_else(|| {
            let lit = |_| true;
            let images = question.images(labels, &lit, &lit);
            (question.clone(), Gather::new(&images, &question.frame, question.colouring))
        });
        let (lit, foreign_lit) = (|index| asked.lit(index), |index| asked.foreign_lit(index));
        let complete = gather.advance(&asked.images(labels, &lit, &foreign_lit), A_FRAME);
        if complete {
            self.gathered = Some((asked, gather.found()));
            self.number += 1;
            self.fresh = true;
        } else {
            self.gathering = Some((asked, gather));
        }
        self.fresh || !(complete && is_there(&self.gathered))
    }
}

/// What dots and shades are made of.
struct Dots<'a> {
    found: &'a Found,
    images: Images<'a>,
    frame: &'a Frame,
    colours: Palette,
    colouring: Colouring,
    /// Whether shades are wanted also where dots would do.
    shaded: bool,
}

impl Dots<'_> {
    fn bright(&self) -> usize {
        self.found.right.count + self.found.wrong.count
    }

    /// Whether a shade stands for those that match.
    fn dense(&self) -> bool {
        self.bright() >= DENSE || (self.shaded && self.bright() > IMAGES)
    }

    /// Whether a shade stands for those that do not match.
    fn dense_others(&self) -> bool {
        self.found.others.count >= DENSE
    }

    /// Whether wrong images are marked one by one.
    fn marked(&self) -> bool {
        !self.dense() || self.found.wrong.count <= MARKED
    }

    /// Makes the picture of the shades.
    fn shade(&self, ui: &Ui, density: &mut Density) {
        let mut shades = Vec::new();
        if self.dense_others() {
            let plain = Shading::Plain(self.colours.weak.gamma_multiply(0.6));
            shades.push((&self.found.other_counts, plain));
        }
        if self.dense() {
            // Where wrong images are marked, right and wrong ones need no colours of their own: the ramp says how many.
            let shading = match self.colouring {
                Colouring::Correctness if self.marked() => Shading::Ramp,
                Colouring::Correctness => Shading::Classes(vec![self.colours.accent, self.colours.wrong]),
                Colouring::Label | Colouring::Prediction => Shading::Classes(CLASS_COLOURS.to_vec()),
            };
            shades.push((&self.found.counts, shading));
        }
        if shades.is_empty() {
            density.clear();
        } else {
            density.set(ui, self.found.counts.cells(), &shades);
        }
    }

    /// Those that do not match, then the right ones, then the wrong ones on top.
    fn mesh(&self) -> Mesh {
        let Found { others, right, wrong, .. } = self.found;
        let mut mesh = Mesh::default();
        if !self.dense_others() {
            self.dot_others(others, &mut mesh);
        }
        if !self.dense() {
            self.dot(right, if self.bright() < 2_000 { 0.85 } else { 0.6 }, &mut mesh);
        }
        if self.marked() {
            self.dot(wrong, 0.95, &mut mesh);
        }
        mesh
    }

    /// Rings around the images lit up, unless there are too many for rings to help.
    fn ring(&self, mesh: &mut Mesh) {
        if self.bright() > RINGS {
            return;
        }
        for index in [&self.found.right, &self.found.wrong].into_iter().filter_map(Few::all).flatten() {
            Sprite::add(mesh, self.at(index), self.colours.ink);
        }
    }

    fn at(&self, index: u32) -> Pos2 {
        self.frame.to_screen(self.images.points.places[index as usize])
    }

    fn dot_others(&self, few: &Few, mesh: &mut Mesh) {
        let colour = self.colours.weak.gamma_multiply(0.25);
        for index in few.all().into_iter().flatten() {
            add(mesh, self.at(index), HALF * 0.7, false, colour);
        }
    }

    /// In the order of the dataset: the later cover the earlier.
    fn dot(&self, few: &Few, opacity: f32, mesh: &mut Mesh) {
        for index in few.all().into_iter().flatten() {
            let label = self.images.labels.get(index as usize).copied().unwrap_or(0);
            let prediction = self.images.points.predictions[index as usize];
            let wrong = self.images.points.layers[index as usize] == Layer::Wrong;
            let colour = dot_colour(&self.colours, self.colouring, wrong, [label, prediction]);
            let colour = colour.gamma_multiply(opacity);
            add(mesh, self.at(index), if wrong { 1.9 * HALF } else { HALF }, wrong, colour);
        }
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

pub(super) fn dot_colour(
    colours: &Palette,
    by: Colouring,
    wrong: bool,
    [label, prediction]: [Class; 2],
) -> Color32 {
    match by {
        Colouring::Correctness if wrong => colours.wrong,
        Colouring::Correctness => colours.accent,
        Colouring::Label if label == UNLABELLED => colours.weak,
        Colouring::Label => theme::class_colour(label),
        Colouring::Prediction => theme::class_colour(prediction),
    }
}

/// Width of a class's name in the legend at most.
const NAME: f32 = 90.0;

/// What the colours and shapes mean; `judged` is whether answers can be right.
pub(super) fn legend_ui(ui: &mut Ui, (names, judged): (&ClassNames, bool), by: Colouring, most: Option<u32>) {
    let colours = theme::palette(ui.visuals());
    ui.spacing_mut().item_spacing.x = 8.0;
    if by == Colouring::Correctness {
        match most {
            Some(most) => ramp_ui(ui, most),
            None => swatch_ui(ui, false, colours.accent, if judged { "right" } else { "image" }),
        }
        if judged {
            swatch_ui(ui, true, colours.wrong, "wrong");
        }
        return;
    }
    let classes = if by == Colouring::Label { &names.labels } else { &names.answers };
    // Beyond that many the colours repeat.
    for class in classes.iter().take(CLASS_COLOURS.len()) {
        let name = fitted(ui.painter(), classes.name(class), &TextStyle::Body.resolve(ui.style()), NAME);
        swatch_ui(ui, false, theme::class_colour(class), &name);
    }
    if classes.len() > CLASS_COLOURS.len() {
        ui.weak("and so on, the colours repeating");
    }
    if judged {
        swatch_ui(ui, true, colours.weak, "wrong");
    }
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
    use crate::shown::PlanePoints;
    use crate::uncertainty::doubt_plane::{Bounds, PlaneAxes};
    use crate::uncertainty::grid::Grid;
    use crate::uncertainty::nearest::Nearest;

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
            axes: PlaneAxes::default(),
            grid: Grid::new(&places, extent),
            nearest: Nearest::default(),
            layers: vec![Layer::Other, Layer::Right, Layer::Right, Layer::Wrong, Layer::Right],
            places,
            predictions: vec![7, 7, 7, 3, 7],
            extent,
            right: vec![1, 2, 4],
            wrong: vec![3],
        }
    }

    fn with_dots(lit: &dyn Fn(u32) -> bool, colours: Palette, act: impl FnOnce(&Dots<'_>)) {
        let (points, frame, colouring) = (points(), frame(), Colouring::Label);
        let images = Images { points: &points, labels: &[7; 5], foreign: None, lit, foreign_lit: &|_| true };
        let mut gather = Gather::new(&images, &frame, colouring);
        assert!(gather.advance(&images, A_FRAME));
        let found = &gather.found();
        act(&Dots { found, images, frame: &frame, colours, colouring, shaded: false });
    }

    #[test]
    fn images_that_are_not_lit_up_are_dim_and_the_others_bear_rings() {
        let colours = theme::palette(&egui::Visuals::dark());
        with_dots(&|index| [0, 2, 3].contains(&index), colours, |dots| {
            let found = dots.found;
            assert_eq!((found.right.all(), found.wrong.all()), (Some(vec![2]), Some(vec![3])));
            assert_eq!(found.others.all(), Some(vec![0, 1]), "what does not match stays dim");
            let mut mesh = Mesh::default();
            dots.ring(&mut mesh);
            let centres = [[0.3, 0.3], [0.4, 0.4]].map(|at| dots.frame.to_screen(at));
            let rings = mesh.vertices.chunks(4).map(|ring| ring[0].pos + 0.5 * (ring[3].pos - ring[0].pos));
            assert!(rings.zip(centres).all(|(ring, centre)| ring.distance(centre) < 1e-3));
            assert_eq!(mesh.vertices.len(), 4 * centres.len());
        });
    }

    #[test]
    fn dots_are_of_the_images_in_view_and_wrong_ones_have_another_shape() {
        with_dots(&|_| true, theme::palette(&egui::Visuals::light()), |dots| {
            assert_eq!(dots.found.right.all(), Some(vec![1, 2]));
            let mesh = |few: &Few| {
                let mut mesh = Mesh::default();
                dots.dot(few, 1.0, &mut mesh);
                mesh.vertices.iter().map(|vertex| vertex.pos).collect::<Vec<_>>()
            };
            let corner = |at: [f32; 2], by: Vec2| dots.frame.to_screen(at) + by;
            let right = mesh(&dots.found.right);
            assert!(right.contains(&corner([0.2, 0.2], Vec2::splat(HALF))), "a square has corners");
            let wrong = mesh(&dots.found.wrong);
            assert!(wrong.contains(&corner([0.4, 0.4], Vec2::new(0.0, 1.9 * HALF))), "a diamond has tips");
        });
    }
}
