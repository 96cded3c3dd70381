//! What is exported from the window: the grid or selection that a person sees, under its own headings.

use std::sync::Arc;

use crate::data::kept::{KeptDigit, to_bytes};
use crate::export::contact_sheet::{Ends, Provenance};
use crate::sampling::{Samples, SweepConfig};
use crate::shown::card::CardJob;
use crate::shown::subject::Origin;
use crate::shown::{Asked, Dataset, GalleryView, OpenedModel};
use crate::uncertainty::{Measure, RankingQuery};
use crate::worker::written::{Export, SheetImages};

use super::settings::Arrangement;
use super::shared::Shared;

/// A picture of more images than this would be too tall for most viewers.
const MOST_IN_PICTURE: usize = 2_000;
const NOTHING_YET: &str = "There is nothing to export yet: wait for the first passes.";

/// The drawing as the network sees it.
///
/// # Errors
/// When nothing is drawn.
pub fn drawing(shared: &Shared) -> Result<Export, String> {
    let view = shared.sights.drawn.as_ref().and_then(|view| view.seen.as_ref());
    let seen = view.ok_or("There is no drawing to save: draw a digit first.")?;
    Ok(Export::Image(to_bytes(&seen.image)))
}

/// One image.
///
/// # Errors
/// When it is gone.
pub fn image(shared: &Shared, origin: Origin) -> Result<Export, String> {
    let image = shared.pictured(origin).ok_or("That image is no longer there: choose another.")?;
    Ok(Export::Image(image.bytes()))
}

/// The kept digits with what the network says of them.
///
/// # Errors
/// When none is kept.
pub fn kept(shared: &Shared) -> Result<Export, String> {
    if shared.sights.kept.is_empty() {
        return Err("My digits is empty: keep a drawing first.".to_owned());
    }
    Ok(Export::KeptDigits(shared.sights.kept.clone(), shared.asked()))
}

/// The images and the gallery of them.
fn measured(shared: &Shared) -> Result<(&Dataset, &Arc<GalleryView>), String> {
    shared.dataset.as_ref().zip(shared.run.gallery.as_ref()).ok_or_else(|| NOTHING_YET.to_owned())
}

/// The rows a person sees.
///
/// # Errors
/// When nothing is measured yet.
pub fn table(shared: &Shared) -> Result<Export, String> {
    let (dataset, view) = measured(shared)?;
    Ok(Export::Table {
        measures: Arc::clone(&view.measures),
        digits: Arc::clone(&dataset.digits),
        order: shown(shared, view),
        drawn: drawn(shared, view),
    })
}

/// What was sampled of every image.
///
/// # Errors
/// When nothing is measured yet.
pub fn samples(shared: &Shared) -> Result<Export, String> {
    let (dataset, view) = measured(shared)?;
    let samples = shared.run.samples.clone().ok_or(NOTHING_YET)?;
    let digits = Arc::clone(&dataset.digits);
    Ok(Export::Samples { passes: view.query.passes.min(samples.passes()), samples, digits })
}

/// The grid or the selection as a contact sheet.
///
/// # Errors
/// When nothing is measured yet, or the sheet would be too large.
pub fn sheet(shared: &Shared) -> Result<Export, String> {
    let (dataset, view) = measured(shared)?;
    Ok(Export::Sheet {
        images: sheet_images(shared, view)?,
        provenance: provenance(&shared.model, dataset, view),
        digits: Arc::clone(&dataset.digits),
        measures: Arc::clone(&view.measures),
        my_digits: my_digits(shared, view),
    })
}

/// The card of the image looked at.
///
/// # Errors
/// When none is looked at.
pub fn card(shared: &Shared) -> Result<Export, String> {
    let subject = shared.looked_at().and_then(|origin| shared.subject(origin));
    let subject = subject.ok_or("There is no image to explain: choose or draw one first.")?;
    Ok(Export::Card(Box::new(CardJob {
        data: shared.data_of(subject.origin),
        subject,
        asked: shared.asked(),
        patch: shared.settings.explain.patch,
        places: shared.places.clone(),
        dataset: shared.dataset.as_ref().map(|dataset| Arc::clone(&dataset.digits)),
    })))
}

/// The kept digits below the gallery; a selection is exported alone.
fn my_digits(shared: &Shared, view: &GalleryView) -> Option<(Vec<KeptDigit>, Asked, Measure)> {
    let kept = &shared.sights.kept;
    if kept.is_empty() || selection(shared, view).is_some() {
        return None;
    }
    let config = SweepConfig { passes: view.query.passes, ..view.sampled };
    Some((kept.clone(), Asked { model: shared.model.clone(), config }, view.query.measure))
}

/// The selection, if there is one: in the order shown, and after it those that the filter hides.
fn selection(shared: &Shared, view: &GalleryView) -> Option<Vec<u32>> {
    let set = &shared.selected.set;
    if set.is_empty() {
        return None;
    }
    let mut hidden = set.clone();
    let mut chosen: Vec<u32> =
        view.ranked.order.iter().copied().filter(|index| hidden.remove(*index)).collect();
    chosen.extend(hidden.iter());
    Some(chosen)
}

/// The passes behind the numbers shown, unless others have taken their place since.
fn drawn(shared: &Shared, view: &GalleryView) -> Option<(Samples, usize)> {
    let samples = shared.run.samples.as_ref().filter(|samples| {
        samples.dropout().to_bits() == view.sampled.dropout.to_bits()
            && samples.seed() == view.sampled.seed
            && samples.passes() >= view.query.passes
    })?;
    Some((samples.clone(), view.query.passes))
}

/// The images on the screen, row by row.
fn shown(shared: &Shared, view: &GalleryView) -> Vec<u32> {
    if let Some(chosen) = selection(shared, view) {
        return chosen;
    }
    let order = &view.ranked.order;
    match shared.settings.arrangement {
        Arrangement::Ranking => order.clone(),
        Arrangement::Halves => {
            let (certain, uncertain) = halves(order.len(), shared.settings.top);
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

fn sheet_images(shared: &Shared, view: &GalleryView) -> Result<SheetImages, String> {
    if let Some(chosen) = selection(shared, view) {
        fits(chosen.len())?;
        return Ok(SheetImages::Selection(chosen, view.query.measure));
    }
    let ranking = view.query.ranking();
    let limit = view.limit();
    Ok(match shared.settings.arrangement {
        Arrangement::Halves => SheetImages::Ranking(
            RankingQuery { top: Some(shared.settings.top), ..ranking },
            Ends::Both,
            limit,
        ),
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
#[must_use]
pub fn provenance(model: &OpenedModel, dataset: &Dataset, view: &GalleryView) -> Provenance {
    Provenance {
        data: dataset.source.part(dataset.split),
        model: model.hash.clone(),
        passes: view.query.passes,
        dropout: view.sampled.dropout,
        seed: view.sampled.seed,
    }
}
