//! Images that are no digits: whether doubt tells them, where the threshold lies, and which are taken for digits.

use egui::{Grid, RichText, Sense, Slider, Stroke, Ui};

use super::brushed::outlines_ui;
use super::calibration::doubt_ui;
use super::numbers::estimate_ui;
use super::strip::{cards_ui, digit_card, foreign_card};
use super::{Answers, QualityData, heading, part_ui};
use crate::data::corruption::Corruption;
use crate::data::foreign::Foreign;
use crate::gui::action::{Action, FilePurpose};
use crate::gui::atlas::Atlas;
use crate::gui::charts;
use crate::gui::highlight::Subset;
use crate::gui::quality::QualityAction;
use crate::gui::theme;
use crate::gui::views::chart::{Axis, chart_ui};
use crate::uncertainty::quality::DETECTORS;
use crate::wording;
use crate::worker::quality::{ForeignView, QualityView};

/// Foreign images taken for a digit with more confidence than this stand on the shelf.
const CONFIDENT: f32 = 0.99;

/// Where the images come from, and what is known of them.
pub(super) fn foreign_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    view: &QualityView,
    atlases: [&mut Atlas; 2],
    answers: &mut Answers<'_>,
) {
    source_ui(ui, data, answers);
    if data.foreign_waits {
        ui.horizontal(|ui| {
            ui.spinner();
            ui.label("Sampling the foreign images…");
        });
    }
    let Some(foreign) = data.state.foreign.as_deref() else {
        if !data.foreign_waits {
            ui.add_space(30.0);
            ui.vertical_centered(|ui| {
                ui.label(
                    RichText::new("What does the network make of things that are no digits?").size(16.0),
                );
                ui.weak(
                    "Open a folder of other images (an IDX file or pictures), or make these digits strange.",
                );
            });
        }
        return;
    };
    let heading =
        format!("{} · {}", foreign.set.name, wording::count(foreign.set.digits.len(), "foreign image"));
    ui.label(RichText::new(heading).strong());
    for note in &foreign.set.notes {
        ui.weak(note);
    }
    ui.columns(2, |columns| {
        let (measure, threshold) = (data.state.measure, data.state.threshold());
        let part = |ui: &mut Ui, answers: &mut Answers<'_>| histogram_ui(ui, data, foreign, answers);
        let chart = || charts::doubt_of_foreign(foreign, measure, threshold);
        part_ui(&mut columns[0], "doubt of foreign images", answers, part, chart);
        let part = |ui: &mut Ui, answers: &mut Answers<'_>| roc_ui(ui, data, foreign, answers);
        part_ui(&mut columns[1], "ROC", answers, part, || charts::roc(foreign, measure, threshold));
    });
    threshold_ui(ui, data, foreign, answers);
    let [digits_atlas, foreign_atlas] = atlases;
    galleries_ui(ui, data, view, foreign, [&mut *digits_atlas, &mut *foreign_atlas], answers);
    let part = |ui: &mut Ui, answers: &mut Answers<'_>| areas_ui(ui, data, foreign, answers);
    part_ui(ui, "foreign detection", answers, part, || charts::foreign_detection(foreign));
    ui.add_space(12.0);
}

fn source_ui(ui: &mut Ui, data: &QualityData<'_>, answers: &mut Answers<'_>) {
    ui.horizontal_wrapped(|ui| {
        if ui.button("Open folder…").on_hover_text("A folder with an IDX file of images, or with pictures").clicked() {
            answers.actions.push(Action::AskFile(FilePurpose::OpenForeign));
        }
        ui.label("or make these digits strange:");
        for corruption in Corruption::ALL {
            let chosen = matches!(data.state.source, Some(Foreign::Corrupted { corruption: other, .. }) if other == corruption);
            let hint = corruption.describe(data.state.strength);
            if ui.selectable_label(chosen, corruption.label()).on_hover_text(hint).clicked() {
                let strength = data.state.strength;
                let source = Foreign::Corrupted { corruption, strength, seed: data.seed };
                answers.push(QualityAction::Foreign(Some(source)));
            }
        }
        // What the slider shows while it is dragged; carried out when it is let go.
        let id = ui.scope_id().with("strength");
        let mut strength = ui.data(|memory| memory.get_temp(id)).unwrap_or(data.state.strength);
        let response = ui.add(Slider::new(&mut strength, 0.0..=1.0).fixed_decimals(2));
        response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(strength), "Strength"));
        if response.changed() {
            if response.dragged() {
                ui.data_mut(|memory| memory.insert_temp(id, strength));
            } else {
                answers.push(QualityAction::Strength(strength));
            }
        }
        if response.drag_stopped() {
            ui.data_mut(|memory| memory.remove::<f32>(id));
            answers.push(QualityAction::Strength(strength));
        }
        if data.state.source.is_some() && ui.button("None").on_hover_text("Compare with nothing").clicked() {
            answers.push(QualityAction::Foreign(None));
        }
    });
}

fn histogram_ui(ui: &mut Ui, data: &QualityData<'_>, foreign: &ForeignView, answers: &mut Answers<'_>) {
    let measure = data.state.measure;
    heading(ui, &format!("{} of digits and foreign images", measure.label()), measure.explanation());
    let histogram = &foreign.detectors[data.state.detector()].histogram;
    let highlight = data.highlight.map(|highlight| &highlight.charts.foreign);
    let threshold = f64::from(data.state.threshold());
    let chart = doubt_ui(
        ui,
        "foreign histogram",
        measure,
        histogram,
        ["digits", "foreign"],
        highlight,
        |ui, chart, colours| {
            for bin in 0..histogram.bins() {
                let edges = histogram.edges(bin).map(f64::from);
                let name = format!(
                    "Foreign bin {}: {} digits, {} foreign",
                    bin + 1,
                    histogram.counts[0][bin],
                    histogram.counts[1][bin]
                );
                let response = chart.column(ui, bin, edges, &name);
                answers.take(&response, Subset::Foreign(measure, bin));
                response.on_hover_text_at_pointer(name);
            }
            chart.dashes(ui, [[threshold, 0.0], [threshold, 1.0]], Stroke::new(2.0, colours.ink));
        },
    );
    outlines_ui(ui, &chart, histogram, data, |charts| &charts.foreign, ["digits", "foreign"]);
}

fn roc_ui(ui: &mut Ui, data: &QualityData<'_>, foreign: &ForeignView, answers: &mut Answers<'_>) {
    heading(ui, "ROC", "Foreign images refused against digits refused; drag to move the threshold.");
    let colours = theme::palette(ui.visuals());
    let detector = &foreign.detectors[data.state.detector()];
    let (x, y) = (
        Axis::new("digits refused", 0.0, 1.0).in_percent(),
        Axis::new("foreign images refused", 0.0, 1.0).in_percent(),
    );
    let (chart, response) = chart_ui(ui, "roc", 210.0, Sense::click_and_drag(), x, y);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "ROC"));
    chart.dashes(ui, [[0.0, 0.0], [1.0, 1.0]], Stroke::new(1.0, colours.weak));
    chart.line(ui, detector.curve.iter().copied(), Stroke::new(2.0, colours.accent));
    let at = detector.roc.at(data.state.threshold());
    let place = chart.at(at.false_positive, at.true_positive);
    let radius = if response.dragged() { 7.0 } else { 5.5 };
    ui.painter().circle(place, radius, colours.ink, Stroke::new(1.5, colours.paper));
    // The other button opens the menu of the chart.
    let pressed = ui.input(|input| input.pointer.primary_down() || input.pointer.primary_released());
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| pressed) {
        answers.push(QualityAction::Threshold(detector.roc.threshold_at(chart.x_value(pointer))));
    }
    response.on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
    if let Some(area) = foreign.reports[1].area(data.state.measure) {
        ui.horizontal(|ui| {
            ui.weak("AUROC");
            estimate_ui(ui, area);
        });
    }
}

fn threshold_ui(ui: &mut Ui, data: &QualityData<'_>, foreign: &ForeignView, answers: &mut Answers<'_>) {
    let detector = &foreign.detectors[data.state.detector()];
    let measure = data.state.measure;
    let mut threshold = data.state.threshold();
    ui.horizontal_wrapped(|ui| {
        ui.label("Threshold");
        let range = detector.histogram.from..=detector.histogram.to;
        let response = ui
            .add(Slider::new(&mut threshold, range).fixed_decimals(3).clamping(egui::SliderClamping::Never));
        response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(threshold), "Threshold"));
        if response.changed() {
            answers.push(QualityAction::Threshold(threshold));
        }
        let [above, digits] = detector.roc.above(threshold);
        let [foreign, all] = detector.roc.counts();
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64 * 100.0;
        ui.label(format!(
            "{} {}: {} of {} foreign images refused ({:.1} %), and {} of {} digits ({:.1} %).",
            measure.label(),
            if measure.high_means_uncertain() {
                format!("of {threshold:.3} and more")
            } else {
                format!("of {:.3} and less", -threshold)
            },
            wording::thousands(above as u64),
            wording::thousands(foreign as u64),
            share(above, foreign),
            wording::thousands(digits as u64),
            wording::thousands(all as u64),
            share(digits, all),
        ));
    });
}

fn galleries_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    view: &QualityView,
    foreign: &ForeignView,
    [digits_atlas, foreign_atlas]: [&mut Atlas; 2],
    answers: &mut Answers<'_>,
) {
    let detector = &foreign.detectors[data.state.detector()];
    let [above, digits] = detector.roc.above(data.state.threshold());
    let missed = detector.roc.counts()[0] - above;
    let confident = foreign.measures.iter().filter(|measures| measures.confidence > CONFIDENT).count();
    ui.columns(2, |columns| {
        let ui = &mut columns[0];
        heading(ui, "Digits refused, the least certain first", "What the threshold costs");
        ui.weak(format!("{} above the threshold", wording::count(digits, "digit")));
        let cards = detector.digits.iter().take(digits).map(|index| digit_card(data, *index));
        cards_ui(ui, data, data.digits, digits_atlas, cards, 3, true, answers);
        let ui = &mut columns[1];
        heading(ui, "Foreign images accepted, the most certain first", "What the threshold misses");
        ui.weak(format!("{} below the threshold", wording::count(missed, "foreign image")));
        let cards = detector.foreign.iter().take(missed).filter_map(|index| foreign_card(data, *index));
        cards_ui(ui, data, &foreign.set.digits, foreign_atlas, cards, 3, false, answers);
    });
    heading(
        ui,
        "Confidently wrong",
        "Foreign images that the network takes for a digit with a confidence above 0.99, the most certain first",
    );
    ui.weak(format!(
        "{} of {} foreign images are taken for a digit with a confidence above {CONFIDENT}; of the digits, {} are.",
        wording::thousands(confident as u64),
        wording::thousands(foreign.measures.len() as u64),
        wording::thousands(view.measures.iter().filter(|measures| measures.confidence > CONFIDENT).count() as u64),
    ));
    let shelf = foreign.detectors[QualityView::detector(crate::uncertainty::Measure::Confidence)]
        .foreign
        .iter()
        .take(confident)
        .filter_map(|index| foreign_card(data, *index));
    ui.push_id("shelf", |ui| {
        cards_ui(ui, data, &foreign.set.digits, foreign_atlas, shelf, 2, false, answers);
    });
}

fn areas_ui(ui: &mut Ui, data: &QualityData<'_>, foreign: &ForeignView, answers: &mut Answers<'_>) {
    heading(
        ui,
        "Foreign images detected by each measure",
        "AUROC: the chance that a foreign image is doubted more than a digit. Brackets: 95 % of 1,000 resamples.",
    );
    Grid::new("foreign areas").num_columns(4).spacing([18.0, 4.0]).striped(true).show(ui, |ui| {
        for title in ["", "AUROC without dropout", "AUROC MC dropout", "Digits refused with 95 % of them"] {
            ui.strong(title);
        }
        ui.end_row();
        for (at, measure) in DETECTORS.into_iter().enumerate() {
            let chosen = data.state.measure == measure;
            if ui.selectable_label(chosen, measure.label()).on_hover_text(measure.explanation()).clicked() {
                answers.push(QualityAction::Measure(measure));
            }
            estimate_ui(ui, foreign.reports[0].areas[at]);
            estimate_ui(ui, foreign.reports[1].areas[at]);
            let share = foreign.reports[1].false_positives_at_95[at];
            ui.monospace(share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0)));
            ui.end_row();
        }
    });
}
