//! What a file or folder holds, found by looking at names and bytes; and a set made of one of its splits.
//!
//! [`look`] is quick: it lists folders and reads headers. [`Found::open`] reads what must be read; pixels stay in the
//! file where they can.

mod cifar;
mod csv_pixels;
mod error;
mod folders;
mod idx;
mod input;
mod labels;
mod npz;
mod parquet;
mod pictures;
mod place;
mod split;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::set::ImageSet;
use crate::progress::Observer;
pub use error::SourceError;
pub use input::{MOST_IMAGES, MOST_MEMORY};
pub use labels::NAMES_FILE;
use place::{Place, name_of, split_name};
pub use split::SplitInfo;

/// Folders within each other that are looked into for files of data (`FashionMNIST/raw`).
const DEEPEST: usize = 2;
/// The most folders within one that are looked into for files of data.
const MOST_FOLDERS: usize = 50;

/// What images are kept as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// MNIST's format.
    Idx,
    /// numpy's archive.
    Npz,
    /// CIFAR's records.
    Cifar,
    /// Hugging Face's tables.
    Parquet,
    /// A column a pixel.
    Csv,
    /// Picture files.
    Pictures,
    /// Folders, each with a source of its own.
    Several,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(match self {
            Self::Idx => "IDX files",
            Self::Npz => "numpy archive",
            Self::Cifar => "CIFAR binary files",
            Self::Parquet => "Parquet files",
            Self::Csv => "CSV files of pixels",
            Self::Pictures => "pictures",
            Self::Several => "several sets",
        })
    }
}

/// What is where, found when it was looked at.
#[derive(Clone, Debug)]
enum Plan {
    Idx(idx::Plan),
    Npz(npz::Plan),
    Cifar(cifar::Plan),
    Parquet(parquet::Plan),
    Csv(csv_pixels::Plan),
    Pictures(folders::Plan),
    Several(Vec<Found>),
}

/// What a file or folder holds.
#[derive(Clone, Debug)]
pub struct Found {
    /// What was looked at.
    pub path: PathBuf,
    /// What the images are kept as.
    pub kind: Kind,
    /// What the whole is called.
    pub name: String,
    /// The splits in it; at least one.
    pub splits: Vec<SplitInfo>,
    plan: Plan,
}

/// Sees what a file or folder holds.
///
/// # Errors
/// When it holds no images that can be opened, with what is wrong and what nearby would open.
pub fn look(path: &Path) -> Result<Found, SourceError> {
    let place = Place::at(path)?;
    if let Some(found) = look_within(&place, DEEPEST)? {
        return Ok(found);
    }
    Err(nothing(path, &place))
}

fn look_within(place: &Place, depth: usize) -> Result<Option<Found>, SourceError> {
    if let Some(found) = files_of_data(place)? {
        return Ok(Some(found));
    }
    // Folders of files of data before pictures: a torchvision root may hold pictures beside them.
    let raw = |folder: &&PathBuf| name_of(folder) == "raw" || folder.join("raw").is_dir();
    let has_raw = place.folders.iter().take(MOST_FOLDERS).any(|folder| raw(&folder));
    if has_raw && let Some(found) = within(place, depth)? {
        return Ok(Some(found));
    }
    if let Some(plan) = folders::look(place)? {
        let splits = plan.splits();
        return Ok(Some(found(place, Kind::Pictures, splits, Plan::Pictures(plan))));
    }
    within(place, depth)
}

fn found(place: &Place, kind: Kind, splits: Vec<SplitInfo>, plan: Plan) -> Found {
    let path = if place.is_file { place.files[0].clone() } else { place.folder.clone() };
    Found { path, kind, name: place.name(), splits, plan }
}

/// Files of data in the place itself.
fn files_of_data(place: &Place) -> Result<Option<Found>, SourceError> {
    if let Some(plan) = idx::look(place)? {
        return Ok(Some(found(place, Kind::Idx, plan.splits(), Plan::Idx(plan))));
    }
    if let Some(plan) = npz::look(place)? {
        return Ok(Some(found(place, Kind::Npz, plan.splits(), Plan::Npz(plan))));
    }
    if let Some(plan) = cifar::look(place)? {
        return Ok(Some(found(place, Kind::Cifar, plan.splits(), Plan::Cifar(plan))));
    }
    if let Some(plan) = parquet::look(place)? {
        return Ok(Some(found(place, Kind::Parquet, plan.splits(), Plan::Parquet(plan))));
    }
    if let Some(plan) = csv_pixels::look(place)? {
        return Ok(Some(found(place, Kind::Csv, plan.splits(), Plan::Csv(plan))));
    }
    Ok(None)
}

/// Files of data in the folders of a place.
fn within(place: &Place, depth: usize) -> Result<Option<Found>, SourceError> {
    if depth == 0 {
        return Ok(None);
    }
    let mut all = Vec::new();
    let mut refused = None;
    for folder in place.folders.iter().take(MOST_FOLDERS) {
        let looked = Place::at(folder).and_then(|place| match files_of_data(&place)? {
            Some(found) => Ok(Some(found)),
            None => within(&place, depth - 1),
        });
        match looked {
            Ok(found) => all.extend(found),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    match (all.len(), refused) {
        (0, Some(error)) => Err(error),
        (0, None) => Ok(None),
        (1, _) => Ok(all.pop().map(|one| Found { path: place.folder.clone(), ..one })),
        _ => {
            let named = |one: &Found| {
                let name = one.name.clone();
                let info = move |split: &SplitInfo| SplitInfo {
                    name: format!("{name}/{}", split.name),
                    ..split.clone()
                };
                one.splits.iter().map(info).collect::<Vec<_>>()
            };
            let splits = all.iter().flat_map(named).collect();
            Ok(Some(found(place, Kind::Several, splits, Plan::Several(all))))
        }
    }
}

/// There is nothing to open here; what there is, and what nearby would open.
fn nothing(path: &Path, place: &Place) -> SourceError {
    let opens = |path: &Path| Place::at(path).ok().and_then(|place| files_of_data(&place).ok().flatten());
    let near = if place.is_file {
        opens(&place.folder).map(|_| place.folder.clone())
    } else {
        let above = place.folder.parent().filter(|above| !above.as_os_str().is_empty());
        above.filter(|above| opens(above).is_some()).map(Path::to_path_buf)
    };
    let reads =
        "IDX, npz, Parquet, CSV, CIFAR's binary files, PNG, JPEG, WebP, BMP, GIF and TIFF can be opened";
    let advice = near.map_or_else(|| reads.to_owned(), |near| format!("{} would open", near.display()));
    let problem = if place.is_file && pictures::is_other_picture(path) {
        let end = path.extension().map(|end| end.to_string_lossy().to_uppercase()).unwrap_or_default();
        format!("is a picture of a kind that cannot be read, {end}: export it as JPEG or PNG")
    } else if place.is_file {
        "is not a file of images that is known".to_owned()
    } else if place.files.is_empty() && place.folders.is_empty() {
        "the folder is empty".to_owned()
    } else {
        let mut ends: Vec<String> = place.files.iter().map(|file| name_of(file)).collect();
        ends.truncate(3);
        let files = if ends.is_empty() {
            String::new()
        } else {
            format!(" among its files ({}, …)", ends.join(", "))
        };
        format!("holds no images{files}")
    };
    SourceError::new(path, problem, advice)
}

impl Found {
    /// The split to show first: the test, else the validation, else the first there is.
    #[must_use]
    pub fn first_split(&self) -> &str {
        let of = |name: &str| {
            self.splits.iter().find(|split| split.name == name || split.name.ends_with(&format!("/{name}")))
        };
        let split = of("test").or_else(|| of("validation")).or_else(|| self.splits.first());
        split.map_or("", |split| split.name.as_str())
    }

    /// The split of this name, or of another common spelling of it: `val` for `validation`.
    #[must_use]
    pub fn called(&self, name: &str) -> Option<&str> {
        let named =
            |wanted: &str| self.splits.iter().map(|split| split.name.as_str()).find(|own| *own == wanted);
        named(name).or_else(|| named(&split_name(name)))
    }

    /// Opens a split by its name.
    ///
    /// # Errors
    /// When there is no such split, or its files are damaged or have changed.
    pub fn open(&self, split: &str, observer: Observer) -> Result<ControlFlow<(), ImageSet>, SourceError> {
        match self.parts(split, observer) {
            Ok(set) => Ok(ControlFlow::Continue(set)),
            Err(SourceError::Stopped) => Ok(ControlFlow::Break(())),
            Err(error) => Err(error),
        }
    }

    fn parts(&self, split: &str, observer: Observer) -> Result<ImageSet, SourceError> {
        let Some(at) = self.splits.iter().position(|info| info.name == split) else {
            let names: Vec<&str> = self.splits.iter().map(|info| info.name.as_str()).collect();
            let problem = format!("has no split “{split}”");
            return Err(SourceError::new(&self.path, problem, format!("it has {}", names.join(", "))));
        };
        let parts = match &self.plan {
            Plan::Idx(plan) => plan.open(at, observer),
            Plan::Npz(plan) => plan.open(at, observer),
            Plan::Cifar(plan) => plan.open(at, observer),
            Plan::Parquet(plan) => plan.open(at, observer),
            Plan::Csv(plan) => plan.open(at, observer),
            Plan::Pictures(plan) => plan.open(at, observer),
            Plan::Several(all) => {
                let mut at = at;
                for one in all {
                    if let Some(split) = one.splits.get(at) {
                        return one.parts(&split.name, observer);
                    }
                    at -= one.splits.len();
                }
                return Err(SourceError::new(&self.path, "has no such split", "look again"));
            }
        };
        Ok(ImageSet::new(parts?))
    }
}
