//! A network of a file, whatever it is: the LeNet of this program, or a graph from elsewhere with dropout at some of its
//! sites.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use super::graph::{self, By, GraphModel, NamedSite, Origin, Preprocessing, Rates, Site};
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
    /// What each drops at once.
    pub by: Vec<By>,
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
        let by = graph.sites().iter().map(|site| site.by).collect();
        let classes = Classes::numbered(graph.classes()).unwrap_or_default();
        let (rates, preprocessing) = (Rates::AsTrained, Preprocessing::default());
        Self { graph: Arc::new(graph), on, by, rates, preprocessing, classes }.told_apart()
    }

    /// The output that answers, where the file has several.
    #[must_use]
    pub fn output(&self) -> Option<&str> {
        let (output, all) = self.graph.outputs();
        (all.len() > 1).then_some(output)
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

    /// The rate that a site drops at where it is on.
    #[must_use]
    pub fn rate(&self, site: &Site, dropout: f32) -> f32 {
        match self.rates {
            Rates::AsTrained => site.rate,
            Rates::Common => dropout,
        }
    }

    /// The sites that are on, with what each drops at once.
    fn acting(&self) -> impl Iterator<Item = (&Site, By)> {
        let sites = self.graph.sites().iter().zip(&self.by).zip(&self.on);
        sites.filter(|(_, on)| **on).map(|((site, by), _)| (site, *by))
    }

    /// The same with dropout at other sites; `by` says what each drops at once, where that can be chosen.
    fn placed(self, on: Vec<bool>, by: &[By]) -> Self {
        let choose = |(site, by): (&Site, &By)| if site.channels().is_some() { *by } else { site.by };
        let by = self.graph.sites().iter().zip(by).map(choose).collect();
        Self { on, by, ..self }.told_apart()
    }

    /// Where dropout acts and at which rates, in words: `before Conv conv2.weight by channels at 0.25 and before Gemm
    /// fc2.weight at 0.5`.
    #[must_use]
    pub fn dropout_in_words(&self, dropout: f32) -> String {
        let told = |(site, by): (&Site, By)| {
            let by = if by == By::Channel { " by channels" } else { "" };
            format!("before {}{by} at {}", site.what, (self.rate(site, dropout) * 1e4).round() / 1e4)
        };
        let sites: Vec<String> = self.acting().map(told).collect();
        match &sites[..] {
            [] => "nowhere".to_owned(),
            [one] => one.clone(),
            [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        }
    }
}

/// Why a site does not drop whole channels.
fn no_channels(number: usize, site: &Site) -> String {
    let why = match site.origin {
        Origin::Possible => "it has no channels: only what enters a convolution in several has some",
        Origin::Active | Origin::Inactive => "its file says that it drops single units",
    };
    format!("site {number}, before {}, cannot drop whole channels: {why}", site.what)
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
        Self::open_at(path, None)
    }

    /// The same, a graph answering with this output of several; where none is asked for, with the first that tells classes
    /// apart. A LeNet has one.
    ///
    /// # Errors
    /// As [`AnyModel::open`], and when there is no such output.
    pub fn open_at(path: &Path, output: Option<&str>) -> Result<Self, CheckpointError> {
        let mut start = Vec::new();
        let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut start));
        let named = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"));
        if named || (read.is_ok() && unlike::is_onnx(&start)) {
            return Ok(Self::Graph(OpenedGraph::new(GraphModel::open_at(path, output)?)));
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
            Self::Graph(graph) => graph.acting().last().map_or(0.5, |(site, _)| site.rate),
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
    /// Which number there is no site of, or which site has no channels to drop.
    pub fn at_sites(self, sites: &[NamedSite]) -> Result<Self, String> {
        match self {
            Self::Graph(graph) => {
                let there = graph.graph.sites();
                let mut on = vec![false; there.len()];
                let mut by: Vec<By> = there.iter().map(|site| site.by).collect();
                for NamedSite { number, by_channels } in sites {
                    let at = number.wrapping_sub(1);
                    let Some(site) = there.get(at) else {
                        let count = there.len();
                        return Err(format!(
                            "there is no site {number}: the network has {count}, numbered from 1"
                        ));
                    };
                    on[at] = true;
                    if *by_channels {
                        if site.by != By::Channel && site.channels().is_none() {
                            return Err(no_channels(*number, site));
                        }
                        by[at] = By::Channel;
                    }
                }
                Ok(Self::Graph(graph.placed(on, &by)))
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

    /// A graph with one site, by its place among all, dropping units or channels, or nothing; a LeNet as it is.
    #[must_use]
    pub fn with_site(self, site: usize, by: Option<By>) -> Self {
        match self {
            Self::Graph(graph) if site < graph.on.len() => {
                let (mut on, mut chosen) = (graph.on.clone(), graph.by.clone());
                on[site] = by.is_some();
                // What is off keeps what it dropped.
                chosen[site] = by.unwrap_or(chosen[site]);
                Self::Graph(graph.placed(on, &chosen))
            }
            other => other,
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
                let output = opened.output().map(|output| format!(", output {}", graph::short(output)));
                format!("{file} {}{input}{}", self.hash(), output.unwrap_or_default())
            }
        }
    }

    /// Where dropout acts and at which rates, where that is more than one rate says: of a graph.
    #[must_use]
    pub fn sites(&self, dropout: f32) -> Option<String> {
        self.graph().map(|graph| graph.dropout_in_words(dropout))
    }

    /// The rates at which dropout acts, where `dropout` is the one that is asked for.
    #[must_use]
    pub fn rates(&self, dropout: f32) -> Vec<f32> {
        match self {
            Self::Graph(graph) if graph.rates == Rates::AsTrained => {
                graph.acting().map(|(site, _)| site.rate).collect()
            }
            _ => vec![dropout],
        }
    }

    /// Whether all that drops does so because a person put it there.
    #[must_use]
    pub fn is_injected(&self) -> bool {
        self.graph().is_some_and(|graph| {
            let mut acting = graph.acting().peekable();
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
        let elsewhere = own.clone().at_sites(&[1.into()]).unwrap();
        assert!(!elsewhere.has_own_rates() && !elsewhere.has_rates_of_file() && elsewhere.is_injected());
        assert!(!elsewhere.at_own_rates().has_own_rates());
        assert!(own.clone().at_sites(&[5.into()]).unwrap_err().contains("no site 5"));
        assert!(words.contains("before Gemm fc1.weight by channels at 0.25"), "{words}");
        // What the file says of its sites is not chosen; its first has one channel, the whole image.
        for (site, why) in [("1c", "it has no channels"), ("4c", "its file says that it drops single units")]
        {
            let error = own.clone().at_sites(&[site.parse().unwrap()]).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        assert!(
            own.clone()
                .at_sites(&["2c".parse().unwrap()])
                .unwrap()
                .sites(0.5)
                .unwrap()
                .contains("by channels")
        );
        for wrong in ["", "c", "2x", "-1", "2cc"] {
            assert!(wrong.parse::<NamedSite>().unwrap_err().contains("as in 2,4c"), "{wrong}");
        }
        let two = Written::taking(&[0, 1, 28, 28])
            .convolution("x", "conv1", [1, 4, 7, 7])
            .convolution("conv1", "conv2", [4, 3, 4, 1])
            .then("Flatten", &["conv2"], "flat");
        let two = AnyModel::Graph(OpenedGraph::new(opened(&two.bytes("flat")).unwrap()));
        let placed = two.clone().at_sites(&["2c".parse().unwrap()]).unwrap();
        assert_eq!(placed.sites(0.1).unwrap(), "before Conv conv2.weight by channels at 0.1");
        let off = placed.with_site(1, None);
        assert_eq!(off.sites(0.1).unwrap(), "nowhere");
        assert_eq!(
            off.with_site(0, Some(By::Channel)).sites(0.1).unwrap(),
            "before Conv conv1.weight at 0.1"
        );
        let bare = Written::taking(&[0, 784]).dense("x", "fc", [784, 3]);
        let bare = AnyModel::Graph(OpenedGraph::new(opened(&bare.bytes("fc")).unwrap()));
        assert!(bare.is_injected() && !bare.has_own_rates());
        assert_eq!(bare.sites(0.1).unwrap(), "before Gemm fc.weight at 0.1");
        assert!(AnyModel::bundled().unwrap().at_sites(&[1.into()]).is_err());
    }
}
