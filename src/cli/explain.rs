//! `dubito explain`: why an image is uncertain, as a PNG.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::Failure;
use super::bars::{Bar, Unit};
use super::options::{Input, Sampling};
use super::predict::read;
use super::steps::{check_target, digits, network, print};
use crate::data::PIXELS;
use crate::export::card::Card;
use crate::export::sheet::Provenance;
use crate::sampling::{Network, sample_image};
use crate::uncertainty::Measures;
use crate::uncertainty::explanation::{PatchGrid, explain, patch_maps, sure};

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
pub(super) struct Asked {
    /// `[28, 28]` in 0…1.
    pub(super) pixels: [f32; PIXELS],
    /// What a person calls it.
    pub(super) name: String,
    /// What it is said to be.
    pub(super) label: Option<u8>,
    /// Where it comes from.
    pub(super) data: String,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    check_target(&options.out)?;
    let checkpoint = network(options.input.model.as_deref())?;
    let asked = asked(&options.image, &options.input)?;
    let config = options.sampling.config(checkpoint.lenet.dropout());
    let lenet = &checkpoint.lenet;
    let network = Arc::new(Network::new(lenet.weights(), lenet.architecture().placement)?);
    let sampled = sample_image(&network, &asked.pixels, &config)?;
    let measures = Measures::new(&sampled.statistics());
    let reason = explain(&measures, sure(&sampled.probabilities()), config.dropout);
    let bar = Bar::new("Editing patches", Unit::Things("image·passes"));
    let grid = PatchGrid::new(usize::from(options.patch), 1);
    let maps = patch_maps(&network, &asked.pixels, grid, &config, &mut |at| bar.show(at))?;
    drop(bar);
    let maps = maps.ok_or(Failure::Stopped)?;
    let label = asked.label.map_or_else(String::new, |label| format!(" · label {label}"));
    let provenance = Provenance {
        data: asked.data,
        model: checkpoint.hash(),
        passes: config.passes,
        dropout: config.dropout,
        seed: config.seed,
    };
    let card = Card {
        title: format!("{}{label} · predicted {}", asked.name, measures.prediction()),
        pixels: asked.pixels,
        reason,
        maps,
        footer: provenance.to_string(),
    };
    card.save(&options.out)?;
    print(|writer| writeln!(writer, "{}\n{}", card.title, card.reason))
}

/// A number is an image of the dataset, unless there is a file of that name.
pub(super) fn asked(image: &str, input: &Input) -> Result<Asked, Failure> {
    let path = PathBuf::from(image);
    let index: usize = match image.parse() {
        Ok(index) if !path.exists() => index,
        _ => {
            let pixels = read(&path).map_err(|complaint| Failure::Pictures(vec![complaint.to_string()]))?;
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            return Ok(Asked { pixels, name, label: None, data: image.to_owned() });
        }
    };
    let split = input.split.into();
    let loaded = digits(input.data.as_deref(), split)?;
    let data = format!("{}, {split}", loaded.source);
    if index >= loaded.digits.len() {
        return Err(Failure::Index { index, images: loaded.digits.len(), data });
    }
    let bytes = loaded.digits.image(index);
    Ok(Asked {
        pixels: std::array::from_fn(|pixel| f32::from(bytes[pixel]) / 255.0),
        name: format!("Image {index}"),
        label: loaded.digits.labels().get(index).copied(),
        data,
    })
}
