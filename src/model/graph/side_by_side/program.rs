//! The operations of a graph as steps between values.

use std::collections::HashMap;

use super::convolution::Convolution;
use super::pool::Pool;
use crate::model::graph::head::Activation;

/// The operations of a graph that are known here.
#[derive(Debug, Default)]
pub(in super::super) struct Program {
    /// Shape of each value of one image.
    pub(super) shapes: Vec<Vec<usize>>,
    /// Values by name.
    pub(super) by_name: HashMap<String, usize>,
    /// In an order in which each takes only what earlier ones give.
    pub(super) steps: Vec<Placed>,
}

/// A step between values.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) step: Step,
    pub(super) from: Vec<usize>,
    pub(super) to: usize,
}

/// What is done to values.
#[derive(Debug)]
pub(super) enum Step {
    /// A convolution, or a fully connected layer, which is one of a single place.
    Convolution(Box<Convolution>),
    /// The largest or the mean of what lies around each place.
    Pool(Pool),
    /// Number `i` is number `map[i]` of what enters; the same where there is no map.
    Moved(Option<Vec<u32>>),
    /// The same function of every number.
    Applied(Function),
    /// Numbers times `factor` and plus `shift`, over and over.
    Scaled { factor: Vec<f32>, shift: Vec<f32> },
    /// Two values, number by number; of a shorter second one over and over.
    Combined(Combination),
    /// Channels of several values, one after the other.
    Joined,
    /// A site of dropout, by its place among all.
    Site(usize),
}

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Function {
    Activation(Activation),
    /// Between a least and a largest number.
    Clip(f32, f32),
    /// max(0, min(1, αx + β)).
    HardSigmoid(f32, f32),
    /// x times [`Function::HardSigmoid`] of 1/6 and 1/2.
    HardSwish,
}

/// How two numbers become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Combination {
    Add,
    Subtract,
    Multiply,
}

impl Function {
    pub(super) fn apply(self, x: f32) -> f32 {
        match self {
            Self::Activation(activation) => activation.apply(x),
            Self::Clip(least, most) => x.max(least).min(most),
            Self::HardSigmoid(factor, shift) => (factor * x + shift).clamp(0.0, 1.0),
            Self::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
        }
    }
}

impl Program {
    /// Numbers of a value.
    pub(super) fn numbers(&self, value: usize) -> usize {
        self.shapes[value].iter().product()
    }

    /// Where each number of a value of this shape lies, in the order of the graph.
    pub(super) fn places(shape: &[usize]) -> Vec<u32> {
        let all: usize = shape.iter().product();
        match *shape {
            [channels, height, width] => {
                let pixels = height * width;
                (0..all).map(|at| (at % pixels * channels + at / pixels) as u32).collect()
            }
            _ => (0..all as u32).collect(),
        }
    }
}
