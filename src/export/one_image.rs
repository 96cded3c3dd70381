//! One image as a picture of its own.

use image::{ExtendedColorType, GrayImage, Rgb, RgbImage};

use super::grid::{GridError, MAX_PIXELS, encode};
use crate::data::images::ReducedImage;
use crate::data::{PIXELS, SIDE};

/// The longer side of an image that is enlarged, at most, in pixels.
const ENLARGED: usize = 280;

/// Which way round one image is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ink {
    /// As on paper and in the sheets.
    #[default]
    DarkOnLight,
    /// As in MNIST's files.
    LightOnDark,
}

/// One image of 28×28 grey values (0 background, 255 ink), each pixel a square of `scale` pixels.
///
/// # Errors
/// When there are not 784 values, or the picture would have no pixels or too many.
pub fn digit_image(pixels: &[u8], scale: u32, ink: Ink) -> Result<GrayImage, GridError> {
    if pixels.len() != PIXELS {
        return Err(GridError::Pixels { found: pixels.len() });
    }
    let side = u64::from(scale) * SIDE as u64;
    if side == 0 || side.saturating_mul(side) > MAX_PIXELS {
        return Err(GridError::Size { width: side, height: side });
    }
    Ok(GrayImage::from_fn(side as u32, side as u32, |x, y| {
        let value = pixels[(y / scale) as usize * SIDE + (x / scale) as usize];
        image::Luma([match ink {
            Ink::DarkOnLight => 255 - value,
            Ink::LightOnDark => value,
        }])
    }))
}

/// As [`digit_image`], as a PNG file in memory.
///
/// # Errors
/// Those of [`digit_image`].
pub fn digit_png(pixels: &[u8], scale: u32, ink: Ink) -> Result<Vec<u8>, GridError> {
    let image = digit_image(pixels, scale, ink)?;
    encode(image.as_raw(), image.width(), image.height(), ExtendedColorType::L8)
}

/// An image as it is, each pixel a square as large as lets no side be longer than 280 pixels; at least one pixel. Grey
/// is dark on light.
#[must_use]
pub fn enlarged(image: &ReducedImage) -> RgbImage {
    let shape = image.shape();
    let scale = (ENLARGED / shape.height().max(shape.width())).max(1);
    let pixels: Vec<&[u8]> = image.values().chunks_exact(shape.channels()).collect();
    RgbImage::from_fn((shape.width() * scale) as u32, (shape.height() * scale) as u32, |x, y| {
        match pixels[y as usize / scale * shape.width() + x as usize / scale] {
            [red, green, blue] => Rgb([*red, *green, *blue]),
            grey => Rgb([255 - grey[0]; 3]),
        }
    })
}

/// A picture as a PNG file in memory.
///
/// # Errors
/// When it cannot be encoded.
pub fn picture_png(picture: &RgbImage) -> Result<Vec<u8>, GridError> {
    encode(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::Rgb8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_digit_is_enlarged_either_way_round() {
        let mut pixels = vec![0; PIXELS];
        pixels[SIDE + 2] = 200;
        let dark = digit_image(&pixels, 5, Ink::DarkOnLight).unwrap();
        assert_eq!((dark.width(), dark.height()), (140, 140));
        assert_eq!((dark.get_pixel(14, 9)[0], dark.get_pixel(15, 9)[0]), (55, 255));
        let png = digit_png(&pixels, 1, Ink::LightOnDark).unwrap();
        assert_eq!(image::load_from_memory(&png).unwrap().into_luma8().into_raw(), pixels);
        assert!(digit_png(&pixels[1..], 1, Ink::DarkOnLight).is_err());
        assert!(digit_png(&pixels, 0, Ink::DarkOnLight).is_err());
        assert!(digit_png(&pixels, u32::MAX, Ink::DarkOnLight).is_err());
    }
}
