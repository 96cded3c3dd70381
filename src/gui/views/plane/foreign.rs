//! The second layer of the plane: foreign images, as crosses.

use std::sync::Arc;

use egui::{Color32, Mesh, Pos2, TextStyle, Ui, Vec2};
use egui_material_icons::icons::ICON_SYNC;

use super::axes::Frame;
use super::data::{PlaneData, parts_ui};
use super::density::{Cells, Counts, share};
use super::few::Few;
use crate::gui::action::{Action, PlaneAction};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::theme::{self, Palette};
use crate::shown::PlanePoints;
use crate::shown::quality::ForeignView;
use crate::wording;

/// With this many in view or more, one cross stands for all images of a cell, larger where there are more.
const DENSE: usize = 2_000;
/// Width of such a cell, in points.
const CELL: f32 = 10.0;
/// Half the width of a cross, in points.
const HALF: f32 = 2.6;
/// The same where a cross stands for one image among thousands.
const LEAST: f32 = 1.8;

/// Foreign images in view: which, while they are few, and how many in each cell.
pub(super) struct Strangers {
    few: Few,
    /// Those that are not lit up while others are, and those that are.
    counts: [Counts; 2],
}

impl Strangers {
    /// None yet, in this part of the plane.
    pub(super) fn new(frame: &Frame) -> Self {
        let cells = Cells::new(frame, CELL);
        Self { few: Few::new(DENSE), counts: [(); 2].map(|()| Counts::new(cells, 1)) }
    }

    /// Adds an image in view at this place.
    pub(super) fn add(&mut self, index: u32, at: [f32; 2], lit: bool) {
        self.few.add(index);
        self.counts[usize::from(lit)].add(at, 0);
    }

    /// Their crosses; while any are lit up, all others are dim.
    pub(super) fn marks(
        &self,
        mesh: &mut Mesh,
        points: &PlanePoints,
        lit: &dyn Fn(u32) -> bool,
        frame: &Frame,
        colours: &Palette,
    ) {
        if let Some(indices) = self.few.all() {
            for index in indices {
                let opacity = if lit(index) { 0.9 } else { 0.2 };
                let at = frame.to_screen(points.places[index as usize]);
                cross(mesh, at, HALF, 1.2, colours.second.gamma_multiply(opacity));
            }
            return;
        }
        // Dim crosses go underneath.
        for (counts, opacity) in self.counts.iter().zip([0.2, 0.9]) {
            let (cells, most) = (counts.cells(), counts.most());
            for cell in 0..cells.count() {
                let (count, _) = counts.cell(cell);
                if count > 0 {
                    let share = if count == 1 { 0.0 } else { share(count, most) };
                    let half = LEAST + (0.5 * CELL - LEAST) * share;
                    let colour = colours.second.gamma_multiply(opacity * (0.5 + 0.5 * share));
                    cross(mesh, frame.to_screen(cells.middle(cell)), half, 1.4, colour);
                }
            }
        }
    }
}

/// Two strokes across each other: no square and no diamond.
fn cross(mesh: &mut Mesh, at: Pos2, half: f32, width: f32, colour: Color32) {
    let across = 0.5 * width * std::f32::consts::FRAC_1_SQRT_2;
    for turn in [1.0, -1.0] {
        let first = mesh.vertices.len() as u32;
        let (end, side) = (Vec2::new(half, half * turn), Vec2::new(across, -across * turn));
        for corner in [end + side, end - side, -end - side, -end + side] {
            mesh.colored_vertex(at + corner, colour);
        }
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first, first + 2, first + 3);
    }
}

/// What the crosses are, and whether they are shown.
pub(super) fn legend_ui(ui: &mut Ui, data: &PlaneData<'_>, actions: &mut Vec<Action>) {
    let Some(foreign) = data.foreign else { return };
    let shown = !data.foreign_hidden;
    let colours = theme::palette(ui.visuals());
    let images = wording::thousands(foreign.measures.len() as u64);
    let name = format!("foreign: {} {images}", foreign.set.name);
    let stale = shown && data.view.is_some_and(|view| !is_current(foreign, view));
    let text = if stale { format!("{name} {}", ICON_SYNC.codepoint) } else { name.clone() };
    let elsewhere = data.view.is_some_and(|view| view.plane.axes != foreign.points.axes);
    let hint = if elsewhere {
        "Foreign images lie on the plane of expected entropy and mutual information only: choose these axes to \
         see them."
    } else if stale {
        "For an older p, T, seed or network; the new places are being computed."
    } else {
        "Show or hide the foreign images. Where there are thousands, a cross stands for a cell, larger for \
         more. A click on a cross opens the image. They are never part of the brush; its chip counts them \
         separately."
    };
    // The cross stands before the words, within the button.
    let button = egui::Button::selectable(shown && !elsewhere, format!("     {text}"));
    let response = ui.add_enabled(!elsewhere, button).on_hover_text(hint).on_disabled_hover_text(hint);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, shown, &name));
    let mut mesh = Mesh::default();
    let font = TextStyle::Button.resolve(ui.style()).size;
    let mark = Pos2::new(
        response.rect.left() + ui.spacing().button_padding.x + 0.4 * font,
        response.rect.center().y,
    );
    cross(&mut mesh, mark, 4.5, 1.6, colours.second);
    ui.painter().add(mesh);
    if response.clicked() {
        actions.push(Action::Plane(PlaneAction::ShowForeign(!shown)));
    }
}

/// Whether foreign images were sampled as the images of the dataset were.
fn is_current(foreign: &ForeignView, view: &crate::shown::GalleryView) -> bool {
    let sampled = foreign.key.sampled;
    sampled.passes == view.query.passes && sampled.same_draws(&view.sampled)
}

/// The hint for the foreign image under the pointer.
pub(super) fn hover_ui(ui: &mut Ui, foreign: &Arc<ForeignView>, index: u32, atlas: &mut Atlas) {
    let Some(measures) = foreign.measures.get(index as usize) else { return };
    ui.horizontal_top(|ui| {
        let (image, _) = ui.allocate_exact_size(Vec2::splat(84.0), egui::Sense::hover());
        let [paper, ink] = theme::on_paper(ui);
        ui.painter().rect_filled(image, 2.0, paper);
        if let Some(picture) = atlas.cell(ui.ctx(), &foreign.set.digits, index) {
            let mut thumbnails = Thumbnails::default();
            thumbnails.add(picture, image, ink);
            thumbnails.paint(ui.painter());
        }
        ui.vertical(|ui| {
            ui.strong(format!(
                "Foreign #{index} · taken for {}",
                foreign.answers.name(measures.prediction())
            ));
            parts_ui(ui, measures);
            ui.weak("Click to open it");
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shown::Layer;
    use crate::uncertainty::doubt_plane::{Bounds, PlaneAxes};
    use crate::uncertainty::grid::Grid;
    use crate::uncertainty::nearest::Nearest;
    use egui::Rect;

    fn marks_of(images: usize) -> Mesh {
        let places: Vec<[f32; 2]> =
            (0..images).map(|i| [(i * 37 % 1_009) as f32 / 1_009.0, (i * 53 % 997) as f32 / 997.0]).collect();
        let extent = Bounds::around(&places);
        let points = PlanePoints {
            axes: PlaneAxes::default(),
            predictions: vec![0; images],
            extent,
            grid: Grid::new(&places, extent),
            nearest: Nearest::default(),
            layers: vec![Layer::Other; images],
            right: Vec::new(),
            wrong: Vec::new(),
            places,
        };
        let frame = Frame {
            area: Rect::from_min_size(Pos2::ZERO, Vec2::new(500.0, 300.0)),
            bounds: Bounds { min: [0.0, 0.0], max: [1.0, 1.0] },
        };
        let mut strangers = Strangers::new(&frame);
        for (index, at) in (0_u32..).zip(&points.places) {
            strangers.add(index, *at, true);
        }
        let mut mesh = Mesh::default();
        let colours = theme::palette(&egui::Visuals::dark());
        strangers.marks(&mut mesh, &points, &|_| true, &frame, &colours);
        mesh
    }

    #[test]
    fn each_image_has_a_cross_until_they_would_cover_each_other() {
        assert_eq!(marks_of(1_000).vertices.len(), 8 * 1_000);
        let many = marks_of(50_000);
        // At most one per cell of 10×10 points, and those at the edge.
        assert!(many.vertices.len() <= 8 * 51 * 31, "{}", many.vertices.len());
        assert!(many.vertices.len() >= 8 * 40 * 25);
    }
}
