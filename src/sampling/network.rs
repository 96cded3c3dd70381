//! The weights, checked once and packed for the kernels.

use std::sync::OnceLock;

use crate::data::{Classes, Digits};
use crate::kernel::{InstructionSet, WeightPanel, pack};
use crate::model::geometry::{
    CONV1_CHANNELS, CONV1_DEPTH, CONV2_CHANNELS, CONV2_DEPTH, FEATURES, KERNEL, POOL1_SIDE,
};
use crate::model::{Placement, Weights};

use super::SamplingError;
use super::key::{NetworkKey, Pairing};

/// A network to sample from: finite weights of the right shapes. Immutable; share it behind an `Arc`.
#[derive(Clone, Debug)]
pub struct Network {
    weights: Weights,
    answers: Classes,
    placement: Placement,
    set: InstructionSet,
    hash: OnceLock<[u8; 32]>,
    conv1: Vec<f32>,
    conv2: Vec<f32>,
    fc1: Vec<f32>,
    fc2: Vec<f32>,
    /// Rows under the first kernel, from its top left pixel on.
    pub(super) conv1_index: Vec<u32>,
    /// Rows under the second kernel, from its top left cell on.
    pub(super) conv2_index: Vec<u32>,
}

impl Network {
    /// Checks the weights and packs them.
    ///
    /// # Errors
    /// When a parameter has another number of values than the shape says, or one of them is not finite.
    pub fn new(weights: Weights, placement: Placement) -> Result<Self, SamplingError> {
        Self::with_instructions(weights, placement, InstructionSet::detect())
    }

    /// As [`Network::new`], computing with these vector instructions.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn with_instructions(
        weights: Weights,
        placement: Placement,
        set: InstructionSet,
    ) -> Result<Self, SamplingError> {
        let (hidden, classes) = (weights.hidden, weights.classes);
        let parameters = [
            ("conv1.weight", &weights.conv1_weight, CONV1_CHANNELS * CONV1_DEPTH),
            ("conv1.bias", &weights.conv1_bias, CONV1_CHANNELS),
            ("conv2.weight", &weights.conv2_weight, CONV2_CHANNELS * CONV2_DEPTH),
            ("conv2.bias", &weights.conv2_bias, CONV2_CHANNELS),
            ("fc1.weight", &weights.fc1_weight, hidden * FEATURES),
            ("fc1.bias", &weights.fc1_bias, hidden),
            ("fc2.weight", &weights.fc2_weight, classes * hidden),
            ("fc2.bias", &weights.fc2_bias, classes),
        ];
        for (parameter, values, expected) in parameters {
            if values.len() != expected {
                return Err(SamplingError::Shape { parameter, found: values.len(), expected });
            }
            if let Some(position) = values.iter().position(|value| !value.is_finite()) {
                return Err(SamplingError::NotFinite { parameter, position, value: values[position] });
            }
        }
        let packed = |values: &[f32], outputs: usize, depth: usize| {
            let mut packed = Vec::new();
            pack(&mut packed, outputs, depth, |m, k| values[m * depth + k]);
            packed
        };
        let offsets = |channels: usize, side: usize| {
            let cells = (0..channels * KERNEL * KERNEL).map(|k| {
                let (channel, y, x) = (k / (KERNEL * KERNEL), k / KERNEL % KERNEL, k % KERNEL);
                ((channel * side + y) * side + x) as u32
            });
            cells.collect()
        };
        Ok(Self {
            conv1: packed(&weights.conv1_weight, CONV1_CHANNELS, CONV1_DEPTH),
            conv2: packed(&weights.conv2_weight, CONV2_CHANNELS, CONV2_DEPTH),
            fc1: packed(&weights.fc1_weight, hidden, FEATURES),
            fc2: packed(&weights.fc2_weight, classes, hidden),
            conv1_index: offsets(1, crate::data::SIDE),
            conv2_index: offsets(CONV1_CHANNELS, POOL1_SIDE),
            answers: Classes::numbered(classes).map_err(SamplingError::Classes)?,
            weights,
            placement,
            set,
            hash: OnceLock::new(),
        })
    }

    /// Where dropout acts.
    #[must_use]
    pub fn placement(&self) -> Placement {
        self.placement
    }

    /// Units of the hidden layer.
    #[must_use]
    pub fn hidden(&self) -> usize {
        self.weights.hidden
    }

    /// The same, its classes under these names. Names of another number of classes are not its own and change nothing.
    #[must_use]
    pub fn named(self, answers: &Classes) -> Self {
        if answers.len() == self.classes() { Self { answers: answers.clone(), ..self } } else { self }
    }

    /// What its classes are called.
    #[must_use]
    pub fn answers(&self) -> &Classes {
        &self.answers
    }

    /// Classes K that it tells apart.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.weights.classes
    }

    /// The parameters as they were given.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// What its passes over these images belong to.
    #[must_use]
    pub fn pairing(&self, digits: &Digits) -> Pairing {
        Pairing { dataset: digits.hash(), network: self.key() }
    }

    /// What it is: its parameters, hashed when first asked for, and its placement.
    #[must_use]
    pub fn key(&self) -> NetworkKey {
        let parameters = *self.hash.get_or_init(|| self.weights.hash());
        NetworkKey { parameters, placement: self.placement }
    }

    /// The vector instructions it computes with.
    #[must_use]
    pub fn instructions(&self) -> InstructionSet {
        self.set
    }

    pub(super) fn conv1(&self) -> WeightPanel<'_> {
        WeightPanel::new(&self.conv1, CONV1_CHANNELS, CONV1_DEPTH)
    }

    pub(super) fn conv2(&self) -> WeightPanel<'_> {
        WeightPanel::new(&self.conv2, CONV2_CHANNELS, CONV2_DEPTH)
    }

    pub(super) fn fc1(&self) -> WeightPanel<'_> {
        WeightPanel::new(&self.fc1, self.hidden(), FEATURES)
    }

    pub(super) fn fc2(&self) -> WeightPanel<'_> {
        WeightPanel::new(&self.fc2, self.classes(), self.hidden())
    }
}
