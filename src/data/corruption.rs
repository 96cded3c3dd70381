//! Digits corrupted on purpose, from a seed: a network should notice, and often does not.

use std::sync::Arc;

use rayon::prelude::*;

use super::distortion::{add_noise, blur as blur_numbers, on_planes, slide};
use super::filed::ImageReader;
use super::images::ImageShape;
use super::{Digits, Filed, PIXELS, SIDE};
use crate::random::{Purpose, uniform};

/// A way to corrupt a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Corruption {
    /// Normal noise on every pixel.
    Noise,
    /// Out of focus.
    Blur,
    /// Slanted.
    Shear,
    /// A square of it missing.
    Occlusion,
    /// Ink and paper exchanged.
    Inverted,
}

impl Corruption {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Noise, Self::Blur, Self::Shear, Self::Occlusion, Self::Inverted];

    /// Its name on the command line and in files: `noise`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Noise => "noise",
            Self::Blur => "blur",
            Self::Shear => "shear",
            Self::Occlusion => "occlusion",
            Self::Inverted => "inverted",
        }
    }

    /// The corruption with this [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|corruption| corruption.name() == name)
    }

    /// Its display name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Noise => "Noise",
            Self::Blur => "Blur",
            Self::Shear => "Shear",
            Self::Occlusion => "Occlusion",
            Self::Inverted => "Inverted",
        }
    }

    /// What a strength in 0…1 means, in words: `blur of 2.0 pixels (strength 0.50)`.
    #[must_use]
    pub fn describe(self, strength: f32) -> String {
        let strength = strength.clamp(0.0, 1.0);
        let what = match self {
            Self::Noise => format!("noise of {:.2} of full ink", noise(strength)),
            Self::Blur => format!("blur of {:.1} pixels", blur(strength)),
            Self::Shear => format!("sheared by {:.2}", shear(strength)),
            Self::Occlusion => format!("a square of {} pixels missing", occlusion(strength)),
            // Ink and paper change places or they do not.
            Self::Inverted => return "inverted".to_owned(),
        };
        format!("{what} (strength {strength:.2})")
    }

    /// The corrupted digits, labels kept; strength 0 changes nothing, except that inversion still inverts.
    #[must_use]
    pub fn apply(self, digits: &Digits, strength: f32, seed: u64) -> Digits {
        let strength = strength.clamp(0.0, 1.0);
        let mut pixels = digits.pixels().into_owned();
        let change = Change { corruption: self, strength, seed };
        pixels
            .par_chunks_mut(PIXELS)
            .enumerate()
            .for_each(|(image, pixels)| change.apply(pixels, ImageShape::MNIST, image as u64));
        let changed = Digits::of(pixels, digits.labels.clone(), digits.classes.clone());
        match digits.whole() {
            Some(whole) => {
                let reader = CorruptedWhole { of: Arc::clone(whole), change };
                changed.with_whole(Filed::new(Box::new(reader), digits.len()))
            }
            None => changed,
        }
    }
}

/// How images are corrupted.
#[derive(Clone, Copy, Debug)]
struct Change {
    corruption: Corruption,
    /// 0…1.
    strength: f32,
    seed: u64,
}

impl Change {
    /// Corrupts one image of a shape, by its index. Lengths are those of 28 pixels, and larger by as much as the image is
    /// wider.
    fn apply(self, pixels: &mut [u8], shape: ImageShape, image: u64) {
        let Self { corruption, strength, seed } = self;
        let size = [shape.height(), shape.width()];
        let wider = shape.width() as f32 / SIDE as f32;
        match corruption {
            Corruption::Noise => {
                let deviation = 255.0 * noise(strength);
                on_numbers(pixels, |values| add_noise(values, deviation, seed, image));
            }
            Corruption::Blur => on_numbers(pixels, |values| {
                on_planes(values, shape, |plane| blur_numbers(plane, size, wider * blur(strength)));
            }),
            Corruption::Shear => {
                let middle = (shape.height() - 1) as f32 / 2.0;
                let further = |y: usize| shear(strength) * (y as f32 - middle);
                on_numbers(pixels, |values| on_planes(values, shape, |plane| slide(plane, size, further)));
            }
            Corruption::Occlusion => occlude(pixels, shape, occlusion(strength), seed, image),
            Corruption::Inverted => pixels.iter_mut().for_each(|pixel| *pixel = 255 - *pixel),
        }
    }
}

/// Images as a whole, corrupted when they are read.
#[derive(Debug)]
struct CorruptedWhole {
    of: Arc<Filed>,
    change: Change,
}

impl ImageReader for CorruptedWhole {
    fn read(&self, first: usize, shape: ImageShape, out: &mut [u8]) -> Result<(), String> {
        self.of.read_as(shape, first, out);
        if let Some(failure) = self.of.failure() {
            return Err(failure.to_owned());
        }
        for (image, out) in (first as u64..).zip(out.chunks_exact_mut(shape.bytes())) {
            self.change.apply(out, shape, image);
        }
        Ok(())
    }
}

/// Standard deviation of the noise, in full ink.
fn noise(strength: f32) -> f32 {
    0.8 * strength
}

/// Standard deviation of the blur in pixels.
fn blur(strength: f32) -> f32 {
    4.0 * strength
}

/// Pixels to the side for each pixel up.
fn shear(strength: f32) -> f32 {
    1.2 * strength
}

/// Side of the square in pixels.
fn occlusion(strength: f32) -> usize {
    (20.0 * strength).round() as usize
}

/// Changes grey values as numbers, still 0…255, and rounds what comes out.
fn on_numbers(pixels: &mut [u8], change: impl FnOnce(&mut [f32])) {
    let mut values: Vec<f32> = pixels.iter().map(|pixel| f32::from(*pixel)).collect();
    change(&mut values);
    for (pixel, value) in pixels.iter_mut().zip(values) {
        *pixel = value.round().clamp(0.0, 255.0) as u8;
    }
}

/// Erases a square somewhere within the 20×20 pixels that a digit fills.
fn occlude(pixels: &mut [u8], shape: ImageShape, side: usize, seed: u64, image: u64) {
    let place = |which: u64, of: usize| {
        let larger = of as f32 / SIDE as f32;
        let centre = larger * (4.0 + 20.0 * uniform(seed, Purpose::Corruption, [image, which]));
        let side = (larger * side as f32).round();
        let first = (centre - side / 2.0).round().max(0.0) as usize;
        first..(first + side as usize).min(of)
    };
    let (row, channels) = (shape.width() * shape.channels(), shape.channels());
    let columns = place(0, shape.width());
    for y in place(1, shape.height()) {
        pixels[y * row..][..row][columns.start * channels..columns.end * channels].fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::synthetic;

    fn ink(digits: &Digits) -> f64 {
        digits.pixels().iter().map(|pixel| f64::from(*pixel)).sum()
    }

    #[test]
    fn strength_zero_changes_nothing_and_a_seed_repeats() {
        let digits = synthetic::generate(20, 1);
        for corruption in Corruption::ALL {
            let changed = corruption.apply(&digits, 0.0, 1);
            assert_eq!(changed == digits, corruption != Corruption::Inverted, "{corruption:?}");
            let strong = corruption.apply(&digits, 0.5, 1);
            assert_ne!(strong.pixels(), digits.pixels(), "{corruption:?}");
            assert_eq!(strong, corruption.apply(&digits, 0.5, 1));
            assert_eq!(strong.labels(), digits.labels());
            assert_eq!(Corruption::from_name(corruption.name()), Some(corruption));
        }
        assert_ne!(Corruption::Noise.apply(&digits, 0.5, 1), Corruption::Noise.apply(&digits, 0.5, 2));
    }

    #[test]
    fn each_does_what_it_says() {
        let digits = synthetic::generate(200, 2);
        let total = ink(&digits);
        let full = 200.0 * 255.0 * PIXELS as f64;
        assert!((ink(&Corruption::Inverted.apply(&digits, 1.0, 1)) - (full - total)).abs() < 1.0);
        // A blur of two pixels and a mild shear move ink, and lose little at the edges.
        for (corruption, strength) in [(Corruption::Blur, 0.25), (Corruption::Shear, 0.2)] {
            let share = ink(&corruption.apply(&digits, strength, 1)) / total;
            assert!((0.97..1.03).contains(&share), "{corruption:?} keeps {share}");
        }
        // Noise of 0.4 on mean-grey pixels has that deviation; on paper half of it is cut off.
        let grey = Digits::new(vec![128; 50 * PIXELS], vec![0; 50]).unwrap();
        let noisy = Corruption::Noise.apply(&grey, 0.2, 3);
        let variance: f64 = noisy.pixels().iter().map(|p| (f64::from(*p) - 128.0).powi(2)).sum::<f64>()
            / (50 * PIXELS) as f64;
        // 0.16 × 255 = 40.8, of which 0.2 % is cut at three deviations.
        assert!((variance.sqrt() - 40.8).abs() < 0.5, "{}", variance.sqrt());
        let white = Digits::new(vec![255; PIXELS], vec![0]).unwrap();
        let missing = Corruption::Occlusion.apply(&white, 0.25, 4);
        let gone = missing.pixels().iter().filter(|p| **p < 1).count();
        assert_eq!(gone, 25, "a square of 5 that lies inside");
    }
}
