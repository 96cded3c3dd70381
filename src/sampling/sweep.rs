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

use super::accumulation::{Layout, accumulate};
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
/// Image·passes of bundles that are drawn together: what is kept of them is 60 MB where there are ten classes.
const BUNDLED_TOGETHER: usize = 3_000_000;
/// Passes of bundles that are in memory together: their weights are 60 MB.
const MOST_BUNDLED: usize = 1_920;
/// Bundles between two reports.
const BUNDLES_TO_REPORT: usize = 2;
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
    let masks = Masks::new(config, set);
    let images = prefix.images() as u64;
    let total = images * config.passes as u64;
    let layout = layout(network, config);
    let mut sums = samples.sums(set)?;
    while samples.passes() < config.passes {
        let first = samples.passes();
        let bundled = network.bundled(&masks);
        let report = next_report(prefix, bundled, first).min(config.passes);
        let passes = next_segment(prefix, bundled, first, config.passes);
        let mut progress = |share: f64| {
            let done = (first as f64 + passes as f64 * share) * images as f64;
            observe(SweepEvent::Progress(Progress { done: done as u64, total }))
        };
        let Some(kept) = draw(prefix, &masks, first..first + passes, place, &mut progress)? else { break };
        samples.push(Segment { passes, kept });
        let Some(segment) = samples.last() else { break };
        let outcome = parallel::for_each(
            sums.chunks_exact_mut(layout.sums_of_block()).enumerate(),
            || (),
            |(), (block, sums)| {
                let kept = segment.passes_of(layout.classes, block, 0..passes);
                accumulate(set, layout, &kept, first, sums);
            },
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
    let masks = Masks::new(config, network.instructions());
    let plan = Pass::plan(network, &masks, 0..config.passes);
    let each: u64 = plan.into_iter().map(|some| Pass::new(network, &masks, some).multiplications()).sum();
    let shared = if network.placement() == Some(Placement::All) {
        let mut passes = 0;
        let mut segments = 0;
        while passes < config.passes {
            let report = next_report_held(network, None, passes);
            passes += segment_to(report.min(config.passes), network, None, images, passes);
            segments += 1;
        }
        segments * (CONV1_ROWS * CONV1_DEPTH) as u64
    } else {
        0
    };
    (each + shared) * images as u64
}

/// How many passes are drawn next.
fn next_segment(prefix: &Prefix, bundled: Option<usize>, from: usize, to: usize) -> usize {
    let report = next_report(prefix, bundled, from).min(to);
    if !prefix.is_held() {
        // All that the activations, once computed, can serve for.
        return (report - from).min(MOST_TOGETHER);
    }
    segment_to(report, prefix.network(), bundled, prefix.images(), from)
}

fn segment_to(report: usize, network: &Network, bundled: Option<usize>, images: usize, from: usize) -> usize {
    let most = segment_passes(network, bundled, images);
    let whole = report - from;
    match bundled {
        // Whole bundles, for a product is computed for each part of one.
        Some(each) if most >= each => whole.min((from / each + most / each) * each - from),
        _ => whole.min(most),
    }
}

/// Where the passes that are best drawn together from the first of these on end.
pub(super) fn together(network: &Network, masks: &Masks, images: usize, passes: Range<usize>) -> usize {
    passes.start + segment_to(passes.end, network, network.bundled(masks), images, passes.start)
}

/// Some passes over all images, `[blocks, passes, classes, 64]`; `None` when stopped.
pub(super) fn draw(
    prefix: &Prefix,
    masks: &Masks,
    range: Range<usize>,
    place: &Place,
    progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<Option<Kept>, SamplingError> {
    let network: &Network = prefix.network();
    let passes = range.len();
    let plan = Pass::plan(network, masks, range);
    let mut thinned: Vec<Option<Pass>> = plan.iter().map(|_| None).collect();
    let outcome = parallel::for_each(
        thinned.iter_mut().zip(plan),
        || (),
        |(), (place, some)| *place = Some(Pass::new(network, masks, some)),
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
    let (passes, width) = (thinned.iter().map(Pass::passes).sum::<usize>(), values(network.classes()));
    let mut kept = allocate(blocks * passes * width, f16::ZERO)?;
    // Few blocks are split by passes as well, so that all threads have work.
    let enough = 8 * rayon::current_num_threads();
    let parts = enough.div_ceil(blocks.max(1)).clamp(1, thinned.len().max(1));
    let size = thinned.len().div_ceil(parts).max(1);
    let tasks = kept.chunks_exact_mut((passes * width).max(1)).enumerate().flat_map(|(block, mut kept)| {
        thinned.chunks(size).map(move |thinned| {
            let own = thinned.iter().map(Pass::passes).sum::<usize>() * width;
            let (own, rest) = std::mem::take(&mut kept).split_at_mut(own);
            kept = rest;
            (block, thinned, own)
        })
    });
    let count = blocks * thinned.len().div_ceil(size);
    let outcome = parallel::try_for_each(
        tasks,
        || Scratch::new(network),
        |scratch, (block, thinned, mut kept)| {
            let block = block_rows(block);
            scratch.enter(network, block.0);
            for thinned in thinned {
                let logits = thinned.logits(network, set, block, scratch)?;
                let (own, rest) = kept.split_at_mut(thinned.passes() * width);
                kept = rest;
                for (logits, kept) in logits.chunks_exact(network.classes()).zip(own.chunks_exact_mut(width))
                {
                    encode(set, logits, kept);
                }
            }
            Ok::<(), GraphError>(())
        },
        &mut |done| progress(done as f64 / count as f64),
    )?;
    Ok(outcome.is_continue().then_some(kept))
}

/// Passes after which the samples are next shown: early at first, then at growing intervals. Rarely where the activations
/// are computed anew each time.
fn next_report(prefix: &Prefix, bundled: Option<usize>, passes: usize) -> usize {
    if prefix.is_held() {
        return next_report_held(prefix.network(), bundled, passes);
    }
    if passes < FIRST_LOOK { FIRST_LOOK } else { (passes / 100 + 1) * 100 }
}

fn next_report_held(network: &Network, bundled: Option<usize>, passes: usize) -> usize {
    if let Some(each) = bundled {
        // After the first look at ends of bundles, of which all passes cost less than a few by themselves.
        let every = if passes < each { each } else { BUNDLES_TO_REPORT * each };
        return if passes < FIRST_LOOK { FIRST_LOOK } else { (passes / every + 1) * every };
    }
    let slow = network.is_slow();
    // One pass of `all` over 10,000 images takes about as long as four of the others.
    let early: &[usize] = if slow { &[1, 4, 10, 25, 50] } else { &[4, 10, 25, 50] };
    early.iter().copied().find(|&report| report > passes).unwrap_or((passes / 100 + 1) * 100)
}

/// Passes drawn together: many enough to share what they have in common, few enough that a stop loses little.
fn segment_passes(network: &Network, bundled: Option<usize>, images: usize) -> usize {
    if bundled.is_some() {
        return (BUNDLED_TOGETHER / images.max(1)).clamp(1, MOST_BUNDLED);
    }
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
    let describe = |images: usize, SweepConfig { dropout, seed, masks, .. }: SweepConfig| {
        format!("{images} images, p = {dropout}, seed {seed}, {} masks", masks.name())
    };
    let found = describe(from.images(), from.config(0));
    let expected = describe(prefix.images(), *config);
    if found == expected { Ok(()) } else { Err(SamplingError::Continuation { found, expected }) }
}

/// How the sums of a sweep are kept.
fn layout(network: &Network, config: &SweepConfig) -> Layout {
    Layout { classes: network.classes(), quartets: network.balances(config.dropout, config.masks) }
}

/// Whether the passes fit into so much memory.
fn fits(prefix: &Prefix, config: &SweepConfig, limit: u64) -> bool {
    let (images, layout) = (prefix.images(), layout(prefix.network(), config));
    let kept = Samples::kept_bytes(images, layout.classes, config.passes);
    if !prefix.is_held() || !Samples::would_hold_sums(images, layout) {
        return false;
    }
    let sums = Samples::sums_needed(images, layout);
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
