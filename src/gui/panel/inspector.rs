//! The inspector: which image is looked at, and what is known of it.

use std::sync::Arc;

use crate::gui::action::InspectorAction;
use crate::gui::effect::{Effect, Follow, Step, Steps};
use crate::gui::settings::Tab;
use crate::gui::shared::Shared;
use crate::shown::one_image::OneImage;
use crate::shown::subject::Origin;
use crate::shown::{InspectJob, InspectorView};
use crate::worker::Job;

/// What the inspector knows.
#[derive(Debug, Default)]
pub struct InspectorPanel {
    /// What it shows; of an image looked at before until the new one is measured.
    pub view: Option<Arc<InspectorView>>,
}

impl InspectorPanel {
    /// Carries out a user action on the image looked at.
    pub fn update(&mut self, action: InspectorAction, shared: &mut Shared) -> Steps {
        match action {
            InspectorAction::LookAt(origin) => self.look_at(origin, shared),
            InspectorAction::SetClass(class) => {
                shared.class = class;
                vec![Follow::Explain.into()]
            }
            InspectorAction::CopyImage(origin) => match shared.one_image(origin) {
                None => Steps::new(),
                Some(OneImage { pixels, original: None }) => vec![Effect::CopyPixels(pixels).into()],
                // It is read first.
                Some(image) => vec![Step::submit(Job::CopyImage(image))],
            },
        }
    }

    /// Looks at any image.
    fn look_at(&self, origin: Origin, shared: &mut Shared) -> Steps {
        match origin {
            Origin::Dataset(index) => return vec![Follow::Select(index).into()],
            Origin::Drawing => return vec![Follow::ShowTab(Tab::Draw).into()],
            Origin::Kept(_) | Origin::Foreign(_) => {}
        }
        shared.elsewhere = Some(origin);
        shared.class = None;
        shared.settings.inspector_open = true;
        if !shared.shows_inspector() {
            shared.settings.tab = Tab::Gallery;
        }
        self.ask(shared)
    }

    /// Looks at the image in the inspector; an explanation of another, which would keep it waiting, is stopped.
    #[must_use]
    pub fn ask(&self, shared: &Shared) -> Steps {
        let job = match shared.inspected() {
            None => return Steps::new(),
            Some(Origin::Dataset(index)) => {
                let (Some(samples), Some(dataset)) = (shared.run.samples.clone(), &shared.dataset) else {
                    return Steps::new();
                };
                let passes = shared.passes_there();
                if passes == 0 {
                    return Steps::new();
                }
                InspectJob::Sampled { digits: Arc::clone(&dataset.digits), samples, index, passes }
            }
            Some(origin) => {
                let Some(subject) = shared.subject(origin) else { return Steps::new() };
                InspectJob::Alone { subject, asked: shared.asked() }
            }
        };
        let mut steps = Steps::new();
        // That of the drawing goes on: what is inspected here is out of sight.
        if shared.settings.tab != Tab::Draw {
            steps.push(Follow::StopExplaining.into());
        }
        steps.push(Step::submit(Job::Inspect(Box::new(job))));
        steps
    }

    /// An image was measured.
    pub fn came(&mut self, view: Arc<InspectorView>) -> Steps {
        self.view = Some(view);
        vec![Follow::Explain.into()]
    }

    /// Forgets what was of other images.
    pub fn forget(&mut self) {
        self.view = None;
    }
}
