//! A file in ONNX and the weights beside it, checked before anything believes them.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Component, Path};

use rten_onnx::onnx::{DataLocation, GraphProto, ModelProto, TensorProto};
use sha2::{Digest as _, Sha256};

use super::error::{AGAIN, GraphError, short};
use super::nesting;
use super::runnable::runnable;
use crate::model::unlike;

/// The largest file, and the most weights beside it, in bytes.
const MOST_BYTES: u64 = 4 << 30;
/// The most nodes.
const MOST_NODES: usize = 20_000;
/// The most numbers that a constant may ask a node to fill.
const MOST_FILLED: i64 = 1 << 28;

/// What was read.
pub(super) struct Contents {
    pub(super) proto: ModelProto,
    /// The file itself.
    pub(super) bytes: Vec<u8>,
    /// Names and contents of the files with weights.
    pub(super) beside: Vec<(String, Vec<u8>)>,
    /// The SHA-256 of all of it.
    pub(super) hash: [u8; 32],
}

/// Reads a file and the weights beside it.
///
/// # Errors
/// When it is no graph in ONNX, is damaged, or names weights that are not there or not beside it.
pub(super) fn read(path: &Path, name: &str) -> Result<Contents, GraphError> {
    let bytes = whole(path, name)?;
    if let Some((what, advice)) = unlike::what(&bytes) {
        return Err(GraphError::new(name, what, advice));
    }
    let damaged =
        |reason: String| GraphError::new(name, format!("not a complete network in ONNX ({reason})"), AGAIN);
    nesting::check(&bytes).map_err(damaged)?;
    let mut proto = ModelProto::parse_buf(&bytes).map_err(|error| damaged(error.to_string()))?;
    let graph = proto.graph.as_ref().ok_or_else(|| damaged("it holds no graph".to_owned()))?;
    if graph.node.is_empty() || graph.node.len() > MOST_NODES {
        return Err(damaged(format!("it has {} nodes", graph.node.len())));
    }
    let mut beside = Vec::new();
    for tensor in tensors(graph) {
        check_shape(tensor, name)?;
        if tensor.data_location == Some(DataLocation::EXTERNAL) {
            read_beside(tensor, path, name, &mut beside)?;
        }
    }
    check_filled(graph, name)?;
    check_padding(graph, name)?;
    let mut hasher = Sha256::new();
    hasher.update(&bytes);
    for (_, bytes) in &beside {
        hasher.update(bytes);
    }
    let hash = hasher.finalize().into();
    let bytes = runnable(&mut proto).map_err(damaged)?.unwrap_or(bytes);
    Ok(Contents { proto, bytes, beside, hash })
}

/// All of a file.
fn whole(path: &Path, name: &str) -> Result<Vec<u8>, GraphError> {
    let unread = |error: std::io::Error| {
        GraphError::new(name, format!("cannot be read: {error}"), "check the path and its permissions")
    };
    // Asked first, for opening a pipe would wait for its writer.
    let about = fs::metadata(path).map_err(unread)?;
    if !about.is_file() {
        return Err(GraphError::new(name, "is not a file", "name the file of a network"));
    }
    if about.len() > MOST_BYTES {
        let problem = format!("larger than {} GiB", MOST_BYTES >> 30);
        return Err(GraphError::new(name, problem, "choose a smaller network"));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes)).map_err(unread)?;
    Ok(bytes)
}

/// All tensors of a graph, those of its constants and of graphs within it too.
fn tensors(graph: &GraphProto) -> Vec<&TensorProto> {
    let mut found: Vec<&TensorProto> = graph.initializer.iter().collect();
    for attribute in graph.node.iter().flat_map(|node| &node.attribute) {
        found.extend(&attribute.t);
        // As deep as was checked.
        found.extend(attribute.g.iter().flat_map(tensors));
    }
    found
}

/// Whether a tensor's sides multiply to a number of values that there can be.
fn check_shape(tensor: &TensorProto, name: &str) -> Result<(), GraphError> {
    let count =
        tensor.dims.iter().try_fold(1_i64, |all, side| if *side < 0 { None } else { all.checked_mul(*side) });
    if count.is_some_and(|count| count.cast_unsigned() <= MOST_BYTES) {
        return Ok(());
    }
    let of = short(tensor.name.as_deref().unwrap_or("without a name"));
    let problem = format!("the tensor {of} has the impossible shape {:?}", tensor.dims);
    Err(GraphError::new(name, problem, AGAIN))
}

/// Refuses constants that ask for more numbers than any network has.
fn check_filled(graph: &GraphProto, name: &str) -> Result<(), GraphError> {
    for node in &graph.node {
        if !matches!(node.op_type.as_deref(), Some("ConstantOfShape" | "Expand" | "Tile" | "RandomUniform")) {
            continue;
        }
        let shape = node.input.iter().filter_map(|input| {
            graph
                .initializer
                .iter()
                .find(|tensor| tensor.name.as_ref() == Some(input))
                .and_then(whole_numbers)
        });
        for sides in shape {
            let count = sides.iter().try_fold(1_i64, |all, side| all.checked_mul((*side).max(1)));
            if count.is_none_or(|count| count > MOST_FILLED) {
                let of = short(node.output.first().map_or("", String::as_str));
                let problem = format!("the node of {of} asks for a tensor of {sides:?} numbers");
                return Err(GraphError::new(name, problem, AGAIN));
            }
        }
    }
    Ok(())
}

/// Whether padding is what the runtime takes it for: it pads `SAME_LOWER` as `SAME_UPPER`, which is the same only where as
/// much is added before as after.
fn check_padding(graph: &GraphProto, name: &str) -> Result<(), GraphError> {
    for node in &graph.node {
        let setting = |key: &str| node.attribute.iter().find(|one| one.name.as_deref() == Some(key));
        if setting("auto_pad").and_then(|one| one.s.as_deref()) != Some("SAME_LOWER") {
            continue;
        }
        let list = |key: &str| setting(key).map(|one| one.ints.clone());
        let of_weight = || {
            let weight = graph.initializer.iter().find(|one| one.name.as_ref() == node.input.get(1))?;
            weight.dims.get(2..).map(<[i64]>::to_vec)
        };
        let kernel = list("kernel_shape").or_else(of_weight).unwrap_or_default();
        let dilations = list("dilations").unwrap_or_default();
        let even = kernel.iter().enumerate().all(|(at, side)| {
            // One side less than the kernel, as far apart as its taps.
            side % 2 != 0 || dilations.get(at).is_some_and(|dilation| dilation % 2 == 0)
        });
        let strides = list("strides").unwrap_or_default();
        if kernel.is_empty() || !even || strides.iter().any(|stride| *stride != 1) {
            let of = short(node.output.first().map_or("", String::as_str));
            let problem = format!("the node of {of} pads as SAME_LOWER, which is not run here as it says");
            return Err(GraphError::new(name, problem, "export it with padding in numbers (pads)"));
        }
    }
    Ok(())
}

/// The numbers of a tensor of 64-bit whole numbers.
pub(super) fn whole_numbers(tensor: &TensorProto) -> Option<Vec<i64>> {
    use rten_onnx::onnx::DataType;
    if tensor.data_type != Some(DataType::INT64) {
        return None;
    }
    if !tensor.int64_data.is_empty() {
        return Some(tensor.int64_data.clone());
    }
    let raw = tensor.raw_data.as_ref()?.borrow();
    Some(raw.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect())
}

/// What a tensor says of where its numbers are.
fn entry<'a>(tensor: &'a TensorProto, key: &str) -> Option<&'a str> {
    let entry = tensor.external_data.iter().find(|entry| entry.key.as_deref() == Some(key));
    entry.and_then(|entry| entry.value.as_deref())
}

/// Place and length of a tensor's numbers in the file beside.
pub(super) fn range(tensor: &TensorProto) -> Option<(&str, usize, usize)> {
    let number = |key: &str| entry(tensor, key).and_then(|number| number.parse::<usize>().ok());
    Some((entry(tensor, "location")?, number("offset").unwrap_or(0), number("length")?))
}

/// Reads the file that a tensor's numbers are in, unless it is there already.
fn read_beside(
    tensor: &TensorProto,
    path: &Path,
    name: &str,
    beside: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), GraphError> {
    let of = short(tensor.name.as_deref().unwrap_or("without a name"));
    let Some((location, offset, length)) = range(tensor) else {
        let problem = format!("the tensor {of} is said to lie in another file, and not where");
        return Err(GraphError::new(name, problem, AGAIN));
    };
    let shown = short(location);
    // Only what lies in the same folder or below it: a network is no reason to read anything else.
    let inside = !location.is_empty()
        && Path::new(location)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if !inside {
        let problem = format!("it names weights outside its folder, {shown}");
        return Err(GraphError::new(
            name,
            problem,
            "put the file with the weights beside it and export it again",
        ));
    }
    let at = folder.join(location);
    let known = beside.iter().position(|(known, _)| known == location);
    if known.is_none() {
        let (Ok(real), Ok(home)) = (fs::canonicalize(&at), fs::canonicalize(folder)) else {
            let problem = format!("its weights are in {shown}, which is not beside it");
            return Err(GraphError::new(name, problem, format!("put {shown} into the same folder")));
        };
        if !real.starts_with(home) {
            let problem = format!("it names weights outside its folder, by the link {shown}");
            return Err(GraphError::new(name, problem, "put the file itself in place of the link"));
        }
        let file = format!("{shown}, the weights of {name}");
        beside.push((location.to_owned(), whole(&real, &file)?));
    }
    let place = known.unwrap_or(beside.len() - 1);
    let (there, needed) = (beside[place].1.len(), offset.saturating_add(length));
    if needed > there {
        let problem = format!("the weights in {shown} end after {there} bytes, and {of} needs {needed}");
        return Err(GraphError::new(name, problem, format!("get {shown} again")));
    }
    Ok(())
}
