//! Which command a key press means, its own modifiers and no others, unless the keyboard needs them for the character;
//! and what becomes of what is pasted.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, Event, Key, KeyboardShortcut, Modifiers};

use super::action::{Action, DrawAction, RunAction};
use super::command::{MenuCommand, other_keys};
use super::settings::Tab;
use crate::shown::Pasted;

/// How well a key press fits a shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// With modifiers that the keyboard may need to type the character.
    Typed,
    /// Modifier for modifier.
    Exact,
}

/// Adds the actions whose keys were pressed; a focused text field keeps the plain keys to itself.
pub(super) fn pressed(context: &Context, commands: &[MenuCommand], tab: Tab, actions: &mut Vec<Action>) {
    let typing = context.egui_wants_keyboard_input();
    context.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, modifiers, pressed: true, .. } = event else { return true };
            // Plain keys belong to whatever has the focus; those that no control knows do not.
            if typing && !modifiers.command && !matches!(key, Key::Escape | Key::F1 | Key::F11) {
                return true;
            }
            let action = meant(commands, tab, *key, *modifiers);
            let taken = action.is_some();
            actions.extend(action);
            !taken
        });
    });
}

/// What a key press means in a tab: of all that fit, the one that fits best.
fn meant(commands: &[MenuCommand], tab: Tab, key: Key, modifiers: Modifiers) -> Option<Action> {
    let own = commands.iter().filter(|command| command.acts_in(tab)).filter_map(|command| {
        let fit = fits(command.shortcut?, key, modifiers)?;
        Some((fit, command.action_in(tab)))
    });
    let others = other_keys()
        .into_iter()
        .filter_map(|(shortcut, action)| Some((fits(shortcut, key, modifiers)?, action)));
    own.chain(others).max_by_key(|(fit, _)| *fit).map(|(_, action)| action)
}

fn fits(shortcut: KeyboardShortcut, key: Key, modifiers: Modifiers) -> Option<Fit> {
    if shortcut.logical_key != key {
        return None;
    }
    let wanted = shortcut.modifiers;
    if modifiers.matches_exact(wanted) {
        return Some(Fit::Exact);
    }
    let [shift, alt] = needed_to_type(key);
    let without = Modifiers {
        shift: modifiers.shift && (wanted.shift || !shift),
        alt: modifiers.alt && (wanted.alt || !alt),
        ..modifiers
    };
    without.matches_exact(wanted).then_some(Fit::Typed)
}

/// Whether some keyboards need Shift, or Alt, to type what this key stands for: `?` is on Shift nearly everywhere, the
/// digits are in France, and `[` is on Alt where letters with accents have its place.
fn needed_to_type(key: Key) -> [bool; 2] {
    match key {
        Key::Num0
        | Key::Num1
        | Key::Num2
        | Key::Num3
        | Key::Num4
        | Key::Num5
        | Key::Num6
        | Key::Num7
        | Key::Num8
        | Key::Num9 => [true, false],
        Key::Questionmark
        | Key::Exclamationmark
        | Key::OpenBracket
        | Key::CloseBracket
        | Key::OpenCurlyBracket
        | Key::CloseCurlyBracket
        | Key::Backslash
        | Key::Slash
        | Key::Pipe
        | Key::Colon
        | Key::Semicolon
        | Key::Comma
        | Key::Period
        | Key::Quote
        | Key::Backtick
        | Key::Plus
        | Key::Minus
        | Key::Equals => [true, true],
        _ => [false, false],
    }
}

/// A pasted picture is read in any view; copying copies the drawing while the Draw tab is open.
pub(super) fn clipboard(context: &Context, tab: Tab, actions: &mut Vec<Action>) {
    if context.egui_wants_keyboard_input() {
        return;
    }
    context.input(|input| {
        for event in &input.events {
            match event {
                egui::Event::PasteImage(image) => {
                    let rgba = image.pixels.iter().flat_map(egui::Color32::to_srgba_unmultiplied).collect();
                    let [width, height] = image.size.map(|side| side as u32);
                    let pasted = Pasted { width, height, rgba: Arc::new(rgba) };
                    actions.push(Action::Draw(DrawAction::Paste(pasted)));
                }
                // A file manager copies the paths of files, one a line.
                egui::Event::Paste(text) if tab == Tab::Draw => {
                    let path = |line: &str| PathBuf::from(line.trim().trim_start_matches("file://"));
                    let paths: Vec<PathBuf> = text.lines().map(path).filter(|path| path.is_file()).collect();
                    if !paths.is_empty() {
                        actions.push(Action::Run(RunAction::Dropped(paths)));
                    }
                }
                egui::Event::Copy if tab == Tab::Draw => actions.push(Action::Draw(DrawAction::Copy)),
                _ => {}
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::action::{FileAction, FilePurpose, WindowAction};
    use crate::gui::command::commands;

    /// What the window is asked to do when these keys are pressed, through egui's own input.
    fn press(tab: Tab, key: Key, modifiers: Modifiers) -> Vec<Action> {
        let context = Context::default();
        let event = Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
        let mut actions = Vec::new();
        let input = egui::RawInput { events: vec![event], ..egui::RawInput::default() };
        let mut output = context.run_ui(input, |ui| pressed(ui.ctx(), &commands(), tab, &mut actions));
        output.textures_delta.clear();
        actions
    }

    /// As a window system reports the modifiers of a shortcut: Ctrl is the command key, except on a Mac.
    fn held(modifiers: Modifiers) -> Modifiers {
        Modifiers { ctrl: modifiers.command, ..modifiers }
    }

    #[test]
    fn every_shortcut_does_its_own_command_and_with_one_more_modifier_its_own_or_another_ones_or_nothing() {
        let list = commands();
        let mut tried = 0;
        for tab in Tab::ALL {
            let here: Vec<(KeyboardShortcut, Action)> = list
                .iter()
                .filter(|command| command.acts_in(tab))
                .filter_map(|command| Some((command.shortcut?, command.action_in(tab))))
                .chain(other_keys())
                .collect();
            for (shortcut, action) in &here {
                let (key, wanted) = (shortcut.logical_key, shortcut.modifiers);
                assert_eq!(
                    press(tab, key, held(wanted)),
                    std::slice::from_ref(action),
                    "{shortcut:?} in {tab:?}"
                );
                for more in [Modifiers::SHIFT, Modifiers::ALT, Modifiers::COMMAND] {
                    let pressed = held(wanted | more);
                    if pressed == held(wanted) {
                        continue;
                    }
                    let with = KeyboardShortcut::new(wanted | more, key);
                    let other = here.iter().find(|(other, _)| *other == with).map(|(_, action)| action);
                    let [shift, alt] = needed_to_type(key);
                    let same = (more == Modifiers::SHIFT && shift) || (more == Modifiers::ALT && alt);
                    let own = same.then_some(action);
                    let asked: Vec<Action> = other.or(own).cloned().into_iter().collect();
                    assert_eq!(press(tab, key, pressed), asked, "{shortcut:?} with {more:?} in {tab:?}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 300, "{tried} combinations");
    }

    #[test]
    fn a_letter_with_one_modifier_too_many_does_nothing() {
        let three = Modifiers { alt: true, ..held(Modifiers { shift: true, ..Modifiers::COMMAND }) };
        for key in [Key::O, Key::E, Key::P, Key::K, Key::Z] {
            assert_eq!(press(Tab::Gallery, key, three), []);
        }
        for (shift, alt, purpose) in [
            (false, false, FilePurpose::OpenModel),
            (true, false, FilePurpose::OpenData),
            (false, true, FilePurpose::OpenPicture),
        ] {
            let modifiers = held(Modifiers { shift, alt, ..Modifiers::COMMAND });
            let asked = Action::File(FileAction::Ask(purpose));
            assert_eq!(press(Tab::Gallery, Key::O, modifiers), [asked]);
        }
    }

    #[test]
    fn shift_redoes_what_ctrl_z_undoes() {
        assert_eq!(press(Tab::Gallery, Key::Z, held(Modifiers::COMMAND)), [Action::Undo]);
        let shifted = held(Modifiers { shift: true, ..Modifiers::COMMAND });
        assert_eq!(press(Tab::Gallery, Key::Z, shifted), [Action::Redo]);
    }

    #[test]
    fn characters_are_reached_on_keyboards_that_need_shift_or_alt_for_them() {
        let list = Action::Window(WindowAction::ToggleShortcuts);
        for modifiers in [Modifiers::NONE, Modifiers::SHIFT, Modifiers::ALT] {
            assert_eq!(press(Tab::Gallery, Key::Questionmark, modifiers), std::slice::from_ref(&list));
        }
        let digit = press(Tab::Gallery, Key::Num4, Modifiers::NONE);
        assert_eq!(press(Tab::Gallery, Key::Num4, Modifiers::SHIFT), digit);
        assert_eq!(press(Tab::Gallery, Key::Num4, Modifiers::ALT), []);
    }
}
