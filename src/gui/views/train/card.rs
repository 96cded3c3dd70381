//! A card of the film: an image, and what the passes say of it at the moment shown.

use egui::{Align2, CornerRadius, FontId, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2};
use egui_material_icons::icons::ICON_ARROW_RIGHT_ALT;

use crate::data::{Class, Classes};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::theme::{self, CAPTION_SIZE, Palette};
use crate::gui::views::names::fitted;
use crate::shown::film::{FilmFrame, FilmedImage};
use crate::uncertainty::Measures;
use crate::wording;

/// Room between image and bars, and between bars and captions.
const GAP: f32 = 5.0;
/// Two lines of captions.
const CAPTIONS: f32 = 27.0;

/// How high a card of this width is.
pub(super) fn card_height(width: f32) -> f32 {
    width + GAP + bars_height(width) + GAP + CAPTIONS
}

fn bars_height(width: f32) -> f32 {
    (0.42 * width).clamp(20.0, 46.0)
}

/// Draws the card of an image, by its number among those followed.
pub(super) fn card_ui(
    ui: &Ui,
    frame: &FilmFrame,
    number: usize,
    place: Rect,
    (atlas, thumbnails): (&mut Atlas, &mut Thumbnails),
) {
    let (Some(image), Some(measures)) = (frame.head.images.get(number), frame.images.get(number)) else {
        return;
    };
    let colours = theme::palette(ui.visuals());
    let says = measures.prediction();
    let wrong = image.label.is_some_and(|label| label != says);
    let response = ui.interact(place, ui.scope_id().with(("filmed", number)), Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Image, true, name(&frame.head.classes, image, measures))
    });
    let picture = Rect::from_min_size(place.min, Vec2::splat(place.width()));
    let painter = ui.painter();
    let [paper, ink] = theme::on_paper(ui);
    painter.rect_filled(picture, CornerRadius::same(2), paper);
    if let Some(image) = atlas.cell(ui.ctx(), &frame.head.pictures, number as u32) {
        thumbnails.add(image, picture, ink);
    }
    let (width, colour) = if wrong { (1.5, colours.wrong) } else { (1.0, colours.faint) };
    painter.rect_stroke(picture, CornerRadius::same(2), Stroke::new(width, colour), StrokeKind::Outside);
    let top = picture.bottom() + GAP;
    let bars = Rect::from_min_size(
        Pos2::new(place.left(), top),
        Vec2::new(place.width(), bars_height(place.width())),
    );
    bars_ui(ui, bars, image.label, measures, &colours);
    let below = Pos2::new(place.left(), bars.bottom() + GAP);
    captions_ui(ui, below, place.width(), (&frame.head.classes, image.label), measures);
    if response.hovered() {
        response.on_hover_ui_at_pointer(|ui| hover_ui(ui, &frame.head.classes, image, measures));
    }
}

/// What a screen reader says.
fn name(classes: &Classes, image: &FilmedImage, measures: &Measures) -> String {
    let label = image.label.map_or_else(String::new, |label| format!(", label {}", classes.name(label)));
    format!(
        "{}{label}: says {}, H {:.3}, MI {:.3} nats",
        image.name,
        classes.name(measures.prediction()),
        measures.predictive_entropy,
        measures.mutual_information
    )
}

/// Bars of a card: one for each class of ten; of more, the likeliest and one for all others together.
const BARS: usize = 10;

/// A bar of a card.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bar {
    /// The mean probability, in 0…1.
    mean: f32,
    /// The class; none where it is of all others together.
    class: Option<Class>,
}

/// The bars of a card: by class, or, where there are too many classes, the likeliest first.
fn bars(measures: &Measures) -> Vec<Bar> {
    let bar = |class: Class| Bar { mean: measures.mean[usize::from(class)], class: Some(class) };
    if measures.mean.len() <= BARS {
        return (0..measures.mean.len() as Class).map(bar).collect();
    }
    let mut bars: Vec<Bar> = measures.by_probability().into_iter().take(BARS - 1).map(bar).collect();
    let shown: f32 = bars.iter().map(|bar| bar.mean).sum();
    bars.push(Bar { mean: (1.0 - shown).max(0.0), class: None });
    bars
}

/// The predictive mean; a line under the bar of the label.
fn bars_ui(ui: &Ui, area: Rect, label: Option<Class>, measures: &Measures, colours: &Palette) {
    let painter = ui.painter();
    let bars = bars(measures);
    let column = area.width() / bars.len().max(1) as f32;
    painter.rect_filled(area, CornerRadius::same(2), ui.visuals().faint_bg_color);
    for (at, Bar { mean, class }) in bars.into_iter().enumerate() {
        let left = area.left() + at as f32 * column;
        let across = left + 0.12 * column..=left + 0.88 * column;
        let colour = match class {
            Some(class) if class == measures.prediction() => colours.accent,
            Some(_) => colours.accent.gamma_multiply(0.55),
            None => colours.faint,
        };
        let bar = Rect::from_x_y_ranges(across.clone(), area.bottom() - mean * area.height()..=area.bottom());
        painter.rect_filled(bar, CornerRadius::ZERO, colour);
        if class.is_some() && label == class {
            painter.hline(across, area.bottom() + 2.0, Stroke::new(2.0, colours.second));
        }
    }
}

/// Room for the numbers beside a name.
const NUMBERS: f32 = 38.0;

/// Label and, where it is another, answer; entropy and mutual information.
fn captions_ui(
    ui: &Ui,
    at: Pos2,
    width: f32,
    (classes, label): (&Classes, Option<Class>),
    measures: &Measures,
) {
    let colours = theme::palette(ui.visuals());
    let font = FontId::proportional(CAPTION_SIZE);
    let (prediction, arrow) = (measures.prediction(), ICON_ARROW_RIGHT_ALT.codepoint);
    let says = classes.name(prediction);
    let (text, colour) = match label {
        Some(label) if label == prediction => (says.to_owned(), ui.visuals().text_color()),
        Some(label) => (format!("{}{arrow}{says}", classes.name(label)), colours.wrong),
        None => (format!("{arrow}{says}"), ui.visuals().text_color()),
    };
    let painter = ui.painter();
    let room = if classes.are_numbers() { width } else { (width - NUMBERS).max(20.0) };
    let text = fitted(painter, &text, &font, room);
    let said = painter.text(at, Align2::LEFT_TOP, text, font.clone(), colour);
    let entropy = format!("H {:.2}", measures.predictive_entropy);
    let numbers = painter.layout_no_wrap(entropy.clone(), font.clone(), colours.weak).size().x;
    // Where there is no room for it beside the answer, entropy takes the place of the mutual information.
    let lines = if said.width() + 4.0 + numbers <= width {
        vec![(0_u8, entropy), (1, format!("MI {:.2}", measures.mutual_information))]
    } else {
        vec![(1, entropy)]
    };
    for (line, text) in lines {
        let place = at + Vec2::new(width, 13.0 * f32::from(line));
        painter.text(place, Align2::RIGHT_TOP, text, font.clone(), colours.weak);
    }
}

fn hover_ui(ui: &mut Ui, classes: &Classes, image: &FilmedImage, measures: &Measures) {
    ui.set_max_width(380.0);
    ui.strong(&image.name);
    if let Some(label) = image.label {
        ui.label(format!("label {}", classes.name(label)));
    }
    for class in measures.by_probability().into_iter().map(usize::from).take(3) {
        ui.label(format!(
            "{}   {}   {} of {} passes",
            classes.name(class as Class),
            wording::percent(measures.mean[class]),
            measures.votes[class],
            measures.passes
        ));
    }
    let with = |value, error| wording::with_error(value, Some(error));
    ui.label(format!("H {} nats", with(measures.predictive_entropy, measures.predictive_entropy_se)));
    ui.label(format!("MI {} nats", with(measures.mutual_information, measures.mutual_information_se)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::Statistics;

    /// Measures of one pass with these probabilities.
    fn of(probabilities: &[f32]) -> Measures {
        let probability = probabilities.iter().map(|share| f64::from(*share)).collect();
        Measures::new(&Statistics { passes: 1, probability, ..Statistics::zero(probabilities.len()) })
    }

    #[test]
    fn ten_classes_have_a_bar_each_in_their_order() {
        let shares: Vec<f32> = (1..=10_u8).map(|class| f32::from(class) / 55.0).collect();
        let bars = bars(&of(&shares));
        assert_eq!(
            bars.iter().map(|bar| bar.class).collect::<Vec<_>>(),
            (0..10).map(Some).collect::<Vec<_>>()
        );
        assert!(bars.iter().zip(&shares).all(|(bar, share)| (bar.mean - share).abs() < 1e-6));
    }

    #[test]
    fn of_many_classes_the_likeliest_come_first_and_the_others_together_last() {
        let mut shares = vec![0.4 / 998.0; 1000];
        (shares[700], shares[3]) = (0.35, 0.25);
        let bars = bars(&of(&shares));
        assert_eq!((bars.len(), bars[0].class, bars[1].class, bars[9].class), (10, Some(700), Some(3), None));
        let sum: f32 = bars.iter().map(|bar| bar.mean).sum();
        assert!((sum - 1.0).abs() < 1e-5 && bars[9].mean > 0.39, "{bars:?}");
    }
}
