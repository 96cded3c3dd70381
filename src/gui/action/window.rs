//! What a person does to the window itself: what is in sight, and what lies over it.

use crate::gui::settings::{Tab, ThemeChoice};
use crate::help::Topic;

/// One thing a person did to the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowAction {
    /// Show this view.
    ShowTab(Tab),
    /// Dark, light or as the system.
    SetTheme(ThemeChoice),
    /// Show or hide the controls.
    ToggleControls,
    /// Show or hide the inspector.
    ToggleInspector,
    /// Show or hide the command palette.
    TogglePalette,
    /// Show or hide the list of shortcuts.
    ToggleShortcuts,
    /// Show a page of the help.
    ShowHelp(Topic),
    /// Close whatever lies over the window; when nothing does, clear the selection.
    Escape,
    /// Take a notice away.
    DismissNotice(u64),
    /// Close the window.
    Quit,
}
