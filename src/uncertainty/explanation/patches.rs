//! Which part of an image the doubt comes from: erase a patch, or ink it, and see how the doubt changes.
//!
//! Every edited image meets the masks that the image itself met, pass by pass, so that what the masks do cancels in the
//! difference and its standard error is that of paired passes.

use std::ops::ControlFlow;
use std::sync::Arc;

use rayon::prelude::*;

use crate::data::{Class, Classes, PerClass, Pixels, SIDE};
use crate::kernel::LANES;
use crate::progress::Observer;
use crate::sampling::{Network, Prefix, Samples, SamplingError, Seen, SweepConfig, SweepEvent, sweep};
use crate::uncertainty::noise::{is_clear, mean_and_error_of_passes};
use crate::uncertainty::terms::{of_passes, surprise};
use crate::uncertainty::{Measures, measure_all};

/// Every scale of a map reaches at least this far, in nats: smaller values are not worth colouring.
pub const LEAST_SCALE: f32 = 0.1;
/// Numbers of edited images that are held together: 400 MB, and all of any 28×28.
const TOGETHER: usize = 100_000_000;
/// A change smaller than this rounds to zero in the decimals shown, in nats.
const SHOWN: f32 = 5e-4;

/// What is done to a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Its pixels become background: what does the ink there do?
    Erase,
    /// Its pixels become ink: what does the gap there do?
    Ink,
}

impl Edit {
    /// Both, in the order of [`PatchMaps::changes`].
    pub const ALL: [Self; 2] = [Self::Erase, Self::Ink];

    fn value(self) -> f32 {
        match self {
            Self::Erase => 0.0,
            Self::Ink => 1.0,
        }
    }
}

/// Square patches at regular places of the 28×28 that any image is laid out in, all of them whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatchGrid {
    size: usize,
    stride: usize,
}

impl PatchGrid {
    /// Patches of `size` pixels, `stride` pixels apart, both brought into 1…28.
    #[must_use]
    pub fn new(size: usize, stride: usize) -> Self {
        Self { size: size.clamp(1, SIDE), stride: stride.clamp(1, SIDE) }
    }

    /// Width and height of a patch in pixels.
    #[must_use]
    pub fn size(self) -> usize {
        self.size
    }

    /// Pixels from a patch to the next.
    #[must_use]
    pub fn stride(self) -> usize {
        self.stride
    }

    /// Patches in a row.
    #[must_use]
    pub fn across(self) -> usize {
        (SIDE - self.size) / self.stride + 1
    }

    /// All patches.
    #[must_use]
    pub fn count(self) -> usize {
        self.across() * self.across()
    }

    /// Column and row of a patch's first pixel.
    #[must_use]
    pub fn corner(self, patch: usize) -> [usize; 2] {
        [patch % self.across() * self.stride, patch / self.across() * self.stride]
    }

    /// The patch whose middle is nearest to a place, in pixels from the upper left corner.
    #[must_use]
    pub fn nearest(self, x: f32, y: f32) -> usize {
        let along = |value: f32| {
            let place = ((value - 0.5 * self.size as f32) / self.stride as f32).round().max(0.0);
            (place as usize).min(self.across() - 1)
        };
        along(y) * self.across() + along(x)
    }

    fn apply(self, patch: usize, edit: Edit, image: &Seen<'_>, numbers: &mut [f32]) {
        let [x, y] = self.corner(patch);
        image.edit(numbers, [x..x + self.size, y..y + self.size], |value| *value = edit.value());
    }
}

/// What an edit of one patch does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Change of the predictive entropy in nats, and its standard error over paired passes (NaN for T = 1).
    pub entropy: [f32; 2],
    /// Change of the mutual information in nats, and its standard error.
    pub information: [f32; 2],
    /// The digit then predicted.
    pub prediction: Class,
}

impl Change {
    /// Whether a change is beyond Monte-Carlo noise. A single pass has none that could be known.
    #[must_use]
    pub fn is_clear(change: [f32; 2]) -> bool {
        is_clear(change)
    }
}

/// How the doubt about an image changes with each patch.
#[derive(Clone, Debug)]
pub struct PatchMaps {
    /// Where the patches are.
    pub grid: PatchGrid,
    /// Measures of the image itself.
    pub measures: Measures,
    /// Erased and inked, `[2][patches]`.
    pub changes: [Vec<Change>; 2],
    /// For each edit the largest change beyond noise of either measure, in nats, at least [`LEAST_SCALE`]: full colour.
    pub scales: [f32; 2],
    /// For each edit the most it does to the predictive entropy and to the mutual information, in words.
    pub told: [[String; 2]; 2],
}

impl PatchMaps {
    fn new(grid: PatchGrid, measures: Measures, changes: [Vec<Change>; 2], answers: &Classes) -> Self {
        let scale = |changes: &Vec<Change>| {
            full_scale(changes.iter().flat_map(|change| [change.entropy, change.information]))
        };
        let scales = changes.each_ref().map(scale);
        let own = measures.prediction();
        let told = changes.each_ref().map(|changes| {
            [("H", (|change| change.entropy) as fn(&Change) -> _), ("MI", |change| change.information)]
                .map(|(name, of)| told(name, changes, of, (own, answers)))
        });
        Self { grid, measures, changes, scales, told }
    }
}

/// `H rises by up to 1.407 ± 0.052 nats, then taken for 7; falls by up to 0.077 ± 0.020 nats`: the largest change either
/// way of those that are beyond noise and show in three digits, the larger first.
fn told(
    name: &str,
    changes: &[Change],
    of: fn(&Change) -> [f32; 2],
    (own, answers): (Class, &Classes),
) -> String {
    let shown = || changes.iter().filter(|change| is_clear(of(change)) && of(change)[0].abs() >= SHOWN);
    let by_size = |a: &&Change, b: &&Change| of(a)[0].total_cmp(&of(b)[0]);
    let rise = shown().max_by(by_size).filter(|change| of(change)[0] > 0.0);
    let fall = shown().min_by(by_size).filter(|change| of(change)[0] < 0.0);
    let mut ways: Vec<&Change> = rise.into_iter().chain(fall).collect();
    ways.sort_by(|a, b| of(b)[0].abs().total_cmp(&of(a)[0].abs()));
    let ways = ways.into_iter().map(|change| {
        let [value, error] = of(change);
        let way = if value > 0.0 { "rises" } else { "falls" };
        let error = if error.is_nan() { String::new() } else { format!(" ± {error:.3}") };
        let then = if change.prediction == own {
            String::new()
        } else {
            format!(", then taken for {}", answers.name(change.prediction))
        };
        format!("{way} by up to {:.3}{error} nats{then}", value.abs())
    });
    let ways = ways.collect::<Vec<_>>().join("; ");
    if ways.is_empty() { format!("no patch changes {name} beyond noise") } else { format!("{name} {ways}") }
}

/// The largest change beyond noise among some changes with their standard errors, in nats, at least [`LEAST_SCALE`]: what
/// full colour means on a map of them.
fn full_scale(changes: impl Iterator<Item = [f32; 2]>) -> f32 {
    changes.filter(|change| is_clear(*change)).map(|change| change[0].abs()).fold(LEAST_SCALE, f32::max)
}

/// Edits every patch and samples the results together; `None` when the observer stopped it.
///
/// # Errors
/// When the configuration is out of range, a pixel is not finite, or there is not enough memory.
pub fn patch_maps<'a>(
    network: &Arc<Network>,
    image: impl Into<Seen<'a>>,
    grid: PatchGrid,
    config: &SweepConfig,
    observe: Observer,
) -> Result<Option<PatchMaps>, SamplingError> {
    let image = image.into();
    let (shape, each) = (image.shape(), image.numbers().len());
    let count = grid.count();
    let edits: Vec<(Edit, usize)> =
        Edit::ALL.into_iter().flat_map(|edit| (0..count).map(move |patch| (edit, patch))).collect();
    let mut of_image: Option<(Measures, Vec<[f64; 2]>)> = None;
    let mut changes: Vec<Change> = Vec::with_capacity(edits.len());
    // Large images some at a time, each time with the image itself: the masks are the same.
    for some in edits.chunks((TOGETHER / each).max(LANES)) {
        let mut numbers = Vec::with_capacity((1 + some.len()) * each);
        numbers.extend_from_slice(image.numbers());
        for (edit, patch) in some {
            let from = numbers.len();
            numbers.extend_from_slice(image.numbers());
            grid.apply(*patch, *edit, &image, &mut numbers[from..]);
        }
        let pixels = Pixels::taken(&numbers, shape);
        let Some(samples) = sample_together(network, pixels, config, observe)? else { return Ok(None) };
        let measures = measure_all(&samples, config.passes);
        let (own, own_terms) =
            of_image.get_or_insert_with(|| (measures[0].clone(), terms(&samples.image(0))));
        let of_patches: Vec<Change> = (1..measures.len())
            .into_par_iter()
            .map(|at| change(own, own_terms, &measures[at], &terms(&samples.image(at))))
            .collect();
        changes.extend(of_patches);
    }
    let (erased, inked) = changes.split_at(count);
    let maps = |(own, _)| PatchMaps::new(grid, own, [erased.to_vec(), inked.to_vec()], network.answers());
    Ok(of_image.map(maps))
}

/// All passes of a few images with the same masks; `None` when the observer stopped it.
pub(super) fn sample_together(
    network: &Arc<Network>,
    pixels: Pixels<'_>,
    config: &SweepConfig,
    observe: Observer,
) -> Result<Option<Samples>, SamplingError> {
    let Some(prefix) = Prefix::compute(network, pixels, observe)? else { return Ok(None) };
    let empty = Samples::empty(prefix.images(), config);
    let samples = sweep(&prefix, config, empty, &mut |event| match event {
        SweepEvent::Progress(progress) => observe(progress),
        SweepEvent::Samples(_) => ControlFlow::Continue(()),
    })?;
    Ok((samples.passes() >= config.passes).then_some(samples))
}

/// The terms of each pass ([`of_passes`]) about their own mean.
pub(super) fn terms(passes: &[PerClass<f32>]) -> Vec<[f64; 2]> {
    let classes = passes.first().map_or(0, |pass| pass.len());
    let mut mean = PerClass::filled(classes, 0.0);
    for pass in passes {
        for (mean, p) in mean.iter_mut().zip(pass) {
            *mean += f64::from(*p) / passes.len() as f64;
        }
    }
    of_passes(passes, &mean.map(surprise))
}

/// What has changed between two images of which the passes had the same masks.
pub(super) fn change(before: &Measures, own: &[[f64; 2]], after: &Measures, edited: &[[f64; 2]]) -> Change {
    let error = |which: usize| {
        let differences = own.iter().zip(edited).map(|(own, edited)| edited[which] - own[which]);
        mean_and_error_of_passes(&differences.collect::<Vec<f64>>(), before.together)[1] as f32
    };
    Change {
        entropy: [after.predictive_entropy - before.predictive_entropy, error(0)],
        information: [after.mutual_information - before.mutual_information, error(1)],
        prediction: after.prediction(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(entropy: [f32; 2], information: [f32; 2]) -> Change {
        Change { entropy, information, prediction: 0 }
    }

    #[test]
    fn the_largest_change_either_way_is_told_the_larger_first() {
        let list = |entropies: &[[f32; 2]]| -> Vec<Change> {
            let change = |(at, entropy): (usize, &[f32; 2])| Change {
                prediction: at as Class,
                ..changed(*entropy, [0.0; 2])
            };
            entropies.iter().enumerate().map(change).collect()
        };
        let told = |entropies: &[[f32; 2]]| {
            told("H", &list(entropies), |change| change.entropy, (1, &Classes::digits()))
        };
        let (fall, noise) = ([-0.077, 0.02], [-0.9, 0.8]);
        assert_eq!(
            told(&[[0.7, 0.1], fall, noise, [1.407, 0.052]]),
            "H rises by up to 1.407 ± 0.052 nats, then taken for 3; falls by up to 0.077 ± 0.020 nats",
            "however small the fall, and never the noise"
        );
        assert_eq!(told(&[noise, [-0.3, 0.05]]), "H falls by up to 0.300 ± 0.050 nats");
        assert_eq!(told(&[[0.2, 0.05]]), "H rises by up to 0.200 ± 0.050 nats, then taken for 0");
        // Beyond noise, but 0.000 in the digits shown.
        assert_eq!(told(&[[-4e-4, 1e-5], noise]), "no patch changes H beyond noise");
    }

    #[test]
    fn full_colour_is_the_largest_change_beyond_noise_or_the_least_that_is_a_message() {
        let changes = [[0.2, 0.05], [-0.4, 0.1], [0.9, 0.8]];
        assert_eq!(full_scale(changes.into_iter()).to_bits(), 0.4_f32.to_bits());
        assert_eq!(full_scale([[0.05, 0.01]].into_iter()).to_bits(), LEAST_SCALE.to_bits());
    }
}
