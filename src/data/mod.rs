//! Where digits come from: files, a download, the program's own pen, the user's ink.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

pub mod about;
pub mod asked;
pub mod class_names;
pub mod classes;
pub mod corruption;
pub mod distortion;
pub mod download;
pub mod error;
pub mod filed;
pub mod foreign;
pub mod idx;
pub mod images;
pub mod ink;
pub mod kept;
pub mod marks;
pub(crate) mod npy;
pub mod per_class;
mod some;
pub mod source;
pub mod split;
pub mod synthetic;

use images::ImageShape;
use images::grey::{Brought, brought_numbers};

pub use classes::{Class, ClassNames, Classes, UNLABELLED};
pub use error::DigitsError;
pub use filed::Filed;
pub use per_class::PerClass;

/// Width and height of an image in pixels.
pub const SIDE: usize = 28;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;
/// Classes: the digits 0 to 9.
pub const CLASSES: usize = 10;

/// Images that are hashed, read and written together.
const BLOCK: usize = 256;

/// Images of 28×28 grey values (0 background, 255 ink) with their labels, which need not be digits.
#[derive(Clone, Debug, Default)]
pub struct Digits {
    /// Shared by sets that differ in names alone.
    grey: Grey,
    /// One label for each image; [`UNLABELLED`] for the last ones, where some have none.
    labels: Vec<Class>,
    /// How many have one.
    labelled: usize,
    classes: Classes,
    /// The images as they are, for networks that take more than 28×28 grey values; `None` where they are no more.
    whole: Option<Arc<Filed>>,
    /// The first image of each label.
    firsts: Vec<Option<u32>>,
    hash: OnceLock<[u8; 32]>,
}

/// Grey values of all images, `[images, 28, 28]`.
#[derive(Clone, Debug)]
enum Grey {
    Held(Arc<Vec<u8>>),
    Filed(Arc<Filed>),
}

impl Default for Grey {
    fn default() -> Self {
        Self::Held(Arc::default())
    }
}

impl PartialEq for Digits {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.grey, &other.grey) {
            (Grey::Held(own), Grey::Held(other)) => own == other,
            (Grey::Filed(own), Grey::Filed(other)) if Arc::ptr_eq(own, other) => true,
            _ => self.hash() == other.hash(),
        };
        same && (&self.labels, &self.classes) == (&other.labels, &other.classes)
    }
}

impl Eq for Digits {}

impl Digits {
    /// Images with their labels, all digits.
    ///
    /// # Errors
    /// When the number of pixels is not 784 for each label, or a label is above 9.
    pub fn new(pixels: Vec<u8>, labels: Vec<Class>) -> Result<Self, DigitsError> {
        Self::of_classes(pixels, labels, Classes::digits())
    }

    /// Images with their labels; those without one ([`UNLABELLED`]) come last.
    ///
    /// # Errors
    /// When the number of pixels is not 784 for each label, or a label is not one of the classes.
    pub fn of_classes(pixels: Vec<u8>, labels: Vec<Class>, classes: Classes) -> Result<Self, DigitsError> {
        if pixels.len() != labels.len() * PIXELS {
            return Err(DigitsError::Count { pixels: pixels.len(), labels: labels.len() });
        }
        Self::checked(Grey::Held(Arc::new(pixels)), labels, classes)
    }

    /// Images that stay in their file, with their labels; those without one ([`UNLABELLED`]) come last.
    ///
    /// # Errors
    /// When there are not as many images as labels, or a label is not one of the classes.
    pub fn in_file(filed: Filed, labels: Vec<Class>, classes: Classes) -> Result<Self, DigitsError> {
        if filed.images() != labels.len() {
            return Err(DigitsError::Count { pixels: filed.images() * PIXELS, labels: labels.len() });
        }
        Self::checked(Grey::Filed(Arc::new(filed)), labels, classes)
    }

    fn checked(grey: Grey, labels: Vec<Class>, classes: Classes) -> Result<Self, DigitsError> {
        let labelled = labels.iter().rposition(|label| *label != UNLABELLED).map_or(0, |last| last + 1);
        let unknown = |label: &Class| usize::from(*label) >= classes.len();
        if let Some(index) = labels[..labelled].iter().position(unknown) {
            return Err(DigitsError::Label { index, label: labels[index], classes: classes.len() });
        }
        Ok(Self::with(grey, labels, classes, labelled))
    }

    /// Images whose number is that of the labels.
    fn of(pixels: Vec<u8>, labels: Vec<Class>, classes: Classes) -> Self {
        let labelled = labels.iter().position(|label| *label == UNLABELLED).unwrap_or(labels.len());
        Self::with(Grey::Held(Arc::new(pixels)), labels, classes, labelled)
    }

    fn with(grey: Grey, labels: Vec<Class>, classes: Classes, labelled: usize) -> Self {
        let mut firsts = vec![None; classes.len()];
        for (index, label) in labels[..labelled].iter().enumerate().rev() {
            firsts[usize::from(*label)] = Some(index as u32);
        }
        Self { grey, labels, labelled, classes, whole: None, firsts, hash: OnceLock::new() }
    }

    /// The same, with the images as they are: as many, in the same order.
    #[must_use]
    pub fn with_whole(self, whole: Filed) -> Self {
        Self { whole: Some(Arc::new(whole)), ..self }
    }

    /// The images as they are, where they are more than 28×28 grey values.
    #[must_use]
    pub fn whole(&self) -> Option<&Arc<Filed>> {
        match &self.grey {
            Grey::Filed(filed) => Some(filed),
            Grey::Held(_) => self.whole.as_ref(),
        }
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Grey values of one image, row by row.
    ///
    /// # Panics
    /// When `index` is not below [`Digits::len`].
    #[must_use]
    #[inline]
    pub fn image(&self, index: usize) -> Cow<'_, [u8]> {
        match &self.grey {
            Grey::Held(pixels) => Cow::Borrowed(&pixels[index * PIXELS..][..PIXELS]),
            Grey::Filed(_) => self.images(index..index + 1),
        }
    }

    /// Grey values of the images of a range, `[images, 28, 28]`.
    ///
    /// # Panics
    /// When the range is not within the images.
    #[must_use]
    pub fn images(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        match &self.grey {
            Grey::Held(pixels) => Cow::Borrowed(&pixels[range.start * PIXELS..range.end * PIXELS]),
            Grey::Filed(filed) => {
                let mut out = vec![0; range.len() * PIXELS];
                filed.read(range.start, &mut out);
                Cow::Owned(out)
            }
        }
    }

    /// All grey values, `[images, 28, 28]`: to write them, [`blocks`](Self::blocks) needs less memory.
    #[must_use]
    pub fn pixels(&self) -> Cow<'_, [u8]> {
        self.images(0..self.len())
    }

    /// All grey values, `[images, 28, 28]`, some images at a time, to be written: an error where they cannot be read.
    pub fn blocks(&self) -> impl Iterator<Item = io::Result<Cow<'_, [u8]>>> {
        (0..self.len()).step_by(BLOCK).map(|start| {
            let block = self.images(start..self.len().min(start + BLOCK));
            self.failure().map_or(Ok(block), |failure| Err(io::Error::other(failure.to_owned())))
        })
    }

    /// Whether the grey values stay in their file.
    #[must_use]
    pub fn is_filed(&self) -> bool {
        matches!(self.grey, Grey::Filed(_))
    }

    /// Why some image could not be read from its file; `None` while all could.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.whole().and_then(|whole| whole.failure())
    }

    /// All labels: [`UNLABELLED`] for images without one.
    #[must_use]
    pub fn labels(&self) -> &[Class] {
        &self.labels
    }

    /// The labels of the images that have one: the first so many.
    #[must_use]
    pub fn labelled(&self) -> &[Class] {
        &self.labels[..self.labelled]
    }

    /// The label of an image; `None` where it has none, or there is no such image.
    #[must_use]
    pub fn label(&self, index: u32) -> Option<Class> {
        self.labelled().get(index as usize).copied()
    }

    /// The images that have a label.
    #[must_use]
    pub fn labelled_part(self) -> Self {
        if self.labelled == self.len() { self } else { self.slice(0..self.labelled) }
    }

    /// The classes of the set; not every one need have an image.
    #[must_use]
    pub fn classes(&self) -> &Classes {
        &self.classes
    }

    /// What its labels are called, and the answers of a network that looks at it. A set without any label has no classes
    /// of its own: its images are of the network's.
    #[must_use]
    pub fn names(&self, answers: &Classes) -> ClassNames {
        let labels = if self.labelled == 0 { answers } else { &self.classes };
        ClassNames::new(labels.clone(), answers.clone())
    }

    /// The labels that the answers of a network are compared with: none ([`UNLABELLED`]) where it has other classes.
    #[must_use]
    pub fn judged(&self, answers: &Classes) -> Cow<'_, [Class]> {
        if self.names(answers).agree() {
            Cow::Borrowed(&self.labels)
        } else {
            Cow::Owned(vec![UNLABELLED; self.labels.len()])
        }
    }

    /// The same images, their classes called otherwise. Names of fewer classes than there are change nothing.
    #[must_use]
    pub fn named(mut self, classes: Classes) -> Self {
        if classes.len() >= self.classes.len() {
            self.firsts.resize(classes.len(), None);
            self.classes = classes;
        }
        self
    }

    /// The first image of a label; `None` where there is none.
    #[must_use]
    pub fn first(&self, label: Class) -> Option<u32> {
        self.firsts.get(usize::from(label)).copied().flatten()
    }

    /// A SHA-256 over number, labels and grey values: equal for equal datasets. Computed when first asked for, in
    /// parallel; milliseconds for 60,000 images, so that is best done off the window's thread.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        *self.hash.get_or_init(|| {
            let mut hasher = Sha256::new();
            hasher.update(b"digits");
            hasher.update((self.len() as u64).to_le_bytes());
            self.hash_labels(&mut hasher);
            hasher.update(Pixels::from(self).hash());
            hasher.finalize().into()
        })
    }

    /// One byte for each label, as ever; two where one is above 255.
    fn hash_labels(&self, hasher: &mut Sha256) {
        match self.labels.iter().map(|label| u8::try_from(*label)).collect::<Result<Vec<u8>, _>>() {
            Ok(bytes) => hasher.update(bytes),
            Err(_) => {
                hasher.update(self.labels.iter().flat_map(|label| label.to_le_bytes()).collect::<Vec<u8>>());
            }
        }
    }

    /// So many images to hold back from a training, by index, ascending: the last ones, as MNIST's are in no order. Where
    /// these lack a class that others are of, or all are in the order of their classes, as in folders read one after the
    /// other, evenly spaced ones.
    #[must_use]
    pub fn held_back(&self, count: usize) -> Vec<u32> {
        let (all, count) = (self.len(), count.min(self.len()));
        let classes = |labels: &[Class]| labels.iter().copied().collect::<HashSet<Class>>();
        // A class of fewer images than one in so many need not be among them.
        let mut images = vec![0; self.classes.len()];
        for label in self.labelled() {
            images[usize::from(*label)] += 1;
        }
        let expected = |class: &Class| images[usize::from(*class)] * count >= 10 * all;
        let last = classes(&self.labels[all - count..]);
        let in_order = self.labels.is_sorted();
        if !in_order && self.classes.iter().filter(expected).all(|class| last.contains(&class)) {
            return (all - count..all).map(|index| index as u32).collect();
        }
        (0..count).map(|at| (at * all / count + all / count / 2) as u32).collect()
    }

    /// The images that are not among these, and those that are; `indices` ascend.
    #[must_use]
    pub fn parted(&self, indices: &[u32]) -> (Self, Self) {
        let (mut rest, mut chosen) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
        rest.0.reserve(self.len() * PIXELS);
        let mut places = (Vec::new(), indices.to_vec());
        let mut indices = indices.iter().copied().peekable();
        for (index, label) in (0..).zip(&self.labels) {
            let part = if indices.next_if_eq(&index).is_some() {
                &mut chosen
            } else {
                places.0.push(index);
                &mut rest
            };
            part.0.extend_from_slice(&self.image(index as usize));
            part.1.push(*label);
        }
        let set = |(pixels, labels), places| {
            self.whole_with(Self::of(pixels, labels, self.classes.clone()), places)
        };
        (set(rest, places.0), set(chosen, places.1))
    }

    /// The images with these numbers, which ascend, copied.
    #[must_use]
    pub fn chosen(&self, indices: &[u32]) -> Self {
        let mut pixels = Vec::with_capacity(indices.len() * PIXELS);
        let mut labels = Vec::with_capacity(indices.len());
        for index in indices {
            pixels.extend_from_slice(&self.image(*index as usize));
            labels.push(self.labels[*index as usize]);
        }
        self.whole_with(Self::of(pixels, labels, self.classes.clone()), indices.iter().copied())
    }

    /// Some of these images with what they are as a whole, by their places among these.
    fn whole_with(&self, images: Self, places: impl IntoIterator<Item = u32>) -> Self {
        match self.whole() {
            Some(whole) => images.with_whole(whole.some(places)),
            None => images,
        }
    }

    /// The images from `start` (inclusive) to `end` (exclusive), copied.
    ///
    /// # Panics
    /// When the range is not within the images.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let pixels = self.images(range.clone()).into_owned();
        let labels = self.labels[range.clone()].to_vec();
        self.whole_with(Self::of(pixels, labels, self.classes.clone()), range.map(|index| index as u32))
    }
}

/// Pixels of many images, as bytes of a file or as numbers of a computation; both mean 0 background, 1 (255) ink.
#[derive(Clone, Copy, Debug)]
pub enum Pixels<'a> {
    /// `[images, 28, 28]`, 0…255.
    Bytes(&'a [u8]),
    /// `[images, 28, 28]`, 0…1.
    Numbers(&'a [f32]),
    /// Bytes that stay in their file: the first so many images of it.
    Filed(&'a Filed, usize),
    /// `[images, height, width, channels]`, 0…1, of another shape: as a network takes them.
    Taken(&'a [f32], ImageShape),
    /// Grey bytes of images that are more as a whole: the first so many of them.
    Of(&'a Digits, usize),
}

impl Pixels<'_> {
    /// Numbers of images of a shape, 0…1: `[images, height, width, channels]`.
    #[must_use]
    pub fn taken(numbers: &[f32], shape: ImageShape) -> Pixels<'_> {
        if shape == ImageShape::MNIST { Pixels::Numbers(numbers) } else { Pixels::Taken(numbers, shape) }
    }

    /// Number of whole images.
    #[must_use]
    pub fn images(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len() / PIXELS,
            Self::Numbers(numbers) => numbers.len() / PIXELS,
            Self::Filed(_, images) | Self::Of(_, images) => *images,
            Self::Taken(numbers, shape) => numbers.len() / shape.bytes(),
        }
    }

    /// The first so many images; all of them, where there are fewer.
    #[must_use]
    pub fn first(self, images: usize) -> Self {
        let images = images.min(self.images());
        match self {
            Self::Bytes(bytes) => Self::Bytes(&bytes[..images * PIXELS]),
            Self::Numbers(numbers) => Self::Numbers(&numbers[..images * PIXELS]),
            Self::Filed(filed, _) => Self::Filed(filed, images),
            Self::Of(digits, _) => Self::Of(digits, images),
            Self::Taken(numbers, shape) => Self::Taken(&numbers[..images * shape.bytes()], shape),
        }
    }

    /// Why some image could not be read from its file; `None` while all could.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        match self {
            Self::Bytes(_) | Self::Numbers(_) | Self::Taken(..) => None,
            Self::Filed(filed, _) => filed.failure(),
            Self::Of(digits, _) => digits.failure(),
        }
    }

    /// A SHA-256 over the pixels as they are given, hashed in blocks in parallel.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let of_bytes = |bytes: &[u8], pixel: usize| -> Vec<[u8; 32]> {
            let blocks = bytes.par_chunks(BLOCK * PIXELS * pixel);
            blocks.map(|part| Sha256::digest(part).into()).collect()
        };
        let (kind, parts) = match self {
            Self::Of(digits, images) => ("bytes", of_bytes(&digits.images(0..*images), 1)),
            Self::Bytes(bytes) => ("bytes", of_bytes(bytes, 1)),
            Self::Numbers(numbers) | Self::Taken(numbers, _) => {
                ("numbers", of_bytes(bytemuck::cast_slice(numbers), size_of::<f32>()))
            }
            Self::Filed(filed, images) => {
                let starts = (0..images.div_ceil(BLOCK)).into_par_iter().map(|block| block * BLOCK);
                let parts = starts.map_init(Vec::new, |part, start| {
                    part.resize((*images - start).min(BLOCK) * PIXELS, 0);
                    filed.read(start, part);
                    Sha256::digest(part).into()
                });
                ("bytes", parts.collect())
            }
        };
        let mut hasher = Sha256::new();
        hasher.update(kind);
        hasher.update(parts.as_flattened());
        hasher.finalize().into()
    }

    /// Images from `first` on in the shape that a network takes, 0…1: `[count, height, width, channels]`.
    pub fn read_as(&self, shape: ImageShape, first: usize, count: usize, out: &mut Vec<f32>) {
        let mut bytes = vec![0; count * shape.bytes()];
        match self {
            Self::Numbers(numbers) => {
                let images = numbers[first * PIXELS..(first + count) * PIXELS].chunks_exact(PIXELS);
                out.clear();
                return out.extend(images.flat_map(|image| brought_numbers(image, shape)));
            }
            // Whoever asks for another shape has been refused before.
            Self::Taken(numbers, own) => {
                out.clear();
                return out.extend_from_slice(&numbers[first * own.bytes()..(first + count) * own.bytes()]);
            }
            Self::Bytes(grey) => bring(&grey[first * PIXELS..], shape, &mut bytes),
            Self::Filed(filed, _) => filed.read_as(shape, first, &mut bytes),
            Self::Of(digits, _) => match digits.whole() {
                Some(whole) if shape != ImageShape::MNIST => whole.read_as(shape, first, &mut bytes),
                _ => bring(&digits.images(first..first + count), shape, &mut bytes),
            },
        }
        out.clear();
        out.extend(bytes.into_iter().map(|byte| f32::from(byte) / 255.0));
    }

    /// One pixel of one image, 0…1.
    ///
    /// # Panics
    /// When there is no such pixel.
    #[inline]
    #[must_use]
    pub fn get(&self, image: usize, pixel: usize) -> f32 {
        match self {
            Self::Bytes(bytes) => f32::from(bytes[image * PIXELS + pixel]) / 255.0,
            Self::Numbers(numbers) => numbers[image * PIXELS + pixel],
            Self::Taken(numbers, shape) => numbers[image * shape.bytes() + pixel],
            Self::Of(digits, _) => f32::from(digits.image(image)[pixel]) / 255.0,
            Self::Filed(filed, _) => {
                let mut read = [0; PIXELS];
                filed.read(image, &mut read);
                f32::from(read[pixel]) / 255.0
            }
        }
    }
}

impl<'a> From<&'a Digits> for Pixels<'a> {
    fn from(digits: &'a Digits) -> Self {
        match &digits.grey {
            Grey::Held(_) if digits.whole.is_some() => Self::Of(digits, digits.len()),
            Grey::Held(pixels) => Self::Bytes(pixels),
            Grey::Filed(filed) => Self::Filed(filed, filed.images()),
        }
    }
}

/// 28×28 grey images in another shape, as many as there is room for.
fn bring(grey: &[u8], shape: ImageShape, out: &mut [u8]) {
    let mut brought = Brought::new(ImageShape::MNIST, shape);
    for (image, out) in grey.chunks_exact(PIXELS).zip(out.chunks_exact_mut(shape.bytes())) {
        brought.make(image, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_images_are_held_back_unless_a_class_would_be_missing_among_them() {
        let labels = |of: fn(usize) -> Class| (0..60).map(of).collect::<Vec<Class>>();
        let set =
            |labels| Digits::of_classes(vec![0; 60 * PIXELS], labels, Classes::numbered(3).unwrap()).unwrap();
        let mixed = set(labels(|index| (index % 3) as Class));
        assert_eq!(mixed.held_back(30), (30..60).collect::<Vec<u32>>());
        let sorted = set(labels(|index| (index / 20) as Class));
        let held_back = sorted.held_back(30);
        assert_eq!((held_back.len(), held_back[0], held_back[29]), (30, 1, 59));
        let (rest, chosen) = sorted.parted(&held_back);
        assert_eq!((rest.len(), chosen.len()), (30, 30));
        assert_eq!(
            [0, 1, 2].map(|class| chosen.labels().iter().filter(|label| **label == class).count()),
            [10; 3]
        );
        assert_eq!(mixed.parted(&mixed.held_back(30)), (mixed.slice(0..30), mixed.slice(30..60)));
        assert!(mixed.held_back(0).is_empty());
        // Of a small set in the order of its classes, some of each too.
        assert_eq!(sorted.held_back(6), [5, 15, 25, 35, 45, 55]);
    }

    #[test]
    fn images_without_a_label_come_last_and_are_no_class() {
        let set = |labels: &[Class]| Digits::new(vec![0; labels.len() * PIXELS], labels.to_vec());
        let some = set(&[3, 1, UNLABELLED, UNLABELLED]).unwrap();
        assert_eq!((some.len(), some.labelled()), (4, &[3, 1][..]));
        assert_eq!([0, 2, 9].map(|index| some.label(index)), [Some(3), None, None]);
        assert_eq!(some.clone().labelled_part(), set(&[3, 1]).unwrap());
        assert_ne!(some.hash(), set(&[3, 1, 2, 2]).unwrap().hash());
        let none = set(&[UNLABELLED; 2]).unwrap();
        assert!(none.labelled().is_empty() && none.first(0).is_none());
        assert!(matches!(set(&[UNLABELLED, 1]), Err(DigitsError::Label { index: 0, .. })));
    }

    #[test]
    fn the_first_image_of_a_label_is_known_in_a_part_too() {
        let digits = Digits::new(vec![0; 5 * PIXELS], vec![3, 1, 3, 0, 1]).unwrap();
        assert_eq!([0, 1, 3, 9].map(|label| digits.first(label)), [Some(3), Some(1), Some(0), None]);
        assert_eq!(digits.slice(2..5).first(1), Some(2));
        assert_eq!(Digits::default().first(1), None);
    }
}
