//! What the gallery shows, made firm: further passes for the images whose place they settle.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::data::{Class, Digits};
use crate::progress::Progress;
use crate::sampling::{Prefix, RunKey, Samples, SamplingError};
use crate::uncertainty::firm::{Firm, FirmEvent, FirmOutcome, FirmQuery, Shelf, make_firm};
use crate::uncertainty::label_suspicion::suspect;
use crate::uncertainty::{Grouping, Measures, Order, measure_all, ranking};
use crate::wording;

use super::gallery::{GalleryQuery, halves};
use super::limits::Only;
use super::opened::OpenedModel;

/// What it is of: equal where the same was asked of the same run.
#[derive(Clone, Debug, PartialEq)]
pub struct FirmKey {
    /// The run, and T of the sweep that it goes on from.
    pub run: RunKey,
    /// What the gallery shows.
    pub query: GalleryQuery,
    /// What it is limited to.
    pub only: Option<Arc<Only>>,
    /// Images of each half; of the whole ranking where there is one.
    pub top: usize,
    /// Whether the most certain are shown as well as the least.
    pub both: bool,
    /// Values closer than this need not be told apart.
    pub tolerance: f64,
}

/// What is to be made firm.
pub struct FirmJob {
    /// What is asked.
    pub key: FirmKey,
    /// Images and labels.
    pub digits: Arc<Digits>,
    /// The network, for activations that are not there.
    pub model: OpenedModel,
    /// Activations of the sweep.
    pub prefix: Option<Arc<Prefix>>,
    /// What was sampled.
    pub samples: Samples,
    /// What was made firm of the same run before.
    pub from: Option<Arc<FirmView>>,
    /// The most image·passes to draw.
    pub budget: u64,
}

/// What has been made firm so far.
#[derive(Clone, Debug)]
pub struct FirmView {
    /// What was asked.
    pub key: FirmKey,
    /// What is known.
    pub firm: Firm,
    /// Whether it is over.
    pub complete: bool,
}

impl FirmView {
    /// Whether what it knows belongs to these passes of a run.
    #[must_use]
    pub fn is_of(&self, run: RunKey, passes: usize) -> bool {
        self.key.run == run && self.key.query.passes == passes
    }

    /// Puts what is known of images in the place of what the sweep says of them.
    pub fn put(&self, measures: &mut [Measures]) {
        for index in self.firm.images() {
            if let (Some(place), Some(own)) = (measures.get_mut(index as usize), self.firm.measures(index)) {
                *place = own;
            }
        }
    }

    /// What is decided, in a few words: `firm: 20 of 20 sets, 10 orders`.
    #[must_use]
    pub fn short(&self) -> String {
        let count = self.firm.shelves.len();
        let [sets, orders] = self.decided();
        match (sets, orders) {
            (_, orders) if orders == count => "firm, order included".to_owned(),
            (sets, 0) if sets == count => "firm, order open".to_owned(),
            (sets, orders) if sets == count => format!("firm, order in {orders} of {count}"),
            (sets, _) => format!("firm in {sets} of {count}"),
        }
    }

    /// What is guaranteed, and what it took.
    #[must_use]
    pub fn told(&self) -> String {
        let [sets, orders] = self.decided();
        let count = self.firm.shelves.len();
        let within = wording::short(self.key.tolerance as f32, 3);
        let unit = self.key.query.measure.unit();
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let end = match self.firm.outcome {
            FirmOutcome::Decided => "",
            FirmOutcome::BudgetSpent if self.firm.spent == 0 => " The budget is less than a round takes.",
            FirmOutcome::BudgetSpent => " The budget is spent.",
            FirmOutcome::Stopped if self.complete => " It was stopped: Make firm goes on.",
            FirmOutcome::Stopped => "",
        };
        format!(
            "With 95 % confidence, to {within}{unit}: which images are shown is decided in {sets} of {}, their order in \
             {orders}. {} further image·passes in {}; values of images on a shelf are of passes that decided nothing.{end}",
            wording::count(count, "list"),
            wording::thousands(self.firm.spent),
            wording::count(self.firm.rounds, "round"),
        )
    }

    fn decided(&self) -> [usize; 2] {
        let count = |decided: fn(&crate::uncertainty::firm::Verdict) -> bool| {
            self.firm.shelves.iter().filter(|state| decided(&state.verdict)).count()
        };
        [count(|verdict| verdict.set_is_decided()), count(|verdict| verdict.is_decided())]
    }
}

/// Makes what is shown firm; after every round `answer` gets what is known, and says whether to go on.
///
/// # Errors
/// When the samples are of other images, these cannot be read, or there is no memory.
pub fn firm(
    job: &FirmJob,
    observe: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    answer: &mut dyn FnMut(FirmView) -> ControlFlow<()>,
) -> Result<(), SamplingError> {
    let FirmKey { run, query, tolerance, .. } = &job.key;
    job.samples.key_with(&job.digits)?;
    let own;
    let prefix = if let Some(prefix) = &job.prefix {
        prefix
    } else {
        let Some(found) = Prefix::of(&job.model.network()?, &job.digits, observe)? else { return Ok(()) };
        own = Arc::new(found);
        &own
    };
    let mut measures = measure_all(&job.samples, query.passes);
    job.samples.check_readable()?;
    let judged = job.digits.judged(job.samples.answers());
    suspect(&mut measures, &judged, &[]);
    let asked = FirmQuery {
        measure: query.measure,
        shelves: shelves(job, &measures, &judged),
        tolerance: *tolerance,
        budget: job.budget,
    };
    let from = job.from.as_ref().filter(|from| from.is_of(*run, query.passes));
    let from = from.map_or_else(Firm::default, |from| from.firm.clone());
    let view = |firm: &Firm, complete| FirmView { key: job.key.clone(), firm: firm.clone(), complete };
    let found =
        make_firm(prefix, &job.samples, (&measures, query.passes), &judged, &asked, from, &mut |event| {
            match event {
                FirmEvent::Progress(at) => observe(at),
                FirmEvent::Round(firm) => answer(view(firm, false)),
            }
        })?;
    let _ = answer(view(&found, true));
    Ok(())
}

/// The ends that are shown: of the class that is, or of every class and of all images.
fn shelves(job: &FirmJob, measures: &[Measures], judged: &[Class]) -> Vec<Shelf> {
    let FirmKey { query, only, top, both, .. } = &job.key;
    let labels = job.digits.labels();
    let ranked = |digit: Option<Class>| {
        let ranking = crate::uncertainty::RankingQuery { digit, ..query.ranking() };
        let mut order = ranking::rank_judged(measures, labels, judged, &ranking);
        if let Some(only) = only {
            order.retain(|index| only.indices.binary_search(index).is_ok());
        }
        order
    };
    let names = job.digits.names(job.samples.answers());
    let classes = match query.grouping {
        Grouping::Label => names.labels.len(),
        Grouping::Prediction => names.answers.len(),
    };
    let mut asked = vec![query.digit];
    if query.digit.is_none() {
        asked.extend((0..classes as Class).map(Some));
    }
    let doubtful = query.ranking().order;
    let certain = if doubtful == Order::Highest { Order::Lowest } else { Order::Highest };
    let mut shelves = Vec::new();
    for class in asked {
        let candidates = ranked(class);
        let (sure, unsure) =
            if *both { halves(candidates.len(), *top) } else { (0, (*top).min(candidates.len())) };
        for (end, shown) in [(certain, sure), (doubtful, unsure)] {
            if shown > 0 {
                shelves.push(Shelf { class, end, candidates: candidates.clone(), shown });
            }
        }
    }
    shelves
}
