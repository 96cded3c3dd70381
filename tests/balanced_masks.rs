//! How much less noise balanced masks leave: the variance of the predictive entropy per pass against that of independent
//! masks, by how much doubt there is, by rate and by placement. The table of `dubito help balanced-masks` is printed by
//! `cargo test --release --test balanced_masks -- --ignored --nocapture`, with `MNIST_DIR`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of it is test code")]

#[path = "common/mnist.rs"]
mod mnist;

use std::ops::ControlFlow;
use std::sync::Arc;

use dubito::data::source::Split;
use dubito::data::{Digits, Pixels, synthetic};
use dubito::model::Placement;
use dubito::model::checkpoint::Checkpoint;
use dubito::progress::unobserved;
use dubito::sampling::{MaskDesign, Network, Prefix, Samples, SweepConfig, sweep};
use dubito::uncertainty::{Measures, measure_all};

/// Bounds of the strata: predictive entropy in nats.
const BOUNDS: [f32; 5] = [0.0, 0.01, 0.1, 0.5, 2.4];

/// The median ratio of variances in each stratum, `None` where there is no image, and the ratios of means that belong
/// together in standard errors: their mean square.
fn ratios(digits: &Digits, placement: Placement, dropout: f32, passes: usize) -> (Vec<Option<f64>>, f64) {
    let lenet = Checkpoint::bundled().unwrap().lenet;
    let network = Arc::new(Network::new(lenet.weights().clone(), placement).unwrap());
    let prefix = Prefix::compute(&network, Pixels::from(digits), &mut unobserved).unwrap().unwrap();
    let [balanced, independent] = MaskDesign::ALL.map(|masks| -> Vec<Measures> {
        let config = SweepConfig { passes, dropout, seed: 11, masks };
        let none = Samples::empty(prefix.images(), &config);
        let samples = sweep(&prefix, &config, none, &mut |_| ControlFlow::Continue(())).unwrap();
        measure_all(&samples, passes)
    });
    let mut by_stratum: Vec<Vec<f64>> = vec![Vec::new(); BOUNDS.len() - 1];
    let (mut squares, mut count) = (0.0, 0.0);
    for (a, b) in balanced.iter().zip(&independent) {
        let [own, other] = [a, b].map(|m| f64::from(m.predictive_entropy_se).powi(2));
        let at = BOUNDS.windows(2).position(|w| (w[0]..w[1]).contains(&b.predictive_entropy));
        if let Some(at) = at.filter(|_| other > 0.0) {
            by_stratum[at].push(own / other);
        }
        for class in 0..10 {
            let error = f64::from(a.mean_se[class]).hypot(f64::from(b.mean_se[class]));
            // Of classes that hardly any pass names the error is not known either.
            if error > 1e-4 {
                squares += (f64::from(a.mean[class] - b.mean[class]) / error).powi(2);
                count += 1.0;
            }
        }
    }
    let median = |mut ratios: Vec<f64>| {
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied()
    };
    (by_stratum.into_iter().map(median).collect(), squares / count)
}

#[test]
fn balanced_masks_leave_less_noise_where_there_is_doubt() {
    let digits = synthetic::generate(600, 9);
    let (ratios, agree) = ratios(&digits, Placement::Dense, 0.5, 2_000);
    let doubtful = ratios[3].expect("images of more than half a nat");
    assert!(doubtful < 0.75, "{ratios:?}");
    assert!((0.3..3.0).contains(&agree), "means differ by more than noise: {agree}");
}

#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files"]
fn the_table_of_mnist() {
    let digits = mnist::digits(Split::Test);
    println!("placement    p    0…0.01   0.01…0.1   0.1…0.5   above 0.5 nats   means agree (1)");
    for placement in [Placement::Last, Placement::Dense, Placement::All] {
        // Dropout after convolutions takes a hundred times as long.
        let (images, passes) = if placement == Placement::All { (1_000, 400) } else { (10_000, 2_000) };
        let some = digits.slice(0..images);
        for dropout in [0.25, 0.5, 0.75] {
            let (ratios, agree) = ratios(&some, placement, dropout, passes);
            let ratios =
                ratios.iter().map(|ratio| ratio.map_or("   —".to_owned(), |ratio| format!("{ratio:.2}")));
            let name = format!("{placement:?}");
            println!("{name:9} {dropout:5}    {}     {agree:.2}", ratios.collect::<Vec<_>>().join("       "));
            assert!((0.5..2.0).contains(&agree), "{placement:?} {dropout}: {agree}");
        }
    }
    let (ratios, _) = ratios(&digits, Placement::Dense, 0.5, 4_000);
    assert!(ratios[3].unwrap() <= 0.60, "{ratios:?}");
}
