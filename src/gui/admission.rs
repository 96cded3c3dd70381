//! Which answers are let in: those of the images, the network and, where nothing on the screen marks it, the masks that
//! are in the window now.

use super::shared::Shared;
use crate::sampling::{Pairing, RunKey, SweepConfig};
use crate::worker::Event;

impl Shared {
    /// The images and the network in the window.
    #[must_use]
    pub fn pairing(&self) -> Option<Pairing> {
        self.dataset.as_ref().map(|dataset| self.model.pairing(&dataset.digits))
    }

    /// The run asked for now.
    #[must_use]
    pub fn run_key(&self) -> Option<RunKey> {
        let SweepConfig { dropout, seed, .. } = self.settings.sweep;
        self.pairing().map(|pairing| RunKey { pairing, dropout, seed })
    }

    /// Whether an answer belongs to other images, another network, or, where nothing marks it as such, other masks than
    /// those in the window now: the one place where that is decided.
    #[must_use]
    pub fn is_of_another_run(&self, event: &Event) -> bool {
        if event.pairing().is_some_and(|pairing| Some(pairing) != self.pairing()) {
            return true;
        }
        match event {
            Event::Inspected(view) if view.key.is_none() => view.network != self.model.parameters(),
            Event::Drawn(view) => view.model != self.model.hash,
            Event::Features(features) => features.model != self.model.hash,
            Event::Explained(view) => view.key.model != self.model.hash,
            Event::Rotated(view) => view.key.model != self.model.hash,
            Event::Dialled(view) => view.key.model != self.model.hash,
            Event::Inspected(_) | Event::Subnetwork(_) | Event::Quality(_) | Event::Foreign(_) => {
                event.key().is_some_and(|key| Some(key) != self.run_key())
            }
            // A run of other masks is shown as such until the one asked for is there; the others are of no run.
            Event::Prepared(_)
            | Event::Swept(_)
            | Event::Gallery(_)
            | Event::Started
            | Event::Progress(_)
            | Event::Loaded { .. }
            | Event::ModelOpened(_)
            | Event::Training(_)
            | Event::Trained(_)
            | Event::Exported(_)
            | Event::Neighbours(_)
            | Event::PictureRead(_)
            | Event::Kept(_)
            | Event::TrainingSpace(_)
            | Event::Lit(_)
            | Event::Chart(_)
            | Event::Failed(_)
            | Event::Finished => false,
        }
    }
}
