//! The plane of the two kinds of doubt, expected entropy against mutual information, or of any two measures, and
//! regions of it.

use crate::data::Class;
use std::sync::Arc;

use super::{Measure, Measures};

/// The measures along the axes of a plane: across, then up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PlaneAxes(pub [Measure; 2]);

impl Default for PlaneAxes {
    /// The two kinds of doubt.
    fn default() -> Self {
        Self([Measure::ExpectedEntropy, Measure::MutualInformation])
    }
}

impl PlaneAxes {
    /// Where an image is, in the units of the measures; no number where a measure says nothing of it.
    #[must_use]
    pub fn place(self, measures: &Measures, label: Class) -> [f32; 2] {
        self.0.map(|measure| measure.value(measures, label))
    }

    /// Whether they are the two parts of the predictive entropy, which add up to it.
    #[must_use]
    pub fn are_parts(self) -> bool {
        let Self([across, up]) = self;
        self == Self::default() || Self([up, across]) == Self::default()
    }
}

/// A rectangle of the plane, in the units of its axes: across, then up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The least of each.
    pub min: [f32; 2],
    /// The largest of each.
    pub max: [f32; 2],
}

/// What [`Bounds::around`] adds beyond the furthest place, as a share of it.
const MARGIN: f32 = 0.05;

impl Bounds {
    /// A part in which all these places lie, and both zeros, with a margin. Places that are no numbers do not count.
    #[must_use]
    pub fn around(places: &[[f32; 2]]) -> Self {
        let (mut min, mut max) = ([0.0_f32; 2], [0.02_f32; 2]);
        for place in places {
            for (axis, value) in place.iter().enumerate() {
                min[axis] = min[axis].min(*value);
                max[axis] = max[axis].max(*value);
            }
        }
        Self {
            min: std::array::from_fn(|axis| min[axis] - 0.5 * MARGIN * (max[axis] - min[axis])),
            max: std::array::from_fn(|axis| (1.0 + MARGIN) * max[axis] - MARGIN * min[axis]),
        }
    }

    /// The range of the places that the part was made around with [`Bounds::around`], along each axis.
    #[must_use]
    pub fn within(&self) -> [[f32; 2]; 2] {
        std::array::from_fn(|axis| {
            let (from, to) = (self.min[axis], self.max[axis]);
            let share = 0.5 * MARGIN / (1.0 + MARGIN);
            let least = (from + share * to) / (1.0 + 0.5 * MARGIN - share * MARGIN);
            // Where no measure is negative, rounding is all there is below zero.
            let least = if least.abs() < 1e-5 * (to - from) { 0.0 } else { least };
            [least, (to + MARGIN * least) / (1.0 + MARGIN)]
        })
    }

    /// The part between two corners, whichever they are.
    #[must_use]
    pub fn between(a: [f32; 2], b: [f32; 2]) -> Self {
        Self { min: [a[0].min(b[0]), a[1].min(b[1])], max: [a[0].max(b[0]), a[1].max(b[1])] }
    }

    /// The smallest part that holds both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            min: std::array::from_fn(|axis| self.min[axis].min(other.min[axis])),
            max: std::array::from_fn(|axis| self.max[axis].max(other.max[axis])),
        }
    }

    /// Whether a place is in it, its edge included.
    #[must_use]
    pub fn contains(&self, at: [f32; 2]) -> bool {
        (0..2).all(|axis| self.min[axis] <= at[axis] && at[axis] <= self.max[axis])
    }
}

/// A part of the plane drawn by the user.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A box.
    Box(Bounds),
    /// The inside of a closed line, by the even–odd rule: a place is inside when a ray from it crosses the line an
    /// odd number of times. The corners in the order drawn; the last is joined to the first.
    Lasso(Arc<[[f32; 2]]>),
}

impl Shape {
    /// Whether a place is in it. The edge of a box belongs to it; a place on an edge of a lasso belongs to exactly one
    /// of two lassos that share this edge from either side. NaN is nowhere.
    #[must_use]
    pub fn contains(&self, at: [f32; 2]) -> bool {
        match self {
            Self::Box(bounds) => bounds.contains(at),
            Self::Lasso(corners) => {
                let mut inside = false;
                for (at_corner, corner) in corners.iter().enumerate() {
                    let next = corners[(at_corner + 1) % corners.len()];
                    inside ^= crosses(*corner, next, at);
                }
                inside
            }
        }
    }

    /// The smallest rectangle around it.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        match self {
            Self::Box(bounds) => *bounds,
            Self::Lasso(corners) => {
                let start = corners.first().copied().unwrap_or_default();
                corners
                    .iter()
                    .fold(Bounds::between(start, start), |bounds, at| bounds.and(Bounds::between(*at, *at)))
            }
        }
    }
}

/// Whether the ray from a place to the right crosses a segment. The lower end belongs to the segment, the upper does
/// not, so that a ray through a corner is counted once; both directions of a segment give the same answer.
fn crosses(a: [f32; 2], b: [f32; 2], at: [f32; 2]) -> bool {
    let (low, high) = if a[1] <= b[1] { (a, b) } else { (b, a) };
    if !(low[1] <= at[1] && at[1] < high[1]) {
        return false;
    }
    let [along, up] = [0, 1].map(|axis| f64::from(high[axis]) - f64::from(low[axis]));
    let [x, y] = [0, 1].map(|axis| f64::from(at[axis]) - f64::from(low[axis]));
    x * up < along * y
}

/// Parts of the plane, one after the other added or taken out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Region {
    parts: Vec<(bool, Shape)>,
}

impl Region {
    /// A region of one shape.
    #[must_use]
    pub fn of(shape: Shape) -> Self {
        Self { parts: vec![(true, shape)] }
    }

    /// This region with a shape added, or taken out.
    #[must_use]
    pub fn with(&self, adds: bool, shape: Shape) -> Self {
        let mut parts = self.parts.clone();
        parts.push((adds, shape));
        Self { parts }
    }

    /// Its shapes in the order drawn, and whether each was added rather than taken out.
    #[must_use]
    pub fn parts(&self) -> &[(bool, Shape)] {
        &self.parts
    }

    /// Whether a place is in it: the last shape that holds the place decides.
    #[must_use]
    pub fn contains(&self, at: [f32; 2]) -> bool {
        self.parts.iter().rev().find(|(_, shape)| shape.contains(at)).is_some_and(|(adds, _)| *adds)
    }

    /// Indices of the places in it, ascending.
    #[must_use]
    pub fn inside(&self, places: &[[f32; 2]]) -> Vec<u32> {
        // Most places lie outside the rectangle around a lasso: they need no walk along its line.
        let around: Vec<Bounds> = self.parts.iter().map(|(_, shape)| shape.bounds()).collect();
        let within = |at: [f32; 2]| {
            let mut parts = self.parts.iter().zip(&around).rev();
            parts
                .find(|((_, shape), bounds)| bounds.contains(at) && shape.contains(at))
                .is_some_and(|((adds, _), _)| *adds)
        };
        (0_u32..).zip(places).filter(|(_, at)| within(**at)).map(|(index, _)| index).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lasso(corners: &[[f32; 2]]) -> Shape {
        Shape::Lasso(corners.into())
    }

    /// The winding of a polygon about a place, by the angles its edges are seen under: another method, for polygons
    /// that do not cross themselves.
    fn winds(corners: &[[f32; 2]], at: [f32; 2]) -> bool {
        let angle = |corner: [f32; 2]| f64::from(corner[1] - at[1]).atan2(f64::from(corner[0] - at[0]));
        let mut total = 0.0;
        for (i, corner) in corners.iter().enumerate() {
            let mut turn = angle(corners[(i + 1) % corners.len()]) - angle(*corner);
            turn -= (turn / std::f64::consts::TAU).round() * std::f64::consts::TAU;
            total += turn;
        }
        total.abs() > 3.0
    }

    #[test]
    fn a_lasso_is_what_its_line_goes_around_also_where_it_is_concave() {
        // A "U": its notch, between the arms and above y = 1, is outside.
        let corners =
            [[0.0, 0.0], [3.0, 0.0], [3.0, 3.0], [2.0, 3.0], [2.0, 1.0], [1.0, 1.0], [1.0, 3.0], [0.0, 3.0]];
        let shape = lasso(&corners);
        for (at, inside) in [([1.5, 2.0], false), ([1.5, 0.5], true), ([0.5, 2.5], true), ([2.5, 2.5], true)]
        {
            assert_eq!(shape.contains(at), inside, "{at:?}");
        }
        for step in 0..40 * 40 {
            let at = [(step % 40) as f32 * 0.1 - 0.47, (step / 40) as f32 * 0.1 - 0.43];
            assert_eq!(shape.contains(at), winds(&corners, at), "{at:?}");
        }
    }

    #[test]
    fn a_place_on_a_shared_edge_is_in_exactly_one_of_two_lassos() {
        let left = lasso(&[[0.0, 0.0], [1.0, 0.0], [1.3, 2.0], [0.0, 2.0]]);
        let right = lasso(&[[1.0, 0.0], [3.0, 0.0], [3.0, 2.0], [1.3, 2.0]]);
        for step in 0..100 {
            let share = step as f32 / 100.0;
            let at = [1.0 + 0.3 * share, 2.0 * share];
            assert!(left.contains(at) != right.contains(at), "{at:?}");
        }
        // A corner above and one beside: the ray through a corner is counted once.
        let diamond = lasso(&[[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]);
        assert!(
            diamond.contains([0.0, 0.0]) && !diamond.contains([-2.0, 0.0]) && !diamond.contains([2.0, 0.0])
        );
    }

    #[test]
    fn where_a_lasso_goes_around_twice_is_outside_again() {
        // A star of five points drawn in one go: its middle is gone around twice.
        let star: Vec<[f32; 2]> = (0..5)
            .map(|i| {
                let angle = std::f32::consts::FRAC_PI_2 + 2.0 * std::f32::consts::TAU * i as f32 / 5.0;
                [angle.cos(), angle.sin()]
            })
            .collect();
        let star = lasso(&star);
        assert!(!star.contains([0.0, 0.0]));
        assert!(star.contains([0.0, 0.7]));
        assert!(!star.contains([0.0, 1.1]));
        let eight = lasso(&[[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0]]);
        assert!(eight.contains([0.3, 1.0]) && eight.contains([1.7, 1.0]));
        assert!(!eight.contains([1.0, 1.7]) && !eight.contains([1.0, 0.3]));
    }

    #[test]
    fn a_line_without_an_inside_holds_nothing() {
        for corners in [
            &[][..],
            &[[0.5, 0.5]],
            &[[0.0, 0.0], [1.0, 1.0]],
            &[[0.0, 0.0], [1.0, 1.0], [0.5, 0.5], [0.2, 0.2]],
            &[[0.0, 0.5], [1.0, 0.5], [0.5, 0.5]],
        ] {
            let shape = lasso(corners);
            for at in [[0.5, 0.5], [0.0, 0.0], [1.0, 1.0], [0.25, 0.25], [f32::NAN, 0.5]] {
                assert!(!shape.contains(at), "{corners:?} holds {at:?}");
            }
        }
        let square = lasso(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]);
        assert!(square.contains([0.5, 0.5]) && !square.contains([0.5, f32::NAN]));
        assert!(!Shape::Box(Bounds::between([0.0, 0.0], [1.0, 1.0])).contains([f32::NAN, 0.5]));
    }

    #[test]
    fn shapes_are_added_and_taken_out_in_the_order_drawn() {
        let part = |from: f32, to: f32| Shape::Box(Bounds::between([from, 0.0], [to, 1.0]));
        let region = Region::of(part(0.0, 4.0)).with(false, part(1.0, 3.0)).with(true, part(2.0, 2.5));
        let places: Vec<[f32; 2]> = [0.5, 1.5, 2.2, 2.8, 3.5, 9.0].iter().map(|x| [*x, 0.5]).collect();
        assert_eq!(region.inside(&places), [0, 2, 4]);
        for (index, at) in places.iter().enumerate() {
            assert_eq!(region.contains(*at), [0, 2, 4].contains(&index), "{at:?}");
        }
        assert!(Region::default().inside(&places).is_empty());
    }

    #[test]
    fn bounds_hold_all_that_is_a_number() {
        let bounds = Bounds::around(&[[0.5, 0.1], [f32::NAN, 0.2], [0.0, 0.0]]);
        assert!(bounds.contains([0.5, 0.2]) && bounds.contains([0.0, 0.0]));
        assert!((bounds.within()[0][1] - 0.5).abs() < 1e-6 && (bounds.within()[1][1] - 0.2).abs() < 1e-6);
        assert!(bounds.within().iter().all(|[from, _]| from.abs() < f32::EPSILON));
        let bounds = Bounds::around(&[[-0.8, 0.3], [0.6, 0.1]]);
        let [[from, to], _] = bounds.within();
        assert!((from + 0.8).abs() < 1e-6 && (to - 0.6).abs() < 1e-6, "{bounds:?}");
        assert!(Bounds::around(&[]).max[0] > 0.0, "nothing has room too");
    }
}
