//! Logs torn, damaged, full, shared and written anew.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::data::marks::Mark;
use crate::data::{Class, synthetic};

const FINE: Review = Review::Marked(Mark::Fine);

fn store() -> (tempfile::TempDir, MarkStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = MarkStore::new(folder.path().join("marks"));
    (folder, store)
}

/// Digits whose label is their index's last figure, so that a label is never guessed.
fn digits(images: usize) -> Digits {
    Digits::new(
        vec![0; images * crate::data::PIXELS],
        (0..images).map(|index| (index % 10) as Class).collect(),
    )
    .unwrap()
}

fn change(digits: &Digits, index: u32, after: Review) -> Change {
    Change { index, label: digits.labels()[index as usize], before: Review::Unseen, after }
}

fn wrong(new_label: Class) -> Review {
    Review::Marked(Mark::WrongLabel { new_label: Some(new_label) })
}

/// What is said of images after these changes.
fn after<'a>(digits: &Digits, changes: impl IntoIterator<Item = &'a Change>) -> Marks {
    let mut marks = Marks::new(digits.hash());
    changes.into_iter().for_each(|change| marks.apply(*change));
    marks
}

fn load(store: &MarkStore, digits: &Digits) -> Marks {
    let (marks, mended) = store.load(digits).unwrap();
    assert!(mended.is_empty(), "{mended:?}");
    marks
}

fn names(store: &MarkStore) -> Vec<String> {
    let listed = fs::read_dir(&store.folder).unwrap();
    let mut names: Vec<_> = listed
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|n| n != "lock")
        .collect();
    names.sort();
    names
}

#[test]
fn marks_are_there_again_and_those_of_another_dataset_are_not() {
    let (_folder, store) = store();
    let (digits, others) = (digits(30), synthetic::generate(30, 5));
    assert!(load(&store, &digits).is_empty(), "no folder yet");
    let changes = [
        change(&digits, 3, wrong(8)),
        change(&digits, 29, Review::Seen),
        change(&digits, 4, FINE),
        change(&digits, 3, FINE),
        change(&digits, 4, FINE).inverse(),
    ];
    for change in &changes {
        assert!(store.save(&digits.hash(), &[*change]).unwrap().is_empty());
    }
    let marks = load(&store, &digits);
    assert_eq!(marks, after(&digits, &changes));
    assert_eq!(marks.iter().collect::<Vec<_>>(), [(3, 3, FINE), (29, 9, Review::Seen)]);
    assert!(load(&store, &others).is_empty());
}

/// Whoever is killed leaves a file that ends at some byte: every mark whose line ends before it is there, and the
/// next one goes on from there.
#[test]
fn a_log_cut_at_any_byte_gives_every_mark_that_was_finished() {
    let (_folder, store) = store();
    let digits = digits(40);
    let path = store.path(&digits.hash());
    let changes: Vec<Change> = (0..40)
        .map(|index| {
            change(&digits, index, if index % 3 == 0 { wrong(((index + 1) % 10) as Class) } else { FINE })
        })
        .collect();
    // Where the log ends after each change.
    let mut ends = Vec::new();
    for change in &changes {
        store.save(&digits.hash(), &[*change]).unwrap();
        ends.push(fs::metadata(&path).unwrap().len() as usize);
    }
    let whole = fs::read(&path).unwrap();
    let header = header(&digits.hash()).len();
    let last = change(&digits, 0, Review::Marked(Mark::BadImage));
    for cut in 0..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let finished = ends.iter().filter(|end| **end <= cut).count();
        let (marks, mended) = store.load(&digits).unwrap();
        assert_eq!(marks, after(&digits, &changes[..finished]), "cut at {cut}");
        let clean = cut == 0 || cut == header || ends.contains(&cut);
        assert_eq!(mended.is_empty(), clean, "cut at {cut}: {mended:?}");
        if let [torn] = &mended[..] {
            assert!(torn.to_string().contains("unfinished"), "{torn}");
        }
        store.save(&digits.hash(), &[last]).unwrap();
        assert_eq!(
            load(&store, &digits),
            after(&digits, changes[..finished].iter().chain([&last])),
            "cut at {cut}"
        );
    }
    assert_eq!(names(&store).len(), 1, "a cut is no damage");
}

#[test]
fn a_damaged_log_is_named_and_kept_and_its_sound_lines_go_on() {
    let (_folder, store) = store();
    let digits = digits(20);
    let path = store.path(&digits.hash());
    let changes: Vec<Change> =
        (0..5).map(|index| change(&digits, index, wrong((index + 5) as Class))).collect();
    store.save(&digits.hash(), &changes).unwrap();
    let whole = fs::read(&path).unwrap();
    let header = header(&digits.hash()).len();
    let third = header + (whole.len() - header) / 5 * 2;
    for at in [0, 20, header - 2, header - 1, third + 1, third + 6] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(&path, &damaged).unwrap();
        let (marks, mended) = store.load(&digits).unwrap();
        let [error @ StoreError::Damaged { kept, line, .. }] = &mended[..] else {
            panic!("{at}: {mended:?}")
        };
        let message = error.to_string();
        assert!(message.contains(path.to_str().unwrap()), "{message}");
        assert_eq!(fs::read(kept).unwrap(), damaged, "kept as it was");
        if at < header {
            assert_eq!((*line, marks), (1, after(&digits, &[])));
        } else {
            assert_eq!(*line, 4, "{message}");
            assert_eq!(marks, after(&digits, changes.iter().filter(|change| change.index != 2)));
        }
        assert_eq!(load(&store, &digits), marks_again(&store, &digits), "mended");
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(names(&store).len(), 7, "every damaged file has a name of its own");
}

fn marks_again(store: &MarkStore, digits: &Digits) -> Marks {
    store.load(digits).unwrap().0
}

#[test]
fn a_damaged_log_is_kept_also_when_the_next_thing_is_a_save() {
    let (_folder, store) = store();
    let digits = digits(20);
    let path = store.path(&digits.hash());
    fs::create_dir_all(&store.folder).unwrap();
    fs::write(&path, "my shopping list\nmilk\n").unwrap();
    let mended = store.save(&digits.hash(), &[change(&digits, 1, FINE)]).unwrap();
    let [StoreError::Damaged { kept, .. }] = &mended[..] else { panic!("{mended:?}") };
    assert_eq!(fs::read(kept).unwrap(), b"my shopping list\nmilk\n");
    assert_eq!(load(&store, &digits).review(1), FINE);
}

#[test]
fn a_log_of_a_newer_program_is_left_alone() {
    let (_folder, store) = store();
    let digits = digits(20);
    let path = store.path(&digits.hash());
    fs::create_dir_all(&store.folder).unwrap();
    let hash = hexadecimal(&digits.hash());
    for text in [
        sealed(&format!("dubito-marks 2 {hash}")) + "anything\n",
        header(&digits.hash()) + &sealed("3 3 brilliant -"),
    ] {
        fs::write(&path, &text).unwrap();
        let message = store.load(&digits).unwrap_err().to_string();
        assert!(message.contains("newer dubito") && message.contains(&hash), "{message}");
        store.save(&digits.hash(), &[change(&digits, 1, FINE)]).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(names(&store).len(), 1);
    }
}

#[test]
fn a_log_that_does_not_fit_its_dataset_is_refused() {
    let (_folder, store) = store();
    let digits = digits(20);
    let stray = Change { label: 7, ..change(&digits, 3, FINE) };
    store.save(&digits.hash(), &[stray]).unwrap();
    let message = store.load(&digits).unwrap_err().to_string();
    assert!(message.contains("image 3 does not fit"), "{message}");
}

#[test]
fn a_long_log_is_written_anew_and_says_the_same() {
    let (_folder, store) = store();
    let digits = digits(10);
    let path = store.path(&digits.hash());
    let changes: Vec<Change> = (0..SPARE_LINES as u32)
        .map(|step| change(&digits, step % 10, if step % 2 == 0 { FINE } else { Review::Seen }))
        .collect();
    store.save(&digits.hash(), &changes).unwrap();
    let long = fs::metadata(&path).unwrap().len();
    let more = [change(&digits, 4, Review::Unseen), change(&digits, 5, wrong(6))];
    store.save(&digits.hash(), &more).unwrap();
    assert!(fs::metadata(&path).unwrap().len() < long / 50);
    assert_eq!(load(&store, &digits), after(&digits, changes.iter().chain(&more)));
    assert_eq!(names(&store).len(), 1, "no temporary file is left");
}

#[test]
fn two_windows_do_not_undo_each_others_marks() {
    let (_folder, store) = store();
    let digits = digits(400);
    std::thread::scope(|scope| {
        for half in 0..2 {
            let (store, digits) = (store.clone(), &digits);
            scope.spawn(move || {
                for index in (half * 200)..(half + 1) * 200 {
                    store.save(&digits.hash(), &[change(digits, index, FINE)]).unwrap();
                }
            });
        }
    });
    assert_eq!(load(&store, &digits).tally().fine, 400);
}

#[test]
fn what_cannot_be_read_or_made_is_named() {
    let (folder, store) = store();
    let digits = digits(10);
    fs::create_dir_all(store.path(&digits.hash())).unwrap();
    let message = store.load(&digits).unwrap_err().to_string();
    assert!(message.contains("it is no file"), "{message}");
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let message = MarkStore::new(file.clone()).save(&digits.hash(), &[]).unwrap_err().to_string();
    assert!(message.contains(file.to_str().unwrap()), "{message}");
}

fn reviews() -> impl Strategy<Value = Review> {
    prop_oneof![
        Just(Review::Unseen),
        Just(Review::Seen),
        Just(FINE),
        Just(Review::Marked(Mark::Ambiguous)),
        Just(Review::Marked(Mark::BadImage)),
        Just(Review::Marked(Mark::WrongLabel { new_label: None })),
        (0..10 as Class).prop_map(wrong),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_saved_is_loaded(saves in vec(vec((0..25_u32, reviews()), 0..4), 0..12)) {
        let (_folder, store) = store();
        let digits = digits(25);
        let mut all = Vec::new();
        for save in saves {
            let changes: Vec<Change> = save
                .into_iter()
                .map(|(index, review)| change(&digits, index, review))
                .filter(|change| change.after.fits(change.label))
                .collect();
            store.save(&digits.hash(), &changes).unwrap();
            all.extend(changes);
        }
        prop_assert_eq!(load(&store, &digits), after(&digits, &all));
    }

    /// No file makes the program panic, reserve much, or lose what it was.
    #[test]
    fn no_rubbish_is_taken_for_marks(bytes in vec(any::<u8>(), 0..200)) {
        let digits = digits(3);
        if let Ok(log) = Log::parse(&bytes, &digits.hash()) {
            prop_assert!(log.lines.is_empty());
        }
    }
}
