//! Networks of Chainer, the library of the article: archives of numpy arrays called `predictor/conv1/W`, by
//! `serializers.save_npz` of a classifier, of its chain alone, or of a whole trainer.
//!
//! Its max-pooling covers all of an odd side, PyTorch's does not; LeNet's sides are even, where both are the same.

use std::fs::File;
use std::io::{Cursor, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use zip::ZipArchive;

use super::error::CheckpointError;
use super::limits::MAX_FILE_BYTES;
use super::tensors::{Entry, Tensors};
use crate::data::npy::{Header, Kind, read_header};

/// An archive of numpy arrays.
pub(super) struct Chainer<'a> {
    file: &'a str,
    archive: ZipArchive<Cursor<&'a [u8]>>,
    entries: Vec<Entry>,
    /// Places in the archive and headers, in the order of the entries.
    arrays: Vec<(usize, Header)>,
}

/// The most members that are looked at: a snapshot has some forty.
const MOST_MEMBERS: usize = 10_000;

impl<'a> Chainer<'a> {
    /// All arrays of numbers; others, such as a trainer's clock, are passed over and never read.
    pub(super) fn new(mut archive: ZipArchive<Cursor<&'a [u8]>>, file: &'a str) -> Self {
        let (mut entries, mut arrays) = (Vec::new(), Vec::new());
        for index in 0..archive.len().min(MOST_MEMBERS) {
            let Ok(mut member) = archive.by_index(index) else { continue };
            let Ok(name) = member.name() else { continue };
            let Some(name) = name.strip_suffix(".npy").map(as_pytorch) else { continue };
            // What cannot be read is no part of a network, or it will be missing.
            let Ok(Ok(header)) = read_header(&mut member) else { continue };
            let shape =
                header.shape.iter().map(|side| usize::try_from(*side).unwrap_or(usize::MAX)).collect();
            entries.push(Entry { name, shape });
            arrays.push((index, header));
        }
        Self { file, archive, entries, arrays }
    }
}

/// Whether the list at the end of an archive names an array of such a network. No more than that is read, for a window
/// asks it of files that are dropped on it.
pub(super) fn is_listed(path: &Path) -> bool {
    const LIST: u64 = 1 << 16;
    let list = File::open(path).and_then(|mut file| {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(LIST)))?;
        let mut list = Vec::new();
        file.take(LIST).read_to_end(&mut list)?;
        Ok(list)
    });
    let name = b"conv1/W.npy";
    list.is_ok_and(|list| list.windows(name.len()).any(|window| window == name))
}

/// Chainer's name of an array as PyTorch's of a tensor: `predictor/conv1/W` is `predictor.conv1.weight`.
fn as_pytorch(name: &str) -> String {
    let (before, last) = name.rsplit_once('/').unwrap_or(("", name));
    let last = match last {
        "W" => "weight",
        "b" => "bias",
        other => other,
    };
    if before.is_empty() { last.to_owned() } else { format!("{}.{last}", before.replace('/', ".")) }
}

impl Tensors for Chainer<'_> {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn values(&mut self, at: usize) -> Result<Vec<f32>, CheckpointError> {
        let damaged = |reason: String| CheckpointError::Format {
            name: self.file.to_owned(),
            reason: format!("the array {}: {reason}", self.entries[at].name),
        };
        let (index, header) = &self.arrays[at];
        if header.number.kind != Kind::Float {
            return Err(CheckpointError::Type {
                name: self.file.to_owned(),
                tensor: self.entries[at].name.clone(),
                found: header.to_string(),
            });
        }
        let mut member = self.archive.by_index(*index).map_err(|error| damaged(error.to_string()))?;
        let length = header.body_bytes();
        if length > MAX_FILE_BYTES || length.saturating_add(header.bytes) != member.size() {
            return Err(damaged(format!("it promises {length} bytes and has {}", member.size())));
        }
        let mut bytes = Vec::new();
        let most = length + header.bytes + 1;
        member.by_ref().take(most).read_to_end(&mut bytes).map_err(|error| damaged(error.to_string()))?;
        if bytes.len() as u64 != length + header.bytes {
            return Err(damaged("it is cut short".to_owned()));
        }
        Ok(header.number.numbers(&bytes[header.bytes as usize..]).map(|number| number as f32).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_those_of_pytorch() {
        for (chainer, pytorch) in [
            ("predictor/conv1/W", "predictor.conv1.weight"),
            ("fc2/b", "fc2.bias"),
            ("updater/model:main/predictor/fc1/W", "updater.model:main.predictor.fc1.weight"),
            ("updater/optimizer:main/predictor/fc1/W/m", "updater.optimizer:main.predictor.fc1.W.m"),
            ("W", "weight"),
        ] {
            assert_eq!(as_pytorch(chainer), pytorch);
        }
    }
}
