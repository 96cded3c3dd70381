//! Where digits come from: files, a download, the program's own pen, the user's ink.

use std::sync::OnceLock;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

pub mod classes;
pub mod corruption;
pub mod distortion;
pub mod download;
pub mod foreign;
pub mod idx;
pub mod images;
pub mod ink;
pub mod kept;
pub mod marks;
pub mod source;
pub mod synthetic;

/// Width and height of an image in pixels.
pub const SIDE: usize = 28;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;
/// Classes: the digits 0 to 9.
pub const CLASSES: usize = 10;

/// Images of 28×28 grey values (0 background, 255 ink) with their labels.
#[derive(Clone, Debug, Default)]
pub struct Digits {
    /// Grey values, `[images, 28, 28]`.
    pixels: Vec<u8>,
    /// One label in 0…9 for each image.
    labels: Vec<u8>,
    /// The first image of each label.
    firsts: [Option<u32>; CLASSES],
    hash: OnceLock<[u8; 32]>,
}

impl PartialEq for Digits {
    fn eq(&self, other: &Self) -> bool {
        (&self.pixels, &self.labels) == (&other.pixels, &other.labels)
    }
}

impl Eq for Digits {}

impl Digits {
    /// Images with their labels.
    ///
    /// # Errors
    /// When the number of pixels is not 784 for each label, or a label is above 9.
    pub fn new(pixels: Vec<u8>, labels: Vec<u8>) -> Result<Self, DigitsError> {
        if pixels.len() != labels.len() * PIXELS {
            return Err(DigitsError::Count { pixels: pixels.len(), labels: labels.len() });
        }
        if let Some(index) = labels.iter().position(|&label| usize::from(label) >= CLASSES) {
            return Err(DigitsError::Label { index, label: labels[index] });
        }
        Ok(Self::of(pixels, labels))
    }

    /// Images whose number is that of the labels.
    fn of(pixels: Vec<u8>, labels: Vec<u8>) -> Self {
        let first = |class| labels.iter().position(|&label| usize::from(label) == class);
        let firsts = std::array::from_fn(|class| first(class).map(|index| index as u32));
        Self { pixels, labels, firsts, hash: OnceLock::new() }
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
    pub fn image(&self, index: usize) -> &[u8] {
        &self.pixels[index * PIXELS..][..PIXELS]
    }

    /// All grey values, `[images, 28, 28]`.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All labels.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The first image of a label; `None` where there is none.
    #[must_use]
    pub fn first(&self, label: u8) -> Option<u32> {
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
            hasher.update(&self.labels);
            hasher.update(Pixels::from(self).hash());
            hasher.finalize().into()
        })
    }

    /// The images from `start` (inclusive) to `end` (exclusive), copied.
    ///
    /// # Panics
    /// When the range is not within the images.
    #[must_use]
    pub fn slice(&self, range: std::ops::Range<usize>) -> Self {
        let pixels = self.pixels[range.start * PIXELS..range.end * PIXELS].to_vec();
        Self::of(pixels, self.labels[range].to_vec())
    }
}

/// Pixels of many images, as bytes of a file or as numbers of a computation; both mean 0 background, 1 (255) ink.
#[derive(Clone, Copy, Debug)]
pub enum Pixels<'a> {
    /// `[images, 28, 28]`, 0…255.
    Bytes(&'a [u8]),
    /// `[images, 28, 28]`, 0…1.
    Numbers(&'a [f32]),
}

impl Pixels<'_> {
    /// Number of whole images.
    #[must_use]
    pub fn images(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len() / PIXELS,
            Self::Numbers(numbers) => numbers.len() / PIXELS,
        }
    }

    /// A SHA-256 over the pixels as they are given, hashed in blocks in parallel.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        /// Images of a block.
        const BLOCK: usize = 256;
        let (kind, bytes, pixel): (_, &[u8], _) = match self {
            Self::Bytes(bytes) => ("bytes", bytes, 1),
            Self::Numbers(numbers) => ("numbers", bytemuck::cast_slice(numbers), size_of::<f32>()),
        };
        let blocks = bytes.par_chunks(BLOCK * PIXELS * pixel);
        let parts: Vec<[u8; 32]> = blocks.map(|part| Sha256::digest(part).into()).collect();
        let mut hasher = Sha256::new();
        hasher.update(kind);
        hasher.update(parts.as_flattened());
        hasher.finalize().into()
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
        }
    }
}

impl<'a> From<&'a Digits> for Pixels<'a> {
    fn from(digits: &'a Digits) -> Self {
        Self::Bytes(&digits.pixels)
    }
}

/// Why images and labels do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigitsError {
    /// The counts disagree.
    #[error("{pixels} pixels for {labels} labels; each label needs one image of 784 pixels")]
    Count {
        /// Grey values given.
        pixels: usize,
        /// Labels given.
        labels: usize,
    },
    /// A label is not a digit.
    #[error("label {label} of image {index} is not a digit from 0 to 9")]
    Label {
        /// Which image.
        index: usize,
        /// Its label.
        label: u8,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_image_of_a_label_is_known_in_a_part_too() {
        let digits = Digits::new(vec![0; 5 * PIXELS], vec![3, 1, 3, 0, 1]).unwrap();
        assert_eq!([0, 1, 3, 9].map(|label| digits.first(label)), [Some(3), Some(1), Some(0), None]);
        assert_eq!(digits.slice(2..5).first(1), Some(2));
        assert_eq!(Digits::default().first(1), None);
    }
}
