//! The network: LeNet with dropout, its files, its training.

pub mod checkpoint;
pub mod fast;
pub mod geometry;
pub mod lenet;
mod masks;
pub mod reference;
pub mod training;

pub use checkpoint::{Checkpoint, CheckpointError, Settings, TrainingRecord};
pub use lenet::{Architecture, DropoutMasks, Lenet, LenetError, Placement, Weights};
pub use training::{Ending, Schedule, TrainConfig, TrainError, Trained, TrainingReport, train};
