//! Why a picture gave no digit, in words that say what to do.

/// Why a picture gave no digit.
#[derive(Debug, thiserror::Error)]
pub enum InkError {
    /// The file system said no.
    #[error("{name} cannot be read: {source}")]
    Unreadable {
        /// The picture's path or name.
        name: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// A folder, a pipe, a device.
    #[error("{name} is not a file; choose a picture")]
    NotAFile {
        /// The picture's path or name.
        name: String,
    },
    /// The content is of no known kind.
    #[error("{name} is not a picture this program reads; save it as PNG, JPEG, WebP, BMP or GIF")]
    NotAPicture {
        /// The picture's path or name.
        name: String,
    },
    /// The content is of a known kind but cannot be decoded.
    #[error(
        "{name} is damaged or of an unusual kind ({source}); open it in another program and save it again"
    )]
    Damaged {
        /// The picture's path or name.
        name: String,
        /// What the decoder said.
        source: image::ImageError,
    },
    /// More than [`super::MAX_PICTURE_PIXELS`].
    #[error("{name} has {width}×{height} pixels, more than 40 megapixels; crop it or save it smaller")]
    TooLarge {
        /// The picture's path or name.
        name: String,
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// Nothing in the picture stands out from its background.
    #[error(
        "{name}: no ink found; write a digit with more contrast, or choose the polarity and threshold by hand"
    )]
    NoInk {
        /// The picture's path or name.
        name: String,
    },
}
