//! Archives of numpy, CSV and Parquet, written and read back.

use std::io::{Cursor, Write as _};
use std::sync::Arc;

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

/// An array in numpy's format.
pub(super) fn npy(descr: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(body);
    bytes
}

pub(super) fn npz(arrays: &[(&str, Vec<u8>)], compressed: bool) -> Vec<u8> {
    let method = if compressed { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(format!("{name}.npy"), options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn archives_of_keras_and_medmnist_open_with_their_splits() {
    let body = pixels(2 * 30);
    let long: Vec<u8> = [3_i64, 1].iter().flat_map(|label| label.to_le_bytes()).collect();
    for compressed in [false, true] {
        let folder = folder();
        let keras = npz(
            &[
                ("x_train", npy("|u1", "(2, 6, 5)", &body)),
                ("y_train", npy("<i8", "(2,)", &long)),
                ("x_test", npy("|u1", "(1, 6, 5)", &body[..30])),
                ("y_test", npy("|u1", "(1,)", &[0])),
            ],
            compressed,
        );
        put(folder.path(), "some.npz", &keras);
        let found = look(folder.path()).unwrap();
        assert_eq!(
            (found.kind, splits(&found)),
            (Kind::Npz, vec![("train", Some(2), true), ("test", Some(1), true)])
        );
        let set = open(folder.path(), "train");
        assert_eq!((all(&set), labels_of(&set)), (body.clone(), vec![Some(3), Some(1)]));
        assert_eq!((set.memory() == 0, set.classes().unwrap().len()), (!compressed, 4));
        assert_eq!(open(folder.path(), "test").classes().unwrap().len(), 4, "of all splits");
        let medical = npz(
            &[
                ("train_images", npy("|u1", "(2, 2, 5, 3)", &body)),
                ("train_labels", npy("|u1", "(2, 1)", &[1, 0])),
                ("val_images", npy("|u1", "(1, 5, 6, 1)", &body[..30])),
                ("val_labels", npy("<i4", "(1, 1)", &1_i32.to_le_bytes())),
            ],
            compressed,
        );
        let path = put(folder.path(), "pathmnist.npz", medical);
        let set = open(&path, "train");
        assert_eq!((set.shape(), all(&set)), (ImageShape::new(2, 5, 3).unwrap(), body.clone()));
        assert_eq!(open(&path, "validation").shape(), ImageShape::new(5, 6, 1).unwrap());
        // Two archives in one folder: which one has to be said.
        let said = refusal(folder.path());
        assert!(said.contains("several archives of images: pathmnist.npz, some.npz"), "{said}");
        fs::remove_file(&path).unwrap();
        // A network beside the images does not stand in their way.
        put(folder.path(), "net.npz", npz(&[("fc/W", npy("<f4", "(2, 2)", &[0; 16]))], true));
        assert_eq!(look(folder.path()).unwrap().splits.len(), 2);
    }
}

#[test]
fn numbers_of_other_types_become_bytes() {
    let folder = folder();
    let floats: Vec<u8> = [0.0_f32, 0.5, 1.0, 0.2].iter().flat_map(|value| value.to_le_bytes()).collect();
    let one = |images: Vec<u8>| put(folder.path(), "a.npz", npz(&[("images", images)], true));
    let set = only(&one(npy("<f4", "(1, 2, 2)", &floats)));
    assert_eq!((all(&set), set.is_labelled()), (vec![0, 128, 255, 51], false));
    assert!(set.notes()[0].contains("0 to 1"));
    let wide: Vec<u8> = [0_i64, 7, 255, 1].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(all(&only(&one(npy("<i8", "(1, 2, 2)", &wide)))), [0, 7, 255, 1]);
    assert_eq!(all(&only(&one(npy("|b1", "(1, 2, 2)", &[0, 1, 1, 0])))), [0, 255, 255, 0]);
    let standardised: Vec<u8> =
        [-0.4_f32, 2.8, 0.0, 0.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert!(refusal(&one(npy("<f4", "(1, 2, 2)", &standardised))).contains("go from -0.4"));
    // Channels first, as torch keeps them.
    let set = only(&one(npy("|u1", "(1, 3, 5, 5)", &pixels(75))));
    assert_eq!((set.shape(), all(&set)[1]), (ImageShape::new(5, 5, 3).unwrap(), pixels(75)[25]));
}

#[test]
fn one_column_for_each_class_is_read_and_several_labels_are_not() {
    let folder = folder();
    let with = |labels: &[u8]| {
        let arrays = [("x", npy("|u1", "(2, 4, 4)", &pixels(32))), ("y", npy("|u1", "(2, 3)", labels))];
        put(folder.path(), "a.npz", npz(&arrays, true))
    };
    assert_eq!(labels_of(&only(&with(&[0, 0, 1, 1, 0, 0]))), [Some(2), Some(0)]);
    let set = only(&with(&[0, 1, 1, 1, 0, 0]));
    assert!(!set.is_labelled() && set.notes()[0].contains("several labels"), "{:?}", set.notes());
}

#[test]
fn archives_without_images_say_what_they_hold_and_objects_are_refused() {
    let folder = folder();
    let with = |arrays: &[(&str, Vec<u8>)]| refusal(&put(folder.path(), "a.npz", npz(arrays, true)));
    let objects = npy("|O", "(2,)", b"\x80\x03cos\nsystem\n");
    let said = with(&[("x_train", objects.clone())]);
    assert!(
        said.contains("a.npz: the array x_train holds Python objects") && said.contains("run code"),
        "{said}"
    );
    let said = with(&[("predictor/conv1/W", npy("<f4", "(2, 1, 2, 2)", &[0; 32]))]);
    assert!(said.contains("conv1/W float32 [2, 1, 2, 2]") && said.contains("network"), "{said}");
    let said =
        with(&[("x_train", npy("|u1", "(2, 4, 4)", &pixels(32))), ("y_train", npy("|u1", "(3,)", &[0; 3]))]);
    assert!(said.contains("y_train are labels uint8 [3]") && said.contains("x_train are images"), "{said}");
    // Objects beside images are left aside, and it is said.
    let path = put(
        folder.path(),
        "a.npz",
        npz(&[("images", npy("|u1", "(1, 4, 4)", &pixels(16))), ("meta", objects)], true),
    );
    assert!(only(&path).notes()[0].contains("meta"));
}

#[test]
fn headers_of_archives_that_lie_are_refused_before_memory_is_taken() {
    let folder = folder();
    let with = |bytes: Vec<u8>| refusal(&put(folder.path(), "a.npz", bytes));
    let lies = npy("|u1", "(1000000, 256, 256)", &[0; 100]);
    assert!(with(npz(&[("images", lies.clone())], true)).contains("false header"));
    assert!(with(npz(&[("images", lies)], false)).contains("false header"));
    let endless = npy("|u1", "(18446744073709551615, 18446744073709551615, 9)", &[]);
    assert!(with(npz(&[("images", endless)], true)).contains("false header"));
    assert!(with(b"PK\x03\x04 and then nothing".to_vec()).contains("damaged"));
}

fn csv(header: &str, rows: &[String]) -> String {
    format!("{header}{}\n", rows.join("\n"))
}

#[test]
fn csv_opens_with_and_without_header_and_labels() {
    let folder = folder();
    let values =
        |seed: usize| (0..16).map(|at| ((at + seed) % 256).to_string()).collect::<Vec<_>>().join(",");
    let names = (0..16).map(|at| format!("pixel{at}")).collect::<Vec<_>>().join(",");
    let train = csv(&format!("label,{names}\n"), &[format!("3,{}", values(0)), format!("0,{}", values(9))]);
    put(folder.path(), "train.csv", &train);
    put(folder.path(), "test.csv", csv(&format!("{names}\n"), &[values(4)]));
    put(folder.path(), "sample_submission.csv", "ImageId,Label\n1,0\n");
    let found = look(folder.path()).unwrap();
    assert_eq!((found.kind, splits(&found)), (Kind::Csv, vec![("test", None, false), ("train", None, true)]));
    let set = open(folder.path(), "train");
    assert_eq!((set.shape(), labels_of(&set)), (ImageShape::new(4, 4, 1).unwrap(), vec![Some(3), Some(0)]));
    assert_eq!(all(&set)[16..20], [9, 10, 11, 12]);
    let bare = put(folder.path(), "bare.csv.gz", gzip(csv("", &[format!("5,{}", values(1))]).as_bytes()));
    assert_eq!((labels_of(&only(&bare)), all(&only(&bare))[0]), (vec![Some(5)], 1));
    let shares = (0..16).map(|at| format!("{}", f64::from(at) / 15.0)).collect::<Vec<_>>().join(",");
    let shares = put(
        folder.path(),
        "shares.csv",
        csv(&format!("{names},class\n"), &[format!("{shares},cat"), format!("{shares},ant")]),
    );
    let set = only(&shares);
    assert_eq!((all(&set)[15], set.label(0), set.classes().unwrap().name(0)), (255, Some(1), "ant"));
}

#[test]
fn csv_that_is_ragged_short_of_a_column_or_no_number_names_the_line() {
    let folder = folder();
    let values = ["7"; 16].join(",");
    let names = (0..16).map(|at| format!("pixel{at}")).collect::<Vec<_>>().join(",");
    let with = |text: String| refusal(&put(folder.path(), "a.csv", text));
    let ragged = with(csv(&format!("label,{names}\n"), &[format!("1,{values}"), "1,2,3".into()]));
    assert!(ragged.contains("a.csv: line 3 has 3 columns"), "{ragged}");
    let word = with(csv(&format!("label,{names}\n"), &[format!("1,{}", values.replacen('7', "x", 1))]));
    assert!(word.contains("line 2, column 2: “x” is no pixel"), "{word}");
    let many = (0..783).map(|at| format!("pixel{at}")).collect::<Vec<_>>().join(",");
    let missing = with(csv(&format!("label,{many}\n"), &[format!("1,{}", ["7"; 783].join(","))]));
    assert!(missing.contains("783 columns of pixels make no square"), "{missing}");
    let label = with(csv(&format!("label,{names}\n"), &[format!("1001,{values}")]));
    assert!(label.contains("label 1001 of image 0"), "{label}");
}

fn png(side: u32, value: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    GrayImage::from_pixel(side, side, image::Luma([value]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// A file as the `datasets` library writes it; a picture of `None` is missing.
pub(super) fn parquet_file(rows: &[(Option<Vec<u8>>, i64)], compression: Compression) -> Vec<u8> {
    let schema = "message schema { optional group image { optional binary bytes; optional binary path (UTF8); } \
                  optional int64 label; }";
    let features = r#"{"info": {"features": {"image": {"_type": "Image"},
        "label": {"names": ["cat", "dog", "eel"], "_type": "ClassLabel"}}}}"#;
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_key_value_metadata(Some(vec![KeyValue::new("huggingface".to_owned(), features.to_owned())]))
        .build();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let values: Vec<ByteArray> =
        rows.iter().filter_map(|(picture, _)| picture.clone().map(ByteArray::from)).collect();
    let levels: Vec<i16> = rows.iter().map(|(picture, _)| if picture.is_some() { 2 } else { 1 }).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&[], Some(&vec![1; rows.len()]), None).unwrap();
    column.close().unwrap();
    let labels: Vec<i64> = rows.iter().map(|(_, label)| *label).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&labels, Some(&vec![1; rows.len()]), None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn parquet_opens_with_the_names_in_its_metadata_and_files_of_a_split_together() {
    let root = folder();
    let rows = |from: u8, count: u8| {
        (from..from + count).map(|at| (Some(png(5, at)), i64::from(at % 3))).collect::<Vec<_>>()
    };
    put(root.path(), "data/train-00000-of-00002.parquet", parquet_file(&rows(0, 4), Compression::SNAPPY));
    put(
        root.path(),
        "data/train-00001-of-00002.parquet",
        parquet_file(&rows(4, 2), Compression::ZSTD(ZstdLevel::default())),
    );
    put(
        root.path(),
        "data/test-00000-of-00001.parquet",
        parquet_file(&rows(9, 1), Compression::GZIP(::parquet::basic::GzipLevel::default())),
    );
    let found = look(root.path()).unwrap();
    assert_eq!(
        (found.kind, splits(&found)),
        (Kind::Parquet, vec![("test", Some(1), true), ("train", Some(6), true)])
    );
    let set = open(root.path(), "train");
    assert_eq!((set.shape(), set.classes().unwrap().name(2)), (ImageShape::new(5, 5, 1).unwrap(), "eel"));
    assert_eq!(labels_of(&set), [0, 1, 2, 0, 1, 2].map(Some));
    let expected: Vec<u8> = (0..6).flat_map(|value| [value; 25]).collect();
    assert_eq!(all(&set), expected);
    let test = open(root.path(), "test");
    assert_eq!(all(&test), [9; 25]);
}

#[test]
fn pictures_that_are_missing_or_damaged_in_parquet_are_left_out() {
    let root = folder();
    let rows = [(Some(png(4, 1)), 2), (None, 1), (Some(b"no picture".to_vec()), 0), (Some(png(4, 5)), 1)];
    let path = put(root.path(), "train.parquet", parquet_file(&rows, Compression::UNCOMPRESSED));
    let set = only(&path);
    assert_eq!((labels_of(&set), set.skipped().count), (vec![Some(2), Some(1)], 2));
    assert!(set.skipped().first[0].contains("image 1 has no bytes"), "{:?}", set.skipped());
    let outside = parquet_file(&[(Some(png(4, 1)), 3)], Compression::UNCOMPRESSED);
    let said = refusal(&put(root.path(), "train.parquet", outside));
    assert!(said.contains("names 3 classes, but") && said.contains("label 3"), "{said}");
}
