//! Files written and read back, files of PyTorch, and every way a file can be bad.

#![allow(clippy::float_cmp, reason = "what is read back is the same number, not a similar one")]

mod formats;

use super::*;
use crate::model::Schedule;
use crate::model::fast::FastTrainer;
use crate::model::trainer::{Outcome, Trainer as _};

fn small() -> Checkpoint {
    let architecture = Architecture { hidden: 6, placement: Placement::All, classes: 10 };
    let record = TrainingRecord {
        images: 60_000,
        epochs: 3,
        batch_size: 100,
        learning_rate: 1e-3,
        schedule: Schedule::Constant,
        seed: 9,
        validation_accuracy: Some(0.75),
    };
    let lenet = Lenet::initialise(architecture, 0.25, 2).unwrap();
    Checkpoint { training: Some(record), ..Checkpoint::new(lenet) }
}

/// A file with tensors changed at will.
fn altered(change: impl FnOnce(&mut Vec<(String, Dtype, Vec<usize>, Vec<u8>)>)) -> Vec<u8> {
    let checkpoint = small();
    let shapes = checkpoint.lenet.architecture().shapes();
    let slices = checkpoint.lenet.shared_weights().slices();
    let mut tensors: Vec<_> = PARAMETERS
        .into_iter()
        .zip(shapes)
        .zip(slices)
        .map(|((name, shape), values)| (name.to_owned(), Dtype::F32, shape, little_endian(values)))
        .collect();
    change(&mut tensors);
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

fn error(bytes: &[u8]) -> String {
    let message = Checkpoint::from_bytes(bytes, "model.safetensors").unwrap_err().to_string();
    assert!(message.starts_with("model.safetensors: "), "{message}");
    message
}

#[test]
fn a_saved_network_opens_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("数字 model.safetensors");
    let saved = small();
    saved.save(&path).unwrap();
    let opened = Checkpoint::open(&path).unwrap();
    assert_eq!(opened.lenet.weights(), saved.lenet.weights());
    assert_eq!(opened.lenet.architecture(), saved.lenet.architecture());
    assert_eq!(opened.lenet.dropout(), 0.25);
    assert_eq!(opened.training, saved.training);
    assert_eq!(opened.settings, SettingsSource::Recorded);
    assert_eq!(opened.hash(), saved.hash());
    assert_eq!(opened.to_bytes().unwrap(), saved.to_bytes().unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn classes_keep_their_number_and_their_names() {
    for classes in [2, 20] {
        let architecture = Architecture { hidden: 6, placement: Placement::Dense, classes };
        let plain = Checkpoint::new(Lenet::initialise(architecture, 0.5, 2).unwrap());
        let opened = Checkpoint::from_bytes(&plain.to_bytes().unwrap(), "x").unwrap();
        assert_eq!(opened.lenet.architecture(), architecture);
        assert!(opened.classes.are_numbers() && opened.classes.len() == classes);
        let names = (0..classes).map(|class| format!("fjörd {class}"));
        let named = Checkpoint { classes: Classes::named(names).unwrap(), ..plain };
        let opened = Checkpoint::from_bytes(&named.to_bytes().unwrap(), "x").unwrap();
        assert_eq!(opened.classes, named.classes);
        assert_eq!(opened.classes.name(1), "fjörd 1");
        assert_eq!(opened.to_bytes().unwrap(), named.to_bytes().unwrap());
        assert_eq!(opened.hash(), named.hash(), "names are no parameters");
    }
}

#[test]
fn another_number_of_names_than_of_classes_is_an_error() {
    let wrong = Checkpoint { classes: Classes::named(["cat", "dog", "owl"]).unwrap(), ..small() };
    let message = error(&wrong.to_bytes().unwrap());
    assert!(message.contains("3 names for 10 classes"), "{message}");
}

#[test]
fn the_number_of_classes_is_that_of_the_last_layer() {
    let of_four = altered(|tensors| {
        (tensors[6].2, tensors[7].2) = (vec![4, 6], vec![4]);
        tensors[6].3.truncate(4 * 6 * 4);
        tensors[7].3.truncate(4 * 4);
    });
    let opened = Checkpoint::from_bytes(&of_four, "x").unwrap();
    assert_eq!((opened.lenet.architecture().classes, opened.classes.len()), (4, 4));
    assert_eq!(opened.lenet.weights().fc2_weight, small().lenet.weights().fc2_weight[..24]);
    let torn = altered(|tensors| {
        tensors[7].2 = vec![4];
        tensors[7].3.truncate(4 * 4);
    });
    let message = error(&torn);
    assert!(message.contains("fc2.bias"), "{message}");
}

#[test]
fn the_hash_names_the_parameters() {
    let other =
        Lenet::initialise(Architecture { hidden: 6, placement: Placement::All, classes: 10 }, 0.25, 3)
            .unwrap();
    let same = Lenet::from_weights(Placement::Last, 0.9, small().lenet.weights()).unwrap();
    assert_eq!(same.hash(), small().hash());
    assert_ne!(other.hash(), small().hash());
    assert_eq!(other.hash().len(), HASH_DIGITS);
}

#[test]
fn the_bundled_model_opens() {
    let bundled = Checkpoint::bundled().unwrap();
    assert_eq!(bundled.lenet.architecture(), Architecture::default());
    assert_eq!(bundled.lenet.dropout(), 0.5);
    assert!(bundled.training.unwrap().validation_accuracy.unwrap() > 0.99);
}

#[test]
fn a_file_without_metadata_opens_and_says_what_is_assumed() {
    let opened = Checkpoint::from_bytes(&altered(|_| ()), "x").unwrap();
    assert_eq!(opened.settings, SettingsSource::Assumed);
    assert_eq!(
        opened.lenet.architecture(),
        Architecture { hidden: 6, placement: Placement::Dense, classes: 10 }
    );
    assert_eq!(opened.lenet.dropout(), 0.5);
    assert_eq!(opened.training, None);
}

#[test]
fn floats_of_other_widths_are_converted() {
    let expected = small().lenet.weights();
    for (dtype, bytes_of) in [
        (Dtype::F64, (|value| f64::from(value).to_le_bytes().to_vec()) as fn(f32) -> Vec<u8>),
        (Dtype::F16, |value| half::f16::from_f32(value).to_le_bytes().to_vec()),
        (Dtype::BF16, |value| half::bf16::from_f32(value).to_le_bytes().to_vec()),
    ] {
        let bytes = altered(|tensors| {
            tensors[0].1 = dtype;
            tensors[0].3 = expected.conv1_weight.iter().flat_map(|&value| bytes_of(value)).collect();
        });
        let opened = Checkpoint::from_bytes(&bytes, "x").unwrap().lenet.weights();
        for (a, b) in opened.conv1_weight.iter().zip(&expected.conv1_weight) {
            assert!((a - b).abs() < 1e-3, "{dtype}: {a} for {b}");
        }
    }
    let integers = altered(|tensors| {
        tensors[1].1 = Dtype::I32;
    });
    assert!(error(&integers).contains("conv1.bias holds I32; save the model in float32"));
}

#[test]
fn missing_and_unknown_tensors_are_named() {
    let missing = altered(|tensors| drop(tensors.remove(6)));
    assert!(error(&missing).contains("fc2.weight missing; a LeNet has conv1.weight"));
    let renamed = altered(|tensors| tensors[6].0 = "fc3.weight".to_owned());
    assert!(error(&renamed).contains("fc2.weight missing and unknown fc3.weight"));
    let many = altered(|tensors| {
        for extra in 0..20 {
            tensors.push((format!("{extra:02}{}", "x".repeat(900)), Dtype::U8, vec![0], Vec::new()));
        }
    });
    assert!(error(&many).len() < 700);
}

#[test]
fn misshaped_tensors_are_named_with_both_shapes() {
    let transposed = altered(|tensors| tensors[4].2 = vec![FEATURES, 6]);
    assert!(error(&transposed).contains("fc1.weight has shape [800, 6], expected [6, 800]"));
    let flat = altered(|tensors| tensors[0].2 = vec![500]);
    assert!(error(&flat).contains("conv1.weight has shape [500], expected [20, 1, 5, 5]"));
    let empty = altered(|tensors| {
        tensors[4].2 = vec![0, FEATURES];
        tensors[4].3.clear();
    });
    assert!(error(&empty).contains("0 hidden units"));
}

#[test]
fn numbers_that_are_not_finite_are_found() {
    let damaged = altered(|tensors| tensors[3].3[4..8].copy_from_slice(&f32::NAN.to_le_bytes()));
    assert!(error(&damaged).contains("conv2.bias holds NaN at position 1"));
    let overflow = altered(|tensors| {
        tensors[7].1 = Dtype::F64;
        tensors[7].3 = (0..10).flat_map(|_| 1e300_f64.to_le_bytes()).collect();
    });
    assert!(error(&overflow).contains("fc2.bias holds inf"));
}

#[test]
fn a_truncated_file_is_named_wherever_it_ends() {
    let bytes = small().to_bytes().unwrap();
    for length in [7, 8, 9, 200, bytes.len() / 2, bytes.len() - 1] {
        assert!(error(&bytes[..length]).contains("not a complete safetensors file"), "{length} bytes");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(error(&longer).contains("not a complete safetensors file"));
}

#[test]
fn lying_headers_are_refused() {
    let file = |header: &str, data: usize| {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.resize(bytes.len() + data, 0);
        bytes
    };
    for bytes in [
        u64::MAX.to_le_bytes().to_vec(),
        file("{", 0),
        file("[]", 0),
        file(r#"{"fc1.weight":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}}"#, 16),
        file(r#"{"fc1.weight":{"dtype":"F32","shape":[4],"data_offsets":[0,99999999]}}"#, 16),
        file(r#"{"fc1.weight":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}"#, 16),
    ] {
        assert!(error(&bytes).contains("not a complete safetensors file"));
    }
    assert!(error(b"PK\x03\x04 archive").contains("a damaged archive"));
}

#[test]
fn metadata_must_be_understood_and_agree() {
    let with = |json: &str| {
        let bytes = small().lenet.shared_weights().slices().map(little_endian);
        let shapes = small().lenet.architecture().shapes();
        let views = PARAMETERS
            .into_iter()
            .zip(shapes.into_iter().zip(&bytes))
            .map(|(name, (shape, bytes))| (name, TensorView::new(Dtype::F32, shape, bytes).unwrap()));
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), json.to_owned())]);
        safetensors::serialize(views, Some(metadata)).unwrap()
    };
    let good = r#"{"format":1,"hidden":6,"placement":"last","dropout":0.5,"later":"ignored"}"#;
    assert_eq!(
        Checkpoint::from_bytes(&with(good), "x").unwrap().lenet.architecture().placement,
        Placement::Last
    );
    assert!(error(&with("{")).contains("metadata cannot be understood"));
    assert!(error(&with(&good.replace("last", "middle"))).contains("metadata cannot be understood"));
    assert!(error(&with(&good.replace("\"format\":1", "\"format\":2"))).contains("written in format 2"));
    assert!(
        error(&with(&good.replace(":6", ":7"))).contains("fc1.weight has shape [6, 800], expected [7, 800]")
    );
    assert!(error(&with(&good.replace("0.5", "1.0"))).contains("dropout rate 1 is not in 0 ≤ p < 1"));
}

#[test]
fn files_that_cannot_be_read_or_written_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent").join("model.safetensors");
    let message = Checkpoint::open(&absent).unwrap_err().to_string();
    assert!(message.contains("model.safetensors: cannot be read"), "{message}");
    let message = small().save(&absent).unwrap_err().to_string();
    assert!(message.starts_with("cannot write ") && message.contains("model.safetensors: "), "{message}");
    assert!(Checkpoint::open(folder.path()).is_err());
}

#[test]
#[ignore = "needs MNIST_DIR: the folder with MNIST's files"]
fn the_bundled_model_is_as_good_as_its_record_says_on_mnist() {
    let folder = std::env::var_os("MNIST_DIR").expect("set MNIST_DIR to the folder with MNIST's files");
    let folder = std::path::PathBuf::from(folder);
    let file = |name: &str| {
        let plain = folder.join(name);
        if plain.exists() { plain } else { folder.join(format!("{name}.gz")) }
    };
    let digits =
        crate::data::idx::read_digits(&file("t10k-images-idx3-ubyte"), &file("t10k-labels-idx1-ubyte"))
            .unwrap();
    let bundled = Checkpoint::bundled().unwrap();
    let examples: Vec<u32> = (0..digits.len() as u32).collect();
    let mut network = FastTrainer::new(&bundled.lenet, 1);
    let outcomes = examples.chunks(1000).map(|part| network.evaluate(&digits, part).unwrap());
    let accuracy = outcomes.fold(Outcome::default(), Outcome::and).evaluation().accuracy;
    let recorded = bundled.training.unwrap().validation_accuracy.unwrap();
    // One image in 10,000 may tip over with another processor's rounding.
    assert!((accuracy - recorded).abs() < 1.5e-4, "{accuracy}, recorded {recorded}");
    assert!(accuracy > 0.993, "{accuracy}");
}
