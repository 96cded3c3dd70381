//! A part of a chart that stands for images.

use crate::data::Class;
use crate::uncertainty::Measure;

/// Images that a part of a chart stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Subset {
    /// A bin of confidence.
    Reliability(usize),
    /// A bin of doubt among right and wrong images.
    Doubt(Measure, usize),
    /// A cell of the confusion matrix.
    Confusion {
        /// What they are labelled.
        label: Class,
        /// What they are taken for.
        prediction: Class,
    },
    /// A digit, by label.
    Label(Class),
    /// The least certain by a measure.
    Refused(Measure, usize),
    /// A bin of doubt among digits and foreign images.
    Foreign(Measure, usize),
    /// Bins of the histogram of the measure the gallery is sorted by, from one to another, among the images shown.
    Bins(Measure, [usize; 2]),
    /// Values of that measure, both ends included, among the images shown.
    Range(Measure, [f32; 2]),
}

impl Subset {
    /// Whether it is a part of the histogram beside the gallery and the plane.
    #[must_use]
    pub fn is_of_gallery(self) -> bool {
        matches!(self, Self::Bins(..) | Self::Range(..))
    }
}
