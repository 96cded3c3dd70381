//! Images lit up together wherever they are shown: those of the bin, the cell or the row the pointer is on.

mod charts;
mod subset;

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

pub use charts::{BrushedCharts, Charted, Charts};
pub use subset::Subset;

use crate::data::Class;
use crate::uncertainty::quality::calibration::bin;
use crate::uncertainty::quality::doubt;
use crate::uncertainty::{Measure, Measures, Order};
use crate::wording;

use super::gallery::GalleryView;
use super::quality::QualityView;

/// Some images of a set of at most 2³² images, with a test that takes no search.
#[derive(Clone, Debug)]
enum Images {
    /// Their list, and a bit for each image up to the last of them.
    Listed { list: Vec<u32>, bits: Vec<u64> },
    /// Those at these places of the gallery's order.
    Run { gallery: Arc<GalleryView>, places: Range<usize> },
}

impl Images {
    fn new(list: Vec<u32>) -> Self {
        let words = list.iter().max().map_or(0, |last| *last as usize / 64 + 1);
        let mut bits = vec![0_u64; words];
        for index in &list {
            bits[*index as usize / 64] |= 1 << (index % 64);
        }
        Self::Listed { list, bits }
    }

    fn contains(&self, index: u32) -> bool {
        match self {
            Self::Listed { bits, .. } => {
                bits.get(index as usize / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
            }
            Self::Run { gallery, places } => {
                gallery.ranked.place(index).is_some_and(|place| places.contains(&place))
            }
        }
    }

    fn list(&self) -> &[u32] {
        match self {
            Self::Listed { list, .. } => list,
            Self::Run { gallery, places } => &gallery.ranked.order[places.clone()],
        }
    }
}

/// Where a value is to a range, both ends of which belong to it.
fn against<T: PartialOrd + Copy>(value: T, first: T, last: T) -> Ordering {
    if value < first {
        Ordering::Less
    } else if value > last {
        Ordering::Greater
    } else {
        Ordering::Equal
    }
}

/// The images lit up now, for every view: the window holds it while the
/// pointer (or the keyboard) is on a part of a chart, and nothing otherwise.
///
/// A view that draws images asks [`inside`](Self::inside) of each one it draws (of foreign ones
/// [`outside`](Self::outside)): a look at one bit, so that a frame's work is what is visible and no more. Lit images
/// get a bright ring, all others are dimmed. A view that keeps what it has drawn can tell a change by `Arc::ptr_eq`.
#[derive(Clone, Debug)]
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
        self.digits.list()
    }

    /// Indices of the foreign images lit up.
    #[must_use]
    pub fn foreign(&self) -> &[u32] {
        self.foreign.list()
    }

    /// The images of a part of the histogram beside the gallery, those shown in it; `None` for parts of other charts.
    /// They stand side by side in the gallery's order, which is by the same measure.
    #[must_use]
    pub fn of_gallery(subset: Subset, gallery: &Arc<GalleryView>, labels: &[Class]) -> Option<Self> {
        let histogram = &gallery.histogram;
        let (measure, edges, bins) = match subset {
            Subset::Bins(measure, [first, last]) => {
                let edges = [histogram.edges(first)[0], histogram.edges(last)[1]];
                (measure, edges, Some([first, last]))
            }
            Subset::Range(measure, edges) => (measure, edges, None),
            Subset::Reliability(_)
            | Subset::Doubt(..)
            | Subset::Confusion { .. }
            | Subset::Label(_)
            | Subset::Refused(..)
            | Subset::Foreign(..) => return None,
        };
        // A part of the histogram of a measure that is no longer sorted by.
        if measure != gallery.query.measure {
            return None;
        }
        // Whether an image is below the part, in it, or above it; what is no number stands at the end of the order.
        let side = |index: u32| {
            let value = measure
                .value(&gallery.measures[index as usize], gallery.compared(Some(labels[index as usize])));
            match bins {
                Some([first, last]) => histogram.bin(value).map(|bin| against(bin, first, last)),
                None => (!value.is_nan()).then(|| against(value, edges[0], edges[1])),
            }
        };
        let downwards = gallery.query.ranking().order == Order::Highest;
        let before = if downwards { Ordering::Greater } else { Ordering::Less };
        let order = &gallery.ranked.order;
        let start = order.partition_point(|index| side(*index) == Some(before));
        let inside = order[start..].partition_point(|index| side(*index) == Some(Ordering::Equal));
        let places = start..start + inside;
        Some(Self {
            subset,
            name: range(measure, edges),
            digits: Images::Run { gallery: Arc::clone(gallery), places },
            foreign: Images::new(Vec::new()),
            charts: Charts::default(),
        })
    }

    /// The images of a part of a chart of the quality view.
    #[must_use]
    pub fn of_quality(subset: Subset, charted: &Charted, labels: &[Class]) -> Self {
        let (inside, outside) = members(subset, charted, labels);
        let charts = Charts::new([&inside, &outside], charted, labels);
        let name = name(subset, charted);
        Self { subset, name, digits: Images::new(inside), foreign: Images::new(outside), charts }
    }
}

fn members(subset: Subset, charted: &Charted, labels: &[Class]) -> (Vec<u32>, Vec<u32>) {
    let view = &*charted.view;
    let indices = |is: &dyn Fn(&Measures, Class) -> bool| -> Vec<u32> {
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
            let Some(foreign) = &charted.foreign else { return (Vec::new(), Vec::new()) };
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

fn name(subset: Subset, charted: &Charted) -> String {
    let view = &*charted.view;
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
        Subset::Foreign(measure, bin) => charted.foreign.as_ref().map_or_else(String::new, |foreign| {
            doubted(measure, foreign.detectors[QualityView::detector(measure)].histogram.edges(bin))
        }),
        Subset::Bins(..) | Subset::Range(..) => String::new(),
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
}
