//! The nearest images in the space of hidden activations, found by looking at all of them.

/// An image and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Its index among the images of the space.
    pub index: u32,
    /// Euclidean distance between hidden activations without dropout.
    pub distance: f32,
}

/// Hidden activations of many labelled images.
#[derive(Clone, Debug)]
pub struct FeatureSpace {
    width: usize,
    /// `[images, width]`
    features: Vec<f32>,
    labels: Vec<u8>,
}

impl FeatureSpace {
    /// The space of these activations, `[images, width]`; `None` unless there is one row for each label.
    #[must_use]
    pub fn new(features: Vec<f32>, width: usize, labels: Vec<u8>) -> Option<Self> {
        (features.len() == labels.len() * width).then_some(Self { width, features, labels })
    }

    /// Images of the space.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The `count` images labelled `class`, or of any label, that are nearest to `query`, the nearest first, equally near
    /// ones by index; none when `query` is of another width.
    #[must_use]
    pub fn nearest(&self, query: &[f32], class: Option<u8>, count: usize) -> Vec<Neighbour> {
        if query.len() != self.width {
            return Vec::new();
        }
        let mut found: Vec<Neighbour> = (0_u32..)
            .zip(&self.labels)
            .filter(|(_, label)| class.is_none_or(|class| **label == class))
            .map(|(index, _)| {
                let own = &self.features[index as usize * self.width..][..self.width];
                Neighbour { index, distance: squared_distance(own, query) }
            })
            .collect();
        let order = |a: &Neighbour, b: &Neighbour| {
            a.distance.total_cmp(&b.distance).then_with(|| a.index.cmp(&b.index))
        };
        if count < found.len() {
            found.select_nth_unstable_by(count, order);
            found.truncate(count);
        }
        found.sort_unstable_by(order);
        for neighbour in &mut found {
            neighbour.distance = neighbour.distance.sqrt();
        }
        found
    }
}

/// Sums in eight lanes, which the compiler turns into vector instructions.
fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 =
        a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(a, b)| (a - b) * (a - b)).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (a - b) * (a - b);
        }
    }
    sums.iter().sum::<f32>() + rest
}
