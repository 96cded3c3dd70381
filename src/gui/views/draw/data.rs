//! What the Draw tab shows.

use crate::data::Classes;
use crate::gui::panel::draw::Drawing;
use crate::gui::shared::Sights;
use crate::gui::views::empty::Undrawable;
use crate::sampling::SweepConfig;

/// What the Draw tab shows.
pub struct DrawData<'a> {
    /// The sheet, its history and the pictures.
    pub drawing: &'a Drawing,
    /// What the network said of it, what it is meant to be, and kept digits.
    pub sights: &'a Sights,
    /// What the network's classes are called.
    pub answers: &'a Classes,
    /// The shape of the dataset's images where a pen can make nothing like them.
    pub undrawable: Option<Undrawable>,
    /// Whether the dataset's hidden features are there.
    pub has_features: bool,
}

impl DrawData<'_> {
    /// T, p and seed of the answer.
    pub(super) fn sampled(&self) -> SweepConfig {
        self.sights.drawn.as_ref().map_or_else(SweepConfig::default, |view| view.sampled)
    }
}
