//! Measures as CSV: one row per image, a header line, enough digits that every f32 reads back as it was.

use std::io::{self, Write};
use std::path::Path;

use crate::data::marks::{Marks, Review};
use crate::data::{Class, ClassNames, Classes, UNLABELLED};
use crate::files::{FileError, write_whole};
use crate::uncertainty::{FromPasses, Measures};

/// What a column holds.
type Column = (&'static str, fn(&Measures) -> f32);

/// Measures an image has whether or not its label is known, up to where the label margin stands in a ranking.
const BEFORE_LABEL_MARGIN: [Column; 18] = [
    ("predictive_entropy", |m| m.predictive_entropy),
    ("predictive_entropy_se", |m| m.predictive_entropy_se),
    ("predictive_entropy_corrected", |m| m.predictive_entropy_corrected),
    ("predictive_entropy_low", |m| from_passes(m, |from| from.entropy_interval[0])),
    ("predictive_entropy_high", |m| from_passes(m, |from| from.entropy_interval[1])),
    ("expected_entropy", |m| m.expected_entropy),
    ("expected_entropy_se", |m| m.expected_entropy_se),
    ("mutual_information", |m| m.mutual_information),
    ("mutual_information_se", |m| m.mutual_information_se),
    ("mutual_information_corrected", |m| m.mutual_information_corrected),
    ("variation_ratio", |m| m.variation_ratio),
    ("variation_ratio_se", |m| m.variation_ratio_se),
    ("predictive_std", |m| m.predictive_std),
    ("predictive_std_se", |m| from_passes(m, |from| from.predictive_std_se)),
    ("confidence", |m| m.confidence),
    ("confidence_se", |m| m.mean_se[usize::from(m.prediction())]),
    ("margin", |m| m.margin),
    ("margin_se", |m| m.lead_se[usize::from(m.prediction())]),
];

/// A label as it is written; nothing where there is none.
pub(super) fn label_field(label: Class) -> String {
    if label == UNLABELLED { String::new() } else { label.to_string() }
}

/// What a column holds that needs the label.
type LabelColumn = (&'static str, fn(&Measures, Class) -> f32);

/// The label margin and its standard error, and how suspect the label is.
const OF_LABEL: [LabelColumn; 3] = [
    ("label_margin", Measures::label_margin),
    ("label_margin_se", |m, label| m.lead_se.get(usize::from(label)).copied().unwrap_or(f32::NAN)),
    ("label_suspicion", |m, _| m.label_suspicion.unwrap_or(f32::NAN)),
];

/// And after it.
const AFTER_LABEL_MARGIN: [Column; 2] = [
    ("mean_logit_entropy", |m| m.mean_logit_entropy),
    ("mean_logit_entropy_se", |m| from_passes(m, |from| from.mean_logit_entropy_se)),
];

/// What needs the passes themselves; not defined where they were not looked at.
fn from_passes(measures: &Measures, of: fn(&FromPasses) -> f32) -> f32 {
    measures.from_passes.as_ref().map_or(f32::NAN, of)
}

/// Dataset indices in their order, and where each image has passes of its own, how many; a column `passes` then follows the
/// prediction.
pub type Ordered<'a> = (&'a [u32], Option<&'a dyn Fn(u32) -> u64>);

/// Writes one row for each place in `order`: `index,label,prediction`, the measures, and for each of the
/// network's classes its probability and its votes: `p0…p9`, `votes0…votes9` for digits.
/// A label that an image does not have is an empty field, and so is a number that is not defined (a standard error after a single pass, an interval where the passes themselves were not
/// looked at, what compares an answer with a label of other classes).
///
/// # Errors
/// When the writer refuses.
///
/// # Panics
/// When `order` holds an index without measures or label.
pub fn write_ranking(
    writer: impl Write,
    names: &ClassNames,
    measures: &[Measures],
    labels: &[Class],
    order: Ordered<'_>,
) -> io::Result<()> {
    write_ranking_rows(writer, names, measures, labels, order, None).map_err(plain)
}

/// The rows of a ranking; with marks, `mark` and `new_label` stand behind the label.
pub(super) fn write_ranking_rows(
    writer: impl Write,
    names: &ClassNames,
    measures: &[Measures],
    labels: &[Class],
    (order, passes): Ordered<'_>,
    marks: Option<&Marks>,
) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    let measured = column_names(&BEFORE_LABEL_MARGIN).chain(OF_LABEL.map(|(name, _)| name.to_owned()));
    let measured = measured.chain(column_names(&AFTER_LABEL_MARGIN));
    let marked: &[_] = if marks.is_some() { &["mark", "new_label"] } else { &[] };
    let counted: &[_] = if passes.is_some() { &["passes"] } else { &[] };
    let header = ["index", "label"].iter().chain(marked).chain(&["prediction"]).chain(counted);
    let header = header.map(|name| (*name).to_owned()).chain(measured);
    table.write_record(header.chain(class_names(&names.answers)))?;
    for &index in order {
        let (image, label) = (&measures[index as usize], labels[index as usize]);
        table.write_field(index.to_string())?;
        table.write_field(label_field(label))?;
        // A label of other classes than the network's is nothing to compare its answer with.
        let compared = if names.agree() { label } else { UNLABELLED };
        if let Some(marks) = marks {
            mark_fields(marks.review(index)).iter().try_for_each(|field| table.write_field(field))?;
        }
        table.write_field(image.prediction().to_string())?;
        if let Some(passes) = passes {
            table.write_field(passes(index).to_string())?;
        }
        write_numbers(&mut table, &BEFORE_LABEL_MARGIN.map(|(_, value)| value(image)))?;
        write_numbers(&mut table, &OF_LABEL.map(|(_, value)| value(image, compared)))?;
        write_numbers(&mut table, &AFTER_LABEL_MARGIN.map(|(_, value)| value(image)))?;
        write_classes(&mut table, image)?;
    }
    Ok(table.flush()?)
}

/// As [`write_ranking`], to a file that appears whole or not at all.
///
/// # Errors
/// When the file cannot be written.
///
/// # Panics
/// When `order` holds an index without measures or label.
pub fn save_ranking(
    path: &Path,
    names: &ClassNames,
    measures: &[Measures],
    labels: &[Class],
    order: &[u32],
) -> Result<(), FileError> {
    write_whole(path, |draft| write_ranking(draft, names, measures, labels, (order, None)))
}

/// Writes one row for each picture: `source,prediction` and the columns of a ranking that need no label.
///
/// # Errors
/// When the writer refuses.
pub fn write_predictions(
    writer: impl Write,
    answers: &Classes,
    predictions: &[(String, Measures)],
) -> io::Result<()> {
    write_prediction_rows(writer, answers, predictions).map_err(plain)
}

fn write_prediction_rows(
    writer: impl Write,
    answers: &Classes,
    predictions: &[(String, Measures)],
) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    let measured = column_names(&BEFORE_LABEL_MARGIN).chain(column_names(&AFTER_LABEL_MARGIN));
    let header = ["source", "prediction"].map(str::to_owned).into_iter().chain(measured);
    table.write_record(header.chain(class_names(answers)))?;
    for (source, image) in predictions {
        table.write_field(source)?;
        table.write_field(image.prediction().to_string())?;
        write_numbers(&mut table, &BEFORE_LABEL_MARGIN.map(|(_, value)| value(image)))?;
        write_numbers(&mut table, &AFTER_LABEL_MARGIN.map(|(_, value)| value(image)))?;
        write_classes(&mut table, image)?;
    }
    Ok(table.flush()?)
}

/// The writer's error, which csv wraps: its kind identifies a full disk or a closed pipe.
pub(super) fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// The fields `mark` and `new_label`; empty where there is nothing to say.
pub(super) fn mark_fields(review: Review) -> [String; 2] {
    let mark = if review == Review::Unseen { "" } else { review.word() };
    [mark.to_owned(), review.new_label().map(|new| new.to_string()).unwrap_or_default()]
}

fn column_names(columns: &[Column]) -> impl Iterator<Item = String> {
    columns.iter().map(|(name, _)| (*name).to_owned())
}

/// `p0…p9` and `votes0…votes9` for digits; `p_Ankle boot` where classes have names, or are not ten.
fn class_names(answers: &Classes) -> impl Iterator<Item = String> {
    let mark = if answers.are_digits() { "" } else { "_" };
    let of = move |what: &'static str| answers.names().iter().map(move |name| format!("{what}{mark}{name}"));
    ["p", "votes"].into_iter().flat_map(of)
}

/// The last columns of a row, and its end.
fn write_classes(table: &mut csv::Writer<impl Write>, image: &Measures) -> csv::Result<()> {
    write_numbers(table, &image.mean)?;
    table.write_record(image.votes.iter().map(ToString::to_string))
}

fn write_numbers(table: &mut csv::Writer<impl Write>, numbers: &[f32]) -> csv::Result<()> {
    numbers.iter().try_for_each(|number| table.write_field(shortest(*number)))
}

/// The fewest digits that read back as the same f32; probabilities such as 10⁻³⁰ in scientific notation.
pub(super) fn shortest(number: f32) -> String {
    if number.is_nan() {
        String::new()
    } else if number == 0.0 || (1e-5..1e7).contains(&number.abs()) || number.is_infinite() {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}

#[cfg(test)]
mod tests {
    use crate::data::PerClass;
    use proptest::prelude::*;

    use super::*;

    /// Measures with a different number in every field.
    fn some_measures() -> Measures {
        Measures {
            passes: 4,
            together: 1,
            mean: [0.0, 1e-30, 0.1, 0.6, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0].into(),
            mean_se: PerClass::filled(10, 0.5),
            votes: [0, 0, 1, 2, 1, 0, 0, 0, 0, 0].into(),
            predictive_entropy: 0.125,
            predictive_entropy_se: f32::NAN,
            predictive_entropy_corrected: 1.25,
            expected_entropy: 0.1,
            expected_entropy_se: 99.0,
            mutual_information: 0.333_333_34,
            mutual_information_se: 1e-7,
            mutual_information_corrected: 98.0,
            variation_ratio: 0.5,
            variation_ratio_se: 97.0,
            predictive_std: 0.25,
            confidence: 0.6,
            margin: 0.3,
            lead_se: PerClass::from_fn(10, |class| class as f32 / 8.0),
            mean_logit_entropy: 2.25,
            label_suspicion: Some(-7.5),
            from_passes: Some(FromPasses {
                entropy_interval: [0.0625, 4.5],
                predictive_std_se: 96.0,
                mean_logit_entropy_se: 95.0,
            }),
        }
    }

    fn ranking(labels: &[Class], order: &[u32]) -> String {
        let mut bytes = Vec::new();
        write_ranking(
            &mut bytes,
            &ClassNames::default(),
            &vec![some_measures(); labels.len()],
            labels,
            (order, None),
        )
        .unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_ranking_has_the_documented_columns_in_order() {
        let table = ranking(&[4, 2], &[1, 0]);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(
            lines,
            [
                "index,label,prediction,predictive_entropy,predictive_entropy_se,predictive_entropy_corrected,\
                 predictive_entropy_low,predictive_entropy_high,expected_entropy,expected_entropy_se,\
                 mutual_information,mutual_information_se,mutual_information_corrected,variation_ratio,\
                 variation_ratio_se,predictive_std,predictive_std_se,confidence,confidence_se,margin,margin_se,\
                 label_margin,label_margin_se,label_suspicion,mean_logit_entropy,mean_logit_entropy_se,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9,\
                 votes0,votes1,votes2,votes3,votes4,votes5,votes6,votes7,votes8,votes9",
                "1,2,3,0.125,,1.25,0.0625,4.5,0.1,99,0.33333334,1e-7,98,0.5,97,0.25,96,0.6,0.5,0.3,0.375,-0.5,0.25,-7.5,\
                 2.25,95,\
                 0,1e-30,0.1,0.6,0.3,0,0,0,0,0,0,0,1,2,1,0,0,0,0,0",
                "0,4,3,0.125,,1.25,0.0625,4.5,0.1,99,0.33333334,1e-7,98,0.5,97,0.25,96,0.6,0.5,0.3,0.375,-0.3,0.5,-7.5,\
                 2.25,95,\
                 0,1e-30,0.1,0.6,0.3,0,0,0,0,0,0,0,1,2,1,0,0,0,0,0",
            ]
        );
    }

    #[test]
    fn an_empty_ranking_still_has_its_header() {
        assert!(ranking(&[], &[]).starts_with("index,label"));
    }

    #[test]
    fn predictions_have_no_column_that_needs_a_label() {
        let mut bytes = Vec::new();
        let sources = ["plain.png", "comma, \"quote\".png"];
        write_predictions(
            &mut bytes,
            &Classes::digits(),
            &sources.map(|source| (source.to_owned(), some_measures())),
        )
        .unwrap();
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let header = reader.headers().unwrap().clone();
        assert_eq!((&header[0], &header[1], &header[2]), ("source", "prediction", "predictive_entropy"));
        assert!(header.iter().all(|name| !name.contains("label")));
        assert_eq!(header.len(), 2 + 20 + 20);
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!((&rows[0][0], &rows[1][0], &rows[1][1]), (sources[0], sources[1], "3"));
    }

    #[test]
    fn a_saved_ranking_is_the_written_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ranking.csv");
        save_ranking(&path, &ClassNames::default(), &[some_measures()], &[3], &[0]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), ranking(&[3], &[0]));
    }

    #[test]
    fn what_the_writer_said_is_told() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let error = write_ranking(Closed, &ClassNames::default(), &[some_measures()], &[3], (&[0], None))
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        let error =
            write_predictions(Closed, &Classes::digits(), &[("a".to_owned(), some_measures())]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    proptest! {
        #[test]
        fn every_number_reads_back_as_it_was(bits: u32) {
            let number = f32::from_bits(bits);
            prop_assume!(!number.is_nan());
            let read: f32 = shortest(number).parse().unwrap();
            prop_assert_eq!(read.to_bits(), number.to_bits());
        }
    }
}
