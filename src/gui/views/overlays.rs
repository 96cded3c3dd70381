//! Overlays on the window: the command palette, the shortcuts, the prompt for a path.

use egui::{Align2, Context, Key, Modal, RichText, ScrollArea, TextEdit, Ui};

use crate::gui::action::{Action, FileAction, FilePurpose, GalleryAction};
use crate::gui::command::MenuCommand;

/// What the palette remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct PaletteMemory {
    /// What was typed.
    pub query: String,
    /// The chosen line.
    pub chosen: usize,
}

/// Draws the command palette; returns whether it should close.
pub fn palette_ui(
    context: &Context,
    commands: &[MenuCommand],
    memory: &mut PaletteMemory,
    actions: &mut Vec<Action>,
) -> bool {
    let mut done = false;
    let modal = Modal::new(egui::Id::unique("palette"))
        .area(
            Modal::default_area(egui::Id::unique("palette"))
                .anchor(Align2::CENTER_TOP, egui::vec2(0.0, 80.0)),
        )
        .show(context, |ui| {
            ui.set_width(460.0);
            let (up, down, enter) = ui.input_mut(|input| {
                let mut key = |key| input.consume_key(egui::Modifiers::NONE, key);
                (key(Key::ArrowUp), key(Key::ArrowDown), key(Key::Enter))
            });
            let field = TextEdit::singleline(&mut memory.query)
                .hint_text("Type a command")
                .desired_width(f32::INFINITY);
            let response = ui.add(field);
            response.request_focus();
            if response.changed() {
                memory.chosen = 0;
            }
            let found = matching(commands, &memory.query);
            let last = found.len().saturating_sub(1);
            memory.chosen = memory.chosen.min(last);
            if down {
                memory.chosen = (memory.chosen + 1).min(last);
            }
            if up {
                memory.chosen = memory.chosen.saturating_sub(1);
            }
            ui.add_space(4.0);
            ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
                for (line, command) in found.iter().enumerate() {
                    let response = command_line_ui(ui, command, line == memory.chosen);
                    if line == memory.chosen && (up || down) {
                        response.scroll_to_me(None);
                    }
                    if response.clicked() || (enter && line == memory.chosen) {
                        actions.push(command.action.clone());
                        done = true;
                    }
                }
                if found.is_empty() {
                    ui.weak("No such command.");
                }
            });
        });
    done || modal.should_close()
}

fn command_line_ui(ui: &mut Ui, command: &MenuCommand, chosen: bool) -> egui::Response {
    let mut button =
        egui::Button::selectable(chosen, &command.name).min_size(egui::vec2(ui.available_width(), 0.0));
    if let Some(keys) = command.keys(ui.ctx()) {
        button = button.shortcut_text(keys);
    }
    ui.add(button)
}

/// Commands whose name contains every typed word, those that begin with the query first.
fn matching<'a>(commands: &'a [MenuCommand], query: &str) -> Vec<&'a MenuCommand> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut found: Vec<&MenuCommand> = commands
        .iter()
        .filter(|command| {
            let name = command.name.to_lowercase();
            words.iter().all(|word| name.contains(word))
        })
        .collect();
    found.sort_by_key(|command| !command.name.to_lowercase().starts_with(query.trim()));
    found
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::command::commands;

    #[test]
    fn the_palette_finds_by_any_words_in_any_order() {
        let list = commands();
        let found = matching(&list, "information sort");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "Sort by mutual information");
        assert_eq!(matching(&list, "export")[0].name, "Export grid as picture…");
        assert!(matching(&list, "no such thing").is_empty());
    }
}
