//! Graphs sampled through their head and through the graph itself, alone and together, against an independent loop.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::super::graph::logits;
use super::super::masks::Masks;
use super::*;
use crate::data::PIXELS;
use crate::model::graph::tests::{Written, opened, usual};
use crate::model::graph::{GraphModel, Rates};
use crate::progress::unobserved;

fn graph() -> Arc<GraphModel> {
    Arc::new(opened(&usual().bytes("fc2")).unwrap())
}

fn network(rates: Rates) -> Network {
    let graph = graph();
    Network::of_graph(&graph, &graph.usual(), rates).unwrap()
}

/// Images of smooth blobs.
fn images(count: usize) -> Vec<[f32; PIXELS]> {
    let pixel = |image: usize, at: usize| {
        let (y, x) = ((at / 28) as f32, (at % 28) as f32);
        let image = image as f32;
        (0.5 + 0.5 * (0.3 * x + 0.7 * image).sin() * (0.2 * y - 0.4 * image).cos()).clamp(0.0, 1.0)
    };
    (0..count).map(|image| std::array::from_fn(|at| pixel(image, at))).collect()
}

fn swept(network: Network, images: &[[f32; PIXELS]], config: &SweepConfig) -> Samples {
    let network = Arc::new(network);
    let pixels: Vec<f32> = images.iter().flatten().copied().collect();
    let prefix = Prefix::compute(&network, Pixels::Numbers(&pixels), &mut unobserved).unwrap().unwrap();
    let go_on = &mut |_: SweepEvent| ControlFlow::Continue(());
    sweep(&prefix, config, Samples::empty(images.len(), config), go_on).unwrap()
}

#[test]
fn the_head_and_the_graph_give_the_same_passes() {
    let images = images(5);
    for (rates, dropout) in [(Rates::AsTrained, 0.5), (Rates::Common, 0.3), (Rates::Common, 0.0)] {
        let network = network(rates);
        let head = network.graph().unwrap();
        assert!(head.has_head());
        let whole = head.clone().without_head();
        assert!(!whole.has_head());
        let masks = Masks::new(3, dropout, network.instructions());
        let (by_head, by_graph) = (logits(head, &images, &masks, 9), logits(&whole, &images, &masks, 9));
        for (head, graph) in by_head.iter().flatten().zip(by_graph.iter().flatten()) {
            for (head, graph) in head.iter().zip(graph.iter()) {
                assert!((head - graph).abs() < 1e-5, "{head} {graph}");
            }
        }
        assert_ne!(by_head[0][0] == by_head[0][1], dropout > 0.0, "masks differ from pass to pass");
    }
}

#[test]
fn every_pass_is_that_of_an_independent_loop() {
    let graph = graph();
    let (images, network) = (images(3), network(Rates::AsTrained));
    let masks = Masks::new(11, 0.9, network.instructions());
    let found = logits(network.graph().unwrap(), &images, &masks, 4);
    let plan = graph.plan(&graph.usual());
    let head = plan.head.as_ref().unwrap();
    let runner = crate::model::graph::Runner::new();
    for (image, found) in images.iter().zip(&found) {
        let features = graph.enter(&plan, &runner, image).unwrap().floats;
        for (pass, found) in found.iter().enumerate() {
            let kept = |key: u64, rate: f32, units: usize| masks.at_rate(rate).kept_for(pass, key, units);
            let (channels, units) = (kept(5, 0.25, 6), kept(6, 0.25, 96));
            let hidden_units = kept(7, 0.5, 20);
            let input: Vec<f64> = (0..96)
                .map(|at| {
                    let both = channels[at / 16] && units[at];
                    if both { f64::from(features[at]) / 0.75 / 0.75 } else { 0.0 }
                })
                .collect();
            let dense = |layer: &crate::model::graph::HeadLayer, input: &[f64]| -> Vec<f64> {
                let row = |m: usize| layer.weight[m * layer.inputs..][..layer.inputs].iter().zip(input);
                let sum = |m: usize| row(m).map(|(weight, value)| f64::from(*weight) * value).sum::<f64>();
                (0..layer.outputs()).map(|m| sum(m) + f64::from(layer.bias[m])).collect()
            };
            let hidden: Vec<f64> = dense(&head.layers[0], &input)
                .into_iter()
                .zip(hidden_units)
                .map(|(value, kept)| if kept { value.max(0.0) / 0.5 } else { 0.0 })
                .collect();
            for (found, expected) in found.iter().zip(dense(&head.layers[1], &hidden)) {
                assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} {expected}");
            }
        }
    }
}

#[test]
fn one_image_alone_is_the_same_as_among_others_for_any_number_of_threads() {
    let images = images(70);
    let config = SweepConfig { passes: 66, dropout: 0.4, seed: 5 };
    for whole in [false, true] {
        let network = || {
            let network = network(Rates::Common);
            if whole { network.without_head() } else { network }
        };
        let in_pool = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| swept(network(), &images[..if whole { 3 } else { 70 }], &config))
        };
        let (one, three) = (in_pool(1), in_pool(3));
        for index in 0..one.images() {
            assert_eq!(one.image(index), three.image(index));
        }
        let alone = sample_image(&network(), &images[2], &config).unwrap();
        assert_eq!(alone.probabilities(), one.image(2));
    }
}

#[test]
fn without_dropout_all_passes_are_the_plain_network() {
    let (images, network) = (images(3), network(Rates::Common));
    let masks = Masks::new(1, 0.0, network.instructions());
    let passes = logits(network.graph().unwrap(), &images, &masks, 2);
    let pixels: Vec<f32> = images.iter().flatten().copied().collect();
    let plain = deterministic(&network, Pixels::Numbers(&pixels), &mut unobserved).unwrap().unwrap();
    assert_eq!(plain.hidden.len(), 3 * network.hidden());
    for (passes, plain) in passes.iter().zip(&plain.logits) {
        for (pass, plain) in passes[0].iter().zip(plain.iter()) {
            assert!((pass - plain).abs() < 1e-5, "{pass} {plain}");
        }
    }
}

#[test]
fn slopes_of_a_linear_network_are_its_weights() {
    let written = Written::taking(&[0, 784]).dropout("x", "d", 0.5).dense("d", "fc", [784, 3]);
    let graph = Arc::new(opened(&written.bytes("fc")).unwrap());
    let network = Network::of_graph(&graph, &graph.usual(), Rates::Common).unwrap();
    let config = SweepConfig { passes: 3, dropout: 0.5, seed: 2 };
    let masks = Masks::new(2, 0.5, network.instructions());
    // The first logit itself: how it changes with the logits does not depend on the pass.
    let first = |_: &[f64], _: usize| PerClass::from(&[1.0, 0.0, 0.0][..]);
    let found =
        pass_gradients(&network, &images(1)[0], &config, 1, (1, &first), &mut unobserved).unwrap().unwrap();
    assert_eq!((found.len(), found[0].passes), (1, 3));
    let head = graph.plan(&graph.usual()).head.unwrap();
    let key = graph.sites()[0].key;
    for pixel in 0..PIXELS {
        let kept = (0..3).filter(|pass| masks.kept_for(*pass, key, PIXELS)[pixel]).count();
        let expected = head.layers[0].weight[pixel] * 2.0 * kept as f32;
        assert!((found[0].gradients[0][pixel] - expected).abs() < 2e-3, "{pixel}");
    }
}

#[test]
fn two_sets_of_sites_are_two_networks() {
    let graph = graph();
    let key = |on: &[bool], rates: Rates| Network::of_graph(&graph, on, rates).unwrap().key();
    let own = key(&graph.usual(), Rates::AsTrained);
    assert_eq!(own, key(&graph.usual(), Rates::AsTrained));
    assert_ne!(own, key(&graph.usual(), Rates::Common));
    assert_ne!(own, key(&[false, false, true, true], Rates::AsTrained));
    assert!(own.check(&key(&[false; 4], Rates::AsTrained)).is_err());
}
