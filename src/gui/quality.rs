//! What the quality view knows: numbers from the workers, a lever, a threshold, and what the pointer is on.

use std::sync::Arc;

use super::brushed::BrushedCharts;
use super::notices::Gravity;
use super::settings::Tab;
use super::state::{Effect, State, same_draws};
use crate::data::corruption::Corruption;
use crate::data::foreign::Foreign;
use crate::sampling::SweepConfig;
use crate::shown::Only;
use crate::shown::quality::{ForeignJob, ForeignView, QualityJob, QualityKey, QualityView, Reference};
use crate::shown::subject::Origin;
use crate::uncertainty::Measure;
use crate::uncertainty::quality::DETECTORS;
use crate::worker::{Job, Slot};

/// Which half of the view is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    /// Digits: calibration, refusing, confusion.
    #[default]
    Digits,
    /// Images that are no digits.
    Foreign,
}

/// One thing a person did in the quality view.
#[derive(Clone, Debug, PartialEq)]
pub enum QualityAction {
    /// Show this half.
    Show(Section),
    /// Doubt by this measure.
    Measure(Measure),
    /// Refuse so many of the least certain images.
    Refuse(usize),
    /// Call foreign what is doubted at least so much.
    Threshold(f32),
    /// Compare with these images; with none when `None`.
    Foreign(Option<Foreign>),
    /// How strange digits are made, 0…1.
    Strength(f32),
    /// Keep the run shown to compare others with.
    Keep,
    /// Compare no longer.
    ForgetKept,
    /// Show the refused images in the gallery.
    ShowRefused,
    /// Show the selected images in the gallery.
    ShowSelected,
}

/// What the quality view knows.
#[derive(Debug)]
pub struct QualityState {
    /// Which half is shown.
    pub section: Section,
    /// The measure that detects.
    pub measure: Measure,
    /// The numbers; of an older question until the new ones are there.
    pub view: Option<Arc<QualityView>>,
    /// Foreign images; of an older question until the new ones are there.
    pub foreign: Option<Arc<ForeignView>>,
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
    /// The images the gallery is limited to, while the charts are in sight.
    pub brushed: Option<BrushedCharts>,
    kept: u64,
    asked: Option<QualityKey>,
    foreign_asked: Option<(Foreign, QualityKey)>,
}

impl Default for QualityState {
    fn default() -> Self {
        Self {
            section: Section::default(),
            measure: Measure::PredictiveEntropy,
            view: None,
            foreign: None,
            foreign_generation: 0,
            source: None,
            strength: 0.5,
            refused: 0,
            threshold: None,
            reference: None,
            brushed: None,
            kept: 0,
            asked: None,
            foreign_asked: None,
        }
    }
}

impl QualityState {
    /// Place of the chosen measure in lists over detectors.
    #[must_use]
    pub fn detector(&self) -> usize {
        QualityView::detector(self.measure)
    }

    /// The threshold in force for the foreign images shown: the chosen one, or that which refuses one digit in
    /// twenty.
    #[must_use]
    pub fn threshold(&self) -> f32 {
        let five_in_hundred = || {
            let detector = self.foreign.as_ref()?.detectors.get(self.detector())?;
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
    pub(super) fn forget(&mut self) {
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
    pub(super) fn ended(&mut self, slot: Slot) {
        match slot {
            Slot::Quality if self.view.as_ref().map(|view| &view.key) != self.asked.as_ref() => {
                self.asked = None;
            }
            Slot::Foreign => {
                let shown = self.foreign.as_ref().map(|view| (view.source.clone(), view.key.clone()));
                if shown != self.foreign_asked {
                    self.foreign_asked = None;
                }
            }
            _ => {}
        }
    }
}

impl State {
    fn quality_key(&self) -> Option<QualityKey> {
        let view = self.gallery.as_ref()?;
        Some(QualityKey {
            run: view.key,
            sampled: SweepConfig { passes: view.query.passes, ..view.sampled },
            reference: self.quality.reference.as_ref().map_or(0, |reference| reference.number),
        })
    }

    /// Asks for the numbers of the run in the gallery, unless they are there or on their way.
    pub(super) fn ask_quality(&mut self) -> Vec<Effect> {
        if !(self.settings.tab == Tab::Quality || self.shows_foreign_layer())
            || self.is_stale()
            || self.is_refining()
        {
            return Vec::new();
        }
        let (Some(key), Some(gallery), Some(samples), Some(dataset)) =
            (self.quality_key(), &self.gallery, &self.samples, &self.dataset)
        else {
            return Vec::new();
        };
        if self.quality.asked.as_ref() == Some(&key) {
            return self.ask_foreign();
        }
        // The gallery may still show the run before this one.
        if samples.key() != Some(key.run) {
            return Vec::new();
        }
        self.quality.asked = Some(key.clone());
        // Without dropout, only images and network matter.
        let same = |view: &&Arc<QualityView>| view.key.run.pairing == key.run.pairing;
        let plain = self.quality.view.as_ref().filter(same).map(|view| Arc::clone(&view.plain));
        vec![Effect::submit(Job::Quality(Box::new(QualityJob {
            digits: Arc::clone(&dataset.digits),
            model: self.model.clone(),
            measures: Arc::clone(&gallery.measures),
            plain,
            samples: samples.clone(),
            reference: self.quality.reference.clone(),
            key,
        })))]
    }

    fn ask_foreign(&mut self) -> Vec<Effect> {
        let (Some(source), Some(view), Some(dataset)) =
            (&self.quality.source, &self.quality.view, &self.dataset)
        else {
            return Vec::new();
        };
        if self.quality.is_stale() {
            return Vec::new();
        }
        // The run that was kept does not matter here.
        let key = QualityKey { reference: 0, ..view.key.clone() };
        let asked = (source.clone(), key.clone());
        if self.quality.foreign_asked.as_ref() == Some(&asked) {
            return Vec::new();
        }
        let job = ForeignJob {
            source: source.clone(),
            digits: Arc::clone(&dataset.digits),
            model: self.model.clone(),
            measures: Arc::clone(&view.measures),
            plain: Arc::clone(&view.plain),
            key,
        };
        self.quality.foreign_asked = Some(asked);
        vec![Effect::submit(Job::Foreign(Box::new(job)))]
    }

    /// New numbers.
    pub(super) fn quality_came(&mut self, view: Arc<QualityView>) -> Vec<Effect> {
        let complete = view.complete;
        self.quality.refused = self.quality.refused.min(view.measures.len());
        self.quality.view = Some(view);
        self.light_again();
        // Once the intervals are there, so that they are not stopped for the foreign images.
        if complete { self.ask_foreign() } else { Vec::new() }
    }

    /// New foreign images, or their intervals.
    pub(super) fn foreign_came(&mut self, view: Arc<ForeignView>) -> Vec<Effect> {
        let mut effects = Vec::new();
        let same =
            self.quality.foreign.as_ref().is_some_and(|old| {
                old.source == view.source && old.set.digits.len() == view.set.digits.len()
            });
        if !same {
            self.quality.foreign_generation += 1;
            self.quality.threshold = None;
            effects = self.leave_foreign();
            for note in &view.set.notes {
                self.notices.say(Gravity::Warning, note.clone());
            }
        }
        self.quality.foreign = Some(view);
        self.light_again();
        effects.extend(self.count_foreign());
        effects
    }

    pub(super) fn apply_quality(&mut self, action: QualityAction) -> Vec<Effect> {
        match action {
            QualityAction::Show(section) => self.quality.section = section,
            QualityAction::Measure(measure) if DETECTORS.contains(&measure) => {
                self.quality.measure = measure;
                self.quality.threshold = None;
                self.light(None);
                self.chart_brush();
            }
            QualityAction::Measure(_) => {}
            QualityAction::Refuse(count) => {
                let images = self.quality.view.as_ref().map_or(0, |view| view.measures.len());
                self.quality.refused = count.min(images);
            }
            QualityAction::Threshold(threshold) => self.quality.threshold = Some(threshold),
            QualityAction::Foreign(source) => {
                let mut effects = Vec::new();
                if source.is_none() {
                    self.quality.foreign = None;
                    self.quality.foreign_asked = None;
                    effects = self.leave_foreign();
                }
                self.quality.source = source;
                self.quality.section = Section::Foreign;
                self.settings.tab = Tab::Quality;
                effects.extend(self.ask_quality());
                effects.extend(self.count_foreign());
                return effects;
            }
            QualityAction::Strength(strength) => {
                self.quality.strength = strength.clamp(0.0, 1.0);
                if let Some(Foreign::Corrupted { corruption, .. }) = self.quality.source {
                    self.quality.source = Some(self.corrupted(corruption));
                    return self.ask_quality();
                }
            }
            QualityAction::Keep => return self.keep(),
            QualityAction::ForgetKept => {
                self.quality.reference = None;
                return self.ask_quality();
            }
            QualityAction::ShowRefused => return self.show_refused(),
            QualityAction::ShowSelected => return self.show_selected(),
        }
        Vec::new()
    }

    /// Digits made strange as the strength says now.
    #[must_use]
    pub fn corrupted(&self, corruption: Corruption) -> Foreign {
        Foreign::Corrupted { corruption, strength: self.quality.strength, seed: self.settings.sweep.seed }
    }

    /// Back to the selected image of the dataset: under the index of the foreign one there is another now.
    fn leave_foreign(&mut self) -> Vec<Effect> {
        if !matches!(self.elsewhere, Some(Origin::Foreign(_))) {
            return Vec::new();
        }
        self.elsewhere = None;
        self.inspect()
    }

    fn keep(&mut self) -> Vec<Effect> {
        let (Some(view), Some(samples)) = (&self.quality.view, &self.samples) else { return Vec::new() };
        let sampled = view.key.sampled;
        // The passes must be those of the numbers shown.
        if self.quality.is_stale() || !same_draws(samples, &sampled) {
            let text = "The numbers are being brought up to date: keep the run once they are there.";
            self.notices.say(Gravity::News, text);
            return Vec::new();
        }
        let placement = self.model.checkpoint.lenet.architecture().placement;
        self.quality.kept += 1;
        self.quality.reference = Some(Arc::new(Reference {
            number: self.quality.kept,
            name: format!(
                "{}, dropout {}, p = {:.2}, T = {}, seed {}",
                self.model.name,
                placement.describe(),
                sampled.dropout,
                sampled.passes,
                sampled.seed
            ),
            measures: Arc::clone(&view.measures),
            samples: samples.clone(),
        }));
        self.ask_quality()
    }

    fn show_selected(&mut self) -> Vec<Effect> {
        let indices: Vec<u32> = self.selected.set.iter().copied().collect();
        self.remember();
        self.settings.tab = Tab::Gallery;
        let name = format!("the {} selected", indices.len());
        self.show_only(Some(Arc::new(Only { name, indices })))
    }

    fn show_refused(&mut self) -> Vec<Effect> {
        let Some(view) = &self.quality.view else { return Vec::new() };
        let Some(risk) = view.risks.get(self.quality.detector()) else { return Vec::new() };
        let refused = self.quality.refused;
        let mut indices: Vec<u32> = risk.refused(refused).collect();
        indices.sort_unstable();
        self.remember();
        self.settings.tab = Tab::Gallery;
        let name = format!("the {refused} refused by {}", self.quality.measure.label().to_lowercase());
        self.show_only(Some(Arc::new(Only { name, indices })))
    }
}
