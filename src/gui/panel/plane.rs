//! The plane of the two kinds of doubt: what part of it is shown, how its dots are coloured, what a brush chooses.

use std::sync::Arc;

use crate::gui::action::{Brushing, Colouring, DragMode, PlaneAction};
use crate::gui::effect::{Follow, Steps};
use crate::gui::shared::{Gravity, Shared};
use crate::shown::{GalleryView, Limits};
use crate::uncertainty::doubt_plane::{Bounds, Region};
use crate::wording;

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

/// What the plane shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanePanel {
    /// What dragging does.
    pub drag: DragMode,
    /// What colours mean.
    pub colouring: Colouring,
    /// Whether shades say how many images lie where, also when they are few.
    pub shaded: bool,
    /// The part shown; all images when `None`.
    pub bounds: Option<Bounds>,
    /// What held before a region was drawn, until it is known whether any image is in that.
    before: Option<Limits>,
}

impl PlanePanel {
    /// Carries out a user action on the plane.
    pub fn update(&mut self, action: PlaneAction, shared: &mut Shared) -> Steps {
        match action {
            PlaneAction::Drag(drag) => self.drag = drag,
            PlaneAction::Axes(axes) if axes != shared.settings.plane_axes => {
                shared.remember();
                shared.settings.plane_axes = axes;
                // A region is one of the axes it was drawn on.
                shared.limits.region = None;
                self.bounds = None;
                return shared.refresh();
            }
            PlaneAction::Axes(_) => (),
            PlaneAction::Colour(colouring) => self.colouring = colouring,
            PlaneAction::ShowForeign(shown) => {
                shared.sights.foreign_hidden = !shown;
                let mut steps: Steps = vec![Follow::Quality.into()];
                steps.extend(shared.count_foreign());
                return steps;
            }
            PlaneAction::Shade(shaded) => self.shaded = shaded,
            PlaneAction::Show(bounds) => self.bounds = bounds,
            PlaneAction::Brush(shape, brushing) => {
                let drawn_on = shared.run.gallery.as_ref().map(|view| view.plane.axes);
                if drawn_on.is_some_and(|axes| axes != shared.settings.plane_axes) {
                    let text = "The axes of the plane were about to change: draw the region again.";
                    shared.notices.say(Gravity::News, text);
                    return Steps::new();
                }
                let old = shared.limits.region.clone();
                let region = match (brushing, &old) {
                    (Brushing::TakeOut, None) => {
                        let text = "There is no brush to take images out of: draw one first.";
                        shared.notices.say(Gravity::News, text);
                        return Steps::new();
                    }
                    (Brushing::Replace, _) | (Brushing::Add, None) => Region::of(shape),
                    (Brushing::Add, Some(region)) => region.with(true, shape),
                    (Brushing::TakeOut, Some(region)) => region.with(false, shape),
                };
                shared.remember();
                self.before = Some(shared.limits.clone());
                shared.limits.region = Some(Arc::new(region));
                return shared.refresh();
            }
            PlaneAction::ClearBrush => {
                if shared.limits.region.is_some() {
                    shared.remember();
                    shared.limits.region = None;
                    return shared.refresh();
                }
            }
        }
        Steps::new()
    }

    /// The first answer to a shape just drawn: when no image is in the region, it is as if it had not been drawn.
    pub fn brushed_nothing(&mut self, view: &GalleryView, shared: &mut Shared) -> Option<Steps> {
        let brush = view.brush.as_ref()?;
        let asked = shared.limits.region.as_ref()?;
        if !Arc::ptr_eq(asked, &brush.region) {
            return None;
        }
        let before = self.before.take()?;
        if !brush.inside.is_empty() {
            return None;
        }
        shared.limits.region = before.region;
        shared.forget_step();
        let text = match brush.foreign {
            Some(foreign) if foreign > 0 => format!(
                "Only foreign images are in that region, {}; the gallery holds none of them, and what is shown stays \
                 as it was.",
                wording::thousands(foreign as u64)
            ),
            _ => "There is no image in that region; what is shown stays as it was.".to_owned(),
        };
        shared.notices.say(Gravity::News, text);
        Some(shared.refresh())
    }

    /// Shows all images again: those of before are gone.
    pub fn forget(&mut self) {
        self.bounds = None;
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
