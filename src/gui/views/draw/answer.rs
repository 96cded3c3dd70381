//! What the network sees and says: image, bars, cloud, measures, closest images.

use egui::{CornerRadius, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2};
use egui_material_icons::icons::ICON_ARROW_RIGHT_ALT;

use crate::data::{Class, ClassNames, UNLABELLED};
use crate::gui::action::{Action, DrawAction, InspectorAction};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::charts;
use crate::gui::panel::draw::{Drawing, StartedFrom};
use crate::gui::theme;
use crate::gui::views::chart_menu::charted_ui;
use crate::gui::views::headings::section;
use crate::gui::views::measures::measures_ui;
use crate::gui::views::prediction::{PredictionData, prediction_ui};
use crate::shown::Seen;
use crate::shown::subject::Origin as Drawn;
use crate::uncertainty::Measures;
use crate::uncertainty::explanation::votes_sentence;
use crate::wording;

use super::cloud::cloud_ui;
use super::data::DrawData;
use super::strip::paint;
use super::textures::{TextureKey, Textures, ink};
use super::watch::watch_ui;
use crate::gui::views::pace::Pace;

/// Size of the image as the network sees it.
const SEEN: f32 = 112.0;

/// Draws the image as the network sees it, with the answer in words.
pub(super) fn head_ui(ui: &mut Ui, data: &DrawData<'_>, seen: Option<&Seen>, textures: &mut Textures) {
    let colours = theme::palette(ui.visuals());
    ui.horizontal_top(|ui| {
        let (place, response) = ui.allocate_exact_size(Vec2::splat(SEEN), Sense::hover());
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Image, true, "As the network sees it, 28 by 28 pixels")
        });
        let [paper, white] = theme::on_paper(ui);
        ui.painter().rect_filled(place, CornerRadius::same(3), paper);
        if let Some(seen) = seen {
            let texture = textures.get(ui.ctx(), TextureKey::Seen, data.drawing.answers, || ink(&seen.image));
            paint(ui.painter(), texture, place, white);
        }
        let stroke = Stroke::new(1.0, colours.faint);
        ui.painter().rect_stroke(place, CornerRadius::same(3), stroke, StrokeKind::Outside);
        response.on_hover_text("28×28 pixels, as the network sees it: fitted into 20×20, centred by its ink");
        ui.vertical(|ui| {
            let Some(seen) = seen else {
                ui.heading("Nothing drawn");
                ui.add(
                    egui::Label::new(
                        RichText::new(if data.answers.are_digits() {
                            "Draw a digit on the paper and watch the distribution move with the pen."
                        } else {
                            "Draw on the paper and watch the distribution move with the pen."
                        })
                        .weak(),
                    )
                    .wrap(),
                );
                return;
            };
            let measures = &seen.measures;
            let digit = measures.prediction();
            let name = seen.names.answers.name(digit);
            let text = format!("{name}  ·  {}", wording::percent(measures.confidence));
            ui.heading(RichText::new(text).size(22.0)).widget_name(&format!("Predicted {name}"));
            ui.add(
                egui::Label::new(RichText::new(votes_sentence(measures, &seen.names.answers)).weak()).wrap(),
            );
            if let Some(label) = data.sights.label {
                let (verdict, colour) =
                    if label == digit { ("right", colours.right) } else { ("wrong", colours.wrong) };
                ui.label(
                    RichText::new(format!("Label {} · {verdict}", seen.names.labels.name(label)))
                        .color(colour),
                );
            }
            if let (Some(original), false) = (&seen.original, data.drawing.shown().strokes.is_empty()) {
                change_ui(ui, data.drawing, &seen.names, [original, measures]);
            }
        });
    });
}

/// A label whose name for screen readers differs from its text.
trait Named {
    fn widget_name(self, name: &str);
}

impl Named for egui::Response {
    fn widget_name(self, name: &str) {
        self.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, name));
    }
}

/// How the edit has changed what the network thinks of the original.
fn change_ui(ui: &mut Ui, drawing: &Drawing, names: &ClassNames, [before, after]: [&Measures; 2]) {
    let colours = theme::palette(ui.visuals());
    let of = match drawing.page.origin {
        Some(StartedFrom::Image { index, .. }) => format!("image {index}"),
        Some(StartedFrom::Foreign(index)) => format!("foreign image {index}"),
        _ => "the original".to_owned(),
    };
    let arrow = ICON_ARROW_RIGHT_ALT.codepoint;
    let change = after.predictive_entropy - before.predictive_entropy;
    let colour = if change > 0.0 { colours.second } else { colours.accent };
    let text = format!(
        "H {} {arrow} {} ({change:+.3}) against {of}",
        wording::short(before.predictive_entropy, 3),
        wording::short(after.predictive_entropy, 3),
    );
    let [from, to] = [before, after].map(|measures| names.answers.name(measures.prediction()));
    let hint = format!(
        "Predictive entropy before and after the edit, in nats. Mutual information {} {arrow} {}; prediction {from} \
         {arrow} {to}.",
        wording::short(before.mutual_information, 3),
        wording::short(after.mutual_information, 3),
    );
    ui.add(egui::Label::new(RichText::new(text).color(colour)).wrap()).on_hover_text(hint);
}

/// Draws bars and cloud, or one pass at a time.
pub(super) fn distribution_ui(
    ui: &mut Ui,
    data: &DrawData<'_>,
    (seen, class): (&Seen, Option<Class>),
    pace: &mut Pace,
    actions: &mut Vec<Action>,
) {
    ui.horizontal(|ui| {
        let (one, all) = (data.drawing.watch.is_some(), data.drawing.watch.is_none());
        let hint = "The answer of all passes together, at once";
        if ui.selectable_label(all, "All passes").on_hover_text(hint).clicked() && one {
            actions.push(Action::Draw(DrawAction::Watch(false)));
        }
        let hint = "Plays the passes: each one's answer over the mean so far";
        if ui.selectable_label(one, "One pass at a time").on_hover_text(hint).clicked() && all {
            actions.push(Action::Draw(DrawAction::Watch(true)));
        }
    });
    if let Some(watch) = data.drawing.watch {
        section(ui, "This pass over the mean so far · votes so far below");
        watch_ui(ui, watch, seen, pace, actions);
    } else {
        let mean = "Predictive mean, ±1 standard error · votes below";
        let bars = |ui: &mut Ui, actions: &mut Vec<Action>| {
            let known = |class: &Class| usize::from(*class) < seen.measures.mean.len();
            let class = class.filter(known).unwrap_or_else(|| seen.measures.prediction());
            let data = PredictionData {
                measures: &seen.measures,
                names: &seen.names,
                label: data.sights.label,
                class,
                one: None,
            };
            if let Some(class) = prediction_ui(ui, &data) {
                actions.push(Action::Inspector(InspectorAction::SetClass(Some(class))));
            }
        };
        charted_ui(ui, mean, "predictive mean of the drawing", actions, bars, || {
            charts::predictive_mean(
                Drawn::Drawing,
                (&seen.names, data.sights.label),
                data.sampled(),
                &seen.measures,
            )
        });
    }
    let cloud = |ui: &mut Ui, _: &mut Vec<Action>| {
        cloud_ui(ui, seen, data.drawing.watch.map(|watch| watch.pass - 1));
    };
    charted_ui(
        ui,
        "The cloud: softmax outputs above, inputs below",
        "cloud of passes",
        actions,
        cloud,
        || charts::cloud(seen, data.sights.label, data.sampled()),
    );
}

/// Draws the measures.
pub(super) fn numbers_ui(ui: &mut Ui, data: &DrawData<'_>, seen: &Seen, actions: &mut Vec<Action>) {
    let numbers = |ui: &mut Ui, _: &mut Vec<Action>| measures_ui(ui, &seen.measures, data.sights.label);
    charted_ui(ui, "Measures ± standard error", "measures of the drawing", actions, numbers, || {
        charts::measures(Drawn::Drawing, (&seen.names, data.sights.label), data.sampled(), &seen.measures)
    });
}

/// Draws the closest images of the dataset.
pub(super) fn neighbours_ui(ui: &mut Ui, data: &DrawData<'_>, atlas: &mut Atlas, actions: &mut Vec<Action>) {
    const CELL: f32 = 56.0;
    section(ui, "Closest images of the dataset, by hidden features");
    let Some(found) = data.drawing.neighbours.as_deref().filter(|found| !found.list.is_empty()) else {
        ui.weak(if data.has_features { "None yet." } else { "Preparing…" });
        return;
    };
    let colours = theme::palette(ui.visuals());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
        for (index, distance) in &found.list {
            let label = found.digits.label(*index).unwrap_or(UNLABELLED);
            let (place, response) = ui.allocate_exact_size(egui::vec2(CELL, CELL + 15.0), Sense::click());
            let label = found.digits.classes().name(label);
            let name = format!("Close image {index}, label {label}");
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            let image = Rect::from_min_size(place.min, Vec2::splat(CELL));
            let [paper, ink] = theme::on_paper(ui);
            ui.painter().rect_filled(image, CornerRadius::same(2), paper);
            if let Some(picture) = atlas.cell(ui.ctx(), &found.digits, *index) {
                let mut thumbnails = Thumbnails::default();
                thumbnails.add(picture, image, ink);
                thumbnails.paint(ui.painter());
            }
            let colour = if response.hovered() { colours.ink } else { colours.faint };
            let stroke = Stroke::new(1.0, colour);
            ui.painter().rect_stroke(image, CornerRadius::same(2), stroke, StrokeKind::Outside);
            let font = egui::FontId::proportional(11.0);
            let (left, right) = (place.left_bottom(), place.right_bottom());
            let text = ui.visuals().text_color();
            ui.painter().text(left, egui::Align2::LEFT_BOTTOM, label.to_string(), font.clone(), text);
            let far = wording::short(*distance, 1);
            ui.painter().text(right, egui::Align2::RIGHT_BOTTOM, far, font, colours.weak);
            let hint =
                format!("Image {index}, label {label}, distance {distance:.2}. Click to edit it here.");
            if response.on_hover_text(hint).clicked() {
                actions.push(Action::Draw(DrawAction::OpenImage(Drawn::Dataset(*index))));
            }
        }
    });
    let among = match found.among {
        all if all == found.digits.len() => String::new(),
        first => format!(" Among the first {} images.", wording::thousands(first as u64)),
    };
    let caution = format!("Label and distance.{among} An analogy, not a cause.");
    ui.label(RichText::new(caution).small().weak());
}
