//! Picture files → decoded pictures, in bounded time and memory.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek};
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};

use super::InkError;

/// Largest picture that is decoded, in pixels: more than phones and scanners usually deliver, and little enough to
/// hold in memory.
pub const MAX_PICTURE_PIXELS: u64 = 40_000_000;
/// Memory a decoder may take, in bytes: such a picture with four channels of 16 bits.
const MAX_DECODER_BYTES: u64 = MAX_PICTURE_PIXELS * 8;

/// Whether a file's name says it is a picture of a kind that is read here; its content decides when it is read.
#[must_use]
pub fn is_picture_name(path: &Path) -> bool {
    const NAMES: [&str; 6] = ["png", "jpg", "jpeg", "webp", "bmp", "gif"];
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| NAMES.contains(&extension.to_ascii_lowercase().as_str()))
}

/// The files of a folder whose names say they are pictures, in the order of their names.
///
/// # Errors
/// When the folder cannot be listed.
pub fn pictures_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut pictures = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if is_picture_name(&path) && path.is_file() {
            pictures.push(path);
        }
    }
    pictures.sort();
    Ok(pictures)
}

/// Reads a PNG, JPEG, WebP, BMP or GIF (its first frame), upright as its camera meant it.
///
/// The kind of picture is told by its content; the name may end in anything.
///
/// # Errors
/// When the file cannot be read, is no picture, is damaged, or has more than [`MAX_PICTURE_PIXELS`]; the size is
/// checked before anything is decoded.
pub fn open_picture(path: &Path) -> Result<DynamicImage, InkError> {
    let name = path.display().to_string();
    let unreadable = |source| InkError::Unreadable { name: name.clone(), source };
    // Asked first, for opening a pipe would wait for its writer.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(InkError::NotAFile { name });
    }
    let file = File::open(path).map_err(unreadable)?;
    decode_picture(&name, BufReader::new(file))
}

/// Decodes a picture from anything that can be read, such as the content of a dropped file.
///
/// `name` is what messages call it.
///
/// # Errors
/// As [`open_picture`].
pub fn decode_picture(name: &str, reader: impl BufRead + Seek) -> Result<DynamicImage, InkError> {
    let name = || name.to_owned();
    let mut reader = ImageReader::new(reader)
        .with_guessed_format()
        .map_err(|source| InkError::Unreadable { name: name(), source })?;
    if reader.format().is_none() {
        return Err(InkError::NotAPicture { name: name() });
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let refuse = |error| match error {
        ImageError::IoError(source) if source.kind() != std::io::ErrorKind::UnexpectedEof => {
            InkError::Unreadable { name: name(), source }
        }
        source => InkError::Damaged { name: name(), source },
    };
    let mut decoder = reader.into_decoder().map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PICTURE_PIXELS {
        return Err(InkError::TooLarge { name: name(), width, height });
    }
    // A picture whose orientation tag cannot be read is used as stored.
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_luma8(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn message(name: &str, bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        File::create(&path).unwrap().write_all(bytes).unwrap();
        let message = open_picture(&path).unwrap_err().to_string();
        assert!(message.contains(name), "{message}");
        message
    }

    #[test]
    fn a_picture_is_told_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("digit.jpg");
        std::fs::write(&path, png(30, 20)).unwrap();
        let picture = open_picture(&path).unwrap();
        assert_eq!((picture.width(), picture.height()), (30, 20));
    }

    #[test]
    fn what_is_no_picture_is_named() {
        assert!(message("notes.png", b"seven is a number").contains("not a picture"));
        assert!(message("empty.png", b"").contains("not a picture"));
        let whole = png(300, 200);
        assert!(message("cut.png", &whole[..whole.len() / 2]).contains("damaged"));
        assert!(message("stub.png", &whole[..20]).contains("damaged"));
    }

    #[test]
    fn a_missing_file_and_a_folder_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = open_picture(&folder.path().join("gone.png")).unwrap_err().to_string();
        assert!(missing.contains("gone.png") && missing.contains("cannot be read"), "{missing}");
        let message = open_picture(folder.path()).unwrap_err().to_string();
        assert!(message.contains("not a file"), "{message}");
    }

    #[test]
    fn a_picture_of_too_many_pixels_is_refused_by_its_header() {
        // The header claims 10,000×10,000 pixels over data of 30×20: refused before the data are looked at.
        let mut bytes = png(30, 20);
        bytes[16..20].copy_from_slice(&10_000_u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&10_000_u32.to_be_bytes());
        let checksum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
        assert!(message("vast.png", &bytes).contains("10000×10000"));
    }

    #[test]
    fn a_lying_header_is_an_error() {
        let mut bytes = png(30, 20);
        bytes[20..24].copy_from_slice(&4_000_u32.to_be_bytes());
        let checksum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
        assert!(message("tall.png", &bytes).contains("damaged"));
    }

    /// The checksum of a PNG chunk (CRC-32, bit by bit).
    fn crc(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for &byte in bytes {
            crc ^= u32::from(byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
            }
        }
        !crc
    }
}
