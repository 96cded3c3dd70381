//! Every kind of source, written by the tests themselves and read back.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use image::{GrayImage, RgbImage};
use tempfile::TempDir;

use super::*;
use crate::data::images::{ImageShape, remarks};
use crate::progress::unobserved;

mod damaged;
mod speed;
mod tables;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn idx(code: u8, dimensions: &[u32], body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, dimensions.len() as u8];
    for side in dimensions {
        bytes.extend(side.to_be_bytes());
    }
    bytes.extend(body);
    bytes
}

/// Pixels that differ everywhere.
fn pixels(count: usize) -> Vec<u8> {
    (0..count).map(|at| (at * 37 % 251) as u8).collect()
}

fn open(path: &Path, split: &str) -> ImageSet {
    match look(path).unwrap().open(split, &mut unobserved).unwrap() {
        ControlFlow::Continue(set) => set,
        ControlFlow::Break(()) => panic!("nobody stopped it"),
    }
}

fn only(path: &Path) -> ImageSet {
    let found = look(path).unwrap();
    open(path, found.first_split())
}

fn refusal(path: &Path) -> String {
    let said = match look(path) {
        Err(error) => error.to_string(),
        Ok(found) => {
            let split = found.first_split().to_owned();
            found.open(&split, &mut unobserved).unwrap_err().to_string()
        }
    };
    assert!(said.contains('(') && said.contains(')'), "what to do is said: {said}");
    said
}

fn all(set: &ImageSet) -> Vec<u8> {
    let mut out = vec![0; set.len() * set.shape().bytes()];
    set.read_many(0, &mut out).unwrap();
    out
}

fn labels_of(set: &ImageSet) -> Vec<Option<u16>> {
    set.labels().collect()
}

fn splits(found: &Found) -> Vec<(&str, Option<usize>, bool)> {
    found.splits.iter().map(|split| (split.name.as_str(), split.images, split.labelled)).collect()
}

#[test]
fn idx_of_any_size_opens_plain_compressed_and_compressed_twice() {
    let body = pixels(3 * 6 * 5);
    let (images, labels) = (idx(8, &[3, 6, 5], &body), idx(8, &[3], &[2, 0, 11]));
    for (times, end) in [(0, ""), (1, ".gz"), (2, ".gz")] {
        let pack = |bytes: &[u8]| (0..times).fold(bytes.to_vec(), |bytes, _| gzip(&bytes));
        let folder = folder();
        put(folder.path(), &format!("train-images.idx3-ubyte{end}"), pack(&images));
        put(folder.path(), &format!("train-labels.idx1-ubyte{end}"), pack(&labels));
        let found = look(folder.path()).unwrap();
        assert_eq!((found.kind, splits(&found)), (Kind::Idx, vec![("train", Some(3), true)]));
        let set = only(folder.path());
        assert_eq!((set.shape(), all(&set)), (ImageShape::new(6, 5, 1).unwrap(), body.clone()));
        assert_eq!(labels_of(&set), [Some(2), Some(0), Some(11)]);
        assert_eq!(set.classes().unwrap().len(), 12);
        assert_eq!(set.memory() == 0, times == 0, "what is plain stays in the file");
    }
}

#[test]
fn labels_of_four_bytes_and_eight_columns_are_read_as_qmnist_has_them() {
    let folder = folder();
    let mut rows = Vec::new();
    for class in [7_i32, -1, 3] {
        rows.extend(class.to_be_bytes());
        rows.extend([9; 28]);
    }
    put(folder.path(), "qmnist-test-labels-idx2-int", idx(0x0c, &[3, 8], &rows));
    let images = put(folder.path(), "qmnist-test-images-idx3-ubyte", idx(8, &[3, 28, 28], &pixels(3 * 784)));
    // The file of the images alone brings its labels.
    for path in [folder.path(), &images] {
        let set = only(path);
        assert_eq!(labels_of(&set), [Some(7), None, Some(3)]);
        assert!(set.classes().unwrap().are_digits());
    }
}

#[test]
fn one_split_knows_the_classes_of_all() {
    let folder = folder();
    for (stem, labels) in [("train", [0, 4]), ("t10k", [1, 1])] {
        put(folder.path(), &format!("{stem}-images-idx3-ubyte"), idx(8, &[2, 5, 5], &pixels(50)));
        put(folder.path(), &format!("{stem}-labels-idx1-ubyte"), idx(8, &[2], &labels));
    }
    let found = look(folder.path()).unwrap();
    assert_eq!(splits(&found), [("test", Some(2), true), ("train", Some(2), true)]);
    assert_eq!((found.first_split(), only(folder.path()).classes().unwrap().len()), ("test", 5));
    put(folder.path(), "classes.txt", "a\nb\nc\nd\ne\n");
    assert_eq!(only(folder.path()).classes().unwrap().name(4), "e");
    put(folder.path(), "classes.txt", "a\nb\n");
    assert!(refusal(folder.path()).contains("names 2 classes"));
}

#[test]
fn a_torchvision_root_opens_with_the_names_its_folders_say() {
    let root = folder();
    for set in ["MNIST", "FashionMNIST"] {
        put(
            root.path(),
            &format!("{set}/raw/t10k-images-idx3-ubyte"),
            idx(8, &[2, 28, 28], &pixels(2 * 784)),
        );
        put(root.path(), &format!("{set}/raw/t10k-labels-idx1-ubyte"), idx(8, &[2], &[9, 0]));
    }
    let found = look(root.path()).unwrap();
    assert_eq!(found.kind, Kind::Several);
    assert_eq!(splits(&found), [("FashionMNIST/test", Some(2), true), ("MNIST/test", Some(2), true)]);
    assert_eq!(open(root.path(), "FashionMNIST/test").classes().unwrap().name(9), "Ankle boot");
    assert!(open(root.path(), "MNIST/test").classes().unwrap().are_digits());
    let one = only(&root.path().join("FashionMNIST"));
    assert_eq!((one.classes().unwrap().name(0), one.name()), ("T-shirt/top", "FashionMNIST, test"));
}

#[test]
fn letters_of_emnist_are_turned_and_named() {
    let folder = folder();
    let mut on_its_side = vec![0; 784];
    // In the file, the second value: first column, second row.
    on_its_side[1] = 200;
    put(
        folder.path(),
        "emnist-letters-train-images-idx3-ubyte.gz",
        gzip(&idx(8, &[1, 28, 28], &on_its_side)),
    );
    put(folder.path(), "emnist-letters-train-labels-idx1-ubyte.gz", gzip(&idx(8, &[1], &[26])));
    let plain = pixels(784);
    put(folder.path(), "emnist-balanced-test-images-idx3-ubyte", idx(8, &[1, 28, 28], &plain));
    put(folder.path(), "emnist-balanced-test-labels-idx1-ubyte", idx(8, &[1], &[46]));
    let letters = open(folder.path(), "emnist-letters-train");
    assert_eq!(all(&letters)[28], 200);
    assert_eq!((letters.classes().unwrap().len(), letters.label(0)), (26, Some(25)));
    assert_eq!(letters.classes().unwrap().name(25), "z");
    assert!(letters.notes().iter().any(|note| note.contains("turned")), "{:?}", letters.notes());
    let balanced = open(folder.path(), "emnist-balanced-test");
    assert_eq!((balanced.classes().unwrap().name(46), all(&balanced)[28]), ("t", plain[1]));
    assert_eq!(all(&balanced)[1], plain[28]);
}

fn cifar(labels: &[&[u8]], seed: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        bytes.extend(*label);
        bytes.extend((0..3072).map(|value| ((value + at + seed) * 13 % 256) as u8));
    }
    bytes
}

#[test]
fn cifar_opens_with_its_batches_in_order_and_its_planes_together() {
    let root = folder();
    let within = "cifar-10-batches-bin";
    put(root.path(), &format!("{within}/data_batch_1.bin"), cifar(&[&[9], &[1]], 0));
    put(root.path(), &format!("{within}/data_batch_2.bin"), cifar(&[&[3]], 5));
    put(root.path(), &format!("{within}/test_batch.bin"), cifar(&[&[4]], 7));
    let found = look(root.path()).unwrap();
    assert_eq!(
        (found.kind, splits(&found)),
        (Kind::Cifar, vec![("train", Some(3), true), ("test", Some(1), true)])
    );
    let set = open(root.path(), "train");
    assert_eq!((labels_of(&set), set.memory()), (vec![Some(9), Some(1), Some(3)], 0));
    assert_eq!(set.classes().unwrap().name(9), "truck");
    let mut last = vec![0; 3072];
    set.read(2, &mut last).unwrap();
    let plane = |channel: usize, pixel: usize| ((channel * 1024 + pixel + 5) * 13 % 256) as u8;
    assert_eq!(last[..6], [plane(0, 0), plane(1, 0), plane(2, 0), plane(0, 1), plane(1, 1), plane(2, 1)]);
    assert_eq!(set.origin(2).0.file_name().unwrap(), "data_batch_2.bin");
    put(root.path(), &format!("{within}/batches.meta.txt"), "a\nb\nc\nd\n");
    assert!(refusal(root.path()).contains("above 3") || open(root.path(), "test").is_empty());

    let hundred = folder();
    put(hundred.path(), "test.bin", cifar(&[&[3, 99], &[0, 0]], 0));
    let set = only(hundred.path());
    assert_eq!((labels_of(&set), set.classes().unwrap().name(99)), (vec![Some(99), Some(0)], "worm"));
    put(hundred.path(), "test.bin", cifar(&[&[3, 100]], 0));
    assert!(refusal(hundred.path()).contains("label 100 of image 0"));
    put(hundred.path(), "test.bin", [0; 100]);
    assert!(refusal(hundred.path()).contains("not whole records"));

    let python = folder();
    put(python.path(), "data_batch_1", "pickle");
    assert!(refusal(python.path()).contains("could run code"));
}

fn grey(path: &Path, name: &str, side: u32, value: u8) {
    let path = path.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    GrayImage::from_pixel(side, side, image::Luma([value])).save(path).unwrap();
}

#[test]
fn a_folder_for_each_class_is_sorted_as_text_and_the_unreadable_is_left_out() {
    let root = folder();
    for (name, value) in [("10/a.png", 10), ("2/b.png", 2), ("2/deep/c.png", 3), ("0/d.png", 0)] {
        grey(root.path(), name, 8, value);
    }
    put(root.path(), "2/broken.png", b"\x89PNG\r\n\x1a\nrubbish");
    put(root.path(), "2/phone.HEIC", "heic");
    put(root.path(), "2/._b.png", "fork");
    put(root.path(), "2/notes.txt", "text");
    let set = only(root.path());
    assert_eq!(set.classes().unwrap().names(), ["0", "10", "2"]);
    let names: Vec<String> = (0..set.len()).map(|index| set.image_name(index)).collect();
    assert_eq!(names, ["0/d.png", "10/a.png", "2/b.png", "2/deep/c.png"]);
    assert_eq!(labels_of(&set), [Some(0), Some(1), Some(2), Some(2)]);
    assert!(set.notes()[0].contains("1 is 10"), "{:?}", set.notes());
    assert_eq!(set.skipped().count, 2, "{:?}", set.skipped());
    let listed = set.skipped().first.join("\n");
    assert!(
        listed.contains("2/phone.HEIC: HEIC cannot be read") && listed.contains("broken.png"),
        "{listed}"
    );
    assert_eq!((all(&set)[64], set.memory()), (10, 0));
}

#[test]
fn splits_above_the_classes_share_them() {
    let root = folder();
    grey(root.path(), "train/cat/1.png", 4, 1);
    grey(root.path(), "train/dog/1.png", 4, 2);
    grey(root.path(), "val/dog/1.png", 4, 3);
    let found = look(root.path()).unwrap();
    assert_eq!(splits(&found), [("train", Some(2), true), ("validation", Some(1), true)]);
    let set = open(root.path(), "validation");
    assert_eq!(
        (set.classes().unwrap().names(), set.label(0)),
        (&["cat".to_owned(), "dog".into()][..], Some(1))
    );
}

#[test]
fn a_flat_folder_has_no_labels_unless_a_table_says_them() {
    let root = folder();
    for (name, side) in [("a.png", 4), ("b.png", 4), ("c.png", 6)] {
        grey(root.path(), name, side, 9);
    }
    RgbImage::from_pixel(4, 4, image::Rgb([255, 0, 0])).save(root.path().join("d.tif")).unwrap();
    let set = only(root.path());
    assert_eq!((set.len(), set.is_labelled(), set.classes()), (4, false, None));
    assert_eq!(all(&set)[48..], [76; 16], "red made grey");
    assert!(
        set.notes().iter().any(|note| note.contains("1 of 4 pictures are of other sizes")),
        "{:?}",
        set.notes()
    );
    put(root.path(), "labels.csv", "id,breed\na,pug\nb.png,cat\nx,cat\n");
    let set = only(root.path());
    assert_eq!(labels_of(&set), [Some(1), Some(0), None, None]);
    assert_eq!(set.classes().unwrap().names(), ["cat", "pug"]);
    assert!(set.skipped().first[0].contains("x is named in labels.csv"), "{:?}", set.skipped());
}

#[test]
fn one_picture_and_one_class_open_too() {
    let root = folder();
    grey(root.path(), "only/a.png", 4, 9);
    let picture = only(&root.path().join("only/a.png"));
    assert_eq!((picture.len(), picture.is_labelled(), picture.image_name(0)), (1, false, "a.png".to_owned()));
    let set = only(root.path());
    assert_eq!((set.classes().unwrap().names()[0].as_str(), set.label(0)), ("only", Some(0)));
    let said = remarks::remarks(&set).unwrap();
    assert!(said.contains(&remarks::Remark::OneClass { name: "only".into() }), "{said:?}");
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_are_left_aside() {
    let root = folder();
    grey(root.path(), "cat/a.png", 4, 9);
    grey(root.path(), "dog/b.png", 4, 8);
    std::os::unix::fs::symlink(root.path(), root.path().join("cat/again")).unwrap();
    std::os::unix::fs::symlink("nowhere", root.path().join("dog/broken.png")).unwrap();
    let set = only(root.path());
    assert_eq!((set.len(), set.skipped().count), (2, 2));
    assert!(set.skipped().first[0].contains("a link to a folder it is in"), "{:?}", set.skipped());
}

#[test]
fn what_vanishes_or_shrinks_after_opening_is_an_error_of_its_own() {
    let root = folder();
    grey(root.path(), "cat/a.png", 4, 9);
    grey(root.path(), "dog/b.png", 4, 8);
    let set = only(root.path());
    fs::remove_file(root.path().join("dog/b.png")).unwrap();
    let said = set.read(1, &mut [0; 16]).unwrap_err().to_string();
    assert!(said.contains("b.png is no longer there"), "{said}");
    let path = put(root.path(), "x-images-idx3-ubyte", idx(8, &[2, 4, 4], &[1; 32]));
    let set = only(&path);
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(40).unwrap();
    assert!(set.read(0, &mut [0; 16]).is_ok());
    assert!(set.read(1, &mut [0; 16]).unwrap_err().to_string().contains("become shorter"));
}

#[test]
fn work_stops_when_told() {
    let root = folder();
    grey(root.path(), "cat/a.png", 4, 9);
    grey(root.path(), "dog/b.png", 4, 8);
    let stopped = look(root.path()).unwrap().open("all", &mut |_| ControlFlow::Break(())).unwrap();
    assert!(stopped.is_break());
    assert!(
        look(root.path())
            .unwrap()
            .open("test", &mut unobserved)
            .unwrap_err()
            .to_string()
            .contains("it has all")
    );
}
