//! Which part of an image the doubt comes from: erase a patch, or ink it, and see how the doubt changes.
//!
//! Every edited image meets the masks that the image itself met, pass by pass, so that what the masks do cancels in the
//! difference and its standard error is that of paired passes.

use std::ops::ControlFlow;
use std::sync::Arc;

use rayon::prelude::*;

use crate::data::{CLASSES, PIXELS, Pixels, SIDE};
use crate::progress::Observer;
use crate::sampling::{Network, Prefix, Samples, SamplingError, SweepConfig, SweepEvent, sweep};
use crate::uncertainty::Measures;

/// How many standard errors make an interval that holds the truth 95 times in 100.
pub(super) const NORMAL_95: f32 = 1.96;

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

/// Square patches at regular places, all of them whole.
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

    fn apply(self, patch: usize, edit: Edit, pixels: &mut [f32]) {
        let [x, y] = self.corner(patch);
        for row in y..y + self.size {
            pixels[row * SIDE + x..][..self.size].fill(edit.value());
        }
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
    pub prediction: u8,
}

impl Change {
    /// Whether a change is beyond Monte-Carlo noise. A single pass has none that could be known.
    #[must_use]
    pub fn is_clear([change, error]: [f32; 2]) -> bool {
        change != 0.0 && (error.is_nan() || change.abs() > NORMAL_95 * error)
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
}

/// Edits every patch and samples the results together; `None` when the observer stopped it.
///
/// # Errors
/// When the configuration is out of range, a pixel is not finite, or there is not enough memory.
pub fn patch_maps(
    network: &Arc<Network>,
    image: &[f32; PIXELS],
    grid: PatchGrid,
    config: &SweepConfig,
    observe: Observer,
) -> Result<Option<PatchMaps>, SamplingError> {
    let count = grid.count();
    let mut pixels = Vec::with_capacity((1 + 2 * count) * PIXELS);
    pixels.extend_from_slice(image);
    for edit in Edit::ALL {
        for patch in 0..count {
            let from = pixels.len();
            pixels.extend_from_slice(image);
            grid.apply(patch, edit, &mut pixels[from..]);
        }
    }
    let Some(samples) = sample_together(network, Pixels::Numbers(&pixels), config, observe)? else {
        return Ok(None);
    };
    let statistics = samples.statistics(config.passes);
    let measures: Vec<Measures> = statistics.iter().map(Measures::new).collect();
    let own = terms(&samples.image(0));
    let changes: Vec<Change> = (1..measures.len())
        .into_par_iter()
        .map(|at| change(&measures[0], &own, &measures[at], &terms(&samples.image(at))))
        .collect();
    let (erased, inked) = changes.split_at(count);
    Ok(Some(PatchMaps { grid, measures: measures[0], changes: [erased.to_vec(), inked.to_vec()] }))
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

/// For each pass `h_t = −Σ p_tc ln p̄_c` and `h_t − H(p_t) = KL(p_t‖p̄)`, whose means are entropy and mutual
/// information.
pub(super) fn terms(passes: &[[f32; CLASSES]]) -> Vec<[f64; 2]> {
    let mut mean = [0.0; CLASSES];
    for pass in passes {
        for (mean, p) in mean.iter_mut().zip(pass) {
            *mean += f64::from(*p) / passes.len() as f64;
        }
    }
    let logarithm = mean.map(|p| if p > 0.0 { p.ln() } else { 0.0 });
    let of_pass = |pass: &[f32; CLASSES]| {
        let (mut cross, mut own) = (0.0, 0.0);
        for (p, logarithm) in pass.iter().zip(&logarithm) {
            let p = f64::from(*p);
            cross -= p * logarithm;
            if p > 0.0 {
                own -= p * p.ln();
            }
        }
        [cross, cross - own]
    };
    passes.iter().map(of_pass).collect()
}

/// What has changed between two images of which the passes had the same masks.
pub(super) fn change(before: &Measures, own: &[[f64; 2]], after: &Measures, edited: &[[f64; 2]]) -> Change {
    let passes = own.len() as f64;
    let error = |which: usize| {
        let differences = || own.iter().zip(edited).map(|(own, edited)| edited[which] - own[which]);
        let mean = differences().sum::<f64>() / passes;
        let squares: f64 = differences().map(|value| (value - mean) * (value - mean)).sum();
        // NaN for a single pass.
        (squares / (passes - 1.0) / passes).sqrt() as f32
    };
    Change {
        entropy: [after.predictive_entropy - before.predictive_entropy, error(0)],
        information: [after.mutual_information - before.mutual_information, error(1)],
        prediction: after.prediction(),
    }
}
