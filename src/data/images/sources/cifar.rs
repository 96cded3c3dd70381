//! CIFAR-10 and CIFAR-100 in their binary version: records of one or two labels and 3,072 values, plane by plane.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::error::SourceError;
use super::input::{check_images, open_file, tell};
use super::labels::{Names, beside, read_names};
use super::place::{Place, folder_name, name_of, split_within};
use super::split::SplitInfo;
use crate::data::classes::{Class, Classes};
use crate::data::images::known;
use crate::data::images::set::{Parts, Skipped};
use crate::data::images::shape::ImageShape;
use crate::data::images::store::{Layout, Part, Records, Store};
use crate::on_disk::read_exact_at;
use crate::progress::Observer;

/// Values of an image.
const VALUES: usize = 32 * 32 * 3;
/// Records whose labels are read in one go.
const AT_ONCE: usize = 256;

/// A split: its files in order.
#[derive(Clone, Debug)]
struct Split {
    name: String,
    files: Vec<PathBuf>,
    records: u64,
}

/// What a folder holds.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    folder: PathBuf,
    /// Labels before the values of a record: 1 for CIFAR-10, 2 for CIFAR-100.
    labels: usize,
    splits: Vec<Split>,
}

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Finds CIFAR's files by their names and lengths.
pub(super) fn look(place: &Place) -> Result<Option<Plan>, SourceError> {
    let name = |path: &Path| name_of(path).to_lowercase();
    let files = place.ending(&[".bin"]);
    let ten: Vec<PathBuf> = files.iter().filter(|path| name(path).contains("_batch")).cloned().collect();
    let hundred: Vec<PathBuf> = files
        .iter()
        .filter(|path| ["train.bin", "test.bin"].contains(&name(path).as_str()))
        .cloned()
        .collect();
    let (labels, files) = match (&ten[..], &hundred[..]) {
        ([_, ..], _) => (1, ten),
        (_, [_, ..]) => (2, hundred),
        _ if place.is_file => match files.first().map(|path| length(path)) {
            Some(bytes) if bytes > 0 && bytes.is_multiple_of(1 + VALUES as u64) => (1, files),
            Some(bytes) if bytes > 0 && bytes.is_multiple_of(2 + VALUES as u64) => (2, files),
            _ => return Ok(None),
        },
        _ => return pickles(place).map_or(Ok(None), Err),
    };
    let record = (labels + VALUES) as u64;
    let mut splits: Vec<Split> = Vec::new();
    for path in files {
        let bytes = length(&path);
        if bytes == 0 || !bytes.is_multiple_of(record) {
            let problem = format!("{bytes} bytes are not whole records of {record}");
            return Err(SourceError::new(&path, problem, "cut short? Get the file again"));
        }
        let stem = name(&path);
        let part =
            if stem.starts_with("data_batch") { Some("train".to_owned()) } else { split_within(&stem) };
        let part = part.unwrap_or(stem);
        match splits.iter_mut().find(|split| split.name == part) {
            Some(split) => {
                split.files.push(path);
                split.records += bytes / record;
            }
            None => splits.push(Split { name: part, files: vec![path], records: bytes / record }),
        }
    }
    Ok(Some(Plan { folder: place.folder.clone(), labels, splits }))
}

/// The version for Python is made of pickles, which can run code when they are read.
fn pickles(place: &Place) -> Option<SourceError> {
    let is = |path: &PathBuf| ["data_batch_1", "batches.meta"].contains(&name_of(path).as_str());
    let path = place.files.iter().find(|path| is(path))?;
    let problem = "is a Python pickle, and reading it could run code";
    Some(SourceError::new(path, problem, "get CIFAR's binary version, whose files end with .bin"))
}

impl Plan {
    pub(super) fn splits(&self) -> Vec<SplitInfo> {
        let info = |split: &Split| SplitInfo {
            name: split.name.clone(),
            images: usize::try_from(split.records).ok(),
            labelled: true,
        };
        self.splits.iter().map(info).collect()
    }

    pub(super) fn open(&self, at: usize, observer: Observer) -> Result<Parts, SourceError> {
        let split = &self.splits[at];
        let images = check_images(&self.folder, split.records)?;
        let shape = ImageShape::new(32, 32, 3).map_err(|error| SourceError::shape(&self.folder, error))?;
        let classes = self.classes()?;
        let stride = self.labels + VALUES;
        let (mut labels, mut parts) = (Vec::new(), Vec::new());
        for path in &split.files {
            let (file, bytes) = open_file(path)?;
            let records = (bytes / stride as u64) as usize;
            self.read_labels(path, &file, records, &mut labels, &mut |done| {
                tell(observer, done as u64, images as u64)
            })?;
            let records_part = Records {
                path: path.clone(),
                file,
                offset: self.labels as u64,
                stride,
                layout: Layout::Planes,
            };
            parts.push((Part::Records(records_part), records));
        }
        if let Some(index) = labels.iter().position(|label| usize::from(*label) >= classes.len()) {
            let problem = format!("label {} of image {index} is above {}", labels[index], classes.len() - 1);
            return Err(SourceError::new(&split.files[0], problem, "is this CIFAR's binary version?"));
        }
        let notes = if self.labels == 2 {
            vec!["Of CIFAR-100's two labels the fine one was taken.".to_owned()]
        } else {
            vec![]
        };
        Ok(Parts {
            name: format!("{}, {}", folder_name(&self.folder), split.name),
            store: Store::new(shape, parts),
            labels,
            classes: Some(classes),
            skipped: Skipped::default(),
            notes,
            file: split.files[0].clone(),
        })
    }

    fn classes(&self) -> Result<Classes, SourceError> {
        if let Some(Names { classes, .. }) = beside(&[&self.folder])? {
            return Ok(classes);
        }
        let (file, known) = if self.labels == 1 {
            ("batches.meta.txt", known::cifar10())
        } else {
            ("fine_label_names.txt", known::cifar100())
        };
        let path = self.folder.join(file);
        if path.is_file() {
            return read_names(&path);
        }
        known.ok_or_else(|| SourceError::new(&path, "is not there", "put the names of the classes there"))
    }

    /// The last label before each record's values: the fine one of CIFAR-100.
    fn read_labels(
        &self,
        path: &Path,
        file: &File,
        records: usize,
        labels: &mut Vec<Class>,
        tell: &mut dyn FnMut(usize) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let stride = self.labels + VALUES;
        let mut block = vec![0; AT_ONCE * stride];
        for first in (0..records).step_by(AT_ONCE) {
            tell(labels.len())?;
            let block = &mut block[..AT_ONCE.min(records - first) * stride];
            read_exact_at(file, block, (first * stride) as u64)
                .map_err(|error| SourceError::io(path, &error))?;
            labels.extend(block.chunks_exact(stride).map(|record| Class::from(record[self.labels - 1])));
        }
        Ok(())
    }
}
