//! Where the images of a dataset lie for the hidden layer, and which of them are closest to a drawing.

use std::sync::Arc;

use crate::data::{Digits, PIXELS, Pixels};
use crate::progress::{Observer, unobserved};
use crate::sampling::{self, NetworkKey, SamplingError};
use crate::uncertainty::explanation::FeatureSpace;

use super::opened::OpenedModel;

/// Images that are shown as the closest.
const CLOSEST: usize = 8;

/// What the hidden layer makes of every image of a dataset.
#[derive(Clone, Debug)]
pub struct Features {
    /// The dataset.
    pub digits: Arc<Digits>,
    /// The network.
    pub network: NetworkKey,
    /// Where its images lie.
    pub space: FeatureSpace,
}

/// The images of the dataset that the hidden layer finds most like a drawing.
#[derive(Clone, Debug)]
pub struct Neighbours {
    /// The dataset they are of.
    pub digits: Arc<Digits>,
    /// The network that finds them close.
    pub network: NetworkKey,
    /// Dataset indices and their distances, the closest first.
    pub list: Vec<(u32, f32)>,
}

/// The hidden features of a dataset; `None` when the observer stopped it.
///
/// # Errors
/// When the network cannot be asked.
pub fn features(
    digits: Arc<Digits>,
    model: &OpenedModel,
    observe: Observer,
) -> Result<Option<Features>, SamplingError> {
    let network = model.network()?;
    let pixels = Pixels::Bytes(digits.pixels());
    let answer = sampling::deterministic(&network, pixels, observe)?;
    let space = answer
        .and_then(|answer| FeatureSpace::new(answer.hidden, network.hidden(), digits.labels().to_vec()));
    Ok(space.map(|space| Features { digits, network: model.key(), space }))
}

/// The images of a dataset closest to a drawing.
///
/// # Errors
/// When the network cannot be asked, or the features are another network's.
pub fn closest(
    image: &[f32; PIXELS],
    features: &Features,
    model: &OpenedModel,
) -> Result<Neighbours, SamplingError> {
    model.key().check(&features.network)?;
    let network = model.network()?;
    let own = sampling::deterministic(&network, Pixels::Numbers(image), &mut unobserved)?
        .map(|answer| answer.hidden)
        .unwrap_or_default();
    let nearest = features.space.nearest(&own, None, CLOSEST);
    let list = nearest.into_iter().map(|neighbour| (neighbour.index, neighbour.distance)).collect();
    Ok(Neighbours { digits: Arc::clone(&features.digits), network: features.network, list })
}
