//! Images as they are, read where a picture of them is made: only those that it shows, and no larger than it shows them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

use crate::data::about::Originals;
use crate::data::images::{ImageShape, ReadError, ReducedImage, Reducer};
use crate::export::grid::{GridError, GridSpec};
use crate::progress::{Observer, Progress};
use crate::wording;

/// Images that cannot be read as they are, among those asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// How many.
    pub count: usize,
    /// How many were asked for.
    pub of: usize,
    /// Why the first cannot be read.
    pub first: ReadError,
}

impl Unread {
    /// Those of two readings.
    #[must_use]
    pub fn of_both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => {
                Some(Self { count: one.count + other.count, of: one.of + other.of, first: one.first })
            }
            (one, other) => one.or(other),
        }
    }

    /// How many there are, for a footer: `2 of 60 images as the network sees them`.
    #[must_use]
    pub fn footnote(&self) -> String {
        let them = if self.count == 1 { "it" } else { "them" };
        format!("{} as the network sees {them}", self.counted())
    }

    fn counted(&self) -> String {
        let images = wording::count(self.of, "image");
        if self.of == 1 { images } else { format!("{} of {images}", wording::thousands(self.count as u64)) }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drawn = if self.count == 1 {
            "is drawn as the network sees it"
        } else {
            "are drawn as the network sees them"
        };
        write!(f, "{} {drawn}: {}", self.counted(), self.first)
    }
}

/// Reads images as they are, one after the other, and counts those that cannot be read.
#[derive(Debug)]
pub struct OriginalsReader<'a> {
    originals: &'a Originals,
    reducer: Reducer,
    asked: usize,
    failed: usize,
    first: Option<ReadError>,
}

impl<'a> OriginalsReader<'a> {
    /// Of these images, each with no side longer than so many pixels.
    #[must_use]
    pub fn new(originals: &'a Originals, longest: usize) -> Self {
        let reducer = Reducer::new(&originals.set, longest);
        Self { originals, reducer, asked: 0, failed: 0, first: None }
    }

    /// An image; `None` where it cannot be read, or there is none of this index.
    pub fn read(&mut self, index: u32) -> Option<ReducedImage> {
        let number = self.originals.number(index)?;
        self.asked += 1;
        match self.reducer.make(number) {
            Ok(image) => Some(image),
            Err(error) => {
                log::info!("image {index}: {error}");
                self.failed += 1;
                self.first.get_or_insert(error);
                None
            }
        }
    }

    /// What could not be read.
    #[must_use]
    pub fn unread(self) -> Option<Unread> {
        let Self { asked, failed, first, .. } = self;
        first.map(|first| Unread { count: failed, of: asked, first })
    }
}

/// Those of some images that can be read as they are, by their indices: none where the network sees them so.
#[must_use]
pub fn read_some(
    originals: Option<&Originals>,
    indices: impl IntoIterator<Item = u32>,
    longest: usize,
) -> (BTreeMap<u32, ReducedImage>, Option<Unread>) {
    let Some(originals) = originals.filter(|originals| originals.differ()) else {
        return (BTreeMap::new(), None);
    };
    let mut reader = OriginalsReader::new(originals, longest);
    let images = indices.into_iter().filter_map(|index| Some((index, reader.read(index)?))).collect();
    (images, reader.unread())
}

/// Puts the images of a sheet in as they are, where they are no 28×28 grey, and says in its footer what the network takes
/// of them, which takes such as `taken`; `Break`
/// when the observer stopped it. What cannot be read stays as the network sees it.
///
/// # Errors
/// When the sheet cannot be drawn: then nothing is read.
pub fn put_in(
    sheet: &mut GridSpec,
    (originals, taken): (Option<&Originals>, ImageShape),
    observe: Observer,
) -> Result<ControlFlow<(), Option<Unread>>, GridError> {
    let Some(originals) = originals.filter(|originals| originals.differ()) else {
        return Ok(ControlFlow::Continue(None));
    };
    sheet.check()?;
    let mut reader = OriginalsReader::new(originals, sheet.side());
    let total = sheet.sections.iter().map(|section| section.cells.len() as u64).sum();
    let cells = sheet.sections.iter_mut().flat_map(|section| &mut section.cells);
    for (done, cell) in (0..).zip(cells) {
        if observe(Progress { done, total }).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        cell.original = cell.index.and_then(|index| reader.read(index));
    }
    let unread = reader.unread();
    let made = originals
        .set
        .shape()
        .brought_to(taken)
        .map(|made| format!("shown as they are: {made} for the network"));
    for told in made.into_iter().chain(unread.as_ref().map(Unread::footnote)) {
        sheet.footer = format!("{} · {told}", sheet.footer);
    }
    Ok(ControlFlow::Continue(unread))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage};

    use super::*;
    use crate::data::images::ImageSet;
    use crate::data::images::sources::look;
    use crate::export::grid::{GridCell, GridSection};
    use crate::progress::unobserved;

    const RED: [u8; 3] = [255, 0, 10];
    const BLUE: [u8; 3] = [0, 20, 255];

    /// Two pictures, one of each class.
    fn set(folder: &Path, pictures: [DynamicImage; 2]) -> ImageSet {
        for (class, picture) in ["cat", "dog"].into_iter().zip(pictures) {
            fs::create_dir_all(folder.join(class)).unwrap();
            picture.save(folder.join(class).join("a.png")).unwrap();
        }
        let found = look(folder).unwrap();
        match found.open(&found.splits[0].name, &mut unobserved).unwrap() {
            ControlFlow::Continue(set) => set,
            ControlFlow::Break(()) => panic!("nobody stopped it"),
        }
    }

    /// A sheet of both images and one that is of no set.
    fn sheet(set: &ImageSet) -> GridSpec {
        let seen = set.grey28(0..2).unwrap();
        let cell = |index: Option<u32>| GridCell {
            pixels: seen[index.unwrap_or(0) as usize * 784..][..784].to_vec(),
            original: None,
            caption: "cat".to_owned(),
            wrong: false,
            value: 0.5,
            index,
            open: false,
        };
        let cells = vec![cell(Some(0)), cell(Some(1)), cell(None)];
        GridSpec {
            title: "All images".to_owned(),
            subtitle: String::new(),
            sections: vec![GridSection { heading: String::new(), note: String::new(), cells }],
            footer: "folder pets, test".to_owned(),
            scale: 2,
        }
    }

    fn put(sheet: &mut GridSpec, originals: &Originals) -> Option<Unread> {
        match put_in(sheet, (Some(originals), ImageShape::MNIST), &mut unobserved).unwrap() {
            ControlFlow::Continue(unread) => unread,
            ControlFlow::Break(()) => panic!("nobody stopped it"),
        }
    }

    /// Columns and rows from the first to the last pixel of a colour, and how many pixels are of it.
    fn extent(picture: &RgbImage, colour: [u8; 3]) -> Option<(u32, u32, usize)> {
        let places =
            || picture.enumerate_pixels().filter(|(.., pixel)| pixel.0 == colour).map(|(x, y, _)| (x, y));
        let along = |of: fn((u32, u32)) -> u32| Some(places().map(of).max()? - places().map(of).min()? + 1);
        Some((along(|(x, _)| x)?, along(|(_, y)| y)?, places().count()))
    }

    #[test]
    fn a_sheet_of_images_in_colour_shows_their_colours_and_proportions() {
        let folder = tempfile::tempdir().unwrap();
        let wide = |colour| RgbImage::from_pixel(40, 20, Rgb(colour)).into();
        let set = set(folder.path(), [wide(RED), wide(BLUE)]);
        let seen = sheet(&set);
        let mut spec = seen.clone();
        let originals = Originals::new(set, None);
        assert_eq!(put(&mut spec, &originals), None);
        assert_eq!(
            spec.footer,
            "folder pets, test · shown as they are: 20×40 colour, made grey and resized to 28×28 by area for the network"
        );
        let drawn = spec.draw().unwrap();
        for colour in [RED, BLUE] {
            assert_eq!(extent(&drawn, colour), Some((168, 84, 168 * 84)), "each once");
            assert_eq!(extent(&seen.draw().unwrap(), colour), None);
        }
        // Shown in another order, and one of them not at all.
        let mut spec = seen;
        put(&mut spec, &Originals::new(originals.set, Some(vec![1])));
        let [first, second, other] = &spec.sections[0].cells[..] else { panic!("there are three") };
        assert_eq!(first.original.as_ref().map(|image| &image.values()[..3]), Some(&BLUE[..]));
        assert_eq!((&second.original, &other.original), (&None, &None));
    }

    #[test]
    fn what_has_vanished_is_drawn_as_the_network_sees_it_and_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let tall = |colour| RgbImage::from_pixel(20, 40, Rgb(colour)).into();
        let set = set(folder.path(), [tall(RED), tall(BLUE)]);
        let originals = Originals::new(set, None);
        let seen = sheet(&originals.set);
        fs::remove_file(folder.path().join("cat").join("a.png")).unwrap();
        let mut spec = seen.clone();
        let unread = put(&mut spec, &originals).unwrap();
        let said = unread.to_string();
        assert!(said.starts_with("1 of 2 images is drawn as the network sees it: "), "{said}");
        assert!(said.contains("a.png is no longer there"), "{said}");
        assert!(spec.footer.ends_with(" · 1 of 2 images as the network sees it"), "{}", spec.footer);
        let drawn = spec.draw().unwrap();
        assert_eq!((extent(&drawn, RED), extent(&drawn, BLUE)), (None, Some((84, 168, 84 * 168))));
        fs::remove_file(folder.path().join("dog").join("a.png")).unwrap();
        let mut spec = seen;
        let unread = put(&mut spec, &originals).unwrap();
        assert!(
            unread.to_string().starts_with("2 of 2 images are drawn as the network sees them: "),
            "{unread}"
        );
        assert!(spec.draw().is_ok());
        assert_eq!(
            Unread::of_both(Some(unread.clone()), Some(unread)).unwrap().footnote(),
            "4 of 4 images as the network sees them"
        );
    }

    #[test]
    fn grey_images_of_28_by_28_are_drawn_as_ever() {
        let folder = tempfile::tempdir().unwrap();
        let grey = |seed: u32| GrayImage::from_fn(28, 28, |x, y| Luma([(x * y + seed) as u8])).into();
        let set = set(folder.path(), [grey(0), grey(90)]);
        assert_eq!(set.shape(), ImageShape::MNIST);
        let seen = sheet(&set);
        let mut spec = seen.clone();
        assert_eq!(put(&mut spec, &Originals::new(set, None)), None);
        assert_eq!(spec, seen);
        assert_eq!(
            put_in(&mut spec, (None, ImageShape::MNIST), &mut unobserved).unwrap(),
            ControlFlow::Continue(None)
        );
        assert_eq!(spec, seen);
    }

    #[test]
    fn nothing_is_read_for_a_sheet_that_cannot_be_drawn_or_is_not_wanted_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let wide = |colour| RgbImage::from_pixel(40, 20, Rgb(colour)).into();
        let set = set(folder.path(), [wide(RED), wide(BLUE)]);
        let mut spec = sheet(&set);
        let originals = Originals::new(set, None);
        let stop = &mut |_| ControlFlow::Break(());
        assert_eq!(
            put_in(&mut spec, (Some(&originals), ImageShape::MNIST), stop).unwrap(),
            ControlFlow::Break(())
        );
        spec.scale = 9;
        let read = &mut |_| panic!("it is known before that it cannot be drawn");
        assert!(put_in(&mut spec, (Some(&originals), ImageShape::MNIST), read).is_err());
    }
}
