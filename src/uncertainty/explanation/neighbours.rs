//! The nearest images in the space of hidden activations, found by looking at all of them.

use rayon::prelude::*;

use crate::data::{Class, UNLABELLED};
use crate::kernel::{Affine, InstructionSet, LANES, Row, WeightPanel, gather, product};
use crate::progress::{Observer, Progress};

/// Images of the space that are multiplied with a block of queries at a time: their products stay in the cache. A
/// multiple of the kernel's tile.
const PANEL: usize = 250;
/// Candidates more than are asked for: products err by rounding, so that the distances of the candidates decide.
const SPARE: usize = 8;

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
    labels: Vec<Class>,
}

impl FeatureSpace {
    /// The space of these activations, `[images, width]`; `None` unless there is one row for each label.
    #[must_use]
    pub fn new(features: Vec<f32>, width: usize, labels: Vec<Class>) -> Option<Self> {
        (features.len() == labels.len() * width).then_some(Self { width, features, labels })
    }

    /// Images of the space.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The label of each image.
    #[must_use]
    pub fn labels(&self) -> &[Class] {
        &self.labels
    }

    /// Classes that its labels are of: one more than the largest.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.labels
            .iter()
            .filter(|label| **label != UNLABELLED)
            .max()
            .map_or(0, |label| usize::from(*label) + 1)
    }

    /// Whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The `count` images labelled `class`, or of any label, that are nearest to `query`, the nearest first, equally near
    /// ones by index; none when `query` is of another width.
    #[must_use]
    pub fn nearest(&self, query: &[f32], class: Option<Class>, count: usize) -> Vec<Neighbour> {
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

    /// For each of many queries, `[queries, width]`, what [`nearest`](Self::nearest) finds among images of any label: the
    /// indices. With `themselves`, query i is image i of the space and is left out. None for a space of no width. `None`
    /// when the observer stopped it; progress counts pairs.
    ///
    /// The result does not depend on the number of threads.
    #[must_use]
    pub fn nearest_of_many(
        &self,
        queries: &[f32],
        count: usize,
        themselves: bool,
        observe: Observer,
    ) -> Option<Vec<Vec<u32>>> {
        let width = self.width;
        if width == 0 {
            return Some(Vec::new());
        }
        let set = InstructionSet::detect();
        let columns: Vec<u32> = (0..width as u32).collect();
        let mut blocks: Vec<Block> = queries
            .chunks(LANES * width)
            .enumerate()
            .map(|(block, queries)| Block::new(block * LANES, queries, width))
            .collect();
        let images = queries.len() / width;
        let total = images as u64 * self.len() as u64;
        let mut packed = Vec::new();
        for start in (0..self.len()).step_by(PANEL) {
            let rows: Vec<u32> = (start..self.len().min(start + PANEL)).map(|row| row as u32).collect();
            packed.clear();
            gather(&mut packed, &self.features, width, &rows, &columns);
            let panel = WeightPanel::new(&packed, rows.len(), width);
            let squares: Vec<f32> =
                rows.iter().map(|row| self.row(*row).iter().map(|x| x * x).sum()).collect();
            blocks.par_iter_mut().for_each_init(
                || vec![Row::ZERO; PANEL],
                |out, block| {
                    // |b|² − 2ab: the distance less what is the same for all of a query.
                    let finish = &mut Affine { scale: -2.0, bias: &squares, out };
                    product(set, panel, &block.rows, &columns, finish);
                    block.take(&out[..rows.len()], start, count + SPARE, themselves);
                },
            );
            let done = images as u64 * (start + rows.len()) as u64;
            if observe(Progress { done, total }).is_break() {
                return None;
            }
        }
        let candidates: Vec<Vec<Candidate>> = blocks.into_iter().flat_map(|block| block.best).collect();
        let found = queries.par_chunks_exact(width).zip(candidates).map(|(query, candidates)| {
            let mut near: Vec<Candidate> = candidates
                .into_iter()
                .map(|(_, index)| (squared_distance(self.row(index), query), index))
                .collect();
            near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            near.into_iter().take(count).map(|(_, index)| index).collect()
        });
        Some(found.collect())
    }

    fn row(&self, index: u32) -> &[f32] {
        &self.features[index as usize * self.width..][..self.width]
    }
}

/// How far an image is, as far as order goes, and its index.
type Candidate = (f32, u32);

/// Up to 64 queries and the images that are nearest to each so far.
struct Block {
    /// The number of its first query.
    first: usize,
    /// One row for each feature.
    rows: Vec<Row>,
    /// For each query, the nearest first, equally near ones by index.
    best: Vec<Vec<Candidate>>,
}

impl Block {
    fn new(first: usize, queries: &[f32], width: usize) -> Self {
        let mut rows = vec![Row::ZERO; width];
        for (lane, query) in queries.chunks_exact(width).enumerate() {
            for (row, feature) in rows.iter_mut().zip(query) {
                row.0[lane] = *feature;
            }
        }
        Self { first, rows, best: vec![Vec::new(); queries.len() / width] }
    }

    /// Takes down which of some images, given with a row each and from an index on, are among the nearest `most`.
    fn take(&mut self, out: &[Row], start: usize, most: usize, themselves: bool) {
        let farthest = |best: &Vec<Candidate>| match best.last() {
            Some(last) if best.len() == most => last.0,
            _ => f32::INFINITY,
        };
        // Lanes without a query are never nearer than this.
        let mut limits = [f32::NEG_INFINITY; LANES];
        for (limit, best) in limits.iter_mut().zip(&self.best) {
            *limit = farthest(best);
        }
        for (index, row) in (start..).zip(out) {
            // Counted without a branch for each lane, so that it is vector instructions.
            if row.0.iter().zip(&limits).filter(|(value, limit)| value < limit).count() == 0 {
                continue;
            }
            for (lane, best) in self.best.iter_mut().enumerate() {
                let value = row.0[lane];
                if value < limits[lane] && !(themselves && index == self.first + lane) {
                    let place = best.partition_point(|other| other.0 <= value);
                    best.insert(place, (value, index as u32));
                    best.truncate(most);
                    limits[lane] = farthest(best);
                }
            }
        }
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
