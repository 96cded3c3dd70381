//! A mark for each image that was looked at, the change that sets or takes it back, and how far a person has come.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::data::classes::MOST_CLASSES;
use crate::data::{Class, Digits};
use crate::wording::thousands;

/// What a person says of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Its label is wrong.
    WrongLabel {
        /// The right one, 0…9, where it is known.
        new_label: Option<Class>,
    },
    /// Nobody could say which digit it is.
    Ambiguous,
    /// It is no digit: cut off, smeared, empty.
    BadImage,
    /// Image and label are right.
    Fine,
}

/// What came of looking at an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Review {
    /// Nobody has looked.
    #[default]
    Unseen,
    /// It was looked at, and passed over.
    Seen,
    /// It was looked at, and marked.
    Marked(Mark),
}

impl Review {
    /// Its name in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Seen => "seen",
            Self::Marked(Mark::WrongLabel { .. }) => "wrong",
            Self::Marked(Mark::Ambiguous) => "ambiguous",
            Self::Marked(Mark::BadImage) => "bad",
            Self::Marked(Mark::Fine) => "fine",
        }
    }

    /// What a name in files stands for; `new_label` belongs to a wrong label alone.
    #[must_use]
    pub fn from_word(word: &str, new_label: Option<Class>) -> Option<Self> {
        let review = match word {
            "wrong" => return Some(Self::Marked(Mark::WrongLabel { new_label })),
            "unseen" => Self::Unseen,
            "seen" => Self::Seen,
            "ambiguous" => Self::Marked(Mark::Ambiguous),
            "bad" => Self::Marked(Mark::BadImage),
            "fine" => Self::Marked(Mark::Fine),
            _ => return None,
        };
        new_label.is_none().then_some(review)
    }

    /// The mark, if there is one.
    #[must_use]
    pub fn mark(self) -> Option<Mark> {
        if let Self::Marked(mark) = self { Some(mark) } else { None }
    }

    /// The label a person says is right.
    #[must_use]
    pub fn new_label(self) -> Option<Class> {
        if let Self::Marked(Mark::WrongLabel { new_label }) = self { new_label } else { None }
    }

    /// Whether an image with this label can be said this of: a new label is another than its own.
    #[must_use]
    pub fn fits(self, label: Class) -> bool {
        self.new_label().is_none_or(|new| usize::from(new) < MOST_CLASSES && new != label)
    }
}

/// One image's mark set, replaced or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// Which image of the dataset.
    pub index: u32,
    /// Its label in the dataset.
    pub label: Class,
    /// What was said of it.
    pub before: Review,
    /// What is said of it now.
    pub after: Review,
}

impl Change {
    /// The change that takes this one back.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self { before: self.after, after: self.before, ..self }
    }
}

/// What is said of the images of one dataset. A clone costs nothing until one of the two is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    dataset: [u8; 32],
    /// By index: the label at the time, and what came of looking; never [`Review::Unseen`].
    reviews: Arc<BTreeMap<u32, (Class, Review)>>,
}

impl Marks {
    /// No marks yet, of the dataset with this [`Digits::hash`].
    #[must_use]
    pub fn new(dataset: [u8; 32]) -> Self {
        Self { dataset, reviews: Arc::default() }
    }

    /// [`Digits::hash`] of the dataset that these are of.
    #[must_use]
    pub fn dataset(&self) -> [u8; 32] {
        self.dataset
    }

    /// What is said of an image.
    #[must_use]
    pub fn review(&self, index: u32) -> Review {
        self.reviews.get(&index).map(|(_, review)| *review).unwrap_or_default()
    }

    /// Every image that was looked at, by rising index: its index, its label, what came of it.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Class, Review)> + '_ {
        self.reviews.iter().map(|(index, (label, review))| (*index, *label, *review))
    }

    /// Whether no image was looked at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reviews.is_empty()
    }

    /// The change that makes `after` of what is said of an image; nothing is changed yet. `None` when it is said already,
    /// when it cannot be said of this image ([`Review::fits`]), when there is no such image, or when these are marks of
    /// another dataset.
    #[must_use]
    pub fn change(&self, digits: &Digits, index: u32, after: Review) -> Option<Change> {
        let label = *digits.labels().get(index as usize)?;
        let before = self.review(index);
        let known = after.new_label().is_none_or(|new| usize::from(new) < digits.classes().len());
        let sound = after != before && after.fits(label) && known && digits.hash() == self.dataset;
        sound.then_some(Change { index, label, before, after })
    }

    /// Makes a change, or takes one back when it is an inverse.
    pub fn apply(&mut self, change: Change) {
        let reviews = Arc::make_mut(&mut self.reviews);
        if change.after == Review::Unseen {
            reviews.remove(&change.index);
        } else {
            reviews.insert(change.index, (change.label, change.after));
        }
    }

    /// The changes that make these marks those others of the same dataset, by rising index.
    #[must_use]
    pub fn changes_to(&self, others: &Self) -> Vec<Change> {
        let mut indices: Vec<(u32, Class)> =
            self.iter().chain(others.iter()).map(|(index, label, _)| (index, label)).collect();
        indices.sort_unstable();
        indices.dedup();
        let change = |(index, label)| {
            let (before, after) = (self.review(index), others.review(index));
            (before != after).then_some(Change { index, label, before, after })
        };
        indices.into_iter().filter_map(change).collect()
    }

    /// How many images were looked at and what came of it.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally_of(|_| true)
    }

    /// As [`Marks::tally`], of some images alone: a queue's, a shelf's. It asks about the images looked at, not about all.
    #[must_use]
    pub fn tally_of(&self, belongs: impl Fn(u32) -> bool) -> Tally {
        let mut tally = Tally::default();
        self.iter().filter(|(index, ..)| belongs(*index)).for_each(|(_, _, review)| tally.count(review));
        tally
    }
}

/// How many images were looked at and what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Looked at, marked or not.
    pub seen: usize,
    /// With a wrong label.
    pub wrong: usize,
    /// Those of them whose right label was given.
    pub corrected: usize,
    /// Ambiguous.
    pub ambiguous: usize,
    /// Bad images.
    pub bad: usize,
    /// Fine.
    pub fine: usize,
}

impl Tally {
    fn count(&mut self, review: Review) {
        self.seen += usize::from(review != Review::Unseen);
        match review.mark() {
            Some(Mark::WrongLabel { new_label }) => {
                self.wrong += 1;
                self.corrected += usize::from(new_label.is_some());
            }
            Some(Mark::Ambiguous) => self.ambiguous += 1,
            Some(Mark::BadImage) => self.bad += 1,
            Some(Mark::Fine) => self.fine += 1,
            None => {}
        }
    }

    /// How far a person has come with so many images: `40 of 100 looked at, 12 wrong, 3 ambiguous`.
    #[must_use]
    pub fn describe(&self, images: usize) -> String {
        let [seen, of] = [self.seen, images].map(|number| thousands(number as u64));
        let parts =
            [(self.wrong, "wrong"), (self.ambiguous, "ambiguous"), (self.bad, "bad"), (self.fine, "fine")];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let parts = parts.map(|(count, word)| format!("{count} {word}"));
        let all: Vec<_> = std::iter::once(format!("{seen} of {of} looked at")).chain(parts).collect();
        all.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::synthetic;

    const WRONG: Review = Review::Marked(Mark::WrongLabel { new_label: None });

    #[test]
    fn a_change_and_its_inverse_leave_the_marks_as_they_were() {
        let digits = synthetic::generate(20, 1);
        let mut marks = Marks::new(digits.hash());
        let first = marks.change(&digits, 3, Review::Marked(Mark::Ambiguous)).unwrap();
        marks.apply(first);
        let before = marks.clone();
        let second = marks.change(&digits, 3, WRONG).unwrap();
        marks.apply(second);
        assert_eq!((marks.review(3), before.review(3)), (WRONG, Review::Marked(Mark::Ambiguous)));
        marks.apply(second.inverse());
        assert_eq!(marks, before);
        marks.apply(first.inverse());
        assert_eq!(marks, Marks::new(digits.hash()));
        marks.apply(first);
        assert_eq!(marks, before, "redone");
    }

    #[test]
    fn the_changes_from_some_marks_to_others_lead_there() {
        let digits = synthetic::generate(20, 1);
        let mut one = Marks::new(digits.hash());
        for (index, review) in [(3, WRONG), (5, Review::Seen), (9, Review::Marked(Mark::Fine))] {
            one.apply(one.change(&digits, index, review).unwrap());
        }
        let mut other = Marks::new(digits.hash());
        for (index, review) in [(3, WRONG), (5, Review::Marked(Mark::BadImage)), (11, Review::Seen)] {
            other.apply(other.change(&digits, index, review).unwrap());
        }
        let changes = one.changes_to(&other);
        assert_eq!(changes.iter().map(|change| change.index).collect::<Vec<_>>(), [5, 9, 11]);
        let mut walked = one.clone();
        for change in &changes {
            walked.apply(*change);
        }
        assert_eq!(walked, other);
        for change in changes.iter().rev() {
            walked.apply(change.inverse());
        }
        assert_eq!(walked, one);
    }

    #[test]
    fn what_cannot_be_said_is_no_change() {
        let digits = synthetic::generate(20, 1);
        let marks = Marks::new(digits.hash());
        let label = digits.labels()[4];
        let wrong = |new_label| Review::Marked(Mark::WrongLabel { new_label });
        assert_eq!(marks.change(&digits, 4, wrong(Some(label))), None, "its own label");
        assert_eq!(marks.change(&digits, 4, wrong(Some(10))), None, "no digit");
        assert_eq!(marks.change(&digits, 20, Review::Seen), None, "no such image");
        assert_eq!(marks.change(&digits, 4, Review::Unseen), None, "nothing changes");
        assert_eq!(marks.change(&synthetic::generate(20, 2), 4, Review::Seen), None, "another dataset");
        assert!(marks.change(&digits, 4, wrong(Some((label + 1) % 10))).is_some());
    }

    #[test]
    fn progress_counts_what_was_looked_at_and_what_came_of_it() {
        let digits = synthetic::generate(20, 1);
        let mut marks = Marks::new(digits.hash());
        let new_label = Some((digits.labels()[1] + 1) % 10);
        let said = [
            WRONG,
            Review::Marked(Mark::WrongLabel { new_label }),
            Review::Marked(Mark::Ambiguous),
            Review::Marked(Mark::BadImage),
            Review::Marked(Mark::Fine),
            Review::Seen,
        ];
        for (index, review) in (0..).zip(said) {
            marks.apply(marks.change(&digits, index, review).unwrap());
        }
        let tally = marks.tally();
        assert_eq!(tally, Tally { seen: 6, wrong: 2, corrected: 1, ambiguous: 1, bad: 1, fine: 1 });
        assert_eq!(tally.describe(20), "6 of 20 looked at, 2 wrong, 1 ambiguous, 1 bad, 1 fine");
        assert_eq!(
            marks.tally_of(|index| [1, 5, 9].contains(&index)).describe(3),
            "2 of 3 looked at, 1 wrong"
        );
    }

    #[test]
    fn every_word_of_a_file_reads_back() {
        for review in [
            Review::Unseen,
            Review::Seen,
            WRONG,
            Review::Marked(Mark::WrongLabel { new_label: Some(7) }),
            Review::Marked(Mark::Ambiguous),
            Review::Marked(Mark::BadImage),
            Review::Marked(Mark::Fine),
        ] {
            assert_eq!(Review::from_word(review.word(), review.new_label()), Some(review));
        }
        assert_eq!(Review::from_word("fine", Some(3)), None, "a new label for a right one");
        assert_eq!(Review::from_word("good", None), None);
    }
}
