//! The Rotate tab: an image on a dial, and what the passes say along the way, as in the paper's Figure 4.

mod clock;
mod curves;
mod dial;
mod marks;
mod parts;
mod scatter;
mod settings;
mod strip;

use egui::{FontId, RichText, ScrollArea, Sense, Ui};
use egui_material_icons::icons::ICON_ROTATE_RIGHT;

use crate::data::Classes;
use crate::export::rotation::placement_note;
use crate::gui::action::{Action, FileAction, FilePurpose, RotateAction};
use crate::gui::panel::rotate::RotatePanel;
use crate::gui::theme;
use crate::gui::views::pace::Pace;
use crate::gui::views::plots::follow_focus;
use crate::gui::views::prediction::{PredictionData, prediction_ui};
use crate::gui::views::wheel::wheel_ui;
use crate::shown::rotate::RotateView;
use crate::uncertainty::Measures;
use crate::uncertainty::course::CourseStep;

pub use parts::RotateData;

/// What the tab remembers between frames.
#[derive(Default)]
pub struct RotateMemory {
    pace: Pace,
    dial: dial::DialMemory,
    inputs: scatter::Dots,
    outputs: scatter::Dots,
    strip: strip::StripMemory,
}

/// Width of the column with the dial.
const LEFT: f32 = 312.0;
/// Minimum height of a plot.
const PLOT: f32 = 94.0;

/// Draws the tab.
pub fn rotate_ui(ui: &mut Ui, data: &RotateData<'_>, memory: &mut RotateMemory, actions: &mut Vec<Action>) {
    let state = data.state;
    if state.key().is_none() {
        empty_ui(ui, data, actions);
        return;
    }
    clock::run(ui, state, &mut memory.pace, actions);
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
            let origin = crate::shown::subject::Origin::Drawing;
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
fn answer_ui(ui: &mut Ui, state: &RotatePanel, actions: &mut Vec<Action>) {
    let Some(step) = state.shown() else {
        ui.add_space(8.0);
        wheel_ui(ui);
        return;
    };
    ui.add_space(4.0);
    let Some(names) = state.names() else { return };
    ui.strong(at_dial(state, &names.answers, step));
    let colours = theme::palette(ui.visuals());
    let lines = measures_lines(&step.measures);
    for line in lines {
        ui.label(RichText::new(line).small().color(colours.weak));
    }
    let label = state.key().and_then(|key| key.subject.label);
    let class = step.measures.prediction();
    let bars = PredictionData { measures: &step.measures, names, label, class, one: None };
    if let Some(class) = prediction_ui(ui, &bars) {
        actions.push(Action::Rotate(RotateAction::Class(class)));
    }
}

/// `At 75° the answer is 5: 61 of 100 passes`; where more passes vote for another class, why it is not the answer.
fn at_dial(state: &RotatePanel, answers: &Classes, step: &CourseStep) -> String {
    let class = step.measures.prediction();
    let votes = step.measures.votes[usize::from(class)];
    let amount = state.course().by.amount(step.amount);
    let passes = step.measures.passes;
    let most = step.measures.by_votes().first().copied().unwrap_or(class);
    let voted = step.measures.votes[usize::from(most)];
    let (said, other) = (answers.name(class), answers.name(most));
    if voted > votes {
        // A few confident votes outweigh more hesitant ones.
        let mean = step.measures.mean[usize::from(class)];
        return format!(
            "At {amount} the answer is {said}, by its mean probability {mean:.2}: {votes} of {passes} passes vote for it, \
             {voted} less surely for {other}"
        );
    }
    format!("At {amount} the answer is {said}: {votes} of {passes} passes")
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

fn files_ui(ui: &mut Ui, state: &RotatePanel, actions: &mut Vec<Action>) {
    ui.add_space(6.0);
    let ready = state.view.as_ref().is_some_and(|view| view.is_complete());
    ui.add_enabled_ui(ready, |ui| {
        ui.horizontal(|ui| {
            if ui.button("Save figure…").on_hover_text("The figure as a PNG").clicked() {
                actions.push(Action::File(FileAction::Ask(FilePurpose::SaveRotation)));
            }
            if ui.button("Copy").on_hover_text("Copy the figure").clicked() {
                actions.push(Action::Rotate(RotateAction::Copy));
            }
            if ui.button("Save table…").on_hover_text("Every step and pass as CSV").clicked() {
                actions.push(Action::File(FileAction::Ask(FilePurpose::SaveRotationTable)));
            }
        });
    });
}

fn plots_ui(ui: &mut Ui, data: &RotateData<'_>, memory: &mut RotateMemory, actions: &mut Vec<Action>) {
    let state = data.state;
    let Some(view) = state.view.as_ref().filter(|view| !view.steps.is_empty()) else {
        ui.add_space(80.0);
        ui.vertical_centered(wheel_ui);
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
    let text = &view.sentence;
    let colour = if data.state.is_stale() { colours.weak } else { ui.visuals().text_color() };
    let width = ui.available_width();
    let galley = ui.painter().layout(text.clone(), FontId::proportional(13.5), colour, width - 8.0);
    // Tall enough for most sentences, so that the plots stay where they are while the sentence changes.
    let usual = if width > 1_300.0 { 36.0 } else { 54.0 };
    let (place, response) =
        ui.allocate_exact_size(egui::vec2(width, galley.size().y.max(usual)), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
    ui.painter().galley(place.min, galley, colour);
    if let Some(note) = placement_note([data.trained, view.key.network.dropout]) {
        ui.label(RichText::new(note).small().color(colours.warning));
    }
}
