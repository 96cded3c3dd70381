//! Images that stay in their file and are read when somebody looks at them: a million images cost no memory, and a network
//! takes them in the shape that it was made for.
//!
//! Reading can fail long after a set was opened, in the middle of work that has no place for an error. What could not be
//! read is blank then, and remembered: whoever has computed something asks [`Filed::failure`] before it is believed.

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use super::images::shape::ImageShape;

/// What can read images in any shape.
pub trait ImageReader: Debug + Send + Sync {
    /// Reads images from `first` on, brought to a shape, as many as `out` has room for, one after the other: rows of pixels,
    /// the channels of a pixel together.
    ///
    /// # Errors
    /// When they cannot be read: what is wrong and what to do, in a sentence.
    fn read(&self, first: usize, shape: ImageShape, out: &mut [u8]) -> Result<(), String>;
}

/// Images in a file.
#[derive(Debug)]
pub struct Filed {
    reader: Box<dyn ImageReader>,
    images: usize,
    failure: OnceLock<String>,
}

impl Filed {
    /// The first `images` images of a reader.
    #[must_use]
    pub fn new(reader: Box<dyn ImageReader>, images: usize) -> Self {
        Self { reader, images, failure: OnceLock::new() }
    }

    /// Number of images.
    #[must_use]
    pub fn images(&self) -> usize {
        self.images
    }

    /// Some of the images, by their places among these.
    #[must_use]
    pub fn some(self: &Arc<Self>, places: impl IntoIterator<Item = u32>) -> Self {
        let places: Vec<u32> = places.into_iter().collect();
        let images = places.len();
        Self::new(Box::new(SomeOf { of: Arc::clone(self), places }), images)
    }

    /// Reads images from `first` on as 28×28 grey values, as many as `out` has room for. They are blank where that fails.
    pub fn read(&self, first: usize, out: &mut [u8]) {
        self.read_as(ImageShape::MNIST, first, out);
    }

    /// The same in another shape.
    pub fn read_as(&self, shape: ImageShape, first: usize, out: &mut [u8]) {
        if let Err(error) = self.reader.read(first, shape, out) {
            out.fill(0);
            self.failure.get_or_init(|| {
                log::warn!("images {first} and following: {error}");
                error
            });
        }
    }

    /// Why some image could not be read; `None` while all could.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }
}

/// Some of other images.
#[derive(Debug)]
struct SomeOf {
    of: Arc<Filed>,
    places: Vec<u32>,
}

impl ImageReader for SomeOf {
    fn read(&self, first: usize, shape: ImageShape, out: &mut [u8]) -> Result<(), String> {
        for (image, out) in (first..).zip(out.chunks_exact_mut(shape.bytes())) {
            let place = self.places.get(image).map_or(usize::MAX, |place| *place as usize);
            self.of.reader.read(place, shape, out)?;
        }
        Ok(())
    }
}
