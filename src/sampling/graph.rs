//! A graph to sample from: with masks of this program at some of its sites.
//!
//! Where nothing but fully connected layers lies behind the first site, passes run on the thinned kernels, for any widths;
//! elsewhere each pass of an image runs the rest of the graph.

use std::sync::{Arc, OnceLock};

use crate::data::{PIXELS, PerClass};
use crate::kernel::{Affine, InstructionSet, LANES, Rectified, Row, WeightPanel, pack, product};
use crate::model::graph::{Activation, By, Carried, GraphError, GraphModel, Head, Plan, Rates, Runner};

use super::SamplingError;
use super::dense::Dense;
use super::key::NetworkKey;
use super::masks::Masks;

/// A graph to sample from.
#[derive(Clone, Debug)]
pub struct GraphNetwork {
    model: Arc<GraphModel>,
    plan: Plan,
    rates: Rates,
    set: InstructionSet,
    /// Weights of the head's layers, whole, for passes side by side.
    packed: Vec<Vec<f32>>,
    /// What every image carries besides its numbers.
    template: Carried,
    failure: Arc<OnceLock<GraphError>>,
}

impl GraphNetwork {
    /// Arranges a graph around the sites that are on.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(super) fn new(
        model: Arc<GraphModel>,
        on: &[bool],
        rates: Rates,
        set: InstructionSet,
    ) -> Result<Self, SamplingError> {
        let plan = model.plan(on);
        let template = model.enter(&plan, &Runner::new(), &[0.0; PIXELS])?;
        let layers = plan.head.iter().flat_map(|head| &head.layers);
        let packed = layers.map(|layer| {
            let mut packed = Vec::new();
            pack(&mut packed, layer.outputs(), layer.inputs, |m, k| layer.weight[m * layer.inputs + k]);
            packed
        });
        let packed = packed.collect();
        Ok(Self { model, plan, rates, set, packed, template, failure: Arc::default() })
    }

    /// The same with the whole of every pass run by the graph itself.
    #[cfg(test)]
    pub(super) fn without_head(mut self) -> Self {
        self.plan = self.model.plan_through_graph(&self.plan.on);
        self.packed.clear();
        self.template = self.model.enter(&self.plan, &Runner::new(), &[0.0; PIXELS]).unwrap();
        self
    }

    /// The graph.
    #[must_use]
    pub fn model(&self) -> &Arc<GraphModel> {
        &self.model
    }

    /// Which sites are on, by their place among all.
    #[must_use]
    pub fn on(&self) -> &[bool] {
        &self.plan.on
    }

    /// At which rates they drop.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.rates
    }

    /// Whether passes run on this program's kernels.
    #[must_use]
    pub fn has_head(&self) -> bool {
        self.plan.head.is_some()
    }

    pub(super) fn instructions(&self) -> InstructionSet {
        self.set
    }

    /// File, sites and rates, hashed; where dropout acts.
    pub(super) fn key(&self) -> NetworkKey {
        NetworkKey::of_graph(&self.model, &self.plan.on, self.rates)
    }

    /// Why some answer could not be computed.
    pub(super) fn check_answers(&self) -> Result<(), SamplingError> {
        self.failure.get().map_or(Ok(()), |error| Err(error.clone().into()))
    }

    fn remember(&self, error: GraphError) {
        self.failure.get_or_init(|| {
            log::warn!("{error}");
            error
        });
    }

    /// Rows of the prefix.
    pub(super) fn width(&self) -> usize {
        self.template.floats.len()
    }

    /// The prefix of one image, in one lane of a block.
    pub(super) fn enter(&self, runner: &Runner, image: &[f32; PIXELS], lane: usize, rows: &mut [Row]) {
        match self.model.enter(&self.plan, runner, image) {
            Ok(carried) => {
                for (row, value) in rows.iter_mut().zip(carried.floats) {
                    row.0[lane] = value;
                }
            }
            Err(error) => self.remember(error),
        }
    }

    /// The features before the last layer and the logits of an image, without dropout.
    pub(super) fn plain(&self, runner: &Runner, image: &[f32; PIXELS]) -> Option<(Vec<f32>, Vec<f32>)> {
        self.model.plain(runner, image).map_err(|error| self.remember(error)).ok()
    }

    /// The rate of a site.
    fn rate(&self, site: usize, dropout: f32) -> f32 {
        match self.rates {
            Rates::AsTrained => self.model.sites()[site].rate,
            Rates::Common => dropout,
        }
    }

    /// What the units of a site are multiplied with in a pass: 0, or 1/(1 − p).
    fn factors(&self, site: usize, masks: &Masks, pass: usize) -> (Vec<bool>, f32) {
        let of = &self.model.sites()[site];
        let masks = masks.at_rate(self.rate(site, masks.dropout()));
        let kept = masks.kept_for(pass, of.key, of.drawn());
        (spread(kept, of.by, of.units()), masks.scale())
    }

    /// The same of 64 passes, for each unit.
    fn factors_of_passes(&self, site: usize, masks: &Masks, first: usize) -> (Vec<[u8; LANES]>, f32) {
        let of = &self.model.sites()[site];
        let masks = masks.at_rate(self.rate(site, masks.dropout()));
        let kept = masks.kept_for_passes(first, of.key, of.drawn());
        (spread(kept, of.by, of.units()), masks.scale())
    }

    /// The logits of one image and one pass, from its prefix, through the graph.
    fn through_graph(&self, runner: &Runner, floats: Vec<f32>, masks: &Masks, pass: usize) -> Vec<f32> {
        let mut mask = |site: usize, values: &mut [f32]| {
            let (kept, scale) = self.factors(site, masks, pass);
            for (value, kept) in values.iter_mut().zip(kept.iter().cycle()) {
                *value *= if *kept { scale } else { 0.0 };
            }
        };
        match self.model.finish(&self.plan, runner, &self.template.with(floats), &mut mask) {
            Ok(logits) => logits,
            Err(error) => {
                self.remember(error);
                vec![0.0; self.model.classes()]
            }
        }
    }

    /// The logits of one image for 64 passes from one on, `[classes]` rows, from its prefix.
    pub(super) fn logits_of_passes(
        &self,
        runner: &Runner,
        prefix: &[f32],
        masks: &Masks,
        first: usize,
        passes: usize,
    ) -> Vec<Row> {
        let Some(head) = &self.plan.head else {
            let mut rows = vec![Row::ZERO; self.model.classes()];
            for lane in 0..passes {
                let logits = self.through_graph(runner, prefix.to_vec(), masks, first + lane);
                for (row, logit) in rows.iter_mut().zip(logits) {
                    row.0[lane] = logit;
                }
            }
            return rows;
        };
        let mut rows: Vec<Row> = prefix.iter().map(|value| Row([*value; LANES])).collect();
        for (layer, packed) in head.layers.iter().zip(&self.packed) {
            let mut scale = 1.0;
            for site in &layer.sites {
                let (kept, factor) = self.factors_of_passes(*site, masks, first);
                scale *= factor;
                for (row, kept) in rows.iter_mut().zip(kept) {
                    for (value, kept) in row.0.iter_mut().zip(kept) {
                        *value = if kept == 1 { *value } else { 0.0 };
                    }
                }
            }
            let index: Vec<u32> = (0..layer.inputs as u32).collect();
            let panel = WeightPanel::new(packed, layer.outputs(), layer.inputs);
            let mut out = vec![Row::ZERO; layer.outputs()];
            finish(self.set, panel, &rows, &index, (scale, &layer.bias, layer.activation), &mut out);
            rows = out;
        }
        self.answers(&mut rows);
        rows
    }

    /// Logits by class from the rows of a head.
    fn answers(&self, rows: &mut Vec<Row>) {
        if rows.len() < self.model.classes() {
            // One number says how likely the second of two classes is.
            rows.insert(0, Row::ZERO);
        }
    }
}

/// A number for each channel as one for each unit.
fn spread<T: Copy>(drawn: Vec<T>, by: By, units: usize) -> Vec<T> {
    match by {
        By::Unit => drawn,
        By::Channel => {
            let each = units / drawn.len().max(1);
            drawn.into_iter().flat_map(|kept| std::iter::repeat_n(kept, each)).collect()
        }
    }
}

/// A fully connected layer and its function.
fn finish(
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

/// One pass through a graph.
pub(super) enum GraphPass {
    /// What its masks leave of the head's layers.
    Head(Vec<(Dense, Option<Activation>)>),
    /// Its number, for the graph to be run with its masks.
    Whole { masks: Masks, pass: usize },
}

impl GraphPass {
    /// Draws the masks of a pass and gathers the weights they keep.
    pub(super) fn new(network: &GraphNetwork, masks: &Masks, pass: usize) -> Self {
        let Some(head) = &network.plan.head else { return Self::Whole { masks: *masks, pass } };
        let kept = kept_inputs(network, head, masks, pass);
        let layers = head.layers.iter().enumerate().map(|(at, layer)| {
            let all = |count: usize| (0..count as u32).collect::<Vec<u32>>();
            let inputs = kept[at].as_ref().map(|(kept, _)| kept.clone());
            // Only what the next layer keeps was computed.
            let outputs = kept.get(at + 1).and_then(Option::as_ref).map(|(kept, _)| kept.clone());
            let outputs = outputs.unwrap_or_else(|| all(layer.outputs()));
            let scale = kept[at].as_ref().map_or(1.0, |(_, scale)| *scale);
            let inputs = inputs.unwrap_or_else(|| all(layer.inputs));
            let mut dense = Dense::new(&layer.weight, layer.inputs, &outputs, inputs, &layer.bias, scale);
            if at > 0 && kept[at].is_some() {
                dense.reads_all();
            }
            (dense, layer.activation)
        });
        Self::Head(layers.collect())
    }

    /// Multiplications of this pass for each image on this program's kernels.
    pub(super) fn multiplications(&self) -> u64 {
        match self {
            Self::Head(layers) => layers.iter().map(|(dense, _)| dense.multiplications()).sum(),
            Self::Whole { .. } => 0,
        }
    }

    /// The logits of one block, from its rows of the prefix.
    pub(super) fn logits<'a>(
        &self,
        network: &GraphNetwork,
        prefix: &[Row],
        images: usize,
        scratch: &'a mut GraphScratch,
    ) -> &'a [Row] {
        match self {
            Self::Head(layers) => {
                let mut first = true;
                for (dense, activation) in layers {
                    scratch.out.clear();
                    scratch.out.resize(dense.outputs(), Row::ZERO);
                    let rows = if first { prefix } else { &scratch.rows[..] };
                    let how = (dense.scale(), dense.bias(), *activation);
                    finish(network.set, dense.panel(), rows, dense.index(), how, &mut scratch.out);
                    std::mem::swap(&mut scratch.rows, &mut scratch.out);
                    first = false;
                }
                network.answers(&mut scratch.rows);
            }
            Self::Whole { masks, pass } => {
                scratch.rows.clear();
                scratch.rows.resize(network.model.classes(), Row::ZERO);
                for lane in 0..images {
                    let floats = prefix.iter().map(|row| row.0[lane]).collect();
                    let logits = network.through_graph(&scratch.runner, floats, masks, *pass);
                    for (row, logit) in scratch.rows.iter_mut().zip(logits) {
                        row.0[lane] = logit;
                    }
                }
            }
        }
        &scratch.rows
    }
}

/// Which inputs of each layer a pass keeps, and what their sum is multiplied with; `None` where no site is before it.
fn kept_inputs(
    network: &GraphNetwork,
    head: &Head,
    masks: &Masks,
    pass: usize,
) -> Vec<Option<(Vec<u32>, f32)>> {
    let kept = head.layers.iter().map(|layer| {
        let mut all: Option<(Vec<bool>, f32)> = None;
        for site in &layer.sites {
            let (kept, scale) = network.factors(*site, masks, pass);
            all = Some(match all {
                None => (kept, scale),
                Some((mut before, factor)) => {
                    before.iter_mut().zip(kept).for_each(|(before, kept)| *before &= kept);
                    (before, factor * scale)
                }
            });
        }
        let (kept, scale) = all?;
        let numbers = kept.iter().enumerate().filter_map(|(unit, kept)| kept.then_some(unit as u32));
        Some((numbers.collect(), scale))
    });
    kept.collect()
}

/// What one thread needs between the prefix and the logits of a block.
pub(super) struct GraphScratch {
    runner: Runner,
    rows: Vec<Row>,
    out: Vec<Row>,
}

impl GraphScratch {
    pub(super) fn new() -> Self {
        Self { runner: Runner::new(), rows: Vec::new(), out: Vec::new() }
    }
}

/// Logits of every pass over some images, `[passes][images]`, without the rounding of what is kept.
pub(super) fn logits(
    network: &GraphNetwork,
    images: &[[f32; PIXELS]],
    masks: &Masks,
    passes: usize,
) -> Vec<Vec<PerClass<f32>>> {
    let runner = Runner::new();
    let mut by_image = Vec::with_capacity(images.len());
    for image in images {
        let mut rows = vec![Row::ZERO; network.width()];
        network.enter(&runner, image, 0, &mut rows);
        let prefix: Vec<f32> = rows.iter().map(|row| row.0[0]).collect();
        let mut own: Vec<PerClass<f32>> = Vec::with_capacity(passes);
        for first in (0..passes).step_by(LANES) {
            let some = LANES.min(passes - first);
            let rows = network.logits_of_passes(&runner, &prefix, masks, first, some);
            own.extend((0..some).map(|lane| rows.iter().map(|row| row.0[lane]).collect()));
        }
        by_image.push(own);
    }
    by_image
}
