//! Which digits: a folder that was asked for, the cache, a download, or the program's own pen.
//!
//! In this order: `--data`, the environment variable `MNIST_DIR`, the cache, the mirrors, synthetic digits. What was
//! asked for by name is given or refused, never replaced by something else; only a machine with neither cache nor
//! network gets synthetic digits unasked, and [`Source::notice`] says so.

use std::env;
use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::about::About;
use super::asked::{self, Asked, AskedError};
use super::download::{DownloadError, MIRRORS, Patience, Published, download};
use super::idx::{IdxError, read_digits};
pub use super::split::Split;
use super::split::{find, find_file};
use super::{Classes, Digits, class_names, synthetic};
use crate::progress::{Observer, unobserved};

/// The environment variable that names a folder.
pub const FOLDER_VARIABLE: &str = "MNIST_DIR";
/// What asks for synthetic digits in place of a folder. (A folder of that name is `./synthetic`.)
pub const SYNTHETIC: &str = "synthetic";

/// Where digits came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder that was asked for.
    Folder(PathBuf),
    /// A file that was asked for.
    File(PathBuf),
    /// An earlier download.
    Cache(PathBuf),
    /// A download just now, into this folder.
    Downloaded(PathBuf),
    /// The program's own pen.
    Synthetic {
        /// Why.
        reason: SyntheticReason,
    },
}

/// Why digits are synthetic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntheticReason {
    /// Asked for by name.
    Asked,
    /// Nothing in the cache, and no mirror answered.
    NoNetwork {
        /// What each mirror did.
        details: String,
    },
    /// Nothing in the cache, and the download went wrong.
    DownloadFailed {
        /// How.
        details: String,
    },
}

impl Source {
    /// What was named by its path; `None` for what comes from elsewhere.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) | Self::File(path) => Some(path),
            Self::Cache(_) | Self::Downloaded(_) | Self::Synthetic { .. } => None,
        }
    }

    /// Whether they stand in for digits that could not be fetched.
    #[must_use]
    pub fn is_fallback(&self) -> bool {
        match self {
            Self::Synthetic { reason } => *reason != SyntheticReason::Asked,
            Self::Folder(_) | Self::File(_) | Self::Cache(_) | Self::Downloaded(_) => false,
        }
    }

    /// One sentence for standard error or a notice when the digits are not the ones the user expects.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let Self::Synthetic {
            reason: SyntheticReason::NoNetwork { details } | SyntheticReason::DownloadFailed { details },
        } = self
        else {
            return None;
        };
        Some(format!(
            "MNIST is not here, and {details}. Going on with synthetic digits: for real ones connect and start \
             again, or give a folder that holds them with --data or {FOLDER_VARIABLE}."
        ))
    }
}

impl fmt::Display for Source {
    /// Short, for a chip or a footer: `MNIST`, `folder notmnist`, `synthetic digits (offline)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "file {}", last_name(file)),
            Self::Folder(folder) => write!(f, "folder {}", last_name(folder)),
            Self::Cache(_) | Self::Downloaded(_) => f.write_str("MNIST"),
            Self::Synthetic { reason } => f.write_str(match reason {
                SyntheticReason::Asked => "synthetic digits",
                SyntheticReason::NoNetwork { .. } => "synthetic digits (offline)",
                SyntheticReason::DownloadFailed { .. } => "synthetic digits (download failed)",
            }),
        }
    }
}

/// The last part of a path, also of `.` and `..`.
fn last_name(folder: &Path) -> String {
    let named = if folder.file_name().is_some() { None } else { folder.canonicalize().ok() };
    let folder = named.as_deref().unwrap_or(folder);
    folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
}

/// Digits and where they came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The images with their labels.
    pub digits: Digits,
    /// Where they came from.
    pub source: Source,
    /// What else is known of them.
    pub about: About,
}

impl Loaded {
    /// The same, its classes called otherwise than its source calls them.
    fn called(self, names: Classes) -> Self {
        let own = self.digits.classes().clone();
        let about = About { own_names: Some(own), ..self.about };
        Self { digits: self.digits.named(names), about, ..self }
    }

    /// Where they are from and which split they are, as footers of exports name it: `MNIST, test`.
    #[must_use]
    pub fn provenance(&self, split: Split) -> String {
        format!("{}, {}", self.source, self.about.part(split))
    }
}

/// Where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// What was asked for: a folder, or [`SYNTHETIC`].
    pub asked: Option<PathBuf>,
    /// The split of what was asked for that is shown in place of its test, as the source calls it.
    pub part: Option<String>,
    /// Where the names are kept that a person gave to classes; `None`: nowhere.
    pub names: Option<PathBuf>,
    /// The folder in [`FOLDER_VARIABLE`].
    pub environment: Option<PathBuf>,
    /// Where downloads are kept; `None` when the system names no such place.
    pub cache: Option<PathBuf>,
    /// Addresses the names of the files are appended to, in the order they are tried.
    pub mirrors: Vec<String>,
    /// How long to wait for the mirrors.
    pub patience: Patience,
}

impl Places {
    /// The places of this machine; `asked` is the argument of `--data`.
    #[must_use]
    pub fn new(asked: Option<PathBuf>) -> Self {
        Self {
            asked,
            part: None,
            names: class_names::default_folder(),
            environment: env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from),
            cache: directories::ProjectDirs::from("", "", "dubito")
                .map(|project| project.cache_dir().join("mnist")),
            mirrors: MIRRORS.map(str::to_owned).to_vec(),
            patience: Patience::default(),
        }
    }

    /// The digits of a split. `Break` when the observer stopped a download (progress is in bytes).
    ///
    /// # Errors
    /// When the folder asked for does not hold readable digits; when the cache holds only the other split, or damaged
    /// files, and they cannot be downloaded.
    pub fn load(&self, split: Split, observe: Observer<'_>) -> Result<ControlFlow<(), Loaded>, SourceError> {
        Ok(match self.load_published(split, &split.published(), observe)? {
            ControlFlow::Continue(loaded) => ControlFlow::Continue(self.renamed(loaded)),
            ControlFlow::Break(()) => ControlFlow::Break(()),
        })
    }

    /// The digits of a split, to be looked at: where what was asked for has no test split, its first one is shown in place
    /// of it, and that is said.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_to_show(
        &self,
        split: Split,
        observe: Observer<'_>,
    ) -> Result<ControlFlow<(), Loaded>, SourceError> {
        match self.load(split, observe) {
            Err(SourceError::Asked(AskedError::Split { names, .. }))
                if split == Split::Test && self.part.is_none() =>
            {
                let first = Self { part: names.first().cloned(), ..self.clone() };
                let mut found = first.load(split, observe)?;
                if let ControlFlow::Continue(loaded) = &mut found
                    && names.len() > 1
                {
                    loaded.about.remarks.push(format!(
                        "There is no test split: these are the images of “{}”, and a network trained on them has seen \
                         them.",
                        names[0]
                    ));
                }
                Ok(found)
            }
            loaded => loaded,
        }
    }

    /// MNIST and synthetic digits have no other split to show than the two; which is learnt from is no matter.
    fn refuse_part(&self, split: Split) -> Result<(), SourceError> {
        match &self.part {
            Some(part) if split == Split::Test => Err(SourceError::Part { part: part.clone() }),
            _ => Ok(()),
        }
    }

    /// Under the names that a person gave to its classes, if there are any.
    fn renamed(&self, loaded: Loaded) -> Loaded {
        // Without a folder nobody has named anything, and the contents need not be hashed.
        let Some(folder) = self.names.as_deref().filter(|folder| folder.is_dir()) else { return loaded };
        let own = loaded.digits.classes().clone();
        match class_names::load(folder, &loaded.digits.hash(), own.len()) {
            Some(names) if names != own => loaded.called(names),
            _ => loaded,
        }
    }

    /// The digits of a split if they are available without a download; `None` if they are not, or are damaged.
    #[must_use]
    pub fn load_here(&self, split: Split) -> Option<Loaded> {
        let here = Self { mirrors: Vec::new(), ..self.clone() };
        match here.load(split, &mut unobserved) {
            Ok(ControlFlow::Continue(loaded)) => {
                Some(loaded).filter(|loaded| loaded.source.notice().is_none())
            }
            Ok(ControlFlow::Break(())) => None,
            Err(error) => {
                log::info!("the {split} images are not here: {error}");
                None
            }
        }
    }

    fn load_published(
        &self,
        split: Split,
        published: &[Published],
        observe: Observer<'_>,
    ) -> Result<ControlFlow<(), Loaded>, SourceError> {
        let loaded =
            |digits, source| Ok(ControlFlow::Continue(Loaded { digits, source, about: About::default() }));
        if let Some(asked) = &self.asked {
            if asked.as_os_str() == SYNTHETIC {
                self.refuse_part(split)?;
                return loaded(draw(split), Source::Synthetic { reason: SyntheticReason::Asked });
            }
            return read_asked(asked, split, self.part.as_deref(), observe);
        }
        if let Some(folder) = &self.environment {
            return read_asked(folder, split, self.part.as_deref(), observe)
                .map_err(|error| SourceError::Environment(Box::new(error)));
        }
        self.refuse_part(split)?;
        let Some(cache) = &self.cache else {
            let details = "the system names no folder to keep a download in".to_owned();
            return loaded(
                draw(split),
                Source::Synthetic { reason: SyntheticReason::DownloadFailed { details } },
            );
        };
        let mut damaged = None;
        if let Some((images, labels)) = find(cache, split) {
            match read_digits(&images, &labels) {
                Ok(digits) => return loaded(digits, Source::Cache(cache.clone())),
                Err(error) => {
                    log::warn!("{error}; downloading it again");
                    damaged = Some(error);
                }
            }
        }
        match download(published, &self.mirrors, cache, self.patience, observe) {
            Ok(ControlFlow::Continue(())) => {
                loaded(read_cache(cache, split)?, Source::Downloaded(cache.clone()))
            }
            Ok(ControlFlow::Break(())) => Ok(ControlFlow::Break(())),
            Err(download) => {
                if let Some(damaged) = damaged {
                    return Err(SourceError::DamagedCache { damaged, download });
                }
                // A network trained on synthetic digits and shown real ones would be a surprise.
                if find(cache, split.other()).is_some() {
                    return Err(SourceError::OtherSplit { split, cache: cache.clone(), download });
                }
                let details = download.to_string();
                let reason = if download.is_offline() {
                    SyntheticReason::NoNetwork { details }
                } else {
                    SyntheticReason::DownloadFailed { details }
                };
                loaded(draw(split), Source::Synthetic { reason })
            }
        }
    }
}

fn draw(split: Split) -> Digits {
    synthetic::generate(split.synthetic_count(), split.synthetic_seed())
}

/// What a person named: refused where it cannot be had, never replaced by something else.
fn read_asked(
    path: &Path,
    split: Split,
    part: Option<&str>,
    observe: Observer<'_>,
) -> Result<ControlFlow<(), Loaded>, SourceError> {
    if !path.exists() {
        return Err(SourceError::NoFolder { folder: path.to_path_buf() });
    }
    Ok(match asked::read(path, split, part, observe)? {
        ControlFlow::Continue(Asked { digits, about }) => {
            let named = if path.is_file() { Source::File } else { Source::Folder };
            ControlFlow::Continue(Loaded { digits, source: named(path.to_path_buf()), about })
        }
        ControlFlow::Break(()) => ControlFlow::Break(()),
    })
}

/// The cache's own files.
fn read_cache(folder: &Path, split: Split) -> Result<Digits, SourceError> {
    let missing = |content| SourceError::Missing { folder: folder.to_path_buf(), split, content };
    let images = find_file(folder, split, "images", 3).ok_or_else(|| missing("images-idx3"))?;
    let labels = find_file(folder, split, "labels", 1).ok_or_else(|| missing("labels-idx1"))?;
    Ok(read_digits(&images, &labels)?)
}

/// Why there are no digits.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The folder is not there.
    #[error("{}: there is no such file or folder (give one that holds images, or `{SYNTHETIC}`; `dubito data PATH` says \
             what is in one)", folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder lacks a file.
    #[error("{}: there is no {}-{content}-ubyte, plain or .gz (the {split} split needs it)", folder.display(), split.stem())]
    Missing {
        /// The folder.
        folder: PathBuf,
        /// The split that was to be read.
        split: Split,
        /// Which file, as in its name.
        content: &'static str,
    },
    /// MNIST has two splits.
    #[error(
        "there is no split “{part}” of MNIST and of synthetic digits: they have train and test (choose one, or name \
         the folder or file that has it)"
    )]
    Part {
        /// What was asked for.
        part: String,
    },
    /// A file does not have the expected contents.
    #[error(transparent)]
    Idx(#[from] IdxError),
    /// What was asked for cannot be opened.
    #[error(transparent)]
    Asked(#[from] AskedError),
    /// The folder named by the environment variable is at fault.
    #[error("{FOLDER_VARIABLE}: {0} (correct the variable or unset it)")]
    Environment(Box<SourceError>),
    /// The cache is damaged and cannot be renewed.
    #[error("{damaged}; {download} (connect and try again, or delete the file)")]
    DamagedCache {
        /// What is wrong with the file.
        damaged: IdxError,
        /// Why it could not be downloaded again.
        download: DownloadError,
    },
    /// The cache holds one split, and the other cannot be had.
    #[error("{}: the {split} split is not there, and {download} (connect and try again, or give a folder that holds \
             it, or `{SYNTHETIC}`)", cache.display())]
    OtherSplit {
        /// The split that was asked for.
        split: Split,
        /// The cache.
        cache: PathBuf,
        /// Why it could not be downloaded.
        download: DownloadError,
    },
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::super::Class;
    use super::super::PIXELS;
    use super::super::download::local::{dead_mirror, mirror_with, published};
    use super::super::idx::{Packing, write_images, write_labels};
    use super::*;

    fn some_digits(count: usize) -> Digits {
        let pixels = (0..count * PIXELS).map(|i| (i % 251) as u8).collect();
        Digits::new(pixels, (0..count).map(|i| (i % 10) as Class).collect()).unwrap()
    }

    fn fill(folder: &Path, names: [&str; 2], packing: Packing, digits: &Digits) {
        write_images(&folder.join(names[0]), digits, packing).unwrap();
        write_labels(&folder.join(names[1]), digits, packing).unwrap();
    }

    /// Nothing asked for, an empty cache in `folder`, and a mirror where nothing listens.
    fn nowhere(folder: &Path) -> Places {
        Places {
            asked: None,
            part: None,
            names: None,
            environment: None,
            cache: Some(folder.join("cache")),
            mirrors: vec![dead_mirror()],
            patience: Patience {
                connect: Duration::from_millis(500),
                reach: Duration::from_millis(500),
                last: Duration::from_millis(100),
                stall: Duration::from_millis(500),
            },
        }
    }

    fn load(places: &Places, split: Split) -> Result<Loaded, SourceError> {
        match places.load(split, &mut unobserved)? {
            ControlFlow::Continue(loaded) => Ok(loaded),
            ControlFlow::Break(()) => panic!("nobody stopped it"),
        }
    }

    const GZIPPED: [&str; 2] = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];

    #[test]
    fn a_split_of_another_source_is_refused_where_it_would_be_shown_and_no_matter_where_one_learns() {
        let folder = tempfile::tempdir().unwrap();
        let mut places = Places { part: Some("validation".to_owned()), ..nowhere(folder.path()) };
        let cache = folder.path().join("cache");
        fs::create_dir(&cache).unwrap();
        fill(&cache, ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"], Packing::Plain, &some_digits(2));
        for asked in [None, Some(SYNTHETIC.into())] {
            places.asked = asked;
            let refused = load(&places, Split::Test).unwrap_err();
            assert!(matches!(refused, SourceError::Part { .. }), "{refused}");
        }
        places.asked = None;
        assert_eq!(load(&places, Split::Train).unwrap().digits.len(), 2);
    }

    #[test]
    fn the_folder_asked_for_comes_first_then_the_environment_then_the_cache() {
        let folder = tempfile::tempdir().unwrap();
        let mut places = nowhere(folder.path());
        for (count, name) in [(1, "asked"), (2, "environment"), (3, "cache")] {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            fill(&path, GZIPPED, Packing::Gzip, &some_digits(count));
        }
        places.asked = Some(folder.path().join("asked"));
        places.environment = Some(folder.path().join("environment"));
        let found = load(&places, Split::Test).unwrap();
        assert_eq!((found.digits.len(), found.source.to_string()), (1, "folder asked".to_owned()));
        places.asked = None;
        let found = load(&places, Split::Test).unwrap();
        assert_eq!((found.digits.len(), found.source.to_string()), (2, "folder environment".to_owned()));
        places.environment = None;
        let found = load(&places, Split::Test).unwrap();
        assert_eq!((found.digits.len(), found.source.to_string()), (3, "MNIST".to_owned()));
        assert!(found.source.notice().is_none());
    }

    #[test]
    fn plain_and_dotted_names_are_found_and_a_split_may_be_missing() {
        let folder = tempfile::tempdir().unwrap();
        let mut places = nowhere(folder.path());
        places.asked = Some(folder.path().to_path_buf());
        fill(
            folder.path(),
            ["train-images.idx3-ubyte", "train-labels.idx1-ubyte"],
            Packing::Plain,
            &some_digits(2),
        );
        assert_eq!(load(&places, Split::Train).unwrap().digits, some_digits(2));
        let message = load(&places, Split::Test).unwrap_err().to_string();
        assert!(message.contains("has no test split; it has train"), "{message}");
        // To be looked at, that one does, and it is said.
        let Ok(ControlFlow::Continue(shown)) = places.load_to_show(Split::Test, &mut unobserved) else {
            panic!("there is one split")
        };
        assert_eq!((shown.digits, shown.about.part.as_deref()), (some_digits(2), Some("train")));
        assert!(shown.about.remarks.iter().any(|told| told.contains("has seen the images")));
        // Compressed under a plain name: the bytes decide.
        fill(
            folder.path(),
            ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"],
            Packing::Gzip,
            &some_digits(4),
        );
        assert_eq!(load(&places, Split::Test).unwrap().digits, some_digits(4));
    }

    #[test]
    fn what_is_asked_for_and_does_not_work_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut places = nowhere(folder.path());
        places.asked = Some(folder.path().join("misspelt"));
        let message = load(&places, Split::Test).unwrap_err().to_string();
        assert!(message.contains("misspelt: there is no such file or folder"), "{message}");
        places.environment = places.asked.take();
        let message = load(&places, Split::Test).unwrap_err().to_string();
        assert!(message.starts_with("MNIST_DIR: ") && message.contains("unset it"), "{message}");
    }

    #[test]
    fn synthetic_digits_come_by_name_or_when_there_is_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let mut places = nowhere(folder.path());
        let found = load(&places, Split::Test).unwrap();
        assert_eq!(found.digits.len(), 10_000);
        assert_eq!(found.source.to_string(), "synthetic digits (offline)");
        assert!(found.source.notice().unwrap().contains("t10k-images-idx3-ubyte.gz could not be downloaded"));
        places.asked = Some(SYNTHETIC.into());
        let asked = load(&places, Split::Test).unwrap();
        assert_eq!(asked.digits, found.digits);
        assert_eq!((asked.source.to_string(), asked.source.notice()), ("synthetic digits".to_owned(), None));
    }

    #[test]
    fn a_download_fills_the_cache_and_is_used_from_there_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let origin = folder.path().join("origin");
        fs::create_dir(&origin).unwrap();
        fill(&origin, GZIPPED, Packing::Gzip, &some_digits(5));
        let contents = GZIPPED.map(|name| (name.to_owned(), fs::read(origin.join(name)).unwrap()));
        let files = contents.clone().map(|(name, content)| published(&name, &content));
        let mut places = nowhere(folder.path());
        places.mirrors.push(mirror_with(contents.to_vec()));
        let stopped = places.load_published(Split::Test, &files, &mut |_| ControlFlow::Break(()));
        assert!(stopped.unwrap().is_break());
        let downloaded = places.load_published(Split::Test, &files, &mut unobserved).unwrap();
        let ControlFlow::Continue(downloaded) = downloaded else { panic!("nobody stopped it") };
        assert_eq!(downloaded.digits, some_digits(5));
        assert!(matches!(downloaded.source, Source::Downloaded(_)));
        places.mirrors.clear();
        assert!(matches!(load(&places, Split::Test).unwrap().source, Source::Cache(_)));

        // With one split here, the other is not replaced by synthetic digits.
        let message = load(&places, Split::Train).unwrap_err().to_string();
        assert!(message.contains("the train split is not there"), "{message}");

        // A damaged file is renewed, or named when it cannot be.
        let images = folder.path().join("cache").join(GZIPPED[0]);
        fs::write(&images, b"damaged").unwrap();
        let message = load(&places, Split::Test).unwrap_err().to_string();
        assert!(message.contains("bad magic number") && message.contains("delete the file"), "{message}");
        places.mirrors.push(mirror_with(contents.to_vec()));
        let renewed = places.load_published(Split::Test, &files, &mut unobserved).unwrap();
        assert!(matches!(renewed, ControlFlow::Continue(Loaded { source: Source::Downloaded(_), .. })));
    }

    #[test]
    fn the_published_files_are_those_of_mnist() {
        let names: Vec<_> = [Split::Train, Split::Test]
            .iter()
            .flat_map(|split| split.published())
            .map(|file| file.name)
            .collect();
        assert_eq!(names[..2], ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]);
        assert_eq!(names[2..], GZIPPED);
        for file in [Split::Train, Split::Test].iter().flat_map(|split| split.published()) {
            assert_eq!(file.sha256.len(), 64);
        }
    }
}
