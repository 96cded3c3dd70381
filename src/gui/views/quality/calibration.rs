//! Whether confidence means what it says, and whether doubt separates right from wrong.

use egui::{Response, Sense, Stroke, Ui};

use super::brushed::outlines_ui;
use super::data::{Answers, QualityData, heading};
use super::lever::{Moved, rule_ui};
use super::refusal::{sentence, stepped};
use crate::gui::action::Subset;
use crate::gui::theme;
use crate::gui::views::chart::{Axis, Chart, chart_ui};
use crate::gui::views::readout;
use crate::shown::highlight::doubted;
use crate::shown::quality::{PLAIN, QualityView, SAMPLED};
use crate::uncertainty::Measure;
use crate::uncertainty::quality::calibration::edges;
use crate::uncertainty::quality::{Histogram, doubt};
use crate::wording;

const HEIGHT: f32 = 210.0;

/// Share right against confidence, in 15 bins.
pub(super) fn reliability_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    view: &QualityView,
    answers: &mut Answers<'_>,
) {
    heading(
        ui,
        "Reliability",
        "Bars below the diagonal: overconfident; above it: underconfident. Whiskers: 95 % (Wilson).",
    );
    let colours = theme::palette(ui.visuals());
    let (x, y) = (Axis::new("confidence", 0.0, 1.0), Axis::new("share right", 0.0, 1.0).in_percent());
    let (chart, _) = chart_ui(ui, "reliability", HEIGHT, Sense::hover(), x, y);
    for (at, bin) in view.reliability[SAMPLED].iter().enumerate() {
        let edges = edges(at);
        let name = format!(
            "Confidence {:.2} to {:.2}: {}{}",
            edges[0],
            edges[1],
            wording::count(bin.count, "image"),
            if bin.count > 0 {
                format!(
                    ", {:.1} % right, mean confidence {:.1} %",
                    bin.accuracy * 100.0,
                    bin.confidence * 100.0
                )
            } else {
                String::new()
            }
        );
        let response = chart.column(ui, at, edges, &name);
        if bin.count > 0 {
            chart.bar(ui, edges, bin.accuracy, colours.accent.gamma_multiply(0.75));
            if let Some(highlight) = data.highlight {
                let share = f64::from(highlight.charts.reliability[at]) / bin.count as f64;
                chart.bar(ui, edges, bin.accuracy * share, colours.second);
            }
            let middle = f64::midpoint(edges[0], edges[1]);
            let whisker = bin.interval.map(|share| [middle, share]);
            chart.line(ui, whisker, Stroke::new(1.5, colours.ink));
            ui.painter().circle_filled(chart.at(bin.confidence, bin.accuracy), 2.5, colours.ink);
        }
        answers.take(&response, Subset::Reliability(at));
        readout::say_of(&response, || name.clone());
        response.on_hover_text_at_pointer(name);
    }
    let diagonal = Stroke::new(1.0, colours.weak);
    chart.dashes(ui, [[0.0, 0.0], [1.0, 1.0]], diagonal);
    let plain = view.reliability[PLAIN].iter().filter(|bin| bin.count > 0);
    for bin in plain {
        ui.painter().circle_stroke(
            chart.at(bin.confidence, bin.accuracy),
            3.5,
            Stroke::new(1.5, colours.wrong),
        );
    }
    ui.weak("Bars: MC dropout. Rings: without dropout.");
}

/// Doubt of right and of wrong images, each as shares of its own kind; everything beyond the rule is refused.
pub(super) fn histogram_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    view: &QualityView,
    answers: &mut Answers<'_>,
) {
    let measure = data.state.measure;
    heading(ui, &format!("{} of right and wrong images", measure.label()), measure.explanation());
    let detector = data.state.detector();
    let histogram = &view.histograms[detector];
    let chart = DoubtChart {
        id: "doubt histogram",
        measure,
        histogram,
        groups: ["right", "wrong"],
        highlight: data.highlight.map(|highlight| &highlight.charts.doubt),
    };
    let chart = chart.ui(ui, |bin, response| answers.take(response, Subset::Doubt(measure, bin)));
    outlines_ui(ui, &chart, histogram, data, |charts| &charts.doubt, ["right", "wrong"]);
    let risk = &view.risks[detector];
    let (images, refused) = (risk.order.len(), data.state.refused);
    if images == 0 {
        return;
    }
    let doubt = |index: u32| doubt(measure, &view.measures[index as usize]);
    let value = match refused {
        0 => f64::from(histogram.to),
        refused => f64::from(doubt(risk.order[images - refused.min(images)])),
    };
    let wanted = match rule_ui(ui, &chart, "Refusal threshold", value, &sentence(risk, refused)) {
        // At the very end nothing is refused.
        Some(Moved::To(value)) if value >= f64::from(histogram.to) => Some(0),
        Some(Moved::To(value)) => Some(risk.doubted(doubt, value as f32)),
        Some(Moved::By(step)) => Some(stepped(refused, step, images)),
        None => None,
    };
    answers.refuse(measure, wanted, refused);
}

/// Two groups over the bins of a measure, with what is highlighted in them.
pub(super) struct DoubtChart<'a> {
    pub(super) id: &'a str,
    pub(super) measure: Measure,
    pub(super) histogram: &'a Histogram,
    pub(super) groups: [&'a str; 2],
    /// For each group, how many of each bin are lit up.
    pub(super) highlight: Option<&'a [Vec<u32>; 2]>,
}

impl DoubtChart<'_> {
    /// Draws it; `pointer` is given each bin's response. Returns the chart, for rules to be drawn on.
    pub(super) fn ui(self, ui: &mut Ui, mut pointer: impl FnMut(usize, &Response)) -> Chart {
        let Self { id, measure, histogram, groups, highlight } = self;
        let colours = theme::palette(ui.visuals());
        let unit = if measure.unit().is_empty() { String::new() } else { format!(", {}", measure.unit()) };
        let sign = if measure.high_means_uncertain() { "" } else { "− " };
        let x = Axis::new(
            format!("{sign}{}{unit}", measure.label().to_lowercase()),
            f64::from(histogram.from),
            f64::from(histogram.to),
        );
        let y = Axis::shares("share of its kind (root scale)");
        let (chart, _) = chart_ui(ui, id, HEIGHT, Sense::hover(), x, y);
        for bin in 0..histogram.bins() {
            let edges = histogram.edges(bin).map(f64::from);
            let [first, second] = [0, 1].map(|group: usize| histogram.counts[group][bin]);
            let name = format!(
                "{} bin {}, {}: {first} {}, {second} {}",
                if groups[1] == "foreign" { "Foreign" } else { "Doubt" },
                bin + 1,
                doubted(measure, histogram.edges(bin)),
                groups[0],
                groups[1]
            );
            let response = chart.column(ui, bin, edges, &name);
            pointer(bin, &response);
            readout::say_of(&response, || name.clone());
            response.on_hover_text_at_pointer(name);
        }
        let shades = [colours.right, colours.wrong];
        for (group, shade) in shades.into_iter().enumerate() {
            for bin in 0..histogram.bins() {
                let [from, to] = histogram.edges(bin).map(f64::from);
                let middle = f64::midpoint(from, to);
                let edges = if group == 0 { [from, middle] } else { [middle, to] };
                let share = f64::from(histogram.share(group, bin));
                let colour = if highlight.is_some() { shade.gamma_multiply(0.35) } else { shade };
                chart.bar(ui, edges, share, colour);
                if let Some(counts) = highlight
                    && let (Some(count), all @ 1..) = (counts[group].get(bin), histogram.counts[group][bin])
                {
                    chart.bar(ui, edges, share * f64::from(*count) / f64::from(all), shade);
                }
            }
        }
        let totals: Vec<u32> = histogram.counts.iter().map(|counts| counts.iter().sum()).collect();
        ui.horizontal(|ui| {
            for ((name, total), shade) in groups.iter().zip(totals).zip(shades) {
                let (place, _) = ui.allocate_exact_size(egui::Vec2::splat(10.0), Sense::hover());
                ui.painter().rect_filled(place, egui::CornerRadius::same(2), shade);
                ui.weak(format!("{} {name}", wording::thousands(u64::from(total))));
            }
        });
        chart
    }
}
