//! What the plane shows and what a region of it holds, computed off the window's thread.

use std::sync::Arc;

use crate::data::{Class, UNLABELLED};
use crate::uncertainty::doubt_plane::{Bounds, PlaneAxes, Region, Shape};
use crate::uncertainty::grid::Grid;
use crate::uncertainty::nearest::Nearest;
use crate::uncertainty::{Measure, Measures};
use crate::wording;

/// A region and the images that are in it now, whatever digit and filter say.
#[derive(Clone, Debug, PartialEq)]
pub struct Brushed {
    /// The region.
    pub region: Arc<Region>,
    /// What it is: `lasso · 212 images`.
    pub name: String,
    /// Dataset indices, ascending.
    pub inside: Vec<u32>,
    /// Foreign images in it, if there are any: they are no part of it.
    pub foreign: Option<usize>,
}

impl Brushed {
    /// What it is, for a chip: `lasso · 212 images, 31 foreign`.
    #[must_use]
    pub fn chip(&self) -> String {
        let foreign = self.foreign.map(|foreign| format!(", {} foreign", wording::thousands(foreign as u64)));
        format!("{}{}", self.name, foreign.unwrap_or_default())
    }
}

/// What an image is among those on the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// It does not match.
    Other,
    /// It matches and is right.
    Right,
    /// It matches and is wrong.
    Wrong,
}

/// Where the images are on the plane, and which of them match.
#[derive(Clone, Debug)]
pub struct PlanePoints {
    /// The measures along its axes.
    pub axes: PlaneAxes,
    /// Place of every image of the dataset, by dataset index.
    pub places: Vec<[f32; 2]>,
    /// Prediction for every image of the dataset.
    pub predictions: Vec<Class>,
    /// A part in which all of them lie.
    pub extent: Bounds,
    /// Their places in cells, to find those of a part.
    pub grid: Grid,
    /// To find the nearest of those that match, or of all of them.
    pub nearest: Nearest,
    /// What each image of the dataset is, by dataset index.
    pub layers: Vec<Layer>,
    /// Dataset indices of those that match and are right, ascending.
    pub right: Vec<u32>,
    /// Of those that match and are wrong.
    pub wrong: Vec<u32>,
}

impl PlanePoints {
    /// Where images with these labels are.
    #[must_use]
    pub fn new(axes: PlaneAxes, measures: &[Measures], labels: &[Class]) -> Self {
        let images = measures.iter().zip(labels);
        let places: Vec<[f32; 2]> = images.map(|(measures, label)| axes.place(measures, *label)).collect();
        let extent = Bounds::around(&places);
        Self {
            axes,
            predictions: measures.iter().map(Measures::prediction).collect(),
            extent,
            grid: Grid::new(&places, extent),
            nearest: Nearest::default(),
            layers: vec![Layer::Other; places.len()],
            right: Vec::new(),
            wrong: Vec::new(),
            places,
        }
    }

    /// Takes down which of them match: the images of an order.
    pub fn part(&mut self, order: &[u32], labels: &[Class]) {
        let mut matches = vec![false; self.places.len()];
        for index in order {
            matches[*index as usize] = true;
        }
        let images = (0_u32..).zip(matches).zip(self.predictions.iter().zip(labels));
        for ((index, matches), (prediction, label)) in images {
            // What cannot be judged is not wrong.
            self.layers[index as usize] = match (matches, prediction == label || *label == UNLABELLED) {
                (false, _) => Layer::Other,
                (true, true) => {
                    self.right.push(index);
                    Layer::Right
                }
                (true, false) => {
                    self.wrong.push(index);
                    Layer::Wrong
                }
            };
        }
        let matching = self.right.iter().chain(&self.wrong).copied();
        self.nearest = Nearest::new(&self.places, matching);
    }

    /// The same, with all of them to be found: none of them matches or does not.
    #[must_use]
    pub fn all_found(self) -> Self {
        let all = 0..self.places.len() as u32;
        Self { nearest: Nearest::new(&self.places, all), ..self }
    }

    /// The images in a region, and how many foreign ones are.
    #[must_use]
    pub fn brushed(&self, region: &Arc<Region>, foreign: Option<&Self>) -> Brushed {
        let inside = region.inside(&self.places);
        let foreign = foreign.map(|foreign| region.inside(&foreign.places).len());
        let name =
            format!("{} · {}", name(region, self.axes, &self.extent), wording::count(inside.len(), "image"));
        Brushed { region: Arc::clone(region), name, inside, foreign }
    }
}

/// What a region is, in words: `MI > 0.40`, `lasso`, `3 shapes`.
fn name(region: &Region, axes: PlaneAxes, extent: &Bounds) -> String {
    match region.parts() {
        [(_, Shape::Box(bounds))] => box_name(bounds, axes, extent),
        [(_, Shape::Lasso(_))] => "lasso".to_owned(),
        parts => wording::count(parts.len(), "shape"),
    }
}

fn box_name(bounds: &Bounds, axes: PlaneAxes, extent: &Bounds) -> String {
    let range = |axis: usize| {
        let (from, to) = (bounds.min[axis], bounds.max[axis]);
        let name = match axes.0[axis] {
            Measure::MutualInformation => "MI".to_owned(),
            measure => measure.label().to_lowercase(),
        };
        // The margins around the images are no limits.
        let [least, most] = extent.within()[axis];
        match (from > least, to < most) {
            (false, false) => None,
            (true, false) => Some(format!("{name} > {}", wording::short(from, 2))),
            (false, true) => Some(format!("{name} < {}", wording::short(to, 2))),
            // A dash between numbers reads as their sign where one has a sign.
            (true, true) => {
                let between = if from < 0.0 { " to " } else { "–" };
                Some(format!("{name} {}{between}{}", wording::short(from, 2), wording::short(to, 2)))
            }
        }
    };
    let parts: Vec<String> = [range(1), range(0)].into_iter().flatten().collect();
    if parts.is_empty() { "box".to_owned() } else { parts.join(" · ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::Statistics;

    /// An image with these parts of doubt, predicted to be a 0: what else is measured does not matter.
    fn image(expected: f32, information: f32) -> Measures {
        let mut statistics = Statistics::zero(10);
        statistics.passes = 2;
        statistics.probability[0] = 2.0;
        Measures { expected_entropy: expected, mutual_information: information, ..Measures::new(&statistics) }
    }

    fn points(images: &[Measures]) -> PlanePoints {
        PlanePoints::new(PlaneAxes::default(), images, &vec![0; images.len()])
    }

    fn brushed(shape: Shape, images: &[Measures]) -> Brushed {
        points(images).brushed(&Arc::new(Region::of(shape)), None)
    }

    #[test]
    fn a_brush_takes_what_is_in_the_box_by_dataset_index_and_says_so() {
        let images = [image(0.1, 0.5), image(0.1, 0.1), image(0.9, 0.7), image(0.0, 0.0)];
        let brush = brushed(Shape::Box(Bounds { min: [-1.0, 0.4], max: [9.0, 9.0] }), &images);
        assert_eq!((brush.name.as_str(), brush.inside), ("MI > 0.40 · 2 images", vec![0, 2]));
        let brush = brushed(Shape::Box(Bounds { min: [0.05, -1.0], max: [0.5, 0.2] }), &images);
        assert_eq!(brush.name, "MI < 0.20 · expected entropy 0.05–0.50 · 1 image");
        assert_eq!(brush.inside, [1]);
        let brush = brushed(Shape::Box(Bounds::around(&[[0.9, 0.7]])), &images);
        assert_eq!((brush.name.as_str(), brush.inside.len()), ("box · 4 images", 4));
        assert!(brushed(Shape::Box(Bounds::between([0.3, 0.3], [0.2, 0.2])), &images).inside.is_empty());
        let corners: Arc<[[f32; 2]]> = Arc::new([[0.8, 0.6], [1.0, 0.6], [0.9, 0.9]]);
        let shape = Shape::Lasso(corners);
        let brush = brushed(shape.clone(), &images);
        assert_eq!((brush.name.as_str(), brush.inside), ("lasso · 1 image", vec![2]));
        let foreign = points(&[image(0.9, 0.7), image(0.0, 0.0), image(0.9, 0.8)]);
        let brush = points(&images).brushed(&Arc::new(Region::of(shape)), Some(&foreign));
        assert_eq!((brush.chip().as_str(), brush.inside), ("lasso · 1 image, 2 foreign", vec![2]));
    }

    #[test]
    fn any_measure_can_be_along_an_axis_and_a_box_is_named_by_it() {
        let images = [image(0.1, 0.5), image(0.1, 0.1), image(0.9, 0.7)];
        let axes = PlaneAxes([Measure::LabelMargin, Measure::Confidence]);
        let points = PlanePoints::new(axes, &images, &[0, 1, 0]);
        // Two passes, both sure of a 0: the second image has another label.
        assert_eq!(points.places, [[1.0, 1.0], [-1.0, 1.0], [1.0, 1.0]]);
        let left = Shape::Box(Bounds { min: [-2.0, 0.5], max: [-0.5, 2.0] });
        let brush = points.brushed(&Arc::new(Region::of(left)), None);
        assert_eq!(
            (brush.name.as_str(), brush.inside),
            ("confidence > 0.50 · label margin < -0.50 · 1 image", vec![1])
        );
        assert!(!axes.are_parts() && PlaneAxes::default().are_parts());
    }

    #[test]
    fn images_are_parted_by_what_matches_and_what_is_right() {
        let images = [image(0.1, 0.5), image(0.1, 0.1), image(0.9, 0.7), image(0.0, 0.0)];
        let mut points = points(&images);
        points.part(&[3, 0, 1], &[0, 1, 0, 0]);
        assert_eq!((points.right, points.wrong), (vec![0, 3], vec![1]));
        assert_eq!(points.layers, [Layer::Right, Layer::Wrong, Layer::Other, Layer::Right]);
    }
}
