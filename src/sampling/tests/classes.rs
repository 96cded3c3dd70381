//! Networks that tell apart two classes, a few and many: the same numbers as with tensors, and sums as by hand.

use super::*;
use crate::sampling::MaskDesign;
use crate::sampling::statistics::{MOST_PAIRED, largest, pairs};

/// The fewest, few, the first whose pairs are not summed, and many.
pub(super) const COUNTS: [usize; 4] = [2, 3, 17, 200];

/// What [`super::allowed`] allows ten classes, whose entropy is at most 2.4.
fn allowed(probability: f64, classes: usize) -> f64 {
    let entropy = (classes as f64).ln() + 0.1;
    probability * ((probability.max(1e-30).ln().abs() + entropy) / 2048.0 + 1e-4) + 1e-12
}

#[test]
fn any_number_of_classes_is_sampled_as_with_tensors() {
    let pixels = pixels(66);
    let bytes = Pixels::Bytes(&pixels);
    let numbers: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    let config = SweepConfig { passes: 3, dropout: 0.5, seed: 9, masks: MaskDesign::Balanced };
    for classes in COUNTS {
        for placement in PLACEMENTS {
            let weights = weights_of(21, classes);
            let reference = TensorNetwork::new(&Network::new(weights.clone(), placement).unwrap()).unwrap();
            let want = reference.naive(bytes, &config).unwrap();
            let plain = reference
                .naive(
                    bytes,
                    &SweepConfig { passes: 1, dropout: 0.0, seed: 1, masks: MaskDesign::Independent },
                )
                .unwrap();
            for set in InstructionSet::available() {
                let case = format!("{classes} classes, {placement:?}, {}", set.name());
                let network = Arc::new(Network::with_instructions(weights.clone(), placement, set).unwrap());
                let [samples, threaded] = [1, 3].map(|threads| {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                    pool.install(|| sampled(&network, bytes, &config))
                });
                assert_eq!(samples.classes(), classes);
                let statistics = samples.statistics(3);
                assert_eq!(threaded.statistics(3), statistics, "{case}");
                for image in [0, 63, 64, 65] {
                    assert_eq!(threaded.image(image), samples.image(image), "{case}");
                    for (pass, got) in samples.image(image).iter().enumerate() {
                        let want = softmax(&want[pass][image]);
                        assert_eq!(got.len(), classes);
                        for (got, &want) in got.iter().zip(&want) {
                            let error = (f64::from(*got) - want).abs();
                            assert!(
                                error <= allowed(want, classes),
                                "{case} {image} {pass}: {got} for {want}"
                            );
                        }
                    }
                    let one: &[f32; PIXELS] = numbers[image * PIXELS..][..PIXELS].try_into().unwrap();
                    let one = sample_image(&network, one, &config).unwrap();
                    let of_image: Vec<_> = want.iter().map(|pass| vec![pass[image].clone()]).collect();
                    let logits: Vec<_> = one.logits.iter().map(|logits| vec![logits.clone()]).collect();
                    assert_close(&of_image, &logits);
                    assert_eq!(one.probabilities(), samples.image(image), "{case}");
                    assert_eq!(one.statistics(), statistics[image], "{case}");
                    assert_eq!(one.prefixes(), samples.prefixes(image), "{case}");
                }
                let found = deterministic(&network, bytes, &mut unobserved).unwrap().unwrap();
                assert_eq!((found.logits.len(), found.hidden.len()), (66, 66 * 21));
                assert!(found.logits.iter().all(|logits| logits.len() == classes));
                assert_close(&plain, &[found.logits]);
            }
        }
    }
}

#[test]
fn statistics_of_any_number_of_classes_are_the_sums_they_say() {
    let pixels = pixels(5);
    let config = SweepConfig { passes: 12, masks: MaskDesign::Independent, ..SweepConfig::default() };
    for classes in COUNTS {
        let network = Arc::new(Network::new(weights_of(21, classes), Placement::Dense).unwrap());
        let samples = sampled(&network, Pixels::Bytes(&pixels), &config);
        for passes in [1, 5, 12] {
            for (image, statistics) in samples.statistics(passes).iter().enumerate() {
                assert_eq!(samples.prefixes(image)[passes - 1], *statistics);
                let drawn: Vec<PerClass<f64>> =
                    samples.image(image)[..passes].iter().map(|p| p.map(f64::from)).collect();
                let entropy = |p: &PerClass<f64>| -p.iter().map(|p| p * p.ln()).sum::<f64>();
                let close = |got: f64, want: f64| {
                    let within = 1e-5 * want.abs().max(1.0);
                    assert!((got - want).abs() < within, "{classes} classes: {got} for {want}");
                };
                close(statistics.entropy, drawn.iter().map(entropy).sum());
                close(statistics.entropy_squared, drawn.iter().map(|p| entropy(p).powi(2)).sum());
                let mut outer = statistics.outer.iter();
                let mut votes = vec![0_u32; classes];
                for p in &drawn {
                    votes[largest(p)] += 1;
                }
                for i in 0..classes {
                    close(statistics.probability[i], drawn.iter().map(|p| p[i]).sum());
                    close(statistics.log_probability[i], drawn.iter().map(|p| p[i].ln()).sum());
                    close(statistics.entropy_probability[i], drawn.iter().map(|p| entropy(p) * p[i]).sum());
                    for j in i..if classes > MOST_PAIRED { i + 1 } else { classes } {
                        close(*outer.next().unwrap(), drawn.iter().map(|p| p[i] * p[j]).sum());
                    }
                }
                assert_eq!((statistics.outer.len(), outer.next()), (pairs(classes), None));
                assert_eq!(statistics.votes[..], votes[..]);
                assert_eq!((statistics.passes, statistics.classes()), (passes as u32, classes));
            }
        }
    }
}
