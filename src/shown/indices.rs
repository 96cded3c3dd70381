//! A set of dataset indices, a bit for each image: adding many, copying and comparing take no time a person notices.

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

    /// Those in it, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.words).flat_map(|(at, word)| {
            let mut left = *word;
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
}
