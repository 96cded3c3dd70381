//! Images lit up together wherever they are shown: those of the bin, the cell or the row the pointer is on.

mod charts;

use std::sync::Arc;

pub use charts::Charts;

use super::action::Action;
use super::notices::Gravity;
use super::quality::QualityState;
use super::state::{Effect, State};
use crate::shown::quality::QualityView;
use crate::shown::{GalleryView, Only};
use crate::uncertainty::quality::calibration::bin;
use crate::uncertainty::quality::doubt;
use crate::uncertainty::{Measure, Measures};
use crate::wording;

/// Images that a part of a chart stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Subset {
    /// A bin of confidence.
    Reliability(usize),
    /// A bin of doubt among right and wrong images.
    Doubt(Measure, usize),
    /// A cell of the confusion matrix.
    Confusion {
        /// What they are labelled.
        label: u8,
        /// What they are taken for.
        prediction: u8,
    },
    /// A digit, by label.
    Label(u8),
    /// The least certain by a measure.
    Refused(Measure, usize),
    /// A bin of doubt among digits and foreign images.
    Foreign(Measure, usize),
    /// Bins of the histogram of the measure the gallery is sorted by, from one to another, among the images shown.
    Bins(Measure, [usize; 2]),
    /// Values of that measure, both ends included, among the images shown.
    Range(Measure, [f32; 2]),
}

impl Subset {
    /// Whether it is a part of the histogram beside the gallery and the plane.
    #[must_use]
    pub fn is_of_gallery(self) -> bool {
        matches!(self, Self::Bins(..) | Self::Range(..))
    }
}

/// One thing a person did to a part of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HighlightAction {
    /// The pointer is on these images; on none when `None`.
    Show(Option<Subset>),
    /// Select these images.
    Select(Subset),
    /// Limit the gallery to these images.
    Only(Subset),
}

/// Some images of a set of at most 2³² images: their list, and a test that takes no search.
#[derive(Clone, Debug, Default, PartialEq)]
struct Images {
    list: Vec<u32>,
    bits: Vec<u64>,
}

impl Images {
    fn new(list: Vec<u32>) -> Self {
        let words = list.iter().max().map_or(0, |last| *last as usize / 64 + 1);
        let mut bits = vec![0_u64; words];
        for index in &list {
            bits[*index as usize / 64] |= 1 << (index % 64);
        }
        Self { list, bits }
    }

    fn contains(&self, index: u32) -> bool {
        self.bits.get(index as usize / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }
}

/// The images lit up now, for every view: [`State::highlight`](super::state::State::highlight) holds it while the
/// pointer (or the keyboard) is on a part of a chart, and nothing otherwise.
///
/// A view that draws images asks [`inside`](Self::inside) of each one it draws (of foreign ones
/// [`outside`](Self::outside)): a look at one bit, so that a frame's work is what is visible and no more. Lit images
/// get a bright ring, all others are dimmed. A view that keeps what it has drawn can tell a change by `Arc::ptr_eq`.
#[derive(Clone, Debug, PartialEq)]
pub struct Highlight {
    /// Which part of which chart.
    pub subset: Subset,
    /// What they are, in words: `predictive entropy 0.40–0.48 nats`.
    pub name: String,
    digits: Images,
    foreign: Images,
    /// Where they are in the charts of the quality view; empty for a part of the gallery's histogram.
    pub charts: Charts,
}

impl Highlight {
    /// Whether the image of the dataset with this index is lit up.
    #[must_use]
    pub fn inside(&self, index: u32) -> bool {
        self.digits.contains(index)
    }

    /// Whether the foreign image with this index is lit up.
    #[must_use]
    pub fn outside(&self, index: u32) -> bool {
        self.foreign.contains(index)
    }

    /// Dataset indices of the images lit up.
    #[must_use]
    pub fn digits(&self) -> &[u32] {
        &self.digits.list
    }

    /// Indices of the foreign images lit up.
    #[must_use]
    pub fn foreign(&self) -> &[u32] {
        &self.foreign.list
    }

    /// The images of a part of the histogram beside the gallery: those shown in it.
    fn of_gallery(subset: Subset, gallery: &GalleryView, labels: &[u8]) -> Self {
        let histogram = &gallery.histogram;
        let inside = |measure: Measure, index: u32| {
            let value = measure.value(&gallery.measures[index as usize], labels[index as usize]);
            match subset {
                Subset::Bins(_, [first, last]) => {
                    histogram.bin(value).is_some_and(|bin| (first..=last).contains(&bin))
                }
                Subset::Range(_, [from, to]) => (from..=to).contains(&value),
                _ => false,
            }
        };
        let (measure, edges) = match subset {
            Subset::Bins(measure, [first, last]) => {
                (measure, [histogram.edges(first)[0], histogram.edges(last)[1]])
            }
            Subset::Range(measure, edges) => (measure, edges),
            _ => (gallery.query.measure, [0.0; 2]),
        };
        let list = gallery.ranked.order.iter().copied().filter(|index| inside(measure, *index)).collect();
        Self {
            subset,
            name: range(measure, edges),
            digits: Images::new(list),
            foreign: Images::default(),
            charts: Charts::default(),
        }
    }

    /// The images of a part of a chart of the quality view; `None` while nothing is known.
    fn of_quality(subset: Subset, state: &QualityState, labels: &[u8]) -> Option<Self> {
        let view = state.view.as_ref()?;
        let (inside, outside) = members(subset, state, view, labels);
        let charts = Charts::new([&inside, &outside], state, view, labels);
        let name = name(subset, state, view);
        Some(Self { subset, name, digits: Images::new(inside), foreign: Images::new(outside), charts })
    }
}

fn members(subset: Subset, state: &QualityState, view: &QualityView, labels: &[u8]) -> (Vec<u32>, Vec<u32>) {
    let indices = |is: &dyn Fn(&Measures, u8) -> bool| -> Vec<u32> {
        let images = (0_u32..).zip(view.measures.iter().zip(labels));
        images.filter(|(_, (measures, label))| is(measures, **label)).map(|(index, _)| index).collect()
    };
    let inside = match subset {
        Subset::Reliability(wanted) => indices(&|m, _| bin(f64::from(m.confidence)) == wanted),
        Subset::Doubt(measure, wanted) => {
            let histogram = &view.histograms[QualityView::detector(measure)];
            indices(&|m, _| histogram.bin(doubt(measure, m)) == Some(wanted))
        }
        Subset::Confusion { label, prediction } => {
            indices(&|m, own| own == label && m.prediction() == prediction)
        }
        Subset::Label(label) => indices(&|_, own| own == label),
        Subset::Refused(measure, count) => {
            view.risks[QualityView::detector(measure)].refused(count).collect()
        }
        Subset::Foreign(measure, wanted) => {
            let Some(foreign) = &state.foreign else { return (Vec::new(), Vec::new()) };
            let histogram = &foreign.detectors[QualityView::detector(measure)].histogram;
            let outside = (0_u32..)
                .zip(foreign.measures.iter())
                .filter(|(_, m)| histogram.bin(doubt(measure, m)) == Some(wanted))
                .map(|(index, _)| index)
                .collect();
            return (indices(&|m, _| histogram.bin(doubt(measure, m)) == Some(wanted)), outside);
        }
        Subset::Bins(..) | Subset::Range(..) => Vec::new(),
    };
    (inside, Vec::new())
}

/// Values of a measure in words: `predictive entropy 0.40–0.48 nats`.
#[must_use]
pub fn range(measure: Measure, [from, to]: [f32; 2]) -> String {
    let unit = if measure.unit().is_empty() { String::new() } else { format!(" {}", measure.unit()) };
    format!("{} {}–{}{unit}", measure.label().to_lowercase(), wording::short(from, 2), wording::short(to, 2))
}

/// The same of doubt, which is the negative of what means certainty.
#[must_use]
pub fn doubted(measure: Measure, edges: [f32; 2]) -> String {
    range(measure, if measure.high_means_uncertain() { edges } else { [-edges[1], -edges[0]] })
}

fn name(subset: Subset, state: &QualityState, view: &QualityView) -> String {
    match subset {
        Subset::Reliability(bin) => {
            let [from, to] = crate::uncertainty::quality::calibration::edges(bin);
            format!("confidence {from:.2}–{to:.2}")
        }
        Subset::Doubt(measure, bin) => {
            doubted(measure, view.histograms[QualityView::detector(measure)].edges(bin))
        }
        Subset::Confusion { label, prediction } => format!("label {label}, predicted {prediction}"),
        Subset::Label(label) => format!("label {label}"),
        Subset::Refused(measure, count) => {
            format!("the {count} refused by {}", measure.label().to_lowercase())
        }
        Subset::Foreign(measure, bin) => state.foreign.as_ref().map_or_else(String::new, |foreign| {
            doubted(measure, foreign.detectors[QualityView::detector(measure)].histogram.edges(bin))
        }),
        Subset::Bins(..) | Subset::Range(..) => String::new(),
    }
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

impl State {
    /// Finds the images of a part of a chart.
    fn find(&self, subset: Subset) -> Option<Highlight> {
        let labels = self.dataset.as_ref()?.digits.labels();
        if subset.is_of_gallery() {
            return Some(Highlight::of_gallery(subset, self.gallery.as_deref()?, labels));
        }
        Highlight::of_quality(subset, &self.quality, labels)
    }

    /// Lights images up; none when `None`.
    pub(super) fn light(&mut self, subset: Option<Subset>) {
        self.highlight = subset.and_then(|subset| self.find(subset)).map(Arc::new);
    }

    /// Finds the images lit up again, after the numbers they were found by have changed.
    pub(super) fn light_again(&mut self) {
        self.light(self.highlight.as_ref().map(|highlight| highlight.subset));
        self.chart_brush();
    }

    pub(super) fn apply_highlight(&mut self, action: HighlightAction) -> Vec<Effect> {
        match action {
            HighlightAction::Show(subset) => self.light(subset),
            HighlightAction::Select(subset) => {
                if let Some(found) = self.find(subset)
                    && !found.digits().is_empty()
                {
                    let indices = found.digits.list;
                    return self.apply(Action::SelectAll { indices, add: false });
                }
            }
            HighlightAction::Only(subset) => return self.brush(subset),
        }
        Vec::new()
    }

    /// Limits the gallery to the images of the whole dataset that a brush covers: a chip says so and leads back.
    fn brush(&mut self, subset: Subset) -> Vec<Effect> {
        let (Some(gallery), Some(dataset)) = (&self.gallery, &self.dataset) else { return Vec::new() };
        let (measure, edges, bins) = match subset {
            Subset::Range(measure, edges) => (measure, edges, None),
            Subset::Bins(measure, [first, last]) => {
                let histogram = &gallery.histogram;
                (measure, [histogram.edges(first)[0], histogram.edges(last)[1]], Some(first..=last))
            }
            _ => return Vec::new(),
        };
        let values = gallery.measures.iter().zip(dataset.digits.labels());
        let inside = |value: f32| match &bins {
            Some(bins) => gallery.histogram.bin(value).is_some_and(|bin| bins.contains(&bin)),
            None => (edges[0]..=edges[1]).contains(&value),
        };
        let indices: Vec<u32> = (0_u32..)
            .zip(values)
            .filter(|(_, (measures, label))| inside(measure.value(measures, **label)))
            .map(|(index, _)| index)
            .collect();
        if indices.is_empty() {
            let text = "There is no image in that range; what is shown stays as it was.";
            self.notices.say(Gravity::News, text);
            return Vec::new();
        }
        let all = [gallery.histogram.from, gallery.histogram.to];
        let name = brushed(measure, edges, all, indices.len());
        self.remember();
        self.show_only(Some(Arc::new(Only { name, indices })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_says_whether_an_image_is_lit() {
        let images = Images::new(vec![200, 3, 64]);
        let lit: Vec<u32> = (0..400).filter(|index| images.contains(*index)).collect();
        assert_eq!(lit, [3, 64, 200]);
        assert!(!Images::new(Vec::new()).contains(0));
    }

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
