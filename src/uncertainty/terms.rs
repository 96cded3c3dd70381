//! The terms of the entropy: what a probability adds to it, and what each pass adds to the two kinds of doubt.

use crate::data::PerClass;

/// Doubt that is not worth a word, in nats: less than that of 99 to 1.
pub const LITTLE_DOUBT: f64 = 0.056;

/// `−ln p` in nats, and 0 for p = 0, where it always stands beside a factor of zero.
#[must_use]
pub fn surprise(p: f64) -> f64 {
    if p > 0.0 { -p.ln() } else { 0.0 }
}

/// `−p ln p` in nats, 0 for p = 0.
#[must_use]
pub fn entropy_term(p: f64) -> f64 {
    p * surprise(p)
}

/// `h_t = −Σ_c p_tc ln p̄_c` in nats: what a pass adds to the predictive entropy to first order, where `surprises` are
/// those of p̄. Their mean over the passes is the predictive entropy itself.
#[must_use]
pub fn cross_entropy(pass: &[f32], surprises: &[f64]) -> f64 {
    pass.iter().zip(surprises).map(|(p, surprise)| f64::from(*p) * surprise).sum()
}

/// `H(p_t) = −Σ_c p_tc ln p_tc` in nats: the entropy of a pass.
#[must_use]
pub fn entropy(pass: &[f32]) -> f64 {
    pass.iter().map(|p| entropy_term(f64::from(*p))).sum()
}

/// For each pass `h_t` and `KL(p_t‖p̄) = h_t − H(p_t)`, whose means are predictive entropy and mutual information;
/// `surprises` are those of p̄.
#[must_use]
pub fn of_passes(passes: &[PerClass<f32>], surprises: &[f64]) -> Vec<[f64; 2]> {
    let of_pass = |pass: &PerClass<f32>| {
        let cross = cross_entropy(pass, surprises);
        [cross, cross - entropy(pass)]
    };
    passes.iter().map(of_pass).collect()
}

/// The mean over the passes of a function of each class's probability.
#[must_use]
pub fn mean_of(passes: &[PerClass<f32>], of: impl Fn(f32) -> f64) -> PerClass<f64> {
    let classes = passes.first().map_or(0, |pass| pass.len());
    PerClass::from_fn(classes, |class| {
        passes.iter().map(|pass| of(pass[class])).sum::<f64>() / passes.len() as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::CLASSES;

    /// A pass that is torn between two classes.
    fn torn(first: f32) -> PerClass<f32> {
        let mut pass = PerClass::filled(10, 0.0);
        (pass[0], pass[1]) = (first, 1.0 - first);
        pass
    }

    #[test]
    fn a_fair_coin_has_ln_2_and_what_cannot_be_adds_nothing() {
        let ln2 = std::f64::consts::LN_2;
        assert!((surprise(0.5) - ln2).abs() < 1e-15 && (entropy(&torn(0.5)) - ln2).abs() < 1e-15);
        assert!((entropy_term(0.5) - 0.5 * ln2).abs() < 1e-15);
        assert!([surprise(0.0), entropy_term(0.0), surprise(1.0)].iter().all(|term| *term == 0.0));
        assert!((entropy(&PerClass::filled(CLASSES, 0.1)) - 10.0_f64.ln()).abs() < 1e-7);
    }

    #[test]
    fn little_doubt_is_that_of_99_to_1() {
        assert!((entropy(&torn(0.99)) - LITTLE_DOUBT).abs() < 5e-4);
    }

    #[test]
    fn the_terms_of_two_sure_passes_that_disagree_are_ln_2_each() {
        // p̄ is ½ to ½, so h_t = ln 2; each pass is sure by itself, so all of it is divergence.
        let passes = [torn(1.0), torn(0.0)];
        let mean = mean_of(&passes, f64::from);
        assert_eq!(mean[..3], [0.5, 0.5, 0.0]);
        for [cross, divergence] in of_passes(&passes, &mean.map(surprise)) {
            assert!((cross - std::f64::consts::LN_2).abs() < 1e-15);
            assert!((divergence - cross).abs() < 1e-15);
        }
    }

    #[test]
    fn the_means_of_the_terms_are_entropy_and_mutual_information() {
        // By hand for 0.9 to 0.1 and 0.7 to 0.3: p̄ = (0.8, 0.2), H = 0.500402; the passes' own are 0.325083 and
        // 0.610864, so that MI = 0.500402 − 0.467974 = 0.032429.
        let passes = [torn(0.9), torn(0.7)];
        let terms = of_passes(&passes, &mean_of(&passes, f64::from).map(surprise));
        let mean = |which: usize| f64::midpoint(terms[0][which], terms[1][which]);
        assert!((mean(0) - 0.500_402).abs() < 1e-6, "{}", mean(0));
        assert!((mean(1) - 0.032_429).abs() < 1e-6, "{}", mean(1));
    }
}
