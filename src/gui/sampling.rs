//! When what is shared is asked for: the sweep, the gallery of what was sampled, the hidden features, and whether what
//! is shown is what was asked for.

use std::path::PathBuf;
use std::sync::Arc;

use super::effect::{Effect, Follow, Step, Steps};
use super::shared::{Gravity, Overlay, Shared};
use crate::data::source::{Places, Split};
use crate::gui::settings::Arrangement;
use crate::sampling::RunKey;
use crate::shown::firm::{FirmJob, FirmKey, FirmView};
use crate::shown::{
    Asked, CopiesFound, CopiesJob, Dataset, Features, GalleryQuery, GalleryView, InputCheck, Only,
    OpenedModel, PlanePoints, ReduceJob,
};
use crate::uncertainty::firm::can_be_firm;
use crate::worker::{Job, Slot};

/// Image·passes that making firm may take: some seconds.
const FIRM_BUDGET: u64 = 20_000_000;

impl Shared {
    /// The network and the passes asked for.
    #[must_use]
    pub fn asked(&self) -> Asked {
        Asked { model: self.model.clone(), config: self.settings.sweep }
    }

    /// The rate the shown network was trained with differs from the one asked for.
    #[must_use]
    pub fn differs_from_training(&self) -> Option<f32> {
        if self.model.what.graph().is_some() {
            return None;
        }
        let trained = self.model.what.dropout();
        ((trained - self.settings.sweep.dropout).abs() > 5e-4).then_some(trained)
    }

    /// Whether the gallery shows something else than what is asked for: an older p, seed, T, or network.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        let Some(view) = &self.run.gallery else { return false };
        let asked = self.settings.sweep;
        self.run.samples.is_none() || Some(view.key) != self.run_key() || view.query.passes != asked.passes
    }

    /// Whether the newest samples match the current settings, even when there are fewer passes than asked for.
    #[must_use]
    pub fn has_current_draws(&self) -> bool {
        let current = |key| Some(key) == self.run_key();
        self.run.samples.is_some() && self.run.gallery.as_ref().is_some_and(|view| current(view.key))
    }

    /// Whether what was computed from so many passes of a run is what is asked for now.
    #[must_use]
    pub fn asks_for(&self, run: RunKey, passes: usize) -> bool {
        Some(run) == self.run_key() && passes == self.settings.sweep.passes
    }

    /// Whether passes are still being added to what the gallery shows.
    #[must_use]
    pub fn is_refining(&self) -> bool {
        self.jobs.run(Slot::Sweep)
    }

    /// What the gallery shows: what was asked last of all images; until there is something of these images and this network,
    /// a first look at some of them.
    #[must_use]
    pub fn gallery_shown(&self) -> Option<&Arc<GalleryView>> {
        let pairing = self.pairing();
        let own = |view: &&Arc<GalleryView>| Some(view.key.pairing) == pairing;
        let whole = self.run.gallery.as_ref();
        whole.filter(own).or(self.run.first_look.as_ref().filter(own)).or(whole)
    }

    /// How many images a first look is at, while it is shown.
    #[must_use]
    pub fn first_look(&self) -> Option<usize> {
        let look = self.run.first_look.as_ref()?;
        self.gallery_shown().is_some_and(|shown| Arc::ptr_eq(shown, look)).then(|| look.ranked.order.len())
    }

    /// The question the gallery asks now.
    #[must_use]
    pub fn gallery_query(&self, passes: usize) -> GalleryQuery {
        GalleryQuery {
            digit: self.settings.digit,
            grouping: self.settings.grouping,
            filter: self.settings.filter,
            measure: self.settings.measure,
            axes: self.settings.plane_axes,
            passes,
        }
    }

    /// Passes of what is asked for that are sampled.
    #[must_use]
    pub fn passes_there(&self) -> usize {
        self.run.samples.as_ref().map_or(0, |samples| self.settings.sweep.passes.min(samples.passes()))
    }

    /// Asks for images.
    #[must_use]
    pub fn load(&mut self, asked: Option<PathBuf>, split: Split) -> Steps {
        self.load_error = None;
        let places = Places { asked, part: None, ..self.places.clone() };
        vec![Step::submit(Job::Load { places, split })]
    }

    /// Asks for another split of the same source, by the name that the source has for it.
    #[must_use]
    pub fn load_part(&mut self, part: String) -> Steps {
        self.load_error = None;
        let places = Places { part: Some(part), ..self.places.clone() };
        vec![Step::submit(Job::Load { places, split: Split::Test })]
    }

    /// Asks what the classes of the images are called.
    pub fn ask_names(&mut self) {
        match &self.dataset {
            Some(dataset) if !dataset.digits.labelled().is_empty() => self.overlay = Overlay::Names,
            Some(_) => self.refuse("These images have no labels, and so no classes to name."),
            None => self.refuse("There are no images yet."),
        }
    }

    /// Keeps what a person calls the classes.
    #[must_use]
    pub fn keep_names(&self, dataset: &Dataset) -> Option<Step> {
        let folder = self.places.names.clone()?;
        let names = dataset.about.own_names.is_some().then(|| dataset.digits.classes().clone());
        Some(Step::submit(Job::KeepNames { folder, dataset: dataset.digits.hash(), names }))
    }

    /// Ends the sweep under way, which is of images or of a network that are no longer in the window.
    #[must_use]
    pub fn abandon_sweep(&mut self) -> Steps {
        let old = |slot| {
            matches!(slot, Slot::Sweep | Slot::Firm | Slot::Quality | Slot::Foreign | Slot::OverDropout)
        };
        let steps = self.jobs.cancel(old);
        self.jobs.forget(old);
        self.run.forget_samples();
        steps
    }

    /// Brings the samples to what the settings ask for: from those kept, by sampling on, or anew.
    #[must_use]
    pub fn sweep(&mut self) -> Steps {
        let (Some(dataset), Some(key)) = (&self.dataset, self.run_key()) else { return Steps::new() };
        let config = self.settings.sweep;
        self.run.turn_to(key);
        let done = self.run.samples.as_ref().map_or(0, crate::sampling::Samples::passes);
        let mut steps = Steps::new();
        if done >= config.passes {
            // A sweep under way is for something else now.
            steps.extend(self.jobs.cancel(|slot| slot == Slot::Sweep));
            self.jobs.forget(|slot| slot == Slot::Sweep);
        } else if self.jobs.run_answered(Slot::Sweep, false) {
            // While a slider moves, each rate gets its first picture before the next is asked for; the one under way
            // will lead here again.
        } else {
            self.run.sweeping = Some(config);
            // Numbers of the old run would keep the new one waiting.
            steps.extend(
                self.jobs.cancel(|slot| matches!(slot, Slot::Quality | Slot::Foreign | Slot::Copies)),
            );
            steps.push(Step::submit(Job::Sweep {
                digits: Arc::clone(&dataset.digits),
                model: self.model.clone(),
                config,
                prefix: self.run.prefix.clone(),
                samples: self.run.samples.clone(),
                query: self.gallery_query(config.passes),
            }));
        }
        steps.extend(self.refresh());
        steps
    }

    /// Asks for the gallery and the inspector at what is sampled now.
    #[must_use]
    pub fn refresh(&self) -> Steps {
        let (Some(samples), Some(dataset)) = (&self.run.samples, &self.dataset) else { return Steps::new() };
        let passes = self.passes_there();
        if passes == 0 {
            return Steps::new();
        }
        let gallery = Job::Gallery {
            samples: samples.clone(),
            digits: Arc::clone(&dataset.digits),
            query: self.gallery_query(passes),
            limits: self.limits.clone(),
            foreign: self.foreign_to_count(),
            firm: self.run.firm.clone(),
        };
        vec![Step::submit(gallery), Follow::Inspect.into()]
    }

    /// What would be made firm now; `None` until all passes asked for are there.
    fn firm_key(&self) -> Option<FirmKey> {
        let passes = self.settings.sweep.passes;
        let ready =
            self.passes_there() == passes && !self.is_refining() && can_be_firm(self.settings.measure);
        Some(FirmKey {
            run: self.run_key().filter(|_| ready)?,
            query: self.gallery_query(passes),
            only: self.limits.only.clone(),
            top: self.settings.top,
            both: self.settings.arrangement == Arrangement::Halves,
            tolerance: self.settings.firm.tolerance,
        })
    }

    /// Whether there is something to make firm.
    #[must_use]
    pub fn can_make_firm(&self) -> bool {
        self.firm_key().is_some()
    }

    /// What has been made firm of what is shown.
    #[must_use]
    pub fn firm_shown(&self) -> Option<&FirmView> {
        let key = self.firm_key()?;
        self.run.firm.as_deref().filter(|view| view.key == key)
    }

    /// Asks for further passes until what is shown is decided.
    #[must_use]
    pub fn make_firm(&mut self) -> Option<Step> {
        let (key, dataset, samples) = (self.firm_key()?, self.dataset.as_ref()?, self.run.samples.clone()?);
        Some(Step::submit(Job::Firm(Box::new(FirmJob {
            key,
            digits: Arc::clone(&dataset.digits),
            model: self.model.clone(),
            prefix: self.run.prefix.clone(),
            samples,
            from: self.run.firm.clone(),
            budget: FIRM_BUDGET,
        }))))
    }

    /// The same by itself, where that is wanted, nothing else is under way, and it has not been done.
    #[must_use]
    pub fn firm_when_idle(&mut self) -> Steps {
        let done = self.firm_shown().is_some_and(|view| view.complete);
        if !self.settings.firm.auto || done || !self.jobs.is_empty() {
            return Steps::new();
        }
        self.make_firm().into_iter().collect()
    }

    /// Something has been made firm.
    #[must_use]
    pub fn firm_came(&mut self, view: Arc<FirmView>) -> Steps {
        self.run.firm = Some(view);
        self.refresh()
    }

    /// Limits the gallery to some images.
    #[must_use]
    pub fn show_only(&mut self, only: Option<Arc<Only>>) -> Steps {
        self.limits.only = only;
        self.refresh()
    }

    /// Where foreign images are, while a brush says how many it covers.
    fn foreign_to_count(&self) -> Option<Arc<PlanePoints>> {
        self.limits.region.as_ref()?;
        let foreign = self.sights.foreign.as_ref().filter(|_| !self.sights.foreign_hidden)?;
        Some(Arc::clone(&foreign.points))
    }

    /// Foreign images have come or gone: a brush counts them anew.
    #[must_use]
    pub fn count_foreign(&self) -> Steps {
        if self.limits.region.is_some() { self.refresh() } else { Steps::new() }
    }

    /// Asks for the hidden features of the dataset when there are none of it.
    #[must_use]
    pub fn ask_features(&self) -> Option<Step> {
        let dataset = self.dataset.as_ref()?;
        if self.current_features().is_some() {
            return None;
        }
        let digits = Arc::clone(&dataset.digits);
        Some(Step::submit(Job::Features {
            digits,
            model: self.model.clone(),
            known: self.run.prefix.clone(),
        }))
    }

    /// Asks for images as they are, unless some are on their way.
    #[must_use]
    pub fn ask_reduced(&self, wanted: impl FnOnce() -> Option<ReduceJob>) -> Option<Effect> {
        if self.jobs.run(Slot::Reduced) {
            return None;
        }
        wanted().map(|wanted| Effect::Submit(Box::new(Job::Reduce(wanted))))
    }

    /// Asks which images are there more than once, unless that is known or being found out.
    #[must_use]
    pub fn ask_copies(&self) -> Option<Step> {
        let dataset = self.dataset.as_ref()?;
        let (originals, part) = (dataset.about.originals.clone()?, dataset.about.part.clone()?);
        if self.compared.as_ref() == Some(&originals) || self.jobs.run(Slot::Copies) {
            return None;
        }
        let path = dataset.source.path()?.to_path_buf();
        Some(Step::submit(Job::Copies(CopiesJob { originals, path, part })))
    }

    /// It is known which images are there more than once.
    pub fn copies_came(&mut self, found: CopiesFound) {
        for remark in &found.remarks {
            self.notices.say(Gravity::Warning, remark.clone());
        }
        if let Some(dataset) = &mut self.dataset {
            dataset.about.remarks.extend(found.remarks);
        }
        self.compared = Some(found.originals);
    }

    /// Asks whether the graph in use is given the images as it was trained on them, unless that is known.
    #[must_use]
    pub fn ask_input_check(&mut self) -> Option<Step> {
        let dataset = self.dataset.as_ref()?;
        let images = dataset.digits.hash();
        self.input_check = self.input_check.take().filter(|known| known.is_of(&self.model.what, &images));
        let wanted = self.model.what.graph().is_some() && self.input_check.is_none();
        let (model, digits) = (self.model.clone(), Arc::clone(&dataset.digits));
        wanted.then(|| Step::submit(Job::CheckInput { model, digits }))
    }

    /// It is known how the network answers without dropout.
    pub fn input_checked(&mut self, found: InputCheck) {
        if let Some(remark) = &found.remark {
            self.notices.say(Gravity::Warning, remark.clone());
        }
        self.input_check = Some(found);
    }

    /// Says what a network that is to be used makes of the images, where it takes others than the one in use.
    pub fn say_what_is_taken(&mut self, next: &OpenedModel) {
        let (before, image) = (self.model.what.image(), next.what.image());
        let about = self.dataset.as_ref().map(|dataset| &dataset.about);
        if let Some(taken) = about.filter(|_| before != image).and_then(|about| about.taken_as(image)) {
            self.notices.say(Gravity::Warning, taken);
        }
    }

    /// A graph with the preprocessing that a person chose for its file before.
    #[must_use]
    pub fn with_kept_input(&self, model: OpenedModel) -> OpenedModel {
        match self.settings.kept_input(&model.hash) {
            Some(preprocessing) if model.what.graph().is_some() => {
                model.changed(|what| what.with_preprocessing(preprocessing))
            }
            _ => model,
        }
    }

    /// The hidden features of the dataset shown, once they are there.
    #[must_use]
    pub fn current_features(&self) -> Option<Arc<Features>> {
        let current = |features: &Features| {
            features.network == self.model.key()
                && self.dataset.as_ref().is_some_and(|own| Arc::ptr_eq(&own.digits, &features.digits))
        };
        self.features.clone().filter(|features| current(features))
    }
}
