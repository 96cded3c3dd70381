//! Which pixel, given a little more ink, raises or lowers the doubt: derivatives with the same masks.
//!
//! With `a_c = −ln p̄_c`, `∂H = Σ_c a_c ∂p̄_c`, since the derivatives of probabilities sum to zero, and
//! `∂MI = ∂H − (1/T) Σ_t ∂H(p_t)`. Both come from derivatives of each class's probability and of each pass's entropy,
//! kept for groups of passes, so that leaving one group out at a time (the jackknife) gives their standard errors. With
//! many classes p̄ is drawn first, and `Σ_c a_c p_tc` followed in place of each class: the standard errors then leave out
//! what the spread of the `a_c` themselves adds, which is of second order.

use crate::data::{PIXELS, PerClass};
use crate::progress::Observer;
use crate::sampling::statistics::MOST_PAIRED;
use crate::sampling::{Network, PassGroup, SamplingError, Seen, SweepConfig, pass_gradients, sample_image};
use crate::uncertainty::noise::is_clear;
use crate::uncertainty::terms::{mean_of, surprise};

/// Groups of passes whose spread gives the standard error.
const GROUPS: usize = 10;

/// Derivatives of the doubt by each pixel, `[28, 28]`, in nats for a pixel that goes from paper to full ink, were the
/// doubt to change evenly all the way. Each has its standard error, NaN for T = 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// Of the predictive entropy.
    pub entropy: Vec<[f32; 2]>,
    /// Of the mutual information.
    pub information: Vec<[f32; 2]>,
    /// Of each, in this order: the largest slope beyond noise, without its sign; 0 when none is.
    pub largest: [f32; 2],
}

impl Gradient {
    /// Whether a derivative is beyond Monte-Carlo noise, which a single pass cannot tell.
    #[must_use]
    pub fn is_clear(slope: [f32; 2]) -> bool {
        is_clear(slope)
    }
}

/// The gradient of the doubt about an image; `None` when the observer stopped it.
///
/// # Errors
/// When the configuration is out of range, a pixel is not finite, or there is not enough memory.
pub fn gradient<'a>(
    network: &Network,
    image: impl Into<Seen<'a>>,
    config: &SweepConfig,
    observe: Observer,
) -> Result<Option<Gradient>, SamplingError> {
    let image = image.into();
    let followed = Followed::new(network, image, config)?;
    let slopes = |p: &[f64], quantity: usize| followed.slopes(p, quantity);
    let quantities = (followed.quantities(), &slopes as &dyn Fn(&[f64], usize) -> PerClass<f64>);
    let Some(groups) = pass_gradients(network, image, config, GROUPS, quantities, observe)? else {
        return Ok(None);
    };
    let all = GradientSums::of(&groups, &followed, None);
    let without: Vec<GradientSums> = match groups.len() {
        1 => Vec::new(),
        count => (0..count).map(|group| GradientSums::of(&groups, &followed, Some(group))).collect(),
    };
    let (mut entropy, mut information) = (vec![[0.0; 2]; PIXELS], vec![[0.0; 2]; PIXELS]);
    for pixel in 0..PIXELS {
        let value = all.slopes(pixel);
        let left: Vec<[f64; 2]> = without.iter().map(|sums| sums.slopes(pixel)).collect();
        for (which, out) in [&mut entropy, &mut information].into_iter().enumerate() {
            out[pixel] = [value[which] as f32, jackknife(&left, which) as f32];
        }
    }
    let largest = [&entropy, &information].map(|slopes| {
        let clear = slopes.iter().filter(|slope| is_clear(**slope)).map(|slope| slope[0].abs());
        clear.fold(0.0, f32::max)
    });
    Ok(Some(Gradient { entropy, information, largest }))
}

/// What of each pass is followed back to the pixels, the entropy of the pass last.
enum Followed {
    /// The probability of each of so many classes.
    Classes(usize),
    /// `Σ_c a_c p_tc` with these `a_c`.
    Mean(PerClass<f64>),
}

impl Followed {
    fn new(network: &Network, image: Seen<'_>, config: &SweepConfig) -> Result<Self, SamplingError> {
        if network.classes() <= MOST_PAIRED {
            return Ok(Self::Classes(network.classes()));
        }
        let passes = sample_image(network, image, config)?.probabilities();
        Ok(Self::Mean(mean_of(&passes, f64::from).map(surprise)))
    }

    fn quantities(&self) -> usize {
        match self {
            Self::Classes(classes) => classes + 1,
            Self::Mean(_) => 2,
        }
    }

    /// How a quantity of a pass changes with its logits: `p_c(δ_ck − p_k)` for a probability,
    /// `p_k(a_k − Σ_c p_c a_c)` for a mean of `a_c`, and the same with `−ln p_c` in place of `a_c` for the entropy.
    fn slopes(&self, p: &[f64], quantity: usize) -> PerClass<f64> {
        let of_mean = |values: &PerClass<f64>| {
            let mean: f64 = p.iter().zip(values).map(|(p, a)| p * a).sum();
            PerClass::from_fn(p.len(), |k| p[k] * (values[k] - mean))
        };
        match self {
            _ if quantity + 1 == self.quantities() => of_mean(&p.iter().copied().map(surprise).collect()),
            Self::Classes(_) => {
                PerClass::from_fn(p.len(), |k| p[quantity] * (f64::from(u8::from(quantity == k)) - p[k]))
            }
            Self::Mean(surprises) => of_mean(surprises),
        }
    }
}

/// `√((G−1)/G Σ (θ_(−g) − mean)²)`; NaN for a single group.
fn jackknife(left: &[[f64; 2]], which: usize) -> f64 {
    let groups = left.len() as f64;
    let mean = left.iter().map(|value| value[which]).sum::<f64>() / groups;
    let squares: f64 = left.iter().map(|value| (value[which] - mean).powi(2)).sum();
    ((groups - 1.0) / groups * squares).sqrt()
}

/// Means over some groups of passes.
struct GradientSums {
    /// What each quantity but the last weighs in the entropy: `−ln p̄` of its class, or 1.
    weights: PerClass<f64>,
    /// `[quantities, pixels]`
    derivatives: Vec<[f64; PIXELS]>,
}

impl GradientSums {
    fn of(groups: &[PassGroup], followed: &Followed, without: Option<usize>) -> Self {
        let kept =
            || groups.iter().enumerate().filter(|(at, _)| Some(*at) != without).map(|(_, group)| group);
        let passes = kept().map(|group| group.passes).sum::<usize>() as f64;
        let mean = |class: usize| kept().map(|group| group.probability[class]).sum::<f64>() / passes;
        let mut derivatives = vec![[0.0; PIXELS]; followed.quantities()];
        for group in kept() {
            for (sum, own) in derivatives.iter_mut().zip(&group.gradients) {
                for (sum, own) in sum.iter_mut().zip(own) {
                    *sum += f64::from(*own) / passes;
                }
            }
        }
        let weights = match followed {
            Followed::Classes(classes) => PerClass::from_fn(*classes, |class| surprise(mean(class))),
            Followed::Mean(_) => PerClass::filled(1, 1.0),
        };
        Self { weights, derivatives }
    }

    /// Derivatives of entropy and mutual information by a pixel.
    fn slopes(&self, pixel: usize) -> [f64; 2] {
        let terms = self.weights.iter().zip(&self.derivatives);
        let entropy: f64 = terms.map(|(weight, derivative)| weight * derivative[pixel]).sum();
        [entropy, entropy - self.derivatives[self.weights.len()][pixel]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::synthetic;
    use crate::model::checkpoint::Checkpoint;
    use crate::model::lenet::Architecture;
    use crate::model::{Lenet, Placement};
    use crate::progress::unobserved;
    use crate::random::{Purpose, uniform};
    use crate::sampling::MaskDesign;
    use crate::sampling::sample_image;
    use crate::sampling::tensors::TensorNetwork;
    use crate::uncertainty::terms::entropy_term;

    const PLACEMENTS: [Placement; 3] = [Placement::Last, Placement::Dense, Placement::All];

    /// The bundled weights under any placement: they need not be good at it to be derived.
    fn network(placement: Placement) -> Network {
        let lenet = Checkpoint::bundled().unwrap().lenet;
        Network::new(lenet.weights().clone(), placement).unwrap()
    }

    /// A digit half covered by another: in doubt under every placement.
    fn doubtful() -> [f32; PIXELS] {
        let digits = synthetic::generate(9, 5);
        let pixel = |index: usize, at: usize| f32::from(digits.image(index)[at]) / 255.0;
        std::array::from_fn(|at| 0.5 * pixel(4, at) + 0.5 * pixel(8, at))
    }

    /// The same on paper that is nowhere quite even: no two places of a pool are equal.
    fn grained() -> [f32; PIXELS] {
        let image = doubtful();
        let grain = |at: usize| uniform(2, Purpose::Synthetic, [at as u64]);
        std::array::from_fn(|at| 0.9 * image[at] + 0.1 * grain(at))
    }

    /// Entropy and mutual information in double precision.
    fn doubt(network: &Network, image: &[f32; PIXELS], config: &SweepConfig) -> [f64; 2] {
        let logits = sample_image(network, image, config).unwrap().logits;
        let mut mean = PerClass::filled(network.classes(), 0.0);
        let mut expected = 0.0;
        let entropy = |p: &[f64]| p.iter().map(|p| entropy_term(*p)).sum::<f64>();
        for logits in &logits {
            let powers = logits.map(|logit| f64::from(logit).exp());
            let sum: f64 = powers.iter().sum();
            let p = powers.map(|power| power / sum);
            expected += entropy(&p) / config.passes as f64;
            for (mean, p) in mean.iter_mut().zip(&p) {
                *mean += p / config.passes as f64;
            }
        }
        [entropy(&mean), entropy(&mean) - expected]
    }

    #[test]
    fn it_is_the_slope_that_finite_differences_see_with_the_same_masks() {
        let image = grained();
        // With many classes other quantities are followed: automatic differentiation sees to them below.
        for network in PLACEMENTS.map(network) {
            let placement = network.placement();
            let config = SweepConfig { passes: 70, dropout: 0.4, seed: 3, masks: MaskDesign::Independent };
            let found = gradient(&network, &image, &config, &mut unobserved).unwrap().unwrap();
            let largest = found.entropy.iter().map(|slope| slope[0].abs()).fold(0.0, f32::max);
            assert!(largest > 0.01, "{placement:?}: {largest} says nothing");
            let difference = |pixel: usize, step: f32| -> [f64; 2] {
                let moved = |step: f32| {
                    let mut image = image;
                    image[pixel] += step;
                    doubt(&network, &image, &config)
                };
                let (up, down) = (moved(step), moved(-step));
                std::array::from_fn(|which| (up[which] - down[which]) / (2.0 * f64::from(step)))
            };
            let (mut smooth, mut kinked) = (0, 0);
            for pixel in (0..PIXELS).step_by(9) {
                let (wide, narrow) = (difference(pixel, 8e-3), difference(pixel, 4e-3));
                for which in 0..2 {
                    let slope = f64::from([&found.entropy, &found.information][which][pixel][0]);
                    // Between a step and its half a rectifier or a pool may change sides: the two then differ.
                    let bend = (wide[which] - narrow[which]).abs();
                    let allowed = 0.01 * f64::from(largest);
                    if bend > allowed {
                        kinked += 1;
                    } else {
                        smooth += 1;
                        let off = (slope - narrow[which]).abs();
                        assert!(off < 3.0 * allowed, "{placement:?} {pixel} {which}: {slope}, {narrow:?}");
                    }
                }
            }
            assert!(smooth > 4 * kinked, "{placement:?}: {smooth} smooth, {kinked} kinked");
        }
    }

    #[test]
    fn it_is_what_automatic_differentiation_finds() {
        let image = grained();
        for placement in PLACEMENTS {
            for (dropout, classes) in [(0.0, 10), (0.5, 10), (0.5, 2), (0.5, 20)] {
                let architecture = Architecture { hidden: 37, placement, classes };
                let mut weights = Lenet::initialise(architecture, dropout, 4).unwrap().weights();
                // Fresh weights say next to nothing: louder, the passes differ.
                weights.fc2_weight.iter_mut().for_each(|weight| *weight *= 12.0);
                let network = Network::new(weights, placement).unwrap();
                let config = SweepConfig { passes: 67, dropout, seed: 5, masks: MaskDesign::Independent };
                let found = gradient(&network, &image, &config, &mut unobserved).unwrap().unwrap();
                let reference = TensorNetwork::new(&network).unwrap();
                let entropy = |p: &candle_core::Tensor| {
                    let mean = p.mean(0)?;
                    (&mean * mean.log()?)?.sum_all()?.neg()
                };
                let information = |p: &candle_core::Tensor| {
                    let own = (p * p.log()?)?.sum(1)?.mean(0)?.neg()?;
                    entropy(p)? - own
                };
                let pairs: [(Vec<f32>, &Vec<[f32; 2]>); 2] = [
                    (reference.pixel_gradient(&image, &config, entropy).unwrap(), &found.entropy),
                    (reference.pixel_gradient(&image, &config, information).unwrap(), &found.information),
                ];
                for (which, (expected, found)) in pairs.into_iter().enumerate() {
                    let largest = expected.iter().fold(1e-4_f32, |most, value| most.max(value.abs()));
                    for (pixel, (expected, found)) in expected.iter().zip(found).enumerate() {
                        let off = (expected - found[0]).abs() / largest;
                        assert!(
                            off < 2e-3,
                            "{placement:?} p {dropout} of {classes} {which} {pixel}: off by {off}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn equal_winners_of_a_pool_share_its_slope() {
        // Grey paper that grows darker everywhere stays even: whoever wins, the slope is the sum over all pixels.
        let image = [0.3; PIXELS];
        for placement in PLACEMENTS {
            let network = network(placement);
            let config = SweepConfig { passes: 20, dropout: 0.3, seed: 3, masks: MaskDesign::Independent };
            let found = gradient(&network, &image, &config, &mut unobserved).unwrap().unwrap();
            let sum: f64 = found.entropy.iter().map(|slope| f64::from(slope[0])).sum();
            let difference = |step: f32| {
                let moved = |by: f32| doubt(&network, &image.map(|pixel| pixel + by), &config)[0];
                (moved(step) - moved(-step)) / (2.0 * f64::from(step))
            };
            let (wide, narrow) = (difference(4e-3), difference(2e-3));
            assert!(narrow.abs() > 1e-3 && (wide - narrow).abs() < 0.05 * narrow.abs(), "{wide} {narrow}");
            assert!((sum - narrow).abs() < 0.03 * narrow.abs(), "{placement:?}: {sum} for {narrow}");
        }
    }

    #[test]
    fn its_error_is_its_spread_over_seeds() {
        let (network, image) = (network(Placement::Dense), doubtful());
        let runs: Vec<Gradient> = (1..=60)
            .map(|seed| {
                let config = SweepConfig { passes: 100, dropout: 0.5, seed, masks: MaskDesign::Independent };
                gradient(&network, &image, &config, &mut unobserved).unwrap().unwrap()
            })
            .collect();
        for which in 0..2 {
            let slope = |run: &Gradient, pixel: usize| [&run.entropy, &run.information][which][pixel];
            // Over all pixels of the digit: what is said and what is seen, squared.
            let (mut said, mut seen) = (0.0, 0.0);
            for pixel in (0..PIXELS).filter(|pixel| image[*pixel] > 0.2) {
                let values: Vec<f64> = runs.iter().map(|run| f64::from(slope(run, pixel)[0])).collect();
                let mean = values.iter().sum::<f64>() / 60.0;
                seen += values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 59.0;
                said += runs.iter().map(|run| f64::from(slope(run, pixel)[1]).powi(2)).sum::<f64>() / 60.0;
            }
            let ratio = (said / seen).sqrt();
            assert!((ratio - 1.0).abs() < 0.25, "said over seen: {ratio}");
        }
    }

    #[test]
    fn one_pass_has_a_slope_of_entropy_none_of_disagreement_and_no_error() {
        let (network, image) = (network(Placement::Dense), doubtful());
        let config = SweepConfig { passes: 1, dropout: 0.5, seed: 1, masks: MaskDesign::Independent };
        let found = gradient(&network, &image, &config, &mut unobserved).unwrap().unwrap();
        assert!(found.entropy.iter().all(|slope| slope[1].is_nan()));
        assert!(found.entropy.iter().any(|slope| slope[0] != 0.0));
        assert!(found.information.iter().all(|slope| slope[0].abs() < 1e-5));
        let stopped = gradient(&network, &image, &config, &mut |_| std::ops::ControlFlow::Break(()));
        assert_eq!(stopped.unwrap(), None);
    }

    /// How long it takes: `cargo test --release gradient_is_timed -- --ignored --nocapture`.
    #[test]
    #[ignore = "a measurement"]
    fn gradient_is_timed() {
        for placement in PLACEMENTS {
            let (network, image) = (network(placement), doubtful());
            let config = SweepConfig::default();
            let mut times: Vec<_> = (0..15)
                .map(|_| {
                    let start = std::time::Instant::now();
                    gradient(&network, &image, &config, &mut unobserved).unwrap();
                    start.elapsed()
                })
                .collect();
            times.sort();
            println!("{placement:?}: {:?} at T = 100", times[7]);
        }
    }
}
