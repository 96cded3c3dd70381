//! Networks of other makers: archives of Chainer, state dicts of PyTorch, and what only looks like one.

use std::io::Write as _;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

/// What `tests/fixtures/lenet_torch.py` saved with `torch.save`, and the same as safetensors.
const TORCH: &[u8] = include_bytes!("../../../../tests/fixtures/lenet-torch.pt");
const SAFE: &[u8] = include_bytes!("../../../../tests/fixtures/lenet-torch.safetensors");

/// Names and contents of an archive.
type Members = Vec<(String, Vec<u8>)>;

fn zipped(members: &[(String, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(name.as_str(), SimpleFileOptions::default().compression_method(method)).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// An array as numpy writes it.
fn npy(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let sides: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let sides = sides.join(", ");
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({sides},), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// The arrays of a network as Chainer names them, after `before`.
fn chainer(before: &str) -> Members {
    let lenet = small().lenet;
    let named = PARAMETERS.into_iter().zip(lenet.architecture().shapes());
    let arrays = named.zip(lenet.shared_weights().slices()).map(|((name, shape), values)| {
        let name = name.replace(".weight", "/W").replace(".bias", "/b");
        (format!("{before}{name}.npy"), npy(&shape, values))
    });
    arrays.collect()
}

#[test]
fn the_three_files_of_chainer_open() {
    let clock = ("updater/iteration.npy".to_owned(), npy(&[], &[3.0]));
    let optimiser = ("updater/optimizer:main/predictor/conv1/W/m.npy".to_owned(), npy(&[1], &[0.5]));
    for (before, others) in
        [("predictor/", vec![]), ("", vec![]), ("updater/model:main/predictor/", vec![clock, optimiser])]
    {
        let members = [others, chainer(before)].concat();
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let opened = Checkpoint::from_bytes(&zipped(&members, method), "x.npz").unwrap();
            assert_eq!(opened.lenet.weights(), small().lenet.weights(), "{before}");
            assert_eq!(opened.settings, SettingsSource::Assumed);
        }
    }
}

#[test]
fn archives_of_images_and_of_networks_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    for (name, members, network) in [
        ("net.npz", chainer("predictor/"), true),
        ("images.NPZ", vec![("x_train.npy".to_owned(), npy(&[2], &[0.0; 2]))], false),
        ("net.PTH", vec![], true),
        ("picture.png", vec![], false),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, zipped(&members, CompressionMethod::Stored)).unwrap();
        assert_eq!(is_network_file(&path), network, "{name}");
    }
    assert!(!is_network_file(&folder.path().join("absent.npz")));
}

#[test]
fn damaged_archives_of_chainer_name_the_array() {
    let with = |change: &dyn Fn(&mut Members)| {
        let mut members = chainer("predictor/");
        change(&mut members);
        error(&zipped(&members, CompressionMethod::Stored))
    };
    assert!(with(&|members| drop(members.remove(2))).contains("conv2.weight missing"));
    let short = with(&|members| {
        members[4].1.pop();
    });
    assert!(short.contains("fc1.weight: it promises"), "{short}");
    let objects = with(&|members| {
        let header = "{'descr': '|O', 'fortran_order': False, 'shape': (1, ), }\n";
        members[0].1 = [b"\x93NUMPY\x01\x00", &[header.len() as u8, 0][..], header.as_bytes()].concat();
    });
    assert!(objects.contains("conv1.weight missing"), "{objects}");
    let images =
        error(&zipped(&[("x_train.npy".to_owned(), npy(&[2], &[0.0; 2]))], CompressionMethod::Stored));
    assert!(images.contains("missing") && images.contains("x_train"), "{images}");
    let whole = zipped(&chainer(""), CompressionMethod::Deflated);
    for length in [4, 30, whole.len() / 2, whole.len() - 1] {
        assert!(error(&whole[..length]).contains("damaged archive"), "{length}");
    }
}

/// What `torch.save` of a state dict writes, its storages of this class, in dicts of these names.
fn torch(within: &[&str], storage: &str, bytes_of: fn(f32) -> Vec<u8>) -> Members {
    fn text(text: &str) -> Vec<u8> {
        [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
    }
    fn count(count: usize) -> Vec<u8> {
        [b"J", &(count as u32).to_le_bytes()[..]].concat()
    }
    fn counts(counts: &[usize]) -> Vec<u8> {
        [b"(".to_vec(), counts.iter().flat_map(|side| count(*side)).collect(), b"t".to_vec()].concat()
    }
    let lenet = small().lenet;
    let mut pickle = b"\x80\x02".to_vec();
    for name in within {
        pickle.extend([b"}(", &text(name)[..]].concat());
    }
    pickle.extend(b"ccollections\nOrderedDict\n)R(");
    let mut members = Vec::new();
    let named = PARAMETERS.into_iter().zip(lenet.architecture().shapes());
    for (at, ((name, shape), values)) in named.zip(lenet.shared_weights().slices()).enumerate() {
        let strides: Vec<usize> = (0..shape.len()).map(|side| shape[side + 1..].iter().product()).collect();
        pickle.extend(text(name));
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        pickle.extend(text("storage"));
        pickle.extend(format!("ctorch\n{storage}\n").bytes());
        pickle.extend([text(&at.to_string()), text("cpu"), count(values.len())].concat());
        pickle.extend([b"tQ", &count(0)[..], &counts(&shape), &counts(&strides)].concat());
        pickle.extend(b"\x89ccollections\nOrderedDict\n)RtR");
        let numbers = values.iter().flat_map(|value| bytes_of(*value)).collect();
        members.push((format!("archive/data/{at}"), numbers));
    }
    pickle.push(b'u');
    pickle.extend(within.iter().map(|_| b'u'));
    pickle.push(b'.');
    members.push(("archive/data.pkl".to_owned(), pickle));
    members.push(("archive/byteorder".to_owned(), b"little".to_vec()));
    members
}

fn single(value: f32) -> Vec<u8> {
    value.to_le_bytes().to_vec()
}

#[test]
fn a_file_of_torch_save_holds_the_same_network_as_its_safetensors() {
    let opened = Checkpoint::from_bytes(TORCH, "lenet-torch.pt").unwrap();
    assert_eq!(opened.lenet.weights(), Checkpoint::from_bytes(SAFE, "x").unwrap().lenet.weights());
    assert_eq!(opened.settings, SettingsSource::Assumed);
    // candle reads it with other code.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lenet-torch.pt");
    std::fs::write(&path, TORCH).unwrap();
    for (name, tensor) in candle_core::pickle::read_all(&path).unwrap() {
        let at = PARAMETERS.into_iter().position(|parameter| parameter == name).unwrap();
        let values: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
        assert_eq!(values, opened.lenet.shared_weights().slices()[at], "{name}");
    }
}

#[test]
fn state_dicts_of_any_float_open_wherever_they_lie() {
    let expected = small().lenet.weights();
    for (within, storage, bytes_of, error) in [
        (&[][..], "FloatStorage", single as fn(f32) -> Vec<u8>, 0.0),
        (&["state_dict"], "DoubleStorage", |value| f64::from(value).to_le_bytes().to_vec(), 0.0),
        (&["net", "module"], "HalfStorage", |value| half::f16::from_f32(value).to_le_bytes().to_vec(), 1e-3),
        (&["model"], "BFloat16Storage", |value| half::bf16::from_f32(value).to_le_bytes().to_vec(), 2e-2),
    ] {
        let bytes = zipped(&torch(within, storage, bytes_of), CompressionMethod::Stored);
        let opened = Checkpoint::from_bytes(&bytes, "x.pt").unwrap().lenet.weights();
        for (found, expected) in opened.slices().into_iter().zip(expected.slices()) {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() <= error * expected.abs().max(0.1), "{found} {expected}");
            }
        }
    }
}

#[test]
fn a_tensor_kept_in_another_order_is_read_in_its_own() {
    // fc2.weight is [10, 6]: kept as [6, 10] and turned, as after `fc2.weight.data = w.t()`.
    let mut members = torch(&[], "FloatStorage", single);
    let weights = small().lenet.weights();
    let turned: Vec<u8> = (0..60).flat_map(|at| single(weights.fc2_weight[at % 10 * 6 + at / 10])).collect();
    members[6].1 = turned;
    let pickle = &mut members[8].1;
    let strides = [b"(J", &6_u32.to_le_bytes()[..], b"J", &1_u32.to_le_bytes(), b"t"].concat();
    let at = pickle.windows(strides.len()).rposition(|window| window == strides).unwrap();
    let other = [b"(J", &1_u32.to_le_bytes()[..], b"J", &10_u32.to_le_bytes(), b"t"].concat();
    pickle[at..at + other.len()].copy_from_slice(&other);
    let opened = Checkpoint::from_bytes(&zipped(&members, CompressionMethod::Stored), "x.pt").unwrap();
    assert_eq!(opened.lenet.weights(), weights);
}

#[test]
fn pickles_that_ask_for_more_than_tensors_are_refused_and_not_run() {
    let with = |pickle: &[u8]| {
        let members = [("a/data.pkl".to_owned(), pickle.to_vec())];
        error(&zipped(&members, CompressionMethod::Stored))
    };
    let asks = with(b"\x80\x02cposix\nsystem\nX\x04\0\0\0true\x85R.");
    assert!(asks.contains("asks Python to run posix.system") && asks.contains("nothing was run"), "{asks}");
    let whole = with(b"\x80\x02c__main__\nNet\n)\x81}b.");
    assert!(whole.contains("the object of a class, Net") && whole.contains("state_dict()"), "{whole}");
    assert!(with(b"\x80\x02").contains("cut short"));
    assert!(with(b"\x80\x02}.").contains("conv1.weight, conv1.bias"));
    // Tuples that are too short for a tensor.
    let short = with(b"\x80\x02}X\x0c\0\0\0conv1.weightctorch._utils\n_rebuild_tensor_v2\n)Rs.");
    assert!(short.contains("missing"), "{short}");
    let mut script = torch(&[], "FloatStorage", single);
    script.push(("archive/constants.pkl".to_owned(), Vec::new()));
    assert!(error(&zipped(&script, CompressionMethod::Stored)).contains("a TorchScript archive"));
    let whole_numbers = torch(&[], "IntStorage", single);
    let said = error(&zipped(&whole_numbers, CompressionMethod::Stored));
    assert!(said.contains("conv1.weight holds Int; save the model in float32"), "{said}");
    let mut cut = torch(&[], "FloatStorage", single);
    cut[2].1.truncate(100);
    assert!(error(&zipped(&cut, CompressionMethod::Stored)).contains("the numbers of conv2.weight"));
    cut.remove(2);
    assert!(error(&zipped(&cut, CompressionMethod::Stored)).contains("the numbers of conv2.weight"));
}

#[test]
fn what_a_file_is_instead_is_said_with_what_to_do() {
    for (bytes, what) in [
        (&b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"[..], "git lfs pull"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (b"\x89HDF\r\n\x1a\n and more", "HDF5"),
        (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "torch.save(model.state_dict()"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"", "empty"),
    ] {
        assert!(error(bytes).contains(what), "{}", error(bytes));
    }
    let keras = [("model.weights.h5".to_owned(), vec![1]), ("config.json".to_owned(), vec![2])];
    assert!(error(&zipped(&keras, CompressionMethod::Stored)).contains("a .keras archive"));
    let nothing = [("readme.txt".to_owned(), vec![1])];
    assert!(error(&zipped(&nothing, CompressionMethod::Stored)).contains("without a network"));
}

#[test]
fn names_of_wrappers_are_passed_over_in_safetensors_too() {
    for before in ["module.", "model.", "net.module."] {
        let bytes = altered(|tensors| {
            for tensor in tensors {
                tensor.0.insert_str(0, before);
            }
        });
        assert_eq!(Checkpoint::from_bytes(&bytes, "x").unwrap().lenet.weights(), small().lenet.weights());
    }
}

#[test]
fn archives_with_any_byte_changed_open_or_say_what_is_wrong() {
    let whole = zipped(&torch(&[], "FloatStorage", single), CompressionMethod::Stored);
    let numpy = zipped(&chainer(""), CompressionMethod::Stored);
    let mut state = 1_u64;
    for step in 0..400_u64 {
        for original in [&whole, &numpy] {
            let mut bytes = original.clone();
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step);
            // Headers and directories are at both ends; in between are numbers.
            let reach = (state >> 20) as usize % 3000;
            let at = if step % 2 == 0 { reach } else { bytes.len() - 1 - reach };
            bytes[at] ^= (state >> 56) as u8 | 1;
            if let Err(problem) = Checkpoint::from_bytes(&bytes, "x.pt") {
                assert!(problem.to_string().starts_with("x.pt: "), "{problem}");
            }
        }
    }
}
