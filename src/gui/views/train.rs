//! Training a network and watching it learn.

use egui::{DragValue, Response, RichText, Ui};
use egui_material_icons::icons::{ICON_PLAY_ARROW, ICON_STOP};
use egui_plot::{Legend, Line, PlotPoints, Points};

use crate::gui::action::{Action, TrainAction};
use crate::gui::charts;
use crate::gui::panel::train::{TrainingPoint, TrainingRun};
use crate::gui::settings::TrainSettings;
use crate::gui::theme;
use crate::gui::views::chart_menu::chart_menu_ui;
use crate::gui::views::{plots, terms};
use crate::help::Term;
use crate::model::Placement;
use crate::wording;

/// What the view shows.
pub struct TrainData<'a> {
    /// How to train next.
    pub settings: &'a TrainSettings,
    /// The last training.
    pub run: &'a TrainingRun,
    /// Where the training images come from.
    pub source: &'a str,
    /// Hidden units of the open network, which training that continues from it must keep.
    pub open_hidden: usize,
}

/// Width of the form.
const FORM: f32 = 270.0;

/// Draws the view.
pub fn train_ui(ui: &mut Ui, data: &TrainData<'_>, actions: &mut Vec<Action>) {
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(FORM);
            egui::ScrollArea::vertical().id_salt("train form").show(ui, |ui| form_ui(ui, data, actions));
        });
        ui.separator();
        ui.vertical(|ui| curves_ui(ui, data, actions));
    });
}

fn form_ui(ui: &mut Ui, data: &TrainData<'_>, actions: &mut Vec<Action>) {
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
            number(ui, "Epochs", DragValue::new(&mut settings.epochs).range(1..=200).speed(0.1));
            number(ui, "Batch size", DragValue::new(&mut settings.batch_size).range(1..=4096));
            let rate =
                DragValue::new(&mut settings.learning_rate).range(1e-6..=1.0).speed(1e-5).max_decimals(6);
            number(ui, "Learning rate", rate);
            let dropout =
                DragValue::new(&mut settings.dropout).range(0.0..=0.95).speed(0.005).max_decimals(2);
            number(ui, "Dropout rate p", dropout);
            ui.label("Dropout placement");
            placement_ui(ui, &mut settings.placement);
            ui.end_row();
            if settings.resume {
                settings.hidden = data.open_hidden;
            }
            ui.label("Hidden units");
            ui.add_enabled_ui(!settings.resume, |ui| {
                named(&ui.add(DragValue::new(&mut settings.hidden).range(1..=4096)), "Hidden units");
            });
            ui.end_row();
            number(ui, "Seed", DragValue::new(&mut settings.seed).speed(0.05));
        });
        ui.checkbox(&mut settings.resume, "Continue from the open model")
            .on_hover_text("Start from the weights in use instead of fresh ones");
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
        if ui.button(RichText::new(text).size(15.0)).clicked() {
            actions.push(Action::Train(TrainAction::Start));
        }
    }
    ui.add_space(10.0);
    progress_ui(ui, data.run);
}

fn named(response: &Response, name: &str) {
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name));
}

fn number(ui: &mut Ui, name: &str, value: DragValue<'_>) {
    match name {
        "Dropout rate p" => drop(terms::term_ui(ui, name, Term::DropoutRate)),
        "Seed" => drop(terms::term_ui(ui, name, Term::Seed)),
        _ => drop(ui.label(name)),
    }
    named(&ui.add(value), name);
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

fn progress_ui(ui: &mut Ui, run: &TrainingRun) {
    let Some(last) = run.last else {
        if run.active {
            ui.horizontal(|ui| {
                ui.spinner();
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

fn curves_ui(ui: &mut Ui, data: &TrainData<'_>, actions: &mut Vec<Action>) {
    let run = data.run;
    if run.running.is_empty() {
        ui.add_space(ui.available_height() * 0.35);
        ui.vertical_centered(|ui| {
            ui.label(RichText::new("Loss and accuracy appear here").size(16.0));
            ui.weak("The gallery stays as it is until the new network is ready; the bundled one is kept.");
        });
        return;
    }
    let top = ui.cursor().min;
    let height = (ui.available_height() - 60.0) / 2.0;
    curve_ui(ui, "Loss (nats)", height, run, |point| point.loss, true);
    curve_ui(ui, "Accuracy", height, run, |point| point.accuracy, false);
    let whole = egui::Rect::from_min_max(top, egui::pos2(ui.max_rect().right(), ui.min_rect().bottom()));
    chart_menu_ui(ui, whole, "training", actions, || charts::training_curves(run, data.source));
}

fn curve_ui(
    ui: &mut Ui,
    name: &str,
    height: f32,
    run: &TrainingRun,
    value: impl Fn(&TrainingPoint) -> f64,
    from_zero: bool,
) {
    let colours = theme::palette(ui.visuals());
    let points = |list: &[TrainingPoint]| -> PlotPoints<'static> {
        list.iter().map(|point| [point.epoch, value(point)]).collect()
    };
    ui.label(RichText::new(name).strong());
    let mut plot = plots::quiet(ui, name, height.max(80.0))
        .legend(Legend::default())
        .x_axis_label("epoch")
        .include_x(0.0)
        .include_x(run.epochs.max(1) as f64)
        .y_axis_min_width(36.0);
    plot = if from_zero { plot.include_y(0.0) } else { plot.include_y(1.0) };
    plot.show(ui, |plot| {
        plot.line(Line::new("training, with dropout", points(&run.running)).color(colours.accent).width(1.5));
        plot.line(Line::new("validation", points(&run.validation)).color(colours.second).width(1.5));
        plot.points(Points::new("validation", points(&run.validation)).color(colours.second).radius(3.5));
    });
}
