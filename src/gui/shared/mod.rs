//! What the panels share: the images and the network, the run, what is selected and what it is limited to, the
//! settings, the jobs under way and the messages.

mod acting;
mod agreement;
mod guide;
mod history;
mod jobs;
mod networks;
mod notices;
mod run;
mod selection;
mod sights;
mod snapshot;
mod steps;

use std::sync::Arc;

use super::action::{FilePurpose, Shelf, Subset};
use super::settings::Settings;
use crate::data::about::Originals;
use crate::data::marks::{Marks, Review};
use crate::data::source::{Places, Split};
use crate::data::{Class, ClassNames};
use crate::help::Topic;
use crate::shown::highlight::Highlight;
use crate::shown::subject::Origin;
use crate::shown::{Dataset, Features, InputCheck, Limits, OpenedModel, ReducedImages};
use crate::worker::Slot;

pub use acting::Acting;
pub use guide::Guide;
pub use history::{Control, History};
pub use jobs::{ActiveJob, Jobs};
pub use networks::{TrainedHere, TrainedNetworks};
pub use notices::{Gravity, Notice, Notices};
pub use run::{Run, same_config, same_draws};
pub use selection::Selected;
pub use sights::Sights;
pub use snapshot::Snapshot;

/// What lies over the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The command palette.
    Palette,
    /// The list of shortcuts.
    Shortcuts,
    /// A page of the help.
    Help(Topic),
    /// What the program is.
    About,
    /// A question for a path.
    Path(FilePurpose),
    /// What the classes of the images are called.
    Names,
    /// The network's drawing.
    Network,
    /// Whether to close the window although networks are not saved.
    Leave,
}

impl Overlay {
    /// Lays this over the window, or takes it away when it is there.
    pub fn toggle(&mut self, overlay: Self) {
        *self = if *self == overlay { Self::None } else { overlay };
    }
}

/// What the panels share.
pub struct Shared {
    /// Choices that come back on the next start.
    pub settings: Settings,
    /// The images; `None` until they are loaded.
    pub dataset: Option<Dataset>,
    /// Changes whenever the images do.
    pub generation: u64,
    /// Why the last load failed, in place of images.
    pub load_error: Option<String>,
    /// Where images are looked for: the training images too.
    pub places: Places,
    /// The part of the dataset asked for.
    pub split: Split,
    /// The network.
    pub model: OpenedModel,
    /// The network that comes with the program.
    pub bundled: OpenedModel,
    /// Networks trained in this window.
    pub trained: TrainedNetworks,
    /// Number of the training begun last, from 1: what an earlier one still says is dropped.
    pub training: u64,
    /// Whether the window closes whatever is not saved.
    pub leaving: bool,
    /// What was sampled, and what is shown of it.
    pub run: Run,
    /// Hidden features of the dataset.
    pub features: Option<Arc<Features>>,
    /// The images of which it is known which are there more than once.
    pub compared: Option<Originals>,
    /// How the graph in use answers without dropout; `None` until that is known.
    pub input_check: Option<InputCheck>,
    /// Images as they are that have come for the thumbnails, until these take them.
    pub reduced: Vec<ReducedImages>,
    /// The images one can look at besides those of the dataset.
    pub sights: Sights,
    /// What the gallery is limited to besides digit and filter.
    pub limits: Limits,
    /// What is selected.
    pub selected: Selected,
    /// An image in the inspector that is not of the dataset: kept or foreign.
    pub elsewhere: Option<Origin>,
    /// The class whose sampled probabilities the inspector shows, and to which an explanation shows the way; the
    /// predicted one when `None`.
    pub class: Option<Class>,
    /// The part of a chart that the pointer or the keyboard is on.
    pub pointed: Option<Subset>,
    /// The images lit up in every view; none when the pointer is on none. Of the part pointed at before, until those
    /// of this one are found.
    pub highlight: Option<Arc<Highlight>>,
    /// What is said of the images; `None` until it is read.
    pub marks: Option<Marks>,
    /// The way back to other filters, brushes, selections and passes.
    pub history: History,
    /// Jobs under way.
    pub jobs: Jobs,
    /// Messages.
    pub notices: Notices,
    /// What lies over the window.
    pub overlay: Overlay,
    /// The first steps of a newcomer.
    pub guide: Guide,
    /// Whether the window is shown to people who sit far away.
    pub lecture: bool,
}

impl Shared {
    /// What is shared at the start: settings and a network, and no images yet.
    #[must_use]
    pub fn new(settings: Settings, places: Places, model: OpenedModel, bundled: OpenedModel) -> Self {
        let guide = Guide::new(!settings.seen_start);
        Self {
            settings,
            dataset: None,
            generation: 0,
            load_error: None,
            places,
            split: Split::Test,
            model,
            bundled,
            trained: TrainedNetworks::default(),
            training: 0,
            leaving: false,
            run: Run::default(),
            features: None,
            reduced: Vec::new(),
            compared: None,
            input_check: None,
            sights: Sights::default(),
            limits: Limits::default(),
            selected: Selected::default(),
            elsewhere: None,
            class: None,
            pointed: None,
            highlight: None,
            marks: None,
            history: History::default(),
            jobs: Jobs::default(),
            notices: Notices::default(),
            overlay: Overlay::None,
            guide,
            lecture: false,
        }
    }

    /// What the labels of the images are called, and what the network's answers are.
    #[must_use]
    pub fn names(&self) -> ClassNames {
        let answers = self.model.classes().clone();
        match &self.dataset {
            Some(dataset) => dataset.digits.names(&answers),
            None => ClassNames::new(answers.clone(), answers),
        }
    }

    /// Whether closing the window would lose a network.
    #[must_use]
    pub fn would_lose(&self) -> bool {
        !self.leaving && self.trained.unsaved().next().is_some()
    }

    /// What undo would bring back.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let now = Snapshot::new(&self.settings, &self.limits, &self.selected);
        let acting = self.model.what.graph().map(Acting::of);
        Snapshot { acting, marks: self.marks.clone(), ..now }
    }

    /// The shelf that is shown; `None` while none is.
    #[must_use]
    pub fn shelf(&self) -> Option<Shelf> {
        let Settings { filter, measure, arrangement, .. } = self.settings;
        let only = self.limits.only.as_deref();
        Shelf::ALL.into_iter().find(|shelf| shelf.is_on(filter, measure, arrangement, only))
    }

    /// Remembers how it is, before a change.
    pub fn remember(&mut self) {
        let now = self.snapshot();
        self.history.push(now);
    }

    /// Remembers how it is, before a control changes that may be in the middle of a drag.
    pub fn remember_control(&mut self, control: Control) {
        let now = self.snapshot();
        self.history.push_control(control, now);
    }

    /// Whether the last step did nothing but mark one image, and this is how.
    #[must_use]
    pub fn only_marked(&self, index: u32, review: Review) -> bool {
        let Some(before) = self.history.last() else { return false };
        let now = self.snapshot();
        let (Some(earlier), Some(later)) = (&before.marks, &now.marks) else { return false };
        let changes = earlier.changes_to(later);
        let one = changes.len() == 1
            && changes.iter().all(|change| (change.index, change.after) == (index, review));
        one && Snapshot { marks: before.marks.clone(), ..now } == *before
    }

    /// The last steps by name, the newest first.
    #[must_use]
    pub fn steps(&self, most: usize) -> Vec<String> {
        self.history.steps(&self.snapshot(), most)
    }

    /// The last step turned out to change nothing: it is none to go back to.
    pub fn forget_step(&mut self) {
        let now = self.snapshot();
        self.history.forget(&now);
    }

    /// Forgets all that was computed of other images, and what was chosen among them.
    pub fn forget_results(&mut self) {
        // What is being measured is of the old images.
        self.jobs.forget(|slot| {
            matches!(
                slot,
                Slot::Gallery
                    | Slot::Inspect
                    | Slot::Explain
                    | Slot::Rotate
                    | Slot::Subnetwork
                    | Slot::Dial
                    | Slot::Features
                    | Slot::Neighbours
                    | Slot::TrainingSpace
                    | Slot::Light
                    | Slot::Choose
                    | Slot::Count
                    | Slot::Copies
                    | Slot::InputCheck
            )
        });
        self.run.gallery = None;
        self.sights.foreign = None;
        self.pointed = None;
        self.highlight = None;
        self.limits = Limits::default();
        self.selected = Selected::default();
        self.elsewhere = None;
        self.guide.forget_images();
    }

    /// Takes the first steps away, for good; says how it would be without them, where they have changed anything.
    pub fn close_guide(&mut self) -> Option<Snapshot> {
        self.guide.open = false;
        self.guide.picks = None;
        self.settings.seen_start = true;
        let now = self.snapshot();
        let (then, inspector) = self.guide.take_back(&now)?;
        self.settings.inspector_open &= !inspector;
        (then != now).then_some(then)
    }

    /// The settings to begin with next time: without what the first steps have chosen, while they are still shown.
    #[must_use]
    pub fn settings_to_keep(&self) -> Settings {
        let mut kept = self.settings.clone();
        if let Some((then, inspector)) = self.guide.clone().take_back(&self.snapshot()) {
            then.restore(&mut kept, &mut Limits::default(), &mut Selected::default());
            kept.inspector_open &= !inspector;
        }
        kept
    }

    /// Says why something was not done.
    pub fn refuse(&mut self, why: impl Into<String>) {
        self.notices.say(Gravity::Warning, why);
    }
}
