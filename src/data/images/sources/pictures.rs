//! Pictures looked into: size and colour of each, in parallel, the unreadable left out; then one shape for all.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufReader, Cursor, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use image::{ImageDecoder as _, ImageReader};
use rayon::prelude::*;

use super::error::SourceError;
use super::input::tell;
use crate::data::images::set::Skipped;
use crate::data::images::shape::{ImageShape, LONGEST_SIDE};
use crate::data::ink::{decode_picture, is_picture_name};
use crate::progress::Observer;

/// Files up to so many bytes are decoded to see that they are whole; of longer ones the header is read.
const DECODED: u64 = 16 << 10;
/// Pictures between two reports of progress.
const STEP: usize = 2048;

/// Height, width and whether it has colour.
pub(super) type Look = (usize, usize, bool);

/// Whether a file's name says that it is a picture that can be read.
pub(super) fn is_readable_name(path: &Path) -> bool {
    is_picture_name(path) || ends_with(path, &["tif", "tiff"])
}

/// Whether a file's name says that it is a picture of a kind that cannot be read.
pub(super) fn is_other_picture(path: &Path) -> bool {
    ends_with(path, &["heic", "heif", "avif", "jp2", "svg", "psd", "dng", "cr2", "nef", "arw"])
}

fn ends_with(path: &Path, ends: &[&str]) -> bool {
    let end = path.extension().and_then(|end| end.to_str()).map(str::to_ascii_lowercase);
    end.is_some_and(|end| ends.contains(&end.as_str()))
}

/// What each of these pictures is, in order; or why it cannot be read, in words that name it.
pub(super) fn look_at(
    folder: &Path,
    names: &[&str],
    observer: Observer,
) -> Result<Vec<Result<Look, String>>, SourceError> {
    let mut looks = Vec::with_capacity(names.len());
    for some in names.chunks(STEP) {
        tell(observer, looks.len() as u64, names.len() as u64)?;
        looks.par_extend(some.par_iter().map(|name| look_into(&folder.join(name), name)));
    }
    Ok(looks)
}

/// What the picture in a file is; `name` is what a message calls it.
pub(super) fn look_into(path: &Path, name: &str) -> Result<Look, String> {
    let failed = |error: std::io::Error| format!("{name} cannot be read: {error}");
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    if length <= DECODED {
        let mut bytes = Vec::with_capacity(length as usize);
        (&mut file).take(DECODED).read_to_end(&mut bytes).map_err(failed)?;
        let picture = decode_picture(name, Cursor::new(bytes)).map_err(|error| error.to_string())?;
        return Ok((picture.height() as usize, picture.width() as usize, picture.color().has_color()));
    }
    let damaged = |said: String| format!("{name} is damaged or of an unusual kind ({said})");
    let reader = ImageReader::new(BufReader::new(&mut file)).with_guessed_format().map_err(failed)?;
    let format = reader.format();
    let decoder = reader.into_decoder().map_err(|error| damaged(error.to_string()))?;
    let (width, height) = decoder.dimensions();
    let colour = decoder.color_type().has_color();
    drop(decoder);
    if format == Some(image::ImageFormat::Png) {
        // A PNG ends with an empty chunk of this name: a file cut short does not.
        let mut end = [0; 12];
        file.seek(SeekFrom::End(-12)).and_then(|_| file.read_exact(&mut end)).map_err(failed)?;
        if &end[4..8] != b"IEND" {
            return Err(damaged("cut short".to_owned()));
        }
    }
    Ok((height as usize, width as usize, colour))
}

/// The shape that most of some pictures have, with what was done to the others in sentences. Pictures larger than the
/// program keeps are made smaller, their sides in proportion.
pub(super) fn common_shape(path: &Path, looks: &[Look]) -> Result<(ImageShape, Vec<String>), SourceError> {
    let mut sizes: HashMap<(usize, usize), usize> = HashMap::new();
    for (height, width, _) in looks {
        *sizes.entry((*height, *width)).or_default() += 1;
    }
    // Of equally common sizes the smaller, so that the order of files does not matter.
    let commonest = sizes.iter().max_by_key(|(size, count)| (**count, std::cmp::Reverse(**size)));
    let Some((&(height, width), &count)) = commonest else {
        return Err(SourceError::new(path, "holds no pictures that can be read", "choose another folder"));
    };
    let colours = looks.iter().filter(|(.., colour)| *colour).count();
    let is_colour = 2 * colours >= looks.len();
    let longest = height.max(width);
    let fitted = |side: usize| {
        if longest <= LONGEST_SIDE { side } else { (side * LONGEST_SIDE / longest).max(1) }
    };
    let shape = ImageShape::new(fitted(height), fitted(width), if is_colour { 3 } else { 1 })
        .map_err(|error| SourceError::shape(path, error))?;
    let mut notes = Vec::new();
    let size = format!("{}×{}", shape.height(), shape.width());
    if longest > LONGEST_SIDE {
        notes.push(format!("Pictures of {height}×{width} pixels were made {size} by area."));
    }
    if count < looks.len() {
        let others = looks.len() - count;
        notes.push(format!(
            "{others} of {} pictures are of other sizes and were resized to {size} by area.",
            looks.len()
        ));
    }
    match (is_colour, looks.len() - colours) {
        (true, grey @ 1..) => {
            notes.push(format!("{grey} of {} pictures are grey among coloured ones.", looks.len()));
        }
        (false, _) if colours > 0 => {
            notes.push(format!(
                "{colours} of {} pictures are coloured among grey ones and were made grey.",
                looks.len()
            ));
        }
        _ => {}
    }
    Ok((shape, notes))
}

/// Notes a picture of a kind that cannot be read.
pub(super) fn skip_other(skipped: &mut Skipped, name: &str) {
    skipped.add(|| {
        let kind = name.rsplit('.').next().unwrap_or_default().to_uppercase();
        format!("{name}: {kind} cannot be read; export it as JPEG or PNG")
    });
}

/// Whether a file begins as pictures do, whatever it is called.
pub(super) fn begins_as_picture(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(32).read_to_end(&mut start));
    read.is_ok()
        && fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
        && image::guess_format(&start).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::unobserved;

    #[test]
    fn the_commonest_size_is_taken_and_the_rest_is_said() {
        let path = Path::new("some");
        let (shape, notes) = common_shape(path, &[(8, 9, true), (8, 9, true), (4, 4, false)]).unwrap();
        assert_eq!(shape, ImageShape::new(8, 9, 3).unwrap());
        assert!(notes[0].contains("1 of 3") && notes[0].contains("8×9"), "{notes:?}");
        assert!(notes[1].contains("1 of 3 pictures are grey"), "{notes:?}");
        let (shape, notes) = common_shape(path, &[(2000, 1000, false)]).unwrap();
        assert_eq!(shape, ImageShape::new(256, 128, 1).unwrap());
        assert!(notes[0].contains("2000×1000"), "{notes:?}");
        let (shape, _) = common_shape(path, &[(3, 9, false), (2, 9, false)]).unwrap();
        assert_eq!(shape.height(), 2, "of equally common sizes the smaller");
        assert!(common_shape(path, &[]).is_err());
    }

    #[test]
    fn short_files_are_decoded_and_long_ones_must_end_as_they_should() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        image::GrayImage::new(5, 4).save(path("a.png")).unwrap();
        let mut seed = 1_u32;
        let noise = image::RgbImage::from_fn(200, 100, |_, _| {
            image::Rgb([0; 3].map(|_: u8| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            }))
        });
        noise.save(path("b.png")).unwrap();
        for name in ["a.png", "b.png"] {
            let whole = fs::read(path(name)).unwrap();
            fs::write(path(&format!("cut-{name}")), &whole[..whole.len() - 20]).unwrap();
        }
        assert!(fs::metadata(path("b.png")).unwrap().len() > DECODED);
        let names = ["a.png", "cut-a.png", "b.png", "cut-b.png", "gone.png"];
        let looks = look_at(folder.path(), &names, &mut unobserved).unwrap();
        assert_eq!((looks[0].as_ref(), looks[2].as_ref()), (Ok(&(4, 5, false)), Ok(&(100, 200, true))));
        for at in [1, 3, 4] {
            assert!(looks[at].as_ref().unwrap_err().contains(names[at]), "{looks:?}");
        }
        assert!(begins_as_picture(&path("cut-a.png")) && !begins_as_picture(folder.path()));
    }
}
