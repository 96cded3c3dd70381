//! N images × T passes, streaming.
//!
//! Passes are drawn in segments: the thinned networks of a few passes are gathered, then tasks of one block and some of
//! these passes are shared by all threads. Every number is the same whatever the tasks and the threads.

use std::ops::ControlFlow;

use half::f16;

use crate::kernel::blocks;
use crate::model::Placement;
use crate::model::geometry::CONV1_DEPTH;
use crate::progress::Progress;

use super::accumulation::{accumulate, sums_of_block};
use super::convolution::CONV1_ROWS;
use super::encoding::{encode, values};
use super::error::allocate;
use super::masks::Masks;
use super::samples::Segment;
use super::thinned::{PassScratch, Thinned};
use super::{Network, Prefix, Samples, SamplingError, SweepConfig, parallel};

/// Memory that a sweep may need with its prefix, in bytes. More is refused before it starts.
pub const MEMORY_LIMIT: u64 = 1_500_000_000;

/// What a sweep reports to its observer.
#[derive(Debug)]
pub enum SweepEvent<'a> {
    /// Progress in image·passes, reported every few milliseconds.
    Progress(Progress),
    /// More passes are complete for all images. Reported after the first few passes and then less and less often; the
    /// final samples are returned by the sweep.
    Samples(&'a Samples),
}

/// Extends samples to `config.passes` passes. When the observer stops it, the completed passes are returned; that is
/// not an error.
///
/// `from` starts as [`Samples::empty`]; samples of an earlier sweep are continued when images, rate and seed agree.
///
/// # Errors
/// When the configuration is out of range, `from` belongs to another sweep or to other images or another network, or the memory cannot be had.
pub fn sweep(
    prefix: &Prefix,
    config: &SweepConfig,
    from: Samples,
    observe: &mut dyn FnMut(SweepEvent) -> ControlFlow<()>,
) -> Result<Samples, SamplingError> {
    config.check()?;
    let mut samples = from;
    check_continuation(prefix, config, &samples)?;
    samples.begin(prefix.pairing(), prefix.network())?;
    check_memory(prefix, config)?;
    let network = prefix.network();
    let set = network.instructions();
    let masks = Masks::new(config.seed, config.dropout, set);
    let images = prefix.images() as u64;
    let total = images * config.passes as u64;
    let classes = network.classes();
    let mut sums = samples.sums(set)?;
    while samples.passes() < config.passes {
        let first = samples.passes();
        let report = next_report(network.placement(), first).min(config.passes);
        let passes = next_segment(network.placement(), prefix.images(), first, config.passes);
        let mut progress = |share: f64| {
            let done = (first as f64 + passes as f64 * share) * images as f64;
            observe(SweepEvent::Progress(Progress { done: done as u64, total }))
        };
        let Some(segment) = draw(prefix, &masks, first, passes, &mut progress)? else { break };
        samples.push(Segment { passes, kept: segment });
        let Some(segment) = samples.last() else { break };
        let width = passes * values(classes);
        let outcome = parallel::for_each(
            sums.chunks_exact_mut(sums_of_block(classes)).zip(segment.kept.chunks_exact(width)),
            || (),
            |(), (sums, kept)| accumulate(set, classes, kept, sums),
            &mut |_| progress(1.0),
        );
        if outcome.is_break() {
            break;
        }
        if samples.passes() == report {
            samples.keep_sums(&sums);
            if report < config.passes && observe(SweepEvent::Samples(&samples)).is_break() {
                break;
            }
        }
    }
    Ok(samples)
}

/// Multiplications that a sweep from the start does in its layers, the prefix left out: what its rate is compared with that
/// of a matrix product by, two operations each.
#[must_use]
pub fn multiplications(network: &Network, config: &SweepConfig, images: usize) -> u64 {
    let masks = Masks::new(config.seed, config.dropout, network.instructions());
    let each: u64 =
        (0..config.passes).map(|pass| Thinned::new(network, &masks, pass).multiplications()).sum();
    let shared = if network.placement() == Placement::All {
        let mut passes = 0;
        let mut segments = 0;
        while passes < config.passes {
            passes += next_segment(network.placement(), images, passes, config.passes);
            segments += 1;
        }
        segments * (CONV1_ROWS * CONV1_DEPTH) as u64
    } else {
        0
    };
    (each + shared) * images as u64
}

/// How many passes are drawn next.
fn next_segment(placement: Placement, images: usize, from: usize, to: usize) -> usize {
    (next_report(placement, from).min(to) - from).min(segment_passes(placement, images))
}

/// Some passes over all images, `[blocks, passes, classes, 64]`; `None` when stopped.
fn draw(
    prefix: &Prefix,
    masks: &Masks,
    first: usize,
    passes: usize,
    progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<Option<Vec<f16>>, SamplingError> {
    let network: &Network = prefix.network();
    let set = network.instructions();
    let mut thinned: Vec<Option<Thinned>> = (0..passes).map(|_| None).collect();
    let outcome = parallel::for_each(
        thinned.iter_mut().enumerate(),
        || (),
        |(), (pass, place)| *place = Some(Thinned::new(network, masks, first + pass)),
        &mut |_| progress(0.0),
    );
    if outcome.is_break() {
        return Ok(None);
    }
    let thinned: Vec<Thinned> = thinned.into_iter().flatten().collect();

    let blocks = blocks(prefix.images());
    let width = values(network.classes());
    let mut kept = allocate(blocks * passes * width, f16::ZERO)?;
    // Few blocks are split by passes as well, so that all threads have work.
    let enough = 8 * rayon::current_num_threads();
    let parts = enough.div_ceil(blocks.max(1)).clamp(1, passes);
    let size = passes.div_ceil(parts);
    let tasks = kept.chunks_exact_mut(passes * width).enumerate().flat_map(|(block, kept)| {
        kept.chunks_mut(size * width).enumerate().map(move |(part, kept)| (block, part * size, kept))
    });
    let count = blocks * passes.div_ceil(size);
    let outcome = parallel::for_each(
        tasks,
        || PassScratch::new(network),
        |scratch, (block, pass, kept)| {
            let rows = prefix.block(block);
            scratch.enter(network, rows);
            for (thinned, kept) in thinned[pass..].iter().zip(kept.chunks_exact_mut(width)) {
                encode(set, thinned.logits(network, rows, scratch), kept);
            }
        },
        &mut |done| progress(done as f64 / count as f64),
    );
    Ok(outcome.is_continue().then_some(kept))
}

/// Passes after which the samples are next shown: early at first, then at growing intervals.
fn next_report(placement: Placement, passes: usize) -> usize {
    // One pass of `all` over 10,000 images takes about as long as four of the others.
    let early: &[usize] = if placement == Placement::All { &[1, 4, 10, 25, 50] } else { &[4, 10, 25, 50] };
    early.iter().copied().find(|&report| report > passes).unwrap_or((passes / 100 + 1) * 100)
}

/// Passes drawn together: many enough to share what they have in common, few enough that a stop loses little.
fn segment_passes(placement: Placement, images: usize) -> usize {
    let (image_passes, least) = match placement {
        Placement::Last => (640_000, 1),
        Placement::Dense => (80_000, 1),
        // Each segment computes the first convolution again.
        Placement::All => (80_000, 4),
    };
    (image_passes / images.max(1)).clamp(least, 64)
}

fn check_continuation(prefix: &Prefix, config: &SweepConfig, from: &Samples) -> Result<(), SamplingError> {
    let describe =
        |images: usize, dropout: f32, seed: u64| format!("{images} images, p = {dropout}, seed {seed}");
    let found = describe(from.images(), from.dropout(), from.seed());
    let expected = describe(prefix.images(), config.dropout, config.seed);
    if found == expected { Ok(()) } else { Err(SamplingError::Continuation { found, expected }) }
}

/// Memory of the sums of one image that measures follow from, in bytes.
fn statistics_bytes(classes: usize) -> u64 {
    let on_the_heap = if classes > 10 { 28 * classes } else { 0 };
    (size_of::<super::Statistics>() + on_the_heap + 8 * super::statistics::pairs(classes)) as u64
}

fn check_memory(prefix: &Prefix, config: &SweepConfig) -> Result<(), SamplingError> {
    let (images, classes) = (prefix.images(), prefix.network().classes());
    let needed = |passes: usize| {
        let result = images as u64 * statistics_bytes(classes);
        prefix.bytes().saturating_add(Samples::bytes_needed(images, classes, passes)).saturating_add(result)
    };
    if needed(config.passes) <= MEMORY_LIMIT {
        return Ok(());
    }
    let pass = (needed(1) - needed(0)).max(1);
    let most = (MEMORY_LIMIT.saturating_sub(needed(0)) / pass) as usize;
    let passes = config.passes;
    Err(SamplingError::Limit { images, passes, needed: needed(passes), limit: MEMORY_LIMIT, most })
}
