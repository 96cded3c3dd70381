//! One list of commands: it feeds the menus, the palette, the shortcuts and the tooltips.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::data::source::Split;
use crate::uncertainty::{Filter, Grouping, Measure};

use super::action::{Action, FilePurpose};
use super::quality::QualityAction;
use super::settings::{Arrangement, Tab, ThemeChoice};
use super::shelves::Shelf;

/// Under which menu a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Files and models.
    File,
    /// Filter and selection.
    Edit,
    /// What is shown.
    View,
    /// Explanations.
    Help,
    /// Only in the palette.
    Palette,
}

impl Menu {
    /// The menus of the menu bar.
    pub const BAR: [(Self, &'static str); 4] =
        [(Self::File, "File"), (Self::Edit, "Edit"), (Self::View, "View"), (Self::Help, "Help")];
}

/// Something a person can ask for by name.
#[derive(Clone, Debug)]
pub struct Command {
    /// Its menu.
    pub menu: Menu,
    /// Its name, in sentence case; `…` where a dialog follows.
    pub name: String,
    /// The keys that do it.
    pub shortcut: Option<KeyboardShortcut>,
    /// What it does.
    pub action: Action,
}

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };

/// The digit keys.
pub const DIGIT_KEYS: [Key; 10] = [
    Key::Num0,
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::Num5,
    Key::Num6,
    Key::Num7,
    Key::Num8,
    Key::Num9,
];

/// All commands, in the order of the menus.
#[must_use]
pub fn commands() -> Vec<Command> {
    let mut list = Vec::new();
    let mut add = |menu, name: &str, keys: Option<(Modifiers, Key)>, action| {
        let shortcut = keys.map(|(modifiers, key)| KeyboardShortcut::new(modifiers, key));
        list.push(Command { menu, name: name.to_owned(), shortcut, action });
    };
    add(Menu::File, "Open model…", Some((CTRL, Key::O)), Action::AskFile(FilePurpose::OpenModel));
    add(Menu::File, "Open data folder…", Some((CTRL_SHIFT, Key::O)), Action::AskFile(FilePurpose::OpenData));
    add(
        Menu::File,
        "Compare with folder of foreign images…",
        None,
        Action::AskFile(FilePurpose::OpenForeign),
    );
    add(Menu::File, "Save model…", Some((CTRL, Key::S)), Action::AskFile(FilePurpose::SaveModel));
    add(Menu::File, "Use the bundled model", None, Action::UseBundledModel);
    add(Menu::File, "Use MNIST from cache or download", None, Action::RetryDownload);
    add(Menu::File, "Use digits the program draws", None, Action::UseSynthetic);
    add(Menu::File, "Show the test images", None, Action::SetSplit(Split::Test));
    add(Menu::File, "Show the training images", None, Action::SetSplit(Split::Train));
    add(
        Menu::File,
        "Export grid as picture…",
        Some((CTRL, Key::E)),
        Action::AskFile(FilePurpose::ExportPicture),
    );
    add(
        Menu::File,
        "Export table as CSV…",
        Some((CTRL_SHIFT, Key::E)),
        Action::AskFile(FilePurpose::ExportTable),
    );
    add(Menu::File, "Export samples as npz…", None, Action::AskFile(FilePurpose::ExportSamples));
    add(Menu::File, "Quit", Some((CTRL, Key::Q)), Action::Quit);
    add(Menu::Edit, "Undo", Some((CTRL, Key::Z)), Action::Undo);
    add(Menu::Edit, "Redo", Some((CTRL, Key::Y)), Action::Redo);
    add(Menu::Edit, "Clear selection", Some((NONE, Key::Escape)), Action::Escape);
    add(Menu::Edit, "Cancel what runs", None, Action::CancelJobs);
    add(Menu::View, "Two halves", None, Action::SetArrangement(Arrangement::Halves));
    add(Menu::View, "One ranking", None, Action::SetArrangement(Arrangement::Ranking));
    add(Menu::View, "Show or hide controls", Some((CTRL, Key::B)), Action::ToggleControls);
    add(Menu::View, "Show or hide inspector", Some((CTRL, Key::I)), Action::ToggleInspector);
    add(Menu::View, "Dark", None, Action::SetTheme(ThemeChoice::Dark));
    add(Menu::View, "Light", None, Action::SetTheme(ThemeChoice::Light));
    add(Menu::View, "Theme of the system", None, Action::SetTheme(ThemeChoice::System));
    add(Menu::Help, "Command palette", Some((CTRL, Key::P)), Action::TogglePalette);
    add(Menu::Help, "Keyboard shortcuts", Some((NONE, Key::Questionmark)), Action::ToggleShortcuts);
    add(Menu::Palette, "All digits", Some((NONE, Key::A)), Action::SetDigit(None));
    for (digit, key) in (0_u8..).zip(DIGIT_KEYS) {
        add(Menu::Palette, &format!("Digit {digit}"), Some((NONE, key)), Action::SetDigit(Some(digit)));
    }
    for (tab, key) in Tab::ALL.into_iter().zip([Key::Num1, Key::Num2, Key::Num3, Key::Num4]) {
        add(Menu::Palette, &format!("Go to {}", tab.label()), Some((CTRL, key)), Action::ShowTab(tab));
    }
    for measure in Measure::ALL {
        let name = format!("Sort by {}", measure.label().to_lowercase());
        add(Menu::Palette, &name, None, Action::SetMeasure(measure));
    }
    for (name, filter) in [("all", Filter::All), ("right", Filter::Right), ("wrong", Filter::Wrong)] {
        add(Menu::Palette, &format!("Show {name} predictions"), None, Action::SetFilter(filter));
    }
    for shelf in Shelf::ALL {
        add(Menu::Palette, &format!("Shelf: {}", shelf.label().to_lowercase()), None, Action::Shelf(shelf));
    }
    add(Menu::Palette, "Digits by label", None, Action::SetGrouping(Grouping::Label));
    add(Menu::Palette, "Digits by prediction", None, Action::SetGrouping(Grouping::Prediction));
    add(Menu::Palette, "Keep this run to compare with", None, Action::Quality(QualityAction::Keep));
    add(Menu::Palette, "Show all images in the gallery", None, Action::ShowOnly(None));
    add(Menu::Palette, "Start training", None, Action::StartTraining);
    add(Menu::Palette, "Stop training and keep the network", None, Action::StopTraining);
    list
}

impl Command {
    /// Its keys as they stand on a keyboard: `Ctrl+P`, `?`.
    #[must_use]
    pub fn keys(&self, context: &egui::Context) -> Option<String> {
        let shortcut = self.shortcut.as_ref()?;
        Some(match shortcut.logical_key {
            Key::Questionmark => "?".to_owned(),
            Key::Escape => "Esc".to_owned(),
            _ => context.format_shortcut(shortcut),
        })
    }
}

/// Actions whose keys were pressed, in a window where no text field has the focus.
pub fn pressed(context: &egui::Context, commands: &[Command], actions: &mut Vec<Action>) {
    let typing = context.egui_wants_keyboard_input();
    for command in commands {
        let Some(shortcut) = command.shortcut else { continue };
        // Plain keys belong to a text field while it has the focus.
        if typing && !shortcut.modifiers.command && shortcut.logical_key != Key::Escape {
            continue;
        }
        let hit = context.input_mut(|input| {
            if shortcut.logical_key == Key::Questionmark {
                // Shift makes the question mark on most keyboards.
                return input.key_pressed(Key::Questionmark);
            }
            if shortcut.modifiers.is_none() && !input.modifiers.is_none() {
                return false;
            }
            input.consume_shortcut(&shortcut)
        });
        if hit {
            actions.push(command.action.clone());
        }
    }
    // The habit of other programs.
    let also = KeyboardShortcut::new(CTRL, Key::K);
    if context.input_mut(|input| input.consume_shortcut(&also)) {
        actions.push(Action::TogglePalette);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_share_a_name_or_a_key() {
        let list = commands();
        for (at, command) in list.iter().enumerate() {
            for other in &list[at + 1..] {
                assert_ne!(command.name, other.name);
                if command.shortcut.is_some() {
                    assert_ne!(command.shortcut, other.shortcut, "{} and {}", command.name, other.name);
                }
            }
        }
    }

    #[test]
    fn names_end_in_an_ellipsis_exactly_where_a_dialog_follows() {
        for command in commands() {
            let asks = matches!(command.action, Action::AskFile(_));
            assert_eq!(command.name.ends_with('…'), asks, "{}", command.name);
        }
    }
}
