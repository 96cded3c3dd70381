//! One image and why it is uncertain, as a page: the image, the sentence, maps, images it resembles, the way to a rival.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::chart::{
    Axis, BLUE, Cell, Chart, GREEN, GREY, Map, ORANGE, Panel, Picture, Pictures, Plot, Point, Series, Table,
};
use crate::data::images::ReducedImage;
use crate::data::kept::to_bytes;
use crate::data::{Class, ClassNames, Classes, Digits, PIXELS, SIDE};
use crate::uncertainty::explanation::{
    Change, Edit, Explanation, Gradient, LEAST_SCALE, Morph, MorphStep, PatchMaps, Rival, Way, blend,
};
use crate::uncertainty::{Measure, Measures};
use crate::wording::with_error;

/// A change that is seen in three decimals, in nats.
const SEEN: f32 = 0.001;
/// What to call a training image.
pub const TRAINING: &str = "training image";
/// Images shown along the way: every fourth of twenty steps.
const SHOWN: usize = 4;

/// A card to be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Card<'a> {
    /// What the image is called: `Image 247`.
    pub name: &'a str,
    /// What it is said to be.
    pub label: Option<Class>,
    /// What labels and answers are called.
    pub names: &'a ClassNames,
    /// Its pixels, 0…1.
    pub pixels: &'a [f32; PIXELS],
    /// The image as it is; `None` where the network sees it so, or it cannot be read.
    pub original: Option<&'a ReducedImage>,
    /// Why it is uncertain.
    pub explanation: &'a Explanation,
    /// The images it is compared with, and what one of them is called; `None` when there are none.
    pub others: Option<(&'a Digits, &'a str)>,
    /// The nearest of these as they are, by their indices; those that are missing are drawn as the network sees them.
    pub nearest: &'a BTreeMap<u32, ReducedImage>,
    /// Whether one pass or no dropout leaves a single network, which cannot disagree.
    pub single: bool,
    /// Where the numbers come from.
    pub footer: &'a str,
}

impl Card<'_> {
    /// `Image 247 · label 4 · predicted 9`.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.name, self.names, self.label, self.explanation.measures.prediction())
    }

    /// The page.
    #[must_use]
    pub fn chart(&self) -> Chart {
        let Explanation { maps, gradient, reason, measures, .. } = self.explanation;
        let under = to_bytes(self.pixels);
        let image = image_panel(self.original, &under);
        // A column for what is done to the image, a row for what it changes.
        let mut rows = vec![vec![image], vec![table(measures, self.label)]];
        for maps in change_rows(maps, &under)
            .into_iter()
            .chain(gradient.iter().map(|gradient| slope_row(gradient, &under)))
        {
            for (row, map) in rows.iter_mut().zip(maps) {
                row.push(map);
            }
        }
        if self.single {
            rows[1].truncate(1);
        }
        let mut note = reason.clone();
        match (self.others, &self.explanation.rivals, &self.explanation.way) {
            (Some((digits, noun)), Some(rivals), Some(way)) => {
                rows.push(neighbour_row(rivals, (digits, self.nearest), noun));
                rows.extend(way_rows(way, self.pixels, (measures.prediction(), &self.names.answers), noun));
                if way.to.is_none() {
                    let rival = digits.classes().names().get(usize::from(way.rival));
                    let rival = rival.map_or(self.names.answers.name(way.rival), String::as_str);
                    let _ = write!(note, " The network is sure of no {noun} labelled {rival} nearby.");
                }
                if noun != TRAINING {
                    note.push_str(
                        " The training images are not here: it is compared with those of the dataset.",
                    );
                }
            }
            _ => note.push_str(" The training images are not here: it is compared with none."),
        }
        Chart { title: self.title(), note, rows, footer: self.footer.to_owned() }
    }
}

/// The image; above it as it is, where the network sees it otherwise.
fn image_panel(original: Option<&ReducedImage>, pixels: &[u8]) -> Panel {
    let as_it_is = original.map(|original| Picture {
        pixels: pixels.to_vec(),
        caption: format!("as it is:\n{}", original.whole()),
        original: Some(original.clone()),
    });
    let caption = if original.is_some() { "as the network\nsees it" } else { "" };
    let seen = Picture { pixels: pixels.to_vec(), caption: caption.to_owned(), original: None };
    Panel::Pictures(Pictures {
        heading: "The image".to_owned(),
        pictures: as_it_is.into_iter().chain([seen]).collect(),
        columns: 1,
    })
}

/// A measure's name, and its value with one standard error to each side.
#[must_use]
pub fn measure_cells(measure: Measure, measures: &Measures, label: Option<Class>) -> [Cell; 2] {
    let label = label.unwrap_or(Class::MAX);
    let value = measure.value(measures, label);
    let error = measure.standard_error(measures, label).filter(|error| error.is_finite());
    let cell = Cell::number(with_error(value, error), f64::from(value));
    let cell = match error {
        Some(error) => cell.between(f64::from(value - error), f64::from(value + error)),
        None => cell,
    };
    [measure.label().into(), cell]
}

/// The numbers of the split, with their standard errors.
fn table(measures: &Measures, label: Option<Class>) -> Panel {
    let shown = [
        Measure::PredictiveEntropy,
        Measure::ExpectedEntropy,
        Measure::MutualInformation,
        Measure::VariationRatio,
        Measure::Confidence,
    ];
    let rows = |measure: Measure| {
        let mut rows = vec![measure_cells(measure, measures, label).to_vec()];
        if let Some(corrected) = measure.corrected(measures) {
            let number = Cell::number(with_error(corrected, None), f64::from(corrected));
            rows.push(vec!["   bias-corrected".into(), number]);
        }
        rows
    };
    Panel::Table(Table {
        heading: "Measures ± standard error".to_owned(),
        columns: vec![String::new(), "nats or share".to_owned()],
        rows: shown.into_iter().flat_map(rows).collect(),
    })
}

/// `Image 247 · label 4 · predicted 9`.
#[must_use]
pub fn title(name: &str, names: &ClassNames, label: Option<Class>, prediction: Class) -> String {
    let predicted = names.answers.name(prediction);
    match label {
        Some(label) => format!("{name} · label {} · predicted {predicted}", names.labels.name(label)),
        None => format!("{name} · predicted {predicted}"),
    }
}

/// What erasing (first row) and inking (second row) each patch does to predictive entropy and mutual information, over
/// the image's grey values.
#[must_use]
pub fn change_rows(maps: &PatchMaps, under: &[u8]) -> Vec<Vec<Panel>> {
    let size = maps.grid.size();
    let row = |edit: Edit| -> Vec<Panel> {
        let which = usize::from(edit == Edit::Ink);
        let (changes, told, scale) = (&maps.changes[which], &maps.told[which], maps.scales[which]);
        let verb = match edit {
            Edit::Erase => "Erase",
            Edit::Ink => "Ink",
        };
        let map = |what: &str, told: &str, of: fn(&Change) -> [f32; 2]| {
            let values = (0..PIXELS).map(|at| {
                let (x, y) = ((at % SIDE) as f32 + 0.5, (at / SIDE) as f32 + 0.5);
                let value = of(&changes[maps.grid.nearest(x, y)]);
                if Change::is_clear(value) { value[0] } else { f32::NAN }
            });
            Panel::Map(Map {
                heading: format!("{verb} {size}×{size}: change of {what}"),
                caption: format!("{verb}: {told}; no colour: within noise."),
                values: values.collect(),
                scale: Some(scale),
                under: under.to_vec(),
            })
        };
        vec![
            map("predictive entropy", &told[0], |change| change.entropy),
            map("mutual information", &told[1], |change| change.information),
        ]
    };
    Edit::ALL.into_iter().map(row).collect()
}

/// What a little more ink at each pixel does, over the image's grey values.
#[must_use]
pub fn slope_row(gradient: &Gradient, under: &[u8]) -> Vec<Panel> {
    let scale = gradient.largest.into_iter().fold(LEAST_SCALE, f32::max);
    let map = |what: &str, slopes: &[[f32; 2]]| {
        let value = |slope: &[f32; 2]| if Gradient::is_clear(*slope) { slope[0] } else { f32::NAN };
        Panel::Map(Map {
            heading: format!("A little more ink: slope of {what}"),
            caption: if slopes.iter().any(|slope| Gradient::is_clear(*slope) && slope[0].abs() >= SEEN) {
                "In nats per full ink; no colour: within noise.".to_owned()
            } else {
                "No slope of 0.001 nats per full ink is beyond noise.".to_owned()
            },
            values: slopes.iter().map(value).collect(),
            scale: Some(scale),
            under: under.to_vec(),
        })
    };
    vec![map("predictive entropy", &gradient.entropy), map("mutual information", &gradient.information)]
}

/// The nearest images of the likeliest classes with their distances, one panel for each class; as they are where that is
/// at hand.
fn neighbour_row(
    rivals: &[Rival],
    (digits, as_they_are): (&Digits, &BTreeMap<u32, ReducedImage>),
    noun: &str,
) -> Vec<Panel> {
    let panel = |rival: &Rival| {
        let picture = |neighbour: &crate::uncertainty::explanation::Neighbour| Picture {
            pixels: digits.image(neighbour.index as usize).to_vec(),
            caption: format!("{}\n{:.1}", neighbour.index, neighbour.distance),
            original: as_they_are.get(&neighbour.index).cloned(),
        };
        Panel::Pictures(Pictures {
            heading: format!(
                "Nearest {noun}s labelled {} (p\u{a0}{}), number and distance",
                digits.classes().name(rival.class),
                if rival.probability < 0.001 {
                    "<\u{a0}0.001".to_owned()
                } else {
                    format!("=\u{a0}{:.3}", rival.probability)
                }
            ),
            pictures: rival.nearest.iter().map(picture).collect(),
            columns: 0,
        })
    };
    rivals.iter().map(panel).collect()
}

/// The way to a rival: some of its images, and the doubt and the two classes' probabilities along it.
#[must_use]
pub fn way_rows(
    way: &Way,
    pixels: &[f32; PIXELS],
    (own, answers): (Class, &Classes),
    noun: &str,
) -> Vec<Vec<Panel>> {
    let (Some(target), Some((end, morph))) = (&way.search.found, &way.to) else { return Vec::new() };
    let rival = way.rival;
    let shown = morph.steps.iter().step_by(SHOWN);
    let picture = |step: &MorphStep| Picture {
        pixels: to_bytes(&blend(pixels, &end[..], step.share)),
        caption: format!("{:.0} %\nH {:.2}", step.share * 100.0, step.measures.predictive_entropy),
        original: None,
    };
    let pictures = Panel::Pictures(Pictures {
        heading: format!(
            "Cross-fade to the nearest {noun} the network is sure of: {}, a {} ({:.2})",
            target.neighbour.index,
            answers.name(rival),
            target.confidence
        ),
        pictures: shown.map(picture).collect(),
        columns: 0,
    });
    vec![vec![pictures], way_plots(morph, (own, rival), answers)]
}

/// Doubt and probabilities along the way.
fn way_plots(morph: &Morph, (own, rival): (Class, Class), answers: &Classes) -> Vec<Panel> {
    let points = |of: &dyn Fn(&MorphStep) -> [f32; 2]| -> Vec<Point> {
        let point = |step: &MorphStep| {
            let [value, error] = of(step).map(f64::from);
            Point::at(f64::from(step.share), value).with_error(error)
        };
        morph.steps.iter().map(point).collect()
    };
    let of_class = |class: Class| {
        points(&|step| {
            let class = usize::from(class);
            [step.measures.mean[class], step.measures.mean_se[class]]
        })
    };
    let entropy = points(&|step| [step.measures.predictive_entropy, step.measures.predictive_entropy_se]);
    let information = points(&|step| [step.measures.mutual_information, step.measures.mutual_information_se]);
    let mut doubt = vec![
        Series::line("predictive entropy ±1 SE", BLUE, entropy),
        Series::dashes("mutual information ±1 SE", ORANGE, information),
    ];
    if let Some(peak) = morph.peak {
        doubt.push(Series::vertical("highest doubt", GREY, f64::from(morph.steps[peak].share)));
    }
    let x = || Axis::new("share of the way").between(0.0, 1.0).in_percent();
    let plot = |heading: &str, y: Axis, series: Vec<Series>| {
        Panel::Plot(Plot { heading: heading.to_owned(), x: x(), y, series, ..Plot::default() })
    };
    vec![
        plot("Doubt along the way", Axis::new("nats").from_zero(), doubt),
        plot(
            "Mean probabilities along the way",
            Axis::new("probability").between(0.0, 1.0),
            vec![
                Series::line(format!("{} ±1 SE", answers.name(own)), GREY, of_class(own)),
                Series::dashes(format!("{} ±1 SE", answers.name(rival)), GREEN, of_class(rival)),
            ],
        ),
    ]
}
