//! Names that a person gave to the classes of a set: kept under the hash of the set's contents, a name a line.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::classes::Classes;
use crate::files::{FileError, write_whole};
use crate::wording::hexadecimal;

/// Names of a thousand classes take no more bytes than this, however long.
const MOST_BYTES: u64 = 1 << 20;

/// The default folder; `None` when the system has no such place.
#[must_use]
pub fn default_folder() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("", "", "dubito")?.data_dir().join("class-names"))
}

/// The file of the set with this [`Digits::hash`](super::Digits::hash).
fn file(folder: &Path, dataset: &[u8; 32]) -> PathBuf {
    folder.join(format!("{}.txt", hexadecimal(dataset)))
}

/// The names kept for a set; `None` where there are none, or not as many as it has classes.
#[must_use]
pub fn load(folder: &Path, dataset: &[u8; 32], count: usize) -> Option<Classes> {
    let path = file(folder, dataset);
    let length = fs::metadata(&path).ok()?.len();
    if length > MOST_BYTES {
        log::warn!("{}: too large for names of classes; it is left alone", path.display());
        return None;
    }
    let text = fs::read_to_string(&path)
        .inspect_err(|error| log::warn!("{}: {error}; the classes keep their own names", path.display()))
        .ok()?;
    let names = Classes::named(text.lines())
        .inspect_err(|error| log::warn!("{}: {error}; the classes keep their own names", path.display()))
        .ok()?;
    (names.len() == count).then_some(names)
}

/// Keeps names for a set, or forgets them.
///
/// # Errors
/// When the folder cannot be made, or the file cannot be written or removed.
pub fn save(folder: &Path, dataset: &[u8; 32], names: Option<&Classes>) -> Result<(), FileError> {
    let path = file(folder, dataset);
    let Some(names) = names else {
        return match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::new(&path, error)),
            _ => Ok(()),
        };
    };
    fs::create_dir_all(folder).map_err(|error| FileError::new(folder, error))?;
    write_whole(&path, |draft| writeln!(draft, "{}", names.names().join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_for_their_set_alone_until_they_are_forgotten() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("names");
        let names = Classes::named(["kot", "pies", "krowa"]).unwrap();
        save(&folder, &[1; 32], Some(&names)).unwrap();
        assert_eq!(load(&folder, &[1; 32], 3), Some(names));
        assert_eq!((load(&folder, &[2; 32], 3), load(&folder, &[1; 32], 4)), (None, None));
        for text in [&b"one\none\n"[..], b"\xff\xfe", b""] {
            fs::write(file(&folder, &[1; 32]), text).unwrap();
            assert_eq!(load(&folder, &[1; 32], 2), None);
        }
        save(&folder, &[1; 32], None).unwrap();
        save(&folder, &[1; 32], None).unwrap();
        assert!(!file(&folder, &[1; 32]).exists());
        fs::write(place.path().join("taken"), "").unwrap();
        let refused = save(&place.path().join("taken"), &[1; 32], Some(&Classes::digits())).unwrap_err();
        assert!(refused.to_string().contains("taken"), "{refused}");
    }
}
