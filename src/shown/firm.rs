//! What the gallery shows, made firm: further passes for the images whose place they settle.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::data::{Class, Digits};
use crate::progress::Progress;
use crate::sampling::{Prefix, RunKey, Samples, SamplingError};
use crate::uncertainty::firm::{Firm, FirmEvent, FirmOutcome, FirmQuery, Shelf, Verdict, make_firm};
use crate::uncertainty::label_suspicion::suspect;
use crate::uncertainty::{Grouping, Measures, Order, measure_all, ranking};
use crate::wording;

use super::firm_passes::FirmPasses;
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
    pub known: FirmPasses,
    /// Whether it is over.
    pub complete: bool,
}

impl FirmView {
    /// What is decided, in a few words: `firm: 20 of 20 sets, 10 orders`.
    #[must_use]
    pub fn short(&self) -> String {
        let count = self.known.firm.shelves.len();
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
        let count = self.known.firm.shelves.len();
        let within = wording::short(self.key.tolerance as f32, 3);
        let unit = self.key.query.measure.unit();
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let end = match self.known.firm.outcome {
            FirmOutcome::BudgetSpent if self.known.firm.spent == 0 => {
                " The budget is less than a round takes."
            }
            FirmOutcome::BudgetSpent => " The budget is spent.",
            FirmOutcome::Stopped if self.complete => " It was stopped: Make firm goes on.",
            FirmOutcome::Decided | FirmOutcome::Stopped => "",
        };
        let read = if self.known.firm.is_read() {
            "values of images on a list are of passes by which nothing was decided"
        } else {
            "the passes that values are of have decided as well, which biases them a little"
        };
        format!(
            "With 95 % confidence, to {within}{unit}: which images are shown is decided in {sets} of {}, their order in \
             {orders}. {} further image·passes in {}; {read}.{end}",
            wording::count(count, "list"),
            wording::thousands(self.known.firm.spent),
            wording::count(self.known.firm.rounds, "round"),
        )
    }

    fn decided(&self) -> [usize; 2] {
        let count = |decided: fn(&Verdict) -> bool| {
            self.known.firm.shelves.iter().filter(|state| decided(&state.verdict)).count()
        };
        [count(Verdict::set_is_decided), count(Verdict::is_decided)]
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
    let from = job.from.as_ref().filter(|from| from.known.is_of(*run, query.passes));
    let from = from.map_or_else(Firm::default, |from| from.known.firm.clone());
    let view = |firm: &Firm, complete| FirmView {
        key: job.key.clone(),
        known: FirmPasses { run: *run, passes: query.passes, firm: firm.clone() },
        complete,
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::synthetic;
    use crate::progress::unobserved;
    use crate::sampling::{SweepConfig, sweep};
    use crate::shown::Limits;
    use crate::shown::gallery::gallery;
    use crate::uncertainty::Filter;
    use crate::uncertainty::doubt_plane::PlaneAxes;

    #[test]
    fn what_was_made_firm_is_shown_with_its_passes_and_used_again() {
        let digits = Arc::new(synthetic::generate(200, 4));
        let model = OpenedModel::bundled().unwrap();
        let config = SweepConfig::default();
        let network = model.network().unwrap();
        let prefix = Arc::new(Prefix::of(&network, &digits, &mut unobserved).unwrap().unwrap());
        let none = Samples::empty(digits.len(), &config);
        let samples = sweep(&prefix, &config, none, &mut |_| ControlFlow::Continue(())).unwrap();
        let query = GalleryQuery {
            digit: None,
            grouping: Grouping::Label,
            filter: Filter::All,
            measure: crate::uncertainty::Measure::PredictiveEntropy,
            axes: PlaneAxes::default(),
            passes: config.passes,
        };
        let run = samples.key().unwrap();
        let key = FirmKey { run, query, only: None, top: 5, both: true, tolerance: 0.05 };
        let made = |key: FirmKey, prefix: Option<Arc<Prefix>>, from: Option<Arc<FirmView>>, budget: u64| {
            let (digits, model, samples) = (Arc::clone(&digits), model.clone(), samples.clone());
            let job = FirmJob { key, digits, model, prefix, samples, from, budget };
            let mut views = Vec::new();
            let answer = &mut |view| {
                views.push(view);
                ControlFlow::Continue(())
            };
            firm(&job, &mut unobserved, answer).unwrap();
            views
        };
        let views = made(key.clone(), Some(Arc::clone(&prefix)), None, 2_000_000);
        let last = Arc::new(views.last().unwrap().clone());
        assert!(last.complete && views[..views.len() - 1].iter().all(|view| !view.complete));
        // Both ends of all images and of each of ten classes.
        assert_eq!(last.known.firm.shelves.len(), 22);
        assert!(last.short().starts_with("firm"), "{}", last.short());
        let told = last.told();
        assert!(told.starts_with("With 95 % confidence, to 0.05") && told.contains("nats"), "{told}");
        let view = gallery(&samples, &digits, query, Limits::default(), (None, Some(&last.known))).unwrap();
        let index = last.known.firm.listed().next().unwrap();
        assert!(view.measures[index as usize].passes > 100, "more passes than the sweep's");
        // Another T, or another run, knows nothing of it.
        let other = GalleryQuery { passes: 60, ..query };
        let view = gallery(&samples, &digits, other, Limits::default(), (None, Some(&last.known))).unwrap();
        assert!(view.measures.iter().all(|measures| measures.passes == 60));
        // Another question of the same run goes on from there; without activations they are computed.
        let asked = GalleryQuery { digit: Some(4), ..query };
        let again = made(FirmKey { query: asked, ..key.clone() }, None, Some(Arc::clone(&last)), 4_000_000);
        let fresh = made(FirmKey { query: asked, ..key.clone() }, Some(Arc::clone(&prefix)), None, 4_000_000);
        let [again, fresh] = [&again, &fresh].map(|views| views.last().unwrap().known.firm.spent);
        assert!(again - last.known.firm.spent <= fresh, "{again} {fresh}");
        // Too little for a round.
        let none = made(key, Some(prefix), None, 10);
        assert_eq!(none.last().unwrap().known.firm.spent, 0);
        assert!(none.last().unwrap().told().contains("less than a round takes"));
    }
}
