//! Where marks are kept: a log for each dataset, a line for each change, on the disk before the change counts as saved.
//!
//! A log and not a file written anew: a change costs one short write however many marks there are, two windows do not
//! undo each other's, and whoever is killed in the middle of a write leaves all lines before it whole. Every line ends
//! with a checksum of itself. An unfinished last line was never reported as saved and is cut off; any other line that
//! does not check makes the file a damaged one, which is kept under another name while its sound lines go on.
//! A log of many more lines than images is written anew, under a temporary name, and renamed.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use flate2::Crc;

use super::mark::{Change, Marks, Review};
use crate::data::{Class, Digits};
use crate::files::{FileError, write_whole};
use crate::wording::hexadecimal;

/// First words of a log; the number rises when older programs cannot read it.
const FORMAT: &str = "dubito-marks 1";
/// What is the same in logs of every format.
const KIND: &str = "dubito-marks ";
/// Larger than a log of a million images before it is written anew: a bigger file is something else.
const MOST_BYTES: u64 = 256 << 20;
/// Lines that may be out of date before a log is written anew.
const SPARE_LINES: usize = 1_000;
/// In place of a new label that is not there.
const NONE: &str = "-";

/// The marks of all datasets: a folder with a log for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkStore {
    folder: PathBuf,
}

impl MarkStore {
    /// The marks in this folder, which is made when the first one is saved.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder in the user's data folder; `None` when the system has no such place.
    #[must_use]
    pub fn default_folder() -> Option<PathBuf> {
        Some(directories::ProjectDirs::from("", "", "dubito")?.data_dir().join("marks"))
    }

    /// The log of the dataset with this [`Digits::hash`].
    #[must_use]
    pub fn path(&self, dataset: &[u8; 32]) -> PathBuf {
        self.folder.join(format!("{}.marks", hexadecimal(dataset)))
    }

    /// The marks of a dataset, and what was found wrong on the way and mended. No log means no marks.
    ///
    /// # Errors
    /// When the log cannot be read, is one of a newer program, or is damaged and cannot be kept aside; it is then left
    /// as it is.
    pub fn load(&self, digits: &Digits) -> Result<(Marks, Vec<StoreError>), StoreError> {
        let dataset = digits.hash();
        let mut marks = Marks::new(dataset);
        if !self.folder.is_dir() {
            return Ok((marks, Vec::new()));
        }
        let _lock = self.lock();
        let (log, remarks) = self.open(&dataset)?;
        for (index, label, review) in log.lines {
            if digits.labels().get(index as usize) != Some(&label) || !review.fits(label) {
                return Err(StoreError::Foreign { path: self.path(&dataset), index });
            }
            marks.apply(Change { index, label, before: marks.review(index), after: review });
        }
        Ok((marks, remarks))
    }

    /// Writes changes behind those already there; when this returns they are on the disk. What was found wrong on the
    /// way and mended is returned.
    ///
    /// # Errors
    /// When the folder cannot be made or the log cannot be read or written, is one of a newer program, or is damaged and
    /// cannot be kept aside. None of the changes is then there.
    pub fn save(&self, dataset: &[u8; 32], changes: &[Change]) -> Result<Vec<StoreError>, StoreError> {
        let path = self.path(dataset);
        fs::create_dir_all(&self.folder).map_err(|cause| FileError::new(&self.folder, cause))?;
        let _lock = self.lock();
        let (log, remarks) = self.open(dataset)?;
        let added = changes.iter().map(|change| (change.index, change.label, change.after));
        let text: String = added.clone().map(line).collect();
        let lines = log.lines.len() + changes.len();
        if !log.exists {
            write_log(&path, dataset, &text)?;
        } else if lines > SPARE_LINES && lines > 2 * log.images() {
            let mut marks = Marks::new(*dataset);
            for (index, label, after) in log.lines.into_iter().chain(added) {
                marks.apply(Change { index, label, before: Review::Unseen, after });
            }
            write_log(&path, dataset, &marks.iter().map(line).collect::<String>())?;
        } else {
            append(&path, log.bytes, &text).map_err(|cause| FileError::new(&path, cause))?;
        }
        Ok(remarks)
    }

    /// Keeps other windows and commands out until it is dropped, also by the death of this one. Where files cannot be
    /// locked a person has one window.
    fn lock(&self) -> Option<File> {
        let lock = File::options().create(true).truncate(false).write(true).open(self.folder.join("lock"));
        let locked = lock.and_then(|file| file.lock().map(|()| file));
        locked.inspect_err(|error| log::debug!("the marks are not locked: {error}")).ok()
    }

    /// Reads a log. A damaged one is kept under another name, and its sound lines take its place.
    fn open(&self, dataset: &[u8; 32]) -> Result<(Log, Vec<StoreError>), StoreError> {
        let path = self.path(dataset);
        let bytes = match read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((Log::default(), Vec::new()));
            }
            Err(source) => return Err(StoreError::Read { path, source }),
        };
        let log =
            Log::parse(&bytes, dataset).map_err(|NewerFormat| StoreError::Newer { path: path.clone() })?;
        if let Some((line, why)) = log.damage {
            let aside = set_aside(&path, &bytes);
            let kept = aside.map_err(|source| StoreError::Aside { path: path.clone(), line, why, source })?;
            let sound: String = log.lines.iter().copied().map(self::line).collect();
            let bytes = write_log(&path, dataset, &sound)?;
            let remark = StoreError::Damaged { path, line, why, kept, sound: log.lines.len() };
            return Ok((Log { bytes, damage: None, ..log }, vec![remark]));
        }
        let torn = (log.bytes < bytes.len() as u64).then_some(StoreError::Torn { path });
        Ok((log, torn.into_iter().collect()))
    }
}

/// A log as it was read.
#[derive(Debug, Default, PartialEq)]
struct Log {
    /// Whether there is one with a whole first line.
    exists: bool,
    /// Index, label and review of each sound line.
    lines: Vec<(u32, Class, Review)>,
    /// Bytes of all finished lines.
    bytes: u64,
    /// The first finished line that is not sound, from 1, and why.
    damage: Option<(usize, &'static str)>,
}

/// The log is one of a newer program.
#[derive(Debug, PartialEq)]
struct NewerFormat;

impl Log {
    fn parse(bytes: &[u8], dataset: &[u8; 32]) -> Result<Self, NewerFormat> {
        let header = header(dataset);
        let finished = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if finished == 0 && header.as_bytes().starts_with(bytes) {
            return Ok(Self::default());
        }
        let mut log = Self { exists: true, bytes: finished as u64, ..Self::default() };
        let head = bytes.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        if head != header.as_bytes() {
            // Sound but for its number; a damaged number would not check.
            let newer = str::from_utf8(head).is_ok_and(|head| {
                checked(head.trim_end_matches('\n')).is_some_and(|head| {
                    head.starts_with(KIND) && head.split(' ').take(2).ne(FORMAT.split(' '))
                })
            });
            if newer {
                return Err(NewerFormat);
            }
            log.damage = Some((1, "it does not begin as the marks of this dataset do"));
            return Ok(log);
        }
        for (number, line) in (2..).zip(bytes[head.len()..finished].split_inclusive(|byte| *byte == b'\n')) {
            let line = str::from_utf8(line).ok().and_then(|line| checked(line.strip_suffix('\n')?));
            match line.map(read_line) {
                Some(Some(record)) => log.lines.push(record),
                // What checks and says nothing known was not written by this program.
                Some(None) => return Err(NewerFormat),
                None => {
                    log.damage.get_or_insert((number, "its checksum is wrong"));
                }
            }
        }
        Ok(log)
    }

    /// Images that the lines are about.
    fn images(&self) -> usize {
        let mut indices: Vec<u32> = self.lines.iter().map(|(index, ..)| *index).collect();
        indices.sort_unstable();
        indices.dedup();
        indices.len()
    }
}

/// The bytes of a log, and not of a device or of something far larger.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if metadata.len() > MOST_BYTES {
        return Err(io::Error::other(format!("it is larger than {} MiB", MOST_BYTES >> 20)));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a whole log, and says how many bytes it has.
fn write_log(path: &Path, dataset: &[u8; 32], lines: &str) -> Result<u64, FileError> {
    let text = header(dataset) + lines;
    write_whole(path, |draft| draft.write_all(text.as_bytes()))?;
    Ok(text.len() as u64)
}

/// Writes behind the first `bytes` of a log, in place of what was not finished, and waits for the disk.
fn append(path: &Path, bytes: u64, text: &str) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    file.set_len(bytes)?;
    file.seek(SeekFrom::Start(bytes))?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
    if written.is_err() {
        // Should this fail too, the next reader cuts off what is unfinished.
        let _ = file.set_len(bytes);
    }
    written
}

/// Gives a damaged log a second name under which nothing is ever written.
fn set_aside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    for number in 1..1000 {
        let kept = path.with_extension(format!("damaged-{number}"));
        match File::create_new(&kept) {
            Ok(mut file) => {
                file.write_all(bytes).and_then(|()| file.sync_all())?;
                return Ok(kept);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("a thousand damaged files are kept there already"))
}

fn header(dataset: &[u8; 32]) -> String {
    sealed(&format!("{FORMAT} {}", hexadecimal(dataset)))
}

/// The line of a review: `247 4 wrong 9 1a2b3c4d`.
fn line((index, label, review): (u32, Class, Review)) -> String {
    let new = review.new_label().map_or_else(|| NONE.to_owned(), |new| new.to_string());
    sealed(&format!("{index} {label} {} {new}", review.word()))
}

fn read_line(line: &str) -> Option<(u32, Class, Review)> {
    let words: Vec<&str> = line.split(' ').collect();
    let [index, label, word, new] = words[..] else { return None };
    let new = if new == NONE { None } else { Some(Class::from_str(new).ok()?) };
    Some((index.parse().ok()?, label.parse().ok()?, Review::from_word(word, new)?))
}

/// A line with its checksum and its end.
fn sealed(line: &str) -> String {
    let sum = checksum(line);
    format!("{line} {sum}\n")
}

/// What stands before the checksum, if that is right.
fn checked(line: &str) -> Option<&str> {
    let (line, sum) = line.rsplit_once(' ')?;
    (checksum(line) == sum).then_some(line)
}

fn checksum(text: &str) -> String {
    let mut sum = Crc::new();
    sum.update(text.as_bytes());
    format!("{:08x}", sum.sum())
}

/// What went wrong with kept marks, mended or not.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A log cannot be read.
    #[error("the marks in {} cannot be read: {source}; check its permissions", path.display())]
    Read {
        /// The log.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A log was damaged; it is kept, and what is sound goes on.
    #[error(
        "the marks in {} were damaged: line {line}: {why}; the damaged file is kept as {}, and its {sound} sound lines \
         go on",
        path.display(), kept.display()
    )]
    Damaged {
        /// The log.
        path: PathBuf,
        /// Its first line that is not sound, from 1.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
        /// Where the damaged file is.
        kept: PathBuf,
        /// Lines that are sound.
        sound: usize,
    },
    /// A log is damaged and cannot be kept aside.
    #[error(
        "the marks in {} are damaged: line {line}: {why}; they cannot be kept under another name ({source}), so \
         nothing is saved there: move the file elsewhere",
        path.display()
    )]
    Aside {
        /// The log.
        path: PathBuf,
        /// Its first line that is not sound, from 1.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
        /// Why it cannot be kept aside.
        source: io::Error,
    },
    /// Somebody was stopped in the middle of a write.
    #[error(
        "the last line of {} is unfinished, as after a crash or on a full disk; all marks before it are there",
        path.display()
    )]
    Torn {
        /// The log.
        path: PathBuf,
    },
    /// The log says things this program does not know.
    #[error("the marks in {} are from a newer dubito; use that one, or move the file elsewhere", path.display())]
    Newer {
        /// The log.
        path: PathBuf,
    },
    /// Sound lines that do not belong to the dataset.
    #[error(
        "what {} says of image {index} does not fit this dataset, though its name does; move the file elsewhere",
        path.display()
    )]
    Foreign {
        /// The log.
        path: PathBuf,
        /// The first such image.
        index: u32,
    },
    /// A log cannot be written.
    #[error(transparent)]
    Write(#[from] FileError),
}

#[cfg(test)]
mod tests;
