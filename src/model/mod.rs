//! The network: LeNet with dropout, its files, its training.

pub mod any;
pub mod checkpoint;
pub mod fast;
pub mod geometry;
pub mod graph;
pub mod lenet;
pub mod reference_trainer;
pub mod schedule;
pub mod trainer;
pub mod training;
mod training_masks;
mod unlike;

pub use any::{AnyModel, OpenedGraph};
pub use checkpoint::{Checkpoint, CheckpointError, SettingsSource, TrainingRecord};
pub use lenet::{Architecture, DropoutMasks, Lenet, LenetError, Placement, Weights};
pub use schedule::Schedule;
pub use training::{Ending, TrainConfig, TrainError, Trained, TrainingReport, train, train_watched};
