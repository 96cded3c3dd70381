//! The likeliest classes, and the images of each that an image resembles.

use crate::data::kept::to_bytes;
use crate::data::{Class, Digits};
use crate::sampling::Seen;
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
    pub class: Class,
    /// Its mean probability.
    pub probability: f32,
    /// The nearest images with this label, nearest first.
    pub nearest: Vec<Neighbour>,
}

/// The class asked for, else the label, unless that is the prediction itself; else the second likeliest.
#[must_use]
pub fn rival(measures: &Measures, asked: Option<Class>, label: Option<Class>) -> Class {
    let other = |class: &Class| usize::from(*class) < measures.mean.len() && *class != measures.prediction();
    asked.filter(other).or(label.filter(other)).unwrap_or_else(|| second(measures))
}

/// The second likeliest class.
fn second(measures: &Measures) -> Class {
    let likeliest = measures.by_probability();
    likeliest.get(1).or(likeliest.first()).copied().unwrap_or_default()
}

/// The likeliest classes; for a misclassified image its label is among them.
fn shown(measures: &Measures, label: Option<Class>) -> Vec<Class> {
    let mut shown = measures.by_probability();
    shown.truncate(RIVALS);
    let missing = |label: &Class| usize::from(*label) < measures.mean.len() && !shown.contains(label);
    if let Some(label) = label.filter(missing)
        && let Some(last) = shown.last_mut()
    {
        *last = label;
    }
    shown
}

/// The likeliest classes, and the label, with their neighbours among the images of a space, the image itself left out where it is one
/// of them. `hidden` are its hidden activations without dropout.
#[must_use]
pub fn rivals<'a>(
    measures: &Measures,
    label: Option<Class>,
    (digits, space): (&Digits, &FeatureSpace),
    (image, hidden): (impl Into<Seen<'a>>, &[f32]),
) -> Vec<Rival> {
    let bytes = to_bytes(image.into().grey());
    let rival = |class: Class| {
        let mut nearest = space.nearest(hidden, Some(class), NEIGHBOURS + 1);
        nearest.retain(|neighbour| digits.image(neighbour.index as usize) != bytes);
        nearest.truncate(NEIGHBOURS);
        Rival { class, probability: measures.mean[usize::from(class)], nearest }
    };
    shown(measures, label).into_iter().map(rival).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::Statistics;

    /// Nine passes in ten say 4, one says 9, and 1 is the likeliest of the others.
    fn measures() -> Measures {
        let mut statistics = Statistics::zero(10);
        statistics.passes = 10;
        statistics.probability[4] = 8.5;
        statistics.probability[9] = 1.2;
        statistics.probability[1] = 0.2;
        statistics.probability[7] = 0.1;
        Measures::new(&statistics)
    }

    #[test]
    fn the_rival_is_what_is_asked_for_or_the_label_or_the_second_likeliest() {
        let measures = measures();
        assert_eq!(rival(&measures, None, None), 9);
        assert_eq!(rival(&measures, None, Some(4)), 9);
        assert_eq!(rival(&measures, None, Some(7)), 7);
        assert_eq!(rival(&measures, Some(1), Some(7)), 1);
        assert_eq!(rival(&measures, Some(4), Some(7)), 7);
        assert_eq!(rival(&measures, None, Some(200)), 9);
    }

    #[test]
    fn a_label_that_is_not_likely_is_shown_too() {
        let measures = measures();
        assert_eq!(shown(&measures, None), [4, 9, 1]);
        assert_eq!(shown(&measures, Some(9)), [4, 9, 1]);
        assert_eq!(shown(&measures, Some(7)), [4, 9, 7]);
        assert_eq!(shown(&measures, Some(200)), [4, 9, 1]);
    }
}
