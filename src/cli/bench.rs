//! `dubito bench`: what this machine does in a second, and how much faster the program is than the plain way: every
//! ratio is taken within one run, because a machine's speed drifts.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::{env, fs};

use clap::{Args, ValueEnum};

use super::Failure;
use super::bars::{Bar, Unit};
use super::options::{count, passes};
use super::steps::{network, print};
use super::timing::{Comparison, Measurement, Variant, measure, ratio};
use crate::data::{Digits, PIXELS, synthetic};
use crate::kernel::InstructionSet;
use crate::model::training::{TrainConfig, train};
use crate::model::{Lenet, Placement};
use crate::progress::{Progress, unobserved};
use crate::sampling::{Network, Prefix, Samples, SweepConfig, reference, sample_image, sweep};

/// Images and passes of the naive loop at most: it needs a second for what the sweep does in a few milliseconds, and its
/// time is proportional to both.
const NAIVE: (usize, usize) = (500, 4);
/// Images of the loop over cached prefixes at most; its passes are those of the sweep, for both compute the prefix once.
const CACHED: (usize, usize) = (250, usize::MAX);

/// Whole forward passes with tensors, one after the other.
const NAIVE_WAY: &str = "naive loop";
/// The same with everything before the first dropout computed once.
const CACHED_WAY: &str = "cached prefix";
/// What the program does.
const SWEEP_WAY: &str = "thinned sweep";

type Run<'a> = Box<dyn FnMut() -> Result<(), Failure> + 'a>;

/// Options of `dubito bench`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Passes of a sweep
    #[arg(long, value_name = "T", allow_negative_numbers = true, default_value_t = 100, value_parser = passes)]
    passes: usize,
    /// Images of a sweep
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 2_000, value_parser = count)]
    images: usize,
    /// How to write the results
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// How to write the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Table,
    /// For scripts
    Json,
}

/// What a run of the command found.
#[derive(Debug, serde::Serialize)]
struct Report {
    version: &'static str,
    machine: String,
    instructions: &'static str,
    threads: usize,
    images: usize,
    passes: usize,
    measurements: Vec<Measurement>,
    ratios: Vec<Comparison>,
    /// Largest resident memory of the whole run in MB, where the system tells.
    peak_memory_mb: Option<f64>,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let lenet = network(None)?.lenet;
    let digits = synthetic::generate(options.images, 1);
    let config = SweepConfig { passes: options.passes, ..SweepConfig::default() };
    let mut variants = Vec::new();
    for placement in [Placement::Last, Placement::Dense, Placement::All] {
        sweeps(&lenet, placement, &digits, config, &mut variants)?;
    }
    variants.push(one_image(&lenet, &digits, config)?);
    variants.push(training(&digits));

    let bar = Bar::new("Measuring", Unit::Things("runs"));
    let measurements = measure(&mut variants, |done, runs, name| {
        bar.say(format!("Measuring {name}"));
        let _ = bar.show(Progress { done: done as u64, total: runs as u64 });
    })?;
    drop(bar);
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        machine: machine(),
        instructions: InstructionSet::detect().name(),
        threads: rayon::current_num_threads(),
        images: options.images,
        passes: options.passes,
        ratios: ratios(&measurements),
        measurements,
        peak_memory_mb: peak_memory_mb(),
    };
    print(|writer| match options.format {
        Format::Table => write_table(writer, &report),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *writer, &report)?;
            writeln!(writer)
        }
    })
}

/// The ways to T passes of all images, from pixels to probabilities.
fn sweeps<'a>(
    lenet: &Lenet,
    placement: Placement,
    digits: &'a Digits,
    config: SweepConfig,
    variants: &mut Vec<Variant<'a>>,
) -> Result<(), Failure> {
    let fast = Arc::new(Network::new(lenet.weights(), placement)?);
    let tensors = Arc::new(reference::Reference::new(&fast)?);
    let part = |most: (usize, usize)| {
        let images = digits.slice(0..digits.len().min(most.0));
        (images, SweepConfig { passes: config.passes.min(most.1), ..config })
    };
    let mut push = |way: &str, images: usize, passes: usize, run: Run<'a>| {
        let amount = (images * passes) as f64;
        variants.push(Variant { name: name(placement, way), unit: "image·passes", amount, run });
    };
    let (images, fewer) = part(NAIVE);
    let (count, plain) = (images.len(), Arc::clone(&tensors));
    let run = move || plain.naive((&images).into(), &fewer).map(drop).map_err(Failure::from);
    push(NAIVE_WAY, count, fewer.passes, Box::new(run));
    // With dropout before the first pooling there is no prefix to keep.
    if placement != Placement::All {
        let (images, fewer) = part(CACHED);
        let count = images.len();
        let run = move || tensors.cached((&images).into(), &fewer).map(drop).map_err(Failure::from);
        push(CACHED_WAY, count, fewer.passes, Box::new(run));
    }
    let run = move || {
        let prefix = Prefix::compute(&fast, digits.into(), &mut unobserved)?.ok_or(Failure::Stopped)?;
        let none = Samples::empty(digits.len(), &config);
        sweep(&prefix, &config, none, &mut |_| ControlFlow::Continue(()))?;
        Ok(())
    };
    push(SWEEP_WAY, digits.len(), config.passes, Box::new(run));
    Ok(())
}

/// All passes of a single image: what answers the pen.
fn one_image<'a>(lenet: &Lenet, digits: &Digits, config: SweepConfig) -> Result<Variant<'a>, Failure> {
    /// Images one after the other in a run, so that it lasts some milliseconds.
    const IMAGES: usize = 20;
    let network = Network::new(lenet.weights(), Placement::Dense)?;
    let images: Vec<[f32; PIXELS]> = (0..IMAGES.min(digits.len()))
        .map(|index| std::array::from_fn(|pixel| f32::from(digits.image(index)[pixel]) / 255.0))
        .collect();
    let amount = images.len() as f64;
    let run = move || {
        for image in &images {
            sample_image(&network, image, &config)?;
        }
        Ok(())
    };
    let name = format!("dense, single images, {} passes each", config.passes);
    Ok(Variant { name, unit: "images", amount, run: Box::new(run) })
}

/// One epoch over the images, from fresh weights.
fn training(digits: &Digits) -> Variant<'_> {
    let config = TrainConfig { epochs: 1, ..TrainConfig::default() };
    let nothing = Digits::default();
    let run = move || {
        train(digits, &nothing, &config, None, &mut |_| ControlFlow::Continue(()))?;
        Ok(())
    };
    let name = format!("dense, training, batches of {}", config.batch_size);
    Variant { name, unit: "images", amount: digits.len() as f64, run: Box::new(run) }
}

fn name(placement: Placement, way: &str) -> String {
    let placement = match placement {
        Placement::Last => "last",
        Placement::Dense => "dense",
        Placement::All => "all",
    };
    format!("{placement}, {way}")
}

/// The sweep against the other ways of the same placement.
fn ratios(measurements: &[Measurement]) -> Vec<Comparison> {
    let find = |placement, way| measurements.iter().find(|found| found.name == name(placement, way));
    let mut ratios = Vec::new();
    for placement in [Placement::Last, Placement::Dense, Placement::All] {
        let Some(fast) = find(placement, SWEEP_WAY) else { continue };
        ratios.extend(
            [NAIVE_WAY, CACHED_WAY].into_iter().filter_map(|way| Some(ratio(fast, find(placement, way)?))),
        );
    }
    ratios
}

fn write_table(writer: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(
        writer,
        "dubito {} on {}, {}, {} threads; {} images, {} passes, p = 0.5; median of 3 alternating rounds (min–max)",
        report.version, report.machine, report.instructions, report.threads, report.images, report.passes
    )?;
    writeln!(writer)?;
    let width = report.measurements.iter().map(|found| found.name.chars().count()).max().unwrap_or(0);
    for Measurement { name, unit, median, min, max, .. } in &report.measurements {
        writeln!(writer, "{name:width$}  {median:>10.0} {unit} ({min:.0}–{max:.0})")?;
    }
    writeln!(writer)?;
    for Comparison { fast, slow, ratio } in &report.ratios {
        writeln!(writer, "{fast} is {ratio:.1} times as fast as {slow}")?;
    }
    if let Some(peak) = report.peak_memory_mb {
        writeln!(writer, "\npeak memory {peak:.0} MB")?;
    }
    Ok(())
}

/// The processor, as the system names it.
fn machine() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or_else(|| env::consts::ARCH.to_string(), |(_, model)| model.trim().to_string())
}

/// Largest resident memory so far in MB; `None` where the system does not tell.
fn peak_memory_mb() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1000.0)
}
