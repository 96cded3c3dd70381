//! The rounds: judge, draw for what is open, judge again; then a last round for what is shown.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{ControlFlow, Range};

use super::bounds::{Bounds, Simultaneous};
use super::judge::{Open, Shelf, Verdict};
use super::tail::TailSums;
use crate::data::Class;
use crate::progress::Progress;
use crate::sampling::further::{beginning, further};
use crate::sampling::{Prefix, Samples, SamplingError, Statistics, SweepConfig};
use crate::uncertainty::{Measure, Measures};

/// What a round draws beyond what should do.
const MARGIN: f64 = 1.15;
/// The fewest passes of a round for each that an image has had: every look widens its bounds.
const LEAST_AT_ONCE: f64 = 0.5;
/// The most passes of a round for each that an image has had.
const MOST_AT_ONCE: f64 = 3.0;
/// The fewest passes that an image gets in a round: those of the bundles that all of them are drawn in.
const FEWEST: usize = 60;
/// What is read of an image on a shelf is read from one pass more for so many that decided about it.
const READ_OF: usize = 2;
/// And from no fewer than these.
const FEWEST_READ: usize = 240;

/// What is to be made firm.
#[derive(Clone, Debug)]
pub struct FirmQuery {
    /// Ranked by this measure.
    pub measure: Measure,
    /// Which ends of which rankings.
    pub shelves: Vec<Shelf>,
    /// Values closer than this need not be told apart, in the unit of the measure.
    pub tolerance: f64,
    /// The most image·passes to draw, the last round included.
    pub budget: u64,
}

/// How it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirmOutcome {
    /// Everything is decided.
    Decided,
    /// The next round would take more passes than are allowed.
    BudgetSpent,
    /// It was stopped.
    #[default]
    Stopped,
}

/// One end of a ranking as far as it is decided.
#[derive(Clone, Debug, PartialEq)]
pub struct ShelfState {
    /// Which end of which ranking.
    pub shelf: Shelf,
    /// What is decided.
    pub verdict: Verdict,
}

/// What is known of rankings that were made firm, and of the images that got more passes for it.
#[derive(Clone, Debug, Default)]
pub struct Firm {
    images: BTreeMap<u32, Known>,
    /// Image·passes drawn.
    pub spent: u64,
    /// Rounds drawn, without the last.
    pub rounds: usize,
    /// What is decided.
    pub shelves: Vec<ShelfState>,
    /// How it ended.
    pub outcome: FirmOutcome,
}

/// What was drawn of one image.
#[derive(Clone, Debug)]
struct Known {
    /// Sums of the passes that decided, those of the sweep included.
    sums: Statistics,
    /// Number of the next pass.
    next: usize,
    /// How often its passes were looked at and followed by more.
    looks: usize,
    /// What their logits say, of images that few passes doubt.
    tail: Option<TailSums>,
    /// Sums of passes that decided nothing.
    read: Option<Drawn>,
}

/// Further passes of one image.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) sums: Statistics,
    pub(super) tail: Option<TailSums>,
}

impl Known {
    /// How many passes decide, and the number of the next.
    fn at(&self) -> (usize, usize) {
        (self.sums.passes as usize, self.next)
    }

    /// Adds passes for what is decided from now on, with those that were read before.
    fn decide_with(&mut self, drawn: &Drawn) {
        if let Some(read) = self.read.take() {
            self.add(&read);
        }
        self.looks += 1;
        self.add(drawn);
    }

    fn add(&mut self, drawn: &Drawn) {
        self.sums.add(&drawn.sums);
        if let (Some(tail), Some(more)) = (&mut self.tail, &drawn.tail) {
            tail.merge(more);
        }
    }
}

/// What is reported after a round.
#[derive(Debug)]
pub enum FirmEvent<'a> {
    /// Progress of a round in image·passes, over all rounds; the total is the end of this one.
    Progress(Progress),
    /// A round is over.
    Round(&'a Firm),
}

/// An image of which passes are to be drawn, and what its logits are summed about, if at all.
pub(super) type Wanted = (u32, Option<TailSums>);

/// What draws passes: of some images, the sums over a range of passes by their numbers; `None` when stopped.
pub(super) type Draw<'a, E> =
    dyn FnMut(&[Wanted], Range<usize>, &mut Going<'_>) -> Result<Option<Vec<Drawn>>, E> + 'a;
/// Is told how many image·passes are drawn, and says whether to go on.
pub(super) type Going<'a> = dyn FnMut(u64) -> ControlFlow<()> + 'a;
/// What is known of some images from the sweep.
pub(super) type Base<'a> = dyn FnMut(&[u32]) -> Vec<Statistics> + 'a;

impl Firm {
    /// The measures of an image that got more passes: of those on a shelf of what was read last, of others of all.
    #[must_use]
    pub fn measures(&self, index: u32) -> Option<Measures> {
        let known = self.images.get(&index)?;
        Some(Measures::new(known.read.as_ref().map_or(&known.sums, |read| &read.sums)))
    }

    /// What was read last of an image, and what all that decided says of it.
    #[cfg(test)]
    pub(super) fn both(&self, index: u32) -> Option<[Measures; 2]> {
        let known = self.images.get(&index)?;
        known.read.as_ref().map(|read| [&read.sums, &known.sums].map(Measures::new))
    }

    /// The images on the shelves, as far as it is decided.
    pub fn listed(&self) -> impl Iterator<Item = u32> {
        self.shelves.iter().flat_map(|state| state.verdict.order.iter().copied())
    }

    /// Images that got more passes, by dataset index.
    pub fn images(&self) -> impl Iterator<Item = u32> {
        self.images.keys().copied()
    }

    /// All passes drawn of an image, those of the sweep included; `None` where it got no more.
    #[must_use]
    pub fn passes(&self, index: u32) -> Option<u64> {
        let read = |known: &Known| known.read.as_ref().map_or(0, |read| u64::from(read.sums.passes));
        self.images.get(&index).map(|known| u64::from(known.sums.passes) + read(known))
    }

    /// Memory that it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let one = self.images.values().next().map_or(0, |known| {
            let classes = known.sums.classes();
            2 * (size_of::<Known>() + 8 * (known.sums.outer.len() + 9 * classes))
        });
        (self.images.len() * one) as u64
    }

    fn judge(&mut self, query: &FirmQuery, bounds: impl Fn(u32) -> Bounds) {
        let state = |shelf: &Shelf| ShelfState {
            verdict: shelf.judge(&bounds, query.tolerance),
            shelf: shelf.clone(),
        };
        self.shelves = query.shelves.iter().map(state).collect();
    }

    /// The images that get more passes in the next round: first those that leave sets open, then those of orders.
    fn open(&self) -> BTreeMap<u32, f64> {
        let all = |which: fn(&Verdict) -> &Vec<Open>| {
            let mut all: BTreeMap<u32, f64> = BTreeMap::new();
            for open in self.shelves.iter().flat_map(|state| which(&state.verdict)) {
                let excess = all.entry(open.index).or_insert(open.excess);
                *excess = excess.max(open.excess);
            }
            all
        };
        let sets = all(|verdict| &verdict.set_open);
        if sets.is_empty() { all(|verdict| &verdict.order_open) } else { sets }
    }

    /// Takes in images that get passes for the first time, with what the sweep says of them.
    fn welcome(
        &mut self,
        images: impl Iterator<Item = u32>,
        (tails, next): (&[Option<TailSums>], usize),
        base: &mut Base<'_>,
    ) {
        let fresh: Vec<u32> = images.filter(|index| !self.images.contains_key(index)).collect();
        for (index, sums) in fresh.iter().zip(base(&fresh)) {
            let tail = tails.get(*index as usize).copied().flatten();
            self.images.insert(*index, Known { sums, next, looks: 0, tail, read: None });
        }
    }

    /// Draws further passes, and lets `take` say what becomes of those of each image; `Break` when stopped, with nothing
    /// taken.
    fn draw<E>(
        &mut self,
        more: &[More],
        cost: u64,
        (base, tails, next): (&mut Base<'_>, &[Option<TailSums>], usize),
        draw: &mut Draw<'_, E>,
        take: &dyn Fn(&mut Known, Drawn),
        observe: &mut dyn FnMut(FirmEvent<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, E> {
        let began = self.spent;
        let drawn = draw_all(more, draw, &mut |done| {
            observe(FirmEvent::Progress(Progress { done: began + done, total: began + cost }))
        })?;
        let Some(drawn) = drawn else { return Ok(ControlFlow::Break(())) };
        self.welcome(drawn.iter().map(|(index, _)| *index), (tails, next), base);
        for (index, drawn) in drawn {
            self.spent += u64::from(drawn.sums.passes);
            if let Some(known) = self.images.get_mut(&index) {
                known.next += drawn.sums.passes as usize;
                take(known, drawn);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Whether what is shown of every image on a shelf is of passes by which nothing was decided.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.listed().all(|index| self.images.get(&index).is_some_and(|known| known.read.is_some()))
    }

    /// What the logits of an image's further passes are to be summed about.
    fn tail(&self, index: u32, tails: &[Option<TailSums>]) -> Option<TailSums> {
        let known = self
            .images
            .get(&index)
            .map_or_else(|| tails.get(index as usize).copied(), |known| Some(known.tail));
        known.flatten().as_ref().map(TailSums::fresh)
    }

    /// The images on the shelves.
    fn members(&self) -> Vec<u32> {
        let all: BTreeSet<u32> =
            self.shelves.iter().flat_map(|state| &state.verdict.order).copied().collect();
        all.into_iter().collect()
    }
}

/// The first pass number at or after this one at which rounds end: two for each doubling, multiples of the passes of a
/// bundle, so that images drawn in different rounds are drawn together.
fn stage(pass: usize) -> usize {
    let mut end = FEWEST;
    while end < pass {
        let between = end + end / 2;
        if between >= pass && between.is_multiple_of(FEWEST) {
            return between;
        }
        end *= 2;
    }
    end
}

/// The pass at which a round ends for an image of which so many decide, `next` the number of the next, and whose bound is
/// wider than it should be by this factor: what makes it as narrow, if its spread stays the same, within limits.
fn end_of_round(decide: usize, next: usize, excess: f64) -> usize {
    let times = (MARGIN * excess * excess - 1.0).clamp(LEAST_AT_ONCE, MOST_AT_ONCE);
    stage(next + ((decide as f64 * times) as usize).max(1))
}

/// The pass at which what is shown of an image has been read, after so many that decided about it.
fn end_of_reading(decided: usize, next: usize) -> usize {
    stage(next + (decided / READ_OF).max(FEWEST_READ))
}

/// Makes shelves firm, with further passes of `prefix`, whose passes of the sweep are `samples` and gave `measures` (of
/// `passes` passes of every image). `from` is what was made firm of the same run before, whatever was asked then.
///
/// # Errors
/// When the images cannot be read, the passes are of another run, or there is no memory.
#[allow(clippy::too_many_arguments, reason = "a run, what is known of it, and what is asked")]
pub fn make_firm(
    prefix: &Prefix,
    samples: &Samples,
    (measures, passes): (&[Measures], usize),
    judged: &[Class],
    query: &FirmQuery,
    from: Firm,
    observe: &mut dyn FnMut(FirmEvent<'_>) -> ControlFlow<()>,
) -> Result<Firm, SamplingError> {
    prefix.pairing().check(&samples.key().map_or(*prefix.pairing(), |key| key.pairing))?;
    let config = samples.config(passes);
    // What is there of the sweep, without the passes of a quartet that is not complete.
    let together = samples.together();
    let complete = (passes.min(samples.passes()) / together * together).max(together.min(passes));
    let mut base = |images: &[u32]| base_of(samples, images, complete);
    let next = beginning(prefix.network(), &config, complete);
    let mut draw = |wanted: &[Wanted], range: Range<usize>, going: &mut Going<'_>| {
        let images: Vec<u32> = wanted.iter().map(|(index, _)| *index).collect();
        let some = prefix.of_some(&images)?;
        let config = SweepConfig { passes: range.len(), ..config };
        let mut tails: Vec<Option<TailSums>> = wanted.iter().map(|(_, tail)| *tail).collect();
        let look = |tail: &mut TailSums, pass: &[f32]| tail.add(pass);
        let sums = further(&some, &config, range, (&mut tails, &look), &mut |progress| going(progress.done))?;
        let drawn = |(sums, tail)| Drawn { sums, tail };
        Ok(sums.map(|sums| sums.into_iter().zip(tails).map(drawn).collect()))
    };
    let tails = tails_of(samples, complete);
    run(query, (measures, &tails, judged), (&mut base, next), &mut draw, from, observe)
}

/// What the logits of the sweep's passes say of every image.
fn tails_of(samples: &Samples, passes: usize) -> Vec<Option<TailSums>> {
    let mut tails = vec![None; samples.images()];
    samples.for_each(passes, &mut tails, |_, drawn, tail| *tail = TailSums::new(&drawn.probabilities()));
    tails
}

/// The sums of the sweep over some images.
fn base_of(samples: &Samples, images: &[u32], passes: usize) -> Vec<Statistics> {
    let mut places: Vec<(bool, Option<Statistics>)> = vec![(false, None); samples.images()];
    for image in images {
        places[*image as usize].0 = true;
    }
    samples.for_each(passes, &mut places, |statistics, _, (wanted, place)| {
        *place = wanted.then_some(statistics);
    });
    images.iter().filter_map(|image| places[*image as usize].1.take()).collect()
}

/// The rounds, whatever draws the passes.
pub(super) fn run<E>(
    query: &FirmQuery,
    (measures, tails, judged): (&[Measures], &[Option<TailSums>], &[Class]),
    (base, next): (&mut Base<'_>, usize),
    draw: &mut Draw<'_, E>,
    from: Firm,
    observe: &mut dyn FnMut(FirmEvent<'_>) -> ControlFlow<()>,
) -> Result<Firm, E> {
    let mut firm = Firm { rounds: 0, outcome: FirmOutcome::Stopped, ..from };
    let before = firm.spent;
    // Bounds hold for all images that are ranked somewhere; which these are was not chosen by their passes.
    let ranked: BTreeSet<u32> = query.shelves.iter().flat_map(|shelf| &shelf.candidates).copied().collect();
    let simultaneous = Simultaneous::new(ranked.len());
    let judge = |firm: &mut Firm| {
        let bounds: BTreeMap<u32, Bounds> = ranked
            .iter()
            .map(|index| {
                let label = judged.get(*index as usize).copied().unwrap_or_default();
                let known = firm.images.get(index);
                let looks = known.map_or(0, |known| known.looks);
                let own = known.map(|known| Measures::new(&known.sums));
                let first = || tails.get(*index as usize).and_then(Option::as_ref);
                let tail = known.map_or_else(first, |known| known.tail.as_ref());
                let of = |measures| simultaneous.of(measures, (looks, tail), label, query.measure);
                (*index, own.as_ref().or(measures.get(*index as usize)).map_or(Bounds::NONE, of))
            })
            .collect();
        firm.judge(query, |index| bounds[&index]);
        bounds
    };
    let mut bounds = judge(&mut firm);
    loop {
        let open = firm.open();
        if open.is_empty() {
            firm.outcome = FirmOutcome::Decided;
            break;
        }
        let known = |index: &u32| firm.images.get(index).map_or((next, next), Known::at);
        let more = open.iter().map(|(index, excess)| {
            let (decide, next) = known(index);
            let tail = bounds[index].few.then(|| firm.tail(*index, tails)).flatten();
            More { index: *index, passes: next..end_of_round(decide, next, *excess), tail }
        });
        let more: Vec<More> = more.collect();
        let cost: u64 = more.iter().map(|more| more.passes.len() as u64).sum();
        // What is read after it, of twice as many.
        let reserve = |index: &u32| {
            let (decide, next) = known(index);
            end_of_reading(2 * decide, 2 * next) - 2 * next
        };
        let reserve: usize = firm.members().iter().map(reserve).sum();
        if firm.spent - before + cost + reserve as u64 > query.budget {
            firm.outcome = FirmOutcome::BudgetSpent;
            break;
        }
        let decides = |known: &mut Known, drawn: Drawn| known.decide_with(&drawn);
        if firm.draw(&more, cost, (base, tails, next), draw, &decides, observe)?.is_break() {
            return Ok(firm);
        }
        firm.rounds += 1;
        log::info!("round {}: {} images, {} image·passes", firm.rounds, more.len(), cost);
        bounds = judge(&mut firm);
        if observe(FirmEvent::Round(&firm)).is_break() {
            return Ok(firm);
        }
    }
    read(firm, (query.budget, before), (base, tails, next), draw, observe)
}

/// The last round: passes that nothing was decided by, of the images on the shelves.
fn read<E>(
    mut firm: Firm,
    (budget, before): (u64, u64),
    (base, tails, next): (&mut Base<'_>, &[Option<TailSums>], usize),
    draw: &mut Draw<'_, E>,
    observe: &mut dyn FnMut(FirmEvent<'_>) -> ControlFlow<()>,
) -> Result<Firm, E> {
    let members = firm.members();
    // What was read before, and decided nothing since, stays.
    let unread = |index: &&u32| firm.images.get(index).is_none_or(|known| known.read.is_none());
    let more = members.iter().filter(unread).map(|index| {
        let (decided, next) = firm.images.get(index).map_or((next, next), Known::at);
        More { index: *index, passes: next..end_of_reading(decided, next), tail: None }
    });
    let more: Vec<More> = more.collect();
    let cost: u64 = more.iter().map(|more| more.passes.len() as u64).sum();
    if firm.spent - before + cost > budget {
        return Ok(firm);
    }
    let reads = |known: &mut Known, drawn: Drawn| known.read = Some(drawn);
    if firm.draw(&more, cost, (base, tails, next), draw, &reads, observe)?.is_break() {
        firm.outcome = FirmOutcome::Stopped;
    }
    Ok(firm)
}

/// Further passes of an image, by their numbers, and what its logits are summed about, if at all.
struct More {
    index: u32,
    passes: Range<usize>,
    tail: Option<TailSums>,
}

/// Draws further passes, those of all images together that need the same; `None` when stopped.
fn draw_all<E>(
    more: &[More],
    draw: &mut Draw<'_, E>,
    going: &mut Going<'_>,
) -> Result<Option<Vec<(u32, Drawn)>>, E> {
    let ends: BTreeSet<usize> = more.iter().flat_map(|more| [more.passes.start, more.passes.end]).collect();
    let ends: Vec<usize> = ends.into_iter().collect();
    let mut all: Vec<Option<Drawn>> = more.iter().map(|_| None).collect();
    let mut done = 0;
    for part in ends.windows(2) {
        let part = part[0]..part[1];
        let wanting = |more: &More| more.passes.start <= part.start && part.end <= more.passes.end;
        let places: Vec<usize> = (0..more.len()).filter(|at| wanting(&more[*at])).collect();
        if places.is_empty() {
            continue;
        }
        let wanted: Vec<Wanted> = places.iter().map(|at| (more[*at].index, more[*at].tail)).collect();
        let Some(drawn) = draw(&wanted, part.clone(), &mut |own| going(done + own))? else { return Ok(None) };
        done += (places.len() * part.len()) as u64;
        for (at, drawn) in places.into_iter().zip(drawn) {
            match &mut all[at] {
                Some(known) => {
                    known.sums.add(&drawn.sums);
                    if let (Some(tail), Some(more)) = (&mut known.tail, &drawn.tail) {
                        tail.merge(more);
                    }
                }
                place @ None => *place = Some(drawn),
            }
        }
    }
    let all = more.iter().zip(all).filter_map(|(more, drawn)| drawn.map(|drawn| (more.index, drawn)));
    Ok(Some(all.collect()))
}
