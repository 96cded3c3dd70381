//! Quality against the dropout rate: what is asked, what is shown of it, and what it says in words.

use std::sync::Arc;

use super::opened::OpenedModel;
use super::tables::{DifferenceText, NumberText};
use crate::data::Digits;
use crate::model::{AnyModel, Placement};
use crate::progress::{Observer, Progress};
use crate::sampling::{MaskDesign, Network, Pairing, SamplingError, SweepConfig};
use crate::uncertainty::quality::over_dropout::{
    AtRate, OVER, OverDropout, OverRates, RATES, Stage, over_dropout,
};
use crate::uncertainty::quality::{Estimate, Metric, Resampling};
use crate::wording::{self, number};

/// What to keep in mind, in one sentence.
pub const ADVICE: &str = "Choose p on images that the network has not learnt from, and give the final numbers of others: the \
                          least of many flatters.";

/// Images that are asked about at least, where there are as many: of fewer the intervals would say nothing.
const FEWEST: usize = 500;

/// What the numbers are of. Which rate is in use does not matter to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverDropoutKey {
    /// The images, and the network with one rate for all of its sites.
    pub pairing: Pairing,
    /// Passes T.
    pub passes: usize,
    /// Seed of the masks.
    pub seed: u64,
}

/// What is asked for.
pub struct OverDropoutJob {
    /// What it will be computed from.
    pub key: OverDropoutKey,
    /// Images and labels.
    pub digits: Arc<Digits>,
    /// What they are called: `MNIST, test`.
    pub data: String,
    /// The network, at the rates in use.
    pub model: OpenedModel,
    /// The rate in use.
    pub dropout: f32,
}

/// What is shown.
#[derive(Clone, Debug)]
pub struct OverDropoutView {
    /// What it was computed from.
    pub key: OverDropoutKey,
    /// The network, the images, T and seed, in words.
    pub of: String,
    /// Where it comes from, for the footer of a chart.
    pub footer: String,
    /// The numbers.
    pub found: OverDropout,
    /// Those of [`OVER`] over p, in its order.
    pub curves: [RateCurve; OVER.len()],
    /// The numbers in words.
    pub rows: Vec<RateRow>,
}

/// One number over p.
#[derive(Clone, Debug)]
pub struct RateCurve {
    /// Which.
    pub metric: Metric,
    /// p and the number, where it exists and can be drawn.
    pub line: Vec<[f64; 2]>,
    /// p and the ends of the interval, where there is one.
    pub band: Vec<[f64; 3]>,
    /// The least and the largest value to be drawn.
    pub range: [f64; 2],
}

/// The numbers of one rate in words.
#[derive(Clone, Debug)]
pub struct RateRow {
    /// p; `None`: each site at the rate of its file.
    pub dropout: Option<f32>,
    /// Those of [`OVER`], in its order.
    pub numbers: [NumberText; OVER.len()],
    /// Its NLL minus the least one; `None` of that one itself.
    pub above_least: Option<DifferenceText>,
}

impl RateCurve {
    fn new(found: &OverDropout, at: usize) -> Self {
        let metric = OVER[at];
        // What is read by its logarithm has no place at 0.
        let drawable = |value: f64| value.is_finite() && (value > 0.0 || !is_logarithmic(metric));
        let (mut line, mut band) = (Vec::new(), Vec::new());
        let mut range = [f64::INFINITY, f64::NEG_INFINITY];
        for row in &found.rates {
            let (Some(p), Ok(value)) = (row.dropout.map(f64::from), row.numbers[at].value) else { continue };
            if !drawable(value) {
                continue;
            }
            line.push([p, value]);
            range = [range[0].min(value), range[1].max(value)];
            if let Some([low, high]) =
                row.numbers[at].interval.filter(|ends| ends.iter().all(|end| drawable(*end)))
            {
                band.push([p, low, high]);
                range = [range[0].min(low), range[1].max(high)];
            }
        }
        if range[0] > range[1] {
            range = [0.0, 1.0];
        }
        Self { metric, line, band, range }
    }
}

/// Whether a number is shown by its logarithm: it grows tenfold and more between small rates and large ones.
#[must_use]
pub fn is_logarithmic(metric: Metric) -> bool {
    matches!(metric, Metric::Nll | Metric::Ece)
}

impl RateRow {
    fn new(at: &AtRate, is_least: bool) -> Self {
        let above = at.above_least.filter(|_| !is_least);
        Self {
            dropout: at.dropout,
            numbers: at.numbers.map(NumberText::from),
            above_least: above.map(|estimate| DifferenceText::new(Metric::Nll, estimate)),
        }
    }
}

impl OverDropoutView {
    fn new(job: &OverDropoutJob, common: &OpenedModel, found: OverDropout) -> Self {
        let OverDropoutKey { passes, seed, .. } = job.key;
        let all = job.digits.labelled().len();
        let images = if found.images < all {
            let some = wording::thousands(found.images as u64);
            format!("{some} of {}, each class in its share", wording::count(all, "image"))
        } else {
            wording::count(all, "image")
        };
        // With more than one site, a rate says more than it seems to.
        let sites = common.what.graph().map_or(0, |graph| graph.on.iter().filter(|on| **on).count());
        let one_rate = if sites > 1 { ", one p for all sites" } else { "" };
        let rows = found.rates.iter().chain(&found.as_trained).enumerate();
        Self {
            key: job.key,
            of: format!("{} on {}: {images}, T = {passes}, seed {seed}{one_rate}", job.model.name, job.data),
            footer: format!(
                "{}, {images} · model {} · T = {passes} · p from 0 to {}{one_rate} · seed {seed} · dubito {}",
                job.data,
                job.model.what.named(),
                RATES[RATES.len() - 1],
                env!("CARGO_PKG_VERSION")
            ),
            curves: std::array::from_fn(|at| RateCurve::new(&found, at)),
            rows: rows.map(|(place, at)| RateRow::new(at, found.least == Some(place))).collect(),
            found,
        }
    }
}

/// Tries a dozen rates; `None` when told to stop. Of more images than take reasonable time some are asked about, each class
/// in its share.
///
/// # Errors
/// When the network cannot be asked, or is not that of the key.
pub fn try_rates(job: &OverDropoutJob, observe: Observer) -> Result<Option<OverDropoutView>, SamplingError> {
    let common = match &*job.model.what {
        AnyModel::Lenet(_) => job.model.clone(),
        AnyModel::Graph(_) => job.model.changed(AnyModel::at_common_rate),
    };
    job.key.pairing.check(&common.pairing(&job.digits))?;
    let network = common.network()?;
    let as_trained = job.model.what.has_own_rates().then(|| job.model.network()).transpose()?;
    let OverDropoutKey { passes, seed, .. } = job.key;
    // The rates are compared pass by pass, with masks of the same numbers: only independent ones have these at every rate.
    let config = SweepConfig { passes, dropout: job.dropout, seed, masks: MaskDesign::Independent };
    let most = most_images(&network, config.passes);
    // The same images, where all are asked about: their hash is known.
    let some = (job.digits.labelled().len() > most).then(|| job.digits.some(most, config.seed));
    let asked = OverRates {
        network: &network,
        as_trained: as_trained.as_ref(),
        digits: some.as_ref().unwrap_or(&job.digits),
        config,
        resampling: Resampling { seed: config.seed, ..Resampling::default() },
    };
    let found = over_dropout(asked, &mut |stage, at| observe(whole(stage, at)))?;
    Ok(found.map(|found| OverDropoutView::new(job, &common, found)))
}

/// How many images are asked about at most: so many that it takes about half a minute on two cores.
fn most_images(network: &Network, passes: usize) -> usize {
    let image_passes: usize = match network.placement() {
        Some(Placement::Last) => 100_000_000,
        Some(Placement::All) => 2_000_000,
        None if network.is_slow() => 600_000,
        Some(Placement::Dense) | None => 15_000_000,
    };
    (image_passes / (passes.max(1) * RATES.len())).max(FEWEST)
}

/// Where the whole work is, in thousandths, given where a stage is.
fn whole(stage: Stage, at: Progress) -> Progress {
    let [from, to] = match stage {
        Stage::Plain => [0.0, 15.0],
        Stage::Features => [15.0, 30.0],
        Stage::Passes => [30.0, 900.0],
        Stage::Intervals => [900.0, 1000.0],
    };
    let share = f64::from(at.fraction().unwrap_or(0.0));
    Progress { done: (from + (to - from) * share) as u64, total: 1000 }
}

/// The words of what was found, a sentence each. The least is compared with the rate in use, which is `called` so, and with
/// no dropout.
#[must_use]
pub fn sentences(found: &OverDropout, in_use: Option<&AtRate>, called: &str) -> Vec<String> {
    let Some(best) = found.best() else {
        return vec!["No NLL is finite: there is no least one.".to_owned()];
    };
    let alike = found.alike();
    let others = alike.iter().filter(|rate| Some(**rate) != best.dropout);
    let others: Vec<String> = others.map(f32::to_string).collect();
    let others = match &others[..] {
        [] => String::new(),
        [one] => format!("; with other images it might as well be at {one}"),
        [rest @ .., last] => {
            format!("; with other images it might as well be at {} or {last}", rest.join(", "))
        }
    };
    let nll = best.number(Metric::Nll).and_then(|estimate| estimate.value.ok());
    let nll = nll.map_or_else(|| "–".to_owned(), number);
    let mut sentences = vec![format!("Least NLL: {nll} nats at {best}{others}.")];
    if let Some(at) = in_use.filter(|at| at.dropout != best.dropout) {
        sentences.extend(higher(at, &format!("At {at}, {called},"), best));
    }
    let said = [best.dropout, in_use.and_then(|at| at.dropout)];
    if let Some(plain) = found.rates.first().filter(|plain| !said.contains(&plain.dropout)) {
        sentences.extend(higher(plain, "Without dropout", best));
    }
    sentences
}

/// `At p = 0.5, in use now, it is higher by 0.0020 [0.0011, 0.0030]: p = 0.3 is better.`
fn higher(at: &AtRate, there: &str, best: &AtRate) -> Option<String> {
    let Estimate { value, interval } = at.above_least?;
    let by = value.ok()?;
    // Several rates together may do better than any one of them for all sites.
    let (than, than_best, interval) = if by < 0.0 {
        ("lower", "worse", interval.map(|[low, high]| [-high, -low]))
    } else {
        ("higher", "better", interval)
    };
    let said = NumberText::from(Estimate { value: Ok(by.abs()), interval });
    let ends = said.interval.map_or_else(String::new, |ends| format!(" {}", ends.replace('-', "−")));
    let verdict = match interval {
        Some([low, _]) if low > 0.0 => format!(": {best} is {than_best}"),
        Some(_) => ": other images might have shown the opposite".to_owned(),
        None => String::new(),
    };
    Some(format!("{there} it is {than} by {}{ends}{verdict}.", said.value.unwrap_or_default()))
}

#[cfg(test)]
// Exact numbers are meant where they are compared.
#[allow(clippy::float_cmp)]
mod tests {
    use super::*;
    use crate::uncertainty::quality::Undefined;

    /// Rates with an NLL, and how far it is above the least.
    fn found(rows: &[(f32, f64, [f64; 2])]) -> OverDropout {
        let least = (0..rows.len()).min_by(|a, b| rows[*a].1.total_cmp(&rows[*b].1));
        let at = |(rate, nll, ends): &(f32, f64, [f64; 2])| {
            let estimate = |value, interval| Estimate { value: Ok(value), interval };
            let none = Estimate { value: Err(Undefined::AllRight), interval: None };
            let above = nll - rows[least.unwrap()].1;
            AtRate {
                dropout: Some(*rate),
                numbers: [estimate(0.9, Some([0.8, 1.0])), estimate(*nll, None), estimate(0.0, None), none],
                above_least: Some(estimate(above, Some(*ends))),
            }
        };
        OverDropout { images: 7, rates: rows.iter().map(at).collect(), as_trained: None, least }
    }

    #[test]
    fn the_words_say_which_is_least_and_how_surely() {
        let rows = [
            (0.0, 0.25, [-0.01, 0.2]),
            (0.1, 0.2, [0.0, 0.0]),
            (0.2, 0.21, [-0.02, 0.03]),
            (0.5, 0.5, [0.1, 0.4]),
        ];
        let found = found(&rows);
        let said = sentences(&found, found.at(Some(0.5)), "in use now").join(" ");
        let expected = "Least NLL: 0.2000 nats at p = 0.1; with other images it might as well be at 0 or 0.2. At p = \
                        0.5, in use now, it is higher by 0.3000 [0.1000, 0.4000]: p = 0.1 is better. Without dropout it \
                        is higher by 0.0500 [−0.0100, 0.2000]: other images might have shown the opposite.";
        assert_eq!(said, expected);
        // What is in use is not told of twice, nor is what nothing is known of.
        assert_eq!(sentences(&found, found.at(Some(0.1)), "in use now").len(), 2);
        assert_eq!(sentences(&found, found.at(Some(0.0)), "in use now").len(), 2);
        assert!(found.at(Some(0.37)).is_none() && found.at(None).is_none());
        let trained = AtRate { dropout: None, ..found.rates[3].clone() };
        assert!(sentences(&found, Some(&trained), "in use now")[1].starts_with("At the rates of the file,"));
        let lower = Estimate { value: Ok(-0.03), interval: Some([-0.05, -0.01]) };
        let trained = AtRate { above_least: Some(lower), ..trained };
        let said = sentences(&found, Some(&trained), "in use now");
        assert!(said[1].ends_with("it is lower by 0.0300 [0.0100, 0.0500]: p = 0.1 is worse."), "{said:?}");
        let infinite = OverDropout { least: None, ..found };
        assert_eq!(sentences(&infinite, None, ""), ["No NLL is finite: there is no least one."]);
    }

    #[test]
    fn what_has_no_logarithm_is_not_drawn() {
        let found = found(&[(0.0, 0.1, [0.0, 0.0]), (0.5, f64::INFINITY, [0.0, 1.0])]);
        let [accuracy, nll, ece, auroc] = [0, 1, 2, 3].map(|at| RateCurve::new(&found, at));
        assert_eq!((accuracy.line.len(), accuracy.band.len(), accuracy.range), (2, 2, [0.8, 1.0]));
        assert_eq!((nll.line, nll.range), (vec![[0.0, 0.1]], [0.1, 0.1]));
        assert!(ece.line.is_empty() && auroc.line.is_empty());
        assert_eq!(ece.range, [0.0, 1.0]);
    }

    #[test]
    fn all_of_mnist_is_asked_about_but_not_by_a_slow_network() {
        let bundled = OpenedModel::bundled().unwrap();
        assert!(most_images(&bundled.network().unwrap(), 100) >= 10_000);
        let weights = bundled.what.lenet().unwrap().weights();
        let all = Network::new(weights, Placement::All).unwrap();
        assert_eq!([10, 100, 1000].map(|passes| most_images(&all, passes)), [16_666, 1_666, FEWEST]);
    }

    #[test]
    fn what_is_shown_says_what_it_is_of() {
        let digits = Arc::new(crate::data::synthetic::generate(30, 3));
        let model = OpenedModel::bundled().unwrap();
        let key = OverDropoutKey { pairing: model.pairing(&digits), passes: 3, seed: 4 };
        let job = OverDropoutJob { key, digits, data: "digits, test".to_owned(), model, dropout: 0.37 };
        let mut shares = Vec::new();
        let mut observe = |at: Progress| {
            shares.push(at.fraction().unwrap());
            std::ops::ControlFlow::Continue(())
        };
        let view = try_rates(&job, &mut observe).unwrap().unwrap();
        assert!(shares.is_sorted() && shares.last() == Some(&1.0), "{shares:?}");
        assert_eq!((view.rows.len(), view.found.images), (RATES.len() + 1, 30));
        assert_eq!(view.of, "bundled LeNet on digits, test: 30 images, T = 3, seed 4");
        assert!(view.footer.contains("p from 0 to 0.9 · seed 4 · dubito"), "{}", view.footer);
        assert!(view.found.at(Some(0.37)).is_some());
        assert_eq!(view.rows.iter().filter(|row| row.above_least.is_none()).count(), 1);
        let fewer = OverDropout { images: 20, ..view.found };
        let view = OverDropoutView::new(&job, &job.model, fewer);
        assert!(view.of.contains(": 20 of 30 images, each class in its share, T = 3"), "{}", view.of);
        // Not those of another key.
        let pairing = Pairing { dataset: [0; 32], ..job.key.pairing };
        let other = OverDropoutJob { key: OverDropoutKey { pairing, ..job.key }, ..job };
        assert!(try_rates(&other, &mut crate::progress::unobserved).is_err());
    }
}
