//! Which thread does what, and which job makes which other pointless.

use std::io;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// A thread with a queue of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Training: minutes.
    Training,
    /// Downloads, sweeps, files: seconds.
    Long,
    /// What the window shows now: milliseconds.
    Live,
    /// What a person opens and keeps: a second at most, behind nothing that takes longer.
    Aside,
    /// What is asked once and waited for: half a minute, in which everything else goes on.
    Survey,
}

impl Lane {
    /// All lanes.
    pub const ALL: [Self; 5] = [Self::Training, Self::Long, Self::Live, Self::Aside, Self::Survey];

    /// Its name, which its thread bears too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Long => "long",
            Self::Live => "live",
            Self::Aside => "aside",
            Self::Survey => "survey",
        }
    }
}

impl Lane {
    /// Threads of its own for the lane that answers at once; the other lanes share the program's.
    pub(super) fn pool(self) -> io::Result<Option<ThreadPool>> {
        if self != Self::Live {
            return Ok(None);
        }
        let name = |thread| format!("dubito-live-{thread}");
        ThreadPoolBuilder::new().thread_name(name).build().map(Some).map_err(io::Error::other)
    }
}

/// Jobs of one slot are about the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The dataset.
    Load,
    /// Opening or saving a model.
    Model,
    /// Reading a saved view.
    View,
    /// The sweep.
    Sweep,
    /// Training.
    Train,
    /// Writing a file a person asked for.
    Export,
    /// The gallery's order.
    Gallery,
    /// The inspector's picture of one image.
    Inspect,
    /// What one sub-network says of all images.
    Subnetwork,
    /// What the network says of a drawing.
    Draw,
    /// The images closest to a drawing.
    Neighbours,
    /// The hidden features of the dataset.
    Features,
    /// Reading pictures.
    Pictures,
    /// Reading a picture again with other options.
    PictureAgain,
    /// Keeping digits, and what the window shows.
    Keep,
    /// Reading marks and saving their changes.
    Marks,
    /// The quality of the run shown.
    Quality,
    /// Foreign images.
    Foreign,
    /// The quality at several dropout rates.
    OverDropout,
    /// Why an image is uncertain.
    Explain,
    /// Where the training images lie for the network.
    TrainingSpace,
    /// A chart for the clipboard.
    Chart,
    /// An image along a course of amounts.
    Rotate,
    /// An image at the dial's amount.
    Dial,
    /// The images lit up.
    Light,
    /// The images chosen by a click on a part of a chart.
    Choose,
    /// Where the brushed images are in the charts.
    Count,
    /// Images as they are.
    Reduced,
    /// Images that are there more than once.
    Copies,
    /// Whether the network is given its images as it was trained on them.
    InputCheck,
    /// Making what the gallery shows firm.
    Firm,
}

impl Slot {
    /// Whether a newer job makes older ones of its slot pointless. Files a person asked for are all written.
    #[must_use]
    pub fn newest_wins(self) -> bool {
        !matches!(self, Self::Export | Self::Model | Self::Pictures | Self::Keep | Self::Marks)
    }

    /// Which thread does its jobs.
    #[must_use]
    pub fn lane(self) -> Lane {
        match self {
            Self::Train => Lane::Training,
            Self::OverDropout | Self::InputCheck | Self::Firm => Lane::Survey,
            Self::Gallery
            | Self::Inspect
            | Self::Subnetwork
            | Self::Draw
            | Self::Neighbours
            | Self::Explain
            | Self::Rotate
            | Self::Dial
            | Self::Light
            | Self::Choose
            | Self::Count => Lane::Live,
            Self::View
            | Self::Features
            | Self::Pictures
            | Self::PictureAgain
            | Self::Keep
            | Self::Marks
            | Self::Chart
            | Self::Reduced => Lane::Aside,
            Self::Load
            | Self::Model
            | Self::Sweep
            | Self::Export
            | Self::Quality
            | Self::Foreign
            | Self::TrainingSpace
            | Self::Copies => Lane::Long,
        }
    }

    /// Whether its waiting jobs are done before the program ends: what a person was shown as done is on the disk.
    #[must_use]
    pub fn is_owed(self) -> bool {
        matches!(self, Self::Keep | Self::Marks)
    }

    /// Whether its jobs take milliseconds: a running one is left to finish and its result shown, so that something
    /// moves while a slider does.
    #[must_use]
    pub fn is_quick(self) -> bool {
        matches!(
            self,
            Self::Gallery
                | Self::Subnetwork
                | Self::Inspect
                | Self::Draw
                | Self::Neighbours
                | Self::PictureAgain
                | Self::View
                | Self::Keep
                | Self::Marks
                | Self::Chart
                | Self::Dial
                | Self::Light
                | Self::Choose
                | Self::Count
                | Self::Reduced
        )
    }
}
