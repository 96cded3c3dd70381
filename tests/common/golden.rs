//! Bytes that must stay: their SHA-256, kept by instruction set.
//!
//! The hashes stand in `tests/fixtures/golden.txt`, one line for each file: instruction set, case, hash. Sums of floats
//! and trained networks may differ between instruction sets, so each set has lines of its own. Where the machine's set
//! has none, nothing is compared but what the library computes with a narrower set that has.
//!
//! ```text
//! MNIST_DIR=… GOLDEN=record cargo test --test golden --test chart_window -- --include-ignored --test-threads 1
//! ```
//!
//! writes the hashes of this machine's sets anew; `DUBITO=/path/to/dubito` then names another build to take those of the
//! command line from. A hash is changed only together with the reason why these bytes had to change.

#![allow(dead_code, reason = "no test needs all of it")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    unreachable_pub,
    reason = "all of it is test code"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use dubito::kernel::InstructionSet;
use sha2::{Digest as _, Sha256};

/// Hash by case, of one instruction set.
pub type Hashes = BTreeMap<String, String>;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/golden.txt")
}

/// Reads the hashes of every set: `(set, case)` to hash.
fn recorded() -> BTreeMap<(String, String), String> {
    let text = fs::read_to_string(fixture()).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let [set, case, hash] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            ((set.to_owned(), case.to_owned()), hash.to_owned())
        })
        .collect()
}

/// Compares with the recorded hashes of a set, or records these where that is asked for.
pub fn hold(set: &str, found: &Hashes) {
    let mut all = recorded();
    if std::env::var("GOLDEN").is_ok_and(|what| what == "record") {
        all.extend(found.iter().map(|(case, hash)| ((set.to_owned(), case.clone()), hash.clone())));
        let mut text =
            "# SHA-256 of what the program writes: instruction set, case, hash. See tests/common/golden.rs.\n"
                .to_owned();
        for ((set, case), hash) in &all {
            writeln!(text, "{set} {case} {hash}").unwrap();
        }
        fs::write(fixture(), text).unwrap();
        return;
    }
    if !all.keys().any(|(recorded, _)| recorded == set) {
        println!("no bytes are recorded for {set}: nothing to compare with");
        return;
    }
    let changed: Vec<_> = found
        .iter()
        .filter_map(|(case, hash)| match all.get(&(set.to_owned(), case.clone())) {
            Some(recorded) if recorded == hash => None,
            Some(_) => Some(format!("{case}: other bytes than recorded for {set}")),
            None => Some(format!("{case}: not recorded for {set}")),
        })
        .collect();
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

pub fn hash(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The set that the command line computes with here.
pub fn widest() -> &'static str {
    InstructionSet::detect().name()
}
