//! A set of dataset indices, a bit for each image: adding many, copying and comparing take no time a person notices.
//! And what makes adding a stretch of an order, however long, as quick.

use std::ops::Range;

/// A set of dataset indices.
#[derive(Clone, Debug, Default)]
pub struct Indices {
    words: Vec<u64>,
    len: usize,
}

impl Indices {
    /// How many are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether this one is.
    #[must_use]
    pub fn contains(&self, index: u32) -> bool {
        self.words.get(index as usize / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Puts one in; says whether it is new.
    pub fn insert(&mut self, index: u32) -> bool {
        let word = index as usize / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let new = !self.contains(index);
        self.words[word] |= 1 << (index % 64);
        self.len += usize::from(new);
        new
    }

    /// Takes one out; says whether it was in.
    pub fn remove(&mut self, index: u32) -> bool {
        let was = self.contains(index);
        if was {
            self.words[index as usize / 64] &= !(1 << (index % 64));
            self.len -= 1;
        }
        was
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        self.words.clear();
        self.len = 0;
    }

    /// Puts in those of another set that are not in a third.
    pub fn add_without(&mut self, others: &Self, without: &Self) {
        if others.words.len() > self.words.len() {
            self.words.resize(others.words.len(), 0);
        }
        let without = without.words.iter().copied().chain(std::iter::repeat(0));
        for ((word, others), without) in self.words.iter_mut().zip(&others.words).zip(without) {
            let new = others & !without & !*word;
            self.len += new.count_ones() as usize;
            *word |= new;
        }
    }

    /// Those in it, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.iter_from(0)
    }

    /// Those in it from this index on, ascending.
    pub fn iter_from(&self, first: u32) -> impl Iterator<Item = u32> {
        let word_of_first = first / 64;
        let words = self.words.get(word_of_first as usize..).unwrap_or_default();
        (word_of_first..).zip(words).flat_map(move |(at, word)| {
            let before = if at == word_of_first { (1 << (first % 64)) - 1 } else { 0 };
            let mut left = *word & !before;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                // The lowest bit that is set goes out; without one there is nothing to take.
                left &= left.checked_sub(1)?;
                Some(64 * at + bit)
            })
        })
    }
}

impl PartialEq for Indices {
    fn eq(&self, other: &Self) -> bool {
        let common = self.words.len().min(other.words.len());
        // Words beyond the shorter hold nothing when both hold equally many.
        self.len == other.len && self.words[..common] == other.words[..common]
    }
}

impl Eq for Indices {}

impl Extend<u32> for Indices {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, indices: I) {
        for index in indices {
            self.insert(index);
        }
    }
}

impl FromIterator<u32> for Indices {
    fn from_iter<I: IntoIterator<Item = u32>>(indices: I) -> Self {
        let mut set = Self::default();
        set.extend(indices);
        set
    }
}

/// The sets of images at the front of an order, one for every so many places: with them, a stretch of it is the
/// difference of two sets and a few images at its ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fronts {
    /// Places between one set and the next.
    every: usize,
    /// The images before place 0, `every`, 2 `every` …
    sets: Vec<Indices>,
}

impl Fronts {
    /// Places between two sets at least: so many images are added one by one in no time.
    const LEAST: usize = 4_096;
    /// Sets at most: they take 8 MB at a million images.
    const MOST: usize = 64;

    /// The fronts of an order.
    #[must_use]
    pub fn new(order: &[u32]) -> Self {
        let every = order.len().div_ceil(Self::MOST).max(Self::LEAST);
        let mut front = Indices::default();
        let mut sets = vec![front.clone()];
        for stretch in order.chunks_exact(every) {
            front.extend(stretch.iter().copied());
            sets.push(front.clone());
        }
        Self { every, sets }
    }

    /// Adds the images at these places of the order to a set.
    pub fn add(&self, set: &mut Indices, order: &[u32], places: Range<usize>) {
        let (first, last) = (places.start.div_ceil(self.every.max(1)), places.end / self.every.max(1));
        match (self.sets.get(first), self.sets.get(last)) {
            (Some(before), Some(front)) if first < last => {
                set.add_without(front, before);
                set.extend(order[places.start..first * self.every].iter().copied());
                set.extend(order[last * self.every..places.end].iter().copied());
            }
            _ => set.extend(order[places].iter().copied()),
        }
    }
}

/// Images picked at once, and the one that is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picked {
    /// The first of them.
    pub first: Option<u32>,
    /// All of them.
    pub all: Indices,
}

impl From<&[u32]> for Picked {
    fn from(indices: &[u32]) -> Self {
        Self { first: indices.first().copied(), all: indices.iter().copied().collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn it_is_a_set_as_the_standard_library_has_one() {
        let (mut ours, mut theirs) = (Indices::default(), BTreeSet::new());
        for step in 0..5_000_u32 {
            let index = step.wrapping_mul(2_654_435_761) % 700;
            if step % 3 == 0 {
                assert_eq!(ours.remove(index), theirs.remove(&index));
            } else {
                assert_eq!(ours.insert(index), theirs.insert(index));
            }
            assert_eq!(ours.len(), theirs.len());
        }
        assert!(ours.iter().eq(theirs.iter().copied()));
        assert!((0..800).all(|index| ours.contains(index) == theirs.contains(&index)));
        assert_eq!(ours, theirs.iter().copied().collect());
    }

    #[test]
    fn room_that_is_left_over_makes_no_difference() {
        let mut grown: Indices = [3, 900].into_iter().collect();
        grown.remove(900);
        assert_eq!(grown, [3].into_iter().collect());
        assert_ne!(grown, [900].into_iter().collect());
        assert_ne!(grown, Indices::default());
    }

    #[test]
    fn one_goes_on_from_any_index() {
        let set: Indices = [0, 3, 63, 64, 130].into_iter().collect();
        let from = |first| set.iter_from(first).collect::<Vec<_>>();
        assert_eq!(from(0), [0, 3, 63, 64, 130]);
        assert_eq!(from(1), [3, 63, 64, 130]);
        assert_eq!(from(63), [63, 64, 130]);
        assert_eq!(from(65), [130]);
        assert!(from(131).is_empty() && from(10_000).is_empty());
    }

    #[test]
    fn a_stretch_of_an_order_is_added_whole_wherever_it_begins_and_ends() {
        let images = 30_011_u32;
        let order: Vec<u32> = (0..images).map(|place| place * 7_919 % images).collect();
        let fronts = Fronts::new(&order);
        assert!(fronts.sets.len() > 3);
        let before: Indices = (0..images).filter(|index| index % 5 == 0).collect();
        let end = order.len();
        for places in
            [0..end, 0..0, 1..end, 0..4_096, 4_096..8_192, 5_000..6_000, 4_095..12_289, 3..20_000, end..end]
        {
            let (mut quick, mut plain) = (before.clone(), before.clone());
            fronts.add(&mut quick, &order, places.clone());
            plain.extend(order[places.clone()].iter().copied());
            assert_eq!((quick.len(), &quick), (plain.len(), &plain), "{places:?}");
        }
        let mut none = Indices::default();
        Fronts::default().add(&mut none, &[], 0..0);
        assert!(none.is_empty());
        Fronts::default().add(&mut none, &[3, 1], 0..2);
        assert_eq!(none.len(), 2);
    }
}
