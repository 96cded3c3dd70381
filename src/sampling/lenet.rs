//! The weights of a LeNet, checked once and packed for the kernels.

use std::sync::OnceLock;

use crate::kernel::{InstructionSet, WeightPanel, pack};
use crate::model::geometry::{
    CONV1_CHANNELS, CONV1_DEPTH, CONV2_CHANNELS, CONV2_DEPTH, FEATURES, KERNEL, POOL1_SIDE,
};
use crate::model::graph::Activation;
use crate::model::{Placement, Weights};

use super::SamplingError;
use super::bundle::{SharedLayer, SideBySide};
use super::masks::{DropoutLayer, Masks};

/// A LeNet to sample from: finite weights of the right shapes.
#[derive(Clone, Debug)]
pub struct PackedLenet {
    weights: Weights,
    placement: Placement,
    set: InstructionSet,
    hash: OnceLock<[u8; 32]>,
    conv1: Vec<f32>,
    conv2: Vec<f32>,
    fc1: Vec<f32>,
    fc2: Vec<f32>,
    fc1_side_by_side: OnceLock<SideBySide>,
    /// Rows under the first kernel, from its top left pixel on.
    pub(super) conv1_index: Vec<u32>,
    /// Rows under the second kernel, from its top left cell on.
    pub(super) conv2_index: Vec<u32>,
}

impl PackedLenet {
    /// Checks the weights and packs them, to be computed with these vector instructions.
    ///
    /// # Errors
    /// When a parameter has another number of values than the shape says, or one of them is not finite.
    pub(super) fn new(
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
            fc1_side_by_side: OnceLock::new(),
            conv1_index: offsets(1, crate::data::SIDE),
            conv2_index: offsets(CONV1_CHANNELS, POOL1_SIDE),
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

    /// Its parameters, hashed when first asked for.
    pub(super) fn parameters(&self) -> [u8; 32] {
        *self.hash.get_or_init(|| self.weights.hash())
    }

    /// The vector instructions it computes with.
    #[must_use]
    pub fn instructions(&self) -> InstructionSet {
        self.set
    }

    /// The hidden layer, where its product serves several passes.
    pub(super) fn shared<'a>(&'a self, masks: &Masks) -> Option<SharedLayer<'a>> {
        if self.placement != Placement::Dense {
            return None;
        }
        let role = DropoutLayer::Fc1Input.role(self.placement);
        let balance = masks.balance(role).filter(|balance| balance.shares())?;
        let masks = *masks;
        Some(SharedLayer {
            weight: &self.weights.fc1_weight,
            bias: &self.weights.fc1_bias,
            activation: Some(Activation::Relu),
            balance,
            role,
            scale: masks.scale(),
            labels: Box::new(move |bundle| masks.labels(bundle, DropoutLayer::Fc1Input as u64, FEATURES)),
        })
    }

    /// The weights of the hidden layer for one image, arranged when first asked for.
    pub(super) fn fc1_side_by_side(&self) -> &SideBySide {
        self.fc1_side_by_side
            .get_or_init(|| SideBySide::new(&self.weights.fc1_weight, &self.weights.fc1_bias))
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
