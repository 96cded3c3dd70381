//! How quantities of the passes of a graph change with the 28×28 places of one image: by central differences, each pass with its
//! own masks on both sides. A graph is not differentiated here; its logits move with a pixel as these differences say.
//!
//! The lanes of a block are the two sides of some pixels, so that passes run on them as on any images.

use std::ops::ControlFlow;

use crate::data::{PIXELS, PerClass, SIDE};
use crate::kernel::{LANES, Row};
use crate::model::graph::{GraphError, Runner};
use crate::progress::{Observer, Progress};

use super::SamplingError;
use super::error::allocate;
use super::graph::{GraphNetwork, GraphPass, GraphScratch, fill_lane};
use super::masks::Masks;
use super::parallel;
use super::slopes::{GroupOf, PassGroup, Slopes, softmax};
use super::taken::Seen;

/// How far a pixel is moved to either side: far enough that single precision tells the sides apart, near enough to stay on
/// one side of most kinks.
const STEP: f32 = 1.0 / 128.0;
/// Pixels of a block: a row of the image, whose two sides are 56 lanes.
const AT_ONCE: usize = 28;

/// As [`super::pass_gradients`], for a graph. Progress counts passes.
pub(super) fn differences(
    graph: &GraphNetwork,
    image: Seen<'_>,
    (masks, passes): (&Masks, usize),
    (groups, group_of): (usize, &GroupOf),
    (quantities, slopes): (usize, &Slopes),
    observe: Observer,
) -> Result<Option<Vec<PassGroup>>, SamplingError> {
    const { assert!(2 * AT_ONCE <= LANES && PIXELS.is_multiple_of(AT_ONCE)) };
    let runner = Runner::new();
    // As its neighbours are computed, so that rounding is the same.
    let together = graph.side_by_side(PIXELS);
    let own = graph.prefixes(&runner, &[image.numbers().to_vec()], together)?.pop().unwrap_or_default();
    let width = own.len();
    let mut sides = allocate(PIXELS / AT_ONCE * width, Row::ZERO)?;
    let enter = |runner: &mut Runner, (block, rows): (usize, &mut [Row])| {
        let moved = |lane: usize| {
            let mut moved = image.numbers().to_vec();
            let (place, step) =
                (block * AT_ONCE + lane / 2, if lane.is_multiple_of(2) { -STEP } else { STEP });
            let [column, row] = [place % SIDE, place / SIDE];
            image.edit(&mut moved, [column..column + 1, row..row + 1], |value| *value += step);
            moved
        };
        let moved: Vec<Vec<f32>> = (0..2 * AT_ONCE).map(moved).collect();
        let mut lane = 0;
        for some in moved.chunks(together) {
            for numbers in graph.prefixes(runner, some, together)? {
                fill_lane(rows, lane, &numbers);
                lane += 1;
            }
        }
        Ok::<(), GraphError>(())
    };
    let mut progress = |done: usize| observe(Progress { done: done as u64, total: passes as u64 });
    let tasks = sides.chunks_exact_mut(width.max(1)).enumerate();
    if parallel::try_for_each(tasks, Runner::new, enter, &mut |_| progress(0))?.is_break() {
        return Ok(None);
    }
    let mut found = PassGroup::empty(groups, quantities, graph.model().classes());
    // `[pixels, quantities, groups]`
    let mut sums = allocate(PIXELS * quantities * groups, 0.0_f32)?;
    for first in (0..passes).step_by(LANES) {
        let some = LANES.min(passes - first);
        let logits = graph.logits_of_passes(&runner, &own, masks, first, some)?;
        // How each quantity of each pass changes with its logits, `[passes][quantities]`.
        let by_logit: Vec<Vec<PerClass<f64>>> = (0..some)
            .map(|lane| {
                let probabilities = softmax(&logits.iter().map(|row| row.0[lane]).collect());
                found[group_of(first + lane)].count(&probabilities);
                (0..quantities).map(|quantity| slopes(&probabilities, quantity)).collect()
            })
            .collect();
        let drawn: Vec<GraphPass> =
            (first..first + some).map(|pass| GraphPass::new(graph, masks, pass)).collect();
        let work = |scratch: &mut GraphScratch, (rows, sums): (&[Row], &mut [f32])| {
            for (at, (pass, by_logit)) in drawn.iter().zip(&by_logit).enumerate() {
                let logits = pass.logits(graph, rows, 2 * AT_ONCE, scratch)?;
                let group = group_of(first + at);
                for (pixel, sums) in sums.chunks_exact_mut(quantities * groups).enumerate() {
                    for (quantity, by_logit) in by_logit.iter().enumerate() {
                        let change = logits
                            .iter()
                            .zip(by_logit.iter())
                            .map(|(row, by)| by * f64::from(row.0[2 * pixel + 1] - row.0[2 * pixel]));
                        let slope = change.sum::<f64>() / f64::from(2.0 * STEP);
                        sums[quantity * groups + group] += slope as f32;
                    }
                }
            }
            Ok::<(), GraphError>(())
        };
        let each = AT_ONCE * quantities * groups;
        let tasks = sides.chunks_exact(width.max(1)).zip(sums.chunks_exact_mut(each.max(1)));
        let between = &mut |_: usize| progress(first);
        if parallel::try_for_each(tasks, GraphScratch::new, work, between)?.is_break() {
            return Ok(None);
        }
    }
    for (pixel, sums) in sums.chunks_exact((quantities * groups).max(1)).enumerate() {
        for (at, sum) in sums.iter().enumerate() {
            found[at % groups].gradients[at / groups][pixel] = *sum;
        }
    }
    let _: ControlFlow<()> = progress(passes);
    Ok(Some(found))
}
