//! Overlays on the window: the shortcuts, the prompt for a path.

use std::path::Path;

use egui::style::ScrollAnimation;
use egui::{Context, Key, Modal, RichText, ScrollArea, TextEdit};

use crate::gui::action::{Action, FileAction, FilePurpose, GalleryAction, RunAction, WindowAction};
use crate::gui::command::MenuCommand;
use crate::gui::shared::TrainedNetworks;
use crate::gui::theme;
use crate::gui::views::help::scrolled;

/// Draws the list of shortcuts; returns whether it should close.
#[must_use]
pub fn shortcuts_ui(context: &Context, commands: &[MenuCommand]) -> bool {
    /// Of the list, which scrolls.
    const HEIGHT: f32 = 440.0;
    let mut done = false;
    Modal::new(egui::Id::unique("shortcuts"))
        .show(context, |ui| {
            ui.set_width(420.0);
            ui.heading("Keyboard shortcuts");
            ui.add_space(6.0);
            let by = scrolled(ui, HEIGHT);
            ScrollArea::vertical().max_height(HEIGHT).show(ui, |ui| {
                if by != 0.0 {
                    ui.scroll_with_delta_animation(egui::vec2(0.0, -by), ScrollAnimation::none());
                }
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
            ui.add_space(6.0);
            done = ui.button("Close").on_hover_text("Close this (Esc)").clicked();
        })
        .should_close()
        || done
}

/// What the prompt for a path remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct PathMemory {
    /// What was typed.
    pub text: String,
    /// What came of the path that was asked for last.
    asked: Option<(String, Answered)>,
}

impl PathMemory {
    /// A question that suggests this path.
    #[must_use]
    pub fn suggesting(text: String) -> Self {
        Self { text, asked: None }
    }
}

/// What stands in the way of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answered {
    /// It is there already: it would be replaced.
    Exists,
    /// It is not, or its folder is not.
    Missing(String),
}

/// What stands in the way of this path.
fn obstacle(path: &Path, save: bool) -> Option<Answered> {
    if save {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if path.is_dir() {
            return Some(Answered::Missing(format!(
                "{} is a folder: add a name for the file.",
                path.display()
            )));
        }
        if path.exists() {
            return Some(Answered::Exists);
        }
        let missing = folder.filter(|folder| !folder.is_dir())?;
        return Some(Answered::Missing(format!("There is no folder {}.", missing.display())));
    }
    (!path.exists())
        .then(|| Answered::Missing(format!("There is nothing at {}: check the path.", path.display())))
}

/// Asks whether to close the window although networks are not saved; returns whether to stay.
pub fn leave_ui(context: &Context, trained: &TrainedNetworks, actions: &mut Vec<Action>) -> bool {
    let mut done = false;
    let modal = Modal::new(egui::Id::unique("leave")).show(context, |ui| {
        ui.set_width(440.0);
        ui.heading("Quit without saving?");
        ui.add_space(4.0);
        let names: Vec<&str> = trained.unsaved().map(|model| model.name.as_str()).collect();
        let text = match names.as_slice() {
            [name] => format!("The network “{name}” is in no file: it is lost when the window closes."),
            names => format!(
                "{} networks are in no file and lost when the window closes: {}.",
                names.len(),
                names.join(", ")
            ),
        };
        ui.label(text);
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            if ui.button(RichText::new("Stay").strong()).clicked() {
                done = true;
            }
            if let Some(place) = trained.list().iter().position(|here| !here.saved)
                && ui.button("Save…").clicked()
            {
                actions.push(Action::Run(RunAction::UseTrained(place)));
                actions.push(Action::File(FileAction::Ask(FilePurpose::SaveModel)));
                done = true;
            }
            if ui.button("Quit without saving").clicked() {
                actions.push(Action::Window(WindowAction::QuitAnyway));
                done = true;
            }
        });
    });
    done || modal.should_close()
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
        let typed = memory.text.trim().to_owned();
        let answered = memory.asked.as_ref().filter(|(path, _)| *path == typed).map(|(_, answered)| answered);
        let colours = theme::palette(ui.visuals());
        match answered {
            Some(Answered::Exists) => {
                ui.colored_label(colours.warning, format!("{typed} is there already. Replace it?"));
            }
            Some(Answered::Missing(why)) => {
                ui.colored_label(colours.warning, why);
            }
            None => {}
        }
        let replace = answered == Some(&Answered::Exists);
        ui.horizontal(|ui| {
            let save = purpose.file_name().is_some();
            let verb = match (save, replace) {
                (true, true) => "Replace",
                (true, false) => "Save",
                (false, _) => "Open",
            };
            let button = ui.add_enabled(!typed.is_empty(), egui::Button::new(RichText::new(verb).strong()));
            if button.clicked() || (enter && !typed.is_empty()) {
                match obstacle(Path::new(&typed), save) {
                    Some(Answered::Exists) if replace => done = true,
                    Some(answered) => memory.asked = Some((typed.clone(), answered)),
                    None => done = true,
                }
                if done {
                    actions.push(Action::File(FileAction::Chosen(purpose, typed.as_str().into())));
                }
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

    #[test]
    fn a_file_that_is_there_is_asked_about_and_a_mistyped_path_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("there.png");
        std::fs::write(&file, []).unwrap();
        let missing = |answer| matches!(answer, Some(Answered::Missing(_)));
        assert_eq!(obstacle(&file, true), Some(Answered::Exists));
        assert_eq!(obstacle(&folder.path().join("new.png"), true), None);
        assert!(missing(obstacle(&folder.path().join("no/new.png"), true)));
        assert!(missing(obstacle(folder.path(), true)), "a folder is no file");
        assert_eq!(obstacle(Path::new("new.png"), true), None, "in the folder one is in");
        assert_eq!((obstacle(&file, false), obstacle(folder.path(), false)), (None, None));
        assert!(missing(obstacle(&folder.path().join("gone.png"), false)));
    }
}
