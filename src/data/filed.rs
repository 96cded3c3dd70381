//! Grey values that stay in their file and are read when somebody looks at them: a million images cost no memory.
//!
//! Reading can fail long after a set was opened, in the middle of work that has no place for an error. What could not be
//! read is blank then, and remembered: whoever has computed something asks [`Filed::failure`] before it is believed.

use std::fmt::Debug;
use std::sync::OnceLock;

/// What can read images as 28×28 grey values.
pub trait GreyReader: Debug + Send + Sync {
    /// Reads images from `first` on, as many as `out` has room for, one after the other, `[images, 28, 28]`.
    ///
    /// # Errors
    /// When they cannot be read: what is wrong and what to do, in a sentence.
    fn read(&self, first: usize, out: &mut [u8]) -> Result<(), String>;
}

/// Images in a file.
#[derive(Debug)]
pub struct Filed {
    reader: Box<dyn GreyReader>,
    images: usize,
    failure: OnceLock<String>,
}

impl Filed {
    /// The first `images` images of a reader.
    #[must_use]
    pub fn new(reader: Box<dyn GreyReader>, images: usize) -> Self {
        Self { reader, images, failure: OnceLock::new() }
    }

    /// Number of images.
    #[must_use]
    pub fn images(&self) -> usize {
        self.images
    }

    /// Reads images from `first` on, as many as `out` has room for. They are blank where that fails.
    pub fn read(&self, first: usize, out: &mut [u8]) {
        if let Err(error) = self.reader.read(first, out) {
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
