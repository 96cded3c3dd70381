//! `dubito data`: say what images a file or folder holds; or write a dataset anew, with marks applied.

mod look;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Failure;
use super::options::{Images, SplitOption};
use super::steps::{images, remark};
use crate::data::idx::Packing;
use crate::data::images::ImageShape;
use crate::data::marks::{LeaveOut, MarkTable, Marks, apply};
use crate::export::dataset::{DatasetForm, check_place, save_dataset};
use crate::wording::count;

/// Options of `dubito data`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// File or folder of images to look at: IDX, npz, Parquet, CSV, CIFAR's binary files, or pictures
    #[arg(value_name = "PATH", conflicts_with_all = ["data", "resize", "split", "apply", "drop", "out", "form", "force"])]
    path: Option<PathBuf>,
    /// How to say what is there [default: text]
    #[arg(long, value_enum, conflicts_with = "out")]
    format: Option<look::Format>,
    #[command(flatten)]
    images: Images,
    /// Which images: `test`, `train`, or a split that `dubito data PATH` lists
    #[arg(long, value_name = "NAME", default_value = "test")]
    split: SplitOption,
    /// Marks to apply: where a label is marked wrong and a new one given, the new one takes its place
    #[arg(long, value_name = "MARKS.csv")]
    apply: Option<PathBuf>,
    /// Marked images to leave out, separated by commas [default: none]
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',', requires = "apply")]
    drop: Vec<DropOption>,
    /// File or folder to write
    #[arg(long, value_name = "OUT", required_unless_present = "path")]
    out: Option<PathBuf>,
    /// What to write [default: npz where OUT ends with .npz, else idx]
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: Option<FormOption>,
    /// Replace what is there
    #[arg(long)]
    force: bool,
}

/// Which marked images are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DropOption {
    /// Bad images
    Bad,
    /// Ambiguous ones
    Ambiguous,
    /// Wrong labels for which no new one is given
    Wrong,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormOption {
    /// A folder with MNIST's two files, compressed as they are published
    Idx,
    /// The same, not compressed
    IdxPlain,
    /// An archive for numpy, with arrays named as Keras names them
    Npz,
    /// A folder of pictures, with a folder for each class
    Folder,
}

impl Options {
    fn form(&self, out: &Path) -> DatasetForm {
        let by_name = if out.extension().is_some_and(|end| end.eq_ignore_ascii_case("npz")) {
            FormOption::Npz
        } else {
            FormOption::Idx
        };
        match self.form.unwrap_or(by_name) {
            FormOption::Idx => DatasetForm::Idx(Packing::Gzip),
            FormOption::IdxPlain => DatasetForm::Idx(Packing::Plain),
            FormOption::Npz => DatasetForm::Npz,
            FormOption::Folder => DatasetForm::Folder,
        }
    }
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    if let Some(path) = &options.path {
        return look::run(path, options.format.unwrap_or_default());
    }
    // The parser has seen to it that there is one.
    let Some(out) = &options.out else { return Ok(()) };
    let (form, split) = (options.form(out), options.split.split);
    check_place(out, form, split, options.force)?;
    let table = options.apply.as_deref().map(MarkTable::read).transpose()?;
    let digits = images(&options.images, &options.split, ImageShape::MNIST)?.digits;
    let marks = table.map_or_else(|| Ok(Marks::new(digits.hash())), |table| table.marks(&digits))?;
    let leave_out = LeaveOut {
        bad: options.drop.contains(&DropOption::Bad),
        ambiguous: options.drop.contains(&DropOption::Ambiguous),
        wrong: options.drop.contains(&DropOption::Wrong),
    };
    let applied = apply(&digits, &marks, leave_out)?;
    save_dataset(out, form, split, &applied.digits, &applied.indices, options.force)?;
    let images = count(applied.digits.len(), "image");
    let changed = if options.apply.is_some() {
        let left_out = count(digits.len() - applied.digits.len() - applied.unlabelled, "image");
        format!(": {} changed, {left_out} left out", count(applied.relabelled, "label"))
    } else {
        String::new()
    };
    let unresolved = if applied.unresolved > 0 {
        let kept = count(applied.unresolved, "label");
        format!("; {kept} marked wrong without a new one stayed (--drop wrong leaves such images out)")
    } else {
        String::new()
    };
    let unlabelled = if applied.unlabelled > 0 {
        format!("; left out: {} without a label", count(applied.unlabelled, "image"))
    } else {
        String::new()
    };
    remark(&format!("Wrote {images} to {}{changed}{unresolved}{unlabelled}.", out.display()));
    Ok(())
}
