//! Which images a part of a chart stands for, and what is wanted of them.

use std::sync::Arc;

use crate::data::{Class, Digits};
use crate::uncertainty::Measure;
use crate::wording;

use super::gallery::GalleryView;
use super::highlight::{BrushedCharts, Charted, Charts, Highlight, Subset};
use super::indices::{Indices, Picked};
use super::limits::Only;

/// What is wanted of which images.
#[derive(Clone, Debug, PartialEq)]
pub enum Lighting {
    /// To light up those of a part of a chart.
    Show(Subset),
    /// To select them.
    Select(Subset),
    /// To limit the gallery to those of the whole dataset that a brush covers, or that are refused.
    Only(Subset),
    /// To limit the gallery to those selected.
    OnlySelected(Indices),
    /// To count those the gallery is limited to in the charts of the quality view.
    Count,
}

/// A question for images.
#[derive(Debug)]
pub struct LightJob {
    /// What is wanted.
    pub wanted: Lighting,
    /// Images and labels.
    pub digits: Arc<Digits>,
    /// What the gallery shows.
    pub gallery: Option<Arc<GalleryView>>,
    /// What the charts of the quality view are of.
    pub charted: Option<Charted>,
}

/// The images, and what is to be done with them.
#[derive(Debug)]
pub enum Lit {
    /// Lit up.
    Shown(Arc<Highlight>),
    /// Selected.
    Selected(Picked),
    /// The only ones in the gallery.
    Limited(Only),
    /// Counted in the charts.
    Counted(Box<BrushedCharts>),
}

impl LightJob {
    /// Finds the images; `None` when what they are found by is not there.
    #[must_use]
    pub fn find(&self) -> Option<Lit> {
        match &self.wanted {
            Lighting::Show(subset) => self.highlight(*subset).map(|found| Lit::Shown(Arc::new(found))),
            Lighting::Select(subset) => {
                self.highlight(*subset).map(|found| Lit::Selected(Picked::from(found.digits())))
            }
            Lighting::Only(subset @ Subset::Refused(..)) => {
                let found = self.highlight(*subset)?;
                let mut indices = found.digits().to_vec();
                indices.sort_unstable();
                Some(Lit::Limited(Only { name: found.name, indices }))
            }
            Lighting::OnlySelected(set) => {
                let name = format!("the {} selected", set.len());
                Some(Lit::Limited(Only { name, indices: set.iter().collect() }))
            }
            Lighting::Only(subset) => {
                brush(*subset, self.gallery.as_deref()?, self.digits.labels()).map(Lit::Limited)
            }
            Lighting::Count => {
                let only = self.gallery.as_ref()?.limit()?;
                let charts = Charts::new([&only.indices, &[]], self.charted.as_ref()?, self.digits.labels());
                Some(Lit::Counted(Box::new(BrushedCharts { name: only.name, charts })))
            }
        }
    }

    fn highlight(&self, subset: Subset) -> Option<Highlight> {
        if subset.is_of_gallery() {
            return Highlight::of_gallery(subset, self.gallery.as_ref()?, self.digits.labels());
        }
        Some(Highlight::of_quality(subset, self.charted.as_ref()?, self.digits.labelled()))
    }
}

/// The images of the whole dataset that a brush covers, under the name a chip bears.
fn brush(subset: Subset, gallery: &GalleryView, labels: &[Class]) -> Option<Only> {
    let (measure, edges, bins) = match subset {
        Subset::Range(measure, edges) => (measure, edges, None),
        Subset::Bins(measure, [first, last]) => {
            let histogram = &gallery.histogram;
            (measure, [histogram.edges(first)[0], histogram.edges(last)[1]], Some(first..=last))
        }
        Subset::Reliability(_)
        | Subset::Doubt(..)
        | Subset::Confusion { .. }
        | Subset::Label(_)
        | Subset::Refused(..)
        | Subset::Foreign(..) => return None,
    };
    let values = gallery.measures.iter().zip(labels);
    let inside = |value: f32| match &bins {
        Some(bins) => gallery.histogram.bin(value).is_some_and(|bin| bins.contains(&bin)),
        None => (edges[0]..=edges[1]).contains(&value),
    };
    let indices: Vec<u32> = (0_u32..)
        .zip(values)
        .filter(|(_, (measures, label))| inside(measure.value(measures, gallery.compared(Some(**label)))))
        .map(|(index, _)| index)
        .collect();
    let all = [gallery.histogram.from, gallery.histogram.to];
    let name = brushed(measure, edges, all, indices.len());
    Some(Only { name, indices })
}

/// What a chip says of a brush over a measure: `H > 0.40 · 212 images`. An end at or beyond the outermost value is no
/// limit.
fn brushed(measure: Measure, [from, to]: [f32; 2], [least, most]: [f32; 2], images: usize) -> String {
    let symbol = measure.symbol();
    let count = wording::count(images, "image");
    let (low, high) = (wording::short(from, 2), wording::short(to, 2));
    match (from > least, to < most) {
        (false, false) => count,
        (true, false) => format!("{symbol} > {low} · {count}"),
        (false, true) => format!("{symbol} < {high} · {count}"),
        (true, true) => format!("{symbol} {low}–{high} · {count}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_names_the_limits_of_a_brush_and_no_others() {
        let all = [0.0, 2.0];
        let text = |edges| brushed(Measure::PredictiveEntropy, edges, all, 212);
        assert_eq!(text([0.4, 2.0]), "H > 0.40 · 212 images");
        assert_eq!(text([-0.1, 0.5]), "H < 0.50 · 212 images");
        assert_eq!(text([0.4, 0.5]), "H 0.40–0.50 · 212 images");
        assert_eq!(text([0.0, 9.0]), "212 images");
        assert_eq!(
            brushed(Measure::LabelMargin, [-1.0, 0.0], [-1.0, 1.0], 1),
            "label margin < 0.00 · 1 image"
        );
    }
}
