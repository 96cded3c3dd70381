//! What is open in the window: a dataset, a model, and what is asked of the model.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::data::about::About;
use crate::data::source::{Source, Split};
use crate::data::{Classes, Digits};
use crate::model::checkpoint::{Checkpoint, CheckpointError, SettingsSource};
use crate::model::graph::Rates;
use crate::model::{AnyModel, OpenedGraph};
use crate::sampling::{Network, NetworkKey, Pairing, SamplingError, SweepConfig};
use crate::wording;

/// A dataset as the window knows it.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Images and labels.
    pub digits: Arc<Digits>,
    /// Where they come from.
    pub source: Source,
    /// Which part of the source.
    pub split: Split,
    /// What else is known of the images.
    pub about: About,
}

impl Dataset {
    /// The same images, their classes called otherwise.
    #[must_use]
    pub fn called(&self, names: Classes) -> Self {
        let own = self.own_names().clone();
        let own_names = (own != names).then_some(own);
        let digits = Arc::new((*self.digits).clone().named(names));
        Self { digits, about: About { own_names, ..self.about.clone() }, ..self.clone() }
    }

    /// What their source calls the classes.
    #[must_use]
    pub fn own_names(&self) -> &Classes {
        self.about.own_names.as_ref().unwrap_or(self.digits.classes())
    }

    /// Source and split, as in a chip: `MNIST · test`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} · {}", self.source, self.about.part(self.split))
    }

    /// Source and split, as footers of exports name them: `MNIST, test`.
    #[must_use]
    pub fn provenance(&self) -> String {
        format!("{}, {}", self.source, self.about.part(self.split))
    }
}

/// A model as the window knows it.
#[derive(Clone, Debug)]
pub struct OpenedModel {
    /// The network and what its file says of it.
    pub what: Arc<AnyModel>,
    /// Its name in the model chip.
    pub name: String,
    /// Short hash of the parameters.
    pub hash: String,
    /// The file that holds it; `None` when it is in none, or comes with the program.
    pub path: Option<PathBuf>,
    /// What it is.
    key: NetworkKey,
    /// The network packed for sampling, once somebody asked for it.
    packed: Arc<OnceLock<Arc<Network>>>,
}

/// What a tooltip says of a graph.
fn graph_detail(opened: &OpenedGraph, dropout: f32, hash: &str, injected: bool) -> String {
    let graph = &opened.graph;
    let mut text = format!(
        "{} classes, {}, written by {}. Dropout {}. File {hash}.",
        graph.classes(),
        wording::count(graph.layers().len(), "layer"),
        if graph.producer().is_empty() { "an unnamed program" } else { graph.producer() },
        opened.dropout_in_words(dropout),
    );
    if injected {
        text.push_str(
            " The file has no dropout: it was put in here. A network trained without it doubts by another measure; \
             try small rates first.",
        );
    }
    text
}

/// What is asked of a drawing or a picture.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The network.
    pub model: OpenedModel,
    /// Passes, rate, seed.
    pub config: SweepConfig,
}

impl OpenedModel {
    /// A model under a name.
    #[must_use]
    pub fn new(what: impl Into<AnyModel>, name: String) -> Self {
        let what = what.into();
        let (key, hash) = (NetworkKey::of(&what), what.hash());
        Self { what: Arc::new(what), name, hash, path: None, key, packed: Arc::default() }
    }

    /// A graph with dropout elsewhere or at other rates; a LeNet as it is.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(AnyModel) -> AnyModel) -> Self {
        Self { path: self.path.clone(), ..Self::new(change((*self.what).clone()), self.name.clone()) }
    }

    /// What its classes are called.
    #[must_use]
    pub fn classes(&self) -> &Classes {
        self.what.classes()
    }

    /// The same network, its classes called as those of these images, where they are the same: those the images came
    /// with, which a person calls otherwise now, or called otherwise before.
    #[must_use]
    pub fn called_as(&self, dataset: &Dataset, before: Option<&Classes>) -> Self {
        let (own, now) = (dataset.own_names(), dataset.digits.classes());
        let answers = self.classes();
        // A graph has no names of its own: it speaks in those of the images, where there are as many.
        let follows = self.what.graph().is_some() && answers.len() == now.len();
        if answers == now || !(follows || answers == own || Some(answers) == before) {
            return self.clone();
        }
        let what = (*self.what).clone().called(now.clone());
        Self { what: Arc::new(what), packed: Arc::default(), ..self.clone() }
    }

    /// What it is: its parameters, and where dropout acts.
    #[must_use]
    pub fn key(&self) -> NetworkKey {
        self.key
    }

    /// The same with one rate for all of its sites: what it is whichever rate that is.
    #[must_use]
    pub fn common_key(&self) -> NetworkKey {
        match &*self.what {
            AnyModel::Lenet(_) => self.key,
            AnyModel::Graph(opened) => {
                NetworkKey::of_graph(&OpenedGraph { rates: Rates::Common, ..opened.clone() })
            }
        }
    }

    /// What its passes over a dataset belong to.
    #[must_use]
    pub fn pairing(&self, digits: &Digits) -> Pairing {
        Pairing { dataset: digits.hash(), network: self.key }
    }

    /// The network packed for sampling; packed when first asked for and shared from then on.
    ///
    /// # Errors
    /// When a parameter is not finite.
    pub fn network(&self) -> Result<Arc<Network>, SamplingError> {
        if let Some(network) = self.packed.get() {
            return Ok(Arc::clone(network));
        }
        let network = Network::of_model(&self.what)?;
        Ok(Arc::clone(self.packed.get_or_init(|| Arc::new(network))))
    }

    /// What a tooltip says of it, sampled at this rate.
    #[must_use]
    pub fn detail(&self, dropout: f32) -> String {
        let checkpoint = match &*self.what {
            AnyModel::Lenet(checkpoint) => checkpoint,
            AnyModel::Graph(opened) => {
                return graph_detail(opened, dropout, &self.hash, self.what.is_injected());
            }
        };
        let lenet = &checkpoint.lenet;
        let architecture = lenet.architecture();
        let placement = architecture.placement.describe();
        let mut text = format!(
            "LeNet with {} hidden units, dropout {:.2} {placement}. Parameters {}.",
            architecture.hidden,
            lenet.dropout(),
            self.hash
        );
        match &checkpoint.training {
            Some(record) => {
                let images = wording::count(record.images, "image");
                let epochs = match record.epochs {
                    0 => "less than an epoch".to_owned(),
                    epochs => wording::count(epochs, "epoch"),
                };
                let _ = write!(text, " Trained on {images}, {epochs}");
                if let Some(accuracy) = record.validation_accuracy {
                    let _ = write!(text, ", {:.2} % right on validation images", accuracy * 100.0);
                }
                text.push('.');
            }
            None if checkpoint.settings == SettingsSource::Assumed => text.push_str(
                " Its file says neither where dropout acts nor at which rate, as this program's own files do: \
                 both are assumed.",
            ),
            None => text.push_str(" Its file says nothing of its training."),
        }
        text
    }

    /// The network that comes with the program.
    ///
    /// # Errors
    /// When the program was built with a broken one.
    pub fn bundled() -> Result<Self, CheckpointError> {
        Ok(Self::new(Checkpoint::bundled()?, "bundled LeNet".to_owned()))
    }

    /// The network in a file.
    ///
    /// # Errors
    /// When the file cannot be read or does not hold a LeNet.
    pub fn open(path: &Path) -> Result<Self, CheckpointError> {
        Self::open_at(path, None)
    }

    /// The same, a graph answering with this output of several.
    ///
    /// # Errors
    /// As [`OpenedModel::open`], and when there is no such output.
    pub fn open_at(path: &Path, output: Option<&str>) -> Result<Self, CheckpointError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { path: Some(path.to_path_buf()), ..Self::new(AnyModel::open_at(path, output)?, name) })
    }
}
