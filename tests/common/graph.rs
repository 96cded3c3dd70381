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

/// Writes it.
pub fn write_lenet(path: &Path) {
    let tensor = |name: &str, dims: Vec<i64>, data_type: DataType, raw: Vec<u8>| TensorProto {
        name: Some(name.to_owned()),
        dims,
        data_type: Some(data_type),
        raw_data: Some(RefCell::new(raw)),
        ..TensorProto::default()
    };
    let bytes = |numbers: &[f32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let node = |op: &str, inputs: &[&str], output: &str, attribute: Vec<AttributeProto>| NodeProto {
        op_type: Some(op.to_owned()),
        input: inputs.iter().map(|&input| input.to_owned()).collect(),
        output: vec![output.to_owned()],
        attribute,
        ..NodeProto::default()
    };
    let layer = |op: &str, from: &str, to: &str, attribute: Vec<AttributeProto>| {
        node(op, &[from, &format!("{to}.weight"), &format!("{to}.bias")], to, attribute)
    };
    let sides = |name: &str| AttributeProto {
        name: Some(name.to_owned()),
        ints: vec![2, 2],
        r#type: Some(AttributeType::INTS),
        ..AttributeProto::default()
    };
    let pool =
        |from: &str, to: &str| node("MaxPool", &[from], to, vec![sides("kernel_shape"), sides("strides")]);
    let turned = || {
        vec![AttributeProto {
            name: Some("transB".to_owned()),
            i: Some(1),
            r#type: Some(AttributeType::INT),
            ..AttributeProto::default()
        }]
    };
    let value = |name: &str, sides: &[i64]| ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto {
            tensor_type: Some(TypeProtoTensor {
                elem_type: Some(DataType::FLOAT),
                shape: Some(TensorShapeProto {
                    dim: sides
                        .iter()
                        .map(|side| Dimension {
                            dim_value: (*side > 0).then_some(*side),
                            ..Dimension::default()
                        })
                        .collect(),
                }),
            }),
            ..TypeProto::default()
        }),
    };
    let lenet = Checkpoint::bundled().unwrap().lenet;
    let parameters = PARAMETERS.into_iter().zip(lenet.architecture().shapes());
    let mut initializer: Vec<TensorProto> = parameters
        .zip(lenet.shared_weights().slices())
        .map(|((name, shape), numbers)| {
            let dims = shape.iter().map(|side| i64::try_from(*side).unwrap()).collect();
            tensor(name, dims, DataType::FLOAT, bytes(numbers))
        })
        .collect();
    initializer.push(tensor("rate1", Vec::new(), DataType::FLOAT, bytes(&RATES[..1])));
    initializer.push(tensor("rate2", Vec::new(), DataType::FLOAT, bytes(&RATES[1..])));
    initializer.push(tensor("on", Vec::new(), DataType::BOOL, vec![1]));
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
    let model = ModelProto {
        ir_version: Some(10),
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto { domain: Some(String::new()), version: Some(20) }],
        producer_name: Some("a test".to_owned()),
        ..ModelProto::default()
    };
    std::fs::write(path, model.write_buf().unwrap()).unwrap();
}
