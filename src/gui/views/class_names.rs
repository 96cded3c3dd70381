//! What the classes are called: a line for each, over the window.

use egui::{Context, Key, Modal, RichText, ScrollArea, Stroke, TextEdit, Ui};

use crate::data::Classes;
use crate::gui::action::{Action, RunAction};
use crate::gui::theme;
use crate::gui::views::plots::follow_focus;

/// Height of the list, which scrolls.
const HEIGHT: f32 = 380.0;
/// Height of a line.
const LINE: f32 = 26.0;

/// What the question remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct NamesMemory {
    names: Vec<String>,
    /// Why the names were not taken.
    refused: Option<String>,
    /// Whether the first line has been given the keyboard.
    begun: bool,
}

impl NamesMemory {
    /// Begins with what the classes are called now.
    #[must_use]
    pub fn of(classes: &Classes) -> Self {
        Self { names: classes.names().to_vec(), ..Self::default() }
    }
}

/// Asks for names; returns whether to close the question. `own` are those of the source.
#[must_use]
pub fn class_names_ui(
    context: &Context,
    own: &Classes,
    memory: &mut NamesMemory,
    actions: &mut Vec<Action>,
) -> bool {
    let mut done = false;
    let modal = Modal::new(egui::Id::unique("class names")).show(context, |ui| {
        ui.set_width(420.0);
        ui.heading("Names of the classes");
        ui.weak("They stand wherever a label or an answer is named, and are kept for these images on this machine.");
        ui.add_space(6.0);
        list_ui(ui, memory);
        ui.add_space(6.0);
        if let Some(why) = &memory.refused {
            ui.colored_label(theme::palette(ui.visuals()).warning, why);
        }
        ui.horizontal(|ui| {
            let enter = ui.input(|input| input.key_pressed(Key::Enter));
            if ui.button(RichText::new("Keep").strong()).clicked() || enter {
                match Classes::named(&memory.names) {
                    Ok(names) => {
                        actions.push(Action::Run(RunAction::NameClasses(names)));
                        done = true;
                    }
                    Err(error) => memory.refused = Some(format!("{error}: give each a name of its own.")),
                }
            }
            let hint = "The names that the images came with";
            if ui.button("As they came").on_hover_text(hint).clicked() {
                memory.names = own.names().to_vec();
                memory.refused = None;
            }
            if ui.button("Cancel").clicked() {
                done = true;
            }
        });
    });
    done || modal.should_close()
}

fn list_ui(ui: &mut Ui, memory: &mut NamesMemory) {
    let count = memory.names.len();
    // On the white of a light window a field without a frame would be no field.
    let frame = theme::palette(ui.visuals()).weak;
    ui.visuals_mut().widgets.inactive.bg_stroke = Stroke::new(1.0, frame);
    ScrollArea::vertical().max_height(HEIGHT).show_rows(ui, LINE, count, |ui, rows| {
        for class in rows {
            ui.horizontal(|ui| {
                ui.set_min_height(LINE - ui.spacing().item_spacing.y);
                let number = RichText::new(format!("{class:>4}")).monospace().weak();
                ui.label(number);
                let Some(name) = memory.names.get_mut(class) else { return };
                let field = ui.add(TextEdit::singleline(name).desired_width(320.0));
                field.widget_info(|| {
                    let name = format!("Name of class {class}");
                    egui::WidgetInfo::labeled(egui::Role::TextInput, true, name)
                });
                if class == 0 && !memory.begun {
                    field.request_focus();
                    memory.begun = true;
                }
                if field.changed() {
                    memory.refused = None;
                }
            });
        }
        follow_focus(ui);
    });
}
