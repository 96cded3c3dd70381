//! What every exported picture is made of: white paper, its inks, framed tiles.

use image::{Rgb, RgbImage};

use crate::data::{PIXELS, SIDE};

/// The paper.
pub(super) const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
/// Text and the ink of a digit.
pub(super) const INK: Rgb<u8> = Rgb([22, 24, 29]);
/// Text of less weight.
pub(super) const QUIET: Rgb<u8> = Rgb([98, 104, 115]);
/// Frames, grid lines and rules.
pub(super) const HAIRLINE: Rgb<u8> = Rgb([214, 218, 224]);
/// Less doubt and more doubt: blue and orange, told apart by people of every colour vision.
pub(super) const POLES: [Rgb<u8>; 2] = [Rgb([0, 98, 160]), Rgb([190, 104, 0])];
/// Share of ink that shows under the colours of a map.
pub(super) const UNDERLAY: f32 = 0.4;

/// A picture in the middle of a square of `side` pixels, which it may fill, in a hairline frame outside it.
pub(super) fn framed(page: &mut RgbImage, picture: &RgbImage, [left, top]: [u32; 2], side: u32, line: u32) {
    let size = [picture.width(), picture.height()];
    let [x, y] = [left + side.saturating_sub(size[0]) / 2, top + side.saturating_sub(size[1]) / 2];
    frame(page, [x, y], size, line);
    image::imageops::replace(page, picture, x.into(), y.into());
}

/// A frame of lines so wide around a rectangle: outside it, so that nothing of it is hidden. What lies outside the page
/// is left out.
pub(super) fn frame(page: &mut RgbImage, [left, top]: [u32; 2], [width, height]: [u32; 2], line: u32) {
    let (right, bottom) = (left + width, top + height);
    for y in top.saturating_sub(line)..bottom + line {
        for x in left.saturating_sub(line)..right + line {
            let is_outside = !(left..right).contains(&x) || !(top..bottom).contains(&y);
            if let Some(pixel) = page.get_pixel_mut_checked(x, y).filter(|_| is_outside) {
                *pixel = HAIRLINE;
            }
        }
    }
}

/// A square of 28×28 colours, each a square of `zoom` pixels, in a hairline frame outside it. What lies outside the
/// page is left out.
pub(super) fn tile(page: &mut RgbImage, left: u32, top: u32, zoom: u32, colour: impl Fn(usize) -> Rgb<u8>) {
    frame(page, [left, top], [zoom * SIDE as u32; 2], 1);
    let mut put = |x: u32, y: u32, colour| {
        if let Some(pixel) = page.get_pixel_mut_checked(x, y) {
            *pixel = colour;
        }
    };
    for at in 0..PIXELS {
        let colour = colour(at);
        let (x, y) = (left + (at % SIDE) as u32 * zoom, top + (at / SIDE) as u32 * zoom);
        for row in y..y + zoom {
            for column in x..x + zoom {
                put(column, row, colour);
            }
        }
    }
}
