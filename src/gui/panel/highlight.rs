//! What the pointer lights up: the images of the bin, the cell or the row it is on, and what a click on that does.

use std::sync::Arc;

use crate::gui::action::{HighlightAction, Subset};
use crate::gui::effect::{Follow, Step, Steps};
use crate::gui::shared::{Gravity, Shared};
use crate::shown::highlight::{Charted, Highlight};
use crate::shown::light::{LightJob, Lighting, Lit};
use crate::worker::Job;

/// Carries out a user action on a part of a chart; `charted` is what the quality view's charts are of.
pub fn update(action: HighlightAction, charted: Option<Charted>, shared: &mut Shared) -> Steps {
    match action {
        HighlightAction::Show(subset) => light(subset, charted, shared),
        HighlightAction::Select(subset) => ask(Lighting::Select(subset), charted, shared),
        HighlightAction::Only(subset) => ask(Lighting::Only(subset), charted, shared),
    }
}

/// Finds the images lit up again, after the numbers they were found by have changed.
pub fn light_again(charted: Option<Charted>, shared: &mut Shared) -> Steps {
    light(shared.pointed, charted, shared)
}

/// Lights images up; none when `None`. Until they are found, those lit up before stay so.
fn light(subset: Option<Subset>, charted: Option<Charted>, shared: &mut Shared) -> Steps {
    shared.pointed = subset;
    let Some(subset) = subset else {
        shared.highlight = None;
        return Steps::new();
    };
    if !subset.is_of_gallery() {
        return ask(Lighting::Show(subset), charted, shared);
    }
    // They stand side by side in the gallery's order: that takes no time.
    let labels = shared.dataset.as_ref().map(|dataset| dataset.digits.labels());
    let found = labels.zip(shared.run.gallery.as_ref());
    let found = found.and_then(|(labels, gallery)| Highlight::of_gallery(subset, gallery, labels));
    shared.highlight = found.map(Arc::new);
    Steps::new()
}

/// Asks which images they are.
fn ask(wanted: Lighting, charted: Option<Charted>, shared: &Shared) -> Steps {
    let Some(dataset) = &shared.dataset else { return Steps::new() };
    let (digits, gallery) = (Arc::clone(&dataset.digits), shared.run.gallery.clone());
    vec![Step::submit(Job::Light(Box::new(LightJob { wanted, digits, gallery, charted })))]
}

/// The images are found. Where they are counted in charts, that is for the quality view.
pub fn came(lit: Lit, shared: &mut Shared) -> Steps {
    match lit {
        Lit::Shown(highlight) => {
            if shared.pointed == Some(highlight.subset) {
                shared.highlight = Some(highlight);
            }
            Steps::new()
        }
        Lit::Selected(picked) if picked.all.is_empty() => Steps::new(),
        Lit::Selected(picked) => vec![Follow::SelectAll(picked).into()],
        Lit::Limited(only) if only.indices.is_empty() => {
            let text = "There is no image in that range; what is shown stays as it was.";
            shared.notices.say(Gravity::News, text);
            Steps::new()
        }
        Lit::Limited(only) => {
            shared.remember();
            shared.show_only(Some(Arc::new(only)))
        }
        Lit::Counted(counted) => vec![Follow::Counted(counted).into()],
    }
}
