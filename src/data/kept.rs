//! Digits the user keeps: one small JSON file each in a folder, written whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::classes::MOST_CLASSES;
use super::ink::{Sheet, Stroke};
use super::{Class, PIXELS};
use crate::files::{FileError, write_whole};

/// Larger than any kept digit: a bigger file is something else.
const MOST_BYTES: u64 = 16 << 20;
/// Files that are read; more would make the window wait.
const MOST_FILES: usize = 2_000;

/// A digit that was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptDigit {
    /// Names it and its file; later ones are larger.
    pub id: u64,
    /// What it is meant to be, 0…9.
    pub label: Option<Class>,
    /// As the network sees it, `[28, 28]`, 0…255.
    pub pixels: Vec<u8>,
    /// The image under the strokes, `[28, 28]`, 0…255.
    #[serde(default)]
    base: Option<Vec<u8>>,
    /// The strokes, so that it can be drawn on.
    #[serde(default)]
    strokes: Vec<Stroke>,
}

impl KeptDigit {
    /// The digit on a sheet; `None` when there is no ink on it.
    #[must_use]
    pub fn new(id: u64, label: Option<Class>, sheet: &Sheet) -> Option<Self> {
        Some(Self {
            id,
            label,
            pixels: to_bytes(&sheet.image()?),
            base: sheet.base.as_deref().map(|base| to_bytes(base)),
            strokes: sheet.strokes.iter().map(|stroke| Stroke::clone(stroke)).collect(),
        })
    }

    /// The sheet it was drawn on.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let base = match &self.base {
            None if self.strokes.is_empty() => Some(&self.pixels),
            base => base.as_ref(),
        };
        Sheet {
            base: base.map(|bytes| Arc::new(to_numbers(bytes))),
            strokes: self.strokes.iter().cloned().map(Arc::new).collect(),
        }
    }

    /// As the network sees it, `[28, 28]` in 0…1.
    #[must_use]
    pub fn image(&self) -> [f32; PIXELS] {
        to_numbers(&self.pixels)
    }

    /// Whether it is in every respect what this program writes.
    fn is_whole(&self) -> bool {
        let numbers = self.strokes.iter().all(|stroke| {
            stroke.width.is_finite() && stroke.points.iter().flatten().all(|value| value.is_finite())
        });
        self.pixels.len() == PIXELS
            && self.base.as_ref().is_none_or(|base| base.len() == PIXELS)
            && self.label.is_none_or(|label| usize::from(label) < MOST_CLASSES)
            && numbers
    }
}

/// Grey levels of numbers in 0…1.
#[must_use]
pub fn to_bytes(image: &[f32]) -> Vec<u8> {
    image.iter().map(|value| (value * 255.0).round() as u8).collect()
}

/// Numbers in 0…1 of grey levels; 0 where there are none.
#[must_use]
pub fn to_numbers(bytes: &[u8]) -> [f32; PIXELS] {
    std::array::from_fn(|pixel| f32::from(bytes.get(pixel).copied().unwrap_or(0)) / 255.0)
}

/// The default folder of kept digits; `None` when the system has no such place.
#[must_use]
pub fn default_folder() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("", "", "dubito")?.data_dir().join("my-digits"))
}

/// Why a kept digit cannot be read, written or deleted.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The folder cannot be made or listed.
    #[error("the folder of kept digits, {}, cannot be used: {source}; check its permissions", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A file cannot be read or deleted.
    #[error("{} cannot be read or deleted: {source}; check its permissions", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A file holds something else.
    #[error("{} is not a kept digit ({why}); it is left alone: move it elsewhere", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] FileError),
}

fn file_of(folder: &Path, id: u64) -> PathBuf {
    folder.join(format!("digit-{id:016}.json"))
}

/// The kept digits of a folder, oldest first, and what could not be read. No folder means no digits.
#[must_use]
pub fn load(folder: &Path) -> (Vec<KeptDigit>, Vec<KeptError>) {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return (Vec::new(), Vec::new()),
        Err(source) => return (Vec::new(), vec![KeptError::Folder { path: folder.into(), source }]),
    };
    let mut paths: Vec<PathBuf> = listed
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    paths.truncate(MOST_FILES);
    let (mut digits, mut complaints) = (Vec::new(), Vec::new());
    for path in paths {
        match read(&path) {
            Ok(digit) => digits.push(digit),
            Err(complaint) => complaints.push(complaint),
        }
    }
    digits.sort_by_key(|digit: &KeptDigit| digit.id);
    digits.dedup_by_key(|digit| digit.id);
    (digits, complaints)
}

fn read(path: &Path) -> Result<KeptDigit, KeptError> {
    let refuse = |why: String| KeptError::Content { path: path.into(), why };
    let unreadable = |source| KeptError::File { path: path.into(), source };
    let about = fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() || about.len() > MOST_BYTES {
        return Err(refuse("it is no file, or too large".to_owned()));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let digit: KeptDigit = serde_json::from_slice(&bytes).map_err(|error| refuse(error.to_string()))?;
    if digit.is_whole() { Ok(digit) } else { Err(refuse("values are missing or out of range".to_owned())) }
}

/// Keeps a digit: once this returns, it is on the disk.
///
/// # Errors
/// When the folder cannot be made or the file cannot be written.
pub fn save(folder: &Path, digit: &KeptDigit) -> Result<(), KeptError> {
    fs::create_dir_all(folder).map_err(|source| KeptError::Folder { path: folder.into(), source })?;
    write_whole(&file_of(folder, digit.id), |draft| {
        serde_json::to_writer(&mut *draft, digit).map_err(std::io::Error::from)
    })?;
    Ok(())
}

/// Deletes a kept digit.
///
/// # Errors
/// When its file is there but cannot be deleted.
pub fn delete(folder: &Path, id: u64) -> Result<(), KeptError> {
    let path = file_of(folder, id);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(KeptError::File { path, source }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let stroke = Stroke { points: vec![[5.0, 5.0], [20.0, 6.5]], width: 2.5, erase: false };
        Sheet { base: None, strokes: vec![Arc::new(stroke)] }
    }

    #[test]
    fn a_kept_digit_comes_back_with_its_strokes_and_can_be_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("new").join("folder");
        let one = KeptDigit::new(1, Some(7), &sheet()).unwrap();
        let two = KeptDigit::new(2, None, &Sheet::with(one.image())).unwrap();
        save(&place, &two).unwrap();
        save(&place, &one).unwrap();
        let (digits, complaints) = load(&place);
        assert!(complaints.is_empty());
        assert_eq!(digits, [one.clone(), two.clone()]);
        assert_eq!(digits[0].sheet().strokes, sheet().strokes);
        assert_eq!(digits[1].sheet().image(), Some(one.image()));
        delete(&place, 1).unwrap();
        delete(&place, 1).unwrap();
        assert_eq!(load(&place).0, [two]);
    }

    #[test]
    fn no_ink_is_nothing_to_keep() {
        assert_eq!(KeptDigit::new(1, None, &Sheet::default()), None);
    }

    #[test]
    fn a_broken_file_is_named_and_the_others_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let digit = KeptDigit::new(5, None, &sheet()).unwrap();
        save(folder.path(), &digit).unwrap();
        fs::write(folder.path().join("a.json"), "{\"id\": 3").unwrap();
        fs::write(folder.path().join("b.json"), "{\"id\":3,\"label\":11,\"pixels\":[1,2]}").unwrap();
        fs::write(folder.path().join(".dubito-x.part"), "half a digit").unwrap();
        let (digits, complaints) = load(folder.path());
        assert_eq!(digits, [digit]);
        let texts: Vec<String> = complaints.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(texts[0].contains("a.json") && texts[1].contains("b.json"), "{texts:?}");
    }
}
