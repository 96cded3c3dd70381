//! Digits the program draws itself, to stand in for MNIST where it cannot be had.
//!
//! A seeded hand picks one of several ways to write a digit (`templates`), mixes drawings of it, moves their points,
//! slants, stretches, turns and bends the whole, and draws it with a pen of varying width (`hand`);
//! [`ink`](super::ink) fits the strokes into 28×28 as it does a person's. Some digits are hard on purpose: broken,
//! very thick, faint, squeezed, or so sloppy that they come close to another. Distributions were chosen to match
//! averages of MNIST's training images (ink, width, slant), the ways to write a digit by looking at the training images
//! that a network trained on synthetic digits got wrong; no image was copied.

use rand::Rng;
use rayon::prelude::*;

use super::ink::{self, PenPoint, Trace};
use super::{CLASSES, Class, Digits, PIXELS};
use crate::random::{Purpose, stream};

mod hand;
mod templates;

/// Images whose labels are drawn together: each digit comes once in such a block, in random order.
const BLOCK: usize = CLASSES;

/// Digits drawn with seeded pen strokes, `[count, 28, 28]`, every label about equally often.
///
/// Image i is a function of (seed, i) alone: neither the count nor the number of threads changes it.
#[must_use]
pub fn generate(count: usize, seed: u64) -> Digits {
    let labels: Vec<Class> =
        (0..count.div_ceil(BLOCK)).flat_map(|block| labels_of(block, seed)).take(count).collect();
    let mut pixels = vec![0_u8; count * PIXELS];
    pixels.par_chunks_exact_mut(PIXELS).zip(&labels).enumerate().for_each(|(index, (image, &label))| {
        for (grey, coverage) in image.iter_mut().zip(draw(label, index, seed)) {
            *grey = (coverage * 255.0).round() as u8;
        }
    });
    // 784 pixels for each label and labels below 10, by construction.
    Digits::new(pixels, labels).unwrap_or_default()
}

/// The labels of one block of ten images.
fn labels_of(block: usize, seed: u64) -> [Class; BLOCK] {
    let mut rng = stream(seed, Purpose::Synthetic, [0, block as u64]);
    let mut labels = std::array::from_fn(|digit| digit as Class);
    for last in (1..BLOCK).rev() {
        labels.swap(last, rng.random_range(0..=last as u32) as usize);
    }
    labels
}

/// One digit, `[28, 28]` in 0…1.
fn draw(label: Class, index: usize, seed: u64) -> [f32; PIXELS] {
    let mut rng = stream(seed, Purpose::Synthetic, [1, index as u64]);
    // An eraser may in principle take everything; such a sheet is thrown away.
    for _ in 0..8 {
        let drawn = hand::write(usize::from(label), &mut rng);
        if let Some(mut image) = ink::from_traces(&drawn.traces) {
            for value in &mut image {
                *value *= drawn.darkness;
            }
            return image;
        }
    }
    let dot = PenPoint { x: 0.0, y: 0.0, radius: 1.0 };
    ink::from_traces(&[Trace { points: vec![dot], erase: false }]).unwrap_or([0.0; PIXELS])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Class, SIDE};

    #[test]
    fn an_image_depends_on_its_seed_and_index_alone() {
        let few = generate(37, 5);
        let many = generate(200, 5);
        assert_eq!(few, many.slice(0..37));
        let single = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(single.install(|| generate(200, 5)), many);
        let several = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        assert_eq!(several.install(|| generate(200, 5)), many);
        assert_ne!(generate(200, 6).pixels(), many.pixels());
    }

    #[test]
    fn every_label_comes_equally_often_and_in_no_fixed_order() {
        let digits = generate(1000, 1);
        let mut counts = [0; CLASSES];
        for &label in digits.labels() {
            counts[usize::from(label)] += 1;
        }
        assert_eq!(counts, [100; CLASSES]);
        let blocks: Vec<&[Class]> = digits.labels().chunks(BLOCK).collect();
        assert!(blocks.windows(2).filter(|pair| pair[0] == pair[1]).count() < 5);
        assert!(generate(0, 1).is_empty());
        assert_eq!(generate(7, 1).len(), 7);
    }

    #[test]
    fn ink_lies_as_in_mnist() {
        // MNIST's training images: mean grey 0.1307, standard deviation 0.3081, centre of mass (14.01, 14.00).
        let digits = generate(4000, 9);
        let (mut sum, mut squares, mut across, mut down) = (0.0, 0.0, 0.0, 0.0);
        for (index, &grey) in digits.pixels().iter().enumerate() {
            let value = f64::from(grey) / 255.0;
            sum += value;
            squares += value * value;
            across += value * (index % SIDE) as f64;
            down += value * (index / SIDE % SIDE) as f64;
        }
        let count = digits.pixels().len() as f64;
        let mean = sum / count;
        let deviation = (squares / count - mean * mean).sqrt();
        assert!((mean - 0.1307).abs() < 0.006, "mean {mean}");
        assert!((deviation - 0.3081).abs() < 0.008, "standard deviation {deviation}");
        assert!((across / sum - 14.0).abs() < 0.05, "{}", across / sum);
        assert!((down / sum - 14.0).abs() < 0.05, "{}", down / sum);
    }

    #[test]
    fn no_two_digits_are_the_same() {
        let digits = generate(2000, 3);
        let mut images: Vec<_> = (0..digits.len()).map(|index| digits.image(index)).collect();
        images.sort_unstable();
        images.dedup();
        assert_eq!(images.len(), 2000);
    }
}
