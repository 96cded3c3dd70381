//! Choosing one of many classes by name: a list that narrows while one types.

use egui::{ComboBox, Id, Key, PopupCloseBehavior, RichText, ScrollArea, Stroke, StrokeKind, TextEdit, Ui};

use crate::data::{Class, Classes};
use crate::wording;

/// So many classes have a button each; more are chosen from a list.
pub(super) const MOST_BUTTONS: usize = 12;
/// Classes of the list that are shown at once; typing narrows it.
const LISTED: usize = 200;

/// What is chosen from.
pub(super) struct ClassChoice<'a> {
    /// What a screen reader calls it.
    pub(super) name: &'a str,
    /// The classes.
    pub(super) classes: &'a Classes,
    /// The class chosen.
    pub(super) chosen: Option<Class>,
    /// What is said when none is.
    pub(super) none: &'a str,
    /// Images of each class, where they are counted.
    pub(super) counts: Option<&'a [usize]>,
}

/// Draws the list; returns the class that was chosen just now.
pub(super) fn class_choice_ui(ui: &mut Ui, choice: &ClassChoice<'_>, width: f32) -> Option<Class> {
    let mut picked = None;
    let said = choice.chosen.map_or(choice.none, |class| choice.classes.name(class));
    let search = ui.scope_id().with((choice.name, "search"));
    let combo = ComboBox::from_id_salt(choice.name)
        .selected_text(said)
        .width(width)
        .height(400.0)
        .truncate()
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let response = combo.show_ui(ui, |ui| picked = list_ui(ui, choice, search)).response;
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, choice.name));
    response.on_hover_text(format!("{}: {}", choice.name, wording::count(choice.classes.len(), "class")));
    if picked.is_some() {
        ui.data_mut(|data| {
            data.remove::<String>(search);
            data.remove::<usize>(search.with("at"));
        });
    }
    picked
}

fn list_ui(ui: &mut Ui, choice: &ClassChoice<'_>, search: Id) -> Option<Class> {
    let mut typed: String = ui.data(|data| data.get_temp(search)).unwrap_or_default();
    let field = ui.add(TextEdit::singleline(&mut typed).hint_text("Name or number").desired_width(220.0));
    field.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::TextInput, true, format!("{}: search", choice.name))
    });
    if ui.memory(|memory| memory.focused().is_none()) {
        field.request_focus();
    }
    // The place in the list that Enter chooses.
    let place_of_keys = search.with("at");
    let mut at: usize = ui.data(|data| data.get_temp(place_of_keys)).unwrap_or_default();
    if field.changed() {
        at = 0;
        ui.data_mut(|data| data.insert_temp(search, typed.clone()));
    }
    let entered =
        (field.has_focus() || field.lost_focus()) && ui.input(|input| input.key_pressed(Key::Enter));
    let mut moved = false;
    if field.has_focus() {
        let pressed = |key| usize::from(ui.input(|input| input.key_pressed(key)));
        let (down, up) = (pressed(Key::ArrowDown), pressed(Key::ArrowUp));
        moved = down + up > 0;
        at = (at + down).saturating_sub(up);
    }
    let wanted = typed.trim().to_lowercase();
    let matches = |class: &Class| {
        wanted.is_empty()
            || choice.classes.name(*class).to_lowercase().contains(&wanted)
            || class.to_string() == wanted
    };
    at = at.min(choice.classes.iter().filter(matches).take(LISTED).count().saturating_sub(1));
    ui.data_mut(|data| data.insert_temp(place_of_keys, at));
    let mut picked = None;
    let mut more = false;
    ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
        for (place, class) in choice.classes.iter().filter(matches).enumerate() {
            if place == LISTED {
                more = true;
                break;
            }
            let count = choice.counts.and_then(|counts| counts.get(usize::from(class)));
            let text = match count {
                Some(count) => {
                    format!("{} · {}", choice.classes.name(class), wording::thousands(*count as u64))
                }
                None => choice.classes.name(class).to_owned(),
            };
            let response = ui.selectable_label(choice.chosen == Some(class), text);
            if place == at {
                let frame = Stroke::new(1.0, ui.visuals().weak_text_color());
                ui.painter().rect_stroke(response.rect, 2.0, frame, StrokeKind::Inside);
                if moved {
                    response.scroll_to_me(None);
                }
            }
            if response.clicked() || (entered && place == at) {
                picked = Some(class);
                ui.close();
            }
        }
        if more {
            ui.label(RichText::new("Type to find the others").small().weak());
        }
    });
    picked
}
