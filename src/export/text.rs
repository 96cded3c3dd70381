//! Lines of text on exported pictures, with the two fonts the window uses, and those of the machine for what they lack.

use ab_glyph::{Font, FontArc, FontRef, Glyph, GlyphId, InvalidFont, PxScale, Rect, point};
use image::{Rgb, RgbImage};

use super::system_fonts::font_with;

/// Which font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// Ubuntu Light: headings and sentences.
    Sans,
    /// Hack: numbers, all digits of one width.
    Mono,
}

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TextStyle {
    /// Its font.
    pub(super) face: Face,
    /// Size of the em square in pixels.
    pub(super) size: f32,
    /// Colour of the ink.
    pub(super) colour: Rgb<u8>,
}

/// Drawn for a character that no font has.
const UNKNOWN: char = '□';

/// Both fonts, ready to draw.
pub(super) struct Fonts {
    sans: FontArc,
    mono: FontArc,
}

impl Fonts {
    /// The fonts embedded in the program.
    pub(super) fn new() -> Result<Self, InvalidFont> {
        Ok(Self {
            sans: FontArc::new(FontRef::try_from_slice(epaint_default_fonts::UBUNTU_LIGHT)?),
            mono: FontArc::new(FontRef::try_from_slice(epaint_default_fonts::HACK_REGULAR)?),
        })
    }

    /// The font that has this character, the one of `face` if it can: Ubuntu has no arrows, Hack has.
    fn find(&self, character: char, face: Face) -> (FontArc, GlyphId) {
        let (first, second) = match face {
            Face::Sans => (&self.sans, &self.mono),
            Face::Mono => (&self.mono, &self.sans),
        };
        let embedded = |wanted: char| {
            let mut fonts = [first, second].into_iter().map(|font| (font, font.glyph_id(wanted)));
            fonts.find(|(_, glyph)| glyph.0 != 0).map(|(font, glyph)| (font.clone(), glyph))
        };
        let system = || {
            let font = font_with(character)?;
            let glyph = font.glyph_id(character);
            Some((font, glyph))
        };
        embedded(character)
            .or_else(system)
            .or_else(|| embedded(UNKNOWN))
            .unwrap_or_else(|| (first.clone(), GlyphId(0)))
    }

    /// The glyphs of one line that starts at the origin, and where it ends.
    fn lay_out(&self, text: &str, style: TextStyle) -> (Vec<(FontArc, Glyph)>, f32) {
        let mut glyphs: Vec<(FontArc, Glyph)> = Vec::new();
        let mut x = 0.0;
        for character in text.chars() {
            // Line breaks and the like in a file name have no glyph.
            let character = if character.is_control() { ' ' } else { character };
            let (font, id) = self.find(character, style.face);
            let em = style.size / font.units_per_em().unwrap_or(1000.0);
            if let Some((before, left)) = glyphs.last()
                && same(before, &font)
            {
                x += font.kern_unscaled(left.id, id) * em;
            }
            let scale = PxScale::from(em * font.height_unscaled());
            let advance = font.h_advance_unscaled(id) * em;
            glyphs.push((font, id.with_scale_and_position(scale, point(x, 0.0))));
            x += advance;
        }
        (glyphs, x)
    }

    /// Width of a line in pixels.
    pub(super) fn width(&self, text: &str, style: TextStyle) -> f32 {
        self.lay_out(text, style).1
    }

    /// A line that is no wider than `width` pixels: its end gives way to an ellipsis where it has to.
    pub(super) fn shortened(&self, text: &str, style: TextStyle, width: f32) -> String {
        if self.width(text, style) <= width {
            return text.to_owned();
        }
        let mut kept: Vec<char> = text.chars().collect();
        while kept.pop().is_some() {
            let shorter: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
            if self.width(&shorter, style) <= width {
                return shorter;
            }
        }
        String::new()
    }

    /// Draws a line whose baseline starts at (`x`, `baseline`), in pixels, and returns where it ends. What lies outside
    /// the picture is left out.
    pub(super) fn draw(
        &self,
        image: &mut RgbImage,
        text: &str,
        x: f32,
        baseline: f32,
        style: TextStyle,
    ) -> f32 {
        let (glyphs, width) = self.lay_out(text, style);
        for (font, mut glyph) in glyphs {
            glyph.position += point(x, baseline.round());
            if let Some(outline) = font.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                outline
                    .draw(|column, row, coverage| stain(image, bounds, column, row, coverage, style.colour));
            }
        }
        x + width
    }

    /// Breaks a text into lines of at most `width` pixels, between words where it can; a no-break space holds words
    /// together.
    pub(super) fn wrap(&self, text: &str, style: TextStyle, width: f32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in text.split_ascii_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&longer, style) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            // A word too long for a line of its own, such as a path, is broken anywhere.
            for character in word.chars() {
                line.push(character);
                if self.width(&line, style) > width && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, character.to_string()));
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }
}

/// Whether two are the same font: fonts of the machine differ from these two, and are kerned with none.
fn same(one: &FontArc, other: &FontArc) -> bool {
    one.font_data().as_ptr() == other.font_data().as_ptr()
}

/// Blends one pixel of a glyph into the picture.
fn stain(image: &mut RgbImage, bounds: Rect, column: u32, row: u32, coverage: f32, colour: Rgb<u8>) {
    let x = bounds.min.x as i64 + i64::from(column);
    let y = bounds.min.y as i64 + i64::from(row);
    let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
    if let Some(pixel) = image.get_pixel_mut_checked(x, y) {
        *pixel = mix(*pixel, colour, coverage);
    }
}

/// From one colour (0) to another (1).
pub(super) fn mix(from: Rgb<u8>, to: Rgb<u8>, share: f32) -> Rgb<u8> {
    let share = share.clamp(0.0, 1.0);
    let channel =
        |i: usize| (f32::from(from.0[i]) + (f32::from(to.0[i]) - f32::from(from.0[i])) * share).round() as u8;
    Rgb([channel(0), channel(1), channel(2)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: TextStyle = TextStyle { face: Face::Sans, size: 14.0, colour: Rgb([0, 0, 0]) };

    fn fonts() -> Fonts {
        Fonts::new().unwrap()
    }

    fn ink(text: &str) -> u32 {
        let mut image = RgbImage::from_pixel(200, 30, Rgb([255; 3]));
        fonts().draw(&mut image, text, 5.0, 20.0, STYLE);
        image.pixels().map(|pixel| 255 - u32::from(pixel.0[0])).sum()
    }

    #[test]
    fn every_character_draws_something() {
        for text in ["4", "→", "−", "·", "日", "\u{10FFFF}"] {
            assert!(ink(text) > 100, "{text}");
        }
        assert_eq!(ink(" \n\t"), 0);
    }

    #[test]
    fn a_character_that_the_embedded_fonts_lack_is_drawn_with_one_of_the_machine_if_that_has_it() {
        let unknown = written("□", [60, 30], [20.0, 20.0], STYLE);
        for character in ['日', 'ん', 'ガ', '한', 'ა', 'ⵣ', '𝔘'] {
            let drawn = written(&character.to_string(), [60, 30], [20.0, 20.0], STYLE);
            assert_eq!(drawn != unknown, font_with(character).is_some(), "{character}");
        }
    }

    /// Black text on white paper, its baseline starting at a place.
    fn written(text: &str, [width, height]: [u32; 2], [x, baseline]: [f32; 2], style: TextStyle) -> RgbImage {
        let mut image = RgbImage::from_pixel(width, height, Rgb([255; 3]));
        let end = fonts().draw(&mut image, text, x, baseline, style);
        assert!((end - x - fonts().width(text, style)).abs() < 1e-3, "the line ends where its width says");
        image
    }

    /// The leftmost and the rightmost column with ink.
    fn inked(image: &RgbImage) -> Option<[u32; 2]> {
        let columns = image.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[0] < 250).map(|(x, ..)| x);
        columns.fold(None, |ends, x| match ends {
            None => Some([x, x]),
            Some([left, right]) => Some([x.min(left), x.max(right)]),
        })
    }

    #[test]
    fn the_ink_of_a_line_fills_its_width() {
        let mono = TextStyle { face: Face::Mono, ..STYLE };
        for (text, style) in [("Hamburg", STYLE), ("illi", STYLE), ("0.4711", mono), ("H→M", STYLE)] {
            let width = fonts().width(text, style);
            let [left, right] = inked(&written(text, [200, 30], [20.0, 20.0], style)).unwrap();
            // The letters' own space at both ends is less than three pixels at this size.
            assert!((18..=22).contains(&left), "{text}: ink from {left}");
            assert!(
                (f64::from(right) + 1.0 - 20.0 - f64::from(width)).abs() < 3.0,
                "{text}: {right} of {width}"
            );
            let double = TextStyle { size: 2.0 * style.size, ..style };
            assert!((fonts().width(text, double) - 2.0 * width).abs() < 1e-3, "{text}");
        }
        let widths = ["1", "8", "0"].map(|digit| fonts().width(digit, mono));
        assert!(widths[0] > 0.0 && widths.iter().all(|width| width.to_bits() == widths[0].to_bits()));
        assert!(fonts().width("", STYLE).abs() < f32::EPSILON);
    }

    #[test]
    fn a_picture_too_small_for_a_text_shows_its_part_of_it() {
        let whole = written("Wavering text", [160, 40], [40.0, 24.0], STYLE);
        // Over the left, the right, the upper and the lower edge, and beside the picture.
        for [left, top] in [[50, 10], [30, 10], [50, 18], [50, 5], [0, 0], [140, 30]] {
            let part = written("Wavering text", [20, 10], [40.0 - left as f32, 24.0 - top as f32], STYLE);
            for (x, y, pixel) in part.enumerate_pixels() {
                let want = whole.get_pixel(x + left, y + top);
                assert!(
                    pixel.0[0].abs_diff(want.0[0]) <= 1,
                    "{x} {y} from {left} {top}: {pixel:?}, not {want:?}"
                );
            }
        }
        assert!(inked(&written("Wavering text", [20, 10], [-10.0, 8.0], STYLE)).is_some());
        for at in [[-500.0, 8.0], [500.0, 8.0], [0.0, -50.0], [0.0, 90.0]] {
            assert_eq!(inked(&written("Wavering text", [20, 10], at, STYLE)), None);
        }
    }

    #[test]
    fn what_one_font_lacks_comes_from_the_other_and_what_both_lack_is_a_box() {
        let mono = TextStyle { face: Face::Mono, ..STYLE };
        let drawn = |text: &str, style| written(text, [60, 30], [10.0, 20.0], style);
        assert_ne!(drawn("a", STYLE), drawn("a", mono), "the fonts differ");
        assert_eq!(drawn("→", STYLE), drawn("→", mono), "only one of them has the arrow");
        for missing in ["日", "\u{10FFFF}"] {
            assert_eq!(drawn(missing, STYLE), drawn("□", STYLE));
            // What follows starts behind the box.
            assert_eq!(drawn(&format!("{missing}4"), STYLE), drawn("□4", STYLE));
        }
        assert_ne!(drawn("→", STYLE), drawn("□", STYLE));
    }

    #[test]
    fn lines_are_wrapped_between_words_and_long_words_anywhere() {
        let fonts = fonts();
        let text = format!("one two three {} four", "x".repeat(100));
        let lines = fonts.wrap(&text, STYLE, 120.0);
        assert_eq!(lines[0], "one two three");
        assert!(lines.iter().all(|line| fonts.width(line, STYLE) <= 120.0), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert!(fonts.wrap("  ", STYLE, 120.0).is_empty());
    }
}
