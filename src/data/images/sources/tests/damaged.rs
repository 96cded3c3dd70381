//! Files cut short and changed at any byte: an error or a set, never a panic.

use ::parquet::basic::Compression;
use proptest::prelude::*;

use super::tables::{npy, npz, parquet_file};
use super::*;

/// Opens all that can be opened and reads all of it.
fn survive(path: &Path) {
    let Ok(found) = look(path) else { return };
    for split in &found.splits {
        if let Ok(ControlFlow::Continue(set)) = found.open(&split.name, &mut unobserved) {
            assert!(set.len() <= 10_000, "no more images than the file can hold");
            let mut out = vec![0; set.len() * set.shape().bytes()];
            let _ = set.read_many(0, &mut out);
        }
    }
}

fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    GrayImage::new(4, 4).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A small file of each kind that has a header.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let arrays = [
        ("x_test", npy("|u1", "(2, 4, 4)", &pixels(32))),
        ("y_test", npy("<i4", "(2, 1)", &[1, 0, 0, 0, 0, 0, 0, 0])),
    ];
    let rows = [(Some(picture()), 1), (Some(picture()), 0)];
    vec![
        ("a-images-idx3-ubyte", idx(8, &[2, 4, 4], &pixels(32))),
        ("a-images-idx3-ubyte.gz", gzip(&idx(8, &[2, 4, 4], &pixels(32)))),
        ("a.npz", npz(&arrays, false)),
        ("b.npz", npz(&arrays, true)),
        ("a.parquet", parquet_file(&rows, Compression::SNAPPY)),
        ("a.csv", format!("label,{}\n1,{}\n", ["p"; 16].join(","), ["3"; 16].join(",")).into_bytes()),
        ("a.png", picture()),
    ]
}

#[test]
fn a_file_cut_short_at_any_byte_is_an_error_or_a_shorter_set() {
    for (name, whole) in samples() {
        let folder = folder();
        for cut in 0..whole.len() {
            let path = put(folder.path(), name, &whole[..cut]);
            survive(&path);
        }
        let path = put(folder.path(), name, &whole);
        assert!(!only(&path).is_empty(), "{name}: whole, it opens");
    }
}

#[test]
fn any_one_byte_may_be_wrong() {
    for (name, whole) in samples() {
        let folder = folder();
        for at in 0..whole.len() {
            for changed in [0, 0x7f, 0xff, whole[at] ^ 1] {
                let mut bytes = whole.clone();
                bytes[at] = changed;
                survive(&put(folder.path(), name, bytes));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_dimensions_are_read_or_refused(code in 8_u8..15, sides in prop::collection::vec(any::<u32>(), 1..5), body: Vec<u8>) {
        let folder = folder();
        survive(&put(folder.path(), "a-images-idx3-ubyte", idx(code, &sides, &body)));
        survive(&put(folder.path(), "b-images-idx3-ubyte.gz", gzip(&idx(code, &sides, &body))));
    }

    #[test]
    fn any_bytes_under_any_name_are_read_or_refused(bytes: Vec<u8>, name in 0_usize..7) {
        let folder = folder();
        survive(&put(folder.path(), samples()[name].0, bytes));
    }

    #[test]
    fn any_shape_of_an_array_is_read_or_refused(sides in prop::collection::vec(any::<u64>(), 0..5), body: Vec<u8>, compressed: bool) {
        let folder = folder();
        let shape = sides.iter().map(u64::to_string).collect::<Vec<_>>().join(",") + ",";
        let bytes = npz(&[("images", npy("|u1", &format!("({shape})"), &body))], compressed);
        survive(&put(folder.path(), "a.npz", bytes));
    }
}
