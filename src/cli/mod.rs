//! The command line: one file per command; what a command does is done by the rooms above.

mod bars;
mod bench;
mod data;
mod evaluate;
mod explain;
mod export;
mod failure;
mod firm;
mod help;
mod neighbours;
mod network;
mod options;
mod predict;
mod rank;
mod rotate;
mod steps;
mod timing;
mod train;

pub use failure::Failure;

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand};

/// What the person typed.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "dubito",
    version,
    about = "See what a neural network doubts",
    long_about = "See what a neural network doubts: Monte-Carlo dropout on handwritten digits, or on images of your own.\n\n\
                  Without a command a window opens; the commands do the same work without one.",
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub struct Arguments {
    /// What to do; the window when absent.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What the window opens.
    #[command(flatten)]
    pub window: WindowOptions,
}

/// What the window opens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct WindowOptions {
    /// Folder or file of images, as `dubito data PATH` describes it, or `synthetic` for digits the program draws itself
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// Network to open (.onnx, .safetensors, .pt, .npz) [default: the one that comes with the program]
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// View to open (.dubito-view), which says what else to open
    #[arg(long, value_name = "FILE")]
    pub view: Option<PathBuf>,
}

/// Work without a window.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Train a network and save it
    Train(train::Options),
    /// Rank images by how much the network doubts them, as CSV
    Rank(rank::Options),
    /// Draw the most and least certain images as a PNG
    Export(export::Options),
    /// Say why an image is uncertain, and draw it as a PNG
    Explain(explain::Options),
    /// Turn an image step by step and draw how the passes answer, as a PNG
    Rotate(rotate::Options),
    /// Classify pictures, with doubt
    Predict(predict::Options),
    /// Measure how far the network and its doubt can be trusted
    Evaluate(evaluate::Options),
    /// Say what images a file or folder holds, or write a dataset anew, with marks applied
    Data(data::Options),
    /// Say what a network is, and where dropout acts in it or could
    Network(network::Options),
    /// Measure how fast this machine samples and trains
    Bench(bench::Options),
    /// Show a page of the help, or what a command offers
    Help(help::Options),
}

impl Command {
    /// Does the work.
    ///
    /// # Errors
    /// With a message that names the file, what is wrong and what to do. A reader that closes the pipe early is no
    /// error.
    pub fn run(self) -> Result<(), Failure> {
        let outcome = match self {
            Self::Train(options) => train::run(&options),
            Self::Rank(options) => rank::run(&options),
            Self::Export(options) => export::run(&options),
            Self::Explain(options) => explain::run(&options),
            Self::Rotate(options) => rotate::run(&options),
            Self::Predict(options) => predict::run(&options),
            Self::Evaluate(options) => evaluate::run(&options),
            Self::Data(options) => data::run(&options),
            Self::Network(options) => network::run(&options),
            Self::Bench(options) => bench::run(&options),
            Self::Help(options) => help::run(&options, Arguments::command()),
        };
        match outcome {
            Err(failure) if failure.is_closed_pipe() => Ok(()),
            outcome => outcome,
        }
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(std::iter::once("dubito").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definitions_hold_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_command_is_the_window() {
        let arguments = parse("--data somewhere --model net.safetensors --view four.dubito-view").unwrap();
        assert_eq!(arguments.window.view, Some("four.dubito-view".into()));
        assert!(arguments.command.is_none());
        assert_eq!(arguments.window.data, Some("somewhere".into()));
        assert_eq!(arguments.window.model, Some("net.safetensors".into()));
        assert_eq!(parse("").unwrap().window, WindowOptions::default());
    }

    #[test]
    fn wrong_usage_is_explained_and_ends_with_2() {
        for (line, expected) in [
            ("rank --dropout 1", "below 1"),
            ("rank --dropout -0.1", "below 1"),
            ("rank --dropout nan", "below 1"),
            ("rank --dropout half", "a number"),
            ("rank --passes 0", "at least 1"),
            ("rank --passes -3", "from 1 to"),
            ("rank --passes 1000000000", "at most"),
            ("rank --top 0", "at least 1"),
            ("rank --sort doubt", "predictive_entropy"),
            ("rank --order both", "highest"),
            ("rank --order lowest", "--sort"),
            ("rank --by name", "prediction"),
            ("rank --seed -1", "--seed"),
            ("rank stray", "stray"),
            ("export", "--out"),
            ("explain 3", "--out"),
            ("explain --out a", "INDEX|IMAGE"),
            ("explain 3 --out a --patch 0", "1..=14"),
            ("rotate 3", "--out"),
            ("rotate --out a", "INDEX|IMAGE"),
            ("rotate 3 --out a --by shear", "thickness"),
            ("rotate 3 --out a --steps 1", "from 2 to 181"),
            ("rotate 3 --out a --paper --steps 7", "--paper"),
            ("train", "--out"),
            ("train --epochs 0 --out a", "at least 1"),
            ("train --batch-size 0 --out a", "at least 1"),
            ("train --learning-rate 0 --out a", "above 0"),
            ("train --learning-rate inf --out a", "above 0"),
            ("train --placement first --out a", "dense"),
            ("train --hidden 0 --out a", "at least 1"),
            ("train --dropout 1.5 --out a", "below 1"),
            ("predict", "IMAGE"),
            ("predict a.png --format xml", "json"),
            ("bench --images 0", "at least 1"),
            ("data", "--out"),
            ("data --out a --as zip", "idx-plain"),
            ("data somewhere --out a", "--out"),
            ("data --out a --format json", "--format"),
            ("data somewhere --format xml", "json"),
            ("data --out a --drop bad", "--apply"),
            ("data --out a --apply b --drop fine", "ambiguous"),
            ("rank --unmarked", "--marks"),
            ("evaluate --format xml", "table"),
            ("evaluate --resamples x", "a number"),
            ("evaluate --strength 2", "from 0 to 1"),
            ("evaluate --over-dropout --dropout 0.3", "--dropout"),
            ("evaluate --over-dropout --ood noise", "--ood"),
            ("evaluate --over-dropout --against-seed 2", "--against-seed"),
            ("evaluate --images 20", "--over-dropout"),
            ("evaluate --over-dropout --images 0", "at least 1"),
            ("--data x rank", "--data"),
            ("help measurs", "'measures'"),
            ("help rnk", "'rank'"),
            ("unknown", "unknown"),
        ] {
            let error = parse(line).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}");
            let message = error.to_string();
            assert!(message.contains(expected), "{line}: {message}");
        }
    }

    #[test]
    fn help_and_version_are_no_failure() {
        for line in ["--help", "--version", "rank --help", "help --help"] {
            assert_eq!(parse(line).expect_err(line).exit_code(), 0, "{line}");
        }
    }
}
