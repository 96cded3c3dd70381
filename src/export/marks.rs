//! Marks as CSV: the columns of a ranking, with `mark` and `new_label` behind the label.

use std::io::{self, Write};
use std::path::Path;

use crate::data::marks::Marks;
use crate::data::marks::table::COLUMNS;
use crate::data::{Class, ClassNames};
use crate::files::{FileError, write_whole};
use crate::uncertainty::Measures;

use super::table::{Ordered, label_field, mark_fields, plain, write_ranking_rows};

/// Writes one row for each image that was looked at, by rising index: `index,label,mark,new_label`, and where there are
/// `measures` of every image of the dataset, the columns of [`super::table::write_ranking`].
///
/// # Errors
/// When the writer refuses.
///
/// # Panics
/// When the marks hold an index without measures or label.
pub fn write_marks(
    writer: impl Write,
    marks: &Marks,
    measured: Option<(&ClassNames, &[Measures])>,
    labels: &[Class],
) -> io::Result<()> {
    let Some((names, measures)) = measured else { return write_bare(writer, marks).map_err(plain) };
    let order: Vec<u32> = marks.iter().map(|(index, ..)| index).collect();
    write_marked_ranking(writer, names, measures, labels, (&order, None), marks)
}

fn write_bare(writer: impl Write, marks: &Marks) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    table.write_record(COLUMNS)?;
    for (index, label, review) in marks.iter() {
        let [mark, new] = mark_fields(review);
        table.write_record([index.to_string(), label_field(label), mark, new])?;
    }
    Ok(table.flush()?)
}

/// As [`write_marks`], to a file that appears whole or not at all.
///
/// # Errors
/// When the file cannot be written.
///
/// # Panics
/// When the marks hold an index without measures or label.
pub fn save_marks(
    path: &Path,
    marks: &Marks,
    measured: Option<(&ClassNames, &[Measures])>,
    labels: &[Class],
) -> Result<(), FileError> {
    write_whole(path, |draft| write_marks(draft, marks, measured, labels))
}

/// As [`super::table::write_ranking`], with the columns `mark` and `new_label` behind the label; they are empty where no
/// one has looked.
///
/// # Errors
/// When the writer refuses.
///
/// # Panics
/// When `order` holds an index without measures or label.
pub fn write_marked_ranking(
    writer: impl Write,
    names: &ClassNames,
    measures: &[Measures],
    labels: &[Class],
    order: Ordered<'_>,
    marks: &Marks,
) -> io::Result<()> {
    write_ranking_rows(writer, names, measures, labels, order, Some(marks)).map_err(plain)
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_map;
    use proptest::prelude::*;

    use super::*;
    use crate::data::marks::{Change, Mark, MarkTable, Review};
    use crate::data::{Class, Digits, PIXELS, PerClass};
    use crate::sampling::Statistics;

    const IMAGES: usize = 30;

    fn digits() -> Digits {
        let labels = (0..IMAGES).map(|index| (index % 10) as Class).collect();
        Digits::new(vec![0; IMAGES * PIXELS], labels).unwrap()
    }

    fn reviews() -> impl Strategy<Value = Review> {
        prop_oneof![
            Just(Review::Seen),
            Just(Review::Marked(Mark::Fine)),
            Just(Review::Marked(Mark::Ambiguous)),
            Just(Review::Marked(Mark::BadImage)),
            proptest::option::of(0..10 as Class)
                .prop_map(|new_label| Review::Marked(Mark::WrongLabel { new_label })),
        ]
    }

    fn marks(said: impl IntoIterator<Item = (u32, Review)>) -> Marks {
        let digits = digits();
        let mut marks = Marks::new(digits.hash());
        for (index, after) in said {
            let label = digits.labels()[index as usize];
            if after.fits(label) {
                marks.apply(Change { index, label, before: Review::Unseen, after });
            }
        }
        marks
    }

    fn measures() -> Vec<Measures> {
        let probability: PerClass<f64> = PerClass::from_fn(10, |class| if class == 3 { 0.55 } else { 0.05 });
        let entropy = probability.iter().map(|p| -p * p.ln()).sum();
        let one_pass = Statistics { passes: 1, probability, entropy, ..Statistics::zero(10) };
        vec![Measures::new(&one_pass); IMAGES]
    }

    #[test]
    fn marks_stand_behind_the_label_and_before_the_measures() {
        let said = [
            (4, Review::Marked(Mark::WrongLabel { new_label: Some(9) })),
            (7, Review::Marked(Mark::Ambiguous)),
            (2, Review::Seen),
        ];
        let mut bare = Vec::new();
        write_marks(&mut bare, &marks(said), None, digits().labels()).unwrap();
        assert_eq!(
            String::from_utf8(bare).unwrap(),
            "index,label,mark,new_label\n2,2,seen,\n4,4,wrong,9\n7,7,ambiguous,\n"
        );
        let (mut marked, mut plain) = (Vec::new(), Vec::new());
        write_marks(
            &mut marked,
            &marks(said),
            Some((&ClassNames::default(), &measures()[..])),
            digits().labels(),
        )
        .unwrap();
        super::super::table::write_ranking(
            &mut plain,
            &ClassNames::default(),
            &measures(),
            digits().labels(),
            (&[2, 4, 7], None),
        )
        .unwrap();
        let without: String = String::from_utf8(marked)
            .unwrap()
            .lines()
            .map(|line| {
                let fields: Vec<_> = line.split(',').collect();
                [&fields[..2], &fields[4..]].concat().join(",") + "\n"
            })
            .collect();
        assert_eq!(without, String::from_utf8(plain).unwrap(), "the ranking's own columns");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn whatever_is_exported_reads_back(said in btree_map(0..IMAGES as u32, reviews(), 0..20), measured: bool) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("marks.csv");
            let (marks, measures) = (marks(said), measures());
            save_marks(&path, &marks, measured.then_some((&ClassNames::default(), &measures[..])), digits().labels()).unwrap();
            prop_assert_eq!(MarkTable::read(&path).unwrap().marks(&digits()).unwrap(), marks);
        }
    }
}
