//! A window's state with workers that answer when a test says so.

use crate::sampling::MaskDesign;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use crate::data::idx::{Packing, write_images, write_labels};
use crate::data::source::{Places, Split};
use crate::data::{Digits, synthetic};
use crate::gui::action::{
    Action, DrawAction, FileAction, FilePurpose, GalleryAction, Pick, QualityAction, RunAction,
    SubnetworkAction, TrainAction, WindowAction,
};
use crate::gui::effect::Effect;
use crate::gui::settings::{Settings, Tab, TrainSettings};
use crate::gui::state::State;
use crate::model::checkpoint::Checkpoint;
use crate::model::{Architecture, Lenet, Placement};
use crate::sampling::SweepConfig;
use crate::sampling::{NetworkKey, Pairing};
use crate::shown::OpenedModel;
use crate::worker::{Event, Job, JobId, Lane, Report, Slot, answers};

/// A dataset on disk.
#[derive(Clone, Copy, Debug)]
pub(super) enum Set {
    /// One.
    First,
    /// Another, with another number of images.
    Second,
}

/// A network in a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Network {
    /// One.
    First,
    /// Another, with dropout in other places.
    Second,
}

/// What a person does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    OpenModel(Network),
    BundledModel,
    Train,
    StopTraining,
    LoadData(Set),
    OtherSplit(Split),
    Dropout(f32),
    Passes(usize),
    Seed(u64),
    Cancel,
    Show(Tab),
    Select(u32),
    Subnetwork(usize),
    TryRates,
    /// A stroke across the paper at this height.
    Draw(u8),
    ClearPaper,
    EditSelected,
    Undo,
    Redo,
}

/// What happens next.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A person does something.
    Do(Deed),
    /// So many events of a lane arrive.
    Answer { lane: usize, events: usize },
    /// All there is arrives.
    AnswerAll,
}

/// Files that all cases share.
struct Files {
    folder: tempfile::TempDir,
    networks: [OpenedModel; 2],
    bundled: OpenedModel,
}

static FILES: LazyLock<Files> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    for (set, images, seed) in [(Set::First, 13, 3), (Set::Second, 9, 4)] {
        let place = folder.path().join(format!("{set:?}"));
        std::fs::create_dir_all(&place).unwrap();
        for (stem, images, seed) in [("t10k", images, seed), ("train", 2 * images, seed + 10)] {
            let digits = synthetic::generate(images, seed);
            write_images(&place.join(format!("{stem}-images-idx3-ubyte")), &digits, Packing::Plain).unwrap();
            write_labels(&place.join(format!("{stem}-labels-idx1-ubyte")), &digits, Packing::Plain).unwrap();
        }
    }
    let network = |name: &str, placement, dropout, seed| {
        let lenet =
            Lenet::initialise(Architecture { hidden: 8, placement, classes: 10 }, dropout, seed).unwrap();
        let path = folder.path().join(name);
        Checkpoint::new(lenet).save(&path).unwrap();
        OpenedModel::open(&path).unwrap()
    };
    let networks = [
        network("First.safetensors", Placement::Dense, 0.5, 21),
        network("Second.safetensors", Placement::Last, 0.3, 22),
    ];
    let bundled = network("bundled.safetensors", Placement::Dense, 0.5, 23);
    Files { folder, networks, bundled }
});

impl Set {
    fn path(self) -> PathBuf {
        FILES.folder.path().join(format!("{self:?}"))
    }
}

impl Network {
    fn path(self) -> PathBuf {
        FILES.folder.path().join(format!("{self:?}.safetensors"))
    }
}

/// A job as a lane sees it.
struct Queued {
    id: JobId,
    slot: Slot,
    /// Until it begins.
    job: Option<Job>,
    /// What it still has to say.
    events: VecDeque<Event>,
}

/// A state, its workers, and every dataset and network it has had to do with.
pub(super) struct World {
    pub(super) state: State,
    lanes: Vec<(Lane, VecDeque<Queued>)>,
    next: JobId,
    /// Whether a job that is told to stop says no more than that it has ended; else what it had to say still arrives.
    stops_at_once: bool,
    datasets: Vec<Arc<Digits>>,
    networks: Vec<OpenedModel>,
}

impl World {
    pub(super) fn new(stops_at_once: bool) -> Self {
        let settings = Settings {
            sweep: SweepConfig { passes: 5, dropout: 0.5, seed: 1, masks: MaskDesign::Balanced },
            training: TrainSettings { epochs: 1, batch_size: 8, hidden: 8, ..TrainSettings::default() },
            ..Settings::default()
        };
        let mut places = Places::new(Some(Set::First.path()));
        places.environment = None;
        places.cache = None;
        places.mirrors = Vec::new();
        let bundled = FILES.bundled.clone();
        let (state, effects) = State::new(settings, places, bundled.clone(), bundled.clone());
        let mut networks = FILES.networks.to_vec();
        networks.push(bundled);
        let lanes = Lane::ALL.map(|lane| (lane, VecDeque::new())).into();
        let mut world = Self { state, lanes, next: 1, stops_at_once, datasets: Vec::new(), networks };
        world.carry_out(effects);
        world
    }

    /// The dataset of a key.
    pub(super) fn dataset(&self, key: Pairing) -> &Digits {
        self.datasets.iter().find(|digits| digits.hash() == key.dataset).expect("a dataset that was loaded")
    }

    /// The network of a key.
    pub(super) fn network(&self, key: NetworkKey) -> &OpenedModel {
        self.networks.iter().find(|model| model.key() == key).expect("a network that was open")
    }

    pub(super) fn take(&mut self, step: &Step) {
        match step {
            Step::Do(deed) => self.act(*deed),
            Step::Answer { lane, events } => {
                for _ in 0..*events {
                    self.answer(*lane);
                }
            }
            Step::AnswerAll => self.answer_all(),
        }
    }

    /// Asks again for what a person may have stopped, and lets everything arrive.
    pub(super) fn settle(&mut self) {
        self.answer_all();
        if self.state.shared.dataset.is_none() {
            // The first images were refused by a person.
            self.act(Deed::LoadData(Set::First));
            self.answer_all();
        }
        self.act(Deed::Passes(7));
        self.answer_all();
    }

    fn act(&mut self, deed: Deed) {
        if let Deed::Draw(height) = deed {
            let at = |x: f32| [x, f32::from(height)];
            self.apply(Action::Draw(DrawAction::Begin { at: at(6.0), erase: false }));
            self.apply(Action::Draw(DrawAction::Extend(vec![at(15.0), at(21.0)])));
            self.apply(Action::Draw(DrawAction::End));
            return;
        }
        let file = |purpose, path| Action::File(FileAction::Chosen(purpose, path));
        let action = match deed {
            Deed::OpenModel(network) => file(FilePurpose::OpenModel, network.path()),
            Deed::BundledModel => Action::Run(RunAction::UseBundledModel),
            Deed::Train => Action::Train(TrainAction::Start),
            Deed::StopTraining => Action::Train(TrainAction::Stop),
            Deed::LoadData(set) => file(FilePurpose::OpenData, set.path()),
            Deed::OtherSplit(split) => Action::Run(RunAction::SetSplit(split)),
            Deed::Dropout(dropout) => Action::Run(RunAction::SetDropout(dropout)),
            Deed::Passes(passes) => Action::Run(RunAction::SetPasses(passes)),
            Deed::Seed(seed) => Action::Run(RunAction::SetSeed(seed)),
            Deed::Cancel => Action::Run(RunAction::CancelJobs),
            Deed::Show(tab) => Action::Window(WindowAction::ShowTab(tab)),
            Deed::Select(index) => {
                let images =
                    self.state.shared.dataset.as_ref().map_or(0, |dataset| dataset.digits.len() as u32);
                if images == 0 {
                    return;
                }
                Action::Gallery(GalleryAction::Select(index % images, Pick::Only))
            }
            Deed::Subnetwork(pass) => Action::Subnetwork(SubnetworkAction::Show(Some(pass))),
            Deed::TryRates => Action::Quality(QualityAction::TryRates),
            Deed::ClearPaper => Action::Draw(DrawAction::Clear),
            Deed::EditSelected => Action::Draw(DrawAction::OpenSelected),
            Deed::Undo => Action::Undo,
            Deed::Redo => Action::Redo,
            Deed::Draw(_) => return,
        };
        self.apply(action);
    }

    fn apply(&mut self, action: Action) {
        let effects = self.state.apply(action);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Submit(job) => self.submit(*job),
                Effect::Cancel(id) => self.cancel(id),
                _ => {}
            }
        }
    }

    /// As [`crate::worker::Workers::submit`].
    fn submit(&mut self, job: Job) {
        let id = self.next;
        self.next += 1;
        let (slot, lane) = (job.slot(), job.lane());
        self.state.submitted(id, slot, job.title(), job.unit());
        let at_once = self.stops_at_once;
        if let Some((_, queue)) = self.lanes.iter_mut().find(|(name, _)| *name == lane) {
            if slot.newest_wins() {
                queue.retain(|queued| queued.slot != slot || queued.job.is_none());
                if !slot.is_quick() {
                    queue.iter_mut().filter(|queued| queued.slot == slot).for_each(|q| q.stop(at_once));
                }
            }
            let events = VecDeque::new();
            queue.push_back(Queued { id, slot, job: Some(job), events });
        }
    }

    /// As [`crate::worker::Workers::cancel`].
    fn cancel(&mut self, id: JobId) {
        for (_, queue) in &mut self.lanes {
            for queued in queue.iter_mut().filter(|queued| queued.id == id) {
                if queued.job.take().is_some() {
                    queued.events.push_back(Event::Finished);
                } else {
                    queued.stop(self.stops_at_once);
                }
            }
        }
    }

    /// The next event of a lane arrives.
    fn answer(&mut self, lane: usize) -> bool {
        let Some((_, queue)) = self.lanes.get_mut(lane) else { return false };
        let Some(front) = queue.front_mut() else { return false };
        if let Some(job) = front.job.take() {
            front.events.push_back(Event::Started);
            front.events.extend(answers(job));
        }
        let (id, event) = (front.id, front.events.pop_front());
        if front.events.is_empty() {
            queue.pop_front();
        }
        let Some(event) = event else { return false };
        self.note(&event);
        let effects = self.state.receive(Report { job: id, event });
        self.carry_out(effects);
        true
    }

    fn answer_all(&mut self) {
        let lanes = self.lanes.len();
        while (0..lanes).any(|lane| self.answer(lane)) {}
    }

    /// Remembers what later answers can be of.
    fn note(&mut self, event: &Event) {
        match event {
            Event::Loaded { dataset, .. } => self.datasets.push(Arc::clone(&dataset.digits)),
            Event::Trained(model) => self.networks.push(model.clone()),
            _ => {}
        }
    }
}

impl Queued {
    fn stop(&mut self, at_once: bool) {
        if at_once && self.job.is_none() {
            self.events.clear();
            self.events.push_back(Event::Finished);
        }
    }
}
