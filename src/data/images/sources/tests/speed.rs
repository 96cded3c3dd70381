//! How long it takes to open many images: run by name, for it writes many files and its limits are times.

use std::fs::File;
use std::time::Instant;

use super::*;

#[test]
#[ignore = "writes 50,000 files and measures times"]
fn fifty_thousand_pictures_in_a_thousand_classes_are_indexed_in_five_seconds() {
    let root = folder();
    for class in 0..1000_u32 {
        let folder = root.path().join(format!("class {class:03}"));
        fs::create_dir(&folder).unwrap();
        for image in 0..50_u32 {
            let value = |x: u32, y: u32| image::Luma([((x * 7 + y * 13 + class + image) % 256) as u8]);
            GrayImage::from_fn(28, 28, value).save(folder.join(format!("{image}.png"))).unwrap();
        }
    }
    let started = Instant::now();
    let found = look(root.path()).unwrap();
    let looked = started.elapsed();
    let ControlFlow::Continue(set) = found.open("all", &mut unobserved).unwrap() else {
        panic!("nobody stopped it")
    };
    let opened = started.elapsed().saturating_sub(looked);
    let started = Instant::now();
    let mut some = vec![0; 1000 * 784];
    set.read_many(20_000, &mut some).unwrap();
    println!("looked at in {looked:?}, opened in {opened:?}; 1,000 images read in {:?}", started.elapsed());
    assert_eq!(
        (found.splits[0].images, set.len(), set.classes().unwrap().len()),
        (Some(50_000), 50_000, 1000)
    );
    assert!((looked + opened).as_secs_f64() < 5.0, "{looked:?} {opened:?}");
}

#[test]
#[ignore = "measures times"]
fn a_million_images_open_in_a_second_without_their_pixels() {
    let root = folder();
    let images = put(root.path(), "train-images-idx3-ubyte", idx(8, &[1_000_000, 28, 28], &[]));
    // The pixels are a hole in the file: all zero, and none on the disk.
    File::options().write(true).open(images).unwrap().set_len(16 + 784_000_000).unwrap();
    put(root.path(), "train-labels-idx1-ubyte", idx(8, &[1_000_000], &vec![3; 1_000_000]));
    let started = Instant::now();
    let set = only(root.path());
    let taken = started.elapsed();
    println!("a million images opened in {taken:?}");
    assert_eq!((set.len(), set.memory(), set.label(999_999)), (1_000_000, 0, Some(3)));
    set.read(999_999, &mut [0; 784]).unwrap();
    assert!(taken.as_secs_f64() < 1.0, "{taken:?}");
}
