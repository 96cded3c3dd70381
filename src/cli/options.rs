//! Options that several commands share, and how their values are read.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::Failure;
use crate::data::source::Split;
use crate::data::{Class, ClassNames};
use crate::model;
use crate::model::graph::{NamedSite, Preprocessing};
use crate::model::lenet::MAX_HIDDEN;
use crate::sampling::{MaskDesign, SweepConfig};
use crate::uncertainty::{Grouping, Measure, Order};

/// More passes than anyone averages; with more, the samples of ten thousand images would fill the memory.
const MOST_PASSES: usize = 10_000;

/// Where images are.
#[derive(Clone, Debug, Args)]
pub(super) struct Images {
    /// Folder or file of images, as `dubito data PATH` describes it, or `synthetic` for digits the program draws itself
    #[arg(long, value_name = "PATH")]
    pub(super) data: Option<PathBuf>,
    /// Bring images of another size to that which the network takes: each pixel the mean of the area that it covers
    #[arg(long)]
    pub(super) resize: bool,
}

/// Which images and which network.
#[derive(Clone, Debug, Args)]
pub(super) struct Input {
    #[command(flatten)]
    pub(super) images: Images,
    /// Which images: `test`, `train`, or a split that `dubito data PATH` lists
    #[arg(long, value_name = "NAME", default_value = "test")]
    pub(super) split: SplitOption,
    #[command(flatten)]
    pub(super) network: NetworkOption,
}

/// Which network, and where dropout acts in it.
#[derive(Clone, Debug, Args)]
pub(super) struct NetworkOption {
    /// Network to open (.onnx, .safetensors, .pt, .npz) [default: the one that comes with the program]
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,
    /// Sites of a graph where dropout acts, as `dubito network FILE` numbers them; 4c drops whole channels there
    /// [default: those of the file]
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub(super) sites: Vec<NamedSite>,
    /// What a graph was given its images as: `0-1`, `0-255`, `signed` (−1 to 1), `imagenet`, `cifar10`, `cifar100`, `mnist`,
    /// `fashion-mnist`, or MEAN/STD, with `+bgr` or `+inverted` where colours or light are exchanged [default: 0-1]
    #[arg(long, value_name = "WAY", value_parser = preprocessing)]
    pub(super) input: Option<Preprocessing>,
    /// Which of a graph's outputs answers, where it has several
    #[arg(long, value_name = "NAME")]
    pub(super) output: Option<String>,
}

fn preprocessing(text: &str) -> Result<Preprocessing, String> {
    text.parse()
}

/// Which images of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SplitOption {
    /// The one of MNIST's two; the test where it is another.
    pub(super) split: Split,
    /// What the source calls it, where it is neither.
    pub(super) part: Option<String>,
}

impl From<Split> for SplitOption {
    fn from(split: Split) -> Self {
        Self { split, part: None }
    }
}

impl FromStr for SplitOption {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "" => Err("a split has a name: test, train, or one that `dubito data PATH` lists"),
            "test" => Ok(Split::Test.into()),
            "train" => Ok(Split::Train.into()),
            name => Ok(Self { split: Split::Test, part: Some(name.to_owned()) }),
        }
    }
}

/// Where dropout acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PlacementOption {
    /// Before the last layer only
    Last,
    /// Before and after the hidden layer
    Dense,
    /// Also after both convolutions
    All,
}

impl From<PlacementOption> for model::Placement {
    fn from(placement: PlacementOption) -> Self {
        match placement {
            PlacementOption::Last => Self::Last,
            PlacementOption::Dense => Self::Dense,
            PlacementOption::All => Self::All,
        }
    }
}

/// How to sample.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Sampling {
    /// Passes T with dropout on
    #[arg(long, value_name = "T", allow_negative_numbers = true, default_value_t = SweepConfig::default().passes, value_parser = passes)]
    pub(super) passes: usize,
    /// Dropout rate, at least 0 and below 1 [default: the rate the network was trained with]
    #[arg(long, value_name = "P", allow_negative_numbers = true, value_parser = dropout)]
    pub(super) dropout: Option<f32>,
    /// Seed of the dropout masks
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = SweepConfig::default().seed)]
    pub(super) seed: u64,
    /// How the masks of different passes belong together: in quartets that use all units evenly (at p = 0.25, 0.5 and 0.75;
    /// independent at any other), or drawn one by one
    #[arg(long, value_enum, default_value_t = MasksOption::Balanced)]
    pub(super) masks: MasksOption,
}

/// How the masks of different passes belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MasksOption {
    /// In quartets that use all units evenly: less noise from as many passes
    Balanced,
    /// Drawn one by one
    Independent,
}

impl From<MaskDesign> for MasksOption {
    fn from(masks: MaskDesign) -> Self {
        match masks {
            MaskDesign::Balanced => Self::Balanced,
            MaskDesign::Independent => Self::Independent,
        }
    }
}

impl From<MasksOption> for MaskDesign {
    fn from(masks: MasksOption) -> Self {
        match masks {
            MasksOption::Balanced => Self::Balanced,
            MasksOption::Independent => Self::Independent,
        }
    }
}

impl Sampling {
    /// The sweep asked for, at the network's own rate unless another is given.
    pub(super) fn config(self, trained_with: f32) -> SweepConfig {
        let dropout = self.dropout.unwrap_or(trained_with);
        SweepConfig { passes: self.passes, dropout, seed: self.seed, masks: self.masks.into() }
    }
}

/// Which images of a ranking.
#[derive(Clone, Debug, Args)]
pub(super) struct Selection {
    /// Only images of this digit, or of the class of this name or number
    #[arg(long, visible_alias = "class", value_name = "CLASS", allow_negative_numbers = true)]
    digit: Option<String>,
    /// What the digit refers to
    #[arg(long, value_enum, default_value_t = By::Label)]
    pub(super) by: By,
}

impl Selection {
    /// The class asked for, among those that it refers to.
    ///
    /// # Errors
    /// When none is called so.
    pub(super) fn class(&self, names: &ClassNames) -> Result<Option<Class>, Failure> {
        let classes = match self.by {
            By::Label => &names.labels,
            By::Prediction => &names.answers,
        };
        let find = |asked: &String| {
            let found = classes.find(asked);
            found.ok_or_else(|| Failure::Class { asked: asked.clone(), classes: classes.clone() })
        };
        self.digit.as_ref().map(find).transpose()
    }
}

/// What a digit refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum By {
    /// The label in the dataset
    Label,
    /// What the network predicts
    Prediction,
}

impl From<By> for Grouping {
    fn from(by: By) -> Self {
        match by {
            By::Label => Self::Label,
            By::Prediction => Self::Prediction,
        }
    }
}

/// From which end a ranking starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum End {
    /// Highest value first
    Highest,
    /// Lowest value first
    Lowest,
}

impl From<End> for Order {
    fn from(end: End) -> Self {
        match end {
            End::Highest => Self::Highest,
            End::Lowest => Self::Lowest,
        }
    }
}

/// Reads a measure by its name in files, and lists the names in help and errors.
pub(super) fn measure() -> impl TypedValueParser<Value = Measure> {
    PossibleValuesParser::new(Measure::ALL.map(Measure::name))
        .try_map(|name| Measure::from_name(&name).ok_or_else(|| format!("{name} is not a measure")))
}

/// Reads a number of passes.
pub(super) fn passes(text: &str) -> Result<usize, String> {
    bounded(text, MOST_PASSES)
}

/// Reads a dropout rate.
pub(super) fn dropout(text: &str) -> Result<f32, String> {
    let rate: f32 =
        text.parse().map_err(|_| "a dropout rate is a number of at least 0 and below 1".to_string())?;
    if (0.0..1.0).contains(&rate) {
        Ok(rate)
    } else {
        Err("a dropout rate is at least 0 and below 1: at 1 nothing would be left of the network".to_string())
    }
}

/// Reads a whole number that is at least 1.
pub(super) fn count(text: &str) -> Result<usize, String> {
    bounded(text, u32::MAX as usize)
}

fn bounded(text: &str, most: usize) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(0) => Err("it must be at least 1".to_string()),
        Ok(number) if number > most => Err(format!("it must be at most {most}")),
        Ok(number) => Ok(number),
        Err(_) => Err(format!("it must be a whole number from 1 to {most}")),
    }
}

/// Reads the number of units of the hidden layer.
pub(super) fn hidden(text: &str) -> Result<usize, String> {
    bounded(text, MAX_HIDDEN)
}
