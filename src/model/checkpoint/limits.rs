//! How large a file may be, and which version of its header is read.

/// Version of the header in the metadata; a file with a higher one was written by a later program.
pub(super) const FORMAT: u32 = 1;

/// More than a network with [`MAX_HIDDEN`](crate::model::lenet::MAX_HIDDEN) units takes in f64 with a header of any honest
/// length.
pub(super) const MAX_FILE_BYTES: u64 = 256 << 20;
