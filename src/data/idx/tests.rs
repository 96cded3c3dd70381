//! Files written out by hand, cut short, padded, of other kinds; and whatever was written is read back.

use proptest::prelude::*;

use super::*;

fn images_file(count: u32, height: u32, width: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [0x803, count, height, width] {
        bytes.extend(word.to_be_bytes());
    }
    bytes.extend(body);
    bytes
}

fn labels_file(count: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [0x801, count] {
        bytes.extend(word.to_be_bytes());
    }
    bytes.extend(body);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn decode_bytes(bytes: &[u8], content: Content) -> Result<Vec<u8>, Problem> {
    decode(bytes, bytes.len() as u64, content)
}

/// The message for these bytes, plain and (when told apart by nothing else) compressed.
fn complaint(bytes: &[u8], content: Content) -> String {
    decode_bytes(bytes, content).unwrap_err().to_string()
}

#[test]
fn the_known_layout_is_read() {
    // Written out by hand: two images, the first pixel of the second is 7.
    let mut body = vec![0; 2 * PIXELS];
    body[PIXELS] = 7;
    let file = images_file(2, 28, 28, &body);
    assert_eq!(file[..16], [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28]);
    assert_eq!(decode_bytes(&file, Content::Images).unwrap(), body);
    assert_eq!(decode_bytes(&gzip(&file), Content::Images).unwrap(), body);
    assert_eq!(decode_bytes(&[0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 9], Content::Labels).unwrap(), [5, 0, 9]);
}

#[test]
fn exchanged_files_are_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.gz");
    fs::write(&path, gzip(&images_file(1, 28, 28, &[0; PIXELS]))).unwrap();
    let message = read_labels(&path).unwrap_err().to_string();
    assert!(
        message.ends_with(
            "labels.gz: bad magic number 0x00000803, expected 0x00000801 (is this the images file?)"
        ),
        "{message}"
    );
    assert!(complaint(&labels_file(1, &[3]), Content::Images).contains("is this the labels file?"));
    assert!(complaint(b"GIF89a", Content::Images).contains("not an IDX file"));
}

#[test]
fn every_lie_of_a_header_is_named() {
    for (bytes, content, said) in [
        (vec![], Content::Images, "empty"),
        (vec![0, 0, 8], Content::Images, "cut short after 3 of 16 bytes"),
        (vec![0, 0, 8, 1, 0, 0], Content::Labels, "cut short after 6 of 8 bytes"),
        (images_file(2, 28, 28, &[0; PIXELS]), Content::Images, "promises 1584 bytes"),
        (images_file(1, 28, 28, &[0; PIXELS + 1]), Content::Images, "data follows after the 800 bytes"),
        (images_file(1, 32, 32, &[0; 1024]), Content::Images, "32×32 pixels, expected 28×28"),
        (images_file(1, u32::MAX, u32::MAX, &[]), Content::Images, "4294967295×4294967295 pixels"),
        (images_file(u32::MAX, 28, 28, &[0; PIXELS]), Content::Images, "4294967295 images, more than"),
        (images_file(MAX_IMAGES, 28, 28, &[0; PIXELS]), Content::Images, "promises 784000016 bytes"),
        (images_file(0, 28, 28, &[]), Content::Images, "no images"),
        (labels_file(3, &[1, 2]), Content::Labels, "promises 11 bytes"),
        (labels_file(2, &[9, 10]), Content::Labels, "label 10 of image 1 is above 9"),
        (labels_file(u32::MAX, &[]), Content::Labels, "more than"),
    ] {
        let message = complaint(&bytes, content);
        assert!(message.contains(said), "{message} should say {said}");
        if !bytes.is_empty() {
            // Compressed, the same file fails too, perhaps noticed at another point.
            assert!(decode_bytes(&gzip(&bytes), content).is_err(), "{said}");
        }
    }
}

#[test]
fn damaged_gzip_is_named() {
    let good = gzip(&labels_file(4, &[1, 2, 3, 4]));
    for cut in 2..good.len() {
        assert!(decode_bytes(&good[..cut], Content::Labels).is_err(), "cut to {cut}");
    }
    let mut wrong_checksum = good.clone();
    let crc = wrong_checksum.len() - 8;
    wrong_checksum[crc] ^= 1;
    assert!(complaint(&wrong_checksum, Content::Labels).contains("damaged gzip"));
    let mut rubbish_after = good.clone();
    rubbish_after.extend(b"rubbish");
    assert!(complaint(&rubbish_after, Content::Labels).contains("damaged gzip"));
    let mut another_member = good;
    another_member.extend(gzip(&[5]));
    assert!(complaint(&another_member, Content::Labels).contains("data follows after the 12 bytes"));
}

#[test]
fn a_gzip_bomb_is_not_inflated() {
    // Its header promises one image; 200 MB of zeros follow.
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&images_file(1, 28, 28, &[])).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..200 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let mut rest = &bomb[..];
    let problem = decode(&mut rest, bomb.len() as u64, Content::Images).unwrap_err();
    assert!(matches!(problem, Problem::Trailing { expected: 800 }), "{problem}");
    assert!(rest.len() > bomb.len() - 10_000, "read {} of {} bytes", bomb.len() - rest.len(), bomb.len());
}

#[test]
fn files_that_disagree_are_both_named() {
    let folder = tempfile::tempdir().unwrap();
    let (images, labels) = (folder.path().join("pictures"), folder.path().join("answers"));
    fs::write(&images, images_file(1, 28, 28, &[0; PIXELS])).unwrap();
    fs::write(&labels, labels_file(2, &[1, 2])).unwrap();
    let message = read_digits(&images, &labels).unwrap_err().to_string();
    assert!(
        message.contains("pictures holds 1 images") && message.contains("answers: 2 labels"),
        "{message}"
    );
}

#[test]
fn missing_files_and_folders_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = read_images(&folder.path().join("nowhere")).unwrap_err().to_string();
    assert!(missing.contains("nowhere: cannot be read"), "{missing}");
    let not_a_file = read_images(folder.path()).unwrap_err().to_string();
    assert!(not_a_file.contains("is not a file"), "{not_a_file}");
}

#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files"]
fn the_published_numbers_are_found_on_mnist() {
    let folder = std::env::var_os("MNIST_DIR").expect("set MNIST_DIR to the folder with MNIST's files");
    let folder = PathBuf::from(folder);
    let digits =
        read_digits(&folder.join("t10k-images-idx3-ubyte.gz"), &folder.join("t10k-labels-idx1-ubyte.gz"))
            .unwrap();
    // Published: 10,000 images, 980 zeros, the first label is a seven.
    assert_eq!((digits.len(), digits.labels()[0]), (10_000, 7));
    assert_eq!(digits.labels().iter().map(|&label| usize::from(label == 0)).sum::<usize>(), 980);
}

fn some_digits() -> impl Strategy<Value = Digits> {
    prop::collection::vec(0..10 as Class, 1..6).prop_flat_map(|labels| {
        prop::collection::vec(any::<u8>(), labels.len() * PIXELS)
            .prop_map(move |pixels| Digits::new(pixels, labels.clone()).unwrap())
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(digits in some_digits(), compressed: bool) {
        let packing = if compressed { Packing::Gzip } else { Packing::Plain };
        let folder = tempfile::tempdir().unwrap();
        let (images, labels) = (folder.path().join("i"), folder.path().join("l"));
        write_images(&images, &digits, packing).unwrap();
        write_labels(&labels, &digits, packing).unwrap();
        prop_assert_eq!(fs::read(&images).unwrap()[0] == 0x1f, compressed);
        prop_assert_eq!(read_digits(&images, &labels).unwrap(), digits);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, like_images: bool, compressed: bool) {
        // Random bytes rarely pass the magic number: half the time they follow a plausible start.
        let mut file = if like_images { images_file(1, 28, 28, &[]) } else { Vec::new() };
        file.extend(&bytes);
        let file = if compressed { gzip(&file) } else { file };
        for content in [Content::Images, Content::Labels] {
            if let Ok(body) = decode_bytes(&file, content) {
                prop_assert!(!body.is_empty());
            }
        }
        let mut magic = vec![0x1f, 0x8b];
        magic.extend(bytes);
        prop_assert!(decode_bytes(&magic, Content::Images).is_err());
    }

    #[test]
    fn any_truncation_is_an_error(digits in some_digits(), share in 0.0..1.0, compressed: bool) {
        let whole = images_file(digits.len() as u32, 28, 28, &digits.pixels());
        let whole = if compressed { gzip(&whole) } else { whole };
        let cut = (whole.len() as f64 * share) as usize;
        prop_assert!(decode_bytes(&whole[..cut], Content::Images).is_err());
    }

    #[test]
    fn no_header_makes_it_reserve_what_is_not_there(words: [u32; 3]) {
        let file = images_file(words[0], words[1], words[2], &[]);
        prop_assert!(decode_bytes(&file, Content::Images).is_err());
        prop_assert!(decode_bytes(&gzip(&file), Content::Images).is_err());
    }
}
