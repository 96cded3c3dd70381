//! The operations of a graph as people draw them.

use super::error::short;
use super::plan::{self, Cut};
use super::sites::{self, Origin, Site};
use super::structure::{Node, Structure};

/// An operation as people draw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What it does: `Conv`.
    pub op: String,
    /// Its weights, where it has some.
    pub weight: Option<String>,
    /// Shape of what it gives for one image; empty where it is merged with what follows.
    pub shape: Vec<usize>,
    /// Its place among the nodes.
    pub(super) node: usize,
}

/// What follows upon each other in a drawing of a network, by its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A layer.
    Layer(usize),
    /// A site, before the layer that follows.
    Site(usize),
}

/// The shapes of some values together; `None` where one of them cannot be taken out.
pub(super) type Shapes<'a> = &'a dyn Fn(&[&str]) -> Option<Vec<Vec<usize>>>;

/// The operations worth drawing, with the shapes of what they give where these can be taken out.
pub(super) fn find(
    structure: &Structure,
    sites: &[Site],
    cuts: &[Cut],
    logits: &str,
    shapes: Shapes,
) -> Vec<Layer> {
    let needed = plan::needed(structure, cuts, logits);
    let quiet = |op: &str| {
        sites::reshapes(op)
            || matches!(
                op,
                "Constant"
                    | "Shape"
                    | "Gather"
                    | "Concat"
                    | "ConstantOfShape"
                    | "Less"
                    | "Div"
                    | "Dropout"
                    | "Transpose"
            )
            || op.starts_with("Random")
    };
    let spelled_out =
        |node: usize| sites.iter().any(|site| site.node == node && site.origin != Origin::Possible);
    let nodes = structure.nodes.iter().enumerate();
    let drawn: Vec<(usize, &Node)> = nodes
        .filter(|(at, node)| {
            // The softmax that was taken off is none that they need.
            let last = structure.takers(logits).contains(at);
            (last || needed.contains(node.output())) && !quiet(&node.op) && !spelled_out(*at)
        })
        .collect();
    // All at once; where one was merged with what follows and cannot be taken out, one by one.
    let names: Vec<&str> = drawn.iter().map(|(_, node)| node.output()).collect();
    let all = shapes(&names).unwrap_or_else(|| {
        let one = |name: &&str| shapes(&[*name]).and_then(|mut one| one.pop());
        names.iter().map(|name| one(name).unwrap_or_default()).collect()
    });
    let layer = |((at, node), shape): ((usize, &Node), Vec<usize>)| {
        let weight = node.inputs.get(1);
        let weight = weight.filter(|value| structure.is_constant(value) && !value.is_empty());
        // What has weights is drawn even without a shape.
        let is_drawn = weight.is_some() || !shape.is_empty();
        is_drawn.then(|| Layer {
            op: short(&node.op),
            weight: weight.map(|weight| short(weight)),
            shape,
            node: at,
        })
    };
    drawn.into_iter().zip(all).filter_map(layer).collect()
}

/// Layers and, in their places between them, sites.
pub(super) fn steps(layers: &[Layer], sites: &[Site]) -> Vec<Step> {
    let layers = layers.iter().enumerate().map(|(at, layer)| (layer.node, 1, Step::Layer(at)));
    let sites = sites.iter().enumerate().map(|(at, site)| (site.node, 0, Step::Site(at)));
    let mut steps: Vec<(usize, u8, Step)> = layers.chain(sites).collect();
    // A site that is only possible lies at the layer it is put before.
    steps.sort_by_key(|(node, second, _)| (*node, *second));
    steps.into_iter().map(|(_, _, step)| step).collect()
}
