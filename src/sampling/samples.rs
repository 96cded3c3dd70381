//! What was sampled, kept compactly, so that any prefix of the passes needs no recomputation.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use half::f16;

use crate::data::{Class, Classes, PerClass};
use crate::kernel::{InstructionSet, LANES, blocks};

use super::accumulation::{GroupSum, Layout, OneSum, accumulate, statistics_of};
use super::design::{MaskDesign, QUARTET};
use super::encoding::{lane, probabilities, values};
use super::kept::Kept;
use super::key::{Pairing, RunKey};
use super::statistics::largest;
use super::{Network, SamplingError, Statistics, SweepConfig, parallel};

/// Memory for checkpoints of the sums, so that statistics for any number of passes start from a nearby one.
const CHECKPOINT_BYTES: usize = 64 << 20;
/// Memory for the sums themselves: those of more images are computed from the passes whenever they are asked for.
const SUMS_BYTES: usize = 400_000_000;

/// Outputs of every pass for every image. Cloning is cheap: storage is shared, and only ever extended.
#[derive(Clone, Debug)]
pub struct Samples {
    images: usize,
    /// 0 before the first sweep.
    classes: usize,
    /// What the network's classes are called.
    answers: Classes,
    dropout: f32,
    seed: u64,
    masks: MaskDesign,
    /// Whether their passes balance each other in quartets; not before the first sweep.
    quartets: bool,
    /// `None` before the first sweep.
    pairing: Option<Pairing>,
    /// In the order of the passes.
    segments: Vec<Arc<Segment>>,
    /// In the order of the passes.
    checkpoints: Vec<PartialSums>,
    /// Memory for the sums of all images, in bytes.
    sums_limit: usize,
}

/// Some consecutive passes.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) passes: usize,
    /// `[blocks, passes, classes, 64]`
    pub(super) kept: Kept,
}

/// Sums over the first `passes` passes.
#[derive(Clone, Debug)]
struct PartialSums {
    passes: usize,
    /// `[blocks, sums of a block]`
    sums: Arc<Vec<GroupSum>>,
}

impl Segment {
    /// All of its passes over one block.
    fn block(&self, classes: usize, block: usize) -> Cow<'_, [f16]> {
        self.passes_of(classes, block, 0..self.passes)
    }

    /// Some of its passes over one block.
    pub(super) fn passes_of(&self, classes: usize, block: usize, passes: Range<usize>) -> Cow<'_, [f16]> {
        let (width, first) = (values(classes), block * self.passes);
        self.kept.get((first + passes.start) * width..(first + passes.end) * width)
    }
}

impl Samples {
    /// No pass yet: what a sweep starts from.
    #[must_use]
    pub fn empty(images: usize, config: &SweepConfig) -> Self {
        Self {
            images,
            classes: 0,
            answers: Classes::digits(),
            dropout: config.dropout,
            seed: config.seed,
            masks: config.masks,
            quartets: false,
            pairing: None,
            segments: Vec::new(),
            checkpoints: Vec::new(),
            sums_limit: SUMS_BYTES,
        }
    }

    /// Number of images.
    #[must_use]
    pub fn images(&self) -> usize {
        self.images
    }

    /// Classes K; 0 before the first sweep.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// What the network's classes are called; digits before the first sweep.
    #[must_use]
    pub fn answers(&self) -> &Classes {
        &self.answers
    }

    /// Passes complete for all images.
    #[must_use]
    pub fn passes(&self) -> usize {
        self.segments.iter().map(|segment| segment.passes).sum()
    }

    /// Dropout rate.
    #[must_use]
    pub fn dropout(&self) -> f32 {
        self.dropout
    }

    /// Seed of the masks.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How the masks of different passes belong together.
    #[must_use]
    pub fn masks(&self) -> MaskDesign {
        self.masks
    }

    /// Passes that balance each other: 4, or 1 where all are independent. Errors are known from as many at a time.
    #[must_use]
    pub fn together(&self) -> usize {
        if self.quartets { QUARTET } else { 1 }
    }

    /// What so many of its passes were drawn with.
    #[must_use]
    pub fn config(&self, passes: usize) -> SweepConfig {
        SweepConfig { passes, dropout: self.dropout, seed: self.seed, masks: self.masks }
    }

    fn layout(&self) -> Layout {
        Layout { classes: self.classes, quartets: self.quartets }
    }

    /// The run they are of; `None` before the first sweep.
    #[must_use]
    pub fn key(&self) -> Option<RunKey> {
        self.pairing.map(|pairing| RunKey::new(pairing, &self.config(0)))
    }

    /// The run they are of, if these are its images.
    ///
    /// # Errors
    /// [`SamplingError::Mixed`] when they are of other images, or of none yet.
    pub fn key_with(&self, digits: &crate::data::Digits) -> Result<RunKey, SamplingError> {
        self.check_readable()?;
        let Some(key) = self.key() else {
            let (found, expected) = ("no run yet".to_owned(), "sampled images".to_owned());
            return Err(SamplingError::Mixed { found, expected });
        };
        key.pairing.check_images(digits).map(|()| key)
    }

    /// Whether all passes could be read that were read so far: to be asked before what was computed from them is believed.
    ///
    /// # Errors
    /// [`SamplingError::Kept`] when the disk has lost some.
    pub fn check_readable(&self) -> Result<(), SamplingError> {
        let failure = self.segments.iter().find_map(|segment| segment.kept.failure());
        failure.map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// Makes them a part of a run; they may be of no other.
    pub(super) fn begin(&mut self, pairing: &Pairing, network: &Network) -> Result<(), SamplingError> {
        self.pairing.get_or_insert(*pairing).check(pairing)?;
        self.classes = network.classes();
        self.answers = network.answers().clone();
        self.quartets = network.balances(self.dropout, self.masks);
        Ok(())
    }

    /// Memory and room on the disk that it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let kept: usize = self.segments.iter().map(|segment| segment.kept.len() * size_of::<f16>()).sum();
        let sums: usize = self.checkpoints.iter().map(|checkpoint| size_of_val(&checkpoint.sums[..])).sum();
        (kept + sums) as u64
    }

    /// Sums over the first `passes` passes (all there are, when fewer) for every image.
    #[must_use]
    pub fn statistics(&self, passes: usize) -> Vec<Statistics> {
        let mut statistics = vec![Statistics::zero(self.classes); self.images];
        self.for_each(passes, &mut statistics, |statistics, _, out| *out = statistics);
        statistics
    }

    /// Gives the sums over the first `passes` passes (all there are, when fewer) of every image to `take`, with the passes
    /// of its block and a place for what follows from them: no more than the sums of a block are ever in memory.
    pub fn for_each<T: Send>(
        &self,
        passes: usize,
        places: &mut [T],
        take: impl Fn(Statistics, &BlockPasses<'_>, &mut T) + Sync,
    ) {
        let passes = passes.min(self.passes());
        let set = InstructionSet::detect();
        let start = self.checkpoint(passes);
        let width = self.layout().sums_of_block();
        let work = |own: &mut Vec<GroupSum>, (block, out): (usize, &mut [T])| {
            own.fill(GroupSum::default());
            let from = start.map_or(0, |checkpoint| {
                own.clone_from_slice(&checkpoint.sums[block * width..][..width]);
                checkpoint.passes
            });
            self.add_block(set, block, from..passes, own);
            let kept = OnceCell::new();
            for (lane, out) in out.iter_mut().enumerate() {
                let drawn = BlockPasses { samples: self, block, lane, passes, kept: &kept };
                take(statistics_of(self.layout(), own, lane, passes), &drawn, out);
            }
        };
        let tasks = places.chunks_mut(LANES).enumerate().take(blocks(self.images));
        let scratch = || vec![GroupSum::default(); width];
        let _ = parallel::for_each(tasks, scratch, work, &mut |_| ControlFlow::Continue(()));
    }

    /// Probabilities of one image, pass by pass: `[passes, classes]`.
    ///
    /// # Panics
    /// When there is no such image.
    #[must_use]
    pub fn image(&self, index: usize) -> Vec<PerClass<f32>> {
        self.lanes(index).iter().map(|kept| probabilities(kept)).collect()
    }

    /// To read many images one after the other.
    #[must_use]
    pub fn reader(&self) -> SamplesReader<'_> {
        SamplesReader { samples: self, block: None, kept: Vec::new() }
    }

    /// Sums over the first 1, 2, … passes of one image: what entropy against T is drawn from.
    ///
    /// # Panics
    /// When there is no such image.
    #[must_use]
    pub fn prefixes(&self, index: usize) -> Vec<Statistics> {
        prefixes(self.layout(), self.lanes(index).into_iter())
    }

    /// The class that one pass, one sub-network, predicts for every image (the lowest on a tie).
    ///
    /// # Panics
    /// When there is no such pass.
    #[must_use]
    pub fn votes_of_pass(&self, pass: usize) -> Vec<Class> {
        let mut within = pass;
        let segment = self.segments.iter().find(|segment| {
            let here = within < segment.passes;
            within -= if here { 0 } else { segment.passes };
            here
        });
        assert!(segment.is_some(), "pass {pass} of {}", self.passes());
        let Some(segment) = segment else { return Vec::new() };
        let mut votes = Vec::with_capacity(self.images);
        for block in 0..blocks(self.images) {
            let kept = segment.passes_of(self.classes, block, within..within + 1);
            let lanes = 0..LANES.min(self.images - block * LANES);
            votes.extend(lanes.map(|at| largest(&lane(&kept, at)) as Class));
        }
        votes
    }

    /// What is kept of one block, a part for each segment.
    fn block(&self, block: usize) -> Vec<Cow<'_, [f16]>> {
        self.segments.iter().map(|segment| segment.block(self.classes, block)).collect()
    }

    /// What is kept of one image of a block, pass by pass.
    fn lanes_of(&self, kept: &[Cow<'_, [f16]>], at: usize) -> Vec<PerClass<f32>> {
        let passes = kept.iter().flat_map(|kept| kept.chunks_exact(values(self.classes)));
        passes.map(|pass| lane(pass, at)).collect()
    }

    /// What is kept of one image, pass by pass.
    fn lanes(&self, index: usize) -> Vec<PerClass<f32>> {
        assert!(index < self.images, "image {index} of {}", self.images);
        self.lanes_of(&self.block(index / LANES), index % LANES)
    }

    /// Adds a range of passes of one block to its sums.
    fn add_block(&self, set: InstructionSet, block: usize, passes: Range<usize>, sums: &mut [GroupSum]) {
        let mut first = 0;
        for segment in &self.segments {
            let from = passes.start.clamp(first, first + segment.passes) - first;
            let to = passes.end.clamp(first, first + segment.passes) - first;
            if from < to {
                let kept = segment.passes_of(self.classes, block, from..to);
                accumulate(set, self.layout(), &kept, first + from, sums);
            }
            first += segment.passes;
        }
    }

    /// The last checkpoint at or before this number of passes.
    fn checkpoint(&self, passes: usize) -> Option<&PartialSums> {
        self.checkpoints.iter().rev().find(|checkpoint| checkpoint.passes <= passes)
    }

    /// The same, as of images so many that their sums are not held.
    #[cfg(test)]
    pub(super) fn without_sums(self) -> Self {
        Self { sums_limit: 0, ..self }
    }

    /// Whether the sums of so many images are held, and checkpoints of them.
    pub(super) fn would_hold_sums(images: usize, layout: Layout) -> bool {
        sums_bytes(images, layout) <= SUMS_BYTES
    }

    /// The sums over all passes, to be continued; none where they are not held.
    pub(super) fn sums(&self, set: InstructionSet) -> Result<Vec<GroupSum>, SamplingError> {
        if sums_bytes(self.images, self.layout()) > self.sums_limit {
            return Ok(Vec::new());
        }
        let passes = self.passes();
        let width = self.layout().sums_of_block();
        let mut sums = super::error::allocate(blocks(self.images) * width, GroupSum::default())?;
        let start = self.checkpoint(passes);
        if let Some(checkpoint) = start {
            sums.clone_from_slice(&checkpoint.sums);
        }
        let from = start.map_or(0, |checkpoint| checkpoint.passes);
        if from < passes {
            let tasks = sums.chunks_exact_mut(width).enumerate();
            let work = |(): &mut (), (block, sums): (usize, &mut [GroupSum])| {
                self.add_block(set, block, from..passes, sums);
            };
            let _ = parallel::for_each(tasks, || (), work, &mut |_| ControlFlow::Continue(()));
        }
        Ok(sums)
    }

    /// Appends passes that are complete for all images.
    pub(super) fn push(&mut self, segment: Segment) {
        self.segments.push(Arc::new(segment));
    }

    /// The passes appended last.
    pub(super) fn last(&self) -> Option<&Segment> {
        self.segments.last().map(Arc::as_ref)
    }

    /// Adds a checkpoint of the sums over all passes so far. When there are too many, the most closely spaced are
    /// dropped, so that no number of passes is far from a checkpoint.
    pub(super) fn keep_sums(&mut self, sums: Vec<GroupSum>) {
        let passes = self.passes();
        if self.checkpoints.last().is_some_and(|checkpoint| checkpoint.passes == passes) {
            return;
        }
        let most = Self::most_checkpoints(self.images, self.layout());
        while self.checkpoints.len() >= most {
            let gap = |&at: &usize| {
                let before = if at == 0 { 0 } else { self.checkpoints[at - 1].passes };
                self.checkpoints.get(at + 1).map_or(passes, |next| next.passes) - before
            };
            let Some(at) = (0..self.checkpoints.len()).min_by_key(gap) else { break };
            self.checkpoints.remove(at);
        }
        self.checkpoints.push(PartialSums { passes, sums: Arc::new(sums) });
    }

    /// How many checkpoints are kept, at least one.
    fn most_checkpoints(images: usize, layout: Layout) -> usize {
        (CHECKPOINT_BYTES / sums_bytes(images, layout).max(1)).max(1)
    }

    /// Room that this many passes over this many images take, in bytes.
    pub(super) fn kept_bytes(images: usize, classes: usize, passes: usize) -> u64 {
        ((blocks(images) * values(classes) * size_of::<f16>()) as u64).saturating_mul(passes as u64)
    }

    /// Peak memory of the sums of this many images, in bytes, while samples grow.
    pub(super) fn sums_needed(images: usize, layout: Layout) -> u64 {
        if !Self::would_hold_sums(images, layout) {
            return 0;
        }
        (sums_bytes(images, layout) * (1 + Self::most_checkpoints(images, layout).min(16))) as u64
    }
}

/// Reads the passes of one image after the other: what is kept of neighbours is read from the disk once for all of them.
#[derive(Debug)]
pub struct SamplesReader<'a> {
    samples: &'a Samples,
    block: Option<usize>,
    kept: Vec<Cow<'a, [f16]>>,
}

impl SamplesReader<'_> {
    /// As [`Samples::image`].
    ///
    /// # Panics
    /// When there is no such image.
    pub fn image(&mut self, index: usize) -> Vec<PerClass<f32>> {
        assert!(index < self.samples.images, "image {index} of {}", self.samples.images);
        let block = index / LANES;
        if self.block != Some(block) {
            self.kept = self.samples.block(block);
            self.block = Some(block);
        }
        self.samples.lanes_of(&self.kept, index % LANES).iter().map(|kept| probabilities(kept)).collect()
    }
}

/// The passes over an image, where its sums do not say all.
#[derive(Debug)]
pub struct BlockPasses<'a> {
    samples: &'a Samples,
    block: usize,
    lane: usize,
    passes: usize,
    /// Read when first asked for.
    kept: &'a OnceCell<Vec<Cow<'a, [f16]>>>,
}

impl BlockPasses<'_> {
    /// Its probabilities, pass by pass: `[passes, classes]`.
    #[must_use]
    pub fn probabilities(&self) -> Vec<PerClass<f32>> {
        let kept = self.kept.get_or_init(|| self.samples.block(self.block));
        let lanes = self.samples.lanes_of(kept, self.lane);
        lanes.iter().take(self.passes).map(|kept| probabilities(kept)).collect()
    }
}

/// Sums over all images, in bytes.
fn sums_bytes(images: usize, layout: Layout) -> usize {
    blocks(images) * layout.sums_of_block() * size_of::<GroupSum>()
}

/// Sums over the first 1, 2, … passes of one image.
pub(super) fn prefixes(layout: Layout, passes: impl Iterator<Item = PerClass<f32>>) -> Vec<Statistics> {
    let mut sum = OneSum::new(layout);
    let statistics = passes.map(|kept| {
        sum.add(&kept);
        sum.statistics()
    });
    statistics.collect()
}
