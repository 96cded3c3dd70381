//! What the samples mean: pure functions from sums over passes to measures, orders and selections.

pub mod measures;
pub mod ranking;

pub use measures::{Measure, Measures};
pub use ranking::{Filter, Grouping, Order, RankingQuery};
