//! The authors' LeNet (Gal & Ghahramani 2016): conv 20@5×5 → max-pool 2 → conv 50@5×5 → max-pool 2 → fully connected
//! `hidden` → rectifier → fully connected K, no rectifier after the convolutions.
//!
//! [`Lenet::forward`] in candle is the reference for everything fast: sweeps and training are tested against it.
//! Dropout is an argument, never a mode: inference with one mask for all images, training with a mask for each
//! example and no dropout at all are the same function with other [`DropoutMasks`].

use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use rand::RngCore;

use super::geometry::{
    CONV1_CHANNELS, CONV1_DEPTH, CONV2_CHANNELS, CONV2_DEPTH, FEATURES, HIDDEN, KERNEL, POOL_SIDE,
};
use crate::data::classes::{FEWEST_CLASSES, MOST_CLASSES};
use crate::random::{self, Purpose};

/// The largest hidden layer accepted: more than anyone needs, and small enough that a malicious file cannot exhaust
/// memory.
pub const MAX_HIDDEN: usize = 16_384;

/// Where dropout acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Placement {
    /// Before the last layer only: the paper's Figure 4 (`lenet-ip`).
    Last,
    /// Before and after the hidden layer.
    #[default]
    Dense,
    /// As `Dense`, and element by element after both convolutions, before their pooling (`lenet-all`).
    All,
}

impl Placement {
    /// Where dropout acts, in words: `before the last layer`.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Last => "before the last layer",
            Self::Dense => "before and after the hidden layer",
            Self::All => "after both convolutions, before and after the hidden layer",
        }
    }
}

/// The shape of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Architecture {
    /// Units of the hidden layer; [`HIDDEN`] in the paper.
    pub hidden: usize,
    /// Where dropout acts.
    pub placement: Placement,
    /// Classes K; the ten digits where a file does not say.
    #[serde(default = "ten")]
    pub classes: usize,
}

/// Classes of the paper.
fn ten() -> usize {
    10
}

impl Default for Architecture {
    fn default() -> Self {
        Self { hidden: HIDDEN, placement: Placement::Dense, classes: ten() }
    }
}

/// The network: immutable, cheap to clone; candle owns its tensors.
#[derive(Clone, Debug)]
pub struct Lenet {
    architecture: Architecture,
    /// The dropout rate it was trained with, in 0 ≤ p < 1.
    dropout: f32,
    /// In the order of [`PARAMETERS`].
    parameters: Vec<Tensor>,
    /// The same numbers for the kernels.
    weights: Arc<Weights>,
}

/// Names of the tensors, as PyTorch's `state_dict` has them.
pub const PARAMETERS: [&str; 8] = [
    "conv1.weight",
    "conv1.bias",
    "conv2.weight",
    "conv2.bias",
    "fc1.weight",
    "fc1.bias",
    "fc2.weight",
    "fc2.bias",
];

/// The parameters as plain numbers, row-major in PyTorch's shapes: what the kernels read.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Units of the hidden layer.
    pub hidden: usize,
    /// Classes K.
    pub classes: usize,
    /// `[20, 1, 5, 5]`
    pub conv1_weight: Vec<f32>,
    /// `[20]`
    pub conv1_bias: Vec<f32>,
    /// `[50, 20, 5, 5]`
    pub conv2_weight: Vec<f32>,
    /// `[50]`
    pub conv2_bias: Vec<f32>,
    /// `[hidden, 800]`
    pub fc1_weight: Vec<f32>,
    /// `[hidden]`
    pub fc1_bias: Vec<f32>,
    /// `[K, hidden]`
    pub fc2_weight: Vec<f32>,
    /// `[K]`
    pub fc2_bias: Vec<f32>,
}

/// Inverted dropout as factors: 0 where a unit is dropped, 1/(1−p) where it is kept. The first dimension is the
/// number of images, or 1 for one mask shared by all of them.
#[derive(Clone, Debug, Default)]
pub struct DropoutMasks {
    /// After the first convolution, before its pooling: `[images, 20, 24, 24]`
    pub conv1: Option<Tensor>,
    /// After the second convolution, before its pooling: `[images, 50, 8, 8]`
    pub conv2: Option<Tensor>,
    /// The input of the hidden layer: `[images, 800]`
    pub features: Option<Tensor>,
    /// The output of the hidden layer: `[images, hidden]`
    pub hidden: Option<Tensor>,
}

/// Why parameters do not form a LeNet.
#[derive(Debug, thiserror::Error)]
pub enum LenetError {
    /// Hidden units out of range.
    #[error("{hidden} hidden units; choose between 1 and {MAX_HIDDEN}")]
    Hidden {
        /// Units asked for.
        hidden: usize,
    },
    /// Classes out of range.
    #[error("{classes} classes; a network tells apart between {FEWEST_CLASSES} and {MOST_CLASSES}")]
    Classes {
        /// Classes asked for.
        classes: usize,
    },
    /// A dropout rate outside 0 ≤ p < 1.
    #[error("dropout rate {rate} is not in 0 ≤ p < 1")]
    Dropout {
        /// The rate.
        rate: f32,
    },
    /// Not eight tensors.
    #[error("{found} tensors instead of the 8 of a LeNet ({})", PARAMETERS.join(", "))]
    Count {
        /// Tensors given.
        found: usize,
    },
    /// A tensor of another shape.
    #[error("{name} has shape {found:?}, expected {expected:?}")]
    Shape {
        /// Which tensor.
        name: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// The shape it needs.
        expected: Vec<usize>,
    },
    /// A parameter that is infinite or not a number.
    #[error(
        "{name} holds {value} at position {index}; the training that made it diverged, or the file is damaged"
    )]
    NotFinite {
        /// Which tensor.
        name: &'static str,
        /// Position in row-major order.
        index: usize,
        /// The number.
        value: f32,
    },
    /// The tensor library failed.
    #[error("the tensor library failed: {0}")]
    Tensor(#[from] candle_core::Error),
}

impl Architecture {
    /// Shapes of the parameters, in the order of [`PARAMETERS`].
    #[must_use]
    pub fn shapes(self) -> [Vec<usize>; 8] {
        [
            vec![CONV1_CHANNELS, 1, KERNEL, KERNEL],
            vec![CONV1_CHANNELS],
            vec![CONV2_CHANNELS, CONV1_CHANNELS, KERNEL, KERNEL],
            vec![CONV2_CHANNELS],
            vec![self.hidden, FEATURES],
            vec![self.hidden],
            vec![self.classes, self.hidden],
            vec![self.classes],
        ]
    }

    /// Checks the numbers of hidden units and of classes.
    ///
    /// # Errors
    /// [`LenetError::Hidden`] and [`LenetError::Classes`] when one is out of range.
    pub fn check(self) -> Result<(), LenetError> {
        if self.hidden == 0 || self.hidden > MAX_HIDDEN {
            return Err(LenetError::Hidden { hidden: self.hidden });
        }
        if !(FEWEST_CLASSES..=MOST_CLASSES).contains(&self.classes) {
            return Err(LenetError::Classes { classes: self.classes });
        }
        Ok(())
    }
}

/// Checks a dropout rate.
///
/// # Errors
/// [`LenetError::Dropout`] unless 0 ≤ p < 1.
pub fn check_dropout(rate: f32) -> Result<(), LenetError> {
    if (0.0..1.0).contains(&rate) { Ok(()) } else { Err(LenetError::Dropout { rate }) }
}

impl Weights {
    /// Weights and biases drawn from U(−1/√n, 1/√n), n the inputs of a unit: PyTorch's default for these layers.
    ///
    /// # Errors
    /// [`LenetError::Hidden`].
    pub fn initialise(architecture: Architecture, seed: u64) -> Result<Self, LenetError> {
        architecture.check()?;
        let inputs = [CONV1_DEPTH, CONV2_DEPTH, FEATURES, architecture.hidden];
        let tensors = architecture.shapes().into_iter().enumerate().map(|(index, shape)| {
            let mut generator = random::stream(seed, Purpose::Weights, [index as u64]);
            let bound = 1.0 / (inputs[index / 2] as f32).sqrt();
            (0..shape.into_iter().product())
                .map(|_| bound * (2.0 * random::unit_interval(generator.next_u64()) - 1.0))
                .collect()
        });
        Self::from_vectors(architecture, tensors.collect())
    }

    /// The eight tensors as vectors, in the order of [`PARAMETERS`].
    pub(crate) fn from_vectors(
        architecture: Architecture,
        vectors: Vec<Vec<f32>>,
    ) -> Result<Self, LenetError> {
        let [conv1_weight, conv1_bias, conv2_weight, conv2_bias, fc1_weight, fc1_bias, fc2_weight, fc2_bias] =
            <[Vec<f32>; 8]>::try_from(vectors)
                .map_err(|vectors| LenetError::Count { found: vectors.len() })?;
        Ok(Self {
            hidden: architecture.hidden,
            classes: architecture.classes,
            conv1_weight,
            conv1_bias,
            conv2_weight,
            conv2_bias,
            fc1_weight,
            fc1_bias,
            fc2_weight,
            fc2_bias,
        })
    }

    /// Zeros in the shape of a network: where gradients are summed.
    #[must_use]
    pub fn zeros(hidden: usize, classes: usize) -> Self {
        Self {
            hidden,
            classes,
            conv1_weight: vec![0.0; CONV1_CHANNELS * CONV1_DEPTH],
            conv1_bias: vec![0.0; CONV1_CHANNELS],
            conv2_weight: vec![0.0; CONV2_CHANNELS * CONV2_DEPTH],
            conv2_bias: vec![0.0; CONV2_CHANNELS],
            fc1_weight: vec![0.0; hidden * FEATURES],
            fc1_bias: vec![0.0; hidden],
            fc2_weight: vec![0.0; classes * hidden],
            fc2_bias: vec![0.0; classes],
        }
    }

    /// The eight tensors as slices, in the order of [`PARAMETERS`].
    #[must_use]
    pub fn slices(&self) -> [&[f32]; 8] {
        [
            &self.conv1_weight,
            &self.conv1_bias,
            &self.conv2_weight,
            &self.conv2_bias,
            &self.fc1_weight,
            &self.fc1_bias,
            &self.fc2_weight,
            &self.fc2_bias,
        ]
    }

    /// The eight tensors as mutable slices, in the order of [`PARAMETERS`].
    #[must_use]
    pub fn slices_mut(&mut self) -> [&mut [f32]; 8] {
        [
            &mut self.conv1_weight,
            &mut self.conv1_bias,
            &mut self.conv2_weight,
            &mut self.conv2_bias,
            &mut self.fc1_weight,
            &mut self.fc1_bias,
            &mut self.fc2_weight,
            &mut self.fc2_bias,
        ]
    }
}

impl Lenet {
    /// An untrained network, its parameters drawn as PyTorch does by default.
    ///
    /// # Errors
    /// When the hidden layer or the dropout rate is out of range, or there is not enough memory.
    pub fn initialise(architecture: Architecture, dropout: f32, seed: u64) -> Result<Self, LenetError> {
        Self::from_weights(architecture.placement, dropout, Weights::initialise(architecture, seed)?)
    }

    /// A network from tensors in the order of [`PARAMETERS`]; floats of any width become f32.
    ///
    /// # Errors
    /// When their number, a shape or a value does not make a LeNet, or the dropout rate is out of range.
    pub fn from_parameters(
        architecture: Architecture,
        dropout: f32,
        parameters: &[Tensor],
    ) -> Result<Self, LenetError> {
        architecture.check()?;
        if parameters.len() != PARAMETERS.len() {
            return Err(LenetError::Count { found: parameters.len() });
        }
        let shapes = architecture.shapes();
        let mut vectors = Vec::with_capacity(PARAMETERS.len());
        for ((name, expected), tensor) in PARAMETERS.into_iter().zip(shapes).zip(parameters) {
            if tensor.dims() != expected {
                return Err(LenetError::Shape { name, found: tensor.dims().to_vec(), expected });
            }
            vectors.push(tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?);
        }
        Self::from_weights(architecture.placement, dropout, Weights::from_vectors(architecture, vectors)?)
    }

    /// A network from plain numbers.
    ///
    /// # Errors
    /// When a length or a value does not make a LeNet, or the dropout rate is out of range.
    pub fn from_weights(placement: Placement, dropout: f32, weights: Weights) -> Result<Self, LenetError> {
        let architecture = Architecture { hidden: weights.hidden, placement, classes: weights.classes };
        architecture.check()?;
        check_dropout(dropout)?;
        let mut parameters = Vec::with_capacity(PARAMETERS.len());
        for ((name, expected), values) in
            PARAMETERS.into_iter().zip(architecture.shapes()).zip(weights.slices())
        {
            if values.len() != expected.iter().product::<usize>() {
                return Err(LenetError::Shape { name, found: vec![values.len()], expected });
            }
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                return Err(LenetError::NotFinite { name, index, value: values[index] });
            }
            parameters.push(Tensor::from_slice(values, expected, &Device::Cpu)?);
        }
        Ok(Self { architecture, dropout, parameters, weights: Arc::new(weights) })
    }

    /// Shape and placement.
    #[must_use]
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// The dropout rate it was trained with.
    #[must_use]
    pub fn dropout(&self) -> f32 {
        self.dropout
    }

    /// The tensors, in the order of [`PARAMETERS`].
    #[must_use]
    pub fn parameters(&self) -> &[Tensor] {
        &self.parameters
    }

    /// The parameters as plain numbers.
    #[must_use]
    pub fn weights(&self) -> Weights {
        (*self.weights).clone()
    }

    /// The parameters as plain numbers, shared.
    #[must_use]
    pub fn shared_weights(&self) -> &Arc<Weights> {
        &self.weights
    }

    /// Logits `[images, K]` of images `[images, 1, 28, 28]` with pixels in [0, 1]; without masks, nothing is dropped.
    ///
    /// # Errors
    /// When the images or a mask have another shape, or there is not enough memory.
    pub fn forward(&self, images: &Tensor, masks: Option<&DropoutMasks>) -> Result<Tensor, LenetError> {
        Ok(forward(&self.parameters, images, masks)?)
    }
}

/// [`Lenet::forward`] on bare tensors, so that the reference trainer can follow gradients through it.
pub(crate) fn forward(
    parameters: &[Tensor],
    images: &Tensor,
    masks: Option<&DropoutMasks>,
) -> candle_core::Result<Tensor> {
    let [conv1_weight, conv1_bias, conv2_weight, conv2_bias, fc1_weight, fc1_bias, fc2_weight, fc2_bias] =
        parameters
    else {
        candle_core::bail!("{} tensors instead of {}", parameters.len(), PARAMETERS.len());
    };
    let masks = masks.cloned().unwrap_or_default();
    let conv1 = convolve(images, conv1_weight, conv1_bias)?;
    let pool1 = max_pool(&drop_units(&conv1, masks.conv1.as_ref())?)?;
    let conv2 = convolve(&pool1, conv2_weight, conv2_bias)?;
    let pool2 = max_pool(&drop_units(&conv2, masks.conv2.as_ref())?)?;
    let features = drop_units(&pool2.flatten_from(1)?, masks.features.as_ref())?;
    let hidden = features.matmul(&fc1_weight.t()?)?.broadcast_add(fc1_bias)?.relu()?;
    let hidden = drop_units(&hidden, masks.hidden.as_ref())?;
    hidden.matmul(&fc2_weight.t()?)?.broadcast_add(fc2_bias)
}

fn convolve(input: &Tensor, weight: &Tensor, bias: &Tensor) -> candle_core::Result<Tensor> {
    input.conv2d(weight, 0, 1, 1, 1)?.broadcast_add(&bias.reshape((1, (), 1, 1))?)
}

fn drop_units(values: &Tensor, mask: Option<&Tensor>) -> candle_core::Result<Tensor> {
    mask.map_or_else(|| Ok(values.clone()), |mask| values.broadcast_mul(mask))
}

/// 2×2 max-pooling as the maximum of four interleaved images.
///
/// Not `max_pool2d`: its gradient in candle 0.11 is scaled by the share of the window that attains the maximum
/// (a quarter of what it should be when one element does).
pub(crate) fn max_pool(values: &Tensor) -> candle_core::Result<Tensor> {
    let (images, channels, height, width) = values.dims4()?;
    let windows =
        values.reshape((images, channels, height / POOL_SIDE, POOL_SIDE, width / POOL_SIDE, POOL_SIDE))?;
    let corner = |row, column| windows.narrow(3, row, 1)?.narrow(5, column, 1)?.squeeze(5)?.squeeze(3);
    corner(0, 0)?.maximum(&corner(0, 1)?)?.maximum(&corner(1, 0)?.maximum(&corner(1, 1)?)?)
}

#[cfg(test)]
mod tests {
    use candle_core::safetensors::load_buffer;

    use super::*;
    use crate::data::SIDE;
    use crate::model::Checkpoint;

    /// Made by `tests/fixtures/lenet_torch.py`.
    const MODEL: &[u8] = include_bytes!("../../tests/fixtures/lenet-torch.safetensors");
    const EXPECTED: &[u8] = include_bytes!("../../tests/fixtures/lenet-torch-expected.safetensors");
    /// The dropout rate of the masks there.
    const RATE: f64 = 0.4;

    #[test]
    fn logits_agree_with_pytorch_for_all_placements() {
        let lenet = Checkpoint::from_bytes(MODEL, "lenet-torch.safetensors").unwrap().lenet;
        assert_eq!(lenet.architecture().hidden, 16);
        let expected = load_buffer(EXPECTED, &Device::Cpu).unwrap();
        let float = |name: &str| expected[name].to_dtype(DType::F32).unwrap();
        let images = (float("images") / 255.0).unwrap();
        let mask = |name: &str| Some((float(&format!("keep_{name}")) / (1.0 - RATE)).unwrap());
        let last = DropoutMasks { hidden: mask("hidden"), ..DropoutMasks::default() };
        let dense = DropoutMasks { features: mask("features"), ..last.clone() };
        let all = DropoutMasks { conv1: mask("conv1"), conv2: mask("conv2"), ..dense.clone() };
        for (name, masks) in [
            ("logits", None),
            ("logits_last", Some(&last)),
            ("logits_dense", Some(&dense)),
            ("logits_all", Some(&all)),
        ] {
            let logits = lenet.forward(&images, masks).unwrap();
            assert_eq!(logits.dims(), [3, 10]);
            let difference = (logits - &expected[name]).unwrap().abs().unwrap().max_all().unwrap();
            assert!(difference.to_scalar::<f32>().unwrap() < 1e-5, "{name} off by {difference}");
        }
    }

    #[test]
    fn one_mask_serves_all_images() {
        let lenet =
            Lenet::initialise(Architecture { hidden: 8, placement: Placement::Last, classes: 10 }, 0.5, 1)
                .unwrap();
        let images = Tensor::rand(0.0_f32, 1.0, (4, 1, SIDE, SIDE), &Device::Cpu).unwrap();
        let row = [0.0_f32, 2.0, 2.0, 0.0, 2.0, 0.0, 0.0, 2.0];
        let shared = Tensor::new(&[row], &Device::Cpu).unwrap();
        let each = Tensor::new(&[row; 4], &Device::Cpu).unwrap();
        let logits = |mask| -> Vec<Vec<f32>> {
            let masks = DropoutMasks { hidden: Some(mask), ..DropoutMasks::default() };
            lenet.forward(&images, Some(&masks)).unwrap().to_vec2().unwrap()
        };
        assert_eq!(logits(shared), logits(each));
    }

    #[test]
    fn fresh_weights_fill_their_range_and_follow_the_seed() {
        let weights = Weights::initialise(Architecture::default(), 3).unwrap();
        assert_eq!(weights, Weights::initialise(Architecture::default(), 3).unwrap());
        assert_ne!(weights, Weights::initialise(Architecture::default(), 4).unwrap());
        let bound = 1.0 / (FEATURES as f32).sqrt();
        let n = weights.fc1_weight.len() as f32;
        assert!(weights.fc1_weight.iter().all(|w| w.abs() <= bound));
        let mean = weights.fc1_weight.iter().sum::<f32>() / n;
        let variance = weights.fc1_weight.iter().map(|w| w * w).sum::<f32>() / n;
        // Standard errors at n = 400,000: 0.0009 of the bound, 0.0005 of its square; four and more allowed.
        assert!(mean.abs() < 0.004 * bound, "mean {mean}");
        assert!((variance / (bound * bound) - 1.0 / 3.0).abs() < 0.003, "variance {variance}");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        let refused =
            |architecture, dropout| Lenet::initialise(architecture, dropout, 1).unwrap_err().to_string();
        let of = |hidden| Architecture { hidden, ..Architecture::default() };
        assert!(refused(of(0), 0.5).contains("0 hidden units; choose between 1 and"));
        assert!(refused(of(usize::MAX), 0.5).contains("hidden units; choose"));
        for rate in [1.0, -0.1, f32::NAN] {
            assert!(refused(of(4), rate).contains("is not in 0 ≤ p < 1"));
        }
        let lenet = Lenet::initialise(of(4), 0.5, 1).unwrap();
        let refused =
            |parameters: &[Tensor]| Lenet::from_parameters(of(5), 0.5, parameters).unwrap_err().to_string();
        assert!(refused(lenet.parameters()).contains("fc1.weight has shape [4, 800], expected [5, 800]"));
        assert!(refused(&lenet.parameters()[1..]).contains("7 tensors instead of the 8"));
    }
}
