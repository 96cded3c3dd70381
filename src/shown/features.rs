//! Where the images of a dataset lie for the hidden layer, and which of them are closest to a drawing.

use std::sync::Arc;

use crate::data::{Digits, PIXELS, Pixels};
use crate::progress::{Observer, unobserved};
use crate::sampling::{self, NetworkKey, Prefix, SamplingError};
use crate::uncertainty::explanation::FeatureSpace;

use super::opened::OpenedModel;

/// Images that are shown as the closest.
const CLOSEST: usize = 8;
/// Memory for the hidden activations of images, in bytes: 200,000 images of a layer of 500.
const SPACE_BYTES: usize = 400_000_000;

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
    /// Images that were looked through: the first so many of the dataset.
    pub among: usize,
}

/// The hidden features of a dataset, from its activations where they are known and that is enough; `None` when the observer stopped it.
///
/// # Errors
/// When the network cannot be asked.
pub fn features(
    digits: Arc<Digits>,
    model: &OpenedModel,
    known: Option<&Prefix>,
    observe: Observer,
) -> Result<Option<Features>, SamplingError> {
    let space = space_of(&digits, model, known, observe)?;
    Ok(space.map(|space| Features { digits, network: model.key(), space }))
}

/// Where the images of a dataset lie for the hidden layer: the first ones, where all are too many to be held. `None` when
/// the observer stopped it.
///
/// # Errors
/// When the network cannot be asked.
pub fn space_of(
    digits: &Digits,
    model: &OpenedModel,
    known: Option<&Prefix>,
    observe: Observer,
) -> Result<Option<FeatureSpace>, SamplingError> {
    let known = known.filter(|known| *known.pairing() == model.pairing(digits));
    let network = model.network()?;
    let most = SPACE_BYTES / (size_of::<f32>() * network.hidden()).max(1);
    let pixels = Pixels::from(digits).first(most);
    let labels = digits.labels()[..pixels.images()].to_vec();
    let answer = sampling::deterministic_knowing(&network, pixels, known, observe)?;
    Ok(answer.and_then(|answer| FeatureSpace::new(answer.hidden, network.hidden(), labels)))
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
    let (digits, among) = (Arc::clone(&features.digits), features.space.len());
    Ok(Neighbours { digits, network: features.network, list, among })
}
