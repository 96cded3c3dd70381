//! The project's own randomness: every random number is a function of a seed and a purpose.
//!
//! Two kinds: [`uniform`] hashes a key to one number, so that it does not depend on the order of computation (dropout
//! masks); [`stream`] gives a generator for work that is sequential by nature (shuffles, initial weights, pen strokes).

use rand_pcg::Pcg64Mcg;

/// What a random number is for. Streams of different purposes are independent under the same seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Initial weights of a network.
    Weights = 1,
    /// The order of the training images in an epoch.
    Shuffle = 2,
    /// Dropout masks of training, fresh for every example.
    TrainingMask = 3,
    /// Dropout masks of inference, one for each pass.
    SampledMask = 4,
    /// Digits the program draws itself.
    Synthetic = 5,
    /// Bootstrap resamples.
    Bootstrap = 6,
    /// Distorted digits.
    Corruption = 7,
    /// Which of many images are used.
    Some = 8,
    /// Labels of units from which balanced masks follow, one for each bundle of passes.
    BalancedMask = 9,
}

/// The finaliser of `SplitMix64` (Steele, Lea & Flood 2014): a bijection of u64 in which every output bit depends on
/// every input bit.
#[inline]
#[must_use]
pub const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// 2⁶⁴ divided by the golden ratio, odd: steps between successive words of a key.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A 64-bit hash of (seed, purpose, key…), each word mixed in before the next.
#[inline]
#[must_use]
pub fn hash<const N: usize>(seed: u64, purpose: Purpose, key: [u64; N]) -> u64 {
    let mut state = mix(seed.wrapping_add(STEP));
    state = mix(state ^ (purpose as u64).wrapping_mul(STEP));
    for word in key {
        state = extend(state, word);
    }
    state
}

/// The hash of a longer key: `extend(hash(s, p, [a]), b)` is `hash(s, p, [a, b])`. Many numbers that differ in their
/// last word only cost one step each.
#[inline]
#[must_use]
pub const fn extend(hash: u64, word: u64) -> u64 {
    mix(hash.wrapping_add(STEP) ^ word.wrapping_mul(STEP))
}

/// A number in [0, 1) with 24 random bits, from the upper bits of a hash.
#[inline]
#[must_use]
pub const fn unit_interval(bits: u64) -> f32 {
    ((bits >> 40) as f32) * (1.0 / 16_777_216.0)
}

/// One uniform number in [0, 1) for a key.
#[inline]
#[must_use]
pub fn uniform<const N: usize>(seed: u64, purpose: Purpose, key: [u64; N]) -> f32 {
    unit_interval(hash(seed, purpose, key))
}

/// A generator for sequential work, keyed like [`uniform`]. The stream of `Pcg64Mcg` is specified (O'Neill 2014), so
/// results stay the same between versions.
#[must_use]
pub fn stream<const N: usize>(seed: u64, purpose: Purpose, key: [u64; N]) -> Pcg64Mcg {
    let low = hash(seed, purpose, key);
    let high = mix(low ^ STEP);
    Pcg64Mcg::new(u128::from(high) << 64 | u128::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniforms_have_the_mean_and_variance_of_the_unit_interval() {
        let count = 100_000_u64;
        let (mut sum, mut squares) = (0.0_f64, 0.0_f64);
        for unit in 0..count {
            let u = f64::from(uniform(7, Purpose::SampledMask, [3, 1, unit]));
            assert!((0.0..1.0).contains(&u));
            sum += u;
            squares += u * u;
        }
        let mean = sum / count as f64;
        let variance = squares / count as f64 - mean * mean;
        // Standard errors at n = 100,000: 0.0009 and 0.00024; four of them allowed.
        assert!((mean - 0.5).abs() < 0.0037, "mean {mean}");
        assert!((variance - 1.0 / 12.0).abs() < 0.001, "variance {variance}");
    }

    #[test]
    fn neighbouring_keys_are_uncorrelated() {
        let count = 100_000_u64;
        for shift in [[1, 0], [0, 1]] {
            let mut sum = 0.0_f64;
            for unit in 0..count {
                let u = f64::from(uniform(7, Purpose::SampledMask, [0, unit])) - 0.5;
                let v = f64::from(uniform(7, Purpose::SampledMask, [shift[0], unit + shift[1]])) - 0.5;
                sum += u * v;
            }
            // sd of a product of two centred uniforms is 1/12.
            let correlation = sum / count as f64 * 12.0;
            assert!(correlation.abs() < 4.0 / (count as f64).sqrt(), "{shift:?}: {correlation}");
        }
    }

    #[test]
    fn purposes_and_seeds_give_different_numbers() {
        let base = hash(1, Purpose::Shuffle, [0]);
        assert_ne!(base, hash(2, Purpose::Shuffle, [0]));
        assert_ne!(base, hash(1, Purpose::Synthetic, [0]));
        assert_ne!(base, hash(1, Purpose::Shuffle, [1]));
        assert_eq!(base, hash(1, Purpose::Shuffle, [0]));
    }
}
