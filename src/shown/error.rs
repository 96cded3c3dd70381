//! Why something cannot be shown.

use crate::data::foreign::ForeignError;
use crate::data::ink::InkError;
use crate::data::kept::KeptError;
use crate::data::source::SourceError;
use crate::export::grid::GridError;
use crate::files::FileError;
use crate::sampling::SamplingError;

/// Why something cannot be shown; each message is made by the room where it happened.
#[derive(Debug, thiserror::Error)]
pub enum ShownError {
    /// An image cannot be sampled, or what belongs to different runs was put together.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// There are no images to compare with.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// There are no foreign images.
    #[error(transparent)]
    Foreign(#[from] ForeignError),
    /// A picture gave no digit.
    #[error(transparent)]
    Ink(#[from] InkError),
    /// The clipboard holds less than it says.
    #[error("The clipboard's picture is incomplete; copy it again.")]
    IncompletePicture,
    /// A kept digit cannot be read, written or taken away.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// A page cannot be drawn or written.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
}
