//! Drawing on the plane: the box or lasso in progress, and the outline of the brushed region.

use egui::{Key, Modifiers, Painter, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2};
use egui_material_icons::icons::ICON_CLOSE;

use super::axes::Frame;
use crate::gui::action::{Action, Brushing, DragMode, PlaneAction};
use crate::gui::theme::{self, Palette};
use crate::uncertainty::doubt_plane::{Bounds, Region, Shape};

/// A press that moves less than this is a click, not a drag, in points.
const LEAST_DRAG: f32 = 6.0;
/// Initial distance between the corners of a lasso, in points.
const SPACING: f32 = 3.0;
/// Most corners of a lasso; a longer line keeps every second.
const CORNERS: usize = 1_000;
/// Size of the button that clears the brush, in points.
const CLOSE: f32 = 18.0;

/// A line being drawn, in coordinates of the plane: it keeps its place while the plane is zoomed.
#[derive(Debug)]
pub(super) struct Line {
    corners: Vec<[f32; 2]>,
    spacing: f32,
    /// Whether the pointer went further than a click.
    dragged: bool,
}

impl Line {
    fn new(start: [f32; 2]) -> Self {
        Self { corners: vec![start], spacing: SPACING, dragged: false }
    }

    /// The pointer is here now.
    fn reach(&mut self, frame: &Frame, pointer: Pos2) {
        let to_screen = |at: Option<&[f32; 2]>| at.map_or(pointer, |at| frame.to_screen(*at));
        self.dragged |= to_screen(self.corners.first()).distance(pointer) >= LEAST_DRAG;
        if to_screen(self.corners.last()).distance(pointer) < self.spacing {
            return;
        }
        self.corners.push(frame.to_plane(pointer));
        if self.corners.len() > CORNERS {
            let mut keep = false;
            self.corners.retain(|_| {
                keep = !keep;
                keep
            });
            self.spacing *= 2.0;
        }
    }
}

/// Whether Escape cancelled a line in progress; the key then does nothing else.
pub(super) fn given_up(line: &mut Option<Line>, context: &egui::Context) -> bool {
    let given_up =
        line.is_some() && context.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    if given_up {
        *line = None;
    }
    given_up
}

/// Follows the pointer in box and lasso mode, and brushes what it encloses.
pub(super) fn brush_ui(
    ui: &Ui,
    response: &Response,
    mode: DragMode,
    line: &mut Option<Line>,
    frame: &Frame,
    actions: &mut Vec<Action>,
) {
    if mode == DragMode::Pan {
        *line = None;
        return;
    }
    if response.drag_started()
        && let Some(from) = ui.input(|input| input.pointer.press_origin())
    {
        *line = Some(Line::new(frame.to_plane(from)));
    }
    let stopped = response.drag_stopped();
    if !stopped && !response.dragged() {
        *line = None;
    }
    let Some(drawn) = line else { return };
    let Some(pointer) = ui.ctx().pointer_latest_pos() else { return };
    let pointer = frame.area.clamp(pointer);
    drawn.reach(frame, pointer);
    if drawn.dragged {
        let colours = theme::palette(ui.visuals());
        let painter = ui.painter().with_clip_rect(frame.area);
        line_ui(&painter, &colours, mode, drawn, frame, pointer);
    }
    if stopped && let Some(drawn) = line.take() {
        let modifiers = ui.input(|input| input.modifiers);
        let brushing = if modifiers.shift {
            Brushing::Add
        } else if modifiers.command || modifiers.alt {
            Brushing::TakeOut
        } else {
            Brushing::Replace
        };
        if drawn.dragged {
            let shape = match mode {
                DragMode::Lasso => Shape::Lasso(drawn.corners.into()),
                _ => Shape::Box(Bounds::between(drawn.corners[0], frame.to_plane(pointer))),
            };
            actions.push(Action::Plane(PlaneAction::Brush(shape, brushing)));
        }
    }
}

fn line_ui(painter: &Painter, colours: &Palette, mode: DragMode, line: &Line, frame: &Frame, pointer: Pos2) {
    let stroke = Stroke::new(1.5, colours.accent);
    let start = frame.to_screen(line.corners[0]);
    if mode == DragMode::Box {
        let band = Rect::from_two_pos(start, pointer);
        painter.rect(band, 0.0, colours.accent.gamma_multiply(0.15), stroke, StrokeKind::Inside);
        return;
    }
    let mut points: Vec<Pos2> = line.corners.iter().map(|at| frame.to_screen(*at)).collect();
    points.push(pointer);
    painter.line(points, stroke);
    // Where the closing edge would run.
    painter.extend(egui::Shape::dashed_line(&[pointer, start], Stroke::new(1.0, colours.accent), 4.0, 4.0));
}

/// The outline of the brushed region, dashed around what was taken out of it, and a button that clears it.
pub(super) fn region_ui(ui: &mut Ui, region: &Region, frame: &Frame, actions: &mut Vec<Action>) {
    let colours = theme::palette(ui.visuals());
    let painter = ui.painter().with_clip_rect(frame.area);
    let stroke = Stroke::new(1.5, colours.accent);
    let mut corner: Option<Pos2> = None;
    for (adds, shape) in region.parts() {
        let mut points: Vec<Pos2> = match shape {
            Shape::Box(Bounds { min, max }) => [*min, [max[0], min[1]], *max, [min[0], max[1]]]
                .map(|corner| frame.to_screen(corner))
                .to_vec(),
            Shape::Lasso(corners) => corners.iter().map(|at| frame.to_screen(*at)).collect(),
        };
        if *adds {
            let upper_right = |a: &Pos2, b: &Pos2| (a.x - a.y).total_cmp(&(b.x - b.y));
            corner = corner.into_iter().chain(points.iter().copied()).max_by(upper_right);
            painter.add(egui::Shape::closed_line(points, stroke));
        } else {
            points.extend(points.first().copied());
            painter.extend(egui::Shape::dashed_line(&points, stroke, 5.0, 4.0));
        }
    }
    let Some(corner) = corner else { return };
    // At its upper right corner, or as close to it as the visible part allows.
    let room = frame.area.shrink(CLOSE / 2.0 + 2.0);
    let at = room.clamp(corner + Vec2::new(CLOSE, -CLOSE) * 0.35);
    let place = Rect::from_center_size(at, Vec2::splat(CLOSE));
    let response = ui
        .interact(place, ui.scope_id().with("clear brush"), Sense::click())
        .on_hover_text("Clear the brush");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Clear the brush"));
    let fill = if response.hovered() { colours.accent } else { ui.visuals().panel_fill };
    let ink = if response.hovered() { ui.visuals().panel_fill } else { colours.accent };
    let painter = ui.painter();
    painter.circle(at, CLOSE / 2.0 - 1.0, fill, Stroke::new(1.0, colours.accent));
    let font = egui::FontId::proportional(13.0);
    painter.text(at, egui::Align2::CENTER_CENTER, ICON_CLOSE.codepoint, font, ink);
    if response.has_focus() {
        painter.circle_stroke(at, CLOSE / 2.0 + 1.0, ui.visuals().selection.stroke);
    }
    if response.clicked() {
        actions.push(Action::Plane(PlaneAction::ClearBrush));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        Frame {
            area: Rect::from_min_max(Pos2::ZERO, Pos2::new(400.0, 400.0)),
            bounds: Bounds { min: [0.0, 0.0], max: [1.0, 1.0] },
        }
    }

    #[test]
    fn a_line_keeps_its_shape_however_long_it_is_drawn() {
        let frame = frame();
        let at = |angle: f32| Pos2::new(200.0 + 150.0 * angle.cos(), 200.0 + 150.0 * angle.sin());
        let mut line = Line::new(frame.to_plane(at(0.0)));
        // Round and round: some 6,000 corners of 3 points, if all were kept.
        for step in 1..=20_000 {
            line.reach(&frame, at(step as f32 * 0.006_3));
        }
        assert!(line.dragged && line.corners.len() <= CORNERS, "{}", line.corners.len());
        for corner in &line.corners {
            let distance = frame.to_screen(*corner).distance(Pos2::new(200.0, 200.0));
            assert!((distance - 150.0).abs() < 0.5, "{distance}");
        }
    }

    #[test]
    fn a_trembling_click_is_no_line() {
        let frame = frame();
        let mut line = Line::new(frame.to_plane(Pos2::new(50.0, 50.0)));
        line.reach(&frame, Pos2::new(53.0, 53.5));
        assert!(!line.dragged);
        line.reach(&frame, Pos2::new(60.0, 50.0));
        assert!(line.dragged);
    }
}
