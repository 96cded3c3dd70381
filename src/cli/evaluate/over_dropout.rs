//! `dubito evaluate --over-dropout`: quality at several dropout rates, and the rate of least NLL.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value as Json, json};

use super::report::{EvaluationFormat, aligned, difference, estimate, json_estimate, named};
use crate::cli::Failure;
use crate::cli::bars::{Bar, Unit};
use crate::cli::options::{self, Input, Sampling};
use crate::cli::steps::{asked_network, call_as, check, images, print};
use crate::model::AnyModel;
use crate::progress::Progress;
use crate::sampling::{Network, SweepConfig};
use crate::shown::over_dropout::{ADVICE, sentences};
use crate::uncertainty::quality::Resampling;
use crate::uncertainty::quality::over_dropout::{AtRate, OVER, OverDropout, OverRates, Stage, over_dropout};
use crate::wording::{count, thousands};

/// Whether rates are tried, and on how many images.
#[derive(Clone, Debug, Args)]
pub(super) struct Rates {
    /// Try several dropout rates on these images, from none to 0.9, and say which has the least NLL
    #[arg(
        long,
        conflicts_with_all = [
            "dropout", "ood", "strength", "against", "against_dropout", "against_placement", "against_seed", "changed",
        ]
    )]
    over_dropout: bool,
    /// How many images the rates are tried on, each class in its share [default: all]
    #[arg(long, value_name = "N", requires = "over_dropout", value_parser = options::count)]
    images: Option<usize>,
}

impl Rates {
    pub(super) fn asked(&self) -> bool {
        self.over_dropout
    }

    pub(super) fn run(
        &self,
        input: &Input,
        sampling: Sampling,
        resampling: Resampling,
        format: EvaluationFormat,
    ) -> Result<(), Failure> {
        let model = asked_network(&input.network, sampling)?;
        let loaded = images(&input.images, &input.split, model.image())?;
        let data = loaded.provenance(input.split.split);
        let model = call_as(model, loaded.about.own_names.as_ref(), loaded.digits.classes());
        let names = loaded.digits.names(model.classes());
        if !names.agree() {
            return Err(Failure::OtherClasses { answers: names.answers, labels: names.labels });
        }
        check(&model, &loaded.digits)?;
        let labelled = loaded.digits.labelled().len();
        if labelled == 0 {
            return Err(Failure::Unlabelled { data });
        }
        let own = model.has_own_rates();
        let as_trained = own.then(|| Network::of_model(&model)).transpose()?.map(Arc::new);
        let config = sampling.config(model.dropout());
        let network = Arc::new(Network::of_model(&model.clone().at_common_rate())?);
        let chosen = self.images.map(|most| loaded.digits.some(most, config.seed));
        let digits = chosen.as_ref().unwrap_or(&loaded.digits);
        let as_trained = as_trained.as_ref();
        let asked = OverRates { network: &network, as_trained, digits, config, resampling };
        let mut bars = Bars::default();
        let found = over_dropout(asked, &mut |stage, at| bars.show(stage, at))?.ok_or(Failure::Stopped)?;
        drop(bars);
        let report = Report { data, labelled, model: &model, config, resampling, own, found: &found };
        print(|writer| match format {
            EvaluationFormat::Table => report.table(writer),
            EvaluationFormat::Json => report.json(writer),
        })
    }
}

/// A bar for the stage under way.
#[derive(Default)]
struct Bars(Option<(Stage, Bar)>);

impl Bars {
    fn show(&mut self, stage: Stage, at: Progress) -> ControlFlow<()> {
        if self.0.as_ref().is_none_or(|(shown, _)| *shown != stage) {
            // The old one leaves the screen before the new one comes.
            self.0 = None;
            let (name, things) = match stage {
                Stage::Plain => ("Without dropout", "images"),
                Stage::Features => ("Computing features", "images"),
                Stage::Passes => ("Drawing passes at each rate", "image·passes"),
                Stage::Intervals => ("Resampling", "resamples"),
            };
            self.0 = Some((stage, Bar::new(name, Unit::Things(things))));
        }
        self.0.as_ref().map_or(ControlFlow::Continue(()), |(_, bar)| bar.show(at))
    }
}

/// What is printed.
struct Report<'a> {
    data: String,
    /// Labelled images there are.
    labelled: usize,
    model: &'a AnyModel,
    config: SweepConfig,
    resampling: Resampling,
    /// Whether the network has a rate of its own at each site.
    own: bool,
    found: &'a OverDropout,
}

impl Report<'_> {
    /// The rate in use without `--dropout`; `None` where each site has its own.
    fn now(&self) -> Option<f32> {
        (!self.own).then_some(self.config.dropout)
    }

    fn rows(&self) -> impl Iterator<Item = &AtRate> {
        self.found.rates.iter().chain(&self.found.as_trained)
    }

    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let (found, config) = (self.found, self.config);
        let of = if found.images < self.labelled {
            format!("{} of {}", thousands(found.images as u64), count(self.labelled, "image"))
        } else {
            count(found.images, "image")
        };
        writeln!(
            out,
            "{of} ({}) · network {} · T = {}, seed {}",
            self.data,
            self.model.named(),
            config.passes,
            config.seed
        )?;
        if self.own {
            writeln!(
                out,
                "Each p is one rate for all sites; at the rates of the file, dropout acts {}.",
                self.sites()
            )?;
        }
        match self.resampling.resamples {
            0 => writeln!(out, "Without intervals.")?,
            n => writeln!(out, "[95 % intervals from {n} resamples of the images; differences are paired]")?,
        }
        let mut head = vec!["p".to_owned()];
        head.extend(OVER.map(named));
        head.push("NLL − least".to_owned());
        let mut rows = vec![head];
        rows.extend(self.rows().map(|at| {
            let mut row = vec![self.named(at)];
            row.extend(at.numbers.map(estimate));
            row.push(at.above_least.map_or_else(|| "–".to_owned(), difference));
            row
        }));
        aligned(out, "Against the dropout rate", &rows)?;
        writeln!(out)?;
        for sentence in sentences(found, found.at(self.now()), "the network's own") {
            writeln!(out, "{sentence}")?;
        }
        writeln!(out, "{ADVICE}")
    }

    /// `0.5 (its own)`.
    fn named(&self, at: &AtRate) -> String {
        match at.dropout {
            None => "as in the file".to_owned(),
            Some(0.0) => "0 (none)".to_owned(),
            Some(rate) if self.now() == Some(rate) => format!("{rate} (its own)"),
            Some(rate) => rate.to_string(),
        }
    }

    fn sites(&self) -> String {
        self.model.sites(self.config.dropout).unwrap_or_default()
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let row = |at: &AtRate| -> Json {
            let mut row = serde_json::Map::new();
            if let Some(rate) = at.dropout {
                row.insert("dropout".to_owned(), decimal(rate));
            }
            for (metric, estimate) in OVER.iter().zip(at.numbers) {
                row.insert(metric.name().to_owned(), json_estimate(estimate));
            }
            row.insert("nll_minus_least".to_owned(), at.above_least.map_or(Json::Null, json_estimate));
            Json::Object(row)
        };
        let found = self.found;
        let mut report = json!({
            "data": self.data,
            "images": found.images,
            "images_of_split": self.labelled,
            "model": self.model.named(),
            "passes": self.config.passes,
            "seed": self.config.seed,
            "resamples": self.resampling.resamples,
            "dropout": self.now().map(decimal),
            "over_dropout": found.rates.iter().map(row).collect::<Vec<_>>(),
            "least_nll": found.best().map(|best| json!({
                "dropout": best.dropout.map(decimal),
                "not_told_apart": found.alike().into_iter().map(decimal).collect::<Vec<_>>(),
            })),
        });
        if let Some(as_trained) = &found.as_trained {
            report["sites"] = self.sites().into();
            report["as_trained"] = row(as_trained);
        }
        serde_json::to_writer_pretty(&mut *out, &report)?;
        writeln!(out)
    }
}

/// The rate as it is written: 0.1 is a little more in single precision.
fn decimal(rate: f32) -> Json {
    rate.to_string().parse::<f64>().map_or_else(|_| rate.into(), Json::from)
}
