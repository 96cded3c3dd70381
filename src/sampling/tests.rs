//! What the sweep must equal, whatever its path, its threads and its instructions.

use std::ops::ControlFlow;
use std::sync::Arc;

use rand::Rng;

use super::tensors::TensorNetwork;
use super::*;
use crate::data::{CLASSES, PIXELS, PerClass, Pixels};
use crate::kernel::InstructionSet;
use crate::model::{Placement, Weights};
use crate::progress::unobserved;
use crate::random::{Purpose, stream};
use crate::sampling::MaskDesign;

mod balanced;
mod classes;
mod figures;
mod graphs;
mod large;
mod side_by_side;

const PLACEMENTS: [Placement; 3] = [Placement::Last, Placement::Dense, Placement::All];

/// Random weights of the size training starts from, scaled up in the last layer so that passes disagree.
pub(super) fn weights(hidden: usize) -> Weights {
    weights_of(hidden, CLASSES)
}

/// The same for this many classes.
pub(super) fn weights_of(hidden: usize, classes: usize) -> Weights {
    let mut generator = stream(11, Purpose::Weights, [hidden as u64]);
    let mut draw = |count: usize, inputs: usize, gain: f32| -> Vec<f32> {
        let bound = gain / (inputs as f32).sqrt();
        (0..count).map(|_| generator.random_range(-bound..bound)).collect()
    };
    Weights {
        hidden,
        classes,
        conv1_weight: draw(20 * 25, 25, 2.0),
        conv1_bias: draw(20, 25, 1.0),
        conv2_weight: draw(50 * 500, 500, 2.0),
        conv2_bias: draw(50, 500, 1.0),
        fc1_weight: draw(hidden * 800, 800, 2.0),
        fc1_bias: draw(hidden, 800, 1.0),
        fc2_weight: draw(classes * hidden, hidden.max(1), 6.0),
        fc2_bias: draw(classes, hidden.max(1), 1.0),
    }
}

/// Blobs of ink, some thin, some thick.
pub(super) fn pixels(images: usize) -> Vec<u8> {
    let mut generator = stream(5, Purpose::Synthetic, [images as u64]);
    let mut pixels = vec![0; images * PIXELS];
    for image in pixels.chunks_exact_mut(PIXELS) {
        for _ in 0..generator.random_range(20..120) {
            image[generator.random_range(4..24) * 28 + generator.random_range(4..24)] =
                generator.random_range(100..=255);
        }
    }
    pixels
}

fn network(hidden: usize, placement: Placement) -> Arc<Network> {
    Arc::new(Network::new(weights(hidden), placement).unwrap())
}

fn sampled(network: &Arc<Network>, pixels: Pixels, config: &SweepConfig) -> Samples {
    let prefix = Prefix::compute(network, pixels, &mut unobserved).unwrap().unwrap();
    sweep(&prefix, config, Samples::empty(prefix.images(), config), &mut |_| ControlFlow::Continue(()))
        .unwrap()
}

fn softmax(logits: &[f32]) -> PerClass<f64> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: PerClass<f64> =
        logits.iter().map(|logit| (f64::from(*logit) - f64::from(most)).exp()).collect();
    let total: f64 = powers.iter().sum();
    powers.map(|power| power / total)
}

/// Rates and kinds of masks that are computed in different ways.
const DESIGNS: [(f32, MaskDesign); 6] = [
    (0.0, MaskDesign::Balanced),
    (0.25, MaskDesign::Balanced),
    (0.5, MaskDesign::Balanced),
    (0.75, MaskDesign::Balanced),
    (0.5, MaskDesign::Independent),
    (0.95, MaskDesign::Independent),
];

#[test]
fn bytes_are_the_same_with_one_two_and_three_threads() {
    let pixels = pixels(150);
    let cases = PLACEMENTS.into_iter().flat_map(|placement| DESIGNS.map(|design| (placement, design)));
    for (placement, (dropout, masks)) in cases {
        let network = network(60, placement);
        let config = SweepConfig { passes: 71, dropout, seed: 1, masks };
        let mut results = (1..=3).map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let samples = sampled(&network, Pixels::Bytes(&pixels), &config);
                let images: Vec<_> = (0..150).map(|image| samples.image(image)).collect();
                (samples.statistics(71), samples.statistics(7), images)
            })
        });
        let first = results.next().unwrap();
        assert!(results.all(|result| result == first), "{placement:?} {config:?}");
    }
}

#[test]
fn masks_through_tensors_give_the_same_probabilities() {
    let pixels = pixels(70);
    for placement in PLACEMENTS {
        for (dropout, masks) in DESIGNS {
            let network = network(37, placement);
            let config = SweepConfig { passes: 6, dropout, seed: 9, masks };
            let reference = TensorNetwork::new(&network).unwrap();
            let want = reference.naive(Pixels::Bytes(&pixels), &config).unwrap();
            assert_close(&want, &reference.cached(Pixels::Bytes(&pixels), &config).unwrap());
            let samples = sampled(&network, Pixels::Bytes(&pixels), &config);
            for image in [0, 1, 63, 64, 69] {
                for (pass, got) in samples.image(image).iter().enumerate() {
                    let want = softmax(&want[pass][image]);
                    for (got, &want) in got.iter().zip(&want) {
                        let allowed = allowed(want);
                        let error = (f64::from(*got) - want).abs();
                        assert!(
                            error <= allowed,
                            "{placement:?} p {dropout} {image} {pass}: {got} for {want}"
                        );
                    }
                }
            }
        }
    }
}

/// What 16 bits leave of a probability's logarithm and of the largest one's, and rounding in sums of hundreds.
fn allowed(probability: f64) -> f64 {
    probability * ((probability.max(1e-30).ln().abs() + 2.4) / 2048.0 + 1e-4) + 1e-12
}

fn assert_close(left: &[Vec<PerClass<f32>>], right: &[Vec<PerClass<f32>>]) {
    for (left, right) in left.iter().flatten().flatten().zip(right.iter().flatten().flatten()) {
        assert!((left - right).abs() < 1e-4 * left.abs().max(1.0), "{left} and {right}");
    }
}

#[test]
fn one_image_gives_the_numbers_of_the_sweep_to_the_bit() {
    let pixels = pixels(3);
    let numbers: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    for set in InstructionSet::available() {
        for placement in PLACEMENTS {
            for (dropout, masks) in DESIGNS {
                let network = Arc::new(Network::with_instructions(weights(37), placement, set).unwrap());
                let config = SweepConfig { passes: 70, dropout, seed: 2, masks };
                let samples = sampled(&network, Pixels::Bytes(&pixels), &config);
                let statistics = samples.statistics(70);
                for image in [0, 2] {
                    let one: &[f32; PIXELS] = numbers[image * PIXELS..][..PIXELS].try_into().unwrap();
                    let one = sample_image(&network, one, &config).unwrap();
                    let case = format!("{} {placement:?} p {dropout} {masks:?}", set.name());
                    assert_eq!(one.probabilities(), samples.image(image), "{case}");
                    assert_eq!(one.statistics(), statistics[image], "{case}");
                    assert_eq!(one.prefixes(), samples.prefixes(image), "{case}");
                }
            }
        }
    }
}

#[test]
fn one_image_gives_the_logits_of_the_reference() {
    let pixels = pixels(1);
    let numbers: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    for placement in PLACEMENTS {
        let network = network(37, placement);
        let config = SweepConfig { passes: 5, dropout: 0.5, seed: 2, masks: MaskDesign::Independent };
        let one = sample_image(&network, <&[f32; PIXELS]>::try_from(&numbers[..]).unwrap(), &config).unwrap();
        let want = TensorNetwork::new(&network).unwrap().naive(Pixels::Bytes(&pixels), &config).unwrap();
        assert_close(&want, &one.logits.iter().map(|logits| vec![logits.clone()]).collect::<Vec<_>>());
    }
}

#[test]
fn every_instruction_set_agrees() {
    let pixels = pixels(65);
    for placement in PLACEMENTS {
        let config = SweepConfig { passes: 4, ..SweepConfig::default() };
        let mut results = InstructionSet::available().into_iter().map(|set| {
            let network = Network::with_instructions(weights(37), placement, set).unwrap();
            let one: Vec<f32> = pixels[..PIXELS].iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
            sample_image(&network, <&[f32; PIXELS]>::try_from(&one[..]).unwrap(), &config).unwrap().logits
        });
        let first = results.next().unwrap();
        for other in results {
            for (a, b) in first.iter().flatten().zip(other.iter().flatten()) {
                assert!((a - b).abs() <= 1e-5 * a.abs().max(1.0), "{placement:?}: {a} and {b}");
            }
        }
    }
}

#[test]
fn without_dropout_every_pass_is_the_deterministic_network() {
    let pixels = pixels(66);
    for placement in PLACEMENTS {
        let network = network(37, placement);
        let config = SweepConfig { passes: 2, dropout: 0.0, seed: 1, masks: MaskDesign::Independent };
        let samples = sampled(&network, Pixels::Bytes(&pixels), &config);
        let plain = deterministic(&network, Pixels::Bytes(&pixels), &mut unobserved).unwrap().unwrap();
        assert_eq!(plain.hidden.len(), 66 * 37);
        for image in 0..66 {
            let passes = samples.image(image);
            assert_eq!(passes[0].map(f32::to_bits), passes[1].map(f32::to_bits));
            for (got, &want) in passes[0].iter().zip(&softmax(&plain.logits[image])) {
                assert!((f64::from(*got) - want).abs() < allowed(want), "{got} for {want}");
            }
        }
    }
}

#[test]
fn any_prefix_has_the_bytes_of_a_sweep_that_ended_there() {
    let pixels = pixels(70);
    let network = network(37, Placement::Dense);
    let long = SweepConfig { passes: 130, ..SweepConfig::default() };
    let samples = sampled(&network, Pixels::Bytes(&pixels), &long);
    assert_eq!(samples.passes(), 130);
    for passes in [1, 3, 4, 5, 10, 60, 100, 129, 130] {
        let config = SweepConfig { passes, ..long };
        let short = sampled(&network, Pixels::Bytes(&pixels), &config);
        assert_eq!(short.statistics(passes), samples.statistics(passes), "{passes}");
        assert_eq!(samples.prefixes(69)[passes - 1], samples.statistics(passes)[69]);
    }
    assert_eq!(samples.statistics(1000), samples.statistics(130));
    for none in samples.statistics(0) {
        assert_eq!(Statistics { quartets: None, ..none }, Statistics::zero(10));
    }
}

#[test]
fn statistics_are_the_sums_they_say() {
    let pixels = pixels(66);
    let network = network(37, Placement::Last);
    let config = SweepConfig { passes: 21, masks: MaskDesign::Independent, ..SweepConfig::default() };
    let samples = sampled(&network, Pixels::Bytes(&pixels), &config);
    for (image, statistics) in samples.statistics(21).iter().enumerate() {
        let passes: Vec<PerClass<f64>> =
            samples.image(image).iter().map(|probabilities| probabilities.map(f64::from)).collect();
        let entropy = |p: &PerClass<f64>| -p.iter().map(|p| p * p.ln()).sum::<f64>();
        let close =
            |got: f64, want: f64| assert!((got - want).abs() < 1e-5 * want.abs().max(1.0), "{got} {want}");
        close(statistics.entropy, passes.iter().map(entropy).sum());
        close(statistics.entropy_squared, passes.iter().map(|p| entropy(p).powi(2)).sum());
        let mut pair = 0;
        for i in 0..CLASSES {
            close(statistics.probability[i], passes.iter().map(|p| p[i]).sum());
            close(statistics.log_probability[i], passes.iter().map(|p| p[i].ln()).sum());
            close(statistics.entropy_probability[i], passes.iter().map(|p| entropy(p) * p[i]).sum());
            for j in i..CLASSES {
                close(statistics.outer[pair], passes.iter().map(|p| p[i] * p[j]).sum());
                pair += 1;
            }
        }
        assert!((statistics.probability.iter().sum::<f64>() - 21.0).abs() < 1e-12);
        let mut votes = PerClass::filled(CLASSES, 0);
        for pass in 0..21 {
            votes[usize::from(samples.votes_of_pass(pass)[image])] += 1;
        }
        assert_eq!(statistics.votes, votes);
        assert_eq!(statistics.passes, 21);
    }
}

#[test]
fn a_certain_image_keeps_its_tiny_entropy() {
    // Softmax of logits 0 and −40: entropy 40·e⁻⁴⁰·… would vanish as a 16-bit or a 32-bit probability.
    let mut weights = weights(5);
    weights.fc2_weight.fill(0.0);
    weights.fc2_bias = vec![-40.0; 10];
    weights.fc2_bias[3] = 0.0;
    let network = Arc::new(Network::new(weights, Placement::Last).unwrap());
    let samples = sampled(&network, Pixels::Bytes(&pixels(1)), &SweepConfig::default());
    let small = (-40.0_f64).exp();
    let want = 9.0 * small * 41.0;
    let got = samples.statistics(1)[0].entropy;
    assert!((got / want - 1.0).abs() < 1e-3, "{got} for {want}");
}

#[test]
fn logits_before_the_last_layer_have_the_exact_moments() {
    // Dropout before the last layer only: E[z] = W h + b, Cov[z_k, z_l] = p/(1−p) Σ_j W_kj W_lj h_j².
    let pixels = pixels(1);
    let network = network(200, Placement::Last);
    let (passes, dropout) = (20_000, 0.5);
    let config = SweepConfig { passes, dropout, seed: 4, masks: MaskDesign::Independent };
    let plain = deterministic(&network, Pixels::Bytes(&pixels), &mut unobserved).unwrap().unwrap();
    let numbers: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    let one = sample_image(&network, <&[f32; PIXELS]>::try_from(&numbers[..]).unwrap(), &config).unwrap();
    let weight = |class: usize, unit: usize| {
        f64::from(network.lenet().unwrap().weights().fc2_weight[class * 200 + unit])
    };
    let covariance = |k: usize, l: usize| {
        let terms = plain.hidden.iter().enumerate();
        terms.map(|(j, h)| weight(k, j) * weight(l, j) * f64::from(*h).powi(2)).sum::<f64>()
            * f64::from(dropout / (1.0 - dropout))
    };
    let count = passes as f64;
    let mean: PerClass<f64> =
        PerClass::from_fn(CLASSES, |k| one.logits.iter().map(|z| f64::from(z[k])).sum::<f64>() / count);
    for k in 0..CLASSES {
        let z = (mean[k] - f64::from(plain.logits[0][k])) / (covariance(k, k) / count).sqrt();
        assert!(z.abs() < 4.0, "mean of class {k} is {z} standard errors off");
        for l in k..CLASSES {
            let product = |z: &PerClass<f32>| (f64::from(z[k]) - mean[k]) * (f64::from(z[l]) - mean[l]);
            let got = one.logits.iter().map(product).sum::<f64>() / count;
            // The standard error of a covariance of nearly normal numbers.
            let variance = (covariance(k, k) * covariance(l, l) + covariance(k, l).powi(2)) / count;
            let z = (got - covariance(k, l)) / variance.sqrt();
            assert!(z.abs() < 4.5, "covariance of {k} and {l} is {z} standard errors off");
        }
    }
}

#[test]
fn shared_masks_have_the_distribution_of_independent_ones() {
    let pixels = pixels(6);
    for placement in PLACEMENTS {
        for (dropout, passes) in [(0.5, 250), (0.95, 250)] {
            let network = network(37, placement);
            let config = SweepConfig { passes, dropout, seed: 3, masks: MaskDesign::Independent };
            let reference = TensorNetwork::new(&network).unwrap();
            let independent = reference.independent(Pixels::Bytes(&pixels), &config).unwrap();
            let samples = sampled(&network, Pixels::Bytes(&pixels), &config);
            for (image, statistics) in samples.statistics(passes).iter().enumerate() {
                let count = passes as f64;
                let mut pair = 0;
                for class in 0..CLASSES {
                    // First and second moments; the standard error of each difference from the moments of twice
                    // the order, where enough passes have any probability to speak of that these can be trusted. 120
                    // comparisons of each case, correlated: 5 standard errors are beyond 1 in 10⁶.
                    let moment = |order: i32| {
                        let powers = independent.iter().map(|pass| softmax(&pass[image])[class].powi(order));
                        powers.sum::<f64>() / count
                    };
                    for (order, got) in [(1, statistics.probability[class]), (2, statistics.outer[pair])] {
                        if moment(order) < 0.02 {
                            continue;
                        }
                        let error = (2.0 * (moment(2 * order) - moment(order).powi(2)) / count).sqrt();
                        let z = (got / count - moment(order)) / error;
                        assert!(
                            z.abs() < 5.0,
                            "{placement:?} p {dropout} {image} {class} moment {order}: {z}"
                        );
                    }
                    pair += CLASSES - class;
                }
            }
        }
    }
}

#[test]
fn a_layer_that_keeps_nothing_is_zero() {
    let pixels = pixels(65);
    for placement in PLACEMENTS {
        let network = network(6, placement);
        let config = SweepConfig { passes: 2, dropout: 0.999_999_9, seed: 1, masks: MaskDesign::Independent };
        let samples = sampled(&network, Pixels::Bytes(&pixels), &config);
        let bias = PerClass::from(&network.lenet().unwrap().weights().fc2_bias[..]);
        for image in [0, 64] {
            for (got, &want) in samples.image(image)[1].iter().zip(&softmax(&bias)) {
                assert!((f64::from(*got) - want).abs() < 1e-3, "{placement:?}: {got} for {want}");
            }
        }
    }
}

#[test]
fn odd_numbers_of_images_and_hidden_units_are_sampled() {
    for placement in PLACEMENTS {
        for (images, hidden) in [(0, 37), (1, 1), (63, 2), (64, 37), (65, 0)] {
            let pixels = pixels(images);
            let network = network(hidden, placement);
            let config = SweepConfig { passes: 5, ..SweepConfig::default() };
            let samples = sampled(&network, Pixels::Bytes(&pixels), &config);
            assert_eq!((samples.images(), samples.passes()), (images, 5));
            let statistics = samples.statistics(5);
            assert_eq!(statistics.len(), images);
            assert!(statistics.iter().all(|s| (s.probability.iter().sum::<f64>() - 5.0).abs() < 1e-12));
            assert_eq!(samples.votes_of_pass(4).len(), images);
            let plain = deterministic(&network, Pixels::Bytes(&pixels), &mut unobserved).unwrap().unwrap();
            assert_eq!((plain.logits.len(), plain.hidden.len()), (images, images * hidden));
        }
    }
}

#[test]
fn a_stop_keeps_what_is_complete_and_can_be_continued() {
    let pixels = pixels(200);
    for placement in PLACEMENTS {
        let network = network(37, placement);
        let config = SweepConfig { passes: 180, ..SweepConfig::default() };
        let prefix = Prefix::compute(&network, Pixels::Bytes(&pixels), &mut unobserved).unwrap().unwrap();
        let mut events = 0;
        let mut seen = 0;
        let stopped = sweep(&prefix, &config, Samples::empty(200, &config), &mut |event| {
            events += 1;
            if let SweepEvent::Samples(samples) = event {
                seen = samples.passes();
                assert_eq!(samples.statistics(seen).len(), 200);
            }
            if seen >= 10 && events > 20 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
        assert!(stopped.passes() >= 10 && stopped.passes() < 180, "{}", stopped.passes());
        let continued = sweep(&prefix, &config, stopped.clone(), &mut |_| ControlFlow::Continue(())).unwrap();
        let whole = sampled(&network, Pixels::Bytes(&pixels), &config);
        assert_eq!(continued.statistics(180), whole.statistics(180));
        assert!(stopped.passes() < 180, "a clone must not grow");
    }
}

#[test]
fn progress_never_goes_back_and_ends_at_its_total() {
    let pixels = pixels(130);
    let network = network(37, Placement::Dense);
    let config = SweepConfig { passes: 30, ..SweepConfig::default() };
    let prefix = Prefix::compute(&network, Pixels::Bytes(&pixels), &mut unobserved).unwrap().unwrap();
    let mut last = 0;
    sweep(&prefix, &config, Samples::empty(130, &config), &mut |event| {
        if let SweepEvent::Progress(progress) = event {
            assert_eq!(progress.total, 130 * 30);
            assert!(progress.done >= last && progress.done <= progress.total);
            last = progress.done;
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(last, 130 * 30);
}

#[test]
fn dropout_leaves_the_multiplications_it_should() {
    let images = 3;
    let count = |placement: Placement, dropout: f32| {
        let config = SweepConfig { passes: 50, dropout, seed: 1, masks: MaskDesign::Independent };
        multiplications(&network(500, placement), &config, images) as f64 / (50 * images) as f64
    };
    assert!((count(Placement::Last, 0.0) - 5000.0).abs() < 1e-9);
    assert!((count(Placement::Dense, 0.0) - 405_000.0).abs() < 1e-9);
    // The second convolution's 1.6 million, and the first one's share of each segment of passes.
    let all = count(Placement::All, 0.0) - 405_000.0 - 1_600_000.0;
    assert!((5_000.0..50_000.0).contains(&all), "{all}");
    // Means of 50 passes: (1 − p)² of the hidden layer, 1 − p of the last.
    let half = count(Placement::Dense, 0.5);
    assert!((half / 102_500.0 - 1.0).abs() < 0.03, "{half}");
    // A quarter of the convolution's outputs and 15/16 of its inputs; 15/32 of the hidden layer's inputs.
    let half = count(Placement::All, 0.5) - all;
    assert!((half / (375_000.0 + 93_750.0 + 2_500.0) - 1.0).abs() < 0.03, "{half}");
}

#[test]
fn what_cannot_be_sampled_is_named() {
    let config = SweepConfig::default();
    for dropout in [1.0, -0.1, f32::NAN, f32::INFINITY] {
        let error = SweepConfig { dropout, ..config }.check().unwrap_err();
        assert!(matches!(error, SamplingError::Dropout { .. }));
    }
    assert_eq!(SweepConfig { passes: 0, ..config }.check(), Err(SamplingError::NoPasses));

    let mut broken = weights(37);
    broken.fc1_weight[5] = f32::NAN;
    let error = Network::new(broken, Placement::Dense).unwrap_err();
    assert!(error.to_string().contains("fc1.weight holds NaN at position 5"), "{error}");
    let mut broken = weights(37);
    broken.conv2_bias.pop();
    let error = Network::new(broken, Placement::Dense).unwrap_err();
    assert_eq!(error, SamplingError::Shape { parameter: "conv2.bias", found: 49, expected: 50 });

    let network = network(37, Placement::Dense);
    let error = Prefix::compute(&network, Pixels::Bytes(&[0; 783]), &mut unobserved).unwrap_err();
    assert_eq!(error, SamplingError::Pixels { found: 783 });
    let mut numbers = [0.0; 2 * PIXELS];
    numbers[PIXELS + 3] = f32::INFINITY;
    let error = Prefix::compute(&network, Pixels::Numbers(&numbers), &mut unobserved).unwrap_err();
    assert_eq!(error, SamplingError::PixelNotFinite { image: 1, pixel: 3, value: f32::INFINITY });

    let prefix = Prefix::compute(&network, Pixels::Bytes(&[0; PIXELS]), &mut unobserved).unwrap().unwrap();
    let other = Samples::empty(1, &SweepConfig { seed: 2, ..config });
    let error = sweep(&prefix, &config, other, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(matches!(error, SamplingError::Continuation { .. }), "{error}");
    let huge = SweepConfig { passes: 20_000_000, ..config };
    let error =
        sweep(&prefix, &huge, Samples::empty(1, &huge), &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(error.to_string().contains("1 images × 20000000 passes take 25.6 GB on the disk"), "{error}");
}

#[test]
fn overflowing_logits_are_still_a_distribution() {
    let mut weights = weights(37);
    weights.fc2_weight.fill(3e38);
    weights.fc1_bias.fill(3e38);
    for placement in PLACEMENTS {
        let network = Arc::new(Network::new(weights.clone(), placement).unwrap());
        let samples = sampled(&network, Pixels::Bytes(&pixels(2)), &SweepConfig::default());
        for statistics in samples.statistics(100) {
            assert!((statistics.probability.iter().sum::<f64>() - 100.0).abs() < 1e-9, "{statistics:?}");
            assert!(statistics.entropy.is_finite());
        }
    }
}

#[test]
fn what_is_of_other_images_or_another_network_is_not_put_together() {
    let digits = crate::data::synthetic::generate(5, 1);
    let others = crate::data::synthetic::generate(5, 2);
    let config = SweepConfig { passes: 2, ..SweepConfig::default() };
    let networks = [(10, Placement::Dense), (11, Placement::Dense), (10, Placement::Last)];
    let [own, other, placed] = networks.map(|(hidden, placement)| network(hidden, placement));
    let prefix = |network, digits| Prefix::of(network, digits, &mut unobserved).unwrap().unwrap();
    let go = |prefix: &Prefix, config: &SweepConfig, from| {
        sweep(prefix, config, from, &mut |_| ControlFlow::Continue(()))
    };
    let first = prefix(&own, &digits);
    let samples = go(&first, &config, Samples::empty(5, &config)).unwrap();
    assert_eq!(samples.key().unwrap().pairing, own.pairing(&digits));
    let more = SweepConfig { passes: 4, ..config };
    for wrong in [prefix(&other, &digits), prefix(&placed, &digits), prefix(&own, &others)] {
        let error = go(&wrong, &more, samples.clone()).unwrap_err();
        assert!(matches!(error, SamplingError::Mixed { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(&first.pairing().to_string()) && text.contains(&wrong.pairing().to_string()));
    }
    assert_eq!(go(&first, &more, samples.clone()).unwrap().key(), samples.key());
    assert!(samples.key_with(&digits).is_ok());
    assert!(matches!(samples.key_with(&others), Err(SamplingError::Mixed { .. })));
    let rates = [0.5_f32, 0.500_000_06].map(|dropout| RunKey { dropout, ..samples.key().unwrap() });
    assert_ne!(rates[0], rates[1]);
}
