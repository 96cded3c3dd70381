//! Marks: what is said of the image looked at, and the strip that leads through a queue.

use egui::{Align2, Color32, CornerRadius, FontId, Pos2, Rect, RichText, Ui, Vec2};

use crate::data::marks::{Mark, Review, Tally};
use crate::data::{Class, Classes};
use crate::gui::action::{Action, FileAction, FilePurpose, MarksAction};
use crate::gui::command::MARKS;
use crate::gui::panel::marks::{MarksPanel, Queue, limit_name};
use crate::gui::theme::{self, Palette};
use crate::gui::views::class_choice::{ClassChoice, MOST_BUTTONS, class_choice_ui};
use crate::gui::views::names::{fitted, width_of};
use crate::wording;

/// The letter and colour of a mark: that of its key, so that a badge teaches it.
fn sign(mark: Mark, colours: &Palette) -> (char, Color32) {
    match mark {
        Mark::WrongLabel { .. } => ('W', colours.wrong),
        Mark::Ambiguous => ('U', colours.second),
        Mark::BadImage => ('X', colours.warning),
        Mark::Fine => ('F', colours.right),
    }
}

/// Draws what is said of an image into its upper left corner: `W` or, with the right label, `W7`, `W Shirt`.
pub fn badge(ui: &Ui, image: Rect, review: Review, labels: &Classes) {
    let Some(mark) = review.mark() else { return };
    let (letter, colour) = sign(mark, &theme::palette(ui.visuals()));
    let height = (0.3 * image.width()).clamp(11.0, 20.0);
    let painter = ui.painter();
    let (text, font) = match review.new_label() {
        Some(label) if !labels.are_numbers() => {
            let font = FontId::proportional(10.5);
            let text = format!("{letter} {}", labels.name(label));
            (fitted(painter, &text, &font, image.width() - 6.0), font)
        }
        Some(label) => (format!("{letter}{label}"), FontId::proportional(0.8 * height)),
        None => (letter.to_string(), FontId::proportional(0.8 * height)),
    };
    let width = (width_of(painter, &text, &font) + 6.0).max(0.9 * height);
    let place = Rect::from_min_size(image.min, Vec2::new(width, height));
    painter.rect_filled(place, CornerRadius { nw: 2, ne: 0, sw: 0, se: 4 }, colour);
    let ink = if ui.visuals().dark_mode { Color32::BLACK } else { Color32::WHITE };
    painter.text(place.center(), Align2::CENTER_CENTER, text, font, ink);
}

/// Draws what is said of an image beside its place on a plot.
pub fn pin(ui: &Ui, at: Pos2, review: Review) {
    let Some(mark) = review.mark() else { return };
    let (letter, colour) = sign(mark, &theme::palette(ui.visuals()));
    // On a plate of its own: dots and shades lie behind it.
    let plate = Rect::from_min_size(at + Vec2::new(3.0, -16.0), Vec2::splat(13.0));
    let ink = if ui.visuals().dark_mode { Color32::BLACK } else { Color32::WHITE };
    ui.painter().rect_filled(plate, CornerRadius::same(2), colour);
    ui.painter().text(plate.center(), Align2::CENTER_CENTER, letter, FontId::proportional(11.0), ink);
}

/// Draws the marks an image can be given, that it has on; and, for a wrong label, the digits that could be right.
pub fn marks_ui(
    ui: &mut Ui,
    review: Review,
    (labels, label): (&Classes, Class),
    waits: bool,
    actions: &mut Vec<Action>,
) {
    let colours = theme::palette(ui.visuals());
    let mut act = |action| actions.push(Action::Marks(action));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (name, key, mark) in MARKS {
            let on = match (review.mark(), mark) {
                (Some(Mark::WrongLabel { .. }), Mark::WrongLabel { .. }) => true,
                (said, mark) => said == Some(mark),
            };
            let button = egui::Button::selectable(on, RichText::new(name).small()).frame_when_inactive(true);
            let hint = if on {
                format!("{name}: click to take it back (Backspace)")
            } else {
                format!("{name} (key {})", key.symbol_or_name())
            };
            if ui.add(button).on_hover_text(hint).clicked() {
                act(if on { MarksAction::Clear } else { MarksAction::Set(mark) });
            }
        }
    });
    if matches!(review.mark(), Some(Mark::WrongLabel { .. })) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let text = match waits {
                true if labels.len() == 10 => "Right label? (0–9)",
                true => "Right label?",
                false => "Right label",
            };
            let colour = if waits { colours.accent } else { colours.weak };
            ui.label(RichText::new(text).small().color(colour));
            let mut say = |class| {
                act(MarksAction::Set(Mark::WrongLabel { new_label: None }));
                act(MarksAction::NewLabel(class));
            };
            if labels.len() > MOST_BUTTONS {
                let chosen = review.new_label();
                let choice = ClassChoice {
                    name: "Right label",
                    classes: labels,
                    chosen,
                    none: "Choose…",
                    counts: None,
                };
                if let Some(class) = class_choice_ui(ui, &choice, 150.0) {
                    say(class);
                }
                return;
            }
            for digit in labels.iter().filter(|digit| *digit != label) {
                let name = labels.name(digit);
                let on = review.new_label() == Some(digit);
                // The key that says so, where the name does not give it away.
                let text = if waits && !labels.are_numbers() && digit < 10 {
                    format!("{digit} {name}")
                } else {
                    name.to_owned()
                };
                let button = egui::Button::selectable(on, RichText::new(text).small());
                let response = ui.add(button);
                response.widget_info(|| {
                    egui::WidgetInfo::selected(egui::Role::Button, true, on, format!("Right label {name}"))
                });
                if response.on_hover_text(format!("Its label should be {name}")).clicked() {
                    say(digit);
                }
            }
        });
    }
}

/// Draws how many images were marked how, each a way to see only those, and the way into a review. `only` is the name of
/// what the gallery is limited to.
pub fn marked_ui(ui: &mut Ui, tally: Tally, only: Option<&str>, actions: &mut Vec<Action>) {
    let mut act = |action| actions.push(Action::Marks(action));
    let hint = "Look at the images shown one after the other, from the first that nobody looked at, and mark each with \
                a key (V)";
    if ui.button("Review these images").on_hover_text(hint).clicked() {
        act(MarksAction::Review);
    }
    let counts = [tally.wrong, tally.ambiguous, tally.bad, tally.fine];
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for ((name, _, mark), count) in MARKS.into_iter().zip(counts) {
            if count > 0 {
                let text = format!("{} {}", wording::thousands(count as u64), Review::Marked(mark).word());
                let hint = format!("Show only the images marked: {}", name.to_lowercase());
                let chosen = only == Some(&*limit_name(mark));
                let button = egui::Button::selectable(chosen, RichText::new(text).small());
                if ui.add(button.frame_when_inactive(true)).on_hover_text(hint).clicked() {
                    act(MarksAction::ShowOnly(mark));
                }
            }
        }
    });
    let passed_over = tally.seen.saturating_sub(counts.iter().sum());
    if passed_over > 0 {
        ui.weak(RichText::new(format!("{} passed over", wording::count(passed_over, "image"))).small());
    }
}

/// Draws the strip of a queue: where one is, how far one has come, and the way on, back and out.
pub fn review_ui(ui: &mut Ui, queue: &Queue, state: &MarksPanel, actions: &mut Vec<Action>) {
    let mut export = false;
    let mut act = |action| actions.push(Action::Marks(action));
    ui.add_space(2.0);
    ui.horizontal(|ui| {
        ui.strong("Review").on_hover_text("Mark each image with a key; the next one follows by itself");
        ui.label(format!("{} · {} · now {}", queue.name, queue.progress, queue.at + 1));
        if state.waits.is_some() {
            ui.label(RichText::new("press the right digit; Esc leaves it open").strong());
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.button("Leave").on_hover_text("Leave the review; all marks stay").clicked() {
                act(MarksAction::LeaveReview);
            }
            let hint = "Write what you found so far as a table (CSV): every image looked at, with its mark";
            if ui.button("Export marks…").on_hover_text(hint).clicked() {
                export = true;
            }
            let hint = "On without a mark (key .): the image counts as looked at, and is “seen” in an export";
            if ui.button("Pass over (.)").on_hover_text(hint).clicked() {
                act(MarksAction::Next);
            }
            if ui.button("Back (,)").on_hover_text("Back to the image before (key ,)").clicked() {
                act(MarksAction::Previous);
            }
            let keys =
                MARKS.map(|(name, key, _)| format!("{} {}", key.symbol_or_name(), name.to_lowercase()));
            if ui.available_width() > 340.0 {
                ui.weak(keys.join(" · "));
            }
        });
    });
    if export {
        actions.push(Action::File(FileAction::Ask(FilePurpose::ExportMarks)));
    }
    ui.add_space(2.0);
}
