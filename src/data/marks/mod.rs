//! What a person says of images: marks, where they are kept, their table, and what becomes of a dataset with them.

pub mod apply;
pub mod mark;
pub mod store;
pub mod table;

pub use apply::{Applied, LeaveOut, apply};
pub use mark::{Change, Mark, Marks, Review, Tally};
pub use store::{MarkStore, StoreError};
pub use table::{MarkTable, TableError};
