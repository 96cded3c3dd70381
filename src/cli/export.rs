//! `dubito export`: draw the most and least certain images as a PNG.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Failure;
use super::bars::{Bar, Unit};
use super::options::{Input, Sampling, Selection, count, measure};
use super::steps::{Swept, check_target, finished, remark};
use crate::export::contact_sheet::{self, Measured};
use crate::shown::originals::put_in;
use crate::uncertainty::{Filter, Measure, Order, RankingQuery};

/// Twice the size of a screen at 100 %: sharp on slides, and what the window writes.
const SCALE: u32 = 2;

/// Options of `dubito export`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    sampling: Sampling,
    /// Measure to sort by
    #[arg(long, value_name = "MEASURE", default_value = Measure::PredictiveEntropy.name(), value_parser = measure())]
    sort: Measure,
    /// Which end of the ranking
    #[arg(long, value_enum, default_value_t = EndsOption::Both)]
    order: EndsOption,
    #[command(flatten)]
    selection: Selection,
    /// At most this many images at each end
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 30, value_parser = count)]
    top: usize,
    /// Picture to write
    #[arg(long, value_name = "FILE.png")]
    out: PathBuf,
    /// Also write every pass of every image of the split, in dataset order, for numpy
    #[arg(long, value_name = "FILE.npz")]
    samples: Option<PathBuf>,
}

/// From which ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EndsOption {
    /// Highest values
    Highest,
    /// Lowest values
    Lowest,
    /// Both, one half each
    Both,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    for path in options.samples.iter().chain([&options.out]) {
        check_target(path)?;
    }
    let swept = Swept::new(&options.input, options.sampling)?;
    let names = swept.names();
    let query = RankingQuery {
        digit: options.selection.class(&names)?,
        grouping: options.selection.by.into(),
        filter: Filter::All,
        measure: Some(options.sort),
        order: if options.order == EndsOption::Lowest { Order::Lowest } else { Order::Highest },
        top: Some(options.top),
    };
    let ends =
        if options.order == EndsOption::Both { contact_sheet::Ends::Both } else { contact_sheet::Ends::One };
    let images = Measured {
        digits: &swept.loaded.digits,
        answers: &names.answers,
        measures: &swept.measures,
        only: None,
    };
    let provenance = swept.provenance(&options.input.split);
    let mut spec = contact_sheet::of_ranking(images, &query, ends, &provenance, SCALE);
    let bar = Bar::new("Reading images", Unit::Things("images"));
    let read =
        put_in(&mut spec, (swept.loaded.about.originals.as_ref(), swept.network.image()), &mut |at| {
            bar.show(at)
        })?;
    drop(bar);
    if let Some(unread) = finished(read)? {
        remark(&unread.to_string());
    }
    if let Some(path) = &options.samples {
        swept.save_samples(path)?;
    }
    Ok(spec.save(&options.out)?)
}
