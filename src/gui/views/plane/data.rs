//! What the plane shows, and the lines on an image that the pointer is on.

use std::sync::Arc;

use egui::Ui;

use crate::data::Digits;
use crate::data::marks::Marks;
use crate::gui::action::Shelf;
use crate::gui::panel::plane::PlanePanel;
use crate::gui::shared::Selected;
use crate::shown::GalleryView;
use crate::shown::highlight::Highlight;
use crate::shown::quality::ForeignView;
use crate::shown::subject::Origin;
use crate::uncertainty::Measures;
use crate::uncertainty::doubt_plane::Region;
use crate::wording;

/// What the plane shows.
pub struct PlaneData<'a> {
    /// Images and labels.
    pub digits: &'a Arc<Digits>,
    /// Measures and which images match; `None` until the first passes are done.
    pub view: Option<&'a Arc<GalleryView>>,
    /// What is selected.
    pub selected: &'a Selected,
    /// The region brushed.
    pub region: Option<&'a Region>,
    /// What is said of the images.
    pub marks: Option<&'a Marks>,
    /// The shelf that is shown.
    pub shelf: Option<Shelf>,
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
    /// Foreign images, unless they are hidden.
    pub(super) fn foreign_shown(&self) -> Option<&Arc<ForeignView>> {
        self.foreign.filter(|_| !self.foreign_hidden)
    }
}

/// Both kinds of doubt and their sum.
pub(super) fn parts_ui(ui: &mut Ui, measures: &Measures) {
    for (name, value, error) in [
        ("Expected entropy", measures.expected_entropy, measures.expected_entropy_se),
        ("Mutual information", measures.mutual_information, measures.mutual_information_se),
        ("Together", measures.predictive_entropy, measures.predictive_entropy_se),
    ] {
        ui.label(format!("{name} {} nats", wording::with_error(value, Some(error))));
    }
}
