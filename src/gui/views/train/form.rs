//! How to train next, and how far the training is.

use egui::{DragValue, Response, RichText, Ui};
use egui_material_icons::icons::{ICON_PLAY_ARROW, ICON_STOP};

use super::data::TrainData;
use crate::gui::action::{Action, TrainAction};
use crate::gui::panel::train::TrainingRun;
use crate::gui::settings::Watched;
use crate::gui::views::terms;
use crate::gui::views::wheel::wheel_ui;
use crate::help::Term;
use crate::model::Placement;
use crate::shown::film::MOST_IMAGES;
use crate::wording;

/// Draws the form, and how far the training is.
pub(super) fn form_ui(ui: &mut Ui, data: &TrainData<'_>, actions: &mut Vec<Action>) {
    let mut settings = *data.settings;
    ui.heading("Train a network")
        .on_hover_text("The network trained comes into use at once; save it, or go back to the bundled one");
    ui.add(
        egui::Label::new(
            RichText::new(format!("LeNet on the training images of {}, in the background.", data.source))
                .weak(),
        )
        .wrap(),
    );
    ui.add_space(6.0);
    ui.add_enabled_ui(!data.run.active, |ui| {
        egui::Grid::new("training").num_columns(2).spacing([12.0, 8.0]).show(ui, |ui| {
            let hint = "How often all training images are gone through";
            number(ui, "Epochs", hint, DragValue::new(&mut settings.epochs).range(1..=200).speed(0.1));
            let hint = "Images of which each step takes the mean gradient";
            number(ui, "Batch size", hint, DragValue::new(&mut settings.batch_size).range(1..=4096));
            let rate =
                DragValue::new(&mut settings.learning_rate).range(1e-6..=1.0).speed(1e-5).max_decimals(6);
            number(ui, "Learning rate", "How far a step goes: that of Adam", rate);
            let dropout =
                DragValue::new(&mut settings.dropout).range(0.0..=0.95).speed(0.005).max_decimals(2);
            number(ui, "Dropout rate p", "Share of units dropped while training", dropout);
            ui.label("Dropout placement");
            placement_ui(ui, &mut settings.placement);
            ui.end_row();
            // Only a LeNet can be trained on.
            settings.resume &= data.open_hidden.is_some();
            if let Some(hidden) = data.open_hidden.filter(|_| settings.resume) {
                settings.hidden = hidden;
            }
            ui.label("Hidden units");
            ui.add_enabled_ui(!settings.resume, |ui| {
                let hidden = ui.add(DragValue::new(&mut settings.hidden).range(1..=4096));
                named(&hidden, "Hidden units");
                hidden
                    .on_hover_text("Width of the hidden layer")
                    .on_disabled_hover_text("That of the open model");
            });
            ui.end_row();
            let hint = "First weights, order of the images and masks: the same seed gives the same network";
            number(ui, "Seed", hint, DragValue::new(&mut settings.seed).speed(0.05));
        });
        ui.checkbox(&mut settings.resume, "Continue from the open model")
            .on_hover_text("Start from the weights in use instead of fresh ones");
        watched_ui(ui, data, &mut settings.watched);
    });
    if settings != *data.settings {
        actions.push(Action::Train(TrainAction::Set(settings)));
    }
    ui.add_space(10.0);
    if data.run.active {
        let text = format!("{} Stop and keep", ICON_STOP.codepoint);
        if ui.button(RichText::new(text).size(15.0)).on_hover_text("Use what was learnt so far").clicked() {
            actions.push(Action::Train(TrainAction::Stop));
        }
    } else {
        let text = format!("{} Start training", ICON_PLAY_ARROW.codepoint);
        let hint = "Train in the background; what is shown stays until the network is there";
        if ui.button(RichText::new(text).size(15.0)).on_hover_text(hint).clicked() {
            actions.push(Action::Train(TrainAction::Start));
        }
    }
    ui.add_space(10.0);
    progress_ui(ui, data.run);
}

fn named(response: &Response, name: &str) {
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name));
}

fn number(ui: &mut Ui, name: &str, hint: &str, value: DragValue<'_>) {
    match name {
        "Dropout rate p" => drop(terms::term_ui(ui, name, Term::DropoutRate)),
        "Seed" => drop(terms::term_ui(ui, name, Term::Seed)),
        _ => drop(ui.label(name)),
    }
    let response = ui.add(value);
    named(&response, name);
    response.on_hover_text(hint);
    ui.end_row();
}

fn placement_ui(ui: &mut Ui, placement: &mut Placement) {
    let names = [
        (Placement::Last, "last", "Before the last layer only: the paper's Figure 4"),
        (Placement::Dense, "dense", "Before and after the hidden layer"),
        (Placement::All, "all", "Also after both convolutions"),
    ];
    ui.horizontal(|ui| {
        for (value, name, hint) in names {
            ui.selectable_value(placement, value, name).on_hover_text(hint);
        }
    });
}

/// Which images the training is watched on.
fn watched_ui(ui: &mut Ui, data: &TrainData<'_>, watched: &mut Watched) {
    ui.add_space(4.0);
    ui.label("Watch it learn on").on_hover_text(
        "A few images that the network is asked about again and again while it learns, with MC dropout: their answers \
         become a film beside the curves. The training itself is the same whatever is watched.",
    );
    ui.horizontal_wrapped(|ui| {
        for (choice, images) in Watched::ALL.into_iter().zip(data.to_watch)
        {
            let name = match choice {
                Watched::Usual if data.digits => "two of each digit".to_owned(),
                Watched::Usual => "two of each class".to_owned(),
                Watched::Selection if images > 1 => format!("selection ({})", wording::thousands(images as u64)),
                Watched::Selection => "selection".to_owned(),
                Watched::Drawing => "drawing".to_owned(),
            };
            let hint = match choice {
                Watched::Usual => {
                    format!(
                        "Images held back from training: of each {} the one that the bundled network is surest of, and \
                         the one it doubts most",
                        if data.digits { "digit" } else { "class" }
                    )
                }
                Watched::Selection if images > MOST_IMAGES => {
                    format!("The first {MOST_IMAGES} of the images selected when the training starts")
                }
                Watched::Selection => "The images selected when the training starts".to_owned(),
                Watched::Drawing => "The drawing as it is when the training starts".to_owned(),
            };
            let chosen = choice == data.watched;
            let response = ui
                .add_enabled(images > 0, egui::Button::selectable(chosen, &name))
                .on_hover_text(hint)
                .on_disabled_hover_text(match choice {
                    Watched::Drawing => "There is no drawing: draw one in Draw",
                    _ => "Nothing is selected: choose images in Gallery or Plane",
                });
            if response.clicked() {
                *watched = choice;
            }
        }
    });
}

fn progress_ui(ui: &mut Ui, run: &TrainingRun) {
    let Some(last) = run.last else {
        if run.active {
            ui.horizontal(|ui| {
                wheel_ui(ui);
                ui.label("Reading the training images…");
            });
        }
        return;
    };
    egui::Grid::new("progress").num_columns(2).spacing([12.0, 4.0]).show(ui, |ui| {
        let mut row = |name: &str, value: String| {
            ui.weak(name);
            ui.monospace(value);
            ui.end_row();
        };
        row("Epoch", format!("{} of {}", last.epoch, last.epochs));
        row("Loss, recent", format!("{:.4} nats", last.loss));
        row("Accuracy, recent", wording::percent(last.accuracy));
        if let Some(validation) = run.validation.last() {
            row("Validation", format!("{} right", wording::percent(validation.accuracy as f32)));
        }
        row("Rate", wording::rate(f64::from(last.images_per_second), "images"));
        match run.remaining() {
            Some(left) => row("Time left", wording::duration(left)),
            None => row("State", "ended".to_owned()),
        }
    });
}
