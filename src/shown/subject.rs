//! An image to ask about, wherever it comes from: what every question about one image is asked with.

use std::sync::Arc;

use crate::data::kept::to_numbers;
use crate::data::{Class, ClassNames, Classes, Digits, Filed, PIXELS};
use crate::sampling::{Network, SamplingError, TakenImage};

/// Where an image comes from. Dataset indices and ids, never places in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// An image of the dataset.
    Dataset(u32),
    /// The drawing on the canvas.
    Drawing,
    /// A kept digit, by its id.
    Kept(u64),
    /// An image of the foreign set.
    Foreign(u32),
}

impl Origin {
    /// What a person calls the place: `the dataset`.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::Dataset(_) => "the dataset",
            Self::Drawing => "a drawing",
            Self::Kept(_) => "My digits",
            Self::Foreign(_) => "foreign images",
        }
    }

    /// What a person calls an image from there: `Image 247`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Dataset(index) => format!("Image {index}"),
            Self::Drawing => "Your drawing".to_owned(),
            Self::Kept(id) => format!("My digit {id}"),
            Self::Foreign(index) => format!("Foreign image {index}"),
        }
    }
}

/// Where an image is as a whole, for networks that take more than 28×28 grey values; read when one asks.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The images it is one of.
    pub images: Arc<Filed>,
    /// Its place among them.
    pub index: u32,
}

impl Whole {
    /// An image of a set; `None` where that has no more than grey values.
    #[must_use]
    pub fn of(digits: &Digits, index: u32) -> Option<Self> {
        digits.whole().map(|images| Self { images: Arc::clone(images), index })
    }
}

impl PartialEq for Whole {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.images, &other.images) && self.index == other.index
    }
}

/// An image to ask about. Equal ones have the same origin, name, label and pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Where it comes from.
    pub origin: Origin,
    /// What a person calls it: `Image 247`.
    pub name: String,
    /// What it is said to be.
    pub label: Option<Class>,
    /// The classes that it may be.
    pub labels: Classes,
    /// `[28, 28]` in 0…1.
    pub pixels: Arc<[f32; PIXELS]>,
    /// The image as a whole, where it is more.
    pub whole: Option<Whole>,
    /// Whether the grey values are ink, drawn as dark on paper; a photograph is drawn as bright as it is.
    pub is_ink: bool,
}

impl Subject {
    /// The image as a network takes it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn taken_by(&self, network: &Network) -> Result<TakenImage, SamplingError> {
        let whole = self.whole.as_ref().map(|whole| (&*whole.images, whole.index));
        TakenImage::new(network, &self.pixels, whole)
    }

    /// What a person calls it, and what it is said to be: `Image 247 · label 4`. A label belongs to a dataset; of what a
    /// person drew it was said what it is meant to be, if anything: `Your drawing · meant to be 4`.
    #[must_use]
    pub fn title(&self) -> String {
        let Some(label) = self.label else { return self.name.clone() };
        let said = match self.origin {
            Origin::Dataset(_) | Origin::Foreign(_) => "label",
            Origin::Drawing | Origin::Kept(_) => "meant to be",
        };
        format!("{} · {said} {}", self.name, self.labels.name(label))
    }

    /// What its label is called, and a network's answers: without a label, both alike.
    #[must_use]
    pub fn names(&self, answers: &Classes) -> ClassNames {
        let labels = if self.label.is_some() { &self.labels } else { answers };
        ClassNames::new(labels.clone(), answers.clone())
    }

    /// An image of a set of ink; `None` when there is none of this index. Foreign images have no label that counts.
    #[must_use]
    pub fn of_set(digits: &Digits, origin: Origin) -> Option<Self> {
        let (index, label) = match origin {
            Origin::Dataset(index) => (index, digits.label(index)),
            Origin::Foreign(index) => (index, None),
            Origin::Drawing | Origin::Kept(_) => return None,
        };
        let known = (index as usize) < digits.len();
        known.then(|| Self {
            origin,
            name: origin.name(),
            label,
            labels: digits.classes().clone(),
            pixels: Arc::new(to_numbers(&digits.image(index as usize))),
            whole: Whole::of(digits, index),
            is_ink: true,
        })
    }
}
