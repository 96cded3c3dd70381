//! `dubito data PATH`: what images a file or folder holds, and what looks wrong with them.

use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::cli::Failure;
use crate::cli::bars::{Bar, Unit};
use crate::cli::steps::{finished, print};
use crate::data::images::ImageSet;
use crate::data::images::ImageShape;
use crate::data::images::remarks::{Remark, of_copies, remarks};
use crate::data::images::sources::{Found, look};
use crate::wording::{count, hexadecimal, thousands};

/// Classes that are listed as text.
const LISTED: usize = 20;

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// To be read by people
    #[default]
    Text,
    /// To be read by programs: everything, with all classes
    Json,
}

/// A split that was opened.
struct Opened {
    name: String,
    set: ImageSet,
    prints: Vec<u128>,
    remarks: Vec<Remark>,
}

pub(super) fn run(path: &Path, format: Format) -> Result<(), Failure> {
    let found = look(path)?;
    let mut splits: Vec<Opened> = Vec::new();
    for split in &found.splits {
        let bar = Bar::new(format!("Reading {}", split.name), Unit::Things("units"));
        let set = finished(found.open(&split.name, &mut |at| bar.show(at))?)?;
        drop(bar);
        // Nothing stops it.
        let prints = set.fingerprints(&mut || true)?.unwrap_or_default();
        let mut remarks = remarks(&set)?;
        let alike = splits.iter().filter(|other| other.set.shape() == set.shape());
        let others = alike.map(|other| (other.name.as_str(), other.prints.as_slice()));
        remarks.extend(of_copies(&set, &prints, others));
        splits.push(Opened { name: split.name.clone(), set, prints, remarks });
    }
    match format {
        Format::Text => print(|writer| write_text(writer, &found, &splits)),
        Format::Json => {
            let all = splits.iter().map(as_json).collect::<Result<Vec<_>, _>>()?;
            let whole = json!({
                "path": found.path.display().to_string(),
                "name": found.name,
                "kind": found.kind.to_string(),
                "splits": all,
            });
            print(|writer| {
                serde_json::to_writer_pretty(&mut *writer, &whole)?;
                writeln!(writer)
            })
        }
    }
}

fn write_text(writer: &mut dyn Write, found: &Found, splits: &[Opened]) -> io::Result<()> {
    writeln!(writer, "{}: {}, {}", found.path.display(), found.kind, count(splits.len(), "split"))?;
    for Opened { name, set, remarks, .. } in splits {
        writeln!(writer, "\n{name}: {}, {}", count(set.len(), "image"), set.shape())?;
        if let (Some(classes), true) = (set.classes(), set.is_labelled()) {
            writeln!(writer, "  {}", count(classes.len(), "class"))?;
            let counts = set.counts();
            let width =
                classes.names().iter().take(LISTED).map(|name| name.chars().count()).max().unwrap_or(0);
            for (class, images) in counts.iter().enumerate().take(LISTED) {
                let name = &classes.names()[class];
                writeln!(writer, "  {class:>4}  {name:width$}  {:>9}", thousands(*images as u64))?;
            }
            if counts.len() > LISTED {
                writeln!(writer, "        and {} more; --format json lists all", counts.len() - LISTED)?;
            }
        }
        for note in set.notes() {
            writeln!(writer, "  Note: {note}")?;
        }
        let skipped = set.skipped();
        if skipped.count > 0 {
            writeln!(writer, "  Left out: {}", thousands(skipped.count as u64))?;
            for one in &skipped.first {
                writeln!(writer, "    {one}")?;
            }
            if skipped.count > skipped.first.len() {
                writeln!(writer, "    …")?;
            }
        }
        for remark in remarks {
            writeln!(writer, "  Careful: {remark}")?;
        }
        if let Some(made) = set.shape().brought_to(ImageShape::MNIST) {
            writeln!(writer, "  For a network of 28×28 grey: {made}.")?;
        }
    }
    Ok(())
}

fn as_json(Opened { name, set, remarks, .. }: &Opened) -> Result<Value, Failure> {
    let (shape, counts) = (set.shape(), set.counts());
    let classes: Vec<Value> = set.classes().map_or_else(Vec::new, |classes| {
        let one = |(class, name): (usize, &String)| json!({ "class": class, "name": name, "images": counts[class] });
        classes.names().iter().enumerate().map(one).collect()
    });
    let hash = hexadecimal(&set.hash()?);
    Ok(json!({
        "name": name,
        "images": set.len(),
        "shape": { "height": shape.height(), "width": shape.width(), "channels": shape.channels() },
        "unlabelled": set.labels().filter(Option::is_none).count(),
        "classes": classes,
        "left_out": { "count": set.skipped().count, "first": set.skipped().first },
        "notes": set.notes(),
        "remarks": remarks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "bytes_in_memory": set.memory(),
        "sha256": hash,
    }))
}
