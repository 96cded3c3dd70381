//! Why an image is uncertain, in the order in which a person can use the answers: coarse maps, slopes, neighbours, the
//! way to a rival, fine maps.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::data::about::Originals;
use crate::data::source::{Places, Split};
use crate::data::{Class, ClassNames, Digits};
use crate::export::card::TRAINING;
use crate::progress::{Observer, unobserved};
use crate::sampling::{self, Network, NetworkKey, SamplingError, Seen, SweepConfig};
use crate::uncertainty::explanation::{
    FeatureSpace, Gradient, PatchGrid, PatchMaps, Rival, Way, gradient, patch_maps, rival, rivals, way_to,
};

use super::answer::Answer;
use super::error::ShownError;
use super::features::{Features, space_of};
use super::opened::OpenedModel;
use super::subject::Subject;

/// Passes of a map at most: a change is known well from fewer passes than a value, as the masks are the same.
const PASSES: usize = 200;
/// The same where each pass runs a graph: seconds for 100 small images and more.
const PASSES_OF_GRAPH: usize = 20;
/// Image·passes that a fine map may take: a fifth of a second on two cores.
const FINE: usize = 160_000;
/// The same where dropout acts on the convolutions, which takes longer.
const FINE_ALL: usize = 34_000;
/// Pixels from a patch to the next in a first map at least, so that it is soon there for narrow patches too.
const COARSE: usize = 2;

/// Which images an image is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// None: where they lie is not known yet.
    Nothing,
    /// Those of the dataset shown.
    Dataset,
    /// The training images.
    Training,
}

impl Compared {
    /// What one of them is called: `training image`.
    #[must_use]
    pub fn noun(self) -> &'static str {
        if self == Self::Training { TRAINING } else { "image" }
    }
}

/// What an explanation was computed from.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainKey {
    /// The image.
    pub subject: Subject,
    /// The network.
    pub network: NetworkKey,
    /// T, p, seed.
    pub sampled: SweepConfig,
    /// Width of a patch in pixels.
    pub patch: usize,
    /// Which images it was compared with.
    pub compared: Compared,
    /// The class asked for as the rival; `None` for the label of a mistaken image, else the second likeliest.
    pub rival: Option<Class>,
}

impl ExplainKey {
    /// Whether both are of the same image, network, T, p and seed.
    fn samples_the_same(&self, other: &Self) -> bool {
        (&self.subject, self.network, self.sampled) == (&other.subject, other.network, other.sampled)
    }
}

/// What is asked for.
pub struct ExplainJob {
    /// What it will be computed from.
    pub key: ExplainKey,
    /// The network.
    pub model: OpenedModel,
    /// The training images, if the image is to be compared with them.
    pub training: Option<Arc<TrainingSpace>>,
    /// Those of the dataset, if it is to be compared with those.
    pub dataset: Option<Arc<Features>>,
    /// What was known before; what of it is still right is not computed again.
    pub before: Option<Arc<ExplainView>>,
}

/// The training images in the space of hidden activations of one network.
#[derive(Debug)]
pub struct TrainingSpace {
    /// The network.
    pub network: NetworkKey,
    /// Where the images are from, in words.
    pub source: String,
    /// Images and labels.
    pub digits: Arc<Digits>,
    /// The images as they are.
    pub originals: Option<Originals>,
    /// Their activations.
    pub space: FeatureSpace,
}

/// All that is known of why an image is uncertain.
#[derive(Clone, Debug)]
pub struct ExplainView {
    /// What it was computed from.
    pub key: ExplainKey,
    /// What labels and answers are called.
    pub names: ClassNames,
    /// Changes of doubt by patch; coarse at first.
    pub maps: Arc<PatchMaps>,
    /// Passes of the maps.
    pub map_passes: usize,
    /// Slopes of the doubt by pixel, over all passes; `None` at first, and where each pass runs a graph.
    pub gradient: Option<Arc<Gradient>>,
    /// The likeliest classes and their nearest training images; `None` when not looked for, or not found yet.
    pub rivals: Option<Vec<Rival>>,
    /// The way to a rival; `None` when not looked for, or not found yet.
    pub way: Option<Arc<Way>>,
    /// Whether nothing more comes.
    pub complete: bool,
}

/// Explains an image. `answer` is given what is known so far each time there is more, and says whether to go on; the
/// observer may stop it too.
///
/// # Errors
/// When the image cannot be sampled.
pub fn explain(
    job: &ExplainJob,
    observe: Observer,
    answer: Answer<'_, ExplainView>,
) -> Result<(), SamplingError> {
    let network = job.model.network()?;
    let key = &job.key;
    job.model.key().check(&key.network)?;
    let taken = key.subject.taken_by(&network)?;
    let image = taken.seen();
    let map_passes = key.sampled.passes.min(if network.runs_graph() { PASSES_OF_GRAPH } else { PASSES });
    let config = SweepConfig { passes: map_passes, ..key.sampled };
    let size = key.patch;
    let maps = |stride: usize, observe: Observer| {
        patch_maps(&network, image, PatchGrid::new(size, stride), &config, observe)
    };
    let before = job.before.as_deref().filter(|before| before.key.samples_the_same(key));
    let coarse = size.max(COARSE);
    let known = before.filter(|before| before.key.patch == size).map(|before| Arc::clone(&before.maps));
    let first = match known {
        Some(maps) => maps,
        None => match maps(coarse, observe)? {
            Some(maps) => Arc::new(maps),
            None => return Ok(()),
        },
    };
    let same_space = before.filter(|before| before.key.compared == key.compared);
    let names = key.subject.names(network.answers());
    let mut view = ExplainView {
        names,
        key: key.clone(),
        maps: first,
        map_passes,
        gradient: before.and_then(|before| before.gradient.clone()),
        rivals: same_space.and_then(|before| before.rivals.clone()),
        way: same_space.and_then(|before| before.way.clone()),
        complete: false,
    };
    let rival = rival(&view.maps.measures, key.rival, key.subject.label);
    view.way = view.way.filter(|way| way.rival == rival);
    if answer(view.clone()).is_break() {
        return Ok(());
    }
    if view.gradient.is_none() && !network.runs_graph() {
        let Some(found) = gradient(&network, image, &key.sampled, observe)? else { return Ok(()) };
        view.gradient = Some(Arc::new(found));
        if answer(view.clone()).is_break() {
            return Ok(());
        }
    }
    if compare(job, (&network, image), rival, &mut view, (observe, answer))?.is_break() {
        return Ok(());
    }
    let limit = if network.is_slow() { FINE_ALL } else { FINE };
    let affordable = |stride: &usize| 2 * PatchGrid::new(size, *stride).count() * map_passes <= limit;
    if let Some(stride) = (1..coarse).find(affordable)
        && view.maps.grid.stride() > stride
    {
        let Some(fine) = maps(stride, observe)? else { return Ok(()) };
        view.maps = Arc::new(fine);
    }
    view.complete = true;
    let _ = answer(view);
    Ok(())
}

/// What is compared with other images: neighbours among training images, and the way to a rival.
fn compare(
    job: &ExplainJob,
    (network, image): (&Arc<Network>, Seen<'_>),
    rival: Class,
    view: &mut ExplainView,
    (observe, answer): (Observer, Answer<'_, ExplainView>),
) -> Result<ControlFlow<()>, SamplingError> {
    let (digits, space) = match (&job.training, &job.dataset) {
        (Some(training), _) => {
            job.key.network.check(&training.network)?;
            (&training.digits, &training.space)
        }
        (None, Some(features)) => {
            job.key.network.check(&features.network)?;
            (&features.digits, &features.space)
        }
        (None, None) => return Ok(ControlFlow::Continue(())),
    };
    if view.way.is_some() && (view.rivals.is_some() || job.training.is_none()) {
        return Ok(ControlFlow::Continue(()));
    }
    let plain = sampling::deterministic(network, image.pixels(), &mut unobserved)?;
    let Some(plain) = plain else { return Ok(ControlFlow::Break(())) };
    let own = (image, &plain.hidden[..]);
    if let Some(training) = &job.training
        && view.rivals.is_none()
    {
        view.rivals = Some(rivals(
            &view.maps.measures,
            job.key.subject.label,
            (&training.digits, &training.space),
            own,
        ));
        if answer(view.clone()).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    if view.way.is_some() {
        return Ok(ControlFlow::Continue(()));
    }
    let searched = SweepConfig { passes: view.map_passes, ..job.key.sampled };
    // All passes on the way, so that it begins with the very doubt that is explained.
    let configs = [&searched, &job.key.sampled];
    let way = way_to(network, (digits, space), own, rival, configs, observe)?;
    let Some(way) = way else { return Ok(ControlFlow::Break(())) };
    view.way = Some(Arc::new(way));
    Ok(answer(view.clone()))
}

/// Reads the training images and computes where they lie for a network; `None` when stopped, or there is none.
///
/// # Errors
/// When there are no training images, or the network cannot be asked.
pub fn training_space(
    places: &Places,
    model: &OpenedModel,
    known: Option<&TrainingSpace>,
    observe: Observer,
) -> Result<Option<TrainingSpace>, ShownError> {
    let (digits, originals, source) = if let Some(known) = known {
        (Arc::clone(&known.digits), known.originals.clone(), known.source.clone())
    } else {
        let ControlFlow::Continue(loaded) = places.load(Split::Train, observe)? else { return Ok(None) };
        (Arc::new(loaded.digits), loaded.about.originals, loaded.source.to_string())
    };
    let space = space_of(&digits, model, None, observe)?;
    Ok(space.map(|space| TrainingSpace { network: model.key(), source, digits, originals, space }))
}
