//! Graphs written by hand, and every way one can be bad.

#![allow(clippy::cast_possible_wrap, reason = "sides of small tensors")]

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataLocation, DataType, Dimension, ModelProto, NodeProto,
    OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor,
};

use super::*;
use crate::data::images::ImageShape;

mod inputs;
mod side_by_side;

/// A graph being written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    graph: GraphProto,
}

/// Numbers that look like weights, the same every time.
fn weights(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / 16_777_216.0 - 0.5
    };
    (0..count).map(|_| next()).collect()
}

/// Weights `[outputs, inputs]` and biases of a fully connected layer.
pub(crate) fn dense_weights([inputs, outputs]: [usize; 2]) -> (Vec<f32>, Vec<f32>) {
    let scale = 2.0 / (inputs as f32).sqrt();
    let numbers = weights(inputs * outputs, inputs as u64).iter().map(|one| one * scale).collect();
    (numbers, weights(outputs, 3))
}

/// Weights `[outputs, inputs, side, side]` and biases of a convolution.
pub(crate) fn convolution_weights([inputs, outputs, side]: [usize; 3]) -> (Vec<f32>, Vec<f32>) {
    (weights(outputs * inputs * side * side, outputs as u64), weights(outputs, 7))
}

impl Written {
    /// A graph that takes images of this shape; a side of 0 is any.
    pub(crate) fn taking(shape: &[i64]) -> Self {
        let mut written = Self::default();
        written.graph.input.push(value("x", shape));
        written
    }

    /// Adds an operation.
    pub(crate) fn then(mut self, op: &str, inputs: &[&str], output: &str) -> Self {
        self.graph.node.push(NodeProto {
            name: Some(format!("node of {output}")),
            op_type: Some(op.to_owned()),
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![output.to_owned()],
            ..NodeProto::default()
        });
        self
    }

    /// Gives the last operation a setting.
    pub(crate) fn with(mut self, name: &str, number: i64) -> Self {
        let attribute = AttributeProto {
            name: Some(name.to_owned()),
            i: Some(number),
            r#type: Some(AttributeType::INT),
            ..AttributeProto::default()
        };
        self.graph.node.last_mut().unwrap().attribute.push(attribute);
        self
    }

    /// Gives the last operation a setting of several numbers.
    pub(crate) fn with_many(mut self, name: &str, numbers: &[i64]) -> Self {
        let attribute = AttributeProto {
            name: Some(name.to_owned()),
            ints: numbers.to_vec(),
            r#type: Some(AttributeType::INTS),
            ..AttributeProto::default()
        };
        self.graph.node.last_mut().unwrap().attribute.push(attribute);
        self
    }

    /// Adds a constant.
    pub(crate) fn floats(mut self, name: &str, dims: &[i64], numbers: &[f32]) -> Self {
        let raw = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.graph.initializer.push(tensor(name, dims, DataType::FLOAT, raw));
        self
    }

    fn whole(mut self, name: &str, numbers: &[i64]) -> Self {
        let raw = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.graph.initializer.push(tensor(name, &[numbers.len() as i64], DataType::INT64, raw));
        self
    }

    fn yes(mut self, name: &str) -> Self {
        self.graph.initializer.push(tensor(name, &[], DataType::BOOL, vec![1]));
        self
    }

    /// A fully connected layer with weights of its own, as PyTorch writes it.
    pub(crate) fn dense(self, from: &str, to: &str, [inputs, outputs]: [usize; 2]) -> Self {
        let (weight, bias) = (format!("{to}.weight"), format!("{to}.bias"));
        let (weights, biases) = dense_weights([inputs, outputs]);
        self.floats(&weight, &[outputs as i64, inputs as i64], &weights)
            .floats(&bias, &[outputs as i64], &biases)
            .then("Gemm", &[from, &weight, &bias], to)
            .with("transB", 1)
    }

    /// A convolution with weights of its own and a step, without padding.
    pub(crate) fn convolution(self, from: &str, to: &str, [inputs, outputs, side, step]: [usize; 4]) -> Self {
        let (weight, bias) = (format!("{to}.weight"), format!("{to}.bias"));
        let (weights, biases) = convolution_weights([inputs, outputs, side]);
        let shape = [outputs, inputs, side, side].map(|side| side as i64);
        self.floats(&weight, &shape, &weights)
            .floats(&bias, &[outputs as i64], &biases)
            .then("Conv", &[from, &weight, &bias], to)
            .with_many("strides", &[step as i64; 2])
    }

    /// Dropout in training mode.
    pub(crate) fn dropout(self, from: &str, to: &str, rate: f32) -> Self {
        let (ratio, mode) = (format!("{to}.ratio"), format!("{to}.mode"));
        self.floats(&ratio, &[], &[rate]).yes(&mode).then("Dropout", &[from, &ratio, &mode], to)
    }

    /// Dropout that leaves SELU's mean and variance, as PyTorch spells it out; `off` is added to one of its constants.
    pub(crate) fn alpha_dropout(self, from: &str, to: &str, rate: f32, off: f32) -> Self {
        let named = |part: &str| format!("{to}.{part}");
        let p = f64::from(rate);
        let least = -1.758_099_340_847_376_6_f64;
        let factor = 1.0 / ((1.0 - p) * (1.0 + p * least * least)).sqrt();
        let mut written = self;
        for (name, number) in [
            ("keep", 1.0 - rate),
            ("one", -1.0),
            ("least", (-factor * least) as f32 + off),
            ("shift", (-factor * least * p) as f32),
            ("factor", factor as f32),
        ] {
            written = written.floats(&named(name), &[], &[number]);
        }
        for (op, inputs, output) in [
            ("Shape", [from, ""], "shape"),
            ("ConstantOfShape", ["shape", ""], "blank"),
            ("RandomUniformLike", ["blank", ""], "drawn"),
            ("Less", ["drawn", "keep"], "less"),
            ("Cast", ["less", ""], "kept"),
            ("Add", ["kept", "one"], "dropped"),
            ("Mul", ["dropped", "least"], "leasts"),
            ("Add", ["leasts", "shift"], "shifts"),
            ("Mul", ["kept", "factor"], "scales"),
            ("Mul", [from, "scales"], "scaled"),
        ] {
            let inputs: Vec<String> = inputs
                .into_iter()
                .filter(|input| !input.is_empty())
                .map(|input| if input == from { from.to_owned() } else { named(input) })
                .collect();
            let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
            written = written.then(op, &inputs, &named(output));
            if op == "Cast" {
                written = written.with("to", 1);
            }
        }
        written.then("Add", &[&named("scaled"), &named("shifts")], to)
    }

    /// The file of it.
    pub(crate) fn bytes(&self, output: &str) -> Vec<u8> {
        let mut graph = self.graph.clone();
        graph.output.push(value(output, &[]));
        let model = ModelProto {
            ir_version: Some(10),
            graph: Some(graph),
            opset_import: vec![OperatorSetIdProto { domain: Some(String::new()), version: Some(20) }],
            producer_name: Some("by hand".to_owned()),
            ..ModelProto::default()
        };
        model.write_buf().unwrap()
    }
}

fn value(name: &str, shape: &[i64]) -> ValueInfo {
    let side = |side: &i64| Dimension {
        dim_value: (*side > 0).then_some(*side),
        dim_param: (*side <= 0).then(|| "batch".to_owned()),
    };
    let shape = TensorShapeProto { dim: shape.iter().map(side).collect() };
    let tensor_type = Some(TypeProtoTensor { elem_type: Some(DataType::FLOAT), shape: Some(shape) });
    ValueInfo { name: Some(name.to_owned()), r#type: Some(TypeProto { tensor_type, ..TypeProto::default() }) }
}

type ValueInfo = rten_onnx::onnx::ValueInfoProto;

fn tensor(name: &str, dims: &[i64], of: DataType, raw: Vec<u8>) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: dims.to_vec(),
        data_type: Some(of),
        raw_data: Some(RefCell::new(raw)),
        ..TensorProto::default()
    }
}

/// A small network of the usual kind: a convolution, dropout by channels as PyTorch spells it out, and a head with dropout
/// before each of its two layers.
pub(crate) fn usual() -> Written {
    Written::taking(&[0, 1, 28, 28])
        .floats("conv.weight", &[6, 1, 7, 7], &weights(6 * 49, 5))
        .floats("conv.bias", &[6], &weights(6, 6))
        .then("Conv", &["x", "conv.weight", "conv.bias"], "conv")
        .with_many("strides", &[7, 7])
        .then("Relu", &["conv"], "relu")
        .whole("mask.shape", &[1, 6, 1, 1])
        .floats("keep", &[], &[0.75])
        .then("ConstantOfShape", &["mask.shape"], "ones")
        .then("RandomUniformLike", &["ones"], "drawn")
        .then("Less", &["drawn", "keep"], "kept")
        .then("Cast", &["kept"], "bernoulli")
        .with("to", 1)
        .then("Div", &["bernoulli", "keep"], "scaled")
        .then("Mul", &["relu", "scaled"], "spatial")
        .then("Flatten", &["spatial"], "flat")
        .dropout("flat", "dropped1", 0.25)
        .dense("dropped1", "fc1", [96, 20])
        .then("Relu", &["fc1"], "hidden")
        .dropout("hidden", "dropped2", 0.5)
        .dense("dropped2", "fc2", [20, 5])
}

/// Writes a file and opens it.
pub(crate) fn opened(bytes: &[u8]) -> Result<GraphModel, GraphError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.onnx");
    fs::write(&path, bytes).unwrap();
    GraphModel::open(&path)
}

fn error(bytes: &[u8]) -> String {
    let message = opened(bytes).unwrap_err().to_string();
    assert!(message.contains("net.onnx: "), "{message}");
    assert!(message.len() < 600, "{message}");
    message
}

#[test]
fn the_sites_of_a_usual_network_are_found_in_order() {
    let graph = opened(&usual().bytes("fc2")).unwrap();
    let found: Vec<_> = graph
        .sites()
        .iter()
        .map(|site| {
            (site.key, site.origin, site.by, site.rate, site.units(), site.drawn(), site.what.as_str())
        })
        .collect();
    assert_eq!(
        found,
        [
            (4, Origin::Possible, By::Unit, 0.5, 784, 784, "Conv conv.weight"),
            (5, Origin::Active, By::Channel, 0.25, 96, 6, "Gemm fc1.weight"),
            (6, Origin::Active, By::Unit, 0.25, 96, 96, "Gemm fc1.weight"),
            (7, Origin::Active, By::Unit, 0.5, 20, 20, "Gemm fc2.weight"),
        ]
    );
    assert_eq!(graph.usual(), [false, true, true, true]);
    assert_eq!((graph.classes(), graph.features(), graph.answer()), (5, 20, Answer::Logits));
    let plan = graph.plan(&graph.usual());
    let head = plan.head.unwrap();
    assert_eq!(
        head.layers.iter().map(|layer| (layer.inputs, layer.outputs())).collect::<Vec<_>>(),
        [(96, 20), (20, 5)]
    );
    assert_eq!(head.layers[0].sites, [1, 2]);
    // Before the convolution nothing is a head.
    assert!(graph.plan(&[true, false, false, true]).head.is_none());
    let layers: Vec<&str> = graph.layers().iter().map(|layer| layer.op.as_str()).collect();
    assert_eq!(layers.last(), Some(&"Gemm"));
    assert!(graph.layers().iter().any(|layer| layer.shape == [20]), "{:?}", graph.layers());
}

#[test]
fn a_network_without_dropout_has_it_before_its_last_layer_and_softmax_gives_its_logits() {
    let bytes = Written::taking(&[0, 784])
        .dense("x", "fc1", [784, 12])
        .then("Gelu", &["fc1"], "gelu")
        .dense("gelu", "fc2", [12, 3])
        .then("Softmax", &["fc2"], "probabilities")
        .bytes("probabilities");
    let graph = opened(&bytes).unwrap();
    assert_eq!(graph.usual(), [false, true]);
    assert_eq!((graph.answer(), graph.classes()), (Answer::Probabilities, 3));
    let runner = Runner::new();
    let image: [f32; 784] = std::array::from_fn(|pixel| (pixel % 7) as f32 / 7.0);
    let (features, logits) = graph.plain(&runner, &image).unwrap();
    assert_eq!(features.len(), 12);
    // The same from the weights, in double precision.
    let dense = |input: &[f64], outputs: usize| -> Vec<f64> {
        let inputs = input.len();
        let (weight, bias) = dense_weights([inputs, outputs]);
        (0..outputs)
            .map(|m| {
                f64::from(bias[m])
                    + (0..inputs).map(|k| f64::from(weight[m * inputs + k]) * input[k]).sum::<f64>()
            })
            .collect()
    };
    let hidden: Vec<f64> = dense(&image.map(f64::from), 12)
        .into_iter()
        .map(|one| f64::from(Activation::Gelu.apply(one as f32)))
        .collect();
    for (found, expected) in logits.iter().zip(dense(&hidden, 3)) {
        assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} {expected}");
    }
}

#[test]
fn one_probability_is_of_the_second_of_two_classes() {
    let bytes = Written::taking(&[1, 28, 28, 1])
        .whole("shape", &[1, 784])
        .then("Reshape", &["x", "shape"], "flat")
        .dropout("flat", "dropped", 0.5)
        .dense("dropped", "fc", [784, 1])
        .then("Sigmoid", &["fc"], "p")
        .bytes("p");
    let graph = opened(&bytes).unwrap();
    assert_eq!((graph.answer(), graph.classes()), (Answer::OneOfTwo, 2));
    assert_eq!(graph.input().layout, ImageLayout::ChannelsLast);
    let (_, logits) = graph.plain(&Runner::new(), &[0.5; 784]).unwrap();
    assert_eq!((logits.len(), logits[0].to_bits()), (2, 0));
}

#[test]
fn weights_beside_a_file_are_read_from_there_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    fs::create_dir(&inside).unwrap();
    let numbers = weights(784 * 4, 9);
    let raw: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let open = |location: &str, length: usize| {
        let mut written = Written::taking(&[0, 784]).then("Gemm", &["x", "w"], "fc").with("transB", 1);
        let entry = |key: &str, value: String| StringStringEntryProto {
            key: Some(key.to_owned()),
            value: Some(value),
        };
        written.graph.initializer.push(TensorProto {
            name: Some("w".to_owned()),
            dims: vec![4, 784],
            data_type: Some(DataType::FLOAT),
            data_location: Some(DataLocation::EXTERNAL),
            external_data: vec![
                entry("location", location.to_owned()),
                entry("offset", "0".to_owned()),
                entry("length", length.to_string()),
            ],
            ..TensorProto::default()
        });
        let path: PathBuf = inside.join("net.onnx");
        fs::write(&path, written.bytes("fc")).unwrap();
        GraphModel::open(&path).map_err(|error| error.to_string())
    };
    let missing = open("net.onnx.data", raw.len()).unwrap_err();
    assert!(missing.contains("net.onnx.data, which is not beside it"), "{missing}");
    fs::write(inside.join("net.onnx.data"), &raw).unwrap();
    let graph = open("net.onnx.data", raw.len()).unwrap();
    assert_eq!(graph.plan(&graph.usual()).head.unwrap().layers[0].weight, numbers);
    fs::write(inside.join("net.onnx.data"), &raw[..100]).unwrap();
    let short = open("net.onnx.data", raw.len()).unwrap_err();
    assert!(short.contains("end after 100 bytes"), "{short}");
    // What leaves the folder is not followed, whatever there is.
    fs::write(folder.path().join("outside"), &raw).unwrap();
    let absolute = folder.path().join("outside").display().to_string();
    for location in ["../outside", "a/../../outside", &absolute, ""] {
        let outside = open(location, raw.len()).unwrap_err();
        assert!(outside.contains("outside its folder"), "{outside}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("outside"), inside.join("link")).unwrap();
        assert!(open("link", raw.len()).unwrap_err().contains("by the link"));
    }
}

#[test]
fn what_cannot_be_run_is_said_with_the_node_and_the_reason() {
    let whole = usual().bytes("fc2");
    for length in [1, 40, whole.len() / 2, whole.len() - 1] {
        assert!(error(&whole[..length]).contains("not a complete network in ONNX"), "{length}");
    }
    let batch = Written::taking(&[0, 1, 28, 28])
        .floats("one", &[1], &[1.0])
        .then("BatchNormalization", &["x", "one", "one", "one", "one"], "norm")
        .with("training_mode", 1)
        .then("Flatten", &["norm"], "flat")
        .dense("flat", "fc", [784, 3]);
    let said = error(&batch.bytes("fc"));
    assert!(
        said.contains("BatchNormalization of norm is in training mode") && said.contains("model.eval()"),
        "{said}"
    );
    let unknown = Written::taking(&[0, 784]).then("Frobnicate", &["x"], "y").dense("y", "fc", [784, 3]);
    assert!(error(&unknown.bytes("fc")).contains("Frobnicate"), "{}", error(&unknown.bytes("fc")));
    // A loop may never end.
    let looping = Written::taking(&[0, 784]).then("Loop", &["x"], "y").dense("y", "fc", [784, 3]);
    assert!(error(&looping.bytes("fc")).contains("the node Loop of y repeats"));
    let itself = Written::taking(&[0, 784]).then("Add", &["x", "y"], "y").dense("y", "fc", [784, 3]);
    assert!(error(&itself.bytes("fc")).contains("takes y, which nothing before it gives"));
    let noise = Written::taking(&[0, 784])
        .then("RandomNormalLike", &["x"], "noise")
        .then("Add", &["x", "noise"], "y")
        .dense("y", "fc", [784, 3]);
    assert!(error(&noise.bytes("fc")).contains("RandomNormalLike of noise draws random numbers"));
    let gigantic = Written::taking(&[0, 784])
        .whole("shape", &[1 << 20, 1 << 20])
        .then("ConstantOfShape", &["shape"], "zeros")
        .dense("x", "fc", [784, 3]);
    assert!(error(&gigantic.bytes("fc")).contains("asks for a tensor of"));
    let mut impossible = Written::taking(&[0, 784]).dense("x", "fc", [784, 3]);
    impossible.graph.initializer[0].dims = vec![i64::MAX, i64::MAX];
    assert!(error(&impossible.bytes("fc")).contains("impossible shape"));
    let mut two = Written::taking(&[0, 784]).dense("x", "fc", [784, 3]);
    two.graph.input.push(value("ages", &[0, 1]));
    // What the output does not need is no matter.
    assert!(opened(&two.bytes("fc")).is_ok());
    let two = two.then("Mul", &["fc", "ages"], "aged");
    assert!(error(&two.bytes("aged")).contains("takes 2 inputs (x, ages)"));
    let many = Written::taking(&[0, 784]).dense("x", "fc", [784, 1001]);
    assert!(error(&many.bytes("fc")).contains("1001 numbers"));
    let infinite = Written::taking(&[0, 784])
        .dropout("x", "d", 0.5)
        .floats("w", &[3, 784], &vec![f32::MAX; 3 * 784])
        .floats("b", &[3], &[f32::INFINITY; 3])
        .then("Gemm", &["d", "w", "b"], "fc")
        .with("transB", 1);
    assert!(error(&infinite.bytes("fc")).contains("it answers"), "{}", error(&infinite.bytes("fc")));
    let selu = |off: f32| {
        Written::taking(&[0, 784])
            .dense("x", "fc1", [784, 20])
            .then("Selu", &["fc1"], "selu")
            .alpha_dropout("selu", "d", 0.3, off)
            .dense("d", "fc2", [20, 3])
            .bytes("fc2")
    };
    assert!(opened(&selu(0.0)).is_ok());
    assert!(error(&selu(0.01)).contains("is no dropout that is known here"));
    let rate = Written::taking(&[0, 784]).dropout("x", "d", 1.0).dense("d", "fc", [784, 3]);
    assert!(error(&rate.bytes("fc")).contains("the rate 1"));
    assert!(error(b"version https://git-lfs.github.com/spec/v1\n").contains("git lfs pull"));
    assert!(error(b"<html>").contains("a web page"));
    assert!(
        GraphModel::open(std::path::Path::new("/nowhere/net.onnx"))
            .unwrap_err()
            .to_string()
            .contains("cannot be read")
    );
}

#[test]
fn files_with_any_byte_changed_open_or_say_what_is_wrong() {
    let whole = usual().bytes("fc2");
    let mut state = 7_u64;
    for step in 0..300_u64 {
        let mut bytes = whole.clone();
        for _ in 0..=step % 3 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step);
            let at = (state >> 20) as usize % bytes.len();
            bytes[at] ^= (state >> 56) as u8 | 1;
        }
        if let Err(problem) = opened(&bytes) {
            assert!(problem.to_string().contains("net.onnx: "), "{problem}");
        }
    }
}
