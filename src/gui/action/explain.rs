//! User actions in the explanation.

/// One user action in the explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExplainAction {
    /// Edit patches so wide, in pixels.
    Patch(usize),
    /// Look for the nearest training images from now on.
    FindNeighbours,
    /// Download MNIST's training images, and look there.
    DownloadNeighbours,
    /// Explain drawings, or no longer.
    Drawing(bool),
    /// Show this step of the way to the rival.
    Step(usize),
}
