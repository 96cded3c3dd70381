//! User actions on the image looked at.

use crate::data::Class;
use crate::shown::subject::Origin;

/// One user action on the image looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InspectorAction {
    /// Show any image in the inspector: one that is not of the dataset too.
    LookAt(Origin),
    /// Show the sampled probabilities of this class; of the predicted one when `None`.
    SetClass(Option<Class>),
    /// Copy an image to the clipboard.
    CopyImage(Origin),
}
