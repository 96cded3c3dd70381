//! From a ranking or a selection to the contact sheet that shows it: what the window and `dubito export` both draw.

use std::fmt;

use super::grid::{GridCell, GridSection, GridSpec};
use crate::data::{Classes, Digits, UNLABELLED};
use crate::model::AnyModel;
use crate::sampling::SweepConfig;
use crate::uncertainty::ranking::rank_judged;
use crate::uncertainty::{Filter, Grouping, Measure, Measures, Order, RankingQuery, places};
use crate::wording::thousands;

/// Images of each half when a query does not say: those of the article.
pub const ARTICLE_TOP: usize = 30;

/// Which ends of a ranking a sheet shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ends {
    /// The most certain and the least certain: the article.
    #[default]
    Both,
    /// One ranking, in the query's own order.
    One,
}

/// Where the numbers of a sheet come from: its footer.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// The data, as a chip names it, with the split.
    pub data: String,
    /// A short hash of the model's parameters.
    pub model: String,
    /// Where dropout acts and at which rates, of a graph with several sites; `None` of a LeNet.
    pub sites: Option<String>,
    /// Passes T, dropout rate p, seed, and the masks that were used.
    pub config: SweepConfig,
}

impl Provenance {
    /// Of passes of this model over these data.
    #[must_use]
    pub fn of(data: String, model: &AnyModel, config: SweepConfig) -> Self {
        let masks = config.masks.used(&model.rates(config.dropout));
        let (named, sites) = (model.named(), model.sites(config.dropout));
        Self { data, model: named, sites, config: SweepConfig { masks, ..config } }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { data, model, sites, config } = self;
        let SweepConfig { passes, dropout, seed, masks } = config;
        let version = env!("CARGO_PKG_VERSION");
        // No-break spaces hold each item together where the footer wraps.
        write!(f, "{data} · model\u{a0}{model} · T\u{a0}=\u{a0}{passes} · ")?;
        match sites {
            None => write!(f, "p\u{a0}=\u{a0}{dropout} · ")?,
            Some(sites) => write!(f, "dropout {sites} · ")?,
        }
        let masks = masks.name();
        write!(f, "seed\u{a0}{seed} · {masks}\u{a0}masks · dubito\u{a0}{version}")
    }
}

/// What is known about the images a sheet chooses from.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// The images with their labels.
    pub digits: &'a Digits,
    /// What the network's answers are called.
    pub answers: &'a Classes,
    /// Their measures, one for each image.
    pub measures: &'a [Measures],
    /// What a ranking is limited to, if anything: its name, and dataset indices, ascending.
    pub only: Option<(&'a str, &'a [u32])>,
}

impl Measured<'_> {
    /// The ranking of the images it is limited to.
    fn rank(&self, query: &RankingQuery) -> Vec<u32> {
        let (labels, judged) = (self.digits.labels(), self.digits.judged(self.answers));
        let ranked = |query: &RankingQuery| rank_judged(self.measures, labels, &judged, query);
        let Some((_, only)) = self.only else { return ranked(query) };
        let mut order = ranked(&RankingQuery { top: None, ..*query });
        order.retain(|index| only.binary_search(index).is_ok());
        order.truncate(query.top.unwrap_or(usize::MAX));
        order
    }

    /// The cells of some images, in the order given; an index without an image is left out.
    fn cells(&self, indices: &[u32], measure: Measure) -> Vec<GridCell> {
        let known = self.digits.len().min(self.measures.len());
        let names = self.digits.names(self.answers);
        let judged = names.agree();
        indices
            .iter()
            .map(|&index| index as usize)
            .filter(|&index| index < known)
            .map(|index| {
                let (label, measures) = (self.digits.label(index as u32), &self.measures[index]);
                let compared = label.filter(|_| judged);
                GridCell {
                    pixels: self.digits.image(index).to_vec(),
                    original: None,
                    caption: names.caption(label, measures.prediction()),
                    wrong: compared.is_some_and(|label| label != measures.prediction()),
                    value: measure.value(measures, compared.unwrap_or(UNLABELLED)),
                    index: Some(index as u32),
                    open: false,
                }
            })
            .collect()
    }

    /// The first images of an order, sorted by a measure, under a heading: with a mark on those that noise alone may
    /// have put there.
    fn section(&self, order: &[u32], shown: usize, measure: Measure, sorted: Order) -> GridSection {
        let (heading, mut note) = heading(measure, sorted);
        let mut cells = self.cells(&order[..shown], measure);
        let spans = places::spans(order, self.measures, &self.digits.judged(self.answers), measure, sorted);
        for (cell, span) in cells.iter_mut().zip(spans) {
            cell.open = places::is_open(span, shown, order.len());
        }
        let open = cells.iter().filter(|cell| cell.open).count();
        if open > 0 {
            note = format!("{note} · ≈ {open} of {shown} within noise");
        }
        GridSection { heading, note, cells }
    }
}

/// The sheet of a ranking. Without a measure in the query, predictive entropy is shown; with [`Ends::Both`] each half
/// has at most [`RankingQuery::top`] images ([`ARTICLE_TOP`] when it does not say), and none is in both.
#[must_use]
pub fn of_ranking(
    images: Measured<'_>,
    query: &RankingQuery,
    ends: Ends,
    provenance: &Provenance,
    scale: u32,
) -> GridSpec {
    let measure = query.measure.unwrap_or_default();
    let all = RankingQuery { top: None, ..*query };
    let sections = match ends {
        Ends::One => {
            let section = match query.measure {
                Some(measure) => {
                    let order = images.rank(&all);
                    let shown = order.len().min(query.top.unwrap_or(usize::MAX));
                    images.section(&order, shown, measure, query.order)
                }
                None => GridSection {
                    heading: "In the order of the data".to_owned(),
                    note: with_unit(measure),
                    cells: images.cells(&images.rank(query), measure),
                },
            };
            vec![section]
        }
        Ends::Both => {
            let certain_first = if measure.high_means_uncertain() { Order::Lowest } else { Order::Highest };
            let uncertain_first = opposite(certain_first);
            let top = query.top.unwrap_or(ARTICLE_TOP);
            let mut order = RankingQuery { measure: Some(measure), order: certain_first, ..all };
            let certain = images.rank(&order);
            order.order = uncertain_first;
            let uncertain = images.rank(&order);
            // Few images are shared out, so that none is both among the most and the least certain.
            let half = certain.len().div_ceil(2);
            vec![
                images.section(&certain, top.min(half), measure, certain_first),
                images.section(&uncertain, top.min(uncertain.len() - half), measure, uncertain_first),
            ]
        }
    };
    let available = images.rank(&RankingQuery { measure: None, ..all }).len();
    let shown: usize = sections.iter().map(|section| section.cells.len()).sum();
    GridSpec {
        title: match images.only {
            Some((name, _)) => format!("{}, only {name}", title(images, query)),
            None => title(images, query),
        },
        subtitle: format!("{} by {}", count(shown, available), measure.label().to_lowercase()),
        sections,
        footer: provenance.to_string(),
        scale,
    }
}

/// The sheet of images chosen by hand, in the order given.
#[must_use]
pub fn of_selection(
    images: Measured<'_>,
    indices: &[u32],
    measure: Measure,
    provenance: &Provenance,
    scale: u32,
) -> GridSpec {
    let cells = images.cells(indices, measure);
    GridSpec {
        title: "Selected images".to_owned(),
        subtitle: format!("{} with {}", count(cells.len(), images.digits.len()), with_unit(measure)),
        sections: vec![GridSection { heading: String::new(), note: String::new(), cells }],
        footer: provenance.to_string(),
        scale,
    }
}

/// `Digit 4`, `Predicted as 4, misclassified`, `All digits`; `Sneaker`, `All images` for other classes.
fn title(images: Measured<'_>, query: &RankingQuery) -> String {
    let labels = images.digits.classes();
    let class = match (query.digit, query.grouping) {
        (None, _) if labels.are_digits() => "All digits".to_owned(),
        (None, _) => "All images".to_owned(),
        (Some(digit), Grouping::Label) if labels.are_digits() => format!("Digit {digit}"),
        (Some(class), Grouping::Label) if labels.are_numbers() => format!("Class {class}"),
        (Some(class), Grouping::Label) => labels.name(class).to_owned(),
        (Some(class), Grouping::Prediction) => format!("Predicted as {}", images.answers.name(class)),
    };
    match query.filter {
        Filter::All => class,
        Filter::Right => class + ", rightly classified",
        Filter::Wrong => class + ", misclassified",
    }
}

/// What comes first in a ranking, and in which sense.
fn heading(measure: Measure, order: Order) -> (String, String) {
    let is_uncertain = measure.high_means_uncertain() == (order == Order::Highest);
    let heading = match (measure, is_uncertain) {
        // A network that disagrees with a label may be very certain of it.
        (Measure::LabelMargin, true) => "Disagrees most with the label",
        (Measure::LabelMargin, false) => "Agrees most with the label",
        (Measure::LabelSuspicion, true) => "Most suspect labels",
        (Measure::LabelSuspicion, false) => "Least suspect labels",
        (_, true) => "Least certain",
        (_, false) => "Most certain",
    };
    let extreme = match order {
        Order::Highest => "highest",
        Order::Lowest => "lowest",
    };
    (heading.to_owned(), format!("{extreme} {}", with_unit(measure)))
}

/// `predictive entropy (nats)`.
fn with_unit(measure: Measure) -> String {
    let name = measure.label().to_lowercase();
    if measure.unit().is_empty() { name } else { format!("{name} ({})", measure.unit()) }
}

fn opposite(order: Order) -> Order {
    match order {
        Order::Highest => Order::Lowest,
        Order::Lowest => Order::Highest,
    }
}

/// `60 of 10,000 images`.
fn count(shown: usize, available: usize) -> String {
    let (few, all) = (thousands(shown as u64), thousands(available as u64));
    match (shown, available) {
        (1, 1) => "1 image".to_owned(),
        _ if shown == available => format!("{few} images"),
        _ => format!("{few} of {all} images"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::PerClass;
    use crate::data::{CLASSES, Class, PIXELS};

    /// Images whose predictive entropy is their index over 100, label their index modulo 10, prediction the label but
    /// for every seventh image. The first pixel is the index.
    fn example(images: u8) -> (Digits, Vec<Measures>) {
        let mut pixels = vec![0; usize::from(images) * PIXELS];
        for index in 0..images {
            pixels[usize::from(index) * PIXELS] = index;
        }
        let digits = Digits::new(pixels, (0..images).map(|index| Class::from(index % 10)).collect()).unwrap();
        let measures = (0..images)
            .map(|index| {
                let mut mean = PerClass::filled(CLASSES, 0.0);
                mean[usize::from(if index % 7 == 3 { (index + 1) % 10 } else { index % 10 })] = 1.0;
                Measures {
                    passes: 10,
                    together: 1,
                    mean,
                    mean_se: PerClass::filled(CLASSES, 0.0),
                    votes: PerClass::filled(CLASSES, 1),
                    predictive_entropy: f32::from(index) / 100.0,
                    predictive_entropy_se: 0.0,
                    predictive_entropy_corrected: 0.0,
                    expected_entropy: 0.0,
                    expected_entropy_se: 0.0,
                    mutual_information: 0.0,
                    mutual_information_se: 0.0,
                    mutual_information_corrected: 0.0,
                    variation_ratio: 0.0,
                    variation_ratio_se: 0.0,
                    predictive_std: 0.0,
                    confidence: 1.0 - f32::from(index) / 200.0,
                    margin: 0.0,
                    lead_se: PerClass::filled(CLASSES, 0.1),
                    mean_logit_entropy: 0.0,
                    label_suspicion: None,
                    from_passes: None,
                }
            })
            .collect();
        (digits, measures)
    }

    fn provenance() -> Provenance {
        Provenance {
            data: "MNIST test".into(),
            model: "3fa9c1d2".into(),
            sites: None,
            config: SweepConfig::default(),
        }
    }

    fn sheet(images: u8, query: &RankingQuery, ends: Ends) -> GridSpec {
        let (digits, measures) = example(images);
        of_ranking(
            Measured { digits: &digits, answers: &Classes::digits(), measures: &measures, only: None },
            query,
            ends,
            &provenance(),
            1,
        )
    }

    fn shown(section: &GridSection) -> Vec<u8> {
        section.cells.iter().map(|cell| cell.pixels[0]).collect()
    }

    #[test]
    fn both_halves_are_labelled_and_start_at_their_ends() {
        let query = RankingQuery { top: Some(3), ..RankingQuery::default() };
        for measure in [None, Some(Measure::PredictiveEntropy), Some(Measure::Confidence)] {
            let spec = sheet(100, &RankingQuery { measure, ..query }, Ends::Both);
            let headings: Vec<_> = spec.sections.iter().map(|section| section.heading.as_str()).collect();
            assert_eq!(headings, ["Most certain", "Least certain"]);
            assert_eq!(shown(&spec.sections[0]), [0, 1, 2]);
            assert_eq!(shown(&spec.sections[1]), [99, 98, 97]);
        }
        let spec = sheet(100, &RankingQuery { measure: Some(Measure::Confidence), ..query }, Ends::Both);
        assert_eq!(spec.sections[0].note, "highest confidence");
        assert_eq!(spec.subtitle, "6 of 100 images by confidence");
        let spec = sheet(100, &RankingQuery { measure: Some(Measure::LabelMargin), ..query }, Ends::Both);
        assert_eq!(spec.sections[1].heading, "Disagrees most with the label");
    }

    #[test]
    fn a_sheet_of_a_brush_shows_no_other_image_and_says_so() {
        let (digits, measures) = example(100);
        let only = [3, 20, 21, 50, 93];
        let images = Measured {
            digits: &digits,
            answers: &Classes::digits(),
            measures: &measures,
            only: Some(("lasso · 5 images", &only)),
        };
        let query = RankingQuery { top: Some(2), ..RankingQuery::default() };
        let spec = of_ranking(images, &query, Ends::Both, &provenance(), 1);
        assert_eq!([shown(&spec.sections[0]), shown(&spec.sections[1])], [vec![3, 20], vec![93, 50]]);
        assert_eq!(spec.title, "All digits, only lasso · 5 images");
        assert_eq!(spec.subtitle, "4 of 5 images by predictive entropy");
        let query = RankingQuery { measure: Some(Measure::PredictiveEntropy), ..query };
        let spec = of_ranking(images, &query, Ends::One, &provenance(), 1);
        assert_eq!(shown(&spec.sections[0]), [93, 50]);
    }

    #[test]
    fn few_images_are_shared_out_between_the_halves() {
        let spec = sheet(5, &RankingQuery::default(), Ends::Both);
        assert_eq!([shown(&spec.sections[0]), shown(&spec.sections[1])], [vec![0, 1, 2], vec![4, 3]]);
        assert_eq!(spec.subtitle, "5 images by predictive entropy");
        let article = sheet(200, &RankingQuery::default(), Ends::Both);
        assert!(article.sections.iter().all(|section| section.cells.len() == ARTICLE_TOP));
        let nothing = sheet(0, &RankingQuery::default(), Ends::Both);
        assert!(nothing.draw().is_ok());
    }

    #[test]
    fn one_ranking_follows_the_query() {
        let query = RankingQuery {
            digit: Some(4),
            filter: Filter::Wrong,
            measure: Some(Measure::PredictiveEntropy),
            order: Order::Highest,
            top: Some(2),
            ..RankingQuery::default()
        };
        let spec = sheet(200, &query, Ends::One);
        // Labelled 4 and ≡ 3 modulo 7: 24, 94, 164.
        assert_eq!(shown(&spec.sections[0]), [164, 94]);
        assert_eq!(spec.sections[0].heading, "Least certain");
        assert_eq!(spec.sections[0].note, "highest predictive entropy (nats)");
        assert_eq!(
            (spec.title.as_str(), spec.subtitle.as_str()),
            ("Digit 4, misclassified", "2 of 3 images by predictive entropy")
        );
        assert!((spec.sections[0].cells[0].value - 1.64).abs() < 1e-6);
        assert_eq!(spec.sections[0].cells[0].caption, "4→5");
    }

    #[test]
    fn a_selection_keeps_its_order_and_unknown_images_are_left_out() {
        let (digits, measures) = example(10);
        let images =
            Measured { digits: &digits, answers: &Classes::digits(), measures: &measures, only: None };
        let spec = of_selection(images, &[7, 2, 99], Measure::PredictiveEntropy, &provenance(), 2);
        assert_eq!(shown(&spec.sections[0]), [7, 2]);
        assert_eq!(spec.subtitle, "2 of 10 images with predictive entropy (nats)");
    }

    #[test]
    fn cells_are_numbered_and_those_within_noise_of_what_is_not_shown_are_marked() {
        let (digits, mut measures) = example(20);
        // Entropies are a hundredth apart: with this error an image is within noise of its 13 neighbours either way.
        for measures in &mut measures {
            measures.predictive_entropy_se = 0.05;
        }
        let images =
            Measured { digits: &digits, answers: &Classes::digits(), measures: &measures, only: None };
        let query = RankingQuery { top: Some(8), ..RankingQuery::default() };
        let spec = of_ranking(images, &query, Ends::Both, &provenance(), 1);
        let (certain, uncertain) = (&spec.sections[0], &spec.sections[1]);
        let indices = |section: &GridSection| -> Vec<Option<u32>> {
            section.cells.iter().map(|cell| cell.index).collect()
        };
        assert_eq!(indices(certain), (0..8).map(Some).collect::<Vec<_>>());
        assert_eq!(indices(uncertain), (12..20).rev().map(Some).collect::<Vec<_>>());
        // 1.386 standard errors either way: 0.1386 between two of them, so 13 places. Place 0 reaches to place 13, which
        // is outside; so does every other.
        assert!(spec.sections.iter().flat_map(|section| &section.cells).all(|cell| cell.open));
        assert!(certain.note.ends_with("≈ 8 of 8 within noise"), "{}", certain.note);
        for measures in &mut measures {
            measures.predictive_entropy_se = 0.01;
        }
        let images =
            Measured { digits: &digits, answers: &Classes::digits(), measures: &measures, only: None };
        let spec = of_ranking(images, &query, Ends::Both, &provenance(), 1);
        // Two places either way: of eight, the last two.
        let open: Vec<bool> = spec.sections[0].cells.iter().map(|cell| cell.open).collect();
        assert_eq!(open, [false, false, false, false, false, false, true, true]);
    }

    #[test]
    fn the_footer_says_where_the_numbers_come_from() {
        let footer = provenance().to_string().replace('\u{a0}', " ");
        let begin = "MNIST test · model 3fa9c1d2 · T = 100 · p = 0.5 · seed 1 · balanced masks · dubito ";
        assert!(footer.starts_with(begin), "{footer}");
    }
}
