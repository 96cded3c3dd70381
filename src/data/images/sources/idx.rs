//! IDX files of any size: MNIST and all that are published as it is, plain or gzip, with labels of one or four bytes.

use std::path::{Path, PathBuf};

use super::error::SourceError;
use super::input::{Input, check_images, cut_short, open_file};
use super::labels::{Names, beside, highest, labels, settle};
use super::place::{Place, folder_name, name_of, split_name};
use super::split::SplitInfo;
use crate::data::classes::Class;
use crate::data::images::known;
use crate::data::images::set::{Parts, Skipped};
use crate::data::images::shape::ImageShape;
use crate::data::images::store::{Layout, Part, Records, Store};
use crate::progress::{Observer, unobserved};

/// The most files of a folder that are looked into.
const MOST_PEEKED: usize = 200;
/// More columns than labels have (QMNIST's: 8).
const MOST_LABEL_COLUMNS: u32 = 16;

/// What the first bytes of a file say.
#[derive(Clone, Debug)]
struct Head {
    path: PathBuf,
    /// The code of the type of a value.
    code: u8,
    dimensions: Vec<u32>,
    layers: u32,
}

impl Head {
    /// `None` when it is no IDX file.
    fn read(path: &Path) -> Result<Option<Self>, SourceError> {
        let mut input = Input::open(path)?;
        let start = input.some(4)?;
        let [0, 0, code @ (0x08 | 0x09 | 0x0b..=0x0e), count @ 1..=4] = start[..] else { return Ok(None) };
        let rest = input.some(usize::from(count) * 4)?;
        if rest.len() < usize::from(count) * 4 {
            return Err(cut_short(
                path,
                4 + u64::from(count) * 4,
                "of its header alone, which are not there",
            ));
        }
        let dimensions =
            rest.chunks_exact(4).map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
        let dimensions = dimensions.collect();
        Ok(Some(Self { path: path.to_path_buf(), code, dimensions, layers: input.layers }))
    }

    fn is_labels(&self) -> bool {
        match self.dimensions[..] {
            [_] => true,
            [_, columns] => columns <= MOST_LABEL_COLUMNS,
            _ => false,
        }
    }

    fn header_bytes(&self) -> u64 {
        4 + 4 * self.dimensions.len() as u64
    }

    fn value_bytes(&self) -> u64 {
        match self.code {
            0x0b => 2,
            0x0c | 0x0d => 4,
            0x0e => 8,
            _ => 1,
        }
    }

    /// Bytes that follow the header, by what it promises.
    fn body_bytes(&self) -> u64 {
        let values = self.dimensions.iter().fold(1_u64, |all, side| all.saturating_mul(u64::from(*side)));
        values.saturating_mul(self.value_bytes())
    }

    fn images(&self) -> Result<usize, SourceError> {
        check_images(&self.path, u64::from(self.dimensions[0]))
    }

    fn shape(&self) -> Result<ImageShape, SourceError> {
        if self.code != 0x08 {
            let problem = "its pixels are not unsigned bytes";
            return Err(SourceError::new(&self.path, problem, "save them as bytes from 0 to 255"));
        }
        let channels = self.dimensions.get(3).map_or(1, |channels| *channels as usize);
        let [_, height, width, ..] = self.dimensions[..] else {
            let problem = format!("{} numbers an image; height and width are not said", self.dimensions[1]);
            return Err(SourceError::new(&self.path, problem, "save it with three dimensions"));
        };
        ImageShape::new(height as usize, width as usize, channels)
            .map_err(|error| SourceError::shape(&self.path, error))
    }

    /// The numbers of the labels, and the bytes they are.
    fn labels(&self) -> Result<(Vec<i64>, Vec<u8>), SourceError> {
        self.images()?;
        if matches!(self.code, 0x0d | 0x0e) {
            let problem = "its labels are not whole numbers";
            return Err(SourceError::new(&self.path, problem, "save them as bytes or integers"));
        }
        let mut input = Input::open(&self.path)?;
        input.some(self.header_bytes() as usize)?;
        let body = input.rest(self.body_bytes(), &mut unobserved)?;
        let columns = self.dimensions.get(1).map_or(1, |columns| *columns as usize);
        if columns == 0 {
            return Err(SourceError::new(&self.path, "holds no labels", "get it again"));
        }
        let bytes = self.value_bytes() as usize;
        let number = |value: &[u8]| match (self.code, value) {
            (0x09, [byte]) => i64::from(byte.cast_signed()),
            (_, [byte]) => i64::from(*byte),
            (_, [a, b]) => i64::from(i16::from_be_bytes([*a, *b])),
            (_, [a, b, c, d]) => i64::from(i32::from_be_bytes([*a, *b, *c, *d])),
            _ => -1,
        };
        let numbers = body.chunks_exact(bytes * columns).map(|row| number(&row[..bytes])).collect();
        Ok((numbers, body))
    }
}

/// Images with the labels that go with them.
#[derive(Clone, Debug)]
struct Pair {
    name: String,
    images: Head,
    labels: Option<Head>,
}

/// The sets in a folder.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    folder: PathBuf,
    pairs: Vec<Pair>,
}

/// What stands before `images` or `labels` in the name of a file.
fn stem(path: &Path) -> String {
    let name = name_of(path).to_lowercase();
    let end = ["images", "labels"].iter().filter_map(|word| name.find(word)).min().unwrap_or(0);
    name[..end].trim_end_matches(['-', '.', '_', ' ']).to_owned()
}

/// Whether a file's name leaves open that it is IDX.
fn may_be_idx(path: &Path) -> bool {
    let name = name_of(path).to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let ends = [".idx", ".idx1-ubyte", ".idx3-ubyte", ".idx4-ubyte", ".idx2-int", ".ubyte"];
    name.contains("idx") || !name.contains('.') || ends.iter().any(|end| name.ends_with(end))
}

/// Finds images and labels that go together. A file named alone brings those beside it that go with it.
pub(super) fn look(place: &Place) -> Result<Option<Plan>, SourceError> {
    let mut files: Vec<PathBuf> = place.files.iter().filter(|path| may_be_idx(path)).cloned().collect();
    let alone = place.is_file.then(|| place.files.first().cloned()).flatten();
    if let Some(file) = &alone {
        if Head::read(file)?.is_none() {
            return Ok(None);
        }
        // A folder of a million files is no place for a pair: whatever cannot be listed brings nothing.
        let around = Place::at(&place.folder).map(|around| around.files).unwrap_or_default();
        files = around.into_iter().filter(|path| may_be_idx(path) && stem(path) == stem(file)).collect();
        if !files.contains(file) {
            files.push(file.clone());
        }
    }
    files.truncate(MOST_PEEKED);
    let (mut images, mut labels) = (Vec::new(), Vec::new());
    let mut broken = None;
    for path in &files {
        match Head::read(path) {
            Ok(Some(head)) if head.is_labels() => labels.push(head),
            Ok(Some(head)) => images.push(head),
            Ok(None) => {}
            // One file may be damaged among good ones; alone it is what has to be said.
            Err(error) => broken = broken.or(name_of(path).to_lowercase().contains("idx").then_some(error)),
        }
    }
    let single = images.len() == 1 && labels.len() == 1;
    let mut pairs: Vec<Pair> = Vec::new();
    for head in images {
        let key = stem(&head.path);
        if pairs.iter().any(|pair| stem(&pair.images.path) == key) {
            // The same file plain and compressed: the first in the order of names, which is the plain one.
            continue;
        }
        let with = labels.iter().find(|labels| single || stem(&labels.path) == key).cloned();
        let name = if key.is_empty() { "all".to_owned() } else { split_name(&key) };
        pairs.push(Pair { name, images: head, labels: with });
    }
    if let (true, Some(labels)) = (pairs.is_empty(), labels.first()) {
        let problem = "holds labels, and the images that go with them are not there";
        let advice = "put the file of images beside it, named alike";
        return Err(SourceError::new(&labels.path, problem, advice));
    }
    match (pairs.is_empty(), broken) {
        (true, Some(error)) => Err(error),
        (true, None) => Ok(None),
        (false, _) => Ok(Some(Plan { folder: place.folder.clone(), pairs })),
    }
}

impl Plan {
    pub(super) fn splits(&self) -> Vec<SplitInfo> {
        let info = |pair: &Pair| SplitInfo {
            name: pair.name.clone(),
            images: pair.images.dimensions.first().map(|images| *images as usize),
            labelled: pair.labels.is_some(),
        };
        self.pairs.iter().map(info).collect()
    }

    pub(super) fn open(&self, at: usize, observer: Observer) -> Result<Parts, SourceError> {
        let pair = &self.pairs[at];
        let head = &pair.images;
        let (shape, images) = (head.shape()?, head.images()?);
        let mut notes = Vec::new();
        let is_emnist = self.is_emnist(pair);
        let layout = if is_emnist && !shape.is_colour() { Layout::Columns } else { Layout::Rows };
        let shape = if layout == Layout::Columns {
            notes.push("EMNIST's images lie on their side in the file; they were turned.".to_owned());
            shape.turned()
        } else {
            shape
        };
        let (labels, names, start) = self.labels(pair, is_emnist, images)?;
        if start > 0 {
            notes.push(format!("Labels start at {start} in the file; {start} was taken from each."));
        }
        // Sets in the form of MNIST have ten classes, even where a small part of one has fewer.
        let at_least = if shape == ImageShape::MNIST && !is_emnist { 10 } else { 2 };
        let most = highest(&labels).max(self.highest_elsewhere(pair, start));
        let classes = settle(&pair.images.path, most.filter(|_| pair.labels.is_some()), names, at_least)?;
        let part = pixels(head, layout, shape, observer)?;
        Ok(Parts {
            name: format!("{}, {}", folder_name(&self.folder), pair.name),
            store: Store::new(shape, vec![(part, images)]),
            labels,
            classes,
            skipped: Skipped::default(),
            notes,
            file: head.path.clone(),
        })
    }

    fn is_emnist(&self, pair: &Pair) -> bool {
        let folder = folder_name(&self.folder).to_lowercase();
        name_of(&pair.images.path).to_lowercase().starts_with("emnist-") || folder == "emnist"
    }

    /// Labels with the names of their classes, and what was taken from each.
    fn labels(
        &self,
        pair: &Pair,
        is_emnist: bool,
        images: usize,
    ) -> Result<(Vec<Class>, Option<Names>, u16), SourceError> {
        let mut names = beside(&[
            &self.folder,
            self.folder.parent().filter(|_| is_raw(&self.folder)).unwrap_or(&self.folder),
        ])?;
        let Some(head) = &pair.labels else { return Ok((Vec::new(), names, 0)) };
        let (mut numbers, bytes) = head.labels()?;
        if numbers.len() != images {
            let problem =
                format!("{} labels, but {} holds {images} images", numbers.len(), pair.images.path.display());
            return Err(SourceError::new(&head.path, problem, "take both files from the same set"));
        }
        let known = |classes| Names { classes, file: None };
        let mut start = 0;
        if is_emnist {
            if let Some((classes, first)) = known::emnist(&name_of(&pair.images.path)) {
                start = first;
                names = names.or_else(|| Some(known(classes)));
            }
            if start > 0 && numbers.contains(&0) {
                // Somebody numbered them from 0 already.
                start = 0;
            }
            for number in &mut numbers {
                *number -= i64::from(start);
            }
        } else {
            let found = known::by_labels(&bytes).or_else(|| known::by_name(&folder_name(&self.folder)));
            names = names.or_else(|| found.map(known));
        }
        Ok((labels(&head.path, &numbers)?, names, start))
    }

    /// The highest label of the other splits: all have the same classes. Files that cannot be read say nothing here.
    fn highest_elsewhere(&self, pair: &Pair, start: u16) -> Option<Class> {
        let others = self.pairs.iter().filter(|other| other.images.path != pair.images.path);
        // EMNIST's splits are sets of their own.
        let others = others.filter(|_| !self.is_emnist(pair) && start == 0);
        others
            .filter_map(|other| {
                let head = other.labels.as_ref()?;
                let (numbers, _) = head.labels().ok()?;
                highest(&labels(&head.path, &numbers).ok()?)
            })
            .max()
    }
}

fn is_raw(folder: &Path) -> bool {
    name_of(folder).eq_ignore_ascii_case("raw")
}

/// The pixels: in the file where it is plain, else in memory.
fn pixels(head: &Head, layout: Layout, shape: ImageShape, observer: Observer) -> Result<Part, SourceError> {
    let body_bytes = head.body_bytes();
    if head.layers == 0 {
        let (file, length) = open_file(&head.path)?;
        let expected = body_bytes.saturating_add(head.header_bytes());
        if length < expected {
            return Err(cut_short(&head.path, expected, &format!("but ends after {length}")));
        }
        if length > expected {
            let problem = format!("is too long: data follow the {expected} bytes that its header promises");
            return Err(SourceError::new(&head.path, problem, "get the file again"));
        }
        let path = head.path.clone();
        return Ok(Part::Records(Records {
            path,
            file,
            offset: head.header_bytes(),
            stride: shape.bytes(),
            layout,
        }));
    }
    let mut input = Input::open(&head.path)?;
    input.some(head.header_bytes() as usize)?;
    let mut body = input.rest(body_bytes, observer)?;
    if layout != Layout::Rows {
        let mut image = vec![0; shape.bytes()];
        for record in body.chunks_exact_mut(shape.bytes()) {
            layout.arrange(shape, record, &mut image);
            record.copy_from_slice(&image);
        }
    }
    Ok(Part::Memory(body))
}
