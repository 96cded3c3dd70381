//! What is exported from the window: the grid or selection that a person sees, under its own headings.

use std::path::PathBuf;
use std::sync::Arc;

use crate::data::kept::{KeptDigit, to_bytes};
use crate::export::sheet::{Ends, Provenance};
use crate::sampling::{Samples, SweepConfig};
use crate::shown::card::CardJob;
use crate::shown::rotate::RotationFile;
use crate::shown::subject::Origin;
use crate::shown::{Asked, Dataset, GalleryView};
use crate::uncertainty::{Measure, RankingQuery};
use crate::worker::Job;
use crate::worker::written::{Export, SheetImages};

use super::action::FilePurpose;
use super::settings::Arrangement;
use super::state::State;

/// A picture of more images than this would be too tall for most viewers.
const MOST_IN_PICTURE: usize = 2_000;

/// The job that writes what was asked for, or why there is nothing to write.
///
/// # Errors
/// When nothing is there to be exported yet.
pub fn job(state: &State, purpose: FilePurpose, path: PathBuf) -> Result<Job, String> {
    let nothing_yet = || "There is nothing to export yet: wait for the first passes.".to_owned();
    if purpose == FilePurpose::SaveModel {
        return Ok(Job::Export { what: Export::Model(state.model.clone()), path });
    }
    if purpose == FilePurpose::SaveDrawing {
        let view = state.drawing.view.as_ref().and_then(|view| view.seen.as_ref());
        let seen = view.ok_or("There is no drawing to save: draw a digit first.")?;
        return Ok(Job::Export { what: Export::Image(to_bytes(&seen.image)), path });
    }
    if let FilePurpose::SaveImage(origin) = purpose {
        let image = state.pictured(origin).ok_or("That image is no longer there: choose another.")?;
        return Ok(Job::Export { what: Export::Image(image.bytes()), path });
    }
    if purpose == FilePurpose::ExportKept {
        if state.drawing.kept.is_empty() {
            return Err("My digits is empty: keep a drawing first.".to_owned());
        }
        let kept = state.drawing.kept.clone();
        return Ok(Job::Export { what: Export::KeptDigits(kept, state.asked()), path });
    }
    if let FilePurpose::SaveChart(_, form) = purpose {
        return state.save_chart(form, path);
    }
    if let FilePurpose::SaveRotation | FilePurpose::SaveRotationTable = purpose {
        let file = rotation(state, purpose == FilePurpose::SaveRotationTable)?;
        return Ok(Job::Export { what: Export::Rotation(file), path });
    }
    if purpose == FilePurpose::ExportCard {
        return Ok(Job::Export { what: Export::Card(Box::new(card(state)?)), path });
    }
    let dataset = state.dataset.as_ref().ok_or_else(nothing_yet)?;
    let digits = Arc::clone(&dataset.digits);
    let view = state.gallery.as_ref().ok_or_else(nothing_yet)?;
    let what = match purpose {
        FilePurpose::ExportTable => Export::Table {
            measures: Arc::clone(&view.measures),
            digits,
            order: shown(state, view),
            drawn: drawn(state, view),
        },
        FilePurpose::ExportSamples => {
            let samples = state.samples.clone().ok_or_else(nothing_yet)?;
            Export::Samples { passes: view.query.passes.min(samples.passes()), samples, digits }
        }
        _ => Export::Sheet {
            images: sheet_images(state, view)?,
            provenance: provenance(state, dataset, view),
            digits,
            measures: Arc::clone(&view.measures),
            my_digits: my_digits(state, view),
        },
    };
    Ok(Job::Export { what, path })
}

/// The course on the screen, to be drawn or written.
///
/// # Errors
/// When it is not sampled yet.
pub fn rotation(state: &State, table: bool) -> Result<RotationFile, String> {
    let view = state.rotate.view.as_ref().filter(|_| !state.rotate.is_stale());
    let view = view.ok_or("There is no course yet: open an image in Rotate and wait for its steps.")?;
    Ok(RotationFile {
        view: Arc::clone(view),
        classes: state.rotate.classes().to_vec(),
        trained: state.model.checkpoint.lenet.architecture().placement,
        data: data_of(state, view.key.subject.origin),
        table,
    })
}

/// Where an image comes from, as the command line says it.
pub(super) fn data_of(state: &State, origin: Origin) -> String {
    let name = match origin {
        Origin::Dataset(_) => state.dataset.as_ref().map(|dataset| dataset.source.part(dataset.split)),
        Origin::Foreign(_) => state.quality.foreign.as_ref().map(|foreign| foreign.set.name.clone()),
        Origin::Drawing | Origin::Kept(_) => Some(origin.source().to_owned()),
    };
    name.unwrap_or_default()
}

/// The card of the image looked at.
fn card(state: &State) -> Result<CardJob, String> {
    let subject = state.looked_at().and_then(|origin| state.subject(origin));
    let subject = subject.ok_or("There is no image to explain: choose or draw one first.")?;
    Ok(CardJob {
        data: data_of(state, subject.origin),
        subject,
        asked: state.asked(),
        patch: state.settings.explain.patch,
        places: state.places.clone(),
        dataset: state.dataset.as_ref().map(|dataset| Arc::clone(&dataset.digits)),
    })
}

/// The kept digits below the gallery; a selection is exported alone.
fn my_digits(state: &State, view: &GalleryView) -> Option<(Vec<KeptDigit>, Asked, Measure)> {
    let kept = &state.drawing.kept;
    if kept.is_empty() || selection(state, view).is_some() {
        return None;
    }
    let config = SweepConfig { passes: view.query.passes, ..view.sampled };
    Some((kept.clone(), Asked { model: state.model.clone(), config }, view.query.measure))
}

/// The selection, if there is one: in the order shown, and after it those that the filter hides.
fn selection(state: &State, view: &GalleryView) -> Option<Vec<u32>> {
    let set = &state.selected.set;
    if set.is_empty() {
        return None;
    }
    let mut hidden = set.clone();
    let mut chosen: Vec<u32> =
        view.ranked.order.iter().copied().filter(|index| hidden.remove(index)).collect();
    chosen.extend(hidden);
    Some(chosen)
}

/// The passes behind the numbers shown, unless others have taken their place since.
fn drawn(state: &State, view: &GalleryView) -> Option<(Samples, usize)> {
    let samples = state.samples.as_ref().filter(|samples| {
        samples.dropout().to_bits() == view.sampled.dropout.to_bits()
            && samples.seed() == view.sampled.seed
            && samples.passes() >= view.query.passes
    })?;
    Some((samples.clone(), view.query.passes))
}

/// The images on the screen, row by row.
fn shown(state: &State, view: &GalleryView) -> Vec<u32> {
    if let Some(chosen) = selection(state, view) {
        return chosen;
    }
    let order = &view.ranked.order;
    match state.settings.arrangement {
        Arrangement::Ranking => order.clone(),
        Arrangement::Halves => {
            let (certain, uncertain) = halves(order.len(), state.settings.top);
            order.iter().rev().take(certain).chain(&order[..uncertain]).copied().collect()
        }
    }
}

/// Images of the most and of the least certain half: at most `top` in each, and none in both.
#[must_use]
pub fn halves(images: usize, top: usize) -> (usize, usize) {
    let certain = top.min(images.div_ceil(2));
    (certain, top.min(images - images.div_ceil(2)))
}

fn sheet_images(state: &State, view: &GalleryView) -> Result<SheetImages, String> {
    if let Some(chosen) = selection(state, view) {
        fits(chosen.len())?;
        return Ok(SheetImages::Selection(chosen, view.query.measure));
    }
    let ranking = view.query.ranking();
    let limit = view.limit();
    Ok(match state.settings.arrangement {
        Arrangement::Halves => {
            SheetImages::Ranking(RankingQuery { top: Some(state.settings.top), ..ranking }, Ends::Both, limit)
        }
        Arrangement::Ranking => {
            fits(view.ranked.order.len())?;
            SheetImages::Ranking(ranking, Ends::One, limit)
        }
    })
}

fn fits(images: usize) -> Result<(), String> {
    if images <= MOST_IN_PICTURE {
        return Ok(());
    }
    Err(format!(
        "A picture of {images} images would be too large; choose two halves, filter, or select up to \
         {MOST_IN_PICTURE} images. The CSV takes them all."
    ))
}

/// Where the numbers on the screen come from.
pub(super) fn provenance(state: &State, dataset: &Dataset, view: &GalleryView) -> Provenance {
    Provenance {
        data: dataset.source.part(dataset.split),
        model: state.model.hash.clone(),
        passes: view.query.passes,
        dropout: view.sampled.dropout,
        seed: view.sampled.seed,
    }
}
