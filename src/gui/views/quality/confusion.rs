//! What is taken for what: a matrix whose cells select, or the most frequent pairs of many classes; and a row for each.

use egui::{Align2, CornerRadius, FontId, Grid, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2};

use egui_material_icons::icons::ICON_ARROW_RIGHT_ALT;

use super::data::{Answers, QualityData, heading};
use crate::data::Class;
use crate::gui::action::Subset;
use crate::gui::theme;
use crate::gui::views::names::fitted;
use crate::gui::views::readout;
use crate::shown::quality::QualityView;
use crate::uncertainty::quality::Confusion;
use crate::wording;

/// Room left of the cells, for the labels and the names of the axes.
const MARGIN: f32 = 50.0;
/// More room for names than for numbers.
const NAMES: f32 = 50.0;
/// With more classes than this the most frequent pairs are listed in place of the matrix.
const MOST_MATRIX: usize = 20;

/// Labels down, predictions across.
pub(super) fn confusion_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    view: &QualityView,
    answers: &mut Answers<'_>,
) {
    if view.names.labels.len() > MOST_MATRIX {
        pairs_ui(ui, view, answers);
        return;
    }
    heading(ui, "Confusion", "Label down, prediction across. A cell shows its images; a click selects them.");
    let colours = theme::palette(ui.visuals());
    let counts = &view.confusion.counts;
    let most = view.most_confused.max(1);
    let (labels, taken) = (&view.names.labels, &view.names.answers);
    let classes = labels.len();
    let margin = if labels.are_numbers() { MARGIN } else { MARGIN + NAMES };
    let cell = Vec2::new(((ui.available_width() - margin - 4.0) / classes as f32).min(44.0), 25.0);
    let height = cell.y * (classes + 1) as f32;
    let (whole, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
    let origin = whole.min + Vec2::new(margin, cell.y);
    let font = FontId::proportional(11.5);
    let painter = ui.painter().clone();
    for class in labels.iter() {
        let at = f32::from(class) + 0.5;
        let across = Pos2::new(origin.x + at * cell.x, whole.top() + cell.y / 2.0);
        let name = fitted(&painter, taken.name(class), &font, cell.x - 2.0);
        painter.text(across, Align2::CENTER_CENTER, name, font.clone(), colours.weak);
        let (down, align) = if labels.are_numbers() {
            (Pos2::new(origin.x - 15.0, origin.y + at * cell.y), Align2::CENTER_CENTER)
        } else {
            (Pos2::new(origin.x - 6.0, origin.y + at * cell.y), Align2::RIGHT_CENTER)
        };
        let name = fitted(&painter, labels.name(class), &font, margin - 10.0);
        painter.text(down, align, name, font.clone(), colours.weak);
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
            let names = (labels.name(label as Class), taken.name(prediction as Class));
            let name =
                format!("Label {}, predicted {}: {}", names.0, names.1, wording::count(count, "image"));
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
            let lit = data
                .highlight
                .map_or(0, |highlight| lit_count(&highlight.charts.confusion, label, prediction));
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

/// How many of the images lit up are in a cell.
fn lit_count(confusion: &Confusion, label: usize, prediction: usize) -> usize {
    confusion.counts.get(label).and_then(|row| row.get(prediction)).copied().unwrap_or(0)
}

/// The most frequent confusions, one below the other.
fn pairs_ui(ui: &mut Ui, view: &QualityView, answers: &mut Answers<'_>) {
    heading(
        ui,
        "Confusion: most frequent",
        "What is most often taken for what. Point at a pair to light its images up, click to select them.",
    );
    if view.top_pairs.is_empty() {
        ui.weak("Every prediction is right.");
    }
    for (label, prediction, count) in &view.top_pairs {
        let arrow = ICON_ARROW_RIGHT_ALT.codepoint;
        let (from, to) = (view.names.labels.name(*label), view.names.answers.name(*prediction));
        let response =
            ui.selectable_label(false, format!("{from} {arrow} {to} · {}", wording::count(*count, "image")));
        response.widget_info(|| {
            let name = format!("Label {from}, predicted {to}: {}", wording::count(*count, "image"));
            egui::WidgetInfo::labeled(egui::Role::Button, true, name)
        });
        let response = response.on_hover_text("Point at it to light its images up, click to select them");
        answers.take(&response, Subset::Confusion { label: *label, prediction: *prediction });
    }
}

/// A row for each class.
pub(super) fn digits_ui(ui: &mut Ui, view: &QualityView, answers: &mut Answers<'_>) {
    let labels = &view.names.labels;
    let (title, class) = if labels.are_digits() {
        ("By digit, MC dropout", "Digit")
    } else {
        ("By class, MC dropout", "Class")
    };
    heading(ui, title, "Recall: of this label, how many are right. Precision: of those taken for it.");
    Grid::new("quality digits").num_columns(6).spacing([14.0, 3.0]).striped(true).show(ui, |ui| {
        for title in [class, "Images", "Recall", "Precision", "NLL", "Entropy"] {
            ui.strong(title);
        }
        ui.end_row();
        for (digit, texts) in (0..).zip(&view.tables.digits) {
            let response = ui.selectable_label(false, labels.name(digit));
            response.widget_info(|| {
                egui::WidgetInfo::labeled(
                    egui::Role::Button,
                    true,
                    format!("Images labelled {}", labels.name(digit)),
                )
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
