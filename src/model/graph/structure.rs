//! The nodes of a graph and the values between them, by name.

use std::collections::{HashMap, HashSet};

use rten_onnx::onnx::{AttributeProto, DataLocation, DataType, GraphProto, TensorProto};

use super::error::{AGAIN, GraphError, short};
use super::read::{range, whole_numbers};

/// Rounds after which nodes are taken to be in no order at all.
const MOST_ROUNDS: usize = 500;

/// An operation.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// What it does: `Gemm`.
    pub(super) op: String,
    /// Values it takes; an empty name is one left out.
    pub(super) inputs: Vec<String>,
    /// Values it gives.
    pub(super) outputs: Vec<String>,
    /// Its settings that are numbers.
    pub(super) floats: HashMap<String, f32>,
    /// Its settings that are whole numbers.
    pub(super) whole: HashMap<String, i64>,
    /// Settings that are text.
    pub(super) texts: HashMap<String, String>,
    /// Settings that are lists of whole numbers.
    pub(super) lists: HashMap<String, Vec<i64>>,
}

/// A constant.
#[derive(Clone, Debug, Default)]
pub(super) struct Constant {
    /// Its shape.
    pub(super) shape: Vec<usize>,
    /// Its numbers, where they are floats, of no more than two sides.
    pub(super) floats: Option<Vec<f32>>,
    /// Its numbers, where they are whole or yes and no.
    pub(super) whole: Option<Vec<i64>>,
}

/// A graph.
#[derive(Clone, Debug)]
pub(super) struct Structure {
    /// In an order in which each takes only what earlier ones give.
    pub(super) nodes: Vec<Node>,
    /// Constants by name.
    pub(super) constants: HashMap<String, Constant>,
    /// The node that gives a value.
    givers: HashMap<String, usize>,
    /// The nodes that take a value.
    takers: HashMap<String, Vec<usize>>,
}

impl Node {
    /// The value it gives first.
    pub(super) fn output(&self) -> &str {
        self.outputs.first().map_or("", String::as_str)
    }

    /// The value it takes first.
    pub(super) fn input(&self) -> &str {
        self.inputs.first().map_or("", String::as_str)
    }
}

impl Structure {
    /// The nodes of a graph.
    ///
    /// # Errors
    /// When a node takes what only a later one, or none, gives.
    pub(super) fn of(
        graph: &GraphProto,
        beside: &[(String, Vec<u8>)],
        name: &str,
    ) -> Result<Self, GraphError> {
        let mut constants = HashMap::new();
        for tensor in &graph.initializer {
            if let Some(of) = &tensor.name {
                constants.insert(of.clone(), constant(tensor, beside));
            }
        }
        let mut known: HashSet<&str> = constants.keys().map(String::as_str).collect();
        known.extend(graph.input.iter().filter_map(|input| input.name.as_deref()));
        let mut known: HashSet<String> = known.into_iter().map(str::to_owned).collect();
        known.insert(String::new());
        let mut nodes: Vec<Node> = Vec::with_capacity(graph.node.len());
        let (mut givers, mut takers) = (HashMap::new(), HashMap::<String, Vec<usize>>::new());
        // The format asks for this order; some writers do not keep it.
        let mut waiting: Vec<usize> = (0..graph.node.len()).collect();
        // Rounds through those that wait: one, where a writer kept the order.
        let mut rounds = 0;
        while !waiting.is_empty() {
            rounds += 1;
            let before = waiting.len();
            waiting.retain(|at| {
                let proto = &graph.node[*at];
                let mut inputs = proto.input.clone();
                let captured = proto.attribute.iter().filter_map(|attribute| attribute.g.as_ref());
                for inner in captured {
                    inputs.extend(captures(inner));
                }
                if !inputs.iter().all(|input| known.contains(input)) {
                    return true;
                }
                let op = proto.op_type.clone().unwrap_or_default();
                let node = Node {
                    floats: settings(&proto.attribute, |attribute| attribute.f),
                    whole: settings(&proto.attribute, |attribute| attribute.i),
                    texts: settings(&proto.attribute, |attribute| attribute.s.clone()),
                    lists: settings(&proto.attribute, |attribute| {
                        (!attribute.ints.is_empty()).then(|| attribute.ints.clone())
                    }),
                    outputs: proto.output.clone(),
                    inputs,
                    op,
                };
                if node.op == "Constant" {
                    let tensor = proto.attribute.iter().find_map(|attribute| attribute.t.as_ref());
                    let value = tensor.map_or_else(
                        || Constant {
                            floats: node.floats.get("value_float").map(|one| vec![*one]),
                            ..Constant::default()
                        },
                        |tensor| constant(tensor, beside),
                    );
                    constants.insert(node.output().to_owned(), value);
                }
                for output in &node.outputs {
                    known.insert(output.clone());
                    givers.insert(output.clone(), nodes.len());
                }
                for input in &node.inputs {
                    takers.entry(input.clone()).or_default().push(nodes.len());
                }
                nodes.push(node);
                false
            });
            if waiting.len() == before || rounds > MOST_ROUNDS {
                let node = &graph.node[waiting[0]];
                let missing =
                    node.input.iter().find(|input| !known.contains(*input)).map_or("", String::as_str);
                let problem = format!(
                    "the node {} of {} takes {}, which nothing before it gives",
                    short(node.op_type.as_deref().unwrap_or("")),
                    short(node.output.first().map_or("", String::as_str)),
                    short(missing)
                );
                return Err(GraphError::new(name, problem, AGAIN));
            }
        }
        Ok(Self { nodes, constants, givers, takers })
    }

    /// The same with the nodes alone that a value is computed with.
    pub(super) fn leading_to(&self, value: &str) -> Self {
        let mut needed: HashSet<&str> = HashSet::from([value]);
        let mut nodes: Vec<Node> = Vec::new();
        for node in self.nodes.iter().rev() {
            if node.outputs.iter().any(|output| needed.contains(output.as_str())) {
                needed.extend(node.inputs.iter().map(String::as_str));
                nodes.push(node.clone());
            }
        }
        nodes.reverse();
        let (mut givers, mut takers) = (HashMap::new(), HashMap::<String, Vec<usize>>::new());
        for (at, node) in nodes.iter().enumerate() {
            givers.extend(node.outputs.iter().map(|output| (output.clone(), at)));
            for input in &node.inputs {
                takers.entry(input.clone()).or_default().push(at);
            }
        }
        Self { nodes, constants: self.constants.clone(), givers, takers }
    }

    /// The node that gives a value; `None` for inputs and weights.
    pub(super) fn giver(&self, value: &str) -> Option<usize> {
        self.givers.get(value).copied()
    }

    /// The nodes that take a value.
    pub(super) fn takers(&self, value: &str) -> &[usize] {
        self.takers.get(value).map_or(&[], Vec::as_slice)
    }

    /// A constant of one number.
    pub(super) fn scalar(&self, value: &str) -> Option<f32> {
        match self.constants.get(value)?.floats.as_deref()? {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// A constant that says yes or no.
    pub(super) fn flag(&self, value: &str) -> Option<bool> {
        match self.constants.get(value)?.whole.as_deref()? {
            [one] => Some(*one != 0),
            _ => None,
        }
    }

    /// Whether a value is the same for every image.
    pub(super) fn is_constant(&self, value: &str) -> bool {
        value.is_empty() || self.constants.contains_key(value)
    }
}

fn settings<T>(
    attributes: &[AttributeProto],
    of: impl Fn(&AttributeProto) -> Option<T>,
) -> HashMap<String, T> {
    attributes.iter().filter_map(|attribute| Some((attribute.name.clone()?, of(attribute)?))).collect()
}

/// What a graph within another takes from outside.
fn captures(graph: &GraphProto) -> Vec<String> {
    let mut own: HashSet<&str> =
        graph.initializer.iter().filter_map(|tensor| tensor.name.as_deref()).collect();
    own.extend(graph.input.iter().filter_map(|input| input.name.as_deref()));
    own.extend(graph.node.iter().flat_map(|node| &node.output).map(String::as_str));
    let mut taken: Vec<String> = graph.node.iter().flat_map(|node| &node.input).cloned().collect();
    for inner in
        graph.node.iter().flat_map(|node| &node.attribute).filter_map(|attribute| attribute.g.as_ref())
    {
        taken.extend(captures(inner));
    }
    taken.retain(|value| !own.contains(value.as_str()));
    taken
}

fn constant(tensor: &TensorProto, beside: &[(String, Vec<u8>)]) -> Constant {
    let shape = tensor.dims.iter().map(|side| usize::try_from(*side).unwrap_or(0)).collect();
    let whole = whole_numbers(tensor).or_else(|| match tensor.data_type {
        Some(DataType::BOOL) => match &tensor.raw_data {
            Some(raw) => Some(raw.borrow().iter().map(|byte| i64::from(*byte)).collect()),
            None => Some(tensor.int32_data.iter().map(|number| i64::from(*number)).collect()),
        },
        _ => None,
    });
    // Larger ones are kernels of convolutions, which the runtime keeps and nothing here reads.
    let is_read = tensor.dims.len() <= 2;
    Constant { shape, floats: is_read.then(|| floats(tensor, beside)).flatten(), whole }
}

/// The numbers of a tensor of floats, from wherever they are.
pub(super) fn floats(tensor: &TensorProto, beside: &[(String, Vec<u8>)]) -> Option<Vec<f32>> {
    let of_bytes = |bytes: &[u8]| match tensor.data_type? {
        DataType::FLOAT => {
            Some(bytes.as_chunks::<4>().0.iter().map(|one| f32::from_le_bytes(*one)).collect())
        }
        DataType::FLOAT16 => {
            Some(bytes.as_chunks::<2>().0.iter().map(|one| half::f16::from_le_bytes(*one).to_f32()).collect())
        }
        DataType::DOUBLE => {
            Some(bytes.as_chunks::<8>().0.iter().map(|one| f64::from_le_bytes(*one) as f32).collect())
        }
        _ => None,
    };
    if tensor.data_location == Some(DataLocation::EXTERNAL) {
        let (location, offset, length) = range(tensor)?;
        let (_, bytes) = beside.iter().find(|(known, _)| known == location)?;
        return of_bytes(bytes.get(offset..offset.checked_add(length)?)?);
    }
    if let Some(raw) = &tensor.raw_data {
        return of_bytes(&raw.borrow());
    }
    match tensor.data_type? {
        DataType::FLOAT => Some(tensor.float_data.clone()),
        DataType::DOUBLE => Some(tensor.double_data.iter().map(|one| *one as f32).collect()),
        _ => None,
    }
}
