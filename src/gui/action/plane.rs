//! User actions on the plane.

pub use crate::shown::plane_chart::Colouring;
use crate::uncertainty::doubt_plane::{Bounds, PlaneAxes, Shape};

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

/// One user action on the plane.
#[derive(Clone, Debug, PartialEq)]
pub enum PlaneAction {
    /// Let dragging do this.
    Drag(DragMode),
    /// Put these measures along the axes.
    Axes(PlaneAxes),
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
