//! How firm a place in a ranking is: where else an image could be, and how many passes would settle it.
//!
//! Images share their masks, so their errors are not independent. Over 200 seeds of 100 passes, though, the errors of
//! neighbours in a ranking of MNIST were correlated by 0.01 on average (−0.2 … 0.4), so differences are judged as those
//! of independent estimates.
//!
//! For images with almost no doubt the standard error is too small (see [`super::interval`]), so their places are less
//! firm than these bounds suggest; [`is_skewed`] identifies them.

use crate::data::Class;

use super::noise::{NORMAL_95, freedom, student_95};
use super::{Measure, Measures, Order};

/// Intervals of so many standard errors on either side touch while two values of equal error differ by less than 1.96
/// standard errors of their difference: 1.96/√2 (Goldstein & Healy 1995, *The graphical presentation of a collection
/// of means*).
const TOUCHING: f32 = 1.386;
/// Above this ratio of standard error to value, an entropy comes from a few passes.
const FEW: f32 = 0.25;

/// Whether noise leaves open what an image's place in a list suggests, of which the first `shown` of `of` images are
/// seen; `span` is that of [`spans`]:
/// - in a part of a ranking, when an image outside it could as well take its place: it may not be one of those shown;
/// - in the whole of it, when its possible places spread over more than a twentieth of it.
#[must_use]
pub fn is_open([first, last]: [u32; 2], shown: usize, of: usize) -> bool {
    let (first, last) = (first as usize, last as usize);
    if shown < of { last >= shown } else { 20 * (last - first) > of }
}

/// For each place in a ranking, the first and the last place, counted from 0, at which the image there could as well
/// stand: behind those whose interval lies wholly ahead of its own, ahead of those whose lies wholly behind. Empty where
/// a standard error is not known: after a single draw, and for measures that need the passes themselves.
///
/// `sorted` says from which end the values of `order` start.
#[must_use]
pub fn spans(
    order: &[u32],
    measures: &[Measures],
    labels: &[Class],
    measure: Measure,
    sorted: Order,
) -> Vec<[u32; 2]> {
    let sign = match sorted {
        Order::Highest => 1.0,
        Order::Lowest => -1.0,
    };
    let intervals: Option<Vec<[f32; 2]>> = order
        .iter()
        .map(|&index| {
            let (measures, label) = (measures.get(index as usize)?, *labels.get(index as usize)?);
            let value = sign * measure.value(measures, label);
            let reach = TOUCHING * widened(measures) * measure.standard_error(measures, label)?;
            (value - reach).is_finite().then_some([value - reach, value + reach])
        })
        .collect();
    let Some(intervals) = intervals else { return Vec::new() };
    let sorted = |end: usize| {
        let mut ends: Vec<f32> = intervals.iter().map(|interval| interval[end]).collect();
        ends.sort_unstable_by(f32::total_cmp);
        ends
    };
    let (lows, highs) = (sorted(0), sorted(1));
    intervals
        .iter()
        .map(|&[low, high]| {
            let ahead = lows.len() - lows.partition_point(|other| *other <= high);
            let behind = highs.partition_point(|other| *other < low);
            [ahead as u32, (highs.len() - 1 - behind) as u32]
        })
        .collect()
}

/// Quartets are a quarter as many draws as passes, so that their spread is known less well: Student's quantile over the
/// normal one.
fn widened(measures: &Measures) -> f32 {
    if measures.together == 1 { 1.0 } else { (student_95(freedom(measures.draws())) / NORMAL_95) as f32 }
}

/// Whether so much of an image's entropy comes from a few passes that its standard error is too small.
#[must_use]
pub fn is_skewed(measures: &Measures, label: Class, measure: Measure) -> bool {
    let entropy = !measure.unit().is_empty();
    let value = measure.value(measures, label);
    let error = measure.standard_error(measures, label).unwrap_or(f32::NAN);
    entropy && error > FEW * value
}

/// What would tell two images apart, from the easiest to the hardest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parting {
    /// This many passes in all, if their values stay the same.
    Passes(u64),
    /// Their values are equal so far: more passes may tell, but not how many.
    Equal,
    /// There is no standard error to judge by.
    Unknown,
    /// All that is measured of them is the same, as of one image twice: no number of passes.
    Never,
}

/// What would tell two images apart by a measure. Standard errors fall with √T and a difference counts beyond 1.96 of
/// them, so `T (1.96)² (se_a² + se_b²) / difference²` passes.
#[must_use]
pub fn parting(first: (&Measures, Class), second: (&Measures, Class), measure: Measure) -> Parting {
    let values = [first, second].map(|(measures, label)| measure.value(measures, label));
    if same(first.0, second.0) && values[0].to_bits() == values[1].to_bits() {
        return Parting::Never;
    }
    let error = |(measures, label): (&Measures, Class)| {
        measure.standard_error(measures, label).filter(|error| error.is_finite()).map(f64::from)
    };
    let (Some(one), Some(other)) = (error(first), error(second)) else { return Parting::Unknown };
    let difference = f64::from(values[0]) - f64::from(values[1]);
    if difference == 0.0 {
        return Parting::Equal;
    }
    let passes = f64::from(first.0.passes.max(second.0.passes));
    let needed = passes * (NORMAL_95 * one.hypot(other) / difference).powi(2);
    Parting::Passes(needed.ceil().max(1.0) as u64)
}

/// Whether two images gave the same passes, as far as their sums tell.
fn same(first: &Measures, second: &Measures) -> bool {
    first.mean.map(f32::to_bits) == second.mean.map(f32::to_bits)
        && first.votes == second.votes
        && first.expected_entropy.to_bits() == second.expected_entropy.to_bits()
        && first.mean_logit_entropy.to_bits() == second.mean_logit_entropy.to_bits()
}

/// What would tell the image at a place of a ranking from both its neighbours; `None` when it has none.
#[must_use]
pub fn parting_from_neighbours(
    order: &[u32],
    place: usize,
    measures: &[Measures],
    labels: &[Class],
    measure: Measure,
) -> Option<Parting> {
    let image = |place: Option<usize>| {
        let index = *order.get(place?)? as usize;
        Some((measures.get(index)?, *labels.get(index)?))
    };
    let own = image(Some(place))?;
    let neighbours = [image(place.checked_sub(1)), image(place.checked_add(1))];
    neighbours.into_iter().flatten().map(|neighbour| parting(own, neighbour, measure)).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::CLASSES;
    use crate::data::PerClass;
    use crate::random::{Purpose, uniform};
    use crate::sampling::Statistics;

    /// An image with this entropy and standard error after 100 passes, unlike any other.
    fn image(entropy: f32, error: f32) -> Measures {
        let mut statistics = Statistics::zero(10);
        statistics.passes = 100;
        statistics.probability[0] = 100.0;
        let mut mean = PerClass::filled(CLASSES, 0.0);
        mean[0] = 1.0 - entropy / 10.0;
        Measures {
            mean,
            predictive_entropy: entropy,
            predictive_entropy_se: error,
            ..Measures::new(&statistics)
        }
    }

    fn spans_of(measures: &[Measures], sorted: Order) -> Vec<[u32; 2]> {
        let order: Vec<u32> = (0..measures.len() as u32).collect();
        spans(&order, measures, &vec![0; measures.len()], Measure::PredictiveEntropy, sorted)
    }

    #[test]
    fn a_place_is_between_those_clearly_ahead_and_those_clearly_behind() {
        // Intervals of ±0.1386: 0.861…1.139, 0.661…0.939, 0.461…0.739, and two points.
        let measures = [image(1.0, 0.1), image(0.8, 0.1), image(0.6, 0.1), image(0.5, 0.0), image(0.1, 0.0)];
        assert_eq!(spans_of(&measures, Order::Highest), [[0, 1], [0, 2], [1, 3], [2, 3], [4, 4]]);
        let mut backwards = measures;
        backwards.reverse();
        assert_eq!(spans_of(&backwards, Order::Lowest), [[0, 0], [1, 2], [1, 3], [2, 4], [3, 4]]);
    }

    #[test]
    fn equal_errors_touch_exactly_where_their_difference_is_noise() {
        // 1.96 √2 · 0.1 = 0.2772.
        let pair = |gap: f32| spans_of(&[image(1.0, 0.1), image(1.0 - gap, 0.1)], Order::Highest);
        assert_eq!(pair(0.2770), [[0, 1], [0, 1]]);
        assert_eq!(pair(0.2774), [[0, 0], [1, 1]]);
    }

    #[test]
    fn spans_are_those_of_comparing_every_pair() {
        let mut measures: Vec<Measures> = (0..300)
            .map(|i| {
                let number = |which: u64| uniform(5, Purpose::Bootstrap, [i, which]);
                image(number(0), 0.1 * number(1))
            })
            .collect();
        measures.sort_by(|a, b| b.predictive_entropy.total_cmp(&a.predictive_entropy));
        let clear = |a: &Measures, b: &Measures| {
            a.predictive_entropy - TOUCHING * a.predictive_entropy_se
                > b.predictive_entropy + TOUCHING * b.predictive_entropy_se
        };
        for (place, (span, own)) in spans_of(&measures, Order::Highest).iter().zip(&measures).enumerate() {
            let ahead = measures.iter().filter(|other| clear(other, own)).count();
            let behind = measures.iter().filter(|other| clear(own, other)).count();
            assert_eq!(*span, [ahead as u32, (299 - behind) as u32]);
            assert!((span[0] as usize..=span[1] as usize).contains(&place));
        }
    }

    #[test]
    fn without_errors_no_place_is_known_and_without_noise_every_place_is_firm() {
        assert!(spans_of(&[image(1.0, f32::NAN), image(0.5, f32::NAN)], Order::Highest).is_empty());
        assert!(spans(&[0], &[image(1.0, 0.1)], &[0], Measure::MeanLogitEntropy, Order::Highest).is_empty());
        assert_eq!(spans_of(&[image(1.0, 0.0), image(0.5, 0.0)], Order::Highest), [[0, 0], [1, 1]]);
        assert_eq!(spans_of(&[image(1.0, 0.3)], Order::Highest), [[0, 0]]);
        assert!(spans_of(&[], Order::Highest).is_empty());
    }

    #[test]
    fn passes_needed_grow_with_the_square_of_error_over_difference() {
        let part = |a: &Measures, b: &Measures| parting((a, 0), (b, 0), Measure::PredictiveEntropy);
        // 100 (1.96)² (0.01 + 0.01) / 0.1² = 768.3.
        assert_eq!(part(&image(1.0, 0.1), &image(0.9, 0.1)), Parting::Passes(769));
        // Half the difference needs four times as many, give or take the rounding of 0.95 and of the ceiling.
        let Parting::Passes(more) = part(&image(1.0, 0.1), &image(0.95, 0.1)) else { panic!("a number") };
        assert!(more.abs_diff(3074) <= 1, "{more}");
        assert_eq!(part(&image(1.0, 0.0), &image(0.9, 0.0)), Parting::Passes(1), "without dropout");
        assert_eq!(part(&image(1.0, f32::NAN), &image(0.9, 0.1)), Parting::Unknown);
    }

    #[test]
    fn after_the_passes_needed_the_difference_is_clear() {
        // The same images with √(769/100) times smaller errors.
        let error = 0.1 / 7.69_f32.sqrt();
        let spans = spans_of(&[image(1.0, error), image(0.9, error)], Order::Highest);
        assert_eq!(spans, [[0, 0], [1, 1]]);
        let error = 0.1 / 7.66_f32.sqrt();
        let spans = spans_of(&[image(1.0, error), image(0.9, error)], Order::Highest);
        assert_eq!(spans, [[0, 1], [0, 1]]);
    }

    #[test]
    fn one_image_twice_is_never_told_apart_and_equal_shares_may_be() {
        let one = image(1.0, 0.1);
        let pair = |other: &Measures, measure| parting((&one, 0), (other, 0), measure);
        assert_eq!(pair(&one, Measure::PredictiveEntropy), Parting::Never);
        let mut other = one.clone();
        other.votes[3] = 7;
        assert_eq!(pair(&other, Measure::PredictiveEntropy), Parting::Equal);
        let order = [0, 1, 2];
        let measures = [image(1.0, 0.1), one.clone(), image(0.9, 0.1)];
        let hardest =
            |place| parting_from_neighbours(&order, place, &measures, &[0; 3], Measure::PredictiveEntropy);
        assert_eq!(hardest(2), Some(Parting::Passes(769)));
        assert_eq!(hardest(1), Some(Parting::Never));
        let alone = parting_from_neighbours(&[2], 0, &measures, &[0; 3], Measure::PredictiveEntropy);
        assert_eq!(alone, None);
    }
}
