//! The nearest training images of the likeliest classes.

use egui::{Align2, CornerRadius, FontId, Label, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2};

use super::data::ExplainData;
use crate::gui::action::{Action, ExplainAction};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::theme;
use crate::gui::views::names::fitted;
use crate::gui::views::wheel::wheel_ui;
use crate::shown::explain::TrainingSpace;
use crate::uncertainty::explanation::Rival;
use crate::wording;

/// Width and height of an image in points.
const SIZE: f32 = 46.0;

/// Draws the neighbours, or how to get them.
pub(super) fn neighbours_ui(
    ui: &mut Ui,
    data: &ExplainData<'_>,
    atlas: &mut Atlas,
    actions: &mut Vec<Action>,
) {
    let mut act = |action| actions.push(Action::Explain(action));
    if let Some(error) = &data.state.training_error {
        ui.add(Label::new(format!("No neighbours: the training images are missing. {error}")).wrap());
        ui.horizontal_wrapped(|ui| {
            if ui.button("Download MNIST's training images").clicked() {
                act(ExplainAction::DownloadNeighbours);
            }
            if ui.button("Look again").clicked() {
                act(ExplainAction::FindNeighbours);
            }
        });
        return;
    }
    if data.searching {
        ui.horizontal(|ui| {
            wheel_ui(ui);
            ui.weak("Looking through the training images…");
        });
        return;
    }
    let Some(training) = &data.state.training else {
        ui.add(Label::new(RichText::new("Which training images does it resemble?").weak()).wrap());
        let hint = "Reads the training images (downloads them if they are missing) and computes where the \
                    network places each: a few seconds and about 200 MB of memory, once for each network.";
        if ui.button("Find nearest training images").on_hover_text(hint).clicked() {
            act(ExplainAction::FindNeighbours);
        }
        return;
    };
    let view = data.origin.and_then(|origin| data.state.of(origin));
    let Some(rivals) = view.and_then(|view| view.rivals.as_ref()) else {
        wheel_ui(ui);
        return;
    };
    for rival in rivals {
        rival_ui(ui, rival, training, atlas);
    }
    let among = wording::count(training.space.len(), "image");
    let text = format!("Among {among} of {}: an analogy, not a cause.", training.source);
    ui.add(Label::new(RichText::new(text).small().weak()).wrap());
}

fn rival_ui(ui: &mut Ui, rival: &Rival, training: &TrainingSpace, atlas: &mut Atlas) {
    let colours = theme::palette(ui.visuals());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        let (label, _) = ui.allocate_exact_size(Vec2::new(34.0, SIZE + 14.0), Sense::hover());
        let text = ui.visuals().text_color();
        let top = label.left_top() + Vec2::new(0.0, 8.0);
        let classes = training.digits.classes();
        let size = if classes.are_numbers() { 18.0 } else { 10.5 };
        let class = fitted(ui.painter(), classes.name(rival.class), &FontId::proportional(size), 34.0);
        ui.painter().text(top, Align2::LEFT_TOP, class, FontId::proportional(size), text);
        let below = top + Vec2::new(0.0, 21.0);
        let probability = wording::percent(rival.probability);
        ui.painter().text(below, Align2::LEFT_TOP, probability, FontId::proportional(10.0), colours.weak);
        if rival.nearest.is_empty() {
            ui.weak("no training image of this class");
        }
        let mut thumbnails = Thumbnails::default();
        for neighbour in &rival.nearest {
            if ui.available_width() < SIZE {
                break;
            }
            let (place, response) = ui.allocate_exact_size(Vec2::new(SIZE, SIZE + 14.0), Sense::hover());
            let name = format!(
                "Training image {}, label {}, distance {:.2}",
                neighbour.index,
                classes.name(rival.class),
                neighbour.distance
            );
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &name));
            let image = Rect::from_min_size(place.min, Vec2::splat(SIZE));
            let [paper, ink] = theme::on_paper(ui);
            ui.painter().rect_filled(image, CornerRadius::same(2), paper);
            if let Some(picture) = atlas.cell(ui.ctx(), &training.digits, neighbour.index) {
                thumbnails.add(picture, image, ink);
            }
            let stroke = Stroke::new(1.0, colours.faint);
            ui.painter().rect_stroke(image, CornerRadius::same(2), stroke, StrokeKind::Outside);
            let at = image.center_bottom() + Vec2::new(0.0, 2.0);
            let distance = format!("{:.1}", neighbour.distance);
            ui.painter().text(at, Align2::CENTER_TOP, distance, FontId::proportional(10.5), colours.weak);
            response.on_hover_text(name);
        }
        thumbnails.paint(ui.painter());
    });
}
