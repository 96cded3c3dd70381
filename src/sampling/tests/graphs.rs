//! Graphs sampled through their head and through the graph itself, alone and together, against an independent loop.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::super::design::Role;
use super::super::graph::GraphNetwork;
use super::super::masks::Masks;
use super::*;
use crate::data::filed::ImageReader;
use crate::data::images::ImageShape;
use crate::data::{Classes, Digits, Filed, PIXELS};
use crate::kernel::LANES;
use crate::model::OpenedGraph;
use crate::model::graph::tests::{Written, convolution_weights, dense_weights, opened, usual};
use crate::model::graph::{By, GraphModel, Preprocessing, Rates, Runner, Site};
use crate::progress::unobserved;
use crate::sampling::MaskDesign;

pub(super) fn graph() -> Arc<GraphModel> {
    Arc::new(opened(&usual().bytes("fc2")).unwrap())
}

/// A graph with dropout at these sites, each dropping units or channels.
fn opened_at(graph: &Arc<GraphModel>, on: &[bool], by: Vec<By>, rates: Rates) -> OpenedGraph {
    let (graph, on) = (Arc::clone(graph), on.to_vec());
    let classes = Classes::numbered(graph.classes()).unwrap();
    OpenedGraph { graph, on, by, rates, preprocessing: Preprocessing::default(), classes }
}

/// A graph with dropout at these sites, each dropping what its file says.
pub(super) fn sampled(graph: &Arc<GraphModel>, on: &[bool], rates: Rates) -> Result<Network, SamplingError> {
    let by: Vec<By> = graph.sites().iter().map(|site| site.by).collect();
    Network::of_graph(&opened_at(graph, on, by, rates))
}

pub(super) fn network(rates: Rates) -> Network {
    let graph = graph();
    sampled(&graph, &graph.usual(), rates).unwrap()
}

/// Images of smooth blobs.
pub(super) fn images(count: usize) -> Vec<[f32; PIXELS]> {
    let pixel = |image: usize, at: usize| {
        let (y, x) = ((at / 28) as f32, (at % 28) as f32);
        let image = image as f32;
        (0.5 + 0.5 * (0.3 * x + 0.7 * image).sin() * (0.2 * y - 0.4 * image).cos()).clamp(0.0, 1.0)
    };
    (0..count).map(|image| std::array::from_fn(|at| pixel(image, at))).collect()
}

/// Logits of every pass over some images, `[images][passes]`, without the rounding of what is kept.
fn logits(
    network: &GraphNetwork,
    images: &[[f32; PIXELS]],
    masks: &Masks,
    passes: usize,
) -> Vec<Vec<PerClass<f32>>> {
    assert!(passes <= LANES);
    let runner = Runner::new();
    let of = |image: &[f32; PIXELS]| {
        let prefix = network.prefix(&runner, image).unwrap();
        let rows = network.logits_of_passes(&runner, &prefix, masks, 0, passes).unwrap();
        (0..passes).map(|lane| rows.iter().map(|row| row.0[lane]).collect()).collect()
    };
    images.iter().map(of).collect()
}

pub(super) fn swept(network: Network, images: &[[f32; PIXELS]], config: &SweepConfig) -> Samples {
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
        let masks = Masks::independent(3, dropout, network.instructions());
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
    let masks = Masks::independent(11, 0.9, network.instructions());
    let found = logits(network.graph().unwrap(), &images, &masks, 4);
    let plan = graph.plan(&graph.usual());
    let head = plan.head.as_ref().unwrap();
    let runner = Runner::new();
    for (image, found) in images.iter().zip(&found) {
        let features = graph.enter(&plan, &runner, image).unwrap();
        for (pass, found) in found.iter().enumerate() {
            let kept = |key: u64, rate: f32, units: usize| {
                masks.at_rate(rate).kept_for(pass, (key, Role::Apart), units)
            };
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
    let config = SweepConfig { passes: 66, dropout: 0.4, seed: 5, masks: MaskDesign::Independent };
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
    let masks = Masks::independent(1, 0.0, network.instructions());
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
    let network = sampled(&graph, &graph.usual(), Rates::Common).unwrap();
    let config = SweepConfig { passes: 3, dropout: 0.5, seed: 2, masks: MaskDesign::Independent };
    let masks = Masks::independent(2, 0.5, network.instructions());
    // A logit itself: how it changes with the logits does not depend on the pass.
    let logit = |_: &[f64], quantity: usize| {
        let mut slopes = PerClass::filled(3, 0.0);
        slopes[2 * quantity] = 1.0;
        slopes
    };
    let found =
        pass_gradients(&network, &images(1)[0], &config, 2, (2, &logit), &mut unobserved).unwrap().unwrap();
    assert_eq!(found.iter().map(|group| group.passes).collect::<Vec<_>>(), [2, 1]);
    let sums = found.iter().map(|group| group.probability.iter().sum::<f64>().round() as usize);
    assert_eq!(sums.collect::<Vec<_>>(), [2, 1]);
    let head = graph.plan(&graph.usual()).head.unwrap();
    let key = graph.sites()[0].key;
    let kept: Vec<Vec<bool>> = (0..3).map(|pass| masks.kept_for(pass, (key, Role::Apart), PIXELS)).collect();
    for (group, found) in found.iter().enumerate() {
        for quantity in 0..2 {
            for pixel in 0..PIXELS {
                let kept = (group..3).step_by(2).filter(|pass| kept[*pass][pixel]).count();
                let expected = head.layers[0].weight[2 * quantity * PIXELS + pixel] * 2.0 * kept as f32;
                assert!((found.gradients[quantity][pixel] - expected).abs() < 2e-3, "{pixel}");
            }
        }
    }
    let stopped =
        pass_gradients(&network, &images(1)[0], &config, 2, (2, &logit), &mut |_| ControlFlow::Break(()));
    assert!(stopped.unwrap().is_none());
}

#[test]
fn two_sets_of_sites_are_two_networks() {
    let graph = graph();
    let key = |on: &[bool], rates: Rates| sampled(&graph, on, rates).unwrap().key();
    let own = key(&graph.usual(), Rates::AsTrained);
    assert_eq!(own, key(&graph.usual(), Rates::AsTrained));
    assert_ne!(own, key(&graph.usual(), Rates::Common));
    assert_ne!(own, key(&[false, false, true, true], Rates::AsTrained));
    assert!(own.check(&key(&[false; 4], Rates::AsTrained)).is_err());
}

#[test]
fn an_answer_that_is_no_number_is_an_error_of_this_question_alone() {
    // Overflows where a pixel is bright: the weights are large, and their products larger.
    let written = Written::taking(&[0, 784])
        .floats("large", &[], &[1e30])
        .then("Mul", &["x", "large"], "larger")
        .then("Mul", &["larger", "large"], "infinite")
        .dropout("infinite", "d", 0.5)
        .dense("d", "fc", [784, 3]);
    let graph = Arc::new(opened(&written.bytes("fc")).unwrap());
    let network = sampled(&graph, &graph.usual(), Rates::Common).unwrap();
    let config = SweepConfig { passes: 3, dropout: 0.0, seed: 2, masks: MaskDesign::Independent };
    let (dark, bright) = ([0.0; PIXELS], [1.0; PIXELS]);
    let plain = |image: &[f32; PIXELS]| deterministic(&network, Pixels::Numbers(image), &mut unobserved);
    assert!(plain(&bright).unwrap_err().to_string().contains("it answers"));
    assert!(plain(&dark).unwrap().is_some());
    assert!(sample_image(&network, &dark, &config).is_ok());
}

/// A fully connected layer in double precision.
fn dense(shape: [usize; 2], input: &[f64]) -> Vec<f64> {
    let (weight, bias) = dense_weights(shape);
    let row = |m: usize| weight[m * shape[0]..][..shape[0]].iter().zip(input);
    let sum = |m: usize| row(m).map(|(weight, value)| f64::from(*weight) * value).sum::<f64>();
    (0..shape[1]).map(|m| sum(m) + f64::from(bias[m])).collect()
}

#[test]
fn whole_channels_are_dropped_before_a_convolution() {
    let written = Written::taking(&[0, 1, 28, 28])
        .convolution("x", "conv1", [1, 6, 7, 7])
        .then("Relu", &["conv1"], "r")
        .convolution("r", "conv2", [6, 5, 3, 1])
        .then("Flatten", &["conv2"], "flat")
        .dense("flat", "fc", [20, 3]);
    let graph = Arc::new(opened(&written.bytes("fc")).unwrap());
    let before = opened(&written.bytes("r")).unwrap();
    let site = graph.sites().iter().position(|site| site.what == "Conv conv2.weight").unwrap();
    assert_eq!(graph.sites().iter().map(Site::channels).collect::<Vec<_>>(), [None, Some(6), None]);
    let (mut on, mut by) = (vec![false; 3], vec![By::Unit; 3]);
    (on[site], by[site]) = (true, By::Channel);
    let network = Network::of_graph(&opened_at(&graph, &on, by.clone(), Rates::Common)).unwrap();
    assert_ne!(network.key(), sampled(&graph, &on, Rates::Common).unwrap().key(), "other runs");
    by[2] = By::Channel;
    assert_eq!(
        network.key(),
        Network::of_graph(&opened_at(&graph, &on, by.clone(), Rates::Common)).unwrap().key(),
        "that is off"
    );
    let masks = Masks::independent(6, 0.4, network.instructions());
    let images = images(2);
    let (weight, bias) = convolution_weights([6, 5, 3]);
    for (image, found) in images.iter().zip(logits(network.graph().unwrap(), &images, &masks, 6)) {
        let (_, r) = before.plain(&Runner::new(), image).unwrap();
        for (pass, found) in found.iter().enumerate() {
            let kept = masks.kept_for(pass, (graph.sites()[site].key, Role::Apart), 6);
            let at = |m: usize, y: usize, x: usize| {
                let taps = (0..6)
                    .filter(|channel| kept[*channel])
                    .flat_map(|channel| (0..9).map(move |tap| (channel, tap / 3, tap % 3)));
                let sum = |(c, dy, dx): (usize, usize, usize)| {
                    f64::from(weight[(m * 6 + c) * 9 + dy * 3 + dx])
                        * f64::from(r[c * 16 + (y + dy) * 4 + x + dx])
                        / 0.6
                };
                taps.map(sum).sum::<f64>() + f64::from(bias[m])
            };
            let flat: Vec<f64> = (0..20).map(|unit| at(unit / 4, unit / 2 % 2, unit % 2)).collect();
            for (found, expected) in found.iter().zip(dense([20, 3], &flat)) {
                assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} {expected}");
            }
        }
    }
}

#[test]
fn what_alpha_dropout_drops_is_the_least_of_selu() {
    let written = Written::taking(&[0, 784])
        .dense("x", "fc1", [784, 20])
        .then("Selu", &["fc1"], "selu")
        .alpha_dropout("selu", "d", 0.3, 0.0)
        .dense("d", "fc2", [20, 3]);
    let graph = Arc::new(opened(&written.bytes("fc2")).unwrap());
    let before = opened(&written.bytes("selu")).unwrap();
    let sites: Vec<_> = graph.sites().iter().map(|site| (site.what.as_str(), site.alpha, site.by)).collect();
    assert_eq!(sites, [("Gemm fc1.weight", false, By::Unit), ("Gemm fc2.weight", true, By::Unit)]);
    assert!((graph.sites()[1].rate - 0.3).abs() < 1e-6);
    let ops: Vec<&str> = graph.layers().iter().map(|layer| layer.op.as_str()).collect();
    assert_eq!(ops, ["Gemm", "Selu", "Gemm"], "what spells out the mask is no layer");
    let (images, key) = (images(2), graph.sites()[1].key);
    for (rates, p) in [(Rates::AsTrained, 0.3_f64), (Rates::Common, 0.6), (Rates::Common, 0.0)] {
        let network = sampled(&graph, &[false, true], rates).unwrap();
        let masks = Masks::independent(8, p as f32, network.instructions());
        // As in the documentation of torch.nn.AlphaDropout.
        let alpha = -1.758_099_340_847_376_6_f64;
        let a = ((1.0 - p) * (1.0 + p * alpha * alpha)).powf(-0.5);
        let b = -a * alpha * p;
        for (image, found) in images.iter().zip(logits(network.graph().unwrap(), &images, &masks, 64)) {
            let (_, selu) = before.plain(&Runner::new(), image).unwrap();
            let mut sums = [[0.0; 3]; 2];
            for (pass, found) in found.iter().enumerate() {
                let kept = masks.kept_for(pass, (key, Role::Apart), 20);
                let dropped: Vec<f64> = selu
                    .iter()
                    .zip(kept)
                    .map(|(x, kept)| a * if kept { f64::from(*x) } else { alpha } + b)
                    .collect();
                for (class, (found, expected)) in found.iter().zip(dense([20, 3], &dropped)).enumerate() {
                    assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} {expected}");
                    sums[0][class] += f64::from(*found);
                    sums[1][class] += f64::from(*found).powi(2);
                }
            }
            // In the mean over all masks, what is dropped and the shift cancel.
            let kept: Vec<f64> = selu.iter().map(|x| a * (1.0 - p) * f64::from(*x)).collect();
            for (class, expected) in dense([20, 3], &kept).into_iter().enumerate() {
                let [mean, square] = [sums[0][class] / 64.0, sums[1][class] / 64.0];
                let error = ((square - mean * mean).max(0.0) / 63.0).sqrt() + 1e-4;
                assert!((mean - expected).abs() < 5.0 * error, "{mean} {expected} {error}");
            }
        }
    }
}

#[test]
fn dropout_in_a_branch_leaves_what_goes_around_it() {
    let written = Written::taking(&[0, 784])
        .dense("x", "fc1", [784, 20])
        .then("Relu", &["fc1"], "r")
        .dropout("r", "d", 0.5)
        .dense("d", "fc2", [20, 20])
        .then("Add", &["fc2", "r"], "sum")
        .dense("sum", "fc3", [20, 4]);
    let graph = Arc::new(opened(&written.bytes("fc3")).unwrap());
    let before = opened(&written.bytes("r")).unwrap();
    let on: Vec<bool> = graph.sites().iter().map(|site| site.what == "Gemm fc2.weight").collect();
    let network = sampled(&graph, &on, Rates::AsTrained).unwrap();
    assert!(!network.graph().unwrap().has_head(), "what goes around it is no head's");
    let masks = Masks::independent(4, 0.5, network.instructions());
    let images = images(2);
    let key = graph.sites()[on.iter().position(|on| *on).unwrap()].key;
    for (image, found) in images.iter().zip(logits(network.graph().unwrap(), &images, &masks, 5)) {
        let (_, r) = before.plain(&Runner::new(), image).unwrap();
        for (pass, found) in found.iter().enumerate() {
            let kept = masks.kept_for(pass, (key, Role::Apart), 20);
            let masked: Vec<f64> =
                r.iter().zip(kept).map(|(r, kept)| if kept { 2.0 * f64::from(*r) } else { 0.0 }).collect();
            let sum: Vec<f64> =
                dense([20, 20], &masked).iter().zip(&r).map(|(fc2, r)| fc2 + f64::from(*r)).collect();
            for (found, expected) in found.iter().zip(dense([20, 4], &sum)) {
                assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} {expected}");
            }
        }
    }
}

/// Images in colour, to be read as a whole.
#[derive(Debug)]
struct Coloured;

/// Rows of pixels of one of them, the channels of a pixel together.
fn coloured(index: usize, shape: ImageShape) -> Vec<u8> {
    (0..shape.bytes()).map(|at| ((at * 53 + index * 31) % 251) as u8).collect()
}

impl ImageReader for Coloured {
    fn read(&self, first: usize, shape: ImageShape, out: &mut [u8]) -> Result<(), String> {
        for (index, out) in (first..).zip(out.chunks_exact_mut(shape.bytes())) {
            out.copy_from_slice(&coloured(index, shape));
        }
        Ok(())
    }
}

#[test]
fn a_network_in_colour_is_asked_of_images_as_they_are() {
    let shape = ImageShape::new(12, 10, 3).unwrap();
    let written = Written::taking(&[0, 3, 12, 10])
        .then("Flatten", &["x"], "flat")
        .dense("flat", "fc1", [360, 16])
        .then("Relu", &["fc1"], "hidden")
        .dropout("hidden", "dropped", 0.4)
        .dense("dropped", "fc2", [16, 3]);
    let graph = Arc::new(opened(&written.bytes("fc2")).unwrap());
    let preprocessing: Preprocessing = "imagenet".parse().unwrap();
    let by = graph.sites().iter().map(|site| site.by).collect();
    let opened = opened_at(&graph, &graph.usual(), by, Rates::AsTrained);
    let network = Network::of_graph(&OpenedGraph { preprocessing, ..opened }).unwrap();
    assert_eq!(network.image(), shape);
    let plain = sampled(&graph, &graph.usual(), Rates::AsTrained).unwrap();
    assert_ne!(network.key(), plain.key());
    let network = Arc::new(network);
    let grey = vec![7; 70 * PIXELS];
    let digits = Digits::of_classes(grey, vec![1; 70], Classes::numbered(3).unwrap())
        .unwrap()
        .with_whole(Filed::new(Box::new(Coloured), 70));
    let config = SweepConfig { passes: 70, dropout: 0.4, seed: 5, masks: MaskDesign::Independent };
    let prefix = Prefix::of(&network, &digits, &mut unobserved).unwrap().unwrap();
    let go_on = &mut |_: SweepEvent| ControlFlow::Continue(());
    let samples = sweep(&prefix, &config, Samples::empty(70, &config), go_on).unwrap();
    let answers = deterministic(&network, Pixels::from(&digits), &mut unobserved).unwrap().unwrap();
    for index in [0_u32, 1, 69] {
        let taken = TakenImage::of_set(&network, &digits, index).unwrap();
        let numbers: Vec<f32> =
            coloured(index as usize, shape).iter().map(|byte| f32::from(*byte) / 255.0).collect();
        assert_eq!(taken.seen().numbers(), numbers);
        let one = sample_image(&network, taken.seen(), &config).unwrap();
        // Alone and together: to the rounding of the runtime and this program's kernels, and of what is kept.
        for (one, other) in one.probabilities().iter().zip(samples.image(index as usize)) {
            assert!(one.iter().zip(other.iter()).all(|(one, other)| (one - other).abs() < 1e-3));
        }
        let (_, logits) =
            graph.plain(&Runner::new(), &graph.input().prepare(&preprocessing, &numbers)).unwrap();
        for (one, other) in answers.logits[index as usize].iter().zip(logits) {
            assert!((one - other).abs() < 1e-5, "{one} {other}");
        }
    }
    // Grey values alone are brought to its shape; images of another are refused.
    let drawn = [0.5; PIXELS];
    let even = vec![0.5; shape.bytes()];
    let answer = |pixels: Pixels| deterministic(&network, pixels, &mut unobserved);
    assert_eq!(answer(Pixels::Numbers(&drawn)).unwrap(), answer(Pixels::taken(&even, shape)).unwrap());
    let other = ImageShape::new(10, 12, 3).unwrap();
    let refused = answer(Pixels::taken(&even, other)).unwrap_err();
    assert_eq!(refused, SamplingError::Images { takes: shape, given: other });
}

#[test]
fn slopes_and_patches_of_an_image_in_colour_move_its_own_pixels() {
    let shape = ImageShape::new(56, 56, 3).unwrap();
    let written = Written::taking(&[0, 3, 56, 56])
        .then("AveragePool", &["x"], "pooled")
        .with_many("kernel_shape", &[14, 14])
        .with_many("strides", &[14, 14])
        .then("Flatten", &["pooled"], "flat")
        .dropout("flat", "dropped", 0.3)
        .dense("dropped", "fc", [48, 3]);
    let graph = Arc::new(opened(&written.bytes("fc")).unwrap());
    let network = sampled(&graph, &graph.usual(), Rates::Common).unwrap();
    let digits = Digits::of_classes(vec![9; 3 * PIXELS], vec![0; 3], Classes::numbered(3).unwrap())
        .unwrap()
        .with_whole(Filed::new(Box::new(Coloured), 3));
    let taken = TakenImage::of_set(&network, &digits, 2).unwrap();
    let seen = taken.seen();
    // The logits are linear in the pixels, so that the slope of their weighted mean over the passes is exact.
    let config = SweepConfig { passes: 8, dropout: 0.3, seed: 2, masks: MaskDesign::Independent };
    let weights = |p: &[f64], _: usize| PerClass::from_fn(p.len(), |class| (class + 1) as f64);
    let found = pass_gradients(&network, seen, &config, 1, (1, &weights), &mut unobserved).unwrap().unwrap();
    let mean = |numbers: &[f32]| -> f64 {
        let own = Pixels::taken(numbers, shape);
        let prefix = Prefix::compute(&Arc::new(network.clone()), own, &mut unobserved).unwrap().unwrap();
        assert_eq!(prefix.images(), 1);
        let image = numbers.to_vec();
        let graph = network.graph().unwrap();
        let runner = Runner::new();
        let rows = graph
            .logits_of_passes(&runner, &graph.prefix(&runner, &image).unwrap(), &masks(&config), 0, 8)
            .unwrap();
        rows.iter()
            .enumerate()
            .map(|(class, row)| {
                (class + 1) as f64 * row.0[..8].iter().map(|logit| f64::from(*logit)).sum::<f64>()
            })
            .sum()
    };
    for place in [0, 5 * 28 + 9, 27 * 28 + 27] {
        let mut moved = seen.numbers().to_vec();
        let (column, row) = (place % 28, place / 28);
        seen.edit(&mut moved, [column..column + 1, row..row + 1], |value| *value += 0.5);
        let slope = (mean(&moved) - mean(seen.numbers())) / 0.5;
        let own = f64::from(found[0].gradients[0][place]);
        assert!((slope - own).abs() < 2e-2 * slope.abs().max(0.1), "{place}: {slope} {own}");
    }
}

fn masks(config: &SweepConfig) -> Masks {
    Masks::new(config, crate::kernel::InstructionSet::detect())
}

#[test]
fn what_is_dropped_before_a_branch_is_dropped_there_alone() {
    let branched = Written::taking(&[0, 1, 28, 28])
        .convolution("x", "stem", [1, 4, 7, 7])
        .convolution("stem", "branch", [4, 4, 1, 1])
        .then("Add", &["stem", "branch"], "sum")
        .then("Flatten", &["sum"], "flat")
        .dense("flat", "fc", [64, 3]);
    let graph = Arc::new(opened(&branched.bytes("fc")).unwrap());
    let what: Vec<&str> = graph.sites().iter().map(|site| site.what.as_str()).collect();
    assert_eq!(what, ["Conv stem.weight", "Conv branch.weight", "Gemm fc.weight"]);
    let network = sampled(&graph, &[false, true, false], Rates::Common).unwrap();
    let masks = Masks::independent(5, 0.4, network.instructions());
    let images = images(5);
    let found = logits(network.graph().unwrap(), &images, &masks, 3);
    // By hand: the stem, the branch of what its mask leaves, both added, the last layer.
    let [(stem, stem_bias), (branch, branch_bias)] =
        [convolution_weights([1, 4, 7]), convolution_weights([4, 4, 1])];
    let (last, last_bias) = dense_weights([64, 3]);
    let site = &graph.sites()[1];
    assert_eq!((site.units(), site.channels()), (64, Some(4)));
    for (image, found) in images.iter().zip(&found) {
        let features: Vec<f64> = (0..64)
            .map(|at| {
                let (channel, y, x) = (at / 16, at / 4 % 4, at % 4);
                let tap = |k: usize| {
                    let pixel = image[(7 * y + k / 7) * 28 + 7 * x + k % 7];
                    f64::from(stem[channel * 49 + k]) * f64::from(pixel)
                };
                f64::from(stem_bias[channel]) + (0..49).map(tap).sum::<f64>()
            })
            .collect();
        for (pass, found) in found.iter().enumerate() {
            let kept = masks.kept_for(pass, (site.key, Role::Apart), 64);
            let sum: Vec<f64> = (0..64)
                .map(|at| {
                    let (channel, place) = (at / 16, at % 16);
                    let term = |k: usize| {
                        let from = k * 16 + place;
                        let value = if kept[from] { features[from] / 0.6 } else { 0.0 };
                        f64::from(branch[channel * 4 + k]) * value
                    };
                    features[at] + f64::from(branch_bias[channel]) + (0..4).map(term).sum::<f64>()
                })
                .collect();
            for (class, found) in found.iter().enumerate() {
                let terms = (0..64).map(|k| f64::from(last[class * 64 + k]) * sum[k]);
                let wanted = f64::from(last_bias[class]) + terms.sum::<f64>();
                assert!((f64::from(*found) - wanted).abs() < 1e-3, "{found} {wanted}");
            }
        }
    }
    // Many images, side by side: the same.
    let config = SweepConfig { passes: 3, dropout: 0.4, seed: 5, masks: MaskDesign::Independent };
    let swept = swept(network, &images, &config);
    for (image, found) in found.iter().enumerate() {
        for (pass, probabilities) in swept.image(image).iter().enumerate() {
            let total: f64 = found[pass].iter().map(|logit| f64::from(*logit).exp()).sum();
            for (one, logit) in probabilities.iter().zip(found[pass].iter()) {
                assert!((f64::from(*one) - f64::from(*logit).exp() / total).abs() < 2e-3);
            }
        }
    }
}
