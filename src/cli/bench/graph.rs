//! `dubito bench --model`: what sampling a network of a file costs, part by part, and against passes that are run whole.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use super::machine::{machine, peak_memory_mb};
use crate::cli::Failure;
use crate::cli::bars::{Bar, Unit};
use crate::cli::options::{Images, NetworkOption, Sampling};
use crate::cli::steps::{asked_network, images, print};
use crate::cli::timing::{Comparison, Measurement, Variant, measure, ratio, write_measurements};
use crate::data::Digits;
use crate::data::source::Split;
use crate::progress::{Progress, unobserved};
use crate::sampling::{Network, Prefix, Samples, SweepConfig, sweep};

/// Images of the passes that are run whole, at most: their time is proportional to the number.
const WHOLE: usize = 200;

/// What a run of the command found.
#[derive(Debug, serde::Serialize)]
struct GraphReport {
    version: &'static str,
    machine: String,
    threads: usize,
    network: String,
    images: usize,
    passes: usize,
    measurements: Vec<Measurement>,
    ratios: Vec<Comparison>,
    /// Largest resident memory of the whole run in MB, where the system tells.
    peak_memory_mb: Option<f64>,
}

/// Measures a network on the images of a path: so many passes over so many images.
pub(super) fn run(
    network: &NetworkOption,
    data: Option<PathBuf>,
    (passes, most): (usize, usize),
    as_json: bool,
) -> Result<(), Failure> {
    let SweepConfig { seed, masks, .. } = SweepConfig::default();
    let sampling = Sampling { passes, dropout: None, seed, masks: masks.into() };
    let model = asked_network(network, sampling)?;
    let asked = Images { data, resize: true };
    let loaded = images(&asked, &Split::Test.into(), model.image())?;
    let digits = loaded.digits.slice(0..loaded.digits.len().min(most));
    let config = sampling.config(model.dropout());
    let network = Arc::new(Network::of_model(&model)?);
    let few = digits.slice(0..digits.len().min(WHOLE));
    let one = SweepConfig { passes: 1, ..config };
    let prefix = Prefix::compute(&network, (&digits).into(), &mut unobserved)?.ok_or(Failure::Stopped)?;
    let drawn = sampled(&prefix, &config, Samples::empty(digits.len(), &config))?;
    let further = SweepConfig { passes: 2 * config.passes, ..config };
    let mut variants = Vec::new();
    let mut push = |name: &str, unit: &'static str, amount: usize, run: Box<dyn FnMut() -> _>| {
        variants.push(Variant { name: name.to_owned(), unit, amount: amount as f64, run });
    };
    let all = digits.len() * config.passes;
    push(WHOLE_WAY, "image·passes", few.len(), Box::new(|| whole(&network, &few, &one)));
    push(SWEEP_WAY, "image·passes", all, Box::new(|| whole(&network, &digits, &config)));
    push(
        "before the first dropout",
        "images",
        digits.len(),
        Box::new(|| {
            Prefix::compute(&network, (&digits).into(), &mut unobserved)?.ok_or(Failure::Stopped).map(drop)
        }),
    );
    push(
        "further passes",
        "image·passes",
        all,
        Box::new(|| sampled(&prefix, &further, drawn.clone()).map(drop)),
    );
    let bar = Bar::new("Measuring", Unit::Things("runs"));
    let measurements = measure(&mut variants, |done, runs, name| {
        bar.say(format!("Measuring {name}"));
        let _ = bar.show(Progress { done: done as u64, total: runs as u64 });
    })?;
    drop(bar);
    drop(variants);
    let find = |name: &str| measurements.iter().find(|found| found.name == name);
    let ratios = find(SWEEP_WAY).zip(find(WHOLE_WAY)).map(|(fast, slow)| ratio(fast, slow));
    let report = GraphReport {
        version: env!("CARGO_PKG_VERSION"),
        machine: machine(),
        threads: rayon::current_num_threads(),
        network: model.named(),
        images: digits.len(),
        passes: config.passes,
        ratios: ratios.into_iter().collect(),
        measurements,
        peak_memory_mb: peak_memory_mb(),
    };
    print(|writer| {
        if !as_json {
            return write_table(writer, &report);
        }
        serde_json::to_writer_pretty(&mut *writer, &report)?;
        writeln!(writer)
    })
}

/// Every pass from the image on.
const WHOLE_WAY: &str = "passes run whole";
/// What the program does.
const SWEEP_WAY: &str = "sweep from the images on";

/// A sweep from the images on.
fn whole(network: &Arc<Network>, digits: &Digits, config: &SweepConfig) -> Result<(), Failure> {
    let prefix = Prefix::compute(network, digits.into(), &mut unobserved)?.ok_or(Failure::Stopped)?;
    sampled(&prefix, config, Samples::empty(digits.len(), config)).map(drop)
}

fn sampled(prefix: &Prefix, config: &SweepConfig, from: Samples) -> Result<Samples, Failure> {
    Ok(sweep(prefix, config, from, &mut |_| ControlFlow::Continue(()))?)
}

fn write_table(writer: &mut dyn Write, report: &GraphReport) -> io::Result<()> {
    writeln!(
        writer,
        "dubito {} on {}, {} threads; {}, {} images, {} passes; median of 3 alternating rounds (min–max)",
        report.version, report.machine, report.threads, report.network, report.images, report.passes
    )?;
    writeln!(writer)?;
    write_measurements(writer, &report.measurements)?;
    for Comparison { fast, slow, ratio } in &report.ratios {
        writeln!(writer, "\n{fast} is {ratio:.1} times as fast as {slow}")?;
    }
    if let Some(peak) = report.peak_memory_mb {
        writeln!(writer, "peak memory {peak:.0} MB")?;
    }
    Ok(())
}
