//! An image as it is, as large as a square lets it be: ink on paper where a pen could have made it, else as bright as it is.

use image::{Rgb, RgbImage};

use super::paper::{INK, PAPER};
use super::text::mix;
use crate::data::images::ReducedImage;
use crate::data::images::grey::Resize;

/// The image with a longer side of so many pixels, at least one. Of a pixel that is made larger the inside keeps its
/// colour; only an edge that falls between two pixels of the page is blended.
pub(super) fn fitted(image: &ReducedImage, side: u32) -> RgbImage {
    let shape = image.shape();
    let from = (shape.height(), shape.width());
    let (most, side) = (from.0.max(from.1), side as usize);
    let fit = |length: usize| ((length * side + most / 2) / most).max(1);
    let to = (fit(from.0), fit(from.1));
    let mut out = vec![0; to.0 * to.1 * shape.channels()];
    Resize::new(from, shape.channels(), to).make(image.values(), &mut out);
    let shades: [Rgb<u8>; 256] = std::array::from_fn(|value| {
        if image.is_ink() { mix(PAPER, INK, value as f32 / 255.0) } else { Rgb([value as u8; 3]) }
    });
    RgbImage::from_fn(to.1 as u32, to.0 as u32, |x, y| {
        let at = (y as usize * to.1 + x as usize) * shape.channels();
        if shape.is_colour() {
            Rgb([out[at], out[at + 1], out[at + 2]])
        } else {
            shades[usize::from(out[at])]
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    use crate::data::images::sources::look;
    use crate::data::images::{ImageShape, Reducer};
    use crate::progress::unobserved;

    fn image(height: usize, width: usize, channels: usize, values: Vec<u8>) -> ReducedImage {
        ReducedImage::new(ImageShape::new(height, width, channels).unwrap(), values).unwrap()
    }

    #[test]
    fn colours_stay_and_the_longer_side_fills_the_square() {
        let red = [250, 0, 10];
        for (height, width, size) in
            [(40, 20, (42, 84)), (20, 40, (84, 42)), (1, 200, (84, 1)), (84, 84, (84, 84))]
        {
            let picture = fitted(&image(height, width, 3, red.repeat(height * width)), 84);
            assert_eq!((picture.width(), picture.height()), size);
            assert!(picture.pixels().all(|pixel| pixel.0 == red));
        }
    }

    #[test]
    fn a_grey_photograph_is_no_negative() {
        let picture = fitted(&image(100, 80, 1, vec![200; 8_000]), 84);
        assert!(picture.pixels().all(|pixel| pixel.0 == [200; 3]));
        let folder = tempfile::tempdir().unwrap();
        image::GrayImage::from_pixel(80, 100, image::Luma([200])).save(folder.path().join("a.png")).unwrap();
        let found = look(folder.path()).unwrap();
        let opened = found.open(found.first_split(), &mut unobserved).unwrap();
        let ControlFlow::Continue(set) = opened else { panic!("nobody stopped it") };
        let small = Reducer::new(&set, 20).make(0).unwrap();
        assert!(small.shape().height() == 20 && !small.is_ink(), "it is one also where it is made small");
    }

    #[test]
    fn pixels_become_squares_and_grey_becomes_ink() {
        // Two pixels, each of 3×3 of the page.
        let picture = fitted(&image(1, 2, 1, vec![0, 255]), 6);
        assert_eq!((picture.width(), picture.height()), (6, 3));
        assert_eq!([2, 3].map(|x| *picture.get_pixel(x, 1)), [PAPER, INK]);
    }
}
