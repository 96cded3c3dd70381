//! The reference trainer: candle's automatic differentiation and its Adam. Slow but trusted: [`super::fast`] is tested
//! against its gradients, its steps and its accuracy.

use candle_core::{D, DType, Device, Tensor, Var};
use candle_nn::optim::{AdamW, Optimizer as _, ParamsAdamW};

use super::lenet::{self, Lenet, LenetError, PARAMETERS, Weights};
use super::trainer::{Batch, Outcome, Trainer};
use super::training_masks;
use crate::data::{Digits, SIDE};

/// A network in training, its tensors candle variables.
#[derive(Debug)]
pub struct ReferenceTrainer {
    network: Lenet,
    seed: u64,
    variables: Vec<Var>,
    optimiser: AdamW,
}

impl ReferenceTrainer {
    /// Starts from a network; masks come from `seed`.
    ///
    /// # Errors
    /// When there is not enough memory.
    pub fn new(start: &Lenet, seed: u64) -> Result<Self, LenetError> {
        let variables = start.parameters().iter().map(Var::from_tensor).collect::<Result<Vec<_>, _>>()?;
        let parameters = ParamsAdamW {
            lr: 1e-3,
            beta1: f64::from(super::trainer::BETA1),
            beta2: f64::from(super::trainer::BETA2),
            eps: f64::from(super::trainer::EPSILON),
            weight_decay: 0.0,
        };
        let optimiser = AdamW::new(variables.clone(), parameters)?;
        Ok(Self { network: start.clone(), seed, variables, optimiser })
    }

    /// Mean cross-entropy of a batch, and its logits.
    fn loss(&self, batch: &Batch<'_>) -> Result<(Tensor, Tensor), LenetError> {
        let architecture = self.network.architecture();
        let masks = training_masks::of_batch(
            architecture.placement,
            self.network.dropout(),
            architecture.hidden,
            self.seed,
            batch.epoch,
            batch.examples,
        )?;
        let (images, labels) = tensors(batch.digits, batch.examples)?;
        let parameters: Vec<Tensor> =
            self.variables.iter().map(|variable| variable.as_tensor().clone()).collect();
        let logits = lenet::forward(&parameters, &images, Some(&masks))?;
        Ok((candle_nn::loss::cross_entropy(&logits, &labels)?, logits))
    }

    /// The gradient of the mean loss of a batch.
    ///
    /// # Errors
    /// When there is not enough memory.
    pub fn gradient(&self, batch: &Batch<'_>) -> Result<Weights, LenetError> {
        let gradients = self.loss(batch)?.0.backward()?;
        let vectors = self.variables.iter().zip(PARAMETERS).map(|(variable, name)| {
            let gradient = gradients
                .get(variable)
                .ok_or_else(|| candle_core::Error::Msg(format!("no gradient for {name}")))?;
            Ok(gradient.flatten_all()?.to_vec1()?)
        });
        Weights::from_vectors(self.network.architecture(), vectors.collect::<Result<_, LenetError>>()?)
    }
}

impl Trainer for ReferenceTrainer {
    fn step(&mut self, batch: &Batch<'_>, learning_rate: f32) -> Result<Outcome, LenetError> {
        let (loss, logits) = self.loss(batch)?;
        self.optimiser.set_learning_rate(f64::from(learning_rate));
        self.optimiser.backward_step(&loss)?;
        outcome(&loss, &logits, batch.digits, batch.examples)
    }

    fn network(&self) -> Result<Lenet, LenetError> {
        let parameters: Vec<Tensor> =
            self.variables.iter().map(|variable| variable.as_tensor().clone()).collect();
        Lenet::from_parameters(self.network.architecture(), self.network.dropout(), &parameters)
    }

    fn evaluate(&mut self, digits: &Digits, examples: &[u32]) -> Result<Outcome, LenetError> {
        let (images, labels) = tensors(digits, examples)?;
        let parameters: Vec<Tensor> = self.variables.iter().map(Var::as_detached_tensor).collect();
        let logits = lenet::forward(&parameters, &images, None)?;
        let loss = candle_nn::loss::cross_entropy(&logits, &labels)?;
        outcome(&loss, &logits, digits, examples)
    }
}

/// Images `[n, 1, 28, 28]` with pixels in [0, 1], and their labels.
fn tensors(digits: &Digits, examples: &[u32]) -> Result<(Tensor, Tensor), LenetError> {
    let pixels: Vec<f32> = examples
        .iter()
        .flat_map(|&example| digits.image(example as usize).into_owned())
        .map(|pixel| f32::from(pixel) / 255.0)
        .collect();
    let labels: Vec<u32> =
        examples.iter().map(|&example| u32::from(digits.labels()[example as usize])).collect();
    Ok((
        Tensor::from_vec(pixels, (examples.len(), 1, SIDE, SIDE), &Device::Cpu)?,
        Tensor::from_vec(labels, examples.len(), &Device::Cpu)?,
    ))
}

fn outcome(loss: &Tensor, logits: &Tensor, digits: &Digits, examples: &[u32]) -> Result<Outcome, LenetError> {
    let answers: Vec<u32> = logits.argmax(D::Minus1)?.to_vec1()?;
    let right = answers
        .iter()
        .zip(examples)
        .filter(|(answer, example)| **answer == u32::from(digits.labels()[**example as usize]));
    let mean: f32 = loss.to_dtype(DType::F32)?.to_scalar()?;
    Ok(Outcome {
        images: examples.len(),
        loss: f64::from(mean) * examples.len() as f64,
        correct: right.count(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::PIXELS;
    use crate::model::lenet::{Architecture, Placement};
    use crate::random::{Purpose, uniform};

    #[test]
    fn gradients_agree_with_finite_differences() {
        let pixels =
            (0..3 * PIXELS as u64).map(|at| (uniform(1, Purpose::Synthetic, [at]) * 255.0) as u8).collect();
        let digits = Digits::new(pixels, vec![3, 7, 0]).unwrap();
        let batch = Batch { epoch: 0, digits: &digits, examples: &[0, 1, 2] };
        let architecture = Architecture { hidden: 12, placement: Placement::All, classes: 10 };
        let start = Lenet::initialise(architecture, 0.3, 8).unwrap();
        let gradient = ReferenceTrainer::new(&start, 2).unwrap().gradient(&batch).unwrap();
        let loss = |weights: Weights| -> f64 {
            let network = Lenet::from_weights(Placement::All, 0.3, weights).unwrap();
            let trainer = ReferenceTrainer::new(&network, 2).unwrap();
            f64::from(trainer.loss(&batch).unwrap().0.to_scalar::<f32>().unwrap())
        };
        for (tensor, name) in PARAMETERS.into_iter().enumerate() {
            // Along the gradient itself the loss changes by its squared length; f32 sums leave some four digits.
            let direction = gradient.slices()[tensor];
            let squared: f64 = direction.iter().map(|&value| f64::from(value).powi(2)).sum();
            let step = 4e-3 / squared.sqrt();
            let moved = |sign: f64| {
                let mut weights = start.weights();
                for (weight, &slope) in weights.slices_mut()[tensor].iter_mut().zip(direction) {
                    *weight += (sign * step * f64::from(slope)) as f32;
                }
                loss(weights)
            };
            let found = (moved(1.0) - moved(-1.0)) / (2.0 * step);
            assert!((found / squared - 1.0).abs() < 0.02, "{name}: {found} for {squared}");
        }
    }
}
