//! What the plane shows, and the lines on an image that the pointer is on.

use std::sync::Arc;

use egui::Ui;

use crate::data::marks::Marks;
use crate::data::{Class, Digits};
use crate::gui::action::Shelf;
use crate::gui::panel::plane::PlanePanel;
use crate::gui::shared::Selected;
use crate::shown::GalleryView;
use crate::shown::highlight::Highlight;
use crate::shown::quality::ForeignView;
use crate::shown::subject::Origin;
use crate::uncertainty::Measures;
use crate::uncertainty::doubt_plane::{PlaneAxes, Region};
use crate::wording;

/// What the plane shows.
pub struct PlaneData<'a> {
    /// Images and labels.
    pub digits: &'a Arc<Digits>,
    /// Measures and which images match; `None` until the first passes are done.
    pub view: Option<&'a Arc<GalleryView>>,
    /// The measures asked for along the axes; those shown are the view's.
    pub axes: PlaneAxes,
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
    /// Foreign images, unless they are hidden. They lie on the plane of the two kinds of doubt only.
    pub(super) fn foreign_shown(&self) -> Option<&Arc<ForeignView>> {
        let axes = self.view.map(|view| view.plane.axes);
        self.foreign.filter(|foreign| !self.foreign_hidden && axes == Some(foreign.points.axes))
    }
}

/// The measures along the axes.
pub(super) fn along_ui(ui: &mut Ui, axes: PlaneAxes, measures: &Measures, label: Class) {
    for measure in axes.0 {
        let value = wording::short(measure.value(measures, label), 3);
        ui.label(format!("{} {value} {}", measure.label(), measure.unit()).trim_end().to_owned());
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
