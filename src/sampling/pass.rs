//! One pass of a network, whatever it is.

use crate::kernel::Row;
use crate::model::graph::GraphError;

use super::graph::{GraphPass, GraphScratch};
use super::masks::Masks;
use super::network::{Body, Network};
use super::thinned::{PassScratch, Thinned};

/// What the masks of one pass leave of a network.
#[allow(clippy::large_enum_variant, reason = "there are a hundred of them at most, of one kind")]
pub(super) enum Pass {
    Lenet(Thinned),
    Graph(GraphPass),
}

/// What one thread needs between the prefix and the logits of a block.
pub(super) enum Scratch {
    Lenet(PassScratch),
    Graph(GraphScratch),
}

impl Scratch {
    pub(super) fn new(network: &Network) -> Self {
        match network.body() {
            Body::Lenet(lenet) => Self::Lenet(PassScratch::new(lenet)),
            Body::Graph(_) => Self::Graph(GraphScratch::new()),
        }
    }

    /// Prepares for passes over one block: what all of them share.
    pub(super) fn enter(&mut self, network: &Network, prefix: &[Row]) {
        if let (Self::Lenet(scratch), Body::Lenet(lenet)) = (self, network.body()) {
            scratch.enter(lenet, prefix);
        }
    }
}

impl Pass {
    /// Draws the masks of pass number `pass` and gathers the weights they keep.
    pub(super) fn new(network: &Network, masks: &Masks, pass: usize) -> Self {
        match network.body() {
            Body::Lenet(lenet) => Self::Lenet(Thinned::new(lenet, masks, pass)),
            Body::Graph(graph) => Self::Graph(GraphPass::new(graph, masks, pass)),
        }
    }

    /// Multiplications of this pass for each image, without those the passes share.
    pub(super) fn multiplications(&self) -> u64 {
        match self {
            Self::Lenet(thinned) => thinned.multiplications(),
            Self::Graph(pass) => pass.multiplications(),
        }
    }

    /// The logits of one block of so many images, from its rows of the prefix.
    ///
    /// # Errors
    /// When a graph cannot be run.
    pub(super) fn logits<'a>(
        &self,
        network: &Network,
        prefix: &[Row],
        images: usize,
        scratch: &'a mut Scratch,
    ) -> Result<&'a [Row], GraphError> {
        match (self, network.body(), scratch) {
            (Self::Lenet(thinned), Body::Lenet(lenet), Scratch::Lenet(scratch)) => {
                Ok(thinned.logits(lenet, prefix, scratch))
            }
            (Self::Graph(pass), Body::Graph(graph), Scratch::Graph(scratch)) => {
                pass.logits(graph, prefix, images, scratch)
            }
            // A pass and its scratch are made for the network they are used with.
            _ => Ok(&[]),
        }
    }
}
