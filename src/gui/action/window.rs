//! User actions on the window itself: which parts are visible, and what lies over them.

use super::guide::GuideAction;
use crate::gui::settings::{Tab, ThemeChoice};
use crate::help::Topic;

/// One user action on the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowAction {
    /// Show this view.
    ShowTab(Tab),
    /// Dark, light or the system theme.
    SetTheme(ThemeChoice),
    /// Show or hide the controls.
    ToggleControls,
    /// Show or hide the inspector.
    ToggleInspector,
    /// Enter or leave the lecture view.
    ToggleLecture,
    /// Show or hide the command palette.
    TogglePalette,
    /// Show or hide the list of shortcuts.
    ToggleShortcuts,
    /// Show a page of the help.
    ShowHelp(Topic),
    /// Show a page of the help from one of its blocks on.
    ShowHelpAt(Topic, usize),
    /// In *Start here*.
    Guide(GuideAction),
    /// Show what the program is and whose ideas it shows.
    ShowAbout,
    /// Ask what the classes of the images are called.
    NameClasses,
    /// Show the layers of the network in use, and where dropout acts in it.
    ShowNetwork,
    /// Ask for the number of an image to go to.
    AskImage,
    /// Close whatever lies over the window; when nothing does, leave the lecture view; then close *Start here*; then
    /// dismiss the errors; when there are none, clear the selection.
    Escape,
    /// Dismiss a notice.
    DismissNotice(u64),
    /// Close the window, unless something would be lost: then ask.
    Quit,
    /// Close the window whatever is lost.
    QuitAnyway,
}
