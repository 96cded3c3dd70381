//! One list of commands: it feeds the menus, the palette, the shortcuts and the tooltips.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::data::source::Split;
use crate::help::Topic;
use crate::uncertainty::{Filter, Grouping, Measure};

use super::action::{Action, FilePurpose};
use super::plane::{DragMode, PlaneAction};
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

const CTRL_ALT: Modifiers = Modifiers { alt: true, ..Modifiers::COMMAND };

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
    add(Menu::File, "Export card…", None, Action::AskFile(FilePurpose::ExportCard));
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
    add(Menu::Help, "Help", Some((NONE, Key::F1)), Action::ShowHelp(Topic::Window));
    add(Menu::Help, "Command palette", Some((CTRL, Key::P)), Action::TogglePalette);
    add(Menu::Help, "Keyboard shortcuts", Some((NONE, Key::Questionmark)), Action::ToggleShortcuts);
    for topic in Topic::ALL {
        add(Menu::Palette, &format!("Help: {}", topic.title()), None, Action::ShowHelp(topic));
    }
    add(Menu::Palette, "All digits", Some((NONE, Key::A)), Action::SetDigit(None));
    for (digit, key) in (0_u8..).zip(DIGIT_KEYS) {
        add(Menu::Palette, &format!("Digit {digit}"), Some((NONE, key)), Action::SetDigit(Some(digit)));
    }
    subnetwork_commands(&mut add);
    draw_commands(&mut add);
    plane_commands(&mut add);
    rotate_commands(&mut add);
    for (tab, key) in Tab::ALL.into_iter().zip(DIGIT_KEYS.into_iter().skip(1)) {
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

/// The commands of the Plane tab.
fn plane_commands(add: &mut impl FnMut(Menu, &str, Option<(Modifiers, Key)>, Action)) {
    for (name, key, mode) in [
        ("Plane: brush a box", Key::B, DragMode::Box),
        ("Plane: brush with a lasso", Key::L, DragMode::Lasso),
        ("Plane: drag to move", Key::M, DragMode::Pan),
    ] {
        add(Menu::Palette, name, Some((NONE, key)), Action::Plane(PlaneAction::Drag(mode)));
    }
    add(Menu::Palette, "Plane: see all", None, Action::Plane(PlaneAction::Show(None)));
    add(Menu::Palette, "Clear the brush", None, Action::Plane(PlaneAction::ClearBrush));
}

/// The commands that label the gallery by one sub-network.
fn subnetwork_commands(add: &mut impl FnMut(Menu, &str, Option<(Modifiers, Key)>, Action)) {
    use super::subnetwork::SubnetworkAction as Subnetwork;
    let mut one = |name, key: Option<Key>, action| {
        add(Menu::Palette, name, key.map(|key| (NONE, key)), Action::Subnetwork(action));
    };
    one("Sub-network: next", Some(Key::CloseBracket), Subnetwork::Step(1));
    one("Sub-network: the one before", Some(Key::OpenBracket), Subnetwork::Step(-1));
    one("Sub-network: play all", None, Subnetwork::Play(true));
    one("Sub-network: pause", None, Subnetwork::Play(false));
    one("Sub-network: only where it dissents", None, Subnetwork::OnlyDissent);
    one("Sub-network: back to all passes", None, Subnetwork::Show(None));
}

/// The commands of the Draw tab.
fn draw_commands(add: &mut impl FnMut(Menu, &str, Option<(Modifiers, Key)>, Action)) {
    use super::drawing::DrawAction as Draw;
    let open = FilePurpose::OpenPicture;
    add(Menu::File, "Open picture…", Some((CTRL_ALT, Key::O)), Action::AskFile(open));
    add(Menu::File, "Save drawing…", None, Action::AskFile(FilePurpose::SaveDrawing));
    add(Menu::File, "Export my digits…", None, Action::AskFile(FilePurpose::ExportKept));
    let mut draw = |name, key, action| add(Menu::Palette, name, key, Action::Draw(action));
    draw("Open the selected image in Draw", Some((NONE, Key::D)), Draw::OpenSelected);
    draw("Pen or eraser", Some((NONE, Key::E)), Draw::ToggleEraser);
    draw("Thinner pen", Some((NONE, Key::OpenBracket)), Draw::Thinner);
    draw("Wider pen", Some((NONE, Key::CloseBracket)), Draw::Wider);
    draw("Clear the paper", Some((NONE, Key::Delete)), Draw::Clear);
    draw("Keep the drawing in My digits", Some((NONE, Key::K)), Draw::Keep);
    draw("Copy the drawing", None, Draw::Copy);
    draw("Watch one pass at a time", Some((NONE, Key::W)), Draw::Watch(true));
    draw("Show all passes", None, Draw::Watch(false));
}

/// The commands of the Rotate tab.
fn rotate_commands(add: &mut impl FnMut(Menu, &str, Option<(Modifiers, Key)>, Action)) {
    use super::rotate::RotateAction as Rotate;
    use crate::worker::subject::Origin;
    add(Menu::File, "Save figure of the course…", None, Action::AskFile(FilePurpose::SaveRotation));
    add(Menu::File, "Save table of the course…", None, Action::AskFile(FilePurpose::SaveRotationTable));
    let mut rotate = |name: &str, key, action| add(Menu::Palette, name, key, Action::Rotate(action));
    rotate("Open the selected image in Rotate", Some((NONE, Key::R)), Rotate::OpenSelected);
    rotate("Open the drawing in Rotate", None, Rotate::Open(Origin::Drawing));
    rotate("The paper's Figure 4", None, Rotate::Paper);
    rotate("Explore in Rotate with the window's settings", None, Rotate::Explore);
    rotate("Copy the figure of the course", None, Rotate::Copy);
    rotate("Let the dial turn", None, Rotate::Play(true));
    rotate("Stop the dial", None, Rotate::Play(false));
    for by in crate::data::distortion::Distortion::ALL {
        rotate(&format!("Change the image by {}", by.name()), None, Rotate::By(by));
    }
}

impl Command {
    /// Whether its plain key acts in a tab: those of the pen only where the pen is in sight.
    fn acts_in(&self, tab: Tab) -> bool {
        use super::drawing::DrawAction;
        match &self.action {
            Action::Draw(DrawAction::OpenSelected) | Action::Subnetwork(_) => tab == Tab::Gallery,
            Action::Rotate(_) => matches!(tab, Tab::Gallery | Tab::Plane | Tab::Quality),
            Action::Draw(_) => tab == Tab::Draw,
            Action::Plane(_) => tab == Tab::Plane,
            _ => true,
        }
    }

    /// What its key does in a tab: digits label the drawing where that is in sight, and choose a course's classes.
    fn action_in(&self, tab: Tab) -> Action {
        use super::rotate::RotateAction;
        match &self.action {
            Action::SetDigit(Some(digit)) if tab == Tab::Rotate => {
                Action::Rotate(RotateAction::Class(*digit))
            }
            Action::SetDigit(None) if tab == Tab::Rotate => Action::Rotate(RotateAction::TopClasses),
            Action::SetDigit(digit) if tab == Tab::Draw => {
                Action::Draw(super::drawing::DrawAction::SetLabel(*digit))
            }
            action => action.clone(),
        }
    }

    /// Its keys as they stand on a keyboard: `Ctrl+P`, `?`.
    #[must_use]
    pub fn keys(&self, context: &egui::Context) -> Option<String> {
        let shortcut = self.shortcut.as_ref()?;
        Some(match shortcut.logical_key {
            Key::Questionmark => "?".to_owned(),
            Key::Escape => "Esc".to_owned(),
            // By the sign on the key, not by its name in egui.
            Key::OpenBracket => "[".to_owned(),
            Key::CloseBracket => "]".to_owned(),
            _ => context.format_shortcut(shortcut),
        })
    }
}

/// Actions whose keys were pressed, in a window where no text field has the focus.
pub fn pressed(context: &egui::Context, commands: &[Command], tab: Tab, actions: &mut Vec<Action>) {
    let typing = context.egui_wants_keyboard_input();
    for command in commands {
        let Some(shortcut) = command.shortcut.filter(|_| command.acts_in(tab)) else { continue };
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
            actions.push(command.action_in(tab));
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
    fn no_two_commands_share_a_name_or_a_key_in_one_tab() {
        let list = commands();
        for (at, command) in list.iter().enumerate() {
            for other in &list[at + 1..] {
                assert_ne!(command.name, other.name);
                let both_act = Tab::ALL.into_iter().any(|tab| command.acts_in(tab) && other.acts_in(tab));
                if command.shortcut.is_some() && both_act {
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
