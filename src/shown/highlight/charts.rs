//! How many of some images are in each part of the quality view's charts.

use std::sync::Arc;

use crate::data::{Class, PerClass};
use crate::shown::quality::{ForeignView, QualityView};
use crate::uncertainty::quality::calibration::bin;
use crate::uncertainty::quality::{BINS, Confusion, Histogram, doubt};
use crate::uncertainty::{Measure, Measures};

/// The charts of the quality view, and what they are of.
#[derive(Clone, Debug)]
pub struct Charted {
    /// The numbers of the images.
    pub view: Arc<QualityView>,
    /// Foreign images, if any are compared with.
    pub foreign: Option<Arc<ForeignView>>,
    /// The measure of doubt.
    pub measure: Measure,
}

/// A brush or a list of images, and where its images are in every chart.
#[derive(Clone, Debug, PartialEq)]
pub struct BrushedCharts {
    /// What the chip says: `lasso · 212 images`.
    pub name: String,
    /// How many of the images are in each part of each chart.
    pub charts: Charts,
}

/// How many of the images lit up are in each part of each chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Charts {
    /// In each bin of confidence.
    pub reliability: [u32; BINS],
    /// In each bin of doubt, right and wrong, by the measure shown.
    pub doubt: [Vec<u32>; 2],
    /// In each bin of doubt of the foreign section, digits and foreign.
    pub foreign: [Vec<u32>; 2],
    /// In each cell of the confusion matrix.
    pub confusion: Confusion,
}

impl Charts {
    /// Counts digits and foreign images.
    #[must_use]
    pub fn new([inside, outside]: [&[u32]; 2], charted: &Charted, labels: &[Class]) -> Self {
        let view = &*charted.view;
        let at = QualityView::detector(charted.measure);
        let histogram = &view.histograms[at];
        let mut reliability = [0; BINS];
        let mut doubts = [vec![0; histogram.bins()], vec![0; histogram.bins()]];
        let classes = view.confusion.counts.len();
        let mut counts = vec![PerClass::filled(classes, 0); classes];
        for index in inside {
            let measures = &view.measures[*index as usize];
            let (label, prediction) = (labels[*index as usize], measures.prediction());
            reliability[bin(f64::from(measures.confidence))] += 1;
            if let Some(bin) = histogram.bin(doubt(charted.measure, measures)) {
                doubts[usize::from(label != prediction)][bin] += 1;
            }
            let cell =
                counts.get_mut(usize::from(label)).and_then(|row| row.get_mut(usize::from(prediction)));
            if let Some(count) = cell {
                *count += 1;
            }
        }
        let foreign = charted.foreign.as_ref().map_or_else(Default::default, |foreign| {
            let histogram: &Histogram = &foreign.detectors[at].histogram;
            let count = |indices: &[u32], measures: &[Measures]| {
                let mut counts = vec![0; histogram.bins()];
                for index in indices {
                    if let Some(bin) = histogram.bin(doubt(charted.measure, &measures[*index as usize])) {
                        counts[bin] += 1;
                    }
                }
                counts
            };
            [count(inside, &view.measures), count(outside, &foreign.measures)]
        });
        Self { reliability, doubt: doubts, foreign, confusion: Confusion { counts } }
    }
}
