//! What the dropout rate does to quality: the same network and the same masks at several rates p, on the same images.
//!
//! One uniform number decides for all rates whether a unit is dropped ([`crate::sampling::masks`]), and what comes before
//! the first dropout does not depend on p: it is computed once. Resamples are common to all rates, so that a difference
//! between two of them is paired.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::bootstrap::{Bootstrap, Estimate, Resampling, bootstrap};
use super::numbers::{LabelledRun, Metric};
use super::single_pass::deterministic;
use crate::data::{Class, Digits};
use crate::progress::Progress;
use crate::sampling::{
    Network, Prefix, Samples, SamplingError, SweepConfig, SweepEvent, logits_without_dropout, sweep,
};
use crate::uncertainty::{Measure, measure_all};

/// The rates that are tried: closer together where they are small, as dropout that a network was not trained with often
/// needs to be (Loquercio et al. 2020 put in 0.02).
pub const RATES: [f32; 12] = [0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// The numbers of every rate.
pub const OVER: [Metric; 4] =
    [Metric::Accuracy, Metric::Nll, Metric::Ece, Metric::ErrorAuroc(Measure::PredictiveEntropy)];

/// Rates that differ by less are the same.
const SAME: f32 = 5e-4;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct OverRates<'a> {
    /// The network, one rate for all of its sites.
    pub network: &'a Arc<Network>,
    /// The same with each site at the rate of its file, to be compared with; `None` where it has no such rates.
    pub as_trained: Option<&'a Arc<Network>>,
    /// The images. Those without a label are left out.
    pub digits: &'a Digits,
    /// T and seed; p is a rate that is tried beside [`RATES`].
    pub config: SweepConfig,
    /// How intervals are found.
    pub resampling: Resampling,
}

/// A part of the work; each counts its own progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The network without dropout, in images.
    Plain,
    /// What comes before the first dropout, in images.
    Features,
    /// The passes at all rates, in image·passes.
    Passes,
    /// The intervals, in resamples.
    Intervals,
}

/// Is told of the progress of each stage, and says whether to go on.
pub type Watch<'a> = &'a mut dyn FnMut(Stage, Progress) -> ControlFlow<()>;

/// The numbers at one rate.
#[derive(Clone, Debug, PartialEq)]
pub struct AtRate {
    /// Dropout rate p; `None`: each site at the rate of its file.
    pub dropout: Option<f32>,
    /// Those of [`OVER`], in its order.
    pub numbers: [Estimate; OVER.len()],
    /// Its NLL minus the least one, in nats: paired. Undefined where there is no least one.
    pub above_least: Option<Estimate>,
}

/// What the rate does.
#[derive(Clone, Debug, PartialEq)]
pub struct OverDropout {
    /// Labelled images asked about.
    pub images: usize,
    /// From the lowest rate, which is none, to the highest.
    pub rates: Vec<AtRate>,
    /// The network as it was trained, where it was at several rates.
    pub as_trained: Option<AtRate>,
    /// The place of the rate of least NLL, the lowest of equals; `None` where no NLL is finite.
    pub least: Option<usize>,
}

impl AtRate {
    /// One of its numbers.
    #[must_use]
    pub fn number(&self, metric: Metric) -> Option<Estimate> {
        OVER.iter().position(|own| *own == metric).map(|at| self.numbers[at])
    }

    /// Whether other images of the same kind would most likely have shown a larger NLL than that of the best rate, too.
    /// `None` without intervals.
    #[must_use]
    pub fn is_worse(&self) -> Option<bool> {
        self.above_least?.interval.map(|[low, _]| low > 0.0)
    }
}

impl fmt::Display for AtRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dropout {
            Some(rate) => write!(f, "p = {rate}"),
            None => f.write_str("the rates of the file"),
        }
    }
}

/// The rates that are tried, ascending: [`RATES`], and the one in use.
#[must_use]
pub fn rates(now: f32) -> Vec<f32> {
    let mut rates = RATES.to_vec();
    if (0.0..1.0).contains(&now) && RATES.iter().all(|rate| (rate - now).abs() > SAME) {
        rates.push(now);
        rates.sort_by(f32::total_cmp);
    }
    rates
}

/// Tries the rates; `None` when told to stop.
///
/// # Errors
/// When there is no pass, p is out of range, the images cannot be read, or there is no room for the passes of one rate.
pub fn over_dropout(asked: OverRates<'_>, watch: Watch<'_>) -> Result<Option<OverDropout>, SamplingError> {
    asked.config.check()?;
    let labelled;
    let digits = if asked.digits.labelled().len() == asked.digits.len() {
        asked.digits
    } else {
        labelled = asked.digits.clone().labelled_part();
        &labelled
    };
    let labels = digits.labels();
    let rates = rates(asked.config.dropout);
    let plain =
        logits_without_dropout(asked.network, digits.into(), None, &mut |at| watch(Stage::Plain, at))?;
    let Some(plain) = plain else { return Ok(None) };
    let mut runs = vec![LabelledRun::new(&deterministic(&plain), labels)];
    drop(plain);
    let some = rates.len() - 1 + usize::from(asked.as_trained.is_some());
    let mut sweeps = Sweeps { done: 0, of: some as u64, labels, config: asked.config, watch };
    let Some(at_rates) = sweeps.at(asked.network, digits, &rates[1..])? else { return Ok(None) };
    runs.extend(at_rates);
    if let Some(network) = asked.as_trained {
        // The rate is not that of any site.
        let Some(as_trained) = sweeps.at(network, digits, &[asked.config.dropout])? else { return Ok(None) };
        runs.extend(as_trained);
    }
    let runs: Vec<&LabelledRun> = runs.iter().collect();
    let numbers = bootstrap(&runs, asked.resampling, &mut |at| watch(Stage::Intervals, at));
    Ok(numbers.map(|numbers| OverDropout::new(digits.len(), &rates, asked.as_trained.is_some(), &numbers)))
}

/// One sweep after another, with one progress.
struct Sweeps<'a, 'w> {
    done: u64,
    of: u64,
    labels: &'a [Class],
    config: SweepConfig,
    watch: Watch<'w>,
}

impl Sweeps<'_, '_> {
    /// The answers of a network at these rates; `None` when told to stop.
    fn at(
        &mut self,
        network: &Arc<Network>,
        digits: &Digits,
        rates: &[f32],
    ) -> Result<Option<Vec<LabelledRun>>, SamplingError> {
        let prefix = Prefix::of(network, digits, &mut |at| (self.watch)(Stage::Features, at))?;
        let Some(prefix) = prefix else { return Ok(None) };
        let mut runs = Vec::with_capacity(rates.len());
        for rate in rates {
            let config = SweepConfig { dropout: *rate, ..self.config };
            let (done, of) = (self.done, self.of);
            let none = Samples::empty(prefix.images(), &config);
            let samples = sweep(&prefix, &config, none, &mut |event| match event {
                SweepEvent::Progress(at) => {
                    let all = Progress { done: done * at.total + at.done, total: of * at.total };
                    (self.watch)(Stage::Passes, all)
                }
                SweepEvent::Samples(_) => ControlFlow::Continue(()),
            })?;
            if samples.passes() < config.passes {
                return Ok(None);
            }
            let measures = measure_all(&samples, config.passes);
            samples.check_readable()?;
            runs.push(LabelledRun::new(&measures, self.labels));
            self.done += 1;
        }
        Ok(Some(runs))
    }
}

impl OverDropout {
    fn new(images: usize, rates: &[f32], as_trained: bool, numbers: &Bootstrap) -> Self {
        let nll = |run: usize| numbers.estimate(run, Metric::Nll).value.ok().filter(|nll| nll.is_finite());
        let finite = (0..rates.len()).filter_map(|run| Some((run, nll(run)?)));
        // Of equals the first is taken.
        let least = finite.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(run, _)| run);
        let at = |run: usize, dropout| AtRate {
            dropout,
            numbers: OVER.map(|metric| numbers.estimate(run, metric)),
            above_least: least.map(|least| numbers.difference(run, least, Metric::Nll)),
        };
        Self {
            images,
            rates: rates.iter().enumerate().map(|(run, rate)| at(run, Some(*rate))).collect(),
            as_trained: as_trained.then(|| at(rates.len(), None)),
            least,
        }
    }

    /// The rate of least NLL.
    #[must_use]
    pub fn best(&self) -> Option<&AtRate> {
        self.rates.get(self.least?)
    }

    /// The numbers at a rate, if it was tried; with `None`, those of each site at the rate of its file.
    #[must_use]
    pub fn at(&self, dropout: Option<f32>) -> Option<&AtRate> {
        let Some(dropout) = dropout else { return self.as_trained.as_ref() };
        self.rates.iter().find(|at| at.dropout.is_some_and(|rate| (rate - dropout).abs() <= SAME))
    }

    /// The rates whose NLL other images might have shown to be the least, that one among them. Empty without intervals.
    #[must_use]
    pub fn alike(&self) -> Vec<f32> {
        let alike = self.rates.iter().filter(|at| at.is_worse() == Some(false));
        alike.filter_map(|at| at.dropout).collect()
    }
}

#[cfg(test)]
mod tests;
