//! The plane of the two kinds of doubt: what part of it is shown, how its dots are coloured, what a brush chooses.

use std::sync::Arc;

use super::notices::Gravity;
use super::state::{Effect, State};
use crate::uncertainty::Measures;
use crate::wording;
use crate::worker::Only;

/// What dragging does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DragMode {
    /// Draws a box: the gallery shows what is in it.
    #[default]
    Select,
    /// Moves the plane.
    Pan,
}

/// What a dot's colour means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colouring {
    /// Whether the prediction is the label.
    #[default]
    Correctness,
    /// The label.
    Label,
    /// The prediction.
    Prediction,
}

/// A part of the plane: expected entropy, then mutual information, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The least of each.
    pub min: [f32; 2],
    /// The largest of each.
    pub max: [f32; 2],
}

/// Where an image is on the plane.
#[must_use]
pub fn place(measures: &Measures) -> [f32; 2] {
    [measures.expected_entropy, measures.mutual_information]
}

/// A plane this small shows rounding, in nats.
const SMALLEST: f32 = 1e-5;
/// A plane this large shows nothing: ln 10 = 2.3 is all there is.
const LARGEST: f32 = 10.0;

impl Bounds {
    /// A part in which all images lie, with a margin.
    #[must_use]
    pub fn of(measures: &[Measures]) -> Self {
        let mut max = [0.02_f32; 2];
        for measures in measures {
            for (max, value) in max.iter_mut().zip(place(measures)) {
                *max = max.max(value);
            }
        }
        Self { min: max.map(|value| -0.025 * value), max: max.map(|value| 1.05 * value) }
    }

    /// The part between two corners, whichever they are.
    #[must_use]
    pub fn between(a: [f32; 2], b: [f32; 2]) -> Self {
        Self { min: [a[0].min(b[0]), a[1].min(b[1])], max: [a[0].max(b[0]), a[1].max(b[1])] }
    }

    /// Whether a place is in it.
    #[must_use]
    pub fn contains(&self, at: [f32; 2]) -> bool {
        (0..2).all(|axis| self.min[axis] <= at[axis] && at[axis] <= self.max[axis])
    }

    /// The part `factor` times as large, with `fixed` where it was. Nothing changes beyond what can be shown.
    #[must_use]
    pub fn zoomed(self, factor: f32, fixed: [f32; 2]) -> Self {
        let zoom = |value: f32, axis: usize| fixed[axis] + (value - fixed[axis]) * factor;
        let zoomed = Self {
            min: std::array::from_fn(|axis| zoom(self.min[axis], axis)),
            max: std::array::from_fn(|axis| zoom(self.max[axis], axis)),
        };
        let fits = (0..2).all(|axis| (SMALLEST..LARGEST).contains(&(zoomed.max[axis] - zoomed.min[axis])));
        if fits { zoomed } else { self }
    }

    /// The part moved by so much.
    #[must_use]
    pub fn moved(self, by: [f32; 2]) -> Self {
        Self {
            min: [self.min[0] + by[0], self.min[1] + by[1]],
            max: [self.max[0] + by[0], self.max[1] + by[1]],
        }
    }
}

/// One thing a person did on the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlaneAction {
    /// Let dragging do this.
    Drag(DragMode),
    /// Let colours mean this.
    Colour(Colouring),
    /// Show this part; all images when `None`.
    Show(Option<Bounds>),
    /// Limit the gallery to the images in this part.
    Brush(Bounds),
}

/// What the plane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlaneState {
    /// What dragging does.
    pub drag: DragMode,
    /// What colours mean.
    pub colouring: Colouring,
    /// The part shown; all images when `None`.
    pub bounds: Option<Bounds>,
}

/// The images in a part of the plane, and its name for a chip: `MI > 0.40 · 212 images`.
#[must_use]
pub fn brushed(bounds: Bounds, measures: &[Measures]) -> Only {
    let indices: Vec<u32> = (0_u32..)
        .zip(measures)
        .filter(|(_, measures)| bounds.contains(place(measures)))
        .map(|(index, _)| index)
        .collect();
    let all = Bounds::of(measures);
    let range = |axis: usize, name: &str| {
        let (from, to) = (bounds.min[axis], bounds.max[axis]);
        // The margins around the images are no limits.
        let least = all.max[axis] / 1.05;
        match (from > 0.0, to < least) {
            (false, false) => None,
            (true, false) => Some(format!("{name} > {}", wording::short(from, 2))),
            (false, true) => Some(format!("{name} < {}", wording::short(to, 2))),
            (true, true) => Some(format!("{name} {}–{}", wording::short(from, 2), wording::short(to, 2))),
        }
    };
    let mut parts: Vec<String> =
        [range(1, "MI"), range(0, "expected entropy")].into_iter().flatten().collect();
    parts.push(wording::count(indices.len(), "image"));
    Only { name: parts.join(" · "), indices }
}

impl State {
    pub(super) fn apply_plane(&mut self, action: PlaneAction) -> Vec<Effect> {
        match action {
            PlaneAction::Drag(drag) => self.plane.drag = drag,
            PlaneAction::Colour(colouring) => self.plane.colouring = colouring,
            PlaneAction::Show(bounds) => self.plane.bounds = bounds,
            PlaneAction::Brush(bounds) => {
                let Some(view) = &self.gallery else { return Vec::new() };
                let only = brushed(bounds, &view.measures);
                if only.indices.is_empty() {
                    let text = "There is no image in that box; what is shown stays as it was.";
                    self.notices.say(Gravity::News, text);
                    return Vec::new();
                }
                return self.show_only(Some(Arc::new(only)));
            }
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::Statistics;

    /// An image with these parts of doubt: two passes suffice, what else is measured does not matter.
    fn image(expected: f32, information: f32) -> Measures {
        let mut statistics = Statistics::ZERO;
        statistics.passes = 2;
        statistics.probability[0] = 2.0;
        Measures { expected_entropy: expected, mutual_information: information, ..Measures::new(&statistics) }
    }

    #[test]
    fn a_brush_takes_what_is_in_the_box_by_dataset_index_and_says_so() {
        let images = [image(0.1, 0.5), image(0.1, 0.1), image(0.9, 0.7), image(0.0, 0.0)];
        let only = brushed(Bounds { min: [-1.0, 0.4], max: [9.0, 9.0] }, &images);
        assert_eq!((only.name.as_str(), only.indices), ("MI > 0.40 · 2 images", vec![0, 2]));
        let only = brushed(Bounds { min: [0.05, -1.0], max: [0.5, 0.2] }, &images);
        assert_eq!(only.name, "MI < 0.20 · expected entropy 0.05–0.50 · 1 image");
        assert_eq!(only.indices, [1]);
        let only = brushed(Bounds::of(&images), &images);
        assert_eq!((only.name.as_str(), only.indices.len()), ("4 images", 4));
        assert!(brushed(Bounds::between([0.3, 0.3], [0.2, 0.2]), &images).indices.is_empty());
    }

    #[test]
    fn zooming_keeps_the_place_under_the_pointer_and_has_an_end() {
        let bounds = Bounds { min: [0.0, 0.0], max: [1.0, 2.0] };
        let zoomed = bounds.zoomed(0.5, [0.2, 1.0]);
        assert_eq!(zoomed, Bounds { min: [0.1, 0.5], max: [0.6, 1.5] });
        assert_eq!(bounds.zoomed(100.0, [0.0, 0.0]), bounds);
        assert_eq!(bounds.zoomed(1e-9, [0.0, 0.0]), bounds);
    }
}
