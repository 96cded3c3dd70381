//! One card of the gallery: the image, its label and prediction, its measure, and how firm its place is.

use egui::{
    Align2, Color32, CornerRadius, FontId, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2,
};
use egui_material_icons::icons::ICON_ARROW_RIGHT_ALT;

use crate::data::{Class, ClassNames};
use crate::gui::action::{Action, GalleryAction, Pick};
use crate::gui::atlas::{Atlas, Thumbnails};
use crate::gui::shared::Selected;
use crate::gui::theme::{self, CAPTION_FROM, CAPTION_SIZE, Palette};
use crate::gui::views::names::{fitted, width_of};
use crate::gui::views::readout;
use crate::sampling::design::QUARTET;
use crate::shown::GalleryView;
use crate::shown::subnetwork::number;
use crate::uncertainty::places::{Parting, is_open, is_skewed, parting_from_neighbours};
use crate::uncertainty::{Measure, Measures};
use crate::wording;

use super::data::{GalleryData, menu_ui};

/// More passes than this are not worth naming.
const MOST_PASSES: u64 = 100_000;

/// Where a card stands among those of its section, counted from 1 at the section's end of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Its place in the whole order, from 0, the most uncertain first.
    pub(super) rank: usize,
    /// Its number.
    pub(super) number: usize,
    /// Images in the order.
    pub(super) of: usize,
    /// Whether it is counted from the most certain.
    pub(super) from_certain: bool,
    /// The smallest and the largest number it could equally well have; `None` where that is not known.
    pub(super) span: Option<[usize; 2]>,
    /// Whether its section shows only one end of the order.
    pub(super) half: bool,
    /// Whether noise leaves open what its place suggests.
    pub(super) open: bool,
}

impl Standing {
    /// The standing of the card at a position of a section.
    pub(super) fn new(view: &GalleryView, shown: usize, position: usize, from_certain: bool) -> Self {
        let of = view.ranked.order.len();
        let half = shown < of;
        let rank = if from_certain { of - 1 - position } else { position };
        let places = view.ranked.spans.get(rank).map(|&[first, last]| {
            let end = of as u32 - 1;
            if from_certain { [end - last, end - first] } else { [first, last] }
        });
        let open = places.is_some_and(|places| is_open(places, shown, of));
        let span = places.map(|places| places.map(|place| place as usize + 1));
        Self { rank, number: position + 1, of, from_certain, span, half, open }
    }

    /// `No. 3 of 982, the least certain first · could be No. 1–7`.
    fn words(&self, skewed: bool) -> String {
        let end = if self.from_certain { "most certain" } else { "least certain" };
        let of = wording::thousands(self.of as u64);
        let text = format!("No. {} of {of}, the {end} first", wording::thousands(self.number as u64));
        match self.span {
            None => text,
            Some([first, last]) if first == last => format!("{text} · firm"),
            Some(span) => {
                let [first, last] = span.map(|number| wording::thousands(number as u64));
                let at_least = if skewed { "at least " } else { "" };
                format!("{text} · could be {at_least}No. {first}–{last}")
            }
        }
    }
}

/// What more passes would do for its place, in words.
fn need(parting: Parting, passes: u32) -> String {
    match parting {
        Parting::Passes(needed) if needed <= u64::from(passes) => {
            format!("Apart from its neighbours at T = {passes}")
        }
        Parting::Passes(needed) if needed > MOST_PASSES => {
            format!("Needs more than T = {} to tell it from its neighbours", wording::thousands(MOST_PASSES))
        }
        Parting::Passes(needed) => {
            let digits = 10_u64.pow(needed.ilog10().saturating_sub(1));
            let about = wording::thousands(needed.div_ceil(digits) * digits);
            format!("Needs about T = {about} to tell it from its neighbours")
        }
        Parting::Equal => "Equal to a neighbour so far: only more passes can tell them apart".to_owned(),
        Parting::Unknown if passes < 2 => {
            "One pass has no spread: there is no telling how firm its place is".to_owned()
        }
        Parting::Unknown if passes <= QUARTET as u32 => {
            "Up to four balanced passes are one draw: there is no telling how firm its place is".to_owned()
        }
        Parting::Unknown => {
            "No telling how firm its place is: this measure's error needs every pass".to_owned()
        }
        Parting::Never => {
            "All measures equal those of a neighbour: no number of passes tells the two apart".to_owned()
        }
    }
}

/// What one card says.
pub(super) struct GalleryCard<'a> {
    index: u32,
    names: &'a ClassNames,
    /// Its label, where it has one.
    label: Option<Class>,
    prediction: Class,
    /// What the mean of all passes says, where a sub-network says something else.
    mean: Option<Class>,
    measures: &'a Measures,
    value: f32,
    standing: Standing,
}

impl<'a> GalleryCard<'a> {
    pub(super) fn new(view: &'a GalleryView, data: &GalleryData<'_>, standing: Standing) -> Self {
        let index = view.ranked.order[standing.rank];
        let measures = &view.measures[index as usize];
        let label = data.digits.label(index);
        let mean = measures.prediction();
        let prediction = data.subnetwork.map_or(mean, |one| one.votes[index as usize]);
        Self {
            index,
            names: &view.names,
            label,
            prediction,
            mean: (prediction != mean).then_some(mean),
            measures,
            value: view.query.measure.value(measures, view.compared(label)),
            standing,
        }
    }

    pub(super) fn index(&self) -> u32 {
        self.index
    }

    /// Whether the answer is not the label's name: where network and labels have other classes, always.
    fn differs(&self) -> bool {
        self.label != Some(self.prediction) || !self.names.agree()
    }

    /// Whether the answer is wrong: never where it cannot be right.
    fn wrong(&self) -> bool {
        self.names.agree() && self.label.is_some_and(|label| label != self.prediction)
    }

    /// What its label is called.
    fn labelled(&self) -> &'a str {
        self.label.map_or("none", |label| self.names.labels.name(label))
    }

    /// What the answer is called.
    fn answered(&self) -> &'a str {
        self.names.answers.name(self.prediction)
    }

    /// What a screen reader says.
    fn name(&self) -> String {
        let (index, label, answer) = (self.index, self.labelled(), self.answered());
        if let Some(mean) = self.mean {
            let mean = self.names.answers.name(mean);
            format!("Image {index}, label {label}, sub-network says {answer}, the mean {mean}")
        } else if self.differs() {
            format!("Image {index}, label {label}, predicted {answer}")
        } else {
            format!("Image {index}, label {label}")
        }
    }
}

pub(super) fn card_ui(
    ui: &mut Ui,
    card: &GalleryCard<'_>,
    place: Rect,
    data: &GalleryData<'_>,
    view: &GalleryView,
    (atlas, thumbnails): (&mut Atlas, &mut Thumbnails),
    actions: &mut Vec<Action>,
) -> Option<Badge> {
    let colours = theme::palette(ui.visuals());
    let response =
        ui.interact(place, ui.scope_id().with(("card", place.min.y as i64, card.index)), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, card.name()));
    let image = Rect::from_min_size(place.min, Vec2::splat(data.zoom));
    let lit = data.highlight.map(|highlight| highlight.inside(card.index));
    let painter = ui.painter();
    let [paper, ink] = theme::on_paper(ui);
    painter.rect_filled(image, CornerRadius::same(2), paper);
    if let Some(picture) = atlas.cell(ui.ctx(), data.digits, card.index) {
        let ink = if data.stale { ink.gamma_multiply(0.55) } else { ink };
        let ink = if lit == Some(false) { ink.gamma_multiply(0.3) } else { ink };
        thumbnails.add(picture, image, ink);
    }
    let (width, colour) = frame(card, &response, data.selected, &colours);
    painter.rect_stroke(image, CornerRadius::same(2), Stroke::new(width, colour), StrokeKind::Outside);
    if data.selected.contains(card.index) && card.wrong() {
        // That it is wrong is seen within the border that says it is selected.
        let inner = Stroke::new(1.5, colours.wrong);
        painter.rect_stroke(image, CornerRadius::same(2), inner, StrokeKind::Inside);
    }
    if lit == Some(true) {
        let ring = Stroke::new(2.0, colours.second);
        painter.rect_stroke(image.expand(2.0), CornerRadius::same(4), ring, StrokeKind::Outside);
    }
    if data.zoom >= CAPTION_FROM {
        caption(ui, card, image, &colours);
    }
    if response.clicked() {
        let pick = ui.input(|input| match input.modifiers {
            modifiers if modifiers.command => Pick::Toggle,
            modifiers if modifiers.shift => Pick::Extend,
            _ => Pick::Only,
        });
        actions.push(Action::Gallery(GalleryAction::Select(card.index, pick)));
    }
    response.context_menu(|ui| menu_ui(ui, card.index, data.selected, actions));
    readout::say_of(&response, || spoken(card, view));
    if response.hovered() {
        response.on_hover_ui_at_pointer(|ui| hover_ui(ui, card, view, data));
    }
    card.mean.map(|_| Badge { image, says: card.answered().to_owned() })
}

/// What a dissenting sub-network says, in a corner of the image: painted on top once all images are drawn.
pub(super) struct Badge {
    image: Rect,
    says: String,
}

impl Badge {
    pub(super) fn paint(&self, ui: &Ui) {
        let colours = theme::palette(ui.visuals());
        let size = (0.3 * self.image.width()).clamp(12.0, 22.0);
        let corner = self.image.right_top();
        let painter = ui.painter();
        let long = self.says.chars().count() > 1;
        let font = FontId::proportional(if long { 10.5 } else { 0.82 * size });
        let says = fitted(painter, &self.says, &font, self.image.width() - 6.0);
        let width = if long { width_of(painter, &says, &font) + 6.0 } else { size };
        let place =
            Rect::from_min_max(Pos2::new(corner.x - width, corner.y), Pos2::new(corner.x, corner.y + size));
        painter.rect_filled(place, CornerRadius { nw: 0, ne: 2, sw: 4, se: 0 }, colours.second);
        let text = if ui.visuals().dark_mode { Color32::BLACK } else { Color32::WHITE };
        painter.text(place.center(), Align2::CENTER_CENTER, says, font, text);
    }
}

fn frame(
    card: &GalleryCard<'_>,
    response: &Response,
    selected: &Selected,
    colours: &Palette,
) -> (f32, Color32) {
    if selected.contains(card.index) {
        (if selected.primary == Some(card.index) { 3.0 } else { 2.0 }, colours.accent)
    } else if response.hovered() || response.has_focus() {
        (1.5, colours.ink)
    } else if card.wrong() {
        (1.5, colours.wrong)
    } else {
        (1.0, colours.faint)
    }
}

/// Between a name and the number beside it, in points.
const GAP: f32 = 4.0;

fn caption(ui: &Ui, card: &GalleryCard<'_>, image: Rect, colours: &Palette) {
    let painter = ui.painter();
    let font = FontId::proportional(CAPTION_SIZE);
    let base = image.bottom() + 3.0;
    let plain = ui.visuals().text_color();
    let colour = if card.wrong() { colours.wrong } else { plain };
    let text = if card.differs() {
        // The answer says more than the label, and for both names there is no room.
        let label = if card.names.are_digits() && card.label.is_some() { card.labelled() } else { "" };
        format!("{label}{}{}", ICON_ARROW_RIGHT_ALT.codepoint, card.answered())
    } else {
        card.labelled().to_owned()
    };
    // Leave room for label and prediction on the left: one decimal less on a narrow card.
    let value = wording::short(card.value, if image.width() < 72.0 { 2 } else { 3 });
    // A minus as typeset elsewhere; that of an exponent stays.
    let value = value.strip_prefix('-').map_or_else(|| value.clone(), |size| format!("−{size}"));
    let value = if card.standing.open { format!("≈{value}") } else { value };
    let room = image.width() - width_of(painter, &value, &font) - GAP;
    let text = if card.names.are_digits() { text } else { fitted(painter, &text, &font, room) };
    painter.text(Pos2::new(image.left(), base), Align2::LEFT_TOP, text, font.clone(), colour);
    painter.text(Pos2::new(image.right(), base), Align2::RIGHT_TOP, value, font, colours.weak);
}

/// Label, the two likeliest classes and the measure sorted by, for the read-out.
fn spoken(card: &GalleryCard<'_>, view: &GalleryView) -> String {
    let classes = card.measures.by_probability().into_iter().take(2);
    let classes = classes.map(|class| {
        let name = card.names.answers.name(class);
        format!("{name}: {}", wording::percent(card.measures.mean[usize::from(class)]))
    });
    let measure = view.query.measure;
    format!(
        "#{} · label {} · {} · {} {}",
        card.index,
        card.labelled(),
        classes.collect::<Vec<_>>().join(", "),
        measure.label(),
        wording::short(measure.value(card.measures, view.compared(card.label)), 3)
    )
}

fn hover_ui(ui: &mut Ui, card: &GalleryCard<'_>, view: &GalleryView, data: &GalleryData<'_>) {
    ui.set_max_width(380.0);
    ui.strong(format!("#{} · label {}", card.index, card.labelled()));
    for class in card.measures.by_probability().into_iter().map(usize::from).take(3) {
        ui.label(format!(
            "{}   {}   {} of {} passes",
            card.names.answers.name(class as Class),
            wording::percent(card.measures.mean[class]),
            card.measures.votes[class],
            card.measures.passes
        ));
    }
    if let Some(one) = data.subnetwork {
        let dissent = card.mean.map_or(String::new(), |mean| {
            format!("; the mean of all passes says {}", card.names.answers.name(mean))
        });
        ui.label(format!("Sub-network #{} says {}{dissent}", number(one.pass), card.answered()));
    }
    let (sorted, compared) = (view.query.measure, view.compared(card.label));
    let line = |measure: Measure| {
        let error = measure.standard_error(card.measures, compared);
        let unit = if measure.unit().is_empty() { String::new() } else { format!(" {}", measure.unit()) };
        let value = measure.value(card.measures, compared);
        format!("{} {}{unit}", measure.label(), wording::with_error(value, error))
    };
    ui.label(line(Measure::PredictiveEntropy));
    if sorted != Measure::PredictiveEntropy {
        ui.label(line(sorted));
    }
    let skewed = is_skewed(card.measures, compared, sorted);
    ui.weak(card.standing.words(skewed));
    let order = &view.ranked.order;
    let parting =
        parting_from_neighbours(order, card.standing.rank, &view.measures, data.digits.labels(), sorted);
    if sorted == Measure::LabelSuspicion {
        ui.weak("No telling how firm its place is: this measure has no standard error");
    } else if let Some(parting) = parting {
        ui.weak(need(parting, card.measures.passes));
    }
    if card.standing.open {
        ui.weak(if card.standing.half {
            "≈ within noise an image not shown here could stand in its place"
        } else {
            "≈ its possible places spread over more than a twentieth of the ranking"
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_needed_are_rounded_up_and_capped() {
        let needs = |needed| need(Parting::Passes(needed), 100);
        assert_eq!(needs(1), "Apart from its neighbours at T = 100");
        assert_eq!(needs(769), "Needs about T = 770 to tell it from its neighbours");
        assert_eq!(needs(12_345), "Needs about T = 13,000 to tell it from its neighbours");
        assert_eq!(needs(100_001), "Needs more than T = 100,000 to tell it from its neighbours");
        assert!(need(Parting::Never, 100).contains("no number of passes"));
        assert!(need(Parting::Unknown, 1).contains("One pass has no spread"));
    }
}
