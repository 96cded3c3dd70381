//! One network's answer to labelled images, prepared so that all numbers of a resample take one walk over it.

use super::calibration::{BINS, bin};
use super::detection::{Sorted, harmonic};
use super::doubt::{DETECTORS, Undefined, Value, doubt, needs_passes, without_spread};
use crate::data::Class;
use crate::uncertainty::{Measure, Measures};

/// A number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Share of right predictions.
    Accuracy,
    /// Mean −ln p̄ of the label, in nats.
    Nll,
    /// Mean squared distance of p̄ from the label, 0…2.
    Brier,
    /// Expected calibration error of 15 bins.
    Ece,
    /// Area under the ROC of a measure that detects wrong predictions.
    ErrorAuroc(Measure),
    /// Area under the risk–coverage curve of a measure.
    Aurc(Measure),
}

/// Numbers of a run: four, and two for each detector.
pub const METRICS: usize = 4 + 2 * DETECTORS.len();

impl Metric {
    /// All of them.
    #[must_use]
    pub fn all() -> [Self; METRICS] {
        std::array::from_fn(|at| match at {
            0 => Self::Accuracy,
            1 => Self::Nll,
            2 => Self::Brier,
            3 => Self::Ece,
            at if at < 4 + DETECTORS.len() => Self::ErrorAuroc(DETECTORS[at - 4]),
            at => Self::Aurc(DETECTORS[at - 4 - DETECTORS.len()]),
        })
    }

    /// Those in the short table: areas of the predictive entropy alone.
    pub const SHORT: [Self; 6] = [
        Self::Accuracy,
        Self::Nll,
        Self::Brier,
        Self::Ece,
        Self::ErrorAuroc(Measure::PredictiveEntropy),
        Self::Aurc(Measure::PredictiveEntropy),
    ];

    /// Its place in [`Metric::all`].
    #[must_use]
    pub fn place(self) -> usize {
        let detector = |measure| DETECTORS.iter().position(|other| *other == measure).unwrap_or(0);
        match self {
            Self::Accuracy => 0,
            Self::Nll => 1,
            Self::Brier => 2,
            Self::Ece => 3,
            Self::ErrorAuroc(measure) => 4 + detector(measure),
            Self::Aurc(measure) => 4 + DETECTORS.len() + detector(measure),
        }
    }

    /// Its name in files: `accuracy`, `error_auroc`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Nll => "nll",
            Self::Brier => "brier",
            Self::Ece => "ece15",
            Self::ErrorAuroc(_) => "error_auroc",
            Self::Aurc(_) => "aurc",
        }
    }

    /// Its display name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Accuracy => "Accuracy",
            Self::Nll => "NLL",
            Self::Brier => "Brier",
            Self::Ece => "ECE, 15 bins",
            Self::ErrorAuroc(_) => "Error AUROC",
            Self::Aurc(_) => "AURC",
        }
    }

    /// One sentence: what it is and how it reads.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Accuracy => "Share of images whose prediction is their label.",
            Self::Nll => {
                "Negative log-likelihood in nats: the mean of −ln p of the label. Confident errors cost most."
            }
            Self::Brier => {
                "Mean squared distance of the probabilities from the label: 0 is perfect, 2 is certain and wrong."
            }
            Self::Ece => {
                "Expected calibration error: how far confidence is from the share that is right, averaged over 15 bins \
                 of confidence."
            }
            Self::ErrorAuroc(_) => {
                "The chance that a wrong prediction is doubted more than a right one: 1 finds every error first, 0.5 is \
                 a coin."
            }
            Self::Aurc(_) => {
                "Area under the risk–coverage curve: the error among the k most certain images, averaged over all k."
            }
        }
    }

    /// Whether more is better.
    #[must_use]
    pub fn higher_is_better(self) -> bool {
        matches!(self, Self::Accuracy | Self::ErrorAuroc(_))
    }
}

/// Every number of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers(pub(super) [Value; METRICS]);

impl Numbers {
    /// One of them.
    ///
    /// # Errors
    /// When the number does not exist.
    pub fn get(&self, metric: Metric) -> Value {
        self.0[metric.place()]
    }
}

/// What is known of one image.
#[derive(Clone, Copy, Debug)]
struct ImageOutcome {
    right: bool,
    bin: u8,
    confidence: f32,
    /// `−ln p̄_y`
    surprise: f64,
    /// `Σ_c (p̄_c − y_c)²`
    distance: f64,
}

/// One network's answer to labelled images.
#[derive(Clone, Debug)]
pub struct LabelledRun {
    outcomes: Vec<ImageOutcome>,
    /// For each detector, the images by doubt; errors are positive.
    sorted: Vec<Sorted>,
    harmonic: Vec<f64>,
    spreadless: Option<Undefined>,
}

impl LabelledRun {
    /// Prepares the answer. Images without a label are left out.
    #[must_use]
    pub fn new(measures: &[Measures], labels: &[Class]) -> Self {
        let images = measures.len().min(labels.len());
        let measures = &measures[..images];
        let outcomes: Vec<ImageOutcome> =
            measures.iter().zip(labels).map(|(m, label)| outcome(m, *label)).collect();
        let sorted = DETECTORS.map(|measure| {
            let doubts: Vec<f32> = measures.iter().map(|m| doubt(measure, m)).collect();
            Sorted::new(&doubts, |index| !outcomes[index].right)
        });
        Self {
            sorted: sorted.into(),
            harmonic: harmonic(images),
            spreadless: without_spread(measures.iter()),
            outcomes,
        }
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.outcomes.len()
    }

    /// Whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.outcomes.is_empty()
    }

    /// The images by doubt, for a measure; `None` when it is no detector.
    #[must_use]
    pub fn sorted(&self, measure: Measure) -> Option<&Sorted> {
        self.sorted.get(DETECTORS.iter().position(|detector| *detector == measure)?)
    }

    /// Every number of the images as they are.
    #[must_use]
    pub fn all(&self) -> Numbers {
        self.numbers(&vec![1; self.len()])
    }

    /// Every number, each image counted `weights[index]` times; the weights add up to at most the number of images.
    #[must_use]
    pub fn numbers(&self, weights: &[u32]) -> Numbers {
        let mut numbers = [Err(Undefined::NoImages); METRICS];
        let (mut right, mut surprise, mut distance) = (0_u64, 0.0, 0.0);
        let (mut counts, mut confidences, mut rights) = ([0_u64; BINS], [0.0; BINS], [0_u64; BINS]);
        for (outcome, weight) in self.outcomes.iter().zip(weights) {
            // Also keeps an infinite surprise out of resamples that do not hold it.
            if *weight == 0 {
                continue;
            }
            let (count, bin) = (u64::from(*weight), usize::from(outcome.bin));
            let factor = f64::from(*weight);
            let hit = if outcome.right { count } else { 0 };
            right += hit;
            surprise += factor * outcome.surprise;
            distance += factor * outcome.distance;
            counts[bin] += count;
            rights[bin] += hit;
            confidences[bin] += factor * f64::from(outcome.confidence);
        }
        let images: u64 = counts.iter().sum();
        if images > 0 {
            let n = images as f64;
            let gap: f64 =
                rights.iter().zip(&confidences).map(|(right, sum)| (*right as f64 - sum).abs()).sum();
            numbers[0] = Ok(right as f64 / n);
            numbers[1] = Ok(surprise / n);
            numbers[2] = Ok(distance / n);
            numbers[3] = Ok(gap / n);
        }
        for (at, sorted) in self.sorted.iter().enumerate() {
            let (area, risk) = match self.spreadless {
                Some(why) if needs_passes(DETECTORS[at]) => (Err(why), Err(why)),
                _ => {
                    let parted = sorted.part(weights, &self.harmonic);
                    (parted.area, parted.risk)
                }
            };
            numbers[4 + at] = area;
            numbers[4 + DETECTORS.len() + at] = risk;
        }
        Numbers(numbers)
    }
}

fn outcome(measures: &Measures, label: Class) -> ImageOutcome {
    let mut distance = 0.0;
    for (class, p) in measures.mean.iter().enumerate() {
        let target = if class == usize::from(label) { 1.0 } else { 0.0 };
        distance += (f64::from(*p) - target).powi(2);
    }
    ImageOutcome {
        right: measures.prediction() == label,
        bin: bin(f64::from(measures.confidence)) as u8,
        confidence: measures.confidence,
        surprise: measures.surprise_of(label),
        distance,
    }
}
