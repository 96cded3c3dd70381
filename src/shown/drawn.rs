//! What the network says of a drawing.

use crate::data::ink::Sheet;
use crate::data::{ClassNames, PIXELS, PerClass};
use crate::sampling::{NetworkKey, SamplingError, SweepConfig, sample_image};
use crate::uncertainty::by_pass::range_around_0_and_1;
use crate::uncertainty::explanation::{explain, sure};
use crate::uncertainty::{ByPass, Measures};

use super::opened::Asked;

/// What the network says of a drawing.
#[derive(Clone, Debug)]
pub struct DrawView {
    /// The drawing; it shares its strokes with the window's.
    pub sheet: Sheet,
    /// Which of the window's drawings it is a state of.
    pub drawing: u64,
    /// The network.
    pub network: NetworkKey,
    /// Passes, rate, seed.
    pub sampled: SweepConfig,
    /// `None` when there is no ink on the paper.
    pub seen: Option<Seen>,
}

/// A drawing as the network sees it, and what it thinks.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Fitted and centred, `[28, 28]` in 0…1.
    pub image: [f32; PIXELS],
    /// What labels and answers are called.
    pub names: ClassNames,
    /// Measures over all passes.
    pub measures: Measures,
    /// Measures of the image under the strokes, when there is one.
    pub original: Option<Measures>,
    /// Softmax outputs, `[passes, classes]`.
    pub probabilities: Vec<PerClass<f32>>,
    /// Softmax inputs, `[passes, classes]`.
    pub logits: Vec<PerClass<f32>>,
    /// The least and the largest softmax input, and 0 and 1.
    pub logit_range: [f32; 2],
    /// What the passes say, one by one.
    pub by_pass: ByPass,
    /// Why it is uncertain, in words.
    pub reason: String,
}

/// Asks the network about a drawing: milliseconds.
///
/// # Errors
/// When the network or the drawing cannot be sampled.
pub fn look(sheet: Sheet, drawing: u64, asked: &Asked) -> Result<DrawView, SamplingError> {
    let seen = match sheet.image() {
        None => None,
        Some(image) => {
            let network = asked.model.network()?;
            let sampled = sample_image(&network, &image, &asked.config)?;
            let original = match &sheet.base {
                Some(_) if sheet.strokes.is_empty() => Some(Measures::of_image(&sampled)),
                Some(base) => Some(Measures::of_image(&sample_image(&network, &**base, &asked.config)?)),
                None => None,
            };
            let probabilities = sampled.probabilities();
            let measures = Measures::of_image(&sampled).with_passes(&probabilities);
            Some(Seen {
                image,
                names: ClassNames::new(network.answers().clone(), network.answers().clone()),
                original,
                logit_range: range_around_0_and_1(&sampled.logits),
                by_pass: ByPass::new(&probabilities),
                reason: explain(&measures, sure(&probabilities), asked.config.dropout, network.answers()),
                measures,
                probabilities,
                logits: sampled.logits,
            })
        }
    };
    Ok(DrawView { sheet, drawing, network: asked.model.key(), sampled: asked.config, seen })
}
