//! Errors of passes that balance each other, against sums by hand and against independent passes.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::data::{Digits, PerClass, Pixels, synthetic};
use crate::model::{Architecture, Lenet, Placement};
use crate::progress::unobserved;
use crate::sampling::design::QUARTET;
use crate::sampling::{MaskDesign, Network, Prefix, Samples, SweepConfig, sweep};
use crate::uncertainty::Measures;
use crate::uncertainty::noise::mean_and_error_of_passes;

fn config(passes: usize, dropout: f32, seed: u64) -> SweepConfig {
    SweepConfig { passes, dropout, seed, masks: MaskDesign::Balanced }
}

fn sampled(digits: &Digits, placement: Placement, config: &SweepConfig) -> Samples {
    let architecture = Architecture { hidden: 37, placement, ..Architecture::default() };
    let lenet = Lenet::initialise(architecture, 0.5, 3).unwrap();
    let network = Arc::new(Network::new(lenet.weights(), placement).unwrap());
    let prefix = Prefix::compute(&network, Pixels::from(digits), &mut unobserved).unwrap().unwrap();
    let none = Samples::empty(digits.len(), config);
    sweep(&prefix, config, none, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn errors_are_those_of_the_sums_of_quartets() {
    // By hand from the passes: the spread of the quartets' sums of h_t = −Σ_c p_tc ln p̄_c.
    let samples = sampled(&synthetic::generate(9, 3), Placement::Dense, &config(40, 0.5, 1));
    for (image, statistics) in samples.statistics(40).iter().enumerate() {
        let measures = Measures::new(statistics);
        let mean = measures.mean.map(|p| f64::from(p).ln());
        let share =
            |pass: &PerClass<f32>| -pass.iter().zip(&mean).map(|(p, ln)| f64::from(*p) * ln).sum::<f64>();
        let shares: Vec<f64> = samples.image(image).iter().map(share).collect();
        let sums: Vec<f64> = shares.chunks(QUARTET).map(|quartet| quartet.iter().sum()).collect();
        let centre = sums.iter().sum::<f64>() / 10.0;
        let variance = sums.iter().map(|sum| (sum - centre).powi(2)).sum::<f64>() / 9.0 / 10.0;
        let expected = variance.sqrt() / 4.0;
        // The second order is small and adds to it.
        let found = f64::from(measures.predictive_entropy_se);
        assert!(found >= expected * 0.999 && found < expected * 1.3, "{image}: {found} for {expected}");
        let [_, error] = mean_and_error_of_passes(&shares, QUARTET);
        assert!((error - expected).abs() < 1e-9 * expected.max(1e-12), "{error} {expected}");
        let one = Measures::new(&samples.prefixes(image)[3]);
        assert!(one.predictive_entropy_se.is_nan() && one.draws() <= 1.0, "one quartet has no spread");
        assert!(Measures::new(&samples.prefixes(image)[4]).predictive_entropy_se.is_finite());
    }
}

#[test]
fn means_are_those_of_independent_masks_within_noise() {
    let digits = synthetic::generate(60, 5);
    for placement in [Placement::Last, Placement::Dense, Placement::All] {
        for dropout in [0.25, 0.5, 0.75] {
            let passes = if placement == Placement::All { 200 } else { 2_000 };
            let [balanced, independent] = MaskDesign::ALL.map(|masks| {
                let asked = SweepConfig { masks, ..config(passes, dropout, 7) };
                let samples = sampled(&digits, placement, &asked);
                samples.statistics(passes).iter().map(Measures::new).collect::<Vec<_>>()
            });
            // Standardised differences of 600 means that belong together: their mean square is 1.
            let (mut squares, mut count) = (0.0, 0.0);
            for (a, b) in balanced.iter().zip(&independent) {
                for class in 0..10 {
                    let error = f64::from(a.mean_se[class]).hypot(f64::from(b.mean_se[class]));
                    if error > 0.0 {
                        squares += (f64::from(a.mean[class] - b.mean[class]) / error).powi(2);
                        count += 1.0;
                    }
                }
            }
            // Classes of an image and images covary: far fewer than 600 are independent.
            let ratio = squares / count;
            assert!((0.2..3.0).contains(&ratio), "{placement:?} {dropout}: {ratio} of {count}");
        }
    }
}
