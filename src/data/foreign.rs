//! Images from outside the dataset shown: from a folder, or corrupted digits.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::corruption::Corruption;
use super::idx::{IdxError, read_images, read_planes};
use super::ink::{PictureOptions, Plane, fit, from_file};
use super::{Digits, PIXELS};
use crate::wording;

/// Where foreign images come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Foreign {
    /// A folder with an IDX file of images, whatever they show, or with pictures.
    Folder(PathBuf),
    /// The digits shown, corrupted.
    Corrupted {
        /// How.
        corruption: Corruption,
        /// How much, 0…1.
        strength: f32,
        /// Seed.
        seed: u64,
    },
}

/// Foreign images, with remarks the user should see.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignSet {
    /// The images; their labels are all 0 and meaningless, unless they are corrupted digits.
    pub digits: Digits,
    /// Short, for a chip or a heading: `folder notmnist`, `blur of 2.0 pixels (strength 0.50)`.
    pub name: String,
    /// What was done to them, what is odd about them: one sentence each.
    pub notes: Vec<String>,
}

/// Images that are corrupted at most: more would say no more, and take as much memory again.
const MOST_CORRUPTED: usize = 100_000;
/// Values of a picture below this do not widen the box that is fitted.
const FLOOR: f32 = 0.1;

impl Foreign {
    /// The images. `digits` are those shown.
    ///
    /// # Errors
    /// When the folder holds no readable images.
    pub fn open(&self, digits: &Digits) -> Result<ForeignSet, ForeignError> {
        let mut set = match self {
            Self::Folder(folder) => open_folder(folder)?,
            Self::Corrupted { corruption, strength, seed } => {
                let some = (digits.len() > MOST_CORRUPTED).then(|| digits.slice(0..MOST_CORRUPTED));
                let first = wording::thousands(MOST_CORRUPTED as u64);
                let only = |_: &Digits| format!("Only the first {first} images are corrupted.");
                ForeignSet {
                    digits: corruption.apply(some.as_ref().unwrap_or(digits), *strength, *seed),
                    name: corruption.describe(*strength),
                    notes: some.iter().map(only).collect(),
                }
            }
        };
        if set.digits.len() == digits.len() && set.digits.pixels() == digits.pixels() {
            set.notes.push(
                "These are the very images they are compared with: nothing can tell them apart.".to_owned(),
            );
        }
        if set.digits.len() == 1 {
            set.notes.push("There is one image only: intervals need at least two.".to_owned());
        }
        Ok(set)
    }
}

fn open_folder(folder: &Path) -> Result<ForeignSet, ForeignError> {
    let fail = |cause| ForeignError::Folder { folder: folder.to_path_buf(), cause };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        files.push(entry.map_err(fail)?.path());
    }
    files.sort();
    let named = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
    let name = format!("folder {named}");
    let Some(file) = idx_file(&files) else {
        return pictures(folder, &files, name);
    };
    let mut notes = Vec::new();
    let pixels = match read_images(file) {
        Ok(pixels) => pixels,
        Err(IdxError::File { problem: super::idx::Problem::Dimensions { height, width }, .. }) => {
            if height == 0 || width == 0 {
                return Err(ForeignError::Empty { folder: folder.to_path_buf() });
            }
            let (planes, blank) = fitted(file, height as usize, width as usize)?;
            notes.push(format!(
                "The images were {height}×{width} pixels; their ink was fitted into 28×28 and centred, as MNIST's was."
            ));
            if blank > 0 {
                notes.push(format!("{blank} of them are blank."));
            }
            planes
        }
        Err(error) => return Err(error.into()),
    };
    let labels = vec![0; pixels.len() / PIXELS];
    let digits = Digits::new(pixels, labels).map_err(IdxError::from)?;
    Ok(ForeignSet { digits, name, notes })
}

/// The file of images in a folder: that of the test images before that of the training images before any other.
fn idx_file(files: &[PathBuf]) -> Option<&PathBuf> {
    let images = |path: &&PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        name.ends_with("idx3-ubyte") && path.is_file()
    };
    let starts = |path: &&PathBuf, stem: &str| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(stem))
    };
    let found = || files.iter().filter(images);
    let stem = |stem: &'static str| found().find(move |path| starts(path, stem));
    stem("t10k").or_else(|| stem("train")).or_else(|| found().next())
}

/// Names of picture files end in one of these.
const PICTURES: [&str; 6] = ["png", "jpg", "jpeg", "bmp", "gif", "webp"];

/// Pictures of a folder, each read as ink. Those that cannot be read are left out and counted.
fn pictures(folder: &Path, files: &[PathBuf], name: String) -> Result<ForeignSet, ForeignError> {
    let is_picture = |path: &&PathBuf| {
        path.extension()
            .is_some_and(|extension| PICTURES.iter().any(|known| extension.eq_ignore_ascii_case(known)))
            && path.is_file()
    };
    let paths: Vec<&PathBuf> = files.iter().filter(is_picture).collect();
    let read: Vec<_> = paths
        .par_iter()
        .map(|path| {
            from_file(path, &PictureOptions::default())
                .map(|steps| steps.image().copied().unwrap_or([0.0; PIXELS]))
        })
        .collect();
    let mut notes = Vec::new();
    let (mut pixels, mut failed) = (Vec::new(), 0);
    for image in read {
        match image {
            Ok(image) => {
                pixels.extend(image.map(|value| (value * 255.0).round() as u8));
            }
            Err(error) => {
                failed += 1;
                if failed == 1 {
                    notes.push(format!("Left out: {error}"));
                }
            }
        }
    }
    if pixels.is_empty() {
        return Err(ForeignError::Empty { folder: folder.to_path_buf() });
    }
    let count = pixels.len() / PIXELS;
    notes
        .insert(0, format!("The ink of {count} pictures was fitted into 28×28 and centred, as MNIST's was."));
    if failed > 1 {
        notes.push(format!("{} more pictures could not be read.", failed - 1));
    }
    let digits = Digits::new(pixels, vec![0; count]).map_err(IdxError::from)?;
    Ok(ForeignSet { digits, name, notes })
}

/// Images of another size, fitted; and how many of them are blank.
fn fitted(file: &Path, height: usize, width: usize) -> Result<(Vec<u8>, usize), ForeignError> {
    let bytes = read_planes(file)?;
    let mut blank = 0;
    let mut pixels = Vec::with_capacity(bytes.len() / (height * width) * PIXELS);
    for image in bytes.chunks_exact(height * width) {
        let values = image.iter().map(|byte| f32::from(*byte) / 255.0).collect();
        let image = fit(&Plane { width, height, values }, FLOOR);
        blank += usize::from(image.is_none());
        let image = image.unwrap_or([0.0; PIXELS]);
        pixels.extend(image.iter().map(|value| (value * 255.0).round() as u8));
    }
    Ok((pixels, blank))
}

/// Why there are no foreign images.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// The folder cannot be listed.
    #[error("{}: {cause} (give a folder that holds images)", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's error.
        cause: std::io::Error,
    },
    /// The folder holds no images.
    #[error("{}: there are no images in it (give a folder with an IDX file such as \
             t10k-images-idx3-ubyte.gz, or with PNG or JPEG pictures)", folder.display())]
    Empty {
        /// The folder.
        folder: PathBuf,
    },
    /// The image file does not have the expected contents.
    #[error(transparent)]
    Idx(#[from] IdxError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::idx::{Packing, write_images};
    use crate::data::synthetic;

    fn idx(height: u32, width: u32, images: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = 0x0803_u32.to_be_bytes().to_vec();
        for word in [images.len() as u32, height, width] {
            bytes.extend(word.to_be_bytes());
        }
        bytes.extend(images.concat());
        bytes
    }

    #[test]
    fn a_folder_needs_no_labels_and_prefers_the_test_images() {
        let folder = tempfile::tempdir().unwrap();
        let (test, train) = (synthetic::generate(5, 1), synthetic::generate(7, 2));
        write_images(&folder.path().join("t10k-images-idx3-ubyte.gz"), &test, Packing::Gzip).unwrap();
        write_images(&folder.path().join("letters-images-idx3-ubyte"), &train, Packing::Plain).unwrap();
        let open = || Foreign::Folder(folder.path().to_path_buf()).open(&train);
        let set = open().unwrap();
        assert_eq!(set.digits.pixels(), test.pixels());
        assert!(set.notes.is_empty() && set.name.starts_with("folder "));
        fs::remove_file(folder.path().join("t10k-images-idx3-ubyte.gz")).unwrap();
        let same = open().unwrap();
        assert!(same.notes[0].contains("very images"), "{:?}", same.notes);
        fs::remove_file(folder.path().join("letters-images-idx3-ubyte")).unwrap();
        let message = open().unwrap_err().to_string();
        assert!(message.contains("no images") && message.contains("IDX"), "{message}");
        let nowhere = Foreign::Folder(folder.path().join("nowhere")).open(&train).unwrap_err().to_string();
        assert!(nowhere.contains("nowhere"), "{nowhere}");
    }

    #[test]
    fn images_of_another_size_are_fitted_and_it_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let mut square = vec![0; 40 * 60];
        for y in 10..30 {
            square[y * 60 + 20..][..20].fill(255);
        }
        let path = folder.path().join("other-idx3-ubyte");
        fs::write(&path, idx(40, 60, &[square, vec![0; 40 * 60]])).unwrap();
        let set = Foreign::Folder(folder.path().to_path_buf()).open(&Digits::default()).unwrap();
        assert_eq!(set.digits.len(), 2);
        let full = set.digits.image(0).iter().filter(|pixel| **pixel > 254).count();
        assert_eq!(full, 400, "a square of 20 by 20");
        assert!(set.notes.iter().any(|note| note.contains("40×60")), "{:?}", set.notes);
        assert!(set.notes.iter().any(|note| note.contains("1 of them are blank")), "{:?}", set.notes);
        fs::write(&path, idx(40, 60, &[vec![0; 100]])).unwrap();
        let message =
            Foreign::Folder(folder.path().to_path_buf()).open(&Digits::default()).unwrap_err().to_string();
        assert!(message.contains("other-idx3-ubyte"), "{message}");
    }

    #[test]
    fn pictures_are_read_as_ink_and_the_unreadable_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let mut picture = image::GrayImage::from_pixel(60, 60, image::Luma([255]));
        for at in 15..45 {
            for thick in 0..6 {
                picture.put_pixel(27 + thick, at, image::Luma([0]));
            }
        }
        for name in ["a.png", "b.PNG"] {
            picture.save_with_format(folder.path().join(name), image::ImageFormat::Png).unwrap();
        }
        fs::write(folder.path().join("c.jpg"), b"not a picture").unwrap();
        fs::write(folder.path().join("notes.txt"), b"no picture").unwrap();
        let set = Foreign::Folder(folder.path().to_path_buf()).open(&Digits::default()).unwrap();
        assert_eq!(set.digits.len(), 2);
        assert!(set.digits.image(0).iter().any(|pixel| *pixel > 200));
        assert!(set.notes[0].contains("2 pictures"), "{:?}", set.notes);
        assert!(set.notes[1].contains("c.jpg"), "{:?}", set.notes);
    }

    #[test]
    fn digits_made_strange_are_named_after_what_was_done() {
        let digits = synthetic::generate(1, 1);
        let foreign = Foreign::Corrupted { corruption: Corruption::Blur, strength: 0.5, seed: 1 };
        let set = foreign.open(&digits).unwrap();
        assert_eq!(set.name, "blur of 2.0 pixels (strength 0.50)");
        assert!(set.notes[0].contains("one image only"));
    }
}
