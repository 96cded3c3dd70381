//! Every measure of an image, a line each.

use egui::{CornerRadius, Sense, Ui};

use super::terms;
use crate::data::Class;
use crate::help::Term;
use crate::uncertainty::{Measure, Measures};
use crate::wording;

/// The measures, with the two entropies that average before and after the softmax side by side.
const LINES: [Measure; Measure::ALL.len()] = [
    Measure::PredictiveEntropy,
    Measure::MeanLogitEntropy,
    Measure::ExpectedEntropy,
    Measure::MutualInformation,
    Measure::VariationRatio,
    Measure::PredictiveStd,
    Measure::Confidence,
    Measure::Margin,
    Measure::LabelMargin,
    Measure::LabelSuspicion,
];

/// Every measure with its standard error, one per line.
pub(super) fn measures_ui(ui: &mut Ui, measures: &Measures, label: Option<Class>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut striped = false;
    let mut line = |ui: &mut Ui, (name, term): (&str, Term), text: &str, hint: &str| {
        measure_ui(ui, (name, term), text, hint, striped);
        striped = !striped;
    };
    for measure in LINES {
        let known = match measure {
            Measure::LabelMargin => label.is_some(),
            Measure::LabelSuspicion => measures.label_suspicion.is_some(),
            _ => true,
        };
        if !known {
            continue;
        }
        let value = measure.value(measures, label.unwrap_or(0));
        let text = wording::with_error(value, measure.standard_error(measures, label.unwrap_or(Class::MAX)));
        let name = (measure.label(), terms::of_measure(measure));
        line(ui, name, &text, &format!("{} {}", measure.explanation(), unit(measure)));
        if let Some(corrected) = measure.corrected(measures) {
            let text = wording::with_error(corrected, None);
            let hint = "The plug-in estimate of a finite number of passes is too low on average; this adds the \
                        first-order correction (1/2T) Σ s²/p. In nats.";
            line(ui, ("   bias-corrected", Term::BiasCorrection), &text, hint);
        }
        if let Some(from) = measures.from_passes.filter(|_| measure == Measure::PredictiveEntropy) {
            let hint = "Of 100 such intervals, each from other passes, about 95 contain the entropy of very \
                         many passes. It is not ±1.96 standard errors: for a sure image nearly all entropy comes \
                         from a few passes, so the interval is that of the passes' logits, and lopsided: it may lie \
                         above an estimate near zero, which rare passes would raise. In nats.";
            line(ui, ("   95 % interval", Term::Interval), &wording::interval(from.entropy_interval), hint);
        }
    }
}

fn unit(measure: Measure) -> String {
    if measure.unit().is_empty() { String::new() } else { format!("In {}.", measure.unit()) }
}

fn measure_ui(ui: &mut Ui, (name, term): (&str, Term), value: &str, hint: &str, striped: bool) {
    let (line, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 21.0), Sense::CLICK);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{name} {value}")));
    if striped {
        ui.painter().rect_filled(line, CornerRadius::same(3), ui.visuals().faint_bg_color);
    }
    let text = ui.visuals().text_color();
    let font = egui::TextStyle::Body.resolve(ui.style());
    let left = line.left_center() + egui::vec2(4.0, 0.0);
    ui.painter().text(left, egui::Align2::LEFT_CENTER, name, font, text);
    // The values line up whether or not an error follows.
    let font = egui::TextStyle::Monospace.resolve(ui.style());
    let right = line.right_center() - egui::vec2(4.0, 0.0);
    ui.painter().text(right, egui::Align2::RIGHT_CENTER, format!("{value:<16}"), font, text);
    terms::explained(ui, response, term, hint);
}
