//! A network to sample from, whatever it is: the LeNet of this program, or a graph from elsewhere.

use crate::data::images::ImageShape;
use crate::data::{Classes, Digits};
use crate::kernel::InstructionSet;
use crate::model::{AnyModel, OpenedGraph, Placement, Weights};

use super::SamplingError;
use super::design::MaskDesign;
use super::graph::GraphNetwork;
use super::key::{DropoutAt, NetworkKey, Pairing};
use super::lenet::PackedLenet;
use super::masks::Masks;

/// A network to sample from, its weights checked and packed. Immutable; share it behind an `Arc`.
#[derive(Clone, Debug)]
pub struct Network {
    body: Body,
    answers: Classes,
}

/// What computes.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// This program's own.
    Lenet(PackedLenet),
    /// Any other.
    Graph(GraphNetwork),
}

impl Network {
    /// Checks the weights of a LeNet and packs them.
    ///
    /// # Errors
    /// When a parameter has another number of values than the shape says, or one of them is not finite.
    pub fn new(weights: Weights, placement: Placement) -> Result<Self, SamplingError> {
        Self::with_instructions(weights, placement, InstructionSet::detect())
    }

    /// As [`Network::new`], computing with these vector instructions.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn with_instructions(
        weights: Weights,
        placement: Placement,
        set: InstructionSet,
    ) -> Result<Self, SamplingError> {
        let answers = Classes::numbered(weights.classes).map_err(SamplingError::Classes)?;
        Ok(Self { body: Body::Lenet(PackedLenet::new(weights, placement, set)?), answers })
    }

    /// The network of a file, its classes called as they are there.
    ///
    /// # Errors
    /// When a parameter is not finite, or a graph cannot be run.
    pub fn of_model(model: &AnyModel) -> Result<Self, SamplingError> {
        let network = match model {
            AnyModel::Lenet(checkpoint) => {
                let lenet = &checkpoint.lenet;
                Self::new(lenet.weights(), lenet.architecture().placement)?
            }
            AnyModel::Graph(opened) => Self::of_graph(opened)?,
        };
        Ok(network.named(model.classes()))
    }

    /// A graph, with dropout at some of its sites, by their place among all, each by units or by channels.
    ///
    /// # Errors
    /// When the graph cannot be run.
    pub fn of_graph(opened: &OpenedGraph) -> Result<Self, SamplingError> {
        let answers = Classes::numbered(opened.graph.classes()).map_err(SamplingError::Classes)?;
        let graph = GraphNetwork::new(opened, InstructionSet::detect())?;
        Ok(Self { body: Body::Graph(graph), answers })
    }

    /// A graph whose passes are run by the graph itself; a LeNet as it is.
    #[cfg(test)]
    pub(super) fn without_head(self) -> Self {
        let body = match self.body {
            Body::Graph(graph) => Body::Graph(graph.without_head()),
            lenet @ Body::Lenet(_) => lenet,
        };
        Self { body, ..self }
    }

    /// A graph that the runtime runs, image by image; a LeNet as it is.
    #[cfg(test)]
    pub(super) fn image_by_image(self) -> Self {
        let body = match self.body {
            Body::Graph(graph) => Body::Graph(graph.image_by_image()),
            lenet @ Body::Lenet(_) => lenet,
        };
        Self { body, ..self }
    }

    pub(super) fn body(&self) -> &Body {
        &self.body
    }

    /// The LeNet; `None` of a graph.
    #[must_use]
    pub fn lenet(&self) -> Option<&PackedLenet> {
        match &self.body {
            Body::Lenet(lenet) => Some(lenet),
            Body::Graph(_) => None,
        }
    }

    /// The graph; `None` of a LeNet.
    #[must_use]
    pub fn graph(&self) -> Option<&GraphNetwork> {
        match &self.body {
            Body::Graph(graph) => Some(graph),
            Body::Lenet(_) => None,
        }
    }

    /// Where dropout acts in a LeNet; `None` of a graph.
    #[must_use]
    pub fn placement(&self) -> Option<Placement> {
        self.lenet().map(PackedLenet::placement)
    }

    /// Whether one pass takes so long that few are drawn together: dropout acts between convolutions.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        match &self.body {
            Body::Lenet(lenet) => lenet.placement() == Placement::All,
            Body::Graph(graph) => !graph.has_head(),
        }
    }

    /// Whether each pass of each image runs a graph, so that thousands of images are too many to ask about at a time.
    #[must_use]
    pub fn runs_graph(&self) -> bool {
        self.graph().is_some_and(|graph| !graph.has_head())
    }

    /// The images that it takes.
    #[must_use]
    pub fn image(&self) -> ImageShape {
        match &self.body {
            Body::Lenet(_) => ImageShape::MNIST,
            Body::Graph(graph) => graph.image(),
        }
    }

    /// Units before the last layer: a space in which images resemble each other.
    #[must_use]
    pub fn hidden(&self) -> usize {
        match &self.body {
            Body::Lenet(lenet) => lenet.hidden(),
            Body::Graph(graph) => graph.model().features(),
        }
    }

    /// The same, its classes under these names. Names of another number of classes are not its own and change nothing.
    #[must_use]
    pub fn named(self, answers: &Classes) -> Self {
        if answers.len() == self.classes() { Self { answers: answers.clone(), ..self } } else { self }
    }

    /// What its classes are called.
    #[must_use]
    pub fn answers(&self) -> &Classes {
        &self.answers
    }

    /// Classes K that it tells apart.
    #[must_use]
    pub fn classes(&self) -> usize {
        match &self.body {
            Body::Lenet(lenet) => lenet.classes(),
            Body::Graph(graph) => graph.model().classes(),
        }
    }

    /// What its passes over these images belong to.
    #[must_use]
    pub fn pairing(&self, digits: &Digits) -> Pairing {
        Pairing { dataset: digits.hash(), network: self.key() }
    }

    /// What it is: its parameters, hashed when first asked for, and where dropout acts.
    #[must_use]
    pub fn key(&self) -> NetworkKey {
        match &self.body {
            Body::Lenet(lenet) => {
                NetworkKey { parameters: lenet.parameters(), dropout: DropoutAt::Placed(lenet.placement()) }
            }
            Body::Graph(graph) => graph.key(),
        }
    }

    /// Whether its passes balance each other in quartets, at a rate and with such masks: where one site's do, errors are
    /// known from four passes at a time.
    #[must_use]
    pub fn balances(&self, dropout: f32, masks: MaskDesign) -> bool {
        match &self.body {
            Body::Lenet(_) => masks.balances(dropout),
            Body::Graph(graph) => graph.balances(dropout, masks),
        }
    }

    /// How many passes share a product with such masks; `None` where each is computed by itself.
    pub(super) fn bundled(&self, masks: &Masks) -> Option<usize> {
        match &self.body {
            Body::Lenet(lenet) => lenet.shared(masks).map(|layer| layer.of_bundle()),
            Body::Graph(graph) => graph.shared(masks).map(|layer| layer.of_bundle()),
        }
    }

    /// The vector instructions it computes with.
    #[must_use]
    pub fn instructions(&self) -> InstructionSet {
        match &self.body {
            Body::Lenet(lenet) => lenet.instructions(),
            Body::Graph(graph) => graph.instructions(),
        }
    }
}
