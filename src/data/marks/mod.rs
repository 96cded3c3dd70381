//! What a person says of images: marks, where they are kept, their table, and what becomes of a dataset with them.

pub mod mark;
pub mod store;

pub use mark::{Change, Mark, Marks, Review, Tally};
pub use store::{MarkStore, StoreError};
