//! A graph as the runtime takes it, where it asks for more than the format, or knows less.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto,
};

/// α and λ of SELU where a node says nothing (Klambauer et al. 2017, arXiv 1706.02515).
pub(super) const SELU: [f32; 2] = [1.673_263_2, 1.050_701];

/// The file of a graph that the runtime can run; `None` where it can run it as it is. But for the values of
/// [`open_branches`] the graph itself is left as it was read, so that people see what their file says.
///
/// # Errors
/// When it cannot be written.
pub(super) fn runnable(proto: &mut ModelProto) -> Result<Option<Vec<u8>>, String> {
    let Some(graph) = &mut proto.graph else { return Ok(None) };
    let opened = open_branches(graph);
    let read = graph.clone();
    // Asked for as outputs, they are there whatever the runtime leaves out.
    let named = |name: &String| ValueInfoProto { name: Some(name.clone()), ..ValueInfoProto::default() };
    graph.output.extend(opened.iter().map(named));
    let changed = [!opened.is_empty(), say_kernels(graph), spell_out_selu(graph)].contains(&true);
    let written = changed.then(|| proto.write_buf().map_err(|error| error.to_string())).transpose();
    proto.graph = Some(read);
    written
}

/// Gives a layer with weights a value of its own where what enters it goes elsewhere too, as into the other branch of a
/// residual block: what is dropped before the layer is then dropped there alone. The names of these values.
fn open_branches(graph: &mut GraphProto) -> Vec<String> {
    let mut takers: HashMap<&str, usize> = HashMap::new();
    // Who asks for a shape alone does not mind what is dropped.
    for node in graph.node.iter().filter(|node| node.op_type.as_deref() != Some("Shape")) {
        for input in &node.input {
            *takers.entry(input).or_default() += 1;
        }
    }
    let constant: HashSet<&str> =
        graph.initializer.iter().filter_map(|tensor| tensor.name.as_deref()).collect();
    let has_weights = |node: &NodeProto| {
        matches!(node.op_type.as_deref(), Some("Conv" | "Gemm" | "MatMul"))
            && node.input.get(1).is_some_and(|weight| constant.contains(weight.as_str()))
    };
    let shared = |input: &str| !constant.contains(input) && takers.get(input).is_some_and(|count| *count > 1);
    let found: Vec<bool> = graph
        .node
        .iter()
        .map(|node| has_weights(node) && node.input.first().is_some_and(|input| shared(input)))
        .collect();
    let mut opened = Vec::new();
    let nodes = std::mem::take(&mut graph.node);
    for (mut node, found) in nodes.into_iter().zip(found) {
        if let (true, Some(output)) = (found, node.output.first()) {
            let own = format!("{} before {output}", node.input[0]);
            let from = std::mem::replace(&mut node.input[0], own.clone());
            graph.node.push(NodeProto {
                op_type: Some("Identity".to_owned()),
                input: vec![from],
                output: vec![own.clone()],
                ..NodeProto::default()
            });
            opened.push(own);
        }
        graph.node.push(node);
    }
    opened
}

/// Puts ELU and a product in the place of SELU, which the runtime does not have. Whether there was one.
fn spell_out_selu(graph: &mut GraphProto) -> bool {
    let nodes = std::mem::take(&mut graph.node);
    let before = nodes.len();
    for mut node in nodes {
        if node.op_type.as_deref() != Some("Selu") {
            graph.node.push(node);
            continue;
        }
        let setting = |name: &str, otherwise: f32| {
            let said = node.attribute.iter().find(|attribute| attribute.name.as_deref() == Some(name));
            said.and_then(|attribute| attribute.f).unwrap_or(otherwise)
        };
        let [alpha, scale] = [setting("alpha", SELU[0]), setting("gamma", SELU[1])];
        let output = node.output.first().cloned().unwrap_or_default();
        let [elu, by] = ["elu", "scale"].map(|part| format!("{output} {part}"));
        graph.initializer.push(TensorProto {
            name: Some(by.clone()),
            data_type: Some(DataType::FLOAT),
            raw_data: Some(RefCell::new(scale.to_le_bytes().to_vec())),
            ..TensorProto::default()
        });
        let product = NodeProto {
            op_type: Some("Mul".to_owned()),
            input: vec![elu.clone(), by],
            output: std::mem::replace(&mut node.output, vec![elu]),
            ..NodeProto::default()
        };
        node.op_type = Some("Elu".to_owned());
        node.attribute = vec![AttributeProto {
            name: Some("alpha".to_owned()),
            f: Some(alpha),
            r#type: Some(AttributeType::FLOAT),
            ..AttributeProto::default()
        }];
        graph.node.extend([node, product]);
    }
    graph.node.len() != before
}

/// Says how large the kernels of convolutions are where a file leaves that to their weights, as the format allows: the
/// runtime needs it for the settings that are left out too. Whether it was needed.
fn say_kernels(graph: &mut GraphProto) -> bool {
    let mut said = false;
    for node in &mut graph.node {
        let silent = node.attribute.iter().all(|attribute| attribute.name.as_deref() != Some("kernel_shape"));
        if node.op_type.as_deref() != Some("Conv") || !silent {
            continue;
        }
        let weight = graph
            .initializer
            .iter()
            .find(|tensor| tensor.name.is_some() && tensor.name.as_ref() == node.input.get(1));
        let Some(sides) = weight.and_then(|weight| weight.dims.get(2..)).filter(|sides| !sides.is_empty())
        else {
            continue;
        };
        node.attribute.push(AttributeProto {
            name: Some("kernel_shape".to_owned()),
            ints: sides.to_vec(),
            r#type: Some(AttributeType::INTS),
            ..AttributeProto::default()
        });
        said = true;
    }
    said
}
