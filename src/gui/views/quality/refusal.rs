//! What refusing the least certain does: risk against coverage, and a lever.

use egui::{RichText, Sense, Slider, Stroke, Ui};

use super::data::{Answers, QualityData, heading};
use super::lever::{Moved, moved};
use crate::gui::action::{QualityAction, Subset};
use crate::gui::theme;
use crate::gui::views::chart::{Axis, chart_ui};
use crate::gui::views::plots::describe;
use crate::gui::views::steps::Step;
use crate::shown::quality::QualityView;
use crate::uncertainty::quality::{Metric, RiskCoverage};
use crate::wording;

/// The curve, the lever, and what remains.
pub(super) fn refusal_ui(ui: &mut Ui, data: &QualityData<'_>, view: &QualityView, answers: &mut Answers<'_>) {
    let measure = data.state.measure;
    heading(
        ui,
        &format!("Refusing by {}", measure.label().to_lowercase()),
        Metric::Aurc(measure).explanation(),
    );
    let detector = data.state.detector();
    let risk = &view.risks[detector];
    let images = risk.order.len();
    if images == 0 {
        ui.weak("There are no images.");
        return;
    }
    let colours = theme::palette(ui.visuals());
    let curves = &view.risk_curves[detector];
    let top = curves.most * 1.15;
    let (x, y) = (
        Axis::new("share of images kept", 0.0, 1.0).in_percent(),
        Axis::new("error among them", 0.0, top).in_percent(),
    );
    let (chart, response) = chart_ui(ui, "refusal", 210.0, Sense::click_and_drag(), x, y);
    chart.line(ui, curves.plain.iter().copied(), Stroke::new(1.5, colours.second));
    chart.line(ui, curves.sampled.iter().copied(), Stroke::new(2.0, colours.accent));
    let refused = data.state.refused;
    let kept = 1.0 - refused as f64 / images as f64;
    chart.lever(ui, kept, response.dragged() || response.has_focus());
    let wanted = match moved(ui, &chart, &response, "Risk and coverage", kept, &sentence(risk, refused)) {
        Some(Moved::To(kept)) => Some(((1.0 - kept) * images as f64).round() as usize),
        Some(Moved::By(step)) => Some(stepped(refused, step, images)),
        None => response.has_focus().then_some(refused),
    };
    answers.refuse(measure, wanted, refused);
    describe(ui, &response, "Drag the line, or press an arrow key, to refuse the images doubted most");
    response.on_hover_cursor(egui::CursorIcon::ResizeHorizontal);

    let mut count = refused;
    ui.horizontal(|ui| {
        ui.label("Refuse");
        ui.spacing_mut().slider_width = (ui.available_width() - 90.0).max(80.0);
        let slider = ui.add(Slider::new(&mut count, 0..=images).logarithmic(true).integer());
        slider.widget_info(|| egui::WidgetInfo::slider(true, refused as f64, "Refused images"));
        let slider = slider.on_hover_text("How many of the images doubted most get no answer");
        if slider.changed() {
            answers.push(QualityAction::Refuse(count));
        }
        if slider.dragged() || slider.has_focus() {
            answers.hovered = Some(Subset::Refused(measure, count));
        }
    });
    ui.label(sentence(risk, refused));
    ui.horizontal(|ui| {
        let some = refused > 0;
        let show = ui.add_enabled(some, egui::Button::new("Show refused in the gallery"));
        if show.clicked() {
            answers.push(QualityAction::ShowRefused);
        }
        if ui.add_enabled(some, egui::Button::new("Select refused")).clicked() {
            answers.select(Subset::Refused(measure, refused));
        }
        ui.label(RichText::new("orange: without dropout").small().color(colours.second));
    });
}

/// Where the keyboard moves the lever: to the right, more are kept; with Shift, by a hundredth of the images.
pub(super) fn stepped(refused: usize, step: Step, images: usize) -> usize {
    match step {
        Step::By(by) => {
            let many = if by.abs() < 10 { 1 } else { (images / 100).max(1) };
            if by > 0 { refused.saturating_sub(many) } else { (refused + many).min(images) }
        }
        Step::Start => images,
        Step::End => 0,
    }
}

/// `212 of 10,000 refused (2.1 %), 64 of 73 errors among them; left: 9 errors (0.09 %).`
pub(super) fn sentence(risk: &RiskCoverage, refused: usize) -> String {
    let images = risk.order.len();
    let kept = images - refused.min(images);
    let (all, remaining) = (risk.errors[images], risk.errors[kept]);
    let share = match risk.risk(refused) {
        Some(risk) => format!(
            "left: {} ({:.3} % of those kept).",
            wording::count(remaining as usize, "error"),
            risk * 100.0
        ),
        None => "nothing is kept.".to_owned(),
    };
    format!(
        "{} of {} refused ({:.1} %), {} of {} errors among them; {share}",
        wording::thousands(refused as u64),
        wording::thousands(images as u64),
        refused as f64 / images.max(1) as f64 * 100.0,
        all - remaining,
        all
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lever_says_what_it_does() {
        let risk = RiskCoverage { order: vec![2, 0, 1, 3], errors: vec![0, 0, 0, 1, 2], wrong: vec![1, 3] };
        assert_eq!(
            sentence(&risk, 1),
            "1 of 4 refused (25.0 %), 1 of 2 errors among them; left: 1 error (33.333 % of those kept)."
        );
        assert!(sentence(&risk, 4).ends_with("nothing is kept."));
        let keys = [Step::By(1), Step::By(-1), Step::By(-10), Step::Start, Step::End];
        assert_eq!(keys.map(|step| stepped(300, step, 1000)), [299, 301, 310, 1000, 0]);
        assert_eq!([stepped(0, Step::By(1), 4), stepped(4, Step::By(-1), 4)], [0, 4]);
    }
}
