//! The production trainer: forward, backward and Adam by hand on blocks of 64 images.
//!
//! A step has three parts. Blocks go forward and back, each on one thread, and leave the gradients of everything but
//! the hidden layer's weights, which are nine tenths of the parameters: these are multiplied out chunk by chunk over
//! the whole batch, and Adam takes them from the registers. Then the blocks' other gradients are added in order. The
//! division of work depends on the batch alone, so any number of threads gives the same network.

mod block;
mod packed;

use rayon::prelude::*;

use self::block::{Dropout, FEATURE_ROWS, ImageBlock, StepInputs};
use self::packed::{Geometry, HIDDEN_CHUNK, Packed};
use super::geometry::FEATURES;
use super::lenet::{Architecture, Lenet, LenetError, Placement, Weights};
use super::trainer::{BETA1, BETA2, Batch, EPSILON, Outcome, Trainer};
use super::training_masks::Rate;
use crate::data::Digits;
use crate::kernel::finishes::{Adam, AdamStep, Moving, adam};
use crate::kernel::{InstructionSet, LANES, Row, WeightPanel, blocks, pack, product};

/// A network in training, as plain numbers.
#[derive(Debug)]
pub struct FastTrainer {
    set: InstructionSet,
    placement: Placement,
    dropout: f32,
    seed: u64,
    steps: u32,
    weights: Weights,
    means: Weights,
    squares: Weights,
    geometry: Geometry,
    packed: Packed,
    /// Whether `packed` holds `weights`.
    is_packed: bool,
    blocks: Vec<ImageBlock>,
    /// Features of the batch, `[blocks, 13 rows of 64 features, 64 images]`.
    features: Vec<Row>,
}

impl FastTrainer {
    /// Starts from a network; masks come from `seed`.
    #[must_use]
    pub fn new(start: &Lenet, seed: u64) -> Self {
        Self::with_instructions(start, seed, InstructionSet::detect())
    }

    /// As [`FastTrainer::new`], with the given vector instructions.
    #[must_use]
    pub fn with_instructions(start: &Lenet, seed: u64, set: InstructionSet) -> Self {
        let Architecture { hidden, classes, .. } = start.architecture();
        Self {
            set,
            placement: start.architecture().placement,
            dropout: start.dropout(),
            seed,
            steps: 0,
            weights: start.weights(),
            means: Weights::zeros(hidden, classes),
            squares: Weights::zeros(hidden, classes),
            geometry: Geometry::new(hidden, classes),
            packed: Packed::default(),
            is_packed: false,
            blocks: Vec::new(),
            features: Vec::new(),
        }
    }

    /// Makes room for a number of blocks and packs the weights.
    fn prepare(&mut self, count: usize) {
        let (hidden, classes) = (self.weights.hidden, self.weights.classes);
        while self.blocks.len() < count {
            self.blocks.push(ImageBlock::new(hidden, classes));
        }
        self.features.resize(self.blocks.len() * FEATURE_ROWS * LANES, Row::ZERO);
        if !self.is_packed {
            self.packed.refill(&self.weights);
            self.is_packed = true;
        }
    }

    /// Forward and back: leaves everything the gradients are made of in the blocks.
    fn propagate(&mut self, batch: &Batch<'_>) -> Outcome {
        self.prepare(blocks(batch.examples.len()));
        let shared = StepInputs {
            set: self.set,
            geometry: &self.geometry,
            packed: &self.packed,
            weights: &self.weights,
        };
        let dropout = Dropout { placement: self.placement, rate: Rate::new(self.dropout), seed: self.seed };
        let weight = 1.0 / batch.examples.len() as f32;
        let outcomes: Vec<Outcome> = self
            .blocks
            .par_iter_mut()
            .zip(self.features.par_chunks_mut(FEATURE_ROWS * LANES))
            .zip(batch.examples.par_chunks(LANES))
            .map(|((block, features), examples)| {
                let part = Batch { examples, ..*batch };
                let outcome = block.forward(shared, &part, Some(dropout));
                block.backward(shared, &part, dropout, weight, features);
                outcome
            })
            .collect();
        outcomes.into_iter().fold(Outcome::default(), Outcome::and)
    }

    /// The gradient of all but the weights of `fc1`, after [`FastTrainer::propagate`].
    fn gathered(&self, images: usize) -> Weights {
        let mut sum = Weights::zeros(self.weights.hidden, self.weights.classes);
        for block in &self.blocks[..blocks(images)] {
            block.gradient.add_to(&mut sum);
        }
        sum
    }

    /// One step of Adam on the weights of `fc1`, chunk by chunk.
    fn update_fc1(&mut self, images: usize, step: AdamStep) {
        const CHUNK: usize = HIDDEN_CHUNK * FEATURES;
        let Self { set, weights, means, squares, blocks, features, .. } = self;
        let (set, blocks, features) = (*set, &*blocks, &*features);
        weights
            .fc1_weight
            .par_chunks_mut(CHUNK)
            .zip(means.fc1_weight.par_chunks_mut(CHUNK))
            .zip(squares.fc1_weight.par_chunks_mut(CHUNK))
            .enumerate()
            .for_each(|(chunk, ((weights, means), squares))| {
                let (first, units) = (chunk * HIDDEN_CHUNK, weights.len() / FEATURES);
                let mut packed = Vec::new();
                pack(&mut packed, units, images, |unit, image| {
                    blocks[image / LANES].hidden_gradient[first + unit].0[image % LANES]
                });
                let mut index = vec![0; images];
                for row in 0..FEATURE_ROWS {
                    for (image, index) in index.iter_mut().enumerate() {
                        *index = ((image / LANES * FEATURE_ROWS + row) * LANES + image % LANES) as u32;
                    }
                    let parameters = Moving { weights, means, squares };
                    let mut finish = Adam { step, parameters, columns: FEATURES, first: row * LANES };
                    product(set, WeightPanel::new(&packed, units, images), features, &index, &mut finish);
                }
            });
    }

    /// The gradient of the mean loss of a batch, for comparison with the reference.
    #[must_use]
    pub fn gradient(&mut self, batch: &Batch<'_>) -> Weights {
        self.propagate(batch);
        let mut gradient = self.gathered(batch.examples.len());
        for image in 0..batch.examples.len() {
            let (block, lane) = (image / LANES, image % LANES);
            let features = &self.features[block * FEATURE_ROWS * LANES..][..FEATURE_ROWS * LANES];
            for (unit, sums) in gradient.fc1_weight.chunks_exact_mut(FEATURES).enumerate() {
                let factor = self.blocks[block].hidden_gradient[unit].0[lane];
                for (feature, sum) in sums.iter_mut().enumerate() {
                    *sum += factor * features[feature / LANES * LANES + lane].0[feature % LANES];
                }
            }
        }
        gradient
    }
}

impl Trainer for FastTrainer {
    fn step(&mut self, batch: &Batch<'_>, learning_rate: f32) -> Result<Outcome, LenetError> {
        let images = batch.examples.len();
        let mut outcome = self.propagate(batch);
        self.steps += 1;
        let step = AdamStep::new(BETA1, BETA2, EPSILON, learning_rate, self.steps);
        self.update_fc1(images, step);
        let gradient = self.gathered(images);
        if gradient.slices().iter().any(|values| values.iter().any(|value| !value.is_finite())) {
            // The rectifier takes the larger of zero and what is not a number, which is zero: the loss alone would
            // not tell.
            outcome.loss = f64::NAN;
        }
        let state =
            self.weights.slices_mut().into_iter().zip(self.means.slices_mut()).zip(self.squares.slices_mut());
        for (tensor, (((weights, means), squares), gradient)) in state.zip(gradient.slices()).enumerate() {
            // The weights of fc1 have had their step.
            if tensor != 4 {
                adam(self.set, step, gradient, Moving { weights, means, squares });
            }
        }
        self.is_packed = false;
        Ok(outcome)
    }

    fn network(&self) -> Result<Lenet, LenetError> {
        Lenet::from_weights(self.placement, self.dropout, self.weights.clone())
    }

    fn evaluate(&mut self, digits: &Digits, examples: &[u32]) -> Result<Outcome, LenetError> {
        self.prepare(blocks(examples.len()));
        let shared = StepInputs {
            set: self.set,
            geometry: &self.geometry,
            packed: &self.packed,
            weights: &self.weights,
        };
        let outcomes: Vec<Outcome> = self
            .blocks
            .par_iter_mut()
            .zip(examples.par_chunks(LANES))
            .map(|(block, examples)| block.forward(shared, &Batch { epoch: 0, digits, examples }, None))
            .collect();
        Ok(outcomes.into_iter().fold(Outcome::default(), Outcome::and))
    }
}

#[cfg(test)]
mod tests;
