//! Files as streams: plain or compressed with gzip (also twice), in bounded memory.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::error::SourceError;
use crate::progress::{Observer, Progress};

/// The most images of a set.
pub const MOST_IMAGES: usize = 1_000_000;
/// The most bytes of pixels that are held in memory, where they cannot stay in the file.
pub const MOST_MEMORY: u64 = 2 << 30;
/// The most bytes that one byte of a deflate stream can expand to.
pub(super) const MAX_INFLATION: u64 = 1032;
/// Bytes read between two reports of progress.
const STEP: usize = 1 << 20;

/// Opens a regular file; its length in bytes.
pub(super) fn open_file(path: &Path) -> Result<(File, u64), SourceError> {
    let fail = |error: io::Error| SourceError::io(path, &error);
    // Asked first, for opening a pipe would wait for its writer.
    let metadata = fs::metadata(path).map_err(fail)?;
    if !metadata.is_file() {
        return Err(SourceError::new(path, "is not a file", "name a file of images, or a folder with them"));
    }
    if metadata.len() == 0 {
        return Err(SourceError::new(path, "the file is empty", "get it again"));
    }
    Ok((File::open(path).map_err(fail)?, metadata.len()))
}

/// Tells an observer how far the work is.
pub(super) fn tell(observer: Observer, done: u64, total: u64) -> Result<(), SourceError> {
    if observer(Progress { done, total }).is_break() { Err(SourceError::Stopped) } else { Ok(()) }
}

/// A file unpacked as it is read.
pub(super) struct Input {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    /// How often it is compressed: 0, 1 or 2.
    pub(super) layers: u32,
    /// Bytes of the file on the disk.
    pub(super) length: u64,
}

impl Input {
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let (file, length) = open_file(path)?;
        let mut input = Self {
            path: path.to_path_buf(),
            reader: Box::new(BufReader::with_capacity(1 << 16, file)),
            layers: 0,
            length,
        };
        while input.is_gzip()? {
            if input.layers == 2 {
                let problem = "is compressed more than twice";
                return Err(SourceError::new(path, problem, "unpack it with gunzip"));
            }
            let inner = std::mem::replace(&mut input.reader, Box::new(io::empty()));
            input.reader = Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(inner)));
            input.layers += 1;
        }
        Ok(input)
    }

    fn is_gzip(&mut self) -> Result<bool, SourceError> {
        let layers = self.layers;
        let start = self.reader.fill_buf().map_err(|error| failed(&self.path, layers, &error))?;
        Ok(start.starts_with(&[0x1f, 0x8b]))
    }

    /// Up to so many bytes: fewer where the file ends.
    pub(super) fn some(&mut self, bytes: usize) -> Result<Vec<u8>, SourceError> {
        let mut read = Vec::new();
        let mut part = self.reader.by_ref().take(bytes as u64);
        part.read_to_end(&mut read).map_err(|error| failed(&self.path, self.layers, &error))?;
        Ok(read)
    }

    /// All of the rest, which must be `bytes` long. Memory grows with what is really there.
    pub(super) fn rest(&mut self, bytes: u64, observer: Observer) -> Result<Vec<u8>, SourceError> {
        check_memory(&self.path, bytes)?;
        let most = self.length.saturating_mul(MAX_INFLATION.saturating_pow(self.layers));
        if bytes > most {
            return Err(cut_short(&self.path, bytes, "more than the file can hold"));
        }
        let mut read = Vec::new();
        while (read.len() as u64) < bytes {
            tell(observer, read.len() as u64, bytes)?;
            let step = STEP.min(bytes as usize - read.len());
            let some = self.some(step)?;
            if some.len() < step {
                let found = format!("but ends after {}", read.len() + some.len());
                return Err(cut_short(&self.path, bytes, &found));
            }
            read.extend_from_slice(&some);
        }
        if !self.some(1)?.is_empty() {
            let problem = format!("is too long: data follow the {bytes} bytes that its header promises");
            return Err(SourceError::new(&self.path, problem, "get the file again"));
        }
        Ok(read)
    }

    /// The stream itself, for a parser.
    pub(super) fn into_reader(self) -> Box<dyn BufRead> {
        self.reader
    }
}

/// A header promises more than there is.
pub(super) fn cut_short(path: &Path, bytes: u64, found: &str) -> SourceError {
    let problem = format!("is cut short or has a false header: it promises {bytes} bytes, {found}");
    SourceError::new(path, problem, "get the file again")
}

/// Refuses pixels that would take too much memory.
pub(super) fn check_memory(path: &Path, bytes: u64) -> Result<(), SourceError> {
    if bytes <= MOST_MEMORY {
        return Ok(());
    }
    let problem = format!(
        "its images take {:.1} GB in memory, more than the {} GB that are allowed",
        bytes as f64 / f64::from(1 << 30),
        MOST_MEMORY >> 30
    );
    let advice =
        "save them uncompressed, as IDX or with numpy.savez, and they stay in the file; or take a part";
    Err(SourceError::new(path, problem, advice))
}

/// Refuses more images than can be opened.
pub(super) fn check_images(path: &Path, images: u64) -> Result<usize, SourceError> {
    match images {
        0 => Err(SourceError::new(path, "holds no images", "get it again, or choose another set")),
        _ if images > MOST_IMAGES as u64 => {
            let problem = format!("holds {images} images, more than the {MOST_IMAGES} that can be opened");
            Err(SourceError::new(path, problem, "split it"))
        }
        _ => Ok(images as usize),
    }
}

fn failed(path: &Path, layers: u32, error: &io::Error) -> SourceError {
    let damaged = [io::ErrorKind::UnexpectedEof, io::ErrorKind::InvalidInput, io::ErrorKind::InvalidData];
    if layers > 0 && damaged.contains(&error.kind()) {
        return SourceError::new(path, format!("damaged gzip data: {error}"), "get the file again");
    }
    SourceError::io(path, error)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::progress::unobserved;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn rest(bytes: &[u8], expected: u64) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.gz");
        fs::write(&path, bytes).unwrap();
        Input::open(&path)
            .and_then(|mut input| input.rest(expected, &mut unobserved))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_is_unpacked_twice_and_no_more() {
        let body = b"0123456789".repeat(1000);
        assert_eq!(rest(&body, 10_000).unwrap(), body);
        assert_eq!(rest(&gzip(&body), 10_000).unwrap(), body);
        assert_eq!(rest(&gzip(&gzip(&body)), 10_000).unwrap(), body);
        assert!(rest(&gzip(&gzip(&gzip(&body))), 10_000).unwrap_err().contains("more than twice"));
    }

    #[test]
    fn a_false_promise_is_refused_before_memory_is_taken() {
        for (bytes, expected, said) in [
            (vec![1; 100], 101, "more than the file can hold"),
            (gzip(&[1; 100]), 101, "ends after 100"),
            (gzip(&[1; 100]), 99, "too long"),
            (gzip(&[1; 100]), 1 << 40, "in memory"),
            (gzip(&[1; 100])[..20].to_vec(), 100, "damaged gzip"),
            (vec![], 1, "empty"),
        ] {
            let message = rest(&bytes, expected).unwrap_err();
            assert!(message.contains(said) && message.contains("some.gz"), "{message}");
        }
    }

    #[test]
    fn a_bomb_is_inflated_no_further_than_promised() {
        let bomb = gzip(&vec![0; 100 << 20]);
        assert!(rest(&bomb, 1000).unwrap_err().contains("too long"));
    }

    #[test]
    fn reading_stops_when_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some");
        fs::write(&path, [1; 10]).unwrap();
        let mut input = Input::open(&path).unwrap();
        let stopped = input.rest(10, &mut |_| std::ops::ControlFlow::Break(()));
        assert!(matches!(stopped, Err(SourceError::Stopped)));
    }
}
