//! What a view may say: no more than a window offers.

use std::ops::RangeInclusive;

use super::contents::{SavedDrawing, SavedLimits, SavedShape, SavedView};
use crate::data::classes::MOST_CLASSES;
use crate::data::{Class, PIXELS};

/// Passes a window offers.
pub const PASSES: RangeInclusive<usize> = 1..=1000;
/// Dropout rates a window offers.
pub const DROPOUT: RangeInclusive<f32> = 0.0..=0.9;
/// Images in each half.
const TOP: RangeInclusive<usize> = 1..=1000;
/// Characters of a name.
const LONGEST_NAME: usize = 300;
/// Parts of a region, and corners of all its lines.
const MOST_PARTS: usize = 500;
const MOST_CORNERS: usize = 100_000;
/// Points of all strokes: days of drawing.
const MOST_POINTS: usize = 200_000;
/// How far from the paper a pen can be, and how wide, in units of the paper, which has 28.
const FARTHEST: f32 = 280.0;
const WIDEST: f32 = 28.0;

impl SavedView {
    /// Whether all that it says can be.
    ///
    /// # Errors
    /// With what cannot, as a part of a sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        let Self { data, network, sweep, gallery, selection, .. } = self;
        name("the images", &data.name)?;
        name("the network", &network.name)?;
        within("the number of passes T", &sweep.passes, &PASSES)?;
        within("the dropout rate p", &sweep.dropout, &DROPOUT)?;
        within("the number of images in each half", &gallery.top, &TOP)?;
        class("the digit shown", gallery.digit)?;
        class("the class looked at", selection.class)?;
        let images = data.images;
        indices("the selection", &selection.set, images)?;
        if let Some(index) = selection.primary {
            indices("the selection", &[index], images)?;
        }
        if let Some(pass) = self.subnetwork.filter(|pass| *pass >= sweep.passes) {
            return Err(format!(
                "there is no sub-network #{} among {} passes",
                pass.saturating_add(1),
                sweep.passes
            ));
        }
        self.limits.check(images)?;
        self.drawing.as_ref().map_or(Ok(()), SavedDrawing::check)
    }
}

impl SavedLimits {
    fn check(&self, images: u32) -> Result<(), String> {
        if let Some(only) = &self.only {
            name("the images shown", &only.name)?;
            indices("the list of images shown", &only.indices, images)?;
        }
        let Some(parts) = &self.region else { return Ok(()) };
        let corners = |shape: &SavedShape| match shape {
            SavedShape::Box(corners) => corners.to_vec(),
            SavedShape::Lasso(corners) => corners.clone(),
        };
        let all: Vec<[f32; 2]> = parts.iter().flat_map(|part| corners(&part.shape)).collect();
        if parts.is_empty() || parts.len() > MOST_PARTS || all.len() > MOST_CORNERS {
            return Err(format!("its brush has {} parts and {} corners", parts.len(), all.len()));
        }
        if all.iter().flatten().any(|value| !value.is_finite()) {
            return Err("its brush has a corner that is no number".to_owned());
        }
        Ok(())
    }
}

impl SavedDrawing {
    fn check(&self) -> Result<(), String> {
        class("the label of the drawing", self.label)?;
        if let Some(base) = &self.base {
            if base.len() != PIXELS {
                return Err(format!("the image on its paper has {} pixels, not {PIXELS}", base.len()));
            }
            if base.iter().any(|value| !(0.0..=1.0).contains(value)) {
                return Err("the image on its paper has a pixel that is not between 0 and 1".to_owned());
            }
        }
        let points: usize = self.strokes.iter().map(|stroke| stroke.points.len()).sum();
        if points > MOST_POINTS || self.strokes.len() > MOST_POINTS {
            return Err(format!("its drawing has {} strokes of {points} points", self.strokes.len()));
        }
        let off = |value: &f32| !(-FARTHEST..=FARTHEST).contains(value);
        if self.strokes.iter().any(|stroke| stroke.points.iter().flatten().any(off)) {
            return Err("its drawing has a point far off the paper".to_owned());
        }
        if self.strokes.iter().any(|stroke| !(0.0..=WIDEST).contains(&stroke.width)) {
            return Err("its drawing has a stroke wider than the paper".to_owned());
        }
        Ok(())
    }
}

fn within<T: PartialOrd + std::fmt::Display>(
    what: &str,
    value: &T,
    range: &RangeInclusive<T>,
) -> Result<(), String> {
    if range.contains(value) {
        return Ok(());
    }
    Err(format!("{what} is {value}, and not from {} to {}", range.start(), range.end()))
}

fn class(what: &str, class: Option<Class>) -> Result<(), String> {
    class.map_or(Ok(()), |class| within(what, &usize::from(class), &(0..=MOST_CLASSES - 1)))
}

/// A name that can stand in a line of the window.
fn name(what: &str, name: &str) -> Result<(), String> {
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(format!("the name of {what} is no line of at most {LONGEST_NAME} characters"));
    }
    Ok(())
}

/// Ascending, none twice, all of them there.
fn indices(what: &str, indices: &[u32], images: u32) -> Result<(), String> {
    if let Some(index) = indices.iter().find(|index| **index >= images) {
        return Err(format!("{what} names image {index}, and there are only {images}"));
    }
    if !indices.is_sorted_by(|a, b| a < b) {
        return Err(format!("{what} is not in ascending order"));
    }
    Ok(())
}
