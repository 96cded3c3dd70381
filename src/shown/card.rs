//! The card of one image and why it is uncertain: the same page from the window and from `dubito explain`.

use std::sync::Arc;

use crate::data::source::{Places, Split};
use crate::data::{Digits, Pixels};
use crate::export::card::Card;
use crate::export::chart::Chart;
use crate::export::contact_sheet::Provenance;
use crate::progress::Observer;
use crate::sampling::{SamplingError, deterministic};
use crate::uncertainty::explanation::{Explanation, FeatureSpace, Others};

use super::explain::Compared;
use super::opened::Asked;
use super::subject::Subject;

/// What a card is of.
#[derive(Clone, Debug)]
pub struct CardJob {
    /// The image.
    pub subject: Subject,
    /// The network, T, p and seed.
    pub asked: Asked,
    /// Width of a patch in pixels.
    pub patch: usize,
    /// Where training images to compare it with are looked for; nothing is downloaded.
    pub places: Places,
    /// The images it is compared with when there are no training images.
    pub dataset: Option<Arc<Digits>>,
    /// Where the image comes from, for the footer.
    pub data: String,
}

/// Computes a card: its page and the reason in words; `None` when the observer stopped it.
///
/// # Errors
/// When the image cannot be sampled.
pub fn card(job: &CardJob, observe: Observer) -> Result<Option<(Chart, String)>, SamplingError> {
    let network = job.asked.model.network()?;
    let training = job.places.load_here(Split::Train).map(|loaded| Arc::new(loaded.digits));
    let compared = if training.is_some() { Compared::Training } else { Compared::Dataset };
    let digits = training.or_else(|| job.dataset.clone());
    let mut space = None;
    if let Some(digits) = &digits {
        let answer = deterministic(&network, Pixels::from(&**digits), observe)?;
        let Some(answer) = answer else { return Ok(None) };
        space = FeatureSpace::new(answer.hidden, network.hidden(), digits.labels().to_vec());
    }
    let others = digits.as_deref().zip(space.as_ref()).map(|(digits, space)| Others { digits, space });
    let pixels = &job.subject.pixels;
    let explained = Explanation::new(
        &network,
        (pixels, job.subject.label),
        job.patch,
        &job.asked.config,
        others,
        observe,
    );
    let Some(explanation) = explained? else { return Ok(None) };
    let footer = Provenance {
        data: job.data.clone(),
        model: job.asked.model.hash.clone(),
        passes: job.asked.config.passes,
        dropout: job.asked.config.dropout,
        seed: job.asked.config.seed,
    };
    let names = job.subject.names(&job.asked.model.checkpoint.classes);
    let card = Card {
        name: &job.subject.name,
        label: job.subject.label,
        names: &names,
        pixels,
        explanation: &explanation,
        others: digits.as_deref().map(|digits| (digits, compared.noun())),
        single: job.asked.config.passes < 2 || job.asked.config.dropout <= 0.0,
        footer: &footer.to_string(),
    };
    let page = card.chart();
    Ok(Some((page, explanation.reason)))
}
