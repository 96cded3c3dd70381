//! `dubito explain`: why an image is uncertain, as a PNG.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::Failure;
use super::bars::{Bar, Unit};
use super::options::{Input, Sampling};
use super::predict::read;
use super::steps::{asked_network, call_as, check_target, images, print, remark};
use crate::data::about::{About, Originals};
use crate::data::images::ImageShape;
use crate::data::source::Places;
use crate::data::{Class, Classes, Digits, PIXELS};
use crate::shown::card::{CardJob, CardPage, card};
use crate::shown::subject::{Origin, Subject, Whole};
use crate::shown::{self, OpenedModel};

/// Options of `dubito explain`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Number of an image of the dataset, or a picture of one digit
    #[arg(value_name = "INDEX|IMAGE")]
    image: String,
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    sampling: Sampling,
    /// Width of the patches that are erased and inked, in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=14))]
    patch: u8,
    /// Picture to write
    #[arg(long, value_name = "FILE.png")]
    out: PathBuf,
}

/// The image asked for.
pub(super) struct AskedImage {
    /// Where it comes from.
    origin: Origin,
    /// `[28, 28]` in 0…1.
    pub(super) pixels: [f32; PIXELS],
    /// What a person calls it.
    pub(super) name: String,
    /// What it is said to be.
    pub(super) label: Option<Class>,
    /// Where it comes from, in words.
    pub(super) data: String,
    /// The dataset, if it is of one.
    pub(super) digits: Option<Digits>,
    /// The images of the dataset as they are.
    originals: Option<Originals>,
    /// What its source calls the classes, where a person calls them otherwise.
    pub(super) own_names: Option<Classes>,
    /// The image as a whole, where it is more than these.
    pub(super) whole: Option<Whole>,
    /// Whether its grey values are ink.
    pub(super) is_ink: bool,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    check_target(&options.out)?;
    let mut model = asked_network(&options.input.network, options.sampling)?;
    let AskedImage { origin, pixels, name, label, data, digits, originals, own_names, whole, is_ink } =
        asked(&options.image, &options.input, model.image())?;
    if let Some(digits) = &digits {
        model = call_as(model, own_names.as_ref(), digits.classes());
    }
    let labels = digits.as_ref().map_or_else(|| model.classes().clone(), |digits| digits.classes().clone());
    let config = options.sampling.config(model.dropout());
    let job = CardJob {
        subject: Subject { origin, name, label, labels, pixels: Arc::new(pixels), whole, is_ink },
        asked: shown::Asked { model: OpenedModel::new(model, String::new()), config },
        patch: usize::from(options.patch),
        places: Places::new(options.input.images.data.clone()),
        dataset: digits.map(Arc::new),
        original: match origin {
            Origin::Dataset(index) => originals.clone().zip(Some(index)),
            _ => None,
        },
        originals,
        data,
    };
    let bar = Bar::new("Explaining", Unit::Things("image·passes"));
    let page = card(&job, &mut |at| bar.show(at))?;
    drop(bar);
    let CardPage { chart, reason, unread } = page.ok_or(Failure::Stopped)?;
    chart.save(&options.out)?;
    if let Some(unread) = unread {
        remark(&unread.to_string());
    }
    print(|writer| writeln!(writer, "{}\n{reason}", chart.title))
}

/// A number is an image of the dataset, unless there is a file of that name.
pub(super) fn asked(image: &str, input: &Input, taken: ImageShape) -> Result<AskedImage, Failure> {
    let path = PathBuf::from(image);
    let index: u32 = match image.parse() {
        Ok(index) if !path.exists() => index,
        _ if taken.is_colour() => {
            return Err(Failure::OtherImages { what: "a picture alone", taken });
        }
        _ => {
            let pixels = read(&path).map_err(|complaint| Failure::Pictures(vec![complaint.to_string()]))?;
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            let (origin, data) = (Origin::Drawing, image.to_owned());
            let (digits, originals, own_names) = (None, None, None);
            let (label, is_ink) = (None, true);
            return Ok(AskedImage {
                origin,
                pixels,
                name,
                label,
                data,
                digits,
                originals,
                own_names,
                whole: None,
                is_ink,
            });
        }
    };
    let loaded = images(&input.images, &input.split, taken)?;
    let data = loaded.provenance(input.split.split);
    let origin = Origin::Dataset(index);
    let Some(subject) = Subject::of_set(&loaded.digits, origin) else {
        return Err(Failure::Index { index: index as usize, images: loaded.digits.len(), data });
    };
    let Subject { name, label, pixels, whole, .. } = subject;
    let is_ink = loaded.about.is_drawable();
    let About { originals, own_names, .. } = loaded.about;
    let digits = Some(loaded.digits);
    Ok(AskedImage { origin, pixels: *pixels, name, label, data, digits, originals, own_names, whole, is_ink })
}
