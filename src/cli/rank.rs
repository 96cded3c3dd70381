//! `dubito rank`: rank images by how much the network doubts them, as CSV.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::Failure;
use super::firm::{FirmOptions, firm};
use super::neighbours::neighbour_labels;
use super::options::{End, Input, Sampling, Selection, count, measure};
use super::steps::{Swept, check_target, print};
use crate::data::marks::{MarkTable, Review};
use crate::export::marks::write_marked_ranking;
use crate::export::table::write_ranking;
use crate::files::write_whole;
use crate::uncertainty::firm::can_be_firm;
use crate::uncertainty::interval::look_at_passes;
use crate::uncertainty::label_suspicion::suspect;
use crate::uncertainty::ranking::rank_judged;
use crate::uncertainty::{Filter, Measure, RankingQuery};

/// Options of `dubito rank`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    sampling: Sampling,
    /// Measure to sort by [default: the order of the dataset]
    #[arg(long, value_name = "MEASURE", value_parser = measure())]
    sort: Option<Measure>,
    /// Which end comes first
    #[arg(long, value_enum, requires = "sort", default_value_t = End::Highest)]
    order: End,
    #[command(flatten)]
    selection: Selection,
    /// Let the labels of the nearest training images count in the label suspicion, or those of the split's other images where
    /// there are no training images
    #[arg(long)]
    neighbours: bool,
    /// At most this many images
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = count)]
    top: Option<usize>,
    #[command(flatten)]
    firm: FirmOptions,
    /// Marks to show in the columns `mark` and `new_label`
    #[arg(long, value_name = "FILE.csv")]
    marks: Option<PathBuf>,
    /// Only images that nobody has looked at yet
    #[arg(long, requires = "marks")]
    unmarked: bool,
    /// Table to write [default: standard output]
    #[arg(long, value_name = "FILE.csv")]
    out: Option<PathBuf>,
    /// Also write every pass of every image of the split, in dataset order, for numpy
    #[arg(long, value_name = "FILE.npz")]
    samples: Option<PathBuf>,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    for path in [&options.out, &options.samples].into_iter().flatten() {
        check_target(path)?;
    }
    let table = options.marks.as_deref().map(MarkTable::read).transpose()?;
    let mut swept = Swept::keeping(&options.input, options.sampling, options.firm.firm.is_some())?;
    if options.neighbours {
        let labels = neighbour_labels(&options.input, &swept)?;
        let judged = swept.judged().into_owned();
        suspect(&mut swept.measures, &judged, &labels);
    }
    let names = swept.names();
    let query = RankingQuery {
        digit: options.selection.class(&names)?,
        grouping: options.selection.by.into(),
        filter: Filter::All,
        measure: options.sort,
        order: options.order.into(),
        top: if options.unmarked { None } else { options.top },
    };
    let firm = match options.sort.filter(|_| options.firm.firm.is_some()) {
        Some(measure) if !can_be_firm(measure) => return Err(Failure::NotFirm(measure.name())),
        Some(measure) => Some(firm(&mut swept, (measure, &query), options.firm)?),
        None => None,
    };
    let labels = swept.loaded.digits.labels();
    let marks = table.map(|table| table.marks(&swept.loaded.digits)).transpose()?;
    let mut order = rank_judged(&swept.measures, labels, &swept.judged(), &query);
    if let Some(firm) = firm.as_ref().filter(|_| query.top.is_some()) {
        // Which images are listed was decided; among themselves they stand by what was read of them last.
        let listed: BTreeSet<u32> = firm.listed().collect();
        let all = RankingQuery { top: None, ..query };
        order = rank_judged(&swept.measures, labels, &swept.judged(), &all);
        order.retain(|index| listed.contains(index));
    }
    if let Some(marks) = marks.as_ref().filter(|_| options.unmarked) {
        order.retain(|index| marks.review(*index) == Review::Unseen);
        order.truncate(options.top.unwrap_or(usize::MAX));
    }
    if firm.is_none() {
        look_at_passes(&swept.samples, swept.samples.passes(), &mut swept.measures, &order);
    }
    swept.samples.check_readable()?;
    if let Some(path) = &options.samples {
        swept.save_samples(path)?;
    }
    let passes = |index: u32| {
        let own = firm.as_ref().and_then(|firm| firm.passes(index));
        own.unwrap_or(u64::from(swept.measures[index as usize].passes))
    };
    let passes = firm.as_ref().map(|_| &passes as &dyn Fn(u32) -> u64);
    let write = |writer: &mut dyn Write| match &marks {
        Some(marks) => write_marked_ranking(writer, &names, &swept.measures, labels, (&order, passes), marks),
        None => write_ranking(writer, &names, &swept.measures, labels, (&order, passes)),
    };
    match &options.out {
        Some(path) => Ok(write_whole(path, |draft| write(draft))?),
        None => print(write),
    }
}
