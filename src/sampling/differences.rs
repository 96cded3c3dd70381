//! How quantities of the passes of a graph change with the pixels of one image: by central differences, each pass with its
//! own masks on both sides. A graph is not differentiated here; its logits move with a pixel as these differences say.

use crate::data::{PIXELS, PerClass};
use crate::progress::{Observer, Progress};

use super::SamplingError;
use super::graph::{GraphNetwork, logits};
use super::masks::Masks;
use super::parallel;
use super::slopes::{PassGroup, Slopes, softmax};

/// How far a pixel is moved to either side: far enough that single precision tells the sides apart, near enough to stay on
/// one side of most kinks.
const STEP: f32 = 1.0 / 128.0;
/// Pixels between two looks at whether to go on.
const AT_ONCE: usize = 28;

/// As [`super::pass_gradients`], for a graph. Progress counts pixels.
pub(super) fn differences(
    graph: &GraphNetwork,
    pixels: &[f32; PIXELS],
    (masks, passes): (&Masks, usize),
    groups: usize,
    (quantities, slopes): (usize, &Slopes),
    observe: Observer,
) -> Result<Option<Vec<PassGroup>>, SamplingError> {
    let classes = graph.model().classes();
    let mut own = logits(graph, &[*pixels], masks, passes);
    graph.check_answers()?;
    let own = own.pop().unwrap_or_default();
    let mut found: Vec<PassGroup> = (0..groups)
        .map(|_| PassGroup {
            passes: 0,
            probability: PerClass::filled(classes, 0.0),
            gradients: vec![[0.0; PIXELS]; quantities],
        })
        .collect();
    // How each quantity of each pass changes with its logits, [quantities][passes].
    let mut by_logit: Vec<Vec<PerClass<f64>>> = vec![Vec::with_capacity(passes); quantities];
    for (pass, logits) in own.iter().enumerate() {
        let probability = softmax(logits);
        let group = &mut found[pass % groups];
        group.passes += 1;
        for (sum, share) in group.probability.iter_mut().zip(probability.iter()) {
            *sum += share;
        }
        for (quantity, by_logit) in by_logit.iter_mut().enumerate() {
            by_logit.push(slopes(&probability, quantity));
        }
    }
    let mut moved = vec![[0.0_f32; 2]; PIXELS];
    let mut slopes_of = vec![vec![0.0_f32; groups * quantities]; PIXELS];
    for (at, moved) in moved.iter_mut().enumerate() {
        *moved = [pixels[at] - STEP, pixels[at] + STEP];
    }
    for first in (0..PIXELS).step_by(AT_ONCE) {
        let tasks = slopes_of[first..first + AT_ONCE].iter_mut().enumerate();
        let work = |(): &mut (), (place, out): (usize, &mut Vec<f32>)| {
            let pixel = first + place;
            let sides = moved[pixel].map(|value| {
                let mut image = *pixels;
                image[pixel] = value;
                image
            });
            let [below, above] = &logits(graph, &sides, masks, passes)[..] else { return };
            for (pass, (below, above)) in below.iter().zip(above).enumerate() {
                for (quantity, by_logit) in by_logit.iter().enumerate() {
                    let change = above.iter().zip(below.iter()).zip(by_logit[pass].iter());
                    let slope: f64 = change
                        .map(|((above, below), by)| by * f64::from(above - below) / f64::from(2.0 * STEP))
                        .sum();
                    out[quantity * groups + pass % groups] += slope as f32;
                }
            }
        };
        let _ = parallel::for_each(tasks, || (), work, &mut |_| std::ops::ControlFlow::Continue(()));
        graph.check_answers()?;
        let done = (first + AT_ONCE) as u64;
        if observe(Progress { done, total: PIXELS as u64 }).is_break() {
            return Ok(None);
        }
    }
    for (pixel, slopes) in slopes_of.iter().enumerate() {
        for (at, slope) in slopes.iter().enumerate() {
            found[at % groups].gradients[at / groups][pixel] = *slope;
        }
    }
    Ok(Some(found))
}
