//! The film plays: one frame after the other.

use egui::Ui;

use crate::gui::action::{Action, TrainAction};
use crate::gui::panel::film::Film;
use crate::gui::views::pace::Pace;

/// Seconds a whole film takes, unless its frames would pass too fast or too slowly.
const WHOLE: f64 = 12.0;
/// Shortest and longest time a frame stays, in seconds.
const STAY: std::ops::RangeInclusive<f64> = 0.08..=0.8;

/// Shows the next frame when it is due, and asks the window to be drawn then; of a film that stands, nothing.
pub(super) fn run(ui: &Ui, film: &Film, pace: &mut Pace, actions: &mut Vec<Action>) {
    if !film.playing {
        pace.stop();
        return;
    }
    let stay = (WHOLE / film.frames.len().max(1) as f64).clamp(*STAY.start(), *STAY.end());
    if pace.is_due(ui, stay, stay) {
        actions.push(Action::Train(TrainAction::Advance));
    }
}
