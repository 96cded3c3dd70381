//! What the gallery can be limited to besides digit and filter.

use std::sync::Arc;

use crate::uncertainty::doubt_plane::Region;

/// Some images by name, such as those a plot's brush has chosen: the gallery shows no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Only {
    /// What they are, for a chip: `the 212 least certain`.
    pub name: String,
    /// Dataset indices, ascending.
    pub indices: Vec<u32>,
}

/// What the gallery is limited to besides digit and filter: an image must pass both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// A list of images.
    pub only: Option<Arc<Only>>,
    /// A region of the plane; which images are in it follows the measures.
    pub region: Option<Arc<Region>>,
}
