//! What the quality view shows, computed off the window's thread: first the numbers, then their intervals.

use std::ops::ControlFlow;
use std::sync::Arc;

use rayon::prelude::*;

use super::answer::Answer;
use super::error::ShownError;
use super::opened::OpenedModel;
use super::points::PlanePoints;
use super::tables::{ForeignTexts, QualityTables};
pub use super::tables::{KEPT, PLAIN, SAMPLED};
use crate::data::foreign::{Foreign, ForeignSet};
use crate::data::images::ImageShape;
use crate::data::{Class, ClassNames, Classes, Digits, Pixels};
use crate::progress::{Observer, Progress, unobserved};
use crate::sampling::{self, Prefix, RunKey, Samples, SamplingError, SweepConfig, SweepEvent};
use crate::uncertainty::doubt_plane::PlaneAxes;
use crate::uncertainty::quality::outside::outside;
use crate::uncertainty::quality::tables::classes as class_rows;
use crate::uncertainty::quality::{
    self, AnswerChange, AtPasses, BINS, Bootstrap, ClassRow, Confusion, DETECTORS, Histogram, LabelledRun,
    Metric, Outside, OutsideReport, ReliabilityBin, Resampling, RiskCoverage, Roc, Side, against_passes,
    changes, doubt, reliability,
};
use crate::uncertainty::{Measure, Measures, measure_all};

/// Bins of a histogram of a measure.
const HISTOGRAM_BINS: usize = 40;
/// Places of a curve of risk.
const RISK_PLACES: usize = 240;
/// Confusions listed where there are too many classes for a matrix.
const TOP_PAIRS: usize = 40;
/// Images listed as changed most.
const CHANGED: usize = 60;
/// A network that gives its answer more than this is taken at its word.
pub const CONFIDENT: f32 = 0.99;
/// Places of a drawn curve.
const CURVE_POINTS: usize = 400;

/// What a quality view was computed from.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityKey {
    /// The run.
    pub run: RunKey,
    /// T of the measures, p, seed.
    pub sampled: SweepConfig,
    /// Number of the run it is compared with; 0 for none.
    pub reference: u64,
}

/// A run that was kept to compare others with.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Numbers it among all that were kept.
    pub number: u64,
    /// What it is: network, p, T.
    pub name: String,
    /// Measures of every image.
    pub measures: Arc<Vec<Measures>>,
    /// The passes they were computed from.
    pub samples: Samples,
}

/// All the quality view shows of the images themselves.
#[derive(Clone, Debug)]
pub struct QualityView {
    /// What it was computed from.
    pub key: QualityKey,
    /// Whether any answer can be right or wrong: images have labels, and these are of the network's classes.
    pub judged: bool,
    /// What labels and answers are called.
    pub names: ClassNames,
    /// Measures of MC dropout.
    pub measures: Arc<Vec<Measures>>,
    /// Measures of the network without dropout.
    pub plain: Arc<Vec<Measures>>,
    /// Numbers of both, and of the run kept; without intervals at first.
    pub numbers: Arc<Bootstrap>,
    /// Whether intervals are there.
    pub complete: bool,
    /// Bins of confidence without dropout and with MC dropout.
    pub reliability: [[ReliabilityBin; BINS]; 2],
    /// For each detector: right and wrong images by doubt.
    pub histograms: Vec<Histogram>,
    /// For each detector: what refusing does.
    pub risks: Vec<Arc<RiskCoverage>>,
    /// The same without dropout.
    pub plain_risks: Vec<Arc<RiskCoverage>>,
    /// For each detector the curves of both, this one and that without dropout, as they are drawn.
    pub risk_curves: Vec<RiskCurves>,
    /// Error, NLL and ECE of the first T passes.
    pub passes: Vec<AtPasses>,
    /// The largest of each of them that is finite, that without dropout included.
    pub passes_most: [f64; 3],
    /// Labels against predictions.
    pub confusion: Confusion,
    /// The most frequent confusions: label, wrong prediction, images.
    pub top_pairs: Vec<(Class, Class, usize)>,
    /// The largest count of a wrong prediction in it.
    pub most_confused: usize,
    /// A row for each class.
    pub digits: Vec<ClassRow>,
    /// The run it is compared with: its name, and the images whose entropy changed most.
    pub compared: Option<(String, Vec<AnswerChange>)>,
    /// Error, NLL and ECE of the network without dropout, as horizontal lines against T.
    pub plain_line: [Option<f64>; 3],
    /// The tables.
    pub tables: Arc<QualityTables>,
}

/// Error among the images kept against the share kept, as it is drawn.
#[derive(Clone, Debug)]
pub struct RiskCurves {
    /// With MC dropout: share kept, error.
    pub sampled: Vec<[f64; 2]>,
    /// Without dropout.
    pub plain: Vec<[f64; 2]>,
    /// The largest error of both.
    pub most: f64,
}

impl RiskCurves {
    fn new(sampled: &RiskCoverage, plain: &RiskCoverage) -> Self {
        let [sampled, plain] = [sampled, plain].map(|risk| risk.curve(RISK_PLACES));
        let most = sampled.iter().chain(&plain).map(|[_, error]| *error).fold(0.0, f64::max);
        Self { sampled, plain, most }
    }
}

/// What is asked for.
pub struct QualityJob {
    /// What it will be computed from.
    pub key: QualityKey,
    /// Images and labels.
    pub digits: Arc<Digits>,
    /// The network.
    pub model: OpenedModel,
    /// Measures of MC dropout.
    pub measures: Arc<Vec<Measures>>,
    /// Measures without dropout, when known from before.
    pub plain: Option<Arc<Vec<Measures>>>,
    /// What was sampled.
    pub samples: Samples,
    /// Activations of the images, where they are there.
    pub known: Option<Arc<Prefix>>,
    /// The run to compare with.
    pub reference: Option<Arc<Reference>>,
}

/// All that is shown of foreign images.
#[derive(Clone, Debug)]
pub struct ForeignView {
    /// What the network's answers are called.
    pub answers: Classes,
    /// What it was computed from.
    pub key: QualityKey,
    /// Where the images come from.
    pub source: Foreign,
    /// The images, their name, and what is odd about them.
    pub set: Arc<ForeignSet>,
    /// Their measures under MC dropout.
    pub measures: Arc<Vec<Measures>>,
    /// Where they are on the plane.
    pub points: Arc<PlanePoints>,
    /// Areas of every detector without dropout and with MC dropout; without intervals at first.
    pub reports: [OutsideReport; 2],
    /// Whether intervals are there.
    pub complete: bool,
    /// For each detector.
    pub detectors: Vec<ForeignDetector>,
    /// Foreign images about which the network is confidently wrong, the most certain first: those it gives more than
    /// [`CONFIDENT`] to a digit, and, of corrupted digits, to another than they show.
    pub confidently_wrong: Vec<u32>,
    /// Digits given more than [`CONFIDENT`], of corrupted ones those read wrongly, as above.
    pub confident_digits: usize,
    /// The table of areas.
    pub areas: Vec<ForeignTexts>,
}

impl ForeignView {
    /// Whether the foreign images show digits of known labels.
    #[must_use]
    pub fn has_labels(&self) -> bool {
        matches!(self.source, Foreign::Corrupted { .. })
    }
}

/// How one measure sees foreign images.
#[derive(Clone, Debug)]
pub struct ForeignDetector {
    /// Digits and foreign images by doubt.
    pub histogram: Histogram,
    /// How a threshold parts them.
    pub roc: Roc,
    /// Its curve, (false positives, true positives).
    pub curve: Vec<[f64; 2]>,
    /// Foreign images, the most certain first.
    pub foreign: Vec<u32>,
    /// Digits, the least certain first.
    pub digits: Vec<u32>,
}

/// What is asked for.
pub struct ForeignJob {
    /// What it will be computed from.
    pub key: QualityKey,
    /// Where the images come from.
    pub source: Foreign,
    /// The digits shown.
    pub digits: Arc<Digits>,
    /// What they are of as they are.
    pub shape: ImageShape,
    /// The network.
    pub model: OpenedModel,
    /// Measures of the digits under MC dropout.
    pub measures: Arc<Vec<Measures>>,
    /// Measures of the digits without dropout.
    pub plain: Arc<Vec<Measures>>,
}

impl QualityView {
    /// Place of a detector in the lists of this view.
    #[must_use]
    pub fn detector(measure: Measure) -> usize {
        DETECTORS.iter().position(|detector| *detector == measure).unwrap_or(0)
    }
}

fn plain_line(numbers: &Bootstrap) -> [Option<f64>; 3] {
    let value = |metric| numbers.estimate(PLAIN, metric).value.ok();
    [value(Metric::Accuracy).map(|accuracy| 1.0 - accuracy), value(Metric::Nll), value(Metric::Ece)]
}

/// The largest error, NLL and ECE that are finite, over all T and without dropout.
fn most(passes: &[AtPasses], plain: [Option<f64>; 3]) -> [f64; 3] {
    let values: [fn(&AtPasses) -> f64; 3] = [|at| at.error, |at| at.nll, |at| at.ece];
    std::array::from_fn(|which| {
        let all = passes.iter().map(values[which]).chain(plain[which]);
        all.filter(|value| value.is_finite()).fold(0.0, f64::max)
    })
}

/// Says how far a run can be trusted: first the numbers, then the numbers with their intervals.
///
/// # Errors
/// When the network cannot be asked.
pub fn quality(
    job: QualityJob,
    observe: Observer,
    answer: Answer<'_, QualityView>,
) -> Result<(), SamplingError> {
    let run = job.samples.key_with(&job.digits)?;
    job.model.pairing(&job.digits).check(&run.pairing)?;
    job.key.run.pairing.check(&run.pairing)?;
    let names = job.digits.names(job.model.classes());
    // Where the network has other classes, there is no right and wrong.
    let labels = if names.agree() { job.digits.labelled() } else { &[] };
    let known = job.known.as_deref().filter(|known| *known.pairing() == job.key.run.pairing);
    let plain = match job.plain {
        Some(plain) => plain,
        None => match without_dropout(&job.model, (&*job.digits).into(), known, observe)? {
            Some(plain) => plain,
            None => return Ok(()),
        },
    };
    let mut runs = vec![LabelledRun::new(&plain, labels), LabelledRun::new(&job.measures, labels)];
    if let Some(reference) = &job.reference {
        runs.push(LabelledRun::new(&reference.measures, labels));
    }
    let runs: Vec<&LabelledRun> = runs.iter().collect();
    let risks = |run: &LabelledRun| -> Vec<Arc<RiskCoverage>> {
        let sorted = DETECTORS.par_iter().filter_map(|measure| run.sorted(*measure));
        sorted.map(|sorted| Arc::new(RiskCoverage::new(sorted))).collect()
    };
    let none = Resampling { seed: 0, resamples: 0 };
    let Some(numbers) = quality::bootstrap(&runs, none, &mut unobserved) else { return Ok(()) };
    let compared = job.reference.as_ref().map(|reference| {
        let before = Side { measures: &reference.measures, samples: &reference.samples };
        let after = Side { measures: &job.measures, samples: &job.samples };
        (reference.name.clone(), changes(before, after, CHANGED))
    });
    let (risks, plain_risks) = (risks(runs[SAMPLED]), risks(runs[PLAIN]));
    let confusion = Confusion::new(job.digits.classes().len(), &job.measures, labels);
    let passes = against_passes(&job.samples, labels, job.key.sampled.passes);
    job.samples.check_readable()?;
    let plain_line = plain_line(&numbers);
    let digit_rows = class_rows(job.digits.classes().len(), &job.measures, labels);
    let tables = |numbers: &Bootstrap| {
        Arc::new(QualityTables::new(numbers, &digit_rows, &passes, plain_line, compared.is_some()))
    };
    let view = QualityView {
        passes_most: most(&passes, plain_line),
        plain_line,
        tables: tables(&numbers),
        numbers: Arc::new(numbers),
        complete: false,
        reliability: [reliability(&plain, labels), reliability(&job.measures, labels)],
        histograms: DETECTORS
            .par_iter()
            .map(|measure| right_and_wrong(*measure, &job.measures, labels))
            .collect(),
        risk_curves: risks
            .iter()
            .zip(&plain_risks)
            .map(|(risk, plain)| RiskCurves::new(risk, plain))
            .collect(),
        risks,
        plain_risks,
        passes: passes.clone(),
        top_pairs: confusion.top_pairs(TOP_PAIRS),
        most_confused: confusion.most_wrong(),
        confusion,
        digits: digit_rows.clone(),
        compared: compared.clone(),
        judged: !labels.is_empty(),
        names,
        measures: job.measures,
        plain,
        key: job.key,
    };
    if answer(view.clone()).is_break() {
        return Ok(());
    }
    let resampling = Resampling { seed: view.key.sampled.seed, ..Resampling::default() };
    if let Some(numbers) = quality::bootstrap(&runs, resampling, observe) {
        let tables = tables(&numbers);
        let _ = answer(QualityView { numbers: Arc::new(numbers), tables, complete: true, ..view });
    }
    Ok(())
}

fn right_and_wrong(measure: Measure, measures: &[Measures], labels: &[Class]) -> Histogram {
    let mut groups = [Vec::new(), Vec::new()];
    for (measured, label) in measures.iter().zip(labels) {
        groups[usize::from(measured.prediction() != *label)].push(doubt(measure, measured));
    }
    Histogram::new(&groups, HISTOGRAM_BINS)
}

/// What the network says without dropout; `None` when told to stop.
fn without_dropout(
    model: &OpenedModel,
    pixels: Pixels,
    known: Option<&Prefix>,
    observe: Observer,
) -> Result<Option<Arc<Vec<Measures>>>, SamplingError> {
    let logits = sampling::logits_without_dropout(&*model.network()?, pixels, known, observe)?;
    Ok(logits.map(|logits| Arc::new(quality::deterministic(&logits))))
}

/// Samples foreign images and compares them with the digits: first the areas, then the areas with their intervals.
///
/// # Errors
/// When there are no such images, or they cannot be sampled.
pub fn foreign(
    job: &ForeignJob,
    observe: Observer,
    answer: Answer<'_, ForeignView>,
) -> Result<(), ShownError> {
    job.model.pairing(&job.digits).check(&job.key.run.pairing)?;
    let opened = job.source.open(&job.digits, job.shape, observe)?;
    let ControlFlow::Continue(set) = opened else { return Ok(()) };
    let pixels = || Pixels::from(&set.digits);
    let prefix = Prefix::of(&job.model.network()?, &set.digits, observe)?;
    let Some(prefix) = prefix else { return Ok(()) };
    let config = job.key.sampled;
    let samples = sampling::sweep(
        &prefix,
        &config,
        Samples::empty(prefix.images(), &config),
        &mut |event| match event {
            SweepEvent::Progress(progress) => observe(progress),
            SweepEvent::Samples(_) => ControlFlow::Continue(()),
        },
    )?;
    if samples.passes() < config.passes {
        return Ok(());
    }
    drop(prefix);
    let measures = measure_all(&samples, config.passes);
    let Some(plain) = without_dropout(&job.model, pixels(), None, observe)? else { return Ok(()) };
    let sets = [
        Outside { inside: &job.plain, outside: &plain },
        Outside { inside: &job.measures, outside: &measures },
    ];
    let report = |resampling, observe: &mut dyn FnMut(Progress) -> ControlFlow<()>| {
        let [plain, sampled] = sets.map(|sets| outside(sets, resampling, observe));
        Some([plain?, sampled?])
    };
    let none = Resampling { seed: 0, resamples: 0 };
    let Some(reports) = report(none, &mut unobserved) else { return Ok(()) };
    let detectors: Vec<_> = DETECTORS.par_iter().map(|measure| detector(*measure, sets[1])).collect();
    let has_labels = matches!(job.source, Foreign::Corrupted { .. });
    let wrong = |measures: &Measures, label: Class| {
        measures.confidence > CONFIDENT && !(has_labels && measures.prediction() == label)
    };
    let most_certain = &detectors[QualityView::detector(Measure::Confidence)].foreign;
    let foreign_labels = set.digits.labels();
    let confidently_wrong = most_certain.iter().copied().filter(|index| {
        let at = *index as usize;
        wrong(&measures[at], foreign_labels[at])
    });
    let confident_digits =
        job.measures.iter().zip(job.digits.labels()).filter(|(measures, label)| wrong(measures, **label));
    let view = ForeignView {
        answers: job.model.classes().clone(),
        confidently_wrong: confidently_wrong.collect(),
        confident_digits: confident_digits.count(),
        key: job.key.clone(),
        source: job.source.clone(),
        areas: ForeignTexts::of(&reports),
        reports,
        complete: false,
        detectors,
        points: Arc::new(PlanePoints::new(PlaneAxes::default(), &measures, foreign_labels).all_found()),
        measures: Arc::new(measures.clone()),
        set: Arc::new(set.clone()),
    };
    if answer(view.clone()).is_break() {
        return Ok(());
    }
    let resampling = Resampling { seed: config.seed, ..Resampling::default() };
    if let Some(reports) = report(resampling, observe) {
        let areas = ForeignTexts::of(&reports);
        let _ = answer(ForeignView { reports, areas, complete: true, ..view });
    }
    Ok(())
}

fn detector(measure: Measure, sets: Outside<'_>) -> ForeignDetector {
    let doubts = |measures: &[Measures]| -> Vec<f32> { measures.iter().map(|m| doubt(measure, m)).collect() };
    let groups = [doubts(sets.inside), doubts(sets.outside)];
    let ordered = |group: &[f32]| -> Vec<u32> {
        let mut order: Vec<u32> = (0..group.len() as u32).collect();
        order.sort_by(|a, b| group[*a as usize].total_cmp(&group[*b as usize]));
        order
    };
    let roc = sets.roc(measure);
    ForeignDetector {
        curve: roc
            .points(CURVE_POINTS)
            .iter()
            .map(|point| [point.false_positive, point.true_positive])
            .collect(),
        roc,
        foreign: ordered(&groups[1]),
        digits: ordered(&groups[0]).into_iter().rev().collect(),
        histogram: Histogram::new(&groups, HISTOGRAM_BINS),
    }
}
