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
        Self::written(estimate, Notation::of(&[estimate], 2))
    }
}

impl NumberText {
    fn written(estimate: Estimate, notation: Notation) -> Self {
        Self {
            value: estimate
                .value
                .map(|value| notation.write(value))
                .map_err(|undefined| undefined.to_string()),
            interval: estimate.interval.map(|ends| brackets(ends, |end| notation.write(end))),
        }
    }
}

/// How numbers that stand together are written, a number and its interval at least: all of them alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notation {
    /// With so many decimals.
    Decimals(usize),
    /// `4.00e-7`.
    Powers,
}

/// Decimals of numbers that are not small.
const DECIMALS: usize = 4;
/// Decimals at most; where all numbers would be zeros with so many, they are written with powers of ten.
const MOST_DECIMALS: usize = 6;

impl Notation {
    /// With as many decimals as leave `digits` that matter to the smallest of these numbers: to its value or, where that is
    /// smaller, to how far it is known.
    fn of(together: &[Estimate], digits: u8) -> Self {
        let size = |number: f64| Some(number.abs()).filter(|size| size.is_finite() && *size > 0.0);
        let values = together.iter().filter_map(|estimate| size(estimate.value.ok()?));
        let ends = together.iter().filter_map(|estimate| estimate.interval).flatten().filter_map(size);
        let largest = values.chain(ends).fold(0.0_f64, f64::max);
        let matters = together.iter().filter_map(|estimate| {
            let known = estimate.interval.map_or(0.0, |[low, high]| (high - low) / 2.0);
            size(estimate.value.ok()?.abs().max(known))
        });
        let smallest = matters.fold(f64::INFINITY, f64::min).min(largest);
        if smallest == 0.0 {
            return Self::Decimals(DECIMALS);
        }
        // The place after the point of a number's first digit that is not zero.
        let first = |size: f64| -size.log10().floor();
        if first(largest) >= MOST_DECIMALS as f64 {
            return Self::Powers;
        }
        let wanted = first(smallest) + f64::from(digits) - 1.0;
        Self::Decimals(wanted.clamp(DECIMALS as f64, MOST_DECIMALS as f64) as usize)
    }

    fn write(self, value: f64) -> String {
        match self {
            _ if value.is_infinite() => number(value),
            Self::Powers if value != 0.0 => format!("{value:.2e}"),
            Self::Powers => "0".to_owned(),
            Self::Decimals(decimals) => format!("{value:.decimals$}"),
        }
    }

    /// With its sign, also where that is a plus.
    fn write_signed(self, value: f64) -> String {
        let text = match self {
            _ if value == 0.0 => "0".to_owned(),
            _ if value.is_infinite() => format!("{value:+}"),
            Self::Powers => format!("{value:+.2e}"),
            Self::Decimals(decimals) => format!("{value:+.decimals$}"),
        };
        // What the decimals leave nothing of is neither more nor less.
        let is_nothing = !text.contains(|letter: char| matches!(letter, '1'..='9' | 'i'));
        if is_nothing { text.replace(['+', '-'], "") } else { text.replace('-', "−") }
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
    pub(super) fn new(metric: Metric, estimate: Estimate) -> Self {
        let value = estimate.value.ok();
        // One digit less than of the numbers themselves, which it stands beside.
        let notation = Notation::of(&[estimate], 1);
        let signed = |value: f64| notation.write_signed(value);
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
        // What is compared stands in one column, and is written alike.
        let column = |run, metric: fn(Measure) -> Metric| {
            let estimates = DETECTORS.map(|measure| numbers.estimate(run, metric(measure)));
            let notation = Notation::of(&estimates, 2);
            estimates.map(|estimate| NumberText::written(estimate, notation))
        };
        let columns = [
            column(PLAIN, Metric::ErrorAuroc),
            column(SAMPLED, Metric::ErrorAuroc),
            column(SAMPLED, Metric::Aurc),
        ];
        let detector = |(row, measure): (usize, Measure)| DetectorTexts {
            measure,
            numbers: columns.each_ref().map(|column| column[row].clone()),
        };
        Self {
            numbers: Metric::SHORT.into_iter().map(row).collect(),
            detectors: DETECTORS.into_iter().enumerate().map(detector).collect(),
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
    fn numbers_that_stand_together_are_written_alike() {
        let estimate = |value, interval| Estimate { value: Ok(value), interval };
        let written = |value, interval| {
            let NumberText { value, interval } = NumberText::from(estimate(value, interval));
            format!("{} {}", value.unwrap(), interval.unwrap_or_default())
        };
        assert_eq!(written(4e-4, Some([2.5e-4, 0.0011])), "0.00040 [0.00025, 0.00110]");
        assert_eq!(written(0.0312, Some([0.0004, 0.0411])), "0.0312 [0.0004, 0.0411]");
        assert_eq!(written(0.0, Some([0.0, 0.0])), "0.0000 [0.0000, 0.0000]");
        assert_eq!(written(3e-8, Some([0.0, 4e-8])), "3.00e-8 [0, 4.00e-8]");
        let difference = |value, interval| {
            let text = DifferenceText::new(Metric::Nll, estimate(value, interval));
            format!("{} {}", text.value.unwrap(), text.interval.unwrap())
        };
        assert_eq!(difference(-4e-4, Some([-6e-4, 0.0011])), "−0.0004 [−0.0006, +0.0011]");
        assert_eq!(difference(1e-7, Some([-2.4e-5, 2.6e-5])), "0.00000 [−0.00002, +0.00003]");
        assert_eq!(difference(-4e-6, Some([-6e-4, 1e-6])), "0.0000 [−0.0006, 0.0000]");
        // In a column by the smallest of all.
        let column = [estimate(0.0312, None), estimate(4e-4, None), estimate(f64::INFINITY, None)];
        let texts = column.map(|one| NumberText::written(one, Notation::of(&column, 2)).value.unwrap());
        assert_eq!(texts, ["0.03120", "0.00040", "infinite"]);
    }

    #[test]
    fn a_digit_without_images_has_no_numbers() {
        let row =
            ClassRow { images: 1_234, recall: Some(0.5), precision: None, nll: None, entropy: Some(0.25) };
        assert_eq!(digit(&row), ["1,234", "50.00 %", "–", "–", "0.2500"].map(str::to_owned));
    }
}
