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

/// Draws the marks an image can be given, that it has on; and the labels that could be right where its own is not.
pub fn marks_ui(
    ui: &mut Ui,
    review: Review,
    (labels, label): (&Classes, Class),
    waits: bool,
    actions: &mut Vec<Action>,
) {
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
    // There for every image, so that nothing below it moves when a label is called wrong.
    if let Some(class) = right_label_ui(ui, review, (labels, label), waits) {
        act(MarksAction::Set(Mark::WrongLabel { new_label: None }));
        act(MarksAction::NewLabel(class));
    }
}

/// Draws the labels that could be right instead of its own; returns the one that was chosen just now.
fn right_label_ui(
    ui: &mut Ui,
    review: Review,
    (labels, label): (&Classes, Class),
    waits: bool,
) -> Option<Class> {
    let colours = theme::palette(ui.visuals());
    let question = if labels.len() == 10 { "Right label? (0–9)" } else { "Right label?" };
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let (text, colour) = if waits { (question, colours.accent) } else { ("Right label", colours.weak) };
        // As wide with the question as without it.
        let font = egui::TextStyle::Small.resolve(ui.style());
        let wide = width_of(ui.painter(), question, &font) + 2.0;
        let place = Vec2::new(wide, ui.spacing().interact_size.y);
        ui.allocate_ui_with_layout(place, egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.set_min_width(wide);
            let hint = "What its label should be: choosing it also calls the label wrong";
            ui.label(RichText::new(text).small().color(colour)).on_hover_text(hint);
        });
        if labels.len() > MOST_BUTTONS {
            let choice = ClassChoice {
                name: "Right label",
                classes: labels,
                chosen: review.new_label(),
                none: "Choose…",
                counts: None,
            };
            chosen = class_choice_ui(ui, &choice, 150.0);
            return;
        }
        for class in labels.iter().filter(|class| *class != label) {
            let name = labels.name(class);
            let on = review.new_label() == Some(class);
            // With the key that says so, where the name does not give it away.
            let told = labels.are_numbers() || class >= 10;
            let text = if told { name.to_owned() } else { format!("{class} {name}") };
            let response = ui.add(egui::Button::selectable(on, RichText::new(text).small()));
            response.widget_info(|| {
                egui::WidgetInfo::selected(egui::Role::Button, true, on, format!("Right label {name}"))
            });
            if response.on_hover_text(format!("Its label should be {name}")).clicked() {
                chosen = Some(class);
            }
        }
    });
    chosen
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
            if ui.button("Previous image (,)").on_hover_text("Back to the image before (key ,)").clicked() {
                act(MarksAction::Previous);
            }
            // The buttons first: the name of a queue may be longer than what they leave.
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.strong("Review")
                    .on_hover_text("Mark each image with a key; the next one follows by itself");
                let text = format!("{} · {} · now {}", queue.name, queue.progress, queue.at + 1);
                ui.add(egui::Label::new(text).truncate());
            });
        });
    });
    // A line of its own: in a small window there is no room beside the buttons, and nothing moves while a digit is
    // waited for.
    if state.waits.is_some() {
        ui.strong("Press the right digit; Esc leaves it open");
    } else {
        let keys = MARKS.map(|(name, key, _)| format!("{} {}", key.symbol_or_name(), name.to_lowercase()));
        ui.weak(format!("Keys: {} · Backspace: no mark · Ctrl+Z: back", keys.join(" · ")));
    }
    if export {
        actions.push(Action::File(FileAction::Ask(FilePurpose::ExportMarks)));
    }
    ui.add_space(2.0);
}
