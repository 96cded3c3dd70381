//! Why a job ended without what was asked for.

use crate::data::images::ReadError;
use crate::data::images::sources::SourceError as ImagesError;
use crate::data::kept::KeptError;
use crate::data::marks::StoreError;
use crate::data::source::SourceError;
use crate::export::archive::ArchiveError;
use crate::export::grid::GridError;
use crate::files::FileError;
use crate::model::checkpoint::CheckpointError;
use crate::model::training::TrainError;
use crate::sampling::SamplingError;
use crate::shown::saved_view::SavedViewError;
use crate::shown::{ShownError, Unread};

/// Why a job ended without what was asked for; each message is made by the room where it happened and becomes a
/// sentence where it is shown.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// There are no images.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A source of images has changed.
    #[error(transparent)]
    Images(#[from] ImagesError),
    /// Images cannot be read any more.
    #[error(transparent)]
    Pixels(#[from] ReadError),
    /// Images are shown as the network sees them, because they cannot be read as they are.
    #[error("{0}")]
    Unread(Unread),
    /// There is no network.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// There is no view.
    #[error(transparent)]
    View(#[from] SavedViewError),
    /// The images cannot be sampled.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// The training cannot start or go on.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// Something cannot be computed or written as it is shown.
    #[error(transparent)]
    Shown(#[from] ShownError),
    /// A kept digit cannot be read, written or taken away.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// Marks cannot be read or saved, or were damaged.
    #[error(transparent)]
    Marks(#[from] StoreError),
    /// A page cannot be drawn or written.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// The samples cannot be written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Some of several things failed; the others are done.
    #[error("{}", lines(.0))]
    Several(Vec<JobError>),
    /// The program's own mistake.
    #[error("The program made a mistake ({0}). Nothing you have is lost; please report it.")]
    Panicked(String),
    /// A lane's thread is gone.
    #[error(
        "The {0} worker has stopped and takes no more work. Export what you need, then start dubito again."
    )]
    LaneStopped(&'static str),
}

impl JobError {
    /// What failed of several things; no error when nothing did.
    ///
    /// # Errors
    /// When something failed.
    pub(super) fn of_several(errors: Vec<Self>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self::Several(errors)) }
    }
}

/// One sentence in a line.
fn lines(errors: &[JobError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
