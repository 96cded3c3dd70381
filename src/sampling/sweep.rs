//! N images × T passes, streaming.
//!
//! Passes are drawn in segments: the thinned networks of a few passes are gathered, then tasks of one block and some of
//! these passes are shared by all threads. Every number is the same whatever the tasks and the threads.
//!
//! Very many images, or classes, are too much for memory. The activations before the first dropout are computed anew for
//! some images at a time then ([`Prefix`]), the passes are kept on the disk, and their sums are not kept at all. The
//! numbers are the same again.

use std::ops::{ControlFlow, Range};

use half::f16;

use crate::kernel::{LANES, Row, blocks};
use crate::model::Placement;
use crate::model::geometry::CONV1_DEPTH;
use crate::model::graph::GraphError;
use crate::progress::Progress;

use super::accumulation::{accumulate, sums_of_block};
use super::convolution::CONV1_ROWS;
use super::encoding::{encode, values};
use super::error::allocate;
use super::kept::{Kept, Place};
use super::masks::Masks;
use super::pass::{Pass, Scratch};
use super::samples::Segment;
use super::{Network, Prefix, Samples, SamplingError, SweepConfig, parallel};

/// Memory that a sweep may need with its prefix and its sums, in bytes: where the passes would take more, they are kept on
/// the disk.
const MEMORY_LIMIT: u64 = 250_000_000;
/// What it may need where the disk has no room.
const MEMORY_WITHOUT_DISK: u64 = 900_000_000;
/// Room on the disk that the passes may take, in bytes. More is refused before a sweep starts.
pub const DISK_LIMIT: u64 = 20_000_000_000;

/// Sums that are copied for what is shown on the way, in bytes: larger ones are added up again for that from the passes.
const COPIED: usize = 32 << 20;

/// Passes after which something is shown of images whose activations are computed anew.
const FIRST_LOOK: usize = 4;
/// Passes whose thinned networks are in memory together: 60 MB.
const MOST_TOGETHER: usize = 100;

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
/// When the configuration is out of range, `from` belongs to another sweep or to other images or another network, the
/// images cannot be read, or neither memory nor disk has room.
pub fn sweep(
    prefix: &Prefix,
    config: &SweepConfig,
    from: Samples,
    observe: &mut dyn FnMut(SweepEvent) -> ControlFlow<()>,
) -> Result<Samples, SamplingError> {
    check_room(prefix, config)?;
    let place = if fits(prefix, config, MEMORY_LIMIT) {
        Place::Memory
    } else {
        Place::disk(fits(prefix, config, MEMORY_WITHOUT_DISK))?
    };
    sweep_keeping(prefix, config, from, &place, observe)
}

/// The same, the new passes kept there.
pub(super) fn sweep_keeping(
    prefix: &Prefix,
    config: &SweepConfig,
    from: Samples,
    place: &Place,
    observe: &mut dyn FnMut(SweepEvent) -> ControlFlow<()>,
) -> Result<Samples, SamplingError> {
    config.check()?;
    let mut samples = from;
    check_continuation(prefix, config, &samples)?;
    samples.begin(prefix.pairing(), prefix.network())?;
    let network = prefix.network();
    let set = network.instructions();
    let masks = Masks::new(config.seed, config.dropout, set);
    let images = prefix.images() as u64;
    let total = images * config.passes as u64;
    let classes = network.classes();
    let mut sums = samples.sums(set)?;
    while samples.passes() < config.passes {
        let first = samples.passes();
        let report = next_report(prefix, first).min(config.passes);
        let passes = next_segment(prefix, first, config.passes);
        let mut progress = |share: f64| {
            let done = (first as f64 + passes as f64 * share) * images as f64;
            observe(SweepEvent::Progress(Progress { done: done as u64, total }))
        };
        let Some(kept) = draw(prefix, &masks, first..first + passes, place, &mut progress)? else { break };
        samples.push(Segment { passes, kept });
        let Some(segment) = samples.last() else { break };
        let outcome = parallel::for_each(
            sums.chunks_exact_mut(sums_of_block(classes)).enumerate(),
            || (),
            |(), (block, sums)| accumulate(set, classes, &segment.passes_of(classes, block, 0..passes), sums),
            &mut |_| progress(1.0),
        );
        if outcome.is_break() {
            break;
        }
        if samples.passes() == report {
            if !sums.is_empty() {
                if report == config.passes {
                    samples.keep_sums(std::mem::take(&mut sums));
                } else if size_of_val(&sums[..]) <= COPIED {
                    samples.keep_sums(sums.clone());
                }
            }
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
    let each: u64 = (0..config.passes).map(|pass| Pass::new(network, &masks, pass).multiplications()).sum();
    let shared = if network.placement() == Some(Placement::All) {
        let mut passes = 0;
        let mut segments = 0;
        while passes < config.passes {
            let report = next_report_held(network.is_slow(), passes);
            passes += segment_to(report.min(config.passes), network, images, passes);
            segments += 1;
        }
        segments * (CONV1_ROWS * CONV1_DEPTH) as u64
    } else {
        0
    };
    (each + shared) * images as u64
}

/// How many passes are drawn next.
fn next_segment(prefix: &Prefix, from: usize, to: usize) -> usize {
    let report = next_report(prefix, from).min(to);
    if !prefix.is_held() {
        // All that the activations, once computed, can serve for.
        return (report - from).min(MOST_TOGETHER);
    }
    segment_to(report, prefix.network(), prefix.images(), from)
}

fn segment_to(report: usize, network: &Network, images: usize, from: usize) -> usize {
    (report - from).min(segment_passes(network, images))
}

/// Some passes over all images, `[blocks, passes, classes, 64]`; `None` when stopped.
fn draw(
    prefix: &Prefix,
    masks: &Masks,
    range: Range<usize>,
    place: &Place,
    progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<Option<Kept>, SamplingError> {
    let network: &Network = prefix.network();
    let passes = range.len();
    let mut thinned: Vec<Option<Pass>> = (0..passes).map(|_| None).collect();
    let outcome = parallel::for_each(
        thinned.iter_mut().enumerate(),
        || (),
        |(), (pass, place)| *place = Some(Pass::new(network, masks, range.start + pass)),
        &mut |_| progress(0.0),
    );
    if outcome.is_break() {
        return Ok(None);
    }
    let thinned: Vec<Pass> = thinned.into_iter().flatten().collect();

    let blocks = blocks(prefix.images());
    let numbers = passes * values(network.classes());
    let mut kept = Kept::with_room(blocks * numbers, place)?;
    for stretch in prefix.stretches() {
        let share = |done: f64| (stretch.start as f64 + stretch.len() as f64 * done) / blocks as f64;
        // Computed anew, the activations take about as long as some passes.
        let before = if prefix.is_held() { 0.0 } else { 8.0 / (8.0 + passes as f64) };
        let mut between = |done: usize| progress(share(before * done as f64 / stretch.len() as f64));
        let Some(rows) = prefix.rows(stretch.clone(), &mut between)? else { return Ok(None) };
        let mut between = |done: f64| progress(share(before + (1.0 - before) * done));
        let block = |block: usize| {
            let images = LANES.min(prefix.images().saturating_sub((stretch.start + block) * LANES));
            (&rows[block * prefix.block_width()..][..prefix.block_width()], images)
        };
        match draw_blocks(network, &thinned, stretch.len(), &block, &mut between)? {
            Some(numbers) => kept.push(numbers)?,
            None => return Ok(None),
        }
    }
    Ok(Some(kept))
}

/// Some passes over blocks whose rows and number of images `block_rows` gives, `[blocks, passes, classes, 64]`; `None` when stopped.
fn draw_blocks<'a>(
    network: &Network,
    thinned: &[Pass],
    blocks: usize,
    block_rows: &(impl Fn(usize) -> (&'a [Row], usize) + Sync),
    progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<Option<Vec<f16>>, SamplingError> {
    let set = network.instructions();
    let (passes, width) = (thinned.len(), values(network.classes()));
    let mut kept = allocate(blocks * passes * width, f16::ZERO)?;
    // Few blocks are split by passes as well, so that all threads have work.
    let enough = 8 * rayon::current_num_threads();
    let parts = enough.div_ceil(blocks.max(1)).clamp(1, passes);
    let size = passes.div_ceil(parts);
    let tasks = kept.chunks_exact_mut(passes * width).enumerate().flat_map(|(block, kept)| {
        kept.chunks_mut(size * width).enumerate().map(move |(part, kept)| (block, part * size, kept))
    });
    let count = blocks * passes.div_ceil(size);
    let outcome = parallel::try_for_each(
        tasks,
        || Scratch::new(network),
        |scratch, (block, pass, kept)| {
            let (rows, images) = block_rows(block);
            scratch.enter(network, rows);
            for (thinned, kept) in thinned[pass..].iter().zip(kept.chunks_exact_mut(width)) {
                encode(set, thinned.logits(network, rows, images, scratch)?, kept);
            }
            Ok::<(), GraphError>(())
        },
        &mut |done| progress(done as f64 / count as f64),
    )?;
    Ok(outcome.is_continue().then_some(kept))
}

/// Passes after which the samples are next shown: early at first, then at growing intervals. Rarely where the activations
/// are computed anew each time.
fn next_report(prefix: &Prefix, passes: usize) -> usize {
    if prefix.is_held() {
        return next_report_held(prefix.network().is_slow(), passes);
    }
    if passes < FIRST_LOOK { FIRST_LOOK } else { (passes / 100 + 1) * 100 }
}

fn next_report_held(slow: bool, passes: usize) -> usize {
    // One pass of `all` over 10,000 images takes about as long as four of the others.
    let early: &[usize] = if slow { &[1, 4, 10, 25, 50] } else { &[4, 10, 25, 50] };
    early.iter().copied().find(|&report| report > passes).unwrap_or((passes / 100 + 1) * 100)
}

/// Passes drawn together: many enough to share what they have in common, few enough that a stop loses little.
fn segment_passes(network: &Network, images: usize) -> usize {
    let (image_passes, least) = match network.placement() {
        Some(Placement::Last) => (640_000, 1),
        // Each segment computes the first convolution again.
        Some(Placement::All) => (80_000, 4),
        None if network.is_slow() => (1_000, 1),
        Some(Placement::Dense) | None => (80_000, 1),
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

/// Whether the passes fit into so much memory.
fn fits(prefix: &Prefix, config: &SweepConfig, limit: u64) -> bool {
    let (images, classes) = (prefix.images(), prefix.network().classes());
    let kept = Samples::kept_bytes(images, classes, config.passes);
    if !prefix.is_held() || !Samples::would_hold_sums(images, classes) {
        return false;
    }
    let sums = Samples::sums_needed(images, classes);
    prefix.bytes().saturating_add(kept).saturating_add(sums) <= limit
}

fn check_room(prefix: &Prefix, config: &SweepConfig) -> Result<(), SamplingError> {
    let (images, classes, passes) = (prefix.images(), prefix.network().classes(), config.passes);
    let needed = Samples::kept_bytes(images, classes, passes);
    if needed <= DISK_LIMIT {
        return Ok(());
    }
    let most = (DISK_LIMIT / Samples::kept_bytes(images, classes, 1).max(1)) as usize;
    Err(SamplingError::Limit { images, passes, needed, limit: DISK_LIMIT, most })
}
