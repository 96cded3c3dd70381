//! Numbers and names of classes as they stand in files → labels and classes.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::error::SourceError;
use crate::data::UNLABELLED;
use crate::data::classes::{Class, Classes, MOST_CLASSES};

/// The file of names beside a set.
pub const NAMES_FILE: &str = "classes.txt";
/// The longest such file, in bytes.
const LONGEST_NAMES: u64 = 1 << 20;

/// Labels of a file: below 0 is none, as some sets write it.
pub(super) fn labels(path: &Path, numbers: &[i64]) -> Result<Vec<Class>, SourceError> {
    let label = |(index, number): (usize, &i64)| match *number {
        ..0 => Ok(UNLABELLED),
        number if usize::try_from(number).is_ok_and(|number| number < MOST_CLASSES) => Ok(number as Class),
        number => {
            let problem = format!("label {number} of image {index} is above {}", MOST_CLASSES - 1);
            Err(SourceError::new(path, problem, "number the classes from 0; are these the labels?"))
        }
    };
    numbers.iter().enumerate().map(label).collect()
}

/// The highest of some labels.
pub(super) fn highest(labels: &[Class]) -> Option<Class> {
    labels.iter().copied().filter(|label| *label != UNLABELLED).max()
}

/// Names of classes, and where they are from.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) classes: Classes,
    /// The file that says them; `None` where they are only what sets of this name usually have.
    pub(super) file: Option<PathBuf>,
}

/// The classes of a set whose highest label is known: those named where all labels are among them, else numbers.
pub(super) fn settle(
    path: &Path,
    highest: Option<Class>,
    names: Option<Names>,
    at_least: usize,
) -> Result<Option<Classes>, SourceError> {
    let Some(highest) = highest else { return Ok(names.map(|names| names.classes)) };
    let needed = usize::from(highest) + 1;
    if let Some(Names { classes, file }) = names {
        match file {
            _ if classes.len() >= needed => return Ok(Some(classes)),
            Some(file) => {
                let problem =
                    format!("names {} classes, but {} has label {highest}", classes.len(), path.display());
                return Err(SourceError::new(&file, problem, "one name a line, the first for label 0"));
            }
            None => {}
        }
    }
    let classes = Classes::numbered(needed.max(at_least).max(2));
    classes.map(Some).map_err(|error| SourceError::new(path, error.to_string(), "choose another set"))
}

/// The names in `classes.txt` in one of these folders, the first that has one.
pub(super) fn beside(folders: &[&Path]) -> Result<Option<Names>, SourceError> {
    for folder in folders {
        let path = folder.join(NAMES_FILE);
        if path.is_file() {
            let classes = read_names(&path)?;
            return Ok(Some(Names { classes, file: Some(path) }));
        }
    }
    Ok(None)
}

/// Names of classes in a text file, one a line.
pub(super) fn read_names(path: &Path) -> Result<Classes, SourceError> {
    let length = fs::metadata(path).map_err(|error| SourceError::io(path, &error))?.len();
    if length > LONGEST_NAMES {
        let problem = format!("{length} bytes are too many for names of classes");
        return Err(SourceError::new(path, problem, "one name a line"));
    }
    let text = fs::read(path).map_err(|error| SourceError::io(path, &error))?;
    let text = String::from_utf8_lossy(&text);
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|line| !line.is_empty());
    Classes::named(lines).map_err(|error| SourceError::new(path, error.to_string(), "one name a line"))
}

/// Labels and classes of images that are labelled with words. Words are sorted as text, as torchvision sorts folders;
/// where all are numbers from 0 on, they are the labels themselves.
pub(super) fn of_words<'a>(
    path: &Path,
    words: impl Iterator<Item = &'a str> + Clone,
) -> Result<(Vec<Class>, Option<Classes>), SourceError> {
    let distinct: BTreeSet<&str> = words.clone().filter(|word| !word.is_empty()).collect();
    if distinct.iter().all(|word| word.parse::<i64>().is_ok()) {
        let numbers: Vec<i64> = words.map(|word| word.parse().unwrap_or(-1)).collect();
        let labels = labels(path, &numbers)?;
        return Ok((labels, None));
    }
    let classes = named(path, distinct.iter().copied())?;
    let places: HashMap<&str, Class> = distinct.into_iter().zip(0..).collect();
    let labels = words.map(|word| places.get(word).copied().unwrap_or(UNLABELLED)).collect();
    Ok((labels, Some(classes)))
}

/// Classes with these names. Where there is only one, a nameless second stands beside it: a set needs two.
pub(super) fn named<'a>(
    path: &Path,
    names: impl ExactSizeIterator<Item = &'a str>,
) -> Result<Classes, SourceError> {
    let mut names: Vec<&str> = names.collect();
    if let [only] = names[..] {
        names.push(if only == "1" { "0" } else { "" });
    }
    let advice = "choose a folder or file of fewer classes, each named otherwise";
    Classes::named(names).map_err(|error| SourceError::new(path, error.to_string(), advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_below_zero_is_none_and_one_too_high_is_named() {
        let path = Path::new("some-labels");
        assert_eq!(labels(path, &[3, -1, 999]).unwrap(), [3, UNLABELLED, 999]);
        let said = labels(path, &[3, 1000]).unwrap_err().to_string();
        assert!(said.contains("some-labels: label 1000 of image 1 is above 999"), "{said}");
    }

    #[test]
    fn names_hold_where_all_labels_are_among_them() {
        let path = Path::new("some");
        let names = |file: Option<&str>| {
            let classes = Classes::named(["cat", "dog"]).unwrap();
            Some(Names { classes, file: file.map(PathBuf::from) })
        };
        assert_eq!(settle(path, Some(1), names(None), 2).unwrap().unwrap().name(1), "dog");
        assert_eq!(settle(path, Some(2), names(None), 2).unwrap(), Classes::numbered(3).ok());
        assert_eq!(settle(path, Some(0), None, 0).unwrap(), Classes::numbered(2).ok());
        assert_eq!(settle(path, Some(3), None, 10).unwrap(), Classes::numbered(10).ok());
        assert_eq!(settle(path, None, None, 10).unwrap(), None);
        let said = settle(path, Some(2), names(Some("classes.txt")), 2).unwrap_err().to_string();
        assert!(said.contains("classes.txt: names 2 classes, but some has label 2"), "{said}");
    }

    #[test]
    fn words_are_sorted_as_text_and_numbers_stay() {
        let path = Path::new("some");
        let (labels, classes) = of_words(path, ["b", "a10", "", "a2", "b"].into_iter()).unwrap();
        assert_eq!(labels, [2, 0, UNLABELLED, 1, 2]);
        assert_eq!(classes.unwrap().names(), ["a10", "a2", "b"]);
        assert_eq!(of_words(path, ["10", "2"].into_iter()).unwrap(), (vec![10, 2], None));
        let (labels, classes) = of_words(path, ["cat", "cat"].into_iter()).unwrap();
        assert_eq!((labels, classes.unwrap().len()), (vec![0, 0], 2));
    }

    #[test]
    fn a_file_of_names_is_read_with_its_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAMES_FILE);
        assert!(beside(&[folder.path()]).unwrap().is_none());
        fs::write(&path, "\u{feff}cat\r\n\n dog \n").unwrap();
        assert_eq!(beside(&[folder.path()]).unwrap().unwrap().classes.names(), ["cat", "dog"]);
        fs::write(&path, "cat\ncat\n").unwrap();
        assert!(beside(&[folder.path()]).unwrap_err().to_string().contains("both named “cat”"));
    }
}
