//! What a person should know of a set before trusting a number: pixels, labels and copies that look wrong.
//!
//! Pure functions say what holds of numbers; [`remarks`] reads what they need of a set.

use std::collections::HashMap;
use std::fmt;

use super::set::ImageSet;
use super::store::ReadError;
use crate::data::classes::{Class, Classes};

/// Images whose pixels are looked at, evenly spaced.
const LOOKED_AT: usize = 500;
/// Mean grey from which an image is mostly bright.
const BRIGHT: f64 = 160.0;
/// Share of bright images from which a set is mostly bright.
const MOSTLY: f64 = 0.8;

/// Something that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Bytes that are 0 or 1 only: nearly black everywhere.
    ZeroOne,
    /// All pixels of all images looked at are equal.
    Blank {
        /// The value.
        value: u8,
    },
    /// Dark on bright, where networks for digits saw bright on dark.
    MostlyBright {
        /// Images that are mostly bright, in percent of those looked at.
        percent: u8,
    },
    /// No image has the first class, and the last class was made for them.
    StartsAtOne {
        /// The highest label.
        highest: Class,
    },
    /// All labelled images are of one class.
    OneClass {
        /// What it is called.
        name: String,
    },
    /// Classes without an image.
    EmptyClasses {
        /// How many.
        classes: usize,
    },
    /// No image has a label.
    NoLabels,
    /// Some images have no label.
    SomeUnlabelled {
        /// How many.
        images: usize,
    },
    /// Images that are in the set more than once.
    Copies {
        /// How many beyond the first of each.
        images: usize,
    },
    /// Copies with another label than the first.
    CopiesDisagree {
        /// How many.
        images: usize,
    },
    /// Images that are in another split too.
    Across {
        /// How many.
        images: usize,
        /// The other split.
        split: String,
    },
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::ZeroOne => formatter.write_str(
                "All pixels are 0 or 1, in bytes that go to 255: the images are nearly black. Were they scaled? \
                 Multiply by 255.",
            ),
            Self::Blank { value } => write!(formatter, "Every pixel looked at is {value}: the images are blank."),
            Self::MostlyBright { percent } => write!(
                formatter,
                "{percent} % of the images are mostly bright. MNIST is bright on dark: a network that learned from it \
                 takes these for something else unless they are inverted."
            ),
            Self::StartsAtOne { highest } => write!(
                formatter,
                "Labels go from 1 to {highest}, and no image has label 0. Do they start at 1? A network that numbers \
                 classes from 0 is off by one."
            ),
            Self::OneClass { name } => {
                write!(formatter, "All images are of one class, “{name}”: there is nothing to tell apart.")
            }
            Self::EmptyClasses { classes: 1 } => formatter.write_str("One class has no image."),
            Self::EmptyClasses { classes } => write!(formatter, "{classes} classes have no image."),
            Self::NoLabels => formatter.write_str("No image has a label: nothing can be said of right and wrong."),
            Self::SomeUnlabelled { images } => write!(formatter, "Images without a label: {images}."),
            Self::Copies { images } => {
                write!(formatter, "Images that are a copy of an earlier one, pixel for pixel: {images}.")
            }
            Self::CopiesDisagree { images } => {
                write!(formatter, "Copies that have another label than the image they are copies of: {images}.")
            }
            Self::Across { images, split } => write!(
                formatter,
                "Images that are in {split} too, pixel for pixel: {images}. A network may have learned them by heart."
            ),
        }
    }
}

/// What is to be said of pixels, given in whole images of `bytes` bytes.
#[must_use]
pub fn of_pixels(pixels: &[u8], bytes: usize) -> Option<Remark> {
    let first = *pixels.first()?;
    if pixels.iter().all(|value| *value == first) {
        return Some(Remark::Blank { value: first });
    }
    if pixels.iter().all(|value| *value <= 1) {
        return Some(Remark::ZeroOne);
    }
    let images = pixels.chunks_exact(bytes);
    let all = images.len();
    let mean = |image: &[u8]| image.iter().map(|value| f64::from(*value)).sum::<f64>() / bytes as f64;
    let bright = images.filter(|image| mean(image) >= BRIGHT).count();
    let share = bright as f64 / all.max(1) as f64;
    (share >= MOSTLY).then(|| Remark::MostlyBright { percent: (share * 100.0).round() as u8 })
}

/// What is to be said of the number of images of each class; `known` says that the source names its classes.
#[must_use]
pub fn of_counts(counts: &[usize], classes: &Classes) -> Vec<Remark> {
    let present: Vec<usize> = (0..counts.len()).filter(|class| counts[*class] > 0).collect();
    let empty = counts.len() - present.len();
    match present[..] {
        [] => vec![],
        [only] => vec![Remark::OneClass { name: classes.name(only as Class).to_owned() }],
        // Only one that is a number can be off by one: of names the source itself said which is the first.
        [1, .., highest] if classes.are_numbers() && empty == 1 => {
            vec![Remark::StartsAtOne { highest: highest as Class }]
        }
        _ if empty > 0 => vec![Remark::EmptyClasses { classes: empty }],
        _ => vec![],
    }
}

/// How many images are copies of an earlier one, and how many of those have another label. `label` gives that of an
/// image.
#[must_use]
pub fn copies(prints: &[u128], label: impl Fn(usize) -> Option<Class>) -> (usize, usize) {
    let mut firsts: HashMap<u128, usize> = HashMap::with_capacity(prints.len());
    let (mut images, mut disagree) = (0, 0);
    for (index, print) in prints.iter().enumerate() {
        let first = *firsts.entry(*print).or_insert(index);
        if first != index {
            images += 1;
            disagree += usize::from(label(first) != label(index));
        }
    }
    (images, disagree)
}

/// How many of these images are among those of another split.
#[must_use]
pub fn across(prints: &[u128], other: &[u128]) -> usize {
    let other: std::collections::HashSet<u128> = other.iter().copied().collect();
    prints.iter().filter(|print| other.contains(print)).count()
}

/// What is to be said of copies in a set, by the fingerprints of its images (see [`ImageSet::fingerprints`]), and of those
/// that are in other splits too, by name.
#[must_use]
pub fn of_copies<'a>(
    set: &ImageSet,
    prints: &[u128],
    others: impl IntoIterator<Item = (&'a str, &'a [u128])>,
) -> Vec<Remark> {
    let (images, disagree) = copies(prints, |index| set.label(index));
    let mut all: Vec<Remark> = (images > 0).then_some(Remark::Copies { images }).into_iter().collect();
    all.extend((disagree > 0).then_some(Remark::CopiesDisagree { images: disagree }));
    for (split, other) in others {
        let images = across(prints, other);
        all.extend((images > 0).then(|| Remark::Across { images, split: split.to_owned() }));
    }
    all
}

/// What is to be said of a set apart from copies.
///
/// # Errors
/// When pixels cannot be read.
pub fn remarks(set: &ImageSet) -> Result<Vec<Remark>, ReadError> {
    let bytes = set.shape().bytes();
    let step = set.len().div_ceil(LOOKED_AT).max(1);
    let mut pixels = vec![0; set.len().div_ceil(step) * bytes];
    for (at, image) in pixels.chunks_exact_mut(bytes).enumerate() {
        set.read(at * step, image)?;
    }
    let mut all: Vec<Remark> = of_pixels(&pixels, bytes).into_iter().collect();
    match set.classes() {
        Some(classes) if set.is_labelled() => {
            all.extend(of_counts(&set.counts(), classes));
            let images = set.labels().filter(Option::is_none).count();
            all.extend((images > 0).then_some(Remark::SomeUnlabelled { images }));
        }
        _ => all.push(Remark::NoLabels),
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_of_zero_and_one_blank_and_bright_ones_are_remarked() {
        assert_eq!(of_pixels(&[0, 1, 1, 0], 2), Some(Remark::ZeroOne));
        assert_eq!(of_pixels(&[7; 4], 2), Some(Remark::Blank { value: 7 }));
        assert_eq!(of_pixels(&[255, 200, 255, 255], 2), Some(Remark::MostlyBright { percent: 100 }));
        // Four of five images are bright: the limit itself.
        let most = [250, 255, 250, 255, 250, 255, 250, 255, 0, 2];
        assert_eq!(of_pixels(&most, 2), Some(Remark::MostlyBright { percent: 80 }));
        assert_eq!(of_pixels(&[255, 255, 0, 2], 2), None);
        assert_eq!(of_pixels(&[], 2), None);
    }

    #[test]
    fn labels_that_start_at_one_are_told_from_an_empty_class() {
        let numbers = |count| Classes::numbered(count).unwrap();
        assert_eq!(of_counts(&[0, 3, 2, 1], &numbers(4)), [Remark::StartsAtOne { highest: 3 }]);
        assert_eq!(of_counts(&[1, 0, 2, 1], &numbers(4)), [Remark::EmptyClasses { classes: 1 }]);
        assert_eq!(of_counts(&[0, 3, 0, 1], &numbers(4)), [Remark::EmptyClasses { classes: 2 }]);
        let named = Classes::named(["background", "cat", "dog"]).unwrap();
        assert_eq!(of_counts(&[0, 3, 2], &named), [Remark::EmptyClasses { classes: 1 }]);
        assert_eq!(of_counts(&[0, 3, 0], &named), [Remark::OneClass { name: "cat".into() }]);
        assert_eq!(of_counts(&[1, 3, 2], &named), []);
    }

    #[test]
    fn copies_are_counted_beyond_the_first_and_compared_with_it() {
        let labels = [0, 1, 0, 1, 0];
        // Image 2 is a copy of 0 with its label, image 4 one of 1 with another.
        assert_eq!(copies(&[5, 6, 5, 7, 6], |index| Some(labels[index])), (2, 1));
        assert_eq!(copies(&[5, 6], |_| None), (0, 0));
        assert_eq!(across(&[5, 6, 5], &[1, 5]), 2);
    }
}
