//! A graph run on sixteen images side by side, on this program's own kernels: what is known of its operations, as far as the
//! known ones reach. The runtime remains the measure of what is right, and runs the rest.
//!
//! A value of channels, rows and columns lies with the channels of a place together; every other as the graph has it.

mod build;
mod convolution;
mod pool;
mod route;
mod run;

use std::collections::HashMap;

use super::head::Activation;
use convolution::Convolution;
use pool::Pool;

pub(super) use build::Constants;
pub use route::Route;
pub(super) use run::Buffers;
pub use run::Mask;

/// The operations of a graph that are known here.
#[derive(Debug, Default)]
pub(super) struct Program {
    /// Shape of each value of one image.
    shapes: Vec<Vec<usize>>,
    /// Values by name.
    by_name: HashMap<String, usize>,
    /// In an order in which each takes only what earlier ones give.
    steps: Vec<Placed>,
}

/// A step between values.
#[derive(Debug)]
struct Placed {
    step: Step,
    from: Vec<usize>,
    to: usize,
}

/// What is done to values.
#[derive(Debug)]
enum Step {
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
enum Function {
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
enum Combination {
    Add,
    Subtract,
    Multiply,
}

impl Function {
    fn apply(self, x: f32) -> f32 {
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
    fn numbers(&self, value: usize) -> usize {
        self.shapes[value].iter().product()
    }

    /// Where each number of a value of this shape lies, in the order of the graph.
    fn places(shape: &[usize]) -> Vec<u32> {
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
