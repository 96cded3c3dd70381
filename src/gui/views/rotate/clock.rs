//! The dial turns by itself: one step after the other, with a pause at the end.

use egui::Ui;

use crate::gui::action::{Action, RotateAction};
use crate::gui::panel::rotate::RotatePanel;
use crate::gui::views::pace::Pace;

/// Seconds a course takes, however many steps it has, unless they would pass too fast or too slowly.
const ROUND: f64 = 8.0;
/// Shortest and longest time a step stays, in seconds.
const STAY: std::ops::RangeInclusive<f64> = 0.08..=0.7;

/// Turns the dial when a step is due, and requests a frame for the next one; none while the dial is still.
pub(super) fn run(ui: &Ui, state: &RotatePanel, pace: &mut Pace, actions: &mut Vec<Action>) {
    if !state.playing {
        pace.stop();
        return;
    }
    let stay = (ROUND / state.course().steps as f64).clamp(*STAY.start(), *STAY.end());
    if pace.is_due(ui, stay, stay) {
        actions.push(Action::Rotate(RotateAction::Advance));
    }
}
