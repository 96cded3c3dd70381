//! User actions on a part of a chart that stands for images.

use crate::shown::highlight::Subset;

/// One user action on a part of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HighlightAction {
    /// The pointer is on these images; on none when `None`.
    Show(Option<Subset>),
    /// Select these images.
    Select(Subset),
    /// Limit the gallery to these images.
    Only(Subset),
}
