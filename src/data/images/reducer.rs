//! Images of a set made small enough to be shown among many.

use super::grey::Resize;
use super::set::ImageSet;
use super::shape::ImageShape;
use super::store::ReadError;

/// An image as it is, or made smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReducedImage {
    shape: ImageShape,
    /// The shape before it was made smaller.
    whole: ImageShape,
    values: Vec<u8>,
}

impl ReducedImage {
    /// An image of these values: rows of pixels, the channels of a pixel together; `None` when they are not as many as the
    /// shape says.
    #[must_use]
    pub fn new(shape: ImageShape, values: Vec<u8>) -> Option<Self> {
        (values.len() == shape.bytes()).then_some(Self { shape, whole: shape, values })
    }

    /// Its shape.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// The shape of the image before it was made smaller.
    #[must_use]
    pub fn whole(&self) -> ImageShape {
        self.whole
    }

    /// Whether it is ink, as [`ImageShape::is_ink`] says of the whole image.
    #[must_use]
    pub fn is_ink(&self) -> bool {
        self.whole.is_ink()
    }

    /// Its values: rows of pixels, the channels of a pixel together.
    #[must_use]
    pub fn values(&self) -> &[u8] {
        &self.values
    }
}

/// Reads images of a set with no side longer than a limit: made smaller by area where one is, never larger.
#[derive(Debug)]
pub struct Reducer {
    set: ImageSet,
    shape: ImageShape,
    image: Vec<u8>,
    resize: Option<Resize>,
}

impl Reducer {
    /// For images of this set, of at most `longest` pixels a side; at least one.
    #[must_use]
    pub fn new(set: &ImageSet, longest: usize) -> Self {
        let whole = set.shape();
        let shape = whole.within(longest);
        let size = |shape: ImageShape| (shape.height(), shape.width());
        let resize = (shape != whole).then(|| Resize::new(size(whole), whole.channels(), size(shape)));
        Self { set: set.clone(), shape, image: vec![0; whole.bytes()], resize }
    }

    /// An image.
    ///
    /// # Errors
    /// As [`ImageSet::read`].
    pub fn make(&mut self, number: usize) -> Result<ReducedImage, ReadError> {
        self.set.read(number, &mut self.image)?;
        let values = match &mut self.resize {
            Some(resize) => {
                let mut out = vec![0; self.shape.bytes()];
                resize.make(&self.image, &mut out);
                out
            }
            None => self.image.clone(),
        };
        Ok(ReducedImage { shape: self.shape, whole: self.set.shape(), values })
    }
}
