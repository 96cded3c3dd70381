//! Commands that draw one image of a dataset, as a person runs them.

#![allow(dead_code, reason = "no test needs all of it")]
#![allow(clippy::unwrap_used, unreachable_pub, clippy::missing_panics_doc, reason = "all of it is test code")]

use std::path::Path;
use std::process::{Command, Output};

use dubito::data::idx::{Packing, write_images, write_labels};
use dubito::data::synthetic;

/// Runs `dubito COMMAND LINE --data DATA --out OUT`.
pub fn dubito(command: &str, line: &str, data: &Path, out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dubito"))
        .env_remove("MNIST_DIR")
        .arg(command)
        .args(line.split_whitespace())
        .arg("--data")
        .arg(data)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap()
}

/// A folder with twenty synthetic digits as MNIST's test images.
pub fn dataset() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let digits = synthetic::generate(20, 11);
    write_images(&folder.path().join("t10k-images-idx3-ubyte"), &digits, Packing::Plain).unwrap();
    write_labels(&folder.path().join("t10k-labels-idx1-ubyte"), &digits, Packing::Plain).unwrap();
    folder
}
