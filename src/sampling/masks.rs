//! Which units a pass keeps. Independent masks: one uniform number for each (seed, pass, layer, unit), kept where it is at
//! least p; the same seed gives the same numbers for every p, so that units are dropped one by one as p rises. Balanced
//! masks ([`design`](super::design)): one label for each (seed, bundle, layer, unit), and what the pass makes of it.

// Functions that are not inlined are compiled without the vector instructions.
#![allow(clippy::inline_always)]

use pulp::{Simd, WithSimd};

use crate::kernel::{InstructionSet, LANES};
use crate::model::Placement;
use crate::model::geometry::{CONV1_UNITS, CONV2_UNITS, FEATURES};
use crate::random::{Purpose, extend, hash};

use super::SweepConfig;
use super::design::{Balance, LABELS, LabelMask, MaskDesign, Role};

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

    /// What its masks do in a quartet. Those of convolutions are apart: their units meet in maxima of four, of which a mask
    /// and its complement leave no balance.
    pub(super) const fn role(self, placement: Placement) -> Role {
        match (self, placement) {
            (Self::Conv1 | Self::Conv2, _) => Role::Apart,
            (Self::Fc1Output, Placement::Last) => Role::Alone,
            (Self::Fc1Input, _) => Role::Among(0),
            (Self::Fc1Output, _) => Role::Among(1),
        }
    }
}

/// Draws the masks of one sweep.
#[derive(Clone, Copy, Debug)]
pub struct Masks {
    seed: u64,
    dropout: f32,
    design: MaskDesign,
    set: InstructionSet,
}

impl Masks {
    /// Masks for a dropout rate p in 0 ≤ p < 1.
    #[must_use]
    pub fn new(config: &SweepConfig, set: InstructionSet) -> Self {
        Self { seed: config.seed, dropout: config.dropout, design: config.masks, set }
    }

    /// Masks drawn one by one.
    #[cfg(test)]
    pub(super) fn independent(seed: u64, dropout: f32, set: InstructionSet) -> Self {
        Self { seed, dropout, design: MaskDesign::Independent, set }
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

    /// How the masks of a site of this role are balanced; `None` where they are independent.
    pub(super) fn balance(&self, role: Role) -> Option<Balance> {
        if role == Role::Apart { None } else { self.design.at(self.dropout) }
    }

    /// For each unit of a layer, whether a pass keeps it.
    #[must_use]
    pub fn kept(&self, pass: usize, layer: DropoutLayer, placement: Placement, units: usize) -> Vec<bool> {
        self.kept_for(pass, (layer as u64, layer.role(placement)), units)
    }

    /// The same for a site of this key and role.
    #[must_use]
    pub(super) fn kept_for(&self, pass: usize, (key, role): (u64, Role), units: usize) -> Vec<bool> {
        if let Some(balance) = self.balance(role) {
            let mask = LabelMask::new(balance, role, pass);
            let labels = self.labels(mask.bundle, key, units);
            return labels.iter().map(|label| mask.kept >> label & 1 == 1).collect();
        }
        let mut kept = vec![false; units];
        let state = hash(self.seed, Purpose::SampledMask, [pass as u64, key]);
        self.set.run(Units { state, least: self.least(), kept: &mut kept });
        kept
    }

    /// For each unit of a layer, which of 64 passes from `first_pass` on keep it: 1 or 0.
    #[must_use]
    pub fn kept_by_passes(
        &self,
        first_pass: usize,
        layer: DropoutLayer,
        placement: Placement,
        units: usize,
    ) -> Vec<[u8; LANES]> {
        self.kept_for_passes(first_pass, (layer as u64, layer.role(placement)), units)
    }

    /// The same for a site of this key and role.
    #[must_use]
    pub(super) fn kept_for_passes(
        &self,
        first_pass: usize,
        (key, role): (u64, Role),
        units: usize,
    ) -> Vec<[u8; LANES]> {
        let mut kept = vec![[0; LANES]; units];
        let Some(balance) = self.balance(role) else {
            let states = std::array::from_fn(|lane| {
                hash(self.seed, Purpose::SampledMask, [(first_pass + lane) as u64, key])
            });
            self.set.run(Passes { states, least: self.least(), kept: &mut kept });
            return kept;
        };
        // What each label is kept by, for the passes of one bundle at a time.
        let mut first = 0;
        while first < LANES {
            let bundle = LabelMask::new(balance, role, first_pass + first).bundle;
            let mut by_label = [[0; LANES]; LABELS];
            let mut next = first;
            while next < LANES {
                let mask = LabelMask::new(balance, role, first_pass + next);
                if mask.bundle != bundle {
                    break;
                }
                for (label, kept) in by_label.iter_mut().enumerate() {
                    kept[next] = (mask.kept >> label & 1) as u8;
                }
                next += 1;
            }
            for (kept, label) in kept.iter_mut().zip(self.labels(bundle, key, units)) {
                kept[first..next].copy_from_slice(&by_label[usize::from(label)][first..next]);
            }
            first = next;
        }
        kept
    }

    /// The label of each unit of a site in a bundle, below 16.
    pub(super) fn labels(&self, bundle: u64, key: u64, units: usize) -> Vec<u8> {
        let mut labels = vec![0; units];
        let state = hash(self.seed, Purpose::BalancedMask, [bundle, key]);
        self.set.run(Labels { state, labels: &mut labels });
        labels
    }

    /// `uniform ≥ p` in whole numbers: a uniform is 24 bits over 2²⁴, and the product with 2²⁴ is exact.
    fn least(&self) -> u64 {
        (self.dropout * 16_777_216.0).ceil() as u64
    }
}

struct Labels<'a> {
    state: u64,
    labels: &'a mut [u8],
}

impl WithSimd for Labels<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (unit, label) in self.labels.iter_mut().enumerate() {
            *label = (extend(self.state, unit as u64) >> 60) as u8;
        }
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
                let masks = Masks::independent(7, dropout, set);
                for layer in DropoutLayer::ALL {
                    let units = layer.units(37);
                    let lanes = masks.kept_by_passes(5, layer, Placement::All, units);
                    for pass in [5, 6, 68] {
                        let kept = masks.kept(pass, layer, Placement::All, units);
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
            let masks = Masks::independent(3, dropout, InstructionSet::detect());
            let kept: usize = (0..100)
                .map(|pass| {
                    masks
                        .kept(pass, DropoutLayer::Fc1Input, Placement::All, FEATURES)
                        .iter()
                        .filter(|&&kept| kept)
                        .count()
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
        let low = Masks::independent(3, 0.3, set).kept(0, DropoutLayer::Conv2, Placement::All, 3200);
        let high = Masks::independent(3, 0.6, set).kept(0, DropoutLayer::Conv2, Placement::All, 3200);
        assert!(low.iter().zip(&high).all(|(&low, &high)| low || !high));
        assert_ne!(low, high);
    }
}
