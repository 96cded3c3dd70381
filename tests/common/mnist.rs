//! Where MNIST is, for the tests that need it: these are ignored unless asked for, and their names end in `_on_mnist`.

#![allow(dead_code, reason = "no test needs all of it")]
#![allow(clippy::expect_used, clippy::unwrap_used, unreachable_pub, reason = "all of it is test code")]

use std::path::PathBuf;

use dubito::data::Digits;
use dubito::data::source::{Places, Split};
use dubito::progress::unobserved;

/// The folder with MNIST's files.
///
/// # Panics
/// When `MNIST_DIR` does not name it.
pub fn folder() -> PathBuf {
    std::env::var_os("MNIST_DIR").map(PathBuf::from).expect("set MNIST_DIR to the folder with MNIST's files")
}

/// MNIST's images and labels.
pub fn digits(split: Split) -> Digits {
    let loaded = Places::new(Some(folder())).load(split, &mut unobserved).unwrap();
    loaded.continue_value().expect("nobody stops it").digits
}
