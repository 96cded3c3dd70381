//! The network that comes with the program as a graph in ONNX, as PyTorch would write it, but for its rates of dropout,
//! which differ.

#![allow(clippy::unwrap_used, unreachable_pub, dead_code, reason = "all of it is test code")]

use std::cell::RefCell;
use std::path::Path;

use dubito::model::Checkpoint;
use dubito::model::lenet::PARAMETERS;
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};

/// Its rates of dropout, before the hidden layer and before the last.
pub const RATES: [f32; 2] = [0.25, 0.5];

/// Numbers under a name.
fn tensor(name: &str, dims: &[usize], numbers: &[f32]) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: dims.iter().map(|side| i64::try_from(*side).unwrap()).collect(),
        data_type: Some(DataType::FLOAT),
        raw_data: Some(RefCell::new(numbers.iter().flat_map(|number| number.to_le_bytes()).collect())),
        ..TensorProto::default()
    }
}

/// Yes, under a name.
fn yes(name: &str) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        data_type: Some(DataType::BOOL),
        raw_data: Some(RefCell::new(vec![1])),
        ..TensorProto::default()
    }
}

fn node(op: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
    NodeProto {
        op_type: Some(op.to_owned()),
        input: inputs.iter().map(|&input| input.to_owned()).collect(),
        output: vec![output.to_owned()],
        attribute,
        ..NodeProto::default()
    }
}

/// A layer with weights and biases.
fn layer(op: &str, from: &str, to: &str, attribute: Vec<AttributeProto>) -> NodeProto {
    node(op, &[from, &format!("{to}.weight"), &format!("{to}.bias")], to, attribute)
}

fn pool(from: &str, to: &str) -> NodeProto {
    let sides = |name: &str| AttributeProto {
        name: Some(name.to_owned()),
        ints: vec![2, 2],
        r#type: Some(AttributeType::INTS),
        ..AttributeProto::default()
    };
    node("MaxPool", &[from], to, vec![sides("kernel_shape"), sides("strides")])
}

/// Weights as PyTorch has them.
fn turned() -> Vec<AttributeProto> {
    vec![AttributeProto {
        name: Some("transB".to_owned()),
        i: Some(1),
        r#type: Some(AttributeType::INT),
        ..AttributeProto::default()
    }]
}

/// A value of this shape; a side of 0 is any.
fn value(name: &str, sides: &[i64]) -> ValueInfoProto {
    let side = |side: &i64| Dimension { dim_value: (*side > 0).then_some(*side), ..Dimension::default() };
    let shape = TensorShapeProto { dim: sides.iter().map(side).collect() };
    let tensor_type = Some(TypeProtoTensor { elem_type: Some(DataType::FLOAT), shape: Some(shape) });
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto { tensor_type, ..TypeProto::default() }),
    }
}

fn write(path: &Path, graph: GraphProto) {
    let model = ModelProto {
        ir_version: Some(10),
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto { domain: Some(String::new()), version: Some(20) }],
        producer_name: Some("a test".to_owned()),
        ..ModelProto::default()
    };
    std::fs::write(path, model.write_buf().unwrap()).unwrap();
}

/// Writes it.
pub fn write_lenet(path: &Path) {
    let lenet = Checkpoint::bundled().unwrap().lenet;
    let parameters = PARAMETERS.into_iter().zip(lenet.architecture().shapes());
    let mut initializer: Vec<TensorProto> = parameters
        .zip(lenet.shared_weights().slices())
        .map(|((name, shape), numbers)| tensor(name, &shape, numbers))
        .collect();
    initializer.extend([tensor("rate1", &[], &RATES[..1]), tensor("rate2", &[], &RATES[1..]), yes("on")]);
    let graph = GraphProto {
        node: vec![
            layer("Conv", "x", "conv1", Vec::new()),
            pool("conv1", "pool1"),
            layer("Conv", "pool1", "conv2", Vec::new()),
            pool("conv2", "pool2"),
            node("Flatten", &["pool2"], "features", Vec::new()),
            node("Dropout", &["features", "rate1", "on"], "dropped1", Vec::new()),
            layer("Gemm", "dropped1", "fc1", turned()),
            node("Relu", &["fc1"], "hidden", Vec::new()),
            node("Dropout", &["hidden", "rate2", "on"], "dropped2", Vec::new()),
            layer("Gemm", "dropped2", "fc2", turned()),
        ],
        initializer,
        input: vec![value("x", &[0, 1, 28, 28])],
        output: vec![value("fc2", &[0, 10])],
        value_info: Vec::new(),
    };
    write(path, graph);
}

/// Writes a network that takes 16×16 images in colour, its pixels from −1 to 1, and says which colour they are: blue, green
/// or red. Half of the pixels are dropped.
pub fn write_colours(path: &Path) {
    const PIXELS: usize = 16 * 16;
    let weight = |class: usize| {
        (0..3 * PIXELS).map(move |at| if at / PIXELS == 2 - class { 8.0 / PIXELS as f32 } else { 0.0 })
    };
    let weights: Vec<f32> = (0..3).flat_map(weight).collect();
    let graph = GraphProto {
        node: vec![
            node("Flatten", &["x"], "flat", Vec::new()),
            node("Dropout", &["flat", "rate", "on"], "dropped", Vec::new()),
            layer("Gemm", "dropped", "fc", turned()),
        ],
        initializer: vec![
            tensor("fc.weight", &[3, 3 * PIXELS], &weights),
            tensor("fc.bias", &[3], &[0.0; 3]),
            tensor("rate", &[], &[0.5]),
            yes("on"),
        ],
        input: vec![value("x", &[0, 3, 16, 16])],
        output: vec![value("fc", &[0, 3])],
        value_info: Vec::new(),
    };
    write(path, graph);
}

/// Pictures of three colours in folders of their names, so many of each, none quite like another.
pub fn write_coloured(folder: &Path, each: u32, side: u32) {
    for (class, name) in ["blue", "green", "red"].into_iter().enumerate() {
        let place = folder.join(name);
        std::fs::create_dir_all(&place).unwrap();
        for number in 0..each {
            let picture = image::RgbImage::from_fn(side, side, |x, y| {
                let grain = ((7 * x + 13 * y + 29 * number) % 90) as u8;
                let mut colour = [grain; 3];
                colour[2 - class] = 90 + grain + (number % 60) as u8;
                image::Rgb(colour)
            });
            picture.save(place.join(format!("{number}.png"))).unwrap();
        }
    }
}
