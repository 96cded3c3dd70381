//! What was asked for by path: any source of images, as the 28×28 grey values that a LeNet sees.
//!
//! A folder with MNIST's own files is read as ever. Anything else is looked at ([`images::sources`](super::images::sources)),
//! the split that was asked for is found among those there are, and what is done to its images is said.

use std::ops::ControlFlow;
use std::path::Path;

use super::about::{About, Originals};
use super::idx::{IdxError, read_digits};
use super::images::remarks::{Remark, remarks};
use super::images::sources::{Found, NAMES_FILE, SourceError as ImagesError, look};
use super::images::{ImageSet, known, whole};
use super::split::{Split, find};
use super::{Class, Classes, Digits, DigitsError, PIXELS, UNLABELLED};
use crate::progress::Observer;

/// As many images as stay in their file, where they can be read from there by position: 78 MB and more.
const LEFT_IN_FILE: usize = 100_000;

/// Images of a path, and what should be known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The images with their labels.
    pub digits: Digits,
    /// What else is known of them.
    pub about: About,
}

/// Why a path cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum AskedError {
    /// MNIST's own files are damaged.
    #[error(transparent)]
    Idx(#[from] IdxError),
    /// There is nothing to open, or it is damaged.
    #[error(transparent)]
    Images(#[from] ImagesError),
    /// The split asked for is not there.
    #[error("{path}: has no {split} split; it has {} (open that one, or the folder that holds both)", names.join(", "))]
    Split {
        /// What was asked for.
        path: String,
        /// The split.
        split: String,
        /// Those there are; at least one.
        names: Vec<String>,
    },
    /// The labels do not fit.
    #[error("{path}: {problem} (choose another set)")]
    Digits {
        /// What was asked for.
        path: String,
        /// Why.
        problem: DigitsError,
    },
}

/// Reads a split of what is at a path; `Break` when the observer stopped it. `part` names the split to show in place of
/// the test, as the source calls it.
///
/// # Errors
/// When there is nothing that can be opened, with what is wrong and what nearby would open.
pub fn read(
    path: &Path,
    split: Split,
    part: Option<&str>,
    observe: Observer<'_>,
) -> Result<ControlFlow<(), Asked>, AskedError> {
    let part = part.filter(|_| split == Split::Test);
    let published = find(path, split).filter(|(images, _)| part.is_none() && !is_large(images));
    match published.map(|(images, labels)| read_digits(&images, &labels)) {
        Some(Ok(digits)) if !path.join(NAMES_FILE).is_file() => {
            let digits = match names(path, digits.labels()) {
                Some(classes) => digits.named(classes),
                None => digits,
            };
            let about = About { remarks: published_remarks(&digits), ..About::default() };
            Ok(ControlFlow::Continue(Asked { digits, about }))
        }
        // Other sizes and other labels are no fault; what is damaged is said as ever.
        Some(Err(error)) if !error.is_of_another_kind() => Err(error.into()),
        _ => any(path, split, part, observe),
    }
}

/// Whether a file of images is better left where it is.
fn is_large(images: &Path) -> bool {
    std::fs::metadata(images).is_ok_and(|metadata| metadata.len() >= (LEFT_IN_FILE * PIXELS) as u64)
}

/// What the classes of published files are called, where they are no digits.
fn names(folder: &Path, labels: &[Class]) -> Option<Classes> {
    let bytes: Vec<u8> = labels.iter().map(|label| u8::try_from(*label).unwrap_or(u8::MAX)).collect();
    let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
    known::by_labels(&bytes).or_else(|| known::by_name(&name))
}

/// What looks wrong in MNIST's own files.
fn published_remarks(digits: &Digits) -> Vec<String> {
    const LOOKED_AT: usize = 500;
    let step = digits.len().div_ceil(LOOKED_AT).max(1);
    let some: Vec<u8> =
        (0..digits.len()).step_by(step).flat_map(|index| digits.image(index).into_owned()).collect();
    super::images::remarks::of_pixels(&some, PIXELS).iter().map(Remark::to_string).collect()
}

fn any(
    path: &Path,
    split: Split,
    part: Option<&str>,
    observe: Observer<'_>,
) -> Result<ControlFlow<(), Asked>, AskedError> {
    let found = look(path)?;
    let name = match part {
        Some(part) => found.called(part),
        None => split_name(&found, split),
    };
    let name = name.ok_or_else(|| AskedError::Split {
        path: path.display().to_string(),
        split: part.unwrap_or(split.name()).to_owned(),
        names: found.splits.iter().map(|split| split.name.clone()).collect(),
    })?;
    let ControlFlow::Continue(set) = found.open(name, observe)? else { return Ok(ControlFlow::Break(())) };
    let mut told = told(&set)?;
    if found.splits.len() == 1 && found.splits[0].images.is_none_or(|images| images > 0) && !is(name, split) {
        told.push(format!(
            "There is one split, “{name}”: a network trained on it has seen the images that it is shown."
        ));
    }
    let (digits, numbers) = seen(path, &set)?;
    let part = Some(name.to_owned());
    let originals = Some(Originals::new(set, numbers));
    let about = About { remarks: told, originals, splits: found.splits, part, ..About::default() };
    Ok(ControlFlow::Continue(Asked { digits, about }))
}

/// The split of a source that answers to one of MNIST's two: of a source with a single one, that.
fn split_name(found: &Found, split: Split) -> Option<&str> {
    if let [only] = &found.splits[..] {
        return (!is(&only.name, split.other())).then_some(&only.name);
    }
    let named = found.splits.iter().map(|info| info.name.as_str());
    match split {
        Split::Train => named.into_iter().find(|name| is(name, Split::Train)),
        Split::Test => {
            let first = found.first_split();
            Some(first).filter(|name| !is(name, Split::Train))
        }
    }
}

/// Whether a split is called so: `train`, `letters/train`, `t10k`.
fn is(name: &str, split: Split) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    match split {
        Split::Train => last.starts_with("train"),
        Split::Test => ["test", "t10k", "val"].iter().any(|start| last.starts_with(start)),
    }
}

/// What is to be said of a set.
fn told(set: &ImageSet) -> Result<Vec<String>, AskedError> {
    let mut told: Vec<String> = set.notes().to_vec();
    told.extend(set.skipped().told());
    let remarked = remarks(set).map_err(ImagesError::from)?;
    told.extend(remarked.iter().map(Remark::to_string));
    Ok(told)
}

/// The images of a set as a LeNet sees them, those with a label first, and their numbers in the set where that is another
/// order.
fn seen(path: &Path, set: &ImageSet) -> Result<(Digits, Option<Vec<u32>>), AskedError> {
    let labels: Vec<Class> = set.labels().map(|label| label.unwrap_or(UNLABELLED)).collect();
    if set.len() >= LEFT_IN_FILE && set.is_cheap_to_read() {
        return left_in_file(path, set, labels);
    }
    let pixels = set.grey28(0..set.len()).map_err(ImagesError::from)?;
    let (pixels, labels, numbers) = if labels.is_sorted_by_key(|label| *label == UNLABELLED) {
        (pixels, labels, None)
    } else {
        let mut numbers: Vec<u32> = (0..labels.len() as u32).collect();
        numbers.sort_by_key(|number| labels[*number as usize] == UNLABELLED);
        let image = |number: &u32| &pixels[*number as usize * PIXELS..][..PIXELS];
        let ordered: Vec<&[u8]> = numbers.iter().map(image).collect();
        let own = numbers.iter().map(|number| labels[*number as usize]).collect();
        (ordered.concat(), own, Some(numbers))
    };
    let digits = Digits::of_classes(pixels, labels, classes(set)).map_err(|problem| unfit(path, problem))?;
    Ok((digits.with_whole(whole(set, numbers.as_deref())), numbers))
}

/// The same, read where they are looked at.
fn left_in_file(
    path: &Path,
    set: &ImageSet,
    mut labels: Vec<Class>,
) -> Result<(Digits, Option<Vec<u32>>), AskedError> {
    let numbers = (!labels.is_sorted_by_key(|label| *label == UNLABELLED)).then(|| {
        let mut numbers: Vec<u32> = (0..labels.len() as u32).collect();
        numbers.sort_by_key(|number| labels[*number as usize] == UNLABELLED);
        labels.sort_by_key(|label| *label == UNLABELLED);
        numbers
    });
    let filed = whole(set, numbers.as_deref());
    let digits = Digits::in_file(filed, labels, classes(set)).map_err(|problem| unfit(path, problem))?;
    Ok((digits, numbers))
}

/// Without a label there are no classes; those of the network that looks at the images stand for them.
fn classes(set: &ImageSet) -> Classes {
    set.classes().cloned().unwrap_or_default()
}

fn unfit(path: &Path, problem: DigitsError) -> AskedError {
    AskedError::Digits { path: path.display().to_string(), problem }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::{GrayImage, Luma, Rgb, RgbImage};

    use super::*;
    use crate::data::idx::{Packing, write_images, write_labels};
    use crate::data::images::ImageShape;
    use crate::data::synthetic;
    use crate::progress::unobserved;

    fn opened(path: &Path, split: Split) -> Result<Asked, String> {
        match read(path, split, None, &mut unobserved) {
            Ok(ControlFlow::Continue(asked)) => Ok(asked),
            Ok(ControlFlow::Break(())) => panic!("nobody stopped it"),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Pictures in colour, three of each class, in a folder for each class within that of a split.
    fn pictures(folder: &Path) {
        for (split, side) in [("train", 40), ("test", 20)] {
            for (class, colour) in [("cat", [255, 0, 0]), ("dog", [0, 0, 255])] {
                let place = folder.join(split).join(class);
                fs::create_dir_all(&place).unwrap();
                for number in 0..3 {
                    let picture = RgbImage::from_pixel(side, side, Rgb(colour));
                    picture.save(place.join(format!("{number}.png"))).unwrap();
                }
            }
        }
    }

    #[test]
    fn pictures_by_class_become_grey_of_28_by_28_under_their_names() {
        let folder = tempfile::tempdir().unwrap();
        pictures(folder.path());
        let asked = opened(folder.path(), Split::Test).unwrap();
        assert_eq!((asked.digits.len(), asked.digits.labels()), (6, &[0, 0, 0, 1, 1, 1][..]));
        assert_eq!(asked.digits.classes().names(), ["cat", "dog"]);
        // Rec. 601: 0.299 of full red, 0.114 of full blue.
        assert_eq!((asked.digits.image(0)[400], asked.digits.image(3)[400]), (76, 29));
        let told = asked.about.taken_as(ImageShape::MNIST).unwrap();
        assert!(told.contains("20×20 colour, made grey and resized to 28×28 by area"), "{told}");
        assert_eq!(asked.about.taken_as(ImageShape::new(20, 20, 3).unwrap()), None);
        // As a whole they keep their colours.
        let shape = ImageShape::new(10, 10, 3).unwrap();
        let mut whole = vec![0; 2 * shape.bytes()];
        asked.digits.whole().unwrap().read_as(shape, 2, &mut whole);
        assert!(whole[..300].chunks(3).all(|colour| colour == [255, 0, 0]));
        assert!(whole[300..].chunks(3).all(|colour| colour == [0, 0, 255]));
        let parted = asked.digits.parted(&[1, 4]).1;
        parted.whole().unwrap().read_as(shape, 0, &mut whole);
        assert_eq!((&whole[..3], &whole[300..303]), (&[255, 0, 0][..], &[0, 0, 255][..]));
        assert_eq!(opened(folder.path(), Split::Train).unwrap().about.shape().height(), 40);
    }

    #[test]
    fn published_files_are_read_as_ever_and_named_where_names_lie_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let digits = synthetic::generate(20, 3);
        write_images(&folder.path().join("t10k-images-idx3-ubyte"), &digits, Packing::Gzip).unwrap();
        write_labels(&folder.path().join("t10k-labels-idx1-ubyte"), &digits, Packing::Gzip).unwrap();
        assert_eq!(
            opened(folder.path(), Split::Test).unwrap(),
            Asked { digits: digits.clone(), about: About::default() }
        );
        let names: Vec<String> = (0..10).map(|class| format!("figure {class}")).collect();
        fs::write(folder.path().join(NAMES_FILE), names.join("\n")).unwrap();
        let named = opened(folder.path(), Split::Test).unwrap().digits;
        assert_eq!((named.pixels(), named.classes().name(3)), (digits.pixels(), "figure 3"));
        let missing = opened(folder.path(), Split::Train).unwrap_err();
        assert!(missing.contains("has no train split; it has test"), "{missing}");
    }

    #[test]
    fn images_left_in_their_file_are_those_that_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let digits = synthetic::generate(300, 3);
        let images = folder.path().join("t10k-images-idx3-ubyte");
        write_images(&images, &digits, Packing::Plain).unwrap();
        write_labels(&folder.path().join("t10k-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
        let found = look(folder.path()).unwrap();
        let ControlFlow::Continue(set) = found.open("test", &mut unobserved).unwrap() else {
            panic!("stopped")
        };
        assert!(set.is_cheap_to_read());
        let labels: Vec<Class> = set.labels().map(|label| label.unwrap_or(UNLABELLED)).collect();
        let (filed, numbers) = left_in_file(folder.path(), &set, labels.clone()).unwrap();
        assert!(filed.is_filed() && numbers.is_none());
        assert_eq!((filed.hash(), filed.labels()), (digits.hash(), digits.labels()));
        assert_eq!((filed.image(299), filed.images(5..70)), (digits.image(299), digits.images(5..70)));
        assert_eq!(filed.pixels(), digits.pixels());
        assert_eq!(filed.slice(250..300), digits.slice(250..300));
        assert_eq!(filed.parted(&[0, 7]), digits.parted(&[0, 7]));

        // Those without a label come last, each with its own pixels.
        let mut some = labels;
        for index in [1, 2, 150] {
            some[index] = UNLABELLED;
        }
        let (filed, numbers) = left_in_file(folder.path(), &set, some).unwrap();
        let numbers = numbers.unwrap();
        assert_eq!((numbers[1], &numbers[297..]), (3, &[1, 2, 150][..]));
        assert_eq!((filed.label(1), filed.label(297)), (digits.label(3), None));
        for (index, number) in numbers.iter().enumerate() {
            assert_eq!(filed.image(index), digits.image(*number as usize));
        }

        // A file that becomes shorter leaves blanks, and says so.
        assert!(filed.failure().is_none());
        let file = fs::File::options().write(true).open(&images).unwrap();
        file.set_len(16 + 200 * PIXELS as u64).unwrap();
        assert!(filed.image(296).iter().all(|grey| *grey == 0));
        let said = filed.failure().unwrap();
        assert!(said.contains("t10k-images-idx3-ubyte") && said.contains("shorter"), "{said}");
    }

    #[test]
    fn one_split_serves_for_both_and_images_without_a_label_come_last() {
        let folder = tempfile::tempdir().unwrap();
        let picture = GrayImage::from_pixel(28, 28, Luma([90]));
        for class in ["cup", "pot"] {
            fs::create_dir(folder.path().join(class)).unwrap();
            picture.save(folder.path().join(class).join("a.png")).unwrap();
        }
        let [train, test] = [Split::Train, Split::Test].map(|split| opened(folder.path(), split).unwrap());
        assert_eq!(train.digits, test.digits);
        let told = &test.about.remarks;
        assert!(told.iter().any(|told| told.contains("There is one split")), "{told:?}");
        let flat = tempfile::tempdir().unwrap();
        picture.save(flat.path().join("a.png")).unwrap();
        let unlabelled = opened(flat.path(), Split::Test).unwrap().digits;
        assert_eq!((unlabelled.len(), unlabelled.labelled()), (1, &[][..]));
        // A table that names some of the pictures.
        for name in ["b.png", "c.png"] {
            picture.save(flat.path().join(name)).unwrap();
        }
        fs::write(flat.path().join("labels.csv"), "file,label\nc.png,pot\nb.png,cup\n").unwrap();
        let asked = opened(flat.path(), Split::Test).unwrap();
        assert_eq!(asked.digits.labels(), [0, 1, UNLABELLED]);
        let originals = asked.about.originals.unwrap();
        let name = |index| originals.set.image_name(originals.number(index).unwrap());
        assert_eq!([0, 1, 2].map(name), ["b.png", "c.png", "a.png"]);
    }
}
