//! `dubito explain` as a person runs it, and what it shares with `dubito export`: images as they are.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is test code")]

#[path = "common/cli.rs"]
mod cli;

use std::path::Path;
use std::process::Output;

use ::dubito::data::synthetic;
use cli::{dataset, dubito};
use image::{GrayImage, Luma, Rgb, RgbImage};

fn explain(line: &str, data: &Path, out: &Path) -> Output {
    dubito("explain", line, data, out)
}

#[test]
fn an_image_of_the_dataset_is_explained_in_words_and_as_a_picture_with_the_same_bytes_each_time() {
    let folder = dataset();
    let out = folder.path().join("why.png");
    let output = explain("7 --passes 20", folder.path(), &out);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.starts_with("Image 7 · label "), "{said}");
    assert!(said.contains("sub-networks say"), "{said}");
    let picture = image::open(&out).unwrap().to_rgb8();
    // The digit itself is drawn: its darkest pixels are squares of 6×6 in the darkest shade.
    let digits = synthetic::generate(20, 11);
    let darkest = *digits.image(7).iter().max().unwrap();
    let pixels: usize = digits.image(7).iter().map(|pixel| usize::from(*pixel == darkest)).sum();
    let shade = |ink: f32| (255.0 + (ink - 255.0) * f32::from(darkest) / 255.0).round() as u8;
    let shade = [shade(22.0), shade(24.0), shade(29.0)];
    let drawn = picture.pixels().filter(|pixel| pixel.0 == shade).count();
    assert!(drawn >= 36 * pixels, "{drawn} pixels of shade {shade:?}, {pixels} darkest ones");
    let first = std::fs::read(&out).unwrap();
    assert!(explain("7 --passes 20", folder.path(), &out).status.success());
    assert_eq!(std::fs::read(&out).unwrap(), first);
}

#[test]
fn a_picture_of_ones_own_is_explained() {
    let folder = dataset();
    let digits = synthetic::generate(3, 4);
    let image = GrayImage::from_fn(28, 28, |x, y| Luma([255 - digits.image(2)[(y * 28 + x) as usize]]));
    let path = folder.path().join("mine.png");
    image.save(&path).unwrap();
    let out = folder.path().join("why.png");
    let output = explain(&format!("{} --passes 10 --patch 7", path.display()), folder.path(), &out);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.starts_with("mine.png · predicted "), "{said}");
    assert!(out.exists());
}

#[test]
fn an_image_that_is_not_there_is_named() {
    let folder = dataset();
    let out = folder.path().join("why.png");
    let output = explain("20 --passes 5", folder.path(), &out);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("there is no image 20") && said.contains("has 20 images, numbered from 0"),
        "{said}"
    );
    let output = explain("nowhere.png", folder.path(), &out);
    assert!(String::from_utf8(output.stderr).unwrap().contains("nowhere.png"));
    assert!(!out.exists());
}

#[test]
fn images_in_colour_are_drawn_in_their_colours_and_proportions() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("pets");
    let colours = [("cat", [255, 0, 10]), ("dog", [0, 20, 255])];
    for (class, colour) in colours {
        std::fs::create_dir_all(data.join(class)).unwrap();
        RgbImage::from_pixel(20, 40, Rgb(colour)).save(data.join(class).join("a.png")).unwrap();
    }
    let count = |path: &Path, colour: [u8; 3]| {
        image::open(path).unwrap().to_rgb8().pixels().filter(|pixel| pixel.0 == colour).count()
    };
    let sheet = folder.path().join("sheet.png");
    let output = dubito("export", "--resize --passes 5", &data, &sheet);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(colours.map(|(_, colour)| count(&sheet, colour)), [84 * 168; 2]);
    let card = folder.path().join("card.png");
    let output = explain("1 --resize --passes 5 --patch 14", &data, &card);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(count(&card, colours[1].1) >= 84 * 168, "as it is, and perhaps among its own neighbours");
}
