//! CSV files with a pixel in each column: Kaggle's `label,pixel0,…`, with or without header and labels.

use std::path::{Path, PathBuf};

use csv::{ByteRecord, StringRecord};

use super::error::SourceError;
use super::input::{Input, MOST_IMAGES, check_images, check_memory, tell};
use super::labels::{Names, beside, highest, of_words, settle};
use super::place::{Place, folder_name, name_of, split_within};
use super::split::SplitInfo;
use super::table::{failed, first_row, is_label_column, reader};
use crate::data::images::known;
use crate::data::images::set::{Parts, Skipped};
use crate::data::images::shape::ImageShape;
use crate::data::images::store::{Part, Store};
use crate::progress::Observer;

/// Fewer columns are a table of something else.
const FEWEST_PIXELS: usize = 16;
/// From so many columns on, a table with labels is taken for images, even when a column is missing.
const SURELY: usize = 64;
/// Rows between two reports of progress.
const STEP: usize = 1000;

/// A table of images.
#[derive(Clone, Debug)]
struct Table {
    name: String,
    path: PathBuf,
    has_header: bool,
    /// The column of labels.
    label: Option<usize>,
    /// A column that is neither label nor pixel.
    number: Option<usize>,
    shape: ImageShape,
}

/// The tables of a folder.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    tables: Vec<Table>,
}

/// The shape of so many values: a square, grey or else in colour.
fn shape_of(pixels: usize) -> Option<ImageShape> {
    let square = |count: usize, channels| {
        let side = count.isqrt();
        (side * side == count).then(|| ImageShape::new(side, side, channels).ok()).flatten()
    };
    if pixels < FEWEST_PIXELS {
        return None;
    }
    square(pixels, 1).or_else(|| pixels.is_multiple_of(3).then(|| square(pixels / 3, 3)).flatten())
}

/// What a table is by its first row; `None` when it is no table of images.
fn of_row(path: &Path, row: &StringRecord) -> Result<Option<Table>, SourceError> {
    let columns = row.len();
    let has_header = row.iter().any(|field| field.trim().parse::<f64>().is_err());
    let is_number = |name: &str| {
        let name = name.trim().to_lowercase();
        name.is_empty() || ["id", "index", "imageid", "image_id", "unnamed: 0"].contains(&name.as_str())
    };
    let find = |is: &dyn Fn(&str) -> bool| has_header.then(|| row.iter().position(is)).flatten();
    let mut label = find(&is_label_column);
    let number = find(&is_number);
    let taken = usize::from(label.is_some()) + usize::from(number.is_some());
    let mut shape = columns.checked_sub(taken).and_then(shape_of);
    if shape.is_none() && label.is_none() && number.is_none() {
        // Without a name that says so, the column that is one too many is the first: the label.
        shape = columns.checked_sub(1).and_then(shape_of);
        label = shape.is_some().then_some(0);
    }
    let Some(shape) = shape else {
        if columns >= SURELY && (label.is_some() || row.iter().skip(1).any(|name| name.starts_with("pixel")))
        {
            let problem = format!(
                "{} columns of pixels make no square image, grey or in colour (28×28 are 784, 32×32 in colour 3072)",
                columns - taken
            );
            return Err(SourceError::new(
                path,
                problem,
                "is a column missing? Save all pixels of each image",
            ));
        }
        return Ok(None);
    };
    let stem = name_of(path);
    let stem = stem.split('.').next().unwrap_or(&stem);
    let name = split_within(stem).unwrap_or_else(|| stem.to_owned());
    Ok(Some(Table { name, path: path.to_path_buf(), has_header, label, number, shape }))
}

/// Finds the tables of images in a folder, or sees whether a file is one.
pub(super) fn look(place: &Place) -> Result<Option<Plan>, SourceError> {
    let mut tables: Vec<Table> = Vec::new();
    for path in place.ending(&[".csv", ".csv.gz"]) {
        let Some(row) = first_row(&path)? else { continue };
        if let Some(mut table) = of_row(&path, &row)? {
            if tables.iter().any(|other| other.name == table.name) {
                table.name = name_of(&path);
            }
            tables.push(table);
        } else if place.is_file {
            let problem = format!("has {} columns, which are no pixels of square images", row.len());
            let advice = "for a table of file names and labels name the folder with the pictures";
            return Err(SourceError::new(&path, problem, advice));
        }
    }
    Ok((!tables.is_empty()).then_some(Plan { tables }))
}

/// Pixels and labels as they are read.
struct Read {
    pixels: Vec<u8>,
    words: Vec<String>,
    /// Whether numbers between whole ones were seen.
    fractions: bool,
    highest: f64,
}

impl Plan {
    pub(super) fn splits(&self) -> Vec<SplitInfo> {
        let info = |table: &Table| SplitInfo {
            name: table.name.clone(),
            images: None,
            labelled: table.label.is_some(),
        };
        self.tables.iter().map(info).collect()
    }

    pub(super) fn open(&self, at: usize, observer: Observer) -> Result<Parts, SourceError> {
        let table = &self.tables[at];
        let path = &table.path;
        let mut notes = Vec::new();
        let mut read = table.read(1.0, observer)?;
        if read.fractions && read.highest <= 1.0 {
            read = table.read(255.0, observer)?;
            notes.push("Pixels from 0 to 1 were made 0 to 255.".to_owned());
        }
        let images = check_images(path, (read.pixels.len() / table.shape.bytes()) as u64)?;
        let (labels, words) = of_words(path, read.words.iter().map(String::as_str))?;
        let folder = path.parent().unwrap_or(path);
        let own = words.map(|classes| Names { classes, file: None });
        let known = || known::by_name(&name_of(path)).or_else(|| known::by_name(&folder_name(folder)));
        let names = match beside(&[folder])? {
            Some(names) => Some(names),
            None => own.or_else(|| known().map(|classes| Names { classes, file: None })),
        };
        let classes = settle(path, highest(&labels), names, 2)?;
        Ok(Parts {
            name: name_of(path),
            store: Store::new(table.shape, vec![(Part::Memory(read.pixels), images)]),
            labels,
            classes,
            skipped: Skipped::default(),
            notes,
            file: path.clone(),
        })
    }
}

impl Table {
    /// All rows, their pixels multiplied.
    fn read(&self, scale: f64, observer: Observer) -> Result<Read, SourceError> {
        let total = Input::open(&self.path)?;
        // Of a compressed file nobody knows how long it will be.
        let total = if total.layers == 0 { total.length } else { 0 };
        let mut reader = reader(&self.path, self.has_header)?;
        let mut read = Read { pixels: Vec::new(), words: Vec::new(), fractions: false, highest: 0.0 };
        let mut row = ByteRecord::new();
        for images in 0.. {
            if images % STEP == 0 {
                tell(observer, reader.position().byte(), total)?;
                check_memory(&self.path, read.pixels.len() as u64)?;
            }
            if !reader.read_byte_record(&mut row).map_err(|error| failed(&self.path, &error))? {
                break;
            }
            if images == MOST_IMAGES {
                check_images(&self.path, images as u64 + 1)?;
            }
            self.take(&row, scale, &mut read)?;
        }
        Ok(read)
    }

    fn take(&self, row: &ByteRecord, scale: f64, read: &mut Read) -> Result<(), SourceError> {
        for (column, field) in row.iter().enumerate() {
            if self.label == Some(column) {
                read.words.push(word(field));
                continue;
            }
            if self.number == Some(column) {
                continue;
            }
            let field = field.trim_ascii();
            let text = || String::from_utf8_lossy(field);
            let value = whole(field).or_else(|| text().parse::<f64>().ok());
            let Some(value) = value.filter(|value| (0.0..=255.0).contains(value)) else {
                let line = row.position().map_or(0, csv::Position::line);
                let problem =
                    format!("line {line}, column {}: “{}” is no pixel from 0 to 255", column + 1, text());
                return Err(SourceError::new(&self.path, problem, "mend the line, or leave it out"));
            };
            read.fractions |= value.fract() != 0.0;
            read.highest = read.highest.max(value);
            read.pixels.push((value * scale).round().min(255.0) as u8);
        }
        Ok(())
    }
}

/// A label as it stands; whole numbers written as `3.0` are `3`.
fn word(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field.trim_ascii());
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// A whole number of up to three digits, which nearly all pixels are.
fn whole(field: &[u8]) -> Option<f64> {
    if !(1..=3).contains(&field.len()) || !field.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(f64::from(field.iter().fold(0_u16, |number, digit| number * 10 + u16::from(digit - b'0'))))
}
