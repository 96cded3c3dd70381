//! Why a network cannot be opened or saved: which file, what is wrong, what to do.

use std::path::PathBuf;

use super::limits::{FORMAT, MAX_FILE_BYTES};
use crate::files::FileError;
use crate::model::graph::GraphError;
use crate::model::lenet::LenetError;

/// Why a model cannot be opened or saved.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {source} (check the path)")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A graph that cannot be opened.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] FileError),
    /// The file is far too large.
    #[error("{name}: larger than {} MiB, too large for a LeNet; choose another file", MAX_FILE_BYTES >> 20)]
    TooLarge {
        /// The file.
        name: String,
    },
    /// Something else than a network's parameters.
    #[error("{name}: {what}; {advice}")]
    Other {
        /// The file.
        name: String,
        /// What it is.
        what: String,
        /// What to do.
        advice: String,
    },
    /// The bytes are not safetensors.
    #[error("{name}: not a complete safetensors file ({reason}); save or copy it again")]
    Format {
        /// The file.
        name: String,
        /// What the parser found.
        reason: String,
    },
    /// The metadata is damaged.
    #[error("{name}: its metadata cannot be understood ({reason}); save the model again with this program")]
    Metadata {
        /// The file.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// Written by a later version.
    #[error(
        "{name}: written in format {found}, this program reads up to {FORMAT}; use a newer version of it"
    )]
    Version {
        /// The file.
        name: String,
        /// Its format.
        found: u32,
    },
    /// Tensors are missing or there are others.
    #[error("{name}: {problem}")]
    Tensors {
        /// The file.
        name: String,
        /// Which are missing or too many.
        problem: String,
    },
    /// A tensor of numbers that are not floats.
    #[error("{name}: {tensor} holds {found}; save the model in float32")]
    Type {
        /// The file.
        name: String,
        /// Which tensor.
        tensor: String,
        /// Its type.
        found: String,
    },
    /// The tensors do not make a LeNet.
    #[error("{name}: {source}")]
    Network {
        /// The file.
        name: String,
        /// What is wrong.
        source: LenetError,
    },
}

impl CheckpointError {
    /// A file that is something else.
    pub(super) fn other(name: &str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Other { name: name.to_owned(), what: what.into(), advice: advice.into() }
    }
}
