//! Histograms of a measure for groups of images, over the same bins.

/// Bins of equal width over all values of all groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Lower edge of the first bin.
    pub from: f32,
    /// Upper edge of the last bin.
    pub to: f32,
    /// Images in each bin, `[groups][bins]`.
    pub counts: Vec<Vec<u32>>,
}

impl Histogram {
    /// Counts the values of groups; values that are not finite are left out. A bin includes its lower edge, the last
    /// one its upper edge too.
    #[must_use]
    pub fn new(groups: &[Vec<f32>], bins: usize) -> Self {
        let finite = || groups.iter().flatten().copied().filter(|value| value.is_finite());
        let low = finite().fold(f32::INFINITY, f32::min);
        let high = finite().fold(f32::NEG_INFINITY, f32::max);
        let (from, to) = match (low, high) {
            (low, high) if low > high => (0.0, 1.0),
            // A single value still needs a width.
            (low, high) if low >= high => (low, low + 1.0),
            range => range,
        };
        let mut histogram = Self { from, to, counts: vec![vec![0; bins]; groups.len()] };
        for (group, values) in groups.iter().enumerate() {
            for value in values {
                if let Some(bin) = histogram.bin(*value) {
                    histogram.counts[group][bin] += 1;
                }
            }
        }
        histogram
    }

    /// Number of bins.
    #[must_use]
    pub fn bins(&self) -> usize {
        self.counts.first().map_or(0, Vec::len)
    }

    /// The bin of a value; `None` outside.
    #[must_use]
    pub fn bin(&self, value: f32) -> Option<usize> {
        if !(self.from..=self.to).contains(&value) || self.bins() == 0 {
            return None;
        }
        let place = (value - self.from) / (self.to - self.from) * self.bins() as f32;
        Some((place as usize).min(self.bins() - 1))
    }

    /// Lower and upper edge of a bin.
    #[must_use]
    pub fn edges(&self, bin: usize) -> [f32; 2] {
        let width = (self.to - self.from) / self.bins() as f32;
        [self.from + width * bin as f32, self.from + width * (bin + 1) as f32]
    }

    /// The share of a group in a bin, 0…1; 0 for an empty group.
    #[must_use]
    pub fn share(&self, group: usize, bin: usize) -> f32 {
        let total: u32 = self.counts[group].iter().sum();
        if total == 0 { 0.0 } else { self.counts[group][bin] as f32 / total as f32 }
    }
}
