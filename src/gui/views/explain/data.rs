//! What the explanation shows.

use crate::gui::panel::explain::ExplainPanel;
use crate::shown::subject::Origin;

/// What the explanation shows.
pub struct ExplainData<'a> {
    /// What is known.
    pub state: &'a ExplainPanel,
    /// The image it is about; `None` when there is none.
    pub origin: Option<Origin>,
    /// Width of a patch in pixels.
    pub patch: usize,
    /// Whether the training images are being read.
    pub searching: bool,
}
