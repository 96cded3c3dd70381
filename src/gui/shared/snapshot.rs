//! What undo brings back, as it is at one moment.

use super::acting::Acting;
use super::selection::Selected;
use crate::data::Class;
use crate::data::marks::Marks;
use crate::gui::settings::{Arrangement, Settings};
use crate::sampling::SweepConfig;
use crate::shown::Limits;
use crate::uncertainty::doubt_plane::PlaneAxes;
use crate::uncertainty::{Filter, Grouping, Measure};

/// What undo brings back: the filter, the brush, the selection, and with which passes all is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The digit shown.
    pub digit: Option<Class>,
    /// What the digit refers to.
    pub grouping: Grouping,
    /// Which images take part.
    pub filter: Filter,
    /// What they are sorted by.
    pub measure: Measure,
    /// The measures along the axes of the plane, which a region is drawn on.
    pub plane_axes: PlaneAxes,
    /// How they are laid out.
    pub arrangement: Arrangement,
    /// What they are limited to besides.
    pub limits: Limits,
    /// What is selected.
    pub selected: Selected,
    /// Passes, rate, seed.
    pub sweep: SweepConfig,
    /// Where dropout acts in a graph.
    pub acting: Option<Acting>,
    /// What is said of the images.
    pub marks: Option<Marks>,
}

impl Snapshot {
    /// How it is now, without marks and the sites of a graph.
    #[must_use]
    pub fn new(settings: &Settings, limits: &Limits, selected: &Selected) -> Self {
        Self {
            digit: settings.digit,
            grouping: settings.grouping,
            filter: settings.filter,
            measure: settings.measure,
            plane_axes: settings.plane_axes,
            arrangement: settings.arrangement,
            limits: limits.clone(),
            selected: selected.clone(),
            sweep: settings.sweep,
            acting: None,
            marks: None,
        }
    }

    /// What led from `from` to `to`, done here: what that step left as it was stays as it is.
    #[must_use]
    pub(super) fn stepped(mut self, from: &Self, to: &Self) -> Self {
        fn take<T: PartialEq + Clone>(now: &mut T, from: &T, to: &T) {
            if from != to {
                *now = to.clone();
            }
        }
        take(&mut self.digit, &from.digit, &to.digit);
        take(&mut self.grouping, &from.grouping, &to.grouping);
        take(&mut self.filter, &from.filter, &to.filter);
        take(&mut self.measure, &from.measure, &to.measure);
        take(&mut self.plane_axes, &from.plane_axes, &to.plane_axes);
        take(&mut self.arrangement, &from.arrangement, &to.arrangement);
        take(&mut self.limits, &from.limits, &to.limits);
        take(&mut self.selected, &from.selected, &to.selected);
        take(&mut self.acting, &from.acting, &to.acting);
        take(&mut self.marks, &from.marks, &to.marks);
        take(&mut self.sweep.passes, &from.sweep.passes, &to.sweep.passes);
        take(&mut self.sweep.dropout, &from.sweep.dropout, &to.sweep.dropout);
        take(&mut self.sweep.seed, &from.sweep.seed, &to.sweep.seed);
        take(&mut self.sweep.masks, &from.sweep.masks, &to.sweep.masks);
        self
    }

    /// Makes it so again, all but the marks, of which each change is saved, and the sites of a graph.
    pub fn restore(self, settings: &mut Settings, limits: &mut Limits, selected: &mut Selected) {
        settings.digit = self.digit;
        settings.grouping = self.grouping;
        settings.filter = self.filter;
        settings.measure = self.measure;
        settings.plane_axes = self.plane_axes;
        settings.arrangement = self.arrangement;
        settings.sweep = self.sweep;
        *limits = self.limits;
        *selected = self.selected;
    }
}
