//! A dataset with marks applied: wrong labels replaced, and what a person does not want left out.

use super::mark::{Mark, Marks};
use crate::data::{Digits, DigitsError, PIXELS, UNLABELLED};

/// Which marked images are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeaveOut {
    /// Bad images.
    pub bad: bool,
    /// Ambiguous ones.
    pub ambiguous: bool,
    /// Those with a wrong label and no right one.
    pub wrong: bool,
}

impl LeaveOut {
    fn has(self, mark: Mark) -> bool {
        match mark {
            Mark::BadImage => self.bad,
            Mark::Ambiguous => self.ambiguous,
            Mark::WrongLabel { new_label } => self.wrong && new_label.is_none(),
            Mark::Fine => false,
        }
    }
}

/// A dataset with marks applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The images with their labels, in their old order.
    pub digits: Digits,
    /// Where each image was in the dataset before.
    pub indices: Vec<u32>,
    /// Images with another label than before.
    pub relabelled: usize,
    /// Images that are still there with a wrong label: nobody said which is right.
    pub unresolved: usize,
    /// Images that have no label and got none, and are left out.
    pub unlabelled: usize,
}

/// Applies marks: a wrong label becomes the new one, if there is one.
///
/// # Errors
/// When a new label is no digit.
pub fn apply(digits: &Digits, marks: &Marks, leave_out: LeaveOut) -> Result<Applied, DigitsError> {
    let mut pixels = Vec::with_capacity(digits.len() * PIXELS);
    let (mut labels, mut indices) = (Vec::with_capacity(digits.len()), Vec::with_capacity(digits.len()));
    let (mut relabelled, mut unresolved, mut unlabelled) = (0, 0, 0);
    for (index, label) in (0..).zip(digits.labels()) {
        let mark = marks.review(index).mark();
        if mark.is_some_and(|mark| leave_out.has(mark)) {
            continue;
        }
        let new = marks.review(index).new_label();
        if new.is_none() && *label == UNLABELLED {
            unlabelled += 1;
            continue;
        }
        relabelled += usize::from(new.is_some());
        unresolved += usize::from(new.is_none() && matches!(mark, Some(Mark::WrongLabel { .. })));
        pixels.extend_from_slice(&digits.image(index as usize));
        labels.push(new.unwrap_or(*label));
        indices.push(index);
    }
    if let Some(failure) = digits.failure() {
        return Err(DigitsError::Unread(failure.to_owned()));
    }
    Ok(Applied {
        digits: Digits::of_classes(pixels, labels, digits.classes().clone())?,
        indices,
        relabelled,
        unresolved,
        unlabelled,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::marks::Review;
    use crate::data::synthetic;

    #[test]
    fn labels_are_corrected_and_images_left_out_as_asked() {
        let digits = synthetic::generate(6, 1);
        let new_label = Some((digits.labels()[0] + 1) % 10);
        let said = [
            Mark::WrongLabel { new_label },
            Mark::WrongLabel { new_label: None },
            Mark::Ambiguous,
            Mark::BadImage,
            Mark::Fine,
        ];
        let mut marks = Marks::new(digits.hash());
        for (index, mark) in (0..).zip(said) {
            marks.apply(marks.change(&digits, index, Review::Marked(mark)).unwrap());
        }
        let all = apply(&digits, &marks, LeaveOut::default()).unwrap();
        assert_eq!((all.indices, all.relabelled, all.unresolved), (vec![0, 1, 2, 3, 4, 5], 1, 1));
        assert_eq!(all.digits.pixels(), digits.pixels());
        assert_eq!(Some(all.digits.labels()[0]), new_label);
        assert_eq!(all.digits.labels()[1..], digits.labels()[1..]);
        for (leave_out, kept) in [
            (LeaveOut { bad: true, ..LeaveOut::default() }, vec![0, 1, 2, 4, 5]),
            (LeaveOut { ambiguous: true, ..LeaveOut::default() }, vec![0, 1, 3, 4, 5]),
            (LeaveOut { wrong: true, ..LeaveOut::default() }, vec![0, 2, 3, 4, 5]),
            (LeaveOut { bad: true, ambiguous: true, wrong: true }, vec![0, 4, 5]),
        ] {
            let some = apply(&digits, &marks, leave_out).unwrap();
            assert_eq!(some.indices, kept);
            assert_eq!(some.digits.len(), kept.len());
            for (place, index) in kept.iter().enumerate() {
                assert_eq!(some.digits.image(place), digits.image(*index as usize));
            }
        }
    }
}
