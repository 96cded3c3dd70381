//! What each job does: calls the rooms above and sends what they give.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::data::source::{Places, Split};
use crate::data::{CLASSES, Digits, Pixels};
use crate::export::contact_sheet::{self, Measured};
use crate::export::{archive, table};
use crate::model::checkpoint::{Checkpoint, CheckpointError};
use crate::model::training::{self, TrainConfig};
use crate::progress::Progress;
use crate::sampling::{self, Network, Prefix, Samples, SweepConfig, SweepEvent};
use crate::uncertainty::interval::look_at_passes;
use crate::uncertainty::quality::Histogram;
use crate::uncertainty::{Grouping, Measures, places, ranking};

use super::chart::{self, ChartForm};
use super::pen;
use super::plane::{Limits, PlanePoints};
use super::protocol::{
    Dataset, Event, Export, GalleryQuery, GalleryView, Job, OpenedModel, Ranked, SheetImages,
};
use super::run_loop::Context;
use super::{card, explain, inspect, quality, rotate, subnetwork};

/// Training images held back to validate on, so that the test images stay unseen.
const HELD_BACK: usize = 5_000;
/// Bins of the histogram of the measure sorted by.
const HISTOGRAM_BINS: usize = 32;
/// Size of a contact sheet, as `dubito export` draws it.
const SHEET_SCALE: u32 = 2;

/// Runs a job to its end, or until it is told to stop; a failure is a sentence for a person.
pub(super) fn run(job: Job, context: &mut Context<'_>) -> Result<(), String> {
    match job {
        Job::Load { places, split } => load(&places, split, context),
        Job::OpenModel(path) => {
            let model = OpenedModel::open(&path).map_err(message)?;
            context.send(Event::ModelOpened(model));
            Ok(())
        }
        Job::Sweep { digits, model, config, prefix, samples } => {
            sweep_job(&digits, &model, &config, prefix, samples, context)
        }
        Job::Train { places, config, start } => train(&places, &config, start.as_ref(), context),
        Job::Export { what, path } => export(what, &path, context),
        Job::Gallery { samples, digits, query, limits, foreign } => {
            context.send(Event::Gallery(Arc::new(gallery(
                &samples,
                &digits,
                query,
                limits,
                foreign.as_deref(),
            ))));
            Ok(())
        }
        Job::Inspect(job) => {
            context.send(Event::Inspected(Arc::new(inspect::inspect(*job)?)));
            Ok(())
        }
        Job::Draw { sheet, asked } => {
            context.send(Event::Drawn(Arc::new(pen::look(sheet, &asked)?)));
            Ok(())
        }
        Job::Features { digits, model } => {
            if let Some(features) = pen::features(digits, &model, context)? {
                context.send(Event::Features(Arc::new(features)));
            }
            Ok(())
        }
        Job::Neighbours { image, features, model } => {
            context.send(Event::Neighbours(Arc::new(pen::closest(&image, &features, &model)?)));
            Ok(())
        }
        Job::ReadPictures { list, options, asked } => pen::read_pictures(list, &options, &asked, context),
        Job::Keep { folder, work } => pen::keep(folder.as_deref(), work, context),
        Job::Quality(job) => quality::quality(*job, context),
        Job::Foreign(job) => quality::foreign(&job, context),
        Job::Subnetwork(job) => {
            if let Some(view) = subnetwork::subnetwork(&job) {
                context.send(Event::Subnetwork(Arc::new(view)));
            }
            Ok(())
        }
        Job::Explain(job) => explain::explain(&job, context),
        Job::TrainingSpace { places, model, known } => {
            explain::training_space(&places, &model, known.as_deref(), context)
        }
        Job::Chart { chart, form } => {
            context.send(Event::Chart(chart::copy(&chart, form)?));
            Ok(())
        }
        Job::Rotate(job) => rotate::rotate(&job, context),
        #[cfg(test)]
        Job::Test(_, work) => {
            work(&|| context.going().is_break());
            Ok(())
        }
    }
}

fn message(error: impl std::error::Error) -> String {
    error.to_string()
}

fn load(places: &Places, split: Split, context: &mut Context<'_>) -> Result<(), String> {
    let loaded = places.load(split, &mut |progress| context.observe(progress)).map_err(message)?;
    if let ControlFlow::Continue(loaded) = loaded {
        let dataset = Dataset { digits: Arc::new(loaded.digits), source: loaded.source, split };
        context.send(Event::Loaded { dataset, places: Box::new(places.clone()) });
    }
    Ok(())
}

fn sweep_job(
    digits: &Digits,
    model: &OpenedModel,
    config: &SweepConfig,
    prefix: Option<Arc<Prefix>>,
    samples: Option<Samples>,
    context: &mut Context<'_>,
) -> Result<(), String> {
    let prefix = if let Some(prefix) = prefix {
        prefix
    } else {
        let network = model.network()?;
        let pixels = Pixels::Bytes(digits.pixels());
        let prepared =
            Prefix::compute(&network, pixels, &mut |progress| context.observe(progress)).map_err(message)?;
        let Some(prefix) = prepared.map(Arc::new) else { return Ok(()) };
        context.send(Event::Prepared(Arc::clone(&prefix)));
        prefix
    };
    let from = samples.unwrap_or_else(|| Samples::empty(prefix.images(), config));
    let before = from.passes();
    let complete = sampling::sweep(&prefix, config, from, &mut |event| match event {
        SweepEvent::Progress(progress) => context.observe(progress),
        SweepEvent::Samples(samples) => {
            context.send(Event::Swept(samples.clone()));
            context.going()
        }
    })
    .map_err(message)?;
    if complete.passes() > before {
        context.send(Event::Swept(complete));
    }
    Ok(())
}

fn train(
    places: &Places,
    config: &TrainConfig,
    start: Option<&OpenedModel>,
    context: &mut Context<'_>,
) -> Result<(), String> {
    let loaded = places.load(Split::Train, &mut |progress| context.observe(progress)).map_err(message)?;
    let ControlFlow::Continue(loaded) = loaded else { return Ok(()) };
    let count = loaded.digits.len();
    let held_back = HELD_BACK.min(count / 10);
    let (learn, validate) =
        (loaded.digits.slice(0..count - held_back), loaded.digits.slice(count - held_back..count));
    let start = start.map(|model| &model.checkpoint.lenet);
    let total = (learn.len() * config.epochs) as u64;
    let trained = training::train(&learn, &validate, config, start, &mut |report| {
        let share = report.step as f64 / report.steps_per_epoch.max(1) as f64;
        let epochs = report.epoch.max(1) as f64 - 1.0 + share;
        let done = (epochs * learn.len() as f64) as u64;
        if report.validation.is_some() || context.due() {
            context.send(Event::Training(*report));
            context.send(Event::Progress(Progress { done, total }));
        }
        context.going()
    })
    .map_err(message)?;
    context.send(Event::Trained(OpenedModel::new(trained.checkpoint(), "trained here".to_owned())));
    Ok(())
}

fn export(what: Export, path: &Path, context: &mut Context<'_>) -> Result<(), String> {
    let done = match what {
        Export::Sheet { images, provenance, digits, measures, my_digits } => {
            let measured = Measured { digits: &digits, measures: &measures, only: None };
            let mut spec = match images {
                SheetImages::Ranking(query, ends, only) => {
                    let only = only.as_ref().map(|only| (only.name.as_str(), &*only.indices));
                    let measured = Measured { only, ..measured };
                    contact_sheet::of_ranking(measured, &query, ends, &provenance, SHEET_SCALE)
                }
                SheetImages::Selection(indices, measure) => {
                    contact_sheet::of_selection(measured, &indices, measure, &provenance, SHEET_SCALE)
                }
            };
            if let Some((kept, asked, measure)) = my_digits {
                spec.sections.push(pen::kept_section(&kept, &asked, measure, "My digits")?);
            }
            spec.save(path).map_err(message)?;
            ControlFlow::Continue(())
        }
        Export::Table { measures, digits, order, drawn } => {
            let mut measures = (*measures).clone();
            if let Some((samples, passes)) = drawn {
                look_at_passes(&samples, passes, &mut measures, &order);
            }
            table::save_ranking(path, &measures, digits.labels(), &order).map_err(message)?;
            ControlFlow::Continue(())
        }
        Export::Samples { samples, passes, digits } => archive::save_samples(
            path,
            digits.labels(),
            passes,
            |index| samples.image(index)[..passes].to_vec(),
            &mut |progress| context.observe(progress),
        )
        .map_err(message)?,
        Export::Image(pixels) => {
            pen::save_image(&pixels, path)?;
            ControlFlow::Continue(())
        }
        Export::Rotation(file) => {
            file.save(path)?;
            ControlFlow::Continue(())
        }
        Export::KeptDigits(kept, asked) => {
            pen::export_kept(&kept, &asked, path)?;
            ControlFlow::Continue(())
        }
        Export::Card(job) => {
            let page = card::card(&job, &mut |progress| context.observe(progress))?;
            let Some((page, _)) = page else { return Ok(()) };
            page.save(path).map_err(message)?;
            ControlFlow::Continue(())
        }
        Export::Chart(chart, form) => {
            match form {
                ChartForm::Picture => chart.save(path).map_err(message)?,
                ChartForm::Data => chart.save_csv(path).map_err(message)?,
            }
            ControlFlow::Continue(())
        }
        Export::Model(model) => {
            model.checkpoint.save(path).map_err(message)?;
            ControlFlow::Continue(())
        }
    };
    if done.is_continue() {
        context.send(Event::Exported(path.to_path_buf()));
    }
    Ok(())
}

/// Measures every image at T and ranks those that match.
#[must_use]
pub fn gallery(
    samples: &Samples,
    digits: &Digits,
    query: GalleryQuery,
    limits: Limits,
    foreign: Option<&PlanePoints>,
) -> GalleryView {
    let statistics = samples.statistics(query.passes);
    let measures: Vec<Measures> = statistics.iter().map(Measures::new).collect();
    let labels = digits.labels();
    let mut ranked = ranking::rank(&measures, labels, &query.ranking());
    let mut plane = PlanePoints::new(&measures);
    let Limits { only, region } = limits;
    let brush = region.map(|region| Arc::new(plane.brushed(&region, foreign)));
    let limits = [only.as_ref().map(|only| &only.indices), brush.as_ref().map(|brush| &brush.inside)];
    for indices in limits.into_iter().flatten() {
        ranked.retain(|index| indices.binary_search(index).is_ok());
    }
    let value = |(measured, label): (&Measures, &u8)| query.measure.value(measured, *label);
    let all: Vec<f32> = measures.iter().zip(labels).map(value).collect();
    let matching = ranked.iter().map(|index| all[*index as usize]).collect();
    let histogram = Histogram::new(&[all, matching], HISTOGRAM_BINS);
    plane.part(&ranked, labels);
    let spans = places::spans(&ranked, &measures, labels, query.measure, query.ranking().order);
    let mut counts = [0; CLASSES];
    let mut right = 0;
    for (measured, label) in measures.iter().zip(labels) {
        let prediction = measured.prediction();
        right += usize::from(prediction == *label);
        let digit = match query.grouping {
            Grouping::Label => *label,
            Grouping::Prediction => prediction,
        };
        counts[usize::from(digit)] += 1;
    }
    let sampled = SweepConfig { passes: samples.passes(), dropout: samples.dropout(), seed: samples.seed() };
    GalleryView {
        query,
        only,
        brush,
        plane: Arc::new(plane),
        sampled,
        accuracy: right as f32 / labels.len().max(1) as f32,
        measures: Arc::new(measures),
        ranked: Ranked { order: ranked, spans },
        counts,
        histogram,
    }
}

impl OpenedModel {
    /// A model under a name.
    #[must_use]
    pub fn new(checkpoint: Checkpoint, name: String) -> Self {
        let hash = checkpoint.hash();
        Self { checkpoint: Arc::new(checkpoint), name, hash, packed: Arc::default() }
    }

    /// The network packed for sampling; packed when first asked for and shared from then on.
    ///
    /// # Errors
    /// When a parameter is not finite.
    pub fn network(&self) -> Result<Arc<Network>, String> {
        if let Some(network) = self.packed.get() {
            return Ok(Arc::clone(network));
        }
        let lenet = &self.checkpoint.lenet;
        let network =
            Network::new(lenet.weights().clone(), lenet.architecture().placement).map_err(message)?;
        Ok(Arc::clone(self.packed.get_or_init(|| Arc::new(network))))
    }

    /// What a tooltip says of it.
    #[must_use]
    pub fn detail(&self) -> String {
        let lenet = &self.checkpoint.lenet;
        let architecture = lenet.architecture();
        let placement = architecture.placement.describe();
        let mut text = format!(
            "LeNet with {} hidden units, dropout {:.2} {placement}. Parameters {}.",
            architecture.hidden,
            lenet.dropout(),
            self.hash
        );
        match &self.checkpoint.training {
            Some(record) => {
                let _ = write!(text, " Trained on {} images, {} epochs", record.images, record.epochs);
                if let Some(accuracy) = record.validation_accuracy {
                    let _ = write!(text, ", {:.2} % right on validation images", accuracy * 100.0);
                }
                text.push('.');
            }
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
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self::new(Checkpoint::open(path)?, name))
    }
}
