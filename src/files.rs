//! Files appear whole or not at all: written under a temporary name beside the target, synced, renamed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file being written. Dropping it leaves no trace; [`Draft::commit`] puts it in place.
///
/// Devices and pipes (`/dev/stdout`, `/dev/null`) must not be replaced by a file of that name, so they are written
/// directly.
#[derive(Debug)]
pub struct Draft {
    target: PathBuf,
    writer: BufWriter<DraftPlace>,
}

/// Where the bytes go until they are complete.
#[derive(Debug)]
enum DraftPlace {
    Beside(NamedTempFile),
    Direct(File),
}

impl Draft {
    /// A draft for `path`, whose folder must exist. A symbolic link is followed, so that its target is replaced and
    /// the link stays.
    ///
    /// # Errors
    /// When the target is a folder or read-only, or no file can be created beside it.
    pub fn new(path: &Path) -> Result<Self, FileError> {
        let fail = |cause| FileError::new(path, cause);
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let place = match fs::metadata(&target) {
            Ok(existing) if existing.is_dir() => return Err(fail(io::ErrorKind::IsADirectory.into())),
            Ok(existing) if !existing.is_file() => {
                DraftPlace::Direct(File::options().write(true).open(&target).map_err(fail)?)
            }
            // A rename would replace a read-only file in a writable folder without asking.
            Ok(existing) if existing.permissions().readonly() => {
                return Err(fail(io::ErrorKind::PermissionDenied.into()));
            }
            _ => DraftPlace::Beside(temporary_beside(&target).map_err(fail)?),
        };
        Ok(Self { target, writer: BufWriter::with_capacity(1 << 16, place) })
    }

    /// Writes out what is buffered, waits until it is on the disk, and renames it into place.
    ///
    /// # Errors
    /// When the disk is full, or the rename is refused; the target is then unchanged.
    pub fn commit(self) -> Result<(), FileError> {
        let Self { target, writer } = self;
        let fail = |cause| FileError::new(&target, cause);
        match writer.into_inner().map_err(|error| fail(error.into_error()))? {
            DraftPlace::Direct(mut file) => file.flush().map_err(fail),
            DraftPlace::Beside(temporary) => {
                temporary.as_file().sync_all().map_err(fail)?;
                temporary.persist(&target).map_err(|error| fail(error.error))?;
                sync_folder(&target);
                Ok(())
            }
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Seek for Draft {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.writer.seek(position)
    }
}

impl Write for DraftPlace {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Beside(temporary) => temporary.as_file_mut().write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Beside(temporary) => temporary.as_file_mut().flush(),
            Self::Direct(file) => file.flush(),
        }
    }
}

impl Seek for DraftPlace {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Beside(temporary) => temporary.as_file_mut().seek(position),
            Self::Direct(file) => file.seek(position),
        }
    }
}

/// Writes a file through a [`Draft`]: when `write` fails, the target stays unchanged.
///
/// # Errors
/// Those of [`Draft`], and any error from `write`, reported with the path.
pub fn write_whole<T>(path: &Path, write: impl FnOnce(&mut Draft) -> io::Result<T>) -> Result<T, FileError> {
    let mut draft = Draft::new(path)?;
    let value = write(&mut draft).map_err(|cause| FileError::new(path, cause))?;
    draft.commit()?;
    Ok(value)
}

fn temporary_beside(target: &Path) -> io::Result<NamedTempFile> {
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".dubito-").suffix(".part");
    // Temporary files are private by default; this one becomes an ordinary file, subject to the umask.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // The error without the temporary name: the caller names the file that was meant.
    builder.tempfile_in(folder).map_err(|error| error.kind().into())
}

/// Makes the rename itself durable where folders can be synced; elsewhere the file system sees to it.
fn sync_folder(target: &Path) {
    #[cfg(unix)]
    if let Some(folder) = target.parent()
        && let Ok(folder) = File::open(folder)
    {
        // The file is in place already: a file system that cannot sync folders is no reason to report failure.
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = target;
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {cause} ({})", path.display(), advice(cause))]
pub struct FileError {
    /// The file that could not be written.
    pub path: PathBuf,
    /// The system's error.
    pub cause: io::Error,
}

impl FileError {
    /// A failure to write `path`.
    #[must_use]
    pub fn new(path: &Path, cause: io::Error) -> Self {
        Self { path: path.to_path_buf(), cause }
    }
}

/// What the user can do about a failed write.
fn advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "it is read-only; choose a place you may write to"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "the disk is full; free some space or choose another disk"
        }
        io::ErrorKind::NotFound => "its folder does not exist; create it or choose another",
        io::ErrorKind::NotADirectory => "a part of its path is a file, not a folder; choose another place",
        io::ErrorKind::IsADirectory => "this is a folder; give the name of a file in it",
        _ => "choose another place or try again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_written_file_is_whole_and_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("数字.csv");
        write_whole(&path, |draft| draft.write_all(b"first")).unwrap();
        write_whole(&path, |draft| draft.write_all(b"second")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(entries(folder.path()), ["数字.csv"]);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        fs::write(&path, b"old").unwrap();
        let error = write_whole(&path, |draft| {
            draft.write_all(&vec![0; 100_000])?;
            Err::<(), _>(io::Error::from(io::ErrorKind::StorageFull))
        })
        .unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(entries(folder.path()), ["table.csv"]);
        let message = error.to_string();
        assert!(message.contains("table.csv") && message.contains("free some space"), "{message}");
    }

    #[test]
    fn a_dropped_draft_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let mut draft = Draft::new(&folder.path().join("a")).unwrap();
        draft.write_all(&vec![1; 200_000]).unwrap();
        drop(draft);
        assert!(entries(folder.path()).is_empty());
    }

    #[test]
    fn a_missing_folder_and_a_folder_as_target_are_explained() {
        let folder = tempfile::tempdir().unwrap();
        let missing = write_whole(&folder.path().join("no/such/file"), |_| Ok(())).unwrap_err().to_string();
        assert!(missing.contains("no/such/file") && missing.contains("create it"), "{missing}");
        let is_folder = write_whole(folder.path(), |_| Ok(())).unwrap_err().to_string();
        assert!(is_folder.contains("give the name of a file"), "{is_folder}");
    }

    #[test]
    fn a_read_only_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        fs::write(&path, b"precious").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let message = write_whole(&path, |draft| draft.write_all(b"new")).unwrap_err().to_string();
        assert!(message.contains("read-only"), "{message}");
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, b"old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write_whole(&link, |draft| draft.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_are_written_to_and_a_full_disk_is_named() {
        use std::os::unix::fs::FileTypeExt;
        let full = Path::new("/dev/full");
        let message = write_whole(full, |draft| draft.write_all(b"x")).unwrap_err().to_string();
        assert!(message.contains("/dev/full") && message.contains("disk is full"), "{message}");
        assert!(fs::metadata(full).unwrap().file_type().is_char_device());
        write_whole(Path::new("/dev/null"), |draft| draft.write_all(b"x")).unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }

    #[cfg(unix)]
    #[test]
    fn a_written_file_has_ordinary_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
        write_whole(&ours, |draft| draft.write_all(b"x")).unwrap();
        fs::write(&plain, b"x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
