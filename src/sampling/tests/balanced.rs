//! Balanced masks: each pass by itself as independent ones, a quartet even, quartets independent of each other.

use super::super::design::QUARTET;
use super::super::further::further;
use super::super::masks::{DropoutLayer, Masks};
use super::*;
use crate::model::geometry::FEATURES;

const RATES: [f32; 3] = [0.25, 0.5, 0.75];

fn config(passes: usize, dropout: f32, seed: u64) -> SweepConfig {
    SweepConfig { passes, dropout, seed, masks: MaskDesign::Balanced }
}

/// Whether each pass keeps each unit of a layer, as 1 − p of the kept and −p of the dropped: of mean 0.
fn centred(dropout: f32, layer: DropoutLayer, placement: Placement, passes: usize) -> Vec<Vec<f64>> {
    let masks = Masks::new(&config(passes, dropout, 3), InstructionSet::detect());
    let p = f64::from(dropout);
    let pass = |pass| {
        let kept = masks.kept(pass, layer, placement, layer.units(FEATURES));
        kept.into_iter().map(|kept| if kept { p } else { p - 1.0 }).collect()
    };
    (0..passes).map(pass).collect()
}

/// The mean product of two rows over p(1 − p), and what four standard errors of it are.
fn correlation(pairs: impl Iterator<Item = (f64, f64)>, dropout: f32) -> (f64, f64) {
    let p = f64::from(dropout);
    let (count, sum) = pairs.fold((0.0, 0.0), |(count, sum), (a, b)| (count + 1.0, sum + a * b));
    (sum / count / (p * (1.0 - p)), 4.0 / f64::sqrt(count))
}

#[test]
fn units_are_kept_at_the_rate_and_independently_within_a_pass() {
    for dropout in RATES {
        for (layer, placement) in [
            (DropoutLayer::Fc1Input, Placement::Dense),
            (DropoutLayer::Fc1Output, Placement::Dense),
            (DropoutLayer::Fc1Output, Placement::Last),
        ] {
            let passes = centred(dropout, layer, placement, 240);
            for pass in &passes {
                let (kept, units) =
                    (pass.iter().filter(|value| **value > 0.0).count() as f64, pass.len() as f64);
                let p = f64::from(dropout);
                let allowed = 5.0 * (units * p * (1.0 - p)).sqrt();
                assert!((kept - units * (1.0 - p)).abs() < allowed, "{dropout} {layer:?}: {kept}");
            }
            // One pass of each quartet, which are independent of each other: units that are neighbours, or far apart.
            for apart in [1, 2, 16, 77] {
                let ones = passes.iter().step_by(QUARTET);
                let pairs = ones.flat_map(|pass| pass.iter().zip(&pass[apart..]).map(|(a, b)| (*a, *b)));
                let (found, allowed) = correlation(pairs, dropout);
                assert!(found.abs() < allowed, "{dropout} {layer:?} {apart}: {found}");
            }
        }
    }
}

#[test]
fn a_quartet_keeps_every_unit_equally_often_and_quartets_are_independent() {
    for dropout in RATES {
        for placement in [Placement::Dense, Placement::Last] {
            let passes = centred(dropout, DropoutLayer::Fc1Output, placement, 240);
            for quartet in passes.chunks_exact(QUARTET) {
                for unit in 0..quartet[0].len() {
                    let sum: f64 = quartet.iter().map(|pass| pass[unit]).sum();
                    assert!(sum.abs() < 1e-12, "{dropout} {placement:?}");
                }
            }
            for [first, second] in [[0, 4], [1, 6], [0, 60], [3, 118], [0, 20]] {
                let pairs = passes[first].iter().zip(&passes[second]).map(|(a, b)| (*a, *b));
                let (found, allowed) = correlation(pairs, dropout);
                assert!(found.abs() < allowed, "{dropout} {placement:?} {first} {second}: {found}");
            }
        }
    }
}

#[test]
fn two_sites_are_independent_of_each_other() {
    for dropout in RATES {
        let [inputs, outputs] = [DropoutLayer::Fc1Input, DropoutLayer::Fc1Output]
            .map(|layer| centred(dropout, layer, Placement::Dense, 240));
        let pairs = inputs.iter().zip(&outputs).step_by(QUARTET);
        let pairs = pairs.flat_map(|(a, b)| a.iter().zip(b).map(|(a, b)| (*a, *b)));
        let (found, allowed) = correlation(pairs, dropout);
        assert!(found.abs() < allowed, "{dropout}: {found}");
    }
}

#[test]
fn logits_behind_one_site_average_to_those_without_dropout_in_every_quartet() {
    // Before the last layer only, logits are linear in the mask: what a quartet keeps evenly is all there is.
    let pixels = pixels(1);
    let numbers: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    let network = network(200, Placement::Last);
    let plain = deterministic(&network, Pixels::Bytes(&pixels), &mut unobserved).unwrap().unwrap();
    let weight = |class: usize, unit: usize| {
        f64::from(network.lenet().unwrap().weights().fc2_weight[class * 200 + unit])
    };
    for dropout in RATES {
        let image = <&[f32; PIXELS]>::try_from(&numbers[..]).unwrap();
        let one = sample_image(&network, image, &config(8_000, dropout, 4)).unwrap();
        for quartet in one.logits.chunks_exact(QUARTET) {
            for (class, plain) in plain.logits[0].iter().enumerate() {
                let mean = quartet.iter().map(|logits| logits[class]).sum::<f32>() / 4.0;
                assert!((mean - plain).abs() < 1e-4 * plain.abs().max(1.0), "{dropout}: {mean} for {plain}");
            }
        }
        // And each pass varies as an independent one: Var z_k = p/(1 − p) Σ_j (W_kj h_j)².
        for class in 0..CLASSES {
            let terms = plain.hidden.iter().enumerate();
            let variance = terms.map(|(j, h)| (weight(class, j) * f64::from(*h)).powi(2)).sum::<f64>()
                * f64::from(dropout / (1.0 - dropout));
            let mean = f64::from(plain.logits[0][class]);
            let squares = one.logits.iter().map(|logits| (f64::from(logits[class]) - mean).powi(2));
            let found = squares.sum::<f64>() / 8_000.0;
            assert!((found / variance - 1.0).abs() < 0.12, "{dropout} {class}: {found} for {variance}");
        }
    }
}

#[test]
fn sums_over_quartets_are_the_sums_they_say() {
    let pixels = pixels(66);
    let network = network(37, Placement::Dense);
    let samples = sampled(&network, Pixels::Bytes(&pixels), &config(23, 0.5, 1));
    assert_eq!(samples.together(), QUARTET);
    let close =
        |got: f64, want: f64| assert!((got - want).abs() < 1e-5 * want.abs().max(1.0), "{got} {want}");
    for passes in [2, 4, 20, 23] {
        for (image, statistics) in samples.statistics(passes).iter().enumerate().step_by(13) {
            let mut drawn = samples.image(image);
            drawn.truncate(passes);
            let drawn: Vec<PerClass<f64>> = drawn.iter().map(|pass| pass.map(f64::from)).collect();
            let quartets = statistics.quartets.as_ref().unwrap();
            let (complete, open) = drawn.split_at(passes / QUARTET * QUARTET);
            let summed =
                |some: &[PerClass<f64>], class: usize| some.iter().map(|pass| pass[class]).sum::<f64>();
            let votes = |some: &[PerClass<f64>], class: usize| {
                some.iter().filter(|pass| statistics::largest(pass) == class).count() as f64
            };
            let mut pair = 0;
            for i in 0..CLASSES {
                close(quartets.squares[i], drawn.iter().map(|pass| pass[i].powi(2)).sum());
                close(quartets.open_probability[i], summed(open, i));
                close(quartets.open_votes[i], votes(open, i));
                let squared = complete.chunks(QUARTET).map(|quartet| votes(quartet, i).powi(2));
                close(quartets.votes_squared[i], squared.sum());
                for j in i..CLASSES {
                    let products = complete.chunks(QUARTET).map(|q| summed(q, i) * summed(q, j));
                    close(statistics.outer[pair], products.sum());
                    pair += 1;
                }
            }
        }
    }
}

#[test]
fn a_layer_without_a_unit_kept_is_its_bias() {
    // One hidden unit: in every quartet some passes keep nothing.
    let network = network(1, Placement::Dense);
    let pixels = pixels(2);
    let samples = sampled(&network, Pixels::Bytes(&pixels), &config(8, 0.5, 1));
    let biases = softmax(&network.lenet().unwrap().weights().fc2_bias);
    let empty = samples.image(0).into_iter().filter(|pass| {
        pass.iter().zip(&biases).all(|(p, want)| (f64::from(*p) - want).abs() < allowed(*want))
    });
    assert!(empty.count() >= 4, "the unit is dropped in half of the passes");
}

#[test]
fn further_passes_of_some_images_are_those_of_the_sweep() {
    let pixels = pixels(140);
    for (placement, dropout) in
        [(Placement::Dense, 0.5), (Placement::Dense, 0.25), (Placement::Last, 0.5), (Placement::All, 0.5)]
    {
        let network = network(37, placement);
        let passes = if placement == Placement::All { 44 } else { 212 };
        let config = config(passes, dropout, 6);
        let prefix = Prefix::compute(&network, Pixels::Bytes(&pixels), &mut unobserved).unwrap().unwrap();
        let samples = sampled(&network, Pixels::Bytes(&pixels), &config);
        let (first, whole) = (samples.statistics(20), samples.statistics(passes));
        let drawn = |images: &[u32]| {
            let some = prefix.of_some(images).unwrap();
            let mut seen = vec![Some(0_usize); images.len()];
            let look = |seen: &mut usize, pass: &[f32]| {
                assert!((pass.iter().sum::<f32>() - 1.0).abs() < 1e-5);
                *seen += 1;
            };
            let sums =
                further(&some, &config, 20..passes, (&mut seen, &look), &mut unobserved).unwrap().unwrap();
            assert!(seen.iter().all(|seen| *seen == Some(passes - 20)), "every pass is looked at once");
            sums
        };
        // Whole blocks and what is left over; and each by itself, whose lanes are passes: the same to the bit.
        let many: Vec<u32> = (0..70).map(|at| (at * 37 + 11) % 140).collect();
        let together = drawn(&many);
        for (at, image) in many.iter().enumerate().step_by(9) {
            assert_eq!(drawn(&[*image])[0], together[at], "{placement:?} {image}");
            let mut sum = first[*image as usize].clone();
            sum.add(&together[at]);
            let expected = &whole[*image as usize];
            assert_eq!((sum.passes, &sum.votes), (expected.passes, &expected.votes));
            let pairs = sum
                .outer
                .iter()
                .zip(&expected.outer)
                .chain(sum.probability.iter().zip(&expected.probability));
            for (found, expected) in pairs {
                assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found} {expected}");
            }
        }
    }
}
