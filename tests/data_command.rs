//! `dubito data PATH`: what a person is told of the images they have.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use image::{GrayImage, Luma};
use serde_json::Value;

fn dubito(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dubito"))
        .arg("data")
        .args(arguments)
        .env_remove("MNIST_DIR")
        .current_dir(folder)
        .output()
        .unwrap()
}

fn succeed(arguments: &[&str], folder: &Path) -> String {
    let output = dubito(arguments, folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn fail(arguments: &[&str], folder: &Path) -> String {
    let output = dubito(arguments, folder);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("dubito: ") && output.stdout.is_empty(), "{said}");
    said
}

/// Pictures of cats and dogs, one of which is in both splits.
fn pictures() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, value) in [
        ("train/cat/a.png", 10),
        ("train/cat/b.png", 20),
        ("train/dog/a.png", 30),
        ("test/cat/a.png", 10),
        ("test/dog/b.png", 40),
    ] {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        GrayImage::from_fn(12, 10, |x, _| Luma([value + x as u8])).save(path).unwrap();
    }
    fs::write(root.path().join("test/dog/broken.jpg"), "no picture").unwrap();
    root
}

#[test]
fn splits_classes_and_remarks_are_said_as_text() {
    let root = pictures();
    let said = succeed(&["."], root.path());
    for line in [
        ".: pictures, 2 splits",
        "train: 3 images, 10×12 grey",
        "test: 2 images, 10×12 grey",
        "     0  cat          2",
        "     1  dog          1",
        "  Left out: 1",
        "  For a network of 28×28 grey: 10×12 grey, resized to 28×28 by area.",
    ] {
        assert!(said.lines().any(|found| found == line), "{line} is missing in\n{said}");
    }
    assert!(said.contains("Images that are in test too, pixel for pixel: 1."), "{said}");
    assert!(said.contains("broken.jpg is not a picture"), "{said}");
}

#[test]
fn all_of_it_is_said_as_json() {
    let root = pictures();
    let said: Value = serde_json::from_str(&succeed(&[".", "--format", "json"], root.path())).unwrap();
    assert_eq!((&said["kind"], said["splits"].as_array().unwrap().len()), (&Value::from("pictures"), 2));
    let test = said["splits"].as_array().unwrap().iter().find(|split| split["name"] == "test").unwrap();
    assert_eq!(test["shape"], serde_json::json!({ "height": 10, "width": 12, "channels": 1 }));
    assert_eq!(test["classes"][1], serde_json::json!({ "class": 1, "name": "dog", "images": 1 }));
    assert_eq!(
        (&test["images"], &test["unlabelled"], &test["left_out"]["count"]),
        (&2.into(), &0.into(), &1.into())
    );
    assert_eq!(test["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn what_cannot_be_opened_is_named_with_what_to_do() {
    let root = pictures();
    assert!(fail(&["nowhere"], root.path()).contains("nowhere: is not there (check the path)"));
    fs::write(root.path().join("notes.md"), "text").unwrap();
    let said = fail(&["notes.md"], root.path());
    assert!(said.contains("notes.md: is not a file of images") && said.contains("Parquet"), "{said}");
    fs::create_dir(root.path().join("empty")).unwrap();
    assert!(fail(&["empty"], root.path()).contains("the folder is empty"));
    let both = dubito(&[".", "--out", "x"], root.path());
    assert_eq!(both.status.code(), Some(2), "looking and writing are two things");
}

#[test]
fn images_of_another_size_are_resized_where_that_is_asked_for_and_splits_go_by_their_names() {
    let root = pictures();
    fs::rename(root.path().join("test"), root.path().join("val")).unwrap();
    let run = |line: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dubito"));
        let output = command.args(line.split(' ')).env_remove("MNIST_DIR").current_dir(root.path()).output();
        let output = output.unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code(), said)
    };
    let (code, [_, said]) = run("rank --passes 2 --data .");
    assert_eq!(code, Some(1));
    assert!(said.contains("10×12 grey") && said.contains("add --resize"), "{said}");
    let (code, [table, said]) = run("rank --passes 2 --data . --resize");
    assert!(code == Some(0) && said.contains("resized to 28×28 by area"), "{said}");
    assert_eq!(table.lines().count(), 3, "the two images of val: {table}");
    // A network of digits: nothing compares its answers with these labels.
    let header: Vec<&str> = table.lines().next().unwrap().split(',').collect();
    let margin = header.iter().position(|name| *name == "label_margin").unwrap();
    assert!(table.lines().skip(1).all(|row| row.split(',').nth(margin) == Some("")), "{table}");
    let (code, [table, _]) = run("rank --passes 2 --data . --resize --split train");
    assert_eq!((code, table.lines().count()), (Some(0), 4));
    assert_eq!(run("rank --passes 2 --data . --resize --split val").1[0].lines().count(), 3);
    let (code, [_, said]) = run("rank --passes 2 --data . --resize --split tset");
    assert!(code == Some(1) && said.contains("has no tset split; it has train, validation"), "{said}");
    let (code, [_, said]) = run("rank --passes 2 --data synthetic --split val");
    assert!(code == Some(1) && said.contains("no split “val”"), "{said}");
    let (code, [_, said]) = run("evaluate --passes 2 --data . --resize");
    assert!(
        code == Some(1) && said.contains("tells apart other classes") && said.contains("cat, dog"),
        "{said}"
    );
}
