//! Rankings made firm: further passes for the images whose place they would settle, and for no others.
//!
//! A *shelf* is one end of the ranking of some images: the thirty fours of the highest entropy. It is decided to a
//! tolerance ε when no image off it can be more than ε ahead of one that is on it, and its order when no image further back
//! can be more than ε ahead of one before it. What can be follows from simultaneous bounds ([`bounds`]): with a probability
//! of 95 % all of them hold, of all images in all rounds. Images that leave something open get as many passes more as
//! should decide it, within limits, and all is judged anew: successive halving (Jamieson & Talwalkar 2016) on lower and upper bounds (LUCB,
//! Kalyanakrishnan et al. 2012).
//!
//! Why an image gets no more passes depends on what its passes said: the mean of all of them is therefore biased (Whitehead
//! 1986, *On the bias of maximum likelihood estimation following a sequential test*). What is shown of the images on a shelf
//! is read from a last round of their own, drawn when all has been decided.

pub mod bounds;
pub mod judge;
mod rounds;
mod student;
pub mod tail;
#[cfg(test)]
mod tests;

pub use bounds::{Bounds, can_be_firm};
pub use judge::{Shelf, Verdict};
pub use rounds::{Firm, FirmEvent, FirmOutcome, FirmQuery, ShelfState, make_firm};
