//! The right panel: everything about the image looked at.

use egui::{CornerRadius, RichText, ScrollArea, Sense, Ui};
use egui_plot::{Bar, BarChart};

use crate::gui::action::Action;
use crate::gui::atlas::Atlas;
use crate::gui::charts;
use crate::gui::rotate::RotateAction;
use crate::gui::subject::Pictured;
use crate::gui::theme;
use crate::gui::views::chart_menu::charted_ui;
use crate::gui::views::curve::curve_ui;
use crate::gui::views::digit::digit_ui;
use crate::gui::views::explain::{ExplainData, parts_ui, sentence_ui, voters_ui};
use crate::gui::views::plots;
use crate::gui::views::prediction::{PredictionData, prediction_ui};
use crate::uncertainty::{Measure, Measures};
use crate::wording;
use crate::worker::InspectorView;

/// What the inspector shows.
pub struct InspectorData<'a> {
    /// The image looked at; `None` when there is none.
    pub image: Option<Pictured<'a>>,
    /// What is known about it or, until it is measured, about the previous one.
    pub view: Option<&'a InspectorView>,
    /// The class whose sampled probabilities are shown; the predicted one when `None`.
    pub class: Option<u8>,
    /// Size of the selection set.
    pub selection: usize,
    /// Why it is uncertain.
    pub explanation: ExplainData<'a>,
}

/// Height of the plots.
const PLOT: f32 = 120.0;
/// Bins of the histogram of sampled probabilities.
const BINS: usize = 20;

/// Draws the inspector.
pub fn inspector_ui(ui: &mut Ui, data: &InspectorData<'_>, training: &mut Atlas, actions: &mut Vec<Action>) {
    let Some(image) = &data.image else {
        ui.add_space(40.0);
        ui.vertical_centered(|ui| {
            ui.heading("No image selected");
            ui.weak("Click an image to see what the network makes of it.");
        });
        return;
    };
    ScrollArea::vertical().id_salt("inspector").auto_shrink(false).show(ui, |ui| {
        ui.set_max_width(ui.available_width() - theme::SCROLL_BAR);
        let view = data.view.filter(|view| view.origin == image.origin);
        ui.add_space(6.0);
        head_ui(ui, image, data.selection, view, actions);
        let Some(view) = view else {
            ui.add_space(16.0);
            ui.vertical_centered(Ui::spinner);
            return;
        };
        section(ui, "Why is it uncertain?");
        sentence_ui(ui, &view.measures, &view.probabilities, view.sampled.dropout);
        let class = data.class.unwrap_or_else(|| view.measures.prediction());
        let mean = "Predictive mean, ±1 standard error · votes below";
        let prediction = PredictionData { measures: &view.measures, label: image.label, class };
        let bars = |ui: &mut Ui, _: &mut Vec<Action>| prediction_ui(ui, &prediction);
        let clicked = charted_ui(ui, mean, "predictive mean", actions, bars, || {
            charts::predictive_mean(view.origin, image.label, view.sampled, &view.measures)
        });
        if let Some(class) = clicked {
            actions.push(Action::SetClass(Some(class)));
        }
        parts_ui(ui, &data.explanation, training, actions);
        let sampled = format!("Sampled probabilities of class {class}");
        let histogram = |ui: &mut Ui, _: &mut Vec<Action>| histogram_ui(ui, view, class);
        charted_ui(ui, &sampled, "sampled probabilities", actions, histogram, || {
            charts::sampled_probabilities(view, image.label, class)
        });
        voters_ui(ui, view, class, actions);
        let numbers = |ui: &mut Ui, _: &mut Vec<Action>| measures_ui(ui, &view.measures, image.label);
        charted_ui(ui, "Measures ± standard error", "measures", actions, numbers, || {
            charts::measures(view.origin, image.label, view.sampled, &view.measures)
        });
        let against = "Entropy and mutual information against T (nats)";
        let curve = |ui: &mut Ui, _: &mut Vec<Action>| curve_ui(ui, &view.curve);
        charted_ui(ui, against, "entropy against T", actions, curve, || {
            charts::entropy_against_passes(view, image.label)
        });
        plots::follow_focus(ui);
    });
}

/// A small heading.
pub(super) fn section(ui: &mut Ui, text: &str) {
    ui.add_space(8.0);
    ui.label(RichText::new(text).small().strong().color(theme::palette(ui.visuals()).weak));
}

fn head_ui(
    ui: &mut Ui,
    image: &Pictured<'_>,
    selection: usize,
    view: Option<&InspectorView>,
    actions: &mut Vec<Action>,
) {
    let colours = theme::palette(ui.visuals());
    ui.horizontal_top(|ui| {
        digit_ui(ui, image.pixels, 140.0, &format!("{}, enlarged", image.name));
        ui.vertical(|ui| {
            ui.heading(&image.name);
            if let Some(label) = image.label {
                ui.label(format!("Label {label}"));
            }
            if let Some(view) = view {
                let prediction = view.measures.prediction();
                let (verdict, colour) = match image.label {
                    Some(label) if label == prediction => (" · right", colours.right),
                    Some(_) => (" · wrong", colours.wrong),
                    None => ("", ui.visuals().text_color()),
                };
                ui.label(RichText::new(format!("Predicted {prediction}{verdict}")).color(colour));
            }
            if ui.small_button("Open in Rotate").clicked() {
                actions.push(Action::Rotate(RotateAction::Open(image.origin)));
            }
            if selection > 0 {
                ui.weak(format!("{} selected", wording::count(selection, "image")));
            }
        });
    });
}

fn histogram_ui(ui: &mut Ui, view: &InspectorView, class: u8) {
    let colours = theme::palette(ui.visuals());
    let mut counts = [0_u32; BINS];
    for pass in &view.probabilities {
        let bin = (pass[usize::from(class)] * BINS as f32) as usize;
        counts[bin.min(BINS - 1)] += 1;
    }
    let width = 1.0 / BINS as f64;
    let bars = counts
        .iter()
        .enumerate()
        .map(|(bin, count)| Bar::new((bin as f64 + 0.5) * width, f64::from(*count)).width(width * 0.92))
        .collect();
    let chart = BarChart::new("passes", bars).color(colours.accent);
    plots::quiet(ui, "histogram", PLOT)
        .include_x(0.0)
        .include_x(1.0)
        .include_y(0.0)
        .y_axis_min_width(24.0)
        .show(ui, |plot| plot.bar_chart(chart));
}

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
];

/// Every measure with its standard error, one per line.
pub(super) fn measures_ui(ui: &mut Ui, measures: &Measures, label: Option<u8>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut striped = false;
    let mut line = |ui: &mut Ui, name: &str, text: &str, hint: &str| {
        measure_ui(ui, name, text, hint, striped);
        striped = !striped;
    };
    for measure in LINES {
        if measure == Measure::LabelMargin && label.is_none() {
            continue;
        }
        let value = measure.value(measures, label.unwrap_or(0));
        let text = wording::with_error(value, measure.standard_error(measures, label.unwrap_or(u8::MAX)));
        line(ui, measure.label(), &text, &format!("{} {}", measure.explanation(), unit(measure)));
        if let Some(corrected) = measure.corrected(measures) {
            let text = wording::with_error(corrected, None);
            let hint = "The plug-in estimate of a finite number of passes is too low on average; this adds the \
                        first-order correction (1/2T) Σ s²/p. In nats.";
            line(ui, "   bias-corrected", &text, hint);
        }
        if let Some(from) = measures.from_passes.filter(|_| measure == Measure::PredictiveEntropy) {
            let hint = "Of 100 such intervals, each from other passes, about 95 contain the entropy of very \
                        many passes. It is not ±1.96 standard errors: for a sure image nearly all entropy comes \
                        from a few passes, so the interval is that of the passes' logits, and lopsided. In nats.";
            line(ui, "   95 % interval", &wording::interval(from.entropy_interval), hint);
        }
    }
}

fn unit(measure: Measure) -> String {
    if measure.unit().is_empty() { String::new() } else { format!("In {}.", measure.unit()) }
}

fn measure_ui(ui: &mut Ui, name: &str, value: &str, hint: &str, striped: bool) {
    let (line, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 21.0), Sense::hover());
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
    response.on_hover_text(hint);
}
