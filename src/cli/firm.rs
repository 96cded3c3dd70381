//! `dubito rank --firm`: further passes for the images whose place they settle, and what is guaranteed then.

use std::ops::ControlFlow;

use super::Failure;
use super::bars::{Bar, Unit};
use super::steps::{Swept, remark};
use crate::uncertainty::firm::{Firm, FirmEvent, FirmOutcome, FirmQuery, Shelf, make_firm};
use crate::uncertainty::label_suspicion::suspect;
use crate::uncertainty::ranking::rank_judged;
use crate::uncertainty::{Measure, Order, RankingQuery};
use crate::wording;

/// Images of each end where a ranking is not cut.
const USUAL: usize = 30;

/// Options of `--firm`.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct FirmOptions {
    /// Draw further passes for the images whose place is open, until those listed and their order are decided with 95 %
    /// confidence: to this tolerance, in the unit of the measure
    #[arg(long, value_name = "TOLERANCE", requires = "sort", num_args = 0..=1, default_missing_value = "0.01", allow_negative_numbers = true, value_parser = tolerance)]
    pub(super) firm: Option<f64>,
    /// At most so many further image·passes for --firm
    #[arg(long, value_name = "PASSES", requires = "firm", default_value_t = 20_000_000, allow_negative_numbers = true, value_parser = budget)]
    pub(super) budget: u64,
}

fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(tolerance) if tolerance.is_finite() && tolerance >= 0.0 => Ok(tolerance),
        _ => {
            Err("a tolerance is a number of at least 0, in the unit of the measure, such as 0.01".to_owned())
        }
    }
}

fn budget(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(passes) if passes > 0 => Ok(passes),
        _ => Err("a budget is a whole number of image·passes of at least 1".to_owned()),
    }
}

/// Makes what a ranking lists firm, and says what is guaranteed; the measures of the images are then those of all their passes.
pub(super) fn firm(
    swept: &mut Swept,
    (measure, query): (Measure, &RankingQuery),
    FirmOptions { firm: tolerance, budget }: FirmOptions,
) -> Result<Firm, Failure> {
    let Some(prefix) = swept.prefix.take() else { return Ok(Firm::default()) };
    let tolerance = tolerance.unwrap_or_default();
    let shelves = shelves(swept, query);
    let query = FirmQuery { measure, shelves, tolerance, budget };
    let judged = swept.judged().into_owned();
    let bar = Bar::new("Making the ranking firm", Unit::Things("image·passes"));
    let found = make_firm(
        &prefix,
        &swept.samples,
        (&swept.measures, swept.config.passes),
        &judged,
        &query,
        Firm::default(),
        &mut |event| match event {
            FirmEvent::Progress(at) => bar.show(at),
            FirmEvent::Round(_) => ControlFlow::Continue(()),
        },
    )?;
    drop(bar);
    for index in found.images() {
        if let Some(measures) = found.measures(index) {
            swept.measures[index as usize] = measures;
        }
    }
    suspect(&mut swept.measures, &judged, &[]);
    for line in told(&found, &query) {
        remark(&line);
    }
    Ok(found)
}

/// What is listed: one end of one ranking where it is cut, else both ends of each class, as in the gallery.
fn shelves(swept: &Swept, query: &RankingQuery) -> Vec<Shelf> {
    let (labels, judged) = (swept.loaded.digits.labels(), swept.judged());
    let ranked = |class, order| {
        let whole = RankingQuery { digit: class, order, top: None, ..*query };
        rank_judged(&swept.measures, labels, &judged, &whole)
    };
    if let Some(shown) = query.top {
        let candidates = ranked(query.digit, query.order);
        return vec![Shelf { class: query.digit, end: query.order, candidates, shown }];
    }
    let classes = match query.digit {
        Some(class) => vec![class],
        None => (0..swept.names().labels.len() as u16).collect(),
    };
    let ends = classes.into_iter().flat_map(|class| [Order::Lowest, Order::Highest].map(|end| (class, end)));
    let shelf = |(class, end)| {
        let candidates = ranked(Some(class), end);
        // No image is at both ends.
        let shown = USUAL.min(candidates.len() / 2);
        Shelf { class: Some(class), end, candidates, shown }
    };
    ends.map(shelf).collect()
}

/// What is guaranteed, in words.
fn told(firm: &Firm, query: &FirmQuery) -> Vec<String> {
    let count = firm.shelves.len();
    let sets = firm.shelves.iter().filter(|state| state.verdict.set_is_decided()).count();
    let orders = firm.shelves.iter().filter(|state| state.verdict.is_decided()).count();
    let unit = query.measure.unit();
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let within = match query.tolerance {
        0.0 => "exactly".to_owned(),
        tolerance => format!("to {tolerance}{unit}"),
    };
    let of = |decided: usize| match (decided, count) {
        (1, 1) => "decided".to_owned(),
        (0, _) => "not decided".to_owned(),
        (decided, count) => format!("decided in {decided} of {count} lists"),
    };
    let mut lines = vec![format!(
        "With 95 % confidence, {within}: which images are listed is {}, their order is {} ({} further image·passes in {}).",
        of(sets),
        of(orders),
        wording::thousands(firm.spent),
        wording::count(firm.rounds, "round"),
    )];
    lines.extend(match firm.outcome {
        FirmOutcome::Decided => None,
        FirmOutcome::BudgetSpent if firm.spent == 0 => Some(format!(
            "The budget of {} image·passes is less than the first round takes: no pass was drawn.",
            wording::thousands(query.budget)
        )),
        FirmOutcome::BudgetSpent => Some(format!(
            "The budget of {} image·passes leaves no room for another round; with more, more is decided.",
            wording::thousands(query.budget)
        )),
        FirmOutcome::Stopped => Some("It was stopped before all was decided.".to_owned()),
    });
    lines
}
