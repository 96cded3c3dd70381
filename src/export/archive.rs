//! Arrays as `.npz`, for numpy: the samples themselves, `probabilities` f32 `[images, passes, classes]` and `labels` u8
//! `[images]` (u16 where one is above 255); or a dataset, under the names that Keras' own has.
//!
//! An `.npz` is a zip of `.npy` files: a short header and the numbers. They are written image by image, so that no
//! more than one image's samples are in memory; uncompressed, as `numpy.savez` does.

use std::io::{self, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::data::source::Split;
use crate::data::{Class, Digits, PIXELS, PerClass, SIDE};
use crate::files::{Draft, FileError};
use crate::progress::{Observer, Progress};

/// Images between two calls of the observer.
const IMAGES_PER_REPORT: usize = 64;

/// Writes the archive to `path`. `image` gives the probabilities of one image, pass by pass: `[passes, classes]`.
/// Progress is in images; `Break` when the observer stopped it, and `path` is then unchanged, as after an error.
///
/// # Errors
/// When the file cannot be written, when `image` gives another number of passes than `passes`, or its own error.
pub fn save_samples<E: From<ArchiveError>>(
    path: &Path,
    labels: &[Class],
    (passes, classes): (usize, usize),
    mut image: impl FnMut(usize) -> Result<Vec<PerClass<f32>>, E>,
    observe: Observer<'_>,
) -> Result<ControlFlow<()>, E> {
    let fail = |cause| ArchiveError::from(FileError::new(path, cause));
    let images = labels.len();
    let total = images as u64;
    let draft = Draft::new(path).map_err(ArchiveError::from)?;
    let mut archive = ZipWriter::new(ArchiveTarget::new(draft));
    let bytes = 4 * classes as u64 * passes as u64 * images as u64;
    start(&mut archive, "probabilities", "<f4", &[images, passes, classes], bytes).map_err(fail)?;
    let mut row = Vec::with_capacity(4 * classes * passes);
    for index in 0..images {
        if index % IMAGES_PER_REPORT == 0 && observe(Progress { done: index as u64, total }).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let samples = image(index)?;
        if samples.len() != passes {
            return Err(ArchiveError::Passes { index, found: samples.len(), expected: passes }.into());
        }
        row.clear();
        row.extend(samples.iter().flatten().flat_map(|p| p.to_le_bytes()));
        archive.write_all(&row).map_err(fail)?;
        if archive.get_ref().is_some_and(|target| target.failure.is_some()) {
            break;
        }
    }
    let (kind, labels) = label_numbers(labels);
    start(&mut archive, "labels", kind, &[images], total).map_err(fail)?;
    archive.write_all(&labels).map_err(fail)?;
    close(archive, path).map_err(ArchiveError::from)?;
    // The final report is for the display only; there is nothing left to stop.
    let _ = observe(Progress { done: total, total });
    Ok(ControlFlow::Continue(()))
}

/// Labels as numpy stores them: one byte each, two where one is above 255.
fn label_numbers(labels: &[Class]) -> (&'static str, Vec<u8>) {
    match labels.iter().map(|label| u8::try_from(*label)).collect() {
        Ok(bytes) => ("|u1", bytes),
        Err(_) => ("<u2", labels.iter().flat_map(|label| label.to_le_bytes()).collect()),
    }
}

/// Writes a dataset to `path`: `x_test` u8 `[images, 28, 28]`, `y_test` u8 `[images]`, and `index_test` u32 `[images]`,
/// where each image was in the dataset it comes from; for the other split `…_train`.
///
/// # Errors
/// When the file cannot be written.
pub fn save_digits(path: &Path, split: Split, digits: &Digits, indices: &[u32]) -> Result<(), ArchiveError> {
    let fail = |cause| FileError::new(path, cause);
    let images = digits.len();
    let indices: Vec<u8> = indices.iter().flat_map(|index| index.to_le_bytes()).collect();
    let (label_kind, labels) = label_numbers(digits.labels());
    let mut archive = ZipWriter::new(ArchiveTarget::new(Draft::new(path)?));
    let (shape, bytes) = ([images, SIDE, SIDE], (images * PIXELS) as u64);
    start(&mut archive, &format!("x_{split}"), "|u1", &shape, bytes).map_err(fail)?;
    for block in digits.blocks() {
        archive.write_all(&block.map_err(fail)?).map_err(fail)?;
    }
    for (name, kind, bytes) in [("y", label_kind, &labels), ("index", "<u4", &indices)] {
        start(&mut archive, &format!("{name}_{split}"), kind, &[images], bytes.len() as u64).map_err(fail)?;
        archive.write_all(bytes).map_err(fail)?;
    }
    Ok(close(archive, path)?)
}

/// Finishes an archive and puts it in place.
fn close(archive: ZipWriter<ArchiveTarget>, path: &Path) -> Result<(), FileError> {
    let fail = |cause| FileError::new(path, cause);
    let ArchiveTarget { draft, failure, .. } = archive.finish().map_err(|error| fail(error.into()))?;
    match failure {
        Some(cause) => Err(fail(cause)),
        None => draft.commit(),
    }
}

/// A draft that withholds its first failure until the archive is closed: a `ZipWriter` dropped after a failed
/// write tries to finish, fails again, and says so on standard error. It counts by itself where it would be.
struct ArchiveTarget {
    draft: Draft,
    failure: Option<io::Error>,
    position: u64,
    end: u64,
}

impl ArchiveTarget {
    fn new(draft: Draft) -> Self {
        Self { draft, failure: None, position: 0, end: 0 }
    }
}

impl Write for ArchiveTarget {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failure.is_none() {
            self.failure = self.draft.write_all(bytes).err();
        }
        self.position += bytes.len() as u64;
        self.end = self.end.max(self.position);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failure.is_none() {
            self.failure = self.draft.flush().err();
        }
        Ok(())
    }
}

impl Seek for ArchiveTarget {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let place = match position {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.end.checked_add_signed(offset),
        };
        let place = place.ok_or(io::ErrorKind::InvalidInput)?;
        if self.failure.is_none() && place != self.position {
            self.failure = self.draft.seek(SeekFrom::Start(place)).err();
        }
        self.position = place;
        Ok(place)
    }
}

/// Begins an array of `bytes` bytes in the archive.
fn start(
    archive: &mut ZipWriter<ArchiveTarget>,
    name: &str,
    kind: &str,
    shape: &[usize],
    bytes: u64,
) -> io::Result<()> {
    let header = header(kind, shape);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        // No clock: the same samples give the same bytes.
        .last_modified_time(DateTime::DEFAULT)
        .large_file(bytes + header.len() as u64 > u64::from(u32::MAX));
    archive.start_file(format!("{name}.npy"), options)?;
    archive.write_all(&header)
}

/// The header of a `.npy` file, version 1.0: magic, version, length, a Python dictionary padded with blanks so that
/// the numbers start at a multiple of 64 bytes.
fn header(kind: &str, shape: &[usize]) -> Vec<u8> {
    let shape = match shape {
        // Python's notation for a tuple of one.
        [length] => format!("{length},"),
        _ => shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
    };
    let mut dictionary = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
    let before = b"\x93NUMPY\x01\x00".len() + 2;
    let padding = (before + dictionary.len() + 1).next_multiple_of(64) - (before + dictionary.len() + 1);
    dictionary.extend(std::iter::repeat_n(' ', padding));
    dictionary.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    // A dictionary of three short entries is far below 65,536 bytes.
    bytes.extend((dictionary.len() as u16).to_le_bytes());
    bytes.extend(dictionary.into_bytes());
    bytes
}

/// Why samples were not saved.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] FileError),
    /// An image has more or fewer samples than announced.
    #[error(
        "image {index} has {found} passes where all should have {expected}; let the sampling finish first"
    )]
    Passes {
        /// Which image.
        index: usize,
        /// Its passes.
        found: usize,
        /// What was said.
        expected: usize,
    },
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, npy::NpzTensors};

    use super::*;
    use crate::progress::unobserved;

    #[expect(clippy::unnecessary_wraps, reason = "as what gives samples out does")]
    fn sample(image: usize, passes: usize) -> Result<Vec<PerClass<f32>>, ArchiveError> {
        let one = |pass| PerClass::from_fn(10, |class| (image * 1000 + pass * 10 + class) as f32 + 0.1);
        Ok((0..passes).map(one).collect())
    }

    #[test]
    fn another_implementation_reads_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.npz");
        let outcome =
            save_samples(&path, &[7, 2, 9], (4, 10), |index| sample(index, 4), &mut unobserved).unwrap();
        assert!(outcome.is_continue());
        let archive = NpzTensors::new(&path).unwrap();
        let probabilities = archive.get("probabilities").unwrap().unwrap();
        assert_eq!((probabilities.dims(), probabilities.dtype()), (&[3, 4, 10][..], DType::F32));
        let read: Vec<Vec<Vec<f32>>> = probabilities.to_vec3().unwrap();
        let expected: Vec<_> = (0..3).map(|index| sample(index, 4).unwrap()).collect();
        assert_eq!(
            read.iter().flatten().flatten().collect::<Vec<_>>(),
            expected.iter().flatten().flatten().collect::<Vec<_>>()
        );
        let labels = archive.get("labels").unwrap().unwrap();
        assert_eq!(labels.dtype(), DType::U8);
        assert_eq!(labels.to_vec1::<u8>().unwrap(), [7, 2, 9]);
    }

    #[test]
    fn the_same_samples_give_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let written = ["a", "b"].map(|name| {
            let path = folder.path().join(name);
            let _ = save_samples(&path, &[1, 2], (3, 10), |index| sample(index, 3), &mut unobserved).unwrap();
            std::fs::read(path).unwrap()
        });
        assert_eq!(written[0], written[1]);
    }

    #[test]
    fn headers_are_padded_to_64_bytes() {
        for shape in [&[10_000, 100, 10][..], &[1], &[123_456_789]] {
            let header = header("<f4", shape);
            assert_eq!(header.len() % 64, 0);
            assert_eq!(usize::from(header[8]) + 256 * usize::from(header[9]) + 10, header.len());
            assert!(header.ends_with(b"\n"));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_named() {
        let full = Path::new("/dev/full");
        let mut asked = 0;
        let image = |index| {
            asked += 1;
            sample(index, 1000)
        };
        let error =
            save_samples(full, &[0; 100], (1000, 10), image, &mut unobserved).unwrap_err().to_string();
        assert!(error.contains("/dev/full") && error.contains("disk is full"), "{error}");
        assert!(asked < 10, "it went on for {asked} images");
    }

    #[test]
    fn stopping_and_missing_passes_leave_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.npz");
        let labels = [0; 200];
        let outcome = save_samples(&path, &labels, (2, 10), |index| sample(index, 2), &mut |progress| {
            if progress.done > 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(outcome.unwrap().is_break());
        let error =
            save_samples(&path, &labels, (2, 10), |index| sample(index, 1), &mut unobserved).unwrap_err();
        assert!(error.to_string().contains("image 0 has 1 passes"), "{error}");
        // What gives them out fails in the middle.
        let lost = |index| {
            if index < 150 {
                return sample(index, 2);
            }
            Err(FileError::new(Path::new("passes"), io::Error::other("lost")).into())
        };
        let error = save_samples(&path, &labels, (2, 10), lost, &mut unobserved).unwrap_err();
        assert!(error.to_string().contains("passes"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
