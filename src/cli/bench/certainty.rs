//! What a second tells: how much less noise balanced masks leave, and what it takes to make rankings firm.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use crate::cli::Failure;
use crate::cli::timing::Comparison;
use crate::data::{Class, Digits};
use crate::model::{Lenet, Placement};
use crate::progress::unobserved;
use crate::sampling::{MaskDesign, Network, Prefix, Samples, SweepConfig, sweep};
use crate::uncertainty::firm::{Firm, FirmEvent, FirmQuery, Shelf, make_firm};
use crate::uncertainty::{Measure, Measures, Order, measure_all};
use crate::wording;

use super::variants::{INDEPENDENT_WAY, STEADY_WAY, name};

/// Passes from which variances are known to a few percent.
const PASSES: usize = 1_000;
/// Doubt above which they are compared, in nats.
const DOUBT: f32 = 0.5;
/// Images of each end of a ranking, and how far it is decided, in nats.
const SHOWN: usize = 30;
/// See [`SHOWN`].
const TOLERANCE: f64 = 0.01;

/// What balanced masks and further passes bring, `dense`.
#[derive(Debug, serde::Serialize)]
pub(super) struct Certainty {
    /// Variance of the predictive entropy per pass against that of independent masks: the median of images of more than half
    /// a nat. `None` where there is none.
    variance: Option<f64>,
    /// Image·passes that decided which images are most and least certain of each class.
    firm_passes: u64,
    /// Seconds that took, after the sweep.
    firm_seconds: f64,
    /// Lists decided, of how many.
    decided: [usize; 2],
}

impl Certainty {
    pub(super) fn new(lenet: &Lenet, digits: &Digits, config: SweepConfig) -> Result<Self, Failure> {
        let network = Arc::new(Network::new(lenet.weights().clone(), Placement::Dense)?);
        let prefix = Prefix::of(&network, digits, &mut unobserved)?.ok_or(Failure::Stopped)?;
        let swept = |config: SweepConfig| -> Result<(Samples, Vec<Measures>), Failure> {
            let none = Samples::empty(digits.len(), &config);
            let samples = sweep(&prefix, &config, none, &mut |_| ControlFlow::Continue(()))?;
            let measures = measure_all(&samples, config.passes);
            Ok((samples, measures))
        };
        let long =
            |masks| swept(SweepConfig { passes: PASSES, masks, ..config }).map(|(_, measures)| measures);
        let (balanced, independent) = (long(MaskDesign::Balanced)?, long(MaskDesign::Independent)?);
        let doubtful = independent.iter().zip(&balanced).filter(|(m, _)| m.predictive_entropy > DOUBT);
        let ratio = |(apart, balanced): (&Measures, &Measures)| {
            (f64::from(balanced.predictive_entropy_se) / f64::from(apart.predictive_entropy_se)).powi(2)
        };
        let mut ratios: Vec<f64> = doubtful.map(ratio).collect();
        ratios.sort_by(f64::total_cmp);
        let (samples, measures) = swept(config)?;
        let classes = digits.classes().len() as Class;
        let shelves = (0..classes).flat_map(|class| {
            let own = |index: &u32| digits.label(*index) == Some(class);
            let candidates: Vec<u32> = (0..digits.len() as u32).filter(own).collect();
            let shown = SHOWN.min(candidates.len() / 2);
            [Order::Lowest, Order::Highest].map(|end| Shelf {
                class: Some(class),
                end,
                candidates: candidates.clone(),
                shown,
            })
        });
        // Which images, and no more: their order takes several times as many.
        let query = FirmQuery {
            measure: Measure::PredictiveEntropy,
            shelves: shelves.collect(),
            tolerance: TOLERANCE,
            budget: u64::MAX,
        };
        let start = Instant::now();
        let mut spent = 0;
        let firm = make_firm(
            &prefix,
            &samples,
            (&measures, config.passes),
            digits.labels(),
            &query,
            Firm::default(),
            &mut |event| match event {
                FirmEvent::Round(firm) => {
                    spent = firm.spent;
                    let sets = firm.shelves.iter().all(|state| state.verdict.set_is_decided());
                    if sets { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                }
                FirmEvent::Progress(_) => ControlFlow::Continue(()),
            },
        )?;
        let sets = firm.shelves.iter().filter(|state| state.verdict.set_is_decided()).count();
        Ok(Self {
            variance: ratios.get(ratios.len() / 2).copied(),
            firm_passes: spent,
            firm_seconds: start.elapsed().as_secs_f64(),
            decided: [sets, firm.shelves.len()],
        })
    }

    pub(super) fn write(&self, writer: &mut dyn Write, ratios: &[Comparison]) -> io::Result<()> {
        let [fast, slow] = [STEADY_WAY, INDEPENDENT_WAY].map(|way| name(Placement::Dense, way));
        let rate = ratios.iter().find(|found| found.fast == fast && found.slow == slow);
        if let Some(variance) = self.variance {
            let precision = rate.map_or(f64::NAN, |rate| rate.ratio) / variance;
            writeln!(
                writer,
                "dense, variance of H per pass: {variance:.2} of that of independent masks (median above {DOUBT} nats); \
                 precision per second {precision:.1} times theirs"
            )?;
        }
        writeln!(
            writer,
            "dense, the {SHOWN} most and least certain of each class decided to {TOLERANCE} nats in {} of {} lists: {} \
             image·passes, {:.1} s",
            self.decided[0],
            self.decided[1],
            wording::thousands(self.firm_passes),
            self.firm_seconds
        )
    }
}
