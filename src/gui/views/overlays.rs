//! Overlays on the window: the shortcuts, the prompt for a path.

use egui::{Context, Key, Modal, RichText, ScrollArea, TextEdit};

use crate::gui::action::{Action, FileAction, FilePurpose, GalleryAction};
use crate::gui::command::MenuCommand;

/// Draws the list of shortcuts; returns whether it should close.
#[must_use]
pub fn shortcuts_ui(context: &Context, commands: &[MenuCommand]) -> bool {
    Modal::new(egui::Id::unique("shortcuts"))
        .show(context, |ui| {
            ui.set_width(420.0);
            ui.heading("Keyboard shortcuts");
            ui.add_space(6.0);
            ScrollArea::vertical().max_height(480.0).show(ui, |ui| {
                egui::Grid::new("shortcut list").num_columns(2).spacing([24.0, 4.0]).striped(true).show(
                    ui,
                    |ui| {
                        let mut row = |keys: String, name: &str| {
                            ui.monospace(keys);
                            ui.label(name);
                            ui.end_row();
                        };
                        row("0 … 9".to_owned(), "Show this digit");
                        for command in commands {
                            let Some(keys) = command.keys(context) else { continue };
                            if matches!(command.action, Action::Gallery(GalleryAction::SetDigit(Some(_)))) {
                                continue;
                            }
                            row(keys, &command.name);
                        }
                        row("Ctrl+K".to_owned(), "Command palette, as in other programs");
                        row("Ctrl+Shift+Z".to_owned(), "Redo, as in other programs");
                        row("Arrows, Home, End".to_owned(), "Move through the gallery");
                        row("Shift+arrows".to_owned(), "Select while moving");
                        row("Ctrl+click, Shift+click".to_owned(), "Build a selection");
                        row("Drag over the gallery".to_owned(), "Select what it covers");
                        row("Ctrl+plus, Ctrl+minus".to_owned(), "Larger or smaller window contents");
                    },
                );
            });
        })
        .should_close()
}

/// What the prompt for a path remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct PathMemory {
    /// What was typed.
    pub text: String,
}

/// Draws the prompt for a path, beside which the system's dialog may be open; returns whether to close it.
pub fn path_ui(
    context: &Context,
    purpose: FilePurpose,
    memory: &mut PathMemory,
    actions: &mut Vec<Action>,
) -> bool {
    let mut done = false;
    let modal = Modal::new(egui::Id::unique("path")).show(context, |ui| {
        ui.set_width(480.0);
        ui.heading(purpose.title());
        ui.weak("Choose in the system's dialog, or type a path here.");
        ui.add_space(4.0);
        let enter = ui.input(|input| input.key_pressed(Key::Enter));
        let field =
            TextEdit::singleline(&mut memory.text).hint_text(purpose.hint()).desired_width(f32::INFINITY);
        let response = ui.add(field);
        if !response.has_focus() && !response.lost_focus() {
            response.request_focus();
        }
        ui.add_space(6.0);
        let typed = memory.text.trim();
        ui.horizontal(|ui| {
            let save = purpose.file_name().is_some();
            let verb = if save { "Save" } else { "Open" };
            let button = ui.add_enabled(!typed.is_empty(), egui::Button::new(RichText::new(verb).strong()));
            if button.clicked() || (enter && !typed.is_empty()) {
                actions.push(Action::File(FileAction::Chosen(purpose, typed.into())));
                done = true;
            }
            if ui.button("Close").clicked() {
                done = true;
            }
        });
    });
    done || modal.should_close()
}
