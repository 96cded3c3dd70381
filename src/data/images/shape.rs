//! The shape of an image: height, width, grey or colour.

use std::fmt;

/// The most pixels along a side.
pub const LONGEST_SIDE: usize = 256;

/// The longest side of a grey image that a person can draw something like.
const LONGEST_DRAWN: usize = 64;

/// Height and width in pixels, and values a pixel: 1 (grey) or 3 (red, green, blue).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageShape {
    height: u16,
    width: u16,
    channels: u8,
}

impl ImageShape {
    /// MNIST's: 28×28, grey.
    pub const MNIST: Self = Self { height: 28, width: 28, channels: 1 };

    /// A shape of sides from 1 to [`LONGEST_SIDE`], and 1 or 3 channels.
    ///
    /// # Errors
    /// When it is of another size, or has another number of channels.
    pub fn new(height: usize, width: usize, channels: usize) -> Result<Self, ShapeError> {
        let good = 1..=LONGEST_SIDE;
        if !good.contains(&height) || !good.contains(&width) {
            return Err(ShapeError::Sides { height, width });
        }
        if channels != 1 && channels != 3 {
            return Err(ShapeError::Channels { channels });
        }
        Ok(Self { height: height as u16, width: width as u16, channels: channels as u8 })
    }

    /// Rows.
    #[must_use]
    pub fn height(self) -> usize {
        usize::from(self.height)
    }

    /// Columns.
    #[must_use]
    pub fn width(self) -> usize {
        usize::from(self.width)
    }

    /// Values a pixel: 1 or 3.
    #[must_use]
    pub fn channels(self) -> usize {
        usize::from(self.channels)
    }

    /// Whether it has three channels.
    #[must_use]
    pub fn is_colour(self) -> bool {
        self.channels == 3
    }

    /// Whether such images are taken for ink, which is drawn in any colour on any paper: a pen can make something like
    /// them. Larger grey images are photographs, and dark where they are dark.
    #[must_use]
    pub fn is_ink(self) -> bool {
        !self.is_colour() && self.height().max(self.width()) <= LONGEST_DRAWN
    }

    /// Pixels of an image.
    #[must_use]
    pub fn pixels(self) -> usize {
        self.height() * self.width()
    }

    /// Bytes of an image: one for each channel of each pixel.
    #[must_use]
    pub fn bytes(self) -> usize {
        self.pixels() * self.channels()
    }

    /// This shape with height and width exchanged.
    #[must_use]
    pub fn turned(self) -> Self {
        Self { height: self.width, width: self.height, ..self }
    }

    /// The shape of the same proportions whose longer side is at most so many pixels; this one where it is no longer.
    #[must_use]
    pub fn within(self, longest: usize) -> Self {
        let most = self.height().max(self.width());
        let longest = longest.max(1);
        if most <= longest {
            return self;
        }
        let side = |side: u16| ((usize::from(side) * longest + most / 2) / most).max(1) as u16;
        Self { height: side(self.height), width: side(self.width), ..self }
    }

    /// What [`super::grey::Brought`] does to such images for a network that takes others, in words; `None` where it changes
    /// nothing.
    #[must_use]
    pub fn brought_to(self, taken: Self) -> Option<String> {
        let coloured = match (self.is_colour(), taken.is_colour()) {
            (true, false) => Some("made grey".to_owned()),
            (false, true) => Some("made three equal colours".to_owned()),
            _ => None,
        };
        let resized = (self.height, self.width) != (taken.height, taken.width);
        let resized = resized.then(|| format!("resized to {}×{} by area", taken.height, taken.width));
        let done: Vec<String> = coloured.into_iter().chain(resized).collect();
        (!done.is_empty()).then(|| format!("{self}, {}", done.join(" and ")))
    }
}

impl fmt::Display for ImageShape {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let kind = if self.is_colour() { "colour" } else { "grey" };
        write!(formatter, "{}×{} {kind}", self.height, self.width)
    }
}

/// Why images of a shape cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Too large, or nothing.
    #[error("images of {height}×{width} pixels; sides from 1 to {LONGEST_SIDE} can be opened")]
    Sides {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// Neither grey nor colour.
    #[error("{channels} channels; grey images (1) and colour images (3) can be opened")]
    Channels {
        /// Values a pixel.
        channels: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_shape_keeps_its_proportions_and_at_least_a_pixel() {
        let within = |height, width, longest| {
            let shape = ImageShape::new(height, width, 3).unwrap().within(longest);
            (shape.height(), shape.width(), shape.channels())
        };
        assert_eq!(within(256, 128, 64), (64, 32, 3));
        assert_eq!(within(100, 150, 64), (43, 64, 3));
        assert_eq!(within(1, 200, 64), (1, 64, 3));
        assert_eq!(within(64, 28, 64), (64, 28, 3));
    }

    #[test]
    fn a_shape_says_what_it_is_and_what_is_made_of_it() {
        let colour = ImageShape::new(32, 30, 3).unwrap();
        assert_eq!(
            (colour.to_string().as_str(), colour.bytes(), colour.pixels()),
            ("32×30 colour", 2880, 960)
        );
        assert_eq!(
            colour.brought_to(ImageShape::MNIST).as_deref(),
            Some("32×30 colour, made grey and resized to 28×28 by area")
        );
        assert_eq!(
            (colour.brought_to(colour), ImageShape::MNIST.brought_to(ImageShape::MNIST)),
            (None, None)
        );
        assert_eq!(
            ImageShape::MNIST.brought_to(colour).as_deref(),
            Some("28×28 grey, made three equal colours and resized to 32×30 by area")
        );
        assert_eq!(
            ImageShape::new(28, 28, 3).unwrap().brought_to(ImageShape::MNIST).as_deref(),
            Some("28×28 colour, made grey")
        );
        assert_eq!(colour.turned(), ImageShape::new(30, 32, 3).unwrap());
    }

    #[test]
    fn sides_and_channels_out_of_range_are_refused() {
        for (height, width) in [(0, 1), (1, 0), (257, 1), (1, usize::MAX)] {
            assert_eq!(ImageShape::new(height, width, 1), Err(ShapeError::Sides { height, width }));
        }
        for channels in [0, 2, 4] {
            assert_eq!(ImageShape::new(2, 2, channels), Err(ShapeError::Channels { channels }));
        }
        assert!(ImageShape::new(256, 1, 3).is_ok());
    }
}
