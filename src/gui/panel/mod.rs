//! The panels of the window: each owns what it knows, what can be done in it, and how that changes it.
//!
//! A panel has an `update` that takes one action and what all panels share, and answers with the steps that follow;
//! what a worker says comes in through methods named `came` and their like. No panel knows another: what one needs of
//! another it names as a [`Follow`](super::effect::Follow), or finds in [`Shared`](super::shared::Shared).

pub mod chart;
pub mod draw;
pub mod explain;
pub mod film;
pub mod gallery;
pub mod highlight;
pub mod inspector;
pub mod marks;
pub mod plane;
pub mod quality;
pub mod rotate;
pub mod subnetwork;
pub mod train;

use super::settings::Settings;

/// All panels.
#[derive(Debug)]
pub struct Panels {
    /// The gallery.
    pub gallery: gallery::GalleryPanel,
    /// The sub-network that labels the gallery.
    pub subnetwork: subnetwork::SubnetworkPanel,
    /// The plane.
    pub plane: plane::PlanePanel,
    /// The Draw tab.
    pub draw: draw::Drawing,
    /// The Rotate tab.
    pub rotate: rotate::RotatePanel,
    /// The quality view.
    pub quality: quality::QualityPanel,
    /// The Train tab.
    pub train: train::TrainPanel,
    /// The explanation of the image looked at.
    pub explain: explain::ExplainPanel,
    /// The inspector.
    pub inspector: inspector::InspectorPanel,
    /// What is said of images.
    pub marks: marks::MarksPanel,
    /// The chart asked about.
    pub chart: chart::ChartPanel,
}

impl Panels {
    /// Panels that know nothing but the choices of the last time.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            gallery: gallery::GalleryPanel::default(),
            subnetwork: subnetwork::SubnetworkPanel::default(),
            plane: plane::PlanePanel::default(),
            draw: draw::Drawing::default(),
            rotate: rotate::RotatePanel::new(settings.rotate),
            quality: quality::QualityPanel::default(),
            train: train::TrainPanel::default(),
            explain: explain::ExplainPanel::default(),
            inspector: inspector::InspectorPanel::default(),
            marks: marks::MarksPanel::default(),
            chart: chart::ChartPanel::default(),
        }
    }

    /// Forgets all that was computed of other images.
    pub fn forget_results(&mut self) {
        self.draw.neighbours = None;
        self.quality.forget();
        self.explain.forget();
        self.rotate.forget();
        self.plane.forget();
        self.subnetwork = subnetwork::SubnetworkPanel::default();
        self.inspector.forget();
        self.gallery.forget();
    }
}
