//! What several commands do on the way: digits, network, samples, measures; each step with its bar.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::Failure;
use super::bars::{Bar, Unit};
use super::options::{Images, Input, NetworkOption, Sampling, SplitOption};
use crate::data::images::ImageShape;
use crate::data::source::{Loaded, Places};
use crate::data::{Class, ClassNames, Classes, Digits, Pixels};
use crate::export::archive::save_samples;
use crate::export::contact_sheet::Provenance;
use crate::files::Draft;
use crate::model::graph::short;
use crate::model::{AnyModel, Placement};
use crate::progress::Observer;
use crate::sampling::{Network, Prefix, Samples, SamplingError, SweepConfig, SweepEvent, sweep};
use crate::shown::check_input;
use crate::uncertainty::label_suspicion::suspect;
use crate::uncertainty::{Measures, measure_all};

/// A sweep over a dataset and what it says of every image.
pub(super) struct Swept {
    pub(super) loaded: Loaded,
    pub(super) model: AnyModel,
    pub(super) network: Arc<Network>,
    pub(super) config: SweepConfig,
    pub(super) samples: Samples,
    /// Its activations, where they were to be kept.
    pub(super) prefix: Option<Prefix>,
    pub(super) measures: Vec<Measures>,
}

impl Swept {
    /// Opens digits and network and samples all images.
    pub(super) fn new(input: &Input, sampling: Sampling) -> Result<Self, Failure> {
        Self::keeping(input, sampling, false)
    }

    /// The same, with the activations for further passes where `keep` says so.
    pub(super) fn keeping(input: &Input, sampling: Sampling, keep: bool) -> Result<Self, Failure> {
        let model = asked_network(&input.network, sampling)?;
        let loaded = images(&input.images, &input.split, model.image())?;
        let model = call_as(model, loaded.about.own_names.as_ref(), loaded.digits.classes());
        let config = sampling.config(model.dropout());
        let network = Arc::new(Network::of_model(&model)?);
        check(&model, &loaded.digits)?;
        let (samples, prefix) = sweep_from(&config, |observe| Prefix::of(&network, &loaded.digits, observe))?;
        let prefix = keep.then_some(prefix);
        let mut measures = measure_all(&samples, samples.passes());
        samples.check_readable()?;
        suspect(&mut measures, &loaded.digits.judged(model.classes()), &[]);
        Ok(Self { loaded, model, network, config, samples, prefix, measures })
    }

    /// What labels and answers are called.
    pub(super) fn names(&self) -> ClassNames {
        self.loaded.digits.names(self.model.classes())
    }

    /// The labels that answers are compared with: none where the network's classes are others.
    pub(super) fn judged(&self) -> Cow<'_, [Class]> {
        self.loaded.digits.judged(self.model.classes())
    }

    /// Where the numbers come from.
    pub(super) fn provenance(&self, split: &SplitOption) -> Provenance {
        Provenance::of(self.loaded.provenance(split.split), &self.model, self.config)
    }

    /// Writes every pass of every image.
    pub(super) fn save_samples(&self, path: &Path) -> Result<(), Failure> {
        let bar = Bar::new("Saving samples", Unit::Things("images"));
        let mut reader = self.samples.reader();
        let image = |index| {
            let drawn = reader.image(index);
            self.samples.check_readable().map(|()| drawn).map_err(Failure::from)
        };
        let labels = self.loaded.digits.labels();
        finished(save_samples(
            path,
            labels,
            (self.config.passes, self.samples.classes()),
            image,
            &mut |at| bar.show(at),
        )?)
    }
}

/// Says where a graph is likely given its images otherwise than it was trained on them.
pub(super) fn check(model: &AnyModel, digits: &Digits) -> Result<(), Failure> {
    let bar = Bar::new("Checking the input", Unit::Things("ways"));
    let mut told = None;
    check_input(model, digits, &mut |at| bar.show(at), &mut |check| {
        told = check.remark;
        ControlFlow::Continue(())
    })?;
    drop(bar);
    if let Some(told) = told {
        remark(&told);
    }
    Ok(())
}

/// All passes of all images of a dataset.
pub(super) fn sweep_all(
    network: &Arc<Network>,
    digits: &Digits,
    config: &SweepConfig,
) -> Result<Samples, Failure> {
    Ok(sweep_from(config, |observe| Prefix::of(network, digits, observe))?.0)
}

/// All passes of images that are no dataset.
pub(super) fn sweep_pixels(
    network: &Arc<Network>,
    pixels: Pixels,
    config: &SweepConfig,
) -> Result<Samples, Failure> {
    Ok(sweep_from(config, |observe| Prefix::compute(network, pixels, observe))?.0)
}

fn sweep_from(
    config: &SweepConfig,
    prefix: impl FnOnce(Observer) -> Result<Option<Prefix>, SamplingError>,
) -> Result<(Samples, Prefix), Failure> {
    let bar = Bar::new("Computing features", Unit::Things("images"));
    let prefix = prefix(&mut |at| bar.show(at))?.ok_or(Failure::Stopped)?;
    drop(bar);
    let bar = Bar::new(format!("Drawing {} passes", config.passes), Unit::Things("image·passes"));
    let none = Samples::empty(prefix.images(), config);
    let samples = sweep(&prefix, config, none, &mut |event| match event {
        SweepEvent::Progress(at) => bar.show(at),
        SweepEvent::Samples(_) => ControlFlow::Continue(()),
    })?;
    Ok((samples, prefix))
}

/// The images of a split. A fall-back to synthetic ones is reported once.
pub(super) fn images(asked: &Images, split: &SplitOption, taken: ImageShape) -> Result<Loaded, Failure> {
    let bar = Bar::new("Reading images", Unit::Bytes);
    let places = Places { part: split.part.clone(), ..Places::new(asked.data.clone()) };
    let loaded = finished(places.load(split.split, &mut |at| bar.show(at))?)?;
    drop(bar);
    let shape = loaded.about.shape();
    if !asked.resize && (shape.height(), shape.width()) != (taken.height(), taken.width()) {
        return Err(Failure::Size { data: loaded.provenance(split.split), shape, taken });
    }
    let told = loaded.source.notice().into_iter().chain(loaded.about.taken_as(taken));
    told.chain(loaded.about.remarks.iter().cloned()).for_each(|told| remark(&told));
    Ok(loaded)
}

/// Where a person calls the classes of images otherwise, a network of these classes is spoken of in the same names.
pub(super) fn call_as(model: AnyModel, own: Option<&Classes>, now: &Classes) -> AnyModel {
    // A graph has no names of its own: it speaks in those of the images, where there are as many.
    let follows = model.graph().is_some() && model.classes().len() == now.len();
    if follows || own == Some(model.classes()) { model.called(now.clone()) } else { model }
}

/// The network in a file, or the one that comes with the program.
pub(super) fn network(path: Option<&Path>) -> Result<AnyModel, Failure> {
    Ok(path.map_or_else(AnyModel::bundled, AnyModel::open)?)
}

/// The same, a graph answering with the output that was asked for; of several a person has to say which.
fn network_at(path: Option<&Path>, output: Option<&str>) -> Result<AnyModel, Failure> {
    let model = path.map_or_else(AnyModel::bundled, |path| AnyModel::open_at(path, output))?;
    let outputs = model.graph().map_or(&[][..], |opened| opened.graph.outputs().1);
    if outputs.len() > 1 && output.is_none() {
        return Err(Failure::Sites(format!(
            "{} has {} outputs; say which answers with --output {}",
            path.unwrap_or(Path::new("the network")).display(),
            outputs.len(),
            outputs.iter().map(|output| short(output)).collect::<Vec<_>>().join(" or --output ")
        )));
    }
    if outputs.is_empty() && output.is_some() {
        return Err(Failure::Sites("a LeNet has one output; --output is for graphs".to_owned()));
    }
    Ok(model)
}

/// The same with dropout at the sites and the rate that were asked for.
pub(super) fn asked_network(asked: &NetworkOption, sampling: Sampling) -> Result<AnyModel, Failure> {
    let model = network_at(asked.model.as_deref(), asked.output.as_deref())?;
    let model =
        if asked.sites.is_empty() { model } else { model.at_sites(&asked.sites).map_err(Failure::Sites)? };
    let model = match asked.input {
        Some(_) if model.graph().is_none() => {
            return Err(Failure::Sites(
                "a LeNet takes its images as they are; --input is for graphs".to_owned(),
            ));
        }
        Some(preprocessing) => model.with_preprocessing(preprocessing),
        None => model,
    };
    Ok(if sampling.dropout.is_some() { model.at_common_rate() } else { model })
}

/// A network with dropout where its file has it, or, in a LeNet, in other places.
pub(super) fn placed(model: &AnyModel, placement: Option<Placement>) -> Result<Network, Failure> {
    match (placement, model.lenet()) {
        (None, _) => Ok(Network::of_model(model)?),
        (Some(placement), Some(lenet)) => {
            Ok(Network::new(lenet.weights(), placement)?.named(model.classes()))
        }
        (Some(_), None) => Err(Failure::Sites(
            "a placement is chosen for a LeNet alone; choose the sites of a graph with --sites".to_owned(),
        )),
    }
}

/// Fails now when a file cannot be written later, after all the work.
pub(super) fn check_target(path: &Path) -> Result<(), Failure> {
    // A draft that is dropped leaves no trace.
    Draft::new(path)?;
    Ok(())
}

/// The value of work that nothing on the command line stops.
pub(super) fn finished<T>(outcome: ControlFlow<(), T>) -> Result<T, Failure> {
    match outcome {
        ControlFlow::Continue(value) => Ok(value),
        ControlFlow::Break(()) => Err(Failure::Stopped),
    }
}

/// Writes to standard output, all or until its reader goes away.
pub(super) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut writer = BufWriter::new(io::stdout().lock());
    write(&mut writer)?;
    writer.flush()?;
    Ok(())
}

/// A line on standard error.
pub(super) fn remark(line: &str) {
    // With standard error closed there is nobody left to tell.
    let _ = writeln!(io::stderr(), "{line}");
}
