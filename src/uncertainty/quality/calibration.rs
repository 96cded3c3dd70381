//! Whether confidence is justified: bins of confidence and the share that is right in each.

use super::super::Measures;
use super::super::noise::NORMAL_95_EXACT;
use crate::data::Class;

/// Bins of confidence: (0, 1/15], (1/15, 2/15], … (14/15, 1].
pub const BINS: usize = 15;

/// The bin of a confidence.
#[must_use]
pub fn bin(confidence: f64) -> usize {
    // A bin includes its upper edge; a confidence of 0 is impossible, but would belong to the first.
    ((confidence * BINS as f64).ceil() as usize).clamp(1, BINS) - 1
}

/// Lower and upper edge of a bin.
#[must_use]
pub fn edges(bin: usize) -> [f64; 2] {
    [bin as f64 / BINS as f64, (bin + 1) as f64 / BINS as f64]
}

/// Images whose confidence lies within a bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReliabilityBin {
    /// Number of images.
    pub count: usize,
    /// Those predicted rightly.
    pub right: usize,
    /// Mean confidence, 0…1; NaN for an empty bin.
    pub confidence: f64,
    /// Share of right predictions, 0…1; NaN for an empty bin.
    pub accuracy: f64,
    /// Wilson's interval (1927) of the accuracy, 95 %.
    pub interval: [f64; 2],
}

/// The images by confidence.
#[must_use]
pub fn reliability(measures: &[Measures], labels: &[Class]) -> [ReliabilityBin; BINS] {
    let mut bins = [ReliabilityBin::default(); BINS];
    for (measured, label) in measures.iter().zip(labels) {
        let confidence = f64::from(measured.confidence);
        let bin = &mut bins[bin(confidence)];
        bin.count += 1;
        bin.right += usize::from(measured.prediction() == *label);
        bin.confidence += confidence;
    }
    for bin in &mut bins {
        let count = bin.count as f64;
        bin.confidence /= count;
        bin.accuracy = bin.right as f64 / count;
        bin.interval = wilson(bin.right, bin.count);
    }
    bins
}

/// The score interval of a share, 95 %: it stays within 0…1 and is meaningful even where all or none are right. All of
/// 0…1 when there is no image.
#[must_use]
pub fn wilson(right: usize, count: usize) -> [f64; 2] {
    const Z: f64 = NORMAL_95_EXACT;
    if count == 0 {
        return [0.0, 1.0];
    }
    let n = count as f64;
    let share = right as f64 / n;
    let scale = 1.0 / (1.0 + Z * Z / n);
    let middle = scale * (share + Z * Z / (2.0 * n));
    let half = scale * Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    [(middle - half).max(0.0), (middle + half).min(1.0)]
}
