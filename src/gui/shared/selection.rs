//! What is selected, and the way back to what was.

use crate::uncertainty::{Filter, Grouping, Measure};

use crate::gui::action::Pick;
use crate::gui::settings::{Arrangement, Settings};
use crate::shown::indices::Picked;
use crate::shown::{Indices, Limits, Ranked};

/// One image to look at, and a set to export. Dataset indices, never places in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// The image in the inspector.
    pub primary: Option<u32>,
    /// The set built with Ctrl, Shift and the rubber band; empty while one image at most is selected.
    pub set: Indices,
}

impl Selected {
    /// A click on an image, where `shown` is the order shown.
    pub fn pick(&mut self, index: u32, pick: Pick, shown: &Ranked) {
        match pick {
            Pick::Only => self.set.clear(),
            Pick::Toggle => {
                if self.set.is_empty() {
                    self.set.extend(self.primary);
                }
                if !self.set.remove(index) {
                    self.set.insert(index);
                }
            }
            Pick::Extend => {
                let from = self.primary.and_then(|primary| shown.place(primary));
                match (from, shown.place(index)) {
                    (Some(from), Some(to)) => shown.add_between(&mut self.set, from, to),
                    _ => {
                        self.set.insert(index);
                    }
                }
            }
        }
        self.primary = Some(index);
    }

    /// Selects many at once.
    pub fn take(&mut self, picked: Picked, add: bool) {
        self.primary = picked.first.or(self.primary);
        if add {
            self.set.add_without(&picked.all, &Indices::default());
        } else {
            self.set = picked.all;
        }
    }

    /// Selects nothing.
    pub fn clear(&mut self) {
        self.set.clear();
        self.primary = None;
    }

    /// Whether an image is in the set or the one looked at.
    #[must_use]
    pub fn contains(&self, index: u32) -> bool {
        self.primary == Some(index) || self.set.contains(index)
    }
}

/// What undo brings back: the filter, the brush and the selection.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    digit: Option<u8>,
    grouping: Grouping,
    filter: Filter,
    measure: Measure,
    arrangement: Arrangement,
    limits: Limits,
    selected: Selected,
}

impl Snapshot {
    /// How it is now.
    #[must_use]
    pub fn new(settings: &Settings, limits: &Limits, selected: &Selected) -> Self {
        Self {
            digit: settings.digit,
            grouping: settings.grouping,
            filter: settings.filter,
            measure: settings.measure,
            arrangement: settings.arrangement,
            limits: limits.clone(),
            selected: selected.clone(),
        }
    }

    /// Makes it so again.
    pub fn restore(self, settings: &mut Settings, limits: &mut Limits, selected: &mut Selected) {
        settings.digit = self.digit;
        settings.grouping = self.grouping;
        settings.filter = self.filter;
        settings.measure = self.measure;
        settings.arrangement = self.arrangement;
        *limits = self.limits;
        *selected = self.selected;
    }
}

/// Undo steps that are kept.
const STEPS: usize = 100;

/// The way back and forth.
#[derive(Clone, Debug, Default)]
pub struct History {
    past: Vec<Snapshot>,
    future: Vec<Snapshot>,
}

impl History {
    /// Remembers how it was before a change.
    pub fn push(&mut self, before: Snapshot) {
        if self.past.last() == Some(&before) {
            return;
        }
        self.past.push(before);
        self.future.clear();
        if self.past.len() > STEPS {
            self.past.remove(0);
        }
    }

    /// Forgets the last change if it led away from how it is now.
    pub fn forget(&mut self, now: &Snapshot) {
        self.past.pop_if(|before| before == now);
    }

    /// The state before the last change.
    pub fn undo(&mut self, now: Snapshot) -> Option<Snapshot> {
        let before = self.past.pop()?;
        self.future.push(now);
        Some(before)
    }

    /// The state after it again.
    pub fn redo(&mut self, now: Snapshot) -> Option<Snapshot> {
        let after = self.future.pop()?;
        self.past.push(now);
        Some(after)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn shift_click_selects_in_the_order_shown_not_by_index() {
        let mut selected = Selected::default();
        let order = Ranked::new(vec![40, 7, 99, 3], Vec::new(), 100);
        selected.pick(7, Pick::Only, &order);
        selected.pick(3, Pick::Extend, &order);
        assert_eq!(selected.set, [3, 7, 99].into_iter().collect());
        assert_eq!(selected.primary, Some(3));
    }

    #[test]
    fn ctrl_click_adds_to_the_image_looked_at_and_takes_out_again() {
        let mut selected = Selected::default();
        selected.pick(7, Pick::Only, &Ranked::default());
        selected.pick(9, Pick::Toggle, &Ranked::default());
        assert_eq!(selected.set, [7, 9].into_iter().collect());
        selected.pick(7, Pick::Toggle, &Ranked::default());
        assert_eq!(selected.set, [9].into_iter().collect());
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
        let before = history.undo(Snapshot::new(&settings, &limits, &selected)).unwrap();
        before.restore(&mut settings, &mut limits, &mut selected);
        assert_eq!((settings.digit, &limits), (None, &Limits::default()));
        let after = history.redo(Snapshot::new(&settings, &limits, &selected)).unwrap();
        after.restore(&mut settings, &mut limits, &mut selected);
        assert_eq!(settings.digit, Some(4));
        assert!(limits.region.is_some());
    }
}
