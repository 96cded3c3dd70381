//! The brushed images in the histograms of doubt: outlines over the bars.

use egui::{Sense, Stroke, StrokeKind, Ui, Vec2};

use super::data::QualityData;
use crate::gui::theme;
use crate::gui::views::chart::Chart;
use crate::uncertainty::quality::Histogram;
use crate::wording;

/// Outlines the part of each bar that the brushed images make up, and says which these are. `counts` are those of the
/// two groups of the histogram.
pub(super) fn outlines_ui(
    ui: &mut Ui,
    chart: &Chart,
    histogram: &Histogram,
    data: &QualityData<'_>,
    counts: impl Fn(&crate::shown::highlight::Charts) -> &[Vec<u32>; 2],
    groups: [&str; 2],
) {
    let Some(brushed) = &data.state.brushed else { return };
    let counts = counts(&brushed.charts);
    let stroke = Stroke::new(1.5, theme::palette(ui.visuals()).ink);
    for (group, brushed) in counts.iter().enumerate() {
        for (bin, count) in brushed.iter().enumerate().take(histogram.bins()) {
            let all = histogram.counts[group][bin];
            if *count == 0 || all == 0 {
                continue;
            }
            let [from, to] = histogram.edges(bin).map(f64::from);
            let middle = f64::midpoint(from, to);
            let [from, to] = if group == 0 { [from, middle] } else { [middle, to] };
            let top = f64::from(histogram.share(group, bin)) * f64::from(*count) / f64::from(all);
            chart.line(ui, [[from, 0.0], [from, top], [to, top], [to, 0.0]], stroke);
        }
    }
    let total = |group: usize| wording::thousands(counts[group].iter().map(|count| u64::from(*count)).sum());
    let parts = match groups {
        // Foreign images are never part of a brush.
        [_, "foreign"] => String::new(),
        [first, second] => format!(": {} {first}, {} {second}", total(0), total(1)),
    };
    ui.horizontal(|ui| {
        let (place, _) = ui.allocate_exact_size(Vec2::splat(10.0), Sense::hover());
        ui.painter().rect_stroke(place, 0.0, stroke, StrokeKind::Inside);
        let text = format!("only {}{parts}", brushed.name);
        ui.add(egui::Label::new(egui::RichText::new(text).weak()).truncate());
    });
}
