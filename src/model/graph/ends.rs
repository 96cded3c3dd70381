//! What goes into a graph and what comes out of it.

use rten::{Model, NodeId};
use rten_onnx::onnx::{GraphProto, ValueInfoProto};

use super::error::{AGAIN, GraphError, short};
use super::run::id;
use super::structure::Structure;
use crate::data::{PIXELS, SIDE};

/// In which order an image's numbers enter a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageLayout {
    /// Channels, rows, columns: PyTorch.
    ChannelsFirst,
    /// Rows, columns, channels: Keras.
    ChannelsLast,
    /// One number after the other.
    Flat,
}

/// What a graph takes.
#[derive(Clone, Debug)]
pub struct Input {
    /// The value's name.
    pub name: String,
    /// Order of its numbers.
    pub layout: ImageLayout,
    /// Its shape, images first.
    pub(super) shape: Vec<usize>,
    pub(super) node: NodeId,
}

/// What a graph's output says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Logits.
    Logits,
    /// Probabilities: the logits are what enters the softmax.
    Probabilities,
    /// The probability of the second of two classes.
    OneOfTwo,
}

/// The value that takes images.
pub(super) fn input(
    graph: &GraphProto,
    structure: &Structure,
    model: &Model,
    name: &str,
) -> Result<Input, GraphError> {
    let inputs: Vec<&ValueInfoProto> = graph
        .input
        .iter()
        .filter(|input| input.name.as_deref().is_some_and(|name| !structure.is_constant(name)))
        .collect();
    let [input] = inputs[..] else {
        let names: Vec<String> =
            inputs.iter().take(4).map(|input| short(input.name.as_deref().unwrap_or(""))).collect();
        let problem = format!("it takes {} inputs ({})", inputs.len(), names.join(", "));
        return Err(GraphError::new(name, problem, "export a network that takes images alone"));
    };
    let value = input.name.clone().unwrap_or_default();
    let tensor = input.r#type.as_ref().and_then(|of| of.tensor_type.as_ref());
    let sides: Vec<Option<i64>> = tensor
        .and_then(|tensor| tensor.shape.as_ref())
        .map(|shape| shape.dim.iter().map(|side| side.dim_value.filter(|side| *side > 0)).collect())
        .unwrap_or_default();
    let told = || {
        let sides: Vec<String> =
            sides.iter().map(|side| side.map_or_else(|| "?".to_owned(), |side| side.to_string())).collect();
        format!("[{}]", sides.join(", "))
    };
    let is = |side: Option<i64>, number: usize| side.is_none_or(|side| usize::try_from(side) == Ok(number));
    let (layout, rest) = match sides[..] {
        [_, channels, height, width] if channels == Some(1) && is(height, SIDE) && is(width, SIDE) => {
            (ImageLayout::ChannelsFirst, vec![1, SIDE, SIDE])
        }
        [_, height, width, channels] if channels == Some(1) && is(height, SIDE) && is(width, SIDE) => {
            (ImageLayout::ChannelsLast, vec![SIDE, SIDE, 1])
        }
        [_, height, width] if is(height, SIDE) && is(width, SIDE) => (ImageLayout::Flat, vec![SIDE, SIDE]),
        [_, numbers] if is(numbers, PIXELS) && numbers.is_some() => (ImageLayout::Flat, vec![PIXELS]),
        _ => {
            let problem = format!("it takes numbers of shape {} in {}", told(), short(&value));
            let advice = "networks that see 28×28 grey open here: [N, 1, 28, 28], [N, 28, 28, 1] or [N, 784]";
            return Err(GraphError::new(name, problem, advice));
        }
    };
    let images = sides[0].and_then(|images| usize::try_from(images).ok()).unwrap_or(1);
    if images > MOST_TOGETHER {
        let problem = format!("it takes {images} images at a time");
        return Err(GraphError::new(name, problem, "export it for any number of images, or for one"));
    }
    let node = id(model, &value, name)?;
    Ok(Input { name: value, layout, shape: [vec![images], rest].concat(), node })
}

/// The most images that a graph may ask for at a time.
const MOST_TOGETHER: usize = 64;

/// The value that holds the logits, and what the output says.
pub(super) fn output(
    graph: &GraphProto,
    structure: &Structure,
    name: &str,
) -> Result<(String, Answer), GraphError> {
    let outputs: Vec<String> = graph.output.iter().filter_map(|output| output.name.clone()).collect();
    let [output] = &outputs[..] else {
        let names: Vec<String> = outputs.iter().take(4).map(|output| short(output)).collect();
        let problem = format!("it has {} outputs ({})", outputs.len(), names.join(", "));
        return Err(GraphError::new(name, problem, "export a network whose only output are its logits"));
    };
    if structure.giver(output).is_none() {
        let problem = format!("nothing gives its output {}", short(output));
        return Err(GraphError::new(name, problem, AGAIN));
    }
    let mut value = output.as_str();
    while let Some(node) = structure.giver(value).map(|at| &structure.nodes[at]) {
        match node.op.as_str() {
            "Softmax" => return Ok((node.input().to_owned(), Answer::Probabilities)),
            "Sigmoid" => return Ok((node.input().to_owned(), Answer::OneOfTwo)),
            "Cast" | "Identity" => value = node.input(),
            _ => break,
        }
    }
    Ok((output.clone(), Answer::Logits))
}
