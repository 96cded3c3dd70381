//! Pixels where they are: in the file and read by position, in pictures decoded when asked for, or in memory.
//!
//! Whatever the file's order, an image is given out as rows of pixels with the channels of a pixel together.

use std::fs::File;
use std::io::{self, Cursor};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::grey::{Resize, luma};
use super::shape::ImageShape;
use crate::data::ink::{decode_picture, open_picture};
use crate::on_disk::read_exact_at;

/// Bytes read in one go.
const BLOCK: usize = 1 << 20;

/// How the values of a record lie in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Layout {
    /// As they are given out.
    #[default]
    Rows,
    /// All of red, all of green, all of blue.
    Planes,
    /// Grey, column by column, as EMNIST.
    Columns,
}

impl Layout {
    /// Puts one record in the order in which it is given out.
    pub(super) fn arrange(self, shape: ImageShape, record: &[u8], out: &mut [u8]) {
        let (pixels, channels) = (shape.pixels(), shape.channels());
        match self {
            Self::Rows => out.copy_from_slice(record),
            Self::Planes => {
                for (channel, plane) in record.chunks_exact(pixels).enumerate() {
                    for (pixel, value) in plane.iter().enumerate() {
                        out[pixel * channels + channel] = *value;
                    }
                }
            }
            Self::Columns => {
                let (height, width) = (shape.height(), shape.width());
                for y in 0..height {
                    for x in 0..width {
                        out[y * width + x] = record[x * height + y];
                    }
                }
            }
        }
    }
}

/// Records of one length in a file.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) path: PathBuf,
    pub(super) file: File,
    /// Where the pixels of the first record begin, in bytes.
    pub(super) offset: u64,
    /// From one record to the next, in bytes; at least those of an image.
    pub(super) stride: usize,
    pub(super) layout: Layout,
}

/// Names of files below a folder, in one string.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    text: String,
    ends: Vec<usize>,
}

impl Paths {
    pub(super) fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, index: usize) -> &str {
        &self.text[piece(&self.ends, index)]
    }
}

/// Where one of several pieces lies that stand one after the other and end at these places.
pub(super) fn piece(ends: &[usize], index: usize) -> Range<usize> {
    let start = if index == 0 { 0 } else { ends[index - 1] };
    start..ends[index]
}

/// A part of a store.
#[derive(Debug)]
pub(super) enum Part {
    /// Images one after the other as they are given out.
    Memory(Vec<u8>),
    /// Records in a file.
    Records(Records),
    /// Encoded pictures in memory, one after the other; where each ends.
    Encoded { file: PathBuf, bytes: Vec<u8>, ends: Vec<usize> },
    /// Pictures below a folder.
    Pictures { folder: PathBuf, names: Paths },
}

/// The pixels of a set. Cloning is cheap.
#[derive(Clone, Debug)]
pub(super) struct Store {
    shape: ImageShape,
    /// Parts with the number of images before the end of each.
    parts: Arc<[(Part, usize)]>,
}

impl Store {
    /// Parts with the number of images in each.
    pub(super) fn new(shape: ImageShape, parts: Vec<(Part, usize)>) -> Self {
        let mut end = 0;
        let with_ends = parts.into_iter().map(|(part, images)| {
            end += images;
            (part, end)
        });
        Self { shape, parts: with_ends.collect() }
    }

    pub(super) fn shape(&self) -> ImageShape {
        self.shape
    }

    pub(super) fn len(&self) -> usize {
        self.parts.last().map_or(0, |(_, end)| *end)
    }

    /// The part of an image, and its place within.
    pub(super) fn part(&self, index: usize) -> Option<(&Part, usize)> {
        self.whole_part(index).map(|(part, images)| (part, index - images.start))
    }

    /// The part of an image, and the images that are in it.
    fn whole_part(&self, index: usize) -> Option<(&Part, Range<usize>)> {
        let at = self.parts.partition_point(|(_, end)| *end <= index);
        let (part, end) = self.parts.get(at)?;
        let start = if at == 0 { 0 } else { self.parts[at - 1].1 };
        Some((part, start..*end))
    }

    /// Whether all images are records of files.
    pub(super) fn is_records(&self) -> bool {
        self.parts.iter().all(|(part, _)| matches!(part, Part::Records(_)))
    }

    /// Bytes that the pixels take in memory.
    pub(super) fn memory(&self) -> usize {
        let of = |part: &Part| match part {
            Part::Memory(bytes) | Part::Encoded { bytes, .. } => bytes.len(),
            Part::Records(_) | Part::Pictures { .. } => 0,
        };
        self.parts.iter().map(|(part, _)| of(part)).sum()
    }

    /// Reads whole images from `first` on, as many as `out` has room for.
    pub(super) fn read(&self, first: usize, out: &mut [u8]) -> Result<(), ReadError> {
        let bytes = self.shape.bytes();
        let (mut next, end) = (first, first + out.len() / bytes);
        if !out.len().is_multiple_of(bytes) || end > self.len() {
            return Err(ReadError::Range { first, bytes: out.len(), images: self.len() });
        }
        while let Some((part, images)) = self.whole_part(next).filter(|_| next < end) {
            let until = images.end.min(end);
            let out = &mut out[(next - first) * bytes..(until - first) * bytes];
            part.read(self.shape, next - images.start, out)?;
            next = until;
        }
        Ok(())
    }
}

impl Part {
    fn read(&self, shape: ImageShape, first: usize, out: &mut [u8]) -> Result<(), ReadError> {
        let bytes = shape.bytes();
        match self {
            Self::Memory(all) => {
                out.copy_from_slice(&all[first * bytes..][..out.len()]);
                Ok(())
            }
            Self::Records(records) => records.read(shape, first, out),
            Self::Encoded { file, bytes: encoded, ends } => {
                for (at, image) in (first..).zip(out.chunks_exact_mut(bytes)) {
                    let name = format!("{}, image {at}", file.display());
                    let picture = decode_picture(&name, Cursor::new(&encoded[piece(ends, at)]));
                    fill(
                        &picture.map_err(|error| ReadError::Picture { said: error.to_string() })?,
                        shape,
                        image,
                    );
                }
                Ok(())
            }
            Self::Pictures { folder, names } => {
                for (at, image) in out.chunks_exact_mut(bytes).enumerate() {
                    read_picture(&folder.join(names.get(first + at)), shape, image)?;
                }
                Ok(())
            }
        }
    }
}

impl Records {
    fn read(&self, shape: ImageShape, first: usize, out: &mut [u8]) -> Result<(), ReadError> {
        let bytes = shape.bytes();
        let position = self.offset + first as u64 * self.stride as u64;
        let fail = |error: io::Error| ReadError::of(&self.path, &error);
        if self.stride == bytes && self.layout == Layout::Rows {
            return read_exact_at(&self.file, out, position).map_err(fail);
        }
        let images = out.len() / bytes;
        let at_once = (BLOCK / self.stride).clamp(1, images.max(1));
        let mut block = vec![0; at_once * self.stride];
        for (at, some) in out.chunks_mut(at_once * bytes).enumerate() {
            let count = some.len() / bytes;
            // The last record ends with its pixels: what would follow in a longer one is not there.
            let block = &mut block[..(count - 1) * self.stride + bytes];
            read_exact_at(&self.file, block, position + (at * at_once * self.stride) as u64).map_err(fail)?;
            for (place, image) in some.chunks_exact_mut(bytes).enumerate() {
                self.layout.arrange(shape, &block[place * self.stride..][..bytes], image);
            }
        }
        Ok(())
    }
}

/// Decodes a picture and gives it a shape: made grey or colour, and resized by area where it is of another size.
/// Transparency is ignored, as torchvision does.
fn read_picture(path: &Path, shape: ImageShape, out: &mut [u8]) -> Result<(), ReadError> {
    let picture = open_picture(path).map_err(|error| match std::fs::metadata(path) {
        Err(cause) => ReadError::of(path, &cause),
        Ok(_) => ReadError::Picture { said: error.to_string() },
    })?;
    fill(&picture, shape, out);
    Ok(())
}

/// The values of a decoded picture in a shape.
pub(super) fn fill(picture: &image::DynamicImage, shape: ImageShape, out: &mut [u8]) {
    let size = (picture.height() as usize, picture.width() as usize);
    let is_grey = matches!(picture.color().channel_count(), 1 | 2);
    let values = match (shape.is_colour(), is_grey) {
        (true, _) => picture.to_rgb8().into_raw(),
        (false, true) => picture.to_luma8().into_raw(),
        (false, false) => picture.to_rgb8().chunks_exact(3).map(luma).collect(),
    };
    if size == (shape.height(), shape.width()) {
        out.copy_from_slice(&values);
    } else {
        Resize::new(size, shape.channels(), (shape.height(), shape.width())).make(&values, out);
    }
}

/// Why pixels cannot be read, although the set was opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The file is gone.
    #[error("{} is no longer there (put it back, or open the set again)", path.display())]
    Vanished {
        /// The file.
        path: PathBuf,
    },
    /// The file has become shorter.
    #[error("{} has become shorter since it was opened (open the set again)", path.display())]
    Shortened {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("{} can no longer be read: {said} (check the disk and the permissions)", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What the system said.
        said: String,
    },
    /// A picture that cannot be decoded.
    #[error("{said}")]
    Picture {
        /// What is wrong, with the picture's name and what to do.
        said: String,
    },
    /// There are no such images.
    #[error("{bytes} bytes from image {first} on are not whole images of the {images} there are")]
    Range {
        /// First image asked for.
        first: usize,
        /// Bytes asked for.
        bytes: usize,
        /// Images there are.
        images: usize,
    },
}

impl ReadError {
    fn of(path: &Path, error: &io::Error) -> Self {
        let path = path.to_path_buf();
        match error.kind() {
            io::ErrorKind::NotFound => Self::Vanished { path },
            io::ErrorKind::UnexpectedEof => Self::Shortened { path },
            _ => Self::System { path, said: error.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(path: &Path, offset: u64, stride: usize, layout: Layout) -> Part {
        Part::Records(Records {
            path: path.to_path_buf(),
            file: File::open(path).unwrap(),
            offset,
            stride,
            layout,
        })
    }

    #[test]
    fn parts_follow_one_another_whatever_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records");
        // Two records of a label and four values, after one byte.
        std::fs::write(&path, [9, 0, 1, 2, 3, 4, 0, 5, 6, 7, 8]).unwrap();
        let shape = ImageShape::new(2, 2, 1).unwrap();
        let parts = vec![(Part::Memory(vec![10, 20, 30, 40]), 1), (records(&path, 2, 5, Layout::Rows), 2)];
        let store = Store::new(shape, parts);
        let mut out = [0; 12];
        store.read(0, &mut out).unwrap();
        assert_eq!(out, [10, 20, 30, 40, 1, 2, 3, 4, 5, 6, 7, 8]);
        let mut last = [0; 4];
        store.read(2, &mut last).unwrap();
        assert_eq!((last, store.len(), store.memory()), ([5, 6, 7, 8], 3, 4));
        assert!(matches!(store.read(2, &mut out), Err(ReadError::Range { first: 2, .. })));
        assert!(matches!(store.read(0, &mut [0; 3]), Err(ReadError::Range { .. })));
    }

    #[test]
    fn planes_and_columns_are_put_in_order() {
        let mut out = [0; 6];
        Layout::Planes.arrange(ImageShape::new(1, 2, 3).unwrap(), &[1, 2, 3, 4, 5, 6], &mut out);
        assert_eq!(out, [1, 3, 5, 2, 4, 6]);
        Layout::Columns.arrange(ImageShape::new(2, 3, 1).unwrap(), &[1, 2, 3, 4, 5, 6], &mut out);
        assert_eq!(out, [1, 3, 5, 2, 4, 6]);
    }

    #[test]
    fn a_file_that_shrinks_and_a_picture_that_vanishes_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pixels");
        std::fs::write(&path, [1; 8]).unwrap();
        let shape = ImageShape::new(2, 2, 1).unwrap();
        let store = Store::new(shape, vec![(records(&path, 0, 4, Layout::Rows), 2)]);
        File::options().write(true).open(&path).unwrap().set_len(6).unwrap();
        let mut out = [0; 4];
        assert!(store.read(0, &mut out).is_ok());
        assert_eq!(store.read(1, &mut out), Err(ReadError::Shortened { path }));

        let mut names = Paths::default();
        names.push("gone.png");
        names.push("text.png");
        std::fs::write(folder.path().join("text.png"), "text").unwrap();
        let part = Part::Pictures { folder: folder.path().to_path_buf(), names };
        let store = Store::new(shape, vec![(part, 2)]);
        assert_eq!(
            store.read(0, &mut out),
            Err(ReadError::Vanished { path: folder.path().join("gone.png") })
        );
        let said = store.read(1, &mut out).unwrap_err().to_string();
        assert!(said.contains("text.png") && said.contains("not a picture"), "{said}");
    }
}
