//! The passes of a bundle together: their masks before the first layer are unions of sixteen sets of its inputs, so that one
//! product with its weights, in sixteen parts, serves all of them ([`design`](super::design)).
//!
//! At p = ½ that is one product for 60 passes, where as many passes by themselves take 15. What comes after is each pass's
//! own: of the hidden units only those that it keeps are read.

use std::ops::Range;

use crate::kernel::recombine::{Bias, Combined, combine, hadamard, sums_of_parts};
use crate::kernel::{Affine, InstructionSet, LANES, Row, WeightPanel, product};
use crate::model::graph::Activation;

use super::dense::Dense;
use super::design::{Balance, LABELS, Role, Way, quarters};

/// A fully connected layer whose inputs are dropped by masks that share its product.
pub(super) struct SharedLayer<'a> {
    /// `[outputs, inputs]`
    pub(super) weight: &'a [f32],
    /// `[outputs]`
    pub(super) bias: &'a [f32],
    pub(super) activation: Option<Activation>,
    pub(super) balance: Balance,
    pub(super) role: Role,
    /// What kept inputs are multiplied by.
    pub(super) scale: f32,
    /// The label of each input in a bundle.
    pub(super) labels: Box<dyn Fn(u64) -> Vec<u8> + Send + Sync + 'a>,
}

impl SharedLayer<'_> {
    fn outputs(&self) -> usize {
        self.bias.len()
    }

    fn inputs(&self) -> usize {
        self.weight.len() / self.outputs().max(1)
    }

    /// Passes of a bundle.
    pub(super) fn of_bundle(&self) -> usize {
        self.balance.passes_of_bundle(self.role)
    }

    /// The inputs of each label.
    fn parts(&self, bundle: usize) -> Vec<Vec<u32>> {
        let mut parts = vec![Vec::new(); LABELS];
        for (input, label) in (0..).zip((self.labels)(bundle as u64)) {
            parts[usize::from(label)].push(input);
        }
        parts
    }
}

/// One layer after the first, as a pass has it.
pub(super) type Later = (Dense, Option<Activation>);

/// Some passes of one bundle.
pub(super) struct Bundle {
    balance: Balance,
    /// All outputs of the first layer, on the inputs of each label.
    parts: Vec<Dense>,
    bias: Vec<f32>,
    scale: f32,
    activation: Option<Activation>,
    /// Each way with the passes that it is that of, counted from the first.
    ways: Vec<(Way, Vec<usize>)>,
    /// The layers that follow, of each pass.
    later: Vec<Vec<Later>>,
    classes: usize,
}

/// What one thread needs for the passes of a bundle over a block.
#[derive(Default)]
pub(super) struct BundleScratch {
    sums: Vec<Row>,
    recombined: Vec<Row>,
    hidden: Vec<Row>,
    from: Vec<Row>,
    to: Vec<Row>,
    logits: Vec<Row>,
}

fn resize(rows: &mut Vec<Row>, length: usize) {
    rows.resize(length, Row::ZERO);
}

/// What becomes of sums over labels, `[16, rows]`: the sums that [`Way`] refers to.
fn recombine<'a>(
    set: InstructionSet,
    balance: Balance,
    sums: &'a mut [Row],
    rows: usize,
    recombined: &'a mut Vec<Row>,
) -> &'a [Row] {
    if balance == Balance::Halves {
        hadamard(set, sums, rows);
        return sums;
    }
    let quarters = quarters();
    resize(recombined, (1 + quarters.len()) * rows);
    sums_of_parts(set, sums, rows, &quarters, recombined);
    recombined
}

impl Bundle {
    /// Gathers the weights of some passes, all of one bundle; `later` gives the layers that follow in a pass.
    pub(super) fn new(
        layer: &SharedLayer<'_>,
        passes: Range<usize>,
        classes: usize,
        later: impl Fn(usize) -> Vec<Later>,
    ) -> Self {
        let outputs: Vec<u32> = (0..layer.outputs() as u32).collect();
        let none = vec![0.0; outputs.len()];
        let part = |inputs| Dense::new(layer.weight, layer.inputs(), &outputs, inputs, &none, 1.0);
        let mut ways: Vec<(Way, Vec<usize>)> = Vec::new();
        for (at, pass) in passes.clone().enumerate() {
            let way = Way::new(layer.balance, layer.role, pass);
            match ways.iter_mut().find(|(known, _)| *known == way) {
                Some((_, passes)) => passes.push(at),
                None => ways.push((way, vec![at])),
            }
        }
        Self {
            balance: layer.balance,
            parts: layer.parts(passes.start / layer.of_bundle()).into_iter().map(part).collect(),
            bias: layer.bias.to_vec(),
            scale: layer.scale,
            activation: layer.activation,
            ways,
            later: passes.map(later).collect(),
            classes,
        }
    }

    /// How many passes.
    pub(super) fn passes(&self) -> usize {
        self.later.len()
    }

    /// Multiplications of all of its passes for each image.
    pub(super) fn multiplications(&self) -> u64 {
        let later = self.later.iter().flatten().map(|(dense, _)| dense);
        self.parts.iter().chain(later).map(Dense::multiplications).sum()
    }

    /// The logits of one block, `[passes, classes]`, from its rows of the prefix.
    pub(super) fn logits<'a>(
        &self,
        set: InstructionSet,
        prefix: &[Row],
        scratch: &'a mut BundleScratch,
    ) -> &'a [Row] {
        let outputs = self.bias.len();
        let BundleScratch { sums, recombined, hidden, from, to, logits } = scratch;
        resize(sums, LABELS * outputs);
        for (part, out) in self.parts.iter().zip(sums.chunks_exact_mut(outputs.max(1))) {
            let finish = &mut Affine { scale: 1.0, bias: part.bias(), out };
            product(set, part.panel(), prefix, part.index(), finish);
        }
        let sums = recombine(set, self.balance, sums, outputs, recombined);
        resize(hidden, outputs);
        resize(logits, self.passes() * self.classes);
        let rectified = self.activation == Some(Activation::Relu);
        for (Way { sums: [a, b], by }, passes) in &self.ways {
            let [a, b] = [a, b].map(|at| &sums[at * outputs..][..outputs]);
            let bias = Bias::Rows(&self.bias);
            combine(set, Combined { a, b, by: *by, scale: self.scale, bias, rectified }, hidden);
            apply(self.activation, hidden);
            for pass in passes {
                let out = &mut logits[pass * self.classes..][..self.classes];
                let later = &self.later[*pass];
                for (at, (dense, activation)) in later.iter().enumerate() {
                    let rows = if at == 0 { &hidden[..] } else { &from[..] };
                    let last = at + 1 == later.len();
                    if !last {
                        resize(to, dense.outputs());
                    }
                    // One number says how likely the second of two classes is.
                    let missing = if last { out.len() - dense.outputs() } else { 0 };
                    let target = if last { &mut out[missing..] } else { &mut to[..] };
                    dense.run(set, rows, *activation, target);
                    if last {
                        out[..missing].fill(Row::ZERO);
                    } else {
                        std::mem::swap(from, to);
                    }
                }
            }
        }
        logits
    }
}

/// The function of a layer, where it is more than a rectifier.
fn apply(activation: Option<Activation>, rows: &mut [Row]) {
    if let Some(activation) = activation.filter(|activation| *activation != Activation::Relu) {
        for row in rows {
            row.0 = row.0.map(|value| activation.apply(value));
        }
    }
}

/// A layer's weights for one image, outputs side by side: `[⌈outputs/64⌉, inputs]` rows.
#[derive(Clone, Debug)]
pub(super) struct SideBySide {
    weight: Vec<Row>,
    bias: Vec<Row>,
    inputs: usize,
}

impl SideBySide {
    /// Of weights `[outputs, inputs]`.
    pub(super) fn new(weight: &[f32], bias: &[f32]) -> Self {
        let (outputs, inputs) = (bias.len(), weight.len() / bias.len().max(1));
        let chunks = outputs.div_ceil(LANES);
        let number = |output: usize, input: usize| {
            if output < outputs { weight[output * inputs + input] } else { 0.0 }
        };
        let row = |at: usize| {
            let (chunk, input) = (at / inputs, at % inputs);
            Row(std::array::from_fn(|lane| number(chunk * LANES + lane, input)))
        };
        let biases = |chunk: usize| {
            Row(std::array::from_fn(|lane| bias.get(chunk * LANES + lane).copied().unwrap_or(0.0)))
        };
        Self {
            weight: (0..chunks * inputs).map(row).collect(),
            bias: (0..chunks).map(biases).collect(),
            inputs,
        }
    }
}

/// The outputs of the shared layer for one image and the passes of one block, `[outputs]` rows whose lanes are the 64
/// passes from `first` on: to the bit what [`Bundle::logits`] makes of them, before what comes next is dropped.
pub(super) fn of_one_image(
    set: InstructionSet,
    layer: &SharedLayer<'_>,
    weights: &SideBySide,
    values: &[f32],
    first: usize,
    passes: usize,
) -> Vec<Row> {
    let chunks = weights.bias.len();
    let mut rows = vec![Row::ZERO; layer.outputs()];
    let (mut sums, mut recombined) = (vec![Row::ZERO; LABELS * chunks], Vec::new());
    let mut hidden = vec![Row::ZERO; chunks];
    let mut pass = first;
    while pass < first + passes {
        let bundle = pass / layer.of_bundle();
        let end = (first + passes).min((bundle + 1) * layer.of_bundle());
        for (label, inputs) in layer.parts(bundle).iter().enumerate() {
            let kept: Vec<f32> = inputs.iter().map(|input| values[*input as usize]).collect();
            let panel = WeightPanel::new(&kept, 1, kept.len());
            for (chunk, weight) in weights.weight.chunks_exact(weights.inputs).enumerate() {
                let out = std::slice::from_mut(&mut sums[label * chunks + chunk]);
                product(set, panel, weight, inputs, &mut Affine { scale: 1.0, bias: &[0.0], out });
            }
        }
        let sums = recombine(set, layer.balance, &mut sums, chunks, &mut recombined);
        let ways: Vec<Way> = (pass..end).map(|pass| Way::new(layer.balance, layer.role, pass)).collect();
        let mut done = vec![false; ways.len()];
        for at in 0..ways.len() {
            if done[at] {
                continue;
            }
            let way = ways[at];
            let Way { sums: [a, b], by } = way;
            let [a, b] = [a, b].map(|at| &sums[at * chunks..][..chunks]);
            let bias = Bias::Lanes(&weights.bias);
            let rectified = layer.activation == Some(Activation::Relu);
            combine(set, Combined { a, b, by, scale: layer.scale, bias, rectified }, &mut hidden);
            apply(layer.activation, &mut hidden);
            let lanes: Vec<usize> = (at..ways.len()).filter(|other| ways[*other] == way).collect();
            for lane in &lanes {
                done[*lane] = true;
            }
            let values = hidden.iter().flat_map(|row| row.0);
            for (row, value) in rows.iter_mut().zip(values) {
                for lane in &lanes {
                    row.0[pass - first + lane] = value;
                }
            }
        }
        pass = end;
    }
    rows
}
