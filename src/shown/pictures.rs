//! Pictures of digits, read and measured.

use std::path::PathBuf;
use std::sync::Arc;

use crate::data::ink::{self, InkError, PictureSteps};
use crate::sampling::{SamplingError, sample_image};
use crate::uncertainty::Measures;

use super::error::ShownError;
use super::opened::Asked;

/// Where a picture comes from.
#[derive(Clone, Debug)]
pub enum PictureSource {
    /// A file.
    File(PathBuf),
    /// The clipboard: four bytes for each pixel.
    Pasted(Pasted),
    /// A picture that was read before, to be read with other options.
    Again(Arc<PictureView>),
}

/// A picture from the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pasted {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue, opacity; `[height, width, 4]`.
    pub rgba: Arc<Vec<u8>>,
}

/// A picture as it was read.
#[derive(Clone, Debug)]
pub struct PictureView {
    /// Identifies it.
    pub id: u64,
    /// Its file's name, or where it comes from.
    pub name: String,
    /// What a person decided.
    pub options: ink::PictureOptions,
    /// How it was read.
    pub steps: PictureSteps,
    /// Measures of each digit found.
    pub measures: Vec<Measures>,
}

/// Reads one picture and measures the digits found.
///
/// # Errors
/// When it cannot be read, or its digits cannot be sampled.
pub fn read_picture(
    id: u64,
    source: &PictureSource,
    options: &ink::PictureOptions,
    asked: &Asked,
) -> Result<PictureView, ShownError> {
    let (name, steps) = match source {
        PictureSource::File(path) => {
            let picture = ink::open_picture(path)?;
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            (name, ink::read_picture(&picture, options))
        }
        PictureSource::Pasted(pasted) => {
            let name = "The pasted picture".to_owned();
            let (width, height) = (pasted.width, pasted.height);
            if u64::from(width) * u64::from(height) > ink::MAX_PICTURE_PIXELS {
                return Err(InkError::TooLarge { name, width, height }.into());
            }
            let buffer = image::RgbaImage::from_raw(width, height, pasted.rgba.to_vec());
            let buffer = buffer.filter(|_| width > 0 && height > 0);
            let picture = buffer.ok_or(ShownError::IncompletePicture)?;
            (name, ink::read_picture(&picture.into(), options))
        }
        PictureSource::Again(view) => (view.name.clone(), view.steps.read_again(options)),
    };
    let network = asked.model.network()?;
    let measures = steps
        .found
        .iter()
        .map(|found| Ok(Measures::of_image(&sample_image(&network, &found.image, &asked.config)?)))
        .collect::<Result<Vec<Measures>, SamplingError>>()?;
    Ok(PictureView { id, name, options: *options, steps, measures })
}
