//! What the samples mean: pure functions from sums over passes to measures, orders and selections.

pub mod by_pass;
pub mod course;
pub mod doubt_plane;
pub mod explanation;
pub mod firm;
pub mod grid;
pub mod interval;
pub mod label_suspicion;
pub mod measure;
pub mod measures;
mod moments;
pub mod nearest;
pub mod noise;
pub mod places;
pub mod quality;
pub mod ranking;
pub mod terms;

pub use by_pass::ByPass;
pub use measure::Measure;
pub use measures::{FromPasses, Measures, measure_all};
pub use ranking::{Filter, Grouping, Order, RankingQuery};
