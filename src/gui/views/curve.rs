//! Entropy and mutual information against T: as estimated, corrected for few passes, and with errors.

use egui::{Color32, Rect, RichText, Sense, Shape, Stroke, Ui};
use egui_plot::{FilledArea, Line, LineStyle, PlotPoints};

use crate::gui::theme;
use crate::gui::views::plots;
use crate::shown::inspect::CurveLines;

/// Height of the plot.
const HEIGHT: f32 = 132.0;

/// Explains the two lines of each quantity.
const HINT: &str = "Solid: bias-corrected, with a band of ±1 standard error. Dashed: plug-in, the entropy of the mean of T \
                    passes. A mean of few passes is peaked by chance, and entropy is concave, so the dashed line \
                    starts too low and climbs as passes come in; the correction (1/2T) Σ s²/p takes most of that away, \
                    which is why the solid line is flatter.";

/// Draws the curves.
pub(super) fn curve_ui(ui: &mut Ui, [entropy, mutual_information]: &[CurveLines; 2]) {
    if entropy.passes.is_empty() {
        ui.weak("So few passes have no spread: raise T.");
        return;
    }
    let colours = theme::palette(ui.visuals());
    let plot = plots::quiet(ui, "curve", HEIGHT).include_y(0.0).y_axis_min_width(30.0);
    let shown = plot.show(ui, |plot| {
        for (name, colour, lines) in
            [("H", colours.accent, entropy), ("MI", colours.second, mutual_information)]
        {
            let [low, high] = &lines.band;
            let band = FilledArea::new("", &lines.passes, low, high);
            plot.add(band.fill_color(colour.gamma_multiply(0.25)));
            let dashes = LineStyle::Dashed { length: 5.0 };
            let plain = Line::new(format!("{name}, plug-in"), PlotPoints::from(lines.plain.clone()));
            plot.line(plain.color(colour).width(1.0).style(dashes));
            let corrected = PlotPoints::from(lines.corrected.clone());
            let corrected = Line::new(format!("{name}, corrected"), corrected);
            plot.line(corrected.color(colour).width(1.5));
        }
    });
    shown.response.on_hover_text(HINT);
    ui.horizontal_wrapped(|ui| {
        for (name, colour) in [("H", colours.accent), ("MI", colours.second)] {
            key(ui, name, colour, false);
        }
        key(ui, "corrected ±1 SE", colours.weak, false);
        key(ui, "plug-in", colours.weak, true);
    })
    .response
    .on_hover_text(HINT);
}

/// A line of the legend.
fn key(ui: &mut Ui, name: &str, colour: Color32, dashed: bool) {
    let (place, _) = ui.allocate_exact_size(egui::vec2(14.0, 10.0), Sense::hover());
    let line = Rect::from_center_size(place.center(), egui::vec2(14.0, 0.0));
    let ends = [line.left_center(), line.right_center()];
    if dashed {
        ui.painter().extend(Shape::dashed_line(&ends, Stroke::new(1.5, colour), 4.0, 3.0));
    } else {
        ui.painter().line_segment(ends, Stroke::new(3.0, colour));
    }
    ui.label(RichText::new(name).small());
}
