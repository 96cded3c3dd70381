//! What plays by itself: one step after the other, whenever the next is due.

use std::time::Duration;

use egui::Ui;

/// When the next step is due, between frames.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    due: Option<f64>,
}

impl Pace {
    /// Nothing is due any more.
    pub(super) fn stop(&mut self) {
        self.due = None;
    }

    /// Whether the next step is due now, where the step shown stays for `stay` seconds and the next one for `then`; the
    /// window is drawn again when the one after is.
    pub(super) fn is_due(&mut self, ui: &Ui, stay: f64, then: f64) -> bool {
        let now = ui.input(|input| input.time);
        let due = *self.due.get_or_insert(now + stay);
        let is_due = now >= due;
        if is_due {
            // Counted from when it was due, so that the pace is even; from now if the window was hidden.
            self.due = Some(if now - due < then { due + then } else { now + then });
        }
        let wait = (self.due.unwrap_or(now) - now).max(0.0);
        ui.ctx().request_repaint_after(Duration::from_secs_f64(wait));
        is_due
    }
}
