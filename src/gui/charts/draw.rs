//! Charts of a drawing and of a training: what passes over time.

use super::inspector::{class_named, classes};
use crate::data::{Class, PerClass};
use crate::export::card::title as image_title;
use crate::export::chart::{Axis, BLUE, Chart, DotShape, GREY, Mark, ORANGE, Panel, Plot, Point, Series};
use crate::gui::action::Taken;
use crate::gui::panel::draw::{Drawing, Moment};
use crate::gui::panel::train::{TrainingPoint, TrainingRun};
use crate::sampling::SweepConfig;
use crate::shown::Seen;
use crate::shown::subject::Origin;
use crate::shown::subnetwork::number;
use crate::wording;

/// Softmax outputs and inputs of each pass, in the column of each class.
#[must_use]
pub fn cloud(seen: &Seen, label: Option<Class>, sampled: SweepConfig) -> Taken {
    let panel = |heading: &str, axis: Axis, rows: &[PerClass<f32>], colour| {
        let mut points = Vec::with_capacity(rows.len() * seen.names.answers.len());
        let mut names = Vec::with_capacity(points.capacity());
        for (pass, row) in rows.iter().enumerate() {
            // A pass has the same horizontal position in every class and in both clouds, all evenly spread.
            let across = (pass as f64 * 0.618_034).fract() - 0.5;
            for (class, value) in (0_u32..).zip(row) {
                points.push(Point::at(f64::from(class) + 0.6 * across, f64::from(*value)));
                names.push(format!(
                    "pass {}, {}",
                    number(pass),
                    class_named(&seen.names.answers, class as Class)
                ));
            }
        }
        let mark = Mark::Dots { shape: DotShape::Circle, radius: 3.0, alpha: 0.45 };
        Panel::Plot(Plot {
            heading: heading.to_owned(),
            x: classes(&seen.names.answers),
            y: axis,
            series: vec![Series::dots("", colour, points).named(names).marked(mark)],
            ..Plot::default()
        })
    };
    let chart = Chart {
        title: image_title(&Origin::Drawing.name(), &seen.names, label, seen.measures.prediction()),
        note: format!(
            "One dot for each class and each of {}.",
            wording::count(seen.logits.len(), "sub-network")
        ),
        rows: vec![
            vec![panel(
                "Softmax outputs",
                Axis::new("probability").between(0.0, 1.0),
                &seen.probabilities,
                BLUE,
            )],
            vec![panel("Softmax inputs", Axis::new("logit"), &seen.logits, ORANGE)],
        ],
        ..Chart::default()
    };
    Taken::from(chart).sampled(sampled).of(Origin::Drawing)
}

/// Predictive entropy and mutual information along the strokes.
#[must_use]
pub fn along_the_strokes(drawing: &Drawing, sampled: SweepConfig) -> Taken {
    let line = |name, colour, of: fn(&Moment) -> Option<[f32; 2]>| {
        let points = drawing.history.iter().enumerate().map(|(at, moment)| {
            let [value, error] = of(moment).unwrap_or([f32::NAN; 2]).map(f64::from);
            Point::at(at as f64, value).with_error(error)
        });
        Series::line(name, colour, points)
    };
    let plot = Plot {
        heading: "Along the strokes".to_owned(),
        x: Axis::new("moment of the drawing"),
        y: Axis::new("nats").from_zero(),
        series: vec![
            line("predictive entropy ±1 standard error", BLUE, |moment| moment.entropy),
            line("mutual information ±1 standard error", ORANGE, |moment| moment.mutual_information),
        ],
        ..Plot::default()
    };
    let title = "Doubt while drawing".to_owned();
    let note = "Interrupted where the paper was blank.".to_owned();
    let chart = Chart { title, note, rows: vec![vec![Panel::Plot(plot)]], ..Chart::default() };
    Taken::from(chart).sampled(sampled).of(Origin::Drawing)
}

/// Loss, accuracy and doubt of the last training.
#[must_use]
pub fn training_curves(run: &TrainingRun) -> Taken {
    type Value = fn(&TrainingPoint) -> f64;
    let panel = |heading: &str, y: Axis, value: Value| {
        let points = |list: &[TrainingPoint]| -> Vec<Point> {
            list.iter().map(|point| Point::at(point.epoch, value(point))).collect()
        };
        let mark = Mark::Dots { shape: DotShape::Diamond, radius: 6.0, alpha: 1.0 };
        Panel::Plot(Plot {
            heading: heading.to_owned(),
            x: Axis::new("epoch").between(0.0, run.epochs.max(1) as f64),
            y,
            series: vec![
                Series::line("training, with dropout", BLUE, points(&run.running)),
                Series::dashes("", ORANGE, points(&run.validation)),
                Series::dots("validation", ORANGE, points(&run.validation)).marked(mark),
            ],
            ..Plot::default()
        })
    };
    let frames = || run.film.frames.iter().filter_map(|frame| Some((frame.epochs, frame.validation?)));
    let doubt = Panel::Plot(Plot {
        heading: "Doubt of validation images".to_owned(),
        x: Axis::new("epoch").between(0.0, run.epochs.max(1) as f64),
        y: Axis::new("nats").from_zero(),
        series: vec![
            Series::line(
                "mean predictive entropy",
                BLUE,
                frames().map(|(epochs, doubt)| Point::at(epochs, doubt.entropy)),
            ),
            Series::dashes(
                "mean mutual information",
                ORANGE,
                frames().map(|(epochs, doubt)| Point::at(epochs, doubt.mutual_information)),
            ),
        ],
        ..Plot::default()
    });
    // What the window says in words: the same images as the doubt's.
    let with_film = |panel: Panel| match panel {
        Panel::Plot(mut plot) => {
            let points = frames().map(|(epochs, doubt)| Point::at(epochs, doubt.accuracy));
            plot.series.push(Series::dots("validation, with dropout", GREY, points));
            Panel::Plot(plot)
        }
        other => other,
    };
    let head = run.film.head();
    let subject = head.map_or_else(String::new, |head| {
        format!(
            "{} · doubt: {} of {} validation images, T = {}, seed {} · ",
            head.subject(),
            head.asked,
            head.validation,
            head.sampled.passes,
            head.sampled.seed
        )
    });
    let network = run.network.as_ref().map_or_else(String::new, |(_, hash)| format!("model {hash} · "));
    let done = run.last.map_or_else(String::new, |last| format!("Epoch {} of {}.", last.epoch, last.epochs));
    let chart = Chart {
        title: format!("Training {}", run.number),
        note: done,
        rows: vec![
            vec![panel("Loss", Axis::new("nats").from_zero(), |point| point.loss)],
            vec![with_film(panel("Accuracy", Axis::new("share right").in_percent(), |point| point.accuracy))],
            vec![doubt],
        ],
        footer: format!("{subject}{network}dubito\u{a0}{}", env!("CARGO_PKG_VERSION")),
    };
    chart.into()
}
