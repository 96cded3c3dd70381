//! CSV files: tables of file names with labels, and what tables have in common.

use std::collections::HashMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord};

use super::error::SourceError;
use super::input::Input;

/// Rows that are looked at to find the column of names.
const LOOKED_AT: usize = 50;

/// Whether a column of this name holds labels.
pub(super) fn is_label_column(name: &str) -> bool {
    const NAMES: [&str; 10] =
        ["label", "labels", "class", "target", "category", "y", "digit", "class_name", "classname", "letter"];
    NAMES.contains(&name.trim().trim_start_matches('\u{feff}').to_lowercase().as_str())
}

/// A reader of a table, unpacked where it is compressed.
pub(super) fn reader(path: &Path, header: bool) -> Result<Reader<Box<dyn BufRead>>, SourceError> {
    let input = Input::open(path)?;
    Ok(ReaderBuilder::new().has_headers(header).from_reader(input.into_reader()))
}

/// An error of the parser, with the line it is about.
pub(super) fn failed(path: &Path, error: &csv::Error) -> SourceError {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or_else(String::new, |pos| format!("line {} has ", pos.line()));
            let problem = format!("{line}{len} columns, and the lines before have {expected_len}");
            SourceError::new(path, problem, "make all lines equally long")
        }
        csv::ErrorKind::Io(error) => SourceError::io(path, error),
        _ => {
            SourceError::new(path, format!("cannot be read as CSV: {error}"), "save it again as CSV in UTF-8")
        }
    }
}

/// The first row of a table, and the number of columns.
pub(super) fn first_row(path: &Path) -> Result<Option<StringRecord>, SourceError> {
    /// More than the longest header of pixels: 256×256 colour.
    const LONGEST: usize = 4 << 20;
    let start = Input::open(path)?.some(LONGEST)?;
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(&start[..]);
    let mut row = ByteRecord::new();
    if !matches!(reader.read_byte_record(&mut row), Ok(true)) {
        return Ok(None);
    }
    Ok(StringRecord::from_byte_record(row).ok())
}

/// Labels by file, from a table beside pictures.
#[derive(Clone, Debug)]
pub(super) struct NamedLabels {
    /// The table.
    pub(super) path: PathBuf,
    /// The label of each picture by its place among those given; empty where the table has none.
    pub(super) labels: Vec<String>,
    /// Rows that name no picture that is there.
    pub(super) missing: Vec<String>,
}

/// Labels of pictures in a table, whatever its columns are called: the column whose values are names of these pictures
/// (with or without folder and extension), and that of labels. `None` where no column names any picture.
pub(super) fn named_labels(path: &Path, pictures: &[&str]) -> Result<Option<NamedLabels>, SourceError> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (place, name) in pictures.iter().enumerate() {
        let file = name.rsplit('/').next().unwrap_or(name);
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        for key in [*name, file, stem] {
            places.entry(key).or_insert(place);
        }
    }
    let mut reader = reader(path, true)?;
    let Ok(headers) = reader.headers().cloned() else { return Ok(None) };
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    let find = |value: &str| {
        let value = value.trim().trim_start_matches("./");
        places.get(value).or_else(|| places.get(value.rsplit('/').next()?)).copied()
    };
    let mut ragged = None;
    while rows.len() < LOOKED_AT && ragged.is_none() {
        match reader.read_record(&mut record) {
            Ok(true) => rows.push(record.clone()),
            Ok(false) => break,
            Err(error) => ragged = Some(failed(path, &error)),
        }
    }
    let hits = |column: usize| rows.iter().filter(|row| row.get(column).and_then(find).is_some()).count();
    let best = (0..headers.len()).max_by_key(|column| (hits(*column), std::cmp::Reverse(*column)));
    let Some(names) = best.filter(|column| hits(*column) > 0) else { return Ok(None) };
    // A table of something else may be as ragged as it likes.
    if let Some(error) = ragged {
        return Err(error);
    }
    let others = || (0..headers.len()).filter(|column| *column != names);
    let marked = others().find(|column| headers.get(*column).is_some_and(is_label_column));
    let only = || (headers.len() == 2).then(|| others().next()).flatten();
    let Some(column) = marked.or_else(only) else {
        let listed: Vec<&str> = headers.iter().take(8).collect();
        let problem =
            format!("has no column of labels beside its names of files; it has {}", listed.join(", "));
        return Err(SourceError::new(path, problem, "call the column of labels label"));
    };
    let mut found = NamedLabels {
        path: path.to_path_buf(),
        labels: vec![String::new(); pictures.len()],
        missing: Vec::new(),
    };
    let mut take = |row: &StringRecord| {
        let (Some(name), Some(label)) = (row.get(names), row.get(column)) else { return };
        match find(name) {
            Some(place) => label.trim().clone_into(&mut found.labels[place]),
            None => found.missing.push(name.to_owned()),
        }
    };
    rows.iter().for_each(&mut take);
    while reader.read_record(&mut record).map_err(|error| failed(path, &error))? {
        take(&record);
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<NamedLabels>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.csv");
        std::fs::write(&path, text).unwrap();
        named_labels(&path, &["a.png", "sub/b.jpg"]).map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_found_with_and_without_folder_and_extension() {
        for text in
            ["id,breed\na,pug\nb,cat\nc,cat\n", "class,n,file\npug,1,./a.png\ncat,2,sub/b.jpg\nx,3,c.png\n"]
        {
            let found = read(text).unwrap().unwrap();
            assert_eq!(
                (found.labels, found.missing.len()),
                (vec!["pug".to_owned(), "cat".into()], 1),
                "{text}"
            );
        }
        assert!(read("x,y\n1,2\n").unwrap().is_none());
    }

    #[test]
    fn a_ragged_line_and_a_missing_column_are_named() {
        let said = read("file,label\na.png,1\nb.jpg\n").unwrap_err();
        assert!(said.contains("labels.csv: line 3 has 1 columns") && said.contains("have 2"), "{said}");
        let said = read("file,width,height\na.png,1,2\n").unwrap_err();
        assert!(said.contains("no column of labels") && said.contains("file, width, height"), "{said}");
    }
}
