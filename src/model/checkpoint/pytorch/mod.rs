//! State dicts as `torch.save` writes them: a zip archive with a pickle that says which tensors there are, and a member
//! for the numbers of each. Nothing of the pickle is run.

mod pickle;

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::error::CheckpointError;
use super::limits::MAX_FILE_BYTES;
use super::tensors::{Entry, Tensors};
use crate::model::unlike::SAVE;
use pickle::{Id, Node, Pickle};

/// The longest pickle that is read: the numbers are not in it.
const MOST_PICKLE: u64 = 32 << 20;
/// Dicts within dicts that are looked into.
const MOST_DEPTH: usize = 6;
/// Values that are looked at.
const MOST_LOOKED_AT: usize = 100_000;
/// Modules whose classes describe data: what they would do is not needed, and not done.
const HARMLESS: [&str; 11] = [
    "torch",
    "collections",
    "numpy",
    "argparse",
    "pathlib",
    "datetime",
    "omegaconf",
    "lightning",
    "lightning_fabric",
    "lightning_utilities",
    "pytorch_lightning",
];

/// The tensors of an archive of PyTorch.
pub(super) struct PyTorch<'a> {
    file: &'a str,
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// The folder of all members.
    root: String,
    entries: Vec<Entry>,
    stored: Vec<Stored>,
}

/// Where the numbers of a tensor are.
#[derive(Clone, Debug)]
struct Stored {
    /// The member's name.
    key: String,
    float: Option<Float>,
    /// What PyTorch calls the kind of numbers.
    kind: String,
    /// Numbers before the first.
    offset: usize,
    strides: Vec<usize>,
}

/// A float as PyTorch stores it.
#[derive(Clone, Copy, Debug)]
enum Float {
    Half,
    Brain,
    Single,
    Double,
}

impl Float {
    fn of(storage: &str) -> Option<Self> {
        Some(match storage {
            "HalfStorage" => Self::Half,
            "BFloat16Storage" => Self::Brain,
            "FloatStorage" => Self::Single,
            "DoubleStorage" => Self::Double,
            _ => return None,
        })
    }

    fn bytes(self) -> usize {
        match self {
            Self::Half | Self::Brain => 2,
            Self::Single => 4,
            Self::Double => 8,
        }
    }

    /// The number in exactly as many bytes.
    fn read(self, bytes: &[u8]) -> f32 {
        let word = bytes.iter().rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        match self {
            Self::Half => half::f16::from_bits(word as u16).to_f32(),
            Self::Brain => half::bf16::from_bits(word as u16).to_f32(),
            Self::Single => f32::from_bits(word as u32),
            Self::Double => f64::from_bits(word) as f32,
        }
    }
}

impl<'a> PyTorch<'a> {
    /// All tensors of a state dict, also where it lies in other dicts.
    ///
    /// # Errors
    /// When the archive is damaged, holds a program or whole objects, or was written on a machine of the other byte order.
    pub(super) fn new(
        mut archive: ZipArchive<Cursor<&'a [u8]>>,
        member: &str,
        file: &'a str,
    ) -> Result<Self, CheckpointError> {
        let other = |what: String, advice: &str| CheckpointError::other(file, what, advice);
        let root = member.trim_end_matches("data.pkl").to_owned();
        let damaged = |reason: &str| {
            let what = format!("a damaged file of PyTorch: {reason}");
            other(what, "get it again, or save it again with torch.save")
        };
        if archive.by_name(&format!("{root}constants.pkl")).is_ok() {
            let what = "a TorchScript archive: a program with its parameters".to_owned();
            let advice = "in Python, save the parameters alone: \
                          `torch.save(torch.jit.load(\"model.pt\").state_dict(), \"state.pt\")`, and open that";
            return Err(other(what, advice));
        }
        let order = read(&mut archive, &format!("{root}byteorder"), 16).unwrap_or_default();
        if order.starts_with(b"big") {
            let what = "written on a machine that stores numbers with the largest byte first".to_owned();
            return Err(other(what, "save it again on another"));
        }
        let bytes = read(&mut archive, member, MOST_PICKLE).map_err(|reason| damaged(&reason))?;
        let pickle = pickle::read(&bytes).map_err(|reason| damaged(&reason))?;
        if let Some((module, name)) = pickle.called().iter().find(|(module, _)| !is_harmless(module)) {
            let (module, name) = (short(module), short(name));
            let what = if module == "__main__" {
                format!("the object of a class, {name}, and not its parameters alone")
            } else {
                format!("it asks Python to run {module}.{name} when it is opened; nothing was run")
            };
            return Err(other(what, SAVE));
        }
        let mut found = Found { tensors: Vec::new(), looked_at: 0 };
        found.list(&pickle, pickle.root(), String::new(), 0);
        let (entries, stored) = found.tensors.into_iter().unzip();
        Ok(Self { file, archive, root, entries, stored })
    }
}

fn is_harmless(module: &str) -> bool {
    HARMLESS.contains(&module.split('.').next().unwrap_or(module))
}

/// A name as it is shown: a hostile one may be of any length and hold anything.
fn short(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(40).collect()
}

/// A whole member of up to so many bytes.
fn read(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str, most: u64) -> Result<Vec<u8>, String> {
    let mut member = archive.by_name(name).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    member.by_ref().take(most + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > most {
        return Err(format!("{name} is too large"));
    }
    Ok(bytes)
}

/// The tensors found so far.
struct Found {
    tensors: Vec<(Entry, Stored)>,
    looked_at: usize,
}

impl Found {
    /// Adds the tensors of a dict and those within it, under the names that lead there.
    fn list(&mut self, pickle: &Pickle, id: Id, name: String, depth: usize) {
        // A dict may hold another many times, and that a third.
        self.looked_at += 1;
        if depth > MOST_DEPTH || self.looked_at > MOST_LOOKED_AT || name.len() > MOST_NAME {
            return;
        }
        if let Some((shape, stored)) = tensor(pickle, id) {
            self.tensors.push((Entry { name, shape }, stored));
            return;
        }
        let Node::Dict(pairs) = pickle.node(id) else { return };
        for (key, value) in pairs {
            let Some(key) = pickle.text(*key) else { continue };
            let inside = if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
            self.list(pickle, *value, inside, depth + 1);
        }
    }
}

/// The longest name of a tensor.
const MOST_NAME: usize = 1000;

/// Shape and place of a tensor, where a value describes one.
fn tensor(pickle: &Pickle, id: Id) -> Option<(Vec<usize>, Stored)> {
    let mut id = id;
    // A parameter is a call with a tensor; a subclass, a call with the call that makes it.
    for _ in 0..4 {
        let Node::Called { callable, arguments } = pickle.node(id) else { return None };
        let arguments = pickle.tuple(*arguments);
        match pickle.global(*callable)? {
            ("torch._utils", "_rebuild_tensor_v2") => return stored(pickle, arguments),
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
                id = *arguments.first()?;
            }
            ("torch._tensor", "_rebuild_from_type_v2") => {
                let [function, _, inner, ..] = *arguments else { return None };
                return match pickle.global(function)? {
                    ("torch._utils", "_rebuild_tensor_v2") => stored(pickle, pickle.tuple(inner)),
                    _ => None,
                };
            }
            _ => return None,
        }
    }
    None
}

/// `(storage, offset, size, stride, …)`, where storage is `("storage", class, key, device, numbers)`.
fn stored(pickle: &Pickle, arguments: &[Id]) -> Option<(Vec<usize>, Stored)> {
    let [storage, offset, size, stride, ..] = *arguments else { return None };
    let Node::Stored(storage) = pickle.node(storage) else { return None };
    let [_, class, key, ..] = *pickle.tuple(*storage) else { return None };
    let counts = |id: Id| pickle.tuple(id).iter().map(|id| pickle.count(*id)).collect::<Option<Vec<_>>>();
    let (_, kind) = pickle.global(class)?;
    let (shape, strides) = (counts(size)?, counts(stride)?);
    let stored = Stored {
        key: pickle.text(key)?.to_owned(),
        float: Float::of(kind),
        kind: kind.trim_end_matches("Storage").to_owned(),
        offset: pickle.count(offset)?,
        strides,
    };
    (shape.len() == stored.strides.len()).then_some((shape, stored))
}

impl Tensors for PyTorch<'_> {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn values(&mut self, at: usize) -> Result<Vec<f32>, CheckpointError> {
        let (Entry { name, shape }, stored) = (&self.entries[at], &self.stored[at]);
        let Some(float) = stored.float else {
            return Err(CheckpointError::Type {
                name: self.file.to_owned(),
                tensor: name.clone(),
                found: stored.kind.clone(),
            });
        };
        let damaged = |reason: String| {
            let what = format!("a damaged file of PyTorch: the numbers of {name}: {reason}");
            CheckpointError::other(self.file, what, "get it again, or save it again with torch.save")
        };
        let member = format!("{}data/{}", self.root, stored.key);
        let bytes = read(&mut self.archive, &member, MAX_FILE_BYTES).map_err(damaged)?;
        let numbers: Vec<&[u8]> = bytes.chunks_exact(float.bytes()).collect();
        let count = shape.iter().try_fold(1_usize, |all, side| all.checked_mul(*side));
        // A tensor that repeats its numbers would be none that was trained.
        let count = count.filter(|count| *count <= numbers.len());
        let count = count.ok_or_else(|| damaged(format!("shape {shape:?} and {} numbers", numbers.len())))?;
        let place = |number: usize| {
            let (mut rest, mut place) = (number, stored.offset);
            for (side, stride) in shape.iter().zip(&stored.strides).rev() {
                place = place.checked_add((rest % side).checked_mul(*stride)?)?;
                rest /= side;
            }
            numbers.get(place).map(|bytes| float.read(bytes))
        };
        let values: Option<Vec<f32>> = (0..count).map(place).collect();
        values.ok_or_else(|| damaged("they end before the last".to_owned()))
    }
}
