//! The image a question is about, found among all that the window knows.
//!
//! One image is looked at at a time ([`Shared::looked_at`]); wherever it comes from, the inspector shows it and the
//! explanation explains it. To look at an image that is not of the dataset, a foreign or a kept one, emit
//! [`InspectorAction::LookAt`](super::action::InspectorAction::LookAt) with its origin: the selection among the
//! dataset stays, and choosing an image of the dataset leads back. Nothing else is to be done: passes are drawn, the
//! inspector shown, maps and neighbours asked for.

use std::borrow::Cow;
use std::sync::Arc;

use super::settings::Tab;
use super::shared::Shared;
use crate::data::about::Originals;
use crate::data::images::ImageShape;
use crate::data::kept::to_bytes;
use crate::data::{Class, Classes, Digits, Pixels};
use crate::shown::Dataset;
use crate::shown::one_image::OneImage;
use crate::shown::subject::{Origin, Subject, Whole};

/// An image on the screen.
#[derive(Clone, Debug)]
pub struct Pictured<'a> {
    /// Where it comes from.
    pub origin: Origin,
    /// What a person calls it.
    pub name: String,
    /// What it is said to be.
    pub label: Option<Class>,
    /// The classes that it may be.
    pub labels: &'a Classes,
    /// One image.
    pub grey: Grey<'a>,
}

/// Grey values of one image, `[28, 28]`.
#[derive(Clone, Debug)]
pub enum Grey<'a> {
    /// 0…255.
    Bytes(Cow<'a, [u8]>),
    /// 0…1.
    Numbers(&'a [f32]),
}

impl Grey<'_> {
    /// The same, to be read.
    #[must_use]
    pub fn pixels(&self) -> Pixels<'_> {
        match self {
            Self::Bytes(bytes) => Pixels::Bytes(bytes),
            Self::Numbers(numbers) => Pixels::Numbers(numbers),
        }
    }
}

impl Pictured<'_> {
    /// Its grey values, `[28, 28]`.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match &self.grey {
            Grey::Bytes(bytes) => bytes.to_vec(),
            Grey::Numbers(numbers) => to_bytes(numbers),
        }
    }
}

impl Shared {
    /// Whether a pen can make something like the images in the window, and the network takes such.
    #[must_use]
    pub fn is_drawable(&self) -> bool {
        self.shows_ink() && !self.takes_colour()
    }

    /// Whether the images in the window are ink.
    fn shows_ink(&self) -> bool {
        self.dataset.as_ref().is_none_or(|dataset| dataset.about.is_drawable())
    }

    /// Whether the network takes colours, which are neither drawn nor read as ink.
    #[must_use]
    pub fn takes_colour(&self) -> bool {
        self.model.what.image().is_colour()
    }

    /// What the network takes of the images in the window, where that is not what they are.
    #[must_use]
    pub fn taken_otherwise(&self) -> Option<ImageShape> {
        let taken = self.model.what.image();
        self.dataset.as_ref().filter(|dataset| dataset.about.shape() != taken).map(|_| taken)
    }

    /// The images that this one is of, as they are, and its place among them; `None` where there are none but those that
    /// the network sees.
    pub(super) fn original(&self, origin: Origin) -> Option<(Originals, u32)> {
        let (originals, index) = match origin {
            Origin::Dataset(index) => (self.dataset.as_ref()?.about.originals.as_ref()?, index),
            Origin::Foreign(index) => (self.sights.foreign.as_ref()?.set.originals.as_ref()?, index),
            Origin::Drawing | Origin::Kept(_) => return None,
        };
        Some((originals.clone(), index))
    }

    /// The file that the image looked at is, below the folder of its set; `None` where it is a record of a larger one.
    #[must_use]
    pub fn file_looked_at(&self) -> Option<String> {
        let (originals, index) = self.original(self.inspected()?)?;
        originals.file(index)
    }

    /// What is shown of the image of this origin; `None` when there is none (any more).
    #[must_use]
    pub fn pictured(&self, origin: Origin) -> Option<Pictured<'_>> {
        let (grey, label) = match origin {
            Origin::Dataset(index) => {
                let digits = &self.dataset.as_ref()?.digits;
                (image(digits, index)?, digits.label(index))
            }
            Origin::Foreign(index) => (image(&self.sights.foreign.as_ref()?.set.digits, index)?, None),
            Origin::Drawing => {
                let seen = self.sights.drawn.as_ref()?.seen.as_ref()?;
                (Grey::Numbers(&seen.image), self.sights.label)
            }
            Origin::Kept(id) => {
                let kept = self.sights.kept.iter().find(|kept| kept.id == id)?;
                (Grey::Bytes(Cow::Borrowed(&kept.pixels)), kept.label)
            }
        };
        let labels = match (origin, &self.dataset) {
            (Origin::Dataset(_), Some(dataset)) => dataset.digits.classes(),
            _ => self.model.classes(),
        };
        Some(Pictured { origin, name: origin.name(), label, labels, grey })
    }

    /// The image of this origin, to ask about; `None` when there is none (any more).
    #[must_use]
    pub fn subject(&self, origin: Origin) -> Option<Subject> {
        let Pictured { name, label, labels, grey, .. } = self.pictured(origin)?;
        let pixels = grey.pixels();
        let pixels = Arc::new(std::array::from_fn(|pixel| pixels.get(0, pixel)));
        let is_ink = match (origin, &self.sights.foreign) {
            (Origin::Foreign(_), Some(foreign)) => foreign.set.is_ink,
            _ => self.shows_ink(),
        };
        let whole = match (origin, &self.dataset, &self.sights.foreign) {
            (Origin::Dataset(index), Some(dataset), _) => Whole::of(&dataset.digits, index),
            (Origin::Foreign(index), _, Some(foreign)) => Whole::of(&foreign.set.digits, index),
            _ => None,
        };
        Some(Subject { origin, name, label, labels: labels.clone(), pixels, whole, is_ink })
    }

    /// The image of this origin, to save or to copy; `None` when there is none (any more).
    #[must_use]
    pub fn one_image(&self, origin: Origin) -> Option<OneImage> {
        let pixels = self.pictured(origin)?.bytes();
        let original = self.original(origin).filter(|(originals, _)| originals.differ());
        Some(OneImage { pixels, original })
    }

    /// The image the window is about: the drawing in the Draw tab, elsewhere the one in the inspector.
    #[must_use]
    pub fn looked_at(&self) -> Option<Origin> {
        if self.settings.tab == Tab::Draw {
            return self.pictured(Origin::Drawing).map(|drawing| drawing.origin);
        }
        self.inspected()
    }

    /// The image in the inspector, whether or not that is visible: one from outside the dataset if it was asked for,
    /// else the selected one.
    #[must_use]
    pub fn inspected(&self) -> Option<Origin> {
        let elsewhere = self.elsewhere.filter(|origin| self.pictured(*origin).is_some());
        elsewhere.or(self.selected.primary.map(Origin::Dataset))
    }

    /// Whether the image in the inspector is one of the dataset that the gallery does not show.
    #[must_use]
    pub fn inspects_what_is_filtered_out(&self) -> bool {
        let Some(Origin::Dataset(index)) = self.inspected() else { return false };
        self.run.gallery.as_ref().is_some_and(|view| view.ranked.place(index).is_none())
    }

    /// Whether the inspector is visible.
    #[must_use]
    pub fn shows_inspector(&self) -> bool {
        self.settings.inspector_open && self.has_inspector()
    }

    /// Whether the view has room for the inspector.
    #[must_use]
    pub fn has_inspector(&self) -> bool {
        matches!(self.settings.tab, Tab::Gallery | Tab::Plane | Tab::Quality)
    }

    /// Whether the view has controls beside it.
    #[must_use]
    pub fn has_controls(&self) -> bool {
        matches!(self.settings.tab, Tab::Gallery | Tab::Plane)
    }

    /// Where an image comes from, as the command line says it.
    #[must_use]
    pub fn data_of(&self, origin: Origin) -> String {
        let name = match origin {
            Origin::Dataset(_) => self.dataset.as_ref().map(Dataset::provenance),
            Origin::Foreign(_) => self.sights.foreign.as_ref().map(|foreign| foreign.set.name.clone()),
            Origin::Drawing | Origin::Kept(_) => Some(origin.source().to_owned()),
        };
        name.unwrap_or_default()
    }
}

fn image(digits: &Digits, index: u32) -> Option<Grey<'_>> {
    ((index as usize) < digits.len()).then(|| Grey::Bytes(digits.image(index as usize)))
}
