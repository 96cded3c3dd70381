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
    /// Show the frame of this number, from 0.
    Frame(usize),
    /// Go this many frames on, or back.
    Walk(isize),
    /// Play the film from where it stands, or from its start; or pause.
    Play(bool),
    /// While it plays: the next frame.
    Advance,
}
