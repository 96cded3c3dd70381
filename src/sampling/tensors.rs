//! MC dropout written plainly with tensors: slow, and the reference that the fast path must match.

use candle_core::{Device, Result, Tensor};
use rand::Rng;

use crate::data::{PIXELS, PerClass, Pixels, SIDE};
use crate::kernel::InstructionSet;
use crate::model::Placement;
use crate::model::geometry::{CONV1_CHANNELS, CONV1_SIDE, CONV2_CHANNELS, CONV2_SIDE, FEATURES, KERNEL};
use crate::model::lenet::max_pool;
use crate::random::{Purpose, stream};

use super::masks::{DropoutLayer, Masks};
use super::{Network, SweepConfig};

/// Images computed together.
const BATCH: usize = 1000;

/// The network as candle tensors.
#[derive(Clone, Debug)]
pub struct TensorNetwork {
    conv1: [Tensor; 2],
    conv2: [Tensor; 2],
    fc1: [Tensor; 2],
    fc2: [Tensor; 2],
    placement: Placement,
    hidden: usize,
}

/// Factors of a layer's units, 0 or 1/(1 − p), `[1 or images, units…]`; `None` where dropout does not act.
pub type Factors = [Option<Tensor>; 4];

impl TensorNetwork {
    /// The same network with tensors.
    ///
    /// # Errors
    /// When candle refuses a tensor.
    pub fn new(network: &Network) -> Result<Self> {
        let Some(network) = network.lenet() else { candle_core::bail!("a graph has no tensors here") };
        let weights = network.weights();
        let hidden = network.hidden();
        let tensor = |values: &[f32], shape: &[usize]| Tensor::from_slice(values, shape, &Device::Cpu);
        let conv1_shape = [CONV1_CHANNELS, 1, KERNEL, KERNEL];
        let conv2_shape = [CONV2_CHANNELS, CONV1_CHANNELS, KERNEL, KERNEL];
        Ok(Self {
            conv1: [
                tensor(&weights.conv1_weight, &conv1_shape)?,
                tensor(&weights.conv1_bias, &[1, CONV1_CHANNELS, 1, 1])?,
            ],
            conv2: [
                tensor(&weights.conv2_weight, &conv2_shape)?,
                tensor(&weights.conv2_bias, &[1, CONV2_CHANNELS, 1, 1])?,
            ],
            fc1: [
                tensor(&weights.fc1_weight, &[hidden, FEATURES])?.t()?,
                tensor(&weights.fc1_bias, &[1, hidden])?,
            ],
            fc2: [
                tensor(&weights.fc2_weight, &[network.classes(), hidden])?.t()?,
                tensor(&weights.fc2_bias, &[1, network.classes()])?,
            ],
            placement: network.placement(),
            hidden,
        })
    }

    /// Logits `[passes, images, classes]` of whole forward passes, one after the other.
    ///
    /// # Errors
    /// When candle fails.
    pub fn naive(&self, pixels: Pixels, config: &SweepConfig) -> Result<Vec<Vec<PerClass<f32>>>> {
        let batches = batches(pixels)?;
        let mut passes = Vec::with_capacity(config.passes);
        for pass in 0..config.passes {
            let factors = self.shared(config, pass)?;
            let mut logits = Vec::with_capacity(pixels.images());
            for images in &batches {
                let features = self.features(images, &factors)?;
                let hidden = self.hidden(&features, &factors)?;
                logits.extend(self.logits(&hidden, &factors)?);
            }
            passes.push(logits);
        }
        Ok(passes)
    }

    /// The same logits with everything before the first dropout computed once.
    ///
    /// # Errors
    /// When candle fails.
    pub fn cached(&self, pixels: Pixels, config: &SweepConfig) -> Result<Vec<Vec<PerClass<f32>>>> {
        if self.placement == Placement::All {
            return self.naive(pixels, config);
        }
        let nothing = [None, None, None, None];
        let mut prefix = Vec::new();
        for images in batches(pixels)? {
            let features = self.features(&images, &nothing)?;
            prefix.push(if self.placement == Placement::Last {
                self.hidden(&features, &nothing)?
            } else {
                features
            });
        }
        let mut passes = Vec::with_capacity(config.passes);
        for pass in 0..config.passes {
            let factors = self.shared(config, pass)?;
            let mut logits = Vec::with_capacity(pixels.images());
            for rows in &prefix {
                let hidden = if self.placement == Placement::Last {
                    rows.clone()
                } else {
                    self.hidden(rows, &factors)?
                };
                logits.extend(self.logits(&hidden, &factors)?);
            }
            passes.push(logits);
        }
        Ok(passes)
    }

    /// Logits `[passes, images, classes]` with masks of their own for every image, from a sequential generator.
    ///
    /// # Errors
    /// When candle fails.
    pub fn independent(&self, pixels: Pixels, config: &SweepConfig) -> Result<Vec<Vec<PerClass<f32>>>> {
        let mut generator = stream(config.seed, Purpose::Bootstrap, [0]);
        let scale = 1.0 / (1.0 - config.dropout);
        let batches = batches(pixels)?;
        let mut passes = Vec::with_capacity(config.passes);
        for _ in 0..config.passes {
            let mut logits = Vec::with_capacity(pixels.images());
            for images in &batches {
                let factors = self.factors(images.dim(0)?, |units| {
                    let draw = |_| if generator.random::<f32>() >= config.dropout { scale } else { 0.0 };
                    (0..units).map(draw).collect()
                })?;
                let features = self.features(images, &factors)?;
                let hidden = self.hidden(&features, &factors)?;
                logits.extend(self.logits(&hidden, &factors)?);
            }
            passes.push(logits);
        }
        Ok(passes)
    }

    /// Derivatives of a quantity of all passes' probabilities, `[passes, classes]`, by the pixels of one image.
    ///
    /// # Errors
    /// When candle fails.
    pub fn pixel_gradient(
        &self,
        pixels: &[f32; PIXELS],
        config: &SweepConfig,
        quantity: impl Fn(&Tensor) -> Result<Tensor>,
    ) -> Result<Vec<f32>> {
        let image = candle_core::Var::from_slice(pixels, (1, 1, SIDE, SIDE), &Device::Cpu)?;
        let mut passes = Vec::with_capacity(config.passes);
        for pass in 0..config.passes {
            let factors = self.shared(config, pass)?;
            // The derivative of candle's own pooling is a quarter of what it should be.
            let features = self.features_pooled(image.as_tensor(), &factors, max_pool)?;
            let hidden = self.hidden(&features, &factors)?;
            let logits = scaled(&hidden, factors[3].as_ref())?.matmul(&self.fc2[0])?;
            passes.push(candle_nn::ops::softmax(&logits.broadcast_add(&self.fc2[1])?, 1)?);
        }
        let gradients = quantity(&Tensor::cat(&passes, 0)?)?.backward()?;
        let missing = || candle_core::Error::Msg("no gradient for the image".to_owned());
        gradients.get(&image).ok_or_else(missing)?.flatten_all()?.to_vec1()
    }

    /// The masks of one pass, shared by all images.
    fn shared(&self, config: &SweepConfig, pass: usize) -> Result<Factors> {
        let masks = Masks::new(config, InstructionSet::detect());
        let mut layers = DropoutLayer::ALL.into_iter().filter(|layer| layer.is_active(self.placement));
        self.factors(1, |units| {
            let kept =
                layers.next().map(|layer| masks.kept(pass, layer, self.placement, units)).unwrap_or_default();
            kept.into_iter().map(|kept| if kept { masks.scale() } else { 0.0 }).collect()
        })
    }

    /// Factors for this many images, drawn layer by layer.
    fn factors(&self, images: usize, mut draw: impl FnMut(usize) -> Vec<f32>) -> Result<Factors> {
        let mut factors = [None, None, None, None];
        for (layer, factor) in DropoutLayer::ALL.into_iter().zip(&mut factors) {
            if layer.is_active(self.placement) {
                let units = images * layer.units(self.hidden);
                let shape: &[usize] = match layer {
                    DropoutLayer::Conv1 => &[images, CONV1_CHANNELS, CONV1_SIDE, CONV1_SIDE],
                    DropoutLayer::Conv2 => &[images, CONV2_CHANNELS, CONV2_SIDE, CONV2_SIDE],
                    DropoutLayer::Fc1Input => &[images, FEATURES],
                    DropoutLayer::Fc1Output => &[images, self.hidden],
                };
                *factor = Some(Tensor::from_vec(draw(units), shape, &Device::Cpu)?);
            }
        }
        Ok(factors)
    }

    fn features(&self, images: &Tensor, factors: &Factors) -> Result<Tensor> {
        self.features_pooled(images, factors, |values| values.max_pool2d(2))
    }

    fn features_pooled(
        &self,
        images: &Tensor,
        factors: &Factors,
        pool: impl Fn(&Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let convolved = images.conv2d(&self.conv1[0], 0, 1, 1, 1)?.broadcast_add(&self.conv1[1])?;
        let pooled = pool(&scaled(&convolved, factors[0].as_ref())?)?;
        let convolved = pooled.conv2d(&self.conv2[0], 0, 1, 1, 1)?.broadcast_add(&self.conv2[1])?;
        pool(&scaled(&convolved, factors[1].as_ref())?)?.flatten_from(1)
    }

    fn hidden(&self, features: &Tensor, factors: &Factors) -> Result<Tensor> {
        let features = scaled(features, factors[2].as_ref())?;
        features.matmul(&self.fc1[0])?.broadcast_add(&self.fc1[1])?.relu()
    }

    fn logits(&self, hidden: &Tensor, factors: &Factors) -> Result<Vec<PerClass<f32>>> {
        let hidden = scaled(hidden, factors[3].as_ref())?;
        let logits = hidden.matmul(&self.fc2[0])?.broadcast_add(&self.fc2[1])?;
        Ok(logits.to_vec2::<f32>()?.iter().map(|logits| PerClass::from(&logits[..])).collect())
    }
}

fn scaled(values: &Tensor, factors: Option<&Tensor>) -> Result<Tensor> {
    factors.map_or_else(|| Ok(values.clone()), |factors| values.broadcast_mul(factors))
}

fn batches(pixels: Pixels) -> Result<Vec<Tensor>> {
    let images = pixels.images();
    let batch = |first: usize| {
        let count = BATCH.min(images - first);
        let values: Vec<f32> =
            (0..count * PIXELS).map(|i| pixels.get(first + i / PIXELS, i % PIXELS)).collect();
        Tensor::from_vec(values, (count, 1, SIDE, SIDE), &Device::Cpu)
    };
    (0..images).step_by(BATCH).map(batch).collect()
}
