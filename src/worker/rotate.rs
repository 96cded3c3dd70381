//! One image along a course of amounts, and at the amount of the dial.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use crate::export::chart::Chart;
use crate::export::contact_sheet::Provenance;
use crate::export::rotation::Rotation;
use crate::files;
use crate::model::Placement;
use crate::progress::Progress;
use crate::sampling::{Network, SweepConfig};
use crate::uncertainty::course::{Course, CourseStep, Finding, TOP, top_classes, walk};

use super::lanes::Slot;
use super::protocol::{Event, OpenedModel};
use super::run_loop::Context;
use super::subject::Subject;

/// What a course was sampled from.
#[derive(Clone, Debug, PartialEq)]
pub struct RotateKey {
    /// The image.
    pub subject: Subject,
    /// Short hash of the network.
    pub model: String,
    /// Where dropout acts in the passes; the network may have been trained with another placement.
    pub placement: Placement,
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

impl RotateJob {
    /// The dial does not wait for a course.
    pub(super) fn slot(&self) -> Slot {
        if self.amount.is_some() { Slot::Dial } else { Slot::Rotate }
    }
}

/// What is known of an image along a course.
#[derive(Debug)]
pub struct RotateView {
    /// What it was sampled from.
    pub key: RotateKey,
    /// The steps so far, in order.
    pub steps: Vec<Arc<CourseStep>>,
    /// The likeliest classes anywhere along these steps, in the order of the digits.
    pub top: Vec<u8>,
    /// What they show, once all are there.
    pub finding: Option<Finding>,
}

impl RotateView {
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
    /// The changed image and its passes.
    pub step: CourseStep,
}

pub(super) fn rotate(job: &RotateJob, context: &mut Context<'_>) -> Result<(), String> {
    let network = network(&job.model, job.key.placement)?;
    let RotateKey { subject, sampled, course, .. } = &job.key;
    if let Some(amount) = job.amount {
        let step = CourseStep::new(&network, &subject.pixels, course.by, amount, sampled);
        let step = step.map_err(|error| error.to_string())?;
        context.send(Event::Dialled(Arc::new(DialView { key: job.key.clone(), step })));
        return Ok(());
    }
    let view = |steps: &[Arc<CourseStep>], finding| RotateView {
        key: job.key.clone(),
        steps: steps.to_vec(),
        top: top_classes(steps, TOP),
        finding,
    };
    let total = course.steps as u64;
    let steps = walk(&network, &subject.pixels, course, sampled, &mut |steps| {
        if context.due() && steps.len() < course.steps {
            context.send(Event::Progress(Progress { done: steps.len() as u64, total }));
            context.send(Event::Rotated(Arc::new(view(steps, None))));
        }
        context.going()
    })
    .map_err(|error| error.to_string())?;
    if let Some(steps) = steps {
        let finding = Finding::new(course, &steps, sampled.dropout);
        context.send(Event::Rotated(Arc::new(view(&steps, finding))));
    }
    Ok(())
}

/// A course to write to a file.
#[derive(Clone, Debug)]
pub struct RotationFile {
    /// The course.
    pub view: Arc<RotateView>,
    /// Classes whose passes are shown, ascending.
    pub classes: Vec<u8>,
    /// Where dropout acted when the network was trained.
    pub trained: Placement,
    /// Where the image comes from.
    pub data: String,
    /// Whether its numbers are wanted rather than its figure.
    pub table: bool,
}

impl RotationFile {
    /// The figure as a chart.
    #[must_use]
    pub fn figure(&self) -> Chart {
        self.with(|rotation| rotation.figure())
    }

    pub(super) fn save(&self, path: &Path) -> Result<(), String> {
        if self.table {
            let table = self.with(|rotation| rotation.table());
            files::write_whole(path, |draft| draft.write_all(table.as_bytes()))
                .map_err(|error| error.to_string())
        } else {
            self.figure().save(path).map_err(|error| error.to_string())
        }
    }

    fn with<T>(&self, make: impl FnOnce(Rotation<'_>) -> T) -> T {
        let RotateKey { subject, model, placement, sampled, course } = &self.view.key;
        let provenance = Provenance {
            data: self.data.clone(),
            model: model.clone(),
            passes: sampled.passes,
            dropout: sampled.dropout,
            seed: sampled.seed,
        };
        make(Rotation {
            name: &subject.name,
            label: subject.label,
            course,
            steps: &self.view.steps,
            classes: &self.classes,
            placements: [self.trained, *placement],
            provenance: &provenance,
        })
    }
}

/// The network with dropout here: its weights know nothing of where it acts.
fn network(model: &OpenedModel, placement: Placement) -> Result<Arc<Network>, String> {
    let own = model.network()?;
    if own.placement() == placement {
        return Ok(own);
    }
    let network = Network::new(own.weights().clone(), placement).map_err(|error| error.to_string())?;
    Ok(Arc::new(network))
}
