//! What stands between an image and the nearest one that the network is sure is of a rival class: a cross-fade of their
//! pixels, and the doubt along it.
//!
//! Every image of the way meets the same masks. A cross-fade is no handwriting: half way both digits are grey. It shows
//! where the network changes its mind, not how a hand would.

use std::sync::Arc;

use crate::data::kept::to_bytes;
use crate::data::{Class, Digits, PIXELS, Pixels};
use crate::progress::Observer;
use crate::sampling::{Network, SamplingError, Seen, SweepConfig, TakenImage};
use crate::uncertainty::{Measures, measure_all};

use super::neighbours::{FeatureSpace, Neighbour};
use super::patches::{Change, change, sample_together, terms};

/// The network is sure of an image when it gives a class this much on average.
pub const CONFIDENT: f32 = 0.9;
/// Nearest images of a class that are looked through for one the network is sure of.
const LOOKED_THROUGH: usize = 256;
/// Steps of the way to a rival.
const STEPS: usize = 20;
/// As many are sampled together.
const TOGETHER: usize = 32;

/// An image of a rival class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Which image, and how far it is in the space of hidden activations.
    pub neighbour: Neighbour,
    /// Mean probability of the class, at least [`CONFIDENT`].
    pub confidence: f32,
}

/// What a search for such an image came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// The nearest; `None` when the network is sure of none of those looked through.
    pub found: Option<Target>,
    /// Images of the class looked through, nearest first, up to the one found.
    pub looked_through: usize,
}

/// Looks for the nearest image labelled `class`, other than `without` (its grey levels), that the network is sure is of
/// this class; `None` when the observer stopped it.
///
/// # Errors
/// When the configuration is out of range or there is not enough memory.
pub fn nearest_confident(
    network: &Arc<Network>,
    (digits, space): (&Digits, &FeatureSpace),
    (hidden, without): (&[f32], &[u8]),
    class: Class,
    config: &SweepConfig,
    observe: Observer,
) -> Result<Option<Search>, SamplingError> {
    let mut candidates = space.nearest(hidden, Some(class), LOOKED_THROUGH + 1);
    candidates.retain(|candidate| digits.image(candidate.index as usize) != without);
    candidates.truncate(LOOKED_THROUGH);
    for (part, together) in candidates.chunks(TOGETHER).enumerate() {
        let mut numbers = Vec::new();
        for candidate in together {
            let image = TakenImage::of_set(network, digits, candidate.index)?;
            numbers.extend_from_slice(image.seen().numbers());
        }
        let pixels = Pixels::taken(&numbers, network.image());
        let Some(samples) = sample_together(network, pixels, config, observe)? else {
            return Ok(None);
        };
        for (at, statistics) in samples.statistics(config.passes).iter().enumerate() {
            let confidence = Measures::new(statistics).mean[usize::from(class)];
            if confidence >= CONFIDENT {
                let found = Some(Target { neighbour: together[at], confidence });
                return Ok(Some(Search { found, looked_through: part * TOGETHER + at + 1 }));
            }
        }
    }
    Ok(Some(Search { found: None, looked_through: candidates.len() }))
}

/// An image on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct MorphStep {
    /// Share of the image at the end, 0…1.
    pub share: f32,
    /// Measures of the image here.
    pub measures: Measures,
    /// What has changed since the start, over paired passes.
    pub change: Change,
}

/// The way from one image to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Morph {
    /// From the first image to the second, evenly apart.
    pub steps: Vec<MorphStep>,
    /// The step of the highest entropy, where that exceeds both ends beyond Monte-Carlo noise.
    pub peak: Option<usize>,
    /// The highest entropy of all steps, in nats.
    pub highest: f32,
}

/// Between two images of one shape.
#[must_use]
pub fn blend(from: &[f32], to: &[f32], share: f32) -> Vec<f32> {
    // Exact at both ends.
    from.iter().zip(to).map(|(from, to)| (1.0 - share) * from + share * to).collect()
}

/// The way from an image to the nearest one that the network is sure is of a rival class.
#[derive(Clone, Debug)]
pub struct Way {
    /// The rival.
    pub rival: Class,
    /// What the search for that image came to.
    pub search: Search,
    /// That image in 28×28 grey values and the way to it; `None` when there is none.
    pub to: Option<(Arc<[f32; PIXELS]>, Morph)>,
}

/// Looks for the nearest confident image of a rival class among the images of a space, and samples the way there.
/// `hidden` are the image's hidden activations without dropout; the search and the way are each sampled by their own
/// configuration. `None` when the observer stopped it.
///
/// # Errors
/// When a configuration is out of range, a pixel is not finite, or there is not enough memory.
pub fn way_to<'a>(
    network: &Arc<Network>,
    (digits, space): (&Digits, &FeatureSpace),
    (image, hidden): (impl Into<Seen<'a>>, &[f32]),
    rival: Class,
    [searched, walked]: [&SweepConfig; 2],
    observe: Observer,
) -> Result<Option<Way>, SamplingError> {
    let image = image.into();
    let own = (hidden, &to_bytes(image.grey())[..]);
    let Some(search) = nearest_confident(network, (digits, space), own, rival, searched, observe)? else {
        return Ok(None);
    };
    let mut to = None;
    if let Some(target) = search.found {
        let end = TakenImage::of_set(network, digits, target.neighbour.index)?;
        let end = end.seen();
        let Some(found) = morph(network, [image, end], STEPS, walked, observe)? else { return Ok(None) };
        to = Some((Arc::new(*end.grey()), found));
    }
    Ok(Some(Way { rival, search, to }))
}

/// Samples the way from one image to another in `steps` steps, at least 1; `None` when the observer stopped it.
///
/// # Errors
/// When the configuration is out of range, a pixel is not finite, or there is not enough memory.
pub fn morph<'a>(
    network: &Arc<Network>,
    ends: [impl Into<Seen<'a>>; 2],
    steps: usize,
    config: &SweepConfig,
    observe: Observer,
) -> Result<Option<Morph>, SamplingError> {
    let steps = steps.max(1);
    let share = |step: usize| step as f32 / steps as f32;
    let [from, to] = ends.map(Into::into);
    let numbers: Vec<f32> =
        (0..=steps).flat_map(|step| blend(from.numbers(), to.numbers(), share(step))).collect();
    let pixels = Pixels::taken(&numbers, from.shape());
    let Some(samples) = sample_together(network, pixels, config, observe)? else {
        return Ok(None);
    };
    let measures = measure_all(&samples, config.passes);
    let pair = |before: usize, after: usize| {
        let terms = |step: usize| terms(&samples.image(step));
        change(&measures[before], &terms(before), &measures[after], &terms(after))
    };
    let of_step = |step: usize| MorphStep {
        share: share(step),
        measures: measures[step].clone(),
        change: pair(0, step),
    };
    let entropy = |step: usize| measures[step].predictive_entropy;
    let highest = (0..=steps).fold(0, |best, step| if entropy(step) > entropy(best) { step } else { best });
    let rises = |from: usize| Change::is_clear(pair(from, highest).entropy);
    let peak = (highest != 0 && highest != steps && rises(0) && rises(steps)).then_some(highest);
    Ok(Some(Morph { steps: (0..=steps).map(of_step).collect(), peak, highest: entropy(highest) }))
}
