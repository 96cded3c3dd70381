//! Images of a set in whatever shape a network takes them.

use super::set::ImageSet;
use super::shape::ImageShape;
use super::store::ReadError;
use crate::data::filed::{Filed, ImageReader};

/// The images of a set, or those of these numbers in this order: read, and brought to a shape, when they are looked at.
#[must_use]
pub fn whole(set: &ImageSet, numbers: Option<&[u32]>) -> Filed {
    let images = numbers.map_or(set.len(), <[u32]>::len);
    Filed::new(Box::new(Whole { set: set.clone(), numbers: numbers.map(<[u32]>::to_vec) }), images)
}

#[derive(Debug)]
struct Whole {
    set: ImageSet,
    /// In this order; in that of the set when `None`.
    numbers: Option<Vec<u32>>,
}

impl ImageReader for Whole {
    fn read(&self, first: usize, shape: ImageShape, out: &mut [u8]) -> Result<(), String> {
        let said = |error: ReadError| error.to_string();
        let Some(numbers) = &self.numbers else {
            return self.set.read_as(shape, first, out).map_err(said);
        };
        for (image, out) in (first..).zip(out.chunks_exact_mut(shape.bytes())) {
            let number = numbers.get(image).map_or(usize::MAX, |number| *number as usize);
            self.set.read_as(shape, number, out).map_err(said)?;
        }
        Ok(())
    }
}
