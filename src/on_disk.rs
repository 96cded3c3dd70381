//! Files too large for memory: read by position, and where such files of the program's own go.

use std::env;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Reads a whole buffer from a position, without moving the file's own.
///
/// # Errors
/// When the file is shorter, or cannot be read.
#[cfg(unix)]
pub fn read_exact_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, position)
}

/// Reads a whole buffer from a position.
///
/// # Errors
/// When the file is shorter, or cannot be read.
#[cfg(windows)]
pub fn read_exact_at(file: &File, mut buffer: &mut [u8], mut position: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, position)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                buffer = &mut buffer[read..];
                position += read as u64;
            }
        }
    }
    Ok(())
}

/// The folder for files of gigabytes that are needed for a while. `/tmp` is memory on many machines, `/var/tmp` is for
/// just this.
#[must_use]
pub fn roomy_folder() -> PathBuf {
    let named = env::var_os("TMPDIR").is_some_and(|folder| !folder.is_empty());
    let roomy = PathBuf::from("/var/tmp");
    if cfg!(unix) && !named && roomy.is_dir() { roomy } else { env::temp_dir() }
}
