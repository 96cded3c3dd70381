//! The dial turns by itself: one step after the other, with a pause at the end.

use std::time::Duration;

use egui::Ui;

use crate::gui::action::{Action, RotateAction};
use crate::gui::panel::rotate::RotatePanel;

/// Seconds a course takes, however many steps it has, unless they would pass too fast or too slowly.
const ROUND: f64 = 8.0;
/// Shortest and longest time a step stays, in seconds.
const STAY: std::ops::RangeInclusive<f64> = 0.08..=0.7;

/// When the next step is due, between frames.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DialClock {
    due: Option<f64>,
}

/// Turns the dial when a step is due, and requests a frame for the next one; none while the dial is still.
pub(super) fn run(ui: &Ui, state: &RotatePanel, clock: &mut DialClock, actions: &mut Vec<Action>) {
    if !state.playing {
        clock.due = None;
        return;
    }
    let now = ui.input(|input| input.time);
    let stay = (ROUND / state.course().steps as f64).clamp(*STAY.start(), *STAY.end());
    let due = *clock.due.get_or_insert(now + stay);
    if now >= due {
        actions.push(Action::Rotate(RotateAction::Advance));
        // Counted from when it was due, so that the pace is even; from now if the window was hidden.
        clock.due = Some(if now - due < stay { due + stay } else { now + stay });
    }
    let wait = (clock.due.unwrap_or(now) - now).max(0.0);
    ui.ctx().request_repaint_after(Duration::from_secs_f64(wait));
}
