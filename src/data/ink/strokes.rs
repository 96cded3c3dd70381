//! Pen strokes → 28×28.
//!
//! A stroke is drawn as the union of capsules (two round ends and what lies between) along its points. The coverage
//! of a working pixel is how far it lies within the edge, so edges are smooth before [`super::fit()`] averages areas.

use serde::{Deserialize, Serialize};

use super::{BOX_SIDE, PixelBox, Plane, fit};
use crate::data::{PIXELS, SIDE};

/// Working pixels for each pixel of the fitted digit, along a side. Coverage is anti-aliased already at this size;
/// more changes the result by less than one grey level of 255.
const OVERSAMPLING: usize = 4;
/// Longer side of the drawing at the working resolution.
const WORKING_SIDE: usize = BOX_SIDE * OVERSAMPLING;
/// Coverage below which a working pixel does not widen the digit's box.
const EDGE: f32 = 0.25;
/// Coverage up to which an image counts as blank: half a grey level.
const LEAST_INK: f32 = 0.5 / 255.0;

/// One movement of the pen or eraser. The unit is up to the caller: only proportions matter.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Stroke {
    /// Where the pen passed, (x, y) with y downwards; a single point is a dot.
    pub points: Vec<[f32; 2]>,
    /// Diameter of the pen's round tip, in the unit of the points.
    pub width: f32,
    /// Takes ink away rather than adding it.
    pub erase: bool,
}

/// A place the pen passed, and the radius of its tip there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PenPoint {
    /// Rightwards.
    pub x: f32,
    /// Downwards.
    pub y: f32,
    /// Half the line's width, in the same unit; it may change along the stroke, as pressure does.
    pub radius: f32,
}

/// One movement of the pen or eraser whose width may change along it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Trace {
    /// Where the pen passed.
    pub points: Vec<PenPoint>,
    /// Takes ink away rather than adding it.
    pub erase: bool,
}

/// Strokes as MNIST would hold them, `[28, 28]` in 0…1; `None` when no ink is left on the paper.
///
/// Strokes apply in the order given. Points that are not finite are passed over.
#[must_use]
pub fn from_strokes(strokes: &[Stroke]) -> Option<[f32; PIXELS]> {
    let traces: Vec<Trace> = strokes.iter().map(Stroke::trace).collect();
    from_traces(&traces)
}

impl Stroke {
    /// The same movement with the tip's radius at each point.
    pub(super) fn trace(&self) -> Trace {
        let radius = self.width.max(0.0) / 2.0;
        let points = self.points.iter().map(|&[x, y]| PenPoint { x, y, radius });
        Trace { points: points.collect(), erase: self.erase }
    }
}

/// Strokes over an image that already is as MNIST holds them, `[28, 28]` in 0…1, one unit of the paper for each of its
/// pixels; nothing is fitted or moved, so that what no stroke touches stays as it is. `None` when no ink is left.
pub(super) fn over(base: &[f32; PIXELS], traces: &[Trace]) -> Option<[f32; PIXELS]> {
    const WIDE: usize = SIDE * OVERSAMPLING;
    let view = View { origin: [0.0; 2], scale: OVERSAMPLING as f32, width: WIDE, height: WIDE };
    let mut plane = Plane::blank(WIDE, WIDE);
    for (at, value) in plane.values.iter_mut().enumerate() {
        let (x, y) = (at % WIDE / OVERSAMPLING, at / WIDE / OVERSAMPLING);
        *value = base[y * SIDE + x];
    }
    view.draw_over(&mut plane, traces);
    let image: [f32; PIXELS] = std::array::from_fn(|pixel| {
        let (x, y) = (pixel % SIDE * OVERSAMPLING, pixel / SIDE * OVERSAMPLING);
        // In double precision the sum of equal values gives back the value.
        let sum: f64 = (y..y + OVERSAMPLING)
            .flat_map(|row| &plane.values[row * WIDE + x..][..OVERSAMPLING])
            .map(|&value| f64::from(value))
            .sum();
        (sum / (OVERSAMPLING * OVERSAMPLING) as f64).clamp(0.0, 1.0) as f32
    });
    image.iter().any(|&value| value > LEAST_INK).then_some(image)
}

/// Strokes whose width may change along them, as MNIST would hold them.
///
/// `None` when no ink is left on the paper.
#[must_use]
pub fn from_traces(traces: &[Trace]) -> Option<[f32; PIXELS]> {
    let mut view = View::around(traces)?;
    let mut plane = view.draw(traces);
    // An eraser may have left a small part of what was drawn: draw that part again, large.
    for _ in 0..4 {
        let bounds = plane.bounds(EDGE)?;
        if bounds.longest() * 2 > WORKING_SIDE {
            break;
        }
        view = view.zoomed(bounds);
        plane = view.draw(traces);
    }
    fit(&plane, EDGE)
}

/// Which part of the paper is drawn, and how large.
#[derive(Clone, Copy, Debug)]
struct View {
    /// The paper's coordinates at the top left.
    origin: [f32; 2],
    /// Working pixels for one unit of the paper.
    scale: f32,
    /// Working pixels across.
    width: usize,
    /// Working pixels down.
    height: usize,
}

impl View {
    /// All the ink that was put on paper; `None` when there was none.
    fn around(traces: &[Trace]) -> Option<Self> {
        let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        for point in traces.iter().filter(|trace| !trace.erase).flat_map(|trace| &trace.points) {
            if point.is_drawable() {
                for (axis, at) in [point.x, point.y].into_iter().enumerate() {
                    low[axis] = low[axis].min(at - point.radius);
                    high[axis] = high[axis].max(at + point.radius);
                }
            }
        }
        Self::of(low, high)
    }

    /// A view of the paper between two corners.
    fn of(low: [f32; 2], high: [f32; 2]) -> Option<Self> {
        let size = [high[0] - low[0], high[1] - low[1]];
        let longest = size[0].max(size[1]);
        let scale = WORKING_SIDE as f32 / longest;
        if !(longest > 0.0 && longest.is_finite() && scale.is_finite()) {
            return None;
        }
        let pixels = |length: f32| ((length * scale).ceil() as usize).clamp(1, WORKING_SIDE + 1) + 2;
        Some(Self {
            // One pixel of margin for the outer half of smooth edges.
            origin: [low[0] - 1.0 / scale, low[1] - 1.0 / scale],
            scale,
            width: pixels(size[0]),
            height: pixels(size[1]),
        })
    }

    /// A view of a box of this one, one pixel wider on all sides.
    fn zoomed(self, bounds: PixelBox) -> Self {
        let paper = |pixel: f32, axis: usize| self.origin[axis] + pixel / self.scale;
        let low = [paper(bounds.left as f32 - 1.0, 0), paper(bounds.top as f32 - 1.0, 1)];
        let high = [paper(bounds.right as f32 + 1.0, 0), paper(bounds.bottom as f32 + 1.0, 1)];
        Self::of(low, high).unwrap_or(self)
    }

    /// The ink within this view.
    fn draw(&self, traces: &[Trace]) -> Plane {
        let mut plane = Plane::blank(self.width, self.height);
        self.draw_over(&mut plane, traces);
        plane
    }

    /// Puts traces on a plane of this view's size that may hold ink already.
    fn draw_over(&self, plane: &mut Plane, traces: &[Trace]) {
        let mut eraser = Plane::default();
        for Trace { points, erase } in traces {
            let mut drawable = points.iter().filter(|point| point.is_drawable()).map(|&at| self.project(at));
            let Some(mut from) = drawable.next() else { continue };
            if *erase {
                eraser = Plane::blank(self.width, self.height);
            }
            let target = if *erase { &mut eraser } else { &mut *plane };
            let mut alone = true;
            for to in drawable {
                draw_capsule(target, from, to);
                from = to;
                alone = false;
            }
            if alone {
                draw_capsule(target, from, from);
            }
            if *erase {
                for (ink, gone) in plane.values.iter_mut().zip(&eraser.values) {
                    *ink = ink.min(1.0 - gone);
                }
            }
        }
    }

    /// A point of the paper in working pixels.
    fn project(&self, point: PenPoint) -> PenPoint {
        PenPoint {
            x: (point.x - self.origin[0]) * self.scale,
            y: (point.y - self.origin[1]) * self.scale,
            radius: point.radius * self.scale,
        }
    }
}

impl PenPoint {
    /// Whether the pen's place and width are numbers it can be drawn with.
    fn is_drawable(&self) -> bool {
        self.x.is_finite() && self.y.is_finite() && self.radius.is_finite() && self.radius > 0.0
    }
}

/// Puts ink where a round tip passes in a straight line, its radius changing evenly. Where ink lies already, the
/// greater coverage stays, so that joints of a stroke do not show.
fn draw_capsule(plane: &mut Plane, from: PenPoint, to: PenPoint) {
    let reach = from.radius.max(to.radius) + 0.5;
    let range = |a: f32, b: f32, size: usize| {
        let first = (a.min(b) - reach).floor().max(0.0);
        let last = (a.max(b) + reach).ceil().clamp(0.0, size as f32);
        first.min(size as f32) as usize..last as usize
    };
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = dx * dx + dy * dy;
    let inverse = if length > 0.0 { 1.0 / length } else { 0.0 };
    let columns = range(from.x, to.x, plane.width);
    if columns.is_empty() {
        return;
    }
    for y in range(from.y, to.y, plane.height) {
        let py = y as f32 + 0.5 - from.y;
        let row = &mut plane.values[y * plane.width..][columns.clone()];
        for (x, ink) in columns.clone().zip(row) {
            let px = x as f32 + 0.5 - from.x;
            let along = ((px * dx + py * dy) * inverse).clamp(0.0, 1.0);
            let (ex, ey) = (px - along * dx, py - along * dy);
            let radius = from.radius + along * (to.radius - from.radius);
            let inside = radius - (ex * ex + ey * ey).sqrt();
            *ink = ink.max((inside + 0.5).clamp(0.0, 1.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CENTRE, centre_of_mass};
    use super::*;
    use proptest::prelude::*;

    fn line(points: &[[f32; 2]], width: f32) -> Stroke {
        Stroke { points: points.to_vec(), width, erase: false }
    }

    #[test]
    fn an_empty_or_fully_erased_paper_is_blank() {
        assert_eq!(from_strokes(&[]), None);
        assert_eq!(from_strokes(&[line(&[], 3.0)]), None);
        assert_eq!(from_strokes(&[line(&[[f32::NAN, 1.0]], 3.0)]), None);
        assert_eq!(from_strokes(&[line(&[[1.0, 1.0], [5.0, 5.0]], 0.0)]), None);
        let drawn = line(&[[0.0, 0.0], [10.0, 10.0]], 2.0);
        let erased = Stroke { width: 6.0, erase: true, ..drawn.clone() };
        assert_eq!(from_strokes(&[drawn, erased]), None);
    }

    #[test]
    fn a_vertical_line_has_the_width_of_its_pen() {
        // 100 long and 10 wide in all: fitted to 20×2 with round ends.
        let image = from_strokes(&[line(&[[50.0, 5.0], [50.0, 95.0]], 10.0)]).unwrap();
        let middle: f32 = image[14 * SIDE..15 * SIDE].iter().sum();
        assert!((middle - 2.0).abs() < 0.05, "{middle}");
        let mass: f32 = image.iter().sum();
        let expected = (90.0 * 10.0 + std::f32::consts::PI * 25.0) / 25.0;
        assert!((mass - expected).abs() < 0.02 * expected, "{mass} {expected}");
    }

    #[test]
    fn what_an_eraser_leaves_is_drawn_as_if_alone() {
        let kept = line(&[[0.0, 0.0], [2.0, 8.0], [6.0, 1.0]], 1.5);
        let gone = line(&[[200.0, 0.0], [200.0, 150.0]], 4.0);
        let eraser = Stroke { width: 10.0, erase: true, ..gone.clone() };
        let alone = from_strokes(std::slice::from_ref(&kept)).unwrap();
        let left = from_strokes(&[kept, gone, eraser]).unwrap();
        // The centre of mass may round to a neighbouring pixel: compare up to a shift of one.
        let apart = |dx: usize, dy: usize| {
            let pairs = (1..SIDE - 1).flat_map(|y| (1..SIDE - 1).map(move |x| (x, y)));
            let apart =
                pairs.map(|(x, y)| (alone[y * SIDE + x] - left[(y + dy - 1) * SIDE + x + dx - 1]).abs());
            apart.sum::<f32>() / 676.0
        };
        let least = (0..9).map(|shift| apart(shift % 3, shift / 3)).fold(f32::INFINITY, f32::min);
        assert!(least < 0.02, "{least}");
    }

    #[test]
    fn the_unit_of_the_paper_does_not_matter() {
        let stroke = line(&[[0.1, 0.2], [0.5, 0.9], [0.8, 0.1]], 0.1);
        let scaled = line(&[[101.0, 202.0], [105.0, 209.0], [108.0, 201.0]], 1.0);
        let (small, large) = (from_strokes(&[stroke]).unwrap(), from_strokes(&[scaled]).unwrap());
        let apart = small.iter().zip(&large).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart < 0.02, "{apart}");
    }

    proptest! {
        #[test]
        fn any_strokes_give_a_centred_image_or_nothing(
            strokes in proptest::collection::vec(
                (proptest::collection::vec([-1e4_f32..1e4, -1e4_f32..1e4], 0..8), 0.0_f32..2e3, any::<bool>()),
                0..6,
            )
        ) {
            let strokes: Vec<Stroke> = strokes
                .into_iter()
                .map(|(points, width, erase)| Stroke { points, width, erase })
                .collect();
            let image = from_strokes(&strokes);
            prop_assert_eq!(&image, &from_strokes(&strokes));
            if let Some(image) = image {
                prop_assert!(image.iter().all(|value| (0.0..=1.0).contains(value)));
                let [x, y] = centre_of_mass(&image).unwrap();
                prop_assert!((x - CENTRE).abs() <= 0.501 && (y - CENTRE).abs() <= 0.501, "{x} {y}");
            }
        }
    }
}
