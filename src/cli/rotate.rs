//! `dubito rotate`: an image along a course of amounts, as in the paper's Figure 4, as a PNG.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::Failure;
use super::bars::{Bar, Unit};
use super::explain::{AskedImage, asked};
use super::options::{Input, PlacementOption, Sampling};
use super::steps::{asked_network, call_as, check_target, placed, print};
use crate::data::ClassNames;
use crate::data::distortion::Distortion;
use crate::export::contact_sheet::Provenance;
use crate::export::rotation::Rotation;
use crate::files::write_whole;
use crate::model::Placement;
use crate::sampling::{NetworkKey, SweepConfig, TakenImage};
use crate::uncertainty::course::{Course, Finding, PAPER, STEPS, TOP, top_classes, walk_observed};

/// Options of `dubito rotate`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Number of an image of the dataset, or a picture of one digit
    #[arg(value_name = "INDEX|IMAGE")]
    image: String,
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    sampling: Sampling,
    /// What changes from step to step
    #[arg(long, value_name = "WHAT", default_value = "rotation", value_parser = distortion())]
    by: Distortion,
    /// First amount: degrees anticlockwise, share of full ink, or pixels
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    from: Option<f32>,
    /// Last amount [default of both: 0 to 110 degrees, or the usual range of another change]
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    to: Option<f32>,
    /// Number of steps, both ends included
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = Course::paper().steps, value_parser = steps)]
    steps: usize,
    /// Where dropout acts in the passes [default: where it acted in training]
    #[arg(long, value_enum)]
    placement: Option<PlacementOption>,
    /// As in the paper's figure: a turn in 12 steps, 100 passes, dropout 0.5 before the last layer only. The paper does
    /// not print its angles; 0 to 110 degrees is this program's choice
    #[arg(long, conflicts_with_all = ["by", "from", "to", "steps", "placement", "passes", "dropout"])]
    paper: bool,
    /// Picture to write
    #[arg(long, value_name = "FILE.png")]
    out: PathBuf,
    /// Table to write: every pass and the entropies of every step
    #[arg(long, value_name = "FILE.csv")]
    csv: Option<PathBuf>,
}

fn distortion() -> impl TypedValueParser<Value = Distortion> {
    PossibleValuesParser::new(Distortion::ALL.map(Distortion::name)).try_map(|name| {
        Distortion::from_name(&name).ok_or_else(|| format!("{name} is not a change this program makes"))
    })
}

fn steps(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(steps) if STEPS.contains(&steps) => Ok(steps),
        _ => Err(format!("it must be a whole number from {} to {}", STEPS.start(), STEPS.end())),
    }
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    check_target(&options.out)?;
    if let Some(csv) = &options.csv {
        check_target(csv)?;
    }
    let course = course(options)?;
    let mut model = asked_network(&options.input.network, options.sampling)?;
    let AskedImage { pixels, name, label, data, digits, own_names, whole, is_ink, .. } =
        asked(&options.image, &options.input, model.image())?;
    if let Some(digits) = &digits {
        model = call_as(model, own_names.as_ref(), digits.classes());
    }
    let trained = NetworkKey::of(&model).dropout;
    let (config, placement) = if options.paper {
        (SweepConfig { seed: options.sampling.seed, ..PAPER }, Some(Placement::Last))
    } else {
        (options.sampling.config(model.dropout()), options.placement.map(Placement::from))
    };
    let network = placed(&model, placement)?;
    let bar = Bar::new("Sampling the steps", Unit::Things("steps"));
    let whole = whole.as_ref().map(|whole| (&*whole.images, whole.index));
    let taken = TakenImage::new(&network, &pixels, whole)?;
    let steps = walk_observed(&network, taken.seen(), &course, &config, &mut |at| bar.show(at))?;
    drop(bar);
    let steps = steps.ok_or(Failure::Stopped)?;
    let provenance = Provenance::of(data, &model, config);
    let answers = model.classes().clone();
    let names = match digits {
        Some(digits) => digits.names(&answers),
        None => ClassNames::new(answers.clone(), answers),
    };
    let classes = top_classes(&steps, TOP);
    let rotation = Rotation {
        name: &name,
        label,
        names: &names,
        course: &course,
        steps: &steps,
        classes: &classes,
        placements: [trained, network.key().dropout],
        provenance: &provenance,
    };
    let figure = rotation.figure();
    let figure = if is_ink { figure } else { figure.of_photographs() };
    figure.save(&options.out)?;
    if let Some(csv) = &options.csv {
        let table = rotation.table();
        write_whole(csv, |draft| draft.write_all(table.as_bytes()))?;
    }
    let finding = Finding::new(&course, &steps, config.dropout);
    print(|writer| finding.map_or(Ok(()), |finding| writeln!(writer, "{}", finding.told(&names.answers))))
}

/// The course asked for.
fn course(options: &Options) -> Result<Course, Failure> {
    if options.paper {
        return Ok(Course::paper());
    }
    let by = options.by;
    let usual = if by == Distortion::Rotation { Course::paper() } else { Course::usual(by) };
    let (from, to) = (options.from.unwrap_or(usual.from), options.to.unwrap_or(usual.to));
    let course = Course { by, from, to, steps: options.steps };
    if course.sanitised() != course {
        let [least, most] = by.limits().map(|end| by.amount(end));
        return Err(Failure::Course { by: by.name(), from, to, least, most });
    }
    Ok(course)
}
