//! A graph to sample from: with masks of this program at some of its sites.
//!
//! Where nothing but fully connected layers lies behind the first site, passes run on the thinned kernels, for any widths;
//! elsewhere each pass of an image runs the rest of the graph.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::data::PIXELS;
use crate::data::images::ImageShape;
use crate::data::images::grey::brought_numbers;
use crate::kernel::convolution::PART;
use crate::kernel::{InstructionSet, LANES, Row, WeightPanel, pack};
use crate::model::OpenedGraph;
use crate::model::graph::{
    Activation, By, Carried, GraphError, GraphModel, Head, Mask, Plain, Plan, Preprocessing, Rates, Route,
    Runner, SELU_LEAST, alpha_correction,
};

use super::SamplingError;
use super::bundle::{Bundle, Later, SharedLayer, SideBySide, of_one_image};
use super::dense::{Dense, layer_of};
use super::design::{MaskDesign, Role};
use super::key::NetworkKey;
use super::masks::Masks;

/// Images that are worth being computed side by side.
const FEWEST_TOGETHER: usize = 4;

/// A graph to sample from.
#[derive(Clone, Debug)]
pub struct GraphNetwork {
    model: Arc<GraphModel>,
    plan: Plan,
    /// What each site drops at once.
    by: Vec<By>,
    rates: Rates,
    preprocessing: Preprocessing,
    key: NetworkKey,
    set: InstructionSet,
    /// Weights of the head's layers, whole, for passes side by side.
    packed: Vec<Vec<f32>>,
    /// Those of the first for one image, arranged when first asked for.
    first_side_by_side: OnceLock<SideBySide>,
    /// What every image carries besides its numbers.
    carried: Carried,
    ways: Box<Ways>,
}

/// Ways of images side by side on this program's own kernels; what has none is run by the runtime, image by image.
#[derive(Clone, Debug, Default)]
struct Ways {
    /// To what passes start from.
    entering: Option<Route>,
    /// To features and logits, without dropout.
    plain: Option<Route>,
    /// From what passes start from to the logits.
    finishing: Option<Route>,
}

impl GraphNetwork {
    /// Arranges a graph around the sites that are on, each by units or by channels.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(super) fn new(opened: &OpenedGraph, set: InstructionSet) -> Result<Self, SamplingError> {
        let model = &opened.graph;
        let plan = model.plan(&opened.on);
        let carried = model.carried(&plan, &Runner::new())?;
        let layers = plan.head.iter().flat_map(|head| &head.layers);
        let packed = layers.map(|layer| {
            let mut packed = Vec::new();
            pack(&mut packed, layer.outputs(), layer.inputs, |m, k| layer.weight[m * layer.inputs + k]);
            packed
        });
        let packed = packed.collect();
        let ways = Box::new(Ways {
            entering: model.entering(&carried),
            plain: model.without_dropout(),
            finishing: if plan.head.is_none() { model.finishing(&plan, &carried) } else { None },
        });
        Ok(Self {
            model: Arc::clone(model),
            plan,
            by: opened.by.clone(),
            rates: opened.rates,
            preprocessing: opened.preprocessing,
            key: NetworkKey::of_graph(opened),
            set,
            packed,
            first_side_by_side: OnceLock::new(),
            carried,
            ways,
        })
    }

    /// The same with the whole of every pass run by the graph itself.
    #[cfg(test)]
    pub(super) fn without_head(mut self) -> Self {
        self.plan = self.model.plan_through_graph(&self.plan.on);
        self.packed.clear();
        self.carried = self.model.carried(&self.plan, &Runner::new()).unwrap();
        self.ways.entering = self.model.entering(&self.carried);
        self.ways.finishing = self.model.finishing(&self.plan, &self.carried);
        self
    }

    /// The same with everything run by the runtime, image by image.
    #[cfg(test)]
    pub(super) fn image_by_image(mut self) -> Self {
        self.ways = Box::default();
        self
    }

    /// The graph.
    #[must_use]
    pub fn model(&self) -> &Arc<GraphModel> {
        &self.model
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
        self.key
    }

    /// Rows of the prefix.
    pub(super) fn width(&self) -> usize {
        self.carried.width()
    }

    /// How many of so many images are computed side by side: one where no way is known, and of a few, for sixteen take as
    /// long as some twelve that the runtime runs.
    pub(super) fn side_by_side(&self, images: usize) -> usize {
        let known = self.ways.entering.is_some() || self.ways.plain.is_some();
        if known && images >= FEWEST_TOGETHER && self.model.agrees(self.set) { PART } else { 1 }
    }

    /// The prefixes of some images, each `[width]`, no more than are computed together.
    ///
    /// # Errors
    /// When the graph cannot be run.
    pub(super) fn prefixes(
        &self,
        runner: &Runner,
        images: &[Vec<f32>],
        together: usize,
    ) -> Result<Vec<Vec<f32>>, GraphError> {
        let Some(route) = self.ways.entering.as_ref().filter(|_| together > 1) else {
            return images.iter().map(|image| self.prefix(runner, image)).collect();
        };
        let taken: Vec<Vec<f32>> = images.iter().map(|image| self.taken(image)).collect();
        let taken: Vec<&[f32]> = taken.iter().map(Vec::as_slice).collect();
        Ok(self.model.together(route, self.set, runner, &taken, &mut |_| None))
    }

    /// The prefix of one image, `[width]`.
    ///
    /// # Errors
    /// When the graph cannot be run.
    pub(super) fn prefix(&self, runner: &Runner, image: &[f32]) -> Result<Vec<f32>, GraphError> {
        self.model.enter(&self.plan, runner, &self.taken(image))
    }

    /// The features before the last layer, and the logits, of some images without dropout, no more than are computed
    /// together.
    ///
    /// # Errors
    /// When the graph cannot be run, or an answer is not finite.
    pub(super) fn plain(
        &self,
        runner: &Runner,
        images: &[Vec<f32>],
        together: usize,
    ) -> Result<Vec<Plain>, GraphError> {
        let Some(route) = self.ways.plain.as_ref().filter(|_| together > 1) else {
            return images.iter().map(|image| self.model.plain(runner, &self.taken(image))).collect();
        };
        let taken: Vec<Vec<f32>> = images.iter().map(|image| self.taken(image)).collect();
        let taken: Vec<&[f32]> = taken.iter().map(Vec::as_slice).collect();
        self.model.plain_together(route, self.set, runner, &taken)
    }

    /// Whether features and logits without dropout follow from the prefix, so that nothing is run again for them.
    pub(super) fn tells_plain(&self) -> bool {
        let last = self.plan.head.as_ref().and_then(|head| head.layers.last());
        last.is_some_and(|last| last.inputs == self.model.features())
    }

    /// Features and logits of a block without dropout, from its rows of the prefix, where they follow from it.
    pub(super) fn plain_of_rows(&self, prefix: &[Row]) -> [Vec<Row>; 2] {
        let mut features = Vec::new();
        let mut rows = prefix.to_vec();
        let layers = self.plan.head.iter().flat_map(|head| &head.layers);
        for (layer, packed) in layers.zip(&self.packed) {
            let index: Vec<u32> = (0..layer.inputs as u32).collect();
            let panel = WeightPanel::new(packed, layer.outputs(), layer.inputs);
            let mut out = vec![Row::ZERO; layer.outputs()];
            layer_of(self.set, panel, &rows, &index, (1.0, &layer.bias, layer.activation), &mut out);
            features = std::mem::replace(&mut rows, out);
        }
        self.answers(&mut rows);
        [features, rows]
    }

    /// The images that the graph takes.
    pub(super) fn image(&self) -> ImageShape {
        self.model.input().image
    }

    /// An image as the graph takes it; one of 28×28 grey values is brought to its shape first.
    fn taken(&self, image: &[f32]) -> Vec<f32> {
        let shape = self.image();
        if image.len() == PIXELS && shape.bytes() != PIXELS {
            return self.model.input().prepare(&self.preprocessing, &brought_numbers(image, shape));
        }
        self.model.input().prepare(&self.preprocessing, image)
    }

    /// The rate of a site.
    fn rate(&self, site: usize, dropout: f32) -> f32 {
        match self.rates {
            Rates::AsTrained => self.model.sites()[site].rate,
            Rates::Common => dropout,
        }
    }

    /// Whether the masks of one of its sites are balanced.
    pub(super) fn balances(&self, dropout: f32, masks: MaskDesign) -> bool {
        let on = self.plan.on.iter().enumerate().filter(|(_, on)| **on);
        on.map(|(site, _)| self.rate(site, dropout)).any(|rate| masks.balances(rate))
    }

    /// What a site does in a quartet, by its place among those that are on.
    fn role(&self, site: usize) -> Role {
        let on = |sites: &[bool]| sites.iter().filter(|on| **on).count();
        if on(&self.plan.on) == 1 { Role::Alone } else { Role::Among(on(&self.plan.on[..site])) }
    }

    /// For each unit of a site what `draw` says of its channels or units, and what those kept are multiplied with.
    fn drawn<T: Copy>(
        &self,
        site: usize,
        masks: &Masks,
        draw: impl FnOnce(&Masks, (u64, Role), usize) -> Vec<T>,
    ) -> (Vec<T>, f32) {
        let (of, by) = (&self.model.sites()[site], self.by[site]);
        let masks = masks.at_rate(self.rate(site, masks.dropout()));
        let drawn = draw(&masks, (of.key, self.role(site)), of.drawn_by(by));
        (spread(drawn, by, of.units()), masks.scale())
    }

    /// For each unit of a site, whether a pass keeps it.
    fn kept(&self, site: usize, masks: &Masks, pass: usize) -> (Vec<bool>, f32) {
        self.drawn(site, masks, |masks, key, count| masks.kept_for(pass, key, count))
    }

    /// The same of 64 passes.
    fn kept_by_passes(&self, site: usize, masks: &Masks, first: usize) -> (Vec<[u8; LANES]>, f32) {
        self.drawn(site, masks, |masks, key, count| masks.kept_for_passes(first, key, count))
    }

    /// What a site makes of its values in one pass.
    fn mask(&self, site: usize, masks: &Masks, pass: usize) -> Mask {
        let (kept, scale) = self.kept(site, masks, pass);
        if !self.model.sites()[site].alpha {
            return Mask { kept, kept_by: [scale, 0.0], dropped: 0.0 };
        }
        // `nn.AlphaDropout`: those dropped become the least that SELU gives, and all are brought back to their mean and
        // variance.
        let [factor, shift] = alpha_correction(self.rate(site, masks.dropout()));
        let dropped = factor.mul_add(SELU_LEAST, shift) as f32;
        Mask { kept, kept_by: [factor as f32, shift as f32], dropped }
    }

    /// The logits of one image and one pass, from its prefix, through the graph.
    fn through_graph(
        &self,
        runner: &Runner,
        prefix: &[f32],
        mask: &dyn Fn(usize) -> Mask,
    ) -> Result<Vec<f32>, GraphError> {
        let mut put = |site: usize, values: &mut [f32]| {
            let Mask { kept, kept_by: [factor, shift], dropped } = mask(site);
            for (value, kept) in values.iter_mut().zip(kept.iter().cycle()) {
                *value = if *kept { *value * factor + shift } else { dropped };
            }
        };
        self.model.finish(&self.plan, runner, &self.carried, prefix, &mut put)
    }

    /// The logits of one image for up to 64 passes from one on, `[classes]` rows, from its prefix.
    ///
    /// # Errors
    /// When the graph cannot be run, or an answer is not finite.
    pub(super) fn logits_of_passes(
        &self,
        runner: &Runner,
        prefix: &[f32],
        masks: &Masks,
        first: usize,
        passes: usize,
    ) -> Result<Vec<Row>, GraphError> {
        let Some(head) = &self.plan.head else {
            let mut rows = vec![Row::ZERO; self.model.classes()];
            for lane in 0..passes {
                let mask = |site: usize| self.mask(site, masks, first + lane);
                fill_lane(&mut rows, lane, &self.through_graph(runner, prefix, &mask)?);
            }
            return Ok(rows);
        };
        let shared = self.shared(masks);
        let mut rows = match &shared {
            Some(layer) => {
                let arranged = || SideBySide::new(layer.weight, layer.bias);
                let weights = self.first_side_by_side.get_or_init(arranged);
                of_one_image(self.set, layer, weights, prefix, first, passes)
            }
            None => prefix.iter().map(|value| Row([*value; LANES])).collect(),
        };
        for (layer, packed) in head.layers.iter().zip(&self.packed).skip(usize::from(shared.is_some())) {
            let mut scale = 1.0;
            for site in &layer.sites {
                let (kept, factor) = self.kept_by_passes(*site, masks, first);
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
            layer_of(self.set, panel, &rows, &index, (scale, &layer.bias, layer.activation), &mut out);
            rows = out;
        }
        self.answers(&mut rows);
        Ok(rows)
    }

    /// The first layer of the head, where its product serves several passes: more layers follow, and the one site before it
    /// has masks that share.
    pub(super) fn shared<'a>(&'a self, masks: &Masks) -> Option<SharedLayer<'a>> {
        let head = self.plan.head.as_ref()?;
        let [layer, _, ..] = &head.layers[..] else { return None };
        let [site] = layer.sites[..] else { return None };
        let role = self.role(site);
        let own = masks.at_rate(self.rate(site, masks.dropout()));
        let balance = own.balance(role).filter(|balance| balance.shares())?;
        let (of, by) = (&self.model.sites()[site], self.by[site]);
        let labels = move |bundle| spread(own.labels(bundle, of.key, of.drawn_by(by)), by, of.units());
        Some(SharedLayer {
            weight: &layer.weight,
            bias: &layer.bias,
            activation: layer.activation,
            balance,
            role,
            scale: own.scale(),
            labels: Box::new(labels),
        })
    }

    /// Some passes of a bundle.
    pub(super) fn bundle(&self, layer: &SharedLayer<'_>, masks: &Masks, passes: Range<usize>) -> Bundle {
        let later = |pass: usize| match &self.plan.head {
            Some(head) => later_layers(self, head, masks, pass),
            None => Vec::new(),
        };
        Bundle::new(layer, passes, self.model.classes(), later)
    }

    /// The logits of some images and one pass, from their prefixes: side by side where there is a way, else one after the
    /// other through the graph.
    fn finished(
        &self,
        route: Option<&Route>,
        masks: &[Option<Mask>],
        prefixes: &[Vec<f32>],
        runner: &Runner,
    ) -> Result<Vec<Vec<f32>>, GraphError> {
        let mask = |site: usize| masks.get(site).cloned().flatten();
        let Some(route) = route else {
            let none = || Mask { kept: vec![true], kept_by: [1.0, 0.0], dropped: 0.0 };
            let mask = |site: usize| mask(site).unwrap_or_else(none);
            return prefixes.iter().map(|prefix| self.through_graph(runner, prefix, &mask)).collect();
        };
        let prefixes: Vec<&[f32]> = prefixes.iter().map(Vec::as_slice).collect();
        let found = self.model.together(route, self.set, runner, &prefixes, &mut |site| mask(site));
        found.iter().map(|logits| self.model.logits_of(logits)).collect()
    }

    /// Logits by class from the rows of a head.
    fn answers(&self, rows: &mut Vec<Row>) {
        if rows.len() < self.model.classes() {
            // One number says how likely the second of two classes is.
            rows.insert(0, Row::ZERO);
        }
    }
}

/// Puts numbers into one lane of as many rows.
pub(super) fn fill_lane(rows: &mut [Row], lane: usize, numbers: &[f32]) {
    for (row, number) in rows.iter_mut().zip(numbers) {
        row.0[lane] = *number;
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

/// One pass through a graph.
pub(super) enum GraphPass {
    /// What its masks leave of the head's layers.
    Head(Vec<(Dense, Option<Activation>)>),
    /// What each site makes of its values, for all between to be run; nothing of those that are off.
    Whole(Vec<Option<Mask>>),
}

impl GraphPass {
    /// Draws the masks of a pass and gathers the weights they keep.
    pub(super) fn new(network: &GraphNetwork, masks: &Masks, pass: usize) -> Self {
        let Some(head) = &network.plan.head else {
            let on = network.plan.on.iter().enumerate();
            return Self::Whole(on.map(|(site, on)| on.then(|| network.mask(site, masks, pass))).collect());
        };
        let kept = kept_inputs(network, head, masks, pass);
        let layers = head.layers.iter().enumerate().map(|(at, layer)| {
            let mut dense = pass_layer(&kept, head, at);
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
            Self::Whole(_) => 0,
        }
    }

    /// The logits of one block of so many images, from its rows of the prefix.
    ///
    /// # Errors
    /// When the graph cannot be run, or an answer is not finite.
    pub(super) fn logits<'a>(
        &self,
        network: &GraphNetwork,
        prefix: &[Row],
        images: usize,
        scratch: &'a mut GraphScratch,
    ) -> Result<&'a [Row], GraphError> {
        match self {
            Self::Head(layers) => {
                let mut first = true;
                for (dense, activation) in layers {
                    scratch.out.clear();
                    scratch.out.resize(dense.outputs(), Row::ZERO);
                    let rows = if first { prefix } else { &scratch.rows[..] };
                    dense.run(network.set, rows, *activation, &mut scratch.out);
                    std::mem::swap(&mut scratch.rows, &mut scratch.out);
                    first = false;
                }
                network.answers(&mut scratch.rows);
            }
            Self::Whole(masks) => {
                scratch.rows.clear();
                scratch.rows.resize(network.model.classes(), Row::ZERO);
                let lanes: Vec<usize> = (0..images).collect();
                let together = network.side_by_side(images);
                let route = network.ways.finishing.as_ref().filter(|_| together > 1);
                for lanes in lanes.chunks(if route.is_some() { PART } else { 1 }) {
                    let own = |lane: &usize| prefix.iter().map(|row| row.0[*lane]).collect();
                    let own: Vec<Vec<f32>> = lanes.iter().map(own).collect();
                    for (lane, logits) in
                        lanes.iter().zip(network.finished(route, masks, &own, &scratch.runner)?)
                    {
                        fill_lane(&mut scratch.rows, *lane, &logits);
                    }
                }
            }
        }
        Ok(&scratch.rows)
    }
}

/// The layers of a head after the first, as a pass has them, where all outputs of the first are computed.
fn later_layers(network: &GraphNetwork, head: &Head, masks: &Masks, pass: usize) -> Vec<Later> {
    let kept = kept_inputs(network, head, masks, pass);
    let layers = head.layers.iter().enumerate().skip(1).map(|(at, layer)| {
        let mut dense = pass_layer(&kept, head, at);
        // What comes before the others is only what they keep.
        if at > 1 && kept[at].is_some() {
            dense.reads_all();
        }
        (dense, layer.activation)
    });
    layers.collect()
}

/// A layer of a head on the inputs and outputs that a pass keeps.
fn pass_layer(kept: &[Option<(Vec<u32>, f32)>], head: &Head, at: usize) -> Dense {
    let layer = &head.layers[at];
    let all = |count: usize| (0..count as u32).collect::<Vec<u32>>();
    let inputs = kept[at].as_ref().map(|(kept, _)| kept.clone());
    // Only what the next layer keeps is computed.
    let outputs = kept.get(at + 1).and_then(Option::as_ref).map(|(kept, _)| kept.clone());
    let outputs = outputs.unwrap_or_else(|| all(layer.outputs()));
    let scale = kept[at].as_ref().map_or(1.0, |(_, scale)| *scale);
    let inputs = inputs.unwrap_or_else(|| all(layer.inputs));
    Dense::new(&layer.weight, layer.inputs, &outputs, inputs, &layer.bias, scale)
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
            let (kept, scale) = network.kept(*site, masks, pass);
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
