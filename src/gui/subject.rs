//! The image a question is about, found among all that the window knows.

use std::sync::Arc;

use super::state::State;
use crate::worker::subject::{Origin, Subject};

impl State {
    /// The image of this origin; `None` when there is none (any more).
    #[must_use]
    pub fn subject(&self, origin: Origin) -> Option<Subject> {
        match origin {
            Origin::Dataset(_) => Subject::of_set(&self.dataset.as_ref()?.digits, origin),
            Origin::Foreign(_) => Subject::of_set(&self.quality.foreign.as_ref()?.set.digits, origin),
            Origin::Drawing => {
                let seen = self.drawing.view.as_ref()?.seen.as_ref()?;
                let (name, pixels) = ("Your drawing".to_owned(), Arc::new(seen.image));
                Some(Subject { origin, name, label: None, pixels })
            }
            Origin::Kept(id) => {
                let kept = self.drawing.kept.iter().find(|kept| kept.id == id)?;
                let (name, pixels) = (format!("My digit {id}"), Arc::new(kept.image()));
                Some(Subject { origin, name, label: kept.label, pixels })
            }
        }
    }
}
