//! A set of images of one shape, with classes, labels and names; the pixels stay in the file where they can.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::grey::Brought;
use super::shape::ImageShape;
use super::store::{Part, ReadError, Store};
use crate::data::PIXELS;
use crate::data::classes::{Class, Classes, UNLABELLED};
use crate::wording;

/// Bytes of a block that is hashed at once.
const BLOCK: usize = 1 << 18;
/// Bytes that are fingerprinted between two questions whether to go on.
const STRETCH: usize = 1 << 24;
/// Images listed by name among those that were left out.
const LISTED: usize = 5;

/// What was left out when a set was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// How many.
    pub count: usize,
    /// The first few: name and reason.
    pub first: Vec<String>,
}

impl Skipped {
    /// One more.
    pub fn add(&mut self, what: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < LISTED {
            self.first.push(what());
        }
    }

    /// How many there are and why the first is one of them, in a sentence; `None` when there are none.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let first = self.first.first()?;
        Some(format!("Left out: {} ({first}).", wording::count(self.count, "file")))
    }
}

/// What a source knows of a set.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) name: String,
    pub(super) store: Store,
    /// One for each image, or none at all.
    pub(super) labels: Vec<Class>,
    /// `None` where the source has no classes.
    pub(super) classes: Option<Classes>,
    pub(super) skipped: Skipped,
    pub(super) notes: Vec<String>,
    /// Where images are not files of their own: what they are records of.
    pub(super) file: PathBuf,
}

/// Images of one shape. Cloning is cheap; clones can be read from several threads.
#[derive(Clone, Debug)]
pub struct ImageSet {
    inner: Arc<Inner>,
    classes: Option<Classes>,
}

impl PartialEq for ImageSet {
    /// Whether both are the same set, opened once, under the same names.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner) && self.classes == other.classes
    }
}

impl Eq for ImageSet {}

#[derive(Debug)]
struct Inner {
    parts: Parts,
    firsts: Vec<Option<u32>>,
    hash: OnceLock<[u8; 32]>,
}

impl ImageSet {
    /// A set of what a source found. Labels are as many as the images, or none.
    pub(super) fn new(mut parts: Parts) -> Self {
        let labelled = parts.labels.iter().any(|label| *label != UNLABELLED);
        if !labelled {
            parts.labels = Vec::new();
        }
        let mut firsts = vec![None; parts.classes.as_ref().map_or(0, Classes::len)];
        for (index, label) in parts.labels.iter().enumerate() {
            if let Some(first @ None) = firsts.get_mut(usize::from(*label)) {
                *first = Some(index as u32);
            }
        }
        let classes = parts.classes.clone();
        Self { inner: Arc::new(Inner { parts, firsts, hash: OnceLock::new() }), classes }
    }

    /// What it is called: the folder or file, and the split.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.parts.name
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.parts.store.len()
    }

    /// Whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shape that all images have.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.inner.parts.store.shape()
    }

    /// The classes; `None` where the source knows none, because no image has a label.
    #[must_use]
    pub fn classes(&self) -> Option<&Classes> {
        self.classes.as_ref()
    }

    /// The same images with classes called otherwise. Labels stay what they are.
    #[must_use]
    pub fn with_classes(&self, classes: Classes) -> Self {
        Self { inner: Arc::clone(&self.inner), classes: Some(classes) }
    }

    /// The label of an image; `None` where it has none, or there is no such image.
    #[must_use]
    pub fn label(&self, index: usize) -> Option<Class> {
        self.inner.parts.labels.get(index).copied().filter(|label| *label != UNLABELLED)
    }

    /// The labels of all images in their order.
    #[must_use]
    pub fn labels(&self) -> impl ExactSizeIterator<Item = Option<Class>> + '_ {
        (0..self.len()).map(|index| self.label(index))
    }

    /// Whether any image has a label.
    #[must_use]
    pub fn is_labelled(&self) -> bool {
        !self.inner.parts.labels.is_empty()
    }

    /// The first image of a class; `None` where there is none.
    #[must_use]
    pub fn first(&self, class: Class) -> Option<u32> {
        self.inner.firsts.get(usize::from(class)).copied().flatten()
    }

    /// How many images each class has, in the order of the classes.
    #[must_use]
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.as_ref().map_or(0, Classes::len)];
        for label in self.labels().flatten() {
            if let Some(count) = counts.get_mut(usize::from(label)) {
                *count += 1;
            }
        }
        counts
    }

    /// What an image is called: its file below the folder of the set, or its number.
    #[must_use]
    pub fn image_name(&self, index: usize) -> String {
        match self.inner.parts.store.part(index) {
            Some((Part::Pictures { names, .. }, within)) => names.get(within).to_owned(),
            _ => index.to_string(),
        }
    }

    /// The file an image is in, and the number of its record there; no number where the file is the image.
    #[must_use]
    pub fn origin(&self, index: usize) -> (PathBuf, Option<usize>) {
        match self.inner.parts.store.part(index) {
            Some((Part::Pictures { folder, names }, within)) => (folder.join(names.get(within)), None),
            Some((Part::Records(records), within)) => (records.path.clone(), Some(within)),
            _ => (self.inner.parts.file.clone(), Some(index)),
        }
    }

    /// What was left out when the set was opened.
    #[must_use]
    pub fn skipped(&self) -> &Skipped {
        &self.inner.parts.skipped
    }

    /// What was done to the images or labels when the set was opened, in sentences.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.inner.parts.notes
    }

    /// Bytes that the pixels take in memory; 0 where they stay in the file.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.inner.parts.store.memory()
    }

    /// Reads one image: rows of pixels, the channels of a pixel together, [`ImageShape::bytes`] in all.
    ///
    /// # Errors
    /// When there is no such image, `out` is of another size, or the file has changed since.
    pub fn read(&self, index: usize, out: &mut [u8]) -> Result<(), ReadError> {
        if out.len() != self.shape().bytes() {
            return Err(ReadError::Range { first: index, bytes: out.len(), images: self.len() });
        }
        self.inner.parts.store.read(index, out)
    }

    /// Reads images from `first` on, as many as `out` has room for, one after the other.
    ///
    /// # Errors
    /// When they are not all there, `out` is not of whole images, or the file has changed since.
    pub fn read_many(&self, first: usize, out: &mut [u8]) -> Result<(), ReadError> {
        self.inner.parts.store.read(first, out)
    }

    /// Images as 28×28 grey values, `[images, 28, 28]`; [`ImageShape::brought_to`] says what that does to them.
    ///
    /// # Errors
    /// As [`ImageSet::read_many`].
    pub fn grey28(&self, range: Range<usize>) -> Result<Vec<u8>, ReadError> {
        if range.end > self.len() {
            let bytes = range.len() * self.shape().bytes();
            return Err(ReadError::Range { first: range.start, bytes, images: self.len() });
        }
        let mut out = vec![0; range.len() * PIXELS];
        self.read_as(ImageShape::MNIST, range.start, &mut out)?;
        Ok(out)
    }

    /// Images from `first` on, brought to a shape, as many as `out` has room for: one after the other.
    ///
    /// # Errors
    /// As [`ImageSet::read_many`].
    pub fn read_as(&self, shape: ImageShape, first: usize, out: &mut [u8]) -> Result<(), ReadError> {
        let own = self.shape();
        if shape == own {
            return self.read_many(first, out);
        }
        let (bytes, values) = (own.bytes(), shape.bytes());
        let at_once = (BLOCK / bytes).max(1);
        out.par_chunks_mut(at_once * values).enumerate().try_for_each(|(block, out)| {
            let mut images = vec![0; out.len() / values * bytes];
            self.read_many(first + block * at_once, &mut images)?;
            let mut brought = Brought::new(own, shape);
            for (image, out) in images.chunks_exact(bytes).zip(out.chunks_exact_mut(values)) {
                brought.make(image, out);
            }
            Ok(())
        })
    }

    /// Whether all images are records of files, found by position and not decoded: as quick to read as memory is, nearly.
    #[must_use]
    pub fn is_cheap_to_read(&self) -> bool {
        self.inner.parts.store.is_records()
    }

    /// A SHA-256 over shape, number, labels and pixels: equal for equal sets, whatever they were read from. Computed
    /// when first asked for, in parallel; best done off the window's thread, for all pixels are read.
    ///
    /// # Errors
    /// When the pixels cannot be read.
    pub fn hash(&self) -> Result<[u8; 32], ReadError> {
        if let Some(hash) = self.inner.hash.get() {
            return Ok(*hash);
        }
        let shape = self.shape();
        let parts = self.blocks(0..self.len(), |block| {
            let digest: [u8; 32] = Sha256::digest(block).into();
            vec![digest]
        })?;
        let mut hasher = Sha256::new();
        hasher.update(b"images");
        for number in [shape.height(), shape.width(), shape.channels(), self.len()] {
            hasher.update((number as u64).to_le_bytes());
        }
        for label in self.labels() {
            hasher.update(label.unwrap_or(UNLABELLED).to_le_bytes());
        }
        hasher.update(parts.as_flattened());
        Ok(*self.inner.hash.get_or_init(|| hasher.finalize().into()))
    }

    /// For each image the first 16 bytes of the SHA-256 of its pixels: equal for equal images. `None` when `going`, asked
    /// now and then, says no.
    ///
    /// # Errors
    /// When the pixels cannot be read.
    pub fn fingerprints(&self, going: &mut dyn FnMut() -> bool) -> Result<Option<Vec<u128>>, ReadError> {
        let bytes = self.shape().bytes();
        let of = |image: &[u8]| {
            let digest: [u8; 32] = Sha256::digest(image).into();
            digest[..16].iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte))
        };
        let at_once = (STRETCH / bytes).max(1);
        let mut prints = Vec::with_capacity(self.len());
        for first in (0..self.len()).step_by(at_once) {
            if !going() {
                return Ok(None);
            }
            let some = first..self.len().min(first + at_once);
            prints.extend(self.blocks(some, |block| block.chunks_exact(bytes).map(of).collect())?);
        }
        Ok(Some(prints))
    }

    /// What `of` makes of the pixels of some images, block by block in parallel, in order.
    fn blocks<T: Send>(
        &self,
        images: Range<usize>,
        of: impl Fn(&[u8]) -> Vec<T> + Sync,
    ) -> Result<Vec<T>, ReadError> {
        let bytes = self.shape().bytes();
        let at_once = (BLOCK / bytes).max(1);
        let blocks: Result<Vec<Vec<T>>, ReadError> = (0..images.len().div_ceil(at_once))
            .into_par_iter()
            .map(|block| {
                let first = images.start + block * at_once;
                let mut pixels = vec![0; at_once.min(images.end - first) * bytes];
                self.read_many(first, &mut pixels)?;
                Ok(of(&pixels))
            })
            .collect();
        Ok(blocks?.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pixels: Vec<u8>, labels: Vec<Class>, classes: usize) -> ImageSet {
        let shape = ImageShape::new(2, 2, 1).unwrap();
        let images = pixels.len() / 4;
        ImageSet::new(Parts {
            name: "some".into(),
            store: Store::new(shape, vec![(Part::Memory(pixels), images)]),
            labels,
            classes: Classes::numbered(classes).ok(),
            skipped: Skipped::default(),
            notes: Vec::new(),
            file: "some.npz".into(),
        })
    }

    #[test]
    fn an_image_may_be_without_a_label() {
        let some = set((0..12).collect(), vec![1, UNLABELLED, 1], 3);
        assert_eq!(some.labels().collect::<Vec<_>>(), [Some(1), None, Some(1)]);
        assert_eq!((some.counts(), some.first(1), some.first(0)), (vec![0, 2, 0], Some(0), None));
        assert_eq!(some.origin(2), ("some.npz".into(), Some(2)));
        let none = set((0..12).collect(), vec![UNLABELLED; 3], 3);
        assert!(!none.is_labelled() && none.labels().all(|label| label.is_none()));
    }

    #[test]
    fn the_hash_is_of_content_and_not_of_names() {
        let one = set((0..12).collect(), vec![1, 0, 1], 2);
        let same = set((0..12).collect(), vec![1, 0, 1], 2);
        let renamed = one.with_classes(Classes::named(["cat", "dog"]).unwrap());
        assert_eq!(one.hash().unwrap(), same.hash().unwrap());
        assert_eq!(one.hash().unwrap(), renamed.hash().unwrap());
        assert_eq!(renamed.classes().unwrap().name(1), "dog");
        assert_ne!(one.hash().unwrap(), set((0..12).collect(), vec![1, 1, 1], 2).hash().unwrap());
        assert_ne!(one.hash().unwrap(), set((1..13).collect(), vec![1, 0, 1], 2).hash().unwrap());
    }

    #[test]
    fn equal_images_have_equal_fingerprints() {
        let prints = set(vec![1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4], vec![], 2)
            .fingerprints(&mut || true)
            .unwrap()
            .unwrap();
        assert!(prints[0] == prints[2] && prints[0] != prints[1]);
    }

    #[test]
    fn images_become_grey_of_28_by_28_in_any_range() {
        let some = set(vec![0, 0, 0, 0, 9, 9, 9, 9, 200, 200, 200, 200], vec![], 2);
        let grey = some.grey28(1..3).unwrap();
        assert_eq!((grey.len(), grey[0], grey[783], grey[784]), (2 * 784, 9, 9, 200));
        assert!(some.grey28(2..4).is_err());
        assert!(some.grey28(3..3).unwrap().is_empty());
    }
}
