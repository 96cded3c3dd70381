//! What the samples mean: pure functions from sums over passes to measures, orders and selections.

pub mod course;
pub mod doubt_plane;
pub mod explanation;
pub mod interval;
pub mod measure;
pub mod measures;
pub mod places;
pub mod quality;
pub mod ranking;

pub use measure::Measure;
pub use measures::{FromPasses, Measures};
pub use ranking::{Filter, Grouping, Order, RankingQuery};
