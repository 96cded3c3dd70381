//! Why images and labels do not go together.

use super::classes::Class;

/// Why images and labels do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigitsError {
    /// The counts disagree.
    #[error("{pixels} pixels for {labels} labels; each label needs one image of 784 pixels")]
    Count {
        /// Grey values given.
        pixels: usize,
        /// Labels given.
        labels: usize,
    },
    /// The images cannot be read from their file any more.
    #[error("{0}")]
    Unread(String),
    /// A label is not one of the classes.
    #[error("label {label} of image {index} is not one of the {classes} classes, which count from 0")]
    Label {
        /// Which image.
        index: usize,
        /// Its label.
        label: Class,
        /// Classes of the set.
        classes: usize,
    },
}
