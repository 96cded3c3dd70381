//! Small images in rows under a view: those the pointer is on, those selected, shelves of failures.

use egui::{Align2, CornerRadius, FontId, Rect, Sense, Stroke, StrokeKind, Ui, Vec2};

use super::menu::image_menu_ui;
use crate::data::{Class, ClassNames, Digits, UNLABELLED};
use crate::gui::action::{Action, InspectorAction};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::shared::Selected;
use crate::gui::theme;
use crate::gui::views::names::fitted;
use crate::shown::highlight::Highlight;
use crate::shown::subject::Origin;

/// Width and height of an image in points.
const SIZE: f32 = 44.0;
pub(super) const PITCH: Vec2 = Vec2::new(SIZE + 6.0, SIZE + 18.0);

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

/// Which images stand out.
#[derive(Clone, Copy)]
pub(super) struct Lights<'a> {
    /// The images lit up.
    pub(super) highlight: Option<&'a Highlight>,
    /// What is selected.
    pub(super) selected: &'a Selected,
    /// The image in the inspector.
    pub(super) inspected: Option<Origin>,
}

impl Lights<'_> {
    /// Whether an image is selected or in the inspector.
    fn is_chosen(&self, origin: Origin) -> bool {
        let among = matches!(origin, Origin::Dataset(index) if self.selected.set.contains(index));
        among || self.inspected == Some(origin)
    }
}

/// What a digit's card says: `4`, or `4 as 9` when it is taken for another.
pub(super) fn digit_card(names: &ClassNames, index: u32, label: Class, prediction: Class) -> StripCard {
    let (named, labelled) = (names.labels.name(label), label != UNLABELLED);
    if label == prediction && names.agree() {
        StripCard {
            index,
            caption: named.to_owned(),
            name: format!("Image {index}, label {named}"),
            wrong: false,
        }
    } else {
        let answer = names.answers.name(prediction);
        StripCard {
            index,
            // Of two names there is room for the one that is the mistake.
            caption: if names.are_digits() && labelled {
                format!("{named} as {answer}")
            } else {
                format!("as {answer}")
            },
            name: format!("Image {index}, label {named}, predicted {answer}"),
            wrong: names.agree() && labelled,
        }
    }
}

/// As many cards as fit into this many rows. A click shows the image in the inspector, a right click a menu.
pub(super) fn cards_ui(
    ui: &mut Ui,
    lights: &Lights<'_>,
    deck: &mut Deck<'_>,
    cards: impl Iterator<Item = StripCard>,
    rows: usize,
    actions: &mut Vec<Action>,
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
        let [paper, ink] = theme::on_paper(ui);
        ui.painter().rect_filled(image, CornerRadius::same(2), paper);
        let lit = lights.highlight.map(|highlight| match origin {
            Origin::Foreign(index) => highlight.outside(index),
            _ => highlight.inside(card.index),
        });
        if let Some(picture) = deck.atlas.cell(ui.ctx(), deck.digits, card.index) {
            let ink = if lit == Some(false) { ink.gamma_multiply(0.3) } else { ink };
            thumbnails.add(picture, image, ink);
        }
        let stroke = if lights.is_chosen(origin) {
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
            fitted(ui.painter(), &card.caption, &FontId::proportional(10.5), PITCH.x - 3.0),
            FontId::proportional(10.5),
            if card.wrong { colours.wrong } else { colours.weak },
        );
        if response.clicked() {
            actions.push(Action::Inspector(InspectorAction::LookAt(origin)));
        }
        response.context_menu(|ui| image_menu_ui(ui, origin, actions));
        response.on_hover_text(&card.name);
    }
    thumbnails.paint(ui.painter());
}
