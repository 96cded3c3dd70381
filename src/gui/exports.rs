//! What is exported from the window: the grid or selection that a person sees, under its own headings.

use std::sync::Arc;

use crate::data::kept::{KeptDigit, to_bytes};
use crate::export::contact_sheet::Provenance;
use crate::sampling::{Samples, SweepConfig};
use crate::shown::card::CardJob;
use crate::shown::one_image::OneImage;
use crate::shown::subject::Origin;
use crate::shown::{Asked, Dataset, GalleryView, OpenedModel};
use crate::uncertainty::Measure;
use crate::worker::written::{Export, Rows};

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
    Ok(Export::Image(OneImage { pixels: to_bytes(&seen.image), original: None }))
}

/// One image.
///
/// # Errors
/// When it is gone.
pub fn image(shared: &Shared, origin: Origin) -> Result<Export, String> {
    let image = shared.one_image(origin).ok_or("That image is no longer there: choose another.")?;
    Ok(Export::Image(image))
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
        rows: rows(shared),
        view: Arc::clone(view),
        digits: Arc::clone(&dataset.digits),
        drawn: drawn(shared, view),
    })
}

/// What was said of the images.
///
/// # Errors
/// When no image was marked.
pub fn marks(shared: &Shared) -> Result<Export, String> {
    let dataset = shared.dataset.as_ref().ok_or(NOTHING_YET)?;
    let marks = shared.marks.clone().filter(|marks| !marks.is_empty());
    let marks = marks.ok_or("No image has been marked or looked at in a review yet.")?;
    let view = shared.run.gallery.as_ref();
    Ok(Export::Marks {
        marks,
        digits: Arc::clone(&dataset.digits),
        names: shared.names(),
        measures: view.map(|view| Arc::clone(&view.measures)),
        drawn: view.and_then(|view| drawn(shared, view)),
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
    let rows = rows(shared);
    match &rows {
        Rows::Selection(set) => fits(set.len())?,
        Rows::Ranking => fits(view.ranked.order.len())?,
        Rows::Halves(_) => {}
    }
    Ok(Export::Sheet {
        rows,
        view: Arc::clone(view),
        provenance: provenance(&shared.model, dataset, view),
        digits: Arc::clone(&dataset.digits),
        originals: dataset.about.originals.clone(),
        taken: shared.model.what.image(),
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
        original: shared.original(subject.origin),
        subject,
        asked: shared.asked(),
        patch: shared.settings.explain.patch,
        places: shared.places.clone(),
        dataset: shared.dataset.as_ref().map(|dataset| Arc::clone(&dataset.digits)),
        originals: shared.dataset.as_ref().and_then(|dataset| dataset.about.originals.clone()),
    })))
}

/// The kept digits below the gallery; a selection is exported alone.
fn my_digits(shared: &Shared, view: &GalleryView) -> Option<(Vec<KeptDigit>, Asked, Measure)> {
    let kept = &shared.sights.kept;
    if kept.is_empty() || !shared.selected.set.is_empty() {
        return None;
    }
    let config = SweepConfig { passes: view.query.passes, ..view.sampled };
    Some((kept.clone(), Asked { model: shared.model.clone(), config }, view.query.measure))
}

/// The selection, if there is one, or else the images on the screen.
fn rows(shared: &Shared) -> Rows {
    let set = &shared.selected.set;
    match shared.settings.arrangement {
        _ if !set.is_empty() => Rows::Selection(set.clone()),
        Arrangement::Ranking => Rows::Ranking,
        Arrangement::Halves => Rows::Halves(shared.settings.top),
    }
}

/// The passes behind the numbers shown, unless others have taken their place since.
fn drawn(shared: &Shared, view: &GalleryView) -> Option<(Samples, usize)> {
    let samples = shared.run.samples.as_ref().filter(|samples| {
        samples.config(0).same_draws(&view.sampled) && samples.passes() >= view.query.passes
    })?;
    Some((samples.clone(), view.query.passes))
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
    let config = SweepConfig { passes: view.query.passes, ..view.sampled };
    Provenance::of(dataset.provenance(), &model.what, config)
}
