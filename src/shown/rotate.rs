//! One image along a course of amounts, and at the amount of the dial.

use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::data::{Class, ClassNames, Classes};
use crate::export::chart::Chart;
use crate::export::contact_sheet::Provenance;
use crate::export::rotation::Rotation;
use crate::files;
use crate::sampling::{DropoutAt, Network, NetworkKey, SamplingError, SweepConfig};
use crate::uncertainty::course::{Course, CourseStep, Finding, TOP, highest_entropy, top_classes, walk};

use super::error::ShownError;
use super::opened::OpenedModel;
use super::subject::Subject;

/// Classes that are offered to be shown, of many.
const LIKELY: usize = 12;
/// Classes plotted unless a person chooses others: the likeliest, and those that the sentence names.
const MOST_PLOTTED: usize = 6;

/// What a course was sampled from.
#[derive(Clone, Debug, PartialEq)]
pub struct RotateKey {
    /// The image.
    pub subject: Subject,
    /// The network. Where dropout acts in the passes may be elsewhere than in its training.
    pub network: NetworkKey,
    /// T, p, seed.
    pub sampled: SweepConfig,
    /// What changes.
    pub course: Course,
}

/// What is asked for.
pub struct RotateJob {
    /// What it will be sampled from.
    pub key: RotateKey,
    /// The network.
    pub model: OpenedModel,
    /// The one amount asked for; the whole course when `None`.
    pub amount: Option<f32>,
}

/// What is known of an image along a course.
#[derive(Debug)]
pub struct RotateView {
    /// What it was sampled from.
    pub key: RotateKey,
    /// What labels and answers are called.
    pub names: ClassNames,
    /// The steps so far, in order.
    pub steps: Vec<Arc<CourseStep>>,
    /// The likeliest classes anywhere along these steps, in the order of the digits.
    pub top: Vec<Class>,
    /// The likeliest dozen, in their order.
    pub likely: Vec<Class>,
    /// The highest predictive entropy plus its standard error along these steps, in nats.
    pub highest: f32,
    /// What they show, once all are there.
    pub finding: Option<Finding>,
    /// That in words, or how far the course is sampled.
    pub sentence: String,
}

impl RotateView {
    /// The first steps of a course: no finding yet.
    #[must_use]
    pub fn so_far(key: &RotateKey, answers: &Classes, steps: &[Arc<CourseStep>]) -> Self {
        Self {
            names: key.subject.names(answers),
            key: key.clone(),
            steps: steps.to_vec(),
            top: top_classes(steps, TOP),
            likely: top_classes(steps, LIKELY),
            highest: highest_entropy(steps),
            finding: None,
            sentence: format!("{} of {} steps sampled…", steps.len(), key.course.steps),
        }
    }

    /// Whether all steps are there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.steps.len() == self.key.course.steps
    }
}

/// An image at one amount.
#[derive(Debug)]
pub struct DialView {
    /// What it was sampled from.
    pub key: RotateKey,
    /// What labels and answers are called.
    pub names: ClassNames,
    /// The changed image and its passes.
    pub step: CourseStep,
}

/// Samples an image at one amount.
///
/// # Errors
/// When the image cannot be sampled.
pub fn dial(job: &RotateJob, amount: f32) -> Result<DialView, SamplingError> {
    let network = network(&job.model, job.key.network)?;
    let RotateKey { subject, sampled, course, .. } = &job.key;
    let step = CourseStep::new(&network, subject.taken_by(&network)?.seen(), course.by, amount, sampled)?;
    let names = subject.names(network.answers());
    Ok(DialView { key: job.key.clone(), names, step })
}

/// Samples an image along a course; `None` when stopped. `reached` sees the steps so far, which
/// [`RotateView::so_far`] makes a view of, and says whether to go on.
///
/// # Errors
/// When the image cannot be sampled.
pub fn rotate(
    job: &RotateJob,
    reached: &mut dyn FnMut(&[Arc<CourseStep>]) -> ControlFlow<()>,
) -> Result<Option<RotateView>, SamplingError> {
    let network = network(&job.model, job.key.network)?;
    let RotateKey { subject, sampled, course, .. } = &job.key;
    let taken = subject.taken_by(&network)?;
    let steps = walk(&network, taken.seen(), course, sampled, reached)?;
    Ok(steps.map(|steps| {
        let finding = Finding::new(course, &steps, sampled.dropout);
        let so_far = RotateView::so_far(&job.key, network.answers(), &steps);
        let sentence = finding.as_ref().map_or(so_far.sentence, |finding| finding.told(network.answers()));
        let mut top = so_far.top;
        if *course != Course::paper() {
            // What the sentence names is to be seen in the plots.
            for class in finding.iter().flat_map(Finding::named) {
                if top.len() < MOST_PLOTTED && !top.contains(&class) {
                    top.push(class);
                }
            }
            top.sort_unstable();
        }
        RotateView { top, finding, sentence, ..so_far }
    }))
}

/// A course to write to a file.
#[derive(Clone, Debug)]
pub struct RotationFile {
    /// The course.
    pub view: Arc<RotateView>,
    /// Classes whose passes are shown, ascending.
    pub classes: Vec<Class>,
    /// Where dropout acted when the network was trained.
    pub trained: DropoutAt,
    /// How footers name the network.
    pub model: String,
    /// Where dropout acts in a graph, and at which rates.
    pub sites: Option<String>,
    /// Where the image comes from.
    pub data: String,
    /// Whether its numbers are wanted rather than its figure.
    pub table: bool,
}

impl RotationFile {
    /// The figure as a chart.
    #[must_use]
    pub fn figure(&self) -> Chart {
        let figure = self.with(|rotation| rotation.figure());
        if self.view.key.subject.is_ink { figure } else { figure.of_photographs() }
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the figure cannot be drawn, or the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ShownError> {
        if self.table {
            let table = self.with(|rotation| rotation.table());
            Ok(files::write_whole(path, |draft| draft.write_all(table.as_bytes()))?)
        } else {
            Ok(self.figure().save(path)?)
        }
    }

    fn with<T>(&self, make: impl FnOnce(Rotation<'_>) -> T) -> T {
        let RotateKey { subject, network, sampled, course } = &self.view.key;
        let provenance = Provenance {
            data: self.data.clone(),
            model: self.model.clone(),
            sites: self.sites.clone(),
            config: *sampled,
        };
        let title = subject.title();
        make(Rotation {
            // With its label, if any, called what it is.
            name: &title,
            label: None,
            names: &self.view.names,
            course,
            steps: &self.view.steps,
            classes: &self.classes,
            placements: [self.trained, network.dropout],
            provenance: &provenance,
        })
    }
}

/// The network asked for: the model's, with dropout perhaps elsewhere, as its weights know nothing of where it acts.
fn network(model: &OpenedModel, asked: NetworkKey) -> Result<Arc<Network>, SamplingError> {
    NetworkKey { dropout: asked.dropout, ..model.key() }.check(&asked)?;
    let own = model.network()?;
    let (Some(lenet), Some(placement)) = (own.lenet(), asked.dropout.placement()) else { return Ok(own) };
    if lenet.placement() == placement {
        return Ok(own);
    }
    let network = Network::new(lenet.weights().clone(), placement)?;
    Ok(Arc::new(network.named(own.answers())))
}
