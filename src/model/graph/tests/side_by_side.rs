//! Images side by side on this program's own kernels, against the runtime, operation by operation.

use super::*;

fn image(of: usize, numbers: usize) -> Vec<f32> {
    (0..numbers).map(|at| ((at * 7919 + of * 104_729) % 1009) as f32 / 504.0 - 1.0).collect()
}

/// Opens a graph and compares everything it answers, image by image and side by side.
fn compare(written: &Written, output: &str) {
    let graph = opened(&written.bytes(output)).unwrap();
    let route = graph.without_dropout().expect("all of its operations are known");
    let images: Vec<Vec<f32>> = (0..5).map(|at| image(at, graph.input().image.bytes())).collect();
    let all: Vec<&[f32]> = images.iter().map(Vec::as_slice).collect();
    let runner = Runner::new();
    for set in InstructionSet::available() {
        let together = graph.plain_together(&route, set, &runner, &all).unwrap();
        for (image, (features, logits)) in images.iter().zip(together) {
            let alone = graph.plain(&runner, image).unwrap();
            assert_eq!((features.len(), logits.len()), (alone.0.len(), alone.1.len()));
            for (found, wanted) in features.iter().zip(&alone.0).chain(logits.iter().zip(&alone.1)) {
                assert!(
                    (found - wanted).abs() < 2e-5 * (1.0 + wanted.abs()),
                    "{found} for {wanted}, {}",
                    set.name()
                );
            }
        }
        // The same alone and with others.
        let one = graph.plain_together(&route, set, &runner, &all[3..4]).unwrap();
        assert_eq!(one, graph.plain_together(&route, set, &runner, &all).unwrap()[3..4]);
    }
    assert!(graph.agrees(InstructionSet::detect()));
}

impl Written {
    /// A convolution of any kind: settings that are lists, groups, and how it is padded where no list says so.
    fn convolved(
        self,
        (from, to): (&str, &str),
        [inputs, outputs, groups]: [usize; 3],
        kernel: [usize; 2],
        lists: &[(&str, &[i64])],
        padded: &str,
    ) -> Self {
        let (weight, bias) = (format!("{to}.weight"), format!("{to}.bias"));
        let count = outputs * (inputs / groups) * kernel[0] * kernel[1];
        let shape = [outputs, inputs / groups, kernel[0], kernel[1]].map(|side| side as i64);
        let mut written = self
            .floats(&weight, &shape, &weights(count, outputs as u64))
            .floats(&bias, &[outputs as i64], &weights(outputs, 9))
            .then("Conv", &[from, &weight, &bias], to)
            .with("group", groups as i64);
        for (name, numbers) in lists {
            written = written.with_many(name, numbers);
        }
        if padded.is_empty() { written } else { written.with_text("auto_pad", padded) }
    }

    fn with_text(mut self, name: &str, text: &str) -> Self {
        self.graph.node.last_mut().unwrap().attribute.push(AttributeProto {
            name: Some(name.to_owned()),
            s: Some(text.to_owned()),
            r#type: Some(AttributeType::STRING),
            ..AttributeProto::default()
        });
        self
    }

    fn with_number(mut self, name: &str, number: f32) -> Self {
        self.graph.node.last_mut().unwrap().attribute.push(AttributeProto {
            name: Some(name.to_owned()),
            f: Some(number),
            r#type: Some(AttributeType::FLOAT),
            ..AttributeProto::default()
        });
        self
    }

    /// What remains, flattened, to three classes.
    fn classified(self, from: &str, numbers: usize) -> Self {
        self.then("Flatten", &[from], "flat").dense("flat", "fc", [numbers, 3])
    }
}

#[test]
fn convolutions_of_every_step_reach_padding_and_grouping_are_those_of_the_runtime() {
    for (channels, kernel, lists, sides) in [
        ([3, 5, 1], [3, 3], &[("pads", &[1, 1, 1, 1][..])][..], [9, 8]),
        ([3, 16, 1], [3, 2], &[("pads", &[0, 1, 2, 0]), ("strides", &[2, 1])], [5, 8]),
        ([3, 4, 1], [2, 3], &[("dilations", &[3, 2])], [6, 4]),
        ([3, 6, 3], [3, 3], &[("pads", &[1, 1, 1, 1])], [9, 8]),
        ([3, 3, 3], [3, 3], &[("pads", &[1, 1, 1, 1]), ("strides", &[2, 2])], [5, 4]),
        ([3, 13, 1], [1, 1], &[], [9, 8]),
    ] {
        let written = Written::taking(&[0, 3, 9, 8])
            .convolved(("x", "conv"), channels, kernel, lists, "")
            .then("Relu", &["conv"], "relu")
            .classified("relu", channels[1] * sides[0] * sides[1]);
        compare(&written, "fc");
    }
    for (padded, [height, width]) in [("VALID", [4, 3]), ("SAME_UPPER", [5, 4])] {
        let written = Written::taking(&[0, 3, 9, 8])
            .convolved(("x", "conv"), [3, 4, 1], [3, 3], &[("strides", &[2, 2])], padded)
            .classified("conv", 4 * height * width);
        compare(&written, "fc");
    }
}

#[test]
fn padding_that_the_runtime_mistakes_is_refused_and_the_rest_of_its_kind_is_not() {
    let padded = |kernel: [usize; 2], strides: &[i64], sides: usize| {
        let lists: &[(&str, &[i64])] = &[("strides", strides)];
        let written =
            Written::taking(&[0, 3, 9, 8]).convolved(("x", "conv"), [3, 4, 1], kernel, lists, "SAME_LOWER");
        written.classified("conv", 4 * sides)
    };
    compare(&padded([3, 3], &[1, 1], 72), "fc");
    for (kernel, strides, sides) in [([3, 3], [2, 2], 20), ([2, 3], [1, 1], 72)] {
        let said = error(&padded(kernel, &strides, sides).bytes("fc"));
        assert!(said.contains("the node of conv pads as SAME_LOWER"), "{said}");
    }
}

#[test]
fn poolings_are_those_of_the_runtime() {
    for (op, settings, rounded_up, sides) in [
        ("MaxPool", &[("kernel_shape", &[2, 2][..]), ("strides", &[2, 2])][..], 0, [4, 4]),
        ("MaxPool", &[("kernel_shape", &[3, 3]), ("strides", &[2, 2]), ("pads", &[1, 1, 1, 1])], 0, [5, 4]),
        ("MaxPool", &[("kernel_shape", &[3, 2]), ("strides", &[2, 3])], 1, [4, 3]),
        (
            "AveragePool",
            &[("kernel_shape", &[3, 3]), ("strides", &[3, 2]), ("pads", &[1, 1, 1, 1])],
            0,
            [3, 4],
        ),
    ] {
        for counted in [0, 1] {
            let mut written = Written::taking(&[0, 3, 9, 8]).then(op, &["x"], "pooled");
            for (name, numbers) in settings {
                written = written.with_many(name, numbers);
            }
            written = written.with("ceil_mode", rounded_up);
            if op == "AveragePool" {
                written = written.with("count_include_pad", counted);
            }
            compare(&written.classified("pooled", 3 * sides[0] * sides[1]), "fc");
        }
    }
    let written =
        Written::taking(&[0, 3, 9, 8]).then("GlobalAveragePool", &["x"], "mean").classified("mean", 3);
    compare(&written, "fc");
    let written = Written::taking(&[0, 3, 9, 8])
        .whole("axes", &[-1, 2])
        .then("ReduceMean", &["x", "axes"], "mean")
        .with("keepdims", 0)
        .dense("mean", "fc", [3, 4]);
    compare(&written, "fc");
}

#[test]
fn branches_are_added_multiplied_and_joined() {
    let pads: &[(&str, &[i64])] = &[("pads", &[1, 1, 1, 1])];
    let branched = Written::taking(&[0, 3, 6, 6])
        .convolved(("x", "stem"), [3, 8, 1], [3, 3], pads, "")
        .then("Relu", &["stem"], "a")
        .convolved(("a", "b"), [8, 8, 1], [3, 3], pads, "");
    // A sum whose other side is there before the convolution, with and without a function after it; and one that others
    // need before it is added.
    let residual = branched
        .clone()
        .then("Add", &["b", "a"], "c")
        .then("Relu", &["c"], "d")
        .convolved(("d", "e"), [8, 8, 1], [1, 1], &[], "")
        .then("Add", &["d", "e"], "f")
        .convolved(("f", "past"), [8, 8, 1], [1, 1], &[], "")
        .convolved(("f", "g"), [8, 8, 1], [3, 3], pads, "")
        .then("Add", &["g", "past"], "h")
        .then("Relu", &["h"], "i")
        .then("Sub", &["h", "i"], "j")
        .classified("j", 8 * 36);
    compare(&residual, "fc");
    // Squeeze and excitation, from either side.
    for sides in [["b", "gate"], ["gate", "b"]] {
        let excited = branched
            .clone()
            .then("GlobalAveragePool", &["b"], "squeezed")
            .convolved(("squeezed", "chosen"), [8, 8, 1], [1, 1], &[], "")
            .then("HardSigmoid", &["chosen"], "gate")
            .with_number("alpha", 0.25)
            .then("Mul", &sides, "excited")
            .classified("excited", 8 * 36);
        compare(&excited, "fc");
    }
    let joined = branched
        .then("Sigmoid", &["b"], "s")
        .then("Mul", &["b", "s"], "silu")
        .then("Concat", &["x", "silu", "a"], "all")
        .with("axis", 1)
        .then("HardSwish", &["all"], "hard")
        .classified("hard", 19 * 36);
    compare(&joined, "fc");
}

#[test]
fn constants_axes_and_shapes_are_those_of_the_runtime() {
    // As Keras writes a network: the channels last, everything spelled out.
    let written = Written::taking(&[0, 6, 4, 3])
        .floats("mean", &[3], &[0.1, 0.2, 0.3])
        .floats("scale", &[1, 1, 1, 3], &[2.0, 0.5, 1.5])
        .floats("half", &[], &[0.5])
        .then("Sub", &["x", "mean"], "centred")
        .then("Mul", &["scale", "centred"], "scaled")
        .then("Sub", &["half", "scaled"], "turned")
        .then("Transpose", &["turned"], "first")
        .with_many("perm", &[0, 3, 1, 2])
        .floats("beta", &[3, 1, 1], &[0.3, -0.2, 0.1])
        .then("Add", &["first", "beta"], "shifted")
        .floats("bounds", &[], &[0.0])
        .floats("most", &[], &[0.9])
        .then("Clip", &["shifted", "bounds", "most"], "clipped")
        .floats("factors", &[1, 3, 1, 1], &[3.0, 2.0, 4.0])
        .then("Div", &["clipped", "factors"], "divided")
        .then("Transpose", &["divided"], "last")
        .with_many("perm", &[0, 2, 3, 1])
        .whole("shape", &[-1, 12, 6])
        .then("Reshape", &["last", "shape"], "pairs")
        .whole("one", &[1])
        .then("Unsqueeze", &["pairs", "one"], "raised")
        .then("Squeeze", &["raised", "one"], "lowered")
        .then("LeakyRelu", &["lowered"], "leaky")
        .with_number("alpha", 0.1)
        .whole("flat.shape", &[0, 72])
        .then("Reshape", &["leaky", "flat.shape"], "flat")
        .dense("flat", "fc1", [72, 9])
        .then("Elu", &["fc1"], "elu")
        .dense("elu", "fc2", [9, 4])
        .then("Softmax", &["fc2"], "probabilities");
    compare(&written, "probabilities");
    let normalised = Written::taking(&[0, 3, 5, 5])
        .floats("g", &[3], &[1.5, 0.5, 2.0])
        .floats("b", &[3], &[0.1, -0.1, 0.2])
        .floats("m", &[3], &[0.3, 0.1, -0.2])
        .floats("v", &[3], &[0.5, 1.5, 0.8])
        .then("BatchNormalization", &["x", "g", "b", "m", "v"], "normal")
        .with_number("epsilon", 1e-3)
        .then("Tanh", &["normal"], "tanh")
        .classified("tanh", 75);
    compare(&normalised, "fc");
}

#[test]
fn what_is_not_known_is_left_to_the_runtime() {
    let unknown = Written::taking(&[0, 3, 5, 5]).then("Erf", &["x"], "erf").classified("erf", 75);
    let graph = opened(&unknown.bytes("fc")).unwrap();
    assert!(graph.without_dropout().is_none());
    assert!(!graph.agrees(InstructionSet::detect()));
    // What lies behind it is known, but nothing leads there.
    let carried = graph.carried(&graph.plan(&graph.usual()), &Runner::new()).unwrap();
    assert!(graph.entering(&carried).is_none());
}

#[test]
fn kernels_that_answer_otherwise_than_the_runtime_are_not_used() {
    let of = |scale: f32| {
        let written = Written::taking(&[0, 3, 5, 5])
            .floats("scale", &[], &[scale])
            .then("Mul", &["x", "scale"], "scaled")
            .classified("scaled", 75);
        opened(&written.bytes("fc")).unwrap()
    };
    let mut graph = of(1.0);
    graph.program = of(1.01).program;
    assert!(graph.without_dropout().is_some());
    assert!(!graph.agrees(InstructionSet::detect()));
    assert!(of(1.0).agrees(InstructionSet::detect()));
}

#[test]
fn hostile_windows_and_shapes_are_not_known() {
    // Whether the runtime refuses them or not, nothing here loops or asks for the memory.
    let most = i64::from(i32::MAX);
    for (name, numbers) in [
        ("pads", [most, most, most, most]),
        ("pads", [9, 9, 9, 9]),
        ("strides", [0, 0, 0, 0]),
        ("dilations", [most, most, 0, 0]),
    ] {
        let numbers = if name == "pads" { &numbers[..] } else { &numbers[..2] };
        let written = Written::taking(&[0, 3, 5, 5])
            .convolved(("x", "conv"), [3, 3, 1], [2, 2], &[(name, numbers)], "")
            .then("GlobalAveragePool", &["conv"], "mean")
            .classified("mean", 3);
        let bytes = written.bytes("fc");
        let proto = ModelProto::parse_buf(&bytes).unwrap();
        let graph = proto.graph.as_ref().unwrap();
        let structure = Structure::of(graph, &[], "net").unwrap();
        let constants = Constants::new(graph, &structure, &[]);
        let program = Program::of(&constants, &[], ("x", &[3, 5, 5]), 1);
        assert!(program.route(&["x"], &["fc"], &[]).is_none(), "{name} {numbers:?}");
    }
}
