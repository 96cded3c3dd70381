//! Why a source cannot be opened: which file, what is wrong, what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::data::images::shape::ShapeError;
use crate::data::images::store::ReadError;

/// Why images cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Something is wrong with a file or folder.
    #[error("{}: {problem} ({advice})", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        problem: String,
        /// What to do.
        advice: String,
    },
    /// Pixels cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The observer asked to stop. Not an error: it becomes the outcome of the work.
    #[error("stopped")]
    Stopped,
}

impl SourceError {
    /// Something is wrong with a file; what to do about it.
    pub(super) fn new(path: &Path, problem: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::File { path: path.to_path_buf(), problem: problem.into(), advice: advice.into() }
    }

    /// The system refuses to read a file.
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::new(path, "is not there", "check the path"),
            io::ErrorKind::PermissionDenied => Self::new(path, "may not be read", "check its permissions"),
            _ => Self::new(path, format!("cannot be read: {error}"), "check the path and the disk"),
        }
    }

    /// Images of a shape that cannot be opened.
    pub(super) fn shape(path: &Path, error: ShapeError) -> Self {
        let advice = match error {
            ShapeError::Sides { .. } => "resize them, or choose another set",
            ShapeError::Channels { .. } => "save them as grey or as red, green, blue",
        };
        Self::new(path, error.to_string(), advice)
    }
}
