//! The plane of the two kinds of doubt: what part of it is shown, how its dots are coloured, what a brush chooses.

use std::sync::Arc;

use super::notices::Gravity;
use super::settings::Tab;
use super::state::{Effect, State};
use crate::shown::{GalleryView, Limits, PlanePoints};
pub use crate::uncertainty::plane::{Bounds, Region, Shape};
use crate::wording;

/// What dragging does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DragMode {
    /// Draws a box: the gallery shows what is in it.
    #[default]
    Box,
    /// Draws a line around images: the gallery shows those.
    Lasso,
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

/// What a shape does to the region brushed before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Brushing {
    /// Takes its place.
    #[default]
    Replace,
    /// Is added to it.
    Add,
    /// Is taken out of it.
    TakeOut,
}

/// A plane this small shows rounding, in nats.
const SMALLEST: f32 = 1e-5;
/// A plane this large shows nothing: ln 10 = 2.3 is all there is.
const LARGEST: f32 = 10.0;

impl Bounds {
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
#[derive(Clone, Debug, PartialEq)]
pub enum PlaneAction {
    /// Let dragging do this.
    Drag(DragMode),
    /// Let colours mean this.
    Colour(Colouring),
    /// Show this part; all images when `None`.
    Show(Option<Bounds>),
    /// Shade how many images lie where, also when they are few.
    Shade(bool),
    /// Show foreign images too.
    ShowForeign(bool),
    /// Limit the gallery to the images in this part.
    Brush(Shape, Brushing),
    /// Limit the gallery to a region no longer.
    ClearBrush,
}

/// What the plane shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaneState {
    /// What dragging does.
    pub drag: DragMode,
    /// What colours mean.
    pub colouring: Colouring,
    /// Whether shades say how many images lie where, also when they are few.
    pub shaded: bool,
    /// Whether foreign images are left out.
    pub foreign_hidden: bool,
    /// The part shown; all images when `None`.
    pub bounds: Option<Bounds>,
    /// What held before a region was drawn, until it is known whether any image is in that.
    before: Option<Limits>,
}

impl State {
    pub(super) fn apply_plane(&mut self, action: PlaneAction) -> Vec<Effect> {
        match action {
            PlaneAction::Drag(drag) => self.plane.drag = drag,
            PlaneAction::Colour(colouring) => self.plane.colouring = colouring,
            PlaneAction::ShowForeign(shown) => {
                self.plane.foreign_hidden = !shown;
                let mut effects = self.ask_quality();
                effects.extend(self.count_foreign());
                return effects;
            }
            PlaneAction::Shade(shaded) => self.plane.shaded = shaded,
            PlaneAction::Show(bounds) => self.plane.bounds = bounds,
            PlaneAction::Brush(shape, brushing) => {
                let old = self.limits.region.clone();
                let region = match (brushing, &old) {
                    (Brushing::TakeOut, None) => {
                        let text = "There is no brush to take images out of: draw one first.";
                        self.notices.say(Gravity::News, text);
                        return Vec::new();
                    }
                    (Brushing::Replace, _) | (Brushing::Add, None) => Region::of(shape),
                    (Brushing::Add, Some(region)) => region.with(true, shape),
                    (Brushing::TakeOut, Some(region)) => region.with(false, shape),
                };
                self.remember();
                self.plane.before = Some(self.limits.clone());
                self.limits.region = Some(Arc::new(region));
                return self.refresh();
            }
            PlaneAction::ClearBrush => {
                if self.limits.region.is_some() {
                    self.remember();
                    self.limits.region = None;
                    return self.refresh();
                }
            }
        }
        Vec::new()
    }

    /// Whether the plane is in sight with foreign images, which are to be sampled as the others are.
    pub(super) fn shows_foreign_layer(&self) -> bool {
        self.settings.tab == Tab::Plane && self.quality.source.is_some() && !self.plane.foreign_hidden
    }

    /// Where foreign images are, while a brush says how many it covers.
    pub(super) fn foreign_to_count(&self) -> Option<Arc<PlanePoints>> {
        self.limits.region.as_ref()?;
        let foreign = self.quality.foreign.as_ref().filter(|_| !self.plane.foreign_hidden)?;
        Some(Arc::clone(&foreign.points))
    }

    /// Foreign images have come or gone: a brush counts them anew.
    pub(super) fn count_foreign(&mut self) -> Vec<Effect> {
        if self.limits.region.is_some() { self.refresh() } else { Vec::new() }
    }

    /// The first answer to a shape just drawn: when no image is in the region, it is as if it had not been drawn.
    pub(super) fn brushed_nothing(&mut self, view: &GalleryView) -> Option<Vec<Effect>> {
        let brush = view.brush.as_ref()?;
        let asked = self.limits.region.as_ref()?;
        if !Arc::ptr_eq(asked, &brush.region) {
            return None;
        }
        let before = self.plane.before.take()?;
        if !brush.inside.is_empty() {
            return None;
        }
        self.limits.region = before.region;
        self.forget_step();
        let text = match brush.foreign {
            Some(foreign) if foreign > 0 => format!(
                "Only foreign images are in that region, {}; the gallery holds none of them, and what is shown stays \
                 as it was.",
                wording::thousands(foreign as u64)
            ),
            _ => "There is no image in that region; what is shown stays as it was.".to_owned(),
        };
        self.notices.say(Gravity::News, text);
        Some(self.refresh())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_place_under_the_pointer_and_has_an_end() {
        let bounds = Bounds { min: [0.0, 0.0], max: [1.0, 2.0] };
        let zoomed = bounds.zoomed(0.5, [0.2, 1.0]);
        assert_eq!(zoomed, Bounds { min: [0.1, 0.5], max: [0.6, 1.5] });
        assert_eq!(bounds.zoomed(100.0, [0.0, 0.0]), bounds);
        assert_eq!(bounds.zoomed(1e-9, [0.0, 0.0]), bounds);
    }
}
