//! `dubito evaluate` as a person runs it: two runs side by side, and invalid input.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

#[path = "common/graph.rs"]
mod graph;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::{Class, Digits, PIXELS, synthetic};
use dubito::model::Lenet;
use dubito::model::checkpoint::{Checkpoint, SettingsSource};
use dubito::model::lenet::{Architecture, Placement};
use serde_json::Value;
use tempfile::TempDir;

fn run(line: &str, paths: &[&Path]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dubito"));
    command.env_remove("MNIST_DIR").env_remove("RUST_LOG");
    command.args(line.split_whitespace()).args(paths).output().unwrap()
}

/// What a run that succeeded printed, and what it remarked.
fn succeed(line: &str, paths: &[&Path]) -> (String, String) {
    let output = run(line, paths);
    let remarks = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{line}: {remarks}");
    (String::from_utf8(output.stdout).unwrap(), remarks)
}

fn json(line: &str, paths: &[&Path]) -> Value {
    serde_json::from_str(&succeed(line, paths).0).unwrap()
}

fn fail(line: &str, paths: &[&Path]) -> String {
    let output = run(line, paths);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{line}: {message}");
    assert!(message.contains("dubito: ") && !message.contains("panicked"), "{message}");
    message
}

fn write(folder: &Path, digits: &Digits) {
    write_images(&folder.join("t10k-images-idx3-ubyte"), digits, Packing::Plain).unwrap();
    write_labels(&folder.join("t10k-labels-idx1-ubyte"), digits, Packing::Plain).unwrap();
}

fn dataset(images: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &synthetic::generate(images, 11));
    folder
}

fn line(data: &TempDir, rest: &str) -> String {
    format!("evaluate --data {} --resamples 40 {rest}", data.path().display())
}

#[test]
fn another_rate_placement_or_seed_of_the_same_network_is_compared_image_by_image() {
    let data = dataset(60);
    let report = json(&line(&data, "--passes 16 --format json --against-dropout 0.2 --changed 7"), &[]);
    let other = &report["other"];
    assert_eq!((&other["model"], &report["dropout"]), (&report["model"], &Value::from(0.5)));
    assert!((other["dropout"].as_f64().unwrap() - 0.2).abs() < 1e-6);
    let rows = other["changed_most"].as_array().unwrap();
    assert_eq!(rows.len(), 7);
    let number = |row: &Value, key: &str, part: &str| row[key][part].as_f64().unwrap();
    for pair in rows.windows(2) {
        let size = |row| number(row, "other_minus_this", "value").abs();
        assert!(size(&pair[0]) >= size(&pair[1]));
    }
    for row in rows {
        let difference = number(row, "other_entropy", "value") - number(row, "entropy", "value");
        assert!((difference - number(row, "other_minus_this", "value")).abs() < 1e-6, "{row}");
        assert!(number(row, "other_minus_this", "standard_error") > 0.0);
        assert!(row["label"].as_u64().unwrap() < 10 && row["index"].as_u64().unwrap() < 60);
    }
    assert!(other["minus_mc_dropout"]["nll"]["interval"].is_array());
    // Fewer units dropped: the network is surer.
    let (table, _) = succeed(&line(&data, "--passes 16 --against-placement last --changed 3"), &[]);
    for expected in
        ["Other run: network", "dropout before the last layer", "Entropy changed most", "other − MC"]
    {
        assert!(table.contains(expected), "{expected}: {table}");
    }
    let same = json(&line(&data, "--passes 8 --format json --against-placement dense"), &[]);
    let change = &same["other"]["changed_most"][0]["other_minus_this"];
    assert_eq!((&change["value"], &change["standard_error"]), (&Value::from(0.0), &Value::from(0.0)));
    assert_eq!(same["other"]["minus_mc_dropout"]["brier"]["interval"], serde_json::json!([0.0, 0.0]));
    let noise = json(&line(&data, "--passes 8 --format json --against-seed 2"), &[]);
    assert!(noise["other"]["changed_most"][0]["other_minus_this"]["value"].as_f64().unwrap() != 0.0);
}

#[test]
fn two_networks_of_other_placements_are_compared() {
    let data = dataset(40);
    let folder = tempfile::tempdir().unwrap();
    let mut paths: Vec<PathBuf> = Vec::new();
    for placement in [Placement::Last, Placement::All] {
        let shape = Architecture { hidden: 30, placement, classes: 10 };
        let lenet = Lenet::initialise(shape, 0.3, 5).unwrap();
        let path = folder.path().join(format!("{placement:?}.safetensors"));
        Checkpoint { settings: SettingsSource::Recorded, ..Checkpoint::new(lenet) }.save(&path).unwrap();
        paths.push(path);
    }
    let words = line(&data, "--passes 6 --format json --against");
    let report = json(&words, &[&paths[1], Path::new("--model"), &paths[0]]);
    assert_eq!(report["other"]["placement"], "all");
    assert!((report["other"]["dropout"].as_f64().unwrap() - 0.3).abs() < 1e-6, "the rate of its training");
    let message = fail(&words, &[Path::new("missing.safetensors")]);
    assert!(message.contains("missing.safetensors"), "{message}");
}

#[test]
fn one_pass_and_no_dropout_have_no_spread_and_say_so() {
    let data = dataset(40);
    for (rest, why) in [("--passes 1", "one_pass"), ("--passes 5 --dropout 0", "no_dropout")] {
        let report = json(&line(&data, &format!("{rest} --format json --ood noise")), &[]);
        for (section, measure) in [("error_auroc", "mutual_information"), ("aurc", "variation_ratio")] {
            assert_eq!(report["mc_dropout"][section][measure]["undefined"], why, "{rest}");
        }
        let area = &report["ood"]["auroc"]["mc_dropout"];
        assert_eq!(area["predictive_std"]["undefined"], why, "{rest}");
        assert!(area["predictive_entropy"]["value"].is_f64());
    }
    let (table, _) = succeed(&line(&data, "--passes 5 --dropout 0"), &[]);
    assert!(table.contains("undefined: without dropout every pass is the same"), "{table}");
}

#[test]
fn all_right_all_wrong_and_one_image_are_said() {
    // The network's own answers as labels: all right; another digit: all wrong.
    let digits = synthetic::generate(30, 3);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &digits);
    let rank = format!("rank --passes 4 --data {}", folder.path().display());
    let (rows, _) = succeed(&rank, &[]);
    let predictions: Vec<Class> =
        rows.lines().skip(1).map(|row| row.split(',').nth(2).unwrap().parse().unwrap()).collect();
    for (shift, why, said) in [(0, "all_right", "every prediction is right"), (1, "all_wrong", "is wrong")] {
        let labels = predictions.iter().map(|label| (label + shift) % 10).collect();
        write(folder.path(), &Digits::new(digits.pixels().to_vec(), labels).unwrap());
        let line = |format| {
            format!("evaluate --data {} --passes 4 --resamples 40 --format {format}", folder.path().display())
        };
        let report = json(&line("json"), &[]);
        let entropy = &report["mc_dropout"]["error_auroc"]["predictive_entropy"];
        assert_eq!((&entropy["value"], &entropy["undefined"]), (&Value::Null, &Value::from(why)));
        assert!(succeed(&line("table"), &[]).0.contains(said));
    }
    let one = dataset(1);
    let report = json(&line(&one, "--passes 4 --format json --ood noise"), &[]);
    assert_eq!(report["images"], 1);
    assert!(report["mc_dropout"]["accuracy"]["interval"].is_null());
    assert!(report["ood"]["auroc"]["mc_dropout"]["predictive_entropy"]["interval"].is_null());
}

#[test]
fn foreign_folders_that_hold_nothing_other_sizes_one_image_or_the_same_images() {
    let data = dataset(30);
    let folder = tempfile::tempdir().unwrap();
    let evaluate = line(&data, "--passes 3 --format json --ood");
    assert!(fail(&evaluate, &[folder.path()]).contains("is empty"), "an empty folder");
    fs::write(folder.path().join("notes.txt"), "no picture").unwrap();
    assert!(fail(&evaluate, &[folder.path()]).contains("no images"), "a folder without pictures");
    fs::write(folder.path().join("broken.png"), "no picture").unwrap();
    let message = fail(&evaluate, &[folder.path()]);
    assert!(message.contains(&*folder.path().to_string_lossy()), "{message}");
    // One picture of another size: fitted, and both are said.
    let mut picture = image::GrayImage::from_pixel(90, 60, image::Luma([255]));
    for y in 10..50 {
        for x in 40..50 {
            picture.put_pixel(x, y, image::Luma([0]));
        }
    }
    picture.save(folder.path().join("one.png")).unwrap();
    let (text, remarks) = succeed(&evaluate, &[folder.path()]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["ood"]["images"], 1);
    for expected in ["fitted into 28×28", "broken.png", "one image only"] {
        assert!(remarks.contains(expected), "{expected}: {remarks}");
        assert!(report["ood"]["notes"].to_string().contains(expected), "{report}");
    }
    assert!(report["ood"]["auroc"]["mc_dropout"]["confidence"]["interval"].is_null());
    // An IDX file of another size.
    let idx = tempfile::tempdir().unwrap();
    let mut bytes: Vec<u8> = [0x0803_u32, 2, 30, 30].iter().flat_map(|word| word.to_be_bytes()).collect();
    bytes.extend([vec![0; 900], (0..900).map(|at| (at % 7 * 30) as u8).collect()].concat());
    fs::write(idx.path().join("t10k-images-idx3-ubyte"), bytes).unwrap();
    assert!(succeed(&evaluate, &[idx.path()]).1.contains("30×30"));
    let (text, remarks) = succeed(&evaluate, &[data.path()]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert!(remarks.contains("very images"));
    assert_eq!(report["ood"]["auroc"]["mc_dropout"]["predictive_entropy"]["value"], 0.5);
}

#[test]
fn images_without_labels_cannot_be_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let digits = synthetic::generate(5, 1);
    assert_eq!(digits.pixels().len(), 5 * PIXELS);
    write_images(&folder.path().join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    let message = fail(&format!("evaluate --data {}", folder.path().display()), &[]);
    assert!(message.contains("no image has a label") && message.contains("rank sorts them"), "{message}");
}

#[test]
fn the_rates_are_tried_on_the_split_a_person_names() {
    let data = dataset(60);
    let digits = synthetic::generate(45, 12);
    write_images(&data.path().join("train-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    write_labels(&data.path().join("train-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
    let words = |rest: &str| line(&data, &format!("--over-dropout --passes 9 {rest}"));
    let report = json(&words("--format json"), &[]);
    let rows = report["over_dropout"].as_array().unwrap();
    let rates: Vec<f64> = rows.iter().map(|row| row["dropout"].as_f64().unwrap()).collect();
    assert_eq!(rates, [0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
    assert_eq!((&report["images"], &report["dropout"]), (&Value::from(60), &Value::from(0.5)));
    // Each is what the command says of that rate alone, and none what it says of the network without dropout.
    let number = |value: &Value| value["value"].as_f64().unwrap();
    for (row, rate) in [(&rows[4], 0.2), (&rows[7], 0.5)] {
        let one = json(&line(&data, &format!("--passes 9 --format json --dropout {rate}")), &[]);
        for metric in ["accuracy", "nll", "ece15"] {
            assert_eq!(row[metric], one["mc_dropout"][metric], "{metric} at {rate}");
            assert_eq!(rows[0][metric], one["deterministic"][metric], "{metric} without dropout");
        }
        assert_eq!(row["error_auroc"], one["mc_dropout"]["error_auroc"]["predictive_entropy"]);
    }
    let least = rows.iter().map(|row| number(&row["nll"])).fold(f64::INFINITY, f64::min);
    let best = report["least_nll"]["dropout"].as_f64().unwrap();
    let row = rows.iter().find(|row| row["dropout"] == best).unwrap();
    assert_eq!((number(&row["nll"]), number(&row["nll_minus_least"])), (least, 0.0));
    assert!(report["least_nll"]["not_told_apart"].as_array().unwrap().contains(&Value::from(best)));
    // For people, and of the other split.
    let (table, _) = succeed(&words("--split train"), &[]);
    for expected in [
        "45 images (folder ",
        ", train)",
        "Against the dropout rate",
        "0 (none)",
        "0.5 (its own)",
        "Least NLL: ",
        "has not learnt from",
    ] {
        assert!(table.contains(expected), "{expected}: {table}");
    }
    // The same bytes again, whatever the threads.
    let one = Command::new(env!("CARGO_BIN_EXE_dubito"))
        .env_remove("MNIST_DIR")
        .env("RAYON_NUM_THREADS", "1")
        .args(words("--split train").split_whitespace())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(one.stdout).unwrap(), table);
    let some = json(
        &format!(
            "evaluate --data {} --over-dropout --passes 9 --format json --images 20 --resamples 0",
            data.path().display()
        ),
        &[],
    );
    assert_eq!((&some["images"], &some["images_of_split"]), (&Value::from(20), &Value::from(60)));
    assert!(some["over_dropout"][3]["nll"]["interval"].is_null());
    assert!(succeed(&words("--images 20"), &[]).0.starts_with("20 of 60 images (folder "));
}

#[test]
fn a_graph_is_tried_with_one_rate_for_all_of_its_sites_and_as_it_was_trained() {
    let data = dataset(40);
    let network = data.path().join("theirs.onnx");
    graph::write_lenet(&network);
    let words = |format: &str| line(&data, &format!("--over-dropout --passes 6 --format {format} --model"));
    let report = json(&words("json"), &[&network]);
    assert!(report["dropout"].is_null() && report["sites"].as_str().unwrap().contains("at 0.25"), "{report}");
    let own = json(&line(&data, "--passes 6 --format json --model"), &[&network]);
    assert_eq!(report["as_trained"]["nll"], own["mc_dropout"]["nll"]);
    assert!(report["as_trained"]["dropout"].is_null());
    let (table, _) = succeed(&words("table"), &[&network]);
    for expected in
        ["Each p is one rate for all sites", "as in the file", "the rates of the file, the network's own"]
    {
        assert!(table.contains(expected), "{expected}: {table}");
    }
}

#[test]
fn rates_are_not_tried_without_labels() {
    let folder = tempfile::tempdir().unwrap();
    let digits = synthetic::generate(5, 1);
    write_images(&folder.path().join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    let message = fail(&format!("evaluate --over-dropout --data {}", folder.path().display()), &[]);
    assert!(message.contains("no image has a label"), "{message}");
}
