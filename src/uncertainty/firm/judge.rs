//! What bounds decide of one end of a ranking, which images leave it open, and how well these would have to be known.

use super::bounds::Bounds;
use crate::data::Class;
use crate::uncertainty::Order;

/// One end of the ranking of some images.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelf {
    /// The class whose images it ranks; all images where `None`.
    pub class: Option<Class>,
    /// Which end.
    pub end: Order,
    /// Images ranked, by dataset index.
    pub candidates: Vec<u32>,
    /// How many of them are on it.
    pub shown: usize,
}

/// An image that leaves something open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Open {
    /// Dataset index.
    pub index: u32,
    /// How far its bound is from its value, by how much it should be at most.
    pub excess: f64,
}

/// What is decided of a shelf.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// The images on it, the first one first.
    pub order: Vec<u32>,
    /// Images that leave open which are on it.
    pub set_open: Vec<Open>,
    /// Images that leave their order open.
    pub order_open: Vec<Open>,
    /// Images on it in whose place another could truly stand, within the tolerance.
    pub tied: Vec<u32>,
}

impl Verdict {
    /// Which images are on it is decided.
    #[must_use]
    pub fn set_is_decided(&self) -> bool {
        self.set_open.is_empty()
    }

    /// And in which order.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.set_open.is_empty() && self.order_open.is_empty()
    }
}

/// Two limits that decide between what is before them and what is after: those before are no lower than the first, those
/// after no higher than the second, which is the tolerance above it.
struct Cut {
    before: f64,
    after: f64,
}

impl Cut {
    /// Between two neighbouring values, `highest` the highest that anything after can be, `lowest` the lowest before.
    fn new([last, next]: [f64; 2], [lowest, highest]: [f64; 2], tolerance: f64) -> Self {
        let middle = 0.5 * (last + next);
        // What one side does not need of the tolerance is the other's.
        let after = highest.min(middle + 0.5 * tolerance);
        let before = lowest.max(after - tolerance).min(last);
        Self { before, after: (before + tolerance).max(next) }
    }
}

fn excess(index: u32, wide: f64, allowed: f64) -> Open {
    Open { index, excess: if allowed > 0.0 { wide / allowed } else { f64::INFINITY } }
}

impl Shelf {
    /// What these bounds decide, to a tolerance.
    #[must_use]
    pub fn judge(&self, bounds: impl Fn(u32) -> Bounds, tolerance: f64) -> Verdict {
        // The first along the order has the highest number.
        let turned = |index: u32| {
            let own = bounds(index);
            match self.end {
                Order::Highest => own,
                Order::Lowest => Bounds { value: -own.value, low: -own.high, high: -own.low, ..own },
            }
        };
        let mut ranked: Vec<(u32, Bounds)> =
            self.candidates.iter().map(|index| (*index, turned(*index))).collect();
        ranked.sort_by(|a, b| b.1.value.total_cmp(&a.1.value).then(a.0.cmp(&b.0)));
        let (on, off) = ranked.split_at(self.shown.min(ranked.len()));
        let mut verdict =
            Verdict { order: on.iter().map(|(index, _)| *index).collect(), ..Verdict::default() };
        let highest_off = off.iter().map(|(_, bounds)| bounds.high).fold(f64::NEG_INFINITY, f64::max);
        let lowest_on = on.iter().map(|(_, bounds)| bounds.low).fold(f64::INFINITY, f64::min);
        if highest_off > lowest_on + tolerance
            && let (Some(last), Some(next)) = (on.last(), off.first())
        {
            let cut = Cut::new([last.1.value, next.1.value], [lowest_on, highest_off], tolerance);
            for (index, bounds) in on.iter().filter(|(_, bounds)| bounds.low < cut.before) {
                verdict.set_open.push(excess(*index, bounds.value - bounds.low, bounds.value - cut.before));
            }
            for (index, bounds) in off.iter().filter(|(_, bounds)| bounds.high > cut.after) {
                verdict.set_open.push(excess(*index, bounds.high - bounds.value, cut.after - bounds.value));
            }
        }
        // The highest that anything after each place can be, and the lowest before it, on the shelf.
        let mut after = vec![f64::NEG_INFINITY; on.len() + 1];
        for (at, (_, bounds)) in on.iter().enumerate().rev() {
            after[at] = bounds.high.max(after[at + 1]);
        }
        let mut before = f64::INFINITY;
        let mut open: Vec<Option<f64>> = vec![None; on.len()];
        for at in 0..on.len() {
            before = before.min(on[at].1.low);
            if after[at + 1].max(highest_off) > on[at].1.low {
                verdict.tied.push(on[at].0);
            }
            if at + 1 == on.len() || after[at + 1] <= before + tolerance {
                continue;
            }
            let values = [on[at].1.value, on[at + 1].1.value];
            let cut = Cut::new(values, [before, after[at + 1]], tolerance);
            let mut leave = |place: usize, wide: f64, allowed: f64| {
                let excess = if allowed > 0.0 { wide / allowed } else { f64::INFINITY };
                open[place] = Some(open[place].map_or(excess, |known| known.max(excess)));
            };
            for (place, (_, bounds)) in on.iter().enumerate() {
                if place <= at && bounds.low < cut.before {
                    leave(place, bounds.value - bounds.low, bounds.value - cut.before);
                } else if place > at && bounds.high > cut.after {
                    leave(place, bounds.high - bounds.value, cut.after - bounds.value);
                }
            }
        }
        let open = on.iter().zip(open);
        let open =
            open.filter_map(|((index, _), excess)| excess.map(|excess| Open { index: *index, excess }));
        verdict.order_open = open.collect();
        verdict
    }
}
