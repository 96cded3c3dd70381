//! The Rotate tab: an image on a dial, and what the passes say along the way, as in the paper's Figure 4.

mod clock;
mod curves;
mod dial;
mod marks;
mod scatter;
mod settings;
mod strip;

use egui::{Color32, CornerRadius, FontId, Pos2, Rect, RichText, ScrollArea, Sense, Stroke, Ui};
use egui_material_icons::icons::ICON_ROTATE_RIGHT;

use crate::data::CLASSES;
use crate::data::distortion::Distortion;
use crate::export::rotation::placement_note;
use crate::gui::action::{Action, FilePurpose};
use crate::gui::rotate::{RotateAction, RotateState};
use crate::gui::theme;
use crate::gui::views::chart::{Axis, Chart};
use crate::gui::views::plots::follow_focus;
use crate::gui::views::prediction::{PredictionData, prediction_ui};
use crate::model::Placement;
use crate::sampling::SweepConfig;
use crate::uncertainty::Measures;
use crate::uncertainty::course::Step;
use crate::worker::rotate::RotateView;

/// What the tab shows.
pub struct RotateData<'a> {
    /// What is known.
    pub state: &'a RotateState,
    /// The window's passes, rate and seed.
    pub sweep: SweepConfig,
    /// Where dropout acted when the network was trained.
    pub trained: Placement,
    /// Whether there is a drawing to turn.
    pub has_drawing: bool,
}

/// What the tab remembers between frames.
#[derive(Default)]
pub struct RotateMemory {
    clock: clock::Clock,
    dial: dial::DialMemory,
    inputs: scatter::Dots,
    outputs: scatter::Dots,
    strip: strip::StripMemory,
}

/// Width of the column with the dial.
const LEFT: f32 = 312.0;
/// Tick spacing: for angles, and for other amounts.
const ANGLES: [f64; 5] = [5.0, 15.0, 30.0, 45.0, 90.0];
const ROUND: [f64; 7] = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];
/// Minimum height of a plot.
const PLOT: f32 = 126.0;

/// Draws the tab.
pub fn rotate_ui(ui: &mut Ui, data: &RotateData<'_>, memory: &mut RotateMemory, actions: &mut Vec<Action>) {
    let state = data.state;
    if state.key().is_none() {
        empty_ui(ui, data, actions);
        return;
    }
    clock::run(ui, state, &mut memory.clock, actions);
    keyboard(ui, actions);
    // The dial takes the height that everything else in the column leaves.
    let dial = (ui.available_height() - 440.0).clamp(216.0, LEFT - 20.0);
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(LEFT);
            ScrollArea::vertical().id_salt("rotate image").auto_shrink(false).show(ui, |ui| {
                ui.set_width(LEFT - 14.0);
                settings::head_ui(ui, data, actions);
                dial::dial_ui(ui, state, dial, &mut memory.dial, actions);
                settings::settings_ui(ui, data, actions);
                answer_ui(ui, state, actions);
                files_ui(ui, state, actions);
                follow_focus(ui);
            });
        });
        ui.separator();
        ui.vertical(|ui| {
            ScrollArea::vertical().id_salt("rotate plots").auto_shrink(false).show(ui, |ui| {
                plots_ui(ui, data, memory, actions);
                follow_focus(ui);
            });
        });
    });
}

/// Says what to do when there is no image to turn.
fn empty_ui(ui: &mut Ui, data: &RotateData<'_>, actions: &mut Vec<Action>) {
    ui.add_space(((ui.available_height() - 200.0) / 2.0).max(0.0));
    ui.vertical_centered(|ui| {
        ui.label(RichText::new(ICON_ROTATE_RIGHT.codepoint).size(36.0).weak());
        ui.label(RichText::new("No image to turn").size(17.0));
        ui.weak("Select an image in the gallery, draw a digit, or begin with the figure of the paper.");
        ui.add_space(8.0);
        if ui.button("The paper's Figure 4").clicked() {
            actions.push(Action::Rotate(RotateAction::Paper));
        }
        if data.has_drawing && ui.button("Turn my drawing").clicked() {
            let origin = crate::worker::subject::Origin::Drawing;
            actions.push(Action::Rotate(RotateAction::Open(origin)));
        }
    });
}

/// Arrows turn the dial while no control has the focus; the space bar plays it.
fn keyboard(ui: &Ui, actions: &mut Vec<Action>) {
    use egui::Key;
    let free = ui.memory(|memory| memory.focused().is_none()) && !ui.ctx().egui_wants_keyboard_input();
    if !free {
        return;
    }
    let keys = [
        (Key::ArrowRight, 1),
        (Key::ArrowUp, 1),
        (Key::ArrowLeft, -1),
        (Key::ArrowDown, -1),
        (Key::Home, -1_000),
        (Key::End, 1_000),
    ];
    for (key, steps) in keys {
        if ui.input(|input| input.modifiers.is_none() && input.key_pressed(key)) {
            actions.push(Action::Rotate(RotateAction::Walk(steps)));
        }
    }
}

/// What the passes say at the dial's position.
fn answer_ui(ui: &mut Ui, state: &RotateState, actions: &mut Vec<Action>) {
    let Some(step) = state.shown() else {
        ui.add_space(8.0);
        ui.spinner();
        return;
    };
    ui.add_space(4.0);
    ui.strong(at_dial(state, step));
    let colours = theme::palette(ui.visuals());
    let lines = measures_lines(&step.measures);
    for line in lines {
        ui.label(RichText::new(line).small().color(colours.weak));
    }
    let label = state.key().and_then(|key| key.subject.label);
    let class = step.measures.prediction();
    if let Some(class) = prediction_ui(ui, &PredictionData { measures: &step.measures, label, class }) {
        actions.push(Action::Rotate(RotateAction::Class(class)));
    }
}

/// `At 75°: 61 of 100 passes say 5`.
fn at_dial(state: &RotateState, step: &Step) -> String {
    let class = step.measures.prediction();
    let votes = step.measures.votes[usize::from(class)];
    let amount = state.course().by.amount(step.amount);
    format!("At {amount} the answer is {class}: {votes} of {} passes", step.measures.passes)
}

fn measures_lines(measures: &Measures) -> [String; 2] {
    let with_error = |value: f32, error: f32| {
        if error.is_finite() { format!("{value:.3} ± {error:.3}") } else { format!("{value:.3}") }
    };
    [
        format!("H {} nats", with_error(measures.predictive_entropy, measures.predictive_entropy_se)),
        format!(
            "expected entropy {} · MI {}",
            with_error(measures.expected_entropy, measures.expected_entropy_se),
            with_error(measures.mutual_information, measures.mutual_information_se)
        ),
    ]
}

fn files_ui(ui: &mut Ui, state: &RotateState, actions: &mut Vec<Action>) {
    ui.add_space(6.0);
    let ready = state.view.as_ref().is_some_and(|view| view.is_complete());
    ui.add_enabled_ui(ready, |ui| {
        ui.horizontal(|ui| {
            if ui.button("Save figure…").clicked() {
                actions.push(Action::AskFile(FilePurpose::SaveRotation));
            }
            if ui.button("Copy").on_hover_text("Copy the figure").clicked() {
                actions.push(Action::Rotate(RotateAction::Copy));
            }
            if ui.button("Save table…").clicked() {
                actions.push(Action::AskFile(FilePurpose::SaveRotationTable));
            }
        });
    });
}

fn plots_ui(ui: &mut Ui, data: &RotateData<'_>, memory: &mut RotateMemory, actions: &mut Vec<Action>) {
    let state = data.state;
    let Some(view) = state.view.as_ref().filter(|view| !view.steps.is_empty()) else {
        ui.add_space(80.0);
        ui.vertical_centered(Ui::spinner);
        return;
    };
    let before = ui.cursor().top();
    let height = ui.available_height();
    finding_ui(ui, data, view);
    marks::legend_ui(ui, state, actions);
    // The three plots share the height that the sentence, the legend and the strip leave.
    let used = ui.cursor().top() - before;
    let plot = ((height - used - strip::HEIGHT - 34.0) / 3.0).max(PLOT);
    memory.inputs.plot_ui(ui, scatter::What::Inputs, view, state, plot, actions);
    memory.outputs.plot_ui(ui, scatter::What::Outputs, view, state, plot, actions);
    curves::curves_ui(ui, view, state, plot, actions);
    strip::strip_ui(ui, view, state, &mut memory.strip, actions);
}

/// The finding in words, and where sampling differed from training.
fn finding_ui(ui: &mut Ui, data: &RotateData<'_>, view: &RotateView) {
    let colours = theme::palette(ui.visuals());
    let text = match (&view.finding, data.state.is_stale()) {
        (Some(finding), _) => finding.to_string(),
        (None, _) => format!("{} of {} steps sampled…", view.steps.len(), view.key.course.steps),
    };
    let colour = if data.state.is_stale() { colours.weak } else { ui.visuals().text_color() };
    let width = ui.available_width();
    let galley = ui.painter().layout(text.clone(), FontId::proportional(13.5), colour, width - 8.0);
    // Tall enough for most sentences, so that the plots stay where they are while the sentence changes.
    let usual = if width > 1_300.0 { 36.0 } else { 54.0 };
    let (place, response) =
        ui.allocate_exact_size(egui::vec2(width, galley.size().y.max(usual)), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &text));
    ui.painter().galley(place.min, galley, colour);
    if let Some(note) = placement_note([data.trained, view.key.placement]) {
        ui.label(RichText::new(note).small().color(colours.warning));
    }
}

/// Draws the line at the dial, and turns the dial to the step under a press.
fn dial_line(
    ui: &Ui,
    chart: &Chart,
    response: &egui::Response,
    view: &RotateView,
    state: &RotateState,
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
fn course_axis(view: &RotateView, named: bool) -> Axis {
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
fn class_colour(ui: &Ui, class: u8) -> Color32 {
    let colour = theme::CLASS_COLOURS[usize::from(class) % CLASSES];
    // Many dots show through each other, so each is drawn stronger than one that stands alone.
    if ui.visuals().dark_mode {
        colour.lerp_to_gamma(Color32::WHITE, 0.18)
    } else {
        colour.lerp_to_gamma(Color32::BLACK, 0.14)
    }
}

/// A frame around a small image.
fn framed(ui: &Ui, place: Rect, chosen: bool) {
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
fn small(ui: &Ui, at: Pos2, align: egui::Align2, text: impl ToString, colour: Color32) {
    ui.painter().text(at, align, text, FontId::proportional(10.5), colour);
}
