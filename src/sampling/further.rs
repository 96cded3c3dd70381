//! Further passes of some images: those whose place in a ranking more passes would settle, instead of all.
//!
//! Of very many passes only the sums are kept. They are those of the sweep: the same masks by the number of a pass, for all
//! images, so that where one image's passes end says nothing of another's.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use half::f16;

use crate::kernel::{LANES, Row, blocks};
use crate::model::graph::{GraphError, Runner};
use crate::progress::{Observer, Progress};

use super::accumulation::{Layout, OneSum, accumulate, statistics_of};
use super::design::QUARTET;
use super::encoding::{encode, lane, probabilities, values};
use super::error::allocate;
use super::kept::Place;
use super::masks::Masks;
use super::one_image::Start;
use super::sweep::{draw, together};
use super::{Network, Prefix, SamplingError, Statistics, SweepConfig, parallel};

/// The first pass at or after this one that begins a quartet, from which further passes can be summed by themselves.
#[must_use]
pub fn beginning(network: &Network, config: &SweepConfig, pass: usize) -> usize {
    if network.balances(config.dropout, config.masks) { pass.next_multiple_of(QUARTET) } else { pass }
}

/// What is looked at in passes besides their sums: a place for each image, of those that are looked at, and what becomes of
/// it with the probabilities of a pass.
pub type Looked<'a, T> = (&'a mut [Option<T>], &'a (dyn Fn(&mut T, &[f32]) + Sync));

/// The sums of some passes, by their numbers, over all images of a prefix; `None` when the observer stopped it. Progress
/// counts image·passes.
///
/// # Errors
/// When the configuration is out of range, the images cannot be read, or there is no memory.
pub fn further<T: Send>(
    prefix: &Prefix,
    config: &SweepConfig,
    passes: Range<usize>,
    (mut places, look): Looked<'_, T>,
    observe: Observer,
) -> Result<Option<Vec<Statistics>>, SamplingError> {
    config.check()?;
    let network: &Arc<Network> = prefix.network();
    let set = network.instructions();
    let masks = Masks::new(config, set);
    let layout =
        Layout { classes: network.classes(), quartets: network.balances(config.dropout, config.masks) };
    let (whole, alone) = parted(prefix, &masks);
    if let Some(alone) = alone {
        let own = match whole {
            None => Vec::new(),
            Some(whole) => {
                let (own, rest) = places.split_at_mut(whole.images());
                let Some(own) = further(&whole, config, passes.clone(), (own, look), observe)? else {
                    return Ok(None);
                };
                places = rest;
                own
            }
        };
        let (done, images) = (own.len() as u64, prefix.images() as u64);
        let between = &mut |share: f64| {
            let done = (done as f64 + (images - done) as f64 * share) * passes.len() as f64;
            observe(Progress { done: done as u64, total: images * passes.len() as u64 })
        };
        let rest = each_alone(&alone, (&masks, layout), passes.clone(), (places, look), between)?;
        return Ok(rest.map(|rest| own.into_iter().chain(rest).collect()));
    }
    let width = layout.sums_of_block();
    let mut sums = allocate(blocks(prefix.images()) * width, [0.0; super::accumulation::GROUP])?;
    let images = prefix.images() as u64;
    let total = images * passes.len() as u64;
    let mut from = passes.start;
    while from < passes.end {
        let to = together(network, &masks, prefix.images(), from..passes.end);
        let mut progress = |share: f64| {
            let done = ((from - passes.start) as f64 + (to - from) as f64 * share) * images as f64;
            observe(Progress { done: done as u64, total })
        };
        let drawn = draw(prefix, &masks, from..to, &Place::Memory, &mut progress)?;
        let Some(kept) = drawn else { return Ok(None) };
        let each = (to - from) * values(layout.classes);
        let tasks = sums.chunks_exact_mut(width).zip(places.chunks_mut(LANES)).enumerate();
        let work = |(): &mut (), (block, (sums, places)): (usize, (&mut [_], &mut [Option<T>]))| {
            let kept = kept.get(block * each..(block + 1) * each);
            accumulate(set, layout, &kept, from, sums);
            for (at, place) in places.iter_mut().enumerate() {
                if let Some(place) = place {
                    for pass in kept.chunks_exact(values(layout.classes)) {
                        look(place, &probabilities(&lane(pass, at)));
                    }
                }
            }
        };
        if parallel::for_each(tasks, || (), work, &mut |_| progress(1.0)).is_break() {
            return Ok(None);
        }
        from = to;
    }
    let of = |image: usize| {
        statistics_of(layout, &sums[image / LANES * width..][..width], image % LANES, passes.len())
    };
    Ok(Some((0..prefix.images()).map(of).collect()))
}

/// Fewer images than this of a block are asked one by one: its lanes are as many passes then.
const FEWEST_OF_BLOCK: usize = 40;
/// Passes of images asked one by one that are kept before they are summed.
const ALONE_TOGETHER: usize = 1_920;

/// The images of whole blocks, and each of those left over where these are few and can be asked one by one.
fn parted<'a>(prefix: &'a Prefix, masks: &Masks) -> (Option<Prefix>, Option<Vec<Start<'a>>>) {
    let (network, left) = (prefix.network(), prefix.images() % LANES);
    let whole = prefix.images() - left;
    let Some(rows) = prefix.held().filter(|_| (1..FEWEST_OF_BLOCK).contains(&left)) else {
        return (None, None);
    };
    // A pass by itself on its thinned network is as fast as it gets where nothing is shared.
    if network.bundled(masks).is_none() {
        return (None, None);
    }
    let width = prefix.block_width();
    let (together, last) = rows.split_at(whole / LANES * width);
    let own = |lane: usize| Start::of_prefix(network, last.iter().map(|row| row.0[lane]).collect());
    let Some(alone) = (0..left).map(own).collect::<Option<Vec<Start<'_>>>>() else { return (None, None) };
    let together = (whole > 0).then(|| prefix.with_rows(together.to_vec(), whole));
    (together, Some(alone))
}

/// The same sums of images one by one, the lanes of a block their passes.
fn each_alone<T: Send>(
    images: &[Start<'_>],
    (masks, layout): (&Masks, Layout),
    passes: Range<usize>,
    (places, look): Looked<'_, T>,
    progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<Option<Vec<Statistics>>, SamplingError> {
    let width = values(layout.classes);
    let mut sums: Vec<OneSum> = images.iter().map(|_| OneSum::from_pass(layout, passes.start)).collect();
    for first in passes.clone().step_by(ALONE_TOGETHER) {
        let part = first..passes.end.min(first + ALONE_TOGETHER);
        // No part lies in two bundles, each of which takes a product.
        let parts = images.first().map_or_else(Vec::new, |start| start.parts(masks, part.clone()));
        let each = parts.len() * width;
        let mut kept = allocate(images.len() * each, f16::ZERO)?;
        let tasks = kept.chunks_exact_mut(width).enumerate();
        let count = (images.len() * parts.len()).max(1);
        let work = |runner: &mut Runner, (at, kept): (usize, &mut [f16])| {
            let part = &parts[at % parts.len()];
            let rows = images[at / parts.len()].logits(runner, masks, part.start, part.len())?;
            encode(images[0].instructions(), &rows, kept);
            Ok::<(), GraphError>(())
        };
        let share = |done: f64| {
            (part.start as f64 + part.len() as f64 * done - passes.start as f64) / passes.len() as f64
        };
        let between = &mut |done: usize| progress(share(done as f64 / count as f64));
        if parallel::try_for_each(tasks, Runner::new, work, between)?.is_break() {
            return Ok(None);
        }
        let tasks = sums.iter_mut().zip(places.iter_mut()).zip(kept.chunks_exact(each.max(1)));
        let work = |(): &mut (), ((sum, place), kept): ((&mut OneSum, &mut Option<T>), &[f16])| {
            for (part, kept) in parts.iter().zip(kept.chunks_exact(width)) {
                for at in 0..part.len() {
                    let pass = lane(kept, at);
                    sum.add(&pass);
                    if let Some(place) = place {
                        look(place, &probabilities(&pass));
                    }
                }
            }
        };
        let _ = parallel::for_each(tasks, || (), work, &mut |_| ControlFlow::Continue(()));
    }
    Ok(Some(sums.iter().map(OneSum::statistics).collect()))
}

impl Prefix {
    /// The activations of some of its images, in this order.
    ///
    /// # Errors
    /// When the images cannot be read, or there is no memory.
    pub fn of_some(&self, images: &[u32]) -> Result<Self, SamplingError> {
        let Some(held) = self.held() else {
            return self.anew(images);
        };
        let width = self.block_width();
        let mut rows = allocate(blocks(images.len()) * width, Row::ZERO)?;
        let tasks = rows.chunks_exact_mut(width.max(1)).zip(images.chunks(LANES));
        let work = |(): &mut (), (rows, images): (&mut [Row], &[u32])| {
            for (lane, image) in images.iter().enumerate() {
                let (block, from) = (*image as usize / LANES, *image as usize % LANES);
                for (row, source) in rows.iter_mut().zip(&held[block * width..][..width]) {
                    row.0[lane] = source.0[from];
                }
            }
        };
        let _ = parallel::for_each(tasks, || (), work, &mut |_| ControlFlow::Continue(()));
        Ok(self.with_rows(rows, images.len()))
    }
}
