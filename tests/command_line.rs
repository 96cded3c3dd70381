//! Runs the program as a person would, and reads what it says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

#[path = "common/graph.rs"]
mod graph;
#[path = "common/mnist.rs"]
mod mnist;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::{Class, Digits, SIDE, synthetic};
use tempfile::TempDir;

/// Images in the small dataset most tests use.
const IMAGES: usize = 60;

fn dubito() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dubito"));
    for variable in ["MNIST_DIR", "RAYON_NUM_THREADS", "RUST_LOG"] {
        command.env_remove(variable);
    }
    command
}

/// Runs the program with words split at blanks, then paths as they are.
fn run(line: &str, paths: &[&Path]) -> Output {
    dubito().args(line.split_whitespace()).args(paths).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Standard output of a run that succeeded.
fn succeed(line: &str, paths: &[&Path]) -> String {
    let output = run(line, paths);
    assert_eq!(output.status.code(), Some(0), "{line}: {}", stderr(&output));
    stdout(&output)
}

/// Standard error of a run that failed with a message.
fn fail(line: &str, paths: &[&Path]) -> String {
    let output = run(line, paths);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{line}: {message}");
    assert!(!message.contains("panicked") && !message.contains("RUST_BACKTRACE"), "{message}");
    assert!(message.contains("dubito: "), "{message}");
    message
}

/// A folder with a small dataset in both splits.
fn dataset() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_split(folder.path(), "t10k", &synthetic::generate(IMAGES, 11), Packing::Plain);
    write_split(folder.path(), "train", &synthetic::generate(200, 12), Packing::Gzip);
    folder
}

fn write_split(folder: &Path, stem: &str, digits: &Digits, packing: Packing) {
    let end = if packing == Packing::Gzip { ".gz" } else { "" };
    write_images(&folder.join(format!("{stem}-images-idx3-ubyte{end}")), digits, packing).unwrap();
    write_labels(&folder.join(format!("{stem}-labels-idx1-ubyte{end}")), digits, packing).unwrap();
}

type Row = HashMap<String, String>;

fn rows(table: &str) -> Vec<Row> {
    csv::Reader::from_reader(table.as_bytes()).deserialize().map(Result::unwrap).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {:?}", row[column]))
}

fn numbers(rows: &[Row], column: &str) -> Vec<f64> {
    rows.iter().map(|row| number(row, column)).collect()
}

/// A picture of an image, enlarged, with a margin, dark on light or light on dark.
fn picture(path: &Path, image: &[u8], dark_on_light: bool) {
    let (scale, margin) = (5, 20);
    let side = (SIDE * scale + 2 * margin) as u32;
    let picture = image::GrayImage::from_fn(side, side, |x, y| {
        let pixel = |at: u32| (at as usize).checked_sub(margin).map(|at| at / scale).filter(|at| *at < SIDE);
        let ink = pixel(y).zip(pixel(x)).map_or(0, |(row, column)| image[row * SIDE + column]);
        image::Luma([if dark_on_light { 255 - ink } else { ink }])
    });
    picture.save(path).unwrap();
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_right() {
    for (line, expected) in [
        ("rank --dropout 1", "below 1"),
        ("rank --passes 0", "at least 1"),
        ("rank --top 0", "at least 1"),
        ("rank --sort doubt", "mutual_information"),
        ("train", "--out"),
        ("predict", "IMAGE"),
        ("paint", "paint"),
    ] {
        let output = run(line, &[]);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(stderr(&output).contains(expected), "{line}: {}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
    assert!(succeed("--help", &[]).contains("rank"));
    assert!(succeed("--version", &[]).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_ranking_has_the_documented_columns_and_they_agree_with_each_other() {
    let data = dataset();
    let table = succeed("rank --passes 8 --data", &[data.path()]);
    let measures = "predictive_entropy,predictive_entropy_se,predictive_entropy_corrected,predictive_entropy_low,\
                    predictive_entropy_high,expected_entropy,expected_entropy_se,mutual_information,\
                    mutual_information_se,mutual_information_corrected,variation_ratio,variation_ratio_se,\
                    predictive_std,predictive_std_se,confidence,confidence_se,margin,margin_se,label_margin,\
                    label_margin_se,label_suspicion,mean_logit_entropy,mean_logit_entropy_se";
    let classes = |what: &str| (0..10).map(|c| format!("{what}{c}")).collect::<Vec<_>>().join(",");
    let header = format!("index,label,prediction,{measures},{},{}", classes("p"), classes("votes"));
    assert_eq!(table.lines().next(), Some(header.as_str()));

    let rows = rows(&table);
    assert_eq!(rows.len(), IMAGES);
    let digits = synthetic::generate(IMAGES, 11);
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(row["index"], index.to_string(), "dataset order without --sort");
        assert_eq!(row["label"], digits.labels()[index].to_string());
        let p: Vec<f64> = (0..10).map(|c| number(row, &format!("p{c}"))).collect();
        let votes: Vec<f64> = (0..10).map(|c| number(row, &format!("votes{c}"))).collect();
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 2e-3, "{p:?}");
        assert!((votes.iter().sum::<f64>() - 8.0).abs() < 1e-9);
        let entropy: f64 = p.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
        assert!((number(row, "predictive_entropy") - entropy).abs() < 1e-5, "{row:?}");
        let parts = number(row, "expected_entropy") + number(row, "mutual_information");
        assert!((parts - entropy).abs() < 1e-5);
        let best = p.iter().copied().fold(0.0, f64::max);
        assert!((number(row, "confidence") - best).abs() < 1e-9);
        assert!((p[number(row, "prediction") as usize] - best).abs() < 1e-9);
        let most = votes.iter().copied().fold(0.0, f64::max);
        assert!((number(row, "variation_ratio") - (1.0 - most / 8.0)).abs() < 1e-6);
    }
}

#[test]
fn a_ranking_is_sorted_filtered_and_cut() {
    let data = dataset();
    let falling = numbers(
        &rows(&succeed("rank --passes 4 --sort predictive_entropy --data", &[data.path()])),
        "predictive_entropy",
    );
    assert_eq!(falling.len(), IMAGES);
    assert!(falling.is_sorted_by(|a, b| a >= b));
    let rising = rows(&succeed(
        "rank --passes 4 --sort margin --order lowest --digit 3 --top 2 --data",
        &[data.path()],
    ));
    assert_eq!(rising.len(), 2);
    assert!(numbers(&rising, "margin").is_sorted());
    assert!(rising.iter().all(|row| row["label"] == "3"));
    let predicted = rows(&succeed("rank --passes 4 --digit 3 --by prediction --data", &[data.path()]));
    assert!(!predicted.is_empty() && predicted.iter().all(|row| row["prediction"] == "3"));
    let train = rows(&succeed("rank --passes 2 --split train --top 7 --data", &[data.path()]));
    assert_eq!(train.len(), 7);
}

#[test]
fn one_pass_has_no_standard_error() {
    let data = dataset();
    let rows = rows(&succeed("rank --passes 1 --top 1 --data", &[data.path()]));
    let undefined = ["predictive_entropy_se", "predictive_entropy_low", "margin_se", "mean_logit_entropy_se"];
    assert!(undefined.iter().all(|column| rows[0][*column].is_empty()), "{:?}", rows[0]);
    // Zero but for rounding.
    assert!(number(&rows[0], "mutual_information").abs() < 1e-6);
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let data = dataset();
    let ranking = |threads: &str, seed: &str| {
        let arguments = ["rank", "--passes", "20", "--sort", "mutual_information", "--seed", seed, "--data"];
        let output =
            dubito().args(arguments).arg(data.path()).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        output.stdout
    };
    let first = ranking("1", "5");
    assert_eq!(first, ranking("1", "5"));
    assert_eq!(first, ranking("2", "5"));
    assert_ne!(first, ranking("2", "6"));
}

#[test]
fn a_file_holds_what_standard_output_would_and_samples_are_its_source() {
    let data = dataset();
    let folder = tempfile::tempdir().unwrap();
    let (out, samples) = (folder.path().join("表.csv"), folder.path().join("samples.npz"));
    let line = "rank --passes 3 --sort confidence";
    let printed = succeed(&format!("{line} --data"), &[data.path()]);
    let output = dubito()
        .args(line.split_whitespace())
        .args([Path::new("--data"), data.path(), Path::new("--out"), &out, Path::new("--samples"), &samples])
        .output()
        .unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(&out).unwrap(), printed);

    let bytes = fs::read(&samples).unwrap();
    let (header, numbers_from) = array(&bytes, "probabilities.npy");
    assert!(header.contains("'descr': '<f4'") && header.contains(&format!("({IMAGES}, 3, 10)")), "{header}");
    let (labels_header, labels_from) = array(&bytes, "labels.npy");
    assert!(labels_header.contains("'descr': '|u1'") && labels_header.contains(&format!("({IMAGES},)")));
    let labels = bytes[labels_from..][..IMAGES].iter().map(|byte| Class::from(*byte));
    assert!(labels.eq(synthetic::generate(IMAGES, 11).labels().iter().copied()));
    for row in rows(&printed) {
        let index: usize = row["index"].parse().unwrap();
        for class in 0..10 {
            let mean = (0..3)
                .map(|pass| {
                    let at = numbers_from + 4 * ((index * 3 + pass) * 10 + class);
                    f64::from(f32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())) / 3.0
                })
                .sum::<f64>();
            assert!((mean - number(&row, &format!("p{class}"))).abs() < 1e-6, "image {index}, class {class}");
        }
    }
}

/// The header of an array in an .npz, and where its numbers begin.
fn array(bytes: &[u8], name: &str) -> (String, usize) {
    let name_at = bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
    let magic_at = name_at + bytes[name_at..].windows(6).position(|window| window == b"\x93NUMPY").unwrap();
    let length = usize::from(u16::from_le_bytes([bytes[magic_at + 8], bytes[magic_at + 9]]));
    let header = String::from_utf8(bytes[magic_at + 10..][..length].to_vec()).unwrap();
    (header, magic_at + 10 + length)
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let data = dataset();
    let mut child = dubito()
        .args(["rank", "--passes", "2", "--data"])
        .arg(data.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!stderr(&output).contains("dubito: "), "{}", stderr(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_a_failure() {
    let data = dataset();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = dubito();
    command.args(["rank", "--passes", "1", "--data"]).arg(data.path()).stdout(full);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("standard output"), "{}", stderr(&output));
}

#[test]
fn bad_data_is_named() {
    let missing = fail("rank --data /no/such/folder", &[]);
    assert!(missing.contains("/no/such/folder"), "{missing}");

    let empty = tempfile::tempdir().unwrap();
    let message = fail("rank --data", &[empty.path()]);
    assert!(message.contains("the folder is empty") && message.contains("IDX"), "{message}");

    let data = dataset();
    let images = data.path().join("t10k-images-idx3-ubyte");
    let whole = fs::read(&images).unwrap();
    fs::write(&images, &whole[..whole.len() - 1]).unwrap();
    let truncated = fail("rank --data", &[data.path()]);
    assert!(truncated.contains("t10k-images-idx3-ubyte"), "{truncated}");

    fs::write(&images, &whole).unwrap();
    let labels = synthetic::generate(IMAGES - 1, 1);
    write_labels(&data.path().join("t10k-labels-idx1-ubyte"), &labels, Packing::Plain).unwrap();
    let disagreeing = fail("rank --data", &[data.path()]);
    assert!(disagreeing.contains("t10k-"), "{disagreeing}");
    assert!(disagreeing.contains("60") && disagreeing.contains("59"), "{disagreeing}");

    let variable = dubito().args(["rank"]).env("MNIST_DIR", "/no/such/folder").output().unwrap();
    assert_eq!(variable.status.code(), Some(1));
    assert!(stderr(&variable).contains("MNIST_DIR"), "{}", stderr(&variable));
}

#[test]
fn a_bad_model_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    let missing = fail("rank --data synthetic --model", &[&path]);
    assert!(missing.contains("net.safetensors"), "{missing}");

    fs::write(&path, b"not a network").unwrap();
    let nonsense = fail("rank --data synthetic --model", &[&path]);
    assert!(nonsense.contains("net.safetensors"), "{nonsense}");

    // One tensor of the right name and the wrong shape.
    let header = br#"{"conv1.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header);
    bytes.extend_from_slice(&[0; 8]);
    fs::write(&path, bytes).unwrap();
    let misshaped = fail("rank --data synthetic --model", &[&path]);
    assert!(misshaped.contains("net.safetensors") && misshaped.contains("fc1.weight"), "{misshaped}");
}

#[test]
fn a_target_that_cannot_be_written_is_refused_before_the_work() {
    let data = dataset();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("kept");
    fs::write(&target, b"precious").unwrap();
    let mut permissions = fs::metadata(&target).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&target, permissions).unwrap();
    let nowhere = PathBuf::from("/no/such/folder/file");
    for command in ["rank", "export", "train"] {
        // A thousand epochs would not end while the test runs.
        let slow = if command == "train" { "--epochs 1000" } else { "--passes 1" };
        for out in [&target, &nowhere] {
            let message = fail(&format!("{command} {slow} --data"), &[data.path(), Path::new("--out"), out]);
            assert!(message.contains(out.to_str().unwrap()), "{message}");
        }
    }
    assert_eq!(fs::read(&target).unwrap(), b"precious");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays behind");
}

#[test]
fn pictures_are_read_in_both_polarities() {
    let folder = tempfile::tempdir().unwrap();
    let digits = synthetic::generate(40, 21);
    // Digits the network is sure of, so that enlarging and refitting them changes nothing.
    let data = tempfile::tempdir().unwrap();
    write_split(data.path(), "t10k", &digits, Packing::Plain);
    let ranking = rows(&succeed("rank --sort confidence --top 6 --passes 20 --data", &[data.path()]));
    for row in &ranking {
        let index: usize = row["index"].parse().unwrap();
        let paths = [true, false].map(|dark_on_light| {
            let path = folder.path().join(format!("{index}-{dark_on_light}.png"));
            picture(&path, &digits.image(index), dark_on_light);
            path
        });
        let table = succeed("predict --passes 20 --format csv", &[&paths[0], &paths[1]]);
        let predictions = rows(&table);
        assert_eq!(predictions.len(), 2);
        for (prediction, path) in predictions.iter().zip(&paths) {
            assert_eq!(prediction["source"], path.to_str().unwrap());
            assert_eq!(prediction["prediction"], row["prediction"], "image {index}");
        }
    }
}

#[test]
fn a_folder_of_pictures_is_predicted_in_the_order_of_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let digits = synthetic::generate(10, 5);
    for (index, name) in [(3, "b.png"), (6, "a.PNG"), (1, "c.bmp")] {
        let picture = image::GrayImage::from_fn(112, 112, |x, y| {
            image::Luma([255 - digits.image(index)[(y / 4 * 28 + x / 4) as usize]])
        });
        picture.save(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("readme.txt"), "not a picture").unwrap();
    let predictions = rows(&succeed("predict --passes 5 --format csv", &[folder.path()]));
    let names: Vec<_> = predictions.iter().map(|row| row["source"].rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["a.PNG", "b.png", "c.bmp"]);
    let empty = tempfile::tempdir().unwrap();
    let message = fail("predict", &[empty.path()]);
    assert!(message.contains("holds no picture"), "{message}");
}

#[test]
fn predictions_come_as_table_csv_and_json() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seven.png");
    let digits = synthetic::generate(40, 21);
    picture(&path, &digits.image(0), true);
    let table = succeed("predict --passes 5 --format csv", &[&path]);
    assert!(table.starts_with("source,prediction,predictive_entropy,predictive_entropy_se,"), "{table}");
    let row = &rows(&table)[0];
    let json: serde_json::Value =
        serde_json::from_str(&succeed("predict --passes 5 --format json", &[&path])).unwrap();
    let first = &json[0];
    assert_eq!(first["source"], path.to_str().unwrap());
    assert_eq!(first["prediction"].to_string(), row["prediction"]);
    assert_eq!(first["votes"].as_array().unwrap().len(), 10);
    for (column, value) in [
        ("predictive_entropy", &first["predictive_entropy"]),
        ("mutual_information", &first["mutual_information"]),
        ("p3", &first["probabilities"][3]),
    ] {
        assert!((number(row, column) - value.as_f64().unwrap()).abs() < 1e-7, "{column}");
    }
    let single: serde_json::Value =
        serde_json::from_str(&succeed("predict --passes 1 --format json", &[&path])).unwrap();
    assert!(single[0]["predictive_entropy_se"].is_null());
    let words = succeed("predict --passes 5", &[&path]);
    assert!(words.contains("seven.png") && words.contains("nats"), "{words}");
}

#[test]
fn a_bad_picture_is_named_and_the_others_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let [good, text, blank] = ["good.png", "text.png", "blank.png"].map(|name| folder.path().join(name));
    picture(&good, &synthetic::generate(1, 21).image(0), false);
    fs::write(&text, b"this is a letter, not a picture").unwrap();
    picture(&blank, &[0; SIDE * SIDE], true);
    let missing = folder.path().join("missing.png");
    let mut command = dubito();
    command.args(["predict", "--passes", "2", "--format", "csv"]).args([&good, &text, &blank, &missing]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    for name in ["text.png", "blank.png", "missing.png"] {
        assert!(message.contains(name), "{message}");
    }
    assert!(!message.contains("good.png"), "{message}");
    assert_eq!(rows(&stdout(&output)).len(), 1);
}

#[test]
fn an_exported_grid_is_a_picture_and_always_the_same() {
    let data = dataset();
    let folder = tempfile::tempdir().unwrap();
    let export = |name: &str, line: &str| {
        let path = folder.path().join(name);
        succeed(&format!("export --passes 4 {line} --data"), &[data.path(), Path::new("--out"), &path]);
        fs::read(&path).unwrap()
    };
    let both = export("a.png", "--top 5");
    assert_eq!(both, export("b.png", "--top 5"));
    let picture = image::load_from_memory(&both).unwrap();
    assert!(picture.width() > 5 * SIDE as u32 && picture.height() > 2 * SIDE as u32);
    assert_ne!(both, export("c.png", "--top 5 --order highest"));
    export("d.png", "--digit 4 --by prediction --sort mutual_information --order lowest");
}

#[test]
fn a_trained_network_opens_and_the_same_seed_trains_the_same() {
    let data = dataset();
    let folder = tempfile::tempdir().unwrap();
    let train = |name: &str| {
        let path = folder.path().join(name);
        let line =
            "train --epochs 2 --batch-size 20 --hidden 32 --placement last --dropout 0.25 --seed 3 --data";
        let said = succeed(line, &[data.path(), Path::new("--out"), &path]);
        assert!(said.contains('%'), "{said}");
        path
    };
    let (first, second) = (train("a.safetensors"), train("b.safetensors"));
    assert_eq!(fs::read(&first).unwrap(), fs::read(second).unwrap());
    let table = succeed("rank --passes 3 --data", &[data.path(), Path::new("--model"), &first]);
    assert_eq!(rows(&table).len(), IMAGES);
    assert_ne!(table, succeed("rank --passes 3 --data", &[data.path()]), "another network, another answer");
}

#[test]
fn synthetic_digits_are_ranked_without_data() {
    let table = succeed("rank --data synthetic --passes 2 --sort predictive_entropy --top 12", &[]);
    assert_eq!(rows(&table).len(), 12);
}

#[test]
fn bench_prints_ratios_for_people_and_for_scripts() {
    let json = succeed("bench --images 64 --passes 4 --format json", &[]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(report["threads"].as_u64().unwrap() >= 1);
    let measurements = report["measurements"].as_array().unwrap();
    assert!(!measurements.is_empty());
    for measurement in measurements {
        let [median, least, most] = ["median", "min", "max"].map(|key| measurement[key].as_f64().unwrap());
        assert!(least > 0.0 && least <= median && median <= most, "{measurement}");
    }
    assert!(report["ratios"].as_array().unwrap().iter().all(|ratio| ratio["ratio"].as_f64().unwrap() > 0.0));
}

#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files"]
fn the_network_that_comes_with_the_program_is_right_on_mnist() {
    let folder = mnist::folder();
    let all = rows(&succeed("rank --passes 20 --data", &[&folder]));
    assert_eq!(all.len(), 10_000);
    let right = all.iter().filter(|row| row["label"] == row["prediction"]).count();
    assert!(right >= 9_900, "{right} of 10,000");
    let zeros =
        rows(&succeed("rank --passes 20 --sort predictive_entropy --digit 0 --top 30 --data", &[&folder]));
    assert_eq!(zeros.len(), 30);
    assert!(zeros.iter().all(|row| row["label"] == "0"));
    // The order is that of the whole table.
    let mut expected: Vec<_> = all.iter().filter(|row| row["label"] == "0").collect();
    expected.sort_by(|a, b| number(b, "predictive_entropy").total_cmp(&number(a, "predictive_entropy")));
    assert!(zeros.iter().zip(expected).all(|(found, expected)| found["index"] == expected["index"]));
}

#[test]
fn evaluate_prints_every_number_with_intervals_and_says_what_is_undefined() {
    let data = dataset();
    let folder = data.path().to_str().unwrap();
    let table = succeed(
        &format!("evaluate --data {folder} --passes 8 --resamples 50 --ood"),
        &[Path::new("inverted")],
    );
    for expected in
        ["60 images", "Accuracy", "ECE", "AURC", "mutual_information", "foreign images (inverted)", "["]
    {
        assert!(table.contains(expected), "{expected}: {table}");
    }
    assert!(table.contains("undefined: a single pass has no spread"), "{table}");
    let line = format!("evaluate --data {folder} --passes 8 --resamples 50 --format json --ood {folder}");
    let text = succeed(&line, &[]);
    assert_eq!(text, succeed(&line, &[]), "the same seed, the same bytes");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let area = &json["ood"]["auroc"]["mc_dropout"]["predictive_entropy"];
    assert_eq!(area["value"], 0.5, "the same set twice: {area}");
    assert!(json["ood"]["notes"][0].as_str().unwrap().contains("very images"));
    let accuracy = json["mc_dropout"]["accuracy"]["value"].as_f64().unwrap();
    let last = &json["against_passes"][7];
    assert!((accuracy + last["error"].as_f64().unwrap() - 1.0).abs() < 1e-9, "{last}");
    let message = fail(&format!("evaluate --data {folder} --passes 2 --ood"), &[Path::new("no-such-folder")]);
    assert!(message.contains("no-such-folder"), "{message}");
}

#[test]
fn a_network_is_told_with_its_layers_and_sites_and_drops_channels_where_it_has_some() {
    let folder = dataset();
    let network = folder.path().join("theirs.onnx");
    graph::write_lenet(&network);
    let told = succeed("network", &[&network]);
    for line in [
        "  Conv                 conv2.weight                 50×8×8\n",
        "    ○ site 2, 2,880 units\n",
        "    ● site 3, 800 units\n",
        "2,880 units or 20 channels (c), not in the file",
        "whole channels with Nc.",
    ] {
        assert!(told.contains(line), "{line:?} in\n{told}");
    }
    let rest = [folder.path(), Path::new("--model"), &network];
    let [units, channels] =
        ["2", "2c"].map(|sites| succeed(&format!("rank --passes 3 --sites {sites} --data"), &rest));
    assert_ne!(units, channels);
    let refused = fail("rank --passes 3 --sites 3c --data", &rest);
    assert!(refused.contains("site 3, before Gemm fc1.weight, cannot drop whole channels"), "{refused}");
    let misspelt = run("rank --passes 3 --sites 2x --data", &rest);
    assert_eq!(misspelt.status.code(), Some(2));
    assert!(stderr(&misspelt).contains("as in 2,4c"), "{}", stderr(&misspelt));
}
