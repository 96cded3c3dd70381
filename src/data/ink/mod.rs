//! Ink: pen strokes or any picture → 28×28, fitted and centred as MNIST was.
//!
//! MNIST's bilevel scans were scaled into a box of 20×20 keeping their aspect (the grey levels come from that
//! anti-aliasing), then moved by whole pixels until the centre of mass lay at the centre of a 28×28 field (`LeCun`,
//! Cortes & Burges). Counting pixel centres as 0…27, the mean centre of mass of its 60,000 training images is
//! (14.007, 13.996) with a standard deviation of 0.29, that of a uniform rounding error of ±0.5: the point aimed at
//! is the centre of pixel (14, 14). [`fit()`] does the same to a [`Plane`] of ink coverage; strokes and pictures meet
//! there.

mod background;
mod error;
mod file;
mod fit;
mod parts;
mod picture;
mod sheet;
mod strokes;

pub use background::Polarity;
pub use error::InkError;
pub use file::{MAX_PICTURE_PIXELS, decode_picture, is_picture_name, open_picture, pictures_in};
pub use fit::{BOX_SIDE, CENTRE, PixelBox, Plane, centre_of_mass, fit};
pub use picture::{Found, PictureOptions, PictureSteps, from_file, from_picture, read_picture};
pub use sheet::Sheet;
pub use strokes::{PenPoint, Stroke, Trace, from_strokes, from_traces};
