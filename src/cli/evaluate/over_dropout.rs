//! `dubito evaluate --over-dropout`: the numbers at every rate, and the rate of least NLL.

use std::io::{self, Write};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::report::{aligned, estimate, json_estimate, named};
use super::{EvaluationFormat, Options};
use crate::cli::Failure;
use crate::cli::bars::{Bar, Unit};
use crate::cli::steps::{asked_network, call_as, check, images, print};
use crate::sampling::Network;
use crate::shown::over_dropout::{METRICS, OverDropout, RATES, over_dropout};
use crate::uncertainty::quality::Resampling;

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let model = asked_network(&options.input.network, options.sampling)?.at_common_rate();
    let loaded = images(&options.input.images, &options.input.split, model.image())?;
    let model = call_as(model, loaded.about.own_names.as_ref(), loaded.digits.classes());
    let names = loaded.digits.names(model.classes());
    if !names.agree() {
        return Err(Failure::OtherClasses { answers: names.answers, labels: names.labels });
    }
    let data = loaded.provenance(options.input.split.split);
    if loaded.digits.labelled().is_empty() {
        return Err(Failure::Unlabelled { data });
    }
    check(&model, &loaded.digits)?;
    let network = Arc::new(Network::of_model(&model)?);
    let resampling = Resampling { seed: options.sampling.seed, resamples: options.resamples };
    let sampled = (options.sampling.passes, options.sampling.seed);
    let bar = Bar::new("Measuring at every rate", Unit::Things("thousandths"));
    let found = over_dropout(&network, &loaded.digits, sampled, resampling, &mut |at| bar.show(at))?;
    drop(bar);
    let found = found.ok_or(Failure::Stopped)?;
    let heading = format!(
        "{} of {} labelled images ({data}) · network {} · T = {}, seed {}",
        found.images,
        found.of,
        model.named(),
        found.passes,
        found.seed
    );
    print(|writer| match options.format {
        EvaluationFormat::Table => table(writer, &heading, &found, resampling),
        EvaluationFormat::Json => {
            serde_json::to_writer_pretty(&mut *writer, &as_json(&found, &data, &model.named()))?;
            writeln!(writer)
        }
    })
}

fn table(
    writer: &mut dyn Write,
    heading: &str,
    found: &OverDropout,
    resampling: Resampling,
) -> io::Result<()> {
    writeln!(writer, "{heading}")?;
    match resampling.resamples {
        0 => writeln!(writer, "Without intervals.")?,
        n => writeln!(writer, "[95 % intervals from {n} resamples of the images]")?,
    }
    let mut rows = vec![vec![String::new()]];
    rows[0].extend(METRICS.map(named));
    for (at, rate) in RATES.into_iter().enumerate() {
        let mark = if at == found.best { " ←" } else { "" };
        let mut row = vec![format!("{rate:.2}{mark}")];
        row.extend(METRICS.map(|metric| estimate(found.estimate(at, metric))));
        rows.push(row);
    }
    aligned(writer, "p", &rows)?;
    writeln!(writer, "\n{}", found.told())?;
    writeln!(
        writer,
        "A rate chosen on these images looks better on them than it is: evaluate it on others (--split, --dropout)."
    )
}

fn as_json(found: &OverDropout, data: &str, network: &str) -> Json {
    let rates = RATES.into_iter().enumerate().map(|(at, rate)| {
        let numbers: serde_json::Map<String, Json> = METRICS
            .iter()
            .map(|metric| (metric.name().to_owned(), json_estimate(found.estimate(at, *metric))))
            .collect();
        json!({ "dropout": (f64::from(rate) * 100.0).round() / 100.0, "numbers": numbers })
    });
    json!({
        "data": data,
        "network": network,
        "images": found.images,
        "of": found.of,
        "passes": found.passes,
        "seed": found.seed,
        "rates": rates.collect::<Vec<_>>(),
        "least_nll": { "dropout": (f64::from(found.best_rate()) * 100.0).round() / 100.0, "against_none": json_estimate(found.gain()) },
    })
}
