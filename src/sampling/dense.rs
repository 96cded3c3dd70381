//! A fully connected layer on the inputs and outputs that a pass keeps.

use crate::kernel::{WeightPanel, gather};

/// A fully connected layer on the inputs and outputs that are kept.
pub(super) struct Dense {
    packed: Vec<f32>,
    index: Vec<u32>,
    bias: Vec<f32>,
    /// What the sums are multiplied by for the dropout of the inputs.
    scale: f32,
}

impl Dense {
    /// Gathers some rows and columns of a matrix whose rows are `width` numbers long.
    pub(super) fn new(
        weights: &[f32],
        width: usize,
        outputs: &[u32],
        index: Vec<u32>,
        bias: &[f32],
        scale: f32,
    ) -> Self {
        let mut packed = Vec::new();
        gather(&mut packed, weights, width, outputs, &index);
        Self { packed, index, bias: outputs.iter().map(|&m| bias[m as usize]).collect(), scale }
    }

    /// Its inputs are all that the layer before computed, and no others.
    pub(super) fn reads_all(&mut self) {
        self.index = (0..self.index.len() as u32).collect();
    }

    pub(super) fn panel(&self) -> WeightPanel<'_> {
        WeightPanel::new(&self.packed, self.bias.len(), self.index.len())
    }

    pub(super) fn index(&self) -> &[u32] {
        &self.index
    }

    pub(super) fn bias(&self) -> &[f32] {
        &self.bias
    }

    pub(super) fn scale(&self) -> f32 {
        self.scale
    }

    pub(super) fn outputs(&self) -> usize {
        self.bias.len()
    }

    pub(super) fn multiplications(&self) -> u64 {
        self.packed.len() as u64
    }
}
