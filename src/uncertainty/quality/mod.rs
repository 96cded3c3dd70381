//! How far measures can be trusted: calibration, what doubt detects, and the interval of every number.
//!
//! A [`LabelledRun`] is one network's answer to labelled images. [`LabelledRun::numbers`] gives all of its numbers, for
//! the images themselves or a resample; a [`bootstrap`](bootstrap()) of one or more runs on the same images gives
//! intervals and paired differences. A number that does not exist (the detection of errors where there are none) is
//! [`Undefined`], with its reason.

pub mod bootstrap;
pub mod calibration;
pub mod changes;
pub mod detection;
pub mod doubt;
pub mod histogram;
pub mod numbers;
pub mod outside;
pub mod over_dropout;
pub mod passes;
pub mod single_pass;
pub mod tables;
#[cfg(test)]
mod tests;

pub use bootstrap::{Bootstrap, Estimate, Resampling, bootstrap};
pub use calibration::{BINS, ReliabilityBin, reliability};
pub use changes::{AnswerChange, Side, changes};
pub use detection::{RiskCoverage, Roc};
pub use doubt::{DETECTORS, Undefined, Value, doubt, needs_passes};
pub use histogram::Histogram;
pub use numbers::{LabelledRun, Metric, Numbers};
pub use outside::{Outside, OutsideReport};
pub use over_dropout::{OVER, OverDropout, over_dropout};
pub use passes::{AtPasses, against_passes};
pub use single_pass::{deterministic, single_pass};
pub use tables::{ClassRow, Confusion};
