//! The card of one image and why it is uncertain: the same page from the window and from `dubito explain`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::data::about::Originals;
use crate::data::source::{Places, Split};
use crate::data::{Digits, Pixels};
use crate::export::card::Card;
use crate::export::chart::{Chart, LARGEST_PICTURE};
use crate::export::contact_sheet::Provenance;
use crate::progress::Observer;
use crate::sampling::{SamplingError, deterministic};
use crate::uncertainty::explanation::{Explanation, FeatureSpace, Others, Rival};

use super::explain::Compared;
use super::opened::Asked;
use super::originals::{Unread, read_some};
use super::subject::Subject;

/// What a card is of.
#[derive(Clone, Debug)]
pub struct CardJob {
    /// The image.
    pub subject: Subject,
    /// The images that it is of, as they are, and its place among them.
    pub original: Option<(Originals, u32)>,
    /// The network, T, p and seed.
    pub asked: Asked,
    /// Width of a patch in pixels.
    pub patch: usize,
    /// Where training images to compare it with are looked for; nothing is downloaded.
    pub places: Places,
    /// The images it is compared with when there are no training images.
    pub dataset: Option<Arc<Digits>>,
    /// The images of the dataset as they are.
    pub originals: Option<Originals>,
    /// Where the image comes from, for the footer.
    pub data: String,
}

/// A card, made.
#[derive(Clone, Debug)]
pub struct CardPage {
    /// The page.
    pub chart: Chart,
    /// Why the image is uncertain, in words.
    pub reason: String,
    /// The images that it draws as the network sees them, because they cannot be read as they are.
    pub unread: Option<Unread>,
}

/// Computes a card; `None` when the observer stopped it.
///
/// # Errors
/// When the image cannot be sampled.
pub fn card(job: &CardJob, observe: Observer) -> Result<Option<CardPage>, SamplingError> {
    let network = job.asked.model.network()?;
    let training = job.places.load_here(Split::Train);
    let compared = if training.is_some() { Compared::Training } else { Compared::Dataset };
    let (digits, originals) = match training {
        Some(loaded) => (Some(Arc::new(loaded.digits)), loaded.about.originals),
        None => (job.dataset.clone(), job.originals.clone()),
    };
    let mut space = None;
    if let Some(digits) = &digits {
        let answer = deterministic(&network, Pixels::from(&**digits), observe)?;
        let Some(answer) = answer else { return Ok(None) };
        space = FeatureSpace::new(answer.hidden, network.hidden(), digits.labels().to_vec());
    }
    let others = digits.as_deref().zip(space.as_ref()).map(|(digits, space)| Others { digits, space });
    let taken = job.subject.taken_by(&network)?;
    let explained = Explanation::new(
        &network,
        (taken.seen(), job.subject.label),
        job.patch,
        &job.asked.config,
        others,
        observe,
    );
    let Some(explanation) = explained? else { return Ok(None) };
    let (own, unread) = match &job.original {
        Some((of, index)) => read_some(Some(of), [*index], LARGEST_PICTURE),
        None => (BTreeMap::new(), None),
    };
    let rivals: &[Rival] = explanation.rivals.as_deref().unwrap_or_default();
    let nearest = rivals.iter().flat_map(|rival| &rival.nearest).map(|neighbour| neighbour.index);
    let (nearest, others_unread) = read_some(originals.as_ref(), nearest, LARGEST_PICTURE);
    let unread = Unread::of_both(unread, others_unread);
    let footer = Provenance::of(job.data.clone(), &job.asked.model.what, job.asked.config);
    let footer = match &unread {
        Some(unread) => format!("{footer} · {}", unread.footnote()),
        None => footer.to_string(),
    };
    let names = job.subject.names(job.asked.model.classes());
    let card = Card {
        name: &job.subject.name,
        label: job.subject.label,
        names: &names,
        pixels: &job.subject.pixels,
        original: own.values().next(),
        explanation: &explanation,
        others: digits.as_deref().map(|digits| (digits, compared.noun())),
        nearest: &nearest,
        single: job.asked.config.passes < 2 || job.asked.config.dropout <= 0.0,
        footer: &footer,
    };
    let chart = if job.subject.is_ink { card.chart() } else { card.chart().of_photographs() };
    Ok(Some(CardPage { chart, reason: explanation.reason, unread }))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use image::{Rgb, RgbImage};

    use super::*;
    use crate::data::source::Loaded;
    use crate::export::chart::{Panel, Picture};
    use crate::progress::unobserved;
    use crate::sampling::SweepConfig;
    use crate::shown::OpenedModel;
    use crate::shown::subject::Origin;

    const SPLITS: [(&str, [[u8; 3]; 2]); 2] =
        [("train", [[255, 0, 10], [0, 20, 255]]), ("test", [[255, 120, 0], [0, 255, 40]])];

    /// Pictures of 40×20 pixels, two of each class in each split.
    fn pictures(folder: &Path) {
        for (split, colours) in SPLITS {
            for (class, colour) in ["cat", "dog"].into_iter().zip(colours) {
                let place = folder.join(split).join(class);
                fs::create_dir_all(&place).unwrap();
                for name in ["a.png", "b.png"] {
                    RgbImage::from_pixel(40, 20, Rgb(colour)).save(place.join(name)).unwrap();
                }
            }
        }
    }

    fn job(loaded: &Loaded, places: &Places) -> CardJob {
        let model = OpenedModel::bundled().unwrap();
        let config = SweepConfig { passes: 4, ..SweepConfig::default() };
        CardJob {
            subject: Subject::of_set(&loaded.digits, Origin::Dataset(1)).unwrap(),
            asked: Asked { model, config },
            patch: 14,
            places: places.clone(),
            dataset: Some(Arc::new(loaded.digits.clone())),
            original: loaded.about.originals.clone().zip(Some(1)),
            originals: loaded.about.originals.clone(),
            data: "pets, test".to_owned(),
        }
    }

    /// The pictures under a heading that begins so.
    fn under<'a>(page: &'a CardPage, heading: &str) -> Vec<&'a Picture> {
        let panels = page.chart.rows.iter().flatten();
        let found = panels.filter_map(|panel| match panel {
            Panel::Pictures(pictures) if pictures.heading.starts_with(heading) => Some(&pictures.pictures),
            _ => None,
        });
        found.flatten().collect()
    }

    fn colour(picture: &Picture) -> Option<&[u8]> {
        picture.original.as_ref().map(|original| &original.values()[..3])
    }

    #[test]
    fn a_card_shows_image_and_neighbours_as_they_are_and_what_has_vanished_as_the_network_sees_it() {
        let folder = tempfile::tempdir().unwrap();
        pictures(folder.path());
        let places = Places::new(Some(folder.path().to_path_buf()));
        let loaded = places.load_here(Split::Test).unwrap();
        let job = job(&loaded, &places);
        let page = card(&job, &mut unobserved).unwrap().unwrap();
        assert_eq!(page.unread, None);
        let image = under(&page, "The image");
        let captions: Vec<_> = image.iter().map(|picture| picture.caption.as_str()).collect();
        assert_eq!(captions, ["as it is:\n20×40 colour", "as the network\nsees it"]);
        assert_eq!((colour(image[0]), colour(image[1])), (Some(&[255, 120, 0][..]), None));
        let nearest = under(&page, "Nearest training images");
        assert!(!nearest.is_empty());
        let learnt = [Some(&[255, 0, 10][..]), Some(&[0, 20, 255][..])];
        assert!(nearest.iter().all(|picture| learnt.contains(&colour(picture))), "{nearest:?}");
        let drawn = page.chart.draw().unwrap();
        let orange = drawn.pixels().filter(|pixel| pixel.0 == [255, 120, 0]).count();
        assert_eq!(orange, LARGEST_PICTURE * LARGEST_PICTURE / 2, "twice as wide as high");
        // The image is gone; without the training images it is compared with those of the dataset.
        fs::remove_file(folder.path().join("test/cat/b.png")).unwrap();
        let nowhere = Places::new(Some(folder.path().join("nowhere")));
        let page = card(&CardJob { places: nowhere, ..job }, &mut unobserved).unwrap().unwrap();
        let image = under(&page, "The image");
        assert_eq!((image.len(), colour(image[0])), (1, None));
        let unread = page.unread.unwrap();
        assert!(unread.to_string().contains("b.png is no longer there"), "{unread}");
        assert!(page.chart.footer.ends_with(" · 1 image as the network sees it"), "{}", page.chart.footer);
        assert!(page.chart.draw().is_ok());
    }
}
