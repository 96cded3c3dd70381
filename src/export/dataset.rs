//! A dataset as files that others read: a pair of IDX files, an `.npz` for numpy, or a folder of pictures by class.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use image::ExtendedColorType;
use rayon::prelude::*;

use super::archive::{ArchiveError, save_digits};
use super::grid::{GridError, encode};
use crate::data::idx::{IdxError, Packing, write_images, write_labels};
use crate::data::source::Split;
use crate::data::{Classes, Digits, SIDE};
use crate::files::FileError;

/// How a dataset is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatasetForm {
    /// Images and labels as MNIST's two files, in a folder that can be opened as data.
    Idx(Packing),
    /// One `.npz` with `x_test`, `y_test` and `index_test`, or `…_train`.
    Npz,
    /// A folder with a folder for each class, as many libraries read them: `4/00247.png`.
    Folder,
}

/// Writes images with their labels. `indices` says where each was in the dataset it comes from.
///
/// # Errors
/// When there are no images; when something is there already and `force` does not allow to replace it, or is none of
/// what this writes; when files cannot be written.
pub fn save_dataset(
    out: &Path,
    form: DatasetForm,
    split: Split,
    digits: &Digits,
    indices: &[u32],
    force: bool,
) -> Result<(), DatasetError> {
    check_place(out, form, split, force)?;
    if digits.is_empty() {
        return Err(DatasetError::Empty);
    }
    match form {
        DatasetForm::Idx(packing) => save_idx(out, packing, split, digits),
        DatasetForm::Npz => Ok(save_digits(out, split, digits, indices)?),
        DatasetForm::Folder => save_folder(out, digits, indices),
    }
}

/// Fails when [`save_dataset`] would refuse this place, before anything is computed.
///
/// # Errors
/// When something is there already and `force` does not allow to replace it, or is none of what this writes.
pub fn check_place(out: &Path, form: DatasetForm, split: Split, force: bool) -> Result<(), DatasetError> {
    match form {
        DatasetForm::Npz => match fs::symlink_metadata(out) {
            Ok(_) if !force => Err(DatasetError::There { path: out.into() }),
            _ => Ok(()),
        },
        DatasetForm::Idx(packing) => {
            let ours = pair(out, split, packing);
            let names = split.image_files().into_iter().chain(split.label_files());
            let there = names.map(|name| out.join(name)).filter(|path| fs::symlink_metadata(path).is_ok());
            for path in there {
                if !ours.contains(&path) {
                    return Err(DatasetError::Rival { path });
                }
                if !force {
                    return Err(DatasetError::There { path });
                }
            }
            Ok(())
        }
        DatasetForm::Folder => match fs::read_dir(out) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(cause) => Err(FileError::new(out, cause).into()),
            Ok(mut entries) => match entries.next() {
                None => Ok(()),
                Some(_) if force => only_pictures_by_class(out),
                Some(_) => Err(DatasetError::There { path: out.into() }),
            },
        },
    }
}

/// Whether a folder holds nothing that [`save_folder`] would not have written, so that it may be replaced as a whole.
fn only_pictures_by_class(out: &Path) -> Result<(), DatasetError> {
    let list = |folder: &Path| -> Result<Vec<PathBuf>, FileError> {
        let entries = fs::read_dir(folder).map_err(|cause| FileError::new(folder, cause))?;
        entries.map(|entry| Ok(entry.map_err(|cause| FileError::new(folder, cause))?.path())).collect()
    };
    for class in list(out)? {
        if !fs::symlink_metadata(&class).is_ok_and(|metadata| metadata.is_dir()) {
            return Err(DatasetError::Foreign { path: class });
        }
        // `00247.png`: no picture of anybody else's is called so.
        let is_ours = |path: &Path| {
            let number = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            path.extension().is_some_and(|end| end == "png")
                && number.len() >= 5
                && number.bytes().all(|byte| byte.is_ascii_digit())
        };
        if let Some(path) = list(&class)?.into_iter().find(|path| !is_ours(path)) {
            return Err(DatasetError::Foreign { path });
        }
    }
    Ok(())
}

/// Where images and labels are written.
fn pair(out: &Path, split: Split, packing: Packing) -> [PathBuf; 2] {
    let as_published = match packing {
        Packing::Plain => 0,
        Packing::Gzip => 1,
    };
    [split.image_files(), split.label_files()].map(|names| out.join(&names[as_published]))
}

fn save_idx(out: &Path, packing: Packing, split: Split, digits: &Digits) -> Result<(), DatasetError> {
    fs::create_dir_all(out).map_err(|cause| FileError::new(out, cause))?;
    let [images, labels] = pair(out, split, packing);
    // Old labels go first: whoever is stopped in between leaves a file that is missing, not labels of other images.
    match fs::remove_file(&labels) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(FileError::new(&labels, error).into());
        }
        _ => {}
    }
    write_images(&images, digits, packing)?;
    Ok(write_labels(&labels, digits, packing)?)
}

/// What the folders of the classes are called: as the classes, but for what no system, or not every one, allows in a
/// name. Two that are then alike are told apart by their number.
fn folder_names(classes: &Classes) -> Vec<String> {
    let mut folders: Vec<String> = Vec::with_capacity(classes.len());
    for (class, name) in classes.names().iter().enumerate() {
        let allowed = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c };
        let name: String = name.chars().map(allowed).collect();
        let name = name.trim_end_matches(['.', ' ']).trim_start_matches('.');
        let taken = |name: &str| folders.iter().any(|other| other.eq_ignore_ascii_case(name));
        let folder = if name.is_empty() || taken(name) { format!("{name}_{class}") } else { name.to_owned() };
        folders.push(folder);
    }
    folders
}

/// Writes the pictures in a folder of another name, which then takes its place.
fn save_folder(out: &Path, digits: &Digits, indices: &[u32]) -> Result<(), DatasetError> {
    let fail = |cause| FileError::new(out, cause);
    let parent = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(fail)?;
    let drafts =
        tempfile::Builder::new().prefix(".dubito-").suffix(".part").tempdir_in(parent).map_err(fail)?;
    let draft = drafts.path().join("new");
    let folders = folder_names(digits.classes());
    for folder in &folders {
        fs::create_dir_all(draft.join(folder)).map_err(fail)?;
    }
    (0..digits.len()).into_par_iter().try_for_each(|place| -> Result<(), DatasetError> {
        let png = encode(&digits.image(place), SIDE as u32, SIDE as u32, ExtendedColorType::L8)?;
        let class = draft.join(&folders[usize::from(digits.labels()[place])]);
        let file = fs::File::create_new(class.join(format!("{:05}.png", indices[place])));
        Ok(file.and_then(|mut file| file.write_all(&png)).map_err(fail)?)
    })?;
    let old = drafts.path().join("old");
    let replaced = out.exists();
    if replaced {
        fs::rename(out, &old).map_err(fail)?;
    }
    if let Err(cause) = fs::rename(&draft, out) {
        // What was there comes back; where even that fails, it must not go with the drafts.
        if replaced && fs::rename(&old, out).is_err() {
            let kept = drafts.keep().join("old");
            return Err(DatasetError::Moved { path: out.into(), kept, cause });
        }
        return Err(fail(cause).into());
    }
    Ok(())
}

/// Why a dataset is not written.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// Something is there.
    #[error("{} is there already; choose another place, or replace it with --force", path.display())]
    There {
        /// What is there.
        path: PathBuf,
    },
    /// Another file would be read in place of the new one.
    #[error(
        "{} is there already and would be read beside or in place of the new files; move it elsewhere, or choose \
         another folder",
        path.display()
    )]
    Rival {
        /// The file.
        path: PathBuf,
    },
    /// A folder that this program did not write.
    #[error(
        "{} is no picture in a folder of its class, so the folder it is in is not replaced; choose another",
        path.display()
    )]
    Foreign {
        /// What is there.
        path: PathBuf,
    },
    /// The new folder could not take the place of the old one, nor the old one its own.
    #[error("{} cannot be replaced: {cause}; what was there is in {}", path.display(), kept.display())]
    Moved {
        /// Where the folder was.
        path: PathBuf,
        /// Where it is.
        kept: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// Nothing is left.
    #[error("no image is left; leave out fewer")]
    Empty,
    /// An IDX file cannot be written.
    #[error(transparent)]
    Idx(#[from] IdxError),
    /// An archive cannot be written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A picture cannot be made.
    #[error(transparent)]
    Picture(#[from] GridError),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
}

#[cfg(test)]
mod tests {
    use candle_core::npy::NpzTensors;

    use super::*;
    use crate::data::idx::read_digits;
    use crate::data::synthetic;

    /// Digits with their indices, as if every second had been left out.
    fn some() -> (Digits, Vec<u32>) {
        (synthetic::generate(25, 4), (0..25).map(|place| 2 * place).collect())
    }

    fn save(out: &Path, form: DatasetForm, force: bool) -> Result<(), DatasetError> {
        let (digits, indices) = some();
        save_dataset(out, form, Split::Test, &digits, &indices, force)
    }

    #[test]
    fn a_pair_of_files_opens_again_plain_and_compressed() {
        let folder = tempfile::tempdir().unwrap();
        for (packing, end) in [(Packing::Gzip, ".gz"), (Packing::Plain, "")] {
            let out = folder.path().join(format!("deep/set{end}"));
            save(&out, DatasetForm::Idx(packing), false).unwrap();
            let [images, labels] =
                ["images-idx3", "labels-idx1"].map(|content| out.join(format!("t10k-{content}-ubyte{end}")));
            assert_eq!(read_digits(&images, &labels).unwrap(), some().0);
        }
    }

    #[test]
    fn an_archive_has_the_arrays_that_keras_users_know() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("set.npz");
        save(&out, DatasetForm::Npz, false).unwrap();
        let (digits, indices) = some();
        let archive = NpzTensors::new(&out).unwrap();
        let array = |name: &str| archive.get(name).unwrap().unwrap();
        let images = array("x_test");
        assert_eq!(images.dims(), [25, 28, 28]);
        assert_eq!(images.flatten_all().unwrap().to_vec1::<u8>().unwrap(), *digits.pixels());
        let labels = array("y_test").to_vec1::<u8>().unwrap();
        assert!(labels.iter().map(|label| u16::from(*label)).eq(digits.labels().iter().copied()));
        assert_eq!(array("index_test").to_vec1::<u32>().unwrap(), indices);
    }

    #[test]
    fn pictures_lie_in_the_folder_of_their_class_under_their_old_number() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("pictures");
        save(&out, DatasetForm::Folder, false).unwrap();
        let (digits, indices) = some();
        for (place, (index, label)) in indices.iter().zip(digits.labels()).enumerate() {
            let picture = image::open(out.join(format!("{label}/{index:05}.png"))).unwrap();
            assert_eq!(picture.into_luma8().as_raw()[..], *digits.image(place));
        }
        let files = (0..10).map(|class| fs::read_dir(out.join(class.to_string())).unwrap().count());
        assert_eq!(files.sum::<usize>(), 25);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn nothing_is_replaced_unasked() {
        let folder = tempfile::tempdir().unwrap();
        for (name, form) in [
            ("idx", DatasetForm::Idx(Packing::Gzip)),
            ("set.npz", DatasetForm::Npz),
            ("pictures", DatasetForm::Folder),
        ] {
            let out = folder.path().join(name);
            save(&out, form, false).unwrap();
            let message = save(&out, form, false).unwrap_err().to_string();
            assert!(message.contains(out.to_str().unwrap()) && message.contains("--force"), "{message}");
            save(&out, form, true).unwrap();
        }
    }

    #[test]
    fn pictures_replaced_leave_none_of_the_old_and_a_strange_folder_stays() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("pictures");
        save(&out, DatasetForm::Folder, false).unwrap();
        let digits = synthetic::generate(3, 9);
        save_dataset(&out, DatasetForm::Folder, Split::Test, &digits, &[0, 1, 2], true).unwrap();
        let files = (0..10).map(|class| fs::read_dir(out.join(class.to_string())).unwrap().count());
        assert_eq!(files.sum::<usize>(), 3);
        for stray in ["thesis.txt", "4/notes.txt"] {
            fs::write(out.join(stray), "years of work").unwrap();
            let message = save(&out, DatasetForm::Folder, true).unwrap_err().to_string();
            assert!(message.contains(stray) && message.contains("not replaced"), "{message}");
            fs::remove_file(out.join(stray)).unwrap();
        }
    }

    #[test]
    fn files_that_would_be_read_in_place_of_the_new_ones_are_named() {
        let folder = tempfile::tempdir().unwrap();
        save(folder.path(), DatasetForm::Idx(Packing::Plain), false).unwrap();
        let message = save(folder.path(), DatasetForm::Idx(Packing::Gzip), true).unwrap_err().to_string();
        assert!(message.contains("t10k-images-idx3-ubyte is there already"), "{message}");
    }

    #[test]
    fn an_empty_dataset_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("set");
        let none = Digits::default();
        for form in [DatasetForm::Idx(Packing::Gzip), DatasetForm::Npz, DatasetForm::Folder] {
            let message = save_dataset(&out, form, Split::Test, &none, &[], false).unwrap_err().to_string();
            assert!(message.contains("no image is left"), "{message}");
            assert!(!out.exists());
        }
    }
}
