//! User actions on a chart: copying and saving it.

use std::sync::Arc;

use crate::export::chart::Chart;
use crate::sampling::SweepConfig;
use crate::shown::clipboard::ChartForm;
use crate::shown::plane_chart::PlaneMarks;
use crate::shown::subject::Origin;

/// A chart, and which passes its numbers come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// The chart. An empty footer is filled with the provenance.
    pub chart: Chart,
    /// T, p and seed; those of the gallery when `None`.
    pub sampled: Option<SweepConfig>,
    /// The image it is of; the dataset when `None`.
    pub origin: Option<Origin>,
    /// The marks of the plane, if it is that: they are added where it is drawn.
    pub marks: Option<PlaneMarks>,
}

impl From<Chart> for Taken {
    fn from(chart: Chart) -> Self {
        Self { chart, sampled: None, origin: None, marks: None }
    }
}

impl Taken {
    /// The same from these passes.
    #[must_use]
    pub fn sampled(self, sampled: SweepConfig) -> Self {
        Self { sampled: Some(sampled), ..self }
    }

    /// The same with the marks of the plane.
    #[must_use]
    pub fn with(self, marks: PlaneMarks) -> Self {
        Self { marks: Some(marks), ..self }
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
