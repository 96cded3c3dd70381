//! Images as they are, where a LeNet sees them otherwise: small ones for the galleries, one large one to look at.

use crate::data::about::Originals;
use crate::data::images::{ReadError, ReducedImage};

use super::originals::OriginalsReader;

/// Images wanted.
#[derive(Clone, Debug)]
pub struct ReduceJob {
    /// What they are images of.
    pub originals: Originals,
    /// Their indices in the dataset.
    pub images: Vec<u32>,
    /// The longest side of each, in pixels.
    pub longest: usize,
    /// Whether it was said before that some cannot be read.
    pub complained: bool,
}

/// Images as they are.
#[derive(Clone, Debug)]
pub struct ReducedImages {
    /// What they are images of.
    pub originals: Originals,
    /// The longest side asked for.
    pub longest: usize,
    /// Each by its index in the dataset; `None` where it cannot be read.
    pub images: Vec<(u32, Option<ReducedImage>)>,
}

/// Reads the images wanted; says why where one cannot be read and nobody was told before.
#[must_use]
pub fn reduce(job: ReduceJob) -> (ReducedImages, Option<ReadError>) {
    let ReduceJob { originals, images, longest, complained } = job;
    let mut reader = OriginalsReader::new(&originals, longest);
    let images = images.into_iter().map(|index| (index, reader.read(index))).collect();
    let failed = reader.unread().map(|unread| unread.first);
    (ReducedImages { originals, longest, images }, failed.filter(|_| !complained))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::{Rgb, RgbImage};

    use super::*;
    use crate::data::images::ImageShape;
    use crate::data::images::sources::look;
    use crate::progress::unobserved;

    #[test]
    fn images_are_read_in_colour_made_smaller_and_one_that_is_gone_is_told_of_once() {
        let folder = tempfile::tempdir().unwrap();
        for (class, colour) in [("cat", [200, 10, 0]), ("dog", [0, 20, 250])] {
            fs::create_dir(folder.path().join(class)).unwrap();
            for name in ["a.png", "b.png"] {
                let picture = RgbImage::from_pixel(128, 64, Rgb(colour));
                picture.save(folder.path().join(class).join(name)).unwrap();
            }
        }
        let found = look(folder.path()).unwrap();
        let std::ops::ControlFlow::Continue(set) =
            found.open(&found.splits[0].name, &mut unobserved).unwrap()
        else {
            panic!("nobody stopped it")
        };
        // Of four images the second is not shown.
        let originals = Originals::new(set, Some(vec![0, 2, 3]));
        let job = |complained| ReduceJob {
            originals: originals.clone(),
            images: vec![0, 1, 7],
            longest: 32,
            complained,
        };
        let (made, failed) = reduce(job(false));
        assert_eq!(failed, None);
        let shape = ImageShape::new(16, 32, 3).unwrap();
        let of = |colour: [u8; 3]| Some((shape, colour.repeat(16 * 32)));
        let parts = |image: &ReducedImage| (image.shape(), image.values().to_vec());
        let images: Vec<_> = made.images.iter().map(|(at, image)| (*at, image.as_ref().map(parts))).collect();
        assert_eq!(images, [(0, of([200, 10, 0])), (1, of([0, 20, 250])), (7, None)]);
        fs::remove_file(folder.path().join("dog").join("a.png")).unwrap();
        let (made, failed) = reduce(job(false));
        assert_eq!(made.images[1], (1, None));
        assert!(matches!(failed, Some(ReadError::Vanished { .. })), "{failed:?}");
        assert_eq!(reduce(job(true)).1, None);
    }
}
