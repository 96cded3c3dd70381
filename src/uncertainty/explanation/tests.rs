//! Explanations against what they must be.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::reason::Reason;
use super::*;
use crate::data::{CLASSES, Class, Classes, PIXELS, PerClass, Pixels, SIDE, synthetic};
use crate::model::checkpoint::Checkpoint;
use crate::progress::unobserved;
use crate::random::mix;
use crate::sampling::MaskDesign;
use crate::sampling::{Network, Statistics, SweepConfig, deterministic, sample_image};
use crate::uncertainty::{Measure, Measures};

fn network() -> Arc<Network> {
    let lenet = Checkpoint::bundled().unwrap().lenet;
    Arc::new(Network::new(lenet.weights().clone(), lenet.architecture().placement).unwrap())
}

/// A digit with a blank border, and one with the digits that the bundled network doubts most.
fn digit(index: usize) -> [f32; PIXELS] {
    let digits = synthetic::generate(index + 1, 5);
    let image = digits.image(index);
    std::array::from_fn(|pixel| f32::from(image[pixel]) / 255.0)
}

fn maps(image: &[f32; PIXELS], grid: PatchGrid, config: &SweepConfig) -> PatchMaps {
    patch_maps(&network(), image, grid, config, &mut unobserved).unwrap().unwrap()
}

#[test]
fn erasing_a_blank_corner_changes_nothing_and_inking_it_does() {
    let image = digit(3);
    let grid = PatchGrid::new(4, 4);
    let maps = maps(&image, grid, &SweepConfig::default());
    for (patch, change) in maps.changes[0].iter().enumerate() {
        let [x, y] = grid.corner(patch);
        let blank = (y..y + 4).all(|row| (x..x + 4).all(|column| image[row * SIDE + column] == 0.0));
        if blank {
            assert_eq!((change.entropy, change.information), ([0.0; 2], [0.0; 2]), "patch {patch}");
            assert!(!Change::is_clear(change.entropy));
        } else {
            assert!(change.entropy[0].abs() > 0.0, "patch {patch}");
        }
    }
    assert!(maps.changes[1].iter().all(|change| change.entropy[0] != 0.0));
}

#[test]
fn a_map_is_what_sampling_each_edited_image_alone_says() {
    let image = digit(4);
    let config = SweepConfig { passes: 30, ..SweepConfig::default() };
    let grid = PatchGrid::new(7, 7);
    let maps = maps(&image, grid, &config);
    let network = network();
    let alone = |pixels: &[f32; PIXELS]| {
        let one = sample_image(&network, pixels, &config).unwrap();
        (Measures::new(&one.statistics()), one.probabilities())
    };
    let (before, _) = alone(&image);
    assert!((maps.measures.predictive_entropy - before.predictive_entropy).abs() < 1e-5);
    for (edit, changes) in Edit::ALL.into_iter().zip(&maps.changes) {
        for patch in [0, 5, 9, 10, 15] {
            let mut edited = image;
            let [x, y] = grid.corner(patch);
            for row in y..y + 7 {
                for column in x..x + 7 {
                    edited[row * SIDE + column] = if edit == Edit::Ink { 1.0 } else { 0.0 };
                }
            }
            let (after, _) = alone(&edited);
            let change = changes[patch];
            let expected = after.predictive_entropy - before.predictive_entropy;
            assert!((change.entropy[0] - expected).abs() < 1e-5, "{edit:?} {patch}");
            let expected = after.mutual_information - before.mutual_information;
            assert!((change.information[0] - expected).abs() < 1e-5, "{edit:?} {patch}");
            assert_eq!(change.prediction, after.prediction());
        }
    }
}

#[test]
fn the_error_of_a_change_is_its_spread_over_seeds() {
    let image = digit(4);
    let grid = PatchGrid::new(7, 7);
    // The inked patch in the middle: a large change, far from saturation.
    let patch = 9;
    let runs: Vec<[f32; 2]> = (1..=60)
        .map(|seed| {
            let config = SweepConfig { passes: 50, seed, ..SweepConfig::default() };
            maps(&image, grid, &config).changes[1][patch].entropy
        })
        .collect();
    let mean = runs.iter().map(|run| run[0]).sum::<f32>() / 60.0;
    let spread = (runs.iter().map(|run| (run[0] - mean).powi(2)).sum::<f32>() / 59.0).sqrt();
    let said = runs.iter().map(|run| run[1]).sum::<f32>() / 60.0;
    // 60 seeds know a spread to 1/√120 = 9 %; three of those, and some for the bias of T = 50.
    assert!((said / spread - 1.0).abs() < 0.35, "said {said}, seen {spread}");
}

#[test]
fn every_patch_is_whole_and_found_from_its_middle() {
    for (size, stride) in [(2, 2), (4, 4), (4, 1), (7, 7), (7, 2), (28, 1), (90, 0)] {
        let grid = PatchGrid::new(size, stride);
        for patch in 0..grid.count() {
            let [x, y] = grid.corner(patch);
            assert!(x + grid.size() <= SIDE && y + grid.size() <= SIDE);
            let half = grid.size() as f32 / 2.0;
            assert_eq!(grid.nearest(x as f32 + half, y as f32 + half), patch);
        }
    }
}

#[test]
fn a_stop_gives_no_map() {
    let stopped =
        patch_maps(&network(), &digit(1), PatchGrid::new(4, 4), &SweepConfig::default(), &mut |_| {
            std::ops::ControlFlow::Break(())
        });
    assert!(stopped.unwrap().is_none());
}

/// Measures of passes with these probabilities.
fn measures(passes: &[PerClass<f64>]) -> Measures {
    let mut sums = Statistics::zero(10);
    for pass in passes {
        sums.passes += 1;
        let entropy: f64 = -pass.iter().filter(|p| **p > 0.0).map(|p| p * p.ln()).sum::<f64>();
        sums.entropy += entropy;
        sums.entropy_squared += entropy * entropy;
        let mut pair = 0;
        for row in 0..CLASSES {
            sums.probability[row] += pass[row];
            sums.entropy_probability[row] += entropy * pass[row];
            for column in row..CLASSES {
                sums.outer[pair] += pass[row] * pass[column];
                pair += 1;
            }
        }
        let best = (0..CLASSES).fold(0, |best, class| if pass[class] > pass[best] { class } else { best });
        sums.votes[best] += 1;
    }
    Measures::new(&sums)
}

#[test]
fn the_votes_are_told_as_a_sentence() {
    let say = |class: usize, count: usize| {
        let mut pass = PerClass::filled(CLASSES, 0.0);
        pass[class] = 1.0;
        vec![pass; count]
    };
    let three = measures(&[say(4, 61), say(9, 38), say(7, 1)].concat());
    assert_eq!(
        votes_sentence(&three, &Classes::digits()),
        "61 of 100 sub-networks say 4, 38 say 9, 1 says 7."
    );
    let tied = measures(&[say(4, 51), say(2, 17), say(7, 13), say(9, 13), say(1, 4), say(0, 2)].concat());
    assert_eq!(
        votes_sentence(&tied, &Classes::digits()),
        "51 of 100 sub-networks say 4, 17 say 2, 13 say 7, 13 say 9, the rest something else."
    );
    assert_eq!(votes_sentence(&measures(&say(3, 100)), &Classes::digits()), "All 100 sub-networks say 3.");
    assert_eq!(
        votes_sentence(&measures(&say(3, 1)), &Classes::digits()),
        "One sub-network was asked; it says 3."
    );
}

#[test]
fn a_pass_is_sure_from_nine_tenths_on() {
    let mut close = PerClass::filled(CLASSES, 0.0);
    close[2] = 0.899;
    let mut enough = PerClass::filled(CLASSES, 0.0);
    enough[2] = 0.9;
    assert_eq!(sure(&[close.clone(), enough, close]), 1);
}

#[test]
fn ranks_are_compared_among_images_of_some_doubt() {
    let certain = measures(&vec![four(0.9999); 4]);
    let with = |entropy: f32, mean_logits: f32| {
        let mut image = certain.clone();
        image.predictive_entropy = entropy;
        image.mean_logit_entropy = mean_logits;
        image
    };
    // By entropy 4, 3, 2, 1; by mean logits 1, 4, 3, 2 and, were it not certain, 0 before them all.
    let images = [with(0.01, 2.0), with(0.2, 0.9), with(0.3, 0.1), with(0.4, 0.2), with(0.5, 0.3)];
    let pair = [Measure::PredictiveEntropy, Measure::MeanLogitEntropy];
    assert_eq!(ranked_most_differently(&images, &[0; 5], pair, 9), [1, 2, 3, 4]);
    assert_eq!(ranked_most_differently(&images, &[0; 5], pair, 1), [1]);
    assert!(ranked_most_differently(&images, &[0; 5], [pair[0]; 2], 9).is_empty());
}

/// A pass that gives 4 this much and 9 the rest.
fn four(p: f64) -> PerClass<f64> {
    let mut pass = PerClass::filled(CLASSES, 0.0);
    pass[4] = p;
    pass[9] = 1.0 - p;
    pass
}

#[test]
fn sure_networks_that_contradict_each_other_disagree() {
    let passes: Vec<_> = (0..100).map(|pass| four(if pass < 61 { 0.99 } else { 0.01 })).collect();
    let measures = measures(&passes);
    assert_eq!(Reason::new(&measures, 0.5), Reason::Disagreement);
    let text = explain(&measures, 100, 0.5, &Classes::digits());
    assert!(text.starts_with("61 of 100 sub-networks say 4, 39 say 9."), "{text}");
    assert!(text.contains("all are sure of their own answer") && text.contains("disagree"), "{text}");
}

#[test]
fn networks_that_all_waver_find_the_image_ambiguous() {
    let passes: Vec<_> = (0..100).map(|pass| four(0.5 + 0.001 * f64::from(pass - 50))).collect();
    let measures = measures(&passes);
    assert_eq!(Reason::new(&measures, 0.5), Reason::Ambiguous);
    assert!(explain(&measures, 0, 0.5, &Classes::digits()).contains("none is sure of its own answer"));
    // Sure ones are not said to find it ambiguous.
    let sure: Vec<_> = (0..100).map(|pass| four(0.95 + 0.0001 * f64::from(pass - 50))).collect();
    let text = explain(&self::measures(&sure), 100, 0.5, &Classes::digits());
    assert!(text.contains("lies within the networks") && !text.contains("ambiguous"), "{text}");
}

#[test]
fn a_prediction_that_most_votes_are_not_for_is_said() {
    // Fewer passes, each sure, against more that hardly lean the other way.
    let passes: Vec<_> = (0..20).map(|pass| four(if pass < 9 { 0.99 } else { 0.49 })).collect();
    let measures = measures(&passes);
    assert_eq!(measures.prediction(), 4);
    let text = explain(&measures, 9, 0.5, &Classes::digits());
    assert!(
        text.starts_with("11 of 20 sub-networks say 9, 9 say 4. Their mean, which is what counts, gives 4 "),
        "{text}"
    );
    let plain: Vec<_> = (0..20).map(|pass| four(if pass < 9 { 0.1 } else { 0.9 })).collect();
    assert!(!explain(&self::measures(&plain), 20, 0.5, &Classes::digits()).contains("Their mean"));
}

#[test]
fn what_noise_could_have_made_is_not_claimed() {
    // Half of the passes sure of either, the other half wavering: both parts about as large.
    let passes: Vec<_> = (0..20).map(|pass| four([0.999, 0.001, 0.5, 0.5][pass % 4])).collect();
    let measures = measures(&passes);
    assert_eq!(Reason::new(&measures, 0.5), Reason::Undecided);
    assert!(explain(&measures, 10, 0.5, &Classes::digits()).contains("within the noise of 20 passes"));
}

#[test]
fn one_pass_no_dropout_and_no_doubt_are_said() {
    let one = measures(&[four(0.6)]);
    assert_eq!(Reason::new(&one, 0.5), Reason::OnePass);
    assert!(explain(&one, 0, 0.5, &Classes::digits()).contains("no spread"));
    let same = measures(&vec![four(0.6); 10]);
    assert_eq!(Reason::new(&same, 0.0), Reason::NoDropout);
    assert!(explain(&same, 0, 0.0, &Classes::digits()).contains("cannot disagree"));
    let certain = measures(&vec![four(0.9999); 10]);
    assert_eq!(Reason::new(&certain, 0.5), Reason::Certain);
    for (passes, dropout) in [(1, 0.5), (20, 0.0)] {
        let config = SweepConfig { passes, dropout, seed: 1, masks: MaskDesign::Independent };
        let maps = maps(&digit(4), PatchGrid::new(7, 7), &config);
        assert!(maps.measures.mutual_information.abs() < 1e-6);
        assert!(maps.changes.iter().flatten().all(|change| change.information[0].abs() < 1e-6));
    }
}

#[test]
fn the_two_parts_add_up_to_the_whole_before_and_after_every_edit() {
    let config = SweepConfig { passes: 40, ..SweepConfig::default() };
    let maps = maps(&digit(6), PatchGrid::new(7, 7), &config);
    let own = &maps.measures;
    assert!((own.expected_entropy + own.mutual_information - own.predictive_entropy).abs() < 1e-6);
    for change in maps.changes.iter().flatten() {
        let entropy = own.predictive_entropy + change.entropy[0];
        let information = own.mutual_information + change.information[0];
        // What is left is the expected entropy: between 0 and ln 10.
        assert!(information >= -1e-6 && information <= entropy + 1e-6 && entropy <= 10_f32.ln() + 1e-6);
    }
}

#[test]
fn neighbours_are_those_of_a_plain_search() {
    let width = 13;
    let number = |at: usize| (mix(at as u64) >> 40) as f32 / 1e6;
    let features: Vec<f32> = (0..500 * width).map(number).collect();
    let labels: Vec<Class> = (0..500_u64).map(|image| (mix(image + 9_000_000) % 10) as Class).collect();
    let space = FeatureSpace::new(features.clone(), width, labels.clone()).unwrap();
    let query: Vec<f32> = (0..width).map(|at| number(at + 1_000_000)).collect();
    for class in 0..10 {
        let mut plain: Vec<(f64, u32)> = (0..500_u32)
            .filter(|image| labels[*image as usize] == class)
            .map(|image| {
                let own = &features[image as usize * width..][..width];
                let squares = own.iter().zip(&query).map(|(a, b)| f64::from(a - b) * f64::from(a - b));
                (squares.sum::<f64>().sqrt(), image)
            })
            .collect();
        plain.sort_by(|a, b| a.0.total_cmp(&b.0));
        let found = space.nearest(&query, Some(class), 5);
        assert_eq!(found.len(), 5);
        for (found, (distance, image)) in found.iter().zip(&plain) {
            assert_eq!(found.index, *image);
            assert!((f64::from(found.distance) - distance).abs() < 1e-4 * distance);
        }
        assert_eq!(space.nearest(&query, Some(class), 1000).len(), plain.len());
    }
    assert!(space.nearest(&query[1..], None, 5).is_empty(), "another width");
    assert!(FeatureSpace::new(features, width, labels[1..].to_vec()).is_none());
}

#[test]
fn the_neighbours_of_many_are_those_of_each_for_any_number_of_threads() {
    for (images, queries, width) in [(700, 150, 37), (3, 5, 1), (251, 64, 8), (0, 2, 4)] {
        // Coarse, so that many are equally far.
        let number = |at: usize| (mix(at as u64) % 4) as f32;
        let features: Vec<f32> = (0..images * width).map(number).collect();
        let labels: Vec<Class> = (0..images as u64).map(|image| (mix(image) % 10) as Class).collect();
        let space = FeatureSpace::new(features.clone(), width, labels).unwrap();
        let asked: Vec<f32> = (0..queries * width).map(|at| number(at + 1_000_000)).collect();
        let expected: Vec<Vec<u32>> = asked
            .chunks(width)
            .map(|query| space.nearest(query, None, 8).into_iter().map(|near| near.index).collect())
            .collect();
        let itself: Vec<Vec<u32>> = (0..images)
            .map(|image| {
                let near = space.nearest(&features[image * width..][..width], None, 9);
                let others = near.into_iter().map(|near| near.index).filter(|index| *index != image as u32);
                others.take(8).collect()
            })
            .collect();
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let many = |queries: &[f32], themselves| {
                pool.install(|| space.nearest_of_many(queries, 8, themselves, &mut unobserved)).unwrap()
            };
            // Of equally near ones beyond the candidates the first are kept: whole numbers are exact.
            assert_eq!(
                many(&asked, false),
                expected,
                "{images} images of {width} numbers, {threads} threads"
            );
            assert_eq!(many(&features, true), itself, "themselves, {images} images, {threads} threads");
        }
    }
    let flat = FeatureSpace::new(Vec::new(), 0, vec![1, 2]).unwrap();
    assert!(flat.nearest_of_many(&[], 8, false, &mut unobserved).unwrap().is_empty());
    let space = FeatureSpace::new(vec![0.0; 300], 1, vec![0; 300]).unwrap();
    assert!(space.nearest_of_many(&[1.0], 8, false, &mut |_| ControlFlow::Break(())).is_none());
}

#[test]
fn the_nearest_image_to_one_of_the_space_is_itself() {
    let digits = synthetic::generate(40, 3);
    let network = network();
    let answer = deterministic(&network, Pixels::from(&digits), &mut unobserved).unwrap().unwrap();
    let width = network.hidden();
    let space = FeatureSpace::new(answer.hidden.clone(), width, digits.labels().to_vec()).unwrap();
    for image in 0..digits.len() {
        let query = &answer.hidden[image * width..][..width];
        let nearest = space.nearest(query, Some(digits.labels()[image]), 1);
        assert_eq!(nearest, [Neighbour { index: image as u32, distance: 0.0 }]);
    }
}

#[test]
fn a_cross_fade_begins_and_ends_with_its_images_and_is_even_between() {
    let (from, to) = (digit(3), digit(8));
    let config = SweepConfig { passes: 30, ..SweepConfig::default() };
    let network = network();
    let morph = morph(&network, [&from, &to], 8, &config, &mut unobserved).unwrap().unwrap();
    assert_eq!(morph.steps.len(), 9);
    for (step, found) in (0_u8..).zip(&morph.steps) {
        let share = f32::from(step) / 8.0;
        assert!((found.share - share).abs() < 1e-6);
        let image = std::array::from_fn(|at| from[at] + share * (to[at] - from[at]));
        let alone = Measures::new(&sample_image(&network, &image, &config).unwrap().statistics());
        let close = |a: f32, b: f32| (a - b).abs() < 2e-4;
        assert!(close(found.measures.predictive_entropy, alone.predictive_entropy), "step {step}");
        assert!(close(found.measures.mutual_information, alone.mutual_information), "step {step}");
        let change = found.measures.predictive_entropy - morph.steps[0].measures.predictive_entropy;
        assert!(close(found.change.entropy[0], change));
    }
    assert_eq!([blend(&from, &to, 0.0), blend(&from, &to, 1.0)], [from, to]);
    // What is called the peak is above both ends.
    let entropy = |step: usize| morph.steps[step].measures.predictive_entropy;
    let highest = (0..9).fold(0, |best, step| if entropy(step) > entropy(best) { step } else { best });
    assert_eq!(morph.peak, Some(highest), "two clear digits, and their mixture between them");
    // A way that leads nowhere has none.
    let still = super::morph(&network, [&from, &from], 5, &config, &mut unobserved).unwrap().unwrap();
    assert_eq!(still.peak, None);
    let stopped = super::morph(&network, [&from, &to], 5, &config, &mut |_| std::ops::ControlFlow::Break(()));
    assert_eq!(stopped.unwrap(), None);
}

#[test]
fn the_rival_is_the_nearest_image_of_its_class_that_the_network_is_sure_of() {
    let digits = synthetic::generate(150, 3);
    let network = network();
    let config = SweepConfig { passes: 20, ..SweepConfig::default() };
    let answer = deterministic(&network, Pixels::from(&digits), &mut unobserved).unwrap().unwrap();
    let width = network.hidden();
    let space = FeatureSpace::new(answer.hidden.clone(), width, digits.labels().to_vec()).unwrap();
    let confidence = |image: usize, class: Class| {
        let pixels = std::array::from_fn(|at| f32::from(digits.image(image)[at]) / 255.0);
        let one = sample_image(&network, &pixels, &config).unwrap();
        Measures::new(&one.statistics()).mean[usize::from(class)]
    };
    let query = &answer.hidden[7 * width..][..width];
    let mut skipped = 0;
    for class in 0..10 {
        let found = nearest_confident(
            &network,
            (&digits, &space),
            (query, &digits.image(7)),
            class,
            &config,
            &mut unobserved,
        );
        let found = found.unwrap().unwrap();
        let mut plain: Vec<(f32, usize)> = (0..digits.len())
            .filter(|image| digits.labels()[*image] == class && *image != 7)
            .map(|image| {
                let own = &answer.hidden[image * width..][..width];
                (own.iter().zip(query).map(|(a, b)| (a - b) * (a - b)).sum::<f32>(), image)
            })
            .collect();
        plain.sort_by(|a, b| a.0.total_cmp(&b.0));
        let first = plain.iter().position(|(_, image)| confidence(*image, class) >= CONFIDENT);
        assert_eq!(found.found.map(|target| target.neighbour.index), first.map(|at| plain[at].1 as u32));
        assert_eq!(found.looked_through, first.map_or(plain.len(), |at| at + 1));
        skipped += found.looked_through - usize::from(found.found.is_some());
        if let Some(target) = found.found {
            assert!(target.confidence >= CONFIDENT);
        }
    }
    assert!(skipped > 0, "in some class the nearest image is one that is doubted");
}
