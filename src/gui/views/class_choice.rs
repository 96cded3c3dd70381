//! Choosing one of many classes by name: a list that narrows while one types.

use egui::{ComboBox, Id, PopupCloseBehavior, RichText, ScrollArea, TextEdit, Ui};

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
        ui.data_mut(|data| data.remove::<String>(search));
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
    if field.changed() {
        ui.data_mut(|data| data.insert_temp(search, typed.clone()));
    }
    let wanted = typed.trim().to_lowercase();
    let matches = |class: &Class| {
        wanted.is_empty()
            || choice.classes.name(*class).to_lowercase().contains(&wanted)
            || class.to_string() == wanted
    };
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
            if ui.selectable_label(choice.chosen == Some(class), text).clicked() {
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
