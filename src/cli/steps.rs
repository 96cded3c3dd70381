//! What several commands do on the way: digits, network, samples, measures; each step with its bar.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::Failure;
use super::bars::{Bar, Unit};
use super::options::{Images, Input, Sampling, SplitOption};
use crate::data::source::{Loaded, Places};
use crate::data::{Class, ClassNames, Classes, Digits, Pixels, SIDE};
use crate::export::archive::save_samples;
use crate::export::contact_sheet::Provenance;
use crate::files::Draft;
use crate::model::Lenet;
use crate::model::checkpoint::Checkpoint;
use crate::progress::Observer;
use crate::sampling::{Network, Prefix, Samples, SamplingError, SweepConfig, SweepEvent, sweep};
use crate::uncertainty::label_suspicion::suspect;
use crate::uncertainty::{Measures, measure_all};

/// A sweep over a dataset and what it says of every image.
pub(super) struct Swept {
    pub(super) loaded: Loaded,
    pub(super) checkpoint: Checkpoint,
    pub(super) config: SweepConfig,
    pub(super) samples: Samples,
    pub(super) measures: Vec<Measures>,
}

impl Swept {
    /// Opens digits and network and samples all images.
    pub(super) fn new(input: &Input, sampling: Sampling) -> Result<Self, Failure> {
        let mut checkpoint = network(input.model.as_deref())?;
        let loaded = images(&input.images, &input.split)?;
        call_as(&mut checkpoint, loaded.about.own_names.as_ref(), loaded.digits.classes());
        let config = sampling.config(checkpoint.lenet.dropout());
        let samples = sweep_all(&checkpoint.lenet, &loaded.digits, &config)?;
        let mut measures = measure_all(&samples, samples.passes());
        samples.check_readable()?;
        suspect(&mut measures, &loaded.digits.judged(&checkpoint.classes), &[]);
        Ok(Self { loaded, checkpoint, config, samples, measures })
    }

    /// What labels and answers are called.
    pub(super) fn names(&self) -> ClassNames {
        self.loaded.digits.names(&self.checkpoint.classes)
    }

    /// The labels that answers are compared with: none where the network's classes are others.
    pub(super) fn judged(&self) -> Cow<'_, [Class]> {
        self.loaded.digits.judged(&self.checkpoint.classes)
    }

    /// Where the numbers come from.
    pub(super) fn provenance(&self, split: &SplitOption) -> Provenance {
        Provenance {
            data: self.loaded.provenance(split.split),
            model: self.checkpoint.hash(),
            passes: self.config.passes,
            dropout: self.config.dropout,
            seed: self.config.seed,
        }
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

/// All passes of all images of a dataset.
pub(super) fn sweep_all(lenet: &Lenet, digits: &Digits, config: &SweepConfig) -> Result<Samples, Failure> {
    sweep_from(lenet, config, |network, observe| Prefix::of(network, digits, observe))
}

/// All passes of images that are no dataset.
pub(super) fn sweep_pixels(lenet: &Lenet, pixels: Pixels, config: &SweepConfig) -> Result<Samples, Failure> {
    sweep_from(lenet, config, |network, observe| Prefix::compute(network, pixels, observe))
}

fn sweep_from(
    lenet: &Lenet,
    config: &SweepConfig,
    prefix: impl FnOnce(&Arc<Network>, Observer) -> Result<Option<Prefix>, SamplingError>,
) -> Result<Samples, Failure> {
    let network = Arc::new(Network::new(lenet.weights(), lenet.architecture().placement)?);
    let bar = Bar::new("Computing features", Unit::Things("images"));
    let prefix = prefix(&network, &mut |at| bar.show(at))?.ok_or(Failure::Stopped)?;
    drop(bar);
    let bar = Bar::new(format!("Drawing {} passes", config.passes), Unit::Things("image·passes"));
    let none = Samples::empty(prefix.images(), config);
    Ok(sweep(&prefix, config, none, &mut |event| match event {
        SweepEvent::Progress(at) => bar.show(at),
        SweepEvent::Samples(_) => ControlFlow::Continue(()),
    })?)
}

/// The images of a split. A fall-back to synthetic ones is reported once.
pub(super) fn images(asked: &Images, split: &SplitOption) -> Result<Loaded, Failure> {
    let bar = Bar::new("Reading images", Unit::Bytes);
    let places = Places { part: split.part.clone(), ..Places::new(asked.data.clone()) };
    let loaded = finished(places.load(split.split, &mut |at| bar.show(at))?)?;
    drop(bar);
    let shape = loaded.about.shape();
    if !asked.resize && (shape.height(), shape.width()) != (SIDE, SIDE) {
        return Err(Failure::Size { data: loaded.provenance(split.split), shape });
    }
    loaded.source.notice().iter().chain(&loaded.about.remarks).for_each(|told| remark(told));
    Ok(loaded)
}

/// Where a person calls the classes of images otherwise, a network of these classes is spoken of in the same names.
pub(super) fn call_as(checkpoint: &mut Checkpoint, own: Option<&Classes>, now: &Classes) {
    if own == Some(&checkpoint.classes) {
        checkpoint.classes = now.clone();
    }
}

/// The network in a file, or the one that comes with the program.
pub(super) fn network(path: Option<&Path>) -> Result<Checkpoint, Failure> {
    Ok(path.map_or_else(Checkpoint::bundled, Checkpoint::open)?)
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
