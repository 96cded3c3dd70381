//! What a window showed, as it is written: the place and the hash of images and network, and every choice.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::ink::{Sheet, Stroke};
use crate::data::source::{Source, Split};
use crate::data::{Class, Digits, PIXELS};
use crate::model::graph::{NamedSite, Rates};
use crate::model::{OpenedGraph, Placement};
use crate::sampling::{DropoutAt, NetworkKey, SweepConfig};
use crate::shown::limits::{Limits, Only};
use crate::shown::opened::{Dataset, OpenedModel};
use crate::uncertainty::doubt_plane::{Bounds, PlaneAxes, Region, Shape};
use crate::uncertainty::{Filter, Grouping, Measure};
use crate::wording::hexadecimal;

/// A SHA-256 of contents; in a file 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// Its first digits, as people see it.
    #[must_use]
    pub fn short(self) -> String {
        String::from(self).chars().take(12).collect()
    }
}

impl From<ContentHash> for String {
    fn from(ContentHash(bytes): ContentHash) -> Self {
        hexadecimal(&bytes)
    }
}

impl TryFrom<String> for ContentHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRONG: &str = "a hash has 64 hexadecimal digits";
        let digits: Vec<u8> = text
            .chars()
            .map(|c| c.to_digit(16).map(|digit| digit as u8).ok_or(WRONG))
            .collect::<Result<_, _>>()?;
        if digits.len() != 64 {
            return Err(WRONG);
        }
        Ok(Self(std::array::from_fn(|at| (digits[2 * at] << 4) | digits[2 * at + 1])))
    }
}

/// Where images are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataPlace {
    /// In a folder.
    Folder(PathBuf),
    /// Where the program keeps MNIST.
    Mnist,
    /// Drawn by the program.
    Synthetic,
}

/// Which images a view is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedData {
    /// What a person calls them: `MNIST · test`.
    pub name: String,
    /// Where they are.
    pub place: DataPlace,
    /// Which part.
    pub split: Split,
    /// The same as their source calls it, where it is chosen by that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// How many.
    pub images: u32,
    /// [`Digits::hash`].
    pub hash: ContentHash,
}

impl SavedData {
    /// As a view names these images.
    #[must_use]
    pub fn of(dataset: &Dataset) -> Self {
        Self {
            name: dataset.name(),
            place: match &dataset.source {
                Source::Folder(path) | Source::File(path) => DataPlace::Folder(absolute(path)),
                Source::Cache(_) | Source::Downloaded(_) => DataPlace::Mnist,
                Source::Synthetic { .. } => DataPlace::Synthetic,
            },
            split: dataset.split,
            part: dataset.about.part.clone().filter(|_| dataset.split == Split::Test),
            images: dataset.digits.len() as u32,
            hash: ContentHash(dataset.digits.hash()),
        }
    }

    /// Whether these are the images.
    #[must_use]
    pub fn is(&self, digits: &Digits) -> bool {
        self.hash.0 == digits.hash() && self.images as usize == digits.len()
    }
}

/// Where a network is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkPlace {
    /// It comes with the program.
    Bundled,
    /// In a file.
    File(PathBuf),
    /// Trained in the window that saved the view, and in no file.
    Window,
}

/// Which network a view is by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedNetwork {
    /// What a person calls it.
    pub name: String,
    /// Where it is.
    pub place: NetworkPlace,
    /// [`NetworkKey::parameters`].
    pub parameters: ContentHash,
    /// Where dropout acts in a LeNet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// Where dropout acts in a graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<SavedSites>,
}

/// Where dropout acts in a graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedSites {
    /// Its sites by number, from 1.
    pub on: Vec<usize>,
    /// Those of them that a person lets drop whole channels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_channels: Vec<usize>,
    /// Whether all drop at one rate, and not each at its own.
    pub common: bool,
    /// What is done to an image before the network takes it, as `--input` says it; nothing where `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// The output that answers, where the file has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

impl SavedSites {
    fn of(opened: &OpenedGraph) -> Self {
        let numbers = |which: &dyn Fn(usize) -> bool| {
            (0..opened.on.len()).filter(|at| opened.on[*at] && which(*at)).map(|at| at + 1).collect()
        };
        Self {
            on: numbers(&|_| true),
            by_channels: numbers(&|at| opened.by[at] != opened.graph.sites()[at].by),
            common: opened.rates == Rates::Common,
            input: (!opened.preprocessing.is_plain()).then(|| opened.preprocessing.to_string()),
            output: opened.output().map(str::to_owned),
        }
    }

    fn named(&self) -> Vec<NamedSite> {
        let named =
            |number: &usize| NamedSite { number: *number, by_channels: self.by_channels.contains(number) };
        self.on.iter().map(named).collect()
    }
}

impl SavedNetwork {
    /// As a view names this network, where `bundled` is the one that comes with the program.
    #[must_use]
    pub fn of(model: &OpenedModel, bundled: NetworkKey) -> Self {
        let key = model.key();
        Self {
            name: model.name.clone(),
            place: match &model.path {
                _ if key == bundled => NetworkPlace::Bundled,
                Some(path) => NetworkPlace::File(absolute(path)),
                None => NetworkPlace::Window,
            },
            parameters: ContentHash(key.parameters),
            placement: key.dropout.placement(),
            sites: model.what.graph().map(SavedSites::of),
        }
    }

    /// What the network is.
    #[must_use]
    pub fn key(&self) -> NetworkKey {
        let at_sites = DropoutAt::Sites {
            count: self.sites.as_ref().map_or(0, |sites| sites.on.len()) as u32,
            own_rates: self.sites.as_ref().is_some_and(|sites| !sites.common),
        };
        let dropout = self.placement.map_or(at_sites, DropoutAt::Placed);
        NetworkKey { parameters: self.parameters.0, dropout }
    }

    /// A network with dropout where the view has it.
    #[must_use]
    pub fn arranged(&self, model: OpenedModel) -> OpenedModel {
        let Some(sites) = self.sites.as_ref().filter(|_| model.what.graph().is_some()) else { return model };
        model.changed(|what| {
            let placed = what.clone().at_sites(&sites.named()).unwrap_or(what);
            let placed = match sites.input.as_deref().map(str::parse) {
                Some(Ok(preprocessing)) => placed.with_preprocessing(preprocessing),
                _ => placed,
            };
            if sites.common { placed.at_common_rate() } else { placed }
        })
    }
}

/// A path that means the same wherever the program is started.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The part of the window in its middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names of the tabs")]
pub enum SavedTab {
    Gallery,
    Plane,
    Draw,
    Rotate,
    Quality,
    Train,
}

/// How the gallery is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SavedArrangement {
    /// The most and the least certain.
    Halves,
    /// One ranking.
    Ranking,
}

/// Which images the gallery shows, and in which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedGallery {
    /// The digit; all when `None`.
    pub digit: Option<Class>,
    /// What the digit refers to.
    pub grouping: Grouping,
    /// Which images take part.
    pub filter: Filter,
    /// What they are sorted by.
    pub measure: Measure,
    /// The measures along the axes of the plane, on which the region of the limits lies.
    pub plane_axes: PlaneAxes,
    /// How they are laid out.
    pub arrangement: SavedArrangement,
    /// Images in each half.
    pub top: usize,
}

/// Some images by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedOnly {
    /// What they are.
    pub name: String,
    /// Dataset indices, ascending.
    pub indices: Vec<u32>,
}

/// A part of the plane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SavedShape {
    /// Two corners: least and largest expected entropy and mutual information, in nats.
    Box([[f32; 2]; 2]),
    /// The corners of a closed line.
    Lasso(Vec<[f32; 2]>),
}

/// A shape, and whether it was added to the region or taken out of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPart {
    /// Whether it was added.
    pub adds: bool,
    /// The shape.
    pub shape: SavedShape,
}

/// What the gallery is limited to besides digit and filter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedLimits {
    /// A list of images.
    pub only: Option<SavedOnly>,
    /// Parts of the plane, in the order drawn.
    pub region: Option<Vec<SavedPart>>,
}

impl From<&Limits> for SavedLimits {
    fn from(limits: &Limits) -> Self {
        let only = limits.only.as_deref();
        let part = |(adds, shape): &(bool, Shape)| SavedPart {
            adds: *adds,
            shape: match shape {
                Shape::Box(bounds) => SavedShape::Box([bounds.min, bounds.max]),
                Shape::Lasso(corners) => SavedShape::Lasso(corners.to_vec()),
            },
        };
        Self {
            only: only.map(|only| SavedOnly { name: only.name.clone(), indices: only.indices.clone() }),
            region: limits.region.as_deref().map(|region| region.parts().iter().map(part).collect()),
        }
    }
}

impl From<&SavedLimits> for Limits {
    fn from(saved: &SavedLimits) -> Self {
        let shape = |part: &SavedPart| match &part.shape {
            SavedShape::Box([min, max]) => Shape::Box(Bounds { min: *min, max: *max }),
            SavedShape::Lasso(corners) => Shape::Lasso(corners.as_slice().into()),
        };
        let region = |parts: &Vec<SavedPart>| {
            parts.iter().fold(Region::default(), |region, part| region.with(part.adds, shape(part)))
        };
        let only = |only: &SavedOnly| Only { name: only.name.clone(), indices: only.indices.clone() };
        Self {
            only: saved.only.as_ref().map(|saved| Arc::new(only(saved))),
            region: saved.region.as_ref().map(|parts| Arc::new(region(parts))),
        }
    }
}

/// What is selected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedSelection {
    /// The image in the inspector.
    pub primary: Option<u32>,
    /// The set, ascending.
    pub set: Vec<u32>,
    /// The class looked at in the inspector; the predicted one when `None`.
    pub class: Option<Class>,
}

/// What is on the paper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedDrawing {
    /// What it is meant to be.
    pub label: Option<Class>,
    /// The image under the strokes, `[28, 28]` in 0…1.
    pub base: Option<Vec<f32>>,
    /// The strokes in the order drawn.
    pub strokes: Vec<Stroke>,
}

impl SavedDrawing {
    /// A drawing with its label; `None` when there is nothing on the paper.
    #[must_use]
    pub fn of(sheet: &Sheet, label: Option<Class>) -> Option<Self> {
        (!sheet.is_empty()).then(|| Self {
            label,
            base: sheet.base.as_ref().map(|base| base.to_vec()),
            strokes: sheet.strokes.iter().map(|stroke| Stroke::clone(stroke)).collect(),
        })
    }

    /// The sheet it was drawn on.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let base = self.base.as_ref().and_then(|base| <[f32; PIXELS]>::try_from(base.as_slice()).ok());
        Sheet { base: base.map(Arc::new), strokes: self.strokes.iter().cloned().map(Arc::new).collect() }
    }
}

/// What a window showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedView {
    /// Of which images.
    pub data: SavedData,
    /// By which network.
    pub network: SavedNetwork,
    /// T, p and seed.
    pub sweep: SweepConfig,
    /// Which tab.
    pub tab: SavedTab,
    /// Which images, in which order.
    pub gallery: SavedGallery,
    /// To what they are limited besides.
    pub limits: SavedLimits,
    /// What is selected.
    pub selection: SavedSelection,
    /// The sub-network that labels the gallery, from 0; all passes when `None`.
    pub subnetwork: Option<usize>,
    /// What is on the paper; nothing when `None`.
    pub drawing: Option<SavedDrawing>,
}
