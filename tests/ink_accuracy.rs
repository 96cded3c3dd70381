//! Pictures nobody tuned for: MNIST test digits redrawn like photographs, read back, and recognised.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "all of it is test code")]

#[path = "common/mnist.rs"]
mod mnist;

use dubito::data::ink::{PictureOptions, read_picture};
use dubito::data::source::Split;
use dubito::data::{Digits, PIXELS, Pixels, SIDE, kept};
use dubito::sampling::{self, SweepConfig};
use dubito::shown::OpenedModel;
use dubito::uncertainty::Measures;
use image::{DynamicImage, GrayImage, Luma};
use rayon::prelude::*;

/// Images looked at: every tenth of the test images.
const STEP: usize = 10;
/// Width and height of a picture.
const WIDE: u32 = 200;

/// A small generator of its own, so that the pictures do not change with the program's generator.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1_u64 << 24) as f32
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.roll()
    }
}

/// The ink of a digit at a place between its pixels, 0…1.
fn ink_at(pixels: &[u8], x: f32, y: f32) -> f32 {
    let at = |x: i32, y: i32| {
        let inside = |at: i32| usize::try_from(at).ok().filter(|at| *at < SIDE);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => f32::from(pixels[y * SIDE + x]) / 255.0,
            _ => 0.0,
        }
    };
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (x - left, y - top);
    let (left, top) = (left as i32, top as i32);
    let line = |y: i32| at(left, y) * (1.0 - across) + at(left + 1, y) * across;
    line(top) * (1.0 - down) + line(top + 1) * down
}

/// A digit of 200×200 on a page: dark on light or light on dark, off-centre, rotated by up to 10°, with noise and a
/// gradient of light.
fn page(pixels: &[u8], seed: u64) -> DynamicImage {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d);
    for _ in 0..4 {
        dice.roll();
    }
    let scale = dice.between(3.5, 5.5);
    let (sin, cos) = dice.between(-10.0, 10.0).to_radians().sin_cos();
    let reach = WIDE as f32 / 2.0 - 10.5 * scale - 6.0;
    let (dx, dy) = (dice.between(-reach, reach), dice.between(-reach, reach));
    let dark = dice.roll() < 0.5;
    let (paper, pen) = if dark { (200.0, 60.0) } else { (60.0, 200.0) };
    let (slope_x, slope_y) = (dice.between(-40.0, 40.0), dice.between(-40.0, 40.0));
    let middle = WIDE as f32 / 2.0;
    DynamicImage::from(GrayImage::from_fn(WIDE, WIDE, |x, y| {
        let (px, py) = ((x as f32 + 0.5 - middle - dx) / scale, (y as f32 + 0.5 - middle - dy) / scale);
        let ink = ink_at(pixels, cos * px + sin * py + 13.5, cos * py - sin * px + 13.5);
        let light = slope_x * (x as f32 / WIDE as f32 - 0.5) + slope_y * (y as f32 / WIDE as f32 - 0.5);
        let noise = (0..4).map(|_| dice.roll() - 0.5).sum::<f32>() * 14.0;
        Luma([(paper + ink * (pen - paper) + light + noise).clamp(0.0, 255.0) as u8])
    }))
}

fn accuracy(model: &OpenedModel, images: &[[f32; PIXELS]], labels: &[u16]) -> f64 {
    let network = model.network().unwrap();
    let config = SweepConfig { passes: 30, ..SweepConfig::default() };
    let right = images
        .iter()
        .zip(labels)
        .filter(|(image, label)| {
            let sampled = sampling::sample_image(&network, *image, &config).unwrap();
            Measures::new(&sampled.statistics()).prediction() == **label
        })
        .count();
    right as f64 / labels.len() as f64
}

fn every_tenth(digits: &Digits) -> (Vec<usize>, Vec<u16>) {
    let indices: Vec<usize> = (0..digits.len()).step_by(STEP).collect();
    let labels = indices.iter().map(|index| digits.labels()[*index]).collect();
    (indices, labels)
}

#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files"]
fn digits_drawn_anew_are_recognised_nearly_as_well_as_the_originals_on_mnist() {
    let digits = mnist::digits(Split::Test);
    assert_eq!(Pixels::from(&digits).images(), digits.len());
    let (indices, labels) = every_tenth(&digits);
    let originals: Vec<_> = indices.iter().map(|index| kept::to_numbers(&digits.image(*index))).collect();
    let read: Vec<[f32; PIXELS]> = indices
        .par_iter()
        .map(|index| {
            let picture = page(&digits.image(*index), *index as u64);
            let steps = read_picture(&picture, &PictureOptions::default());
            steps.image().copied().unwrap_or([0.0; PIXELS])
        })
        .collect();
    let blank = read.iter().filter(|image| image.iter().all(|value| *value <= 0.0)).count();
    let model = OpenedModel::bundled().unwrap();
    let (before, after) = (accuracy(&model, &originals, &labels), accuracy(&model, &read, &labels));
    println!(
        "originals {:.2} %, drawn anew {:.2} % ({blank} without ink), {} images",
        before * 100.0,
        after * 100.0,
        labels.len()
    );
    assert!(after >= before - 0.015, "{after} against {before}");
}
