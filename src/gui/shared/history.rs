//! The way back to what was, step by step, each with a name.

use super::snapshot::Snapshot;
use super::steps::named;

/// Undo steps that are kept.
const STEPS: usize = 100;

/// A control that changes many times in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Passes T.
    Passes,
    /// Dropout rate p.
    Dropout,
    /// Seed of the masks.
    Seed,
    /// How the masks of different passes belong together.
    Masks,
}

/// One change.
#[derive(Clone, Debug)]
struct Change {
    before: Snapshot,
    /// How it was once done; until another change, or one that is none of a person's, it is how it is now.
    after: Option<Snapshot>,
    /// The control that is being dragged, and the press of the button it is dragged with.
    drag: Option<(Control, u64)>,
}

/// The way back and forth.
#[derive(Clone, Debug, Default)]
pub struct History {
    past: Vec<Change>,
    future: Vec<Change>,
    /// The press of the pointer's button under way, counted from the start.
    press: Option<u64>,
    presses: u64,
}

impl History {
    /// Remembers how it was before a change.
    pub fn push(&mut self, before: Snapshot) {
        self.push_change(before, None);
    }

    /// Remembers how it was before a control changed, unless it is being dragged on.
    pub fn push_control(&mut self, control: Control, before: Snapshot) {
        let drag = self.press.map(|press| (control, press));
        let same = self.past.last().is_some_and(|last| drag.is_some() && last.drag == drag);
        if !same {
            self.push_change(before, drag);
        }
    }

    fn push_change(&mut self, before: Snapshot, drag: Option<(Control, u64)>) {
        if let Some(last) = self.past.last_mut() {
            if last.after.is_none() && last.before == before {
                // It led nowhere.
                last.drag = drag;
                return;
            }
            last.after.get_or_insert_with(|| before.clone());
        }
        self.past.push(Change { before, after: None, drag });
        self.future.clear();
        if self.past.len() > STEPS {
            self.past.remove(0);
        }
    }

    /// The pointer's button is down, and since this frame if `pressed`; or it is not.
    pub fn hold(&mut self, down: bool, pressed: bool) {
        self.presses += u64::from(pressed);
        self.press = down.then_some(self.presses);
    }

    /// What changes from now on is no part of the last step: nobody asked for it by name.
    pub fn seal(&mut self, now: &Snapshot) {
        if let Some(last) = self.past.last_mut() {
            last.after.get_or_insert_with(|| now.clone());
        }
    }

    /// How it was before the last change, unless something that nobody asked for came after it.
    #[must_use]
    pub fn last(&self) -> Option<&Snapshot> {
        self.past.last().filter(|change| change.after.is_none()).map(|change| &change.before)
    }

    /// Forgets the last change if it led away from how it is now.
    pub fn forget(&mut self, now: &Snapshot) {
        self.past.pop_if(|change| change.before == *now);
    }

    /// How it was before the last change, and what that was.
    pub fn undo(&mut self, now: &Snapshot) -> Option<(Snapshot, String)> {
        let mut change = self.past.pop()?;
        let after = change.after.get_or_insert_with(|| now.clone());
        let name = named(&change.before, after);
        let then = now.clone().stepped(after, &change.before);
        self.future.push(change);
        Some((then, name))
    }

    /// How it was after the change undone last, and what that is.
    pub fn redo(&mut self, now: &Snapshot) -> Option<(Snapshot, String)> {
        let change = self.future.pop()?;
        let after = change.after.clone().unwrap_or_else(|| now.clone());
        let name = named(&change.before, &after);
        let then = now.clone().stepped(&change.before, &after);
        self.past.push(change);
        Some((then, name))
    }

    /// The last steps, the newest first, where `now` is how it is.
    #[must_use]
    pub fn steps(&self, now: &Snapshot, most: usize) -> Vec<String> {
        let last = self.past.iter().rev().take(most);
        last.map(|change| named(&change.before, change.after.as_ref().unwrap_or(now))).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::gui::settings::Settings;
    use crate::gui::shared::selection::Selected;
    use crate::shown::Limits;

    fn now() -> Snapshot {
        Snapshot::new(&Settings::default(), &Limits::default(), &Selected::default())
    }

    #[test]
    fn undo_and_redo_go_back_and_forth() {
        let mut settings = Settings::default();
        let mut selected = Selected::default();
        let mut limits = Limits::default();
        let mut history = History::default();
        history.push(Snapshot::new(&settings, &limits, &selected));
        settings.digit = Some(4);
        limits.region = Some(Arc::default());
        let (before, _) = history.undo(&Snapshot::new(&settings, &limits, &selected)).unwrap();
        before.restore(&mut settings, &mut limits, &mut selected);
        assert_eq!((settings.digit, &limits), (None, &Limits::default()));
        let (after, _) = history.redo(&Snapshot::new(&settings, &limits, &selected)).unwrap();
        after.restore(&mut settings, &mut limits, &mut selected);
        assert_eq!(settings.digit, Some(4));
        assert!(limits.region.is_some());
    }

    #[test]
    fn a_drag_is_one_step_and_the_next_drag_another() {
        let (mut history, mut state) = (History::default(), now());
        for (start, rates) in [(true, [0.4, 0.3, 0.2]), (true, [0.25, 0.3, 0.35])] {
            for (at, rate) in rates.into_iter().enumerate() {
                history.hold(true, start && at == 0);
                history.push_control(Control::Dropout, state.clone());
                state.sweep.dropout = rate;
            }
            history.hold(false, false);
        }
        assert_eq!(history.steps(&state, 10), ["dropout rate 0.20 → 0.35", "dropout rate 0.50 → 0.20"]);
        let (before, name) = history.undo(&state).unwrap();
        assert_eq!(
            (before.sweep.dropout.to_bits(), name.as_str()),
            (0.2_f32.to_bits(), "dropout rate 0.20 → 0.35")
        );
        let (before, _) = history.undo(&before).unwrap();
        assert_eq!(before, now());
        assert!(history.undo(&before).is_none());
    }

    #[test]
    fn without_a_drag_every_change_of_a_control_is_a_step() {
        let (mut history, mut state) = (History::default(), now());
        for seed in [2, 3, 4] {
            history.push_control(Control::Seed, state.clone());
            state.sweep.seed = seed;
        }
        assert_eq!(history.steps(&state, 2), ["seed 3 → 4", "seed 2 → 3"]);
    }

    #[test]
    fn a_rate_that_came_with_another_network_is_not_undone_with_an_older_step() {
        let (mut history, mut state) = (History::default(), now());
        history.push(state.clone());
        state.digit = Some(7);
        history.seal(&state);
        state.sweep.dropout = 0.3;
        let (before, name) = history.undo(&state).unwrap();
        assert_eq!((before.digit, before.sweep.dropout.to_bits()), (None, 0.3_f32.to_bits()));
        assert_eq!(name, "all digits → digit 7");
        let (after, _) = history.redo(&before).unwrap();
        assert_eq!((after.digit, after.sweep.dropout.to_bits()), (Some(7), 0.3_f32.to_bits()));
    }
}
