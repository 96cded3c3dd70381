//! The network: LeNet with dropout, its files, its training.

pub mod lenet;

pub use lenet::{Architecture, Lenet, Placement, Weights};
