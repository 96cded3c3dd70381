//! What a person can do, as data: views emit actions, [`super::state::State::apply`] carries them out.

use std::path::PathBuf;
use std::sync::Arc;

use crate::data::source::Split;
use crate::help::Topic;
use crate::uncertainty::{Filter, Grouping, Measure};
use crate::worker::Only;
use crate::worker::chart::ChartForm;
use crate::worker::subject::Origin;

use super::charts::ChartAction;
use super::drawing::DrawAction;
use super::explain::ExplainAction;
use super::highlight::HighlightAction;
use super::plane::PlaneAction;
use super::quality::QualityAction;
use super::rotate::RotateAction;
use super::settings::{Arrangement, Tab, ThemeChoice, TrainSettings};
use super::shelves::Shelf;
use super::subnetwork::SubnetworkAction;

/// Which file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilePurpose {
    /// A model to open.
    OpenModel,
    /// A folder with IDX files.
    OpenData,
    /// A folder with images that are no digits.
    OpenForeign,
    /// Where to save the model.
    SaveModel,
    /// Where to write the grid or selection as a picture.
    ExportPicture,
    /// Where to write its table.
    ExportTable,
    /// Where to write the raw samples.
    ExportSamples,
    /// Where to write one image.
    SaveImage(Origin),
    /// A picture with digits.
    OpenPicture,
    /// Where to write the drawing.
    SaveDrawing,
    /// Where to write why the image looked at is uncertain.
    ExportCard,
    /// Where to write the kept digits.
    ExportKept,
    /// Where to write the chart of this name: its picture or its data.
    SaveChart(&'static str, ChartForm),
    /// Where to write the figure of the Rotate tab.
    SaveRotation,
    /// Where to write its table.
    SaveRotationTable,
}

/// How a click changes the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// This image alone.
    Only,
    /// Adds it to the set or takes it out.
    Toggle,
    /// Adds all from the last picked image to this one, in the order shown.
    Extend,
}

/// One thing a person did.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Show this view.
    ShowTab(Tab),
    /// Show this digit; all when `None`.
    SetDigit(Option<u8>),
    /// Let the digit mean label or prediction.
    SetGrouping(Grouping),
    /// Show these images.
    SetFilter(Filter),
    /// Sort by this measure.
    SetMeasure(Measure),
    /// Two halves or one ranking.
    SetArrangement(Arrangement),
    /// Images in each half.
    SetTop(usize),
    /// Size of a thumbnail in points.
    SetZoom(f32),
    /// Passes T.
    SetPasses(usize),
    /// Dropout rate p.
    SetDropout(f32),
    /// Seed of the masks.
    SetSeed(u64),
    /// Select an image.
    Select(u32, Pick),
    /// Select these images in place of, or with `add` beside, those selected.
    SelectAll {
        /// Dataset indices.
        indices: Vec<u32>,
        /// Whether the old set stays.
        add: bool,
    },
    /// Select nothing.
    ClearSelection,
    /// Show any image in the inspector: one that is not of the dataset too.
    LookAt(Origin),
    /// Show the sampled probabilities of this class in the inspector; the predicted one when `None`.
    SetClass(Option<u8>),
    /// Back to before the last change of filter or selection.
    Undo,
    /// Forward again.
    Redo,
    /// Ask for a file.
    AskFile(FilePurpose),
    /// A file was chosen.
    FileChosen(FilePurpose, PathBuf),
    /// The system's dialog closed without an answer.
    FileDialogClosed,
    /// Go back to the network that comes with the program.
    UseBundledModel,
    /// Look for MNIST again: cache, then download.
    RetryDownload,
    /// Use digits the program draws itself.
    UseSynthetic,
    /// Show this part of the dataset.
    SetSplit(Split),
    /// Copy an image to the clipboard.
    CopyImage(Origin),
    /// Files were dropped on the window.
    Dropped(Vec<PathBuf>),
    /// Change how to train next.
    SetTraining(TrainSettings),
    /// Train a network.
    StartTraining,
    /// Stop training and keep the network.
    StopTraining,
    /// Something with sub-networks.
    Subnetwork(SubnetworkAction),
    /// Something on the plane.
    Plane(PlaneAction),
    /// Show a shelf in the gallery.
    Shelf(Shelf),
    /// Something in the explanation.
    Explain(ExplainAction),
    /// Something in the Rotate tab.
    Rotate(RotateAction),
    /// Something in the quality view.
    Quality(QualityAction),
    /// Something on a part of a chart that stands for images.
    Highlight(HighlightAction),
    /// Show only these images in the gallery; all when `None`.
    ShowOnly(Option<Arc<Only>>),
    /// Copy or save a chart.
    Chart(ChartAction),
    /// Stop all that runs.
    CancelJobs,
    /// Dark, light or as the system.
    SetTheme(ThemeChoice),
    /// In the Draw tab.
    Draw(DrawAction),
    /// Show or hide the controls.
    ToggleControls,
    /// Show or hide the inspector.
    ToggleInspector,
    /// Show or hide the command palette.
    TogglePalette,
    /// Show or hide the list of shortcuts.
    ToggleShortcuts,
    /// Show a page of the help.
    ShowHelp(Topic),
    /// Close whatever lies over the window; when nothing does, clear the selection.
    Escape,
    /// Take a notice away.
    DismissNotice(u64),
    /// Close the window.
    Quit,
}
