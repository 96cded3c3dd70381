//! What another network, rate or placement does to each image: whose doubt changes most, and how reliably.
//!
//! Passes of two runs are paired one to one. With the same seed they have the same masks where the same units are
//! dropped, so that much of the Monte-Carlo error is common to both and cancels in the difference.

use crate::data::{Class, PerClass};
use crate::sampling::Samples;
use crate::uncertainty::Measures;
use crate::uncertainty::noise::mean_and_error_of_passes;
use crate::uncertainty::terms::{cross_entropy, mean_of, surprise};

/// One run on the images: its samples and their measures.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Measures of every image.
    pub measures: &'a [Measures],
    /// The passes they were computed from.
    pub samples: &'a Samples,
}

/// The predictive entropy of one image in two runs, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnswerChange {
    /// Dataset index.
    pub index: u32,
    /// In the other run, and its standard error.
    pub before: [f32; 2],
    /// In this run, and its standard error.
    pub after: [f32; 2],
    /// The difference, this run minus the other, and its standard error: paired where both have as many passes.
    pub change: [f32; 2],
    /// What each run predicts.
    pub predictions: [Class; 2],
}

/// The images whose predictive entropy changed most, at most `most` of them, the largest change first.
#[must_use]
pub fn changes(before: Side<'_>, after: Side<'_>, most: usize) -> Vec<AnswerChange> {
    let pairs = before.measures.iter().zip(after.measures);
    let mut moved: Vec<(u32, f32)> = (0_u32..)
        .zip(pairs)
        .map(|(index, (before, after))| (index, after.predictive_entropy - before.predictive_entropy))
        .collect();
    let largest = |a: &(u32, f32), b: &(u32, f32)| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0));
    let top = most.min(moved.len());
    if top > 0 && top < moved.len() {
        moved.select_nth_unstable_by(top, largest);
    }
    moved.truncate(top);
    moved.sort_by(largest);
    moved.into_iter().map(|(index, change)| describe(before, after, index, change)).collect()
}

fn describe(before: Side<'_>, after: Side<'_>, index: u32, change: f32) -> AnswerChange {
    let at = index as usize;
    let [old, new] = [&before.measures[at], &after.measures[at]];
    let entropy = |m: &Measures| [m.predictive_entropy, m.predictive_entropy_se];
    let error = if old.passes == new.passes {
        let passes = |side: Side<'_>| {
            let mut passes = side.samples.image(at);
            passes.truncate(old.passes as usize);
            passes
        };
        paired_error(&passes(before), &passes(after), old.together.max(new.together))
    } else {
        old.predictive_entropy_se.hypot(new.predictive_entropy_se)
    };
    AnswerChange {
        index,
        before: entropy(old),
        after: entropy(new),
        change: [change, error],
        predictions: [old.prediction(), new.prediction()],
    }
}

/// The standard error of the difference of two predictive entropies from paired passes: `sd_t(a_t − b_t)/√T`, where
/// `a_t = −Σ_c p_tc ln p̄_c` is what pass t adds to an entropy to first order; from sums over `together` passes where so
/// many balance each other. NaN for a single draw.
fn paired_error(before: &[PerClass<f32>], after: &[PerClass<f32>], together: usize) -> f32 {
    let passes = before.len().min(after.len());
    let shares = |passes: &[PerClass<f32>]| -> Vec<f64> {
        let surprises = mean_of(passes, f64::from).map(surprise);
        passes.iter().map(|pass| cross_entropy(pass, &surprises)).collect()
    };
    let (before, after) = (shares(&before[..passes]), shares(&after[..passes]));
    let differences: Vec<f64> = after.iter().zip(&before).map(|(after, before)| after - before).collect();
    mean_and_error_of_passes(&differences, together)[1] as f32
}

#[cfg(test)]
mod tests {
    use crate::data::CLASSES;
    use std::ops::ControlFlow;
    use std::sync::Arc;

    use super::*;
    use crate::data::{PIXELS, Pixels, synthetic};
    use crate::model::Lenet;
    use crate::model::lenet::Architecture;
    use crate::progress::unobserved;
    use crate::sampling::{MaskDesign, Network, Prefix, SweepConfig, sweep};

    const IMAGES: usize = 12;

    fn prefix() -> Prefix {
        let lenet =
            Lenet::initialise(Architecture { hidden: 30, ..Architecture::default() }, 0.5, 3).unwrap();
        let network = Arc::new(Network::new(lenet.weights(), lenet.architecture().placement).unwrap());
        let digits = synthetic::generate(IMAGES, 4);
        assert_eq!(digits.pixels().len(), IMAGES * PIXELS);
        Prefix::compute(&network, Pixels::from(&digits), &mut unobserved).unwrap().unwrap()
    }

    fn run(prefix: &Prefix, dropout: f32, passes: usize, seed: u64) -> (Samples, Vec<Measures>) {
        let config = SweepConfig { passes, dropout, seed, masks: MaskDesign::Independent };
        let none = Samples::empty(IMAGES, &config);
        let samples = sweep(prefix, &config, none, &mut |_| ControlFlow::Continue(())).unwrap();
        let measures = samples.statistics(passes).iter().map(Measures::new).collect();
        (samples, measures)
    }

    fn pass(first: f32) -> PerClass<f32> {
        let mut pass = PerClass::filled(CLASSES, 0.0);
        pass[0] = first;
        pass[1] = 1.0 - first;
        pass
    }

    #[test]
    fn the_paired_error_by_hand() {
        // Certain passes add nothing, so the difference is that of the others: mean (0.8, 0.2), and each pass adds
        // −p ln 0.8 − (1 − p) ln 0.2.
        let certain = [pass(1.0), pass(1.0)];
        let wavering = [pass(0.9), pass(0.7)];
        let adds = |p: f64| -p * 0.8_f64.ln() - (1.0 - p) * 0.2_f64.ln();
        // The deviation of two values is half their distance times √2; over √2 passes.
        let expected = (adds(0.9) - adds(0.7)).abs() / 2.0;
        let found = paired_error(&certain, &wavering, 1);
        assert!((f64::from(found) - expected).abs() < 1e-6, "{found} {expected}");
        assert_eq!(paired_error(&wavering, &wavering, 1).to_bits(), 0.0_f32.to_bits());
        assert!(paired_error(&wavering[..1], &wavering[..1], 1).is_nan());
    }

    #[test]
    fn the_images_that_moved_most_come_first_with_both_entropies() {
        let prefix = prefix();
        let (few, few_measures) = run(&prefix, 0.2, 40, 1);
        let (many, many_measures) = run(&prefix, 0.6, 40, 1);
        let side = |samples, measures| Side { measures, samples };
        let all = changes(side(&few, &few_measures), side(&many, &many_measures), usize::MAX);
        assert_eq!(all.len(), IMAGES);
        assert!(all.is_sorted_by(|a, b| a.change[0].abs() >= b.change[0].abs()));
        for change in &all {
            let [before, after] = [&few_measures, &many_measures].map(|m| &m[change.index as usize]);
            let difference = after.predictive_entropy - before.predictive_entropy;
            assert_eq!(change.change[0].to_bits(), difference.to_bits());
            let expected = [before.predictive_entropy, before.predictive_entropy_se].map(f32::to_bits);
            assert_eq!(change.before.map(f32::to_bits), expected);
            assert_eq!(change.predictions[1], after.prediction());
        }
        let top = changes(side(&few, &few_measures), side(&many, &many_measures), 3);
        assert_eq!(top, all[..3]);
        // Without as many passes there are no pairs.
        let (short, short_measures) = run(&prefix, 0.2, 10, 1);
        let unpaired = changes(side(&short, &short_measures), side(&many, &many_measures), 1);
        let [before, after] = [unpaired[0].before[1], unpaired[0].after[1]];
        assert!((unpaired[0].change[1] - before.hypot(after)).abs() < 1e-7);
    }

    #[test]
    fn the_paired_error_is_the_spread_over_seeds() {
        let prefix = prefix();
        let mut found: Vec<Vec<AnswerChange>> = Vec::new();
        for seed in 1..=60 {
            let runs = [0.4, 0.5].map(|dropout| run(&prefix, dropout, 60, seed));
            let [before, after] =
                [0, 1].map(|at: usize| Side { samples: &runs[at].0, measures: &runs[at].1 });
            let mut changes = changes(before, after, IMAGES);
            changes.sort_by_key(|change| change.index);
            found.push(changes);
        }
        let (mut seen, mut said, mut apart) = (0.0, 0.0, 0.0);
        for image in 0..IMAGES {
            let values: Vec<f32> = found.iter().map(|changes| changes[image].change[0]).collect();
            let mean = values.iter().sum::<f32>() / values.len() as f32;
            let squares: f32 = values.iter().map(|value| (value - mean).powi(2)).sum();
            seen += squares / (values.len() - 1) as f32;
            let variance = |error: fn(&AnswerChange) -> f32| {
                found.iter().map(|changes| error(&changes[image]).powi(2)).sum::<f32>() / found.len() as f32
            };
            said += variance(|change| change.change[1]);
            apart += variance(|change| change.before[1].hypot(change.after[1]));
        }
        let ratio = (said / seen).sqrt();
        assert!((0.8..1.25).contains(&ratio), "said {said}, seen {seen}");
        assert!(said < apart, "common masks make it smaller: {said} {apart}");
    }
}
