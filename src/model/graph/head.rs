//! The head of a network: what lies behind its first dropout, where that is nothing but fully connected layers with
//! elementwise functions between them. It runs on this program's own kernels, for any widths.

use super::runnable::SELU;
use super::sites::{Site, reshapes};
use super::structure::{Node, Structure};

/// An elementwise function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// max(x, 0).
    Relu,
    /// x for x ≥ 0, a fraction of it below.
    LeakyRelu(f32),
    /// α(eˣ − 1) below 0.
    Elu(f32),
    /// λx for x ≥ 0, λα(eˣ − 1) below; α and λ.
    Selu([f32; 2]),
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// tanh x.
    Tanh,
    /// x Φ(x).
    Gelu,
}

impl Activation {
    pub(super) fn of(node: &Node) -> Option<Self> {
        let alpha = |otherwise: f32| node.floats.get("alpha").copied().unwrap_or(otherwise);
        Some(match node.op.as_str() {
            "Relu" => Self::Relu,
            "LeakyRelu" => Self::LeakyRelu(alpha(0.01)),
            "Elu" => Self::Elu(alpha(1.0)),
            "Selu" => {
                let scale = node.floats.get("gamma").copied().unwrap_or(SELU[1]);
                Self::Selu([alpha(SELU[0]), scale])
            }
            "Sigmoid" => Self::Sigmoid,
            "Tanh" => Self::Tanh,
            "Gelu" if node.texts.get("approximate").is_none_or(|how| how == "none") => Self::Gelu,
            _ => return None,
        })
    }

    /// Its value.
    #[must_use]
    pub fn apply(self, x: f32) -> f32 {
        match self {
            Self::Relu => x.max(0.0),
            Self::LeakyRelu(below) => {
                if x < 0.0 {
                    below * x
                } else {
                    x
                }
            }
            Self::Elu(scale) => {
                if x < 0.0 {
                    scale * x.exp_m1()
                } else {
                    x
                }
            }
            Self::Selu([alpha, scale]) => scale * Self::Elu(alpha).apply(x),
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Self::Tanh => x.tanh(),
            Self::Gelu => 0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2)),
        }
    }
}

/// The error function to 1.5e-7 (Abramowitz & Stegun 1964, formula 7.1.26).
fn erf(x: f32) -> f32 {
    let z = f64::from(x.abs());
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let series = ((((1.061_405_429 * t - 1.453_152_027) * t + 1.421_413_741) * t - 0.284_496_736) * t
        + 0.254_829_592)
        * t;
    let value = 1.0 - series * (-z * z).exp();
    (if x < 0.0 { -value } else { value }) as f32
}

/// A fully connected layer.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadLayer {
    /// Sites before it, by their place among all of the file.
    pub sites: Vec<usize>,
    /// `[outputs, inputs]`
    pub weight: Vec<f32>,
    /// `[outputs]`
    pub bias: Vec<f32>,
    /// Inputs.
    pub inputs: usize,
    /// What is done to each output.
    pub activation: Option<Activation>,
}

impl HeadLayer {
    /// Outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.bias.len()
    }
}

/// The layers from a value to the logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The value that enters them.
    pub(super) from: String,
    /// One after the other.
    pub layers: Vec<HeadLayer>,
}

/// The head from the first of some sites on; `None` where something else lies behind it, or beside.
pub(super) fn find(structure: &Structure, sites: &[Site], on: &[bool], logits: &str) -> Option<Head> {
    let first = (0..sites.len()).filter(|at| on[*at]).min_by_key(|at| sites[*at].node)?;
    // The kernels thin: what is dropped is zero.
    if sites.iter().zip(on).any(|(site, on)| *on && site.alpha) {
        return None;
    }
    let from = sites[first].before.clone();
    let (mut value, mut width) = (from.clone(), sites[first].units());
    let mut layers: Vec<HeadLayer> = Vec::new();
    let mut waiting = Vec::new();
    let mut seen = 0;
    loop {
        // What a person puts before a layer changes no name.
        let here =
            (0..sites.len()).filter(|at| on[*at] && sites[*at].before == value && sites[*at].after == value);
        for at in here {
            waiting.push(at);
            seen += 1;
        }
        if value == logits {
            break;
        }
        let [taker] = structure.takers(&value) else { return None };
        let node = &structure.nodes[*taker];
        if let Some(at) =
            (0..sites.len()).find(|at| sites[*at].node == *taker && sites[*at].before != sites[*at].after)
        {
            if on[at] {
                waiting.push(at);
                seen += 1;
            }
            value.clone_from(&sites[at].after);
            continue;
        }
        if reshapes(&node.op) && node.input() == value {
            node.output().clone_into(&mut value);
            continue;
        }
        if let Some(activation) = Activation::of(node) {
            // A mask before a function that does not pass over it: for the graph to run.
            if !waiting.is_empty() && activation != Activation::Relu {
                return None;
            }
            match layers.last_mut() {
                Some(layer) if layer.activation.is_none() => layer.activation = Some(activation),
                // A function before the first layer, or a second one after a layer: for the graph to run.
                _ => return None,
            }
            node.output().clone_into(&mut value);
            continue;
        }
        let (weight, bias, outputs) = layer(structure, node, &value, width)?;
        layers.push(HeadLayer {
            sites: std::mem::take(&mut waiting),
            weight,
            bias,
            inputs: width,
            activation: None,
        });
        width = outputs;
        node.output().clone_into(&mut value);
        // A sum with a constant after it is its bias.
        while let Some((sum, added)) = bias_after(structure, &value, outputs) {
            if let Some(layer) = layers.last_mut() {
                layer.bias.iter_mut().zip(added).for_each(|(bias, added)| *bias += added);
            }
            value = sum;
        }
    }
    let all = on.iter().filter(|on| **on).count();
    (waiting.is_empty() && seen == all && !layers.is_empty()).then_some(Head { from, layers })
}

/// Weights `[outputs, inputs]`, bias and outputs of a fully connected layer that takes this value.
pub(super) fn layer(
    structure: &Structure,
    node: &Node,
    value: &str,
    width: usize,
) -> Option<(Vec<f32>, Vec<f32>, usize)> {
    if node.input() != value {
        return None;
    }
    let constant = structure.constants.get(node.inputs.get(1)?)?;
    let floats = constant.floats.as_ref()?;
    let [rows, columns] = *constant.shape.as_slice() else { return None };
    let whole = |key: &str| node.whole.get(key).copied().unwrap_or(0);
    let factor = |key: &str| node.floats.get(key).copied().unwrap_or(1.0);
    let gemm = match node.op.as_str() {
        "Gemm" if whole("transA") == 0 => true,
        "MatMul" => false,
        _ => return None,
    };
    let turned = !gemm || whole("transB") == 0;
    let (inputs, outputs) = if turned { (rows, columns) } else { (columns, rows) };
    if inputs != width || floats.len() != rows * columns || outputs == 0 {
        return None;
    }
    let alpha = if gemm { factor("alpha") } else { 1.0 };
    let at = |m: usize, k: usize| alpha * floats[if turned { k * outputs + m } else { m * inputs + k }];
    let weight = (0..outputs * inputs).map(|place| at(place / inputs, place % inputs)).collect();
    let bias = match node.inputs.get(2).filter(|bias| gemm && !bias.is_empty()) {
        None => vec![0.0; outputs],
        Some(bias) => {
            let floats = structure.constants.get(bias)?.floats.as_ref()?;
            let beta = factor("beta");
            spread(floats, outputs)?.into_iter().map(|bias| beta * bias).collect()
        }
    };
    Some((weight, bias, outputs))
}

/// The sum that follows a value, and the constant that is added.
fn bias_after(structure: &Structure, value: &str, outputs: usize) -> Option<(String, Vec<f32>)> {
    let mut value = value;
    loop {
        let [taker] = structure.takers(value) else { return None };
        let node = &structure.nodes[*taker];
        if node.op == "Cast" {
            value = node.output();
            continue;
        }
        if node.op != "Add" || node.inputs.len() != 2 {
            return None;
        }
        let other = if node.inputs[0] == value { &node.inputs[1] } else { &node.inputs[0] };
        let floats = structure.constants.get(other)?.floats.as_ref()?;
        return Some((node.output().to_owned(), spread(floats, outputs)?));
    }
}

/// As many numbers as there are outputs, out of as many or out of one.
fn spread(floats: &[f32], outputs: usize) -> Option<Vec<f32>> {
    match floats {
        [one] => Some(vec![*one; outputs]),
        many => (many.len() == outputs).then(|| many.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_those_of_the_frameworks() {
        // torch.nn.functional at −1.5 and 0.7, PyTorch 2.15.
        for (activation, below, above) in [
            (Activation::Relu, 0.0, 0.7),
            (Activation::LeakyRelu(0.01), -0.015, 0.7),
            (Activation::Elu(1.0), -0.776_869_8, 0.7),
            (Activation::Selu(SELU), -1.365_814_3, 0.735_490_7),
            (Activation::Sigmoid, 0.182_425_52, 0.668_187_8),
            (Activation::Tanh, -0.905_148_3, 0.604_367_8),
            (Activation::Gelu, -0.100_210_8, 0.530_625_6),
        ] {
            assert!((activation.apply(-1.5) - below).abs() < 1e-6, "{activation:?}");
            assert!((activation.apply(0.7) - above).abs() < 1e-6, "{activation:?}");
        }
    }
}
