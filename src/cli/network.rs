//! `dubito network`: say what a network is, and where dropout acts in it or could.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::Failure;
use super::steps::print;
use crate::model::AnyModel;
use crate::model::graph::{Answer, By, ImageLayout, Origin, Site, short};
use crate::model::{Checkpoint, OpenedGraph};
use crate::shown::layers::{Line, lines};
use crate::wording::{count, sides};

/// Options of `dubito network`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Network to look at: .onnx, .safetensors, .pt or .npz
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Which of a graph's outputs answers [default: the first that tells classes apart]
    #[arg(long, value_name = "NAME")]
    output: Option<String>,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let model = AnyModel::open_at(&options.file, options.output.as_deref())?;
    print(|writer| match &model {
        AnyModel::Lenet(checkpoint) => {
            write_lenet(writer, checkpoint, &options.file)?;
            write_layers(writer, &model)
        }
        AnyModel::Graph(opened) => {
            write_graph(writer, opened, &model.hash())?;
            write_layers(writer, &model)?;
            write_sites(writer, opened)
        }
    })
}

fn write_lenet(writer: &mut dyn Write, checkpoint: &Checkpoint, file: &std::path::Path) -> io::Result<()> {
    let lenet = &checkpoint.lenet;
    let architecture = lenet.architecture();
    writeln!(
        writer,
        "{}: a LeNet with {} hidden units and {} classes, parameters {}",
        file.display(),
        architecture.hidden,
        architecture.classes,
        checkpoint.hash()
    )?;
    writeln!(writer, "Dropout {:.2} {}", lenet.dropout(), architecture.placement.describe())
}

fn write_graph(writer: &mut dyn Write, opened: &OpenedGraph, hash: &str) -> io::Result<()> {
    let graph = &opened.graph;
    let by = if graph.producer().is_empty() {
        String::new()
    } else {
        format!(", written by {}", graph.producer())
    };
    writeln!(
        writer,
        "{}: a graph in ONNX with {} classes{by}, file {hash}",
        graph.file().display(),
        graph.classes()
    )?;
    let image = graph.input().image;
    let layout = match graph.input().layout {
        ImageLayout::ChannelsFirst => ", channels first",
        ImageLayout::ChannelsLast => ", channels last",
        ImageLayout::Flat => ", one number after the other",
    };
    let size = if graph.input().any_size { " (the file leaves their size open)" } else { "" };
    let answer = match graph.answer() {
        Answer::Logits => "logits",
        Answer::Probabilities => "probabilities, whose logits are taken",
        Answer::OneOfTwo => "the probability of the second of two classes",
    };
    writeln!(writer, "Takes {image} images in {}{layout}{size}; gives {answer}", graph.input().name)?;
    if let Some(own) = opened.output() {
        let others = graph.outputs().1.iter().filter(|output| *output != own);
        let others = others.map(|output| short(output)).collect::<Vec<_>>();
        writeln!(writer, "Output {}; --output NAME chooses another: {}", short(own), others.join(", "))?;
    }
    writeln!(writer, "Input {}: --input WAY names another", opened.preprocessing)
}

/// Writes the layers, and in their places between them the sites.
fn write_layers(writer: &mut dyn Write, model: &AnyModel) -> io::Result<()> {
    writeln!(writer, "\nLayers")?;
    for line in lines(model, model.dropout()) {
        match line {
            Line::Layer(layer) => {
                let (weight, shape) = (layer.weight.unwrap_or_default(), sides(&layer.shape));
                writeln!(writer, "{}", format!("  {:<20} {weight:<28} {shape}", layer.op).trim_end())?;
            }
            Line::Site(site) => {
                // Those of a LeNet are not chosen: they have no number.
                let number = model.graph().map(|_| format!("site {}, ", site.at + 1)).unwrap_or_default();
                let mark = if site.on { "●" } else { "○" };
                let by = match site.by {
                    By::Unit => "unit",
                    By::Channel => "channel",
                };
                writeln!(writer, "    {mark} {number}{}", count(site.drawn, by))?;
            }
        }
    }
    Ok(())
}

/// Writes where dropout acts or could, each place with its number.
fn write_sites(writer: &mut dyn Write, opened: &OpenedGraph) -> io::Result<()> {
    let graph = &opened.graph;
    writeln!(writer, "\nSites of dropout")?;
    for (at, (site, on)) in graph.sites().iter().zip(&opened.on).enumerate() {
        let mark = if *on { "●" } else { "○" };
        writeln!(writer, "  {mark} {:>2}  before {:<28} {}", at + 1, site.what, told(site))?;
    }
    let sites = opened.on.iter().filter(|on| **on).count();
    let channels = graph.sites().iter().any(|site| site.channels().is_some());
    writeln!(
        writer,
        "● drops; others are chosen with --sites N,…{} Dropout acts {}.",
        if channels { ", whole channels with Nc." } else { "" },
        if sites == 0 { "nowhere".to_owned() } else { format!("at {}", count(sites, "site")) }
    )
}

/// What there is to say of a site.
fn told(site: &Site) -> String {
    let by = match site.by {
        By::Unit => {
            let channels = site.channels().map(|channels| format!(" or {} (c)", count(channels, "channel")));
            count(site.drawn(), "unit") + &channels.unwrap_or_default()
        }
        By::Channel => format!("{} of {}", count(site.drawn(), "channel"), sides(&site.shape)),
    };
    let by = if site.alpha { format!("{by}, to the least of SELU") } else { by };
    let origin = match site.origin {
        Origin::Active => format!("{by}, rate {}", (site.rate * 1e4).round() / 1e4),
        Origin::Inactive => {
            format!("{by}, rate {}, switched off in the file", (site.rate * 1e4).round() / 1e4)
        }
        Origin::Possible => format!("{by}, not in the file"),
    };
    if site.normalised {
        return format!(
            "{origin}; a BatchNormalization comes after it, whose statistics know no dropout here"
        );
    }
    origin
}
