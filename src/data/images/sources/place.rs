//! What is in a folder: its files and folders by name, quickly, hidden ones left aside.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::SourceError;
use super::input::MOST_IMAGES;

/// A folder with what is in it, or a file alone.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The folder, or the folder of the file.
    pub(super) folder: PathBuf,
    /// Files in the order of their names; the one file where a file was named.
    pub(super) files: Vec<PathBuf>,
    /// Folders in the order of their names; none where a file was named.
    pub(super) folders: Vec<PathBuf>,
    /// Whether a file was named.
    pub(super) is_file: bool,
}

impl Place {
    /// What is at a path.
    pub(super) fn at(path: &Path) -> Result<Self, SourceError> {
        let metadata = fs::metadata(path).map_err(|error| SourceError::io(path, &error))?;
        if metadata.is_dir() {
            return Self::folder(path);
        }
        if !metadata.is_file() {
            return Err(SourceError::new(
                path,
                "is neither a file nor a folder",
                "name a file or folder of images",
            ));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or_else(|| Path::new(".")).to_path_buf();
        Ok(Self { folder, files: vec![path.to_path_buf()], folders: Vec::new(), is_file: true })
    }

    fn folder(path: &Path) -> Result<Self, SourceError> {
        let fail = |error: std::io::Error| SourceError::io(path, &error);
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(path).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            if is_hidden(&entry.file_name().to_string_lossy()) {
                continue;
            }
            let Ok(mut kind) = entry.file_type() else { continue };
            if kind.is_symlink() {
                let Ok(target) = fs::metadata(entry.path()) else { continue };
                kind = target.file_type();
            }
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
            if files.len() + folders.len() > MOST_IMAGES {
                return Err(too_many(path));
            }
        }
        files.sort_unstable();
        folders.sort_unstable();
        Ok(Self { folder: path.to_path_buf(), files, folders, is_file: false })
    }

    /// The files whose names end so, capitals aside.
    pub(super) fn ending(&self, ends: &[&str]) -> Vec<PathBuf> {
        let fits = |path: &&PathBuf| {
            let name = name_of(path).to_lowercase();
            ends.iter().any(|end| name.ends_with(end))
        };
        self.files.iter().filter(fits).cloned().collect()
    }

    /// A name for the set: that of the folder or file, or of the folder above where it says nothing (`raw`, `data`).
    pub(super) fn name(&self) -> String {
        if self.is_file {
            return self.files.first().map_or_else(String::new, |file| name_of(file));
        }
        folder_name(&self.folder)
    }
}

/// A folder's own name, or that of the folder above where its own says nothing.
pub(super) fn folder_name(folder: &Path) -> String {
    let whole = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    let says_nothing = |name: &str| ["raw", "data", "images", "."].contains(&name.to_lowercase().as_str());
    let mut names =
        whole.ancestors().filter_map(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let own = names.next().unwrap_or_else(|| "images".to_owned());
    if says_nothing(&own) { names.next().unwrap_or(own) } else { own }
}

/// More files than can be opened.
pub(super) fn too_many(path: &Path) -> SourceError {
    let problem = format!("holds more than {MOST_IMAGES} files and folders");
    SourceError::new(path, problem, "choose a folder within, or spread them over several")
}

/// The last part of a path.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Whether a name is one that people do not see: of a hidden file, or of what macOS and Windows put beside others.
pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || ["__MACOSX", "Thumbs.db", "desktop.ini"].contains(&name)
}

/// What people call a split, from the name of a file or folder: `t10k` is the test, `valid` the validation.
pub(super) fn split_name(name: &str) -> String {
    let plain = name.to_lowercase();
    let is = |words: &[&str]| words.contains(&plain.as_str());
    if is(&["train", "training"]) {
        "train".to_owned()
    } else if is(&["t10k", "test", "testing", "tst"]) {
        "test".to_owned()
    } else if is(&["val", "valid", "validation", "dev", "eval"]) {
        "validation".to_owned()
    } else {
        name.to_owned()
    }
}

/// The split that a part of a name says, between marks: `mnist_train` is `train`.
pub(super) fn split_within(name: &str) -> Option<String> {
    const SPLITS: [&str; 3] = ["train", "test", "validation"];
    name.split(|c: char| !c.is_alphanumeric()).map(split_name).find(|part| SPLITS.contains(&part.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_known_by_their_names() {
        let names = ["t10k", "Training", "valid", "letters"].map(split_name);
        assert_eq!(names, ["test", "train", "validation", "letters"]);
        assert_eq!(split_within("mnist_train").as_deref(), Some("train"));
        assert_eq!(split_within("train-00000-of-00002").as_deref(), Some("train"));
        assert_eq!(split_within("trains"), None);
    }

    #[test]
    fn hidden_files_are_left_aside_and_a_name_that_says_nothing_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("FashionMNIST/raw");
        fs::create_dir_all(folder.join("sub")).unwrap();
        for name in ["b", "a", "._a", ".hidden"] {
            fs::write(folder.join(name), "x").unwrap();
        }
        let place = Place::at(&folder).unwrap();
        assert_eq!(place.files.iter().map(|path| name_of(path)).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((place.folders.len(), place.name().as_str()), (1, "FashionMNIST"));
        assert_eq!(Place::at(&folder.join("a")).unwrap().folder, folder);
        assert!(Place::at(&folder.join("nowhere")).unwrap_err().to_string().contains("is not there"));
    }
}
