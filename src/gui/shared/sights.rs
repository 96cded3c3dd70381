//! The images one can look at besides those of the dataset: the drawing, kept digits, foreign images.

use std::sync::Arc;

use crate::data::Class;
use crate::data::kept::KeptDigit;
use crate::shown::DrawView;
use crate::shown::quality::ForeignView;

/// The images one can look at besides those of the dataset.
#[derive(Clone, Debug, Default)]
pub struct Sights {
    /// What the network said of the drawing last.
    pub drawn: Option<Arc<DrawView>>,
    /// Which drawing is on the paper: an answer to an earlier one is dropped.
    pub drawing: u64,
    /// What the drawing is meant to be.
    pub label: Option<Class>,
    /// Whether a stroke is under way.
    pub pen_down: bool,
    /// Kept digits, oldest first.
    pub kept: Vec<KeptDigit>,
    /// Foreign images; of an older question until the new ones are there.
    pub foreign: Option<Arc<ForeignView>>,
    /// Whether foreign images are left out of the plane.
    pub foreign_hidden: bool,
}

impl Sights {
    /// A digit was kept, or kept with another label.
    pub fn keep(&mut self, digit: KeptDigit) {
        match self.kept.iter_mut().find(|old| old.id == digit.id) {
            Some(old) => *old = digit,
            None => self.kept.push(digit),
        }
    }
}
