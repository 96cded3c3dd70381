//! The two parts of a dataset, and what the published files of each are called.

use std::fmt;
use std::path::{Path, PathBuf};

use super::download::Published;

/// Which part of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// The 60,000 images to learn from.
    Train,
    /// The 10,000 images that are shown.
    #[default]
    Test,
}

impl Split {
    /// What its file names start with.
    pub(super) fn stem(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "t10k",
        }
    }

    /// The names that its image file may have, in the order in which they are looked for: as published, plain and
    /// compressed, then with a dot.
    #[must_use]
    pub fn image_files(self) -> [String; 4] {
        self.file_names("images", 3)
    }

    /// As [`Split::image_files`], of the labels.
    #[must_use]
    pub fn label_files(self) -> [String; 4] {
        self.file_names("labels", 1)
    }

    fn file_names(self, content: &str, dimensions: u8) -> [String; 4] {
        [("-", ""), ("-", ".gz"), (".", ""), (".", ".gz")]
            .map(|(mark, end)| format!("{}-{content}{mark}idx{dimensions}-ubyte{end}", self.stem()))
    }

    /// What it is called: `train`, `test`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
        }
    }

    pub(super) fn other(self) -> Self {
        match self {
            Self::Train => Self::Test,
            Self::Test => Self::Train,
        }
    }

    /// The files as published. Checksums are those of the compressed bytes.
    pub(super) fn published(self) -> [Published; 2] {
        let file = |content: &str, bytes, sha256: &str| Published {
            name: format!("{}-{content}-ubyte.gz", self.stem()),
            bytes,
            sha256: sha256.to_owned(),
        };
        match self {
            Self::Train => [
                file(
                    "images-idx3",
                    9_912_422,
                    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                ),
                file(
                    "labels-idx1",
                    28_881,
                    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                ),
            ],
            Self::Test => [
                file(
                    "images-idx3",
                    1_648_877,
                    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                ),
                file(
                    "labels-idx1",
                    4_542,
                    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                ),
            ],
        }
    }

    /// As many synthetic digits as MNIST has.
    #[must_use]
    pub fn synthetic_count(self) -> usize {
        match self {
            Self::Train => 60_000,
            Self::Test => 10_000,
        }
    }

    /// The seed of its synthetic digits: two seeds, so that no test digit is a training digit.
    #[must_use]
    pub fn synthetic_seed(self) -> u64 {
        match self {
            Self::Train => 1,
            Self::Test => 2,
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The images and labels of a split in a folder, plain or compressed, also with the dots some archives have.
pub(super) fn find(folder: &Path, split: Split) -> Option<(PathBuf, PathBuf)> {
    Some((find_file(folder, split, "images", 3)?, find_file(folder, split, "labels", 1)?))
}

pub(super) fn find_file(folder: &Path, split: Split, content: &str, dimensions: u8) -> Option<PathBuf> {
    let paths = split.file_names(content, dimensions).map(|name| folder.join(name));
    paths.into_iter().find(|path| path.is_file())
}
