//! Passes of a network, whatever it is: one by itself, or some that share a product.

use std::ops::Range;

use crate::kernel::{InstructionSet, Row};
use crate::model::graph::GraphError;

use super::bundle::{Bundle, BundleScratch};
use super::graph::{GraphPass, GraphScratch};
use super::masks::Masks;
use super::network::{Body, Network};
use super::thinned::{PassScratch, Thinned, lenet_bundle};

/// What the masks of one pass leave of a network, or of some that are computed together.
#[allow(clippy::large_enum_variant, reason = "there are a hundred of them at most, of one kind")]
pub(super) enum Pass {
    Lenet(Thinned),
    Graph(GraphPass),
    Bundle(Bundle),
}

/// What one thread needs between the prefix and the logits of a block.
pub(super) struct Scratch {
    own: Own,
    bundle: BundleScratch,
}

/// What it needs for passes by themselves.
enum Own {
    Lenet(PassScratch),
    Graph(GraphScratch),
}

impl Scratch {
    pub(super) fn new(network: &Network) -> Self {
        let own = match network.body() {
            Body::Lenet(lenet) => Own::Lenet(PassScratch::new(lenet)),
            Body::Graph(_) => Own::Graph(GraphScratch::new()),
        };
        Self { own, bundle: BundleScratch::default() }
    }

    /// Prepares for passes over one block: what all of them share.
    pub(super) fn enter(&mut self, network: &Network, prefix: &[Row]) {
        if let (Own::Lenet(scratch), Body::Lenet(lenet)) = (&mut self.own, network.body()) {
            scratch.enter(lenet, prefix);
        }
    }
}

impl Pass {
    /// How some passes are best drawn: which of them together.
    pub(super) fn plan(network: &Network, masks: &Masks, passes: Range<usize>) -> Vec<Range<usize>> {
        let each = network.bundled(masks).unwrap_or(1);
        let mut plan = Vec::new();
        let mut first = passes.start;
        while first < passes.end {
            let end = passes.end.min((first / each + 1) * each);
            plan.push(first..end);
            first = end;
        }
        plan
    }

    /// Draws the masks of passes of a plan and gathers the weights they keep.
    pub(super) fn new(network: &Network, masks: &Masks, passes: Range<usize>) -> Self {
        match network.body() {
            Body::Lenet(lenet) => match lenet.shared(masks) {
                Some(layer) => Self::Bundle(lenet_bundle(lenet, &layer, masks, passes)),
                None => Self::Lenet(Thinned::new(lenet, masks, passes.start)),
            },
            Body::Graph(graph) => match graph.shared(masks) {
                Some(layer) => Self::Bundle(graph.bundle(&layer, masks, passes)),
                None => Self::Graph(GraphPass::new(graph, masks, passes.start)),
            },
        }
    }

    /// How many passes.
    pub(super) fn passes(&self) -> usize {
        match self {
            Self::Lenet(_) | Self::Graph(_) => 1,
            Self::Bundle(bundle) => bundle.passes(),
        }
    }

    /// Multiplications for each image, without those that all passes share.
    pub(super) fn multiplications(&self) -> u64 {
        match self {
            Self::Lenet(thinned) => thinned.multiplications(),
            Self::Graph(pass) => pass.multiplications(),
            Self::Bundle(bundle) => bundle.multiplications(),
        }
    }

    /// The logits of one block of so many images, `[passes, classes]`, from its rows of the prefix.
    ///
    /// # Errors
    /// When a graph cannot be run.
    pub(super) fn logits<'a>(
        &self,
        network: &Network,
        set: InstructionSet,
        (prefix, images): (&[Row], usize),
        scratch: &'a mut Scratch,
    ) -> Result<&'a [Row], GraphError> {
        let Scratch { own, bundle: together } = scratch;
        match (self, network.body(), own) {
            (Self::Bundle(bundle), ..) => Ok(bundle.logits(set, prefix, together)),
            (Self::Lenet(thinned), Body::Lenet(lenet), Own::Lenet(scratch)) => {
                Ok(thinned.logits(lenet, prefix, scratch))
            }
            (Self::Graph(pass), Body::Graph(graph), Own::Graph(scratch)) => {
                pass.logits(graph, prefix, images, scratch)
            }
            // A pass and its scratch are made for the network they are used with.
            _ => Ok(&[]),
        }
    }
}
