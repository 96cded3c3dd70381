//! The nodes of a graph as steps of a program.

use std::collections::HashMap;

use rten_onnx::onnx::{GraphProto, TensorProto};

use super::super::head::{Activation, layer};
use super::super::sites::Site;
use super::super::structure::{Node, Structure, floats};
use super::convolution::{Convolution, Weights};
use super::pool::{Pool, Taken, Windows};
use super::program::{Combination, Function, Placed, Program, Step};
use crate::kernel::convolution::Panel;

/// Weights that are kept a second time for these kernels, in numbers: 200 MB. The runtime runs what has more.
const MOST_WEIGHTS: usize = 50_000_000;

/// The largest value of one image, in numbers.
const MOST_IN_VALUE: usize = 1 << 26;
/// The longest side of a window.
const LONGEST_WINDOW: usize = 4096;

/// The constants of a graph, of any shape.
pub(in super::super) struct Constants<'a> {
    structure: &'a Structure,
    initializers: HashMap<&'a str, &'a TensorProto>,
    beside: &'a [(String, Vec<u8>)],
}

impl<'a> Constants<'a> {
    pub(in super::super) fn new(
        graph: &'a GraphProto,
        structure: &'a Structure,
        beside: &'a [(String, Vec<u8>)],
    ) -> Self {
        let named = |tensor: &'a TensorProto| Some((tensor.name.as_deref()?, tensor));
        Self { structure, initializers: graph.initializer.iter().filter_map(named).collect(), beside }
    }

    /// Shape and numbers of a constant of floats.
    fn get(&self, name: &str) -> Option<(Vec<usize>, Vec<f32>)> {
        let constant = self.structure.constants.get(name)?;
        let read = || floats(self.initializers.get(name)?, self.beside);
        Some((constant.shape.clone(), constant.floats.clone().or_else(read)?))
    }
}

impl Program {
    /// What is known of a graph that takes images of this shape in this value. Sites are places to stop at.
    pub(in super::super) fn of(
        constants: &Constants,
        sites: &[Site],
        (input, shape): (&str, &[usize]),
        images: usize,
    ) -> Self {
        let structure = constants.structure;
        let mut builder = Builder { structure, constants, program: Self::default(), images, weights: 0 };
        builder.value(input, shape.to_vec());
        for node in &structure.nodes {
            let site =
                sites.iter().position(|site| site.before != site.after && node.outputs.contains(&site.after));
            // What is not known is simply not there; what needs it isn't either.
            let _ = match site {
                Some(at) => builder.site(at, &sites[at]),
                None => builder.node(node),
            };
        }
        builder.program
    }
}

struct Builder<'a> {
    structure: &'a Structure,
    constants: &'a Constants<'a>,
    program: Program,
    /// Images that the file has fixed in its shapes.
    images: usize,
    /// Weights so far.
    weights: usize,
}

impl Builder<'_> {
    fn value(&mut self, name: &str, shape: Vec<usize>) -> usize {
        self.program.shapes.push(shape);
        let at = self.program.shapes.len() - 1;
        self.program.by_name.insert(name.to_owned(), at);
        at
    }

    fn known(&self, name: &str) -> Option<usize> {
        self.program.by_name.get(name).copied()
    }

    fn add(&mut self, step: Step, from: Vec<usize>, name: &str, shape: Vec<usize>) -> Option<()> {
        let numbers = shape.iter().try_fold(1_usize, |all, side| all.checked_mul(*side));
        numbers.filter(|numbers| (1..=MOST_IN_VALUE).contains(numbers))?;
        let to = self.value(name, shape);
        self.program.steps.push(Placed { step, from, to });
        Some(())
    }

    fn site(&mut self, at: usize, site: &Site) -> Option<()> {
        let from = self.known(&site.before)?;
        self.add(Step::Site(at), vec![from], &site.after, self.program.shapes[from].clone())
    }

    fn node(&mut self, node: &Node) -> Option<()> {
        if matches!(node.op.as_str(), "Add" | "Sub" | "Mul" | "Div") {
            return self.two(node);
        }
        let from = self.known(node.input())?;
        let shape = self.program.shapes[from].clone();
        let output = node.output();
        match node.op.as_str() {
            "Conv" => self.convolution(node, from, &shape),
            "Gemm" | "MatMul" => self.dense(node, from, &shape),
            "BatchNormalization" => self.normalisation(node, from, shape),
            "Concat" => self.join(node),
            "MaxPool" | "AveragePool" => {
                let [channels, height, width] = *shape else { return None };
                let kernel = pair(node, "kernel_shape", None)?;
                let windows = windows(node, [height, width], kernel)?;
                let whole = |key: &str| node.whole.get(key).copied().unwrap_or(0);
                let taken = match (node.op.as_str(), whole("count_include_pad")) {
                    ("MaxPool", _) if node.outputs.len() == 1 => Taken::Largest,
                    ("AveragePool", 0) => Taken::Mean,
                    ("AveragePool", _) => Taken::MeanOfAll,
                    _ => return None,
                };
                let [height, width] = windows.output;
                self.add(
                    Step::Pool(Pool { windows, taken }),
                    vec![from],
                    output,
                    vec![channels, height, width],
                )
            }
            "GlobalAveragePool" | "ReduceMean" => {
                let [channels, height, width] = *shape else { return None };
                let mut kept = true;
                if node.op == "ReduceMean" {
                    kept = node.whole.get("keepdims").copied().unwrap_or(1) != 0;
                    let mut axes = self.axes(node, 4)?;
                    axes.sort_unstable();
                    if axes != [2, 3] {
                        return None;
                    }
                }
                let windows = Windows {
                    input: [height, width],
                    output: [1, 1],
                    kernel: [height, width],
                    stride: [1, 1],
                    dilation: [1, 1],
                    before: [0, 0],
                };
                let shape = if kept { vec![channels, 1, 1] } else { vec![channels] };
                self.add(Step::Pool(Pool { windows, taken: Taken::Mean }), vec![from], output, shape)
            }
            "Identity" | "Cast" | "Dropout" => self.add(Step::Moved(None), vec![from], output, shape),
            "Flatten" if node.whole.get("axis").is_none_or(|axis| *axis == 1) => {
                self.reshape(from, output, vec![shape.iter().product()])
            }
            "Reshape" => {
                let target = self.target(node, shape.iter().product())?;
                self.reshape(from, output, target)
            }
            "Squeeze" | "Unsqueeze" => {
                let opens = node.op == "Unsqueeze";
                let target = if opens { self.unsqueezed(node, &shape) } else { self.squeezed(node, &shape) };
                self.reshape(from, output, target?)
            }
            "Transpose" => self.transpose(node, from, &shape),
            _ => {
                let function = self.function(node)?;
                self.add(Step::Applied(function), vec![from], output, shape)
            }
        }
    }

    fn function(&self, node: &Node) -> Option<Function> {
        let setting = |key: &str, otherwise: f32| node.floats.get(key).copied().unwrap_or(otherwise);
        Some(match node.op.as_str() {
            "Clip" => {
                let bound = |at: usize, key: &str, otherwise: f32| match node.inputs.get(at) {
                    Some(name) if !name.is_empty() => self.structure.scalar(name),
                    _ => Some(setting(key, otherwise)),
                };
                Function::Clip(bound(1, "min", f32::NEG_INFINITY)?, bound(2, "max", f32::INFINITY)?)
            }
            "HardSigmoid" => Function::HardSigmoid(setting("alpha", 0.2), setting("beta", 0.5)),
            "HardSwish" => Function::HardSwish,
            _ => Function::Activation(Activation::of(node)?),
        })
    }

    /// Whether so many more weights may be kept.
    fn may_keep(&mut self, weights: usize) -> Option<()> {
        self.weights += weights;
        (self.weights <= MOST_WEIGHTS).then_some(())
    }

    fn convolution(&mut self, node: &Node, from: usize, shape: &[usize]) -> Option<()> {
        let [inputs, height, width] = *shape else { return None };
        let (sides, weights) = self.constants.get(node.inputs.get(1)?)?;
        let [outputs, each, rows, columns] = *sides else { return None };
        let groups = node.whole.get("group").map_or(Some(1), |groups| usize::try_from(*groups).ok())?;
        let windows = windows(node, [height, width], [rows, columns])?;
        let fits = groups > 0 && each.checked_mul(groups) == Some(inputs) && outputs.is_multiple_of(groups);
        if !fits || weights.len() != outputs * each * windows.all() {
            return None;
        }
        self.may_keep(weights.len())?;
        let bias = match node.inputs.get(2).filter(|bias| !bias.is_empty()) {
            None => vec![0.0; outputs],
            Some(bias) => self.constants.get(bias)?.1,
        };
        let taps = windows.all();
        let weights = if each == 1 && groups == outputs {
            Weights::Depthwise(
                (0..taps * outputs).map(|at| weights[at % outputs * taps + at / outputs]).collect(),
            )
        } else {
            let outputs = outputs / groups;
            let weights = &weights;
            let panel = |group: usize| {
                let first = group * outputs;
                Panel::new([outputs, taps, each], |m, tap, k| weights[((first + m) * each + k) * taps + tap])
            };
            Weights::Groups((0..groups).map(panel).collect())
        };
        if bias.len() != outputs {
            return None;
        }
        let shape = vec![outputs, windows.output[0], windows.output[1]];
        let step = Step::Convolution(Box::new(Convolution { windows, inputs, bias, weights }));
        self.add(step, vec![from], node.output(), shape)
    }

    fn dense(&mut self, node: &Node, from: usize, shape: &[usize]) -> Option<()> {
        let [inputs] = *shape else { return None };
        let (weight, bias, outputs) = layer(self.structure, node, node.input(), inputs)?;
        self.may_keep(weight.len())?;
        let one = [1, 1];
        let windows =
            Windows { input: one, output: one, kernel: one, stride: one, dilation: one, before: [0, 0] };
        let panel = Panel::new([outputs, 1, inputs], |m, _, k| weight[m * inputs + k]);
        let step = Convolution { windows, inputs, bias, weights: Weights::Groups(vec![panel]) };
        self.add(Step::Convolution(Box::new(step)), vec![from], node.output(), vec![outputs])
    }

    fn normalisation(&mut self, node: &Node, from: usize, shape: Vec<usize>) -> Option<()> {
        let of = |at: usize| Some(self.constants.get(node.inputs.get(at)?)?.1);
        let [scale, shift, mean, variance] = [of(1)?, of(2)?, of(3)?, of(4)?];
        let channels = *shape.first()?;
        let trained = node.whole.get("training_mode").is_some_and(|mode| *mode != 0);
        let whole = [&scale, &shift, &mean, &variance].iter().all(|numbers| numbers.len() == channels);
        // Channels lie together in values of three sides, and alone in those of one.
        if trained || !whole || ![1, 3].contains(&shape.len()) {
            return None;
        }
        let epsilon = node.floats.get("epsilon").copied().unwrap_or(1e-5);
        let factor: Vec<f32> = scale
            .iter()
            .zip(&variance)
            .map(|(scale, variance)| scale / (variance + epsilon).sqrt())
            .collect();
        let moved = (0..channels).map(|at| shift[at] - mean[at] * factor[at]).collect();
        self.add(Step::Scaled { factor, shift: moved }, vec![from], node.output(), shape)
    }

    /// Sums, differences, products and quotients of two values, one of which may be constant.
    fn two(&mut self, node: &Node) -> Option<()> {
        let [left, right] = &node.inputs[..] else { return None };
        let output = node.output();
        let values = [self.known(left), self.known(right)];
        if let [Some(left), Some(right)] = values {
            let combination = match node.op.as_str() {
                "Add" => Combination::Add,
                "Sub" => Combination::Subtract,
                "Mul" => Combination::Multiply,
                _ => return None,
            };
            let [one, other] = [left, right].map(|value| self.program.shapes[value].clone());
            // The second may be one number for each channel.
            let each = matches!((&one[..], &other[..]), ([a, _, _], [b, 1, 1]) if a == b);
            if one == other || each {
                return self.add(Step::Combined(combination), vec![left, right], output, one);
            }
            let turned = matches!((&other[..], &one[..]), ([a, _, _], [b, 1, 1]) if a == b);
            if turned && combination != Combination::Subtract {
                return self.add(Step::Combined(combination), vec![right, left], output, other);
            }
            return None;
        }
        let (from, constant, first) = match values {
            [Some(value), None] => (value, right, true),
            [None, Some(value)] => (value, left, false),
            _ => return None,
        };
        let shape = self.program.shapes[from].clone();
        let (sides, numbers) = self.constants.get(constant)?;
        let numbers = spread(&sides, &numbers, &shape, self.images)?;
        let ones = || vec![1.0; numbers.len()];
        let zeros = || vec![0.0; numbers.len()];
        let (factor, shift) = match (node.op.as_str(), first) {
            ("Add", _) => (ones(), numbers),
            ("Sub", true) => (ones(), numbers.iter().map(|number| -number).collect()),
            ("Sub", false) => (numbers.iter().map(|_| -1.0).collect(), numbers),
            ("Mul", _) => (numbers.clone(), zeros()),
            ("Div", true) => (numbers.iter().map(|number| 1.0 / number).collect(), zeros()),
            _ => return None,
        };
        self.add(Step::Scaled { factor, shift }, vec![from], output, shape)
    }

    fn join(&mut self, node: &Node) -> Option<()> {
        let values = node.inputs.iter().map(|input| self.known(input)).collect::<Option<Vec<usize>>>()?;
        if ![1, -3].contains(node.whole.get("axis")?) {
            return None;
        }
        let mut channels = 0;
        let mut sides = None;
        for value in &values {
            let [own, height, width] = *self.program.shapes[*value] else { return None };
            channels += own;
            if *sides.get_or_insert([height, width]) != [height, width] {
                return None;
            }
        }
        let [height, width] = sides?;
        self.add(Step::Joined, values, node.output(), vec![channels, height, width])
    }

    /// The same numbers in the same order in another shape.
    fn reshape(&mut self, from: usize, output: &str, shape: Vec<usize>) -> Option<()> {
        let before = Program::places(&self.program.shapes[from]);
        if shape.iter().product::<usize>() != before.len() {
            return None;
        }
        let mut map = vec![0; before.len()];
        for (place, before) in Program::places(&shape).into_iter().zip(before) {
            map[place as usize] = before;
        }
        self.moved(map, from, output, shape)
    }

    fn moved(&mut self, map: Vec<u32>, from: usize, output: &str, shape: Vec<usize>) -> Option<()> {
        let same = map.iter().enumerate().all(|(at, from)| at == *from as usize);
        self.add(Step::Moved((!same).then_some(map)), vec![from], output, shape)
    }

    fn transpose(&mut self, node: &Node, from: usize, shape: &[usize]) -> Option<()> {
        let order = node.lists.get("perm")?;
        let order = order.iter().map(|axis| usize::try_from(*axis).ok()).collect::<Option<Vec<usize>>>()?;
        let (0, rest) = (*order.first()?, &order[1..]) else { return None };
        if rest.len() != shape.len() {
            return None;
        }
        let axes = rest.iter().map(|axis| axis.checked_sub(1)).collect::<Option<Vec<usize>>>()?;
        let turned = axes.iter().map(|axis| shape.get(*axis).copied()).collect::<Option<Vec<usize>>>()?;
        let before = Program::places(shape);
        let stride = |axis: usize| shape[axis + 1..].iter().product::<usize>();
        let mut map = vec![0; before.len()];
        for (at, place) in Program::places(&turned).into_iter().enumerate() {
            let (mut rest, mut source) = (at, 0);
            for (axis, side) in axes.iter().zip(&turned).rev() {
                source += rest % side * stride(*axis);
                rest /= side;
            }
            map[place as usize] = *before.get(source)?;
        }
        self.moved(map, from, node.output(), turned)
    }

    /// Axes that a node names, of a value of so many sides, images among them.
    fn axes(&self, node: &Node, sides: usize) -> Option<Vec<usize>> {
        let sides = i64::try_from(sides).ok()?;
        let named = node.inputs.get(1).and_then(|name| self.structure.constants.get(name)?.whole.clone());
        let axes = node.lists.get("axes").cloned().or(named)?;
        axes.iter().map(|axis| usize::try_from(if *axis < 0 { axis + sides } else { *axis }).ok()).collect()
    }

    fn squeezed(&self, node: &Node, shape: &[usize]) -> Option<Vec<usize>> {
        let axes = self.axes(node, shape.len() + 1)?;
        let gone = |at: &usize| axes.contains(&(at + 1));
        let possible = !axes.contains(&0) && (0..shape.len()).filter(gone).all(|at| shape[at] == 1);
        possible.then(|| (0..shape.len()).filter(|at| !gone(at)).map(|at| shape[at]).collect())
    }

    fn unsqueezed(&self, node: &Node, shape: &[usize]) -> Option<Vec<usize>> {
        let count = self.axes(node, 0).map(|axes| axes.len())?;
        let axes = self.axes(node, shape.len() + 1 + count)?;
        let mut rest = shape.iter().copied();
        let whole = 1..=shape.len() + count;
        let sides = whole.map(|at| if axes.contains(&at) { Some(1) } else { rest.next() });
        if axes.contains(&0) { None } else { sides.collect() }
    }

    /// The shape that a reshaping asks for, of one image of so many numbers.
    fn target(&self, node: &Node, numbers: usize) -> Option<Vec<usize>> {
        let target = self.structure.constants.get(node.inputs.get(1)?)?.whole.as_ref()?;
        let (images, rest) = target.split_first()?;
        let leads = [0, -1, 1].contains(images) || usize::try_from(*images) == Ok(self.images);
        let open = rest.iter().filter(|side| **side < 0).count();
        // A side of zero is that of what enters, which may hold images.
        if !leads || rest.contains(&0) || open > 1 || (*images < 0 && open > 0) {
            return None;
        }
        let known: usize = rest.iter().filter_map(|side| usize::try_from(*side).ok()).product();
        let side = |side: &i64| usize::try_from(*side).unwrap_or(numbers / known.max(1));
        Some(rest.iter().map(side).collect())
    }
}

/// A setting of two sides.
fn pair(node: &Node, key: &str, otherwise: Option<usize>) -> Option<[usize; 2]> {
    match node.lists.get(key).map(Vec::as_slice) {
        None => otherwise.map(|one| [one; 2]),
        Some([one, other]) => Some([usize::try_from(*one).ok()?, usize::try_from(*other).ok()?]),
        Some(_) => None,
    }
}

/// The windows of a convolution or a pooling.
fn windows(node: &Node, input: [usize; 2], kernel: [usize; 2]) -> Option<Windows> {
    let [stride, dilation] = [pair(node, "strides", Some(1))?, pair(node, "dilations", Some(1))?];
    let automatic = node.texts.get("auto_pad").map_or("NOTSET", String::as_str);
    let rounded_up = node.whole.get("ceil_mode").is_some_and(|mode| *mode != 0);
    let given: Option<Vec<usize>> = match node.lists.get("pads") {
        None => Some(vec![0; 4]),
        Some(pads) => pads.iter().map(|pad| usize::try_from(*pad).ok()).collect(),
    };
    let given = given.filter(|pads| pads.len() == 4)?;
    let (mut output, mut before) = ([0; 2], [0; 2]);
    for axis in 0..2 {
        let (step, side) = (stride[axis], input[axis]);
        let reach = kernel[axis].checked_sub(1)?.checked_mul(dilation[axis])? + 1;
        let padded = [given[axis], given[axis + 2]].into_iter().any(|pad| pad > reach);
        if step == 0 || side == 0 || reach > LONGEST_WINDOW || padded {
            return None;
        }
        let around = match automatic {
            "NOTSET" => {
                before[axis] = given[axis];
                given[axis] + given[axis + 2]
            }
            "VALID" => 0,
            "SAME_UPPER" | "SAME_LOWER" => {
                let all = ((side.div_ceil(step) - 1) * step + reach).saturating_sub(side);
                before[axis] = if automatic == "SAME_UPPER" { all / 2 } else { all.div_ceil(2) };
                all
            }
            _ => return None,
        };
        let room = (side + around).checked_sub(reach)?;
        output[axis] = if rounded_up { room.div_ceil(step) } else { room / step } + 1;
        // No window begins behind the image.
        if rounded_up && (output[axis] - 1) * step >= side + before[axis] {
            output[axis] -= 1;
        }
    }
    Some(Windows { input, output, kernel, stride, dilation, before })
}

/// The numbers of a constant for each number of a value of one image, in the order they lie in; as few as repeat.
fn spread(sides: &[usize], numbers: &[f32], shape: &[usize], images: usize) -> Option<Vec<f32>> {
    let mut sides = sides.to_vec();
    // What differs between images is none of a program that has them side by side.
    if sides.len() == shape.len() + 1 && sides[0] == 1 && images >= 1 {
        sides.remove(0);
    }
    if sides.len() > shape.len() || sides.iter().product::<usize>() != numbers.len() {
        return None;
    }
    let missing = shape.len() - sides.len();
    if sides.iter().zip(&shape[missing..]).any(|(side, of)| *side != 1 && side != of) {
        return None;
    }
    let mut all = vec![0.0; shape.iter().product()];
    for (at, place) in Program::places(shape).into_iter().enumerate() {
        let (mut rest, mut source, mut stride) = (at, 0, 1);
        for (axis, side) in shape.iter().enumerate().rev() {
            let own = axis.checked_sub(missing).map_or(1, |axis| sides[axis]);
            source += if own == 1 { 0 } else { rest % side * stride };
            stride *= own;
            rest /= side;
        }
        all[place as usize] = *numbers.get(source)?;
    }
    // The channels of a place repeat, or all are the same.
    for period in [1, shape.first().copied()?] {
        let repeats = all.len().is_multiple_of(period.max(1))
            && all.chunks(period.max(1)).all(|chunk| chunk == &all[..period]);
        if repeats {
            all.truncate(period);
            break;
        }
    }
    Some(all)
}
