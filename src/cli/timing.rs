//! Times several variants of a piece of work in turn, so that a machine that slows down or speeds up meanwhile does so
//! for all of them; figures are medians with least and most, ratios are taken round by round.

use std::io::{self, Write};
use std::time::Instant;

use super::Failure;

/// Rounds: an odd number, so that the median is one of them.
const ROUNDS: usize = 3;

/// A piece of work to be timed.
pub(super) struct Variant<'a> {
    /// What it is, for people and scripts.
    pub(super) name: String,
    /// What it does so much of in a second.
    pub(super) unit: &'static str,
    /// How much of that one run does.
    pub(super) amount: f64,
    /// One run.
    pub(super) run: Box<dyn FnMut() -> Result<(), Failure> + 'a>,
}

/// A figure of one variant.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Measurement {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) median: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    /// Round by round.
    #[serde(skip)]
    rounds: Vec<f64>,
}

/// How many times faster one variant is than another.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Comparison {
    pub(super) fast: String,
    pub(super) slow: String,
    /// Median over the rounds.
    pub(super) ratio: f64,
}

/// Amounts per second of every variant, each run once to warm up and then once in every round.
pub(super) fn measure(
    variants: &mut [Variant],
    mut between: impl FnMut(usize, usize, &str),
) -> Result<Vec<Measurement>, Failure> {
    let runs = variants.len() * (ROUNDS + 1);
    let mut rates = vec![Vec::with_capacity(ROUNDS); variants.len()];
    let mut done = 0;
    for round in 0..=ROUNDS {
        for (variant, rates) in variants.iter_mut().zip(&mut rates) {
            between(done, runs, &variant.name);
            let started = Instant::now();
            (variant.run)()?;
            let seconds = started.elapsed().as_secs_f64().max(1e-9);
            if round > 0 {
                rates.push(variant.amount / seconds);
            }
            done += 1;
        }
    }
    let summary = |(variant, rounds): (&Variant, Vec<f64>)| {
        let mut sorted = rounds.clone();
        sorted.sort_by(f64::total_cmp);
        Measurement {
            name: variant.name.clone(),
            unit: format!("{}/s", variant.unit),
            median: middle(&sorted),
            min: sorted.first().copied().unwrap_or(f64::NAN),
            max: sorted.last().copied().unwrap_or(f64::NAN),
            rounds,
        }
    };
    Ok(variants.iter().zip(rates).map(summary).collect())
}

/// Writes figures in columns.
pub(super) fn write_measurements(writer: &mut dyn Write, measurements: &[Measurement]) -> io::Result<()> {
    let width = measurements.iter().map(|found| found.name.chars().count()).max().unwrap_or(0);
    for Measurement { name, unit, median, min, max, .. } in measurements {
        writeln!(writer, "{name:width$}  {median:>10.0} {unit} ({min:.0}–{max:.0})")?;
    }
    Ok(())
}

/// The ratio of two measurements of one run.
pub(super) fn ratio(fast: &Measurement, slow: &Measurement) -> Comparison {
    let mut ratios: Vec<f64> = fast.rounds.iter().zip(&slow.rounds).map(|(fast, slow)| fast / slow).collect();
    ratios.sort_by(f64::total_cmp);
    Comparison { fast: fast.name.clone(), slow: slow.name.clone(), ratio: middle(&ratios) }
}

fn middle(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    #[test]
    fn rates_and_ratios_follow_from_the_time_a_run_takes() {
        let sleeper = |name: &str, milliseconds| Variant {
            name: name.to_string(),
            unit: "naps",
            amount: 2.0,
            run: Box::new(move || {
                sleep(Duration::from_millis(milliseconds));
                Ok(())
            }),
        };
        let mut order = Vec::new();
        let measured = measure(&mut [sleeper("short", 10), sleeper("long", 40)], |_, _, name| {
            order.push(name.to_string());
        })
        .unwrap();
        assert_eq!(order.len(), 2 * (ROUNDS + 1));
        assert!(order.chunks(2).all(|pair| pair == ["short", "long"]), "they take turns");
        for measurement in &measured {
            assert!(measurement.min <= measurement.median && measurement.median <= measurement.max);
        }
        // Two naps in at least 10 ms; sleeping longer than asked only lowers the rate.
        assert!(measured[0].max <= 200.0 && measured[0].unit == "naps/s");
        let ratio = ratio(&measured[0], &measured[1]);
        assert!(ratio.ratio > 1.2, "{ratio:?}");
        assert_eq!((ratio.fast.as_str(), ratio.slow.as_str()), ("short", "long"));
    }
}
