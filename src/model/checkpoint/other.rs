//! What a file is that holds no network's parameters, by its first bytes, with what to do about it.

use super::error::CheckpointError;
use super::pytorch::SAVE;

/// What Python writes for a file that opens here.
const EXPORT: &str =
    "in Python, `safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")`, and open that";

/// Whether the bytes are known to be something else.
///
/// # Errors
/// What they are, and what to do.
pub(super) fn check(bytes: &[u8], file: &str) -> Result<(), CheckpointError> {
    let other = |what: &str, advice: &str| {
        Err(CheckpointError::Other {
            name: file.to_owned(),
            what: what.to_owned(),
            advice: advice.to_owned(),
        })
    };
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]);
    let start = start.trim_start_matches('\u{feff}').trim_start().to_lowercase();
    if bytes.is_empty() {
        return other("the file is empty", "get it again");
    }
    if start.starts_with("version https://git-lfs") {
        return other(
            "a pointer of Git LFS in place of the file",
            "fetch the file itself with `git lfs pull`, or download it from the project's page",
        );
    }
    if ["<!doctype html", "<html", "<?xml"].iter().any(|tag| start.starts_with(tag)) {
        return other(
            "a web page in place of the file",
            "download the file itself: the link led to a page about it, or to one that asks to sign in",
        );
    }
    // The length of its header, and the header: any number may stand in front of it.
    if bytes.get(8) == Some(&b'{') {
        return Ok(());
    }
    if bytes.starts_with(b"\x89HDF\r\n\x1a\n") {
        return other(
            "an HDF5 file, as Keras writes it",
            "networks of Keras cannot be opened by their weights alone; LeNet's can be saved from PyTorch",
        );
    }
    if is_old_pickle(bytes) {
        return other("a pickle of PyTorch before 1.6, or of something else", SAVE);
    }
    if bytes.starts_with(b"\x1f\x8b") {
        return other("compressed with gzip", "unpack it, and open what is inside");
    }
    if is_onnx(bytes) {
        return other("a network in ONNX, which is not read yet", EXPORT);
    }
    Ok(())
}

/// A pickle by itself, as `torch.save` wrote before it wrote archives, or `pickle.dump`.
fn is_old_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80, 2..=5, ..])
}

/// ONNX begins with the version of its format, and the name of what wrote it follows.
fn is_onnx(bytes: &[u8]) -> bool {
    matches!(bytes, [0x08, 1..=20, 0x12, length, rest @ ..]
        if rest.len() > usize::from(*length) && rest[..usize::from(*length)].is_ascii())
}

/// What an archive holds that is neither of PyTorch nor of numpy.
pub(super) fn archive<'a>(names: impl Iterator<Item = &'a str>, file: &str) -> CheckpointError {
    let mut keras = false;
    for name in names.take(1000) {
        keras |= name == "model.weights.h5";
    }
    let (what, advice) = if keras {
        (
            "a .keras archive",
            "networks of Keras cannot be opened by their weights alone; LeNet's can be saved from PyTorch",
        )
    } else {
        ("a zip archive without a network", EXPORT)
    };
    CheckpointError::Other { name: file.to_owned(), what: what.to_owned(), advice: advice.to_owned() }
}
