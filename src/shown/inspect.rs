//! The inspector's picture of one image: of the dataset from the sweep's samples, of any other from its own.

use std::sync::Arc;

use crate::data::{Class, ClassNames, Digits, PerClass};
use crate::sampling::{NetworkKey, RunKey, Samples, SamplingError, Statistics, SweepConfig, sample_image};
use crate::uncertainty::explanation::{explain, sure};
use crate::uncertainty::{ByPass, Measures};

use super::opened::Asked;
use super::subject::{Origin, Subject};

/// Entropy and mutual information after the first T passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// T.
    pub passes: u32,
    /// Predictive entropy in nats: plug-in, bias-corrected, and its standard error.
    pub entropy: [f32; 3],
    /// Mutual information in nats: plug-in, bias-corrected, and its standard error.
    pub mutual_information: [f32; 3],
}

/// A quantity against T, as it is drawn: where its error is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CurveLines {
    /// T.
    pub passes: Vec<f64>,
    /// Bias-corrected, less and plus one standard error, in nats.
    pub band: [Vec<f64>; 2],
    /// T and the plug-in value.
    pub plain: Vec<[f64; 2]>,
    /// T and the bias-corrected value.
    pub corrected: Vec<[f64; 2]>,
}

impl CurveLines {
    fn new(curve: &[CurvePoint], value: impl Fn(&CurvePoint) -> [f32; 3]) -> Self {
        let mut lines = Self::default();
        for point in curve {
            let (passes, [plain, corrected, error]) = (f64::from(point.passes), value(point).map(f64::from));
            if error.is_finite() {
                lines.passes.push(passes);
                lines.band[0].push(corrected - error);
                lines.band[1].push(corrected + error);
                lines.plain.push([passes, plain]);
                lines.corrected.push([passes, corrected]);
            }
        }
        lines
    }
}

/// All the inspector shows of one image.
#[derive(Clone, Debug)]
pub struct InspectorView {
    /// The image.
    pub origin: Origin,
    /// The run its passes are of; `None` for an image that is not of the dataset.
    pub key: Option<RunKey>,
    /// [`Network::hash`](crate::sampling::Network::hash) of the network asked.
    pub network: NetworkKey,
    /// T, p and seed of what is shown.
    pub sampled: SweepConfig,
    /// What labels and answers are called.
    pub names: ClassNames,
    /// Measures at T.
    pub measures: Measures,
    /// Sampled probabilities, pass by pass: `[passes][classes]`.
    pub probabilities: Vec<PerClass<f32>>,
    /// What these passes say, one by one.
    pub by_pass: ByPass,
    /// Why it is uncertain, in words.
    pub reason: String,
    /// Entropy against T.
    pub curve: Vec<CurvePoint>,
    /// The same as it is drawn: predictive entropy, mutual information.
    pub lines: [CurveLines; 2],
}

impl InspectorView {
    /// What one pass says of the image, from 0, and how probable it finds that; `None` when it is not drawn.
    #[must_use]
    pub fn answer_of(&self, pass: usize) -> Option<(Class, f32)> {
        let probabilities = self.probabilities.get(pass)?;
        // The first of equals, as votes are counted.
        (0..)
            .zip(probabilities.iter().copied())
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

/// Which image to look at.
pub enum InspectJob {
    /// An image of the dataset, of which the sweep has drawn passes.
    Sampled {
        /// The dataset.
        digits: Arc<Digits>,
        /// What was sampled.
        samples: Samples,
        /// Dataset index.
        index: u32,
        /// Passes of the prefix.
        passes: usize,
    },
    /// Any other: its passes are drawn now, with the masks the dataset's images met.
    Alone {
        /// The image.
        subject: Subject,
        /// The network, T, p and seed.
        asked: Asked,
    },
}

/// Everything about one image at T.
///
/// # Errors
/// When an image of its own cannot be sampled.
pub fn inspect(job: InspectJob) -> Result<InspectorView, SamplingError> {
    match job {
        InspectJob::Sampled { digits, samples, index, passes } => {
            let key = samples.key_with(&digits)?;
            let (own, prefixes) = (samples.image(index as usize), samples.prefixes(index as usize));
            samples.check_readable()?;
            let passes = passes.min(prefixes.len());
            let sampled = samples.config(passes);
            let names = digits.names(samples.answers());
            Ok(view((Origin::Dataset(index), Some(key), key.pairing.network), names, sampled, own, &prefixes))
        }
        InspectJob::Alone { subject, asked } => {
            let network = asked.model.network()?;
            let one = sample_image(&network, subject.taken_by(&network)?.seen(), &asked.config)?;
            Ok(view(
                (subject.origin, None, network.key()),
                subject.names(network.answers()),
                asked.config,
                one.probabilities(),
                &one.prefixes(),
            ))
        }
    }
}

fn view(
    (origin, key, network): (Origin, Option<RunKey>, NetworkKey),
    names: ClassNames,
    sampled: SweepConfig,
    mut probabilities: Vec<PerClass<f32>>,
    prefixes: &[Statistics],
) -> InspectorView {
    probabilities.truncate(sampled.passes);
    let curve: Vec<CurvePoint> = prefixes
        .iter()
        .take(sampled.passes)
        .map(|statistics| {
            let first = &probabilities[..probabilities.len().min(statistics.passes as usize)];
            let measures = Measures::of_passes(statistics, first);
            CurvePoint {
                passes: measures.passes,
                entropy: [
                    measures.predictive_entropy,
                    measures.predictive_entropy_corrected,
                    measures.predictive_entropy_se,
                ],
                mutual_information: [
                    measures.mutual_information,
                    measures.mutual_information_corrected,
                    measures.mutual_information_se,
                ],
            }
        })
        .collect();
    let at = sampled.passes.min(prefixes.len()).saturating_sub(1);
    let measures = Measures::of_passes(&prefixes[at], &probabilities).with_passes(&probabilities);
    let by_pass = ByPass::new(&probabilities);
    let reason = explain(&measures, sure(&probabilities), sampled.dropout, &names.answers);
    let lines = [
        CurveLines::new(&curve, |point| point.entropy),
        CurveLines::new(&curve, |point| point.mutual_information),
    ];
    InspectorView {
        origin,
        key,
        network,
        sampled,
        names,
        measures,
        probabilities,
        by_pass,
        reason,
        curve,
        lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::synthetic;
    use crate::progress::unobserved;
    use crate::sampling::{Prefix, sweep};
    use crate::shown::OpenedModel;

    #[test]
    fn an_image_alone_is_looked_at_as_in_the_sweep() {
        let model = OpenedModel::bundled().unwrap();
        let digits = synthetic::generate(3, 8);
        let config = SweepConfig { passes: 30, ..SweepConfig::default() };
        let network = model.network().unwrap();
        let prefix = Prefix::of(&network, &digits, &mut unobserved).unwrap().unwrap();
        let none = Samples::empty(3, &config);
        let samples = sweep(&prefix, &config, none, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
        let subject = Subject::of_set(&digits, Origin::Dataset(2)).unwrap();
        let swept =
            inspect(InspectJob::Sampled { digits: Arc::new(digits), samples, index: 2, passes: 25 }).unwrap();
        let config = SweepConfig { passes: 25, ..config };
        let alone = inspect(InspectJob::Alone { subject, asked: Asked { model, config } }).unwrap();
        assert_eq!((alone.origin, alone.sampled), (swept.origin, swept.sampled));
        assert_eq!(alone.probabilities, swept.probabilities);
        assert_eq!((alone.measures, alone.curve.len()), (swept.measures, 25));
        assert_eq!(alone.curve[9..], swept.curve[9..]);
        // Of one quartet no error is known.
        let [entropy, information] = &swept.lines;
        assert_eq!((entropy.passes[0], entropy.passes.len(), information.passes.len()), (5.0, 21, 21));
        let (point, at) = (swept.curve[9], 5);
        let [plain, corrected, error] = point.mutual_information.map(f64::from);
        assert_eq!(information.passes[at].to_bits(), 10.0_f64.to_bits());
        assert_eq!((information.plain[at], information.corrected[at]), ([10.0, plain], [10.0, corrected]));
        let band = (information.band[0][at], information.band[1][at]);
        assert_eq!(band, (corrected - error, corrected + error));
    }
}
