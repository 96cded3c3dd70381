//! The plane of the two kinds of doubt: what each sub-network has by itself against what their disagreement adds.

mod axes;
mod brush;
mod data;
mod density;
mod dots;
mod few;
mod foreign;
mod gather;
mod rings;
mod strip;
mod toolbar;

use std::sync::Arc;

use egui::{Align2, FontId, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2};

use crate::data::marks::Marks;
use crate::gui::action::{Action, DragMode, GalleryAction, InspectorAction, Pick, PlaneAction};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::charts;
use crate::gui::theme;
use crate::shown::quality::ForeignView;
use crate::shown::subject::Origin;
use crate::shown::{GalleryView, Layer, PlanePoints};
use crate::uncertainty::Measures;
use crate::wording;

use super::chart_menu::chart_menu_ui;
use super::empty;
use super::marks::pin;
use super::plots::describe;
use super::readout;
use axes::{Frame, axes_ui};
use brush::{brush_ui, region_ui};
use data::{along_ui, parts_ui};
use dots::dot_colour;
use toolbar::toolbar_ui;

pub use data::PlaneData;
pub use dots::PlaneMemory;

/// At most so many marks are written beside their dots.
const PINS: usize = 2_000;
/// A pointer this close picks a dot, in points.
const REACH: f32 = 12.0;
/// From this height on there is room for the strip of images under the plane.
const WITH_STRIP: f32 = 340.0;
/// Size of an image shown in place of its dot, in points.
const THUMBNAIL: f32 = 30.0;

/// Draws the plane. `atlases` hold the thumbnails of the dataset and of foreign images.
pub fn plane_ui(
    ui: &mut Ui,
    data: &PlaneData<'_>,
    memory: &mut PlaneMemory,
    atlases: [&mut Atlas; 2],
    actions: &mut Vec<Action>,
) {
    toolbar_ui(ui, data, memory, actions);
    let Some(view) = data.view else {
        empty::waiting_ui(ui, "Sampling the first passes…");
        return;
    };
    let [atlas, foreign_atlas] = atlases;
    if ui.available_height() > WITH_STRIP {
        egui::Panel::bottom("plane strip").show(ui, |ui| strip::strip_ui(ui, data, view, atlas, actions));
    }
    let whole = ui.available_rect_before_wrap();
    let area = Rect::from_min_max(whole.min + Vec2::new(52.0, 24.0), whole.max - Vec2::new(14.0, 44.0));
    if area.width() < 40.0 || area.height() < 40.0 {
        return;
    }
    let whole_plane = || {
        let foreign = data.foreign_shown().map(|foreign| foreign.points.extent);
        foreign.map_or(view.plane.extent, |extent| extent.and(view.plane.extent))
    };
    let bounds = data.state.bounds.unwrap_or_else(whole_plane);
    let frame = Frame { area, bounds };
    let response = ui.interact(area, ui.scope_id().with("plane"), Sense::click_and_drag());
    let name = format!(
        "Plane of {} and {}, {}",
        view.plane.axes.0[0].label().to_lowercase(),
        view.plane.axes.0[1].label().to_lowercase(),
        wording::count(view.ranked.order.len(), "image")
    );
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &name));
    describe(ui, &response, "Point at a dot for its image; drag to choose images, scroll to zoom");
    ui.painter().rect_filled(area, 0.0, ui.visuals().extreme_bg_color);
    axes_ui(ui, &frame, view.plane.axes);
    memory.update(ui, data, view, &frame);
    let painter = ui.painter().with_clip_rect(area);
    painter.add(Arc::clone(memory.foreign()));
    memory.density().paint(&painter, &frame);
    painter.add(Arc::clone(memory.mesh()));
    painter.add(Arc::clone(memory.lit()));
    thumbnails_ui(ui, data, view, memory, &frame, atlas);
    let in_view =
        |index: &u32| view.plane.places.get(*index as usize).is_some_and(|at| frame.bounds.contains(*at));
    let (colour, selected) = (theme::palette(ui.visuals()).accent, &data.selected.set);
    painter.add(Arc::clone(memory.selected(ui.ctx(), &view.plane, selected, &frame, colour)));
    // The dots are many and cheap; what a person has said is little, and has to be read.
    for (index, _, review) in data.marks.into_iter().flat_map(Marks::iter).take(PINS) {
        if in_view(&index) && view.ranked.place(index).is_some() {
            pin(ui, frame.to_screen(view.plane.places[index as usize]), review);
        }
    }
    if let Some(index) = data.selected.primary {
        ring(ui, &view.plane, &frame, index, 2.5);
    }
    if let (Some(Origin::Foreign(index)), Some(foreign)) = (data.looked_at, data.foreign_shown()) {
        ring(ui, &foreign.points, &frame, index, 2.5);
    }
    navigate(ui, &response, data, &frame, actions);
    if let Some(region) = data.region {
        region_ui(ui, region, &frame, actions);
    }
    brush_ui(ui, &response, data.state.drag, &mut memory.line, &frame, actions);
    caution_ui(ui, view, &frame);
    let with_heading = Rect::from_min_max(Pos2::new(area.left(), whole.top()), area.max);
    chart_menu_ui(ui, with_heading, "plane", actions, || {
        charts::plane(view, data.digits, data.state.colouring, bounds, data.foreign_shown())
    });
    // While a line is being drawn, the pointer is not on any image.
    let pointer = response.hover_pos().filter(|_| memory.line.is_none());
    let near = pointer.and_then(|pointer| nearest(data, view, &frame, pointer));
    match near {
        Some(Origin::Foreign(index)) => {
            if let Some(foreign) = data.foreign_shown() {
                if response.clicked() {
                    actions.push(Action::Inspector(InspectorAction::LookAt(Origin::Foreign(index))));
                }
                ring(ui, &foreign.points, &frame, index, 1.5);
                readout::say(ui.ctx(), || spoken_foreign(foreign, index));
                response.on_hover_ui_at_pointer(|ui| foreign::hover_ui(ui, foreign, index, foreign_atlas));
            }
        }
        Some(Origin::Dataset(index)) => {
            if response.clicked() {
                let pick = if ui.input(|input| input.modifiers.command) { Pick::Toggle } else { Pick::Only };
                actions.push(Action::Gallery(GalleryAction::Select(index, pick)));
            }
            ring(ui, &view.plane, &frame, index, 1.5);
            readout::say(ui.ctx(), || spoken(data, view, index));
            response.on_hover_ui_at_pointer(|ui| hover_ui(ui, data, view, index, atlas));
        }
        _ => {}
    }
    ui.advance_cursor_after_rect(whole);
}

/// The nearest of the images shown, within reach; on a tie, the one of the dataset.
fn nearest(data: &PlaneData<'_>, view: &GalleryView, frame: &Frame, pointer: Pos2) -> Option<Origin> {
    let (at, scale) = (frame.to_plane(pointer), frame.scale().map(|nats| 1.0 / nats));
    let nearest_of = |points: &PlanePoints| points.nearest.find(&points.places, at, scale);
    let digit = nearest_of(&view.plane).map(|(distance, index)| (distance, Origin::Dataset(index)));
    let foreign = data.foreign_shown().and_then(|foreign| {
        let (distance, index) = nearest_of(&foreign.points)?;
        Some((distance, Origin::Foreign(index)))
    });
    let (distance, origin) = digit.into_iter().chain(foreign).min_by(|a, b| a.0.total_cmp(&b.0))?;
    (distance <= REACH * REACH).then_some(origin)
}

fn ring(ui: &Ui, points: &PlanePoints, frame: &Frame, index: u32, width: f32) {
    let Some(at) = points.places.get(index as usize) else { return };
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter().with_clip_rect(frame.area);
    painter.circle_stroke(frame.to_screen(*at), 7.0, Stroke::new(width, colours.accent));
}

/// Why nothing is there, or nothing above the axis.
fn caution_ui(ui: &Ui, view: &GalleryView, frame: &Frame) {
    let text = if view.ranked.order.is_empty() {
        "No image matches digit, filter and brush."
    } else if view.query.passes == 1 {
        "T = 1: one pass has nothing to disagree with, so mutual information is 0 for all. Raise T."
    } else if view.sampled.dropout == 0.0 {
        "p = 0: all passes are the same network, so mutual information is 0 for all. Raise p."
    } else {
        return;
    };
    let colour = theme::palette(ui.visuals()).warning;
    let at = frame.area.center_top() + Vec2::new(0.0, 24.0);
    let galley =
        ui.painter().layout(text.to_owned(), FontId::proportional(13.5), colour, frame.area.width() - 32.0);
    let place = Align2::CENTER_TOP.anchor_size(at, galley.size());
    let back = ui.visuals().panel_fill;
    ui.painter().rect(place.expand(8.0), 4.0, back, Stroke::new(1.0, colour), StrokeKind::Outside);
    ui.painter().galley(place.min, galley, colour);
    let response = ui.interact(place, ui.scope_id().with("caution"), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
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

/// Images in place of dots, where few enough are in view.
fn thumbnails_ui(
    ui: &Ui,
    data: &PlaneData<'_>,
    view: &GalleryView,
    memory: &PlaneMemory,
    frame: &Frame,
    atlas: &mut Atlas,
) {
    let (colours, [paper, ink]) = (theme::palette(ui.visuals()), theme::on_paper(ui));
    let painter = ui.painter().with_clip_rect(frame.area);
    let mut thumbnails = Thumbnails::default();
    for index in memory.images_in_view() {
        let at = *index as usize;
        let image = Rect::from_center_size(frame.to_screen(view.plane.places[at]), Vec2::splat(THUMBNAIL));
        let (label, prediction) = (data.digits.labels()[at], view.plane.predictions[at]);
        let wrong = view.plane.layers[at] == Layer::Wrong;
        let colour = dot_colour(&colours, data.state.colouring, wrong, [label, prediction]);
        painter.rect(image, 2.0, paper, Stroke::new(1.5, colour), StrokeKind::Outside);
        if let Some(picture) = atlas.cell(ui.ctx(), data.digits, *index) {
            thumbnails.add(picture, image, ink);
        }
    }
    thumbnails.paint(&painter);
}

/// An image of the dataset, for the read-out.
fn spoken(data: &PlaneData<'_>, view: &GalleryView, index: u32) -> String {
    let (label, measures) = (data.digits.labels()[index as usize], &view.measures[index as usize]);
    let (label, answer) = (view.names.labels.name(label), view.names.answers.name(measures.prediction()));
    format!("#{index} · label {label} · predicted {answer} · {}", parts(measures))
}

/// A foreign image, for the read-out.
fn spoken_foreign(foreign: &ForeignView, index: u32) -> String {
    let measures = foreign.measures.get(index as usize);
    measures.map_or_else(String::new, |measures| {
        let answer = foreign.answers.name(measures.prediction());
        format!("Foreign #{index} · taken for {answer} · {}", parts(measures))
    })
}

/// Both kinds of doubt and their sum, for the read-out.
fn parts(measures: &Measures) -> String {
    format!(
        "{} + {} = {} nats",
        wording::short(measures.expected_entropy, 3),
        wording::short(measures.mutual_information, 3),
        wording::short(measures.predictive_entropy, 3)
    )
}

fn hover_ui(ui: &mut Ui, data: &PlaneData<'_>, view: &GalleryView, index: u32, atlas: &mut Atlas) {
    let measures = &view.measures[index as usize];
    let label = data.digits.labels()[index as usize];
    ui.horizontal_top(|ui| {
        let (image, _) = ui.allocate_exact_size(Vec2::splat(84.0), Sense::hover());
        let [paper, ink] = theme::on_paper(ui);
        ui.painter().rect_filled(image, 2.0, paper);
        if let Some(picture) = atlas.cell(ui.ctx(), data.digits, index) {
            let mut thumbnails = Thumbnails::default();
            thumbnails.add(picture, image, ink);
            thumbnails.paint(ui.painter());
        }
        ui.vertical(|ui| {
            let names = &view.names;
            let answer = names.answers.name(measures.prediction());
            ui.strong(format!("#{index} · label {} · predicted {answer}", names.labels.name(label)));
            if view.plane.axes.are_parts() {
                parts_ui(ui, measures);
            } else {
                along_ui(ui, view.plane.axes, measures, view.compared(Some(label)));
            }
        });
    });
}
