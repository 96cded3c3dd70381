//! The film plays: one frame after the other.

use std::time::Duration;

use egui::Ui;

use crate::gui::action::{Action, TrainAction};
use crate::gui::panel::film::Film;

/// Seconds a whole film takes, unless its frames would pass too fast or too slowly.
const WHOLE: f64 = 12.0;
/// Shortest and longest time a frame stays, in seconds.
const STAY: std::ops::RangeInclusive<f64> = 0.08..=0.8;

/// When the next frame is due.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FilmClock {
    due: Option<f64>,
}

/// Shows the next frame when it is due, and asks the window to be drawn then; of a film that stands, nothing.
pub(super) fn run(ui: &Ui, film: &Film, clock: &mut FilmClock, actions: &mut Vec<Action>) {
    if !film.playing {
        clock.due = None;
        return;
    }
    let now = ui.input(|input| input.time);
    let stay = (WHOLE / film.frames.len().max(1) as f64).clamp(*STAY.start(), *STAY.end());
    let due = *clock.due.get_or_insert(now + stay);
    if now >= due {
        actions.push(Action::Train(TrainAction::Advance));
        clock.due = Some(now + stay);
    }
    let wait = (clock.due.unwrap_or(now) - now).max(0.0);
    ui.ctx().request_repaint_after(Duration::from_secs_f64(wait));
}
