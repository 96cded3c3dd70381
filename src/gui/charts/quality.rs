//! Charts of how far the network can be trusted: what the quality view shows.

use crate::export::chart::{
    Axis, BLUE, Cell, Chart, DotShape, GREEN, GREY, INK, Mark, Matrix, ORANGE, Panel, Plot, Point, Scale,
    Series, Table, VERMILION,
};
use crate::gui::action::Taken;
use crate::shown::over_dropout::{OverDropoutView, is_logarithmic, sentences};
use crate::shown::quality::{ForeignView, KEPT, PLAIN, QualityView, SAMPLED};
use crate::shown::tables::NumberText;
use crate::uncertainty::Measure;
use crate::uncertainty::quality::calibration::edges;
use crate::uncertainty::quality::{AtPasses, DETECTORS, Estimate, Histogram, Metric, RiskCoverage};
use crate::wording;

/// Places of a curve that is drawn: more than the page has pixels.
const PLACES: usize = 2_000;

/// A page of one row of panels, whose numbers come from a quality view.
fn page(view: &QualityView, title: impl Into<String>, note: impl Into<String>, row: Vec<Panel>) -> Taken {
    let (title, note) = (title.into(), note.into());
    Taken::from(Chart { title, note, rows: vec![row], ..Chart::default() }).sampled(view.key.sampled)
}

/// `0.9934 [0.9918, 0.9949]`, or why there is no number.
fn cell(estimate: &Estimate) -> Cell {
    let text = NumberText::from(*estimate);
    match (estimate.value, text.value) {
        (Ok(value), Ok(said)) => match (estimate.interval, text.interval) {
            (Some([low, high]), Some(brackets)) => {
                Cell::number(format!("{said} {brackets}"), value).between(low, high)
            }
            _ => Cell::number(said, value),
        },
        (Err(undefined), _) => undefined.to_string().into(),
        (_, Err(undefined)) => undefined.into(),
    }
}

fn names<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

/// The runs side by side, and their paired differences.
#[must_use]
pub fn quality_numbers(view: &QualityView) -> Taken {
    let mut columns = names(["", "without dropout", "MC dropout", "MC − without"]);
    if view.compared.is_some() {
        columns.extend(names(["kept run", "MC − kept"]));
    }
    let rows = Metric::SHORT.map(|metric| {
        let mut row = vec![
            metric.label().into(),
            cell(&view.numbers.estimate(PLAIN, metric)),
            cell(&view.numbers.estimate(SAMPLED, metric)),
            cell(&view.numbers.difference(SAMPLED, PLAIN, metric)),
        ];
        if view.compared.is_some() {
            row.push(cell(&view.numbers.estimate(KEPT, metric)));
            row.push(cell(&view.numbers.difference(SAMPLED, KEPT, metric)));
        }
        row
    });
    let note = "Brackets: 95 % of 1,000 resamples of the images. AUROC and AURC: by predictive entropy.";
    let kept = view.compared.as_ref().map_or_else(String::new, |(name, _)| format!(" Kept run: {name}."));
    let table = Table { heading: "Numbers".to_owned(), columns, rows: rows.into() };
    page(view, "Quality", note.to_owned() + &kept, vec![Panel::Table(table)])
}

/// The share that is right against confidence.
#[must_use]
pub fn reliability(view: &QualityView) -> Taken {
    let some = |run: usize| view.reliability[run].iter().enumerate().filter(|(_, bin)| bin.count > 0);
    let bars = some(SAMPLED).map(|(at, bin)| {
        let [from, to] = edges(at);
        let [low, high] = bin.interval;
        Point::bar(from, to, bin.accuracy).between(low, high)
    });
    let counted = some(SAMPLED).map(|(_, bin)| wording::count(bin.count, "image"));
    let dots = |run: usize| some(run).map(|(_, bin)| Point::at(bin.confidence, bin.accuracy));
    let mark = |shape| Mark::Dots { shape, radius: 6.0, alpha: 1.0 };
    let plot = Plot {
        heading: "Reliability".to_owned(),
        x: Axis::new("confidence").between(0.0, 1.0),
        y: Axis::new("share right").between(0.0, 1.0).in_percent(),
        series: vec![
            Series::bars("MC dropout, 95 % (Wilson)", BLUE, bars).named(counted),
            Series::dashes("perfect calibration", GREY, [Point::at(0.0, 0.0), Point::at(1.0, 1.0)]),
            Series::dots("MC dropout at its mean confidence", INK, dots(SAMPLED))
                .marked(mark(DotShape::Circle)),
            Series::dots("without dropout", VERMILION, dots(PLAIN)).marked(mark(DotShape::Diamond)),
        ],
        ..Plot::default()
    };
    let ece = |run| cell(&view.numbers.estimate(run, Metric::Ece)).text;
    let note = format!("ECE of 15 bins: MC dropout {}, without dropout {}.", ece(SAMPLED), ece(PLAIN));
    page(view, "Reliability", note, vec![Panel::Plot(plot)])
}

/// `− confidence`, `predictive entropy (nats)`: doubt rises to the right.
fn doubt_axis(measure: Measure) -> Axis {
    let unit = if measure.unit().is_empty() { String::new() } else { format!(" ({})", measure.unit()) };
    let sign = if measure.high_means_uncertain() { "" } else { "− " };
    Axis::new(format!("{sign}{}{unit}", measure.label().to_lowercase()))
}

/// Two groups over the bins of a measure, each as shares of its own kind.
fn doubt(measure: Measure, histogram: &Histogram, groups: [&str; 2]) -> Plot {
    let bars = |group: usize, name: &str, colour| {
        let counts = &histogram.counts[group];
        let total: u32 = counts.iter().sum();
        let points = (0..histogram.bins()).map(|bin| {
            let [from, to] = histogram.edges(bin).map(f64::from);
            Point::bar(from, to, f64::from(histogram.share(group, bin)))
        });
        let counted = counts.iter().map(|count| wording::count(*count as usize, "image"));
        let name = format!("{} {name}", wording::thousands(u64::from(total)));
        Series::bars(name, colour, points).named(counted)
    };
    Plot {
        heading: format!("{} of {} and {}", measure.label(), groups[0], groups[1]),
        x: doubt_axis(measure).between(f64::from(histogram.from), f64::from(histogram.to)),
        y: Axis::new("share of its kind (root scale)").between(0.0, 1.0).scaled(Scale::Root).in_percent(),
        series: vec![bars(0, groups[0], GREEN), bars(1, groups[1], VERMILION)],
        ..Plot::default()
    }
}

/// Doubt of right and of wrong images.
#[must_use]
pub fn doubt_of_errors(view: &QualityView, measure: Measure) -> Taken {
    let histogram = &view.histograms[QualityView::detector(measure)];
    let plot = doubt(measure, histogram, ["right", "wrong"]);
    let area = cell(&view.numbers.estimate(SAMPLED, Metric::ErrorAuroc(measure))).text;
    let title = format!("{} of right and wrong images", measure.label());
    page(view, title, format!("Error AUROC, MC dropout: {area}."), vec![Panel::Plot(plot)])
}

/// Error among the images kept against the share kept.
#[must_use]
pub fn risk_and_coverage(view: &QualityView, measure: Measure, refused: usize) -> Taken {
    let detector = QualityView::detector(measure);
    let line = |risk: &RiskCoverage| -> Vec<Point> {
        risk.curve(PLACES).into_iter().map(|[kept, error]| Point::at(kept, error)).collect()
    };
    let risk = &view.risks[detector];
    let images = risk.order.len().max(1) as f64;
    let mut series = vec![
        Series::dashes("without dropout", ORANGE, line(&view.plain_risks[detector])),
        Series::line("MC dropout", BLUE, line(risk)),
    ];
    if refused > 0 {
        let name = format!("{} refused", wording::thousands(refused as u64));
        series.push(Series::vertical(name, GREY, 1.0 - refused as f64 / images));
    }
    let plot = Plot {
        heading: format!("Refusing by {}", measure.label().to_lowercase()),
        x: Axis::new("share of images kept").between(0.0, 1.0).in_percent(),
        y: Axis::new("error among them").from_zero().in_percent(),
        series,
        ..Plot::default()
    };
    let area = |run| cell(&view.numbers.estimate(run, Metric::Aurc(measure))).text;
    let note = format!("AURC: MC dropout {}, without dropout {}.", area(SAMPLED), area(PLAIN));
    let title = format!("Risk and coverage by {}", measure.label().to_lowercase());
    page(view, title, note, vec![Panel::Plot(plot)])
}

/// Error, NLL and ECE of the first T passes.
#[must_use]
pub fn quality_against_passes(view: &QualityView) -> Taken {
    type Value = fn(&AtPasses) -> f64;
    let plain = view.plain_line;
    let end = view.passes.len().max(2) as f64;
    let values: [(&str, &str, Value); 3] = [
        ("Error", "share wrong", |point| point.error),
        ("Negative log-likelihood", "nats", |point| point.nll),
        ("Expected calibration error", "of 15 bins", |point| point.ece),
    ];
    let panels = values.into_iter().zip(plain).map(|((heading, unit, value), plain)| {
        let points = view.passes.iter().map(|point| Point::at(point.passes as f64, value(point)));
        let mut series = vec![Series::line("MC dropout", BLUE, points)];
        if let Some(plain) = plain {
            let ends = [Point::at(1.0, plain), Point::at(end, plain)];
            series.push(Series::dashes("without dropout", ORANGE, ends));
        }
        let y = Axis::new(unit).from_zero();
        Panel::Plot(Plot {
            heading: heading.to_owned(),
            x: Axis::new("passes T").between(1.0, end).scaled(Scale::Log),
            y: if unit == "share wrong" { y.in_percent() } else { y },
            series,
            ..Plot::default()
        })
    });
    page(view, "Against the number of passes", "Each T takes the first T passes.", panels.collect())
}

/// Accuracy, NLL, ECE and error AUROC over p; `now` is the rate in use.
#[must_use]
pub fn quality_over_dropout(view: &OverDropoutView, now: Option<f32>) -> Taken {
    let best = view.found.best();
    let panels = view.curves.iter().zip(0_usize..).map(|(curve, place)| {
        let points = view.found.rates.iter().filter_map(|at| {
            let point = Point::at(f64::from(at.dropout?), at.numbers[place].value.ok()?);
            let [low, high] = at.numbers[place].interval.unwrap_or([f64::NAN; 2]);
            Some(point.between(low, high))
        });
        let mut series = vec![Series::line("MC dropout, 95 % of resamples", BLUE, points)];
        if let Some(now) = now {
            series.push(Series::vertical(format!("in use: p = {now}"), GREY, f64::from(now)));
        }
        if let Some((p, value)) = best.and_then(|at| Some((at.dropout?, at.numbers[place].value.ok()?))) {
            let mark = Mark::Dots { shape: DotShape::Diamond, radius: 8.0, alpha: 1.0 };
            let dot = [Point::at(f64::from(p), value)];
            series.push(Series::dots(format!("least NLL: p = {p}"), ORANGE, dot).marked(mark));
        }
        let y = Axis::new(match curve.metric {
            Metric::Accuracy => "share right",
            Metric::Nll => "nats",
            Metric::ErrorAuroc(_) => "by predictive entropy",
            _ => "share",
        });
        Panel::Plot(Plot {
            heading: curve.metric.label().to_owned(),
            x: Axis::new("dropout rate p"),
            y: match curve.metric {
                Metric::Accuracy => y.in_percent(),
                metric if is_logarithmic(metric) => y.scaled(Scale::Log),
                _ => y,
            },
            series,
            ..Plot::default()
        })
    });
    let panels: Vec<Panel> = panels.collect();
    let rows = panels.chunks(2).map(<[Panel]>::to_vec).collect();
    let note = sentences(&view.found, view.found.at(now), "in use").join(" ");
    let title = "Quality against the dropout rate".to_owned();
    Taken::from(Chart { title, note, rows, footer: view.footer.clone() })
}

/// Labels against predictions.
#[must_use]
pub fn confusion(view: &QualityView) -> Taken {
    let matrix = Matrix {
        heading: "Confusion".to_owned(),
        axes: ["label".to_owned(), "prediction".to_owned()],
        rows: view.names.labels.names().to_vec(),
        columns: view.names.answers.names().to_vec(),
        counts: view
            .confusion
            .counts
            .iter()
            .map(|row| row.iter().map(|count| *count as u64).collect())
            .collect(),
    };
    page(view, "Confusion matrix, MC dropout", "", vec![Panel::Matrix(matrix)])
}

/// A row for each class.
#[must_use]
pub fn by_digit(view: &QualityView) -> Taken {
    let percent = |value: Option<f64>| {
        value.map_or_else(|| "–".into(), |v| Cell::number(format!("{:.2} %", v * 100.0), v))
    };
    let nats = |value: Option<f64>| value.map_or_else(|| "–".into(), |v| Cell::number(format!("{v:.4}"), v));
    let rows = (0..).zip(&view.digits).map(|(digit, row)| {
        vec![
            view.names.labels.name(digit).into(),
            Cell::number(wording::thousands(row.images as u64), row.images as f64),
            percent(row.recall),
            percent(row.precision),
            nats(row.nll),
            nats(row.entropy),
        ]
    });
    let class = if view.names.labels.are_digits() { "digit" } else { "class" };
    let columns = names([class, "images", "recall", "precision", "NLL (nats)", "entropy (nats)"]);
    let table = Table { heading: format!("By {class}"), columns, rows: rows.collect() };
    page(view, format!("By {class}, MC dropout"), "", vec![Panel::Table(table)])
}

/// What each measure detects of errors.
#[must_use]
pub fn error_detection(view: &QualityView) -> Taken {
    let rows = DETECTORS.map(|measure| {
        vec![
            measure.label().into(),
            cell(&view.numbers.estimate(PLAIN, Metric::ErrorAuroc(measure))),
            cell(&view.numbers.estimate(SAMPLED, Metric::ErrorAuroc(measure))),
            cell(&view.numbers.estimate(SAMPLED, Metric::Aurc(measure))),
        ]
    });
    let columns = names(["", "AUROC without dropout", "AUROC MC dropout", "AURC MC dropout"]);
    let table = Table { heading: "Errors detected".to_owned(), columns, rows: rows.into() };
    let note = "Brackets: 95 % of 1,000 resamples of the images.";
    page(view, "Errors detected by each measure", note, vec![Panel::Table(table)])
}

/// A page of what is said of foreign images.
fn foreign_page(view: &ForeignView, title: impl Into<String>, note: String, panel: Panel) -> Taken {
    let title = format!("{}: {}", view.set.name, title.into());
    let chart = Chart { title, note, rows: vec![vec![panel]], ..Chart::default() };
    Taken::from(chart).sampled(view.key.sampled)
}

/// Doubt of digits and of foreign images, and the threshold between them.
#[must_use]
pub fn doubt_of_foreign(view: &ForeignView, measure: Measure, threshold: f32) -> Taken {
    let detector = &view.detectors[QualityView::detector(measure)];
    let mut plot = doubt(measure, &detector.histogram, ["digits", "foreign"]);
    let named = format!("threshold {}", wording::short(threshold, 3));
    plot.series.push(Series::vertical(named, GREY, f64::from(threshold)));
    let title = format!("{} of digits and foreign images", measure.label().to_lowercase());
    foreign_page(view, title, String::new(), Panel::Plot(plot))
}

/// Foreign images refused against digits refused.
#[must_use]
pub fn roc(view: &ForeignView, measure: Measure, threshold: f32) -> Taken {
    let detector = &view.detectors[QualityView::detector(measure)];
    let at = detector.roc.at(threshold);
    let mark = Mark::Dots { shape: DotShape::Diamond, radius: 9.0, alpha: 1.0 };
    let here = [Point::at(at.false_positive, at.true_positive)];
    let plot = Plot {
        heading: "ROC".to_owned(),
        x: Axis::new("digits refused").between(0.0, 1.0).in_percent(),
        y: Axis::new("foreign images refused").between(0.0, 1.0).in_percent(),
        series: vec![
            Series::dashes("chance", GREY, [Point::at(0.0, 0.0), Point::at(1.0, 1.0)]),
            Series::line(measure.label(), BLUE, detector.curve.iter().map(|[x, y]| Point::at(*x, *y))),
            Series::dots(format!("threshold {}", wording::short(threshold, 3)), ORANGE, here).marked(mark),
        ],
        ..Plot::default()
    };
    let area = view.reports[1].area(measure).map_or_else(String::new, |area| cell(&area).text);
    let title = format!("ROC of {}", measure.label().to_lowercase());
    foreign_page(view, title, format!("AUROC, MC dropout: {area}."), Panel::Plot(plot))
}

/// What each measure detects of foreign images.
#[must_use]
pub fn foreign_detection(view: &ForeignView) -> Taken {
    let rows = DETECTORS.into_iter().enumerate().map(|(at, measure)| {
        let share = view.reports[1].false_positives_at_95[at];
        vec![
            measure.label().into(),
            cell(&view.reports[0].areas[at]),
            cell(&view.reports[1].areas[at]),
            share.map_or_else(|| "–".into(), |v| Cell::number(format!("{:.1} %", v * 100.0), v)),
        ]
    });
    let columns =
        names(["", "AUROC without dropout", "AUROC MC dropout", "digits refused with 95 % of them"]);
    let table = Table { heading: "Foreign images detected".to_owned(), columns, rows: rows.collect() };
    let note = "Brackets: 95 % of 1,000 resamples of the images.".to_owned();
    foreign_page(view, "detected by each measure", note, Panel::Table(table))
}
