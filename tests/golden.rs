//! Every byte that leaves the program, held to what it was: SHA-256 of tables, pictures, archives, networks and logits.
//!
//! How they are kept and recorded is told in `tests/common/golden.rs`.
//!
//! ```text
//! cargo test --test golden                                   # synthetic digits
//! MNIST_DIR=… cargo test --test golden -- --ignored on_mnist # MNIST
//! ```

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "all of it is test code")]

#[path = "common/golden.rs"]
mod golden;
#[path = "common/mnist.rs"]
mod mnist;

use std::ffi::OsString;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::source::Split;
use dubito::data::{Digits, Pixels, SIDE, synthetic};
use dubito::kernel::InstructionSet;
use dubito::model::{Checkpoint, Lenet, Placement};
use dubito::progress::unobserved;
use dubito::sampling::{Network, Prefix, Samples, SweepConfig, deterministic, sweep};
use golden::{Hashes, hash, hold, widest};

/// A command, and the files it writes into the folder it runs in. `DATA` and `NET` stand for paths.
struct Case {
    name: &'static str,
    line: &'static str,
    files: &'static [&'static str],
}

const fn case(name: &'static str, line: &'static str, files: &'static [&'static str]) -> Case {
    Case { name, line, files }
}

/// What a person meets: the defaults, then every command with other networks, measures, passes, rates and seeds.
const COMMANDS: &[Case] = &[
    case("rank", "rank --data DATA --out all.csv", &["all.csv"]),
    case("rank-doubtful", "rank --data DATA --passes 50 --sort predictive_entropy --top 100", &[]),
    case(
        "rank-last",
        "rank --data DATA --model NET/last.safetensors --passes 37 --dropout 0.3 --seed 7 --sort mutual_information",
        &[],
    ),
    case("rank-all", "rank --data DATA --model NET/all.safetensors --passes 10 --dropout 0.2 --seed 3", &[]),
    case(
        "rank-one-pass",
        "rank --data DATA --passes 1 --digit 3 --by prediction --sort margin --order lowest",
        &[],
    ),
    case("rank-no-dropout", "rank --data DATA --passes 4 --dropout 0 --sort confidence --top 20", &[]),
    case("samples", "rank --data DATA --passes 5 --seed 2 --top 1 --samples samples.npz", &["samples.npz"]),
    case(
        "samples-all",
        "rank --data DATA --model NET/all.safetensors --passes 3 --top 1 --samples samples.npz",
        &["samples.npz"],
    ),
    case("export", "export --data DATA --out grid.png", &["grid.png"]),
    case(
        "export-last",
        "export --data DATA --model NET/last.safetensors --passes 20 --digit 4 --by prediction \
         --sort mutual_information --order highest --top 12 --out grid.png --samples samples.npz",
        &["grid.png", "samples.npz"],
    ),
    case("explain", "explain 7 --data DATA --passes 50 --out card.png", &["card.png"]),
    case(
        "explain-all",
        "explain 18 --data DATA --model NET/all.safetensors --passes 20 --patch 7 --seed 4 --out card.png",
        &["card.png"],
    ),
    case("rotate", "rotate 3 --data DATA --out figure.png --csv table.csv", &["figure.png", "table.csv"]),
    case(
        "rotate-paper",
        "rotate 3 --data DATA --paper --out figure.png --csv table.csv",
        &["figure.png", "table.csv"],
    ),
    case(
        "rotate-noise",
        "rotate 5 --data DATA --by noise --steps 5 --passes 20 --placement all --out figure.png --csv table.csv",
        &["figure.png", "table.csv"],
    ),
    case(
        "evaluate",
        "evaluate --data DATA --passes 20 --resamples 50 --ood blur --against-seed 2 --format json",
        &[],
    ),
    case("evaluate-table", "evaluate --data DATA --passes 10 --resamples 20 --against-placement last", &[]),
    case("predict", "predict NET/pictures --passes 20 --format csv", &[]),
    case("predict-all", "predict NET/pictures --model NET/all.safetensors --passes 5 --format json", &[]),
    case(
        "train",
        "train --data DATA --epochs 1 --hidden 32 --placement dense --seed 3 --out net.safetensors",
        &["net.safetensors"],
    ),
];

/// Networks trained with dropout elsewhere: on synthetic digits alone, where an epoch takes a moment.
const TRAININGS: &[Case] = &[
    case(
        "train-last",
        "train --data DATA --epochs 2 --hidden 37 --placement last --dropout 0.25 --batch-size 20 --out net.safetensors",
        &["net.safetensors"],
    ),
    case(
        "train-all",
        "train --data DATA --epochs 1 --hidden 20 --placement all --dropout 0.1 --learning-rate 0.003 \
         --out net.safetensors",
        &["net.safetensors"],
    ),
];

/// Writes what the commands need beside the digits: the bundled network with dropout elsewhere, and pictures.
fn write_inputs(folder: &Path) {
    let bundled = Checkpoint::bundled().unwrap();
    for (placement, name) in [(Placement::Last, "last"), (Placement::All, "all")] {
        let lenet = Lenet::from_weights(placement, 0.5, bundled.lenet.weights()).unwrap();
        Checkpoint::new(lenet).save(&folder.join(format!("{name}.safetensors"))).unwrap();
    }
    let pictures = folder.join("pictures");
    fs::create_dir(&pictures).unwrap();
    let digits = synthetic::generate(4, 21);
    for index in 0..4 {
        let (side, margin) = (SIDE as u32 * 5, 20);
        let picture = image::GrayImage::from_fn(side + 2 * margin, side + 2 * margin, |x, y| {
            let inside = |at: u32| at.checked_sub(margin).filter(|at| *at < side).map(|at| at as usize / 5);
            let ink =
                inside(y).zip(inside(x)).map_or(0, |(row, column)| digits.image(index)[row * SIDE + column]);
            image::Luma([if index % 2 == 0 { ink } else { 255 - ink }])
        });
        picture.save(pictures.join(format!("{index}.png"))).unwrap();
    }
}

/// Runs the commands, each in a folder of its own beside `data`, and hashes what they print and write.
fn run(cases: &[&[Case]], folder: &Path, data: &str) -> Hashes {
    let program = std::env::var_os("DUBITO").unwrap_or_else(|| OsString::from(env!("CARGO_BIN_EXE_dubito")));
    write_inputs(folder);
    let mut hashes = Hashes::new();
    for case in cases.iter().copied().flatten() {
        let place = folder.join(case.name);
        fs::create_dir(&place).unwrap();
        let words = case.line.split_whitespace();
        let words = words.map(|word| match word.strip_prefix("NET/") {
            Some(file) => format!("../{file}"),
            None if word == "DATA" => format!("../{data}"),
            None => word.to_owned(),
        });
        let mut command = Command::new(&program);
        for variable in ["MNIST_DIR", "RAYON_NUM_THREADS", "RUST_LOG"] {
            command.env_remove(variable);
        }
        let output = command.args(words).current_dir(&place).output().unwrap();
        assert!(output.status.success(), "{}: {}", case.line, String::from_utf8_lossy(&output.stderr));
        // A training says how long it took.
        if !output.stdout.is_empty() && !case.line.starts_with("train") {
            hashes.insert(format!("{data}/{}/printed", case.name), hash(&output.stdout));
        }
        for file in case.files {
            let bytes = fs::read(place.join(file)).unwrap();
            hashes.insert(format!("{data}/{}/{file}", case.name), hash(bytes));
        }
    }
    hashes
}

fn numbers<'a>(values: impl IntoIterator<Item = &'a f32>) -> Vec<u8> {
    values.into_iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Hashes of the bundled network's logits without dropout, and of every pass with it, for each placement.
fn computed(set: InstructionSet, name: &str, digits: &Digits, passes: usize) -> Hashes {
    let weights = Checkpoint::bundled().unwrap().lenet.weights();
    let network = |placement| Arc::new(Network::with_instructions(weights.clone(), placement, set).unwrap());
    let plain = deterministic(&network(Placement::Dense), digits.into(), &mut unobserved).unwrap().unwrap();
    let mut hashes = Hashes::from([
        (format!("{name}/logits"), hash(numbers(plain.logits.iter().flatten()))),
        (format!("{name}/hidden"), hash(numbers(&plain.hidden))),
    ]);
    for placement in [Placement::Last, Placement::Dense, Placement::All] {
        let pixels = Pixels::from(digits);
        let prefix = Prefix::compute(&network(placement), pixels, &mut unobserved).unwrap().unwrap();
        let config =
            SweepConfig { passes, dropout: 0.4, seed: 5, masks: dubito::sampling::MaskDesign::Balanced };
        let from = Samples::empty(digits.len(), &config);
        let samples = sweep(&prefix, &config, from, &mut |_| ControlFlow::Continue(())).unwrap();
        let images = (0..digits.len()).flat_map(|image| samples.image(image));
        let bytes: Vec<u8> = images.flat_map(|probabilities| numbers(&probabilities)).collect();
        hashes.insert(format!("{name}/passes-{placement:?}").to_lowercase(), hash(bytes));
    }
    hashes
}

#[test]
fn the_command_line_writes_the_bytes_it_wrote_of_synthetic_digits() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("synthetic-digits");
    fs::create_dir(&data).unwrap();
    for (stem, images, seed) in [("t10k", 300, 11), ("train", 500, 12)] {
        let digits = synthetic::generate(images, seed);
        write_images(&data.join(format!("{stem}-images-idx3-ubyte")), &digits, Packing::Plain).unwrap();
        write_labels(&data.join(format!("{stem}-labels-idx1-ubyte")), &digits, Packing::Plain).unwrap();
    }
    hold(widest(), &run(&[COMMANDS, TRAININGS], folder.path(), "synthetic-digits"));
}

#[test]
fn every_instruction_set_computes_the_bits_it_computed() {
    let digits = synthetic::generate(130, 13);
    for set in InstructionSet::available() {
        hold(set.name(), &computed(set, "library", &digits, 20));
    }
}

#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files"]
fn the_command_line_writes_the_bytes_it_wrote_on_mnist() {
    // Footers name the folder.
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("mnist");
    fs::create_dir(&data).unwrap();
    for entry in fs::read_dir(mnist::folder()).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().contains("ubyte") {
            fs::copy(entry.path(), data.join(entry.file_name())).unwrap();
        }
    }
    hold(widest(), &run(&[COMMANDS], folder.path(), "mnist"));
}

#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files"]
fn the_library_computes_the_bits_it_computed_on_mnist() {
    let digits = mnist::digits(Split::Test);
    hold(widest(), &computed(InstructionSet::detect(), "library-mnist", &digits, 3));
}
