//! Images counted, and listed while they are few.

/// How many images there are, and which, unless they are too many to be drawn one by one.
pub(super) struct Few {
    pub(super) count: usize,
    most: usize,
    indices: Vec<u32>,
}

impl Few {
    /// None yet; which they are is known while they are fewer than `most`.
    pub(super) fn new(most: usize) -> Self {
        Self { count: 0, most, indices: Vec::new() }
    }

    pub(super) fn add(&mut self, index: u32) {
        self.count += 1;
        if self.count < self.most {
            self.indices.push(index);
        }
    }

    /// All of them in the order of the dataset; `None` where they are too many.
    pub(super) fn all(&self) -> Option<Vec<u32>> {
        let mut indices = (self.count < self.most).then(|| self.indices.clone())?;
        indices.sort_unstable();
        Some(indices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_listed_until_there_are_too_many() {
        let mut few = Few::new(3);
        for (index, listed) in [(9, Some(vec![9])), (2, Some(vec![2, 9])), (5, None), (6, None)] {
            few.add(index);
            assert_eq!(few.all(), listed);
        }
        assert_eq!(few.count, 4);
    }
}
