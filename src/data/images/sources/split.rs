//! What is known of a split before it is opened.

/// A split of a source: what it is called and how much is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitInfo {
    /// `train`, `test`, or what the source calls it.
    pub name: String,
    /// How many images, where that is known without reading them.
    pub images: Option<usize>,
    /// Whether the images have labels.
    pub labelled: bool,
}
