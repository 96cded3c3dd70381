//! The network: LeNet with dropout, its files, its training.

pub mod checkpoint;
pub mod fast;
pub mod geometry;
pub mod lenet;
mod masks;
pub mod reference;
pub mod schedule;
pub mod trainer;
pub mod training;

pub use checkpoint::{Checkpoint, CheckpointError, Settings, TrainingRecord};
pub use lenet::{Architecture, DropoutMasks, Lenet, LenetError, Placement, Weights};
pub use schedule::Schedule;
pub use training::{Ending, TrainConfig, TrainError, Trained, TrainingReport, train};
