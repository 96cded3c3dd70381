//! Why a command failed; each message is made by the room where it happened.

use std::io;
use std::path::PathBuf;

use crate::data::foreign::ForeignError;
use crate::data::images::{self, ImageShape};
use crate::data::marks::TableError;
use crate::data::source::SourceError;
use crate::data::{Classes, DigitsError};
use crate::export::archive::ArchiveError;
use crate::export::dataset::DatasetError;
use crate::export::grid::GridError;
use crate::files::FileError;
use crate::model::checkpoint::CheckpointError;
use crate::model::lenet::LenetError;
use crate::model::training::TrainError;
use crate::sampling::SamplingError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There are no digits.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file or folder holds no images that can be opened.
    #[error(transparent)]
    Images(#[from] images::sources::SourceError),
    /// They are of another size.
    #[error(
        "{data}: the images are {shape}, and the network takes {taken}: add --resize to have them made so by area"
    )]
    Size {
        /// Of what.
        data: String,
        /// What they are.
        shape: ImageShape,
        /// What the network takes.
        taken: ImageShape,
    },
    /// Something is for networks of another kind of image.
    #[error(
        "{what} can be asked of networks that take grey images; this one takes {taken}: name the picture, or its folder, with --data, and the image by its number"
    )]
    OtherImages {
        /// What was asked for.
        what: &'static str,
        /// What the network takes.
        taken: ImageShape,
    },
    /// Pixels cannot be read.
    #[error(transparent)]
    Pixels(#[from] images::ReadError),
    /// There are no foreign images.
    #[error(transparent)]
    Foreign(#[from] ForeignError),
    /// The marks cannot be read, or are of another dataset.
    #[error(transparent)]
    Marks(#[from] TableError),
    /// Images and labels do not go together.
    #[error(transparent)]
    Digits(#[from] DigitsError),
    /// A dataset cannot be written.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// There is no network.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Sites of a graph that there are not, or none to choose.
    #[error("{0}")]
    Sites(String),
    /// A measure whose error is not known from sums of each image.
    #[error(
        "{0} cannot be made firm: its error needs every pass or every image. Sort by another measure, such as \
         predictive_entropy, or leave --firm out"
    )]
    NotFirm(&'static str),
    /// A network cannot be put together.
    #[error(transparent)]
    Lenet(#[from] LenetError),
    /// The training cannot begin or continue.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The samples cannot be written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The images cannot be sampled.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// The tensors of the reference failed.
    #[error("the tensor library failed: {0}; close other programs, or choose fewer images")]
    Tensor(#[from] candle_core::Error),
    /// The sheet cannot be drawn or written.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// There is no image of that number.
    #[error(
        "there is no image {index}: {data} has {images} images, numbered from 0; to use a picture, give its path"
    )]
    Index {
        /// The number asked for.
        index: usize,
        /// Images there are.
        images: usize,
        /// Of what.
        data: String,
    },
    /// No class is called so.
    #[error("{asked}: there is no such class; {}", some_classes(classes))]
    Class {
        /// What was asked for.
        asked: String,
        /// The classes there are.
        classes: Classes,
    },
    /// No answer of the network can be right.
    #[error(
        "the network tells apart other classes than the images are of, so that none of its answers can be right \
             ({}, and not {}); train one on them, or give one that was with --model",
        few(answers),
        few(labels)
    )]
    OtherClasses {
        /// What the network's classes are called.
        answers: Classes,
        /// What the labels are called.
        labels: Classes,
    },
    /// No image has a label.
    #[error(
        "{data}: no image has a label, so that no answer is right or wrong (rank sorts them by doubt all the same)"
    )]
    Unlabelled {
        /// Of what.
        data: String,
    },
    /// There is no such course.
    #[error(
        "{by} can go from {least} to {most}, with the first amount below the last, and not from {from} to {to}"
    )]
    Course {
        /// What was to change.
        by: &'static str,
        /// The first amount asked for.
        from: f32,
        /// The last.
        to: f32,
        /// The least there is.
        least: String,
        /// The largest.
        most: String,
    },
    /// Some pictures could not be used; the others were answered.
    #[error("{}", .0.join("\ndubito: "))]
    Pictures(Vec<String>),
    /// The result exists, but not where it was asked for.
    #[error("{cause}; the trained network is in {}", rescued.display())]
    Rescued {
        /// Why it is not there.
        cause: Box<Failure>,
        /// Where it is.
        rescued: PathBuf,
    },
    /// The work was stopped.
    #[error("stopped")]
    Stopped,
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// Whether the reader of standard output went away, which is its right.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// The first classes by name: `cat, dog, horse … (10)`.
fn few(classes: &Classes) -> String {
    const FEW: usize = 3;
    let names = classes.names();
    match names.get(..FEW) {
        Some(first) if names.len() > FEW => format!("{} … ({})", first.join(", "), names.len()),
        _ => names.join(", "),
    }
}

/// The classes there are, the first few by name.
fn some_classes(classes: &Classes) -> String {
    const FEW: usize = 12;
    if classes.are_numbers() {
        return format!("they are numbered from 0 to {}", classes.len() - 1);
    }
    let names = classes.names();
    let more = if names.len() > FEW { format!(" and {} more", names.len() - FEW) } else { String::new() };
    format!("there are {}{more}", names[..names.len().min(FEW)].join(", "))
}
