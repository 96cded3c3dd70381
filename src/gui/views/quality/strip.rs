//! Small images in rows: those the pointer is on, and shelves of failures.

use egui::{Align2, CornerRadius, FontId, Rect, RichText, Sense, Stroke, StrokeKind, Ui, Vec2};

use super::data::{Answers, QualityData};
use crate::data::Digits;
use crate::gui::action::{Action, InspectorAction, QualityAction};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::theme;
use crate::gui::views::menu::image_menu_ui;
use crate::shown::subject::Origin;
use crate::wording;

/// Width and height of an image in points.
const SIZE: f32 = 44.0;
const PITCH: Vec2 = Vec2::new(SIZE + 6.0, SIZE + 18.0);

/// An image to show.
pub(super) struct StripCard {
    pub(super) index: u32,
    pub(super) caption: String,
    /// What a screen reader says.
    pub(super) name: String,
    pub(super) wrong: bool,
}

/// The images that cards can show, with their thumbnails.
pub(super) struct Deck<'a> {
    /// The images.
    pub(super) digits: &'a Digits,
    /// Their thumbnails.
    pub(super) atlas: &'a mut Atlas,
    /// The origin of an image of that index.
    pub(super) origin: fn(u32) -> Origin,
}

/// As many cards as fit into this many rows. A click shows the image in the inspector, a right click a menu.
pub(super) fn cards_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    deck: &mut Deck<'_>,
    cards: impl Iterator<Item = StripCard>,
    rows: usize,
    answers: &mut Answers<'_>,
) {
    let columns = ((ui.available_width() / PITCH.x) as usize).max(1);
    let colours = theme::palette(ui.visuals());
    let cards: Vec<StripCard> = cards.take(columns * rows).collect();
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
        let origin = (deck.origin)(card.index);
        let response = ui.interact(image, ui.scope_id().with(("card", origin, place)), Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &card.name));
        ui.painter().rect_filled(image, CornerRadius::same(2), colours.paper);
        let lit = data.highlight.map(|highlight| match origin {
            Origin::Foreign(index) => highlight.outside(index),
            _ => highlight.inside(card.index),
        });
        if let Some((texture, part)) = deck.atlas.cell(ui.ctx(), deck.digits, card.index) {
            let ink = if lit == Some(false) { colours.ink.gamma_multiply(0.3) } else { colours.ink };
            thumbnails.add(texture, part, image, ink);
        }
        let stroke = if data.is_chosen(origin) {
            Stroke::new(2.5, colours.accent)
        } else if response.hovered() || response.has_focus() {
            Stroke::new(1.5, colours.ink)
        } else if lit == Some(true) {
            Stroke::new(2.0, colours.second)
        } else if card.wrong {
            Stroke::new(1.5, colours.wrong)
        } else {
            Stroke::new(1.0, colours.faint)
        };
        ui.painter().rect_stroke(image, CornerRadius::same(2), stroke, StrokeKind::Outside);
        ui.painter().text(
            image.center_bottom() + Vec2::new(0.0, 2.0),
            Align2::CENTER_TOP,
            &card.caption,
            FontId::proportional(10.5),
            if card.wrong { colours.wrong } else { colours.weak },
        );
        if response.clicked() {
            answers.actions.push(Action::Inspector(InspectorAction::LookAt(origin)));
        }
        response.context_menu(|ui| image_menu_ui(ui, origin, answers.actions));
        response.on_hover_text(&card.name);
    }
    thumbnails.paint(ui.painter());
}

/// What a digit's card says: `4`, or `4→9` when it is taken for another.
pub(super) fn digit_card(data: &QualityData<'_>, index: u32) -> StripCard {
    let label = data.digits.labels()[index as usize];
    let prediction = data
        .state
        .view
        .as_ref()
        .and_then(|view| view.measures.get(index as usize))
        .map_or(label, crate::uncertainty::Measures::prediction);
    if label == prediction {
        StripCard {
            index,
            caption: label.to_string(),
            name: format!("Image {index}, label {label}"),
            wrong: false,
        }
    } else {
        StripCard {
            index,
            caption: format!("{label} as {prediction}"),
            name: format!("Image {index}, label {label}, predicted {prediction}"),
            wrong: true,
        }
    }
}

/// What a foreign image's card says: what it is taken for and how surely.
pub(super) fn foreign_card(data: &QualityData<'_>, index: u32) -> Option<StripCard> {
    let measures = data.foreign?.measures.get(index as usize)?;
    let (prediction, confidence) = (measures.prediction(), measures.confidence);
    Some(StripCard {
        index,
        caption: format!("{prediction}: {:.0} %", confidence * 100.0),
        name: format!("Foreign image {index}, taken for {prediction} with confidence {confidence:.3}"),
        wrong: false,
    })
}

/// The images the pointer is on; those selected when it is on none. `decks` are of digits and of foreign images.
pub(super) fn strip_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    digits: &mut Deck<'_>,
    foreign: Option<&mut Deck<'_>>,
    answers: &mut Answers<'_>,
) {
    // Always the same height, so that nothing jumps when the pointer moves.
    ui.set_height(PITCH.y + 26.0);
    let Some(highlight) = data.highlight else {
        let set = &data.selected.set;
        if set.is_empty() {
            ui.horizontal(|ui| {
                ui.label(RichText::new("Wrong, the most certain first").strong());
                ui.weak("Point at a bar, a cell or a row to see its images; a click selects them.");
            });
            let wrong = data.state.view.iter().flat_map(|view| &view.risks[data.state.detector()].wrong);
            let wrong = wrong.map(|index| digit_card(data, *index));
            cards_ui(ui, data, digits, wrong, 1, answers);
        } else {
            ui.horizontal(|ui| {
                let text = format!("Selected: {}", wording::count(set.len(), "image"));
                ui.label(RichText::new(text).strong());
                let hint = "Show the selected images, and no others, in the gallery";
                if ui.small_button("Show in the gallery").on_hover_text(hint).clicked() {
                    answers.push(QualityAction::ShowSelected);
                }
            });
            let cards = set.iter().map(|index| digit_card(data, index));
            cards_ui(ui, data, digits, cards, 1, answers);
        }
        return;
    };
    let mut title = format!("{}: {}", highlight.name, wording::count(highlight.digits().len(), "image"));
    if !highlight.foreign().is_empty() {
        let foreign = wording::thousands(highlight.foreign().len() as u64);
        title = format!("{title} and {foreign} foreign");
    }
    ui.label(RichText::new(title).strong());
    match foreign {
        Some(foreign) if !highlight.foreign().is_empty() => {
            ui.columns(2, |columns| {
                let cards = highlight.digits().iter().map(|index| digit_card(data, *index));
                cards_ui(&mut columns[0], data, digits, cards, 1, answers);
                let cards = highlight.foreign().iter().filter_map(|index| foreign_card(data, *index));
                cards_ui(&mut columns[1], data, foreign, cards, 1, answers);
            });
        }
        _ => {
            let cards = highlight.digits().iter().map(|index| digit_card(data, *index));
            cards_ui(ui, data, digits, cards, 1, answers);
        }
    }
}
