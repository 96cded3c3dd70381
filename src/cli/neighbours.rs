//! The labels of the images that the hidden layer finds most like each image of a split.

use super::Failure;
use super::bars::{Bar, Unit};
use super::options::Input;
use super::steps::{Swept, remark};
use crate::data::source::{Places, Split};
use crate::data::{Digits, Pixels};
use crate::sampling::{Network, deterministic};
use crate::uncertainty::explanation::FeatureSpace;
use crate::uncertainty::label_suspicion::{self, NeighbourLabels};

/// For each image of the split, the labels of the nearest training images; of the nearest other images of the split itself
/// where it is the training split, or where there is none.
pub(super) fn neighbour_labels(input: &Input, swept: &Swept) -> Result<Vec<NeighbourLabels>, Failure> {
    let network = &swept.network;
    let digits = &swept.loaded.digits;
    let own = hidden(network, digits)?;
    let training = match input.split.split {
        Split::Train => None,
        Split::Test => {
            let loaded = Places::new(input.images.data.clone()).load_here(Split::Train);
            if loaded.is_none() {
                remark(
                    "The training images are not here: neighbours are sought among the images of the split itself.",
                );
            }
            loaded.map(|loaded| loaded.digits)
        }
    };
    let (themselves, features, labels) = match &training {
        None => (true, own.clone(), digits.labels()),
        Some(training) => (false, hidden(network, training)?, training.labels()),
    };
    let Some(space) = FeatureSpace::new(features, network.hidden(), labels.to_vec()) else {
        return Ok(Vec::new());
    };
    let bar = Bar::new("Looking for neighbours", Unit::Things("pairs"));
    label_suspicion::neighbour_labels(&space, &own, themselves, &mut |at| bar.show(at))
        .ok_or(Failure::Stopped)
}

fn hidden(network: &Network, digits: &Digits) -> Result<Vec<f32>, Failure> {
    let bar = Bar::new("Computing features", Unit::Things("images"));
    let answer = deterministic(network, Pixels::from(digits), &mut |at| bar.show(at))?;
    Ok(answer.ok_or(Failure::Stopped)?.hidden)
}
