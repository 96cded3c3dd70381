//! Images that two measures rank differently: one sees what the other does not.

use crate::data::Class;
use crate::uncertainty::ranking::{Order, RankingQuery, rank};
use crate::uncertainty::terms::LITTLE_DOUBT;
use crate::uncertainty::{Measure, Measures};

/// Below this predictive entropy, in nats, an image's rank is noise.
const LITTLE: f32 = LITTLE_DOUBT as f32;

/// The `count` images whose places in the orders of two measures, the most uncertain first, are furthest apart, those
/// furthest first. Only images of some doubt take part, and places are counted among them.
#[must_use]
pub fn ranked_most_differently(
    measures: &[Measures],
    labels: &[Class],
    pair: [Measure; 2],
    count: usize,
) -> Vec<u32> {
    let places = pair.map(|measure| {
        let order = if measure.high_means_uncertain() { Order::Highest } else { Order::Lowest };
        let query = RankingQuery { measure: Some(measure), order, ..RankingQuery::default() };
        let mut places = vec![0_usize; measures.len()];
        let doubted = |index: &u32| measures[*index as usize].predictive_entropy >= LITTLE;
        for (place, index) in rank(measures, labels, &query).into_iter().filter(doubted).enumerate() {
            places[index as usize] = place;
        }
        places
    });
    let mut apart: Vec<(usize, u32)> = (0_u32..)
        .zip(measures)
        .filter(|(_, measures)| measures.predictive_entropy >= LITTLE)
        .map(|(index, _)| (places[0][index as usize].abs_diff(places[1][index as usize]), index))
        .filter(|(distance, _)| *distance > 0)
        .collect();
    apart.sort_by_key(|(distance, index)| (std::cmp::Reverse(*distance), *index));
    apart.into_iter().take(count).map(|(_, index)| index).collect()
}
