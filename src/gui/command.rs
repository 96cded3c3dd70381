//! One list of commands: it feeds the menus, the palette, the shortcuts and the tooltips.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::data::marks::Mark;
use crate::data::source::Split;
use crate::help::Topic;
use crate::sampling::MaskDesign;
use crate::uncertainty::{Filter, Grouping, Measure};

use super::action::{
    Action, DragMode, DrawAction, DrawAction as Draw, FileAction, FilePurpose, GalleryAction, GuideAction,
    MarksAction, PlaneAction, QualityAction, RotateAction, RotateAction as Rotate, RunAction, Shelf,
    SubnetworkAction as Subnetwork, TrainAction, WindowAction,
};
use super::settings::{Arrangement, Tab, ThemeChoice};

/// The menu a command belongs to.
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

    /// What is found in it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::File => "Open images, networks and pictures; save and export",
            Self::Edit => "Undo by name, choose images, copy, say what is wrong with one",
            Self::View => "Tabs, panels, theme, what the gallery shows",
            Self::Help => "Start here, every page of the help, the keys",
            Self::Palette => "Commands that only the palette and their keys reach",
        }
    }
}

/// Something the user can ask for by name.
#[derive(Clone, Debug)]
pub struct MenuCommand {
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

/// What can be said of an image, and its key.
pub const MARKS: [(&str, Key, Mark); 4] = [
    ("Label is wrong", Key::W, Mark::WrongLabel { new_label: None }),
    ("Ambiguous", Key::U, Mark::Ambiguous),
    ("Bad image", Key::X, Mark::BadImage),
    ("Fine", Key::F, Mark::Fine),
];

/// All commands, in the order of the menus.
#[must_use]
#[allow(clippy::too_many_lines, reason = "a list, a command a line")]
pub fn commands() -> Vec<MenuCommand> {
    let mut list = Vec::new();
    let mut add = |menu, name: &str, keys: Option<(Modifiers, Key)>, action| {
        let shortcut = keys.map(|(modifiers, key)| KeyboardShortcut::new(modifiers, key));
        list.push(MenuCommand { menu, name: name.to_owned(), shortcut, action });
    };
    file_commands(&mut add);
    add(Menu::Edit, "Undo", Some((CTRL, Key::Z)), Action::Undo);
    add(Menu::Edit, "Redo", Some((CTRL, Key::Y)), Action::Redo);
    add(Menu::Edit, "Names of the classes…", None, Action::Window(WindowAction::NameClasses));
    add(Menu::Edit, "Go to image…", Some((CTRL, Key::G)), Action::Window(WindowAction::AskImage));
    add(Menu::Edit, "Clear selection", Some((NONE, Key::Escape)), Action::Window(WindowAction::Escape));
    add(Menu::Edit, "Cancel running jobs", None, Action::Run(RunAction::CancelJobs));
    add(Menu::View, "Two halves", None, Action::Gallery(GalleryAction::SetArrangement(Arrangement::Halves)));
    add(
        Menu::View,
        "One ranking",
        None,
        Action::Gallery(GalleryAction::SetArrangement(Arrangement::Ranking)),
    );
    add(
        Menu::View,
        "Show or hide controls",
        Some((CTRL, Key::B)),
        Action::Window(WindowAction::ToggleControls),
    );
    add(
        Menu::View,
        "Show or hide inspector",
        Some((CTRL, Key::I)),
        Action::Window(WindowAction::ToggleInspector),
    );
    add(Menu::View, "Layers of the network", None, Action::Window(WindowAction::ShowNetwork));
    add(Menu::View, "Lecture view", Some((NONE, Key::F11)), Action::Window(WindowAction::ToggleLecture));
    add(Menu::View, "Dark theme", None, Action::Window(WindowAction::SetTheme(ThemeChoice::Dark)));
    add(Menu::View, "Light theme", None, Action::Window(WindowAction::SetTheme(ThemeChoice::Light)));
    add(Menu::View, "System theme", None, Action::Window(WindowAction::SetTheme(ThemeChoice::System)));
    add(Menu::Help, "Help", Some((NONE, Key::F1)), Action::Window(WindowAction::ShowHelp(Topic::Window)));
    add(Menu::Help, "Command palette", Some((CTRL, Key::P)), Action::Window(WindowAction::TogglePalette));
    add(
        Menu::Help,
        "Keyboard shortcuts",
        Some((NONE, Key::Questionmark)),
        Action::Window(WindowAction::ToggleShortcuts),
    );
    add(Menu::Help, "Start here", None, Action::Window(WindowAction::Guide(GuideAction::Open)));
    add(Menu::Help, "Glossary", None, Action::Window(WindowAction::ShowHelpAt(Topic::Glossary, 0)));
    add(Menu::Help, "About Dubito", None, Action::Window(WindowAction::ShowAbout));
    for topic in Topic::ALL {
        let name = format!("Help: {}", topic.title());
        add(Menu::Palette, &name, None, Action::Window(WindowAction::ShowHelp(topic)));
    }
    add(Menu::Palette, "All digits", Some((NONE, Key::A)), Action::Gallery(GalleryAction::SetDigit(None)));
    for (digit, key) in (0..).zip(DIGIT_KEYS) {
        add(
            Menu::Palette,
            &format!("Digit {digit}"),
            Some((NONE, key)),
            Action::Gallery(GalleryAction::SetDigit(Some(digit))),
        );
    }
    subnetwork_commands(&mut add);
    draw_commands(&mut add);
    plane_commands(&mut add);
    rotate_commands(&mut add);
    marks_commands(&mut add);
    for (tab, key) in Tab::ALL.into_iter().zip(DIGIT_KEYS.into_iter().skip(1)) {
        add(
            Menu::Palette,
            &format!("Go to {}", tab.label()),
            Some((CTRL, key)),
            Action::Window(WindowAction::ShowTab(tab)),
        );
    }
    for measure in Measure::ALL {
        let name = format!("Sort by {}", measure.label().to_lowercase());
        add(Menu::Palette, &name, None, Action::Gallery(GalleryAction::SetMeasure(measure)));
    }
    for (name, filter) in [("all", Filter::All), ("right", Filter::Right), ("wrong", Filter::Wrong)] {
        add(
            Menu::Palette,
            &format!("Show {name} predictions"),
            None,
            Action::Gallery(GalleryAction::SetFilter(filter)),
        );
    }
    for shelf in Shelf::ALL {
        add(
            Menu::Palette,
            &format!("Shelf: {}", shelf.label().to_lowercase()),
            None,
            Action::Gallery(GalleryAction::Shelf(shelf)),
        );
    }
    add(Menu::Palette, "Make firm", None, Action::Gallery(GalleryAction::MakeFirm));
    add(Menu::Palette, "Stop making firm", None, Action::Gallery(GalleryAction::StopFirm));
    add(Menu::Palette, "Digits by label", None, Action::Gallery(GalleryAction::SetGrouping(Grouping::Label)));
    add(
        Menu::Palette,
        "Digits by prediction",
        None,
        Action::Gallery(GalleryAction::SetGrouping(Grouping::Prediction)),
    );
    add(Menu::Palette, "Keep this run for comparison", None, Action::Quality(QualityAction::Keep));
    add(Menu::Palette, "Compute quality over p", None, Action::Quality(QualityAction::TryRates));
    add(
        Menu::Palette,
        "Show all images in the gallery",
        None,
        Action::Gallery(GalleryAction::ShowOnly(None)),
    );
    add(Menu::Palette, "Start training", None, Action::Train(TrainAction::Start));
    add(Menu::Palette, "Stop training and keep the network", None, Action::Train(TrainAction::Stop));
    add(Menu::Palette, "Play the film of the training", None, Action::Train(TrainAction::Play(true)));
    list
}

/// The commands on files, in the order of their groups.
fn file_commands(add: &mut impl FnMut(Menu, &str, Option<(Modifiers, Key)>, Action)) {
    let mut ask = |name, keys, purpose| add(Menu::File, name, keys, Action::File(FileAction::Ask(purpose)));
    ask("Open model…", Some((CTRL, Key::O)), FilePurpose::OpenModel);
    ask("Open data folder…", Some((CTRL_SHIFT, Key::O)), FilePurpose::OpenData);
    ask("Open picture…", Some((CTRL_ALT, Key::O)), FilePurpose::OpenPicture);
    ask("Open view…", None, FilePurpose::OpenView);
    ask("Compare with folder of foreign images…", None, FilePurpose::OpenForeign);
    ask("Save model…", Some((CTRL, Key::S)), FilePurpose::SaveModel);
    ask("Save view…", None, FilePurpose::SaveView);
    ask("Save drawing…", None, FilePurpose::SaveDrawing);
    ask("Save figure of the course…", None, FilePurpose::SaveRotation);
    ask("Save table of the course…", None, FilePurpose::SaveRotationTable);
    ask("Export grid as picture…", Some((CTRL, Key::E)), FilePurpose::ExportPicture);
    ask("Export table as CSV…", Some((CTRL_SHIFT, Key::E)), FilePurpose::ExportTable);
    ask("Export samples as npz…", None, FilePurpose::ExportSamples);
    ask("Export marks as CSV…", None, FilePurpose::ExportMarks);
    ask("Export card…", None, FilePurpose::ExportCard);
    ask("Export my digits…", None, FilePurpose::ExportKept);
    let mut run = |name, action| add(Menu::File, name, None, Action::Run(action));
    run("Draw balanced masks", RunAction::SetMasks(MaskDesign::Balanced));
    run("Draw independent masks", RunAction::SetMasks(MaskDesign::Independent));
    run("Use the bundled model", RunAction::UseBundledModel);
    run("Use MNIST from cache or download", RunAction::RetryDownload);
    run("Use synthetic digits", RunAction::UseSynthetic);
    run("Show the test images", RunAction::SetSplit(Split::Test));
    run("Show the training images", RunAction::SetSplit(Split::Train));
    add(Menu::File, "Quit", Some((CTRL, Key::Q)), Action::Window(WindowAction::Quit));
}

/// The commands that mark the image looked at and walk through a queue.
fn marks_commands(add: &mut impl FnMut(Menu, &str, Option<(Modifiers, Key)>, Action)) {
    let mut mark = |name: &str, key: Option<Key>, action| {
        add(Menu::Palette, name, key.map(|key| (NONE, key)), Action::Marks(action));
    };
    for (name, key, said) in MARKS {
        mark(&format!("Mark: {}", name.to_lowercase()), Some(key), MarksAction::Set(said));
    }
    mark("Mark: take it back", Some(Key::Backspace), MarksAction::Clear);
    mark("Review the images shown", Some(Key::V), MarksAction::Review);
    mark("Review: pass over, without a mark", Some(Key::Period), MarksAction::Next);
    mark("Review: previous image", Some(Key::Comma), MarksAction::Previous);
    mark("Review: leave", None, MarksAction::LeaveReview);
    for (name, _, said) in MARKS {
        mark(&format!("Show only images marked: {}", name.to_lowercase()), None, MarksAction::ShowOnly(said));
    }
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
    let mut one = |name, key: Option<Key>, action| {
        add(Menu::Palette, name, key.map(|key| (NONE, key)), Action::Subnetwork(action));
    };
    one("Sub-network: next", Some(Key::CloseBracket), Subnetwork::Step(1));
    one("Sub-network: previous", Some(Key::OpenBracket), Subnetwork::Step(-1));
    one("Sub-network: play all", None, Subnetwork::Play(true));
    one("Sub-network: pause", None, Subnetwork::Play(false));
    one("Sub-network: only where it dissents", None, Subnetwork::OnlyDissent);
    one("Sub-network: back to all passes", None, Subnetwork::Show(None));
}

/// The commands of the Draw tab.
fn draw_commands(add: &mut impl FnMut(Menu, &str, Option<(Modifiers, Key)>, Action)) {
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
    use crate::shown::subject::Origin;
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

/// What the commands of a menu that stand together are about; a line parts them from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Opening something.
    Open,
    /// Saving what was made.
    Save,
    /// Writing what was found.
    Export,
    /// Which images and which network.
    Data,
    /// The way back and forth.
    History,
    /// What the gallery shows.
    Gallery,
    /// Which parts of the window are there.
    Parts,
    /// Colours.
    Theme,
    /// Leaving.
    Quit,
    /// All others.
    Other,
}

impl MenuCommand {
    /// The group it stands in.
    #[must_use]
    pub fn group(&self) -> Group {
        match &self.action {
            Action::File(FileAction::Ask(purpose)) => match purpose {
                FilePurpose::OpenModel
                | FilePurpose::OpenData
                | FilePurpose::OpenForeign
                | FilePurpose::OpenView
                | FilePurpose::OpenPicture => Group::Open,
                FilePurpose::SaveModel
                | FilePurpose::SaveView
                | FilePurpose::SaveDrawing
                | FilePurpose::SaveRotation
                | FilePurpose::SaveRotationTable
                | FilePurpose::SaveImage(_)
                | FilePurpose::SaveChart(..) => Group::Save,
                FilePurpose::ExportPicture
                | FilePurpose::ExportTable
                | FilePurpose::ExportSamples
                | FilePurpose::ExportCard
                | FilePurpose::ExportMarks
                | FilePurpose::ExportKept => Group::Export,
            },
            Action::Run(action) if *action != RunAction::CancelJobs => Group::Data,
            Action::Undo | Action::Redo => Group::History,
            Action::Gallery(_) => Group::Gallery,
            Action::Window(
                WindowAction::ToggleControls
                | WindowAction::ToggleInspector
                | WindowAction::ShowNetwork
                | WindowAction::ToggleLecture,
            ) => Group::Parts,
            Action::Window(WindowAction::SetTheme(_)) => Group::Theme,
            Action::Window(WindowAction::Quit) => Group::Quit,
            _ => Group::Other,
        }
    }

    /// Whether its plain key works in a tab: keys for the pen work only where there is a pen.
    #[must_use]
    pub fn acts_in(&self, tab: Tab) -> bool {
        match &self.action {
            Action::Draw(DrawAction::OpenSelected) | Action::Subnetwork(_) => tab == Tab::Gallery,
            Action::Rotate(_) => matches!(tab, Tab::Gallery | Tab::Plane | Tab::Quality),
            Action::Draw(_) => tab == Tab::Draw,
            Action::Plane(_) => tab == Tab::Plane,
            Action::Marks(_) => matches!(tab, Tab::Gallery | Tab::Plane | Tab::Quality),
            Action::Window(_)
            | Action::File(_)
            | Action::Run(_)
            | Action::Undo
            | Action::UndoSteps(_)
            | Action::Redo
            | Action::Gallery(_)
            | Action::Quality(_)
            | Action::Train(_)
            | Action::Explain(_)
            | Action::Inspector(_)
            | Action::Highlight(_)
            | Action::Chart(_) => true,
        }
    }

    /// What its key does in a tab: digits label the drawing in Draw, and choose the classes shown in Rotate.
    #[must_use]
    pub fn action_in(&self, tab: Tab) -> Action {
        match &self.action {
            Action::Gallery(GalleryAction::SetDigit(Some(digit))) if tab == Tab::Rotate => {
                Action::Rotate(RotateAction::Class(*digit))
            }
            Action::Gallery(GalleryAction::SetDigit(None)) if tab == Tab::Rotate => {
                Action::Rotate(RotateAction::TopClasses)
            }
            Action::Gallery(GalleryAction::SetDigit(digit)) if tab == Tab::Draw => {
                Action::Draw(super::action::DrawAction::SetLabel(*digit))
            }
            action => action.clone(),
        }
    }

    /// Its keys as printed on a keyboard: `Ctrl+P`, `?`.
    #[must_use]
    pub fn keys(&self, context: &egui::Context) -> Option<String> {
        let shortcut = self.shortcut.as_ref()?;
        Some(match shortcut.logical_key {
            Key::Questionmark => "?".to_owned(),
            // By the character on the key, not by its name in egui.
            Key::OpenBracket => "[".to_owned(),
            Key::CloseBracket => "]".to_owned(),
            Key::Period => ".".to_owned(),
            Key::Comma => ",".to_owned(),
            Key::Escape => "Esc".to_owned(),
            _ => context.format_shortcut(shortcut),
        })
    }
}

/// Keys that other programs use for the same.
#[must_use]
pub fn other_keys() -> [(KeyboardShortcut, Action); 2] {
    [
        (KeyboardShortcut::new(CTRL, Key::K), Action::Window(WindowAction::TogglePalette)),
        (KeyboardShortcut::new(CTRL_SHIFT, Key::Z), Action::Redo),
    ]
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
    fn the_groups_of_a_menu_stand_together_and_quit_is_the_last_of_all() {
        let list = commands();
        for (menu, name) in Menu::BAR {
            let mut groups: Vec<Group> =
                list.iter().filter(|command| command.menu == menu).map(MenuCommand::group).collect();
            groups.dedup();
            for (at, group) in groups.iter().enumerate() {
                assert!(!groups[at + 1..].contains(group), "{name}: {group:?} in two places");
            }
        }
        let file: Vec<&str> = list
            .iter()
            .filter(|command| command.menu == Menu::File)
            .map(|command| command.name.as_str())
            .collect();
        assert_eq!(file.last(), Some(&"Quit"));
    }

    #[test]
    fn names_end_in_an_ellipsis_exactly_where_a_dialog_follows() {
        for command in commands() {
            let asks = matches!(
                command.action,
                Action::File(FileAction::Ask(_))
                    | Action::Window(WindowAction::AskImage | WindowAction::NameClasses)
            );
            assert_eq!(command.name.ends_with('…'), asks, "{}", command.name);
        }
    }
}
