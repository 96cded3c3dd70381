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

/// A square of 28×28 colours, each a square of `zoom` pixels, in a hairline frame outside it. What lies outside the
/// page is left out.
pub(super) fn tile(page: &mut RgbImage, left: u32, top: u32, zoom: u32, colour: impl Fn(usize) -> Rgb<u8>) {
    let side = zoom * SIDE as u32;
    let mut put = |x: u32, y: u32, colour| {
        if let Some(pixel) = page.get_pixel_mut_checked(x, y) {
            *pixel = colour;
        }
    };
    for at in 0..side + 2 {
        for (x, y) in [(at, 0), (at, side + 1), (0, at), (side + 1, at)] {
            put((left + x).wrapping_sub(1), (top + y).wrapping_sub(1), HAIRLINE);
        }
    }
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
