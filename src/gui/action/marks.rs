//! User actions on marks: what a person says of the image looked at, and the queue that leads from one to the next.

use crate::data::Class;
use crate::data::marks::Mark;

/// One user action on marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarksAction {
    /// Say this of the image looked at; a wrong label without the right one waits for it.
    Set(Mark),
    /// The right label of the image whose label was called wrong.
    NewLabel(Class),
    /// The right label stays open.
    LeaveOpen,
    /// Take back what was said of the image looked at.
    Clear,
    /// Go through the images shown, in their order, from the first that nobody looked at.
    Review,
    /// On with the queue: the image was looked at, and passed over.
    Next,
    /// Back to the image before.
    Previous,
    /// Enough.
    LeaveReview,
    /// Show only the images that were marked like this; what the right label is does not matter.
    ShowOnly(Mark),
}
