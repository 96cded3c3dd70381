//! The quality view: numbers from the workers, a lever, a threshold, and the brushed images in its charts.

mod over_dropout;

use std::sync::Arc;

pub use over_dropout::OverDropoutPanel;

use crate::data::corruption::Corruption;
use crate::data::foreign::Foreign;
use crate::gui::action::{QualityAction, Section, Subset};
use crate::gui::effect::{Follow, Step, Steps};
use crate::gui::settings::Tab;
use crate::gui::shared::{Gravity, Shared, same_draws};
use crate::sampling::SweepConfig;
use crate::shown::GalleryView;
use crate::shown::highlight::{BrushedCharts, Charted};
use crate::shown::light::{LightJob, Lighting};
use crate::shown::quality::{ForeignJob, ForeignView, QualityJob, QualityKey, QualityView, Reference};
use crate::shown::subject::Origin;
use crate::uncertainty::Measure;
use crate::uncertainty::quality::DETECTORS;
use crate::worker::{Job, Slot};

/// What the quality view knows.
#[derive(Debug)]
pub struct QualityPanel {
    /// Which half is shown.
    pub section: Section,
    /// The measure that detects.
    pub measure: Measure,
    /// The numbers; of an older question until the new ones are there.
    pub view: Option<Arc<QualityView>>,
    /// Changes whenever the foreign images do.
    pub foreign_generation: u64,
    /// The foreign images asked for.
    pub source: Option<Foreign>,
    /// How strange digits are made, 0…1.
    pub strength: f32,
    /// Images refused by the lever.
    pub refused: usize,
    /// The doubt from which an image is called foreign; half of the digits' range until chosen.
    pub threshold: Option<f32>,
    /// The run kept for comparison.
    pub reference: Option<Arc<Reference>>,
    /// The images the gallery is limited to, while the charts are visible.
    pub brushed: Option<BrushedCharts>,
    /// The same numbers at several dropout rates.
    pub over_dropout: OverDropoutPanel,
    kept: u64,
    asked: Option<QualityKey>,
    foreign_asked: Option<(Foreign, QualityKey)>,
}

impl Default for QualityPanel {
    fn default() -> Self {
        Self {
            section: Section::default(),
            measure: Measure::PredictiveEntropy,
            view: None,
            foreign_generation: 0,
            source: None,
            strength: 0.5,
            refused: 0,
            threshold: None,
            reference: None,
            brushed: None,
            over_dropout: OverDropoutPanel::default(),
            kept: 0,
            asked: None,
            foreign_asked: None,
        }
    }
}

impl QualityPanel {
    /// Place of the chosen measure in lists over detectors.
    #[must_use]
    pub fn detector(&self) -> usize {
        QualityView::detector(self.measure)
    }

    /// The threshold in force for the foreign images shown: the chosen one, or that which refuses one digit in
    /// twenty.
    #[must_use]
    pub fn threshold(&self, foreign: Option<&ForeignView>) -> f32 {
        let five_in_hundred = || {
            let detector = foreign?.detectors.get(self.detector())?;
            Some(detector.roc.threshold_at(0.05))
        };
        self.threshold.or_else(five_in_hundred).unwrap_or(0.0)
    }

    /// Whether the numbers shown are of an older question.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        match (&self.view, &self.asked) {
            (Some(view), Some(asked)) => view.key != *asked,
            _ => false,
        }
    }

    /// Forgets all that was of other images.
    pub fn forget(&mut self) {
        let old = std::mem::take(self);
        // A folder of foreign images can be compared with the new ones as well.
        *self = Self {
            section: old.section,
            measure: old.measure,
            source: old.source,
            strength: old.strength,
            kept: old.kept,
            foreign_generation: old.foreign_generation + 1,
            ..Self::default()
        };
    }

    /// A job of this slot ended without an answer: the question may be asked again.
    pub fn ended(&mut self, slot: Slot, shared: &Shared) {
        if slot == Slot::Quality && self.view.as_ref().map(|view| &view.key) != self.asked.as_ref() {
            self.asked = None;
        }
        if slot == Slot::Foreign {
            let shown = shared.sights.foreign.as_ref().map(|view| (view.source.clone(), view.key.clone()));
            if shown != self.foreign_asked {
                self.foreign_asked = None;
            }
        }
    }

    /// The foreign images asked for could not be had: those shown stay.
    pub fn foreign_failed(&mut self, shared: &Shared) {
        self.source = shared.sights.foreign.as_ref().map(|view| view.source.clone());
    }

    /// The charts and what they are of, once there are any.
    #[must_use]
    pub fn charted(&self, shared: &Shared) -> Option<Charted> {
        let view = self.view.clone()?;
        Some(Charted { view, foreign: shared.sights.foreign.clone(), measure: self.measure })
    }

    /// Counts the brushed images in the charts again, while the charts are visible.
    pub fn chart_brush(&mut self, shared: &mut Shared) -> Steps {
        let limited = |view: &Arc<GalleryView>| view.only.is_some() || view.brush.is_some();
        let limited = shared.run.gallery.as_ref().is_some_and(limited);
        if shared.settings.tab == Tab::Quality && limited && self.view.is_some() {
            let Some(dataset) = &shared.dataset else { return Steps::new() };
            let (digits, gallery) = (Arc::clone(&dataset.digits), shared.run.gallery.clone());
            let (wanted, charted) = (Lighting::Count, self.charted(shared));
            return vec![Step::submit(Job::Light(Box::new(LightJob { wanted, digits, gallery, charted })))];
        }
        shared.jobs.forget(|slot| slot == Slot::Count);
        self.brushed = None;
        Steps::new()
    }

    /// The brushed images are counted.
    pub fn counted(&mut self, brushed: BrushedCharts) {
        self.brushed = Some(brushed);
    }

    /// Whether the plane is visible with foreign images on it, which must be sampled as the others are.
    fn shows_foreign_layer(&self, shared: &Shared) -> bool {
        shared.settings.tab == Tab::Plane && self.source.is_some() && !shared.sights.foreign_hidden
    }

    fn key(&self, shared: &Shared) -> Option<QualityKey> {
        let view = shared.run.gallery.as_ref()?;
        Some(QualityKey {
            run: view.key,
            sampled: SweepConfig { passes: view.query.passes, ..view.sampled },
            reference: self.reference.as_ref().map_or(0, |reference| reference.number),
        })
    }

    /// Asks for the numbers of the run in the gallery, unless they are there or on their way.
    pub fn ask(&mut self, shared: &Shared) -> Steps {
        if !(shared.settings.tab == Tab::Quality || self.shows_foreign_layer(shared))
            || shared.is_stale()
            || shared.is_refining()
        {
            return Steps::new();
        }
        let (Some(key), Some(gallery), Some(samples), Some(dataset)) =
            (self.key(shared), &shared.run.gallery, &shared.run.samples, &shared.dataset)
        else {
            return Steps::new();
        };
        if self.asked.as_ref() == Some(&key) {
            return self.ask_foreign(shared);
        }
        // The gallery may still show the run before this one.
        if samples.key() != Some(key.run) {
            return Steps::new();
        }
        self.asked = Some(key.clone());
        // Without dropout, only images and network matter.
        let same = |view: &&Arc<QualityView>| view.key.run.pairing == key.run.pairing;
        let plain = self.view.as_ref().filter(same).map(|view| Arc::clone(&view.plain));
        vec![Step::submit(Job::Quality(Box::new(QualityJob {
            digits: Arc::clone(&dataset.digits),
            model: shared.model.clone(),
            measures: Arc::clone(&gallery.measures),
            plain,
            samples: samples.clone(),
            known: shared.run.prefix.clone(),
            reference: self.reference.clone(),
            key,
        })))]
    }

    fn ask_foreign(&mut self, shared: &Shared) -> Steps {
        let (Some(source), Some(view), Some(dataset)) = (&self.source, &self.view, &shared.dataset) else {
            return Steps::new();
        };
        if self.is_stale() {
            return Steps::new();
        }
        // The run that was kept does not matter here.
        let key = QualityKey { reference: 0, ..view.key.clone() };
        let asked = (source.clone(), key.clone());
        if self.foreign_asked.as_ref() == Some(&asked) {
            return Steps::new();
        }
        let job = ForeignJob {
            source: source.clone(),
            digits: Arc::clone(&dataset.digits),
            shape: dataset.about.shape(),
            model: shared.model.clone(),
            measures: Arc::clone(&view.measures),
            plain: Arc::clone(&view.plain),
            key,
        };
        self.foreign_asked = Some(asked);
        vec![Step::submit(Job::Foreign(Box::new(job)))]
    }

    /// New numbers.
    pub fn came(&mut self, view: Arc<QualityView>, shared: &Shared) -> Steps {
        let complete = view.complete;
        self.refused = self.refused.min(view.measures.len());
        self.view = Some(view);
        let mut steps: Steps = vec![Follow::LightAgain.into()];
        // Once the intervals are there, so that they are not stopped for the foreign images.
        if complete {
            steps.extend(self.ask_foreign(shared));
        }
        steps
    }

    /// New foreign images, or their intervals.
    pub fn foreign_came(&mut self, view: Arc<ForeignView>, shared: &mut Shared) -> Steps {
        let mut steps = Steps::new();
        let same =
            shared.sights.foreign.as_ref().is_some_and(|old| {
                old.source == view.source && old.set.digits.len() == view.set.digits.len()
            });
        if !same {
            self.foreign_generation += 1;
            self.threshold = None;
            steps = leave_foreign(shared);
            for note in &view.set.notes {
                shared.notices.say(Gravity::Warning, note.clone());
            }
        }
        shared.sights.foreign = Some(view);
        steps.push(Follow::LightAgain.into());
        steps.extend(shared.count_foreign());
        steps
    }

    /// Carries out a user action in the quality view.
    pub fn update(&mut self, action: QualityAction, shared: &mut Shared) -> Steps {
        match action {
            QualityAction::Show(section) => self.section = section,
            QualityAction::Measure(measure) => {
                if DETECTORS.contains(&measure) {
                    self.measure = measure;
                    self.threshold = None;
                    (shared.pointed, shared.highlight) = (None, None);
                    return self.chart_brush(shared);
                }
            }
            QualityAction::Refuse(count) => {
                let images = self.view.as_ref().map_or(0, |view| view.measures.len());
                self.refused = count.min(images);
            }
            QualityAction::Threshold(threshold) => self.threshold = Some(threshold),
            QualityAction::Foreign(source) => {
                let mut steps = Steps::new();
                if source.is_none() {
                    shared.sights.foreign = None;
                    self.foreign_asked = None;
                    steps = leave_foreign(shared);
                }
                self.source = source;
                self.section = Section::Foreign;
                shared.settings.tab = Tab::Quality;
                steps.extend(self.ask(shared));
                steps.extend(shared.count_foreign());
                return steps;
            }
            QualityAction::Strength(strength) => {
                self.strength = strength.clamp(0.0, 1.0);
                if let Some(Foreign::Corrupted { corruption, .. }) = self.source {
                    self.source = Some(self.corrupted(corruption, shared.settings.sweep.seed));
                    return self.ask(shared);
                }
            }
            QualityAction::TryRates => {
                self.section = Section::Digits;
                return OverDropoutPanel::ask(shared);
            }
            QualityAction::StopRates => return shared.jobs.cancel(|slot| slot == Slot::OverDropout),
            QualityAction::Keep => return self.keep(shared),
            QualityAction::ForgetKept => {
                self.reference = None;
                return self.ask(shared);
            }
            QualityAction::ShowRefused => return self.show_refused(shared),
            QualityAction::ShowSelected => return self.show_selected(shared),
        }
        Steps::new()
    }

    /// Digits made strange as the strength says now, with masks of this seed.
    #[must_use]
    pub fn corrupted(&self, corruption: Corruption, seed: u64) -> Foreign {
        Foreign::Corrupted { corruption, strength: self.strength, seed }
    }

    fn keep(&mut self, shared: &mut Shared) -> Steps {
        let (Some(view), Some(samples)) = (&self.view, &shared.run.samples) else { return Steps::new() };
        let sampled = view.key.sampled;
        // The passes must be those of the numbers shown.
        if self.is_stale() || !same_draws(samples, &sampled) {
            let text = "The numbers are being brought up to date: keep the run once they are there.";
            shared.notices.say(Gravity::News, text);
            return Steps::new();
        }
        self.kept += 1;
        self.reference = Some(Arc::new(Reference {
            number: self.kept,
            name: format!(
                "{}, dropout {}, p = {:.2}, T = {}, seed {}",
                shared.model.name,
                shared.model.what.sites(sampled.dropout).unwrap_or_else(|| shared
                    .model
                    .key()
                    .dropout
                    .describe()),
                sampled.dropout,
                sampled.passes,
                sampled.seed
            ),
            measures: Arc::clone(&view.measures),
            samples: samples.clone(),
        }));
        self.ask(shared)
    }

    /// Limits the gallery to the refused images once they are found.
    fn show_refused(&self, shared: &mut Shared) -> Steps {
        if self.view.is_none() {
            return Steps::new();
        }
        self.limit(Lighting::Only(Subset::Refused(self.measure, self.refused)), shared)
    }

    /// Limits the gallery to the selected images.
    fn show_selected(&self, shared: &mut Shared) -> Steps {
        let selected = shared.selected.set.clone();
        self.limit(Lighting::OnlySelected(selected), shared)
    }

    fn limit(&self, wanted: Lighting, shared: &mut Shared) -> Steps {
        let Some(dataset) = &shared.dataset else { return Steps::new() };
        let (digits, gallery) = (Arc::clone(&dataset.digits), shared.run.gallery.clone());
        let charted = self.charted(shared);
        shared.settings.tab = Tab::Gallery;
        vec![Step::submit(Job::Light(Box::new(LightJob { wanted, digits, gallery, charted })))]
    }
}

/// Back to the selected image of the dataset: under the index of the foreign one there is another now.
fn leave_foreign(shared: &mut Shared) -> Steps {
    if !matches!(shared.elsewhere, Some(Origin::Foreign(_))) {
        return Steps::new();
    }
    shared.elsewhere = None;
    vec![Follow::Inspect.into()]
}
