//! Why the image looked at is uncertain: a sentence, maps of what each patch does, and images it resembles.

mod maps;
mod neighbours;
mod voters;

use egui::{Label, Ui};

use crate::gui::explain::ExplainState;
use crate::uncertainty::explanation::{explain, sure};
use crate::worker::InspectorView;
use crate::worker::subject::Origin;

pub use maps::maps_ui;
pub use neighbours::neighbours_ui;
pub use voters::voters_ui;

/// What the explanation shows.
pub struct ExplainData<'a> {
    /// What is known.
    pub state: &'a ExplainState,
    /// The image it is about.
    pub origin: Origin,
    /// Dropout rate of what is shown.
    pub dropout: f32,
    /// Whether the training images are being read.
    pub searching: bool,
}

/// Draws the sentence.
pub fn sentence_ui(ui: &mut Ui, data: &ExplainData<'_>, view: &InspectorView) {
    let text = explain(&view.measures, sure(&view.probabilities), data.dropout);
    ui.add(Label::new(text).wrap()).on_hover_text(
        "Predictive entropy = expected entropy (doubt each sub-network has by itself) + mutual information \
         (doubt from their disagreement). A sub-network is called sure when it gives its answer 0.9 or more; the \
         larger part is named only when the difference exceeds 1.96 standard errors.",
    );
}
