//! Entropies against the amount, with bands of ±1 standard error.

use egui::{Color32, Mesh, Pos2, Sense, Stroke, Ui};

use super::parts::{course_axis, dial_line};
use crate::gui::action::Action;
use crate::gui::panel::rotate::RotatePanel;
use crate::gui::theme;
use crate::gui::views::chart::{Axis, Chart, chart_ui};
use crate::gui::views::readout;
use crate::gui::views::terms;
use crate::help::Term;
use crate::shown::rotate::RotateView;
use crate::uncertainty::Measures;
use crate::uncertainty::course::CourseStep;

/// How a line is drawn: colour alone never tells lines apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Solid,
    Dashed,
    Dotted,
}

type CurveValue = fn(&Measures) -> [f32; 2];

/// The entropies, with their colours and line styles.
fn curves(ui: &Ui) -> [(&'static str, CurveValue, Color32, Look); 3] {
    let colours = theme::palette(ui.visuals());
    [
        ("H total", |m| [m.predictive_entropy, m.predictive_entropy_se], colours.accent, Look::Solid),
        ("expected entropy", |m| [m.expected_entropy, m.expected_entropy_se], colours.right, Look::Dashed),
        ("MI", |m| [m.mutual_information, m.mutual_information_se], colours.second, Look::Dotted),
    ]
}

/// Draws the entropies.
pub(super) fn curves_ui(
    ui: &mut Ui,
    view: &RotateView,
    state: &RotatePanel,
    height: f32,
    actions: &mut Vec<Action>,
) {
    let top = f64::from(view.highest.max(0.05)) * 1.06;
    let y = Axis::new("Nats, ±1 standard error", 0.0, top);
    let (chart, response) =
        chart_ui(ui, "Entropies", height, Sense::click_and_drag(), course_axis(view, true), y);
    response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "Entropies against the amount"));
    for (_, pick, colour, look) in curves(ui) {
        curve(ui, &chart, view, pick, colour, look);
    }
    key(ui, &chart);
    dial_line(ui, &chart, &response, view, state, actions);
    if let Some(pointer) = response.hover_pos() {
        let step = view.steps.get(view.key.course.nearest(chart.x_value(pointer) as f32));
        if let Some(step) = step {
            readout::say(ui.ctx(), || values(ui, view, step).join(" · "));
            response.on_hover_ui_at_pointer(|ui| values_ui(ui, view, step));
        }
    }
}

fn values_ui(ui: &mut Ui, view: &RotateView, step: &CourseStep) {
    let mut lines = values(ui, view, step).into_iter();
    ui.strong(lines.next().unwrap_or_default());
    for line in lines {
        ui.label(line);
    }
}

/// The amount, then a line for each curve.
fn values(ui: &Ui, view: &RotateView, step: &CourseStep) -> Vec<String> {
    let line = |(name, pick, ..): (&str, CurveValue, Color32, Look)| {
        let [value, error] = pick(&step.measures);
        let error = if error.is_finite() { format!(" ± {error:.3}") } else { String::new() };
        format!("{name} {value:.3}{error}")
    };
    let head = format!("At {}", view.key.course.by.amount(step.amount));
    std::iter::once(head).chain(curves(ui).map(line)).collect()
}

fn curve(ui: &Ui, chart: &Chart, view: &RotateView, pick: CurveValue, colour: Color32, look: Look) {
    let mut band = Mesh::default();
    let shade = colour.gamma_multiply(0.2);
    for (at, step) in view.steps.iter().enumerate() {
        let [value, error] = pick(&step.measures);
        let error = if error.is_finite() { error } else { 0.0 };
        let next = band.vertices.len() as u32;
        for value in [value + error, (value - error).max(0.0)] {
            band.colored_vertex(chart.at(f64::from(step.amount), f64::from(value)), shade);
        }
        if at > 0 {
            band.add_triangle(next - 2, next - 1, next);
            band.add_triangle(next - 1, next, next + 1);
        }
    }
    ui.painter().with_clip_rect(chart.frame.expand(2.0)).add(band);
    let points = view.steps.iter().map(|step| [f64::from(step.amount), f64::from(pick(&step.measures)[0])]);
    match look {
        Look::Solid => chart.line(ui, points, Stroke::new(2.2, colour)),
        Look::Dashed => chart.dashes(ui, points, Stroke::new(1.5, colour)),
        Look::Dotted => {
            chart.line(ui, points.clone(), Stroke::new(1.2, colour));
            // Dots are at least ten points apart.
            let room = chart.frame.width() / view.key.course.steps as f32;
            let every = ((10.0 / room).ceil() as usize).max(1);
            for [x, y] in points.step_by(every) {
                ui.painter().circle_filled(chart.at(x, y), 2.4, colour);
            }
        }
    }
}

/// Which line is which, at the top right.
fn key(ui: &Ui, chart: &Chart) {
    let mut right = chart.frame.right();
    let y = chart.frame.top() - 8.0;
    for (name, _, colour, look) in curves(ui).into_iter().rev() {
        let font = egui::FontId::proportional(10.5);
        let text = ui.visuals().text_color();
        let place = ui.painter().text(Pos2::new(right, y), egui::Align2::RIGHT_CENTER, name, font, text);
        let term = match name {
            "MI" => Term::MutualInformation,
            "expected entropy" => Term::ExpectedEntropy,
            _ => Term::PredictiveEntropy,
        };
        terms::painted(ui, place, name, term);
        let (from, to) = (Pos2::new(place.left() - 26.0, y), Pos2::new(place.left() - 5.0, y));
        match look {
            Look::Solid => drop(ui.painter().line_segment([from, to], Stroke::new(2.2, colour))),
            Look::Dashed => {
                ui.painter().extend(egui::Shape::dashed_line(
                    &[from, to],
                    Stroke::new(1.5, colour),
                    5.0,
                    4.0,
                ));
            }
            Look::Dotted => {
                ui.painter().line_segment([from, to], Stroke::new(1.2, colour));
                ui.painter().circle_filled(from.lerp(to, 0.5), 2.4, colour);
            }
        }
        right = from.x - 12.0;
    }
}
