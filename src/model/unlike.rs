//! What a file is that holds no network, by its first bytes, with what to do about it.

/// What to do instead of saving something else.
pub(super) const SAVE: &str = "in Python, save the parameters alone: \
    `torch.save(model.state_dict(), \"model.pt\")`, and open that";

/// Where to get a network of Keras from.
const KERAS: &str = "in Python, `model.export(\"model.onnx\", format=\"onnx\")`, and open that";

/// What bytes are that are known to be something else, and what to do.
pub(super) fn what(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    // The length of the header of safetensors, and the header: any number may stand in front of it.
    if bytes.get(8) == Some(&b'{') {
        return None;
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]);
    let start = start.trim_start_matches('\u{feff}').trim_start().to_lowercase();
    if bytes.is_empty() {
        return Some(("the file is empty", "get it again"));
    }
    if start.starts_with("version https://git-lfs") {
        return Some((
            "a pointer of Git LFS in place of the file",
            "fetch the file itself with `git lfs pull`, or download it from the project's page",
        ));
    }
    if ["<!doctype html", "<html", "<?xml"].iter().any(|tag| start.starts_with(tag)) {
        return Some((
            "a web page in place of the file",
            "download the file itself: the link led to a page about it, or to one that asks to sign in",
        ));
    }
    if bytes.starts_with(b"\x89HDF\r\n\x1a\n") {
        return Some(("an HDF5 file, as Keras writes it", KERAS));
    }
    if matches!(bytes, [0x80, 2..=5, ..]) {
        // As `torch.save` wrote before it wrote archives, or `pickle.dump`.
        return Some(("a pickle of PyTorch before 1.6, or of something else", SAVE));
    }
    if bytes.starts_with(b"\x1f\x8b") {
        return Some(("compressed with gzip", "unpack it, and open what is inside"));
    }
    None
}

/// Whether bytes begin as a graph in ONNX does: the version of its format, and the name of what wrote it.
pub(super) fn is_onnx(bytes: &[u8]) -> bool {
    bytes.get(8) != Some(&b'{')
        && matches!(bytes, [0x08, 1..=40, field, ..] if matches!(field, 0x12 | 0x1a | 0x22 | 0x2a | 0x3a | 0x42))
}

/// What an archive is that is neither of PyTorch nor of numpy, and what to do.
pub(super) fn archive<'a>(mut names: impl Iterator<Item = &'a str>) -> (&'static str, &'static str) {
    if names.any(|name| name == "model.weights.h5") {
        return ("a .keras archive", KERAS);
    }
    ("a zip archive without a network", SAVE)
}
