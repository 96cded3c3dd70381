//! A graph as the runtime takes it, where it asks for more than the format, or knows less.

use std::cell::RefCell;

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, GraphProto, ModelProto, NodeProto, TensorProto,
};

/// α and λ of SELU where a node says nothing (Klambauer et al. 2017, arXiv 1706.02515).
pub(super) const SELU: [f32; 2] = [1.673_263_2, 1.050_701];

/// The file of a graph that the runtime can run; `None` where it can run it as it is. The graph itself is left as it was
/// read, so that people see what their file says.
///
/// # Errors
/// When it cannot be written.
pub(super) fn runnable(proto: &mut ModelProto) -> Result<Option<Vec<u8>>, String> {
    let Some(graph) = &mut proto.graph else { return Ok(None) };
    let read = graph.clone();
    let changed = [say_kernels(graph), spell_out_selu(graph)].contains(&true);
    let written = changed.then(|| proto.write_buf().map_err(|error| error.to_string())).transpose();
    proto.graph = Some(read);
    written
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
