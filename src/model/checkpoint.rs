//! Networks on disk: safetensors with PyTorch's names and shapes, so that a model trained there opens here and ours
//! opens there. What PyTorch has no place for stands in the header's metadata under one key, as JSON.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest as _, Sha256};

use super::lenet::{Architecture, FEATURES, Lenet, LenetError, MAX_HIDDEN, PARAMETERS, Placement, Weights};

/// The model that comes with the program.
const BUNDLED: &[u8] = include_bytes!("../../assets/lenet-mnist.safetensors");

/// The key of the header's metadata that holds [`Header`]: one key, because several would be written in any order
/// and the same network must give the same bytes.
const METADATA_KEY: &str = "dubito";

/// Version of [`Header`]; a file with a higher one was written by a later program.
const FORMAT: u32 = 1;

/// More than a network with [`MAX_HIDDEN`] units takes in f64 with a header of any honest length.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Hex digits of a model's hash that are shown: 48 bits, enough to tell any models of one person apart.
const HASH_DIGITS: usize = 12;

/// A network with what is known about its training.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The network.
    pub lenet: Lenet,
    /// Whether placement and dropout rate were written in the file.
    pub settings: Settings,
    /// How it was trained, when that is known.
    pub training: Option<TrainingRecord>,
}

/// Where placement and dropout rate of an opened file come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settings {
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
    pub schedule: super::training::Schedule,
    /// Seed of the initial weights, the order of the images and the masks.
    pub seed: u64,
    /// Share of the validation images the network without dropout gets right, in 0…1.
    pub validation_accuracy: Option<f32>,
}

/// What stands in the metadata.
#[derive(serde::Serialize, serde::Deserialize)]
struct Header {
    format: u32,
    hidden: usize,
    placement: Placement,
    dropout: f32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    training: Option<TrainingRecord>,
}

/// Why a model cannot be opened or saved.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("{path}: cannot be written: {source}; choose another place or free some space")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is far too large.
    #[error("{name}: larger than {} MiB, too large for a LeNet; choose another file", MAX_FILE_BYTES >> 20)]
    TooLarge {
        /// The file.
        name: String,
    },
    /// A PyTorch archive instead of safetensors.
    #[error(
        "{name}: a zip archive, perhaps PyTorch's own format; in Python, save the model with \
         `safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")` and open that"
    )]
    PyTorchArchive {
        /// The file.
        name: String,
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
    #[error("{name}: {problem}; a LeNet has {}", PARAMETERS.join(", "))]
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
        tensor: &'static str,
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

impl Checkpoint {
    /// A network that was just made, nothing known about its training.
    #[must_use]
    pub fn new(lenet: Lenet) -> Self {
        Self { lenet, settings: Settings::Recorded, training: None }
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

    /// Reads the bytes of a safetensors file; `name` names it in errors.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn from_bytes(bytes: &[u8], name: &str) -> Result<Self, CheckpointError> {
        let file = || name.to_owned();
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(CheckpointError::TooLarge { name: file() });
        }
        if bytes.starts_with(b"PK") {
            return Err(CheckpointError::PyTorchArchive { name: file() });
        }
        let malformed = |error: safetensors::SafeTensorError| CheckpointError::Format {
            name: file(),
            reason: error.to_string(),
        };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(malformed)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(malformed)?;
        check_names(&tensors, name)?;
        let recorded = header.metadata().as_ref().and_then(|metadata| metadata.get(METADATA_KEY));
        let recorded = recorded.map(|json| read_header(json, name)).transpose()?;

        let views = PARAMETERS
            .into_iter()
            .map(|parameter| tensors.tensor(parameter).map_err(malformed))
            .collect::<Result<Vec<_>, _>>()?;
        let architecture = Architecture {
            hidden: recorded.as_ref().map_or_else(|| inferred_hidden(&views), |header| header.hidden),
            placement: recorded.as_ref().map_or(Placement::Dense, |header| header.placement),
        };
        let network = |source| CheckpointError::Network { name: file(), source };
        architecture.check().map_err(network)?;
        let mut vectors = Vec::with_capacity(PARAMETERS.len());
        for ((parameter, expected), view) in PARAMETERS.into_iter().zip(architecture.shapes()).zip(&views) {
            if view.shape() != expected {
                let found = view.shape().to_vec();
                return Err(network(LenetError::Shape { name: parameter, found, expected }));
            }
            vectors.push(floats(view).ok_or_else(|| CheckpointError::Type {
                name: file(),
                tensor: parameter,
                found: view.dtype().to_string(),
            })?);
        }
        let weights = Weights::from_vectors(architecture.hidden, vectors).map_err(network)?;
        let dropout = recorded.as_ref().map_or(0.5, |header| header.dropout);
        Ok(Self {
            lenet: Lenet::from_weights(architecture.placement, dropout, weights).map_err(network)?,
            settings: if recorded.is_some() { Settings::Recorded } else { Settings::Assumed },
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
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let write = || -> std::io::Result<()> {
            let mut builder = tempfile::Builder::new();
            // Temporary files are for their owner alone; a saved model is as readable as any file of this person.
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
            let mut file = builder.tempfile_in(folder)?;
            file.write_all(&bytes)?;
            file.as_file().sync_all()?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|source| CheckpointError::Write { path: path.to_path_buf(), source })
    }

    /// Short hash of the parameters; see [`Lenet::hash`].
    #[must_use]
    pub fn hash(&self) -> String {
        self.lenet.hash()
    }
}

impl Lenet {
    /// The first 12 hex digits of the SHA-256 of the parameters' bytes (f32, little-endian, in the order of
    /// [`PARAMETERS`]): names a network in footers. Metadata does not change it.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for values in self.shared_weights().slices() {
            hasher.update(little_endian(values));
        }
        let digest = hasher.finalize();
        let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.filter_map(|digit| char::from_digit(digit.into(), 16)).take(HASH_DIGITS).collect()
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

fn check_names(tensors: &SafeTensors<'_>, name: &str) -> Result<(), CheckpointError> {
    let names = tensors.names();
    let missing: Vec<&str> = PARAMETERS.into_iter().filter(|parameter| !names.contains(parameter)).collect();
    let mut others: Vec<&str> = names.into_iter().filter(|name| !PARAMETERS.contains(name)).collect();
    others.sort_unstable();
    let problem = match (missing.as_slice(), others.as_slice()) {
        ([], []) => return Ok(()),
        ([], others) => format!("unknown {}", listed(others)),
        (missing, []) => format!("{} missing", listed(missing)),
        (missing, others) => format!("{} missing and unknown {}", listed(missing), listed(others)),
    };
    Err(CheckpointError::Tensors { name: name.to_owned(), problem })
}

/// The first names, shortened: a hostile header may hold millions, of any length.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> =
        names.iter().take(SHOWN).map(|name| name.chars().take(40).collect()).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

/// Hidden units according to the first layer that has them; a wrong shape is then found by comparison.
fn inferred_hidden(views: &[TensorView<'_>]) -> usize {
    match views.get(4).map(TensorView::shape) {
        Some([hidden, FEATURES]) => *hidden,
        _ => match views.get(5).map(TensorView::shape) {
            Some([hidden]) => (*hidden).clamp(1, MAX_HIDDEN),
            _ => Architecture::default().hidden,
        },
    }
}

/// The numbers of a tensor as f32; `None` when they are not floats of 16, 32 or 64 bits.
fn floats(view: &TensorView<'_>) -> Option<Vec<f32>> {
    fn convert<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
        bytes.as_chunks::<N>().0.iter().map(|&chunk| number(chunk)).collect()
    }
    let bytes = view.data();
    Some(match view.dtype() {
        Dtype::F32 => convert(bytes, f32::from_le_bytes),
        Dtype::F64 => convert(bytes, |chunk| f64::from_le_bytes(chunk) as f32),
        Dtype::F16 => convert(bytes, |chunk| half::f16::from_le_bytes(chunk).to_f32()),
        Dtype::BF16 => convert(bytes, |chunk| half::bf16::from_le_bytes(chunk).to_f32()),
        _ => return None,
    })
}

fn little_endian(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "what is read back is the same number, not a similar one")]
mod tests {
    use super::*;
    use crate::model::training::Schedule;

    fn small() -> Checkpoint {
        let architecture = Architecture { hidden: 6, placement: Placement::All };
        let record = TrainingRecord {
            images: 60_000,
            epochs: 3,
            batch_size: 100,
            learning_rate: 1e-3,
            schedule: Schedule::Constant,
            seed: 9,
            validation_accuracy: Some(0.75),
        };
        let lenet = Lenet::initialise(architecture, 0.25, 2).unwrap();
        Checkpoint { training: Some(record), ..Checkpoint::new(lenet) }
    }

    /// A file with tensors changed at will.
    fn altered(change: impl FnOnce(&mut Vec<(String, Dtype, Vec<usize>, Vec<u8>)>)) -> Vec<u8> {
        let checkpoint = small();
        let shapes = checkpoint.lenet.architecture().shapes();
        let slices = checkpoint.lenet.shared_weights().slices();
        let mut tensors: Vec<_> = PARAMETERS
            .into_iter()
            .zip(shapes)
            .zip(slices)
            .map(|((name, shape), values)| (name.to_owned(), Dtype::F32, shape, little_endian(values)))
            .collect();
        change(&mut tensors);
        let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
            (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
        });
        safetensors::serialize(views, None).unwrap()
    }

    fn error(bytes: &[u8]) -> String {
        let message = Checkpoint::from_bytes(bytes, "model.safetensors").unwrap_err().to_string();
        assert!(message.starts_with("model.safetensors: "), "{message}");
        message
    }

    #[test]
    fn a_saved_network_opens_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("数字 model.safetensors");
        let saved = small();
        saved.save(&path).unwrap();
        let opened = Checkpoint::open(&path).unwrap();
        assert_eq!(opened.lenet.weights(), saved.lenet.weights());
        assert_eq!(opened.lenet.architecture(), saved.lenet.architecture());
        assert_eq!(opened.lenet.dropout(), 0.25);
        assert_eq!(opened.training, saved.training);
        assert_eq!(opened.settings, Settings::Recorded);
        assert_eq!(opened.hash(), saved.hash());
        assert_eq!(opened.to_bytes().unwrap(), saved.to_bytes().unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn the_hash_names_the_parameters() {
        let other =
            Lenet::initialise(Architecture { hidden: 6, placement: Placement::All }, 0.25, 3).unwrap();
        let same = Lenet::from_weights(Placement::Last, 0.9, small().lenet.weights()).unwrap();
        assert_eq!(same.hash(), small().hash());
        assert_ne!(other.hash(), small().hash());
        assert_eq!(other.hash().len(), HASH_DIGITS);
    }

    #[test]
    fn the_bundled_model_opens() {
        let bundled = Checkpoint::bundled().unwrap();
        assert_eq!(bundled.lenet.architecture(), Architecture::default());
        assert_eq!(bundled.lenet.dropout(), 0.5);
        assert!(bundled.training.unwrap().validation_accuracy.unwrap() > 0.99);
    }

    #[test]
    fn a_file_without_metadata_opens_and_says_what_is_assumed() {
        let opened = Checkpoint::from_bytes(&altered(|_| ()), "x").unwrap();
        assert_eq!(opened.settings, Settings::Assumed);
        assert_eq!(opened.lenet.architecture(), Architecture { hidden: 6, placement: Placement::Dense });
        assert_eq!(opened.lenet.dropout(), 0.5);
        assert_eq!(opened.training, None);
    }

    #[test]
    fn floats_of_other_widths_are_converted() {
        let expected = small().lenet.weights();
        for (dtype, bytes_of) in [
            (Dtype::F64, (|value| f64::from(value).to_le_bytes().to_vec()) as fn(f32) -> Vec<u8>),
            (Dtype::F16, |value| half::f16::from_f32(value).to_le_bytes().to_vec()),
            (Dtype::BF16, |value| half::bf16::from_f32(value).to_le_bytes().to_vec()),
        ] {
            let bytes = altered(|tensors| {
                tensors[0].1 = dtype;
                tensors[0].3 = expected.conv1_weight.iter().flat_map(|&value| bytes_of(value)).collect();
            });
            let opened = Checkpoint::from_bytes(&bytes, "x").unwrap().lenet.weights();
            for (a, b) in opened.conv1_weight.iter().zip(&expected.conv1_weight) {
                assert!((a - b).abs() < 1e-3, "{dtype}: {a} for {b}");
            }
        }
        let integers = altered(|tensors| {
            tensors[1].1 = Dtype::I32;
        });
        assert!(error(&integers).contains("conv1.bias holds I32; save the model in float32"));
    }

    #[test]
    fn missing_and_unknown_tensors_are_named() {
        let missing = altered(|tensors| drop(tensors.remove(6)));
        assert!(error(&missing).contains("fc2.weight missing; a LeNet has conv1.weight"));
        let renamed = altered(|tensors| tensors[6].0 = "fc3.weight".to_owned());
        assert!(error(&renamed).contains("fc2.weight missing and unknown fc3.weight"));
        let many = altered(|tensors| {
            for extra in 0..20 {
                tensors.push((format!("{extra:02}{}", "x".repeat(900)), Dtype::U8, vec![0], Vec::new()));
            }
        });
        assert!(error(&many).len() < 700);
    }

    #[test]
    fn misshaped_tensors_are_named_with_both_shapes() {
        let transposed = altered(|tensors| tensors[4].2 = vec![FEATURES, 6]);
        assert!(error(&transposed).contains("fc1.weight has shape [800, 6], expected [6, 800]"));
        let flat = altered(|tensors| tensors[0].2 = vec![500]);
        assert!(error(&flat).contains("conv1.weight has shape [500], expected [20, 1, 5, 5]"));
        let empty = altered(|tensors| {
            tensors[4].2 = vec![0, FEATURES];
            tensors[4].3.clear();
        });
        assert!(error(&empty).contains("0 hidden units"));
    }

    #[test]
    fn numbers_that_are_not_finite_are_found() {
        let damaged = altered(|tensors| tensors[3].3[4..8].copy_from_slice(&f32::NAN.to_le_bytes()));
        assert!(error(&damaged).contains("conv2.bias holds NaN at position 1"));
        let overflow = altered(|tensors| {
            tensors[7].1 = Dtype::F64;
            tensors[7].3 = (0..10).flat_map(|_| 1e300_f64.to_le_bytes()).collect();
        });
        assert!(error(&overflow).contains("fc2.bias holds inf"));
    }

    #[test]
    fn a_truncated_file_is_named_wherever_it_ends() {
        let bytes = small().to_bytes().unwrap();
        for length in [0, 7, 8, 9, 200, bytes.len() / 2, bytes.len() - 1] {
            assert!(error(&bytes[..length]).contains("not a complete safetensors file"), "{length} bytes");
        }
        let mut longer = bytes;
        longer.push(0);
        assert!(error(&longer).contains("not a complete safetensors file"));
    }

    #[test]
    fn lying_headers_are_refused() {
        let file = |header: &str, data: usize| {
            let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
            bytes.extend(header.as_bytes());
            bytes.resize(bytes.len() + data, 0);
            bytes
        };
        for bytes in [
            u64::MAX.to_le_bytes().to_vec(),
            file("{", 0),
            file("[]", 0),
            file(
                r#"{"fc1.weight":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}}"#,
                16,
            ),
            file(r#"{"fc1.weight":{"dtype":"F32","shape":[4],"data_offsets":[0,99999999]}}"#, 16),
            file(r#"{"fc1.weight":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}"#, 16),
        ] {
            assert!(error(&bytes).contains("not a complete safetensors file"));
        }
        assert!(error(b"PK\x03\x04 archive").contains("safetensors.torch.save_file"));
    }

    #[test]
    fn metadata_must_be_understood_and_agree() {
        let with = |json: &str| {
            let bytes = small().lenet.shared_weights().slices().map(little_endian);
            let shapes = small().lenet.architecture().shapes();
            let views = PARAMETERS
                .into_iter()
                .zip(shapes.into_iter().zip(&bytes))
                .map(|(name, (shape, bytes))| (name, TensorView::new(Dtype::F32, shape, bytes).unwrap()));
            let metadata = HashMap::from([(METADATA_KEY.to_owned(), json.to_owned())]);
            safetensors::serialize(views, Some(metadata)).unwrap()
        };
        let good = r#"{"format":1,"hidden":6,"placement":"last","dropout":0.5,"later":"ignored"}"#;
        assert_eq!(
            Checkpoint::from_bytes(&with(good), "x").unwrap().lenet.architecture().placement,
            Placement::Last
        );
        assert!(error(&with("{")).contains("metadata cannot be understood"));
        assert!(error(&with(&good.replace("last", "middle"))).contains("metadata cannot be understood"));
        assert!(error(&with(&good.replace("\"format\":1", "\"format\":2"))).contains("written in format 2"));
        assert!(
            error(&with(&good.replace(":6", ":7")))
                .contains("fc1.weight has shape [6, 800], expected [7, 800]")
        );
        assert!(error(&with(&good.replace("0.5", "1.0"))).contains("dropout rate 1 is not in 0 ≤ p < 1"));
    }

    #[test]
    fn files_that_cannot_be_read_or_written_say_so() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent").join("model.safetensors");
        let message = Checkpoint::open(&absent).unwrap_err().to_string();
        assert!(message.contains("model.safetensors: cannot be read"), "{message}");
        let message = small().save(&absent).unwrap_err().to_string();
        assert!(message.contains("model.safetensors: cannot be written"), "{message}");
        assert!(Checkpoint::open(folder.path()).is_err());
    }
}
