//! Numbers, one for each class: in place for the ten of the digits and fewer, on the heap for more.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// As many as are kept in place.
const IN_PLACE: usize = 10;

/// One number for each class; a slice in all but its memory, of which up to ten numbers need no allocation.
#[derive(Clone)]
pub struct PerClass<T>(Storage<T>);

#[derive(Clone)]
enum Storage<T> {
    Few { count: u8, numbers: [T; IN_PLACE] },
    Many(Box<[T]>),
}

impl<T: Copy + Default> PerClass<T> {
    /// The same number for each of `classes`.
    #[must_use]
    pub fn filled(classes: usize, number: T) -> Self {
        if classes <= IN_PLACE {
            let mut numbers = [T::default(); IN_PLACE];
            numbers[..classes].fill(number);
            Self(Storage::Few { count: classes as u8, numbers })
        } else {
            Self(Storage::Many(vec![number; classes].into()))
        }
    }

    /// What `of` says of each of `classes`, in order.
    #[must_use]
    pub fn from_fn(classes: usize, of: impl FnMut(usize) -> T) -> Self {
        (0..classes).map(of).collect()
    }

    /// What `of` makes of each number.
    #[must_use]
    pub fn map<U: Copy + Default>(&self, of: impl FnMut(T) -> U) -> PerClass<U> {
        self.iter().copied().map(of).collect()
    }
}

impl<T> Deref for PerClass<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.0 {
            Storage::Few { count, numbers } => &numbers[..usize::from(*count)],
            Storage::Many(numbers) => numbers,
        }
    }
}

impl<T> DerefMut for PerClass<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            Storage::Few { count, numbers } => &mut numbers[..usize::from(*count)],
            Storage::Many(numbers) => numbers,
        }
    }
}

impl<T: Copy + Default> FromIterator<T> for PerClass<T> {
    fn from_iter<I: IntoIterator<Item = T>>(iterator: I) -> Self {
        let mut iterator = iterator.into_iter();
        let mut numbers = [T::default(); IN_PLACE];
        for (count, place) in numbers.iter_mut().enumerate() {
            let Some(number) = iterator.next() else {
                return Self(Storage::Few { count: count as u8, numbers });
            };
            *place = number;
        }
        match iterator.next() {
            None => Self(Storage::Few { count: IN_PLACE as u8, numbers }),
            Some(next) => Self(Storage::Many(numbers.into_iter().chain([next]).chain(iterator).collect())),
        }
    }
}

impl<T: Copy + Default> From<&[T]> for PerClass<T> {
    fn from(numbers: &[T]) -> Self {
        numbers.iter().copied().collect()
    }
}

impl<T: Copy + Default, const N: usize> From<[T; N]> for PerClass<T> {
    fn from(numbers: [T; N]) -> Self {
        numbers.into_iter().collect()
    }
}

impl<'a, T> IntoIterator for &'a PerClass<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: PartialEq> PartialEq for PerClass<T> {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

impl<T: Eq> Eq for PerClass<T> {}

impl<T: PartialEq, const N: usize> PartialEq<[T; N]> for PerClass<T> {
    fn eq(&self, other: &[T; N]) -> bool {
        self[..] == other[..]
    }
}

impl<T: fmt::Debug> fmt::Debug for PerClass<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self[..].fmt(f)
    }
}

impl<T: serde::Serialize> serde::Serialize for PerClass<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self[..].serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_numbers_are_the_slice_they_were_made_of() {
        for classes in [0, 1, 2, 9, 10, 11, 12, 1000] {
            let mut numbers = PerClass::from_fn(classes, |class| class as f32 * 0.5);
            let expected: Vec<f32> = (0..classes).map(|class| class as f32 * 0.5).collect();
            assert_eq!(numbers[..], expected[..]);
            assert_eq!(numbers, PerClass::from(&expected[..]));
            assert_eq!(matches!(numbers.0, Storage::Few { .. }), classes <= IN_PLACE);
            assert_eq!(
                numbers.map(|number| number > 0.25).iter().filter(|larger| **larger).count(),
                classes.saturating_sub(1)
            );
            if let Some(last) = numbers.last_mut() {
                *last = -1.0;
                assert_ne!(numbers[..], expected[..]);
            }
            assert_eq!(PerClass::filled(classes, 7_u32)[..], vec![7; classes][..]);
        }
    }
}
