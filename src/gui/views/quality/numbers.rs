//! Tables of numbers with intervals: the runs side by side, and what each measure detects.

use egui::{Grid, RichText, ScrollArea, Ui};

use super::data::{Answers, QualityData, heading};
use super::strip::{Deck, StripCard, cards_ui};
use crate::data::Class;
use crate::gui::action::QualityAction;
use crate::gui::theme;
use crate::gui::views::terms;
use crate::shown::quality::QualityView;
use crate::shown::tables::{DetectorTexts, DifferenceText, NumberText, Verdict};
use crate::uncertainty::quality::Metric;
use crate::wording;

/// The longest name of a metric fits.
const METRIC: f32 = 104.0;

/// Without dropout, MC dropout, their difference, and the kept run.
pub(super) fn numbers_ui(ui: &mut Ui, view: &QualityView) {
    // With a kept run they are wider than a small window has room for.
    ScrollArea::horizontal().id_salt("quality numbers").show(ui, |ui| table_ui(ui, view));
    ui.weak("Brackets: 95 % of 1,000 resamples of the images. AUROC and AURC here: by predictive entropy.");
}

fn table_ui(ui: &mut Ui, view: &QualityView) {
    let grid = Grid::new("quality numbers").num_columns(6).min_col_width(METRIC);
    grid.spacing([18.0, 5.0]).striped(true).show(ui, |ui| {
        ui.label("");
        ui.strong("Without dropout").on_hover_text("The network as it is, weights scaled: one pass");
        ui.strong("MC dropout").on_hover_text(format!("The mean of {} passes", view.key.sampled.passes));
        ui.strong("MC − without").on_hover_text("Paired: both on the same resamples of the images");
        if let Some((name, _)) = &view.compared {
            ui.strong("Kept run").on_hover_text(name);
            ui.strong("MC − kept").on_hover_text("Paired: both on the same resamples of the images");
        }
        ui.end_row();
        for row in &view.tables.numbers {
            let (name, hint) = (row.metric.label(), row.metric.explanation());
            match terms::of_heading(name) {
                Some(term) => drop(terms::hinted_ui(ui, name, term, hint)),
                None => drop(ui.label(name).on_hover_text(hint)),
            }
            number_ui(ui, &row.plain);
            number_ui(ui, &row.sampled);
            difference_ui(ui, &row.difference);
            if let Some((kept, difference)) = &row.kept {
                number_ui(ui, kept);
                difference_ui(ui, difference);
            }
            ui.end_row();
        }
    });
}

/// A number and its interval, or why there is none.
pub(super) fn number_ui(ui: &mut Ui, number: &NumberText) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        match &number.value {
            Ok(value) => {
                ui.monospace(value);
                interval_ui(ui, number.interval.as_deref());
            }
            Err(undefined) => {
                ui.weak("–").on_hover_text(undefined);
                ui.label(RichText::new(undefined).small().weak());
            }
        }
    });
}

fn interval_ui(ui: &mut Ui, interval: Option<&str>) {
    if let Some(text) = interval {
        ui.label(RichText::new(text).small().color(theme::palette(ui.visuals()).weak));
    }
}

/// A difference: better, worse, or within what other images would have shown.
fn difference_ui(ui: &mut Ui, difference: &DifferenceText) {
    let colours = theme::palette(ui.visuals());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let Some(value) = &difference.value else {
            ui.weak("–");
            return;
        };
        let (colour, word) = match difference.verdict {
            Verdict::Better => (colours.right, "better"),
            Verdict::Worse => (colours.wrong, "worse"),
            Verdict::Open => (ui.visuals().text_color(), ""),
        };
        ui.label(RichText::new(value).monospace().color(colour));
        interval_ui(ui, difference.interval.as_deref());
        if !word.is_empty() {
            ui.label(RichText::new(word).small().color(colour));
        }
    });
}

/// What each measure detects; a click on a row chooses its measure.
pub(super) fn detectors_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    view: &QualityView,
    answers: &mut Answers<'_>,
) {
    heading(ui, "Errors detected by each measure", Metric::ErrorAuroc(data.state.measure).explanation());
    ScrollArea::horizontal().id_salt("quality detectors").show(ui, |ui| {
        detectors_table_ui(ui, data, view, answers);
    });
}

fn detectors_table_ui(ui: &mut Ui, data: &QualityData<'_>, view: &QualityView, answers: &mut Answers<'_>) {
    Grid::new("quality detectors").num_columns(4).spacing([18.0, 4.0]).striped(true).show(ui, |ui| {
        for title in ["", "AUROC without dropout", "AUROC MC dropout", "AURC MC dropout"] {
            match terms::of_heading(title) {
                Some(term) => drop(terms::term_ui(ui, RichText::new(title).strong(), term)),
                None => drop(ui.strong(title)),
            }
        }
        ui.end_row();
        for DetectorTexts { measure, numbers } in &view.tables.detectors {
            let chosen = data.state.measure == *measure;
            if ui.selectable_label(chosen, measure.label()).on_hover_text(measure.explanation()).clicked() {
                answers.push(QualityAction::Measure(*measure));
            }
            for number in numbers {
                number_ui(ui, number);
            }
            ui.end_row();
        }
    });
}

/// The images whose entropy differs most from the kept run.
pub(super) fn changed_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    view: &QualityView,
    deck: &mut Deck<'_>,
    answers: &mut Answers<'_>,
) {
    let Some((name, changed)) = &view.compared else { return };
    heading(ui, "Entropy changed most", "Predictive entropy of this run minus that of the kept one, in nats");
    ui.weak(format!("Compared with {name}"));
    let cards = changed.iter().map(|change| {
        let [moved, error] = change.change;
        let labels = data.digits.labels();
        StripCard {
            index: change.index,
            caption: format!("{moved:+.2}"),
            name: format!(
                "Image {}, label {}: entropy {} nats, in the kept run {}; changed by {moved:+.4} ± {error:.4}, paired",
                change.index,
                labels.get(change.index as usize).map_or_else(|| "–".to_owned(), Class::to_string),
                wording::with_error(change.after[0], Some(change.after[1])),
                wording::with_error(change.before[0], Some(change.before[1])),
            ),
            wrong: labels.get(change.index as usize).is_some_and(|label| *label != change.predictions[1]),
        }
    });
    cards_ui(ui, data, deck, cards, 2, answers);
}
