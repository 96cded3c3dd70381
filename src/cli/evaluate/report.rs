//! The numbers of `dubito evaluate`, as a table and as JSON.

use std::io::{self, Write};

use clap::ValueEnum;
use serde_json::{Value as Json, json};

use crate::data::{Class, Classes};
use crate::export::contact_sheet::Provenance;
use crate::sampling::{DropoutAt, SweepConfig};
use crate::uncertainty::Measure;
use crate::uncertainty::quality::{
    AnswerChange, AtPasses, Bootstrap, ClassRow, DETECTORS, Estimate, Metric, OutsideReport, Resampling,
};

use crate::wording;

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum EvaluationFormat {
    /// For people
    Table,
    /// For programs
    Json,
}

/// All that is printed.
pub(super) struct EvaluationReport {
    pub(super) provenance: Provenance,
    pub(super) images: usize,
    pub(super) resampling: Resampling,
    /// Without dropout, MC dropout, and MC dropout of another network if there is one.
    pub(super) numbers: Bootstrap,
    /// The run compared with.
    pub(super) other: Option<OtherReport>,
    pub(super) passes: Vec<AtPasses>,
    pub(super) digits: Vec<ClassRow>,
    /// What the classes are called.
    pub(super) classes: Classes,
    pub(super) outside: Option<OutsideReports>,
}

/// The run compared with.
pub(super) struct OtherReport {
    /// Short hash of its network.
    pub(super) model: String,
    pub(super) dropout: DropoutAt,
    pub(super) config: SweepConfig,
    /// Images whose entropy changed most, from this run to the other, with their labels.
    pub(super) changes: Vec<(AnswerChange, Class)>,
}

/// How foreign images are told apart.
pub(super) struct OutsideReports {
    pub(super) name: String,
    pub(super) notes: Vec<String>,
    pub(super) plain: OutsideReport,
    pub(super) sampled: OutsideReport,
    /// Foreign images that MC dropout takes for a digit with a confidence above 0.99.
    pub(super) confident: usize,
}

const PLAIN: usize = 0;
const SAMPLED: usize = 1;
const OTHER: usize = 2;

impl EvaluationReport {
    fn runs(&self) -> Vec<(usize, &'static str)> {
        let mut runs = vec![(PLAIN, "without dropout"), (SAMPLED, "MC dropout")];
        if self.other.is_some() {
            runs.push((OTHER, "other run"));
        }
        runs
    }

    /// For people.
    pub(super) fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let (from, config) = (&self.provenance, self.provenance.config);
        writeln!(
            out,
            "{} images ({}) · network {} · T = {}, {}, seed {}, {} masks",
            self.images,
            from.data,
            from.model,
            config.passes,
            from.sites
                .as_ref()
                .map_or_else(|| format!("p = {}", config.dropout), |sites| format!("dropout {sites}")),
            config.seed,
            config.masks.name(),
        )?;
        match self.resampling.resamples {
            0 => writeln!(out, "Without intervals.")?,
            n => writeln!(out, "[95 % intervals from {n} resamples of the images; differences are paired]")?,
        }
        if let Some(other) = &self.other {
            writeln!(
                out,
                "Other run: network {} · dropout {} · T = {}, p = {}, seed {}",
                other.model,
                other.dropout.describe(),
                other.config.passes,
                other.config.dropout,
                other.config.seed
            )?;
        }
        let mut rows = vec![vec![String::new()]];
        rows[0].extend(self.runs().iter().map(|(_, name)| (*name).to_owned()));
        rows[0].push("MC − without".to_owned());
        if self.other.is_some() {
            rows[0].push("other − MC".to_owned());
        }
        for metric in Metric::SHORT {
            let mut row = vec![named(metric)];
            row.extend(self.runs().iter().map(|(run, _)| estimate(self.numbers.estimate(*run, metric))));
            row.push(difference(self.numbers.difference(SAMPLED, PLAIN, metric)));
            if self.other.is_some() {
                row.push(difference(self.numbers.difference(OTHER, SAMPLED, metric)));
            }
            rows.push(row);
        }
        aligned(out, "", &rows)?;

        let mut rows = vec![
            ["", "AUROC without dropout", "AUROC MC dropout", "AURC MC dropout"].map(str::to_owned).to_vec(),
        ];
        for measure in DETECTORS {
            let number = |run, metric| estimate(self.numbers.estimate(run, metric));
            rows.push(vec![
                measure.name().to_owned(),
                number(PLAIN, Metric::ErrorAuroc(measure)),
                number(SAMPLED, Metric::ErrorAuroc(measure)),
                number(SAMPLED, Metric::Aurc(measure)),
            ]);
        }
        aligned(out, "Errors detected by", &rows)?;

        let mut rows = vec![["T", "error", "NLL", "ECE"].map(str::to_owned).to_vec()];
        for point in self.passes.iter().filter(|point| shown(point.passes, self.passes.len())) {
            rows.push(vec![
                point.passes.to_string(),
                number(point.error),
                number(point.nll),
                number(point.ece),
            ]);
        }
        let plain = |metric| self.numbers.estimate(PLAIN, metric).value.unwrap_or(f64::NAN);
        rows.push(vec![
            "without dropout".to_owned(),
            number(1.0 - plain(Metric::Accuracy)),
            number(plain(Metric::Nll)),
            number(plain(Metric::Ece)),
        ]);
        aligned(out, "Against the number of passes", &rows)?;

        let (one, title) = if self.classes.are_digits() {
            ("digit", "By digit, MC dropout")
        } else {
            ("class", "By class, MC dropout")
        };
        let mut rows =
            vec![[one, "images", "recall", "precision", "NLL", "entropy"].map(str::to_owned).to_vec()];
        let share = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), number);
        for (digit, row) in self.digits.iter().enumerate() {
            rows.push(vec![
                self.classes.name(digit as Class).to_owned(),
                row.images.to_string(),
                share(row.recall),
                share(row.precision),
                share(row.nll),
                share(row.entropy),
            ]);
        }
        aligned(out, title, &rows)?;

        if let Some(other) = &self.other {
            other.table(out)?;
        }
        self.outside.as_ref().map_or(Ok(()), |outside| outside.table(out, self.classes.are_digits()))
    }

    /// For programs.
    pub(super) fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let from = &self.provenance;
        let run = |run: usize| -> Json {
            let mut numbers = serde_json::Map::new();
            for metric in Metric::SHORT.iter().take(4) {
                numbers.insert(metric.name().to_owned(), json_estimate(self.numbers.estimate(run, *metric)));
            }
            numbers.insert(
                "error_auroc".to_owned(),
                by_measure(|m| self.numbers.estimate(run, Metric::ErrorAuroc(m))),
            );
            numbers.insert("aurc".to_owned(), by_measure(|m| self.numbers.estimate(run, Metric::Aurc(m))));
            Json::Object(numbers)
        };
        let minus = |of, minus| -> Json {
            let numbers = Metric::SHORT.iter().map(|metric| {
                (metric.name().to_owned(), json_estimate(self.numbers.difference(of, minus, *metric)))
            });
            Json::Object(numbers.collect())
        };
        let mut report = json!({
            "data": from.data,
            "images": self.images,
            "model": from.model,
            "passes": from.config.passes,
            "dropout": from.config.dropout,
            "seed": from.config.seed,
            "masks": from.config.masks.name(),
            "resamples": self.resampling.resamples,
            "deterministic": run(PLAIN),
            "mc_dropout": run(SAMPLED),
            "mc_dropout_minus_deterministic": minus(SAMPLED, PLAIN),
            "against_passes": self.passes.iter().map(|point| json!({
                "passes": point.passes,
                "error": json_number(point.error),
                "nll": json_number(point.nll),
                "ece15": json_number(point.ece),
            })).collect::<Vec<_>>(),
            "digits": self.digits.iter().enumerate().map(|(digit, row)| {
                let mut row = json!({
                    "digit": digit,
                    "images": row.images,
                    "recall": row.recall,
                    "precision": row.precision,
                    "nll": row.nll.map(json_number),
                    "entropy": row.entropy,
                });
                // A digit is its own name.
                if !self.classes.are_digits() {
                    row["name"] = self.classes.name(digit as Class).into();
                }
                row
            }).collect::<Vec<_>>(),
        });
        if let Some(other) = &self.other {
            report["other"] = json!({
                "model": other.model,
                "placement": other.dropout.placement(),
                "passes": other.config.passes,
                "dropout": other.config.dropout,
                "seed": other.config.seed,
                "changed_most": other.json(),
                "mc_dropout": run(OTHER),
                "minus_mc_dropout": minus(OTHER, SAMPLED),
            });
        }
        if let Some(sites) = &from.sites {
            report["sites"] = sites.as_str().into();
        }
        if let Some(outside) = &self.outside {
            let areas = |report: &OutsideReport| {
                by_measure(|measure| {
                    let place = DETECTORS.iter().position(|detector| *detector == measure).unwrap_or(0);
                    report.areas[place]
                })
            };
            report["ood"] = json!({
                "name": outside.name,
                "notes": outside.notes,
                "images": outside.sampled.outside,
                "auroc": { "deterministic": areas(&outside.plain), "mc_dropout": areas(&outside.sampled) },
                "confident": outside.confident,
            });
        }
        serde_json::to_writer_pretty(&mut *out, &report)?;
        writeln!(out)
    }
}

impl OutsideReports {
    fn table(&self, out: &mut dyn Write, are_digits: bool) -> io::Result<()> {
        let (refused, taken) = if are_digits {
            ("digits refused with 95 % of them", "a digit")
        } else {
            ("own images refused with 95 % of them", "one of the classes")
        };
        let mut rows =
            vec![["", "AUROC without dropout", "AUROC MC dropout", refused].map(str::to_owned).to_vec()];
        for (at, measure) in DETECTORS.into_iter().enumerate() {
            rows.push(vec![
                measure.name().to_owned(),
                estimate(self.plain.areas[at]),
                estimate(self.sampled.areas[at]),
                self.sampled.false_positives_at_95[at]
                    .map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0)),
            ]);
        }
        let count = self.sampled.outside;
        aligned(out, &format!("{count} foreign images ({}) detected by", self.name), &rows)?;
        writeln!(
            out,
            "{} of the {count} foreign images are taken for {taken} with a confidence above 0.99.",
            self.confident
        )
    }
}

impl OtherReport {
    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let head =
            ["image", "label", "prediction", "entropy (nats)", "other's", "entropy (nats)", "other − MC"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        for (change, label) in &self.changes {
            let pair = |[value, error]: [f32; 2]| wording::with_error(value, Some(error));
            let sign = if change.change[0] > 0.0 { "+" } else { "" };
            rows.push(vec![
                change.index.to_string(),
                label.to_string(),
                change.predictions[0].to_string(),
                pair(change.before),
                change.predictions[1].to_string(),
                pair(change.after),
                format!("{sign}{}", pair(change.change)),
            ]);
        }
        aligned(out, "Entropy changed most (± standard error; differences are paired pass by pass)", &rows)
    }

    fn json(&self) -> Json {
        let pair = |[value, error]: [f32; 2]| {
            json!({
                "value": json_number(f64::from(value)),
                "standard_error": if error.is_finite() { json!(f64::from(error)) } else { Json::Null },
            })
        };
        let rows = self.changes.iter().map(|(change, label)| {
            json!({
                "index": change.index,
                "label": label,
                "prediction": change.predictions[0],
                "other_prediction": change.predictions[1],
                "entropy": pair(change.before),
                "other_entropy": pair(change.after),
                "other_minus_this": pair(change.change),
            })
        });
        Json::Array(rows.collect())
    }
}

pub(super) fn named(metric: Metric) -> String {
    let text = metric.label();
    match metric {
        Metric::Nll => format!("{text} (nats)"),
        Metric::ErrorAuroc(measure) | Metric::Aurc(measure) => {
            format!("{text}, {}", measure.label().to_lowercase())
        }
        _ => text.to_owned(),
    }
}

/// A number to four places, small ones to three that matter.
fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 0.001 { format!("{value:.2e}") } else { format!("{value:.4}") }
}

pub(super) fn estimate(estimate: Estimate) -> String {
    match (estimate.value, estimate.interval) {
        (Ok(value), Some([low, high])) => format!("{} [{}, {}]", number(value), number(low), number(high)),
        (Ok(value), None) => number(value),
        (Err(undefined), _) => undefined.to_string(),
    }
}

pub(super) fn difference(estimate: Estimate) -> String {
    let signed = |value: f64| if value > 0.0 { format!("+{}", number(value)) } else { number(value) };
    match (estimate.value, estimate.interval) {
        (Ok(value), Some([low, high])) => format!("{} [{}, {}]", signed(value), signed(low), signed(high)),
        (Ok(value), None) => signed(value),
        (Err(_), _) => "–".to_owned(),
    }
}

/// Which numbers of passes are printed.
fn shown(passes: usize, all: usize) -> bool {
    passes == all || [1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].contains(&passes)
}

/// Columns: the first to the left, the others to the right.
pub(super) fn aligned(out: &mut dyn Write, title: &str, rows: &[Vec<String>]) -> io::Result<()> {
    writeln!(out)?;
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    widths[0] = widths[0].max(title.chars().count());
    for (place, row) in rows.iter().enumerate() {
        let first = if place == 0 && row[0].is_empty() { title } else { &row[0] };
        if place == 0 && !row[0].is_empty() {
            writeln!(out, "{title}")?;
        }
        write!(out, "{first:<0$}", widths[0])?;
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            write!(out, "  {cell:>width$}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// JSON has no infinity: it becomes text.
fn json_number(value: f64) -> Json {
    if value.is_finite() { json!(value) } else { json!(value.to_string()) }
}

pub(super) fn json_estimate(estimate: Estimate) -> Json {
    match estimate.value {
        Ok(value) => json!({
            "value": json_number(value),
            "interval": estimate.interval.map(|ends| ends.map(json_number)),
        }),
        Err(undefined) => json!({ "value": null, "undefined": undefined }),
    }
}

fn by_measure(estimate: impl Fn(Measure) -> Estimate) -> Json {
    Json::Object(
        DETECTORS
            .map(|measure| (measure.name().to_owned(), json_estimate(estimate(measure))))
            .into_iter()
            .collect(),
    )
}
