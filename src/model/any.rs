//! A network of a file, whatever it is: the LeNet of this program, or a graph from elsewhere with dropout at some of its
//! sites.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use super::graph::{GraphModel, Origin, Preprocessing, Rates};
use super::{Checkpoint, CheckpointError, Lenet, Placement, unlike};
use crate::data::Classes;
use crate::data::images::ImageShape;
use crate::wording::hexadecimal;

/// A network of a file.
#[derive(Clone, Debug)]
pub enum AnyModel {
    /// This program's own, and all of its shape.
    Lenet(Checkpoint),
    /// Any other.
    Graph(OpenedGraph),
}

/// A graph, and where a person lets dropout act in it.
#[derive(Clone, Debug)]
pub struct OpenedGraph {
    /// The graph.
    pub graph: Arc<GraphModel>,
    /// Which of its sites are on.
    pub on: Vec<bool>,
    /// At which rates they drop.
    pub rates: Rates,
    /// What is done to an image before it takes it.
    pub preprocessing: Preprocessing,
    /// What its classes are called.
    pub classes: Classes,
}

impl From<Checkpoint> for AnyModel {
    fn from(checkpoint: Checkpoint) -> Self {
        Self::Lenet(checkpoint)
    }
}

impl OpenedGraph {
    /// A graph with dropout where its file has it; where that has none, before its last layer.
    #[must_use]
    pub fn new(graph: GraphModel) -> Self {
        let on = graph.usual();
        let classes = Classes::numbered(graph.classes()).unwrap_or_default();
        let preprocessing = Preprocessing::default();
        Self { graph: Arc::new(graph), on, rates: Rates::AsTrained, preprocessing, classes }.told_apart()
    }

    /// Whether the file gives any site that is on a rate.
    fn has_rates(&self) -> bool {
        let mut sites = self.graph.sites().iter().zip(&self.on);
        sites.any(|(site, on)| *on && site.origin != Origin::Possible)
    }

    /// The same at one rate where the file has none for any of its sites: there is no other that they could keep.
    fn told_apart(self) -> Self {
        let rates = if self.has_rates() { self.rates } else { Rates::Common };
        Self { rates, ..self }
    }

    /// The sites that are on, with the rate of each.
    fn acting(&self, dropout: f32) -> impl Iterator<Item = (&super::graph::Site, f32)> {
        let sites = self.graph.sites().iter().zip(&self.on).filter(|(_, on)| **on);
        sites.map(move |(site, _)| match self.rates {
            Rates::AsTrained => (site, site.rate),
            Rates::Common => (site, dropout),
        })
    }

    /// Where dropout acts and at which rates, in words: `before Gemm fc1.weight at 0.25 and before Gemm fc2.weight at 0.5`.
    #[must_use]
    pub fn dropout_in_words(&self, dropout: f32) -> String {
        let sites: Vec<String> = self
            .acting(dropout)
            .map(|(site, rate)| format!("before {} at {}", site.what, (rate * 1e4).round() / 1e4))
            .collect();
        match &sites[..] {
            [] => "nowhere".to_owned(),
            [one] => one.clone(),
            [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        }
    }
}

impl AnyModel {
    /// The model that comes with the program.
    ///
    /// # Errors
    /// Only when the program was built with a damaged asset.
    pub fn bundled() -> Result<Self, CheckpointError> {
        Checkpoint::bundled().map(Self::Lenet)
    }

    /// Opens a file: a graph in ONNX, or a LeNet in any of its formats.
    ///
    /// # Errors
    /// When it cannot be read or does not hold a network that runs here; each says what and what to do.
    pub fn open(path: &Path) -> Result<Self, CheckpointError> {
        let mut start = Vec::new();
        let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut start));
        let named = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"));
        if named || (read.is_ok() && unlike::is_onnx(&start)) {
            return Ok(Self::Graph(OpenedGraph::new(GraphModel::open(path)?)));
        }
        Checkpoint::open(path).map(Self::Lenet)
    }

    /// What its classes are called.
    #[must_use]
    pub fn classes(&self) -> &Classes {
        match self {
            Self::Lenet(checkpoint) => &checkpoint.classes,
            Self::Graph(graph) => &graph.classes,
        }
    }

    /// The same, its classes called otherwise.
    #[must_use]
    pub fn called(self, classes: Classes) -> Self {
        match self {
            Self::Lenet(checkpoint) => Self::Lenet(Checkpoint { classes, ..checkpoint }),
            Self::Graph(graph) => Self::Graph(OpenedGraph { classes, ..graph }),
        }
    }

    /// The LeNet with what its file says; `None` of a graph.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        match self {
            Self::Lenet(checkpoint) => Some(checkpoint),
            Self::Graph(_) => None,
        }
    }

    /// The LeNet; `None` of a graph.
    #[must_use]
    pub fn lenet(&self) -> Option<&Lenet> {
        self.checkpoint().map(|checkpoint| &checkpoint.lenet)
    }

    /// The graph; `None` of a LeNet.
    #[must_use]
    pub fn graph(&self) -> Option<&OpenedGraph> {
        match self {
            Self::Graph(graph) => Some(graph),
            Self::Lenet(_) => None,
        }
    }

    /// Where dropout acts in a LeNet; `None` of a graph.
    #[must_use]
    pub fn placement(&self) -> Option<Placement> {
        self.lenet().map(|lenet| lenet.architecture().placement)
    }

    /// The rate it was trained with; of a graph, that of its last site.
    #[must_use]
    pub fn dropout(&self) -> f32 {
        match self {
            Self::Lenet(checkpoint) => checkpoint.lenet.dropout(),
            Self::Graph(graph) => graph.acting(0.5).last().map_or(0.5, |(site, _)| site.rate),
        }
    }

    /// A graph at one rate for all of its sites; a LeNet as it is.
    #[must_use]
    pub fn at_common_rate(self) -> Self {
        match self {
            Self::Graph(graph) => Self::Graph(OpenedGraph { rates: Rates::Common, ..graph }),
            lenet @ Self::Lenet(_) => lenet,
        }
    }

    /// A graph with each of its sites at the rate that its file says; a LeNet as it is.
    #[must_use]
    pub fn at_own_rates(self) -> Self {
        match self {
            Self::Graph(graph) => Self::Graph(OpenedGraph { rates: Rates::AsTrained, ..graph }.told_apart()),
            lenet @ Self::Lenet(_) => lenet,
        }
    }

    /// Whether a file gives the sites that are on rates that they could keep.
    #[must_use]
    pub fn has_rates_of_file(&self) -> bool {
        self.graph().is_some_and(OpenedGraph::has_rates)
    }

    /// Whether each site has a rate of its own, so that no one rate says what is drawn.
    #[must_use]
    pub fn has_own_rates(&self) -> bool {
        self.graph().is_some_and(|graph| graph.rates == Rates::AsTrained)
    }

    /// A graph with dropout at these sites, numbered from 1 as they are listed; a LeNet has none to choose.
    ///
    /// # Errors
    /// Which number there is no site of.
    pub fn at_sites(self, sites: &[usize]) -> Result<Self, String> {
        match self {
            Self::Graph(graph) => {
                let count = graph.graph.sites().len();
                if let Some(wrong) = sites.iter().find(|site| !(1..=count).contains(site)) {
                    return Err(format!(
                        "there is no site {wrong}: the network has {count}, numbered from 1"
                    ));
                }
                let on = (1..=count).map(|site| sites.contains(&site)).collect();
                Ok(Self::Graph(OpenedGraph { on, ..graph }.told_apart()))
            }
            Self::Lenet(_) => {
                Err("a LeNet has no sites to choose: its file says where dropout acts".to_owned())
            }
        }
    }

    /// A graph with another preprocessing; a LeNet has its own.
    #[must_use]
    pub fn with_preprocessing(self, preprocessing: Preprocessing) -> Self {
        match self {
            Self::Graph(graph) => Self::Graph(OpenedGraph { preprocessing, ..graph }),
            lenet @ Self::Lenet(_) => lenet,
        }
    }

    /// The images that it takes.
    #[must_use]
    pub fn image(&self) -> ImageShape {
        match self {
            Self::Lenet(_) => ImageShape::MNIST,
            Self::Graph(graph) => graph.graph.input().image,
        }
    }

    /// A short hash of its parameters.
    #[must_use]
    pub fn hash(&self) -> String {
        match self {
            Self::Lenet(checkpoint) => checkpoint.hash(),
            Self::Graph(graph) => hexadecimal(&graph.graph.hash()[..6]),
        }
    }

    /// How footers name it: by its hash, and a graph by its file too.
    #[must_use]
    pub fn named(&self) -> String {
        match self {
            Self::Lenet(checkpoint) => checkpoint.hash(),
            Self::Graph(opened) => {
                let file = opened.graph.file();
                let file = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
                let input = match opened.preprocessing {
                    plain if plain.is_plain() => String::new(),
                    preprocessing => format!(", input {preprocessing}"),
                };
                format!("{file} {}{input}", self.hash())
            }
        }
    }

    /// Where dropout acts and at which rates, where that is more than one rate says: of a graph.
    #[must_use]
    pub fn sites(&self, dropout: f32) -> Option<String> {
        self.graph().map(|graph| graph.dropout_in_words(dropout))
    }

    /// Whether all that drops does so because a person put it there.
    #[must_use]
    pub fn is_injected(&self) -> bool {
        self.graph().is_some_and(|graph| {
            let mut acting = graph.acting(0.5).peekable();
            acting.peek().is_some() && acting.all(|(site, _)| site.origin == Origin::Possible)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::graph::tests::{Written, opened, usual};

    #[test]
    fn sites_keep_the_rates_of_their_file_and_those_put_there_have_one() {
        let own = AnyModel::Graph(OpenedGraph::new(opened(&usual().bytes("fc2")).unwrap()));
        assert!(own.has_own_rates() && own.has_rates_of_file() && !own.is_injected());
        assert_eq!(own.dropout().to_bits(), 0.5_f32.to_bits());
        let words = own.sites(0.9).unwrap();
        assert!(
            words.ends_with("before Gemm fc1.weight at 0.25 and before Gemm fc2.weight at 0.5"),
            "{words}"
        );
        let common = own.clone().at_common_rate();
        assert!(
            !common.has_own_rates() && common.sites(0.9).unwrap().ends_with("before Gemm fc2.weight at 0.9")
        );
        assert!(common.at_own_rates().has_own_rates());
        // The first site is none of the file's.
        let elsewhere = own.clone().at_sites(&[1]).unwrap();
        assert!(!elsewhere.has_own_rates() && !elsewhere.has_rates_of_file() && elsewhere.is_injected());
        assert!(!elsewhere.at_own_rates().has_own_rates());
        assert!(own.at_sites(&[5]).unwrap_err().contains("no site 5"));
        let bare = Written::taking(&[0, 784]).dense("x", "fc", [784, 3]);
        let bare = AnyModel::Graph(OpenedGraph::new(opened(&bare.bytes("fc")).unwrap()));
        assert!(bare.is_injected() && !bare.has_own_rates());
        assert_eq!(bare.sites(0.1).unwrap(), "before Gemm fc.weight at 0.1");
        assert!(AnyModel::bundled().unwrap().at_sites(&[1]).is_err());
    }
}
