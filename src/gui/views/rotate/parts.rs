//! What the parts of the Rotate tab share: what they show, the axis of the course, colours and frames.

use egui::{Color32, CornerRadius, FontId, Pos2, Rect, Stroke, Ui};

use crate::data::Class;
use crate::data::distortion::Distortion;
use crate::gui::action::{Action, RotateAction};
use crate::gui::panel::rotate::RotatePanel;
use crate::gui::theme;
use crate::gui::views::chart::{Axis, Chart};
use crate::sampling::{DropoutAt, SweepConfig};
use crate::shown::rotate::RotateView;

/// What the tab shows.
pub struct RotateData<'a> {
    /// What is known.
    pub state: &'a RotatePanel,
    /// The window's passes, rate and seed.
    pub sweep: SweepConfig,
    /// Where dropout acted when the network was trained.
    pub trained: DropoutAt,
    /// Whether there is a drawing to turn.
    pub has_drawing: bool,
}

/// Tick spacing: for angles, and for other amounts.
const ANGLES: [f64; 5] = [5.0, 15.0, 30.0, 45.0, 90.0];

const ROUND: [f64; 7] = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

/// Draws the line at the dial, and turns the dial to the step under a press.
pub(super) fn dial_line(
    ui: &Ui,
    chart: &Chart,
    response: &egui::Response,
    view: &RotateView,
    state: &RotatePanel,
    actions: &mut Vec<Action>,
) {
    let colours = theme::palette(ui.visuals());
    let x = chart.at(f64::from(state.dial), 0.0).x;
    ui.painter().vline(x, chart.frame.y_range(), Stroke::new(1.5, colours.ink));
    if let Some(pointer) =
        response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked())
    {
        let course = view.key.course;
        let amount = course.amount(course.nearest(chart.x_value(pointer) as f32));
        if amount.to_bits() != state.dial.to_bits() {
            actions.push(Action::Rotate(RotateAction::Dial(amount)));
        }
    }
}

/// The horizontal axis of all plots: the course, with half a step of room at both ends. The lowest plot names it.
pub(super) fn course_axis(view: &RotateView, named: bool) -> Axis {
    let course = view.key.course;
    let half = f64::from(course.spacing()) / 2.0;
    let label = if named { course.by.axis() } else { "" };
    let (from, to) = (f64::from(course.from), f64::from(course.to));
    let mut axis = Axis::new(label, from - half, to + half);
    axis.ticks = if course.steps <= 13 {
        (0..course.steps).map(|step| f64::from(course.amount(step))).collect()
    } else {
        let rotation = course.by == Distortion::Rotation;
        let offered: &[f64] = if rotation { &ANGLES } else { &ROUND };
        let every = offered.iter().find(|every| (to - from) / **every <= 9.0).copied().unwrap_or(to - from);
        let (first, last) = ((from / every).ceil() as i32, (to / every + 1e-6).floor() as i32);
        (first..=last).map(|tick| f64::from(tick) * every).collect()
    };
    axis
}

/// Colour of a class, told apart by its mark too.
pub(super) fn class_colour(ui: &Ui, class: Class) -> Color32 {
    let colour = theme::class_colour(class);
    // Many dots show through each other, so each is drawn stronger than one that stands alone.
    if ui.visuals().dark_mode {
        colour.lerp_to_gamma(Color32::WHITE, 0.18)
    } else {
        colour.lerp_to_gamma(Color32::BLACK, 0.14)
    }
}

/// A frame around a small image.
pub(super) fn framed(ui: &Ui, place: Rect, chosen: bool) {
    let colours = theme::palette(ui.visuals());
    let (width, colour) = if chosen { (2.5, colours.accent) } else { (1.0, colours.faint) };
    ui.painter().rect_stroke(
        place,
        CornerRadius::same(2),
        Stroke::new(width, colour),
        egui::StrokeKind::Outside,
    );
}

/// Text of a plot's size.
pub(super) fn small(ui: &Ui, at: Pos2, align: egui::Align2, text: impl ToString, colour: Color32) {
    ui.painter().text(at, align, text, FontId::proportional(10.5), colour);
}
