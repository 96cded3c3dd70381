//! One image to ask a network about: as 28×28 grey values, which is how it is drawn and edited, and as the network takes
//! it, where that is another shape.

use std::ops::Range;

use super::error::SamplingError;
use super::network::Network;
use crate::data::images::ImageShape;
use crate::data::{Digits, Filed, PIXELS, Pixels, SIDE};

/// One image, to be asked about.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    grey: &'a [f32; PIXELS],
    /// As the network takes it; the grey values where `None`.
    taken: Option<(&'a [f32], ImageShape)>,
}

impl<'a> From<&'a [f32; PIXELS]> for Seen<'a> {
    fn from(grey: &'a [f32; PIXELS]) -> Self {
        Self { grey, taken: None }
    }
}

impl<'a> Seen<'a> {
    /// Its grey values, 0…1, `[28, 28]`.
    #[must_use]
    pub fn grey(&self) -> &'a [f32; PIXELS] {
        self.grey
    }

    /// The numbers that the network takes, 0…1: `[height, width, channels]`.
    #[must_use]
    pub fn numbers(&self) -> &'a [f32] {
        self.taken.map_or(&self.grey[..], |(numbers, _)| numbers)
    }

    /// The shape of these numbers.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.taken.map_or(ImageShape::MNIST, |(_, shape)| shape)
    }

    /// The same numbers, to be sampled.
    #[must_use]
    pub fn pixels(&self) -> Pixels<'a> {
        Pixels::taken(self.numbers(), self.shape())
    }

    /// A changed image: its grey values are given, and what the network takes beside them is changed by `change`.
    #[must_use]
    pub fn changed(&self, grey: &[f32; PIXELS], change: impl FnOnce(&mut [f32], ImageShape)) -> TakenImage {
        let taken = self.taken.map(|(numbers, shape)| {
            let mut numbers = numbers.to_vec();
            change(&mut numbers, shape);
            (numbers, shape)
        });
        TakenImage { grey: *grey, taken }
    }

    /// Changes an edited copy of the numbers where a rectangle of the 28×28 places lies: at least one pixel.
    pub fn edit(&self, numbers: &mut [f32], [columns, rows]: [Range<usize>; 2], change: impl Fn(&mut f32)) {
        let shape = self.shape();
        let across = |places: Range<usize>, pixels: usize| {
            let start = (places.start * pixels / SIDE).min(pixels - 1);
            start..(places.end * pixels / SIDE).clamp(start + 1, pixels)
        };
        let (columns, rows) = (across(columns, shape.width()), across(rows, shape.height()));
        let channels = shape.channels();
        for row in rows {
            let row = &mut numbers[row * shape.width() * channels..][..shape.width() * channels];
            row[columns.start * channels..columns.end * channels].iter_mut().for_each(&change);
        }
    }
}

/// One image and what a network takes of it.
#[derive(Clone, Debug)]
pub struct TakenImage {
    grey: [f32; PIXELS],
    taken: Option<(Vec<f32>, ImageShape)>,
}

impl TakenImage {
    /// An image of these grey values as a network takes it: read as it is, where it is more than these values and the network
    /// takes more.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn new(
        network: &Network,
        grey: &[f32; PIXELS],
        whole: Option<(&Filed, u32)>,
    ) -> Result<Self, SamplingError> {
        let shape = network.image();
        if shape == ImageShape::MNIST {
            return Ok(Self { grey: *grey, taken: None });
        }
        let mut numbers = Vec::new();
        match whole {
            Some((whole, index)) => {
                Pixels::Filed(whole, whole.images()).read_as(shape, index as usize, 1, &mut numbers);
                if let Some(failure) = whole.failure() {
                    return Err(SamplingError::Unread(failure.to_owned()));
                }
            }
            None => Pixels::Numbers(grey).read_as(shape, 0, 1, &mut numbers),
        }
        Ok(Self { grey: *grey, taken: Some((numbers, shape)) })
    }

    /// An image of a set.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of_set(network: &Network, digits: &Digits, index: u32) -> Result<Self, SamplingError> {
        let bytes = digits.image(index as usize);
        let grey = std::array::from_fn(|pixel| f32::from(bytes[pixel]) / 255.0);
        Self::new(network, &grey, digits.whole().map(|whole| (&**whole, index)))
    }

    /// To be asked about.
    #[must_use]
    pub fn seen(&self) -> Seen<'_> {
        Seen { grey: &self.grey, taken: self.taken.as_ref().map(|(numbers, shape)| (&numbers[..], *shape)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_of_some_places_changes_the_pixels_that_lie_there() {
        let grey = [0.0; PIXELS];
        let own = Seen::from(&grey);
        let mut numbers = grey.to_vec();
        own.edit(&mut numbers, [3..5, 27..28], |value| *value = 1.0);
        let changed = |numbers: &[f32]| -> Vec<usize> {
            numbers.iter().enumerate().filter(|(_, value)| **value > 0.0).map(|(at, _)| at).collect()
        };
        assert_eq!(changed(&numbers), [27 * 28 + 3, 27 * 28 + 4]);
        // Twice as high, half as wide, in colour: two rows for each, and a column for each two.
        let shape = ImageShape::new(56, 14, 3).unwrap();
        let taken = vec![0.0; shape.bytes()];
        let wide = Seen { grey: &grey, taken: Some((&taken, shape)) };
        let mut numbers = taken.clone();
        wide.edit(&mut numbers, [4..5, 0..1], |value| *value += 0.5);
        assert_eq!(changed(&numbers), [6, 7, 8, 42 + 6, 42 + 7, 42 + 8]);
        // One of the last column too.
        let mut numbers = taken.clone();
        wide.edit(&mut numbers, [27..28, 27..28], |value| *value = 1.0);
        assert_eq!(changed(&numbers).len(), 6);
    }
}
