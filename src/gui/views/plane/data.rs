//! What the plane shows.

use std::sync::Arc;

use crate::data::Digits;
use crate::gui::highlight::Highlight;
use crate::gui::panel::plane::PlanePanel;
use crate::gui::shared::Selected;
use crate::uncertainty::doubt_plane::Region;
use crate::worker::GalleryView;
use crate::worker::quality::ForeignView;
use crate::worker::subject::Origin;

/// What the plane shows.
pub struct PlaneData<'a> {
    /// Images and labels.
    pub digits: &'a Digits,
    /// Measures and which images match; `None` until the first passes are there.
    pub view: Option<&'a Arc<GalleryView>>,
    /// What is selected.
    pub selected: &'a Selected,
    /// The region brushed.
    pub region: Option<&'a Region>,
    /// The images lit up.
    pub highlight: Option<&'a Arc<Highlight>>,
    /// Foreign images, if there are any.
    pub foreign: Option<&'a Arc<ForeignView>>,
    /// The image in the inspector.
    pub looked_at: Option<Origin>,
    /// Whether foreign images are left out.
    pub foreign_hidden: bool,
    /// Which part is shown, and how.
    pub state: &'a PlanePanel,
}

impl PlaneData<'_> {
    /// Foreign images, unless they are left out.
    pub(super) fn foreign_shown(&self) -> Option<&Arc<ForeignView>> {
        self.foreign.filter(|_| !self.foreign_hidden)
    }
}
