//! All of an explanation at once, as finely as it gets: what a card shows.

use std::sync::Arc;

use crate::data::{Class, Digits};
use crate::progress::Observer;
use crate::sampling::{Network, SamplingError, Seen, SweepConfig, deterministic, sample_image};
use crate::uncertainty::Measures;

use super::gradient::{Gradient, gradient};
use super::morph::{Way, way_to};
use super::neighbours::FeatureSpace;
use super::patches::{PatchGrid, PatchMaps, patch_maps};
use super::reason::{explain, sure};
use super::rivals::{Rival, rival, rivals};

/// The images to compare with, and their positions.
#[derive(Clone, Copy, Debug)]
pub struct Others<'a> {
    /// Images and labels.
    pub digits: &'a Digits,
    /// Their hidden activations.
    pub space: &'a FeatureSpace,
}

/// Why an image is uncertain.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Measures of the image.
    pub measures: Measures,
    /// The reason in words.
    pub reason: String,
    /// What each patch does, patches one pixel apart; side by side where each pass runs a graph.
    pub maps: PatchMaps,
    /// What a little more ink at each pixel does; `None` where each pass runs a graph, which takes too long for slopes.
    pub gradient: Option<Gradient>,
    /// The likeliest classes with the images they resemble; `None` when there are no others.
    pub rivals: Option<Vec<Rival>>,
    /// The way to the nearest confident rival; `None` when there are no others.
    pub way: Option<Way>,
}

impl Explanation {
    /// Explains an image, of which a label may be known, with patches of `patch` pixels; `None` when the observer stopped it.
    ///
    /// # Errors
    /// When the configuration is out of range, a pixel is not finite, or there is not enough memory.
    pub fn new<'a>(
        network: &Arc<Network>,
        (image, label): (impl Into<Seen<'a>>, Option<Class>),
        patch: usize,
        config: &SweepConfig,
        others: Option<Others<'_>>,
        observe: Observer,
    ) -> Result<Option<Self>, SamplingError> {
        let image = image.into();
        let sampled = sample_image(network, image, config)?;
        let measures = Measures::of_image(&sampled);
        let reason = explain(&measures, sure(&sampled.probabilities()), config.dropout, network.answers());
        let mut slopes = None;
        if !network.runs_graph() {
            slopes = gradient(network, image, config, observe)?;
            if slopes.is_none() {
                return Ok(None);
            }
        }
        let (mut found, mut way) = (None, None);
        if let Some(Others { digits, space }) = others {
            let Some(answer) = deterministic(network, image.pixels(), observe)? else {
                return Ok(None);
            };
            let own = (image, &answer.hidden[..]);
            found = Some(rivals(&measures, label, (digits, space), own));
            let rival = rival(&measures, None, label);
            way = way_to(network, (digits, space), own, rival, [config, config], observe)?;
            if way.is_none() {
                return Ok(None);
            }
        }
        // Patches side by side, where as many as there are pixels would take minutes.
        let stride = if network.runs_graph() { patch } else { 1 };
        let Some(maps) = patch_maps(network, image, PatchGrid::new(patch, stride), config, observe)? else {
            return Ok(None);
        };
        Ok(Some(Self { measures, reason, maps, gradient: slopes, rivals: found, way }))
    }
}
