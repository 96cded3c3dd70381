//! Accuracy, NLL, ECE and error AUROC against the dropout rate, computed on request; the rate of least NLL is offered.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Button, Color32, Grid, ProgressBar, RichText, ScrollArea, Sense, Stroke, TextStyle, Ui};

use super::data::{Answers, OverDropoutData, heading, last, pair, part_ui};
use crate::gui::action::{Action, QualityAction, RunAction};
use crate::gui::charts;
use crate::gui::theme;
use crate::gui::views::chart::{Axis, chart_ui};
use crate::gui::views::readout;
use crate::gui::views::terms;
use crate::shown::over_dropout::{ADVICE, OverDropoutView, RateCurve, RateRow, is_logarithmic, sentences};
use crate::shown::tables::Verdict;
use crate::uncertainty::quality::over_dropout::AtRate;
use crate::uncertainty::quality::{Metric, OVER};

/// Height of one chart.
const HEIGHT: f32 = 130.0;
/// Width of the progress, in points.
const PROGRESS: f32 = 160.0;

/// What it is, and how to get it.
const HINT: &str = "The images shown at a dozen dropout rates from 0 to 0.9, always with the same masks, T and seed. Some of \
                    them, each class in its share, where all would take long. It goes on while you do something else.";

/// The charts and the table, once they were asked for.
pub(super) fn over_dropout_ui(ui: &mut Ui, data: &OverDropoutData<'_>, answers: &mut Answers<'_>) {
    let Some(view) = data.view else {
        heading(ui, TITLE, HINT);
        request_ui(ui, data, answers);
        return;
    };
    let part = |ui: &mut Ui, answers: &mut Answers<'_>| {
        heading(ui, TITLE, HINT);
        request_ui(ui, data, answers);
        found_ui(ui, data, view);
    };
    let now = data.now.filter(|_| !data.older);
    part_ui(ui, "quality against p", answers, part, || charts::quality_over_dropout(view, now));
}

const TITLE: &str = "Quality against p";

/// The buttons: compute or stop, and use what was found.
fn request_ui(ui: &mut Ui, data: &OverDropoutData<'_>, answers: &mut Answers<'_>) {
    ui.horizontal_wrapped(|ui| {
        if let Some(share) = data.progress {
            if ui.button("Stop").on_hover_text("Compute no further; what was there before stays").clicked() {
                answers.push(QualityAction::StopRates);
            }
            ui.add(ProgressBar::new(share).desired_width(PROGRESS).show_percentage());
        } else if ui.button("Compute over p…").on_hover_text(HINT).clicked() {
            answers.push(QualityAction::TryRates);
        }
        let Some(best) = data.view.and_then(|view| view.found.best()?.dropout) else { return };
        let in_use = data.now.is_some_and(|now| (now - best).abs() < 5e-4);
        let text = format!("Use p = {best}");
        let hint = "Set the dropout rate to that of least NLL";
        let why = if data.older { OLDER } else { "This rate is in use" };
        let button = ui.add_enabled(!in_use && !data.older, Button::new(text));
        if button.on_hover_text(hint).on_disabled_hover_text(why).clicked() {
            answers.actions.push(Action::Run(RunAction::SetDropout(best)));
        }
        if data.older {
            let text = RichText::new("of another network, T or seed than those in use");
            ui.label(text.color(theme::palette(ui.visuals()).warning)).on_hover_text(OLDER);
        }
    });
}

const OLDER: &str = "It was computed for another network, T or seed: compute it again for those in use";

fn found_ui(ui: &mut Ui, data: &OverDropoutData<'_>, view: &OverDropoutView) {
    ui.weak(&view.of);
    for curves in view.curves.chunks(2) {
        ui.columns(pair(ui), |columns| {
            curve_ui(&mut columns[0], data, view, &curves[0]);
            curve_ui(last(columns), data, view, &curves[1]);
        });
    }
    ui.weak(
        "Bands: 95 % of 1,000 resamples of the images. Dot: least NLL. Dashed: the rate in use. AUROC: by predictive \
         entropy.",
    );
    for sentence in sentences(&view.found, in_use(data, view), "in use now") {
        ui.label(sentence);
    }
    ui.weak(ADVICE);
    ScrollArea::horizontal().id_salt("quality over p").show(ui, |ui| table_ui(ui, data, view));
}

/// The numbers of the rate in use, where it was tried with what is in use besides.
fn in_use<'a>(data: &OverDropoutData<'_>, view: &'a OverDropoutView) -> Option<&'a AtRate> {
    if data.older { None } else { view.found.at(data.now) }
}

fn curve_ui(ui: &mut Ui, data: &OverDropoutData<'_>, view: &OverDropoutView, curve: &RateCurve) {
    let colours = theme::palette(ui.visuals());
    let [from, to] = curve.range;
    let name = title(curve.metric);
    let y = if is_logarithmic(curve.metric) && from > 0.0 {
        Axis::logarithmic(name, from / 1.15, to * 1.15)
    } else {
        // Room for the ends of the band.
        let room = ((to - from) * 0.08).max(1e-4);
        Axis::new(name, from - room, (to + room).min(1.0 + room))
    };
    let y = if curve.metric == Metric::Accuracy { y.in_percent() } else { y };
    let most = view.found.rates.last().and_then(|at| at.dropout).map_or(0.9, f64::from);
    let mut x = Axis::new("dropout rate p", 0.0, most);
    x.ticks = vec![0.0, 0.2, 0.4, 0.6, 0.8];
    let (chart, response) = chart_ui(ui, name, HEIGHT, Sense::hover(), x, y);
    chart.band(ui, &curve.band, colours.accent.gamma_multiply(0.25));
    if let Some(now) = data.now.filter(|_| !data.older).map(f64::from) {
        chart.dashes(ui, [[now, from], [now, to]], Stroke::new(1.5, colours.ink));
    }
    chart.line(ui, curve.line.iter().copied(), Stroke::new(2.0, colours.accent));
    let best = view.found.best().and_then(|at| at.dropout).map(f64::from);
    for [p, value] in &curve.line {
        let (radius, colour) = if Some(*p) == best { (5.0, colours.second) } else { (2.0, colours.accent) };
        ui.painter().circle_filled(chart.at(*p, *value), radius, colour);
    }
    if let Some(pointer) = response.hover_pos() {
        let p = chart.x_value(pointer);
        let off = |row: &&RateRow| row.dropout.map_or(f64::INFINITY, |rate| (f64::from(rate) - p).abs());
        let Some(row) = view.rows.iter().min_by(|a, b| off(a).total_cmp(&off(b))) else { return };
        if let Some([p, value]) = curve.line.iter().find(|[p, _]| row.dropout.map(f64::from) == Some(*p)) {
            ui.painter().circle_filled(chart.at(*p, *value), 3.5, colours.ink);
        }
        let text = said(row, curve.metric);
        readout::say(ui.ctx(), || text.clone());
        response.on_hover_text_at_pointer(text);
    }
}

/// What a number is called, with its unit.
fn title(metric: Metric) -> &'static str {
    match metric {
        Metric::Nll => "NLL, nats",
        metric => metric.label(),
    }
}

/// `p = 0.3: NLL, nats 0.0207 [0.0160, 0.0261]`.
fn said(row: &RateRow, metric: Metric) -> String {
    let at = OVER.iter().position(|own| *own == metric).unwrap_or(0);
    let number = &row.numbers[at];
    let value = number.value.as_ref().unwrap_or_else(|undefined| undefined);
    let interval = number.interval.as_deref().map_or_else(String::new, |ends| format!(" {ends}"));
    format!("{}: {} {value}{interval}", called(row), title(metric))
}

fn called(row: &RateRow) -> String {
    row.dropout.map_or_else(|| "the rates of the file".to_owned(), |rate| format!("p = {rate}"))
}

/// A number and its interval in one text: there are many of them.
fn cell_ui(ui: &mut Ui, value: &str, interval: Option<&str>, colour: Color32) {
    let mut text = LayoutJob::default();
    let font = TextStyle::Monospace.resolve(ui.style());
    text.append(value, 0.0, TextFormat::simple(font, colour));
    if let Some(interval) = interval {
        let weak = theme::palette(ui.visuals()).weak;
        let font = TextStyle::Small.resolve(ui.style());
        text.append(interval, 6.0, TextFormat { valign: Align::Center, ..TextFormat::simple(font, weak) });
    }
    ui.label(text);
}

/// A row for each rate: what the charts show, to be read.
fn table_ui(ui: &mut Ui, data: &OverDropoutData<'_>, view: &OverDropoutView) {
    let colours = theme::palette(ui.visuals());
    Grid::new("quality over p").num_columns(6).spacing([18.0, 4.0]).striped(true).show(ui, |ui| {
        ui.label("");
        for metric in OVER {
            match terms::of_heading(metric.label()) {
                Some(term) => {
                    let text = RichText::new(title(metric)).strong();
                    drop(terms::hinted_ui(ui, text, term, metric.explanation()));
                }
                None => drop(ui.strong(title(metric)).on_hover_text(metric.explanation())),
            }
        }
        ui.strong("NLL − least").on_hover_text("Paired: all rates on the same resamples of the images");
        ui.end_row();
        let best = view.found.best().and_then(|at| at.dropout);
        let in_use = in_use(data, view);
        for row in &view.rows {
            ui.horizontal(|ui| {
                ui.monospace(called(row));
                if row.dropout.is_some() && row.dropout == best {
                    ui.label(RichText::new("least NLL").small().color(colours.second));
                }
                if in_use.is_some_and(|at| at.dropout == row.dropout) {
                    ui.label(RichText::new("in use").small());
                }
            });
            for number in &row.numbers {
                match &number.value {
                    Ok(value) => cell_ui(ui, value, number.interval.as_deref(), colours.ink),
                    Err(undefined) => drop(ui.weak("–").on_hover_text(undefined)),
                }
            }
            match row.above_least.as_ref().and_then(|above| Some((above, above.value.as_deref()?))) {
                Some((above, value)) => {
                    let surely = above.verdict == Verdict::Worse;
                    let colour = if surely { colours.wrong } else { colours.ink };
                    cell_ui(ui, value, above.interval.as_deref(), colour);
                }
                None => drop(ui.weak("–")),
            }
            ui.end_row();
        }
    });
}
