//! The nearest of many places, however many lie in one spot: a k-d tree laid out in one list.

/// Places looked through one by one.
const LEAF: usize = 16;
/// Halves of more places than this are arranged in parallel.
const PARALLEL: usize = 8_192;

/// Indices of places in the order of a k-d tree: the one in the middle parts the others, those before it from those
/// after it, along one axis and then along the other.
#[derive(Clone, Debug, Default)]
pub struct Nearest {
    indices: Vec<u32>,
}

/// What the nearest is sought to.
struct Search<'a> {
    places: &'a [[f32; 2]],
    at: [f32; 2],
    scale: [f32; 2],
    /// Its squared distance and its index.
    best: Option<(f32, u32)>,
    /// How many places were looked at.
    #[cfg(test)]
    looks: usize,
}

impl Nearest {
    /// Arranges some of the places; those that are no numbers are left out.
    #[must_use]
    pub fn new(places: &[[f32; 2]], some: impl Iterator<Item = u32>) -> Self {
        let is_number = |index: &u32| places[*index as usize].iter().all(|value| !value.is_nan());
        let mut indices: Vec<u32> = some.filter(is_number).collect();
        arrange(&mut indices, places, 0);
        Self { indices }
    }

    /// The one nearest to a point and its squared distance, where a step along an axis counts as much as `scale` says.
    /// Of several at the same distance it is always the same one.
    #[must_use]
    pub fn find(&self, places: &[[f32; 2]], at: [f32; 2], scale: [f32; 2]) -> Option<(f32, u32)> {
        let mut search = Search {
            places,
            at,
            scale,
            best: None,
            #[cfg(test)]
            looks: 0,
        };
        search.look(&self.indices, 0, [0.0; 2]);
        search.best
    }
}

fn arrange(indices: &mut [u32], places: &[[f32; 2]], axis: usize) {
    if indices.len() <= LEAF {
        return;
    }
    let middle = indices.len() / 2;
    let value = |index: u32| places[index as usize][axis];
    indices.select_nth_unstable_by(middle, |a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
    let parallel = indices.len() > PARALLEL;
    let (low, rest) = indices.split_at_mut(middle);
    let high = &mut rest[1..];
    if parallel {
        rayon::join(|| arrange(low, places, 1 - axis), || arrange(high, places, 1 - axis));
    } else {
        arrange(low, places, 1 - axis);
        arrange(high, places, 1 - axis);
    }
}

impl Search<'_> {
    /// Looks through a part of the tree that lies at least so far away along each axis.
    fn look(&mut self, indices: &[u32], axis: usize, away: [f32; 2]) {
        let least = away[0] * away[0] + away[1] * away[1];
        if self.best.is_some_and(|(best, _)| least >= best) {
            return;
        }
        if indices.len() <= LEAF {
            for index in indices {
                self.consider(*index);
            }
            return;
        }
        let (low, rest) = indices.split_at(indices.len() / 2);
        let (root, high) = (rest[0], &rest[1..]);
        self.consider(root);
        let gap = (self.at[axis] - self.places[root as usize][axis]) * self.scale[axis];
        let (near, far) = if gap < 0.0 { (low, high) } else { (high, low) };
        self.look(near, 1 - axis, away);
        let mut beyond = away;
        beyond[axis] = beyond[axis].max(gap.abs());
        self.look(far, 1 - axis, beyond);
    }

    fn consider(&mut self, index: u32) {
        #[cfg(test)]
        {
            self.looks += 1;
        }
        let place = self.places[index as usize];
        let [x, y] = std::array::from_fn(|axis| (self.at[axis] - place[axis]) * self.scale[axis]);
        let distance = x * x + y * y;
        if self.best.is_none_or(|(best, _)| distance < best) {
            self.best = Some((distance, index));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, uniform};

    fn number(key: u64, axis: u64) -> f32 {
        uniform(7, Purpose::Bootstrap, [key, axis])
    }

    #[test]
    fn it_finds_what_a_look_at_every_place_finds() {
        let mut places: Vec<[f32; 2]> =
            (0..20_000).map(|key| [number(key, 0).powi(3), 0.5 * number(key, 1)]).collect();
        places[17] = [f32::NAN, 0.1];
        // Many in one spot.
        for place in &mut places[1_000..9_000] {
            *place = [0.25, 0.125];
        }
        let some = || (0..20_000_u32).filter(|index| index % 3 != 0);
        let nearest = Nearest::new(&places, some());
        for key in 30_000..30_300 {
            let at = [1.2 * number(key, 0) - 0.1, 0.6 * number(key, 1) - 0.05];
            let scale = [100.0 + 400.0 * number(key, 2), 300.0];
            let distance = |index: u32| {
                let [x, y] = [0, 1].map(|axis| (at[axis] - places[index as usize][axis]) * scale[axis]);
                x * x + y * y
            };
            let least = some().map(distance).filter(|distance| !distance.is_nan()).fold(f32::MAX, f32::min);
            let (found, index) = nearest.find(&places, at, scale).unwrap();
            assert!(index % 3 != 0);
            assert_eq!((found.to_bits(), distance(index).to_bits()), (least.to_bits(), least.to_bits()));
        }
    }

    #[test]
    fn in_a_spot_where_thousands_lie_few_are_looked_at() {
        let places = vec![[0.1, 0.1]; 100_000];
        let nearest = Nearest::new(&places, 0..100_000);
        for at in [[0.0, 0.0], [0.1, 0.0], [0.3, 0.2], [0.1, 0.1]] {
            let mut search = Search { places: &places, at, scale: [1.0; 2], best: None, looks: 0 };
            search.look(&nearest.indices, 0, [0.0; 2]);
            assert!(search.best.is_some() && search.looks < 10_000, "{} at {at:?}", search.looks);
        }
    }

    #[test]
    fn among_no_places_none_is_nearest() {
        assert_eq!(Nearest::default().find(&[], [0.0; 2], [1.0; 2]), None);
        assert_eq!(Nearest::new(&[[0.0, f32::NAN]], 0..1).find(&[[0.0, f32::NAN]], [0.0; 2], [1.0; 2]), None);
        assert_eq!(
            Nearest::new(&[[3.0, 4.0]], 0..1).find(&[[3.0, 4.0]], [0.0; 2], [1.0; 2]),
            Some((25.0, 0))
        );
    }
}
