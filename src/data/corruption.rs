//! Digits corrupted on purpose, from a seed: a network should notice, and often does not.

use rayon::prelude::*;

use super::distortion::{add_noise, blur as blur_numbers, slide};
use super::{Digits, PIXELS, SIDE};
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
        pixels.par_chunks_mut(PIXELS).enumerate().for_each(|(image, pixels)| match self {
            Self::Noise => {
                let deviation = 255.0 * noise(strength);
                on_numbers(pixels, |values| add_noise(values, deviation, seed, image as u64));
            }
            Self::Blur => on_numbers(pixels, |values| blur_numbers(values, blur(strength))),
            Self::Shear => {
                let middle = (SIDE - 1) as f32 / 2.0;
                on_numbers(pixels, |values| slide(values, |y| shear(strength) * (y as f32 - middle)));
            }
            Self::Occlusion => occlude(pixels, occlusion(strength), seed, image as u64),
            Self::Inverted => pixels.iter_mut().for_each(|pixel| *pixel = 255 - *pixel),
        });
        Digits::of(pixels, digits.labels.clone(), digits.classes.clone())
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
fn occlude(pixels: &mut [u8], side: usize, seed: u64, image: u64) {
    let place = |which: u64| {
        let centre = 4.0 + 20.0 * uniform(seed, Purpose::Corruption, [image, which]);
        let first = (centre - side as f32 / 2.0).round().max(0.0) as usize;
        first..(first + side).min(SIDE)
    };
    let columns = place(0);
    for y in place(1) {
        pixels[y * SIDE..][..SIDE][columns.clone()].fill(0);
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
