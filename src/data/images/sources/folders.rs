//! Folders of pictures: one for each class, split into parts or not; or flat, with a table of labels or without any.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::error::SourceError;
use super::input::{MOST_IMAGES, check_images};
use super::labels::{Names, beside, highest, named, of_words, settle};
use super::pictures::{
    begins_as_picture, common_shape, is_other_picture, is_readable_name, look_at, skip_other,
};
use super::place::{Place, folder_name, is_hidden, name_of, split_name, too_many};
use super::split::SplitInfo;
use super::table::{NamedLabels, named_labels};
use crate::data::UNLABELLED;
use crate::data::classes::{Class, Classes};
use crate::data::images::set::{Parts, Skipped};
use crate::data::images::store::{Part, Paths, Store};
use crate::progress::Observer;

/// The pictures of a split.
#[derive(Clone, Debug)]
struct Split {
    name: String,
    folder: PathBuf,
    /// Below the folder, with `/`.
    names: Paths,
    /// The class of each among [`Plan::classes`].
    classes: Vec<Class>,
    table: Option<NamedLabels>,
    skipped: Skipped,
}

/// The splits of a folder.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    folder: PathBuf,
    splits: Vec<Split>,
    /// Names of class folders, sorted as text.
    classes: Vec<String>,
}

/// Labels with their classes, and what a person should know of them.
type Labelled = (Vec<Class>, Option<Classes>, Vec<String>);

/// A walk's find: pictures with the names of their class folders.
struct Walked {
    names: Paths,
    classes: Vec<Option<String>>,
    skipped: Skipped,
}

/// Finds pictures in a folder and those within, or a picture alone.
pub(super) fn look(place: &Place) -> Result<Option<Plan>, SourceError> {
    const PARTS: [&str; 3] = ["train", "test", "validation"];
    if place.is_file {
        return Ok(alone(place));
    }
    let split_of = |folder: &Path| split_name(&name_of(folder));
    let parts: Vec<&PathBuf> =
        place.folders.iter().filter(|folder| PARTS.contains(&split_of(folder).as_str())).collect();
    let is_split = parts.len() == place.folders.len() && parts.len() > 1
        || parts.iter().any(|folder| split_of(folder) == "train");
    let mut walks = Vec::new();
    if is_split {
        for folder in parts {
            walks.push((split_of(folder), folder.clone(), walk(folder)?));
        }
    } else {
        walks.push(("all".to_owned(), place.folder.clone(), walk(&place.folder)?));
    }
    walks.retain(|(_, _, walked)| walked.names.len() > 0);
    if walks.is_empty() {
        return Ok(None);
    }
    let classes = walks.iter().flat_map(|(_, _, walked)| walked.classes.iter().flatten().cloned());
    let classes: Vec<String> = classes.collect::<BTreeSet<String>>().into_iter().collect();
    let mut splits = Vec::new();
    for (name, folder, walked) in walks {
        splits.push(split(place, name, folder, walked, &classes)?);
    }
    Ok(Some(Plan { folder: place.folder.clone(), splits, classes }))
}

fn alone(place: &Place) -> Option<Plan> {
    let path = place.files.first().filter(|path| is_readable_name(path) || begins_as_picture(path))?;
    let mut names = Paths::default();
    names.push(&name_of(path));
    let split = Split {
        name: "all".to_owned(),
        folder: place.folder.clone(),
        names,
        classes: vec![UNLABELLED],
        table: None,
        skipped: Skipped::default(),
    };
    Some(Plan { folder: place.folder.clone(), splits: vec![split], classes: Vec::new() })
}

fn walk(root: &Path) -> Result<Walked, SourceError> {
    let mut walked = Walked { names: Paths::default(), classes: Vec::new(), skipped: Skipped::default() };
    let entries = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
    let mut seen = 0;
    for entry in
        entries.filter_entry(|entry| entry.depth() == 0 || !is_hidden(&entry.file_name().to_string_lossy()))
    {
        seen += 1;
        if seen > 2 * MOST_IMAGES || walked.names.len() > MOST_IMAGES {
            return Err(too_many(root));
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().map(|path| path.display().to_string()).unwrap_or_default();
                let is_circle = error.loop_ancestor().is_some();
                let why = if is_circle {
                    "is a link to a folder it is in".to_owned()
                } else {
                    format!("cannot be read: {error}")
                };
                walked.skipped.add(|| format!("{path} {why}"));
                continue;
            }
        };
        if !entry.file_type().is_file() {
            continue;
        }
        let Ok(below) = entry.path().strip_prefix(root) else { continue };
        // A name that is no text cannot be kept in a table or a settings file.
        let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
        let Some(parts) = parts else {
            walked.skipped.add(|| format!("{}: its name is not text; rename it", below.display()));
            continue;
        };
        if is_other_picture(below) {
            skip_other(&mut walked.skipped, &parts.join("/"));
        } else if is_readable_name(below) {
            walked.names.push(&parts.join("/"));
            walked.classes.push((parts.len() > 1).then(|| parts[0].to_owned()));
        }
    }
    Ok(walked)
}

/// A split with its labels: by folder, or from a table where there is one and folders say nothing.
fn split(
    place: &Place,
    name: String,
    folder: PathBuf,
    walked: Walked,
    classes: &[String],
) -> Result<Split, SourceError> {
    /// Folders whose names say no class when they are the only one.
    const PLAIN: [&str; 5] = ["images", "imgs", "img", "pictures", "data"];
    let Walked { names, classes: mut found, mut skipped } = walked;
    let distinct: BTreeSet<&String> = found.iter().flatten().collect();
    if distinct.len() == 1 && distinct.iter().any(|name| PLAIN.contains(&name.to_lowercase().as_str())) {
        found.fill(None);
    }
    let distinct: BTreeSet<&String> = found.iter().flatten().collect();
    let mut table = None;
    if distinct.len() < 2 {
        let mut here = Place::at(&folder)?.ending(&[".csv"]);
        here.extend(place.ending(&[".csv"]));
        let pictures: Vec<&str> = (0..names.len()).map(|index| names.get(index)).collect();
        for path in here {
            table = named_labels(&path, &pictures)?;
            if table.is_some() {
                break;
            }
        }
    }
    if let Some(table) = &mut table {
        for name in std::mem::take(&mut table.missing) {
            skipped.add(|| format!("{name} is named in {} and is not there", name_of(&table.path)));
        }
    }
    let class = |name: &Option<String>| {
        let place = name.as_ref().and_then(|name| classes.binary_search(name).ok());
        place.map_or(UNLABELLED, |place| place as Class)
    };
    let classes =
        if classes.len() > usize::from(UNLABELLED) { Vec::new() } else { found.iter().map(class).collect() };
    Ok(Split { name, folder, names, classes, table, skipped })
}

impl Plan {
    pub(super) fn splits(&self) -> Vec<SplitInfo> {
        let info = |split: &Split| SplitInfo {
            name: split.name.clone(),
            images: Some(split.names.len()),
            labelled: split.table.is_some() || split.classes.iter().any(|class| *class != UNLABELLED),
        };
        self.splits.iter().map(info).collect()
    }

    pub(super) fn open(&self, at: usize, observer: Observer) -> Result<Parts, SourceError> {
        let split = &self.splits[at];
        check_images(&split.folder, split.names.len() as u64)?;
        let (labels, classes, mut notes) = self.labels(split)?;
        let all: Vec<&str> = (0..split.names.len()).map(|index| split.names.get(index)).collect();
        let looks = look_at(&split.folder, &all, observer)?;
        let mut skipped = split.skipped.clone();
        let (mut names, mut kept, mut good) = (Paths::default(), Vec::new(), Vec::new());
        for (index, look) in looks.into_iter().enumerate() {
            match look {
                Ok(look) => {
                    names.push(all[index]);
                    kept.push(labels.get(index).copied().unwrap_or(UNLABELLED));
                    good.push(look);
                }
                Err(said) => skipped.add(|| said),
            }
        }
        if good.is_empty() {
            let problem = format!("none of its {} pictures can be read", all.len());
            let first = skipped.first.first().cloned().unwrap_or_default();
            return Err(SourceError::new(&split.folder, problem, first));
        }
        let (shape, said) = common_shape(&split.folder, &good)?;
        notes.extend(said);
        let images = names.len();
        let part = Part::Pictures { folder: split.folder.clone(), names };
        let whole = folder_name(&self.folder);
        let name = if self.splits.len() > 1 { format!("{whole}, {}", split.name) } else { whole };
        Ok(Parts {
            name,
            store: Store::new(shape, vec![(part, images)]),
            labels: kept,
            classes,
            skipped,
            notes,
            file: split.folder.clone(),
        })
    }

    /// Labels and classes of a split, and what a person should know of them.
    fn labels(&self, split: &Split) -> Result<Labelled, SourceError> {
        let mut notes = Vec::new();
        let said = beside(&[&self.folder, &split.folder])?;
        if let Some(table) = &split.table {
            let (labels, classes) = of_words(&table.path, table.labels.iter().map(String::as_str))?;
            let names = said.or(classes.map(|classes| Names { classes, file: None }));
            let classes = settle(&table.path, highest(&labels), names, 2)?;
            notes.push(format!("Labels are from {}.", name_of(&table.path)));
            return Ok((labels, classes, notes));
        }
        if self.classes.is_empty() {
            return Ok((Vec::new(), said.map(|said| said.classes), notes));
        }
        // A folder's name is the class; `classes.txt` may say it better, in the order of the folders.
        let by_folder = named(&self.folder, self.classes.iter().map(String::as_str))?;
        let classes = match said {
            Some(said) if said.classes.len() == by_folder.len() => said.classes,
            _ => by_folder,
        };
        let numbers: Vec<Option<u64>> = self.classes.iter().map(|name| name.parse().ok()).collect();
        if numbers.iter().all(Option::is_some) && !numbers.is_sorted() {
            let order: Vec<String> =
                self.classes.iter().take(5).enumerate().map(|(at, name)| format!("{at} is {name}")).collect();
            notes.push(format!(
                "Folders are sorted as text, as torchvision does: class {}, …",
                order.join(", ")
            ));
        }
        let apart = split.classes.iter().filter(|class| **class == UNLABELLED).count();
        if apart > 0 && apart < split.classes.len() {
            notes.push(format!("{apart} pictures lie beside the folders of the classes and have no label."));
        }
        Ok((split.classes.clone(), Some(classes), notes))
    }
}
