//! What a number belongs to: which images, which network, which masks. Made of contents, so that equal keys mean equal
//! numbers, wherever and whenever they were computed.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::data::Digits;
use crate::model::graph::{By, Rates, Site};
use crate::model::{AnyModel, OpenedGraph, Placement};

use super::SweepConfig;
use super::design::MaskDesign;
use super::error::SamplingError;
use crate::wording::hexadecimal;

/// A network: its parameters, and where dropout acts in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NetworkKey {
    /// [`crate::model::Weights::hash`] of a LeNet; of a graph file, sites, rates and preprocessing, hashed together.
    pub parameters: [u8; 32],
    /// Where dropout acts.
    pub dropout: DropoutAt,
}

/// Where dropout acts in a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DropoutAt {
    /// In a LeNet.
    Placed(Placement),
    /// At some sites of a graph.
    Sites {
        /// How many.
        count: u32,
        /// Whether each has a rate of its own, so that no one rate says what is drawn.
        own_rates: bool,
    },
}

impl DropoutAt {
    /// Where in a LeNet; `None` of a graph.
    #[must_use]
    pub fn placement(self) -> Option<Placement> {
        match self {
            Self::Placed(placement) => Some(placement),
            Self::Sites { .. } => None,
        }
    }

    /// Where dropout acts, in words: `before the last layer`.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Placed(placement) => placement.describe().to_owned(),
            Self::Sites { count: 0, .. } => "nowhere".to_owned(),
            Self::Sites { count: 1, .. } => "at one site".to_owned(),
            Self::Sites { count, own_rates: false } => format!("at {count} sites"),
            Self::Sites { count, own_rates: true } => format!("at {count} sites, each at its own rate"),
        }
    }
}

/// Which images met which network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pairing {
    /// [`Digits::hash`], or [`crate::data::Pixels::hash`] for images that are no dataset.
    pub dataset: [u8; 32],
    /// The network.
    pub network: NetworkKey,
}

impl NetworkKey {
    /// What the network of a file is.
    #[must_use]
    pub fn of(model: &AnyModel) -> Self {
        match model {
            AnyModel::Lenet(checkpoint) => {
                let lenet = &checkpoint.lenet;
                let dropout = DropoutAt::Placed(lenet.architecture().placement);
                Self { parameters: lenet.shared_weights().hash(), dropout }
            }
            AnyModel::Graph(opened) => Self::of_graph(opened),
        }
    }

    /// What a graph is with dropout at some of its sites: file, sites, what they drop at once, rates and preprocessing,
    /// hashed.
    #[must_use]
    pub fn of_graph(opened: &OpenedGraph) -> Self {
        let OpenedGraph { graph, on, by, rates, preprocessing, .. } = opened;
        let mut hasher = Sha256::new();
        hasher.update(graph.hash());
        let sites = graph.sites().iter().zip(on).zip(by);
        let chosen = |((site, on), by): ((&Site, &bool), &By)| match (on, site.by == *by) {
            (false, _) => 0,
            (true, true) => 1,
            (true, false) => 2,
        };
        hasher.update(sites.map(chosen).collect::<Vec<u8>>());
        hasher.update([u8::from(*rates == Rates::Common)]);
        // As it was before there was a choice, where there is nothing to choose.
        if !preprocessing.is_plain() {
            hasher.update(preprocessing.bits());
        }
        if let Some(output) = opened.output() {
            hasher.update(output);
        }
        let count = on.iter().filter(|on| **on).count() as u32;
        let dropout = DropoutAt::Sites { count, own_rates: *rates == Rates::AsTrained };
        Self { parameters: hasher.finalize().into(), dropout }
    }

    /// The first digits of the parameters' hash, as people see it in chips and footers.
    #[must_use]
    pub fn short(&self) -> String {
        short(&self.parameters)
    }

    /// Whether something of the network `found` can be used with this one.
    ///
    /// # Errors
    /// [`SamplingError::Mixed`] when it cannot.
    pub fn check(&self, found: &Self) -> Result<(), SamplingError> {
        if self == found {
            return Ok(());
        }
        Err(SamplingError::Mixed { found: found.to_string(), expected: self.to_string() })
    }
}

impl fmt::Display for NetworkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "network {}, dropout {}", short(&self.parameters), self.dropout.describe())
    }
}

impl Pairing {
    /// Whether `other` belongs to the same images and network.
    ///
    /// # Errors
    /// [`SamplingError::Mixed`] when it does not.
    pub fn check(&self, other: &Self) -> Result<(), SamplingError> {
        if self == other {
            return Ok(());
        }
        Err(SamplingError::Mixed { found: other.to_string(), expected: self.to_string() })
    }

    /// Whether these are its images.
    ///
    /// # Errors
    /// [`SamplingError::Mixed`] when they are not.
    pub fn check_images(&self, digits: &Digits) -> Result<(), SamplingError> {
        self.check(&Self { dataset: digits.hash(), ..*self })
    }
}

impl fmt::Display for Pairing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dataset {}, {}", short(&self.dataset), self.network)
    }
}

/// The run that samples are of: a pairing and its masks. The number of passes is no part of it, as the first passes of
/// a run are the same however many follow.
#[derive(Clone, Copy, Debug)]
pub struct RunKey {
    /// Images and network.
    pub pairing: Pairing,
    /// Dropout rate p; equal when its bits are.
    pub dropout: f32,
    /// Seed of the masks.
    pub seed: u64,
    /// How the masks of different passes belong together.
    pub masks: MaskDesign,
}

impl RunKey {
    /// The run of this pairing with the masks of a configuration.
    #[must_use]
    pub fn new(pairing: Pairing, config: &SweepConfig) -> Self {
        Self { pairing, dropout: config.dropout, seed: config.seed, masks: config.masks }
    }
}

impl PartialEq for RunKey {
    fn eq(&self, other: &Self) -> bool {
        (self.pairing, self.dropout.to_bits(), self.seed, self.masks)
            == (other.pairing, other.dropout.to_bits(), other.seed, other.masks)
    }
}

impl Eq for RunKey {}

/// The first digits of a hash, as people see it.
fn short(hash: &[u8; 32]) -> String {
    hexadecimal(&hash[..6])
}
