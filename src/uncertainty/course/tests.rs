//! Courses against what they must be.

#![allow(clippy::float_cmp, reason = "the very same numbers are asked for")]

use std::ops::ControlFlow;
use std::sync::Arc;

use super::*;
use crate::data::distortion::Distortion;
use crate::data::kept::to_numbers;
use crate::data::{CLASSES, PIXELS, PerClass, synthetic};
use crate::model::Placement;
use crate::model::checkpoint::Checkpoint;
use crate::progress::unobserved;
use crate::sampling::MaskDesign;
use crate::sampling::{Network, Statistics, SweepConfig, sample_image};
use crate::uncertainty::Measures;

fn network(placement: Placement) -> Network {
    Network::new(Checkpoint::bundled().unwrap().lenet.weights().clone(), placement).unwrap()
}

fn one() -> [f32; PIXELS] {
    let digits = synthetic::generate(20, 5);
    let at = digits.labels().iter().position(|label| *label == 1).unwrap();
    to_numbers(&digits.image(at))
}

const CONFIG: SweepConfig =
    SweepConfig { passes: 100, dropout: 0.5, seed: 1, masks: MaskDesign::Independent };

fn told(finding: &Finding) -> String {
    finding.told(&crate::data::Classes::digits())
}

#[test]
fn amounts_are_even_and_found_again() {
    let course = Course::paper();
    let amounts: Vec<f32> = (0..12).map(|step| course.amount(step)).collect();
    assert_eq!(amounts, [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0, 110.0]);
    for by in Distortion::ALL {
        let course = Course::usual(by);
        assert_eq!(course, course.sanitised(), "what is usual is offered");
        assert_eq!((course.amount(0), course.amount(course.steps - 1)), (course.from, course.to));
        for step in 0..course.steps {
            assert_eq!(course.nearest(course.amount(step)), step);
        }
        assert_eq!((course.nearest(-1e9), course.nearest(1e9)), (0, course.steps - 1));
    }
    let wild = Course { by: Distortion::Noise, from: 7.0, to: f32::NAN, steps: 0 };
    let tamed = wild.sanitised();
    assert_eq!((tamed.from, tamed.to, tamed.steps), (0.0, 1.0, 2));
    let reversed = Course { by: Distortion::Rotation, from: 90.0, to: 10.0, steps: 3 };
    assert_eq!((reversed.sanitised().from, reversed.sanitised().to), (10.0, 90.0));
}

#[test]
fn at_0_and_at_360_degrees_the_passes_say_what_they_say_of_the_image_itself() {
    for placement in [Placement::Last, Placement::Dense, Placement::All] {
        let network = network(placement);
        let course = Course { steps: 5, ..Course::usual(Distortion::Rotation) };
        let config = SweepConfig { passes: 30, ..CONFIG };
        let steps = walk_observed(&network, &one(), &course, &config, &mut unobserved).unwrap().unwrap();
        let itself = sample_image(&network, &one(), &config).unwrap();
        for step in [&steps[0], &steps[4]] {
            assert_eq!(step.image, one());
            assert_eq!(step.logits, itself.logits, "{placement:?}");
            assert_eq!(step.measures, Measures::new(&itself.statistics()));
        }
        assert_ne!(steps[1].logits, itself.logits);
    }
}

#[test]
fn steps_do_not_depend_on_threads_and_come_in_order_until_stopped() {
    let course = Course { steps: 9, ..Course::paper() };
    let network = network(Placement::Dense);
    let config = SweepConfig { passes: 10, ..CONFIG };
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| walk_observed(&network, &one(), &course, &config, &mut unobserved)).unwrap().unwrap()
    };
    let steps = with_threads(1);
    assert_eq!(steps, with_threads(3));
    assert!(steps.iter().enumerate().all(|(at, step)| step.amount == course.amount(at)));
    let mut seen = Vec::new();
    let stopped = walk(&network, &one(), &course, &config, &mut |steps| {
        seen.push(steps.len());
        if seen.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(stopped.unwrap().is_none());
    assert!(seen.len() == 2 && seen[0] < seen[1]);
}

/// Steps from given probabilities of classes 1, 5 and 7, pass by pass.
fn step(amount: f32, passes: &[[f32; 3]]) -> Arc<CourseStep> {
    let probabilities: Vec<PerClass<f32>> = passes
        .iter()
        .map(|[one, five, seven]| {
            let mut row = PerClass::filled(CLASSES, 0.0);
            (row[1], row[5], row[7]) = (*one, *five, *seven);
            row
        })
        .collect();
    let mut statistics = Statistics { passes: passes.len() as u32, ..Statistics::zero(10) };
    for row in &probabilities {
        let entropy: f64 =
            row.iter().filter(|p| **p > 0.0).map(|p| -f64::from(*p) * f64::from(*p).ln()).sum();
        statistics.entropy += entropy;
        statistics.entropy_squared += entropy * entropy;
        let mut pairs = statistics.outer.iter_mut();
        for (class, p) in row.iter().enumerate() {
            statistics.probability[class] += f64::from(*p);
            statistics.entropy_probability[class] += entropy * f64::from(*p);
            for other in &row[class..] {
                *pairs.next().unwrap() += f64::from(*p) * f64::from(*other);
            }
        }
        let best = (0..CLASSES).fold(0, |best, class| if row[class] > row[best] { class } else { best });
        statistics.votes[best] += 1;
    }
    Arc::new(CourseStep {
        amount,
        image: [0.0; PIXELS],
        measures: Measures::new(&statistics),
        logits: probabilities.iter().map(|row| row.map(|p| p.max(1e-6).ln())).collect(),
        probabilities,
    })
}

fn sure(amount: f32, class: usize) -> Arc<CourseStep> {
    let passes: Vec<[f32; 3]> = (0..8)
        .map(|pass| {
            let doubt = 0.01 + 0.001 * (pass % 3) as f32;
            std::array::from_fn(|at| if at == class { 1.0 - 2.0 * doubt } else { doubt })
        })
        .collect();
    step(amount, &passes)
}

/// Passes that are sure, half of 1 and half of 5.
fn torn(amount: f32) -> Arc<CourseStep> {
    let passes: Vec<[f32; 3]> =
        (0..8).map(|pass| if pass % 2 == 0 { [0.95, 0.04, 0.01] } else { [0.05, 0.94, 0.01] }).collect();
    step(amount, &passes)
}

fn course(steps: usize) -> Course {
    Course { by: Distortion::Rotation, from: 0.0, to: 15.0 * (steps - 1) as f32, steps }
}

#[test]
fn a_drift_its_peak_and_its_overlap_are_told() {
    let steps = [sure(0.0, 0), torn(15.0), sure(30.0, 1), sure(45.0, 2)];
    let finding = Finding::new(&course(4), &steps, 0.5).unwrap();
    let answers: Vec<_> = finding.runs.iter().map(|run| (run.class, run.first, run.last)).collect();
    assert_eq!(answers, [(1, 0, 0), (5, 2, 2), (7, 3, 3)]);
    assert_eq!(finding.unclear, 1);
    assert_eq!(finding.named().collect::<Vec<_>>(), [1, 5, 1, 5, 7]);
    let entropy = steps[1].measures.predictive_entropy;
    assert_eq!(finding.peak.unwrap().entropy[0], entropy);
    assert_eq!((finding.peak.unwrap().step, finding.peak.unwrap().rivals), (1, 0));
    assert_eq!(
        told(&finding),
        format!(
            "As the image turns from 0° to 45°, the answer that is clear of noise goes from 1 to 5 (from 30°) to 7 \
             (from 45°); at 1 of 4 steps no answer is clear of noise. H peaks at {entropy:.2} ± {:.2} nats at 15°. At 15° the softmax \
             inputs of 1 and 5 overlap, and the outputs for 1 spread from 0.05 to 0.95.",
            steps[1].measures.predictive_entropy_se
        )
    );
}

#[test]
fn nothing_is_claimed_within_noise() {
    let steady = [sure(0.0, 0), sure(15.0, 0), sure(30.0, 0)];
    let finding = Finding::new(&course(3), &steady, 0.5).unwrap();
    assert_eq!((finding.peak, finding.runs.len()), (None, 1));
    assert!(told(&finding).ends_with("stays 1 at all 3 steps. H is the same at every step within noise."));
    let torn = [torn(0.0), torn(15.0)];
    let text = told(&Finding::new(&course(2), &torn, 0.5).unwrap());
    assert!(text.starts_with("As the image turns from 0° to 15°, no answer is clear of noise at any step."));
    // Two steps as high as each other are not ranked.
    let steps = [sure(0.0, 0), torn[0].clone(), torn[1].clone()];
    let finding = Finding::new(&course(3), &steps, 0.5).unwrap();
    assert_eq!(finding.peak.unwrap().rivals, 1);
    assert!(told(&finding).contains("within noise another step is as high"), "{}", told(&finding));
    assert!(told(&finding).contains("the answer is 1 wherever it is clear of noise; at 2 of 3 steps"));
}

#[test]
fn one_pass_and_no_dropout_are_said_and_no_step_says_nothing() {
    let single = [step(0.0, &[[0.9, 0.05, 0.05]])];
    let text = told(&Finding::new(&course(2), &single, 0.5).unwrap());
    assert!(text.starts_with("One pass has no spread"), "{text}");
    let network = network(Placement::Dense);
    let config = SweepConfig { passes: 5, dropout: 0.0, seed: 1, masks: MaskDesign::Independent };
    let paper = Course::paper();
    let steps = walk_observed(&network, &one(), &paper, &config, &mut unobserved).unwrap().unwrap();
    let finding = Finding::new(&paper, &steps, 0.0).unwrap();
    assert!(told(&finding).starts_with("Without dropout all passes are the same"), "{}", told(&finding));
    assert_eq!((finding.unclear, finding.overlap), (0, None));
    assert!(Finding::new(&paper, &[], 0.5).is_none());
}

#[test]
fn a_paired_difference_is_seen_where_the_noise_of_both_would_hide_it() {
    // Both steps vary widely, together; the second is higher in every pass.
    let lower: Vec<[f32; 3]> = (0..20).map(|t| 0.6 + 0.019 * t as f32).map(|p| [p, 1.0 - p, 0.0]).collect();
    let higher: Vec<[f32; 3]> =
        lower.iter().map(|row| [row[0] - 0.02, row[1] + 0.01, row[2] + 0.01]).collect();
    let steps = [step(0.0, &lower), step(15.0, &higher)];
    let peak = Finding::new(&course(2), &steps, 0.5).unwrap().peak.unwrap();
    assert_eq!((peak.step, peak.rivals), (1, 0));
    let [low, high] = [&steps[0].measures, &steps[1].measures];
    let apart = high.predictive_entropy - low.predictive_entropy;
    let unpaired = low.predictive_entropy_se.hypot(high.predictive_entropy_se);
    assert!(apart < 1.96 * unpaired, "{apart} against {unpaired}");
}

#[test]
fn top_classes_are_those_that_lead_anywhere_and_jitter_spreads_evenly() {
    let steps = [sure(0.0, 0), torn(15.0), sure(30.0, 2)];
    assert_eq!(top_classes(&steps, 3), [1, 5, 7]);
    assert_eq!(top_classes(&steps, 2), [1, 7]);
    assert_eq!(envelope(&steps[1].probabilities, 5), [0.04, 0.94]);
    let mut places: Vec<f32> = (0..100).map(jitter).collect();
    places.sort_by(f32::total_cmp);
    assert!(places[0] >= -0.31 && places[99] < 0.31);
    assert!(places.windows(2).all(|pair| pair[1] - pair[0] < 0.03 * 0.62), "no gap wider than three places");
}

#[test]
fn the_highest_entropy_of_a_course_has_its_error_on_top() {
    let certain = step(0.0, &[[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]);
    let torn = step(10.0, &[[0.5, 0.4, 0.1], [0.4, 0.6, 0.0]]);
    let expected = torn.measures.predictive_entropy + torn.measures.predictive_entropy_se;
    assert!(expected > 0.6);
    assert_eq!(highest_entropy(&[Arc::clone(&certain), torn, certain]), expected);
    let alone = step(0.0, &[[0.5, 0.5, 0.0]]);
    assert_eq!(highest_entropy(&[alone]), std::f32::consts::LN_2, "one pass has no error");
    assert_eq!(highest_entropy(&[]), 0.0);
}
