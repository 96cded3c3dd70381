//! What goes into a graph and what comes out of it.

use rten::{Model, NodeId};
use rten_onnx::onnx::{GraphProto, ValueInfoProto};

use super::error::{AGAIN, GraphError, short};
use super::plan::needed;
use super::preprocessing::Preprocessing;
use super::run::id;
use super::structure::Structure;
use crate::data::images::ImageShape;
use crate::data::images::shape::LONGEST_SIDE;

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
    /// The images that it takes.
    pub image: ImageShape,
    /// Whether the file leaves their size open, so that it was chosen here.
    pub any_size: bool,
    /// Its shape, images first.
    pub(super) shape: Vec<usize>,
    pub(super) node: NodeId,
}

impl Input {
    /// An image (rows of pixels in 0…1, the channels of a pixel together) as the graph takes it: prepared, in its order.
    ///
    /// # Panics
    /// When it is not of the shape that the graph takes.
    #[must_use]
    pub fn prepare(&self, preprocessing: &Preprocessing, image: &[f32]) -> Vec<f32> {
        let shape = self.image;
        assert_eq!(image.len(), shape.bytes(), "an image of the shape that the graph takes");
        let channels = shape.channels();
        let number = |pixel: usize, channel: usize| {
            let of = preprocessing.channel(channel, channels);
            preprocessing.apply(of, image[pixel * channels + of])
        };
        match self.layout {
            ImageLayout::ChannelsLast => (0..shape.pixels())
                .flat_map(|pixel| (0..channels).map(move |channel| (pixel, channel)))
                .map(|(pixel, channel)| number(pixel, channel))
                .collect(),
            ImageLayout::ChannelsFirst | ImageLayout::Flat => (0..channels)
                .flat_map(|channel| (0..shape.pixels()).map(move |pixel| (pixel, channel)))
                .map(|(pixel, channel)| number(pixel, channel))
                .collect(),
        }
    }
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

/// Sides tried where a file leaves the size of images open, by channels: those of MNIST, CIFAR, `ImageNet` and between.
const TRIED_SIDES: [usize; 6] = [28, 32, 64, 96, 128, 224];

/// The value that takes images; where the file leaves their size open, one for each size worth a try.
pub(super) fn inputs(
    graph: &GraphProto,
    structure: &Structure,
    model: &Model,
    logits: &str,
    name: &str,
) -> Result<Vec<Input>, GraphError> {
    // What the output is not computed from is no matter.
    let needed = needed(structure, &[], logits);
    let is_open = |name: &str| !structure.is_constant(name) && needed.contains(name);
    let inputs: Vec<&ValueInfoProto> =
        graph.input.iter().filter(|input| input.name.as_deref().is_some_and(is_open)).collect();
    let [input] = inputs[..] else {
        let names: Vec<String> =
            inputs.iter().take(4).map(|input| short(input.name.as_deref().unwrap_or(""))).collect();
        let problem = format!("its output takes {} inputs ({})", inputs.len(), names.join(", "));
        return Err(GraphError::new(name, problem, "export a network that takes images alone"));
    };
    let value = input.name.clone().unwrap_or_default();
    let tensor = input.r#type.as_ref().and_then(|of| of.tensor_type.as_ref());
    let sides: Vec<Option<usize>> = tensor
        .and_then(|tensor| tensor.shape.as_ref())
        .map(|shape| {
            let known = |side: i64| usize::try_from(side).ok().filter(|side| *side > 0);
            shape.dim.iter().map(|side| side.dim_value.and_then(known)).collect()
        })
        .unwrap_or_default();
    let Some((layout, shapes)) = layouts(&sides) else {
        let told: Vec<String> =
            sides.iter().map(|side| side.map_or_else(|| "?".to_owned(), |side| side.to_string())).collect();
        let problem = format!("it takes numbers of shape [{}] in {}", told.join(", "), short(&value));
        let advice = format!(
            "networks that see grey or colour images of up to {LONGEST_SIDE}×{LONGEST_SIDE} pixels open here, as \
             [N, channels, height, width] or [N, height, width, channels]"
        );
        return Err(GraphError::new(name, problem, advice));
    };
    let images = sides[0].unwrap_or(1);
    if images > MOST_TOGETHER {
        let problem = format!("it takes {images} images at a time");
        return Err(GraphError::new(name, problem, "export it for any number of images, or for one"));
    }
    let node = id(model, &value, name)?;
    let any_size = shapes.len() > 1;
    let one = |image: ImageShape| {
        let [height, width, channels] = [image.height(), image.width(), image.channels()];
        let rest = match (layout, sides.len()) {
            (ImageLayout::ChannelsFirst, _) => vec![channels, height, width],
            (ImageLayout::ChannelsLast, _) => vec![height, width, channels],
            (ImageLayout::Flat, 3) => vec![height, width],
            (ImageLayout::Flat, _) => vec![image.bytes()],
        };
        let shape = [vec![images], rest].concat();
        Input { name: value.clone(), layout, image, any_size, shape, node }
    };
    Ok(shapes.into_iter().map(one).collect())
}

/// In which order images of which shapes enter a value of these sides; `None` where no images do.
fn layouts(sides: &[Option<usize>]) -> Option<(ImageLayout, Vec<ImageShape>)> {
    let pictured = |side: Option<usize>| side.is_none_or(|side| side <= LONGEST_SIDE);
    let coloured = |side: Option<usize>| side.filter(|channels| [1, 3].contains(channels));
    let some = |height: Option<usize>, width: Option<usize>, channels: usize| -> Vec<ImageShape> {
        let of = |height: usize, width: usize| ImageShape::new(height, width, channels).ok();
        match (height, width) {
            (Some(height), Some(width)) => of(height, width).into_iter().collect(),
            (Some(side), None) | (None, Some(side)) => of(side, side).into_iter().collect(),
            (None, None) => TRIED_SIDES.iter().filter_map(|side| of(*side, *side)).collect(),
        }
    };
    let (layout, shapes) = match *sides {
        [_, channels, height, width]
            if coloured(channels).is_some() && pictured(height) && pictured(width) =>
        {
            (ImageLayout::ChannelsFirst, some(height, width, coloured(channels)?))
        }
        [_, height, width, channels] if coloured(channels).is_some() => {
            (ImageLayout::ChannelsLast, some(height, width, coloured(channels)?))
        }
        [_, height, width] => (ImageLayout::Flat, some(height, width, 1)),
        // So many numbers of a square.
        [_, Some(numbers)] => {
            let square = |channels: usize| {
                let side = (numbers / channels).isqrt();
                (side * side * channels == numbers).then(|| some(Some(side), Some(side), channels))
            };
            (ImageLayout::Flat, square(1).or_else(|| square(3))?)
        }
        _ => return None,
    };
    (!shapes.is_empty()).then_some((layout, shapes))
}

/// The most images that a graph may ask for at a time.
const MOST_TOGETHER: usize = 64;

/// An output of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    /// Its name.
    pub(super) name: String,
    /// The value that holds the logits.
    pub(super) logits: String,
    pub(super) answer: Answer,
}

/// The outputs, in the order of the file; the one asked for alone.
pub(super) fn outputs(
    graph: &GraphProto,
    structure: &Structure,
    asked: Option<&str>,
    name: &str,
) -> Result<Vec<Output>, GraphError> {
    let there: Vec<&str> = graph.output.iter().filter_map(|output| output.name.as_deref()).collect();
    let found: Vec<Output> = there
        .iter()
        .filter(|output| asked.is_none_or(|asked| asked == **output) && structure.giver(output).is_some())
        .map(|output| {
            let (logits, answer) = meaning(structure, output);
            Output { name: (*output).to_owned(), logits, answer }
        })
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let names: Vec<String> = there.iter().take(8).map(|output| short(output)).collect();
    let (problem, advice) = match asked {
        Some(asked) => (format!("it has no output {}", short(asked)), format!("it has {}", names.join(", "))),
        None if there.is_empty() => ("it has no output".to_owned(), AGAIN.to_owned()),
        None => (format!("nothing gives its output {}", names.join(", ")), AGAIN.to_owned()),
    };
    Err(GraphError::new(name, problem, advice))
}

/// The value that holds the logits of an output, and what the output says.
fn meaning(structure: &Structure, output: &str) -> (String, Answer) {
    let mut value = output;
    while let Some(node) = structure.giver(value).map(|at| &structure.nodes[at]) {
        match node.op.as_str() {
            "Softmax" => return (node.input().to_owned(), Answer::Probabilities),
            "Sigmoid" => return (node.input().to_owned(), Answer::OneOfTwo),
            "Cast" | "Identity" => value = node.input(),
            _ => break,
        }
    }
    (output.to_owned(), Answer::Logits)
}
