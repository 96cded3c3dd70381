//! User actions in the Rotate tab.

use crate::data::Class;
use crate::data::distortion::Distortion;
use crate::shown::subject::Origin;

/// One user action in the Rotate tab.
#[derive(Clone, Debug, PartialEq)]
pub enum RotateAction {
    /// Show this image.
    Open(Origin),
    /// Show the image that is looked at.
    OpenSelected,
    /// Change this.
    By(Distortion),
    /// From one amount to another.
    Range(f32, f32),
    /// In so many steps.
    Steps(usize),
    /// Turn the dial to this amount.
    Dial(f32),
    /// Turn the dial by so many steps.
    Walk(isize),
    /// Turn the dial by itself, or stop.
    Play(bool),
    /// The dial goes one step on, and from the last to the first.
    Advance,
    /// Show this class in the plots, or no longer.
    Class(Class),
    /// Show the likeliest classes.
    TopClasses,
    /// Copy the figure.
    Copy,
    /// The paper's Figure 4: its setting, on the most certain "1".
    Paper,
    /// Back to the settings of the window.
    Explore,
}
