//! The images the gallery is limited to, in the charts of the quality view.

use super::highlight::Charts;
use super::settings::Tab;
use super::state::State;

/// A brush or a list of images, and where its images are in every chart.
#[derive(Clone, Debug, PartialEq)]
pub struct BrushedCharts {
    /// What the chip says: `lasso · 212 images`.
    pub name: String,
    /// How many of the images are in each part of each chart.
    pub charts: Charts,
}

impl State {
    /// Counts the brushed images in the charts anew, while these are in sight.
    pub(super) fn chart_brush(&mut self) {
        self.quality.brushed = self.brushed_charts();
    }

    fn brushed_charts(&self) -> Option<BrushedCharts> {
        if self.settings.tab != Tab::Quality {
            return None;
        }
        let only = self.gallery.as_ref()?.limit()?;
        let (view, dataset) = (self.quality.view.as_ref()?, self.dataset.as_ref()?);
        let charts = Charts::new([&only.indices, &[]], &self.quality, view, dataset.digits.labels());
        Some(BrushedCharts { name: only.name, charts })
    }
}
