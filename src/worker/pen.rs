//! What a person draws, opens and keeps: what is asked of the workers about it, and how they answer.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::ink::{self, InkError, PictureSteps, Sheet};
use crate::data::kept::{self, KeptDigit};
use crate::data::{CLASSES, Digits, PIXELS, Pixels};
use crate::export::contact_sheet::Provenance;
use crate::export::grid::{GridCell, GridSection, GridSpec, Ink, digit_png};
use crate::export::table;
use crate::files;
use crate::progress::Progress;
use crate::sampling::{self, Network, OneImage, SweepConfig};
use crate::uncertainty::explanation::FeatureSpace;
use crate::uncertainty::{Measure, Measures};
use crate::wording;

use super::protocol::{Event, OpenedModel};
use super::run_loop::Context;

/// Images that are shown as the closest.
const CLOSEST: usize = 8;
/// Enlargement of a drawing that is saved.
const IMAGE_SCALE: u32 = 10;
/// Enlargement on a sheet of kept digits.
const SHEET_SCALE: u32 = 2;

/// What is asked of a drawing or a picture.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The network.
    pub model: OpenedModel,
    /// Passes, rate, seed.
    pub config: SweepConfig,
}

/// What the network says of a drawing.
#[derive(Clone, Debug)]
pub struct DrawView {
    /// The drawing; it shares its strokes with the window's.
    pub sheet: Sheet,
    /// Hash of the network.
    pub model: String,
    /// Passes, rate, seed.
    pub sampled: SweepConfig,
    /// `None` when there is no ink on the paper.
    pub seen: Option<Seen>,
}

/// A drawing as the network sees it, and what it thinks.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Fitted and centred, `[28, 28]` in 0…1.
    pub image: [f32; PIXELS],
    /// Measures over all passes.
    pub measures: Measures,
    /// Measures of the image under the strokes, when there is one.
    pub original: Option<Measures>,
    /// Softmax outputs, `[passes, classes]`.
    pub probabilities: Vec<[f32; CLASSES]>,
    /// Softmax inputs, `[passes, classes]`.
    pub logits: Vec<[f32; CLASSES]>,
}

/// What the hidden layer makes of every image of a dataset.
#[derive(Clone, Debug)]
pub struct Features {
    /// The dataset.
    pub digits: Arc<Digits>,
    /// Hash of the network.
    pub model: String,
    /// Where its images lie.
    pub(super) space: FeatureSpace,
}

/// The images of the dataset that the hidden layer finds most like a drawing.
#[derive(Clone, Debug)]
pub struct Neighbours {
    /// The dataset they are of.
    pub digits: Arc<Digits>,
    /// Dataset indices and their distances, the closest first.
    pub list: Vec<(u32, f32)>,
}

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
    /// Names it.
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

/// What a person does with kept digits.
#[derive(Clone, Debug)]
pub enum KeepWork {
    /// Read them all.
    Load,
    /// Keep one, or keep it with another label.
    Save(KeptDigit),
    /// Take one away.
    Delete(u64),
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Kept {
    /// All there are.
    Loaded(Vec<KeptDigit>),
    /// This one is on the disk.
    Saved(KeptDigit),
    /// This one is gone.
    Deleted(u64),
}

/// What the network says of a drawing: milliseconds.
pub(super) fn look(sheet: Sheet, asked: &Asked) -> Result<DrawView, String> {
    let seen = match sheet.image() {
        None => None,
        Some(image) => {
            let network = asked.model.network()?;
            let sampled = sample(&network, &image, &asked.config)?;
            let original = match &sheet.base {
                Some(_) if sheet.strokes.is_empty() => Some(Measures::new(&sampled.statistics())),
                Some(base) => Some(Measures::new(&sample(&network, base, &asked.config)?.statistics())),
                None => None,
            };
            let probabilities = sampled.probabilities();
            Some(Seen {
                image,
                measures: Measures::new(&sampled.statistics()).with_passes(&probabilities),
                original,
                probabilities,
                logits: sampled.logits,
            })
        }
    };
    Ok(DrawView { sheet, model: asked.model.hash.clone(), sampled: asked.config, seen })
}

fn sample(network: &Network, image: &[f32; PIXELS], config: &SweepConfig) -> Result<OneImage, String> {
    sampling::sample_image(network, image, config).map_err(|error| error.to_string())
}

/// The hidden features of a dataset; `None` when it was told to stop.
pub(super) fn features(
    digits: Arc<Digits>,
    model: &OpenedModel,
    context: &mut Context<'_>,
) -> Result<Option<Features>, String> {
    let network = model.network()?;
    let pixels = Pixels::Bytes(digits.pixels());
    let answer = sampling::deterministic(&network, pixels, &mut |progress| context.observe(progress))
        .map_err(|error| error.to_string())?;
    let space = answer
        .and_then(|answer| FeatureSpace::new(answer.hidden, network.hidden(), digits.labels().to_vec()));
    Ok(space.map(|space| Features { digits, model: model.hash.clone(), space }))
}

/// The images of a dataset closest to a drawing.
pub(super) fn closest(
    image: &[f32; PIXELS],
    features: &Features,
    model: &OpenedModel,
) -> Result<Neighbours, String> {
    let network = model.network()?;
    let own = sampling::deterministic(&network, Pixels::Numbers(image), &mut |_| ControlFlow::Continue(()))
        .map_err(|error| error.to_string())?
        .map(|answer| answer.hidden)
        .unwrap_or_default();
    let nearest = features.space.nearest(&own, None, CLOSEST);
    let list = nearest.into_iter().map(|neighbour| (neighbour.index, neighbour.distance)).collect();
    Ok(Neighbours { digits: Arc::clone(&features.digits), list })
}

/// Reads pictures one after the other; each is reported when it is read, and a failure does not end the others.
pub(super) fn read_pictures(
    list: Vec<(u64, PictureSource)>,
    options: &ink::PictureOptions,
    asked: &Asked,
    context: &mut Context<'_>,
) -> Result<(), String> {
    let total = list.len() as u64;
    let mut complaints = Vec::new();
    for (done, (id, source)) in (0..).zip(list) {
        if context.observe(Progress { done, total }).is_break() {
            break;
        }
        match read_picture(id, &source, options, asked) {
            Ok(view) => context.send(Event::PictureRead(Arc::new(view))),
            Err(complaint) => complaints.push(complaint),
        }
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

fn read_picture(
    id: u64,
    source: &PictureSource,
    options: &ink::PictureOptions,
    asked: &Asked,
) -> Result<PictureView, String> {
    let fail = |error: InkError| error.to_string();
    let (name, steps) = match source {
        PictureSource::File(path) => {
            let picture = ink::open_picture(path).map_err(fail)?;
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            (name, ink::read_picture(&picture, options))
        }
        PictureSource::Pasted(pasted) => {
            let name = "The pasted picture".to_owned();
            let (width, height) = (pasted.width, pasted.height);
            if u64::from(width) * u64::from(height) > ink::MAX_PICTURE_PIXELS {
                return Err(fail(InkError::TooLarge { name, width, height }));
            }
            let buffer = image::RgbaImage::from_raw(width, height, pasted.rgba.to_vec());
            let buffer = buffer.filter(|_| width > 0 && height > 0);
            let picture = buffer.ok_or("The clipboard's picture is incomplete; copy it again.")?;
            (name, ink::read_picture(&picture.into(), options))
        }
        PictureSource::Again(view) => (view.name.clone(), view.steps.read_again(options)),
    };
    let network = asked.model.network()?;
    let measures = steps
        .found
        .iter()
        .map(|found| Ok(Measures::new(&sample(&network, &found.image, &asked.config)?.statistics())))
        .collect::<Result<Vec<Measures>, String>>()?;
    Ok(PictureView { id, name, options: *options, steps, measures })
}

/// Reads, keeps or deletes in the folder of kept digits; without a folder they last as long as the window.
pub(super) fn keep(folder: Option<&Path>, work: KeepWork, context: &Context<'_>) -> Result<(), String> {
    let done = match (work, folder) {
        (KeepWork::Load, None) => Kept::Loaded(Vec::new()),
        (KeepWork::Load, Some(folder)) => {
            let (digits, complaints) = kept::load(folder);
            context.send(Event::Kept(Kept::Loaded(digits)));
            let complaints: Vec<String> = complaints.iter().map(ToString::to_string).collect();
            return if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) };
        }
        (KeepWork::Save(digit), folder) => {
            if let Some(folder) = folder {
                kept::save(folder, &digit).map_err(|error| error.to_string())?;
            }
            Kept::Saved(digit)
        }
        (KeepWork::Delete(id), folder) => {
            if let Some(folder) = folder {
                kept::delete(folder, id).map_err(|error| error.to_string())?;
            }
            Kept::Deleted(id)
        }
    };
    context.send(Event::Kept(done));
    Ok(())
}

/// Writes a drawing as the network sees it, enlarged.
pub(super) fn save_image(pixels: &[u8], path: &Path) -> Result<(), String> {
    let png = digit_png(pixels, IMAGE_SCALE, Ink::default()).map_err(|error| error.to_string())?;
    files::write_whole(path, |draft| std::io::Write::write_all(draft, &png))
        .map_err(|error| error.to_string())
}

/// Kept digits with what the network says of them, as a section of a sheet.
pub(super) fn kept_section(
    kept: &[KeptDigit],
    asked: &Asked,
    measure: Measure,
    heading: &str,
) -> Result<GridSection, String> {
    let unit = if measure.unit().is_empty() { String::new() } else { format!(", {}", measure.unit()) };
    let cells = measured(kept, asked)?
        .into_iter()
        .map(|(digit, measures)| GridCell {
            pixels: digit.pixels.clone(),
            label: digit.label,
            prediction: measures.prediction(),
            // No label, no margin of it.
            value: measure.value(&measures, digit.label.unwrap_or(u8::MAX)),
        })
        .collect();
    Ok(GridSection {
        heading: heading.to_owned(),
        note: format!("{}{unit}", measure.label().to_lowercase()),
        cells,
    })
}

fn measured<'a>(kept: &'a [KeptDigit], asked: &Asked) -> Result<Vec<(&'a KeptDigit, Measures)>, String> {
    let network = asked.model.network()?;
    kept.iter()
        .map(|digit| {
            let sampled = sample(&network, &digit.image(), &asked.config)?;
            Ok((digit, Measures::new(&sampled.statistics()).with_passes(&sampled.probabilities())))
        })
        .collect()
}

/// Writes kept digits with what the network says of them: a table when the name ends in `.csv`, a picture otherwise.
pub(super) fn export_kept(kept: &[KeptDigit], asked: &Asked, path: &Path) -> Result<(), String> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
        let rows: Vec<(String, Measures)> = measured(kept, asked)?
            .into_iter()
            .map(|(digit, measures)| {
                let label = digit.label.map_or_else(String::new, |label| format!(" label {label}"));
                (format!("my digit {}{label}", digit.id), measures)
            })
            .collect();
        return files::write_whole(path, |draft| table::write_predictions(draft, &rows))
            .map_err(|error| error.to_string());
    }
    let SweepConfig { passes, dropout, seed } = asked.config;
    let provenance =
        Provenance { data: "My digits".to_owned(), model: asked.model.hash.clone(), passes, dropout, seed };
    let section = kept_section(kept, asked, Measure::PredictiveEntropy, "In the order kept")?;
    let spec = GridSpec {
        title: "My digits".to_owned(),
        subtitle: wording::count(kept.len(), "digit"),
        sections: vec![section],
        footer: provenance.to_string(),
        scale: SHEET_SCALE,
    };
    spec.save(path).map_err(|error| error.to_string())
}
