//! `dubito evaluate`: how far the network and its doubt can be trusted, in numbers with intervals.

mod against;
mod over_dropout;
mod report;

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;

use self::against::Against;
use self::over_dropout::Rates;
use self::report::{EvaluationFormat, EvaluationReport, OtherReport, OutsideReports};
use super::Failure;
use super::bars::{Bar, Unit};
use super::options::{Input, Sampling};
use super::steps::{Swept, print, remark, sweep_all};
use crate::data::Pixels;
use crate::data::corruption::Corruption;
use crate::data::foreign::{Foreign, ForeignSet};
use crate::progress::unobserved;
use crate::sampling::{Network, logits_without_dropout};
use crate::uncertainty::quality::outside::outside;
use crate::uncertainty::quality::{self, LabelledRun, Outside, Resampling, against_passes, bootstrap};
use crate::uncertainty::{Measures, measure_all};

/// Options of `dubito evaluate`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    sampling: Sampling,
    /// Foreign images: a folder or file of any kind that opens as a dataset, or one of `noise`, `blur`, `shear`, `occlusion`,
    /// `inverted` for the images themselves made strange
    #[arg(long, value_name = "DIR")]
    ood: Option<PathBuf>,
    /// How strange the digits are made, from 0 to 1
    #[arg(long, value_name = "S", requires = "ood", default_value_t = 0.5, value_parser = strength)]
    strength: f32,
    #[command(flatten)]
    against: Against,
    #[command(flatten)]
    rates: Rates,
    /// Resamples behind each interval; 0 for no intervals
    #[arg(long, value_name = "N", default_value_t = Resampling::default().resamples, value_parser = resamples)]
    resamples: usize,
    /// How to write the results
    #[arg(long, value_enum, default_value_t = EvaluationFormat::Table)]
    format: EvaluationFormat,
}

/// More resamples than any interval needs.
const MOST_RESAMPLES: usize = 1_000_000;

fn resamples(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number <= MOST_RESAMPLES => Ok(number),
        Ok(_) => Err(format!("it must be at most {MOST_RESAMPLES}")),
        Err(_) => Err(format!("it must be a number from 0 to {MOST_RESAMPLES}")),
    }
}

fn strength(text: &str) -> Result<f32, String> {
    let strength: f32 = text.parse().map_err(|_| "a strength is a number from 0 to 1".to_string())?;
    if (0.0..=1.0).contains(&strength) {
        Ok(strength)
    } else {
        Err("a strength is a number from 0 to 1".to_string())
    }
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    if options.rates.asked() {
        let resampling = Resampling { seed: options.sampling.seed, resamples: options.resamples };
        return options.rates.run(&options.input, options.sampling, resampling, options.format);
    }
    let opened = options.against.open()?;
    let swept = Swept::new(&options.input, options.sampling)?;
    let digits = &swept.loaded.digits;
    let names = swept.names();
    if !names.agree() {
        return Err(Failure::OtherClasses { answers: names.answers, labels: names.labels });
    }
    let labels = digits.labelled();
    if labels.is_empty() {
        return Err(Failure::Unlabelled { data: swept.loaded.provenance(options.input.split.split) });
    }
    // Opened before the long work, so that a wrong folder is reported at once.
    let shape = swept.loaded.about.shape();
    let open = |asked: &std::path::PathBuf| -> Result<ForeignSet, Failure> {
        match foreign(asked, options).open(digits, shape, &mut unobserved)? {
            ControlFlow::Continue(set) => Ok(set),
            ControlFlow::Break(()) => Err(Failure::Stopped),
        }
    };
    let foreign = options.ood.as_ref().map(open).transpose()?;
    let plain = without_dropout(&swept.network, digits.into())?;
    let mut runs = vec![LabelledRun::new(&plain, labels), LabelledRun::new(&swept.measures, labels)];
    let other = options.against.sample(opened, &swept, options.sampling.dropout)?;
    runs.extend(other.as_ref().map(|other| LabelledRun::new(&other.measures, labels)));
    let resampling = Resampling { seed: options.sampling.seed, resamples: options.resamples };
    let bar = Bar::new("Resampling", Unit::Things("resamples"));
    let runs: Vec<&LabelledRun> = runs.iter().collect();
    let numbers = bootstrap(&runs, resampling, &mut |at| bar.show(at)).ok_or(Failure::Stopped)?;
    drop(bar);
    let report = EvaluationReport {
        provenance: swept.provenance(&options.input.split),
        images: digits.len(),
        resampling,
        numbers,
        other: other.map(|other| OtherReport {
            changes: options
                .against
                .changes(&other, &swept)
                .into_iter()
                .map(|change| (change, digits.labels()[change.index as usize]))
                .collect(),
            model: other.hash,
            dropout: other.dropout,
            config: other.config,
        }),
        passes: against_passes(&swept.samples, labels, swept.config.passes),
        digits: quality::tables::classes(swept.loaded.digits.classes().len(), &swept.measures, labels),
        classes: names.labels.clone(),
        outside: foreign.map(|set| outside_reports(set, &swept, &plain, resampling)).transpose()?,
    };
    print(|writer| match options.format {
        EvaluationFormat::Table => report.table(writer),
        EvaluationFormat::Json => report.json(writer),
    })
}

fn foreign(asked: &std::path::Path, options: &Options) -> Foreign {
    // As with `synthetic`: a folder of that name is `./noise`.
    match asked.to_str().and_then(Corruption::from_name) {
        Some(corruption) => {
            Foreign::Corrupted { corruption, strength: options.strength, seed: options.sampling.seed }
        }
        None => Foreign::At(asked.to_path_buf()),
    }
}

/// What the network says of each image without dropout.
fn without_dropout(network: &Network, pixels: Pixels) -> Result<Vec<Measures>, Failure> {
    let bar = Bar::new("Without dropout", Unit::Things("images"));
    let logits =
        logits_without_dropout(network, pixels, None, &mut |at| bar.show(at))?.ok_or(Failure::Stopped)?;
    Ok(quality::deterministic(&logits))
}

fn outside_reports(
    set: ForeignSet,
    swept: &Swept,
    plain: &[Measures],
    resampling: Resampling,
) -> Result<OutsideReports, Failure> {
    for note in &set.notes {
        remark(note);
    }
    let samples = sweep_all(&swept.network, &set.digits, &swept.config)?;
    let sampled_outside = measure_all(&samples, samples.passes());
    let plain_outside = without_dropout(&swept.network, (&set.digits).into())?;
    let report = |inside, outside_measures| {
        let bar = Bar::new("Resampling", Unit::Things("resamples"));
        let sets = Outside { inside, outside: outside_measures };
        outside(sets, resampling, &mut |at| bar.show(at)).ok_or(Failure::Stopped)
    };
    Ok(OutsideReports {
        plain: report(plain, &plain_outside)?,
        sampled: report(&swept.measures, &sampled_outside)?,
        confident: sampled_outside.iter().filter(|measures| measures.confidence > 0.99).count(),
        name: set.name,
        notes: set.notes,
    })
}
