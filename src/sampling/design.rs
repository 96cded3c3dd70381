//! How the masks of different passes belong together.
//!
//! A pass by itself is the same with either design: every unit is kept with probability 1 − p, independently of all
//! others. *Balanced* masks come in quartets of four passes, t = 4q … 4q + 3, which use the units evenly: at p = ½ each
//! site's mask and its complement in every combination of two sites (antithetic masks, a 2² factorial), at p = ¼ and ¾
//! the four quarters of a random partition, each dropped or kept once. What a unit adds to the answer then cancels
//! within a quartet, and only what units do together is left as noise.
//!
//! Quartets in their turn come in *bundles*. In a bundle each unit has one label of four bits, and a quartet's masks are
//! a function of it: the parity of some of its bits at p = ½, which makes 15 quartets, and its projection onto one of the
//! five lines of the plane over the field of four elements at ¼ and ¾. Labels are uniform, so that any two quartets of a
//! bundle are independent of each other, as pairs of parities (and of projections) are (Joffe 1974, *On a set of almost
//! deterministic k-independent random variables*): the variance of a mean over quartets, and what is estimated of it,
//! are those of quartets drawn one by one. All of a bundle's masks are unions of sixteen sets of units, though, whose
//! products with a layer's weights serve all of its passes.

use serde::{Deserialize, Serialize};

/// Passes that balance each other.
pub const QUARTET: usize = 4;
/// Labels of a bundle.
pub(super) const LABELS: usize = 16;
/// Most quartets of a bundle.
pub(super) const MOST_QUARTETS: usize = LABELS - 1;

/// How the masks of different passes belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MaskDesign {
    /// In quartets that use the units evenly, where the rate is ¼, ½ or ¾; independent at any other.
    Balanced,
    /// Drawn one by one.
    Independent,
}

impl MaskDesign {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Balanced, Self::Independent];

    /// Its name on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Independent => "independent",
        }
    }

    /// What was written before there was a choice: masks were independent.
    #[must_use]
    pub const fn before_there_was_a_choice() -> Self {
        Self::Independent
    }

    /// How quartets are made at a rate; `None` where passes are independent.
    pub(super) fn at(self, dropout: f32) -> Option<Balance> {
        if self == Self::Independent {
            return None;
        }
        Balance::ALL.into_iter().find(|balance| balance.rate().to_bits() == dropout.to_bits())
    }

    /// The design that is in use where dropout acts at these rates.
    #[must_use]
    pub fn used(self, rates: &[f32]) -> Self {
        if rates.iter().any(|rate| self.balances(*rate)) { self } else { Self::Independent }
    }

    /// Whether masks are balanced at a rate.
    #[must_use]
    pub fn balances(self, dropout: f32) -> bool {
        self.at(dropout).is_some()
    }
}

/// What a quartet's masks are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Balance {
    /// p = ¼: each pass drops one quarter.
    DropQuarter,
    /// p = ½: halves and their complements.
    Halves,
    /// p = ¾: each pass keeps one quarter.
    KeepQuarter,
}

impl Balance {
    const ALL: [Self; 3] = [Self::DropQuarter, Self::Halves, Self::KeepQuarter];

    const fn rate(self) -> f32 {
        match self {
            Self::DropQuarter => 0.25,
            Self::Halves => 0.5,
            Self::KeepQuarter => 0.75,
        }
    }

    /// Whether a shared product takes less than those of the passes: where a pass keeps a quarter, a sixteenth of the
    /// products is left of each by itself, hardly more than its share of the whole.
    pub(super) fn shares(self) -> bool {
        self != Self::KeepQuarter
    }

    /// Passes of a bundle.
    pub(super) fn passes_of_bundle(self, role: Role) -> usize {
        let each = if self == Self::Halves && role == Role::Alone { 2 } else { QUARTET };
        self.of_bundle() * each
    }

    /// How many masks (and their complements), or partitions, a bundle makes.
    pub(super) const fn of_bundle(self) -> usize {
        match self {
            Self::Halves => MOST_QUARTETS,
            Self::DropQuarter | Self::KeepQuarter => 5,
        }
    }
}

/// What a site does in a quartet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Its masks are independent, whatever the design.
    Apart,
    /// The only site that is balanced.
    Alone,
    /// One of several, by its place among them.
    Among(usize),
}

/// The mask of one pass at one site: what it makes of a unit's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LabelMask {
    /// Which labels are drawn.
    pub(super) bundle: u64,
    /// The labels that are kept, a bit for each.
    pub(super) kept: u16,
}

impl LabelMask {
    /// The mask of a pass.
    pub(super) fn new(balance: Balance, role: Role, pass: usize) -> Self {
        let (quartet, member) = (pass / QUARTET, pass % QUARTET);
        // Alone, a mask and its complement are all there is: a quartet has two of each.
        let number = if balance == Balance::Halves && role == Role::Alone {
            quartet * 2 + member / 2
        } else {
            quartet
        };
        let (bundle, within) = (number / balance.of_bundle(), number % balance.of_bundle());
        let kept = match balance {
            Balance::Halves => {
                let turned = match role {
                    // Columns of an orthogonal array of four runs: two at a time meet in every combination.
                    Role::Among(site) if site % 3 == 1 => member / 2 == 1,
                    Role::Among(site) if site % 3 == 2 => (member & 1) ^ (member / 2) == 1,
                    _ => member & 1 == 1,
                };
                labels(|label| ((label & (within + 1)).count_ones() % 2 == 1) != turned)
            }
            Balance::DropQuarter => labels(|label| projection(label, within) != member),
            Balance::KeepQuarter => labels(|label| projection(label, within) == member),
        };
        Self { bundle: bundle as u64, kept }
    }
}

/// How the sum over what a pass keeps follows from sums over labels, which [`Recombined`] makes: twice as much at a time
/// as [`LabelMask`], for the same masks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Way {
    /// Which two of the sums.
    pub(super) sums: [usize; 2],
    /// What they are multiplied by.
    pub(super) by: [f32; 2],
}

impl Way {
    /// That of a pass.
    pub(super) fn new(balance: Balance, role: Role, pass: usize) -> Self {
        let LabelMask { kept, .. } = LabelMask::new(balance, role, pass);
        match balance {
            // By the pattern of signs that the kept labels are; label 0 shares no bit with any pattern.
            Balance::Halves => {
                let turned = kept & 1 == 1;
                let odd = if turned { !kept } else { kept };
                let pattern =
                    (0..4).filter(|bit| odd >> (1 << bit) & 1 == 1).fold(0, |all, bit| all | 1 << bit);
                Self { sums: [0, pattern], by: [0.5, if turned { 0.5 } else { -0.5 }] }
            }
            Balance::DropQuarter | Balance::KeepQuarter => {
                let drops = balance == Balance::DropQuarter;
                let wanted = |list: &[usize; 4]| list.iter().fold(0_u16, |all, label| all | 1 << label);
                let quarter = if drops { !kept } else { kept };
                let at = quarters().iter().position(|list| wanted(list) == quarter).unwrap_or(0);
                Self { sums: [0, 1 + at], by: if drops { [1.0, -1.0] } else { [0.0, 1.0] } }
            }
        }
    }
}

/// The labels of every quarter of every direction.
pub(super) fn quarters() -> Vec<[usize; 4]> {
    let quarter = |at: usize| {
        let (direction, member) = (at / QUARTET, at % QUARTET);
        let mut labels = (0..LABELS).filter(|label| projection(*label, direction) == member);
        std::array::from_fn(|_| labels.next().unwrap_or(0))
    };
    (0..Balance::DropQuarter.of_bundle() * QUARTET).map(quarter).collect()
}

fn labels(is_kept: impl Fn(usize) -> bool) -> u16 {
    (0..LABELS).filter(|label| is_kept(*label)).fold(0, |kept, label| kept | 1 << label)
}

/// A label as a point of the plane over the field of four elements, projected along one of five directions.
fn projection(label: usize, direction: usize) -> usize {
    let (x, y) = (label / 4, label % 4);
    // (1, 0), (0, 1), (1, 1), (1, ω), (1, ω²).
    match direction {
        0 => x,
        1 => y,
        _ => x ^ times(direction - 1, y),
    }
}

/// Multiplication in the field of four elements 0, 1, ω = 2, ω² = 3.
fn times(a: usize, b: usize) -> usize {
    const LOG: [usize; 4] = [0, 0, 1, 2];
    if a == 0 || b == 0 { 0 } else { [1, 2, 3][(LOG[a] + LOG[b]) % 3] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(balance: Balance, role: Role, count: usize) -> Vec<LabelMask> {
        (0..count).map(|pass| LabelMask::new(balance, role, pass)).collect()
    }

    #[test]
    fn every_pass_keeps_exactly_its_share_of_labels() {
        for (balance, kept) in [(Balance::DropQuarter, 12), (Balance::Halves, 8), (Balance::KeepQuarter, 4)] {
            for role in [Role::Alone, Role::Among(0), Role::Among(1), Role::Among(2), Role::Among(5)] {
                for mask in passes(balance, role, 200) {
                    assert_eq!(mask.kept.count_ones(), kept, "{balance:?} {role:?}");
                }
            }
        }
    }

    #[test]
    fn a_quartet_uses_every_label_equally_often() {
        for (balance, often) in [(Balance::DropQuarter, 3), (Balance::Halves, 2), (Balance::KeepQuarter, 1)] {
            for role in [Role::Alone, Role::Among(0), Role::Among(1), Role::Among(2)] {
                for quartet in passes(balance, role, 120).chunks_exact(QUARTET) {
                    for label in 0..LABELS {
                        let kept = quartet.iter().filter(|mask| mask.kept >> label & 1 == 1).count();
                        // Alone, halves of different bundles may meet in a quartet; each with its complement.
                        assert_eq!(kept, often, "{balance:?} {role:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn two_quartets_of_a_bundle_are_independent_of_each_other() {
        // Of a uniform label, whether one quartet's pass keeps a unit says nothing about another quartet's pass.
        for balance in Balance::ALL {
            for role in [Role::Alone, Role::Among(0), Role::Among(1), Role::Among(2)] {
                let all = passes(balance, role, QUARTET * balance.of_bundle());
                for (at, one) in all.iter().enumerate() {
                    for (other_at, other) in all.iter().enumerate() {
                        if at / QUARTET == other_at / QUARTET || one.bundle != other.bundle {
                            continue;
                        }
                        let both = (one.kept & other.kept).count_ones();
                        let expected = one.kept.count_ones() * other.kept.count_ones();
                        assert_eq!(both * LABELS as u32, expected, "{balance:?} {role:?} {at} {other_at}");
                    }
                }
            }
        }
    }

    #[test]
    fn two_sites_meet_in_every_combination_at_one_half() {
        for [one, other] in [[0, 1], [0, 2], [1, 2]] {
            let sites = [one, other].map(|site| passes(Balance::Halves, Role::Among(site), QUARTET));
            // Whether each pass uses the mask or its complement, by the first label kept by the first pass.
            let turned = sites.map(|site| [0, 1, 2, 3].map(|member| site[member].kept != site[0].kept));
            let mut met: Vec<[bool; 2]> = (0..QUARTET).map(|at| [turned[0][at], turned[1][at]]).collect();
            met.sort_unstable();
            assert_eq!(met, [[false, false], [false, true], [true, false], [true, true]]);
        }
    }

    #[test]
    fn the_way_to_a_pass_sums_what_its_mask_keeps() {
        let sum =
            |labels: u16| (0..LABELS).filter(|label| labels >> label & 1 == 1).map(|l| 1 << l).sum::<i64>();
        for balance in Balance::ALL {
            let sums: Vec<f64> = match balance {
                Balance::Halves => (0..LABELS)
                    .map(|pattern| {
                        let odd = labels(|label| (label & pattern).count_ones() % 2 == 1);
                        (sum(!odd) - sum(odd)) as f64
                    })
                    .collect(),
                _ => std::iter::once(sum(u16::MAX) as f64)
                    .chain(quarters().iter().map(|list| list.iter().map(|l| f64::from(1 << l)).sum()))
                    .collect(),
            };
            for role in [Role::Alone, Role::Among(0), Role::Among(1), Role::Among(2)] {
                for pass in 0..200 {
                    let Way { sums: [a, b], by } = Way::new(balance, role, pass);
                    let found = sums[a] * f64::from(by[0]) + sums[b] * f64::from(by[1]);
                    let kept = LabelMask::new(balance, role, pass).kept;
                    assert!((found - sum(kept) as f64).abs() < 1e-9, "{balance:?} {role:?} {pass}");
                }
            }
        }
    }

    #[test]
    fn only_quarters_and_halves_are_balanced() {
        for (rate, balanced) in [(0.0, false), (0.25, true), (0.3, false), (0.5, true), (0.75, true)] {
            assert_eq!(MaskDesign::Balanced.balances(rate), balanced, "{rate}");
            assert!(!MaskDesign::Independent.balances(rate));
        }
    }
}
