//! User actions on the run: the images, the network, and how often, at which rate and with which masks it is
//! asked.

use std::path::PathBuf;

use crate::data::Classes;
use crate::data::source::Split;
use crate::model::graph::{By, Preprocessing};
use crate::sampling::MaskDesign;

/// One user action on the run.
#[derive(Clone, Debug, PartialEq)]
pub enum RunAction {
    /// Passes T.
    SetPasses(usize),
    /// Dropout rate p.
    SetDropout(f32),
    /// Each site of the graph in use at the rate that its file says.
    OwnRates,
    /// Dropout in the graph in use at this site, by its place among all, by units or by channels; `None`: not there.
    SetSite(usize, Option<By>),
    /// What is done to an image before the graph in use takes it.
    SetInput(Preprocessing),
    /// A graph of several outputs answers with this one.
    SetOutput(String),
    /// Seed of the masks.
    SetSeed(u64),
    /// How the masks of different passes belong together.
    SetMasks(MaskDesign),
    /// Go back to the network that comes with the program.
    UseBundledModel,
    /// Go back to the network that was trained in this window as the so manieth, from 0.
    UseTrained(usize),
    /// Look for MNIST again: cache, then download.
    RetryDownload,
    /// Use digits the program draws itself.
    UseSynthetic,
    /// Show this part of the dataset.
    SetSplit(Split),
    /// Show the part that its source calls so.
    SetPart(String),
    /// Call the classes of the images so, from now on.
    NameClasses(Classes),
    /// Files were dropped on the window.
    Dropped(Vec<PathBuf>),
    /// Stop all that runs.
    CancelJobs,
}
