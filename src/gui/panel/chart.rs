//! A chart asked for: copied, or saved where a person says.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::export::contact_sheet::Provenance;
use crate::gui::action::{ChartAction, FilePurpose, Taken, ending};
use crate::gui::effect::{Effect, Step, Steps};
use crate::gui::exports::provenance;
use crate::gui::shared::{Gravity, Overlay, Shared};
use crate::shown::Dataset;
use crate::shown::clipboard::{ChartCopy, ChartForm};
use crate::shown::plane_chart::ChartDraft;
use crate::worker::Job;
use crate::worker::written::Export;

/// The chart that is asked about.
#[derive(Debug, Default)]
pub struct ChartPanel {
    /// The chart that is to be saved.
    asked: Option<Arc<ChartDraft>>,
}

impl ChartPanel {
    /// Copies a chart, or asks where to save it.
    pub fn update(&mut self, action: ChartAction, shared: &mut Shared) -> Steps {
        let ChartAction { name, form, save, taken } = action;
        let mut taken = Arc::unwrap_or_clone(taken);
        if taken.chart.footer.is_empty() {
            taken.chart.footer = footer(&taken, shared);
        }
        let chart = Arc::new(ChartDraft { chart: taken.chart, marks: taken.marks });
        if !save {
            return vec![Step::submit(Job::Chart { chart, form })];
        }
        self.asked = Some(chart);
        let purpose = FilePurpose::SaveChart(name, form);
        shared.overlay = Overlay::Path(purpose);
        vec![Effect::AskSystem(purpose).into()]
    }

    /// What is written of the chart asked for, and where.
    ///
    /// # Errors
    /// When no chart was asked for.
    pub fn save(&self, form: ChartForm, path: PathBuf) -> Result<(Export, PathBuf), String> {
        let chart = self.asked.clone().ok_or("There is no chart to save: choose one from its menu first.")?;
        let (form, path) = file(form, path);
        Ok((Export::Chart(chart, form), path))
    }

    /// A chart is ready for the clipboard.
    #[must_use]
    pub fn came(&self, copy: ChartCopy, shared: &mut Shared) -> Steps {
        let (what, effect) = match copy {
            ChartCopy::Picture(picture) => {
                let what = format!("picture, {} × {} pixels", picture.width(), picture.height());
                (what, Effect::CopyPicture(picture))
            }
            ChartCopy::Data(table, rows) => {
                let rows = crate::wording::count(rows, "row");
                (format!("data, {rows}"), Effect::CopyText(table))
            }
        };
        shared.notices.say(Gravity::Done, format!("Copied the {what}."));
        vec![effect.into()]
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

/// Where the numbers of a chart come from.
fn footer(taken: &Taken, shared: &Shared) -> String {
    let own = shared.dataset.as_ref().zip(shared.run.gallery.as_ref());
    let mut from = own.map_or_else(
        || {
            let data = shared.dataset.as_ref().map_or_else(|| "no dataset".to_owned(), Dataset::name);
            Provenance::of(data, &shared.model.what, shared.settings.sweep)
        },
        |(dataset, view)| provenance(&shared.model, dataset, view),
    );
    if let Some(sampled) = taken.sampled {
        from = Provenance::of(from.data, &shared.model.what, sampled);
    }
    if let Some(origin) = taken.origin {
        from.data = shared.data_of(origin);
    }
    from.to_string()
}
