//! What each job does: calls the rooms above and sends what they give.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::data::Digits;
use crate::data::class_names;
use crate::data::ink;
use crate::data::source::{Places, Split};
use crate::model::Lenet;
use crate::model::lenet::Architecture;
use crate::model::training::{TrainConfig, TrainingReport, train_watched};
use crate::progress::Progress;
use crate::sampling::{self, Prefix, RunKey, Samples, SweepConfig, SweepEvent};
use crate::shown::clipboard::ChartCopy;
use crate::shown::film::{Camera, FilmPlan};
use crate::shown::rotate::{RotateJob, RotateView, dial, rotate};
use crate::shown::saved_view::SavedView;
use crate::shown::{Asked, Dataset, GalleryQuery, Limits, OpenedModel, PictureSource, check_input};
use crate::shown::{
    clipboard, collection, copies, drawn, explain, features, firm, gallery, inspect, marking, over_dropout,
    pictures, quality, reduced, subnetwork,
};

use super::context::Context;
use super::error::JobError;
use super::protocol::{Event, Job};
use super::written::Export;

/// Images from which on a first look at some of them is worth it.
const FEWEST_FOR_LOOK: usize = 1_000;
/// Images of the first looks.
const FIRST_LOOKS: [usize; 2] = [32, 160];
/// How long one may take for the next to be worth it.
const SOON: Duration = Duration::from_millis(1_500);
/// Passes of a first look where each of them runs a network.
const SLOW_PASSES: usize = 10;

/// Training images held back to validate on, so that the test images stay unseen.
const HELD_BACK: usize = 5_000;

/// Runs a job to its end, or until it is told to stop.
pub(super) fn run(job: Job, context: &Context<'_>) -> Result<(), JobError> {
    let observe = &mut |progress| context.observe(progress);
    match job {
        Job::Load { places, split } => load(&places, split, context)?,
        Job::OpenModel(path, output) => {
            context.send(Event::ModelOpened(OpenedModel::open_at(&path, output.as_deref())?));
        }
        Job::OpenView(path) => context.send(Event::ViewRead(Box::new(SavedView::open(&path)?), path)),
        Job::Sweep { digits, model, config, prefix, samples, query } => {
            sweep_job(&digits, &model, (&config, query), prefix, samples, context)?;
        }
        Job::Train { places, config, start, film } => train(&places, &config, start.as_ref(), film, context)?,
        Job::Export { what, path } => {
            let network = if let Export::Model(model) = &what { Some(model.key()) } else { None };
            if let ControlFlow::Continue(unread) = what.write(&path, observe)? {
                if let Some(network) = network {
                    context.send(Event::ModelSaved(network, path.clone()));
                }
                context.send(Event::Exported { path, unread });
            }
        }
        Job::Gallery { samples, digits, query, limits, foreign, firm } => {
            let more = (foreign.as_deref(), firm.as_deref().map(|view| &view.known));
            let view = gallery::gallery(&samples, &digits, query, limits, more)?;
            context.send(Event::Gallery(Arc::new(view)));
        }
        Job::Firm(job) => {
            firm::firm(&job, observe, &mut |view| context.answer(Event::Firmed(view.into())))?;
        }
        Job::Inspect(job) => context.send(Event::Inspected(Arc::new(inspect::inspect(*job)?))),
        Job::Draw { sheet, drawing, asked } => {
            context.send(Event::Drawn(Arc::new(drawn::look(sheet, drawing, &asked)?)));
        }
        Job::Features { digits, model, known } => {
            if let Some(features) = features::features(digits, &model, known.as_deref(), observe)? {
                context.send(Event::Features(Arc::new(features)));
            }
        }
        Job::Neighbours { image, features, model } => {
            let found = features::closest(&image, &features, &model)?;
            context.send(Event::Neighbours(Arc::new(found)));
        }
        Job::ReadPictures { list, options, asked } => read_pictures(&list, &options, &asked, context)?,
        Job::Keep { folder, work } => {
            let (done, unread) = collection::keep(folder.as_deref(), work)?;
            context.send(Event::Kept(done));
            JobError::of_several(unread.into_iter().map(JobError::from).collect())?;
        }
        Job::KeepNames { folder, dataset, names } => class_names::save(&folder, &dataset, names.as_ref())?,
        Job::Marks { folder, work } => {
            let (done, mended) = marking::mark(folder, work)?;
            context.send(Event::Marked(done));
            JobError::of_several(mended.into_iter().map(JobError::from).collect())?;
        }
        Job::Quality(job) => {
            quality::quality(*job, observe, &mut |view| context.answer(Event::Quality(Arc::new(view))))?;
        }
        Job::Foreign(job) => {
            quality::foreign(&job, observe, &mut |view| context.answer(Event::Foreign(Arc::new(view))))?;
        }
        Job::OverDropout(job) => {
            if let Some(view) = over_dropout::try_rates(&job, observe)? {
                context.send(Event::OverDropout(Arc::new(view)));
            }
        }
        Job::Subnetwork(job) => {
            if let Some(view) = subnetwork::subnetwork(&job)? {
                context.send(Event::Subnetwork(Arc::new(view)));
            }
        }
        Job::Explain(job) => {
            explain::explain(&job, observe, &mut |view| context.answer(Event::Explained(Arc::new(view))))?;
        }
        Job::TrainingSpace { places, model, known } => {
            if let Some(space) = explain::training_space(&places, &model, known.as_deref(), observe)? {
                context.send(Event::TrainingSpace(Arc::new(space)));
            }
        }
        Job::Chart { chart, form } => context.send(Event::Chart(clipboard::copy(&chart.finish(), form)?)),
        Job::CopyImage(image) => {
            let (picture, unread) = image.picture()?;
            context.send(Event::Chart(ChartCopy::Picture(picture)));
            unread.map_or(Ok(()), |unread| Err(JobError::Unread(unread)))?;
        }
        Job::Rotate(job) => rotate_job(&job, context)?,
        Job::Light(job) => found(job.find().map(Event::Lit), context),
        Job::Copies(job) => found(copies::copies(job, observe)?.map(Event::Copies), context),
        Job::CheckInput { model, digits } => {
            let answer = &mut |check| context.answer(Event::InputChecked(check));
            check_input(&model.what, &digits, observe, answer)?;
        }
        Job::Reduce(job) => {
            let (images, failed) = reduced::reduce(job);
            context.send(Event::Reduced(images));
            failed.map_or(Ok(()), |error| Err(JobError::from(error)))?;
        }
        #[cfg(test)]
        Job::Test(_, work) => work(&|| context.going().is_break()),
    }
    Ok(())
}

/// Sends what was found, if anything was.
fn found(event: Option<Event>, context: &Context<'_>) {
    if let Some(event) = event {
        context.send(event);
    }
}

fn load(places: &Places, split: Split, context: &Context<'_>) -> Result<(), JobError> {
    let loaded = places.load_to_show(split, &mut |progress| context.observe(progress))?;
    if let ControlFlow::Continue(loaded) = loaded {
        // Here and not when it is first asked for, on the window's thread.
        let _ = loaded.digits.hash();
        let dataset =
            Dataset { digits: Arc::new(loaded.digits), source: loaded.source, split, about: loaded.about };
        context.send(Event::Loaded { dataset, places: Box::new(places.clone()) });
    }
    Ok(())
}

/// Ranks some images of every class where it will take long until all are through a network: few at first, and more where that
/// was fast.
fn first_looks(
    digits: &Digits,
    model: &OpenedModel,
    config: &SweepConfig,
    query: GalleryQuery,
    context: &Context<'_>,
) -> Result<(), JobError> {
    if model.what.graph().is_none() || digits.len() < FEWEST_FOR_LOOK {
        return Ok(());
    }
    let network = model.network()?;
    let passes = if network.is_slow() { config.passes.min(SLOW_PASSES) } else { config.passes };
    let config = &SweepConfig { passes, ..*config };
    for count in FIRST_LOOKS {
        let began = Instant::now();
        let indices = digits.first_look(count);
        let some = digits.chosen(&indices);
        let Some(prefix) = Prefix::of(&network, &some, &mut |_| context.going())? else { return Ok(()) };
        let none = Samples::empty(some.len(), config);
        let samples = sampling::sweep(&prefix, config, none, &mut |_| context.going())?;
        if samples.passes() < passes {
            return Ok(());
        }
        let query = GalleryQuery { passes, ..query };
        let view = gallery::gallery(&samples, &some, query, Limits::default(), (None, None))?;
        let key = RunKey::new(model.pairing(digits), config);
        context.send(Event::FirstLook(Arc::new(view.of_some(&indices, digits.len(), key))));
        if began.elapsed() > SOON {
            break;
        }
    }
    Ok(())
}

fn sweep_job(
    digits: &Digits,
    model: &OpenedModel,
    (config, query): (&SweepConfig, GalleryQuery),
    prefix: Option<Arc<Prefix>>,
    samples: Option<Samples>,
    context: &Context<'_>,
) -> Result<(), JobError> {
    let prefix = if let Some(prefix) = prefix {
        model.pairing(digits).check(prefix.pairing())?;
        prefix
    } else {
        first_looks(digits, model, config, query, context)?;
        // The rest begins now, and so does its rate.
        context.send(Event::Started);
        let network = model.network()?;
        let prepared = Prefix::of(&network, digits, &mut |progress| context.observe(progress))?;
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
    })?;
    if complete.passes() > before {
        context.send(Event::Swept(complete));
    }
    Ok(())
}

fn train(
    places: &Places,
    config: &TrainConfig,
    start: Option<&OpenedModel>,
    film: FilmPlan,
    context: &Context<'_>,
) -> Result<(), JobError> {
    let training = film.training;
    let loaded = places.load(Split::Train, &mut |progress| context.observe(progress))?;
    let ControlFlow::Continue(loaded) = loaded else { return Ok(()) };
    let digits = loaded.digits.labelled_part();
    let held_back = digits.held_back(HELD_BACK.min(digits.len() / 10));
    let (learn, validate) = digits.parted(&held_back);
    let architecture = Architecture { classes: digits.classes().len(), ..config.architecture };
    let config = &TrainConfig { architecture, ..*config };
    let start = start.and_then(|model| model.what.lenet());
    let total = (learn.len() * config.epochs) as u64;
    // A film is worth less than the training: without it, that goes on.
    let camera = Camera::new(film, config, (&validate, &held_back), loaded.source.to_string());
    let camera = camera.inspect_err(|error| log::error!("no film of the training: {error}")).ok();
    let mut watch =
        |epochs: f64, lenet: &Lenet| match camera.as_ref().map(|camera| camera.frame(epochs, lenet)) {
            Some(Ok(frame)) => context.send(Event::Filmed(Arc::new(frame))),
            Some(Err(error)) => log::error!("a frame of the training's film is missing: {error}"),
            None => {}
        };
    let mut observe = |report: &TrainingReport| {
        let share = report.step as f64 / report.steps_per_epoch.max(1) as f64;
        let epochs = report.epoch.max(1) as f64 - 1.0 + share;
        let done = (epochs * learn.len() as f64) as u64;
        if report.validation.is_some() || context.due() {
            context.send(Event::Training { training, report: *report });
            context.send(Event::Progress(Progress { done, total }));
        }
        context.going()
    };
    let trained = train_watched(&learn, &validate, config, start, &mut observe, Some(&mut watch))?;
    context.send(Event::Trained(OpenedModel::new(trained.checkpoint(), "trained here".to_owned())));
    Ok(())
}

/// Reads pictures one after the other; each is reported when it is read, and a failure does not end the others.
fn read_pictures(
    list: &[(u64, PictureSource)],
    options: &ink::PictureOptions,
    asked: &Asked,
    context: &Context<'_>,
) -> Result<(), JobError> {
    let total = list.len() as u64;
    let mut errors = Vec::new();
    for (done, (id, source)) in (0..).zip(list) {
        if context.observe(Progress { done, total }).is_break() {
            break;
        }
        match pictures::read_picture(*id, source, options, asked) {
            Ok(view) => context.send(Event::PictureRead(Arc::new(view))),
            Err(error) => errors.push(error.into()),
        }
    }
    JobError::of_several(errors)
}

fn rotate_job(job: &RotateJob, context: &Context<'_>) -> Result<(), JobError> {
    if let Some(amount) = job.amount {
        context.send(Event::Dialled(Arc::new(dial(job, amount)?)));
        return Ok(());
    }
    let total = job.key.course.steps as u64;
    let view = rotate(job, &mut |steps| {
        let done = steps.len() as u64;
        if context.due() && done < total {
            context.send(Event::Progress(Progress { done, total }));
            context.send(Event::Rotated(Arc::new(RotateView::so_far(&job.key, job.model.classes(), steps))));
        }
        context.going()
    })?;
    if let Some(view) = view {
        context.send(Event::Rotated(Arc::new(view)));
    }
    Ok(())
}
