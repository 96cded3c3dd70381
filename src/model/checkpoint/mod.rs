//! Networks on disk: safetensors with PyTorch's names and shapes, so that a model trained there opens here and ours
//! opens there. What PyTorch has no place for is stored in the header's metadata under one key, as JSON.
//!
//! The same shape is read from state dicts of `torch.save` and from the archives of Chainer; nothing in them is run.

mod chainer;
mod error;
mod limits;
mod pytorch;
mod safe;
mod tensors;

use std::collections::HashMap;
use std::fs::File;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::geometry::FEATURES;
use super::lenet::{Architecture, Lenet, LenetError, MAX_HIDDEN, PARAMETERS, Placement, Weights};
use super::unlike;
use crate::data::Classes;
use crate::files;
use crate::wording::hexadecimal;
use chainer::Chainer;
pub use error::CheckpointError;
use limits::{FORMAT, MAX_FILE_BYTES};
use pytorch::PyTorch;
use safe::Safe;
use tensors::Tensors;

/// The model that comes with the program.
const BUNDLED: &[u8] = include_bytes!("../../../assets/lenet-mnist.safetensors");

/// The key of the header's metadata that holds [`Header`]: one key, because several would be written in any order
/// and the same network must give the same bytes.
const METADATA_KEY: &str = "dubito";

/// How names of files with a network end. Archives of numpy may hold images as well.
pub const ENDINGS: [&str; 6] = ["onnx", "safetensors", "pt", "pth", "ckpt", "npz"];

/// Hex digits of a model's hash that are shown: 48 bits, enough to tell one person's models apart.
const HASH_DIGITS: usize = 12;

/// A network with what is known about its training.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The network.
    pub lenet: Lenet,
    /// What its classes are called.
    pub classes: Classes,
    /// Whether placement and dropout rate were written in the file.
    pub settings: SettingsSource,
    /// How it was trained, when that is known.
    pub training: Option<TrainingRecord>,
}

/// Where the placement and the dropout rate of an opened file come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsSource {
    /// The file says.
    Recorded,
    /// The file has no metadata (it was saved from PyTorch): dense placement and p = 0.5 are assumed.
    Assumed,
}

/// How a network was trained.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct TrainingRecord {
    /// Images it was trained on.
    pub images: usize,
    /// Passes over these images, those of earlier trainings included.
    pub epochs: usize,
    /// Images of a step.
    pub batch_size: usize,
    /// Adam's step size at the start.
    pub learning_rate: f32,
    /// How the step size falls: `constant` or `cosine`.
    pub schedule: super::schedule::Schedule,
    /// Seed of the initial weights, the order of the images and the masks.
    pub seed: u64,
    /// Share of the validation images the network without dropout gets right, in 0…1.
    pub validation_accuracy: Option<f32>,
}

/// The contents of the metadata.
#[derive(serde::Serialize, serde::Deserialize)]
struct Header {
    format: u32,
    hidden: usize,
    placement: Placement,
    dropout: f32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    training: Option<TrainingRecord>,
    /// Names of the classes, where they are not numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    classes: Option<Vec<String>>,
}

impl Checkpoint {
    /// A network that was just made, nothing known about its training.
    #[must_use]
    pub fn new(lenet: Lenet) -> Self {
        let classes = numbered(&lenet);
        Self { lenet, classes, settings: SettingsSource::Recorded, training: None }
    }

    /// The model that comes with the program: LeNet, 500 hidden units, trained on MNIST.
    ///
    /// # Errors
    /// Only when the program was built with a damaged asset; a test opens it.
    pub fn bundled() -> Result<Self, CheckpointError> {
        Self::from_bytes(BUNDLED, "bundled model")
    }

    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read or does not hold a LeNet; each says what and what to do.
    pub fn open(path: &Path) -> Result<Self, CheckpointError> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes))
            .map_err(|source| CheckpointError::Read { path: path.to_path_buf(), source })?;
        Self::from_bytes(&bytes, &path.display().to_string())
    }

    /// Reads the bytes of a file: safetensors, a state dict of PyTorch, an archive of Chainer; `name` names it in errors.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn from_bytes(bytes: &[u8], name: &str) -> Result<Self, CheckpointError> {
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(CheckpointError::TooLarge { name: name.to_owned() });
        }
        if let Some((what, advice)) = unlike::what(bytes) {
            return Err(CheckpointError::other(name, what, advice));
        }
        if bytes.starts_with(b"PK") {
            return Self::from_archive(bytes, name);
        }
        let malformed = |error: safetensors::SafeTensorError| CheckpointError::Format {
            name: name.to_owned(),
            reason: error.to_string(),
        };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(malformed)?;
        let recorded = header.metadata().as_ref().and_then(|metadata| metadata.get(METADATA_KEY));
        let recorded = recorded.map(|json| read_header(json, name));
        let tensors = SafeTensors::deserialize(bytes).map_err(malformed)?;
        Self::assemble(&mut Safe::new(tensors, name), recorded, name)
    }

    /// The network in an archive.
    fn from_archive(bytes: &[u8], name: &str) -> Result<Self, CheckpointError> {
        let damaged = |error: &zip::result::ZipError| {
            CheckpointError::other(name, format!("a damaged archive: {error}"), "get it again")
        };
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
        let names: Vec<String> =
            archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
        let pickle = names.iter().find(|name| *name == "data.pkl" || name.ends_with("/data.pkl"));
        if let Some(pickle) = pickle {
            return Self::assemble(&mut PyTorch::new(archive, pickle, name)?, None, name);
        }
        // Writers of such archives spell it so.
        if names.iter().any(|name| name.strip_suffix(".npy").is_some()) {
            return Self::assemble(&mut Chainer::new(archive, name), None, name);
        }
        let (what, advice) = unlike::archive(names.iter().map(String::as_str));
        Err(CheckpointError::other(name, what, advice))
    }

    /// A network of the eight tensors of a file, with what it records of them.
    fn assemble(
        tensors: &mut dyn Tensors,
        recorded: Option<Result<Header, CheckpointError>>,
        name: &str,
    ) -> Result<Self, CheckpointError> {
        let file = || name.to_owned();
        let places = tensors::find(tensors.entries())
            .map_err(|problem| CheckpointError::Tensors { name: file(), problem })?;
        let recorded = recorded.transpose()?;
        let shapes = places.map(|at| tensors.entries()[at].shape.clone());
        let architecture = Architecture {
            hidden: recorded.as_ref().map_or_else(|| inferred_hidden(&shapes), |header| header.hidden),
            placement: recorded.as_ref().map_or(Placement::Dense, |header| header.placement),
            classes: inferred_classes(&shapes),
        };
        let network = |source| CheckpointError::Network { name: file(), source };
        architecture.check().map_err(network)?;
        let mut vectors = Vec::with_capacity(PARAMETERS.len());
        let expected = PARAMETERS.into_iter().zip(architecture.shapes());
        for ((parameter, expected), (found, at)) in expected.zip(shapes.into_iter().zip(places)) {
            if found != expected {
                return Err(network(LenetError::Shape { name: parameter, found, expected }));
            }
            vectors.push(tensors.values(at)?);
        }
        let weights = Weights::from_vectors(architecture, vectors).map_err(network)?;
        let dropout = recorded.as_ref().map_or(0.5, |header| header.dropout);
        let lenet = Lenet::from_weights(architecture.placement, dropout, weights).map_err(network)?;
        let names = recorded.as_ref().and_then(|header| header.classes.as_ref());
        let classes = names.map_or_else(|| Ok(numbered(&lenet)), |names| named(names, architecture.classes));
        Ok(Self {
            classes: classes.map_err(|reason| CheckpointError::Metadata { name: file(), reason })?,
            lenet,
            settings: if recorded.is_some() { SettingsSource::Recorded } else { SettingsSource::Assumed },
            training: recorded.and_then(|header| header.training),
        })
    }

    /// The bytes of a safetensors file; the same network and record give the same bytes.
    ///
    /// # Errors
    /// [`CheckpointError::Format`], should the writer refuse.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let failed = |reason: String| CheckpointError::Format { name: "model".to_owned(), reason };
        let architecture = self.lenet.architecture();
        let header = Header {
            format: FORMAT,
            hidden: architecture.hidden,
            placement: architecture.placement,
            dropout: self.lenet.dropout(),
            training: self.training.clone(),
            classes: (!self.classes.are_numbers()).then(|| self.classes.names().to_vec()),
        };
        let json = serde_json::to_string(&header).map_err(|error| failed(error.to_string()))?;
        let bytes = self.lenet.shared_weights().slices().map(little_endian);
        let views = PARAMETERS
            .into_iter()
            .zip(architecture.shapes().into_iter().zip(&bytes))
            .map(|(parameter, (shape, bytes))| Ok((parameter, TensorView::new(Dtype::F32, shape, bytes)?)))
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
            .map_err(|error| failed(error.to_string()))?;
        safetensors::serialize(views, Some(HashMap::from([(METADATA_KEY.to_owned(), json)])))
            .map_err(|error| failed(error.to_string()))
    }

    /// Saves to a file: written beside it under a temporary name, then renamed, so that it is never half there.
    ///
    /// # Errors
    /// [`CheckpointError::Write`] with what the system said.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        let bytes = self.to_bytes()?;
        Ok(files::write_whole(path, |draft| draft.write_all(&bytes))?)
    }

    /// Short hash of the parameters; see [`Lenet::hash`].
    #[must_use]
    pub fn hash(&self) -> String {
        self.lenet.hash()
    }
}

/// Whether a file is for a network rather than for images, by its name and, of an archive of numpy, its list of arrays.
#[must_use]
pub fn is_network_file(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    match ending.as_str() {
        "npz" => chainer::is_listed(path),
        other => ENDINGS.contains(&other),
    }
}

impl Weights {
    /// The SHA-256 of the parameters' bytes (f32, little-endian, in the order of [`PARAMETERS`]).
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for values in self.slices() {
            hasher.update(little_endian(values));
        }
        hasher.finalize().into()
    }
}

impl Lenet {
    /// The first 12 hex digits of the SHA-256 of the parameters' bytes (f32, little-endian, in the order of
    /// [`PARAMETERS`]): names a network in footers. Metadata does not change it.
    #[must_use]
    pub fn hash(&self) -> String {
        hexadecimal(&self.shared_weights().hash()[..HASH_DIGITS / 2])
    }
}

fn read_header(json: &str, name: &str) -> Result<Header, CheckpointError> {
    #[derive(serde::Deserialize)]
    struct Version {
        format: u32,
    }
    let damaged = |error: serde_json::Error| CheckpointError::Metadata {
        name: name.to_owned(),
        reason: error.to_string(),
    };
    let version: Version = serde_json::from_str(json).map_err(damaged)?;
    if version.format > FORMAT {
        return Err(CheckpointError::Version { name: name.to_owned(), found: version.format });
    }
    serde_json::from_str(json).map_err(damaged)
}

/// Classes known by number only.
fn numbered(lenet: &Lenet) -> Classes {
    // A network has as many classes as there may be.
    Classes::numbered(lenet.architecture().classes).unwrap_or_default()
}

/// Classes with the names that a file gives.
fn named(names: &[String], classes: usize) -> Result<Classes, String> {
    if names.len() != classes {
        return Err(format!("{} names for {classes} classes", names.len()));
    }
    Classes::named(names).map_err(|error| error.to_string())
}

/// Classes according to the last layer; a wrong shape is then found by comparison.
fn inferred_classes(shapes: &[Vec<usize>; 8]) -> usize {
    match shapes.get(6).map(Vec::as_slice) {
        Some([classes, _]) => *classes,
        _ => Architecture::default().classes,
    }
}

/// Hidden units according to the first layer that has them; a wrong shape is then found by comparison.
fn inferred_hidden(shapes: &[Vec<usize>; 8]) -> usize {
    match shapes.get(4).map(Vec::as_slice) {
        Some([hidden, FEATURES]) => *hidden,
        _ => match shapes.get(5).map(Vec::as_slice) {
            Some([hidden]) => (*hidden).clamp(1, MAX_HIDDEN),
            _ => Architecture::default().hidden,
        },
    }
}

fn little_endian(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests;
