//! The image a question is about, found among all that the window knows.
//!
//! One image is looked at at a time ([`State::looked_at`]); wherever it comes from, the inspector shows it and the
//! explanation explains it. To look at an image that is not of the dataset, a foreign or a kept one, emit
//! [`Action::LookAt`](super::action::Action::LookAt) with its origin: the selection among the dataset stays, and
//! choosing an image of the dataset leads back. Nothing else is to be done: passes are drawn, the inspector shown,
//! maps and neighbours asked for.

use std::sync::Arc;

use super::action::{Action, Pick};
use super::settings::Tab;
use super::state::{Effect, State};
use crate::data::kept::to_bytes;
use crate::data::{Digits, Pixels};
use crate::shown::InspectJob;
use crate::shown::subject::{Origin, Subject};
use crate::worker::Job;

/// An image on the screen.
#[derive(Clone, Debug)]
pub struct Pictured<'a> {
    /// Where it comes from.
    pub origin: Origin,
    /// What a person calls it.
    pub name: String,
    /// What it is said to be.
    pub label: Option<u8>,
    /// One image.
    pub pixels: Pixels<'a>,
}

impl Pictured<'_> {
    /// Its grey values, `[28, 28]`.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self.pixels {
            Pixels::Bytes(bytes) => bytes.to_vec(),
            Pixels::Numbers(_) => to_bytes(&std::array::from_fn(|pixel| self.pixels.get(0, pixel))),
        }
    }
}

impl State {
    /// What is shown of the image of this origin; `None` when there is none (any more).
    #[must_use]
    pub fn pictured(&self, origin: Origin) -> Option<Pictured<'_>> {
        let (pixels, label) = match origin {
            Origin::Dataset(index) => {
                let digits = &self.dataset.as_ref()?.digits;
                (image(digits, index)?, digits.labels().get(index as usize).copied())
            }
            Origin::Foreign(index) => (image(&self.quality.foreign.as_ref()?.set.digits, index)?, None),
            Origin::Drawing => {
                let seen = self.drawing.view.as_ref()?.seen.as_ref()?;
                (Pixels::Numbers(&seen.image), self.drawing.label)
            }
            Origin::Kept(id) => {
                let kept = self.drawing.kept.iter().find(|kept| kept.id == id)?;
                (Pixels::Bytes(&kept.pixels), kept.label)
            }
        };
        Some(Pictured { origin, name: origin.name(), label, pixels })
    }

    /// The image of this origin, to ask about; `None` when there is none (any more).
    #[must_use]
    pub fn subject(&self, origin: Origin) -> Option<Subject> {
        let Pictured { name, label, pixels, .. } = self.pictured(origin)?;
        let pixels = Arc::new(std::array::from_fn(|pixel| pixels.get(0, pixel)));
        Some(Subject { origin, name, label, pixels })
    }

    /// The image the window is about: the drawing in the Draw tab, elsewhere the one in the inspector.
    #[must_use]
    pub fn looked_at(&self) -> Option<Origin> {
        if self.settings.tab == Tab::Draw {
            return self.pictured(Origin::Drawing).map(|drawing| drawing.origin);
        }
        self.inspected()
    }

    /// The image in the inspector, whether or not that is in sight: one that is not of the dataset if it was asked
    /// for, else the selected one.
    #[must_use]
    pub fn inspected(&self) -> Option<Origin> {
        let elsewhere = self.elsewhere.filter(|origin| self.pictured(*origin).is_some());
        elsewhere.or(self.selected.primary.map(Origin::Dataset))
    }

    /// Whether the inspector is in sight.
    #[must_use]
    pub fn shows_inspector(&self) -> bool {
        let beside = matches!(self.settings.tab, Tab::Gallery | Tab::Plane | Tab::Quality);
        self.settings.inspector_open && beside
    }

    /// Looks at any image.
    pub(super) fn look_at(&mut self, origin: Origin) -> Vec<Effect> {
        match origin {
            Origin::Dataset(index) => return self.apply(Action::Select(index, Pick::Only)),
            Origin::Drawing => return self.apply(Action::ShowTab(Tab::Draw)),
            Origin::Kept(_) | Origin::Foreign(_) => {}
        }
        self.elsewhere = Some(origin);
        self.class = None;
        self.settings.inspector_open = true;
        if !self.shows_inspector() {
            self.settings.tab = Tab::Gallery;
        }
        self.inspect()
    }

    /// A class is looked at, to which an explanation shows the way.
    pub(super) fn look_at_class(&mut self, class: Option<u8>) -> Vec<Effect> {
        self.class = class;
        self.ask_explanation()
    }

    /// Looks at the image in the inspector; an explanation of another, which would keep it waiting, is stopped.
    pub(super) fn inspect(&mut self) -> Vec<Effect> {
        let job = match self.inspected() {
            None => return Vec::new(),
            Some(Origin::Dataset(index)) => {
                let (Some(samples), Some(dataset)) = (self.samples.clone(), &self.dataset) else {
                    return Vec::new();
                };
                let passes = self.settings.sweep.passes.min(samples.passes());
                if passes == 0 {
                    return Vec::new();
                }
                InspectJob::Sampled { digits: Arc::clone(&dataset.digits), samples, index, passes }
            }
            Some(origin) => {
                let Some(subject) = self.subject(origin) else { return Vec::new() };
                InspectJob::Alone { subject, asked: self.asked() }
            }
        };
        // That of the drawing goes on: what is inspected here is out of sight.
        let mut effects = if self.settings.tab == Tab::Draw { Vec::new() } else { self.stop_explaining() };
        effects.push(Effect::submit(Job::Inspect(Box::new(job))));
        effects
    }
}

fn image(digits: &Digits, index: u32) -> Option<Pixels<'_>> {
    ((index as usize) < digits.len()).then(|| Pixels::Bytes(digits.image(index as usize)))
}
