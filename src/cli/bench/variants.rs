//! What is timed for its rate: the ways to the same samples, their steady rate, one image, training, a matrix product.

use std::ops::ControlFlow;
use std::sync::Arc;

use candle_core::{Device, Tensor};

use crate::cli::Failure;
use crate::cli::timing::Variant;
use crate::data::{Digits, PIXELS};
use crate::kernel::InstructionSet;
use crate::model::training::{TrainConfig, train};
use crate::model::{Architecture, Lenet, Placement};
use crate::progress::unobserved;
use crate::sampling::{
    MaskDesign, Network, Prefix, Samples, SweepConfig, multiplications, sample_image, sweep, tensors,
};

/// Images and passes of the naive loop at most: it needs a second for what the sweep does in a few milliseconds, and its
/// time is proportional to both.
const NAIVE: (usize, usize) = (500, 4);
/// Images of the loop over cached prefixes at most; its passes are those of the sweep, for both compute the prefix once.
const CACHED: (usize, usize) = (250, usize::MAX);
/// Side of the matrices whose product is the machine's own rate: large enough to be bound by arithmetic alone.
const MATRIX: usize = 1024;

/// Whole forward passes with tensors, one after the other.
pub(super) const NAIVE_WAY: &str = "naive loop";
/// The same with everything before the first dropout computed once.
pub(super) const CACHED_WAY: &str = "cached prefix";
/// What the program does, from pixels on.
pub(super) const SWEEP_WAY: &str = "thinned sweep";
/// What it does for each further pass: from T to 2T.
pub(super) const STEADY_WAY: &str = "further passes";
/// The same with masks drawn one by one.
pub(super) const INDEPENDENT_WAY: &str = "further passes, independent masks";
/// The same on one thread.
pub(super) const ONE_THREAD_WAY: &str = "further passes, one thread";
/// The same for half the images, and for half the passes: is the cost linear?
pub(super) const HALF_IMAGES_WAY: &str = "further passes, half the images";
/// See [`HALF_IMAGES_WAY`].
pub(super) const HALF_PASSES_WAY: &str = "half the further passes";
/// The machine's own rate.
pub(super) const PRODUCT: &str = "matrix product of candle, 1024³";

type VariantRun<'a> = Box<dyn FnMut() -> Result<(), Failure> + 'a>;

/// The ways to T passes of all images, from pixels to probabilities.
pub(super) fn sweeps<'a>(
    lenet: &Lenet,
    placement: Placement,
    digits: &'a Digits,
    config: SweepConfig,
    set: InstructionSet,
    variants: &mut Vec<Variant<'a>>,
) -> Result<(), Failure> {
    let fast = Arc::new(Network::with_instructions(lenet.weights().clone(), placement, set)?);
    let tensors = Arc::new(tensors::TensorNetwork::new(&fast)?);
    let part = |most: (usize, usize)| {
        let images = digits.slice(0..digits.len().min(most.0));
        (images, SweepConfig { passes: config.passes.min(most.1), ..config })
    };
    let mut push = |way: &str, images: usize, passes: usize, run: VariantRun<'a>| {
        let amount = (images * passes) as f64;
        variants.push(Variant { name: name(placement, way), unit: "image·passes", amount, run });
    };
    let (images, fewer) = part(NAIVE);
    let (count, plain) = (images.len(), Arc::clone(&tensors));
    let run = move || plain.naive((&images).into(), &fewer).map(drop).map_err(Failure::from);
    push(NAIVE_WAY, count, fewer.passes, Box::new(run));
    // With dropout before the first pooling there is no prefix to keep.
    if placement != Placement::All {
        let (images, fewer) = part(CACHED);
        let count = images.len();
        let run = move || tensors.cached((&images).into(), &fewer).map(drop).map_err(Failure::from);
        push(CACHED_WAY, count, fewer.passes, Box::new(run));
    }
    let run = move || {
        let prefix = Prefix::compute(&fast, digits.into(), &mut unobserved)?.ok_or(Failure::Stopped)?;
        let none = Samples::empty(digits.len(), &config);
        sweep(&prefix, &config, none, &mut |_| ControlFlow::Continue(()))?;
        Ok(())
    };
    push(SWEEP_WAY, digits.len(), config.passes, Box::new(run));
    Ok(())
}

/// All passes of a single image: what answers the pen.
pub(super) fn one_image<'a>(
    lenet: &Lenet,
    placement: Placement,
    digits: &Digits,
    config: SweepConfig,
    set: InstructionSet,
) -> Result<Variant<'a>, Failure> {
    /// Images one after the other in a run, so that it lasts some milliseconds.
    const IMAGES: usize = 20;
    let network = Network::with_instructions(lenet.weights().clone(), placement, set)?;
    let images: Vec<[f32; PIXELS]> = (0..IMAGES.min(digits.len()))
        .map(|index| std::array::from_fn(|pixel| f32::from(digits.image(index)[pixel]) / 255.0))
        .collect();
    let amount = images.len() as f64;
    let run = move || {
        for image in &images {
            sample_image(&network, image, &config)?;
        }
        Ok(())
    };
    let name = name(placement, &format!("single images, {} passes each", config.passes));
    Ok(Variant { name, unit: "images", amount, run: Box::new(run) })
}

/// One epoch over the images, from fresh weights.
pub(super) fn training(digits: &Digits, placement: Placement, batch_size: usize) -> Variant<'_> {
    let architecture = Architecture { placement, ..Architecture::default() };
    let config = TrainConfig { architecture, epochs: 1, batch_size, ..TrainConfig::default() };
    let nothing = Digits::default();
    let run = move || {
        train(digits, &nothing, &config, None, &mut |_| ControlFlow::Continue(()))?;
        Ok(())
    };
    let name = name(placement, &format!("training, batches of {batch_size}"));
    Variant { name, unit: "images", amount: digits.len() as f64, run: Box::new(run) }
}

pub(super) fn name(placement: Placement, way: &str) -> String {
    let placement = match placement {
        Placement::Last => "last",
        Placement::Dense => "dense",
        Placement::All => "all",
    };
    format!("{placement}, {way}")
}

/// How fast further passes come once there are T: the slope of time against T.
pub(super) fn steady<'a>(
    lenet: &Lenet,
    placement: Placement,
    digits: &Digits,
    config: SweepConfig,
    set: InstructionSet,
    variants: &mut Vec<Variant<'a>>,
) -> Result<(), Failure> {
    let network = Arc::new(Network::with_instructions(lenet.weights().clone(), placement, set)?);
    let half = digits.slice(0..digits.len().div_ceil(2));
    let whole = Arc::new(Further::new(&network, digits, config)?);
    let fewer = Further::new(&network, &half, config)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().map_err(std::io::Error::other)?;
    let mut push = |way: &str, images: usize, passes: usize, run: VariantRun<'a>| {
        let amount = (images * passes) as f64;
        variants.push(Variant { name: name(placement, way), unit: "image·passes", amount, run });
    };
    let passes = config.passes;
    let (count, further) = (digits.len(), Arc::clone(&whole));
    push(STEADY_WAY, count, passes, Box::new(move || further.draw(passes)));
    if placement == Placement::Dense {
        let independent = SweepConfig { masks: MaskDesign::Independent, ..config };
        let apart = Further::new(&network, digits, independent)?;
        push(INDEPENDENT_WAY, count, passes, Box::new(move || apart.draw(passes)));
        let further = Arc::clone(&whole);
        push(ONE_THREAD_WAY, count, passes, Box::new(move || pool.install(|| further.draw(passes))));
        push(HALF_IMAGES_WAY, half.len(), passes, Box::new(move || fewer.draw(passes)));
        let least = passes.div_ceil(2);
        push(HALF_PASSES_WAY, count, least, Box::new(move || whole.draw(least)));
    }
    Ok(())
}

/// A sweep that has come to T passes.
struct Further {
    prefix: Prefix,
    samples: Samples,
    config: SweepConfig,
}

impl Further {
    fn new(network: &Arc<Network>, digits: &Digits, config: SweepConfig) -> Result<Self, Failure> {
        let prefix = Prefix::compute(network, digits.into(), &mut unobserved)?.ok_or(Failure::Stopped)?;
        let none = Samples::empty(digits.len(), &config);
        let samples = sweep(&prefix, &config, none, &mut |_| ControlFlow::Continue(()))?;
        Ok(Self { prefix, samples, config })
    }

    fn draw(&self, passes: usize) -> Result<(), Failure> {
        let config = SweepConfig { passes: self.config.passes + passes, ..self.config };
        sweep(&self.prefix, &config, self.samples.clone(), &mut |_| ControlFlow::Continue(()))?;
        Ok(())
    }
}

/// Floating-point operations that one image and pass needs when only kept units are multiplied: two a multiplication.
pub(super) fn operations(lenet: &Lenet, placement: Placement, config: SweepConfig) -> Result<f64, Failure> {
    /// A whole block, so that no lane is idle.
    const IMAGES: usize = 64;
    let network = Network::new(lenet.weights().clone(), placement)?;
    let count = multiplications(&network, &config, IMAGES);
    Ok(2.0 * count as f64 / (IMAGES * config.passes) as f64)
}

/// The product of two square matrices, by the library that candle computes with: what the machine can do.
pub(super) fn product<'a>() -> Result<Variant<'a>, Failure> {
    /// Products of a run, so that it lasts some tens of milliseconds.
    const PRODUCTS: usize = 5;
    let matrix = |seed: usize| {
        let numbers: Vec<f32> =
            (0..MATRIX * MATRIX).map(|at| ((at * 31 + seed) % 97) as f32 / 97.0).collect();
        Tensor::from_vec(numbers, (MATRIX, MATRIX), &Device::Cpu)
    };
    let (left, right) =
        (matrix(1).map_err(std::io::Error::other)?, matrix(2).map_err(std::io::Error::other)?);
    let run = move || {
        for _ in 0..PRODUCTS {
            left.matmul(&right).map_err(std::io::Error::other)?;
        }
        Ok(())
    };
    let amount = (PRODUCTS * 2 * MATRIX.pow(3)) as f64;
    Ok(Variant { name: PRODUCT.to_owned(), unit: "operations", amount, run: Box::new(run) })
}
