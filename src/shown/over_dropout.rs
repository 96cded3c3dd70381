//! Quality against the rate of dropout: which p suits a network best on labelled images.
//!
//! Putting dropout into a network that was trained without it needs small rates, chosen by the least NLL (Loquercio et al.
//! 2020; Ledda et al. 2023, arXiv 2302.02924); for one trained with it, its own rate is seldom the best either.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::data::{Digits, Pixels};
use crate::progress::{Observer, Progress};
use crate::sampling::{self, Network, Prefix, Samples, SamplingError, SweepConfig, SweepEvent};
use crate::uncertainty::quality::{self, Bootstrap, Estimate, LabelledRun, Metric, Resampling, bootstrap};
use crate::uncertainty::{Measure, measure_all};

/// The rates that are tried: small ones too, as dropout that is put into a network asks for.
pub const RATES: [f32; 13] = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/// What is measured at each.
pub const METRICS: [Metric; 4] =
    [Metric::Accuracy, Metric::Nll, Metric::Ece, Metric::ErrorAuroc(Measure::PredictiveEntropy)];
/// Images at most where each pass runs through the graph.
const MOST_SLOW: usize = 500;

/// The quality of a network at several rates.
#[derive(Clone, Debug)]
pub struct OverDropout {
    /// Labelled images that were asked.
    pub images: usize,
    /// Of so many.
    pub of: usize,
    /// T.
    pub passes: usize,
    /// Seed of the masks.
    pub seed: u64,
    /// The numbers at each of [`RATES`], with their intervals and paired differences.
    pub numbers: Bootstrap,
    /// The rate of least NLL, by its place in [`RATES`].
    pub best: usize,
}

impl OverDropout {
    /// A number at a rate, by its place in [`RATES`].
    #[must_use]
    pub fn estimate(&self, rate: usize, metric: Metric) -> Estimate {
        self.numbers.estimate(rate, metric)
    }

    /// How much less the least NLL is than that without dropout, in nats, over the same images.
    #[must_use]
    pub fn gain(&self) -> Estimate {
        self.numbers.difference(self.best, 0, Metric::Nll)
    }

    /// The rate of least NLL.
    #[must_use]
    pub fn best_rate(&self) -> f32 {
        RATES[self.best]
    }

    /// `NLL is least at p = 0.2, by 0.0123 less than without dropout (95 % of resamples between …)`, or that no dropout is
    /// better.
    #[must_use]
    pub fn told(&self) -> String {
        if self.best == 0 {
            return "NLL is least without dropout: no rate tried makes these answers more likely.".to_owned();
        }
        let gain = self.gain();
        let Ok(value) = gain.value else { return String::new() };
        let told = format!(
            "NLL is least at p = {}, {:.4} nats below that without dropout",
            self.best_rate(),
            -value
        );
        match gain.interval {
            Some([low, high]) if high < 0.0 => format!("{told} [{:.4}, {:.4}].", -high, -low),
            Some([low, high]) => {
                format!("{told} [{:.4}, {:.4}]: other images might show no difference.", -high, -low)
            }
            None => format!("{told}."),
        }
    }
}

/// Asks a network at every rate; `None` when the observer stopped it, or there is no labelled image. A graph is to be at one
/// common rate. Progress counts rates, in thousandths.
///
/// # Errors
/// When the images cannot be read, or the network cannot be asked.
pub fn over_dropout(
    network: &Arc<Network>,
    digits: &Digits,
    (passes, seed): (usize, u64),
    resampling: Resampling,
    observe: Observer,
) -> Result<Option<OverDropout>, SamplingError> {
    let digits = digits.clone().labelled_part();
    let of = digits.len();
    let most = if network.is_slow() { MOST_SLOW } else { usize::MAX };
    let digits = if of > most { evenly(&digits, most) } else { digits };
    if digits.is_empty() {
        return Ok(None);
    }
    let labels = digits.labelled();
    let total = 1000 * (RATES.len() as u64 + 1);
    let mut share = |step: usize, part: Progress| {
        let within = 1000 * part.done / part.total.max(1);
        observe(Progress { done: 1000 * step as u64 + within.min(1000), total })
    };
    let Some(prefix) = Prefix::of(network, &digits, &mut |at| share(0, at))? else { return Ok(None) };
    let mut runs = Vec::with_capacity(RATES.len());
    for (at, dropout) in RATES.into_iter().enumerate() {
        let mut reached = |progress: Progress| share(at + 1, progress);
        let measures = if dropout > 0.0 {
            let config = SweepConfig { passes, dropout, seed };
            let none = Samples::empty(prefix.images(), &config);
            let samples = sampling::sweep(&prefix, &config, none, &mut |event| match event {
                SweepEvent::Progress(progress) => reached(progress),
                SweepEvent::Samples(_) => ControlFlow::Continue(()),
            })?;
            if samples.passes() < passes {
                return Ok(None);
            }
            let measures = measure_all(&samples, passes);
            samples.check_readable()?;
            measures
        } else {
            let pixels = Pixels::from(&digits);
            let Some(logits) = sampling::logits_without_dropout(network, pixels, &mut reached)? else {
                return Ok(None);
            };
            quality::deterministic(&logits)
        };
        runs.push(LabelledRun::new(&measures, labels));
    }
    let runs: Vec<&LabelledRun> = runs.iter().collect();
    let Some(numbers) = bootstrap(&runs, resampling, &mut |at| share(RATES.len(), at)) else {
        return Ok(None);
    };
    let nll = |rate: usize| numbers.estimate(rate, Metric::Nll).value.unwrap_or(f64::INFINITY);
    let best = (0..RATES.len()).fold(0, |best, rate| if nll(rate) < nll(best) { rate } else { best });
    Ok(Some(OverDropout { images: digits.len(), of, passes, seed, numbers, best }))
}

/// So many of the images, evenly chosen.
fn evenly(digits: &Digits, count: usize) -> Digits {
    let all = digits.len();
    let chosen: Vec<u32> = (0..count).map(|at| (at * all / count) as u32).collect();
    digits.parted(&chosen).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::synthetic;
    use crate::model::{AnyModel, Placement};
    use crate::progress::unobserved;

    fn found(digits: &Digits, threads: usize) -> OverDropout {
        let model = AnyModel::bundled().unwrap();
        let network = Network::new(model.lenet().unwrap().weights(), Placement::Last).unwrap();
        let resampling = Resampling { seed: 1, resamples: 40 };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let network = Arc::new(network);
        let asked = || over_dropout(&network, digits, (12, 3), resampling, &mut unobserved);
        pool.install(asked).unwrap().unwrap()
    }

    #[test]
    fn each_rate_has_the_numbers_of_a_run_at_it_and_the_best_is_that_of_least_nll() {
        let digits = synthetic::generate(80, 4);
        let all = found(&digits, 2);
        assert_eq!((all.images, all.of), (80, 80));
        let network = AnyModel::bundled().unwrap();
        let network = Arc::new(Network::new(network.lenet().unwrap().weights(), Placement::Last).unwrap());
        let mut nll = Vec::new();
        for (at, dropout) in RATES.into_iter().enumerate() {
            let config = SweepConfig { passes: 12, dropout, seed: 3 };
            let prefix = Prefix::of(&network, &digits, &mut unobserved).unwrap().unwrap();
            let go_on = &mut |_: SweepEvent| ControlFlow::Continue(());
            let samples = sampling::sweep(&prefix, &config, Samples::empty(80, &config), go_on).unwrap();
            let run = LabelledRun::new(&measure_all(&samples, 12), digits.labels());
            let numbers = run.all();
            for metric in METRICS {
                let (own, other) = (all.estimate(at, metric).value, numbers.get(metric));
                match (own, other) {
                    // Passes are kept in half precision, and a network without dropout is not.
                    (Ok(own), Ok(other)) if dropout == 0.0 => {
                        assert!((own - other).abs() < 2e-3, "{metric:?}");
                    }
                    (own, other) => assert_eq!(own.ok(), other.ok(), "{metric:?} at {dropout}"),
                }
            }
            nll.push(all.estimate(at, Metric::Nll).value.unwrap());
        }
        let least = nll.iter().copied().fold(f64::INFINITY, f64::min);
        assert_eq!(nll[all.best].to_bits(), least.to_bits());
        assert!((all.gain().value.unwrap() - (least - nll[0])).abs() < 1e-12);
        assert!(!all.told().is_empty());
    }

    #[test]
    fn the_numbers_are_the_same_for_any_number_of_threads_and_a_stop_is_heard() {
        let digits = synthetic::generate(70, 4);
        let [one, two] = [1, 2].map(|threads| found(&digits, threads));
        for rate in 0..RATES.len() {
            for metric in METRICS {
                assert_eq!(one.estimate(rate, metric), two.estimate(rate, metric));
            }
        }
        let model = AnyModel::bundled().unwrap();
        let network = Arc::new(Network::of_model(&model).unwrap());
        let mut asked = 0;
        let stop = &mut |_: Progress| {
            asked += 1;
            if asked > 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let stopped = over_dropout(&network, &digits, (5, 1), Resampling::default(), stop).unwrap();
        assert!(stopped.is_none());
        assert_eq!(evenly(&digits, 7).len(), 7);
    }
}
