//! The IDX format MNIST comes in, plain or gzip: bytes ↔ images and labels.
//!
//! A file is a big-endian magic number (0, 0, 8 for unsigned bytes, the number of dimensions), one u32 per dimension,
//! then the bytes: `[images, 28, 28]` grey values (0x00000803) or `[images]` labels (0x00000801). gzip is recognised
//! by its first two bytes, whatever the file is called.
//!
//! Headers are not trusted: no memory is reserved for more than the file can hold, and no more is decompressed than
//! the header promises, plus one byte that reveals trailing data.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::{CLASSES, Class, Digits, DigitsError, PIXELS, SIDE};
use crate::files::{FileError, write_whole};

/// Images a file may hold: more than EMNIST's 814,255, and 784 MB of pixels. A compressed file can promise, and hold,
/// a thousand times its size; this bounds what it can make the program reserve.
pub const MAX_IMAGES: u32 = 1_000_000;

/// The most bytes that one byte of a deflate stream can expand to.
const MAX_INFLATION: u64 = 1032;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Grey values, `[images, 28, 28]`.
    Images,
    /// One label for each image.
    Labels,
}

impl Content {
    fn magic(self) -> u32 {
        match self {
            Self::Images => 0x0000_0803,
            Self::Labels => 0x0000_0801,
        }
    }

    /// The likely mistake of someone whose file has `found` as its magic number.
    fn advice(self, found: u32) -> &'static str {
        match self {
            Self::Images if found == Self::Labels.magic() => "is this the labels file?",
            Self::Labels if found == Self::Images.magic() => "is this the images file?",
            Self::Images => "not an IDX file of grey images; choose train-images… or t10k-images…",
            Self::Labels => "not an IDX file of labels; choose train-labels… or t10k-labels…",
        }
    }

    fn header_bytes(self) -> usize {
        match self {
            Self::Images => 16,
            Self::Labels => 8,
        }
    }

    /// Bytes of one item of a file with this header.
    fn bytes_each(self) -> u64 {
        match self {
            Self::Images => PIXELS as u64,
            Self::Labels => 1,
        }
    }
}

/// Whether a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Packing {
    /// As it is.
    Plain,
    /// gzip, as MNIST is published.
    #[default]
    Gzip,
}

/// Grey values of an image file, `[images, 28, 28]`.
///
/// # Errors
/// When the file cannot be read or is not an IDX file of at least one 28×28 image.
pub fn read_images(path: &Path) -> Result<Vec<u8>, IdxError> {
    read(path, Content::Images)
}

/// Labels of a label file, each in 0…9.
///
/// # Errors
/// When the file cannot be read or is not an IDX file of at least one label in 0…9.
pub fn read_labels(path: &Path) -> Result<Vec<Class>, IdxError> {
    Ok(read(path, Content::Labels)?.into_iter().map(Class::from).collect())
}

/// Images with their labels.
///
/// # Errors
/// Those of [`read_images`] and [`read_labels`], and when the two files do not hold the same number.
pub fn read_digits(images_path: &Path, labels_path: &Path) -> Result<Digits, IdxError> {
    // Labels first: they are small and fail fast when the two names are swapped.
    let labels = read_labels(labels_path)?;
    let pixels = read_images(images_path)?;
    let images = pixels.len() / PIXELS;
    if images != labels.len() {
        return Err(IdxError::Disagreement {
            images_path: images_path.to_path_buf(),
            images,
            labels_path: labels_path.to_path_buf(),
            labels: labels.len(),
        });
    }
    Ok(Digits::new(pixels, labels)?)
}

/// Writes the images of `digits`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_images(path: &Path, digits: &Digits, packing: Packing) -> Result<(), IdxError> {
    write(path, Content::Images, digits.len(), digits.blocks(), packing)
}

/// Writes the labels of `digits`.
///
/// # Errors
/// When the file cannot be written, or a label does not fit into its one byte.
pub fn write_labels(path: &Path, digits: &Digits, packing: Packing) -> Result<(), IdxError> {
    let bytes: Result<Vec<u8>, _> = digits.labels().iter().map(|label| u8::try_from(*label)).collect();
    let bytes = bytes.map_err(|_| {
        let cause = "labels above 255 do not fit into the one byte that this format has for each";
        FileError::new(path, io::Error::other(cause))
    })?;
    write(path, Content::Labels, digits.len(), std::iter::once(Ok(Cow::Owned(bytes))), packing)
}

fn write<'a>(
    path: &Path,
    content: Content,
    count: usize,
    body: impl Iterator<Item = io::Result<Cow<'a, [u8]>>>,
    packing: Packing,
) -> Result<(), IdxError> {
    let count =
        u32::try_from(count).ok().filter(|&count| (1..=MAX_IMAGES).contains(&count)).ok_or_else(|| {
            let cause =
                io::Error::other(format!("{count} images; the program reads back 1 to {MAX_IMAGES} of them"));
            FileError::new(path, cause)
        })?;
    write_whole(path, |draft| match packing {
        Packing::Plain => encode(draft, content, count, body),
        Packing::Gzip => {
            let mut encoder = GzEncoder::new(draft, flate2::Compression::default());
            encode(&mut encoder, content, count, body)?;
            encoder.finish().map(|_| ())
        }
    })?;
    Ok(())
}

fn encode<'a>(
    writer: &mut impl Write,
    content: Content,
    count: u32,
    mut body: impl Iterator<Item = io::Result<Cow<'a, [u8]>>>,
) -> io::Result<()> {
    writer.write_all(&content.magic().to_be_bytes())?;
    writer.write_all(&count.to_be_bytes())?;
    if content != Content::Labels {
        writer.write_all(&(SIDE as u32).to_be_bytes())?;
        writer.write_all(&(SIDE as u32).to_be_bytes())?;
    }
    body.try_for_each(|part| writer.write_all(&part?))
}

fn read(path: &Path, content: Content) -> Result<Vec<u8>, IdxError> {
    let fail = |problem| IdxError::File { path: path.to_path_buf(), problem };
    let metadata = fs::metadata(path).map_err(|error| fail(Problem::Read(error)))?;
    // Opening a pipe would wait for a writer that may never come.
    if !metadata.is_file() {
        return Err(fail(Problem::NotAFile));
    }
    let file = File::open(path).map_err(|error| fail(Problem::Read(error)))?;
    decode(BufReader::with_capacity(1 << 16, file), metadata.len(), content).map_err(fail)
}

/// The body of an IDX stream of `length` bytes, compressed or not.
fn decode(mut reader: impl BufRead, length: u64, content: Content) -> Result<Vec<u8>, Problem> {
    if length == 0 {
        return Err(Problem::Empty);
    }
    let start = reader.fill_buf().map_err(Problem::Read)?;
    if start.starts_with(&[0x1f, 0x8b]) {
        // MultiGzDecoder also sees what follows the first member: more of the same, or rubbish.
        let decoder = MultiGzDecoder::new(reader);
        decode_plain(decoder, length.saturating_mul(MAX_INFLATION), content).map_err(Problem::of_compressed)
    } else {
        decode_plain(reader, length, content)
    }
}

/// The body of an IDX stream that yields `at_most` bytes.
fn decode_plain(mut reader: impl Read, at_most: u64, content: Content) -> Result<Vec<u8>, Problem> {
    let mut header = Vec::with_capacity(16);
    let header_bytes = content.header_bytes();
    reader.by_ref().take(header_bytes as u64).read_to_end(&mut header).map_err(Problem::Read)?;
    let words: Vec<u32> =
        header.chunks_exact(4).map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]])).collect();
    // A wrong magic number is more helpful to report than a short header.
    match words.first() {
        Some(&found) if found != content.magic() => return Err(Problem::Magic { found, content }),
        _ if header.len() < header_bytes => {
            return Err(Problem::Truncated { expected: header_bytes as u64, found: header.len() as u64 });
        }
        _ => {}
    }
    if content == Content::Images && words[2..] != [SIDE as u32; 2] {
        return Err(Problem::Dimensions { height: words[2], width: words[3] });
    }
    let count = words[1];
    if count == 0 {
        return Err(Problem::NoImages);
    }
    if count > MAX_IMAGES {
        return Err(Problem::Count { count });
    }
    let body_bytes = u64::from(count).saturating_mul(content.bytes_each());
    let expected = body_bytes.saturating_add(header_bytes as u64);
    if expected > at_most {
        return Err(Problem::Promise { expected });
    }
    let mut body = Vec::new();
    // One more than promised, to see whether anything follows.
    body.try_reserve_exact(body_bytes as usize + 1).map_err(|_| Problem::Memory { bytes: body_bytes })?;
    reader.take(body_bytes + 1).read_to_end(&mut body).map_err(Problem::Read)?;
    if (body.len() as u64) < body_bytes {
        return Err(Problem::Truncated { expected, found: (header_bytes + body.len()) as u64 });
    }
    if body.len() as u64 > body_bytes {
        return Err(Problem::Trailing { expected });
    }
    if content == Content::Labels
        && let Some(index) = body.iter().position(|&label| usize::from(label) >= CLASSES)
    {
        return Err(Problem::Label { index, label: body[index] });
    }
    Ok(body)
}

/// Why a file is not the images or labels it should be.
#[derive(Debug, thiserror::Error)]
pub enum IdxError {
    /// Something is wrong with one file.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The files do not belong together.
    #[error(
        "{}: {labels} labels, but {} holds {images} images; take both files from the same set",
        labels_path.display(),
        images_path.display()
    )]
    Disagreement {
        /// The image file.
        images_path: PathBuf,
        /// Images in it.
        images: usize,
        /// The label file.
        labels_path: PathBuf,
        /// Labels in it.
        labels: usize,
    },
    /// The contents do not make a data set.
    #[error(transparent)]
    Digits(#[from] DigitsError),
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] FileError),
}

impl IdxError {
    /// Whether the file is sound, but of images or labels that are not those of digits.
    #[must_use]
    pub fn is_of_another_kind(&self) -> bool {
        let Self::File { problem, .. } = self else { return false };
        matches!(
            problem,
            Problem::Dimensions { .. } | Problem::Label { .. } | Problem::Magic { .. } | Problem::Gzip(_)
        )
    }
}

/// What is wrong with an IDX file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The system refuses to read it.
    #[error("cannot be read: {0} (check the path and its permissions)")]
    Read(io::Error),
    /// A folder, a device, a pipe.
    #[error("is not a file (name the IDX file itself)")]
    NotAFile,
    /// No bytes at all.
    #[error("the file is empty (get it again)")]
    Empty,
    /// The first four bytes say that it is something else.
    #[error("bad magic number {found:#010x}, expected {:#010x} ({})", content.magic(), content.advice(*found))]
    Magic {
        /// What the file starts with.
        found: u32,
        /// What it should hold.
        content: Content,
    },
    /// Images of another size.
    #[error("images of {height}×{width} pixels, expected 28×28 (scale them, or choose another data set)")]
    Dimensions {
        /// Rows the header promises.
        height: u32,
        /// Columns the header promises.
        width: u32,
    },
    /// The header promises nothing.
    #[error("the header says that it holds no images (get it again, or choose another data set)")]
    NoImages,
    /// The header promises too much.
    #[error("the header says {count} images, more than the {MAX_IMAGES} that can be opened (split the file)")]
    Count {
        /// What the header says.
        count: u32,
    },
    /// The bytes end before what the header promises.
    #[error("cut short after {found} of {expected} bytes (get the file again)")]
    Truncated {
        /// Bytes of the whole file, uncompressed, by its header.
        expected: u64,
        /// Bytes there are, uncompressed.
        found: u64,
    },
    /// The header promises more than a file of this size can hold, however it is compressed.
    #[error(
        "cut short or a false header: it promises {expected} bytes, more than the file can hold (get the file again)"
    )]
    Promise {
        /// Bytes of the whole file, uncompressed, by its header.
        expected: u64,
    },
    /// Bytes follow what the header promises.
    #[error(
        "too long: data follows after the {expected} bytes that the header promises (get the file again)"
    )]
    Trailing {
        /// Bytes of the whole file, uncompressed, by its header.
        expected: u64,
    },
    /// The compressed data are damaged.
    #[error("damaged gzip data: {0} (get the file again)")]
    Gzip(String),
    /// Not enough memory.
    #[error("not enough memory for {bytes} bytes (close other programs, or split the file)")]
    Memory {
        /// Bytes of the body.
        bytes: u64,
    },
    /// A label is not a digit.
    #[error("label {label} of image {index} is above 9 (only sets of ten classes can be opened)")]
    Label {
        /// Which image.
        index: usize,
        /// Its label.
        label: u8,
    },
}

impl Problem {
    /// The same problem, met while decompressing: a failed read may then mean damaged data.
    fn of_compressed(self) -> Self {
        match self {
            Self::Read(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Gzip("they end too early".to_owned())
            }
            Self::Read(error)
                if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) =>
            {
                Self::Gzip(error.to_string())
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests;
