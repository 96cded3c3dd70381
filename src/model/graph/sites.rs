//! Where dropout acts in a graph, or could: nodes that say so, and what exporters spell out in their place.
//!
//! - `Dropout` nodes, in training mode or not: PyTorch's `nn.Dropout`, Keras' always-on layers.
//! - PyTorch's `nn.Dropout2d`, which its exporter writes as random numbers compared with 1 − p, divided by it and
//!   multiplied with the features.
//! - PyTorch's `nn.AlphaDropout` and `nn.FeatureAlphaDropout`, which it writes as sums and products of such numbers.
//! - Before any `Gemm`, `MatMul` or `Conv` whose input goes nowhere else, in networks that were exported without.

use std::str::FromStr;

use super::error::{GraphError, short};
use super::structure::{Node, Structure};

/// At which rates the sites of a graph drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Rates {
    /// Each at its own, as its file says; the sweep's rate is not used.
    #[default]
    AsTrained,
    /// All at the sweep's.
    Common,
}

/// What a site drops at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// Single units.
    Unit,
    /// Whole channels.
    Channel,
}

/// How a site came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The file says that dropout acts here.
    Active,
    /// The file names the place, and switches it off.
    Inactive,
    /// Nothing in the file: a person may put it there.
    Possible,
}

/// A place where dropout acts or could.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Numbers it among all sites of the file: part of the key of its masks.
    pub key: u64,
    /// The value that enters it.
    pub(super) before: String,
    /// The value that leaves it; the same where it is only possible.
    pub(super) after: String,
    /// Its place among the nodes.
    pub(super) node: usize,
    /// How it came to be.
    pub origin: Origin,
    /// What it drops at once.
    pub by: By,
    /// Whether what it drops becomes [`SELU_LEAST`] and not zero: `nn.AlphaDropout`.
    pub alpha: bool,
    /// The rate it was trained with; of a possible one, where it starts.
    pub rate: f32,
    /// Shape of the value of one image.
    pub shape: Vec<usize>,
    /// The operation before which it lies: `Gemm fc2.weight`.
    pub what: String,
    /// Whether that is a convolution, so that its channels come first.
    pub(super) convolved: bool,
    /// Whether a `BatchNormalization` comes after it: its frozen statistics are those of units that are all there, and
    /// dropout before it contradicts them (Li et al. 2018, arXiv 1801.05134).
    pub normalised: bool,
}

impl Site {
    /// Units of the value it acts on.
    #[must_use]
    pub fn units(&self) -> usize {
        self.shape.iter().product()
    }

    /// How many are drawn for as the file has it: units or channels.
    #[must_use]
    pub fn drawn(&self) -> usize {
        self.drawn_by(self.by)
    }

    /// How many are drawn for where it drops by these.
    #[must_use]
    pub fn drawn_by(&self, by: By) -> usize {
        match by {
            By::Unit => self.units(),
            By::Channel => self.shape.first().copied().unwrap_or(0),
        }
    }

    /// How many channels it has, where a person can choose to drop them whole: before a convolution, where nothing in the
    /// file says what is dropped. A single one would be the whole image.
    #[must_use]
    pub fn channels(&self) -> Option<usize> {
        let free = self.origin == Origin::Possible && self.convolved && self.shape.len() > 1;
        self.shape.first().copied().filter(|channels| free && *channels > 1)
    }
}

/// A site as a person names it: by its number, from 1, and with a `c` where it drops whole channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedSite {
    /// Its number.
    pub number: usize,
    /// Whether whole channels are asked for; else what its file says, or single units.
    pub by_channels: bool,
}

impl From<usize> for NamedSite {
    fn from(number: usize) -> Self {
        Self { number, by_channels: false }
    }
}

impl FromStr for NamedSite {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, by_channels) = text.strip_suffix('c').map_or((text, false), |number| (number, true));
        let number = number.parse().map_err(|_| {
            "a site is its number, or the number and c for whole channels, as in 2,4c".to_owned()
        })?;
        Ok(Self { number, by_channels })
    }
}

/// Rate of a site that nobody chose one for.
const START: f32 = 0.5;

/// All sites, in the order of the nodes; their shapes are still to be found. Beside each the value of its mask, where that
/// is spelled out.
///
/// # Errors
/// When something in the graph draws random numbers that are no dropout, or normalises by the batch.
pub(super) fn find(structure: &Structure, name: &str) -> Result<Vec<(Site, Option<String>)>, GraphError> {
    let mut found = Vec::new();
    let mut explained = Vec::new();
    for (at, node) in structure.nodes.iter().enumerate() {
        let site = |before: &str, origin: Origin, by: By, rate: f32| Site {
            key: 0,
            before: before.to_owned(),
            after: node.output().to_owned(),
            node: at,
            origin,
            by,
            alpha: false,
            rate,
            shape: Vec::new(),
            what: described(structure, at),
            convolved: node.op == "Conv",
            normalised: false,
        };
        match node.op.as_str() {
            "Dropout" => {
                let rate = node.inputs.get(1).and_then(|ratio| structure.scalar(ratio));
                let rate = rate.or_else(|| node.floats.get("ratio").copied()).unwrap_or(START);
                let active = node.inputs.get(2).and_then(|mode| structure.flag(mode)).unwrap_or(false);
                let origin = if active { Origin::Active } else { Origin::Inactive };
                if !(0.0..1.0).contains(&rate) {
                    let problem = format!("the Dropout of {} has the rate {rate}", short(node.output()));
                    return Err(GraphError::new(name, problem, "export it with a rate in 0 ≤ p < 1"));
                }
                found.push((site(node.input(), origin, By::Unit, rate), None));
            }
            "Mul" if node.inputs.len() == 2 => {
                for (mask, before) in [(1, 0), (0, 1)] {
                    if let Some((keep, random)) = spelled_out(structure, &node.inputs[mask]) {
                        explained.push(random);
                        let site = site(&node.inputs[before], Origin::Active, By::Channel, 1.0 - keep);
                        found.push((site, Some(node.inputs[mask].clone())));
                        break;
                    }
                }
            }
            "Add" => {
                if let Some(alpha) = alpha_dropout(structure, at) {
                    explained.push(alpha.random);
                    let site = site(alpha.before, Origin::Active, By::Unit, 1.0 - alpha.keep);
                    found.push((Site { alpha: true, ..site }, Some(alpha.kept.to_owned())));
                }
            }
            "BatchNormalization" if node.whole.get("training_mode").is_some_and(|mode| *mode != 0) => {
                let problem = format!(
                    "the BatchNormalization of {} is in training mode: it would take mean and variance from the images \
                     beside each other, so that every answer depends on its neighbours",
                    short(node.output())
                );
                let advice = "in PyTorch, call model.eval(), put only the Dropout layers back with .train(), and export \
                              with training=torch.onnx.TrainingMode.PRESERVE or dynamo=True";
                return Err(GraphError::new(name, problem, advice));
            }
            "Loop" | "Scan" => {
                let problem = format!(
                    "the node {} of {} repeats a part of the graph, perhaps for ever",
                    node.op,
                    short(node.output())
                );
                return Err(GraphError::new(name, problem, "export the network with its loops unrolled"));
            }
            "Gemm" | "MatMul" | "Conv" => {
                let input = node.input();
                let weight = node.inputs.get(1).is_some_and(|weight| structure.is_constant(weight));
                // Who asks for a value's shape alone does not mind what is dropped in it.
                let takers = structure.takers(input).iter().filter(|at| structure.nodes[**at].op != "Shape");
                let own = takers.count() == 1 && !structure.is_constant(input);
                if weight && own {
                    let possible =
                        Site { after: input.to_owned(), ..site(input, Origin::Possible, By::Unit, START) };
                    found.push((possible, None));
                }
            }
            _ => {}
        }
    }
    for (at, node) in structure.nodes.iter().enumerate() {
        let draws = node.op.starts_with("Random") || matches!(node.op.as_str(), "Bernoulli" | "Multinomial");
        if draws && !explained.contains(&at) {
            let problem = format!(
                "the node {} of {} draws random numbers and is no dropout that is known here",
                short(&node.op),
                short(node.output())
            );
            return Err(GraphError::new(name, problem, "export the network without it, in eval mode"));
        }
    }
    // A possible site right after one that is there would be the same place twice.
    let there: Vec<String> = found
        .iter()
        .filter(|(site, _)| site.origin != Origin::Possible)
        .map(|(site, _)| through(structure, &site.after).to_owned())
        .collect();
    found.retain(|(site, _)| site.origin != Origin::Possible || !there.contains(&site.before));
    for (key, (site, _)) in found.iter_mut().enumerate() {
        // LeNet's own layers have the first four.
        site.key = 4 + key as u64;
        site.normalised = structure.nodes[site.node..].iter().any(|node| node.op == "BatchNormalization");
    }
    Ok(found)
}

/// The value that a value becomes when nothing but its shape or type is changed, as long as one node takes it.
fn through<'a>(structure: &'a Structure, value: &'a str) -> &'a str {
    let mut value = value;
    for _ in 0..structure.nodes.len() {
        let [taker] = structure.takers(value) else { break };
        let node = &structure.nodes[*taker];
        if node.input() != value || !reshapes(&node.op) {
            break;
        }
        value = node.output();
    }
    value
}

/// Whether an operation leaves numbers and their order as they are.
pub(super) fn reshapes(op: &str) -> bool {
    matches!(op, "Identity" | "Cast" | "Flatten" | "Reshape" | "Squeeze" | "Unsqueeze")
}

/// The node that gives a value, where it does this.
fn giver<'a>(structure: &'a Structure, value: &str, op: &str) -> Option<&'a Node> {
    structure.giver(value).map(|at| &structure.nodes[at]).filter(|node| node.op == op)
}

/// Kept share and node of the random numbers of a mask that is spelled out: `Div(Cast(Less(random, keep)), keep)`.
fn spelled_out(structure: &Structure, mask: &str) -> Option<(f32, usize)> {
    let scaled = giver(structure, mask, "Div")?;
    let keep = structure.scalar(scaled.inputs.get(1)?)?;
    let (below, random) = bernoulli(structure, scaled.input())?;
    ((keep - below).abs() < 1e-6).then_some((keep, random))
}

/// Share of ones and node of the random numbers of `Cast(Less(random, share))`.
fn bernoulli(structure: &Structure, value: &str) -> Option<(f32, usize)> {
    let drawn = giver(structure, value, "Cast")?;
    let compared = giver(structure, drawn.input(), "Less")?;
    let share = structure.scalar(compared.inputs.get(1)?)?;
    let random = structure.giver(compared.input())?;
    let uniform = giver(structure, compared.input(), "RandomUniformLike")?;
    let plain = uniform.floats.get("low").is_none_or(|low| *low == 0.0)
        && uniform.floats.get("high").is_none_or(|high| (*high - 1.0).abs() < f32::EPSILON);
    (plain && share > 0.0 && share <= 1.0).then_some((share, random))
}

/// What SELU gives at −∞, the least there is: −λα of Klambauer et al. 2017 (arXiv 1706.02515), to which their dropout
/// sets what it drops.
pub const SELU_LEAST: f64 = -1.758_099_340_847_376_6;

/// Factor and shift after which values that were dropped at a rate as [`Site::alpha`] says have the mean and variance
/// they had, 0 and 1: a = ((1 − p)(1 + pα'²))^−½ and −aα'p.
#[must_use]
pub fn alpha_correction(rate: f32) -> [f64; 2] {
    let p = f64::from(rate);
    let factor = 1.0 / ((1.0 - p) * (1.0 + p * SELU_LEAST * SELU_LEAST)).sqrt();
    [factor, -factor * SELU_LEAST * p]
}

/// An `nn.AlphaDropout` that is spelled out.
struct AlphaDropout<'a> {
    /// The value that enters it.
    before: &'a str,
    /// The value that is 1 where it keeps and 0 where it drops.
    kept: &'a str,
    /// The share that it keeps.
    keep: f32,
    /// The node of its random numbers.
    random: usize,
}

/// The one that ends in this sum: `x · (kept · a) + ((kept − 1) · −aα' + −aα'p)`.
fn alpha_dropout(structure: &Structure, at: usize) -> Option<AlphaDropout<'_>> {
    /// Both orders of what a node takes.
    fn orders(node: &Node) -> impl Iterator<Item = (&str, &str)> {
        let pair = if let [one, other] = &node.inputs[..] { Some((&**one, &**other)) } else { None };
        pair.into_iter().flat_map(|(one, other)| [(one, other), (other, one)])
    }
    let with_constant = |value: &str, op: &str| {
        orders(giver(structure, value, op)?).find_map(|(of, by)| Some((of, structure.scalar(by)?)))
    };
    let is = |found: f32, expected: f64| (f64::from(found) - expected).abs() < 1e-4 * expected.abs().max(1.0);
    let of = |scaled: &str, shift: &str| {
        let (dropped, added) = with_constant(shift, "Add")?;
        let (less, least) = with_constant(dropped, "Mul")?;
        let (kept, one) = with_constant(less, "Add")?;
        let (keep, random) = bernoulli(structure, kept)?;
        let (before, _) = orders(giver(structure, scaled, "Mul")?).find(|(_, factor)| {
            with_constant(factor, "Mul")
                .is_some_and(|(mask, factor)| mask == kept && is(factor, alpha_correction(1.0 - keep)[0]))
        })?;
        let [factor, offset] = alpha_correction(1.0 - keep);
        let same = is(one, -1.0) && is(least, -factor * SELU_LEAST) && is(added, offset);
        same.then_some(AlphaDropout { before, kept, keep, random })
    };
    orders(&structure.nodes[at]).find_map(|(scaled, shift)| of(scaled, shift))
}

/// The operation that a site lies before, with its weights where it has some.
fn described(structure: &Structure, at: usize) -> String {
    let node = &structure.nodes[at];
    let named = |node: &Node| {
        let weight = node.inputs.get(1).filter(|weight| structure.is_constant(weight) && !weight.is_empty());
        match weight {
            Some(weight) => format!("{} {}", node.op, short(weight)),
            None => node.op.clone(),
        }
    };
    if matches!(node.op.as_str(), "Gemm" | "MatMul" | "Conv") {
        return named(node);
    }
    let mut value = through(structure, node.output());
    // Past other sites, to what they all lie before.
    while let [taker] = structure.takers(value) {
        let after = &structure.nodes[*taker];
        if after.op != "Dropout" {
            break;
        }
        value = through(structure, after.output());
    }
    match structure.takers(value) {
        [taker, ..] => named(&structure.nodes[*taker]),
        [] => "the output".to_owned(),
    }
}
