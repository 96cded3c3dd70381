//! Charts of one image: what the inspector shows.

use crate::data::{Class, ClassNames, Classes};
use crate::export::card::{measure_cells, title as image_title};
use crate::export::chart::{
    Axis, BLUE, Chart, DotShape, GREY, Mark, ORANGE, Panel, Plot, Point, Series, Table,
};
use crate::gui::action::Taken;
use crate::sampling::SweepConfig;
use crate::shown::InspectorView;
use crate::shown::subject::Origin;
use crate::uncertainty::{Measure, Measures};
use crate::wording;

/// A chart of an image that was sampled like this.
pub(super) fn of_image(origin: Origin, sampled: SweepConfig, chart: Chart) -> Taken {
    Taken::from(chart).sampled(sampled).of(origin)
}

/// The horizontal axis of the ten classes.
#[must_use]
pub fn classes(answers: &Classes) -> Axis {
    Axis::new("class").named(answers.names().iter().cloned())
}

/// `class 7`, `Ankle boot`.
#[must_use]
pub fn class_named(answers: &Classes, class: Class) -> String {
    let name = answers.name(class);
    if answers.are_numbers() { format!("class {name}") } else { name.to_owned() }
}

/// The predictive mean as bars with ±1 standard error, and the share of the passes that vote for each class.
#[must_use]
pub fn predictive_mean(
    origin: Origin,
    (names, label): (&ClassNames, Option<Class>),
    sampled: SweepConfig,
    of: &Measures,
) -> Taken {
    let passes = f64::from(of.passes.max(1));
    let means = of.mean.iter().zip(&of.mean_se).zip(0_u16..);
    let bars = means.map(|((mean, error), class)| {
        Point::at(f64::from(class), f64::from(*mean)).with_error(f64::from(*error))
    });
    let votes = of.votes.iter().zip(0_u16..);
    let votes = votes.map(|(votes, class)| Point::at(f64::from(class), f64::from(*votes) / passes));
    let diamonds = Mark::Dots { shape: DotShape::Diamond, radius: 8.0, alpha: 1.0 };
    let mut series = vec![
        Series::bars("predictive mean ±1 standard error", BLUE, bars),
        Series::dots("share of the votes", ORANGE, votes).marked(diamonds),
    ];
    if let Some(label) = label {
        series.push(Series::vertical(format!("label {}", names.labels.name(label)), GREY, f64::from(label)));
    }
    let title = image_title(&origin.name(), names, label, of.prediction());
    let plot = Plot {
        heading: "Predictive mean".to_owned(),
        x: classes(&names.answers),
        y: Axis::new("probability").between(0.0, 1.0),
        series,
        ..Plot::default()
    };
    let entropy = wording::with_error(of.predictive_entropy, Some(of.predictive_entropy_se));
    let information = wording::with_error(of.mutual_information, Some(of.mutual_information_se));
    let note = format!("Predictive entropy {entropy} nats, of which mutual information {information} nats.");
    let chart = Chart { title, note, rows: vec![vec![Panel::Plot(plot)]], ..Chart::default() };
    of_image(origin, sampled, chart)
}

/// How often each probability of a class was sampled.
#[must_use]
pub fn sampled_probabilities(view: &InspectorView, label: Option<Class>, class: Class) -> Taken {
    let counts = &view.by_pass.histograms[usize::from(class)];
    let mean = f64::from(view.measures.mean[usize::from(class)]);
    let named = class_named(&view.names.answers, class);
    let plot = Plot {
        heading: format!("Sampled probabilities of {named}"),
        x: Axis::new(format!("probability of {named}")).between(0.0, 1.0),
        y: Axis::new("passes").from_zero(),
        series: vec![
            Series::histogram("passes", BLUE, [0.0, 1.0], counts),
            Series::vertical(format!("predictive mean, {mean:.3}"), ORANGE, mean),
        ],
        ..Plot::default()
    };
    let title = image_title(&view.origin.name(), &view.names, label, view.measures.prediction());
    let note = format!("What {} say of {named}.", wording::count(view.probabilities.len(), "sub-network"));
    let chart = Chart { title, note, rows: vec![vec![Panel::Plot(plot)]], ..Chart::default() };
    of_image(view.origin, view.sampled, chart)
}

/// Predictive entropy and mutual information of the first T passes: corrected for the bias of few passes, with their
/// standard errors, and as estimated.
#[must_use]
pub fn entropy_against_passes(view: &InspectorView, label: Option<Class>) -> Taken {
    // Plug-in, corrected, standard error.
    type Of = fn(&crate::shown::CurvePoint) -> [f32; 3];
    let corrected = |name, colour, of: Of| {
        let points = view.curve.iter().filter(|point| point.passes > 1).map(|point| {
            let [_, value, error] = of(point).map(f64::from);
            Point::at(f64::from(point.passes), value).with_error(error)
        });
        Series::line(name, colour, points)
    };
    let plain = |name, colour, of: Of| {
        let points =
            view.curve.iter().map(|point| Point::at(f64::from(point.passes), f64::from(of(point)[0])));
        Series::dashes(name, colour, points)
    };
    let plot = Plot {
        heading: "Against the number of passes".to_owned(),
        x: Axis::new("passes T"),
        y: Axis::new("nats").from_zero(),
        series: vec![
            corrected("predictive entropy, bias-corrected, ±1 standard error", BLUE, |point| point.entropy),
            plain("predictive entropy, plug-in", BLUE, |point| point.entropy),
            corrected("mutual information, bias-corrected, ±1 standard error", ORANGE, |point| {
                point.mutual_information
            }),
            plain("mutual information, plug-in", ORANGE, |point| point.mutual_information),
        ],
        ..Plot::default()
    };
    let title = image_title(&view.origin.name(), &view.names, label, view.measures.prediction());
    let chart = Chart { title, rows: vec![vec![Panel::Plot(plot)]], ..Chart::default() };
    of_image(view.origin, view.sampled, chart)
}

/// Every measure with its standard error.
#[must_use]
pub fn measures(
    origin: Origin,
    (names, label): (&ClassNames, Option<Class>),
    sampled: SweepConfig,
    of: &Measures,
) -> Taken {
    let known = Measure::ALL.into_iter().filter(|measure| match measure {
        Measure::LabelMargin => label.is_some(),
        Measure::LabelSuspicion => of.label_suspicion.is_some(),
        _ => true,
    });
    let rows = known.map(|measure| {
        let [name, value] = measure_cells(measure, of, label);
        vec![name, value, measure.unit().into()]
    });
    let table = Table {
        heading: "Measures ± standard error".to_owned(),
        columns: ["measure", "value", "unit"].map(str::to_owned).to_vec(),
        rows: rows.collect(),
    };
    let title = image_title(&origin.name(), names, label, of.prediction());
    let chart = Chart { title, rows: vec![vec![Panel::Table(table)]], ..Chart::default() };
    of_image(origin, sampled, chart)
}
