//! A network as people draw it: its layers in order, with the sites of dropout between them.

use std::borrow::Cow;

use crate::data::SIDE;
use crate::model::geometry::{
    CONV1_CHANNELS, CONV1_SIDE, CONV2_CHANNELS, CONV2_SIDE, POOL1_SIDE, POOL2_SIDE,
};
use crate::model::graph::{By, Origin, Step};
use crate::model::{AnyModel, Lenet, OpenedGraph};
use crate::sampling::masks::DropoutLayer;

/// A line of the drawing.
#[derive(Clone, Debug, PartialEq)]
pub enum Line<'a> {
    /// A layer.
    Layer(LayerLine<'a>),
    /// A site, before the layer that follows.
    Site(SiteLine),
}

/// A layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerLine<'a> {
    /// What it does: `Conv`.
    pub op: &'a str,
    /// Its weights, where it has some.
    pub weight: Option<&'a str>,
    /// Shape of what it gives for one image; empty where it is merged with what follows.
    pub shape: Cow<'a, [usize]>,
}

/// A site of dropout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiteLine {
    /// Its place among all.
    pub at: usize,
    /// Whether it drops.
    pub on: bool,
    /// Whether a person put it there, or could.
    pub free: bool,
    /// What it drops at once.
    pub by: By,
    /// How many of these it has.
    pub drawn: usize,
    /// The rate it drops at where it is on.
    pub rate: f32,
}

/// The lines of a network that is sampled at this rate.
#[must_use]
pub fn lines(model: &AnyModel, dropout: f32) -> Vec<Line<'_>> {
    match model {
        AnyModel::Lenet(checkpoint) => of_lenet(&checkpoint.lenet, dropout),
        AnyModel::Graph(opened) => of_graph(opened, dropout),
    }
}

fn of_graph(opened: &OpenedGraph, dropout: f32) -> Vec<Line<'_>> {
    let graph = &opened.graph;
    let line = |step| match step {
        Step::Layer(at) => {
            let layer = &graph.layers()[at];
            let shape = Cow::Borrowed(&layer.shape[..]);
            Line::Layer(LayerLine { op: &layer.op, weight: layer.weight.as_deref(), shape })
        }
        Step::Site(at) => {
            let (site, by) = (&graph.sites()[at], opened.by[at]);
            Line::Site(SiteLine {
                at,
                on: opened.on[at],
                free: site.origin == Origin::Possible,
                by,
                drawn: site.drawn_by(by),
                rate: opened.rate(site, dropout),
            })
        }
    };
    let input =
        LayerLine { op: "Input", weight: Some(&graph.input().name), shape: Cow::Borrowed(graph.takes()) };
    std::iter::once(Line::Layer(input)).chain(graph.steps().into_iter().map(line)).collect()
}

fn of_lenet(lenet: &Lenet, dropout: f32) -> Vec<Line<'static>> {
    let architecture = lenet.architecture();
    let layer =
        |op, weight, shape: &[usize]| Line::Layer(LayerLine { op, weight, shape: shape.to_vec().into() });
    let site = |layer: DropoutLayer| {
        Line::Site(SiteLine {
            at: layer as usize,
            on: layer.is_active(architecture.placement),
            free: false,
            by: By::Unit,
            drawn: layer.units(architecture.hidden),
            rate: dropout,
        })
    };
    let maps = |channels: usize, side: usize| [channels, side, side];
    vec![
        layer("Input", None, &maps(1, SIDE)),
        layer("Conv", Some("conv1.weight"), &maps(CONV1_CHANNELS, CONV1_SIDE)),
        site(DropoutLayer::Conv1),
        layer("MaxPool", None, &maps(CONV1_CHANNELS, POOL1_SIDE)),
        layer("Conv", Some("conv2.weight"), &maps(CONV2_CHANNELS, CONV2_SIDE)),
        site(DropoutLayer::Conv2),
        layer("MaxPool", None, &maps(CONV2_CHANNELS, POOL2_SIDE)),
        site(DropoutLayer::Fc1Input),
        layer("Gemm", Some("fc1.weight"), &[architecture.hidden]),
        layer("Relu", None, &[architecture.hidden]),
        site(DropoutLayer::Fc1Output),
        layer("Gemm", Some("fc2.weight"), &[architecture.classes]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::graph::tests::{opened, usual};

    fn told(line: &Line) -> String {
        match line {
            Line::Layer(layer) => layer.op.to_owned(),
            Line::Site(site) => format!("{} {}", if site.on { '●' } else { '○' }, site.drawn),
        }
    }

    #[test]
    fn sites_stand_before_the_layer_whose_input_they_drop() {
        let model = AnyModel::Graph(OpenedGraph::new(opened(&usual().bytes("fc2")).unwrap()));
        let lines = lines(&model, 0.9);
        let told: Vec<String> = lines.iter().map(told).collect();
        let expected = ["Input", "○ 784", "Conv", "Relu", "● 6", "● 96", "Gemm", "Relu", "● 20", "Gemm"];
        assert_eq!(told, expected);
        let Line::Site(site) = &lines[4] else { panic!("{:?}", lines[4]) };
        assert_eq!(
            (site.at, site.by, site.free, site.rate.to_bits()),
            (1, By::Channel, false, 0.25_f32.to_bits())
        );
        let Line::Layer(conv) = &lines[2] else { panic!("{:?}", lines[2]) };
        assert_eq!((conv.weight, &conv.shape[..]), (Some("conv.weight"), &[6, 4, 4][..]));
    }

    #[test]
    fn a_lenet_has_its_places_of_dropout_where_it_was_trained_with_them() {
        let told: Vec<String> = lines(&AnyModel::bundled().unwrap(), 0.5).iter().map(told).collect();
        let expected = [
            "Input",
            "Conv",
            "○ 11520",
            "MaxPool",
            "Conv",
            "○ 3200",
            "MaxPool",
            "● 800",
            "Gemm",
            "Relu",
            "● 500",
            "Gemm",
        ];
        assert_eq!(told, expected);
    }
}
