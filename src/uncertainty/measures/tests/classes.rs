//! Measures of two classes and of forty against their definitions, spelled out over the passes.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::*;
use crate::data::{Pixels, kept, synthetic};
use crate::model::lenet::Architecture;
use crate::model::{Lenet, Placement};
use crate::progress::unobserved;
use crate::sampling::{Network, Prefix, SweepConfig, sample_image, sweep};

#[test]
fn every_definition_holds_for_two_classes_and_for_forty() {
    let mut random = stream(8, Purpose::Bootstrap, [3]);
    for (classes, passes, slope, spread) in [(2, 30, 0.4, 1.0), (40, 60, 0.1, 1.2), (40, 25, 0.4, 2.0)] {
        let logits = |random: &mut Pcg64Mcg| {
            PerClass::from_fn(classes, |class| -slope * class as f64 + spread * normal(random))
        };
        let drawn: Vec<PerClass<f32>> =
            (0..passes).map(|_| softmax(&logits(&mut random)).map(|p| p as f32)).collect();
        let samples: Vec<Pass> = drawn.iter().map(|p| p.map(f64::from)).collect();
        let sums = statistics(&samples);
        let found = Measures::of_passes(&sums, &drawn);
        let count = f64::from(passes);

        let columns: Vec<Vec<f64>> =
            (0..classes).map(|class| samples.iter().map(|p| p[class]).collect()).collect();
        let mean: Vec<f64> = columns.iter().map(|column| column.iter().sum::<f64>() / count).collect();
        let covariance = |c: usize, d: usize| {
            let products = columns[c].iter().zip(&columns[d]).map(|(p, q)| (p - mean[c]) * (q - mean[d]));
            products.sum::<f64>() / (count - 1.0)
        };
        let second: f64 = (0..classes)
            .flat_map(|c| (0..classes).map(move |d| (c, d)))
            .map(|(c, d)| 0.5 * (covariance(c, d) / count).powi(2) / mean[c] / mean[d])
            .sum();
        let predictive: f64 = mean.iter().map(|p| -p * p.ln()).sum();
        let entropies: Vec<f64> = samples.iter().map(entropy).collect();
        let linear: Vec<f64> =
            samples.iter().map(|p| p.iter().zip(&mean).map(|(p, m)| -p * m.ln()).sum()).collect();
        let divergences: Vec<f64> =
            samples.iter().map(|p| p.iter().zip(&mean).map(|(p, m)| p * (p / m).ln()).sum()).collect();
        let average = |values: &[f64]| values.iter().sum::<f64>() / count;
        let error = |values: &[f64]| (variance(values) / count).sqrt();
        let correction: f64 = (0..classes).map(|c| covariance(c, c) / mean[c] / (2.0 * count)).sum();

        for class in 0..classes {
            assert_close(found.mean[class], mean[class], "p̄");
            assert_close(found.mean_se[class], error(&columns[class]), "SE of p̄");
            let others = (0..classes).filter(|c| *c != class);
            let rival = others.max_by(|c, d| mean[*c].total_cmp(&mean[*d])).unwrap();
            let leads: Vec<f64> = samples.iter().map(|p| p[class] - p[rival]).collect();
            assert_close(found.lead_se[class], error(&leads), "SE of a lead");
            assert_close(found.label_margin(class as Class), mean[class] - mean[rival], "label margin");
        }
        assert!(found.label_margin(classes as Class).is_nan());
        assert_close(found.predictive_entropy, predictive, "H(p̄)");
        assert_close(found.predictive_entropy_corrected, predictive + correction, "corrected H");
        assert_close(found.expected_entropy, average(&entropies), "mean H");
        assert_close(found.expected_entropy_se, error(&entropies), "SE of mean H");
        assert_close(found.mutual_information, average(&divergences), "MI as mean KL");
        assert_close(found.mutual_information_corrected, average(&divergences) + correction, "corrected MI");
        // Of many classes a thousandth of the second order may be left out.
        for (found, values) in
            [(found.predictive_entropy_se, &linear), (found.mutual_information_se, &divergences)]
        {
            let expected = error(values).hypot(second.sqrt());
            let left_out = if classes > 16 { 1e-3 * expected } else { 0.0 };
            let off = (f64::from(found) - expected).abs();
            assert!(off <= left_out + 1e-6 + 1e-5 * expected, "{classes}: {found} for {expected}");
        }
        let spreads = (0..classes).map(|c| (covariance(c, c) * (count - 1.0) / count).sqrt());
        assert_close(found.predictive_std, spreads.sum::<f64>() / classes as f64, "spread");
        let mut votes = vec![0_u32; classes];
        for p in &samples {
            votes[largest(p)] += 1;
        }
        assert_eq!(found.votes[..], votes[..]);
        let ratio = 1.0 - f64::from(*votes.iter().max().unwrap()) / count;
        assert_close(found.variation_ratio, ratio, "variation ratio");
        let logits =
            PerClass::from_fn(classes, |c| average(&columns[c].iter().map(|p| p.ln()).collect::<Vec<_>>()));
        assert_close(found.mean_logit_entropy, entropy(&softmax(&logits)), "mean logits");

        // Sums of many classes do not say what pairs of them do, and no number is made up.
        let sums_alone = Measures::new(&sums);
        let unknown = [sums_alone.predictive_entropy_se, sums_alone.mutual_information_se];
        assert_eq!(unknown.map(f32::is_nan), [classes > 16; 2]);
        assert_eq!(sums_alone.predictive_entropy.to_bits(), found.predictive_entropy.to_bits());
    }
}

#[test]
fn of_forty_classes_one_image_and_a_set_have_the_same_measures() {
    let architecture = Architecture { hidden: 20, placement: Placement::Dense, classes: 40 };
    let mut weights = Lenet::initialise(architecture, 0.5, 4).unwrap().weights();
    weights.fc2_weight.iter_mut().for_each(|weight| *weight *= 8.0);
    let network = Arc::new(Network::new(weights, Placement::Dense).unwrap());
    let digits = synthetic::generate(4, 2);
    let config = SweepConfig { passes: 9, ..SweepConfig::default() };
    let prefix = Prefix::compute(&network, Pixels::from(&digits), &mut unobserved).unwrap().unwrap();
    let samples =
        sweep(&prefix, &config, Samples::empty(4, &config), &mut |_| ControlFlow::Continue(())).unwrap();
    for passes in [5, 9] {
        let config = SweepConfig { passes, ..config };
        let all = measure_all(&samples, passes);
        assert_eq!(all.len(), 4);
        for (index, measures) in all.iter().enumerate() {
            let pixels = kept::to_numbers(&digits.image(index));
            let one = Measures::of_image(&sample_image(&network, &pixels, &config).unwrap());
            assert!(one.predictive_entropy_se > 0.0 && one.lead_se.iter().all(|error| *error >= 0.0));
            assert_eq!(one, *measures, "image {index}, {passes} passes");
        }
    }
}
