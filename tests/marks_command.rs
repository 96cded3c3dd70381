//! Marks on the command line: a ranking with them, and a dataset written anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dubito::data::idx::{Packing, read_digits, write_images, write_labels};
use dubito::data::{Digits, synthetic};
use tempfile::TempDir;

const IMAGES: usize = 30;

fn dubito(line: &str, data: &TempDir) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dubito"));
    for variable in ["MNIST_DIR", "RAYON_NUM_THREADS", "RUST_LOG"] {
        command.env_remove(variable);
    }
    // Paths in `line` are within the folder of the data.
    command.args(line.split_whitespace()).args(["--data", "."]).current_dir(data.path()).output().unwrap()
}

fn succeed(line: &str, data: &TempDir) -> (String, String) {
    let output = dubito(line, data);
    let [out, said] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(0), "{line}: {said}");
    (out, said)
}

fn fail(line: &str, data: &TempDir) -> String {
    let output = dubito(line, data);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{line}: {said}");
    assert!(said.contains("dubito: ") && !said.contains("panicked"), "{said}");
    said
}

fn digits() -> Digits {
    synthetic::generate(IMAGES, 3)
}

/// A folder with a dataset, and marks of some of its images.
fn dataset() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let digits = digits();
    let path = |content: &str| folder.path().join(format!("t10k-{content}-ubyte"));
    write_images(&path("images-idx3"), &digits, Packing::Plain).unwrap();
    write_labels(&path("labels-idx1"), &digits, Packing::Plain).unwrap();
    let said = [
        (2, "wrong", another(2).to_string()),
        (5, "bad", String::new()),
        (7, "fine", String::new()),
        (9, "wrong", String::new()),
    ];
    let rows = said.map(|(index, mark, new)| format!("{index},{},{mark},{new}", digits.labels()[index]));
    let table = format!("index,label,mark,new_label\n{}\n", rows.join("\n"));
    fs::write(folder.path().join("marks.csv"), table).unwrap();
    folder
}

/// A label that an image does not have.
fn another(index: usize) -> u16 {
    (digits().labels()[index] + 1) % 10
}

/// The labels of the dataset with the marks applied.
fn corrected() -> Vec<u16> {
    let mut labels = digits().labels().to_vec();
    labels[2] = another(2);
    labels
}

fn written(folder: &Path, end: &str) -> Digits {
    let path = |content: &str| -> PathBuf { folder.join(format!("t10k-{content}-ubyte{end}")) };
    read_digits(&path("images-idx3"), &path("labels-idx1")).unwrap()
}

#[test]
fn a_ranking_shows_marks_and_leaves_out_what_was_looked_at() {
    let data = dataset();
    let (plain, _) = succeed("rank --passes 2 --sort margin", &data);
    let (marked, _) = succeed("rank --passes 2 --sort margin --marks marks.csv", &data);
    let fields = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    for (line, before) in marked.lines().zip(plain.lines()) {
        let mut fields = fields(line);
        let mark = fields.drain(2..4).collect::<Vec<_>>();
        assert_eq!(fields.join(","), before, "the other columns are those of the ranking without marks");
        let said = match fields[0].as_str() {
            "index" => ["mark".to_owned(), "new_label".to_owned()],
            "2" => ["wrong".to_owned(), another(2).to_string()],
            "5" => ["bad".to_owned(), String::new()],
            "7" => ["fine".to_owned(), String::new()],
            "9" => ["wrong".to_owned(), String::new()],
            _ => [String::new(), String::new()],
        };
        assert_eq!(mark, said, "{line}");
    }
    assert_eq!(marked.lines().count(), IMAGES + 1);

    let (unmarked, _) = succeed("rank --passes 2 --sort margin --marks marks.csv --unmarked --top 26", &data);
    let looked_at = ["2", "5", "7", "9"];
    let expected: Vec<_> =
        marked.lines().filter(|line| !looked_at.contains(&fields(line)[0].as_str())).collect();
    assert_eq!(unmarked.lines().collect::<Vec<_>>(), expected, "26 are left, in the same order");
    let (four, _) = succeed("rank --passes 2 --marks marks.csv --unmarked --top 4", &data);
    let indices: Vec<_> = four.lines().skip(1).map(|line| fields(line)[0].clone()).collect();
    assert_eq!(indices, ["0", "1", "3", "4"], "cut after those looked at are left out");
}

#[test]
fn marks_are_applied_and_the_result_opens_as_data() {
    let data = dataset();
    let (out, said) = succeed("data --apply marks.csv --out new", &data);
    assert!(out.is_empty());
    assert!(said.contains("30 images") && said.contains("1 label changed, 0 images left out"), "{said}");
    assert!(said.contains("1 label marked wrong without a new one stayed"), "{said}");
    let new = written(&data.path().join("new"), ".gz");
    assert_eq!((new.pixels(), new.labels()), (digits().pixels(), &corrected()[..]));
    assert_eq!(written(data.path(), ""), digits(), "the dataset itself stays");

    let (_, said) = succeed("data --apply marks.csv --drop bad,wrong --as idx-plain --out fewer", &data);
    assert!(said.contains("28 images") && said.contains("2 images left out"), "{said}");
    let fewer = written(&data.path().join("fewer"), "");
    let kept: Vec<usize> = (0..IMAGES).filter(|index| ![5, 9].contains(index)).collect();
    assert_eq!(fewer.labels(), kept.iter().map(|index| corrected()[*index]).collect::<Vec<_>>());
    assert!(kept.iter().enumerate().all(|(place, index)| fewer.image(place) == digits().image(*index)));

    // The new dataset is another one: marks of the old one do not fit it.
    let message = fail("data --apply ../marks.csv --out x", &folder_within(&data, "new"));
    assert!(message.contains("marks.csv, line 2: image 2 has label"), "{message}");
}

/// A folder beside the data that holds a copy of one within it.
fn folder_within(data: &TempDir, name: &str) -> TempDir {
    let folder = tempfile::tempdir_in(data.path()).unwrap();
    for entry in fs::read_dir(data.path().join(name)).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    folder
}

#[test]
fn a_ranking_that_was_filled_in_is_applied_too() {
    let data = dataset();
    succeed("rank --passes 2 --sort margin --marks marks.csv --out review.csv", &data);
    succeed("data --apply review.csv --out new", &data);
    assert_eq!(written(&data.path().join("new"), ".gz").labels(), corrected());
}

#[test]
fn the_form_follows_the_name_or_is_asked_for() {
    let data = dataset();
    succeed("data --apply marks.csv --out new.npz", &data);
    let archive = candle_core::npy::NpzTensors::new(data.path().join("new.npz")).unwrap();
    let labels = archive.get("y_test").unwrap().unwrap().to_vec1::<u8>().unwrap();
    assert!(labels.iter().map(|label| u16::from(*label)).eq(corrected()));
    succeed("data --apply marks.csv --as folder --drop bad --out pictures", &data);
    let picture = data.path().join(format!("pictures/{}/00002.png", another(2)));
    assert_eq!(image::open(picture).unwrap().into_luma8().as_raw()[..], *digits().image(2));
    let left_out = data.path().join(format!("pictures/{}/00005.png", digits().labels()[5]));
    assert!(!left_out.exists());
    let (_, said) = succeed("data --out copy", &data);
    assert_eq!(said.trim(), "Wrote 30 images to copy.");
    assert_eq!(written(&data.path().join("copy"), ".gz"), digits());
}

#[test]
fn nothing_is_replaced_unasked_and_mistakes_are_named_before_any_work() {
    let data = dataset();
    succeed("data --out new", &data);
    let before = written(&data.path().join("new"), ".gz");
    let message = fail("data --apply marks.csv --out new", &data);
    assert!(message.contains("new/t10k-images-idx3-ubyte.gz") && message.contains("--force"), "{message}");
    assert_eq!(written(&data.path().join("new"), ".gz"), before);
    succeed("data --apply marks.csv --force --out new", &data);
    assert_eq!(written(&data.path().join("new"), ".gz").labels(), corrected());

    fs::write(data.path().join("bad.csv"), "index,label,mark,new_label\n0,0,good,\n").unwrap();
    for line in ["data --out x --apply bad.csv", "rank --marks bad.csv"] {
        let message = fail(line, &data);
        assert!(message.contains("bad.csv, line 2: mark \"good\" is none of"), "{message}");
    }
    let message = fail("data --out x --apply missing.csv", &data);
    assert!(message.contains("missing.csv cannot be read"), "{message}");
    assert!(!data.path().join("x").exists());
}
