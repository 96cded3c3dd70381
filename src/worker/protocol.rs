//! What is asked of the workers and what they answer: plain data.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::data::ink::{self, Sheet};
use crate::data::kept::KeptDigit;
use crate::data::source::{Places, Source, Split};
use crate::data::{CLASSES, Digits, PIXELS};
use crate::export::chart::Chart;
use crate::export::contact_sheet::{Ends, Provenance};
use crate::model::checkpoint::Checkpoint;
use crate::model::training::{TrainConfig, TrainingReport};
use crate::progress::Progress;
use crate::sampling::{Network, Prefix, Samples, SweepConfig};
use crate::uncertainty::quality::Histogram;
use crate::uncertainty::{Filter, Grouping, Measure, Measures, Order, RankingQuery};
use crate::wording;

use super::card::CardJob;
use super::chart::{ChartCopy, ChartForm};
use super::explain::{ExplainJob, ExplainView, TrainingSpace};
use super::inspect::{InspectJob, InspectorView};
use super::lanes::{Lane, Slot};
use super::pen::{Asked, DrawView, Features, KeepWork, Kept, Neighbours, PictureSource, PictureView};
use super::plane::{Brushed, Limits, PlanePoints};
use super::quality::{ForeignJob, ForeignView, QualityJob, QualityView};
use super::rotate::{DialView, RotateJob, RotateView, RotationFile};
use super::subnetwork::{SubnetworkJob, SubnetworkView};

/// Names a submitted job; its events carry it.
pub type JobId = u64;

/// A dataset as the window knows it.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Images and labels.
    pub digits: Arc<Digits>,
    /// Where they come from.
    pub source: Source,
    /// Which part of the source.
    pub split: Split,
}

impl Dataset {
    /// Source and split, as in a chip: `MNIST · test`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} · {}", self.source, self.split)
    }
}

/// A model as the window knows it.
#[derive(Clone, Debug)]
pub struct OpenedModel {
    /// The network and what its file says of it.
    pub checkpoint: Arc<Checkpoint>,
    /// Its name in the model chip.
    pub name: String,
    /// Short hash of the parameters.
    pub hash: String,
    /// The network packed for sampling, once somebody asked for it.
    pub(super) packed: Arc<OnceLock<Arc<Network>>>,
}

/// Which images the gallery shows, in which order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GalleryQuery {
    /// Only this digit; all when `None`.
    pub digit: Option<u8>,
    /// What the digit refers to.
    pub grouping: Grouping,
    /// Which images take part.
    pub filter: Filter,
    /// Sorted by this measure.
    pub measure: Measure,
    /// Passes T of the prefix to measure.
    pub passes: usize,
}

impl GalleryQuery {
    /// The ranking it asks for: all matching images, the most uncertain first.
    #[must_use]
    pub fn ranking(&self) -> RankingQuery {
        let order = if self.measure.high_means_uncertain() { Order::Highest } else { Order::Lowest };
        RankingQuery {
            digit: self.digit,
            grouping: self.grouping,
            filter: self.filter,
            measure: Some(self.measure),
            order,
            top: None,
        }
    }
}

/// Some images by name, such as those a plot's brush has chosen: the gallery shows no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Only {
    /// What they are, for a chip: `the 212 least certain`.
    pub name: String,
    /// Dataset indices, ascending.
    pub indices: Vec<u32>,
}

/// A ranking and where its order is within Monte-Carlo noise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranked {
    /// Dataset indices, the most uncertain first.
    pub order: Vec<u32>,
    /// For each place, the first and the last place at which the image there could as well stand, counted from 0. Empty
    /// where that is not known ([`crate::uncertainty::places::spans`]).
    pub spans: Vec<[u32; 2]>,
}

/// All the gallery shows, computed off the window's thread.
#[derive(Clone, Debug)]
pub struct GalleryView {
    /// What was asked.
    pub query: GalleryQuery,
    /// The images it is limited to.
    pub only: Option<Arc<Only>>,
    /// The region of the plane it is limited to.
    pub brush: Option<Arc<Brushed>>,
    /// Where the images are on the plane.
    pub plane: Arc<PlanePoints>,
    /// The samples it was computed from: T of the sweep so far, p, seed.
    pub sampled: SweepConfig,
    /// Measures of every image of the dataset at `query.passes`.
    pub measures: Arc<Vec<Measures>>,
    /// The matching images, most uncertain first.
    pub ranked: Ranked,
    /// Share of right predictions among all images.
    pub accuracy: f32,
    /// Images of each digit, by label or by prediction as the query says.
    pub counts: [usize; CLASSES],
    /// The measure sorted by: all images of the dataset, then those that match.
    pub histogram: Histogram,
}

/// Which images a contact sheet shows.
#[derive(Clone, Debug)]
pub enum SheetImages {
    /// Those of a ranking, from one end or from both; limited to some images, if to any.
    Ranking(RankingQuery, Ends, Option<Only>),
    /// Those chosen, in this order, with this measure under each.
    Selection(Vec<u32>, Measure),
}

/// What a file to write holds.
#[derive(Clone, Debug)]
pub enum Export {
    /// A contact sheet.
    Sheet {
        /// Which images.
        images: SheetImages,
        /// Where the numbers come from.
        provenance: Provenance,
        /// Images and labels.
        digits: Arc<Digits>,
        /// Measures of every image of the dataset.
        measures: Arc<Vec<Measures>>,
        /// Kept digits, which follow the others under this measure.
        my_digits: Option<(Vec<KeptDigit>, Asked, Measure)>,
    },
    /// The rows of a ranking.
    Table {
        /// Measures of every image of the dataset.
        measures: Arc<Vec<Measures>>,
        /// Images and labels.
        digits: Arc<Digits>,
        /// Dataset indices of the rows.
        order: Vec<u32>,
        /// The passes that were measured, where they are at hand, and their number.
        drawn: Option<(Samples, usize)>,
    },
    /// The raw samples.
    Samples {
        /// What was sampled.
        samples: Samples,
        /// Passes to write.
        passes: usize,
        /// Images and labels.
        digits: Arc<Digits>,
    },
    /// Why an image is uncertain.
    Card(Box<CardJob>),
    /// The model.
    Model(OpenedModel),
    /// One image as the network sees it, enlarged: `[28, 28]`, 0…255.
    Image(Vec<u8>),
    /// An image along a course: its figure or its numbers.
    Rotation(RotationFile),
    /// Kept digits with what the network says of them: CSV or PNG, as the path's name ends.
    KeptDigits(Vec<KeptDigit>, Asked),
    /// A chart: its picture or its data.
    Chart(Arc<Chart>, ChartForm),
}

/// What a test lets a worker do; it can ask whether it was told to stop.
#[cfg(test)]
pub type TestWork = Box<dyn FnOnce(&dyn Fn() -> bool) + Send>;

/// Work to do.
pub enum Job {
    /// Find and read a dataset.
    Load {
        /// Where to look.
        places: Places,
        /// Which part.
        split: Split,
    },
    /// Read a model.
    OpenModel(PathBuf),
    /// Sample, or sample on.
    Sweep {
        /// The images.
        digits: Arc<Digits>,
        /// The network.
        model: OpenedModel,
        /// Passes, rate, seed.
        config: SweepConfig,
        /// Activations of an earlier sweep of the same images and network.
        prefix: Option<Arc<Prefix>>,
        /// Passes already there.
        samples: Option<Samples>,
    },
    /// Train a network on the training images of a source.
    Train {
        /// Where the training images are.
        places: Places,
        /// How to train.
        config: TrainConfig,
        /// The network to go on from; a fresh one when `None`.
        start: Option<OpenedModel>,
    },
    /// Write a file.
    Export {
        /// What.
        what: Export,
        /// Where.
        path: PathBuf,
    },
    /// Measure and rank.
    Gallery {
        /// What was sampled.
        samples: Samples,
        /// Images and labels.
        digits: Arc<Digits>,
        /// What to show.
        query: GalleryQuery,
        /// What it is limited to.
        limits: Limits,
        /// Where foreign images are, to count those in the region apart.
        foreign: Option<Arc<PlanePoints>>,
    },
    /// Look at one image.
    Inspect(Box<InspectJob>),
    /// Look at a drawing.
    Draw {
        /// The drawing.
        sheet: Sheet,
        /// The network and its passes.
        asked: Asked,
    },
    /// Compute the hidden features of a dataset.
    Features {
        /// The images.
        digits: Arc<Digits>,
        /// The network.
        model: OpenedModel,
    },
    /// Find the images closest to a drawing.
    Neighbours {
        /// The drawing as the network sees it.
        image: Box<[f32; PIXELS]>,
        /// Where to look.
        features: Arc<Features>,
        /// The network the features are of.
        model: OpenedModel,
    },
    /// Read pictures, each under an id.
    ReadPictures {
        /// Where they come from.
        list: Vec<(u64, PictureSource)>,
        /// Polarity and threshold.
        options: ink::PictureOptions,
        /// What to ask of the digits found.
        asked: Asked,
    },
    /// Read, keep or delete kept digits.
    Keep {
        /// Where they lie; `None`: nowhere, they last as long as the window.
        folder: Option<PathBuf>,
        /// What to do.
        work: KeepWork,
    },
    /// Say how far the run can be trusted.
    Quality(Box<QualityJob>),
    /// Sample foreign images and compare.
    Foreign(Box<ForeignJob>),
    /// Ask one sub-network about all images.
    Subnetwork(Box<SubnetworkJob>),
    /// Say why an image is uncertain.
    Explain(Box<ExplainJob>),
    /// Find where the training images lie for a network.
    TrainingSpace {
        /// Where the training images are.
        places: Places,
        /// The network.
        model: OpenedModel,
        /// Training images read before.
        known: Option<Arc<TrainingSpace>>,
    },
    /// Make a chart ready for the clipboard.
    Chart {
        /// The chart.
        chart: Arc<Chart>,
        /// Its picture or its data.
        form: ChartForm,
    },
    /// Sample an image along a course of amounts, or at one of them.
    Rotate(Box<RotateJob>),
    /// Whatever a test wants.
    #[cfg(test)]
    Test(Slot, TestWork),
}

impl Job {
    /// Which slot it is of.
    #[must_use]
    pub fn slot(&self) -> Slot {
        match self {
            Self::Load { .. } => Slot::Load,
            Self::OpenModel(_) => Slot::Model,
            Self::Sweep { .. } => Slot::Sweep,
            Self::Train { .. } => Slot::Train,
            Self::Export { .. } => Slot::Export,
            Self::Gallery { .. } => Slot::Gallery,
            Self::Inspect(_) => Slot::Inspect,
            Self::Draw { .. } => Slot::Draw,
            Self::Features { .. } => Slot::Features,
            Self::Neighbours { .. } => Slot::Neighbours,
            Self::ReadPictures { list, .. } => match list.first() {
                Some((_, PictureSource::Again(_))) => Slot::PictureAgain,
                _ => Slot::Pictures,
            },
            Self::Keep { .. } => Slot::Keep,
            Self::Quality(_) => Slot::Quality,
            Self::Foreign(_) => Slot::Foreign,
            Self::Subnetwork(_) => Slot::Subnetwork,
            Self::Explain(_) => Slot::Explain,
            Self::TrainingSpace { .. } => Slot::TrainingSpace,
            Self::Chart { .. } => Slot::Chart,
            Self::Rotate(job) => job.slot(),
            #[cfg(test)]
            Self::Test(slot, _) => *slot,
        }
    }

    /// What the status bar calls it.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Load { .. } => "Loading images".to_owned(),
            Self::OpenModel(_) => "Opening model".to_owned(),
            Self::Sweep { digits, .. } => format!("Sampling {}", wording::count(digits.len(), "image")),
            Self::Train { .. } => "Training".to_owned(),
            Self::Export { path, .. } => {
                format!("Writing {}", path.file_name().unwrap_or(path.as_os_str()).to_string_lossy())
            }
            Self::Gallery { .. } => "Measuring".to_owned(),
            Self::Inspect(_) => "Inspecting".to_owned(),
            Self::Draw { .. } => "Looking at the drawing".to_owned(),
            Self::Features { .. } => "Preparing the closest images".to_owned(),
            Self::Neighbours { .. } => "Finding the closest images".to_owned(),
            Self::ReadPictures { list, .. } => format!("Reading {}", wording::count(list.len(), "picture")),
            Self::Keep { .. } => "Keeping digits".to_owned(),
            Self::Quality(_) => "Resampling".to_owned(),
            Self::Foreign(_) => "Sampling foreign images".to_owned(),
            Self::Subnetwork(_) => "Asking a sub-network".to_owned(),
            Self::Explain(_) => "Explaining".to_owned(),
            Self::TrainingSpace { .. } => "Looking through the training images".to_owned(),
            Self::Chart { .. } => "Drawing a chart".to_owned(),
            Self::Rotate(job) => format!("Sampling {}", wording::count(job.key.course.steps, "step")),
            #[cfg(test)]
            Self::Test(..) => "Testing".to_owned(),
        }
    }

    /// The unit of its rate; empty when a rate says nothing.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Load { .. } => "bytes",
            Self::Sweep { .. } => "passes",
            Self::Train { .. } | Self::Features { .. } => "images",
            Self::ReadPictures { .. } => "pictures",
            _ => "",
        }
    }

    /// Which thread does it.
    #[must_use]
    pub fn lane(&self) -> Lane {
        self.slot().lane()
    }
}

/// What a job says.
#[derive(Debug)]
pub enum Event {
    /// It has begun.
    Started,
    /// How far it is.
    Progress(Progress),
    /// A dataset is there.
    Loaded {
        /// The images.
        dataset: Dataset,
        /// Where they were found: where the other part is too.
        places: Box<Places>,
    },
    /// A model is there.
    ModelOpened(OpenedModel),
    /// The activations that later sweeps of the same images and network can use.
    Prepared(Arc<Prefix>),
    /// More passes are there.
    Swept(Samples),
    /// Where training is.
    Training(TrainingReport),
    /// A network has been trained, or stopped and kept.
    Trained(OpenedModel),
    /// A file was written.
    Exported(PathBuf),
    /// The gallery's new order.
    Gallery(Arc<GalleryView>),
    /// The inspector's new picture.
    Inspected(Arc<InspectorView>),
    /// What the network says of a drawing.
    Drawn(Arc<DrawView>),
    /// The hidden features of the dataset.
    Features(Arc<Features>),
    /// The images closest to the drawing.
    Neighbours(Arc<Neighbours>),
    /// A picture was read.
    PictureRead(Arc<PictureView>),
    /// What came of keeping digits.
    Kept(Kept),
    /// The numbers of the quality view.
    Quality(Arc<QualityView>),
    /// What is shown of foreign images.
    Foreign(Arc<ForeignView>),
    /// What one sub-network says.
    Subnetwork(Arc<SubnetworkView>),
    /// Why an image is uncertain, as far as it is known.
    Explained(Arc<ExplainView>),
    /// Where the training images lie.
    TrainingSpace(Arc<TrainingSpace>),
    /// A chart is ready for the clipboard.
    Chart(ChartCopy),
    /// An image along a course, as far as it is sampled.
    Rotated(Arc<RotateView>),
    /// An image at the dial's amount.
    Dialled(Arc<DialView>),
    /// It ended with this message.
    Failed(String),
    /// It ended: done, or stopped when told to.
    Finished,
}

/// An event and the job it belongs to.
#[derive(Debug)]
pub struct Report {
    /// The job; 0 when no job was running.
    pub job: JobId,
    /// What it says.
    pub event: Event,
}
