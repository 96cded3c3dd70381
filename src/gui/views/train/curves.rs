//! Loss, accuracy and doubt along the training, with a line at the moment shown.

use egui::{Align2, Color32, FontId, Pos2, Rect, Response, RichText, Sense, Shape, Stroke, Ui, Vec2};

use crate::gui::action::{Action, TrainAction};
use crate::gui::charts;
use crate::gui::panel::train::{TrainingPoint, TrainingRun};
use crate::gui::theme;
use crate::gui::views::chart::{Axis, Chart, chart_ui};
use crate::gui::views::chart_menu::chart_menu_ui;
use crate::gui::views::headings::heading_ui;
use crate::wording;

/// Height of a chart at least.
const LEAST: f32 = 120.0;
/// Room above a chart for its heading and its key.
const HEADING: f32 = 20.0;
/// Room right of a key: where the axis ends.
const RIGHT: f32 = 10.0;
/// Length of a line in a key.
const SAMPLE: f32 = 16.0;

type Value = fn(&TrainingPoint) -> f64;

/// Draws the curves side by side, in the height that is left.
pub(super) fn curves_ui(ui: &mut Ui, run: &TrainingRun, height: f32, actions: &mut Vec<Action>) {
    let top = ui.cursor().min;
    sentence_ui(ui, run);
    let left = height - (ui.cursor().top() - top.y) - HEADING - 8.0;
    let height = left.max(LEAST);
    ui.columns(3, |columns| {
        let [loss, accuracy, doubt] = columns else { return };
        loss_ui(loss, run, height, actions);
        accuracy_ui(accuracy, run, height, actions);
        doubt_ui(doubt, run, height, actions);
    });
    let whole = Rect::from_min_max(top, Pos2::new(ui.max_rect().right(), ui.min_rect().bottom()));
    chart_menu_ui(ui, whole, "training", actions, || charts::training_curves(run));
}

/// What the validation images say at the moment shown.
fn sentence_ui(ui: &mut Ui, run: &TrainingRun) {
    let text = run.film.shown().and_then(|frame| {
        let doubt = frame.validation?;
        Some(format!(
            "{} of {} with dropout: {} right · mean H {:.3} · mean MI {:.3} nats",
            wording::thousands(frame.head.asked as u64),
            wording::count(frame.head.validation, "validation image"),
            wording::percent(doubt.accuracy as f32),
            doubt.entropy,
            doubt.mutual_information
        ))
    });
    ui.horizontal(|ui| {
        ui.set_max_width((ui.available_width() - 34.0).max(60.0));
        ui.add(egui::Label::new(RichText::new(text.unwrap_or_default()).small()).truncate());
    });
}

/// A line of a chart, as its key names it.
struct Named {
    name: &'static str,
    colour: Color32,
    dashed: bool,
}

fn loss_ui(ui: &mut Ui, run: &TrainingRun, height: f32, actions: &mut Vec<Action>) {
    let y = Axis::new("nats", 0.0, run.highest.max(0.1));
    both_ui(ui, "Loss", run, height, y, |point| point.loss, actions);
}

fn accuracy_ui(ui: &mut Ui, run: &TrainingRun, height: f32, actions: &mut Vec<Action>) {
    let from = (10.0 * run.lowest).floor().min(9.0) / 10.0;
    let y = Axis::new("share right", from, 1.0).in_percent();
    both_ui(ui, "Accuracy", run, height, y, |point| point.accuracy, actions);
}

/// Loss or accuracy, of the training images and of the validation images.
fn both_ui(
    ui: &mut Ui,
    name: &str,
    run: &TrainingRun,
    height: f32,
    y: Axis,
    value: Value,
    actions: &mut Vec<Action>,
) {
    let colours = theme::palette(ui.visuals());
    let training = Named { name: "training", colour: colours.accent, dashed: false };
    let validation = Named { name: "validation", colour: colours.second, dashed: true };
    let hint = "Training: the latest 2,000 images, with dropout. Validation: all images held back, without dropout, after \
                each epoch.";
    let (chart, response) = frame_ui(ui, name, hint, run, height, y, &[training, validation]);
    let points = |list: &[TrainingPoint]| -> Vec<[f64; 2]> {
        list.iter().map(|point| [point.epoch, value(point)]).collect()
    };
    chart.line(ui, points(&run.running), Stroke::new(1.5, colours.accent));
    chart.dashes(ui, points(&run.validation), Stroke::new(1.5, colours.second));
    for [x, y] in points(&run.validation) {
        ui.painter().circle_filled(chart.at(x, y), 3.0, colours.second);
    }
    moment_ui(ui, &chart, &response, run, actions);
    let Some(pointer) = response.hover_pos() else { return };
    let epoch = chart.x_value(pointer);
    response.on_hover_ui_at_pointer(|ui| {
        let written = |point: &TrainingPoint| match name {
            "Loss" => format!("{:.4} nats", value(point)),
            _ => wording::percent(value(point) as f32),
        };
        if let Some(point) = nearest(&run.running, epoch) {
            ui.strong(format!("Epoch {:.2}", point.epoch));
            ui.label(format!("training, with dropout: {}", written(point)));
        }
        if let Some(point) = nearest(&run.validation, epoch) {
            ui.label(format!("validation after epoch {}: {}", point.epoch, written(point)));
        }
    });
}

fn doubt_ui(ui: &mut Ui, run: &TrainingRun, height: f32, actions: &mut Vec<Action>) {
    let colours = theme::palette(ui.visuals());
    let entropy = Named { name: "mean H", colour: colours.accent, dashed: false };
    let information = Named { name: "mean MI", colour: colours.second, dashed: true };
    let asked = run.film.head().map_or(0, |head| head.asked);
    let hint = format!(
        "Mean predictive entropy and mutual information of {}, in every frame of the film.",
        wording::count(asked, "validation image")
    );
    let y = Axis::new("nats", 0.0, 1.06 * run.film.highest.max(0.05));
    let (chart, response) = frame_ui(ui, "Doubt", &hint, run, height, y, &[entropy, information]);
    let frames = || run.film.frames.iter().filter_map(|frame| Some((frame.epochs, frame.validation?)));
    let entropies = frames().map(|(epochs, doubt)| [epochs, doubt.entropy]);
    let informations = frames().map(|(epochs, doubt)| [epochs, doubt.mutual_information]);
    chart.line(ui, entropies.clone(), Stroke::new(1.5, colours.accent));
    chart.dashes(ui, informations.clone(), Stroke::new(1.5, colours.second));
    for ([x, y], colour) in
        entropies.map(|at| (at, colours.accent)).chain(informations.map(|at| (at, colours.second)))
    {
        ui.painter().circle_filled(chart.at(x, y), 2.4, colour);
    }
    moment_ui(ui, &chart, &response, run, actions);
    let Some(pointer) = response.hover_pos() else { return };
    let nearest = run.film.frames.get(run.film.nearest(chart.x_value(pointer)));
    let Some((epochs, doubt)) = nearest.and_then(|frame| Some((frame.epochs, frame.validation?))) else {
        return;
    };
    response.on_hover_ui_at_pointer(|ui| {
        ui.strong(format!("Epoch {epochs:.2}"));
        ui.label(format!("mean H {:.4} nats", doubt.entropy));
        ui.label(format!("mean MI {:.4} nats", doubt.mutual_information));
        ui.label(format!("{} right with dropout", wording::percent(doubt.accuracy as f32)));
    });
}

/// Heading, key and axes of a chart.
fn frame_ui(
    ui: &mut Ui,
    name: &str,
    hint: &str,
    run: &TrainingRun,
    height: f32,
    y: Axis,
    lines: &[Named],
) -> (Chart, Response) {
    let row = ui.horizontal(|ui| {
        ui.set_height(HEADING - 6.0);
        heading_ui(ui, name);
    });
    let right = Pos2::new(ui.max_rect().right() - RIGHT, row.response.rect.center().y);
    key_ui(ui, right, lines);
    row.response.on_hover_text(hint);
    let x = Axis::new("epoch", 0.0, run.epochs.max(1) as f64).counting();
    let (chart, response) = chart_ui(ui, name, height, Sense::click_and_drag(), x, y);
    let told = format!("{name} along the training. {hint}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &told));
    (chart, response)
}

/// Which line is which, to the left of a place.
fn key_ui(ui: &Ui, mut right: Pos2, lines: &[Named]) {
    for line in lines.iter().rev() {
        let font = FontId::proportional(10.5);
        let text = ui.painter().text(right, Align2::RIGHT_CENTER, line.name, font, ui.visuals().text_color());
        let ends =
            [text.left_center() - Vec2::new(4.0 + SAMPLE, 0.0), text.left_center() - Vec2::new(4.0, 0.0)];
        let stroke = Stroke::new(1.5, line.colour);
        if line.dashed {
            ui.painter().extend(Shape::dashed_line(&ends, stroke, 4.0, 3.0));
        } else {
            ui.painter().line_segment(ends, stroke);
        }
        right.x = ends[0].x - 9.0;
    }
}

/// Draws the line at the moment shown, and shows the frame closest to a press.
fn moment_ui(ui: &Ui, chart: &Chart, response: &Response, run: &TrainingRun, actions: &mut Vec<Action>) {
    let Some(shown) = run.film.shown() else { return };
    let x = chart.at(shown.epochs, 0.0).x;
    ui.painter().vline(x, chart.frame.y_range(), Stroke::new(1.5, theme::palette(ui.visuals()).ink));
    let held = response.dragged() || response.clicked();
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| held) {
        let frame = run.film.nearest(chart.x_value(pointer));
        if frame != run.film.at() {
            actions.push(Action::Train(TrainAction::Frame(frame)));
        }
    }
}

/// The point closest to an epoch; points are in order.
fn nearest(points: &[TrainingPoint], epoch: f64) -> Option<&TrainingPoint> {
    let next = points.partition_point(|point| point.epoch < epoch);
    let around = [next.checked_sub(1), Some(next)].into_iter().flatten().filter_map(|at| points.get(at));
    around.min_by(|a, b| (a.epoch - epoch).abs().total_cmp(&(b.epoch - epoch).abs()))
}
