//! User actions in the Train tab.

use crate::gui::settings::TrainSettings;

/// One user action on training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TrainAction {
    /// Change how to train next.
    Set(TrainSettings),
    /// Train a network.
    Start,
    /// Stop training and keep the network.
    Stop,
}
