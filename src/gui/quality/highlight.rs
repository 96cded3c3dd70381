//! The images the pointer is on, and where else they are.

use super::QualityState;
use crate::data::CLASSES;
use crate::uncertainty::quality::calibration::bin;
use crate::uncertainty::quality::{BINS, Confusion, doubt};
use crate::uncertainty::{Measure, Measures};
use crate::worker::quality::QualityView;

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
}

/// A subset and where its images are in every chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Highlight {
    /// Which.
    pub subset: Subset,
    /// What they are, in words.
    pub name: String,
    /// Dataset indices of digits.
    pub inside: Vec<u32>,
    /// Indices of foreign images.
    pub outside: Vec<u32>,
    /// How many are in each bin of confidence.
    pub reliability: [u32; BINS],
    /// How many are in each bin of doubt, right and wrong, by the measure shown.
    pub doubt: [Vec<u32>; 2],
    /// How many are in each bin of doubt of the foreign section, digits and foreign.
    pub foreign: [Vec<u32>; 2],
    /// How many are in each cell of the confusion matrix.
    pub confusion: Confusion,
}

impl Highlight {
    /// Finds the images; `None` while nothing is known.
    #[must_use]
    pub fn new(subset: Subset, state: &QualityState, labels: &[u8]) -> Option<Self> {
        let view = state.view.as_ref()?;
        let (inside, outside) = members(subset, state, view, labels);
        let at = state.detector();
        let histogram = &view.histograms[at];
        let mut reliability = [0; BINS];
        let mut doubts = [vec![0; histogram.bins()], vec![0; histogram.bins()]];
        let mut counts = [[0; CLASSES]; CLASSES];
        for index in &inside {
            let measures = &view.measures[*index as usize];
            let (label, prediction) = (labels[*index as usize], measures.prediction());
            reliability[bin(f64::from(measures.confidence))] += 1;
            if let Some(bin) = histogram.bin(doubt(state.measure, measures)) {
                doubts[usize::from(label != prediction)][bin] += 1;
            }
            counts[usize::from(label)][usize::from(prediction)] += 1;
        }
        let foreign = state.foreign.as_ref().map_or_else(Default::default, |foreign| {
            let histogram = &foreign.detectors[at].histogram;
            let count = |indices: &[u32], measures: &[Measures]| {
                let mut counts = vec![0; histogram.bins()];
                for index in indices {
                    if let Some(bin) = histogram.bin(doubt(state.measure, &measures[*index as usize])) {
                        counts[bin] += 1;
                    }
                }
                counts
            };
            [count(&inside, &view.measures), count(&outside, &foreign.measures)]
        });
        Some(Self {
            name: name(subset, state, view),
            subset,
            inside,
            outside,
            reliability,
            doubt: doubts,
            foreign,
            confusion: Confusion { counts },
        })
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
    };
    (inside, Vec::new())
}

fn name(subset: Subset, state: &QualityState, view: &QualityView) -> String {
    let range = |measure: Measure, edges: [f32; 2]| {
        // Doubt is the negative of what means certainty.
        let [from, to] = if measure.high_means_uncertain() { edges } else { [-edges[1], -edges[0]] };
        let unit = if measure.unit().is_empty() { String::new() } else { format!(" {}", measure.unit()) };
        format!("{} {from:.2}–{to:.2}{unit}", measure.label().to_lowercase())
    };
    match subset {
        Subset::Reliability(bin) => {
            let edge = |at: usize| at as f64 / BINS as f64;
            format!("confidence {:.2}–{:.2}", edge(bin), edge(bin + 1))
        }
        Subset::Doubt(measure, bin) => {
            range(measure, view.histograms[QualityView::detector(measure)].edges(bin))
        }
        Subset::Confusion { label, prediction } => format!("label {label}, predicted {prediction}"),
        Subset::Label(label) => format!("label {label}"),
        Subset::Refused(measure, count) => {
            format!("the {count} refused by {}", measure.label().to_lowercase())
        }
        Subset::Foreign(measure, bin) => state.foreign.as_ref().map_or_else(String::new, |foreign| {
            range(measure, foreign.detectors[QualityView::detector(measure)].histogram.edges(bin))
        }),
    }
}
