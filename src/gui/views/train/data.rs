//! What the Train tab shows.

use crate::gui::panel::train::TrainingRun;
use crate::gui::settings::{TrainSettings, Watched};

/// What the view shows.
pub struct TrainData<'a> {
    /// How to train next.
    pub settings: &'a TrainSettings,
    /// The last training.
    pub run: &'a TrainingRun,
    /// Where the training images of the next training come from.
    pub source: &'a str,
    /// Whether the images are digits.
    pub digits: bool,
    /// Hidden units of the open network, which training that continues from it must keep.
    pub open_hidden: Option<usize>,
    /// The images that the next training is watched on.
    pub watched: Watched,
    /// How many there are of each choice: the usual ones, those selected, the drawing.
    pub to_watch: [usize; 3],
}
