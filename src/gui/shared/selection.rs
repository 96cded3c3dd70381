//! What is selected.

use crate::gui::action::Pick;
use crate::shown::indices::Picked;
use crate::shown::{Indices, Ranked};

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
                if self.set.remove(index) {
                    // What is taken out is no longer looked at either.
                    if self.primary == Some(index) {
                        self.primary = self.set.iter().next();
                    }
                    return;
                }
                self.set.insert(index);
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

#[cfg(test)]
mod tests {
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
        assert!(!selected.contains(7));
    }

    #[test]
    fn the_only_image_selected_can_be_taken_out() {
        let mut selected = Selected::default();
        selected.pick(7, Pick::Only, &Ranked::default());
        selected.pick(7, Pick::Toggle, &Ranked::default());
        assert_eq!(selected, Selected::default());
    }
}
