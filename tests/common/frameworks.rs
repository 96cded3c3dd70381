//! What other frameworks say of their own networks, and how far answers here may be from it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    unreachable_pub,
    reason = "all of it is test code"
)]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::{DType, Tensor};
use dubito::data::Digits;
use dubito::data::idx::read_digits;
use dubito::progress::unobserved;
use dubito::sampling::{Network, Prefix, Samples, SweepConfig, SweepEvent, sweep};

/// Passes drawn here.
const PASSES: usize = 4000;

/// The folder that an environment variable names.
pub fn folder(name: &str) -> PathBuf {
    std::env::var_os(name).unwrap_or_else(|| panic!("set {name}")).into()
}

/// An array of a framework's answers.
fn reference(file: &str, name: &str) -> Tensor {
    let found = Tensor::read_npz_by_name(folder("NETWORKS_DIR").join(file), &[name]).unwrap().remove(0);
    found.to_dtype(DType::F64).unwrap()
}

/// The images that a framework was asked about, out of the test images of a folder.
pub fn asked(file: &str, data: &Path) -> Digits {
    let index: Vec<f64> = reference(file, "index").to_vec1().unwrap();
    let files = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"].map(|name| {
        let plain = data.join(name);
        if plain.exists() { plain } else { data.join(format!("{name}.gz")) }
    });
    let all = read_digits(&files[0], &files[1]).unwrap();
    let bytes = index.iter().flat_map(|index| all.image(*index as usize).to_vec()).collect();
    Digits::new(bytes, index.iter().map(|index| all.labels()[*index as usize]).collect()).unwrap()
}

/// The largest difference between the probabilities of logits and what a framework says without dropout.
pub fn worst_without_dropout(file: &str, logits: &[Vec<f32>]) -> f64 {
    let plain: Vec<Vec<f64>> = reference(file, "plain").to_vec2().unwrap();
    assert_eq!(plain.len(), logits.len());
    let differences = logits.iter().zip(&plain).flat_map(|(logits, plain)| {
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f64> = logits.iter().map(|logit| f64::from(logit - most).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers
            .into_iter()
            .zip(plain)
            .map(move |(power, plain)| (power / sum - plain).abs())
            .collect::<Vec<_>>()
    });
    differences.fold(0.0, f64::max)
}

/// Samples some images and holds the mean of the passes to a framework's own, over so many of its passes: within
/// Monte-Carlo error of both.
pub fn hold_to_mean(
    network: &Arc<Network>,
    dropout: f32,
    images: &Digits,
    file: &str,
    their_passes: f64,
) -> Samples {
    let [mean, variance] = ["mean", "variance"].map(|name| reference(file, name).to_vec2::<f64>().unwrap());
    let config =
        SweepConfig { passes: PASSES, dropout, seed: 1, masks: dubito::sampling::MaskDesign::Independent };
    let prefix = Prefix::of(network, images, &mut unobserved).unwrap().unwrap();
    let go_on = &mut |_: SweepEvent| ControlFlow::Continue(());
    let samples = sweep(&prefix, &config, Samples::empty(images.len(), &config), go_on).unwrap();
    // Masks are shared by the images, so that deviations are not independent of each other: five standard errors leave
    // room for two thousand numbers.
    let (mut largest, mut squares) = (0.0_f64, 0.0);
    for image in 0..images.len() {
        let passes = samples.image(image);
        for class in 0..mean[image].len() {
            let own = passes.iter().map(|pass| f64::from(pass[class])).sum::<f64>() / PASSES as f64;
            let spread = passes.iter().map(|pass| (f64::from(pass[class]) - own).powi(2)).sum::<f64>();
            // A class that is likely in few passes may be in none of theirs, or in too many: the larger of both.
            let variance = variance[image][class].max(spread / PASSES as f64).max(1e-9);
            let error = (variance / their_passes + variance / PASSES as f64).sqrt() + 1e-5;
            let deviation = (own - mean[image][class]) / error;
            largest = largest.max(deviation.abs());
            squares += deviation * deviation / (images.len() * mean[image].len()) as f64;
        }
    }
    println!("{file}: at most {largest:.2} standard errors, {squares:.2} mean square");
    assert!(largest < 5.0 && squares < 1.5, "{file}: {largest} standard errors, {squares} mean square");
    samples
}
