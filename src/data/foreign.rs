//! Images from outside the dataset shown: from any source there is, or corrupted digits.

use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::about::Originals;
use super::corruption::Corruption;
use super::images::sources::{Kind, SourceError, look};
use super::images::{ImageSet, ImageShape, ReadError, Skipped, whole};
use super::ink::{PictureOptions, Plane, fit, from_file};
use super::{Digits, DigitsError, PIXELS};
use crate::progress::Observer;
use crate::wording;

/// Where foreign images come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Foreign {
    /// A file or folder of images, whatever they show, with or without labels.
    At(PathBuf),
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
    /// The images as the network sees them; their labels are all 0 and meaningless, unless they are corrupted digits.
    pub digits: Digits,
    /// The images as they are, where the network sees them otherwise and a person would rather see these.
    pub originals: Option<Originals>,
    /// Whether the network sees them as ink: then they are drawn so.
    pub is_ink: bool,
    /// Short, for a chip or a heading: `folder notmnist`, `blur of 2.0 pixels (strength 0.50)`.
    pub name: String,
    /// What was done to them, what is odd about them: one sentence each.
    pub notes: Vec<String>,
}

/// Images that are taken at most: more would say no more, and take as much memory again.
const MOST: usize = 100_000;
/// Values of a picture below this do not widen the box that is fitted.
const FLOOR: f32 = 0.1;

impl Foreign {
    /// The images; `Break` when the observer stopped it. `digits` are those shown, and `shape` is what they are of as they
    /// are: beside MNIST's kind foreign images are read as ink, beside any other they are made as those are.
    ///
    /// # Errors
    /// When there are no readable images.
    pub fn open(
        &self,
        digits: &Digits,
        shape: ImageShape,
        observe: Observer,
    ) -> Result<ControlFlow<(), ForeignSet>, ForeignError> {
        let mut set = match self {
            Self::At(path) => match open_at(path, shape == ImageShape::MNIST, observe)? {
                ControlFlow::Continue(set) => set,
                ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
            },
            Self::Corrupted { corruption, strength, seed } => {
                let some = (digits.len() > MOST).then(|| digits.slice(0..MOST));
                ForeignSet {
                    digits: corruption.apply(some.as_ref().unwrap_or(digits), *strength, *seed),
                    originals: None,
                    is_ink: shape.is_ink(),
                    name: corruption.describe(*strength),
                    notes: some.iter().map(|_| only_the_first("corrupted")).collect(),
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
        Ok(ControlFlow::Continue(set))
    }
}

fn only_the_first(what: &str) -> String {
    format!("Only the first {} images are {what}.", wording::thousands(MOST as u64))
}

/// Images of a file or folder: the split that would be shown first, were it the dataset.
fn open_at(
    path: &Path,
    as_ink: bool,
    observe: Observer,
) -> Result<ControlFlow<(), ForeignSet>, ForeignError> {
    let found = look(path)?;
    let split = found.first_split();
    let ControlFlow::Continue(set) = found.open(split, observe)? else { return Ok(ControlFlow::Break(())) };
    let images = 0..set.len().min(MOST);
    let mut notes = Vec::new();
    if found.splits.len() > 1 && split != "test" {
        notes.push(format!("Of several splits, these are “{split}”."));
    }
    if images.end < set.len() {
        notes.push(only_the_first("taken"));
    }
    let shape = set.shape();
    let (seen, is_ink) = if as_ink && found.kind == Kind::Pictures {
        (pictures(&set, images), true)
    } else if as_ink && shape != ImageShape::MNIST && !shape.is_colour() {
        (fitted(&set, images)?, true)
    } else {
        (by_area(&set, images)?, shape.is_ink())
    };
    notes.extend(seen.notes);
    notes.extend(seen.skipped.told());
    if seen.numbers.is_empty() {
        return Err(ForeignError::Empty {
            path: path.to_path_buf(),
            why: seen.skipped.first.first().cloned(),
        });
    }
    let labels = vec![0; seen.numbers.len()];
    let digits = Digits::new(seen.pixels, labels)
        .map_err(|problem| ForeignError::Digits { path: path.to_path_buf(), problem })?;
    // What is fitted as ink and was ink before is best seen as it was fitted.
    let differ = shape != ImageShape::MNIST && !(as_ink && shape.is_ink());
    let numbers = (seen.numbers.len() < set.len()).then_some(seen.numbers);
    let digits = if as_ink { digits } else { digits.with_whole(whole(&set, numbers.as_deref())) };
    let originals = differ.then(|| Originals::new(set, numbers));
    let named = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let name = format!("{} {named}", if path.is_dir() { "folder" } else { "file" });
    Ok(ControlFlow::Continue(ForeignSet { digits, originals, is_ink, name, notes }))
}

/// Images as the network sees them.
struct Seen {
    /// `[n, 28, 28]`.
    pixels: Vec<u8>,
    /// Their numbers in the set.
    numbers: Vec<u32>,
    skipped: Skipped,
    notes: Vec<String>,
}

/// Made as the images of any dataset are.
fn by_area(set: &ImageSet, images: Range<usize>) -> Result<Seen, ForeignError> {
    let made = set.shape().brought_to(ImageShape::MNIST);
    Ok(Seen {
        pixels: set.grey28(images.clone())?,
        numbers: images.map(|number| number as u32).collect(),
        skipped: set.skipped().clone(),
        notes: made.map(|made| format!("What a LeNet sees of them: {made}.")).into_iter().collect(),
    })
}

/// Files of pictures, each read as ink. Those without any are left out.
fn pictures(set: &ImageSet, images: Range<usize>) -> Seen {
    let read: Vec<_> = images
        .into_par_iter()
        .map(|number| {
            let steps = from_file(&set.origin(number).0, &PictureOptions::default());
            (number as u32, steps.map(|steps| steps.image().copied().unwrap_or([0.0; PIXELS])))
        })
        .collect();
    let mut skipped = set.skipped().clone();
    let (mut pixels, mut numbers) = (Vec::new(), Vec::new());
    for (number, image) in read {
        match image {
            Ok(image) => {
                pixels.extend(to_bytes(&image));
                numbers.push(number);
            }
            Err(error) => skipped.add(|| error.to_string()),
        }
    }
    let of = match numbers.len() {
        1 => "one picture".to_owned(),
        count => format!("{count} pictures"),
    };
    let notes = vec![format!("The ink of {of} was fitted into 28×28 and centred, as MNIST's was.")];
    Seen { pixels, numbers, skipped, notes }
}

/// Grey images of another size, fitted.
fn fitted(set: &ImageSet, images: Range<usize>) -> Result<Seen, ForeignError> {
    let shape = set.shape();
    let (height, width) = (shape.height(), shape.width());
    let mut grey = vec![0; shape.bytes()];
    let mut blank = 0;
    let mut pixels = Vec::with_capacity(images.len() * PIXELS);
    for number in images.clone() {
        set.read(number, &mut grey)?;
        let values = grey.iter().map(|byte| f32::from(*byte) / 255.0).collect();
        let image = fit(&Plane { width, height, values }, FLOOR);
        blank += usize::from(image.is_none());
        pixels.extend(to_bytes(&image.unwrap_or([0.0; PIXELS])));
    }
    let mut notes = vec![format!(
        "The images were {height}×{width} pixels; their ink was fitted into 28×28 and centred, as MNIST's was."
    )];
    if blank > 0 {
        notes.push(format!("{blank} of them are blank."));
    }
    let numbers = images.map(|number| number as u32).collect();
    Ok(Seen { pixels, numbers, skipped: set.skipped().clone(), notes })
}

fn to_bytes(image: &[f32; PIXELS]) -> [u8; PIXELS] {
    image.map(|value| (value * 255.0).round() as u8)
}

/// Why there are no foreign images.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// There is nothing to open, or it is damaged.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Nothing could be made of the images.
    #[error("{}: no ink was found in any of its pictures{} (choose pictures with ink on them)",
            path.display(), why.as_ref().map(|why| format!("; {why}")).unwrap_or_default())]
    Empty {
        /// What was asked for.
        path: PathBuf,
        /// Why the first was left out.
        why: Option<String>,
    },
    /// The images do not make a set.
    #[error("{}: {problem} (choose another set)", path.display())]
    Digits {
        /// What was asked for.
        path: PathBuf,
        /// Why.
        problem: DigitsError,
    },
    /// They can be read no more.
    #[error(transparent)]
    Read(#[from] ReadError),
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::{GrayImage, Luma, Rgb, RgbImage};

    use super::*;
    use crate::data::idx::{Packing, write_images};
    use crate::data::synthetic;
    use crate::progress::unobserved;

    fn idx(height: u32, width: u32, images: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = 0x0803_u32.to_be_bytes().to_vec();
        for word in [images.len() as u32, height, width] {
            bytes.extend(word.to_be_bytes());
        }
        bytes.extend(images.concat());
        bytes
    }

    /// Opened beside images of this shape.
    fn beside(shape: ImageShape, path: &Path, digits: &Digits) -> Result<ForeignSet, ForeignError> {
        let opened = Foreign::At(path.to_path_buf()).open(digits, shape, &mut unobserved)?;
        let ControlFlow::Continue(set) = opened else { panic!("nobody stopped it") };
        Ok(set)
    }

    fn open(path: &Path, digits: &Digits) -> Result<ForeignSet, ForeignError> {
        beside(ImageShape::MNIST, path, digits)
    }

    #[test]
    fn a_folder_needs_no_labels_and_prefers_the_test_images() {
        let folder = tempfile::tempdir().unwrap();
        let (test, train) = (synthetic::generate(5, 1), synthetic::generate(7, 2));
        write_images(&folder.path().join("t10k-images-idx3-ubyte.gz"), &test, Packing::Gzip).unwrap();
        write_images(&folder.path().join("letters-images-idx3-ubyte"), &train, Packing::Plain).unwrap();
        let set = open(folder.path(), &train).unwrap();
        assert_eq!(set.digits.pixels(), test.pixels());
        assert!(set.notes.is_empty() && set.name.starts_with("folder "), "{:?}", set.notes);
        assert_eq!(set.originals, None);
        fs::remove_file(folder.path().join("t10k-images-idx3-ubyte.gz")).unwrap();
        let same = open(folder.path(), &train).unwrap();
        assert!(same.notes[0].contains("very images"), "{:?}", same.notes);
        let file = open(&folder.path().join("letters-images-idx3-ubyte"), &test).unwrap();
        assert_eq!((file.digits.len(), file.name.as_str()), (7, "file letters-images-idx3-ubyte"));
        fs::remove_file(folder.path().join("letters-images-idx3-ubyte")).unwrap();
        let message = open(folder.path(), &train).unwrap_err().to_string();
        assert!(message.contains("empty") && message.contains("IDX"), "{message}");
        let nowhere = open(&folder.path().join("nowhere"), &train).unwrap_err().to_string();
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
        let set = open(folder.path(), &Digits::default()).unwrap();
        assert_eq!(set.digits.len(), 2);
        let full = set.digits.image(0).iter().filter(|pixel| **pixel > 254).count();
        assert_eq!(full, 400, "a square of 20 by 20");
        assert!(set.notes.iter().any(|note| note.contains("40×60")), "{:?}", set.notes);
        assert!(set.notes.iter().any(|note| note.contains("1 of them are blank")), "{:?}", set.notes);
        assert_eq!(set.originals, None, "ink is seen as it was fitted");
        // Beside images that are no ink they are made as those are.
        let colour = ImageShape::new(32, 32, 3).unwrap();
        let set = beside(colour, folder.path(), &Digits::default()).unwrap();
        let originals = set.originals.unwrap();
        assert_eq!(set.digits.pixels(), originals.set.grey28(0..2).unwrap());
        assert_eq!(set.notes, ["What a LeNet sees of them: 40×60 grey, resized to 28×28 by area."]);
        fs::write(&path, idx(40, 60, &[vec![0; 100]])).unwrap();
        let message = open(folder.path(), &Digits::default()).unwrap_err().to_string();
        assert!(message.contains("other-idx3-ubyte"), "{message}");
    }

    #[test]
    fn pictures_are_read_as_ink_and_the_unreadable_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let mut picture = GrayImage::from_pixel(60, 60, Luma([255]));
        for at in 15..45 {
            for thick in 0..6 {
                picture.put_pixel(27 + thick, at, Luma([0]));
            }
        }
        for name in ["a.png", "b.PNG"] {
            picture.save_with_format(folder.path().join(name), image::ImageFormat::Png).unwrap();
        }
        let blank = GrayImage::from_pixel(60, 60, Luma([255]));
        fs::write(folder.path().join("c.jpg"), b"not a picture").unwrap();
        fs::write(folder.path().join("notes.txt"), b"no picture").unwrap();
        let set = open(folder.path(), &Digits::default()).unwrap();
        assert_eq!(set.digits.len(), 2);
        assert!(set.digits.image(0).iter().any(|pixel| *pixel > 200));
        assert!(set.notes[0].contains("2 pictures"), "{:?}", set.notes);
        assert!(set.notes[1].contains("c.jpg"), "{:?}", set.notes);
        for name in ["a.png", "b.PNG"] {
            blank.save_with_format(folder.path().join(name), image::ImageFormat::Png).unwrap();
        }
        let message = open(folder.path(), &Digits::default()).unwrap_err().to_string();
        assert!(message.contains("no ink") && message.contains("choose"), "{message}");
    }

    #[test]
    fn photographs_are_seen_as_they_are_and_those_without_ink_do_not_shift_the_others() {
        let folder = tempfile::tempdir().unwrap();
        for (name, ink) in [("a.png", [200, 0, 0]), ("b.png", [250, 250, 250]), ("c.png", [0, 0, 200])] {
            let colour = |x: u32| if (40..60).contains(&x) { Rgb(ink) } else { Rgb([250; 3]) };
            RgbImage::from_fn(100, 80, |x, y| if (10..70).contains(&y) { colour(x) } else { Rgb([250; 3]) })
                .save(folder.path().join(name))
                .unwrap();
        }
        let set = open(folder.path(), &Digits::default()).unwrap();
        let originals = set.originals.unwrap();
        assert_eq!(set.digits.len(), 2);
        assert_eq!(
            [0, 1, 2].map(|index| originals.file(index)),
            [Some("a.png".to_owned()), Some("c.png".to_owned()), None]
        );
        assert!(set.notes[1].contains("1 file") && set.notes[1].contains("b.png"), "{:?}", set.notes);
        let colour = ImageShape::new(32, 32, 3).unwrap();
        let set = beside(colour, folder.path(), &Digits::default()).unwrap();
        assert_eq!(set.digits.len(), 3, "beside photographs they need no ink");
        assert_eq!(set.digits.pixels(), set.originals.unwrap().set.grey28(0..3).unwrap());
    }

    #[test]
    fn digits_made_strange_are_named_after_what_was_done() {
        let digits = synthetic::generate(1, 1);
        let foreign = Foreign::Corrupted { corruption: Corruption::Blur, strength: 0.5, seed: 1 };
        let ControlFlow::Continue(set) = foreign.open(&digits, ImageShape::MNIST, &mut unobserved).unwrap()
        else {
            panic!("nobody stopped it")
        };
        assert_eq!(set.name, "blur of 2.0 pixels (strength 0.50)");
        assert!(set.notes[0].contains("one image only"));
    }
}
