//! One image to save or to copy: as it is, or where that cannot be had as the network sees it.

use std::io::Write as _;
use std::path::Path;

use image::{DynamicImage, RgbImage};

use crate::data::about::Originals;
use crate::data::images::shape::LONGEST_SIDE;
use crate::export::grid::GridError;
use crate::export::one_image::{Ink, digit_image, digit_png, enlarged, picture_png};
use crate::files;

use super::error::ShownError;
use super::originals::{Unread, read_some};

/// Enlargement of what the network sees.
const SCALE: u32 = 10;

/// One image to save or to copy.
#[derive(Clone, Debug)]
pub struct OneImage {
    /// What the network sees: `[28, 28]`, 0…255.
    pub pixels: Vec<u8>,
    /// What it is an image of, and its index there; `None` where the network sees it as it is.
    pub original: Option<(Originals, u32)>,
}

impl OneImage {
    /// Enlarged by a whole factor, as it is; `None` where it is as the network sees it, or cannot be read.
    fn as_it_is(&self) -> (Option<RgbImage>, Option<Unread>) {
        let Some((originals, index)) = &self.original else { return (None, None) };
        let (mut read, unread) = read_some(Some(originals), [*index], LONGEST_SIDE);
        (read.remove(index).map(|image| enlarged(&image)), unread)
    }

    /// Writes it as PNG, and says when it cannot be read as it is.
    ///
    /// # Errors
    /// When these are no pixels of an image, or the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<Option<Unread>, ShownError> {
        let (picture, unread) = self.as_it_is();
        let png = match picture {
            Some(picture) => picture_png(&picture)?,
            None => digit_png(&self.pixels, SCALE, Ink::default())?,
        };
        files::write_whole(path, |draft| draft.write_all(&png))?;
        Ok(unread)
    }

    /// A picture of it, and what is to be said when it cannot be read as it is.
    ///
    /// # Errors
    /// When these are no pixels of an image.
    pub fn picture(&self) -> Result<(RgbImage, Option<Unread>), GridError> {
        let (picture, unread) = self.as_it_is();
        let picture = match picture {
            Some(picture) => picture,
            None => DynamicImage::from(digit_image(&self.pixels, SCALE, Ink::default())?).into_rgb8(),
        };
        Ok((picture, unread))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::ops::ControlFlow;

    use image::Rgb;

    use super::*;
    use crate::data::PIXELS;
    use crate::data::images::sources::look;
    use crate::progress::unobserved;

    #[test]
    fn an_image_is_saved_and_copied_in_its_colours_while_its_file_is_there() {
        let folder = tempfile::tempdir().unwrap();
        for class in ["cat", "dog"] {
            fs::create_dir(folder.path().join(class)).unwrap();
            let picture = RgbImage::from_fn(30, 60, |x, _| Rgb([x as u8, 200, 10]));
            picture.save(folder.path().join(class).join("a.png")).unwrap();
        }
        let found = look(folder.path()).unwrap();
        let ControlFlow::Continue(set) = found.open(&found.splits[0].name, &mut unobserved).unwrap() else {
            panic!("nobody stopped it")
        };
        let original = Some((Originals::new(set, None), 1));
        let image = OneImage { pixels: vec![255; PIXELS], original };
        let out = folder.path().join("out.png");
        assert_eq!(image.save(&out).unwrap(), None);
        let saved = image::open(&out).unwrap().into_rgb8();
        assert_eq!((saved.width(), saved.height()), (120, 240), "four times as large");
        assert_eq!([0, 3, 4, 119].map(|x| saved.get_pixel(x, 239)[0]), [0, 0, 1, 29]);
        assert_eq!(image.picture().unwrap(), (saved, None));
        fs::remove_file(folder.path().join("dog").join("a.png")).unwrap();
        let unread = image.save(&out).unwrap().unwrap();
        assert!(unread.to_string().starts_with("1 image is drawn as the network sees it: "), "{unread}");
        let saved = image::open(&out).unwrap();
        assert_eq!((saved.width(), saved.height(), saved.color()), (280, 280, image::ColorType::L8));
        let (copied, told) = image.picture().unwrap();
        assert_eq!((copied, told), (saved.into_rgb8(), Some(unread)));
        let drawing = OneImage { original: None, ..image };
        assert_eq!(drawing.save(&out).unwrap(), None);
    }
}
