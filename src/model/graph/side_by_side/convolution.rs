//! A convolution over all places of an image.

use crate::kernel::InstructionSet;
use crate::kernel::convolution::{Ending, PART, Panel, Part, convolve};

use super::pool::Windows;

/// A convolution.
#[derive(Debug)]
pub(super) struct Convolution {
    pub(super) windows: Windows,
    /// Channels that enter.
    pub(super) inputs: usize,
    /// One number for each channel that comes out.
    pub(super) bias: Vec<f32>,
    pub(super) weights: Weights,
}

/// How channels are connected.
#[derive(Debug)]
pub(super) enum Weights {
    /// All of a group with all of a group.
    Groups(Vec<Panel>),
    /// Each with itself: `[taps, channels]`.
    Depthwise(Vec<f32>),
}

impl Convolution {
    /// Computes all places: the sums, the bias, and `added` where there is some; below zero nothing where rectified.
    pub(super) fn run(
        &self,
        set: InstructionSet,
        rows: &[Part],
        added: Option<&[Part]>,
        rectified: bool,
        out: &mut [Part],
    ) {
        let outputs = self.bias.len();
        let mut taps: Vec<(usize, &[Part])> = Vec::with_capacity(self.windows.all());
        for (place, out) in out.chunks_exact_mut(outputs.max(1)).enumerate() {
            let added = added.map(|added| &added[place * outputs..][..outputs]);
            match &self.weights {
                Weights::Groups(panels) => {
                    let (mut input, mut output) = (0, 0);
                    for panel in panels {
                        taps.clear();
                        let seen = |at: usize| &rows[at * self.inputs + input..][..panel.inputs()];
                        taps.extend(self.windows.taps(place).map(|(tap, at)| (tap, seen(at))));
                        let own = output..output + panel.outputs();
                        let ending = Ending {
                            bias: &self.bias[own.clone()],
                            added: added.map(|added| &added[own.clone()]),
                            rectified,
                        };
                        convolve(set, panel, &taps, ending, &mut out[own.clone()]);
                        (input, output) = (input + panel.inputs(), own.end);
                    }
                }
                Weights::Depthwise(weights) => self.depthwise(weights, place, rows, added, rectified, out),
            }
        }
    }

    /// One place of a convolution of each channel with itself.
    #[inline]
    fn depthwise(
        &self,
        weights: &[f32],
        place: usize,
        rows: &[Part],
        added: Option<&[Part]>,
        rectified: bool,
        out: &mut [Part],
    ) {
        let channels = self.inputs;
        out.iter_mut().zip(&self.bias).for_each(|(out, bias)| *out = Part([*bias; PART]));
        for (tap, at) in self.windows.taps(place) {
            let weights = &weights[tap * channels..][..channels];
            for ((out, weight), value) in out.iter_mut().zip(weights).zip(&rows[at * channels..][..channels])
            {
                out.0.iter_mut().zip(value.0).for_each(|(out, value)| *out += weight * value);
            }
        }
        for (out, added) in out.iter_mut().zip(added.unwrap_or_default()) {
            out.0.iter_mut().zip(added.0).for_each(|(out, added)| *out += added);
        }
        if rectified {
            out.iter_mut().flat_map(|part| &mut part.0).for_each(|number| *number = number.max(0.0));
        }
    }
}
