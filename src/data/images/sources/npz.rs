//! Archives of numpy arrays: those of Keras and `MedMNIST`, or any in which images and labels can be told apart.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use zip::{CompressionMethod, ZipArchive};

use super::error::SourceError;
use super::input::{MAX_INFLATION, check_images, check_memory, cut_short, open_file, tell};
use super::labels::{Names, beside, highest, labels, settle};
use super::place::{Place, name_of, split_name};
use super::split::SplitInfo;
use crate::data::images::known;
use crate::data::images::set::{Parts, Skipped};
use crate::data::images::shape::ImageShape;
use crate::data::images::store::{Layout, Part, Records, Store};
use crate::data::npy::{Header, Kind, Refusal, read_header};
use crate::progress::{Observer, unobserved};

/// The most arrays that are looked into.
const MOST_ARRAYS: usize = 1000;
/// The most archives of a folder that are looked into.
const MOST_FILES: usize = 50;
/// Images converted in one go.
const AT_ONCE: usize = 256;

/// An array of the archive.
#[derive(Clone, Debug)]
struct Array {
    name: String,
    /// Its place in the archive.
    index: usize,
    header: Header,
    /// Where the numbers begin in the file, when they are not compressed.
    offset: Option<u64>,
}

#[derive(Clone, Debug)]
struct Pair {
    name: String,
    images: Array,
    labels: Option<Array>,
}

/// The splits in an archive.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    path: PathBuf,
    pairs: Vec<Pair>,
    notes: Vec<String>,
}

/// What an array is for, by the words in its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Images,
    Labels,
    Unsaid,
}

fn role(name: &str) -> (Role, String) {
    let mut role = Role::Unsaid;
    let mut rest = Vec::new();
    for word in name.split(['_', '-', '.', ' ']) {
        match word.to_lowercase().as_str() {
            "x" | "images" | "image" | "imgs" | "data" | "pixels" => role = Role::Images,
            "y" | "labels" | "label" | "targets" | "target" | "classes" => role = Role::Labels,
            "arr" | "0" | "1" | "" => {}
            _ => rest.push(word.to_owned()),
        }
    }
    let rest = rest.join("_");
    (role, if rest.is_empty() { "all".to_owned() } else { split_name(&rest) })
}

/// Shape and number of the images that an array of these sides may hold, with the order of their values.
fn as_images(path: &Path, header: &Header) -> Option<Result<(ImageShape, Layout), SourceError>> {
    let sides = &header.shape[1..];
    let of = |height: u64, width: u64, channels: u64| {
        let side = |side: u64| usize::try_from(side).unwrap_or(usize::MAX);
        ImageShape::new(side(height), side(width), side(channels))
            .map_err(|error| SourceError::shape(path, error))
    };
    let (shape, layout) = match *sides {
        [height, width] => (of(height, width, 1), Layout::Rows),
        // Channels first, as torch keeps them: 1 or 3 rows would be no picture.
        [channels @ (1 | 3), height, width] if height > 4 && width > 4 => {
            (of(height, width, channels), Layout::Planes)
        }
        [height, width, channels] => (of(height, width, channels), Layout::Rows),
        _ => return None,
    };
    Some(shape.map(|shape| (shape, layout)))
}

fn is_labels(header: &Header, images: u64) -> bool {
    /// More columns than classes are no labels, not even one column for each class.
    const MOST_COLUMNS: u64 = 1000;
    let columns = header.shape.get(1).is_none_or(|columns| (1..=MOST_COLUMNS).contains(columns));
    header.number.is_whole() && header.shape.first() == Some(&images) && header.shape.len() <= 2 && columns
}

/// Finds images and labels in an archive named alone, or in the only one of a folder.
pub(super) fn look(place: &Place) -> Result<Option<Plan>, SourceError> {
    let files = if place.is_file {
        let is_zip = |path: &PathBuf| {
            let mut start = [0; 4];
            File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
                && start == *b"PK\x03\x04"
        };
        place
            .files
            .iter()
            .filter(|path| is_zip(path) || name_of(path).to_lowercase().ends_with(".npz"))
            .cloned()
            .collect()
    } else {
        place.ending(&[".npz"])
    };
    let mut plans = Vec::new();
    let mut refused = None;
    for path in files.iter().take(MOST_FILES) {
        match read(path) {
            Ok(plan) => plans.push(plan),
            // Among others, one may be of something else.
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    match (plans.len(), refused) {
        (0, Some(error)) if files.len() == 1 => Err(error),
        (0, Some(error)) => {
            let problem = format!("holds {} archives of numpy, none with images", files.len());
            Err(SourceError::new(&place.folder, problem, format!("the first: {error}")))
        }
        (0 | 1, _) => Ok(plans.pop()),
        _ => {
            let names: Vec<String> = plans.iter().take(3).map(|plan| name_of(&plan.path)).collect();
            let problem = format!("holds several archives of images: {}", names.join(", "));
            let advice = format!("name one of them, such as {}", plans[0].path.display());
            Err(SourceError::new(&place.folder, problem, advice))
        }
    }
}

fn archive(path: &Path) -> Result<ZipArchive<BufReader<File>>, SourceError> {
    let (file, _) = open_file(path)?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(path, &error))
}

fn damaged(path: &Path, error: &impl std::fmt::Display) -> SourceError {
    SourceError::new(
        path,
        format!("is damaged or no archive of numpy: {error}"),
        "get it again, or save it anew with numpy.savez",
    )
}

fn read(path: &Path) -> Result<Plan, SourceError> {
    let mut archive = archive(path)?;
    let (mut arrays, mut refused, mut objects) = (Vec::new(), Vec::new(), Vec::new());
    if archive.len() > MOST_ARRAYS {
        let problem = format!("holds {} arrays, more than a set of images has", archive.len());
        return Err(SourceError::new(path, problem, "save images and labels alone"));
    }
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(|error| damaged(path, &error))?;
        let name = member.name().map_err(|error| damaged(path, &error))?.into_owned();
        let Some(name) = name.strip_suffix(".npy").map(str::to_owned) else { continue };
        let (size, packed, start) = (member.size(), member.compressed_size(), member.data_start());
        let is_stored = member.compression() == CompressionMethod::Stored;
        let header = read_header(&mut member).map_err(|what| {
            let problem = format!("the array {name} is damaged: {what}");
            SourceError::new(path, problem, "save it again with numpy")
        })?;
        match header {
            Ok(header) => {
                let promised = header.body_bytes().saturating_add(header.bytes);
                if promised != size || promised > packed.saturating_mul(MAX_INFLATION) {
                    let found = format!("and the array {name} has {size}, in {packed} of the file");
                    return Err(cut_short(path, promised, &found));
                }
                let offset = start.filter(|_| is_stored).map(|start| start + header.bytes);
                arrays.push(Array { name, index, header, offset });
            }
            Err(Refusal::Objects) => objects.push(name),
            Err(Refusal::Other(what)) => refused.push(format!("{name} ({what})")),
        }
    }
    plan(path, &arrays, &refused, &objects)
}

fn plan(path: &Path, arrays: &[Array], refused: &[String], objects: &[String]) -> Result<Plan, SourceError> {
    let has_labels =
        |images: &Array| arrays.iter().any(|array| is_labels(&array.header, images.header.shape[0]));
    let is_images = |array: &&Array| {
        (3..=4).contains(&array.header.shape.len())
            && role(&array.name).0 != Role::Labels
            && (array.header.number.is_bytes() || role(&array.name).0 == Role::Images || has_labels(array))
    };
    let images: Vec<&Array> = arrays.iter().filter(is_images).collect();
    let mut pairs = Vec::new();
    for array in &images {
        let (_, split) = role(&array.name);
        let fits = |other: &&Array| is_labels(&other.header, array.header.shape[0]);
        let named = |other: &&Array| role(&other.name) == (Role::Labels, split.clone());
        let with = arrays.iter().find(|other| named(other));
        let with = with.or_else(|| arrays.iter().find(fits).filter(|_| images.len() == 1));
        if let Some(labels) = with.filter(|labels| !fits(labels)) {
            let problem = format!(
                "{} are labels {}, and {} are images {}",
                labels.name, labels.header, array.name, array.header
            );
            return Err(SourceError::new(path, problem, "there must be one whole number for each image"));
        }
        pairs.push(Pair { name: split, images: (*array).clone(), labels: with.cloned() });
    }
    let mut notes = Vec::new();
    if !objects.is_empty() {
        notes.push(format!(
            "The arrays {} hold Python objects and were left aside: reading them could run code.",
            objects.join(", ")
        ));
    }
    if !pairs.is_empty() {
        return Ok(Plan { path: path.to_path_buf(), pairs, notes });
    }
    if let Some(name) = objects.first() {
        let problem = format!("the array {name} holds Python objects, and reading them could run code");
        return Err(SourceError::new(
            path,
            problem,
            "save it as numbers: numpy.stack(images).astype(\"uint8\")",
        ));
    }
    let mut listed: Vec<String> =
        arrays.iter().map(|array| format!("{} {}", array.name, array.header)).collect();
    listed.extend(refused.iter().cloned());
    let more = if listed.len() > 4 { ", …" } else { "" };
    listed.truncate(4);
    let problem = format!("holds no images; its arrays are {}{more}", listed.join(", "));
    let is_network = arrays.iter().any(|array| array.name.ends_with("/W") || array.name.ends_with("/b"));
    let advice = if is_network {
        "this is a network: open it as one"
    } else {
        "images are an array [N, height, width] or [N, height, width, 3] of bytes"
    };
    Err(SourceError::new(path, problem, advice))
}

impl Plan {
    pub(super) fn splits(&self) -> Vec<SplitInfo> {
        let info = |pair: &Pair| SplitInfo {
            name: pair.name.clone(),
            images: usize::try_from(pair.images.header.shape[0]).ok(),
            labelled: pair.labels.is_some(),
        };
        self.pairs.iter().map(info).collect()
    }

    pub(super) fn open(&self, at: usize, observer: Observer) -> Result<Parts, SourceError> {
        let pair = &self.pairs[at];
        let header = &pair.images.header;
        let images = check_images(&self.path, header.shape[0])?;
        let nothing = || SourceError::new(&self.path, "holds no images", "choose another file");
        let (shape, layout) = as_images(&self.path, header).ok_or_else(nothing)??;
        let mut notes = self.notes.clone();
        let numbers = match &pair.labels {
            Some(array) => self.labels(array, &mut notes)?,
            None => None,
        };
        let most = self.pairs.iter().filter(|other| other.name != pair.name).filter_map(|other| {
            let numbers = self.labels(other.labels.as_ref()?, &mut Vec::new()).ok()??;
            highest(&labels(&self.path, &numbers).ok()?)
        });
        let most = most.max();
        let labels =
            numbers.as_ref().map_or_else(|| Ok(Vec::new()), |numbers| labels(&self.path, numbers))?;
        let folder = self.path.parent().unwrap_or(&self.path);
        let stem = name_of(&self.path);
        let known =
            known::by_name(stem.trim_end_matches(".npz")).map(|classes| Names { classes, file: None });
        let names = beside(&[folder])?.or(known);
        let at_least =
            if shape == ImageShape::MNIST && stem.to_lowercase().starts_with("mnist") { 10 } else { 2 };
        let most = numbers.is_some().then(|| highest(&labels).max(most)).flatten();
        let classes = settle(&self.path, most, names, at_least)?;
        let part = self.pixels(&pair.images, shape, layout, &mut notes, observer)?;
        Ok(Parts {
            name: format!("{stem}, {}", pair.name),
            store: Store::new(shape, vec![(part, images)]),
            labels,
            classes,
            skipped: Skipped::default(),
            notes,
            file: self.path.clone(),
        })
    }

    /// Numbers of classes; `None` where an image has several labels at once.
    fn labels(&self, array: &Array, notes: &mut Vec<String>) -> Result<Option<Vec<i64>>, SourceError> {
        let columns = array.header.shape.get(1).copied().unwrap_or(1).max(1) as usize;
        check_memory(&self.path, array.header.shape[0].saturating_mul(8 * columns as u64))?;
        let mut numbers = Vec::new();
        self.blocks(array, columns, &mut unobserved, &mut |block| {
            numbers.extend(array.header.number.numbers(block).map(|number| number as i64));
        })?;
        if columns == 1 {
            return Ok(Some(numbers));
        }
        let one_hot = |row: &[i64]| {
            let mut ones = row.iter().enumerate().filter(|(_, number)| **number != 0);
            ones.next()
                .filter(|(_, number)| **number == 1)
                .filter(|_| ones.next().is_none())
                .and_then(|(at, _)| i64::try_from(at).ok())
        };
        let classes: Option<Vec<i64>> = numbers.chunks_exact(columns).map(one_hot).collect();
        if classes.is_none() {
            notes.push(format!(
                "{} has several labels for an image and was left aside: the images have none.",
                array.name
            ));
        }
        Ok(classes)
    }

    /// The pixels: bytes that are not compressed stay in the file, all others become bytes in memory.
    fn pixels(
        &self,
        array: &Array,
        shape: ImageShape,
        layout: Layout,
        notes: &mut Vec<String>,
        observer: Observer,
    ) -> Result<Part, SourceError> {
        let header = &array.header;
        if let (Some(offset), true) = (array.offset, header.number.is_bytes()) {
            let (file, length) = open_file(&self.path)?;
            if offset.saturating_add(header.body_bytes()) > length {
                return Err(cut_short(&self.path, header.body_bytes(), "which are not there"));
            }
            return Ok(Part::Records(Records {
                path: self.path.clone(),
                file,
                offset,
                stride: shape.bytes(),
                layout,
            }));
        }
        check_memory(&self.path, header.body_bytes() / header.number.bytes as u64)?;
        let values = shape.bytes();
        let scale =
            if header.number.is_bytes() { 1.0 } else { self.scale(array, values, notes, &mut *observer)? };
        let mut pixels = Vec::new();
        let mut image = vec![0; values];
        self.blocks(array, values, observer, &mut |block| {
            let bytes: Vec<u8> = if header.number.is_bytes() {
                block.to_vec()
            } else {
                header
                    .number
                    .numbers(block)
                    .map(|number| (number * scale).round().clamp(0.0, 255.0) as u8)
                    .collect()
            };
            for record in bytes.chunks_exact(values) {
                layout.arrange(shape, record, &mut image);
                pixels.extend_from_slice(&image);
            }
        })?;
        Ok(Part::Memory(pixels))
    }

    /// What numbers are multiplied with to become 0…255.
    fn scale(
        &self,
        array: &Array,
        values: usize,
        notes: &mut Vec<String>,
        observer: Observer,
    ) -> Result<f64, SourceError> {
        let number = array.header.number;
        if number.kind == Kind::Bool {
            return Ok(255.0);
        }
        let (mut least, mut most) = (0.0_f64, 0.0_f64);
        let mut finite = true;
        self.blocks(array, values, observer, &mut |block| {
            for value in number.numbers(block) {
                finite &= value.is_finite();
                (least, most) = (least.min(value), most.max(value));
            }
        })?;
        if !finite || least < 0.0 || most > 255.0 {
            let problem = format!(
                "the pixels in {} go from {least} to {most}{}",
                array.name,
                if finite { "" } else { ", some not finite" }
            );
            return Err(SourceError::new(
                &self.path,
                problem,
                "save them as bytes from 0 to 255, or as numbers from 0 to 1",
            ));
        }
        if number.is_whole() || most > 1.0 {
            return Ok(1.0);
        }
        notes.push("Pixels from 0 to 1 were made 0 to 255.".to_owned());
        Ok(255.0)
    }

    /// Hands out all numbers of an array, so many at least in one go and always whole records.
    fn blocks(
        &self,
        array: &Array,
        record: usize,
        observer: Observer,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), SourceError> {
        let mut archive = archive(&self.path)?;
        let mut member = archive.by_index(array.index).map_err(|error| damaged(&self.path, &error))?;
        let fail = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => damaged(&self.path, &format!("{} is cut short", array.name)),
            _ => damaged(&self.path, &error),
        };
        let mut header = vec![0; array.header.bytes as usize];
        member.read_exact(&mut header).map_err(fail)?;
        let total = array.header.body_bytes();
        let mut block =
            vec![0; record * array.header.number.bytes * AT_ONCE.min(1 + (1 << 20) / record.max(1))];
        let mut done = 0;
        while done < total {
            tell(observer, done, total)?;
            let here = (total - done).min(block.len() as u64) as usize;
            member.read_exact(&mut block[..here]).map_err(fail)?;
            take(&block[..here]);
            done += here as u64;
        }
        // One read more: the checksum is compared at the end.
        if member.read(&mut [0]).map_err(fail)? > 0 {
            return Err(damaged(&self.path, &format!("{} is longer than its header promises", array.name)));
        }
        Ok(())
    }
}
