//! Why an image is uncertain: what kind of doubt it is, where on the image it comes from, and which images it resembles.
//!
//! - [`reason`]: total doubt split into what every sub-network has by itself and what comes from disagreement.
//! - [`patches`]: how the doubt changes when a patch is erased or inked, with the same masks before and after.
//! - [`neighbours`]: the nearest images in the space of hidden activations: an analogy, not a cause.

pub mod neighbours;
pub mod patches;
pub mod reason;
#[cfg(test)]
mod tests;

pub use neighbours::{FeatureSpace, Neighbour};
pub use patches::{Change, Edit, PatchGrid, PatchMaps, patch_maps};
pub use reason::{Reason, explain, votes_sentence};
