//! How far the network can be trusted: numbers with intervals, linked charts, and the failures shown.

mod brushed;
mod calibration;
mod confusion;
mod data;
mod foreign;
mod lever;
mod numbers;
mod over_dropout;
mod passes;
mod refusal;
mod strip;

use egui::{RichText, ScrollArea, Ui};
use egui_material_icons::icons::ICON_SYNC;

use crate::gui::action::{Action, QualityAction, Section, Subset};
use crate::gui::atlas::Atlas;
use crate::gui::charts::{self};
use crate::gui::theme;
use crate::shown::quality::QualityView;
use crate::shown::subject::Origin;
use crate::uncertainty::quality::DETECTORS;

use super::empty;
use super::plots::follow_focus;
use data::{Answers, last, pair, part_ui};
use strip::Deck;

pub use data::{OverDropoutData, QualityData};

/// Width of the choice of a measure, in points.
const DETECTOR: f32 = 176.0;

/// Draws the quality view; returns what the pointer or the keyboard is on. `atlases` hold the thumbnails of
/// digits and of foreign images.
pub fn quality_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    atlases: [&mut Atlas; 2],
    actions: &mut Vec<Action>,
) -> Option<Subset> {
    let mut answers = Answers { actions, hovered: None };
    toolbar_ui(ui, data, &mut answers);
    let Some(view) = data.state.view.as_deref() else {
        empty::waiting_ui(ui, "Waiting for the passes and their numbers…");
        return None;
    };
    let [digits, foreign] = atlases;
    let mut digits = Deck { digits: data.digits, atlas: digits, origin: Origin::Dataset };
    let mut foreign =
        data.foreign.map(|view| Deck { digits: &view.set.digits, atlas: foreign, origin: Origin::Foreign });
    egui::Panel::bottom("quality strip")
        .show(ui, |ui| strip::strip_ui(ui, data, &mut digits, foreign.as_mut(), &mut answers));
    let section = data.state.section;
    ScrollArea::vertical().id_salt(("quality", section == Section::Digits)).auto_shrink(false).show(
        ui,
        |ui| {
            // The scroll bar catches the pointer: nothing at the right end of a chart may lie below it.
            ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
            match section {
                Section::Digits if view.judged => digits_ui(ui, data, view, &mut digits, &mut answers),
                Section::Digits => empty::nothing_to_judge_ui(ui, &view.names, answers.actions),
                Section::Foreign => {
                    foreign::foreign_ui(ui, data, &mut digits, foreign.as_mut(), &mut answers);
                }
            }
            follow_focus(ui);
        },
    );
    answers.hovered
}

fn toolbar_ui(ui: &mut Ui, data: &QualityData<'_>, answers: &mut Answers<'_>) {
    let own = if data.digits.classes().are_digits() { "Digits" } else { "Images" };
    ui.horizontal_wrapped(|ui| {
        for (section, text, hint) in [
            (Section::Digits, own, "Calibration, refusing, confusion"),
            (Section::Foreign, "Foreign images", "Whether doubt detects what is not a digit"),
        ] {
            if ui.selectable_label(data.state.section == section, text).on_hover_text(hint).clicked() {
                answers.push(QualityAction::Show(section));
            }
        }
        ui.separator();
        ui.label("Doubt by");
        let detector = egui::ComboBox::from_id_salt("detector")
            .selected_text(data.state.measure.label())
            // As wide for every measure, so that nothing beside it moves.
            .width(DETECTOR)
            .show_ui(ui, |ui| {
                for measure in DETECTORS {
                    let chosen = data.state.measure == measure;
                    let response = ui.selectable_label(chosen, measure.label());
                    if response.on_hover_text(measure.explanation()).clicked() {
                        answers.push(QualityAction::Measure(measure));
                    }
                }
            })
            .response;
        detector.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Detecting measure"));
        detector.on_hover_text("The measure that is to tell wrong predictions from right ones");
        let Some(view) = data.state.view.as_deref() else { return };
        ui.separator();
        if ui
            .button("Keep to compare")
            .on_hover_text("Keep this run; then open another network, or change p or T, and see what changes")
            .clicked()
        {
            answers.push(QualityAction::Keep);
        }
        if let Some(kept) = &data.state.reference
            && ui.button("Forget kept run").on_hover_text(&kept.name).clicked()
        {
            answers.push(QualityAction::ForgetKept);
        }
        let sampled = view.key.sampled;
        let (text, hint) = if data.older {
            let text =
                format!("still of p = {:.2}, T = {}, seed {}", sampled.dropout, sampled.passes, sampled.seed);
            (text, "All numbers below. Those of what is chosen now come once all of its passes are in.")
        } else if data.state.is_stale() {
            ("updating".to_owned(), "The numbers below are of an older question.")
        } else if !view.complete {
            (
                "intervals pending".to_owned(),
                "The numbers are there; what other images would have shown is being computed.",
            )
        } else {
            return;
        };
        let text = RichText::new(format!("{} {text}", ICON_SYNC.codepoint));
        ui.label(text.color(theme::palette(ui.visuals()).warning)).on_hover_text(hint);
    });
    ui.add_space(2.0);
}

fn digits_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    view: &QualityView,
    deck: &mut Deck<'_>,
    answers: &mut Answers<'_>,
) {
    let (measure, refused) = (data.state.measure, data.state.refused);
    let numbers = |ui: &mut Ui, _: &mut Answers<'_>| numbers::numbers_ui(ui, view);
    part_ui(ui, "quality", answers, numbers, || charts::quality_numbers(view));
    let columns = pair(ui);
    ui.columns(columns, |columns| {
        let part = |ui: &mut Ui, answers: &mut Answers<'_>| {
            calibration::reliability_ui(ui, data, view, answers);
        };
        part_ui(&mut columns[0], "reliability", answers, part, || charts::reliability(view));
        let part = |ui: &mut Ui, answers: &mut Answers<'_>| {
            calibration::histogram_ui(ui, data, view, answers);
        };
        let chart = || charts::doubt_of_errors(view, measure);
        part_ui(last(columns), "doubt of right and wrong", answers, part, chart);
    });
    ui.columns(columns, |columns| {
        let part = |ui: &mut Ui, answers: &mut Answers<'_>| refusal::refusal_ui(ui, data, view, answers);
        let chart = || charts::risk_and_coverage(view, measure, refused);
        part_ui(&mut columns[0], "risk and coverage", answers, part, chart);
        let part = |ui: &mut Ui, _: &mut Answers<'_>| passes::passes_ui(ui, view);
        part_ui(last(columns), "quality against T", answers, part, || charts::quality_against_passes(view));
    });
    ui.columns(columns, |columns| {
        let part = |ui: &mut Ui, answers: &mut Answers<'_>| confusion::confusion_ui(ui, data, view, answers);
        part_ui(&mut columns[0], "confusion", answers, part, || charts::confusion(view));
        let part = |ui: &mut Ui, answers: &mut Answers<'_>| confusion::digits_ui(ui, view, answers);
        part_ui(last(columns), "quality by digit", answers, part, || charts::by_digit(view));
    });
    let part = |ui: &mut Ui, answers: &mut Answers<'_>| numbers::detectors_ui(ui, data, view, answers);
    part_ui(ui, "error detection", answers, part, || charts::error_detection(view));
    over_dropout::over_dropout_ui(ui, &data.over_dropout, answers);
    numbers::changed_ui(ui, data, view, deck, answers);
    ui.add_space(12.0);
}
