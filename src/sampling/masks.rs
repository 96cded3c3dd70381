//! Which units a pass keeps: one uniform number for each (seed, pass, layer, unit), kept where it is at least p.
//!
//! The same seed gives the same numbers for every p, so that units are dropped one by one as p rises.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]

use pulp::{Simd, WithSimd};

use crate::kernel::{InstructionSet, LANES};
use crate::model::Placement;
use crate::model::geometry::{CONV1_UNITS, CONV2_UNITS, FEATURES};
use crate::random::{Purpose, extend, hash};

/// A place where dropout can act. The numbers are part of the key of every mask: they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum DropoutLayer {
    /// Outputs of the first convolution before pooling, `[20, 24, 24]`.
    Conv1 = 0,
    /// Outputs of the second convolution before pooling, `[50, 8, 8]`.
    Conv2 = 1,
    /// Inputs of the hidden layer, `[800]`.
    Fc1Input = 2,
    /// Outputs of the hidden layer after its ReLU, `[hidden]`.
    Fc1Output = 3,
}

impl DropoutLayer {
    /// All layers, in the order data meets them.
    pub const ALL: [Self; 4] = [Self::Conv1, Self::Conv2, Self::Fc1Input, Self::Fc1Output];

    /// Units of the layer.
    #[must_use]
    pub const fn units(self, hidden: usize) -> usize {
        match self {
            Self::Conv1 => CONV1_UNITS,
            Self::Conv2 => CONV2_UNITS,
            Self::Fc1Input => FEATURES,
            Self::Fc1Output => hidden,
        }
    }

    /// Whether dropout acts here.
    #[must_use]
    pub const fn is_active(self, placement: Placement) -> bool {
        match self {
            Self::Conv1 | Self::Conv2 => matches!(placement, Placement::All),
            Self::Fc1Input => !matches!(placement, Placement::Last),
            Self::Fc1Output => true,
        }
    }
}

/// Draws the masks of one sweep.
#[derive(Clone, Copy, Debug)]
pub struct Masks {
    seed: u64,
    dropout: f32,
    set: InstructionSet,
}

impl Masks {
    /// Masks for a dropout rate p in 0 ≤ p < 1.
    #[must_use]
    pub fn new(seed: u64, dropout: f32, set: InstructionSet) -> Self {
        Self { seed, dropout, set }
    }

    /// What kept units are multiplied by, 1/(1 − p), so that means stay what they are without dropout.
    #[must_use]
    pub fn scale(&self) -> f32 {
        1.0 / (1.0 - self.dropout)
    }

    /// The dropout rate p.
    #[must_use]
    pub fn dropout(&self) -> f32 {
        self.dropout
    }

    /// The same seed at another rate.
    #[must_use]
    pub fn at_rate(&self, dropout: f32) -> Self {
        Self { dropout, ..*self }
    }

    /// For each unit of a layer, whether a pass keeps it.
    #[must_use]
    pub fn kept(&self, pass: usize, layer: DropoutLayer, units: usize) -> Vec<bool> {
        self.kept_for(pass, layer as u64, units)
    }

    /// The same for a site of this key.
    #[must_use]
    pub fn kept_for(&self, pass: usize, key: u64, units: usize) -> Vec<bool> {
        let mut kept = vec![false; units];
        let state = hash(self.seed, Purpose::SampledMask, [pass as u64, key]);
        self.set.run(Units { state, least: self.least(), kept: &mut kept });
        kept
    }

    /// For each unit of a layer, which of 64 passes from `first_pass` on keep it: 1 or 0.
    #[must_use]
    pub fn kept_by_passes(&self, first_pass: usize, layer: DropoutLayer, units: usize) -> Vec<[u8; LANES]> {
        self.kept_for_passes(first_pass, layer as u64, units)
    }

    /// The same for a site of this key.
    #[must_use]
    pub fn kept_for_passes(&self, first_pass: usize, key: u64, units: usize) -> Vec<[u8; LANES]> {
        let mut kept = vec![[0; LANES]; units];
        let states = std::array::from_fn(|lane| {
            hash(self.seed, Purpose::SampledMask, [(first_pass + lane) as u64, key])
        });
        self.set.run(Passes { states, least: self.least(), kept: &mut kept });
        kept
    }

    /// `uniform ≥ p` in whole numbers: a uniform is 24 bits over 2²⁴, and the product with 2²⁴ is exact.
    fn least(&self) -> u64 {
        (self.dropout * 16_777_216.0).ceil() as u64
    }
}

struct Units<'a> {
    state: u64,
    least: u64,
    kept: &'a mut [bool],
}

impl WithSimd for Units<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (unit, kept) in self.kept.iter_mut().enumerate() {
            *kept = extend(self.state, unit as u64) >> 40 >= self.least;
        }
    }
}

struct Passes<'a> {
    states: [u64; LANES],
    least: u64,
    kept: &'a mut [[u8; LANES]],
}

impl WithSimd for Passes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (unit, kept) in self.kept.iter_mut().enumerate() {
            for (kept, &state) in kept.iter_mut().zip(&self.states) {
                *kept = u8::from(extend(state, unit as u64) >> 40 >= self.least);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::uniform;

    #[test]
    fn a_unit_is_kept_where_its_uniform_reaches_p() {
        for set in InstructionSet::available() {
            for dropout in [0.0, 0.1, 0.5, 0.95, 0.999_999_9] {
                let masks = Masks::new(7, dropout, set);
                for layer in DropoutLayer::ALL {
                    let units = layer.units(37);
                    let lanes = masks.kept_by_passes(5, layer, units);
                    for pass in [5, 6, 68] {
                        let kept = masks.kept(pass, layer, units);
                        for (unit, &kept) in kept.iter().enumerate() {
                            let key = [pass as u64, layer as u64, unit as u64];
                            let want = uniform(7, Purpose::SampledMask, key) >= dropout;
                            assert_eq!(kept, want, "{} {layer:?} {dropout} {unit}", set.name());
                            assert_eq!(lanes[unit][pass - 5] == 1, want);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_share_kept_is_one_minus_p() {
        for dropout in [0.1, 0.5, 0.95] {
            let masks = Masks::new(3, dropout, InstructionSet::detect());
            let kept: usize = (0..100)
                .map(|pass| {
                    masks.kept(pass, DropoutLayer::Fc1Input, FEATURES).iter().filter(|&&kept| kept).count()
                })
                .sum();
            let (n, p) = (80_000.0, f64::from(dropout));
            // Four standard errors of a binomial.
            let allowed = 4.0 * (n * p * (1.0 - p)).sqrt();
            assert!((kept as f64 - n * (1.0 - p)).abs() < allowed, "{dropout}: {kept}");
        }
    }

    #[test]
    fn a_higher_rate_keeps_fewer_of_the_same_units() {
        let set = InstructionSet::detect();
        let low = Masks::new(3, 0.3, set).kept(0, DropoutLayer::Conv2, 3200);
        let high = Masks::new(3, 0.6, set).kept(0, DropoutLayer::Conv2, 3200);
        assert!(low.iter().zip(&high).all(|(&low, &high)| low || !high));
        assert_ne!(low, high);
    }
}
