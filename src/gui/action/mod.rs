//! What a person can do, as data: views emit actions, [`State::apply`](super::state::State::apply) carries them out.
//!
//! A file for each panel. They know settings and the workers' words, and neither a panel nor each other, so that an
//! action can be stored, compared and listed without the window.

mod chart;
mod draw;
mod explain;
mod file;
mod gallery;
mod guide;
mod highlight;
mod inspector;
mod marks;
mod plane;
mod quality;
mod rotate;
mod run;
mod subnetwork;
mod train;
mod window;

pub use crate::shown::highlight::Subset;
pub use chart::{ChartAction, Taken};
pub use draw::DrawAction;
pub use explain::ExplainAction;
pub use file::{FileAction, FilePurpose, ending};
pub use gallery::{GalleryAction, Pick, Shelf};
pub use guide::{GuideAction, GuideStep};
pub use highlight::HighlightAction;
pub use inspector::InspectorAction;
pub use marks::MarksAction;
pub use plane::{Brushing, Colouring, DragMode, PlaneAction};
pub use quality::{QualityAction, Section};
pub use rotate::RotateAction;
pub use run::RunAction;
pub use subnetwork::SubnetworkAction;
pub use train::TrainAction;
pub use window::WindowAction;

/// One user action, by the part of the window it is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To the window itself.
    Window(WindowAction),
    /// About a file.
    File(FileAction),
    /// To images, network or passes.
    Run(RunAction),
    /// Back to before the last change: of the drawing in the Draw tab, elsewhere of filter, brush, selection or passes.
    Undo,
    /// Back by so many of the window's steps.
    UndoSteps(usize),
    /// Forward again.
    Redo,
    /// In the gallery, or to what it shows.
    Gallery(GalleryAction),
    /// With sub-networks.
    Subnetwork(SubnetworkAction),
    /// On the plane.
    Plane(PlaneAction),
    /// In the Draw tab.
    Draw(DrawAction),
    /// In the Rotate tab.
    Rotate(RotateAction),
    /// In the quality view.
    Quality(QualityAction),
    /// About training.
    Train(TrainAction),
    /// In the explanation.
    Explain(ExplainAction),
    /// To the image looked at.
    Inspector(InspectorAction),
    /// What is said of the image looked at.
    Marks(MarksAction),
    /// On a part of a chart that stands for images.
    Highlight(HighlightAction),
    /// Copy or save a chart.
    Chart(ChartAction),
}
