//! What follows from a change: what the window must do outside itself, and what its other panels must do.
//!
//! A panel knows no other. What it cannot do itself it names as a [`Follow`], and the coordinator
//! ([`State`](super::state::State)) asks the panel in question, in the order of the steps.

use super::action::FilePurpose;
use super::settings::{Tab, ThemeChoice};
use crate::shown::highlight::BrushedCharts;
use crate::shown::indices::Picked;
use crate::worker::{Job, JobId};

/// What the window must do after a change.
pub enum Effect {
    /// Give this to the workers and call [`State::submitted`](super::state::State::submitted).
    Submit(Box<Job>),
    /// Tell a job to stop.
    Cancel(JobId),
    /// Show the system's file dialog.
    AskSystem(FilePurpose),
    /// Put a picture on the clipboard.
    CopyPicture(image::RgbImage),
    /// Put text on the clipboard.
    CopyText(String),
    /// Put grey values on the clipboard, `[28, 28]`.
    CopyPixels(Vec<u8>),
    /// Turn the lecture view on or off.
    SetLecture(bool),
    /// Change the colours.
    SetTheme(ThemeChoice),
    /// Close the window.
    Quit,
}

/// What a panel cannot do itself, because another one does it.
#[derive(Clone, Debug, PartialEq)]
pub enum Follow {
    /// Show this view.
    ShowTab(Tab),
    /// Select this image alone.
    Select(u32),
    /// Look at this image, without a step of its own in the history.
    WalkTo(u32),
    /// Select these images and no others.
    SelectAll(Picked),
    /// Look at the image in the inspector.
    Inspect,
    /// Ask why the image shown is uncertain, unless that is known or being computed.
    Explain,
    /// Stop explaining: what is explained is no longer looked at.
    StopExplaining,
    /// Ask the network about the drawing.
    Draw,
    /// Ask for what the Rotate tab shows and does not have yet.
    Rotate,
    /// Ask for the numbers of the quality view, unless they are there or on their way.
    Quality,
    /// Label the gallery by the sub-network looked at, of the new passes.
    Subnetwork,
    /// Find the images lit up and the brushed ones again: the numbers they were found by have changed.
    LightAgain,
    /// Show where the brushed images are in the charts of the quality view.
    Counted(Box<BrushedCharts>),
    /// The network has answered for the drawing: explain it once the pen has rested.
    DrawingRests,
}

/// One thing that follows from a change.
pub enum Step {
    /// To be done outside the window's state.
    Do(Effect),
    /// To be done by another panel.
    Then(Follow),
}

/// All that follows from a change, in order.
pub type Steps = Vec<Step>;

impl From<Effect> for Step {
    fn from(effect: Effect) -> Self {
        Self::Do(effect)
    }
}

impl From<Follow> for Step {
    fn from(follow: Follow) -> Self {
        Self::Then(follow)
    }
}

impl Step {
    /// Give this to the workers.
    #[must_use]
    pub fn submit(job: Job) -> Self {
        Self::Do(Effect::Submit(Box::new(job)))
    }
}
