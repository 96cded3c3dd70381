//! Every plot and map of the window as a [`Chart`]: what is copied, saved and written as a table.
//!
//! The functions of this folder build a chart from the data that a view shows, when a person asks for it. A view
//! offers it with [`charted_ui`](super::views::chart_menu::charted_ui) or
//! [`chart_menu_ui`](super::views::chart_menu::chart_menu_ui).

mod draw;
mod explain;
mod inspector;
mod quality;
mod run;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::action::FilePurpose;
use super::exports::{data_of, provenance};
use super::notices::Gravity;
use super::state::{Effect, Overlay, State};
use crate::export::chart::Chart;
use crate::export::sheet::Provenance;
use crate::sampling::SweepConfig;
use crate::shown::Dataset;
use crate::shown::clipboard::{ChartCopy, ChartForm};
use crate::shown::subject::Origin;
use crate::worker::Job;
use crate::worker::written::Export;

pub use draw::{along_the_strokes, cloud, training_curves};
pub use explain::{change_maps, slope_maps, way_to_rival};
pub use inspector::{classes, entropy_against_passes, measures, predictive_mean, sampled_probabilities};
pub use quality::{
    by_digit, confusion, doubt_of_errors, doubt_of_foreign, error_detection, foreign_detection,
    quality_against_passes, quality_numbers, reliability, risk_and_coverage, roc,
};
pub use run::{measure_histogram, plane};

/// A chart, and which passes its numbers come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// The chart. An empty footer is filled with the provenance.
    pub chart: Chart,
    /// T, p and seed; those of the gallery when `None`.
    pub sampled: Option<SweepConfig>,
    /// The image it is of; the dataset when `None`.
    pub origin: Option<Origin>,
}

impl From<Chart> for Taken {
    fn from(chart: Chart) -> Self {
        Self { chart, sampled: None, origin: None }
    }
}

impl Taken {
    /// The same from these passes.
    #[must_use]
    pub fn sampled(self, sampled: SweepConfig) -> Self {
        Self { sampled: Some(sampled), ..self }
    }

    /// The same of one image.
    #[must_use]
    pub fn of(self, origin: Origin) -> Self {
        Self { origin: Some(origin), ..self }
    }
}

/// A chart was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartAction {
    /// What it is called in files and questions: `predictive mean`.
    pub name: &'static str,
    /// Picture or data.
    pub form: ChartForm,
    /// Whether it is saved in a file; otherwise it goes to the clipboard.
    pub save: bool,
    /// The chart.
    pub taken: Arc<Taken>,
}

impl State {
    /// Copies a chart, or asks where to save it.
    pub(super) fn apply_chart(&mut self, action: ChartAction) -> Vec<Effect> {
        let ChartAction { name, form, save, taken } = action;
        let mut taken = Arc::unwrap_or_clone(taken);
        if taken.chart.footer.is_empty() {
            taken.chart.footer = self.footer(&taken);
        }
        let chart = Arc::new(taken.chart);
        if !save {
            return vec![Effect::submit(Job::Chart { chart, form })];
        }
        self.chart = Some(chart);
        let purpose = FilePurpose::SaveChart(name, form);
        self.overlay = Overlay::Path(purpose);
        vec![Effect::AskSystem(purpose)]
    }

    /// Where the numbers of a chart come from.
    fn footer(&self, taken: &Taken) -> String {
        let own = self.dataset.as_ref().zip(self.gallery.as_ref());
        let mut from = own.map_or_else(
            || Provenance {
                data: self.dataset.as_ref().map_or_else(|| "no dataset".to_owned(), Dataset::name),
                model: self.model.hash.clone(),
                passes: self.settings.sweep.passes,
                dropout: self.settings.sweep.dropout,
                seed: self.settings.sweep.seed,
            },
            |(dataset, view)| provenance(self, dataset, view),
        );
        if let Some(sampled) = taken.sampled {
            (from.passes, from.dropout, from.seed) = (sampled.passes, sampled.dropout, sampled.seed);
        }
        if let Some(origin) = taken.origin {
            from.data = data_of(self, origin);
        }
        from.to_string()
    }

    /// The job that writes the chart asked for.
    pub(super) fn save_chart(&self, form: ChartForm, path: PathBuf) -> Result<Job, String> {
        let chart = self.chart.clone().ok_or("There is no chart to save: choose one from its menu first.")?;
        let (form, path) = file(form, path);
        Ok(Job::Export { what: Export::Chart(chart, form), path })
    }

    /// A chart is ready for the clipboard.
    pub(super) fn chart_came(&mut self, copy: ChartCopy) -> Vec<Effect> {
        let (what, effect) = match copy {
            ChartCopy::Picture(picture) => {
                let what = format!("picture, {} × {} pixels", picture.width(), picture.height());
                (what, Effect::CopyPicture(picture))
            }
            ChartCopy::Data(table) => {
                let rows = crate::wording::count(table.lines().count().saturating_sub(1), "row");
                (format!("data, {rows}"), Effect::CopyText(table))
            }
        };
        self.notices.say(Gravity::News, format!("Copied the {what}."));
        vec![effect]
    }
}

/// What a file holds: what its name says, or else what was asked for.
fn file(asked: ChartForm, mut path: PathBuf) -> (ChartForm, PathBuf) {
    let is = |path: &Path, wanted: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(wanted));
    if is(&path, "csv") {
        return (ChartForm::Data, path);
    }
    if is(&path, "png") {
        return (ChartForm::Picture, path);
    }
    if path.extension().is_none() && !path.is_dir() && path.file_name().is_some() && !path.exists() {
        path.set_extension(ending(asked));
    }
    (asked, path)
}

/// The ending of a file's name.
#[must_use]
pub fn ending(form: ChartForm) -> &'static str {
    match form {
        ChartForm::Picture => "png",
        ChartForm::Data => "csv",
    }
}
