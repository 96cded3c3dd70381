//! Images that are not digits: whether doubt detects them, the threshold, and which are taken for digits.

use egui::{Grid, RichText, ScrollArea, Sense, Slider, Stroke, Ui};

use super::brushed::outlines_ui;
use super::calibration::DoubtChart;
use super::data::{Answers, QualityData, heading, last, pair, part_ui};
use super::lever::{Moved, moved, rule_ui};
use super::numbers::number_ui;
use super::strip::{Deck, cards_ui, digit_card, foreign_card};
use crate::data::corruption::Corruption;
use crate::data::foreign::Foreign;
use crate::gui::action::{Action, FileAction, FilePurpose, QualityAction, Subset};
use crate::gui::charts;
use crate::gui::theme;
use crate::gui::views::chart::{Axis, Chart, chart_ui};
use crate::gui::views::steps::Step;
use crate::gui::views::terms;
use crate::gui::views::wheel::wheel_ui;
use crate::shown::quality::{CONFIDENT, ForeignDetector, ForeignView};
use crate::shown::tables::ForeignTexts;
use crate::wording;

/// What the images of the dataset are, where they are MNIST's kind.
const DIGITS: &str = "digits";

/// What the images of the dataset are.
fn own(data: &QualityData<'_>) -> &'static str {
    if data.digits.classes().are_digits() { DIGITS } else { "images" }
}

/// Where the images come from, and what is known about them.
pub(super) fn foreign_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    digits_deck: &mut Deck<'_>,
    foreign_deck: Option<&mut Deck<'_>>,
    answers: &mut Answers<'_>,
) {
    source_ui(ui, data, answers);
    let (Some(foreign), Some(foreign_deck)) = (data.foreign, foreign_deck) else {
        if !data.foreign_waits {
            ui.add_space(30.0);
            ui.vertical_centered(|ui| {
                let own = own(data);
                let text = if own == DIGITS {
                    "What does the network make of things that are not digits?"
                } else {
                    "What does the network make of things that are none of its classes?"
                };
                ui.label(RichText::new(text).size(16.0));
                ui.weak(format!("Open a folder of other images, or make these {own} strange."));
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
    ui.columns(pair(ui), |columns| {
        let (measure, threshold) = (data.state.measure, data.threshold());
        let part = |ui: &mut Ui, answers: &mut Answers<'_>| histogram_ui(ui, data, foreign, answers);
        let chart = || charts::doubt_of_foreign(foreign, measure, threshold);
        part_ui(&mut columns[0], "doubt of foreign images", answers, part, chart);
        let part = |ui: &mut Ui, answers: &mut Answers<'_>| roc_ui(ui, data, foreign, answers);
        part_ui(last(columns), "ROC", answers, part, || charts::roc(foreign, measure, threshold));
    });
    threshold_ui(ui, data, foreign, answers);
    galleries_ui(ui, data, foreign, digits_deck, foreign_deck, answers);
    let part = |ui: &mut Ui, answers: &mut Answers<'_>| areas_ui(ui, data, foreign, answers);
    part_ui(ui, "foreign detection", answers, part, || charts::foreign_detection(foreign));
    ui.add_space(12.0);
}

fn source_ui(ui: &mut Ui, data: &QualityData<'_>, answers: &mut Answers<'_>) {
    ui.horizontal_wrapped(|ui| {
        if ui.button("Open folder…").on_hover_text("A folder of images, of any kind that opens as a dataset").clicked() {
            answers.actions.push(Action::File(FileAction::Ask(FilePurpose::OpenForeign)));
        }
        ui.label(format!("or make these {} strange:", own(data)));
        for corruption in Corruption::ALL {
            let chosen = matches!(data.state.source, Some(Foreign::Corrupted { corruption: other, .. }) if other == corruption);
            let hint = corruption.describe(data.state.strength);
            if ui.selectable_label(chosen, corruption.label()).on_hover_text(hint).clicked() {
                let strength = data.state.strength;
                let source = Foreign::Corrupted { corruption, strength, seed: data.seed };
                answers.push(QualityAction::Foreign(Some(source)));
            }
        }
    });
    // A slider does not wrap: within the line above it would widen all that follows.
    ui.horizontal(|ui| {
        // What the slider shows while it is dragged; it takes effect on release.
        let id = ui.scope_id().with("strength");
        let mut strength = ui.data(|memory| memory.get_temp(id)).unwrap_or(data.state.strength);
        // Ink and paper change places or they do not.
        let matters =
            !matches!(data.state.source, Some(Foreign::Corrupted { corruption: Corruption::Inverted, .. }));
        let response = ui
            .add_enabled(matters, Slider::new(&mut strength, 0.0..=1.0).fixed_decimals(2).prefix("strength "))
            .on_disabled_hover_text("Inverting knows no more or less");
        response.widget_info(|| egui::WidgetInfo::slider(matters, f64::from(strength), "Strength"));
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
        if data.state.source.is_some() && ui.button("None").on_hover_text("No foreign images").clicked() {
            answers.push(QualityAction::Foreign(None));
        }
        // In this line, so that nothing moves when it comes and goes.
        under_way_ui(ui, data);
    });
}

/// Whether foreign images are being sampled, and what is shown until then.
fn under_way_ui(ui: &mut Ui, data: &QualityData<'_>) {
    let of_now = data.foreign.zip(data.state.view.as_deref());
    let older = of_now.is_some_and(|(foreign, view)| {
        foreign.key.run != view.key.run || foreign.key.sampled != view.key.sampled
    });
    if !(data.foreign_waits || older) {
        return;
    }
    wheel_ui(ui);
    let text = if older {
        let text = "What is below was computed for an older network, p, T or seed; the new numbers are on their way.";
        RichText::new(text).color(theme::palette(ui.visuals()).warning)
    } else {
        RichText::new("Sampling the foreign images…")
    };
    let said = text.text().to_owned();
    ui.add(egui::Label::new(text).truncate()).on_hover_text(said);
}

fn histogram_ui(ui: &mut Ui, data: &QualityData<'_>, foreign: &ForeignView, answers: &mut Answers<'_>) {
    let measure = data.state.measure;
    let own = own(data);
    let title = match own {
        DIGITS => format!("{} of digits and foreign images", measure.label()),
        _ => format!("{} of own and foreign images", measure.label()),
    };
    heading(ui, &title, measure.explanation());
    let detector = &foreign.detectors[data.state.detector()];
    let histogram = &detector.histogram;
    let chart = DoubtChart {
        id: "foreign histogram",
        measure,
        histogram,
        groups: [own, "foreign"],
        highlight: data.highlight.map(|highlight| &highlight.charts.foreign),
    };
    let chart = chart.ui(ui, |bin, response| answers.take(response, Subset::Foreign(measure, bin)));
    outlines_ui(ui, &chart, histogram, data, |charts| &charts.foreign, [own, "foreign"]);
    let threshold = data.threshold();
    let text = sentence(data, threshold);
    let wanted = match rule_ui(ui, &chart, "Threshold on the histogram", f64::from(threshold), &text) {
        Some(Moved::To(value)) => Some(value as f32),
        // To the right lies more doubt: fewer are refused.
        Some(Moved::By(step)) => Some(stepped(detector, threshold, step, -1)),
        None => None,
    };
    answers.call(wanted, threshold);
}

/// Where the keyboard moves the threshold: `forth` is 1 where a step right refuses more, −1 where fewer.
fn stepped(detector: &ForeignDetector, threshold: f32, step: Step, forth: i64) -> f32 {
    // One key press moves it by a five-hundredth of the digits.
    let few = i64::try_from(detector.roc.counts()[1] / 500).unwrap_or(i64::MAX).max(1);
    let end = |all: bool| detector.roc.threshold_at(if all { 1.0 } else { 0.0 });
    match step {
        Step::By(by) => detector.roc.stepped(threshold, few.saturating_mul(by * forth)),
        Step::Start => end(forth < 0),
        Step::End => end(forth > 0),
    }
}

fn roc_ui(ui: &mut Ui, data: &QualityData<'_>, foreign: &ForeignView, answers: &mut Answers<'_>) {
    let own = own(data);
    let hint = format!("Foreign images refused against {own} refused; drag to move the threshold.");
    heading(ui, "ROC", &hint);
    let colours = theme::palette(ui.visuals());
    let measure = data.state.measure;
    let detector = &foreign.detectors[data.state.detector()];
    let (x, y) = (
        Axis::new(if own == DIGITS { "digits refused" } else { "own images refused" }, 0.0, 1.0).in_percent(),
        Axis::new("foreign images refused", 0.0, 1.0).in_percent(),
    );
    let (chart, response) = chart_ui(ui, "roc", 210.0, Sense::click_and_drag(), x, y);
    chart.dashes(ui, [[0.0, 0.0], [1.0, 1.0]], Stroke::new(1.0, colours.weak));
    chart.line(ui, detector.curve.iter().copied(), Stroke::new(2.0, colours.accent));
    lit_ui(ui, &chart, detector, data);
    let threshold = data.threshold();
    let at = detector.roc.at(threshold);
    let place = chart.at(at.false_positive, at.true_positive);
    let held = response.dragged() || response.has_focus();
    ui.painter().circle(place, if held { 7.0 } else { 5.5 }, colours.ink, Stroke::new(1.5, colours.paper));
    let text = sentence(data, threshold);
    let wanted = match moved(ui, &chart, &response, "ROC", at.false_positive, &text) {
        Some(Moved::To(share)) => Some(detector.roc.threshold_at(share)),
        Some(Moved::By(step)) => Some(stepped(detector, threshold, step, 1)),
        None => None,
    };
    answers.call(wanted, threshold);
    response.on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
    if let Some(row) = foreign.areas.iter().find(|row| row.measure == measure) {
        ui.horizontal(|ui| {
            ui.weak("AUROC");
            number_ui(ui, &row.areas[1]);
        });
    }
}

/// The part of the curve for a bin of the histogram: from the threshold at its upper edge to its lower one.
fn lit_ui(ui: &Ui, chart: &Chart, detector: &ForeignDetector, data: &QualityData<'_>) {
    let Some(Subset::Foreign(measure, bin)) = data.highlight.map(|highlight| highlight.subset) else {
        return;
    };
    if measure != data.state.measure || bin >= detector.histogram.bins() {
        return;
    }
    let [low, high] = detector.histogram.edges(bin).map(|edge| {
        let at = detector.roc.at(edge);
        [at.false_positive, at.true_positive]
    });
    // The last bin includes what lies at its upper edge.
    let start = if bin + 1 == detector.histogram.bins() { [0.0, 0.0] } else { high };
    let between =
        |point: &[f64; 2]| (start[0]..=low[0]).contains(&point[0]) && (start[1]..=low[1]).contains(&point[1]);
    let inner = detector.curve.iter().copied().filter(between);
    let points = std::iter::once(start).chain(inner).chain(std::iter::once(low));
    chart.line(ui, points, Stroke::new(5.0, theme::palette(ui.visuals()).second));
}

fn threshold_ui(ui: &mut Ui, data: &QualityData<'_>, foreign: &ForeignView, answers: &mut Answers<'_>) {
    let detector = &foreign.detectors[data.state.detector()];
    let mut threshold = data.threshold();
    ui.horizontal(|ui| {
        ui.label("Threshold");
        let range = detector.histogram.from..=detector.histogram.to;
        let response = ui
            .add(Slider::new(&mut threshold, range).fixed_decimals(3).clamping(egui::SliderClamping::Never));
        response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(threshold), "Threshold"));
        if response.changed() {
            answers.push(QualityAction::Threshold(threshold));
        }
    });
    ui.label(sentence(data, threshold));
}

/// What a threshold does, in numbers.
fn sentence(data: &QualityData<'_>, threshold: f32) -> String {
    let Some(foreign) = data.foreign else { return String::new() };
    let (detector, measure) = (&foreign.detectors[data.state.detector()], data.state.measure);
    let [above, digits] = detector.roc.above(threshold);
    let [foreign, all] = detector.roc.counts();
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64 * 100.0;
    format!(
        "{} {}: {} of {} foreign images refused ({:.1} %), and {} of {} {} ({:.1} %).",
        measure.label(),
        if measure.high_means_uncertain() {
            format!("of {threshold:.3} or more")
        } else {
            format!("of {:.3} or less", -threshold)
        },
        wording::thousands(above as u64),
        wording::thousands(foreign as u64),
        share(above, foreign),
        wording::thousands(digits as u64),
        wording::thousands(all as u64),
        own(data),
        share(digits, all),
    )
}

fn galleries_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    foreign: &ForeignView,
    digits_deck: &mut Deck<'_>,
    foreign_deck: &mut Deck<'_>,
    answers: &mut Answers<'_>,
) {
    let detector = &foreign.detectors[data.state.detector()];
    let [above, digits] = detector.roc.above(data.threshold());
    let missed = detector.roc.counts()[0] - above;
    ui.columns(pair(ui), |columns| {
        let ui = &mut columns[0];
        let (title, one) = match own(data) {
            DIGITS => ("Digits refused, the least certain first", "digit"),
            _ => ("Own images refused, the least certain first", "image"),
        };
        heading(ui, title, "What the threshold costs");
        ui.weak(format!("{} above the threshold", wording::count(digits, one)));
        let cards = detector.digits.iter().take(digits).map(|index| digit_card(data, *index));
        cards_ui(ui, data, digits_deck, cards, 3, answers);
        let ui = last(columns);
        heading(ui, "Foreign images accepted, the most certain first", "What the threshold misses");
        ui.weak(format!("{} below the threshold", wording::count(missed, "foreign image")));
        let cards = detector.foreign.iter().take(missed).filter_map(|index| foreign_card(data, *index));
        cards_ui(ui, data, foreign_deck, cards, 3, answers);
    });
    let (hint, are) = if foreign.has_labels() {
        (
            "Corrupted images read as another class with a confidence above 0.99, the most certain first",
            "read wrongly",
        )
    } else {
        let hint = "Foreign images that the network takes for one of its classes with a confidence above 0.99, the most certain first";
        let digits = foreign.answers.are_digits();
        (hint, if digits { "taken for a digit" } else { "taken for one of the classes" })
    };
    heading(ui, "Confidently wrong", hint);
    ui.weak(format!(
        "{} of {} foreign images are {are} with a confidence above {CONFIDENT}; the same is true of {} of the {} {}.",
        wording::thousands(foreign.confidently_wrong.len() as u64),
        wording::thousands(foreign.measures.len() as u64),
        wording::thousands(foreign.confident_digits as u64),
        wording::thousands(data.digits.len() as u64),
        own(data),
    ));
    let shelf = foreign.confidently_wrong.iter().filter_map(|index| foreign_card(data, *index));
    ui.push_id("shelf", |ui| {
        cards_ui(ui, data, foreign_deck, shelf, 2, answers);
    });
}

fn areas_ui(ui: &mut Ui, data: &QualityData<'_>, foreign: &ForeignView, answers: &mut Answers<'_>) {
    let one = if own(data) == DIGITS { "a digit" } else { "one of the dataset" };
    let hint = format!(
        "AUROC: the chance that a foreign image is doubted more than {one}. Brackets: 95 % of 1,000 resamples."
    );
    heading(ui, "Foreign images detected by each measure", &hint);
    // Wider than a small window has room for.
    ScrollArea::horizontal()
        .id_salt("foreign areas")
        .show(ui, |ui| areas_table_ui(ui, data, foreign, answers));
}

fn areas_table_ui(ui: &mut Ui, data: &QualityData<'_>, foreign: &ForeignView, answers: &mut Answers<'_>) {
    Grid::new("foreign areas").num_columns(4).spacing([18.0, 4.0]).striped(true).show(ui, |ui| {
        let refused = match own(data) {
            DIGITS => "Digits refused with 95 % of them",
            _ => "Own images refused with 95 % of them",
        };
        for title in ["", "AUROC without dropout", "AUROC MC dropout", refused] {
            match terms::of_heading(title) {
                Some(term) => drop(terms::term_ui(ui, RichText::new(title).strong(), term)),
                None => drop(ui.strong(title)),
            }
        }
        ui.end_row();
        for ForeignTexts { measure, areas, refused } in &foreign.areas {
            let chosen = data.state.measure == *measure;
            if ui.selectable_label(chosen, measure.label()).on_hover_text(measure.explanation()).clicked() {
                answers.push(QualityAction::Measure(*measure));
            }
            for area in areas {
                number_ui(ui, area);
            }
            ui.monospace(refused);
            ui.end_row();
        }
    });
}
