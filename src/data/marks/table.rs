//! Marks as a table: the CSV that is exported, or one that a person filled in, read strictly.
//!
//! Columns are found by name: `index`, `label`, `mark` and `new_label` must be there, any others are passed over, so that
//! a ranking with marks in it can be applied too. A row without a mark says nothing of its image.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::mark::{Change, Mark, Marks, Review};
use crate::data::classes::MOST_CLASSES;
use crate::data::{Class, Digits, UNLABELLED};

/// The columns a table of marks must have.
pub const COLUMNS: [&str; 4] = ["index", "label", "mark", "new_label"];
/// Larger than the ranking of a million images: a bigger file is something else.
const MOST_BYTES: u64 = 2 << 30;
/// What some spreadsheets write before the first line.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A table of marks, not yet held against a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkTable {
    path: PathBuf,
    rows: Vec<Row>,
}

/// A row that says something of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    line: u64,
    index: u32,
    label: Class,
    review: Review,
}

impl MarkTable {
    /// Reads a table.
    ///
    /// # Errors
    /// When the file cannot be read, or at the first line that is not as it should be.
    pub fn read(path: &Path) -> Result<Self, TableError> {
        let bytes = contents(path).map_err(|source| TableError::Read { path: path.into(), source })?;
        let rows = read_rows(&bytes).map_err(|(line, problem)| TableError::Line {
            path: path.into(),
            line,
            problem,
        })?;
        Ok(Self { path: path.into(), rows })
    }

    /// The marks, as those of a dataset.
    ///
    /// # Errors
    /// When there is no image of an index, or it has another label: the table is of another dataset.
    pub fn marks(&self, digits: &Digits) -> Result<Marks, TableError> {
        let mut marks = Marks::new(digits.hash());
        for Row { line, index, label, review } in &self.rows {
            let problem = match digits.labels().get(*index as usize) {
                None => Some(Problem::NoImage { index: *index, images: digits.len() }),
                Some(found) if found != label => {
                    Some(Problem::OtherLabel { index: *index, label: *label, found: *found })
                }
                Some(_) => review
                    .new_label()
                    .filter(|new| usize::from(*new) >= digits.classes().len())
                    .map(|new| Problem::NoClass { new, classes: digits.classes().len() }),
            };
            if let Some(problem) = problem {
                return Err(TableError::Line { path: self.path.clone(), line: *line, problem });
            }
            let before = marks.review(*index);
            marks.apply(Change { index: *index, label: *label, before, after: *review });
        }
        Ok(marks)
    }
}

fn contents(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    // Opening a pipe would wait for a writer that may never come.
    if !metadata.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if metadata.len() > MOST_BYTES {
        return Err(io::Error::other(format!("it is larger than {} GiB", MOST_BYTES >> 30)));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A line, from 1, and what is wrong in it.
type Fault = (u64, Problem);

fn read_rows(bytes: &[u8]) -> Result<Vec<Row>, Fault> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|error| fault(&error))?.clone();
    let mut columns = [0; COLUMNS.len()];
    for (column, name) in columns.iter_mut().zip(COLUMNS) {
        let mut found = header.iter().enumerate().filter(|(_, field)| *field == name);
        let (at, _) = found.next().ok_or((1, Problem::NoColumn { name }))?;
        if found.next().is_some() {
            return Err((1, Problem::TwoColumns { name }));
        }
        *column = at;
    }
    let mut rows = Vec::new();
    let mut lines = HashMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| fault(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let [index, label, mark, new_label] = columns.map(|column| record.get(column).unwrap_or_default());
        let row = read_row(line, index, label, mark, new_label).map_err(|problem| (line, problem))?;
        if let Some(first) = lines.insert(row.index, line) {
            return Err((line, Problem::Twice { index: row.index, first }));
        }
        if row.review != Review::Unseen {
            rows.push(row);
        }
    }
    Ok(rows)
}

fn read_row(line: u64, index: &str, label: &str, mark: &str, new_label: &str) -> Result<Row, Problem> {
    let digit = |column, text: &str| {
        let digit = text.parse().ok().filter(|digit| usize::from(*digit) < MOST_CLASSES);
        digit.ok_or_else(|| Problem::Digit { column, found: text.to_owned() })
    };
    let index = index.parse().map_err(|_| Problem::Index { found: index.to_owned() })?;
    let label = if label.is_empty() { UNLABELLED } else { digit("label", label)? };
    let new = if new_label.is_empty() { None } else { Some(digit("new_label", new_label)?) };
    let review = match (mark, new) {
        ("", None) => Review::Unseen,
        ("wrong", new) if new == Some(label) => return Err(Problem::SameLabel { label }),
        ("wrong", new_label) => Review::Marked(Mark::WrongLabel { new_label }),
        (word, new) => {
            let known = Review::from_word(word, None).filter(|review| *review != Review::Unseen);
            let nothing = if word.is_empty() { Some(Review::Unseen) } else { None };
            let review = known.or(nothing).ok_or_else(|| Problem::Mark { found: word.to_owned() })?;
            if let Some(new) = new {
                return Err(Problem::NotWrong { new, mark: word.to_owned() });
            }
            review
        }
    };
    Ok(Row { line, index, label, review })
}

/// A label in words: an image may have none.
fn said(label: Class) -> String {
    if label == UNLABELLED { "none".to_owned() } else { label.to_string() }
}

fn fault(error: &csv::Error) -> Fault {
    let line = error.position().map_or(1, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Problem::Fields { found: *len, expected: *expected_len }
        }
        csv::ErrorKind::Utf8 { .. } => Problem::Encoding,
        other => Problem::Csv { why: format!("{other:?}") },
    };
    (line, problem)
}

/// Why a table of marks cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be read.
    #[error("{} cannot be read: {source}; check the path and its permissions", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A line is not as it should be.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: Problem,
    },
}

/// What is wrong with a line of a table, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A column is missing.
    #[error(
        "there is no column {name}; the first line names index, label, mark and new_label, separated by commas"
    )]
    NoColumn {
        /// Its name.
        name: &'static str,
    },
    /// A column is there twice.
    #[error("there are two columns {name}; take one away")]
    TwoColumns {
        /// Its name.
        name: &'static str,
    },
    /// More or fewer fields than the first line.
    #[error("{found} fields where the first line has {expected}; separate them by commas, also empty ones")]
    Fields {
        /// Fields there are.
        found: u64,
        /// Fields of the first line.
        expected: u64,
    },
    /// Bytes that are no UTF-8.
    #[error("it is not UTF-8; save the table as UTF-8")]
    Encoding,
    /// Anything else that is no CSV.
    #[error("it is no CSV ({why}); save the table as CSV, separated by commas")]
    Csv {
        /// What the reader says.
        why: String,
    },
    /// An index that is no number.
    #[error(
        "index {found:?} is no number of an image; images are numbered from 0, in the order of the dataset"
    )]
    Index {
        /// What is there.
        found: String,
    },
    /// A new label that is none of the classes.
    #[error("new_label {new} is none of the {classes} classes, which count from 0; correct it")]
    NoClass {
        /// The new label.
        new: Class,
        /// Classes of the set.
        classes: usize,
    },
    /// A label that is no number of a class.
    #[error("{column} {found:?} is no number of a class, which count from 0; correct it")]
    Digit {
        /// The column.
        column: &'static str,
        /// What is there.
        found: String,
    },
    /// A mark nobody knows.
    #[error(
        "mark {found:?} is none of wrong, ambiguous, bad, fine and seen; write one of them, or nothing for no mark"
    )]
    Mark {
        /// What is there.
        found: String,
    },
    /// A new label where the label is not wrong.
    #[error("new_label {new} beside the mark {mark:?}; write the mark wrong, or no new label")]
    NotWrong {
        /// The new label.
        new: Class,
        /// The mark.
        mark: String,
    },
    /// A new label that is the old one.
    #[error("label {label} is marked wrong and is its own new label; write another, or the mark fine")]
    SameLabel {
        /// The label.
        label: Class,
    },
    /// Two rows of one image.
    #[error("image {index} was there before, in line {first}; keep one of the two")]
    Twice {
        /// The image.
        index: u32,
        /// The line of the first row.
        first: u64,
    },
    /// No image of this index.
    #[error(
        "there is no image {index} among the {images} of this dataset; give the dataset and the split that the marks \
         were made for"
    )]
    NoImage {
        /// The index.
        index: u32,
        /// Images there are.
        images: usize,
    },
    /// The dataset has another label.
    #[error(
        "image {index} has label {} in this dataset, not {}: these are marks of another one; give the dataset \
         and the split that they were made for",
        said(*found),
        said(*label)
    )]
    OtherLabel {
        /// The image.
        index: u32,
        /// The label in the table.
        label: Class,
        /// The label in the dataset.
        found: Class,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::synthetic;

    fn read(text: &[u8]) -> Result<MarkTable, TableError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("marks.csv");
        fs::write(&path, text).unwrap();
        MarkTable::read(&path)
    }

    #[test]
    fn the_four_columns_are_found_among_others_and_rows_without_a_mark_say_nothing() {
        let digits = synthetic::generate(10, 1);
        let labels = digits.labels();
        let new = (labels[2] + 1) % 10;
        let text = format!(
            "\u{feff}mark,note,index,new_label,label\r\nwrong,\"a, b\",2,{new},{}\r\n,,3,,{}\r\n seen ,,0,,{}\r\nbad,\"two\nlines\",9,,{}\r\n",
            labels[2], labels[3], labels[0], labels[9]
        );
        let marks = read(text.as_bytes()).unwrap().marks(&digits).unwrap();
        assert_eq!(
            marks.iter().collect::<Vec<_>>(),
            [
                (0, labels[0], Review::Seen),
                (2, labels[2], Review::Marked(Mark::WrongLabel { new_label: Some(new) })),
                (9, labels[9], Review::Marked(Mark::BadImage)),
            ]
        );
        assert_eq!(marks.dataset(), digits.hash());
    }

    #[test]
    fn every_mistake_is_named_with_its_file_its_line_and_what_to_do() {
        let head = "index,label,mark,new_label\n1,2,fine,\n";
        for (text, line, expected) in [
            (String::new(), 1, "no column index"),
            ("index;label;mark;new_label\n".to_owned(), 1, "separated by commas"),
            ("index,label,mark\n".to_owned(), 1, "no column new_label"),
            ("index,label,mark,mark,new_label\n".to_owned(), 1, "two columns mark"),
            (format!("{head}3,4,fine\n"), 3, "3 fields where the first line has 4"),
            (format!("{head}x,4,fine,\n"), 3, "index \"x\""),
            (format!("{head}-1,4,fine,\n"), 3, "numbered from 0"),
            (format!("{head}3,1000,fine,\n"), 3, "label \"1000\" is no number of a class"),
            (format!("{head}3,4,wrong,x\n"), 3, "new_label \"x\""),
            (format!("{head}3,4,good,\n"), 3, "none of wrong, ambiguous"),
            (format!("{head}3,4,unseen,\n"), 3, "none of wrong, ambiguous"),
            (format!("{head}3,4,bad,5\n"), 3, "write the mark wrong"),
            (format!("{head}3,4,,5\n"), 3, "write the mark wrong"),
            (format!("{head}3,4,wrong,4\n"), 3, "its own new label"),
            (format!("{head}5,4,fine,\n1,2,bad,\n"), 4, "in line 2"),
        ] {
            let message = read(text.as_bytes()).expect_err(&text).to_string();
            assert!(message.contains(&format!("marks.csv, line {line}: ")), "{text}: {message}");
            assert!(message.contains(expected), "{text}: {message}");
        }
        let mut latin = head.as_bytes().to_vec();
        latin.extend(b"3,4,f\xfcr,\n");
        let message = read(&latin).unwrap_err().to_string();
        assert!(message.contains("line 3") && message.contains("UTF-8"), "{message}");
        let message = MarkTable::read(Path::new("no/such.csv")).unwrap_err().to_string();
        assert!(message.contains("no/such.csv") && message.contains("check the path"), "{message}");
    }

    #[test]
    fn marks_of_another_dataset_are_refused() {
        let digits = synthetic::generate(10, 1);
        let other = (digits.labels()[4] + 1) % 10;
        let table = read(format!("index,label,mark,new_label\n4,{other},fine,\n").as_bytes()).unwrap();
        let unlabelled = read(b"index,label,mark,new_label\n4,,fine,\n").unwrap();
        let message = unlabelled.marks(&digits).unwrap_err().to_string();
        assert!(message.contains("not none: these are marks of another one"), "{message}");
        let message = table.marks(&digits).unwrap_err().to_string();
        assert!(
            message.contains("line 2: image 4 has label") && message.contains("another one"),
            "{message}"
        );
        let table = read(b"index,label,mark,new_label\n10,3,fine,\n").unwrap();
        let message = table.marks(&digits).unwrap_err().to_string();
        assert!(message.contains("no image 10 among the 10"), "{message}");
    }
}
