//! Choices that come back on the next start.

use serde::{Deserialize, Serialize};

use crate::data::Class;
use crate::data::distortion::Distortion;
use crate::model::Placement;
use crate::model::graph::Preprocessing;
use crate::sampling::SweepConfig;
use crate::shown::saved_view;
use crate::uncertainty::course::Course;
use crate::uncertainty::doubt_plane::PlaneAxes;
use crate::uncertainty::{Filter, Grouping, Measure};

/// Where the window's storage keeps them.
pub(super) const SETTINGS_KEY: &str = "settings";

/// A view of the middle of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tab {
    /// Images by uncertainty.
    #[default]
    Gallery,
    /// The two kinds of doubt.
    Plane,
    /// A person's own digits.
    Draw,
    /// An image turned, step by step.
    Rotate,
    /// How far it can be trusted.
    Quality,
    /// Training.
    Train,
}

impl Tab {
    /// All views, in the order of their tabs.
    pub const ALL: [Self; 6] =
        [Self::Gallery, Self::Plane, Self::Draw, Self::Rotate, Self::Quality, Self::Train];

    /// The name on its tab.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Gallery => "Gallery",
            Self::Plane => "Plane",
            Self::Draw => "Draw",
            Self::Rotate => "Rotate",
            Self::Quality => "Quality",
            Self::Train => "Train",
        }
    }

    /// What it is for, in its tooltip.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Gallery => "The images, ranked by how much the network doubts them (Ctrl+1)",
            Self::Plane => {
                "Every image as a dot: doubt of each sub-network by itself against their disagreement (Ctrl+2)"
            }
            Self::Draw => "Draw a digit or open a picture, and watch the doubt change (Ctrl+3)",
            Self::Rotate => {
                "Turn or distort an image step by step, as in Gal & Ghahramani's Figure 4 (Ctrl+4)"
            }
            Self::Quality => "How far the doubt can be trusted: calibration, errors, foreign images (Ctrl+5)",
            Self::Train => "Train a network of your own (Ctrl+6)",
        }
    }
}

/// How the gallery is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arrangement {
    /// The most certain and the least certain, as in the article.
    #[default]
    Halves,
    /// All matching images, the least certain first.
    Ranking,
}

/// Colours of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThemeChoice {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
    /// As the desktop.
    System,
}

/// The images that a training is watched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Watched {
    /// Of each digit a sure one and a doubtful one.
    #[default]
    Usual,
    /// Those selected when it begins.
    Selection,
    /// The drawing as it is when it begins.
    Drawing,
}

impl Watched {
    /// All choices, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Usual, Self::Selection, Self::Drawing];
}

/// How to train next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainSettings {
    /// Times every training image is seen.
    pub epochs: usize,
    /// Images of a step.
    pub batch_size: usize,
    /// Step size of Adam.
    pub learning_rate: f32,
    /// Dropout rate.
    pub dropout: f32,
    /// Where dropout acts.
    pub placement: Placement,
    /// Units of the hidden layer.
    pub hidden: usize,
    /// Seed of weights, order and masks.
    pub seed: u64,
    /// Whether to go on from the network that is open.
    pub resume: bool,
    /// Which images it is watched on.
    pub watched: Watched,
}

impl Default for TrainSettings {
    fn default() -> Self {
        Self {
            epochs: 5,
            batch_size: 100,
            learning_rate: 1e-3,
            dropout: 0.5,
            placement: Placement::Dense,
            hidden: 500,
            seed: 1,
            resume: false,
            watched: Watched::Usual,
        }
    }
}

/// What comes back on the next start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExplainSettings {
    /// Whether a drawing is explained too.
    pub drawing: bool,
    /// Width of a patch in pixels.
    pub patch: usize,
}

impl Default for ExplainSettings {
    fn default() -> Self {
        Self { drawing: true, patch: 4 }
    }
}

impl ExplainSettings {
    /// The settings with every number within what its control offers.
    #[must_use]
    pub fn sanitised(self) -> Self {
        Self { patch: self.patch.clamp(*PATCHES.start(), *PATCHES.end()), ..self }
    }
}

/// What changes, how far and in how many steps: what comes back on the next start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RotateChoices {
    /// What changes.
    pub by: Distortion,
    /// The course of each distortion, in the order of [`Distortion::ALL`].
    pub courses: [Course; Distortion::ALL.len()],
}

impl Default for RotateChoices {
    fn default() -> Self {
        Self { by: Distortion::Rotation, courses: Distortion::ALL.map(Course::usual) }
    }
}

impl RotateChoices {
    /// The same with every course in its place and within what is offered.
    #[must_use]
    pub fn sanitised(mut self) -> Self {
        for (course, by) in self.courses.iter_mut().zip(Distortion::ALL) {
            *course = if course.by == by { course.sanitised() } else { Course::usual(by) };
        }
        self
    }
}

/// How rankings are made firm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FirmSettings {
    /// Values closer than this need not be told apart, in the unit of the measure.
    pub tolerance: f64,
    /// Whether it happens by itself when nothing else is computed.
    pub auto: bool,
}

impl Default for FirmSettings {
    fn default() -> Self {
        Self { tolerance: 0.01, auto: false }
    }
}

/// Tolerances that are offered.
pub const TOLERANCE: std::ops::RangeInclusive<f64> = 0.0..=1.0;

/// Everything that comes back on the next start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The view shown.
    pub tab: Tab,
    /// Colours.
    pub theme: ThemeChoice,
    /// Whether the controls are shown.
    pub controls_open: bool,
    /// Whether the inspector is shown.
    pub inspector_open: bool,
    /// The digit shown; all when `None`.
    pub digit: Option<Class>,
    /// What the digit refers to.
    pub grouping: Grouping,
    /// Which images take part.
    pub filter: Filter,
    /// What they are sorted by.
    pub measure: Measure,
    /// The measures along the axes of the plane.
    pub plane_axes: PlaneAxes,
    /// How they are laid out.
    pub arrangement: Arrangement,
    /// Images in each half.
    pub top: usize,
    /// Size of a thumbnail in points.
    pub zoom: f32,
    /// Passes, dropout rate, seed.
    pub sweep: SweepConfig,
    /// How rankings are made firm.
    pub firm: FirmSettings,
    /// How to train next.
    pub training: TrainSettings,
    /// What the Rotate tab changes, and how far.
    pub rotate: RotateChoices,
    /// What is explained, and how.
    pub explain: ExplainSettings,
    /// Whether *Start here* was closed: it opens by itself on the first start only.
    pub seen_start: bool,
    /// What is done to images before a graph takes them, by the hash of its file: `imagenet`; the newest last.
    pub inputs: Vec<(String, String)>,
}

/// Files whose input is remembered.
const MOST_INPUTS: usize = 100;

/// Sizes of a thumbnail in points.
pub const ZOOM: std::ops::RangeInclusive<f32> = 28.0..=168.0;
/// Width of a thumbnail until a person chooses another.
pub const FIRST_ZOOM: f32 = 64.0;
/// Passes the slider offers.
pub const PASSES: std::ops::RangeInclusive<usize> = saved_view::PASSES;
/// Dropout rates the slider offers.
pub const DROPOUT: std::ops::RangeInclusive<f32> = saved_view::DROPOUT;
/// Widths of a patch that are offered, in pixels.
pub const PATCHES: std::ops::RangeInclusive<usize> = 1..=14;

impl Default for Settings {
    fn default() -> Self {
        Self {
            tab: Tab::Gallery,
            theme: ThemeChoice::Dark,
            controls_open: true,
            inspector_open: true,
            digit: None,
            grouping: Grouping::Label,
            filter: Filter::All,
            measure: Measure::PredictiveEntropy,
            plane_axes: PlaneAxes::default(),
            arrangement: Arrangement::Halves,
            top: 30,
            zoom: FIRST_ZOOM,
            sweep: SweepConfig::default(),
            firm: FirmSettings::default(),
            training: TrainSettings::default(),
            rotate: RotateChoices::default(),
            explain: ExplainSettings::default(),
            // What was kept before there were first steps is of no newcomer.
            seen_start: true,
            inputs: Vec::new(),
        }
    }
}

impl Settings {
    /// The choices of a first start.
    #[must_use]
    pub fn first_start() -> Self {
        Self { seen_start: false, ..Self::default() }
    }

    /// The settings with every number within what its control offers: a settings file is input like any other.
    #[must_use]
    pub fn sanitised(mut self) -> Self {
        let within = |value: f32, range: &std::ops::RangeInclusive<f32>, fallback: f32| {
            if value.is_finite() { value.clamp(*range.start(), *range.end()) } else { fallback }
        };
        self.zoom = within(self.zoom, &ZOOM, FIRST_ZOOM);
        self.sweep.dropout = within(self.sweep.dropout, &DROPOUT, 0.5);
        self.sweep.passes = self.sweep.passes.clamp(*PASSES.start(), *PASSES.end());
        self.top = self.top.clamp(1, 1000);
        let tolerance = self.firm.tolerance;
        self.firm.tolerance =
            if TOLERANCE.contains(&tolerance) { tolerance } else { FirmSettings::default().tolerance };
        self.rotate = self.rotate.sanitised();
        self.explain = self.explain.sanitised();
        self.digit = self.digit.filter(|digit| *digit < 10);
        self.inputs.drain(..self.inputs.len().saturating_sub(MOST_INPUTS));
        self
    }

    /// What a person chose for a file of this hash.
    #[must_use]
    pub fn kept_input(&self, hash: &str) -> Option<Preprocessing> {
        self.inputs.iter().rev().find(|(file, _)| file == hash).and_then(|(_, way)| way.parse().ok())
    }

    /// Remembers what a person chose for a file of this hash.
    pub fn keep_input(&mut self, hash: &str, preprocessing: Preprocessing) {
        self.inputs.retain(|(file, _)| file != hash);
        self.inputs.push((hash.to_owned(), preprocessing.to_string()));
        self.inputs.drain(..self.inputs.len().saturating_sub(MOST_INPUTS));
    }
}
