//! The words of the quality view's tables: made once with the numbers, so that nothing is sorted or spelled out while it
//! is drawn.

use crate::uncertainty::Measure;
use crate::uncertainty::quality::{
    AtPasses, Bootstrap, ClassRow, DETECTORS, Estimate, Metric, OutsideReport,
};
use crate::wording::{self, number};

/// Place of the network without dropout among the runs that are compared.
pub const PLAIN: usize = 0;
/// MC dropout.
pub const SAMPLED: usize = 1;
/// The run kept for comparison.
pub const KEPT: usize = 2;

/// A number with its interval, in words.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberText {
    /// The number, or why there is none.
    pub value: Result<String, String>,
    /// Where 95 % of its resamples lie, in brackets.
    pub interval: Option<String>,
}

impl From<Estimate> for NumberText {
    fn from(estimate: Estimate) -> Self {
        Self {
            value: estimate.value.map(number).map_err(|undefined| undefined.to_string()),
            interval: estimate.interval.map(|ends| brackets(ends, number)),
        }
    }
}

/// What a difference means, as far as other images would have shown the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is better.
    Better,
    /// It is worse.
    Worse,
    /// Other images might have shown the opposite.
    Open,
}

/// A difference of two numbers in words.
#[derive(Clone, Debug, PartialEq)]
pub struct DifferenceText {
    /// The difference with its sign; `None` where one of the two does not exist.
    pub value: Option<String>,
    /// Where 95 % of its resamples lie, in brackets.
    pub interval: Option<String>,
    /// What it means.
    pub verdict: Verdict,
}

impl DifferenceText {
    fn new(metric: Metric, estimate: Estimate) -> Self {
        let value = estimate.value.ok();
        // One notation for the difference and its interval: that of the largest of them.
        let all = value.into_iter().chain(estimate.interval.into_iter().flatten());
        let largest =
            all.filter(|number| number.is_finite()).fold(0.0_f64, |most, number| most.max(number.abs()));
        let signed = |value: f64| {
            let text = if value == 0.0 {
                "0".to_owned()
            } else if value.is_infinite() {
                format!("{value:+}")
            } else if largest > 0.0 && largest < 0.001 {
                format!("{value:+.2e}")
            } else {
                format!("{value:+.4}")
            };
            text.replace('-', "−")
        };
        let verdict = match (value, estimate.interval) {
            (Some(value), Some([low, high])) if low > 0.0 || high < 0.0 => {
                if (value > 0.0) == metric.higher_is_better() { Verdict::Better } else { Verdict::Worse }
            }
            _ => Verdict::Open,
        };
        Self {
            value: value.map(signed),
            interval: estimate.interval.map(|ends| brackets(ends, signed)),
            verdict,
        }
    }
}

/// A row of the runs side by side.
#[derive(Clone, Debug)]
pub struct MetricRow {
    /// Which number.
    pub metric: Metric,
    /// Without dropout.
    pub plain: NumberText,
    /// With MC dropout.
    pub sampled: NumberText,
    /// The second less the first.
    pub difference: DifferenceText,
    /// The run kept, and MC dropout less it.
    pub kept: Option<(NumberText, DifferenceText)>,
}

/// How well a measure detects errors: its areas without dropout and with it, and the area under risk and coverage.
#[derive(Clone, Debug)]
pub struct DetectorTexts {
    /// The measure.
    pub measure: Measure,
    /// The three numbers.
    pub numbers: [NumberText; 3],
}

/// The tables of the quality view.
#[derive(Clone, Debug)]
pub struct QualityTables {
    /// The runs side by side.
    pub numbers: Vec<MetricRow>,
    /// What each measure detects.
    pub detectors: Vec<DetectorTexts>,
    /// For each class: images, recall, precision, NLL, entropy.
    pub digits: Vec<[String; 5]>,
    /// Error, NLL and ECE of all passes and without dropout; `None` without images.
    pub passes: Option<String>,
}

impl QualityTables {
    /// The words of these numbers; `compared` when a kept run is among them.
    #[must_use]
    pub fn new(
        numbers: &Bootstrap,
        digits: &[ClassRow],
        passes: &[AtPasses],
        plain: [Option<f64>; 3],
        compared: bool,
    ) -> Self {
        let text = |run, metric| NumberText::from(numbers.estimate(run, metric));
        let less = |minus, metric| DifferenceText::new(metric, numbers.difference(SAMPLED, minus, metric));
        let row = |metric| MetricRow {
            metric,
            plain: text(PLAIN, metric),
            sampled: text(SAMPLED, metric),
            difference: less(PLAIN, metric),
            kept: compared.then(|| (text(KEPT, metric), less(KEPT, metric))),
        };
        let detector = |measure| DetectorTexts {
            measure,
            numbers: [
                text(PLAIN, Metric::ErrorAuroc(measure)),
                text(SAMPLED, Metric::ErrorAuroc(measure)),
                text(SAMPLED, Metric::Aurc(measure)),
            ],
        };
        Self {
            numbers: Metric::SHORT.into_iter().map(row).collect(),
            detectors: DETECTORS.into_iter().map(detector).collect(),
            digits: digits.iter().map(digit).collect(),
            passes: passes.last().map(|last| at_all_passes(last, plain)),
        }
    }
}

/// A row of what each measure makes of foreign images: areas without dropout and with it, and the share of digits refused
/// with 95 % of them.
#[derive(Clone, Debug)]
pub struct ForeignTexts {
    /// The measure.
    pub measure: Measure,
    /// The two areas.
    pub areas: [NumberText; 2],
    /// The share.
    pub refused: String,
}

impl ForeignTexts {
    /// A row for each detector.
    #[must_use]
    pub fn of([plain, sampled]: &[OutsideReport; 2]) -> Vec<Self> {
        let areas = plain.areas.iter().zip(&sampled.areas).zip(&sampled.false_positives_at_95);
        let rows = DETECTORS.into_iter().zip(areas);
        rows.map(|(measure, ((plain, sampled), share))| Self {
            measure,
            areas: [NumberText::from(*plain), NumberText::from(*sampled)],
            refused: share.map_or_else(none, |share| format!("{:.1} %", share * 100.0)),
        })
        .collect()
    }
}

fn brackets([low, high]: [f64; 2], text: impl Fn(f64) -> String) -> String {
    format!("[{}, {}]", text(low), text(high))
}

fn none() -> String {
    "–".to_owned()
}

fn digit(row: &ClassRow) -> [String; 5] {
    let percent = |value: Option<f64>| value.map_or_else(none, |v| format!("{:.2} %", v * 100.0));
    let nats = |value: Option<f64>| value.map_or_else(none, |v| format!("{v:.4}"));
    [
        wording::thousands(row.images as u64),
        percent(row.recall),
        percent(row.precision),
        nats(row.nll),
        nats(row.entropy),
    ]
}

fn at_all_passes(last: &AtPasses, plain: [Option<f64>; 3]) -> String {
    let plain = plain.map(|value| value.map_or_else(none, number));
    format!(
        "At T = {}: error {}, NLL {}, ECE {}. Without dropout: {}, {}, {}.",
        last.passes,
        number(last.error),
        number(last.nll),
        number(last.ece),
        plain[0],
        plain[1],
        plain[2]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uncertainty::quality::Undefined;

    #[test]
    fn a_difference_is_better_or_worse_only_where_its_interval_leaves_out_zero() {
        let difference =
            |metric, value, interval| DifferenceText::new(metric, Estimate { value: Ok(value), interval });
        let accuracy = difference(Metric::Accuracy, 0.01, Some([0.002, 0.02]));
        assert_eq!((accuracy.value.as_deref(), accuracy.verdict), (Some("+0.0100"), Verdict::Better));
        assert_eq!(accuracy.interval.as_deref(), Some("[+0.0020, +0.0200]"));
        assert_eq!(difference(Metric::Nll, 0.01, Some([0.002, 0.02])).verdict, Verdict::Worse);
        assert_eq!(difference(Metric::Nll, -0.01, Some([-0.02, -0.002])).verdict, Verdict::Better);
        assert_eq!(difference(Metric::Nll, -0.01, Some([-0.02, 0.001])).verdict, Verdict::Open);
        assert_eq!(difference(Metric::Nll, -0.01, None).verdict, Verdict::Open);
        let missing = Estimate { value: Err(Undefined::NoImages), interval: None };
        assert_eq!(DifferenceText::new(Metric::Nll, missing).value, None);
        assert_eq!(NumberText::from(missing).value, Err(Undefined::NoImages.to_string()));
    }

    #[test]
    fn a_digit_without_images_has_no_numbers() {
        let row =
            ClassRow { images: 1_234, recall: Some(0.5), precision: None, nll: None, entropy: Some(0.25) };
        assert_eq!(digit(&row), ["1,234", "50.00 %", "–", "–", "0.2500"].map(str::to_owned));
    }
}
