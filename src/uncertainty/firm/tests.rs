//! Whether what is guaranteed holds: shelves judged by hand, and rankings of images whose truth is known.

use std::convert::Infallible;
use std::ops::{ControlFlow, Range};

use super::bounds::{Bounds, Simultaneous};
use super::judge::Shelf;
use super::rounds::{Drawn, Firm, FirmEvent, FirmOutcome, FirmQuery, Going, Wanted, run};
use super::tail::TailSums;
use crate::data::PerClass;
use crate::random::{Purpose, uniform};
use crate::sampling::Statistics;
use crate::uncertainty::{Measure, Measures, Order};

fn bounds(value: f64, reach: f64) -> Bounds {
    Bounds { value, low: value - reach, high: value + reach, few: false }
}

fn shelf(images: u32, shown: usize, end: Order) -> Shelf {
    Shelf { class: None, end, candidates: (0..images).collect(), shown }
}

#[test]
fn a_set_is_decided_when_nothing_off_it_can_be_ahead_by_more_than_the_tolerance() {
    let judge = |reaches: [f64; 4], tolerance: f64, end: Order| {
        let values = [4.0, 3.0, 2.0, 1.0];
        shelf(4, 2, end).judge(|index| bounds(values[index as usize], reaches[index as usize]), tolerance)
    };
    let verdict = judge([0.1; 4], 0.0, Order::Highest);
    assert_eq!(verdict.order, [0, 1]);
    assert!(verdict.is_decided() && verdict.tied.is_empty());
    // 3 ± 0.6 and 2 ± 0.6 overlap by 0.2: decided to 0.2, not to less.
    let wide = [0.1, 0.6, 0.6, 0.1];
    assert!(judge(wide, 0.2001, Order::Highest).set_is_decided());
    let verdict = judge(wide, 0.0, Order::Highest);
    let open: Vec<u32> = verdict.set_open.iter().map(|open| open.index).collect();
    assert_eq!((open, verdict.tied), (vec![1, 2], vec![1]), "both sides of the boundary, and no other image");
    assert!(verdict.set_open.iter().all(|open| (1.15..1.25).contains(&open.excess)), "0.6 in place of 0.5");
    // The other end, seen from there.
    let verdict = judge(wide, 0.0, Order::Lowest);
    assert_eq!(verdict.order, [3, 2]);
    assert_eq!(verdict.set_open.iter().map(|open| open.index).collect::<Vec<_>>(), [2, 1]);
    assert!(verdict.order_open.is_empty());
}

#[test]
fn an_order_is_open_where_two_neighbours_could_be_exchanged() {
    let values = [4.0, 3.9, 2.0, 1.0];
    let judge =
        |tolerance| shelf(4, 3, Order::Highest).judge(|index| bounds(values[index as usize], 0.1), tolerance);
    let verdict = judge(0.0);
    assert!(verdict.set_is_decided() && !verdict.is_decided());
    assert_eq!(verdict.order_open.iter().map(|open| open.index).collect::<Vec<_>>(), [0, 1]);
    assert!(judge(0.11).is_decided(), "0.1 apart at most");
    assert_eq!(judge(0.11).tied, [0], "and still tied: either could be ahead");
}

#[test]
fn equal_images_are_ties_and_never_open_beyond_the_tolerance() {
    let verdict = shelf(5, 2, Order::Highest).judge(|_| bounds(0.7, 0.004), 0.01);
    assert!(verdict.is_decided(), "all within 0.008");
    assert_eq!(verdict.tied.len(), 2);
    // To a tolerance of 0 no number of passes decides between equal images.
    let verdict = shelf(5, 2, Order::Highest).judge(|_| bounds(0.7, 1e-9), 0.0);
    assert!(!verdict.set_is_decided());
    // Without error, as without dropout, there is nothing to decide.
    assert!(shelf(5, 2, Order::Highest).judge(|_| bounds(0.7, 0.0), 0.0).is_decided());
    let none = shelf(0, 2, Order::Highest).judge(|_| bounds(0.7, 0.0), 0.01);
    assert!(none.is_decided() && none.order.is_empty());
    assert!(shelf(3, 3, Order::Lowest).judge(|index| bounds(f64::from(index), 0.1), 0.0).is_decided());
}

#[test]
fn bounds_widen_with_every_look_and_with_the_images() {
    let measures = Measures::new(&drawn(&Image { mean: -1.0, spread: 1.0 }, 0, 0..100, 1).sums);
    let width = |images: usize, look: usize| {
        let bounds = Simultaneous::new(images).of(&measures, (look, None), 0, Measure::PredictiveEntropy);
        bounds.high - bounds.low
    };
    assert!(width(10, 0) < width(10, 1) && width(10, 1) < width(1_000, 1));
    // One image, one look: 6/π² of 5 %, Student's with 99 degrees of freedom.
    let bounds = Simultaneous::new(1).of(&measures, (0, None), 0, Measure::PredictiveEntropy);
    let reach = (bounds.high - bounds.value) / f64::from(measures.predictive_entropy_se);
    assert!((reach - 2.20).abs() < 0.02, "{reach}");
}

/// An image of two classes whose passes have normal logits.
#[derive(Clone, Copy)]
struct Image {
    mean: f64,
    spread: f64,
}

impl Image {
    fn probability(self, normal: f64) -> f64 {
        1.0 / (1.0 + (-(self.mean + self.spread * normal)).exp())
    }

    /// The entropy of the mean, to ten figures: the trapezium rule.
    fn truth(self) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for step in -4_000..=4_000 {
            let x = f64::from(step) * 0.0025;
            let weight = (-0.5 * x * x).exp();
            sum += weight * self.probability(x);
            weights += weight;
        }
        let p: f64 = sum / weights;
        -p * p.ln() - (1.0 - p) * (1.0 - p).ln()
    }
}

/// Some passes of an image, with random numbers of this seed.
fn drawn(image: &Image, index: u32, passes: Range<usize>, seed: u64) -> Drawn {
    let pass = |pass: usize| {
        let number =
            |which: u64| f64::from(uniform(seed, Purpose::Bootstrap, [u64::from(index), pass as u64, which]));
        // Box and Muller's.
        let normal = (-2.0 * (1.0 - number(0)).ln()).sqrt() * (std::f64::consts::TAU * number(1)).cos();
        let p = image.probability(normal) as f32;
        PerClass::from_fn(2, |class| if class == 1 { p } else { 1.0 - p })
    };
    let drawn: Vec<PerClass<f32>> = passes.map(pass).collect();
    Drawn { sums: Statistics::of_passes(&drawn), tail: TailSums::new(&drawn) }
}

/// A ranking of images of every degree of doubt, made firm; the truths, the outcome, and what was decided.
fn simulated(seed: u64, tolerance: f64, budget: u64) -> (Vec<f64>, Firm) {
    let number = |at: u32, which: u64| f64::from(uniform(seed, Purpose::Synthetic, [u64::from(at), which]));
    let images: Vec<Image> =
        (0..60).map(|at| Image { mean: -6.0 * number(at, 0), spread: 0.3 + 1.2 * number(at, 1) }).collect();
    let first: Vec<Drawn> = (0..).zip(&images).map(|(at, image)| drawn(image, at, 0..100, seed)).collect();
    let measures: Vec<Measures> = first.iter().map(|drawn| Measures::new(&drawn.sums)).collect();
    let tails: Vec<Option<TailSums>> = first.iter().map(|drawn| drawn.tail).collect();
    let ends = [Order::Highest, Order::Lowest];
    let shelves = ends.map(|end| shelf(60, 8, end)).to_vec();
    let query = FirmQuery { measure: Measure::PredictiveEntropy, shelves, tolerance, budget };
    let mut draw = |wanted: &[Wanted], passes: Range<usize>, _: &mut Going<'_>| {
        let own = |(index, tail): &Wanted| {
            let mut drawn = drawn(&images[*index as usize], *index, passes.clone(), seed);
            // Logits are summed about what the first passes gave.
            drawn.tail = tail.map(|mut tail| {
                for pass in sampled(&images[*index as usize], *index, passes.clone(), seed) {
                    tail.add(&pass);
                }
                tail
            });
            drawn
        };
        Ok::<_, Infallible>(Some(wanted.iter().map(own).collect()))
    };
    let mut base = |indices: &[u32]| -> Vec<Statistics> {
        indices.iter().map(|index| first[*index as usize].sums.clone()).collect()
    };
    let labels = vec![0; images.len()];
    let firm = run(
        &query,
        (&measures, &tails, &labels),
        (&mut base, 100),
        &mut draw,
        Firm::default(),
        &mut |_: FirmEvent<'_>| ControlFlow::Continue(()),
    );
    let firm = match firm {
        Ok(firm) => firm,
        Err(never) => match never {},
    };
    (images.iter().map(|image| image.truth()).collect(), firm)
}

fn sampled(image: &Image, index: u32, passes: Range<usize>, seed: u64) -> Vec<[f32; 2]> {
    let pass = |pass: usize| {
        let number =
            |which: u64| f64::from(uniform(seed, Purpose::Bootstrap, [u64::from(index), pass as u64, which]));
        let normal = (-2.0 * (1.0 - number(0)).ln()).sqrt() * (std::f64::consts::TAU * number(1)).cos();
        let p = image.probability(normal) as f32;
        [1.0 - p, p]
    };
    passes.map(pass).collect()
}

/// Whether a decided shelf is wrong: an image off it truly ahead of one on it by more than the tolerance, or one further back
/// ahead of one before it.
fn fails(firm: &Firm, truths: &[f64], tolerance: f64) -> bool {
    firm.shelves.iter().any(|state| {
        let turned = |index: &u32| {
            let truth = truths[*index as usize];
            if state.shelf.end == Order::Highest { truth } else { -truth }
        };
        let on: Vec<f64> = state.verdict.order.iter().map(turned).collect();
        let off = state.shelf.candidates.iter().filter(|index| !state.verdict.order.contains(index));
        let lowest = on.iter().copied().fold(f64::INFINITY, f64::min);
        let set = state.verdict.set_is_decided() && off.map(turned).any(|truth| truth > lowest + tolerance);
        let exchanged = |at: usize| on[at + 1..].iter().any(|after| *after > on[at] + tolerance);
        set || state.verdict.is_decided() && (0..on.len()).any(exchanged)
    })
}

#[test]
fn of_a_thousand_rankings_at_most_one_in_twenty_is_wrong() {
    const RANKINGS: u64 = 1_000;
    let (mut wrong, mut sets, mut all, mut spent) = (0, 0, 0, 0);
    let (mut read, mut decided) = (Errors::default(), Errors::default());
    for seed in 1..=RANKINGS {
        let (truths, firm) = simulated(seed, 0.05, 60_000);
        wrong += u32::from(fails(&firm, &truths, 0.05));
        sets += firm.shelves.iter().filter(|state| state.verdict.set_is_decided()).count();
        all += firm.shelves.iter().filter(|state| state.verdict.is_decided()).count();
        spent += firm.spent;
        for state in firm.shelves.iter().filter(|state| state.shelf.end == Order::Highest) {
            for index in &state.verdict.order {
                let truth = truths[*index as usize];
                if let Some([own, all]) = firm.both(*index) {
                    read.add(&own, truth);
                    decided.add(&all, truth);
                }
            }
        }
    }
    println!(
        "{wrong} of {RANKINGS} wrong; sets decided in {sets} and all in {all} of {} shelves, {} passes each; read {}, all passes {}",
        2 * RANKINGS,
        spent / RANKINGS,
        read.told(),
        decided.told()
    );
    assert!(wrong <= 50, "{wrong} of {RANKINGS}");
    assert!(sets as u64 > RANKINGS, "{sets}: little is decided at all");
    // What is shown was not stopped by what it says: its mean error is none.
    assert!(read.standardised().abs() < 4.0, "{}", read.told());
}

/// The mean of errors, in the standard error that they say it has.
#[derive(Default)]
struct Errors {
    sum: f64,
    variance: f64,
    count: f64,
}

impl Errors {
    fn add(&mut self, measures: &Measures, truth: f64) {
        self.sum += f64::from(measures.predictive_entropy_corrected) - truth;
        self.variance += f64::from(measures.predictive_entropy_se).powi(2);
        self.count += 1.0;
    }

    fn standardised(&self) -> f64 {
        self.sum / self.variance.sqrt()
    }

    fn told(&self) -> String {
        format!("{:+.6} nats ({:+.1} standard errors)", self.sum / self.count, self.standardised())
    }
}

#[test]
fn a_budget_below_one_round_draws_nothing_and_says_so() {
    let (_, firm) = simulated(1, 0.01, 10);
    assert_eq!((firm.spent, firm.rounds, firm.outcome), (0, 0, FirmOutcome::BudgetSpent));
    assert!(firm.images().next().is_none() && !firm.shelves.is_empty());
    let (_, firm) = simulated(1, 0.0, 100_000);
    assert!(firm.spent <= 100_000 && firm.spent > 0);
}
