//! One image changed by an amount that moves smoothly: turned, noisy, blurred, shifted, thicker or thinner.
//!
//! Images are 28×28 numbers, 0 paper and 1 ink; beyond the edge is paper. At amount 0 every distortion gives the very
//! image back. What [`super::corruption`] does to whole sets is built from the same parts.

use super::images::ImageShape;
use super::{PIXELS, SIDE};
use crate::random::{Purpose, uniform};

/// What an amount changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distortion {
    /// Degrees anticlockwise about the image's centre.
    #[default]
    Rotation,
    /// Normal noise on every pixel: its standard deviation as a share of full ink.
    Noise,
    /// Out of focus: standard deviation in pixels.
    Blur,
    /// Pixels to the right.
    Shift,
    /// Pixels that every edge of the ink moves outwards; inwards when negative.
    Thickness,
}

/// Index of the noise field, distinct from the image indices of a set.
const ALONE: u64 = u64::MAX;

impl Distortion {
    /// All of them, in menu order.
    pub const ALL: [Self; 5] = [Self::Rotation, Self::Noise, Self::Blur, Self::Shift, Self::Thickness];

    /// Its name on the command line and in files: `rotation`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rotation => "rotation",
            Self::Noise => "noise",
            Self::Blur => "blur",
            Self::Shift => "shift",
            Self::Thickness => "thickness",
        }
    }

    /// The distortion with this [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|distortion| distortion.name() == name)
    }

    /// Its display name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Rotation => "Rotation",
            Self::Noise => "Noise",
            Self::Blur => "Blur",
            Self::Shift => "Shift",
            Self::Thickness => "Thickness",
        }
    }

    /// What it does, in a few words.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Rotation => "Turn the image about its centre, anticlockwise",
            Self::Noise => "Add seeded noise to every pixel",
            Self::Blur => "Blur the image",
            Self::Shift => "Move the image sideways",
            Self::Thickness => "Thicken the strokes, or thin them",
        }
    }

    /// What its amount is, with its unit, for an axis: `rotation (degrees anticlockwise)`.
    #[must_use]
    pub fn axis(self) -> &'static str {
        match self {
            Self::Rotation => "rotation (degrees anticlockwise)",
            Self::Noise => "noise (standard deviation, share of full ink)",
            Self::Blur => "blur (standard deviation in pixels)",
            Self::Shift => "shift (pixels to the right)",
            Self::Thickness => "thickness (pixels added to every edge of the ink)",
        }
    }

    /// An amount with its unit: `75°`, `0.30 of full ink`, `−1.5 px`.
    #[must_use]
    pub fn amount(self, amount: f32) -> String {
        let sign = if amount < 0.0 { "−" } else { "" };
        let size = amount.abs();
        match self {
            Self::Rotation if (size - size.round()).abs() < 0.05 => format!("{sign}{size:.0}°"),
            Self::Rotation => format!("{sign}{size:.1}°"),
            Self::Noise => format!("{sign}{size:.2}"),
            Self::Blur | Self::Shift | Self::Thickness => format!("{sign}{size:.1} px"),
        }
    }

    /// The least and the largest amount there is.
    #[must_use]
    pub fn limits(self) -> [f32; 2] {
        match self {
            Self::Rotation => [-360.0, 360.0],
            Self::Noise => [0.0, 1.0],
            Self::Blur => [0.0, 6.0],
            Self::Shift => [-14.0, 14.0],
            Self::Thickness => [-2.0, 4.0],
        }
    }

    /// The image changed by an amount (within [`limits`](Self::limits), or the nearest of them). The noise of a seed is
    /// one field whatever its amount, so that more of it is more of the same.
    #[must_use]
    pub fn apply(self, image: &[f32; PIXELS], amount: f32, seed: u64) -> [f32; PIXELS] {
        let mut changed = *image;
        self.change(&mut changed, ImageShape::MNIST, amount, seed);
        changed
    }

    /// The same of an image of any shape (rows of pixels in 0…1, the channels of a pixel together), in place. Amounts in pixels
    /// are those of an image of 28, and larger by as much as the image is wider.
    ///
    /// # Panics
    /// When the image is not of the shape.
    pub fn change(self, image: &mut [f32], shape: ImageShape, amount: f32, seed: u64) {
        let [least, most] = self.limits();
        let amount = if amount.is_finite() { amount.clamp(least, most) } else { 0.0 };
        if amount == 0.0 {
            return;
        }
        let size = [shape.height(), shape.width()];
        let pixels = amount * (shape.width() as f32 / SIDE as f32);
        match self {
            Self::Rotation => {
                on_planes(image, shape, |plane| {
                    let before = plane.to_vec();
                    rotate(&before, size, amount, plane);
                });
            }
            Self::Noise => {
                add_noise(image, amount, seed, ALONE);
                for value in image {
                    *value = value.clamp(0.0, 1.0);
                }
            }
            Self::Blur => on_planes(image, shape, |plane| blur(plane, size, pixels)),
            Self::Shift => on_planes(image, shape, |plane| slide(plane, size, |_| -pixels)),
            Self::Thickness => {
                on_planes(image, shape, |plane| {
                    let before = plane.to_vec();
                    thicken(&before, size, pixels, plane);
                });
            }
        }
    }
}

/// Changes each channel of an image by itself, as a plane `[height, width]`.
///
/// # Panics
/// When the image is not of the shape.
pub(super) fn on_planes(image: &mut [f32], shape: ImageShape, mut change: impl FnMut(&mut [f32])) {
    assert_eq!(image.len(), shape.bytes(), "an image of its shape");
    let channels = shape.channels();
    if channels == 1 {
        return change(image);
    }
    for channel in 0..channels {
        let mut plane: Vec<f32> = image.iter().skip(channel).step_by(channels).copied().collect();
        change(&mut plane);
        for (value, changed) in image.iter_mut().skip(channel).step_by(channels).zip(plane) {
            *value = changed;
        }
    }
}

/// Sine and cosine of an angle in degrees, exact at multiples of a quarter turn.
fn sine_and_cosine(degrees: f32) -> (f64, f64) {
    let turned = f64::from(degrees).rem_euclid(360.0);
    match turned {
        0.0 => (0.0, 1.0),
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
        _ => turned.to_radians().sin_cos(),
    }
}

/// Turns anticlockwise: each pixel is read, between four of the image, where it was before the turn.
fn rotate(image: &[f32], [height, width]: [usize; 2], degrees: f32, out: &mut [f32]) {
    let (sine, cosine) = sine_and_cosine(degrees);
    let [middle, central] = [width, height].map(|side| (side - 1) as f64 / 2.0);
    let ink = |x: f64, y: f64| {
        let inside = |at: f64, side: usize| (0.0..side as f64).contains(&at);
        if inside(x, width) && inside(y, height) {
            f64::from(image[y as usize * width + x as usize])
        } else {
            0.0
        }
    };
    for (at, value) in out.iter_mut().enumerate() {
        let (right, down) = ((at % width) as f64 - middle, (at / width) as f64 - central);
        let (x, y) = (middle + cosine * right - sine * down, central + sine * right + cosine * down);
        let (left, top) = (x.floor(), y.floor());
        let (across, along) = (x - left, y - top);
        let row = |y: f64| ink(left, y) * (1.0 - across) + ink(left + 1.0, y) * across;
        *value = (row(top) * (1.0 - along) + row(top + 1.0) * along) as f32;
    }
}

/// Adds normal noise of this standard deviation; nothing is cut off. Two uniform numbers make a normal one (Box &
/// Muller 1958).
pub(super) fn add_noise(values: &mut [f32], deviation: f32, seed: u64, image: u64) {
    if deviation <= 0.0 {
        return;
    }
    for (at, value) in values.iter_mut().enumerate() {
        let draw = |which: u64| uniform(seed, Purpose::Corruption, [image, at as u64, which]);
        let normal = (-2.0 * (1.0 - draw(0)).ln()).sqrt() * (std::f32::consts::TAU * draw(1)).cos();
        *value += deviation * normal;
    }
}

/// Blurs a plane with a normal kernel of this standard deviation in pixels.
pub(super) fn blur(image: &mut [f32], [height, width]: [usize; 2], deviation: f32) {
    if deviation <= 0.0 {
        return;
    }
    let reach = (3.0 * deviation).ceil() as usize;
    let weights: Vec<f32> = (0..=2 * reach)
        .map(|place| (-0.5 * ((place as f32 - reach as f32) / deviation).powi(2)).exp())
        .collect();
    let total: f32 = weights.iter().sum();
    for (along, across, lines, places) in [(1, width, height, width), (width, 1, width, height)] {
        let before = image.to_vec();
        for line in 0..lines {
            for place in 0..places {
                let sum: f32 = (place.saturating_sub(reach)..=(place + reach).min(places - 1))
                    .map(|other| weights[other + reach - place] * before[line * across + other * along])
                    .sum();
                image[line * across + place * along] = sum / total;
            }
        }
    }
}

/// Shifts every row by this many pixels, interpolating between neighbours.
pub(super) fn slide(image: &mut [f32], [_, width]: [usize; 2], further: impl Fn(usize) -> f32) {
    for (y, row) in image.chunks_mut(width).enumerate() {
        let before = row.to_vec();
        let ink = |x: f32| if (0.0..width as f32).contains(&x) { before[x as usize] } else { 0.0 };
        for (x, value) in row.iter_mut().enumerate() {
            let from = x as f32 + further(y);
            let left = from.floor();
            let part = from - left;
            *value = ink(left) * (1.0 - part) + ink(left + 1.0) * part;
        }
    }
}

/// Grey-scale dilation (erosion when `radius` is negative) by a disc whose rim is soft: a neighbour d pixels away
/// counts fully up to the radius and not at all a pixel beyond it, so that the result moves continuously with the
/// radius, never against it, and is the image itself at 0.
fn thicken(image: &[f32], [height, width]: [usize; 2], radius: f32, out: &mut [f32]) {
    let size = radius.abs();
    let reach = size.floor() as isize + 1;
    let disc: Vec<(isize, isize, f32)> = (-reach..=reach)
        .flat_map(|y| (-reach..=reach).map(move |x| (x, y)))
        .map(|(x, y)| (x, y, (size + 1.0 - ((x * x + y * y) as f32).sqrt()).clamp(0.0, 1.0)))
        .filter(|(_, _, weight)| *weight > 0.0)
        .collect();
    for (at, value) in out.iter_mut().enumerate() {
        let place =
            |at: usize, step: isize, side: usize| at.checked_add_signed(step).filter(|place| *place < side);
        let ink = |dx: isize, dy: isize| match (place(at % width, dx, width), place(at / width, dy, height)) {
            (Some(x), Some(y)) => image[y * width + x],
            _ => 0.0,
        };
        *value = if radius > 0.0 {
            disc.iter().map(|(dx, dy, weight)| weight * ink(*dx, *dy)).fold(0.0, f32::max)
        } else {
            disc.iter().map(|(dx, dy, weight)| 1.0 - weight + weight * ink(*dx, *dy)).fold(1.0, f32::min)
        };
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the very same numbers are asked for")]
mod tests {
    use super::*;
    use crate::data::kept::to_numbers;
    use crate::data::synthetic;

    fn image(index: usize) -> [f32; PIXELS] {
        to_numbers(&synthetic::generate(10, 3).image(index))
    }

    fn ink(image: &[f32; PIXELS]) -> f64 {
        image.iter().map(|value| f64::from(*value)).sum()
    }

    #[test]
    fn amount_zero_is_the_image_and_names_are_found_again() {
        for distortion in Distortion::ALL {
            for index in 0..10 {
                assert_eq!(distortion.apply(&image(index), 0.0, 1), image(index), "{distortion:?}");
            }
            assert_ne!(distortion.apply(&image(2), 0.5, 1), image(2), "{distortion:?}");
            assert_eq!(distortion.apply(&image(2), 0.5, 7), distortion.apply(&image(2), 0.5, 7));
            assert_eq!(distortion.apply(&image(2), f32::NAN, 1), image(2));
            assert_eq!(Distortion::from_name(distortion.name()), Some(distortion));
        }
        assert_eq!(Distortion::from_name("shear"), None);
    }

    #[test]
    fn an_image_in_colour_is_changed_by_channels_and_by_as_many_of_its_own_pixels() {
        let original = image(2);
        let grey =
            |image: &[f32]| -> Vec<f32> { image.iter().flat_map(|value| [*value, 0.0, 1.0]).collect() };
        let colour = ImageShape::new(28, 28, 3).unwrap();
        for distortion in [Distortion::Rotation, Distortion::Blur, Distortion::Shift, Distortion::Thickness] {
            let mut changed = grey(&original);
            distortion.change(&mut changed, colour, 1.5, 1);
            let red: Vec<f32> = changed.iter().step_by(3).copied().collect();
            assert_eq!(red, distortion.apply(&original, 1.5, 1), "{distortion:?}");
            assert!(changed.iter().skip(1).step_by(3).all(|green| *green == 0.0));
        }
        // Twice as wide, twice as far.
        let wide = ImageShape::new(3, 56, 1).unwrap();
        let mut line = vec![0.0; wide.bytes()];
        line[56 + 10] = 1.0;
        Distortion::Shift.change(&mut line, wide, 2.0, 1);
        assert_eq!(line.iter().position(|value| *value > 0.5), Some(56 + 14));
        // A quarter turn of a tall image about its own middle.
        let tall = ImageShape::new(5, 3, 1).unwrap();
        let mut image = vec![0.0; 15];
        image[2 * 3 + 2] = 1.0;
        Distortion::Rotation.change(&mut image, tall, 90.0, 1);
        assert_eq!(image.iter().position(|value| *value > 0.5), Some(3 + 1));
    }

    #[test]
    fn a_full_turn_and_four_quarter_turns_give_the_very_pixels_back() {
        let turn = |image: &[f32; PIXELS], degrees| Distortion::Rotation.apply(image, degrees, 1);
        for index in 0..10 {
            let original = image(index);
            assert_eq!(turn(&original, 360.0), original);
            assert_eq!(turn(&original, -360.0), original);
            let quarter = turn(&original, 90.0);
            assert_ne!(quarter, original);
            assert_eq!(turn(&quarter, 90.0), turn(&original, 180.0));
            assert_eq!(turn(&turn(&quarter, 90.0), 180.0), original);
            assert_eq!(turn(&quarter, -90.0), original);
            assert_eq!(turn(&quarter, 270.0), original);
        }
    }

    #[test]
    fn a_quarter_turn_is_anticlockwise() {
        // A pixel at the top right goes to the top left.
        let mut original = [0.0; PIXELS];
        original[2 * SIDE + 20] = 1.0;
        let turned = Distortion::Rotation.apply(&original, 90.0, 1);
        let at = turned.iter().position(|value| *value > 0.5).unwrap();
        assert_eq!((at % SIDE, at / SIDE), (2, 7));
        assert!((ink(&turned) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn turning_and_turning_back_is_close_and_every_angle_keeps_the_ink() {
        for index in 0..10 {
            let original = image(index);
            for degrees in [3.0, 30.0, 45.0, 117.5, 200.0, 333.0] {
                let turned = Distortion::Rotation.apply(&original, degrees, 1);
                let share = ink(&turned) / ink(&original);
                assert!((0.97..1.03).contains(&share), "{index} at {degrees}: {share}");
                assert!(turned.iter().all(|value| (0.0..=1.0).contains(value)));
                let back = Distortion::Rotation.apply(&turned, -degrees, 1);
                let mean = |x: f64| x / PIXELS as f64;
                let off: f64 = back.iter().zip(&original).map(|(a, b)| f64::from((a - b).abs())).sum();
                assert!(mean(off) < 0.035, "{index} at {degrees}: {}", mean(off));
            }
        }
    }

    #[test]
    fn noise_is_one_field_that_grows() {
        let grey = [0.5; PIXELS];
        let field = |amount, seed| Distortion::Noise.apply(&grey, amount, seed);
        let (little, more) = (field(0.05, 4), field(0.1, 4));
        for (little, more) in little.iter().zip(&more) {
            assert!(((more - 0.5) - 2.0 * (little - 0.5)).abs() < 1e-6, "twice as much of the same");
        }
        let variance: f64 =
            more.iter().map(|value| f64::from(value - 0.5).powi(2)).sum::<f64>() / PIXELS as f64;
        // Standard error of a standard deviation of 784 draws: 0.1/√(2·784) = 0.0025; four of them.
        assert!((variance.sqrt() - 0.1).abs() < 0.010, "{}", variance.sqrt());
        assert_ne!(field(0.1, 4), field(0.1, 5));
        assert!(field(1.0, 4).iter().all(|value| (0.0..=1.0).contains(value)));
    }

    #[test]
    fn blur_keeps_the_ink_and_lowers_its_peak() {
        let original = image(3);
        let mut peak = 2.0;
        for amount in [0.0, 0.5, 1.0, 2.0] {
            let blurred = Distortion::Blur.apply(&original, amount, 1);
            assert!((ink(&blurred) / ink(&original) - 1.0).abs() < 0.02, "{amount}");
            let highest = blurred.iter().copied().fold(0.0, f32::max);
            assert!(highest < peak, "{amount}: {highest}");
            peak = highest;
        }
        // One pixel of ink becomes the kernel itself: separable, normal.
        let mut point = [0.0; PIXELS];
        point[14 * SIDE + 14] = 1.0;
        let blurred = Distortion::Blur.apply(&point, 1.0, 1);
        let ratio = blurred[14 * SIDE + 15] / blurred[14 * SIDE + 14];
        assert!((ratio - (-0.5_f32).exp()).abs() < 1e-5, "{ratio}");
    }

    #[test]
    fn a_shift_moves_ink_to_the_right_and_paper_follows() {
        let original = image(8);
        let shifted = Distortion::Shift.apply(&original, 3.0, 1);
        for (at, value) in shifted.iter().enumerate() {
            let (x, y) = (at % SIDE, at / SIDE);
            let expected = if x < 3 { 0.0 } else { original[y * SIDE + x - 3] };
            assert!((value - expected).abs() < 1e-12);
        }
        let between = Distortion::Shift.apply(&original, -1.5, 1);
        let at = 10 * SIDE + 12;
        assert!((between[at] - 0.5 * (original[at + 1] + original[at + 2])).abs() < 1e-6);
        assert!((ink(&between) / ink(&original) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn thickness_grows_with_its_amount_at_every_pixel() {
        for index in 0..10 {
            let original = image(index);
            let mut before = Distortion::Thickness.apply(&original, -2.0, 1);
            for step in -19..=40 {
                let thick = Distortion::Thickness.apply(&original, step as f32 * 0.1, 1);
                for (before, after) in before.iter().zip(&thick) {
                    assert!(after >= before, "{step}");
                    // A tenth of a pixel more changes no pixel by more than a tenth of full ink.
                    assert!(after - before <= 0.1 + 1e-5, "{step}: {}", after - before);
                }
                before = thick;
            }
        }
    }

    #[test]
    fn a_disc_grows_from_a_point_and_eats_a_square() {
        let mut point = [0.0; PIXELS];
        point[14 * SIDE + 14] = 0.8;
        let thick = Distortion::Thickness.apply(&point, 1.0, 1);
        assert_eq!(thick[14 * SIDE + 15], 0.8, "a neighbour within the radius");
        let corner = 0.8 * (2.0 - 2.0_f32.sqrt());
        assert!((thick[13 * SIDE + 13] - corner).abs() < 1e-6, "one on the soft rim");
        assert_eq!(thick[14 * SIDE + 16], 0.0);
        let square: [f32; PIXELS] = std::array::from_fn(|at| {
            let inside = |place: usize| (10..15).contains(&place);
            if inside(at % SIDE) && inside(at / SIDE) { 1.0 } else { 0.0 }
        });
        let thin = Distortion::Thickness.apply(&square, -1.0, 1);
        assert!((ink(&thin) - 9.0).abs() < 1e-5, "a rim of one pixel is gone: {}", ink(&thin));
    }
}
