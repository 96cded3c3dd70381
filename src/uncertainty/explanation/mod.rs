//! Why an image is uncertain: what kind of doubt it is, where on the image it comes from, and which images it resembles.
//!
//! - [`reason`]: total doubt split into what every sub-network has by itself and what comes from disagreement.
//! - [`patches`]: how the doubt changes when a patch is erased or inked, with the same masks before and after.
//! - [`gradient`]: which pixel, given a little more ink, raises or lowers the doubt.
//! - [`differing`]: images that two measures rank differently.
//! - [`morph`]: a cross-fade to the nearest image that the network is sure is of a rival class.
//! - [`rivals`]: the likeliest classes with their neighbours.
//! - [`whole`]: all of it at once.
//! - [`neighbours`]: the nearest images in the space of hidden activations: an analogy, not a cause.

pub mod differing;
pub mod gradient;
pub mod morph;
pub mod neighbours;
pub mod patches;
pub mod reason;
pub mod rivals;
#[cfg(test)]
mod tests;
pub mod whole;

pub use differing::ranked_most_differently;
pub use gradient::{Gradient, gradient};
pub use morph::{CONFIDENT, Morph, MorphStep, Search, Target, Way, blend, morph, nearest_confident, way_to};
pub use neighbours::{FeatureSpace, Neighbour};
pub use patches::{Change, Edit, LEAST_SCALE, PatchGrid, PatchMaps, patch_maps};
pub use reason::{Reason, explain, sure, votes_sentence};
pub use rivals::{Rival, rival, rivals};
pub use whole::{Explanation, Others};
