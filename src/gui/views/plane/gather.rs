//! What is in the part of the plane shown: gathered over several frames where it is too much for one.

use std::ops::Range;
use std::sync::Arc;

use super::axes::Frame;
use super::density::{CELL, Cells, Counts};
use super::few::Few;
use super::foreign::Strangers;
use crate::data::Class;
use crate::gui::action::Colouring;
use crate::gui::theme::CLASS_COLOURS;
use crate::shown::highlight::Highlight;
use crate::shown::{GalleryView, Layer, PlanePoints};

/// Images looked at in one frame: less than a millisecond of work, and 25 frames for 300,000 images.
pub(super) const A_FRAME: usize = 12_000;
/// With this many dots in view or more, draw a density shade instead of overlapping dots.
pub(super) const DENSE: usize = 4_000;

/// What is to be gathered.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) view: Arc<GalleryView>,
    pub(super) foreign: Option<Arc<PlanePoints>>,
    pub(super) highlight: Option<Arc<Highlight>>,
    pub(super) frame: Frame,
    pub(super) colouring: Colouring,
}

impl Question {
    pub(super) fn is_same(&self, other: &Self) -> bool {
        fn same<T>(a: Option<&Arc<T>>, b: Option<&Arc<T>>) -> bool {
            a.map(Arc::as_ptr) == b.map(Arc::as_ptr)
        }
        Arc::ptr_eq(&self.view, &other.view)
            && (self.frame, self.colouring) == (other.frame, other.colouring)
            && same(self.foreign.as_ref(), other.foreign.as_ref())
            && same(self.highlight.as_ref(), other.highlight.as_ref())
    }

    /// Whether both are about the same images and the same network: what was gathered for one may stay on the screen
    /// until the other is answered.
    pub(super) fn is_of_same_run(&self, other: &Self) -> bool {
        self.view.key.pairing == other.view.key.pairing
    }

    /// The images it is about; `lit` and `foreign_lit` say which are bright.
    pub(super) fn images<'a>(
        &'a self,
        labels: &'a [Class],
        lit: &'a dyn Fn(u32) -> bool,
        foreign_lit: &'a dyn Fn(u32) -> bool,
    ) -> Images<'a> {
        Images { points: &self.view.plane, labels, foreign: self.foreign.as_deref(), lit, foreign_lit }
    }

    /// Whether an image of the dataset is as bright as any.
    pub(super) fn lit(&self, index: u32) -> bool {
        self.highlight.as_ref().is_none_or(|highlight| highlight.inside(index))
    }

    /// Whether a foreign image is.
    pub(super) fn foreign_lit(&self, index: u32) -> bool {
        self.highlight.as_ref().is_none_or(|highlight| highlight.outside(index))
    }
}

/// The images that are looked at.
#[derive(Clone, Copy)]
pub(super) struct Images<'a> {
    pub(super) points: &'a PlanePoints,
    pub(super) labels: &'a [Class],
    pub(super) foreign: Option<&'a PlanePoints>,
    pub(super) lit: &'a dyn Fn(u32) -> bool,
    pub(super) foreign_lit: &'a dyn Fn(u32) -> bool,
}

/// What is in a part of the plane.
pub(super) struct Found {
    /// The part.
    pub(super) frame: Frame,
    /// Images in view that match, lit up or not.
    pub(super) matching: usize,
    /// Those in view that do not match, or are not lit up while others are.
    pub(super) others: Few,
    /// Those in view that match and are right.
    pub(super) right: Few,
    /// Those in view that match and are wrong.
    pub(super) wrong: Few,
    /// `others` by cell.
    pub(super) other_counts: Counts,
    /// The bright ones by cell: right and wrong, or by class, as the colours say.
    pub(super) counts: Counts,
    /// Foreign images.
    pub(super) strangers: Strangers,
}

/// Images still to be looked at.
struct Walk {
    /// Runs of places in the order walked, the next one last.
    runs: Vec<Range<usize>>,
    /// Whether they are runs of the dataset's own order; of the grid's otherwise.
    own_order: bool,
}

impl Walk {
    fn all(images: usize) -> Self {
        let whole = 0..images;
        Self { runs: vec![whole], own_order: true }
    }

    fn around(points: &PlanePoints, part: crate::uncertainty::doubt_plane::Bounds) -> Self {
        // An empty run at the end would take a frame for nothing.
        let runs = points.grid.runs(part).filter(|run| run.start < run.end);
        let mut runs: Vec<Range<usize>> = runs.collect();
        runs.reverse();
        Self { runs, own_order: false }
    }

    fn is_done(&self) -> bool {
        self.runs.is_empty()
    }

    /// Visits at most so many images; says how many it visited.
    fn visit(&mut self, points: &PlanePoints, most: usize, mut look: impl FnMut(u32)) -> usize {
        let mut visited = 0;
        while visited < most
            && let Some(run) = self.runs.last_mut()
        {
            let to = run.end.min(run.start + most - visited);
            visited += to - run.start;
            if self.own_order {
                (run.start as u32..to as u32).for_each(&mut look);
            } else {
                points.grid.indices()[run.start..to].iter().copied().for_each(&mut look);
            }
            run.start = to;
            if to == run.end {
                self.runs.pop();
            }
        }
        visited
    }
}

/// A look at all images of a part, some in each frame.
pub(super) struct Gather {
    walk: Walk,
    foreign_walk: Option<Walk>,
    colouring: Colouring,
    found: Found,
}

impl Gather {
    /// Begins.
    pub(super) fn new(images: &Images<'_>, frame: &Frame, colouring: Colouring) -> Self {
        let cells = Cells::new(frame, CELL);
        // Cells at the edge count what lies beyond it too.
        let part = cells.bounds().and(frame.bounds);
        let whole = part.and(images.points.extent) == part;
        let classes = if colouring == Colouring::Correctness { 2 } else { CLASS_COLOURS.len() };
        Self {
            walk: if whole {
                Walk::all(images.points.places.len())
            } else {
                Walk::around(images.points, part)
            },
            foreign_walk: images.foreign.map(|foreign| Walk::around(foreign, frame.bounds)),
            colouring,
            found: Found {
                frame: *frame,
                matching: 0,
                others: Few::new(DENSE),
                right: Few::new(DENSE),
                wrong: Few::new(DENSE),
                other_counts: Counts::new(cells, 1),
                counts: Counts::new(cells, classes),
                strangers: Strangers::new(frame),
            },
        }
    }

    /// Looks at so many images more; says whether that were the last.
    pub(super) fn advance(&mut self, images: &Images<'_>, most: usize) -> bool {
        let Self { walk, foreign_walk, colouring, found } = self;
        let visited = walk.visit(images.points, most, |index| found.add(images, *colouring, index));
        if let (Some(walk), Some(foreign)) = (foreign_walk, images.foreign) {
            walk.visit(foreign, most - visited, |index| {
                let at = foreign.places[index as usize];
                if found.frame.bounds.contains(at) {
                    found.strangers.add(index, at, (images.foreign_lit)(index));
                }
            });
        }
        self.walk.is_done() && self.foreign_walk.as_ref().is_none_or(Walk::is_done)
    }

    /// What was found so far.
    pub(super) fn found(self) -> Found {
        self.found
    }
}

impl Found {
    fn add(&mut self, images: &Images<'_>, colouring: Colouring, index: u32) {
        let points = images.points;
        let (at, layer) = (points.places[index as usize], points.layers[index as usize]);
        let in_view = self.frame.bounds.contains(at);
        self.matching += usize::from(in_view && layer != Layer::Other);
        let few = match layer {
            // Images that are not lit up are as dim as those that do not match.
            Layer::Right if (images.lit)(index) => &mut self.right,
            Layer::Wrong if (images.lit)(index) => &mut self.wrong,
            Layer::Other | Layer::Right | Layer::Wrong => {
                self.other_counts.add(at, 0);
                if in_view {
                    self.others.add(index);
                }
                return;
            }
        };
        if in_view {
            few.add(index);
        }
        let label = images.labels.get(index as usize).copied().unwrap_or(0);
        let prediction = points.predictions[index as usize];
        let class = match colouring {
            Colouring::Correctness => usize::from(layer == Layer::Wrong),
            Colouring::Label => usize::from(label) % CLASS_COLOURS.len(),
            Colouring::Prediction => usize::from(prediction) % CLASS_COLOURS.len(),
        };
        self.counts.add(at, class);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uncertainty::doubt_plane::{Bounds, PlaneAxes};
    use crate::uncertainty::grid::Grid;
    use crate::uncertainty::nearest::Nearest;
    use egui::{Pos2, Rect, Vec2};

    const IMAGES: usize = 9_000;

    fn points() -> PlanePoints {
        let places: Vec<[f32; 2]> =
            (0..IMAGES).map(|i| [(i * 37 % 1_009) as f32 / 1_009.0, (i * 53 % 997) as f32 / 997.0]).collect();
        let extent = Bounds::around(&places);
        let mut points = PlanePoints {
            axes: PlaneAxes::default(),
            predictions: (0..IMAGES).map(|i| (i % 7) as Class).collect(),
            extent,
            grid: Grid::new(&places, extent),
            nearest: Nearest::default(),
            layers: vec![Layer::Other; IMAGES],
            right: Vec::new(),
            wrong: Vec::new(),
            places,
        };
        let order: Vec<u32> = (0..IMAGES as u32).filter(|index| index % 3 != 0).collect();
        points.part(&order, &labels());
        points
    }

    fn labels() -> Vec<Class> {
        (0..IMAGES).map(|i| (i % 5) as Class).collect()
    }

    fn frame(bounds: Bounds) -> Frame {
        Frame { area: Rect::from_min_size(Pos2::ZERO, Vec2::new(500.0, 300.0)), bounds }
    }

    /// Gathers in steps of so many images; says in how many steps.
    fn gather(frame: &Frame, colouring: Colouring, most: usize) -> (Found, usize) {
        let (points, labels) = (points(), labels());
        let images = Images {
            points: &points,
            labels: &labels,
            foreign: Some(&points),
            lit: &|index| index % 2 == 0,
            foreign_lit: &|index| index % 4 == 0,
        };
        let mut gather = Gather::new(&images, frame, colouring);
        let mut steps = 1;
        while !gather.advance(&images, most) {
            steps += 1;
        }
        (gather.found(), steps)
    }

    #[test]
    fn what_is_gathered_in_many_frames_is_what_one_look_at_every_image_finds() {
        let (points, labels) = (points(), labels());
        let all = points.extent;
        for bounds in [all, all.zoomed(0.2, [0.4, 0.7]), all.zoomed(0.03, [0.4, 0.7])] {
            let frame = frame(bounds);
            let seen: Vec<u32> =
                (0..IMAGES as u32).filter(|i| bounds.contains(points.places[*i as usize])).collect();
            let bright = |i: &u32| !i.is_multiple_of(3) && i.is_multiple_of(2);
            let right = |i: &u32| labels[*i as usize] == points.predictions[*i as usize];
            let (found, steps) = gather(&frame, Colouring::Label, 1_000);
            assert_eq!(found.matching, seen.iter().filter(|i| *i % 3 != 0).count());
            let listed =
                |wanted: &dyn Fn(&u32) -> bool| -> Vec<u32> { seen.iter().copied().filter(wanted).collect() };
            for (few, wanted) in [
                (&found.right, listed(&|i| bright(i) && right(i))),
                (&found.wrong, listed(&|i| bright(i) && !right(i))),
                (&found.others, listed(&|i| !bright(i))),
            ] {
                assert_eq!(few.count, wanted.len());
                assert_eq!(few.all(), (wanted.len() < DENSE).then_some(wanted));
            }
            // The shades count every bright image of a cell, and its class.
            let mut counts = Counts::new(found.counts.cells(), CLASS_COLOURS.len());
            for index in (0..IMAGES as u32).filter(bright) {
                counts.add(points.places[index as usize], usize::from(labels[index as usize]));
            }
            assert!((0..counts.cells().count()).all(|cell| counts.cell(cell) == found.counts.cell(cell)));
            let (_, at_once) = gather(&frame, Colouring::Label, 2 * IMAGES);
            assert_eq!(at_once, 1);
            assert!(bounds != all || steps == 18, "no frame looks at more than it may: {steps}");
        }
    }
}
