//! Images people have, of any size, with classes of their own names: the set, where it comes from, what looks wrong.
//!
//! [`sources::look`] says what a file or folder holds, [`sources::Found::open`] makes an [`ImageSet`] of one of its
//! splits, [`remarks`] says what a person should know before trusting a number.

pub mod grey;
pub mod known;
pub mod reducer;
pub mod remarks;
pub mod set;
pub mod shape;
pub mod sources;
pub mod store;
pub mod whole;

pub use reducer::{ReducedImage, Reducer};
pub use set::{ImageSet, Skipped};
pub use shape::{ImageShape, ShapeError};
pub use store::ReadError;
pub use whole::whole;
