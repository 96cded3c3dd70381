//! Graphs over images side by side: against the runtime, and from activations that are there.

use std::sync::Arc;

use super::graphs::{graph, images, network, sampled, swept};
use super::*;
use crate::model::graph::Rates;
use crate::progress::unobserved;

#[test]
fn images_side_by_side_have_the_passes_that_the_runtime_gives() {
    let images = images(21);
    let graph = graph();
    // Before the convolution, so that it is run in every pass; and the usual sites.
    for on in [vec![true, true, false, true], graph.usual()] {
        let network = || sampled(&graph, &on, Rates::AsTrained).unwrap();
        let config = SweepConfig { passes: 6, ..SweepConfig::default() };
        let together = swept(network(), &images, &config);
        let alone = swept(network().image_by_image(), &images, &config);
        for image in 0..images.len() {
            for (one, other) in together.image(image).iter().zip(alone.image(image).iter()) {
                for (one, other) in one.iter().zip(other.iter()) {
                    assert!((one - other).abs() < 2e-3, "{one} {other}");
                }
            }
        }
        let pixels: Vec<f32> = images.iter().flatten().copied().collect();
        let plain = |network: &Network| {
            deterministic(network, Pixels::Numbers(&pixels), &mut unobserved).unwrap().unwrap()
        };
        let (together, alone) = (plain(&network()), plain(&network().image_by_image()));
        for (one, other) in together.hidden.iter().zip(&alone.hidden) {
            assert!((one - other).abs() < 1e-5, "{one} {other}");
        }
        assert_eq!(together.logits.len(), alone.logits.len());
    }
}

#[test]
fn answers_without_dropout_follow_from_activations_that_are_there() {
    let network = Arc::new(network(Rates::AsTrained));
    let images = images(70);
    let pixels: Vec<f32> = images.iter().flatten().copied().collect();
    let pixels = Pixels::Numbers(&pixels);
    let prefix = Prefix::compute(&network, pixels, &mut unobserved).unwrap().unwrap();
    let first = pixels.first(66);
    let anew = deterministic(&network, first, &mut unobserved).unwrap().unwrap();
    let known = deterministic_knowing(&network, first, Some(&prefix), &mut unobserved).unwrap().unwrap();
    assert_eq!((known.logits.len(), known.hidden.len()), (66, 66 * 20));
    for (known, anew) in known.hidden.iter().zip(&anew.hidden) {
        assert!((known - anew).abs() < 1e-5, "{known} {anew}");
    }
    let logits = logits_without_dropout(&network, first, Some(&prefix), &mut unobserved).unwrap().unwrap();
    assert_eq!(logits, known.logits);
    for (known, anew) in known.logits.iter().zip(&anew.logits) {
        assert!(known.iter().zip(anew.iter()).all(|(known, anew)| (known - anew).abs() < 1e-5));
    }
    // Another network's say nothing.
    let other = sampled(&graph(), &[false, false, true, true], Rates::AsTrained).unwrap();
    let own = deterministic_knowing(&other, first, Some(&prefix), &mut unobserved).unwrap().unwrap();
    assert_eq!(own, deterministic(&other, first, &mut unobserved).unwrap().unwrap());
}
