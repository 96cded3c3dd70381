//! Windows over the places of an image, and what is taken of each.

use crate::kernel::convolution::{PART, Part};

/// Windows over rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Windows {
    /// Height and width of what enters.
    pub(super) input: [usize; 2],
    /// The same of what comes out.
    pub(super) output: [usize; 2],
    /// Height and width of a window.
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    /// How far the first window begins above and left of the image.
    pub(super) before: [usize; 2],
}

impl Windows {
    /// Taps of a window that lie in the image: number and place of each.
    pub(super) fn taps(&self, place: usize) -> impl Iterator<Item = (usize, usize)> + use<'_> {
        let at = [place / self.output[1], place % self.output[1]];
        let side = move |axis: usize, tap: usize| {
            let at = at[axis] * self.stride[axis] + tap * self.dilation[axis];
            at.checked_sub(self.before[axis]).filter(|at| *at < self.input[axis])
        };
        let [rows, columns] = self.kernel;
        (0..rows).flat_map(move |down| {
            let row = side(0, down);
            (0..columns).filter_map(move |right| {
                Some((down * columns + right, row? * self.input[1] + side(1, right)?))
            })
        })
    }

    /// Taps of a window.
    pub(super) fn all(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }
}

/// What is taken of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Largest,
    /// The mean of what lies in the image.
    Mean,
    /// The mean of all taps, those outside of the image being zero.
    MeanOfAll,
}

/// A pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pool {
    pub(super) windows: Windows,
    pub(super) taken: Taken,
}

impl Pool {
    /// Pools all places of a value of so many channels.
    #[inline]
    pub(super) fn run(&self, channels: usize, rows: &[Part], out: &mut [Part]) {
        for (place, out) in out.chunks_exact_mut(channels.max(1)).enumerate() {
            let start = if self.taken == Taken::Largest { f32::NEG_INFINITY } else { 0.0 };
            out.fill(Part([start; PART]));
            let mut count = 0;
            for (_, at) in self.windows.taps(place) {
                count += 1;
                for (out, value) in out.iter_mut().zip(&rows[at * channels..][..channels]) {
                    for (out, value) in out.0.iter_mut().zip(value.0) {
                        *out = if self.taken == Taken::Largest { out.max(value) } else { *out + value };
                    }
                }
            }
            let of = match self.taken {
                Taken::Largest => continue,
                Taken::Mean => count.max(1),
                Taken::MeanOfAll => self.windows.all(),
            };
            for number in out.iter_mut().flat_map(|part| &mut part.0) {
                *number /= of as f32;
            }
        }
    }
}
