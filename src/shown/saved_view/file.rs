//! A view's file: written whole or not at all, and read with distrust.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::contents::{DataPlace, NetworkPlace, SavedView};
use crate::files::{FileError, write_whole};

/// The ending of such a file's name.
pub const ENDING: &str = "dubito-view";
/// What such a file says it is.
const FORMAT: &str = "dubito view";
/// What this program writes, and the newest that it reads.
const VERSION: u64 = 1;
/// Larger than any view: a bigger file is something else.
const MOST_BYTES: u64 = 16 << 20;

/// A file's first words, whatever else is in it.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u64,
}

/// A whole file.
#[derive(Serialize, Deserialize)]
struct Whole<'a> {
    format: String,
    version: u64,
    view: Cow<'a, SavedView>,
}

impl SavedView {
    /// Writes it; the file is there whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written, also because a folder's name is no text.
    pub fn save(&self, path: &Path) -> Result<(), FileError> {
        write_whole(path, |draft| draft.write_all(&self.bytes()?))
    }

    /// The bytes of its file: any part of them that leaves an end out is no view.
    pub(super) fn bytes(&self) -> std::io::Result<Vec<u8>> {
        let view = Cow::Borrowed(self);
        Ok(serde_json::to_vec(&Whole { format: FORMAT.to_owned(), version: VERSION, view })?)
    }

    /// Reads one. Paths in it that are not absolute are meant from its own folder.
    ///
    /// # Errors
    /// When the file cannot be read, is no view, is damaged or of a newer program, or says what cannot be.
    pub fn open(path: &Path) -> Result<Self, SavedViewError> {
        let fail = |why| SavedViewError { path: path.to_path_buf(), why };
        let bytes = read(path).map_err(|error| fail(Why::Unreadable(error)))?;
        let mut view = Self::parse(&bytes).map_err(fail)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        if let DataPlace::Folder(place) = &mut view.data.place {
            *place = folder.join(&*place);
        }
        if let NetworkPlace::File(place) = &mut view.network.place {
            *place = folder.join(&*place);
        }
        Ok(view)
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Why> {
        let header: Header = serde_json::from_slice(bytes).map_err(|error| {
            // What begins as a view does is one that was cut off.
            let begun = bytes.starts_with(format!("{{\"format\":\"{FORMAT}\"").as_bytes());
            if begun { Why::Damaged(error.to_string()) } else { Why::NoView }
        })?;
        if header.format != FORMAT {
            return Err(Why::NoView);
        }
        if header.version > VERSION {
            return Err(Why::Newer(header.version));
        }
        let whole: Whole<'_> =
            serde_json::from_slice(bytes).map_err(|error| Why::Damaged(error.to_string()))?;
        let view = whole.view.into_owned();
        view.check().map_err(Why::Refused)?;
        Ok(view)
    }
}

/// The bytes of a file, and not of a device or of something far larger.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    if metadata.len() > MOST_BYTES {
        return Err(std::io::Error::other(format!("it is larger than {} MiB", MOST_BYTES >> 20)));
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Why a file gives no view.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct SavedViewError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// The system does not give it.
    #[error("this view cannot be read: {0} (check the path and its permissions)")]
    Unreadable(std::io::Error),
    /// It is something else.
    #[error("this is no view of Dubito's (give a file that File > Save view… wrote)")]
    NoView,
    /// It is cut off, or bytes in it have changed.
    #[error("this view is damaged or incomplete: {0} (copy it again, or save the view anew)")]
    Damaged(String),
    /// A newer program wrote it.
    #[error(
        "a newer Dubito wrote this view: it is of version {0}, and this one reads up to {VERSION} (open it with the newer \
         one)"
    )]
    Newer(u64),
    /// It says what cannot be.
    #[error("this view cannot be shown: {0} (save the view anew)")]
    Refused(String),
}
