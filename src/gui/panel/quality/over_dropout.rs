//! Quality against the dropout rate: asked for by a person, kept until the images are others.

use std::sync::Arc;

use crate::gui::effect::{Follow, Step, Steps};
use crate::gui::settings::Tab;
use crate::gui::shared::Shared;
use crate::shown::over_dropout::{OverDropoutJob, OverDropoutKey, OverDropoutView};
use crate::worker::{Job, Slot};

/// What is known of quality against the rate.
#[derive(Debug, Default)]
pub struct OverDropoutPanel {
    /// The last that was computed; it says of which network, T and seed.
    pub view: Option<Arc<OverDropoutView>>,
}

impl OverDropoutPanel {
    /// Asks for the numbers at several rates, with the T and the seed of now.
    #[must_use]
    pub fn ask(shared: &mut Shared) -> Steps {
        let key = key(shared);
        let (Some(key), Some(dataset)) = (key, &shared.dataset) else {
            shared.refuse("There are no images yet.");
            return Steps::new();
        };
        if dataset.digits.labelled().is_empty() || !dataset.digits.names(shared.model.classes()).agree() {
            let why = "No answer can be right or wrong: the images have no labels of the network's classes.";
            shared.refuse(why);
            return Steps::new();
        }
        let job = OverDropoutJob {
            key,
            digits: Arc::clone(&dataset.digits),
            data: dataset.provenance(),
            model: shared.model.clone(),
            dropout: shared.settings.sweep.dropout,
        };
        let mut steps = Steps::new();
        if shared.settings.tab != Tab::Quality {
            // Where it will be seen.
            steps.push(Follow::ShowTab(Tab::Quality).into());
        }
        steps.push(Step::submit(Job::OverDropout(Box::new(job))));
        steps
    }

    /// The numbers are there.
    pub fn came(&mut self, view: Arc<OverDropoutView>) {
        self.view = Some(view);
    }

    /// Whether the numbers shown are of another network, T or seed than those in use.
    #[must_use]
    pub fn is_older(&self, shared: &Shared) -> bool {
        self.view.as_ref().is_some_and(|view| Some(view.key) != key(shared))
    }

    /// The share that is done while the numbers are being computed, 0…1.
    #[must_use]
    pub fn progress(shared: &Shared) -> Option<f32> {
        let job = shared.jobs.iter().find(|job| job.slot == Slot::OverDropout)?;
        Some(job.progress.fraction().unwrap_or(0.0))
    }
}

/// What would be computed now.
fn key(shared: &Shared) -> Option<OverDropoutKey> {
    let pairing = shared.common_pairing()?;
    Some(OverDropoutKey { pairing, passes: shared.settings.sweep.passes, seed: shared.settings.sweep.seed })
}
