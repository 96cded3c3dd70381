//! A saved view on its way into the window: its images first, then its network, then the rest.
//!
//! What is not there, or has other contents than the view says, is named; what was shown then stays, and the rest of the
//! view is shown with it. Whatever a person does meanwhile that the view would undo ends its opening.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::action::{
    Action, FileAction, FilePurpose, GalleryAction, PlaneAction, SubnetworkAction, TrainAction,
};
use super::saved::Having;
use super::shared::{Gravity, Shared};
use crate::data::source::{Places, SYNTHETIC};
use crate::shown::saved_view::{ContentHash, DataPlace, NetworkPlace, SavedView};
use crate::shown::{Dataset, OpenedModel};
use crate::worker::{Event, Job, JobId, Slot};

/// What is being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its images.
    Images,
    /// Any images: its own could not be had, and there are none in the window yet.
    AnyImages,
    /// Its network.
    Network,
    /// Nothing any more.
    Rest,
}

/// A view that is being opened.
#[derive(Debug)]
pub(super) struct Opening {
    view: Box<SavedView>,
    /// Its file's name.
    name: String,
    stage: Stage,
    /// The job that is waited for, once it has an id.
    job: Option<JobId>,
    /// Images that came, and where they were found; `None` while those in the window serve.
    images: Option<(Dataset, Box<Places>)>,
    /// The network to use; `None` while the one in use serves.
    network: Option<OpenedModel>,
    /// Which parts of it are there.
    having: Having,
    /// What is not there, and why: a sentence each.
    missing: Vec<String>,
}

/// What is to be done next.
pub(super) enum Next {
    /// This job.
    Wait(Box<Job>),
    /// Show all that is there.
    Show(Box<Found>),
}

/// All that is there of a view.
pub(super) struct Found {
    /// What it says.
    pub view: SavedView,
    /// Which parts of it are there.
    pub having: Having,
    /// Images in place of those in the window, and where they were found.
    pub images: Option<(Dataset, Box<Places>)>,
    /// A network in place of the one in use.
    pub network: Option<OpenedModel>,
    /// What to say of it.
    pub said: (Gravity, String),
}

impl Opening {
    /// A view was read from a file of this name.
    #[must_use]
    pub(super) fn new(view: Box<SavedView>, name: String) -> Self {
        let having = Having { images: true, network: true };
        Self {
            view,
            name,
            stage: Stage::Images,
            job: None,
            images: None,
            network: None,
            having,
            missing: Vec::new(),
        }
    }

    /// What is to be done next.
    pub(super) fn next(mut self, shared: &Shared) -> (Option<Self>, Next) {
        match self.question(shared) {
            Some(job) => (Some(self), Next::Wait(Box::new(job))),
            None => (None, Next::Show(Box::new(self.found(shared)))),
        }
    }

    /// What is not there yet.
    fn question(&mut self, shared: &Shared) -> Option<Job> {
        let here = shared.dataset.as_ref();
        if self.stage == Stage::Images {
            if self.images.is_none() && !here.is_some_and(|dataset| self.view.data.is(&dataset.digits)) {
                return Some(self.load(&shared.places));
            }
            self.stage = Stage::Network;
        }
        if self.stage == Stage::AnyImages {
            if self.images.is_none() && here.is_none() {
                return Some(Job::Load { places: shared.places.clone(), split: shared.split });
            }
            self.stage = Stage::Network;
        }
        let key = self.view.network.key();
        if self.stage == Stage::Rest || self.network.is_some() || shared.model.key() == key {
            return None;
        }
        let trained = shared.trained.list().iter().map(|here| &here.model);
        self.network =
            std::iter::once(&shared.bundled).chain(trained).find(|model| model.key() == key).cloned();
        if self.network.is_some() {
            return None;
        }
        let why = match &self.view.network.place {
            NetworkPlace::File(path) => {
                let output = self.view.network.sites.as_ref().and_then(|sites| sites.output.clone());
                return Some(Job::OpenModel(path.clone(), output));
            }
            NetworkPlace::Bundled => {
                "it came with another version of Dubito; where you have it in a file, open that, then the view again"
            }
            NetworkPlace::Window => {
                "it was trained in the window that saved the view, and is in no file; save it there, then the view again"
            }
        };
        self.without_network(why);
        None
    }

    /// The question for its images.
    fn load(&self, places: &Places) -> Job {
        let asked = match &self.view.data.place {
            DataPlace::Folder(folder) => Some(folder.clone()),
            DataPlace::Mnist => None,
            DataPlace::Synthetic => Some(PathBuf::from(SYNTHETIC)),
        };
        let (part, environment) = (self.view.data.part.clone(), None);
        let places = Places { asked, part, environment, ..places.clone() };
        Job::Load { places, split: self.view.data.split }
    }

    /// A job was given this id.
    pub(super) fn submitted(&mut self, id: JobId, slot: Slot) {
        let awaited = if self.stage == Stage::Network { Slot::Model } else { Slot::Load };
        if slot == awaited {
            self.job.get_or_insert(id);
        }
    }

    /// The job that is waited for.
    #[must_use]
    pub(super) fn job(&self) -> Option<JobId> {
        self.job
    }

    /// Whether it waits for this of a job.
    #[must_use]
    pub(super) fn waits_for(&self, job: JobId, event: &Event) -> bool {
        let ends = matches!(
            event,
            Event::Loaded { .. } | Event::ModelOpened(_) | Event::Failed(_) | Event::Finished
        );
        ends && self.job == Some(job)
    }

    /// What it waited for has come, or cannot be had; says why when there are no images at all.
    pub(super) fn hear(&mut self, event: Event) -> Option<String> {
        self.job = None;
        match event {
            Event::Loaded { dataset, places } => self.images_came(dataset, places),
            Event::ModelOpened(model) => self.network_came(model),
            Event::Failed(error) => return self.failed(&error.to_string()),
            _ => return self.failed("reading was stopped"),
        }
        None
    }

    fn images_came(&mut self, dataset: Dataset, places: Box<Places>) {
        let hash = dataset.digits.hash();
        if self.view.data.is(&dataset.digits) {
            if !self.having.images {
                // They are where images were looked for at the start.
                self.having.images = true;
                self.missing.clear();
            }
            self.images = Some((dataset, places));
        } else if self.stage == Stage::AnyImages {
            self.images = Some((dataset, places));
        } else if dataset.source.is_fallback() {
            self.without_images(
                "MNIST is not on this machine and cannot be downloaded; connect, then open the view again",
            );
        } else {
            let place = match &self.view.data.place {
                DataPlace::Folder(folder) => folder.display().to_string(),
                DataPlace::Mnist | DataPlace::Synthetic => dataset.name(),
            };
            self.without_images(&format!(
                "{place} holds others now, of contents {} and not {}; open the folder that holds those of the view, then \
                 the view again",
                ContentHash(hash).short(),
                self.view.data.hash.short()
            ));
        }
    }

    fn network_came(&mut self, model: OpenedModel) {
        let wanted = self.view.network.key();
        let model = self.view.network.arranged(model);
        if model.key() == wanted {
            self.network = Some(model);
            return;
        }
        let path = model.path.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
        self.without_network(&format!(
            "{path} holds another now ({}) and not {wanted}; open the file that holds it, then the view again",
            model.key()
        ));
    }

    fn failed(&mut self, why: &str) -> Option<String> {
        match self.stage {
            Stage::Images => self.without_images(why),
            Stage::AnyImages => {
                self.stage = Stage::Network;
                return Some(why.to_owned());
            }
            Stage::Network | Stage::Rest => self.without_network(why),
        }
        None
    }

    fn without_images(&mut self, why: &str) {
        self.stage = Stage::AnyImages;
        self.having.images = false;
        self.missing.push(format!("Its images, “{}”, are missing: {why}.", self.view.data.name));
    }

    fn without_network(&mut self, why: &str) {
        self.stage = Stage::Rest;
        self.having.network = false;
        self.missing.push(format!("Its network, “{}”, is missing: {why}.", self.view.network.name));
    }

    fn found(self, shared: &Shared) -> Found {
        let Self { view, name, images, network, having, missing, .. } = self;
        let mut text = if missing.is_empty() {
            format!("Opened the view {name}.")
        } else {
            format!("The view {name} is shown in part. {}", missing.join(" "))
        };
        if !having.images {
            text += match &shared.dataset {
                Some(_) => " The images of before stay, and what is selected among them.",
                None if images.is_some() => " Others are shown.",
                None => "",
            };
        }
        if !having.network {
            let _ = write!(text, " The network in use stays “{}”.", shared.model.name);
        }
        let gravity = if missing.is_empty() { Gravity::Done } else { Gravity::Error };
        Found { view: *view, having, images, network, said: (gravity, text) }
    }

    /// What is said when it is given up.
    #[must_use]
    pub(super) fn given_up(&self) -> String {
        format!("The view {} was not opened: something else was asked for before it was there.", self.name)
    }
}

/// Whether a person asks for something that an opening view would undo.
#[must_use]
pub(super) fn overrides(action: &Action) -> bool {
    match action {
        Action::Run(_)
        | Action::Undo
        | Action::UndoSteps(_)
        | Action::Redo
        | Action::Marks(_)
        | Action::Draw(_) => true,
        Action::File(FileAction::Chosen(purpose, _)) => matches!(
            purpose,
            FilePurpose::OpenModel | FilePurpose::OpenData | FilePurpose::OpenPicture | FilePurpose::OpenView
        ),
        Action::Gallery(action) => !matches!(action, GalleryAction::Revealed | GalleryAction::SetZoom(_)),
        Action::Subnetwork(action) => !matches!(action, SubnetworkAction::Step(_)),
        Action::Plane(action) => matches!(action, PlaneAction::Brush(..) | PlaneAction::ClearBrush),
        Action::Train(action) => matches!(action, TrainAction::Start),
        Action::File(FileAction::Ask(_))
        | Action::Window(_)
        | Action::Rotate(_)
        | Action::Quality(_)
        | Action::Explain(_)
        | Action::Inspector(_)
        | Action::Highlight(_)
        | Action::Chart(_) => false,
    }
}
