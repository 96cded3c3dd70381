//! What is taken for what: a matrix whose cells select, and a row for each digit.

use egui::{Align2, CornerRadius, FontId, Grid, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2};

use super::data::{Answers, QualityData, heading};
use crate::data::{CLASSES, Class};
use crate::gui::action::Subset;
use crate::gui::theme;
use crate::gui::views::readout;
use crate::shown::quality::QualityView;
use crate::wording;

/// Room left of the cells, for the labels and the names of the axes.
const MARGIN: f32 = 50.0;

/// Labels down, predictions across.
pub(super) fn confusion_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    view: &QualityView,
    answers: &mut Answers<'_>,
) {
    heading(ui, "Confusion", "Label down, prediction across. A cell shows its images; a click selects them.");
    let colours = theme::palette(ui.visuals());
    let counts = &view.confusion.counts;
    let most = view.most_confused.max(1);
    let cell = Vec2::new(((ui.available_width() - MARGIN - 4.0) / CLASSES as f32).min(44.0), 25.0);
    let (whole, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), cell.y * 11.0), Sense::hover());
    let origin = whole.min + Vec2::new(MARGIN, cell.y);
    let font = FontId::proportional(11.5);
    let painter = ui.painter().clone();
    for digit in 0..CLASSES {
        let at = digit as f32 + 0.5;
        let across = Pos2::new(origin.x + at * cell.x, whole.top() + cell.y / 2.0);
        let down = Pos2::new(origin.x - 15.0, origin.y + at * cell.y);
        for place in [across, down] {
            painter.text(place, Align2::CENTER_CENTER, digit.to_string(), font.clone(), colours.weak);
        }
    }
    let axis = FontId::proportional(9.5);
    let corner = Rect::from_min_max(whole.min, origin).shrink2(Vec2::new(2.0, 1.0));
    painter.text(corner.right_top(), Align2::RIGHT_TOP, "predicted", axis.clone(), colours.weak);
    painter.text(corner.left_bottom(), Align2::LEFT_BOTTOM, "label", axis, colours.weak);
    for (label, row) in counts.iter().enumerate() {
        for (prediction, count) in row.iter().copied().enumerate() {
            let place = Rect::from_min_size(
                origin + Vec2::new(prediction as f32 * cell.x, label as f32 * cell.y),
                cell,
            )
            .shrink(1.0);
            let name = format!("Label {label}, predicted {prediction}: {}", wording::count(count, "image"));
            // An empty cell is no stop on the keyboard's way.
            let sense = if count > 0 { Sense::click() } else { Sense::hover() };
            let response = ui.interact(place, ui.scope_id().with(("cell", label, prediction)), sense);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, count > 0, &name));
            let shade = if label == prediction {
                colours.right.gamma_multiply(0.25)
            } else {
                colours.wrong.gamma_multiply((count as f32 / most as f32).sqrt() * 0.8)
            };
            painter.rect_filled(place, CornerRadius::same(2), shade);
            let lit =
                data.highlight.map_or(0, |highlight| highlight.charts.confusion.counts[label][prediction]);
            if lit > 0 {
                painter.rect_stroke(
                    place,
                    CornerRadius::same(2),
                    Stroke::new(2.0, colours.second),
                    StrokeKind::Inside,
                );
            }
            if count > 0 {
                let colour = ui.visuals().text_color();
                painter.text(place.center(), Align2::CENTER_CENTER, count.to_string(), font.clone(), colour);
                answers.take(
                    &response,
                    Subset::Confusion { label: label as Class, prediction: prediction as Class },
                );
            }
            readout::say_of(&response, || name.clone());
            response.on_hover_text_at_pointer(name);
        }
    }
}

/// A row for each digit.
pub(super) fn digits_ui(ui: &mut Ui, view: &QualityView, answers: &mut Answers<'_>) {
    heading(
        ui,
        "By digit, MC dropout",
        "Recall: of this label, how many are right. Precision: of those taken for it.",
    );
    Grid::new("quality digits").num_columns(6).spacing([14.0, 3.0]).striped(true).show(ui, |ui| {
        for title in ["Digit", "Images", "Recall", "Precision", "NLL", "Entropy"] {
            ui.strong(title);
        }
        ui.end_row();
        for (digit, texts) in (0..).zip(&view.tables.digits) {
            let response = ui.selectable_label(false, format!("{digit}"));
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Images labelled {digit}"))
            });
            let response = response.on_hover_text("Point at it to light its images up, click to select them");
            answers.take(&response, Subset::Label(digit));
            for text in texts {
                ui.monospace(text);
            }
            ui.end_row();
        }
    });
}
