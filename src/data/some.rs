//! Some of many images, in the proportions of their classes.

use super::Digits;
use crate::random::{Purpose, hash};

impl Digits {
    /// So many of the labelled images, each class in its share, which of them a seed decides; in their order. All of the
    /// labelled images where there are no more.
    ///
    /// Of images in their file those chosen are read.
    #[must_use]
    pub fn some(&self, count: usize, seed: u64) -> Self {
        if count >= self.labelled().len() {
            return self.clone().labelled_part();
        }
        self.chosen(&self.choose(count, seed))
    }

    /// So many images for a first look at them: labelled ones in the proportions of their classes, or, where too few have a
    /// label, evenly spaced. Ascending.
    #[must_use]
    pub fn first_look(&self, count: usize) -> Vec<u32> {
        let all = self.len();
        if count <= self.labelled().len() {
            return self.choose(count, 0);
        }
        (0..count.min(all)).map(|at| (at * all / count.min(all)) as u32).collect()
    }

    fn choose(&self, count: usize, seed: u64) -> Vec<u32> {
        let all = self.labelled().len();
        let mut order: Vec<u32> = (0..all as u32).collect();
        let drawn = |index: u32| hash(seed, Purpose::Some, [u64::from(index)]);
        order.sort_by_cached_key(|index| (self.labels[*index as usize], drawn(*index)));
        // Evenly spaced in the order of the classes.
        let mut chosen: Vec<u32> = (0..count).map(|at| order[at * all / count + all / count / 2]).collect();
        chosen.sort_unstable();
        chosen
    }
}

#[cfg(test)]
mod tests {
    use crate::data::{Class, Classes, Digits, PIXELS, UNLABELLED};

    #[test]
    fn each_class_keeps_its_share_and_a_seed_decides_which_of_it() {
        // 60 of the first class, 30 of the second, 10 of the third, mixed; each image is its number.
        let class = |index: usize| match index % 10 {
            0..6 => 0,
            6..9 => 1,
            _ => 2,
        };
        let mut labels: Vec<Class> = (0..100).map(class).collect();
        labels.extend([UNLABELLED; 20]);
        let pixels = (0..120).flat_map(|index| [index; PIXELS]).collect();
        let set = Digits::of_classes(pixels, labels, Classes::numbered(3).unwrap()).unwrap();
        let some = set.some(20, 1);
        let counts = [0, 1, 2].map(|class| some.labels().iter().filter(|label| **label == class).count());
        assert_eq!(counts, [12, 6, 2]);
        let numbers = |some: &Digits| (0..some.len()).map(|at| some.image(at)[0]).collect::<Vec<_>>();
        let chosen = numbers(&some);
        assert!(chosen.is_sorted_by(|a, b| a < b), "in their order, none twice: {chosen:?}");
        let own = |(number, label): (&u8, &Class)| class(usize::from(*number)) == *label;
        assert!(chosen.iter().zip(some.labels()).all(own), "with their labels");
        assert_eq!(set.some(20, 1), some);
        assert_ne!(numbers(&set.some(20, 2)), chosen);
        assert_eq!(set.some(100, 1), set.slice(0..100));
        assert_eq!((set.some(1, 1).len(), set.some(0, 1).len()), (1, 0));
        for count in 0..=100 {
            assert_eq!(set.some(count, 3).len(), count);
        }
    }
}
