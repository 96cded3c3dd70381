//! What parts of several views show: the drawing, and why an image is uncertain.

use super::state::State;
use super::views::draw::DrawData;
use super::views::empty::Undrawable;
use super::views::explain::ExplainData;
use crate::data::images::ImageShape;
use crate::worker::Slot;

/// The drawing, and what is known of it.
pub(super) fn draw_data(state: &State) -> DrawData<'_> {
    let has_features = state.shared.features.is_some();
    let answers = state.shared.model.classes();
    let undrawable = (!state.shared.is_drawable()).then(|| Undrawable {
        images: state.shared.dataset.as_ref().map_or(ImageShape::MNIST, |dataset| dataset.about.shape()),
        taken: state.shared.model.what.image(),
    });
    DrawData { drawing: &state.panels.draw, sights: &state.shared.sights, answers, has_features, undrawable }
}

/// Why the image shown is uncertain.
pub(super) fn explain_data(state: &State) -> ExplainData<'_> {
    ExplainData {
        state: &state.panels.explain,
        origin: state.shared.looked_at(),
        patch: state.shared.settings.explain.patch,
        searching: state.shared.jobs.run(Slot::TrainingSpace),
    }
}
