//! `dubito rotate` as a person runs it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

#[path = "common/cli.rs"]
mod cli;

use std::path::Path;
use std::process::Output;

use ::dubito::data::synthetic;
use cli::{dataset, dubito};
use image::{GrayImage, Luma};

fn rotate(line: &str, data: &Path, out: &Path) -> Output {
    dubito("rotate", line, data, out)
}

#[test]
fn an_image_is_turned_in_words_as_a_picture_and_as_a_table_with_the_same_bytes_each_time() {
    let folder = dataset();
    let (out, csv) = (folder.path().join("turn.png"), folder.path().join("turn.csv"));
    let line = format!("7 --passes 20 --csv {}", csv.display());
    let output = rotate(&line, folder.path(), &out);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.starts_with("As the image turns from 0° to 110°"), "{said}");
    let picture = image::open(&out).unwrap();
    assert!(picture.width() == 1600 && picture.height() > 900);
    let table = std::fs::read_to_string(&csv).unwrap();
    // 12 steps, 20 passes, the three likeliest classes.
    assert_eq!(table.lines().filter(|row| row.starts_with("softmax output,class")).count(), 12 * 20 * 3);
    let (first, table) = (std::fs::read(&out).unwrap(), std::fs::read(&csv).unwrap());
    assert!(rotate(&line, folder.path(), &out).status.success());
    assert_eq!(std::fs::read(&out).unwrap(), first);
    assert_eq!(std::fs::read(&csv).unwrap(), table);
}

#[test]
fn the_papers_setting_and_other_changes_are_drawn() {
    let folder = dataset();
    let out = folder.path().join("turn.png");
    let output = rotate("3 --paper", folder.path(), &out);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.starts_with("As the image turns from 0° to 110°"), "{said}");
    let paper = std::fs::read(&out).unwrap();
    // The same by hand.
    let by_hand =
        "3 --passes 100 --dropout 0.5 --placement last --from 0 --to 110 --steps 12 --masks independent";
    assert!(rotate(by_hand, folder.path(), &out).status.success());
    assert_eq!(std::fs::read(&out).unwrap(), paper);
    for (line, begins) in [
        ("3 --passes 5 --by noise --steps 4", "As noise changes from 0.00 to 0.80 of full ink"),
        (
            "3 --passes 5 --by thickness --from -1 --to 2 --steps 4",
            "As the ink thickens from −1.0 px to 2.0 px",
        ),
        ("3 --passes 1 --by shift", "One pass has no spread"),
        ("3 --passes 5 --dropout 0 --by blur", "Without dropout all passes are the same"),
    ] {
        let output = rotate(line, folder.path(), &out);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && said.starts_with(begins), "{line}: {said}");
    }
}

#[test]
fn a_picture_of_ones_own_is_turned() {
    let folder = dataset();
    let digits = synthetic::generate(3, 4);
    let image = GrayImage::from_fn(28, 28, |x, y| Luma([255 - digits.image(2)[(y * 28 + x) as usize]]));
    let path = folder.path().join("mine.png");
    image.save(&path).unwrap();
    let out = folder.path().join("turn.png");
    let output = rotate(&format!("{} --passes 10 --steps 3", path.display()), folder.path(), &out);
    assert!(output.status.success(), "{}", String::from_utf8(output.stderr).unwrap());
    assert!(out.exists());
}

#[test]
fn what_cannot_be_done_is_said_and_leaves_no_file() {
    let folder = dataset();
    let out = folder.path().join("turn.png");
    for (line, expected) in [
        ("20", "there is no image 20"),
        ("3 --from 90 --to 10", "not from 90 to 10"),
        ("3 --by noise --to 2", "noise can go from 0.00 to 1.00"),
        ("3 --from nan", "not from NaN to 110"),
        ("nowhere.png", "nowhere.png"),
    ] {
        let output = rotate(line, folder.path(), &out);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(expected), "{line}: {said}");
        assert!(!out.exists());
    }
    let nowhere = folder.path().join("no such folder").join("turn.png");
    let output = rotate("3", folder.path(), &nowhere);
    assert!(String::from_utf8(output.stderr).unwrap().contains("no such folder"));
}
