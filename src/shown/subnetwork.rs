//! One pass for all images: what a single sub-network says, and where it dissents from the mean of all.

use std::sync::Arc;

use crate::data::{Class, Digits, UNLABELLED};
use crate::sampling::{RunKey, Samples, SamplingError, SweepConfig};
use crate::uncertainty::Measures;

/// What people call the sub-network of a pass: passes are counted from 0 where they are indices, as in exported samples,
/// sub-networks from 1.
#[must_use]
pub fn number(pass: usize) -> usize {
    pass + 1
}

/// Which pass to look at.
pub struct SubnetworkJob {
    /// What was sampled.
    pub samples: Samples,
    /// Images and labels.
    pub digits: Arc<Digits>,
    /// Measures of every image after `passes` passes: the mean it is compared with.
    pub measures: Arc<Vec<Measures>>,
    /// T of the mean.
    pub passes: usize,
    /// The pass, from 0.
    pub pass: usize,
}

/// What one sub-network says of every image.
#[derive(Clone, Debug, PartialEq)]
pub struct SubnetworkView {
    /// The run it is a pass of.
    pub key: RunKey,
    /// The pass, from 0, as in exported samples.
    pub pass: usize,
    /// T of the mean it is compared with, p and seed.
    pub sampled: SweepConfig,
    /// The digit it says, by dataset index.
    pub votes: Vec<Class>,
    /// Images whose answer can be right or wrong.
    pub judged: usize,
    /// Images it gets right.
    pub right: usize,
    /// Images the mean gets right.
    pub mean_right: usize,
    /// Dataset indices of the images of which it says another digit than the mean, ascending.
    pub dissent: Vec<u32>,
}

/// Asks one sub-network; `None` when there is no such pass.
///
/// # Errors
/// [`SamplingError::Mixed`] when the samples are of other images.
pub fn subnetwork(job: &SubnetworkJob) -> Result<Option<SubnetworkView>, SamplingError> {
    let key = job.samples.key_with(&job.digits)?;
    if job.pass >= job.samples.passes() {
        return Ok(None);
    }
    let votes = job.samples.votes_of_pass(job.pass);
    job.samples.check_readable()?;
    let (mut right, mut mean_right) = (0, 0);
    let mut dissent = Vec::new();
    let judged = job.digits.judged(job.samples.answers());
    let images = (0_u32..).zip(&votes).zip(job.measures.iter().zip(&*judged));
    for ((index, vote), (measures, label)) in images {
        let mean = measures.prediction();
        right += usize::from(vote == label);
        mean_right += usize::from(mean == *label);
        if *vote != mean {
            dissent.push(index);
        }
    }
    let judged = judged.iter().filter(|label| **label != UNLABELLED).count();
    let sampled = job.samples.config(job.passes);
    Ok(Some(SubnetworkView { key, pass: job.pass, sampled, votes, judged, right, mean_right, dissent }))
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::time::Instant;

    use super::*;
    use crate::data::{CLASSES, Class, synthetic};
    use crate::progress::unobserved;
    use crate::sampling::MaskDesign;
    use crate::sampling::{Prefix, sweep};
    use crate::shown::OpenedModel;

    fn job(images: usize, dropout: f32, passes: usize) -> SubnetworkJob {
        let network = OpenedModel::bundled().unwrap().network().unwrap();
        let digits = synthetic::generate(images, 4);
        let config = SweepConfig { passes, dropout, seed: 3, masks: MaskDesign::Independent };
        let prefix = Prefix::of(&network, &digits, &mut unobserved).unwrap().unwrap();
        let none = Samples::empty(images, &config);
        let samples = sweep(&prefix, &config, none, &mut |_| ControlFlow::Continue(())).unwrap();
        let measures = crate::uncertainty::measure_all(&samples, passes);
        SubnetworkJob { samples, digits: Arc::new(digits), measures: Arc::new(measures), passes, pass: 0 }
    }

    #[test]
    fn a_sub_network_says_what_its_probabilities_say() {
        let mut job = job(150, 0.5, 12);
        let mut dissents = 0;
        for pass in 0..12 {
            job.pass = pass;
            let view = subnetwork(&job).unwrap().unwrap();
            let mut expected = Vec::new();
            let mut right = 0;
            for index in 0..150_u32 {
                let probabilities = &job.samples.image(index as usize)[pass];
                let largest = probabilities.iter().copied().fold(0.0, f32::max);
                let vote = (0..CLASSES).find(|class| probabilities[*class] >= largest).unwrap() as Class;
                assert_eq!(view.votes[index as usize], vote, "image {index}, pass {pass}");
                right += usize::from(vote == job.digits.labels()[index as usize]);
                if vote != job.measures[index as usize].prediction() {
                    expected.push(index);
                }
            }
            assert_eq!((view.right, &view.dissent), (right, &expected));
            dissents += expected.len();
        }
        assert!(dissents > 0, "no pass dissents: the test tests nothing");
        job.pass = 12;
        assert_eq!(subnetwork(&job).unwrap(), None);
    }

    #[test]
    fn without_dropout_and_with_one_pass_nobody_dissents() {
        for (dropout, passes) in [(0.0, 5), (0.5, 1)] {
            let view = subnetwork(&job(60, dropout, passes)).unwrap().unwrap();
            assert!(view.dissent.is_empty());
            assert_eq!(view.right, view.mean_right);
        }
    }

    #[test]
    fn ten_thousand_images_take_milliseconds() {
        let job = job(10_000, 0.5, 2);
        let best = (0..5)
            .map(|_| {
                let start = Instant::now();
                assert_eq!(subnetwork(&job).unwrap().unwrap().votes.len(), 10_000);
                start.elapsed()
            })
            .min()
            .unwrap();
        println!("one sub-network on 10,000 images: {best:?}");
        // About 1 ms when alone; a busy machine gets room.
        assert!(best.as_millis() < 10, "{best:?}");
    }
}
