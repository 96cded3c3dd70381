//! A fully connected layer on the inputs and outputs that a pass keeps.

use crate::kernel::{Affine, InstructionSet, Rectified, Row, WeightPanel, gather, product};
use crate::model::graph::Activation;

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

    /// Its outputs from the rows of its inputs, a row for each.
    pub(super) fn run(
        &self,
        set: InstructionSet,
        rows: &[Row],
        activation: Option<Activation>,
        out: &mut [Row],
    ) {
        layer_of(set, self.panel(), rows, &self.index, (self.scale, &self.bias, activation), out);
    }
}

/// A fully connected layer and its function.
pub(super) fn layer_of(
    set: InstructionSet,
    panel: WeightPanel,
    rows: &[Row],
    index: &[u32],
    (scale, bias, activation): (f32, &[f32], Option<Activation>),
    out: &mut [Row],
) {
    if activation == Some(Activation::Relu) {
        return product(set, panel, rows, index, &mut Rectified { scale, bias, out });
    }
    product(set, panel, rows, index, &mut Affine { scale, bias, out: &mut *out });
    if let Some(activation) = activation {
        for row in out {
            row.0 = row.0.map(|value| activation.apply(value));
        }
    }
}
