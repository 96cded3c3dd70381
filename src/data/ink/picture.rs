//! A picture of a digit → 28×28: polarity, background, threshold, ink, one step after the other.
//!
//! 1. Grey, scaled down when large ([`WORKING_SIDE`]).
//! 2. Polarity: a plane is fitted to the border's brightness; what stands out from it more strongly is ink.
//! 3. Background: what is left when everything a pen could have written is removed (a grey opening), subtracted.
//! 4. Threshold: Otsu's (1979), with the ink then scaled to 0…1 between the two levels it separates.
//! 5. Ink: connected parts; specks are dropped, parts close to each other are one digit.
//! 6. Each digit fitted and centred by [`super::fit()`]. Its grey levels are kept, so an image that was already 28×28
//!    keeps its smooth edges.

use std::path::Path;

use image::{DynamicImage, GenericImageView};

use super::background::{blurred, find_polarity, remove_background};
use super::fit::{PixelBox, Plane, fit};
use super::parts::{find_digits, reading_order};
use super::{InkError, Polarity, open_picture};
use crate::data::images::grey::Resize;
use crate::data::{PIXELS, SIDE};

/// Longer side at which a picture is analysed, in pixels: twenty times what the network sees, and still fast.
const WORKING_SIDE: u32 = 640;
/// Contrast of ink and paper, in shares of black to white, below which there is no ink.
const LEAST_CONTRAST: f32 = 0.06;
/// The same in standard deviations of the paper's noise. Noise alone, split by Otsu, reaches 2.2.
const LEAST_SIGNAL: f32 = 4.0;
/// Standard deviations from the background that no noise reaches, not even at the edges, where smoothing averages
/// fewer pixels.
const OUTSIDE: f32 = 7.0;
/// Contrast in standard deviations of the noise at which faint lines are told from noise without smoothing.
const CLEAR: f32 = 16.0;
/// How often a noisy picture is smoothed by 3×3 averages.
const SMOOTHINGS: usize = 2;
/// Shorter side below which a picture has no pixels to spare for smoothing.
const LEAST_SMOOTHED: usize = 64;

/// Choices a user can make instead of the program.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct PictureOptions {
    /// Taken as it is: whole, made grey and 28×28 by area, without looking for ink.
    pub whole: bool,
    /// `None`: found from the border.
    pub polarity: Option<Polarity>,
    /// Where ink begins, 0 (background) to 1 (full ink) in [`PictureSteps::flattened`]; `None`: Otsu's threshold.
    pub threshold: Option<f32>,
}

/// How a picture was read, step by step.
#[derive(Clone, Debug)]
pub struct PictureSteps {
    /// Brightness, 0 black to 1 white, scaled down when the picture was large.
    pub grey: Plane,
    /// The polarity found or chosen.
    pub polarity: Polarity,
    /// Ink on an even background: 0 background, 1 full ink. Same size as `grey`.
    pub flattened: Plane,
    /// The threshold found or chosen, on the scale of `flattened`.
    pub threshold: f32,
    /// Digits in reading order; empty when there was no ink.
    pub found: Vec<Found>,
    /// Which of them has the most ink.
    largest: usize,
}

impl PictureSteps {
    /// The digit with the most ink, `[28, 28]` in 0…1; `None` when there was no ink.
    #[must_use]
    pub fn image(&self) -> Option<&[f32; PIXELS]> {
        self.found.get(self.largest).map(|found| &found.image)
    }

    /// Reads the same picture with other options.
    #[must_use]
    pub fn read_again(&self, options: &PictureOptions) -> Self {
        read_grey(self.grey.clone(), options)
    }

    /// Where that digit stands in `found`.
    #[must_use]
    pub fn largest(&self) -> Option<usize> {
        (!self.found.is_empty()).then_some(self.largest)
    }
}

/// A digit in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where it lies, in pixels of [`PictureSteps::grey`].
    pub bounds: PixelBox,
    /// Its ink, in pixels of [`PictureSteps::grey`].
    pub ink: f32,
    /// Fitted and centred as MNIST was, `[28, 28]` in 0…1.
    pub image: [f32; PIXELS],
}

/// Reads the digit with the most ink from a picture file.
///
/// # Errors
/// As [`open_picture`], and when no ink is found.
pub fn from_file(path: &Path, options: &PictureOptions) -> Result<PictureSteps, InkError> {
    let steps = read_picture(&open_picture(path)?, options);
    if steps.found.is_empty() {
        return Err(InkError::NoInk { name: path.display().to_string() });
    }
    Ok(steps)
}

/// The digit with the most ink in a picture, `[28, 28]` in 0…1.
///
/// # Errors
/// When no ink is found.
pub fn from_picture(picture: &DynamicImage, options: &PictureOptions) -> Result<[f32; PIXELS], InkError> {
    let steps = read_picture(picture, options);
    steps.image().copied().ok_or_else(|| InkError::NoInk { name: "the picture".to_owned() })
}

/// Reads a picture step by step; without ink, no digit is found.
#[must_use]
pub fn read_picture(picture: &DynamicImage, options: &PictureOptions) -> PictureSteps {
    read_grey(grey_of(picture), options)
}

/// Reads a picture from its brightness on.
fn read_grey(grey: Plane, options: &PictureOptions) -> PictureSteps {
    if options.whole {
        return whole(grey);
    }
    let polarity = options.polarity.unwrap_or_else(|| find_polarity(&grey));
    let mut ink = grey.clone();
    if polarity == Polarity::DarkOnLight {
        for value in &mut ink.values {
            *value = 1.0 - *value;
        }
    }
    remove_background(&mut ink);
    let mut levels = Levels::of(&ink.values);
    for _ in 0..SMOOTHINGS {
        if levels.noise * CLEAR < levels.contrast || ink.width.min(ink.height) < LEAST_SMOOTHED {
            break;
        }
        ink = blurred(&ink);
        levels = Levels::of(&ink.values);
    }
    let visible = levels.contrast >= LEAST_CONTRAST && levels.contrast >= LEAST_SIGNAL * levels.noise;
    // Without visible contrast the picture is shown unchanged, rather than with its noise amplified.
    let scale = if visible { 1.0 / levels.contrast } else { 1.0 };
    for value in &mut ink.values {
        *value = ((*value - levels.background) * scale).clamp(0.0, 1.0);
    }
    let threshold =
        options.threshold.unwrap_or((levels.threshold - levels.background) * scale).clamp(0.01, 0.99);
    let mut steps = PictureSteps { grey, polarity, flattened: ink, threshold, found: Vec::new(), largest: 0 };
    if visible || options.threshold.is_some() {
        let noise = levels.noise * scale;
        steps.found = digits_in(&steps.flattened, threshold, noise);
        let most = |a: &(usize, &Found), b: &(usize, &Found)| a.1.ink.total_cmp(&b.1.ink);
        steps.largest = steps.found.iter().enumerate().max_by(most).map_or(0, |(index, _)| index);
    }
    steps
}

/// A picture as it is: its one finding is all of it.
fn whole(grey: Plane) -> PictureSteps {
    let bytes: Vec<u8> = grey.values.iter().map(|value| (value * 255.0).round() as u8).collect();
    let mut small = [0; PIXELS];
    Resize::new((grey.height, grey.width), 1, (SIDE, SIDE)).make(&bytes, &mut small);
    let found = Found {
        bounds: PixelBox { left: 0, top: 0, right: grey.width, bottom: grey.height },
        ink: grey.values.iter().sum(),
        image: small.map(|value| f32::from(value) / 255.0),
    };
    let (polarity, flattened) = (Polarity::LightOnDark, grey.clone());
    PictureSteps { grey, polarity, flattened, threshold: 0.5, found: vec![found], largest: 0 }
}

/// The digits above a threshold, fitted, in reading order.
fn digits_in(ink: &Plane, threshold: f32, noise: f32) -> Vec<Found> {
    let mut found: Vec<Found> = find_digits(ink, threshold, noise)
        .into_iter()
        .filter_map(|digit| {
            let image = fit(&digit.plane, digit.floor)?;
            Some(Found { bounds: digit.bounds, ink: digit.ink, image })
        })
        .collect();
    reading_order(&mut found, |found| found.bounds);
    found
}

/// Brightness of a picture, made smaller by whole blocks until its longer side is at most [`WORKING_SIDE`].
///
/// What is transparent becomes paper: of the brightness opposite to the ink when most is transparent, of the
/// picture's own when only corners are.
fn grey_of(picture: &DynamicImage) -> Plane {
    let (width, height) = picture.dimensions();
    let block = width.max(height).div_ceil(WORKING_SIDE).max(1);
    let mut grey = Plane::blank(width.div_ceil(block) as usize, height.div_ceil(block) as usize);
    let mut opacity = grey.values.clone();
    for y in 0..height {
        let row = (y / block) as usize * grey.width;
        for x in 0..width {
            let image::Rgba([red, green, blue, alpha]) = picture.get_pixel(x, y);
            // Rec. 601 luma.
            let luma = 0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue);
            let alpha = f32::from(alpha) / 255.0;
            let at = row + (x / block) as usize;
            grey.values[at] += luma / 255.0 * alpha;
            opacity[at] += alpha;
        }
    }
    let (all, opaque) =
        (f64::from(width) * f64::from(height), opacity.iter().map(|&a| f64::from(a)).sum::<f64>());
    let bright = grey.values.iter().map(|&value| f64::from(value)).sum::<f64>() / opaque.max(1e-9);
    let paper = match (opaque < 0.5 * all, bright < 0.5) {
        (true, true) => 1.0,
        (true, false) => 0.0,
        (false, _) => bright as f32,
    };
    for (index, (value, opaque)) in grey.values.iter_mut().zip(opacity).enumerate() {
        let (x, y) = ((index % grey.width) as u32 * block, (index / grey.width) as u32 * block);
        let pixels = (block.min(width - x) * block.min(height - y)) as f32;
        *value = ((*value + (pixels - opaque).max(0.0) * paper) / pixels).clamp(0.0, 1.0);
    }
    grey
}

/// The brightness of background and ink, and what lies between.
#[derive(Clone, Copy, Debug)]
struct Levels {
    background: f32,
    /// Standard deviation of the background.
    noise: f32,
    /// Where ink begins.
    threshold: f32,
    /// Ink minus background.
    contrast: f32,
}

impl Levels {
    /// The levels of these values, the larger ones being ink.
    fn of(values: &[f32]) -> Self {
        let split = otsu(values);
        let mut below: Vec<f32> = values.iter().copied().filter(|&value| value <= split).collect();
        let mut above: Vec<f32> = values.iter().copied().filter(|&value| value > split).collect();
        let (background, noise) = centre_and_spread(&mut below);
        let found = Self { background, noise, threshold: split, contrast: median(&mut above) - background };
        if found.contrast >= LEAST_SIGNAL * noise {
            return found;
        }
        // With little ink in heavy noise, Otsu splits the noise: ink is then only what noise cannot explain.
        let (background, noise) = centre_and_spread(&mut values.to_vec());
        let outside = background + OUTSIDE * noise;
        let mut above: Vec<f32> = values.iter().copied().filter(|&value| value > outside).collect();
        let contrast = if above.is_empty() { 0.0 } else { median(&mut above) - background };
        Self { background, noise, threshold: outside.max(background + contrast / 2.0), contrast }
    }
}

/// The threshold that separates values into two classes of least variance (Otsu 1979), on 256 levels; where several
/// are equally good, the middle one.
fn otsu(values: &[f32]) -> f32 {
    let low = values.iter().copied().fold(f32::INFINITY, f32::min);
    let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let width = (high - low) / 256.0;
    if !width.is_finite() || width <= 0.0 {
        return if high.is_finite() { high } else { 0.0 };
    }
    let mut counts = [0_u64; 256];
    for &value in values {
        counts[(((value - low) / width) as usize).min(255)] += 1;
    }
    let total = values.len() as f64;
    let sum: f64 = counts.iter().enumerate().map(|(level, &count)| level as f64 * count as f64).sum();
    let (mut weight, mut partial) = (0.0_f64, 0.0_f64);
    let (mut best, mut first, mut last) = (-1.0_f64, 0, 0);
    for (level, &count) in counts.iter().enumerate().take(255) {
        weight += count as f64;
        partial += level as f64 * count as f64;
        if weight == 0.0 || weight >= total {
            continue;
        }
        let apart = partial / weight - (sum - partial) / (total - weight);
        let between = weight * (total - weight) * apart * apart;
        if between > best * (1.0 + 1e-12) {
            (best, first, last) = (between, level, level);
        } else if between >= best * (1.0 - 1e-12) {
            last = level;
        }
    }
    low + width * ((first + last) as f32 / 2.0 + 1.0)
}

/// The median; 0 for no values.
fn median(values: &mut [f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

/// The median, and the standard deviation that the median distance from it stands for in normal noise.
fn centre_and_spread(values: &mut [f32]) -> (f32, f32) {
    let centre = median(values);
    for value in values.iter_mut() {
        *value = (*value - centre).abs();
    }
    (centre, 1.4826 * median(values))
}

#[cfg(test)]
mod tests {
    use super::super::{CENTRE, centre_of_mass};
    use super::*;
    use crate::data::SIDE;
    use crate::data::synthetic;
    use crate::random::{Purpose, stream};
    use image::{GrayAlphaImage, GrayImage, LumaA};
    use proptest::prelude::*;
    use rand::Rng;

    fn drawn(index: usize) -> [f32; PIXELS] {
        let digits = synthetic::generate(index + 1, 11);
        std::array::from_fn(|pixel| f32::from(digits.image(index)[pixel]) / 255.0)
    }

    fn picture_of(image: &[f32; PIXELS]) -> DynamicImage {
        let bytes = image.iter().map(|value| (value * 255.0).round() as u8).collect();
        GrayImage::from_raw(SIDE as u32, SIDE as u32, bytes).unwrap().into()
    }

    /// Correlation of two images, the second moved by up to a pixel: what rounding to whole pixels may do.
    fn likeness(a: &[f32; PIXELS], b: &[f32; PIXELS]) -> f32 {
        let norm = |image: &[f32; PIXELS]| image.iter().map(|value| value * value).sum::<f32>().sqrt();
        let shifted = |dx: usize, dy: usize| -> f32 {
            let at = |x: usize, y: usize| a[y * SIDE + x] * b[(y + dy - 1) * SIDE + x + dx - 1];
            (1..SIDE - 1).map(|y| (1..SIDE - 1).map(|x| at(x, y)).sum::<f32>()).sum()
        };
        let most = (0..9).map(|shift| shifted(shift % 3, shift / 3)).fold(0.0, f32::max);
        most / (norm(a) * norm(b))
    }

    /// What a camera might make of an image: 200×200, dark on light, larger, turned by up to 10°, off-centre, on
    /// paper with a gradient, with noise.
    fn photographed(image: &[f32; PIXELS], seed: u64) -> DynamicImage {
        let mut rng = stream(seed, Purpose::Synthetic, [99]);
        let scale = (100.0 + 80.0 * rng.random::<f32>()) / 28.0;
        let turn = (rng.random::<f32>() * 2.0 - 1.0) * 10.0_f32.to_radians();
        let place = |unit: f32| 12.0 * scale + unit * (200.0 - 24.0 * scale);
        let (cx, cy) = (place(rng.random()), place(rng.random()));
        let slope = [(); 2].map(|()| 0.25 * (rng.random::<f32>() - 0.5));
        let (sin, cos) = turn.sin_cos();
        let ink = |x: f32, y: f32| {
            let at = |column: f32, row: f32| {
                let inside = (0.0..28.0).contains(&column) && (0.0..28.0).contains(&row);
                if inside { image[row as usize * SIDE + column as usize] } else { 0.0 }
            };
            let (left, top) = (x.floor(), y.floor());
            let (across, down) = (x - left, y - top);
            (at(left, top) * (1.0 - across) + at(left + 1.0, top) * across) * (1.0 - down)
                + (at(left, top + 1.0) * (1.0 - across) + at(left + 1.0, top + 1.0) * across) * down
        };
        GrayImage::from_fn(200, 200, |x, y| {
            let (dx, dy) = ((x as f32 - cx) / scale, (y as f32 - cy) / scale);
            let ink = ink(cos * dx + sin * dy + CENTRE, cos * dy - sin * dx + CENTRE);
            let paper = 0.7 + slope[0] * (x as f32 / 100.0 - 1.0) + slope[1] * (y as f32 / 100.0 - 1.0);
            let noise = 0.15 * (rng.random::<f32>() + rng.random::<f32>() - 1.0);
            image::Luma([((paper * (1.0 - 0.75 * ink) + noise).clamp(0.0, 1.0) * 255.0) as u8])
        })
        .into()
    }

    #[test]
    fn an_image_that_is_as_mnist_was_stays_as_it_is() {
        for index in 0..40 {
            let image = drawn(index);
            let read = from_picture(&picture_of(&image), &PictureOptions::default()).unwrap();
            assert!(likeness(&image, &read) > 0.98, "{index}: {}", likeness(&image, &read));
        }
    }

    #[test]
    fn polarity_does_not_matter() {
        for index in 0..20 {
            let image = drawn(index);
            let light = read_picture(&picture_of(&image), &PictureOptions::default());
            let dark = read_picture(&picture_of(&image.map(|value| 1.0 - value)), &PictureOptions::default());
            assert_eq!((light.polarity, dark.polarity), (Polarity::LightOnDark, Polarity::DarkOnLight));
            assert!(likeness(light.image().unwrap(), dark.image().unwrap()) > 0.98, "{index}");
        }
    }

    #[test]
    fn a_photographed_digit_looks_like_the_one_it_was_taken_of() {
        let likenesses: Vec<f32> = (0..60)
            .map(|index| {
                let image = drawn(index);
                let picture = photographed(&image, index as u64);
                let steps = read_picture(&picture, &PictureOptions::default());
                assert_eq!(steps.polarity, Polarity::DarkOnLight, "{index}");
                likeness(&image, steps.image().unwrap())
            })
            .collect();
        // A turn by 5° alone costs about 0.08; a lost stroke or a wrong threshold costs 0.3.
        let mean = likenesses.iter().sum::<f32>() / likenesses.len() as f32;
        assert!(mean > 0.87, "{mean}");
    }

    #[test]
    fn an_empty_page_has_no_ink() {
        let page = |noise: f32, seed: u64| -> DynamicImage {
            let mut rng = stream(seed, Purpose::Synthetic, [98]);
            GrayImage::from_fn(300, 200, |x, _| {
                let grey = 0.8 - 0.3 * x as f32 / 300.0 + noise * (rng.random::<f32>() - 0.5);
                image::Luma([(grey * 255.0) as u8])
            })
            .into()
        };
        for seed in 0..5 {
            for noise in [0.0, 0.02, 0.1, 0.3] {
                let steps = read_picture(&page(noise, seed), &PictureOptions::default());
                assert!(
                    steps.found.is_empty(),
                    "{noise} {seed}: {:?} {:?}",
                    steps.threshold,
                    steps.found.iter().map(|f| (f.bounds, f.ink)).collect::<Vec<_>>()
                );
            }
        }
        for level in [0, 128, 255] {
            let plain = GrayImage::from_pixel(50, 50, image::Luma([level])).into();
            let message = from_picture(&plain, &PictureOptions::default()).unwrap_err().to_string();
            assert!(message.contains("no ink found"), "{message}");
        }
    }

    #[test]
    fn ink_on_transparent_ground_is_read_in_either_colour() {
        let image = drawn(3);
        let alike: Vec<[f32; PIXELS]> = [0, 255]
            .map(|ink| {
                let pixels = image.map(|value| (value * 255.0).round() as u8);
                let picture = GrayAlphaImage::from_fn(28, 28, |x, y| {
                    LumaA([ink, pixels[y as usize * SIDE + x as usize]])
                });
                from_picture(&picture.into(), &PictureOptions::default()).unwrap()
            })
            .into();
        assert!(likeness(&alike[0], &image) > 0.99 && likeness(&alike[1], &image) > 0.99);
    }

    #[test]
    fn several_digits_on_a_page_are_read_in_order() {
        let mut page = GrayImage::from_pixel(400, 120, image::Luma([230]));
        let images: Vec<[f32; PIXELS]> = (0..4).map(drawn).collect();
        for (number, image) in images.iter().enumerate() {
            for y in 0..84 {
                for x in 0..84 {
                    let ink = image[y / 3 * SIDE + x / 3];
                    let grey = (230.0 * (1.0 - 0.9 * ink)) as u8;
                    page.put_pixel((8 + number * 98 + x) as u32, (18 + y) as u32, image::Luma([grey]));
                }
            }
        }
        let steps = read_picture(&page.into(), &PictureOptions::default());
        assert_eq!(steps.found.len(), 4);
        for (found, image) in steps.found.iter().zip(&images) {
            assert!(likeness(&found.image, image) > 0.9, "{}", likeness(&found.image, image));
        }
    }

    #[test]
    fn a_picture_taken_whole_is_what_a_set_of_such_images_is() {
        use crate::data::images::ImageShape;
        use crate::data::images::grey::Brought;
        let (width, height) = (40_u32, 30_u32);
        let colour = |x: u32, y: u32| [(6 * x) as u8, (8 * y) as u8, (3 * (x + y)) as u8];
        let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb(colour(x, y)));
        let options = PictureOptions { whole: true, ..PictureOptions::default() };
        let steps = read_picture(&picture.clone().into(), &options);
        let mut expected = vec![0; PIXELS];
        Brought::new(ImageShape::new(30, 40, 3).unwrap(), ImageShape::MNIST)
            .make(picture.as_raw(), &mut expected);
        let found = steps.found[0].image.map(|value| (value * 255.0).round() as i16);
        // Half a level may round to either side.
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - i16::from(*b)).abs() <= 1));
        assert_eq!((steps.found.len(), steps.largest()), (1, Some(0)));
    }

    #[test]
    fn a_person_can_overrule_polarity_and_threshold() {
        let picture = picture_of(&drawn(0));
        let options = PictureOptions {
            polarity: Some(Polarity::DarkOnLight),
            threshold: Some(0.7),
            ..PictureOptions::default()
        };
        let steps = read_picture(&picture, &options);
        assert_eq!(steps.polarity, Polarity::DarkOnLight);
        assert!((steps.threshold - 0.7).abs() < 1e-6);
    }

    #[test]
    fn otsu_finds_the_middle_between_two_levels() {
        let values: Vec<f32> = (0..100).map(|index| if index < 80 { 0.2 } else { 0.6 }).collect();
        assert!((otsu(&values) - 0.4).abs() < 0.01, "{}", otsu(&values));
        assert!((otsu(&[0.3; 10]) - 0.3).abs() < 1e-6);
        assert!(otsu(&[]).abs() < 1e-6);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn any_picture_gives_centred_images_or_nothing(
            (width, height, bytes) in (1_u32..70, 1_u32..70).prop_flat_map(|(width, height)| {
                let byte = prop_oneof![4 => Just(200_u8), 1 => Just(20_u8), 1 => any::<u8>()];
                let bytes = proptest::collection::vec(byte, (width * height) as usize);
                (Just(width), Just(height), bytes)
            }),
            threshold in proptest::option::of(-1.0_f32..2.0),
        ) {
            let picture: DynamicImage = GrayImage::from_raw(width, height, bytes).unwrap().into();
            let options = PictureOptions { threshold, ..PictureOptions::default() };
            let steps = read_picture(&picture, &options);
            let again = read_picture(&picture, &options);
            prop_assert_eq!(&steps.found, &again.found);
            prop_assert_eq!(steps.image().is_some(), !steps.found.is_empty());
            for found in &steps.found {
                prop_assert!(found.image.iter().all(|value| (0.0..=1.0).contains(value)));
                let [x, y] = centre_of_mass(&found.image).unwrap();
                prop_assert!((x - CENTRE).abs() <= 0.501 && (y - CENTRE).abs() <= 0.501, "{} {}", x, y);
            }
        }
    }
}
