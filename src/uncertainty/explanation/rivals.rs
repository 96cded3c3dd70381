//! The likeliest classes, and the images of each that an image resembles.

use crate::data::kept::to_bytes;
use crate::data::{CLASSES, Digits, PIXELS};
use crate::uncertainty::Measures;

use super::neighbours::{FeatureSpace, Neighbour};

/// Classes whose neighbours are shown.
const RIVALS: usize = 3;
/// Neighbours of each class.
const NEIGHBOURS: usize = 5;

/// Neighbours of one class.
#[derive(Clone, Debug, PartialEq)]
pub struct Rival {
    /// The class.
    pub class: u8,
    /// Its mean probability.
    pub probability: f32,
    /// The nearest images labelled so, nearest first.
    pub nearest: Vec<Neighbour>,
}

/// The classes, the likeliest first.
fn by_probability(measures: &Measures) -> [u8; CLASSES] {
    let mut classes: [u8; CLASSES] = std::array::from_fn(|class| class as u8);
    let probability = |class: u8| measures.mean[usize::from(class)];
    classes.sort_by(|a, b| probability(*b).total_cmp(&probability(*a)));
    classes
}

/// The class asked for, unless that is the prediction itself; else the second likeliest.
#[must_use]
pub fn rival(measures: &Measures, asked: Option<u8>) -> u8 {
    let second = by_probability(measures)[1];
    asked.filter(|class| *class != measures.prediction()).unwrap_or(second)
}

/// The likeliest classes with their neighbours among the images of a space, the image itself left out where it is one
/// of them. `hidden` are its hidden activations without dropout.
#[must_use]
pub fn rivals(
    measures: &Measures,
    (digits, space): (&Digits, &FeatureSpace),
    (image, hidden): (&[f32; PIXELS], &[f32]),
) -> Vec<Rival> {
    let bytes = to_bytes(image);
    let rival = |class: u8| {
        let mut nearest = space.nearest(hidden, Some(class), NEIGHBOURS + 1);
        nearest.retain(|neighbour| digits.image(neighbour.index as usize) != bytes);
        nearest.truncate(NEIGHBOURS);
        Rival { class, probability: measures.mean[usize::from(class)], nearest }
    };
    by_probability(measures).into_iter().take(RIVALS).map(rival).collect()
}
