//! The plane of the two kinds of doubt: what each sub-network has by itself against what their disagreement adds.

mod axes;
mod dots;

use std::sync::Arc;

use egui::{Pos2, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, Vec2};
use egui_material_icons::icons::ICON_CLOSE;

use crate::data::Digits;
use crate::gui::action::{Action, Pick};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::plane::{Bounds, Colouring, DragMode, PlaneAction, PlaneState, place};
use crate::gui::selection::Selected;
use crate::gui::theme;
use crate::wording;
use crate::worker::GalleryView;

use super::empty;
use axes::{Frame, axes_ui};
use dots::{dot_colour, legend_ui};

pub use dots::PlaneMemory;

/// What the plane shows.
pub struct PlaneData<'a> {
    /// Images and labels.
    pub digits: &'a Digits,
    /// Measures and which images match; `None` until the first passes are there.
    pub view: Option<&'a Arc<GalleryView>>,
    /// What is selected.
    pub selected: &'a Selected,
    /// Which part is shown, and how.
    pub state: &'a PlaneState,
}

/// A dot is taken by a pointer this near, in points.
const REACH: f32 = 12.0;
/// A pointer that moved less while pressed has clicked, not dragged, in points.
const LEAST_DRAG: f32 = 6.0;
/// Size of an image that stands for its dot, in points.
const THUMBNAIL: f32 = 30.0;

/// Draws the plane.
pub fn plane_ui(
    ui: &mut Ui,
    data: &PlaneData<'_>,
    memory: &mut PlaneMemory,
    atlas: &mut Atlas,
    actions: &mut Vec<Action>,
) {
    toolbar_ui(ui, data, actions);
    let Some(view) = data.view else {
        empty::waiting_ui(ui, "Sampling the first passes…");
        return;
    };
    let whole = ui.available_rect_before_wrap();
    let area = Rect::from_min_max(whole.min + Vec2::new(52.0, 24.0), whole.max - Vec2::new(14.0, 44.0));
    if area.width() < 40.0 || area.height() < 40.0 {
        return;
    }
    let bounds = data.state.bounds.unwrap_or_else(|| Bounds::of(&view.measures));
    let frame = Frame { area, bounds };
    let response = ui.interact(area, ui.scope_id().with("plane"), Sense::click_and_drag());
    let name = format!(
        "Plane of expected entropy and mutual information, {}",
        wording::count(view.ranked.order.len(), "image")
    );
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &name));
    ui.painter().rect_filled(area, 0.0, ui.visuals().extreme_bg_color);
    axes_ui(ui, &frame);
    memory.update(ui, data, view, &frame);
    let painter = ui.painter().with_clip_rect(area);
    painter.add(Arc::clone(memory.mesh()));
    thumbnails_ui(ui, data, view, memory, &frame, atlas);
    for index in &data.selected.set {
        ring(ui, view, &frame, *index, 1.5);
    }
    if let Some(index) = data.selected.primary {
        ring(ui, view, &frame, index, 2.5);
    }
    navigate(ui, &response, data, &frame, actions);
    brush_ui(ui, &response, data, &frame, actions);
    let near = response.hover_pos().and_then(|pointer| nearest(view, &frame, pointer));
    if let Some(index) = near {
        if response.clicked() {
            let pick = if ui.input(|input| input.modifiers.command) { Pick::Toggle } else { Pick::Only };
            actions.push(Action::Select(index, pick));
        }
        ring(ui, view, &frame, index, 1.5);
        response.on_hover_ui_at_pointer(|ui| hover_ui(ui, data, view, index, atlas));
    }
    ui.advance_cursor_after_rect(whole);
}

fn toolbar_ui(ui: &mut Ui, data: &PlaneData<'_>, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        for (drag, text, hint) in [
            (DragMode::Select, "Box", "Drag a box: the gallery shows what is in it"),
            (DragMode::Pan, "Pan", "Drag to move; scroll to zoom; double click to see all"),
        ] {
            if ui.selectable_label(data.state.drag == drag, text).on_hover_text(hint).clicked() {
                actions.push(Action::Plane(PlaneAction::Drag(drag)));
            }
        }
        if data.state.bounds.is_some() && ui.button("See all").clicked() {
            actions.push(Action::Plane(PlaneAction::Show(None)));
        }
        ui.separator();
        ui.weak("Colour by");
        for (colouring, text) in [
            (Colouring::Correctness, "right or wrong"),
            (Colouring::Label, "label"),
            (Colouring::Prediction, "prediction"),
        ] {
            if ui.selectable_label(data.state.colouring == colouring, text).clicked() {
                actions.push(Action::Plane(PlaneAction::Colour(colouring)));
            }
        }
        legend_ui(ui, data.state.colouring);
        if let Some(only) = data.view.and_then(|view| view.only.as_ref()) {
            let text = format!("{} {}", only.name, ICON_CLOSE.codepoint);
            let response = ui.button(text).on_hover_text("Show all images again");
            let name = format!("Only {}: show all", only.name);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            if response.clicked() {
                actions.push(Action::ShowOnly(None));
            }
        }
    });
    ui.label(
        RichText::new(
            "Right: every sub-network wavers. Up: sub-networks disagree. Lines: equal total entropy.",
        )
        .small()
        .weak(),
    );
}

/// The nearest of the images shown, within reach.
fn nearest(view: &GalleryView, frame: &Frame, pointer: Pos2) -> Option<u32> {
    let distance = |index: u32| frame.to_screen(place(&view.measures[index as usize])).distance_sq(pointer);
    let near = view.ranked.order.iter().map(|index| (distance(*index), *index));
    let (distance, index) = near.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
    (distance <= REACH * REACH).then_some(index)
}

fn ring(ui: &Ui, view: &GalleryView, frame: &Frame, index: u32, width: f32) {
    let Some(measures) = view.measures.get(index as usize) else { return };
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter().with_clip_rect(frame.area);
    painter.circle_stroke(frame.to_screen(place(measures)), 7.0, Stroke::new(width, colours.accent));
}

/// Scrolling zooms about the pointer, dragging in pan mode moves, a double click shows all.
fn navigate(ui: &Ui, response: &Response, data: &PlaneData<'_>, frame: &Frame, actions: &mut Vec<Action>) {
    let mut act = |bounds| actions.push(Action::Plane(PlaneAction::Show(bounds)));
    if response.double_clicked() {
        act(None);
        return;
    }
    if data.state.drag == DragMode::Pan && response.dragged() {
        let delta = response.drag_delta();
        if delta != Vec2::ZERO {
            let [x, y] = frame.scale();
            act(Some(frame.bounds.moved([-delta.x * x, delta.y * y])));
        }
    }
    if let Some(pointer) = response.hover_pos() {
        let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
        let factor = (-0.004 * scroll).exp() / pinch;
        if (factor - 1.0).abs() > 1e-4 {
            act(Some(frame.bounds.zoomed(factor, frame.to_plane(pointer))));
        }
    }
}

fn brush_ui(ui: &Ui, response: &Response, data: &PlaneData<'_>, frame: &Frame, actions: &mut Vec<Action>) {
    if data.state.drag != DragMode::Select {
        return;
    }
    let id = response.id.with("from");
    if response.drag_started()
        && let Some(from) = ui.input(|input| input.pointer.press_origin())
    {
        ui.data_mut(|data| data.insert_temp(id, from));
    }
    let Some(from) = ui.data(|data| data.get_temp::<Pos2>(id)) else { return };
    let stopped = response.drag_stopped();
    if stopped || !response.dragged() {
        ui.data_mut(|data| data.remove::<Pos2>(id));
    }
    let Some(to) = ui.ctx().pointer_latest_pos() else { return };
    if from.distance(to) < LEAST_DRAG {
        return;
    }
    let colours = theme::palette(ui.visuals());
    let band = Rect::from_two_pos(from, to).intersect(frame.area);
    let stroke = Stroke::new(1.0, colours.accent);
    ui.painter().rect(band, 0.0, colours.accent.gamma_multiply(0.15), stroke, StrokeKind::Inside);
    if stopped {
        let bounds = Bounds::between(frame.to_plane(band.min), frame.to_plane(band.max));
        actions.push(Action::Plane(PlaneAction::Brush(bounds)));
    }
}

/// Images in place of dots, where few enough are in view.
fn thumbnails_ui(
    ui: &Ui,
    data: &PlaneData<'_>,
    view: &GalleryView,
    memory: &PlaneMemory,
    frame: &Frame,
    atlas: &mut Atlas,
) {
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter().with_clip_rect(frame.area);
    let mut thumbnails = Thumbnails::default();
    for index in memory.images_in_view() {
        let measures = &view.measures[*index as usize];
        let image = Rect::from_center_size(frame.to_screen(place(measures)), Vec2::splat(THUMBNAIL));
        let colour =
            dot_colour(&colours, data.state.colouring, data.digits.labels()[*index as usize], measures);
        painter.rect(image, 2.0, colours.paper, Stroke::new(1.5, colour), StrokeKind::Outside);
        if let Some((texture, part)) = atlas.cell(ui.ctx(), data.digits, *index) {
            thumbnails.add(texture, part, image, colours.ink);
        }
    }
    thumbnails.paint(&painter);
}

fn hover_ui(ui: &mut Ui, data: &PlaneData<'_>, view: &GalleryView, index: u32, atlas: &mut Atlas) {
    let colours = theme::palette(ui.visuals());
    let measures = &view.measures[index as usize];
    let label = data.digits.labels()[index as usize];
    ui.horizontal_top(|ui| {
        let (image, _) = ui.allocate_exact_size(Vec2::splat(84.0), Sense::hover());
        ui.painter().rect_filled(image, 2.0, colours.paper);
        if let Some((texture, part)) = atlas.cell(ui.ctx(), data.digits, index) {
            let mut thumbnails = Thumbnails::default();
            thumbnails.add(texture, part, image, colours.ink);
            thumbnails.paint(ui.painter());
        }
        ui.vertical(|ui| {
            ui.strong(format!("#{index} · label {label} · predicted {}", measures.prediction()));
            for (name, value, error) in [
                ("Expected entropy", measures.expected_entropy, measures.expected_entropy_se),
                ("Mutual information", measures.mutual_information, measures.mutual_information_se),
                ("Together", measures.predictive_entropy, measures.predictive_entropy_se),
            ] {
                ui.label(format!("{name} {} nats", wording::with_error(value, Some(error))));
            }
        });
    });
}
