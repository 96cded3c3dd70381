//! Small images in rows: those the pointer is on, and shelves of failures.

use egui::{Align2, CornerRadius, FontId, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2};

use super::{Answers, QualityData};
use crate::data::Digits;
use crate::gui::action::{Action, Pick};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::theme;
use crate::wording;

/// Width and height of an image in points.
const SIZE: f32 = 44.0;
const PITCH: Vec2 = Vec2::new(SIZE + 6.0, SIZE + 18.0);

/// An image to show.
pub(super) struct Card {
    pub(super) index: u32,
    pub(super) caption: String,
    /// What a screen reader says.
    pub(super) name: String,
    pub(super) wrong: bool,
}

/// As many cards as fit into so many rows. Digits (not foreign images) can be selected.
#[allow(clippy::too_many_arguments)]
pub(super) fn cards_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    digits: &Digits,
    atlas: &mut Atlas,
    cards: impl Iterator<Item = Card>,
    rows: usize,
    selectable: bool,
    answers: &mut Answers<'_>,
) {
    let columns = ((ui.available_width() / PITCH.x) as usize).max(1);
    let colours = theme::palette(ui.visuals());
    let cards: Vec<Card> = cards.take(columns * rows).collect();
    let used = cards.len().div_ceil(columns).max(1);
    let size = Vec2::new(ui.available_width(), used as f32 * PITCH.y);
    let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
    let mut thumbnails = Thumbnails::default();
    for (place, card) in cards.iter().enumerate() {
        let corner = whole.min
            + Vec2::new((place % columns) as f32 * PITCH.x, (place / columns) as f32 * PITCH.y)
            + Vec2::splat(2.0);
        let image = Rect::from_min_size(corner, Vec2::splat(SIZE));
        if !ui.is_rect_visible(image) {
            continue;
        }
        let id = ui.scope_id().with(("card", selectable, card.index, place));
        let response = ui.interact(image, id, Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, selectable, &card.name));
        ui.painter().rect_filled(image, CornerRadius::same(2), colours.paper);
        if let Some((texture, part)) = atlas.cell(ui.ctx(), digits, card.index) {
            thumbnails.add(texture, part, image, colours.ink);
        }
        let selected = selectable && data.selected.contains(card.index);
        let (width, colour) = if selected {
            (2.5, colours.accent)
        } else if response.hovered() {
            (1.5, colours.ink)
        } else if card.wrong {
            (1.5, colours.wrong)
        } else {
            (1.0, colours.faint)
        };
        ui.painter().rect_stroke(
            image,
            CornerRadius::same(2),
            Stroke::new(width, colour),
            StrokeKind::Outside,
        );
        ui.painter().text(
            image.center_bottom() + Vec2::new(0.0, 2.0),
            Align2::CENTER_TOP,
            &card.caption,
            FontId::proportional(10.5),
            if card.wrong { colours.wrong } else { colours.weak },
        );
        if response.clicked() && selectable {
            answers.actions.push(Action::Select(card.index, Pick::Only));
        }
        response.on_hover_text(&card.name);
    }
    thumbnails.paint(ui.painter());
}

/// What a digit's card says: `4`, or `4→9` when it is taken for another.
pub(super) fn digit_card(data: &QualityData<'_>, index: u32) -> Card {
    let label = data.digits.labels()[index as usize];
    let prediction = data
        .state
        .view
        .as_ref()
        .and_then(|view| view.measures.get(index as usize))
        .map_or(label, crate::uncertainty::Measures::prediction);
    if label == prediction {
        Card {
            index,
            caption: label.to_string(),
            name: format!("Image {index}, label {label}"),
            wrong: false,
        }
    } else {
        Card {
            index,
            caption: format!("{label} as {prediction}"),
            name: format!("Image {index}, label {label}, predicted {prediction}"),
            wrong: true,
        }
    }
}

/// What a foreign image's card says: what it is taken for and how surely.
pub(super) fn foreign_card(data: &QualityData<'_>, index: u32) -> Option<Card> {
    let measures = data.state.foreign.as_ref()?.measures.get(index as usize)?;
    let (prediction, confidence) = (measures.prediction(), measures.confidence);
    Some(Card {
        index,
        caption: format!("{prediction} {:.0} %", confidence * 100.0),
        name: format!("Foreign image {index}, taken for {prediction} with confidence {confidence:.3}"),
        wrong: false,
    })
}

/// The images the pointer is on; those selected when it is on none.
pub(super) fn strip_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    atlas: &mut Atlas,
    foreign_atlas: &mut Atlas,
    answers: &mut Answers<'_>,
) {
    // Always as high, so that nothing jumps when the pointer moves.
    ui.set_height(PITCH.y + 26.0);
    let Some(highlight) = data.highlight else {
        let set = &data.selected.set;
        if set.is_empty() {
            ui.horizontal(|ui| {
                ui.label(RichText::new("Wrong, the most certain first").strong());
                ui.weak("Point at a bar, a cell or a row to see its images; a click selects them.");
            });
            let order = data.state.view.iter().flat_map(|view| &view.risks[data.state.detector()].order);
            let wrong = order.map(|index| digit_card(data, *index)).filter(|card| card.wrong);
            cards_ui(ui, data, data.digits, atlas, wrong, 1, true, answers);
        } else {
            ui.label(RichText::new(format!("Selected: {}", wording::count(set.len(), "image"))).strong());
            let cards = set.iter().map(|index| digit_card(data, *index));
            cards_ui(ui, data, data.digits, atlas, cards, 1, true, answers);
        }
        return;
    };
    let mut title = format!("{}: {}", highlight.name, wording::count(highlight.digits().len(), "image"));
    if !highlight.foreign().is_empty() {
        let foreign = wording::thousands(highlight.foreign().len() as u64);
        title = format!("{title} and {foreign} foreign");
    }
    ui.label(RichText::new(title).strong());
    match &data.state.foreign {
        Some(foreign) if !highlight.foreign().is_empty() => {
            ui.columns(2, |columns| {
                let cards = highlight.digits().iter().map(|index| digit_card(data, *index));
                cards_ui(&mut columns[0], data, data.digits, atlas, cards, 1, true, answers);
                let cards = highlight.foreign().iter().filter_map(|index| foreign_card(data, *index));
                cards_ui(&mut columns[1], data, &foreign.set.digits, foreign_atlas, cards, 1, false, answers);
            });
        }
        _ => {
            let cards = highlight.digits().iter().map(|index| digit_card(data, *index));
            cards_ui(ui, data, data.digits, atlas, cards, 1, true, answers);
        }
    }
}
