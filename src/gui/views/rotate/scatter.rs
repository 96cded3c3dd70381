//! Softmax inputs and outputs of the passes against the amount: a dot for each pass and class, as one mesh.

use std::sync::Arc;

use egui::{Color32, Mesh, Pos2, Response, Sense, Stroke, Ui};

use super::marks;
use super::parts::{class_colour, course_axis, dial_line};
use crate::data::{Class, PerClass};
use crate::gui::action::Action;
use crate::gui::charts::class_named;
use crate::gui::panel::rotate::RotatePanel;
use crate::gui::theme;
use crate::gui::views::chart::{Axis, Chart, chart_ui};
use crate::gui::views::plots::describe;
use crate::gui::views::readout;
use crate::shown::rotate::RotateView;
use crate::shown::subnetwork::number;
use crate::uncertainty::course::{CourseStep, drawn_passes, envelope, jitter};
use crate::wording;

/// Half the size of a dot, in points.
const HALF: f32 = 1.7;
/// A dot this near the pointer is named, in points.
const NEAR: f32 = 7.0;

/// What a plot shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Softmax inputs.
    Inputs,
    /// Softmax outputs.
    Outputs,
}

impl What {
    fn rows(self, step: &CourseStep) -> &[PerClass<f32>] {
        match self {
            Self::Inputs => &step.logits,
            Self::Outputs => &step.probabilities,
        }
    }
}

/// What a mesh was made from.
#[derive(Clone)]
struct ScatterKey {
    view: Arc<RotateView>,
    classes: Vec<Class>,
    frame: egui::Rect,
    dark: bool,
}

/// The dots as they were drawn last.
#[derive(Default)]
pub(super) struct Dots {
    made: Option<ScatterKey>,
    mesh: Arc<Mesh>,
    range: [f32; 2],
}

impl Dots {
    /// Draws a plot.
    pub(super) fn plot_ui(
        &mut self,
        ui: &mut Ui,
        what: What,
        view: &Arc<RotateView>,
        state: &RotatePanel,
        height: f32,
        actions: &mut Vec<Action>,
    ) {
        let classes = state.classes();
        let known =
            self.made.as_ref().is_some_and(|made| Arc::ptr_eq(&made.view, view) && made.classes == classes);
        if !known {
            self.range = range(what, view, classes);
            self.made = None;
        }
        let name = match what {
            What::Inputs => "Softmax input",
            What::Outputs => "Softmax output",
        };
        let passes = view.key.sampled.passes;
        let drawn = drawn(view, classes);
        let label = if drawn < passes {
            format!("{name} · the first {drawn} of {} passes", wording::thousands(passes as u64))
        } else {
            format!("{name} · {}", wording::count(passes, "pass"))
        };
        let mut y = Axis::new(label, f64::from(self.range[0]), f64::from(self.range[1]));
        if what == What::Outputs {
            y.ticks = vec![0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
        }
        let (chart, response) =
            chart_ui(ui, name, height, Sense::click_and_drag(), course_axis(view, false), y);
        let described = format!("{name} of every pass against the amount");
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &described));
        describe(ui, &response, "Point at a step for its numbers, click it to turn the dial there");
        self.update(ui, what, view, classes, &chart);
        ui.painter().with_clip_rect(chart.frame.expand(2.0)).add(Arc::clone(&self.mesh));
        dial_line(ui, &chart, &response, view, state, actions);
        hover_ui(ui, view, classes, what, &chart, response);
    }

    fn update(&mut self, ui: &Ui, what: What, view: &Arc<RotateView>, classes: &[Class], chart: &Chart) {
        let dark = ui.visuals().dark_mode;
        if self.made.as_ref().is_some_and(|made| made.frame == chart.frame && made.dark == dark) {
            return;
        }
        let mut mesh = Mesh::default();
        let drawn = drawn(view, classes);
        let dots = drawn * view.steps.len() * classes.len();
        mesh.reserve_vertices(4 * dots);
        mesh.reserve_triangles(2 * dots);
        if what == What::Inputs {
            for class in classes {
                band(&mut mesh, view, *class, chart, class_colour(ui, *class).gamma_multiply(0.16));
            }
        }
        let opacity = match dots {
            0..4_000 => 0.6,
            4_000..12_000 => 0.42,
            _ => 0.3,
        };
        let colours: Vec<Color32> =
            classes.iter().map(|class| class_colour(ui, *class).gamma_multiply(opacity)).collect();
        for step in &view.steps {
            for (pass, row) in what.rows(step).iter().enumerate().take(drawn) {
                for (place, class) in classes.iter().enumerate() {
                    let at = dot(view, step, pass, row[usize::from(*class)], chart);
                    marks::add(&mut mesh, at, HALF, place, colours[place]);
                }
            }
        }
        self.mesh = Arc::new(mesh);
        let (view, classes) = (Arc::clone(view), classes.to_vec());
        self.made = Some(ScatterKey { view, classes, frame: chart.frame, dark });
    }
}

/// Passes of each step that are drawn.
fn drawn(view: &RotateView, classes: &[Class]) -> usize {
    drawn_passes(view.key.course.steps, classes.len(), view.key.sampled.passes)
}

fn range(what: What, view: &RotateView, classes: &[Class]) -> [f32; 2] {
    if what == What::Outputs {
        // A little margin, so that dots at 0 and 1 are not cut off.
        return [-0.03, 1.03];
    }
    let ends = view.steps.iter().flat_map(|step| classes.iter().map(|class| envelope(&step.logits, *class)));
    let [low, high] = ends
        .fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], [from, to]| [low.min(from), high.max(to)]);
    if low.is_finite() && high.is_finite() {
        let room = 0.04 * (high - low).max(0.1);
        [low - room, high + room]
    } else {
        [0.0, 1.0]
    }
}

fn dot(view: &RotateView, step: &CourseStep, pass: usize, value: f32, chart: &Chart) -> Pos2 {
    let amount = step.amount + jitter(pass) * view.key.course.spacing();
    chart.at(f64::from(amount), f64::from(value))
}

/// The envelope of a class's inputs: from the smallest to the largest of all passes, step by step.
fn band(mesh: &mut Mesh, view: &RotateView, class: Class, chart: &Chart, colour: Color32) {
    for (at, step) in view.steps.iter().enumerate() {
        let next = mesh.vertices.len() as u32;
        for value in envelope(&step.logits, class) {
            mesh.colored_vertex(chart.at(f64::from(step.amount), f64::from(value)), colour);
        }
        if at > 0 {
            mesh.add_triangle(next - 2, next - 1, next);
            mesh.add_triangle(next - 1, next, next + 1);
        }
    }
}

/// Names the dot under the pointer: pass, class, amount, value.
fn hover_ui(ui: &Ui, view: &RotateView, classes: &[Class], what: What, chart: &Chart, response: Response) {
    let Some(pointer) = response.hover_pos().filter(|_| !response.dragged()) else { return };
    let Some((at, step, pass, class)) = nearest(view, classes, what, chart, pointer) else { return };
    let colours = theme::palette(ui.visuals());
    ui.painter().circle_stroke(at, 5.0, Stroke::new(1.5, colours.ink));
    let (input, output) =
        (step.logits[pass][usize::from(class)], step.probabilities[pass][usize::from(class)]);
    let named = class_named(&view.names.answers, class);
    readout::say(ui.ctx(), || {
        let amount = view.key.course.by.amount(step.amount);
        format!("At {amount}, #{} · {named}: input {input:.2}, output {output:.3}", number(pass))
    });
    response.on_hover_ui_at_pointer(|ui| {
        ui.strong(format!("Pass {} · {named}", pass + 1));
        ui.label(format!("at {}", view.key.course.by.amount(step.amount)));
        ui.label(format!("softmax input {input:.2}, output {output:.3}"));
    });
}

/// The dot nearest to the pointer, looked for in the three steps around it.
fn nearest<'a>(
    view: &'a RotateView,
    classes: &[Class],
    what: What,
    chart: &Chart,
    pointer: Pos2,
) -> Option<(Pos2, &'a CourseStep, usize, Class)> {
    let drawn = drawn(view, classes);
    let middle = view.key.course.nearest(chart.x_value(pointer) as f32);
    let around = middle.saturating_sub(1)..(middle + 2).min(view.steps.len());
    let mut best = None;
    let mut least = NEAR * NEAR;
    for step in view.steps.get(around).unwrap_or_default() {
        for (pass, row) in what.rows(step).iter().enumerate().take(drawn) {
            for class in classes {
                let at = dot(view, step, pass, row[usize::from(*class)], chart);
                let distance = at.distance_sq(pointer);
                if distance < least {
                    least = distance;
                    best = Some((at, step.as_ref(), pass, *class));
                }
            }
        }
    }
    best
}
