//! What is known of images besides what a LeNet sees of them: as they are, the other splits, what looks wrong.

use std::sync::Arc;

use super::classes::Classes;
use super::images::sources::SplitInfo;
use super::images::{ImageSet, ImageShape};
use super::split::Split;

/// What is known of images besides what a LeNet sees of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// What was done to them and what looks wrong: one sentence each.
    pub remarks: Vec<String>,
    /// The images as they are; `None` where they are MNIST's two pairs of files, or drawn.
    pub originals: Option<Originals>,
    /// What their source calls the classes, where a person calls them otherwise.
    pub own_names: Option<Classes>,
    /// The splits that their source has; none where it is MNIST's two pairs of files.
    pub splits: Vec<SplitInfo>,
    /// Which of these splits they are.
    pub part: Option<String>,
}

impl About {
    /// What the images are a part of their source as: the name of their split.
    #[must_use]
    pub fn part(&self, split: Split) -> &str {
        self.part.as_deref().unwrap_or(split.name())
    }

    /// The shape of the images as they are.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.originals.as_ref().map_or(ImageShape::MNIST, |originals| originals.set.shape())
    }

    /// What is done to the images for a network that takes such, in a sentence; `None` where it takes them as they are.
    #[must_use]
    pub fn taken_as(&self, taken: ImageShape) -> Option<String> {
        self.shape().brought_to(taken).map(|made| format!("What the network sees of them: {made}."))
    }

    /// Whether a pen can make something like these images: they are grey and small.
    #[must_use]
    pub fn is_drawable(&self) -> bool {
        self.shape().is_ink()
    }
}

/// Images as they are: of another shape, or with names, or in another order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Originals {
    /// The images.
    pub set: ImageSet,
    /// The number in the set of each image that is shown; all of them in their order when `None`.
    numbers: Option<Arc<[u32]>>,
}

impl Originals {
    /// Whether a LeNet sees them otherwise.
    #[must_use]
    pub fn differ(&self) -> bool {
        self.set.shape() != ImageShape::MNIST
    }

    /// What an image is called where it is a file of its own: its path below the folder of the set.
    #[must_use]
    pub fn file(&self, index: u32) -> Option<String> {
        let number = self.number(index)?;
        let (_, record) = self.set.origin(number);
        record.is_none().then(|| self.set.image_name(number))
    }

    /// All images of a set, or those of these numbers in this order.
    #[must_use]
    pub fn new(set: ImageSet, numbers: Option<Vec<u32>>) -> Self {
        Self { set, numbers: numbers.map(Arc::from) }
    }

    /// The number in the set of an image that is shown; `None` when there is no such image.
    #[must_use]
    pub fn number(&self, index: u32) -> Option<usize> {
        let number = match &self.numbers {
            Some(numbers) => *numbers.get(index as usize)?,
            None => index,
        };
        Some(number as usize).filter(|number| *number < self.set.len())
    }
}
