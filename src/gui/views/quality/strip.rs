//! Small images under the quality view: those the pointer is on, those selected.

use egui::{RichText, Ui};

use super::data::{Answers, QualityData};
use crate::data::ClassNames;
use crate::gui::action::QualityAction;
use crate::gui::views::strip::{self, PITCH};
use crate::wording;

pub(super) use crate::gui::views::strip::{Deck, StripCard};

/// As many cards as fit into this many rows. A click shows the image in the inspector, a right click a menu.
pub(super) fn cards_ui(
    ui: &mut Ui,
    data: &QualityData<'_>,
    deck: &mut Deck<'_>,
    cards: impl Iterator<Item = StripCard>,
    rows: usize,
    answers: &mut Answers<'_>,
) {
    strip::cards_ui(ui, &data.lights(), deck, cards, rows, answers.actions);
}

/// The card of a digit of the dataset.
pub(super) fn digit_card(data: &QualityData<'_>, index: u32) -> StripCard {
    let label = data.digits.labels()[index as usize];
    let view = data.state.view.as_ref();
    let measures = view.and_then(|view| view.measures.get(index as usize));
    let unknown = ClassNames::default();
    let names = view.map_or(&unknown, |view| &view.names);
    strip::digit_card(names, index, label, measures.map_or(label, crate::uncertainty::Measures::prediction))
}

/// What a foreign image's card says: what it is taken for and how surely.
pub(super) fn foreign_card(data: &QualityData<'_>, index: u32) -> Option<StripCard> {
    let foreign = data.foreign?;
    let measures = foreign.measures.get(index as usize)?;
    let (prediction, confidence) = (foreign.answers.name(measures.prediction()), measures.confidence);
    Some(StripCard {
        index,
        caption: caption(foreign.answers.are_numbers(), prediction, confidence),
        name: format!("Foreign image {index}, taken for {prediction} with confidence {confidence:.3}"),
        wrong: false,
    })
}

/// What an image is taken for and how surely: of a name that is longer than there is room for, the number stays.
fn caption(are_numbers: bool, prediction: &str, confidence: f32) -> String {
    let share = format!("{:.0} %", confidence * 100.0);
    if are_numbers { format!("{prediction}: {share}") } else { format!("{share} {prediction}") }
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
        if set.is_empty() && data.state.view.as_ref().is_some_and(|view| !view.judged) {
            ui.weak("Images that are pointed at or selected are shown here.");
        } else if set.is_empty() {
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
