//! The marks of the plane as a chart: one for each image, made off the window's thread.

use std::sync::Arc;

use image::Rgb;

use crate::data::Digits;
use crate::export::chart::{
    BLUE, Chart, DotShape, GREY, Mark, PURPLE, Panel, Point, Series, VERMILION, class_colour,
};
use crate::wording;

use super::gallery::GalleryView;
use super::quality::ForeignView;

/// What a dot's colour means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colouring {
    /// Whether the prediction is the label.
    #[default]
    Correctness,
    /// The label.
    Label,
    /// The prediction.
    Prediction,
}

/// What the marks stand for.
#[derive(Clone, Debug)]
pub struct PlaneMarks {
    /// Where the images are, and which of them match.
    pub view: Arc<GalleryView>,
    /// Images and labels.
    pub digits: Arc<Digits>,
    /// What colours mean.
    pub colouring: Colouring,
    /// Foreign images, below the others.
    pub foreign: Option<Arc<ForeignView>>,
}

impl PartialEq for PlaneMarks {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.view, &other.view)
            && Arc::ptr_eq(&self.digits, &other.digits)
            && self.colouring == other.colouring
            && self.foreign.as_ref().map(Arc::as_ptr) == other.foreign.as_ref().map(Arc::as_ptr)
    }
}

/// Classes with a series of their own at most: as many as there are colours.
const MOST_SERIES: usize = 10;

impl PlaneMarks {
    /// One mark for each image that matches; crosses for foreign images below them.
    fn series(&self) -> Vec<Series> {
        let Self { view, digits, colouring, foreign } = self;
        let (points, labels, names) = (&*view.plane, digits.labels(), &view.names);
        let many = points.right.len() + points.wrong.len() > 2_000;
        let alpha = if many { 0.45 } else { 0.75 };
        let series = |name: &str, colour: Rgb<u8>, shape: DotShape, of: &mut dyn Iterator<Item = u32>| {
            let indices: Vec<u32> = of.collect();
            let dots = indices.iter().map(|index| {
                let [x, y] = points.places[*index as usize].map(f64::from);
                Point::at(x, y)
            });
            let name = format!("{name} · {}", wording::thousands(indices.len() as u64));
            let named = indices.iter().map(|index| {
                let at = *index as usize;
                let label = labels.get(at).copied().unwrap_or_default();
                format!(
                    "image {index}, label {}, predicted {}",
                    names.labels.name(label),
                    names.answers.name(points.predictions[at])
                )
            });
            let radius = if shape == DotShape::Circle && many { 3.0 } else { 4.5 };
            Series::dots(name, colour, dots).named(named).marked(Mark::Dots { shape, radius, alpha })
        };
        let mut all = Vec::new();
        if let Some(foreign) = foreign {
            let dots =
                foreign.points.places.iter().map(|place| Point::at(f64::from(place[0]), f64::from(place[1])));
            let named = (0_usize..).zip(&foreign.points.predictions);
            let named = named.map(|(index, prediction)| {
                format!("foreign image {index}, predicted {}", names.answers.name(*prediction))
            });
            let name = format!(
                "foreign: {} · {}",
                foreign.set.name,
                wording::thousands(foreign.points.places.len() as u64)
            );
            let mark =
                Mark::Dots { shape: DotShape::Cross, radius: 3.5, alpha: if many { 0.35 } else { 0.6 } };
            all.push(Series::dots(name, PURPLE, dots).named(named).marked(mark));
        }
        match colouring {
            Colouring::Correctness => {
                all.push(series("right", BLUE, DotShape::Circle, &mut points.right.iter().copied()));
                all.push(series("wrong", VERMILION, DotShape::Diamond, &mut points.wrong.iter().copied()));
            }
            Colouring::Label | Colouring::Prediction => {
                let by_label = *colouring == Colouring::Label;
                let class_of = |index: u32| {
                    let of = if by_label { labels } else { &points.predictions };
                    of.get(index as usize).copied().unwrap_or_default()
                };
                let what = if by_label { "label" } else { "prediction" };
                let classes = if by_label { &names.labels } else { &names.answers };
                // As many as have a colour and a shape of their own; the others share one.
                for class in classes.iter().take(MOST_SERIES) {
                    let both = points.right.iter().chain(&points.wrong).copied();
                    let mut own = both.filter(|index| class_of(*index) == class);
                    let colour = class_colour(class);
                    let shape = DotShape::number(usize::from(class));
                    all.push(series(&format!("{what} {}", classes.name(class)), colour, shape, &mut own));
                }
                if classes.len() > MOST_SERIES {
                    let both = points.right.iter().chain(&points.wrong).copied();
                    let mut rest = both.filter(|index| usize::from(class_of(*index)) >= MOST_SERIES);
                    all.push(series(&format!("other {what}s"), GREY, DotShape::Cross, &mut rest));
                }
            }
        }
        all
    }
}

/// A chart as the window asks for it: complete, or without the marks of the plane.
#[derive(Clone, Debug, Default)]
pub struct ChartDraft {
    /// The chart.
    pub chart: Chart,
    /// What is still to be added to its first plot.
    pub marks: Option<PlaneMarks>,
}

impl From<Chart> for ChartDraft {
    fn from(chart: Chart) -> Self {
        Self { chart, marks: None }
    }
}

impl ChartDraft {
    /// The complete chart.
    #[must_use]
    pub fn finish(&self) -> Chart {
        let mut chart = self.chart.clone();
        if let (Some(marks), Some(Panel::Plot(plot))) =
            (&self.marks, chart.rows.first_mut().and_then(|row| row.first_mut()))
        {
            plot.series.extend(marks.series());
        }
        chart
    }
}
