//! What the gallery shows, and how it is computed: every image measured, those that match ranked.

use std::sync::Arc;

use crate::data::{Class, ClassNames, Digits, UNLABELLED};
use crate::sampling::{RunKey, Samples, SamplingError, SweepConfig};
use crate::uncertainty::doubt_plane::PlaneAxes;
use crate::uncertainty::explanation::ranked_most_differently;
use crate::uncertainty::label_suspicion::{Confusions, NeighbourLabels, suspect};
use crate::uncertainty::quality::Histogram;
use crate::uncertainty::{
    Filter, Grouping, Measure, Measures, Order, RankingQuery, measure_all, places, ranking,
};

use super::firm_passes::FirmPasses;
use super::indices::{Fronts, Indices};
use super::inspect::InspectorView;
use super::limits::{Limits, Only};
use super::points::{Brushed, PlanePoints};

/// Bins of the histogram of the measure sorted by.
const HISTOGRAM_BINS: usize = 32;
/// What the images on the shelf of differing ranks are called, after their number.
pub const RANKED_OTHERWISE: &str = "that mean logits rank most differently";

/// Images on the shelf of differing ranks.
const DIFFERING: usize = 60;

/// Which images the gallery shows, in which order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GalleryQuery {
    /// Only this digit; all when `None`.
    pub digit: Option<Class>,
    /// What the digit refers to.
    pub grouping: Grouping,
    /// Which images take part.
    pub filter: Filter,
    /// Sorted by this measure.
    pub measure: Measure,
    /// The measures along the axes of the plane.
    pub axes: PlaneAxes,
    /// Passes T of the prefix to measure.
    pub passes: usize,
}

impl GalleryQuery {
    /// The ranking it asks for: all matching images, the most uncertain first.
    #[must_use]
    pub fn ranking(&self) -> RankingQuery {
        let order = if self.measure.high_means_uncertain() { Order::Highest } else { Order::Lowest };
        RankingQuery {
            digit: self.digit,
            grouping: self.grouping,
            filter: self.filter,
            measure: Some(self.measure),
            order,
            top: None,
        }
    }
}

/// A ranking and where its order is within Monte-Carlo noise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranked {
    /// Dataset indices, the most uncertain first.
    pub order: Vec<u32>,
    /// For each place, the first and the last place at which the image there could as well stand, counted from 0. Empty
    /// where that is not known ([`crate::uncertainty::places::spans`]).
    pub spans: Vec<[u32; 2]>,
    /// Place of each image of the dataset in the order, by dataset index; [`NOWHERE`](Self::NOWHERE) for those that
    /// are not in it.
    pub places: Vec<u32>,
    fronts: Fronts,
}

impl Ranked {
    /// The place of an image that is not in the order.
    pub const NOWHERE: u32 = u32::MAX;

    /// An order of some of so many images.
    #[must_use]
    pub fn new(order: Vec<u32>, spans: Vec<[u32; 2]>, images: usize) -> Self {
        let mut places = vec![Self::NOWHERE; images];
        for (place, index) in (0_u32..).zip(&order) {
            places[*index as usize] = place;
        }
        let fronts = Fronts::new(&order);
        Self { order, spans, places, fronts }
    }

    /// Adds the images from one place of the order to another, both included, to a set.
    pub fn add_between(&self, set: &mut Indices, a: usize, b: usize) {
        let end = a.max(b) + 1;
        self.fronts.add(set, &self.order, a.min(b)..end);
    }

    /// The place of an image in the order; `None` when it is not in it.
    #[must_use]
    pub fn place(&self, index: u32) -> Option<usize> {
        let place = self.places.get(index as usize).copied();
        place.filter(|place| *place != Self::NOWHERE).map(|place| place as usize)
    }
}

/// All the gallery shows, computed off the window's thread.
#[derive(Clone, Debug)]
pub struct GalleryView {
    /// What was asked.
    pub query: GalleryQuery,
    /// The images it is limited to.
    pub only: Option<Arc<Only>>,
    /// The region of the plane it is limited to.
    pub brush: Option<Arc<Brushed>>,
    /// Where the images are on the plane.
    pub plane: Arc<PlanePoints>,
    /// The run it shows.
    pub key: RunKey,
    /// What labels and answers are called.
    pub names: ClassNames,
    /// The samples it was computed from: T of the sweep so far, p, seed.
    pub sampled: SweepConfig,
    /// Measures of every image of the dataset at `query.passes`.
    pub measures: Arc<Vec<Measures>>,
    /// Which classes are taken for each other, according to them.
    pub confusions: Confusions,
    /// The matching images, most uncertain first.
    pub ranked: Ranked,
    /// Share of right predictions among all images.
    pub accuracy: Option<f32>,
    /// Images of each class, by label or by prediction as the query says.
    pub counts: Vec<usize>,
    /// The measure sorted by: all images of the dataset, then those that match.
    pub histogram: Histogram,
    /// The images whose places by predictive entropy and by entropy of the mean logits are furthest apart.
    pub differing: Arc<Only>,
    /// The image labelled 1 of which the network is surest; `None` where no image is.
    pub surest_one: Option<u32>,
}

impl GalleryView {
    /// The label that an answer is compared with: [`UNLABELLED`] where there is none, or the network has other classes.
    #[must_use]
    pub fn compared(&self, label: Option<Class>) -> Class {
        label.filter(|_| self.names.agree()).unwrap_or(UNLABELLED)
    }

    /// What was computed of some images of a set, by their numbers in the whole set of so many: a first look, of which the
    /// order, the measures of those in it, and what labels and answers are called can be shown.
    #[must_use]
    pub fn of_some(self, indices: &[u32], images: usize, key: RunKey) -> Self {
        let order: Vec<u32> = self.ranked.order.iter().map(|at| indices[*at as usize]).collect();
        // Nobody looks at one that is not in the order.
        let mut measures: Vec<Measures> =
            self.measures.first().map_or_else(Vec::new, |any| vec![any.clone(); images]);
        for (measured, index) in self.measures.iter().zip(indices) {
            measures[*index as usize] = measured.clone();
        }
        let ranked = Ranked::new(order, self.ranked.spans, images);
        Self { key, ranked, measures: Arc::new(measures), surest_one: None, ..self }
    }

    /// The images it is limited to, by a list, by a region or by both, and the names of these; `None` without a limit.
    #[must_use]
    pub fn limit(&self) -> Option<Only> {
        let brush = self.brush.as_ref().map(|brush| (&brush.name, &brush.inside));
        match (&self.only, brush) {
            (None, None) => None,
            (Some(only), None) => Some(Only::clone(only)),
            (None, Some((name, inside))) => Some(Only { name: name.clone(), indices: inside.clone() }),
            (Some(only), Some((name, inside))) => {
                let both = inside.iter().copied().filter(|index| only.indices.binary_search(index).is_ok());
                Some(Only { name: format!("{name} and {}", only.name), indices: both.collect() })
            }
        }
    }
}

/// The measures of an image that was looked at by itself, with the suspicion of its label where it is one of the images
/// that the gallery has measured in the same run.
#[must_use]
pub fn suspected(view: &InspectorView, label: Option<Class>, gallery: Option<&GalleryView>) -> Measures {
    let gallery = gallery.filter(|gallery| Some(gallery.key) == view.key);
    let suspicion = gallery.zip(label).map(|(gallery, label)| {
        gallery.confusions.suspicion(&view.measures.mean, label, &NeighbourLabels::filled(0, 0)) as f32
    });
    Measures { label_suspicion: suspicion.filter(|suspicion| !suspicion.is_nan()), ..view.measures.clone() }
}

/// Images of the most and of the least certain half: at most `top` in each, and none in both.
#[must_use]
pub fn halves(images: usize, top: usize) -> (usize, usize) {
    let certain = top.min(images.div_ceil(2));
    (certain, top.min(images - images.div_ceil(2)))
}

/// Measures every image at T, or with the further passes of what was made firm of the same run, and ranks those that match.
///
/// # Errors
/// [`SamplingError::Mixed`] when the samples are of other images.
pub fn gallery(
    samples: &Samples,
    digits: &Digits,
    query: GalleryQuery,
    limits: Limits,
    (foreign, firm): (Option<&PlanePoints>, Option<&FirmPasses>),
) -> Result<GalleryView, SamplingError> {
    let key = samples.key_with(digits)?;
    let mut measures = measure_all(samples, query.passes);
    samples.check_readable()?;
    if let Some(firm) = firm.filter(|firm| firm.is_of(key, query.passes)) {
        firm.put(&mut measures);
    }
    let labels = digits.labels();
    let names = digits.names(samples.answers());
    let judged = &*digits.judged(samples.answers());
    let confusions = suspect(&mut measures, judged, &[]);
    let mut ranked = ranking::rank_judged(&measures, labels, judged, &query.ranking());
    let mut plane = PlanePoints::new(query.axes, &measures, judged);
    let Limits { only, region } = limits;
    let foreign = foreign.filter(|foreign| foreign.axes == plane.axes);
    let brush = region.map(|region| Arc::new(plane.brushed(&region, foreign)));
    let limits = [only.as_ref().map(|only| &only.indices), brush.as_ref().map(|brush| &brush.inside)];
    for indices in limits.into_iter().flatten() {
        ranked.retain(|index| indices.binary_search(index).is_ok());
    }
    let value = |(measured, label): (&Measures, &Class)| query.measure.value(measured, *label);
    let all: Vec<f32> = measures.iter().zip(judged).map(value).collect();
    let matching = ranked.iter().map(|index| all[*index as usize]).collect();
    let histogram = Histogram::new(&[all, matching], HISTOGRAM_BINS);
    plane.part(&ranked, judged);
    let spans = places::spans(&ranked, &measures, judged, query.measure, query.ranking().order);
    let mut counts = vec![0; digits.classes().len()];
    let mut right = 0;
    for (measured, (label, judged)) in measures.iter().zip(labels.iter().zip(judged)) {
        let prediction = measured.prediction();
        right += usize::from(prediction == *judged);
        let digit = match query.grouping {
            Grouping::Label => *label,
            Grouping::Prediction => prediction,
        };
        if let Some(count) = counts.get_mut(usize::from(digit)) {
            *count += 1;
        }
    }
    let names_agree = names.agree();
    let sampled = samples.config(samples.passes());
    let differing = Arc::new(differing(&measures, judged));
    let doubt = |index: &u32| measures[*index as usize].predictive_entropy;
    let ones = (0_u32..).zip(labels).filter(|(_, label)| **label == 1).map(|(index, _)| index);
    let surest_one = ones.min_by(|a, b| doubt(a).total_cmp(&doubt(b)));
    Ok(GalleryView {
        key,
        names,
        query,
        only,
        brush,
        plane: Arc::new(plane),
        sampled,
        accuracy: (names_agree && !digits.labelled().is_empty())
            .then(|| right as f32 / digits.labelled().len() as f32),
        measures: Arc::new(measures),
        confusions,
        ranked: Ranked::new(ranked, spans, labels.len()),
        counts,
        histogram,
        differing,
        surest_one,
    })
}

/// The images that averaging before the softmax ranks otherwise.
fn differing(measures: &[Measures], labels: &[Class]) -> Only {
    let pair = [Measure::PredictiveEntropy, Measure::MeanLogitEntropy];
    let mut indices = ranked_most_differently(measures, labels, pair, DIFFERING);
    indices.sort_unstable();
    let name = format!("the {} {RANKED_OTHERWISE}", indices.len());
    Only { name, indices }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::data::synthetic;
    use crate::progress::unobserved;
    use crate::sampling::MaskDesign;
    use crate::sampling::{Prefix, sweep};
    use crate::shown::OpenedModel;
    use crate::shown::inspect::{InspectJob, inspect};

    #[test]
    fn an_image_looked_at_is_as_suspect_as_in_the_gallery() {
        let network = OpenedModel::bundled().unwrap().network().unwrap();
        let digits = Arc::new(synthetic::generate(50, 8));
        let prefix = Prefix::of(&network, &digits, &mut unobserved).unwrap().unwrap();
        let swept = |seed| {
            let config = SweepConfig { passes: 12, dropout: 0.5, seed, masks: MaskDesign::Independent };
            let none = Samples::empty(50, &config);
            sweep(&prefix, &config, none, &mut |_| ControlFlow::Continue(())).unwrap()
        };
        let query = GalleryQuery {
            digit: Some(3),
            grouping: Grouping::Label,
            filter: Filter::All,
            measure: Measure::LabelSuspicion,
            axes: PlaneAxes::default(),
            passes: 10,
        };
        let [view, other] = [1, 2]
            .map(|seed| gallery(&swept(seed), &digits, query, Limits::default(), (None, None)).unwrap());
        let value = |index: &u32| view.measures[*index as usize].label_suspicion.unwrap();
        assert!(view.ranked.order.is_sorted_by(|a, b| value(a) >= value(b)), "the most suspect first");
        assert!(view.ranked.spans.is_empty(), "no error is known of it");
        for index in 0..50 {
            let job = InspectJob::Sampled { digits: digits.clone(), samples: swept(1), index, passes: 10 };
            let looked_at = inspect(job).unwrap();
            let label = Some(digits.labels()[index as usize]);
            let found = suspected(&looked_at, label, Some(&view));
            assert_eq!(found.label_suspicion, Some(value(&index)), "image {index}");
            // Without a label, or of another run, nothing is said.
            assert_eq!(suspected(&looked_at, None, Some(&view)).label_suspicion, None);
            assert_eq!(suspected(&looked_at, label, Some(&other)).label_suspicion, None);
            assert_eq!(suspected(&looked_at, label, None).label_suspicion, None);
        }
    }
}
