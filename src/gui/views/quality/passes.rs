//! Error, NLL and ECE against the number of passes, with the network without dropout as a line: the paper's claim.

use egui::{Sense, Stroke, Ui};

use super::data::heading;
use crate::gui::theme;
use crate::gui::views::chart::{Axis, Scale, chart_ui};
use crate::gui::views::readout;
use crate::shown::quality::QualityView;
use crate::uncertainty::quality::AtPasses;
use crate::wording::number;

/// A figure computed from the first T passes.
type Value = fn(&AtPasses) -> f64;

/// Three small charts over T.
pub(super) fn passes_ui(ui: &mut Ui, view: &QualityView) {
    heading(
        ui,
        "Against the number of passes",
        "Solid: the first T passes. Dashed: the same network without dropout.",
    );
    let Some(text) = &view.tables.passes else {
        ui.weak("There are no images.");
        return;
    };
    let values: [(&str, Value); 3] =
        [("error", |point| point.error), ("NLL, nats", |point| point.nll), ("ECE", |point| point.ece)];
    for (at, (name, value)) in values.into_iter().enumerate() {
        curve_ui(ui, (name, value), view, view.plain_line[at], view.passes_most[at], at == 2);
    }
    ui.weak(text);
}

fn curve_ui(
    ui: &mut Ui,
    (name, value): (&str, Value),
    view: &QualityView,
    plain: Option<f64>,
    most: f64,
    last: bool,
) {
    let colours = theme::palette(ui.visuals());
    let top = most * 1.15;
    let end = view.passes.len().max(2) as f64;
    let ticks = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
    let x = Axis {
        label: if last { "passes T".to_owned() } else { String::new() },
        from: 1.0,
        to: end,
        scale: Scale::Log,
        ticks: ticks.into_iter().filter(|tick| *tick <= end).collect(),
        percent: false,
        counts: false,
    };
    let mut y = Axis::new(name, 0.0, top);
    y.ticks = vec![y.ticks[0], y.ticks[y.ticks.len() / 2], y.ticks[y.ticks.len() - 1]];
    let (chart, response) = chart_ui(ui, name, if last { 104.0 } else { 92.0 }, Sense::hover(), x, y);
    let points = view.passes.iter().map(|point| [point.passes as f64, value(point)]);
    chart.line(ui, points, Stroke::new(2.0, colours.accent));
    if let Some(plain) = plain {
        chart.dashes(ui, [[1.0, plain], [end, plain]], Stroke::new(1.5, colours.second));
    }
    if let Some(pointer) = response.hover_pos() {
        let passes = (chart.x_value(pointer).round() as usize).clamp(1, view.passes.len());
        let point = &view.passes[passes - 1];
        let place = chart.at(passes as f64, value(point));
        ui.painter().circle_filled(place, 3.5, colours.ink);
        let text = format!("T = {passes}: {name} {}", number(value(point)));
        readout::say(ui.ctx(), || text.clone());
        response.on_hover_text_at_pointer(text);
    }
}
