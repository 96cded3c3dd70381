//! What further passes said of some images, in the place of what the sweep says.

use crate::sampling::RunKey;
use crate::uncertainty::Measures;
use crate::uncertainty::firm::Firm;

/// Further passes of some images of a run.
#[derive(Clone, Debug)]
pub struct FirmPasses {
    /// The run.
    pub run: RunKey,
    /// T of the sweep that they go on from.
    pub passes: usize,
    /// What is known.
    pub firm: Firm,
}

impl FirmPasses {
    /// Whether what it knows belongs to these passes of a run.
    #[must_use]
    pub fn is_of(&self, run: RunKey, passes: usize) -> bool {
        self.run == run && self.passes == passes
    }

    /// Puts what is known of images in the place of what the sweep says of them.
    pub fn put(&self, measures: &mut [Measures]) {
        for index in self.firm.images() {
            if let (Some(place), Some(own)) = (measures.get_mut(index as usize), self.firm.measures(index)) {
                *place = own;
            }
        }
    }
}
