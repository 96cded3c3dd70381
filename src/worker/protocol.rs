//! What is asked of the workers and what they answer: plain data.

use std::path::PathBuf;
use std::sync::Arc;

use crate::data::ink::{self, Sheet};
use crate::data::source::{Places, Split};
use crate::data::{Classes, Digits, PIXELS};
use crate::model::training::{TrainConfig, TrainingReport};
use crate::progress::Progress;
use crate::sampling::{NetworkKey, Prefix, Samples, SweepConfig};
use crate::shown::clipboard::{ChartCopy, ChartForm};
use crate::shown::explain::{ExplainJob, ExplainView, TrainingSpace};
use crate::shown::film::{FilmFrame, FilmPlan};
use crate::shown::firm::{FirmJob, FirmView};
use crate::shown::light::{LightJob, Lighting, Lit};
use crate::shown::one_image::OneImage;
use crate::shown::over_dropout::{OverDropoutJob, OverDropoutView};
use crate::shown::plane_chart::ChartDraft;
use crate::shown::quality::{ForeignJob, ForeignView, QualityJob, QualityView};
use crate::shown::rotate::{DialView, RotateJob, RotateView};
use crate::shown::saved_view::SavedView;
use crate::shown::subnetwork::{SubnetworkJob, SubnetworkView};
use crate::shown::{
    Asked, CopiesFound, CopiesJob, Dataset, DrawView, Features, GalleryQuery, GalleryView, InputCheck,
    InspectJob, InspectorView, KeepWork, Kept, Limits, MarkWork, Marked, Neighbours, OpenedModel,
    PictureSource, PictureView, PlanePoints, ReduceJob, ReducedImages, Unread,
};
use crate::wording;

use super::error::JobError;
use super::lanes::{Lane, Slot};
use super::written::Export;

/// Names a submitted job; its events carry it.
pub type JobId = u64;

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
    /// Read a model; a graph of several outputs answers with the one that is named, or the first that can.
    OpenModel(PathBuf, Option<String>),
    /// Read a saved view.
    OpenView(PathBuf),
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
        /// What the gallery shows, for a first look at some images.
        query: GalleryQuery,
    },
    /// Train a network on the training images of a source.
    Train {
        /// Where the training images are.
        places: Box<Places>,
        /// How to train.
        config: TrainConfig,
        /// The network to go on from; a fresh one when `None`.
        start: Option<OpenedModel>,
        /// Which training it is, and what is filmed of it.
        film: FilmPlan,
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
        /// What was made firm of the run.
        firm: Option<Arc<FirmView>>,
    },
    /// Draw further passes until what the gallery shows is decided.
    Firm(Box<FirmJob>),
    /// Look at one image.
    Inspect(Box<InspectJob>),
    /// Look at a drawing.
    Draw {
        /// The drawing's sheet.
        sheet: Sheet,
        /// Which drawing it is, to tell its answers from those of the next.
        drawing: u64,
        /// The network and its passes.
        asked: Asked,
    },
    /// Compute the hidden features of a dataset.
    Features {
        /// The images.
        digits: Arc<Digits>,
        /// The network.
        model: OpenedModel,
        /// Activations of the images, where they are there.
        known: Option<Arc<Prefix>>,
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
    /// Keep what a person calls the classes of a set; `None`: as they came.
    KeepNames {
        /// Where names lie.
        folder: PathBuf,
        /// The hash of the set.
        dataset: [u8; 32],
        /// The names.
        names: Option<Classes>,
    },
    /// Read marks or save changes of them.
    Marks {
        /// Where they lie; `None`: nowhere, they last as long as the window.
        folder: Option<PathBuf>,
        /// What to do.
        work: MarkWork,
    },
    /// Say how far the run can be trusted.
    Quality(Box<QualityJob>),
    /// Sample foreign images and compare.
    Foreign(Box<ForeignJob>),
    /// Say how far the network can be trusted at several dropout rates.
    OverDropout(Box<OverDropoutJob>),
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
        chart: Arc<ChartDraft>,
        /// Its picture or its data.
        form: ChartForm,
    },
    /// Make an image ready for the clipboard.
    CopyImage(OneImage),
    /// Sample an image along a course of amounts, or at one of them.
    Rotate(Box<RotateJob>),
    /// Find the images that a part of a chart stands for.
    Light(Box<LightJob>),
    /// Read images as they are.
    Reduce(ReduceJob),
    /// Find images that are there more than once.
    Copies(CopiesJob),
    /// Find out whether the network is given its images as it was trained on them.
    CheckInput {
        /// The network.
        model: OpenedModel,
        /// The images.
        digits: Arc<Digits>,
    },
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
            Self::OpenModel(..) => Slot::Model,
            Self::OpenView(_) => Slot::View,
            Self::Sweep { .. } => Slot::Sweep,
            Self::Train { .. } => Slot::Train,
            // A few kilobytes, which do not wait for a sweep and are there before the window is gone.
            Self::Export { what: Export::View(_), .. } => Slot::Keep,
            Self::Export { .. } => Slot::Export,
            Self::Gallery { .. } => Slot::Gallery,
            Self::Firm(_) => Slot::Firm,
            Self::Inspect(_) => Slot::Inspect,
            Self::Draw { .. } => Slot::Draw,
            Self::Features { .. } => Slot::Features,
            Self::Neighbours { .. } => Slot::Neighbours,
            Self::ReadPictures { list, .. } => match list.first() {
                Some((_, PictureSource::Again(_))) => Slot::PictureAgain,
                _ => Slot::Pictures,
            },
            Self::Keep { .. } | Self::KeepNames { .. } => Slot::Keep,
            Self::Marks { .. } => Slot::Marks,
            Self::Quality(_) => Slot::Quality,
            Self::Foreign(_) => Slot::Foreign,
            Self::OverDropout(_) => Slot::OverDropout,
            Self::Subnetwork(_) => Slot::Subnetwork,
            Self::Explain(_) => Slot::Explain,
            Self::TrainingSpace { .. } => Slot::TrainingSpace,
            // What is wanted for different ends does not take each other's place.
            Self::Light(job) => match &job.wanted {
                Lighting::Show(_) => Slot::Light,
                Lighting::Select(_) | Lighting::Only(_) | Lighting::OnlySelected(_) => Slot::Choose,
                Lighting::Count => Slot::Count,
            },
            Self::Chart { .. } | Self::CopyImage(_) => Slot::Chart,
            Self::Reduce(_) => Slot::Reduced,
            Self::Copies(_) => Slot::Copies,
            Self::CheckInput { .. } => Slot::InputCheck,
            // The dial does not wait for a course.
            Self::Rotate(job) => {
                if job.amount.is_some() {
                    Slot::Dial
                } else {
                    Slot::Rotate
                }
            }
            #[cfg(test)]
            Self::Test(slot, _) => *slot,
        }
    }

    /// What the status bar calls it.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Load { .. } => "Loading images".to_owned(),
            Self::OpenModel(..) => "Opening model".to_owned(),
            Self::OpenView(_) => "Opening view".to_owned(),
            Self::Sweep { digits, .. } => format!("Sampling {}", wording::count(digits.len(), "image")),
            Self::Train { .. } => "Training".to_owned(),
            Self::Export { path, .. } => {
                format!("Writing {}", path.file_name().unwrap_or(path.as_os_str()).to_string_lossy())
            }
            Self::Gallery { .. } => "Measuring".to_owned(),
            Self::Firm(_) => "Making the ranking firm".to_owned(),
            Self::Inspect(_) => "Inspecting".to_owned(),
            Self::Draw { .. } => "Looking at the drawing".to_owned(),
            Self::Features { .. } => "Preparing the closest images".to_owned(),
            Self::Neighbours { .. } => "Finding the closest images".to_owned(),
            Self::ReadPictures { list, .. } => format!("Reading {}", wording::count(list.len(), "picture")),
            Self::Keep { .. } => "Keeping digits".to_owned(),
            Self::KeepNames { .. } => "Keeping names".to_owned(),
            Self::Marks { work: MarkWork::Load(_), .. } => "Reading marks".to_owned(),
            Self::Marks { work: MarkWork::Save { .. }, .. } => "Saving marks".to_owned(),
            Self::Quality(_) => "Resampling".to_owned(),
            Self::Foreign(_) => "Sampling foreign images".to_owned(),
            Self::OverDropout(_) => "Trying dropout rates".to_owned(),
            Self::Subnetwork(_) => "Asking a sub-network".to_owned(),
            Self::Explain(_) => "Explaining".to_owned(),
            Self::TrainingSpace { .. } => "Looking through the training images".to_owned(),
            Self::Chart { .. } => "Drawing a chart".to_owned(),
            Self::Light(_) => "Finding images".to_owned(),
            Self::Reduce(_) | Self::CopyImage(_) => "Reading images".to_owned(),
            Self::Copies(_) => "Looking for copies".to_owned(),
            Self::CheckInput { .. } => "Checking the network's input".to_owned(),
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
            Self::Sweep { .. } | Self::Firm(_) => "passes",
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
    /// Its progress.
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
    /// A saved view was read, from this file.
    ViewRead(Box<SavedView>, PathBuf),
    /// The activations that later sweeps of the same images and network can use.
    Prepared(Arc<Prefix>),
    /// Some images of every class are ranked, before all of them are through the network.
    FirstLook(Arc<GalleryView>),
    /// More passes are there.
    Swept(Samples),
    /// Where a training is.
    Training {
        /// Which training of the window.
        training: u64,
        /// Where it is.
        report: TrainingReport,
    },
    /// What the network in training says now.
    Filmed(Arc<FilmFrame>),
    /// A network has been trained, or stopped and kept.
    Trained(OpenedModel),
    /// This file holds this network.
    ModelSaved(NetworkKey, PathBuf),
    /// A file was written.
    Exported {
        /// Which.
        path: PathBuf,
        /// The images that it shows as the network sees them, because they cannot be read as they are.
        unread: Option<Unread>,
    },
    /// The gallery's new order.
    Gallery(Arc<GalleryView>),
    /// What has been made firm so far.
    Firmed(Arc<FirmView>),
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
    /// What came of reading or saving marks.
    Marked(Marked),
    /// The numbers of the quality view.
    Quality(Arc<QualityView>),
    /// What is shown of foreign images.
    Foreign(Arc<ForeignView>),
    /// The quality at several dropout rates.
    OverDropout(Arc<OverDropoutView>),
    /// What one sub-network says.
    Subnetwork(Arc<SubnetworkView>),
    /// Why an image is uncertain, as far as it is known.
    Explained(Arc<ExplainView>),
    /// Where the training images lie.
    TrainingSpace(Arc<TrainingSpace>),
    /// The images that a part of a chart stands for.
    Lit(Lit),
    /// Images as they are.
    Reduced(ReducedImages),
    /// What is known of copies.
    Copies(CopiesFound),
    /// Whether the network is given its images as it was trained on them.
    InputChecked(InputCheck),
    /// A chart or an image is ready for the clipboard.
    Chart(ChartCopy),
    /// An image along a course, as far as it is sampled.
    Rotated(Arc<RotateView>),
    /// An image at the dial's amount.
    Dialled(Arc<DialView>),
    /// It ended because of this.
    Failed(JobError),
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
