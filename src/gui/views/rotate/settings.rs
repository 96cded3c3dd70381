//! What is turned, how far, in how many steps, and with which passes.

use egui::{DragValue, RichText, Slider, Ui};
use egui_material_icons::icons::{ICON_PAUSE, ICON_PLAY_ARROW};

use super::parts::RotateData;
use crate::data::distortion::Distortion;
use crate::gui::action::{Action, RotateAction, RunAction};
use crate::gui::settings::{DROPOUT, PASSES};
use crate::gui::theme;
use crate::uncertainty::course::STEPS;

/// Draws the image's name, and the way to the paper's figure and back.
pub(super) fn head_ui(ui: &mut Ui, data: &RotateData<'_>, actions: &mut Vec<Action>) {
    let Some(key) = data.state.key() else { return };
    ui.horizontal(|ui| ui.heading(key.subject.title()));
    ui.horizontal_wrapped(|ui| {
        let paper = data.state.paper;
        let hint = "The setting of the figure in Gal & Ghahramani 2016, on the \"1\" of this dataset that the network \
                    doubts least: 12 steps, T = 100, p = 0.5, dropout before the last layer. The paper does not print \
                    its angles; 0° to 110° anticlockwise shows what it found.";
        if ui.selectable_label(paper, "The paper's Figure 4").on_hover_text(hint).clicked() {
            actions.push(Action::Rotate(RotateAction::Paper));
        }
        let hint = "This image with the passes, rate, seed and network of the window, over any range";
        if ui.selectable_label(!paper, "Explore").on_hover_text(hint).clicked() {
            actions.push(Action::Rotate(RotateAction::Explore));
        }
    });
}

/// Draws the controls.
pub(super) fn settings_ui(ui: &mut Ui, data: &RotateData<'_>, actions: &mut Vec<Action>) {
    let state = data.state;
    let course = state.course();
    ui.horizontal(|ui| {
        let (icon, hint) = if state.playing {
            (ICON_PAUSE, "Stop the dial")
        } else {
            (ICON_PLAY_ARROW, "Let the dial turn")
        };
        let response = ui.button(RichText::new(icon.codepoint).size(17.0));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, hint));
        if response.on_hover_text(hint).clicked() {
            actions.push(Action::Rotate(RotateAction::Play(!state.playing)));
        }
        let mut amount = state.dial;
        ui.spacing_mut().slider_width = ui.available_width() - 76.0;
        let step = if course.by == Distortion::Rotation { 1.0 } else { 0.01 };
        let slider = Slider::new(&mut amount, course.from..=course.to)
            .step_by(step)
            .custom_formatter(|value, _| course.by.amount(value as f32));
        let response = ui.add(slider);
        response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(amount), "Amount"));
        let hint = "Drag this or the dial around the image; arrow keys go from step to step.";
        if response.on_hover_text(hint).changed() {
            actions.push(Action::Rotate(RotateAction::Dial(amount)));
        }
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.spacing_mut().button_padding.x = 6.0;
        for by in Distortion::ALL {
            let button = ui.selectable_label(course.by == by, by.label()).on_hover_text(by.hint());
            if button.clicked() && course.by != by {
                actions.push(Action::Rotate(RotateAction::By(by)));
            }
        }
    });
    range_ui(ui, data, actions);
    passes_ui(ui, data, actions);
}

fn range_ui(ui: &mut Ui, data: &RotateData<'_>, actions: &mut Vec<Action>) {
    let course = data.state.course();
    let [least, most] = course.by.limits();
    let (mut from, mut to, mut steps) = (course.from, course.to, course.steps);
    ui.horizontal(|ui| {
        let (speed, apart) = if course.by == Distortion::Rotation { (1.0, 1.0) } else { (0.02, 0.1) };
        let end = |ui: &mut Ui, name: &str, value: &mut f32, range| {
            ui.label(name);
            let drag = DragValue::new(value).range(range).speed(speed).max_decimals(2);
            let response = ui.add(drag.update_while_editing(false));
            let value = f64::from(*value);
            let name = format!("{name} this amount");
            response.widget_info(|| egui::WidgetInfo::slider(true, value, &name));
            response.on_hover_text("Where the steps begin and end: drag, or click and type").changed()
        };
        let mut changed = end(ui, "From", &mut from, least..=(course.to - apart).max(least));
        changed |= end(ui, "To", &mut to, (course.from + apart).min(most)..=most);
        if changed {
            actions.push(Action::Rotate(RotateAction::Range(from, to)));
        }
        ui.label("Steps");
        let response = ui.add(DragValue::new(&mut steps).range(STEPS).speed(0.2).update_while_editing(false));
        response.widget_info(|| egui::WidgetInfo::slider(true, course.steps as f64, "Steps"));
        let response = response.on_hover_text("In how many steps: each is answered by all passes");
        if response.changed() && steps != course.steps {
            actions.push(Action::Rotate(RotateAction::Steps(steps)));
        }
    });
}

/// Passes and rate: those of the window, or the paper's.
fn passes_ui(ui: &mut Ui, data: &RotateData<'_>, actions: &mut Vec<Action>) {
    let Some(key) = data.state.key() else { return };
    if data.state.paper {
        let colours = theme::palette(ui.visuals());
        let labels = &key.subject.labels;
        let one = if labels.are_digits() { "\"1\"" } else { labels.name(1) };
        let text = format!(
            "As in the paper T = {}, p = {:.1}, dropout {}. It prints no angles: these are chosen here, and the image \
             is the {one} doubted least.",
            key.sampled.passes,
            key.sampled.dropout,
            key.network.dropout.describe()
        );
        ui.add(egui::Label::new(RichText::new(text).small().color(colours.weak)).wrap());
        return;
    }
    let mut sweep = data.sweep;
    ui.horizontal(|ui| {
        ui.spacing_mut().slider_width = 66.0;
        ui.label("T");
        let response =
            ui.add(Slider::new(&mut sweep.passes, PASSES).logarithmic(true).update_while_editing(false));
        response.widget_info(|| egui::WidgetInfo::slider(true, sweep.passes as f64, "Passes"));
        let response = response.on_hover_text("Passes of MC dropout, T: those of the whole window");
        if response.changed() {
            actions.push(Action::Run(RunAction::SetPasses(sweep.passes)));
        }
        ui.label("p");
        let response =
            ui.add(Slider::new(&mut sweep.dropout, DROPOUT).fixed_decimals(2).update_while_editing(false));
        response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(sweep.dropout), "Dropout rate"));
        let response = response.on_hover_text("Dropout rate p: that of the whole window");
        if response.changed() {
            actions.push(Action::Run(RunAction::SetDropout(sweep.dropout)));
        }
    });
}
