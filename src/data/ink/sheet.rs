//! A sheet of paper: strokes, perhaps over an image that lies on it → what the network sees.

use std::sync::Arc;

use super::strokes::{Stroke, Trace, from_traces, over};
use crate::data::{PIXELS, SIDE};

/// What has been drawn. Copies share their parts, so that keeping every moment of a drawing is cheap.
///
/// The paper is [`Sheet::SIDE`] units wide and high: one unit is one pixel of an image that lies on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// An image as the network sees it, `[28, 28]` in 0…1, under the strokes.
    pub base: Option<Arc<[f32; PIXELS]>>,
    /// Strokes in the order drawn.
    pub strokes: Vec<Arc<Stroke>>,
}

impl Sheet {
    /// Width and height of the paper in its units.
    pub const SIDE: f32 = SIDE as f32;

    /// A sheet with an image on it and no stroke.
    #[must_use]
    pub fn with(base: [f32; PIXELS]) -> Self {
        Self { base: Some(Arc::new(base)), strokes: Vec::new() }
    }

    /// Whether it is untouched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.base.is_none() && self.strokes.is_empty()
    }

    /// What the network sees, `[28, 28]` in 0…1; `None` when no ink is on the paper.
    ///
    /// Strokes alone are fitted and centred as MNIST was. Over an image nothing is moved: it was fitted already, and a
    /// change of what the network thinks is then the edit's alone.
    #[must_use]
    pub fn image(&self) -> Option<[f32; PIXELS]> {
        let traces: Vec<Trace> = self.strokes.iter().map(|stroke| stroke.trace()).collect();
        match &self.base {
            Some(base) => over(base, &traces),
            None => from_traces(&traces),
        }
    }

    /// Whether both are the same strokes over the same image: compares what they share, not what it holds.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let same_base = match (&self.base, &other.base) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_base
            && self.strokes.len() == other.strokes.len()
            && self.strokes.iter().zip(&other.strokes).all(|(a, b)| Arc::ptr_eq(a, b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stroke(points: &[[f32; 2]], width: f32, erase: bool) -> Arc<Stroke> {
        Arc::new(Stroke { points: points.to_vec(), width, erase })
    }

    fn base() -> impl Strategy<Value = [f32; PIXELS]> {
        proptest::collection::vec(prop_oneof![Just(0.0_f32), 0.0_f32..=1.0], PIXELS)
            .prop_map(|values| std::array::from_fn(|pixel| values[pixel]))
    }

    fn strokes() -> impl Strategy<Value = Vec<Arc<Stroke>>> {
        let point = (-5.0_f32..33.0, -5.0_f32..33.0).prop_map(|(x, y)| [x, y]);
        let points = proptest::collection::vec(point, 0..8);
        let one = (points, 0.0_f32..6.0, any::<bool>())
            .prop_map(|(points, width, erase)| Arc::new(Stroke { points, width, erase }));
        proptest::collection::vec(one, 0..6)
    }

    proptest! {
        #[test]
        fn an_image_without_strokes_is_seen_as_it_is(base in base()) {
            prop_assert_eq!(Sheet::with(base).image(), base.iter().any(|v| *v > 0.002).then_some(base));
        }

        #[test]
        fn any_strokes_over_any_image_stay_in_the_unit_interval(base in base(), strokes in strokes()) {
            let sheet = Sheet { base: Some(Arc::new(base)), strokes };
            if let Some(image) = sheet.image() {
                prop_assert!(image.iter().all(|value| (0.0..=1.0).contains(value)));
            }
            prop_assert_eq!(sheet.image(), sheet.image());
        }

        #[test]
        fn any_strokes_alone_are_centred_within_half_a_pixel(strokes in strokes()) {
            let sheet = Sheet { base: None, strokes };
            if let Some(image) = sheet.image() {
                prop_assert!(image.iter().all(|value| (0.0..=1.0).contains(value)));
                let [x, y] = super::super::centre_of_mass(&image).unwrap();
                prop_assert!((x - super::super::CENTRE).abs() <= 0.501, "{}", x);
                prop_assert!((y - super::super::CENTRE).abs() <= 0.501, "{}", y);
            }
        }
    }

    #[test]
    fn the_pen_adds_and_the_eraser_takes_away_where_they_pass_and_nowhere_else() {
        let mut image = [0.0; PIXELS];
        image[5 * SIDE + 5] = 0.4;
        image[20 * SIDE + 20] = 0.8;
        let mut sheet = Sheet::with(image);
        sheet.strokes.push(stroke(&[[10.0, 10.5], [14.0, 10.5]], 3.0, false));
        sheet.strokes.push(stroke(&[[20.5, 20.5]], 4.0, true));
        let seen = sheet.image().unwrap();
        assert!((seen[10 * SIDE + 12] - 1.0).abs() < 1e-6);
        assert!(seen[20 * SIDE + 20] < 1e-6);
        assert_eq!(seen[5 * SIDE + 5].to_bits(), 0.4_f32.to_bits());
    }

    #[test]
    fn an_image_erased_whole_is_blank() {
        let mut image = [0.0; PIXELS];
        image[14 * SIDE + 14] = 1.0;
        let mut sheet = Sheet::with(image);
        sheet.strokes.push(stroke(&[[0.0, 14.0], [28.0, 14.0]], 28.0, true));
        assert_eq!(sheet.image(), None);
    }
}
