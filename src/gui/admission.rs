//! Which answers are let in: those of the images, the network and, where nothing on the screen marks it, the masks that
//! are in the window now.

use super::shared::Shared;
use crate::data::Digits;
use crate::data::about::Originals;
use crate::sampling::{Pairing, RunKey, SweepConfig};
use crate::shown::subject::{Origin, Subject};
use crate::worker::Event;

impl Shared {
    /// The images and the network in the window.
    #[must_use]
    pub fn pairing(&self) -> Option<Pairing> {
        self.dataset.as_ref().map(|dataset| self.model.pairing(&dataset.digits))
    }

    /// The same, the network with one rate for all of its sites.
    #[must_use]
    pub fn common_pairing(&self) -> Option<Pairing> {
        let network = self.model.common_key();
        self.pairing().map(|pairing| Pairing { network, ..pairing })
    }

    /// The run asked for now.
    #[must_use]
    pub fn run_key(&self) -> Option<RunKey> {
        self.pairing().map(|pairing| RunKey::new(pairing, &self.settings.sweep))
    }

    /// Whether an answer belongs to other images, to another network or, where nothing on the screen marks it as such, to
    /// other masks than those in the window now: the one place where that is decided.
    #[must_use]
    pub fn is_of_another_run(&self, event: &Event) -> bool {
        let network = self.model.key();
        match event {
            // What is sampled of other masks is kept under its key, and shown as stale until what is asked for is there.
            Event::Prepared(prefix) => Some(*prefix.pairing()) != self.pairing(),
            Event::Firmed(view) => Some(view.key.run) != self.run_key(),
            Event::Swept(samples) => samples.key().map(|key| key.pairing) != self.pairing(),
            Event::Gallery(view) => Some(view.key.pairing) != self.pairing(),
            // It stands for the run that is asked for.
            Event::FirstLook(view) => Some(view.key) != self.run_key(),
            // These stand beside a gallery without a word about masks.
            Event::Subnetwork(view) => Some(view.key) != self.run_key(),
            Event::Quality(view) => Some(view.key.run) != self.run_key(),
            Event::Foreign(view) => Some(view.key.run) != self.run_key(),
            // It says which T and seed it is of, and is of every rate.
            Event::OverDropout(view) => Some(view.key.pairing) != self.common_pairing(),
            Event::Marked(done) => {
                self.dataset.as_ref().is_none_or(|dataset| dataset.digits.hash() != done.dataset())
            }
            Event::Inspected(view) => match view.key {
                Some(key) => Some(key) != self.run_key(),
                None => view.network != network || !self.asks_for_masks_of(&view.sampled),
            },
            Event::Features(features) => features.network != network || !self.has_images(&features.digits),
            Event::Neighbours(found) => found.network != network || !self.has_images(&found.digits),
            // These say which passes they are of.
            Event::Drawn(view) => view.network != network || view.drawing != self.sights.drawing,
            Event::Explained(view) => view.key.network != network || !self.is_there(&view.key.subject),
            Event::TrainingSpace(space) => space.network != network,
            // Of the training begun last, whatever is open by now.
            Event::Training { training, .. } => *training != self.training,
            Event::Filmed(frame) => frame.head.training != self.training,
            // The paper's figure moves the dropout of whatever network is open.
            Event::Rotated(view) => {
                view.key.network.parameters != network.parameters || !self.is_there(&view.key.subject)
            }
            Event::Dialled(view) => {
                view.key.network.parameters != network.parameters || !self.is_there(&view.key.subject)
            }
            Event::Copies(found) => self.originals() != Some(&found.originals),
            Event::InputChecked(found) => {
                let images = self.dataset.as_ref().map(|dataset| dataset.digits.hash());
                images.is_none_or(|images| !found.is_of(&self.model.what, &images))
            }
            // Of no run: news, files, pictures, networks; or of what is in their own request. Images as they are go to whom
            // shows them.
            Event::Started
            | Event::Progress(_)
            | Event::Loaded { .. }
            | Event::ModelOpened(_)
            | Event::Trained(_)
            | Event::ViewRead(..)
            | Event::ModelSaved(..)
            | Event::Exported { .. }
            | Event::PictureRead(_)
            | Event::Kept(_)
            | Event::Lit(_)
            | Event::Reduced(_)
            | Event::Chart(_)
            | Event::Failed(_)
            | Event::Finished => false,
        }
    }

    fn originals(&self) -> Option<&Originals> {
        self.dataset.as_ref()?.about.originals.as_ref()
    }

    fn asks_for_masks_of(&self, sampled: &SweepConfig) -> bool {
        self.settings.sweep.same_draws(sampled)
    }

    fn has_images(&self, digits: &Digits) -> bool {
        self.dataset.as_ref().is_some_and(|dataset| dataset.digits.hash() == digits.hash())
    }

    /// Whether an image of the dataset is still the one that had its index; what is drawn or kept changes while it is
    /// asked about, and its panel knows.
    fn is_there(&self, subject: &Subject) -> bool {
        !matches!(subject.origin, Origin::Dataset(_))
            || self.subject(subject.origin).is_some_and(|now| now == *subject)
    }
}
