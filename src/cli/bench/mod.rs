//! `dubito bench`: what this machine does in a second, and how much faster the program is than the plain way: every
//! ratio is taken within one run, because a machine's speed drifts.

mod certainty;
mod delays;
mod graph;
mod machine;
mod variants;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Failure;
use super::bars::{Bar, Unit};
use super::options::{NetworkOption, count, passes};
use super::steps::print;
use super::timing::{Comparison, Measurement, measure, ratio, write_measurements};
use crate::data::synthetic;
use crate::kernel::InstructionSet;
use crate::model::{Checkpoint, Placement};
use crate::progress::Progress;
use crate::sampling::SweepConfig;

use certainty::Certainty;
use delays::Delay;
use machine::{machine, peak_memory_mb};
use variants::{
    CACHED_WAY, HALF_IMAGES_WAY, HALF_PASSES_WAY, INDEPENDENT_WAY, NAIVE_WAY, ONE_THREAD_WAY, PRODUCT,
    STEADY_WAY, SWEEP_WAY, name,
};

const PLACEMENTS: [Placement; 3] = [Placement::Last, Placement::Dense, Placement::All];

/// Options of `dubito bench`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Passes of a sweep
    #[arg(long, value_name = "T", allow_negative_numbers = true, default_value_t = 100, value_parser = passes)]
    passes: usize,
    /// Images of a sweep
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 2_000, value_parser = count)]
    images: usize,
    /// Vector instructions of the sweep [default: the best this machine has]
    #[arg(long, value_name = "SET", value_parser = instructions)]
    instructions: Option<InstructionSet>,
    /// How to write the results
    #[arg(long, value_enum, default_value_t = BenchFormat::Table)]
    format: BenchFormat,
    /// A network of a file in place of the `LeNet`s, on the images of --data
    #[command(flatten)]
    network: NetworkOption,
    /// Images for --model, as `dubito data PATH` describes them
    #[arg(long, value_name = "PATH", requires = "model")]
    data: Option<PathBuf>,
}

/// How to write the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BenchFormat {
    /// For reading
    Table,
    /// For scripts
    Json,
}

/// An instruction set of this machine by its name.
fn instructions(text: &str) -> Result<InstructionSet, String> {
    let available = InstructionSet::available();
    available.iter().copied().find(|set| set.name().eq_ignore_ascii_case(text)).ok_or_else(|| {
        let names: Vec<&str> = available.iter().map(|set| set.name()).collect();
        format!("this machine has {}", names.join(", "))
    })
}

/// Operations that a placement's sweep does in a second, counting only multiplications of kept units.
#[derive(Debug, serde::Serialize)]
struct Arithmetic {
    placement: Placement,
    /// 10⁹ operations a second.
    gflops: f64,
    /// Against the matrix product.
    share: f64,
}

/// How the time of further passes grows: time ∝ amount^exponent, 1 where it is linear.
#[derive(Debug, serde::Serialize)]
struct Growth {
    images: f64,
    passes: f64,
}

/// What a run of the command found.
#[derive(Debug, serde::Serialize)]
struct BenchReport {
    version: &'static str,
    machine: String,
    instructions: &'static str,
    threads: usize,
    images: usize,
    passes: usize,
    measurements: Vec<Measurement>,
    ratios: Vec<Comparison>,
    arithmetic: Vec<Arithmetic>,
    growth: Option<Growth>,
    /// What balanced masks and further passes where they matter bring.
    certainty: Certainty,
    /// In milliseconds.
    delays: Vec<Delay>,
    /// Largest resident memory of the whole run in MB, where the system tells.
    peak_memory_mb: Option<f64>,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    if options.network.model.is_some() {
        let amounts = (options.passes, options.images);
        let json = options.format == BenchFormat::Json;
        return graph::run(&options.network, options.data.clone(), amounts, json);
    }
    let lenet = Checkpoint::bundled()?.lenet;
    let digits = synthetic::generate(options.images, 1);
    let config = SweepConfig { passes: options.passes, ..SweepConfig::default() };
    let set = options.instructions.unwrap_or_else(InstructionSet::detect);
    let mut variants = Vec::new();
    for placement in PLACEMENTS {
        variants::sweeps(&lenet, placement, &digits, config, set, &mut variants)?;
        variants::steady(&lenet, placement, &digits, config, set, &mut variants)?;
    }
    for placement in [Placement::Dense, Placement::All] {
        variants.push(variants::one_image(&lenet, placement, &digits, config, set)?);
        for batch in [100, 128] {
            variants.push(variants::training(&digits, placement, batch));
        }
    }
    variants.push(variants::product()?);

    let bar = Bar::new("Measuring", Unit::Things("runs"));
    let measurements = measure(&mut variants, |done, runs, name| {
        bar.say(format!("Measuring {name}"));
        let _ = bar.show(Progress { done: done as u64, total: runs as u64 });
    })?;
    drop(bar);
    drop(variants);
    let report = BenchReport {
        version: env!("CARGO_PKG_VERSION"),
        machine: machine(),
        instructions: set.name(),
        threads: rayon::current_num_threads(),
        images: options.images,
        passes: options.passes,
        ratios: ratios(&measurements),
        arithmetic: arithmetic(&measurements, |placement| variants::operations(&lenet, placement, config))?,
        growth: growth(&measurements),
        certainty: Certainty::new(&lenet, &digits, config)?,
        measurements,
        delays: delays::delays(&lenet, &digits, config, set)?,
        peak_memory_mb: peak_memory_mb(),
    };
    print(|writer| match options.format {
        BenchFormat::Table => write_table(writer, &report),
        BenchFormat::Json => {
            serde_json::to_writer_pretty(&mut *writer, &report)?;
            writeln!(writer)
        }
    })
}

fn find<'a>(measurements: &'a [Measurement], placement: Placement, way: &str) -> Option<&'a Measurement> {
    measurements.iter().find(|found| found.name == name(placement, way))
}

/// The sweep against the other ways of the same placement.
fn ratios(measurements: &[Measurement]) -> Vec<Comparison> {
    let pairs = [
        (SWEEP_WAY, NAIVE_WAY),
        (SWEEP_WAY, CACHED_WAY),
        (STEADY_WAY, NAIVE_WAY),
        (STEADY_WAY, CACHED_WAY),
        (STEADY_WAY, ONE_THREAD_WAY),
        (STEADY_WAY, INDEPENDENT_WAY),
    ];
    let both = |placement, (fast, slow)| {
        Some(ratio(find(measurements, placement, fast)?, find(measurements, placement, slow)?))
    };
    PLACEMENTS
        .into_iter()
        .flat_map(|placement| pairs.into_iter().filter_map(move |pair| both(placement, pair)))
        .collect()
}

fn arithmetic(
    measurements: &[Measurement],
    operations: impl Fn(Placement) -> Result<f64, Failure>,
) -> Result<Vec<Arithmetic>, Failure> {
    let Some(product) = measurements.iter().find(|found| found.name == PRODUCT) else {
        return Ok(Vec::new());
    };
    let mut list = Vec::new();
    for placement in PLACEMENTS {
        let Some(steady) = find(measurements, placement, STEADY_WAY) else { continue };
        let rate = steady.median * operations(placement)?;
        list.push(Arithmetic { placement, gflops: rate / 1e9, share: rate / product.median });
    }
    Ok(list)
}

/// From the rates of the whole and of half of it: the time of twice as much is 2^exponent times as long.
fn growth(measurements: &[Measurement]) -> Option<Growth> {
    let whole = find(measurements, Placement::Dense, STEADY_WAY)?;
    let exponent = |half: &str| {
        let half = find(measurements, Placement::Dense, half)?;
        Some(1.0 - ratio(whole, half).ratio.log2())
    };
    Some(Growth { images: exponent(HALF_IMAGES_WAY)?, passes: exponent(HALF_PASSES_WAY)? })
}

fn write_table(writer: &mut dyn Write, report: &BenchReport) -> io::Result<()> {
    writeln!(
        writer,
        "dubito {} on {}, {}, {} threads; {} images, {} passes, p = 0.5; median of 3 alternating rounds (min–max)",
        report.version, report.machine, report.instructions, report.threads, report.images, report.passes
    )?;
    writeln!(writer)?;
    write_measurements(writer, &report.measurements)?;
    writeln!(writer)?;
    for Comparison { fast, slow, ratio } in &report.ratios {
        writeln!(writer, "{fast} is {ratio:.1} times as fast as {slow}")?;
    }
    writeln!(writer)?;
    for Arithmetic { placement, gflops, share } in &report.arithmetic {
        let name = name(*placement, STEADY_WAY);
        let percent = 100.0 * share;
        writeln!(
            writer,
            "{name}: {gflops:.0} GFLOP/s of kept units, {percent:.0} % of the matrix product's rate"
        )?;
    }
    if let Some(Growth { images, passes }) = &report.growth {
        writeln!(writer, "time of further passes grows as images^{images:.2} and passes^{passes:.2}")?;
    }
    report.certainty.write(writer, &report.ratios)?;
    writeln!(writer)?;
    let width = report.delays.iter().map(|delay| delay.name.chars().count()).max().unwrap_or(0);
    for Delay { name, median, min, max } in &report.delays {
        writeln!(writer, "{name:width$}  {median:>8.2} ms ({min:.2}–{max:.2})")?;
    }
    if let Some(peak) = report.peak_memory_mb {
        writeln!(writer, "\npeak memory {peak:.0} MB")?;
    }
    Ok(())
}
