//! Parquet files as Hugging Face writes them: encoded pictures, whole-number labels, names of classes in the metadata.

use std::fs::File;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use parquet::basic::Type as PhysicalType;
use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use rayon::prelude::*;

use super::error::SourceError;
use super::input::{check_images, check_memory, cut_short, open_file, tell};
use super::labels::{Names, beside, highest, labels, settle};
use super::pictures::{Look, common_shape};
use super::place::{Place, folder_name, name_of, split_within};
use super::split::SplitInfo;
use super::table::is_label_column;
use crate::data::classes::Classes;
use crate::data::images::set::{Parts, Skipped};
use crate::data::images::store::{Part, Store, piece};
use crate::data::ink::decode_picture;
use crate::progress::Observer;

/// Rows read in one go.
const AT_ONCE: usize = 512;
/// In place of a label that is missing.
const NO_LABEL: i64 = -1;

/// The columns that matter, by their places among the leaves of the schema.
#[derive(Clone, Debug)]
struct Columns {
    pictures: usize,
    labels: Option<usize>,
    names: Option<Classes>,
}

#[derive(Clone, Debug)]
struct Split {
    name: String,
    files: Vec<PathBuf>,
    rows: u64,
    columns: Columns,
}

/// The splits of a folder.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    folder: PathBuf,
    splits: Vec<Split>,
}

/// What the parser says of a damaged file. It is meant to return its errors; should it panic, that is one too.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, SourceError> {
    let damaged = |said: &dyn std::fmt::Display| {
        SourceError::new(path, format!("is damaged, or no Parquet file: {said}"), "get the file again")
    };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(damaged(&error)),
        Err(_) => Err(damaged(&"its numbers contradict each other")),
    }
}

fn reader(path: &Path) -> Result<SerializedFileReader<File>, SourceError> {
    let (file, length) = open_file(path)?;
    let reader = guarded(path, || SerializedFileReader::new(file))?;
    // No column may lie outside the file, nor promise more than is held in memory.
    for group in reader.metadata().row_groups() {
        for column in group.columns() {
            let packed = u64::try_from(column.compressed_size()).unwrap_or(u64::MAX);
            if packed > length {
                return Err(cut_short(path, packed, &format!("more than the {length} of the file")));
            }
        }
    }
    Ok(reader)
}

/// Finds Parquet files with pictures, alone or in a folder; several of one split belong together.
pub(super) fn look(place: &Place) -> Result<Option<Plan>, SourceError> {
    let mut splits: Vec<Split> = Vec::new();
    for path in place.ending(&[".parquet"]) {
        let reader = reader(&path)?;
        let metadata = reader.metadata();
        let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(u64::MAX);
        let columns = columns(&path, metadata)?;
        let stem = name_of(&path);
        let stem = stem.trim_end_matches(".parquet");
        let name = split_within(stem).unwrap_or_else(|| stem.split("-0").next().unwrap_or(stem).to_owned());
        match splits.iter_mut().find(|split| split.name == name) {
            Some(split) => {
                split.files.push(path);
                split.rows = split.rows.saturating_add(rows);
            }
            None => splits.push(Split { name, files: vec![path], rows, columns }),
        }
    }
    Ok((!splits.is_empty()).then(|| Plan { folder: place.folder.clone(), splits }))
}

fn columns(path: &Path, metadata: &ParquetMetaData) -> Result<Columns, SourceError> {
    let schema = metadata.file_metadata().schema_descr();
    let leaf = |index: usize| {
        let column = schema.column(index);
        (column.path().parts().to_vec(), column.physical_type(), column.max_rep_level())
    };
    let leaves: Vec<_> = (0..schema.num_columns()).map(leaf).collect();
    let is_picture = |(parts, kind, lists): &(Vec<String>, PhysicalType, i16)| {
        let in_struct = parts.len() == 2 && parts[1] == "bytes";
        let alone = parts.len() == 1 && ["image", "img", "bytes"].contains(&parts[0].as_str());
        *kind == PhysicalType::BYTE_ARRAY && *lists == 0 && (in_struct || alone)
    };
    let Some(pictures) = leaves.iter().position(is_picture) else {
        let listed: Vec<String> = leaves.iter().take(6).map(|(parts, ..)| parts.join(".")).collect();
        let problem = format!("has no column of encoded pictures; its columns are {}", listed.join(", "));
        return Err(SourceError::new(path, problem, "pictures are a column image {bytes, path}"));
    };
    let features = metadata.file_metadata().key_value_metadata();
    let features = features.into_iter().flatten().find(|pair| pair.key == "huggingface");
    let features =
        features.and_then(|pair| serde_json::from_str::<serde_json::Value>(pair.value.as_deref()?).ok());
    let features = features.and_then(|json| json.get("info")?.get("features").cloned());
    let names = |column: &str| {
        let names = features.as_ref()?.get(column)?.get("names")?.as_array()?;
        Classes::named(names.iter().map(|name| name.as_str().unwrap_or_default())).ok()
    };
    let whole = |(parts, kind, lists): &(Vec<String>, PhysicalType, i16)| {
        let whole = matches!(kind, PhysicalType::INT32 | PhysicalType::INT64);
        (whole && *lists == 0 && parts.len() == 1).then(|| parts[0].clone())
    };
    let find =
        |is: &dyn Fn(&str) -> bool| leaves.iter().position(|leaf| whole(leaf).is_some_and(|name| is(&name)));
    let labels = find(&|name| names(name).is_some() && !name.contains("coarse"))
        .or_else(|| find(&|name| is_label_column(name)))
        .or_else(|| find(&|name| name.contains("label") && !name.contains("coarse")));
    let names = labels.and_then(|index| names(&whole(&leaves[index])?));
    Ok(Columns { pictures, labels, names })
}

/// What was read of a split: encoded pictures one after the other.
#[derive(Default)]
struct Rows {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    numbers: Vec<i64>,
}

impl Plan {
    pub(super) fn splits(&self) -> Vec<SplitInfo> {
        let info = |split: &Split| SplitInfo {
            name: split.name.clone(),
            images: usize::try_from(split.rows).ok(),
            labelled: split.columns.labels.is_some(),
        };
        self.splits.iter().map(info).collect()
    }

    pub(super) fn open(&self, at: usize, observer: Observer) -> Result<Parts, SourceError> {
        let split = &self.splits[at];
        let first = &split.files[0];
        check_images(first, split.rows)?;
        let mut rows = Rows::default();
        for path in &split.files {
            read_file(path, split, &mut rows, observer)?;
        }
        let mut skipped = Skipped::default();
        let (rows, looks) = rows.without_unreadable(first, &mut skipped);
        if looks.is_empty() {
            let said = skipped.first.first().cloned().unwrap_or_default();
            return Err(SourceError::new(first, "none of its pictures can be read", said));
        }
        let (shape, notes) = common_shape(first, &looks)?;
        let labels = labels(first, &rows.numbers)?;
        let own = split.columns.names.clone().map(|classes| Names { classes, file: Some(first.clone()) });
        let names = beside(&[&self.folder])?.or(own);
        let classes = settle(first, highest(&labels), names, 2)?;
        let images = looks.len();
        let part = Part::Encoded { file: first.clone(), bytes: rows.bytes, ends: rows.ends };
        Ok(Parts {
            name: format!("{}, {}", folder_name(&self.folder), split.name),
            store: Store::new(shape, vec![(part, images)]),
            labels,
            classes,
            skipped,
            notes,
            file: first.clone(),
        })
    }
}

impl Rows {
    /// Only the pictures that can be decoded, with what each is.
    fn without_unreadable(self, path: &Path, skipped: &mut Skipped) -> (Self, Vec<Look>) {
        let picture = |index: usize| &self.bytes[piece(&self.ends, index)];
        let look = |index: usize| {
            let name = format!("{}, image {index}", path.display());
            if picture(index).is_empty() {
                return Err(format!("{name} has no bytes: its picture is in a file of its own"));
            }
            let picture =
                decode_picture(&name, Cursor::new(picture(index))).map_err(|error| error.to_string())?;
            Ok((picture.height() as usize, picture.width() as usize, picture.color().has_color()))
        };
        let looks: Vec<Result<Look, String>> = (0..self.ends.len()).into_par_iter().map(look).collect();
        if looks.iter().all(Result::is_ok) {
            return (self, looks.into_iter().flatten().collect());
        }
        let (mut kept, mut good) = (Self::default(), Vec::new());
        for (index, look) in looks.into_iter().enumerate() {
            match look {
                Ok(look) => {
                    good.push(look);
                    kept.push(picture(index));
                    kept.numbers.extend(self.numbers.get(index));
                }
                Err(said) => skipped.add(|| said),
            }
        }
        (kept, good)
    }

    fn push(&mut self, picture: &[u8]) {
        self.bytes.extend_from_slice(picture);
        self.ends.push(self.bytes.len());
    }
}

/// Adds the rows of one file.
fn read_file(path: &Path, split: &Split, rows: &mut Rows, observer: Observer) -> Result<(), SourceError> {
    let reader = reader(path)?;
    let columns = columns(path, reader.metadata())?;
    if (columns.pictures, columns.labels) != (split.columns.pictures, split.columns.labels) {
        let problem = format!("has other columns than {}", split.files[0].display());
        return Err(SourceError::new(path, problem, "take all files from the same set"));
    }
    for index in 0..reader.num_row_groups() {
        let before = rows.ends.len();
        let promised = guarded(path, || Ok(reader.get_row_group(index)?.metadata().num_rows()))?;
        let promised = usize::try_from(promised).unwrap_or(usize::MAX);
        let mut column = guarded(path, || reader.get_row_group(index)?.get_column_reader(columns.pictures))?;
        let required =
            reader.metadata().file_metadata().schema_descr().column(columns.pictures).max_def_level();
        loop {
            tell(observer, rows.ends.len() as u64, split.rows)?;
            check_images(path, rows.ends.len() as u64 + 1)?;
            let some = guarded(path, || pictures(&mut column, required))?;
            if some.is_empty() {
                break;
            }
            let more: usize = some.iter().flatten().map(ByteArray::len).sum();
            check_memory(path, (rows.bytes.len() + more) as u64)?;
            for picture in &some {
                rows.push(picture.as_ref().map_or(&[][..], ByteArray::data));
            }
        }
        if rows.ends.len() - before != promised {
            let problem =
                format!("is damaged: it promises {promised} rows and has {}", rows.ends.len() - before);
            return Err(SourceError::new(path, problem, "get the file again"));
        }
        if let Some(at) = columns.labels {
            let mut column = guarded(path, || reader.get_row_group(index)?.get_column_reader(at))?;
            let required = reader.metadata().file_metadata().schema_descr().column(at).max_def_level();
            loop {
                let some = guarded(path, || numbers(&mut column, required))?;
                if some.is_empty() {
                    break;
                }
                rows.numbers.extend(some);
                if rows.numbers.len() > rows.ends.len() {
                    break;
                }
            }
            if rows.numbers.len() != rows.ends.len() {
                let problem = "is damaged: it has not one label for each picture";
                return Err(SourceError::new(path, problem, "get the file again"));
            }
        }
    }
    Ok(())
}

/// The next few values of a column, `None` where there is none.
fn with_gaps<T>(values: Vec<T>, levels: &[i16], rows: usize, required: i16) -> Vec<Option<T>> {
    if required == 0 {
        return values.into_iter().map(Some).collect();
    }
    let mut values = values.into_iter();
    levels[..rows.min(levels.len())]
        .iter()
        .map(|level| (*level == required).then(|| values.next()).flatten())
        .collect()
}

fn pictures(column: &mut ColumnReader, required: i16) -> Result<Vec<Option<ByteArray>>, ParquetError> {
    let ColumnReader::ByteArrayColumnReader(column) = column else {
        return Err(ParquetError::General("pictures that are no bytes".to_owned()));
    };
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    let (rows, ..) = column.read_records(AT_ONCE, Some(&mut levels), None, &mut values)?;
    Ok(with_gaps(values, &levels, rows, required))
}

fn numbers(column: &mut ColumnReader, required: i16) -> Result<Vec<i64>, ParquetError> {
    let mut levels = Vec::new();
    let found = match column {
        ColumnReader::Int64ColumnReader(column) => {
            let mut values = Vec::new();
            let (rows, ..) = column.read_records(AT_ONCE, Some(&mut levels), None, &mut values)?;
            with_gaps(values, &levels, rows, required)
        }
        ColumnReader::Int32ColumnReader(column) => {
            let mut values = Vec::new();
            let (rows, ..) = column.read_records(AT_ONCE, Some(&mut levels), None, &mut values)?;
            let values = values.into_iter().map(i64::from).collect();
            with_gaps(values, &levels, rows, required)
        }
        _ => return Err(ParquetError::General("labels that are no whole numbers".to_owned())),
    };
    Ok(found.into_iter().map(|number| number.unwrap_or(NO_LABEL)).collect())
}
